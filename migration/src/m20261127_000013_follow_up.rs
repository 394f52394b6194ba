//! The yearly follow-up: the cycle with its calls, submissions, reports and findings; snapshots; releases with their files and figures.

use crate::{ddl, drop_tables};
use sea_orm_migration::prelude::*;

const TABLES: &[&str] = &[
    "follow_up",
    "follow_up_event",
    "data_call",
    "submission",
    "follow_up_report",
    "finding",
    "snapshot",
    "snapshot_part",
    "release",
    "release_file",
    "release_observation",
];

const UP: &str = r"
CREATE TABLE follow_up (
    id {uuid} NOT NULL PRIMARY KEY,
    plan_id {uuid} NOT NULL REFERENCES plan (id),
    fiscal_year {int} NOT NULL,
    stage {text} NOT NULL CHECK (stage IN ('COLLECTING', 'FROZEN', 'DRAFT', 'COMPILED', 'PUBLISHED', 'WITHDRAWN')),
    version {text} NOT NULL,
    kind {text} NOT NULL CHECK (kind IN ('INITIAL', 'CORRECTION', 'NEW_DATA', 'DEFINITION')),
    reason_ja {text},
    reason_en {text},
    due_on {date} NOT NULL,
    opened_at {instant} NOT NULL,
    frozen_at {instant},
    changed_at {instant} NOT NULL,
    CHECK ((frozen_at IS NULL) = (stage = 'COLLECTING'))
);
CREATE UNIQUE INDEX follow_up_year ON follow_up (plan_id, fiscal_year);
CREATE INDEX follow_up_fiscal_year ON follow_up (fiscal_year, id);
CREATE INDEX follow_up_going_on ON follow_up (stage) WHERE stage IN ('COLLECTING', 'FROZEN', 'DRAFT', 'COMPILED');

CREATE TABLE follow_up_event (
    id {uuid} NOT NULL PRIMARY KEY,
    follow_up_id {uuid} NOT NULL REFERENCES follow_up (id),
    bureau_id {uuid} REFERENCES bureau (id),
    at {instant} NOT NULL,
    actor {text} NOT NULL,
    act {text} NOT NULL,
    stage {text} NOT NULL,
    version {text} NOT NULL,
    reason {text}
);
CREATE INDEX follow_up_event_order ON follow_up_event (follow_up_id, id);

CREATE TABLE data_call (
    id {uuid} NOT NULL PRIMARY KEY,
    follow_up_id {uuid} NOT NULL REFERENCES follow_up (id),
    bureau_id {uuid} NOT NULL REFERENCES bureau (id),
    due_on {date} NOT NULL,
    called_at {instant} NOT NULL
);
CREATE UNIQUE INDEX data_call_bureau ON data_call (follow_up_id, bureau_id);
CREATE INDEX data_call_due ON data_call (due_on, id);
CREATE INDEX data_call_of_bureau ON data_call (bureau_id, due_on, id);

CREATE TABLE submission (
    id {uuid} NOT NULL PRIMARY KEY,
    follow_up_id {uuid} NOT NULL REFERENCES follow_up (id),
    bureau_id {uuid} NOT NULL REFERENCES bureau (id),
    revision {int} NOT NULL CHECK (revision >= 1),
    state {text} NOT NULL CHECK (state IN ('SUBMITTED', 'RETURNED', 'ACCEPTED')),
    content {json} NOT NULL,
    submitted_at {instant} NOT NULL,
    submitted_by {text} NOT NULL,
    reviewed_at {instant},
    reviewed_by {text},
    comment {text},
    CHECK ((reviewed_at IS NULL) = (state = 'SUBMITTED'))
);
CREATE UNIQUE INDEX submission_revision ON submission (follow_up_id, bureau_id, revision);
CREATE INDEX submission_bureau ON submission (bureau_id, submitted_at, id);
CREATE INDEX submission_submitted ON submission (submitted_at, id);

CREATE TABLE follow_up_report (
    id {uuid} NOT NULL PRIMARY KEY,
    follow_up_id {uuid} NOT NULL REFERENCES follow_up (id),
    body {text} NOT NULL CHECK (body IN ('PROMOTION_COMMITTEE', 'COUNCIL')),
    reported_on {date} NOT NULL,
    paper {text} NOT NULL CHECK (length(paper) BETWEEN 1 AND 200),
    recorded_at {instant} NOT NULL,
    recorded_by {text} NOT NULL
);
CREATE UNIQUE INDEX follow_up_report_body ON follow_up_report (follow_up_id, body);

