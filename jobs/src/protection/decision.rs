//! Reads what the decision of a span rests on, decides, and writes what changed.
//!
//! The values of a span have been written when it is decided; readers who see no persons meet none of them before (`is_public`). What changed is
//! closed first (`changes`), then values of places that are shown are renewed, a chunk at a time, then the decision is written, then the values of
//! places that are withheld: so nothing is met that any decision withholds, wherever a run is broken off.

use super::{
    bureaus::Bureaus,
    changes::{self, Told},
    model::{self, ALL_SPLITS, Cell, Model},
    released::{self, Released},
    rule::{self, Fixed, Rule, SPLITS},
    time::{Case, Changes, Place, Settled, Standing},
    writing::{Decision, Renewal, list, renew, write_decisions},
};
use crate::{
    dialect::{self, few_rows},
    indicators::{self, Definition, catalogue, find},
    ledger::{Fence, LedgerError},
    measures::Range,
    transaction::computed_months,
};
use entity::{
    indicator_value::TOTAL,
    measure_cell::Span,
    period::YearMonth,
    protection::{Places, Split},
};
use futures_util::TryStreamExt;
use sea_orm::{ConnectionTrait, DbErr, StreamTrait, Value};
use std::{
    collections::{BTreeMap, BTreeSet},
    pin::pin,
};
use uuid::Uuid;

/// A figure's code and split.
pub(super) type Key = (String, usize);
/// The places of each figure's split that are withheld.
pub(super) type Withheld = BTreeMap<Key, BTreeSet<Place>>;

/// What was decided, by span and last month; none where nothing was.
type Decided = BTreeMap<(Span, YearMonth), Withheld>;

/// All that the decision of a span rests on.
pub(super) struct Ground {
    pub range: Range,
    pub bureaus: Bureaus,
    published: BTreeSet<String>,
    /// What was decided of the span; none where nothing was.
    pub former: Option<Withheld>,
    /// What was decided of its months.
    months: Vec<Option<Withheld>>,
    /// What releases print of it.
    released: Released,
    pub changed: Changes,
    /// Bureaus of which nothing is shown in any of its spans.
    company: BTreeSet<usize>,
    pub model: Model,
    standings: BTreeMap<Key, BTreeMap<Place, Standing>>,
}

/// Decides what is withheld of a span, whose values have been written.
pub(crate) async fn decide(fence: &Fence, range: Range, told: &mut Told) -> Result<(), LedgerError> {
    let tx = fence.snapshot().await?;
    let mut ground = None;
    load(&tx, &[range], told, |found| ground = Some(found)).await?;
    let Some(mut ground) = ground else { return Ok(tx.commit().await?) };
    // Years to date follow their months: what these may tell of the office is closed by then.
    let out_of_sight = if range.span == Span::Month { changes::out_of_sight(&tx, range.month, &mut ground.bureaus).await? } else { None };
    tx.commit().await?;
    let (whole, decided) = ground.decide(out_of_sight.unwrap_or_default());
    changes::close(fence, (&ground.changed, &ground.company), &ground.bureaus, told).await?;
    ground.write(fence, &whole, decided).await
}

/// Reads what the decisions of these spans rest on, and hands over one after the other. However many, each statement is asked once; several are
/// months.
pub(super) async fn load<C: ConnectionTrait + StreamTrait>(
    tx: &C,
    ranges: &[Range],
    told: &Told,
    mut take: impl FnMut(Ground),
) -> Result<(), DbErr> {
    let (Some(first), Some(last)) = (ranges.iter().map(|range| range.first).min(), ranges.iter().map(|range| range.month).max()) else {
        return Ok(());
    };
    let mut bureaus = Bureaus::load(tx).await?;
    let published = indicators::rule(tx).await?.published.0;
    let decided = decided(tx, ranges, &mut bureaus).await?;
    let changed = changes::load(tx, (first, last), &bureaus).await?;
    let released = released::load(tx, ranges, &bureaus).await?;
    // A month stays computed once its records were disposed of.
    let computed = computed_months(tx).await?;
    let ground = |range: Range| {
        let of_months = computed.iter().filter(|month| range.span != Span::Month && range.contains(**month));
        let changed_in =
            |all: &Told| all.iter().filter(|(month, _)| range.contains(**month)).map(|(month, of)| (*month, of.clone())).collect();
        Ground {
            range,
            bureaus: bureaus.clone(),
            published: published.clone(),
            former: decided.get(&(range.span, range.month)).cloned(),
            months: of_months.map(|month| decided.get(&(Span::Month, *month)).cloned()).collect(),
            released: released.clone(),
            changed: Changes { months: changed_in(&changed), told: changed_in(told) },
            company: BTreeSet::new(),
            model: Model::of(model::looked_at(range.span), 0),
            standings: BTreeMap::new(),
        }
    };
    load_values(tx, ranges, ground, &mut take).await
}

