//! How many stand behind a figure, as it is printed beside the value.

use crate::follow_up::{
    package::{
        content::Line,
        words::{Language, text},
    },
    release::{Base, Counts, DefinitionLine, IndicatorUnit, Point},
};

/// The numbers behind a figure of the release, where they are shown and count something.
pub(super) fn of_line(line: &Line<'_>, lang: Language) -> Option<String> {
    line.value.as_ref()?;
    of(line.definition, line.observation.quotient()?, lang)
}

/// The numbers behind a figure and its date.
pub(super) fn of_point(definition: &DefinitionLine, point: &Point, lang: Language) -> Option<String> {
    of(definition, (point.numerator, point.denominator), lang)
}

fn of(definition: &DefinitionLine, (numerator, denominator): (i64, i64), lang: Language) -> Option<String> {
    let Base { of, each } = definition.base?;
    let whole = |number: i64| (number.checked_rem(each) == Some(0)).then(|| grouped(number / each));
    let denominator = whole(denominator)?;
    let (before, after) = match of {
        Counts::Persons => (text("", ""), text("人", "")),
        Counts::PersonMonths => (text("延べ", ""), text("人", " person-months")),
        Counts::Shifts => (text("延べ", ""), text("日", " days worked")),
        Counts::Hours => (text("", ""), text("時間", " h")),
    };
    let (before, after) = (lang.say(before), lang.say(after));
    Some(match (definition.unit, lang) {
        (IndicatorUnit::Percent, Language::Ja) => format!("{before}{}{after}／{denominator}{after}", whole(numerator)?),
        (IndicatorUnit::Percent, Language::En) => format!("{} of {denominator}{after}", whole(numerator)?),
        (_, Language::Ja) => format!("{before}{denominator}{after}"),
        (_, Language::En) => format!("n = {denominator}{after}"),
    })
}

/// Digits by threes.
pub(super) fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = if number < 0 { "-".to_owned() } else { String::new() };
    for (nth, digit) in digits.chars().enumerate() {
        if nth > 0 && (digits.len() - nth).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn digits_stand_by_threes() {
        assert_eq!([0, 7, 999, 1_000, 1_234_567, -12_345].map(grouped), ["0", "7", "999", "1,000", "1,234,567", "-12,345"]);
    }
}
