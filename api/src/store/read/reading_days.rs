//! Daily reading, counted: the first of a day at once, what follows together, within seconds.

use crate::error::Error;
use chrono::NaiveDate;
use entity::reading_day::{Column, Entity, Model};
use jobs::{
    database::{Database, to_the_end},
    transaction::chunk_rows,
};
use sea_orm::{
    ConnectionTrait, EntityTrait, IntoActiveModel, Iterable,
    sea_query::{Expr, OnConflict},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// How long counts may wait for others to be written with them.
const GATHER: Duration = Duration::from_secs(5);
/// With counts that wait longer, because they could not be written, nothing more is shown before they are.
const LATEST: Duration = Duration::from_secs(10);

/// Day, subject, bureau and noun: in the order of the key, so that two processes lock rows alike.
type Key = (NaiveDate, String, uuid::Uuid, String);

#[derive(Debug, Default)]
struct Counts {
    day: Option<NaiveDate>,
    /// What stands in the database with this day.
    begun: BTreeSet<Key>,
    waiting: BTreeMap<Key, Model>,
    since: Option<Instant>,
}

/// The counts of a process.
#[derive(Debug, Clone, Default)]
pub struct ReadingDays {
    counts: Arc<Mutex<Counts>>,
    /// Held while what waited is written: who writes next, the process at its end too, finds it in the database.
    writing: Arc<tokio::sync::Mutex<()>>,
}

impl ReadingDays {
    /// Counts what was read: at once what is the first of its day, the rest within ten seconds.
    ///
    /// # Errors
    /// The engine's: what could not be counted is not shown.
    pub(in crate::store) async fn count(&self, db: &Database, rows: Vec<Model>) -> Result<(), Error> {
        let Some(today) = rows.first().map(|row| row.day) else { return Ok(()) };
        let (first, late) = {
            let mut counts = self.lock();
            if counts.day != Some(today) {
                counts.day = Some(today);
                counts.begun.clear();
            }
            let (later, first): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| counts.begun.contains(&key(row)));
            if !later.is_empty() && counts.waiting.is_empty() {
                counts.since = Some(Instant::now());
                self.gather(db);
            }
            for row in later {
                add(&mut counts.waiting, row);
            }
            (first, counts.since.is_some_and(|since| since.elapsed() > LATEST))
        };
        if late {
            self.write(db).await?;
        }
        if first.is_empty() {
            return Ok(());
        }
        let keys: Vec<_> = first.iter().map(key).collect();
        put(db, first).await?;
        let mut counts = self.lock();
        if counts.day == Some(today) {
            counts.begun.extend(keys);
        }
        Ok(())
    }

    /// Writes what waits. A caller that goes away stops nothing half-way.
    ///
    /// # Errors
    /// The engine's; what waited waits on.
    pub async fn write(&self, db: &Database) -> Result<(), Error> {
        let (own, db) = (self.clone(), db.clone());
        to_the_end(async move {
            let _writing = own.writing.lock().await;
            let (waiting, since) = {
                let mut counts = own.lock();
                (std::mem::take(&mut counts.waiting), counts.since.take())
            };
            if waiting.is_empty() {
                return Ok(());
            }
            let written = put(&db, waiting.values().cloned().collect()).await;
            if written.is_err() {
                let mut counts = own.lock();
                counts.since = since;
                for row in waiting.into_values() {
                    add(&mut counts.waiting, row);
                }
            }
            written
        })
        .await
    }

    /// Writes what gathers from now on, soon.
    fn gather(&self, db: &Database) {
        let (own, db) = (self.clone(), db.clone());
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(GATHER).await;
                match own.write(&db).await {
                    Ok(()) => return,
                    Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "readings could not be counted"),
                }
            }
        });
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(row: &Model) -> Key {
    (row.day, row.subject.clone(), row.bureau_id.0, row.noun.clone())
}

fn add(waiting: &mut BTreeMap<Key, Model>, row: Model) {
    let sum = waiting.entry(key(&row));
    sum.and_modify(|sum| {
        sum.reads += row.reads;
        sum.concerned += row.concerned;
    })
    .or_insert(row);
}

/// Adds to the rows of the days, in the order of their keys.
async fn put(db: &Database, mut rows: Vec<Model>) -> Result<(), Error> {
    rows.sort_by_key(key);
    let tx = db.begin().await?;
    let adding = OnConflict::columns([Column::Day, Column::Subject, Column::BureauId, Column::Noun])
        .value(Column::Reads, Expr::cust("reading_day.reads + excluded.reads"))
        .value(Column::Concerned, Expr::cust("reading_day.concerned + excluded.concerned"))
        .to_owned();
    for part in rows.chunks(chunk_rows(tx.get_database_backend(), Column::iter().count())) {
        let part: Vec<_> = part.iter().cloned().map(IntoActiveModel::into_active_model).collect();
        Entity::insert_many(part).on_conflict(adding.clone()).exec_without_returning(&*tx).await?;
    }
    Ok(tx.commit().await?)
}