/// What is withheld by the decisions in force, of these spans and of the months of which each is made.
async fn decided<C: ConnectionTrait>(tx: &C, ranges: &[Range], bureaus: &mut Bureaus) -> Result<Decided, DbErr> {
    let Some(range) = ranges.first() else { return Ok(Decided::new()) };
    let sql = "SELECT m.span, m.month, p.figure, p.split, p.withheld
        FROM protected_month m
        LEFT JOIN protection p ON p.month = m.month AND p.span = m.span AND p.superseded_by IS NULL
        WHERE m.span = $1 AND m.month {in_months_2} OR m.span = 'MONTH' AND m.month BETWEEN $3 AND $4";
    // Of several, each is a month.
    let alone = if let [range] = ranges { [range.first, range.month] } else { [range.month; 2] };
    let [first, last] = alone.map(Value::from);
    let mut decided = Decided::new();
    for row in few_rows(tx, sql, vec![range.span.into(), list(ranges), first, last]).await? {
        let of = decided.entry((row.try_get_by_index(0)?, row.try_get_by_index(1)?)).or_default();
        let Some(figure) = row.try_get_by_index::<Option<String>>(2)? else { continue };
        let (split, places): (Split, Places) = (row.try_get_by_index(3)?, row.try_get_by_index(4)?);
        of.insert((figure, split_number(split)), bureaus.places(&places));
    }
    Ok(decided)
}

fn split_number(split: Split) -> usize {
    ALL_SPLITS.iter().position(|of| *of == split).unwrap_or(0)
}

/// A value as it is read.
struct Row {
    id: Uuid,
    definition: &'static Definition,
    place: Place,
    split: usize,
    cell: Option<Cell>,
    people: i64,
    is_public: bool,
    is_latest: bool,
}

/// Reads the values that are looked at, and which of all values are held back, into the ground of each span.
async fn load_values<C: ConnectionTrait + StreamTrait>(
    tx: &C,
    ranges: &[Range],
    ground: impl Fn(Range) -> Ground,
    take: &mut impl FnMut(Ground),
) -> Result<(), DbErr> {
    let Some(range) = ranges.first() else { return Ok(()) };
    let looked_at: Vec<_> = model::looked_at(range.span).map(|definition| format!("'{}'", definition.code)).collect();
    let sql = format!(
        "SELECT id, indicator, bureau, sex, band, numerator_persons, denominator_persons, expected, is_public,
             CASE WHEN superseded_by IS NULL THEN 1 ELSE 0 END, CASE WHEN numerator <> 0 THEN 1 ELSE 0 END, month
         FROM indicator_value
         WHERE span = $1 AND month {{in_months_2}} AND (superseded_by IS NULL OR is_public)
           AND (indicator IN ({}) OR (superseded_by IS NULL) <> is_public) {}",
        looked_at.join(", "),
        if ranges.len() > 1 { "ORDER BY month" } else { "" },
    );
    let values = vec![range.span.into(), list(ranges)];
    let statement = dialect::statement(ConnectionTrait::get_database_backend(tx), &sql, values);
    let mut rows = pin!(tx.stream_raw(statement).await?);
    let mut waiting: BTreeMap<YearMonth, Range> = ranges.iter().map(|range| (range.month, *range)).collect();
    let mut now: Option<(Ground, Vec<Cell>)> = None;
    while let Some(row) = rows.try_next().await? {
        let month: YearMonth = row.try_get_by_index(11)?;
        if let Some(range) = waiting.remove(&month)
            && let Some((ground, cells)) = now.replace((ground(range), Vec::new()))
        {
            take(ground.with(cells));
        }
        if let Some((ground, cells)) = &mut now {
            cells.extend(ground.look_at(&row)?);
        }
    }
    // Spans without any value come last.
    for (ground, cells) in now.into_iter().chain(waiting.into_values().map(|range| (ground(range), Vec::new()))) {
        take(ground.with(cells));
    }
    Ok(())
}

