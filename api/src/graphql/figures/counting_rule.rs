//! How figures count: since when, whose posts, and from which share of the people a value is partial.

use crate::graphql::nullable::{Nullable, attempt};
use crate::graphql::{
    connection::{Connection, list, store},
    four_eyes::PendingChange,
    node::global_id,
    record::noun,
};
use crate::{
    store::{
        counting_rule::CountingRuleDraft,
        page::{Ordering, PageArgs},
    },
    words::{Month, Standing},
};
use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::counting_rule::{Column, Model};
use sea_orm::Condition;

/// How figures count.
pub struct CountingRule(Model);

noun!(CountingRule, counting_rule);

/// How figures count, for all months, until a later version: who counts where is a reading of the official statistics, and so it is data.
#[Object]
impl CountingRule {
    /// Global id, as `node` takes it; a later version has another.
    pub async fn id(&self) -> ID {
        global_id("counting_rule", self.0.id.0)
    }

    /// Counts the versions, from 1; the latest is in force.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// The first month of which figures speak; null for the first with records. What lies before it is in no year to date.
    async fn first_month(&self) -> Option<Month> {
        self.0.first_month.map(Month)
    }

    /// A value that covers a smaller share of its people than so many percent is partial: it is neither met nor missed, and has no trend.
    async fn coverage_percent(&self) -> i32 {
        self.0.coverage_percent
    }

    /// Whom figures of careers count: ranks, hires, separation, service, pay, childcare leave.
    async fn careers(&self) -> Vec<Standing> {
        self.0.careers.0.iter().copied().collect()
    }

    /// Whom figures of work count: overtime, telework, leave, leaving on time, staggered hours.
    async fn work(&self) -> Vec<Standing> {
        self.0.work.0.iter().copied().collect()
    }

    /// Figures of the whole office that are published whatever their size: the Act has each office publish women by rank, and hires by sex.
    async fn published(&self) -> Vec<&str> {
        self.0.published.0.iter().map(String::as_str).collect()
    }

    /// When an administrator said so, or when the installation began with it.
    async fn changed_at(&self) -> DateTime<Utc> {
        self.0.changed_at
    }

    /// Who said so, `system` for the shipped version.
    async fn changed_by(&self) -> &str {
        &self.0.changed_by
    }

    /// Why, as given; null for the shipped version.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }
}

/// Queries of how figures count.
#[derive(Default)]
pub struct CountingRuleQuery;

#[Object]
impl CountingRuleQuery {
    /// How figures count, the version in force first and the former ones behind it.
    async fn counting_rules(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Nullable<Connection<CountingRule>> {
        attempt(async {
            list(ctx, Condition::all(), Ordering { by: Column::Version, descending: true }, &PageArgs { first, after, last, before }).await
        })
        .await
    }
}

/// How figures count after the call, or the change that waits for a second person.
#[derive(SimpleObject)]
pub struct CountingRulePayload {
    /// The version in force; null where the change waits.
    rule: Option<CountingRule>,
    /// The change, where it waits for a second person; then nothing was changed.
    pending_change: Option<PendingChange>,
}

/// Mutations of how figures count.
#[derive(Default)]
pub struct CountingRuleMutation;

#[Object]
impl CountingRuleMutation {
    /// Says how figures count; all computed months are counted anew by it, and closed ones become revised. Sent twice it is done once.
    async fn set_counting_rule(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The whole version.")] input: CountingRuleDraft,
    ) -> Nullable<CountingRulePayload> {
        attempt(async {
            let (row, change) = store(ctx).set_counting_rule(&input).await?.parts();
            Ok(CountingRulePayload { rule: row.map(CountingRule::from), pending_change: change.map(PendingChange::from) })
        })
        .await
    }
}
