//! What is withheld from readers who see no persons: decided once for a month, kept, and what such readers meet of a value while a later one is
//! held back.

use crate::{ddl, drop_tables};
use sea_orm_migration::prelude::*;

const TABLES: &[&str] = &["changed_person", "protected_month", "protection"];

/// Months that were computed before have no decision, and show nothing until a run has made it.
const UP: &str = r#"
CREATE TABLE protection (
    id {uuid} NOT NULL PRIMARY KEY,
    span {text} NOT NULL CHECK (span IN ('MONTH', 'FISCAL_YEAR_TO_DATE', 'CALENDAR_YEAR_TO_DATE')),
    month {int} NOT NULL,
    figure {text} NOT NULL,
    split {text} NOT NULL CHECK (split IN ('TOTAL', 'BY_SEX', 'BY_BAND')),
    withheld {json} NOT NULL,
    run_id {uuid} NOT NULL REFERENCES job_run (id),
    decided_at {instant} NOT NULL,
    superseded_by {uuid} REFERENCES job_run (id)
);
CREATE UNIQUE INDEX protection_latest ON protection (month, span, figure, split) WHERE superseded_by IS NULL;
CREATE INDEX protection_history ON protection (month, span, figure, split, decided_at);

CREATE TABLE protected_month (
    span {text} NOT NULL CHECK (span IN ('MONTH', 'FISCAL_YEAR_TO_DATE', 'CALENDAR_YEAR_TO_DATE')),
    month {int} NOT NULL,
    withheld {json} NOT NULL,
    total_only {json} NOT NULL,
    run_id {uuid} NOT NULL REFERENCES job_run (id),
    decided_at {instant} NOT NULL,
    PRIMARY KEY (month, span)
);

CREATE TABLE changed_person (
    month {int} NOT NULL,
    bureau_id {uuid} NOT NULL REFERENCES bureau (id),
    staff_id {uuid} NOT NULL,
    sex {text} NOT NULL,
    band {text} NOT NULL,
    of_total {int} NOT NULL,
    of_sex {int} NOT NULL,
    of_band {int} NOT NULL,
    PRIMARY KEY (month, bureau_id, staff_id, sex, band)
);

ALTER TABLE indicator_value ADD COLUMN is_public {bool} NOT NULL DEFAULT FALSE;
UPDATE indicator_value SET is_public = TRUE WHERE superseded_by IS NULL;
CREATE UNIQUE INDEX indicator_value_public ON indicator_value (indicator, span, month, bureau, sex, band) WHERE is_public;
ALTER TABLE withdrawn_value ADD COLUMN is_public {bool} NOT NULL DEFAULT FALSE;

ALTER TABLE counting_rule ADD COLUMN published {json} NOT NULL DEFAULT '["WOMEN_ASSISTANT_DIRECTOR","WOMEN_ASSISTANT_DIRECTOR_AND_ABOVE","WOMEN_CHIEF","WOMEN_DESIGNATED","WOMEN_DIRECTOR","WOMEN_DIRECTOR_AND_ABOVE","WOMEN_HIRES_EXAM","WOMEN_HIRES_MID_CAREER","WOMEN_STAFF"]'
"#;

const DOWN: &str = r"
ALTER TABLE counting_rule DROP COLUMN published;
ALTER TABLE withdrawn_value DROP COLUMN is_public;
DROP INDEX indicator_value_public;
ALTER TABLE indicator_value DROP COLUMN is_public
";

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl(manager, DOWN).await?;
        drop_tables(manager, TABLES).await
    }
}
