//! `leave-target-reminder`: each quarter, to the officer of each bureau with units that lag behind their targets of annual leave
//! (年次休暇取得目標日数, clause IV-1-(2)-②-ウ-a).
//!
//! A unit lags where the mean days that its people have taken since January are fewer than the target's share of the year that has gone by. A mail
//! tells how many units do, and names neither unit nor person: a unit may be one person.

use crate::{
    dialect::few_rows,
    job::{DefaultSchedule, JobError, Output, Policy},
    ledger::{Fence, LedgerError},
    outbox::{
        Mails, TooLate,
        mailing::{self, Concerned, Fate},
    },
};
use chrono::TimeDelta;
use entity::{
    job_schedule::{Misfire, Overlap},
    period::{YearMonth, civil_date},
};
use sea_orm::{DbErr, QueryResult};

/// On the fifth day of each quarter at 08:30, when the month before has been computed; until 11:30 of the day a missed one is made up for.
pub const POLICY: Policy = Policy {
    max_attempts: 12,
    time_limit: TimeDelta::hours(3),
    schedule: Some(DefaultSchedule {
        cron: "0 30 8 5 1,4,7,10 *",
        misfire: Misfire::Latest,
        catch_up: TimeDelta::hours(3),
        overlap: Overlap::Skip,
        expected_within: TimeDelta::hours(3),
    }),
    ..Policy::DEFAULT
};

/// The bureaus whose units have targets: how many units, and how many lag. `$1` is the calendar year, `$2` its first month, `$3` the last month
/// that has gone by, `$4` its number in the year.
const TARGETS: &str = "SELECT b.id, b.code, b.name_ja, b.name_en, b.officer_address,
        CAST(COUNT(*) AS bigint) AS units,
        CAST(SUM(CASE WHEN p.minutes * 12 < CAST(t.days AS bigint) * 465 * p.people * $4 THEN 1 ELSE 0 END) AS bigint) AS lagging
    FROM leave_target t
    JOIN bureau b ON b.id = t.bureau_id
    JOIN (SELECT l.unit_id, COUNT(DISTINCT l.staff_id) AS people, CAST(SUM(m.annual_leave_minutes) AS bigint) AS minutes
          FROM person_month l JOIN person_month m ON m.staff_id = l.staff_id AND m.month >= $2 AND m.month <= $3
          WHERE l.month = $3 AND l.in_census = 1 AND l.employment = 'REGULAR'
          GROUP BY l.unit_id) p ON p.unit_id = t.unit_id
    WHERE t.calendar_year = $1 AND t.void_reason IS NULL AND b.void_reason IS NULL
    GROUP BY b.id, b.code, b.name_ja, b.name_en, b.officer_address
    ORDER BY b.code";

/// Runs the job.
pub(crate) async fn run(fence: &Fence) -> Result<Output, JobError> {
    remind(fence).await.map_err(JobError::usual)
}

async fn remind(fence: &Fence) -> Result<Output, LedgerError> {
    let today = civil_date(fence.run().as_of);
    let last = YearMonth::of(today).previous();
    let (year, month) = (last.as_i32() / 100, last.as_i32() % 100);
    let tx = fence.snapshot().await?;
    let values = vec![year.into(), last.add_months(1 - month).into(), last.into(), month.into()];
    let rows = few_rows(&tx, TARGETS, values).await?;
    tx.commit().await?;
    let concerned = rows.iter().map(|row| read(row, last)).collect::<Result<Vec<_>, DbErr>>()?;
    mailing::send(fence, Mails::of(fence, today), TooLate::AboutBefore(today), &concerned).await
}

fn read(row: &QueryResult, last: YearMonth) -> Result<Concerned, DbErr> {
    let (units, lagging): (i64, i64) = (row.try_get("", "units")?, row.try_get("", "lagging")?);
    let (name_ja, name_en): (String, String) = (row.try_get("", "name_ja")?, row.try_get("", "name_en")?);
    let fate = if lagging == 0 { Fate::NothingToTell } else { told((&name_ja, &name_en), last, (units, lagging)) };
    let (id, code, address) = (row.try_get("", "id")?, row.try_get("", "code")?, row.try_get("", "officer_address")?);
    Ok(Concerned { id, code, address, fate, said: format!("|{units}|{lagging}") })
}

/// What the mail says, in Japanese with English below.
fn told((name_ja, name_en): (&str, &str), last: YearMonth, (units, lagging): (i64, i64)) -> Fate {
    let (year, month) = (last.as_i32() / 100, last.as_i32() % 100);
    let body = format!(
        "{name_ja} 御中\n\n{year}年の年次休暇の取得状況（{month}月末現在）をお知らせします。\n\
         取得目標日数を設定している{units}の課のうち、{lagging}の課で、取得日数の平均が目標の進度（12分の{month}）を下回っています。\n\
         業務の見通しを共有し、計画的に休暇を取得できるよう、管理職員に働き掛けてください。\n\n----\n\nTo {name_en}\n\n\
         Annual leave in {year}, up to the end of month {month}.\n\
         Of {units} units with a target of days, {lagging} have taken fewer days on average than {month}/12 of it.\n\
         Please have their managers plan the work so that people can take their leave.\n\n\
         このメールは自動的に送信されています。 / This mail was sent automatically.\n"
    );
    Fate::Told {
        subject: format!("年次休暇の取得状況のお知らせ {year}年{month}月末 / Annual leave against targets"), body
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn a_mail_tells_how_many_units_lag_in_both_languages() {
        let Fate::Told { subject, body } = told(("総務局", "General Affairs"), "2020-03".parse().unwrap(), (4, 2)) else { panic!() };
        assert_eq!(subject, "年次休暇の取得状況のお知らせ 2020年3月末 / Annual leave against targets");
        assert!(body.starts_with("総務局 御中\n\n2020年の年次休暇の取得状況（3月末現在）"), "{body}");
        assert!(body.contains("4の課のうち、2の課") && body.contains("Of 4 units with a target of days, 2 have taken fewer"), "{body}");
    }
}
