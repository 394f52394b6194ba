//! Staff and their postings.

use crate::{ddl, drop_tables};
use sea_orm_migration::prelude::*;

const TABLES: &[&str] = &["staff", "posting"];

const UP: &str = r"
CREATE TABLE staff (
    id {uuid} NOT NULL PRIMARY KEY,
    staff_number {text} NOT NULL,
    sex {text} NOT NULL CHECK (sex IN ('FEMALE', 'MALE', 'NOT_RECORDED')),
    employment {text} NOT NULL CHECK (employment IN ('REGULAR', 'NON_REGULAR')),
    origin {text} NOT NULL CHECK (origin IN ('DIRECT', 'SECONDEE')),
    seconded_from {text},
    hired_on {date} NOT NULL,
    separated_on {date},
    separation_reason {text} CHECK (separation_reason IN ('RETIREMENT', 'RESIGNATION', 'END_OF_SECONDMENT', 'END_OF_TERM', 'OTHER')),
    {record},
    CHECK (separated_on > hired_on),
    CHECK ((separated_on IS NULL) = (separation_reason IS NULL)),
    CHECK (seconded_from IS NULL OR origin = 'SECONDEE')
);
CREATE UNIQUE INDEX staff_number ON staff (staff_number);
CREATE INDEX staff_hired_on ON staff (hired_on, id);

CREATE TABLE posting (
    id {uuid} NOT NULL PRIMARY KEY,
    {client},
    staff_id {uuid} NOT NULL REFERENCES staff (id),
    bureau_id {uuid} NOT NULL REFERENCES bureau (id),
    unit_id {uuid} NOT NULL REFERENCES unit (id),
    kind {text} NOT NULL CHECK (kind IN ('PRIMARY', 'CONCURRENT')),
    resident {bool} NOT NULL,
    band {text} NOT NULL CHECK (band IN ('STAFF', 'CHIEF', 'ASSISTANT_DIRECTOR', 'DIRECTOR', 'DESIGNATED')),
    job_area {text},
    subject_to_overtime {bool} NOT NULL,
    valid_from {date} NOT NULL,
    valid_to {date},
    released_on {date},
    {record},
    CHECK (valid_to > valid_from)
);
CREATE UNIQUE INDEX posting_external ON posting (client, external_id);
CREATE INDEX posting_staff_from ON posting (staff_id, valid_from);
CREATE INDEX posting_bureau_from ON posting (bureau_id, valid_from);
CREATE INDEX posting_unit ON posting (unit_id);
CREATE INDEX posting_from ON posting (valid_from, id)
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
