//! Lists as Relay connections. `totalCount` is counted only when it is asked for.

use super::{
    loaders::Loaders,
    node::Noun,
    projection::{Cells, Projection},
};
use crate::{
    error::Error,
    store::{
        Store,
        joined::{Joined, ProjectedRow},
        page::{Ordering, Page, PageArgs},
        scope::Scoped,
    },
    words::Long,
};
use async_graphql::{
    Context, ContextSelectionSet, Object, OutputType, Positioned, Result, ServerResult, SimpleObject, TypeName, Value,
    parser::types::Field, registry::Registry,
};
use futures_util::future::BoxFuture;
use sea_orm::{Condition, EntityTrait};
use std::borrow::Cow;

/// Which part of a list a page holds.
#[derive(Debug, Clone, Default, SimpleObject)]
pub struct PageInfo {
    /// Whether rows follow.
    pub has_next_page: bool,
    /// Whether rows came before.
    pub has_previous_page: bool,
    /// Cursor of the page's first row, to be given as `before`; null on an empty page.
    pub start_cursor: Option<String>,
    /// Cursor of the page's last row, to be given as `after`; null on an empty page.
    pub end_cursor: Option<String>,
}

/// One row of a list.
pub struct Edge<T> {
    cursor: String,
    node: T,
}

impl<T: OutputType> TypeName for Edge<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", T::type_name()).into()
    }
}

/// One row of a list, with its place.
#[Object(name_type)]
impl<T: OutputType> Edge<T> {
    /// The row's place in the list.
    async fn cursor(&self) -> &str {
        &self.cursor
    }

    /// The row, the same that stands in `nodes`.
    async fn node(&self) -> &T {
        &self.node
    }
}

type Count = Box<dyn Fn(Store) -> BoxFuture<'static, Result<u64, Error>> + Send + Sync>;

/// One page of a list.
pub struct Connection<T> {
    rows: Rows<T>,
    page_info: PageInfo,
    count: Count,
}

/// The rows of a page: whole, or the columns that were asked for.
enum Rows<T> {
    Whole(Vec<Edge<T>>),
    Projection(Cells, Vec<(String, ProjectedRow)>),
}

impl<T: OutputType> TypeName for Connection<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", T::type_name()).into()
    }
}

/// One page of a list: 50 rows by default, at most 500, in the order that was asked for.
#[Object(name_type)]
impl<T: OutputType> Connection<T> {
    /// The rows, each with its cursor.
    async fn edges(&self) -> Edges<'_, T> {
        Edges(&self.rows)
    }

    /// The rows without their cursors, in the same order.
    async fn nodes(&self) -> Nodes<'_, T> {
        Nodes(&self.rows)
    }

    /// Whether rows lie before and behind this page, and the cursors at its ends.
    async fn page_info(&self) -> &PageInfo {
        &self.page_info
    }

    /// How many rows the whole list has; counted when asked for.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<Long> {
        let count = (self.count)(store(ctx).clone()).await?;
        Ok(Long(i64::try_from(count).unwrap_or(i64::MAX)))
    }
}

/// A list in one of the two forms of its rows, as GraphQL's list of `$item`.
macro_rules! list_of {
    ($name:ident, $item:ty, $whole:expr, $sheet:expr) => {
        struct $name<'a, T>(&'a Rows<T>);

        impl<T: OutputType> OutputType for $name<'_, T> {
            fn type_name() -> Cow<'static, str> {
                <Vec<&$item> as OutputType>::type_name()
            }

            fn qualified_type_name() -> String {
                Vec::<&$item>::qualified_type_name()
            }

            fn create_type_info(registry: &mut Registry) -> String {
                Vec::<&$item>::create_type_info(registry)
            }

            async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
                match self.0 {
                    Rows::Whole(edges) => edges.iter().map($whole).collect::<Vec<&$item>>().resolve(ctx, field).await,
                    Rows::Projection(cells, rows) => {
                        let shown: Result<Vec<Value>, Error> = rows.iter().map(|(cursor, row)| $sheet(cells, cursor, row, ctx)).collect();
                        shown.map(Value::List).map_err(|error| async_graphql::Error::from(error).into_server_error(field.pos))
                    }
                }
            }
        }
    };
}

