//! Runs that are over are numbered by an instant in the order in which their ends were committed.

use crate::ddl;
use sea_orm_migration::prelude::*;

const UP: &str = r"
ALTER TABLE job_run ADD COLUMN numbered_at {instant};
UPDATE job_run SET numbered_at = finished_at;
CREATE INDEX job_run_numbered ON job_run (numbered_at, id)
";

const DOWN: &str = r"
DROP INDEX job_run_numbered;
ALTER TABLE job_run DROP COLUMN numbered_at
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
