//! Who read what of persons: the bureaus that an act of the audit trail concerned, and reading in one's own bureau, counted by the day.

use crate::{ddl, drop_tables};
use sea_orm_migration::prelude::*;

const UP: &str = r"
CREATE TABLE audit_entry_bureau (
    entry_id {uuid} NOT NULL REFERENCES audit_entry (id),
    bureau_id {uuid} NOT NULL REFERENCES bureau (id),
    concerned {long} NOT NULL CHECK (concerned >= 0),
    PRIMARY KEY (entry_id, bureau_id)
);
CREATE INDEX audit_entry_bureau_bureau ON audit_entry_bureau (bureau_id, entry_id);
INSERT INTO audit_entry_bureau (entry_id, bureau_id, concerned) SELECT id, bureau_id, 0 FROM audit_entry WHERE bureau_id IS NOT NULL;

CREATE TABLE reading_day (
    day {date} NOT NULL,
    subject {text} NOT NULL,
    bureau_id {uuid} NOT NULL REFERENCES bureau (id),
    noun {text} NOT NULL,
    roles {text} NOT NULL,
    reads {long} NOT NULL CHECK (reads >= 1),
    concerned {long} NOT NULL CHECK (concerned >= 0),
    PRIMARY KEY (day, subject, bureau_id, noun)
)
";

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["audit_entry_bureau", "reading_day"]).await
    }
}
