//! Clients, receipts and what the office is made of.

use crate::{ddl, drop_tables};
use sea_orm_migration::prelude::*;

const TABLES: &[&str] = &["api_client", "receipt", "bureau", "unit", "work_regime", "holiday", "on_time_day", "start_stage"];

const UP: &str = r"
CREATE TABLE api_client (
    id {uuid} NOT NULL PRIMARY KEY,
    code {text} NOT NULL,
    name {text} NOT NULL,
    bureaus {json} NOT NULL,
    revoked_at {instant},
    created_at {instant} NOT NULL
);
CREATE UNIQUE INDEX api_client_code ON api_client (code);

CREATE TABLE receipt (
    id {uuid} NOT NULL PRIMARY KEY,
    writer {text} NOT NULL,
    mutation {text} NOT NULL,
    idempotency_key {text} NOT NULL CHECK (length(idempotency_key) BETWEEN 1 AND 200),
    body_hash {text} NOT NULL,
    outcome {json} NOT NULL,
    created_at {instant} NOT NULL
);
CREATE UNIQUE INDEX receipt_writer_key ON receipt (writer, mutation, idempotency_key);
CREATE INDEX receipt_created_at ON receipt (created_at);

CREATE TABLE bureau (
    id {uuid} NOT NULL PRIMARY KEY,
    code {text} NOT NULL CHECK (code <> 'TOTAL'),
    name_ja {text} NOT NULL,
    name_en {text} NOT NULL,
    valid_from {date} NOT NULL,
    valid_to {date},
    successor_id {uuid} REFERENCES bureau (id),
    visibility {text} NOT NULL CHECK (visibility IN ('OPEN', 'INTERNAL', 'OFFICE_TOTAL_ONLY')),
    {record},
    CHECK (valid_to > valid_from),
    CHECK (successor_id <> id)
);
CREATE UNIQUE INDEX bureau_code ON bureau (code);
CREATE INDEX bureau_successor ON bureau (successor_id);

CREATE TABLE unit (
    id {uuid} NOT NULL PRIMARY KEY,
    code {text} NOT NULL,
    bureau_id {uuid} NOT NULL REFERENCES bureau (id),
    name_ja {text} NOT NULL,
    name_en {text} NOT NULL,
    valid_from {date} NOT NULL,
    valid_to {date},
    {record},
    CHECK (valid_to > valid_from)
);
CREATE UNIQUE INDEX unit_code ON unit (code);
CREATE INDEX unit_bureau_code ON unit (bureau_id, code);

CREATE TABLE work_regime (
    id {uuid} NOT NULL PRIMARY KEY,
    {client},
    unit_id {uuid} NOT NULL REFERENCES unit (id),
    regime {text} NOT NULL CHECK (regime IN ('SELF_PACED', 'EXTERNALLY_DRIVEN')),
    valid_from {date} NOT NULL,
    valid_to {date},
    {record},
    CHECK (valid_to > valid_from)
);
CREATE UNIQUE INDEX work_regime_external ON work_regime (client, external_id);
CREATE INDEX work_regime_unit_from ON work_regime (unit_id, valid_from);
CREATE INDEX work_regime_from ON work_regime (valid_from, id);

CREATE TABLE holiday (
    id {uuid} NOT NULL PRIMARY KEY,
    {client},
    date {date} NOT NULL,
    name_ja {text} NOT NULL,
    {record}
);
CREATE UNIQUE INDEX holiday_external ON holiday (client, external_id);
CREATE UNIQUE INDEX holiday_date ON holiday (date) WHERE void_reason IS NULL;
CREATE INDEX holiday_date_id ON holiday (date, id);

CREATE TABLE on_time_day (
    id {uuid} NOT NULL PRIMARY KEY,
    {client},
    bureau_id {uuid} REFERENCES bureau (id),
    date {date} NOT NULL,
    kind {text} NOT NULL CHECK (kind IN ('ALL_MINISTRIES', 'OWN_WEEKLY', 'COMPLETE')),
    {record}
);
CREATE UNIQUE INDEX on_time_day_external ON on_time_day (client, external_id);
CREATE UNIQUE INDEX on_time_day_bureau_date ON on_time_day (bureau_id, date, kind) WHERE void_reason IS NULL;
CREATE UNIQUE INDEX on_time_day_office_date ON on_time_day (date, kind) WHERE void_reason IS NULL AND bureau_id IS NULL;
CREATE INDEX on_time_day_date ON on_time_day (date, id);

CREATE TABLE start_stage (
    id {uuid} NOT NULL PRIMARY KEY,
    {client},
    bureau_id {uuid} REFERENCES bureau (id),
    start_minute {int} NOT NULL CHECK (start_minute BETWEEN 420 AND 1320),
    valid_from {date} NOT NULL,
    valid_to {date},
    {record},
    CHECK (valid_to > valid_from)
);
CREATE UNIQUE INDEX start_stage_external ON start_stage (client, external_id);
CREATE INDEX start_stage_from ON start_stage (valid_from, id);
CREATE INDEX start_stage_bureau ON start_stage (bureau_id, valid_from)
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
