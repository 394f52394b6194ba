//! Writing postings (配属). Who holds a person posts them: a main post in its own bureaus, one beside it in any. The main post in another bureau
//! is that bureau's to write, once the person is released to it. Main posts never overlap: a later one ends the open one on that day. Dated
//! records follow the posting that covers them, in the same transaction.

use crate::store::{
    dialect::{self, By},
    record::{
        After, Aftermath, Call, Doubt, Draft, End, Look, Name, Recordable, Touch, Version, Writing, Written, check_date, check_line,
        check_span, external,
    },
    rules::{
        doubts,
        people::{People, is_primary, unknown},
    },
    scope::RowScope,
    stale_months::Computed,
};
use crate::{
    authz::Noun,
    error::Error,
    words::{Date, PostingKind, RankBand},
};
use async_graphql::InputObject;
use chrono::NaiveDate;
use entity::{
    bureau,
    holding::{Segment, Service},
    ids::{BureauId, PostingId, StaffId, UnitId},
    period::civil_date,
    posting::{self, Model},
    record::{Meta, Record},
    staff, unit,
};
use jobs::{database::WriteTransaction, transaction};
use sea_orm::{ConnectionTrait, DbErr};
use serde::{Deserialize, Serialize};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
};

/// One posting of a person.
#[derive(Debug, Clone, Serialize, Deserialize, InputObject)]
#[graphql(name = "PostingInput")]
pub struct PostingDraft {
    /// Your own key of the posting.
    pub external_id: String,
    /// The person.
    pub staff_number: String,
    /// Code of the bureau.
    pub bureau: String,
    /// Code of the unit, one of the bureau's.
    pub unit: String,
    /// 本務 or 併任.
    #[graphql(default_with = "PostingKind::Primary")]
    pub kind: PostingKind,
    /// 常駐: works in the office.
    #[graphql(default = true)]
    pub resident: bool,
    /// Rank band.
    pub band: RankBand,
    /// Job area, your own word.
    pub job_area: Option<String>,
    /// Whether overtime rules bind.
    #[graphql(default = true)]
    pub subject_to_overtime: bool,
    /// First day in force, at most 60 days ahead.
    pub valid_from: Date,
    /// First day no longer in force, at most 5 years ahead; or say `lastDay`.
    pub valid_to: Option<Date>,
    /// Last day in force (任期の末日), in place of `validTo`, which is the day after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_day: Option<Date>,
    /// From this day on, at most 60 days ahead, the bureau of `releasedTo` may write the person's main post, which ends this one and makes it the person's holder.
    pub released_on: Option<Date>,
    /// Last day before the release, in place of `releasedOn`, which is the day after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_day_before_release: Option<Date>,
    /// Code of the bureau to which the person is released; goes with `releasedOn`.
    pub released_to: Option<String>,
    /// Version and voidness.
    #[graphql(flatten)]
    #[serde(flatten)]
    pub version: Version,
}

impl Draft for PostingDraft {
    const MANY: &'static str = "Postings";

    fn key(&self) -> &str {
        &self.external_id
    }
    fn version(&self) -> &Version {
        &self.version
    }
    fn names(&mut self) -> Vec<Name<'_>> {
        vec![("jobArea", self.job_area.as_mut())]
    }
    fn ends(&self) -> Vec<End> {
        vec![self.term(), self.release()]
    }
}

impl PostingDraft {
    fn term(&self) -> End {
        End::of_span(self.valid_to, self.last_day)
    }

    fn release(&self) -> End {
        End { field: "releasedOn", twin: "lastDayBeforeRelease", first_not: self.released_on, last: self.last_day_before_release }
    }
}

/// The people of the call, the bureaus and units it names, the writer's scope, the months that a change makes stale, and today.
pub struct World {
    people: People,
    bureaus: HashMap<String, BureauId>,
    units: HashMap<String, (UnitId, BureauId)>,
    scope: RowScope,
    computed: Computed,
    today: NaiveDate,
}

