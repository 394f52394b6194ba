//! Writing staff (職員): keyed office-wide by staff number. Who is there already is written by the bureau that holds them, and office-wide.

use crate::store::{
    Store, dialect,
    employment::{check_said, follow_staff, is_return, overlap, settle},
    record::{After, Aftermath, Call, Draft, End, Name, Outcome, Recordable, Rejection, Touch, Version, Writing, check_date},
    rules::people::People,
    scope::{Extent, RowScope},
    stale_months::Computed,
};
use crate::{
    authz::Noun,
    error::Error,
    words::{Date, Employment, Origin, SeparationReason, Sex},
};
use async_graphql::InputObject;
use chrono::NaiveDate;
use entity::{
    bureau,
    ids::{BureauId, StaffId},
    key::fold,
    period::civil_date,
    record::Meta,
    staff::{self, Entity, Model},
};
use jobs::{database::WriteTransaction, transaction};
use sea_orm::{ConnectionTrait, DbErr};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};

/// One staff member; no name is held.
#[derive(Debug, Clone, Serialize, Deserialize, InputObject)]
#[graphql(name = "StaffInput")]
pub struct StaffDraft {
    /// Office-wide number; numbers that differ in case alone are one.
    pub staff_number: String,
    /// Sex as recorded.
    pub sex: Sex,
    /// 常勤 or 非常勤.
    #[graphql(default_with = "Employment::Regular")]
    pub employment: Employment,
    /// Direct hire or secondee.
    #[graphql(default_with = "Origin::Direct")]
    pub origin: Origin,
    /// The ministry of origin of a secondee.
    pub seconded_from: Option<String>,
    /// First day in the office's employment, at most 60 days ahead. On or after the day on which the person left, it is that of a return: another
    /// period of employment (`recordEmployments`). What follows is said of the latest period.
    pub hired_on: Date,
    /// First day no longer employed, at most 5 years ahead; or say `lastDayInService`.
    pub separated_on: Option<Date>,
    /// Last day employed (退職日), in place of `separatedOn`, which is the day after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_day_in_service: Option<Date>,
    /// Why they left; needed with `separatedOn` or `lastDayInService`.
    pub separation_reason: Option<SeparationReason>,
    /// Code of the bureau for which a new person is recorded, which holds them until they have a post; by default the first of yours by code,
    /// and none for who writes office-wide. Later only who writes office-wide changes it.
    pub recorded_for: Option<String>,
    /// Version and voidness.
    #[graphql(flatten)]
    #[serde(flatten)]
    pub version: Version,
}

impl Draft for StaffDraft {
    const MANY: &'static str = "Staff";

    fn key(&self) -> &str {
        &self.staff_number
    }
    fn version(&self) -> &Version {
        &self.version
    }
    fn names(&mut self) -> Vec<Name<'_>> {
        vec![("secondedFrom", self.seconded_from.as_mut())]
    }
    fn ends(&self) -> Vec<End> {
        vec![self.separation()]
    }
}

impl StaffDraft {
    fn separation(&self) -> End {
        End { field: "separatedOn", twin: "lastDayInService", first_not: self.separated_on, last: self.last_day_in_service }
    }
}

/// The people of the call, the bureaus for which they may be recorded and the default, the months that a change makes stale, and today.
pub struct World {
    people: People,
    bureaus: HashMap<String, BureauId>,
    default: Option<BureauId>,
    computed: Computed,
    today: NaiveDate,
}

impl World {
    /// The bureau for which a person is recorded: said when they are, and kept.
    fn recorded_for(&self, draft: &StaffDraft, writing: &Writing<'_>) -> Result<Option<BureauId>, Error> {
        let named = draft
            .recorded_for
            .as_ref()
            .map(|code| self.bureaus.get(code).copied().ok_or_else(|| Error::not_found("recordedFor", "部局", "bureau")));
        let named = named.transpose()?;
        Ok(match self.people.person(&draft.staff_number) {
            Some(person) if writing.scope.is_everything() => named.or(person.recorded_bureau_id),
            Some(person) => person.recorded_bureau_id,
            None => {
                let bureau = named.or(self.default);
                if bureau.is_none() && !writing.scope.is_everything() {
                    return Err(Error::not_found("recordedFor", "部局", "bureau"));
                }
                bureau
            }
        })
    }
}

/// The bureaus of a scope that nobody in it has succeeded.
async fn own_bureaus(tx: &WriteTransaction, scope: &RowScope) -> Result<Vec<bureau::Model>, DbErr> {
    let Extent::Some(ids) = &scope.bureaus else { return Ok(Vec::new()) };
    let mut rows = dialect::by_id::<bureau::Entity, _>(&**tx, "id", &ids.iter().map(|id| id.0).collect()).await?;
    rows.retain(|row| row.void_reason.is_none() && row.successor_id.is_none_or(|heir| !ids.contains(&heir)));
    Ok(rows)
}

impl Store {
    /// Leaves a trace of numbers that a call of staff named and that are another's, for the bureau that holds each: that it met them tells that
    /// they are in use, whether the call was a dry run or not.
    pub(in crate::store) async fn trace_collisions<C: ConnectionTrait>(&self, tx: &C, outcome: &Outcome) -> Result<(), Error> {
        let met = |rejection: &&Rejection| rejection.error == Model::not_writable();
        let twins: Vec<String> = outcome.rejections.iter().filter(met).map(|rejection| fold(&rejection.key)).collect();
        if twins.is_empty() {
            return Ok(());
        }
        for (bureau_id, people) in dialect::holders(tx, &twins.iter().map(String::as_str).collect(), self.today()).await? {
            let counts = serde_json::json!({ "people": people });
            transaction::audit(tx, self.now(), transaction::AuditAct { bureau_id, counts, ..self.act("COLLIDE", Noun::Staff) }).await?;
        }
        Ok(())
    }
}

