//! 提出: what bureaus submit to a cycle of the follow-up, revision by revision.

use crate::graphql::nullable::{Conditions, Nullable, attempt, maybe};
use crate::graphql::{
    bureau::Bureau,
    connection::{Connection, list, loaders, store},
    follow_up::FollowUp,
    node::{global_id, key_of},
    record::{limited, noun},
};
use crate::words::FiscalYear;
use crate::{
    store::{
        codes,
        follow_up::{Which, public_text},
        page::{Ordering, PageArgs},
        submission::{is_latest, read},
    },
    words::{Long, NameSign, SubmissionState},
};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{
    ids::SubmissionId,
    submission::{self, Column, Model, SubmissionContent},
};
use sea_orm::{ColumnTrait, Condition};

/// One revision of what a bureau submits.
pub struct Submission(Model);

noun!(Submission, submission);

/// 提出: one revision of what a bureau submits to a cycle of the follow-up. A later one takes its place, and it stays.
#[Object]
impl Submission {
    /// Global id of this very revision, as `acceptSubmission` and `returnSubmission` take it.
    pub async fn id(&self) -> ID {
        global_id("submission", self.0.id.0)
    }

    /// The cycle of the follow-up that it answers.
    async fn follow_up(&self, ctx: &Context<'_>) -> Nullable<FollowUp> {
        maybe(async { Ok(loaders(ctx).row(self.0.follow_up_id).await?.map(FollowUp::from)) }).await
    }

    /// The bureau that answers.
    async fn bureau(&self, ctx: &Context<'_>) -> Nullable<Bureau> {
        maybe(async { Ok(loaders(ctx).row(self.0.bureau_id).await?.map(Bureau::from)) }).await
    }

    /// Counts the bureau's answers from 1.
    async fn revision(&self) -> i32 {
        self.0.revision
    }

    /// Where it stands.
    async fn state(&self) -> SubmissionState {
        self.0.state
    }

    /// Figures that the bureau alone knows, in the plan's order.
    fn figures(&self) -> Result<Vec<SubmittedFigure>> {
        Ok(read(&self.0)?.figures.into_iter().map(SubmittedFigure::from).collect())
    }

    /// What was done, in the plan's order.
    fn actions(&self) -> Result<Vec<SubmittedAction>> {
        Ok(read(&self.0)?.actions.into_iter().map(SubmittedAction::from).collect())
    }

    /// What is to be done next (今後の取組), in the plan's order.
    fn next_steps(&self) -> Result<Vec<SubmittedAction>> {
        Ok(read(&self.0)?.next_steps.into_iter().map(SubmittedAction::from).collect())
    }

    /// When the bureau's officer submitted this revision.
    async fn submitted_at(&self) -> DateTime<Utc> {
        self.0.submitted_at
    }

    /// The token's subject of the officer who submitted it.
    async fn submitted_by(&self) -> &str {
        &self.0.submitted_by
    }

    /// When the secretariat returned or took it.
    async fn reviewed_at(&self) -> Option<DateTime<Utc>> {
        self.0.reviewed_at
    }

    /// The token's subject of who returned or took it; null until somebody has.
    async fn reviewed_by(&self) -> Option<&str> {
        self.0.reviewed_by.as_deref()
    }

    /// What the secretariat said of it; null where it said nothing.
    async fn comment(&self) -> Option<&str> {
        self.0.comment.as_deref()
    }
}

/// A figure that the bureau alone knows.
#[derive(SimpleObject)]
pub struct SubmittedFigure {
    /// Code of the plan's item (報告事項) that it answers.
    item: String,
    /// What is divided; the item's definition says what it counts.
    numerator: Long,
    /// Denominator; zero where there is nobody to count.
    denominator: Long,
    /// A word about it, of up to 200 characters; null where none was given.
    note: Option<String>,
}

impl From<submission::SubmittedFigure> for SubmittedFigure {
    fn from(figure: submission::SubmittedFigure) -> Self {
        Self { item: figure.item, numerator: Long(figure.numerator), denominator: Long(figure.denominator), note: figure.note }
    }
}

/// What was done, or is to be done next, as it is printed.
#[derive(SimpleObject)]
pub struct SubmittedAction {
    /// Code of the plan's initiative (取組) under which it is reported.
    initiative: String,
    /// What was done, in 1 to 100 characters of one line; of what is to be done next up to 200.
    text: String,
}

