//! Staff (職員), known by number alone.

use crate::graphql::nullable::{Conditions, Nullable, attempt, maybe};
use crate::graphql::{
    bureau::Bureau,
    connection::{Connection, list, loaders, store},
    employment::EmploymentPeriod,
    holding::Holding,
    loaders::Held,
    node::global_id,
    posting::Posting,
    record::{RecordFilter, RecordInput, RecordPayload, Revision, limited, noun, record_condition, write},
};
use crate::{
    store::{
        page::{Ordering, PageArgs},
        staff::StaffDraft,
    },
    words::{Date, Employment, Long, Origin, SeparationReason, Sex},
};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result};
use chrono::{DateTime, Utc};
use entity::staff::{Column, Model};
use sea_orm::ColumnTrait;

/// One staff member.
pub struct Staff(Model);

noun!(Staff, staff);

impl Staff {
    /// What is told of a person to who holds them.
    async fn held<T>(&self, ctx: &Context<'_>, value: T) -> Result<Option<T>> {
        Ok(loaders(ctx).row(Held(self.0.id)).await?.map(|()| value))
    }
}

/// One staff member (職員). To a bureau that does not hold the person, through a post beside the main one or a post to come, number and postings
/// are told, and all else is null.
#[Object]
impl Staff {
    /// Global id, as `node` takes it; it stays the same through all changes of the row.
    pub async fn id(&self) -> ID {
        global_id("staff", self.0.id.0)
    }

    /// Office-wide number, by which alone the person is known; another stands here once the person's retention has ended.
    async fn staff_number(&self) -> &str {
        &self.0.staff_number
    }

    /// Sex as recorded; null where you do not hold the person, as all that follows.
    async fn sex(&self, ctx: &Context<'_>) -> Nullable<Sex> {
        maybe(async { self.held(ctx, self.0.sex).await }).await
    }

    /// Regular (常勤) or non-regular (非常勤) employment; null where the caller does not hold the person.
    async fn employment(&self, ctx: &Context<'_>) -> Nullable<Employment> {
        maybe(async { self.held(ctx, self.0.employment).await }).await
    }

    /// Direct hire or secondee.
    async fn origin(&self, ctx: &Context<'_>) -> Nullable<Origin> {
        maybe(async { self.held(ctx, self.0.origin).await }).await
    }

    /// The ministry of origin of a secondee.
    async fn seconded_from(&self, ctx: &Context<'_>) -> Nullable<&str> {
        maybe(async { Ok(self.held(ctx, self.0.seconded_from.as_deref()).await?.flatten()) }).await
    }

    /// First day in the office's employment.
    async fn hired_on(&self, ctx: &Context<'_>) -> Nullable<Date> {
        maybe(async { self.held(ctx, Date(self.0.hired_on)).await }).await
    }

    /// First day no longer employed; null while employed.
    async fn separated_on(&self, ctx: &Context<'_>) -> Nullable<Date> {
        maybe(async { Ok(self.held(ctx, self.0.separated_on.map(Date)).await?.flatten()) }).await
    }

    /// Why they left.
    async fn separation_reason(&self, ctx: &Context<'_>) -> Nullable<SeparationReason> {
        maybe(async { Ok(self.held(ctx, self.0.separation_reason).await?.flatten()) }).await
    }

    /// The bureau for which the person was recorded, which holds them until they have a post.
    async fn recorded_for(&self, ctx: &Context<'_>) -> Nullable<Bureau> {
        maybe(async {
            match self.held(ctx, self.0.recorded_bureau_id).await?.flatten() {
                Some(bureau) => Ok(loaders(ctx).row(bureau).await?.map(Bureau::from)),
                None => Ok(None),
            }
        })
        .await
    }

    /// The postings that you may see, the latest first; at most 100.
    async fn postings(&self, ctx: &Context<'_>) -> Result<Vec<Posting>> {
        Ok(loaders(ctx).postings(self.0.id).await?.into_iter().map(Posting::from).collect())
    }

    /// The periods of employment, the latest first; at most 100. The fields above say what the latest does.
    async fn employments(&self, ctx: &Context<'_>) -> Nullable<Vec<EmploymentPeriod>> {
        maybe(async {
            match self.held(ctx, ()).await? {
                Some(()) => Ok(Some(loaders(ctx).employments(self.0.id).await?.into_iter().map(Into::into).collect())),
                None => Ok(None),
            }
        })
        .await
    }

    /// Which bureaus held, hold and will hold the person, the latest first; at most 100.
    async fn holdings(&self, ctx: &Context<'_>) -> Nullable<Vec<Holding>> {
        maybe(async {
            match self.held(ctx, ()).await? {
                Some(()) => Ok(Some(loaders(ctx).holdings(self.0.id).await?.into_iter().map(Holding).collect())),
                None => Ok(None),
            }
        })
        .await
    }

    /// The source's own version of the record, a number that only grows; null also where the source keeps none.
    async fn source_version(&self, ctx: &Context<'_>) -> Nullable<Long> {
        maybe(async { Ok(self.held(ctx, self.0.source_version.map(Long)).await?.flatten()) }).await
    }