impl Ground {
    /// Notes a value, and tells its cell where it is the latest and is looked at.
    fn look_at(&mut self, row: &sea_orm::QueryResult) -> Result<Option<Cell>, DbErr> {
        let Some(row) = self.read(row)? else { return Ok(None) };
        if let Some(bureau) = row.place {
            self.model.month.sizes.resize(self.model.month.sizes.len().max(bureau + 1), 0);
            if row.split == 0 {
                self.model.grow(bureau, row.people);
            }
        }
        self.note(&row);
        Ok(row.cell.filter(|_| row.is_latest))
    }

    /// Puts the cells into its tables, once all bureaus are known.
    fn with(mut self, cells: Vec<Cell>) -> Self {
        let sizes = std::mem::take(&mut self.model.month.sizes);
        let bureaus = self.bureaus.codes.len();
        self.model = Model::of(model::looked_at(self.range.span), bureaus);
        self.model.month.sizes[..sizes.len()].copy_from_slice(&sizes);
        for cell in cells {
            self.model.put(cell);
        }
        self
    }

    fn read(&mut self, row: &sea_orm::QueryResult) -> Result<Option<Row>, DbErr> {
        let (indicator, bureau): (String, String) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        let (sex, band): (String, String) = (row.try_get_by_index(3)?, row.try_get_by_index(4)?);
        let Some(definition) = find(&indicator) else { return Ok(None) };
        let (Some((split, member)), place) = (model::place(&sex, &band), self.bureaus.place(&bureau)) else {
            // What is crossed by both is shown to nobody who sees no persons.
            return Ok(None);
        };
        let (numerator, denominator): (i64, i64) = (row.try_get_by_index(5)?, row.try_get_by_index(6)?);
        let (is_latest, is_any): (i32, i32) = (row.try_get_by_index(9)?, row.try_get_by_index(10)?);
        // A bureau that has reported nothing has people all the same.
        let expected = row.try_get_by_index::<Option<i64>>(7)?.filter(|_| self.range.span == Span::Month).unwrap_or(0);
        let numerator = if is_any == 1 { numerator } else { 0 };
        let cell = |figure| Cell { figure, bureau: place, split, member, numerator, denominator };
        Ok(Some(Row {
            id: row.try_get_by_index(0)?,
            definition,
            place,
            split,
            cell: self.model.figure(definition.code).map(cell),
            people: denominator.max(expected),
            is_public: row.try_get_by_index(8)?,
            is_latest: is_latest == 1,
        }))
    }

    fn note(&mut self, row: &Row) {
        let standing = self.standings.entry((row.definition.code.to_owned(), row.split)).or_default().entry(row.place).or_default();
        match (row.is_latest, row.is_public) {
            (true, true) => standing.is_met = true,
            (true, false) => standing.held.push(row.id),
            (false, _) => standing.kept.push(row.id),
        }
    }

    /// What each figure's split withholds, and whose values are renewed; beside the bureaus that are withheld whole.
    fn decide(&mut self, out_of_sight: BTreeSet<Place>) -> (BTreeSet<usize>, BTreeMap<Key, Settled>) {
        self.fix();
        let (whole, hidden) = rule::decide(Rule::default(), &self.model.month);
        self.company = out_of_sight.into_iter().flatten().filter(|bureau| whole.contains(bureau)).collect();
        let mut settled = BTreeMap::new();
        for definition in catalogue().iter().filter(|definition| definition.has_span(self.range.span)) {
            for split in 0..SPLITS {
                let is_split = [true, definition.dimensions.sex, definition.dimensions.band][split];
                if is_split {
                    let (bureaus, office) = self.hidden(definition, split, &hidden);
                    settled.insert((definition.code.to_owned(), split), self.settle(definition, (split, &bureaus, office), &whole));
                }
            }
        }
        (whole, settled)
    }

