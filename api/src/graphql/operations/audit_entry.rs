//! The audit trail.

use crate::{
    graphql::{
        connection::{Connection, list},
        node::global_id,
        record::noun,
    },
    store::page::{Ordering, PageArgs},
    words::Instant,
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
    /// Global id.
    pub async fn id(&self) -> ID {
        global_id("audit_entry", self.0.id.0)
    }

    /// When.
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

    /// What was done.
    async fn verb(&self) -> &str {
        &self.0.verb
    }

    /// To which table.
    async fn noun(&self) -> &str {
        &self.0.noun
    }

    /// To which record, where it was one.
    async fn record(&self) -> Option<ID> {
        self.0.record_id.map(|id| global_id(&self.0.noun, id))
    }

    /// Counts by outcome.
    async fn counts(&self) -> Json<serde_json::Value> {
        Json(self.0.counts.clone())
    }

    /// The call's receipt.
    async fn receipt(&self) -> Option<ID> {
        self.0.receipt_id.map(|id| global_id("receipt", id.0))
    }

    /// The run asked for.
    async fn run(&self) -> Option<ID> {
        self.0.run_id.map(|id| global_id("job_run", id.0))
    }

    /// The reason given.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }
}

/// Which entries of the audit trail.
#[derive(Debug, Clone, Default, InputObject)]
pub struct AuditEntryFilter {
    /// By this actor.
    actor: Option<String>,
    /// With this verb.
    verb: Option<String>,
    /// About this table.
    noun: Option<String>,
    /// At or after this instant.
    from: Option<Instant>,
    /// Before this instant.
    to: Option<Instant>,
}

/// In which order entries are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum AuditEntryOrder {
    /// The latest first.
    AtDescending,
    /// The oldest first.
    At,
}

/// The audit trail.
#[derive(Default)]
pub struct AuditEntryQuery;

#[Object]
impl AuditEntryQuery {
    /// The audit trail.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn audit_entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entries.", default)] filter: AuditEntryFilter,
        #[graphql(desc = "In which order.", default_with = "AuditEntryOrder::AtDescending")] order_by: AuditEntryOrder,
        #[graphql(desc = "How many from the start, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 500.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<Connection<AuditEntry>> {
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
        let order = Ordering { by: Column::At, descending: order_by == AuditEntryOrder::AtDescending };
        list(ctx, condition, order, &PageArgs { first, after, last, before }).await
    }
}
