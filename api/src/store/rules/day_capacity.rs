//! Time of a person's day away from the office: telework and leave together fit into the standard day of 7 h 45 min.

use crate::error::Error;
use crate::store::{
    dialect,
    record::{KnowsPeople, Writing},
    rules::people::People,
};
use chrono::NaiveDate;
use entity::{
    ids::{BureauId, StaffId},
    leave_entry::{self, DAY_MINUTES},
    telework_day,
};
use jobs::database::WriteTransaction;
use sea_orm::EntityTrait;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A person's day in a bureau: what another bureau records of the same day neither fills it nor is told.
pub type Day = (StaffId, BureauId, NaiveDate);

/// The people of a call, and what their days already hold of the other kind.
pub struct DayCapacity {
    /// The people, whose rows are locked: nobody else fills their days meanwhile.
    pub people: People,
    beside: HashMap<Day, i32>,
}

impl KnowsPeople for DayCapacity {
    fn people(&self) -> &People {
        &self.people
    }
}

impl DayCapacity {
    /// For a call of telework days: the leave beside them.
    pub(in crate::store) async fn beside_telework(
        tx: &WriteTransaction,
        days: &[(&str, NaiveDate)],
        writing: &Writing<'_>,
    ) -> Result<Self, Error> {
        Self::load::<leave_entry::Entity>(tx, days, writing, |row| ((row.staff_id, row.bureau_id, row.date), row.minutes)).await
    }

    /// For a call of leave entries: the telework beside them.
    pub(in crate::store) async fn beside_leave(
        tx: &WriteTransaction,
        days: &[(&str, NaiveDate)],
        writing: &Writing<'_>,
    ) -> Result<Self, Error> {
        Self::load::<telework_day::Entity>(tx, days, writing, |row| ((row.staff_id, row.bureau_id, row.date), row.minutes)).await
    }

    async fn load<E: EntityTrait>(
        tx: &WriteTransaction,
        days: &[(&str, NaiveDate)],
        writing: &Writing<'_>,
        part: fn(&E::Model) -> (Day, i32),
    ) -> Result<Self, Error> {
        let people = People::lock(tx, &days.iter().map(|(number, _)| *number).collect(), writing).await?;
        let rows = dialect::in_windows::<E, _>(&**tx, &people.windows(days.iter().copied(), 0)).await?;
        let mut beside = HashMap::new();
        for (day, minutes) in rows.iter().map(part) {
            *beside.entry(day).or_default() += minutes;
        }
        Ok(Self { people, beside })
    }

    /// Days for a test, with what they hold.
    #[cfg(test)]
    pub(in crate::store) fn holding(beside: &[(Day, i32)]) -> Self {
        Self { people: People::default(), beside: beside.iter().copied().collect() }
    }

    /// The places of all parts of days that hold more than a standard day.
    #[must_use]
    pub fn overfull(&self, parts: impl IntoIterator<Item = (Day, i32)>) -> BTreeSet<usize> {
        let mut days: BTreeMap<Day, (i32, Vec<usize>)> = BTreeMap::new();
        for (index, (day, minutes)) in parts.into_iter().enumerate() {
            let (sum, places) = days.entry(day).or_insert_with(|| (self.beside.get(&day).copied().unwrap_or_default(), Vec::new()));
            *sum = sum.saturating_add(minutes);
            places.push(index);
        }
        days.into_values().filter(|(sum, _)| *sum > DAY_MINUTES).flat_map(|(_, places)| places).collect()
    }
}

/// Checks the minutes of one part of a day.
///
/// # Errors
/// `BAD_USER_INPUT` in `minutes`.
pub fn check_minutes(minutes: i32) -> Result<(), Error> {
    if (1..=DAY_MINUTES).contains(&minutes) {
        return Ok(());
    }
    let ja = format!("分数は1以上{DAY_MINUTES}以下でなければなりません。");
    Err(Error::input("minutes", ja, format!("Minutes lie between 1 and {DAY_MINUTES}.")))
}

/// What a part of an overfull day is refused with.
#[must_use]
pub fn too_much() -> Error {
    Error::conflict(
        "minutes",
        "この日の休暇とテレワークの合計が7時間45分を超えています。",
        "Leave and telework of this day come to more than 7 h 45 min.",
    )
}
