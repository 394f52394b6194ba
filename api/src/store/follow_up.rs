//! The cycle of the yearly follow-up: opened once for a plan's fiscal year, and taken from stage to stage, each step by the role that may.
//!
//! Every act locks the cycle's row, so that two of them never meet, asks `FollowUpAct::leads` whether it can be done there, and leaves an
//! event and an audit entry in its transaction. Here are the rows and steps that all acts share; `collecting` is what the secretariat does up
//! to the freeze, `compiling` what happens to a draft, `publishing` what happens to releases. Deliberately absent: what bureaus submit
//! (`submission`), what of it may name a person (`public_text`), and any figure, which is the job's.

pub mod data_call;
pub mod public_text;
pub mod release;
pub mod submission;

mod collecting;
mod compiling;
mod publishing;

pub use collecting::{Frozen, Opening};
pub use compiling::{Answer, Reporting};
pub use publishing::Correction;
pub(super) use publishing::Publication;

use super::{Store, page::one_of, record::check_text, unscoped};
use crate::{
    authz::{Action, Noun},
    error::{Code, Error},
};
use chrono::{DateTime, Utc};
use entity::{
    finding,
    follow_up::{self, Column, Entity, FollowUpStage, Model},
    follow_up_event::{self, FollowUpAct},
    follow_up_report,
    ids::{BureauId, FollowUpEventId, FollowUpId},
    job_run::{JobName, Trigger},
    period::FiscalYear,
    plan, release_file, release_observation, snapshot, snapshot_part,
};
use jobs::{
    database::WriteTransaction,
    transaction::{self, NewRun},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};
use serde_json::json;
use uuid::Uuid;

/// Which cycle.
#[derive(Debug, Clone)]
pub struct Which {
    /// Code of the plan; the latest one's without.
    pub plan: Option<String>,
    /// The fiscal year.
    pub fiscal_year: FiscalYear,
}

/// A step under way: the cycle, locked, and the stage that it leads to.
struct Step {
    tx: WriteTransaction,
    cycle: Model,
    to: FollowUpStage,
}

/// A step, or the cycle as the very same call left it before.
enum Begun {
    Again(Model),
    Anew(Step),
}

/// What an act leaves behind beside its own rows.
struct Done<'a> {
    act: FollowUpAct,
    reason: Option<&'a str>,
    bureau_id: Option<BureauId>,
    record: (Noun, Uuid),
    counts: serde_json::Value,
}

impl<'a> Done<'a> {
    /// An act on the cycle itself.
    fn on(cycle: &Model, act: FollowUpAct, reason: &'a str) -> Self {
        Self { act, reason: Some(reason), bureau_id: None, record: (Noun::FollowUp, cycle.id.0), counts: json!({}) }
    }
}

impl Store {
    /// The cycle that the actor may see.
    ///
    /// # Errors
    /// As [`Store::allow`].
    pub async fn follow_up(&self, which: &Which) -> Result<Option<Model>, Error> {
        let cycles = self.select::<Entity>()?;
        let Some(plan) = self.plan_of(self.reader(), which).await? else { return Ok(None) };
        Ok(cycles.filter(Column::PlanId.eq(plan.id)).filter(Column::FiscalYear.eq(which.fiscal_year)).one(self.reader()).await?)
    }

    /// Why the cycle's version is made, in Japanese and English. What a correction corrects is everybody's only once it is published.
    ///
    /// # Errors
    /// As [`Store::allow`].
    pub fn reasons_of(&self, cycle: &Model) -> Result<(Option<String>, Option<String>), Error> {
        let scope = self.allow(Action::Read(Noun::FollowUp))?;
        let out = matches!(cycle.stage, FollowUpStage::Published | FollowUpStage::Withdrawn);
        Ok(if out || scope.is_everything() { (cycle.reason_ja.clone(), cycle.reason_en.clone()) } else { (None, None) })
    }

