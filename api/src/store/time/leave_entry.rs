//! Writing leave (休暇): all leave of a person's day fits into it with the telework beside it.

use crate::store::{
    day_capacity::{self, DayCapacity},
    dialect,
    record::{Call, Doubt, Look, RecordNoun, Version, Writing, Written, record_draft},
    rules::doubts,
};
use crate::{
    authz::Noun,
    error::Error,
    words::{Date, LeaveKind},
};
use async_graphql::InputObject;
use chrono::NaiveDate;
use entity::{
    leave_entry::{Entity, Model, Own},
    staff::Sex,
};
use jobs::database::WriteTransaction;
use sea_orm::DbErr;
use serde::{Deserialize, Serialize};

/// Leave of one kind on one day.
#[derive(Debug, Clone, Serialize, Deserialize, InputObject)]
#[graphql(name = "LeaveEntryInput")]
pub struct LeaveEntryDraft {
    /// Your own key of the entry.
    pub external_id: String,
    /// The person.
    pub staff_number: String,
    /// The civil date, at most 18 months ahead.
    pub date: Date,
    /// Kind of leave; a kind outside the plan is OTHER, without a reason.
    pub kind: LeaveKind,
    /// Minutes of leave, 1 to 465; 465 is a whole standard day.
    pub minutes: i32,
    /// Version and voidness.
    #[graphql(flatten)]
    #[serde(flatten)]
    pub version: Version,
}

record_draft!(dated LeaveEntryDraft, "LeaveEntries");

impl RecordNoun for Model {
    type Draft = LeaveEntryDraft;
    type World = DayCapacity;
    const NOUN: Noun = Noun::LeaveEntry;

    async fn load(tx: &WriteTransaction, call: &Call<LeaveEntryDraft>, writing: &Writing<'_>) -> Result<DayCapacity, Error> {
        DayCapacity::beside_leave(tx, &days(call), writing).await
    }

    async fn neighbours(tx: &WriteTransaction, call: &Call<LeaveEntryDraft>, away: &DayCapacity) -> Result<Vec<Self>, DbErr> {
        dialect::in_windows::<Entity, _>(&**tx, &away.people.windows(days(call).into_iter(), 0)).await
    }

    fn own(draft: &LeaveEntryDraft, _: &DayCapacity, _: &Writing<'_>) -> Result<Own, Error> {
        day_capacity::check_minutes(draft.minutes)?;
        Ok(Own { kind: draft.kind, minutes: draft.minutes })
    }

    fn conflicts(rows: &[&Self], away: &DayCapacity) -> Vec<(usize, Error)> {
        let overfull = away.overfull(rows.iter().map(|row| ((row.staff_id, row.bureau_id, row.date), row.minutes)));
        overfull.into_iter().map(|index| (index, day_capacity::too_much())).collect()
    }

    async fn doubts(
        look: &Look<'_>,
        written: &[Written<'_, Self, LeaveEntryDraft>],
        state: &[&Self],
        away: &DayCapacity,
    ) -> Result<Vec<(usize, Doubt)>, Error> {
        let rows = || written.iter().map(|record| record.row);
        let days = || rows().map(|row| (row.staff_id, row.date));
        let off = look.days_off(rows().map(|row| row.date)).await?;
        let work = look.work_of_days(&doubts::single_days(days())).await?;
        let work = work.iter().filter_map(|row| {
            doubts::work((row.staff_id, row.bureau_id, row.date), row.ordinary_minutes, (row.scheduled_start, row.scheduled_end))
        });
        let crowded = doubts::crowded(state.iter().map(|row| ((row.staff_id, row.bureau_id, row.date), row.minutes)), work);
        let bounded = rows().filter(|row| row.kind.most_days_in_year().is_some()).map(|row| (row.staff_id, row.date));
        let sums = look.leave_of_years(&doubts::calendar_years(bounded)).await?;
        let seen = look.seen(Noun::Staff);
        let of = |Written { draft, row, .. }: &Written<'_, Self, LeaveEntryDraft>| {
            let beside = crowded.contains(&(row.staff_id, row.bureau_id, row.date)).then(|| doubts::beside("minutes"));
            // A sex that the caller may not read is told in no other way.
            let person = away.people.person(&draft.staff_number).filter(|_| row.kind.is_for_men_alone());
            let woman = person.is_some_and(|person| person.sex == Sex::Female && away.people.are_shown(person, &seen));
            [doubts::leave_on(row.date, &off), beside, woman.then(doubts::of_a_woman)]
        };
        let taken = rows().enumerate().map(|(at, row)| doubts::Taken {
            at,
            staff_id: row.staff_id,
            kind: row.kind,
            date: row.date,
            key: &row.external_id,
            minutes: row.minutes,
        });
        let beyond = doubts::beyond_the_law(taken, &sums);
        let single = written.iter().enumerate().flat_map(|(at, record)| of(record).into_iter().flatten().map(move |doubt| (at, doubt)));
        Ok(single.chain(beyond).collect())
    }
}

fn days(call: &Call<LeaveEntryDraft>) -> Vec<(&str, NaiveDate)> {
    call.records.iter().map(|draft| (draft.staff_number.as_str(), draft.date.0)).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::{Model, Own, day_capacity::DayCapacity};
    use crate::store::conflicts::fixture::{bureau, day, head, meta, refused, shuffled};
    use entity::{ids::StaffId, leave_entry::LeaveKind, record::Shaped};
    use proptest::prelude::*;
    use uuid::Uuid;

    fn model(person: u128, date: i64, minutes: i32) -> Model {
        Model::of(head(person, date), Own { kind: LeaveKind::Annual, minutes }, meta())
    }

    #[test]
    fn all_leave_of_a_day_fits_beside_telework() {
        let rows = [model(1, 0, 200), model(1, 0, 165), model(1, 1, 200), model(1, 1, 166), model(2, 1, 465)];
        let beside = [((rows[0].staff_id, bureau(), day(0)), 100), ((rows[0].staff_id, bureau(), day(1)), 100)];
        let found = refused(&rows, &DayCapacity::holding(&beside));
        assert_eq!(found, [&rows[2], &rows[3]].map(|row| (row.id.0, Some("minutes".to_owned()))).into());
    }

    proptest! {
        #[test]
        fn the_order_does_not_matter(
            (rows, others) in shuffled(prop::collection::vec((1..3u128, 0..4i64, 1..=465i32), 0..10)
                .prop_map(|rows| rows.into_iter().map(|(person, date, minutes)| model(person, date, minutes)).collect())),
            taken in 1..=465i32,
        ) {
            let away = DayCapacity::holding(&[((StaffId(Uuid::from_u128(1)), bureau(), day(2)), taken)]);
            prop_assert_eq!(refused(&rows, &away), refused(&others, &away));
            let sum = |row: &Model| -> i32 {
                let beside = if row.staff_id.0.as_u128() == 1 && row.date == day(2) { taken } else { 0 };
                beside + rows.iter().filter(|other| (other.staff_id, other.date) == (row.staff_id, row.date)).map(|other| other.minutes).sum::<i32>()
            };
            prop_assert_eq!(refused(&rows, &away).len(), rows.iter().filter(|row| sum(row) > 465).count());
        }
    }
}
