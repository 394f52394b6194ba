//! `alarms`: looks each quarter of an hour whether something is amiss with the platform itself, and tells the administrators.
//!
//! `looks` counts what there is of each kind of alarm, some as it stands and some since the last look that succeeded, so that what happens while
//! nobody looks is found by the next one. The counts stand in the run's statistics, which `/metrics` shows in every process ([`standing`]). Of each
//! kind that has any, one mail a day goes to each address of `TORIKUMI_ALARM_ADDRESSES`, by the outbox: one that ends and comes back on the same
//! day is not told twice, and one that lasts is told once a day. A mail counts, says what to do, and names no person and no bureau. Changes that
//! their proposer approved alone are told to the promotion officer instead (`TORIKUMI_PROMOTION_ADDRESSES`), each of them: what was approved
//! after the day's mail was written is told by the next day's. To the promotion officer go, once a week, also what the plan's V asks for: hires of
//! 1 April below their target, and in July what no target is in force of.
//!
//! Where the mail server is away, the look succeeds all the same, for the metrics and the time since which one looks rest on it: the mails wait for
//! the next look, and go as FAILED when their day is over. Deliberately absent: mending anything.

mod looks;
mod text;

use crate::{
    dialect::few_rows,
    job::{DefaultSchedule, JobError, Output, Policy},
    ledger::{Fence, LATEST_OUTPUT, Ledger, LedgerError},
    outbox::{Mails, TooLate},
    transaction::put_all,
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::{
    ids::MailId,
    job_run::{JobName, WarningCode},
    job_schedule::{Misfire, Overlap},
    mail::{self, AlarmKind, MailState},
    period::civil_date,
};
use sea_orm::{ActiveEnum, ConnectionTrait, DbErr};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashSet};

/// Each quarter of an hour.
pub const POLICY: Policy = Policy {
    max_attempts: 3,
    time_limit: TimeDelta::hours(1),
    schedule: Some(DefaultSchedule {
        cron: "0 */15 * * * *",
        misfire: Misfire::Latest,
        catch_up: TimeDelta::hours(1),
        overlap: Overlap::Skip,
        expected_within: TimeDelta::minutes(30),
    }),
    ..Policy::DEFAULT
};

/// What a look found. Serialised in camelCase.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Statistics {
    /// How many there are of each kind of alarm, where there are any.
    pub found: BTreeMap<AlarmKind, i64>,
    /// The day on which the whole audit trail was last verified.
    pub verified_on: Option<NaiveDate>,
    /// In how many places it was found damaged then, or its end since.
    pub damages: i64,
    /// Up to when changes that were approved alone have been told.
    pub told_alone: Option<DateTime<Utc>>,
    /// Mails of the day that the server took.
    pub sent: i64,
    /// Mails of the day that it refused.
    pub failed: i64,
    /// Mails of the day of which nobody knows.
    pub uncertain: i64,
    /// Mails of the day that wait for the next look.
    pub waiting: i64,
}

/// Runs the job.
pub(crate) async fn run(fence: &Fence) -> Result<Output, JobError> {
    look(fence).await.map_err(JobError::usual)
}

/// What the latest look found, and when it ended; the same from every process.
///
/// # Errors
/// [`LedgerError::Database`].
pub async fn standing(ledger: &Ledger) -> Result<Option<(Statistics, DateTime<Utc>)>, LedgerError> {
    let latest = ledger.latest_output(JobName::Alarms).await?;
    Ok(latest.map(|(statistics, at)| (serde_json::from_value(statistics).unwrap_or_default(), at)))
}

async fn look(fence: &Fence) -> Result<Output, LedgerError> {
    let today = civil_date(fence.run().as_of);
    let (last, since) = last_look(fence).await?;
    let mut statistics = Statistics { verified_on: last.verified_on, damages: last.damages, ..Statistics::default() };
    looks::all(fence, since, today, &mut statistics).await?;
    let mails = Mails::of(fence, today);
    alone(fence, mails, last.told_alone.unwrap_or(since), &mut statistics).await?;
    statistics.found.retain(|_, count| *count > 0);
    if !fence.run().dry_run {
        write(fence, mails, &statistics.found).await?;
        let settings = fence.settings();
        if !(settings.alarm_addresses.is_empty() && settings.promotion_addresses.is_empty()) {
            mails.deliver(fence).await?;
        }
    }
    let tx = fence.snapshot().await?;
    let standing = mails.standing(&tx, fence.run().dry_run).await?;
    tx.commit().await?;
    (statistics.sent, statistics.failed) = (standing.sent, standing.failed);
    (statistics.uncertain, statistics.waiting) = (standing.uncertain, standing.left);
    let untold = statistics.found.keys().filter(|kind| addresses(fence, **kind).is_empty()).count();
    let output = Output::new(&statistics, digest(&statistics.found));
    let output = output.warning(WarningCode::AlarmsUntold, i64::try_from(untold).unwrap_or(i64::MAX));
    let output = output.warning(WarningCode::MailsFailed, standing.failed).warning(WarningCode::MailsUncertain, standing.uncertain);
    Ok(output.warning(WarningCode::MailsWaiting, if fence.run().dry_run { 0 } else { standing.left }))
}

