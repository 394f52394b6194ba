//! The history of schedules: what each version said, who made it, and why.

use crate::{
    ids::JobScheduleId,
    job_schedule::{Misfire, Overlap},
};
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// One version of a schedule, the present one included.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job_schedule_version")]
pub struct Model {
    /// The schedule.
    #[sea_orm(primary_key, auto_increment = false)]
    pub schedule_id: JobScheduleId,
    /// Its version.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    /// As in the schedule.
    #[sea_orm(column_type = "Text")]
    pub cron: String,
    /// As in the schedule.
    #[sea_orm(column_type = "Text")]
    pub zone: String,
    /// As in the schedule.
    pub enabled: bool,
    /// As in the schedule.
    pub misfire: Misfire,
    /// As in the schedule.
    pub catch_up_seconds: i64,
    /// As in the schedule.
    pub overlap: Overlap,
    /// When it was made.
    pub changed_at: DateTime<Utc>,
    /// By whom.
    #[sea_orm(column_type = "Text")]
    pub changed_by: String,
    /// Why.
    #[sea_orm(column_type = "Text")]
    pub reason: Option<String>,
    /// As in the schedule.
    pub expected_within_minutes: i32,
}

impl ActiveModelBehavior for ActiveModel {}
