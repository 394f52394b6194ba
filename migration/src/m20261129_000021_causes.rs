//! Which run made a run: what a retry repeats, and what a run followed from, which its key has named all along.

use crate::ddl;
use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

const UP: &str = r"
ALTER TABLE job_run ADD COLUMN cause_id {uuid} REFERENCES job_run (id);
UPDATE job_run SET cause_id = retry_of WHERE retry_of IS NOT NULL;
UPDATE job_run SET cause_id = (SELECT c.id FROM job_run c WHERE c.id = {named})
    WHERE trigger = 'RUN' AND substr(dedupe_key, length(job) + 1, 5) = '/run/';
CREATE INDEX job_run_cause ON job_run (cause_id, queued_at, id) WHERE cause_id IS NOT NULL
";

/// The run that a key `<job>/run/<run>/<period>` names.
const NAMED: [&str; 2] = [
    "CAST(substr(job_run.dedupe_key, length(job_run.job) + 6, 36) AS uuid)",
    "unhex(replace(substr(job_run.dedupe_key, length(job_run.job) + 6, 36), '-', ''))",
];

const DOWN: &str = r"
DROP INDEX job_run_cause;
ALTER TABLE job_run DROP COLUMN cause_id
";

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let [postgres, sqlite] = NAMED;
        let named = if manager.get_database_backend() == DbBackend::Postgres { postgres } else { sqlite };
        ddl(manager, &UP.replace("{named}", named)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl(manager, DOWN).await
    }
}
