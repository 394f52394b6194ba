//! What a look counts, kind by kind.
//!
//! All of it is cheap but the seals: each look compares the end of the file of heads with the database, which is a few kilobytes and one row; the
//! first look of a day verifies the whole trail, which reads every sealed entry once under one snapshot. A damage that was found stands until
//! the next day's verification finds none.

use super::Statistics;
use crate::{
    dialect::{few_rows, one_row},
    indicators::{self, Standings, find},
    ledger::{Fence, LedgerError},
    person_month::EXAM_HIRE,
    schedule::slots::Plan,
    standing::{side, standing},
};
use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use entity::{
    job_run::{JobName, Warning, WarningCode},
    job_schedule,
    mail::AlarmKind,
    quotient::Aim,
    target,
};
use sea_orm::{ActiveEnum, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use std::collections::{BTreeMap, BTreeSet};

/// The indicator whose figure of 1 April is held against its target.
const WOMEN_HIRES_EXAM: &str = "WOMEN_HIRES_EXAM";

const FAILED: &str = "SELECT COUNT(*) FROM job_run WHERE finished_at > $1 AND state = 'FAILED' AND dry_run = FALSE";
/// Until when each job's slots are done: by any run that succeeded, and by their own, however it ended, for a failure is an alarm of its own.
const DONE: &str =
    "SELECT job, MAX(CASE WHEN state = 'SUCCEEDED' THEN finished_at END), MAX(CASE WHEN state IN ('FAILED', 'CANCELLED') THEN slot END)
    FROM job_run WHERE finished_at >= $1 AND dry_run = FALSE GROUP BY job";
const WARNED: &str = "SELECT warnings FROM job_run WHERE finished_at > $1 AND outcome = 'WITH_WARNINGS' AND dry_run = FALSE";
const NOT_SENT: &str = "SELECT COUNT(*) FROM mail WHERE state IN ('FAILED', 'UNCERTAIN') AND settled_at > $1";

const ALONE: &str = "SELECT COUNT(*) FROM pending_change
    WHERE decision = 'APPROVED' AND decided_by = proposed_by AND decided_at > $1 AND decided_at <= $2";

/// Changes that their proposer approved alone, after an instant and up to another.
pub(super) async fn approved_alone<C: ConnectionTrait>(tx: &C, since: DateTime<Utc>, until: DateTime<Utc>) -> Result<i64, DbErr> {
    one_row(tx, ALONE, vec![since.into(), until.into()]).await?.try_get_by_index(0)
}

/// Counts all kinds but changes that were approved alone; `since` is when the last look began, a little before.
pub(super) async fn all(fence: &Fence, since: DateTime<Utc>, today: NaiveDate, statistics: &mut Statistics) -> Result<(), LedgerError> {
    seals(fence, today, statistics).await?;
    let clock = fence.distrust_clock(since).await?;
    if let Some(reason) = clock {
        tracing::error!(run = %fence.run().id, reason, "the clock cannot be trusted");
    }
    let tx = fence.snapshot().await?;
    let count = async |sql: &str| one_row(&tx, sql, vec![since.into()]).await?.try_get_by_index::<i64>(0);
    let (failed, not_sent) = (count(FAILED).await?, count(NOT_SENT).await?);
    let mut without_address = 0;
    for row in few_rows(&tx, WARNED, vec![since.into()]).await? {
        let warnings: Option<serde_json::Value> = row.try_get_by_index(0)?;
        let warnings: Vec<Warning> = warnings.and_then(|stored| serde_json::from_value(stored).ok()).unwrap_or_default();
        without_address +=
            warnings.iter().filter(|warning| warning.code == WarningCode::WithoutAddress).map(|warning| warning.count).sum::<i64>();
    }
    let (below, without) = (hires_below_target(&tx, today).await?, no_target(&tx, today).await?);
    tx.commit().await?;
    let found = [
        (AlarmKind::SealBroken, statistics.damages),
        (AlarmKind::RunFailed, failed),
        (AlarmKind::RunLate, late(fence).await?),
        (AlarmKind::ClockLeapt, i64::from(clock.is_some())),
        (AlarmKind::DiskNearlyFull, fence.disks_nearly_full()),
        (AlarmKind::MailWithoutAddress, without_address),
        (AlarmKind::MailNotSent, not_sent),
        (AlarmKind::HiresBelowTarget, below),
        (AlarmKind::NoTargetInForce, without),
    ];
    statistics.found.extend(found);
    Ok(())
}

/// Women and all of those hired by exam on a day whose sex is recorded, regular staff alone; `{exam}` says which hires are, `{counted}` which posts
/// count, as for the figure.
const HIRES_OF_DAY: &str = "SELECT CAST(COALESCE(SUM(CASE WHEN s.sex = 'FEMALE' THEN 1 ELSE 0 END), 0) AS bigint), COUNT(*)
    FROM hire h JOIN staff s ON s.id = h.staff_id JOIN posting p ON p.id = h.posting_id
    JOIN employment e ON e.staff_id = h.staff_id AND e.void_reason IS NULL AND e.valid_from <= h.date AND (e.valid_to IS NULL OR e.valid_to > h.date)
    WHERE h.date = $1 AND {counted} AND h.void_reason IS NULL AND {exam} AND e.kind = 'REGULAR' AND s.sex IN ('FEMALE', 'MALE')";

/// The office's targets that count, by their first day.
async fn targets<C: ConnectionTrait>(tx: &C) -> Result<Vec<target::Model>, DbErr> {
    use target::{Column, Entity, TargetPopulation};
    let own = Entity::find().filter(Column::VoidReason.is_null()).filter(Column::Population.eq(TargetPopulation::Office));
    own.order_by_asc(Column::ValidFrom).all(tx).await
}

fn in_force(target: &target::Model, on: NaiveDate) -> bool {
    target.valid_from <= on && target.valid_to.is_none_or(|end| on < end)
}

/// In April, the targets of hires by exam in force on the 1st that the hires of that day do not meet (V-1): as soon as they are recorded, whatever
/// was computed.
async fn hires_below_target<C: ConnectionTrait>(tx: &C, today: NaiveDate) -> Result<i64, DbErr> {
    let Some(definition) = find(WOMEN_HIRES_EXAM).filter(|_| today.month() == 4) else { return Ok(0) };
    let day = today.with_day(1).unwrap_or(today);
    let standings = Standings::from(&indicators::rule(tx).await?).denominator(definition.counts);
    let counted = format!(
        "{} IN ({})",
        standing(&side("p")),
        standings.iter().map(|of| format!("'{}'", of.as_text())).collect::<Vec<_>>().join(", ")
    );
    let row = one_row(tx, &HIRES_OF_DAY.replace("{exam}", EXAM_HIRE).replace("{counted}", &counted), vec![day.into()]).await?;
    let figure = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    let missed = |target: &&target::Model| {
        let value = (target.value_numerator, target.value_denominator);
        let aim = Aim { value, qualifier: target.qualifier, direction: definition.direction, unit: definition.unit };
        target.indicator == WOMEN_HIRES_EXAM && in_force(target, day) && aim.attained(figure) == Some(false)
    };
    Ok(i64::try_from(targets(tx).await?.iter().filter(missed).count()).unwrap_or(i64::MAX))
}

/// In July, the indicators that had a target of the office before, and of which, and of whose named successors, none is in force on the 1st
/// (V-2): the office is to set its own next one.
async fn no_target<C: ConnectionTrait>(tx: &C, today: NaiveDate) -> Result<i64, DbErr> {
    if today.month() != 7 {
        return Ok(0);
    }
    let day = today.with_day(1).unwrap_or(today);
    let all = targets(tx).await?;
    let covered: BTreeSet<&str> = all.iter().filter(|target| in_force(target, day)).map(|target| target.indicator.as_str()).collect();
    let keys: BTreeSet<_> = all.iter().filter(|target| in_force(target, day)).map(|target| (&target.client, &target.external_id)).collect();
    let succeeded = |target: &target::Model| target.successor.as_ref().is_some_and(|successor| keys.contains(&(&target.client, successor)));
    let over = all.iter().filter(|target| target.valid_from <= day && !covered.contains(target.indicator.as_str()) && !succeeded(target));
    let without: BTreeSet<&str> = over.map(|target| target.indicator.as_str()).collect();
    Ok(i64::try_from(without.len()).unwrap_or(i64::MAX))
}

/// Verifies the whole trail once a day, and else its end.
async fn seals(fence: &Fence, today: NaiveDate, statistics: &mut Statistics) -> Result<(), LedgerError> {
    if statistics.verified_on == Some(today) {
        statistics.damages = statistics.damages.max(i64::from(!fence.seals_end_alike().await?));
        return Ok(());
    }
    statistics.damages = fence.seal_damages().await?;
    statistics.verified_on = Some(today);
    Ok(())
}

/// Schedules whose last slot should have been done by now, and was not. A slot from before the schedule's last change is not looked for.
async fn late(fence: &Fence) -> Result<i64, LedgerError> {
    let now = fence.computed_at();
    let tx = fence.snapshot().await?;
    let enabled = job_schedule::Entity::find().filter(job_schedule::Column::Enabled.eq(true));
    // This run is that of its own job.
    let mut due = BTreeMap::new();
    for schedule in enabled.filter(job_schedule::Column::Job.ne(JobName::Alarms)).all(&tx).await? {
        let expected = now - TimeDelta::minutes(schedule.expected_within_minutes.into());
        if let Some(slot) = Plan::parse(&schedule.cron, &schedule.zone)?.latest(schedule.changed_at, expected) {
            due.insert(schedule.job.to_value(), slot);
        }
    }
    let Some(&earliest) = due.values().min() else { return Ok(tx.commit().await.map(|()| 0)?) };
    for row in few_rows(&tx, DONE, vec![earliest.into()]).await? {
        let (job, succeeded, ended): (String, Option<DateTime<Utc>>, Option<DateTime<Utc>>) =
            (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        let done = succeeded.max(ended);
        due.retain(|late, slot| *late != job || done.is_none_or(|done| done < *slot));
    }
    tx.commit().await?;
    for (job, slot) in &due {
        tracing::error!(run = %fence.run().id, job, %slot, "a run is late");
    }
    Ok(i64::try_from(due.len()).unwrap_or(i64::MAX))
}
