//! What is worth a second look in records that are written, as pure functions over the final state of a call. What is told of a record never
//! depends on the records' order.

#[cfg(test)]
mod tests;

use crate::store::{
    day_capacity::Day,
    dialect::Window,
    record::{Doubt, End},
    scope::RowScope,
};
use chrono::{DateTime, Datelike, Days, NaiveDate, Timelike, Utc, Weekday};
use entity::{
    ids::{BureauId, StaffId, UnitId},
    leave_entry::{DAY_MINUTES, LeaveKind},
    period::{JST, YearMonth},
    posting::{self, PostingKind, RankBand},
    receipt_warning::RecordWarningCode,
    shift, start_stage,
    work_time::{DayKind, Pattern},
};
use sea_orm::FromQueryResult;
use std::collections::{BTreeMap, BTreeSet};

fn doubt(code: RecordWarningCode, field: &'static str, ja: impl Into<String>, en: impl Into<String>) -> Doubt {
    Doubt { code, field, ja: ja.into(), en: en.into() }
}

/// Ends that were said as the first day no longer, on a day that sources give as the last one.
pub fn ends(ends: Vec<End>) -> impl Iterator<Item = Doubt> {
    let said = |end: &End| end.first_not.is_some_and(|date| date.0 == YearMonth::of(date.0).last_day());
    ends.into_iter().filter(said).map(|End { field, twin, .. }| {
        let ja = format!(
            "{field}には該当しなくなる最初の日を指定しますが、月の末日が指定されています。最終日であれば{twin}に指定してください。"
        );
        let en = format!("{field} is the first day no longer, and this is a month's last day. If it is the last day, say it as {twin}.");
        doubt(RecordWarningCode::EndsOnLastDayOfMonth, field, ja, en)
    })
}

/// The days off of some years: weekends, and the holidays that were recorded.
#[derive(Debug, Default)]
pub struct DaysOff(BTreeSet<NaiveDate>);

impl DaysOff {
    /// With these holidays.
    pub fn of(holidays: impl IntoIterator<Item = NaiveDate>) -> Self {
        Self(holidays.into_iter().collect())
    }

    /// Whether a date is a weekend or holiday.
    pub fn hold(&self, date: NaiveDate) -> bool {
        matches!(date.weekday(), Weekday::Sat | Weekday::Sun) || self.0.contains(&date)
    }

    /// The kind of day that a date is for everybody; `None` where it is no weekend and no holidays of its year were recorded. A holiday on a
    /// weekend is a weekly day off, as the law of working hours has it.
    pub fn kind(&self, date: NaiveDate) -> Option<DayKind> {
        match date.weekday() {
            Weekday::Sat | Weekday::Sun => Some(DayKind::WeeklyDayOff),
            _ if self.0.contains(&date) => Some(DayKind::Holiday),
            _ => self.lack(date).then_some(DayKind::Workday),
        }
    }

    /// Whether a date is known to be no holiday: holidays of its year were recorded, and it is none of them.
    fn lack(&self, date: NaiveDate) -> bool {
        let (first, last) = years(date, date);
        self.0.range(first..=last).next().is_some() && !self.0.contains(&date)
    }
}

/// The first day of one date's year and the last day of another's.
pub fn years(first: NaiveDate, last: NaiveDate) -> (NaiveDate, NaiveDate) {
    (first.with_ordinal(1).unwrap_or(first), NaiveDate::from_ymd_opt(last.year(), 12, 31).unwrap_or(last))
}

/// One window for each of these people, from their first day to their last.
pub fn spans(days: impl Iterator<Item = (StaffId, NaiveDate)>) -> Vec<Window> {
    let mut spans: BTreeMap<StaffId, (NaiveDate, NaiveDate)> = BTreeMap::new();
    for (staff_id, date) in days {
        let span = spans.entry(staff_id).or_insert((date, date));
        *span = (span.0.min(date), span.1.max(date));
    }
    spans.into_iter().map(|(staff_id, (first, last))| Window { staff_id, first, last }).collect()
}

/// One window for each of these days.
pub fn single_days(days: impl Iterator<Item = (StaffId, NaiveDate)>) -> Vec<Window> {
    let days: BTreeSet<_> = days.collect();
    days.into_iter().map(|(staff_id, date)| Window { staff_id, first: date, last: date }).collect()
}

