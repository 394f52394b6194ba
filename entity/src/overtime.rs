//! What a set of rules makes of one person's month: cap breaches, duties, warnings, and statistical flags. Pure, and exact: integers only.
//!
//! Caps: 人事院規則15-14 第16条の2の2 (since 2019-04-01). Hours follow the person across bureaus and regimes, so that sums, means and long
//! months take every month of the person; the regime of the judged month alone decides which caps bind it. Scores: Iglewicz and Hoaglin
//! (1993), upper side only. A month without overtime is never flagged. Deliberately absent: loading, medians and storage, which are the job's.

use crate::{
    overtime_outlier::{OutlierCategory, OutlierKind, PeerLevel, ScoreMethod, Severity},
    overtime_rule::Model as Rule,
    work_regime::Regime,
};

/// The shortest window of a mean, in months.
const SHORTEST_WINDOW: i32 = 2;
/// The longest window of a mean, in months.
pub const LONGEST_WINDOW: usize = 6;
/// 0.6745 and 1.253314, of the two scores, times a million.
const MEDIAN_FACTOR: i128 = 674_500;
const MEAN_FACTOR: i128 = 1_253_314;

/// The median of some values and how they lie about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spread {
    /// How many values.
    pub count: i32,
    /// Twice their median.
    pub median_doubled: i32,
    /// Four times the median of their absolute deviations from it.
    pub deviation_quadrupled: i64,
    /// Twice the sum of their absolute deviations from it.
    pub deviations_doubled: i64,
}

/// Whom a person is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peers {
    /// Bureau or office.
    pub level: PeerLevel,
    /// Their minutes in the month.
    pub spread: Spread,
}

/// One person's month and what it is judged by; minutes are overtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonMonth {
    /// The month's minutes.
    pub minutes: i32,
    /// The designation of the unit, if it has one.
    pub regime: Option<Regime>,
    /// Minutes of the month that were confirmed beforehand.
    pub confirmed_minutes: i32,
    /// Whether anything was confirmed beforehand in the bureau's month: else it keeps no confirmations here.
    pub bureau_confirms: bool,
    /// Minutes of the year of the caps up to and with the month.
    pub year_minutes: i32,
    /// How many of its months are known of the person.
    pub year_months: i32,
    /// How many months of it are left after this one.
    pub months_left: i32,
    /// Long months in it, up to and with the month.
    pub long_months: i32,
    /// Whether an earlier month of it was externally driven.
    pub was_driven: bool,
    /// Minutes of the last 1, 2 … 6 months, this one included.
    pub windows: [i32; LONGEST_WINDOW],
    /// How many months count at all, up to and with this one: no window reaches further back.
    pub counted_months: i32,
    /// Whether the month is one of exceptional work.
    pub exceptional: bool,
    /// The peers; `None` for who is on leave all month, or alone.
    pub peers: Option<Peers>,
    /// The person's own earlier months.
    pub own: Option<Spread>,
}

/// What was found: the columns of a flag that depend on the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// What it is about.
    pub kind: OutlierKind,
    /// How it is to be taken.
    pub category: OutlierCategory,
    /// How much it weighs.
    pub severity: Severity,
    /// The sum compared with the cap.
    pub total_minutes: Option<i32>,
    /// Over so many months, or so many long months; for a warning of pace, months until the cap.
    pub months: Option<i32>,
    /// The cap in minutes.
    pub limit_minutes: Option<i32>,
    /// The cap in long months.
    pub limit_months: Option<i32>,
    /// With whom a statistical flag compares, how many values, and how they lie.
    pub comparison: Option<(PeerLevel, ScoreMethod, Spread)>,
}

impl Finding {
    const fn new(kind: OutlierKind, category: OutlierCategory, severity: Severity) -> Self {
        Self { kind, category, severity, total_minutes: None, months: None, limit_minutes: None, limit_months: None, comparison: None }
    }
}

/// How a cap is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// At most (以下): passed by what is above it.
    AtMost,
    /// Under (未満): reached by what is equal to it.
    Under,
}

impl Bound {
    /// How the month's cap of a regime is meant; every other cap is at most.
    #[must_use]
    pub const fn of_month(regime: Regime) -> Self {
        match regime {
            Regime::SelfPaced => Self::AtMost,
            Regime::ExternallyDriven => Self::Under,
        }
    }

    /// Whether so many minutes are not within the cap.
    #[must_use]
    pub const fn is_broken(self, minutes: i32, limit: i32) -> bool {
        match self {
            Self::AtMost => minutes > limit,
            Self::Under => minutes >= limit,
        }
    }
}

