//! Periods of employment: who comes back has another one. Each person that there is has one, as `staff` says.

use crate::{ddl, drop_tables};
use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

const UP: &str = r"
CREATE TABLE employment (
    id {uuid} NOT NULL PRIMARY KEY,
    {client},
    staff_id {uuid} NOT NULL REFERENCES staff (id),
    kind {text} NOT NULL CHECK (kind IN ('REGULAR', 'NON_REGULAR')),
    origin {text} NOT NULL CHECK (origin IN ('DIRECT', 'SECONDEE')),
    seconded_from {text},
    valid_from {date} NOT NULL,
    valid_to {date},
    separation_reason {text} CHECK (separation_reason IN ('RETIREMENT', 'RESIGNATION', 'END_OF_SECONDMENT', 'END_OF_TERM', 'OTHER')),
    {record},
    CHECK (valid_to > valid_from),
    CHECK ((valid_to IS NULL) = (separation_reason IS NULL)),
    CHECK (seconded_from IS NULL OR origin = 'SECONDEE')
);
CREATE UNIQUE INDEX employment_external ON employment (client, external_id);
CREATE INDEX employment_staff_from ON employment (staff_id, valid_from);
CREATE INDEX employment_from ON employment (valid_from, id);
CREATE INDEX employment_receipt ON employment (receipt_id, id)
";

// The key is the person's number until the row has an id to be its key.
const ONE_EACH: &str = r"
INSERT INTO employment (id, client, external_id, staff_id, kind, origin, seconded_from, valid_from, valid_to, separation_reason,
    source_version, void_reason, revision, receipt_id, created_at, updated_at)
SELECT {id}, COALESCE(c.code, 'OFFICE'), s.staff_number, s.id, s.employment, s.origin, s.seconded_from, s.hired_on, s.separated_on,
    s.separation_reason, NULL, s.void_reason, 1, s.receipt_id, s.created_at, s.updated_at
FROM staff s JOIN receipt r ON r.id = s.receipt_id LEFT JOIN api_client c ON c.code = r.writer;
UPDATE employment SET external_id = {key}
";

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl(manager, UP).await?;
        let (id, key) = match manager.get_database_backend() {
            DbBackend::Postgres => ("gen_random_uuid()", "CAST(id AS text)"),
            _ => (
                "randomblob(16)",
                "lower(substr(hex(id), 1, 8) || '-' || substr(hex(id), 9, 4) || '-' || substr(hex(id), 13, 4) || '-' || substr(hex(id), 17, 4)
                    || '-' || substr(hex(id), 21))",
            ),
        };
        ddl(manager, &ONE_EACH.replace("{id}", id).replace("{key}", key)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["employment"]).await
    }
}
