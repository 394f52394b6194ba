//! What a proposed change is to carry out, as it was sent and checked: beside its row, because a plan's document or a call of targets is long.

use crate::ids::PendingChangeId;
use sea_orm::entity::prelude::*;

/// The input of one proposed change.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pending_change_input")]
pub struct Model {
    /// The change.
    #[sea_orm(primary_key, auto_increment = false)]
    pub change_id: PendingChangeId,
    /// What was sent.
    pub input: Json,
}

impl ActiveModelBehavior for ActiveModel {}
