//! A person's month and the twelve before it, and what of them a set of rules counts; pure.

use entity::{
    overtime::{LONGEST_WINDOW, Peers, PersonMonth, Spread},
    overtime_outlier::PeerLevel,
    overtime_rule::Model as Rule,
    period::YearMonth,
    work_regime::Regime,
};

/// The month and the twelve before it: no sum, mean or comparison reaches further back.
pub(super) const MONTHS: usize = 13;

/// What is known of a person's months, the judged one first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct History {
    /// Overtime minutes; `None` where nothing is known of the person.
    pub minutes: [Option<i32>; MONTHS],
    /// A bit for each month, of 2 to the power of its place, in which the person was subject to overtime and not on leave all month.
    pub compared: i64,
    /// A bit for each month of externally driven work.
    pub driven: i64,
}

/// How a month lies in what is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Months from the first one that counts in sums and means, this one included.
    counted: i32,
    /// Of them, those of the year of the caps.
    in_year: usize,
    /// Months of that year after this one.
    left: i32,
}

impl Place {
    pub(super) fn new(rule: &Rule, month: YearMonth) -> Self {
        let number = |month: YearMonth| month.year() * 12 + month.month().cast_signed();
        let counted = (number(month) - number(rule.counted_from) + 1).max(0);
        let before = (month.month().cast_signed() - rule.first_month).rem_euclid(12);
        Self { counted, in_year: usize::try_from(counted.min(before + 1)).unwrap_or_default(), left: 11 - before }
    }
}

impl History {
    fn has(bits: i64, place: usize) -> bool {
        bits & (1 << place) != 0
    }

    /// The person's own earlier months that may be compared with.
    fn own(&self) -> Option<Spread> {
        let months = self.minutes.iter().enumerate().skip(1);
        let mut values: Vec<_> = months.filter(|(place, _)| Self::has(self.compared, *place)).filter_map(|(_, minutes)| *minutes).collect();
        spread(&mut values)
    }

    /// Whether the person is compared in the judged month itself.
    pub(super) fn is_compared(&self) -> bool {
        Self::has(self.compared, 0)
    }
}

/// What of a person's month is not history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Circumstances {
    pub regime: Option<Regime>,
    pub confirmed_minutes: i32,
    pub bureau_confirms: bool,
    pub exceptional: bool,
    pub peers: Option<Peers>,
}

/// The month as it is judged.
pub(super) fn person_month(rule: &Rule, place: Place, history: &History, now: Circumstances) -> PersonMonth {
    let year = history.minutes.get(..place.in_year).unwrap_or(&history.minutes);
    let known = || year.iter().flatten().copied();
    let count = |months: usize| i32::try_from(months).unwrap_or_default();
    let mut windows = [0; LONGEST_WINDOW];
    let mut sum = 0;
    for (window, minutes) in windows.iter_mut().zip(history.minutes) {
        sum += minutes.unwrap_or_default();
        *window = sum;
    }
    PersonMonth {
        minutes: history.minutes[0].unwrap_or_default(),
        regime: now.regime,
        confirmed_minutes: now.confirmed_minutes,
        bureau_confirms: now.bureau_confirms,
        year_minutes: known().sum(),
        year_months: count(known().count()),
        months_left: place.left,
        long_months: count(known().filter(|minutes| *minutes > rule.long_month_minutes).count()),
        was_driven: (1..place.in_year).any(|place| History::has(history.driven, place)),
        windows,
        counted_months: place.counted,
        exceptional: now.exceptional,
        peers: now.peers.filter(|_| history.is_compared()),
        own: history.own(),
    }
}

/// Under so many people, oneself among them, a median tells who sees it of the others.
const LEAST_PEERS: i32 = 5;

/// The bureau's peers where there are enough, else the office's; nobody is compared with fewer than four others.
pub(super) fn peers(rule: &Rule, bureau: Option<Spread>, office: Option<Spread>) -> Option<Peers> {
    let enough = bureau.filter(|spread| spread.count >= rule.least_peers);
    let level = if enough.is_some() { PeerLevel::Bureau } else { PeerLevel::Office };
    enough.or(office).filter(|spread| spread.count >= LEAST_PEERS).map(|spread| Peers { level, spread })
}

