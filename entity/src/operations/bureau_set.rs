//! Sets of bureaus, by which acts of the audit trail name whom they concerned.

use crate::ids::{BureauId, BureauSetId};
use sea_orm::entity::prelude::*;

/// One bureau of a set, which is written once and never changes.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bureau_set")]
pub struct Model {
    /// The set: the hash of its bureaus' ids.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: BureauSetId,
    /// Where it stands among the set's bureaus, in the order of their ids, from 0 on.
    #[sea_orm(primary_key, auto_increment = false)]
    pub place: i32,
    /// The bureau.
    pub bureau_id: BureauId,
}

impl ActiveModelBehavior for ActiveModel {}
