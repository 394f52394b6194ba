//! Wakes us every minute; the only file that names tokio-cron-scheduler.
//!
//! The scheduler knows neither slots nor zones as we need them, so it is a wake-up and nothing more: slots are computed in the schedule's
//! zone ([`slots`]) and become runs once, whatever the number of processes (`ledger::due`).

pub mod slots;

use crate::ledger::{
    Ledger, LedgerError,
    liveness::{Going, Part, SOON},
};
use std::sync::Arc;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

/// Each minute, on the minute.
const EACH_MINUTE: &str = "0 * * * * *";

/// The running schedule. Dropped, it has stopped.
pub struct Schedule {
    scheduler: JobScheduler,
    _going: Arc<Going>,
}

impl Schedule {
    /// Stops waking up; runs that were enqueued stay.
    ///
    /// # Errors
    /// The scheduler's.
    pub async fn stop(mut self) -> Result<(), JobSchedulerError> {
        self.scheduler.shutdown().await
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
    let going = Arc::new(ledger.going(Part::Scheduler));
    tick(&ledger).await;
    let scheduler = JobScheduler::new().await?;
    let ticking = Arc::downgrade(&going);
    let job = Job::new_async(EACH_MINUTE, move |_, _| {
        let (ledger, ticking) = (ledger.clone(), ticking.clone());
        Box::pin(async move {
            if let Some(going) = ticking.upgrade() {
                going.beat(Some(SOON));
            }
            tick(&ledger).await;
        })
    })?;
    scheduler.add(job).await?;
    scheduler.start().await?;
    Ok(Schedule { scheduler, _going: going })
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
