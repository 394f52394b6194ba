//! How many warnings of which code each bulk call had: a source that often errs is found by its client.

use crate::ddl;
use sea_orm_migration::prelude::*;

const UP: &str = r"
CREATE TABLE receipt_warning (
    receipt_id {uuid} NOT NULL REFERENCES receipt (id),
    code {text} NOT NULL CHECK (code IN ('ENDS_ON_LAST_DAY_OF_MONTH', 'POSTING_GAP_OF_ONE_DAY', 'DESIGNATED_SUBJECT_TO_OVERTIME',
        'HIRE_NOT_ON_FIRST_DAY', 'APPOINTMENT_TO_LOWER_BAND', 'WORKDAY_ON_DAY_OFF', 'HOLIDAY_ON_NO_HOLIDAY', 'START_OUTSIDE_STAGES',
        'LEAVE_BESIDE_WORK', 'LEAVE_ON_DAY_OFF', 'LEAVE_BEYOND_YEARLY_DAYS', 'SPOUSE_LEAVE_OF_WOMAN', 'TELEWORK_ON_DAY_OFF',
        'OVERTIME_DECIDED_BY_ONESELF', 'ON_TIME_DAY_ON_DAY_OFF', 'INVISIBLE_IN_NAME')),
    client {text} NOT NULL,
    day {date} NOT NULL,
    warnings {long} NOT NULL CHECK (warnings > 0),
    PRIMARY KEY (receipt_id, code)
);
CREATE INDEX receipt_warning_day ON receipt_warning (day, client)
";

const DOWN: &str = r"
DROP TABLE receipt_warning
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
