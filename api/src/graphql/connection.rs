//! Lists as Relay connections. `totalCount` is counted only when it is asked for.

use super::{loaders::Loaders, node::Noun};
use crate::{
    error::Error,
    store::{
        Store,
        page::{Ordering, Page, PageArgs},
    },
    words::Long,
};
use async_graphql::{Context, Object, OutputType, Result, SimpleObject, TypeName};
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
    /// Cursor of the first row.
    pub start_cursor: Option<String>,
    /// Cursor of the last row.
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

    /// The row.
    async fn node(&self) -> &T {
        &self.node
    }
}

type Count = Box<dyn Fn(Store) -> BoxFuture<'static, Result<u64, Error>> + Send + Sync>;

/// One page of a list.
pub struct Connection<T> {
    edges: Vec<Edge<T>>,
    page_info: PageInfo,
    count: Count,
}

impl<T: OutputType> TypeName for Connection<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", T::type_name()).into()
    }
}

/// One page of a list.
#[Object(name_type)]
impl<T: OutputType> Connection<T> {
    /// The rows, each with its cursor.
    async fn edges(&self) -> &[Edge<T>] {
        &self.edges
    }

    /// The rows.
    async fn nodes(&self) -> Vec<&T> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    /// Where the page lies.
    async fn page_info(&self) -> &PageInfo {
        &self.page_info
    }

    /// How many rows the whole list has; counted when asked for.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<Long> {
        let count = (self.count)(store(ctx).clone()).await?;
        Ok(Long(i64::try_from(count).unwrap_or(i64::MAX)))
    }
}

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
        let edges: Vec<_> = page.rows.into_iter().map(|(cursor, row)| Edge { cursor, node: node(row) }).collect();
        let page_info = PageInfo {
            has_next_page: page.has_next,
            has_previous_page: page.has_previous,
            start_cursor: edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: edges.last().map(|edge| edge.cursor.clone()),
        };
        Self { edges, page_info, count: Box::new(move |store| Box::pin(count(store))) }
    }
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
    let page = store(ctx).page::<T::Entity>(filter.clone(), order, args).await?;
    let count = move |store: Store| {
        let filter = filter.clone();
        async move { store.count::<T::Entity>(filter).await }
    };
    Ok(Connection::of(page, T::from, count))
}
