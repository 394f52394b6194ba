//! Shifts (勤務).

use super::{
    connection::{Connection, list},
    node::global_id,
    record::{
        Bookkeeping, Placed, PlacedFilter, RecordFilter, RecordInput, RecordPayload, noun, placed, placed_condition, record_condition,
        write,
    },
};
use crate::{
    store::{
        page::{Ordering, PageArgs},
        shift::ShiftDraft,
    },
    words::{Basis, DayKind, Pattern},
};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{
    shift::{Column, Model},
    work_time,
};
use sea_orm::ColumnTrait;

/// One duty period of a person, owned by the civil date on which it starts.
pub struct Shift(Model);

noun!(Shift, shift);

/// A half-open interval.
#[derive(SimpleObject)]
pub struct Interval {
    /// Start.
    pub start: DateTime<Utc>,
    /// End.
    pub end: DateTime<Utc>,
}

impl From<&work_time::Interval> for Interval {
    fn from(interval: &work_time::Interval) -> Self {
        Self { start: interval.start(), end: interval.end() }
    }
}

impl Interval {
    fn of(start: Option<DateTime<Utc>>, end: Option<DateTime<Utc>>) -> Option<Self> {
        start.zip(end).map(|(start, end)| Self { start, end })
    }
}

/// One duty period of a person, owned by the civil date on which it starts.
#[Object]
impl Shift {
    /// Global id.
    pub async fn id(&self) -> ID {
        global_id("shift", self.0.id.0)
    }

    /// The key in the client's own numbering.
    async fn external_id(&self) -> &str {
        &self.0.external_id
    }

    /// The client in whose numbering it was written.
    async fn client(&self) -> &str {
        &self.0.client
    }

    #[graphql(flatten)]
    fn placed(&self) -> Placed<'_> {
        placed!(self.0)
    }

    /// Kind of day for this person.
    async fn day_kind(&self) -> DayKind {
        self.0.day_kind.into()
    }

    /// Pattern of work.
    async fn pattern(&self) -> Pattern {
        self.0.pattern.into()
    }

    /// Regular hours.
    async fn scheduled(&self) -> Option<Interval> {
        Interval::of(self.0.scheduled_start, self.0.scheduled_end)
    }

    /// From arrival to leaving.
    async fn presence(&self) -> Option<Interval> {
        Interval::of(self.0.presence_start, self.0.presence_end)
    }

    /// Breaks, in order of time.
    async fn breaks(&self) -> Vec<Interval> {
        self.0.breaks.0.iter().map(Interval::from).collect()
    }

    /// Ordered overtime; null where the source has none.
    async fn ordered(&self) -> Option<Vec<Interval>> {
        self.0.ordered.as_ref().map(|ordered| ordered.0.iter().map(Interval::from).collect())
    }

    /// Worked minutes: presence less breaks.
    async fn worked_minutes(&self) -> i32 {
        self.0.worked_minutes
    }

    /// Worked minutes that are no overtime by the clock.
    async fn ordinary_minutes(&self) -> i32 {
        self.0.ordinary_minutes
    }

    /// Overtime minutes, by the basis.
    async fn overtime_minutes(&self) -> i32 {
        self.0.overtime_minutes
    }

    /// What overtime was counted from.
    async fn basis(&self) -> Basis {
        self.0.basis.into()
    }

    /// Overtime minutes by presence, whatever was ordered.
    async fn presence_overtime_minutes(&self) -> i32 {
        self.0.presence_overtime_minutes
    }

    /// Ordered overtime minutes; null where the source has none.
    async fn ordered_overtime_minutes(&self) -> Option<i32> {
        self.0.ordered_overtime_minutes
    }

    /// Worked minutes between 22:00 and 05:00.
    async fn late_night_minutes(&self) -> i32 {
        self.0.late_night_minutes
    }

    /// Worked minutes on a day off or holiday.
    async fn day_off_minutes(&self) -> i32 {
        self.0.day_off_minutes
    }

    #[graphql(flatten)]
    fn bookkeeping(&self) -> Bookkeeping {
        Bookkeeping::of(&self.0)
    }
}

/// Which shifts.
#[derive(Debug, Clone, Default, InputObject)]
pub struct ShiftFilter {
    #[graphql(flatten)]
    placed: PlacedFilter,
    #[graphql(flatten)]
    record: RecordFilter,
    /// With this pattern.
    pattern: Option<Pattern>,
    /// On this kind of day.
    day_kind: Option<DayKind>,
}

/// In which order shifts are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum ShiftOrder {
    /// By date.
    Date,
    /// By date, the latest first.
    DateDescending,
}

/// Queries of shifts.
#[derive(Default)]
pub struct ShiftQuery;

#[Object]
impl ShiftQuery {
    /// Shifts that you may see.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn shifts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which shifts.", default)] filter: ShiftFilter,
        #[graphql(desc = "In which order.", default_with = "ShiftOrder::Date")] order_by: ShiftOrder,
        #[graphql(desc = "How many from the start, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 500.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Shift>> {
        let mut condition = placed_condition!(filter.placed, shift).add(record_condition!(filter.record, shift)?);
        if let Some(pattern) = filter.pattern {
            condition = condition.add(Column::Pattern.eq(work_time::Pattern::from(pattern)));
        }
        if let Some(day_kind) = filter.day_kind {
            condition = condition.add(Column::DayKind.eq(work_time::DayKind::from(day_kind)));
        }
        let order = Ordering { by: Column::Date, descending: order_by == ShiftOrder::DateDescending };
        list(ctx, condition, order, &PageArgs { first, after, last, before }).await
    }
}

/// Mutations of shifts.
#[derive(Default)]
pub struct ShiftMutation;

#[Object]
impl ShiftMutation {
    /// Writes shifts in bulk.
    async fn record_shifts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The call.")] input: RecordInput<ShiftDraft>,
    ) -> Result<RecordPayload> {
        write::<Model>(ctx, input).await
    }
}
