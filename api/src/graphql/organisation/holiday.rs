//! Public holidays (国民の祝日・休日).

use crate::graphql::{
    connection::{Connection, list},
    node::global_id,
    record::{Bookkeeping, RecordFilter, RecordInput, RecordPayload, limited, noun, record_condition, write},
};
use crate::{
    store::{
        holiday::HolidayDraft,
        page::{Ordering, PageArgs},
    },
    words::Date,
};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result};
use entity::holiday::{Column, Model};
use sea_orm::ColumnTrait;

/// One public holiday.
pub struct Holiday(Model);

noun!(Holiday, holiday);

/// One public holiday (国民の祝日・休日), or day off of the New Year; a date is a holiday once.
#[Object]
impl Holiday {
    /// Global id.
    pub async fn id(&self) -> ID {
        global_id("holiday", self.0.id.0)
    }

    /// The key in the client's own numbering.
    async fn external_id(&self) -> &str {
        &self.0.external_id
    }

    /// The client in whose numbering it was written.
    async fn client(&self) -> &str {
        &self.0.client
    }

    /// The civil date.
    async fn date(&self) -> Date {
        Date(self.0.date)
    }

    /// Name in Japanese, such as 元日.
    async fn name_ja(&self) -> &str {
        &self.0.name_ja
    }

    #[graphql(flatten)]
    fn bookkeeping(&self) -> Bookkeeping {
        Bookkeeping::of(&self.0)
    }
}

/// Which holidays.
#[derive(Debug, Clone, Default, InputObject)]
pub struct HolidayFilter {
    /// On or after this date.
    from: Option<Date>,
    /// Before this date.
    to: Option<Date>,
    /// With one of these keys of the writing client.
    external_ids: Option<Vec<String>>,
    #[graphql(flatten)]
    record: RecordFilter,
}

/// In which order holidays are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum HolidayOrder {
    /// By date.
    Date,
    /// By date, the latest first.
    DateDescending,
}

/// Queries of holidays.
#[derive(Default)]
pub struct HolidayQuery;

#[Object]
impl HolidayQuery {
    /// Public holidays.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn holidays(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which holidays.", default)] filter: HolidayFilter,
        #[graphql(desc = "In which order.", default_with = "HolidayOrder::Date")] order_by: HolidayOrder,
        #[graphql(desc = "How many from the start, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 500.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Holiday>> {
        let mut condition = record_condition!(filter.record, holiday)?;
        if let Some(from) = filter.from {
            condition = condition.add(Column::Date.gte(from.0));
        }
        if let Some(to) = filter.to {
            condition = condition.add(Column::Date.lt(to.0));
        }
        if let Some(external_ids) = &filter.external_ids {
            condition = condition.add(Column::ExternalId.is_in(limited(external_ids, "externalIds")?));
        }
        let order = Ordering { by: Column::Date, descending: order_by == HolidayOrder::DateDescending };
        list(ctx, condition, order, &PageArgs { first, after, last, before }).await
    }
}

/// Mutations of holidays.
#[derive(Default)]
pub struct HolidayMutation;

#[Object]
impl HolidayMutation {
    /// Writes holidays in bulk.
    async fn record_holidays(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The call.")] input: RecordInput<HolidayDraft>,
    ) -> Result<RecordPayload> {
        write::<Model>(ctx, input).await
    }
}
