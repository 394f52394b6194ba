//! What was found, beside the flags that stand: new ones, other evidence, and those that are gone.
//!
//! Findings go into `t_finding` in bulk, and statements over all of them say what changes (`t_flag_change`) and change it, a chunk to a
//! transaction. The review of a flag is never touched. A chunk locks its flags before it reads the numbers of their events, as reviews do.

use super::{
    Checkpoint, Judged, Statistics,
    history::{Place, person_month},
    inputs::{CHUNK, Person, Shared, persons},
};
use crate::{
    dialect::{analyze, execute, few_rows, fresh_table, one_row, places},
    ledger::{Fence, LedgerError},
    transaction::{Stale, chunk_rows, mark_stale, numbering::next_of_flags},
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    ids::{BureauId, OvertimeOutlierId, StaffId},
    overtime::{Finding, Spread, judge, regime},
    overtime_outlier::{OutlierCategory, OutlierKind, ScoreMethod},
    period::{YearMonth, civil_date},
};
use sea_orm::{ConnectionTrait, DbErr, Value};

/// The columns that say what was found, named as in `overtime_outlier`.
const EVIDENCE: [&str; 18] = [
    "bureau_id",
    "unit_id",
    "regime",
    "category",
    "severity",
    "minutes",
    "total_minutes",
    "months",
    "limit_minutes",
    "limit_months",
    "projected_month",
    "median_doubled",
    "scale_numerator",
    "scale_denominator",
    "peers",
    "peer_level",
    "method",
    "rule_version",
];
/// Beside them: the number, the flag's key if it will be one, the person and the kind.
const KEYS: usize = 4;

/// Judges all persons of `t_person`, a chunk at a time, and leaves what is found in `t_finding`.
pub(super) async fn find<C: ConnectionTrait>(tx: &C, month: YearMonth, shared: Option<&Shared>) -> Result<Statistics, DbErr> {
    fresh_table(
        tx,
        "t_finding",
        "seq integer PRIMARY KEY, id {uuid} NOT NULL, staff_id {uuid} NOT NULL, kind {code} NOT NULL,
         bureau_id {uuid}, unit_id {uuid}, regime {code}, category {code}, severity {code}, minutes integer, total_minutes integer,
         months integer, limit_minutes integer, limit_months integer, projected_month integer, median_doubled integer,
         scale_numerator bigint, scale_denominator bigint, peers integer, peer_level {code}, method {code}, rule_version integer,
         UNIQUE (staff_id, kind)",
    )
    .await?;
    let Some(shared) = shared else { return Ok(Statistics::default()) };
    let mut counts = Statistics { months: 1, persons: shared.persons, ..Statistics::default() };
    let place = Place::new(&shared.rule, month);
    let (mut from, mut found) = (0, 0);
    loop {
        let people = persons(tx, from).await?;
        if people.is_empty() {
            break;
        }
        let mut rows = Vec::new();
        for person in &people {
            let judged = person_month(&shared.rule, place, &person.history, shared.circumstances(person));
            for finding in judge(&shared.rule, &judged) {
                found += 1;
                count(&mut counts, finding.category);
                let evidence = Evidence { month, shared, person, finding: &finding };
                rows.push(evidence.row(found, regime(&shared.rule, &judged), judged.minutes));
            }
        }
        put(tx, &rows).await?;
        from += CHUNK;
    }
    analyze(tx, "t_finding").await?;
    Ok(counts)
}

fn count(counts: &mut Statistics, category: OutlierCategory) {
    *match category {
        OutlierCategory::Breach => &mut counts.breaches,
        OutlierCategory::AboveCapExceptional => &mut counts.above_cap_exceptional,
        OutlierCategory::Duty => &mut counts.duties,
        OutlierCategory::Statistical => &mut counts.statistical,
        OutlierCategory::Warning => &mut counts.warnings,
    } += 1;
}

