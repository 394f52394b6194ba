//! Who holds a person, as a condition of selects: the bureau that sees and writes their master data, releases, separates and posts them, and in
//! whose figures they stand.
//!
//! The rule is `entity::holding::derive`'s, and its rows are all that is read here: nothing decides anew who holds a person.

use crate::store::{
    Store,
    dialect::among,
    page::one_of,
    scope::{Extent, RowScope},
    unscoped,
};
use crate::{
    authz::{Action, Noun},
    error::Error,
};
use chrono::NaiveDate;
use entity::{employment, holding, ids::StaffId, posting, staff};
use sea_orm::{
    ColumnTrait, Condition, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{SelectStatement, UnionType},
};
use std::collections::BTreeSet;

/// The people whom a scope holds on a day. A manager's units hold whom they hold by a post in force, not who has left them.
fn held_people(scope: &RowScope, day: NaiveDate) -> SelectStatement {
    let mut held = unscoped::<holding::Entity>()
        .select_only()
        .column(holding::Column::StaffId)
        .filter(holding::Column::ValidFrom.lte(day))
        .filter(Condition::any().add(holding::Column::ValidTo.is_null()).add(holding::Column::ValidTo.gt(day)));
    if let Extent::Some(bureaus) = &scope.bureaus {
        let mut within = Condition::any().add(holding::Column::BureauId.is_in(bureaus.iter().copied()));
        if !scope.units.is_empty() {
            within = within.add(holding::Column::UnitId.is_in(scope.units.iter().copied()));
        }
        held = held.filter(within);
    }
    held.into_query()
}

/// The rows of `person`, a column with people's keys, whom a scope holds on a day, the actor among them.
pub(in crate::store) fn held_of(person: impl ColumnTrait, scope: &RowScope, day: NaiveDate) -> Condition {
    if scope.is_everything() {
        return Condition::all();
    }
    let held = Condition::any().add(person.in_subquery(held_people(scope, day)));
    match scope.staff_id {
        Some(staff_id) => held.add(person.eq(staff_id)),
        None => held,
    }
}

/// Which rows of `staff` a scope holds: those whose master data it sees.
pub(in crate::store) fn held(scope: &RowScope, today: NaiveDate) -> Condition {
    held_of(staff::Column::Id, scope, today)
}

/// Which rows of `staff` a scope sees at all: whom it holds, and those who have a post in it now or will have.
pub(in crate::store) fn seen(scope: &RowScope, today: NaiveDate) -> Condition {
    if scope.is_everything() {
        return Condition::all();
    }
    let mut seen = unscoped::<posting::Entity>()
        .select_only()
        .column(posting::Column::StaffId)
        .filter(scope.condition(posting::Column::BureauId, posting::Column::UnitId, posting::Column::StaffId))
        .filter(posting::Column::VoidReason.is_null())
        .filter(lasts(today))
        .into_query();
    seen.union(UnionType::Distinct, held_people(scope, today));
    let seen = Condition::any().add(among(staff::Column::Id, seen, scope.arrays));
    match scope.staff_id {
        Some(staff_id) => seen.add(staff::Column::Id.eq(staff_id)),
        None => seen,
    }
}

/// Which rows of `posting` are posts of people whom a scope holds, while they last.
pub(in crate::store) fn posted_elsewhere(scope: &RowScope, today: NaiveDate) -> Condition {
    Condition::all().add(lasts(today)).add(held_of(posting::Column::StaffId, scope, today))
}

/// A post that is in force on a day, or will be.
pub(in crate::store) fn lasts(day: NaiveDate) -> Condition {
    Condition::any().add(posting::Column::ValidTo.is_null()).add(posting::Column::ValidTo.gt(day))
}

impl Store {
    /// Which rows of `staff` the actor holds, as a condition: what a filter or an order tells of master data, it tells of these.
    ///
    /// # Errors
    /// As [`Store::allow`].
    pub fn held_staff(&self) -> Result<Condition, Error> {
        Ok(held(&self.allow(Action::Read(Noun::Staff))?, self.today()))
    }

    /// Which of these people the actor holds.
    ///
    /// # Errors
    /// As [`Store::allow`].
    pub async fn held_of(&self, ids: &[StaffId]) -> Result<BTreeSet<StaffId>, Error> {
        let scope = self.allow(Action::Read(Noun::Staff))?;
        if scope.is_everything() {
            return Ok(ids.iter().copied().collect());
        }
        let of = one_of(self.db.backend(), staff::Column::Id, ids.iter().map(|id| id.0));
        let query = unscoped::<staff::Entity>().select_only().column(staff::Column::Id).filter(of).filter(held(&scope, self.today()));
        Ok(query.into_tuple::<StaffId>().all(self.reader()).await?.into_iter().collect())
    }

    /// The people whom the actor holds and who are in the office's employment on a day.
    ///
    /// # Errors
    /// As [`Store::allow`].
    pub fn employed_on(&self, day: NaiveDate) -> Result<SelectStatement, Error> {
        let periods = self
            .select::<employment::Entity>()?
            .select_only()
            .column(employment::Column::StaffId)
            .filter(employment::Column::VoidReason.is_null())
            .filter(employment::Column::ValidFrom.lte(day))
            .filter(Condition::any().add(employment::Column::ValidTo.is_null()).add(employment::Column::ValidTo.gt(day)));
        Ok(periods.into_query())
    }

    /// The people who hold a post that counts and that the actor sees in one of these bureaus today, by code.
    ///
    /// # Errors
    /// As [`Store::allow`].
    pub fn posted_in(&self, codes: &[String]) -> Result<SelectStatement, Error> {
        let today = self.today();
        let posts = self
            .select::<posting::Entity>()?
            .select_only()
            .column(posting::Column::StaffId)
            .filter(posting::Column::BureauId.in_subquery(crate::store::codes::bureaus(codes)))
            .filter(posting::Column::VoidReason.is_null())
            .filter(posting::Column::ValidFrom.lte(today))
            .filter(lasts(today));
        Ok(posts.into_query())
    }
}
