//! The review of a plan (見直し, clause II-2): each target's course over the fiscal years, as they were last published.
//!
//! It shows what releases hold and adds only what follows from setting them side by side: where a definition changed, and what is missing.

use crate::graphql::nullable::{Nullable, attempt};
use crate::graphql::{
    connection::store,
    indicator::Decimal,
    release::{ObservationStatus, said::percent},
};
use crate::words::FiscalYear;
use crate::{
    error::Error,
    store::release::Published,
    words::{Date, Decider, Long, Qualifier, TargetPopulation},
};
use async_graphql::{Context, Enum, Object, SimpleObject};
use chrono::NaiveDate;
use entity::quotient::quotient;
use entity::{
    period,
    release_observation::ObservationStatus as Status,
    target::{Decider as DecidedBy, TargetPopulation as Population},
};
use jobs::follow_up::release::TargetLine;

/// The most fiscal years of a review.
const MOST_YEARS: i32 = 30;

/// What is missing of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum PlanReviewGap {
    /// The year has no published release.
    NoRelease,
    /// Its release has no such figure.
    NoFigure,
    /// The figure is not known.
    Unknown,
    /// The figure is not shown.
    Withheld,
}

/// Each target's course over the fiscal years, as they were last published.
#[derive(SimpleObject)]
pub struct PlanReview {
    /// Fiscal years without a published release.
    missing_years: Vec<FiscalYear>,
    /// The targets, those of the latest release first, each in its release's order.
    targets: Vec<PlanReviewTarget>,
}

/// A target, as the latest release that names it has it, and its course.
#[derive(SimpleObject)]
pub struct PlanReviewTarget {
    /// Code of the indicator, or of the item that bureaus submit.
    indicator: String,
    /// Name of the indicator in Japanese.
    name_ja: Option<String>,
    /// Name of the indicator in English.
    name_en: Option<String>,
    /// Number of the plan's clause, such as `V-1`.
    clause: String,
    /// Whose figure it binds; a government's target is a reference, without attainment.
    population: TargetPopulation,
    /// Who set it: the office's own plan or the government's.
    decider: Decider,
    /// How the value is meant.
    qualifier: Qualifier,
    /// The target in the unit of its indicator; null where that release does not define it.
    value: Option<Decimal>,
    /// Numerator of the target: 30 for 30 %, exact.
    value_numerator: Long,
    /// Denominator of the target: 100 for percentages, exact.
    value_denominator: Long,
    /// First day in force.
    valid_from: Date,
    /// The last day in force, itself included; null while it lasts.
    last_day: Option<Date>,
    /// Every fiscal year of the review, in order.
    course: Vec<PlanReviewYear>,
}

/// The whole office's figure of one fiscal year.
#[derive(SimpleObject)]
pub struct PlanReviewYear {
    /// The fiscal year that was followed up, by the year in which it begins.
    fiscal_year: FiscalYear,
    /// The version of the release that it was last published in.
    version: Option<String>,
    /// What is divided; null where the year has no figure that is shown.
    numerator: Option<Long>,
    /// By what it is divided; null where the year has no figure that is shown.
    denominator: Option<Long>,
    /// The value in the indicator's unit; null where there is none to show, and where there was nobody to count.
    value: Option<Decimal>,
    /// Where the figure stands, as it was published; null where there is none.
    status: Option<ObservationStatus>,
    /// The version of the definition that it was made by; null where there is no figure.
    definition_version: Option<i32>,
    /// Whether the definition is another than in the nearest year before that has a figure: the two are not to be compared as they are.
    definition_changed: bool,
    /// The first day of which it speaks.
    date_from: Option<Date>,
    /// The last day of which it speaks; null where there is no figure.
    date_to: Option<Date>,
    /// Whether the target is among those of the year's release, as in force then.
    in_force: bool,
    /// Whether the target was met, as it was published; for the office's own targets in force then.
    attained: Option<bool>,
    /// What is missing; null where there is a figure, or there was nobody to count.
    missing: Option<PlanReviewGap>,
}

/// What makes two lines of different years one target.
type Key<'a> = (&'a str, Population, DecidedBy, NaiveDate);

fn key(line: &TargetLine) -> Key<'_> {
    (&line.indicator, line.population, line.decider, line.valid_from)
}

fn review(years: &[period::FiscalYear], published: &[Published]) -> PlanReview {
    let of_year = |year: period::FiscalYear| published.iter().find(|one| one.head.fiscal_year == year);
    let mut known: Vec<Key<'_>> = Vec::new();
    let mut targets = Vec::new();
    for latest in published.iter().rev() {
        for line in &latest.said.targets {
            if !known.contains(&key(line)) {
                known.push(key(line));
                targets.push(target(line, latest, years.iter().map(|year| (*year, of_year(*year)))));
            }
        }
    }
    let missing_years = years.iter().copied().filter(|year| of_year(*year).is_none()).map(FiscalYear).collect();
    PlanReview { missing_years, targets }
}

