//! On-time days (定時退庁日).

use crate::graphql::{
    bureau::Bureau,
    connection::{Connection, list, loaders},
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
use async_graphql::{Context, Enum, ID, InputObject, Object, Result};
use entity::on_time_day::{self, Column, Model};
use sea_orm::ColumnTrait;

/// One on-time day.
pub struct OnTimeDay(Model);

noun!(OnTimeDay, on_time_day);

/// One on-time day (定時退庁日): staff leave at their scheduled end.
#[Object]
impl OnTimeDay {
    /// Global id.
    pub async fn id(&self) -> ID {
        global_id("on_time_day", self.0.id.0)
    }

    /// The key in the client's own numbering.
    async fn external_id(&self) -> &str {
        &self.0.external_id
    }

    /// The client in whose numbering it was written.
    async fn client(&self) -> &str {
        &self.0.client
    }

    /// The bureau it holds for; null for the whole office.
    async fn bureau(&self, ctx: &Context<'_>) -> Result<Option<Bureau>> {
        match self.0.bureau_id {
            None => Ok(None),
            Some(id) => Ok(loaders(ctx).row(id).await?.map(Bureau::from)),
        }
    }

    /// The civil date.
    async fn date(&self) -> Date {
        Date(self.0.date)
    }

    /// Its kind.
    async fn kind(&self) -> OnTimeDayKind {
        self.0.kind.into()
    }

    #[graphql(flatten)]
    fn bookkeeping(&self) -> Bookkeeping {
        Bookkeeping::of(&self.0)
    }
}

/// Which on-time days.
#[derive(Debug, Clone, Default, InputObject)]
pub struct OnTimeDayFilter {
    /// With one of these keys of the writing client.
    external_ids: Option<Vec<String>>,
    /// Of these bureaus' own, by code; days of the whole office are no bureau's own.
    bureaus: Option<Vec<String>>,
    /// Of this kind.
    kind: Option<OnTimeDayKind>,
    /// On or after this date.
    from: Option<Date>,
    /// Before this date.
    to: Option<Date>,
    #[graphql(flatten)]
    record: RecordFilter,
}

/// In which order on-time days are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum OnTimeDayOrder {
    /// By date.
    Date,
    /// By date, the latest first.
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
        #[graphql(desc = "Which on-time days.", default)] filter: OnTimeDayFilter,
        #[graphql(desc = "In which order.", default_with = "OnTimeDayOrder::Date")] order_by: OnTimeDayOrder,
        #[graphql(desc = "How many from the start, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 500.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<Connection<OnTimeDay>> {
        let mut condition = record_condition!(filter.record, on_time_day)?;
        if let Some(external_ids) = &filter.external_ids {
            condition = condition.add(Column::ExternalId.is_in(limited(external_ids, "externalIds")?));
        }
        if let Some(codes) = &filter.bureaus {
            condition = condition.add(Column::BureauId.in_subquery(codes::bureaus(limited(codes, "bureaus")?)));
        }
        if let Some(kind) = filter.kind {
            condition = condition.add(Column::Kind.eq(on_time_day::OnTimeDayKind::from(kind)));
        }
        if let Some(from) = filter.from {
            condition = condition.add(Column::Date.gte(from.0));
        }
        if let Some(to) = filter.to {
            condition = condition.add(Column::Date.lt(to.0));
        }
        let order = Ordering { by: Column::Date, descending: order_by == OnTimeDayOrder::DateDescending };
        list(ctx, condition, order, &PageArgs { first, after, last, before }).await
    }
}

/// Mutations of on-time days.
#[derive(Default)]
pub struct OnTimeDayMutation;

#[Object]
impl OnTimeDayMutation {
    /// Writes on-time days in bulk.
    async fn record_on_time_days(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The call.")] input: RecordInput<OnTimeDayDraft>,
    ) -> Result<RecordPayload> {
        write::<Model>(ctx, input).await
    }
}
