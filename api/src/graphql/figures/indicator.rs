//! Indicators: their definitions, and their values with everything that explains them.

use crate::graphql::nullable::{Conditions, Nullable, attempt, maybe};
use crate::graphql::{
    connection::{Connection, list, loaders, store},
    node::global_id,
    person_month::{PersonMonth, is},
    record::limited,
    target::Target,
};
use crate::{
    error::Error,
    http::Language,
    store::{
        figures::{Figures, Surroundings},
        page::{Ordering, PageArgs},
    },
    words::{Date, Instant, Long, Month, Span, Standing},
};
use async_graphql::{
    Context, Enum, ID, InputObject, InputValueError, InputValueResult, Object, Result, Scalar, ScalarType, SimpleObject, Value,
};
use chrono::{DateTime, Utc};
use entity::{
    indicator_value::{Model, TOTAL},
    person_month,
    quotient::{self, Aim, Direction, IndicatorUnit},
    staff,
};
use jobs::indicators::{self, Covered, Definition, find};
use sea_orm::{ColumnTrait, Condition};
use std::sync::Arc;

/// An indicator's code, such as `MEAN_OVERTIME_HOURS`; `indicators` lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code(pub &'static Definition);

/// An indicator's code, such as `MEAN_OVERTIME_HOURS`; `indicators` lists them.
#[Scalar(name = "IndicatorCode")]
impl ScalarType for Code {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = match &value {
            Value::String(text) => text.as_str(),
            Value::Enum(name) => name.as_str(),
            _ => "",
        };
        find(text).map(Self).ok_or_else(|| InputValueError::custom("There is no such indicator; `indicators` lists their codes."))
    }

    fn to_value(&self) -> Value {
        Value::from(self.0.code)
    }
}

/// A decimal number as text with one digit after the point, or two in a score, rounded half up from the exact quotient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal(pub String);

/// A decimal number as text with one digit after the point, or two in a score, rounded half up from the exact quotient.
#[Scalar]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(text)),
            _ => Err(InputValueError::custom("Write a decimal number as text.")),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// Whom numerator and denominator count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "jobs::indicators::Population")]
pub enum Population {
    /// In post and subject to overtime on a day of the span, placed by the last posting held in it, or in each month where the months add up.
    Overtime,
    /// In post on the last day of the span, or throughout it, as the description says.
    Census,
    /// In post and subject to overtime in each month of a whole year, placed by the last posting held.
    WholeYear,
    /// Records by their own date.
    Events,
}

/// How final a value is, and whether the caller sees it at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(name = "ValueStatus", remote = "crate::store::figures::Status")]
pub enum ValueStatus {
    /// Every month in it is closed.
    Final,
    /// A month in it is not closed: the bureau's own, or for TOTAL that of any bureau in being.
    Provisional,
    /// Changed after every month in it was closed.
    Revised,
    /// It rests on too few people for you to see, or another would follow from it.
    Withheld,
    /// Nobody has reported the records that it rests on (`…`); never 0.
    NotReported,
    /// There was nobody to count (該当者なし); never 0 %.
    NoSubjects,
    /// A month in it waits to be computed, for the first time or anew: the bureau's own, or for TOTAL that of any.
    Stale,
}

/// Of how many of its people the records that a value rests on tell, to so much as everybody may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum CoverageBand {
    /// Of 95 % and more.
    NearlyAll,
    /// Of 80 to below 95 %.
    Most,
    /// Of less than 80 %.
    Fewer,
}

/// How much of the people that a value is about its records cover. People are counted once a month.
#[derive(SimpleObject)]
pub struct Coverage {
    /// The people of whom it is known what the records say, those of bureaus that reported; null for who may not see persons.
    people: Option<Long>,
    /// The people whom the value is about; null likewise.
    of: Option<Long>,
    /// The share of the one in the other; null where nobody is expected to have a record.
    band: Option<CoverageBand>,
    /// Whether the share is below what the rules ask for (`CountingRule.coveragePercent`): then the value is neither met nor missed.
    is_partial: bool,
}

