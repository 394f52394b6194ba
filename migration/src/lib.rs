//! Schema changes, and nothing else: no seeds, no data but what a new column takes from the others, and no word of our other crates, so that a
//! migration never changes when an entity does (a drift test compares the two). One file is one change.
//!
//! The statements are plain SQL with type names in braces; `ddl` is the one place that knows how each engine spells them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

pub use sea_orm_migration::MigratorTrait;

mod m20261123_000001_organisation;
mod m20261123_000002_people;
mod m20261123_000003_time;
mod m20261123_000004_careers;
mod m20261123_000005_computed;
mod m20261123_000006_jobs;
mod m20261123_000007_provenance;
mod m20261123_000008_retention;
mod m20261124_000009_disposal;
mod m20261124_000010_outliers;
mod m20261124_000011_officer_address;
mod m20261127_000012_plan;
mod m20261127_000013_follow_up;
mod m20261127_000014_report_version;
mod m20261128_000015_people_are_held;
mod m20261128_000016_releases_are_found;
mod m20261129_000017_one_word_each;
mod m20261129_000018_leave_targets;
mod m20261129_000019_readings;
mod m20261129_000020_token_revocations;
mod m20261129_000021_causes;
mod m20261129_000022_warnings;
mod m20261129_000023_alarms;
mod m20261129_000024_database_identity;
mod m20261129_000025_four_eyes;
mod m20261129_000026_withdrawn_vintages;
mod m20261129_000028_classification;
mod m20261129_000029_month_sources;
mod m20261130_000030_receipt_warnings;
mod m20261130_000031_folded_keys;
mod m20261130_000032_standing;
mod m20261130_000033_bureau_sets;
mod m20261130_000034_coverage;
mod m20261130_000035_counting_rules;
mod m20261130_000036_changes;
mod m20261130_000037_employment;
mod m20261130_000038_holding;
mod m20261130_000039_run_numbers;
mod m20261130_000040_protection;
mod m20261130_000041_bare_figures;
mod m20261130_000042_bureau_position;
mod m20261130_000043_published_answers;

/// All migrations, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_organisation::Migration),
            Box::new(m20261123_000002_people::Migration),
            Box::new(m20261123_000003_time::Migration),
            Box::new(m20261123_000004_careers::Migration),
            Box::new(m20261123_000005_computed::Migration),
            Box::new(m20261123_000006_jobs::Migration),
            Box::new(m20261123_000007_provenance::Migration),
            Box::new(m20261123_000008_retention::Migration),
            Box::new(m20261124_000009_disposal::Migration),
            Box::new(m20261124_000010_outliers::Migration),
            Box::new(m20261124_000011_officer_address::Migration),
            Box::new(m20261127_000012_plan::Migration),
            Box::new(m20261127_000013_follow_up::Migration),
            Box::new(m20261127_000014_report_version::Migration),
            Box::new(m20261128_000015_people_are_held::Migration),
            Box::new(m20261128_000016_releases_are_found::Migration),
            Box::new(m20261129_000017_one_word_each::Migration),
            Box::new(m20261129_000018_leave_targets::Migration),
            Box::new(m20261129_000019_readings::Migration),
            Box::new(m20261129_000020_token_revocations::Migration),
            Box::new(m20261129_000021_causes::Migration),
            Box::new(m20261129_000022_warnings::Migration),
            Box::new(m20261129_000023_alarms::Migration),
            Box::new(m20261129_000024_database_identity::Migration),
            Box::new(m20261129_000025_four_eyes::Migration),
            Box::new(m20261129_000026_withdrawn_vintages::Migration),
            Box::new(m20261129_000028_classification::Migration),
            Box::new(m20261129_000029_month_sources::Migration),
            Box::new(m20261130_000030_receipt_warnings::Migration),
            Box::new(m20261130_000031_folded_keys::Migration),
            Box::new(m20261130_000032_standing::Migration),
            Box::new(m20261130_000033_bureau_sets::Migration),
            Box::new(m20261130_000034_coverage::Migration),
            Box::new(m20261130_000035_counting_rules::Migration),
            Box::new(m20261130_000036_changes::Migration),
            Box::new(m20261130_000037_employment::Migration),
            Box::new(m20261130_000038_holding::Migration),
            Box::new(m20261130_000039_run_numbers::Migration),
            Box::new(m20261130_000040_protection::Migration),
            Box::new(m20261130_000041_bare_figures::Migration),
            Box::new(m20261130_000042_bureau_position::Migration),
            Box::new(m20261130_000043_published_answers::Migration),
        ]
    }
}

