//! Telework days (テレワーク).

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
        telework_day::TeleworkDayDraft,
    },
    words::TeleworkPlace,
};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result};
use entity::telework_day::{self, Column, Model};
use sea_orm::ColumnTrait;

/// One telework day of a person.
pub struct TeleworkDay(Model);

noun!(TeleworkDay, telework_day);

/// One day, or part of one, that a person worked away from the office (テレワーク); at most one a day.
#[Object]
impl TeleworkDay {
    /// Global id.
    pub async fn id(&self) -> ID {
        global_id("telework_day", self.0.id.0)
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

    /// Where the person worked.
    async fn place(&self) -> TeleworkPlace {
        self.0.place.into()
    }

    /// Minutes away from the office; 465 is a whole standard day.
    async fn minutes(&self) -> i32 {
        self.0.minutes
    }

    #[graphql(flatten)]
    fn bookkeeping(&self) -> Bookkeeping {
        Bookkeeping::of(&self.0)
    }
}

/// Which telework days.
#[derive(Debug, Clone, Default, InputObject)]
pub struct TeleworkDayFilter {
    #[graphql(flatten)]
    placed: PlacedFilter,
    #[graphql(flatten)]
    record: RecordFilter,
    /// Worked in this place.
    place: Option<TeleworkPlace>,
}

/// In which order telework days are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum TeleworkDayOrder {
    /// By date.
    Date,
    /// By date, the latest first.
    DateDescending,
}

/// Queries of telework days.
#[derive(Default)]
pub struct TeleworkDayQuery;

#[Object]
impl TeleworkDayQuery {
    /// Telework days that you may see.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn telework_days(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which telework days.", default)] filter: TeleworkDayFilter,
        #[graphql(desc = "In which order.", default_with = "TeleworkDayOrder::Date")] order_by: TeleworkDayOrder,
        #[graphql(desc = "How many from the start, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 500.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<Connection<TeleworkDay>> {
        let mut condition = placed_condition!(filter.placed, telework_day).add(record_condition!(filter.record, telework_day)?);
        if let Some(place) = filter.place {
            condition = condition.add(Column::Place.eq(telework_day::TeleworkPlace::from(place)));
        }
        let order = Ordering { by: Column::Date, descending: order_by == TeleworkDayOrder::DateDescending };
        list(ctx, condition, order, &PageArgs { first, after, last, before }).await
    }
}

/// Mutations of telework days.
#[derive(Default)]
pub struct TeleworkDayMutation;

#[Object]
impl TeleworkDayMutation {
    /// Writes telework days in bulk.
    async fn record_telework_days(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The call.")] input: RecordInput<TeleworkDayDraft>,
    ) -> Result<RecordPayload> {
        write::<Model>(ctx, input).await
    }
}
