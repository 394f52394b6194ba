//! The statements that SQLite and PostgreSQL spell differently, each beside its twin. Lists travel as one JSON parameter, so that no
//! statement meets a bind limit and the same text serves every length. They are unscoped: the rules of a write must see what others hold.

mod moves;

pub use moves::{By, move_records, spelled};

use super::{
    page::one_of,
    scope::{Extent, RowScope},
    unscoped,
};
use chrono::NaiveDate;
use entity::{
    ids::{BureauId, StaffId, UnitId},
    period::YearMonth,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityName, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, Statement, Value,
    sea_query::{Expr, SelectStatement, SubQueryStatement},
};
use serde::Serialize;
use std::collections::BTreeSet;
use uuid::Uuid;

/// The text of the engine at hand, out of the two given.
fn twin<'a>(db: &impl ConnectionTrait, postgres: &'a str, sqlite: &'a str) -> &'a str {
    if db.get_database_backend() == DbBackend::Postgres { postgres } else { sqlite }
}

/// A list as one parameter.
pub(super) fn json(items: &impl Serialize) -> Result<Value, DbErr> {
    serde_json::to_string(items).map(Value::from).map_err(|error| DbErr::Custom(error.to_string()))
}

fn statement(db: &impl ConnectionTrait, sql: impl Into<String>, values: Vec<Value>) -> Statement {
    Statement::from_sql_and_values(db.get_database_backend(), sql, values)
}

/// The members of a JSON list of texts, given as parameter `$n`.
fn texts(db: &impl ConnectionTrait, n: u8) -> String {
    twin(db, "SELECT json_array_elements_text($n::json)", "SELECT value FROM json_each($n)").replace("$n", &format!("${n}"))
}

/// A query of `id`: the members of a JSON list of uuids, given as parameter `$n`.
pub(super) fn listed_ids(db: &impl ConnectionTrait, n: u8) -> String {
    let ids = twin(
        db,
        "SELECT CAST(value AS uuid) AS id FROM json_array_elements_text(CAST($n AS json))",
        "SELECT unhex(replace(value, '-', '')) AS id FROM json_each($n)",
    );
    ids.replace("$n", &format!("${n}"))
}

/// A query of `date`: the members of a JSON list of dates, given as parameter `$n`.
pub(super) fn listed_dates(db: &impl ConnectionTrait, n: u8) -> String {
    let dates = twin(
        db,
        "SELECT CAST(value AS date) AS date FROM json_array_elements_text(CAST($n AS json))",
        "SELECT value AS date FROM json_each($n)",
    );
    dates.replace("$n", &format!("${n}"))
}

/// That a column holds one of the keys that a subquery finds. As one `array`, which PostgreSQL has, they are found first and each is looked up:
/// for a thousand it would read the whole table else.
pub(super) fn among<C: ColumnTrait>(column: C, keys: SelectStatement, array: bool) -> Expr {
    if array {
        return Expr::cust_with_exprs("$1 = ANY (ARRAY $2)", [column.into_expr(), Expr::from(SubQueryStatement::from(keys))]);
    }
    column.in_subquery(keys)
}

/// The function that gives the largest of its arguments.
pub(super) fn greatest(db: &impl ConnectionTrait) -> &'static str {
    twin(db, "GREATEST", "max")
}

/// The function that gives the smallest of its arguments.
pub(super) fn least(db: &impl ConnectionTrait) -> &'static str {
    twin(db, "LEAST", "min")
}

/// The civil date in Tokyo of an instant that stands in a column.
pub fn civil_date(backend: DbBackend, column: &str) -> String {
    match backend {
        DbBackend::Postgres => format!("CAST({column} AT TIME ZONE INTERVAL '9 hours' AS DATE)"),
        _ => format!("date({column}, '+9 hours')"),
    }
}

/// The ids of the bureaus with these codes and of all that they succeeded, however far back.
pub async fn bureaus_with_predecessors<C: ConnectionTrait>(db: &C, codes: &BTreeSet<String>) -> Result<BTreeSet<BureauId>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: BureauId,
    }
    let sql = format!(
        "WITH RECURSIVE heir (id) AS (
            SELECT id FROM bureau WHERE code IN ({})
            UNION SELECT bureau.id FROM bureau JOIN heir ON bureau.successor_id = heir.id)
        SELECT id FROM heir",
        texts(db, 1)
    );
    let rows = Row::find_by_statement(statement(db, sql, vec![json(codes)?])).all(db).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Keys as a JSON list. No stored text holds NUL, which PostgreSQL refuses to turn into text, so such keys are left out and not found.