/// Median and deviations of a few values; `None` where there are none.
fn spread(values: &mut [i32]) -> Option<Spread> {
    let median_doubled = middles(values)?;
    let mut deviations: Vec<_> = values.iter().map(|&value| (i64::from(value) * 2 - median_doubled).abs()).collect();
    Some(Spread {
        count: i32::try_from(values.len()).ok()?,
        median_doubled: i32::try_from(median_doubled).ok()?,
        deviation_quadrupled: middles(&mut deviations)?,
        deviations_doubled: deviations.iter().sum(),
    })
}

/// The sum of the two middle values, or twice the one.
fn middles<T: Ord + Copy + Into<i64>>(values: &mut [T]) -> Option<i64> {
    values.sort_unstable();
    let (low, high) = (values.len().checked_sub(1)? / 2, values.len() / 2);
    Some(values.get(low).copied()?.into() + values.get(high).copied()?.into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;
    use chrono::DateTime;

    fn caps() -> Rule {
        let [_, caps] = Rule::shipped(DateTime::UNIX_EPOCH);
        caps
    }

    fn place(month: &str) -> (i32, usize, i32) {
        let Place { counted, in_year, left } = Place::new(&caps(), month.parse().unwrap());
        (counted, in_year, left)
    }

    #[test]
    fn a_year_of_the_caps_begins_in_april_and_not_before_the_caps() {
        assert_eq!(place("2019-03"), (0, 0, 0));
        assert_eq!(place("2019-04"), (1, 1, 11));
        assert_eq!(place("2020-03"), (12, 12, 0));
        assert_eq!(place("2020-04"), (13, 1, 11));
        let calendar = Rule { first_month: 1, ..caps() };
        assert_eq!(Place::new(&calendar, "2019-06".parse().unwrap()), Place { counted: 3, in_year: 3, left: 6 });
    }

    fn judged(month: &str, minutes: &[Option<i32>], driven: i64) -> PersonMonth {
        let mut all = [None; MONTHS];
        all[..minutes.len()].copy_from_slice(minutes);
        let history = History { minutes: all, compared: 0b1_1111_1111_1111, driven };
        let now = Circumstances { regime: None, confirmed_minutes: 0, bureau_confirms: false, exceptional: false, peers: None };
        person_month(&caps(), Place::new(&caps(), month.parse().unwrap()), &history, now)
    }

    #[test]
    fn sums_take_the_months_of_the_year_and_windows_those_before_too() {
        let minutes = [Some(100), None, Some(3_000), Some(2_700), Some(4_000)];
        let june = judged("2020-06", &minutes, 0b1_1000);
        assert_eq!((june.minutes, june.year_minutes, june.year_months, june.long_months, june.months_left), (100, 3_100, 2, 1, 9));
        assert_eq!(june.windows, [100, 100, 3_100, 5_800, 9_800, 9_800]);
        assert!(!june.was_driven, "March is of the year before");
        assert!(judged("2020-06", &minutes, 0b100).was_driven);
        assert!(!judged("2020-06", &minutes, 0b1).was_driven, "the month itself is no earlier one");
        assert_eq!(judged("2019-03", &minutes, 0).year_minutes, 0);
    }

    #[test]
    fn own_months_are_those_before_in_which_the_person_is_compared() {
        let own = judged("2020-06", &[Some(9_000), Some(10), None, Some(40), Some(20)], 0).own.unwrap();
        let expected = Spread { count: 3, median_doubled: 40, deviation_quadrupled: 40, deviations_doubled: 60 };
        assert_eq!(own, expected, "20 is the middle one; deviations are 10, 20 and 0");
        assert_eq!(judged("2020-06", &[Some(9_000)], 0).own, None);
        assert_eq!(spread(&mut [1, 2]).unwrap().median_doubled, 3);
    }

    #[test]
    fn few_peers_are_widened_to_the_office() {
        let of = |count| Some(Spread { count, median_doubled: 0, deviation_quadrupled: 0, deviations_doubled: 0 });
        let level = |bureau, office| peers(&caps(), bureau, office).map(|peers| (peers.level, peers.spread.count));
        assert_eq!(level(of(10), of(50)), Some((PeerLevel::Bureau, 10)));
        assert_eq!(level(of(9), of(50)), Some((PeerLevel::Office, 50)));
        assert_eq!(level(None, of(50)), Some((PeerLevel::Office, 50)));
        assert_eq!(level(of(1), of(1)), None);
    }
}