impl From<crate::store::figures::Coverage> for Coverage {
    fn from(counted: crate::store::figures::Coverage) -> Self {
        let crate::store::figures::Coverage { people, of, is_partial, exact } = counted;
        let reaches = |percent: i128| i128::from(people) * 100 >= i128::from(of) * percent;
        let band = match (reaches(95), reaches(80)) {
            _ if of == 0 => None,
            (true, _) => Some(CoverageBand::NearlyAll),
            (false, true) => Some(CoverageBand::Most),
            (false, false) => Some(CoverageBand::Fewer),
        };
        Self { people: exact.then_some(Long(people)), of: exact.then_some(Long(of)), band, is_partial }
    }
}

/// By what values are split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum Dimension {
    /// By bureau, with TOTAL for the whole office; every indicator is split so.
    Bureau,
    /// By sex as recorded, with TOTAL for all.
    Sex,
    /// By rank band (役職段階), with TOTAL for all.
    Band,
}

/// The definition of an indicator.
pub struct Indicator(pub(in crate::graphql) &'static Definition);

/// The definition of an indicator: what is divided by what, over whom.
#[Object]
impl Indicator {
    /// Its code, such as `MEAN_OVERTIME_HOURS`, by which figures, targets and releases name it.
    async fn code(&self) -> Code {
        Code(self.0)
    }

    /// The version of the definition; each value names the one it was computed by.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// Name in Japanese, as lists and releases print it.
    async fn name_ja(&self) -> &str {
        self.0.name.ja
    }

    /// Name in English, as lists and releases print it.
    async fn name_en(&self) -> &str {
        self.0.name.en
    }

    /// What is divided by what, and whom it counts, in your language.
    async fn description(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(words(ctx, self.0.description_of(Covered::Month, &standings(ctx).await?)))
    }

    /// What the year-to-date value is, and whom it counts, in your language.
    async fn year_to_date(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(words(ctx, self.0.description_of(Covered::ToDate, &standings(ctx).await?)))
    }

    /// Whom numerator and denominator count, both alike.
    async fn population(&self) -> Population {
        self.0.population.into()
    }

    /// Whom its numerator counts of these, by how they stand to the office in a month; the denominator counts the same, but for figures of whom
    /// others leave out, where it counts everybody.
    async fn standings(&self, ctx: &Context<'_>) -> Result<Vec<Standing>> {
        Ok(standings(ctx).await?.numerator(self.0.counts))
    }

    /// What its values are expressed in.
    async fn unit(&self) -> IndicatorUnit {
        self.0.unit
    }

    /// Which way the plan wants it to go.
    async fn direction(&self) -> Direction {
        self.0.direction
    }

    /// The two spans for which there are values: the month, and its own kind of year to date.
    async fn spans(&self) -> [Span; 2] {
        [Span::Month, self.0.year_to_date_span()]
    }

    /// By what values are split.
    async fn dimensions(&self) -> Vec<Dimension> {
        let dimensions = self.0.dimensions;
        let mut all = vec![Dimension::Bureau];
        all.extend(dimensions.sex.then_some(Dimension::Sex));
        all.extend(dimensions.band.then_some(Dimension::Band));
        all
    }

    /// Whether a right value can pass 100 %.
    async fn may_exceed_hundred(&self) -> bool {
        self.0.may_exceed_hundred
    }
}

/// Whom figures count.
async fn standings(ctx: &Context<'_>) -> Result<indicators::Standings> {
    Ok(store(ctx).standings(loaders(ctx).figures()).await?)
}

fn words(ctx: &Context<'_>, words: indicators::Words) -> String {
    if *ctx.data_unchecked::<Language>() == Language::Ja { words.ja } else { words.en }
}

/// One value of an indicator, with all its dimensions.
#[derive(Clone)]
pub struct IndicatorValue {
    row: Model,
    around: Arc<Surroundings>,
}

impl IndicatorValue {
    pub(in crate::graphql) fn of(row: Model, around: Arc<Surroundings>) -> Self {
        Self { row, around }
    }

    fn definition(&self) -> Option<&'static Definition> {
        find(&self.row.indicator)
    }

    /// Numerator and denominator, where they are shown.
    fn shown(&self) -> Option<(i64, i64)> {
        self.around.shown(&self.row)
    }

    /// The same, but of no partial value: what is not reported may be what would have missed a target.
    fn whole(&self) -> Option<(i64, i64)> {
        self.shown().filter(|_| !self.around.coverage(&self.row).is_some_and(|coverage| coverage.is_partial))
    }
}

