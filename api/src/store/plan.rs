//! Plans as data: loaded whole from a file, again with what changed, in one transaction; and the check of what their clauses have.
//!
//! A plan's clauses, initiatives and items become those of its file, and keep their keys by code; its targets go the way of all records, inside
//! the same transaction. What would change nothing is rolled back, so that it leaves no revision, no receipt and no entry. Deliberately
//! absent: changing a part of a plan, which would leave the file behind.

pub mod target;

pub mod coverage;
mod file;

pub use file::PlanFile;

use super::{
    Store, dialect,
    four_eyes::{Carried, Fate, Gated},
    record::{Call, Mode, Version},
    target::TargetDraft,
    unscoped,
};
use crate::{
    authz::{Action, Noun},
    error::Error,
    words::{Date, Long},
};
use chrono::{DateTime, Utc};
use coverage::Covers;
use entity::{
    clause, follow_up,
    ids::{ClauseId, InitiativeId, PlanId, SubmissionItemId},
    initiative,
    key::fold,
    pending_change::{ChangeAct, FourEyesKind},
    plan,
    submission::{self, SubmissionContent, SubmissionState},
    submission_item,
};
use jobs::{database::WriteTransaction, transaction};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, IntoActiveModel, ModelTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::SimpleExpr,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The Cabinet Secretariat's plan of 2015, as it is shipped.
pub const SHIPPED: &str = include_str!("../../plans/cabinet-secretariat-2015.json");

/// What loading did to one kind of a plan's parts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Not there before.
    pub created: i32,
    /// Changed.
    pub updated: i32,
    /// As before.
    pub unchanged: i32,
    /// Not in the file any more; a target is void then.
    pub removed: i32,
}

impl Counts {
    fn is_change(self) -> bool {
        self != Self { unchanged: self.unchanged, ..Self::default() }
    }
}

/// What loading did to the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Change {
    /// It is new.
    Created,
    /// It, or a part of it, changed.
    Updated,
    /// It is as the file says already; nothing was written.
    Unchanged,
    /// The file is refused; nothing was written.
    Refused,
}

/// What loading a file did, or in a dry run would have done.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// To the plan.
    pub change: Change,
    /// The plan as it stands now, or would; none where a new one was refused.
    pub plan: Option<plan::Model>,
    /// To its clauses.
    pub clauses: Counts,
    /// To its initiatives.
    pub initiatives: Counts,
    /// To its items.
    pub items: Counts,
    /// To its targets.
    pub targets: Counts,
    /// Why the file was refused, each with its place.
    pub problems: Vec<Error>,
}

impl Loaded {
    fn refused(plan: Option<plan::Model>, problems: Vec<Error>) -> Self {
        let none = Counts::default();
        Self { change: Change::Refused, plan, clauses: none, initiatives: none, items: none, targets: none, problems }
    }
}

/// The rows that a file becomes, targets apart.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) clauses: Vec<clause::Model>,
    pub(super) initiatives: Vec<initiative::Model>,
    pub(super) items: Vec<submission_item::Model>,
}

impl Rows {
    /// The rows of a file, with new keys.
    pub(super) fn of(file: &PlanFile, plan_id: PlanId) -> Self {
        let clause = |(position, line): (i32, &file::ClauseLine)| clause::Model {
            id: ClauseId::new(),
            plan_id,
            code: line.code.clone(),
            parent: line.parent.clone(),
            position,
            title_ja: line.title_ja.clone(),
            title_en: line.title_en.clone(),
            states_only: line.states_only,
        };
        let initiative = |(position, line): (i32, &file::InitiativeLine)| {
            let (valid_from, valid_to) = file.span_of(line);
            initiative::Model {
                id: InitiativeId::new(),
                plan_id,
                code: line.code.clone(),
                clause: line.clause.clone(),
                position,
                name_ja: line.name_ja.clone(),
                name_en: line.name_en.clone(),
                valid_from,
                valid_to,
            }
        };
        let item = |(position, line): (i32, &file::ItemLine)| submission_item::Model {
            id: SubmissionItemId::new(),
            plan_id,
            code: line.code.clone(),
            version: line.version,
            clause: line.clause.clone(),
            position,
            name_ja: line.name_ja.clone(),
            name_en: line.name_en.clone(),
            description_ja: line.description_ja.clone(),
            description_en: line.description_en.clone(),
            unit: line.unit,
            direction: line.direction,
            source: line.source,
            counts_persons: line.counts_persons,
            may_exceed_hundred: line.may_exceed_hundred,
            statutory: line.statutory,
            cohort: line.cohort.clone(),
            at_most: (!line.at_most.is_empty()).then(|| line.at_most.join(" ")),
        };
        Self {
            clauses: (1..).zip(&file.clauses).map(clause).collect(),
            initiatives: (1..).zip(&file.initiatives).map(initiative).collect(),
            items: (1..).zip(&file.items).map(item).collect(),
        }
    }
}