/// A finding with what it rests on.
struct Evidence<'a> {
    month: YearMonth,
    shared: &'a Shared,
    person: &'a Person,
    finding: &'a Finding,
}

impl Evidence<'_> {
    /// The values of a row of `t_finding`.
    fn row(&self, seq: i32, regime: entity::work_regime::Regime, minutes: i32) -> Vec<Value> {
        let Self { month, shared, person, finding } = self;
        let projected = finding.months.filter(|_| finding.kind == OutlierKind::Pace).map(|months| month.add_months(months));
        let scale = finding.comparison.map(|(_, method, spread)| scale(method, &spread));
        vec![
            seq.into(),
            OvertimeOutlierId::new().into(),
            person.staff_id.into(),
            finding.kind.as_text().into(),
            person.bureau_id.into(),
            person.unit_id.into(),
            regime.as_text().into(),
            finding.category.as_text().into(),
            finding.severity.as_text().into(),
            minutes.into(),
            finding.total_minutes.into(),
            finding.months.into(),
            finding.limit_minutes.into(),
            finding.limit_months.into(),
            projected.map(YearMonth::as_i32).into(),
            finding.comparison.map(|(_, _, spread)| spread.median_doubled).into(),
            scale.map(|(numerator, _)| numerator).into(),
            scale.map(|(_, denominator)| denominator).into(),
            finding.comparison.map(|(_, _, spread)| spread.count).into(),
            finding.comparison.map(|(level, _, _)| level.as_text()).into(),
            finding.comparison.map(|(_, method, _)| method.as_text()).into(),
            shared.rule.version.into(),
        ]
    }
}

/// The deviation that the score was made with, in minutes, as a quotient.
fn scale(method: ScoreMethod, spread: &Spread) -> (i64, i64) {
    match method {
        ScoreMethod::MedianDeviation => (spread.deviation_quadrupled, 4),
        ScoreMethod::MeanDeviation => (spread.deviations_doubled, i64::from(spread.count) * 2),
    }
}

async fn put<C: ConnectionTrait>(tx: &C, rows: &[Vec<Value>]) -> Result<(), DbErr> {
    let width = EVIDENCE.len() + KEYS;
    let backend = tx.get_database_backend();
    for part in rows.chunks(chunk_rows(backend, width)) {
        execute(tx, &format!("INSERT INTO t_finding VALUES {}", places(backend, part.len(), width)), part.concat()).await?;
    }
    Ok(())
}

/// Notes in `t_flag_change` which flags are to be raised, changed and withdrawn, and tells how many.
pub(super) async fn compare<C: ConnectionTrait>(tx: &C, month: YearMonth) -> Result<i64, DbErr> {
    fresh_table(
        tx,
        "t_flag_change",
        "seq integer PRIMARY KEY, change {code} NOT NULL, flag_id {uuid} NOT NULL, finding integer, former_id {uuid},
         staff_id {uuid} NOT NULL, bureau_id {uuid} NOT NULL, left_bureau_id {uuid} NOT NULL",
    )
    .await?;
    let differs: Vec<_> = EVIDENCE.iter().map(|column| format!("o.{column} IS DISTINCT FROM f.{column}")).collect();
    let note = format!(
        "INSERT INTO t_flag_change
         SELECT ROW_NUMBER() OVER (ORDER BY x.change, x.staff_id, x.kind), x.change, x.flag_id, x.finding, x.former_id, x.staff_id,
             x.bureau_id, x.left_bureau_id
         FROM (
             SELECT 'RAISED' AS change, f.id AS flag_id, f.seq AS finding, f.kind, f.staff_id, f.bureau_id, f.bureau_id AS left_bureau_id,
                 (SELECT w.id FROM overtime_outlier w
                  WHERE w.month = $1 AND w.staff_id = f.staff_id AND w.kind = f.kind AND w.withdrawn_at IS NOT NULL
                  ORDER BY w.withdrawn_at DESC, w.id DESC LIMIT 1) AS former_id
             FROM t_finding f
             LEFT JOIN overtime_outlier o ON o.month = $1 AND o.staff_id = f.staff_id AND o.kind = f.kind AND o.withdrawn_at IS NULL
             WHERE o.id IS NULL
             UNION ALL
             SELECT 'EVIDENCE_CHANGED', o.id, f.seq, f.kind, f.staff_id, f.bureau_id, o.bureau_id, NULL
             FROM t_finding f
             JOIN overtime_outlier o ON o.month = $1 AND o.staff_id = f.staff_id AND o.kind = f.kind AND o.withdrawn_at IS NULL
             WHERE {differs}
             UNION ALL
             SELECT 'WITHDRAWN', o.id, NULL, o.kind, o.staff_id, o.bureau_id, o.bureau_id, NULL
             FROM overtime_outlier o
             LEFT JOIN t_finding f ON f.staff_id = o.staff_id AND f.kind = o.kind
             WHERE o.month = $1 AND o.withdrawn_at IS NULL AND f.seq IS NULL
         ) x",
        differs = differs.join(" OR "),
    );
    let rows = execute(tx, &note, vec![month.into()]).await?;
    analyze(tx, "t_flag_change").await?;
    Ok(i64::try_from(rows).unwrap_or(i64::MAX))
}

