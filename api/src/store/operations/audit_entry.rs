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
use sea_orm::{QueryFilter, QueryOrder};
use std::collections::HashMap;

/// Whom an act concerned.
#[derive(Debug, Clone)]
pub struct Concerned {
    /// The bureaus in which the actor sees what was done, in the order of their ids.
    pub seen: Vec<Model>,
    /// Whether it concerned no other bureau.
    pub is_all: bool,
}

impl Store {
    /// Whom acts concerned; an act that concerned no bureau is not among them.
    ///
    /// # Errors
    /// As [`Store::allow`].
    pub async fn concerned(&self, entries: &[AuditEntryId]) -> Result<HashMap<AuditEntryId, Concerned>, Error> {
        let scope = self.allow(Action::Read(Noun::AuditEntry))?;
        let rows = unscoped::<Entity>().filter(one_of(self.db.backend(), Column::EntryId, entries.iter().map(|id| id.0)));
        let mut concerned: HashMap<_, Concerned> = HashMap::new();
        for row in rows.order_by_asc(Column::BureauId).all(self.reader()).await? {
            let act = concerned.entry(row.entry_id).or_insert(Concerned { seen: Vec::new(), is_all: true });
            match &scope.bureaus {
                Extent::Some(bureaus) if !bureaus.contains(&row.bureau_id) => act.is_all = false,
                _ => act.seen.push(row),
            }
        }
        Ok(concerned)
    }
}
