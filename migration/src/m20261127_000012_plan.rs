//! The plan as data: plan, clauses, measures, items that bureaus submit; and what a target was set against.

use crate::{ddl, drop_tables};
use sea_orm_migration::prelude::*;

const TABLES: &[&str] = &["plan", "clause", "plan_measure", "submission_item"];

const UP: &str = r"
ALTER TABLE target ADD COLUMN plan_id {uuid};
ALTER TABLE target ADD COLUMN baseline_numerator {long};
ALTER TABLE target ADD COLUMN baseline_denominator {long} CHECK (baseline_denominator > 0);
ALTER TABLE target ADD COLUMN baseline_from {date};
ALTER TABLE target ADD COLUMN baseline_to {date};
ALTER TABLE target ADD COLUMN successor {text};
ALTER TABLE target ADD COLUMN note_ja {text};
ALTER TABLE target ADD COLUMN note_en {text};

CREATE TABLE plan (
    id {uuid} NOT NULL PRIMARY KEY,
    code {text} NOT NULL CHECK (length(code) BETWEEN 1 AND 40),
    name_ja {text} NOT NULL,
    name_en {text} NOT NULL,
    decided_on {date} NOT NULL,
    valid_from {date} NOT NULL,
    valid_to {date} NOT NULL,
    settings {json} NOT NULL,
    revision {int} NOT NULL CHECK (revision >= 1),
    sha256 {text} NOT NULL,
    loaded_at {instant} NOT NULL,
    loaded_by {text} NOT NULL,
    CHECK (valid_to > valid_from)
);
CREATE UNIQUE INDEX plan_code ON plan (code);

CREATE TABLE clause (
    id {uuid} NOT NULL PRIMARY KEY,
    plan_id {uuid} NOT NULL REFERENCES plan (id),
    code {text} NOT NULL CHECK (length(code) BETWEEN 1 AND 40),
    parent {text},
    position {int} NOT NULL CHECK (position >= 1),
    title_ja {text} NOT NULL,
    title_en {text} NOT NULL,
    states_only {bool} NOT NULL
);
CREATE UNIQUE INDEX clause_code ON clause (plan_id, code);
CREATE INDEX clause_position ON clause (plan_id, position);

CREATE TABLE plan_measure (
    id {uuid} NOT NULL PRIMARY KEY,
    plan_id {uuid} NOT NULL REFERENCES plan (id),
    code {text} NOT NULL CHECK (length(code) BETWEEN 1 AND 60),
    clause {text} NOT NULL,
    position {int} NOT NULL CHECK (position >= 1),
    name_ja {text} NOT NULL,
    name_en {text} NOT NULL,
    valid_from {date} NOT NULL,
    valid_to {date} NOT NULL,
    CHECK (valid_to > valid_from)
);
CREATE UNIQUE INDEX plan_measure_code ON plan_measure (plan_id, code);
CREATE INDEX plan_measure_position ON plan_measure (plan_id, position);

CREATE TABLE submission_item (
    id {uuid} NOT NULL PRIMARY KEY,
    plan_id {uuid} NOT NULL REFERENCES plan (id),
    code {text} NOT NULL CHECK (length(code) BETWEEN 1 AND 60),
    version {int} NOT NULL CHECK (version >= 1),
    clause {text} NOT NULL,
    position {int} NOT NULL CHECK (position >= 1),
    name_ja {text} NOT NULL,
    name_en {text} NOT NULL,
    description_ja {text} NOT NULL,
    description_en {text} NOT NULL,
    unit {text} NOT NULL CHECK (unit IN ('HOURS', 'DAYS', 'PERCENT')),
    direction {text} NOT NULL CHECK (direction IN ('HIGHER_IS_BETTER', 'LOWER_IS_BETTER', 'NEUTRAL')),
    source {text} NOT NULL CHECK (source IN ('BUREAU', 'OFFICE')),
    counts_persons {bool} NOT NULL,
    may_exceed_hundred {bool} NOT NULL,
    statutory {bool} NOT NULL
);
CREATE UNIQUE INDEX submission_item_code ON submission_item (plan_id, code);
CREATE INDEX submission_item_position ON submission_item (plan_id, position)
";

const DOWN: &str = r"
ALTER TABLE target DROP COLUMN note_en;
ALTER TABLE target DROP COLUMN note_ja;
ALTER TABLE target DROP COLUMN successor;
ALTER TABLE target DROP COLUMN baseline_to;
ALTER TABLE target DROP COLUMN baseline_from;
ALTER TABLE target DROP COLUMN baseline_denominator;
ALTER TABLE target DROP COLUMN baseline_numerator;
ALTER TABLE target DROP COLUMN plan_id
";

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, TABLES).await?;
        ddl(manager, DOWN).await
    }
}
