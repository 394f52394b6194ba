//! What a page of values needs to be shown: how each stands, what it shows, and the targets in force.

use super::{
    BTreeMap, BTreeSet, BureauId, Column, Condition, DateTime, Error, Ground, HashMap, Known, Model, Shared, Span, Status, Store, TOTAL,
    Utc, YearMonth, first_month, freshness::Freshness, shown, target, unscoped,
};
use crate::store::page::one_of;
use entity::{
    counting_rule,
    ids::IndicatorValueId,
    indicator_value,
    month_close::{self, CloseState},
    target::TargetPopulation,
};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use std::sync::Arc;

/// That a former value of the same place was computed before this one; on the index of the history.
const HAS_FORMER: &str = "EXISTS (SELECT 1 FROM indicator_value f WHERE f.indicator = indicator_value.indicator
    AND f.span = indicator_value.span AND f.month = indicator_value.month AND f.bureau = indicator_value.bureau
    AND f.sex = indicator_value.sex AND f.band = indicator_value.band AND f.superseded_by IS NOT NULL
    AND f.computed_at < indicator_value.computed_at)";

/// What a page of values needs to be shown.
#[derive(Debug)]
pub struct Surroundings {
    status: HashMap<IndicatorValueId, Status>,
    ground: Arc<Ground>,
    targets: Arc<Vec<target::Model>>,
    freshness: Arc<Freshness>,
    rule: Arc<counting_rule::Model>,
    /// The bureaus that reported nothing, by code, of each indicator and span.
    silent: HashMap<(String, Span, YearMonth), Vec<String>>,
}

/// How much of the people that a value is about its records cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coverage {
    /// Of these, the people, or person-months, of whom the records are known.
    pub people: i64,
    /// The people, or person-months, that the value is about.
    pub of: i64,
    /// Whether that is less than the rules ask for.
    pub is_partial: bool,
    /// Whether the actor may see the persons, and so their number.
    pub exact: bool,
}

impl Store {
    /// What is needed to show these rows, as known at an instant; the parts that the request knows already are not loaded again.
    pub(super) async fn surroundings(&self, shared: &Shared, rows: &[&Model], at: Option<DateTime<Utc>>) -> Result<Surroundings, Error> {
        let mut known = shared.0.lock().await;
        let ground = self.known_ground(&mut known).await?;
        if known.targets.is_none() {
            let targets = unscoped::<target::Entity>().filter(target::Column::VoidReason.is_null());
            known.targets = Some(Arc::new(targets.order_by_asc(target::Column::ValidFrom).all(self.reader()).await?));
        }
        let targets = known.targets.clone().unwrap_or_default();
        let protected: Vec<&Model> = rows.iter().filter(|row| !ground.reads(&row.bureau)).copied().collect();
        self.protect(&mut known, &protected).await?;
        self.load_closes(&mut known, rows).await?;
        let rule = self.counting_rule(shared).await?;
        let freshness = self.freshness(&mut known).await?;
        let silent = self.silent_bureaus(&ground, rows, at).await?;
        let closed = closes(&known, &ground, &freshness, rows, at);
        let closed_at = |row: &Model| closed.get(&place(row)).copied().flatten();
        let late = rows.iter().filter(|row| closed_at(row).is_some_and(|closed| row.computed_at > closed)).map(|row| row.id);
        let revised = self.revised(&late.collect::<Vec<_>>()).await?;
        let status = |row: &Model| {
            if !ground.reads(&row.bureau) && known.protection.withholds(&ground, row) {
                Status::Withheld
            } else if row.covered == Some(0) && row.expected > Some(0) {
                Status::NotReported
            } else if row.denominator == 0 {
                Status::NoSubjects
            } else if (row.superseded_at.is_none() || row.is_public) && freshness.is_stale(row, ground.id_of(&row.bureau)) {
                Status::Stale
            } else if revised.contains(&row.id) {
                Status::Revised
            } else if closed_at(row).is_some() {
                Status::Final
            } else {
                Status::Provisional
            }
        };
        let status = rows.iter().map(|row| (row.id, status(row))).collect();
        Ok(Surroundings { status, ground, targets, freshness, rule, silent })
    }

