//! Durable jobs: schedules, leases, fences, events, backfills; seals of the audit trail, and the outbox of mails.
//!
//! Three checks of `job_run` become wider (the job's name has none any more: the entity's enum guards it). Other tables refer to `job_run`,
//! so it is not rebuilt: each column is made anew beside the old one, filled, and takes its name, which both engines do alike and which
//! keeps every row and every foreign key. A run that was going on is queued again, under a raised epoch.

use crate::{ddl, drop_tables};
use sea_orm_migration::prelude::*;

const TABLES: &[&str] =
    &["job_fence", "job_run_event", "job_schedule", "job_schedule_version", "audit_seal", "audit_seal_item", "mail_outbox"];

/// Before a column can go, the indexes over it must; `{states}` and `{triggers}` are what the new columns take.
const RETYPE: &str = r"
DROP INDEX job_run_state;
ALTER TABLE job_run ADD COLUMN job_name {text} NOT NULL DEFAULT 'MONTHLY_INDICATORS' {jobs};
ALTER TABLE job_run ADD COLUMN cause {text} NOT NULL DEFAULT 'COMMAND' CHECK (cause IN ({triggers}));
ALTER TABLE job_run ADD COLUMN standing {text} NOT NULL DEFAULT 'QUEUED' CHECK (standing IN ({states}));
UPDATE job_run SET job_name = job, cause = trigger, standing = state;
ALTER TABLE job_run DROP COLUMN job;
ALTER TABLE job_run DROP COLUMN trigger;
ALTER TABLE job_run DROP COLUMN state;
ALTER TABLE job_run RENAME COLUMN job_name TO job;
ALTER TABLE job_run RENAME COLUMN cause TO trigger;
ALTER TABLE job_run RENAME COLUMN standing TO state;
CREATE INDEX job_run_state ON job_run (state, queued_at)
";

const UP: &str = r"
CREATE TABLE job_backfill (
    id {uuid} NOT NULL PRIMARY KEY,
    job {text} NOT NULL,
    first_period {int} NOT NULL,
    last_period {int} NOT NULL,
    scope {text} NOT NULL CHECK (scope IN ('MISSING', 'FAILED', 'ALL')),
    at_once {int} NOT NULL CHECK (at_once >= 1),
    periods {json} NOT NULL,
    state {text} NOT NULL CHECK (state IN ('PLANNED', 'RUNNING', 'FINISHED', 'CANCELLED')),
    requested_by {text} NOT NULL,
    reason {text} NOT NULL,
    created_at {instant} NOT NULL,
    started_at {instant},
    finished_at {instant},
    CHECK (first_period <= last_period)
);
CREATE INDEX job_backfill_created_at ON job_backfill (created_at, id);

