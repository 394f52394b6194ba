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

/// How a figure has changed since another, each as numerator and denominator: the difference with one digit after the point, in points where it
/// is a percentage, and the growth rate (伸び率) in percent of the former. The rate is none over zero, both where a denominator is.
#[must_use]
pub fn growth(before: (i64, i64), now: (i64, i64), percent: bool) -> Option<(String, Option<String>)> {
    let [(n0, d0), (n1, d1)] = [before, now].map(|(n, d)| (i128::from(n), i128::from(d)));
    if d0 <= 0 || d1 <= 0 {
        return None;
    }
    let tenths = |tenths: i128| format!("{}{}.{}", if tenths < 0 { "-" } else { "" }, tenths.abs() / 10, tenths.abs() % 10);
    let difference = n1 * d0 - n0 * d1;
    let points = half_up(difference * if percent { 1_000 } else { 10 }, d0 * d1);
    let rate = (n0 > 0).then(|| tenths(half_up(difference * 1_000, n0 * d1)));
    Some((tenths(points), rate))
}

/// The whole number nearest to the quotient, the upper one of two that are as near.
#[must_use]
pub fn half_up(numerator: i128, denominator: i128) -> i128 {
    (numerator * 2 + denominator).div_euclid(denominator * 2)
}

/// What a figure is held against: a target's value, how it is meant, and the figure's unit and better way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aim {
    /// Numerator and denominator of the value: 30 and 100 for 30 %, 30 and 1 for 30 hours.
    pub value: (i64, i64),
    /// How the value is meant.
    pub qualifier: Qualifier,
    /// Which way of the figure is better.
    pub direction: Direction,
    /// The unit of figure and value.
    pub unit: IndicatorUnit,
}

impl Aim {
    /// Whether qualifier and direction contradict each other: at least so much of what should be little, at most so much of what should be
    /// much. Nothing is said to attain such a target, and none is recorded.
    #[must_use]
    pub const fn contradicts_itself(&self) -> bool {
        matches!(
            (self.qualifier, self.direction),
            (Qualifier::AtLeast | Qualifier::All, Direction::LowerIsBetter) | (Qualifier::AtMost, Direction::HigherIsBetter)
        )
    }

    /// Whether a figure, numerator and denominator, meets it: exactly for 以上, 以下 and 全員; for 程度 what rounds to the whole percent, hour or
    /// day of the value, or to a better one, does ("about 5 %" is met by 4.5 %). None over zero, and where it contradicts itself.
    #[must_use]
    pub fn attained(&self, figure: (i64, i64)) -> Option<bool> {
        let (n, d) = (i128::from(figure.0), i128::from(figure.1));
        let (tn, td) = (i128::from(self.value.0), i128::from(self.value.1));
        if d <= 0 || td <= 0 || self.contradicts_itself() {
            return None;
        }
        let whole = if self.unit == IndicatorUnit::Percent { 100 } else { 1 };
        let (rounded, value) = (half_up(n * whole, d) * td, tn * whole);
        Some(match (self.qualifier, self.direction) {
            (Qualifier::AtLeast | Qualifier::All, _) => n * td >= tn * d,
            (Qualifier::AtMost, _) => n * td <= tn * d,
            (Qualifier::About, Direction::HigherIsBetter) => rounded >= value,
            (Qualifier::About, Direction::LowerIsBetter) => rounded <= value,
            (Qualifier::About, Direction::Neutral) => rounded == half_up(value, td) * td,
        })
    }

    /// How many more people of the population would have met it, max(0, ⌈target × denominator⌉ − numerator), or, where less is better, how
    /// many fewer, max(0, numerator − ⌊target × denominator⌋): arithmetic about the past, and no instruction whom to hire. None over zero,
    /// of what is no share of people, and where neither way is asked for.
    #[must_use]
    pub fn gap_in_people(&self, figure: (i64, i64)) -> Option<i64> {
        if figure.1 <= 0 || self.value.1 <= 0 || self.unit != IndicatorUnit::Percent || self.contradicts_itself() {
            return None;
        }
        let (tn, td) = (i128::from(self.value.0), i128::from(self.value.1));
        let (n, people) = (i128::from(figure.0), tn * i128::from(figure.1));
        let gap = match (self.qualifier, self.direction) {
            (Qualifier::AtMost, _) | (Qualifier::About, Direction::LowerIsBetter) => n - people.div_euclid(td),
            (Qualifier::AtLeast | Qualifier::All, _) | (Qualifier::About, Direction::HigherIsBetter) => {
                (people + td - 1).div_euclid(td) - n
            }
            (Qualifier::About, Direction::Neutral) => return None,
        };
        i64::try_from(gap.max(0)).ok()
    }
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
    fn growth_is_of_the_former_figure() {
        let grown = |before, now| growth(before, now, true).unwrap();
        let told = |points: &str, rate: &str| (points.to_owned(), Some(rate.to_owned()));
        assert_eq!(grown((40, 1_000), (44, 1_000)), told("0.4", "10.0"), "4.0 % to 4.4 %");
        assert_eq!(grown((10, 100), (20, 400)), told("-5.0", "-50.0"));
        assert_eq!(grown((0, 10), (1, 10)), ("10.0".to_owned(), None), "from nothing there is no rate");
        assert_eq!(growth((149, 10), (134, 10), false).unwrap(), told("-1.5", "-10.1"));
        assert_eq!(growth((0, 0), (1, 10), true), None);
    }