/// One window for each calendar year in which these days lie.
pub fn calendar_years(days: impl Iterator<Item = (StaffId, NaiveDate)>) -> Vec<Window> {
    let years: BTreeSet<_> = days.map(|(staff_id, date)| (staff_id, years(date, date))).collect();
    years.into_iter().map(|(staff_id, (first, last))| Window { staff_id, first, last }).collect()
}

/// A post of the designated service that draws overtime.
pub fn designated(post: &posting::Model) -> Option<Doubt> {
    (post.band == RankBand::Designated && post.subject_to_overtime).then(|| {
        doubt(
            RecordWarningCode::DesignatedSubjectToOvertime,
            "subjectToOvertime",
            "指定職の職員には超過勤務手当が支給されませんが、超過勤務の規制の対象とされています。",
            "The designated service draws no overtime pay, and the post is subject to the rules of overtime.",
        )
    })
}

/// Between which posts of a person one day alone is left open: the places of the earlier and the later one. Main posts follow each other, and
/// those beside them in one unit; the caller sees both posts.
pub fn gaps(posts: &[&posting::Model], seen: &RowScope) -> Vec<(usize, usize)> {
    let mut rows: BTreeMap<(StaffId, Option<UnitId>), Vec<usize>> = BTreeMap::new();
    for (place, post) in posts.iter().enumerate() {
        let unit = (post.kind == PostingKind::Concurrent).then_some(post.unit_id);
        rows.entry((post.staff_id, unit)).or_default().push(place);
    }
    let mut found = Vec::new();
    for mut places in rows.into_values() {
        places.sort_by_key(|place| (posts[*place].valid_from, posts[*place].id));
        // Posts of one unit may overlap: the one that reaches furthest meets the next.
        let mut furthest: Option<usize> = None;
        for place in places {
            let post = posts[place];
            let before = furthest.map(|before| (before, posts[before].valid_to));
            if let Some((before, Some(end))) = before
                && end.checked_add_days(Days::new(1)) == Some(post.valid_from)
                && [posts[before], post].iter().all(|post| seen.covers(post.bureau_id, post.unit_id, post.staff_id))
            {
                found.push((before, place));
            }
            if before.is_none_or(|(_, reach)| reach.is_some_and(|reach| post.valid_to.is_none_or(|end| end > reach))) {
                furthest = Some(place);
            }
        }
    }
    found
}

/// The one day between two posts, told in the end of the earlier or the beginning of the later one.
pub fn gap(field: &'static str) -> Doubt {
    let (ja, en) = (
        "同じ職員の前後の配属との間に配属のない日が1日だけあります。前の配属の最終日をvalidToに指定していないか確かめてください。",
        "One day alone lies between this post and another one of the person. Was a last day given as validTo?",
    );
    doubt(RecordWarningCode::PostingGapOfOneDay, field, ja, en)
}

/// A hire on another day than the first one of employment.
pub fn hire(date: NaiveDate, hired_on: NaiveDate) -> Option<Doubt> {
    (date != hired_on).then(|| {
        let (ja, en) =
            ("採用の日が、職員の在職の初日（hiredOn）と異なります。", "The hire is not on the person's first day of employment (hiredOn).");
        doubt(RecordWarningCode::HireNotOnFirstDay, "date", ja, en)
    })
}

/// An appointment to a lower band.
pub fn appointment(from: Option<RankBand>, to: RankBand) -> Option<Doubt> {
    from.is_some_and(|from| to < from).then(|| {
        let (ja, en) = ("異動前より下位の役職段階への登用です。", "The band is below the one that is left.");
        doubt(RecordWarningCode::AppointmentToLowerBand, "toBand", ja, en)
    })
}

/// A request that the person decided themselves.
pub fn request(staff_number: &str, approver: Option<&str>) -> Option<Doubt> {
    (approver == Some(staff_number)).then(|| {
        let (ja, en) = ("本人が超過勤務の事前確認を決定しています。", "The person decided on their own request.");
        doubt(RecordWarningCode::OvertimeDecidedByOneself, "approver", ja, en)
    })
}

