//! Row scope: what an actor's reach means for each table, as a condition that goes into every select.

use super::{holder::held_of, joined::Place, page::Listed};
use crate::authz::Noun;
use chrono::NaiveDate;
use entity::{
    ids::{BureauId, StaffId, UnitId},
    period::YearMonth,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};
use std::collections::BTreeSet;

/// All, or some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extent<T> {
    /// All there are, also those to come.
    All,
    /// These.
    Some(BTreeSet<T>),
}

impl<T: Ord> Extent<T> {
    /// Whether it holds `item`.
    pub fn holds(&self, item: &T) -> bool {
        match self {
            Self::All => true,
            Self::Some(items) => items.contains(item),
        }
    }
}

/// The rows that one act of one actor may touch; the parts add up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowScope {
    /// Rows of these bureaus.
    pub bureaus: Extent<BureauId>,
    /// Rows of these units.
    pub units: BTreeSet<UnitId>,
    /// Rows about this person.
    pub staff_id: Option<StaffId>,
    /// Rows that have been published.
    pub published: bool,
    /// What auditors of an inquiry read, too.
    pub inquiries: bool,
    /// Whether the engine takes what a subquery finds as one array.
    pub arrays: bool,
}

impl Default for RowScope {
    fn default() -> Self {
        Self {
            bureaus: Extent::Some(BTreeSet::new()),
            units: BTreeSet::new(),
            staff_id: None,
            published: false,
            inquiries: false,
            arrays: false,
        }
    }
}

impl RowScope {
    /// Whether a row with this bureau, unit and person lies in it.
    #[must_use]
    pub fn covers(&self, bureau: BureauId, unit: UnitId, staff: StaffId) -> bool {
        self.bureaus.holds(&bureau) || self.units.contains(&unit) || self.staff_id == Some(staff)
    }

    /// Whether it covers everything.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.bureaus == Extent::All
    }

    /// Whether it covers the bureau that holds a person; nobody's people are everybody's who reaches everything.
    #[must_use]
    pub fn holds(&self, holder: Option<BureauId>) -> bool {
        self.is_everything() || holder.is_some_and(|bureau| self.bureaus.holds(&bureau))
    }

    pub(super) fn condition<C: ColumnTrait>(&self, bureau: C, unit: C, staff: C) -> Condition {
        let Extent::Some(bureaus) = &self.bureaus else { return Condition::all() };
        let mut condition = Condition::any();
        if !bureaus.is_empty() {
            condition = condition.add(bureau.is_in(bureaus.iter().copied()));
        }
        if !self.units.is_empty() {
            condition = condition.add(unit.is_in(self.units.iter().copied()));
        }
        if let Some(staff_id) = self.staff_id {
            condition = condition.add(staff.eq(staff_id));
        }
        // An empty "any" would be dropped, and hold every row.
        if condition.is_empty() { Condition::all().add(Expr::value(false)) } else { condition }
    }
}

/// A table that actors may read: which of its rows a scope holds.
pub trait Scoped: EntityTrait {
    /// The table, as the policy knows it.
    const NOUN: Noun;
    /// The condition that every select of it carries.
    fn rows(scope: &RowScope, today: NaiveDate) -> Condition;
}

/// The columns that lead from a row about a person to the person, bureau and unit.
macro_rules! place {
    ($table:ident) => {{
        use entity::$table::Column;
        Some(Place { staff: Column::StaffId, bureau: Column::BureauId, unit: Column::UnitId })
    }};
}

