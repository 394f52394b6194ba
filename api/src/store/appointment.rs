//! Writing appointments (登用): a person's move from one rank band to another, once a day.

use super::{
    dialect,
    people::People,
    record::{Call, Draft, Recordable, Version, Writing, check_date, dated},
    together::repeated,
};
use crate::{
    authz::Noun,
    error::Error,
    words::{Date, RankBand},
};
use async_graphql::InputObject;
use entity::{
    appointment::{Entity, Model},
    ids::AppointmentId,
    record::Meta,
};
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
    /// The day from which it holds.
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

impl Draft for AppointmentDraft {
    fn key(&self) -> &str {
        &self.external_id
    }
    fn version(&self) -> &Version {
        &self.version
    }
}

impl Recordable for Model {
    type Draft = AppointmentDraft;
    type World = People;
    const NOUN: Noun = Noun::Appointment;
    dated!();

    async fn load(tx: &WriteTransaction, call: &Call<AppointmentDraft>, writing: &Writing<'_>) -> Result<People, Error> {
        People::lock(tx, &call.records.iter().map(|draft| draft.staff_number.as_str()).collect(), writing).await
    }

    async fn neighbours(tx: &WriteTransaction, call: &Call<AppointmentDraft>, people: &People) -> Result<Vec<Self>, DbErr> {
        let days = call.records.iter().map(|draft| (draft.staff_number.as_str(), draft.date.0));
        dialect::in_windows::<Entity, _>(&**tx, &people.windows(days, 0)).await
    }

    fn build(draft: &AppointmentDraft, meta: Meta, people: &People, writing: &Writing<'_>) -> Result<Self, Error> {
        check_date("date", draft.date.0)?;
        let place = people.held_place(&draft.staff_number, draft.date.0, writing.scope)?;
        if draft.from_band == Some(draft.to_band) {
            return Err(Error::input("toBand", "異動前と同じ役職段階です。", "It is the band that is left."));
        }
        Ok(Self {
            id: AppointmentId::new(),
            client: writing.client.to_owned(),
            external_id: draft.external_id.clone(),
            staff_id: place.staff_id,
            posting_id: place.posting_id,
            bureau_id: place.bureau_id,
            unit_id: place.unit_id,
            date: draft.date.0,
            correction_reason: None,
            from_band: draft.from_band.map(Into::into),
            to_band: draft.to_band.into(),
            source_version: meta.source_version,
            void_reason: meta.void_reason,
            revision: meta.revision,
            receipt_id: meta.receipt_id,
            created_at: meta.created_at,
            updated_at: meta.updated_at,
        })
    }

    fn conflicts(rows: &[&Self], _: &People) -> Vec<(usize, Error)> {
        let twice = || {
            Error::conflict("date", "同じ職員のこの日の登用が既にあります。", "The staff member has an appointment on this date already.")
        };
        repeated(rows.iter().map(|row| (row.staff_id, row.date))).into_iter().map(|index| (index, twice())).collect()
    }
}
