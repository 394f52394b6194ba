//! People are held by one bureau: for which bureau a person was recorded, to which a post is released, and what a client may write.

use crate::ddl;
use sea_orm_migration::prelude::*;

// Two bureaus may each record a telework day of one person, so that neither keeps the other's out: one of a client and bureau is still unique.
const UP: &str = r"
ALTER TABLE staff ADD COLUMN recorded_bureau_id {uuid} REFERENCES bureau (id);
CREATE INDEX staff_recorded_bureau ON staff (recorded_bureau_id) WHERE recorded_bureau_id IS NOT NULL;
ALTER TABLE posting ADD COLUMN released_to {uuid} REFERENCES bureau (id);
ALTER TABLE api_client ADD COLUMN writes {text} CHECK (writes IN ('PERSONNEL', 'TIME', 'BOTH'));
UPDATE api_client SET writes = 'BOTH' WHERE code = 'OFFICE';
DROP INDEX telework_day_staff_date;
CREATE UNIQUE INDEX telework_day_staff_date ON telework_day (staff_id, date, client, bureau_id) WHERE void_reason IS NULL
";

const DOWN: &str = r"
DROP INDEX telework_day_staff_date;
UPDATE telework_day SET void_reason = 'another bureau recorded this day'
WHERE void_reason IS NULL AND EXISTS (SELECT 1 FROM telework_day o WHERE o.staff_id = telework_day.staff_id AND o.date = telework_day.date
    AND o.void_reason IS NULL AND o.id < telework_day.id);
CREATE UNIQUE INDEX telework_day_staff_date ON telework_day (staff_id, date) WHERE void_reason IS NULL;
ALTER TABLE api_client DROP COLUMN writes;
ALTER TABLE posting DROP COLUMN released_to;
DROP INDEX staff_recorded_bureau;
ALTER TABLE staff DROP COLUMN recorded_bureau_id
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
