//! Reports are of a version: a correction is reported anew, and the record of the former one stays.

use crate::ddl;
use sea_orm_migration::prelude::*;

// A column that must have a value cannot be added to rows that have none, without a default that would outlive them: the table is made anew.
const UP: &str = r"
CREATE TABLE follow_up_report_of_version (
    id {uuid} NOT NULL PRIMARY KEY,
    follow_up_id {uuid} NOT NULL REFERENCES follow_up (id),
    version {text} NOT NULL,
    body {text} NOT NULL CHECK (body IN ('PROMOTION_COMMITTEE', 'COUNCIL')),
    reported_on {date} NOT NULL,
    paper {text} NOT NULL CHECK (length(paper) BETWEEN 1 AND 200),
    recorded_at {instant} NOT NULL,
    recorded_by {text} NOT NULL
);
INSERT INTO follow_up_report_of_version
SELECT r.id, r.follow_up_id, f.version, r.body, r.reported_on, r.paper, r.recorded_at, r.recorded_by
FROM follow_up_report r JOIN follow_up f ON f.id = r.follow_up_id;
DROP TABLE follow_up_report;
ALTER TABLE follow_up_report_of_version RENAME TO follow_up_report;
CREATE UNIQUE INDEX follow_up_report_body ON follow_up_report (follow_up_id, version, body)
";

const DOWN: &str = r"
DROP INDEX follow_up_report_body;
DELETE FROM follow_up_report WHERE version <> (SELECT f.version FROM follow_up f WHERE f.id = follow_up_report.follow_up_id);
ALTER TABLE follow_up_report DROP COLUMN version;
CREATE UNIQUE INDEX follow_up_report_body ON follow_up_report (follow_up_id, body)
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
