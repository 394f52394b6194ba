//! What a bureau says with the submission of a month: which sources are complete, why it submits what looks incomplete; and who sent it back.

use crate::ddl;
use sea_orm_migration::prelude::*;

const UP: &str = r"
CREATE TABLE month_source (
    month_close_id {uuid} NOT NULL REFERENCES month_close (id),
    source {text} NOT NULL CHECK (source IN ('PRESENCE', 'OVERTIME', 'TELEWORK', 'LEAVE', 'HIRES', 'APPOINTMENTS')),
    records {long} NOT NULL CHECK (records >= 0),
    PRIMARY KEY (month_close_id, source)
);
ALTER TABLE month_close ADD COLUMN submission_reason {text};
ALTER TABLE month_close ADD COLUMN returned_at {instant};
ALTER TABLE month_close ADD COLUMN returned_by {text};
ALTER TABLE month_close ADD COLUMN return_reason {text}
";

const DOWN: &str = r"
ALTER TABLE month_close DROP COLUMN return_reason;
ALTER TABLE month_close DROP COLUMN returned_by;
ALTER TABLE month_close DROP COLUMN returned_at;
ALTER TABLE month_close DROP COLUMN submission_reason;
DROP TABLE month_source
";

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl(manager, DOWN).await
    }
}
