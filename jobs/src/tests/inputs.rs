//! What the figures are computed from, and that a change of any of it marks months stale: the engines say which tables the jobs' statements
//! read, so that one that is forgotten is named.

use super::office::{Office, day, month, offices};
use crate::{
    database::seen,
    transaction::{INPUTS, Stale},
};
use entity::{
    job_run::{JobName, RunState},
    posting::RankBand,
    staff::Sex,
};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use std::{collections::BTreeSet, sync::atomic::Ordering};

/// What the two jobs write themselves, the one from the other: flags mark what they change.
const OUTPUTS: [&str; 8] = [
    "reported_source",
    "person_month",
    "measure_cell",
    "indicator_value",
    "outlier_event",
    "changed_person",
    "protected_month",
    "protection",
];
/// The ledger's own, which says what is to be computed and up to where records are gone, and is no ground of a figure.
const LEDGER: [&str; 8] =
    ["job_run", "job_run_event", "job_fence", "job_schedule", "job_backfill", "stale_mark", "retention", "audit_entry"];
/// Of these only keys are read, to name what is computed: a key never changes, and a new row holds nobody yet. What a bureau's visibility decides is
/// decided anew by each run where it changed (`protection::undecided`).
const KEYS: [&str; 2] = ["bureau", "unit"];

/// Everything that the statements of both jobs read, on a way through all of them.
async fn statements(office: &Office) -> Vec<String> {
    office.now.store(1_560_000_000, Ordering::SeqCst); // 2019-06-08
    let bureau = office.bureau("A").await;
    let unit = office.unit(bureau, "A1").await;
    let person = office.staff("001", Sex::Female).await;
    let post = office.posting(&person, &unit, RankBand::Staff, "2019-01-01", None).await;
    office.shift(&post, "2019-05-08", 3_000).await;
    office.shift(&post, "2019-05-09", 3_200).await;
    office.put(vec![office.leave_row(&post, day("2019-05-10"), 60)]).await;
    seen::begin();
    office.run(Some("2019-05")).await;
    for dry_run in [true, false] {
        assert_eq!(office.attempt(JobName::OvertimeOutliers, dry_run).await.state, RunState::Succeeded);
    }
    office.mark(&Stale::from([((bureau, month("2019-05")), [Some(person.id)].into())])).await;
    assert_eq!(office.attempt(JobName::MonthlyIndicators, true).await.state, RunState::Succeeded);
    office.run(None).await;
    let statements = seen::end();
    assert!(office.count("SELECT COUNT(*) FROM overtime_outlier").await > 0, "figures are made of flags");
    statements
}

/// One connection, which has the TEMP tables that the statements make, as the job's own has them.
async fn connection(office: &Office) -> DatabaseConnection {
    let mut options = ConnectOptions::new(office.url());
    options.max_connections(1).min_connections(1).sqlx_logging(false);
    let db = Database::connect(options).await.unwrap();
    if db.get_database_backend() == DbBackend::Sqlite {
        // Else a row that is written counts as a reader of what its foreign keys name.
        db.execute_unprepared("PRAGMA foreign_keys = OFF").await.unwrap();
    }
    db
}

async fn all(db: &DatabaseConnection, sql: String) -> Vec<sea_orm::QueryResult> {
    let backend = db.get_database_backend();
    db.query_all_raw(Statement::from_string(backend, sql.clone())).await.unwrap_or_else(|error| panic!("{error}: {sql}"))
}

