//! Deciding about a change that waits: another person approves or declines it, and its proposer withdraws it, or approves an urgent one alone.
//!
//! The row is locked first, so that of two who decide one does. An approval carries the change out as its proposer, who is named in the rows as
//! the one who changed them; the approver is named in the decision, and both in its entry of the audit trail.

use super::{Carried, Gated, Setting};
use crate::{
    authn::Principal,
    authz::{Action, Noun, Role},
    error::{Code, Error},
    store::{
        Store, actor::Actor, client::Registration, counting_rule::CountingRuleDraft, follow_up::Publication,
        overtime_rule::OvertimeRuleDraft, plan::PlanDocument, record::check_text, retention::Period, target::TargetCall, unscoped,
    },
};
use chrono::{Days, NaiveDate};
use entity::{
    holiday,
    ids::PendingChangeId,
    pending_change::{ChangeAct, ChangeDecision, Column, Entity, Model, PendingChangeState},
    pending_change_input,
    period::{civil_date, weekdays},
    token_revocation,
};
use jobs::{
    database::WriteTransaction,
    transaction::{AuditAct, audit},
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, IntoActiveModel, QueryFilter, QuerySelect};
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc};

/// So many whole working days an urgent change waits before its proposer may approve it alone.
const WORKING_DAYS: usize = 3;
/// In how many days there are surely so many working days.
const SURELY: Days = Days::new(40);

impl Store {
    /// Approves a change, which is carried out in the same transaction. Sent twice it is done once.
    ///
    /// # Errors
    /// FORBIDDEN, for machines too; `NOT_FOUND`; CONFLICT where it waits no more or its target is not as it was; of one's own change:
    /// CONFLICT before three working days are over or where it shortens the life of records, and `BAD_USER_INPUT` without a reason.
    pub async fn approve_change(&self, id: PendingChangeId, reason: Option<&str>) -> Result<Model, Error> {
        reason.map_or(Ok(()), |reason| check_text("reason", reason, 1_000))?;
        let (tx, row) = self.locked_change(id).await?;
        let own = self.is_own(&row);
        if !own {
            self.allow(Action::DecideChange)?;
        }
        if row.decision == Some(ChangeDecision::Approved) && row.decided_by.as_ref() == Some(&self.actor.principal.subject) {
            return Ok(row);
        }
        self.check_waits(&row)?;
        if own {
            self.check_urgent(&tx, &row, reason).await?;
        } else if row.proposer_number.is_some() && row.proposer_number == self.actor.principal.staff_number {
            let (ja, en) = ("自分が提案した変更は、別の利用者名でも承認できません。", "It is your own change, under another name.");
            return Err(Error::new(Code::Forbidden, ja, en));
        }
        let input = unscoped::<pending_change_input::Entity>().filter(pending_change_input::Column::ChangeId.eq(row.id)).one(&*tx).await?;
        let input = input.ok_or_else(|| Error::internal(&"a pending change has no input"))?.input;
        match row.act {
            ChangeAct::UpdateRetention => self.carry::<Period>(&tx, &row, input, own).await,
            ChangeAct::SetOvertimeRule => self.carry::<OvertimeRuleDraft>(&tx, &row, input, own).await,
            ChangeAct::SetCountingRule => self.carry::<CountingRuleDraft>(&tx, &row, input, own).await,
            ChangeAct::LoadPlan => self.carry::<PlanDocument>(&tx, &row, input, own).await,
            ChangeAct::RecordTargets => self.carry::<TargetCall>(&tx, &row, input, own).await,
            ChangeAct::RegisterApiClient => self.carry::<Registration>(&tx, &row, input, own).await,
            ChangeAct::PublishFollowUp => self.carry::<Publication>(&tx, &row, input, own).await,
            ChangeAct::SetFourEyes => self.carry::<Setting>(&tx, &row, input, own).await,
        }?;
        let row = self.decide(tx, row, ChangeDecision::Approved, reason).await?;
        // Some changes ask for a run.
        self.ledger.wake();
        Ok(row)
    }

