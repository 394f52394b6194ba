//! Object, filter, list and mutation of a noun of a shape, of which it states its own fields and conditions, each once.
//!
//! The first word is the shape, as in entity's `record!`. A field or condition that needs the day of the request names it after its own name:
//! `analysis_overdue(today): bool = |row| row.analysis_overdue(today);`.

use crate::error::Error;
use sea_orm::{Condition, sea_query::SimpleExpr};

/// What a filter's member asks of the table: an expression or a condition, or why it asks too much.
pub trait Asked {
    /// The condition.
    ///
    /// # Errors
    /// `BAD_USER_INPUT`.
    fn asked(self) -> Result<Condition, Error>;
}

impl Asked for SimpleExpr {
    fn asked(self) -> Result<Condition, Error> {
        Ok(Condition::all().add(self))
    }
}

impl Asked for Condition {
    fn asked(self) -> Result<Condition, Error> {
        Ok(self)
    }
}

impl Asked for Result<SimpleExpr, Error> {
    fn asked(self) -> Result<Condition, Error> {
        self.and_then(Asked::asked)
    }
}

/// What `asks` asks of `value`.
pub fn ask<T, A: Asked>(value: T, asks: impl FnOnce(T) -> A) -> Result<Condition, Error> {
    asks(value).asked()
}

/// What `shows` shows of `row`.
pub fn show<'a, M, T>(row: &'a M, shows: impl FnOnce(&'a M) -> T) -> T {
    shows(row)
}

