//! Changes that wait for a second person, and which kinds of changes do.

use crate::{ddl, drop_tables};
use sea_orm_migration::prelude::*;

const UP: &str = r"
CREATE TABLE four_eyes (
    id {uuid} NOT NULL PRIMARY KEY,
    kind {text} NOT NULL UNIQUE,
    required {bool} NOT NULL,
    version {int} NOT NULL CHECK (version >= 1),
    set_by {text} NOT NULL,
    set_at {instant} NOT NULL,
    reason {text} NOT NULL
);

CREATE TABLE pending_change (
    id {uuid} NOT NULL PRIMARY KEY,
    kind {text} NOT NULL,
    act {text} NOT NULL,
    target {text} NOT NULL,
    digest {text} NOT NULL,
    idempotency_key {text},
    state_before {json} NOT NULL,
    state_after {json} NOT NULL,
    reason {text},
    proposed_by {text} NOT NULL,
    proposed_roles {text} NOT NULL,
    proposed_client {text},
    proposer_number {text},
    proposed_at {instant} NOT NULL,
    decision {text} CHECK (decision IN ('APPROVED', 'DECLINED')),
    decided_by {text},
    decided_at {instant},
    decision_reason {text},
    CHECK ((decision IS NULL) = (decided_by IS NULL) AND (decision IS NULL) = (decided_at IS NULL)),
    CHECK (decision IS NULL OR proposer_number IS NULL)
);
CREATE INDEX pending_change_proposed_at ON pending_change (proposed_at, id);
CREATE INDEX pending_change_waiting ON pending_change (target) WHERE decided_at IS NULL;
CREATE INDEX pending_change_key ON pending_change (proposed_by, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX pending_change_alone ON pending_change (decided_at) WHERE decision = 'APPROVED' AND decided_by = proposed_by;

CREATE TABLE pending_change_input (
    change_id {uuid} NOT NULL PRIMARY KEY REFERENCES pending_change (id),
    input {json} NOT NULL
);

CREATE INDEX audit_entry_deciders ON audit_entry (at, actor) WHERE roles LIKE '%admin%' OR roles LIKE '%promotion_officer%'
";

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl(manager, "DROP INDEX audit_entry_deciders").await?;
        drop_tables(manager, &["four_eyes", "pending_change", "pending_change_input"]).await
    }
}
