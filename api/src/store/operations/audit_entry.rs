//! Acts of the audit trail: the bureaus that they concerned.

use crate::{
    authz::{Action, Noun},
    error::Error,
    store::{Store, page::one_of, scope::Extent, unscoped},
};
use entity::{
    audit_entry_bureau::{Column, Entity, Model},
    ids::AuditEntryId,
};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

impl Store {
    /// The bureaus that acts concerned, as far as the actor sees what was done there, in the order of their ids.
    ///
    /// # Errors
    /// As [`Store::allow`].
    pub async fn audit_entry_bureaus(&self, entries: &[AuditEntryId]) -> Result<Vec<Model>, Error> {
        let scope = self.allow(Action::Read(Noun::AuditEntry))?;
        let mut rows = unscoped::<Entity>().filter(one_of(self.db.backend(), Column::EntryId, entries.iter().map(|id| id.0)));
        if let Extent::Some(bureaus) = scope.bureaus {
            rows = rows.filter(Column::BureauId.is_in(bureaus));
        }
        Ok(rows.order_by_asc(Column::BureauId).all(self.reader()).await?)
    }
}
