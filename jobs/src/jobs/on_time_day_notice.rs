//! `on-time-day-notice`: on the morning of an on-time day, the notice (定時退庁日のお知らせ) to each concerned bureau that has an address.
//!
//! One statement writes a row of the outbox for each, unique by kind, bureau and day, before anything is sent; `outbox` says how each mail
//! goes on its way. Mails of a day that is over are never sent. On a day that is no workday there is nothing to tell: an on-time day that falls on
//! one lapses or moves as the rules say, and those of the coming week are warned of.

mod text;

use crate::{
    dialect::few_rows,
    job::{DefaultSchedule, JobError, Output, Policy},
    ledger::{Fence, LedgerError},
    on_time::Calendar,
    outbox::{
        Mails, TooLate,
        mailing::{self, Concerned, Fate},
    },
};
use chrono::{Days, TimeDelta};
use entity::{
    job_run::WarningCode,
    job_schedule::{Misfire, Overlap},
    on_time_day::OnTimeDayKind,
    period::civil_date,
};
use sea_orm::{DbErr, QueryResult};

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

/// Days ahead in which on-time days that fall on no workday are warned of, in time for them to be entered anew.
const AHEAD: Days = Days::new(7);

/// The bureaus that an on-time day held on the date concerns: their own day's, or the office's. Of several kinds of a day the one that asks for most is told.
const CONCERNED: &str = "SELECT b.id, b.code, b.name_ja, b.name_en, b.notice_address, d.kind FROM bureau b JOIN (
        SELECT c.id, MAX(CASE o.kind WHEN 'COMPLETE' THEN 2 WHEN 'ALL_MINISTRIES' THEN 1 ELSE 0 END) AS kind
        FROM on_time_day o JOIN bureau c ON o.bureau_id IS NULL OR o.bureau_id = c.id
        WHERE o.date IN ({dates}) AND o.void_reason IS NULL GROUP BY c.id) d ON d.id = b.id
    WHERE b.void_reason IS NULL AND b.valid_from <= $1 AND (b.valid_to IS NULL OR b.valid_to > $1)
    ORDER BY b.code";

/// Runs the job.
pub(crate) async fn run(fence: &Fence) -> Result<Output, JobError> {
    notify(fence).await.map_err(JobError::usual)
}

async fn notify(fence: &Fence) -> Result<Output, LedgerError> {
    let date = civil_date(fence.run().as_of);
    let notices =
        [OnTimeDayKind::OwnWeekly, OnTimeDayKind::AllMinistries, OnTimeDayKind::Complete].map(|kind| text::Notice::new(date, kind));
    let tx = fence.snapshot().await?;
    let calendar = Calendar::load(&tx, date, date + AHEAD).await?;
    let held = calendar.held().filter(|(_, held)| *held == date);
    let dates: Vec<_> = held.map(|(day, _)| format!("CAST('{day}' AS {{date}})")).collect();
    let rows = match dates[..] {
        [] => Vec::new(),
        _ => few_rows(&tx, &CONCERNED.replace("{dates}", &dates.join(", ")), vec![date.into()]).await?,
    };
    tx.commit().await?;
    let read = |row: &QueryResult| {
        let [own, all, complete] = &notices;
        let notice = match row.try_get::<i32>("", "kind")? {
            2 => complete,
            1 => all,
            _ => own,
        };
        let (name_ja, name_en): (String, String) = (row.try_get("", "name_ja")?, row.try_get("", "name_en")?);
        let body = [&name_ja, text::TO_JA, &notice.ja, &name_en, &notice.en].concat();
        let fate = Fate::Told { subject: notice.subject.clone(), body };
        let (id, code, address) = (row.try_get("", "id")?, row.try_get("", "code")?, row.try_get("", "notice_address")?);
        Ok(Concerned { id, code, address, fate, said: String::new() })
    };
    let concerned = rows.iter().map(read).collect::<Result<Vec<_>, DbErr>>()?;
    let output = mailing::send(fence, Mails::of(fence, date), TooLate::AboutBefore(date), &concerned).await?;
    Ok(output.warning(WarningCode::OnTimeDaysOff, calendar.off(date, date + AHEAD)))
}
