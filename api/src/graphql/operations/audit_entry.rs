//! The audit trail.

use crate::graphql::nullable::{Conditions, Nullable, attempt, maybe};
use crate::{
    graphql::{
        bureau::Bureau,
        connection::{Connection, list, loaders, store},
        node::global_id,
        record::noun,
    },
    store::{
        page::{Ordering, PageArgs},
        told::row,
    },
    words::{Instant, Long},
};
use async_graphql::{Context, Enum, ID, InputObject, Json, Object, Result};
use chrono::{DateTime, Utc};
use entity::audit_entry::{self, Column};
use sea_orm::{ColumnTrait, Condition};

/// One act in the audit trail.
pub struct AuditEntry(audit_entry::Model);

noun!(AuditEntry, audit_entry);

/// One act in the audit trail: actor, verb, counts, ids and receipt, never content.
#[Object]
impl AuditEntry {
    /// Global id, as `node` takes it; it stays the same through all changes of the row.
    pub async fn id(&self) -> ID {
        global_id("audit_entry", self.0.id.0)
    }

    /// When it was done.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }

    /// The token's subject, or `system`.
    async fn actor(&self) -> &str {
        &self.0.actor
    }

    /// The roles it acted in, separated by spaces.
    async fn roles(&self) -> &str {
        &self.0.roles
    }

    /// What was done, as one word such as `RECORD`, `CLOSE` or `TRIGGER`. `READ` is one request that read about persons; `READ_DAY` is what
    /// an officer or a manager read in their own bureau on a day that is over; `READ_FILE` and `READ_OWN_FILE` ask for all that is held about
    /// one person.
    async fn verb(&self) -> &str {
        &self.0.verb
    }

    /// The table to which it was done, such as `shift`.
    async fn noun(&self) -> &str {
        &self.0.noun
    }

    /// Global id of the one row to which it was done; null for an act on many.
    async fn record(&self) -> Option<ID> {
        self.0.record_id.map(|id| global_id(&self.0.noun, id))
    }

    /// Counts by outcome as JSON, and no content; the verb decides which there are. Of a reading: `rows` shown, `counted` where a total was
    /// asked for, and `fields`, the names of what the filter asked; never its values. Of an act that concerned bureaus beside your own it
    /// gives no sums, which would tell of those; your own numbers are in `concerned`.
    async fn counts(&self, ctx: &Context<'_>) -> Result<Json<serde_json::Value>> {
        let mut counts = self.0.counts.clone();
        if loaders(ctx).concerned(self.0.id).await?.is_some_and(|concerned| !concerned.is_all)
            && let Some(members) = counts.as_object_mut()
        {
            members.retain(|name, _| name == "fields");
        }
        Ok(Json(counts))
    }

    /// The bureaus whose people or rows it concerned, which are told of it whoever acted (an inquiry's auditors apart); an officer sees their own of them. Empty for acts
    /// that concern nobody's people.
    async fn concerned(&self, ctx: &Context<'_>) -> Result<Vec<AuditEntryBureau>> {
        let seen = loaders(ctx).concerned(self.0.id).await?.map(|concerned| concerned.seen);
        Ok(seen.unwrap_or_default().into_iter().map(AuditEntryBureau).collect())
    }

    /// Id of the receipt of a bulk call; null for other acts.
    async fn receipt(&self) -> Option<ID> {
        self.0.receipt_id.map(|id| global_id("receipt", id.0))
    }

    /// Id of the run that was asked for, or acted in; null for other acts.
    async fn run(&self) -> Option<ID> {
        self.0.run_id.map(|id| global_id("job_run", id.0))
    }

    /// The reason that was given; null where the act takes none.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }
}

/// A bureau that an act concerned.
pub struct AuditEntryBureau(row::Model);

/// A bureau that an act concerned.
#[Object]
impl AuditEntryBureau {
    /// The bureau that holds the people, in which the rows lie, or in which the act was done.
    async fn bureau(&self, ctx: &Context<'_>) -> Nullable<Bureau> {
        maybe(async { Ok(loaders(ctx).row(self.0.bureau_id).await?.map(Bureau::from)) }).await
    }

    /// How many rows of it were read or counted; of a bulk call, how many of its people had a record written. 0 where the act was done in it
    /// and counts neither.
    async fn concerned(&self) -> Long {
        Long(self.0.concerned)
    }
}

/// Which entries of the audit trail: all given conditions must hold; one that is absent or null asks nothing.
#[derive(Debug, Clone, Default, InputObject)]
pub struct AuditEntryFilter {
    /// By exactly this actor: a token's subject, or `system`.
    actor: Option<String>,
    /// With exactly this verb, such as `RECORD`.
    verb: Option<String>,
    /// About exactly this table, such as `shift`.
    noun: Option<String>,
    /// At this instant or later. It is no position: an act is told by when it was done, and may be committed after later ones.
    from: Option<Instant>,
    /// Before this instant, which is itself left out.
    to: Option<Instant>,
    /// Sealed after this position (`auditPosition`). Who follows the trail gives the one up to which everything was read.
    sealed_after: Option<String>,
    /// Sealed, and not after this position. What lies between two positions never changes, however late an act is committed.
    sealed_up_to: Option<String>,
}

/// In which order entries are listed; ties are broken by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum AuditEntryOrder {
    /// By when it was done, the latest first; the default.
    AtDescending,
    /// By when it was done, the oldest first.
    At,
}

/// The audit trail.
#[derive(Default)]
pub struct AuditEntryQuery;

#[Object]
impl AuditEntryQuery {
    /// The audit trail, for the promotion officer, the secretariat, administrators and auditors; a bureau's officer sees the bureau's entries.
    /// What auditors of an inquiry read is among them for the promotion officer alone.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn audit_entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entries: all given conditions must hold; without any, all that the caller may see.", default)]
        filter: Conditions<AuditEntryFilter>,
        #[graphql(desc = "In which order; ties by id.", default_with = "AuditEntryOrder::AtDescending")] order_by: AuditEntryOrder,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Nullable<Connection<AuditEntry>> {
        attempt(async {
            let filter = filter.0;
            let mut condition = Condition::all();
            for (column, text) in [(Column::Actor, &filter.actor), (Column::Verb, &filter.verb), (Column::Noun, &filter.noun)] {
                if let Some(text) = text {
                    condition = condition.add(column.eq(text));
                }
            }
            if let Some(from) = filter.from {
                condition = condition.add(Column::At.gte(from.0));
            }
            if let Some(to) = filter.to {
                condition = condition.add(Column::At.lt(to.0));
            }
            condition = condition.add(store(ctx).sealed_between(filter.sealed_after.as_deref(), filter.sealed_up_to.as_deref()).await?);
            let order = Ordering { by: Column::At, descending: order_by == AuditEntryOrder::AtDescending };
            list(ctx, condition, order, &PageArgs { first, after, last, before }).await
        })
        .await
    }

    /// The position up to which the audit trail is sealed now, which it is each hour. To follow the trail, take it first, read all pages of
    /// `auditEntries` with it as `sealedUpTo` and the former one as `sealedAfter`, and keep it as the former one: each entry comes once, and none
    /// is missed. It is of one database: after a restore it is refused, and the reader starts anew, without a former one. So does, unasked, who came to
    /// see more of the trail than before.
    async fn audit_position(&self, ctx: &Context<'_>) -> Nullable<String> {
        attempt(async { Ok(store(ctx).sealed().await?) }).await
    }
}
