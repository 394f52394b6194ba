//! Bureaus (部局).

use crate::graphql::nullable::{Conditions, Nullable, attempt, maybe};
use crate::graphql::{
    connection::{Connection, list, loaders, store},
    node::global_id,
    record::{Bookkeeping, RecordFilter, RecordInput, RecordPayload, limited, noun, record_condition, write},
};
use crate::{
    store::{
        bureau::BureauDraft,
        page::{Ordering, PageArgs},
    },
    words::{Date, Visibility},
};
use async_graphql::{Context, Enum, ID, InputObject, Object};
use entity::bureau::{Column, Model};
use sea_orm::{ColumnTrait, Condition};

/// One bureau.
pub struct Bureau(Model);

noun!(Bureau, bureau);

/// One bureau (部局), with its life: it is created, may be abolished, and then may have a successor that inherits its records.
#[Object]
impl Bureau {
    /// Global id, as `node` takes it; it stays the same through all changes of the row.
    pub async fn id(&self) -> ID {
        global_id("bureau", self.0.id.0)
    }

    /// Office-wide code, which filters, inputs, tokens and figures name it by.
    async fn code(&self) -> &str {
        &self.0.code
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

    /// The bureau that took over its work and inherits its scope.
    async fn successor(&self, ctx: &Context<'_>) -> Nullable<Bureau> {
        maybe(async {
            match self.0.successor_id {
                None => Ok(None),
                Some(id) => Ok(loaders(ctx).row(id).await?.map(Bureau::from)),
            }
        })
        .await
    }

    /// Where its figures may appear.
    async fn visibility(&self) -> Visibility {
        self.0.visibility
    }

    /// Where the bureau takes notices by mail; null for who neither writes bureaus nor reads the outbox.
    async fn notice_address(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.notice_address.as_deref().filter(|_| store(ctx).may_see_addresses())
    }

    /// Where the bureau's officer takes mails; null for who neither writes bureaus nor reads the outbox.
    async fn officer_address(&self, ctx: &Context<'_>) -> Option<&str> {
        self.0.officer_address.as_deref().filter(|_| store(ctx).may_see_addresses())
    }

    /// Its place in the order of establishment (建制順), in which releases list bureaus; ties by code. Null for those that come last.
    async fn position(&self) -> Option<i32> {
        self.0.position
    }

    #[graphql(flatten)]
    fn bookkeeping(&self) -> Bookkeeping {
        Bookkeeping::of(&self.0)
    }
}

/// Which bureaus: all given conditions must hold; one that is absent or null asks nothing, and an empty list finds nothing.
#[derive(Debug, Clone, Default, InputObject)]
pub struct BureauFilter {
    /// With any of these codes, at most 500; an unknown one finds nothing.
    codes: Option<Vec<String>>,
    /// In being on this civil date: from `validFrom` on, and before `validTo`.
    on: Option<Date>,
    #[graphql(flatten)]
    record: RecordFilter,
}

/// In which order bureaus are listed, always ascending; ties are broken by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum BureauOrder {
    /// By code, which is the default.
    Code,
    /// By first day in being.
    ValidFrom,
}

/// Queries of bureaus.
#[derive(Default)]
pub struct BureauQuery;

#[Object]
impl BureauQuery {
    /// Bureaus of the office, abolished ones too; every caller with a token sees all of them.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn bureaus(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which bureaus: all given conditions must hold; without any, all that are not void.", default)] filter: Conditions<
            BureauFilter,
        >,
        #[graphql(desc = "In which order; ties by id.", default_with = "BureauOrder::Code")] order_by: BureauOrder,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Nullable<Connection<Bureau>> {
        attempt(async {
            let filter = filter.0;
            let mut condition = record_condition!(filter.record, bureau)?;
            if let Some(codes) = &filter.codes {
                condition = condition.add(Column::Code.is_in(limited(codes, "codes")?));
            }
            if let Some(on) = filter.on {
                condition = condition.add(in_force(Column::ValidFrom, Column::ValidTo, on));
            }
            let by = match order_by {
                BureauOrder::Code => Column::Code,
                BureauOrder::ValidFrom => Column::ValidFrom,
            };
            list(ctx, condition, Ordering { by, descending: false }, &PageArgs { first, after, last, before }).await
        })
        .await
    }
}

/// What is in force on a date.
pub(in crate::graphql) fn in_force<C: ColumnTrait>(from: C, to: C, on: Date) -> Condition {
    Condition::all().add(from.lte(on.0)).add(Condition::any().add(to.is_null()).add(to.gt(on.0)))
}

/// Mutations of bureaus.
#[derive(Default)]
pub struct BureauMutation;

#[Object]
impl BureauMutation {
    /// Writes bureaus in bulk, new ones and new versions; for the secretariat.
    async fn record_bureaus(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The call: its key, its mode, and the records.")] input: RecordInput<BureauDraft>,
    ) -> Nullable<RecordPayload> {
        attempt(async { write::<Model>(ctx, input).await }).await
    }
}
