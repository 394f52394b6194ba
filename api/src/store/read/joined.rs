//! What comes along with a list in its own statement: number, bureau and unit of each row's person, as whole rows or as single columns.
//!
//! Deliberately absent: everything else that hangs on a row, which comes by the request's loaders.

use crate::authz::{Action, Noun};
use crate::store::{Store, page::Listed};
use entity::{
    bureau,
    ids::{BureauId, StaffId, UnitId},
    staff, unit,
};
use sea_orm::{
    ColumnTrait, DbErr, FromQueryResult, IdenStatic, Iterable, QueryResult, QuerySelect, QueryTrait, Select, TryGetable,
    sea_query::{Expr, ExprTrait, SelectStatement},
};
use std::collections::{HashMap, hash_map::Entry};

/// Prefixes of the columns that came along.
const BUREAU: &str = "along_bureau_";
const UNIT: &str = "along_unit_";
const STAFF: &str = "along_staff_";

/// What is to come along.
#[derive(Debug, Clone, Copy, Default)]
pub struct Joined {
    /// The person's number.
    pub staff_number: bool,
    /// The bureau.
    pub bureau: bool,
    /// The unit.
    pub unit: bool,
}

/// The columns by which a table leads to person, bureau and unit.
#[derive(Debug, Clone, Copy)]
pub struct Place<C> {
    /// To the person.
    pub staff: C,
    /// To the bureau.
    pub bureau: C,
    /// To the unit.
    pub unit: C,
}

/// What came along, by key, each once.
#[derive(Debug, Default)]
pub struct JoinedRows {
    /// The people's numbers.
    pub staff_numbers: HashMap<StaffId, String>,
    /// The bureaus.
    pub bureaus: HashMap<BureauId, bureau::Model>,
    /// The units.
    pub units: HashMap<UnitId, unit::Model>,
}

/// One column that a sheet is made of.
#[derive(Debug, Clone, Copy)]
pub enum Asked<C> {
    /// The table's own.
    Own(C),
    /// The person's number.
    StaffNumber,
    /// Of the bureau.
    Bureau(bureau::Column),
    /// Of the unit.
    Unit(unit::Column),
}

/// A row of a sheet: its columns, by place.
pub struct ProjectedRow {
    pub(in crate::store) row: QueryResult,
    /// The list's own keys, which stand before the columns.
    pub(in crate::store) skip: usize,
}

impl ProjectedRow {
    /// The value of a column.
    ///
    /// # Errors
    /// A column that is missing or of another type.
    pub fn get<T: TryGetable>(&self, at: usize) -> Result<T, DbErr> {
        self.row.try_get_by_index(self.skip + at)
    }
}

impl Store {
    /// Joins what is to come along and the actor may read; a person's number is a part of every row about them. Returns what was joined.
    pub(in crate::store) fn join_along<E: Listed>(&self, select: &mut Select<E>, along: Joined) -> Joined {
        let Some(place) = E::PLACE else { return Joined::default() };
        let along = Joined {
            bureau: along.bureau && self.may(Action::Read(Noun::Bureau)),
            unit: along.unit && self.may(Action::Read(Noun::Unit)),
            ..along
        };
        let query = QueryTrait::query(select);
        if along.staff_number {
            join(query, staff::Column::Id, place.staff);
            take(query, &[staff::Column::StaffNumber], STAFF);
        }
        if along.bureau {
            join(query, bureau::Column::Id, place.bureau);
            take(query, &bureau::Column::iter().collect::<Vec<_>>(), BUREAU);
        }
        if along.unit {
            join(query, unit::Column::Id, place.unit);
            take(query, &unit::Column::iter().collect::<Vec<_>>(), UNIT);
        }
        along
    }
}

impl JoinedRows {
    /// Takes what came along with a row, each bureau and unit once.
    pub(in crate::store) fn take<C: IdenStatic>(&mut self, row: &QueryResult, place: Place<C>, along: Joined) -> Result<(), DbErr> {
        if along.staff_number {
            self.staff_numbers.insert(row.try_get("", place.staff.as_str())?, row.try_get(STAFF, staff::Column::StaffNumber.as_str())?);
        }
        if along.bureau {
            keep(&mut self.bureaus, row, place.bureau.as_str(), BUREAU)?;
        }
        if along.unit {
            keep(&mut self.units, row, place.unit.as_str(), UNIT)?;
        }
        Ok(())
    }
}

/// A select of these columns alone, the list's own keys before them.
pub(in crate::store) fn only<E: Listed>(select: Select<E>, keys: &[E::Column], columns: &[Asked<E::Column>]) -> Select<E> {
    let mut select = select.select_only();
    let query = QueryTrait::query(&mut select);
    if let Some(place) = E::PLACE {
        if columns.iter().any(|column| matches!(column, Asked::StaffNumber)) {
            join(query, staff::Column::Id, place.staff);
        }
        if columns.iter().any(|column| matches!(column, Asked::Bureau(_))) {
            join(query, bureau::Column::Id, place.bureau);
        }
        if columns.iter().any(|column| matches!(column, Asked::Unit(_))) {
            join(query, unit::Column::Id, place.unit);
        }
    }
    for key in keys {
        query.expr(Expr::col(key.as_column_ref()));
    }
    for column in columns {
        match column {
            Asked::Own(column) => query.expr(Expr::col(column.as_column_ref())),
            Asked::StaffNumber => query.expr(Expr::col(staff::Column::StaffNumber.as_column_ref())),
            Asked::Bureau(column) => query.expr(Expr::col(column.as_column_ref())),
            Asked::Unit(column) => query.expr(Expr::col(column.as_column_ref())),
        };
    }
    select
}

/// Joins the row that a foreign key leads to; it is there, or the key could not be.
fn join<C: ColumnTrait, B: ColumnTrait>(query: &mut SelectStatement, id: C, by: B) {
    query.inner_join(id.entity_name(), Expr::col(id.as_column_ref()).equals(by.as_column_ref()));
}

fn take<C: ColumnTrait>(query: &mut SelectStatement, columns: &[C], prefix: &str) {
    for column in columns {
        query.expr_as(column.select_as(Expr::col(column.as_column_ref())), format!("{prefix}{}", column.as_str()));
    }
}

/// Keeps a row that came along, unless it has come already.
fn keep<K, M>(kept: &mut HashMap<K, M>, row: &QueryResult, by: &str, prefix: &str) -> Result<(), DbErr>
where
    K: std::hash::Hash + Eq + TryGetable,
    M: FromQueryResult,
{
    if let Entry::Vacant(place) = kept.entry(row.try_get("", by)?) {
        place.insert(M::from_query_result(row, prefix)?);
    }
    Ok(())
}
