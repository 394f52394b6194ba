//! Looks at rows that no query shows, beside the workers.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, QueryResult, Statement};
use serde_json::Value;

/// Far more than a run, a lease and the longest wait before another attempt take.
const LONGEST: Duration = Duration::from_secs(150);
const LOOK: Duration = Duration::from_millis(20);

const PERSON_MONTHS: &str = "SELECT CAST(m.month AS text) || '|' || s.staff_number || '|' || b.code || '|' || u.code || '|' || m.band
        || '|' || CAST(m.days_in_post AS text) || '|' || CAST(m.worked_minutes AS text) || '|' || CAST(m.overtime_minutes AS text)
        || '|' || CAST(m.late_night_minutes AS text) || '|' || CAST(m.telework_days AS text)
    FROM person_month m
    JOIN staff s ON s.id = m.staff_id
    JOIN bureau b ON b.id = m.bureau_id
    JOIN unit u ON u.id = m.unit_id";
const CELLS: &str = "SELECT c.span || '|' || CAST(c.month AS text) || '|' || u.code || '|' || c.sex || '|' || c.band || '|' || c.measure
        || '|' || CAST(c.value AS text) || '|' || CAST(c.persons AS text)
    FROM measure_cell c
    JOIN unit u ON u.id = c.unit_id";
/// Every version, so that one too many is seen.
const VALUES: &str =
    "SELECT v.indicator || '|' || v.span || '|' || CAST(v.month AS text) || '|' || v.bureau || '|' || v.sex || '|' || v.band
        || '|' || CAST(v.numerator AS text) || '|' || CAST(v.denominator AS text) || '|' || CAST(v.numerator_persons AS text)
        || '|' || CAST(v.denominator_persons AS text) || '|' || CASE WHEN v.superseded_by IS NULL THEN 'latest' ELSE 'superseded' END
    FROM indicator_value v";
/// All that a job writes.
const WRITTEN: [&str; 7] = ["person_month", "measure_cell", "indicator_value", "stale_mark", "job_run", "job_run_event", "job_fence"];

/// What a run leaves, by natural keys and values.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    pub rows: Vec<String>,
    pub digest: Option<String>,
    /// Those statistics that do not depend on how often a month was repeated.
    pub counted: Value,
    pub checkpoints: i64,
}

/// A connection of the test's own.
pub struct Probe(DatabaseConnection);

impl Probe {
    pub async fn open(url: &str) -> anyhow::Result<Self> {
        let mut options = ConnectOptions::new(url);
        options.max_connections(1).sqlx_logging(false);
        Ok(Self(Database::connect(options).await?))
    }

    pub async fn execute(&self, sql: &str) -> anyhow::Result<()> {
        self.0.execute_unprepared(sql).await?;
        Ok(())
    }

    async fn all(&self, sql: &str) -> anyhow::Result<Vec<QueryResult>> {
        Ok(self.0.query_all_raw(Statement::from_string(self.0.get_database_backend(), sql)).await?)
    }

    pub async fn texts(&self, sql: &str) -> anyhow::Result<Vec<String>> {
        Ok(self.all(sql).await?.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?)
    }

    pub async fn number(&self, sql: &str) -> anyhow::Result<i64> {
        Ok(self.all(sql).await?.first().context("no row")?.try_get_by_index(0)?)
    }

