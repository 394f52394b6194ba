//! `torikumi run`: a job, now, with a progress bar.

use anyhow::{Result, bail};
use api::app::App;
use clap::{Args, ValueEnum};
use entity::{
    job_run::{JobName, RunState, Trigger},
    period::YearMonth,
};
use indicatif::{ProgressBar, ProgressStyle};
use jobs::{inside::NewRun, runner::Runner};

/// Which job, and for what.
#[derive(Args)]
pub struct Run {
    /// The job.
    job: Job,
    /// The month, such as 2018-01; without it, all that is stale.
    #[arg(long)]
    period: Option<YearMonth>,
    /// Why, for the ledger.
    #[arg(long, default_value = "by hand")]
    reason: String,
}

#[derive(Clone, Copy, ValueEnum)]
enum Job {
    /// Person-months, measures and indicators.
    MonthlyIndicators,
}

impl Run {
    /// Runs the job and prints what it did.
    pub async fn execute(self, app: &App) -> Result<()> {
        let Job::MonthlyIndicators = self.job;
        let run = month(app, self.period, &self.reason, &bar()).await?;
        let statistics = run.statistics.unwrap_or_default();
        println!("{}\n{}\ndigest {}", run.id, serde_json::to_string_pretty(&statistics)?, run.output_digest.unwrap_or_default());
        Ok(())
    }
}

/// Runs `monthly-indicators` for a month, or for what is stale, as the command line.
pub async fn month(app: &App, period: Option<YearMonth>, reason: &str, bar: &ProgressBar) -> Result<entity::job_run::Model> {
    let new = NewRun {
        job: JobName::MonthlyIndicators,
        period,
        trigger: Trigger::Command,
        dedupe_key: format!("command/{}", uuid::Uuid::now_v7()),
        requested_by: "command line".to_owned(),
        reason: Some(reason.to_owned()),
        slot: None,
    };
    let (run, _) = app.ledger.enqueue(new).await?;
    let shown = bar.clone();
    let runner = Runner::new(app.ledger.clone()).with_progress(move |progress| {
        shown.set_length(progress.total);
        shown.set_position(progress.done);
        shown.set_message(progress.phase.to_string());
    });
    let run = runner.run(run.id).await?;
    bar.finish_and_clear();
    if run.state != RunState::Succeeded {
        bail!("the run {} ended as {}: {}", run.id, run.state.as_text(), run.error.unwrap_or_default());
    }
    Ok(run)
}

/// A progress bar that names its phase.
pub fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} [{bar:40}] {pos}/{len} {msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style)
}
