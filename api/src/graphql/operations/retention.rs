//! How long nouns are kept.

use crate::graphql::nullable::{Nullable, attempt};
use crate::graphql::{
    connection::{Connection, list, store},
    four_eyes::PendingChange,
    node::global_id,
    record::noun,
};
use crate::{
    store::{
        page::{Ordering, PageArgs},
        retention::Period,
    },
    words::{Date, RetentionNoun, RetentionUnit},
};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::retention::{Column, Model};
use sea_orm::Condition;

/// How long one noun is kept.
pub struct Retention(Model);

noun!(Retention, retention);

/// How long one noun is kept; when the period ends, the job `DISPOSE` erases content and former versions.
#[Object]
impl Retention {
    /// Global id, as `node` takes it; it stays the same through all changes of the row.
    pub async fn id(&self) -> ID {
        global_id("retention", self.0.id.0)
    }

    /// The kind of rows that it is about.
    async fn noun(&self) -> RetentionNoun {
        self.0.noun
    }

    /// How long, in its unit.
    async fn length(&self) -> i32 {
        self.0.length
    }

    /// What the length counts.
    async fn unit(&self) -> RetentionUnit {
        self.0.unit
    }

    /// When an administrator last changed it, or when the installation began.
    async fn changed_at(&self) -> DateTime<Utc> {
        self.0.changed_at
    }

    /// Who changed it; `system` for the usual period.
    async fn changed_by(&self) -> &str {
        &self.0.changed_by
    }

    /// Why it was changed, as given; null for the usual period.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// Rows from before this day have been erased; null while none has been.
    async fn disposed_before(&self) -> Option<Date> {
        self.0.disposed_before.map(Date)
    }
}

/// Queries of periods.
#[derive(Default)]
pub struct RetentionQuery;

#[Object]
impl RetentionQuery {
    /// How long each noun is kept, by noun.
    async fn retentions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Nullable<Connection<Retention>> {
        attempt(async {
            list(ctx, Condition::all(), Ordering { by: Column::Noun, descending: false }, &PageArgs { first, after, last, before }).await
        })
        .await
    }
}

/// A period to be changed, from the next night's `DISPOSE` on.
#[derive(InputObject)]
pub struct UpdateRetentionInput {
    /// The kind of rows whose period is changed.
    noun: RetentionNoun,
    /// How long from now on, in its unit: 1 to 100 fiscal years, 30 to 36,500 days, receipts at least 90.
    length: i32,
    /// Why, for the audit trail.
    reason: String,
}

/// The period as it stands after the call, or the change that waits for a second person.
#[derive(SimpleObject)]
pub struct RetentionPayload {
    /// The period, which `DISPOSE` goes by from now on; null where the change waits.
    retention: Option<Retention>,
    /// The change, where it waits for a second person; then nothing was changed.
    pending_change: Option<PendingChange>,
}

/// Mutations of periods.
#[derive(Default)]
pub struct RetentionMutation;

#[Object]
impl RetentionMutation {
    /// Changes how long a noun is kept; as an installation begins, another person approves it first (`approveChange`). What has been erased does not come back with a longer period.
    async fn update_retention(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The period: of what, how long, and why.")] input: UpdateRetentionInput,
    ) -> Nullable<RetentionPayload> {
        attempt(async {
            let period = Period { noun: input.noun, length: input.length, reason: input.reason };
            let (row, change) = store(ctx).update_retention(&period).await?.parts();
            Ok(RetentionPayload { retention: row.map(Retention::from), pending_change: change.map(PendingChange::from) })
        })
        .await
    }
}
