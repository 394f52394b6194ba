//! How complete a bureau's month is: who has a record of those who should, and shifts against the calendar.
//!
//! Counted from the records as they stand, not from what was computed. Deliberately absent: any verdict. What looks incomplete may be right, for
//! sources differ; whoever submits it says why.

use crate::store::{Store, dialect, scope::Extent, unscoped};
use crate::{
    authz::{Action, Noun},
    error::Error,
};
use chrono::NaiveDate;
use entity::{
    bureau,
    ids::BureauId,
    leave_entry::DAY_MINUTES,
    month_source::RecordSource,
    period::{YearMonth, weekdays},
};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, FromQueryResult, Iterable, QueryFilter, QueryOrder, QuerySelect, Statement};
use std::collections::{BTreeMap, BTreeSet};

/// The share of people with a record, in percent, below which a month is submitted with a reason only.
pub const BOUND: i64 = 80;
/// How many points below the month before ask for a reason as well.
const FALL: i64 = 5;
/// The most bureaus whose months are counted in one call.
const BUREAUS: u64 = 500;

/// A bureau's month, counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completeness {
    /// The bureau.
    pub bureau_id: BureauId,
    /// The month.
    pub month: YearMonth,
    /// Persons in post in the bureau on a day of the month.
    pub people: i64,
    /// Of these, the persons who should have a record of presence: subject to overtime, or recorded all the same, and not on leave on each workday.
    pub expected: i64,
    /// Of the expected, those with a shift.
    pub with_record: i64,
    /// Workdays of the expected persons on which they were in post and leave did not fill the day.
    pub workdays: i64,
    /// Records by source.
    pub records: BTreeMap<RecordSource, i64>,
}

impl Completeness {
    /// Of the expected, those without a shift.
    #[must_use]
    pub fn without_record(&self) -> i64 {
        self.expected - self.with_record
    }

    /// The share of the expected with a record, in whole percent, rounded down; `None` where none is expected.
    #[must_use]
    pub fn percent(&self) -> Option<i64> {
        (self.expected > 0).then(|| (self.with_record * 100).div_euclid(self.expected))
    }

    /// The sources that are complete unless the officer names others: what was recorded, and all of which nothing means none (該当なし). Without a
    /// shift it is not known who was there, nor how long: that there was no overtime at all, the officer says.
    #[must_use]
    pub fn sources(&self) -> Vec<RecordSource> {
        let of_shifts = [RecordSource::Presence, RecordSource::Overtime];
        RecordSource::iter().filter(|source| !of_shifts.contains(source) || self.count(*source) > 0).collect()
    }

    /// How many records of a source there are.
    #[must_use]
    pub fn count(&self, source: RecordSource) -> i64 {
        self.records.get(&source).copied().unwrap_or_default()
    }
}

/// Why a month that is submitted needs a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// Nobody is in post in it, or nothing at all was recorded.
    Nothing,
    /// Fewer of its people than the bound have a record.
    BelowBound(i64),
    /// Clearly fewer than the month before.
    Fallen(i64, i64),
}

impl Doubt {
    /// What is doubtful about the month with these complete sources; presence alone tells who should have a record.
    #[must_use]
    pub fn of(now: &Completeness, before: Option<&Completeness>, complete: &[RecordSource]) -> Option<Self> {
        if now.people == 0 || now.records.values().all(|count| *count == 0) {
            return Some(Self::Nothing);
        }
        let former = before.filter(|before| before.count(RecordSource::Presence) > 0).and_then(Completeness::percent);
        // Whoever had presence in the month before, and now has none of it, is asked where it is.
        let percent = now.percent().filter(|_| complete.contains(&RecordSource::Presence) || former.is_some())?;
        if percent < BOUND {
            return Some(Self::BelowBound(percent));
        }
        let former = former?;
        (former - percent >= FALL).then_some(Self::Fallen(percent, former))
    }

