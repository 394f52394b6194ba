//! Reading indicators: the values with what is needed to show them, protected for those who may not see the persons behind them.
//!
//! What the selections of a request share (bureaus, closes, targets, decisions of protection) is loaded once ([`Shared`]). A former
//! value, and what of a value is crossed by sex and band, is there only for who may see the persons: two vintages differ by one of them.

pub mod counting_rule;
pub mod of_unit;
pub mod outlier_feed;
pub mod overtime_outlier;
pub mod overtime_rule;
pub mod vintage;

mod around;
mod freshness;
mod protected;

pub use around::{Coverage, Surroundings};

use self::protected::Protection;
use super::{
    Store,
    joined::Joined,
    page::{Ordering, Page, PageArgs},
    record::check_begun,
    unscoped,
};
use crate::{
    authz::{Action, Noun},
    error::{Code, Error},
};
use chrono::{DateTime, Utc};
use entity::{
    bureau::{self, Visibility},
    ids::BureauId,
    indicator_value::{self, Column, Model, TOTAL},
    measure_cell::Span,
    period::{YearKind, YearMonth},
    target,
};
use jobs::{
    indicators::{Definition, Part, catalogue, find},
    protection,
};
use sea_orm::{ColumnTrait, Condition, QueryFilter, QueryOrder, QuerySelect, sea_query::ExprTrait};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};
use tokio::sync::{Mutex, OnceCell};

/// The most values that a series query gives.
const MOST_VALUES: u64 = 5_000;

/// Which values, by dimension; each names its members, TOTAL among them.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    /// Of these indicators.
    pub codes: Option<Vec<&'static Definition>>,
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
    /// Nobody has reported the records that it rests on.
    NotReported,
    /// The denominator is zero.
    NoSubjects,
    /// A month in it waits to be computed, or to be computed anew.
    Stale,
}

/// What the figures of one request share; each part is loaded when it is first needed, and once.
#[derive(Debug, Default)]
pub struct Shared(Mutex<Known>, OnceCell<Arc<entity::counting_rule::Model>>);

#[derive(Debug, Default)]
struct Known {
    ground: Option<Arc<Ground>>,
    targets: Option<Arc<Vec<target::Model>>>,
    /// When bureaus closed which months; of a month without any, an empty map.
    closed: HashMap<YearMonth, HashMap<BureauId, DateTime<Utc>>>,
    freshness: Option<Arc<freshness::Freshness>>,
    protection: Protection,
}

/// The bureaus, and of which of them the actor may see the persons.
#[derive(Debug)]
struct Ground {
    bureaus: Vec<bureau::Model>,
    read: BTreeSet<String>,
    hidden: BTreeSet<String>,
    reads_all: bool,
}

impl Ground {
    /// Whether the actor may see the persons of a bureau, by code.
    fn reads(&self, code: &str) -> bool {
        self.reads_all || self.read.contains(code)
    }

    /// The key of a bureau, by code.
    fn id_of(&self, code: &str) -> Option<BureauId> {
        self.bureaus.iter().find(|bureau| bureau.code == code).map(|bureau| bureau.id)
    }

    /// Whether a bureau appears in the office's total alone; one that is not there any more does.
    fn hides(&self, code: &str) -> bool {
        self.hidden.contains(code) || !self.bureaus.iter().any(|bureau| bureau.code == code)
    }

    /// The rows that are there for the actor: of bureaus whose persons they may see those of a vintage; of others what every reader meets, and
    /// nothing that is crossed by sex and band.
    fn visible(&self, at: Option<DateTime<Utc>>) -> Condition {
        if self.reads_all {
            return vintage(at);
        }
        let whole = Condition::any().add(Column::Sex.eq(TOTAL)).add(Column::Band.eq(TOTAL));
        // What the Act publishes of the whole office is shown of it alone: whoever hired nobody has no row, and the rest would follow.
        let by_law =
            Column::Indicator.is_in(catalogue().iter().filter(|definition| definition.published_by_law).map(|definition| definition.code));
        let met = Condition::all().add(Column::IsPublic.eq(true)).add(whole);
        let met = met.add(Condition::any().add(Column::Bureau.eq(TOTAL)).add(ExprTrait::not(by_law)));
        if self.read.is_empty() {
            return met;
        }
        let own = Condition::all().add(Column::Bureau.is_in(&self.read)).add(vintage(at));
        Condition::any().add(met.add(Column::Bureau.is_not_in(&self.read))).add(own)
    }

    /// Whether the row is one of these, of whatever vintage where the persons may be seen.
    fn shows(&self, row: &Model) -> bool {
        let of_office = row.bureau == TOTAL || !find(&row.indicator).is_some_and(|definition| definition.published_by_law);
        self.reads(&row.bureau) || row.is_public && of_office && (row.sex == TOTAL || row.band == TOTAL)
    }

    /// Refuses a past vintage of bureaus whose persons the actor may not see: two of them differ by one person.
    fn check_vintage(&self, figures: &Figures) -> Result<(), Error> {
        let own = figures.bureaus.as_ref().is_some_and(|codes| codes.iter().all(|code| self.reads(code)));
        if figures.vintage.is_none() || self.reads_all || own {
            return Ok(());
        }
        let ja = "過去の時点の値は、職員個人の記録を見られる部局についてのみ、部局を指定して取得できます。";
        let en = "A past vintage is for who may see the persons behind it: name bureaus of yours, or leave it out.";
        Err(Error { field: Some("vintage".into()), ..Error::new(Code::Forbidden, ja, en) })
    }
}

