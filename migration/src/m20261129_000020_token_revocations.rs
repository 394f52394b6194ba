//! Tokens that are accepted no more before their time is over.

use crate::{ddl, drop_tables};
use sea_orm_migration::prelude::*;

const UP: &str = r"
CREATE TABLE token_revocation (
    id {uuid} NOT NULL PRIMARY KEY,
    subject {text},
    token {text},
    revoked_at {instant} NOT NULL,
    revoked_by {text} NOT NULL,
    reason {text} NOT NULL,
    CHECK ((subject IS NULL) <> (token IS NULL))
);
CREATE INDEX token_revocation_revoked_at ON token_revocation (revoked_at, id);
CREATE INDEX token_revocation_subject ON token_revocation (subject, revoked_at, id);
CREATE INDEX token_revocation_token ON token_revocation (token)
";

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["token_revocation"]).await
    }
}
