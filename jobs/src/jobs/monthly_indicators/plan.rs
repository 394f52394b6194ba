//! Which months and spans a run computes; pure.

use crate::{measures::Range, person_month::Extent};
use entity::{measure_cell::Span, period::YearMonth};
use std::collections::{BTreeMap, BTreeSet};

/// One month of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub month: YearMonth,
    /// How much of its person-months is computed; `None` where only its years to date are.
    pub extent: Option<Extent>,
    /// The spans that end with it and are computed: the month first.
    pub spans: Vec<Range>,
}

impl Step {
    /// What is left of the step where records from before the month `first` have been disposed of.
    pub(super) fn since(&self, first: Option<YearMonth>) -> Self {
        let whole = |month| first.is_none_or(|first| first <= month);
        let spans = self.spans.iter().copied().filter(|range| whole(range.first)).collect();
        Self { month: self.month, extent: self.extent.filter(|_| whole(self.month)), spans }
    }
}

/// What a run is of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Run {
    /// The month that it is of; all that is stale without.
    pub period: Option<YearMonth>,
    /// The current month, where the run computes it and the one before though nobody marked them.
    pub current: Option<YearMonth>,
    /// The first month of which the office's figures speak.
    pub beginning: Option<YearMonth>,
}

/// The steps of a run, in order of time.
///
/// For a period: that month whole. Otherwise: every marked month (whole, if it was never computed), and the current month, where one is named,
/// and the one before it where nobody computed them yet. In both cases also the years to date of later, already computed months that contain one of these.
///
/// Of spans that reach back before the office's beginning, what lies before it is left out.
pub(super) fn plan(run: Run, marked: &[YearMonth], computed: &[YearMonth]) -> Vec<Step> {
    let Run { period, current, beginning } = run;
    let computed: BTreeSet<_> = computed.iter().copied().collect();
    let mut extents = BTreeMap::new();
    if let Some(month) = period {
        extents.insert(month, Extent::Whole);
    } else {
        extents.extend(marked.iter().map(|&month| (month, if computed.contains(&month) { Extent::Stale } else { Extent::Whole })));
        let unseen = current.into_iter().flat_map(|month| [month.previous(), month]).filter(|month| !computed.contains(month));
        extents.extend(unseen.map(|month| (month, Extent::Whole)));
    }
    let months: BTreeSet<_> = computed.iter().chain(extents.keys()).copied().collect();
    let spans = |month| {
        let ranges =
            [Span::Month, Span::FiscalYearToDate, Span::CalendarYearToDate].map(|span| Range::ending(span, month).since(beginning));
        ranges.into_iter().filter(|range| extents.keys().any(|&changed| range.contains(changed))).collect::<Vec<_>>()
    };
    let steps = months.into_iter().map(|month| Step { month, extent: extents.get(&month).copied(), spans: spans(month) });
    steps.filter(|step| !step.spans.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn month(text: &str) -> YearMonth {
        text.parse().unwrap()
    }

    fn months(texts: &[&str]) -> Vec<YearMonth> {
        texts.iter().map(|text| month(text)).collect()
    }

    fn of(period: Option<&str>, current: Option<&str>) -> Run {
        Run { period: period.map(month), current: current.map(month), beginning: None }
    }

    /// Month, extent, and the first letters of the spans.
    fn shown(steps: &[Step]) -> Vec<String> {
        let show = |step: &Step| {
            let spans: String = step.spans.iter().map(|range| range.span.as_text().chars().next().unwrap()).collect();
            format!("{} {:?} {spans}", step.month, step.extent)
        };
        steps.iter().map(show).collect()
    }

    #[test]
    fn a_period_is_computed_whole_with_the_later_years_to_date() {
        let computed = months(&["2018-02", "2018-03", "2018-04", "2018-12", "2019-01", "2019-03", "2019-04"]);
        let steps = plan(of(Some("2018-04"), Some("2019-05")), &months(&["2018-04"]), &computed);
        assert_eq!(
            shown(&steps),
            ["2018-04 Some(Whole) MFC", "2018-12 None FC", "2019-01 None F", "2019-03 None F"],
            "the calendar year ends with December, the fiscal one with March"
        );
        let steps = plan(of(Some("2018-03"), Some("2019-05")), &[], &computed);
        assert_eq!(shown(&steps), ["2018-03 Some(Whole) MFC", "2018-04 None C", "2018-12 None C"]);
    }

    #[test]
    fn what_reaches_back_to_disposed_months_is_left_alone() {
        let computed = months(&["2018-02", "2018-03", "2018-04", "2018-12", "2019-01"]);
        let steps = plan(of(None, Some("2018-12")), &months(&["2018-03", "2018-04"]), &computed);
        let left: Vec<_> = steps.iter().map(|step| step.since(Some(month("2018-04")))).collect();
        assert_eq!(
            shown(&left),
            ["2018-03 None ", "2018-04 Some(Stale) MF", "2018-11 Some(Whole) MF", "2018-12 None F", "2019-01 None F"],
            "the calendar year 2018 begins before it"
        );
        assert_eq!(steps.iter().map(|step| step.since(None)).collect::<Vec<_>>(), steps);
    }

    #[test]
    fn stale_months_and_the_two_latest_if_nobody_computed_them() {
        let computed = months(&["2018-04", "2018-05"]);
        let steps = plan(of(None, Some("2018-06")), &months(&["2018-04", "2017-01"]), &computed);
        assert_eq!(shown(&steps), ["2017-01 Some(Whole) MFC", "2018-04 Some(Stale) MFC", "2018-05 None FC", "2018-06 Some(Whole) MFC"]);
        assert_eq!(plan(of(None, Some("2018-05")), &[], &computed), []);
        assert_eq!(shown(&plan(of(None, Some("2018-05")), &[], &[])), ["2018-04 Some(Whole) MFC", "2018-05 Some(Whole) MFC"]);
    }

    #[test]
    fn a_year_begins_with_the_office() {
        let run = Run { beginning: Some(month("2018-06")), ..of(Some("2018-07"), None) };
        let first = |steps: &[Step]| steps[0].spans.iter().map(|range| range.first.to_string()).collect::<Vec<_>>();
        assert_eq!(first(&plan(run, &[], &[])), ["2018-07", "2018-06", "2018-06"]);
        let before = Run { period: Some(month("2018-05")), ..run };
        assert_eq!(first(&plan(before, &[], &[])), ["2018-05", "2018-04", "2018-01"], "what lies before it stays as it was");
        let later = Run { period: Some(month("2019-05")), ..run };
        assert_eq!(first(&plan(later, &[], &[])), ["2019-05", "2019-04", "2019-01"]);
    }
}
