//! `on-time-day-notice`: on the morning of an on-time day, the notice (定時退庁日のお知らせ) to each concerned bureau that has an address.
//!
//! One statement writes a row of the outbox for each, unique by kind, bureau and day, before anything is sent; `outbox` says how each mail
//! goes on its way. Mails of a day that is over are never sent.

mod text;

use crate::{
    dialect::{execute, few_rows, one_row},
    job::{DefaultSchedule, JobError, Output, Policy},
    ledger::{Fence, LedgerError},
    outbox::{Mails, TooLate},
};
use chrono::{NaiveDate, TimeDelta};
use entity::{
    job_schedule::{Misfire, Overlap},
    mail_outbox::MailKind,
    period::civil_date,
};
use sha2::{Digest, Sha256};

/// Each morning at 08:30; until 11:30 a missed one is made up for, and mails that were put off are tried again.
pub const POLICY: Policy = Policy {
    max_attempts: 12,
    time_limit: TimeDelta::hours(3),
    schedule: Some(DefaultSchedule {
        cron: "0 30 8 * * *",
        misfire: Misfire::Latest,
        catch_up: TimeDelta::hours(3),
        overlap: Overlap::Skip,
    }),
    ..Policy::DEFAULT
};

/// What became of the day's mails, all attempts and runs together. Serialised in camelCase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Statistics {
    /// Bureaus concerned.
    pub bureaus: i64,
    /// Those of them without an address, who get none.
    pub without_address: i64,
    /// Mails that the server took.
    pub sent: i64,
    /// Mails that it refused for good.
    pub failed: i64,
    /// Mails of which nobody knows.
    pub uncertain: i64,
    /// In a dry run, mails that would be sent; otherwise none is left.
    pub to_send: i64,
}

/// The bureaus that an on-time day of the date concerns: their own day's, or the office's. A complete day (完全定時退庁日) is said to be one.
const CONCERNED: &str = "bureau b JOIN (
        SELECT c.id, MAX(CASE WHEN o.kind = 'COMPLETE' THEN 1 ELSE 0 END) AS complete
        FROM on_time_day o JOIN bureau c ON o.bureau_id IS NULL OR o.bureau_id = c.id
        WHERE o.date = $1 AND o.void_reason IS NULL GROUP BY c.id) d ON d.id = b.id
    WHERE b.void_reason IS NULL AND b.valid_from <= $1 AND (b.valid_to IS NULL OR b.valid_to > $1)";
/// `$2` is now, `$4` the run, and then the subjects and texts of a complete day and of another; `$3` is the time of the new ids.
const ENTER: &str = "INSERT INTO mail_outbox (id, kind, bureau_id, date, address, subject, body, state, attempts, created_at, run_id)
    SELECT {uuid_v7}, 'ON_TIME_DAY_NOTICE', b.id, $1, b.notice_address, CASE WHEN d.complete = 1 THEN $5 ELSE $6 END,
        b.name_ja || $7 || CASE WHEN d.complete = 1 THEN $8 ELSE $9 END || b.name_en || CASE WHEN d.complete = 1 THEN $10 ELSE $11 END,
        'PENDING', 0, $2, $4
    FROM {concerned} AND b.notice_address IS NOT NULL
    ON CONFLICT (kind, bureau_id, date) DO NOTHING";
/// The bureaus for which [`ENTER`] would write a row.
const NOT_ENTERED: &str = "SELECT COUNT(*) FROM {concerned} AND b.notice_address IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM mail_outbox m WHERE m.kind = 'ON_TIME_DAY_NOTICE' AND m.bureau_id = b.id AND m.date = $1)";
/// Runs the job.
pub(crate) async fn run(fence: &Fence) -> Result<Output, JobError> {
    notify(fence).await.map_err(JobError::usual)
}

async fn notify(fence: &Fence) -> Result<Output, LedgerError> {
    let date = civil_date(fence.run().as_of);
    if fence.run().dry_run {
        return outcome(fence, date).await.map(|(output, _)| output);
    }
    enter(fence, date).await?;
    mails(date).deliver(fence).await?;
    let (output, left) = outcome(fence, date).await?;
    if left > 0 { Err(LedgerError::MailsWait) } else { Ok(output) }
}

/// The day's notices.
const fn mails(date: NaiveDate) -> Mails {
    Mails { kind: MailKind::OnTimeDayNotice, date }
}

/// Settles what was left behind, and writes the day's mails into the outbox, once.
async fn enter(fence: &Fence, date: NaiveDate) -> Result<(), LedgerError> {
    let now = fence.clock().now();
    let (complete, usual) = (text::Notice::new(date, true), text::Notice::new(date, false));
    let values = vec![
        date.into(),
        now.into(),
        format!("{:012x}", now.timestamp_millis()).into(),
        fence.run().id.into(),
        complete.subject.into(),
        usual.subject.into(),
        text::TO_JA.into(),
        complete.ja.into(),
        usual.ja.into(),
        complete.en.into(),
        usual.en.into(),
    ];
    let tx = fence.write().await?;
    mails(date).settle_left(&*tx, now, TooLate::AboutBefore(date)).await?;
    execute(&*tx, &ENTER.replace("{concerned}", CONCERNED), values).await?;
    Ok(tx.commit().await?)
}

/// The day's counts, in a dry run as they would be before anything is sent, and how many mails still wait. The digest rests on who is told,
/// not on what the mail server made of it.
async fn outcome(fence: &Fence, date: NaiveDate) -> Result<(Output, i64), LedgerError> {
    let dry = fence.run().dry_run;
    let tx = fence.snapshot().await?;
    let bureaus = format!("SELECT COUNT(*), COUNT(b.notice_address) FROM {CONCERNED}");
    let row = one_row(&tx, &bureaus, vec![date.into()]).await?;
    let (bureaus, addressed): (i64, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    let standing = mails(date).standing(&tx, dry).await?;
    let mut statistics = Statistics {
        bureaus,
        without_address: bureaus - addressed,
        sent: standing.sent,
        failed: standing.failed,
        uncertain: standing.uncertain,
        to_send: 0,
    };
    if dry {
        let new = one_row(&tx, &NOT_ENTERED.replace("{concerned}", CONCERNED), vec![date.into()]).await?;
        statistics.to_send = standing.left + new.try_get_by_index::<i64>(0)?;
    }
    let told = "SELECT b.code FROM mail_outbox m JOIN bureau b ON b.id = m.bureau_id
        WHERE m.kind = 'ON_TIME_DAY_NOTICE' AND m.date = $1 ORDER BY b.code";
    let mut digest = Sha256::new_with_prefix(date.to_string());
    for row in few_rows(&tx, told, vec![date.into()]).await? {
        digest.update(format!("\n{}", row.try_get_by_index::<String>(0)?));
    }
    tx.commit().await?;
    Ok((Output::new(&statistics, format!("{:x}", digest.finalize())), standing.left))
}