impl Figures {
    fn condition(&self) -> Condition {
        let mut condition = Condition::all();
        if let Some(codes) = &self.codes {
            condition = condition.add(Column::Indicator.is_in(codes.iter().map(|definition| definition.code)));
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
    /// As [`Store::page`]; FORBIDDEN for a vintage of bureaus whose persons the actor may not see.
    pub async fn figures(
        &self,
        shared: &Shared,
        figures: &Figures,
        descending: bool,
        args: &PageArgs,
    ) -> Result<(Page<Model>, Arc<Surroundings>), Error> {
        self.allow(Action::Read(Noun::IndicatorValue))?;
        let ground = self.ground(shared).await?;
        ground.check_vintage(figures)?;
        let order = Ordering { by: Column::Month, descending };
        let filter = figures.condition().add(ground.visible(figures.vintage));
        let (page, _) = self.page::<indicator_value::Entity>(filter, order, args, Joined::default()).await?;
        let rows: Vec<&Model> = page.rows.iter().map(|(_, row)| row).collect();
        let around = Arc::new(self.surroundings(shared, &rows, figures.vintage).await?);
        Ok((page, around))
    }

    /// One value with its surroundings.
    ///
    /// # Errors
    /// As [`Store::one`].
    pub async fn figure(&self, shared: &Shared, key: uuid::Uuid) -> Result<Option<(Model, Arc<Surroundings>)>, Error> {
        let Some(row) = self.one::<indicator_value::Entity>(key).await? else { return Ok(None) };
        if !self.ground(shared).await?.shows(&row) {
            return Ok(None);
        }
        let vintage = row.superseded_at.map(|_| row.computed_at);
        let around = Arc::new(self.surroundings(shared, &[&row], vintage).await?);
        Ok(Some((row, around)))
    }

    /// How many values match.
    ///
    /// # Errors
    /// As [`Store::page`].
    pub async fn count_figures(&self, shared: &Shared, figures: &Figures) -> Result<u64, Error> {
        let visible = self.ground(shared).await?.visible(figures.vintage);
        self.count::<indicator_value::Entity>(figures.condition().add(visible)).await
    }

    /// All values that match, ordered as series: by indicator, its members, and month.
    ///
    /// # Errors
    /// `LIMIT_EXCEEDED` beyond 5,000 values; FORBIDDEN as [`Store::figures`]; `BAD_USER_INPUT` for months that have not begun alone.
    pub async fn series(&self, shared: &Shared, figures: &Figures) -> Result<(Vec<Model>, Arc<Surroundings>), Error> {
        let select = self.select::<indicator_value::Entity>()?;
        // Its last month may be that of a year which goes on.
        figures.from.map_or(Ok(()), |from| check_begun("from", from, self.now()))?;
        let ground = self.ground(shared).await?;
        ground.check_vintage(figures)?;
        let mut select = select.filter(figures.condition()).filter(ground.visible(figures.vintage));
        for column in [Column::Indicator, Column::Span, Column::Bureau, Column::Sex, Column::Band, Column::Month] {
            select = select.order_by_asc(column);
        }
        let rows = select.limit(MOST_VALUES + 1).all(self.reader()).await?;
        if rows.len() as u64 > MOST_VALUES {
            let ja = format!("系列の値は{MOST_VALUES}個までです。期間や内訳を絞ってください。");
            let en = format!("A series query gives at most {MOST_VALUES} values; narrow the months or the split.");
            return Err(Error::new(Code::LimitExceeded, ja, en));
        }
        let around = Arc::new(self.surroundings(shared, &rows.iter().collect::<Vec<_>>(), figures.vintage).await?);
        Ok((rows, around))
    }

    async fn ground(&self, shared: &Shared) -> Result<Arc<Ground>, Error> {
        self.known_ground(&mut *shared.0.lock().await).await
    }

    async fn known_ground(&self, known: &mut Known) -> Result<Arc<Ground>, Error> {
        if let Some(ground) = &known.ground {
            return Ok(ground.clone());
        }
        let bureaus = unscoped::<bureau::Entity>().filter(bureau::Column::VoidReason.is_null()).all(self.reader()).await?;
        let persons = self.allow(Action::Read(Noun::PersonMonth)).unwrap_or_default();
        let codes =
            |holds: &dyn Fn(&bureau::Model) -> bool| bureaus.iter().filter(|bureau| holds(bureau)).map(|b| b.code.clone()).collect();
        let read = codes(&|bureau| persons.bureaus.holds(&bureau.id));
        let hidden = codes(&|bureau| bureau.visibility == Visibility::OfficeTotalOnly);
        let ground = Arc::new(Ground { read, hidden, reads_all: persons.is_everything(), bureaus });
        known.ground = Some(ground.clone());
        Ok(ground)
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

/// What a value shows of its two sides: rounded where they are minutes of people whom the actor may not see.
fn shown(row: &Model, exact: bool) -> (i64, i64) {
    let (numerator, denominator) = (row.numerator, row.denominator);
    let Some(definition) = find(&row.indicator) else { return (numerator, denominator) };
    // Minutes that a side counts several times are rounded once.
    let rounded = |part: &Part, side: i64| {
        if exact || !part.measure.is_minutes() { side } else { protection::rounded(side / part.scale) * part.scale }
    };
    (rounded(&definition.numerator, numerator), rounded(&definition.denominator, denominator))
}