UPDATE job_run SET state = 'QUEUED', epoch = epoch + 1 WHERE state = 'RUNNING';
ALTER TABLE job_run ADD COLUMN concurrency_key {text};
ALTER TABLE job_run ADD COLUMN priority {int} NOT NULL DEFAULT 2;
ALTER TABLE job_run ADD COLUMN available_at {instant} NOT NULL DEFAULT '1970-01-01T00:00:00+00:00';
ALTER TABLE job_run ADD COLUMN attempt {int} NOT NULL DEFAULT 0 CHECK (attempt >= 0);
ALTER TABLE job_run ADD COLUMN max_attempts {int} NOT NULL DEFAULT 5 CHECK (max_attempts >= 1);
ALTER TABLE job_run ADD COLUMN losses {int} NOT NULL DEFAULT 0 CHECK (losses >= 0);
ALTER TABLE job_run ADD COLUMN lease_owner {text};
ALTER TABLE job_run ADD COLUMN lease_until {instant};
ALTER TABLE job_run ADD COLUMN deadline {instant};
ALTER TABLE job_run ADD COLUMN cancel_requested_at {instant};
ALTER TABLE job_run ADD COLUMN cancel_requested_by {text};
ALTER TABLE job_run ADD COLUMN progress {json};
ALTER TABLE job_run ADD COLUMN checkpoint {json};
ALTER TABLE job_run ADD COLUMN dry_run {bool} NOT NULL DEFAULT FALSE;
ALTER TABLE job_run ADD COLUMN code_version {text};
ALTER TABLE job_run ADD COLUMN definition_version {int};
ALTER TABLE job_run ADD COLUMN retry_of {uuid} REFERENCES job_run (id);
ALTER TABLE job_run ADD COLUMN backfill_id {uuid} REFERENCES job_backfill (id);
UPDATE job_run SET concurrency_key = 'monthly-indicators', available_at = queued_at;
UPDATE job_run SET attempt = 1 WHERE state IN ('SUCCEEDED', 'FAILED');
CREATE UNIQUE INDEX job_run_concurrency ON job_run (concurrency_key) WHERE state IN ('RUNNING', 'CANCELLING');
CREATE INDEX job_run_ready ON job_run (priority, available_at, id) WHERE state IN ('QUEUED', 'RETRY_WAIT');
CREATE INDEX job_run_due ON job_run (available_at) WHERE state IN ('QUEUED', 'RETRY_WAIT');
CREATE INDEX job_run_lease ON job_run (lease_until) WHERE state IN ('RUNNING', 'CANCELLING');
CREATE INDEX job_run_unfinished ON job_run (job) WHERE state IN ('QUEUED', 'RUNNING', 'RETRY_WAIT', 'CANCELLING');
CREATE INDEX job_run_finished_at ON job_run (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX job_run_backfill ON job_run (backfill_id) WHERE backfill_id IS NOT NULL;

CREATE TABLE job_fence (
    run_id {uuid} NOT NULL PRIMARY KEY REFERENCES job_run (id),
    epoch {long} NOT NULL CHECK (epoch >= 0)
);
INSERT INTO job_fence (run_id, epoch) SELECT id, epoch FROM job_run;

CREATE TABLE job_run_event (
    run_id {uuid} NOT NULL REFERENCES job_run (id),
    sequence {long} NOT NULL CHECK (sequence >= 1),
    at {instant} NOT NULL,
    kind {text} NOT NULL,
    data {json} NOT NULL,
    PRIMARY KEY (run_id, sequence)
);

CREATE TABLE job_schedule (
    id {uuid} NOT NULL PRIMARY KEY,
    job {text} NOT NULL,
    cron {text} NOT NULL,
    zone {text} NOT NULL,
    enabled {bool} NOT NULL,
    misfire {text} NOT NULL CHECK (misfire IN ('SKIP', 'LATEST', 'ALL')),
    catch_up_seconds {long} NOT NULL CHECK (catch_up_seconds >= 0),
    overlap {text} NOT NULL CHECK (overlap IN ('SKIP', 'QUEUE', 'REPLACE')),
    version {int} NOT NULL CHECK (version >= 1),
    cursor {instant},
    changed_at {instant} NOT NULL,
    changed_by {text} NOT NULL
);
CREATE UNIQUE INDEX job_schedule_job ON job_schedule (job);

CREATE TABLE job_schedule_version (
    schedule_id {uuid} NOT NULL REFERENCES job_schedule (id),
    version {int} NOT NULL,
    cron {text} NOT NULL,
    zone {text} NOT NULL,
    enabled {bool} NOT NULL,
    misfire {text} NOT NULL,
    catch_up_seconds {long} NOT NULL,
    overlap {text} NOT NULL,
    changed_at {instant} NOT NULL,
    changed_by {text} NOT NULL,
    reason {text},
    PRIMARY KEY (schedule_id, version)
);

CREATE TABLE audit_seal (
    number {long_key} CHECK (number >= 1),
    first_item {long} NOT NULL,
    last_item {long} NOT NULL,
    head {text} NOT NULL,
    key_id {text} NOT NULL,
    signature {text} NOT NULL,
    sealed_at {instant} NOT NULL,
    run_id {uuid} NOT NULL REFERENCES job_run (id),
    CHECK (first_item <= last_item)
);

CREATE TABLE audit_seal_item (
    number {long_key} CHECK (number >= 1),
    seal {long} NOT NULL REFERENCES audit_seal (number),
    entry_id {uuid} NOT NULL,
    hash {text} NOT NULL
);
CREATE UNIQUE INDEX audit_seal_item_entry ON audit_seal_item (entry_id);

CREATE TABLE mail_outbox (
    id {uuid} NOT NULL PRIMARY KEY,
    kind {text} NOT NULL,
    bureau_id {uuid} NOT NULL REFERENCES bureau (id),
    date {date} NOT NULL,
    address {text} NOT NULL,
    subject {text} NOT NULL,
    body {text} NOT NULL,
    state {text} NOT NULL CHECK (state IN ('PENDING', 'SENDING', 'SENT', 'UNCERTAIN', 'FAILED')),
    attempts {int} NOT NULL CHECK (attempts >= 0),
    created_at {instant} NOT NULL,
    tried_at {instant},
    settled_at {instant},
    run_id {uuid} NOT NULL REFERENCES job_run (id)
);
CREATE UNIQUE INDEX mail_outbox_once ON mail_outbox (kind, bureau_id, date);
CREATE INDEX mail_outbox_state ON mail_outbox (state, created_at)
";

/// What the foundation's checks do not know becomes the nearest that they know; runs of other jobs go.
const DOWN: &str = r"
DROP INDEX job_run_concurrency;
DROP INDEX job_run_ready;
DROP INDEX job_run_due;
DROP INDEX job_run_lease;
DROP INDEX job_run_unfinished;
DROP INDEX job_run_finished_at;
DROP INDEX job_run_backfill;
ALTER TABLE job_run DROP COLUMN concurrency_key;
ALTER TABLE job_run DROP COLUMN priority;
ALTER TABLE job_run DROP COLUMN available_at;
ALTER TABLE job_run DROP COLUMN attempt;
ALTER TABLE job_run DROP COLUMN max_attempts;
ALTER TABLE job_run DROP COLUMN losses;
ALTER TABLE job_run DROP COLUMN lease_owner;
ALTER TABLE job_run DROP COLUMN lease_until;
ALTER TABLE job_run DROP COLUMN deadline;
ALTER TABLE job_run DROP COLUMN cancel_requested_at;
ALTER TABLE job_run DROP COLUMN cancel_requested_by;
ALTER TABLE job_run DROP COLUMN progress;
ALTER TABLE job_run DROP COLUMN checkpoint;
ALTER TABLE job_run DROP COLUMN dry_run;
ALTER TABLE job_run DROP COLUMN code_version;
ALTER TABLE job_run DROP COLUMN definition_version;
ALTER TABLE job_run DROP COLUMN retry_of;
ALTER TABLE job_run DROP COLUMN backfill_id;
DROP TABLE job_backfill;
UPDATE audit_entry SET run_id = NULL WHERE run_id IN (SELECT id FROM job_run WHERE job <> 'MONTHLY_INDICATORS');
DELETE FROM job_run WHERE job <> 'MONTHLY_INDICATORS';
UPDATE job_run SET trigger = 'MANUAL' WHERE trigger IN ('RETRY', 'BACKFILL');
UPDATE job_run SET state = 'QUEUED' WHERE state = 'RETRY_WAIT';
UPDATE job_run SET state = 'FAILED' WHERE state IN ('CANCELLING', 'CANCELLED')
";

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let states = "'QUEUED', 'RUNNING', 'RETRY_WAIT', 'CANCELLING', 'CANCELLED', 'SUCCEEDED', 'FAILED', 'SKIPPED'";
        let retype = RETYPE.replace("{jobs}", "CHECK (length(job_name) > 0)").replace("{states}", states);
        ddl(manager, &retype.replace("{triggers}", "'SCHEDULE', 'MANUAL', 'COMMAND', 'RETRY', 'BACKFILL'")).await?;
        ddl(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, TABLES).await?;
        ddl(manager, DOWN).await?;
        let states = "'QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'SKIPPED'";
        let retype = RETYPE.replace("{jobs}", "CHECK (job_name IN ('MONTHLY_INDICATORS'))").replace("{states}", states);
        ddl(manager, &retype.replace("{triggers}", "'SCHEDULE', 'MANUAL', 'COMMAND'")).await
    }
}
