//! Values of indicators that were withdrawn, as they were. They are rows of no other table any more, so that no reader of figures meets them.

use crate::{
    ids::{IndicatorValueId, JobRunId, VintageWithdrawalId},
    measure_cell::Span,
    period::YearMonth,
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::entity::prelude::*;

/// One value that was withdrawn; the columns of `indicator_value`, described there.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "withdrawn_value")]
pub struct Model {
    /// The row's key, which it had as a value.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: IndicatorValueId,
    /// The withdrawal.
    pub withdrawal_id: VintageWithdrawalId,
    /// The indicator's code.
    #[sea_orm(column_type = "Text")]
    pub indicator: String,
    /// The version of its definition.
    pub version: i32,
    /// The span.
    pub span: Span,
    /// Its last month.
    pub month: YearMonth,
    /// Code of the bureau, or TOTAL.
    #[sea_orm(column_type = "Text")]
    pub bureau: String,
    /// Code of the sex, or TOTAL.
    #[sea_orm(column_type = "Text")]
    pub sex: String,
    /// Code of the rank band, or TOTAL.
    #[sea_orm(column_type = "Text")]
    pub band: String,
    /// Numerator.
    pub numerator: i64,
    /// Denominator.
    pub denominator: i64,
    /// The number of persons the numerator rested on.
    pub numerator_persons: i64,
    /// The number of persons the denominator rested on.
    pub denominator_persons: i64,
    /// Of whom the records were known.
    pub covered: Option<i64>,
    /// Whom it was about.
    pub expected: Option<i64>,
    /// The civil date the figure spoke of.
    pub as_of: NaiveDate,
    /// When it was computed.
    pub computed_at: DateTime<Utc>,
    /// The run that computed it.
    pub run_id: JobRunId,
    /// When a later value had taken its place; null where it was the latest.
    pub superseded_at: Option<DateTime<Utc>>,
    /// The run whose value had taken its place.
    pub superseded_by: Option<JobRunId>,
    /// Whether readers who see no persons met it.
    pub is_public: bool,
}

impl ActiveModelBehavior for ActiveModel {}
