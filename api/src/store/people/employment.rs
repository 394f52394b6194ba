//! Writing periods of employment (在職): who holds a person writes them, one who comes back too. Those of a person never overlap.
//!
//! `recordStaff` writes the latest one, with the columns of `staff`, which show what it says; either way the other follows in the same transaction. A
//! period that `recordStaff` wrote has no key of a client's; one that a client records over it takes its place.

use crate::store::{
    dialect,
    posting::{end_of_service, resolve},
    record::{After, Aftermath, Call, Draft, End, Name, Recordable, Touch, Version, Writing, check_line, check_span, external, rewrite},
    rules::people::{People, unknown},
    stale_months::Computed,
};
use crate::{
    authz::Noun,
    error::Error,
    words::{Date, Employment, Origin, SeparationReason},
};
use async_graphql::InputObject;
use entity::{
    employment::{self, Model},
    holding::{Service, services},
    ids::{EmploymentId, StaffId},
    period::civil_date,
    posting,
    record::{Meta, Record},
    staff,
};
use jobs::{database::WriteTransaction, transaction};
use sea_orm::{ConnectionTrait, DbErr};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One period of a person's employment.
#[derive(Debug, Clone, Serialize, Deserialize, InputObject)]
#[graphql(name = "EmploymentInput")]
pub struct EmploymentDraft {
    /// Your own key of the period.
    pub external_id: String,
    /// The person, who is recorded by `recordStaff` first.
    pub staff_number: String,
    /// 常勤 or 非常勤.
    #[graphql(default_with = "Employment::Regular")]
    pub kind: Employment,
    /// Direct hire or secondee.
    #[graphql(default_with = "Origin::Direct")]
    pub origin: Origin,
    /// The ministry of origin of a secondee.
    pub seconded_from: Option<String>,
    /// First day in the office's employment, at most 60 days ahead.
    pub valid_from: Date,
    /// First day no longer employed, at most 5 years ahead; or say `lastDay`.
    pub valid_to: Option<Date>,
    /// Last day employed (退職日), in place of `validTo`, which is the day after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_day: Option<Date>,
    /// Why they left; needed with `validTo` or `lastDay`.
    pub separation_reason: Option<SeparationReason>,
    /// Version and voidness.
    #[graphql(flatten)]
    #[serde(flatten)]
    pub version: Version,
}

impl Draft for EmploymentDraft {
    const MANY: &'static str = "Employments";

    fn key(&self) -> &str {
        &self.external_id
    }
    fn version(&self) -> &Version {
        &self.version
    }
    fn names(&mut self) -> Vec<Name<'_>> {
        vec![("secondedFrom", self.seconded_from.as_mut())]
    }
    fn ends(&self) -> Vec<End> {
        vec![self.end()]
    }
}

impl EmploymentDraft {
    fn end(&self) -> End {
        End::of_span(self.valid_to, self.last_day)
    }
}

/// The people of the call and the months that a change makes stale.
pub struct World {
    people: People,
    computed: Computed,
}

/// What origin and ministry, end and reason say together.
///
/// # Errors
/// `BAD_USER_INPUT` in `secondedFrom` or `separationReason`.
pub(super) fn check_said(seconded_from: Option<&str>, origin: Origin, ended: bool, reason: Option<SeparationReason>) -> Result<(), Error> {
    if ended != reason.is_some() {
        let (ja, en) = ("離職日と離職理由は併せて指定してください。", "The day of separation and separationReason go together.");
        return Err(Error::input("separationReason", ja, en));
    }
    if seconded_from.is_some() && origin != Origin::Secondee {
        let (ja, en) = ("出向元は出向者にだけ指定できます。", "Only a secondee is seconded from somewhere.");
        return Err(Error::input("secondedFrom", ja, en));
    }
    seconded_from.map_or(Ok(()), |from| check_line("secondedFrom", from, 200))
}

/// Two periods of a person overlap.
pub(super) fn overlap(field: &'static str) -> Error {
    let (ja, en) = (
        "同じ職員の他の在職期間と重なっています。前の在職期間の離職日を先に記録してください。",
        "It overlaps another period of the person's employment. Record the end of the former one first.",
    );
    Error::conflict(field, ja, en)
}

