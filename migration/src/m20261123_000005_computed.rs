//! History and audit, the month's close, and what jobs compute.

use crate::{ddl, drop_tables};
use sea_orm_migration::prelude::*;

const TABLES: &[&str] =
    &["job_run", "record_revision", "audit_entry", "month_close", "stale_mark", "person_month", "measure_cell", "indicator_value"];

const UP: &str = r"
CREATE TABLE job_run (
    id {uuid} NOT NULL PRIMARY KEY,
    job {text} NOT NULL CHECK (job IN ('MONTHLY_INDICATORS')),
    period {int},
    trigger {text} NOT NULL CHECK (trigger IN ('SCHEDULE', 'MANUAL', 'COMMAND')),
    dedupe_key {text} NOT NULL,
    requested_by {text} NOT NULL,
    reason {text},
    slot {instant},
    state {text} NOT NULL CHECK (state IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'SKIPPED')),
    epoch {long} NOT NULL CHECK (epoch >= 0),
    as_of {instant} NOT NULL,
    queued_at {instant} NOT NULL,
    started_at {instant},
    finished_at {instant},
    statistics {json},
    output_digest {text},
    error {text}
);
CREATE UNIQUE INDEX job_run_dedupe_key ON job_run (dedupe_key);
CREATE INDEX job_run_queued_at ON job_run (queued_at, id);
CREATE INDEX job_run_state ON job_run (state, queued_at);

CREATE TABLE record_revision (
    id {uuid} NOT NULL PRIMARY KEY,
    noun {text} NOT NULL,
    record_id {uuid} NOT NULL,
    revision {int} NOT NULL,
    content {json} NOT NULL,
    receipt_id {uuid} NOT NULL REFERENCES receipt (id),
    written_at {instant} NOT NULL,
    replaced_at {instant} NOT NULL
);
CREATE UNIQUE INDEX record_revision_record ON record_revision (record_id, revision);

CREATE TABLE audit_entry (
    id {uuid} NOT NULL PRIMARY KEY,
    at {instant} NOT NULL,
    actor {text} NOT NULL,
    roles {text} NOT NULL,
    verb {text} NOT NULL,
    noun {text} NOT NULL,
    bureau_id {uuid} REFERENCES bureau (id),
    record_id {uuid},
    counts {json} NOT NULL,
    receipt_id {uuid} REFERENCES receipt (id),
    run_id {uuid} REFERENCES job_run (id),
    reason {text}
);
CREATE INDEX audit_entry_at ON audit_entry (at, id);
CREATE INDEX audit_entry_bureau_at ON audit_entry (bureau_id, at);

CREATE TABLE month_close (
    id {uuid} NOT NULL PRIMARY KEY,
    bureau_id {uuid} NOT NULL REFERENCES bureau (id),
    month {int} NOT NULL,
    state {text} NOT NULL CHECK (state IN ('OPEN', 'SUBMITTED', 'CLOSED')),
    submitted_at {instant},
    submitted_by {text},
    closed_at {instant},
    closed_by {text}
);
CREATE UNIQUE INDEX month_close_bureau_month ON month_close (bureau_id, month);
CREATE INDEX month_close_month ON month_close (month, id);

CREATE TABLE stale_mark (
    id {uuid} NOT NULL PRIMARY KEY,
    bureau_id {uuid} NOT NULL REFERENCES bureau (id),
    month {int} NOT NULL,
    staff_id {uuid} REFERENCES staff (id),
    receipt_id {uuid} REFERENCES receipt (id),
    created_at {instant} NOT NULL
);
CREATE INDEX stale_mark_month ON stale_mark (month, bureau_id);

CREATE TABLE person_month (
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
    run_id {uuid} NOT NULL REFERENCES job_run (id),
    PRIMARY KEY (month, staff_id)
);
CREATE INDEX person_month_bureau ON person_month (bureau_id, month);
CREATE INDEX person_month_staff ON person_month (staff_id, month);

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
    run_id {uuid} NOT NULL REFERENCES job_run (id),
    PRIMARY KEY (span, month, bureau_id, unit_id, sex, band, measure)
);

CREATE TABLE indicator_value (
    id {uuid} NOT NULL PRIMARY KEY,
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
CREATE UNIQUE INDEX indicator_value_latest ON indicator_value (indicator, span, month, bureau, sex, band) WHERE superseded_by IS NULL;
CREATE INDEX indicator_value_month ON indicator_value (month, id);
CREATE INDEX indicator_value_history ON indicator_value (indicator, span, month, bureau)
";

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, TABLES).await
    }
}