/// The object of a noun of a shape: its own fields, each with what it shows of the row, between those that all of the shape have.
macro_rules! record_object {
    (dated $($rest:tt)*) => {
        $crate::graphql::record::record_object! {
            @ {
                #[graphql(flatten)]
                fn head(&self) -> $crate::graphql::record::Placed<'_> {
                    $crate::graphql::record::placed!(self.0)
                }
            }
            $($rest)*
        }
    };
    (of_bureau $($rest:tt)*) => {
        $crate::graphql::record::record_object! {
            @ {
                #[graphql(flatten)]
                fn head(&self) -> $crate::graphql::record::Belonging<'_> {
                    $crate::graphql::record::Belonging {
                        bureau_id: self.0.bureau_id,
                        unit_id: self.0.unit_id,
                        correction_reason: self.0.correction_reason.as_deref(),
                    }
                }
            }
            $($rest)*
        }
    };
    (of_office $($rest:tt)*) => {
        $crate::graphql::record::record_object! {
            @ {
                /// Why a closed month was corrected: the record is late. Null in an open month.
                async fn correction_reason(&self) -> Option<&str> {
                    self.0.correction_reason.as_deref()
                }
            }
            $($rest)*
        }
    };
    (
        @ { $($head:tt)* }
        $(#[$doc:meta])*
        $object:ident = $table:ident { $($(#[$field_doc:meta])* $field:ident $(($today:ident))?: $type:ty = $shows:expr;)* }
    ) => {
        $(#[$doc])*
        pub struct $object(entity::$table::Model);

        $crate::graphql::record::noun!($object, $table);

        $(#[$doc])*
        #[async_graphql::Object]
        #[allow(clippy::wrong_self_convention, reason = "a field is called as its column is, also from_band")]
        impl $object {
            /// Global id, as `node` takes it; it stays the same through all changes of the row.
            pub(crate) async fn id(&self) -> async_graphql::ID {
                $crate::graphql::node::global_id(stringify!($table), self.0.id.0)
            }

            /// The key in the client's own numbering.
            async fn external_id(&self) -> &str {
                &self.0.external_id
            }

            /// Code of the machine client in whose numbering the record is; `OFFICE` for what people keep by hand.
            async fn client(&self) -> &str {
                &self.0.client
            }

            $($head)*

            $(
                $(#[$field_doc])*
                async fn $field(&self, _ctx: &async_graphql::Context<'_>) -> $type {
                    $(let $today = $crate::graphql::connection::store(_ctx).today();)?
                    $crate::graphql::record::show(&self.0, $shows)
                }
            )*

            #[graphql(flatten)]
            fn bookkeeping(&self) -> $crate::graphql::record::Bookkeeping {
                $crate::graphql::record::Bookkeeping::of(&self.0)
            }
        }
    };
}

/// The filter, the list and the mutation of a noun of a shape: its own conditions, each with what it asks of the table, after those that all of
/// the shape have.
macro_rules! record_roots {
    (dated $($rest:tt)*) => {
        $crate::graphql::record::record_roots! { @ PlacedFilter placed_condition DateOrder (Date) $($rest)* }
    };
    (of_bureau $($rest:tt)*) => {
        $crate::graphql::record::record_roots! { @ BelongingFilter belonging_condition RecordOrder (CreatedAt) $($rest)* }
    };
    (of_office $($rest:tt)*) => {
        $crate::graphql::record::record_roots! { @ OfficeFilter office_condition RecordOrder (CreatedAt) $($rest)* }
    };
    (
        @ $head:ident $head_condition:ident $order:ident ($by:ident)
        $object:ident = $table:ident, $draft:ty;
        $which:literal { $($(#[$condition_doc:meta])* $condition:ident $(($today:ident))?: $type:ty = $asks:expr;)* }
        $(#[$list_doc:meta])* $list:ident
        $(#[$record_doc:meta])* $record:ident
    ) => {
        #[doc = $which]
        #[derive(Debug, Clone, Default, async_graphql::InputObject)]
        #[graphql(name_type)]
        pub struct Filter {
            #[graphql(flatten)]
            head: $crate::graphql::record::$head,
            #[graphql(flatten)]
            record: $crate::graphql::record::RecordFilter,
            $($(#[$condition_doc])* $condition: Option<$type>,)*
        }

        impl async_graphql::TypeName for Filter {
            fn type_name() -> std::borrow::Cow<'static, str> {
                concat!(stringify!($object), "Filter").into()
            }
        }

        /// The list.
        #[derive(Default)]
        pub struct Query;

        impl async_graphql::TypeName for Query {
            fn type_name() -> std::borrow::Cow<'static, str> {
                concat!(stringify!($object), "Query").into()
            }
        }

        #[async_graphql::Object(name_type)]
        impl Query {
            $(#[$list_doc])*
            #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
            async fn $list(
                &self,
                ctx: &async_graphql::Context<'_>,
                #[graphql(desc = $which, default)] filter: $crate::graphql::nullable::Conditions<Filter>,
                #[graphql(desc = "In which order; ties by id.", default)]
                order_by: $crate::graphql::record::$order,
                #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
                #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
                #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
                #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
            ) -> $crate::graphql::nullable::Nullable<$crate::graphql::connection::Connection<$object>> { $crate::graphql::nullable::attempt(async { let filter = filter.0;
                let condition = $crate::graphql::record::$head_condition!(filter.head, $table)
                    .add($crate::graphql::record::record_condition!(filter.record, $table)?);
                // A noun may have no conditions of its own.
                $(
                    let condition = match filter.$condition {
                        Some(value) => {
                            $(let $today = $crate::graphql::connection::store(ctx).today();)?
                            condition.add($crate::graphql::record::ask::<$type, _>(value, $asks)?)
                        }
                        None => condition,
                    };
                )*
                let order = $crate::store::page::Ordering { by: entity::$table::Column::$by, descending: order_by.is_descending() };
                let args = $crate::store::page::PageArgs { first, after, last, before };
                $crate::graphql::connection::list(ctx, condition, order, &args).await
            }).await }
        }

        /// The mutation.
        #[derive(Default)]
        pub struct Mutation;

        impl async_graphql::TypeName for Mutation {
            fn type_name() -> std::borrow::Cow<'static, str> {
                concat!(stringify!($object), "Mutation").into()
            }
        }

        #[async_graphql::Object(name_type)]
        impl Mutation {
            $(#[$record_doc])*
            async fn $record(
                &self,
                ctx: &async_graphql::Context<'_>,
                #[graphql(desc = "The call: its key, its mode, and the records.")] input: $crate::graphql::record::RecordInput<$draft>,
            ) -> $crate::graphql::nullable::Nullable<$crate::graphql::record::RecordPayload> { $crate::graphql::nullable::attempt(async {
                $crate::graphql::record::write::<entity::$table::Model>(ctx, input).await
            }).await }
        }
    };
}

pub(in crate::graphql) use {record_object, record_roots};
