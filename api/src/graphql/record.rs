//! What all records share in GraphQL: the input and payload of bulk calls, bookkeeping with history, and the common filter.

mod sent;
mod shape;

use crate::graphql::nullable::{Nullable, maybe};
pub use sent::Sent;
use sent::told_apart;
pub use shape::Asked;
pub(super) use shape::{ask, record_object, record_roots, show};

use super::{
    bureau::Bureau,
    connection::{loaders, store},
    loaders::NumberOf,
    node::{global_id, key_of},
    posting::Posting,
    staff::Staff,
    unit::Unit,
};
use crate::{
    error::Error,
    http::Language,
    store::{
        changes::numbered_after,
        record::{self, Call, Draft, Mode, Recordable},
    },
    words::{Date, Instant, Long, Month, RecordWarningCode},
};
use async_graphql::{Context, Enum, ID, InputObject, InputType, Object, Result, SimpleObject, TypeName};
use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    ids::{BureauId, PostingId, StaffId, UnitId},
    record::{Meta, Record},
    record_revision,
};
use sea_orm::{ColumnTrait, Condition};
use std::borrow::Cow;
use uuid::Uuid;

/// One bulk call of up to 5,000 records.
#[derive(InputObject)]
#[graphql(name_type)]
pub struct RecordInput<D: InputType + Draft> {
    /// Your key of this call: sent again with the same body it replays the receipt. Kept 90 days.
    pub idempotency_key: String,
    /// What becomes of the good records where some are refused.
    #[graphql(default_with = "Mode::AllOrNothing")]
    pub mode: Mode,
    /// Decide everything, write nothing.
    #[graphql(default)]
    pub dry_run: bool,
    /// Why a closed month is corrected.
    pub correction_reason: Option<String>,
    /// In whose numbering the records are, for people who correct a client's records.
    pub client: Option<String>,
    /// The records, at most 5,000; what becomes of them never depends on their order.
    pub records: Vec<Sent<D>>,
}

impl<D: InputType + Draft> TypeName for RecordInput<D> {
    fn type_name() -> Cow<'static, str> {
        format!("Record{}Input", D::MANY).into()
    }
}

impl<D: InputType + Draft> From<RecordInput<D>> for Call<D> {
    fn from(input: RecordInput<D>) -> Self {
        let (records, unread) = told_apart(input.records);
        Self {
            idempotency_key: input.idempotency_key,
            mode: input.mode,
            dry_run: input.dry_run,
            correction_reason: input.correction_reason,
            client: input.client,
            records,
            unread,
        }
    }
}

/// What a bulk call answers.
#[derive(SimpleObject)]
pub struct RecordPayload {
    /// What the call did.
    pub receipt: Receipt,
}

/// What a bulk call did.
#[derive(SimpleObject)]
pub struct Receipt {
    /// Id of the receipt, as the filter `receipts` of the lists takes it; null for a dry run, which stores nothing.
    pub id: Option<ID>,
    /// Whether it is that of an earlier, equal call, which is told once more and not done again.
    pub replayed: bool,
    /// Records written for the first time.
    pub created: i32,
    /// Records changed, or revived.
    pub updated: i32,
    /// Records that say what is stored.
    pub unchanged: i32,
    /// Records older than what is stored.
    pub superseded: i32,
    /// Records taken out.
    pub voided: i32,
    /// Records that were refused; in the mode `ALL_OR_NOTHING` any one keeps all others out.
    pub rejected: i32,
    /// Months whose figures the next run of `MONTHLY_INDICATORS` computes anew.
    pub stale_months: Vec<Month>,
    /// Why records were refused.
    pub rejections: Vec<Rejection>,
    /// How many warnings there are of records that were written: what is worth a second look, and is refused by nobody.
    pub warned: i32,
    /// The first of them in the records' order, at most 1,000. A record that is unchanged, superseded, void or refused has none.
    pub warnings: Vec<RecordWarning>,
}

/// What is worth a second look in a record that was written.
#[derive(SimpleObject)]
pub struct RecordWarning {
    /// Its place in the call, counted from 0.
    pub index: i32,
    /// Its key: the external id, code or staff number.
    pub external_id: String,
    /// The input field that it is about.
    pub field: String,
    /// The kind of warning, from a closed set.
    pub code: RecordWarningCode,
    /// What may be wrong, in Japanese or English by Accept-Language.
    pub message: String,
}

