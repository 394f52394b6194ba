//! What the demo's people do with their time, a person's month at a time: shifts, overtime requests, telework and leave.

use super::{
    calendar::Day,
    office::Office,
    organisation::BUREAUS,
    people::{Person, Post, chances},
};
use api::{
    store::{
        leave_entry::LeaveEntryDraft, overtime_request::OvertimeRequestDraft, record::Version, shift::IntervalDraft, shift::ShiftDraft,
        telework_day::TeleworkDayDraft,
    },
    words::{Date, DayKind, Decision, LeaveKind, Pattern, TeleworkPlace},
};
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc};
use entity::{leave_entry::DAY_MINUTES, period::instant};
use rand::{Rng, rngs::StdRng, seq::IndexedRandom};

/// The office's start of the day, in minutes after midnight.
const START: u32 = 9 * 60 + 30;
/// From start to end: 7 h 45 min and the break.
const DAY: u32 = 8 * 60 + 45;
/// 12:00 to 13:00.
const BREAK: (u32, u32) = (12 * 60, 13 * 60);
/// Overtime by month of the year, in percent of the usual: budget, the Diet and the turn of the fiscal year.
const SEASON: [u32; 12] = [100, 105, 135, 125, 85, 120, 90, 70, 90, 100, 105, 130];
/// How long overtime is on a day that has some, in minutes.
const OVERTIME: [u32; 16] = [30, 45, 45, 60, 60, 75, 90, 105, 120, 135, 150, 165, 180, 210, 255, 315];
/// Days of a thousand with overtime, at the usual load: in externally driven work, and in self-paced.
const OVERTIME_DAYS: (u32, u32) = (880, 640);
/// The hour after which nobody stays: 02:00 of the next day.
const NIGHT: u32 = 26 * 60;
/// What overtime is asked for.
const REASONS: [&str; 8] = [
    "国会答弁の作成のため",
    "法令協議のため",
    "会議資料の作成のため",
    "予算関係業務のため",
    "関係省庁との調整のため",
    "報道対応のため",
    "決裁文書の作成のため",
    "調査の取りまとめのため",
];

/// The records of some people's month.
#[derive(Default)]
pub(super) struct Records {
    pub shifts: Vec<ShiftDraft>,
    pub requests: Vec<OvertimeRequestDraft>,
    pub telework: Vec<TeleworkDayDraft>,
    pub leave: Vec<LeaveEntryDraft>,
}

/// A person's month in the making.
struct Month<'a> {
    person: &'a Person,
    office: &'a Office,
    rng: StdRng,
    records: &'a mut Records,
}

/// Where somebody stands on a day.
#[derive(Clone, Copy)]
struct Place {
    external: bool,
    knows_orders: bool,
    subject: bool,
}

/// A day as a person works it, in minutes after midnight.
struct Worked {
    scheduled: Option<(u32, u32)>,
    presence: (u32, u32),
    ordered: Option<Vec<(u32, u32)>>,
}

/// Adds what a person did on the days of one month.
pub(super) fn month(office: &Office, person: &Person, days: &[Day], records: &mut Records) {
    let Some(first) = days.first().filter(|_| !person.is_away()) else { return };
    let rng = chances(office.seed, person.key, u64::from(first.date.year_ce().1 * 12 + first.date.month()));
    let mut month = Month { person, office, rng, records };
    let teleworked = month.teleworked(days);
    for (index, day) in days.iter().enumerate() {
        if let Some(post) = person.post(day.date) {
            let place = month.place(post);
            match day.kind {
                DayKind::Workday => month.workday(day, place, teleworked.contains(&index)),
                kind => month.day_off(day.date, kind, place),
            }
        }
    }
}