/// By what right a writer posts a person.
enum Right {
    /// It holds the person, or writes office-wide.
    Hold,
    /// The person was released to this bureau, or to whoever comes first.
    Released(Option<BureauId>),
}

impl World {
    /// Whether `later` may end the open main post `open` on the day it begins.
    fn may_end(&self, open: &Model, later: &Model) -> bool {
        open.valid_to.is_none()
            && open.valid_from < later.valid_from
            && (self.scope.bureaus.holds(&open.bureau_id) || self.is_released(open, later.valid_from))
    }

    /// Whether a post is released to the writer for a main post that begins on a day. A release that names nobody is from before releases did.
    fn is_released(&self, post: &Model, from: NaiveDate) -> bool {
        let Some(day) = post.released_on.filter(|day| *day <= from) else { return false };
        post.released_to.is_none_or(|to| day <= self.today && self.scope.bureaus.holds(&to))
    }

    /// Whether the writer holds a person of the call.
    fn holds(&self, staff_id: StaffId) -> bool {
        let person = self.people.all().find(|person| person.id == staff_id);
        self.scope.is_everything() || person.is_some_and(|person| self.people.are_held(person, &self.scope, self.today))
    }

    /// By what right the writer posts the person from a day on.
    fn right(&self, person: &staff::Model, kind: posting::PostingKind, from: NaiveDate) -> Option<Right> {
        if self.people.are_held(person, &self.scope, self.today) {
            return Some(Right::Hold);
        }
        // A release is used up by the next main post.
        let postings = self.people.postings(person.id);
        let last = last_main(postings, self.today).or_else(|| {
            let held = self.people.last_post(person.id, self.today)?;
            postings.iter().find(|post| post.id == held)
        })?;
        // A release that names nobody is used up by any bureau's next main post, begun or not.
        let is_next = |post: &&Model| is_primary(post) && post.void_reason.is_none() && post.valid_from > last.valid_from;
        if last.released_to.is_none() && postings.iter().filter(is_next).any(|post| !self.scope.bureaus.holds(&post.bureau_id)) {
            return None;
        }
        // Nor does one from before the person left and came back count.
        let services = self.people.services(person.id);
        let service = |day: NaiveDate| services.iter().position(|service| service.to.is_none_or(|to| day < to));
        let released = kind == posting::PostingKind::Primary && self.is_released(last, from) && service(last.valid_from) == service(from);
        released.then_some(Right::Released(last.released_to))
    }

    /// Bureau and unit of a new post: the writer's own bureaus take main posts, and any bureau one beside by who holds the person.
    fn new_place(&self, draft: &PostingDraft, right: &Right) -> Result<(BureauId, UnitId), Error> {
        let may = |id: &BureauId| match right {
            Right::Hold => self.scope.bureaus.holds(id) || draft.kind == PostingKind::Concurrent,
            Right::Released(to) => self.scope.bureaus.holds(id) && to.is_none_or(|to| to == *id),
        };
        let bureau_id = self.bureaus.get(&draft.bureau).copied().filter(may);
        let bureau_id = bureau_id.ok_or_else(|| Error::not_found("bureau", "部局", "bureau"))?;
        let unit_id = self.units.get(&draft.unit).filter(|(_, bureau)| *bureau == bureau_id).map(|(id, _)| *id);
        Ok((bureau_id, unit_id.ok_or_else(|| Error::not_found("unit", "課", "unit of this bureau"))?))
    }

    /// Bureau and unit of a post that is there: its records stay with a bureau that is not the writer's, and come to none.
    fn place(&self, draft: &PostingDraft, stored: &Model, right: &Right) -> Result<(BureauId, UnitId), Error> {
        let place = self.new_place(draft, right)?;
        let both = self.scope.bureaus.holds(&stored.bureau_id) && self.scope.bureaus.holds(&place.0);
        if place.0 == stored.bureau_id || both {
            return Ok(place);
        }
        let ja = "配属の部局は変えられません。この配属を終え、別の配属を記録してください。";
        Err(Error::conflict("bureau", ja, "A post keeps its bureau. End it, and record another one."))
    }

