//! The one way in which rows are listed: keyset pages in one statement, forward or backward, never more than 500 rows.

use crate::store::{
    Store, dialect,
    joined::{Asked, Joined, JoinedRows, Place, ProjectedRow, only},
    scope::Scoped,
    trace::Trace,
};
use crate::{error::Error, words::is_kept};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, NaiveDate, Utc};
use entity::ids::BureauId;
use sea_orm::{
    ColumnTrait, ColumnType, Condition, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, IdenStatic, ModelTrait, Order,
    PaginatorTrait, QueryFilter, QueryOrder, QueryResult, QuerySelect, QueryTrait, Select, Value,
    sea_query::{Expr, ExprTrait, Func, Query, SimpleExpr},
};
use uuid::Uuid;

/// Rows on a page unless the caller says otherwise.
const DEFAULT: u64 = 50;
/// The most rows on a page.
const MOST: u64 = 500;

/// Which page: the first rows after a cursor, or the last before one.
#[derive(Debug, Clone, Default)]
pub struct PageArgs {
    /// How many from the start.
    pub first: Option<i32>,
    /// Start after this cursor.
    pub after: Option<String>,
    /// How many from the end.
    pub last: Option<i32>,
    /// End before this cursor.
    pub before: Option<String>,
}

/// In which order: one column that is never null, then the key.
#[derive(Debug, Clone, Copy)]
pub struct Ordering<C> {
    /// The column.
    pub by: C,
    /// Whether larger comes first.
    pub descending: bool,
}

/// One page of rows, each with its cursor.
#[derive(Debug)]
pub struct Page<M> {
    /// Cursor and row, in the order asked for.
    pub rows: Vec<(String, M)>,
    /// Whether rows follow.
    pub has_next: bool,
    /// Whether rows came before.
    pub has_previous: bool,
}

/// A table that can be listed: the column that makes its order total.
pub trait Listed: Scoped {
    /// Unique among the rows of one list.
    const KEY: Self::Column;
    /// The columns that lead to a row's person, bureau and unit, where it has them.
    const PLACE: Option<Place<Self::Column>> = None;
    /// The column that leads to a row's person, of rows about people that lie in no bureau; else the key, for people themselves.
    const PERSON: Option<Self::Column> = None;
}

/// A list cut to one page: what it selects, and how its rows are framed.
pub(in crate::store) struct Keyset<E: EntityTrait> {
    select: Select<E>,
    keys: Vec<E::Column>,
    pub(in crate::store) limit: u64,
    backward: bool,
    cut_before: bool,
    cut_after: bool,
}

impl Store {
    /// One page of the rows that the actor may see and that match `filter`, in one statement with what is to come along.
    ///
    /// # Errors
    /// As [`Store::allow`]; `BAD_USER_INPUT` for a size outside 0 to 500 or a cursor that is not one of this list.
    pub async fn page<E: Listed>(
        &self,
        filter: Condition,
        order: Ordering<E::Column>,
        args: &PageArgs,
        along: Joined,
    ) -> Result<(Page<E::Model>, JoinedRows), Error> {
        let mut keyset = self.keyset::<E>(filter, order, args)?;
        let along = self.join_along(&mut keyset.select, along);
        let rows = self.run(&keyset).await?;
        let read = keyset.shown(&rows);
        let mut came = JoinedRows::default();
        let mut models = Vec::with_capacity(rows.len());
        for row in &rows {
            models.push(E::Model::from_query_result(row, "")?);
            if let Some(place) = E::PLACE {
                came.take(row, place, along)?;
            }
        }
        self.note_rows::<E>(models.iter().take(read).filter_map(whose::<E>));
        Ok((Self::frame(models, &keyset, cursor_of::<E>)?, came))
    }

