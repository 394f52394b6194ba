//! Writing targets (目標): data with population, decider and qualifier; those of one indicator and population never overlap, and none says at least
//! so much of what should be little. The office's are the secretariat's to write, as are those of bureaus and units.
//!
//! A target of a plan stands in the plan's file and comes with it ([`crate::store::plan`]); it may name an item of the plan besides an indicator of
//! the catalogue, and its clause is the plan's. What is recorded by itself belongs to no plan, unless it says so.

use crate::store::{
    Store,
    bureaus::Bureaus,
    conflicts::overlapping,
    dialect,
    four_eyes::{Carried, Change, Fate, Gated},
    record::{
        Call, Draft, End, Mode, Outcome, Receipt, Recordable, Version, Writing, check_date, check_key, check_line, check_span, check_text,
    },
    unscoped,
};
use crate::{
    authz::{Action, Noun},
    error::Error,
    words::{Date, Decider, Long, Qualifier, TargetPopulation},
};
use async_graphql::InputObject;
use entity::{
    clause,
    ids::{BureauId, PlanId, TargetId, UnitId},
    key::fold,
    pending_change::{ChangeAct, FourEyesKind},
    plan,
    quotient::{Aim, Direction, IndicatorUnit},
    record::Meta,
    submission_item,
    target::{Column, Entity, Model},
    unit,
};
use jobs::{database::WriteTransaction, indicators::find};
use sea_orm::{ColumnTrait, DbErr, QueryFilter};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The value when a target was set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, InputObject)]
#[graphql(name = "BaselineInput")]
#[serde(deny_unknown_fields)]
pub struct BaselineDraft {
    /// Numerator: 4 of 7.
    pub numerator: Long,
    /// Denominator, at least 1.
    pub denominator: Long,
    /// The first day of which it speaks, at most 18 months ahead: an advance figure.
    pub from: Date,
    /// The last one, within the same bound; the same day for a census.
    pub to: Date,
}

/// One target of one indicator.
#[derive(Debug, Clone, Serialize, Deserialize, InputObject)]
#[graphql(name = "TargetInput")]
pub struct TargetDraft {
    /// Your own key of the target; keys that differ in case alone are one.
    pub external_id: String,
    /// Code of the plan whose target it is; null for one that is recorded by itself. Loading a plan takes out those of the office and the
    /// government that its file does not hold.
    pub plan: Option<String>,
    /// Code of the indicator it speaks of, or of an item of its plan.
    pub indicator: String,
    /// The plan's clause, such as `V-1`; 1 to 40 characters.
    pub clause: String,
    /// Whose figure it binds.
    pub population: TargetPopulation,
    /// Code of the bureau; set exactly where it is one bureau's or one unit's.
    #[serde(default)]
    pub bureau: Option<String>,
    /// Code of the unit, one of the bureau's; set exactly where it is one unit's.
    #[serde(default)]
    pub unit: Option<String>,
    /// Who set it.
    pub decider: Decider,
    /// How the value is meant: at least so much of what should be little, or at most so much of what should be much, is refused.
    pub qualifier: Qualifier,
    /// Numerator of the value: 30 for 30 %.
    pub value_numerator: Long,
    /// Denominator of the value: 100 for percentages.
    #[graphql(default_with = "Long(100)")]
    pub value_denominator: Long,
    /// First day in force, at most 20 years ahead.
    pub valid_from: Date,
    /// First day no longer in force, at most 20 years ahead; or say `lastDay`. Neither while it lasts.
    pub valid_to: Option<Date>,
    /// Last day in force, in place of `validTo`, which is the day after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_day: Option<Date>,
    /// The value when it was set; null where it is not known.
    pub baseline: Option<BaselineDraft>,
    /// Your own key of the target that takes its place; null where none is named.
    pub successor: Option<String>,
    /// A word about it in Japanese; 1 to 1,000 characters.
    pub note_ja: Option<String>,
    /// The same in English.
    pub note_en: Option<String>,
    /// Version and voidness.
    #[graphql(flatten)]
    #[serde(flatten)]
    pub version: Version,
}

impl Draft for TargetDraft {
    const MANY: &'static str = "Targets";

    fn key(&self) -> &str {
        &self.external_id
    }
    fn version(&self) -> &Version {
        &self.version
    }
    fn ends(&self) -> Vec<End> {
        vec![End::of_span(self.valid_to, self.last_day)]
    }
}

