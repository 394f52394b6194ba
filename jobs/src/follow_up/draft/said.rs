//! What findings and groups of bureaus are called, in both languages. Texts of the formats up to 4 stand in [`former`](super::former).
//!
//! Findings become part of a release: an indicator is told by its name and never by its code, a bureau by its name, and a month as a reader writes it.

use super::former;
use crate::follow_up::{
    release::{Bilingual, IndicatorUnit},
    snapshot::Manifest,
};
use chrono::{Datelike, NaiveDate};
use entity::period::YearMonth;

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said<'a> {
    /// Nothing that the bureau submitted has been taken.
    MissingSubmission(&'a str),
    /// Of what the bureau submitted these items are missing.
    MissingFigures(&'a str, &'a [&'a str]),
    /// Some bureau has not closed the month.
    OpenMonth(&'a str),
    /// The month's records have changed since its figures were computed.
    Outdated(&'a str),
    /// The month's figures were not computed.
    Uncomputed(&'a str),
    /// These bureaus have not reported all months of the indicator, and others beside them that do not appear by name.
    NotReported(&'a str, &'a [&'a str], bool),
    /// The indicator covers too few.
    Partial(&'a str),
    /// A share outside 0 to 100 %.
    OutOfRange(&'a str),
    /// The indicator's bands do not add up to its total.
    Bands(&'a str),
    /// The indicator has no value for the day.
    NoFigure(&'a str, NaiveDate),
    /// It has a target as well.
    NoFigureForTarget(&'a str),
    /// The indicator's printed values of the year before and of this year.
    Jump(&'a str, &'a str, &'a str),
    /// No target is in force.
    NoTarget(&'a str),
}

/// The words of a finding of this snapshot's release.
pub(super) fn words(manifest: &Manifest, said: &Said<'_>) -> Bilingual {
    if manifest.has_former_words() {
        return former::words(said);
    }
    Bilingual { ja: japanese(manifest, said), en: english(manifest, said) }
}

fn japanese(manifest: &Manifest, said: &Said<'_>) -> String {
    let names = Names { manifest, of: |name| &name.ja };
    match *said {
        Said::MissingSubmission(bureau) => format!("{}からの提出が受理されていない。", names.bureau(bureau)),
        Said::MissingFigures(bureau, items) => {
            let items: Vec<_> = items.iter().map(|item| format!("「{}」", names.figure(item))).collect();
            format!("{}の提出に、{}の数値がない。", names.bureau(bureau), items.concat())
        }
        Said::OpenMonth(month) => format!("{}分は、未確定の部局があるため速報値である。", month_ja(month)),
        Said::Outdated(month) => format!("{}の記録が、月次指標の集計後に変更されている。", month_ja(month)),
        Said::Uncomputed(month) => format!("{}の月次指標が集計されていない。", month_ja(month)),
        Said::NotReported(indicator, bureaus, has_others) => {
            let others = has_others.then_some("個別に公表しない部局");
            let bureaus: Vec<_> = bureaus.iter().map(|code| names.bureau(code)).chain(others).collect();
            format!("「{}」は、記録が報告されていない月のある部局（{}）の当該月を含まない。", names.figure(indicator), bureaus.join("、"))
        }
        Said::Partial(indicator) => {
            format!("「{}」は、記録のある職員の割合が基準を下回るため、目標の達成状況を示さない。", names.figure(indicator))
        }
        Said::OutOfRange(indicator) => format!("「{}」に、0％から100％までの範囲にない値がある。", names.figure(indicator)),
        Said::Bands(indicator) => format!("「{}」の役職段階別の人数の合計が、全体と一致しない。", names.figure(indicator)),
        Said::NoFigure(indicator, day) => {
            format!("「{}」の{}年{}月{}日現在の値がない。", names.figure(indicator), day.year(), day.month(), day.day())
        }
        Said::NoFigureForTarget(indicator) => format!("数値目標のある「{}」の値が不明である。", names.figure(indicator)),
        Said::Jump(indicator, was, is) => {
            let (unit, points) = match names.unit(indicator) {
                IndicatorUnit::Percent => ("％", "ポイント"),
                IndicatorUnit::Hours => ("時間", "時間"),
                IndicatorUnit::Days => ("日", "日"),
            };
            let moved = moved(was, is).map(|moved| format!("（{moved}{points}）")).unwrap_or_default();
            format!("「{}」は前年度{was}{unit}から{is}{unit}となった{moved}。", names.figure(indicator))
        }
        Said::NoTarget(indicator) => format!("「{}」には、この時点で有効な数値目標がない。", names.figure(indicator)),
    }
}

fn english(manifest: &Manifest, said: &Said<'_>) -> String {
    let names = Names { manifest, of: |name| &name.en };
    match *said {
        Said::MissingSubmission(bureau) => format!("No submission of {} has been accepted.", names.bureau(bureau)),
        Said::MissingFigures(bureau, items) => {
            let items: Vec<_> = items.iter().map(|item| format!("“{}”", names.figure(item))).collect();
            format!("What {} submitted leaves out: {}.", names.bureau(bureau), items.join(", "))
        }
        Said::OpenMonth(month) => format!("Some bureau has not closed {}; its figures are provisional.", month_en(month)),
        Said::Outdated(month) => format!("Records of {} have changed since its figures were computed.", month_en(month)),
        Said::Uncomputed(month) => format!("The figures of {} have not been computed.", month_en(month)),
        Said::NotReported(indicator, bureaus, has_others) => {
            let others = has_others.then_some("bureaus that do not appear by name");
            let bureaus: Vec<_> = bureaus.iter().map(|code| names.bureau(code)).chain(others).collect();
            format!("“{}” leaves out months of which these bureaus have reported nothing: {}.", names.figure(indicator), bureaus.join(", "))
        }
        Said::Partial(indicator) => {
            format!("“{}” covers too few of its people for a target to be held against it.", names.figure(indicator))
        }
        Said::OutOfRange(indicator) => format!("“{}” has a value outside 0 to 100 %.", names.figure(indicator)),
        Said::Bands(indicator) => format!("The bands of “{}” do not add up to its total.", names.figure(indicator)),
        Said::NoFigure(indicator, day) => format!("There is no value of “{}” for {}.", names.figure(indicator), day.format("%-d %B %Y")),
        Said::NoFigureForTarget(indicator) => format!("“{}” has a target, and its value is not known.", names.figure(indicator)),
        Said::Jump(indicator, was, is) => format!("“{}” moved from {was} in the year before to {is}.", names.figure(indicator)),
        Said::NoTarget(indicator) => format!("No target of “{}” is in force for its date.", names.figure(indicator)),
    }
}

/// The names of the snapshot in a language; a code that has none stands for itself.
struct Names<'a> {
    manifest: &'a Manifest,
    of: fn(&Bilingual) -> &String,
}

impl<'a> Names<'a> {
    fn bureau(&self, code: &'a str) -> &'a str {
        let bureau = self.manifest.bureaus.iter().find(|bureau| bureau.code == code);
        bureau.map_or(code, |bureau| (self.of)(&bureau.name))
    }

    fn figure(&self, code: &'a str) -> &'a str {
        self.manifest.line(code).map_or(code, |line| (self.of)(&line.name))
    }

    fn unit(&self, code: &str) -> IndicatorUnit {
        self.manifest.line(code).map_or(IndicatorUnit::Percent, |line| line.unit)
    }
}

/// The difference of two printed values with its sign, to the digit that they have.
fn moved(was: &str, is: &str) -> Option<String> {
    let tenths = |text: &str| text.replace('.', "").parse::<i64>().ok().filter(|_| text.contains('.'));
    let moved = tenths(is)? - tenths(was)?;
    let sign = if moved < 0 { '－' } else { '＋' };
    Some(format!("{sign}{}.{}", moved.abs() / 10, moved.abs() % 10))
}

/// A month such as `2019-05`, as it is written; another text as it is.
fn month_ja(month: &str) -> String {
    month.parse::<YearMonth>().map_or_else(|_| month.to_owned(), |month| format!("{}年{}月", month.year(), month.month()))
}

fn month_en(month: &str) -> String {
    month.parse::<YearMonth>().map_or_else(|_| month.to_owned(), |month| month.first_day().format("%B %Y").to_string())
}

/// How the release says that it withholds.
pub(super) fn method(manifest: &Manifest) -> Bilingual {
    if manifest.has_former_words() {
        return former::method();
    }
    Bilingual {
        ja: "少人数に係る数値（一次秘匿）と、合計や関連する表からの差引きにより判明する数値（二次秘匿）を、線形計画法により選んで秘匿した（Kelly, Golden & \
             Assad 1992、Fischetti & Salazar-González 2000）。"
            .to_owned(),
        en: METHOD_EN.to_owned(),
    }
}

/// The same in English, in all formats.
pub(super) const METHOD_EN: &str = "Counts of few people (primary) and those by which they would follow from totals and related tables (secondary) are \
                                    withheld; they are chosen by linear programming (Kelly, Golden and Assad 1992; Fischetti and Salazar-González 2000).";

/// What a group of bureaus that the plan does not name is called, by its members in their order: by the first of them, and how many there are
/// beside it.
pub(super) fn group(manifest: &Manifest, number: usize, members: &[usize]) -> Bilingual {
    let bureaus: Vec<_> = members.iter().map(|place| &manifest.bureaus[*place]).collect();
    if manifest.has_former_words() {
        let codes: Vec<_> = bureaus.iter().map(|bureau| bureau.code.as_str()).collect();
        return former::group(number, &codes);
    }
    match bureaus.as_slice() {
        [] => Bilingual { ja: String::new(), en: String::new() },
        [one] => one.name.clone(),
        [first, others @ ..] => Bilingual {
            ja: format!("{}ほか{}部局", first.name.ja, others.len()),
            en: format!("{} and {} others", first.name.en, others.len()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_that_of_what_is_printed() {
        assert_eq!(moved("59.5", "70.2").as_deref(), Some("＋10.7"));
        assert_eq!(moved("70.2", "59.5").as_deref(), Some("－10.7"));
        assert_eq!(moved("9.9", "10.0").as_deref(), Some("＋0.1"));
        assert_eq!(moved("", "10.0"), None);
    }

    #[test]
    fn months_are_written_as_readers_write_them() {
        assert_eq!((month_ja("2019-05").as_str(), month_en("2019-05").as_str()), ("2019年5月", "May 2019"));
        assert_eq!(month_ja("?"), "?");
    }
}