    /// The reports of cycles that the actor may see.
    ///
    /// # Errors
    /// As [`Store::allow`].
    pub async fn follow_up_reports(&self, cycles: &[FollowUpId]) -> Result<Vec<follow_up_report::Model>, Error> {
        use follow_up_report::Column as Of;
        let of = one_of(self.db.backend(), Of::FollowUpId, cycles.iter().map(|id| id.0));
        Ok(self
            .select::<follow_up_report::Entity>()?
            .filter(of)
            .order_by_asc(Of::ReportedOn)
            .order_by_asc(Of::Id)
            .all(self.reader())
            .await?)
    }

    /// The releases of cycles that the actor may see, the first one first, without what they say.
    ///
    /// # Errors
    /// As [`Store::allow`].
    pub async fn follow_up_releases(&self, cycles: &[FollowUpId]) -> Result<Vec<ReleaseLine>, Error> {
        use entity::release::Column as Of;
        let of = one_of(self.db.backend(), Of::FollowUpId, cycles.iter().map(|id| id.0));
        let lines = self.select::<entity::release::Entity>()?.filter(of).order_by_asc(Of::FollowUpId).order_by_asc(Of::Id);
        Ok(lines.into_partial_model::<ReleaseLine>().all(self.reader()).await?)
    }

    async fn plan_of<C: ConnectionTrait>(&self, db: &C, which: &Which) -> Result<Option<plan::Model>, Error> {
        let plans = self.select::<plan::Entity>()?;
        let plans = match which.plan.as_deref() {
            // No stored text holds NUL, and PostgreSQL takes none.
            Some(code) if code.contains('\0') => return Ok(None),
            Some(code) => plans.filter(plan::Column::Code.eq(code)),
            None => plans.order_by_desc(plan::Column::ValidFrom).order_by_desc(plan::Column::Id),
        };
        Ok(plans.one(db).await?)
    }

    /// The cycle, locked until the transaction ends.
    pub(super) async fn locked(&self, tx: &WriteTransaction, which: &Which) -> Result<Model, Error> {
        let none = || Error::not_found("fiscalYear", "フォローアップ", "follow-up");
        let plan = self.plan_of(&**tx, which).await?.ok_or_else(none)?;
        let cycle = self.select::<Entity>()?.filter(Column::PlanId.eq(plan.id)).filter(Column::FiscalYear.eq(which.fiscal_year));
        cycle.lock_exclusive().one(&**tx).await?.ok_or_else(none)
    }

    /// Begins a step for a reason. The call that is sent again finds that it was done.
    async fn step(&self, which: &Which, act: FollowUpAct, reason: &str) -> Result<Begun, Error> {
        check_text("reason", reason, 1_000)?;
        let tx = self.begin().await?;
        Ok(match self.step_in(&tx, which, act, reason).await? {
            (cycle, None) => Begun::Again(cycle),
            (cycle, Some(to)) => Begun::Anew(Step { tx, cycle, to }),
        })
    }

    /// The cycle, locked, and the stage that the act leads to; none where the very same call did it before.
    async fn step_in(
        &self,
        tx: &WriteTransaction,
        which: &Which,
        act: FollowUpAct,
        reason: &str,
    ) -> Result<(Model, Option<FollowUpStage>), Error> {
        let cycle = self.locked(tx, which).await?;
        if let Some(to) = act.leads(cycle.stage) {
            return Ok((cycle, Some(to)));
        }
        let again = last_event(tx, &cycle).await?.is_some_and(|last| last.act == act && last.reason.as_deref() == Some(reason));
        if again { Ok((cycle, None)) } else { Err(wrong_stage(cycle.stage)) }
    }

    /// Ends a step: the cycle's row, its event, its trace.
    async fn end(&self, tx: WriteTransaction, change: follow_up::ActiveModel, done: Done<'_>) -> Result<Model, Error> {
        let cycle = self.change(&tx, change).await?;
        self.note(&tx, &cycle, done).await?;
        tx.commit().await?;
        Ok(cycle)
    }

    async fn change(&self, tx: &WriteTransaction, mut change: follow_up::ActiveModel) -> Result<Model, Error> {
        change.changed_at = Set(self.now());
        Ok(change.update(&**tx).await?)
    }

