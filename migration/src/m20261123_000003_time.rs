//! What is recorded of a person's time.

use crate::{ddl, drop_tables};
use sea_orm_migration::prelude::*;

const TABLES: &[&str] = &["shift", "overtime_request", "telework_day", "leave_entry"];

const UP: &str = r"
CREATE TABLE shift (
    id {uuid} NOT NULL PRIMARY KEY,
    {client},
    {dated},
    day_kind {text} NOT NULL CHECK (day_kind IN ('WORKDAY', 'WEEKLY_DAY_OFF', 'HOLIDAY', 'SWAPPED')),
    pattern {text} NOT NULL CHECK (pattern IN ('STANDARD', 'STAGGERED', 'FLEXTIME', 'SHORT_TIME')),
    scheduled_start {instant},
    scheduled_end {instant},
    presence_start {instant},
    presence_end {instant},
    breaks {json} NOT NULL,
    ordered {json},
    occupied_start {instant} NOT NULL,
    occupied_end {instant} NOT NULL,
    worked_minutes {int} NOT NULL CHECK (worked_minutes >= 0),
    ordinary_minutes {int} NOT NULL CHECK (ordinary_minutes >= 0),
    overtime_minutes {int} NOT NULL CHECK (overtime_minutes >= 0),
    basis {text} NOT NULL CHECK (basis IN ('ORDERED', 'PRESENCE')),
    presence_overtime_minutes {int} NOT NULL CHECK (presence_overtime_minutes >= 0),
    ordered_overtime_minutes {int} CHECK (ordered_overtime_minutes >= 0),
    late_night_minutes {int} NOT NULL CHECK (late_night_minutes BETWEEN 0 AND worked_minutes),
    day_off_minutes {int} NOT NULL CHECK (day_off_minutes BETWEEN 0 AND worked_minutes),
    {record},
    CHECK (scheduled_end > scheduled_start),
    CHECK (presence_end > presence_start)
);
CREATE UNIQUE INDEX shift_external ON shift (client, external_id);
CREATE INDEX shift_staff_date ON shift (staff_id, date);
CREATE INDEX shift_date ON shift (date, id);
CREATE INDEX shift_bureau_date ON shift (bureau_id, date, id);

CREATE TABLE overtime_request (
    id {uuid} NOT NULL PRIMARY KEY,
    {client},
    {dated},
    planned_start {instant} NOT NULL,
    planned_end {instant} NOT NULL,
    planned_minutes {int} NOT NULL CHECK (planned_minutes > 0),
    reason {text} NOT NULL,
    requested_at {instant} NOT NULL,
    decision {text} NOT NULL CHECK (decision IN ('PENDING', 'APPROVED', 'REFUSED')),
    decided_at {instant},
    approver {text},
    {record},
    CHECK (planned_end > planned_start),
    CHECK ((decision = 'PENDING') = (decided_at IS NULL)),
    CHECK ((decision = 'PENDING') = (approver IS NULL))
);
CREATE UNIQUE INDEX overtime_request_external ON overtime_request (client, external_id);
CREATE INDEX overtime_request_staff_date ON overtime_request (staff_id, date);
CREATE INDEX overtime_request_date ON overtime_request (date, id);
CREATE INDEX overtime_request_bureau_date ON overtime_request (bureau_id, date, id);

CREATE TABLE telework_day (
    id {uuid} NOT NULL PRIMARY KEY,
    {client},
    {dated},
    place {text} NOT NULL CHECK (place IN ('HOME', 'SATELLITE', 'MOBILE')),
    minutes {int} NOT NULL CHECK (minutes BETWEEN 1 AND 465),
    {record}
);
CREATE UNIQUE INDEX telework_day_external ON telework_day (client, external_id);
CREATE UNIQUE INDEX telework_day_staff_date ON telework_day (staff_id, date) WHERE void_reason IS NULL;
CREATE INDEX telework_day_staff ON telework_day (staff_id, date);
CREATE INDEX telework_day_date ON telework_day (date, id);
CREATE INDEX telework_day_bureau_date ON telework_day (bureau_id, date, id);

CREATE TABLE leave_entry (
    id {uuid} NOT NULL PRIMARY KEY,
    {client},
    {dated},
    kind {text} NOT NULL CHECK (kind IN ('ANNUAL', 'SPOUSE_BIRTH', 'CHILDCARE_PARTICIPATION', 'OTHER')),
    minutes {int} NOT NULL CHECK (minutes BETWEEN 1 AND 465),
    {record}
);
CREATE UNIQUE INDEX leave_entry_external ON leave_entry (client, external_id);
CREATE INDEX leave_entry_staff_date ON leave_entry (staff_id, date);
CREATE INDEX leave_entry_date ON leave_entry (date, id);
CREATE INDEX leave_entry_bureau_date ON leave_entry (bureau_id, date, id)
";

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, TABLES).await
    }
}
