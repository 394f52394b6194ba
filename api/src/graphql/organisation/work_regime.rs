//! Work regimes (他律的業務 / 自律的業務).

use crate::graphql::{
    bureau::in_force,
    connection::{Connection, list, loaders},
    node::global_id,
    record::{Bookkeeping, RecordFilter, RecordInput, RecordPayload, limited, noun, record_condition, write},
    unit::Unit,
};
use crate::{
    store::{
        codes,
        page::{Ordering, PageArgs},
        work_regime::WorkRegimeDraft,
    },
    words::{Date, Regime},
};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result};
use entity::work_regime::{self, Column, Model};
use sea_orm::ColumnTrait;

/// One designation of a unit.
pub struct WorkRegime(Model);

noun!(WorkRegime, work_regime);

/// One designation of a unit (他律的業務 / 自律的業務), which decides its staff's overtime cap; those of a unit never overlap.
#[Object]
impl WorkRegime {
    /// Global id.
    pub async fn id(&self) -> ID {
        global_id("work_regime", self.0.id.0)
    }

    /// The key in the client's own numbering.
    async fn external_id(&self) -> &str {
        &self.0.external_id
    }

    /// The client in whose numbering it was written.
    async fn client(&self) -> &str {
        &self.0.client
    }

    /// The designated unit.
    async fn unit(&self, ctx: &Context<'_>) -> Result<Option<Unit>> {
        Ok(loaders(ctx).row(self.0.unit_id).await?.map(Unit::from))
    }

    /// The designation.
    async fn regime(&self) -> Regime {
        self.0.regime.into()
    }

    /// First day in force.
    async fn valid_from(&self) -> Date {
        Date(self.0.valid_from)
    }

    /// First day no longer in force; null while it lasts.
    async fn valid_to(&self) -> Option<Date> {
        self.0.valid_to.map(Date)
    }

    #[graphql(flatten)]
    fn bookkeeping(&self) -> Bookkeeping {
        Bookkeeping::of(&self.0)
    }
}

/// Which work regimes.
#[derive(Debug, Clone, Default, InputObject)]
pub struct WorkRegimeFilter {
    /// With one of these keys of the writing client.
    external_ids: Option<Vec<String>>,
    /// Of one of these units, by code.
    units: Option<Vec<String>>,
    /// With this designation.
    regime: Option<Regime>,
    /// In force on this date.
    on: Option<Date>,
    #[graphql(flatten)]
    record: RecordFilter,
}

/// In which order work regimes are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum WorkRegimeOrder {
    /// By first day.
    ValidFrom,
    /// By first day, the latest first.
    ValidFromDescending,
}

/// Queries of work regimes.
#[derive(Default)]
pub struct WorkRegimeQuery;

#[Object]
impl WorkRegimeQuery {
    /// Work regimes of units.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn work_regimes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which work regimes.", default)] filter: WorkRegimeFilter,
        #[graphql(desc = "In which order.", default_with = "WorkRegimeOrder::ValidFrom")] order_by: WorkRegimeOrder,
        #[graphql(desc = "How many from the start, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 500.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<Connection<WorkRegime>> {
        let mut condition = record_condition!(filter.record, work_regime)?;
        if let Some(external_ids) = &filter.external_ids {
            condition = condition.add(Column::ExternalId.is_in(limited(external_ids, "externalIds")?));
        }
        if let Some(codes) = &filter.units {
            condition = condition.add(Column::UnitId.in_subquery(codes::units(limited(codes, "units")?)));
        }
        if let Some(regime) = filter.regime {
            condition = condition.add(Column::Regime.eq(work_regime::Regime::from(regime)));
        }
        if let Some(on) = filter.on {
            condition = condition.add(in_force(Column::ValidFrom, Column::ValidTo, on));
        }
        let order = Ordering { by: Column::ValidFrom, descending: order_by == WorkRegimeOrder::ValidFromDescending };
        list(ctx, condition, order, &PageArgs { first, after, last, before }).await
    }
}

/// Mutations of work regimes.
#[derive(Default)]
pub struct WorkRegimeMutation;

#[Object]
impl WorkRegimeMutation {
    /// Writes work regimes in bulk.
    async fn record_work_regimes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The call.")] input: RecordInput<WorkRegimeDraft>,
    ) -> Result<RecordPayload> {
        write::<Model>(ctx, input).await
    }
}
