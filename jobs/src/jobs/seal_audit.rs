//! `seal-audit`: numbers the entries of the audit trail that it sees committed, chains them, and signs each head.
//!
//! Ids and times of entries are made before their transactions commit, so that an entry may come to light after later ones: each run numbers
//! what it sees, the rest comes with the next. A seal, its items and the checkpoint are one transaction; its head goes to the file after that,
//! from the database, so that a run that was killed between the two catches up first. Before that, what subjects read in their own bureaus on
//! days that are over becomes entries, and is sealed with the rest. Where the file knows another history than the
//! database, nothing more is sealed. Every process that runs jobs needs the same key and file of heads.

use crate::{
    dialect::{execute, fresh_table, one_row, statement},
    job::{DefaultSchedule, JobError, Output, Policy},
    ledger::{Fence, LedgerError},
    runner::Phase,
    seal::{self, Concerned, Head, SealError, hex, key::SealKey},
    transaction::{AuditAct, audit_all, put_all},
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    audit_entry, audit_seal, audit_seal_item,
    job_schedule::{Misfire, Overlap},
    period::civil_date,
    reading_day,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use sha2::{Digest, Sha256};

/// Entries of one seal: on SQLite, where mutations wait for it, it takes less than 200 ms.
const SEAL: i64 = 1_500;
/// Entries that are looked for at a time.
const PASS: i64 = 60_000;
/// Heads that are read at a time.
const HEADS: u64 = 1_000;

/// One at a time, each hour at seven minutes past.
pub const POLICY: Policy = Policy {
    time_limit: TimeDelta::hours(2),
    schedule: Some(DefaultSchedule {
        cron: "0 7 * * * *",
        misfire: Misfire::Latest,
        catch_up: TimeDelta::hours(6),
        overlap: Overlap::Skip,
        expected_within: TimeDelta::hours(2),
    }),
    ..Policy::DEFAULT
};

/// What a run did. Serialised in camelCase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Statistics {
    /// Seals made, or in a dry run that would be.
    pub seals: i64,
    /// Entries in them.
    pub entries: i64,
    /// Number of the last of these.
    pub last_item: i64,
}

/// Runs the job.
pub(crate) async fn run(fence: &Fence) -> Result<Output, JobError> {
    seal_all(fence).await.map_err(JobError::usual)
}

async fn seal_all(fence: &Fence) -> Result<Output, LedgerError> {
    let mut statistics: Statistics = fence.resume().unwrap_or_default();
    if fence.run().dry_run {
        return Ok(output(&forecast(fence).await?));
    }
    let path = fence.settings().seal_key.clone();
    let key = blocking(move || SealKey::open_or_create(&path)).await?;
    write_heads(fence).await?;
    close_days(fence).await?;
    let since = since(fence, last_seal(&fence.snapshot().await?).await?.as_ref());
    loop {
        let found = find(fence, since).await?;
        let mut from = 0;
        while from < found {
            seal_chunk(fence, &key, from, &mut statistics).await?;
            from += SEAL;
            write_heads(fence).await?;
            fence.step(Phase::Step("seal"));
        }
        if found < PASS {
            return Ok(output(&statistics));
        }
    }
}

fn output(statistics: &Statistics) -> Output {
    let Statistics { seals, entries, last_item } = statistics;
    Output::new(statistics, format!("{:x}", Sha256::digest(format!("{seals} {entries} {last_item}"))))
}

/// From when on entries are looked for: each look but the day's first goes back one day, for no transaction lasts so long.
fn since(fence: &Fence, last: Option<&audit_seal::Model>) -> DateTime<Utc> {
    let today = |at| civil_date(at) == civil_date(fence.run().as_of);
    last.filter(|last| today(last.sealed_at)).map_or(DateTime::UNIX_EPOCH, |last| last.sealed_at - TimeDelta::days(1))
}

/// What would be sealed, counted.
async fn forecast(fence: &Fence) -> Result<Statistics, LedgerError> {
    const UNSEALED: &str = "SELECT COUNT(*) FROM audit_entry a
        WHERE a.at >= $1 AND NOT EXISTS (SELECT 1 FROM audit_seal_item i WHERE i.entry_id = a.id)";
    let tx = fence.snapshot().await?;
    let last = last_seal(&tx).await?;
    let entries: i64 = one_row(&tx, UNSEALED, vec![since(fence, last.as_ref()).into()]).await?.try_get_by_index(0)?;
    tx.commit().await?;
    if entries == 0 {
        return Ok(Statistics::default());
    }
    Ok(Statistics { seals: (entries + SEAL - 1) / SEAL, entries, last_item: last.map_or(0, |last| last.last_item) + entries })
}

/// Makes an entry of each row of `reading_day` of a day that is over. A process that tells of that day later makes another row of it, and
/// with the next run another entry: numbers are never lost, and never told twice.
async fn close_days(fence: &Fence) -> Result<(), LedgerError> {
    let take = format!(
        "DELETE FROM reading_day WHERE (day, subject, bureau_id, noun) IN (
            SELECT day, subject, bureau_id, noun FROM reading_day WHERE day < $1 ORDER BY day, subject, bureau_id, noun LIMIT {SEAL})
        RETURNING *"
    );
    let today = civil_date(fence.run().as_of);
    loop {
        let tx = fence.write().await?;
        let taken = statement(tx.get_database_backend(), &take, vec![today.into()]);
        let rows = reading_day::Entity::find().from_raw_sql(taken).all(&*tx).await?;
        if rows.is_empty() {
            return Ok(tx.rollback().await?);
        }
        let now = fence.clock().now();
        audit_all(&*tx, rows.into_iter().map(|row| (now, of_a_day(row))).collect()).await?;
        tx.commit().await?;
    }
}