/// Counts the noted changes numbered after `from`, up to `to`.
pub(super) async fn count_changes<C: ConnectionTrait>(tx: &C, (from, to): (i64, i64), statistics: &mut Statistics) -> Result<(), DbErr> {
    let count = "SELECT change, COUNT(*), COUNT(former_id) FROM t_flag_change WHERE seq > $1 AND seq <= $2 GROUP BY change";
    for row in few_rows(tx, count, vec![from.into(), to.into()]).await? {
        let (change, rows): (String, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        *match change.as_str() {
            "RAISED" => &mut statistics.raised,
            "WITHDRAWN" => &mut statistics.withdrawn,
            _ => &mut statistics.changed,
        } += rows;
        statistics.returned += row.try_get_by_index::<i64>(2)?;
    }
    Ok(())
}

/// Writes the noted changes, a chunk to a transaction, each with a checkpoint; the last one counts the month as done.
pub(super) async fn write(fence: &Fence, month: YearMonth, judged: &Judged, state: &mut Checkpoint) -> Result<(), LedgerError> {
    let statements = statements(fence, month, judged.shared.as_ref());
    let statements: Vec<_> = statements.iter().map(|(sql, values)| (sql.as_str(), values.clone())).collect();
    let mut from = 0;
    loop {
        let tx = fence.write().await?;
        if from < judged.changes {
            let to = fence.copy_chunk(&tx, from, &statements).await?;
            mark(&*tx, fence.computed_at(), month, (from, to)).await?;
            count_changes(&*tx, (from, to), &mut state.statistics).await?;
            number(&*tx, fence.clock().now().max(fence.computed_at()), (from, to)).await?;
            from = to;
        }
        let last = from >= judged.changes;
        if last {
            state.statistics.add(&judged.found);
            state.done += 1;
        }
        fence.checkpoint(tx, &*state).await?;
        if last {
            return Ok(());
        }
    }
}

/// Numbers the flags that a chunk has raised, last before its checkpoint: all flags of a run have the run's instant, and are committed long after it.
async fn number<C: ConnectionTrait>(tx: &C, now: DateTime<Utc>, (from, to): (i64, i64)) -> Result<(), DbErr> {
    let raised = "SELECT COUNT(*) FROM t_flag_change WHERE seq > $1 AND seq <= $2 AND change = 'RAISED'";
    if one_row(tx, raised, vec![from.into(), to.into()]).await?.try_get_by_index::<i64>(0)? == 0 {
        return Ok(());
    }
    let at = next_of_flags(tx, now).await?;
    let set = "UPDATE overtime_outlier SET numbered_at = $3
         WHERE id IN (SELECT flag_id FROM t_flag_change WHERE seq > $1 AND seq <= $2 AND change = 'RAISED')";
    execute(tx, set, vec![from.into(), to.into(), at.into()]).await?;
    Ok(())
}

/// The statements of a chunk: flags first, which locks them, then their events.
fn statements(fence: &Fence, month: YearMonth, shared: Option<&Shared>) -> Vec<(String, Vec<Value>)> {
    const CHANGED: &str = "FROM t_flag_change c WHERE c.seq > $1 AND c.seq <= $2";
    let (at, run) = (fence.computed_at(), fence.run().id);
    let mut statements = vec![(
        "UPDATE overtime_outlier SET withdrawn_at = $3 WHERE id IN (
             SELECT flag_id FROM t_flag_change WHERE seq > $1 AND seq <= $2 AND change = 'WITHDRAWN')"
            .to_owned(),
        vec![at.into()],
    )];
    if let Some(shared) = shared {
        let set: Vec<_> = EVIDENCE.iter().map(|column| format!("{column} = f.{column}")).collect();
        let change = format!(
            "UPDATE overtime_outlier SET {set}, input_run_id = $3, changed_at = $4
             FROM t_flag_change c JOIN t_finding f ON f.seq = c.finding
             WHERE overtime_outlier.id = c.flag_id AND c.seq > $1 AND c.seq <= $2 AND c.change = 'EVIDENCE_CHANGED'",
            set = set.join(", "),
        );
        statements.push((change, vec![shared.input_run.into(), at.into()]));
        let raise = format!(
            "INSERT INTO overtime_outlier (id, month, staff_id, kind, {columns}, input_run_id, run_id, raised_at, changed_at, acknowledge_by,
                 review_by, review, returned_from)
             SELECT f.id, $3, f.staff_id, f.kind, {found}, $4, $5, $6, $6, $7, $8, 'OPEN', c.former_id
             FROM t_flag_change c JOIN t_finding f ON f.seq = c.finding
             WHERE c.seq > $1 AND c.seq <= $2 AND c.change = 'RAISED'",
            columns = EVIDENCE.join(", "),
            found = EVIDENCE.map(|column| format!("f.{column}")).join(", "),
        );
        let due = |days: i32| civil_date(at) + TimeDelta::days(days.into());
        let dates = [shared.rule.acknowledge_days, shared.rule.review_days].map(|days| Value::from(due(days)));
        let mut values: Vec<Value> = vec![month.into(), shared.input_run.into(), run.into(), at.into()];
        values.extend(dates);
        statements.push((raise, values));
    }
    let tell = format!(
        "INSERT INTO outlier_event (flag_id, sequence, at, kind, actor, run_id)
         SELECT c.flag_id, (SELECT COALESCE(MAX(e.sequence), 0) + 1 FROM outlier_event e WHERE e.flag_id = c.flag_id), $3, c.change, 'system', $4
         {CHANGED}"
    );
    statements.push((tell, vec![at.into(), run.into()]));
    statements
}

/// Marks whom the chunk's flags are about, in the bureau that a flag leaves and the one it enters: indicators are made of flags.
async fn mark<C: ConnectionTrait>(tx: &C, at: DateTime<Utc>, month: YearMonth, (from, to): (i64, i64)) -> Result<(), DbErr> {
    let mut stale = Stale::new();
    let whom = "SELECT DISTINCT staff_id, bureau_id, left_bureau_id FROM t_flag_change WHERE seq > $1 AND seq <= $2";
    for row in few_rows(tx, whom, vec![from.into(), to.into()]).await? {
        let staff: StaffId = row.try_get_by_index(0)?;
        for bureau in [row.try_get_by_index::<BureauId>(1)?, row.try_get_by_index(2)?] {
            stale.entry((bureau, month)).or_default().insert(Some(staff));
        }
    }
    mark_stale(tx, at, None, &stale).await
}
