//! Units (担当 / 課).

use crate::graphql::{
    bureau::{Bureau, in_force},
    connection::{Connection, list, loaders},
    node::global_id,
    record::{Bookkeeping, RecordFilter, RecordInput, RecordPayload, limited, noun, record_condition, write},
};
use crate::{
    store::{
        codes,
        page::{Ordering, PageArgs},
        unit::UnitDraft,
    },
    words::Date,
};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result};
use entity::unit::{Column, Model};
use sea_orm::ColumnTrait;

/// One unit.
pub struct Unit(Model);

noun!(Unit, unit);

/// One unit (担当 / 課) of a bureau.
#[Object]
impl Unit {
    /// Global id.
    pub async fn id(&self) -> ID {
        global_id("unit", self.0.id.0)
    }

    /// Office-wide code.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// The bureau it belongs to.
    async fn bureau(&self, ctx: &Context<'_>) -> Result<Option<Bureau>> {
        Ok(loaders(ctx).row(self.0.bureau_id).await?.map(Bureau::from))
    }

    /// Name in Japanese.
    async fn name_ja(&self) -> &str {
        &self.0.name_ja
    }

    /// Name in English.
    async fn name_en(&self) -> &str {
        &self.0.name_en
    }

    /// First day in being.
    async fn valid_from(&self) -> Date {
        Date(self.0.valid_from)
    }

    /// First day no longer in being; null while it lasts.
    async fn valid_to(&self) -> Option<Date> {
        self.0.valid_to.map(Date)
    }

    #[graphql(flatten)]
    fn bookkeeping(&self) -> Bookkeeping {
        Bookkeeping::of(&self.0)
    }
}

/// Which units.
#[derive(Debug, Clone, Default, InputObject)]
pub struct UnitFilter {
    /// With one of these codes.
    codes: Option<Vec<String>>,
    /// Of one of these bureaus, by code.
    bureaus: Option<Vec<String>>,
    /// In being on this date.
    on: Option<Date>,
    #[graphql(flatten)]
    record: RecordFilter,
}

/// In which order units are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum UnitOrder {
    /// By code.
    Code,
}

/// Queries of units.
#[derive(Default)]
pub struct UnitQuery;

#[Object]
impl UnitQuery {
    /// Units.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn units(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which units.", default)] filter: UnitFilter,
        #[graphql(desc = "In which order.", default_with = "UnitOrder::Code")] order_by: UnitOrder,
        #[graphql(desc = "How many from the start, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 500.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Unit>> {
        let mut condition = record_condition!(filter.record, unit)?;
        if let Some(codes) = &filter.codes {
            condition = condition.add(Column::Code.is_in(limited(codes, "codes")?));
        }
        if let Some(codes) = &filter.bureaus {
            condition = condition.add(Column::BureauId.in_subquery(codes::bureaus(limited(codes, "bureaus")?)));
        }
        if let Some(on) = filter.on {
            condition = condition.add(in_force(Column::ValidFrom, Column::ValidTo, on));
        }
        let UnitOrder::Code = order_by;
        list(ctx, condition, Ordering { by: Column::Code, descending: false }, &PageArgs { first, after, last, before }).await
    }
}

/// Mutations of units.
#[derive(Default)]
pub struct UnitMutation;

#[Object]
impl UnitMutation {
    /// Writes units in bulk.
    async fn record_units(&self, ctx: &Context<'_>, #[graphql(desc = "The call.")] input: RecordInput<UnitDraft>) -> Result<RecordPayload> {
        write::<Model>(ctx, input).await
    }
}
