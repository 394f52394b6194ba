//! What is computed names the run that wrote it without holding it: runs are disposed of when their time is over, figures are not. It also
//! spares a look at the ledger for each of the hundred thousands of rows that a run writes.

use crate::ddl;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// PostgreSQL's names of the keys that go, by table.
const KEYS: [(&str, &str); 2] = [("person_month", "person_month_run_id_fkey"), ("measure_cell", "measure_cell_run_id_fkey")];

/// SQLite changes no key of a table: it is made anew. `{run}` is the reference, or nothing.
const ANEW: &str = r"
CREATE TABLE person_month_anew (
    month {int} NOT NULL,
    staff_id {uuid} NOT NULL REFERENCES staff (id),
    bureau_id {uuid} NOT NULL REFERENCES bureau (id),
    unit_id {uuid} NOT NULL REFERENCES unit (id),
    band {text} NOT NULL,
    regime {text},
    sex {text} NOT NULL,
    employment {text} NOT NULL,
    days_in_post {int} NOT NULL CHECK (days_in_post BETWEEN 1 AND 31),
    in_census {int} NOT NULL CHECK (in_census IN (0, 1)),
    subject_to_overtime {int} NOT NULL CHECK (subject_to_overtime IN (0, 1)),
    worked_minutes {int} NOT NULL,
    overtime_minutes {int} NOT NULL,
    late_night_minutes {int} NOT NULL,
    day_off_minutes {int} NOT NULL,
    overtime_confirmed_minutes {int} NOT NULL,
    presence_compared_minutes {int} NOT NULL,
    presence_beyond_minutes {int} NOT NULL,
    on_time_shifts {int} NOT NULL,
    on_time_departures {int} NOT NULL,
    exam_hires {int} NOT NULL,
    mid_career_hires {int} NOT NULL,
    staggered_shifts {int} NOT NULL,
    telework_days {int} NOT NULL,
    annual_leave_minutes {int} NOT NULL,
    run_id {uuid} NOT NULL{run},
    PRIMARY KEY (month, staff_id)
);
INSERT INTO person_month_anew SELECT * FROM person_month;
DROP TABLE person_month;
ALTER TABLE person_month_anew RENAME TO person_month;
CREATE INDEX person_month_bureau ON person_month (bureau_id, month);
CREATE INDEX person_month_staff ON person_month (staff_id, month);

CREATE TABLE measure_cell_anew (
    span {text} NOT NULL CHECK (span IN ('MONTH', 'FISCAL_YEAR_TO_DATE', 'CALENDAR_YEAR_TO_DATE')),
    month {int} NOT NULL,
    bureau_id {uuid} NOT NULL REFERENCES bureau (id),
    unit_id {uuid} NOT NULL REFERENCES unit (id),
    sex {text} NOT NULL,
    band {text} NOT NULL,
    measure {text} NOT NULL,
    value {long} NOT NULL,
    persons {long} NOT NULL,
    run_id {uuid} NOT NULL{run},
    PRIMARY KEY (span, month, bureau_id, unit_id, sex, band, measure)
);
INSERT INTO measure_cell_anew SELECT * FROM measure_cell;
DROP TABLE measure_cell;
ALTER TABLE measure_cell_anew RENAME TO measure_cell
";

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DbBackend::Postgres {
            return ddl(manager, &ANEW.replace("{run}", "")).await;
        }
        for (table, key) in KEYS {
            ddl(manager, &format!("ALTER TABLE {table} DROP CONSTRAINT {key}")).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DbBackend::Postgres {
            return ddl(manager, &ANEW.replace("{run}", " REFERENCES job_run (id)")).await;
        }
        for (table, key) in KEYS {
            ddl(manager, &format!("ALTER TABLE {table} ADD CONSTRAINT {key} FOREIGN KEY (run_id) REFERENCES job_run (id)")).await?;
        }
        Ok(())
    }
}
