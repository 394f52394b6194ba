//! What every record that is written from outside has in common: its place in a client's own numbering, its version, its history.

use crate::ids::{BureauId, PostingId, ReceiptId, StaffId, UnitId};
use chrono::{DateTime, NaiveDate, Utc};

/// The bookkeeping columns of a record, apart from what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta {
    /// The source's own version of the record, which only grows; null where the source keeps none.
    pub source_version: Option<i64>,
    /// Why the record was taken out of every rule and measure; null while it counts.
    pub void_reason: Option<String>,
    /// Counts the stored versions from 1.
    pub revision: i32,
    /// The call that wrote this version.
    pub receipt_id: ReceiptId,
    /// When the record was first written.
    pub created_at: DateTime<Utc>,
    /// When this version was written.
    pub updated_at: DateTime<Utc>,
}

/// A table whose rows are written in bulk, versioned and voided.
pub trait Record: Clone + PartialEq {
    /// The row's key as a plain UUID.
    fn key(&self) -> uuid::Uuid;
    /// The bookkeeping columns.
    fn meta(&self) -> Meta;
    /// Replaces the bookkeeping columns.
    fn set_meta(&mut self, meta: Meta);
    /// Replaces the row's key.
    fn set_key(&mut self, key: uuid::Uuid);

    /// Whether two versions say the same, whatever their bookkeeping.
    fn same_content(&self, other: &Self) -> bool {
        let mut copy = self.clone();
        copy.set_key(other.key());
        copy.set_meta(other.meta());
        copy == *other
    }
}

/// A shape of records: what its nouns have in common before the columns of their own.
pub trait Shape {
    /// The columns in common, as they are read and written.
    type Head<'a>;
}

/// About a person on a date: under the posting that the person held on it.
#[derive(Debug)]
pub struct Dated;

/// A bureau's, or one of its units'.
#[derive(Debug)]
pub struct OfBureau;

/// The office's as a whole.
#[derive(Debug)]
pub struct OfOffice;

impl Shape for Dated {
    type Head<'a> = DatedHead<'a>;
}

impl Shape for OfBureau {
    type Head<'a> = BureauHead<'a>;
}

impl Shape for OfOffice {
    type Head<'a> = OfficeHead<'a>;
}

/// What a [`Dated`] record begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DatedHead<'a> {
    /// The writing client.
    pub client: &'a str,
    /// The record's key in the client's own numbering.
    pub external_id: &'a str,
    /// The person.
    pub staff_id: StaffId,
    /// The posting that the person held on the date.
    pub posting_id: PostingId,
    /// That posting's bureau: the row scope.
    pub bureau_id: BureauId,
    /// That posting's unit.
    pub unit_id: UnitId,
    /// The civil date (Asia/Tokyo).
    pub date: NaiveDate,
    /// Why a closed month was corrected: the record is marked late. Null in an open month.
    pub correction_reason: Option<&'a str>,
}

/// What a record [`OfBureau`] begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BureauHead<'a> {
    /// The writing client.
    pub client: &'a str,
    /// The record's key in the client's own numbering.
    pub external_id: &'a str,
    /// The bureau: the row scope.
    pub bureau_id: BureauId,
    /// The unit; null where the bureau as a whole is meant.
    pub unit_id: Option<UnitId>,
    /// Why a closed month was corrected: the record is marked late. Null in an open month.
    pub correction_reason: Option<&'a str>,
}

/// What a record [`OfOffice`] begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfficeHead<'a> {
    /// The writing client.
    pub client: &'a str,
    /// The record's key in the client's own numbering.
    pub external_id: &'a str,
    /// Why a closed month was corrected: the record is marked late. Null in an open month.
    pub correction_reason: Option<&'a str>,
}

/// The head of a noun's records.
pub type Head<'a, M> = <<M as Shaped>::Shape as Shape>::Head<'a>;

/// A record of a shape: a head, what is the noun's own, and the bookkeeping.
pub trait Shaped: Record {
    /// The shape.
    type Shape: Shape;
    /// What it says, apart from its head and bookkeeping.
    type Own;

