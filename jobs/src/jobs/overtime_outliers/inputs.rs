//! What a month is judged by: its rules, the peers' medians and deviations, and each person's last thirteen months.
//!
//! Persons are laid out in a TEMP table and read in chunks, so that memory does not grow with them; medians and deviations are taken from
//! how many persons have which minutes, which are fewer rows than persons. Peers are those whom the figures of work count: who is in a concurrent
//! post elsewhere is nobody's peer and has none, while a cap is everybody's and binds them as well. Deliberately absent: any loop over people's
//! records.

use super::{
    REACH,
    history::{Circumstances, History, MONTHS, peers},
};
use crate::{
    dialect::{analyze, execute, few_rows, fresh_table, fresh_table_as, one_row, unprepared},
    indicators::Standings,
};
use entity::{
    ids::{BureauId, JobRunId, StaffId, UnitId},
    overtime::Spread,
    overtime_rule::{self, Model as Rule},
    period::YearMonth,
    work_regime::Regime,
};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QueryResult};
use std::collections::{BTreeMap, BTreeSet};

/// Persons read at a time.
pub(super) const CHUNK: i64 = 10_000;

/// What all persons of a month share.
pub(super) struct Shared {
    pub rule: Rule,
    /// The latest run that wrote a person-month of the month.
    pub input_run: JobRunId,
    /// Persons subject to overtime.
    pub persons: i64,
    groups: BTreeMap<(BureauId, Regime), Spread>,
    office: Option<Spread>,
    confirming: BTreeSet<BureauId>,
}

/// One person with overtime in the month.
pub(super) struct Person {
    pub staff_id: StaffId,
    pub bureau_id: BureauId,
    pub unit_id: UnitId,
    pub history: History,
    regime: Option<Regime>,
    confirmed_minutes: i32,
    exceptional: bool,
}

/// The months that have person-months, or flags that stand, from one on.
pub(super) async fn months<C: ConnectionTrait>(tx: &C) -> Result<Vec<YearMonth>, DbErr> {
    // One step of the index for each month.
    let each = |table: &str, filter: &str| {
        format!(
            "WITH RECURSIVE m(month) AS (
                 SELECT MIN(month) FROM {table} WHERE {filter}
                 UNION ALL
                 SELECT (SELECT MIN(o.month) FROM {table} o WHERE o.month > m.month AND {filter}) FROM m WHERE m.month IS NOT NULL
             ) SELECT month FROM m WHERE month IS NOT NULL"
        )
    };
    let mut months = BTreeSet::new();
    for (table, filter) in [("person_month", "1 = 1"), ("overtime_outlier", "withdrawn_at IS NULL")] {
        for row in few_rows(tx, &each(table, filter), vec![]).await? {
            months.insert(row.try_get_by_index(0)?);
        }
    }
    Ok(months.into_iter().collect())
}

/// Lays the month out in TEMP tables (`t_person`), and reads what persons share; `None` where nobody was computed or no rules are in force.
pub(super) async fn load<C: ConnectionTrait>(tx: &C, month: YearMonth, standings: &Standings) -> Result<Option<Shared>, DbErr> {
    let rules = overtime_rule::Entity::find().filter(overtime_rule::Column::ValidFrom.lte(month));
    let rule = rules.order_by_desc(overtime_rule::Column::ValidFrom).one(tx).await?;
    let run = "SELECT run_id FROM person_month WHERE month = $1 GROUP BY run_id ORDER BY run_id DESC LIMIT 1";
    let run = few_rows(tx, run, vec![month.into()]).await?.pop();
    let (Some(rule), Some(run)) = (rule, run) else { return Ok(None) };
    let persons = "SELECT COUNT(*) FROM person_month WHERE month = $1 AND subject_to_overtime = 1";
    let confirming = "SELECT bureau_id FROM person_month WHERE month = $1 AND overtime_confirmed_minutes > 0 GROUP BY bureau_id";
    let confirming = few_rows(tx, confirming, vec![month.into()]).await?;
    let peers = standings.work.iter().map(|standing| format!("'{}'", standing.as_text())).collect::<Vec<_>>().join(", ");
    let (groups, office) = spreads(tx, month, rule.default_regime, &peers).await?;
    persons_of(tx, month, rule.default_regime, &peers).await?;
    Ok(Some(Shared {
        input_run: run.try_get_by_index(0)?,
        persons: one_row(tx, persons, vec![month.into()]).await?.try_get_by_index(0)?,
        groups,
        office,
        confirming: confirming.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?,
        rule,
    }))
}

