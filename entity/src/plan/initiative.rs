//! 取組: what the plan has bureaus do; the categories under which they report it.

use crate::ids::{InitiativeId, PlanId};
use chrono::NaiveDate;
use sea_orm::entity::prelude::*;

/// One initiative of a plan.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "initiative")]
pub struct Model {
    /// The row's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InitiativeId,
    /// The plan.
    pub plan_id: PlanId,
    /// Its code, such as `ON_TIME_DAYS`; unique in the plan.
    #[sea_orm(column_type = "Text")]
    pub code: String,
    /// The clause that it belongs to.
    #[sea_orm(column_type = "Text")]
    pub clause: String,
    /// Its place in the plan, from 1.
    pub position: i32,
    /// Name in Japanese.
    #[sea_orm(column_type = "Text")]
    pub name_ja: String,
    /// Name in English.
    #[sea_orm(column_type = "Text")]
    pub name_en: String,
    /// First day in force.
    pub valid_from: NaiveDate,
    /// First day no longer in force.
    pub valid_to: NaiveDate,
}

impl ActiveModelBehavior for ActiveModel {}