impl From<submission::SubmittedAction> for SubmittedAction {
    fn from(action: submission::SubmittedAction) -> Self {
        Self { initiative: action.initiative, text: action.text }
    }
}

/// A text of a submission that may name a person; it says where and by what sign, and neither text nor name.
#[derive(SimpleObject)]
pub struct NameDoubt {
    /// Where the text stands in the input, such as `actions.text`.
    field: String,
    /// Code of the item or initiative that it belongs to.
    subject: String,
    /// By what it may name a person.
    sign: NameSign,
}

impl From<public_text::NameDoubt> for NameDoubt {
    fn from(doubt: public_text::NameDoubt) -> Self {
        Self { field: doubt.field.to_owned(), subject: doubt.subject, sign: doubt.sign }
    }
}

/// Which submissions: all given conditions must hold; one that is absent or null asks nothing, and an empty list finds nothing.
#[derive(Debug, Clone, Default, InputObject)]
pub struct SubmissionFilter {
    /// To the cycles of any of these fiscal years, at most 500.
    fiscal_years: Option<Vec<FiscalYear>>,
    /// Of any of these bureaus, by code, at most 500; an unknown code finds nothing.
    bureaus: Option<Vec<String>>,
    /// That stand in any of these states; an empty list finds nothing.
    states: Option<Vec<SubmissionState>>,
    /// The latest revision of each bureau alone.
    #[graphql(default)]
    latest: bool,
}

/// In which order submissions are listed; ties are broken by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum SubmissionOrder {
    /// Those submitted last first.
    SubmittedAtDescending,
    /// By when they were submitted.
    SubmittedAt,
}

impl SubmissionOrder {
    pub(in crate::graphql) fn ordering(self) -> Ordering<Column> {
        Ordering { by: Column::SubmittedAt, descending: self == Self::SubmittedAtDescending }
    }
}

/// Queries of submissions.
#[derive(Default)]
pub struct SubmissionQuery;

#[Object]
impl SubmissionQuery {
    /// What bureaus submitted to cycles of the follow-up.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn submissions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which submissions: all given conditions must hold; without any, every revision the caller may see.", default)]
        filter: Conditions<SubmissionFilter>,
        #[graphql(desc = "In which order; ties by id.", default_with = "SubmissionOrder::SubmittedAtDescending")] order_by: SubmissionOrder,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Nullable<Connection<Submission>> {
        attempt(async {
            let filter = filter.0;
            let mut condition = Condition::all().add_option(filter.latest.then(is_latest));
            if let Some(years) = &filter.fiscal_years {
                let years: Vec<_> = limited(years, "fiscalYears")?.iter().map(|year| year.0).collect();
                condition = condition.add(Column::FollowUpId.in_subquery(codes::follow_ups(&years)));
            }
            if let Some(codes) = &filter.bureaus {
                condition = condition.add(Column::BureauId.in_subquery(codes::bureaus(limited(codes, "bureaus")?)));
            }
            if let Some(states) = &filter.states {
                let states = limited(states, "states")?.iter().copied();
                condition = condition.add(Column::State.is_in(states));
            }
            list(ctx, condition, order_by.ordering(), &PageArgs { first, after, last, before }).await
        })
        .await
    }
}

/// A figure that the bureau alone knows.
#[derive(InputObject)]
pub struct SubmittedFigureInput {
    /// Code of the plan's item.
    item: String,
    /// Numerator, 0 or more; no more than the denominator, unless it is no share or a share that may pass 100 %.
    numerator: Long,
    /// Denominator, 0 or more; zero where there is nobody to count.
    denominator: Long,
    /// A word about it, of up to 200 characters.
    note: Option<String>,
}

/// What was done, or is to be done next, as it is to be printed.
#[derive(InputObject)]
pub struct SubmittedActionInput {
    /// Code of the plan's initiative, in force in the fiscal year; at most two actions, and one next step, name the same one.
    initiative: String,
    /// 1 to 100 characters, of a next step up to 200, without line breaks.
    text: String,
}

