//! Periods of employment (在職).

use crate::graphql::nullable::{Conditions, Nullable, attempt, maybe};
use crate::graphql::{
    bureau::in_force,
    connection::{Connection, list, loaders},
    loaders::NumberOf,
    node::global_id,
    record::{Bookkeeping, RecordFilter, RecordInput, RecordPayload, limited, noun, record_condition, write},
    staff::Staff,
};
use crate::{
    store::{
        codes,
        employment::EmploymentDraft,
        page::{Ordering, PageArgs},
    },
    words::{Date, Employment, Origin, SeparationReason},
};
use async_graphql::{Context, Enum, ID, InputObject, Object};
use entity::employment::{Column, Model};
use sea_orm::ColumnTrait;

/// One period of employment.
pub struct EmploymentPeriod(Model);

noun!(EmploymentPeriod, employment);

/// One period of a person's employment (在職), from `validFrom` until the day before `validTo`; shown to whoever holds the person. Who comes
/// back has another one; those of a person never overlap.
#[Object]
impl EmploymentPeriod {
    /// Global id, as `node` takes it; it stays the same through all changes of the row.
    pub async fn id(&self) -> ID {
        global_id("employment", self.0.id.0)
    }

    /// The key in the client's own numbering; of a period that `recordStaff` wrote a key of its own.
    async fn external_id(&self) -> &str {
        &self.0.external_id
    }

    /// Code of the machine client in whose numbering the record is; `OFFICE` for what people keep by hand.
    async fn client(&self) -> &str {
        &self.0.client
    }

    /// Staff number of the person, whose name is held nowhere.
    async fn staff_number(&self, ctx: &Context<'_>) -> Nullable<String> {
        maybe(async { Ok(loaders(ctx).row(NumberOf(self.0.staff_id)).await?) }).await
    }

    /// The person, where you may see their current attributes.
    async fn staff(&self, ctx: &Context<'_>) -> Nullable<Staff> {
        maybe(async { Ok(loaders(ctx).row(self.0.staff_id).await?.map(Staff::from)) }).await
    }

    /// Regular (常勤) or non-regular (非常勤) employment.
    async fn kind(&self) -> Employment {
        self.0.kind
    }

    /// Direct hire or secondee.
    async fn origin(&self) -> Origin {
        self.0.origin
    }

    /// The ministry of origin of a secondee.
    async fn seconded_from(&self) -> Option<&str> {
        self.0.seconded_from.as_deref()
    }

    /// First day in the office's employment.
    async fn valid_from(&self) -> Date {
        Date(self.0.valid_from)
    }

    /// First day no longer employed; null while employed.
    async fn valid_to(&self) -> Option<Date> {
        self.0.valid_to.map(Date)
    }

    /// Why they left.
    async fn separation_reason(&self) -> Option<SeparationReason> {
        self.0.separation_reason
    }

    #[graphql(flatten)]
    fn bookkeeping(&self) -> Bookkeeping {
        Bookkeeping::of(&self.0)
    }
}

/// Which periods of employment: all given conditions must hold; one that is absent or null asks nothing, and an empty list finds nothing.
#[derive(Debug, Clone, Default, InputObject)]
pub struct EmploymentFilter {
    /// With any of these keys of the writing client, at most 500; an unknown one finds nothing.
    external_ids: Option<Vec<String>>,
    /// Of any of these people, by staff number, at most 500; an unknown one finds nothing.
    staff_numbers: Option<Vec<String>>,
    /// Regular employment (常勤) alone, or non-regular (非常勤) alone.
    kind: Option<Employment>,
    /// In force on this civil date: from `validFrom` on, and before `validTo`.
    on: Option<Date>,
    #[graphql(flatten)]
    record: RecordFilter,
}

/// In which order periods of employment are listed; ties are broken by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum EmploymentOrder {
    /// By the first day, the earliest first.
    ValidFrom,
    /// By the first day, the latest first.
    ValidFromDescending,
}

/// Queries of employment.
#[derive(Default)]
pub struct EmploymentQuery;

#[Object]
impl EmploymentQuery {
    /// Periods of employment of the people whom you hold.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn employments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which periods: all given conditions must hold; without any, all that are not void.", default)] filter: Conditions<
            EmploymentFilter,
        >,
        #[graphql(desc = "In which order; ties by id.", default_with = "EmploymentOrder::ValidFrom")] order_by: EmploymentOrder,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Nullable<Connection<EmploymentPeriod>> {
        attempt(async {
            let filter = filter.0;
            let mut condition = record_condition!(filter.record, employment)?;
            if let Some(keys) = &filter.external_ids {
                condition = condition.add(Column::ExternalId.is_in(limited(keys, "externalIds")?));
            }
            if let Some(numbers) = &filter.staff_numbers {
                condition = condition.add(Column::StaffId.in_subquery(codes::staff(limited(numbers, "staffNumbers")?)));
            }
            if let Some(kind) = filter.kind {
                condition = condition.add(Column::Kind.eq(kind));
            }
            if let Some(on) = filter.on {
                condition = condition.add(in_force(Column::ValidFrom, Column::ValidTo, on));
            }
            let order = Ordering { by: Column::ValidFrom, descending: order_by == EmploymentOrder::ValidFromDescending };
            list(ctx, condition, order, &PageArgs { first, after, last, before }).await
        })
        .await
    }
}

/// Mutations of employment.
#[derive(Default)]
pub struct EmploymentMutation;

#[Object]
impl EmploymentMutation {
    /// Writes periods of employment in bulk, by who holds the person or held them last; a machine client needs `PERSONNEL`. A return is another
    /// period.
    async fn record_employments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The call: its key, its mode, and the records.")] input: RecordInput<EmploymentDraft>,
    ) -> Nullable<RecordPayload> {
        attempt(async { write::<Model>(ctx, input).await }).await
    }
}
