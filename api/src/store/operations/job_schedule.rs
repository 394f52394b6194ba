//! Schedules: changed, paused and resumed here, each change a version in the history, in the transaction that audits it.
//!
//! Slots are made by the scheduler (`jobs`); a change that moves them counts from the instant it is made.

use crate::store::{
    Store,
    record::{check_date, check_line, check_text},
    unscoped,
};
use crate::{
    authz::{Action, Noun},
    error::{Code, Error},
};
use chrono::{DateTime, Utc};
use entity::{
    ids::JobScheduleId,
    job_run::JobName,
    job_schedule::{self, Misfire, Overlap},
    job_schedule_version,
};
use jobs::{
    schedule::slots::{MOST_SLOTS, Plan, PlanError},
    transaction::{self, slots},
};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};

/// The longest window in which a missed slot is made up for: a year, in seconds.
const LONGEST_CATCH_UP: i64 = 366 * 24 * 3_600;
/// The longest time within which a run is expected to be over: 31 days, in minutes.
const LONGEST_EXPECTED: i32 = 31 * 24 * 60;
/// The most slots of a preview.
const MOST_PREVIEWED: usize = 100;

/// What is to be different; nothing where `None`.
#[derive(Debug, Clone, Default)]
pub struct ScheduleChange {
    /// Six fields, seconds first.
    pub cron: Option<String>,
    /// The IANA name of a zone.
    pub zone: Option<String>,
    /// What becomes of missed slots.
    pub misfire: Option<Misfire>,
    /// Seconds after which a missed slot is made up for no more.
    pub catch_up_seconds: Option<i64>,
    /// What becomes of a slot while an earlier run goes on.
    pub overlap: Option<Overlap>,
    /// Minutes after a slot by which a run is expected to be over.
    pub expected_within_minutes: Option<i32>,
}

impl Store {
    /// Changes a schedule. A cron or zone of its own counts from now on: no slot is missed that only the new one has. A change that is made
    /// already changes nothing.
    ///
    /// # Errors
    /// FORBIDDEN; `BAD_USER_INPUT`; `NOT_FOUND`; CONFLICT where the schedule has another version than expected.
    pub async fn update_schedule(
        &self,
        job: JobName,
        change: ScheduleChange,
        expected_version: i32,
        reason: &str,
    ) -> Result<job_schedule::Model, Error> {
        self.allow(Action::ManageSchedules)?;
        check_text("reason", reason, 1_000)?;
        let tx = self.begin().await?;
        let stored = slots::lock_schedule(&*tx, job).await?.ok_or_else(no_schedule)?;
        let mut row = job_schedule::Model {
            cron: change.cron.unwrap_or_else(|| stored.cron.clone()),
            zone: change.zone.unwrap_or_else(|| stored.zone.clone()),
            misfire: change.misfire.unwrap_or(stored.misfire),
            catch_up_seconds: change.catch_up_seconds.unwrap_or(stored.catch_up_seconds),
            overlap: change.overlap.unwrap_or(stored.overlap),
            expected_within_minutes: change.expected_within_minutes.unwrap_or(stored.expected_within_minutes),
            ..stored.clone()
        };
        check(&row)?;
        if row == stored {
            return Ok(stored);
        }
        if stored.version != expected_version {
            return Err(Error::conflict(
                "expectedVersion",
                format!("このスケジュールは他で変更されています（現在の版は{}）。", stored.version),
                format!("The schedule was changed by somebody else; its version is {} now.", stored.version),
            ));
        }
        if (&row.cron, &row.zone) != (&stored.cron, &stored.zone) {
            row.cursor = row.cursor.max(Some(self.now()));
        }
        let row = self.write_schedule(&*tx, "UPDATE", row, reason).await?;
        tx.commit().await?;
        Ok(row)
    }

