//! Tables take the words that the platform and its callers use: initiatives of a plan, overtime outliers, mails. What the audit trail says of
//! them stays as it was sealed.

use crate::ddl;
use sea_orm_migration::prelude::*;

const UP: &str = r"
ALTER TABLE plan_measure RENAME TO initiative;
ALTER TABLE outlier_flag RENAME TO overtime_outlier;
ALTER TABLE mail_outbox RENAME TO mail;
UPDATE retention SET noun = 'OVERTIME_OUTLIER' WHERE noun = 'OUTLIER_FLAG';
UPDATE retention SET noun = 'MAIL' WHERE noun = 'MAIL_OUTBOX'
";

const DOWN: &str = r"
UPDATE retention SET noun = 'MAIL_OUTBOX' WHERE noun = 'MAIL';
UPDATE retention SET noun = 'OUTLIER_FLAG' WHERE noun = 'OVERTIME_OUTLIER';
ALTER TABLE mail RENAME TO mail_outbox;
ALTER TABLE overtime_outlier RENAME TO outlier_flag;
ALTER TABLE initiative RENAME TO plan_measure
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
