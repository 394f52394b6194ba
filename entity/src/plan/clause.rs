//! 項目: a clause of a plan, in the plan's own numbering.

use crate::ids::{ClauseId, PlanId};
use sea_orm::entity::prelude::*;

/// One clause.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "clause")]
pub struct Model {
    /// The row's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ClauseId,
    /// The plan.
    pub plan_id: PlanId,
    /// The plan's own number, such as `IV-1-(2)-②-ア`; unique in the plan.
    #[sea_orm(column_type = "Text")]
    pub code: String,
    /// The clause above; null for I to VI.
    #[sea_orm(column_type = "Text")]
    pub parent: Option<String>,
    /// Its place in the plan, from 1.
    pub position: i32,
    /// Title in Japanese.
    #[sea_orm(column_type = "Text")]
    pub title_ja: String,
    /// Title in English.
    #[sea_orm(column_type = "Text")]
    pub title_en: String,
    /// Whether it only states a purpose, a period, who sits where or how the plan is followed up, so that neither an indicator nor evidence
    /// is due of it.
    pub states_only: bool,
}

impl ActiveModelBehavior for ActiveModel {}
