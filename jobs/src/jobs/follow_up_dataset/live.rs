//! What live figures show of a release's days to readers who see no persons: whoever reads the release reads them too.

use crate::{
    dialect::few_rows,
    follow_up::snapshot::{Days, FrozenBureau, LiveFigure, LiveLine},
    indicators::{Definition, find},
    measures::Range,
    protection::adds_up,
};
use chrono::NaiveDate;
use entity::{
    bureau::Visibility,
    indicator_value::TOTAL,
    measure_cell::Span,
    period::YearMonth,
    posting::RankBand,
    protection::{Places, Split},
    staff::Sex,
};
use sea_orm::{ConnectionTrait, DbErr, Iterable, QueryResult, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What such readers meet; of months, of the whole office, for no release prints more of them.
const MET: &str = "SELECT indicator, span, month, version, bureau, sex, band, numerator, denominator FROM indicator_value
    WHERE is_public AND month {in_months_1} AND (sex = 'TOTAL' OR band = 'TOTAL')
        AND (span <> 'MONTH' OR bureau = 'TOTAL' AND sex = 'TOTAL' AND band = 'TOTAL')";
/// What of it is withheld, by the decisions in force.
const WITHHELD: &str = "SELECT figure, span, month, split, withheld FROM protection
    WHERE superseded_by IS NULL AND month {in_months_1}";

/// A figure of a span.
type Key = (String, Span, YearMonth);
/// The places of each split that are withheld.
type Splits = BTreeMap<Split, BTreeSet<String>>;

/// The figures of a release that are live figures of whole months or years, in its order.
pub(super) async fn figures<C: ConnectionTrait>(
    tx: &C,
    asked: impl Iterator<Item = (&'static Definition, Days)>,
    bureaus: &[FrozenBureau],
) -> Result<Vec<LiveFigure>, DbErr> {
    let asked: Vec<_> = asked.filter_map(|(definition, days)| Some((definition, days, span_of(days)?))).collect();
    let months: BTreeSet<i32> = asked.iter().map(|(_, (_, to), _)| YearMonth::of(*to).as_i32()).collect();
    let months: Value = serde_json::to_string(&months).unwrap_or_default().into();
    let mut withheld: BTreeMap<Key, Splits> = BTreeMap::new();
    for row in few_rows(tx, WITHHELD, vec![months.clone()]).await? {
        let (split, Places(places)) = (row.try_get_by_index(3)?, row.try_get_by_index(4)?);
        withheld.entry(key(&row)?).or_default().insert(split, places);
    }
    let mut met: BTreeMap<Key, Lines> = BTreeMap::new();
    let mut there: BTreeMap<(Span, YearMonth), BTreeSet<u16>> = BTreeMap::new();
    for row in few_rows(tx, MET, vec![months]).await? {
        let key = key(&row)?;
        there.entry((key.1, key.2)).or_default().extend(place_of(&row.try_get_by_index::<String>(4)?, bureaus));
        // What was not decided is not shown, and may still be decided.
        if let (Some(definition), Some(splits)) = (find(&key.0), withheld.get(&key)) {
            let line = line(definition, &row, (bureaus, splits))?;
            met.entry(key).or_default().extend(line);
        }
    }
    let people = people(&met);
    let mut figures = Vec::new();
    for (definition, (date_from, date_to), span) in asked {
        let key = (definition.code.to_owned(), span, YearMonth::of(date_to));
        let Some(mut lines) = met.get(&key).cloned() else { continue };
        if !definition.published_by_law && span != Span::Month {
            let there = there.get(&(span, key.2)).into_iter().flatten().copied().map(Some).chain([None]);
            there.for_each(|bureau| absent(definition, bureau, &mut lines));
        }
        let told = |place: Place| {
            let people = people.get(&(span, key.2, people_of(definition), place));
            people.map(|people| people * definition.denominator.scale)
        };
        let line = |(place, shown): (Place, Option<(i64, i64)>)| {
            let (bureau, sex, band) = place;
            let denominator = shown.map(|shown| shown.1).or_else(|| told(place));
            LiveLine { bureau, sex, band, numerator: shown.map(|shown| shown.0), denominator }
        };
        let lines = lines.into_iter().map(line).collect();
        let (indicator, definition_version, adds_up) = (definition.code.to_owned(), definition.version, adds_up(definition));
        figures.push(LiveFigure { indicator, definition_version, date_from, date_to, adds_up, lines });
    }
    Ok(figures)
}

/// The people of all denominators that are shown, by whom they are.
fn people(met: &BTreeMap<Key, Lines>) -> BTreeMap<(Span, YearMonth, String, Place), i64> {
    let mut people = BTreeMap::new();
    for ((code, span, month), lines) in met {
        let Some(definition) = find(code).filter(|definition| definition.denominator.scale > 0) else { continue };
        for (place, shown) in lines {
            if let Some((_, denominator)) = shown {
                people.insert((*span, *month, people_of(definition), *place), denominator / definition.denominator.scale);
            }
        }
    }
    people
}

/// Whom a denominator counts, whatever its factor. All who are subject to overtime are under some cap.
fn people_of(definition: &Definition) -> String {
    let part = definition.denominator;
    let measure = if part.measure.code == UNDER_ANY_CAP { SUBJECT } else { part.measure.code };
    format!("{measure} {:?} {:?} {:?}", part.sexes, part.bands, definition.counts)
}

/// The span of which these days are the whole; none of a day, nor of a year that has one month.
fn span_of((from, to): (NaiveDate, NaiveDate)) -> Option<Span> {
    let month = YearMonth::of(to);
    [Span::Month, Span::FiscalYearToDate, Span::CalendarYearToDate]
        .into_iter()
        .find(|span| (from, to) == (Range::ending(*span, month).first.first_day(), month.last_day()))
}

fn key(row: &QueryResult) -> Result<Key, DbErr> {
    Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?))
}