/// The scope and the order of one table, by its shape in the register.
macro_rules! table {
    (open $name:ident $table:ident) => {
        impl Scoped for entity::$table::Entity {
            const NOUN: Noun = Noun::$name;
            fn rows(_: &RowScope, _: NaiveDate) -> Condition {
                Condition::all()
            }
        }
        impl Listed for entity::$table::Entity {
            const KEY: Self::Column = entity::$table::Column::Id;
        }
    };
    // Rows about a bureau as a whole: its units' managers do not see them.
    (bureau $name:ident $table:ident) => {
        impl Scoped for entity::$table::Entity {
            const NOUN: Noun = Noun::$name;
            fn rows(scope: &RowScope, _: NaiveDate) -> Condition {
                of_bureau(scope, entity::$table::Column::BureauId)
            }
        }
        impl Listed for entity::$table::Entity {
            const KEY: Self::Column = entity::$table::Column::Id;
        }
    };
    (placed $name:ident $table:ident) => {
        impl Scoped for entity::$table::Entity {
            const NOUN: Noun = Noun::$name;
            fn rows(scope: &RowScope, _: NaiveDate) -> Condition {
                use entity::$table::Column;
                scope.condition(Column::BureauId, Column::UnitId, Column::StaffId)
            }
        }
        impl Listed for entity::$table::Entity {
            const KEY: Self::Column = entity::$table::Column::Id;
            const PLACE: Option<Place<Self::Column>> = place!($table);
        }
    };
    (dated $name:ident $table:ident) => {
        table!(placed $name $table);
    };
    // Below, by hand.
    (own $name:ident $table:ident) => {};
}