    /// Makes no more slots of a schedule. One that is paused stays as it is.
    ///
    /// # Errors
    /// FORBIDDEN; `BAD_USER_INPUT`; `NOT_FOUND`.
    pub async fn pause_schedule(&self, job: JobName, reason: &str) -> Result<job_schedule::Model, Error> {
        self.allow(Action::ManageSchedules)?;
        check_text("reason", reason, 1_000)?;
        let tx = self.begin().await?;
        let stored = slots::lock_schedule(&*tx, job).await?.ok_or_else(no_schedule)?;
        if !stored.enabled {
            return Ok(stored);
        }
        // What is missed from now on is missed by the pause, whether or not anybody has looked yet.
        let cursor = stored.cursor.or(Some(self.now()));
        let row = job_schedule::Model { enabled: false, cursor, ..stored };
        let row = self.write_schedule(&*tx, "PAUSE", row, reason).await?;
        tx.commit().await?;
        Ok(row)
    }

    /// Makes slots again. Of those that passed since the last one was dealt with, `missed` says which become runs now, whatever the
    /// schedule's own policy and window. A schedule that is not paused stays as it is.
    ///
    /// # Errors
    /// FORBIDDEN; `BAD_USER_INPUT`; `NOT_FOUND`; `LIMIT_EXCEEDED` where all are asked for and there are a thousand or more.
    pub async fn resume_schedule(&self, job: JobName, missed: Misfire, reason: &str) -> Result<job_schedule::Model, Error> {
        self.allow(Action::ManageSchedules)?;
        check_text("reason", reason, 1_000)?;
        let now = self.now();
        let tx = self.begin().await?;
        let stored = slots::lock_schedule(&*tx, job).await?.ok_or_else(no_schedule)?;
        if stored.enabled {
            return Ok(stored);
        }
        let due = missed_slots(&stored, missed, now)?;
        let row = job_schedule::Model { enabled: true, cursor: stored.cursor.max(Some(now)), ..stored };
        let row = self.write_schedule(&*tx, "RESUME", row, reason).await?;
        slots::enqueue_slots(&*tx, now, &row, &due).await?;
        tx.number_runs(now);
        tx.commit().await?;
        self.ledger.wake();
        Ok(row)
    }

    /// Writes the next version of a locked schedule, its history and the audit entry.
    async fn write_schedule(
        &self,
        tx: &impl ConnectionTrait,
        verb: &str,
        row: job_schedule::Model,
        reason: &str,
    ) -> Result<job_schedule::Model, Error> {
        let (changed_at, changed_by) = (self.now(), self.actor.principal.subject.clone());
        let row = job_schedule::Model { version: row.version + 1, changed_at, changed_by, ..row };
        let row = row.into_active_model().reset_all().update(tx).await?;
        let version = transaction::schedule_version(&row, Some(reason.to_owned()));
        transaction::put_all(tx, vec![version], false).await?;
        let entry = transaction::AuditAct {
            record_id: Some(row.id.0),
            counts: serde_json::json!({ "job": row.job.as_text(), "version": row.version }),
            reason: Some(reason.to_owned()),
            ..self.act(verb, Noun::JobSchedule)
        };
        transaction::audit(tx, changed_at, entry).await?;
        Ok(row)
    }

    /// The schedule of a job.
    ///
    /// # Errors
    /// As [`Store::allow`].
    pub async fn schedule(&self, job: JobName) -> Result<Option<job_schedule::Model>, Error> {
        let select = self.select::<job_schedule::Entity>()?.filter(job_schedule::Column::Job.eq(job));
        Ok(select.one(self.reader()).await?)
    }

    /// The versions of a schedule, the latest first, at most 100.
    ///
    /// # Errors
    /// As [`Store::allow`].
    pub async fn schedule_versions(&self, schedule: JobScheduleId) -> Result<Vec<job_schedule_version::Model>, Error> {
        self.allow(Action::Read(Noun::JobSchedule))?;
        let versions = unscoped::<job_schedule_version::Entity>().filter(job_schedule_version::Column::ScheduleId.eq(schedule));
        Ok(versions.order_by_desc(job_schedule_version::Column::Version).limit(100).all(self.reader()).await?)
    }

