//! `torikumi run`: a job, now, with a progress bar.

use anyhow::{Result, bail};
use api::app::App;
use clap::Args;
use entity::{
    horizon::has_begun,
    job_run::{self, JobName, RunState, Trigger},
    period::YearMonth,
};
use indicatif::{ProgressBar, ProgressStyle};
use jobs::{job, ledger::LedgerError, runner::Runner, transaction::NewRun};
use sea_orm::Iterable;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often to look at a run that another worker does.
const LOOK: Duration = Duration::from_millis(500);

/// Which job, and for what.
#[derive(Args)]
pub struct Run {
    /// The job, such as monthly-indicators.
    #[arg(value_parser = named)]
    job: JobName,
    /// The month, such as 2018-01; without it, all that is stale.
    #[arg(long)]
    period: Option<YearMonth>,
    /// Count what would be done; write and send nothing.
    #[arg(long = "dry-run")]
    dry: bool,
    /// Why, for the ledger.
    #[arg(long, default_value = "by hand")]
    reason: String,
}

/// Reads the name of a job.
fn named(text: &str) -> Result<JobName, String> {
    let named = JobName::iter().find(|job| job.as_kebab() == text);
    named.ok_or_else(|| format!("the jobs are {}", JobName::iter().map(JobName::as_kebab).collect::<Vec<_>>().join(", ")))
}

impl Run {
    /// Runs the job and prints what it did.
    pub async fn execute(self, app: &App) -> Result<()> {
        if self.period.is_some() && !job::policy(self.job).monthly {
            bail!("{} is not about one month: leave --period out", self.job.as_kebab());
        }
        if let Some(month) = self.period.filter(|month| !has_begun(*month, app.clock.now())) {
            bail!("{month} has not begun yet / まだ始まっていない月です");
        }
        let new = NewRun { period: self.period, dry_run: self.dry, ..by_hand(self.job, &self.reason) };
        let run = job_now(app, new, &bar()).await?;
        let warnings = run.warnings();
        let statistics = run.statistics.unwrap_or_default();
        println!("{}\n{}\ndigest {}", run.id, serde_json::to_string_pretty(&statistics)?, run.output_digest.unwrap_or_default());
        for warning in warnings {
            println!("warning {} {}", warning.code.as_text(), warning.count);
        }
        Ok(())
    }
}

/// Runs `monthly-indicators` for a month, or for what is stale, as the command line.
pub async fn month(app: &App, period: Option<YearMonth>, reason: &str, bar: &ProgressBar) -> Result<job_run::Model> {
    job_now(app, NewRun { period, ..by_hand(JobName::MonthlyIndicators, reason) }, bar).await
}

/// Asks for the outliers of all months, once for each key, as the command line; what months ask for while it waits is covered by it.
pub async fn ask_for_outliers(app: &App, key: String, reason: &str) -> Result<()> {
    app.ledger.enqueue(NewRun { dedupe_key: key, ..by_hand(JobName::OvertimeOutliers, reason) }).await?;
    Ok(())
}

/// Does what waits in the queue and what follows from it, unless another process does.
pub async fn queued(app: &App, bar: &ProgressBar) -> Result<()> {
    let done = with_bar(app, bar).run_queued().await;
    bar.finish_and_clear();
    match done {
        Err(LedgerError::OtherProcess) => Ok(()),
        done => Ok(done.map(|_| ())?),
    }
}

/// A runner whose runs move the bar.
fn with_bar(app: &App, bar: &ProgressBar) -> Runner {
    let shown = bar.clone();
    Runner::new(app.ledger.clone()).with_progress(move |progress| {
        shown.set_length(progress.total);
        shown.set_position(progress.done);
        shown.set_message(progress.phase.to_string());
    })
}

/// A run that the command line asks for.
fn by_hand(job: JobName, reason: &str) -> NewRun {
    let (key, by) = (format!("command/{}", uuid::Uuid::now_v7()), "command line".to_owned());
    NewRun { reason: Some(reason.to_owned()), ..NewRun::new(job, Trigger::Command, key, by) }
}

/// Enqueues a run and does it here, or watches the worker that has it, until it is over.
async fn job_now(app: &App, new: NewRun, bar: &ProgressBar) -> Result<job_run::Model> {
    let (run, _) = app.ledger.enqueue(new).await?;
    let stop = CancellationToken::new();
    let runner = with_bar(app, bar).until(stop.clone());
    let on_signal = tokio::spawn(async move {
        super::stop_signal().await;
        stop.cancel();
    });
    let run = loop {
        let run = match runner.run(run.id).await {
            // The process that may run jobs on this SQLite database finds it in its queue.
            Err(LedgerError::OtherProcess) => app.ledger.find(run.id).await?,
            run => run?,
        };
        if run.state.is_over() {
            break run;
        }
        if on_signal.is_finished() {
            bail!("stopped; the run {} goes on at its checkpoint when a worker has it", run.id);
        }
        show(&run, bar);
        tokio::time::sleep(LOOK).await;
    };
    on_signal.abort();
    bar.finish_and_clear();
    if run.state != RunState::Succeeded {
        bail!("the run {} ended as {}: {}", run.id, run.state.as_text(), run.error.unwrap_or_default());
    }
    Ok(run)
}

/// Shows how far a run is that another worker does.
fn show(run: &job_run::Model, bar: &ProgressBar) {
    let number = |name: &str| run.progress.as_ref().and_then(|progress| progress[name].as_u64()).unwrap_or_default();
    let phase = run.progress.as_ref().and_then(|progress| progress["phase"].as_str());
    bar.set_length(number("total"));
    bar.set_position(number("done"));
    bar.set_message(format!("{} {}", run.state.as_text(), phase.unwrap_or_default()));
}

/// A progress bar that names its phase.
pub fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} [{bar:40}] {pos}/{len} {msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style)
}