macro_rules! of_register {
    ($(#[$doc:meta] $name:ident $(($id:ident))? = $table:ident: $shape:ident $(($minutes:ident))? { $($facts:tt)* })+) => {
        $(table!($shape $name $table);)+
    };
}
entity::each_noun!(of_register);

macro_rules! listed {
    ($($table:ident by $key:ident $(with $place:ident)?),+ $(,)?) => {$(
        impl Listed for entity::$table::Entity {
            const KEY: Self::Column = entity::$table::Column::$key;
            $(const PLACE: Option<Place<Self::Column>> = $place!($table);)?
        }
    )+};
}
// A person has one person-month in a month, and a figure one place in a release: they are listed within one.
listed! {
    staff by Id, posting by Id with place, person_month by StaffId with place,
    follow_up by Id, follow_up_report by Id, release by Id, release_observation by Position, audit_entry by Id,
}

/// An act is seen by those whose people it concerned, whoever acted, and by the bureau in which it was done, which is one of them. An
/// inquiry's auditors are seen by whoever sees inquiries alone.
impl Scoped for entity::audit_entry::Entity {
    const NOUN: Noun = Noun::AuditEntry;
    fn rows(scope: &RowScope, _: NaiveDate) -> Condition {
        let shown = super::told::shown(scope.inquiries);
        match &scope.bureaus {
            Extent::All => shown,
            Extent::Some(bureaus) => shown.add(super::told::concerns(|bureau| bureau.is_in(bureaus.iter().copied()))),
        }
    }
}

/// A month that is not over is placed where its last day would be, by posts that may not have begun: until then it is the holder's.
impl Scoped for entity::person_month::Entity {
    const NOUN: Noun = Noun::PersonMonth;
    fn rows(scope: &RowScope, today: NaiveDate) -> Condition {
        use entity::person_month::Column;
        let own = scope.condition(Column::BureauId, Column::UnitId, Column::StaffId);
        if scope.is_everything() {
            return own;
        }
        let over = Condition::any().add(Column::Month.lt(YearMonth::of(today))).add(held_of(Column::StaffId, scope, today));
        Condition::all().add(own).add(over)
    }
}

/// A person is seen by the bureau that holds them, and by the bureaus and units where they have a post now, or will.
impl Scoped for entity::staff::Entity {
    const NOUN: Noun = Noun::Staff;
    fn rows(scope: &RowScope, today: NaiveDate) -> Condition {
        super::holder::seen(scope, today)
    }
}

/// What is said of who holds a person, and of their employment, is seen by whoever holds them today.
macro_rules! of_held {
    ($($name:ident $table:ident),+) => {$(
        impl Scoped for entity::$table::Entity {
            const NOUN: Noun = Noun::$name;
            fn rows(scope: &RowScope, today: NaiveDate) -> Condition {
                held_of(entity::$table::Column::StaffId, scope, today)
            }
        }
        impl Listed for entity::$table::Entity {
            const KEY: Self::Column = entity::$table::Column::Id;
            const PERSON: Option<Self::Column> = Some(entity::$table::Column::StaffId);
        }
    )+};
}
of_held!(Employment employment, Holding holding, NamedHolder named_holder);

/// A post is seen by its bureau and unit, and while it lasts by the bureau that holds the person: nobody posts a bureau's people unseen.
impl Scoped for entity::posting::Entity {
    const NOUN: Noun = Noun::Posting;
    fn rows(scope: &RowScope, today: NaiveDate) -> Condition {
        use entity::posting::Column;
        let own = scope.condition(Column::BureauId, Column::UnitId, Column::StaffId);
        if scope.is_everything() || scope.bureaus == Extent::Some(BTreeSet::new()) {
            return own;
        }
        Condition::any().add(own).add(super::holder::posted_elsewhere(scope, today))
    }
}

/// Rows about a bureau as a whole: its units' managers do not see them.
fn of_bureau<C: ColumnTrait>(scope: &RowScope, bureau: C) -> Condition {
    match &scope.bureaus {
        Extent::All => Condition::all(),
        Extent::Some(bureaus) => Condition::all().add(bureau.is_in(bureaus.iter().copied())),
    }
}

/// Rows that everybody may read once they have been published.
fn published(scope: &RowScope, condition: impl FnOnce() -> SimpleExpr) -> Condition {
    if scope.is_everything() {
        return Condition::all();
    }
    Condition::all().add(if scope.published { condition() } else { Expr::value(false) })
}

/// Releases that have been published, or withdrawn after that.
fn published_releases() -> Select<entity::release::Entity> {
    use entity::release::{Column, ReleaseState};
    super::unscoped::<entity::release::Entity>().filter(Column::State.is_in([ReleaseState::Published, ReleaseState::Withdrawn]))
}

impl Scoped for entity::release::Entity {
    const NOUN: Noun = Noun::Release;
    fn rows(scope: &RowScope, _: NaiveDate) -> Condition {
        use entity::release::{Column, ReleaseState};
        published(scope, || Column::State.is_in([ReleaseState::Published, ReleaseState::Withdrawn]))
    }
}

/// The figures of a withdrawn release are nobody's but those who made it.
impl Scoped for entity::release_observation::Entity {
    const NOUN: Noun = Noun::ReleaseObservation;
    fn rows(scope: &RowScope, _: NaiveDate) -> Condition {
        use entity::release::{Column, ReleaseState};
        let shown = super::unscoped::<entity::release::Entity>().filter(Column::State.eq(ReleaseState::Published));
        let shown = shown.select_only().column(Column::Id).into_query();
        published(scope, || entity::release_observation::Column::ReleaseId.in_subquery(shown))
    }
}

/// A cycle is public from its first release on.
impl Scoped for entity::follow_up::Entity {
    const NOUN: Noun = Noun::FollowUp;
    fn rows(scope: &RowScope, _: NaiveDate) -> Condition {
        let cycles = published_releases().select_only().column(entity::release::Column::FollowUpId).into_query();
        published(scope, || entity::follow_up::Column::Id.in_subquery(cycles))
    }
}

/// A report is public with the version that was reported, and not before.
impl Scoped for entity::follow_up_report::Entity {
    const NOUN: Noun = Noun::FollowUpReport;
    fn rows(scope: &RowScope, _: NaiveDate) -> Condition {
        use entity::{follow_up_report, release};
        let same =
            |of: release::Column, with: follow_up_report::Column| Expr::col((release::Entity, of)).equals((follow_up_report::Entity, with));
        let reported = published_releases()
            .select_only()
            .column(release::Column::Id)
            .filter(same(release::Column::FollowUpId, follow_up_report::Column::FollowUpId))
            .filter(same(release::Column::Version, follow_up_report::Column::Version))
            .into_query();
        published(scope, || Expr::exists(reported))
    }
}