    /// Looks until a statement selects this number. Nothing tells of it: it is sessions and locks of the
    /// engine, or rows of a worker beside which no server runs that could be subscribed to.
    pub async fn until(&self, sql: &str, number: i64) -> anyhow::Result<()> {
        let asked = Instant::now();
        while self.number(sql).await? != number {
            ensure!(asked.elapsed() < LONGEST, "not {number}: {sql}");
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    /// Waits until a killed worker's sessions are over, for what it had asked for may still be on its way; PostgreSQL only.
    pub async fn alone(&self) -> anyhow::Result<()> {
        self.until("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()", 0).await
    }

    pub async fn state(&self) -> anyhow::Result<String> {
        self.texts("SELECT state FROM job_run WHERE reason = 'crash'").await?.pop().context("no run")
    }

    /// Waits for a worker to bring the run to its end, whatever it is.
    pub async fn over(&self) -> anyhow::Result<()> {
        let open = "SELECT COUNT(*) FROM job_run WHERE reason = 'crash' AND state IN ('QUEUED', 'RUNNING', 'RETRY_WAIT')";
        self.until(open, 0).await
    }

    /// How many events of each kind the run has.
    pub async fn events(&self) -> anyhow::Result<BTreeMap<String, i64>> {
        let kinds =
            "SELECT e.kind, COUNT(*) FROM job_run_event e JOIN job_run r ON r.id = e.run_id WHERE r.reason = 'crash' GROUP BY e.kind";
        let rows = self.all(kinds).await?;
        Ok(rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect::<Result<_, sea_orm::DbErr>>()?)
    }

    pub async fn outcome(&self) -> anyhow::Result<Outcome> {
        let mut rows = Vec::new();
        for sql in [PERSON_MONTHS, CELLS, VALUES] {
            rows.extend(self.texts(sql).await?);
        }
        rows.push(format!("stale marks: {}", self.number("SELECT COUNT(*) FROM stale_mark").await?));
        rows.sort_unstable();
        let run = self.all("SELECT output_digest, statistics FROM job_run WHERE reason = 'crash'").await?;
        let run = run.first().context("no run")?;
        let statistics: Option<Value> = run.try_get_by_index(1)?;
        let counted = ["months", "personMonths", "largestOvertimeMinutes", "marksCleared"];
        let counted = counted.map(|name| statistics.as_ref().map(|all| all[name].clone()).unwrap_or_default());
        let checkpoints = self.events().await?.get("CHECKPOINT").copied().unwrap_or_default();
        Ok(Outcome { rows, digest: run.try_get_by_index(0)?, counted: counted.into_iter().collect(), checkpoints })
    }

    /// Checks that the run succeeded, left what an undisturbed one leaves, and has a history without a contradiction.
    pub async fn check(&self, undisturbed: &Outcome, case: &str) -> anyhow::Result<()> {
        assert_eq!(self.state().await?, "SUCCEEDED", "{case}");
        let outcome = self.outcome().await?;
        let differing = |a: &[String], b: &[String]| a.iter().filter(|row| !b.contains(row)).cloned().collect::<Vec<_>>();
        let (more, less) = (differing(&outcome.rows, &undisturbed.rows), differing(&undisturbed.rows, &outcome.rows));
        assert!(outcome == *undisturbed, "{case}: {more:#?} in place of {less:#?}; {:?} and {:?}", outcome.counted, undisturbed.counted);
        let events = self.events().await?;
        let of = |kind: &str| events.get(kind).copied().unwrap_or_default();
        let (ended, claims) = (of("LOST") + of("HANDED_BACK") + of("RETRY_SCHEDULED"), of("CLAIMED"));
        assert_eq!((of("SUCCEEDED"), claims), (1, ended + 1), "{case}: {events:?}");
        let run = "FROM job_run r JOIN job_fence f ON f.run_id = r.id WHERE r.reason = 'crash'";
        assert_eq!(self.number(&format!("SELECT r.epoch {run}")).await?, claims + of("LOST"), "{case}");
        assert_eq!(self.number(&format!("SELECT f.epoch {run}")).await?, claims + of("LOST"), "{case}");
        let spent = format!("SELECT CAST(r.attempt AS bigint) {run}");
        assert_eq!(self.number(&spent).await?, 1 + of("RETRY_SCHEDULED"), "{case}: attempts are spent by errors alone");
        Ok(())
    }

    /// Every row of every table that jobs write, whole; PostgreSQL only.
    pub async fn everything(&self) -> anyhow::Result<Vec<String>> {
        let mut rows = Vec::new();
        for table in WRITTEN {
            rows.extend(self.texts(&format!("SELECT '{table} ' || CAST(t AS text) FROM {table} t ORDER BY 1")).await?);
        }
        Ok(rows)
    }
}