/// Whether a period was written by `recordStaff` and has no key of a client's.
fn is_unkeyed(row: &Model) -> bool {
    row.external_id == row.id.to_string()
}

/// Pairs of one person's periods that overlap, the earlier first.
fn overlapping(rows: &[&Model]) -> Vec<(usize, usize)> {
    let mut by_person: BTreeMap<StaffId, Vec<usize>> = BTreeMap::new();
    for (index, row) in rows.iter().enumerate() {
        by_person.entry(row.staff_id).or_default().push(index);
    }
    let mut found = Vec::new();
    for indices in by_person.values_mut() {
        indices.sort_by_key(|&index| (rows[index].valid_from, rows[index].id));
        for (place, &earlier) in indices.iter().enumerate() {
            let meet = |&&later: &&usize| rows[earlier].valid_to.is_none_or(|end| rows[later].valid_from < end);
            found.extend(indices[place + 1..].iter().take_while(meet).map(|&later| (earlier, later)));
        }
    }
    found
}

impl Recordable for Model {
    type Draft = EmploymentDraft;
    type World = World;
    const NOUN: Noun = Noun::Employment;
    const IS_SIGHT: bool = true;
    external!();

    async fn load(tx: &WriteTransaction, call: &Call<EmploymentDraft>, writing: &Writing<'_>) -> Result<World, Error> {
        let people = People::lock(tx, &call.records.iter().map(|draft| draft.staff_number.as_str()).collect(), writing).await?;
        Ok(World { people, computed: Computed::load(tx, civil_date(writing.now)).await? })
    }

    async fn neighbours(_: &WriteTransaction, _: &Call<EmploymentDraft>, world: &World) -> Result<Vec<Self>, DbErr> {
        Ok(world.people.all().flat_map(|person| world.people.employments(person.id)).cloned().collect())
    }

    fn writable(&self, world: &World, writing: &Writing<'_>) -> bool {
        let person = world.people.all().find(|person| person.id == self.staff_id);
        writing.scope.is_everything() || person.is_some_and(|person| world.people.are_held(person, writing.scope, civil_date(writing.now)))
    }

    fn check_update(&self, stored: &Self) -> Result<(), Error> {
        if self.staff_id == stored.staff_id {
            return Ok(());
        }
        let ja = "在職期間の職員は変えられません。この在職期間を無効にし、別の在職期間を記録してください。";
        Err(Error::conflict("staffNumber", ja, "A period keeps its person. Void it, and record another one."))
    }

    fn build(draft: &EmploymentDraft, meta: Meta, world: &World, writing: &Writing<'_>) -> Result<Self, Error> {
        let end = draft.end().day();
        check_span(draft.valid_from.0, end)?;
        check_said(draft.seconded_from.as_deref(), draft.origin, end.is_some(), draft.separation_reason)?;
        let held =
            |person: &&staff::Model| person.void_reason.is_none() && world.people.are_held(person, writing.scope, civil_date(writing.now));
        let person = world.people.person(&draft.staff_number).filter(held).ok_or_else(|| unknown(&draft.staff_number))?;
        Ok(Self {
            id: EmploymentId::new(),
            client: writing.client.to_owned(),
            external_id: draft.external_id.clone(),
            staff_id: person.id,
            kind: draft.kind,
            origin: draft.origin,
            seconded_from: draft.seconded_from.clone(),
            valid_from: draft.valid_from.0,
            valid_to: end,
            separation_reason: draft.separation_reason,
            source_version: meta.source_version,
            void_reason: meta.void_reason,
            revision: meta.revision,
            receipt_id: meta.receipt_id,
            created_at: meta.created_at,
            updated_at: meta.updated_at,
        })
    }

    fn conflicts(rows: &[&Self], _: &World) -> Vec<(usize, Error)> {
        let pairs = overlapping(rows).into_iter().filter(|&(a, b)| is_unkeyed(rows[a]) == is_unkeyed(rows[b]));
        let found: BTreeSet<usize> = pairs.flat_map(|(a, b)| [a, b]).collect();
        found.into_iter().map(|index| (index, overlap("validFrom"))).collect()
    }