/// The regime that the person's month is judged by.
#[must_use]
pub fn regime(rule: &Rule, person: &PersonMonth) -> Regime {
    person.regime.unwrap_or(rule.default_regime)
}

/// All that is found, at most one of each kind.
#[must_use]
pub fn judge(rule: &Rule, person: &PersonMonth) -> Vec<Finding> {
    if person.minutes <= 0 {
        return Vec::new();
    }
    let found = [
        month_cap(rule, person),
        year_cap(rule, person),
        mean_cap(rule, person),
        long_months(rule, person),
        interview(rule, person),
        above_peers(rule, person),
        above_own_months(rule, person),
        unconfirmed(rule, person),
        pace(rule, person),
    ];
    found.into_iter().flatten().collect()
}

/// A cap that was exceeded: a breach, or exceptional work above it.
fn above(kind: OutlierKind, person: &PersonMonth, severity: Severity) -> Finding {
    if person.exceptional {
        Finding::new(kind, OutlierCategory::AboveCapExceptional, Severity::Serious)
    } else {
        Finding::new(kind, OutlierCategory::Breach, severity)
    }
}

/// 自律: at most the cap. 他律: below it.
fn month_cap(rule: &Rule, person: &PersonMonth) -> Option<Finding> {
    let regime = regime(rule, person);
    let limit = match regime {
        Regime::SelfPaced => rule.self_paced_month_minutes,
        Regime::ExternallyDriven => rule.driven_month_minutes,
    }?;
    let exceeded = Bound::of_month(regime).is_broken(person.minutes, limit);
    let grave = rule.driven_month_minutes.is_some_and(|limit| Bound::Under.is_broken(person.minutes, limit));
    let severity = if grave { Severity::Critical } else { Severity::Serious };
    exceeded.then(|| Finding { limit_minutes: Some(limit), ..above(OutlierKind::MonthCap, person, severity) })
}

/// The year's cap: that of externally driven work also for who did such work earlier in the year.
fn year_limit(rule: &Rule, person: &PersonMonth) -> Option<i32> {
    match regime(rule, person) {
        Regime::SelfPaced if !person.was_driven => rule.self_paced_year_minutes,
        Regime::SelfPaced | Regime::ExternallyDriven => rule.driven_year_minutes,
    }
}

/// Every month of overtime that lies beyond the year's cap is one: it was ordered although the cap was reached.
fn year_cap(rule: &Rule, person: &PersonMonth) -> Option<Finding> {
    let limit = year_limit(rule, person).filter(|limit| person.year_minutes > *limit)?;
    let finding = above(OutlierKind::YearCap, person, Severity::Critical);
    Some(Finding { limit_minutes: Some(limit), total_minutes: Some(person.year_minutes), months: Some(person.year_months), ..finding })
}

/// The window with the highest mean above the limit: its length and its sum. Of equal ones the shortest.
fn worst_window(rule: &Rule, person: &PersonMonth, limit: i32) -> Option<(i32, i32)> {
    let longest = rule.mean_months.min(person.counted_months);
    let windows = (SHORTEST_WINDOW..=longest).filter_map(|months| Some((months, *person.windows.get(usize::try_from(months).ok()? - 1)?)));
    let above = windows.filter(|&(months, sum)| i64::from(sum) > i64::from(limit) * i64::from(months));
    above.reduce(|best, next| if i64::from(next.1) * i64::from(best.0) > i64::from(best.1) * i64::from(next.0) { next } else { best })
}

fn mean_cap(rule: &Rule, person: &PersonMonth) -> Option<Finding> {
    let limit = rule.driven_mean_minutes.filter(|_| regime(rule, person) == Regime::ExternallyDriven)?;
    let (months, sum) = worst_window(rule, person, limit)?;
    let finding = above(OutlierKind::MeanCap, person, Severity::Critical);
    Some(Finding { limit_minutes: Some(limit), total_minutes: Some(sum), months: Some(months), ..finding })
}

/// The first long month beyond what the year allows, and each after it.
fn long_months(rule: &Rule, person: &PersonMonth) -> Option<Finding> {
    let limit = rule.driven_long_months.filter(|_| regime(rule, person) == Regime::ExternallyDriven)?;
    let long = person.minutes > rule.long_month_minutes && person.long_months > limit;
    let finding = || above(OutlierKind::LongMonths, person, Severity::Serious);
    long.then(|| Finding {
        months: Some(person.long_months),
        limit_months: Some(limit),
        limit_minutes: Some(rule.long_month_minutes),
        ..finding()
    })
}

