//! Runs of jobs: asked for, retried and cancelled here, in the transaction that audits it; done by the runner.

use crate::store::{
    Store,
    page::one_of,
    record::{check_begun, check_key, check_text},
    unscoped,
};
use crate::{
    authz::{Action, Noun},
    error::Error,
};
use entity::{
    ids::{JobRunId, StaffId},
    job_run::{self, JobName, RunState, Trigger},
    job_run_event,
    period::YearMonth,
    record_revision, staff,
};
use jobs::{
    job,
    transaction::{self, NewRun, disposal},
};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use uuid::Uuid;

/// The most runs that are shown of those that one run made: one for each month, and every retry.
pub const MOST_CAUSED: u64 = 500;

/// Where a run that is retried begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryFrom {
    /// Where the former run stood.
    Checkpoint,
    /// At the beginning.
    Fresh,
}

/// A run to be asked for.
#[derive(Debug, Clone, Copy)]
pub struct RunRequest {
    /// The job.
    pub job: JobName,
    /// The month, or `None` for all that is stale.
    pub period: Option<YearMonth>,
    /// Whether it decides everything and writes nothing.
    pub dry_run: bool,
}

impl Store {
    /// Enqueues a run of a job; the same key asks for the same run.
    ///
    /// # Errors
    /// FORBIDDEN; `BAD_USER_INPUT`, also for a month that has not begun, for one of which records have been disposed of and for any month of a job that has none; CONFLICT
    /// for a key that asked for another run.
    pub async fn trigger_job(&self, request: RunRequest, reason: &str, key: &str) -> Result<job_run::Model, Error> {
        let RunRequest { job, period, dry_run } = request;
        self.allow(Action::TriggerJob)?;
        check_text("reason", reason, 1_000)?;
        check_key(key, "idempotencyKey")?;
        let now = self.now();
        if let Some(month) = period {
            check_monthly("period", job)?;
            check_begun("period", month, now)?;
        }
        let tx = self.begin().await?;
        let (key, by) = (self.key_of_call("manual", key), self.actor.principal.subject.clone());
        let new = NewRun { period, dry_run, reason: Some(reason.to_owned()), ..NewRun::new(job, Trigger::Manual, key, by) };
        let (run, is_new) = transaction::enqueue(&*tx, now, new).await?;
        if (run.job, run.period, run.dry_run) != (job, period, dry_run) {
            return Err(key_taken());
        }
        if is_new {
            if let Some(month) = period {
                check_whole(&*tx, "period", month).await?;
            }
            self.audit_run(&*tx, "TRIGGER", &run, reason).await?;
        }
        tx.commit().await?;
        self.ledger.wake();
        Ok(run)
    }

