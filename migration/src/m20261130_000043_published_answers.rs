//! Whether an answer to a finding is published with it, as the bureau agreed that gave it; and the answers of a release whose snapshot was
//! brought from elsewhere, for it is rebuilt with them.

use crate::ddl;
use sea_orm_migration::prelude::*;

const UP: &str = r"
ALTER TABLE finding ADD COLUMN answer_published {bool} NOT NULL DEFAULT FALSE;
ALTER TABLE snapshot ADD COLUMN answers {text}
";

const DOWN: &str = r"
ALTER TABLE finding DROP COLUMN answer_published;
ALTER TABLE snapshot DROP COLUMN answers
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
