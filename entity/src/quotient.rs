//! Figures as they are printed and held against targets: exact quotients of integers, rounded half up on output alone; what they are expressed
//! in, and which way they should go.

use crate::{target::Qualifier, text_enum::text_enum};

text_enum! {
    /// What a value is expressed in, to one digit after the point.
    IndicatorUnit {
        /// Hours a person, each of 60 minutes.
        Hours,
        /// Days a person; a day of leave is 465 minutes (7 h 45 min).
        Days,
        /// Percent: 100 times numerator ÷ denominator, never cut to 100.
        Percent,
    }
}

text_enum! {
    /// Which way the plan wants a value to go; it says nothing of how a target is compared.
    Direction {
        /// The higher value is the better one.
        HigherIsBetter,
        /// The lower value is the better one.
        LowerIsBetter,
        /// The plan wants neither way.
        Neutral,
    }
}

/// The quotient with one digit after the point, half up; times 100 where it is a percentage. None over zero.
#[must_use]
pub fn quotient(numerator: i64, denominator: i64, percent: bool) -> Option<String> {
    if denominator <= 0 {
        return None;
    }
    let tenths = half_up(i128::from(numerator) * if percent { 1_000 } else { 10 }, i128::from(denominator));
    let sign = if tenths < 0 { "-" } else { "" };
    Some(format!("{sign}{}.{}", tenths.abs() / 10, tenths.abs() % 10))
}

/// The whole number nearest to the quotient, the upper one of two that are as near.
#[must_use]
pub fn half_up(numerator: i128, denominator: i128) -> i128 {
    (numerator * 2 + denominator).div_euclid(denominator * 2)
}

/// Whether a figure meets a target, both as numerator and denominator: to the whole percent for 程度 ("about 5 %" is met by what rounds to
/// it), exactly else. None over zero.
#[must_use]
pub fn attained(figure: (i64, i64), target: (i64, i64), qualifier: Qualifier) -> Option<bool> {
    let (n, d) = (i128::from(figure.0), i128::from(figure.1));
    let (tn, td) = (i128::from(target.0), i128::from(target.1));
    (d > 0).then(|| match qualifier {
        Qualifier::About => half_up(n * 100, d) * td >= tn * 100,
        Qualifier::AtLeast | Qualifier::All => n * td >= tn * d,
    })
}

/// How many more people of the population would have met the target, max(0, ⌈target × denominator⌉ − numerator): arithmetic about the past,
/// and no instruction whom to hire. None over zero.
#[must_use]
pub fn gap_in_people(figure: (i64, i64), target: (i64, i64)) -> Option<i64> {
    if figure.1 <= 0 {
        return None;
    }
    let (tn, td) = (i128::from(target.0), i128::from(target.1));
    let needed = (tn * i128::from(figure.1) + td - 1).div_euclid(td);
    i64::try_from((needed - i128::from(figure.0)).max(0)).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn published_percentages_come_out_of_their_counts() {
        let percent = |n, d| quotient(n, d, true).unwrap();
        assert_eq!(percent(4, 7), "57.1");
        assert_eq!([5_534, 5_421, 4_922, 1_679].map(|n| percent(n, 5_992)), ["92.4", "90.5", "82.1", "28.0"]);
        assert_eq!(percent(46, 1_053), "4.4");
        assert_eq!([percent(2_017, 6_412), percent(3_117, 8_461)], ["31.5", "36.8"]);
        assert_eq!(quotient(149, 10, false).unwrap(), "14.9");
        assert_eq!(percent(1_052, 1_000), "105.2", "never cut to 100");
        assert_eq!(percent(1, 2_000), "0.1", "half up");
        assert_eq!(quotient(-1, 2_000, true).unwrap(), "0.0");
        assert_eq!(quotient(1, 0, true), None);
    }

    #[test]
    fn about_five_percent_is_met_by_what_rounds_to_it() {
        assert_eq!(attained((46, 1_000), (5, 100), Qualifier::About), Some(true));
        assert_eq!(attained((46, 1_000), (5, 100), Qualifier::AtLeast), Some(false));
        assert_eq!(attained((0, 0), (5, 100), Qualifier::About), None);
        assert_eq!(gap_in_people((2, 10), (30, 100)), Some(1));
        assert_eq!(gap_in_people((4, 7), (30, 100)), Some(0));
        assert_eq!(gap_in_people((0, 7), (30, 100)), Some(3), "2.1 people are 3");
    }
}
