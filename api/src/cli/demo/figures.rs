//! The demo's main figures against their targets, as a table in both languages.

use super::calendar;
use anyhow::Result;
use api::store::{
    Store,
    joined::Joined,
    page::{Ordering, PageArgs},
};
use entity::quotient::{self, Aim};
use entity::{
    indicator_value::{self, TOTAL},
    period::{YearKind, YearMonth},
    target::{self, Qualifier, TargetPopulation},
};
use jobs::indicators::{Definition, IndicatorUnit, catalogue};
use sea_orm::{ColumnTrait, Condition};
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

const HEADINGS: [&str; 6] = ["指標", "Indicator", "期間 Period", "値 Value", "目標 Target", "状態 Status"];

/// The table: the year to date of each indicator, for the whole office; the year of records, or the one of a recent month.
pub(super) async fn table(store: &Store, recent: Option<YearMonth>) -> Result<String> {
    let ordering = Ordering { by: target::Column::Indicator, descending: false };
    let all = PageArgs { first: Some(500), ..PageArgs::default() };
    let (targets, _) = store.page::<target::Entity>(target::Column::VoidReason.is_null().into(), ordering, &all, Joined::default()).await?;
    let targets: Vec<target::Model> = targets.rows.into_iter().map(|(_, row)| row).collect();
    let mut rows = vec![HEADINGS.map(str::to_owned)];
    for definition in catalogue() {
        let year = definition.year;
        let (first, last) = recent.map_or_else(|| months(definition), |last| (year.first_month_of_year_containing(last), last));
        let value = value(store, definition, last).await?;
        let aim = value.as_ref().and_then(|value| aim(definition, value, &targets));
        rows.push([
            definition.name.ja.to_owned(),
            definition.name.en.to_owned(),
            format!("{first}–{last}"),
            value.as_ref().map_or_else(|| "…".to_owned(), |value| shown(value, definition.unit)),
            aim.map_or_else(|| "-".to_owned(), |aim| aim_text(aim, definition.unit)),
            value.zip(aim).map_or("-", |(value, aim)| status(&value, aim, definition)).to_owned(),
        ]);
    }
    Ok(aligned(&rows))
}

/// The last year to date of the indicator's own kind of year, from the first month that has records. Leave goes by calendar year, of which
/// the records hold nine months.
fn months(definition: &Definition) -> (YearMonth, YearMonth) {
    let (first, end) = (YearMonth::of(calendar::FIRST), YearMonth::of(calendar::END));
    if definition.year == YearKind::Calendar {
        (first, definition.year.first_month_of_year_containing(end).previous())
    } else {
        (first, end.previous())
    }
}

async fn value(store: &Store, definition: &Definition, month: YearMonth) -> Result<Option<indicator_value::Model>> {
    use indicator_value::Column;
    let filter = Condition::all()
        .add(Column::Indicator.eq(definition.code))
        .add(Column::Span.eq(definition.year_to_date_span()))
        .add(Column::Month.eq(month))
        .add(Column::Bureau.eq(TOTAL))
        .add(Column::Sex.eq(TOTAL))
        .add(Column::Band.eq(TOTAL))
        .add(Column::SupersededBy.is_null());
    let ordering = Ordering { by: Column::Indicator, descending: false };
    let (page, _) = store
        .page::<indicator_value::Entity>(filter, ordering, &PageArgs { first: Some(1), ..PageArgs::default() }, Joined::default())
        .await?;
    Ok(page.rows.into_iter().map(|(_, row)| row).next())
}

/// The target in force on the value's date: the office's own before a reference.
fn aim<'a>(definition: &Definition, value: &indicator_value::Model, targets: &'a [target::Model]) -> Option<&'a target::Model> {
    let in_force = |target: &&target::Model| {
        target.indicator == definition.code && target.valid_from <= value.as_of && target.valid_to.is_none_or(|end| value.as_of < end)
    };
    let of_the_office = |target: &&target::Model| target.bureau_id.is_none();
    targets.iter().filter(in_force).filter(of_the_office).min_by_key(|target| target.population != TargetPopulation::Office)
}

fn shown(value: &indicator_value::Model, unit: IndicatorUnit) -> String {
    let Some(number) = quotient::quotient(value.numerator, value.denominator, unit == IndicatorUnit::Percent) else {
        return "該当なし none".to_owned();
    };
    match unit {
        IndicatorUnit::Percent => format!("{number} %      "),
        IndicatorUnit::Hours => format!("{number} 時間 h"),
        IndicatorUnit::Days => format!("{number} 日 d  "),
    }
}

fn aim_text(aim: &target::Model, unit: IndicatorUnit) -> String {
    let number = quotient::quotient(aim.value_numerator, aim.value_denominator, unit == IndicatorUnit::Percent).unwrap_or_default();
    let sign = if unit == IndicatorUnit::Percent { " %" } else { "" };
    match aim.qualifier {
        Qualifier::About => format!("約 ~{number}{sign}"),
        Qualifier::AtMost => format!("≤{number}{sign}"),
        Qualifier::AtLeast | Qualifier::All => format!("≥{number}{sign}"),
    }
}

/// Attainment is told of the office's own targets alone; a government-wide one is a reference.
fn status(value: &indicator_value::Model, aim: &target::Model, definition: &Definition) -> &'static str {
    if value.denominator == 0 {
        return "該当なし no subjects";
    }
    if aim.population == TargetPopulation::Government {
        return "政府全体・参考 reference";
    }
    let Definition { direction, unit, .. } = *definition;
    let aim = Aim { value: (aim.value_numerator, aim.value_denominator), qualifier: aim.qualifier, direction, unit };
    match aim.attained((value.numerator, value.denominator)) {
        Some(true) => "達成 met",
        Some(false) => "未達 not met",
        None => "-",
    }
}

/// Columns as wide as their widest cell; a Japanese character takes two places. Numbers stand to the right.
fn aligned<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].width()).max().unwrap_or_default();
    let widths: [usize; N] = std::array::from_fn(width);
    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let space = " ".repeat(widths[column] - cell.width());
            let right = index > 0 && column == 3;
            // Writing to a String does not fail.
            let _ = if right { write!(line, "{space}{cell}  ") } else { write!(line, "{cell}{space}  ") };
        }
        let _ = writeln!(text, "{}", line.trim_end());
        if index == 0 {
            let _ = writeln!(text, "{}", "─".repeat(widths.iter().sum::<usize>() + 2 * (N - 1)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn wide_characters_take_two_places() {
        let rows = [["指標", "x"], ["ab", "y"]].map(|row| row.map(str::to_owned));
        assert_eq!(aligned(&rows), "指標  x\n───────\nab    y\n");
    }
}
