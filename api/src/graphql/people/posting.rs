//! Postings (配属).

use crate::graphql::{
    bureau::{Bureau, in_force},
    connection::{Connection, list, loaders},
    loaders::NumberOf,
    node::global_id,
    record::{Bookkeeping, RecordFilter, RecordInput, RecordPayload, limited, noun, record_condition, write},
    staff::Staff,
    unit::Unit,
};
use crate::{
    store::{
        codes,
        page::{Ordering, PageArgs},
        posting::PostingDraft,
    },
    words::{Date, PostingKind, RankBand},
};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result};
use entity::posting::{self, Column, Model};
use sea_orm::ColumnTrait;

/// One posting.
pub struct Posting(Model);

noun!(Posting, posting);

/// One posting (配属), in force from `validFrom` until the day before `validTo`.
#[Object]
impl Posting {
    /// Global id.
    pub async fn id(&self) -> ID {
        global_id("posting", self.0.id.0)
    }

    /// The key in the client's own numbering.
    async fn external_id(&self) -> &str {
        &self.0.external_id
    }

    /// The client in whose numbering it was written.
    async fn client(&self) -> &str {
        &self.0.client
    }

    /// The person's number.
    async fn staff_number(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(loaders(ctx).row(NumberOf(self.0.staff_id)).await?)
    }

    /// The person, where you may see their current attributes.
    async fn staff(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        Ok(loaders(ctx).row(self.0.staff_id).await?.map(Staff::from))
    }

    /// The bureau.
    async fn bureau(&self, ctx: &Context<'_>) -> Result<Option<Bureau>> {
        Ok(loaders(ctx).row(self.0.bureau_id).await?.map(Bureau::from))
    }

    /// The unit.
    async fn unit(&self, ctx: &Context<'_>) -> Result<Option<Unit>> {
        Ok(loaders(ctx).row(self.0.unit_id).await?.map(Unit::from))
    }

    /// 本務 or 併任.
    async fn kind(&self) -> PostingKind {
        self.0.kind.into()
    }

    /// 常駐: works in the office.
    async fn resident(&self) -> bool {
        self.0.resident
    }

    /// Rank band.
    async fn band(&self) -> RankBand {
        self.0.band.into()
    }

    /// Job area, the office's own word.
    async fn job_area(&self) -> Option<&str> {
        self.0.job_area.as_deref()
    }

    /// Whether overtime rules bind.
    async fn subject_to_overtime(&self) -> bool {
        self.0.subject_to_overtime
    }

    /// First day in force.
    async fn valid_from(&self) -> Date {
        Date(self.0.valid_from)
    }

    /// First day no longer in force; null while open.
    async fn valid_to(&self) -> Option<Date> {
        self.0.valid_to.map(Date)
    }

    /// From this day on the bureau of `releasedTo` may write the person's main post.
    async fn released_on(&self) -> Option<Date> {
        self.0.released_on.map(Date)
    }

    /// The bureau to which the person is released; null also for a release from before releases named one, which is to whoever comes first.
    async fn released_to(&self, ctx: &Context<'_>) -> Result<Option<Bureau>> {
        match self.0.released_to {
            Some(bureau) => Ok(loaders(ctx).row(bureau).await?.map(Bureau::from)),
            None => Ok(None),
        }
    }

    #[graphql(flatten)]
    fn bookkeeping(&self) -> Bookkeeping {
        Bookkeeping::of(&self.0)
    }
}

/// Which postings.
#[derive(Debug, Clone, Default, InputObject)]
pub struct PostingFilter {
    /// With one of these keys of the writing client.
    external_ids: Option<Vec<String>>,
    /// Of these people, by number.
    staff_numbers: Option<Vec<String>>,
    /// In one of these bureaus, by code.
    bureaus: Option<Vec<String>>,
    /// In one of these units, by code.
    units: Option<Vec<String>>,
    /// 本務 or 併任.
    kind: Option<PostingKind>,
    /// In one of these bands.
    bands: Option<Vec<RankBand>>,
    /// In force on this date.
    on: Option<Date>,
    #[graphql(flatten)]
    record: RecordFilter,
}

/// In which order postings are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum PostingOrder {
    /// By first day.
    ValidFrom,
    /// By first day, the latest first.
    ValidFromDescending,
}

/// Queries of postings.
#[derive(Default)]
pub struct PostingQuery;

#[Object]
impl PostingQuery {
    /// Postings that you may see.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn postings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which postings.", default)] filter: PostingFilter,
        #[graphql(desc = "In which order.", default_with = "PostingOrder::ValidFrom")] order_by: PostingOrder,
        #[graphql(desc = "How many from the start, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 500.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Posting>> {
        let mut condition = record_condition!(filter.record, posting)?;
        if let Some(keys) = &filter.external_ids {
            condition = condition.add(Column::ExternalId.is_in(limited(keys, "externalIds")?));
        }
        if let Some(numbers) = &filter.staff_numbers {
            condition = condition.add(Column::StaffId.in_subquery(codes::staff(limited(numbers, "staffNumbers")?)));
        }
        if let Some(codes) = &filter.bureaus {
            condition = condition.add(Column::BureauId.in_subquery(codes::bureaus(limited(codes, "bureaus")?)));
        }
        if let Some(codes) = &filter.units {
            condition = condition.add(Column::UnitId.in_subquery(codes::units(limited(codes, "units")?)));
        }
        if let Some(kind) = filter.kind {
            condition = condition.add(Column::Kind.eq(posting::PostingKind::from(kind)));
        }
        if let Some(bands) = &filter.bands {
            condition = condition.add(Column::Band.is_in(limited(bands, "bands")?.iter().copied().map(posting::RankBand::from)));
        }
        if let Some(on) = filter.on {
            condition = condition.add(in_force(Column::ValidFrom, Column::ValidTo, on));
        }
        let order = Ordering { by: Column::ValidFrom, descending: order_by == PostingOrder::ValidFromDescending };
        list(ctx, condition, order, &PageArgs { first, after, last, before }).await
    }
}

/// Mutations of postings.
#[derive(Default)]
pub struct PostingMutation;

#[Object]
impl PostingMutation {
    /// Writes postings in bulk.
    async fn record_postings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The call.")] input: RecordInput<PostingDraft>,
    ) -> Result<RecordPayload> {
        write::<Model>(ctx, input).await
    }
}
