//! `follow-up-reminder`: in the morning, to the officer of each bureau that has not answered the follow-up's data call, or is to correct its
//! answer: a week before the due day, on it, and each week after it.
//!
//! One statement finds the calls of cycles that collect; the run writes a row of the outbox for each bureau that is to be reminded today, unique
//! by kind, bureau and date, and `outbox` says how each mail goes on its way. A mail names the fiscal year and the day, no person and no figure.
//! Mails of a day that is over are never sent: the next reminder says it better.

mod text;

use crate::{
    dialect::few_rows,
    job::{DefaultSchedule, JobError, Output, Policy},
    ledger::{Fence, LedgerError},
    outbox::{
        Mails, TooLate,
        mailing::{self, Concerned, Fate},
    },
};
use chrono::{NaiveDate, TimeDelta};
use entity::{
    ids::BureauId,
    job_schedule::{Misfire, Overlap},
    period::{FiscalYear, civil_date},
};
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

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
        expected_within: TimeDelta::hours(3),
    }),
    ..Policy::DEFAULT
};

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
/// A bureau to be reminded.
struct Reminded {
    id: BureauId,
    code: String,
    name_ja: String,
    name_en: String,
    address: Option<String>,
    calls: Vec<Call>,
}

impl Reminded {
    fn concerned(self, today: NaiveDate) -> Concerned {
        let body = text::body((&self.name_ja, &self.name_en), &self.calls, today);
        let said = |call: &Call| format!("|{}|{}|{}", call.fiscal_year, call.due_on, call.returned);
        Concerned {
            id: self.id,
            code: self.code,
            address: self.address,
            fate: Fate::Told { subject: text::SUBJECT.to_owned(), body },
            said: self.calls.iter().map(said).collect(),
        }
    }
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
    let tx = fence.snapshot().await?;
    let bureaus = reminded(&tx, today).await?;
    tx.commit().await?;
    let concerned: Vec<_> = bureaus.into_iter().map(|bureau| bureau.concerned(today)).collect();
    mailing::send(fence, Mails::of(fence, today), TooLate::AboutBefore(today), &concerned).await
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
