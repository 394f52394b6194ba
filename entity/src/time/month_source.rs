//! What a bureau says with the submission of a month: which sources are complete.

use crate::{ids::MonthCloseId, text_enum::text_enum};
use sea_orm::entity::prelude::*;

text_enum! {
    /// What a bureau's records of a month come from.
    RecordSource {
        /// Presence: when people came and went (出退勤).
        Presence,
        /// Overtime as ordered or as it follows from presence (超過勤務).
        Overtime,
        /// Telework days (テレワーク).
        Telework,
        /// Leave (休暇).
        Leave,
        /// Hires (採用).
        Hires,
        /// Appointments to posts (登用).
        Appointments,
    }
}

/// A source that was complete when the month was submitted.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "month_source")]
pub struct Model {
    /// The bureau's month.
    #[sea_orm(primary_key, auto_increment = false)]
    pub month_close_id: MonthCloseId,
    /// The source.
    #[sea_orm(primary_key, auto_increment = false)]
    pub source: RecordSource,
    /// Its records then; 0 says that there was nothing (該当なし).
    pub records: i64,
}

impl ActiveModelBehavior for ActiveModel {}