    /// What was written without a key gives way to what is recorded with one.
    fn consequences(sent: &mut [&mut Self], world: &World) -> Vec<Self> {
        let keys: BTreeSet<_> = sent.iter().map(|row| row.key()).collect();
        let people: BTreeSet<StaffId> = sent.iter().map(|row| row.staff_id).collect();
        let stored = people.iter().flat_map(|id| world.people.employments(*id)).filter(|row| !keys.contains(&row.key()));
        let counts = sent.iter().map(|row| &**row).filter(|row| row.void_reason.is_none());
        let rows: Vec<&Self> = counts.chain(stored).collect();
        let gives_way = |(a, b): (usize, usize)| match (is_unkeyed(rows[a]), is_unkeyed(rows[b])) {
            (true, false) => Some(rows[a]),
            (false, true) => Some(rows[b]),
            _ => None,
        };
        let gone: BTreeMap<_, &Self> = overlapping(&rows)
            .into_iter()
            .filter_map(gives_way)
            .filter(|row| !keys.contains(&row.key()))
            .map(|row| (row.key(), row))
            .collect();
        gone.into_values().map(|row| Self { void_reason: Some("RECORDED_ANEW".to_owned()), ..row.clone() }).collect()
    }

    /// Where the end alone moves, the months that it moves across; else all that either version covers.
    fn guarded(&self, before: Option<&Self>, world: &World) -> Vec<Touch> {
        let Some(before) = before else { return self.touches(world) };
        let words = |row: &Self| (row.kind, row.valid_from, row.void_reason.is_some());
        if words(before) != words(self) {
            return self.touches(world).into_iter().chain(before.touches(world)).collect();
        }
        let Some(first) = before.valid_to.into_iter().chain(self.valid_to).min().filter(|_| before.valid_to != self.valid_to) else {
            return Vec::new();
        };
        let last = before.valid_to.zip(self.valid_to).map(|(a, b)| a.max(b));
        months(self, world, Service { from: first, to: last })
    }

    fn touches(&self, world: &World) -> Vec<Touch> {
        months(self, world, Service { from: self.valid_from, to: self.valid_to })
    }

    fn person(&self) -> Option<StaffId> {
        Some(self.staff_id)
    }

    async fn after<C: ConnectionTrait>(tx: &C, rows: &[&Self], after: &After<'_>) -> Result<Aftermath, Error> {
        let people: BTreeSet<StaffId> = rows.iter().map(|row| row.staff_id).collect();
        let without = show_latest(tx, &people, after).await?;
        let mut aftermath = settle(tx, &people, after).await?;
        aftermath.stranded.extend(without);
        Ok(aftermath)
    }
}

/// The computed months of a person's posts within a span.
fn months(row: &Model, world: &World, span: Service) -> Vec<Touch> {
    let posts = world.people.postings(row.staff_id).iter().filter(|post| post.void_reason.is_none());
    let of = |post: &posting::Model| {
        let to = post.valid_to.into_iter().chain(span.to).min();
        let bureau = post.bureau_id;
        world.computed.months(post.valid_from.max(span.from), to).map(move |month| (bureau, month, Some(row.staff_id)))
    };
    posts.flat_map(of).collect()
}

/// What a period says that `staff` shows of the latest one.
fn said(
    row: &Model,
) -> (staff::Employment, staff::Origin, Option<&str>, chrono::NaiveDate, Option<chrono::NaiveDate>, Option<SeparationReason>) {
    (row.kind, row.origin, row.seconded_from.as_deref(), row.valid_from, row.valid_to, row.separation_reason)
}

/// The periods that count of these people, the earliest first.
async fn periods<C: ConnectionTrait>(tx: &C, people: &BTreeSet<StaffId>) -> Result<HashMap<StaffId, Vec<Model>>, Error> {
    let ids = people.iter().map(|id| id.0).collect();
    let mut periods: HashMap<StaffId, Vec<Model>> = HashMap::new();
    for row in dialect::by_id::<employment::Entity, _>(tx, "staff_id", &ids).await?.into_iter().filter(|row| row.void_reason.is_none()) {
        periods.entry(row.staff_id).or_default().push(row);
    }
    for rows in periods.values_mut() {
        rows.sort_by_key(|row| row.valid_from);
    }
    Ok(periods)
}

