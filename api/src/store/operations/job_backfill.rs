//! Backfills: planned, started and cancelled here, in the transaction that audits it; brought on by the workers.

use crate::store::{
    Store,
    job::{check_monthly, check_whole},
    page::one_of,
    record::{check_begun, check_text},
    unscoped,
};
use crate::{
    authz::{Action, Noun},
    error::Error,
};
use entity::{
    ids::JobBackfillId,
    job_backfill::{self, BackfillScope, BackfillState},
    job_run::{self, JobName, RunState},
    period::YearMonth,
};
use jobs::transaction::{
    self,
    backfill::{self, MOST_AT_ONCE, MOST_MONTHS, months},
};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, IntoActiveModel, QueryFilter, QuerySelect};

/// A backfill to be planned.
#[derive(Debug, Clone, Copy)]
pub struct BackfillPlan {
    /// The job.
    pub job: JobName,
    /// The first month.
    pub from: YearMonth,
    /// The last month.
    pub to: YearMonth,
    /// Which of them.
    pub scope: BackfillScope,
    /// How many runs go on at once.
    pub at_once: i32,
}

impl Store {
    /// Chooses the months of a backfill, as they stand now, and runs nothing.
    ///
    /// # Errors
    /// FORBIDDEN; `BAD_USER_INPUT` for a job whose runs are not about one month, for a range that is none, is too long, ends in a month to
    /// come or begins with one of which records have been disposed of, and for too many at once.
    pub async fn plan_backfill(&self, plan: BackfillPlan, reason: &str) -> Result<job_backfill::Model, Error> {
        self.allow(Action::ManageRuns)?;
        check_text("reason", reason, 1_000)?;
        self.check_plan(plan)?;
        let tx = self.begin().await?;
        check_whole(&*tx, "from", plan.from).await?;
        let now = self.now();
        let chosen = backfill::choose(&*tx, plan.job, (plan.from, plan.to), plan.scope).await?;
        let row = job_backfill::Model {
            id: JobBackfillId::new(),
            job: plan.job,
            first_period: plan.from,
            last_period: plan.to,
            scope: plan.scope,
            at_once: plan.at_once,
            periods: serde_json::json!(chosen),
            state: BackfillState::Planned,
            requested_by: self.actor.principal.subject.clone(),
            reason: reason.to_owned(),
            created_at: now,
            started_at: None,
            finished_at: None,
        };
        let row = row.into_active_model().insert(&*tx).await?;
        self.audit_backfill(&*tx, "PLAN", &row, reason).await?;
        tx.commit().await?;
        Ok(row)
    }

    fn check_plan(&self, plan: BackfillPlan) -> Result<(), Error> {
        check_monthly("job", plan.job)?;
        if plan.from > plan.to {
            return Err(Error::input("to", "終わりの月は始めの月より前にできません。", "The last month comes before the first."));
        }
        check_begun("to", plan.to, self.now())?;
        if YearMonth::range(plan.from, plan.to).count() > MOST_MONTHS {
            let (ja, en) =
                (format!("一度に指定できるのは{MOST_MONTHS}か月までです。"), format!("A backfill has at most {MOST_MONTHS} months."));
            return Err(Error::input("from", ja, en));
        }
        if !(1..=MOST_AT_ONCE).contains(&plan.at_once) {
            let ja = format!("同時に実行できるのは1件から{MOST_AT_ONCE}件までです。");
            return Err(Error::input("atOnce", ja, format!("Between 1 and {MOST_AT_ONCE} runs go on at once.")));
        }
        Ok(())
    }

    /// Sets a planned backfill going. One that goes on or has finished stays as it is.
    ///
    /// # Errors
    /// FORBIDDEN; `BAD_USER_INPUT`; `NOT_FOUND`; CONFLICT for a cancelled one.
    pub async fn start_backfill(&self, id: JobBackfillId, reason: &str) -> Result<job_backfill::Model, Error> {
        self.allow(Action::ManageRuns)?;
        check_text("reason", reason, 1_000)?;
        let tx = self.begin().await?;
        let stored = backfill::lock(&*tx, id).await?.ok_or_else(no_backfill)?;
        let row = match stored.state {
            BackfillState::Planned => backfill::start(&*tx, self.now(), stored).await?,
            BackfillState::Running | BackfillState::Finished => return Ok(stored),
            BackfillState::Cancelled => {
                return Err(Error::conflict("id", "この一括実行は取り消されています。", "This backfill was cancelled."));
            }
        };
        self.audit_backfill(&*tx, "START", &row, reason).await?;
        tx.commit().await?;
        self.ledger.wake();
        Ok(row)
    }

    /// Stops a backfill: nothing more is enqueued, its waiting runs are cancelled, and those that go on are asked to stop. One that was
    /// cancelled stays as it is.
    ///
    /// # Errors
    /// FORBIDDEN; `BAD_USER_INPUT`; `NOT_FOUND`; CONFLICT for one that has finished.
    pub async fn cancel_backfill(&self, id: JobBackfillId, reason: &str) -> Result<job_backfill::Model, Error> {
        self.allow(Action::ManageRuns)?;
        check_text("reason", reason, 1_000)?;
        let tx = self.begin().await?;
        let stored = backfill::lock(&*tx, id).await?.ok_or_else(no_backfill)?;
        let row = match stored.state {
            BackfillState::Planned | BackfillState::Running => {
                backfill::cancel(&*tx, self.now(), stored, &self.actor.principal.subject).await?
            }
            BackfillState::Cancelled => return Ok(stored),
            BackfillState::Finished => {
                return Err(Error::conflict("id", "この一括実行は既に終わっています。", "This backfill has finished."));
            }
        };
        self.audit_backfill(&*tx, "CANCEL", &row, reason).await?;
        tx.number_runs(self.now());
        tx.commit().await?;
        self.ledger.wake();
        Ok(row)
    }

    async fn audit_backfill(&self, tx: &impl ConnectionTrait, verb: &str, row: &job_backfill::Model, reason: &str) -> Result<(), Error> {
        let entry = transaction::AuditAct {
            record_id: Some(row.id.0),
            counts: serde_json::json!({ "job": row.job.as_text(), "months": months(row).len() }),
            reason: Some(reason.to_owned()),
            ..self.act(verb, Noun::JobBackfill)
        };
        Ok(transaction::audit(tx, self.now(), entry).await?)
    }

    /// How many runs of these backfills stand where.
    ///
    /// # Errors
    /// As [`Store::allow`].
    pub async fn backfill_counts(&self, ids: &[JobBackfillId]) -> Result<Vec<(JobBackfillId, RunState, i64)>, Error> {
        self.allow(Action::Read(Noun::JobBackfill))?;
        let runs = unscoped::<job_run::Entity>().select_only().column(job_run::Column::BackfillId).column(job_run::Column::State);
        let runs = runs.column_as(job_run::Column::Id.count(), "runs");
        let runs = runs.filter(one_of(self.db.backend(), job_run::Column::BackfillId, ids.iter().map(|id| id.0)));
        let runs = runs.group_by(job_run::Column::BackfillId).group_by(job_run::Column::State);
        Ok(runs.into_tuple().all(self.reader()).await?)
    }
}

fn no_backfill() -> Error {
    Error::not_found("id", "一括実行", "backfill")
}
