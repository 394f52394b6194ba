//! Up to which day it is told who came to see a person, and who ceased to, because a posting began or ended: one row.

use chrono::NaiveDate;
use sea_orm::entity::prelude::*;

/// The day.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sight_day")]
pub struct Model {
    /// Always 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    /// The civil date (Asia/Tokyo).
    pub day: NaiveDate,
}

impl ActiveModelBehavior for ActiveModel {}
