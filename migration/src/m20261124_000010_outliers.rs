//! Overtime outliers: the rules, exceptional work, hours from before a secondment, flags and their history.
//!
//! `job_run.trigger` takes one word more. Other tables refer to `job_run`, so its column is made anew beside the old one, as before.

use crate::{ddl, drop_tables};
use sea_orm_migration::prelude::*;

const TABLES: &[&str] = &["overtime_rule", "exceptional_work", "opening_balance", "outlier_flag", "outlier_event"];

const RETYPE: &str = r"
ALTER TABLE job_run ADD COLUMN cause {text} NOT NULL DEFAULT 'COMMAND' CHECK (cause IN ({triggers}));
UPDATE job_run SET cause = trigger;
ALTER TABLE job_run DROP COLUMN trigger;
ALTER TABLE job_run RENAME COLUMN cause TO trigger
";

const UP: &str = r"
ALTER TABLE person_month ADD COLUMN on_leave_all_month {int} NOT NULL DEFAULT 0 CHECK (on_leave_all_month IN (0, 1));

CREATE TABLE overtime_rule (
    id {uuid} NOT NULL PRIMARY KEY,
    valid_from {int} NOT NULL,
    version {int} NOT NULL CHECK (version >= 1),
    counted_from {int} NOT NULL,
    default_regime {text} NOT NULL CHECK (default_regime IN ('SELF_PACED', 'EXTERNALLY_DRIVEN')),
    first_month {int} NOT NULL CHECK (first_month BETWEEN 1 AND 12),
    self_paced_month_minutes {int} CHECK (self_paced_month_minutes >= 0),
    self_paced_year_minutes {int} CHECK (self_paced_year_minutes >= 0),
    driven_month_minutes {int} CHECK (driven_month_minutes >= 0),
    driven_year_minutes {int} CHECK (driven_year_minutes >= 0),
    driven_mean_minutes {int} CHECK (driven_mean_minutes >= 0),
    mean_months {int} NOT NULL CHECK (mean_months BETWEEN 2 AND 6),
    long_month_minutes {int} NOT NULL CHECK (long_month_minutes >= 0),
    driven_long_months {int} CHECK (driven_long_months BETWEEN 0 AND 12),
    interview_month_minutes {int} CHECK (interview_month_minutes >= 0),
    interview_mean_minutes {int} CHECK (interview_mean_minutes >= 0),
    score_thousandths {int} NOT NULL CHECK (score_thousandths > 0),
    least_peers {int} NOT NULL CHECK (least_peers >= 2),
    least_own_months {int} NOT NULL CHECK (least_own_months BETWEEN 2 AND 12),
    floor_minutes {int} NOT NULL CHECK (floor_minutes >= 0),
    floor_above_median_minutes {int} NOT NULL CHECK (floor_above_median_minutes >= 0),
    unconfirmed_minutes {int} CHECK (unconfirmed_minutes >= 0),
    pace_months {int} CHECK (pace_months BETWEEN 1 AND 12),
    acknowledge_days {int} NOT NULL CHECK (acknowledge_days >= 1),
    review_days {int} NOT NULL CHECK (review_days >= acknowledge_days),
    changed_at {instant} NOT NULL,
    changed_by {text} NOT NULL,
    reason {text}
);
CREATE UNIQUE INDEX overtime_rule_valid_from ON overtime_rule (valid_from);

CREATE TABLE exceptional_work (
    id {uuid} NOT NULL PRIMARY KEY,{client},{dated},
    last_month {int} NOT NULL,
    work {text} NOT NULL CHECK (length(work) BETWEEN 1 AND 1000),
    approver {text} NOT NULL CHECK (length(approver) BETWEEN 1 AND 200),
    analysed_on {date},{record}
);
CREATE UNIQUE INDEX exceptional_work_external ON exceptional_work (client, external_id);
CREATE INDEX exceptional_work_staff ON exceptional_work (staff_id, date, id);
CREATE INDEX exceptional_work_date ON exceptional_work (date, id);
CREATE INDEX exceptional_work_bureau ON exceptional_work (bureau_id, date, id);
CREATE INDEX exceptional_work_posting ON exceptional_work (posting_id);