    /// Declines another person's change, or withdraws one's own. Sent twice it is done once.
    ///
    /// # Errors
    /// FORBIDDEN, for machines too; `NOT_FOUND`; `BAD_USER_INPUT` without a reason; CONFLICT where it waits no more.
    pub async fn decline_change(&self, id: PendingChangeId, reason: &str) -> Result<Model, Error> {
        check_text("reason", reason, 1_000)?;
        let (tx, row) = self.locked_change(id).await?;
        if !self.is_own(&row) {
            self.allow(Action::DecideChange)?;
        }
        let again = row.decided_by.as_ref() == Some(&self.actor.principal.subject) && row.decision_reason.as_deref() == Some(reason);
        if row.decision == Some(ChangeDecision::Declined) && again {
            return Ok(row);
        }
        self.check_waits(&row)?;
        self.decide(tx, row, ChangeDecision::Declined, Some(reason)).await
    }

    /// The change, locked until the transaction ends. Machines decide nothing.
    async fn locked_change(&self, id: PendingChangeId) -> Result<(WriteTransaction, Model), Error> {
        let changes = self.select::<Entity>()?;
        if self.actor.principal.client.is_some() {
            let (ja, en) = ("変更の承認・却下は人が行います。", "Changes are decided by people, not by machine clients.");
            return Err(Error::new(Code::Forbidden, ja, en));
        }
        let tx = self.begin().await?;
        let row = changes.filter(Column::Id.eq(id)).lock_exclusive().one(&*tx).await?;
        let row = row.ok_or_else(|| Error::not_found("id", "承認待ちの変更", "change that waits"))?;
        Ok((tx, row))
    }

    /// Whether the subject proposed it, by whichever client.
    fn is_own(&self, row: &Model) -> bool {
        row.proposed_by == self.actor.principal.subject
    }

    fn check_waits(&self, row: &Model) -> Result<(), Error> {
        let (ja, en) = match row.state(self.now()) {
            PendingChangeState::Waiting => return Ok(()),
            PendingChangeState::Approved => ("この変更は既に承認され、実施されています。", "It was approved and made already."),
            PendingChangeState::Declined => ("この変更は既に却下又は取り下げられています。", "It was declined or withdrawn already."),
            PendingChangeState::Expired => (
                "この変更は14日以内に承認されなかったため、失効しています。改めて行ってください。",
                "It waited for 14 days: propose it anew.",
            ),
        };
        Err(Error::conflict("id", ja, en))
    }

    /// Whether the proposer may approve alone: urgently, that is after three whole working days, with a reason, and with the right to ask for
    /// the change still in their token, which [`Store::carry`] looks at.
    async fn check_urgent(&self, tx: &WriteTransaction, row: &Model, reason: Option<&str>) -> Result<(), Error> {
        if reason.is_none() {
            let ja = "自分の変更は、別の管理者又は推進担当官が承認します。急を要する場合は、3開庁日の経過後に理由を付けて承認できます。";
            let en = "Another administrator or the promotion officer approves it; an urgent one you can approve after three working days, with a reason.";
            return Err(Error::input("reason", ja, en));
        }
        let proposed = civil_date(row.proposed_at);
        let until = proposed + SURELY;
        let holidays = unscoped::<holiday::Entity>().filter(holiday::Column::VoidReason.is_null());
        let holidays = holidays.filter(holiday::Column::Date.gte(proposed)).filter(holiday::Column::Date.lt(until));
        let holidays = holidays.select_only().column(holiday::Column::Date).into_tuple::<NaiveDate>().all(&**tx).await?;
        match alone_from(proposed, until, &holidays.into_iter().collect()) {
            Some(day) if self.today() >= day => Ok(()),
            Some(day) => {
                let ja = format!("自分の変更を単独で承認できるのは、3開庁日の経過後、{day}からです。");
                Err(Error::conflict("id", ja, format!("You can approve your own change from {day} on, after three working days.")))
            }
            None => Err(Error::internal(&"there are no working days in forty days")),
        }
    }

    /// Carries a change out as its proposer, if it is still what was proposed.
    async fn carry<G: Gated>(&self, tx: &WriteTransaction, row: &Model, input: Value, alone: bool) -> Result<(), Error> {
        let change: G = serde_json::from_value(input).map_err(|error| Error::internal(&error))?;
        if alone {
            self.allow(change.action())?;
        }
        let proposer = self.as_proposer(tx, row).await?;
        proposer.allow(change.action())?;
        change.check()?;
        let before = change.before(&proposer, tx).await?;
        if before != row.state_before {
            return Err(stale());
        }
        if alone && change.shortens(&before) {
            let ja = "保存期間を短くする変更は、急を要する場合でも単独では承認できません。";
            let en = "What shortens a retention period takes a second person, however urgent it is.";
            return Err(Error::conflict("id", ja, en));
        }
        match change.carry_out(&proposer, tx).await? {
            Carried::Changed(done) if change.after(&done) == row.state_after => Ok(()),
            Carried::Changed(_) | Carried::Traced(_) | Carried::Nothing(_) => Err(stale()),
        }
    }

