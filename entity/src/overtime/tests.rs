#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;
use chrono::DateTime;
use proptest::prelude::*;

fn rule() -> Rule {
    let [_, since] = Rule::shipped(DateTime::UNIX_EPOCH);
    since
}

/// Somebody who worked `minutes` in this month and nothing before, known since long.
fn person(regime: Regime, minutes: i32) -> PersonMonth {
    PersonMonth {
        minutes,
        regime: Some(regime),
        confirmed_minutes: 0,
        bureau_confirms: false,
        year_minutes: minutes,
        year_months: 1,
        months_left: 0,
        long_months: i32::from(minutes > 2_700),
        was_driven: false,
        windows: [minutes; LONGEST_WINDOW],
        counted_months: 60,
        exceptional: false,
        peers: None,
        own: None,
    }
}

fn spread(values: &[i32]) -> Spread {
    let median = |mut values: Vec<i64>| {
        values.sort_unstable();
        values[(values.len() - 1) / 2] + values[values.len() / 2]
    };
    let median_doubled = median(values.iter().map(|&value| i64::from(value)).collect());
    let deviations: Vec<_> = values.iter().map(|&value| (i64::from(value) * 2 - median_doubled).abs()).collect();
    Spread {
        count: i32::try_from(values.len()).unwrap(),
        median_doubled: i32::try_from(median_doubled).unwrap(),
        deviation_quadrupled: median(deviations.clone()),
        deviations_doubled: deviations.iter().sum(),
    }
}

fn found(person: &PersonMonth) -> Vec<(OutlierKind, OutlierCategory)> {
    judge(&rule(), person).iter().map(|finding| (finding.kind, finding.category)).collect()
}

fn finding(person: &PersonMonth, kind: OutlierKind) -> Option<Finding> {
    judge(&rule(), person).into_iter().find(|finding| finding.kind == kind)
}

#[test]
fn below_a_hundred_hours_is_not_a_hundred() {
    let month = |minutes| finding(&person(Regime::ExternallyDriven, minutes), OutlierKind::MonthCap);
    assert_eq!(month(99 * 60 + 59), None);
    assert_eq!(month(100 * 60).unwrap().category, OutlierCategory::Breach);
    assert_eq!(month(100 * 60).unwrap().limit_minutes, Some(6_000));
    assert!(finding(&person(Regime::SelfPaced, 99 * 60 + 59), OutlierKind::Interview).is_none());
    assert!(finding(&person(Regime::SelfPaced, 100 * 60), OutlierKind::Interview).is_some());
}

#[test]
fn forty_five_hours_are_not_above_forty_five() {
    let month = |minutes| finding(&person(Regime::SelfPaced, minutes), OutlierKind::MonthCap);
    assert_eq!(month(45 * 60), None);
    assert_eq!(month(45 * 60 + 1).unwrap().severity, Severity::Serious);
    assert_eq!(month(100 * 60).unwrap().severity, Severity::Critical);
}

#[test]
fn a_unit_without_designation_is_self_paced() {
    let someone = PersonMonth { regime: None, ..person(Regime::SelfPaced, 50 * 60) };
    assert_eq!(found(&someone), [(OutlierKind::MonthCap, OutlierCategory::Breach)]);
}

#[test]
fn eighty_eighty_and_eighty_one_hours_are_above_in_their_last_two() {
    let hours = |hours: [i32; 6]| hours.map(|hours| hours * 60);
    let driven = PersonMonth { windows: hours([81, 161, 241, 241, 241, 241]), ..person(Regime::ExternallyDriven, 81 * 60) };
    let mean = finding(&driven, OutlierKind::MeanCap).unwrap();
    assert_eq!((mean.months, mean.total_minutes, mean.limit_minutes), (Some(2), Some(161 * 60), Some(80 * 60)));
    assert!(finding(&driven, OutlierKind::Interview).is_some());
    let exactly = PersonMonth { windows: hours([80, 160, 240, 320, 400, 480]), ..person(Regime::ExternallyDriven, 80 * 60) };
    assert_eq!(finding(&exactly, OutlierKind::MeanCap), None);
    let self_paced = PersonMonth { regime: Some(Regime::SelfPaced), ..driven };
    assert_eq!(finding(&self_paced, OutlierKind::MeanCap), None, "the mean binds externally driven work");
    assert!(finding(&self_paced, OutlierKind::Interview).is_some(), "the doctor is for everybody");
}

#[test]
fn no_window_reaches_before_the_rule() {
    let first = PersonMonth { counted_months: 1, ..person(Regime::ExternallyDriven, 99 * 60) };
    assert_eq!(finding(&first, OutlierKind::MeanCap), None);
    let windows = [95 * 60, 170 * 60, 600 * 60, 600 * 60, 600 * 60, 600 * 60];
    let second = PersonMonth { counted_months: 2, windows, ..person(Regime::ExternallyDriven, 95 * 60) };
    assert_eq!(finding(&second, OutlierKind::MeanCap).unwrap().months, Some(2));
}