    /// Enqueues a run that repeats one that did not succeed, with its month and its "now"; the same key asks for the same run.
    ///
    /// # Errors
    /// FORBIDDEN; `BAD_USER_INPUT`, also for a run of a month that has not begun; `NOT_FOUND`; CONFLICT for a run that is not over or has succeeded, for one without a checkpoint that this
    /// version of the job reads, and for a key that asked for another run.
    pub async fn retry_run(&self, id: JobRunId, from: RetryFrom, reason: &str, key: &str) -> Result<job_run::Model, Error> {
        self.allow(Action::ManageRuns)?;
        check_text("reason", reason, 1_000)?;
        check_key(key, "idempotencyKey")?;
        let now = self.now();
        let tx = self.begin().await?;
        let former = unscoped::<job_run::Entity>().filter(job_run::Column::Id.eq(id)).one(&*tx).await?.ok_or_else(no_run)?;
        match former.state {
            RunState::Failed | RunState::Cancelled | RunState::Skipped => {}
            RunState::Succeeded => {
                let en = "This run has succeeded; trigger the job for another one.";
                return Err(Error::conflict("id", "この実行は成功しています。もう一度実行するには triggerJob を使ってください。", en));
            }
            RunState::Queued | RunState::Running | RunState::RetryWait | RunState::Cancelling => {
                return Err(Error::conflict("id", "この実行はまだ終わっていません。", "This run is not over yet."));
            }
        }
        let readable = former.definition_version.filter(|&version| version == job::policy(former.job).version);
        // One from before such months were refused.
        former.period.map_or(Ok(()), |month| check_begun("id", month, now))?;
        let checkpoint = former.checkpoint.clone().zip(readable).filter(|_| from == RetryFrom::Checkpoint);
        if from == RetryFrom::Checkpoint && checkpoint.is_none() {
            let ja = "この実行には再開できる中断点がありません。最初から実行し直してください。";
            return Err(Error::conflict("from", ja, "This run has no checkpoint to go on from; retry it FRESH."));
        }
        let (key, by) = (self.key_of_call("retry", key), self.actor.principal.subject.clone());
        let new = NewRun {
            period: former.period,
            reason: Some(reason.to_owned()),
            as_of: Some(former.as_of),
            dry_run: former.dry_run,
            retry_of: Some(id),
            checkpoint,
            ..NewRun::new(former.job, Trigger::Retry, key, by)
        };
        let (run, is_new) = transaction::enqueue(&*tx, now, new).await?;
        if run.retry_of != Some(id) {
            return Err(key_taken());
        }
        if is_new {
            self.audit_run(&*tx, "RETRY", &run, reason).await?;
        }
        tx.commit().await?;
        self.ledger.wake();
        Ok(run)
    }

    /// Asks a run to stop: a waiting one is cancelled at once, one that goes on before its next write. One that was asked before stays as
    /// it is.
    ///
    /// # Errors
    /// FORBIDDEN; `BAD_USER_INPUT`; `NOT_FOUND`; CONFLICT for a run that ended otherwise.
    pub async fn cancel_run(&self, id: JobRunId, reason: &str) -> Result<job_run::Model, Error> {
        self.allow(Action::ManageRuns)?;
        check_text("reason", reason, 1_000)?;
        let tx = self.begin().await?;
        let asked = transaction::cancel(&*tx, self.now(), id, &self.actor.principal.subject).await?;
        let run = unscoped::<job_run::Entity>().filter(job_run::Column::Id.eq(id)).one(&*tx).await?.ok_or_else(no_run)?;
        if asked {
            self.audit_run(&*tx, "CANCEL", &run, reason).await?;
            tx.number_runs(self.now());
        } else if !matches!(run.state, RunState::Cancelling | RunState::Cancelled) {
            return Err(Error::conflict("id", "この実行は既に終わっています。", "This run is over."));
        }
        tx.commit().await?;
        self.ledger.wake();
        Ok(run)
    }

    /// The dedupe key of a caller's own key. The length of the caller's name keeps two callers apart, whatever their names and keys hold.
    fn key_of_call(&self, act: &str, key: &str) -> String {
        let writer = self.actor.writer();
        format!("{act}/{}/{writer}/{key}", writer.len())
    }

    async fn audit_run(&self, tx: &impl ConnectionTrait, verb: &str, run: &job_run::Model, reason: &str) -> Result<(), Error> {
        let mut counts = serde_json::json!({ "period": run.period.map(|month| month.to_string()) });
        if run.dry_run {
            counts["dryRun"] = true.into();
        }
        let entry = transaction::AuditAct { run_id: Some(run.id), counts, reason: Some(reason.to_owned()), ..self.act(verb, Noun::JobRun) };
        Ok(transaction::audit(tx, self.now(), entry).await?)
    }

    /// The events of a run that the actor was shown, in order, after a sequence number, at most `most`.
    ///
    /// # Errors
    /// As [`Store::allow`]; INTERNAL when the database does not answer.
    pub async fn run_events(&self, run: JobRunId, after: i64, most: u64) -> Result<Vec<job_run_event::Model>, Error> {
        self.allow(Action::Read(Noun::JobRun))?;
        let events = unscoped::<job_run_event::Entity>().filter(job_run_event::Column::RunId.eq(run));
        let events = events.filter(job_run_event::Column::Sequence.gt(after)).order_by_asc(job_run_event::Column::Sequence);
        Ok(events.limit(most).all(self.reader()).await?)
    }

