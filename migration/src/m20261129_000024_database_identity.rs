//! Which database this is. A backup brings no row of its own back: what is restored gets another one.

use crate::ddl;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

const UP: &str = r"
CREATE TABLE database_identity (
    id {uuid} NOT NULL PRIMARY KEY,
    made_at {instant} NOT NULL,
    restored_from {uuid}
)";

const DOWN: &str = "DROP TABLE database_identity";

const FIRST_POSTGRES: &str = "INSERT INTO database_identity (id, made_at) VALUES (gen_random_uuid(), now())";
/// A random UUID (version 4), and an instant as the driver writes it.
const FIRST_SQLITE: &str = "INSERT INTO database_identity (id, made_at) VALUES (
    unhex(hex(randomblob(6)) || '4' || substr(hex(randomblob(2)), 2) || substr('89AB', 1 + (random() & 3), 1) || substr(hex(randomblob(8)), 2)),
    strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now'))";

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl(manager, UP).await?;
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        let first = if postgres { FIRST_POSTGRES } else { FIRST_SQLITE };
        manager.get_connection().execute_unprepared(first).await.map(|_| ())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl(manager, DOWN).await
    }
}
