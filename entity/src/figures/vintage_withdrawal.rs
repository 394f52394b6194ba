//! The withdrawal of a vintage: values that one run computed of indicators, and that were wrong. They are out of every list, and kept in
//! `withdrawn_value`.

use crate::{
    ids::{JobRunId, VintageWithdrawalId},
    period::YearMonth,
};
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// One withdrawal. It stands for good: what is to be there again is computed anew.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "vintage_withdrawal")]
pub struct Model {
    /// The row's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: VintageWithdrawalId,
    /// The run that computed the values.
    pub run_id: JobRunId,
    /// The last month of their spans; null for all months that the run computed.
    pub month: Option<YearMonth>,
    /// The codes of their indicators, separated by spaces; null for all.
    #[sea_orm(column_type = "Text")]
    pub indicators: Option<String>,
    /// How many values there were.
    pub value_count: i64,
    /// When.
    pub withdrawn_at: DateTime<Utc>,
    /// By whom.
    #[sea_orm(column_type = "Text")]
    pub withdrawn_by: String,
    /// Why, as given.
    #[sea_orm(column_type = "Text")]
    pub reason: String,
}

impl ActiveModelBehavior for ActiveModel {}