    /// What the officer is asked.
    #[must_use]
    pub fn error(self) -> Error {
        match self {
            Self::Nothing => Error::input(
                "reason",
                "この月には在職者又は記録がありません。提出する理由を記入してください。",
                "Nobody is in post in this month, or nothing was recorded. Say why it is submitted.",
            ),
            Self::BelowBound(percent) => Error::input(
                "reason",
                format!("記録のある職員が{percent}%で、{BOUND}%を下回っています。提出する理由を記入してください。"),
                format!("{percent} % of the people have a record, below {BOUND} %. Say why it is submitted."),
            ),
            Self::Fallen(percent, former) => Error::input(
                "reason",
                format!("記録のある職員が前月の{former}%から{percent}%に下がっています。提出する理由を記入してください。"),
                format!("{percent} % of the people have a record, after {former} % in the month before. Say why it is submitted."),
            ),
        }
    }
}

/// A row of [`COUNTS`].
#[derive(FromQueryResult)]
struct Counts {
    bureau_id: BureauId,
    people: i64,
    expected: i64,
    with_record: i64,
    workdays: i64,
    presence: i64,
    overtime: i64,
    telework: i64,
    leave: i64,
    hires: i64,
    appointments: i64,
}

/// `$1` and `$2` are the month's first day and the first after it, `$3` its weekdays, `$4` the bureaus, both as JSON, `$5` the minutes of a day. A
/// person counts in each bureau in which they hold a post; a shift in its own.
const COUNTS: &str = "WITH chosen AS ({bureaus}),
    workday AS (SELECT w.date FROM ({dates}) w WHERE w.date NOT IN (
        SELECT date FROM holiday WHERE void_reason IS NULL AND date >= $1 AND date < $2)),
    held AS (
        SELECT p.bureau_id, p.staff_id, CASE WHEN p.subject_to_overtime THEN 1 ELSE 0 END AS subject,
            {greatest}(p.valid_from, e.valid_from, $1) AS since, {least}(COALESCE(p.valid_to, $2), COALESCE(e.valid_to, $2), $2) AS until
        FROM chosen c JOIN posting p ON p.bureau_id = c.id JOIN staff s ON s.id = p.staff_id
            JOIN employment e ON e.staff_id = p.staff_id AND e.void_reason IS NULL AND e.valid_from < $2 AND (e.valid_to IS NULL OR e.valid_to > $1)
        WHERE p.void_reason IS NULL AND s.void_reason IS NULL AND p.valid_from < $2 AND (p.valid_to IS NULL OR p.valid_to > $1)
    ),
    filled AS (
        SELECT e.staff_id, e.date FROM leave_entry e
        WHERE e.void_reason IS NULL AND e.date >= $1 AND e.date < $2 AND e.bureau_id IN (SELECT id FROM chosen)
        GROUP BY e.staff_id, e.date HAVING SUM(e.minutes) >= $5
    ),
    day AS (SELECT DISTINCT h.bureau_id, h.staff_id, w.date FROM held h JOIN workday w ON w.date >= h.since AND w.date < h.until),
    days AS (
        SELECT d.bureau_id, d.staff_id, COUNT(*) - COUNT(f.date) AS workdays
        FROM day d LEFT JOIN filled f ON f.staff_id = d.staff_id AND f.date = d.date GROUP BY d.bureau_id, d.staff_id
    ),
    worked AS (
        SELECT s.bureau_id, s.staff_id, COUNT(*) AS shifts, COUNT(s.presence_start) AS presence FROM shift s
        WHERE s.bureau_id IN (SELECT id FROM chosen) AND s.void_reason IS NULL AND s.date >= $1 AND s.date < $2
        GROUP BY s.bureau_id, s.staff_id
    ),
    person AS (
        SELECT h.bureau_id, h.staff_id, MAX(COALESCE(d.workdays, 0)) AS workdays,
            MAX(CASE WHEN w.staff_id IS NOT NULL THEN 1 ELSE 0 END) AS recorded,
            MAX(CASE WHEN w.staff_id IS NOT NULL OR (h.subject = 1 AND COALESCE(d.workdays, 0) > 0) THEN 1 ELSE 0 END) AS expected
        FROM held h LEFT JOIN days d ON d.bureau_id = h.bureau_id AND d.staff_id = h.staff_id
        LEFT JOIN worked w ON w.bureau_id = h.bureau_id AND w.staff_id = h.staff_id
        WHERE h.since < h.until GROUP BY h.bureau_id, h.staff_id
    )
    SELECT c.id AS bureau_id,
        COALESCE(p.people, 0) AS people, COALESCE(p.expected, 0) AS expected, COALESCE(p.recorded, 0) AS with_record,
        COALESCE(p.workdays, 0) AS workdays, COALESCE(w.presence, 0) AS presence, COALESCE(w.shifts, 0) AS overtime,
        {telework_day} AS telework, {leave_entry} AS leave, {hire} AS hires, {appointment} AS appointments
    FROM chosen c
    LEFT JOIN (SELECT bureau_id, COUNT(*) AS people, {sum_expected} AS expected, {sum_recorded} AS recorded, {sum_workdays} AS workdays
        FROM person GROUP BY bureau_id) p ON p.bureau_id = c.id
    LEFT JOIN (SELECT bureau_id, {sum_shifts} AS shifts, {sum_presence} AS presence FROM worked GROUP BY bureau_id) w ON w.bureau_id = c.id";

