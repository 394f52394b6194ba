//! Reading indicators: the values with what is needed to show them, protected for those who may not see the persons behind them.

use super::{
    Store,
    along::Along,
    page::{Ordering, Page, PageArgs},
    scope::RowScope,
    unscoped,
};
use crate::{
    authz::{Act, Noun},
    error::{Code, Error},
    protect::{self, Cell, Split, Withheld},
};
use chrono::{DateTime, Utc};
use entity::{
    bureau::{self, Visibility},
    indicator_value::{self, Column, Model, TOTAL},
    measure_cell::Span,
    month_close::{self, CloseState},
    period::{YearKind, YearMonth},
    target,
};
use jobs::indicators::{Definition, IndicatorCode, Population, definition};
use sea_orm::{ColumnTrait, Condition, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

/// The most values that a series query gives.
const MOST_VALUES: u64 = 5_000;

/// Which values, by dimension; each names its members, TOTAL among them.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    /// Of these indicators.
    pub codes: Option<Vec<IndicatorCode>>,
    /// Of these spans.
    pub spans: Option<Vec<Span>>,
    /// From this month on.
    pub from: Option<YearMonth>,
    /// Up to and with this month.
    pub to: Option<YearMonth>,
    /// Of these bureaus, by code.
    pub bureaus: Option<Vec<String>>,
    /// Of these members of sex.
    pub sexes: Option<Vec<String>>,
    /// Of these members of rank band.
    pub bands: Option<Vec<String>>,
    /// As known at this instant; null for the latest.
    pub vintage: Option<DateTime<Utc>>,
}

/// How a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Every month in it is closed.
    Final,
    /// A month in it is open.
    Provisional,
    /// Changed after every month in it was closed.
    Revised,
    /// Not for this actor.
    Withheld,
    /// The denominator is zero.
    NoSubjects,
}

/// What a page of values needs to be shown, loaded once for all of them.
#[derive(Debug, Default)]
pub struct Surroundings {
    withheld: HashMap<(String, Span, YearMonth), Withheld>,
    /// Bureaus whose rows are shown in full, crossed by sex and band too.
    read: Option<BTreeSet<String>>,
    reads_all: bool,
    bureaus: Vec<bureau::Model>,
    closed: HashMap<(String, YearMonth), DateTime<Utc>>,
    revised: BTreeSet<entity::ids::IndicatorValueId>,
    targets: Vec<target::Model>,
}

impl Figures {
    fn condition(&self) -> Condition {
        let mut condition = vintage(self.vintage);
        if let Some(codes) = &self.codes {
            condition = condition.add(Column::Indicator.is_in(codes.iter().map(|code| code.as_str())));
        }
        if let Some(spans) = &self.spans {
            condition = condition.add(Column::Span.is_in(spans.iter().copied()));
        }
        if let Some(from) = self.from {
            condition = condition.add(Column::Month.gte(from));
        }
        if let Some(to) = self.to {
            condition = condition.add(Column::Month.lte(to));
        }
        for (column, members) in [(Column::Bureau, &self.bureaus), (Column::Sex, &self.sexes), (Column::Band, &self.bands)] {
            if let Some(members) = members {
                condition = condition.add(column.is_in(members));
            }
        }
        condition
    }
}

/// What was known at an instant, or is known now.
fn vintage(at: Option<DateTime<Utc>>) -> Condition {
    match at {
        None => Condition::all().add(Column::SupersededBy.is_null()),
        Some(at) => Condition::all()
            .add(Column::ComputedAt.lte(at))
            .add(Condition::any().add(Column::SupersededAt.is_null()).add(Column::SupersededAt.gt(at))),
    }
}

impl Store {
    /// One page of values, with their surroundings.
    ///
    /// # Errors
    /// As [`Store::page`].
    pub async fn figures(&self, figures: &Figures, descending: bool, args: &PageArgs) -> Result<(Page<Model>, Arc<Surroundings>), Error> {
        let order = Ordering { by: Column::Month, descending };
        let (page, _) = self.page::<indicator_value::Entity>(figures.condition(), order, args, Along::default()).await?;
        let rows: Vec<&Model> = page.rows.iter().map(|(_, row)| row).collect();
        let around = Arc::new(self.surroundings(&rows, figures.vintage).await?);
        Ok((page, around))
    }

