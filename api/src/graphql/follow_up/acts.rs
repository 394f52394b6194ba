//! What is done to a cycle of the follow-up, in the order in which it is done.

use super::{FollowUp, FollowUpReport};
use crate::graphql::nullable::{Nullable, attempt};
use crate::words::FiscalYear;
use crate::{
    graphql::{connection::store, data_call::DataCall, four_eyes::PendingChange},
    store::follow_up::{Correction, Opening, Reporting, Which},
    words::{Date, ReleaseKind, ReportBody},
};
use async_graphql::{Context, InputObject, Object, SimpleObject};

/// A cycle to be opened, the only one of its plan and fiscal year.
#[derive(InputObject)]
pub struct OpenFollowUpInput {
    /// Code of the plan, which is in force on a day of the fiscal year.
    plan: String,
    /// The fiscal year that is followed up; it has begun, and need not be over.
    fiscal_year: FiscalYear,
    /// The last day on which bureaus are to submit, at most 18 months ahead.
    due_on: Date,
    /// Why, for the cycle's events.
    reason: String,
}

/// Another due day.
#[derive(InputObject)]
pub struct RescheduleFollowUpInput {
    /// Code of the plan; the latest one's without.
    plan: Option<String>,
    /// The fiscal year that is followed up, by the year in which it begins.
    fiscal_year: FiscalYear,
    /// The last day on which to submit, at most 18 months ahead.
    due_on: Date,
    /// Code of the one bureau that is given this day; all are without.
    bureau: Option<String>,
    /// Why, for the cycle's events.
    reason: String,
}

/// A cycle whose collecting is to be ended.
#[derive(InputObject)]
pub struct FreezeFollowUpInput {
    /// Code of the plan; the latest one's without.
    plan: Option<String>,
    /// The fiscal year that is followed up, by the year in which it begins.
    fiscal_year: FiscalYear,
    /// Freezes it although of some bureaus nothing was taken.
    #[graphql(default)]
    even_incomplete: bool,
    /// Why, for the cycle's events.
    reason: String,
}

/// A cycle, and why something is done to it.
#[derive(InputObject)]
pub struct FollowUpInput {
    /// Code of the plan; the latest one's without.
    plan: Option<String>,
    /// The fiscal year that is followed up, by the year in which it begins.
    fiscal_year: FiscalYear,
    /// Why, for the cycle's events.
    reason: String,
}

/// A cycle whose published releases are withdrawn, and why.
#[derive(InputObject)]
pub struct WithdrawFollowUpInput {
    /// Code of the plan; the latest one's without.
    plan: Option<String>,
    /// The fiscal year that is followed up, by the year in which it begins.
    fiscal_year: FiscalYear,
    /// Why: everybody reads it where the releases stood.
    reason: String,
    /// That the reason was looked at and names nobody; asked for where it may name a person.
    #[graphql(default)]
    names_checked: bool,
}

/// A report of the cycle's present version to be recorded, or its record to be corrected until it is published.
#[derive(InputObject)]
pub struct RecordFollowUpReportInput {
    /// Code of the plan; the latest one's without.
    plan: Option<String>,
    /// The fiscal year that is followed up, by the year in which it begins.
    fiscal_year: FiscalYear,
    /// To which body it is reported; there is one report of a version to each.
    body: ReportBody,
    /// The day of the meeting, or of the circulation: from the cycle's opening to a year ahead.
    reported_on: Date,
    /// The paper: its number or title, of up to 200 characters; everybody reads it once the version is published.
    paper: String,
    /// That the title was looked at and names nobody; asked for where it may name a person.
    #[graphql(default)]
    names_checked: bool,
}

