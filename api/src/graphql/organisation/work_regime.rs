//! Work regimes (他律的業務 / 自律的業務).

use crate::graphql::nullable::{Conditions, Nullable, attempt, maybe};
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
use async_graphql::{Context, Enum, ID, InputObject, Object};
use entity::work_regime::{Column, Model};
use sea_orm::ColumnTrait;

/// One designation of a unit.
pub struct WorkRegime(Model);

noun!(WorkRegime, work_regime);

/// One designation of a unit (他律的業務 / 自律的業務), which decides its staff's overtime cap; those of a unit never overlap.
#[Object]
impl WorkRegime {
    /// Global id, as `node` takes it; it stays the same through all changes of the row.
    pub async fn id(&self) -> ID {
        global_id("work_regime", self.0.id.0)
    }

    /// The key in the client's own numbering.
    async fn external_id(&self) -> &str {
        &self.0.external_id
    }

    /// Code of the machine client in whose numbering the record is; `OFFICE` for what people keep by hand.
    async fn client(&self) -> &str {
        &self.0.client
    }

    /// The unit that is designated; one without a designation is judged by the rules' default.
    async fn unit(&self, ctx: &Context<'_>) -> Nullable<Unit> {
        maybe(async { Ok(loaders(ctx).row(self.0.unit_id).await?.map(Unit::from)) }).await
    }

    /// Externally driven (他律的業務) or self-paced work (自律的業務).
    async fn regime(&self) -> Regime {
        self.0.regime
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

/// Which work regimes: all given conditions must hold; one that is absent or null asks nothing, and an empty list finds nothing.
#[derive(Debug, Clone, Default, InputObject)]
pub struct WorkRegimeFilter {
    /// With any of these keys of the writing client, at most 500; an unknown one finds nothing.
    external_ids: Option<Vec<String>>,
    /// Of any of these units, by code, at most 500; an unknown code finds nothing.
    units: Option<Vec<String>>,
    /// That designate this one of the two.
    regime: Option<Regime>,
    /// In force on this civil date: from `validFrom` on, and before `validTo`.
    on: Option<Date>,
    #[graphql(flatten)]
    record: RecordFilter,
}

/// In which order work regimes are listed; ties are broken by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum WorkRegimeOrder {
    /// By the first day in force, the earliest first.
    ValidFrom,
    /// By the first day in force, the latest first.
    ValidFromDescending,
}

/// Queries of work regimes.
#[derive(Default)]
pub struct WorkRegimeQuery;

#[Object]
impl WorkRegimeQuery {
    /// Designations of units (他律的業務 / 自律的業務, rule 15-14), past and future ones too; every caller with a token sees them.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn work_regimes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which work regimes: all given conditions must hold; without any, all that are not void.", default)]
        filter: Conditions<WorkRegimeFilter>,
        #[graphql(desc = "In which order; ties by id.", default_with = "WorkRegimeOrder::ValidFrom")] order_by: WorkRegimeOrder,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Nullable<Connection<WorkRegime>> {
        attempt(async {
            let filter = filter.0;
            let mut condition = record_condition!(filter.record, work_regime)?;
            if let Some(external_ids) = &filter.external_ids {
                condition = condition.add(Column::ExternalId.is_in(limited(external_ids, "externalIds")?));
            }
            if let Some(codes) = &filter.units {
                condition = condition.add(Column::UnitId.in_subquery(codes::units(limited(codes, "units")?)));
            }
            if let Some(regime) = filter.regime {
                condition = condition.add(Column::Regime.eq(regime));
            }
            if let Some(on) = filter.on {
                condition = condition.add(in_force(Column::ValidFrom, Column::ValidTo, on));
            }
            let order = Ordering { by: Column::ValidFrom, descending: order_by == WorkRegimeOrder::ValidFromDescending };
            list(ctx, condition, order, &PageArgs { first, after, last, before }).await
        })
        .await
    }
}

/// Mutations of work regimes.
#[derive(Default)]
pub struct WorkRegimeMutation;

#[Object]
impl WorkRegimeMutation {
    /// Writes work regimes in bulk, new ones and new versions; for the secretariat.
    async fn record_work_regimes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The call: its key, its mode, and the records.")] input: RecordInput<WorkRegimeDraft>,
    ) -> Nullable<RecordPayload> {
        attempt(async { write::<Model>(ctx, input).await }).await
    }
}
