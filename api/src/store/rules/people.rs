//! People and their postings, locked and loaded once a call for the rules of what is recorded about them.

use crate::error::Error;
use crate::store::{
    dialect::{self, Near, Window},
    record::{Call, DatedDraft, KnowsPeople, Writing},
    scope::RowScope,
};
use chrono::{Datelike, NaiveDate};
use entity::{
    employment,
    holding::{self, Service, services},
    ids::{BureauId, PostingId, StaffId, UnitId},
    key::{code_point, unfit},
    period::civil_date,
    posting::{self, PostingKind},
    staff,
};
use jobs::database::WriteTransaction;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The people that a call speaks of.
#[derive(Default)]
pub struct People {
    by_number: HashMap<String, staff::Model>,
    postings: HashMap<StaffId, Vec<posting::Model>>,
    /// Those that count, the earliest first.
    employments: HashMap<StaffId, Vec<employment::Model>>,
    /// The earliest first.
    holdings: HashMap<StaffId, Vec<holding::Model>>,
    /// The day of the call.
    today: NaiveDate,
}

/// Where a person stood on a date.
#[expect(clippy::struct_field_names, reason = "the names of the columns they fill")]
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The person.
    pub staff_id: StaffId,
    /// The posting.
    pub posting_id: PostingId,
    /// Its bureau.
    pub bureau_id: BureauId,
    /// Its unit.
    pub unit_id: UnitId,
}

impl KnowsPeople for People {
    fn people(&self) -> &People {
        self
    }
}

impl People {
    /// Those of a call, as [`People::lock`].
    pub(in crate::store) async fn of<D: DatedDraft>(tx: &WriteTransaction, call: &Call<D>, writing: &Writing<'_>) -> Result<Self, Error> {
        Self::lock(tx, &call.records.iter().map(DatedDraft::staff_number).collect(), writing).await
    }

    /// Locks the staff rows that the writer might be concerned with, so that no other writer changes what the rules are about to see, and loads
    /// their postings. A number that is none of the writer's costs what one costs that nobody has.
    pub(in crate::store) async fn lock(tx: &WriteTransaction, numbers: &BTreeSet<&str>, writing: &Writing<'_>) -> Result<Self, Error> {
        let people = Self::load(tx, dialect::lock_staff(&**tx, "staff_number", numbers, Near::of(writing.scope)).await?).await?;
        Ok(Self { today: civil_date(writing.now), ..people })
    }

    /// Locks the staff rows whose numbers have these folded twins, whosever they are: a number is unique office-wide.
    pub(in crate::store) async fn lock_twins(tx: &WriteTransaction, twins: &BTreeSet<&str>) -> Result<Self, Error> {
        Self::load(tx, dialect::lock_staff(&**tx, "staff_number_folded", twins, None).await?).await
    }

    async fn load(tx: &WriteTransaction, staff: Vec<staff::Model>) -> Result<Self, Error> {
        let ids = staff.iter().map(|person| person.id.0).collect();
        let mut postings: HashMap<StaffId, Vec<posting::Model>> = HashMap::new();
        for posting in dialect::by_id::<posting::Entity, _>(&**tx, "staff_id", &ids).await? {
            postings.entry(posting.staff_id).or_default().push(posting);
        }
        for held in postings.values_mut() {
            held.sort_by(|a, b| (a.kind, b.valid_from, a.id).cmp(&(b.kind, a.valid_from, b.id)));
        }
        let mut employments: HashMap<StaffId, Vec<employment::Model>> = HashMap::new();
        for period in dialect::by_id::<employment::Entity, _>(&**tx, "staff_id", &ids).await? {
            if period.void_reason.is_none() {
                employments.entry(period.staff_id).or_default().push(period);
            }
        }
        for periods in employments.values_mut() {
            periods.sort_by_key(|period| period.valid_from);
        }
        let mut holdings: HashMap<StaffId, Vec<holding::Model>> = HashMap::new();
        for row in dialect::by_id::<holding::Entity, _>(&**tx, "staff_id", &ids).await? {
            holdings.entry(row.staff_id).or_default().push(row);
        }
        for rows in holdings.values_mut() {
            rows.sort_by_key(|row| row.valid_from);
        }
        Ok(Self {
            today: NaiveDate::MIN,
            employments,
            holdings,
            by_number: staff.into_iter().map(|person| (person.staff_number.clone(), person)).collect(),
            postings,
        })
    }

    /// The person with this number.
    pub fn person(&self, number: &str) -> Option<&staff::Model> {
        self.by_number.get(number)
    }

    /// The person's postings, void ones included; main posts first, the latest first.
    pub fn postings(&self, staff_id: StaffId) -> &[posting::Model] {
        self.postings.get(&staff_id).map_or(&[], Vec::as_slice)
    }

    /// The periods of the person's employment that count, the earliest first.
    pub fn employments(&self, staff_id: StaffId) -> &[employment::Model] {
        self.employments.get(&staff_id).map_or(&[], Vec::as_slice)
    }

    /// The person's services: periods of employment without a day between them are one.
    pub fn services(&self, staff_id: StaffId) -> Vec<Service> {
        services(self.employments(staff_id).iter().map(|period| Service { from: period.valid_from, to: period.valid_to }))
    }

    /// The period of employment in which a date lies.
    pub fn employed(&self, staff_id: StaffId, date: NaiveDate) -> Option<&employment::Model> {
        self.employments(staff_id).iter().find(|period| period.valid_from <= date && period.valid_to.is_none_or(|left| date < left))
    }