/// A part of a plan, known by its code.
trait Part: ModelTrait + IntoActiveModel<<Self::Entity as EntityTrait>::ActiveModel> + Clone + PartialEq {
    fn code(&self) -> &str;
    fn key(&self) -> Uuid;
    /// The same with the key of another.
    fn keyed(self, other: &Self) -> Self;
    /// Those of one plan.
    fn of(plan: PlanId) -> SimpleExpr;
    /// Those with these keys.
    fn with_keys(keys: Vec<Uuid>) -> SimpleExpr;
}

macro_rules! parts {
    ($($table:ident),+) => {$(
        impl Part for $table::Model {
            fn code(&self) -> &str {
                &self.code
            }
            fn key(&self) -> Uuid {
                self.id.0
            }
            fn keyed(self, other: &Self) -> Self {
                Self { id: other.id, ..self }
            }
            fn of(plan: PlanId) -> SimpleExpr {
                $table::Column::PlanId.eq(plan)
            }
            fn with_keys(keys: Vec<Uuid>) -> SimpleExpr {
                $table::Column::Id.is_in(keys)
            }
        }
    )+};
}

parts!(clause, initiative, submission_item);

/// Makes a plan's parts of one kind those of its file; returns also what is there no more.
async fn replace<M>(tx: &WriteTransaction, plan: PlanId, wanted: Vec<M>) -> Result<(Counts, Vec<M>), Error>
where
    M: Part + sea_orm::FromQueryResult + Send + Sync,
    M::Entity: EntityTrait<Model = M>,
    <M::Entity as EntityTrait>::ActiveModel: ActiveModelTrait<Entity = M::Entity> + Send,
{
    let stored = unscoped::<M::Entity>().filter(M::of(plan)).all(&**tx).await?;
    let mut stored: BTreeMap<String, M> = stored.into_iter().map(|row| (row.code().to_owned(), row)).collect();
    let (mut counts, mut rows) = (Counts::default(), Vec::new());
    for row in wanted {
        match stored.remove(row.code()) {
            None => {
                counts.created += 1;
                rows.push(row);
            }
            Some(before) => {
                let row = row.keyed(&before);
                if row == before {
                    counts.unchanged += 1;
                } else {
                    counts.updated += 1;
                    rows.push(row);
                }
            }
        }
    }
    let gone: Vec<M> = stored.into_values().collect();
    counts.removed = i32::try_from(gone.len()).unwrap_or(i32::MAX);
    if !gone.is_empty() {
        M::Entity::delete_many().filter(M::with_keys(gone.iter().map(Part::key).collect())).exec(&**tx).await?;
    }
    transaction::put_all(&**tx, rows, true).await?;
    Ok((counts, gone))
}

/// A plan's file that is to be loaded.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct PlanDocument {
    document: String,
}

impl Gated for PlanDocument {
    type Done = Loaded;
    const ACT: ChangeAct = ChangeAct::LoadPlan;

    fn kind(&self) -> FourEyesKind {
        FourEyesKind::Plan
    }
    fn action(&self) -> Action {
        Action::LoadPlan
    }
    fn target(&self) -> String {
        format!("plan/{}", PlanFile::parse(&self.document).map(|file| file.code).unwrap_or_default())
    }
    fn check(&self) -> Result<(), Error> {
        PlanFile::parse(&self.document).map(|_| ())
    }

