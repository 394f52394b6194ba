//! Opening balances: overtime elsewhere, before a secondment.

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
        opening_balance::OpeningBalanceDraft,
        page::{Ordering, PageArgs},
    },
    words::{Month, Regime},
};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result};
use entity::opening_balance::{Column, Model};
use sea_orm::ColumnTrait;

/// One month's overtime of a person elsewhere.
pub struct OpeningBalance(Model);

noun!(OpeningBalance, opening_balance);

/// One month's overtime of a person elsewhere, before a secondment; its date is the day of arrival. Hours follow the person: it counts in
/// yearly sums and means where the person has no person-month here.
#[Object]
impl OpeningBalance {
    /// Global id.
    pub async fn id(&self) -> ID {
        global_id("opening_balance", self.0.id.0)
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

    /// The month of the overtime.
    async fn month(&self) -> Month {
        Month(self.0.month)
    }

    /// The regime there; null where it is not known.
    async fn regime(&self) -> Option<Regime> {
        self.0.regime.map(Into::into)
    }

    /// Overtime minutes of the month.
    async fn minutes(&self) -> i32 {
        self.0.minutes
    }

    #[graphql(flatten)]
    fn bookkeeping(&self) -> Bookkeeping {
        Bookkeeping::of(&self.0)
    }
}

/// Which opening balances.
#[derive(Debug, Clone, Default, InputObject)]
pub struct OpeningBalanceFilter {
    #[graphql(flatten)]
    placed: PlacedFilter,
    #[graphql(flatten)]
    record: RecordFilter,
    /// Of this month or later ones.
    from_month: Option<Month>,
    /// Of this month or earlier ones.
    to_month: Option<Month>,
}

/// In which order opening balances are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum OpeningBalanceOrder {
    /// By date.
    Date,
    /// By date, the latest first.
    DateDescending,
}

/// Queries of opening balances.
#[derive(Default)]
pub struct OpeningBalanceQuery;

#[Object]
impl OpeningBalanceQuery {
    /// Opening balances that you may see.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn opening_balances(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which opening balances.", default)] filter: OpeningBalanceFilter,
        #[graphql(desc = "In which order.", default_with = "OpeningBalanceOrder::Date")] order_by: OpeningBalanceOrder,
        #[graphql(desc = "How many from the start, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 500.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<Connection<OpeningBalance>> {
        let mut condition = placed_condition!(filter.placed, opening_balance).add(record_condition!(filter.record, opening_balance)?);
        if let Some(month) = filter.from_month {
            condition = condition.add(Column::Month.gte(month.0));
        }
        if let Some(month) = filter.to_month {
            condition = condition.add(Column::Month.lte(month.0));
        }
        let order = Ordering { by: Column::Date, descending: order_by == OpeningBalanceOrder::DateDescending };
        list(ctx, condition, order, &PageArgs { first, after, last, before }).await
    }
}

/// Mutations of opening balances.
#[derive(Default)]
pub struct OpeningBalanceMutation;

#[Object]
impl OpeningBalanceMutation {
    /// Writes opening balances in bulk.
    async fn record_opening_balances(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The call.")] input: RecordInput<OpeningBalanceDraft>,
    ) -> Result<RecordPayload> {
        write::<Model>(ctx, input).await
    }
}
