//! How long each noun is kept, the indexes by which what is over is found, and where a bureau takes notices.

use crate::{ddl, drop_tables};
use sea_orm_migration::prelude::*;

const TABLES: &[&str] = &["retention"];

const UP: &str = r"
CREATE TABLE retention (
    id {uuid} NOT NULL PRIMARY KEY,
    noun {text} NOT NULL,
    length {int} NOT NULL CHECK (length >= 1),
    unit {text} NOT NULL CHECK (unit IN ('FISCAL_YEARS', 'DAYS')),
    changed_at {instant} NOT NULL,
    changed_by {text} NOT NULL,
    reason {text}
);
CREATE UNIQUE INDEX retention_noun ON retention (noun);

CREATE INDEX staff_separated ON staff (separated_on, id)
    WHERE separated_on IS NOT NULL AND (void_reason IS NULL OR void_reason <> 'RETENTION');
CREATE INDEX record_revision_replaced ON record_revision (replaced_at, id);
CREATE INDEX receipt_kept ON receipt (created_at, id) WHERE body_hash <> '';
CREATE INDEX job_run_finished ON job_run (finished_at, id) WHERE finished_at IS NOT NULL;
CREATE INDEX mail_outbox_created ON mail_outbox (created_at, id);
CREATE INDEX month_close_unclosed ON month_close (month) WHERE state <> 'CLOSED';

ALTER TABLE bureau ADD COLUMN notice_address {text}
";

const DOWN: &str = r"
ALTER TABLE bureau DROP COLUMN notice_address;
DROP INDEX month_close_unclosed;
DROP INDEX mail_outbox_created;
DROP INDEX job_run_finished;
DROP INDEX receipt_kept;
DROP INDEX record_revision_replaced;
DROP INDEX staff_separated
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
