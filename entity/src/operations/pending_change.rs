//! Changes that one person proposed and another has to approve before they are made (four eyes).
//!
//! A row says what is to be changed, as it is now and as it would be, and what became of it. What is to be carried out, as it was sent, is the
//! row's `pending_change_input`, for a plan's document is long. That a change has waited too long is derived ([`Model::state`]), not stored.

use crate::{ids::PendingChangeId, text_enum::text_enum};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::entity::prelude::*;

/// How long a change waits for a second person.
pub const WAITS: TimeDelta = TimeDelta::days(14);

text_enum! {
    /// What may need a second person before it is changed.
    FourEyesKind {
        /// How long a kind of rows is kept (保存期間).
        Retention,
        /// The rules of overtime (超過勤務の上限等).
        Rules,
        /// A plan, by its file, and targets that are recorded by themselves (取組計画・目標).
        Plan,
        /// What a machine client is, serves and writes. Revoking one never waits, nor does revoking tokens.
        Clients,
        /// The publication of a follow-up (公表). Withdrawing what was published never waits.
        PublishFollowUp,
    }
}

text_enum! {
    /// The mutations that may need a second person.
    ChangeAct {
        /// `updateRetention`.
        UpdateRetention,
        /// `setOvertimeRule`.
        SetOvertimeRule,
        /// `setCountingRule`.
        SetCountingRule,
        /// `loadPlan`.
        LoadPlan,
        /// `recordTargets`.
        RecordTargets,
        /// `registerApiClient`.
        RegisterApiClient,
        /// `publishFollowUp`.
        PublishFollowUp,
        /// `setFourEyes`, where it is turned off.
        SetFourEyes,
    }
}

text_enum! {
    /// What was decided of a change that waited.
    ChangeDecision {
        /// It was approved, and made in the same transaction.
        Approved,
        /// It was declined, or withdrawn by whoever proposed it.
        Declined,
    }
}

text_enum! {
    /// Where a proposed change stands.
    PendingChangeState {
        /// It waits for a second person, for 14 days at most.
        Waiting,
        /// It was approved, and made at that moment.
        Approved,
        /// It was declined, or withdrawn by whoever proposed it.
        Declined,
        /// Nobody decided in 14 days; it is to be proposed anew.
        Expired,
    }
}

/// One proposed change.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pending_change")]
pub struct Model {
    /// The row's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PendingChangeId,
    /// Whose setting makes it wait.
    pub kind: FourEyesKind,
    /// The mutation.
    pub act: ChangeAct,
    /// What is changed, such as `retention/SHIFT`; one change of it waits at a time.
    #[sea_orm(column_type = "Text")]
    pub target: String,
    /// The SHA-256 of what was sent, by which the same proposal is known again.
    #[sea_orm(column_type = "Text")]
    pub digest: String,
    /// The caller's key of a bulk call.
    #[sea_orm(column_type = "Text")]
    pub idempotency_key: Option<String>,
    /// The target as it was when this was proposed; it must still be so when it is approved.
    pub state_before: Json,
    /// As it would be.
    pub state_after: Json,
    /// Why, as given with the mutation.
    #[sea_orm(column_type = "Text")]
    pub reason: Option<String>,
    /// The subject of the proposer's token.
    #[sea_orm(column_type = "Text")]
    pub proposed_by: String,
    /// The roles in which it was proposed, and in which it is carried out.
    #[sea_orm(column_type = "Text")]
    pub proposed_roles: String,
    /// The machine client that proposed it; none for people.
    #[sea_orm(column_type = "Text")]
    pub proposed_client: Option<String>,
    /// The proposer's staff number, so that nobody approves their own change under another subject; gone once it is decided.
    #[sea_orm(column_type = "Text")]
    pub proposer_number: Option<String>,
    /// When.
    pub proposed_at: DateTime<Utc>,
    /// What was decided; none while it waits, and for good where nobody decided in time.
    pub decision: Option<ChangeDecision>,
    /// Who decided; the proposer, where it was approved alone or withdrawn.
    #[sea_orm(column_type = "Text")]
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// Why, as given with the decision.
    #[sea_orm(column_type = "Text")]
    pub decision_reason: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Until when it waits; from this instant on nobody can approve it.
    #[must_use]
    pub fn waits_until(&self) -> DateTime<Utc> {
        self.proposed_at + WAITS
    }

    /// Where it stands at an instant.
    #[must_use]
    pub fn state(&self, now: DateTime<Utc>) -> PendingChangeState {
        match self.decision {
            Some(ChangeDecision::Approved) => PendingChangeState::Approved,
            Some(ChangeDecision::Declined) => PendingChangeState::Declined,
            None if now < self.waits_until() => PendingChangeState::Waiting,
            None => PendingChangeState::Expired,
        }
    }

    /// Whether its proposer approved it, without a second person.
    #[must_use]
    pub fn is_alone(&self) -> bool {
        self.decision == Some(ChangeDecision::Approved) && self.decided_by.as_ref() == Some(&self.proposed_by)
    }
}
