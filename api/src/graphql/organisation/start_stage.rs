//! Start stages (早出遅出の段階).

use crate::graphql::nullable::{Conditions, Nullable, attempt, maybe};
use crate::graphql::{
    bureau::{Bureau, in_force},
    connection::{Connection, list, loaders},
    node::global_id,
    record::{Bookkeeping, RecordFilter, RecordInput, RecordPayload, limited, noun, record_condition, write},
};
use crate::{
    store::{
        codes,
        page::{Ordering, PageArgs},
        start_stage::StartStageDraft,
    },
    words::Date,
};
use async_graphql::{Context, Enum, ID, InputObject, Object};
use entity::start_stage::{Column, Model};
use sea_orm::ColumnTrait;

/// One start stage.
pub struct StartStage(Model);

noun!(StartStage, start_stage);

/// One start stage (早出遅出の段階): a start time that is offered to staff.
#[Object]
impl StartStage {
    /// Global id, as `node` takes it; it stays the same through all changes of the row.
    pub async fn id(&self) -> ID {
        global_id("start_stage", self.0.id.0)
    }

    /// The key in the client's own numbering.
    async fn external_id(&self) -> &str {
        &self.0.external_id
    }

    /// Code of the machine client in whose numbering the record is; `OFFICE` for what people keep by hand.
    async fn client(&self) -> &str {
        &self.0.client
    }

    /// The bureau that offers it; null for the whole office.
    async fn bureau(&self, ctx: &Context<'_>) -> Nullable<Bureau> {
        maybe(async {
            match self.0.bureau_id {
                None => Ok(None),
                Some(id) => Ok(loaders(ctx).row(id).await?.map(Bureau::from)),
            }
        })
        .await
    }

    /// Start of the day in Tokyo, as `"HH:MM"`.
    async fn starts_at(&self) -> String {
        clock(self.0.start_minute)
    }

    /// First day offered.
    async fn valid_from(&self) -> Date {
        Date(self.0.valid_from)
    }

    /// First day no longer offered; null while it lasts.
    async fn valid_to(&self) -> Option<Date> {
        self.0.valid_to.map(Date)
    }

    #[graphql(flatten)]
    fn bookkeeping(&self) -> Bookkeeping {
        Bookkeeping::of(&self.0)
    }
}

/// Minutes after midnight as a clock shows them: `07:30`.
fn clock(minute: i32) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// Which start stages: all given conditions must hold; one that is absent or null asks nothing, and an empty list finds nothing.
#[derive(Debug, Clone, Default, InputObject)]
pub struct StartStageFilter {
    /// With any of these keys of the writing client, at most 500; an unknown one finds nothing.
    external_ids: Option<Vec<String>>,
    /// Of these bureaus' own, by code; stages of the whole office are no bureau's own.
    bureaus: Option<Vec<String>>,
    /// Offered on this civil date: from `validFrom` on, and before `validTo`.
    on: Option<Date>,
    #[graphql(flatten)]
    record: RecordFilter,
}

/// In which order start stages are listed; ties are broken by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum StartStageOrder {
    /// By the first day on which they are offered, the earliest first.
    ValidFrom,
    /// By the first day on which they are offered, the latest first.
    ValidFromDescending,
}

/// Queries of start stages.
#[derive(Default)]
pub struct StartStageQuery;

#[Object]
impl StartStageQuery {
    /// Start stages of bureaus and of the whole office.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn start_stages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which start stages: all given conditions must hold; without any, all that are not void.", default)]
        filter: Conditions<StartStageFilter>,
        #[graphql(desc = "In which order; ties by id.", default_with = "StartStageOrder::ValidFrom")] order_by: StartStageOrder,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Nullable<Connection<StartStage>> {
        attempt(async {
            let filter = filter.0;
            let mut condition = record_condition!(filter.record, start_stage)?;
            if let Some(external_ids) = &filter.external_ids {
                condition = condition.add(Column::ExternalId.is_in(limited(external_ids, "externalIds")?));
            }
            if let Some(codes) = &filter.bureaus {
                condition = condition.add(Column::BureauId.in_subquery(codes::bureaus(limited(codes, "bureaus")?)));
            }
            if let Some(on) = filter.on {
                condition = condition.add(in_force(Column::ValidFrom, Column::ValidTo, on));
            }
            let order = Ordering { by: Column::ValidFrom, descending: order_by == StartStageOrder::ValidFromDescending };
            list(ctx, condition, order, &PageArgs { first, after, last, before }).await
        })
        .await
    }
}

/// Mutations of start stages.
#[derive(Default)]
pub struct StartStageMutation;

#[Object]
impl StartStageMutation {
    /// Writes start stages in bulk, new ones and new versions; for the secretariat and administrators.
    async fn record_start_stages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The call: its key, its mode, and the records.")] input: RecordInput<StartStageDraft>,
    ) -> Nullable<RecordPayload> {
        attempt(async { write::<Model>(ctx, input).await }).await
    }
}

#[cfg(test)]
mod tests {
    use super::clock;

    #[test]
    fn a_start_is_shown_as_a_clock_shows_it() {
        assert_eq!([420, 455, 1320].map(clock), ["07:00", "07:35", "22:00"]);
    }
}
