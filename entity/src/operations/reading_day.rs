//! Reading about persons in one's own bureau, which is an officer's and a manager's daily work: counted by the day, until the seal job makes an
//! entry of the audit trail of each row of a day that is over.

use crate::ids::BureauId;
use chrono::NaiveDate;
use sea_orm::entity::prelude::*;

/// What one subject read of one noun in one bureau on one day.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reading_day")]
pub struct Model {
    /// The civil date in Tokyo.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: NaiveDate,
    /// The token's subject.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub subject: String,
    /// The bureau to which the rows belong; where none was found, the one in which the subject looked.
    #[sea_orm(primary_key, auto_increment = false)]
    pub bureau_id: BureauId,
    /// Of which table.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub noun: String,
    /// The roles in which the first request of the day was made.
    #[sea_orm(column_type = "Text")]
    pub roles: String,
    /// How many requests.
    pub reads: i64,
    /// How many rows they were shown or told the number of.
    pub concerned: i64,
}

impl ActiveModelBehavior for ActiveModel {}
