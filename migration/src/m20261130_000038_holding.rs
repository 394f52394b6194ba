//! Which bureau holds a person, as rows; and the bureau that an office-wide writer names where posts beside a main one leave it open.
//!
//! The rows of what is there already are made by the rule that was in force until then, so that nobody's holder changes: of the posts that have begun the one that reaches furthest towards the
//! day; of several the main post, then a resident one, then the one that began last. From then on they are made anew by
//! `entity::holding::derive` whenever a person's posts or employment change.

use crate::{ddl, drop_tables};
use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

const UP: &str = r"
CREATE TABLE holding (
    id {uuid} NOT NULL PRIMARY KEY,
    staff_id {uuid} NOT NULL REFERENCES staff (id),
    valid_from {date} NOT NULL,
    valid_to {date},
    bureau_id {uuid} NOT NULL REFERENCES bureau (id),
    unit_id {uuid} REFERENCES unit (id),
    posting_id {uuid} REFERENCES posting (id),
    CHECK (valid_to > valid_from),
    CHECK ((unit_id IS NULL) = (posting_id IS NULL))
);
CREATE UNIQUE INDEX holding_staff_from ON holding (staff_id, valid_from);
CREATE INDEX holding_bureau ON holding (bureau_id, valid_from);
CREATE INDEX holding_unit ON holding (unit_id, valid_from) WHERE unit_id IS NOT NULL;
CREATE INDEX holding_posting ON holding (posting_id) WHERE posting_id IS NOT NULL;
CREATE TABLE named_holder (
    id {uuid} NOT NULL PRIMARY KEY,
    staff_id {uuid} NOT NULL REFERENCES staff (id),
    valid_from {date} NOT NULL,
    bureau_id {uuid} NOT NULL REFERENCES bureau (id),
    reason {text} NOT NULL,
    named_by {text} NOT NULL,
    named_at {instant} NOT NULL
);
CREATE UNIQUE INDEX named_holder_staff_from ON named_holder (staff_id, valid_from)
";

const ROWS: &str = r"
CREATE TABLE holding_day AS
    SELECT d.staff_id, d.day, s.recorded_bureau_id, s.hired_on,
        CASE WHEN s.separated_on <= d.day THEN s.separated_on ELSE {next} END AS until,
        CASE WHEN s.hired_on <= d.day AND (s.separated_on IS NULL OR s.separated_on > d.day) THEN 1 ELSE 0 END AS serves
    FROM (
        SELECT p.staff_id, CASE WHEN p.valid_from < s.hired_on THEN s.hired_on ELSE p.valid_from END AS day
        FROM posting p JOIN staff s ON s.id = p.staff_id WHERE p.void_reason IS NULL
        UNION
        SELECT staff_id, valid_to FROM posting WHERE void_reason IS NULL AND valid_to IS NOT NULL
        UNION
        SELECT id, separated_on FROM staff WHERE separated_on IS NOT NULL
        UNION
        SELECT id, CASE WHEN {recorded} < hired_on THEN {recorded} ELSE hired_on END FROM staff WHERE recorded_bureau_id IS NOT NULL
    ) d JOIN staff s ON s.id = d.staff_id;
CREATE TABLE holding_reach AS
    SELECT d.staff_id, d.day, q.id AS posting_id,
        ROW_NUMBER() OVER (PARTITION BY d.staff_id, d.day ORDER BY CASE WHEN q.valid_to < d.until THEN q.valid_to ELSE d.until END DESC,
            CASE WHEN q.kind = 'PRIMARY' THEN 0 WHEN q.resident THEN 1 ELSE 2 END, q.valid_from DESC, q.id) AS place
    FROM holding_day d JOIN posting q ON q.staff_id = d.staff_id
    WHERE q.void_reason IS NULL AND d.hired_on < d.until AND q.valid_from < d.until AND (q.valid_to IS NULL OR q.valid_to > d.hired_on);
CREATE INDEX holding_reached ON holding_reach (staff_id, day);
INSERT INTO holding (id, staff_id, valid_from, valid_to, bureau_id, unit_id, posting_id)
    SELECT {id}, staff_id, day, LEAD(day) OVER (PARTITION BY staff_id ORDER BY day), bureau_id, unit_id, posting_id
    FROM (
        SELECT h.*, ROW_NUMBER() OVER (PARTITION BY staff_id ORDER BY day) AS place,
            LAG(bureau_id) OVER (PARTITION BY staff_id ORDER BY day) AS former_bureau,
            LAG(posting_id) OVER (PARTITION BY staff_id ORDER BY day) AS former_posting
        FROM (
            SELECT d.staff_id, d.day, COALESCE(p.bureau_id, d.recorded_bureau_id) AS bureau_id,
                CASE WHEN d.serves = 1 AND p.valid_from <= d.day AND (p.valid_to IS NULL OR p.valid_to > d.day) THEN p.unit_id END AS unit_id,
                CASE WHEN d.serves = 1 AND p.valid_from <= d.day AND (p.valid_to IS NULL OR p.valid_to > d.day) THEN p.id END AS posting_id
            FROM holding_day d
            LEFT JOIN holding_reach r ON r.staff_id = d.staff_id AND r.day = d.day AND r.place = 1
            LEFT JOIN posting p ON p.id = r.posting_id
        ) h
        WHERE bureau_id IS NOT NULL
    ) k
    WHERE place = 1 OR former_bureau <> bureau_id OR former_posting IS DISTINCT FROM posting_id;
DROP TABLE holding_reach;
DROP TABLE holding_day
";

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl(manager, UP).await?;
        let (id, recorded, next) = match manager.get_database_backend() {
            DbBackend::Postgres => ("gen_random_uuid()", "CAST(created_at AT TIME ZONE INTERVAL '9 hours' AS date)", "d.day + 1"),
            _ => ("randomblob(16)", "date(created_at, '+9 hours')", "date(d.day, '+1 day')"),
        };
        ddl(manager, &ROWS.replace("{id}", id).replace("{recorded}", recorded).replace("{next}", next)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["holding", "named_holder"]).await
    }
}