fn keys(keys: &BTreeSet<&str>) -> Result<Value, DbErr> {
    json(&keys.iter().filter(|key| !key.contains('\0')).collect::<Vec<_>>())
}

/// Makes the writers of a small table wait for each other, because what they must not do together has no row to lock; readers go on.
/// SQLite has one writer, which needs no lock.
pub async fn lock_table<E: EntityTrait, C: ConnectionTrait>(db: &C) -> Result<(), DbErr> {
    if db.get_database_backend() == DbBackend::Postgres {
        db.execute_unprepared(&format!("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", EntityName::table_name(&E::default()))).await?;
    }
    Ok(())
}

/// Whether PostgreSQL plans each statement of the transaction for the table that is there. A plan that it kept from when the table was empty
/// reads all of it for each key once it is full: one call of 5,000 records out of 40 took 27 s. Not for writes, whose foreign keys are
/// checked by a statement for each row. SQLite keeps no plans of its own.
pub async fn plan_anew<C: ConnectionTrait>(db: &C, anew: bool) -> Result<(), DbErr> {
    if db.get_database_backend() == DbBackend::Postgres {
        let mode = if anew { "force_custom_plan" } else { "auto" };
        db.execute_unprepared(&format!("SET LOCAL plan_cache_mode = {mode}")).await?;
    }
    Ok(())
}

/// The rows of a table whose text column is one of `wanted`.
pub async fn by_text<E: EntityTrait, C: ConnectionTrait>(db: &C, column: &str, wanted: &BTreeSet<&str>) -> Result<Vec<E::Model>, DbErr> {
    let sql = format!("SELECT * FROM {} WHERE {column} IN ({})", EntityName::table_name(&E::default()), texts(db, 1));
    unscoped::<E>().from_raw_sql(statement(db, sql, vec![keys(wanted)?])).all(db).await
}

/// The rows that a client wrote under these keys of its own.
pub async fn by_external_id<E: EntityTrait, C: ConnectionTrait>(
    db: &C,
    client: &str,
    wanted: &BTreeSet<&str>,
) -> Result<Vec<E::Model>, DbErr> {
    by_client::<E, C>(db, client, "external_id", wanted).await
}

/// The rows that a client wrote whose text column is one of `wanted`.
pub async fn by_client<E: EntityTrait, C: ConnectionTrait>(
    db: &C,
    client: &str,
    column: &str,
    wanted: &BTreeSet<&str>,
) -> Result<Vec<E::Model>, DbErr> {
    let sql = format!("SELECT * FROM {} WHERE client = $1 AND {column} IN ({})", EntityName::table_name(&E::default()), texts(db, 2));
    unscoped::<E>().from_raw_sql(statement(db, sql, vec![client.into(), keys(wanted)?])).all(db).await
}

/// The rows of a table that hold one of these ids in a column.
pub async fn by_id<E: EntityTrait, C: ConnectionTrait>(db: &C, column: &str, ids: &BTreeSet<Uuid>) -> Result<Vec<E::Model>, DbErr> {
    let listed = listed_ids(db, 1);
    let sql = format!("SELECT * FROM {} WHERE {column} IN ({listed})", EntityName::table_name(&E::default()));
    unscoped::<E>().from_raw_sql(statement(db, sql, vec![json(ids)?])).all(db).await
}

/// Takes rows out of the way of each other's unique keys until all of them are written anew in the same transaction: engines check such
/// a key row by row, so that two records that trade their days would meet in passing.
pub async fn step_aside<E: EntityTrait, C: ConnectionTrait>(db: &C, ids: &BTreeSet<Uuid>) -> Result<(), DbErr> {
    let listed = listed_ids(db, 1);
    let table = EntityName::table_name(&E::default()).to_owned();
    let sql = format!("UPDATE {table} SET void_reason = '' WHERE void_reason IS NULL AND id IN ({listed})");
    db.execute_raw(statement(db, sql, vec![json(ids)?])).await?;
    Ok(())
}

/// Whose people a writer might be concerned with: those who ever had a post in these bureaus or units, were recorded for one, or are released.
#[derive(Debug, Clone, Serialize)]
pub struct Near {
    bureaus: BTreeSet<BureauId>,
    units: BTreeSet<UnitId>,
}

impl Near {
    /// Those of a scope; none where it is everybody.
    pub fn of(scope: &RowScope) -> Option<Self> {
        match &scope.bureaus {
            Extent::All => None,
            Extent::Some(bureaus) => Some(Self { bureaus: bureaus.clone(), units: scope.units.clone() }),
        }
    }
}

/// Of so few people each is looked at by itself. Of more, those near the caller are gathered first: then a number that somebody else has costs
/// what one costs that nobody has, and time tells nothing of 2,000 guesses.
const FEW: usize = 100;

