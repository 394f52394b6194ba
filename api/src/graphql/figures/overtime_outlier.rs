//! Overtime outliers: what a person's month was flagged for, with its evidence, its words, its review, and counts without persons.

use crate::graphql::nullable::{Conditions, Nullable, attempt, maybe};
use crate::graphql::{
    bureau::Bureau,
    connection::{Connection, list, loaders, store},
    indicator::Decimal,
    loaders::NumberOf,
    node::{global_id, key_of},
    person_month::PersonMonth,
    record::{limited, noun},
    unit::Unit,
};
use crate::{
    http::Language,
    outlier_text,
    store::{
        Store, codes,
        overtime_outlier::Review,
        page::{Ordering, PageArgs},
    },
    words::{
        Date, Instant, Long, Month, OutlierCategory, OutlierEventKind, OutlierKind, PeerLevel, Regime, ReviewState, ScoreMethod, Severity,
    },
};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, NaiveDate, Utc};
use entity::quotient::quotient;
use entity::{
    ids::OvertimeOutlierId,
    indicator_value::TOTAL,
    outlier_event,
    overtime_outlier::{self, Column, Entity, Model},
};
use sea_orm::{ColumnTrait, Condition};

/// What a person's month was flagged for.
pub struct OvertimeOutlier(Model);

noun!(OvertimeOutlier, overtime_outlier);

/// What a person's month was flagged for, on which evidence, and how far its review has come. Which of the numbers are there depends on its
/// kind; minutes are overtime.
#[Object]
impl OvertimeOutlier {
    /// Global id, as `node` and the mutations of its review take it; it stays through changes of its evidence.
    pub async fn id(&self) -> ID {
        global_id("overtime_outlier", self.0.id.0)
    }

    /// The month that was judged.
    async fn month(&self) -> Month {
        Month(self.0.month)
    }

    /// Staff number of the person, whose name is held nowhere.
    async fn staff_number(&self, ctx: &Context<'_>) -> Nullable<String> {
        maybe(async { Ok(loaders(ctx).row(NumberOf(self.0.staff_id)).await?) }).await
    }

    /// Bureau of the last posting held in the month.
    async fn bureau(&self, ctx: &Context<'_>) -> Nullable<Bureau> {
        maybe(async { Ok(loaders(ctx).row(self.0.bureau_id).await?.map(Into::into)) }).await
    }

    /// Unit of the same posting.
    async fn unit(&self, ctx: &Context<'_>) -> Nullable<Unit> {
        maybe(async { Ok(loaders(ctx).row(self.0.unit_id).await?.map(Into::into)) }).await
    }

    /// The regime that the person was judged by: the unit's designation, or else the default of the rules.
    async fn regime(&self) -> Regime {
        self.0.regime
    }

    /// What it is about; at most one of a kind stands for a person's month.
    async fn kind(&self) -> OutlierKind {
        self.0.kind
    }

    /// How it is to be taken: as a breach, exceptional work above a cap, a duty, a warning, or mere statistics.
    async fn category(&self) -> OutlierCategory {
        self.0.category
    }

    /// How much it weighs.
    async fn severity(&self) -> Severity {
        self.0.severity
    }

    /// What was found, and against what, in a sentence without names.
    async fn sentence(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The language of the sentence; that of the request (Accept-Language) without one.")] language: Option<Language>,
    ) -> String {
        let japanese = match language {
            Some(language) => language == Language::Ja,
            None => *ctx.data_unchecked::<Language>() == Language::Ja,
        };
        outlier_text::sentence(&self.0, japanese)
    }

    /// The person's overtime minutes in the month.
    async fn minutes(&self) -> i32 {
        self.0.minutes
    }

    /// What was compared with the cap: the minutes of the year or of the window.
    async fn total_minutes(&self) -> Option<i32> {
        self.0.total_minutes
    }

    /// Over so many months, or so many long months; for a warning of pace, months until the cap.
    async fn months(&self) -> Option<i32> {
        self.0.months
    }

    /// The cap in minutes: for a mean, of one month.
    async fn limit_minutes(&self) -> Option<i32> {
        self.0.limit_minutes
    }

