//! 取組計画: a plan as data. Its clauses, measures and the items that bureaus submit stand in tables of their own; its targets are `target`.
//!
//! A plan is loaded whole from a file, and again with what changed; a later plan needs no new code. Deliberately absent: the plan's wording.

pub mod clause;
pub mod initiative;
pub mod submission_item;
pub mod target;

use crate::ids::PlanId;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::entity::prelude::*;

/// One plan.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "plan")]
pub struct Model {
    /// The row's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PlanId,
    /// Its code, such as `CAS-2015`.
    #[sea_orm(unique, column_type = "Text")]
    pub code: String,
    /// Name in Japanese.
    #[sea_orm(column_type = "Text")]
    pub name_ja: String,
    /// Name in English.
    #[sea_orm(column_type = "Text")]
    pub name_en: String,
    /// The day on which it was decided.
    pub decided_on: NaiveDate,
    /// Its first day.
    pub valid_from: NaiveDate,
    /// The first day after it.
    pub valid_to: NaiveDate,
    /// Which date or year each figure of the follow-up takes, how its tables are protected, and who publishes on what terms.
    pub settings: Json,
    /// Counts the loads that changed something, from 1.
    pub revision: i32,
    /// SHA-256 of the file as it was loaded, in hexadecimal.
    #[sea_orm(column_type = "Text")]
    pub sha256: String,
    /// When it was last loaded.
    pub loaded_at: DateTime<Utc>,
    /// Who loaded it.
    #[sea_orm(column_type = "Text")]
    pub loaded_by: String,
}

impl ActiveModelBehavior for ActiveModel {}