/// The places of bureau, sex and band; none is all of them.
type Place = (Option<u16>, Option<u8>, Option<u8>);
/// Numerator and denominator where a value is shown.
type Shown = Option<(i64, i64)>;
/// The values of a figure.
type Lines = BTreeMap<Place, Shown>;

/// The measure of everybody under any cap, and that of whoever is subject to overtime.
const UNDER_ANY_CAP: &str = "UNDER_ANY_CAP";
const SUBJECT: &str = "OVERTIME_PERSONS";

fn place_of(code: &str, bureaus: &[FrozenBureau]) -> Option<u16> {
    u16::try_from(bureaus.iter().position(|bureau| bureau.code == code)?).ok()
}

/// A value; none of another definition, or of a bureau that is there no longer.
fn line(
    definition: &Definition,
    row: &QueryResult,
    (bureaus, splits): (&[FrozenBureau], &Splits),
) -> Result<Option<(Place, Shown)>, DbErr> {
    let version: i32 = row.try_get_by_index(3)?;
    let (code, sex, band): (String, String, String) = (row.try_get_by_index(4)?, row.try_get_by_index(5)?, row.try_get_by_index(6)?);
    let bureau = place_of(&code, bureaus);
    if version != definition.version || code != TOTAL && bureau.is_none() {
        return Ok(None);
    }
    let member = |place: Option<usize>| place.and_then(|place| u8::try_from(place).ok());
    let place =
        (bureau, member(Sex::iter().position(|of| of.as_text() == sex)), member(RankBand::iter().position(|of| of.as_text() == band)));
    let split = match (place.1, place.2) {
        (None, None) => Split::Total,
        (Some(_), _) => Split::BySex,
        (None, Some(_)) => Split::ByBand,
    };
    let is_closed = |bureau: u16| bureaus[usize::from(bureau)].visibility == Visibility::OfficeTotalOnly;
    let is_open = bureau.is_none_or(|bureau| !definition.published_by_law && !is_closed(bureau));
    let is_shown = is_open && splits.get(&split).is_some_and(|places| !places.contains(&code));
    let shown = if is_shown { Some((row.try_get_by_index(7)?, row.try_get_by_index(8)?)) } else { None };
    Ok(Some((place, shown)))
}

/// Who has nobody has no value: of a bureau that is there, that is seen.
fn absent(definition: &Definition, bureau: Option<u16>, lines: &mut Lines) {
    let all = |has: bool, count: usize| (0..count).filter(move |_| has).filter_map(|place| u8::try_from(place).ok());
    let by_sex = all(definition.dimensions.sex, Sex::iter().count()).map(|sex| (bureau, Some(sex), None));
    let by_band = all(definition.dimensions.band, RankBand::iter().count()).map(|band| (bureau, None, Some(band)));
    for place in std::iter::once((bureau, None, None)).chain(by_sex).chain(by_band) {
        lines.entry(place).or_insert(Some((0, 0)));
    }
}
