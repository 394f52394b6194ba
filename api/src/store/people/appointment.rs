//! Writing appointments (登用): a person's move from one rank band to another, once a day.

use crate::store::{
    conflicts::repeated,
    dialect,
    record::{Call, Doubt, Look, RecordNoun, Version, Writing, Written, record_draft},
    rules::{doubts, people::People},
};
use crate::{
    authz::Noun,
    error::Error,
    words::{Date, RankBand},
};
use async_graphql::InputObject;
use entity::appointment::{Entity, Model, Own};
use jobs::database::WriteTransaction;
use sea_orm::DbErr;
use serde::{Deserialize, Serialize};

/// One appointment.
#[derive(Debug, Clone, Serialize, Deserialize, InputObject)]
#[graphql(name = "AppointmentInput")]
pub struct AppointmentDraft {
    /// Your own key of the appointment.
    pub external_id: String,
    /// The person.
    pub staff_number: String,
    /// The day from which it holds, at most 60 days ahead.
    pub date: Date,
    /// The band left; null for a first appointment.
    pub from_band: Option<RankBand>,
    /// The band entered.
    pub to_band: RankBand,
    /// Version and voidness.
    #[graphql(flatten)]
    #[serde(flatten)]
    pub version: Version,
}

record_draft!(dated AppointmentDraft, "Appointments");

impl RecordNoun for Model {
    type Draft = AppointmentDraft;
    type World = People;
    const NOUN: Noun = Noun::Appointment;
    const OF_THE_WHOLE_PERSON: bool = true;

    async fn load(tx: &WriteTransaction, call: &Call<AppointmentDraft>, writing: &Writing<'_>) -> Result<People, Error> {
        People::of(tx, call, writing).await
    }

    async fn neighbours(tx: &WriteTransaction, call: &Call<AppointmentDraft>, people: &People) -> Result<Vec<Self>, DbErr> {
        let days = call.records.iter().map(|draft| (draft.staff_number.as_str(), draft.date.0));
        dialect::in_windows::<Entity, _>(&**tx, &people.windows(days, 0)).await
    }

    fn own(draft: &AppointmentDraft, _: &People, _: &Writing<'_>) -> Result<Own, Error> {
        if draft.from_band == Some(draft.to_band) {
            return Err(Error::input("toBand", "異動前と同じ役職段階です。", "It is the band that is left."));
        }
        Ok(Own { from_band: draft.from_band, to_band: draft.to_band })
    }

    fn conflicts(rows: &[&Self], _: &People) -> Vec<(usize, Error)> {
        let twice = || {
            Error::conflict("date", "同じ職員のこの日の登用が既にあります。", "The staff member has an appointment on this date already.")
        };
        repeated(rows.iter().map(|row| (row.staff_id, row.date))).into_iter().map(|(index, other)| (index, twice().beside(other))).collect()
    }

    async fn doubts(
        _: &Look<'_>,
        written: &[Written<'_, Self, AppointmentDraft>],
        _: &[&Self],
        _: &People,
    ) -> Result<Vec<(usize, Doubt)>, Error> {
        let of = |row: &Self| doubts::appointment(row.from_band, row.to_band);
        Ok(written.iter().enumerate().filter_map(|(at, record)| Some((at, of(record.row)?))).collect())
    }
}
