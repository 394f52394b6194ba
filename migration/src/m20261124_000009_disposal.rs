//! Up to which day records of a noun have been erased.

use crate::ddl;
use sea_orm_migration::prelude::*;

const UP: &str = "ALTER TABLE retention ADD COLUMN disposed_before {date}";

const DOWN: &str = "ALTER TABLE retention DROP COLUMN disposed_before";

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
