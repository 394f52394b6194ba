//! Writing exceptional work (特例業務): from the day it began to a month of the same fiscal year. Two pieces of work of one person may overlap.

use crate::store::{
    record::{Call, KnowsPeople, RecordNoun, Touch, Version, Writing, check_line, check_text, record_draft},
    rules::people::People,
    stale_months::Computed,
};
use crate::{
    authz::Noun,
    error::Error,
    words::{Date, ExceptionalWorkKind, Month},
};
use async_graphql::InputObject;
use chrono::NaiveDate;
use entity::{
    exceptional_work::{Model, Own},
    period::{FiscalYear, YearMonth, civil_date},
};
use jobs::database::WriteTransaction;
use serde::{Deserialize, Serialize};

/// One piece of exceptional work of a person, for which the caps on overtime may be exceeded.
#[derive(Debug, Clone, Serialize, Deserialize, InputObject)]
#[graphql(name = "ExceptionalWorkInput")]
pub struct ExceptionalWorkDraft {
    /// Your own key of the exceptional work.
    pub external_id: String,
    /// The person.
    pub staff_number: String,
    /// The day on which it begins, at most 60 days ahead.
    pub date: Date,
    /// The last month, not before that of the date and of the same fiscal year.
    pub last_month: Month,
    /// The kind of work.
    #[graphql(default_with = "ExceptionalWorkKind::Other")]
    #[serde(default = "other")]
    pub kind: ExceptionalWorkKind,
    /// Which work: a large disaster, a bill, an international negotiation …; 1 to 1,000 characters.
    pub work: String,
    /// The office or post that approved it, never a person's name; 1 to 200 characters.
    pub approver: String,
    /// The day on which it was analysed and verified (整理、分析及び検証), not before the date and not in the future.
    pub analysed_on: Option<Date>,
    /// Version and voidness.
    #[graphql(flatten)]
    #[serde(flatten)]
    pub version: Version,
}

/// What who names no kind means.
const fn other() -> ExceptionalWorkKind {
    ExceptionalWorkKind::Other
}

record_draft!(dated ExceptionalWorkDraft, "ExceptionalWorks", |draft| vec![("approver", Some(&mut draft.approver))]);

/// The people of the call, and the months that a change makes stale.
pub struct World {
    people: People,
    computed: Computed,
}

impl KnowsPeople for World {
    fn people(&self) -> &People {
        &self.people
    }
}

impl RecordNoun for Model {
    type Draft = ExceptionalWorkDraft;
    type World = World;
    const NOUN: Noun = Noun::ExceptionalWork;
    const OF_THE_WHOLE_PERSON: bool = true;

    async fn load(tx: &WriteTransaction, call: &Call<ExceptionalWorkDraft>, writing: &Writing<'_>) -> Result<World, Error> {
        Ok(World { people: People::of(tx, call, writing).await?, computed: Computed::load(tx, civil_date(writing.now)).await? })
    }

    fn own(draft: &ExceptionalWorkDraft, _: &World, writing: &Writing<'_>) -> Result<Own, Error> {
        check_last_month(draft)?;
        check_text("work", &draft.work, 1_000)?;
        check_line("approver", &draft.approver, 200)?;
        check_analysis(draft, civil_date(writing.now))?;
        Ok(Own {
            last_month: draft.last_month.0,
            kind: draft.kind,
            work: draft.work.clone(),
            approver: draft.approver.clone(),
            analysed_on: draft.analysed_on.map(|day| day.0),
        })
    }

    /// Whose caps may be exceeded, and when, decides closed figures. The analysis, which is due when all its months are closed, does not.
    fn decides_figures(&self, before: Option<&Self>) -> bool {
        let decides = |row: &Self| (row.staff_id, row.bureau_id, row.date, row.last_month, row.kind, row.void_reason.is_some());
        before.is_none_or(|before| decides(before) != decides(self))
    }

    /// Of the months after that in which it began, those that have been computed or are about to be.
    fn more_touches(&self, world: &World) -> Vec<Touch> {
        let later = world.computed.awaited(YearMonth::of(self.date).next_first_day(), self.last_month.next_first_day());
        later.map(|month| (self.bureau_id, month, Some(self.staff_id))).collect()
    }
}

