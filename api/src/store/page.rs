//! The one way in which rows are listed: keyset pages in one statement, forward or backward, never more than 500 rows.

use super::{Store, scope::Scoped};
use crate::error::Error;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ColumnTrait, ColumnType, Condition, DbBackend, EntityTrait, IdenStatic, ModelTrait, Order, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Value,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};

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
}

macro_rules! listed {
    ($($table:ident),+ $(,)?) => {$(
        impl Listed for entity::$table::Entity {
            const KEY: Self::Column = entity::$table::Column::Id;
        }
    )+};
}

listed! {
    bureau, unit, work_regime, holiday, on_time_day, start_stage, staff, posting, shift, overtime_request, telework_day, leave_entry, hire,
    appointment, target, api_client, indicator_value, month_close, job_run, job_schedule, job_backfill, audit_entry,
}

/// Listed within one month, in which a person has one row.
impl Listed for entity::person_month::Entity {
    const KEY: Self::Column = entity::person_month::Column::StaffId;
}

impl Store {
    /// One page of the rows that the actor may see and that match `filter`, in one statement.
    ///
    /// # Errors
    /// As [`Store::allow`]; `BAD_USER_INPUT` for a size outside 1 to 500 or a cursor that is not one of this list.
    pub async fn page<E: Listed>(&self, filter: Condition, order: Ordering<E::Column>, args: &PageArgs) -> Result<Page<E::Model>, Error> {
        let select = self.select::<E>()?.filter(filter);
        let (limit, backward) = size(args)?;
        let keys = if order.by.as_str() == E::KEY.as_str() { vec![E::KEY] } else { vec![order.by, E::KEY] };
        let mut select = select;
        for (cursor, field, follows) in [(&args.after, "after", true), (&args.before, "before", false)] {
            if let Some(cursor) = cursor {
                select = select.filter(beyond(&keys, cursor, field, follows != order.descending)?);
            }
        }
        let direction = if order.descending == backward { Order::Asc } else { Order::Desc };
        for key in &keys {
            select = select.order_by(*key, direction.clone());
        }
        let mut rows = select.limit(limit + 1).all(self.reader()).await?;
        let more = rows.len() as u64 > limit;
        rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        self.trace_reading(E::NOUN, rows.len()).await?;
        if backward {
            rows.reverse();
        }
        let rows: Result<Vec<_>, Error> = rows.into_iter().map(|row| Ok((cursor_of(&keys, &row)?, row))).collect();
        let (has_next, has_previous) = if backward { (args.before.is_some(), more) } else { (more, args.after.is_some()) };
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
        Ok(self.select::<E>()?.filter(filter).count(self.reader()).await?)
    }

    /// The one row with this key, where the actor may see it.
    ///
    /// # Errors
    /// As [`Store::allow`].
    pub async fn one<E: Listed>(&self, key: uuid::Uuid) -> Result<Option<E::Model>, Error> {
        let row = self.select::<E>()?.filter(E::KEY.eq(key)).one(self.reader()).await?;
        self.trace_reading(E::NOUN, usize::from(row.is_some())).await?;
        Ok(row)
    }

    /// The rows with these keys that the actor may see, in one statement; for per-request loaders.
    ///
    /// # Errors
    /// As [`Store::allow`].
    pub async fn many<E: Listed>(&self, column: E::Column, keys: &[uuid::Uuid]) -> Result<Vec<E::Model>, Error> {
        let listed = one_of(self.db.backend(), column, keys.iter().copied());
        Ok(self.select::<E>()?.filter(listed).all(self.reader()).await?)
    }
}

/// That a column holds one of these keys. On PostgreSQL they are one parameter, so that the statement prepared for one number of keys serves
/// every other; SQLite has no arrays.
pub(super) fn one_of<C: ColumnTrait>(backend: DbBackend, column: C, keys: impl Iterator<Item = uuid::Uuid>) -> SimpleExpr {
    if backend == DbBackend::Postgres { column.eq_any(keys) } else { column.is_in(keys) }
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
        Ok(number @ 1..=MOST) => Ok((number, backward)),
        _ => Err(Error::input(
            field,
            format!("{field} は1から{MOST}までの数でなければなりません。"),
            format!("{field} must be between 1 and {MOST}."),
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

fn cursor_of<M: ModelTrait>(keys: &[<M::Entity as EntityTrait>::Column], row: &M) -> Result<String, Error> {
    let texts: Option<Vec<String>> = keys.iter().map(|key| text(&row.get(*key))).collect();
    let texts = texts.ok_or_else(|| Error::internal(&"a list is ordered by a column that no cursor can hold"))?;
    Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(&texts).map_err(|error| Error::internal(&error))?))
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
        ColumnType::Uuid => uuid::Uuid::parse_str(text).ok()?.into(),
        // No stored text holds NUL, and PostgreSQL takes none.
        ColumnType::Text | ColumnType::String(_) if !text.contains('\0') => text.to_owned().into(),
        ColumnType::Integer => text.parse::<i32>().ok()?.into(),
        ColumnType::BigInteger => text.parse::<i64>().ok()?.into(),
        ColumnType::Date => text.parse::<NaiveDate>().ok()?.into(),
        ColumnType::TimestampWithTimeZone => text.parse::<DateTime<Utc>>().ok()?.into(),
        _ => return None,
    })
}