    /// The store of whoever proposed a change, in the roles in which it was proposed.
    async fn as_proposer(&self, tx: &WriteTransaction, row: &Model) -> Result<Self, Error> {
        use token_revocation::Column as Of;
        let lost = || {
            let ja = "提案者のトークン又はクライアントが、提案の後に無効にされています。却下してください。";
            Error::conflict("id", ja, "The proposer's tokens or client were revoked since: decline it.")
        };
        let revoked =
            unscoped::<token_revocation::Entity>().filter(Of::Subject.eq(&row.proposed_by)).filter(Of::RevokedAt.gte(row.proposed_at));
        if revoked.one(&**tx).await?.is_some() {
            return Err(lost());
        }
        let words: BTreeSet<&str> = row.proposed_roles.split(' ').collect();
        let principal = Principal {
            subject: row.proposed_by.clone(),
            roles: Role::ALL.into_iter().filter(|role| words.contains(role.as_str())).collect(),
            client: row.proposed_client.clone(),
            ..Principal::public()
        };
        let actor = Actor::resolve(&**tx, principal).await;
        let actor = actor.map_err(|error| if error.code == Code::Unauthenticated { lost() } else { error })?;
        Ok(Self { actor: Arc::new(actor), ..self.clone() })
    }

    /// Writes the decision down, with its trace.
    async fn decide(&self, tx: WriteTransaction, row: Model, decision: ChangeDecision, reason: Option<&str>) -> Result<Model, Error> {
        let now = self.now();
        let mut change = row.into_active_model();
        change.decision = Set(Some(decision));
        change.decided_by = Set(Some(self.actor.principal.subject.clone()));
        change.decided_at = Set(Some(now));
        change.decision_reason = Set(reason.map(str::to_owned));
        change.proposer_number = Set(None);
        let row = change.update(&*tx).await?;
        let verb = match decision {
            ChangeDecision::Approved => "APPROVE",
            ChangeDecision::Declined => "DECLINE",
        };
        let counts = json!({ "kind": row.kind.as_text(), "act": row.act.as_text(), "target": row.target,
            "proposedBy": row.proposed_by, "alone": row.is_alone() });
        let reason = row.decision_reason.clone();
        let entry = AuditAct { record_id: Some(row.id.0), counts, reason, ..self.act(verb, Noun::PendingChange) };
        audit(&*tx, now, entry).await?;
        tx.commit().await?;
        Ok(row)
    }
}

/// The refusal of a change whose target, or what would become of it, is not as it was when it was proposed.
fn stale() -> Error {
    let ja = "提案の後に、対象が変わっています。却下してから、改めて提案してください。";
    Error::conflict("id", ja, "What it changes is not as it was when this was proposed: decline it, and propose it anew.")
}

/// The first civil day on which three whole working days are over since a day, itself not counted (初日不算入).
fn alone_from(proposed: NaiveDate, until: NaiveDate, holidays: &BTreeSet<NaiveDate>) -> Option<NaiveDate> {
    let mut working = weekdays(proposed, until).filter(|day| *day > proposed && !holidays.contains(day));
    working.nth(WORKING_DAYS - 1)?.succ_opt()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn three_whole_working_days_are_over() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let from = |proposed: &str, holidays: &[&str]| {
            let holidays = holidays.iter().map(|text| day(text)).collect();
            alone_from(day(proposed), day(proposed) + SURELY, &holidays).unwrap().to_string()
        };
        assert_eq!(from("2020-04-13", &[]), "2020-04-17", "Monday: Tuesday, Wednesday and Thursday are over on Friday");
        assert_eq!(from("2020-04-17", &[]), "2020-04-23", "Friday");
        assert_eq!(from("2020-04-18", &[]), "2020-04-23", "Saturday");
        assert_eq!(from("2020-04-28", &["2020-04-29", "2020-05-04", "2020-05-05", "2020-05-06"]), "2020-05-08");
        assert_eq!(from("2020-12-28", &["2021-01-01"]), "2021-01-07", "the new year is no working day");
        // The ten days of 2019, the longest that there were.
        let ten = ["2019-04-29", "2019-04-30", "2019-05-01", "2019-05-02", "2019-05-03", "2019-05-06"];
        assert_eq!(from("2019-04-26", &ten), "2019-05-10");
    }
}
