//! Reads what the decision of a span rests on, decides, and writes what changed.
//!
//! The values of a span have been written when it is decided; readers who see no persons meet none of them before (`is_public`). Values of
//! places that are shown are renewed first, a chunk at a time, then the decision is written, then the values of places that are withheld: so
//! nothing is met that any decision withholds, wherever a run is broken off.

use super::{
    model::{self, ALL_SPLITS, Cell, Model},
    rule::{self, Fixed, Rule, SPLITS},
    time::{Case, Changed, Place, Settled, Standing},
};
use crate::{
    dialect::{self, execute, few_rows},
    indicators::{self, Definition, catalogue, find},
    ledger::{Fence, LedgerError},
    measures::Range,
    transaction::{computed_months, put_all},
};
use entity::{
    bureau::Visibility,
    ids::ProtectionId,
    indicator_value::TOTAL,
    measure_cell::Span,
    period::YearMonth,
    posting::RankBand,
    protected_month,
    protection::{self, Places, Split},
    staff::Sex,
};
use futures_util::TryStreamExt;
use sea_orm::{ConnectionTrait, DbErr, Iterable, StreamTrait, Value};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    pin::pin,
};
use uuid::Uuid;

/// How many values change hands in one transaction.
const CHUNK: usize = 1_500;

/// Bureaus by number and code, and which of them appear in the office's total alone.
pub(super) struct Bureaus {
    pub codes: Vec<String>,
    numbers: HashMap<String, usize>,
    pub keys: Vec<Uuid>,
    total_only: BTreeSet<usize>,
}

impl Bureaus {
    pub(super) async fn load<C: ConnectionTrait>(tx: &C) -> Result<Self, DbErr> {
        let sql = "SELECT id, code, visibility FROM bureau WHERE void_reason IS NULL ORDER BY code";
        let mut bureaus = Self { codes: Vec::new(), numbers: HashMap::new(), keys: Vec::new(), total_only: BTreeSet::new() };
        for row in few_rows(tx, sql, vec![]).await? {
            let (id, code, visibility): (Uuid, String, Visibility) =
                (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?);
            if visibility == Visibility::OfficeTotalOnly {
                bureaus.total_only.insert(bureaus.codes.len());
            }
            bureaus.numbers.insert(code.clone(), bureaus.codes.len());
            bureaus.codes.push(code);
            bureaus.keys.push(id);
        }
        Ok(bureaus)
    }

    /// A bureau of former days that is not there any more appears in the total alone.
    fn number(&mut self, code: &str) -> usize {
        if let Some(number) = self.numbers.get(code) {
            return *number;
        }
        let number = self.codes.len();
        self.numbers.insert(code.to_owned(), number);
        self.codes.push(code.to_owned());
        self.keys.push(Uuid::nil());
        self.total_only.insert(number);
        number
    }

    pub fn place(&mut self, code: &str) -> Place {
        (code != TOTAL).then(|| self.number(code))
    }

    fn code(&self, place: Place) -> String {
        place.map_or_else(|| TOTAL.to_owned(), |bureau| self.codes[bureau].clone())
    }

    fn names(&self, places: impl IntoIterator<Item = Place>) -> Places {
        Places(places.into_iter().map(|place| self.code(place)).collect())
    }
}

/// A figure's code and split.
pub(super) type Key = (String, usize);
/// The places of each figure's split that are withheld.
pub(super) type Withheld = BTreeMap<Key, BTreeSet<Place>>;

/// All that the decision of a span rests on.
pub(super) struct Ground {
    range: Range,
    pub bureaus: Bureaus,
    published: BTreeSet<String>,
    /// What was decided of the span; none where nothing was.
    pub former: Option<Withheld>,
    /// What was decided of its months.
    months: Vec<Option<Withheld>>,
    pub changed: Vec<Changed>,
    pub model: Model,
    standings: BTreeMap<Key, BTreeMap<Place, Standing>>,
}

