//! Measures of caps and flags: whom a cap binds, who stands above it, and whose flags were reviewed in time.
//!
//! Rules are those in force in the span's last month. A cap binds who was subject to overtime and in a unit of its regime in a month of the
//! span whose hours count; above it is who, of these, has a standing flag of it in such a month, exceptional work included. Who moved to
//! self-paced work counts there, whichever cap of the year the person was judged by. Flags are made of person-months by `overtime-outliers`,
//! which marks what it changed stale, and so does a review: the figures follow. Deliberately absent: any judgement, which is
//! `entity::overtime`'s.
//!
//! Above any cap is who is above one of those of a regime; by exceptional work, who is above one of either for such work, whose kind is that of
//! the work that covers the month.

use super::{Measure, PLACE, Range, Source};
use crate::dialect::{civil_date, execute, sum};
use entity::{
    exceptional_work::ExceptionalWorkKind,
    overtime_outlier::{OutlierCategory, OutlierKind},
    overtime_rule,
    period::YearMonth,
    work_regime::Regime,
};
use sea_orm::{ActiveEnum, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};

/// Persons whom the month's cap of self-paced work binds.
pub(crate) const UNDER_SELF_PACED_MONTH_CAP: Measure = Measure { code: "UNDER_SELF_PACED_MONTH_CAP", source: Source::Caps };
/// Of these, those above it.
pub(crate) const ABOVE_SELF_PACED_MONTH_CAP: Measure = Measure { code: "ABOVE_SELF_PACED_MONTH_CAP", source: Source::Caps };
/// Persons whom the year's cap binds in self-paced work.
pub(crate) const UNDER_SELF_PACED_YEAR_CAP: Measure = Measure { code: "UNDER_SELF_PACED_YEAR_CAP", source: Source::Caps };
/// Of these, those above it.
pub(crate) const ABOVE_SELF_PACED_YEAR_CAP: Measure = Measure { code: "ABOVE_SELF_PACED_YEAR_CAP", source: Source::Caps };
/// Persons whom the month's cap of externally driven work binds.
pub(crate) const UNDER_DRIVEN_MONTH_CAP: Measure = Measure { code: "UNDER_DRIVEN_MONTH_CAP", source: Source::Caps };
/// Of these, those at it or above.
pub(crate) const ABOVE_DRIVEN_MONTH_CAP: Measure = Measure { code: "ABOVE_DRIVEN_MONTH_CAP", source: Source::Caps };
/// Persons whom the year's cap binds in externally driven work.
pub(crate) const UNDER_DRIVEN_YEAR_CAP: Measure = Measure { code: "UNDER_DRIVEN_YEAR_CAP", source: Source::Caps };
/// Of these, those above it.
pub(crate) const ABOVE_DRIVEN_YEAR_CAP: Measure = Measure { code: "ABOVE_DRIVEN_YEAR_CAP", source: Source::Caps };
/// Persons whom the cap on means of 2 to 6 months binds.
pub(crate) const UNDER_DRIVEN_MEAN_CAP: Measure = Measure { code: "UNDER_DRIVEN_MEAN_CAP", source: Source::Caps };
/// Of these, those above it.
pub(crate) const ABOVE_DRIVEN_MEAN_CAP: Measure = Measure { code: "ABOVE_DRIVEN_MEAN_CAP", source: Source::Caps };
/// Persons whom the cap on long months binds.
pub(crate) const UNDER_DRIVEN_LONG_MONTHS: Measure = Measure { code: "UNDER_DRIVEN_LONG_MONTHS", source: Source::Caps };
/// Of these, those with more of them.
pub(crate) const ABOVE_DRIVEN_LONG_MONTHS: Measure = Measure { code: "ABOVE_DRIVEN_LONG_MONTHS", source: Source::Caps };
/// Persons whom a cap of self-paced work binds.
pub(crate) const UNDER_ANY_SELF_PACED_CAP: Measure = Measure { code: "UNDER_ANY_SELF_PACED_CAP", source: Source::Caps };
/// Of these, those above one of them.
pub(crate) const ABOVE_ANY_SELF_PACED_CAP: Measure = Measure { code: "ABOVE_ANY_SELF_PACED_CAP", source: Source::Caps };
/// Persons whom a cap of externally driven work binds.
pub(crate) const UNDER_ANY_DRIVEN_CAP: Measure = Measure { code: "UNDER_ANY_DRIVEN_CAP", source: Source::Caps };
/// Of these, those above one of the four, or at that of the month.
pub(crate) const ABOVE_ANY_DRIVEN_CAP: Measure = Measure { code: "ABOVE_ANY_DRIVEN_CAP", source: Source::Caps };
/// Persons in post in units of externally driven work on the last day of the span, subject to overtime or not.
pub(crate) const DRIVEN_AT_END: Measure = Measure { code: "DRIVEN_AT_END", source: Source::Caps };
/// Persons whom a cap of either regime binds.
pub(crate) const UNDER_ANY_CAP: Measure = Measure { code: "UNDER_ANY_CAP", source: Source::Caps };
/// Of these, those above one of them by exceptional work.
pub(crate) const ABOVE_EXCEPTIONAL: Measure = Measure { code: "ABOVE_EXCEPTIONAL", source: Source::Caps };
/// Of these, those by work on a large disaster.
pub(crate) const ABOVE_FOR_DISASTER: Measure = Measure { code: "ABOVE_FOR_DISASTER", source: Source::Caps };
/// By drafting laws.
pub(crate) const ABOVE_FOR_LEGISLATION: Measure = Measure { code: "ABOVE_FOR_LEGISLATION", source: Source::Caps };
/// By international negotiations.
pub(crate) const ABOVE_FOR_NEGOTIATION: Measure = Measure { code: "ABOVE_FOR_NEGOTIATION", source: Source::Caps };
/// By other exceptional work.
pub(crate) const ABOVE_FOR_OTHER_WORK: Measure = Measure { code: "ABOVE_FOR_OTHER_WORK", source: Source::Caps };

