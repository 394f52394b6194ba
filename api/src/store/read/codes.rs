//! Codes and numbers as subqueries, for filters that name what callers know instead of ids.

use crate::store::unscoped;
use entity::{bureau, follow_up, period::FiscalYear, plan, staff, unit};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, sea_query::SelectStatement};

fn ids<E: EntityTrait>(id: E::Column, code: E::Column, codes: &[String]) -> SelectStatement {
    unscoped::<E>().select_only().column(id).filter(code.is_in(codes)).into_query()
}

/// Ids of the staff with these numbers.
#[must_use]
pub fn staff(numbers: &[String]) -> SelectStatement {
    ids::<staff::Entity>(staff::Column::Id, staff::Column::StaffNumber, numbers)
}

/// Ids of the bureaus with these codes.
#[must_use]
pub fn bureaus(codes: &[String]) -> SelectStatement {
    ids::<bureau::Entity>(bureau::Column::Id, bureau::Column::Code, codes)
}

/// Ids of the units with these codes.
#[must_use]
pub fn units(codes: &[String]) -> SelectStatement {
    ids::<unit::Entity>(unit::Column::Id, unit::Column::Code, codes)
}

/// Ids of the follow-up's cycles of these fiscal years.
#[must_use]
pub fn follow_ups(years: &[FiscalYear]) -> SelectStatement {
    let of = unscoped::<follow_up::Entity>().select_only().column(follow_up::Column::Id);
    of.filter(follow_up::Column::FiscalYear.is_in(years.iter().copied())).into_query()
}

/// Ids of the plans with these codes.
#[must_use]
pub fn plans(codes: &[String]) -> SelectStatement {
    ids::<plan::Entity>(plan::Column::Id, plan::Column::Code, codes)
}
