//! `outlier-digest`: once a month, to each bureau's officer, how many people's overtime was flagged and what waits for a review. No names.
//!
//! One statement counts the standing flags of the month, the flags up to the month that wait, and the exceptional work that must be analysed,
//! bureau by bureau; the run writes a row of the outbox for each bureau that has something to be told, unique by kind, bureau and month, and
//! `outbox` says how each mail goes on its way. The officer may see the persons; but a mail travels unprotected and lies in a mailbox:
//! - it goes to the officer's address alone, never to the one to which the bureau takes notices;
//! - people are counted, not flags, and 1 to 4 of them are not told apart (`text` says how);
//! - it names no person, staff number or unit, has no link, and its subject, which the outbox shows, has no figure;
//! - a bureau that appears in the office's total alone gets none: its figures show crisis activity.
//!
//! Concerned are the bureaus in being in the month that have person-months of it. What has been computed and not judged since is waited for.
//! Of a month that is not over nothing is told, for its only digest would be of half of it.

mod text;

use crate::{
    dialect::{few_rows, one_row},
    fault::Fault,
    job::{DefaultSchedule, JobError, Output, Policy},
    jobs::overtime_outliers::REACH,
    ledger::{Fence, LedgerError},
    outbox::{
        Mails, TooLate,
        mailing::{self, Concerned, Fate},
    },
};
use chrono::{NaiveDate, TimeDelta};
use entity::{
    bureau::Visibility,
    exceptional_work::overdue_before,
    job_schedule::{Misfire, Overlap},
    period::{FiscalYear, YearMonth, civil_date},
};
use sea_orm::{ConnectionTrait, DbErr};
use text::{Digest as Text, LINES, Told, told};

/// For so long a missed digest is made up for, and one that was written waits to be sent: a weekend with a holiday on either side. Later, what
/// it says of waiting reviews no longer holds. It counts from when the mail was written, for a run may be about any earlier month.
const WORTH_SENDING: TimeDelta = TimeDelta::days(4);

/// On the morning of the 10th, about the month before: by then its shifts have come in, and its figures and flags have been made of them. For a
/// day it is waited for flags that are late, and for the mail server.
pub const POLICY: Policy = Policy {
    monthly: true,
    max_attempts: 30,
    time_limit: TimeDelta::days(1),
    schedule: Some(DefaultSchedule {
        cron: "0 30 8 10 * *",
        misfire: Misfire::Latest,
        catch_up: WORTH_SENDING,
        overlap: Overlap::Skip,
        expected_within: TimeDelta::days(1),
    }),
    ..Policy::DEFAULT
};

/// The columns of [`LINES`] for each bureau concerned. `$1` is the month, `$2` its first day, `$3` the next month's, `$4` today; `$5` the first
/// day of its fiscal year, and `$6` that of the first one whose analyses are not overdue. A person counts once in a column.
const COUNTS: &str = "
    WITH raised AS (
        SELECT bureau_id,
            COUNT(DISTINCT CASE WHEN category = 'BREACH' THEN staff_id END) AS breaches,
            COUNT(DISTINCT CASE WHEN category = 'ABOVE_CAP_EXCEPTIONAL' THEN staff_id END) AS above_cap_exceptional,
            COUNT(DISTINCT CASE WHEN category = 'DUTY' THEN staff_id END) AS duties,
            COUNT(DISTINCT CASE WHEN category = 'STATISTICAL' THEN staff_id END) AS statistical,
            COUNT(DISTINCT CASE WHEN category = 'WARNING' THEN staff_id END) AS warnings
        FROM overtime_outlier WHERE month = $1 AND withdrawn_at IS NULL GROUP BY bureau_id),
    waiting AS (
        SELECT bureau_id,
            COUNT(DISTINCT CASE WHEN review = 'OPEN' THEN staff_id END) AS open,
            COUNT(DISTINCT CASE WHEN review_by < $4 OR (review = 'OPEN' AND acknowledge_by < $4) THEN staff_id END) AS overdue
        FROM overtime_outlier WHERE reviewed_at IS NULL AND withdrawn_at IS NULL AND month <= $1 GROUP BY bureau_id),
    analyses AS (
        SELECT bureau_id,
            COUNT(DISTINCT CASE WHEN date >= $6 THEN staff_id END) AS analyses_due,
            COUNT(DISTINCT CASE WHEN date < $6 THEN staff_id END) AS analyses_overdue
        FROM exceptional_work WHERE date < $5 AND analysed_on IS NULL AND void_reason IS NULL GROUP BY bureau_id)
    SELECT b.id, b.code, b.name_ja, b.name_en, b.visibility, b.officer_address,
        r.breaches, r.above_cap_exceptional, r.duties, r.statistical, r.warnings, w.open, w.overdue, a.analyses_due, a.analyses_overdue
    FROM bureau b
    LEFT JOIN raised r ON r.bureau_id = b.id
    LEFT JOIN waiting w ON w.bureau_id = b.id
    LEFT JOIN analyses a ON a.bureau_id = b.id
    WHERE b.void_reason IS NULL AND b.valid_from < $3 AND (b.valid_to IS NULL OR b.valid_to > $2)
        AND EXISTS (SELECT 1 FROM person_month p WHERE p.bureau_id = b.id AND p.month = $1)
    ORDER BY b.code";