    /// The row that a draft becomes; none where it is released to a bureau that nobody knows.
    fn row(
        &self,
        draft: &PostingDraft,
        meta: Meta,
        client: &str,
        staff_id: StaffId,
        (bureau_id, unit_id): (BureauId, UnitId),
    ) -> Option<Model> {
        let released_to = match &draft.released_to {
            Some(code) => Some(*self.bureaus.get(code)?),
            None => None,
        };
        let mut row = Model {
            id: PostingId::new(),
            client: client.to_owned(),
            external_id: draft.external_id.clone(),
            staff_id,
            bureau_id,
            unit_id,
            kind: draft.kind,
            resident: draft.resident,
            band: draft.band,
            job_area: draft.job_area.clone(),
            subject_to_overtime: draft.subject_to_overtime,
            valid_from: draft.valid_from.0,
            valid_to: draft.term().day(),
            released_on: draft.release().day(),
            released_to,
            source_version: meta.source_version,
            void_reason: meta.void_reason,
            revision: meta.revision,
            receipt_id: meta.receipt_id,
            created_at: meta.created_at,
            updated_at: meta.updated_at,
        };
        // A source that still sends its posting open, though a transfer has ended it, does not take the transfer back.
        if is_primary(&row) && row.valid_to.is_none() {
            let others = self.people.postings(staff_id).iter().filter(|other| {
                is_primary(other)
                    && other.void_reason.is_none()
                    && (other.client.as_str(), other.external_id.as_str()) != (client, draft.external_id.as_str())
            });
            row.valid_to = others.filter(|later| self.may_end(&row, later)).map(|later| later.valid_from).min();
        }
        // Nor does one that sends it open from before a return take it into the new service.
        row.valid_to = end_of_service(&row, &self.people.services(staff_id)).or(row.valid_to);
        Some(row)
    }
}

/// The day on which a post ends because a service ended and another one followed; none where it ends by itself, or nothing followed.
pub(super) fn end_of_service(post: &Model, services: &[Service]) -> Option<NaiveDate> {
    let at = services.iter().position(|service| service.to.is_none_or(|to| post.valid_from < to))?;
    let end = services.get(at).filter(|_| at + 1 < services.len())?.to?;
    (post.valid_to.is_none_or(|to| end < to)).then_some(end)
}

/// The main post that has begun and reaches furthest towards a day.
fn last_main(postings: &[Model], day: NaiveDate) -> Option<&Model> {
    let next = day.succ_opt().unwrap_or(day);
    let begun = postings.iter().filter(|post| is_primary(post) && post.void_reason.is_none() && post.valid_from <= day);
    begun.max_by_key(|post| (post.valid_to.map_or(next, |to| to.min(next)), post.valid_from, Reverse(post.id)))
}

/// What a bureau may do with a post that it has, of a person whom it does not hold: say what is stored, or end one beside the main post earlier.
fn ends(row: &Model, stored: &Model) -> bool {
    let earlier = row.valid_to.is_some_and(|day| stored.valid_to.is_none_or(|end| day < end)) && !is_primary(stored);
    let same = Model { id: stored.id, valid_to: stored.valid_to, ..row.clone() };
    same.same_content(stored) && (row.valid_to == stored.valid_to || earlier)
}

impl Recordable for Model {
    type Draft = PostingDraft;
    type World = World;
    const NOUN: Noun = Noun::Posting;
    const IS_SIGHT: bool = true;
    external!();