/// One value of an indicator, with all its dimensions; TOTAL is the member that stands for all.
#[Object]
impl IndicatorValue {
    /// Global id, as `node` takes it; a later value of the same place has another.
    pub async fn id(&self) -> ID {
        global_id("indicator_value", self.row.id.0)
    }

    /// Code of the indicator, such as `MEAN_OVERTIME_HOURS`.
    async fn code(&self) -> &str {
        &self.row.indicator
    }

    /// The indicator's definition as it is now; null where the catalogue has it no more.
    async fn indicator(&self) -> Option<Indicator> {
        self.definition().map(Indicator)
    }

    /// The indicator's name with what the value covers, in your language, such as `職員に占める女性の割合(2019年4月30日現在)`; null where the
    /// catalogue has the indicator no more.
    async fn name(&self, ctx: &Context<'_>) -> Option<String> {
        self.definition().map(|definition| words(ctx, definition.name_of(self.row.span, self.row.month)))
    }

    /// What is divided by what, of what the value covers, and whom it counts, in your language; null where the catalogue has the indicator no more.
    async fn description(&self, ctx: &Context<'_>) -> Nullable<String> {
        maybe(async {
            let Some(definition) = self.definition() else { return Ok(None) };
            let covered = definition.covered(self.row.span, self.row.month);
            Ok(Some(words(ctx, definition.description_of(covered, &standings(ctx).await?))))
        })
        .await
    }

    /// The version of the definition by which it was computed, which may be an earlier one.
    async fn version(&self) -> i32 {
        self.row.version
    }

    /// Whom numerator and denominator count; null where the catalogue has the indicator no more.
    async fn population(&self) -> Option<Population> {
        self.definition().map(|definition| definition.population.into())
    }

    /// Which months it covers, up to and with `month`.
    async fn span(&self) -> Span {
        self.row.span
    }

    /// The span's first month, or the office's where that is later.
    async fn from(&self) -> Month {
        Month(self.around.from(&self.row))
    }

    /// The span's last month, by which it is named.
    async fn month(&self) -> Month {
        Month(self.row.month)
    }

    /// Code of the bureau, or TOTAL for the whole office.
    async fn bureau(&self) -> &str {
        &self.row.bureau
    }

    /// A member of `Sex`, or TOTAL for all.
    async fn sex(&self) -> &str {
        &self.row.sex
    }

    /// A member of `RankBand`, or TOTAL for all.
    async fn band(&self) -> &str {
        &self.row.band
    }

    /// How final it is; where it is `WITHHELD`, the value and both its sides are null.
    async fn status(&self) -> ValueStatus {
        self.around.status(&self.row).into()
    }

    /// The value in the indicator's unit; null where there are no subjects, or where it is withheld.
    async fn value(&self) -> Option<Decimal> {
        let percent = self.definition()?.unit == IndicatorUnit::Percent;
        let (numerator, denominator) = self.shown()?;
        quotient::quotient(numerator, denominator, percent).map(Decimal)
    }

    /// Whether it is made of persons whom you may see: whole, for use within the bureau (部局内限り), and not to be passed on.
    async fn is_internal(&self) -> bool {
        self.around.is_internal(&self.row)
    }

    /// Whether a later value is held back from you until nobody's records, or those of at least five people, tell it from this one.
    async fn is_held_back(&self) -> bool {
        self.row.is_public && self.row.superseded_at.is_some() && !self.around.is_internal(&self.row)
    }

    /// What is divided; null where withheld. Minutes of people whom you may not see come to ten hours, and the value is made of these.
    async fn numerator(&self) -> Option<Long> {
        Some(Long(self.shown()?.0))
    }

    /// By what it is divided, in the numerator's unit; null where withheld.
    async fn denominator(&self) -> Option<Long> {
        Some(Long(self.shown()?.1))
    }

    /// How many people the denominator rests on; null where withheld.
    async fn people(&self) -> Option<Long> {
        self.shown().map(|_| Long(self.row.denominator_persons))
    }