/// What the latest look found, and since when this one looks: from a minute before that one began, for what ended then may not have been
/// committed yet; the first looks back a day.
async fn last_look(fence: &Fence) -> Result<(Statistics, DateTime<Utc>), LedgerError> {
    let tx = fence.snapshot().await?;
    let rows = few_rows(&tx, LATEST_OUTPUT, vec![JobName::Alarms.to_value().into()]).await?;
    tx.commit().await?;
    let Some(row) = rows.first() else { return Ok((Statistics::default(), fence.computed_at() - TimeDelta::days(1))) };
    let (stored, began): (Option<serde_json::Value>, DateTime<Utc>) = (row.try_get("", "statistics")?, row.try_get("", "started_at")?);
    let last = stored.and_then(|stored| serde_json::from_value(stored).ok()).unwrap_or_default();
    Ok((last, began - TimeDelta::minutes(1)))
}

/// Who is told of a kind.
fn addresses(fence: &Fence, kind: AlarmKind) -> &[String] {
    let settings = fence.settings();
    if kind.is_of_promotion() { &settings.promotion_addresses } else { &settings.alarm_addresses }
}

/// Counts the changes that were approved alone and have not been told, up to a minute ago, for a later one may not have been committed yet.
/// Where the day's mail is written already, they are still to be told by the next look.
async fn alone(fence: &Fence, mails: Mails, since: DateTime<Utc>, statistics: &mut Statistics) -> Result<(), LedgerError> {
    let until = (fence.computed_at() - TimeDelta::minutes(1)).max(since);
    let tx = fence.snapshot().await?;
    let count = looks::approved_alone(&tx, since, until).await?;
    let told = written(&tx, mails).await?.iter().any(|(kind, _)| *kind == AlarmKind::ApprovedAlone);
    tx.commit().await?;
    statistics.found.insert(AlarmKind::ApprovedAlone, count);
    statistics.told_alone = Some(if count > 0 && told { since } else { until });
    Ok(())
}

/// Writes the mails of the day that are not written yet, one for each kind and address.
async fn write(fence: &Fence, mails: Mails, found: &BTreeMap<AlarmKind, i64>) -> Result<(), LedgerError> {
    let now = fence.clock().now();
    let tx = fence.write().await?;
    mails.settle_left(&*tx, now, TooLate::AboutBefore(mails.date)).await?;
    let written = written(&*tx, mails).await?;
    let mut rows = Vec::new();
    for (&kind, &count) in found {
        let (subject, body) = text::told(kind, count);
        for address in addresses(fence, kind).iter().filter(|address| !written.contains(&(kind, (*address).clone()))) {
            rows.push(mail::Model {
                id: MailId::new(),
                kind: mails.kind,
                bureau_id: None,
                date: mails.date,
                address: address.clone(),
                subject: subject.clone(),
                body: body.clone(),
                state: MailState::Pending,
                attempts: 0,
                created_at: now,
                tried_at: None,
                settled_at: None,
                run_id: fence.run().id,
                alarm: Some(kind),
            });
        }
    }
    put_all(&*tx, rows, false).await?;
    Ok(tx.commit().await?)
}

/// The kinds and addresses that need no further mail: of the day, or of the week.
async fn written<C: ConnectionTrait>(tx: &C, mails: Mails) -> Result<HashSet<(AlarmKind, String)>, DbErr> {
    let written = "SELECT alarm, address, date FROM mail WHERE alarm IS NOT NULL AND date > $1 AND date <= $2";
    let rows = few_rows(tx, written, vec![(mails.date - TimeDelta::days(7)).into(), mails.date.into()]).await?;
    let mut told = HashSet::new();
    for row in rows {
        let (kind, address, date): (AlarmKind, String, NaiveDate) =
            (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        if date == mails.date || kind.is_weekly() {
            told.insert((kind, address));
        }
    }
    Ok(told)
}

/// A line for each kind: what was found, and not when.
fn digest(found: &BTreeMap<AlarmKind, i64>) -> String {
    let mut digest = Sha256::new();
    for (kind, count) in found {
        digest.update(format!("{} {count}\n", kind.as_text()));
    }
    format!("{:x}", digest.finalize())
}