    async fn load(tx: &WriteTransaction, call: &Call<PostingDraft>, writing: &Writing<'_>) -> Result<World, Error> {
        let people = People::lock(tx, &call.records.iter().map(|draft| draft.staff_number.as_str()).collect(), writing).await?;
        let codes = call.records.iter().flat_map(|draft| [Some(draft.bureau.as_str()), draft.released_to.as_deref()]).flatten().collect();
        let bureaus = dialect::by_text::<bureau::Entity, _>(&**tx, "code", &codes).await?;
        let codes = call.records.iter().map(|draft| draft.unit.as_str()).collect();
        let units = dialect::by_text::<unit::Entity, _>(&**tx, "code", &codes).await?;
        Ok(World {
            people,
            bureaus: bureaus.into_iter().filter(|row| row.void_reason.is_none()).map(|row| (row.code, row.id)).collect(),
            units: units.into_iter().filter(|row| row.void_reason.is_none()).map(|row| (row.code, (row.id, row.bureau_id))).collect(),
            scope: writing.scope.clone(),
            computed: Computed::load(tx, civil_date(writing.now)).await?,
            today: civil_date(writing.now),
        })
    }

    async fn neighbours(_: &WriteTransaction, _: &Call<PostingDraft>, world: &World) -> Result<Vec<Self>, DbErr> {
        let held = world.people.all().flat_map(|person| world.people.postings(person.id));
        Ok(held.filter(|posting| posting.void_reason.is_none()).cloned().collect())
    }

    /// Its bureau's, and where it is beside the main post also who holds the person's: either may end it.
    fn writable(&self, world: &World, writing: &Writing<'_>) -> bool {
        writing.scope.bureaus.holds(&self.bureau_id) || (!is_primary(self) && world.holds(self.staff_id))
    }

    /// Taken out by who holds the person, or by the bureau to which they are released.
    fn check_void(&self, world: &World, _: &Writing<'_>) -> Result<(), Error> {
        let person = world.people.all().find(|person| person.id == self.staff_id);
        let right = person.and_then(|person| world.right(person, self.kind, self.valid_from));
        if right.is_some() || world.scope.is_everything() { Ok(()) } else { Err(unknown("")) }
    }

    fn check_update(&self, stored: &Self) -> Result<(), Error> {
        if self.staff_id == stored.staff_id {
            return Ok(());
        }
        let ja = "配属の職員は変えられません。この配属を無効にし、別の配属を記録してください。";
        Err(Error::conflict("staffNumber", ja, "A post keeps its person. Void it, and record another one."))
    }

    fn build(draft: &PostingDraft, meta: Meta, world: &World, writing: &Writing<'_>) -> Result<Self, Error> {
        check_span(draft.valid_from.0, draft.term().day())?;
        if let Some(area) = &draft.job_area {
            check_line("jobArea", area, 200)?;
        }
        check_release(draft)?;
        let unknown = || unknown(&draft.staff_number);
        let person = world.people.person(&draft.staff_number).filter(|person| person.void_reason.is_none()).ok_or_else(unknown)?;
        let stored =
            world.people.postings(person.id).iter().find(|row| (&*row.client, &*row.external_id) == (writing.client, &*draft.external_id));
        let Some(right) = world.right(person, draft.kind, draft.valid_from.0) else {
            // To whom the person is none of theirs, all that could be wrong with the record looks alike.
            let row = stored.filter(|row| row.void_reason.is_none()).and_then(|stored| {
                let place = world.place(draft, stored, &Right::Hold).ok()?;
                Some((world.row(draft, meta, writing.client, person.id, place)?, stored))
            });
            return row.filter(|(row, stored)| ends(row, stored)).map(|(row, _)| row).ok_or_else(unknown);
        };
        let place = match stored {
            Some(stored) => world.place(draft, stored, &right)?,
            None => world.new_place(draft, &right)?,
        };
        let released_on = draft.release().day();
        if released_on.is_some()
            && draft.released_to.is_none()
            && !stored.is_some_and(|row| row.released_to.is_none() && row.released_on == released_on)
        {
            let ja = "異動先の部局を指定してください。";
            return Err(Error::input("releasedTo", ja, "A release names the bureau to which the person is released."));
        }
        if world.people.employed(person.id, draft.valid_from.0).is_none() {
            let (ja, en) = ("在職期間外の配属です。", "The staff member was not employed on this date.");
            return Err(Error::conflict("validFrom", ja, en));
        }
        world.row(draft, meta, writing.client, person.id, place).ok_or_else(|| Error::not_found("releasedTo", "部局", "bureau"))
    }