/// Why a record was refused.
#[derive(SimpleObject)]
pub struct Rejection {
    /// Its place in the call, counted from 0.
    pub index: i32,
    /// Its key: the external id, code or staff number.
    pub external_id: String,
    /// The input field that is wrong; null where it is no single one.
    pub field: Option<String>,
    /// The kind of error, from the same closed set as `extensions.code`.
    pub code: ErrorCode,
    /// What is wrong, in Japanese or English by Accept-Language.
    pub message: String,
    /// Whether the same record may be accepted later, in a call of another key: the former bureau has yet to end or
    /// release a main post, or the person has yet to be posted.
    pub retryable: bool,
}

/// The closed set of error codes, in `extensions.code` of an error and in what a bulk call refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "crate::error::Code")]
pub enum ErrorCode {
    /// The act needs a token and there is none, or the token is not valid, or no longer.
    Unauthenticated,
    /// A thing that the caller may see and not act on, or a list that none of the caller's roles may read.
    Forbidden,
    /// Unknown, or out of what the caller may see: the two look the same, on purpose.
    NotFound,
    /// The input is wrong; `extensions.field` (of a refused record, `field`) says where.
    BadUserInput,
    /// The input contradicts what is stored, or another record of the same call; `retryable` says whether it may pass later.
    Conflict,
    /// The bureau's month is closed; its officer or the secretariat corrects it with a `correctionReason`, a machine does not.
    PeriodClosed,
    /// The record left with its person for another bureau: its client may void it, and nothing else.
    Departed,
    /// Too much at once: the same may pass later, or in smaller parts.
    LimitExceeded,
    /// A defect of the platform; the message holds an id that leads to its log, and nothing else.
    Internal,
}

/// Writes a bulk call and answers with its receipt.
pub(super) async fn write<M>(ctx: &Context<'_>, input: RecordInput<M::Draft>) -> Result<RecordPayload>
where
    M: Recordable,
    M::Draft: InputType + Draft,
{
    let japanese = *ctx.data_unchecked::<Language>() == Language::Ja;
    let receipt = store(ctx).record::<M>(input.into()).await?;
    Ok(RecordPayload { receipt: Receipt::shown(receipt, japanese) })
}

impl Receipt {
    pub(super) fn shown(receipt: record::Receipt, japanese: bool) -> Self {
        let outcome = receipt.outcome;
        Self {
            id: receipt.id.map(|id| global_id("receipt", id.0)),
            replayed: receipt.replayed,
            created: outcome.created,
            updated: outcome.updated,
            unchanged: outcome.unchanged,
            superseded: outcome.superseded,
            voided: outcome.voided,
            rejected: outcome.rejected,
            stale_months: outcome.stale_months.into_iter().map(Month).collect(),
            rejections: outcome
                .rejections
                .into_iter()
                .map(|rejection| Rejection {
                    index: rejection.index,
                    external_id: rejection.key,
                    message: rejection.error.message(japanese).to_owned(),
                    field: rejection.error.field,
                    code: rejection.error.code.into(),
                    retryable: rejection.error.retryable,
                })
                .collect(),
            warned: outcome.warned,
            warnings: outcome.warnings.into_iter().map(|warning| RecordWarning::shown(warning, japanese)).collect(),
        }
    }
}

impl RecordWarning {
    fn shown(record::Warning { index, key, field, code, ja, en }: record::Warning, japanese: bool) -> Self {
        Self { index, external_id: key, field, code, message: if japanese { ja } else { en } }
    }
}

/// A former version of a record.
#[derive(SimpleObject)]
pub struct Revision {
    /// Its number among the record's versions, from 1; the present version has the highest.
    pub revision: i32,
    /// What it said, by column, as JSON.
    pub content: async_graphql::Json<serde_json::Value>,
    /// Id of the receipt of the call that wrote that version.
    pub receipt: ID,
    /// When that version was written, by the platform's clock.
    pub written_at: DateTime<Utc>,
    /// When a later version took its place.
    pub replaced_at: DateTime<Utc>,
}

impl Revision {
    /// Those of a record that the caller sees, the latest first.
    pub(super) async fn of(ctx: &Context<'_>, record: Uuid) -> Result<Vec<Self>> {
        let shown = |row: record_revision::Model| Self {
            revision: row.revision,
            content: async_graphql::Json(row.content),
            receipt: global_id("receipt", row.receipt_id.0),
            written_at: row.written_at,
            replaced_at: row.replaced_at,
        };
        Ok(store(ctx).revisions(record).await?.into_iter().map(shown).collect())
    }
}

/// The bookkeeping that every record shows.
pub struct Bookkeeping {
    key: Uuid,
    meta: Meta,
}

impl Bookkeeping {
    /// That of a row.
    pub(super) fn of(row: &impl Record) -> Self {
        Self { key: row.key(), meta: row.meta() }
    }
}

#[Object]
impl Bookkeeping {
    /// The source's own version of the record, a number that only grows; null where the source keeps none.
    async fn source_version(&self) -> Option<Long> {
        self.meta.source_version.map(Long)
    }

    /// Whether the record is taken out of every rule and measure.
    async fn void(&self) -> bool {
        self.meta.void_reason.is_some()
    }

    /// Why it is void, in the writer's words; null while it counts.
    async fn void_reason(&self) -> Option<&str> {
        self.meta.void_reason.as_deref()
    }

    /// Counts the stored versions from 1.
    async fn revision(&self) -> i32 {
        self.meta.revision
    }

    /// Id of the receipt of the call that wrote this version.
    async fn receipt(&self) -> ID {
        global_id("receipt", self.meta.receipt_id.0)
    }

    /// When the record was first written.
    async fn created_at(&self) -> DateTime<Utc> {
        self.meta.created_at
    }

    /// When this version was written.
    async fn updated_at(&self) -> DateTime<Utc> {
        self.meta.updated_at
    }

    /// The former versions, the latest first; at most 100.
    async fn revisions(&self, ctx: &Context<'_>) -> Result<Vec<Revision>> {
        Revision::of(ctx, self.key).await
    }
}

/// What every record about a person on a date shows.
pub struct Placed<'a> {
    /// The person.
    pub staff_id: StaffId,
    /// The posting of the date.
    pub posting_id: PostingId,
    /// Its bureau.
    pub bureau_id: BureauId,
    /// Its unit.
    pub unit_id: UnitId,
    /// The date.
    pub date: NaiveDate,
    /// Why a closed month was corrected.
    pub correction_reason: Option<&'a str>,
}