impl Recordable for Model {
    type Draft = StaffDraft;
    type World = World;
    const NOUN: Noun = Noun::Staff;
    const IS_SIGHT: bool = true;
    const KEY: &'static str = "staffNumber";
    const IN_CLIENTS_NUMBERING: bool = false;
    const FOLDED: bool = true;

    fn stored_key(&self) -> &str {
        &self.staff_number
    }

    async fn load(tx: &WriteTransaction, call: &Call<StaffDraft>, writing: &Writing<'_>) -> Result<World, Error> {
        let twins: Vec<String> = call.records.iter().map(|draft| fold(draft.key())).collect();
        let people = People::lock_twins(tx, &twins.iter().map(String::as_str).collect()).await?;
        let today = civil_date(writing.now);
        let own = own_bureaus(tx, writing.scope).await?;
        let default = own.iter().min_by(|a, b| a.code.cmp(&b.code)).map(|bureau| bureau.id);
        let named = call.records.iter().filter_map(|draft| draft.recorded_for.as_deref()).collect();
        let named = dialect::by_text::<bureau::Entity, _>(&**tx, "code", &named).await?;
        let named = named.into_iter().filter(|row| row.void_reason.is_none() && writing.scope.bureaus.holds(&row.id));
        let bureaus = named.map(|row| (row.code, row.id)).collect();
        Ok(World { people, bureaus, default, computed: Computed::load(tx, today).await?, today })
    }

    async fn stored(tx: &WriteTransaction, _: &str, keys: &BTreeSet<&str>) -> Result<Vec<Self>, DbErr> {
        dialect::by_text::<Entity, _>(&**tx, "staff_number_folded", keys).await
    }

    fn writable(&self, world: &World, writing: &Writing<'_>) -> bool {
        world.people.are_held(self, writing.scope, world.today)
    }

    /// One text for all numbers that are another's: void or not, employed or not, in whose bureau ever.
    fn not_writable() -> Error {
        Error::conflict(
            Self::KEY,
            "この職員番号は使われています。職員の情報は、その職員が属する部局または事務局が書き込みます。",
            "This staff number is in use. The bureau that holds the person, or the secretariat, writes what is recorded of them.",
        )
    }

    fn build(draft: &StaffDraft, meta: Meta, world: &World, writing: &Writing<'_>) -> Result<Self, Error> {
        check_date("hiredOn", draft.hired_on.0)?;
        let separated_on = draft.separation().day();
        if let Some(left) = separated_on {
            check_date("separatedOn", left)?;
            if left <= draft.hired_on.0 {
                let (ja, en) = ("離職日は採用日より後でなければなりません。", "It must be after hiredOn.");
                return Err(Error::input("separatedOn", ja, en));
            }
        }
        check_said(draft.seconded_from.as_deref(), draft.origin, separated_on.is_some(), draft.separation_reason)?;
        let stored = world.people.person(&draft.staff_number).map(|person| world.people.employments(person.id));
        let mut former = stored.unwrap_or_default().iter().rev();
        if former.next().is_some_and(|latest| !is_return(latest, draft.hired_on.0))
            && former.next().is_some_and(|former| former.valid_to.is_none_or(|left| draft.hired_on.0 < left))
        {
            return Err(overlap("hiredOn"));
        }
        let recorded_bureau_id = world.recorded_for(draft, writing)?;
        Ok(Self {
            id: StaffId::new(),
            staff_number: draft.staff_number.clone(),
            staff_number_folded: fold(&draft.staff_number),
            sex: draft.sex,
            employment: draft.employment,
            origin: draft.origin,
            seconded_from: draft.seconded_from.clone(),
            hired_on: draft.hired_on.0,
            separated_on,
            separation_reason: draft.separation_reason,
            recorded_bureau_id,
            source_version: meta.source_version,
            void_reason: meta.void_reason,
            revision: meta.revision,
            receipt_id: meta.receipt_id,
            created_at: meta.created_at,
            updated_at: meta.updated_at,
        })
    }

    /// Sex, employment and the days of employment decide closed figures; the rest does not.
    fn guarded(&self, before: Option<&Self>, world: &World) -> Vec<Touch> {
        let decides = |row: &Self| (row.sex, row.employment, row.hired_on, row.separated_on, row.void_reason.is_some());
        match before {
            Some(before) if decides(before) != decides(self) => {
                // A separation changes the months from its day on, and a return those from the first day on.
                let latest = world.people.employments(self.id).last();
                let back = latest.is_some_and(|latest| is_return(latest, self.hired_on)).then_some(self.hired_on);
                let same = |row: &Self| (row.sex, row.employment, row.hired_on, row.void_reason.is_some());
                let day = before.separated_on.into_iter().chain(self.separated_on).min();
                let from = day.filter(|_| same(before) == same(self)).or(back).map(entity::period::YearMonth::of);
                self.touches(world).into_iter().filter(|(_, month, _)| from.is_none_or(|from| *month >= from)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn touches(&self, world: &World) -> Vec<Touch> {
        let held = world.people.postings(self.id).iter().filter(|posting| posting.void_reason.is_none());
        held.flat_map(|posting| {
            world.computed.months(posting.valid_from, posting.valid_to).map(|month| (posting.bureau_id, month, Some(self.id)))
        })
        .collect()
    }

    fn person(&self) -> Option<StaffId> {
        Some(self.id)
    }

    async fn after<C: ConnectionTrait>(tx: &C, rows: &[&staff::Model], after: &After<'_>) -> Result<Aftermath, Error> {
        follow_staff(tx, rows, after).await?;
        settle(tx, &rows.iter().map(|row| row.id).collect(), after).await
    }
}