/// Counts a month of these bureaus.
pub(super) async fn count<C: ConnectionTrait>(db: &C, bureaus: &[BureauId], month: YearMonth) -> Result<Vec<Completeness>, Error> {
    let dates: Vec<NaiveDate> = weekdays(month.first_day(), month.next_first_day()).collect();
    let mut sql = COUNTS.replace("{bureaus}", &dialect::listed_ids(db, 4)).replace("{dates}", &dialect::listed_dates(db, 3));
    sql = sql.replace("{greatest}", dialect::greatest(db)).replace("{least}", dialect::least(db));
    for table in ["telework_day", "leave_entry", "hire", "appointment"] {
        let of =
            format!("(SELECT COUNT(*) FROM {table} r WHERE r.bureau_id = c.id AND r.void_reason IS NULL AND r.date >= $1 AND r.date < $2)");
        sql = sql.replace(&format!("{{{table}}}"), &of);
    }
    for (name, expression) in [
        ("expected", "expected"),
        ("recorded", "recorded"),
        ("workdays", "CASE WHEN expected = 1 THEN workdays ELSE 0 END"),
        ("shifts", "shifts"),
        ("presence", "presence"),
    ] {
        sql = sql.replace(&format!("{{sum_{name}}}"), &format!("CAST(COALESCE(SUM({expression}), 0) AS BIGINT)"));
    }
    let values =
        vec![month.first_day().into(), month.next_first_day().into(), dialect::json(&dates)?, dialect::json(&bureaus)?, DAY_MINUTES.into()];
    let rows = Counts::find_by_statement(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).all(db).await?;
    Ok(rows.into_iter().map(|row| completeness(&row, month)).collect())
}

/// The bureaus in being in a month, in the order of their codes: of those named, and of those seen.
async fn in_being<C: ConnectionTrait>(
    db: &C,
    seen: Option<&BTreeSet<BureauId>>,
    codes: Option<Vec<String>>,
    month: YearMonth,
) -> Result<Vec<BureauId>, Error> {
    use bureau::Column;
    let there = Condition::any().add(Column::ValidTo.is_null()).add(Column::ValidTo.gt(month.first_day()));
    let mut bureaus = unscoped::<bureau::Entity>()
        .filter(Column::VoidReason.is_null())
        .filter(Column::ValidFrom.lt(month.next_first_day()))
        .filter(there)
        .order_by_asc(Column::Code)
        .limit(BUREAUS);
    if let Some(seen) = seen {
        bureaus = bureaus.filter(Column::Id.is_in(seen.iter().copied()));
    }
    if let Some(codes) = codes {
        bureaus = bureaus.filter(Column::Code.is_in(codes));
    }
    Ok(bureaus.all(db).await?.into_iter().map(|bureau| bureau.id).collect())
}

