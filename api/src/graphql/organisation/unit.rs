//! Units (担当 / 課).

use crate::graphql::nullable::{Conditions, Nullable, attempt, maybe};
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
use async_graphql::{Context, Enum, ID, InputObject, Object};
use entity::unit::{Column, Model};
use sea_orm::ColumnTrait;

/// One unit.
pub struct Unit(Model);

noun!(Unit, unit);

/// One unit (担当 / 課) of a bureau, on which work regimes and managers' scopes rest.
#[Object]
impl Unit {
    /// Global id, as `node` takes it; it stays the same through all changes of the row.
    pub async fn id(&self) -> ID {
        global_id("unit", self.0.id.0)
    }

    /// Office-wide code, which filters, inputs and tokens name it by.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// The bureau it belongs to for good: a unit that moves is recorded as a new one.
    async fn bureau(&self, ctx: &Context<'_>) -> Nullable<Bureau> {
        maybe(async { Ok(loaders(ctx).row(self.0.bureau_id).await?.map(Bureau::from)) }).await
    }

    /// Name in Japanese, 1 to 200 characters in one line.
    async fn name_ja(&self) -> &str {
        &self.0.name_ja
    }

    /// Name in English, 1 to 200 characters in one line.
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

/// Which units: all given conditions must hold; one that is absent or null asks nothing, and an empty list finds nothing.
#[derive(Debug, Clone, Default, InputObject)]
pub struct UnitFilter {
    /// With any of these codes, at most 500; an unknown one finds nothing.
    codes: Option<Vec<String>>,
    /// Of any of these bureaus, by code, at most 500; an unknown code finds nothing.
    bureaus: Option<Vec<String>>,
    /// In being on this civil date: from `validFrom` on, and before `validTo`.
    on: Option<Date>,
    #[graphql(flatten)]
    record: RecordFilter,
}

/// In which order units are listed; there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum UnitOrder {
    /// By code, ascending.
    Code,
}

/// Queries of units.
#[derive(Default)]
pub struct UnitQuery;

#[Object]
impl UnitQuery {
    /// Units of all bureaus, those no longer in being too; every caller with a token sees all of them.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn units(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which units: all given conditions must hold; without any, all that are not void.", default)] filter: Conditions<
            UnitFilter,
        >,
        #[graphql(desc = "In which order; ties by id.", default_with = "UnitOrder::Code")] order_by: UnitOrder,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Nullable<Connection<Unit>> {
        attempt(async {
            let filter = filter.0;
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
        })
        .await
    }
}

/// Mutations of units.
#[derive(Default)]
pub struct UnitMutation;

#[Object]
impl UnitMutation {
    /// Writes units in bulk, new ones and new versions: a bureau its own, the secretariat all.
    async fn record_units(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The call: its key, its mode, and the records.")] input: RecordInput<UnitDraft>,
    ) -> Nullable<RecordPayload> {
        attempt(async { write::<Model>(ctx, input).await }).await
    }
}