fn target<'a>(
    line: &TargetLine,
    latest: &Published,
    years: impl Iterator<Item = (period::FiscalYear, Option<&'a Published>)>,
) -> PlanReviewTarget {
    let definition = latest.said.definitions.iter().find(|definition| definition.indicator == line.indicator);
    let percent = percent(&latest.said, &line.indicator, None);
    let mut before = None;
    PlanReviewTarget {
        indicator: line.indicator.clone(),
        name_ja: definition.map(|definition| definition.name.ja.clone()),
        name_en: definition.map(|definition| definition.name.en.clone()),
        clause: line.clause.clone(),
        population: line.population,
        decider: line.decider,
        qualifier: line.qualifier,
        value: percent.and_then(|percent| quotient(line.value.0, line.value.1, percent)).map(Decimal),
        value_numerator: Long(line.value.0),
        value_denominator: Long(line.value.1),
        valid_from: Date(line.valid_from),
        last_day: line.last_day.map(Date),
        course: years.map(|(fiscal_year, published)| year(line, fiscal_year, published, &mut before)).collect(),
    }
}

/// One year of a target; `before` is the definition of the nearest year before that has a figure.
fn year(line: &TargetLine, fiscal_year: period::FiscalYear, published: Option<&Published>, before: &mut Option<i32>) -> PlanReviewYear {
    let said = published.map(|one| &one.said);
    let figure = said.and_then(|said| said.observations.iter().find(|figure| figure.indicator == line.indicator));
    let then = said.and_then(|said| said.targets.iter().find(|then| key(then) == key(line)));
    let definition_version = figure.map(|figure| figure.definition_version);
    let definition_changed = definition_version.zip(*before).is_some_and(|(now, before)| now != before);
    *before = definition_version.or(*before);
    let missing = match (published, figure.map(|figure| figure.status)) {
        (None, _) => Some(PlanReviewGap::NoRelease),
        (_, None) => Some(PlanReviewGap::NoFigure),
        (_, Some(Status::Unknown)) => Some(PlanReviewGap::Unknown),
        (_, Some(Status::Withheld)) => Some(PlanReviewGap::Withheld),
        (_, Some(Status::Final | Status::Provisional | Status::Revised | Status::NoSubjects)) => None,
    };
    let value = said.zip(figure).and_then(|(said, figure)| {
        let (numerator, denominator) = figure.quotient()?;
        quotient(numerator, denominator, percent(said, &figure.indicator, Some(figure.definition_version))?)
    });
    PlanReviewYear {
        fiscal_year: FiscalYear(fiscal_year),
        version: published.map(|one| one.head.version.clone()),
        numerator: figure.and_then(|figure| figure.numerator).map(Long),
        denominator: figure.and_then(|figure| figure.denominator).map(Long),
        value: value.map(Decimal),
        status: figure.map(|figure| figure.status.into()),
        definition_version,
        definition_changed,
        date_from: figure.map(|figure| Date(figure.date_from)),
        date_to: figure.map(|figure| Date(figure.date_to)),
        in_force: then.is_some(),
        attained: then.and_then(|then| then.attained),
        missing,
    }
}

/// Queries of the review.
#[derive(Default)]
pub struct PlanReviewQuery;

#[Object]
impl PlanReviewQuery {
    /// Each target's course over at most 30 fiscal years, as they were last published: what a review of the plan (見直し) looks at.
    async fn plan_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first fiscal year, which has begun.")] from: FiscalYear,
        #[graphql(desc = "The last fiscal year.")] to: FiscalYear,
        #[graphql(desc = "Code of the plan; null for whichever has a release of a year, the first published of several.")] plan: Option<
            String,
        >,
    ) -> Nullable<PlanReview> {
        attempt(async {
            let (first, last) = (from.0.as_i32(), to.0.as_i32());
            if first > last {
                return Err(Error::input("to", "終わりの年度が始めの年度より前です。", "The last fiscal year is before the first.").into());
            }
            if last - first >= MOST_YEARS {
                let (ja, en) = (format!("年度は{MOST_YEARS}年までです。"), format!("A review covers at most {MOST_YEARS} fiscal years."));
                return Err(Error::input("to", ja, en).into());
            }
            let published = store(ctx).latest_releases(from.0, to.0, plan.as_deref()).await?;
            let years: Vec<_> = (first..=last).filter_map(|year| period::FiscalYear::try_from(year).ok()).collect();
            Ok(review(&years, &published))
        })
        .await
    }
}