/// The kinds of exceptional work, each with the measure of those above a cap by it.
const KINDS: [(ExceptionalWorkKind, Measure); 4] = [
    (ExceptionalWorkKind::LargeDisaster, ABOVE_FOR_DISASTER),
    (ExceptionalWorkKind::Legislation, ABOVE_FOR_LEGISLATION),
    (ExceptionalWorkKind::Negotiation, ABOVE_FOR_NEGOTIATION),
    (ExceptionalWorkKind::Other, ABOVE_FOR_OTHER_WORK),
];

/// Overtime flags that stand of the persons of the span.
pub(crate) const OUTLIER_FLAGS: Measure = Measure { code: "OUTLIER_FLAGS", source: Source::Caps };
/// Of these, those whose review ended by its day.
pub(crate) const OUTLIER_FLAGS_REVIEWED_IN_TIME: Measure = Measure { code: "OUTLIER_FLAGS_REVIEWED_IN_TIME", source: Source::Caps };

/// A cap: whom it binds and who is above it are two measures.
struct Cap {
    regime: Regime,
    kind: OutlierKind,
    under: Measure,
    above: Measure,
    limit: fn(&overtime_rule::Model) -> Option<i32>,
}

const CAPS: [Cap; 6] = [
    Cap {
        regime: Regime::SelfPaced,
        kind: OutlierKind::MonthCap,
        under: UNDER_SELF_PACED_MONTH_CAP,
        above: ABOVE_SELF_PACED_MONTH_CAP,
        limit: |rule| rule.self_paced_month_minutes,
    },
    Cap {
        regime: Regime::SelfPaced,
        kind: OutlierKind::YearCap,
        under: UNDER_SELF_PACED_YEAR_CAP,
        above: ABOVE_SELF_PACED_YEAR_CAP,
        limit: |rule| rule.self_paced_year_minutes,
    },
    Cap {
        regime: Regime::ExternallyDriven,
        kind: OutlierKind::MonthCap,
        under: UNDER_DRIVEN_MONTH_CAP,
        above: ABOVE_DRIVEN_MONTH_CAP,
        limit: |rule| rule.driven_month_minutes,
    },
    Cap {
        regime: Regime::ExternallyDriven,
        kind: OutlierKind::YearCap,
        under: UNDER_DRIVEN_YEAR_CAP,
        above: ABOVE_DRIVEN_YEAR_CAP,
        limit: |rule| rule.driven_year_minutes,
    },
    Cap {
        regime: Regime::ExternallyDriven,
        kind: OutlierKind::MeanCap,
        under: UNDER_DRIVEN_MEAN_CAP,
        above: ABOVE_DRIVEN_MEAN_CAP,
        limit: |rule| rule.driven_mean_minutes,
    },
    Cap {
        regime: Regime::ExternallyDriven,
        kind: OutlierKind::LongMonths,
        under: UNDER_DRIVEN_LONG_MONTHS,
        above: ABOVE_DRIVEN_LONG_MONTHS,
        limit: |rule| rule.driven_long_months,
    },
];