CREATE TABLE opening_balance (
    id {uuid} NOT NULL PRIMARY KEY,{client},{dated},
    month {int} NOT NULL,
    regime {text} CHECK (regime IN ('SELF_PACED', 'EXTERNALLY_DRIVEN')),
    minutes {int} NOT NULL CHECK (minutes BETWEEN 0 AND 44640),{record}
);
CREATE UNIQUE INDEX opening_balance_external ON opening_balance (client, external_id);
CREATE UNIQUE INDEX opening_balance_month ON opening_balance (staff_id, month) WHERE void_reason IS NULL;
CREATE INDEX opening_balance_staff ON opening_balance (staff_id, date, id);
CREATE INDEX opening_balance_date ON opening_balance (date, id);
CREATE INDEX opening_balance_bureau ON opening_balance (bureau_id, date, id);
CREATE INDEX opening_balance_posting ON opening_balance (posting_id);

CREATE TABLE outlier_flag (
    id {uuid} NOT NULL PRIMARY KEY,
    month {int} NOT NULL,
    staff_id {uuid} NOT NULL REFERENCES staff (id),
    bureau_id {uuid} NOT NULL REFERENCES bureau (id),
    unit_id {uuid} NOT NULL REFERENCES unit (id),
    regime {text} NOT NULL,
    kind {text} NOT NULL,
    category {text} NOT NULL,
    severity {text} NOT NULL,
    minutes {int} NOT NULL,
    total_minutes {int},
    months {int},
    limit_minutes {int},
    limit_months {int},
    projected_month {int},
    median_doubled {int},
    scale_numerator {long},
    scale_denominator {long} CHECK (scale_denominator > 0),
    peers {int},
    peer_level {text},
    method {text},
    rule_version {int} NOT NULL,
    input_run_id {uuid} NOT NULL,
    run_id {uuid} NOT NULL,
    raised_at {instant} NOT NULL,
    changed_at {instant} NOT NULL,
    acknowledge_by {date} NOT NULL,
    review_by {date} NOT NULL,
    review {text} NOT NULL CHECK (review IN ('OPEN', 'ACKNOWLEDGED', 'EXPLAINED', 'ACTION_TAKEN', 'DISMISSED')),
    reviewed_at {instant},
    interview_held_on {date},
    withdrawn_at {instant},
    returned_from {uuid} REFERENCES outlier_flag (id),
    CHECK ((reviewed_at IS NULL) = (review IN ('OPEN', 'ACKNOWLEDGED')))
);
CREATE UNIQUE INDEX outlier_flag_standing ON outlier_flag (month, staff_id, kind) WHERE withdrawn_at IS NULL;
CREATE INDEX outlier_flag_former ON outlier_flag (month, staff_id, kind, withdrawn_at) WHERE withdrawn_at IS NOT NULL;
CREATE INDEX outlier_flag_month ON outlier_flag (month, id);
CREATE INDEX outlier_flag_bureau ON outlier_flag (bureau_id, month, id);
CREATE INDEX outlier_flag_staff ON outlier_flag (staff_id, month, id);
CREATE INDEX outlier_flag_raised ON outlier_flag (raised_at, id);
CREATE INDEX outlier_flag_run ON outlier_flag (run_id, id);
CREATE INDEX outlier_flag_returned ON outlier_flag (returned_from) WHERE returned_from IS NOT NULL;
CREATE INDEX outlier_flag_review_by ON outlier_flag (review_by, id);

CREATE TABLE outlier_event (
    flag_id {uuid} NOT NULL REFERENCES outlier_flag (id),
    sequence {int} NOT NULL CHECK (sequence >= 1),
    at {instant} NOT NULL,
    kind {text} NOT NULL,
    actor {text} NOT NULL,
    comment {text},
    run_id {uuid},
    PRIMARY KEY (flag_id, sequence)
)
";

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl(manager, &RETYPE.replace("{triggers}", "'SCHEDULE', 'MANUAL', 'COMMAND', 'RETRY', 'BACKFILL', 'RUN'")).await?;
        ddl(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, TABLES).await?;
        ddl(
            manager,
            "ALTER TABLE person_month DROP COLUMN on_leave_all_month; UPDATE job_run SET trigger = 'MANUAL' WHERE trigger = 'RUN'",
        )
        .await?;
        ddl(manager, &RETYPE.replace("{triggers}", "'SCHEDULE', 'MANUAL', 'COMMAND', 'RETRY', 'BACKFILL'")).await
    }
}
