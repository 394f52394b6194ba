//! Runs of jobs: asked for here, in the transaction that audits the asking; done by the runner.

use super::{
    Store,
    page::one_of,
    record::{check_key, check_text},
    unscoped,
};
use crate::{
    authz::{Act, Noun},
    error::Error,
};
use entity::{
    ids::StaffId,
    job_run::{self, JobName, Trigger},
    period::YearMonth,
    record_revision, staff,
};
use jobs::inside::{self, NewRun};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

impl Store {
    /// Enqueues a run of a job; the same key asks for the same run.
    ///
    /// # Errors
    /// FORBIDDEN; `BAD_USER_INPUT`; CONFLICT for a key that asked for another run.
    pub async fn trigger_job(&self, job: JobName, period: Option<YearMonth>, reason: &str, key: &str) -> Result<job_run::Model, Error> {
        self.allow(Act::TriggerJob)?;
        check_text("reason", reason, 1_000)?;
        check_key(key, "idempotencyKey")?;
        let now = self.now();
        let tx = self.begin().await?;
        let (key, by) = (format!("manual/{}/{key}", self.actor.writer()), self.actor.principal.subject.clone());
        let new = NewRun { period, reason: Some(reason.to_owned()), ..NewRun::new(job, Trigger::Manual, key, by) };
        let (run, is_new) = inside::enqueue(&*tx, now, new).await?;
        if (run.job, run.period) != (job, period) {
            return Err(Error::conflict(
                "idempotencyKey",
                "この冪等キーは別の実行で使われています。",
                "This idempotency key asked for another run.",
            ));
        }
        if is_new {
            let counts = serde_json::json!({ "period": period.map(|month| month.to_string()) });
            let entry = inside::Act { run_id: Some(run.id), counts, reason: Some(reason.to_owned()), ..self.act("TRIGGER", Noun::JobRun) };
            inside::audit(&*tx, now, entry).await?;
        }
        tx.commit().await?;
        self.ledger.wake();
        Ok(run)
    }

    /// The former versions of a record that the actor was shown, the latest first, at most 100.
    ///
    /// # Errors
    /// INTERNAL when the database does not answer.
    pub async fn revisions(&self, record: Uuid) -> Result<Vec<record_revision::Model>, Error> {
        let query = unscoped::<record_revision::Entity>().filter(record_revision::Column::RecordId.eq(record));
        let mut rows = query.order_by_desc(record_revision::Column::Revision).limit(100).all(self.reader()).await?;
        if !self.may_see_addresses() {
            rows.iter_mut().filter_map(|row| row.content.as_object_mut()).for_each(|content| _ = content.remove("notice_address"));
        }
        Ok(rows)
    }

    /// Whether the actor may see where bureaus take notices: who writes bureaus, and who reads the outbox.
    #[must_use]
    pub fn may_see_addresses(&self) -> bool {
        self.may(Act::Record(Noun::Bureau)) || self.may(Act::Read(Noun::MailOutbox))
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
