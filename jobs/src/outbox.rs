//! The outbox: the jobs' mails on their way, at most one of a kind to each bureau about a date, or of an alarm to each administrator a day.
//!
//! A job writes its rows, unique by kind, bureau and date (or alarm, address and date), before anything is sent. Then each mail goes its way:
//! PENDING → SENDING, committed before the server hears of it → SENT, FAILED (refused for good, or too late), PENDING again (the server
//! certainly has not taken it: it was away, or put it off before it answered for the mail), or UNCERTAIN. A mail that is found SENDING by a
//! later attempt or run was in somebody's hands who is gone: it is UNCERTAIN, listed as such, and never sent again. So each gets at most one.
//!
//! What a restored database brings back is in nobody's hands either, and a run that was due before the restore may have sent its mails in the
//! time that was lost: both are UNCERTAIN.
//!
//! Without `TORIKUMI_SMTP_URL` and `TORIKUMI_MAIL_FROM`, a run that has something to send ends as `FAILED NOT_CONFIGURED`, and what it has
//! written waits for another run about the same date; a run that has nothing to send succeeds. Deliberately absent: whom a mail concerns and
//! what it says, which are the job's own. Runs of one job go on one at a time, and so nobody else sends mails of its kind.

pub(crate) mod mailing;
pub(crate) mod smtp;

pub use smtp::is_address;

use crate::{
    dialect::{execute, few_rows},
    ledger::{Fence, LedgerError},
    runner::Phase,
};
use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    database_identity,
    ids::MailId,
    job_run::JobName,
    mail::{self, MailState},
};
use sea_orm::{ActiveEnum, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, Value};
use smtp::{Fate, NoPost, Post};

const ABANDONED: &str = "UPDATE mail SET state = 'UNCERTAIN', settled_at = $1 WHERE kind = $2 AND state = 'SENDING'";
const TOO_LATE: &str = "UPDATE mail SET state = 'FAILED', settled_at = $1 WHERE kind = $2 AND state = 'PENDING' AND {since} < $3";
const TAKE: &str = "UPDATE mail SET state = 'SENDING', attempts = attempts + 1, tried_at = $2 WHERE id = $1 AND state = 'PENDING'";
const HOLD: &str = "UPDATE mail SET state = 'UNCERTAIN', settled_at = $1 WHERE kind = $2 AND date = $3 AND state = 'PENDING'";
/// Only while nobody has declared it uncertain.
const SETTLE: &str = "UPDATE mail SET state = $2, settled_at = $3 WHERE id = $1 AND state = 'SENDING'";

/// The mails of a kind about a date.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mails {
    /// The job that sends them.
    pub kind: JobName,
    pub date: NaiveDate,
}

/// Which mails of the kind, about any date, wait no longer: nobody is served by them any more.
#[derive(Debug, Clone, Copy)]
pub(crate) enum TooLate {
    /// Those about an earlier date.
    AboutBefore(NaiveDate),
    /// Those written before this instant.
    WrittenBefore(DateTime<Utc>),
}

/// How many of the mails stand where, all attempts and runs together.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Standing {
    pub sent: i64,
    pub failed: i64,
    pub uncertain: i64,
    /// Those that wait.
    pub left: i64,
}

impl Mails {
    /// Those of the run's job about a date.
    pub fn of(fence: &Fence, date: NaiveDate) -> Self {
        Self { kind: fence.run().job, date }
    }

    /// Settles what was left behind: mails in the hands of who is gone, and those that are too late. The caller then writes its rows in the
    /// same transaction.
    pub async fn settle_left<C: ConnectionTrait>(self, tx: &C, now: DateTime<Utc>, too_late: TooLate) -> Result<(), DbErr> {
        let (since, limit): (_, Value) = match too_late {
            TooLate::AboutBefore(date) => ("date", date.into()),
            TooLate::WrittenBefore(instant) => ("created_at", instant.into()),
        };
        execute(tx, ABANDONED, vec![now.into(), self.kind.to_value().into()]).await?;
        execute(tx, &TOO_LATE.replace("{since}", since), vec![now.into(), self.kind.to_value().into(), limit]).await?;
        Ok(())
    }

