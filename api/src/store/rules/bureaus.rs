//! The bureaus that a record of one bureau or of the whole office may name.

use crate::error::Error;
use crate::store::unscoped;
use entity::{bureau, ids::BureauId};
use jobs::database::WriteTransaction;
use std::collections::HashMap;

/// All bureaus that count, by code; there are some dozens.
#[derive(Default)]
pub struct Bureaus(HashMap<String, BureauId>);

impl Bureaus {
    /// Loads them.
    pub(in crate::store) async fn load(tx: &WriteTransaction) -> Result<Self, Error> {
        let bureaus = unscoped::<bureau::Entity>().all(&**tx).await?;
        Ok(Self(bureaus.into_iter().filter(|bureau| bureau.void_reason.is_none()).map(|bureau| (bureau.code, bureau.id)).collect()))
    }

    /// The bureau with this code, or none for the whole office.
    ///
    /// # Errors
    /// `NOT_FOUND` in `bureau`.
    pub fn named(&self, code: Option<&str>) -> Result<Option<BureauId>, Error> {
        let found = code.map(|code| self.0.get(code).copied().ok_or_else(|| Error::not_found("bureau", "部局", "bureau")));
        found.transpose()
    }

    /// The one bureau, or all of the office.
    #[must_use]
    pub fn of(&self, bureau: Option<BureauId>) -> Vec<BureauId> {
        bureau.map_or_else(|| self.0.values().copied().collect(), |bureau| vec![bureau])
    }

    /// Bureaus for a test, with ids 1, 2, 3, …
    #[cfg(test)]
    pub(in crate::store) fn with(codes: &[&str]) -> Self {
        Self(codes.iter().zip(1..).map(|(code, id)| ((*code).to_owned(), BureauId(uuid::Uuid::from_u128(id)))).collect())
    }
}
