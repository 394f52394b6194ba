//! 照会: what a cycle of the follow-up asks of a bureau, until when, and where its answer stands.

use crate::graphql::nullable::{Nullable, maybe};
use crate::graphql::{
    bureau::Bureau,
    connection::{loaders, store},
    record::{limited, noun},
    submission::Submission,
};
use crate::{
    store::{
        Store, codes,
        data_call::{answered, is_late, missing},
    },
    words::Date,
};
use async_graphql::{Context, Enum, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use entity::{
    data_call::{Column, Model},
    submission::SubmissionState,
};
use sea_orm::{ColumnTrait, Condition, ExprTrait};

/// What a cycle asks of a bureau.
pub struct DataCall(Model);

noun!(DataCall, data_call);

/// Where a bureau's answer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum DataCallState {
    /// It has submitted nothing.
    Missing,
    /// Its submission waits for the secretariat.
    Submitted,
    /// The secretariat wants it corrected.
    Returned,
    /// The secretariat took its latest submission; the bureau is complete.
    Accepted,
}

impl From<SubmissionState> for DataCallState {
    fn from(state: SubmissionState) -> Self {
        match state {
            SubmissionState::Submitted => Self::Submitted,
            SubmissionState::Returned => Self::Returned,
            SubmissionState::Accepted => Self::Accepted,
        }
    }
}

/// 照会: what a cycle asks of a bureau.
#[Object]
impl DataCall {
    /// The bureau that is asked: each that was in being on a day of the fiscal year.
    async fn bureau(&self, ctx: &Context<'_>) -> Nullable<Bureau> {
        maybe(async { Ok(loaders(ctx).row(self.0.bureau_id).await?.map(Bureau::from)) }).await
    }

    /// The last day on which it is to submit.
    async fn due_on(&self) -> Date {
        Date(self.0.due_on)
    }

    /// When the cycle was opened, and the bureau with it asked.
    async fn called_at(&self) -> DateTime<Utc> {
        self.0.called_at
    }

    /// Where its answer stands.
    async fn state(&self, ctx: &Context<'_>) -> Result<DataCallState> {
        let answer = loaders(ctx).answer(self.0.follow_up_id, self.0.bureau_id).await?;
        Ok(answer.map_or(DataCallState::Missing, |answer| answer.latest.state.into()))
    }

    /// Whether its first answer came after the due day, or is to come and the day is over.
    async fn late(&self, ctx: &Context<'_>) -> Result<bool> {
        let answer = loaders(ctx).answer(self.0.follow_up_id, self.0.bureau_id).await?;
        Ok(is_late(&self.0, answer.as_ref(), store(ctx).today()))
    }

    /// Its latest revision; null while it has submitted nothing.
    async fn submission(&self, ctx: &Context<'_>) -> Nullable<Submission> {
        maybe(async {
            let answer = loaders(ctx).answer(self.0.follow_up_id, self.0.bureau_id).await?;
            Ok(answer.map(|answer| answer.latest.into()))
        })
        .await
    }
}

/// Which calls: all given conditions must hold; one that is absent or null asks nothing, and an empty list finds nothing.
#[derive(Debug, Clone, Default, InputObject)]
pub struct DataCallFilter {
    /// Of any of these bureaus, by code, at most 500; an unknown code finds nothing.
    bureaus: Option<Vec<String>>,
    /// Whose answer stands at one of these.
    states: Option<Vec<DataCallState>>,
    /// Those that are late, or those that are not.
    late: Option<bool>,
}

impl DataCallFilter {
    pub(in crate::graphql) fn condition(&self, store: &Store) -> Result<Condition> {
        let mut condition = Condition::all();
        if let Some(codes) = &self.bureaus {
            condition = condition.add(Column::BureauId.in_subquery(codes::bureaus(limited(codes, "bureaus")?)));
        }
        if let Some(states) = &self.states {
            let mut any = Condition::any().add(sea_orm::sea_query::Expr::value(false));
            for state in limited(states, "states")? {
                any = any.add(match state {
                    DataCallState::Missing => missing(),
                    DataCallState::Submitted => answered(SubmissionState::Submitted),
                    DataCallState::Returned => answered(SubmissionState::Returned),
                    DataCallState::Accepted => answered(SubmissionState::Accepted),
                });
            }
            condition = condition.add(any);
        }
        Ok(condition.add_option(self.late.map(|late| if late { store.late_calls() } else { store.late_calls().not() })))
    }
}
