//! Open releases are found by an index: a call of many numbers gathers who may be taken before it looks at the numbers.

use crate::ddl;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl(manager, "CREATE INDEX posting_released ON posting (released_on) WHERE released_on IS NOT NULL").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl(manager, "DROP INDEX posting_released").await
    }
}
