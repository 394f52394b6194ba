//! Targets that are met from below, and those of one bureau or unit; how on-time days are held and left; the kinds of
//! exceptional work; items of one cohort.
//!
//! The columns `population` and `qualifier` of targets are made anew beside the old ones, which both engines do alike.

use crate::ddl;
use sea_orm_migration::prelude::*;

const UP: &str = r"
ALTER TABLE target ADD COLUMN bound {text} NOT NULL DEFAULT 'OFFICE' CHECK (bound IN ('OFFICE', 'GOVERNMENT', 'BUREAU', 'UNIT'));
UPDATE target SET bound = population;
ALTER TABLE target DROP COLUMN population;
ALTER TABLE target RENAME COLUMN bound TO population;
ALTER TABLE target ADD COLUMN meant {text} NOT NULL DEFAULT 'AT_LEAST' CHECK (meant IN ('AT_LEAST', 'AT_MOST', 'ABOUT', 'ALL'));
UPDATE target SET meant = qualifier;
ALTER TABLE target DROP COLUMN qualifier;
ALTER TABLE target RENAME COLUMN meant TO qualifier;
ALTER TABLE target ADD COLUMN bureau_id {uuid} REFERENCES bureau (id);
ALTER TABLE target ADD COLUMN unit_id {uuid} REFERENCES unit (id);

ALTER TABLE overtime_rule ADD COLUMN on_time_grace_minutes {int} NOT NULL DEFAULT 15 CHECK (on_time_grace_minutes BETWEEN 0 AND 240);
ALTER TABLE overtime_rule ADD COLUMN on_time_day_off {text} NOT NULL DEFAULT 'LAPSES'
    CHECK (on_time_day_off IN ('LAPSES', 'NEXT_WORKDAY', 'PREVIOUS_WORKDAY'));

ALTER TABLE exceptional_work ADD COLUMN kind {text} NOT NULL DEFAULT 'OTHER'
    CHECK (kind IN ('LARGE_DISASTER', 'LEGISLATION', 'NEGOTIATION', 'OTHER'));

ALTER TABLE submission_item ADD COLUMN cohort {text};
ALTER TABLE submission_item ADD COLUMN at_most {text}
";

const DOWN: &str = r"
ALTER TABLE submission_item DROP COLUMN at_most;
ALTER TABLE submission_item DROP COLUMN cohort;

ALTER TABLE exceptional_work DROP COLUMN kind;
ALTER TABLE overtime_rule DROP COLUMN on_time_day_off;
ALTER TABLE overtime_rule DROP COLUMN on_time_grace_minutes;

DELETE FROM target WHERE population IN ('BUREAU', 'UNIT') OR qualifier = 'AT_MOST';
ALTER TABLE target DROP COLUMN unit_id;
ALTER TABLE target DROP COLUMN bureau_id;
ALTER TABLE target ADD COLUMN meant {text} NOT NULL DEFAULT 'AT_LEAST' CHECK (meant IN ('AT_LEAST', 'ABOUT', 'ALL'));
UPDATE target SET meant = qualifier;
ALTER TABLE target DROP COLUMN qualifier;
ALTER TABLE target RENAME COLUMN meant TO qualifier;
ALTER TABLE target ADD COLUMN bound {text} NOT NULL DEFAULT 'OFFICE' CHECK (bound IN ('OFFICE', 'GOVERNMENT'));
UPDATE target SET bound = population;
ALTER TABLE target DROP COLUMN population;
ALTER TABLE target RENAME COLUMN bound TO population
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
