//! All that is held about one person, noun by noun: what an office discloses (開示), and by what it corrects (訂正) and stops using (利用停止).
//!
//! The bureau that holds the person opens the file, and the person opens their own. Each opening is an entry of the audit trail with its reason,
//! and so is one that finds nobody, before anything is shown. Which nouns there are is the register's: one that is about persons is in the
//! file, beside the former versions of its rows. The file goes beyond the bureau's row scope, for what other bureaus recorded of the person
//! is disclosed by the holder too; that is why it is an act of its own. Deliberately absent: what names the person in another's row (who
//! approved overtime), what the person did as a caller, and pseudonyms.

mod readers;

pub use readers::Reading;

use crate::{
    authz::{Action, Noun},
    error::Error,
    store::{
        Store, dialect,
        page::{Keyset, Listed, Page, PageArgs, cursor_of},
        record::{check_key, check_text},
        unscoped,
    },
};
use chrono::{DateTime, Utc};
use entity::{
    bureau,
    ids::{BureauId, StaffId},
    outlier_event, overtime_outlier,
    period::YearMonth,
    posting, record_revision,
    retention::{self, RetentionNoun, RetentionUnit},
    staff, unit,
};
use futures_util::future::BoxFuture;
use jobs::transaction::{self, AuditAct};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, IdenStatic, Iterable, ModelTrait, QueryFilter, QuerySelect,
    QueryTrait, Value,
    sea_query::{Expr, SelectStatement, UnionType},
};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// Rows that one document holds at most: ten years of somebody's days, and as many again.
pub const MOST_EXPORTED: u64 = 10_000;

/// A table that holds rows about persons.
trait Held: EntityTrait {
    /// Those about one person.
    fn of(person: StaffId) -> Condition;
    /// What orders them, unique together and never null.
    fn keys() -> Vec<Self::Column>;
}

/// The row of a person, or those that lead to the person.
fn about<E: Listed>(person: StaffId) -> Condition {
    Condition::all().add(E::PLACE.map_or(E::PERSON.unwrap_or(E::KEY), |place| place.staff).eq(person))
}

/// A noun of the register that is about persons: its order by its shape, and its part of the file.
macro_rules! held {
    (keys $table:ident $shape:ident [$($id:ident)?] []) => {};
    (keys $table:ident dated [$id:ident] [$called:literal]) => {
        held!(impl $table Date Id);
    };
    (keys $table:ident $shape:ident [$id:ident] [$called:literal]) => {
        held!(impl $table Id);
    };
    (keys $table:ident $shape:ident [] [$called:literal]) => {
        held!(impl $table Month);
    };
    (impl $table:ident $($key:ident)+) => {
        impl Held for entity::$table::Entity {
            fn of(person: StaffId) -> Condition {
                about::<Self>(person)
            }
            fn keys() -> Vec<Self::Column> {
                vec![$(entity::$table::Column::$key),+]
            }
        }
    };
    (part $name:ident $table:ident [$($id:ident)?] []) => {
        None
    };
    (part $name:ident $table:ident [$($id:ident)?] [$called:literal]) => {
        Some(Part { ids: held!(ids $table [$($id)?]), ..Part::of::<entity::$table::Entity>(Noun::$name) })
    };
    (ids $table:ident []) => {
        None
    };
    (ids $table:ident [$id:ident]) => {
        Some(|person| ids_of::<entity::$table::Entity>(entity::$table::Column::Id, person))
    };
}

macro_rules! of_register {
    ($(
        #[$doc:meta] $name:ident $(($id:ident))? = $table:ident: $shape:ident $(($minutes:ident))?
        {
            $reading:ident, $recording:ident $(, kept $length:literal $unit:ident $rests:ident)? $(, with $with:ident)?
            $(, for $called:literal $purpose_ja:literal $purpose_en:literal)?
        }
    )+) => {
        $(held!(keys $table $shape [$($id)?] [$($called)?]);)+

        /// The nouns of the register that are about persons.
        const OF_REGISTER: &[Option<Part>] = &[$(held!(part $name $table [$($id)?] [$($called)?])),+];
    };
}
entity::each_noun!(of_register);

/// Former versions of any of the records: a key is unique over all tables.
impl Held for record_revision::Entity {
    fn of(person: StaffId) -> Condition {
        let mut records = OF_REGISTER.iter().flatten().filter_map(|part| part.ids).map(|ids| ids(person));
        let Some(mut all) = records.next() else { return Condition::all().add(Expr::value(false)) };
        all.unions(records.map(|ids| (UnionType::All, ids)));
        Condition::all().add(record_revision::Column::RecordId.in_subquery(all))
    }
    fn keys() -> Vec<Self::Column> {
        vec![record_revision::Column::Id]
    }
}

