//! `follow-up-reminder`: in the morning, to the officer of each bureau that has not answered the follow-up's data call, or is to correct its
//! answer: a week before the due day, on it, and each week after it.
//!
//! One statement finds the calls of cycles that collect; the run writes a row of the outbox for each bureau that is to be reminded today, unique
//! by kind, bureau and date, and `outbox` says how each mail goes on its way. A mail names the fiscal year and the day, no person and no figure.
//! Mails of a day that is over are never sent: the next reminder says it better.

mod text;

use crate::{
    dialect::few_rows,
    inside::put_all,
    job::{DefaultSchedule, JobError, Output, Policy},
    ledger::{Fence, LedgerError},
    outbox::{Mails, TooLate},
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::{
    ids::{BureauId, MailOutboxId},
    job_schedule::{Misfire, Overlap},
    mail_outbox::{self, MailKind, MailState},
    period::{FiscalYear, civil_date},
};
use sea_orm::{ConnectionTrait, DbErr, QueryResult};
use sha2::{Digest, Sha256};

/// Days before the due day on which the first reminder goes out, and days between those after it.
const WEEK: i64 = 7;

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

/// What became of the day's reminders, all attempts and runs together. Serialised in camelCase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Statistics {
    /// Bureaus to be reminded today.
    pub bureaus: i64,
    /// Those of them whose officer has no address.
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

/// The calls whose bureau has not answered, or is to correct its answer; those of a bureau follow each other. `$1` is a week from today.
const WAITING: &str = "SELECT b.id, b.code, b.name_ja, b.name_en, b.officer_address, f.fiscal_year, c.due_on, s.id AS answer
    FROM follow_up f
    JOIN data_call c ON c.follow_up_id = f.id
    JOIN bureau b ON b.id = c.bureau_id
    LEFT JOIN submission s ON s.follow_up_id = c.follow_up_id AND s.bureau_id = c.bureau_id
        AND NOT EXISTS (SELECT 1 FROM submission n WHERE n.follow_up_id = s.follow_up_id AND n.bureau_id = s.bureau_id
            AND n.revision > s.revision)
    WHERE f.stage = 'COLLECTING' AND c.due_on <= $1 AND b.void_reason IS NULL AND (s.id IS NULL OR s.state = 'RETURNED')
    ORDER BY b.code, f.fiscal_year, c.due_on";
/// The bureaus that have the day's mail already.
const WRITTEN: &str = "SELECT bureau_id FROM mail_outbox WHERE kind = 'FOLLOW_UP_REMINDER' AND date = $1";

/// A bureau to be reminded.
struct Reminded {
    id: BureauId,
    code: String,
    name_ja: String,
    name_en: String,
    address: Option<String>,
    calls: Vec<Call>,
}

/// A call that waits.
struct Call {
    fiscal_year: FiscalYear,
    due_on: NaiveDate,
    /// Whether its answer is there, to be corrected.
    returned: bool,
}

impl Call {
    fn is_reminded_on(&self, today: NaiveDate) -> bool {
        let days = (today - self.due_on).num_days();
        days == -WEEK || days >= 0 && days % WEEK == 0
    }
}

/// Runs the job.
pub(crate) async fn run(fence: &Fence) -> Result<Output, JobError> {
    remind(fence).await.map_err(JobError::usual)
}

async fn remind(fence: &Fence) -> Result<Output, LedgerError> {
    let today = civil_date(fence.run().as_of);
    let mails = Mails { kind: MailKind::FollowUpReminder, date: today };
    let tx = fence.snapshot().await?;
    let bureaus = reminded(&tx, today).await?;
    tx.commit().await?;
    if !fence.run().dry_run {
        enter(fence, mails, &bureaus).await?;
        mails.deliver(fence).await?;
    }
    let (statistics, left) = outcome(fence, mails, &bureaus).await?;
    if left > 0 && !fence.run().dry_run { Err(LedgerError::MailsWait) } else { Ok(Output::new(&statistics, hash(today, &bureaus))) }
}

/// The bureaus that are to be reminded today, by code, each with its calls that are.
async fn reminded<C: ConnectionTrait>(tx: &C, today: NaiveDate) -> Result<Vec<Reminded>, DbErr> {
    let mut bureaus: Vec<Reminded> = Vec::new();
    for row in few_rows(tx, WAITING, vec![(today + TimeDelta::days(WEEK)).into()]).await? {
        let (call, bureau) = read(&row)?;
        if !call.is_reminded_on(today) {
            continue;
        }
        if bureaus.last().is_none_or(|last| last.id != bureau.id) {
            bureaus.push(bureau);
        }
        if let Some(last) = bureaus.last_mut() {
            last.calls.push(call);
        }
    }
    Ok(bureaus)
}

fn read(row: &QueryResult) -> Result<(Call, Reminded), DbErr> {
    let call = Call {
        fiscal_year: row.try_get("", "fiscal_year")?,
        due_on: row.try_get("", "due_on")?,
        returned: row.try_get::<Option<uuid::Uuid>>("", "answer")?.is_some(),
    };
    let bureau = Reminded {
        id: row.try_get("", "id")?,
        code: row.try_get("", "code")?,
        name_ja: row.try_get("", "name_ja")?,
        name_en: row.try_get("", "name_en")?,
        address: row.try_get("", "officer_address")?,
        calls: Vec::new(),
    };
    Ok((call, bureau))
}

/// The bureaus whose mail of the day is to be written.
async fn unwritten<'a, C: ConnectionTrait>(tx: &C, mails: Mails, bureaus: &'a [Reminded]) -> Result<Vec<(&'a Reminded, &'a str)>, DbErr> {
    let written = few_rows(tx, WRITTEN, vec![mails.date.into()]).await?;
    let written = written.iter().map(|row| row.try_get_by_index::<BureauId>(0)).collect::<Result<Vec<_>, _>>()?;
    let new = bureaus.iter().filter(|bureau| !written.contains(&bureau.id));
    Ok(new.filter_map(|bureau| Some((bureau, bureau.address.as_deref()?))).collect())
}