    /// How much of its people its records cover; null where it rests on none but those of who is in post, where it is withheld, and of a value
    /// that was computed before this was counted.
    async fn coverage(&self) -> Option<Coverage> {
        self.around.coverage(&self.row).map(Coverage::from)
    }

    /// Codes of the bureaus that are left out of the whole office's value, for they have reported nothing; none on a bureau's value.
    async fn not_reported(&self) -> &[String] {
        self.around.silent(&self.row)
    }

    /// The civil date of which it speaks.
    async fn as_of(&self) -> Date {
        Date(self.row.as_of)
    }

    /// When a run computed it; it is never changed, only superseded.
    async fn computed_at(&self) -> DateTime<Utc> {
        self.row.computed_at
    }

    /// Global id of the run that computed it, as `jobRun` and `withdrawVintage` take it.
    async fn run(&self) -> ID {
        global_id("job_run", self.row.run_id.0)
    }

    /// When a later value took its place; null while it is the latest.
    async fn superseded_at(&self) -> Option<DateTime<Utc>> {
        self.row.superseded_at
    }

    /// The target in force: on the whole office's figure its own, else the government's as a reference; on a bureau's the bureau's.
    async fn target(&self) -> Option<Target> {
        self.around.target(&self.row).cloned().map(Target::from)
    }

    /// Whether the office's, or the bureau's, own target is met: to the percent, hour or day for 程度, exactly else. Null without one, and where
    /// the value is partial.
    async fn attained(&self) -> Option<bool> {
        self.aim()?.attained(self.whole()?)
    }

    /// How many more people of the population would have met the office's, or the bureau's, own target, or how many fewer where less is
    /// better: arithmetic about the past, and no instruction whom to hire. Null without such a target, and where the value is partial.
    async fn gap_in_people(&self) -> Option<Long> {
        self.aim()?.gap_in_people(self.whole()?).map(Long)
    }

    /// The person-months behind a month's value, of those whom it counts, for who may see them; null for a span of several months.
    async fn person_months(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Nullable<Connection<PersonMonth>> {
        maybe(async {
            use person_month::Column;
            if self.row.span != entity::measure_cell::Span::Month
                || !store(ctx).may(crate::authz::Action::Read(crate::authz::Noun::PersonMonth))
            {
                return Ok(None);
            }
            let mut condition =
                Condition::all().add(Column::Month.eq(self.row.month)).add(is(Column::Employment, staff::Employment::Regular));
            if self.row.bureau != TOTAL {
                let codes = [self.row.bureau.clone()];
                condition = condition.add(Column::BureauId.in_subquery(crate::store::codes::bureaus(&codes)));
            }
            for (column, member) in [(Column::Sex, &self.row.sex), (Column::Band, &self.row.band)] {
                if member != TOTAL {
                    condition = condition.add(column.eq(member));
                }
            }
            match self.definition().map(|definition| definition.population) {
                Some(indicators::Population::Overtime) => condition = condition.add(is(Column::SubjectToOvertime, 1)),
                Some(indicators::Population::Census) => condition = condition.add(is(Column::InCensus, 1)),
                Some(indicators::Population::Events | indicators::Population::WholeYear) | None => {}
            }
            if let Some(definition) = self.definition() {
                condition = condition.add(Column::Standing.is_in(standings(ctx).await?.denominator(definition.counts)));
            }
            let order = Ordering { by: Column::StaffId, descending: false };
            Ok(Some(list(ctx, condition, order, &PageArgs { first, after, last, before }).await?))
        })
        .await
    }
}

impl IndicatorValue {
    /// What the value is held against: the target of those whom it counts.
    fn aim(&self) -> Option<Aim> {
        let target = self.around.target(&self.row).filter(|target| target.population != entity::target::TargetPopulation::Government)?;
        let Definition { direction, unit, .. } = *self.definition()?;
        Some(Aim { value: (target.value_numerator, target.value_denominator), qualifier: target.qualifier, direction, unit })
    }
}

/// Which values: all given conditions must hold; one that is absent or null asks nothing, and an empty list finds nothing.
#[derive(Debug, Clone, Default, InputObject)]
pub struct IndicatorValueFilter {
    /// Of any of these indicators; an unknown code is refused.
    codes: Option<Vec<Code>>,
    /// Of any of these spans; of all that there are without it.
    spans: Option<Vec<Span>>,
    /// Of this month or a later one.
    from: Option<Month>,
    /// Of this month or an earlier one.
    to: Option<Month>,
    /// Of these bureaus, by code; TOTAL is the office.
    bureaus: Option<Vec<String>>,
    /// Of these members of sex; TOTAL is all.
    sexes: Option<Vec<String>>,
    /// Of these rank bands; TOTAL is all.
    bands: Option<Vec<String>>,
    /// As it was known at this instant; null for the latest. For who may see the persons behind the values; others name bureaus of theirs.
    vintage: Option<Instant>,
}

impl TryFrom<IndicatorValueFilter> for Figures {
    type Error = Error;
    fn try_from(filter: IndicatorValueFilter) -> Result<Self, Error> {
        bounded(filter.codes.as_ref(), "codes")?;
        bounded(filter.spans.as_ref(), "spans")?;
        bounded(filter.bureaus.as_ref(), "bureaus")?;
        bounded(filter.sexes.as_ref(), "sexes")?;
        bounded(filter.bands.as_ref(), "bands")?;
        Ok(Self {
            codes: filter.codes.map(|codes| codes.into_iter().map(|code| code.0).collect()),
            spans: filter.spans.map(|spans| spans.into_iter().collect()),
            from: filter.from.map(|month| month.0),
            to: filter.to.map(|month| month.0),
            bureaus: filter.bureaus,
            sexes: filter.sexes,
            bands: filter.bands,
            vintage: filter.vintage.map(|at| at.0),
        })
    }
}

/// Holds a filter's list to what a statement takes.
fn bounded<T>(items: Option<&Vec<T>>, field: &str) -> Result<(), Error> {
    items.map_or(Ok(()), |items| limited(items, field).map(|_| ()))
}

/// In which order values are listed; ties are broken by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum IndicatorValueOrder {
    /// By the span's last month, the earliest first.
    Month,
    /// By the span's last month, the latest first.
    MonthDescending,
}

