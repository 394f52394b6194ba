//! 照会: what a cycle asks of a bureau, and until when.

use crate::ids::{BureauId, DataCallId, FollowUpId};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::entity::prelude::*;

/// One call; with the bureau it is unique in its cycle.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "data_call")]
pub struct Model {
    /// The row's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DataCallId,
    /// The cycle.
    pub follow_up_id: FollowUpId,
    /// The bureau.
    pub bureau_id: BureauId,
    /// The last day on which it is to submit.
    pub due_on: NaiveDate,
    /// When it was called.
    pub called_at: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}
