//! What a clock that was ahead has left behind: instants that no right clock writes, and that nothing would come up to for as long as the
//! clock had leapt.
//!
//! Seen at each look for slots, told by `/readyz`, metric and log, and set right: a schedule's cursor goes back to the last slot that was
//! really due, waiting runs may go on, and a lease ends when its holder, if there is one, would have to renew it. A slot that ran more than a
//! day early is set apart under a key of its own, so that it runs when its day comes; one that was less early does not run again.
#![expect(clippy::disallowed_methods, reason = "this is the jobs' door to the database")]

use super::{Ledger, LedgerError};
use crate::{dialect, observe, schedule::slots::ON_TIME};
use chrono::{DateTime, TimeDelta, Utc};
use entity::job_schedule;

/// No wait and no lease is longer: what a row names beyond is of another time.
const LONGEST: TimeDelta = TimeDelta::hours(2);
/// A clock that was ahead for less has passed over slots that were due soon; beyond, those that came due meanwhile are made up for.
const LITTLE: TimeDelta = TimeDelta::days(1);
/// No two clocks of one system are further apart.
const APART: TimeDelta = TimeDelta::minutes(1);
/// What a system that works leaves no longer pause between: each night has its runs.
const SILENCE: TimeDelta = TimeDelta::days(3);
/// What was written in the last hour was written by the clock in question.
const RECENT: TimeDelta = TimeDelta::hours(1);

const CURSOR: &str = "UPDATE job_schedule SET cursor = $2 WHERE id = $1 AND version = $3 AND cursor = $4";
const EARLY: &str = "UPDATE job_run SET dedupe_key = dedupe_key || $3 WHERE job = $1 AND slot > $2";
const LAST_SLOT: &str = "SELECT MAX(slot) FROM job_run WHERE job = $1 AND slot <= $2";
const WAITING: &str = "UPDATE job_run SET available_at = $1 WHERE state IN ('QUEUED', 'RETRY_WAIT') AND available_at > $2";
const LEASED: &str = "UPDATE job_run SET lease_until = $1 WHERE state IN ('RUNNING', 'CANCELLING') AND lease_until > $2";
const LOOK: &str = "SELECT COUNT(*) FROM job_run WHERE state IN ('QUEUED', 'RETRY_WAIT') AND available_at > $1
    OR state IN ('RUNNING', 'CANCELLING') AND lease_until > $1";
/// The latest sign of life that the clock in question has not written itself.
const SIGN: &str = "SELECT r.run, a.entry FROM (SELECT MAX(queued_at) AS run FROM job_run WHERE queued_at <= $1) r,
    (SELECT MAX(at) AS entry FROM audit_entry WHERE at <= $1) a";

impl Ledger {
    /// Sets a schedule's cursor back that is ahead of `now`, and tells whether there was need; another process may have been first.
    pub(super) async fn turn_back(&self, schedule: &mut job_schedule::Model, now: DateTime<Utc>) -> Result<bool, LedgerError> {
        let Some(ahead) = schedule.cursor.filter(|&cursor| cursor > now + ON_TIME) else { return Ok(false) };
        let little = ahead <= now + LITTLE;
        let right = if little {
            now
        } else {
            let values = vec![schedule.job.as_text().into(), now.into()];
            let last: Option<DateTime<Utc>> = dialect::one_row(self.db.reader(), LAST_SLOT, values).await?.try_get_by_index(0)?;
            last.unwrap_or(now).max(schedule.changed_at).min(now)
        };
        let tx = self.db.begin().await?;
        let values = vec![schedule.id.into(), right.into(), schedule.version.into(), ahead.into()];
        let turned = dialect::execute(&*tx, CURSOR, values).await? > 0;
        if turned && !little {
            let early = format!("/ahead/{}", now.format("%Y-%m-%dT%H:%M:%S%.3fZ"));
            dialect::execute(&*tx, EARLY, vec![schedule.job.as_text().into(), (now + LITTLE).into(), early.into()]).await?;
        }
        tx.commit().await?;
        tracing::error!(job = schedule.job.as_kebab(), cursor = %ahead, %now, set_to = %right, "the clock was ahead: a schedule is set back");
        observe::set_back("schedule");
        schedule.cursor = Some(right);
        Ok(true)
    }

    /// Lets runs go on, or be taken back, that wait for an instant which no right clock names. A look that finds none is one statement.
    pub(super) async fn turn_runs_back(&self, now: DateTime<Utc>) -> Result<bool, LedgerError> {
        let beyond = now + LONGEST;
        let row = dialect::one_row(self.db.reader(), LOOK, vec![beyond.into()]).await?;
        if row.try_get_by_index::<i64>(0)? == 0 {
            return Ok(false);
        }
        let tx = self.db.begin().await?;
        let waiting = dialect::execute(&*tx, WAITING, vec![now.into(), beyond.into()]).await?;
        let leased = dialect::execute(&*tx, LEASED, vec![(now + self.lease).into(), beyond.into()]).await?;
        dialect::notify(&*tx).await?;
        tx.commit().await?;
        tracing::error!(waiting, leased, %now, "the clock was ahead: runs are set back");
        observe::set_back("run");
        self.wake();
        Ok(true)
    }

    /// Why the clock cannot be trusted with what cannot be taken back, if so: the machine's and the database's are apart, it has leapt since
    /// the process began, `as_of` has not come, or nothing has been written for days that it says went by. It heals when the clocks agree,
    /// and when the next night finds what this one wrote.
    pub(crate) async fn distrust(&self, as_of: DateTime<Utc>) -> Result<Option<&'static str>, LedgerError> {
        self.measure_clock().await?;
        let now = self.clock.now();
        if self.clock.ahead().abs() > APART {
            return Ok(Some("the clocks of the process and of the database are apart"));
        }
        if self.clock.leap().abs() > APART {
            return Ok(Some("the clock has leapt"));
        }
        if as_of > now + APART {
            return Ok(Some("the run is of a day that has not come"));
        }
        let row = dialect::one_row(self.db.reader(), SIGN, vec![(now - RECENT).into()]).await?;
        let (run, entry): (Option<DateTime<Utc>>, Option<DateTime<Utc>>) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let silent = run.max(entry).is_some_and(|sign| now - sign > SILENCE);
        Ok(silent.then_some("nothing was written for days that the clock says went by"))
    }
}