impl Held for outlier_event::Entity {
    fn of(person: StaffId) -> Condition {
        let flags = ids_of::<overtime_outlier::Entity>(overtime_outlier::Column::Id, person);
        Condition::all().add(outlier_event::Column::FlagId.in_subquery(flags))
    }
    fn keys() -> Vec<Self::Column> {
        vec![outlier_event::Column::FlagId, outlier_event::Column::Sequence]
    }
}

/// What hangs on the rows of the register's nouns.
const BESIDE: [Part; 2] = [
    Part {
        table: "outlier_event",
        name: ("超過勤務の注意記録の経過", "What happened to overtime outliers."),
        ..Part::of::<outlier_event::Entity>(Noun::OvertimeOutlier)
    },
    Part {
        table: "record_revision",
        name: ("訂正・変更前の記録", "Former versions of these records."),
        purpose: ("記録の訂正・変更の経過の説明", "what a record said before it was corrected or changed"),
        kept: RetentionNoun::RecordRevision,
        is_node: false,
        ..Part::of::<record_revision::Entity>(Noun::Staff)
    },
];

fn ids_of<E: Held>(id: E::Column, person: StaffId) -> SelectStatement {
    unscoped::<E>().select_only().column(id).filter(E::of(person)).into_query()
}

/// How rows of a part are read: a page of them, or all that a document may hold.
type Rows = for<'a> fn(&'a Store, &'a PersonFile, Option<&'a PageArgs>) -> BoxFuture<'a, Result<Page<HeldRow>, Error>>;

/// A part of the file: the rows of one table.
#[derive(Clone, Copy)]
pub struct Part {
    /// The table.
    pub table: &'static str,
    /// What it is called, in Japanese and in English.
    pub name: (&'static str, &'static str),
    /// What it is held for (利用目的), in Japanese and in English.
    pub purpose: (&'static str, &'static str),
    kept: RetentionNoun,
    /// Whether a row with a key is a node.
    pub is_node: bool,
    select: fn(StaffId) -> SelectStatement,
    ids: Option<fn(StaffId) -> SelectStatement>,
    rows: Rows,
    columns: fn() -> Vec<&'static str>,
}

/// One row of a part.
#[derive(Debug, Clone)]
pub struct HeldRow {
    /// The row's key, where it has one of its own.
    pub key: Option<Uuid>,
    /// The version of a record, as the mutation that corrects it counts.
    pub revision: Option<i32>,
    /// What it says, by column, in the table's order: places by their codes, months as they are written.
    pub cells: Vec<(&'static str, serde_json::Value)>,
}

/// What was found of a person who may be shown.
#[derive(Debug)]
pub struct PersonFile {
    /// The person.
    pub person: staff::Model,
    /// The bureau that holds the person.
    pub holder: Option<BureauId>,
    /// When it was opened.
    pub as_of: DateTime<Utc>,
    counts: HashMap<String, u64>,
    kept: HashMap<RetentionNoun, (i32, RetentionUnit)>,
    /// Bureaus in which rows about the person may lie.
    bureaus: BTreeSet<BureauId>,
    /// Codes of bureaus and units.
    codes: HashMap<Uuid, String>,
}

impl PersonFile {
    /// How many rows a part has.
    #[must_use]
    pub fn count(&self, part: &Part) -> u64 {
        self.counts.get(part.table).copied().unwrap_or_default()
    }

    /// How long a part's rows are kept today.
    #[must_use]
    pub fn kept(&self, part: &Part) -> (i32, RetentionUnit) {
        self.kept.get(&part.kept).copied().unwrap_or_else(|| part.kept.usual())
    }

    /// The code of a bureau or unit.
    #[must_use]
    pub fn code(&self, key: Uuid) -> Option<&str> {
        self.codes.get(&key).map(String::as_str)
    }
}

/// The parts of every file: those with these tables' names, or all.
///
/// # Errors
/// `BAD_USER_INPUT` in `only` for a name that is none of them.
pub fn parts(only: Option<&[String]>) -> Result<Vec<Part>, Error> {
    let all = OF_REGISTER.iter().copied().flatten().chain(BESIDE);
    let Some(only) = only else { return Ok(all.collect()) };
    let asked: Vec<Part> = all.filter(|part| only.iter().any(|table| table == part.table)).collect();
    if only.is_empty() || only.iter().any(|table| asked.iter().all(|part| part.table != table)) {
        return Err(Error::input(
            "only",
            "本人に関する記録の種類（shift など）を指定してください。",
            "Name tables that hold rows about persons, such as shift.",
        ));
    }
    Ok(asked)
}

impl Part {
    /// The names of its rows' cells.
    #[must_use]
    pub fn columns(&self) -> Vec<&'static str> {
        (self.columns)()
    }

