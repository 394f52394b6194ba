//! Key newtypes: UUID version 7, so that ids made later sort later and an id of one table cannot be passed for another's.

use sea_orm::{DbErr, DeriveValueType, TryFromU64};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, DeriveValueType)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id, later in order than every id made before it in this process.
            #[must_use]
            #[allow(clippy::new_without_default)]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, DbErr> {
                Err(DbErr::ConvertFromU64(stringify!($name)))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )+};
}

macro_rules! of_register {
    ($(#[doc = $doc:literal] $name:ident $(($id:ident))? = $table:ident: $shape:ident $(($minutes:ident))? { $($facts:tt)* })+) => {
        ids! { $($(#[doc = concat!("Key of a row of `", stringify!($table), "`.")] $id,)?)+ }
    };
}
crate::each_noun!(of_register);

// Of tables that the policy does not know.
ids! {
    /// Key of a set of bureaus: the hash of their ids.
    BureauSetId,
    /// Key of a row of `change`.
    ChangeId,
    /// Which database it is.
    DatabaseIdentityId,
    /// Key of a `protection`.
    ProtectionId,
    /// Key of a receipt.
    ReceiptId,
    /// Key of a `record_revision`.
    RecordRevisionId,
    /// Key of a snapshot.
    SnapshotId,
    /// Key of a `stale_mark`.
    StaleMarkId,
    /// Key of a `vintage_withdrawal`.
    VintageWithdrawalId,
}