    /// The bureaus that reported nothing of what the whole office's values among these rest on, by code; those that appear in no list apart.
    async fn silent_bureaus(
        &self,
        ground: &Ground,
        rows: &[&Model],
        at: Option<DateTime<Utc>>,
    ) -> Result<HashMap<(String, Span, YearMonth), Vec<String>>, Error> {
        let of: Vec<_> = rows.iter().filter(|row| row.bureau == TOTAL && row.covered < row.expected).collect();
        let (Some(first), Some(last)) = (of.iter().map(|row| row.month).min(), of.iter().map(|row| row.month).max()) else {
            return Ok(HashMap::new());
        };
        let silent = super::vintage(at)
            .add(Column::Indicator.is_in(of.iter().map(|row| row.indicator.as_str()).collect::<BTreeSet<_>>()))
            .add(Column::Span.is_in(of.iter().map(|row| row.span).collect::<BTreeSet<_>>()))
            .add(Column::Month.between(first, last))
            .add(Column::Bureau.ne(TOTAL))
            .add(Column::Sex.eq(TOTAL))
            .add(Column::Band.eq(TOTAL))
            .add(Column::Covered.eq(0))
            .add(Column::Expected.gt(0));
        let silent = unscoped::<indicator_value::Entity>()
            .select_only()
            .columns([Column::Indicator, Column::Span, Column::Month, Column::Bureau])
            .filter(silent)
            .order_by_asc(Column::Bureau);
        let mut found: HashMap<(String, Span, YearMonth), Vec<String>> = HashMap::new();
        for (indicator, span, month, bureau) in silent.into_tuple::<(String, Span, YearMonth, String)>().all(self.reader()).await? {
            if ground.reads(&bureau) || !ground.hides(&bureau) {
                found.entry((indicator, span, month)).or_default().push(bureau);
            }
        }
        Ok(found)
    }

    async fn load_closes(&self, known: &mut Known, rows: &[&Model]) -> Result<(), Error> {
        let months: BTreeSet<YearMonth> =
            rows.iter().flat_map(|row| YearMonth::range(first_month(row.span, row.month), row.month)).collect();
        let missing: BTreeSet<YearMonth> = months.into_iter().filter(|month| !known.closed.contains_key(month)).collect();
        let (Some(first), Some(last)) = (missing.first().copied(), missing.last().copied()) else { return Ok(()) };
        let closes = unscoped::<month_close::Entity>()
            .select_only()
            .columns([month_close::Column::BureauId, month_close::Column::Month, month_close::Column::ClosedAt])
            .filter(month_close::Column::Month.between(first, last))
            .filter(month_close::Column::State.eq(CloseState::Closed));
        let closes = closes.into_tuple::<(BureauId, YearMonth, Option<DateTime<Utc>>)>().all(self.reader()).await?;
        let mut found: HashMap<YearMonth, HashMap<BureauId, DateTime<Utc>>> =
            YearMonth::range(first, last).map(|month| (month, HashMap::new())).collect();
        for (bureau, month, at) in closes {
            if let (Some(month), Some(at)) = (found.get_mut(&month), at) {
                month.insert(bureau, at);
            }
        }
        known.closed.extend(found);
        Ok(())
    }

    /// Which of these values took the place of another.
    async fn revised(&self, ids: &[IndicatorValueId]) -> Result<BTreeSet<IndicatorValueId>, Error> {
        if ids.is_empty() {
            return Ok(BTreeSet::new());
        }
        let these = Condition::all().add(one_of(self.db.backend(), Column::Id, ids.iter().map(|id| id.0))).add(Expr::cust(HAS_FORMER));
        let revised = unscoped::<indicator_value::Entity>().select_only().column(Column::Id).filter(these);
        Ok(revised.into_tuple::<IndicatorValueId>().all(self.reader()).await?.into_iter().collect())
    }
}

/// Of which bureau (TOTAL for the office) and months a value speaks.
type Place = (String, Span, YearMonth);

fn place(row: &Model) -> Place {
    (row.bureau.clone(), row.span, row.month)
}