    const fn of<E: Held>(noun: Noun) -> Self
    where
        E::Model: FromQueryResult + Sync,
    {
        // Whatever is about persons has a name, a purpose and a period, or the register would not compile.
        let (Some(name), Some(purpose), Some(kept)) = (noun.called(), noun.purpose(), noun.kept()) else { panic!("a noun about nobody") };
        Self {
            table: noun.table(),
            name: (name, noun.about()),
            purpose,
            kept,
            is_node: true,
            select: |person| unscoped::<E>().filter(E::of(person)).into_query(),
            ids: None,
            rows: rows::<E>,
            columns: columns::<E>,
        }
    }
}

fn rows<'a, E: Held>(store: &'a Store, file: &'a PersonFile, page: Option<&'a PageArgs>) -> BoxFuture<'a, Result<Page<HeldRow>, Error>>
where
    E::Model: FromQueryResult + Sync,
{
    Box::pin(async move {
        let select = unscoped::<E>().filter(E::of(file.person.id));
        let whole = PageArgs::default();
        let mut keyset = Keyset::<E>::cut(select, E::keys(), false, page.unwrap_or(&whole))?;
        if page.is_none() {
            keyset.limit = MOST_EXPORTED;
        }
        let found = store.run(&keyset).await?;
        let models: Result<Vec<_>, _> = found.iter().map(|row| E::Model::from_query_result(row, "")).collect();
        let page = Store::frame(models?, &keyset, cursor_of::<E>)?;
        let rows = page.rows.into_iter().map(|(cursor, model)| (cursor, HeldRow::of::<E>(&model, file))).collect();
        Ok(Page { rows, has_next: page.has_next, has_previous: page.has_previous })
    })
}

/// What is shown of a table's rows, in its order.
fn columns<E: EntityTrait>() -> Vec<&'static str> {
    E::Column::iter().map(|column| column.as_str()).filter(|column| !["id", "staff_id"].contains(column)).map(shown_name).collect()
}

impl HeldRow {
    fn of<E: EntityTrait>(model: &E::Model, file: &PersonFile) -> Self {
        let mut row = Self { key: None, revision: None, cells: Vec::new() };
        for column in E::Column::iter() {
            match (column.as_str(), model.get(column)) {
                ("id", Value::Uuid(key)) => row.key = key,
                // Whose file it is.
                ("staff_id", _) => {}
                (name, value) => {
                    if let ("revision", Value::Int(revision)) = (name, &value) {
                        row.revision = *revision;
                    }
                    row.cells.push((shown_name(name), shown(name, value, file)));
                }
            }
        }
        row
    }
}