    async fn before(&self, _: &Store, tx: &WriteTransaction) -> Result<Value, Error> {
        let file = PlanFile::parse(&self.document)?;
        let stored = unscoped::<plan::Entity>().filter(plan::Column::Code.eq(&file.code)).one(&**tx).await?;
        Ok(stored.map_or(Value::Null, |plan| json!({ "code": plan.code, "revision": plan.revision, "sha256": plan.sha256 })))
    }

    async fn carry_out(&self, store: &Store, tx: &WriteTransaction) -> Result<Carried<Loaded>, Error> {
        let file = PlanFile::parse(&self.document)?;
        let now = store.now();
        let problems = file.check(now);
        // Two who load plans wait for each other.
        dialect::lock_table::<plan::Entity, _>(&**tx).await?;
        let stored = unscoped::<plan::Entity>().filter(plan::Column::Code.eq(&file.code)).one(&**tx).await?;
        if !problems.is_empty() {
            return Ok(Carried::Nothing(Loaded::refused(stored, problems)));
        }
        let row = store.plan_row(&file, &self.document, stored.as_ref(), now)?;
        transaction::put_all(&**tx, vec![row.clone()], true).await?;
        let before = used(tx, row.id).await?;
        let rows = Rows::of(&file, row.id);
        let (clauses, gone_clauses) = replace(tx, row.id, rows.clauses).await?;
        let (initiatives, gone_initiatives) = replace(tx, row.id, rows.initiatives).await?;
        let (items, gone_items) = replace(tx, row.id, rows.items).await?;
        let mut problems = before.held(&gone_clauses, &gone_initiatives, &gone_items);
        let (targets, refused) = store.record_targets_of(tx, &file, row.id).await?;
        problems.extend(refused);
        if !problems.is_empty() {
            return Ok(Carried::Nothing(Loaded::refused(stored, problems)));
        }
        let parts = [clauses, initiatives, items, targets];
        let change = match &stored {
            None => Change::Created,
            Some(stored) if is_same(stored, &row) && !parts.into_iter().any(Counts::is_change) => Change::Unchanged,
            Some(_) => Change::Updated,
        };
        let plan = if change == Change::Unchanged { stored } else { Some(row) };
        let loaded = Loaded { change, plan, clauses, initiatives, items, targets, problems };
        if change == Change::Unchanged {
            return Ok(Carried::Nothing(loaded));
        }
        let counts = json!({ "revision": loaded.plan.as_ref().map(|plan| plan.revision), "clauses": clauses, "initiatives": initiatives,
            "items": items, "targets": targets });
        let record_id = loaded.plan.as_ref().map(|plan| plan.id.0);
        transaction::audit(&**tx, now, transaction::AuditAct { record_id, counts, ..store.act("LOAD", Noun::Plan) }).await?;
        Ok(Carried::Changed(loaded))
    }

    fn after(&self, done: &Loaded) -> Value {
        let plan = done.plan.as_ref();
        json!({ "code": plan.map(|plan| &plan.code), "revision": plan.map(|plan| plan.revision), "sha256": plan.map(|plan| &plan.sha256),
            "change": done.change, "clauses": done.clauses, "initiatives": done.initiatives, "items": done.items, "targets": done.targets })
    }
}

impl Store {
    /// Loads a plan from its file: a new one, or what changed of one that is there. Whatever is wrong with the file is told at once, and then
    /// nothing is written.
    ///
    /// # Errors
    /// FORBIDDEN; `BAD_USER_INPUT` for a document that is no plan; CONFLICT where another change of it waits.
    pub async fn load_plan(&self, document: &str, dry_run: bool) -> Result<Fate<Loaded>, Error> {
        let file = PlanDocument { document: document.to_owned() };
        if !dry_run {
            return self.submit(&file).await;
        }
        self.allow(Action::LoadPlan)?;
        let tx = self.begin().await?;
        let (Carried::Nothing(loaded) | Carried::Traced(loaded) | Carried::Changed(loaded)) = file.carry_out(self, &tx).await?;
        tx.rollback().await?;
        Ok(Fate::Done(loaded))
    }