/// What the rules of a span's last month say.
pub(super) struct Rules {
    /// The first month whose hours count; `None` where no cap is in force.
    pub counted_from: Option<YearMonth>,
    /// The regime of units without one.
    pub default_regime: Regime,
    caps: Vec<&'static Cap>,
}

impl Rules {
    /// Those in force in the month.
    pub(super) async fn of<C: ConnectionTrait>(tx: &C, month: YearMonth) -> Result<Self, DbErr> {
        use overtime_rule::{Column, Entity};
        let rule = Entity::find().filter(Column::ValidFrom.lte(month)).order_by_desc(Column::ValidFrom).one(tx).await?;
        let caps: Vec<_> = CAPS.iter().filter(|cap| rule.as_ref().is_some_and(|rule| (cap.limit)(rule).is_some())).collect();
        Ok(Self {
            counted_from: rule.as_ref().filter(|_| !caps.is_empty()).map(|rule| rule.counted_from),
            default_regime: rule.map_or(Regime::SelfPaced, |rule| rule.default_regime),
            caps,
        })
    }
}

/// Adds the cells of caps and flags to `t_cell`, of the persons in `t_span_person`.
pub(super) async fn compute<C: ConnectionTrait>(tx: &C, range: Range, rules: &Rules) -> Result<(), DbErr> {
    if let Some(counted_from) = rules.counted_from {
        execute(tx, &under(&rules.caps), vec![]).await?;
        let first = range.first.max(counted_from);
        execute(tx, &above(&rules.caps), vec![first.into(), range.month.into()]).await?;
        for put in any(&rules.caps) {
            execute(tx, &put, vec![first.into(), range.month.into()]).await?;
        }
    }
    let civil = civil_date(tx.get_database_backend(), "f.reviewed_at");
    for (measure, which) in [(OUTLIER_FLAGS, "1 = 1"), (OUTLIER_FLAGS_REVIEWED_IN_TIME, &*format!("{civil} <= f.review_by"))] {
        let put = format!(
            "INSERT INTO t_cell
             SELECT s.bureau_id, s.unit_id, s.sex, s.band, s.standing, '{measure}', COUNT(*), COUNT(DISTINCT f.staff_id)
             FROM overtime_outlier f JOIN t_span_person s ON s.staff_id = f.staff_id
             WHERE f.month >= $1 AND f.month <= $2 AND f.withdrawn_at IS NULL AND {which}
             GROUP BY s.bureau_id, s.unit_id, s.sex, s.band, s.standing"
        );
        execute(tx, &put, vec![range.first.into(), range.month.into()]).await?;
    }
    Ok(())
}

/// The column of `t_span_person` that says who is bound.
fn bound(cap: &Cap) -> &'static str {
    if cap.regime == Regime::SelfPaced { "self_paced" } else { "driven" }
}