    /// How many long months the year allows; null unless the kind is `LONG_MONTHS`.
    async fn limit_months(&self) -> Option<i32> {
        self.0.limit_months
    }

    /// The month in which the cap will be reached.
    async fn projected_month(&self) -> Option<Month> {
        self.0.projected_month.map(Month)
    }

    /// The median of the compared values in minutes, exact to a half; null where nothing was compared.
    async fn median_minutes(&self) -> Option<Decimal> {
        self.0.median_doubled.and_then(|doubled| quotient(doubled.into(), 2, false)).map(Decimal)
    }

    /// The scale in minutes, rounded: the median or mean absolute deviation.
    async fn scale_minutes(&self) -> Option<Decimal> {
        quotient(self.0.scale_numerator?, self.0.scale_denominator?, false).map(Decimal)
    }

    /// The scale as an exact quotient: what is divided.
    async fn scale_numerator(&self) -> Option<Long> {
        self.0.scale_numerator.map(Long)
    }

    /// The scale as an exact quotient: by what.
    async fn scale_denominator(&self) -> Option<Long> {
        self.0.scale_denominator.map(Long)
    }

    /// The modified z-score, with two digits after the point.
    async fn score(&self) -> Option<Decimal> {
        outlier_text::score(&self.0).map(Decimal)
    }

    /// How many values median and scale rest on.
    async fn peers(&self) -> Option<i32> {
        self.0.peers
    }

    /// Whose values were compared: peers of the bureau or office, or the person's own; null where nothing was.
    async fn peer_level(&self) -> Option<PeerLevel> {
        self.0.peer_level
    }

    /// How the score was made of them.
    async fn method(&self) -> Option<ScoreMethod> {
        self.0.method
    }

    /// The version of the set of rules that it was judged by, as `OvertimeRule.version` counts them.
    async fn rule_version(&self) -> i32 {
        self.0.rule_version
    }

    /// The run that computed the months it was judged on.
    async fn input_run(&self) -> ID {
        global_id("job_run", self.0.input_run_id.0)
    }

    /// Id of the run that raised it.
    async fn run(&self) -> ID {
        global_id("job_run", self.0.run_id.0)
    }

    /// When a run raised it, from which the days of its review count.
    async fn raised_at(&self) -> DateTime<Utc> {
        self.0.raised_at
    }

    /// When its evidence last changed.
    async fn changed_at(&self) -> DateTime<Utc> {
        self.0.changed_at
    }

    /// The last civil day on which it is acknowledged in time.
    async fn acknowledge_by(&self) -> Date {
        Date(self.0.acknowledge_by)
    }

    /// To be explained, acted on or dismissed by this day.
    async fn review_by(&self) -> Date {
        Date(self.0.review_by)
    }

    /// How far the review has come; who may see the outlier sees it.
    async fn review(&self) -> ReviewState {
        self.0.review
    }

    /// When the review first ended.
    async fn reviewed_at(&self) -> Option<DateTime<Utc>> {
        self.0.reviewed_at
    }

    /// The day of the doctor's interview, once it was held.
    async fn interview_held_on(&self) -> Option<Date> {
        self.0.interview_held_on.map(Date)
    }

    /// When a correction removed it.
    async fn withdrawn_at(&self) -> Option<DateTime<Utc>> {
        self.0.withdrawn_at
    }

    /// The former outlier of the same kind, person and month, which was withdrawn.
    async fn returned_from(&self, ctx: &Context<'_>) -> Nullable<Self> {
        maybe(async {
            let Some(former) = self.0.returned_from else { return Ok(None) };
            Ok(loaders(ctx).row(former).await?.map(Self))
        })
        .await
    }

    /// What happened to it, in order; of more than 100 events the latest.
    async fn history(&self, ctx: &Context<'_>) -> Result<Vec<OutlierEvent>> {
        Ok(loaders(ctx).events(self.0.id).await?.into_iter().map(OutlierEvent::from).collect())
    }

