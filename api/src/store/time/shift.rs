//! Writing shifts (勤務): the minutes are derived here by the one pure function; no two shifts of a person overlap.

use crate::store::{
    conflicts::overlapping,
    dialect,
    record::{Call, Doubt, KnowsPeople, Look, RecordNoun, Version, Writing, Written, check_horizon, days_off, record_draft},
    rules::{
        doubts::{self, DaysOff},
        people::People,
    },
};
use crate::{
    authz::Noun,
    error::Error,
    words::{Date, DayKind, Pattern},
};
use async_graphql::InputObject;
use chrono::{DateTime, Utc};
use entity::{
    horizon::{Horizon, When},
    shift::{Entity, Intervals, Model, Own},
    work_time::{self, Field, Interval, ShiftTimes, WorkTimeError},
};
use jobs::database::WriteTransaction;
use sea_orm::DbErr;
use serde::{Deserialize, Serialize};

/// A half-open interval on whole minutes.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, InputObject)]
#[graphql(name = "IntervalInput")]
pub struct IntervalDraft {
    /// Start, with offset.
    pub start: DateTime<Utc>,
    /// End, with offset; after the start.
    pub end: DateTime<Utc>,
}

/// One duty period of a person.
#[derive(Debug, Clone, Serialize, Deserialize, InputObject)]
#[graphql(name = "ShiftInput")]
pub struct ShiftDraft {
    /// Your own key of the shift.
    pub external_id: String,
    /// The person.
    pub staff_number: String,
    /// The civil date on which it starts, today at the latest; an overnight shift belongs to it as a whole.
    pub date: Date,
    /// Kind of day for this person; without it that of the platform's calendar, which knows weekends and the holidays that were recorded.
    pub day_kind: Option<DayKind>,
    /// Pattern of work.
    #[graphql(default_with = "Pattern::Standard")]
    pub pattern: Pattern,
    /// Regular hours; without them all worked time is overtime.
    pub scheduled: Option<IntervalDraft>,
    /// From arrival to leaving, at most 36 hours; it has ended, with 5 minutes of grace.
    pub presence: Option<IntervalDraft>,
    /// Breaks within presence.
    #[graphql(default)]
    pub breaks: Vec<IntervalDraft>,
    /// Ordered overtime (超過勤務命令), which has ended as presence has; an empty list says that none was ordered, null that your system does not know.
    pub ordered: Option<Vec<IntervalDraft>>,
    /// Version and voidness.
    #[graphql(flatten)]
    #[serde(flatten)]
    pub version: Version,
}

record_draft!(dated ShiftDraft, "Shifts");

/// The people of the call, and the calendar as far as its shifts leave their kind of day to it.
pub struct World {
    people: People,
    off: DaysOff,
}

impl KnowsPeople for World {
    fn people(&self) -> &People {
        &self.people
    }
}

impl RecordNoun for Model {
    type Draft = ShiftDraft;
    type World = World;
    const NOUN: Noun = Noun::Shift;

    async fn load(tx: &WriteTransaction, call: &Call<ShiftDraft>, writing: &Writing<'_>) -> Result<World, Error> {
        let people = People::of(tx, call, writing).await?;
        let left = call.records.iter().filter(|draft| draft.day_kind.is_none()).map(|draft| draft.date.0);
        Ok(World { people, off: days_off(tx, left).await? })
    }

    async fn neighbours(tx: &WriteTransaction, call: &Call<ShiftDraft>, world: &World) -> Result<Vec<Self>, DbErr> {
        // A shift may reach 60 hours beyond the start of its date.
        let days = call.records.iter().map(|draft| (draft.staff_number.as_str(), draft.date.0));
        dialect::in_windows::<Entity, _>(&**tx, &world.people.windows(days, 3)).await
    }

    fn own(draft: &ShiftDraft, world: &World, writing: &Writing<'_>) -> Result<Own, Error> {
        let scheduled = draft.scheduled.map(|draft| interval(draft, Field::Scheduled)).transpose()?;
        let presence = draft.presence.map(|draft| interval(draft, Field::Presence)).transpose()?;
        let breaks = intervals(&draft.breaks, Field::Breaks)?;
        let ordered = draft.ordered.as_ref().map(|ordered| intervals(ordered, Field::Ordered)).transpose()?;
        let day_kind = draft.day_kind.or_else(|| world.off.kind(draft.date.0)).ok_or_else(no_calendar)?;
        let times = ShiftTimes { day_kind, scheduled, presence, breaks: &breaks, ordered: ordered.as_deref() };
        let minutes = work_time::work_minutes(&times).map_err(located)?;
        work_time::check_date(&times, draft.date.0).map_err(located)?;
        check_ordered(ordered.as_deref().unwrap_or_default(), writing.now)?;
        work_time::check_pattern(draft.pattern, scheduled).map_err(located)?;
        let occupied =
            work_time::occupied(&times).ok_or_else(|| Error::input("presence", "時間帯がありません。", "The shift has no interval."))?;
        Ok(Own {
            day_kind,
            pattern: draft.pattern,
            scheduled_start: scheduled.map(Interval::start),
            scheduled_end: scheduled.map(Interval::end),
            presence_start: presence.map(Interval::start),
            presence_end: presence.map(Interval::end),
            breaks: Intervals(breaks),
            ordered: ordered.map(Intervals),
            occupied_start: occupied.start(),
            occupied_end: occupied.end(),
            worked_minutes: minutes.worked,
            ordinary_minutes: minutes.ordinary,
            overtime_minutes: minutes.overtime,
            basis: minutes.basis,
            presence_overtime_minutes: minutes.presence_overtime,
            ordered_overtime_minutes: minutes.ordered_overtime,
            late_night_minutes: minutes.late_night,
            day_off_minutes: minutes.day_off,
        })
    }