    /// The runs that these runs made, the first [`MOST_CAUSED`] of each, in order.
    ///
    /// # Errors
    /// As [`Store::allow`]; INTERNAL when the database does not answer.
    pub async fn caused_runs(&self, makers: &[JobRunId]) -> Result<Vec<job_run::Model>, Error> {
        self.allow(Action::Read(Noun::JobRun))?;
        let caused = unscoped::<job_run::Entity>();
        let caused = caused.filter(one_of(self.db.backend(), job_run::Column::CauseId, makers.iter().map(|id| id.0)));
        let first = "(SELECT COUNT(*) FROM job_run e WHERE e.cause_id = job_run.cause_id AND (e.queued_at, e.id) < (job_run.queued_at, job_run.id))";
        let caused = caused.filter(Expr::cust(format!("{first} < {MOST_CAUSED}")));
        Ok(caused.order_by_asc(job_run::Column::QueuedAt).order_by_asc(job_run::Column::Id).all(self.reader()).await?)
    }

    /// The former versions of a record that the actor was shown, the latest first, at most 100.
    ///
    /// # Errors
    /// INTERNAL when the database does not answer.
    pub async fn revisions(&self, record: Uuid) -> Result<Vec<record_revision::Model>, Error> {
        let query = unscoped::<record_revision::Entity>().filter(record_revision::Column::RecordId.eq(record));
        let mut rows = query.order_by_desc(record_revision::Column::Revision).limit(100).all(self.reader()).await?;
        if !self.may_see_addresses() {
            for content in rows.iter_mut().filter_map(|row| row.content.as_object_mut()) {
                content.retain(|name, _| !["notice_address", "officer_address"].contains(&name.as_str()));
            }
        }
        Ok(rows)
    }

    /// Whether the actor may see where bureaus and their officers take mails: who writes bureaus, and who reads the outbox.
    #[must_use]
    pub fn may_see_addresses(&self) -> bool {
        self.may(Action::Record(Noun::Bureau)) || self.may(Action::Read(Noun::Mail))
    }

    /// The numbers of these people: a part of every record about them, and no more than the record shows.
    ///
    /// # Errors
    /// INTERNAL when the database does not answer.
    pub async fn staff_numbers(&self, ids: &[StaffId]) -> Result<Vec<(StaffId, String)>, Error> {
        let query = unscoped::<staff::Entity>().filter(one_of(self.db.backend(), staff::Column::Id, ids.iter().map(|id| id.0)));
        Ok(query.select_only().column(staff::Column::Id).column(staff::Column::StaffNumber).into_tuple().all(self.reader()).await?)
    }
}

/// Refuses a job whose runs are not about one month.
pub(in crate::store) fn check_monthly(field: &str, job: JobName) -> Result<(), Error> {
    if job::policy(job).monthly {
        return Ok(());
    }
    Err(Error::input(field, "このジョブに対象月はありません。", "Runs of this job are not about one month."))
}

/// Refuses a month of which records have been disposed of: it is not computed anew.
pub(in crate::store) async fn check_whole<C: ConnectionTrait>(tx: &C, field: &str, month: YearMonth) -> Result<(), Error> {
    match disposal::first_whole_month(tx).await? {
        Some(first) if month < first => {
            let ja = format!("{first}より前の月は、保存期間を過ぎた記録が消去されているため、計算し直せません。");
            Err(Error::input(field, ja, format!("Records from before {first} have been disposed of; such a month is not computed anew.")))
        }
        _ => Ok(()),
    }
}

fn no_run() -> Error {
    Error::not_found("id", "実行", "run")
}

fn key_taken() -> Error {
    Error::conflict("idempotencyKey", "この冪等キーは別の実行で使われています。", "This idempotency key asked for another run.")
}