    /// The same page, of these columns alone: each row holds the list's own keys and then the columns, by place.
    ///
    /// # Errors
    /// As [`Store::page`].
    pub async fn sheet<E: Listed>(
        &self,
        filter: Condition,
        order: Ordering<E::Column>,
        args: &PageArgs,
        columns: &[Asked<E::Column>],
    ) -> Result<Page<ProjectedRow>, Error> {
        let mut keyset = self.keyset::<E>(filter, order, args)?;
        let own = keyset.keys.clone();
        let skip = own.len();
        // The bureau for the trace, after what was asked for; of people the key.
        let traced = if self.trace(E::NOUN) == Trace::Nothing { None } else { E::PLACE.map(|place| Asked::Own(place.bureau)) };
        let columns: Vec<_> = columns.iter().copied().chain(traced).collect();
        keyset.select = only(keyset.select, &own, &columns);
        let rows = self.run(&keyset).await?;
        let at = if traced.is_some() { skip + columns.len() - 1 } else { skip - 1 };
        self.note_rows::<E>(rows.iter().take(keyset.shown(&rows)).filter_map(|row| row.try_get_by_index::<Uuid>(at).ok()));
        let rows = rows.into_iter().map(|row| ProjectedRow { row, skip }).collect();
        let cursor = |keys: &[E::Column], row: &ProjectedRow| cursor(keys.iter().enumerate().map(|(at, key)| decode(key, &row.row, at)));
        Self::frame(rows, &keyset, cursor)
    }

    fn keyset<E: Listed>(&self, filter: Condition, order: Ordering<E::Column>, args: &PageArgs) -> Result<Keyset<E>, Error> {
        let select = self.select::<E>()?.filter(filter);
        let keys = if order.by.as_str() == E::KEY.as_str() { vec![E::KEY] } else { vec![order.by, E::KEY] };
        Keyset::cut(select, keys, order.descending, args)
    }

    /// Reads one row more than the page holds. The limit stands in the text: `PostgreSQL` keeps no plan for one that may be any number, and to
    /// plan such a list anew costs as much as to run it.
    pub(in crate::store) async fn run<E: EntityTrait>(&self, keyset: &Keyset<E>) -> Result<Vec<QueryResult>, Error> {
        let mut statement = keyset.select.build(self.db.backend());
        statement.sql = format!("{} LIMIT {}", statement.sql, keyset.limit + 1);
        Ok(self.reader().query_all_raw(statement).await?)
    }

    pub(in crate::store) fn frame<E: EntityTrait, R>(
        mut rows: Vec<R>,
        keyset: &Keyset<E>,
        cursor: impl Fn(&[E::Column], &R) -> Result<String, Error>,
    ) -> Result<Page<R>, Error> {
        let more = rows.len() as u64 > keyset.limit;
        rows.truncate(usize::try_from(keyset.limit).unwrap_or(usize::MAX));
        if keyset.backward {
            rows.reverse();
        }
        let rows: Result<Vec<_>, Error> = rows.into_iter().map(|row| Ok((cursor(&keyset.keys, &row)?, row))).collect();
        let (has_next, has_previous) = if keyset.backward { (keyset.cut_after, more) } else { (more, keyset.cut_before) };
        Ok(Page { rows: rows?, has_next, has_previous })
    }

    /// How many rows the actor may see that match `filter`.
    ///
    /// # Errors
    /// As [`Store::allow`].
    pub async fn count<E: Listed>(&self, filter: Condition) -> Result<u64, Error>
    where
        E::Model: Sync,
    {
        let select = self.select::<E>()?.filter(filter);
        if self.trace(E::NOUN) != Trace::Entry {
            let rows = select.count(self.reader()).await?;
            self.note_counted(E::NOUN, rows, []);
            return Ok(rows);
        }
        // An entry names the bureaus: rows are counted by the one in which they lie, people by the one that holds them.
        let holder = || {
            let person = format!("{}.{}", E::default().table_name(), E::PERSON.unwrap_or(E::KEY).as_str());
            Expr::cust(dialect::holder_on(&person, self.today()))
        };
        let bureau = E::PLACE.map_or_else(holder, |place| place.bureau.into_expr());
        let counted = select.select_only().expr_as(bureau, "holder").expr_as(Expr::cust("COUNT(*)"), "rows").group_by(Expr::cust("holder"));
        let counted: Vec<(Option<BureauId>, i64)> = counted.into_tuple().all(self.reader()).await?;
        let rows = counted.iter().map(|(_, rows)| u64::try_from(*rows).unwrap_or_default()).sum();
        self.note_counted(E::NOUN, rows, counted.into_iter().filter_map(|(bureau, rows)| Some((bureau?, rows))));
        Ok(rows)
    }

