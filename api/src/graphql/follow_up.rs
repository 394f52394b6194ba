//! The yearly follow-up: a cycle with its calls, submissions, findings, reports and releases. `acts` holds what is done to it.

pub mod data_call;
pub mod finding;
pub mod plan_review;
pub mod release;
pub mod submission;

pub mod acts;

use super::{
    bureau::Bureau,
    connection::{Connection, list, loaders, store},
    data_call::{DataCall, DataCallFilter},
    finding::Finding,
    node::global_id,
    record::{limited, noun},
    submission::{Submission, SubmissionOrder},
};
use crate::graphql::nullable::{Conditions, Nullable, attempt, maybe};
use crate::words::FiscalYear;
use crate::{
    store::{
        follow_up::{ReleaseLine, Which},
        page::{Ordering, PageArgs},
    },
    words::{Date, FollowUpAct, FollowUpStage, ReleaseKind, ReleaseState, ReportBody},
};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{
    follow_up::{Column, Model},
    follow_up_event, follow_up_report, plan,
};
use sea_orm::{ColumnTrait, Condition};

/// One cycle of the follow-up.
pub struct FollowUp(Model);

noun!(FollowUp, follow_up);

/// フォローアップ: the cycle of one fiscal year, from the data call to the published release. There is exactly one a year; the public sees it from
/// its first release on.
#[Object]
impl FollowUp {
    /// Global id, as `node` takes it; it stays the same through all changes of the row.
    pub async fn id(&self) -> ID {
        global_id("follow_up", self.0.id.0)
    }

    /// The plan (取組計画) whose state is followed up.
    async fn plan(&self, ctx: &Context<'_>) -> Nullable<FollowUpPlan> {
        maybe(async { Ok(loaders(ctx).row(self.0.plan_id).await?.map(FollowUpPlan::from)) }).await
    }

    /// The fiscal year whose state is followed up, by the year in which it begins.
    async fn fiscal_year(&self) -> FiscalYear {
        FiscalYear(self.0.fiscal_year)
    }

    /// Where it stands.
    async fn stage(&self) -> FollowUpStage {
        self.0.stage
    }

    /// The version that is being made, or was published last, such as `1.0.0`.
    async fn version(&self) -> &str {
        &self.0.version
    }

    /// Why that version is made.
    async fn kind(&self) -> ReleaseKind {
        self.0.kind
    }

    /// What a further version corrects, adds or changes, in Japanese; for the public once it is published.
    fn reason_ja(&self, ctx: &Context<'_>) -> Nullable<String> {
        store(ctx).reasons_of(&self.0).map(|reasons| reasons.0).map_err(Into::into).transpose()
    }

    /// The same in English.
    fn reason_en(&self, ctx: &Context<'_>) -> Nullable<String> {
        store(ctx).reasons_of(&self.0).map(|reasons| reasons.1).map_err(Into::into).transpose()
    }

    /// The last day on which bureaus are to submit; a bureau may have been given another one.
    async fn due_on(&self) -> Date {
        Date(self.0.due_on)
    }

    /// When the secretariat opened it and called upon the bureaus.
    async fn opened_at(&self) -> DateTime<Utc> {
        self.0.opened_at
    }

    /// The instant whose state the version shows; null until it is frozen.
    async fn frozen_at(&self) -> Option<DateTime<Utc>> {
        self.0.frozen_at
    }

    /// What was done, by whom, when and why, in order.
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Result<Connection<FollowUpEvent>> {
        let condition = Condition::all().add(follow_up_event::Column::FollowUpId.eq(self.0.id));
        let order = Ordering { by: follow_up_event::Column::Id, descending: false };
        list(ctx, condition, order, &PageArgs { first, after, last, before }).await
    }