/// The values of one indicator and one member of each dimension, by month.
#[derive(SimpleObject)]
pub struct IndicatorSeries {
    /// The definition as it is now; null where the catalogue has it no more.
    pub indicator: Option<Indicator>,
    /// Code of the bureau, or TOTAL for the whole office.
    pub bureau: String,
    /// A member of `Sex`, or TOTAL for all.
    pub sex: String,
    /// A member of `RankBand`, or TOTAL for all.
    pub band: String,
    /// The values, by month, the earliest first; a month that was never computed is left out.
    pub values: Vec<IndicatorValue>,
    /// How values changed within a year (伸び率), for each month of the series whose value of twelve months before is in it too, by the same
    /// definition; made of what is shown alone, and of no partial value.
    pub growth: Vec<IndicatorGrowth>,
}

/// How a value has changed since that of twelve months before.
#[derive(SimpleObject)]
pub struct IndicatorGrowth {
    /// The month of the value.
    pub month: Month,
    /// That of the value it is held against, twelve months before.
    pub against: Month,
    /// The difference in the indicator's unit, in points where it is a percentage.
    pub points: Decimal,
    /// The growth rate (伸び率): the difference in percent of the former value; null where that was 0.
    pub rate: Option<Decimal>,
}

/// How the values of a series changed within a year.
fn growth(values: &[IndicatorValue]) -> Vec<IndicatorGrowth> {
    let of = |value: &IndicatorValue| {
        let against = value.row.month.add_months(-12);
        let before = values.iter().find(|before| before.row.month == against && before.row.version == value.row.version)?;
        let percent = value.definition()?.unit == IndicatorUnit::Percent;
        let (points, rate) = quotient::growth(before.whole()?, value.whole()?, percent)?;
        Some(IndicatorGrowth { month: Month(value.row.month), against: Month(against), points: Decimal(points), rate: rate.map(Decimal) })
    };
    values.iter().filter_map(of).collect()
}

/// Queries of indicators.
#[derive(Default)]
pub struct IndicatorQuery;