list_of!(Edges, Edge<T>, |edge| edge, |cells: &Cells, cursor: &str, row, ctx: &ContextSelectionSet<'_>| cells.edge(
    cursor,
    row,
    &ctx.item.node
));
list_of!(Nodes, T, |edge| &edge.node, |cells: &Cells, _: &str, row, _: &ContextSelectionSet<'_>| cells.show(row));

/// The store of the request. The front puts it there before it executes anything; without it the schema answers nothing.
pub(super) fn store<'a>(ctx: &Context<'a>) -> &'a Store {
    ctx.data_unchecked()
}

/// The loaders of the request.
pub(super) fn loaders<'a>(ctx: &Context<'a>) -> &'a Loaders {
    ctx.data_unchecked()
}

impl<T> Connection<T> {
    /// A page that the store gave, and how to count the whole list.
    pub(super) fn of<M, F>(page: Page<M>, node: impl Fn(M) -> T, count: impl Fn(Store) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<u64, Error>> + Send + 'static,
    {
        Self::framed(page, count, |rows| Rows::Whole(rows.into_iter().map(|(cursor, row)| Edge { cursor, node: node(row) }).collect()))
    }

    fn framed<M, F>(
        page: Page<M>,
        count: impl Fn(Store) -> F + Send + Sync + 'static,
        rows: impl FnOnce(Vec<(String, M)>) -> Rows<T>,
    ) -> Self
    where
        F: Future<Output = Result<u64, Error>> + Send + 'static,
    {
        let page_info = PageInfo {
            has_next_page: page.has_next,
            has_previous_page: page.has_previous,
            start_cursor: page.rows.first().map(|(cursor, _)| cursor.clone()),
            end_cursor: page.rows.last().map(|(cursor, _)| cursor.clone()),
        };
        Self { rows: rows(page.rows), page_info, count: Box::new(move |store| Box::pin(count(store))) }
    }
}

/// What the query asks of each row of this list that can come in the list's own statement.
fn along(ctx: &Context<'_>) -> Joined {
    let list = ctx.look_ahead();
    let (nodes, edges) = (list.field("nodes"), list.field("edges").field("node"));
    let asked = |field| nodes.field(field).exists() || edges.field(field).exists();
    Joined { staff_number: asked("staffNumber"), bureau: asked("bureau"), unit: asked("unit") }
}

/// By what a list was asked for, in names alone: the members of its filter that ask something, and its other arguments.
fn asked(ctx: &Context<'_>) -> Vec<String> {
    const PAGING: [&str; 5] = ["first", "after", "last", "before", "orderBy"];
    let mut names = Vec::new();
    for (name, value) in ctx.field().arguments().unwrap_or_default() {
        match value {
            Value::Object(filter) if name == "filter" => {
                names.extend(filter.into_iter().filter(|(_, value)| *value != Value::Null).map(|(name, _)| name.to_string()));
            }
            Value::Null => {}
            _ if PAGING.contains(&name.as_str()) => {}
            _ => names.push(name.to_string()),
        }
    }
    names
}

/// One page of a noun's rows that match a filter.
pub(super) async fn list<T: Noun>(
    ctx: &Context<'_>,
    filter: Condition,
    order: Ordering<<T::Entity as EntityTrait>::Column>,
    args: &PageArgs,
) -> Result<Connection<T>>
where
    <T::Entity as EntityTrait>::Model: Sync,
{
    store(ctx).note_filter(<T::Entity as Scoped>::NOUN, || asked(ctx));
    let counted = filter.clone();
    let count = move |store: Store| {
        let filter = counted.clone();
        async move { store.count::<T::Entity>(filter).await }
    };
    if let Some(Projection { columns, cells }) = T::sheet(ctx) {
        let page = store(ctx).sheet::<T::Entity>(filter, order, args, &columns).await?;
        return Ok(Connection::framed(page, count, |rows| Rows::Projection(cells, rows)));
    }
    let (page, came) = store(ctx).page::<T::Entity>(filter, order, args, along(ctx)).await?;
    loaders(ctx).keep(came);
    Ok(Connection::of(page, T::from, count))
}
