//! Of which sources it is known what the months of the bureaus hold, noted before anything is counted (`entity::reported_source`).
//!
//! A person's month is known by the person's own records, or by what is known of the whole bureau. Where the latter changes, as with the first
//! shift of a month, everybody of the bureau is counted anew: it is marked, as a writer would. Deliberately absent: the rule, which is pure and
//! the entity's, and any person.

use crate::{
    dialect::{JsonKind, few_rows, json_rows},
    ledger::{Fence, LedgerError},
    person_month::Month,
    transaction::{Stale, mark_stale, put_all},
};
use entity::{
    api_client,
    ids::BureauId,
    month_source::RecordSource,
    period::YearMonth,
    reported_source::{Found, Model, SourceExtent, extent},
};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, Iterable, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The bureaus whose months are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// All of them, whose shifts have just been gathered for the person-months (`t_worked`).
    All,
    /// Those with marks of the month.
    Marked,
    /// One.
    One(BureauId),
}

impl Whose {
    /// Writes a table of the bureaus, the month's number, its first day and the first day after it into a statement.
    fn write_into(self, sql: &str, month: Month) -> String {
        let bureaus = match self {
            Self::All => "(SELECT id FROM bureau)",
            Self::Marked => "(SELECT DISTINCT bureau_id AS id FROM stale_mark WHERE month = {month})",
            Self::One(_) => "(SELECT id FROM bureau WHERE id = $1)",
        };
        month.write_into(&sql.replace("{bureaus}", bureaus).replace("{month}", &month.name.as_i32().to_string()))
    }

    /// What a statement with them binds.
    fn values(self) -> Vec<Value> {
        match self {
            Self::All | Self::Marked => Vec::new(),
            Self::One(bureau) => vec![bureau.into()],
        }
    }
}

/// Notes what is known of the month of these bureaus. Of those with marks, one of which another thing is known now is marked for everybody.
/// Run again it changes nothing.
pub(crate) async fn note(fence: &Fence, month: Month, whose: Whose) -> Result<(), LedgerError> {
    let tx = fence.snapshot().await?;
    let rows = news(&tx, month, whose).await?;
    tx.commit().await?;
    if rows.is_empty() {
        return Ok(());
    }
    let stale: Stale = rows.iter().map(|row| ((row.bureau_id, month.name), [None].into())).collect();
    let tx = fence.write().await?;
    put_all(&*tx, rows, true).await?;
    if whose == Whose::Marked {
        mark_stale(&*tx, fence.computed_at(), None, &stale).await?;
    }
    Ok(tx.commit().await?)
}

/// Whether what is known of a bureau's month has changed since it was noted, so that its figures do: somebody in it has no record of their own.
///
/// # Errors
/// The engine's.
pub async fn changes_figures<C: ConnectionTrait>(tx: &C, bureau: BureauId, month: YearMonth) -> Result<bool, DbErr> {
    let of = Month::new(month, month.last_day());
    if news(tx, of, Whose::One(bureau)).await?.is_empty() {
        return Ok(false);
    }
    let silent = "SELECT 1 FROM person_month WHERE month = $1 AND bureau_id = $2 AND (shifts = 0 OR telework_known = 0 OR leave_known = 0
        OR hires_known = 0) LIMIT 1";
    Ok(!few_rows(tx, silent, vec![month.into(), bureau.into()]).await?.is_empty())
}

/// What is known now and was not noted.
async fn news<C: ConnectionTrait>(tx: &C, month: Month, whose: Whose) -> Result<Vec<Model>, DbErr> {
    let clients = api_client::Entity::find().all(tx).await?;
    let codes = bureaus(tx, month, whose).await?;
    let mut found = found(tx, month, whose).await?;
    let stored = stored(tx, month, whose).await?;
    let nothing = Found::default();
    // No figure rests on appointments.
    let sources = || RecordSource::iter().filter(|source| *source != RecordSource::Appointments);
    let differing = |found: &BTreeMap<BureauId, Found>| -> Vec<Model> {
        let row = |bureau_id: BureauId, code: &str, source| {
            let extent = extent(source, found.get(&bureau_id).unwrap_or(&nothing), code, &clients);
            Model { month: month.name, bureau_id, source, extent }
        };
        let rows = codes.iter().flat_map(|(bureau, code)| sources().map(|source| row(*bureau, code, source)));
        rows.filter(|row| stored.get(&(row.bureau_id, row.source)) != Some(&row.extent)).collect()
    };
    let told = match whose {
        Whose::All => gathered(tx).await?,
        Whose::Marked => told(tx, month).await?,
        Whose::One(_) => Shifts::new(),
    };
    for (bureau, shifts) in &told {
        found.entry(*bureau).or_default().shifts.clone_from(shifts);
    }
    if whose == Whose::All {
        return Ok(differing(&found));
    }
    let of_shifts = |row: &Model| matches!(row.source, RecordSource::Presence | RecordSource::Overtime);
    let differs: BTreeSet<BureauId> = differing(&found).iter().filter(|row| of_shifts(row)).map(|row| row.bureau_id).collect();
    let unclear: Vec<BureauId> = codes.keys().filter(|bureau| !told.contains_key(bureau) || differs.contains(bureau)).copied().collect();
    for (bureau, shifts) in shifts(tx, month, &unclear).await? {
        found.entry(bureau).or_default().shifts = shifts;
    }
    Ok(differing(&found))
}