    fn conflicts(rows: &[&Self], _: &World) -> Vec<(usize, Error)> {
        let spans: Vec<_> = rows.iter().map(|row| ((row.staff_id, row.bureau_id), row.occupied_start, Some(row.occupied_end))).collect();
        let overlap = || {
            Error::conflict("presence", "同じ職員の他の勤務と時間が重なっています。", "It overlaps another shift of the same staff member.")
        };
        overlapping(&spans).into_iter().map(|(index, other)| (index, overlap().beside(other))).collect()
    }

    async fn doubts(
        look: &Look<'_>,
        written: &[Written<'_, Self, ShiftDraft>],
        state: &[&Self],
        _: &World,
    ) -> Result<Vec<(usize, Doubt)>, Error> {
        let rows = || written.iter().map(|record| record.row);
        let named = |row: &&Self| matches!(row.day_kind, DayKind::Workday | DayKind::Holiday);
        let off = look.days_off(rows().filter(named).map(|row| row.date)).await?;
        let stages = if rows().any(|row| row.pattern == Pattern::Staggered) { look.start_stages().await? } else { Vec::new() };
        let leave = look.leave_of_days(&doubts::spans(rows().filter_map(worked).map(|((person, _, date), ..)| (person, date)))).await?;
        let leave = leave.iter().map(|row| ((row.staff_id, row.bureau_id, row.date), row.minutes));
        let crowded = doubts::crowded(leave, state.iter().copied().filter_map(worked));
        let of = |row: &Self| {
            let day = (row.staff_id, row.bureau_id, row.date);
            let beside = (row.ordinary_minutes > 0 && crowded.contains(&day)).then(|| doubts::beside("presence"));
            [doubts::day_kind(row.day_kind, row.date, &off), doubts::stage(row, &stages), beside]
        };
        Ok(rows().enumerate().flat_map(|(at, row)| of(row).into_iter().flatten().map(move |doubt| (at, doubt))).collect())
    }
}

/// A kind of day that is left to a calendar without the holidays of its year.
fn no_calendar() -> Error {
    let ja = "この年の休日が登録されていないため、日の種別を省略できません。";
    let en = "No holidays of this year were recorded; say which kind of day it is.";
    Error::input("dayKind", ja, en)
}

/// What a shift holds of its schedule.
fn worked(row: &Model) -> Option<doubts::Work> {
    doubts::work((row.staff_id, row.bureau_id, row.date), row.ordinary_minutes, (row.scheduled_start, row.scheduled_end))
}

/// Ordered overtime counts as worked, and so it is over when it is recorded, as presence is.
fn check_ordered(ordered: &[Interval], now: DateTime<Utc>) -> Result<(), Error> {
    ordered.iter().enumerate().try_for_each(|(index, interval)| {
        check_horizon(&Field::Ordered(index).to_string(), Horizon::EndsBeforeNow, When::Instant(interval.end()), now)
    })
}

fn interval(draft: IntervalDraft, field: Field) -> Result<Interval, Error> {
    Interval::new(draft.start, draft.end).map_err(|problem| located(problem.at(field)))
}

fn intervals(drafts: &[IntervalDraft], field: impl Fn(usize) -> Field) -> Result<Vec<Interval>, Error> {
    // One shift has a handful; a list beyond that is a mistake of the source.
    if drafts.len() > 20 {
        let (ja, en) = ("時間帯は20個までです。", "There are more than 20 intervals.");
        return Err(Error::input(&field(20).to_string(), ja, en));
    }
    let mut found = Vec::with_capacity(drafts.len());
    for (index, draft) in drafts.iter().enumerate() {
        found.push(interval(*draft, field(index))?);
    }
    found.sort_by_key(|interval| (interval.start(), interval.end()));
    Ok(found)
}

fn located(error: WorkTimeError) -> Error {
    Error::input(&error.field.to_string(), error.problem.message_ja(), format!("{}.", error.problem))
}
