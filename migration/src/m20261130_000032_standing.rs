//! How a person stands to the office in a month: by a main post, or by a concurrent one alone, resident or not. Person-months and cells carry it,
//! cells in their key.
//!
//! What is there already is told to be of main posts until its month is computed anew, to which the definitions' new versions lead.

use crate::ddl;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

const PERSONS: &str = r"
ALTER TABLE person_month ADD COLUMN standing {text} NOT NULL DEFAULT 'MAIN'
    CHECK (standing IN ('MAIN', 'CONCURRENT_RESIDENT', 'CONCURRENT_AWAY'))
";

const CELLS: &str = r"
ALTER TABLE measure_cell ADD COLUMN standing {text} NOT NULL DEFAULT 'MAIN'
    CHECK (standing IN ('MAIN', 'CONCURRENT_RESIDENT', 'CONCURRENT_AWAY'));
ALTER TABLE measure_cell DROP CONSTRAINT measure_cell_pkey;
ALTER TABLE measure_cell ADD PRIMARY KEY (span, month, bureau_id, unit_id, sex, band, standing, measure)
";

/// SQLite changes no key of a table: it is made anew.
const CELLS_ANEW: &str = r"
CREATE TABLE measure_cell_anew (
    span {text} NOT NULL CHECK (span IN ('MONTH', 'FISCAL_YEAR_TO_DATE', 'CALENDAR_YEAR_TO_DATE')),
    month {int} NOT NULL,
    bureau_id {uuid} NOT NULL REFERENCES bureau (id),
    unit_id {uuid} NOT NULL REFERENCES unit (id),
    sex {text} NOT NULL,
    band {text} NOT NULL,
    standing {text} NOT NULL DEFAULT 'MAIN' CHECK (standing IN ('MAIN', 'CONCURRENT_RESIDENT', 'CONCURRENT_AWAY')),
    measure {text} NOT NULL,
    value {long} NOT NULL,
    persons {long} NOT NULL,
    run_id {uuid} NOT NULL,
    PRIMARY KEY (span, month, bureau_id, unit_id, sex, band, standing, measure)
);
INSERT INTO measure_cell_anew (span, month, bureau_id, unit_id, sex, band, measure, value, persons, run_id)
    SELECT span, month, bureau_id, unit_id, sex, band, measure, value, persons, run_id FROM measure_cell;
DROP TABLE measure_cell;
ALTER TABLE measure_cell_anew RENAME TO measure_cell
";

/// Cells that differ in the standing alone become one again.
const MERGED: &str = r"
CREATE TABLE measure_cell_merged AS
    SELECT span, month, bureau_id, unit_id, sex, band, measure, CAST(SUM(value) AS {long}) AS value, CAST(SUM(persons) AS {long}) AS persons,
        MAX(CAST(run_id AS text)) AS run_id
    FROM measure_cell GROUP BY span, month, bureau_id, unit_id, sex, band, measure
";

const CELLS_BACK: &str = r"
DELETE FROM measure_cell;
ALTER TABLE measure_cell DROP CONSTRAINT measure_cell_pkey;
ALTER TABLE measure_cell DROP COLUMN standing;
ALTER TABLE measure_cell ADD PRIMARY KEY (span, month, bureau_id, unit_id, sex, band, measure);
INSERT INTO measure_cell SELECT span, month, bureau_id, unit_id, sex, band, measure, value, persons, CAST(run_id AS uuid)
    FROM measure_cell_merged
";

const CELLS_BACK_ANEW: &str = r"
DROP TABLE measure_cell;
CREATE TABLE measure_cell (
    span {text} NOT NULL CHECK (span IN ('MONTH', 'FISCAL_YEAR_TO_DATE', 'CALENDAR_YEAR_TO_DATE')),
    month {int} NOT NULL,
    bureau_id {uuid} NOT NULL REFERENCES bureau (id),
    unit_id {uuid} NOT NULL REFERENCES unit (id),
    sex {text} NOT NULL,
    band {text} NOT NULL,
    measure {text} NOT NULL,
    value {long} NOT NULL,
    persons {long} NOT NULL,
    run_id {uuid} NOT NULL,
    PRIMARY KEY (span, month, bureau_id, unit_id, sex, band, measure)
);
INSERT INTO measure_cell SELECT span, month, bureau_id, unit_id, sex, band, measure, value, persons, run_id FROM measure_cell_merged
";

const BACK: &str = r"
DROP TABLE measure_cell_merged;
ALTER TABLE person_month DROP COLUMN standing
";

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        ddl(manager, PERSONS).await?;
        ddl(manager, if postgres { CELLS } else { CELLS_ANEW }).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        // A key of SQLite's is a blob, which has an order of its own.
        ddl(manager, &if postgres { MERGED.to_owned() } else { MERGED.replace("MAX(CAST(run_id AS text))", "MAX(run_id)") }).await?;
        ddl(manager, if postgres { CELLS_BACK } else { CELLS_BACK_ANEW }).await?;
        ddl(manager, BACK).await
    }
}
