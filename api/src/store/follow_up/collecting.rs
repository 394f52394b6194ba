//! Up to the freeze: the data call to every bureau, its days, the freeze, and the way back from it.

use super::{Begun, Done, Step, Which, ask_for_dataset, at, conflict, discard_draft};
use crate::{
    authz::Action,
    error::Error,
    store::{
        Store, data_call, dialect,
        record::{check_date, check_horizon, check_text},
        unscoped,
    },
};
use chrono::NaiveDate;
use entity::{
    bureau, data_call as call,
    follow_up::{self, Column, Entity, FollowUpStage, Model, ReleaseKind},
    follow_up_event::FollowUpAct,
    horizon::{PLANNED, When},
    ids::{BureauId, DataCallId, FollowUpId},
    period::FiscalYear,
    plan,
    submission::SubmissionState,
};
use jobs::{database::WriteTransaction, follow_up::release::Version, transaction};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use serde_json::json;
use std::collections::BTreeSet;

/// A cycle to be opened.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Code of the plan.
    pub plan: String,
    /// The fiscal year that is followed up.
    pub fiscal_year: FiscalYear,
    /// The last day on which bureaus are to submit.
    pub due_on: NaiveDate,
    /// Why.
    pub reason: String,
}

/// What became of a freeze.
#[derive(Debug, Clone)]
pub struct Frozen {
    /// The cycle as it stands now.
    pub cycle: Model,
    /// Whether it is frozen.
    pub frozen: bool,
    /// The calls of bureaus of which nothing was taken.
    pub incomplete: Vec<call::Model>,
}

impl Store {
    /// Opens the cycle of a plan's fiscal year: a data call to every bureau in being on any day of it.
    ///
    /// # Errors
    /// FORBIDDEN; `NOT_FOUND`; `BAD_USER_INPUT`; CONFLICT where the year's cycle is open already, or no bureau was in being.
    pub async fn open_follow_up(&self, opening: &Opening) -> Result<Model, Error> {
        self.allow(Action::ManageFollowUp)?;
        check_text("reason", &opening.reason, 1_000)?;
        self.check_due(opening.due_on)?;
        let (year, now, tx) = (opening.fiscal_year, self.now(), self.begin().await?);
        // Two who open the same year wait for each other at the plan.
        let none = || Error::not_found("plan", "計画", "plan");
        let code = Some(opening.plan.as_str()).filter(|code| !code.contains('\0')).ok_or_else(none)?;
        let plan = self.select::<plan::Entity>()?.filter(plan::Column::Code.eq(code)).lock_exclusive().one(&*tx).await?;
        let plan = plan.ok_or_else(none)?;
        if year.first_day() >= plan.valid_to || year.next_first_day() <= plan.valid_from {
            let ja = "この年度は計画の期間にありません。";
            return Err(Error::input("fiscalYear", ja, "The plan is not in force in this fiscal year."));
        }
        if year.first_day() > self.today() {
            return Err(Error::input("fiscalYear", "この年度はまだ始まっていません。", "This fiscal year has not begun yet."));
        }
        let there = unscoped::<Entity>().filter(Column::PlanId.eq(plan.id)).filter(Column::FiscalYear.eq(year));
        if there.one(&*tx).await?.is_some() {
            let ja = "この年度のフォローアップは既に始まっています。年度ごとに1回です。";
            return Err(conflict(ja, "The follow-up of this fiscal year is open already; there is one a year."));
        }
        let bureaus = in_being(&tx, year).await?;
        if bureaus.is_empty() {
            return Err(conflict("この年度に存在した部局がありません。", "No bureau was in being in this fiscal year."));
        }
        let cycle = Model {
            id: FollowUpId::new(),
            plan_id: plan.id,
            fiscal_year: year,
            stage: FollowUpStage::Collecting,
            version: Version::FIRST.to_string(),
            kind: ReleaseKind::Initial,
            reason_ja: None,
            reason_en: None,
            due_on: opening.due_on,
            opened_at: now,
            frozen_at: None,
            changed_at: now,
        };
        transaction::put_all(&*tx, vec![cycle.clone()], false).await?;
        let calls = bureaus.iter().map(|&bureau_id| call::Model {
            id: DataCallId::new(),
            follow_up_id: cycle.id,
            bureau_id,
            due_on: opening.due_on,
            called_at: now,
        });
        transaction::put_all(&*tx, calls.collect(), false).await?;
        let counts = json!({ "calls": bureaus.len(), "dueOn": opening.due_on });
        self.note(&tx, &cycle, Done { counts, ..Done::on(&cycle, FollowUpAct::Opened, &opening.reason) }).await?;
        tx.commit().await?;
        Ok(cycle)
    }

    /// Sets another due day, for one bureau or for all. The day that is set already changes nothing.
    ///
    /// # Errors
    /// FORBIDDEN; `NOT_FOUND`; `BAD_USER_INPUT`; CONFLICT where the cycle does not collect.
    pub async fn reschedule_follow_up(&self, which: &Which, bureau: Option<&str>, due_on: NaiveDate, reason: &str) -> Result<Model, Error> {
        self.allow(Action::ManageFollowUp)?;
        self.check_due(due_on)?;
        let Step { tx, cycle, .. } = match self.step(which, FollowUpAct::Rescheduled, reason).await? {
            Begun::Again(cycle) => return Ok(cycle),
            Begun::Anew(step) => step,
        };
        let bureau_id = match bureau {
            None => None,
            Some(code) => Some(self.called(&tx, &cycle, "bureau", code).await?),
        };
        let moved = Condition::all()
            .add(call::Column::FollowUpId.eq(cycle.id))
            .add(call::Column::DueOn.ne(due_on))
            .add_option(bureau_id.map(|id| call::Column::BureauId.eq(id)));
        let calls = call::Entity::update_many().col_expr(call::Column::DueOn, Expr::value(due_on)).filter(moved).exec(&*tx).await?;
        if calls.rows_affected == 0 && (bureau_id.is_some() || cycle.due_on == due_on) {
            return Ok(cycle);
        }
        let counts = json!({ "calls": calls.rows_affected, "dueOn": due_on });
        let done = Done { bureau_id, counts, ..Done::on(&cycle, FollowUpAct::Rescheduled, reason) };
        let mut change = cycle.into_active_model();
        if bureau_id.is_none() {
            change.due_on = Set(due_on);
        }
        self.end(tx, change, done).await
    }

