//! Withdrawals of vintages.

use crate::graphql::nullable::{Nullable, attempt};
use crate::graphql::{connection::store, indicator::Code, job::JobRun, node::key_of, record::limited};
use crate::{
    store::figures::vintage::Vintage,
    words::{Long, Month},
};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::vintage_withdrawal::Model;
use jobs::indicators::find;

/// A withdrawal of values that a run computed: they are out of every list, and kept apart.
#[derive(SimpleObject)]
pub struct VintageWithdrawal {
    /// The last month of their spans; null for all months that the run computed.
    month: Option<Month>,
    /// Their indicators; null for all. One that the catalogue has no more is left out.
    indicators: Option<Vec<Code>>,
    /// How many values there were, over all bureaus, sexes and rank bands.
    value_count: Long,
    /// From when on they are in no list, of whichever instant it tells.
    withdrawn_at: DateTime<Utc>,
    /// The administrator who withdrew them.
    withdrawn_by: String,
    /// Why, as given.
    reason: String,
}

impl From<Model> for VintageWithdrawal {
    fn from(row: Model) -> Self {
        let codes = |codes: String| codes.split(' ').filter_map(find).map(Code).collect();
        Self {
            month: row.month.map(Month),
            indicators: row.indicators.map(codes),
            value_count: Long(row.value_count),
            withdrawn_at: row.withdrawn_at,
            withdrawn_by: row.withdrawn_by,
            reason: row.reason,
        }
    }
}

/// Which values, and why they are wrong.
#[derive(InputObject)]
pub struct WithdrawVintageInput {
    /// Global id of the run that computed them, which each value names.
    run: ID,
    /// Of spans that end with this month alone; null for all months that the run computed.
    month: Option<Month>,
    /// Of these indicators alone; null for all.
    indicators: Option<Vec<Code>>,
    /// Why, for the audit trail and for who asks later.
    reason: String,
}

/// What was withdrawn, by this call or by an equal one before.
#[derive(SimpleObject)]
pub struct WithdrawVintagePayload {
    /// The run whose values they are.
    run: JobRun,
    /// The withdrawal.
    withdrawal: VintageWithdrawal,
}

/// Withdrawal of vintages.
#[derive(Default)]
pub struct VintageMutation;

#[Object]
impl VintageMutation {
    /// Takes wrong values of indicators out of every list: the values before them are the latest again. For administrators; refused where a
    /// snapshot of the follow-up rests on them. Sent twice it is done once.
    async fn withdraw_vintage(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which values, and why they are wrong.")] input: WithdrawVintageInput,
    ) -> Nullable<WithdrawVintagePayload> {
        attempt(async {
            let indicators = input.indicators.as_ref().map(|codes| limited(codes, "indicators")).transpose()?;
            let vintage = Vintage {
                run: key_of(&input.run, "job_run", "run")?.into(),
                month: input.month.map(|month| month.0),
                indicators: indicators.map(|codes| codes.iter().map(|code| code.0).collect()),
            };
            let (run, withdrawal) = store(ctx).withdraw_vintage(&vintage, &input.reason).await?;
            Ok(WithdrawVintagePayload { run: run.into(), withdrawal: withdrawal.into() })
        })
        .await
    }
}
