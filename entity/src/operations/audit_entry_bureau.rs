//! Whose people an act of the audit trail concerned: the bureaus that are told of it, whoever acted.

use crate::ids::{AuditEntryId, BureauId};
use sea_orm::entity::prelude::*;

/// One bureau that one act concerned. It is sealed with the act.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_entry_bureau")]
pub struct Model {
    /// The act.
    #[sea_orm(primary_key, auto_increment = false)]
    pub entry_id: AuditEntryId,
    /// The bureau that holds the people, or to which the rows belong.
    #[sea_orm(primary_key, auto_increment = false)]
    pub bureau_id: BureauId,
    /// How many: rows that were read or counted, people whose records were written; 0 where the act was done in the bureau and counts neither.
    pub concerned: i64,
}

impl ActiveModelBehavior for ActiveModel {}
