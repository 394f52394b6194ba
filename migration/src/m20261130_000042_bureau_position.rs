//! Each bureau's place in the order of establishment (建制順), in which lists of bureaus are printed; null where nobody has said it.

use crate::ddl;
use sea_orm_migration::prelude::*;

const UP: &str = r"
ALTER TABLE bureau ADD COLUMN position {int} CHECK (position BETWEEN 1 AND 100000)
";

const DOWN: &str = r"
ALTER TABLE bureau DROP COLUMN position
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