#[Object]
impl Placed<'_> {
    /// The civil date (Asia/Tokyo) that owns the record: the month and the posting follow from it.
    async fn date(&self) -> Date {
        Date(self.date)
    }

    /// Staff number of the person, whose name is held nowhere.
    async fn staff_number(&self, ctx: &Context<'_>) -> Nullable<String> {
        maybe(async { Ok(loaders(ctx).row(NumberOf(self.staff_id)).await?) }).await
    }

    /// The person, where you may see their current attributes.
    async fn staff(&self, ctx: &Context<'_>) -> Nullable<Staff> {
        maybe(async { Ok(loaders(ctx).row(self.staff_id).await?.map(Staff::from)) }).await
    }

    /// The posting that the person held on the date.
    async fn posting(&self, ctx: &Context<'_>) -> Nullable<Posting> {
        maybe(async { Ok(loaders(ctx).row(self.posting_id).await?.map(Posting::from)) }).await
    }

    /// Bureau of the posting that the person held on the date; it decides who may read the record.
    async fn bureau(&self, ctx: &Context<'_>) -> Nullable<Bureau> {
        maybe(async { Ok(loaders(ctx).row(self.bureau_id).await?.map(Bureau::from)) }).await
    }

    /// Unit of the same posting, whose manager may read the record too.
    async fn unit(&self, ctx: &Context<'_>) -> Nullable<Unit> {
        maybe(async { Ok(loaders(ctx).row(self.unit_id).await?.map(Unit::from)) }).await
    }

    /// Why a closed month was corrected: the record is late. Null in an open month.
    async fn correction_reason(&self) -> Option<&str> {
        self.correction_reason
    }
}

/// What the object of a table shows of the person and date it is about.
macro_rules! placed {
    ($row:expr) => {
        $crate::graphql::record::Placed {
            staff_id: $row.staff_id,
            posting_id: $row.posting_id,
            bureau_id: $row.bureau_id,
            unit_id: $row.unit_id,
            date: $row.date,
            correction_reason: $row.correction_reason.as_deref(),
        }
    };
}