async fn bureaus<C: ConnectionTrait>(tx: &C, month: Month, whose: Whose) -> Result<BTreeMap<BureauId, String>, DbErr> {
    let sql = whose.write_into("SELECT b.id, b.code FROM {bureaus} w JOIN bureau b ON b.id = w.id", month);
    let rows = few_rows(tx, &sql, whose.values()).await?;
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
}

async fn stored<C: ConnectionTrait>(tx: &C, month: Month, whose: Whose) -> Result<BTreeMap<(BureauId, RecordSource), SourceExtent>, DbErr> {
    let sql = "SELECT r.bureau_id, r.source, r.extent FROM {bureaus} w JOIN reported_source r ON r.month = {month} AND r.bureau_id = w.id";
    let rows = few_rows(tx, &whose.write_into(sql, month), whose.values()).await?;
    rows.iter().map(|row| Ok(((row.try_get_by_index(0)?, row.try_get_by_index(1)?), row.try_get_by_index(2)?))).collect()
}

/// The clients that recorded shifts of bureaus, and whether any of these has presence.
type Shifts = BTreeMap<BureauId, Vec<(String, bool)>>;

/// What each client recorded, of all bureaus, from the month's gathered shifts: to go through them again would take a tenth of the month.
async fn gathered<C: ConnectionTrait>(tx: &C) -> Result<Shifts, DbErr> {
    let mut shifts = Shifts::new();
    for row in few_rows(tx, GATHERED, vec![]).await? {
        let (client, presence): (String, i32) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        shifts.entry(row.try_get_by_index(0)?).or_default().push((client, presence == 1));
    }
    Ok(shifts)
}

/// Whose shift counts for another bureau has reported it all the same.
const GATHERED: &str = "SELECT bureau_id, client, MAX(presence)
    FROM (
        SELECT bureau_id, client, presence FROM t_worked
        UNION ALL
        SELECT s.bureau_id, s.client, CASE WHEN s.presence_start IS NULL THEN 0 ELSE 1 END FROM t_eclipsed e CROSS JOIN shift s WHERE s.id = e.id
    ) x
    GROUP BY bureau_id, client";

/// What each client recorded in these bureaus; those that recorded nothing are there too.
async fn shifts<C: ConnectionTrait>(tx: &C, month: Month, bureaus: &[BureauId]) -> Result<Shifts, DbErr> {
    let mut shifts: Shifts = bureaus.iter().map(|bureau| (*bureau, Vec::new())).collect();
    if bureaus.is_empty() {
        return Ok(shifts);
    }
    let list = json_rows(tx.get_database_backend(), &[JsonKind::Uuid]);
    let ids: Vec<[BureauId; 1]> = bureaus.iter().map(|bureau| [*bureau]).collect();
    let ids = serde_json::to_string(&ids).unwrap_or_default();
    for row in few_rows(tx, &month.write_into(&SHIFTS.replace("{list}", &list)), vec![ids.into()]).await? {
        let (client, presence): (String, i32) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        shifts.entry(row.try_get_by_index(0)?).or_default().push((client, presence == 1));
    }
    Ok(shifts)
}

