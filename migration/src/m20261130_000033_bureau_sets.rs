//! Sets of bureaus are written once, and entries of the audit trail name the one that holds those whom they concern; before, each entry had a
//! row for each of its bureaus.

use crate::ddl;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, Statement};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// An entry has no foreign key to its set: that would lock the set's row, of which there are few, under all who read at once.
const UP: &str = r"
CREATE TABLE bureau_set (
    id {uuid} NOT NULL,
    place {int} NOT NULL CHECK (place >= 0),
    bureau_id {uuid} NOT NULL REFERENCES bureau (id),
    PRIMARY KEY (id, place)
);
CREATE INDEX bureau_set_bureau ON bureau_set (bureau_id, id);
ALTER TABLE audit_entry ADD COLUMN bureau_set_id {uuid};
ALTER TABLE audit_entry ADD COLUMN concerned {json}
";

/// What concerned one bureau names the set of that one, whatever more that of the whole office (`{office}`), with null for the rest.
const FILL: &str = r"
UPDATE audit_entry SET
    bureau_set_id = (SELECT s.id FROM audit_entry_bureau b JOIN bureau_set s ON s.bureau_id = b.bureau_id AND s.place = 0
        WHERE b.entry_id = audit_entry.id AND NOT EXISTS (SELECT 1 FROM bureau_set o WHERE o.id = s.id AND o.place = 1)),
    concerned = (SELECT CAST('[' || b.concerned || ']' AS {json}) FROM audit_entry_bureau b WHERE b.entry_id = audit_entry.id)
WHERE id IN (SELECT entry_id FROM audit_entry_bureau GROUP BY entry_id HAVING COUNT(*) = 1);
UPDATE audit_entry SET
    bureau_set_id = {office},
    concerned = (SELECT {list}(b.concerned ORDER BY s.place)
        FROM bureau_set s LEFT JOIN audit_entry_bureau b ON b.entry_id = audit_entry.id AND b.bureau_id = s.bureau_id WHERE s.id = {office})
WHERE id IN (SELECT entry_id FROM audit_entry_bureau GROUP BY entry_id HAVING COUNT(*) > 1)
";

/// A bureau's page of the trail is found by the index of times, on which most entries concern it; nothing asks for those of one bureau alone.
const DROP: &str = r"
DROP TABLE audit_entry_bureau;
DROP INDEX audit_entry_bureau_at
";

const DOWN: &str = r"
CREATE INDEX audit_entry_bureau_at ON audit_entry (bureau_id, at);
CREATE TABLE audit_entry_bureau (
    entry_id {uuid} NOT NULL REFERENCES audit_entry (id),
    bureau_id {uuid} NOT NULL REFERENCES bureau (id),
    concerned {long} NOT NULL CHECK (concerned >= 0),
    PRIMARY KEY (entry_id, bureau_id)
);
CREATE INDEX audit_entry_bureau_bureau ON audit_entry_bureau (bureau_id, entry_id);
INSERT INTO audit_entry_bureau (entry_id, bureau_id, concerned)
    SELECT a.id, s.bureau_id, CAST((a.concerned ->> s.place) AS {long})
    FROM audit_entry a JOIN bureau_set s ON s.id = a.bureau_set_id WHERE (a.concerned ->> s.place) IS NOT NULL;
ALTER TABLE audit_entry DROP COLUMN concerned;
ALTER TABLE audit_entry DROP COLUMN bureau_set_id;
DROP TABLE bureau_set
";

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl(manager, UP).await?;
        let office = bureaus(manager).await?;
        if let Some(id) = put(manager, &office).await? {
            if office.len() > 1 {
                for bureau in office {
                    put(manager, &[bureau]).await?;
                }
            }
            let list = if is_postgres(manager) { "json_agg" } else { "json_group_array" };
            ddl(manager, &FILL.replace("{office}", &id).replace("{list}", list)).await?;
        }
        ddl(manager, DROP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl(manager, DOWN).await
    }
}

fn is_postgres(manager: &SchemaManager<'_>) -> bool {
    manager.get_database_backend() == DbBackend::Postgres
}

/// The ids of all bureaus in order, in hexadecimal.
async fn bureaus(manager: &SchemaManager<'_>) -> Result<Vec<String>, DbErr> {
    let hexadecimal = if is_postgres(manager) { "replace(CAST(id AS text), '-', '')" } else { "lower(hex(id))" };
    let all = Statement::from_string(manager.get_database_backend(), format!("SELECT {hexadecimal} FROM bureau ORDER BY id"));
    manager.get_connection().query_all_raw(all).await?.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// Writes the set of these bureaus, and gives its id as SQL; none of none.
async fn put(manager: &SchemaManager<'_>, bureaus: &[String]) -> Result<Option<String>, DbErr> {
    if bureaus.is_empty() {
        return Ok(None);
    }
    let written = |hexadecimal: &str| {
        if is_postgres(manager) { format!("CAST('{hexadecimal}' AS uuid)") } else { format!("x'{hexadecimal}'") }
    };
    let id = written(&id_of(bureaus)?);
    let rows: Vec<_> = bureaus.iter().enumerate().map(|(place, bureau)| format!("({id}, {place}, {})", written(bureau))).collect();
    let insert = format!("INSERT INTO bureau_set (id, place, bureau_id) VALUES {}", rows.join(", "));
    manager.get_connection().execute_unprepared(&insert).await?;
    Ok(Some(id))
}

/// A set's id: the first half of the SHA-256 of its bureaus' ids in order, as a UUID of version 8.
fn id_of(bureaus: &[String]) -> Result<String, DbErr> {
    let mut hash = Sha256::new();
    for bureau in bureaus {
        let id = u128::from_str_radix(bureau, 16).map_err(|error| DbErr::Migration(format!("the bureau {bureau}: {error}")))?;
        hash.update(id.to_be_bytes());
    }
    let mut id = hash.finalize();
    id[6] = id[6] & 0x0f | 0x80;
    id[8] = id[8] & 0x3f | 0x80;
    Ok(id[..16].iter().fold(String::with_capacity(32), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    }))
}