    /// Freezes the cycle: nothing is taken any more, and the draft is asked for. Where bureaus are incomplete it is frozen only if that was
    /// said to be meant.
    ///
    /// # Errors
    /// FORBIDDEN; `NOT_FOUND`; `BAD_USER_INPUT`; CONFLICT where the cycle does not collect.
    pub async fn freeze_follow_up(&self, which: &Which, even_incomplete: bool, reason: &str) -> Result<Frozen, Error> {
        self.allow(Action::ManageFollowUp)?;
        let (tx, cycle, to) = match self.step(which, FollowUpAct::Frozen, reason).await? {
            Begun::Again(cycle) => {
                let incomplete = incomplete(self.reader(), &cycle).await?;
                return Ok(Frozen { cycle, frozen: true, incomplete });
            }
            Begun::Anew(Step { tx, cycle, to }) => (tx, cycle, to),
        };
        let incomplete = incomplete(&*tx, &cycle).await?;
        if !incomplete.is_empty() && !even_incomplete {
            return Ok(Frozen { cycle, frozen: false, incomplete });
        }
        let counts = json!({ "incomplete": incomplete.len() });
        let done = Done { counts, ..Done::on(&cycle, FollowUpAct::Frozen, reason) };
        let mut change = at(cycle, to);
        change.frozen_at = Set(Some(self.now()));
        let cycle = self.change(&tx, change).await?;
        ask_for_dataset(&tx, &cycle, &self.actor.principal.subject).await?;
        self.note(&tx, &cycle, done).await?;
        tx.commit().await?;
        self.ledger.wake();
        Ok(Frozen { cycle, frozen: true, incomplete })
    }

    /// Goes back to collecting before the version is published: what was made of the frozen state is deleted, to be made anew.
    ///
    /// # Errors
    /// FORBIDDEN; `NOT_FOUND`; `BAD_USER_INPUT`; CONFLICT where the cycle is neither frozen nor a draft.
    pub async fn reopen_follow_up(&self, which: &Which, reason: &str) -> Result<Model, Error> {
        self.allow(Action::ManageFollowUp)?;
        let Step { tx, cycle, to } = match self.step(which, FollowUpAct::Reopened, reason).await? {
            Begun::Again(cycle) => return Ok(cycle),
            Begun::Anew(step) => step,
        };
        discard_draft(&tx, &cycle).await?;
        let done = Done::on(&cycle, FollowUpAct::Reopened, reason);
        let mut change = at(cycle, to);
        change.frozen_at = Set(None);
        self.end(tx, change, done).await
    }

    fn check_due(&self, due_on: NaiveDate) -> Result<(), Error> {
        check_date("dueOn", due_on)?;
        if due_on < self.today() {
            return Err(Error::input("dueOn", "過ぎた日付は指定できません。", "This day is over."));
        }
        check_horizon("dueOn", PLANNED, When::Day(due_on), self.now())
    }

    /// The bureau with this code, which the cycle asks.
    pub(super) async fn called(&self, tx: &WriteTransaction, cycle: &Model, field: &str, code: &str) -> Result<BureauId, Error> {
        let none = || Error::not_found(field, "部局への照会", "bureau in this follow-up");
        let bureau = dialect::by_text::<bureau::Entity, _>(&**tx, "code", &BTreeSet::from([code])).await?.pop().ok_or_else(none)?;
        let called = unscoped::<call::Entity>().filter(call::Column::FollowUpId.eq(cycle.id)).filter(call::Column::BureauId.eq(bureau.id));
        called.one(&**tx).await?.map(|call| call.bureau_id).ok_or_else(none)
    }
}

/// The bureaus in being on any day of a fiscal year, by code.
async fn in_being(tx: &WriteTransaction, year: FiscalYear) -> Result<Vec<BureauId>, Error> {
    use bureau::Column as Of;
    let lasts = Condition::any().add(Of::ValidTo.is_null()).add(Of::ValidTo.gt(year.first_day()));
    let bureaus = unscoped::<bureau::Entity>().filter(Of::VoidReason.is_null()).filter(Of::ValidFrom.lt(year.next_first_day()));
    let ids = bureaus.filter(lasts).order_by_asc(Of::Code).select_only().column(Of::Id).into_tuple().all(&**tx).await?;
    Ok(ids)
}

/// The calls of bureaus of which nothing was taken.
async fn incomplete(db: &impl sea_orm::ConnectionTrait, cycle: &follow_up::Model) -> Result<Vec<call::Model>, Error> {
    let calls = unscoped::<call::Entity>().filter(call::Column::FollowUpId.eq(cycle.id));
    let calls = calls.filter(data_call::answered(SubmissionState::Accepted).not());
    Ok(calls.order_by_asc(call::Column::DueOn).order_by_asc(call::Column::Id).all(db).await?)
}
