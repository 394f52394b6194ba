//! Wakes us every minute; the only file that names tokio-cron-scheduler.
//!
//! The scheduler knows neither slots nor zones as we need them, so it is a wake-up and nothing more: slots are computed in the schedule's
//! zone ([`slots`]) and become runs once, whatever the number of processes (`ledger::due`).

pub mod slots;

use crate::ledger::{Ledger, LedgerError};
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

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
    if let Err(error) = ledger.ensure_schedules().await {
        tracing::error!(error = &error as &dyn std::error::Error, "cannot make the first schedules");
    }
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
        tracing::error!(error = &error as &dyn std::error::Error, "cannot enqueue the scheduled runs");
    }
}

/// Makes the runs of all slots that are due, and tells how many were new.
///
/// # Errors
/// The ledger's.
pub async fn enqueue_due(ledger: &Ledger) -> Result<usize, LedgerError> {
    ledger.enqueue_due().await
}