#[Object]
impl IndicatorQuery {
    /// The catalogue of indicators; needs no token.
    async fn indicators(&self) -> Vec<Indicator> {
        indicators::catalogue().iter().map(Indicator).collect()
    }

    /// One indicator's definition; needs no token.
    async fn indicator(&self, #[graphql(desc = "Code of the indicator; an unknown one is refused.")] code: Code) -> Indicator {
        Indicator(code.0)
    }

    /// Values of indicators, the latest of each place unless `vintage` asks otherwise; protected for who may not see the persons.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn indicator_values(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which values: all given conditions must hold; without any, all that the caller may see.", default)]
        filter: Conditions<IndicatorValueFilter>,
        #[graphql(desc = "In which order; ties by id.", default_with = "IndicatorValueOrder::Month")] order_by: IndicatorValueOrder,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Nullable<Connection<IndicatorValue>> {
        attempt(async {
            let filter = filter.0;
            let figures = Figures::try_from(filter)?;
            let args = PageArgs { first, after, last, before };
            let shared = loaders(ctx).figures().clone();
            let (page, around) = store(ctx).figures(&shared, &figures, order_by == IndicatorValueOrder::MonthDescending, &args).await?;
            let count = move |store: crate::store::Store| {
                let (shared, figures) = (shared.clone(), figures.clone());
                async move { store.count_figures(&shared, &figures).await }
            };
            Ok(Connection::of(page, |row| IndicatorValue::of(row, around.clone()), count))
        })
        .await
    }

    /// A whole page of figures in one query: the series of some indicators, split as asked for, at most 5,000 values.
    #[expect(clippy::too_many_arguments, reason = "each is a part of the question")]
    async fn indicator_series(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of these indicators, at most 500 codes.")] codes: Vec<Code>,
        #[graphql(desc = "Split by these; the other dimensions stand at TOTAL.", default)] by: Vec<Dimension>,
        #[graphql(desc = "The first month, which has begun.")] from: Month,
        #[graphql(desc = "The last month, itself included; not before the first.")] to: Month,
        #[graphql(desc = "Which months each value covers; the month alone by default.", default_with = "Span::Month")] span: Span,
        #[graphql(desc = "Of these bureaus alone, by code.")] bureaus: Option<Vec<String>>,
        #[graphql(desc = "As it was known at this instant; for who may see the persons behind the values, others name bureaus of theirs.")]
        vintage: Option<Instant>,
    ) -> Nullable<Vec<IndicatorSeries>> {
        attempt(async {
            if from.0 > to.0 {
                return Err(Error::input("to", "終わりの月が始めの月より前です。", "The last month is before the first.").into());
            }
            limited(&codes, "codes")?;
            bounded(bureaus.as_ref(), "bureaus")?;
            let total = |dimension| (!by.contains(&dimension)).then(|| vec![TOTAL.to_owned()]);
            let figures = Figures {
                codes: Some(codes.into_iter().map(|code| code.0).collect()),
                spans: Some(vec![span]),
                from: Some(from.0),
                to: Some(to.0),
                bureaus: bureaus.or_else(|| total(Dimension::Bureau)),
                sexes: total(Dimension::Sex),
                bands: total(Dimension::Band),
                vintage: vintage.map(|at| at.0),
            };
            let (rows, around) = store(ctx).series(loaders(ctx).figures(), &figures).await?;
            let mut series: Vec<IndicatorSeries> = Vec::new();
            let mut key = None;
            for row in rows {
                let this = (row.indicator.clone(), row.bureau.clone(), row.sex.clone(), row.band.clone());
                if key.as_ref() != Some(&this) {
                    let indicator = find(&row.indicator).map(Indicator);
                    let (_, bureau, sex, band) = this.clone();
                    series.push(IndicatorSeries { indicator, bureau, sex, band, values: Vec::new(), growth: Vec::new() });
                    key = Some(this);
                }
                if let Some(last) = series.last_mut() {
                    last.values.push(IndicatorValue::of(row, around.clone()));
                }
            }
            for one in &mut series {
                one.growth = growth(&one.values);
            }
            Ok(series)
        })
        .await
    }
}