    /// Sends those that wait, one after the other, while the server is there.
    pub async fn deliver(self, fence: &Fence) -> Result<(), LedgerError> {
        let waiting = self.waiting(fence).await?;
        if waiting.is_empty() {
            return Ok(());
        }
        if self.hold(fence).await? {
            return Ok(());
        }
        let settings = fence.settings();
        let post = Post::open(settings.smtp_url.as_deref(), settings.mail_from.as_deref()).map_err(|missing| match missing {
            NoPost::Lacks(setting) => LedgerError::NotConfigured(setting),
            NoPost::Bad(setting) => LedgerError::BadSetting(setting),
        })?;
        fence.expect_steps(waiting.len() as u64);
        for mail in waiting {
            if !send(fence, &post, mail).await? {
                break;
            }
            fence.step(Phase::Step("mail"));
        }
        Ok(())
    }

    /// Holds back the mails of a run that was due before the database was restored: it may have sent them in the time that was lost. Nobody
    /// knows, and so they are uncertain.
    async fn hold(self, fence: &Fence) -> Result<bool, LedgerError> {
        let tx = fence.snapshot().await?;
        let identity = database_identity::Entity::find().one(&tx).await?;
        tx.commit().await?;
        let due = fence.run().slot.unwrap_or(fence.run().queued_at);
        if identity.and_then(|identity| identity.restored_at()).is_none_or(|restored| due >= restored) {
            return Ok(false);
        }
        let tx = fence.write().await?;
        execute(&*tx, HOLD, vec![fence.clock().now().into(), self.kind.to_value().into(), self.date.into()]).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn waiting(self, fence: &Fence) -> Result<Vec<mail::Model>, LedgerError> {
        use mail::Column;
        let tx = fence.snapshot().await?;
        let mails = mail::Entity::find().filter(Column::Kind.eq(self.kind)).filter(Column::Date.eq(self.date));
        let mails = mails.filter(Column::State.eq(MailState::Pending)).order_by_asc(Column::Attempts).order_by_asc(Column::Address);
        let mails = mails.all(&tx).await?;
        tx.commit().await?;
        Ok(mails)
    }

    /// Where they stand; for a dry run, as they would before anything is sent.
    pub async fn standing<C: ConnectionTrait>(self, tx: &C, dry_run: bool) -> Result<Standing, DbErr> {
        let count = "SELECT state, COUNT(*) FROM mail WHERE kind = $1 AND date = $2 GROUP BY state";
        let mut standing = Standing::default();
        for row in few_rows(tx, count, vec![self.kind.to_value().into(), self.date.into()]).await? {
            let (state, mails): (MailState, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            match state {
                // Left behind by a run that is gone: it would not be sent.
                MailState::Sending if dry_run => standing.uncertain += mails,
                MailState::Pending | MailState::Sending => standing.left += mails,
                MailState::Sent => standing.sent = mails,
                MailState::Failed => standing.failed = mails,
                MailState::Uncertain => standing.uncertain += mails,
            }
        }
        Ok(standing)
    }
}

/// Sends one mail, and tells whether the server is there for more.
async fn send(fence: &Fence, post: &Post, mail: mail::Model) -> Result<bool, LedgerError> {
    let tx = fence.write().await?;
    let taken = execute(&*tx, TAKE, vec![mail.id.into(), fence.clock().now().into()]).await?;
    tx.commit().await?;
    if taken == 0 {
        return Ok(true);
    }
    let fate = post.send(&mail, fence.clock().now()).await;
    let state = match fate {
        Fate::Taken => MailState::Sent,
        Fate::Refused => MailState::Failed,
        Fate::PutOff | Fate::Away => MailState::Pending,
        Fate::Unknown => MailState::Uncertain,
    };
    tracing::info!(run = %fence.run().id, mail = %mail.id, state = state.as_text(), "mail handed over");
    settle(fence, mail.id, state).await?;
    Ok(fate != Fate::Away)
}

/// Writes down what became of a mail; also while the run is being stopped, for it has happened.
async fn settle(fence: &Fence, id: MailId, state: MailState) -> Result<(), LedgerError> {
    let settled_at = (state != MailState::Pending).then(|| fence.clock().now());
    let tx = fence.write_down().await?;
    execute(&*tx, SETTLE, vec![id.into(), state.to_value().into(), settled_at.into()]).await?;
    Ok(tx.commit().await?)
}
