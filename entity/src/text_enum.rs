//! One Rust enum, text in the database, the same word in SQL, Rust and GraphQL.

/// Declares an enum that is stored as its `SCREAMING_SNAKE_CASE` name; with the feature `graphql` the API shows it under the same name and
/// with the same words.
macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, sea_orm::EnumIter,
            sea_orm::DeriveActiveEnum,
        )]
        #[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
        #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// The word that stands in the database and in GraphQL.
            #[must_use]
            pub fn as_text(self) -> String {
                sea_orm::ActiveEnum::to_value(&self)
            }
        }
    };
}

pub(crate) use text_enum;
