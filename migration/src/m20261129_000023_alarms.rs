//! When a slot's run is expected to be over, and mails to administrators, which are to no bureau.
//!
//! `mail.bureau_id` may be null from now on; its column is made anew beside the old one, which both engines do alike. It stays so on the way
//! down, which an older program does not notice.

use crate::ddl;
use sea_orm_migration::prelude::*;

const UP: &str = r"
ALTER TABLE job_schedule ADD COLUMN expected_within_minutes {int} NOT NULL DEFAULT 360 CHECK (expected_within_minutes >= 1);
UPDATE job_schedule SET expected_within_minutes = CASE job
    WHEN 'OUTLIER_DIGEST' THEN 1440 WHEN 'SEAL_AUDIT' THEN 120 WHEN 'ON_TIME_DAY_NOTICE' THEN 180
    WHEN 'FOLLOW_UP_REMINDER' THEN 180 WHEN 'LEAVE_TARGET_REMINDER' THEN 180 ELSE 360 END;
ALTER TABLE job_schedule_version ADD COLUMN expected_within_minutes {int} NOT NULL DEFAULT 360;
UPDATE job_schedule_version SET expected_within_minutes =
    (SELECT s.expected_within_minutes FROM job_schedule s WHERE s.id = job_schedule_version.schedule_id);

DROP INDEX mail_outbox_once;
ALTER TABLE mail ADD COLUMN bureau {uuid} REFERENCES bureau (id);
UPDATE mail SET bureau = bureau_id;
ALTER TABLE mail DROP COLUMN bureau_id;
ALTER TABLE mail RENAME COLUMN bureau TO bureau_id;
ALTER TABLE mail ADD COLUMN alarm {text} CHECK ((alarm IS NULL) = (bureau_id IS NOT NULL));
CREATE UNIQUE INDEX mail_outbox_once ON mail (kind, bureau_id, date);
CREATE UNIQUE INDEX mail_alarm_once ON mail (alarm, date, address) WHERE alarm IS NOT NULL
";

const DOWN: &str = r"
DELETE FROM mail WHERE bureau_id IS NULL;
DROP INDEX mail_alarm_once;
ALTER TABLE mail DROP COLUMN alarm;
ALTER TABLE job_schedule_version DROP COLUMN expected_within_minutes;
ALTER TABLE job_schedule DROP COLUMN expected_within_minutes
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