/// Runs that judged the month after the last of its person-months was computed. `$2` is the first month whose runs reach the month.
const JUDGED: &str = "SELECT COUNT(*) FROM job_run j
    WHERE j.job = 'OVERTIME_OUTLIERS' AND j.state = 'SUCCEEDED' AND NOT j.dry_run AND (j.period IS NULL OR j.period BETWEEN $2 AND $1)
        AND NOT EXISTS (SELECT 1 FROM job_run c WHERE c.id IN (SELECT p.run_id FROM person_month p WHERE p.month = $1)
            AND (c.finished_at IS NULL OR c.finished_at > j.started_at))";

/// Runs the job.
pub(crate) async fn run(fence: &Fence) -> Result<Output, JobError> {
    digest(fence).await.map_err(JobError::usual)
}

async fn digest(fence: &Fence) -> Result<Output, LedgerError> {
    let today = civil_date(fence.run().as_of);
    let month = fence.run().period.unwrap_or_else(|| YearMonth::of(today).previous());
    let mails = Mails::of(fence, month.first_day());
    let tx = fence.snapshot().await?;
    let bureaus = concerned(&tx, month, today).await?;
    tx.commit().await?;
    mailing::send(fence, mails, TooLate::WrittenBefore(fence.clock().now() - WORTH_SENDING), &bureaus).await
}

/// The digest waits for `overtime-outliers`.
#[derive(Debug, thiserror::Error)]
#[error("the month's overtime outliers have not been judged since it was computed")]
struct NotJudged;

impl Fault for NotJudged {
    fn may_pass(&self) -> bool {
        true
    }
}

/// The bureaus concerned, with what is to be told of them.
async fn concerned<C: ConnectionTrait>(tx: &C, month: YearMonth, today: NaiveDate) -> Result<Vec<Concerned>, LedgerError> {
    if today <= month.last_day() {
        return Ok(Vec::new());
    }
    let year = FiscalYear::of(today).first_day();
    let values = vec![
        month.into(),
        month.first_day().into(),
        month.next_first_day().into(),
        today.into(),
        year.into(),
        overdue_before(today).into(),
    ];
    let rows = few_rows(tx, COUNTS, values).await?;
    let text = Text::new(month, today);
    let bureaus = rows.iter().map(|row| read(row, &text)).collect::<Result<Vec<_>, _>>()?;
    if bureaus.is_empty() {
        return Ok(bureaus);
    }
    let judged = one_row(tx, JUDGED, vec![month.into(), month.add_months(-REACH).into()]).await?;
    if judged.try_get_by_index::<i64>(0)? == 0 { Err(NotJudged.into()) } else { Ok(bureaus) }
}

/// What a mail would say is the digest's, whether or not one goes out. It rests on figures as they are told, for the exact ones could be found
/// by trying.
fn read(row: &sea_orm::QueryResult, text: &Text) -> Result<Concerned, DbErr> {
    let mut counts = [0; LINES.len()];
    for (count, line) in counts.iter_mut().zip(&LINES) {
        *count = row.try_get::<Option<i64>>("", line.column)?.unwrap_or_default();
    }
    let told = told(&counts);
    let (name_ja, name_en): (String, String) = (row.try_get("", "name_ja")?, row.try_get("", "name_en")?);
    let fate = if row.try_get::<Visibility>("", "visibility")? == Visibility::OfficeTotalOnly {
        Fate::Withheld
    } else if told.iter().all(|told| *told == Told::None) {
        Fate::NothingToTell
    } else {
        Fate::Told { subject: text.subject(), body: text.body((&name_ja, &name_en), &told) }
    };
    Ok(Concerned {
        id: row.try_get("", "id")?,
        code: row.try_get("", "code")?,
        address: row.try_get("", "officer_address")?,
        fate,
        said: told.iter().flat_map(|told| ["|".to_owned(), told.en()]).collect(),
    })
}
