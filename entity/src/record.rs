//! What every record that is written from outside has in common: its place in a client's own numbering, its version, its history.

use crate::ids::ReceiptId;
use chrono::{DateTime, Utc};

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

/// Declares a table of [`Record`]s: the given columns, then the bookkeeping columns that all of them share.
macro_rules! record {
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

pub(crate) use record;