/// A shift whose kind of day is not that of the calendar.
pub fn day_kind(kind: DayKind, date: NaiveDate, off: &DaysOff) -> Option<Doubt> {
    match kind {
        DayKind::Workday if off.hold(date) => Some(doubt(
            RecordWarningCode::WorkdayOnDayOff,
            "dayKind",
            "土曜日、日曜日又は休日の勤務が勤務日（WORKDAY）とされています。",
            "The day is a weekend or holiday, and the shift says WORKDAY.",
        )),
        DayKind::Holiday if off.lack(date) => Some(doubt(
            RecordWarningCode::HolidayOnNoHoliday,
            "dayKind",
            "休日（HOLIDAY）の勤務とされていますが、この日は休日ではありません。",
            "The day is no holiday, and the shift says HOLIDAY.",
        )),
        DayKind::Workday | DayKind::Holiday | DayKind::WeeklyDayOff | DayKind::Swapped => None,
    }
}

/// A staggered shift that starts at none of the stages offered on the day; where none is offered, nothing is outside of them.
pub fn stage(row: &shift::Model, stages: &[start_stage::Model]) -> Option<Doubt> {
    let start = row.scheduled_start.filter(|_| row.pattern == Pattern::Staggered)?.with_timezone(&JST);
    let minute = i32::try_from(start.hour() * 60 + start.minute()).unwrap_or_default();
    let mut offered = stages
        .iter()
        .filter(|stage| stage.bureau_id.is_none_or(|bureau| bureau == row.bureau_id))
        .filter(|stage| stage.valid_from <= row.date && stage.valid_to.is_none_or(|end| row.date < end))
        .peekable();
    (offered.peek().is_some() && !offered.any(|stage| stage.start_minute == minute)).then(|| {
        let (ja, en) = (
            "勤務の開始時刻が、この日に設けられている早出遅出の段階のいずれとも一致しません。",
            "The schedule starts at none of the stages that are offered on the day.",
        );
        doubt(RecordWarningCode::StartOutsideStages, "scheduled", ja, en)
    })
}

/// Leave of one day that the caller may read.
#[derive(Debug, FromQueryResult)]
pub struct LeaveOfDay {
    pub staff_id: StaffId,
    pub bureau_id: BureauId,
    pub unit_id: UnitId,
    pub date: NaiveDate,
    pub minutes: i32,
}

/// Work within a schedule that the caller may read.
#[derive(Debug, FromQueryResult)]
pub struct WorkOfDay {
    pub staff_id: StaffId,
    pub bureau_id: BureauId,
    pub unit_id: UnitId,
    pub date: NaiveDate,
    pub ordinary_minutes: i32,
    pub scheduled_start: Option<DateTime<Utc>>,
    pub scheduled_end: Option<DateTime<Utc>>,
}

/// Leave of one kind in one year, of one unit, that the caller may read.
#[derive(Debug, FromQueryResult)]
pub struct LeaveOfYear {
    pub staff_id: StaffId,
    pub bureau_id: BureauId,
    pub unit_id: UnitId,
    pub kind: LeaveKind,
    /// The first day of the year.
    pub first: NaiveDate,
    pub minutes: i64,
}

/// A day's work within its schedule, and the length of the schedule with its breaks.
pub type Work = (Day, i32, i64);

/// That of a shift.
pub fn work(day: Day, ordinary_minutes: i32, scheduled: (Option<DateTime<Utc>>, Option<DateTime<Utc>>)) -> Option<Work> {
    let length = scheduled.0.zip(scheduled.1).map_or(0, |(start, end)| (end - start).num_minutes());
    (ordinary_minutes > 0).then_some((day, ordinary_minutes, length))
}

/// The days whose schedules do not hold their leave and their work.
pub fn crowded(leave: impl Iterator<Item = (Day, i32)>, work: impl Iterator<Item = Work>) -> BTreeSet<Day> {
    let mut days: BTreeMap<Day, (i64, i64)> = BTreeMap::new();
    for (day, ordinary, length) in work {
        let (used, held) = days.entry(day).or_default();
        (*used, *held) = (*used + i64::from(ordinary), *held + length);
    }
    let mut taken = BTreeSet::new();
    for (day, minutes) in leave {
        if let Some((used, _)) = days.get_mut(&day) {
            *used += i64::from(minutes);
            taken.insert(day);
        }
    }
    taken.into_iter().filter(|day| days.get(day).is_some_and(|(used, held)| used > held)).collect()
}