    /// What bureaus are asked, the earliest due day first.
    async fn data_calls(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which calls: all given conditions must hold; without any, all of the cycle that the caller may see.", default)]
        filter: Conditions<DataCallFilter>,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Result<Connection<DataCall>> {
        let condition = filter.0.condition(store(ctx))?.add(entity::data_call::Column::FollowUpId.eq(self.0.id));
        let order = Ordering { by: entity::data_call::Column::DueOn, descending: false };
        list(ctx, condition, order, &PageArgs { first, after, last, before }).await
    }

    /// What bureaus submitted, every revision.
    async fn submissions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In which order; ties by id.", default_with = "SubmissionOrder::SubmittedAt")] order_by: SubmissionOrder,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Result<Connection<Submission>> {
        let condition = Condition::all().add(entity::submission::Column::FollowUpId.eq(self.0.id));
        list(ctx, condition, order_by.ordering(), &PageArgs { first, after, last, before }).await
    }

    /// What the checks of drafts found, version by version.
    async fn findings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Those that are answered, or those that are not.")] answered: Option<bool>,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Result<Connection<Finding>> {
        use entity::finding::Column as Of;
        let answered = answered.map(|answered| if answered { Of::Answer.is_not_null() } else { Of::Answer.is_null() });
        let condition = Condition::all().add(Of::FollowUpId.eq(self.0.id)).add_option(answered);
        list(ctx, condition, Ordering { by: Of::Id, descending: false }, &PageArgs { first, after, last, before }).await
    }

    /// To whom it was reported, or is to be, by day; the public sees those of versions that were published.
    async fn reports(&self, ctx: &Context<'_>) -> Result<Vec<FollowUpReport>> {
        Ok(loaders(ctx).reports(self.0.id).await?.into_iter().map(FollowUpReport::from).collect())
    }

    /// Its releases, in the order in which they were made; drafts are for who makes, compiles and promotes them.
    async fn releases(&self, ctx: &Context<'_>) -> Result<Vec<FollowUpRelease>> {
        Ok(loaders(ctx).releases(self.0.id).await?.into_iter().map(FollowUpRelease::from).collect())
    }
}

/// The plan (取組計画) that a cycle follows up, by code and name; `plan` tells the rest.
#[derive(SimpleObject)]
pub struct FollowUpPlan {
    /// Its code, such as `CAS-2015`, as `plan` takes it.
    code: String,
    /// Name in Japanese.
    name_ja: String,
    /// Name in English.
    name_en: String,
}

impl From<plan::Model> for FollowUpPlan {
    fn from(row: plan::Model) -> Self {
        Self { code: row.code, name_ja: row.name_ja, name_en: row.name_en }
    }
}

/// Something that was done to a cycle.
pub struct FollowUpEvent(follow_up_event::Model);

noun!(FollowUpEvent, follow_up_event);

/// Something that was done to a cycle.
#[Object]
impl FollowUpEvent {
    /// When it was done.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }

    /// Who: the token's subject, or `system`.
    async fn actor(&self) -> &str {
        &self.0.actor
    }

    /// What was done.
    async fn act(&self) -> FollowUpAct {
        self.0.act
    }

    /// The bureau that it was about; null where it was about the whole cycle.
    async fn bureau(&self, ctx: &Context<'_>) -> Nullable<Bureau> {
        maybe(async {
            let Some(bureau) = self.0.bureau_id else { return Ok(None) };
            Ok(loaders(ctx).row(bureau).await?.map(Bureau::from))
        })
        .await
    }

    /// Where the cycle stood afterwards.
    async fn stage(&self) -> FollowUpStage {
        self.0.stage
    }

    /// The version that the cycle was making, or had published last, at that time.
    async fn version(&self) -> &str {
        &self.0.version
    }

    /// Why it was done, as given; null where the act takes no reason.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }
}

/// A report of a cycle to the Promotion Committee or to the Council.
#[derive(SimpleObject)]
pub struct FollowUpReport {
    /// The version that was reported, such as `1.0.0`: a correction is reported anew.
    version: String,
    /// To which body it was reported, or is to be.
    body: ReportBody,
    /// The day of the meeting, or of the circulation.
    reported_on: Date,
    /// The paper by which it was reported: its number or title.
    paper: String,
    /// When the record of it was last written.
    recorded_at: DateTime<Utc>,
}