fn check_last_month(draft: &ExceptionalWorkDraft) -> Result<(), Error> {
    let (first, last) = (YearMonth::of(draft.date.0), draft.last_month.0);
    if first <= last && FiscalYear::of_month(first) == FiscalYear::of_month(last) {
        return Ok(());
    }
    Err(Error::input(
        "lastMonth",
        "最後の月は、開始日の月から同じ年度の3月までで指定してください。",
        "The last month lies between the month of the date and March of the same fiscal year.",
    ))
}

fn check_analysis(draft: &ExceptionalWorkDraft, today: NaiveDate) -> Result<(), Error> {
    match draft.analysed_on {
        Some(day) if day.0 < draft.date.0 || day.0 > today => Err(Error::input(
            "analysedOn",
            "分析した日は、開始日から今日までで指定してください。",
            "It was analysed before it began, or will be in the future.",
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::store::{
        conflicts::fixture::{head, meta},
        record::Recordable,
    };
    use entity::record::{DatedHead, Shaped};

    fn month(text: &str) -> YearMonth {
        text.parse().unwrap()
    }

    fn draft() -> ExceptionalWorkDraft {
        ExceptionalWorkDraft {
            external_id: "1".into(),
            staff_number: "1".into(),
            date: Date("2019-10-13".parse().unwrap()),
            last_month: Month(month("2019-12")),
            kind: ExceptionalWorkKind::LargeDisaster,
            work: "台風災害の応急対策".into(),
            approver: "人事課長".into(),
            analysed_on: None,
            version: Version::default(),
        }
    }

    fn model(date: &str, last_month: &str) -> Model {
        let own = Own {
            last_month: month(last_month),
            kind: ExceptionalWorkKind::LargeDisaster,
            work: "台風災害の応急対策".into(),
            approver: "人事課長".into(),
            analysed_on: None,
        };
        Model::of(DatedHead { date: date.parse().unwrap(), ..head(1, 0) }, own, meta())
    }

    #[test]
    fn the_last_month_is_of_the_same_fiscal_year() {
        let good = |last: &str| check_last_month(&ExceptionalWorkDraft { last_month: Month(month(last)), ..draft() }).is_ok();
        assert_eq!(["2019-09", "2019-10", "2020-03", "2020-04", "2018-12", "2020-10"].map(good), [false, true, true, false, false, false]);
    }

    #[test]
    fn it_is_analysed_after_it_began_and_not_in_the_future() {
        let today = "2020-04-01".parse().unwrap();
        let good =
            |day: &str| check_analysis(&ExceptionalWorkDraft { analysed_on: Some(Date(day.parse().unwrap())), ..draft() }, today).is_ok();
        assert_eq!(["2019-10-12", "2019-10-13", "2020-04-01", "2020-04-02"].map(good), [false, true, true, false]);
        assert!(check_analysis(&draft(), today).is_ok());
    }

    #[test]
    fn it_touches_its_months_that_have_been_computed() {
        let world = World { people: People::default(), computed: Computed::between("2019-11", "2020-01") };
        let touched = |date: &str, last: &str| -> Vec<String> {
            model(date, last).touches(&world).into_iter().map(|(_, month, _)| month.to_string()).collect()
        };
        assert_eq!(touched("2019-11-30", "2020-03"), ["2019-11", "2019-12", "2020-01"]);
        assert_eq!(touched("2019-12-01", "2019-12"), ["2019-12"]);
        assert_eq!(touched("2019-04-01", "2019-11"), ["2019-04", "2019-11"], "the months between were never computed");
        assert_eq!(touched("2020-02-01", "2020-03"), ["2020-02"], "what is to come will be computed then");
    }

    #[test]
    fn what_does_not_move_a_month_is_not_guarded() {
        let world = World { people: People::default(), computed: Computed::between("2019-10", "2020-01") };
        let before = model("2019-11-30", "2019-12");
        let guarded = |row: Model| row.guarded(Some(&before), &world).len();
        assert_eq!(guarded(Model { analysed_on: Some("2020-01-10".parse().unwrap()), ..before.clone() }), 0);
        assert_eq!(guarded(Model { work: "法案".into(), ..before.clone() }), 0);
        assert_eq!(guarded(Model { kind: ExceptionalWorkKind::Other, ..before.clone() }), 4, "figures are by kind");
        assert_eq!(guarded(Model { last_month: month("2020-01"), ..before.clone() }), 5, "three months of the new, two of the old");
        assert_eq!(guarded(Model { void_reason: Some("誤り".into()), ..before.clone() }), 4);
        assert_eq!(before.guarded(None, &world).len(), 2);
    }
}
