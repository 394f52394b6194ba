//! How figures count, as an administrator says it: since when, whose posts, and from which share of the people a value is partial.

use crate::ddl;
use sea_orm_migration::prelude::*;

const UP: &str = r"
CREATE TABLE counting_rule (
    id {uuid} NOT NULL PRIMARY KEY,
    version {int} NOT NULL CHECK (version >= 1),
    first_month {int},
    coverage_percent {int} NOT NULL CHECK (coverage_percent BETWEEN 0 AND 100),
    careers {json} NOT NULL,
    work {json} NOT NULL,
    changed_at {instant} NOT NULL,
    changed_by {text} NOT NULL,
    reason {text}
);
CREATE UNIQUE INDEX counting_rule_version ON counting_rule (version)
";

const DOWN: &str = "DROP TABLE counting_rule";

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