    /// One value with its surroundings.
    ///
    /// # Errors
    /// As [`Store::one`].
    pub async fn figure(&self, key: uuid::Uuid) -> Result<Option<(Model, Arc<Surroundings>)>, Error> {
        let Some(row) = self.one::<indicator_value::Entity>(key).await? else { return Ok(None) };
        // A former value is shown as it was protected then.
        let vintage = row.superseded_at.map(|_| row.computed_at);
        let around = Arc::new(self.surroundings(&[&row], vintage).await?);
        Ok(Some((row, around)))
    }

    /// How many values match.
    ///
    /// # Errors
    /// As [`Store::page`].
    pub async fn count_figures(&self, figures: &Figures) -> Result<u64, Error> {
        self.count::<indicator_value::Entity>(figures.condition()).await
    }

    /// All values that match, ordered as series: by indicator, its members, and month.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED` beyond 5,000 values.
    pub async fn series(&self, figures: &Figures) -> Result<(Vec<Model>, Arc<Surroundings>), Error> {
        let mut select = self.select::<indicator_value::Entity>()?.filter(figures.condition());
        for column in [Column::Indicator, Column::Span, Column::Bureau, Column::Sex, Column::Band, Column::Month] {
            select = select.order_by_asc(column);
        }
        let rows = select.limit(MOST_VALUES + 1).all(self.reader()).await?;
        if rows.len() as u64 > MOST_VALUES {
            let ja = format!("系列の値は{MOST_VALUES}個までです。期間や内訳を絞ってください。");
            let en = format!("A series query gives at most {MOST_VALUES} values; narrow the months or the split.");
            return Err(Error::new(Code::LimitExceeded, ja, en));
        }
        let around = Arc::new(self.surroundings(&rows.iter().collect::<Vec<_>>(), figures.vintage).await?);
        Ok((rows, around))
    }

    async fn surroundings(&self, rows: &[&Model], at: Option<DateTime<Utc>>) -> Result<Surroundings, Error> {
        let Some(last) = rows.iter().map(|row| row.month).max() else { return Ok(Surroundings::default()) };
        let first = rows.iter().map(|row| first_month(row.span, row.month)).min().unwrap_or(last);
        let codes: BTreeSet<&str> = rows.iter().map(|row| row.indicator.as_str()).collect();
        let bureaus = unscoped::<bureau::Entity>().filter(bureau::Column::VoidReason.is_null()).all(self.reader()).await?;
        let persons = self.allow(Act::Read(Noun::PersonMonth)).unwrap_or_default();
        let reads_all = persons.is_everything();
        let read = bureaus.iter().filter(|bureau| persons.bureaus.holds(&bureau.id)).map(|bureau| bureau.code.clone()).collect();
        let withheld = if reads_all { HashMap::new() } else { self.protected(rows, (first, last), at, &bureaus, &persons).await? };
        let months = unscoped::<month_close::Entity>()
            .filter(month_close::Column::Month.between(first, last))
            .filter(month_close::Column::State.eq(CloseState::Closed))
            .all(self.reader())
            .await?;
        let code_of: HashMap<_, _> = bureaus.iter().map(|bureau| (bureau.id, bureau.code.clone())).collect();
        let mut closed_at: HashMap<_, _> =
            months.into_iter().filter_map(|row| Some(((code_of.get(&row.bureau_id)?.clone(), row.month), row.closed_at?))).collect();
        // In a past vintage a month that was closed later is still open.
        closed_at.retain(|_, closed| at.is_none_or(|at| *closed <= at));
        let targets = unscoped::<target::Entity>()
            .filter(target::Column::VoidReason.is_null())
            .filter(target::Column::Indicator.is_in(codes))
            .order_by_asc(target::Column::ValidFrom)
            .all(self.reader())
            .await?;
        let mut around =
            Surroundings { withheld, read: Some(read), reads_all, bureaus, closed: closed_at, revised: BTreeSet::new(), targets };
        around.revised = self.revised(rows, &around, (first, last)).await?;
        Ok(around)
    }