    /// Says what stays as it was before the rule is asked.
    pub fn fix(&mut self) {
        let total_only = self.bureaus.total_only.clone();
        self.model.month.closed = total_only;
        for figure in self.model.figures.clone() {
            let code = figure.definition.code;
            for split in 0..SPLITS {
                let key = (code.to_owned(), split);
                let former = self.former.as_ref().and_then(|former| former.get(&key));
                let standings = self.standings.get(&key);
                let mut fixed = Fixed { published: self.is_published(figure.definition, split), ..Fixed::default() };
                for place in former.into_iter().flatten() {
                    match place {
                        Some(bureau) if !self.changed.is_other(split, *bureau) => {
                            fixed.withheld.insert(*bureau);
                        }
                        None if !self.changed.is_other_office(split) => fixed.office = true,
                        _ => {}
                    }
                }
                for (place, standing) in standings.into_iter().flatten() {
                    let is_shown = former.is_some_and(|former| !former.contains(place)) && standing.is_known();
                    match place {
                        Some(bureau) if is_shown => {
                            fixed.known.insert(*bureau);
                        }
                        None if is_shown => fixed.published = true,
                        _ => {}
                    }
                }
                fixed.known.retain(|bureau| !self.model.month.closed.contains(bureau));
                self.model.month.known.extend(&fixed.known);
                for table in [figure.denominator, figure.numerator] {
                    let of = &mut self.model.month.tables[table].fixed[split];
                    of.printed.extend(self.released.get(&key).into_iter().flatten());
                    of.known.extend(&fixed.known);
                    of.published |= fixed.published;
                    if table == figure.numerator {
                        of.withheld.extend(&fixed.withheld);
                        of.office |= fixed.office;
                    }
                }
            }
        }
    }

    fn is_published(&self, definition: &Definition, split: usize) -> bool {
        // Who is of which band follows from the bands' own figures, which are published.
        let of_bands = split == 2
            && catalogue()
                .iter()
                .any(|one| model::base(one).is_some_and(|base| base.code == definition.code) && self.published.contains(one.code));
        of_bands || split == 0 && self.published.contains(definition.code)
    }

    /// What the rule withholds of a figure's split: by its own tables, by those of its base, or by its months.
    fn hidden(&self, definition: &'static Definition, split: usize, hidden: &[rule::Hidden]) -> (BTreeSet<usize>, bool) {
        if self.range.span != Span::Month && model::adds_up(definition) {
            return self.of_months(&self.months.iter().collect::<Vec<_>>(), definition, split);
        }
        if self.range.span != Span::Month && model::is_of_last_month(definition) {
            return self.of_months(&self.months.iter().rev().take(1).collect::<Vec<_>>(), definition, split);
        }
        let (of, own) = model::base(definition).map_or((definition, split), |base| (base, 2));
        let Some(figure) = self.model.figure(of.code).map(|figure| self.model.figures[figure]) else { return (BTreeSet::new(), true) };
        let [above, below] = [figure.numerator, figure.denominator].map(|table| &hidden[table]);
        let bureaus = above.bureaus[own].union(&below.bureaus[own]).copied().collect();
        (bureaus, (above.office[own] || below.office[own]) && !self.is_published(definition, split))
    }

    /// What is withheld of any of these months; of one that is not decided, everything.
    fn of_months(&self, months: &[&Option<Withheld>], definition: &'static Definition, split: usize) -> (BTreeSet<usize>, bool) {
        let key = (model::by_month(definition).code.to_owned(), split);
        let (mut bureaus, mut office) = (BTreeSet::new(), months.is_empty());
        for month in months {
            if let Some(places) = month.as_ref().and_then(|month| month.get(&key)) {
                bureaus.extend(places.iter().copied().flatten());
                office |= places.contains(&None);
            } else {
                bureaus.extend(0..self.bureaus.codes.len());
                office = true;
            }
        }
        (bureaus, office)
    }

