//! Four eyes: which kinds of changes need a second person, and the changes that wait for one.

use crate::graphql::nullable::{Conditions, Nullable, attempt, maybe};
use crate::{
    error::Error,
    graphql::{
        connection::{Connection, list, store},
        node::{global_id, key_of},
        record::{limited, noun},
    },
    store::{
        four_eyes::Setting,
        page::{Ordering, PageArgs},
    },
    words::{ChangeAct, FourEyesKind, PendingChangeState},
};
use async_graphql::{Context, ID, InputObject, Json, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::pending_change::{ChangeDecision, Column, Model, WAITS};
use sea_orm::{ColumnTrait, Condition, Iterable};

/// A change that waits for a second person, or waited.
pub struct PendingChange(Model);

noun!(PendingChange, pending_change);

/// A change that one person proposed, and that another has to approve before it is made.
#[Object]
impl PendingChange {
    /// Global id, as `node` takes it.
    pub async fn id(&self) -> ID {
        global_id("pending_change", self.0.id.0)
    }

    /// Whose setting makes it wait.
    async fn kind(&self) -> FourEyesKind {
        self.0.kind
    }

    /// The mutation.
    async fn act(&self) -> ChangeAct {
        self.0.act
    }

    /// What is changed, such as `retention/SHIFT`; one change of it waits at a time.
    async fn target(&self) -> &str {
        &self.0.target
    }

    /// Where it stands now.
    async fn state(&self, ctx: &Context<'_>) -> PendingChangeState {
        self.0.state(store(ctx).now())
    }

    /// What is changed, as it was when this was proposed, as JSON; null where it is new. It must still be so when it is approved.
    async fn before(&self) -> Option<Json<&serde_json::Value>> {
        (!self.0.state_before.is_null()).then_some(Json(&self.0.state_before))
    }

    /// The same as it would be, or became. Of a plan's file and a call of targets it counts; `pendingChangeInput` gives what was sent.
    async fn after(&self) -> Json<&serde_json::Value> {
        Json(&self.0.state_after)
    }

    /// Why, as given with the mutation; null where it takes no reason.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// Who proposed it: the subject of their token.
    async fn proposed_by(&self) -> &str {
        &self.0.proposed_by
    }

    /// When it was proposed.
    async fn proposed_at(&self) -> DateTime<Utc> {
        self.0.proposed_at
    }

    /// Until when it waits, 14 days; from then on nobody can approve it.
    async fn waits_until(&self) -> DateTime<Utc> {
        self.0.waits_until()
    }

    /// Who approved, declined or withdrew it; null while it waits, and for good where it expired.
    async fn decided_by(&self) -> Option<&str> {
        self.0.decided_by.as_deref()
    }

    /// When that was; an approved change was made at that moment.
    async fn decided_at(&self) -> Option<DateTime<Utc>> {
        self.0.decided_at
    }

    /// Why, as given with the decision.
    async fn decision_reason(&self) -> Option<&str> {
        self.0.decision_reason.as_deref()
    }

    /// Whether its proposer approved it as urgent, without a second person. The promotion officer is told.
    async fn alone(&self) -> bool {
        self.0.is_alone()
    }
}

/// Whether one kind of changes needs a second person.
pub struct FourEyes {
    kind: FourEyesKind,
    said: Option<entity::four_eyes::Model>,
}

/// Whether one kind of changes needs a second person, an administrator or the promotion officer.
#[Object]
impl FourEyes {
    /// Which changes.
    async fn kind(&self) -> FourEyesKind {
        self.kind
    }

    /// Whether they need a second person.
    async fn required(&self) -> bool {
        self.said.as_ref().map_or(self.kind.usual(), |said| said.required)
    }

    /// Counts the changes of the setting; 0 as long as it is as the installation began.
    async fn version(&self) -> i32 {
        self.said.as_ref().map_or(0, |said| said.version)
    }

    /// Who set it; null as long as it is as the installation began.
    async fn set_by(&self) -> Option<&str> {
        self.said.as_ref().map(|said| said.set_by.as_str())
    }

    /// When it was set.
    async fn set_at(&self) -> Option<DateTime<Utc>> {
        self.said.as_ref().map(|said| said.set_at)
    }

    /// Why, as given.
    async fn reason(&self) -> Option<&str> {
        self.said.as_ref().map(|said| said.reason.as_str())
    }
}

/// Which changes: all given conditions must hold; one that is absent or null asks nothing, and an empty list finds nothing.
#[derive(Debug, Clone, Default, InputObject)]
pub struct PendingChangeFilter {
    /// That stand at any of these now.
    states: Option<Vec<PendingChangeState>>,
    /// Of any of these kinds.
    kinds: Option<Vec<FourEyesKind>>,
}

impl PendingChangeFilter {
    fn condition(&self, now: DateTime<Utc>) -> Result<Condition, Error> {
        let mut condition = Condition::all();
        if let Some(states) = &self.states {
            let waited = now - WAITS;
            let any = limited(states, "states")?.iter().fold(Condition::any().add(Column::Id.is_null()), |any, state| {
                any.add(match state {
                    PendingChangeState::Waiting => Condition::all().add(Column::Decision.is_null()).add(Column::ProposedAt.gt(waited)),
                    PendingChangeState::Expired => Condition::all().add(Column::Decision.is_null()).add(Column::ProposedAt.lte(waited)),
                    PendingChangeState::Approved => Condition::all().add(Column::Decision.eq(ChangeDecision::Approved)),
                    PendingChangeState::Declined => Condition::all().add(Column::Decision.eq(ChangeDecision::Declined)),
                })
            });
            condition = condition.add(any);
        }
        if let Some(kinds) = &self.kinds {
            condition = condition.add(Column::Kind.is_in(limited(kinds, "kinds")?.iter().copied()));
        }
        Ok(condition)
    }
}

/// Queries of changes that wait, and of what makes them wait.
#[derive(Default)]
pub struct FourEyesQuery;

#[Object]
impl FourEyesQuery {
    /// Changes that wait for a second person, or waited, the latest first; for administrators, the promotion officer and the secretariat.
    async fn pending_changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which changes: without a condition, all, decided ones too.", default)] filter: Conditions<PendingChangeFilter>,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Nullable<Connection<PendingChange>> {
        attempt(async {
            let filter = filter.0;
            let condition = filter.condition(store(ctx).now())?;
            list(ctx, condition, Ordering { by: Column::ProposedAt, descending: true }, &PageArgs { first, after, last, before }).await
        })
        .await
    }

    /// What one change is to carry out, as it was sent, one at a time because a plan's document may be a megabyte; null where there is none.
    async fn pending_change_input(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the change.")] id: ID,
    ) -> Nullable<Json<serde_json::Value>> {
        maybe(async {
            let key = key_of(&id, "pending_change", "id")?;
            Ok(store(ctx).pending_change_input(key.into()).await?.map(Json))
        })
        .await
    }

    /// Which kinds of changes need a second person, each kind once; for administrators, the promotion officer and the secretariat.
    async fn four_eyes(&self, ctx: &Context<'_>) -> Nullable<Vec<FourEyes>> {
        attempt(async {
            let mut said = store(ctx).four_eyes().await?;
            let of = |kind| FourEyes { kind, said: said.iter().position(|row| row.kind == kind).map(|at| said.swap_remove(at)) };
            Ok(FourEyesKind::iter().map(of).collect())
        })
        .await
    }
}