#[test]
fn the_seventh_long_month_is_one_too_many() {
    let long =
        |long_months, minutes| finding(&PersonMonth { long_months, ..person(Regime::ExternallyDriven, minutes) }, OutlierKind::LongMonths);
    assert_eq!(long(6, 46 * 60), None);
    let seventh = long(7, 46 * 60).unwrap();
    assert_eq!((seventh.months, seventh.limit_months), (Some(7), Some(6)));
    assert_eq!(long(7, 45 * 60), None, "a month that is not long adds none");
}

#[test]
fn who_moved_to_self_paced_work_has_the_other_cap_of_the_year() {
    let year = |was_driven, year_minutes| {
        finding(&PersonMonth { year_minutes, was_driven, ..person(Regime::SelfPaced, 600) }, OutlierKind::YearCap)
    };
    assert_eq!(year(false, 360 * 60), None);
    assert_eq!(year(false, 360 * 60 + 1).unwrap().limit_minutes, Some(360 * 60));
    assert_eq!(year(true, 720 * 60), None);
    assert_eq!(year(true, 720 * 60 + 1).unwrap().limit_minutes, Some(720 * 60));
    // The month's cap is that of the month's regime.
    let moved = PersonMonth { was_driven: true, ..person(Regime::SelfPaced, 46 * 60) };
    assert_eq!(finding(&moved, OutlierKind::MonthCap).unwrap().limit_minutes, Some(45 * 60));
}

#[test]
fn exceptional_work_is_no_breach_and_still_needs_the_doctor() {
    let exceptional = PersonMonth { exceptional: true, ..person(Regime::ExternallyDriven, 120 * 60) };
    let found = found(&exceptional);
    assert!(found.contains(&(OutlierKind::MonthCap, OutlierCategory::AboveCapExceptional)));
    assert!(found.contains(&(OutlierKind::Interview, OutlierCategory::Duty)));
    assert!(found.iter().all(|(_, category)| *category != OutlierCategory::Breach));
}

#[test]
fn before_the_caps_nothing_is_a_breach() {
    let [before, _] = Rule::shipped(DateTime::UNIX_EPOCH);
    for regime in [Regime::SelfPaced, Regime::ExternallyDriven] {
        let someone = PersonMonth { year_minutes: 100_000, long_months: 12, counted_months: 0, ..person(regime, 20_000) };
        assert_eq!(judge(&before, &someone), []);
    }
}

#[test]
fn the_score_falls_back_where_most_values_are_alike() {
    // More than half are 0: the median deviation is 0, the mean one is not.
    let mut values = vec![0; 15];
    values.extend([60, 120, 2_400]);
    let spread_of_many = spread(&values);
    assert_eq!(spread_of_many.deviation_quadrupled, 0);
    assert_eq!(lies_above(&rule(), 2_400, &spread_of_many), Some(ScoreMethod::MeanDeviation));
    // Nobody differs: no scale, no flag.
    assert_eq!(lies_above(&rule(), 2_400, &spread(&[600; 12])), None);
    let usual = spread(&[600, 660, 720, 780, 840, 900, 960, 1_020, 1_080, 1_140, 3_600]);
    assert_eq!(lies_above(&rule(), 3_600, &usual), Some(ScoreMethod::MedianDeviation));
    assert_eq!(lies_above(&rule(), 1_140, &usual), None);
}