    fn settle(
        &self,
        definition: &Definition,
        (split, hidden, office): (usize, &BTreeSet<usize>, bool),
        whole: &BTreeSet<usize>,
    ) -> Settled {
        let key = (definition.code.to_owned(), split);
        let nothing = BTreeMap::new();
        let case = Case {
            split,
            hidden,
            is_office_hidden: office,
            whole,
            company: &self.company,
            former: self.former.as_ref().and_then(|former| former.get(&key)),
            standings: self.standings.get(&key).unwrap_or(&nothing),
            changed: &self.changed,
            is_published: self.is_published(definition, split),
            adds_up: self.range.span != Span::Month && model::adds_up(definition),
        };
        case.settle()
    }

    /// Writes the decision, and lets readers meet the renewed values.
    async fn write(&self, fence: &Fence, whole: &BTreeSet<usize>, settled: BTreeMap<Key, Settled>) -> Result<(), LedgerError> {
        let renewed = |is_withheld: bool| {
            let mut values: Vec<Renewal> = Vec::new();
            for (key, settled) in &settled {
                for (place, standing) in self.standings.get(key).into_iter().flatten() {
                    let is_due = settled.renewed.contains(place) && settled.withheld.contains(place) == is_withheld;
                    if is_due && !(standing.held.is_empty() && standing.kept.is_empty()) {
                        values.push(Renewal { kept: standing.kept.clone(), held: standing.held.clone() });
                    }
                }
            }
            values
        };
        renew(fence, &renewed(false)).await?;
        write_decisions(fence, &[self.decision(whole, &settled)]).await?;
        renew(fence, &renewed(true)).await
    }

    /// The decision as it is written: the rows that differ from the former, and the span's own.
    pub fn decision(&self, whole: &BTreeSet<usize>, settled: &BTreeMap<Key, Settled>) -> Decision {
        let former = |key: &Key| self.former.as_ref().and_then(|former| former.get(key));
        let differing = settled.iter().filter(|(key, settled)| former(key) != Some(&settled.withheld));
        let names = |places: &BTreeSet<Place>| self.bureaus.names(places.iter().copied());
        Decision {
            range: self.range,
            figures: differing.map(|((figure, split), settled)| (figure.clone(), ALL_SPLITS[*split], names(&settled.withheld))).collect(),
            withheld: self.bureaus.names(whole.iter().copied().map(Some)),
            total_only: self.bureaus.names(self.bureaus.total_only.iter().copied().map(Some)),
        }
    }
}

/// The spans of which there are values and no decision, or one that rests on other visibilities; months before the spans that they make.
pub(crate) async fn undecided<C: ConnectionTrait>(tx: &C) -> Result<Vec<Range>, DbErr> {
    let mut bureaus = Bureaus::load(tx).await?;
    let beginning = crate::transaction::first_month(tx).await?;
    let mut decided: BTreeMap<(YearMonth, Span), BTreeSet<Place>> = BTreeMap::new();
    for row in few_rows(tx, "SELECT month, span, total_only FROM protected_month", vec![]).await? {
        let places: Places = row.try_get_by_index(2)?;
        decided.insert((row.try_get_by_index(0)?, row.try_get_by_index(1)?), bureaus.places(&places));
    }
    let sql = format!(
        "SELECT DISTINCT month, span FROM indicator_value
         WHERE bureau = '{TOTAL}' AND sex = '{TOTAL}' AND band = '{TOTAL}' AND superseded_by IS NULL"
    );
    let now: BTreeSet<Place> = bureaus.total_only.iter().copied().map(Some).collect();
    let mut spans: Vec<(YearMonth, Span)> = Vec::new();
    for row in few_rows(tx, &sql, vec![]).await? {
        let key = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        // Bureaus that are there no more are found with the values.
        if decided.get(&key).is_none_or(|then| !now.is_subset(then)) {
            spans.push(key);
        }
    }
    spans.sort_by_key(|(month, span)| (*span != Span::Month, *month, span.as_text()));
    Ok(spans.into_iter().map(|(month, span)| Range::ending(span, month).since(beginning)).collect())
}