    /// A new row.
    fn of(head: Head<'_, Self>, own: Self::Own, meta: Meta) -> Self;
    /// The head.
    fn head(&self) -> Head<'_, Self>;
    /// Marks the row as a late correction.
    fn set_correction_reason(&mut self, reason: Option<String>);
}

/// Declares a table of [`Record`]s: the given columns, then the bookkeeping columns that all of them share. One of a [`Shape`] is given its own
/// columns alone; those of its head come before them.
macro_rules! record {
    ($(#[$doc:meta])* dated $table:literal, $id:ident, { $($own:tt)* }) => {
        crate::record::record! {
            $(#[$doc])*
            $table, $id, {
                /// The writing client.
                #[sea_orm(column_type = "Text")]
                pub client: String,
                /// The record's key in the client's own numbering.
                #[sea_orm(column_type = "Text")]
                pub external_id: String,
                /// The person.
                pub staff_id: crate::ids::StaffId,
                /// The posting that the person held on the date.
                pub posting_id: crate::ids::PostingId,
                /// That posting's bureau: the row scope.
                pub bureau_id: crate::ids::BureauId,
                /// That posting's unit.
                pub unit_id: crate::ids::UnitId,
                /// The civil date (Asia/Tokyo).
                pub date: chrono::NaiveDate,
                /// Why a closed month was corrected: the record is marked late. Null in an open month.
                #[sea_orm(column_type = "Text")]
                pub correction_reason: Option<String>,
                $($own)*
            }
        }
        crate::record::shaped! { Dated, DatedHead { staff_id posting_id bureau_id unit_id date } $($own)* }
    };
    ($(#[$doc:meta])* of_bureau $table:literal, $id:ident, { $($own:tt)* }) => {
        crate::record::record! {
            $(#[$doc])*
            $table, $id, {
                /// The writing client.
                #[sea_orm(column_type = "Text")]
                pub client: String,
                /// The record's key in the client's own numbering.
                #[sea_orm(column_type = "Text")]
                pub external_id: String,
                /// The bureau: the row scope.
                pub bureau_id: crate::ids::BureauId,
                /// The unit; null where the bureau as a whole is meant.
                pub unit_id: Option<crate::ids::UnitId>,
                /// Why a closed month was corrected: the record is marked late. Null in an open month.
                #[sea_orm(column_type = "Text")]
                pub correction_reason: Option<String>,
                $($own)*
            }
        }
        crate::record::shaped! { OfBureau, BureauHead { bureau_id unit_id } $($own)* }
    };
    ($(#[$doc:meta])* of_office $table:literal, $id:ident, { $($own:tt)* }) => {
        crate::record::record! {
            $(#[$doc])*
            $table, $id, {
                /// The writing client.
                #[sea_orm(column_type = "Text")]
                pub client: String,
                /// The record's key in the client's own numbering.
                #[sea_orm(column_type = "Text")]
                pub external_id: String,
                /// Why a closed month was corrected: the record is marked late. Null in an open month.
                #[sea_orm(column_type = "Text")]
                pub correction_reason: Option<String>,
                $($own)*
            }
        }
        crate::record::shaped! { OfOffice, OfficeHead {} $($own)* }
    };
    ($(#[$doc:meta])* $table:literal, $id:ident, { $($fields:tt)* }) => {
        use sea_orm::entity::prelude::*;

        $(#[$doc])*
        #[sea_orm::model]
        #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel, serde::Serialize, serde::Deserialize)]
        #[sea_orm(table_name = $table)]
        pub struct Model {
            /// The row's key.
            #[sea_orm(primary_key, auto_increment = false)]
            pub id: $id,
            $($fields)*
            /// The source's own version, which only grows.
            pub source_version: Option<i64>,
            /// Why the record no longer counts; null while it does.
            #[sea_orm(column_type = "Text")]
            pub void_reason: Option<String>,
            /// Counts the stored versions from 1.
            pub revision: i32,
            /// The call that wrote this version.
            pub receipt_id: crate::ids::ReceiptId,
            /// When the record was first written.
            pub created_at: chrono::DateTime<chrono::Utc>,
            /// When this version was written.
            pub updated_at: chrono::DateTime<chrono::Utc>,
        }

        impl ActiveModelBehavior for ActiveModel {}

        impl crate::record::Record for Model {
            fn key(&self) -> uuid::Uuid {
                self.id.0
            }
            fn meta(&self) -> crate::record::Meta {
                crate::record::Meta {
                    source_version: self.source_version,
                    void_reason: self.void_reason.clone(),
                    revision: self.revision,
                    receipt_id: self.receipt_id,
                    created_at: self.created_at,
                    updated_at: self.updated_at,
                }
            }
            fn set_meta(&mut self, meta: crate::record::Meta) {
                self.source_version = meta.source_version;
                self.void_reason = meta.void_reason;
                self.revision = meta.revision;
                self.receipt_id = meta.receipt_id;
                self.created_at = meta.created_at;
                self.updated_at = meta.updated_at;
            }
            fn set_key(&mut self, key: uuid::Uuid) {
                self.id = $id(key);
            }
        }
    };
}

/// What the columns of a table's own make of it as a [`Shaped`] one. The table itself is declared from the bare tokens: the derives of the
/// table read types, and a type that a macro has parsed is another one to them.
macro_rules! shaped {
    (
        $shape:ident, $head:ident { $($place:ident)* }
        $($(#[doc = $doc:literal])* $(#[sea_orm($($column:tt)*)])? pub $field:ident: $type:ty,)*
    ) => {
        /// What the record says, apart from its head and bookkeeping.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Own {
            $($(#[doc = $doc])* pub $field: $type,)*
        }

        impl crate::record::Shaped for Model {
            type Shape = crate::record::$shape;
            type Own = Own;

            fn of(head: crate::record::$head<'_>, own: Own, meta: crate::record::Meta) -> Self {
                Self {
                    id: uuid::Uuid::now_v7().into(),
                    client: head.client.to_owned(),
                    external_id: head.external_id.to_owned(),
                    $($place: head.$place,)*
                    correction_reason: head.correction_reason.map(str::to_owned),
                    $($field: own.$field,)*
                    source_version: meta.source_version,
                    void_reason: meta.void_reason,
                    revision: meta.revision,
                    receipt_id: meta.receipt_id,
                    created_at: meta.created_at,
                    updated_at: meta.updated_at,
                }
            }

            fn head(&self) -> crate::record::$head<'_> {
                crate::record::$head {
                    client: &self.client,
                    external_id: &self.external_id,
                    $($place: self.$place,)*
                    correction_reason: self.correction_reason.as_deref(),
                }
            }

            fn set_correction_reason(&mut self, reason: Option<String>) {
                self.correction_reason = reason;
            }
        }
    };
}

pub(crate) use {record, shaped};