/// Locks the staff rows with these numbers, or folded twins of numbers, in that column, in the order of their ids, so that two writers of the same
/// people wait for each other and never block each other. SQLite has one writer, which needs no lock.
pub async fn lock_staff<C: ConnectionTrait>(
    db: &C,
    column: &str,
    numbers: &BTreeSet<&str>,
    near: Option<Near>,
) -> Result<Vec<entity::staff::Model>, DbErr> {
    let lock = twin(db, "FOR NO KEY UPDATE OF staff", "");
    let mut values = vec![keys(numbers)?];
    let (mut with, mut of) = (String::new(), String::new());
    if let Some(near) = near {
        let (bureaus, units) = (listed_ids(db, 2), listed_ids(db, 3));
        if numbers.len() > FEW {
            with = format!(
                "WITH near AS MATERIALIZED (SELECT id FROM staff WHERE recorded_bureau_id IN ({bureaus})
                    UNION SELECT staff_id FROM posting WHERE bureau_id IN ({bureaus}) UNION SELECT staff_id FROM posting WHERE unit_id IN ({units})
                    UNION SELECT staff_id FROM posting WHERE released_on IS NOT NULL AND (released_to IS NULL OR released_to IN ({bureaus})))"
            );
            of.push_str("AND id IN (SELECT id FROM near)");
        } else {
            of = format!(
                "AND (recorded_bureau_id IN ({bureaus}) OR EXISTS (SELECT 1 FROM posting p WHERE p.staff_id = staff.id
                    AND (p.bureau_id IN ({bureaus}) OR p.unit_id IN ({units})
                        OR p.released_on IS NOT NULL AND (p.released_to IS NULL OR p.released_to IN ({bureaus})))))"
            );
        }
        values.extend([json(&near.bureaus)?, json(&near.units)?]);
    }
    let sql = format!("{with} SELECT * FROM staff WHERE {column} IN ({}) {of} ORDER BY id {lock}", texts(db, 1));
    unscoped::<entity::staff::Entity>().from_raw_sql(statement(db, sql, values)).all(db).await
}

/// How many of the people whose numbers have these folded twins each bureau holds on a day.
pub async fn holders<C: ConnectionTrait>(db: &C, twins: &BTreeSet<&str>, day: NaiveDate) -> Result<Vec<(Option<BureauId>, i64)>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        bureau_id: Option<BureauId>,
        people: i64,
    }
    let sql = format!(
        "SELECT bureau_id, COUNT(*) AS people FROM (
            SELECT {} AS bureau_id FROM staff WHERE staff.staff_number_folded IN ({})) h
        GROUP BY bureau_id ORDER BY bureau_id",
        holder_on("staff.id", day),
        texts(db, 1)
    );
    let rows = Row::find_by_statement(statement(db, sql, vec![keys(twins)?])).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.bureau_id, row.people)).collect())
}

/// The bureau that holds a person, whose key a column gives, on a day; null where nobody does.
pub fn holder_on(person: &str, day: NaiveDate) -> String {
    format!(
        "(SELECT h.bureau_id FROM holding h WHERE h.staff_id = {person} AND h.valid_from <= '{day}' AND (h.valid_to IS NULL OR h.valid_to > '{day}'))"
    )
}

/// How many of these people each bureau holds on a day; whom nobody holds is counted nowhere.
pub async fn holders_of<C: ConnectionTrait>(db: &C, people: &BTreeSet<StaffId>, day: NaiveDate) -> Result<Vec<(BureauId, i64)>, DbErr> {
    use entity::staff::{Column, Entity};
    let holder = holder_on("staff.id", day);
    let mut held = std::collections::BTreeMap::new();
    for part in people.iter().copied().collect::<Vec<_>>().chunks(5_000) {
        let listed = one_of(db.get_database_backend(), Column::Id, part.iter().map(|id| id.0));
        let query = unscoped::<Entity>().select_only().expr_as(Expr::cust(holder.clone()), "bureau").filter(listed);
        for bureau in query.into_tuple::<Option<BureauId>>().all(db).await?.into_iter().flatten() {
            *held.entry(bureau).or_insert(0) += 1;
        }
    }
    Ok(held.into_iter().collect())
}

/// A person's days that a call touches.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Window {
    /// The person.
    pub staff_id: StaffId,
    /// First day.
    pub first: NaiveDate,
    /// Last day.
    pub last: NaiveDate,
}

