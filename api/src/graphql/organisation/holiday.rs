//! Public holidays (国民の祝日・休日).

use crate::graphql::nullable::{Conditions, Nullable, attempt};
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
use async_graphql::{Context, Enum, ID, InputObject, Object};
use entity::holiday::{Column, Model};
use sea_orm::ColumnTrait;

/// One public holiday.
pub struct Holiday(Model);

noun!(Holiday, holiday);

/// One public holiday (国民の祝日・休日), or day off of the New Year; a date is a holiday once.
#[Object]
impl Holiday {
    /// Global id, as `node` takes it; it stays the same through all changes of the row.
    pub async fn id(&self) -> ID {
        global_id("holiday", self.0.id.0)
    }

    /// The key in the client's own numbering.
    async fn external_id(&self) -> &str {
        &self.0.external_id
    }

    /// Code of the machine client in whose numbering the record is; `OFFICE` for what people keep by hand.
    async fn client(&self) -> &str {
        &self.0.client
    }

    /// The civil date of the holiday, in Asia/Tokyo.
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

/// Which holidays: all given conditions must hold; one that is absent or null asks nothing, and an empty list finds nothing.
#[derive(Debug, Clone, Default, InputObject)]
pub struct HolidayFilter {
    /// On this civil date (Asia/Tokyo) or a later one.
    from: Option<Date>,
    /// Before this civil date (Asia/Tokyo), which is itself left out.
    to: Option<Date>,
    /// With any of these keys of the writing client, at most 500; an unknown one finds nothing.
    external_ids: Option<Vec<String>>,
    #[graphql(flatten)]
    record: RecordFilter,
}

/// In which order holidays are listed; a date is a holiday once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum HolidayOrder {
    /// By civil date, the earliest first.
    Date,
    /// By civil date, the latest first.
    DateDescending,
}

/// Queries of holidays.
#[derive(Default)]
pub struct HolidayQuery;

#[Object]
impl HolidayQuery {
    /// National holidays (国民の祝日・休日) and the government's days off of the New Year; every caller with a token sees them.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn holidays(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which holidays: all given conditions must hold; without any, all that are not void.", default)]
        filter: Conditions<HolidayFilter>,
        #[graphql(desc = "In which order; ties by id.", default_with = "HolidayOrder::Date")] order_by: HolidayOrder,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Nullable<Connection<Holiday>> {
        attempt(async {
            let filter = filter.0;
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
        })
        .await
    }
}

/// Mutations of holidays.
#[derive(Default)]
pub struct HolidayMutation;

#[Object]
impl HolidayMutation {
    /// Writes holidays in bulk, new ones and new versions, for the list changes late; for administrators.
    async fn record_holidays(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The call: its key, its mode, and the records.")] input: RecordInput<HolidayDraft>,
    ) -> Nullable<RecordPayload> {
        attempt(async { write::<Model>(ctx, input).await }).await
    }
}
