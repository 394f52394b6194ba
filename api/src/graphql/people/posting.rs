//! Postings (配属).

use crate::graphql::nullable::{Conditions, Nullable, attempt, maybe};
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
use async_graphql::{Context, Enum, ID, InputObject, Object};
use entity::posting::{Column, Model};
use sea_orm::ColumnTrait;

/// One posting.
pub struct Posting(Model);

noun!(Posting, posting);

/// One posting (配属), in force from `validFrom` until the day before `validTo`.
#[Object]
impl Posting {
    /// Global id, as `node` takes it; it stays the same through all changes of the row.
    pub async fn id(&self) -> ID {
        global_id("posting", self.0.id.0)
    }

    /// The key in the client's own numbering.
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

    /// The bureau in which the person serves; a post keeps it, save where its writer writes for both.
    async fn bureau(&self, ctx: &Context<'_>) -> Nullable<Bureau> {
        maybe(async { Ok(loaders(ctx).row(self.0.bureau_id).await?.map(Bureau::from)) }).await
    }

    /// The unit of that bureau in which the person serves.
    async fn unit(&self, ctx: &Context<'_>) -> Nullable<Unit> {
        maybe(async { Ok(loaders(ctx).row(self.0.unit_id).await?.map(Unit::from)) }).await
    }

    /// The person's main post (本務), or one held beside it (併任).
    async fn kind(&self) -> PostingKind {
        self.0.kind
    }

    /// Whether the person works in the office (常駐); true unless the source says otherwise.
    async fn resident(&self) -> bool {
        self.0.resident
    }

    /// Rank band (役職段階) of the post, by which figures split those who hold it.
    async fn band(&self) -> RankBand {
        self.0.band
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
    async fn released_to(&self, ctx: &Context<'_>) -> Nullable<Bureau> {
        maybe(async {
            match self.0.released_to {
                Some(bureau) => Ok(loaders(ctx).row(bureau).await?.map(Bureau::from)),
                None => Ok(None),
            }
        })
        .await
    }

    #[graphql(flatten)]
    fn bookkeeping(&self) -> Bookkeeping {
        Bookkeeping::of(&self.0)
    }
}

/// Which postings: all given conditions must hold; one that is absent or null asks nothing, and an empty list finds nothing.
#[derive(Debug, Clone, Default, InputObject)]
pub struct PostingFilter {
    /// With any of these keys of the writing client, at most 500; an unknown one finds nothing.
    external_ids: Option<Vec<String>>,
    /// Of any of these people, by staff number, at most 500; an unknown one finds nothing.
    staff_numbers: Option<Vec<String>>,
    /// In any of these bureaus, by code, at most 500; an unknown code finds nothing.
    bureaus: Option<Vec<String>>,
    /// In any of these units, by code, at most 500; an unknown code finds nothing.
    units: Option<Vec<String>>,
    /// Main posts (本務) alone, or those beside them (併任) alone.
    kind: Option<PostingKind>,
    /// In any of these rank bands; an empty list finds nothing.
    bands: Option<Vec<RankBand>>,
    /// In force on this civil date: from `validFrom` on, and before `validTo`.
    on: Option<Date>,
    #[graphql(flatten)]
    record: RecordFilter,
}

/// In which order postings are listed; ties are broken by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum PostingOrder {
    /// By the first day in force, the earliest first.
    ValidFrom,
    /// By the first day in force, the latest first.
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
        #[graphql(desc = "Which postings: all given conditions must hold; without any, all that are not void.", default)]
        filter: Conditions<PostingFilter>,
        #[graphql(desc = "In which order; ties by id.", default_with = "PostingOrder::ValidFrom")] order_by: PostingOrder,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Nullable<Connection<Posting>> {
        attempt(async {
            let filter = filter.0;
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
                condition = condition.add(Column::Kind.eq(kind));
            }
            if let Some(bands) = &filter.bands {
                condition = condition.add(Column::Band.is_in(limited(bands, "bands")?.iter().copied()));
            }
            if let Some(on) = filter.on {
                condition = condition.add(in_force(Column::ValidFrom, Column::ValidTo, on));
            }
            let order = Ordering { by: Column::ValidFrom, descending: order_by == PostingOrder::ValidFromDescending };
            list(ctx, condition, order, &PageArgs { first, after, last, before }).await
        })
        .await
    }
}

/// Mutations of postings.
#[derive(Default)]
pub struct PostingMutation;

#[Object]
impl PostingMutation {
    /// Writes postings in bulk, by who holds the person or to whom they are released; a machine client needs `PERSONNEL`.
    async fn record_postings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The call: its key, its mode, and the records.")] input: RecordInput<PostingDraft>,
    ) -> Nullable<RecordPayload> {
        attempt(async { write::<Model>(ctx, input).await }).await
    }
}
