//! Hires, appointments, and the targets that speak of them.

use crate::{ddl, drop_tables};
use sea_orm_migration::prelude::*;

const TABLES: &[&str] = &["hire", "appointment", "target"];

const UP: &str = r"
CREATE TABLE hire (
    id {uuid} NOT NULL PRIMARY KEY,
    {client},
    {dated},
    fiscal_year {int} NOT NULL,
    route {text} NOT NULL CHECK (route IN ('EXAM', 'MID_CAREER', 'OTHER')),
    exam {text} CHECK (exam IN ('COMPREHENSIVE', 'GENERAL', 'SPECIALIST', 'EXPERIENCED')),
    exam_year {int},
    {record},
    CHECK (exam IS NULL OR route = 'EXAM')
);
CREATE UNIQUE INDEX hire_external ON hire (client, external_id);
CREATE UNIQUE INDEX hire_staff_date ON hire (staff_id, date) WHERE void_reason IS NULL;
CREATE INDEX hire_staff ON hire (staff_id, date);
CREATE INDEX hire_date ON hire (date, id);
CREATE INDEX hire_bureau_date ON hire (bureau_id, date, id);

CREATE TABLE appointment (
    id {uuid} NOT NULL PRIMARY KEY,
    {client},
    {dated},
    from_band {text} CHECK (from_band IN ('STAFF', 'CHIEF', 'ASSISTANT_DIRECTOR', 'DIRECTOR', 'DESIGNATED')),
    to_band {text} NOT NULL CHECK (to_band IN ('STAFF', 'CHIEF', 'ASSISTANT_DIRECTOR', 'DIRECTOR', 'DESIGNATED')),
    {record}
);
CREATE UNIQUE INDEX appointment_external ON appointment (client, external_id);
CREATE INDEX appointment_staff_date ON appointment (staff_id, date);
CREATE INDEX appointment_date ON appointment (date, id);
CREATE INDEX appointment_bureau_date ON appointment (bureau_id, date, id);

CREATE TABLE target (
    id {uuid} NOT NULL PRIMARY KEY,
    {client},
    indicator {text} NOT NULL,
    clause {text} NOT NULL,
    population {text} NOT NULL CHECK (population IN ('OFFICE', 'GOVERNMENT')),
    decider {text} NOT NULL CHECK (decider IN ('PLAN', 'BASIC_PLAN')),
    qualifier {text} NOT NULL CHECK (qualifier IN ('AT_LEAST', 'ABOUT', 'ALL')),
    value_numerator {long} NOT NULL CHECK (value_numerator >= 0),
    value_denominator {long} NOT NULL CHECK (value_denominator > 0),
    valid_from {date} NOT NULL,
    valid_to {date},
    {record},
    CHECK (valid_to > valid_from)
);
CREATE UNIQUE INDEX target_external ON target (client, external_id);
CREATE INDEX target_indicator_from ON target (indicator, valid_from);
CREATE INDEX target_from ON target (valid_from, id)
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