/// The peers' minutes by bureau and regime, and those of the whole office.
async fn spreads<C: ConnectionTrait>(
    tx: &C,
    month: YearMonth,
    default: Regime,
    peers: &str,
) -> Result<(BTreeMap<(BureauId, Regime), Spread>, Option<Spread>), DbErr> {
    let levels = format!(
        "SELECT bureau_id, COALESCE(regime, '{}') AS regime, overtime_minutes AS minutes, CAST(COUNT(*) AS integer) AS n
         FROM person_month WHERE month = {} AND subject_to_overtime = 1 AND overtime_known = 1 AND on_leave_all_month = 0
             AND standing IN ({peers})
         GROUP BY 1, 2, 3",
        default.as_text(),
        month.as_i32(),
    );
    fresh_table_as(tx, "t_level", &levels).await?;
    fresh_table(tx, "t_pile", "bureau_id {uuid}, regime {code}, minutes integer NOT NULL, n integer NOT NULL").await?;
    execute(tx, "INSERT INTO t_pile SELECT bureau_id, regime, minutes, n FROM t_level", vec![]).await?;
    execute(tx, "INSERT INTO t_pile SELECT NULL, NULL, minutes, SUM(n) FROM t_level GROUP BY minutes", vec![]).await?;
    analyze(tx, "t_pile").await?;
    let (mut groups, mut office) = (BTreeMap::new(), None);
    for row in few_rows(tx, SPREADS, vec![]).await? {
        let spread = Spread {
            count: row.try_get_by_index(2)?,
            median_doubled: row.try_get_by_index(3)?,
            deviation_quadrupled: row.try_get_by_index(4)?,
            deviations_doubled: row.try_get_by_index(5)?,
        };
        match (row.try_get_by_index::<Option<BureauId>>(0)?, row.try_get_by_index::<Option<Regime>>(1)?) {
            (Some(bureau), Some(regime)) => _ = groups.insert((bureau, regime), spread),
            _ => office = Some(spread),
        }
    }
    Ok((groups, office))
}

/// A pile is how many have the same minutes. Of `size` values in order, the middle ones are number (size + 1) ÷ 2 and (size + 2) ÷ 2, which
/// is the same where the number is odd; `picks` says how many of them lie in the pile. Deviations are doubled, for a median may be a half.
const SPREADS: &str = "SELECT bureau_id, regime, CAST(MAX(size) AS integer), CAST(MAX(median_doubled) AS integer),
        CAST(SUM(deviation * (CASE WHEN (size + 1) / 2 > upto - n AND (size + 1) / 2 <= upto THEN 1 ELSE 0 END
            + CASE WHEN (size + 2) / 2 > upto - n AND (size + 2) / 2 <= upto THEN 1 ELSE 0 END)) AS bigint),
        CAST(SUM(deviation * n) AS bigint)
    FROM (
        SELECT d.*, SUM(n) OVER (PARTITION BY bureau_id, regime ORDER BY deviation, minutes ROWS UNBOUNDED PRECEDING) AS upto
        FROM (
            SELECT m.*, ABS(2 * minutes - median_doubled) AS deviation
            FROM (
                SELECT c.*, SUM(minutes * picks) OVER (PARTITION BY bureau_id, regime) AS median_doubled
                FROM (
                    SELECT o.*, CASE WHEN (size + 1) / 2 > so_far - n AND (size + 1) / 2 <= so_far THEN 1 ELSE 0 END
                        + CASE WHEN (size + 2) / 2 > so_far - n AND (size + 2) / 2 <= so_far THEN 1 ELSE 0 END AS picks
                    FROM (
                        SELECT bureau_id, regime, minutes, n, SUM(n) OVER (PARTITION BY bureau_id, regime) AS size,
                            SUM(n) OVER (PARTITION BY bureau_id, regime ORDER BY minutes ROWS UNBOUNDED PRECEDING) AS so_far
                        FROM t_pile
                    ) o
                ) c
            ) m
        ) d
    ) u
    GROUP BY bureau_id, regime";

/// Fills `t_person`: everybody with overtime who is subject to it, with the month and the twelve before it in a row.
///
/// Each earlier month is joined by itself, and found by its key or hashed: one grouping of all thirteen costs half as much again.
async fn persons_of<C: ConnectionTrait>(tx: &C, month: YearMonth, default: Regime, peers: &str) -> Result<(), DbErr> {
    let last = month.as_i32();
    let driven = &format!("CASE COALESCE(regime, '{}') WHEN 'EXTERNALLY_DRIVEN' THEN 1 ELSE 0 END", default.as_text());
    let join = |(place, month): (usize, i32)| {
        format!(
            "LEFT JOIN (
                 SELECT staff_id, overtime_minutes AS minutes, subject_to_overtime * overtime_known * (1 - on_leave_all_month) * {bit} AS compared,
                     {driven} * {bit} AS driven
                 FROM person_month WHERE month = {month}
             ) h{place} ON h{place}.staff_id = p.staff_id",
            bit = 1 << place,
        )
    };
    let each = |column: &dyn Fn(usize) -> String, between: &str| (1..MONTHS).map(column).collect::<Vec<_>>().join(between);
    let query = format!(
        "SELECT ROW_NUMBER() OVER (ORDER BY p.staff_id) AS seq, p.staff_id, p.bureau_id, p.unit_id, p.regime,
             p.overtime_confirmed_minutes AS confirmed,
             CASE WHEN p.staff_id IN (
                 SELECT w.staff_id FROM exceptional_work w
                 WHERE w.void_reason IS NULL AND w.date < '{to}' AND w.last_month >= {last}
             ) THEN 1 ELSE 0 END AS exceptional,
             CAST(CASE WHEN p.on_leave_all_month = 0 AND p.standing IN ({peers}) THEN 1 ELSE 0 END + {compared} AS bigint) AS compared, CAST({driven} + {was_driven} AS bigint) AS driven,
             p.overtime_minutes AS m0, {minutes}
         FROM person_month p {joins}
         WHERE p.month = {last} AND p.subject_to_overtime = 1 AND p.overtime_minutes > 0",
        to = month.next_first_day(),
        compared = each(&|place| format!("COALESCE(h{place}.compared, 0)"), " + "),
        was_driven = each(&|place| format!("COALESCE(h{place}.driven, 0)"), " + "),
        minutes = each(&|place| format!("h{place}.minutes AS m{place}"), ", "),
        joins = earlier(month).map(join).collect::<Vec<_>>().join(" "),
    );
    fresh_table_as(tx, "t_person", &query).await?;
    unprepared(tx, "CREATE UNIQUE INDEX t_person_seq ON t_person (seq)").await?;
    opened(tx, month, driven).await?;
    analyze(tx, "t_person").await
}

