//! Of which months and spans it is decided what is withheld: without a row, readers who see no persons see nothing.

use crate::{ids::JobRunId, measure_cell::Span, period::YearMonth, protection::Places};
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// The latest decision of a span; what it withholds of each figure is in `protection`.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "protected_month")]
pub struct Model {
    /// The last month of the span.
    #[sea_orm(primary_key, auto_increment = false)]
    pub month: YearMonth,
    /// The span.
    #[sea_orm(primary_key, auto_increment = false)]
    pub span: Span,
    /// Bureaus of which nothing is shown.
    pub withheld: Places,
    /// The bureaus that appeared in the office's total alone when it was decided: others than now, and it is decided anew.
    pub total_only: Places,
    /// The run that decided it.
    pub run_id: JobRunId,
    /// When.
    pub decided_at: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}