    /// The person's months behind it, as far as you may see them: its own and the twelve before, the earliest first.
    async fn person_months(&self, ctx: &Context<'_>) -> Result<Vec<PersonMonth>> {
        Ok(loaders(ctx).months_behind(self.0.staff_id, self.0.month).await?.into_iter().map(PersonMonth::from).collect())
    }
}

/// Something that happened to an outlier, by a run or by a person.
#[derive(SimpleObject)]
pub struct OutlierEvent {
    /// Its number in the outlier's history, from 1.
    sequence: i32,
    /// When it happened.
    at: DateTime<Utc>,
    /// What happened.
    kind: OutlierEventKind,
    /// The token's subject of who did it, or `system` for a run.
    actor: String,
    /// What was said of it; null where nothing was. Only who may see the outlier reads it.
    comment: Option<String>,
    /// Id of the run that did it; null where a person did.
    run: Option<ID>,
}

impl From<outlier_event::Model> for OutlierEvent {
    fn from(row: outlier_event::Model) -> Self {
        let run = row.run_id.map(|id| global_id("job_run", id.0));
        Self { sequence: row.sequence, at: row.at, kind: row.kind, actor: row.actor, comment: row.comment, run }
    }
}

/// Which outliers: all given conditions must hold; one that is absent or null asks nothing, and an empty list finds nothing.
#[derive(Debug, Clone, Default, InputObject)]
pub struct OvertimeOutlierFilter {
    /// Of exactly this month.
    month: Option<Month>,
    /// Of this month or a later one.
    from: Option<Month>,
    /// Of this month or an earlier one.
    to: Option<Month>,
    /// Whose bureau, that of the month's last posting, is any of these, by code, at most 500.
    bureaus: Option<Vec<String>>,
    /// Whose unit, that of the month's last posting, is any of these, by code, at most 500.
    units: Option<Vec<String>>,
    /// Of any of these people, by staff number, at most 500; an unknown one finds nothing.
    staff_numbers: Option<Vec<String>>,
    /// About any of these kinds of thing.
    kinds: Option<Vec<OutlierKind>>,
    /// To be taken as any of these.
    categories: Option<Vec<OutlierCategory>>,
    /// Of any of these weights; no weight includes another.
    severities: Option<Vec<Severity>>,
    /// Whose review stands at any of these.
    reviews: Option<Vec<ReviewState>>,
    /// Those that were withdrawn, in place of those that stand.
    #[graphql(default)]
    withdrawn: bool,
    /// Those whose acknowledgement or review is overdue today, or those of which it is not.
    overdue: Option<bool>,
    /// Committed later than this instant. Give the greatest `raisedAt` that you have seen, of several pages on the first: you miss nothing, and
    /// may see again what you saw last.
    raised_after: Option<Instant>,
}

impl OvertimeOutlierFilter {
    fn condition(&self, today: NaiveDate) -> Result<Condition> {
        let withdrawn = if self.withdrawn { Column::WithdrawnAt.is_not_null() } else { Column::WithdrawnAt.is_null() };
        let mut condition = Condition::all()
            .add(withdrawn)
            .add_option(self.month.map(|month| Column::Month.eq(month.0)))
            .add_option(self.from.map(|month| Column::Month.gte(month.0)))
            .add_option(self.to.map(|month| Column::Month.lte(month.0)))
            .add_option(self.raised_after.map(|at| Column::NumberedAt.gt(at.0)));
        if let Some(codes) = &self.bureaus {
            condition = condition.add(Column::BureauId.in_subquery(codes::bureaus(limited(codes, "bureaus")?)));
        }
        if let Some(codes) = &self.units {
            condition = condition.add(Column::UnitId.in_subquery(codes::units(limited(codes, "units")?)));
        }
        if let Some(numbers) = &self.staff_numbers {
            condition = condition.add(Column::StaffId.in_subquery(codes::staff(limited(numbers, "staffNumbers")?)));
        }
        if let Some(kinds) = &self.kinds {
            condition = condition.add(Column::Kind.is_in(limited(kinds, "kinds")?.iter().copied()));
        }
        if let Some(categories) = &self.categories {
            let categories = limited(categories, "categories")?.iter().copied();
            condition = condition.add(Column::Category.is_in(categories));
        }
        if let Some(severities) = &self.severities {
            let severities = limited(severities, "severities")?.iter().copied();
            condition = condition.add(Column::Severity.is_in(severities));
        }
        if let Some(reviews) = &self.reviews {
            let reviews = limited(reviews, "reviews")?.iter().copied();
            condition = condition.add(Column::Review.is_in(reviews));
        }
        Ok(condition.add_option(self.overdue.map(|overdue| if overdue { is_overdue(today) } else { is_overdue(today).not() })))
    }
}

