//! On-time days (定時退庁日).

use crate::graphql::nullable::{Conditions, Nullable, attempt, maybe};
use crate::graphql::{
    bureau::Bureau,
    connection::{Connection, list, loaders},
    loaders::HeldOn,
    node::global_id,
    record::{Bookkeeping, RecordFilter, RecordInput, RecordPayload, limited, noun, record_condition, write},
};
use crate::{
    store::{
        codes,
        on_time_day::OnTimeDayDraft,
        page::{Ordering, PageArgs},
    },
    words::{Date, OnTimeDayKind},
};
use async_graphql::{Context, Enum, ID, InputObject, Object};
use entity::on_time_day::{Column, Model};
use sea_orm::ColumnTrait;

/// One on-time day.
pub struct OnTimeDay(Model);

noun!(OnTimeDay, on_time_day);

/// One on-time day (定時退庁日): staff leave at their scheduled end.
#[Object]
impl OnTimeDay {
    /// Global id, as `node` takes it; it stays the same through all changes of the row.
    pub async fn id(&self) -> ID {
        global_id("on_time_day", self.0.id.0)
    }

    /// The key in the client's own numbering.
    async fn external_id(&self) -> &str {
        &self.0.external_id
    }

    /// Code of the machine client in whose numbering the record is; `OFFICE` for what people keep by hand.
    async fn client(&self) -> &str {
        &self.0.client
    }

    /// The bureau it holds for; null for the whole office.
    async fn bureau(&self, ctx: &Context<'_>) -> Nullable<Bureau> {
        maybe(async {
            match self.0.bureau_id {
                None => Ok(None),
                Some(id) => Ok(loaders(ctx).row(id).await?.map(Bureau::from)),
            }
        })
        .await
    }

    /// The civil date, on which staff leave at their scheduled end.
    async fn date(&self) -> Date {
        Date(self.0.date)
    }

    /// The civil date on which it is held: its own, or where that is no workday (a weekend, a holiday, 29 December to 3 January) the one that the
    /// rules of overtime say (`onTimeDayOff`); null where it lapses then.
    async fn held_on(&self, ctx: &Context<'_>) -> Nullable<Date> {
        maybe(async { Ok(loaders(ctx).row(HeldOn(self.0.date)).await?.flatten().map(Date)) }).await
    }

    /// Which of the three kinds it is; a bureau, or the office, has one of a kind a day.
    async fn kind(&self) -> OnTimeDayKind {
        self.0.kind
    }

    #[graphql(flatten)]
    fn bookkeeping(&self) -> Bookkeeping {
        Bookkeeping::of(&self.0)
    }
}

/// Which on-time days: all given conditions must hold; one that is absent or null asks nothing, and an empty list finds nothing.
#[derive(Debug, Clone, Default, InputObject)]
pub struct OnTimeDayFilter {
    /// With any of these keys of the writing client, at most 500; an unknown one finds nothing.
    external_ids: Option<Vec<String>>,
    /// Of these bureaus' own, by code; days of the whole office are no bureau's own.
    bureaus: Option<Vec<String>>,
    /// Of this one of the three kinds.
    kind: Option<OnTimeDayKind>,
    /// On this civil date (Asia/Tokyo) or a later one.
    from: Option<Date>,
    /// Before this civil date (Asia/Tokyo), which is itself left out.
    to: Option<Date>,
    #[graphql(flatten)]
    record: RecordFilter,
}

/// In which order on-time days are listed; ties are broken by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum OnTimeDayOrder {
    /// By civil date, the earliest first.
    Date,
    /// By civil date, the latest first.
    DateDescending,
}

/// Queries of on-time days.
#[derive(Default)]
pub struct OnTimeDayQuery;

#[Object]
impl OnTimeDayQuery {
    /// On-time days of bureaus and of the whole office.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn on_time_days(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which on-time days: all given conditions must hold; without any, all that are not void.", default)]
        filter: Conditions<OnTimeDayFilter>,
        #[graphql(desc = "In which order; ties by id.", default_with = "OnTimeDayOrder::Date")] order_by: OnTimeDayOrder,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Nullable<Connection<OnTimeDay>> {
        attempt(async {
            let filter = filter.0;
            let mut condition = record_condition!(filter.record, on_time_day)?;
            if let Some(external_ids) = &filter.external_ids {
                condition = condition.add(Column::ExternalId.is_in(limited(external_ids, "externalIds")?));
            }
            if let Some(codes) = &filter.bureaus {
                condition = condition.add(Column::BureauId.in_subquery(codes::bureaus(limited(codes, "bureaus")?)));
            }
            if let Some(kind) = filter.kind {
                condition = condition.add(Column::Kind.eq(kind));
            }
            if let Some(from) = filter.from {
                condition = condition.add(Column::Date.gte(from.0));
            }
            if let Some(to) = filter.to {
                condition = condition.add(Column::Date.lt(to.0));
            }
            let order = Ordering { by: Column::Date, descending: order_by == OnTimeDayOrder::DateDescending };
            list(ctx, condition, order, &PageArgs { first, after, last, before }).await
        })
        .await
    }
}

/// Mutations of on-time days.
#[derive(Default)]
pub struct OnTimeDayMutation;

#[Object]
impl OnTimeDayMutation {
    /// Writes on-time days in bulk, new ones and new versions; of the office for the secretariat and administrators, of a bureau for its officers too. Months of past days are computed anew.
    async fn record_on_time_days(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The call: its key, its mode, and the records.")] input: RecordInput<OnTimeDayDraft>,
    ) -> Nullable<RecordPayload> {
        attempt(async { write::<Model>(ctx, input).await }).await
    }
}