fn of_a_day(row: reading_day::Model) -> AuditAct {
    AuditAct {
        counts: serde_json::json!({ "day": row.day, "reads": row.reads, "rows": row.concerned }),
        actor: row.subject,
        roles: row.roles,
        verb: "READ_DAY".to_owned(),
        noun: row.noun,
        bureau_id: Some(row.bureau_id),
        ..AuditAct::default()
    }
}

/// Numbers the entries that are not sealed yet in a TEMP table, by their times, and tells how many there are.
async fn find(fence: &Fence, since: DateTime<Utc>) -> Result<i64, LedgerError> {
    let tx = fence.snapshot().await?;
    fresh_table(&tx, "t_unsealed", "seq bigint NOT NULL PRIMARY KEY, id {uuid} NOT NULL").await?;
    let fill = format!(
        "INSERT INTO t_unsealed (seq, id) SELECT ROW_NUMBER() OVER (ORDER BY x.at, x.id), x.id FROM (
            SELECT a.at, a.id FROM audit_entry a
            WHERE a.at >= $1 AND NOT EXISTS (SELECT 1 FROM audit_seal_item i WHERE i.entry_id = a.id)
            ORDER BY a.at, a.id LIMIT {PASS}) x"
    );
    let found = execute(&tx, &fill, vec![since.into()]).await?;
    tx.commit().await?;
    Ok(i64::try_from(found).unwrap_or(PASS))
}

async fn last_seal<C: ConnectionTrait>(tx: &C) -> Result<Option<audit_seal::Model>, sea_orm::DbErr> {
    audit_seal::Entity::find().order_by_desc(audit_seal::Column::Number).one(tx).await
}

/// Makes one seal of the entries after `from`.
async fn seal_chunk(fence: &Fence, key: &SealKey, from: i64, statistics: &mut Statistics) -> Result<(), LedgerError> {
    const ENTRIES: &str = "SELECT a.* FROM t_unsealed t JOIN audit_entry a ON a.id = t.id WHERE t.seq > $1 AND t.seq <= $2 ORDER BY t.seq";
    let tx = fence.write().await?;
    let last = last_seal(&*tx).await?;
    let (number, mut item, mut hash) = last.map_or((1, 0, seal::START.to_owned()), |last| (last.number + 1, last.last_item, last.head));
    let first = item + 1;
    let entries = statement(tx.get_database_backend(), ENTRIES, vec![from.into(), (from + SEAL).into()]);
    let entries = audit_entry::Entity::find().from_raw_sql(entries).all(&*tx).await?;
    let concerned = Concerned::of(&*tx, entries.iter()).await?;
    let mut items = Vec::with_capacity(entries.len());
    for entry in &entries {
        item += 1;
        hash = seal::chain(&hash, item, entry, &concerned);
        items.push(audit_seal_item::Model { number: item, seal: number, entry_id: entry.id, hash: hash.clone() });
    }
    if items.is_empty() {
        return Ok(tx.rollback().await?);
    }
    let Head { head, signature, .. } = key.sign(number, (first, item), hash);
    let key_id = hex(key.public().as_bytes());
    let (run_id, sealed_at) = (fence.run().id, fence.clock().now());
    let row = audit_seal::Model { number, first_item: first, last_item: item, head, key_id, signature, sealed_at, run_id };
    put_all(&*tx, vec![row], false).await?;
    put_all(&*tx, items, false).await?;
    statistics.seals += 1;
    statistics.entries += item - first + 1;
    statistics.last_item = item;
    fence.checkpoint(tx, &*statistics).await
}

/// Appends the heads that the file does not have yet, after making sure that it tells the database's history.
async fn write_heads(fence: &Fence) -> Result<(), LedgerError> {
    loop {
        let path = fence.settings().seal_heads.clone();
        let last = blocking(move || seal::heads::last(&path)).await?;
        let tx = fence.snapshot().await?;
        if let Some(last) = &last {
            let stored = audit_seal::Entity::find_by_id(last.seal).one(&tx).await?;
            if stored.map(Head::from).as_ref() != Some(last) {
                return Err(SealError::OtherHistory(last.seal).into());
            }
        }
        let after = last.map_or(0, |head| head.seal);
        let missing = audit_seal::Entity::find().filter(audit_seal::Column::Number.gt(after));
        let missing = missing.order_by_asc(audit_seal::Column::Number).limit(HEADS).all(&tx).await?;
        tx.commit().await?;
        let heads: Vec<_> = missing.into_iter().map(Head::from).collect();
        let (path, full) = (fence.settings().seal_heads.clone(), heads.len() as u64 == HEADS);
        blocking(move || seal::heads::append(&path, &heads)).await?;
        if !full {
            return Ok(());
        }
    }
}

/// Does what waits for a file where it keeps nobody waiting.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, SealError> + Send + 'static) -> Result<T, LedgerError> {
    Ok(tokio::task::spawn_blocking(work).await.map_err(|_| SealError::CutOff)??)
}