/// Not looked at in time, or not ended in time.
fn is_overdue(today: NaiveDate) -> Condition {
    use overtime_outlier::ReviewState::{Acknowledged, Open};
    let unseen = Condition::all().add(Column::Review.eq(Open)).add(Column::AcknowledgeBy.lt(today));
    let unended = Condition::all().add(Column::Review.is_in([Open, Acknowledged])).add(Column::ReviewBy.lt(today));
    Condition::any().add(unseen).add(unended)
}

/// In which order outliers are listed; ties are broken by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum OvertimeOutlierOrder {
    /// By the month judged, the latest first; the default.
    MonthDescending,
    /// By the month judged, the earliest first.
    Month,
    /// Those raised last first.
    RaisedAtDescending,
    /// By when they were raised.
    RaisedAt,
    /// By when their review is to end, the most urgent first.
    ReviewBy,
    /// By when their review is to end, the least urgent first.
    ReviewByDescending,
}

impl OvertimeOutlierOrder {
    fn ordering(self) -> Ordering<Column> {
        let (by, descending) = match self {
            Self::MonthDescending => (Column::Month, true),
            Self::Month => (Column::Month, false),
            Self::RaisedAtDescending => (Column::RaisedAt, true),
            Self::RaisedAt => (Column::RaisedAt, false),
            Self::ReviewBy => (Column::ReviewBy, false),
            Self::ReviewByDescending => (Column::ReviewBy, true),
        };
        Ordering { by, descending }
    }
}

/// How many people of a bureau, or of the office, stand flagged for something in a month.
#[derive(SimpleObject)]
pub struct OvertimeOutlierCount {
    /// Code of the bureau, or TOTAL for the office.
    bureau: String,
    /// How the outliers that are counted are to be taken.
    category: OutlierCategory,
    /// What the outliers that are counted are about; a person has one of a kind in a month.
    kind: OutlierKind,
    /// How many people; null where withheld.
    people: Option<Long>,
    /// Whether the number rests on too few people for you to see, or another would follow from it.
    withheld: bool,
}

/// Queries of outliers.
#[derive(Default)]
pub struct OutlierFlagQuery;

#[Object]
impl OutlierFlagQuery {
    /// Overtime outliers: those that stand, unless the filter asks for withdrawn ones.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn overtime_outliers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which outliers: all given conditions must hold; without any, all that stand and the caller may see.", default)]
        filter: Conditions<OvertimeOutlierFilter>,
        #[graphql(desc = "In which order; ties by id.", default_with = "OvertimeOutlierOrder::MonthDescending")]
        order_by: OvertimeOutlierOrder,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Nullable<Connection<OvertimeOutlier>> {
        attempt(async {
            let filter = filter.0;
            let condition = filter.condition(store(ctx).today())?;
            list(ctx, condition, order_by.ordering(), &PageArgs { first, after, last, before }).await
        })
        .await
    }

    /// One outlier, withdrawn ones too.
    async fn overtime_outlier(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the outlier.")] id: ID,
    ) -> Nullable<OvertimeOutlier> {
        maybe(async { Ok(store(ctx).one::<Entity>(key_of(&id, "overtime_outlier", "id")?).await?.map(OvertimeOutlier::from)) }).await
    }