#[test]
fn a_statistical_flag_needs_thirty_hours_and_ten_above_the_median() {
    let low = spread(&[0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
    assert_eq!(lies_above(&rule(), 30 * 60 - 1, &low), None);
    assert_eq!(lies_above(&rule(), 30 * 60, &low), Some(ScoreMethod::MedianDeviation));
    let high = spread(&[3_000, 3_001, 3_002, 3_003, 3_004, 3_005, 3_006, 3_007, 3_008, 3_009]);
    assert_eq!(high.median_doubled, 6_009);
    assert_eq!(lies_above(&rule(), 3_604, &high), None, "half a minute short of ten hours above");
    assert_eq!(lies_above(&rule(), 3_605, &high), Some(ScoreMethod::MedianDeviation));
}

#[test]
fn own_months_are_compared_with_once_there_are_enough() {
    let own = |months: &[i32]| {
        finding(&PersonMonth { own: Some(spread(months)), ..person(Regime::SelfPaced, 2_600) }, OutlierKind::AboveOwnMonths)
    };
    assert_eq!(own(&[300, 320, 310, 330, 290]), None);
    let (level, method, _) = own(&[300, 320, 310, 330, 290, 305]).unwrap().comparison.unwrap();
    assert_eq!((level, method), (PeerLevel::Own, ScoreMethod::MedianDeviation));
}

#[test]
fn unconfirmed_overtime_is_told_where_confirmations_are_kept() {
    let someone = PersonMonth { bureau_confirms: true, ..person(Regime::SelfPaced, 1_800) };
    assert_eq!(found(&someone), [(OutlierKind::Unconfirmed, OutlierCategory::Warning)]);
    assert_eq!(found(&PersonMonth { confirmed_minutes: 1, ..someone }), []);
    assert_eq!(found(&PersonMonth { bureau_confirms: false, ..someone }), []);
}

#[test]
fn the_pace_says_when_the_cap_is_reached() {
    // April to July, 40 h each: 160 of 360 h; after nine months it is 360, above it in the tenth, January.
    let pace = |year_months, months_left, year_minutes| {
        let someone = PersonMonth { year_minutes, year_months, months_left, ..person(Regime::SelfPaced, 40 * 60) };
        finding(&someone, OutlierKind::Pace).and_then(|finding| finding.months)
    };
    assert_eq!(pace(4, 8, 160 * 60), Some(6));
    assert_eq!(pace(2, 10, 80 * 60), None, "two months are no pace");
    assert_eq!(pace(4, 8, 120 * 60), None, "30 h a month are 360 h a year, which is not above");
    assert_eq!(pace(4, 8, 120 * 60 + 1), Some(8));
    assert_eq!(pace(10, 2, 361 * 60), None, "it is above already");
}

fn any_person() -> impl Strategy<Value = PersonMonth> {
    let regime = prop::sample::select(vec![None, Some(Regime::SelfPaced), Some(Regime::ExternallyDriven)]);
    let months = prop::collection::vec(0..9_000_i32, 12);
    (regime, months, 1..=12_usize, any::<bool>(), any::<bool>()).prop_map(|(regime, months, known, was_driven, exceptional)| {
        let minutes = months[0];
        let mut windows = [0; LONGEST_WINDOW];
        for (index, window) in windows.iter_mut().enumerate() {
            *window = months[..=index].iter().sum();
        }
        PersonMonth {
            regime,
            was_driven,
            exceptional,
            year_minutes: months[..known].iter().sum(),
            year_months: i32::try_from(known).unwrap(),
            months_left: 12 - i32::try_from(known).unwrap(),
            long_months: i32::try_from(months[..known].iter().filter(|&&minutes| minutes > 2_700).count()).unwrap(),
            windows,
            counted_months: i32::try_from(known).unwrap(),
            ..person(Regime::SelfPaced, minutes)
        }
    })
}

proptest! {
    /// Each kind comes once at most, exceptional work is never a breach, and nothing is found in a month without overtime.
    #[test]
    fn findings_are_sound(someone in any_person()) {
        let found = judge(&rule(), &someone);
        let kinds: std::collections::BTreeSet<_> = found.iter().map(|finding| finding.kind).collect();
        prop_assert_eq!(kinds.len(), found.len());
        prop_assert!(someone.minutes > 0 || found.is_empty());
        prop_assert!(!someone.exceptional || found.iter().all(|finding| finding.category != OutlierCategory::Breach));
        for finding in &found {
            if let (Some(total), Some(months), Some(limit), OutlierKind::MeanCap) = (finding.total_minutes, finding.months, finding.limit_minutes, finding.kind) {
                prop_assert!((2..=6).contains(&months) && months <= someone.counted_months);
                prop_assert!(total > limit * months);
            }
        }
    }

    /// More overtime never takes a breach away.
    #[test]
    fn more_is_never_less(someone in any_person(), more in 0..3_000_i32) {
        let mut harder = someone;
        harder.minutes += more;
        harder.year_minutes += more;
        harder.long_months += i32::from(someone.minutes <= 2_700 && harder.minutes > 2_700);
        for window in &mut harder.windows {
            *window += more;
        }
        let breaches = |person: &PersonMonth| -> Vec<_> {
            judge(&rule(), person).iter().filter(|finding| finding.category == OutlierCategory::Breach).map(|finding| finding.kind).collect()
        };
        let after = breaches(&harder);
        prop_assert!(breaches(&someone).iter().all(|kind| after.contains(kind)));
    }

    /// The exact comparison agrees with floating point wherever that is not on the line itself.
    #[test]
    fn the_score_is_that_of_the_book(values in prop::collection::vec(0..6_000_i32, 3..40), minutes in 1_800..9_000_i32) {
        let lies = spread(&values);
        let median = f64::from(lies.median_doubled) / 2.0;
        let (excess, floor) = (f64::from(minutes) - median, f64::from(rule().floor_above_median_minutes));
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let (mad, mean) = (lies.deviation_quadrupled as f64 / 4.0, lies.deviations_doubled as f64 / 2.0 / f64::from(lies.count));
        let score = if mad > 0.0 { 0.6745 * excess / mad } else if mean > 0.0 { excess / (1.253_314 * mean) } else { 0.0 };
        prop_assume!((score - 3.5).abs() > 1e-9);
        prop_assert_eq!(lies_above(&rule(), minutes, &lies).is_some(), score > 3.5 && excess >= floor);
    }
}
