//! Who holds a person: the bureau that sees and writes their master data, releases, separates and posts them, and in whose figures they stand.
//!
//! One rule, by the day: the bureau of the main post in force; of who has none, that of the post in which their person-months are placed, which is
//! one whose holder works in the office before another; of who
//! has left, the last one; of who has had no post yet, the bureau for which they were recorded. Who has none of these is held by nobody, and
//! written office-wide alone. [`jobs::holder`] is the same rule in SQL.

use crate::store::{
    Store,
    page::one_of,
    scope::{Extent, RowScope},
    unscoped,
};
use crate::{
    authz::{Action, Noun},
    error::Error,
};
use chrono::NaiveDate;
use entity::{
    ids::{BureauId, StaffId},
    posting::{self, PostingKind},
    staff,
};
use sea_orm::{
    ColumnTrait, Condition, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, SelectStatement, UnionType},
};
use std::{
    cmp::{Reverse, max, min},
    collections::BTreeSet,
};

/// The posting that holds a person on a day, or held them last.
#[must_use]
pub fn holding<'a>(
    person: &staff::Model,
    postings: impl IntoIterator<Item = &'a posting::Model>,
    day: NaiveDate,
) -> Option<&'a posting::Model> {
    let next = day.succ_opt().unwrap_or(day);
    let end = person.separated_on.map_or(next, |left| min(left, next));
    let begun = postings
        .into_iter()
        .filter(|post| post.void_reason.is_none() && max(post.valid_from, person.hired_on) < post.valid_to.map_or(end, |to| min(to, end)));
    begun.min_by_key(|post| {
        let until = post.valid_to.map_or(end, |to| min(to, end));
        (
            Reverse(until),
            post.kind != PostingKind::Primary,
            post.kind != PostingKind::Primary && !post.resident,
            Reverse(post.valid_from),
            post.id,
        )
    })
}

/// The bureau that holds a person on a day.
#[must_use]
pub fn holder(person: &staff::Model, postings: &[posting::Model], day: NaiveDate) -> Option<BureauId> {
    holding(person, postings, day).map(|post| post.bureau_id).or(person.recorded_bureau_id)
}

/// Which rows of `staff` a scope holds: those whose master data it sees. A manager's units hold whom they hold today, not who has left them.
pub(in crate::store) fn held(scope: &RowScope, today: NaiveDate) -> Condition {
    let Extent::Some(bureaus) = &scope.bureaus else { return Condition::all() };
    let holding = unscoped::<posting::Entity>()
        .select_only()
        .column(posting::Column::Id)
        .filter(posting::Column::Id.into_expr().eq(Expr::cust(jobs::holder::holding(today))))
        .filter(
            Condition::any()
                .add(posting::Column::BureauId.is_in(bureaus.iter().copied()))
                .add(Condition::all().add(posting::Column::UnitId.is_in(scope.units.iter().copied())).add(lasts(today))),
        );
    let not_yet = Condition::all()
        .add(staff::Column::RecordedBureauId.is_in(bureaus.iter().copied()))
        .add(Expr::cust(format!("{} IS NULL", jobs::holder::holding(today))));
    let mut condition = Condition::any().add(Expr::exists(holding.into_query())).add(not_yet);
    if let Some(staff_id) = scope.staff_id {
        condition = condition.add(staff::Column::Id.eq(staff_id));
    }
    Condition::all().add(staff::Column::Id.in_subquery(near(scope))).add(condition)
}

/// Which rows of `staff` a scope sees at all: whom it holds, and those who have a post in it now or will have.
pub(in crate::store) fn seen(scope: &RowScope, today: NaiveDate) -> Condition {
    if scope.is_everything() {
        return Condition::all();
    }
    let posted = unscoped::<posting::Entity>()
        .select_only()
        .column(posting::Column::Id)
        .filter(Expr::col((posting::Entity, posting::Column::StaffId)).equals((staff::Entity, staff::Column::Id)))
        .filter(scope.condition(posting::Column::BureauId, posting::Column::UnitId, posting::Column::StaffId))
        .filter(posting::Column::VoidReason.is_null())
        .filter(lasts(today));
    let seen = Condition::any().add(Expr::exists(posted.into_query())).add(held(scope, today));
    Condition::all().add(staff::Column::Id.in_subquery(near(scope))).add(seen)
}

/// Which rows of `posting` are posts of people whom a scope holds, while they last.
pub(in crate::store) fn posted_elsewhere(scope: &RowScope, today: NaiveDate) -> Condition {
    let person = unscoped::<staff::Entity>()
        .select_only()
        .column(staff::Column::Id)
        .filter(Expr::col((staff::Entity, staff::Column::Id)).equals((posting::Entity, posting::Column::StaffId)))
        .filter(held(scope, today));
    // Few people have posts in two bureaus: the cheap conditions come first.
    Condition::all().add(lasts(today)).add(posting::Column::StaffId.in_subquery(near(scope))).add(Expr::exists(person.into_query()))
}

