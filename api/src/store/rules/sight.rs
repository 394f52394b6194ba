//! Who sees a person and the person's postings, place by place, before and after a change: a bureau comes to see them, or ceases to, by what is
//! written of other rows, and by the calendar.
//!
//! It is the rule of [`crate::store::holder`] the other way round: not whom a scope sees, but which bureaus and units see a row. What changes of it
//! is written down with the call that changes it. What the calendar changes is written down once for all readers, by whoever asks first on
//! a new day, before anything else is written of that day (`sight_day`); so what is written down is what happened, in one order.

use crate::{
    error::Error,
    store::{Store, dialect, unscoped},
};
use chrono::NaiveDate;
use entity::{
    change, employment, holding,
    ids::{BureauId, ChangeId, ReceiptId, StaffId, UnitId},
    noun::Noun,
    posting, sight_day,
};
use jobs::transaction::{
    self,
    numbering::{Written, own_receipt},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter,
    QuerySelect, sea_query::OnConflict,
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The one row of `sight_day`.
const ROW: i32 = 1;

/// A place from which a row is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    /// Whether it is seen because its person is held there.
    held: bool,
    bureau_id: Option<BureauId>,
    unit_id: Option<UnitId>,
}

/// From where rows are seen, by table and key.
type Seen = BTreeMap<(&'static str, Uuid), BTreeSet<Place>>;

/// Who sees some people on a day.
pub(in crate::store) struct Sight {
    people: BTreeSet<Uuid>,
    day: NaiveDate,
    seen: Seen,
}

impl Sight {
    /// Who sees these people before a call writes of them. The day cannot turn meanwhile.
    pub(in crate::store) async fn before<C: ConnectionTrait>(tx: &C, people: BTreeSet<Uuid>, today: NaiveDate) -> Result<Self, DbErr> {
        let day = lock(tx, false).await?.unwrap_or(today);
        Ok(Self { seen: seen(tx, &people, day).await?, people, day })
    }

    /// Writes down what a call has changed of it, and tells in how many rows. What it wrote first has no past.
    pub(in crate::store) async fn tell<C: ConnectionTrait>(
        self,
        tx: &C,
        receipt: ReceiptId,
        created: &BTreeSet<Uuid>,
    ) -> Result<i64, DbErr> {
        let after = seen(tx, &self.people, self.day).await?;
        write(tx, receipt, &self.seen, &after, created).await
    }
}

impl Store {
    /// The day for which it is written down who sees whom: today. Who asks first on a new day writes down what the calendar changed.
    ///
    /// # Errors
    /// The engine's.
    pub(in crate::store) async fn day_of_sight(&self) -> Result<NaiveDate, Error> {
        let today = self.today();
        let day = unscoped::<sight_day::Entity>().one(self.reader()).await?.map(|row| row.day);
        match day {
            Some(day) if day >= today => Ok(day),
            _ => self.turn_day(today).await,
        }
    }

    async fn turn_day(&self, today: NaiveDate) -> Result<NaiveDate, Error> {
        let tx = self.begin().await?;
        let first = sight_day::Model { id: ROW, day: today };
        let insert = sight_day::Entity::insert(first.into_active_model())
            .on_conflict(OnConflict::column(sight_day::Column::Id).do_nothing().to_owned());
        match insert.exec_without_returning(&*tx).await {
            Ok(_) | Err(DbErr::RecordNotInserted) => {}
            Err(error) => return Err(error.into()),
        }
        // Whoever writes of people has ended by then, and is seen; or begins after.
        let day = lock(&*tx, true).await?.unwrap_or(today);
        if day < today {
            let people = turning(&*tx, day, today).await?;
            let (before, after) = (seen(&*tx, &people, day).await?, seen(&*tx, &people, today).await?);
            if before != after {
                let now = self.now();
                let receipt = own_receipt(&*tx, "CALENDAR", "sight_day", now).await?;
                let records = write(&*tx, receipt, &before, &after, &BTreeSet::new()).await?;
                tx.number(Written { receipt, at: now, records });
            }
            let row = sight_day::ActiveModel { id: Set(ROW), day: Set(today) };
            sight_day::Entity::update(row).exec(&*tx).await?;
        }
        tx.commit().await?;
        Ok(day.max(today))
    }
}

/// The day, locked: shared by who writes of people, alone by who turns it. SQLite needs no lock.
async fn lock<C: ConnectionTrait>(tx: &C, alone: bool) -> Result<Option<NaiveDate>, DbErr> {
    let row = unscoped::<sight_day::Entity>();
    let row = if alone { row.lock_exclusive() } else { row.lock_shared() };
    Ok(row.one(tx).await?.map(|row| row.day))
}

/// The people whose postings or holders begin or end after one day and up to another.
async fn turning<C: ConnectionTrait>(tx: &C, from: NaiveDate, to: NaiveDate) -> Result<BTreeSet<Uuid>, DbErr> {
    use holding::Column;
    let within = |column: posting::Column| Condition::all().add(column.gt(from)).add(column.lte(to));
    let posts = unscoped::<posting::Entity>().select_only().column(posting::Column::StaffId);
    let posts = posts.filter(Condition::any().add(within(posting::Column::ValidFrom)).add(within(posting::Column::ValidTo)));
    let held = unscoped::<holding::Entity>().select_only().column(Column::StaffId);
    let held = held.filter(Column::ValidFrom.gt(from)).filter(Column::ValidFrom.lte(to));
    let mut people: BTreeSet<Uuid> = posts.into_tuple::<StaffId>().all(tx).await?.into_iter().map(|id| id.0).collect();
    people.extend(held.into_tuple::<StaffId>().all(tx).await?.into_iter().map(|id| id.0));
    Ok(people)
}

/// From where these people and their postings are seen on a day: people by who holds them and where they have a post that lasts; their employment by who holds them; a post by its own
/// bureau and unit, and while it lasts by who holds the person.
async fn seen<C: ConnectionTrait>(tx: &C, people: &BTreeSet<Uuid>, day: NaiveDate) -> Result<Seen, DbErr> {
    #[expect(clippy::struct_field_names, reason = "the names of the columns")]
    #[derive(FromQueryResult)]
    struct Holder {
        staff_id: StaffId,
        bureau_id: Option<BureauId>,
        unit_id: Option<UnitId>,
    }
    if people.is_empty() {
        return Ok(Seen::new());
    }
    let holders = format!(
        "SELECT h.staff_id, h.bureau_id, h.unit_id FROM holding h
        WHERE h.valid_from <= '{day}' AND (h.valid_to IS NULL OR h.valid_to > '{day}') AND h.staff_id IN ({})",
        dialect::listed_ids(tx, 1)
    );
    let holders = Holder::find_by_statement(dialect::spelled(tx, &holders, vec![dialect::json(people)?])).all(tx).await?;
    let holders: BTreeMap<StaffId, Place> =
        holders.into_iter().map(|row| (row.staff_id, Place { held: true, bureau_id: row.bureau_id, unit_id: row.unit_id })).collect();
    let mut seen = Seen::new();
    for person in people {
        seen.entry((Noun::Staff.table(), *person)).or_default().extend(holders.get(&StaffId(*person)));
    }
    for row in dialect::by_id::<employment::Entity, _>(tx, "staff_id", people).await? {
        seen.entry((Noun::Employment.table(), row.id.0)).or_default().extend(holders.get(&row.staff_id));
    }
    for post in dialect::by_id::<posting::Entity, _>(tx, "staff_id", people).await? {
        let own = Place { held: false, bureau_id: Some(post.bureau_id), unit_id: Some(post.unit_id) };
        let lasts = post.valid_to.is_none_or(|end| end > day);
        let places = seen.entry((Noun::Posting.table(), post.id.0)).or_default();
        places.insert(own);
        if let Some(holder) = holders.get(&post.staff_id).filter(|holder| lasts && holder.bureau_id.is_some()) {
            // The post's own bureau sees it anyway.
            let elsewhere = Place {
                bureau_id: holder.bureau_id.filter(|bureau| *bureau != post.bureau_id),
                unit_id: holder.unit_id.filter(|unit| *unit != post.unit_id),
                ..*holder
            };
            places.extend((elsewhere.bureau_id.is_some() || elsewhere.unit_id.is_some()).then_some(elsewhere));
        }
        if lasts && post.void_reason.is_none() {
            seen.entry((Noun::Staff.table(), post.staff_id.0)).or_default().insert(own);
        }
    }
    Ok(seen)
}

/// Writes a row for each place that came to see a row, or ceased to; returns how many.
async fn write<C: ConnectionTrait>(
    tx: &C,
    receipt_id: ReceiptId,
    before: &Seen,
    after: &Seen,
    created: &BTreeSet<Uuid>,
) -> Result<i64, DbErr> {
    let none = BTreeSet::new();
    let keys: BTreeSet<_> = before.keys().chain(after.keys()).filter(|(_, id)| !created.contains(id)).copied().collect();
    let mut rows = Vec::new();
    for (noun, record_id) in keys {
        let of = |seen: &Seen| seen.get(&(noun, record_id)).unwrap_or(&none).clone();
        let (before, after) = (of(before), of(after));
        let row = |place: &Place, begins: bool| change::Model {
            id: ChangeId::new(),
            receipt_id,
            noun: noun.to_owned(),
            record_id,
            disposed: false,
            held: place.held,
            from_bureau_id: place.bureau_id.filter(|_| !begins),
            from_unit_id: place.unit_id.filter(|_| !begins),
            from_staff_id: None,
            to_bureau_id: place.bureau_id.filter(|_| begins),
            to_unit_id: place.unit_id.filter(|_| begins),
            to_staff_id: None,
            to_posting_id: None,
        };
        rows.extend(before.difference(&after).map(|place| row(place, false)));
        rows.extend(after.difference(&before).map(|place| row(place, true)));
    }
    let written = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    transaction::put_all(tx, rows, false).await?;
    Ok(written)
}
