//! Staff (職員), known by number alone.

use super::{
    bureau::in_force,
    connection::{Connection, list, loaders, store},
    node::global_id,
    posting::Posting,
    record::{Bookkeeping, RecordFilter, RecordInput, RecordPayload, limited, noun, record_condition, write},
};
use crate::{
    store::{
        keys,
        page::{Ordering, PageArgs},
        staff::StaffDraft,
    },
    words::{Date, Employment, Origin, SeparationReason, Sex},
};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result};
use entity::staff::{self, Column, Model};
use sea_orm::ColumnTrait;

/// One staff member.
pub struct Staff(Model);

noun!(Staff, staff);

/// One staff member (職員).
#[Object]
impl Staff {
    /// Global id.
    pub async fn id(&self) -> ID {
        global_id("staff", self.0.id.0)
    }

    /// Office-wide number.
    async fn staff_number(&self) -> &str {
        &self.0.staff_number
    }

    /// Sex as recorded.
    async fn sex(&self) -> Sex {
        self.0.sex.into()
    }

    /// 常勤 or 非常勤.
    async fn employment(&self) -> Employment {
        self.0.employment.into()
    }

    /// Direct hire or secondee.
    async fn origin(&self) -> Origin {
        self.0.origin.into()
    }

    /// The ministry of origin of a secondee.
    async fn seconded_from(&self) -> Option<&str> {
        self.0.seconded_from.as_deref()
    }

    /// First day in the office's employment.
    async fn hired_on(&self) -> Date {
        Date(self.0.hired_on)
    }

    /// First day no longer employed; null while employed.
    async fn separated_on(&self) -> Option<Date> {
        self.0.separated_on.map(Date)
    }

    /// Why they left.
    async fn separation_reason(&self) -> Option<SeparationReason> {
        self.0.separation_reason.map(Into::into)
    }

    /// The postings that you may see, the latest first; at most 100.
    async fn postings(&self, ctx: &Context<'_>) -> Result<Vec<Posting>> {
        Ok(loaders(ctx).postings(self.0.id).await?.into_iter().map(Posting::from).collect())
    }

    #[graphql(flatten)]
    fn bookkeeping(&self) -> Bookkeeping {
        Bookkeeping::of(&self.0)
    }
}

/// Which staff.
#[derive(Debug, Clone, Default, InputObject)]
pub struct StaffFilter {
    /// With one of these numbers.
    staff_numbers: Option<Vec<String>>,
    /// Of this sex.
    sex: Option<Sex>,
    /// 常勤 or 非常勤.
    employment: Option<Employment>,
    /// Holding a posting in one of these bureaus today, by code.
    bureaus: Option<Vec<String>>,
    /// Employed on this date.
    on: Option<Date>,
    #[graphql(flatten)]
    record: RecordFilter,
}

/// In which order staff are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum StaffOrder {
    /// By number.
    StaffNumber,
    /// By first day of employment.
    HiredOn,
}

/// Queries of staff.
#[derive(Default)]
pub struct StaffQuery;

#[Object]
impl StaffQuery {
    /// Staff that you may see.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn staff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which staff.", default)] filter: StaffFilter,
        #[graphql(desc = "In which order.", default_with = "StaffOrder::StaffNumber")] order_by: StaffOrder,
        #[graphql(desc = "How many from the start, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 500.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Staff>> {
        let mut condition = record_condition!(filter.record, staff)?;
        if let Some(numbers) = &filter.staff_numbers {
            condition = condition.add(Column::StaffNumber.is_in(limited(numbers, "staffNumbers")?));
        }
        if let Some(sex) = filter.sex {
            condition = condition.add(Column::Sex.eq(staff::Sex::from(sex)));
        }
        if let Some(employment) = filter.employment {
            condition = condition.add(Column::Employment.eq(staff::Employment::from(employment)));
        }
        if let Some(codes) = &filter.bureaus {
            let today = store(ctx).today();
            condition = condition.add(Column::Id.in_subquery(keys::staff_of(limited(codes, "bureaus")?, today)));
        }
        if let Some(on) = filter.on {
            condition = condition.add(in_force(Column::HiredOn, Column::SeparatedOn, on));
        }
        let by = match order_by {
            StaffOrder::StaffNumber => Column::StaffNumber,
            StaffOrder::HiredOn => Column::HiredOn,
        };
        list(ctx, condition, Ordering { by, descending: false }, &PageArgs { first, after, last, before }).await
    }
}

/// Mutations of staff.
#[derive(Default)]
pub struct StaffMutation;

#[Object]
impl StaffMutation {
    /// Writes staff in bulk.
    async fn record_staff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The call.")] input: RecordInput<StaffDraft>,
    ) -> Result<RecordPayload> {
        write::<Model>(ctx, input).await
    }
}