/// The people of whom a scope holds any at all: an index leads to them, so that a bureau's list does not look at everybody else's people.
fn near(scope: &RowScope) -> SelectStatement {
    let mut near = unscoped::<posting::Entity>()
        .select_only()
        .column(posting::Column::StaffId)
        .filter(scope.condition(posting::Column::BureauId, posting::Column::UnitId, posting::Column::StaffId))
        .into_query();
    let mut recorded = Condition::any();
    if let Extent::Some(bureaus) = &scope.bureaus
        && !bureaus.is_empty()
    {
        recorded = recorded.add(staff::Column::RecordedBureauId.is_in(bureaus.iter().copied()));
    }
    if let Some(staff_id) = scope.staff_id {
        recorded = recorded.add(staff::Column::Id.eq(staff_id));
    }
    if !recorded.is_empty() {
        let recorded = unscoped::<staff::Entity>().select_only().column(staff::Column::Id).filter(recorded).into_query();
        near.union(UnionType::Distinct, recorded);
    }
    near
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::store::conflicts::fixture::{day, meta};
    use entity::ids::{PostingId, UnitId};

    fn person(recorded_bureau_id: Option<BureauId>) -> staff::Model {
        let meta = meta();
        staff::Model {
            id: StaffId::new(),
            staff_number: "1".into(),
            staff_number_folded: "1".into(),
            sex: staff::Sex::Female,
            employment: staff::Employment::Regular,
            origin: staff::Origin::Direct,
            seconded_from: None,
            hired_on: day(0),
            separated_on: None,
            separation_reason: None,
            recorded_bureau_id,
            source_version: None,
            void_reason: None,
            revision: 1,
            receipt_id: meta.receipt_id,
            created_at: meta.created_at,
            updated_at: meta.updated_at,
        }
    }

    fn post(of: &staff::Model, kind: PostingKind, from: i64, to: Option<i64>) -> posting::Model {
        posting::Model {
            id: PostingId::new(),
            client: "office".into(),
            external_id: "1".into(),
            staff_id: of.id,
            bureau_id: BureauId::new(),
            unit_id: UnitId::new(),
            kind,
            resident: true,
            band: posting::RankBand::Staff,
            job_area: None,
            subject_to_overtime: true,
            valid_from: day(from),
            valid_to: to.map(day),
            released_on: None,
            released_to: None,
            source_version: None,
            void_reason: None,
            revision: 1,
            receipt_id: of.receipt_id,
            created_at: of.created_at,
            updated_at: of.updated_at,
        }
    }

    #[test]
    fn the_main_post_in_force_holds_and_then_what_reaches_furthest() {
        use PostingKind::{Concurrent, Primary};
        let one = person(None);
        let main = post(&one, Primary, 10, Some(20));
        let (early, late) = (post(&one, Concurrent, 5, None), post(&one, Concurrent, 15, Some(30)));
        let posts = [main.clone(), early.clone(), late.clone()];
        let on = |n: i64| holder(&one, &posts, day(n));
        assert_eq!(on(4), None, "none has begun");
        assert_eq!(on(5), Some(early.bureau_id));
        assert_eq!([10, 19].map(on), [Some(main.bureau_id); 2]);
        assert_eq!([20, 29].map(on), [Some(late.bureau_id); 2], "of posts beside, the one that began last");
        assert_eq!(on(30), Some(early.bureau_id));
        let left = staff::Model { separated_on: Some(day(18)), ..one.clone() };
        assert_eq!([17, 18, 300].map(|n| holder(&left, &posts, day(n))), [Some(main.bureau_id); 3], "the last one, whatever came after");
        let void = posting::Model { void_reason: Some("x".into()), ..main };
        assert_eq!(holder(&one, &[void, early.clone()], day(12)), Some(early.bureau_id));
    }

    #[test]
    fn who_has_no_post_yet_is_held_by_the_bureau_they_were_recorded_for() {
        let bureau = BureauId::new();
        let one = person(Some(bureau));
        let to_come = post(&one, PostingKind::Primary, 10, None);
        let on = |n: i64| holder(&one, std::slice::from_ref(&to_come), day(n));
        assert_eq!((on(9), on(10)), (Some(bureau), Some(to_come.bureau_id)));
        assert_eq!(holder(&person(None), &[], day(9)), None);
        assert!(!RowScope { bureaus: Extent::Some([bureau].into()), ..RowScope::default() }.holds(None));
        assert!(RowScope { bureaus: Extent::All, ..RowScope::default() }.holds(None));
    }
}