/// The rows of a dated table that lie in these windows and count.
pub async fn in_windows<E: EntityTrait, C: ConnectionTrait>(db: &C, windows: &[Window]) -> Result<Vec<E::Model>, DbErr> {
    let sql = twin(
        db,
        "SELECT {table}.* FROM json_to_recordset($1::json) AS w (staff_id uuid, first date, last date)
            JOIN {table} ON {table}.staff_id = w.staff_id AND {table}.date BETWEEN w.first AND w.last
        WHERE {table}.void_reason IS NULL",
        "SELECT {table}.* FROM json_each($1) AS w
            JOIN {table} ON {table}.staff_id = unhex(replace(w.value ->> 'staff_id', '-', ''))
                AND {table}.date BETWEEN w.value ->> 'first' AND w.value ->> 'last'
        WHERE {table}.void_reason IS NULL",
    );
    let sql = sql.replace("{table}", EntityName::table_name(&E::default()));
    unscoped::<E>().from_raw_sql(statement(db, sql, vec![json(&windows)?])).all(db).await
}

/// Columns of the rows `r` of a dated table that lie in these windows `w` and count; windows of a person never overlap.
pub async fn select_in_windows<R: FromQueryResult, C: ConnectionTrait>(
    db: &C,
    table: &str,
    columns: &str,
    windows: &[Window],
    tail: &str,
) -> Result<Vec<R>, DbErr> {
    let from = twin(
        db,
        "json_to_recordset($1::json) AS w (staff_id uuid, first date, last date)
            JOIN {table} r ON r.staff_id = w.staff_id AND r.date BETWEEN w.first AND w.last",
        "(SELECT unhex(replace(value ->> 'staff_id', '-', '')) AS staff_id, value ->> 'first' AS first, value ->> 'last' AS last
                FROM json_each($1)) AS w
            JOIN {table} r ON r.staff_id = w.staff_id AND r.date BETWEEN w.first AND w.last",
    );
    let sql = format!("SELECT {columns} FROM {} WHERE r.void_reason IS NULL {tail}", from.replace("{table}", table));
    R::find_by_statement(statement(db, sql, vec![json(&windows)?])).all(db).await
}

/// Locks rows of `month_close` in the order of their ids: shared by writers, alone by who closes. SQLite needs no lock.
pub async fn lock_months<C: ConnectionTrait>(
    db: &C,
    months: &BTreeSet<(BureauId, YearMonth)>,
    alone: bool,
) -> Result<Vec<entity::month_close::Model>, DbErr> {
    #[derive(Serialize)]
    struct Key {
        bureau_id: BureauId,
        month: i32,
    }
    let keys: Vec<_> = months.iter().map(|(bureau_id, month)| Key { bureau_id: *bureau_id, month: month.as_i32() }).collect();
    let sql = twin(
        db,
        "SELECT month_close.* FROM month_close JOIN json_to_recordset($1::json) AS w (bureau_id uuid, month int)
            ON month_close.bureau_id = w.bureau_id AND month_close.month = w.month
        ORDER BY month_close.id {lock}",
        "SELECT month_close.* FROM month_close JOIN json_each($1) AS w
            ON month_close.bureau_id = unhex(replace(w.value ->> 'bureau_id', '-', '')) AND month_close.month = w.value ->> 'month'
        ORDER BY month_close.id",
    );
    let sql = sql.replace("{lock}", if alone { "FOR UPDATE OF month_close" } else { "FOR SHARE OF month_close" });
    unscoped::<entity::month_close::Entity>().from_raw_sql(statement(db, sql, vec![json(&keys)?])).all(db).await
}

/// Which of these people have a record that counts on a day that its posting does not cover, or on which they are not employed.
pub async fn stranded<C: ConnectionTrait>(db: &C, table: &str, people: &BTreeSet<Uuid>) -> Result<BTreeSet<StaffId>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        staff_id: StaffId,
    }
    let listed = listed_ids(db, 1);
    let sql = format!(
        "SELECT DISTINCT {table}.staff_id FROM {table} JOIN staff s ON s.id = {table}.staff_id
        WHERE {table}.staff_id IN ({listed}) AND {table}.void_reason IS NULL
            AND (s.void_reason IS NOT NULL
                OR NOT EXISTS (SELECT 1 FROM employment e WHERE e.staff_id = s.id AND e.void_reason IS NULL
                    AND e.valid_from <= {table}.date AND (e.valid_to IS NULL OR e.valid_to > {table}.date))
                OR NOT EXISTS (SELECT 1 FROM posting p WHERE p.id = {table}.posting_id AND p.void_reason IS NULL
                    AND p.valid_from <= {table}.date AND (p.valid_to IS NULL OR p.valid_to > {table}.date)))"
    );
    let rows = Row::find_by_statement(statement(db, sql, vec![json(people)?])).all(db).await?;
    Ok(rows.into_iter().map(|row| row.staff_id).collect())
}