    /// What is withheld of each indicator, span and month on the page: the sibling cells are needed, and for sums over months their months.
    async fn protected(
        &self,
        rows: &[&Model],
        (first, last): (YearMonth, YearMonth),
        at: Option<DateTime<Utc>>,
        bureaus: &[bureau::Model],
        persons: &RowScope,
    ) -> Result<HashMap<(String, Span, YearMonth), Withheld>, Error> {
        #[derive(FromQueryResult)]
        struct Row {
            indicator: String,
            span: Span,
            month: YearMonth,
            bureau: String,
            sex: String,
            band: String,
            numerator_persons: i64,
            denominator_persons: i64,
        }
        let codes: BTreeSet<&str> = rows.iter().map(|row| row.indicator.as_str()).collect();
        let siblings = unscoped::<indicator_value::Entity>()
            .select_only()
            .columns([Column::Indicator, Column::Span, Column::Month, Column::Bureau, Column::Sex, Column::Band])
            .columns([Column::NumeratorPersons, Column::DenominatorPersons])
            .filter(vintage(at))
            .filter(Column::Indicator.is_in(codes))
            .filter(Column::Month.between(first, last))
            .filter(Condition::any().add(Column::Sex.eq(TOTAL)).add(Column::Band.eq(TOTAL)));
        let mut cells: BTreeMap<(String, Span, YearMonth), Vec<Cell>> = BTreeMap::new();
        for row in siblings.into_model::<Row>().all(self.reader()).await? {
            let cell = Cell {
                bureau: (row.bureau != TOTAL).then_some(row.bureau),
                split: split(&row.sex, &row.band),
                numerator: row.numerator_persons,
                denominator: row.denominator_persons,
            };
            cells.entry((row.indicator, row.span, row.month)).or_default().push(cell);
        }
        let by_code: HashMap<&str, &bureau::Model> = bureaus.iter().map(|bureau| (bureau.code.as_str(), bureau)).collect();
        let reads = |code: Option<&str>| code.and_then(|code| by_code.get(code)).is_some_and(|bureau| persons.bureaus.holds(&bureau.id));
        let hidden = |code: &str| by_code.get(code).is_none_or(|bureau| bureau.visibility == Visibility::OfficeTotalOnly);
        let mut found: HashMap<(String, Span, YearMonth), Withheld> = HashMap::new();
        for (key, cells) in &cells {
            let published = key.0.parse().is_ok_and(published_by_law);
            // Women beside all others; a mean's minutes are no people that are left over.
            let cells: Vec<Cell> = cells.iter().map(|cell| people(&key.0, cell)).collect();
            found.insert(key.clone(), protect::withheld(&cells, reads, hidden, published));
        }
        let sums: Vec<_> = cells.keys().filter(|(code, span, _)| *span != Span::Month && is_sum(code)).cloned().collect();
        for (code, span, month) in sums {
            let months = YearMonth::range(first_month(span, month), month);
            let more: Vec<_> = months.filter_map(|each| found.get(&(code.clone(), Span::Month, each))).flatten().cloned().collect();
            found.entry((code, span, month)).or_default().extend(more);
        }
        Ok(found)
    }

    /// Which values on the page took the place of another after their months were closed.
    async fn revised(
        &self,
        rows: &[&Model],
        around: &Surroundings,
        (first, last): (YearMonth, YearMonth),
    ) -> Result<BTreeSet<entity::ids::IndicatorValueId>, Error> {
        let closed: Vec<_> = rows.iter().filter_map(|row| around.closed_at(row).map(|at| (*row, at))).collect();
        if closed.is_empty() {
            return Ok(BTreeSet::new());
        }
        let codes: BTreeSet<&str> = closed.iter().map(|(row, _)| row.indicator.as_str()).collect();
        let former = unscoped::<indicator_value::Entity>()
            .filter(Column::SupersededBy.is_not_null())
            .filter(Column::Indicator.is_in(codes))
            .filter(Column::Month.between(first, last))
            .all(self.reader())
            .await?;
        let key = |row: &Model| (row.indicator.clone(), row.span, row.month, row.bureau.clone(), row.sex.clone(), row.band.clone());
        let mut first: HashMap<_, DateTime<Utc>> = HashMap::new();
        for row in &former {
            let earliest = first.entry(key(row)).or_insert(row.computed_at);
            *earliest = row.computed_at.min(*earliest);
        }
        let is_revised = |row: &Model, at| row.computed_at > at && first.get(&key(row)).is_some_and(|earliest| *earliest < row.computed_at);
        Ok(closed.into_iter().filter(|(row, at)| is_revised(row, *at)).map(|(row, _)| row.id).collect())
    }
}