impl Month<'_> {
    fn place(&self, post: &Post) -> Place {
        let unit = &self.office.units[post.unit];
        Place { external: unit.external, knows_orders: BUREAUS[unit.bureau].knows_orders, subject: post.subject_to_overtime() }
    }

    fn chance(&mut self, of_thousand: u32) -> bool {
        self.rng.random_range(0..1_000) < of_thousand
    }

    /// The days at home: a few, for those who do it at all; July is the month for it (ワークライフバランス推進強化月間).
    fn teleworked(&mut self, days: &[Day]) -> Vec<usize> {
        let july = days.first().is_some_and(|day| day.date.month() == 7);
        if !self.person.teleworks || !self.chance(if july { 950 } else { 450 }) {
            return Vec::new();
        }
        let count = self.rng.random_range(1..=if july { 5 } else { 3 });
        (0..count).map(|_| self.rng.random_range(0..days.len())).collect()
    }

    fn workday(&mut self, day: &Day, place: Place, telework: bool) {
        let start = self.person.stage.unwrap_or(START);
        let end = start + DAY;
        if let Some(kind) = self.family_leave(day.date) {
            return self.leave(day.date, kind, DAY_MINUTES);
        }
        if self.chance(day.leave) {
            if self.chance(700) {
                return self.leave(day.date, LeaveKind::Annual, DAY_MINUTES);
            }
            // Some hours at the end of the day.
            let away: u32 = self.rng.random_range(2..=4) * 60;
            self.leave(day.date, LeaveKind::Annual, away.cast_signed());
            let ordered = place.knows_orders.then(Vec::new);
            return self.shift(
                day.date,
                DayKind::Workday,
                Worked { scheduled: Some((start, end)), presence: (start, end - away), ordered },
            );
        }
        if telework {
            self.telework(day.date);
            let ordered = place.knows_orders.then(Vec::new);
            return self.shift(day.date, DayKind::Workday, Worked { scheduled: Some((start, end)), presence: (start, end), ordered });
        }
        self.at_the_office(day, place, (start, end));
    }

    fn at_the_office(&mut self, day: &Day, place: Place, (start, end): (u32, u32)) {
        let overtime = self.overtime(day, place).min(NIGHT - end);
        let arrival = start - if self.chance(600) { 0 } else { self.rng.random_range(1..=20) };
        let prompt = if day.on_time { 850 } else { 600 };
        let linger = if self.chance(if overtime == 0 { prompt } else { 500 }) { 0 } else { self.rng.random_range(3..=25) };
        let ordered = if overtime == 0 || !place.subject { Vec::new() } else { vec![(end, end + overtime)] };
        if overtime > 0 && place.subject && self.chance(760) {
            self.request(day.date, (end, end + overtime));
        }
        let presence = (arrival, end + overtime + linger);
        let ordered = (place.knows_orders || !place.subject).then_some(ordered);
        self.shift(day.date, DayKind::Workday, Worked { scheduled: Some((start, end)), presence, ordered });
    }

    /// Overtime of the day in minutes; mostly none for managers, whose time nobody orders.
    fn overtime(&mut self, day: &Day, place: Place) -> u32 {
        let usual = if place.external { OVERTIME_DAYS.0 } else { OVERTIME_DAYS.1 };
        let press = self.person.load * SEASON[day.date.month0() as usize] / 100;
        let of_thousand = (usual * press / 100).min(940) * if day.on_time { 45 } else { 100 } / 100;
        if !self.chance(if place.subject { of_thousand } else { of_thousand / 4 }) {
            return 0;
        }
        let minutes = OVERTIME.choose(&mut self.rng).copied().unwrap_or_default();
        (minutes * (60 + press * 2 / 5) / 100).div_ceil(15) * 15
    }

    /// Now and then work calls on a day off.
    fn day_off(&mut self, date: NaiveDate, kind: DayKind, place: Place) {
        if !place.subject || !self.chance(if place.external { self.person.load / 5 } else { self.person.load / 25 }) {
            return;
        }
        let until = self.rng.random_range(14..=18) * 60;
        let scheduled = (kind == DayKind::Holiday).then_some((START, START + DAY));
        let ordered = place.knows_orders.then(|| if kind == DayKind::Holiday { Vec::new() } else { vec![(10 * 60, until)] });
        if kind != DayKind::Holiday {
            self.request(date, (10 * 60, until));
        }
        self.shift(date, kind, Worked { scheduled, presence: (10 * 60, until), ordered });
    }

    /// A father's two kinds of leave: two days at the birth, and five in the weeks after, or what he takes of them.
    fn family_leave(&self, date: NaiveDate) -> Option<LeaveKind> {
        let since = (date - self.person.birth?).num_days();
        match since {
            0..=1 => Some(LeaveKind::SpouseBirth),
            7..=11 => Some(LeaveKind::ChildcareParticipation).filter(|_| !self.person.key.is_multiple_of(4)),
            _ => None,
        }
    }

    fn external_id(&self, date: NaiveDate) -> String {
        format!("{}/{date}", self.person.number)
    }

    fn shift(&mut self, date: NaiveDate, day_kind: DayKind, worked: Worked) {
        let midnight = midnight(date);
        let interval = |(start, end): (u32, u32)| IntervalDraft { start: at(midnight, start), end: at(midnight, end) };
        let breaks = if worked.presence.0 < BREAK.0 && worked.presence.1 > BREAK.1 { vec![interval(BREAK)] } else { Vec::new() };
        let staggered = self.person.stage.is_some() && day_kind == DayKind::Workday;
        self.records.shifts.push(ShiftDraft {
            external_id: self.external_id(date),
            staff_number: self.person.number.clone(),
            date: Date(date),
            day_kind: Some(day_kind),
            pattern: if staggered { Pattern::Staggered } else { Pattern::Standard },
            scheduled: worked.scheduled.map(interval),
            presence: Some(interval(worked.presence)),
            breaks,
            ordered: worked.ordered.map(|ordered| ordered.into_iter().map(interval).collect()),
            version: Version::default(),
        });
    }

    /// A request for what was worked; most are confirmed before the day's end, some only afterwards.
    fn request(&mut self, date: NaiveDate, (start, end): (u32, u32)) {
        let midnight = midnight(date);
        let asked = start - self.rng.random_range(40..=180);
        let decided = if self.chance(930) { start - self.rng.random_range(0..=30) } else { end + 30 };
        self.records.requests.push(OvertimeRequestDraft {
            external_id: self.external_id(date),
            staff_number: self.person.number.clone(),
            date: Date(date),
            planned: IntervalDraft { start: at(midnight, start), end: at(midnight, end) },
            reason: REASONS.choose(&mut self.rng).copied().unwrap_or_default().to_owned(),
            requested_at: at(midnight, asked),
            decision: Decision::Approved,
            decided_at: Some(at(midnight, decided)),
            approver: self.person.post(date).map(|post| self.office.approvers[post.unit].clone()),
            version: Version::default(),
        });
    }

    fn telework(&mut self, date: NaiveDate) {
        self.records.telework.push(TeleworkDayDraft {
            external_id: self.external_id(date),
            staff_number: self.person.number.clone(),
            date: Date(date),
            place: TeleworkPlace::Home,
            minutes: DAY_MINUTES,
            version: Version::default(),
        });
    }

    fn leave(&mut self, date: NaiveDate, kind: LeaveKind, minutes: i32) {
        self.records.leave.push(LeaveEntryDraft {
            external_id: self.external_id(date),
            staff_number: self.person.number.clone(),
            date: Date(date),
            kind,
            minutes,
            version: Version::default(),
        });
    }
}

fn midnight(date: NaiveDate) -> DateTime<Utc> {
    instant(date.and_time(NaiveTime::MIN))
}

fn at(midnight: DateTime<Utc>, minute: u32) -> DateTime<Utc> {
    midnight + TimeDelta::minutes(i64::from(minute))
}