    /// The next slots of a cron in a zone, after an instant or now.
    ///
    /// # Errors
    /// As [`Store::allow`]; `BAD_USER_INPUT` for a cron or zone that is none, for a count outside 1 to 100, and for a
    /// `from` outside 1900 to 2199.
    pub fn preview(&self, cron: &str, zone: &str, count: i32, from: Option<DateTime<Utc>>) -> Result<Vec<DateTime<Utc>>, Error> {
        self.allow(Action::Read(Noun::JobSchedule))?;
        let count = usize::try_from(count).ok().filter(|count| (1..=MOST_PREVIEWED).contains(count)).ok_or_else(|| {
            let (ja, en) = (
                format!("countは1から{MOST_PREVIEWED}までの数でなければなりません。"),
                format!("The count must be between 1 and {MOST_PREVIEWED}."),
            );
            Error::input("count", ja, en)
        })?;
        let from = from.unwrap_or_else(|| self.now());
        check_date("from", from.date_naive())?;
        Ok(plan(cron, zone)?.preview(count, from))
    }
}

/// Refuses a schedule that is none.
fn check(row: &job_schedule::Model) -> Result<(), Error> {
    plan(&row.cron, &row.zone)?;
    if !(0..=LONGEST_CATCH_UP).contains(&row.catch_up_seconds) {
        let ja = format!("遡って実行する期間は0秒から{LONGEST_CATCH_UP}秒までです。");
        return Err(Error::input("catchUpSeconds", ja, format!("The catch-up window is 0 to {LONGEST_CATCH_UP} seconds.")));
    }
    if !(1..=LONGEST_EXPECTED).contains(&row.expected_within_minutes) {
        let ja = format!("終了を見込む時間は1分から{LONGEST_EXPECTED}分までです。");
        return Err(Error::input("expectedWithinMinutes", ja, format!("A run is expected within 1 to {LONGEST_EXPECTED} minutes.")));
    }
    Ok(())
}

/// Of the slots that passed since the last one was dealt with, those that are to become runs.
fn missed_slots(stored: &job_schedule::Model, missed: Misfire, now: DateTime<Utc>) -> Result<Vec<DateTime<Utc>>, Error> {
    let since = stored.cursor.unwrap_or(stored.changed_at);
    let mut due = match missed {
        Misfire::Skip => Vec::new(),
        Misfire::Latest | Misfire::All => plan(&stored.cron, &stored.zone)?.due(Some(since), now, missed, now - since).slots,
    };
    if missed == Misfire::Latest {
        due.drain(..due.len().saturating_sub(1));
    }
    if due.len() >= MOST_SLOTS {
        return Err(Error {
            field: Some("missed".to_owned()),
            ..Error::new(
                Code::LimitExceeded,
                format!(
                    "実行されなかった予定が{MOST_SLOTS}件以上あります。すべては実行できません。実行しないか、最新の1回だけを実行するかを選んでください。"
                ),
                format!("{MOST_SLOTS} slots or more were missed; choose SKIP or LATEST."),
            )
        });
    }
    Ok(due)
}

fn no_schedule() -> Error {
    Error::not_found("job", "スケジュール", "schedule")
}

/// Reads a cron and a zone.
fn plan(cron: &str, zone: &str) -> Result<Plan, Error> {
    check_line("cron", cron, 200)?;
    check_line("zone", zone, 100)?;
    Plan::parse(cron, zone).map_err(|error| {
        let (field, ja) = match &error {
            PlanError::BothDays => ("cron", "日と曜日の両方を指定することはできません。どちらかを * にしてください。".to_owned()),
            PlanError::Fields => ("cron", "cron は秒・分・時・日・月・曜日の6項目で書いてください。".to_owned()),
            PlanError::Cron(why) => ("cron", format!("cron を読み取れません（{why}）。")),
            PlanError::Never => ("cron", "この cron に当てはまる日はありません。".to_owned()),
            PlanError::Zone(_) => ("zone", "該当する時間帯がありません。Asia/Tokyo のように書いてください。".to_owned()),
        };
        Error::input(field, ja, sentence(&error.to_string()))
    })
}

/// An error's words as a sentence.
fn sentence(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map(|first| format!("{}{}.", first.to_uppercase(), chars.as_str().trim_end_matches('.'))).unwrap_or_default()
}