/// From the month's limit on, or above the mean's; whatever the regime, exceptional work included.
fn interview(rule: &Rule, person: &PersonMonth) -> Option<Finding> {
    let finding = Finding::new(OutlierKind::Interview, OutlierCategory::Duty, Severity::Critical);
    if let Some(limit) = rule.interview_month_minutes.filter(|limit| person.minutes >= *limit) {
        return Some(Finding { limit_minutes: Some(limit), ..finding });
    }
    let limit = rule.interview_mean_minutes?;
    let (months, sum) = worst_window(rule, person, limit)?;
    Some(Finding { limit_minutes: Some(limit), total_minutes: Some(sum), months: Some(months), ..finding })
}

/// Whether `minutes` lie far above the values, and by which score. Where both deviations are 0 there is no scale, and no flag: nothing is
/// ever divided by a small number in its place.
#[must_use]
pub fn lies_above(rule: &Rule, minutes: i32, spread: &Spread) -> Option<ScoreMethod> {
    let excess_doubled = i128::from(minutes) * 2 - i128::from(spread.median_doubled);
    let high = minutes >= rule.floor_minutes && excess_doubled >= i128::from(rule.floor_above_median_minutes) * 2;
    if !high {
        return None;
    }
    let threshold = i128::from(rule.score_thousandths);
    if spread.deviation_quadrupled > 0 {
        // 0.6745 · (excess_doubled ÷ 2) ÷ (deviation_quadrupled ÷ 4) > threshold ÷ 1,000
        let above = MEDIAN_FACTOR * excess_doubled * 2 * 1_000 > threshold * 1_000_000 * i128::from(spread.deviation_quadrupled);
        return above.then_some(ScoreMethod::MedianDeviation);
    }
    if spread.deviations_doubled > 0 {
        // (excess_doubled ÷ 2) ÷ (1.253314 · deviations_doubled ÷ (2 · count)) > threshold ÷ 1,000
        let above =
            excess_doubled * i128::from(spread.count) * 1_000_000 * 1_000 > threshold * MEAN_FACTOR * i128::from(spread.deviations_doubled);
        return above.then_some(ScoreMethod::MeanDeviation);
    }
    None
}

fn above_peers(rule: &Rule, person: &PersonMonth) -> Option<Finding> {
    let peers = person.peers?;
    let method = lies_above(rule, person.minutes, &peers.spread)?;
    let finding = Finding::new(OutlierKind::AbovePeers, OutlierCategory::Statistical, Severity::Notice);
    Some(Finding { comparison: Some((peers.level, method, peers.spread)), ..finding })
}

fn above_own_months(rule: &Rule, person: &PersonMonth) -> Option<Finding> {
    let own = person.own.filter(|own| own.count >= rule.least_own_months)?;
    let method = lies_above(rule, person.minutes, &own)?;
    let finding = Finding::new(OutlierKind::AboveOwnMonths, OutlierCategory::Statistical, Severity::Notice);
    Some(Finding { comparison: Some((PeerLevel::Own, method, own)), ..finding })
}

/// Only where the bureau keeps confirmations: where nobody's overtime was confirmed, there is nothing to say of one person.
fn unconfirmed(rule: &Rule, person: &PersonMonth) -> Option<Finding> {
    let limit = rule.unconfirmed_minutes.filter(|limit| person.minutes >= *limit)?;
    let finding = Finding::new(OutlierKind::Unconfirmed, OutlierCategory::Warning, Severity::Notice);
    (person.bureau_confirms && person.confirmed_minutes == 0).then_some(Finding { limit_minutes: Some(limit), ..finding })
}

/// At the mean of the year's months so far, the cap is exceeded in a later month of the year.
fn pace(rule: &Rule, person: &PersonMonth) -> Option<Finding> {
    let limit = year_limit(rule, person).filter(|limit| person.year_minutes <= *limit)?;
    rule.pace_months.filter(|months| person.year_months >= *months && person.year_months > 0)?;
    // The first k with sum · (months + k) > cap · months.
    let (sum, months) = (i64::from(person.year_minutes), i64::from(person.year_months));
    let until = i32::try_from((i64::from(limit) * months).checked_div(sum)? - months + 1).ok()?;
    let finding = Finding::new(OutlierKind::Pace, OutlierCategory::Warning, Severity::Notice);
    (until <= person.months_left).then_some(Finding {
        limit_minutes: Some(limit),
        total_minutes: Some(person.year_minutes),
        months: Some(until),
        ..finding
    })
}
#[cfg(test)]
mod tests;