    /// Whether the record is taken out of every rule and measure.
    async fn void(&self, ctx: &Context<'_>) -> Nullable<bool> {
        maybe(async { self.held(ctx, self.0.void_reason.is_some()).await }).await
    }

    /// Why it is void, in the writer's words; null also while it counts.
    async fn void_reason(&self, ctx: &Context<'_>) -> Nullable<&str> {
        maybe(async { Ok(self.held(ctx, self.0.void_reason.as_deref()).await?.flatten()) }).await
    }

    /// Counts the stored versions from 1.
    async fn revision(&self, ctx: &Context<'_>) -> Nullable<i32> {
        maybe(async { self.held(ctx, self.0.revision).await }).await
    }

    /// The call that wrote this version.
    async fn receipt(&self, ctx: &Context<'_>) -> Nullable<ID> {
        maybe(async { self.held(ctx, global_id("receipt", self.0.receipt_id.0)).await }).await
    }

    /// When the record was first written.
    async fn created_at(&self, ctx: &Context<'_>) -> Nullable<DateTime<Utc>> {
        maybe(async { self.held(ctx, self.0.created_at).await }).await
    }

    /// When this version was written.
    async fn updated_at(&self, ctx: &Context<'_>) -> Nullable<DateTime<Utc>> {
        maybe(async { self.held(ctx, self.0.updated_at).await }).await
    }

    /// The former versions, the latest first; at most 100.
    async fn revisions(&self, ctx: &Context<'_>) -> Nullable<Vec<Revision>> {
        maybe(async {
            match self.held(ctx, ()).await? {
                Some(()) => Ok(Some(Revision::of(ctx, self.0.id.0).await?)),
                None => Ok(None),
            }
        })
        .await
    }
}

/// Which staff. What asks for more than number and bureau finds people whom you hold alone.
#[derive(Debug, Clone, Default, InputObject)]
pub struct StaffFilter {
    /// With any of these staff numbers, at most 500; an unknown one finds nothing.
    staff_numbers: Option<Vec<String>>,
    /// Of this sex, as the source records it; of people whom the caller holds.
    sex: Option<Sex>,
    /// Regular staff (常勤) alone, or non-regular (非常勤) alone.
    employment: Option<Employment>,
    /// Holding a posting that you may see in one of these bureaus today, by code.
    bureaus: Option<Vec<String>>,
    /// In the office's employment on this civil date, in whichever period of it.
    on: Option<Date>,
    #[graphql(flatten)]
    record: RecordFilter,
}

impl StaffFilter {
    /// Whether who passes it tells something of the people's master data.
    fn tells(&self) -> bool {
        let record = &self.record;
        self.sex.is_some()
            || self.employment.is_some()
            || self.on.is_some()
            || record.receipts.is_some()
            || record.changed_after.is_some()
            || record.include_void
    }
}

/// In which order staff are listed, always ascending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum StaffOrder {
    /// By staff number, as text; the default.
    StaffNumber,
    /// By first day of employment; of people whom you hold.
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
        #[graphql(
            desc = "Which staff: all given conditions must hold; without any, all who are not void and whom the caller sees.",
            default
        )]
        filter: Conditions<StaffFilter>,
        #[graphql(desc = "In which order; ties by id.", default_with = "StaffOrder::StaffNumber")] order_by: StaffOrder,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Nullable<Connection<Staff>> {
        attempt(async {
            let filter = filter.0;
            let mut condition = record_condition!(filter.record, staff)?;
            if let Some(numbers) = &filter.staff_numbers {
                condition = condition.add(Column::StaffNumber.is_in(limited(numbers, "staffNumbers")?));
            }
            if let Some(sex) = filter.sex {
                condition = condition.add(Column::Sex.eq(sex));
            }
            if let Some(employment) = filter.employment {
                condition = condition.add(Column::Employment.eq(employment));
            }
            if let Some(codes) = &filter.bureaus {
                condition = condition.add(Column::Id.in_subquery(store(ctx).posted_in(limited(codes, "bureaus")?)?));
            }
            if let Some(on) = filter.on {
                condition = condition.add(Column::Id.in_subquery(store(ctx).employed_on(on.0)?));
            }
            if filter.tells() || order_by == StaffOrder::HiredOn {
                condition = condition.add(store(ctx).held_staff()?);
            }
            let by = match order_by {
                StaffOrder::StaffNumber => Column::StaffNumber,
                StaffOrder::HiredOn => Column::HiredOn,
            };
            list(ctx, condition, Ordering { by, descending: false }, &PageArgs { first, after, last, before }).await
        })
        .await
    }
}

/// Mutations of staff.
#[derive(Default)]
pub struct StaffMutation;

#[Object]
impl StaffMutation {
    /// Writes staff in bulk: new people, and those whom the caller's bureaus hold; a machine client needs `PERSONNEL`.
    async fn record_staff(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The call: its key, its mode, and the records.")] input: RecordInput<StaffDraft>,
    ) -> Nullable<RecordPayload> {
        attempt(async { write::<Model>(ctx, input).await }).await
    }
}