/// What every record of a bureau shows.
pub struct Belonging<'a> {
    /// The bureau.
    pub bureau_id: BureauId,
    /// The unit.
    pub unit_id: Option<UnitId>,
    /// Why a closed month was corrected.
    pub correction_reason: Option<&'a str>,
}

#[Object]
impl Belonging<'_> {
    /// The bureau that the record belongs to.
    async fn bureau(&self, ctx: &Context<'_>) -> Nullable<Bureau> {
        maybe(async { Ok(loaders(ctx).row(self.bureau_id).await?.map(Bureau::from)) }).await
    }

    /// The unit; null where the bureau as a whole is meant.
    async fn unit(&self, ctx: &Context<'_>) -> Nullable<Unit> {
        maybe(async {
            let Some(unit) = self.unit_id else { return Ok(None) };
            Ok(loaders(ctx).row(unit).await?.map(Unit::from))
        })
        .await
    }

    /// Why a closed month was corrected: the record is late. Null in an open month.
    async fn correction_reason(&self) -> Option<&str> {
        self.correction_reason
    }
}

/// In which order records about civil dates are listed; ties are broken by id.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Enum)]
pub enum DateOrder {
    /// By civil date, the earliest first.
    #[default]
    Date,
    /// By civil date, the latest first.
    DateDescending,
}

impl DateOrder {
    /// Whether the latest comes first.
    pub(super) fn is_descending(self) -> bool {
        self == Self::DateDescending
    }
}

/// In which order records without a date are listed; ties are broken by id.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Enum)]
pub enum RecordOrder {
    /// By when they were first written.
    #[default]
    CreatedAt,
    /// By when they were first written, the latest first.
    CreatedAtDescending,
}

impl RecordOrder {
    /// Whether the latest comes first.
    pub(super) fn is_descending(self) -> bool {
        self == Self::CreatedAtDescending
    }
}

/// The filter that every list of records knows.
#[derive(Debug, Clone, Default, InputObject)]
pub struct RecordFilter {
    /// Whose present version was written by any of these calls, by receipt, at most 500.
    pub receipts: Option<Vec<ID>>,
    /// Whose present version was committed later than this instant. Give the greatest `updatedAt` that you have seen, of several pages on the first: you
    /// miss nothing, and may see again what you saw last. It tells nothing of what left what you see: `changes` does.
    pub changed_after: Option<Instant>,
    /// Whether void records are listed too, beside those that count.
    #[graphql(default)]
    pub include_void: bool,
}

impl RecordFilter {
    /// As a condition on a table's bookkeeping columns.
    pub(super) fn condition<C: ColumnTrait>(&self, receipt: C, void_reason: C) -> Result<Condition, Error> {
        let mut condition = Condition::all();
        if let Some(ids) = &self.receipts {
            let keys: Result<Vec<_>, Error> = limited(ids, "receipts")?.iter().map(|id| key_of(id, "receipt", "receipts")).collect();
            condition = condition.add(receipt.is_in(keys?));
        }
        if let Some(instant) = self.changed_after {
            condition = condition.add(receipt.in_subquery(numbered_after(instant.0)));
        }
        if !self.include_void {
            condition = condition.add(void_reason.is_null());
        }
        Ok(condition)
    }
}

/// The filter that every list of records about persons on dates knows.
#[derive(Debug, Clone, Default, InputObject)]
pub struct PlacedFilter {
    /// With any of these keys of the writing client, at most 500; two clients may use one key, so name `client` too.
    pub external_ids: Option<Vec<String>>,
    /// In the numbering of this client, by code; `OFFICE` for what people keep by hand.
    pub client: Option<String>,
    /// Of any of these people, by staff number, at most 500; an unknown one finds nothing.
    pub staff_numbers: Option<Vec<String>>,
    /// Under a posting in any of these bureaus, by code, at most 500; an unknown code finds nothing.
    pub bureaus: Option<Vec<String>>,
    /// Under a posting in any of these units, by code, at most 500; an unknown code finds nothing.
    pub units: Option<Vec<String>>,
    /// On this civil date (Asia/Tokyo) or a later one.
    pub from: Option<Date>,
    /// Before this civil date (Asia/Tokyo), which is itself left out.
    pub to: Option<Date>,
}

