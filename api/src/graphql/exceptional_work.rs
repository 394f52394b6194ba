//! Exceptional work (特例業務).

use super::{
    connection::{Connection, list, store},
    node::global_id,
    record::{
        Bookkeeping, Placed, PlacedFilter, RecordFilter, RecordInput, RecordPayload, noun, placed, placed_condition, record_condition,
        write,
    },
};
use crate::{
    store::{
        exceptional_work::ExceptionalWorkDraft,
        page::{Ordering, PageArgs},
    },
    words::{Date, Month},
};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result};
use entity::exceptional_work::{self, Column, Model};
use sea_orm::{ColumnTrait, Condition};

/// One piece of exceptional work of a person.
pub struct ExceptionalWork(Model);

noun!(ExceptionalWork, exceptional_work);

/// One piece of exceptional work of a person (特例業務), for which the caps on overtime may be exceeded; its date is the day it began. It must be
/// analysed within six months of the end of its fiscal year (rule 15-14, 第16条の2の2).
#[Object]
impl ExceptionalWork {
    /// Global id.
    pub async fn id(&self) -> ID {
        global_id("exceptional_work", self.0.id.0)
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

    /// The last month that is exempt from the caps, of the same fiscal year as the date.
    async fn last_month(&self) -> Month {
        Month(self.0.last_month)
    }

    /// Which work.
    async fn work(&self) -> &str {
        &self.0.work
    }

    /// The office or post that approved it.
    async fn approver(&self) -> &str {
        &self.0.approver
    }

    /// The day on which it was analysed and verified (整理、分析及び検証); null until then.
    async fn analysed_on(&self) -> Option<Date> {
        self.0.analysed_on.map(Date)
    }

    /// The last day for the analysis: six months after the end of the fiscal year.
    async fn analysis_due(&self) -> Date {
        Date(self.0.analysis_due())
    }

    /// Whether that day has passed without an analysis. Void work owes none.
    async fn analysis_overdue(&self, ctx: &Context<'_>) -> bool {
        self.0.analysis_overdue(store(ctx).today())
    }

    #[graphql(flatten)]
    fn bookkeeping(&self) -> Bookkeeping {
        Bookkeeping::of(&self.0)
    }
}

/// Which exceptional work.
#[derive(Debug, Clone, Default, InputObject)]
pub struct ExceptionalWorkFilter {
    #[graphql(flatten)]
    placed: PlacedFilter,
    #[graphql(flatten)]
    record: RecordFilter,
    /// Whose analysis is overdue today, or is not.
    analysis_overdue: Option<bool>,
}

/// In which order exceptional work is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum ExceptionalWorkOrder {
    /// By date.
    Date,
    /// By date, the latest first.
    DateDescending,
}

/// Queries of exceptional work.
#[derive(Default)]
pub struct ExceptionalWorkQuery;

#[Object]
impl ExceptionalWorkQuery {
    /// Exceptional work that you may see.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn exceptional_works(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which exceptional work.", default)] filter: ExceptionalWorkFilter,
        #[graphql(desc = "In which order.", default_with = "ExceptionalWorkOrder::Date")] order_by: ExceptionalWorkOrder,
        #[graphql(desc = "How many from the start, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 500.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<Connection<ExceptionalWork>> {
        let mut condition = placed_condition!(filter.placed, exceptional_work).add(record_condition!(filter.record, exceptional_work)?);
        if let Some(overdue) = filter.analysis_overdue {
            let late = Condition::all()
                .add(Column::Date.lt(exceptional_work::overdue_before(store(ctx).today())))
                .add(Column::AnalysedOn.is_null())
                .add(Column::VoidReason.is_null());
            condition = condition.add(if overdue { late } else { late.not() });
        }
        let order = Ordering { by: Column::Date, descending: order_by == ExceptionalWorkOrder::DateDescending };
        list(ctx, condition, order, &PageArgs { first, after, last, before }).await
    }
}

/// Mutations of exceptional work.
#[derive(Default)]
pub struct ExceptionalWorkMutation;

#[Object]
impl ExceptionalWorkMutation {
    /// Writes exceptional work in bulk.
    async fn record_exceptional_works(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The call.")] input: RecordInput<ExceptionalWorkDraft>,
    ) -> Result<RecordPayload> {
        write::<Model>(ctx, input).await
    }
}
