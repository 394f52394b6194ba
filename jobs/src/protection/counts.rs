//! Counts of people with overtime outliers, by kind: whose are withheld, beside what is withheld of the month's figures.
//!
//! A bureau is withheld for all kinds where it is for one, and where a figure of caps withholds it: kinds add up to such figures. While flags are
//! written nobody meets a count who sees no persons, for it is decided once all are there.

use super::{
    changes::Told,
    decision::{self, Ground},
    rule::{self, Fixed, Grid, Rule, Table},
    time::{Place, Settled},
    writing::{Decision, list, write_decisions},
};
use crate::{
    dialect::{execute, few_rows},
    indicators::{Population, catalogue},
    ledger::{Fence, LedgerError},
    measures::Range,
};
use entity::{measure_cell::Span, period::YearMonth, protection::Places};
use sea_orm::{ConnectionTrait, DbErr, StreamTrait};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What the counts of each kind are called among the figures.
const PREFIX: &str = entity::protection::OUTLIER_COUNTS;
/// The figure whose denominator is all who may have an outlier.
const ALL: &str = "MEAN_OVERTIME_HOURS";

/// The people of each kind, by bureau.
type Counted = BTreeMap<String, BTreeMap<usize, i64>>;

/// Lets nobody meet the counts of a month who sees no persons, until it is decided anew.
pub(crate) async fn withhold_counts(fence: &Fence, month: YearMonth) -> Result<(), LedgerError> {
    let sql = format!(
        "UPDATE protection SET superseded_by = $1 WHERE month = $2 AND span = 'MONTH' AND figure LIKE '{PREFIX}/%' AND superseded_by IS NULL"
    );
    let tx = fence.write().await?;
    execute(&*tx, &sql, vec![fence.run().id.into(), month.into()]).await?;
    tx.commit().await?;
    Ok(())
}

/// So many months are read at once.
const YEAR: usize = 12;

/// Decides whose counts are withheld, in those of these months in which it is not decided: those of a year at once.
pub(crate) async fn decide_counts(fence: &Fence, months: &[YearMonth], told: &Told) -> Result<(), LedgerError> {
    let tx = fence.snapshot().await?;
    let sql = format!("SELECT DISTINCT month FROM protection WHERE span = 'MONTH' AND figure LIKE '{PREFIX}/%' AND superseded_by IS NULL");
    let decided = few_rows(&tx, &sql, vec![]).await?;
    let decided: BTreeSet<YearMonth> = decided.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?;
    tx.commit().await?;
    let missing: BTreeSet<YearMonth> = months.iter().copied().filter(|month| !decided.contains(month)).collect();
    let missing: Vec<Range> = missing.into_iter().map(|month| Range::ending(Span::Month, month)).collect();
    for year in missing.chunks(YEAR) {
        let tx = fence.snapshot().await?;
        let decisions = decisions(&tx, year, told).await?;
        tx.commit().await?;
        write_decisions(fence, &decisions).await?;
    }
    Ok(())
}

async fn decisions<C: ConnectionTrait + StreamTrait>(tx: &C, months: &[Range], told: &Told) -> Result<Vec<Decision>, DbErr> {
    let counted = counted(tx, months).await?;
    let former = former(tx, months).await?;
    let mut decisions = Vec::new();
    decision::load(tx, months, told, |mut ground| {
        if ground.former.is_none() {
            return;
        }
        let month = ground.range.month;
        let numbers = |people: &BTreeMap<Uuid, i64>| -> BTreeMap<usize, i64> {
            people.iter().filter_map(|(id, people)| Some((ground.bureaus.of_key(*id)?, *people))).collect()
        };
        let counted: Counted = counted.range(of(month)).map(|((_, kind), people)| (kind.clone(), numbers(people))).collect();
        let former = former.range(of(month)).map(|((_, kind), places)| (kind.clone(), ground.bureaus.places(places))).collect();
        let (whole, settled) = ground.decide_counts(&counted, &former);
        let settled = settled.into_iter().map(|(kind, settled)| ((kind, 0), settled)).collect();
        decisions.push(ground.decision(&whole, &settled));
    })
    .await?;
    Ok(decisions)
}

/// By month and kind.
type Key = (YearMonth, String);