/// Decides what is withheld of a span, whose values have been written.
pub(crate) async fn decide(fence: &Fence, range: Range) -> Result<(), LedgerError> {
    let tx = fence.snapshot().await?;
    let mut ground = load(&tx, range).await?;
    tx.commit().await?;
    let (whole, decided) = ground.decide();
    ground.write(fence, &whole, decided).await
}

pub(super) async fn load<C: ConnectionTrait + StreamTrait>(tx: &C, range: Range) -> Result<Ground, DbErr> {
    let mut bureaus = Bureaus::load(tx).await?;
    let published = indicators::rule(tx).await?.published.0;
    let former = withheld(tx, range.span, range.month, &mut bureaus).await?;
    let mut months = Vec::new();
    let mut changed = Vec::new();
    // A month stays computed once its records were disposed of.
    for month in computed_months(tx).await?.into_iter().filter(|month| range.contains(*month)) {
        months.push(if range.span == Span::Month { None } else { withheld(tx, Span::Month, month, &mut bureaus).await? });
        changed.push(load_changed(tx, month, &bureaus).await?);
    }
    let mut ground = Ground {
        range,
        model: Model::of(model::looked_at(range.span), 0),
        bureaus,
        published,
        former,
        months,
        changed,
        standings: BTreeMap::new(),
    };
    ground.load_values(tx).await?;
    Ok(ground)
}