/// How a database's schema stands to this program's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// They are the same.
    Current,
    /// The database lacks migrations that the program has.
    Behind,
    /// The database has had a migration, the last of those named here, that this program does not know.
    Ahead(String),
}

/// Compares the database's schema with this program's, and changes nothing.
///
/// # Errors
/// The engine's.
pub async fn state<C: ConnectionTrait>(db: &C) -> Result<State, DbErr> {
    match Migrator::get_pending_migrations_read_only(db).await {
        Ok(pending) => Ok(if pending.is_empty() { State::Current } else { State::Behind }),
        // The one thing that the library says in words of its own: a migration was applied that it does not know.
        Err(DbErr::Custom(_)) => {
            let known: Vec<_> = Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect();
            let applied = Migrator::get_migration_models(db).await?.into_iter().map(|row| row.version);
            Ok(applied.filter(|version| !known.contains(version)).max().map_or(State::Current, State::Ahead))
        }
        Err(error) => Err(error),
    }
}

/// Columns that every record written from outside has, beside what it says.
const RECORD: &str = "
    source_version {long},
    void_reason {text},
    revision {int} NOT NULL CHECK (revision >= 1),
    receipt_id {uuid} NOT NULL REFERENCES receipt (id),
    created_at {instant} NOT NULL,
    updated_at {instant} NOT NULL";

/// Columns of a record that is keyed by its client's own numbering.
const CLIENT: &str = "
    client {text} NOT NULL REFERENCES api_client (code),
    external_id {text} NOT NULL CHECK (length(external_id) BETWEEN 1 AND 200)";

/// Columns of a record about a person on a date; it stores the posting of that date, whose bureau is its row scope.
const DATED: &str = "
    staff_id {uuid} NOT NULL REFERENCES staff (id),
    posting_id {uuid} NOT NULL REFERENCES posting (id),
    bureau_id {uuid} NOT NULL REFERENCES bureau (id),
    unit_id {uuid} NOT NULL REFERENCES unit (id),
    date {date} NOT NULL,
    correction_reason {text}";

/// Runs statements, separated by `;`, with the type names of the engine at hand.
///
/// Text sorts by code point on both engines, so that lists, cursors and digests agree.
async fn ddl(manager: &SchemaManager<'_>, statements: &str) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let postgres = manager.get_database_backend() == DbBackend::Postgres;
    let sql = statements.replace("{record}", RECORD).replace("{client}", CLIENT).replace("{dated}", DATED);
    let words = if postgres {
        [
            ("{uuid}", "uuid"),
            ("{text}", "text COLLATE \"C\""),
            ("{int}", "integer"),
            ("{long}", "bigint"),
            ("{long_key}", "bigint NOT NULL PRIMARY KEY"),
            ("{bool}", "boolean"),
            ("{date}", "date"),
            ("{instant}", "timestamptz"),
            ("{json}", "json"),
            ("{bytes}", "bytea"),
        ]
    } else {
        [
            ("{uuid}", "uuid_text"),
            ("{text}", "text"),
            ("{int}", "integer"),
            ("{long}", "bigint"),
            ("{long_key}", "integer NOT NULL PRIMARY KEY"),
            ("{bool}", "boolean"),
            ("{date}", "date_text"),
            ("{instant}", "timestamp_with_timezone_text"),
            ("{json}", "json_text"),
            ("{bytes}", "blob"),
        ]
    };
    let sql = words.iter().fold(sql, |sql, (name, word)| sql.replace(name, word));
    for statement in sql.split(';').map(str::trim).filter(|statement| !statement.is_empty()) {
        db.execute_unprepared(statement).await?;
    }
    Ok(())
}

/// Drops tables, the last made first.
async fn drop_tables(manager: &SchemaManager<'_>, tables: &[&str]) -> Result<(), DbErr> {
    for table in tables.iter().rev() {
        manager.get_connection().execute_unprepared(&format!("DROP TABLE {table}")).await?;
    }
    Ok(())
}