/// A place is shown by its code, so its column is called by what it leads to.
fn shown_name(column: &'static str) -> &'static str {
    match column {
        "bureau_id" => "bureau",
        "unit_id" => "unit",
        "recorded_bureau_id" => "recorded_for",
        other => other,
    }
}

fn shown(column: &str, value: Value, file: &PersonFile) -> serde_json::Value {
    match value {
        Value::Bool(value) => value.into(),
        Value::Int(Some(month)) if column == "month" || column.ends_with("_month") => {
            YearMonth::try_from(month).map_or_else(|_| month.into(), |month| month.to_string().into())
        }
        Value::Int(number) => number.into(),
        Value::BigInt(number) => number.into(),
        Value::String(text) => text.into(),
        Value::Uuid(key) => key.map(|key| file.code(key).map_or_else(|| key.to_string(), str::to_owned)).into(),
        Value::ChronoDate(date) => date.map(|date| date.to_string()).into(),
        Value::ChronoDateTimeUtc(at) => at.map(|at| at.to_rfc3339()).into(),
        Value::Json(Some(json)) => *json,
        _ => serde_json::Value::Null,
    }
}

impl Store {
    /// Opens the file of a person whom the actor's bureaus hold today, or who the actor is; machines open none.
    ///
    /// # Errors
    /// FORBIDDEN; `BAD_USER_INPUT` for a number or a reason that is none; `NOT_FOUND` for a number that is unknown or another's, which leaves
    /// a trace, too; what cannot be traced is not shown.
    pub async fn open_person_file(&self, number: &str, reason: &str) -> Result<PersonFile, Error> {
        let scope = self.allow(Action::ReadPersonFile)?;
        if self.actor.principal.client.is_some() {
            return Err(Error::forbidden());
        }
        check_key(number, "staffNumber")?;
        let reason = reason.trim();
        check_text("reason", reason, 1_000)?;
        let person = unscoped::<staff::Entity>().filter(staff::Column::StaffNumber.eq(number)).one(self.reader()).await?;
        // Asked for nobody too, so that the time of an answer does not tell whether a number exists.
        let key = person.as_ref().map_or(StaffId(Uuid::nil()), |person| person.id);
        let holder = dialect::holders_of(self.reader(), &[key].into(), self.today()).await?.first().map(|(bureau, _)| *bureau);
        let is_own = person.as_ref().is_some_and(|person| scope.staff_id == Some(person.id));
        let person = person.filter(|_| is_own || scope.holds(holder));
        let file = match person {
            Some(person) => Some(self.found(person, holder).await?),
            None => None,
        };
        let counts = file.as_ref().map_or_else(|| serde_json::json!({ "rows": 0 }), |file| serde_json::json!(file.counts));
        let act = AuditAct {
            record_id: file.as_ref().map(|file| file.person.id.0),
            counts,
            reason: Some(reason.to_owned()),
            concerned: holder.map(|bureau| (bureau, 1)).into_iter().collect(),
            ..self.act(if is_own { readers::OWN } else { readers::FILE }, Noun::Staff)
        };
        let tx = self.begin().await?;
        transaction::audit(&*tx, self.now(), act).await?;
        tx.commit().await?;
        file.ok_or_else(|| Error::not_found("staffNumber", "職員", "person"))
    }

    /// A page of a part's rows, in one statement; all of them, up to [`MOST_EXPORTED`], without a page.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` for a size outside 1 to 500 or a cursor that is not one of this list.
    pub async fn held_rows(&self, file: &PersonFile, part: &Part, page: Option<&PageArgs>) -> Result<Page<HeldRow>, Error> {
        (part.rows)(self, file, page).await
    }

    async fn found(&self, person: staff::Model, holder: Option<BureauId>) -> Result<PersonFile, Error> {
        let counts = self.counts(person.id).await?;
        let posts: Vec<(BureauId, Uuid)> = unscoped::<posting::Entity>()
            .select_only()
            .columns([posting::Column::BureauId, posting::Column::UnitId])
            .filter(posting::Column::StaffId.eq(person.id))
            .distinct()
            .into_tuple()
            .all(self.reader())
            .await?;
        let bureaus = posts.iter().map(|(bureau, _)| *bureau).chain(holder).chain(person.recorded_bureau_id).collect();
        // A release names a bureau in which the person may never have been.
        let of_bureaus = unscoped::<bureau::Entity>().select_only().columns([bureau::Column::Id, bureau::Column::Code]);
        let mut codes: HashMap<Uuid, String> = of_bureaus.into_tuple().all(self.reader()).await?.into_iter().collect();
        let of_units = unscoped::<unit::Entity>().select_only().columns([unit::Column::Id, unit::Column::Code]);
        let of_units = of_units.filter(unit::Column::Id.is_in(posts.into_iter().map(|(_, unit)| unit)));
        codes.extend(of_units.into_tuple::<(Uuid, String)>().all(self.reader()).await?);
        let kept = unscoped::<retention::Entity>().all(self.reader()).await?;
        let kept = kept.into_iter().map(|row| (row.noun, (row.length, row.unit))).collect();
        Ok(PersonFile { person, holder, as_of: self.now(), counts, kept, bureaus, codes })
    }

    /// How many rows each part has, in one statement.
    async fn counts(&self, person: StaffId) -> Result<HashMap<String, u64>, Error> {
        let count = |part: Part| {
            let mut select = (part.select)(person);
            select.clear_selects().expr_as(Expr::cust(format!("'{}'", part.table)), "part").expr_as(Expr::cust("COUNT(*)"), "held").take()
        };
        let mut counted = parts(None)?.into_iter().map(count);
        let Some(mut all) = counted.next() else { return Ok(HashMap::new()) };
        all.unions(counted.map(|one| (UnionType::All, one)));
        let rows = self.reader().query_all_raw(self.db.backend().build(&all)).await?;
        let read = |row: &sea_orm::QueryResult| {
            let held: i64 = row.try_get_by_index(1)?;
            Ok((row.try_get_by_index(0)?, u64::try_from(held).unwrap_or_default()))
        };
        Ok(rows.iter().map(read).collect::<Result<_, sea_orm::DbErr>>()?)
    }
}