/// What of a span is withheld by the decision in force.
async fn withheld<C: ConnectionTrait>(tx: &C, span: Span, month: YearMonth, bureaus: &mut Bureaus) -> Result<Option<Withheld>, DbErr> {
    let key = || vec![span.into(), month.into()];
    if few_rows(tx, "SELECT 1 FROM protected_month WHERE span = $1 AND month = $2", key()).await?.is_empty() {
        return Ok(None);
    }
    let sql = "SELECT figure, split, withheld FROM protection WHERE span = $1 AND month = $2 AND superseded_by IS NULL";
    let mut found = Withheld::new();
    for row in few_rows(tx, sql, key()).await? {
        let (figure, split, places): (String, Split, Places) =
            (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        let places = places.0.iter().map(|code| bureaus.place(code)).collect();
        found.insert((figure, split_number(split)), places);
    }
    Ok(Some(found))
}

fn split_number(split: Split) -> usize {
    ALL_SPLITS.iter().position(|of| *of == split).unwrap_or(0)
}

/// The persons of a month whose change readers have not met.
async fn load_changed<C: ConnectionTrait>(tx: &C, month: YearMonth, bureaus: &Bureaus) -> Result<Changed, DbErr> {
    let sql = "SELECT bureau_id, 0, '', '', COUNT(DISTINCT staff_id) FROM changed_person WHERE month = $1 AND of_total = 1 GROUP BY bureau_id
        UNION ALL
        SELECT bureau_id, 1, sex, '', COUNT(DISTINCT staff_id) FROM changed_person WHERE month = $1 AND of_sex = 1 GROUP BY bureau_id, sex
        UNION ALL
        SELECT bureau_id, 2, '', band, COUNT(DISTINCT staff_id) FROM changed_person WHERE month = $1 AND of_band = 1 GROUP BY bureau_id, band";
    let mut changed = Changed::default();
    for row in few_rows(tx, sql, vec![month.into()]).await? {
        let (id, split, persons): (Uuid, i32, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(4)?);
        let Some(bureau) = bureaus.keys.iter().position(|key| *key == id) else { continue };
        let (sex, band): (String, String) = (row.try_get_by_index(2)?, row.try_get_by_index(3)?);
        let (split, member) = match split {
            0 => (0, 0),
            1 => (1, Sex::iter().position(|of| of.as_text() == sex).unwrap_or(0)),
            _ => (2, RankBand::iter().position(|of| of.as_text() == band).unwrap_or(0)),
        };
        changed.put(split, bureau, member, persons);
    }
    Ok(changed)
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

impl Ground {
    /// Reads the values that are looked at, and which of all values are held back.
    async fn load_values<C: ConnectionTrait + StreamTrait>(&mut self, tx: &C) -> Result<(), DbErr> {
        let looked_at: Vec<_> = model::looked_at(self.range.span).map(|definition| format!("'{}'", definition.code)).collect();
        let sql = format!(
            "SELECT id, indicator, bureau, sex, band, numerator_persons, denominator_persons, expected, is_public,
                 CASE WHEN superseded_by IS NULL THEN 1 ELSE 0 END, CASE WHEN numerator <> 0 THEN 1 ELSE 0 END
             FROM indicator_value
             WHERE span = $1 AND month = $2 AND (superseded_by IS NULL OR is_public)
               AND (indicator IN ({}) OR (superseded_by IS NULL) <> is_public)",
            looked_at.join(", ")
        );
        let statement =
            dialect::statement(ConnectionTrait::get_database_backend(tx), &sql, vec![self.range.span.into(), self.range.month.into()]);
        let mut rows = pin!(tx.stream_raw(statement).await?);
        let mut cells = Vec::new();
        while let Some(row) = rows.try_next().await? {
            let Some(row) = self.read(&row)? else { continue };
            if let Some(bureau) = row.place {
                self.model.month.sizes.resize(self.model.month.sizes.len().max(bureau + 1), 0);
                if row.split == 0 {
                    self.model.grow(bureau, row.people);
                }
            }
            cells.extend(row.cell.filter(|_| row.is_latest));
            self.note(&row);
        }
        let sizes = std::mem::take(&mut self.model.month.sizes);
        let bureaus = self.bureaus.codes.len();
        self.model = Model::of(model::looked_at(self.range.span), bureaus);
        self.model.month.sizes[..sizes.len()].copy_from_slice(&sizes);
        for cell in cells {
            self.model.put(cell);
        }
        Ok(())
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
    fn decide(&mut self) -> (BTreeSet<usize>, BTreeMap<Key, Settled>) {
        self.fix();
        let (whole, hidden) = rule::decide(Rule::default(), &self.model.month);
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
                        Some(bureau) if !self.changed.iter().any(|changed| changed.is_other(split, *bureau)) => {
                            fixed.withheld.insert(*bureau);
                        }
                        None if !self.changed.iter().any(Changed::is_other_office) => fixed.office = true,
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
            former: self.former.as_ref().and_then(|former| former.get(&key)),
            standings: self.standings.get(&key).unwrap_or(&nothing),
            changed: &self.changed.iter().collect::<Vec<_>>(),
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
        self.write_decision(fence, whole, &settled).await?;
        renew(fence, &renewed(true)).await
    }

    pub async fn write_decision(
        &self,
        fence: &Fence,
        whole: &BTreeSet<usize>,
        settled: &BTreeMap<Key, Settled>,
    ) -> Result<(), LedgerError> {
        let (span, month) = (self.range.span, self.range.month);
        let (run_id, decided_at) = (fence.run().id, fence.computed_at());
        let mut rows = Vec::new();
        for ((figure, split), settled) in settled {
            let former = self.former.as_ref().and_then(|former| former.get(&(figure.clone(), *split)));
            if former == Some(&settled.withheld) {
                continue;
            }
            let withheld = self.bureaus.names(settled.withheld.iter().copied());
            let (id, figure, split) = (ProtectionId::new(), figure.clone(), ALL_SPLITS[*split]);
            rows.push(protection::Model { id, span, month, figure, split, withheld, run_id, decided_at, superseded_by: None });
        }
        let header = protected_month::Model {
            month,
            span,
            withheld: self.bureaus.names(whole.iter().copied().map(Some)),
            total_only: self.bureaus.names(self.bureaus.total_only.iter().copied().map(Some)),
            run_id,
            decided_at,
        };
        let tx = fence.write().await?;
        supersede(&*tx, &rows).await?;
        put_all(&*tx, rows, false).await?;
        put_all(&*tx, vec![header], true).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Ends the decisions whose place these take. One text for all: the decisions of a span are a few hundred.
async fn supersede<C: ConnectionTrait>(tx: &C, rows: &[protection::Model]) -> Result<(), DbErr> {
    let Some(first) = rows.first() else { return Ok(()) };
    let names: Vec<_> = rows.iter().map(|row| format!("{}/{}", row.figure, row.split.as_text())).collect();
    let sql = "UPDATE protection SET superseded_by = $1
        WHERE span = $2 AND month = $3 AND superseded_by IS NULL AND figure || '/' || split IN {texts_4}";
    let values = vec![first.run_id.into(), first.span.into(), first.month.into(), serde_json::to_string(&names).unwrap_or_default().into()];
    execute(tx, sql, values).await.map(|_| ())
}

/// Former values that readers meet no more, and the later ones that they meet in their place.
struct Renewal {
    kept: Vec<Uuid>,
    held: Vec<Uuid>,
}

/// Lets readers meet later values in place of former ones.
async fn renew(fence: &Fence, values: &[Renewal]) -> Result<(), LedgerError> {
    for chunk in values.chunks(CHUNK) {
        let tx = fence.write().await?;
        let ids = |of: fn(&Renewal) -> &[Uuid]| -> Value {
            let ids: Vec<Uuid> = chunk.iter().flat_map(of).copied().collect();
            serde_json::to_string(&ids).unwrap_or_default().into()
        };
        let set = |is_public: &str| format!("UPDATE indicator_value SET is_public = {is_public} WHERE id IN {{ids_1}}");
        execute(&*tx, &set("FALSE"), vec![ids(|value| &value.kept)]).await?;
        execute(&*tx, &set("TRUE"), vec![ids(|value| &value.held)]).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// The spans of which there are values and no decision, or one that rests on other visibilities; months before the spans that they make.
pub(crate) async fn undecided<C: ConnectionTrait>(tx: &C) -> Result<Vec<Range>, DbErr> {
    let mut bureaus = Bureaus::load(tx).await?;
    let beginning = crate::transaction::first_month(tx).await?;
    let mut decided: BTreeMap<(YearMonth, Span), BTreeSet<Place>> = BTreeMap::new();
    for row in few_rows(tx, "SELECT month, span, total_only FROM protected_month", vec![]).await? {
        let places: Places = row.try_get_by_index(2)?;
        let places = places.0.iter().map(|code| bureaus.place(code)).collect();
        decided.insert((row.try_get_by_index(0)?, row.try_get_by_index(1)?), places);
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

/// Notes that readers have met what changed in these months, where they have; once all spans that they make are decided.
pub(crate) async fn clear(fence: &Fence, months: &BTreeSet<YearMonth>) -> Result<(), LedgerError> {
    for month in months {
        let tx = fence.snapshot().await?;
        let bureaus = Bureaus::load(&tx).await?;
        let changed = load_changed(&tx, *month, &bureaus).await?;
        tx.commit().await?;
        let free = |split: usize| -> Value {
            let free = changed.bureaus().into_iter().filter(|bureau| changed.is_free(split, *bureau)).map(|bureau| bureaus.keys[bureau]);
            serde_json::to_string(&free.collect::<Vec<_>>()).unwrap_or_default().into()
        };
        if changed.bureaus().is_empty() {
            continue;
        }
        let tx = fence.write().await?;
        for (split, column) in ["of_total", "of_sex", "of_band"].into_iter().enumerate() {
            let sql = format!("UPDATE changed_person SET {column} = 0 WHERE month = $2 AND bureau_id IN {{ids_1}}");
            execute(&*tx, &sql, vec![free(split), (*month).into()]).await?;
        }
        let gone = "DELETE FROM changed_person WHERE month = $1 AND of_total = 0 AND of_sex = 0 AND of_band = 0";
        execute(&*tx, gone, vec![(*month).into()]).await?;
        tx.commit().await?;
    }
    Ok(())
}