/// The plans that targets may belong to, and the bureaus and units that they may bind.
#[derive(Default)]
pub struct World {
    plans: BTreeMap<String, Plan>,
    bureaus: Bureaus,
    units: HashMap<String, (UnitId, BureauId)>,
}

#[derive(Debug)]
struct Plan {
    id: PlanId,
    clauses: BTreeSet<String>,
    items: BTreeMap<String, (Direction, IndicatorUnit)>,
}

impl World {
    /// The plan that a draft names, none where it names none.
    fn plan(&self, draft: &TargetDraft) -> Result<Option<&Plan>, Error> {
        let Some(code) = &draft.plan else { return Ok(None) };
        self.plans.get(code).map(Some).ok_or_else(|| Error::not_found("plan", "取組計画", "plan"))
    }

    /// The bureau and unit that a draft binds.
    fn place(&self, draft: &TargetDraft) -> Result<(Option<BureauId>, Option<UnitId>), Error> {
        let wanted = match draft.population {
            TargetPopulation::Office | TargetPopulation::Government => (false, false),
            TargetPopulation::Bureau => (true, false),
            TargetPopulation::Unit => (true, true),
        };
        for (field, code, wanted) in [("bureau", &draft.bureau, wanted.0), ("unit", &draft.unit, wanted.1)] {
            if code.is_some() != wanted {
                let ja = "部局の目標には部局を、課・担当の目標には部局と課・担当を指定してください。組織全体・政府全体の目標には指定できません。";
                let en = "A bureau's target names its bureau, a unit's its bureau and unit, and the office's or the government's neither.";
                return Err(Error::input(field, ja, en));
            }
        }
        let bureau = self.bureaus.named(draft.bureau.as_deref())?;
        let Some(code) = &draft.unit else { return Ok((bureau, None)) };
        let unit = self.units.get(code).filter(|(_, of)| Some(*of) == bureau).map(|(unit, _)| *unit);
        Ok((bureau, Some(unit.ok_or_else(|| Error::not_found("unit", "課・担当", "unit of the bureau"))?)))
    }
}

impl Recordable for Model {
    type Draft = TargetDraft;
    type World = World;
    const NOUN: Noun = Noun::Target;
    const FOLDED: bool = true;

    fn stored_key(&self) -> &str {
        &self.external_id
    }

    async fn stored(tx: &WriteTransaction, client: &str, keys: &BTreeSet<&str>) -> Result<Vec<Self>, DbErr> {
        dialect::by_client::<Entity, _>(&**tx, client, "external_id_folded", keys).await
    }

    fn writable(&self, _: &World, writing: &Writing<'_>) -> bool {
        writing.scope.is_everything()
    }

    async fn load(tx: &WriteTransaction, call: &Call<TargetDraft>, _: &Writing<'_>) -> Result<World, Error> {
        dialect::lock_table::<Entity, _>(&**tx).await?;
        let codes: BTreeSet<&str> = call.records.iter().filter_map(|draft| draft.plan.as_deref()).collect();
        let mut plans = BTreeMap::new();
        for plan in dialect::by_text::<plan::Entity, _>(&**tx, "code", &codes).await? {
            let clauses = unscoped::<clause::Entity>().filter(clause::Column::PlanId.eq(plan.id)).all(&**tx).await?;
            let items = unscoped::<submission_item::Entity>().filter(submission_item::Column::PlanId.eq(plan.id)).all(&**tx).await?;
            let clauses = clauses.into_iter().map(|clause| clause.code).collect();
            let items = items.into_iter().map(|item| (item.code, (item.direction, item.unit))).collect();
            plans.insert(plan.code, Plan { id: plan.id, clauses, items });
        }
        let codes = call.records.iter().filter_map(|draft| draft.unit.as_deref()).collect();
        let units = dialect::by_text::<unit::Entity, _>(&**tx, "code", &codes).await?;
        let units = units.into_iter().filter(|row| row.void_reason.is_none()).map(|row| (row.code, (row.id, row.bureau_id))).collect();
        Ok(World { plans, bureaus: Bureaus::load(tx).await?, units })
    }

    async fn neighbours(tx: &WriteTransaction, _: &Call<TargetDraft>, _: &World) -> Result<Vec<Self>, DbErr> {
        unscoped::<Entity>().filter(Column::VoidReason.is_null()).all(&**tx).await
    }