impl From<follow_up_report::Model> for FollowUpReport {
    fn from(row: follow_up_report::Model) -> Self {
        Self { version: row.version, body: row.body, reported_on: Date(row.reported_on), paper: row.paper, recorded_at: row.recorded_at }
    }
}

/// A version of a year's figures, as its cycle lists it.
#[derive(SimpleObject)]
pub struct FollowUpRelease {
    /// Its version; the first of a fiscal year is `1.0.0`.
    version: String,
    /// Where it stands.
    state: ReleaseState,
    /// Why there is one beside the former, or that it is the first.
    kind: ReleaseKind,
    /// The instant whose state it shows.
    as_of: DateTime<Utc>,
    /// When it was published; null for a draft.
    published_at: Option<DateTime<Utc>>,
    /// When it was withdrawn; null while it stands.
    withdrawn_at: Option<DateTime<Utc>>,
    /// Why it was withdrawn, as everybody reads it; null while it stands.
    withdrawn_reason: Option<String>,
}

impl From<ReleaseLine> for FollowUpRelease {
    fn from(line: ReleaseLine) -> Self {
        Self {
            version: line.version,
            state: line.state,
            kind: line.kind,
            as_of: line.as_of,
            published_at: line.published_at,
            withdrawn_at: line.withdrawn_at,
            withdrawn_reason: line.withdrawn_reason,
        }
    }
}

/// Which cycles: all given conditions must hold; one that is absent or null asks nothing, and an empty list finds nothing.
#[derive(Debug, Clone, Default, InputObject)]
pub struct FollowUpFilter {
    /// Of any of these fiscal years, at most 500.
    fiscal_years: Option<Vec<FiscalYear>>,
    /// That stand at any of these stages.
    stages: Option<Vec<FollowUpStage>>,
}

/// In which order cycles are listed; ties are broken by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum FollowUpOrder {
    /// By fiscal year, the latest first; the default.
    FiscalYearDescending,
    /// By fiscal year, the earliest first.
    FiscalYear,
}

/// Queries of the follow-up.
#[derive(Default)]
pub struct FollowUpQuery;

#[Object]
impl FollowUpQuery {
    /// Cycles of the follow-up (フォローアップ). Officers, committees, the promotion officer and the secretariat see all, others published ones.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn follow_ups(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which cycles: all given conditions must hold; without any, all that the caller may see.", default)]
        filter: Conditions<FollowUpFilter>,
        #[graphql(desc = "In which order; ties by id.", default_with = "FollowUpOrder::FiscalYearDescending")] order_by: FollowUpOrder,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Nullable<Connection<FollowUp>> {
        attempt(async {
            let filter = filter.0;
            let mut condition = Condition::all();
            if let Some(years) = &filter.fiscal_years {
                condition = condition.add(Column::FiscalYear.is_in(limited(years, "fiscalYears")?.iter().map(|year| year.0)));
            }
            if let Some(stages) = &filter.stages {
                let stages = limited(stages, "stages")?.iter().copied();
                condition = condition.add(Column::Stage.is_in(stages));
            }
            let order = Ordering { by: Column::FiscalYear, descending: order_by == FollowUpOrder::FiscalYearDescending };
            list(ctx, condition, order, &PageArgs { first, after, last, before }).await
        })
        .await
    }

    /// The cycle of a fiscal year; null where there is none that you may see.
    async fn follow_up(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The fiscal year that is followed up, by the year in which it begins.")] fiscal_year: FiscalYear,
        #[graphql(desc = "Code of the plan; the latest one's without.")] plan: Option<String>,
    ) -> Nullable<FollowUp> {
        maybe(async { Ok(store(ctx).follow_up(&Which { plan, fiscal_year: fiscal_year.0 }).await?.map(FollowUp::from)) }).await
    }
}

/// Its queries.
#[derive(Default, async_graphql::MergedObject)]
pub struct FollowUpQueries(FollowUpQuery, submission::SubmissionQuery, release::ReleaseQuery, plan_review::PlanReviewQuery);

/// Its mutations.
#[derive(Default, async_graphql::MergedObject)]
pub struct FollowUpMutations(acts::FollowUpMutation, submission::SubmissionMutation, finding::FindingMutation);
