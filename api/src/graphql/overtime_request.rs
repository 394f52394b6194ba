//! Overtime requests (超過勤務の事前確認).

use super::{
    connection::{Connection, list},
    node::global_id,
    record::{
        Bookkeeping, Placed, PlacedFilter, RecordFilter, RecordInput, RecordPayload, noun, placed, placed_condition, record_condition,
        write,
    },
    shift::Interval,
};
use crate::{
    store::{
        overtime_request::OvertimeRequestDraft,
        page::{Ordering, PageArgs},
    },
    words::Decision,
};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use entity::overtime_request::{self, Column, Model};
use sea_orm::ColumnTrait;

/// One request to work overtime.
pub struct OvertimeRequest(Model);

noun!(OvertimeRequest, overtime_request);

/// One request to work overtime; it counts as confirmed beforehand where it was approved before the planned start.
#[Object]
impl OvertimeRequest {
    /// Global id.
    pub async fn id(&self) -> ID {
        global_id("overtime_request", self.0.id.0)
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

    /// What is planned.
    async fn planned(&self) -> Interval {
        Interval { start: self.0.planned_start, end: self.0.planned_end }
    }

    /// Length of the plan, in minutes.
    async fn planned_minutes(&self) -> i32 {
        self.0.planned_minutes
    }

    /// Why the overtime is needed.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// When it was asked for.
    async fn requested_at(&self) -> DateTime<Utc> {
        self.0.requested_at
    }

    /// What was decided.
    async fn decision(&self) -> Decision {
        self.0.decision.into()
    }

    /// When it was decided; null while pending.
    async fn decided_at(&self) -> Option<DateTime<Utc>> {
        self.0.decided_at
    }

    /// Staff number of who decided; null while pending.
    async fn approver(&self) -> Option<&str> {
        self.0.approver.as_deref()
    }

    #[graphql(flatten)]
    fn bookkeeping(&self) -> Bookkeeping {
        Bookkeeping::of(&self.0)
    }
}

/// Which overtime requests.
#[derive(Debug, Clone, Default, InputObject)]
pub struct OvertimeRequestFilter {
    #[graphql(flatten)]
    placed: PlacedFilter,
    #[graphql(flatten)]
    record: RecordFilter,
    /// With this decision.
    decision: Option<Decision>,
}

/// In which order overtime requests are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum OvertimeRequestOrder {
    /// By date.
    Date,
    /// By date, the latest first.
    DateDescending,
}

/// Queries of overtime requests.
#[derive(Default)]
pub struct OvertimeRequestQuery;

#[Object]
impl OvertimeRequestQuery {
    /// Overtime requests that you may see.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn overtime_requests(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which overtime requests.", default)] filter: OvertimeRequestFilter,
        #[graphql(desc = "In which order.", default_with = "OvertimeRequestOrder::Date")] order_by: OvertimeRequestOrder,
        #[graphql(desc = "How many from the start, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 500.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<Connection<OvertimeRequest>> {
        let mut condition = placed_condition!(filter.placed, overtime_request).add(record_condition!(filter.record, overtime_request)?);
        if let Some(decision) = filter.decision {
            condition = condition.add(Column::Decision.eq(overtime_request::Decision::from(decision)));
        }
        let order = Ordering { by: Column::Date, descending: order_by == OvertimeRequestOrder::DateDescending };
        list(ctx, condition, order, &PageArgs { first, after, last, before }).await
    }
}

/// Mutations of overtime requests.
#[derive(Default)]
pub struct OvertimeRequestMutation;

#[Object]
impl OvertimeRequestMutation {
    /// Writes overtime requests in bulk.
    async fn record_overtime_requests(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The call.")] input: RecordInput<OvertimeRequestDraft>,
    ) -> Result<RecordPayload> {
        write::<Model>(ctx, input).await
    }
}
