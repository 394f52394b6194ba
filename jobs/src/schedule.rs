//! Wakes us every minute and enqueues what is due; the only file that names tokio-cron-scheduler.
//!
//! The scheduler knows neither slots nor zones as we need them, so it is a wake-up and nothing more: slots are computed here, in the zone
//! of the schedule, and enqueued once under the slot's dedupe key whatever the number of processes. After a downtime the latest slot is made
//! up for and no earlier one; the latest slot is always less than a day old. Deliberately absent: schedules as rows, which come with the
//! ledger's leases.

use crate::{
    inside::NewRun,
    job::JobName,
    ledger::{Ledger, LedgerError},
};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::{Asia::Tokyo, Tz};
use entity::job_run::Trigger;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

/// The zone in which the office reads its clock.
const ZONE: Tz = Tokyo;
/// When `monthly-indicators` is due each night.
const NIGHTLY: NaiveTime = match NaiveTime::from_hms_opt(2, 30, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};
/// Each minute, on the minute.
const EACH_MINUTE: &str = "0 * * * * *";

/// The running schedule.
pub struct Schedule(JobScheduler);

impl Schedule {
    /// Stops waking up; runs that were enqueued stay.
    ///
    /// # Errors
    /// The scheduler's.
    pub async fn stop(mut self) -> Result<(), JobSchedulerError> {
        self.0.shutdown().await
    }
}

/// Starts the schedule: enqueues at once what is due, then looks each minute.
///
/// # Errors
/// The scheduler's.
pub async fn start(ledger: Ledger) -> Result<Schedule, JobSchedulerError> {
    tick(&ledger).await;
    let scheduler = JobScheduler::new().await?;
    let job = Job::new_async(EACH_MINUTE, move |_, _| {
        let ledger = ledger.clone();
        Box::pin(async move { tick(&ledger).await })
    })?;
    scheduler.add(job).await?;
    scheduler.start().await?;
    Ok(Schedule(scheduler))
}

async fn tick(ledger: &Ledger) {
    if let Err(error) = enqueue_due(ledger).await {
        tracing::error!(error = &error as &dyn std::error::Error, "cannot enqueue the scheduled run");
    }
}

/// Enqueues the latest due slot, and tells whether it was new.
///
/// # Errors
/// The ledger's.
pub async fn enqueue_due(ledger: &Ledger) -> Result<bool, LedgerError> {
    let slot = due_slot(ledger.clock().now());
    let run = NewRun {
        job: JobName::MonthlyIndicators,
        period: None,
        trigger: Trigger::Schedule,
        dedupe_key: format!("monthly-indicators/schedule/{}", slot.format("%Y-%m-%dT%H:%MZ")),
        requested_by: "system".into(),
        reason: None,
        slot: Some(slot),
    };
    if ledger.is_known(&run.dedupe_key).await? {
        return Ok(false);
    }
    Ok(ledger.enqueue(run).await?.1)
}

/// The latest instant, not after `now`, at which `monthly-indicators` was due: 02:30 of a day in Tokyo.
#[must_use]
pub fn due_slot(now: DateTime<Utc>) -> DateTime<Utc> {
    let today = now.with_timezone(&ZONE).date_naive();
    let slot = slot_of(today);
    if slot <= now { slot } else { slot_of(today - Days::new(1)) }
}

/// The slot of a civil day. A time that the zone's clock skips or shows twice is taken at its first reading, or one hour later.
fn slot_of(day: NaiveDate) -> DateTime<Utc> {
    let local = day.and_time(NIGHTLY);
    let slot = ZONE.from_local_datetime(&local).earliest();
    let slot = slot.or_else(|| ZONE.from_local_datetime(&(local + chrono::TimeDelta::hours(1))).earliest());
    slot.map_or_else(|| local.and_utc(), |slot| slot.to_utc())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn the_slot_is_half_past_two_in_tokyo() {
        // 02:30 in Tokyo is 17:30 UTC of the day before.
        assert_eq!(due_slot(at("2018-04-01T17:29:59Z")), at("2018-03-31T17:30:00Z"));
        assert_eq!(due_slot(at("2018-04-01T17:30:00Z")), at("2018-04-01T17:30:00Z"));
        assert_eq!(due_slot(at("2018-04-01T17:30:01Z")), at("2018-04-01T17:30:00Z"));
        assert_eq!(due_slot(at("2018-04-02T14:59:59Z")), at("2018-04-01T17:30:00Z"));
        assert_eq!(due_slot(at("2018-04-02T15:00:00Z")), at("2018-04-01T17:30:00Z"));
        assert_eq!(due_slot(at("2020-02-29T17:31:00Z")), at("2020-02-29T17:30:00Z"));
    }

    #[test]
    fn every_minute_of_a_day_has_its_slot_and_the_slot_is_its_own() {
        let start = at("2019-12-30T00:00:00Z");
        for minute in 0..4 * 24 * 60 {
            let now = start + chrono::TimeDelta::minutes(minute);
            let slot = due_slot(now);
            assert!(slot <= now && now - slot < chrono::TimeDelta::days(1), "{now}");
            assert_eq!(due_slot(slot), slot);
        }
    }
}