    fn conflicts(rows: &[&Self], world: &World) -> Vec<(usize, Error)> {
        let mut found = BTreeMap::new();
        for indices in main_posts(rows).values() {
            for pair in indices.windows(2) {
                let (earlier, later) = (rows[pair[0]], rows[pair[1]]);
                if earlier.valid_to.is_none_or(|end| later.valid_from < end) && !world.may_end(earlier, later) {
                    found.entry(pair[0]).or_insert(pair[1]);
                    found.insert(pair[1], pair[0]);
                }
            }
        }
        let overlap = || {
            let ja = "本務の配属期間が重なっています。前の部局が配属を終えるか、異動を承認（releasedOn、releasedTo）する必要があります。";
            let en = "It overlaps another main post. The former bureau must end or release (releasedOn, releasedTo) it first.";
            Error::conflict("validFrom", ja, en).retry()
        };
        found.into_iter().map(|(index, other)| (index, overlap().beside(other))).collect()
    }

    fn consequences(sent: &mut [&mut Self], world: &World) -> Vec<Self> {
        let by_key: HashMap<_, usize> = sent.iter().enumerate().map(|(index, row)| (row.key(), index)).collect();
        let people: BTreeSet<StaffId> = sent.iter().map(|row| row.staff_id).collect();
        let mut state: Vec<Self> = sent.iter().map(|row| (**row).clone()).collect();
        state.extend(people.iter().flat_map(|id| world.people.postings(*id)).filter(|row| !by_key.contains_key(&row.key())).cloned());
        state.retain(|row| row.void_reason.is_none());
        let rows: Vec<&Self> = state.iter().collect();
        let mut ended = Vec::new();
        for indices in main_posts(&rows).values() {
            for pair in indices.windows(2) {
                if world.may_end(rows[pair[0]], rows[pair[1]]) {
                    ended.push(Self { valid_to: Some(rows[pair[1]].valid_from), ..rows[pair[0]].clone() });
                }
            }
        }
        let (own, stored): (Vec<Self>, Vec<Self>) = ended.into_iter().partition(|row| by_key.contains_key(&row.key()));
        for row in own {
            sent[by_key[&row.key()]].valid_to = row.valid_to;
        }
        stored
    }

