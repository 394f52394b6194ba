//! Writing staff (職員): keyed office-wide by staff number. A bureau writes the people who hold a posting in it, and people who hold none yet.

use super::{
    dialect,
    months::Computed,
    people::People,
    posting::resolve,
    record::{Call, Draft, Recordable, Touch, Version, Writing, check_date, check_line},
};
use crate::{
    authz::Noun,
    error::Error,
    words::{Date, Employment, Origin, SeparationReason, Sex},
};
use async_graphql::InputObject;
use chrono::NaiveDate;
use entity::{
    ids::StaffId,
    period::civil_date,
    record::Meta,
    staff::{self, Entity, Model},
};
use jobs::database::WriteTransaction;
use sea_orm::{ConnectionTrait, DbErr};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One staff member; no name is held.
#[derive(Debug, Clone, Serialize, Deserialize, InputObject)]
#[graphql(name = "StaffInput")]
pub struct StaffDraft {
    /// Office-wide number.
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
    /// First day in the office's employment.
    pub hired_on: Date,
    /// First day no longer employed.
    pub separated_on: Option<Date>,
    /// Why they left; needed with `separatedOn`.
    pub separation_reason: Option<SeparationReason>,
    /// Version and voidness.
    #[graphql(flatten)]
    #[serde(flatten)]
    pub version: Version,
}

impl Draft for StaffDraft {
    fn key(&self) -> &str {
        &self.staff_number
    }
    fn version(&self) -> &Version {
        &self.version
    }
}

/// The people of the call, the months that a change of theirs makes stale, and today.
pub struct World {
    people: People,
    computed: Computed,
    today: NaiveDate,
}

impl Recordable for Model {
    type Draft = StaffDraft;
    type World = World;
    const NOUN: Noun = Noun::Staff;
    const KEY: &'static str = "staffNumber";

    fn stored_key(&self) -> &str {
        &self.staff_number
    }

    async fn load(tx: &WriteTransaction, call: &Call<StaffDraft>, writing: &Writing<'_>) -> Result<World, Error> {
        let people = People::lock(tx, &call.records.iter().map(Draft::key).collect()).await?;
        let today = civil_date(writing.now);
        Ok(World { people, computed: Computed::load(tx, today).await?, today })
    }

    async fn stored(tx: &WriteTransaction, _: &str, keys: &BTreeSet<&str>) -> Result<Vec<Self>, DbErr> {
        dialect::by_text::<Entity, _>(&**tx, "staff_number", keys).await
    }

    fn writable(&self, world: &World, writing: &Writing<'_>) -> bool {
        let mut current = world.people.postings(self.id).iter().filter(|posting| posting.void_reason.is_none()).peekable();
        writing.scope.is_everything()
            || current.peek().is_none()
            || current.any(|posting| {
                posting.valid_to.is_none_or(|end| end > world.today) && writing.scope.covers(posting.bureau_id, posting.unit_id, self.id)
            })
    }

    fn build(draft: &StaffDraft, meta: Meta, _: &World, _: &Writing<'_>) -> Result<Self, Error> {
        check_date("hiredOn", draft.hired_on.0)?;
        if let Some(left) = draft.separated_on {
            check_date("separatedOn", left.0)?;
            if left <= draft.hired_on {
                let (ja, en) = ("離職日は採用日より後でなければなりません。", "It must be after hiredOn.");
                return Err(Error::input("separatedOn", ja, en));
            }
        }
        if draft.separated_on.is_some() != draft.separation_reason.is_some() {
            let (ja, en) = ("離職日と離職理由は併せて指定してください。", "separatedOn and separationReason go together.");
            return Err(Error::input("separationReason", ja, en));
        }
        if draft.seconded_from.is_some() && draft.origin != Origin::Secondee {
            let (ja, en) = ("出向元は出向者にだけ指定できます。", "Only a secondee is seconded from somewhere.");
            return Err(Error::input("secondedFrom", ja, en));
        }
        if let Some(from) = &draft.seconded_from {
            check_line("secondedFrom", from, 200)?;
        }
        Ok(Self {
            id: StaffId::new(),
            staff_number: draft.staff_number.clone(),
            sex: draft.sex.into(),
            employment: draft.employment.into(),
            origin: draft.origin.into(),
            seconded_from: draft.seconded_from.clone(),
            hired_on: draft.hired_on.0,
            separated_on: draft.separated_on.map(|date| date.0),
            separation_reason: draft.separation_reason.map(Into::into),
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
                // A separation changes the months from its day on.
                let same = |row: &Self| (row.sex, row.employment, row.hired_on, row.void_reason.is_some());
                let day = before.separated_on.into_iter().chain(self.separated_on).min();
                let from = day.filter(|_| same(before) == same(self)).map(entity::period::YearMonth::of);
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

    async fn after<C: ConnectionTrait>(tx: &C, rows: &[&staff::Model]) -> Result<BTreeSet<StaffId>, Error> {
        resolve(tx, rows.iter().map(|row| row.id)).await
    }
}