/// The clients of the marked people's shifts, of bureaus in which few are marked and each of these clients has presence of somebody else. That
/// one was noted with it, and nobody's but the marked people's shifts have changed since: of the bureau's shifts the same is known as before,
/// where these clients say what is stored. To look at all its shifts would be to read a bureau for one person's sake.
async fn told<C: ConnectionTrait>(tx: &C, month: Month) -> Result<Shifts, DbErr> {
    let sql = month.write_into(&TOLD.replace("{month}", &month.name.as_i32().to_string()).replace("{few}", &FEW.to_string()));
    let (mut told, mut unclear) = (Shifts::new(), BTreeSet::new());
    for row in few_rows(tx, &sql, vec![]).await? {
        let (bureau, client): (BureauId, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        if row.try_get_by_index::<Option<i32>>(2)?.is_none() {
            unclear.insert(bureau);
        }
        told.entry(bureau).or_default().push((client, true));
    }
    told.retain(|bureau, _| !unclear.contains(bureau));
    Ok(told)
}

/// Of so many marks of a bureau's month it is asked what their people's shifts say alone.
const FEW: i32 = 20;

const TOLD: &str = "SELECT c.bureau_id, c.client,
        (SELECT 1 FROM shift s
         WHERE s.bureau_id = c.bureau_id AND s.date >= {from} AND s.date < {to} AND s.void_reason IS NULL AND s.client = c.client
             AND s.presence_start IS NOT NULL
             AND s.staff_id NOT IN (SELECT o.staff_id FROM stale_mark o WHERE o.month = {month} AND o.bureau_id = c.bureau_id)
         ORDER BY s.bureau_id, s.date, s.id LIMIT 1)
    FROM (
        SELECT DISTINCT m.bureau_id, s.client
        FROM (SELECT bureau_id FROM stale_mark WHERE month = {month} GROUP BY bureau_id HAVING COUNT(*) <= {few} AND COUNT(*) = COUNT(staff_id)) b
        CROSS JOIN stale_mark m
        CROSS JOIN shift s
        WHERE m.bureau_id = b.bureau_id AND m.month = {month} AND s.staff_id = m.staff_id
    ) c";

/// What there is of each bureau's month, its shifts apart.
async fn found<C: ConnectionTrait>(tx: &C, month: Month, whose: Whose) -> Result<BTreeMap<BureauId, Found>, DbErr> {
    let mut found: BTreeMap<BureauId, Found> = BTreeMap::new();
    for row in few_rows(tx, &whose.write_into(STATED, month), whose.values()).await? {
        found.entry(row.try_get_by_index(0)?).or_default().stated.insert(row.try_get_by_index(1)?);
    }
    for (source, table) in OTHERS {
        for row in few_rows(tx, &whose.write_into(&RECORDED.replace("{table}", table), month), whose.values()).await? {
            found.entry(row.try_get_by_index(0)?).or_default().recorded.insert(source);
        }
    }
    Ok(found)
}

const STATED: &str = "SELECT c.bureau_id, s.source FROM {bureaus} w
    JOIN month_close c ON c.month = {month} AND c.bureau_id = w.id JOIN month_source s ON s.month_close_id = c.id";

const SHIFTS: &str = "SELECT s.bureau_id, s.client, MAX(CASE WHEN s.presence_start IS NULL THEN 0 ELSE 1 END) FROM shift s
    WHERE s.bureau_id IN ({list}) AND s.date >= {from} AND s.date < {to} AND s.void_reason IS NULL
    GROUP BY s.bureau_id, s.client";

/// Of these it counts whether there is anything at all.
const OTHERS: [(RecordSource, &str); 3] =
    [(RecordSource::Telework, "telework_day"), (RecordSource::Leave, "leave_entry"), (RecordSource::Hires, "hire")];

const RECORDED: &str = "SELECT w.id FROM {bureaus} w
    WHERE EXISTS (SELECT 1 FROM {table} r WHERE r.bureau_id = w.id AND r.date >= {from} AND r.date < {to} AND r.void_reason IS NULL)";

/// SQL that tells whether a source is known of a person `k` of `person_month`, with shifts `w`, away all month in `a`, of the bureau `r`
/// ([`extents`]). Who was away all month did none of it; who draws no overtime pay may stand outside the source, and counts where it is there.
pub(crate) fn known(column: &str) -> String {
    let source = column.trim_end_matches("_known");
    match source {
        "overtime" | "presence" => format!(
            "CASE WHEN w.shifts > 0 OR a.staff_id IS NOT NULL OR r.{source} = 'COMPLETE' OR r.{source} = 'RECORDED' AND k.subject_to_overtime = 0
                THEN 1 ELSE 0 END"
        ),
        // A bureau of which nothing was noted has said nothing.
        _ => format!("CASE WHEN r.{source} = 'NOTHING' THEN 0 ELSE 1 END"),
    }
}

/// One row for each bureau of which something was noted in a month; `month` is its number.
pub(crate) fn extents(month: YearMonth) -> String {
    let of = |source: RecordSource| {
        let word = source.as_text();
        format!("MAX(CASE WHEN source = '{word}' THEN extent END) AS {}", word.to_lowercase())
    };
    let columns: Vec<_> = RecordSource::iter().map(of).collect();
    format!("SELECT bureau_id, {} FROM reported_source WHERE month = {} GROUP BY bureau_id", columns.join(", "), month.as_i32())
}
