//! The jobs that there are: one match from a name to a body.
//!
//! A body takes the run's [`Fence`], is idempotent, and answers with a typed result. Its author chooses what an error means.

use crate::{
    jobs::monthly_indicators,
    ledger::{Fence, LedgerError},
};
pub use entity::job_run::JobName;

/// What a successful run leaves in its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// What was done, counted.
    pub statistics: Statistics,
    /// SHA-256 of natural keys and values, in hexadecimal: equal output has an equal digest on every engine, in every run.
    pub digest: String,
}

/// The typed result of each job.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(untagged)]
pub enum Statistics {
    /// Of `monthly-indicators`.
    MonthlyIndicators(monthly_indicators::Statistics),
}

impl Statistics {
    /// As stored in the run's row: an object in camelCase.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// Why a run did not succeed; the job's author decides which.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The cause may pass: another attempt is worth it.
    #[error("the run may be tried again")]
    Retry(#[source] LedgerError),
    /// Another attempt would end alike.
    #[error("the run failed")]
    Fail(#[source] LedgerError),
    /// The job panicked: a defect.
    #[error("the job panicked")]
    Panicked,
}

impl JobError {
    /// The word that stands in the run's row before the error's id.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Retry(_) => "RETRY",
            Self::Fail(_) => "FAIL",
            Self::Panicked => "PANIC",
        }
    }
}

/// Runs a job's body.
pub(crate) async fn run(name: JobName, fence: &Fence) -> Result<Output, JobError> {
    match name {
        JobName::MonthlyIndicators => monthly_indicators::run(fence).await,
    }
}