/// The keys of a month.
fn of(month: YearMonth) -> std::ops::Range<Key> {
    (month, String::new())..(month.next(), String::new())
}

/// The name of a kind's counts among the figures.
fn name(category: &str, kind: &str) -> String {
    format!("{PREFIX}/{category}/{kind}")
}

async fn counted<C: ConnectionTrait>(tx: &C, months: &[Range]) -> Result<BTreeMap<Key, BTreeMap<Uuid, i64>>, DbErr> {
    let sql = "SELECT month, category, kind, bureau_id, COUNT(DISTINCT staff_id) FROM overtime_outlier
        WHERE withdrawn_at IS NULL AND month {in_months_1} GROUP BY month, category, kind, bureau_id";
    let mut counted: BTreeMap<Key, BTreeMap<Uuid, i64>> = BTreeMap::new();
    for row in few_rows(tx, sql, vec![list(months)]).await? {
        let (category, kind): (String, String) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        let of = counted.entry((row.try_get_by_index(0)?, name(&category, &kind))).or_default();
        of.insert(row.try_get_by_index(3)?, row.try_get_by_index(4)?);
    }
    Ok(counted)
}

/// What was withheld of each kind when it was last decided, in force or not.
async fn former<C: ConnectionTrait>(tx: &C, months: &[Range]) -> Result<BTreeMap<Key, Places>, DbErr> {
    let sql = format!(
        "SELECT month, figure, withheld FROM protection
         WHERE month {{in_months_1}} AND span = 'MONTH' AND figure LIKE '{PREFIX}/%' ORDER BY decided_at, id"
    );
    let rows = few_rows(tx, &sql, vec![list(months)]).await?;
    rows.iter().map(|row| Ok(((row.try_get_by_index(0)?, row.try_get_by_index(1)?), row.try_get_by_index(2)?))).collect()
}

impl Ground {
    fn decide_counts(
        &mut self,
        counted: &Counted,
        former: &BTreeMap<String, BTreeSet<Place>>,
    ) -> (BTreeSet<usize>, BTreeMap<String, Settled>) {
        self.fix();
        let all = self.model.figure(ALL).map(|figure| self.model.figures[figure].denominator);
        let mut shared = self.withheld_of_caps();
        let few = |(bureau, people): (&usize, &i64)| (1..rule::FEWEST).contains(people).then_some(*bureau);
        shared.extend(counted.values().flat_map(|people| people.iter().filter_map(few)));
        let sticky = former.values().flatten().copied().flatten();
        shared.extend(sticky.filter(|bureau| !self.changed.is_other(0, *bureau)));
        let first = self.model.month.tables.len();
        for (kind, people) in counted {
            let mut grid = Grid::new(self.bureaus.codes.len(), 1);
            for (bureau, people) in people {
                grid.people[*bureau] = *people;
            }
            grid.office[0] = people.values().sum();
            let was_hidden = former.get(kind).is_some_and(|places| places.contains(&None));
            let office = was_hidden && !self.changed.is_other_office(0);
            let fixed = Fixed { withheld: shared.clone(), office, ..Fixed::default() };
            self.model.month.tables.push(Table {
                grids: [Some(grid), None, None],
                wholes: all.into_iter().collect(),
                parts: Vec::new(),
                counts: true,
                fixed: [fixed, Fixed::default(), Fixed::default()],
            });
        }
        let (whole, hidden) = rule::decide(Rule::default(), &self.model.month);
        let settled = counted.keys().zip(&hidden[first..]).map(|(kind, hidden)| {
            let bureaus = hidden.bureaus[0].iter().copied().map(Some);
            let withheld = bureaus.chain(hidden.office[0].then_some(None)).collect();
            (kind.clone(), Settled { withheld, renewed: BTreeSet::new() })
        });
        (whole, settled.collect())
    }

    /// The bureaus of which any figure of caps is withheld: kinds add up to them.
    fn withheld_of_caps(&self) -> BTreeSet<usize> {
        let is_of_caps = |code: &str| {
            catalogue().iter().any(|one| one.code == code && one.population == Population::Overtime && one.numerator.measure.is_of_caps())
        };
        let former = self.former.iter().flatten().filter(|((code, split), _)| *split == 0 && is_of_caps(code));
        former.flat_map(|(_, places)| places.iter().copied().flatten()).collect()
    }
}