/// Whether one kind of changes is to need a second person.
#[derive(InputObject)]
pub struct SetFourEyesInput {
    /// Which changes.
    kind: FourEyesKind,
    /// Whether they need a second person. Turning it off is such a change itself.
    required: bool,
    /// Why, for the audit trail.
    reason: String,
}

/// The setting after the call.
#[derive(SimpleObject)]
pub struct SetFourEyesPayload {
    /// The setting as it stands now, unchanged where the change waits.
    four_eyes: FourEyes,
    /// The change, where it waits for a second person; then nothing was changed.
    pending_change: Option<PendingChange>,
}

/// A change to be approved.
#[derive(InputObject)]
pub struct ApproveChangeInput {
    /// Global id of the change.
    id: ID,
    /// Why. Needed where it is one's own: an urgent change that its proposer approves alone, after three working days.
    reason: Option<String>,
}

/// A change to be declined, or withdrawn.
#[derive(InputObject)]
pub struct DeclineChangeInput {
    /// Global id of the change.
    id: ID,
    /// Why, for its proposer and the audit trail.
    reason: String,
}

/// A change as it was decided.
#[derive(SimpleObject)]
pub struct DecideChangePayload {
    /// The change, also where the same person had decided so before.
    pending_change: PendingChange,
}

/// Mutations of changes that wait, and of what makes them wait.
#[derive(Default)]
pub struct FourEyesMutation;

#[Object]
impl FourEyesMutation {
    /// Says whether a kind of changes needs a second person. It is refused where no other administrator or promotion officer was active in 90
    /// days; turning it off waits for a second person itself.
    async fn set_four_eyes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which changes, whether, and why.")] input: SetFourEyesInput,
    ) -> Nullable<SetFourEyesPayload> {
        attempt(async {
            let (store, kind) = (store(ctx), input.kind);
            let setting = Setting { kind, required: input.required, reason: input.reason };
            let (_, change) = store.set_four_eyes(&setting).await?.parts();
            let said = store.four_eyes().await?.into_iter().find(|row| row.kind == kind);
            Ok(SetFourEyesPayload { four_eyes: FourEyes { kind, said }, pending_change: change.map(PendingChange::from) })
        })
        .await
    }

    /// Approves another person's change, which is made at that moment, in the name of whoever proposed it; for administrators and the promotion
    /// officer. It is refused where what it changes is not as it was. Its proposer may approve an urgent one alone: after three working days,
    /// with a reason, told to the promotion officer, and never where it shortens a retention period.
    async fn approve_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change, and why.")] input: ApproveChangeInput,
    ) -> Nullable<DecideChangePayload> {
        attempt(async {
            let key = key_of(&input.id, "pending_change", "id")?;
            Ok(DecideChangePayload { pending_change: store(ctx).approve_change(key.into(), input.reason.as_deref()).await?.into() })
        })
        .await
    }

    /// Declines another person's change, as an administrator or the promotion officer, or withdraws one's own.
    async fn decline_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The change, and why.")] input: DeclineChangeInput,
    ) -> Nullable<DecideChangePayload> {
        attempt(async {
            let key = key_of(&input.id, "pending_change", "id")?;
            Ok(DecideChangePayload { pending_change: store(ctx).decline_change(key.into(), &input.reason).await?.into() })
        })
        .await
    }
}
