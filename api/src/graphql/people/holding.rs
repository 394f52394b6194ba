//! Who holds people, and naming who does where posts leave it open.

use crate::graphql::nullable::{Nullable, attempt, maybe};
use crate::graphql::{
    bureau::Bureau,
    connection::{loaders, store},
    posting::Posting,
    staff::Staff,
};
use crate::{store::holding::Naming, words::Date};
use async_graphql::{Context, InputObject, Object, SimpleObject};
use entity::holding::Model;

/// A bureau holds a person.
pub struct Holding(pub Model);

/// From when to when a bureau holds a person: it sees and writes what is recorded of them as a whole, and their person-months stand in it. The days
/// of a person are left out from the first on by none: between two posts, and after the last, the bureau that held them stays.
#[Object]
impl Holding {
    /// The bureau.
    async fn bureau(&self, ctx: &Context<'_>) -> Nullable<Bureau> {
        maybe(async { Ok(loaders(ctx).row(self.0.bureau_id).await?.map(Bureau::from)) }).await
    }

    /// The posting by which it does; null where there is none in force, or none that you may see.
    async fn posting(&self, ctx: &Context<'_>) -> Nullable<Posting> {
        maybe(async {
            match self.0.posting_id {
                Some(posting) => Ok(loaders(ctx).row(posting).await?.map(Posting::from)),
                None => Ok(None),
            }
        })
        .await
    }

    /// First day.
    async fn valid_from(&self) -> Date {
        Date(self.0.valid_from)
    }

    /// First day no longer; null for the last one.
    async fn valid_to(&self) -> Option<Date> {
        self.0.valid_to.map(Date)
    }
}

/// Which bureau is to hold a person.
#[derive(InputObject)]
pub struct SetHolderInput {
    /// The person's number.
    staff_number: String,
    /// Code of the bureau, in which the person has a post beside a main one on the day.
    bureau: String,
    /// From which day on, at most 60 days ahead; until the next naming, as long as posts leave it open.
    from: Date,
    /// Why, in 1 to 1,000 characters; for the trail of the bureaus concerned.
    reason: String,
}

/// The person after the call.
#[derive(SimpleObject)]
pub struct SetHolderPayload {
    /// The person.
    staff: Staff,
}

/// Mutations of holdings.
#[derive(Default)]
pub struct HoldingMutation;

#[Object]
impl HoldingMutation {
    /// Names the bureau that holds a person where posts beside a main one leave it open: nobody is resident, or several are. By the secretariat,
    /// or a machine client of the whole office with `PERSONNEL`; the bureaus concerned see it in their trail.
    async fn set_holder(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which bureau, of whom, from which day on, and why.")] input: SetHolderInput,
    ) -> Nullable<SetHolderPayload> {
        attempt(async {
            let naming = Naming { staff_number: input.staff_number, bureau: input.bureau, from: input.from.0, reason: input.reason };
            Ok(SetHolderPayload { staff: store(ctx).set_holder(naming).await?.into() })
        })
        .await
    }
}