    /// The one row with this key, where the actor may see it.
    ///
    /// # Errors
    /// As [`Store::allow`].
    pub async fn one<E: Listed>(&self, key: Uuid) -> Result<Option<E::Model>, Error> {
        let row = self.select::<E>()?.filter(E::KEY.eq(key)).one(self.reader()).await?;
        self.note_rows::<E>(row.iter().filter_map(whose::<E>));
        Ok(row)
    }

    /// The one row that matches a filter of a unique key, where the actor may see it.
    ///
    /// # Errors
    /// As [`Store::allow`].
    pub async fn first<E: Listed>(&self, filter: Condition) -> Result<Option<E::Model>, Error> {
        let row = self.select::<E>()?.filter(filter).one(self.reader()).await?;
        self.note_rows::<E>(row.iter().filter_map(whose::<E>));
        Ok(row)
    }

    /// The rows with these keys that the actor may see, in one statement; for per-request loaders.
    ///
    /// # Errors
    /// As [`Store::allow`].
    pub async fn many<E: Listed>(&self, column: E::Column, keys: &[Uuid]) -> Result<Vec<E::Model>, Error> {
        let listed = one_of(self.db.backend(), column, keys.iter().copied());
        let rows = self.select::<E>()?.filter(listed).all(self.reader()).await?;
        self.note_rows::<E>(rows.iter().filter_map(whose::<E>));
        Ok(rows)
    }
}

impl<E: EntityTrait> Keyset<E> {
    /// A page of what is selected, in the order of `keys`, which are never null and unique together.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` for a size outside 0 to 500 or a cursor that is not one of this list.
    pub(in crate::store) fn cut(mut select: Select<E>, keys: Vec<E::Column>, descending: bool, args: &PageArgs) -> Result<Self, Error> {
        let (limit, backward) = size(args)?;
        for (cursor, field, follows) in [(&args.after, "after", true), (&args.before, "before", false)] {
            if let Some(cursor) = cursor {
                select = select.filter(beyond(&keys, cursor, field, follows != descending)?);
            }
        }
        let direction = if descending == backward { Order::Asc } else { Order::Desc };
        for key in &keys {
            select = select.order_by(*key, direction.clone());
        }
        Ok(Self { select, keys, limit, backward, cut_before: args.after.is_some(), cut_after: args.before.is_some() })
    }

    /// How many of the rows that were read stand on the page.
    fn shown<R>(&self, rows: &[R]) -> usize {
        rows.len().min(usize::try_from(self.limit).unwrap_or(usize::MAX))
    }
}

/// Of whom a row is, for the trace: the bureau in which it lies, or the person.
fn whose<E: Listed>(row: &E::Model) -> Option<Uuid> {
    match row.get(E::PLACE.map_or(E::PERSON.unwrap_or(E::KEY), |place| place.bureau)) {
        Value::Uuid(id) => id,
        _ => None,
    }
}

/// That a column holds one of these keys. On PostgreSQL they are one parameter, so that the statement prepared for one number of keys serves
/// every other; SQLite, which has no arrays, reads them out of one JSON text.
pub(in crate::store) fn one_of<C: ColumnTrait>(backend: DbBackend, column: C, keys: impl Iterator<Item = Uuid>) -> SimpleExpr {
    if backend == DbBackend::Postgres {
        return column.eq_any(keys);
    }
    // Digits and commas: nothing in it is to be escaped.
    let list: Vec<_> = keys.map(|key| format!("\"{}\"", key.simple())).collect();
    let list = Func::cust("json_each").arg(format!("[{}]", list.join(",")));
    column.in_subquery(Query::select().expr(Expr::cust("unhex(value)")).from_function(list, "listed").take())
}

fn size(args: &PageArgs) -> Result<(u64, bool), Error> {
    let (number, field, backward) = match (args.first, args.last) {
        (Some(_), Some(_)) => {
            return Err(Error::input("last", "first と last は同時に指定できません。", "Give either first or last, not both."));
        }
        (None, Some(last)) => (last, "last", true),
        (Some(first), None) => (first, "first", false),
        (None, None) => return Ok((DEFAULT, args.before.is_some() && args.after.is_none())),
    };
    match u64::try_from(number) {
        Ok(number @ 0..=MOST) => Ok((number, backward)),
        _ => Err(Error::input(
            field,
            format!("{field} は0から{MOST}までの数でなければなりません。"),
            format!("{field} must be between 0 and {MOST}."),
        )),
    }
}