    fn build(draft: &TargetDraft, meta: Meta, world: &World, writing: &Writing<'_>) -> Result<Self, Error> {
        let (valid_from, valid_to) = (draft.valid_from.0, End::of_span(draft.valid_to, draft.last_day).day());
        let plan = world.plan(draft)?;
        check(draft, plan)?;
        let (bureau_id, unit_id) = world.place(draft)?;
        check_span(valid_from, valid_to)?;
        let baseline = draft.baseline;
        Ok(Self {
            id: TargetId::new(),
            client: writing.client.to_owned(),
            external_id: draft.external_id.clone(),
            external_id_folded: fold(&draft.external_id),
            plan_id: plan.map(|plan| plan.id),
            indicator: draft.indicator.clone(),
            clause: draft.clause.clone(),
            population: draft.population,
            bureau_id,
            unit_id,
            decider: draft.decider,
            qualifier: draft.qualifier,
            value_numerator: draft.value_numerator.0,
            value_denominator: draft.value_denominator.0,
            valid_from,
            valid_to,
            baseline_numerator: baseline.map(|baseline| baseline.numerator.0),
            baseline_denominator: baseline.map(|baseline| baseline.denominator.0),
            baseline_from: baseline.map(|baseline| baseline.from.0),
            baseline_to: baseline.map(|baseline| baseline.to.0),
            successor: draft.successor.clone(),
            note_ja: draft.note_ja.clone(),
            note_en: draft.note_en.clone(),
            source_version: meta.source_version,
            void_reason: meta.void_reason,
            revision: meta.revision,
            receipt_id: meta.receipt_id,
            created_at: meta.created_at,
            updated_at: meta.updated_at,
        })
    }

    fn conflicts(rows: &[&Self], _: &World) -> Vec<(usize, Error)> {
        let spans: Vec<_> =
            rows.iter().map(|row| ((&row.indicator, row.population, row.bureau_id, row.unit_id), row.valid_from, row.valid_to)).collect();
        let overlap = || {
            Error::conflict(
                "validFrom",
                "同じ指標・対象の目標と期間が重なっています。",
                "It overlaps another target of the same indicator and population.",
            )
        };
        let keys: BTreeSet<_> = rows.iter().map(|row| (&row.client, &row.external_id)).collect();
        let unknown = |row: &Self| row.successor.as_ref().is_some_and(|successor| !keys.contains(&(&row.client, successor)));
        let lost = rows.iter().enumerate().filter(|(_, row)| unknown(row)).map(|(index, _)| index);
        let lost = lost.map(|index| (index, Error::not_found("successor", "後継の目標", "target")));
        overlapping(&spans).into_iter().map(|(index, other)| (index, overlap().beside(other))).chain(lost).collect()
    }
}

/// A bulk call of targets, as it is stored while it waits for a second person.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::store) struct TargetCall {
    idempotency_key: String,
    mode: Mode,
    correction_reason: Option<String>,
    client: Option<String>,
    records: Vec<TargetDraft>,
}

impl TargetCall {
    fn call(&self) -> Call<TargetDraft> {
        Call {
            idempotency_key: self.idempotency_key.clone(),
            mode: self.mode,
            dry_run: false,
            correction_reason: self.correction_reason.clone(),
            client: self.client.clone(),
            records: self.records.clone(),
            unread: Vec::new(),
        }
    }
}

impl Gated for TargetCall {
    type Done = Receipt;
    const ACT: ChangeAct = ChangeAct::RecordTargets;

    fn kind(&self) -> FourEyesKind {
        FourEyesKind::Plan
    }
    fn action(&self) -> Action {
        Action::Record(Noun::Target)
    }
    /// Calls of other targets wait beside it, and so each call is a target of its own.
    fn target(&self) -> String {
        format!("target/{}", self.idempotency_key)
    }
    fn reason(&self) -> Option<&str> {
        self.correction_reason.as_deref()
    }
    fn key(&self) -> Option<&str> {
        Some(&self.idempotency_key)
    }

    /// The stored versions of the call's targets, in short: there may be thousands.
    async fn before(&self, store: &Store, tx: &WriteTransaction) -> Result<Value, Error> {
        let client = self.client.as_deref().unwrap_or_else(|| store.actor.client());
        let twins: Vec<String> = self.records.iter().map(|draft| fold(&draft.external_id)).collect();
        let stored = Model::stored(tx, client, &twins.iter().map(String::as_str).collect()).await?;
        let versions: BTreeMap<_, _> = stored.iter().map(|row| (&row.external_id, row.revision)).collect();
        let versions_of = serde_json::to_vec(&versions).map_err(|error| Error::internal(&error))?;
        Ok(json!({ "stored": versions.len(), "versionsSha256": format!("{:x}", Sha256::digest(versions_of)) }))
    }

