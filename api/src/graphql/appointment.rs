//! Appointments (登用).

use super::{
    connection::{Connection, list},
    node::global_id,
    record::{
        Bookkeeping, Placed, PlacedFilter, RecordFilter, RecordInput, RecordPayload, limited, noun, placed, placed_condition,
        record_condition, write,
    },
};
use crate::{
    store::{
        appointment::AppointmentDraft,
        page::{Ordering, PageArgs},
    },
    words::RankBand,
};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result};
use entity::{
    appointment::{Column, Model},
    posting,
};
use sea_orm::ColumnTrait;

/// One appointment.
pub struct Appointment(Model);

noun!(Appointment, appointment);

/// One appointment (登用): a person's move from one rank band to another, effective on its date.
#[Object]
impl Appointment {
    /// Global id.
    pub async fn id(&self) -> ID {
        global_id("appointment", self.0.id.0)
    }

    /// The key in the client's own numbering.
    async fn external_id(&self) -> &str {
        &self.0.external_id
    }

    /// The client in whose numbering it was written.
    async fn client(&self) -> &str {
        &self.0.client
    }

    #[graphql(flatten)]
    fn placed(&self) -> Placed<'_> {
        placed!(self.0)
    }

    /// The band left; null for a first appointment.
    async fn from_band(&self) -> Option<RankBand> {
        self.0.from_band.map(RankBand::from)
    }

    /// The band entered.
    async fn to_band(&self) -> RankBand {
        self.0.to_band.into()
    }

    #[graphql(flatten)]
    fn bookkeeping(&self) -> Bookkeeping {
        Bookkeeping::of(&self.0)
    }
}

/// Which appointments.
#[derive(Debug, Clone, Default, InputObject)]
pub struct AppointmentFilter {
    #[graphql(flatten)]
    placed: PlacedFilter,
    #[graphql(flatten)]
    record: RecordFilter,
    /// Into one of these bands.
    to_bands: Option<Vec<RankBand>>,
}

/// In which order appointments are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum AppointmentOrder {
    /// By date.
    Date,
    /// By date, the latest first.
    DateDescending,
}

/// Queries of appointments.
#[derive(Default)]
pub struct AppointmentQuery;

#[Object]
impl AppointmentQuery {
    /// Appointments that you may see.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn appointments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which appointments.", default)] filter: AppointmentFilter,
        #[graphql(desc = "In which order.", default_with = "AppointmentOrder::Date")] order_by: AppointmentOrder,
        #[graphql(desc = "How many from the start, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 500.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Appointment>> {
        let mut condition = placed_condition!(filter.placed, appointment).add(record_condition!(filter.record, appointment)?);
        if let Some(bands) = &filter.to_bands {
            condition = condition.add(Column::ToBand.is_in(limited(bands, "toBands")?.iter().copied().map(posting::RankBand::from)));
        }
        let order = Ordering { by: Column::Date, descending: order_by == AppointmentOrder::DateDescending };
        list(ctx, condition, order, &PageArgs { first, after, last, before }).await
    }
}

/// Mutations of appointments.
#[derive(Default)]
pub struct AppointmentMutation;

#[Object]
impl AppointmentMutation {
    /// Writes appointments in bulk.
    async fn record_appointments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The call.")] input: RecordInput<AppointmentDraft>,
    ) -> Result<RecordPayload> {
        write::<Model>(ctx, input).await
    }
}