/// Makes the rows of `staff` show the latest period; returns the people without any.
async fn show_latest<C: ConnectionTrait>(tx: &C, people: &BTreeSet<StaffId>, after: &After<'_>) -> Result<BTreeSet<StaffId>, Error> {
    let periods = periods(tx, people).await?;
    let mut changes = Vec::new();
    for person in dialect::by_id::<staff::Entity, _>(tx, "id", &people.iter().map(|id| id.0).collect()).await? {
        let Some(latest) = periods.get(&person.id).and_then(|rows| rows.last()) else { continue };
        let shown = staff::Model {
            employment: latest.kind,
            origin: latest.origin,
            seconded_from: latest.seconded_from.clone(),
            hired_on: latest.valid_from,
            separated_on: latest.valid_to,
            separation_reason: latest.separation_reason,
            ..person.clone()
        };
        if shown != person {
            changes.push((person, shown));
        }
    }
    rewrite(tx, Noun::Staff, changes, after).await?;
    Ok(people.iter().copied().filter(|person| !periods.contains_key(person)).collect())
}

/// Makes the latest period say what a written row of `staff` does: a first day on or after the end of the latest one begins another.
pub(super) async fn follow_staff<C: ConnectionTrait>(tx: &C, rows: &[&staff::Model], after: &After<'_>) -> Result<(), Error> {
    let people = rows.iter().map(|row| row.id).collect();
    let periods = periods(tx, &people).await?;
    let (mut created, mut changed) = (Vec::new(), Vec::new());
    for person in rows.iter().filter(|row| row.void_reason.is_none()) {
        let latest = periods.get(&person.id).and_then(|rows| rows.last());
        let latest = latest.filter(|latest| !is_return(latest, person.hired_on));
        let id = latest.map_or_else(EmploymentId::new, |latest| latest.id);
        let meta = latest.map(Record::meta);
        let row = Model {
            id,
            client: latest.map_or_else(|| after.writing.client.to_owned(), |latest| latest.client.clone()),
            external_id: latest.map_or_else(|| id.to_string(), |latest| latest.external_id.clone()),
            staff_id: person.id,
            kind: person.employment,
            origin: person.origin,
            seconded_from: person.seconded_from.clone(),
            valid_from: person.hired_on,
            valid_to: person.separated_on,
            separation_reason: person.separation_reason,
            source_version: meta.as_ref().and_then(|meta| meta.source_version),
            void_reason: None,
            revision: meta.as_ref().map_or(1, |meta| meta.revision),
            receipt_id: after.receipt,
            created_at: meta.map_or(after.writing.now, |meta| meta.created_at),
            updated_at: after.writing.now,
        };
        match latest {
            None => created.push(row),
            Some(latest) if said(latest) != said(&row) => changed.push((latest.clone(), row)),
            Some(_) => {}
        }
    }
    transaction::put_all(tx, created, false).await?;
    rewrite(tx, Noun::Employment, changed, after).await
}

/// Whether a first day makes a new period after `latest`, and does not correct it.
pub(super) fn is_return(latest: &Model, hired_on: chrono::NaiveDate) -> bool {
    latest.valid_to.is_some_and(|left| left <= hired_on)
}

/// What follows from changed employment: posts that a former service left open end with it, who holds the people is derived anew, and dated records
/// follow.
pub(super) async fn settle<C: ConnectionTrait>(tx: &C, people: &BTreeSet<StaffId>, after: &After<'_>) -> Result<Aftermath, Error> {
    let services: HashMap<StaffId, Vec<Service>> = periods(tx, people)
        .await?
        .into_iter()
        .map(|(id, rows)| (id, services(rows.iter().map(|row| Service { from: row.valid_from, to: row.valid_to }))))
        .collect();
    let back: BTreeSet<_> = services.iter().filter(|(_, services)| services.len() > 1).map(|(id, _)| id.0).collect();
    if !back.is_empty() {
        let posts = dialect::by_id::<posting::Entity, _>(tx, "staff_id", &back).await?;
        let ended = posts.into_iter().filter(|post| post.void_reason.is_none()).filter_map(|post| {
            let end = end_of_service(&post, services.get(&post.staff_id)?)?;
            (post.valid_from < end).then(|| (post.clone(), posting::Model { valid_to: Some(end), ..post }))
        });
        rewrite(tx, Noun::Posting, ended.collect(), after).await?;
    }
    resolve(tx, people, after).await
}