    fn aim(numerator: i64, qualifier: Qualifier, direction: Direction) -> Aim {
        Aim { value: (numerator, 100), qualifier, direction, unit: IndicatorUnit::Percent }
    }

    #[test]
    fn about_five_percent_is_met_by_what_rounds_to_it() {
        let up = Direction::HigherIsBetter;
        assert_eq!(aim(5, Qualifier::About, up).attained((46, 1_000)), Some(true));
        assert_eq!(aim(5, Qualifier::About, up).attained((44, 1_000)), Some(false));
        assert_eq!(aim(5, Qualifier::AtLeast, up).attained((46, 1_000)), Some(false));
        assert_eq!(aim(5, Qualifier::About, up).attained((0, 0)), None);
        let thirty = aim(30, Qualifier::AtLeast, up);
        assert_eq!(thirty.gap_in_people((2, 10)), Some(1));
        assert_eq!(thirty.gap_in_people((4, 7)), Some(0));
        assert_eq!(thirty.gap_in_people((0, 7)), Some(3), "2.1 people are 3");
    }

    #[test]
    fn at_most_is_met_from_below() {
        let down = Direction::LowerIsBetter;
        let five = aim(5, Qualifier::AtMost, down);
        assert_eq!([50, 51, 0].map(|n| five.attained((n, 1_000))), [Some(true), Some(false), Some(true)]);
        assert_eq!([50, 51, 60].map(|n| five.gap_in_people((n, 1_000))), [Some(0), Some(1), Some(10)]);
        assert_eq!(five.gap_in_people((1, 10)), Some(1), "half a person is none");
        assert_eq!(five.attained((0, 0)), None);
        let about = aim(5, Qualifier::About, down);
        assert_eq!([54, 55, 10].map(|n| about.attained((n, 1_000))), [Some(true), Some(false), Some(true)]);
        // Thirty hours a month, in minutes over persons of 60 minutes each: 22.4 hours meet it, 30.1 do not.
        let hours = |qualifier| Aim { value: (30, 1), qualifier, direction: down, unit: IndicatorUnit::Hours };
        assert_eq!([224, 300, 301].map(|n| hours(Qualifier::AtMost).attained((n, 10))), [Some(true), Some(true), Some(false)]);
        assert_eq!([304, 305].map(|n| hours(Qualifier::About).attained((n, 10))), [Some(true), Some(false)], "to the whole hour");
        assert_eq!(hours(Qualifier::AtMost).gap_in_people((301, 10)), None, "hours are no people");
    }

    #[test]
    fn what_contradicts_itself_is_neither_met_nor_missed() {
        for (qualifier, direction) in [
            (Qualifier::AtLeast, Direction::LowerIsBetter),
            (Qualifier::All, Direction::LowerIsBetter),
            (Qualifier::AtMost, Direction::HigherIsBetter),
        ] {
            let aim = aim(30, qualifier, direction);
            assert!(aim.contradicts_itself());
            assert_eq!((aim.attained((22, 100)), aim.gap_in_people((22, 100))), (None, None), "{qualifier:?} {direction:?}");
        }
        for qualifier in [Qualifier::AtLeast, Qualifier::AtMost, Qualifier::About, Qualifier::All] {
            assert!(!aim(30, qualifier, Direction::Neutral).contradicts_itself());
        }
        let neutral = aim(30, Qualifier::About, Direction::Neutral);
        assert_eq!([295, 304, 305, 294].map(|n| neutral.attained((n, 1_000))), [Some(true), Some(true), Some(false), Some(false)]);
    }
}
