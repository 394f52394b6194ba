//! Writing hires (採用): a person who joined, once a day. An arriving secondee is no hire.

use crate::store::{
    conflicts::repeated,
    dialect,
    record::{Call, Doubt, Look, RecordNoun, Version, Writing, Written, record_draft},
    rules::{doubts, people::People},
};
use crate::{
    authz::Noun,
    error::Error,
    words::{Date, Exam, HireRoute},
};
use async_graphql::InputObject;
use entity::{
    hire::{Entity, Model, Own},
    period::FiscalYear,
    staff::Origin,
};
use jobs::database::WriteTransaction;
use sea_orm::DbErr;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// The years an exam may be of; the first exams under the National Public Service Act were held in 1948.
const EXAM_YEARS: RangeInclusive<i32> = 1948..=9999;

/// One hire.
#[derive(Debug, Clone, Serialize, Deserialize, InputObject)]
#[graphql(name = "HireInput")]
pub struct HireDraft {
    /// Your own key of the hire.
    pub external_id: String,
    /// The person.
    pub staff_number: String,
    /// The day of joining, which decides the fiscal year; at most 60 days ahead, and counted from that day on.
    pub date: Date,
    /// How the person came in.
    pub route: HireRoute,
    /// The exam; set exactly where the route is EXAM.
    pub exam: Option<Exam>,
    /// The year of the exam, which has begun, apart from that of joining; with the route EXAM only.
    pub exam_year: Option<i32>,
    /// Version and voidness.
    #[graphql(flatten)]
    #[serde(flatten)]
    pub version: Version,
}

record_draft!(dated HireDraft, "Hires");

impl RecordNoun for Model {
    type Draft = HireDraft;
    type World = People;
    const NOUN: Noun = Noun::Hire;
    const OF_THE_WHOLE_PERSON: bool = true;
    const HANDED_ON: bool = true;

    async fn load(tx: &WriteTransaction, call: &Call<HireDraft>, writing: &Writing<'_>) -> Result<People, Error> {
        People::of(tx, call, writing).await
    }

    async fn neighbours(tx: &WriteTransaction, call: &Call<HireDraft>, people: &People) -> Result<Vec<Self>, DbErr> {
        let days = call.records.iter().map(|draft| (draft.staff_number.as_str(), draft.date.0));
        dialect::in_windows::<Entity, _>(&**tx, &people.windows(days, 0)).await
    }

    fn own(draft: &HireDraft, people: &People, _: &Writing<'_>) -> Result<Own, Error> {
        let period = people.person(&draft.staff_number).and_then(|person| people.employed(person.id, draft.date.0));
        if period.is_some_and(|period| period.origin == Origin::Secondee) {
            let (ja, en) = ("出向者の受入れは採用ではありません。", "An arriving secondee is no hire.");
            return Err(Error::conflict("staffNumber", ja, en));
        }
        check_exam(draft.route, draft.exam, draft.exam_year)?;
        Ok(Own { fiscal_year: FiscalYear::of(draft.date.0), route: draft.route, exam: draft.exam, exam_year: draft.exam_year })
    }

    fn conflicts(rows: &[&Self], _: &People) -> Vec<(usize, Error)> {
        let twice =
            || Error::conflict("date", "同じ職員のこの日の採用が既にあります。", "The staff member has a hire on this date already.");
        repeated(rows.iter().map(|row| (row.staff_id, row.date))).into_iter().map(|(index, other)| (index, twice().beside(other))).collect()
    }

    async fn doubts(
        look: &Look<'_>,
        written: &[Written<'_, Self, HireDraft>],
        _: &[&Self],
        people: &People,
    ) -> Result<Vec<(usize, Doubt)>, Error> {
        let seen = look.seen(Noun::Staff);
        let of = |draft: &HireDraft| {
            let person = people.person(&draft.staff_number).filter(|person| people.are_shown(person, &seen))?;
            doubts::hire(draft.date.0, people.employed(person.id, draft.date.0)?.valid_from)
        };
        Ok(written.iter().enumerate().filter_map(|(at, record)| Some((at, of(record.draft)?))).collect())
    }
}

/// An exam belongs to the route EXAM, and its year to an exam.
fn check_exam(route: HireRoute, exam: Option<Exam>, year: Option<i32>) -> Result<(), Error> {
    let by_exam = route == HireRoute::Exam;
    if exam.is_some() != by_exam {
        let (ja, en) = ("試験の種類は採用試験による場合にだけ指定してください。", "The exam is set exactly where the route is EXAM.");
        return Err(Error::input("exam", ja, en));
    }
    if year.is_some_and(|year| !by_exam || !EXAM_YEARS.contains(&year)) {
        let ja = "試験の年は、採用試験による場合に限り、1948から9999までで指定してください。";
        return Err(Error::input("examYear", ja, "The year of the exam goes with the route EXAM and lies between 1948 and 9999."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn an_exam_belongs_to_its_route() {
        let field = |route, exam, year| check_exam(route, exam, year).err().and_then(|error| error.field);
        assert_eq!(field(HireRoute::Exam, Some(Exam::General), None), None);
        assert_eq!(field(HireRoute::Exam, Some(Exam::General), Some(1948)), None);
        assert_eq!(field(HireRoute::MidCareer, None, None), None);
        assert_eq!(field(HireRoute::Exam, None, None).unwrap(), "exam");
        assert_eq!(field(HireRoute::MidCareer, Some(Exam::Experienced), None).unwrap(), "exam");
        assert_eq!(field(HireRoute::Other, None, Some(2014)).unwrap(), "examYear");
        assert_eq!(field(HireRoute::Exam, Some(Exam::General), Some(1947)).unwrap(), "examYear");
        assert_eq!(field(HireRoute::Exam, Some(Exam::General), Some(10_000)).unwrap(), "examYear");
    }
}
