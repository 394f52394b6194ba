//! Of which sources it is known what each bureau's month holds, so that what nobody reported is not taken for nothing: what a client's silence
//! means, what was found of each source, whose records of a month are known, and how much of its people a value covers.

use crate::ddl;
use sea_orm_migration::prelude::*;

const UP: &str = r"
ALTER TABLE api_client ADD COLUMN absence {json};

CREATE TABLE reported_source (
    month {int} NOT NULL,
    bureau_id {uuid} NOT NULL REFERENCES bureau (id),
    source {text} NOT NULL CHECK (source IN ('PRESENCE', 'OVERTIME', 'TELEWORK', 'LEAVE', 'HIRES', 'APPOINTMENTS')),
    extent {text} NOT NULL CHECK (extent IN ('NOTHING', 'RECORDED', 'COMPLETE')),
    PRIMARY KEY (month, bureau_id, source)
);

ALTER TABLE person_month ADD COLUMN shifts {int} NOT NULL DEFAULT 0;
ALTER TABLE person_month ADD COLUMN overtime_known {int} NOT NULL DEFAULT 1;
ALTER TABLE person_month ADD COLUMN presence_known {int} NOT NULL DEFAULT 1;
ALTER TABLE person_month ADD COLUMN telework_known {int} NOT NULL DEFAULT 1;
ALTER TABLE person_month ADD COLUMN leave_known {int} NOT NULL DEFAULT 1;
ALTER TABLE person_month ADD COLUMN hires_known {int} NOT NULL DEFAULT 1;

ALTER TABLE indicator_value ADD COLUMN covered {long};
ALTER TABLE indicator_value ADD COLUMN expected {long};
ALTER TABLE withdrawn_value ADD COLUMN covered {long};
ALTER TABLE withdrawn_value ADD COLUMN expected {long}
";

const DOWN: &str = r"
ALTER TABLE withdrawn_value DROP COLUMN expected;
ALTER TABLE withdrawn_value DROP COLUMN covered;
ALTER TABLE indicator_value DROP COLUMN expected;
ALTER TABLE indicator_value DROP COLUMN covered;

ALTER TABLE person_month DROP COLUMN hires_known;
ALTER TABLE person_month DROP COLUMN leave_known;
ALTER TABLE person_month DROP COLUMN telework_known;
ALTER TABLE person_month DROP COLUMN presence_known;
ALTER TABLE person_month DROP COLUMN overtime_known;
ALTER TABLE person_month DROP COLUMN shifts;

DROP TABLE reported_source;
ALTER TABLE api_client DROP COLUMN absence
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