CREATE TABLE finding (
    id {uuid} NOT NULL PRIMARY KEY,
    follow_up_id {uuid} NOT NULL REFERENCES follow_up (id),
    version {text} NOT NULL,
    check_name {text} NOT NULL,
    subject {text} NOT NULL,
    text_ja {text} NOT NULL,
    text_en {text} NOT NULL,
    answer {text},
    answered_at {instant},
    answered_by {text},
    CHECK ((answer IS NULL) = (answered_at IS NULL))
);
CREATE UNIQUE INDEX finding_subject ON finding (follow_up_id, version, check_name, subject);
CREATE INDEX finding_order ON finding (follow_up_id, id);

CREATE TABLE snapshot (
    id {uuid} NOT NULL PRIMARY KEY,
    plan {text} NOT NULL,
    fiscal_year {int} NOT NULL,
    version {text} NOT NULL,
    sha256 {text},
    manifest {text},
    as_of {instant} NOT NULL,
    created_at {instant} NOT NULL,
    CHECK ((sha256 IS NULL) = (manifest IS NULL))
);
CREATE UNIQUE INDEX snapshot_version ON snapshot (plan, fiscal_year, version);
CREATE UNIQUE INDEX snapshot_sha256 ON snapshot (sha256);

CREATE TABLE snapshot_part (
    snapshot_id {uuid} NOT NULL REFERENCES snapshot (id),
    position {int} NOT NULL CHECK (position >= 0),
    kind {text} NOT NULL,
    sha256 {text} NOT NULL,
    content {text} NOT NULL,
    PRIMARY KEY (snapshot_id, position)
);

CREATE TABLE release (
    id {uuid} NOT NULL PRIMARY KEY,
    follow_up_id {uuid} NOT NULL REFERENCES follow_up (id),
    plan {text} NOT NULL,
    fiscal_year {int} NOT NULL,
    version {text} NOT NULL,
    kind {text} NOT NULL CHECK (kind IN ('INITIAL', 'CORRECTION', 'NEW_DATA', 'DEFINITION')),
    state {text} NOT NULL CHECK (state IN ('DRAFT', 'PUBLISHED', 'WITHDRAWN')),
    snapshot_sha256 {text} NOT NULL,
    as_of {instant} NOT NULL,
    document {text} NOT NULL,
    published_at {instant},
    published_by {text},
    withdrawn_at {instant},
    withdrawn_reason {text},
    CHECK (state <> 'DRAFT' OR published_at IS NULL),
    CHECK (state <> 'PUBLISHED' OR published_at IS NOT NULL),
    CHECK ((state = 'WITHDRAWN') = (withdrawn_at IS NOT NULL))
);
CREATE UNIQUE INDEX release_version ON release (plan, fiscal_year, version);
CREATE INDEX release_follow_up ON release (follow_up_id, id);
CREATE INDEX release_year ON release (fiscal_year, id);

CREATE TABLE release_file (
    release_id {uuid} NOT NULL REFERENCES release (id),
    path {text} NOT NULL,
    media_type {text} NOT NULL,
    sha256 {text} NOT NULL,
    content {bytes} NOT NULL,
    PRIMARY KEY (release_id, path)
);

CREATE TABLE release_observation (
    id {uuid} NOT NULL PRIMARY KEY,
    release_id {uuid} NOT NULL REFERENCES release (id),
    position {int} NOT NULL CHECK (position >= 1),
    fiscal_year {int} NOT NULL,
    indicator {text} NOT NULL,
    definition_version {int} NOT NULL,
    date_from {date} NOT NULL,
    date_to {date} NOT NULL,
    bureau {text} NOT NULL,
    sex {text} NOT NULL,
    band {text} NOT NULL,
    numerator {long},
    denominator {long},
    status {text} NOT NULL CHECK (status IN ('FINAL', 'PROVISIONAL', 'REVISED', 'WITHHELD', 'NO_SUBJECTS', 'UNKNOWN')),
    CHECK (status NOT IN ('WITHHELD', 'UNKNOWN') OR (numerator IS NULL AND denominator IS NULL))
);
CREATE UNIQUE INDEX release_observation_position ON release_observation (release_id, position);
CREATE INDEX release_observation_indicator ON release_observation (release_id, indicator, position)
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