/// Settles what was left behind, and writes the day's mails into the outbox, once.
async fn enter(fence: &Fence, mails: Mails, bureaus: &[Reminded]) -> Result<(), LedgerError> {
    let now = fence.clock().now();
    let tx = fence.write().await?;
    mails.settle_left(&*tx, now, TooLate::AboutBefore(mails.date)).await?;
    let new = unwritten(&*tx, mails, bureaus).await?;
    put_all(&*tx, new.into_iter().map(|(bureau, address)| mail(fence, now, mails, bureau, address)).collect(), false).await?;
    Ok(tx.commit().await?)
}

fn mail(fence: &Fence, now: DateTime<Utc>, mails: Mails, bureau: &Reminded, address: &str) -> mail_outbox::Model {
    mail_outbox::Model {
        id: MailOutboxId::new(),
        kind: mails.kind,
        bureau_id: bureau.id,
        date: mails.date,
        address: address.to_owned(),
        subject: text::SUBJECT.to_owned(),
        body: text::body((&bureau.name_ja, &bureau.name_en), &bureau.calls, mails.date),
        state: MailState::Pending,
        attempts: 0,
        created_at: now,
        tried_at: None,
        settled_at: None,
        run_id: fence.run().id,
    }
}

/// The day's counts, in a dry run as they would be before anything is sent, and how many mails still wait.
async fn outcome(fence: &Fence, mails: Mails, bureaus: &[Reminded]) -> Result<(Statistics, i64), LedgerError> {
    let dry = fence.run().dry_run;
    let tx = fence.snapshot().await?;
    let standing = mails.standing(&tx, dry).await?;
    let new = unwritten(&tx, mails, bureaus).await?.len();
    tx.commit().await?;
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let statistics = Statistics {
        bureaus: count(bureaus.len()),
        without_address: count(bureaus.iter().filter(|bureau| bureau.address.is_none()).count()),
        sent: standing.sent,
        failed: standing.failed,
        uncertain: standing.uncertain,
        to_send: if dry { standing.left + count(new) } else { 0 },
    };
    Ok((statistics, standing.left))
}

/// The digest rests on who is reminded of what, not on what the mail server made of it.
fn hash(today: NaiveDate, bureaus: &[Reminded]) -> String {
    let mut digest = Sha256::new_with_prefix(today.to_string());
    for bureau in bureaus {
        digest.update(format!("\n{}", bureau.code));
        for call in &bureau.calls {
            digest.update(format!("|{}|{}|{}", call.fiscal_year, call.due_on, call.returned));
        }
    }
    format!("{:x}", digest.finalize())
}
