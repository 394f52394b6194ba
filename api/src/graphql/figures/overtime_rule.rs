//! The rules of overtime: caps, the doctor's interview, and the parameters of statistical flags.

use crate::graphql::nullable::{Nullable, attempt};
use crate::graphql::{
    connection::{Connection, list, store},
    four_eyes::PendingChange,
    node::global_id,
    record::noun,
};
use crate::{
    store::{
        overtime_rule::OvertimeRuleDraft,
        page::{Ordering, PageArgs},
    },
    words::{Month, OnTimeDayOff, Regime},
};
use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::overtime_rule::{Column, Model};
use sea_orm::Condition;

/// A set of rules of overtime.
pub struct OvertimeRule(Model);

noun!(OvertimeRule, overtime_rule);

/// A whole set of rules of overtime, in force from its month until the next set's. Minutes are overtime of a person; a cap that is null binds nobody.
#[Object]
impl OvertimeRule {
    /// Global id, as `node` takes it; it stays the same through all changes of the row.
    pub async fn id(&self) -> ID {
        global_id("overtime_rule", self.0.id.0)
    }

    /// The first month in force.
    async fn valid_from(&self) -> Month {
        Month(self.0.valid_from)
    }

    /// Counts the changes of all sets, from 1: the version that a flag names.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// The first month whose hours count in yearly sums and means: hours before the caps were in force count in none.
    async fn counted_from(&self) -> Month {
        Month(self.0.counted_from)
    }

    /// The regime of units that have no designation.
    async fn default_regime(&self) -> Regime {
        self.0.default_regime
    }

    /// The month (1 to 12) in which the year of the caps begins.
    async fn first_month(&self) -> i32 {
        self.0.first_month
    }

    /// Self-paced work (自律的業務): at most so many minutes in a month.
    async fn self_paced_month_minutes(&self) -> Option<i32> {
        self.0.self_paced_month_minutes
    }

    /// Self-paced work (自律的業務): at most so many minutes in a year of the caps.
    async fn self_paced_year_minutes(&self) -> Option<i32> {
        self.0.self_paced_year_minutes
    }

    /// Externally driven work (他律的業務): fewer minutes than these in a month.
    async fn driven_month_minutes(&self) -> Option<i32> {
        self.0.driven_month_minutes
    }

    /// Externally driven work (他律的業務), and who moved from it within the year: at most so many minutes in a year.
    async fn driven_year_minutes(&self) -> Option<i32> {
        self.0.driven_year_minutes
    }

    /// Externally driven work (他律的業務): at most so many minutes as the mean of every 2 to `meanMonths` consecutive months.
    async fn driven_mean_minutes(&self) -> Option<i32> {
        self.0.driven_mean_minutes
    }

    /// The longest such window, 2 to 6.
    async fn mean_months(&self) -> i32 {
        self.0.mean_months
    }

    /// Externally driven work (他律的業務): a month above so many minutes counts as one of the year's long months.
    async fn long_month_minutes(&self) -> i32 {
        self.0.long_month_minutes
    }

    /// Externally driven work (他律的業務): at most so many long months in a year.
    async fn driven_long_months(&self) -> Option<i32> {
        self.0.driven_long_months
    }

    /// From so many minutes in a month on, a doctor's interview (医師による面接指導) is due; null for never.
    async fn interview_month_minutes(&self) -> Option<i32> {
        self.0.interview_month_minutes
    }

    /// Above so many minutes as the mean of 2 to `meanMonths` months, such an interview is due; null for never.
    async fn interview_mean_minutes(&self) -> Option<i32> {
        self.0.interview_mean_minutes
    }

    /// A score above this many thousandths is a statistical flag: 3,500.
    async fn score_thousandths(&self) -> i32 {
        self.0.score_thousandths
    }

    /// Under so many peers in bureau and regime, the whole office is compared with.
    async fn least_peers(&self) -> i32 {
        self.0.least_peers
    }

    /// Under so many earlier months of one's own, they are not compared with.
    async fn least_own_months(&self) -> i32 {
        self.0.least_own_months
    }

    /// A statistical flag needs at least so many minutes in the month.
    async fn floor_minutes(&self) -> i32 {
        self.0.floor_minutes
    }

    /// A statistical flag needs at least so many minutes above the median, too.
    async fn floor_above_median_minutes(&self) -> i32 {
        self.0.floor_above_median_minutes
    }

    /// From this in a month on, overtime of which nothing was confirmed beforehand is flagged; null for never.
    async fn unconfirmed_minutes(&self) -> Option<i32> {
        self.0.unconfirmed_minutes
    }

    /// A warning of the year's pace needs so many months of it; null for none.
    async fn pace_months(&self) -> Option<i32> {
        self.0.pace_months
    }

    /// Days after the civil day of raising by which a flag is to be acknowledged.
    async fn acknowledge_days(&self) -> i32 {
        self.0.acknowledge_days
    }

    /// Days after the civil day of raising by which the review of a flag is to end.
    async fn review_days(&self) -> i32 {
        self.0.review_days
    }

    /// Minutes after the scheduled end within which who leaves on an on-time day (定時退庁日) is on time.
    async fn on_time_grace_minutes(&self) -> i32 {
        self.0.on_time_grace_minutes
    }

    /// What becomes of an on-time day (定時退庁日) that falls on no workday.
    async fn on_time_day_off(&self) -> OnTimeDayOff {
        self.0.on_time_day_off
    }

    /// When an administrator last changed the set, or when the installation began with it.
    async fn changed_at(&self) -> DateTime<Utc> {
        self.0.changed_at
    }

    /// Who changed it, `system` for the shipped sets.
    async fn changed_by(&self) -> &str {
        &self.0.changed_by
    }

    /// Why it was changed, as given; null for a shipped set.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }
}

/// Queries of rules.
#[derive(Default)]
pub struct OvertimeRuleQuery;

#[Object]
impl OvertimeRuleQuery {
    /// The rules of overtime, the earliest set first.
    async fn overtime_rules(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Nullable<Connection<OvertimeRule>> {
        attempt(async {
            list(ctx, Condition::all(), Ordering { by: Column::ValidFrom, descending: false }, &PageArgs { first, after, last, before })
                .await
        })
        .await
    }
}

/// The set of rules as it stands after the call, or the change that waits for a second person; one that changed has all months judged anew.
#[derive(SimpleObject)]
pub struct OvertimeRulePayload {
    /// The set of rules that is in force from its month on; null where the change waits.
    rule: Option<OvertimeRule>,
    /// The change, where it waits for a second person; then nothing was changed.
    pending_change: Option<PendingChange>,
}

/// Mutations of rules.
#[derive(Default)]
pub struct OvertimeRuleMutation;

#[Object]
impl OvertimeRuleMutation {
    /// Sets the rules of overtime that are in force from a month on, in the place of that month's set or beside the others. Sent twice it is done once.
    async fn set_overtime_rule(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The whole set; what it leaves null binds nobody.")] input: OvertimeRuleDraft,
    ) -> Nullable<OvertimeRulePayload> {
        attempt(async {
            let (row, change) = store(ctx).set_overtime_rule(&input).await?.parts();
            Ok(OvertimeRulePayload { rule: row.map(OvertimeRule::from), pending_change: change.map(PendingChange::from) })
        })
        .await
    }
}