/// The tables of ours that a statement reads, as the engine's plan says.
async fn read_by(db: &DatabaseConnection, sql: &str) -> BTreeSet<String> {
    let mut tables = BTreeSet::new();
    if db.get_database_backend() == DbBackend::Postgres {
        for row in all(db, format!("EXPLAIN (FORMAT JSON) {sql}")).await {
            relations(&row.try_get_by_index::<serde_json::Value>(0).unwrap(), &mut tables);
        }
    } else {
        let mut pages = BTreeSet::new();
        for row in all(db, format!("EXPLAIN {sql}")).await {
            // Database 0 is the file, and 1 what is TEMP.
            let (opcode, page, database): (String, i32, i32) =
                (row.try_get_by_index(1).unwrap(), row.try_get_by_index(3).unwrap(), row.try_get_by_index(4).unwrap());
            if ["OpenRead", "ReopenIdx"].contains(&opcode.as_str()) && database == 0 {
                pages.insert(page);
            }
        }
        let pages: Vec<_> = pages.iter().map(ToString::to_string).collect();
        let named = format!("SELECT DISTINCT tbl_name FROM main.sqlite_schema WHERE rootpage IN ({})", pages.join(", "));
        tables.extend(all(db, named).await.iter().map(|row| row.try_get_by_index::<String>(0).unwrap()));
    }
    tables.retain(|table| !table.starts_with("t_"));
    tables
}

/// The relations of a plan, but for those that its nodes write.
fn relations(plan: &serde_json::Value, tables: &mut BTreeSet<String>) {
    match plan {
        serde_json::Value::Array(parts) => parts.iter().for_each(|part| relations(part, tables)),
        serde_json::Value::Object(members) => {
            if members.get("Node Type").is_some_and(|node| node != "ModifyTable") {
                tables.extend(members.get("Relation Name").and_then(|name| name.as_str()).map(str::to_owned));
            }
            members.values().for_each(|member| relations(member, tables));
        }
        _ => {}
    }
}

/// Makes the TEMP tables as they come, and tells what all statements read.
async fn read(db: &DatabaseConnection, statements: &[String]) -> BTreeSet<String> {
    let mut tables = BTreeSet::new();
    for sql in statements {
        if let Some(made) = sql.strip_prefix("CREATE TEMP TABLE") {
            if let Some((name, query)) = made.split_once(" AS ")
                && !name.contains('(')
            {
                tables.extend(read_by(db, query).await);
            }
        } else if !["DROP ", "CREATE ", "SET "].iter().any(|word| sql.starts_with(word)) {
            tables.extend(read_by(db, sql).await);
            continue;
        }
        db.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{error}: {sql}"));
    }
    tables
}

#[tokio::test]
async fn every_table_that_figures_are_computed_from_is_an_input_that_marks() {
    let inputs: BTreeSet<String> = INPUTS.iter().map(|table| (*table).to_owned()).collect();
    let known: BTreeSet<String> = [&OUTPUTS[..], &LEDGER, &KEYS].concat().into_iter().map(str::to_owned).collect();
    assert!(inputs.is_disjoint(&known));
    for office in offices().await {
        let statements = statements(&office).await;
        assert!(statements.len() > 200, "{} statements were seen", statements.len());
        let db = connection(&office).await;
        let read = read(&db, &statements).await;
        let found: BTreeSet<String> = read.difference(&known).cloned().collect();
        let forgotten: Vec<_> = found.difference(&inputs).collect();
        assert!(forgotten.is_empty(), "{:?}: figures rest on {forgotten:?}, whose writing marks nothing", office.db.backend());
        let unread: Vec<_> = inputs.difference(&found).collect();
        assert!(unread.is_empty(), "{:?}: no statement reads {unread:?} any more", office.db.backend());
        db.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_plan_names_what_it_reads_and_not_what_it_writes() {
    for office in offices().await {
        let db = connection(&office).await;
        for (sql, tables) in [
            (
                "SELECT COUNT(*) FROM shift s JOIN staff p ON p.id = s.staff_id WHERE s.date > '2019-01-01' AND p.hired_on IS NOT NULL",
                "shift staff",
            ),
            ("INSERT INTO job_fence (run_id, epoch) SELECT id, 0 FROM job_run", "job_run"),
            ("SELECT 1 WHERE EXISTS (SELECT 1 FROM holiday) OR 2 IN (SELECT calendar_year FROM leave_target)", "holiday leave_target"),
        ] {
            let expected: BTreeSet<String> = tables.split(' ').map(str::to_owned).collect();
            assert_eq!(read_by(&db, sql).await, expected, "{sql}");
        }
        db.close().await.unwrap();
    }
}