    async fn carry_out(&self, store: &Store, tx: &WriteTransaction) -> Result<Carried<Receipt>, Error> {
        let mut call = self.call();
        let ready = store.ready::<Model>(&mut call)?;
        let receipt = store.record_in::<Model>(tx, &call, ready).await?;
        let Outcome { created, updated, voided, .. } = receipt.outcome;
        Ok(if receipt.replayed {
            Carried::Nothing(receipt)
        } else if created + updated + voided == 0 {
            Carried::Traced(receipt)
        } else {
            Carried::Changed(receipt)
        })
    }

    fn after(&self, done: &Receipt) -> Value {
        let Outcome { created, updated, unchanged, superseded, voided, rejected, .. } = done.outcome;
        json!({ "created": created, "updated": updated, "unchanged": unchanged, "superseded": superseded, "voided": voided,
            "rejected": rejected })
    }
}

impl Store {
    /// Writes the targets of a call, or has the call wait for a second person; then the receipt says what it would do.
    ///
    /// # Errors
    /// As [`Store::record`]; CONFLICT where the key was used with another body.
    pub async fn record_targets(&self, mut call: Call<TargetDraft>) -> Result<(Receipt, Option<Change>), Error> {
        self.ready::<Model>(&mut call)?;
        if call.dry_run {
            return Ok((self.record::<Model>(call).await?, None));
        }
        // What waits for a second person is read as a whole.
        if let Some(first) = call.unread.first() {
            let field = first.error.field.as_deref().map(|field| format!("records[{}].{field}", first.index));
            return Err(Error { field, ..first.error.clone() });
        }
        let Call { idempotency_key, mode, correction_reason, client, records, .. } = call;
        let call = TargetCall { idempotency_key, mode, correction_reason, client, records };
        let fate = self.submit(&call).await?;
        Ok(match fate {
            Fate::Done(receipt) => (receipt, None),
            // What it would do, as a dry run says it.
            Fate::Waits(change, would) => (Receipt { id: None, ..would }, Some(*change)),
        })
    }
}

fn check(draft: &TargetDraft, plan: Option<&Plan>) -> Result<(), Error> {
    let of_catalogue = find(&draft.indicator).map(|definition| (definition.direction, definition.unit));
    let of_plan = || plan.and_then(|plan| plan.items.get(&draft.indicator).copied());
    let (direction, unit) = of_catalogue.or_else(of_plan).ok_or_else(|| Error::not_found("indicator", "指標", "indicator"))?;
    let aim = Aim { value: (draft.value_numerator.0, draft.value_denominator.0), qualifier: draft.qualifier, direction, unit };
    // What was recorded before this was asked can still be taken out.
    if aim.contradicts_itself() && !draft.version.void {
        let ja =
            "低い方が望ましい指標の目標は「以下」又は「程度」、高い方が望ましい指標の目標は「以上」、「全員」又は「程度」としてください。";
        let en = "Of what should be low a target says AT_MOST or ABOUT, and of what should be high AT_LEAST, ALL or ABOUT.";
        return Err(Error::input("qualifier", ja, en));
    }
    check_line("clause", &draft.clause, 40)?;
    if plan.is_some_and(|plan| !plan.clauses.contains(&draft.clause)) {
        return Err(Error::not_found("clause", "項目", "clause of the plan"));
    }
    check_quotient(draft.value_numerator, draft.value_denominator, ["valueNumerator", "valueDenominator"])?;
    if let Some(baseline) = draft.baseline {
        check_quotient(baseline.numerator, baseline.denominator, ["baseline.numerator", "baseline.denominator"])?;
        check_date("baseline.from", baseline.from.0)?;
        check_date("baseline.to", baseline.to.0)?;
        if baseline.to < baseline.from {
            return Err(Error::input("baseline.to", "終了日が開始日より前です。", "It is before the first day."));
        }
    }
    if let Some(successor) = &draft.successor {
        check_key(successor, "successor")?;
        if *successor == draft.external_id {
            return Err(Error::input("successor", "自分自身は後継になれません。", "A target does not succeed itself."));
        }
    }
    for (field, note) in [("noteJa", &draft.note_ja), ("noteEn", &draft.note_en)] {
        note.as_ref().map_or(Ok(()), |note| check_text(field, note, 1_000))?;
    }
    Ok(())
}