/// The rows beyond a cursor: a row comparison, which both engines answer from an index on the same columns.
fn beyond<C: ColumnTrait>(keys: &[C], cursor: &str, field: &str, greater: bool) -> Result<SimpleExpr, Error> {
    let foreign = || Error::input(field, "このカーソルはこの一覧のものではありません。", "This cursor does not belong to this list.");
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| foreign())?;
    let texts: Vec<String> = serde_json::from_slice(&bytes).map_err(|_| foreign())?;
    if texts.len() != keys.len() {
        return Err(foreign());
    }
    let values: Option<Vec<SimpleExpr>> = keys.iter().zip(&texts).map(|(key, text)| parse(key, text).map(SimpleExpr::Value)).collect();
    let values = Expr::tuple(values.ok_or_else(foreign)?);
    let columns = Expr::tuple(keys.iter().map(|key| key.into_expr()).collect::<Vec<SimpleExpr>>());
    Ok(if greater { columns.gt(values) } else { columns.lt(values) })
}

/// The cursor of a whole row.
pub(in crate::store) fn cursor_of<E: EntityTrait>(keys: &[E::Column], row: &E::Model) -> Result<String, Error> {
    cursor(keys.iter().map(|key| text(&row.get(*key))))
}

fn cursor(keys: impl Iterator<Item = Option<String>>) -> Result<String, Error> {
    let texts: Option<Vec<String>> = keys.collect();
    let texts = texts.ok_or_else(|| Error::internal(&"a list is ordered by a column that a cursor cannot hold"))?;
    let json = serde_json::to_vec(&texts).map_err(|error| Error::internal(&error))?;
    Ok(URL_SAFE_NO_PAD.encode(json))
}

/// A key's text, from its place in a row.
fn decode<C: ColumnTrait>(key: &C, row: &QueryResult, at: usize) -> Option<String> {
    let value: Value = match key.def().get_column_type() {
        ColumnType::Uuid => row.try_get_by_index::<Uuid>(at).ok()?.into(),
        ColumnType::Text | ColumnType::String(_) => row.try_get_by_index::<String>(at).ok()?.into(),
        ColumnType::Integer => row.try_get_by_index::<i32>(at).ok()?.into(),
        ColumnType::BigInteger => row.try_get_by_index::<i64>(at).ok()?.into(),
        ColumnType::Date => row.try_get_by_index::<NaiveDate>(at).ok()?.into(),
        ColumnType::TimestampWithTimeZone => row.try_get_by_index::<DateTime<Utc>>(at).ok()?.into(),
        _ => return None,
    };
    text(&value)
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(Some(text)) => Some(text.clone()),
        Value::Uuid(Some(id)) => Some(id.to_string()),
        Value::Int(Some(number)) => Some(number.to_string()),
        Value::BigInt(Some(number)) => Some(number.to_string()),
        Value::ChronoDate(Some(date)) => Some(date.to_string()),
        Value::ChronoDateTimeUtc(Some(instant)) => Some(instant.to_rfc3339()),
        _ => None,
    }
}

fn parse<C: ColumnTrait>(key: &C, text: &str) -> Option<Value> {
    Some(match key.def().get_column_type() {
        ColumnType::Uuid => Uuid::parse_str(text).ok()?.into(),
        // No stored text holds NUL, and PostgreSQL takes none.
        ColumnType::Text | ColumnType::String(_) if !text.contains('\0') => text.to_owned().into(),
        ColumnType::Integer => text.parse::<i32>().ok()?.into(),
        ColumnType::BigInteger => text.parse::<i64>().ok()?.into(),
        ColumnType::Date => text.parse().ok().filter(|date| is_kept(*date))?.into(),
        ColumnType::TimestampWithTimeZone => text.parse().ok().filter(|at: &DateTime<Utc>| is_kept(at.date_naive()))?.into(),
        _ => return None,
    })
}
