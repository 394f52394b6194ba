//! Computed indicators: append-only, so that a past vintage is read and never recomputed.

use crate::{
    ids::{IndicatorValueId, JobRunId},
    measure_cell::Span,
    period::YearMonth,
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::entity::prelude::*;

/// The member of a dimension that stands for all of it; null never means "all".
pub const TOTAL: &str = "TOTAL";

/// One value of one indicator, with all its dimensions.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "indicator_value")]
pub struct Model {
    /// The row's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: IndicatorValueId,
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
    /// Numerator, in the indicator's own unit.
    pub numerator: i64,
    /// Denominator; zero means that there were no subjects.
    pub denominator: i64,
    /// The number of persons the numerator rests on.
    pub numerator_persons: i64,
    /// The number of persons the denominator rests on.
    pub denominator_persons: i64,
    /// Of the people, or person-months, that the figure is about, those of whom the records are known; null where it rests on no such records.
    pub covered: Option<i64>,
    /// The people, or person-months, that it is about; null likewise, and of values that were computed before this was counted.
    pub expected: Option<i64>,
    /// The civil date the figure speaks of.
    pub as_of: NaiveDate,
    /// When it was computed.
    pub computed_at: DateTime<Utc>,
    /// The run that computed it.
    pub run_id: JobRunId,
    /// When a later value took its place; null while it is the latest.
    pub superseded_at: Option<DateTime<Utc>>,
    /// The run whose value took its place.
    pub superseded_by: Option<JobRunId>,
    /// Whether it is the one that readers who see no persons meet: the latest, or a former one while the latest is held back.
    pub is_public: bool,
}

impl ActiveModelBehavior for ActiveModel {}
