//! Where a bureau's officer takes mails, and an index by which the outliers that still wait for their review are found.

use crate::ddl;
use sea_orm_migration::prelude::*;

const UP: &str = r"
ALTER TABLE bureau ADD COLUMN officer_address {text};
CREATE INDEX outlier_flag_waiting ON outlier_flag (bureau_id, month) WHERE reviewed_at IS NULL AND withdrawn_at IS NULL
";

const DOWN: &str = r"
DROP INDEX outlier_flag_waiting;
ALTER TABLE bureau DROP COLUMN officer_address
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