    /// Writes the event and the audit entry of an act; `cycle` is as it stands afterwards.
    async fn note(&self, tx: &WriteTransaction, cycle: &Model, done: Done<'_>) -> Result<(), Error> {
        let now = self.now();
        let event = follow_up_event::Model {
            id: FollowUpEventId::new(),
            follow_up_id: cycle.id,
            bureau_id: done.bureau_id,
            at: now,
            actor: self.actor.principal.subject.clone(),
            act: done.act,
            stage: cycle.stage,
            version: cycle.version.clone(),
            reason: done.reason.map(str::to_owned),
        };
        transaction::put_all(&**tx, vec![event], false).await?;
        let mut counts = json!({ "fiscalYear": cycle.fiscal_year.as_i32(), "version": cycle.version, "stage": cycle.stage.as_text() });
        if let (Some(all), serde_json::Value::Object(more)) = (counts.as_object_mut(), done.counts) {
            all.extend(more);
        }
        let (noun, record) = done.record;
        let (bureau_id, reason) = (done.bureau_id, done.reason.map(str::to_owned));
        let entry = transaction::AuditAct { bureau_id, record_id: Some(record), counts, reason, ..self.act(done.act.verb(), noun) };
        Ok(transaction::audit(&**tx, now, entry).await?)
    }

    /// What an act on one of the cycle's submissions leaves behind.
    pub(super) async fn note_submission(
        &self,
        tx: &WriteTransaction,
        cycle: &Model,
        act: FollowUpAct,
        row: &entity::submission::Model,
        counts: serde_json::Value,
    ) -> Result<(), Error> {
        let record = (Noun::Submission, row.id.0);
        self.note(tx, cycle, Done { act, reason: None, bureau_id: Some(row.bureau_id), record, counts }).await
    }
}

/// A release without what it says.
#[derive(Debug, Clone, sea_orm::DerivePartialModel)]
#[sea_orm(entity = "entity::release::Entity")]
#[expect(missing_docs, reason = "the columns of the table, described there")]
pub struct ReleaseLine {
    pub follow_up_id: FollowUpId,
    pub version: String,
    pub kind: follow_up::ReleaseKind,
    pub state: entity::release::ReleaseState,
    pub as_of: chrono::DateTime<chrono::Utc>,
    pub published_at: Option<chrono::DateTime<chrono::Utc>>,
    pub withdrawn_at: Option<chrono::DateTime<chrono::Utc>>,
    pub withdrawn_reason: Option<String>,
}

/// The refusal of an act that cannot be done where the cycle stands.
pub(super) fn wrong_stage(stage: FollowUpStage) -> Error {
    let (ja, en) = match stage {
        FollowUpStage::Collecting => ("提出の受付中", "bureaus are submitting"),
        FollowUpStage::Frozen => ("締切後、原案の作成中", "it is frozen and its draft is being made"),
        FollowUpStage::Draft => ("原案の確認中", "its draft is being looked into"),
        FollowUpStage::Compiled => ("幹事会で取りまとめ済み", "it is compiled"),
        FollowUpStage::Published => ("公表済み", "it is published"),
        FollowUpStage::Withdrawn => ("公表の取下げ済み", "its releases were withdrawn"),
    };
    let ja = format!("現在の段階（{ja}）では、この操作はできません。");
    Error::conflict("fiscalYear", ja, format!("This cannot be done to the follow-up as it stands: {en}."))
}

fn conflict(ja: impl Into<String>, en: impl Into<String>) -> Error {
    Error { field: Some("fiscalYear".to_owned()), ..Error::new(Code::Conflict, ja, en) }
}

async fn last_event(tx: &WriteTransaction, cycle: &Model) -> Result<Option<follow_up_event::Model>, Error> {
    use follow_up_event::Column as Of;
    let events = unscoped::<follow_up_event::Entity>().filter(Of::FollowUpId.eq(cycle.id)).order_by_desc(Of::Id);
    Ok(events.one(&**tx).await?)
}

/// The cycle's row to be changed to a stage.
fn at(cycle: Model, stage: FollowUpStage) -> follow_up::ActiveModel {
    let mut change = cycle.into_active_model();
    change.stage = Set(stage);
    change
}

