//! Writing telework days (テレワーク): one a person and day, which fits into the day with the leave beside it.

use super::{
    away::{self, Away},
    dialect,
    record::{Call, Draft, Recordable, Version, Writing, check_date, dated},
    together::repeated,
};
use crate::{
    authz::Noun,
    error::Error,
    words::{Date, TeleworkPlace},
};
use async_graphql::InputObject;
use chrono::NaiveDate;
use entity::{
    ids::TeleworkDayId,
    record::Meta,
    telework_day::{Entity, Model},
};
use jobs::database::WriteTransaction;
use sea_orm::DbErr;
use serde::{Deserialize, Serialize};

/// One day, or part of one, worked away from the office.
#[derive(Debug, Clone, Serialize, Deserialize, InputObject)]
#[graphql(name = "TeleworkDayInput")]
pub struct TeleworkDayDraft {
    /// Your own key of the telework day.
    pub external_id: String,
    /// The person.
    pub staff_number: String,
    /// The civil date.
    pub date: Date,
    /// Where.
    pub place: TeleworkPlace,
    /// Minutes away from the office, 1 to 465; 465 is a whole standard day.
    #[graphql(default = 465)]
    pub minutes: i32,
    /// Version and voidness.
    #[graphql(flatten)]
    #[serde(flatten)]
    pub version: Version,
}

impl Draft for TeleworkDayDraft {
    fn key(&self) -> &str {
        &self.external_id
    }
    fn version(&self) -> &Version {
        &self.version
    }
}

impl Recordable for Model {
    type Draft = TeleworkDayDraft;
    type World = Away;
    const NOUN: Noun = Noun::TeleworkDay;
    dated!();

    async fn load(tx: &WriteTransaction, call: &Call<TeleworkDayDraft>, _: &Writing<'_>) -> Result<Away, Error> {
        Away::beside_telework(tx, &days(call)).await
    }

    async fn neighbours(tx: &WriteTransaction, call: &Call<TeleworkDayDraft>, away: &Away) -> Result<Vec<Self>, DbErr> {
        dialect::in_windows::<Entity, _>(&**tx, &away.people.windows(days(call).into_iter(), 0)).await
    }

    fn build(draft: &TeleworkDayDraft, meta: Meta, away: &Away, writing: &Writing<'_>) -> Result<Self, Error> {
        check_date("date", draft.date.0)?;
        let place = away.people.place(&draft.staff_number, draft.date.0, writing.scope)?;
        away::check_minutes(draft.minutes)?;
        Ok(Self {
            id: TeleworkDayId::new(),
            client: writing.client.to_owned(),
            external_id: draft.external_id.clone(),
            staff_id: place.staff_id,
            posting_id: place.posting_id,
            bureau_id: place.bureau_id,
            unit_id: place.unit_id,
            date: draft.date.0,
            correction_reason: None,
            place: draft.place.into(),
            minutes: draft.minutes,
            source_version: meta.source_version,
            void_reason: meta.void_reason,
            revision: meta.revision,
            receipt_id: meta.receipt_id,
            created_at: meta.created_at,
            updated_at: meta.updated_at,
        })
    }

    fn conflicts(rows: &[&Self], away: &Away) -> Vec<(usize, Error)> {
        let twice = repeated(rows.iter().map(|row| (row.staff_id, row.date)));
        let mut overfull = away.overfull(rows.iter().map(|row| ((row.staff_id, row.date), row.minutes)));
        overfull.retain(|index| !twice.contains(index));
        let again = || {
            Error::conflict(
                "date",
                "同じ職員のこの日のテレワークが既にあります。",
                "The staff member has a telework day on this date already.",
            )
        };
        let twice = twice.into_iter().map(|index| (index, again()));
        twice.chain(overfull.into_iter().map(|index| (index, away::too_much()))).collect()
    }
}

fn days(call: &Call<TeleworkDayDraft>) -> Vec<(&str, NaiveDate)> {
    call.records.iter().map(|draft| (draft.staff_number.as_str(), draft.date.0)).collect()
}