impl Surroundings {
    /// How a value stands for this actor.
    #[must_use]
    pub fn status(&self, row: &Model) -> Status {
        if self.is_withheld(row) {
            Status::Withheld
        } else if row.denominator == 0 {
            Status::NoSubjects
        } else if self.revised.contains(&row.id) {
            Status::Revised
        } else if self.closed_at(row).is_some() {
            Status::Final
        } else {
            Status::Provisional
        }
    }

    fn is_withheld(&self, row: &Model) -> bool {
        if self.reads_all || self.read.as_ref().is_some_and(|read| read.contains(&row.bureau)) {
            return false;
        }
        if row.sex != TOTAL && row.band != TOTAL {
            return true;
        }
        let bureau = (row.bureau != TOTAL).then(|| row.bureau.clone());
        let key = (row.indicator.clone(), row.span, row.month);
        self.withheld.get(&key).is_none_or(|withheld| withheld.contains(&(bureau, split(&row.sex, &row.band))))
    }

    /// When the last of the value's months was closed, where all are: the bureau's, or those of all bureaus in being.
    fn closed_at(&self, row: &Model) -> Option<DateTime<Utc>> {
        let mut latest = None;
        for month in YearMonth::range(first_month(row.span, row.month), row.month) {
            let in_being = |bureau: &&bureau::Model| {
                bureau.valid_from <= month.last_day() && bureau.valid_to.is_none_or(|end| end > month.first_day())
            };
            let concerned = self.bureaus.iter().filter(|bureau| row.bureau == TOTAL || bureau.code == row.bureau).filter(in_being);
            for bureau in concerned {
                latest = latest.max(Some(*self.closed.get(&(bureau.code.clone(), month))?));
            }
        }
        latest
    }

    /// The target in force for a value: the office's own on the whole office's figure, else the government's as a reference.
    #[must_use]
    pub fn target(&self, row: &Model) -> Option<&target::Model> {
        if [&row.bureau, &row.sex, &row.band] != [TOTAL; 3] {
            return None;
        }
        let in_force = |target: &&target::Model| {
            target.indicator == row.indicator && target.valid_from <= row.as_of && target.valid_to.is_none_or(|end| row.as_of < end)
        };
        self.targets.iter().filter(in_force).min_by_key(|target| target.population)
    }
}

/// The first month of a span.
#[must_use]
pub fn first_month(span: Span, month: YearMonth) -> YearMonth {
    match span {
        Span::Month => month,
        Span::FiscalYearToDate => YearKind::Fiscal.first_month_of_year_containing(month),
        Span::CalendarYearToDate => YearKind::Calendar.first_month_of_year_containing(month),
    }
}

fn split(sex: &str, band: &str) -> Split {
    match (sex == TOTAL, band == TOTAL) {
        (true, true) => Split::Total,
        (false, _) => Split::BySex,
        (true, false) => Split::ByBand,
    }
}

fn is_sum(code: &str) -> bool {
    code.parse::<IndicatorCode>().is_ok_and(|code| definition(code).population == Population::Events)
}

/// Hires are published by the Act whatever their number: the plan itself says "4 of 7".
fn published_by_law(code: IndicatorCode) -> bool {
    matches!(code, IndicatorCode::WomenHiresExam | IndicatorCode::WomenHiresMidCareer)
}

/// Where the numerator counts no people of its own (minutes, days), only the denominator's people are at stake.
fn people(code: &str, cell: &Cell) -> Cell {
    let counts_people = |definition: &Definition| {
        definition.denominator.scale == 1
            && definition.unit == jobs::indicators::Unit::Percent
            && definition.population != Population::Events
            || published_by_law(definition.code)
    };
    if code.parse::<IndicatorCode>().is_ok_and(|code| counts_people(definition(code))) {
        return cell.clone();
    }
    Cell { numerator: if (1..5).contains(&cell.numerator) { cell.numerator } else { cell.denominator }, ..cell.clone() }
}
