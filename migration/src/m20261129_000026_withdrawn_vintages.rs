//! Vintages of indicators' values that were taken out of every list, as they were.

use crate::{ddl, drop_tables};
use sea_orm_migration::prelude::*;

const TABLES: &[&str] = &["vintage_withdrawal", "withdrawn_value"];

const UP: &str = r"
CREATE TABLE vintage_withdrawal (
    id {uuid} NOT NULL PRIMARY KEY,
    run_id {uuid} NOT NULL REFERENCES job_run (id),
    month {int},
    indicators {text},
    value_count {long} NOT NULL CHECK (value_count > 0),
    withdrawn_at {instant} NOT NULL,
    withdrawn_by {text} NOT NULL,
    reason {text} NOT NULL
);
CREATE INDEX vintage_withdrawal_run ON vintage_withdrawal (run_id, withdrawn_at, id);

CREATE TABLE withdrawn_value (
    id {uuid} NOT NULL PRIMARY KEY,
    withdrawal_id {uuid} NOT NULL REFERENCES vintage_withdrawal (id),
    indicator {text} NOT NULL,
    version {int} NOT NULL,
    span {text} NOT NULL CHECK (span IN ('MONTH', 'FISCAL_YEAR_TO_DATE', 'CALENDAR_YEAR_TO_DATE')),
    month {int} NOT NULL,
    bureau {text} NOT NULL,
    sex {text} NOT NULL,
    band {text} NOT NULL,
    numerator {long} NOT NULL,
    denominator {long} NOT NULL,
    numerator_persons {long} NOT NULL,
    denominator_persons {long} NOT NULL,
    as_of {date} NOT NULL,
    computed_at {instant} NOT NULL,
    run_id {uuid} NOT NULL REFERENCES job_run (id),
    superseded_at {instant},
    superseded_by {uuid} REFERENCES job_run (id),
    CHECK ((superseded_at IS NULL) = (superseded_by IS NULL))
);
CREATE INDEX withdrawn_value_withdrawal ON withdrawn_value (withdrawal_id);
CREATE INDEX indicator_value_run ON indicator_value (run_id, month)
";

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl(manager, UP).await
    }

    /// Values that were withdrawn are lost: they come back into no list.
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP INDEX indicator_value_run").await?;
        drop_tables(manager, TABLES).await
    }
}
