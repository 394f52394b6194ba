//! What a run that succeeded left out, and by which the runs that left something out are found. Of earlier runs it is not known.

use crate::ddl;
use sea_orm_migration::prelude::*;

const UP: &str = r"
ALTER TABLE job_run ADD COLUMN outcome {text} CHECK (outcome IN ('CLEAN', 'WITH_WARNINGS'));
ALTER TABLE job_run ADD COLUMN warnings {json};
CREATE INDEX job_run_outcome ON job_run (outcome, queued_at, id) WHERE outcome IS NOT NULL
";

const DOWN: &str = r"
DROP INDEX job_run_outcome;
ALTER TABLE job_run DROP COLUMN warnings;
ALTER TABLE job_run DROP COLUMN outcome
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
