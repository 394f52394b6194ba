//! Up to which day records of a noun have been erased, and an index by which the runs that repeat another are found.

use crate::ddl;
use sea_orm_migration::prelude::*;

const UP: &str = r"
ALTER TABLE retention ADD COLUMN disposed_before {date};
CREATE INDEX job_run_retry_of ON job_run (retry_of) WHERE retry_of IS NOT NULL
";

const DOWN: &str = r"
DROP INDEX job_run_retry_of;
ALTER TABLE retention DROP COLUMN disposed_before
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
