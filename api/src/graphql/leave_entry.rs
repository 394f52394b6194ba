//! Leave (休暇).

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
        leave_entry::LeaveEntryDraft,
        page::{Ordering, PageArgs},
    },
    words::LeaveKind,
};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result};
use entity::leave_entry::{self, Column, Model};
use sea_orm::ColumnTrait;

/// Leave of one kind on one day.
pub struct LeaveEntry(Model);

noun!(LeaveEntry, leave_entry);

/// Leave (休暇) of one kind on one day.
#[Object]
impl LeaveEntry {
    /// Global id.
    pub async fn id(&self) -> ID {
        global_id("leave_entry", self.0.id.0)
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

    /// Kind of leave.
    async fn kind(&self) -> LeaveKind {
        self.0.kind.into()
    }

    /// Minutes of leave; 465 is a whole standard day.
    async fn minutes(&self) -> i32 {
        self.0.minutes
    }

    #[graphql(flatten)]
    fn bookkeeping(&self) -> Bookkeeping {
        Bookkeeping::of(&self.0)
    }
}

/// Which leave entries.
#[derive(Debug, Clone, Default, InputObject)]
pub struct LeaveEntryFilter {
    #[graphql(flatten)]
    placed: PlacedFilter,
    #[graphql(flatten)]
    record: RecordFilter,
    /// Of this kind.
    kind: Option<LeaveKind>,
}

/// In which order leave entries are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum LeaveEntryOrder {
    /// By date.
    Date,
    /// By date, the latest first.
    DateDescending,
}

/// Queries of leave entries.
#[derive(Default)]
pub struct LeaveEntryQuery;

#[Object]
impl LeaveEntryQuery {
    /// Leave entries that you may see.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn leave_entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which leave entries.", default)] filter: LeaveEntryFilter,
        #[graphql(desc = "In which order.", default_with = "LeaveEntryOrder::Date")] order_by: LeaveEntryOrder,
        #[graphql(desc = "How many from the start, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 500.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<Connection<LeaveEntry>> {
        let mut condition = placed_condition!(filter.placed, leave_entry).add(record_condition!(filter.record, leave_entry)?);
        if let Some(kind) = filter.kind {
            condition = condition.add(Column::Kind.eq(leave_entry::LeaveKind::from(kind)));
        }
        let order = Ordering { by: Column::Date, descending: order_by == LeaveEntryOrder::DateDescending };
        list(ctx, condition, order, &PageArgs { first, after, last, before }).await
    }
}

/// Mutations of leave entries.
#[derive(Default)]
pub struct LeaveEntryMutation;

#[Object]
impl LeaveEntryMutation {
    /// Writes leave entries in bulk.
    async fn record_leave_entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The call.")] input: RecordInput<LeaveEntryDraft>,
    ) -> Result<RecordPayload> {
        write::<Model>(ctx, input).await
    }
}