/// Asks for the snapshot and the draft of a cycle that was just frozen, in the transaction that froze it. Each freeze asks once.
async fn ask_for_dataset(tx: &WriteTransaction, cycle: &Model, by: &str) -> Result<(), Error> {
    let frozen_at = cycle.frozen_at.map_or(0, |at| at.timestamp_micros());
    let key = format!("{}/{}/{}/{frozen_at}", JobName::FollowUpDataset.as_kebab(), cycle.id, cycle.version);
    let run = NewRun::new(JobName::FollowUpDataset, Trigger::Manual, key, by.to_owned());
    transaction::enqueue(&**tx, cycle.changed_at, run).await?;
    Ok(())
}

/// Asks for the draft to be made anew with the answers that are published in it, in the transaction that gives the last one.
async fn ask_to_answer(tx: &WriteTransaction, cycle: &Model, now: DateTime<Utc>, by: &str) -> Result<(), Error> {
    let key = format!("{}/{}/{}/answers/{}", JobName::FollowUpDataset.as_kebab(), cycle.id, cycle.version, Uuid::now_v7());
    transaction::enqueue(&**tx, now, NewRun::new(JobName::FollowUpDataset, Trigger::Manual, key, by.to_owned())).await?;
    Ok(())
}

/// The draft of the cycle's version.
async fn draft_of(tx: &WriteTransaction, cycle: &Model) -> Result<Option<entity::release::Model>, Error> {
    use entity::release::{Column, Entity, ReleaseState};
    let draft = unscoped::<Entity>().filter(Column::FollowUpId.eq(cycle.id));
    Ok(draft.filter(Column::Version.eq(&cycle.version)).filter(Column::State.eq(ReleaseState::Draft)).one(&**tx).await?)
}

/// Deletes what was made for the version that is not published: its draft with figures and files, findings and snapshot.
async fn discard_draft(tx: &WriteTransaction, cycle: &Model) -> Result<(), Error> {
    let drafts = unscoped::<entity::release::Entity>().filter(entity::release::Column::FollowUpId.eq(cycle.id));
    let drafts = drafts
        .filter(entity::release::Column::Version.eq(&cycle.version))
        .filter(entity::release::Column::State.eq(entity::release::ReleaseState::Draft));
    let drafts = drafts.select_only().column(entity::release::Column::Id).into_query();
    release_observation::Entity::delete_many()
        .filter(release_observation::Column::ReleaseId.in_subquery(drafts.clone()))
        .exec(&**tx)
        .await?;
    release_file::Entity::delete_many().filter(release_file::Column::ReleaseId.in_subquery(drafts)).exec(&**tx).await?;
    entity::release::Entity::delete_many()
        .filter(entity::release::Column::FollowUpId.eq(cycle.id))
        .filter(entity::release::Column::Version.eq(&cycle.version))
        .filter(entity::release::Column::State.eq(entity::release::ReleaseState::Draft))
        .exec(&**tx)
        .await?;
    finding::Entity::delete_many()
        .filter(finding::Column::FollowUpId.eq(cycle.id))
        .filter(finding::Column::Version.eq(&cycle.version))
        .exec(&**tx)
        .await?;
    let Some(plan) = unscoped::<plan::Entity>().filter(plan::Column::Id.eq(cycle.plan_id)).one(&**tx).await? else { return Ok(()) };
    let of = unscoped::<snapshot::Entity>().filter(snapshot::Column::Plan.eq(plan.code));
    let of = of.filter(snapshot::Column::FiscalYear.eq(cycle.fiscal_year)).filter(snapshot::Column::Version.eq(&cycle.version));
    if let Some(kept) = of.one(&**tx).await? {
        snapshot_part::Entity::delete_many().filter(snapshot_part::Column::SnapshotId.eq(kept.id)).exec(&**tx).await?;
        snapshot::Entity::delete_many().filter(snapshot::Column::Id.eq(kept.id)).exec(&**tx).await?;
    }
    Ok(())
}