/// The twelve months before, with their places.
fn earlier(month: YearMonth) -> impl Iterator<Item = (usize, i32)> {
    (0..).zip(0..MONTHS).skip(1).map(move |(before, place)| (place, month.add_months(-before).as_i32()))
}

/// Fills months of `t_person` of which nothing was computed with opening balances: those of a few.
async fn opened<C: ConnectionTrait>(tx: &C, month: YearMonth, driven: &str) -> Result<(), DbErr> {
    let each = |column: &dyn Fn((usize, i32)) -> String| earlier(month).map(column).collect::<Vec<_>>();
    let columns = each(&|(place, _)| format!("m{place} integer"));
    fresh_table(tx, "t_opening", &format!("staff_id {{uuid}} NOT NULL PRIMARY KEY, driven bigint NOT NULL, {}", columns.join(", ")))
        .await?;
    let opening = format!(
        "INSERT INTO t_opening
         SELECT o.staff_id, SUM({driven} * CASE o.month {bits} END), {minutes}
         FROM opening_balance o
         WHERE o.void_reason IS NULL AND o.month >= $1 AND o.month < $2
           AND NOT EXISTS (SELECT 1 FROM person_month k WHERE k.month = o.month AND k.staff_id = o.staff_id)
         GROUP BY o.staff_id",
        bits = each(&|(place, month)| format!("WHEN {month} THEN {}", 1 << place)).join(" "),
        minutes = each(&|(_, month)| format!("MAX(CASE o.month WHEN {month} THEN o.minutes END)")).join(", "),
    );
    execute(tx, &opening, vec![month.add_months(-REACH).into(), month.into()]).await?;
    analyze(tx, "t_opening").await?;
    let fill = each(&|(place, _)| format!("m{place} = COALESCE(t_person.m{place}, o.m{place})")).join(", ");
    let fill =
        format!("UPDATE t_person SET driven = t_person.driven + o.driven, {fill} FROM t_opening o WHERE o.staff_id = t_person.staff_id");
    execute(tx, &fill, vec![]).await?;
    Ok(())
}

/// The persons after number `from`, in order, at most [`CHUNK`]; none where there are no more.
pub(super) async fn persons<C: ConnectionTrait>(tx: &C, from: i64) -> Result<Vec<Person>, DbErr> {
    let chunk = "SELECT staff_id, bureau_id, unit_id, regime, confirmed, exceptional, compared, driven,
            m0, m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12
        FROM t_person WHERE seq > $1 AND seq <= $2 ORDER BY seq";
    few_rows(tx, chunk, vec![from.into(), (from + CHUNK).into()]).await?.iter().map(person).collect()
}

fn person(row: &QueryResult) -> Result<Person, DbErr> {
    let mut minutes = [None; MONTHS];
    for (place, minutes) in minutes.iter_mut().enumerate() {
        *minutes = row.try_get_by_index(8 + place)?;
    }
    Ok(Person {
        staff_id: row.try_get_by_index(0)?,
        bureau_id: row.try_get_by_index(1)?,
        unit_id: row.try_get_by_index(2)?,
        regime: row.try_get_by_index(3)?,
        confirmed_minutes: row.try_get_by_index(4)?,
        exceptional: row.try_get_by_index::<i32>(5)? == 1,
        history: History { minutes, compared: row.try_get_by_index(6)?, driven: row.try_get_by_index(7)? },
    })
}

impl Shared {
    /// What of the person's month is not history.
    pub(super) fn circumstances(&self, person: &Person) -> Circumstances {
        let regime = person.regime.unwrap_or(self.rule.default_regime);
        Circumstances {
            regime: person.regime,
            confirmed_minutes: person.confirmed_minutes,
            bureau_confirms: self.confirming.contains(&person.bureau_id),
            exceptional: person.exceptional,
            peers: peers(&self.rule, self.groups.get(&(person.bureau_id, regime)).copied(), self.office),
        }
    }
}
