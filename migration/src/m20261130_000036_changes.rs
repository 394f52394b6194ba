//! What changed, in the order in which it was committed: receipts are numbered, what is written of moves and disposals is kept beside them, and
//! each record is found by its receipt.

use crate::{ddl, drop_tables};
use sea_orm_migration::prelude::*;

/// The tables whose rows name the call that wrote them.
const RECORDED: [&str; 18] = [
    "appointment",
    "bureau",
    "exceptional_work",
    "hire",
    "holiday",
    "leave_entry",
    "leave_target",
    "on_time_day",
    "opening_balance",
    "overtime_request",
    "posting",
    "shift",
    "staff",
    "start_stage",
    "target",
    "telework_day",
    "unit",
    "work_regime",
];

/// A change has no foreign keys: its row is written once, for each record that moves, and goes after 90 days.
const UP: &str = r"
ALTER TABLE receipt ADD COLUMN sequence {long};
ALTER TABLE receipt ADD COLUMN numbered_at {instant};
ALTER TABLE receipt ADD COLUMN records {long};
UPDATE receipt SET sequence = n.place, numbered_at = created_at
    FROM (SELECT id AS numbered, ROW_NUMBER() OVER (ORDER BY created_at, id) AS place FROM receipt) n WHERE n.numbered = receipt.id;
CREATE UNIQUE INDEX receipt_sequence ON receipt (sequence);
CREATE INDEX receipt_numbered ON receipt (numbered_at, id);

CREATE TABLE change (
    id {uuid} NOT NULL PRIMARY KEY,
    receipt_id {uuid} NOT NULL,
    noun {text} NOT NULL,
    record_id {uuid} NOT NULL,
    disposed {bool} NOT NULL,
    held {bool} NOT NULL,
    from_bureau_id {uuid},
    from_unit_id {uuid},
    from_staff_id {uuid},
    to_bureau_id {uuid},
    to_unit_id {uuid},
    to_staff_id {uuid},
    to_posting_id {uuid}
);
CREATE INDEX change_receipt ON change (receipt_id, noun, record_id);

ALTER TABLE overtime_outlier ADD COLUMN numbered_at {instant};
UPDATE overtime_outlier SET numbered_at = raised_at;
CREATE INDEX overtime_outlier_numbered ON overtime_outlier (numbered_at, id);

CREATE TABLE sight_day (
    id {int} NOT NULL PRIMARY KEY CHECK (id = 1),
    day {date} NOT NULL
)
";

const DOWN: &str = r"
DROP INDEX overtime_outlier_numbered;
ALTER TABLE overtime_outlier DROP COLUMN numbered_at;
DROP INDEX receipt_numbered;
DROP INDEX receipt_sequence;
ALTER TABLE receipt DROP COLUMN records;
ALTER TABLE receipt DROP COLUMN numbered_at;
ALTER TABLE receipt DROP COLUMN sequence
";

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl(manager, UP).await?;
        for table in RECORDED {
            ddl(manager, &format!("CREATE INDEX {table}_receipt ON {table} (receipt_id, id)")).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in RECORDED {
            ddl(manager, &format!("DROP INDEX {table}_receipt")).await?;
        }
        drop_tables(manager, &["change", "sight_day"]).await?;
        ddl(manager, DOWN).await
    }
}