/// A further version to be begun.
#[derive(InputObject)]
pub struct CorrectFollowUpInput {
    /// Code of the plan; the latest one's without.
    plan: Option<String>,
    /// The fiscal year that is followed up, by the year in which it begins.
    fiscal_year: FiscalYear,
    /// Why it is made: CORRECTION raises the third number of the version, `NEW_DATA` the second, DEFINITION the first.
    kind: ReleaseKind,
    /// What is corrected, added or changed, in Japanese, to be published with it; 1 to 450 characters.
    reason_ja: String,
    /// The same reason in English; 1 to 450 characters.
    reason_en: String,
    /// Codes of bureaus that are to submit anew: the cycle collects until it is frozen. Without any it is frozen at once.
    #[graphql(default)]
    bureaus: Vec<String>,
    /// That both reasons were looked at and name nobody; asked for where one may name a person.
    #[graphql(default)]
    names_checked: bool,
}

/// The cycle as it stands after the act.
#[derive(SimpleObject)]
pub struct FollowUpPayload {
    /// The cycle, also where the act was sent twice and had been done.
    follow_up: FollowUp,
}

/// The cycle as it was published, or the publication that waits for a second person.
#[derive(SimpleObject)]
pub struct PublishFollowUpPayload {
    /// The cycle, also where the act was sent twice and had been done; null where the publication waits.
    follow_up: Option<FollowUp>,
    /// The publication, where it waits for a second person; then nothing was published.
    pending_change: Option<PendingChange>,
}

/// What became of a freeze: done, or refused for bureaus that are incomplete.
#[derive(SimpleObject)]
pub struct FreezeFollowUpPayload {
    /// The cycle as it stands now.
    follow_up: FollowUp,
    /// Whether it is frozen; not, where bureaus are incomplete and it was not said that it is meant.
    frozen: bool,
    /// The calls of bureaus of which nothing was taken.
    incomplete: Vec<DataCall>,
}

/// The report as it stands after the call, with its cycle.
#[derive(SimpleObject)]
pub struct FollowUpReportPayload {
    /// The cycle whose version is reported.
    follow_up: FollowUp,
    /// The one report of that version to that body.
    report: FollowUpReport,
}

/// Mutations of the follow-up. Each is done once where it is sent twice.
#[derive(Default)]
pub struct FollowUpMutation;

#[Object]
impl FollowUpMutation {
    /// Opens the one cycle of a fiscal year, with a data call to every bureau in being on any day of it.
    async fn open_follow_up(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The cycle, and why the act is done.")] input: OpenFollowUpInput,
    ) -> Nullable<FollowUpPayload> {
        attempt(async {
            let opening = Opening { plan: input.plan, fiscal_year: input.fiscal_year.0, due_on: input.due_on.0, reason: input.reason };
            Ok(FollowUpPayload { follow_up: store(ctx).open_follow_up(&opening).await?.into() })
        })
        .await
    }

    /// Sets another due day, for all bureaus or for one.
    async fn reschedule_follow_up(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The day, for all bureaus or for one.")] input: RescheduleFollowUpInput,
    ) -> Nullable<FollowUpPayload> {
        attempt(async {
            let which = Which { plan: input.plan, fiscal_year: input.fiscal_year.0 };
            let cycle = store(ctx).reschedule_follow_up(&which, input.bureau.as_deref(), input.due_on.0, &input.reason).await?;
            Ok(FollowUpPayload { follow_up: cycle.into() })
        })
        .await
    }

    /// Ends the collecting and has the draft made. Tells which bureaus are incomplete, and goes on then only with `evenIncomplete`.
    async fn freeze_follow_up(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The cycle, and why the act is done.")] input: FreezeFollowUpInput,
    ) -> Nullable<FreezeFollowUpPayload> {
        attempt(async {
            let which = Which { plan: input.plan, fiscal_year: input.fiscal_year.0 };
            let frozen = store(ctx).freeze_follow_up(&which, input.even_incomplete, &input.reason).await?;
            Ok(FreezeFollowUpPayload {
                follow_up: frozen.cycle.into(),
                frozen: frozen.frozen,
                incomplete: frozen.incomplete.into_iter().map(DataCall::from).collect(),
            })
        })
        .await
    }