    async fn doubts(
        look: &Look<'_>,
        written: &[Written<'_, Self, PostingDraft>],
        state: &[&Self],
        _: &World,
    ) -> Result<Vec<(usize, Doubt)>, Error> {
        let places: HashMap<PostingId, usize> = written.iter().enumerate().map(|(at, record)| (record.row.id, at)).collect();
        let designated = written.iter().enumerate().filter_map(|(at, record)| Some((at, doubts::designated(record.row)?)));
        // One gap is told once: of the later post where the call has written it.
        let gaps = doubts::gaps(state, &look.seen(Self::NOUN)).into_iter().filter_map(|(earlier, later)| {
            let at = |post: usize| places.get(&state[post].id).copied();
            let end = |at: usize| if written[at].draft.last_day.is_some() { "lastDay" } else { "validTo" };
            let later = at(later).map(|at| (at, doubts::gap("validFrom")));
            later.or_else(|| at(earlier).map(|at| (at, doubts::gap(end(at)))))
        });
        Ok(designated.chain(gaps).collect())
    }

    /// Where the end alone moves, the months that it moves across; else all that either version covers.
    fn guarded(&self, before: Option<&Self>, world: &World) -> Vec<Touch> {
        let Some(before) = before else { return self.touches(world) };
        let mut moved = before.clone();
        moved.valid_to = self.valid_to;
        moved.released_on = self.released_on;
        moved.released_to = self.released_to;
        moved.job_area.clone_from(&self.job_area);
        if !moved.same_content(self) || before.void_reason.is_some() != self.void_reason.is_some() {
            return self.touches(world).into_iter().chain(before.touches(world)).collect();
        }
        let (from, to) = match (before.valid_to, self.valid_to) {
            (a, b) if a == b => return Vec::new(),
            (Some(a), Some(b)) => (a.min(b), Some(a.max(b))),
            (Some(day), None) | (None, Some(day)) => (day, None),
            (None, None) => return Vec::new(),
        };
        world.computed.months(from, to).map(|month| (self.bureau_id, month, Some(self.staff_id))).collect()
    }

    fn touches(&self, world: &World) -> Vec<Touch> {
        world.computed.months(self.valid_from, self.valid_to).map(|month| (self.bureau_id, month, Some(self.staff_id))).collect()
    }

    fn person(&self) -> Option<StaffId> {
        Some(self.staff_id)
    }

    async fn after<C: ConnectionTrait>(tx: &C, rows: &[&posting::Model], after: &After<'_>) -> Result<Aftermath, Error> {
        resolve(tx, &rows.iter().map(|row| row.staff_id).collect(), after).await
    }
}

/// A day and a bureau of release go together, and the day is a sound one.
fn check_release(draft: &PostingDraft) -> Result<(), Error> {
    match (draft.release().day(), &draft.released_to) {
        (None, Some(_)) => Err(Error::input("releasedOn", "異動の承認日を指定してください。", "releasedTo goes with releasedOn.")),
        (Some(day), _) => check_date("releasedOn", day),
        (None, None) => Ok(()),
    }
}

/// The main posts of each person, by their first day.
fn main_posts(rows: &[&Model]) -> BTreeMap<StaffId, Vec<usize>> {
    let mut posts: BTreeMap<StaffId, Vec<usize>> = BTreeMap::new();
    for (index, row) in rows.iter().enumerate().filter(|(_, row)| is_primary(row)) {
        posts.entry(row.staff_id).or_default().push(index);
    }
    for indices in posts.values_mut() {
        indices.sort_by_key(|&index| (rows[index].valid_from, rows[index].id));
    }
    posts
}

/// Derives anew who holds these people; returns whose figures that touches: a month stands where its holder is.
pub(super) async fn hold<C: ConnectionTrait>(tx: &C, people: &BTreeSet<StaffId>, today: NaiveDate) -> Result<Vec<Touch>, Error> {
    let held = transaction::hold_anew(tx, people, today).await?;
    if held.is_empty() {
        return Ok(Vec::new());
    }
    let computed = Computed::within(tx, today).await?;
    let touched = |(staff_id, segment): (StaffId, Segment)| {
        computed.months(segment.from, segment.to).map(move |month| (segment.bureau, month, Some(staff_id)))
    };
    Ok(held.into_iter().filter(|(_, segment)| segment.post.is_some()).flat_map(touched).collect())
}

/// Derives anew who holds these people, and moves their dated records to the postings that now cover them.
pub(in crate::store) async fn resolve<C: ConnectionTrait>(
    tx: &C,
    people: &BTreeSet<StaffId>,
    after: &After<'_>,
) -> Result<Aftermath, Error> {
    let touches = hold(tx, people, civil_date(after.writing.now)).await?;
    let mut aftermath = Aftermath { touches, ..Aftermath::default() };
    let by = By { receipt: after.receipt, at: after.writing.now };
    let ids = people.iter().map(|id| id.0).collect();
    for (noun, _) in Noun::dated() {
        dialect::move_records(tx, noun, &ids, by).await?;
        aftermath.stranded.extend(dialect::stranded(tx, noun.table(), &ids).await?);
    }
    Ok(aftermath)
}
