//! What the database can tell of the state of its records: what is missing, open, stale or not computed.

use super::cycles::Cycle;
use crate::{
    dialect::few_rows,
    follow_up::snapshot::{CoverageLine, Days, RecordsState},
    indicators::{Definition, Standings},
};
use chrono::NaiveDate;
use entity::{
    bureau::{self, Visibility},
    counting_rule, month_close,
    period::YearMonth,
};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use std::collections::BTreeSet;

/// Bureaus that were called and of which nothing was taken.
const MISSING: &str = "SELECT b.code FROM data_call c JOIN bureau b ON b.id = c.bureau_id
    WHERE c.follow_up_id = $1 AND NOT EXISTS (
        SELECT 1 FROM submission s WHERE s.follow_up_id = c.follow_up_id AND s.bureau_id = c.bureau_id AND s.state = 'ACCEPTED'
          AND NOT EXISTS (SELECT 1 FROM submission l WHERE l.follow_up_id = s.follow_up_id AND l.bureau_id = s.bureau_id AND l.revision > s.revision))
    ORDER BY b.code";
/// Months of the range of which somebody's person-months are there, or records' sums.
const COMPUTED: &str = "SELECT DISTINCT month FROM measure_cell WHERE span = 'MONTH' AND month >= $1 AND month <= $2";
/// Months with records that changed since; and those whose latest figures were withdrawn, for what they were summed from is there until a run
/// of the month computes it anew.
const STALE: &str = "SELECT month FROM stale_mark WHERE month >= $1 AND month <= $2
    UNION
    SELECT w.month FROM withdrawn_value w JOIN vintage_withdrawal d ON d.id = w.withdrawal_id
    WHERE w.span = 'MONTH' AND w.month >= $1 AND w.month <= $2 AND w.superseded_by IS NULL
      AND NOT EXISTS (SELECT 1 FROM job_run r WHERE r.job = 'MONTHLY_INDICATORS' AND r.period = w.month AND r.state = 'SUCCEEDED'
          AND r.dry_run = FALSE AND r.started_at > d.withdrawn_at)";
/// The state of the records of these dates, of the months up to `today`'s.
pub(super) async fn of<C: ConnectionTrait>(tx: &C, cycle: &Cycle, days: &[Days], today: NaiveDate) -> Result<RecordsState, DbErr> {
    let mut missing = Vec::new();
    for row in few_rows(tx, MISSING, vec![cycle.id.into()]).await? {
        missing.push(row.try_get_by_index(0)?);
    }
    // A census rests on postings, not on months.
    let spans = days.iter().filter(|(from, to)| from != to);
    let months: BTreeSet<YearMonth> =
        spans.flat_map(|(from, to)| YearMonth::range(YearMonth::of(*from), YearMonth::of(*to).min(YearMonth::of(today)))).collect();
    let Some((first, last)) = months.first().zip(months.last()) else {
        return Ok(RecordsState { missing, ..RecordsState::default() });
    };
    let mut found = Vec::new();
    for sql in [COMPUTED, STALE] {
        let mut of: BTreeSet<YearMonth> = BTreeSet::new();
        for row in few_rows(tx, sql, vec![(*first).into(), (*last).into()]).await? {
            of.insert(row.try_get_by_index(0)?);
        }
        found.push(of);
    }
    let words = |of: &mut dyn Iterator<Item = &YearMonth>| of.map(ToString::to_string).collect::<Vec<_>>();
    let [computed, stale] = [&found[0], &found[1]];
    let open = open(tx, &months).await?;
    Ok(RecordsState {
        missing,
        open_months: words(&mut open.intersection(&months)),
        stale_months: words(&mut stale.intersection(&months)),
        uncomputed_months: words(&mut months.difference(computed)),
        coverage: Vec::new(),
    })
}

/// Sums over the months of the dates, by bureau: of whom the records are known, and whom they should tell of.
const COVERAGE: &str = "SELECT b.code, b.visibility,
        CAST(SUM(CASE WHEN c.measure = $3 THEN c.value ELSE 0 END) AS bigint), CAST(SUM(CASE WHEN c.measure = $4 THEN c.value ELSE 0 END) AS bigint),
        CAST(COUNT(DISTINCT CASE WHEN c.measure = $3 THEN c.month END) AS bigint), CAST(COUNT(DISTINCT CASE WHEN c.measure = $4 THEN c.month END) AS bigint)
    FROM measure_cell c JOIN bureau b ON b.id = c.bureau_id
    WHERE c.span = 'MONTH' AND c.month >= $1 AND c.month <= $2 AND c.measure IN ($3, $4) AND c.standing IN ({standings})
    GROUP BY b.code, b.visibility ORDER BY b.code";

/// How much of their people these figures cover, those that cover all of them apart.
pub(super) async fn coverage<C: ConnectionTrait>(
    tx: &C,
    figures: impl Iterator<Item = (&Definition, Days)>,
    rule: &counting_rule::Model,
) -> Result<Vec<CoverageLine>, DbErr> {
    let standings = Standings::from(rule);
    let mut lines = Vec::new();
    for (definition, (from, to)) in figures.filter(|(_, (from, to))| from != to) {
        let Some([covered, expected]) = definition.coverage() else { continue };
        let words: Vec<_> = standings.denominator(definition.counts).iter().map(|standing| format!("'{}'", standing.as_text())).collect();
        let (first, last) = (YearMonth::of(from), YearMonth::of(to));
        let values = vec![first.into(), last.into(), covered.measure.code.into(), expected.measure.code.into()];
        let (mut sums, mut not_reported) = ([0_i64; 2], Vec::new());
        for row in few_rows(tx, &COVERAGE.replace("{standings}", &words.join(", ")), values).await? {
            let numbers: [i64; 4] =
                [row.try_get_by_index(2)?, row.try_get_by_index(3)?, row.try_get_by_index(4)?, row.try_get_by_index(5)?];
            sums = [sums[0] + numbers[0], sums[1] + numbers[1]];
            if numbers[2] < numbers[3] && row.try_get_by_index::<Visibility>(1)? != Visibility::OfficeTotalOnly {
                not_reported.push(row.try_get_by_index(0)?);
            }
        }
        let is_partial = rule.is_partial(sums[0], sums[1]);
        if is_partial || !not_reported.is_empty() {
            lines.push(CoverageLine { indicator: definition.code.to_owned(), is_partial, not_reported });
        }
    }
    Ok(lines)
}

/// Months that some bureau in being on one of their days has not closed, whether or not it has written anything.
async fn open<C: ConnectionTrait>(tx: &C, months: &BTreeSet<YearMonth>) -> Result<BTreeSet<YearMonth>, DbErr> {
    use month_close::{CloseState, Column, Entity};
    let closed =
        Entity::find().filter(Column::Month.is_in(months.iter().copied())).filter(Column::State.eq(CloseState::Closed)).all(tx).await?;
    let closed: BTreeSet<_> = closed.into_iter().map(|row| (row.bureau_id, row.month)).collect();
    let bureaus = bureau::Entity::find().filter(bureau::Column::VoidReason.is_null()).all(tx).await?;
    let is_open = |month: &&YearMonth| {
        let there = |row: &&bureau::Model| row.valid_from <= month.last_day() && row.valid_to.is_none_or(|to| to > month.first_day());
        bureaus.iter().filter(there).any(|row| !closed.contains(&(row.id, **month)))
    };
    Ok(months.iter().filter(is_open).copied().collect())
}