    /// Goes back to collecting from a frozen cycle or a draft: what was made of it is deleted, to be made anew.
    async fn reopen_follow_up(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The cycle, and why the act is done.")] input: FollowUpInput,
    ) -> Nullable<FollowUpPayload> {
        attempt(async {
            let (which, reason) = input.parts();
            Ok(FollowUpPayload { follow_up: store(ctx).reopen_follow_up(&which, &reason).await?.into() })
        })
        .await
    }

    /// Compiles a draft whose findings are all answered, as a member of the Executive Committee (幹事会).
    async fn compile_follow_up(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The cycle, and why the act is done.")] input: FollowUpInput,
    ) -> Nullable<FollowUpPayload> {
        attempt(async {
            let (which, reason) = input.parts();
            Ok(FollowUpPayload { follow_up: store(ctx).compile_follow_up(&which, &reason).await?.into() })
        })
        .await
    }

    /// Gives what was compiled back, as a member of the Executive Committee: it is a draft again.
    async fn return_draft(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The cycle, and why the act is done.")] input: FollowUpInput,
    ) -> Nullable<FollowUpPayload> {
        attempt(async {
            let (which, reason) = input.parts();
            Ok(FollowUpPayload { follow_up: store(ctx).return_draft(&which, &reason).await?.into() })
        })
        .await
    }

    /// Records that a draft, or what was compiled of it, was or is to be reported to the Promotion Committee or the Council; in any order.
    /// Until it is published, the record can be corrected.
    async fn record_follow_up_report(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The report: to whom, when, and by which paper.")] input: RecordFollowUpReportInput,
    ) -> Nullable<FollowUpReportPayload> {
        attempt(async {
            let which = Which { plan: input.plan, fiscal_year: input.fiscal_year.0 };
            let RecordFollowUpReportInput { body, reported_on, paper, names_checked, .. } = input;
            let report = Reporting { body, reported_on: reported_on.0, paper, names_checked };
            let (cycle, report) = store(ctx).record_follow_up_report(&which, &report).await?;
            Ok(FollowUpReportPayload { follow_up: cycle.into(), report: report.into() })
        })
        .await
    }

    /// Publishes what was compiled. Both reports are recorded, and dated today or earlier.
    async fn publish_follow_up(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The cycle, and why the act is done.")] input: FollowUpInput,
    ) -> Nullable<PublishFollowUpPayload> {
        attempt(async {
            let (which, reason) = input.parts();
            let (cycle, change) = store(ctx).publish_follow_up(&which, &reason).await?.parts();
            Ok(PublishFollowUpPayload { follow_up: cycle.map(FollowUp::from), pending_change: change.map(PendingChange::from) })
        })
        .await
    }

    /// Begins the next version of what was published, or withdrawn. What is published stays as it is.
    async fn correct_follow_up(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The version: why it is made, and who submits anew.")] input: CorrectFollowUpInput,
    ) -> Nullable<FollowUpPayload> {
        attempt(async {
            let which = Which { plan: input.plan, fiscal_year: input.fiscal_year.0 };
            let CorrectFollowUpInput { kind, reason_ja, reason_en, bureaus, names_checked, .. } = input;
            let correction = Correction { kind, reason_ja, reason_en, bureaus, names_checked };
            Ok(FollowUpPayload { follow_up: store(ctx).correct_follow_up(&which, &correction).await?.into() })
        })
        .await
    }

    /// Withdraws what was published: its releases become tombstones that say why. A further version that is being made is given up.
    async fn withdraw_follow_up(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The cycle, and why the act is done.")] input: WithdrawFollowUpInput,
    ) -> Nullable<FollowUpPayload> {
        attempt(async {
            let which = Which { plan: input.plan, fiscal_year: input.fiscal_year.0 };
            Ok(FollowUpPayload { follow_up: store(ctx).withdraw_follow_up(&which, &input.reason, input.names_checked).await?.into() })
        })
        .await
    }
}

impl FollowUpInput {
    fn parts(self) -> (Which, String) {
        (Which { plan: self.plan, fiscal_year: self.fiscal_year.0 }, self.reason)
    }
}