/// The filter that every list of records of bureaus knows.
#[derive(Debug, Clone, Default, InputObject)]
pub struct BelongingFilter {
    /// With any of these keys of the writing client, at most 500; two clients may use one key, so name `client` too.
    pub external_ids: Option<Vec<String>>,
    /// In the numbering of this client, by code; `OFFICE` for what people keep by hand.
    pub client: Option<String>,
    /// Of any of these bureaus, by code, at most 500; an unknown code finds nothing.
    pub bureaus: Option<Vec<String>>,
    /// Of any of these units, by code, at most 500; an unknown code finds nothing.
    pub units: Option<Vec<String>>,
}

/// The filter that every list of records of the office knows.
#[derive(Debug, Clone, Default, InputObject)]
pub struct OfficeFilter {
    /// With any of these keys of the writing client, at most 500; two clients may use one key, so name `client` too.
    pub external_ids: Option<Vec<String>>,
    /// In the numbering of this client, by code; `OFFICE` for what people keep by hand.
    pub client: Option<String>,
}

/// A filter's list, which holds at most 500 members.
pub(super) fn limited<'a, T>(items: &'a [T], field: &str) -> Result<&'a [T], Error> {
    if items.len() > 500 {
        return Err(Error::input(field, "絞り込みの値は500個までです。", "A filter holds at most 500 values."));
    }
    Ok(items)
}

/// The condition of a [`RecordFilter`] on a table.
macro_rules! record_condition {
    ($filter:expr, $table:ident) => {
        $filter.condition(entity::$table::Column::ReceiptId, entity::$table::Column::VoidReason)
    };
}

/// The condition that a filter's keys and client are on a table: the part that all shapes share.
macro_rules! office_condition {
    ($filter:expr, $table:ident) => {{
        use entity::$table::Column;
        use sea_orm::ColumnTrait;
        let filter = &$filter;
        let mut condition = sea_orm::Condition::all();
        if let Some(keys) = &filter.external_ids {
            condition = condition.add(Column::ExternalId.is_in($crate::graphql::record::limited(keys, "externalIds")?));
        }
        if let Some(client) = &filter.client {
            condition = condition.add(Column::Client.eq(client));
        }
        condition
    }};
}

/// The condition of a [`BelongingFilter`] on a table, of which that of a [`PlacedFilter`] is a part.
macro_rules! belonging_condition {
    ($filter:expr, $table:ident) => {{
        use entity::$table::Column;
        use sea_orm::ColumnTrait;
        let filter = &$filter;
        let mut condition = $crate::graphql::record::office_condition!(filter, $table);
        if let Some(codes) = &filter.bureaus {
            let codes = $crate::graphql::record::limited(codes, "bureaus")?;
            condition = condition.add(Column::BureauId.in_subquery($crate::store::codes::bureaus(codes)));
        }
        if let Some(codes) = &filter.units {
            let codes = $crate::graphql::record::limited(codes, "units")?;
            condition = condition.add(Column::UnitId.in_subquery($crate::store::codes::units(codes)));
        }
        condition
    }};
}

/// The condition of a [`PlacedFilter`] on a table.
macro_rules! placed_condition {
    ($filter:expr, $table:ident) => {{
        use entity::$table::Column;
        use sea_orm::ColumnTrait;
        let filter = &$filter;
        let mut condition = $crate::graphql::record::belonging_condition!(filter, $table);
        if let Some(numbers) = &filter.staff_numbers {
            let numbers = $crate::graphql::record::limited(numbers, "staffNumbers")?;
            condition = condition.add(Column::StaffId.in_subquery($crate::store::codes::staff(numbers)));
        }
        if let Some(from) = filter.from {
            condition = condition.add(Column::Date.gte(from.0));
        }
        if let Some(to) = filter.to {
            condition = condition.add(Column::Date.lt(to.0));
        }
        condition
    }};
}

/// A GraphQL object around a row: `From`, and its place among the nouns and in lists.
macro_rules! noun {
    ($object:ident, $table:ident) => {
        impl From<entity::$table::Model> for $object {
            fn from(row: entity::$table::Model) -> Self {
                Self(row)
            }
        }

        impl $crate::graphql::node::Noun for $object {
            type Entity = entity::$table::Entity;
        }
    };
}

pub(super) use {belonging_condition, noun, office_condition, placed, placed_condition, record_condition};
