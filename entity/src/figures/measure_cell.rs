//! Measures: sums and counts by month, bureau, unit, sex, band and standing, from which every indicator is made.

use crate::{
    ids::{BureauId, JobRunId, UnitId},
    period::YearMonth,
    person_month::Standing,
    posting::RankBand,
    staff::Sex,
    text_enum::text_enum,
};
use sea_orm::entity::prelude::*;

text_enum! {
    /// The span of a figure, named by its last month.
    Span {
        /// The month alone, from its first to its last civil day.
        Month,
        /// From April, in which the fiscal year begins, up to and with the month.
        FiscalYearToDate,
        /// From January up to and with the month.
        CalendarYearToDate,
    }
}

/// One cell that is not zero.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "measure_cell")]
pub struct Model {
    /// The span.
    #[sea_orm(primary_key, auto_increment = false)]
    pub span: Span,
    /// Its last month.
    #[sea_orm(primary_key, auto_increment = false)]
    pub month: YearMonth,
    /// The bureau.
    #[sea_orm(primary_key, auto_increment = false)]
    pub bureau_id: BureauId,
    /// The unit.
    #[sea_orm(primary_key, auto_increment = false)]
    pub unit_id: UnitId,
    /// The sex.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sex: Sex,
    /// The rank band.
    #[sea_orm(primary_key, auto_increment = false)]
    pub band: RankBand,
    /// How the persons stand to the office.
    #[sea_orm(primary_key, auto_increment = false)]
    pub standing: Standing,
    /// The measure's code.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub measure: String,
    /// Minutes, days or persons, as the measure says.
    pub value: i64,
    /// The number of persons the value rests on.
    pub persons: i64,
    /// The run that computed it.
    pub run_id: JobRunId,
}

impl ActiveModelBehavior for ActiveModel {}