fn completeness(row: &Counts, month: YearMonth) -> Completeness {
    let records = [
        (RecordSource::Presence, row.presence),
        (RecordSource::Overtime, row.overtime),
        (RecordSource::Telework, row.telework),
        (RecordSource::Leave, row.leave),
        (RecordSource::Hires, row.hires),
        (RecordSource::Appointments, row.appointments),
    ];
    Completeness {
        bureau_id: row.bureau_id,
        month,
        people: row.people,
        expected: row.expected,
        with_record: row.with_record,
        workdays: row.workdays,
        records: records.into(),
    }
}

impl Store {
    /// How complete a month is, by bureau in the order of their codes: of the bureaus named that the actor sees, or of all of them.
    ///
    /// # Errors
    /// FORBIDDEN for who sees no months or no shifts of whole bureaus; `BAD_USER_INPUT` for a month that has not begun.
    pub async fn month_completeness(&self, month: YearMonth, codes: Option<Vec<String>>) -> Result<Vec<Completeness>, Error> {
        self.allow(Action::Read(Noun::MonthClose))?;
        let scope = self.allow(Action::Read(Noun::Shift))?;
        self.check_begun("month", month)?;
        let of = match &scope.bureaus {
            Extent::All => None,
            Extent::Some(bureaus) => Some(bureaus),
        };
        let bureaus = in_being(self.reader(), of, codes, month).await?;
        let counted = count(self.reader(), &bureaus, month).await?;
        let mut by_bureau: BTreeMap<BureauId, Completeness> = counted.into_iter().map(|row| (row.bureau_id, row)).collect();
        let rows: Vec<Completeness> = bureaus.iter().filter_map(|bureau| by_bureau.remove(bureau)).collect();
        // How many people have none tells as much as their records.
        let shifts: i64 = rows.iter().map(|row| row.count(RecordSource::Overtime)).sum();
        self.note_counted(Noun::Shift, u64::try_from(shifts).unwrap_or_default(), rows.iter().map(|row| (row.bureau_id, row.people)));
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn month(people: i64, expected: i64, with_record: i64) -> Completeness {
        Completeness {
            bureau_id: BureauId::new(),
            month: "2020-03".parse().unwrap(),
            people,
            expected,
            with_record,
            workdays: expected * 20,
            records: [(RecordSource::Presence, with_record * 20), (RecordSource::Overtime, with_record * 20)].into(),
        }
    }

    #[test]
    fn a_month_is_doubtful_below_the_bound_or_clearly_below_the_month_before() {
        let doubt = |now: &Completeness, before| Doubt::of(now, before, &now.sources());
        assert_eq!(doubt(&month(10, 10, 8), None), None, "80 % is not below 80 %");
        assert_eq!(doubt(&month(200, 200, 159), None), Some(Doubt::BelowBound(79)), "79.5 %");
        assert_eq!(doubt(&month(100, 100, 79), None), Some(Doubt::BelowBound(79)));
        let before = month(100, 100, 95);
        assert_eq!(doubt(&month(100, 100, 91), Some(&before)), None);
        assert_eq!(doubt(&month(100, 100, 90), Some(&before)), Some(Doubt::Fallen(90, 95)));
        assert_eq!(doubt(&month(100, 100, 100), Some(&before)), None);
        assert_eq!(doubt(&month(0, 0, 0), None), Some(Doubt::Nothing));
        assert_eq!(doubt(&month(3, 3, 0), Some(&before)), Some(Doubt::Nothing));
        // Nobody is expected where all are away.
        assert_eq!(doubt(&Completeness { records: [(RecordSource::Leave, 40)].into(), ..month(2, 0, 0) }, None), None);
    }

    #[test]
    fn without_presence_nobody_is_expected_to_have_any() {
        let overtime_alone = Completeness { records: [(RecordSource::Overtime, 30)].into(), ..month(100, 100, 20) };
        assert!(!overtime_alone.sources().contains(&RecordSource::Presence));
        assert_eq!(Doubt::of(&overtime_alone, None, &overtime_alone.sources()), None);
        assert_eq!(Doubt::of(&overtime_alone, None, &[RecordSource::Presence]), Some(Doubt::BelowBound(20)));
    }
}