/// What a bureau submits, all of it: it takes the place of what it submitted before.
#[derive(InputObject)]
pub struct SubmitFollowUpInput {
    /// Code of the plan; the latest one's without.
    plan: Option<String>,
    /// The fiscal year that is followed up, by the year in which it begins.
    fiscal_year: FiscalYear,
    /// Code of the bureau, one of the caller's own and of those that the cycle asks.
    bureau: String,
    /// Figures, at most one an item; with no action and no next step, at least one.
    #[graphql(default)]
    figures: Vec<SubmittedFigureInput>,
    /// What was done, at most two actions an initiative; with no figure and no next step, at least one.
    #[graphql(default)]
    actions: Vec<SubmittedActionInput>,
    /// What is to be done next (今後の取組), at most one text an initiative.
    #[graphql(default)]
    next_steps: Vec<SubmittedActionInput>,
}

/// What became of a submission.
#[derive(SimpleObject)]
pub struct SubmitFollowUpPayload {
    /// The bureau's latest revision, new or as it was.
    submission: Submission,
    /// Whether it said the same before, so that nothing was written.
    unchanged: bool,
    /// Codes of the items that every bureau is asked for and that the submission does not hold.
    missing_items: Vec<String>,
    /// Texts that may name a person, and that the secretariat is asked about before it takes them; nothing is refused for them.
    name_doubts: Vec<NameDoubt>,
}

/// A submission that goes back to its bureau, to be corrected.
#[derive(InputObject)]
pub struct ReturnSubmissionInput {
    /// The very revision that was looked at.
    id: ID,
    /// What is to be corrected, for the bureau.
    comment: String,
}

/// A submission that the secretariat takes as it is.
#[derive(InputObject)]
pub struct AcceptSubmissionInput {
    /// The very revision that was looked at.
    id: ID,
    /// A word to the bureau, of up to 2,000 characters.
    comment: Option<String>,
    /// That the texts were looked at and name nobody; asked for where one may name a person.
    #[graphql(default)]
    names_checked: bool,
}

/// The submission as the secretariat's word leaves it.
#[derive(SimpleObject)]
pub struct SubmissionPayload {
    /// The revision that was returned or taken.
    submission: Submission,
}

/// Mutations of submissions.
#[derive(Default)]
pub struct SubmissionMutation;

#[Object]
impl SubmissionMutation {
    /// Submits a bureau's figures and what it did, while the cycle collects. One that says the same as before writes nothing; one that was
    /// taken is returned by the secretariat before it is corrected.
    async fn submit_follow_up(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The submission, in its latest revision.")] input: SubmitFollowUpInput,
    ) -> Nullable<SubmitFollowUpPayload> {
        attempt(async {
            let which = Which { plan: input.plan, fiscal_year: input.fiscal_year.0 };
            let figures = input.figures.into_iter().map(|figure| submission::SubmittedFigure {
                item: figure.item,
                numerator: figure.numerator.0,
                denominator: figure.denominator.0,
                note: figure.note,
            });
            let texts = |all: Vec<SubmittedActionInput>| {
                all.into_iter().map(|one| submission::SubmittedAction { initiative: one.initiative, text: one.text }).collect()
            };
            let content =
                SubmissionContent { figures: figures.collect(), actions: texts(input.actions), next_steps: texts(input.next_steps) };
            let submitted = store(ctx).submit_follow_up(&which, &input.bureau, content).await?;
            Ok(SubmitFollowUpPayload {
                submission: submitted.row.into(),
                unchanged: submitted.unchanged,
                missing_items: submitted.missing,
                name_doubts: submitted.doubts.into_iter().map(NameDoubt::from).collect(),
            })
        })
        .await
    }

    /// Returns a bureau's latest submission to be corrected, also one that was taken. Sent twice it is done once, as its acceptance is.
    async fn return_submission(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The submission and what is wrong with it.")] input: ReturnSubmissionInput,
    ) -> Nullable<SubmissionPayload> {
        attempt(async {
            let id = SubmissionId(key_of(&input.id, "submission", "id")?);
            Ok(SubmissionPayload { submission: store(ctx).return_submission(id, input.comment).await?.into() })
        })
        .await
    }

    /// Takes a bureau's latest submission.
    async fn accept_submission(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The submission, in its latest revision.")] input: AcceptSubmissionInput,
    ) -> Nullable<SubmissionPayload> {
        attempt(async {
            let id = SubmissionId(key_of(&input.id, "submission", "id")?);
            Ok(SubmissionPayload { submission: store(ctx).accept_submission(id, input.comment, input.names_checked).await?.into() })
        })
        .await
    }
}
