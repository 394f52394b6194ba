//! Units' targets of annual leave.

use crate::ddl;
use sea_orm_migration::prelude::*;

const UP: &str = r"
CREATE TABLE leave_target (
    id {uuid} NOT NULL PRIMARY KEY,
    {client},
    bureau_id {uuid} NOT NULL REFERENCES bureau (id),
    unit_id {uuid} REFERENCES unit (id),
    correction_reason {text},
    calendar_year {int} NOT NULL CHECK (calendar_year BETWEEN 1990 AND 9999),
    days {int} NOT NULL CHECK (days BETWEEN 1 AND 40),
    {record}
);
CREATE UNIQUE INDEX leave_target_external ON leave_target (client, external_id);
CREATE UNIQUE INDEX leave_target_unit_year ON leave_target (unit_id, calendar_year) WHERE void_reason IS NULL;
CREATE INDEX leave_target_unit ON leave_target (unit_id, calendar_year);
CREATE INDEX leave_target_bureau ON leave_target (bureau_id, created_at, id);
CREATE INDEX leave_target_created ON leave_target (created_at, id)
";

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl(manager, "DROP TABLE leave_target").await
    }
}