    /// The plan's own row, one revision on.
    fn plan_row(&self, file: &PlanFile, document: &str, stored: Option<&plan::Model>, now: DateTime<Utc>) -> Result<plan::Model, Error> {
        Ok(plan::Model {
            id: stored.map_or_else(PlanId::new, |stored| stored.id),
            code: file.code.clone(),
            name_ja: file.name_ja.clone(),
            name_en: file.name_en.clone(),
            decided_on: file.decided_on,
            valid_from: file.valid_from,
            valid_to: file.valid_to(),
            settings: serde_json::to_value(&file.settings).map_err(|error| Error::internal(&error))?,
            revision: stored.map_or(1, |stored| stored.revision + 1),
            sha256: format!("{:x}", Sha256::digest(document)),
            loaded_at: now,
            loaded_by: self.actor.principal.subject.clone(),
        })
    }

    /// Records the targets of a file, and takes out those of the plan that are not in it any more; returns what is refused, with its place.
    async fn record_targets_of(&self, tx: &WriteTransaction, file: &PlanFile, plan: PlanId) -> Result<(Counts, Vec<Error>), Error> {
        let mut records: Vec<TargetDraft> = file.targets.iter().map(|line| line.draft(&file.code)).collect();
        let stored = unscoped::<entity::target::Entity>()
            .filter(entity::target::Column::PlanId.eq(plan))
            .filter(entity::target::Column::Client.eq(self.actor.client()))
            .filter(entity::target::Column::VoidReason.is_null())
            // A file holds none of single bureaus.
            .filter(entity::target::Column::BureauId.is_null())
            .all(&**tx)
            .await?;
        let gone = stored.iter().filter(|row| !file.targets.iter().any(|line| fold(&line.external_id) == row.external_id_folded));
        records.extend(gone.map(|row| taken_out(row, &file.code)));
        let mut call = Call {
            idempotency_key: format!("plan/{}/{}", file.code, Uuid::now_v7()),
            mode: Mode::AllOrNothing,
            dry_run: false,
            correction_reason: None,
            client: None,
            records,
            unread: Vec::new(),
        };
        let ready = self.ready::<entity::target::Model>(&mut call)?;
        let outcome = self.record_in::<entity::target::Model>(tx, &call, ready).await?.outcome;
        let refused = outcome.rejections.into_iter().map(|rejection| {
            let field = rejection.error.field.as_deref().unwrap_or_default();
            Error { field: Some(format!("targets[{}].{field}", rejection.index)), ..rejection.error }
        });
        let counts = Counts { created: outcome.created, updated: outcome.updated, unchanged: outcome.unchanged, removed: outcome.voided };
        Ok((counts, refused.collect()))
    }

    /// The plans with this code, or all, each with its clauses and with those of them that have neither an indicator nor evidence.
    ///
    /// # Errors
    /// As [`Store::allow`].
    pub async fn plan_gaps(&self, code: Option<&str>) -> Result<Vec<(plan::Model, Vec<clause::Model>, Vec<clause::Model>)>, Error> {
        let condition = Condition::all().add_option(code.map(|code| plan::Column::Code.eq(code)));
        let plans = self.select::<plan::Entity>()?.filter(condition).order_by_asc(plan::Column::Code).limit(500);
        let mut found = Vec::new();
        for plan in plans.all(self.reader()).await? {
            let clauses = self.select::<clause::Entity>()?.filter(clause::Column::PlanId.eq(plan.id));
            let clauses = clauses.order_by_asc(clause::Column::Position).all(self.reader()).await?;
            let initiatives = self.select::<initiative::Entity>()?.filter(initiative::Column::PlanId.eq(plan.id));
            let items = self.select::<submission_item::Entity>()?.filter(submission_item::Column::PlanId.eq(plan.id));
            let targets = self.select::<entity::target::Entity>()?.filter(entity::target::Column::PlanId.eq(plan.id));
            let covers = Covers {
                indicators: &coverage::indicators(&plan.settings),
                initiatives: &initiatives.all(self.reader()).await?,
                items: &items.all(self.reader()).await?,
                targets: &targets.filter(entity::target::Column::VoidReason.is_null()).all(self.reader()).await?,
            };
            let gaps = coverage::uncovered(&clauses, &covers).into_iter().cloned().collect();
            found.push((plan, clauses, gaps));
        }
        Ok(found)
    }
}