fn under(caps: &[&Cap]) -> String {
    let mut codes: Vec<_> = caps.iter().map(|cap| format!("('{}', '{}')", cap.under, bound(cap))).collect();
    let any = [(UNDER_ANY_SELF_PACED_CAP, "self_paced"), (UNDER_ANY_DRIVEN_CAP, "driven")];
    let any = any.into_iter().filter(|(_, regime)| caps.iter().any(|cap| bound(cap) == *regime));
    codes.extend(any.map(|(measure, regime)| format!("('{measure}', '{regime}')")));
    codes.extend([(UNDER_ANY_CAP, "either"), (DRIVEN_AT_END, "at_end")].map(|(measure, of)| format!("('{measure}', '{of}')")));
    format!(
        "INSERT INTO t_cell
         SELECT {PLACE}, code, persons, persons FROM (
             SELECT g.bureau_id, g.unit_id, g.sex, g.band, g.standing, m.column1 AS code,
                 CASE m.column2 WHEN 'driven' THEN g.driven WHEN 'either' THEN g.either WHEN 'at_end' THEN g.at_end ELSE g.self_paced END AS persons
             FROM (SELECT {PLACE}, {} AS self_paced, {} AS driven, {} AS either, {} AS at_end
                   FROM t_span_person GROUP BY {PLACE}) g
             CROSS JOIN (VALUES {}) m
         ) c WHERE persons > 0",
        sum("self_paced"),
        sum("driven"),
        sum("CASE WHEN self_paced = 1 OR driven = 1 THEN 1 ELSE 0 END"),
        sum("driven_at_end"),
        codes.join(", "),
    )
}

fn above(caps: &[&Cap]) -> String {
    let when = |cap: &&Cap| {
        let (kind, regime) = (cap.kind.to_value(), cap.regime.to_value());
        format!("WHEN f.kind = '{kind}' AND f.regime = '{regime}' AND s.{} = 1 THEN '{}'", bound(cap), cap.above)
    };
    format!(
        "INSERT INTO t_cell
         SELECT {PLACE}, code, COUNT(DISTINCT staff_id), COUNT(DISTINCT staff_id) FROM (
             SELECT s.bureau_id, s.unit_id, s.sex, s.band, s.standing, s.staff_id, CASE {} END AS code
             FROM overtime_outlier f JOIN t_span_person s ON s.staff_id = f.staff_id
             WHERE f.month >= $1 AND f.month <= $2 AND f.withdrawn_at IS NULL
         ) c WHERE code IS NOT NULL GROUP BY {PLACE}, code",
        caps.iter().map(when).collect::<Vec<_>>().join(" "),
    )
}

/// Statements that add who is above any cap of a regime, and above one by exceptional work, of all kinds and of each.
fn any(caps: &[&Cap]) -> Vec<String> {
    let which = |regime: Option<Regime>| {
        let of = caps.iter().filter(|cap| regime.is_none_or(|regime| cap.regime == regime)).map(|cap| {
            let (kind, regime) = (cap.kind.to_value(), cap.regime.to_value());
            format!("f.kind = '{kind}' AND f.regime = '{regime}' AND s.{} = 1", bound(cap))
        });
        let of: Vec<_> = of.collect();
        if of.is_empty() { "1 = 0".to_owned() } else { format!("({})", of.join(" OR ")) }
    };
    let put = |measure: Measure, which: String| {
        format!(
            "INSERT INTO t_cell
             SELECT s.bureau_id, s.unit_id, s.sex, s.band, s.standing, '{measure}', COUNT(DISTINCT f.staff_id), COUNT(DISTINCT f.staff_id)
             FROM overtime_outlier f JOIN t_span_person s ON s.staff_id = f.staff_id
             WHERE f.month >= $1 AND f.month <= $2 AND f.withdrawn_at IS NULL AND {which}
             GROUP BY s.bureau_id, s.unit_id, s.sex, s.band, s.standing"
        )
    };
    let exceptional = format!("f.category = '{}' AND {}", OutlierCategory::AboveCapExceptional.to_value(), which(None));
    let of_kind = |kind: ExceptionalWorkKind| {
        format!(
            "{exceptional} AND EXISTS (SELECT 1 FROM exceptional_work w WHERE w.staff_id = f.staff_id AND w.void_reason IS NULL
                AND w.kind = '{}' AND w.last_month >= f.month
                AND CAST(substr(CAST(w.date AS text), 1, 4) || substr(CAST(w.date AS text), 6, 2) AS integer) <= f.month)",
            kind.to_value()
        )
    };
    let mut all = vec![
        put(ABOVE_ANY_SELF_PACED_CAP, which(Some(Regime::SelfPaced))),
        put(ABOVE_ANY_DRIVEN_CAP, which(Some(Regime::ExternallyDriven))),
        put(ABOVE_EXCEPTIONAL, exceptional.clone()),
    ];
    all.extend(KINDS.map(|(kind, measure)| put(measure, of_kind(kind))));
    all
}