fn check_quotient(numerator: Long, denominator: Long, [above, below]: [&str; 2]) -> Result<(), Error> {
    if numerator.0 < 0 {
        return Err(Error::input(above, "分子は0以上でなければなりません。", "The numerator is below 0."));
    }
    if denominator.0 <= 0 {
        return Err(Error::input(below, "分母は1以上でなければなりません。", "The denominator is below 1."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::store::conflicts::fixture::{by_pairs, day, refused, row, shuffled};
    use proptest::prelude::*;

    fn draft(indicator: &str, government: bool, from: i64, length: i64) -> TargetDraft {
        TargetDraft {
            external_id: "1".into(),
            plan: None,
            indicator: indicator.into(),
            clause: "V-1".into(),
            population: if government { TargetPopulation::Government } else { TargetPopulation::Office },
            bureau: None,
            unit: None,
            decider: Decider::Plan,
            qualifier: Qualifier::AtLeast,
            value_numerator: Long(30),
            value_denominator: Long(100),
            valid_from: Date(day(from)),
            valid_to: Some(Date(day(from + length))),
            last_day: None,
            baseline: None,
            successor: None,
            note_ja: None,
            note_en: None,
            version: Version::default(),
        }
    }

    #[test]
    fn a_target_says_something_sound() {
        let field = |change: fn(&mut TargetDraft)| {
            let mut draft = draft("WOMEN_STAFF", false, 0, 1);
            change(&mut draft);
            row::<Model>(&draft, &World::default()).err().and_then(|error| error.field)
        };
        assert_eq!(field(|_| {}), None);
        assert_eq!(field(|draft| draft.value_numerator = Long(0)), None);
        assert_eq!(field(|draft| draft.indicator = "WOMEN".into()).unwrap(), "indicator");
        assert_eq!(field(|draft| draft.clause = " ".into()).unwrap(), "clause");
        assert_eq!(field(|draft| draft.clause = "V".repeat(41)).unwrap(), "clause");
        assert_eq!(field(|draft| draft.clause = "V\0".into()).unwrap(), "clause");
        assert_eq!(field(|draft| draft.value_numerator = Long(-1)).unwrap(), "valueNumerator");
        assert_eq!(field(|draft| draft.value_denominator = Long(0)).unwrap(), "valueDenominator");
        assert_eq!(field(|draft| draft.valid_to = Some(draft.valid_from)).unwrap(), "validTo");
        assert_eq!(field(|draft| draft.successor = Some("1".into())).unwrap(), "successor");
        assert_eq!(field(|draft| draft.note_en = Some(" ".into())).unwrap(), "noteEn");
        let four_of_seven = |change: fn(&mut BaselineDraft)| {
            let mut draft = draft("WOMEN_HIRES_EXAM", false, 0, 1);
            let on = Date(day(0));
            let mut baseline = BaselineDraft { numerator: Long(4), denominator: Long(7), from: on, to: on };
            change(&mut baseline);
            draft.baseline = Some(baseline);
            row::<Model>(&draft, &World::default()).err().and_then(|error| error.field)
        };
        assert_eq!(four_of_seven(|_| {}), None);
        assert_eq!(four_of_seven(|baseline| baseline.denominator = Long(0)).unwrap(), "baseline.denominator");
        assert_eq!(four_of_seven(|baseline| baseline.to = Date(day(-1))).unwrap(), "baseline.to");
    }

    #[test]
    fn a_target_of_a_plan_names_its_clauses_and_items() {
        let items = [("PAY_GAP".to_owned(), (Direction::LowerIsBetter, IndicatorUnit::Percent))].into();
        let plan = Plan { id: PlanId::new(), clauses: ["V-1".to_owned()].into(), items };
        let world = World { plans: [("P".to_owned(), plan)].into(), ..World::default() };
        let field = |plan: Option<&str>, indicator: &str, clause: &str| {
            let qualifier = if indicator == "PAY_GAP" { Qualifier::AtMost } else { Qualifier::AtLeast };
            let named = TargetDraft { plan: plan.map(str::to_owned), clause: clause.into(), qualifier, ..draft(indicator, false, 0, 1) };
            row::<Model>(&named, &world).err().and_then(|error| error.field)
        };
        assert_eq!(field(Some("P"), "PAY_GAP", "V-1"), None);
        assert_eq!(field(Some("P"), "WOMEN_STAFF", "V-1"), None);
        assert_eq!(field(Some("P"), "PAY_GAP", "V-9").unwrap(), "clause");
        assert_eq!(field(None, "WOMEN_STAFF", "V-9"), None);
        assert_eq!(field(None, "PAY_GAP", "V-1").unwrap(), "indicator");
        assert_eq!(field(Some("Q"), "WOMEN_STAFF", "V-1").unwrap(), "plan");
    }

    #[test]
    fn a_qualifier_goes_the_way_of_its_indicator() {
        let field = |indicator: &str, qualifier: Qualifier, void: bool| {
            let version = Version { void, void_reason: void.then(|| "誤り".to_owned()), ..Version::default() };
            let meant = TargetDraft { qualifier, version, ..draft(indicator, false, 0, 1) };
            row::<Model>(&meant, &World::default()).err().and_then(|error| error.field)
        };
        for (indicator, fits, contradicts) in [
            ("MEAN_OVERTIME_HOURS", &[Qualifier::AtMost, Qualifier::About][..], &[Qualifier::AtLeast, Qualifier::All][..]),
            ("WOMEN_STAFF", &[Qualifier::AtLeast, Qualifier::About, Qualifier::All], &[Qualifier::AtMost]),
        ] {
            assert!(fits.iter().all(|qualifier| field(indicator, *qualifier, false).is_none()), "{indicator}");
            for qualifier in contradicts {
                assert_eq!(field(indicator, *qualifier, false).unwrap(), "qualifier", "{indicator}");
                assert_eq!(field(indicator, *qualifier, true), None, "it can be taken out");
            }
        }
    }

    #[test]
    fn a_target_names_whom_it_binds() {
        let (a1, of_a) = (UnitId::new(), Bureaus::with(&["a"]).named(Some("a")).unwrap().unwrap());
        let world = World { bureaus: Bureaus::with(&["a", "b"]), units: [("a1".to_owned(), (a1, of_a))].into(), ..World::default() };
        let bound = |population: TargetPopulation, bureau: Option<&str>, unit: Option<&str>| {
            let (bureau, unit) = (bureau.map(str::to_owned), unit.map(str::to_owned));
            row::<Model>(&TargetDraft { population, bureau, unit, ..draft("WOMEN_STAFF", false, 0, 1) }, &world)
        };
        let field = |population, bureau, unit| bound(population, bureau, unit).unwrap_err().field.unwrap();
        let row = bound(TargetPopulation::Unit, Some("a"), Some("a1")).unwrap();
        assert_eq!((row.bureau_id, row.unit_id), (Some(of_a), Some(a1)));
        assert!(bound(TargetPopulation::Bureau, Some("b"), None).unwrap().unit_id.is_none());
        assert_eq!(field(TargetPopulation::Office, Some("a"), None), "bureau");
        assert_eq!(field(TargetPopulation::Government, None, Some("a1")), "unit");
        assert_eq!(field(TargetPopulation::Bureau, None, None), "bureau");
        assert_eq!(field(TargetPopulation::Bureau, Some("a"), Some("a1")), "unit");
        assert_eq!(field(TargetPopulation::Bureau, Some("c"), None), "bureau");
        assert_eq!(field(TargetPopulation::Unit, Some("a"), None), "unit");
        assert_eq!(field(TargetPopulation::Unit, Some("b"), Some("a1")), "unit", "it is a's");
        // A bureau's target and the office's stand beside each other.
        let (office, bureau) =
            (bound(TargetPopulation::Office, None, None).unwrap(), bound(TargetPopulation::Bureau, Some("a"), None).unwrap());
        assert!(Model::conflicts(&[&office, &bureau], &world).is_empty());
        assert_eq!(Model::conflicts(&[&bureau, &bureau], &world).len(), 2);
    }

    proptest! {
        #[test]
        fn targets_of_an_indicator_and_population_never_overlap(
            (rows, others) in shuffled(
                prop::collection::vec((prop::sample::select(vec!["WOMEN_STAFF", "STAGGERED_SHARE"]), any::<bool>(), 0..60i64, 1..20i64), 0..12)
                    .prop_map(|rows| rows.into_iter().map(|(code, all, from, length)| row::<Model>(&draft(code, all, from, length), &World::default()).unwrap()).collect())),
        ) {
            let found = refused(&rows, &World::default());
            prop_assert_eq!(&found, &refused(&others, &World::default()));
            let meet = |a: &Model, b: &Model| {
                a.indicator == b.indicator && a.population == b.population && Some(a.valid_from) < b.valid_to && Some(b.valid_from) < a.valid_to
            };
            prop_assert_eq!(found, by_pairs(&rows, "validFrom", meet));
        }
    }
}
