//! Whose records of a month changed since readers who see no persons last met the values of the person's bureau: they meet new ones once there
//! are none of them, or at least five, for the difference of two values is a figure too. Rows go before the new
//! values are met, at once those of all who are told of together.

use crate::{
    ids::{BureauId, StaffId},
    period::YearMonth,
    posting::RankBand,
    staff::Sex,
};
use sea_orm::entity::prelude::*;

/// A person's month in a bureau in which it was, or now is.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "changed_person")]
pub struct Model {
    /// The month.
    #[sea_orm(primary_key, auto_increment = false)]
    pub month: YearMonth,
    /// The bureau.
    #[sea_orm(primary_key, auto_increment = false)]
    pub bureau_id: BureauId,
    /// The person.
    #[sea_orm(primary_key, auto_increment = false)]
    pub staff_id: StaffId,
    /// The person's sex.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sex: Sex,
    /// The person's rank band there.
    #[sea_orm(primary_key, auto_increment = false)]
    pub band: RankBand,
    /// 1 while neither the bureau's totals nor the office's tell of it, 2 while the office's alone do, 0 once both may.
    pub of_total: i32,
    /// The same of figures by sex.
    pub of_sex: i32,
    /// The same of figures by band.
    pub of_band: i32,
}

impl ActiveModelBehavior for ActiveModel {}
