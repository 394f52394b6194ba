//! Who holds people, derived anew where their posts, their employment or a naming changed.

use super::put_all;
use crate::dialect::{JsonKind, execute, json_rows, statement};
use chrono::NaiveDate;
use entity::{
    employment,
    holding::{Facts, Model, Post, Segment, Service, derive, services},
    ids::{HoldingId, StaffId},
    named_holder,
    period::civil_date,
    posting::{self, PostingKind},
    staff,
};
use sea_orm::{ConnectionTrait, DbErr, EntityName, EntityTrait, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Derives anew who holds these people and writes the rows that changed; returns them, those that are no more and those that are new. `today` is
/// the civil date of the change.
///
/// # Errors
/// The engine's.
pub async fn hold_anew<C: ConnectionTrait>(tx: &C, people: &BTreeSet<StaffId>, today: NaiveDate) -> Result<Vec<(StaffId, Segment)>, DbErr> {
    let (mut gone, mut put) = (Vec::new(), Vec::new());
    for (staff_id, facts) in facts(tx, people).await? {
        let held = derive(&facts, today);
        let of = |row: &Segment| (staff_id, *row);
        gone.extend(facts.former.iter().filter(|row| !held.contains(row)).map(of));
        put.extend(held.iter().filter(|row| !facts.former.contains(row)).map(of));
    }
    if !gone.is_empty() {
        let listed = json_rows(tx.get_database_backend(), &[JsonKind::Uuid, JsonKind::Date]);
        let delete = format!("DELETE FROM holding WHERE (staff_id, valid_from) IN ({listed})");
        execute(tx, &delete, vec![json(&gone.iter().map(|(staff_id, segment)| (staff_id, segment.from)).collect::<Vec<_>>())?]).await?;
    }
    put_all(tx, put.iter().map(|(staff_id, segment)| row(*staff_id, *segment)).collect(), false).await?;
    Ok(gone.into_iter().chain(put).collect())
}

/// What decides who holds each of these people.
async fn facts<C: ConnectionTrait>(tx: &C, people: &BTreeSet<StaffId>) -> Result<BTreeMap<StaffId, Facts>, DbErr> {
    let mut facts: BTreeMap<StaffId, Facts> = BTreeMap::new();
    let mut periods: BTreeMap<StaffId, Vec<Service>> = BTreeMap::new();
    for row in of::<employment::Entity, _>(tx, "staff_id", people).await?.into_iter().filter(|row| row.void_reason.is_none()) {
        periods.entry(row.staff_id).or_default().push(Service { from: row.valid_from, to: row.valid_to });
    }
    for person in of::<staff::Entity, _>(tx, "id", people).await? {
        let services = services(periods.remove(&person.id).unwrap_or_default());
        let known = civil_date(person.created_at);
        let since = services.first().map_or(known, |first| first.from.min(known));
        let recorded = person.recorded_bureau_id.map(|bureau| (since, bureau));
        facts.insert(person.id, Facts { services, recorded, ..Facts::default() });
    }
    for row in of::<posting::Entity, _>(tx, "staff_id", people).await?.into_iter().filter(|row| row.void_reason.is_none()) {
        facts.entry(row.staff_id).or_default().posts.push(post(&row));
    }
    let mut named = of::<named_holder::Entity, _>(tx, "staff_id", people).await?;
    named.sort_by_key(|row| row.valid_from);
    for row in named {
        facts.entry(row.staff_id).or_default().named.push((row.valid_from, row.bureau_id));
    }
    for row in of::<entity::holding::Entity, _>(tx, "staff_id", people).await? {
        facts.entry(row.staff_id).or_default().former.push(segment(&row));
    }
    Ok(facts)
}

/// The rows of these people.
async fn of<E: EntityTrait, C: ConnectionTrait>(tx: &C, column: &str, people: &BTreeSet<StaffId>) -> Result<Vec<E::Model>, DbErr> {
    let backend = tx.get_database_backend();
    let listed = json_rows(backend, &[JsonKind::Uuid]);
    let sql = format!("SELECT * FROM {} WHERE {column} IN ({listed})", EntityName::table_name(&E::default()));
    let keys: Vec<_> = people.iter().map(|person| [person]).collect();
    E::find().from_raw_sql(statement(backend, &sql, vec![json(&keys)?])).all(tx).await
}

fn json(rows: &impl serde::Serialize) -> Result<Value, DbErr> {
    serde_json::to_string(rows).map(Value::from).map_err(|error| DbErr::Custom(error.to_string()))
}

/// A posting as the rule sees it.
#[must_use]
pub fn post(row: &posting::Model) -> Post {
    Post {
        id: row.id,
        bureau: row.bureau_id,
        unit: row.unit_id,
        from: row.valid_from,
        to: row.valid_to,
        main: row.kind == PostingKind::Primary,
        resident: row.resident,
    }
}

fn segment(row: &Model) -> Segment {
    Segment { from: row.valid_from, to: row.valid_to, bureau: row.bureau_id, post: row.posting_id.zip(row.unit_id) }
}

fn row(staff_id: StaffId, segment: Segment) -> Model {
    Model {
        id: HoldingId::new(),
        staff_id,
        valid_from: segment.from,
        valid_to: segment.to,
        bureau_id: segment.bureau,
        unit_id: segment.post.map(|(_, unit)| unit),
        posting_id: segment.post.map(|(posting, _)| posting),
    }
}