/// Whether two versions of a plan say the same.
fn is_same(stored: &plan::Model, row: &plan::Model) -> bool {
    let (revision, sha256, loaded_at, loaded_by) = (stored.revision, stored.sha256.clone(), stored.loaded_at, stored.loaded_by.clone());
    *stored == plan::Model { revision, sha256, loaded_at, loaded_by, ..row.clone() }
}

/// The record that takes a target out.
fn taken_out(row: &entity::target::Model, plan: &str) -> TargetDraft {
    TargetDraft {
        external_id: row.external_id.clone(),
        plan: Some(plan.to_owned()),
        indicator: row.indicator.clone(),
        clause: row.clause.clone(),
        population: row.population,
        bureau: None,
        unit: None,
        decider: row.decider,
        qualifier: row.qualifier,
        value_numerator: Long(row.value_numerator),
        value_denominator: Long(row.value_denominator),
        valid_from: Date(row.valid_from),
        valid_to: row.valid_to.map(Date),
        last_day: None,
        baseline: None,
        successor: None,
        note_ja: None,
        note_en: None,
        version: Version { void: true, void_reason: Some("計画のファイルから除かれた。".to_owned()), ..Version::default() },
    }
}

/// What bureaus' answers that wait or were taken rest on.
struct Used {
    clauses: BTreeSet<String>,
    initiatives: BTreeSet<String>,
    items: BTreeSet<String>,
}

/// What the answers to a plan's data calls name, and the clauses of it.
async fn used(tx: &WriteTransaction, plan: PlanId) -> Result<Used, Error> {
    let cycles = unscoped::<follow_up::Entity>().select_only().column(follow_up::Column::Id).filter(follow_up::Column::PlanId.eq(plan));
    let answers = unscoped::<submission::Entity>()
        .filter(submission::Column::FollowUpId.in_subquery(cycles.into_query()))
        .filter(submission::Column::State.ne(SubmissionState::Returned));
    let mut used = Used { clauses: BTreeSet::new(), initiatives: BTreeSet::new(), items: BTreeSet::new() };
    for answer in answers.all(&**tx).await? {
        let content: SubmissionContent = serde_json::from_value(answer.content).map_err(|error| Error::internal(&error))?;
        used.items.extend(content.figures.into_iter().map(|figure| figure.item));
        used.initiatives.extend(content.actions.into_iter().map(|action| action.initiative));
    }
    let initiatives = unscoped::<initiative::Entity>().filter(initiative::Column::PlanId.eq(plan)).all(&**tx).await?;
    let items = unscoped::<submission_item::Entity>().filter(submission_item::Column::PlanId.eq(plan)).all(&**tx).await?;
    used.clauses.extend(
        initiatives.into_iter().filter(|initiative| used.initiatives.contains(&initiative.code)).map(|initiative| initiative.clause),
    );
    used.clauses.extend(items.into_iter().filter(|item| used.items.contains(&item.code)).map(|item| item.clause));
    Ok(used)
}

impl Used {
    /// What may not be left out, with the list that it is missing from.
    fn held(&self, clauses: &[clause::Model], initiatives: &[initiative::Model], items: &[submission_item::Model]) -> Vec<Error> {
        let clauses = clauses.iter().filter(|row| self.clauses.contains(&row.code)).map(|row| ("clauses", &row.code));
        let initiatives = initiatives.iter().filter(|row| self.initiatives.contains(&row.code)).map(|row| ("initiatives", &row.code));
        let items = items.iter().filter(|row| self.items.contains(&row.code)).map(|row| ("items", &row.code));
        let held = |(list, code): (&str, &String)| {
            let ja = format!("{code}は部局の報告で使われているため、除けません。");
            Error::conflict(list, ja, format!("{code} is used by submissions and cannot be left out."))
        };
        clauses.chain(initiatives).chain(items).map(held).collect()
    }
}