/// Leave beside work, told of either.
pub fn beside(field: &'static str) -> Doubt {
    let (ja, en) = (
        "この日の休暇と正規の勤務時間内の勤務が、併せて正規の勤務時間に収まりません。",
        "Leave and work within the schedule of this day do not fit into the schedule.",
    );
    doubt(RecordWarningCode::LeaveBesideWork, field, ja, en)
}

/// One entry of leave that a call has written.
#[derive(Debug, Clone, Copy)]
pub struct Taken<'a> {
    /// Its place among them.
    pub at: usize,
    pub staff_id: StaffId,
    pub kind: LeaveKind,
    pub date: NaiveDate,
    /// Its key, which tells it from others of the day.
    pub key: &'a str,
    pub minutes: i32,
}

/// Which entries no longer fit into the days that the law gives in a year, the latest first to be left out; `sums` hold them too.
pub fn beyond_the_law<'a>(taken: impl Iterator<Item = Taken<'a>>, sums: &[LeaveOfYear]) -> Vec<(usize, Doubt)> {
    let mut years: BTreeMap<(StaffId, LeaveKind, i32), i64> = BTreeMap::new();
    for sum in sums {
        *years.entry((sum.staff_id, sum.kind, sum.first.year())).or_default() += sum.minutes;
    }
    let mut taken: Vec<Taken<'_>> = taken.collect();
    taken.sort_by(|a, b| (b.date, b.key).cmp(&(a.date, a.key)));
    let mut found = Vec::new();
    for entry in taken {
        let Some(days) = entry.kind.most_days_in_year() else { continue };
        let Some(sum) = years.get_mut(&(entry.staff_id, entry.kind, entry.date.year())) else { continue };
        if *sum > i64::from(days) * i64::from(DAY_MINUTES) {
            *sum -= i64::from(entry.minutes);
            found.push((entry.at, beyond(days)));
        }
    }
    found
}

fn beyond(days: i32) -> Doubt {
    let ja = format!("この種類の休暇の合計が、1暦年に認められる{days}日を超えます。");
    let en = format!("With this there are more than the {days} days of this kind of leave that the law gives in a calendar year.");
    doubt(RecordWarningCode::LeaveBeyondYearlyDays, "minutes", ja, en)
}

/// Leave of a woman that the law gives to men.
pub fn of_a_woman() -> Doubt {
    let (ja, en) = (
        "妻の出産に伴う男性職員の休暇ですが、職員の性別は女性とされています。",
        "This leave is for men at the birth of the wife's child, and the person is recorded as a woman.",
    );
    doubt(RecordWarningCode::SpouseLeaveOfWoman, "kind", ja, en)
}

/// Leave on a day off.
pub fn leave_on(date: NaiveDate, off: &DaysOff) -> Option<Doubt> {
    let (ja, en) = ("土曜日、日曜日又は休日の休暇です。", "The leave is on a weekend or holiday.");
    off.hold(date).then(|| doubt(RecordWarningCode::LeaveOnDayOff, "date", ja, en))
}

/// Telework on a day off.
pub fn telework_on(date: NaiveDate, off: &DaysOff) -> Option<Doubt> {
    let (ja, en) = ("土曜日、日曜日又は休日のテレワークです。", "The telework is on a weekend or holiday.");
    off.hold(date).then(|| doubt(RecordWarningCode::TeleworkOnDayOff, "date", ja, en))
}

/// An on-time day on a day off.
pub fn on_time_day() -> Doubt {
    let (ja, en) = (
        "土曜日、日曜日又は休日の定時退庁日です。規則の定めにより、他の日に実施されるか、実施されません。",
        "The on-time day is on a weekend or holiday: it is held on another day, or lapses, as the rules in force say.",
    );
    doubt(RecordWarningCode::OnTimeDayOnDayOff, "date", ja, en)
}