    /// By whom, and by which posting, the person is held on a date.
    pub fn holding(&self, staff_id: StaffId, date: NaiveDate) -> Option<&holding::Model> {
        let rows = self.holdings.get(&staff_id)?;
        rows.iter().rev().find(|row| row.valid_from <= date && row.valid_to.is_none_or(|to| date < to))
    }

    /// The posting by which the person is held on a day, or was held last.
    pub fn last_post(&self, staff_id: StaffId, day: NaiveDate) -> Option<PostingId> {
        self.holdings.get(&staff_id)?.iter().rev().filter(|row| row.valid_from <= day).find_map(|row| row.posting_id)
    }

    /// Whether a writer with this scope has authority over a person on a day.
    pub fn are_held(&self, person: &staff::Model, scope: &RowScope, day: NaiveDate) -> bool {
        scope.is_everything() || scope.holds(self.holding(person.id, day).map(|row| row.bureau_id))
    }

    /// Whether a reader with this scope is shown what is recorded of a person: who holds them today is.
    pub fn are_shown(&self, person: &staff::Model, scope: &RowScope) -> bool {
        self.are_held(person, scope, self.today)
    }

    /// All the people.
    pub fn all(&self) -> impl Iterator<Item = &staff::Model> {
        self.by_number.values()
    }

    /// The posting, within the writer's scope, that the person held on a date; a main post before one held beside it.
    ///
    /// # Errors
    /// `NOT_FOUND` where the person is unknown, or no posting of theirs lies in the scope (yet), which look the same and may change; CONFLICT
    /// where they held no such posting, or were not employed, on that date.
    pub fn place(&self, number: &str, date: NaiveDate, scope: &RowScope) -> Result<Place, Error> {
        let unknown = || unknown(number).retry();
        let person = self.person(number).filter(|person| person.void_reason.is_none()).ok_or_else(unknown)?;
        let mut mine = self
            .postings(person.id)
            .iter()
            .filter(|posting| posting.void_reason.is_none() && scope.covers(posting.bureau_id, posting.unit_id, person.id));
        if mine.clone().next().is_none() {
            return Err(unknown());
        }
        let employed = self.employed(person.id, date).is_some();
        // What is to come is the holder's to plan: a record ahead would keep the person from leaving, and tell when they do.
        let has_come = date <= self.today || !scope.units.is_empty() || self.are_held(person, scope, self.today);
        let held = mine.find(|posting| employed && has_come && covers(posting, date));
        let held = held.ok_or_else(|| {
            Error::conflict(
                "date",
                "この日に該当部局への配属がありません。",
                "The staff member held no posting in your bureaus on this date.",
            )
        })?;
        Ok(Place { staff_id: person.id, posting_id: held.id, bureau_id: held.bureau_id, unit_id: held.unit_id })
    }

    /// As [`People::place`], of what is said about the person as a whole and not about hours in one bureau: the posting that held them on the date.
    ///
    /// # Errors
    /// As [`People::place`], and `NOT_FOUND` where another bureau held the person.
    pub fn held_place(&self, number: &str, date: NaiveDate, scope: &RowScope) -> Result<Place, Error> {
        let place = self.place(number, date, scope)?;
        let held = self.holding(place.staff_id, date).and_then(|row| row.posting_id);
        let has_come = date <= self.today || self.person(number).is_some_and(|person| self.are_held(person, scope, self.today));
        if has_come && held == Some(place.posting_id) { Ok(place) } else { Err(unknown(number).retry()) }
    }

    /// The days that a call touches, a window for each person, widened by `margin` days.
    pub(in crate::store) fn windows<'a>(&self, days: impl Iterator<Item = (&'a str, NaiveDate)>, margin: i64) -> Vec<Window> {
        let mut spans: BTreeMap<StaffId, (NaiveDate, NaiveDate)> = BTreeMap::new();
        for (number, date) in days {
            if let Some(person) = self.person(number) {
                let span = spans.entry(person.id).or_insert((date, date));
                *span = (span.0.min(date), span.1.max(date));
            }
        }
        // No engine keeps a day outside the years 1 to 9999.
        let widen = |date: NaiveDate, days: i64| {
            date.checked_add_signed(chrono::TimeDelta::days(days)).filter(|date| (1..=9_999).contains(&date.year())).unwrap_or(date)
        };
        spans
            .into_iter()
            .map(|(staff_id, (first, last))| Window { staff_id, first: widen(first, -margin), last: widen(last, margin) })
            .collect()
    }
}

/// Nobody has this number; where it looks like a slip of the keyboard, the error says so.
pub(in crate::store) fn unknown(number: &str) -> Error {
    let error = Error::not_found("staffNumber", "職員", "staff member");
    let Some(c) = number.chars().find(|c| c.is_whitespace()).or_else(|| unfit(number)).map(code_point) else { return error };
    Error {
        ja: format!("{}職員番号に空白、全角文字又は見えない文字（{c}）が含まれています。", error.ja),
        en: format!("{} The number holds blanks, full-width or invisible characters ({c}).", error.en),
        ..error
    }
}

/// Whether a posting is in force on a date.
#[must_use]
pub fn covers(posting: &posting::Model, date: NaiveDate) -> bool {
    posting.valid_from <= date && posting.valid_to.is_none_or(|end| date < end)
}

/// Whether a posting is a main post.
#[must_use]
pub fn is_primary(posting: &posting::Model) -> bool {
    posting.kind == PostingKind::Primary
}