    /// How many people stand flagged in a month, by category and kind, for each bureau that has any and for the office. Who may not see the
    /// persons gets no number that rests on 1 to 4 of them.
    async fn overtime_outlier_counts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The month that was judged, which has begun.")] month: Month,
    ) -> Nullable<Vec<OvertimeOutlierCount>> {
        attempt(async {
            let counts = store(ctx).outlier_counts(month.0).await?;
            let show = |count: crate::store::overtime_outlier::Count| OvertimeOutlierCount {
                bureau: count.bureau.unwrap_or_else(|| TOTAL.to_owned()),
                category: count.category,
                kind: count.kind,
                withheld: count.people.is_none(),
                people: count.people.map(Long),
            };
            Ok(counts.into_iter().map(show).collect())
        })
        .await
    }
}

/// An outlier of the caller's own bureaus that was looked at.
#[derive(InputObject)]
pub struct AcknowledgeOutlierInput {
    /// Global id of the outlier, which is open.
    id: ID,
}

/// An outlier of the caller's own bureaus whose reason is known.
#[derive(InputObject)]
pub struct ExplainOutlierInput {
    /// Global id of the outlier, acknowledged or not.
    id: ID,
    /// The reason, for those who may see the outlier.
    comment: String,
}

/// An outlier upon which something was done.
#[derive(InputObject)]
pub struct RecordOutlierActionInput {
    /// Global id of the outlier, acknowledged or not.
    id: ID,
    /// What was done, for those who may see the outlier.
    comment: String,
    /// The day on which the doctor's interview was held; for the kind INTERVIEW alone.
    interview_held_on: Option<Date>,
}

/// An outlier of the caller's own bureaus that turned out to be none.
#[derive(InputObject)]
pub struct DismissOutlierInput {
    /// Global id of the outlier, acknowledged or not.
    id: ID,
    /// Why it is none, for those who may see it.
    comment: String,
}

/// The outlier as it stands after the step of its review.
#[derive(SimpleObject)]
pub struct OutlierPayload {
    /// The outlier, with its history up to now.
    outlier: OvertimeOutlier,
}

/// Mutations of outliers' reviews.
#[derive(Default)]
pub struct OutlierFlagMutation;

#[Object]
impl OutlierFlagMutation {
    /// Says that an outlier was looked at. Sent twice it is done once, as the other steps of a review are.
    async fn acknowledge_outlier(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The outlier, by its global id.")] input: AcknowledgeOutlierInput,
    ) -> Nullable<OutlierPayload> {
        attempt(async { review(store(ctx), &input.id, overtime_outlier::ReviewState::Acknowledged, None, None).await }).await
    }

    /// Gives the reason of an outlier, which ends its review.
    async fn explain_outlier(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The outlier, and the reason in up to 2,000 characters.")] input: ExplainOutlierInput,
    ) -> Nullable<OutlierPayload> {
        attempt(async { review(store(ctx), &input.id, overtime_outlier::ReviewState::Explained, Some(input.comment), None).await }).await
    }

    /// Says what was done upon an outlier, which ends its review.
    async fn record_outlier_action(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The outlier and what was done.")] input: RecordOutlierActionInput,
    ) -> Nullable<OutlierPayload> {
        attempt(async {
            let held = input.interview_held_on.map(|date| date.0);
            review(store(ctx), &input.id, overtime_outlier::ReviewState::ActionTaken, Some(input.comment), held).await
        })
        .await
    }

    /// Says that an outlier is none, which ends its review.
    async fn dismiss_outlier(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The outlier and why it is none.")] input: DismissOutlierInput,
    ) -> Nullable<OutlierPayload> {
        attempt(async { review(store(ctx), &input.id, overtime_outlier::ReviewState::Dismissed, Some(input.comment), None).await }).await
    }
}

async fn review(
    store: &Store,
    id: &ID,
    to: overtime_outlier::ReviewState,
    comment: Option<String>,
    interview_held_on: Option<NaiveDate>,
) -> Result<OutlierPayload> {
    let id = OvertimeOutlierId(key_of(id, "overtime_outlier", "id")?);
    let row = store.review_outlier(id, &Review { to, comment, interview_held_on }).await?;
    Ok(OutlierPayload { outlier: row.into() })
}