/// When the last of each place's months was closed, where all are: the bureau's, or those of all bureaus in being. In a past vintage a month
/// that was closed later is still open.
fn closes(
    known: &Known,
    ground: &Ground,
    freshness: &Freshness,
    rows: &[&Model],
    at: Option<DateTime<Utc>>,
) -> BTreeMap<Place, Option<DateTime<Utc>>> {
    let places: BTreeMap<Place, YearMonth> = rows.iter().map(|row| (place(row), freshness.from(row))).collect();
    let closed_at = |(code, _, month): &Place, from: YearMonth| {
        let mut latest = None;
        for month in YearMonth::range(from, *month) {
            let in_being = |bureau: &&entity::bureau::Model| {
                bureau.valid_from <= month.last_day() && bureau.valid_to.is_none_or(|end| end > month.first_day())
            };
            let closed = known.closed.get(&month)?;
            for bureau in ground.bureaus.iter().filter(|bureau| code == TOTAL || bureau.code == *code).filter(in_being) {
                latest = latest.max(Some(*closed.get(&bureau.id).filter(|closed| at.is_none_or(|at| **closed <= at))?));
            }
        }
        latest
    };
    places.into_iter().map(|(place, from)| (place.clone(), closed_at(&place, from))).collect()
}

impl Surroundings {
    /// How a value stands for this actor.
    #[must_use]
    pub fn status(&self, row: &Model) -> Status {
        self.status.get(&row.id).copied().unwrap_or(Status::Withheld)
    }

    /// Numerator and denominator as this actor may see them; `None` where withheld.
    #[must_use]
    pub fn shown(&self, row: &Model) -> Option<(i64, i64)> {
        (self.status(row) != Status::Withheld).then(|| shown(row, self.ground.reads(&row.bureau)))
    }

    /// Whether the value is made of persons whom the actor may see, and so for use within the bureau.
    #[must_use]
    pub fn is_internal(&self, row: &Model) -> bool {
        self.ground.reads(&row.bureau)
    }

    /// The first month that a value covers: that of its year, or of the office.
    #[must_use]
    pub fn from(&self, row: &Model) -> YearMonth {
        self.freshness.from(row)
    }

    /// How much of its people a value covers; `None` where it rests on no records, or is withheld.
    #[must_use]
    pub fn coverage(&self, row: &Model) -> Option<Coverage> {
        let (people, of) = row.covered.zip(row.expected).filter(|_| self.status(row) != Status::Withheld)?;
        Some(Coverage { people, of, is_partial: self.rule.is_partial(people, of), exact: self.ground.reads(&row.bureau) })
    }

    /// The bureaus that are left out of the whole office's value, for they reported nothing, by code.
    #[must_use]
    pub fn silent(&self, row: &Model) -> &[String] {
        let key = (row.indicator.clone(), row.span, row.month);
        self.silent.get(&key).filter(|_| row.bureau == TOTAL && self.status(row) != Status::Withheld).map_or(&[], Vec::as_slice)
    }

    /// The target in force for a value: the office's own on the whole office's figure, else the government's as a reference; on a bureau's
    /// figure the bureau's. A unit's stands beside no value, for values are of bureaus.
    #[must_use]
    pub fn target(&self, row: &Model) -> Option<&target::Model> {
        if [&row.sex, &row.band] != [TOTAL; 2] {
            return None;
        }
        let bureau =
            (row.bureau != TOTAL).then(|| self.ground.bureaus.iter().find(|bureau| bureau.code == row.bureau).map(|bureau| bureau.id));
        let of_whom = |target: &&target::Model| match target.population {
            TargetPopulation::Office | TargetPopulation::Government => bureau.is_none(),
            TargetPopulation::Bureau => bureau == Some(target.bureau_id),
            TargetPopulation::Unit => false,
        };
        let in_force = |target: &&target::Model| {
            target.indicator == row.indicator && target.valid_from <= row.as_of && target.valid_to.is_none_or(|end| row.as_of < end)
        };
        self.targets.iter().filter(in_force).filter(of_whom).min_by_key(|target| target.population)
    }
}
