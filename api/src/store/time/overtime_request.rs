//! Writing overtime requests (超過勤務の事前確認): what is planned of one person, and not refused, never overlaps.

use crate::store::{
    conflicts::overlapping,
    dialect,
    record::{Call, Doubt, Look, RecordNoun, Version, Writing, Written, check_date, check_line, check_text, record_draft},
    rules::{doubts, people::People},
    shift::IntervalDraft,
};
use crate::{
    authz::Noun,
    error::Error,
    words::{Date, Decision},
};
use async_graphql::InputObject;
use chrono::{DateTime, NaiveTime, SubsecRound, TimeDelta, Utc};
use entity::{
    overtime_request::{self, Entity, Model, Own},
    period::{civil_date, instant},
    work_time::{Interval, Problem},
};
use jobs::database::WriteTransaction;
use sea_orm::DbErr;
use serde::{Deserialize, Serialize};

/// The longest plan, in hours.
const LONGEST: i64 = 24;
/// How many hours after the start of its date a plan may begin: overtime of a night belongs to the date on which its shift starts.
const LATEST: i64 = 36;

/// One request to work overtime, and what was decided of it.
#[derive(Debug, Clone, Serialize, Deserialize, InputObject)]
#[graphql(name = "OvertimeRequestInput")]
pub struct OvertimeRequestDraft {
    /// Your own key of the request.
    pub external_id: String,
    /// The person.
    pub staff_number: String,
    /// The civil date of the shift that it prolongs, at most 60 days ahead.
    pub date: Date,
    /// What is planned: at most 24 hours, starting on the date or before 12:00 of the next day in Tokyo.
    pub planned: IntervalDraft,
    /// Why the overtime is needed; 1 to 500 characters.
    pub reason: String,
    /// When it was asked for; not in the future.
    pub requested_at: DateTime<Utc>,
    /// What was decided.
    pub decision: Decision,
    /// When it was decided, not before it was asked for and not in the future; set unless pending.
    pub decided_at: Option<DateTime<Utc>>,
    /// Staff number of who decided; set unless pending.
    pub approver: Option<String>,
    /// Version and voidness.
    #[graphql(flatten)]
    #[serde(flatten)]
    pub version: Version,
}

record_draft!(dated OvertimeRequestDraft, "OvertimeRequests", |draft| vec![("approver", draft.approver.as_mut())]);

impl RecordNoun for Model {
    type Draft = OvertimeRequestDraft;
    type World = People;
    const NOUN: Noun = Noun::OvertimeRequest;

    async fn load(tx: &WriteTransaction, call: &Call<OvertimeRequestDraft>, writing: &Writing<'_>) -> Result<People, Error> {
        People::of(tx, call, writing).await
    }

    async fn neighbours(tx: &WriteTransaction, call: &Call<OvertimeRequestDraft>, people: &People) -> Result<Vec<Self>, DbErr> {
        // A plan may reach 60 hours beyond the start of its date.
        let days = call.records.iter().map(|draft| (draft.staff_number.as_str(), draft.date.0));
        dialect::in_windows::<Entity, _>(&**tx, &people.windows(days, 2)).await
    }

    fn own(draft: &OvertimeRequestDraft, _: &People, _: &Writing<'_>) -> Result<Own, Error> {
        let planned = planned(draft)?;
        check_text("reason", &draft.reason, 500)?;
        check_decision(draft)?;
        Ok(Own {
            planned_start: planned.start(),
            planned_end: planned.end(),
            planned_minutes: i32::try_from(planned.minutes()).unwrap_or(i32::MAX),
            reason: draft.reason.clone(),
            requested_at: draft.requested_at.trunc_subsecs(6),
            decision: draft.decision,
            decided_at: draft.decided_at.map(|at| at.trunc_subsecs(6)),
            approver: draft.approver.clone(),
        })
    }

    fn conflicts(rows: &[&Self], _: &People) -> Vec<(usize, Error)> {
        let standing: Vec<usize> = (0..rows.len()).filter(|&index| rows[index].decision != overtime_request::Decision::Refused).collect();
        let span = |row: &Self| ((row.staff_id, row.bureau_id), row.planned_start, Some(row.planned_end));
        let spans: Vec<_> = standing.iter().map(|&index| span(rows[index])).collect();
        let overlap = || {
            Error::conflict(
                "planned",
                "同じ職員の他の超過勤務の予定と時間が重なっています。",
                "It overlaps another overtime request of the same staff member.",
            )
        };
        overlapping(&spans).into_iter().map(|(index, other)| (standing[index], overlap().beside(standing[other]))).collect()
    }

    async fn doubts(
        _: &Look<'_>,
        written: &[Written<'_, Self, OvertimeRequestDraft>],
        _: &[&Self],
        _: &People,
    ) -> Result<Vec<(usize, Doubt)>, Error> {
        let of = |draft: &OvertimeRequestDraft| doubts::request(&draft.staff_number, draft.approver.as_deref());
        Ok(written.iter().enumerate().filter_map(|(at, record)| Some((at, of(record.draft)?))).collect())
    }
}

/// The planned interval, held to its length and its date.
fn planned(draft: &OvertimeRequestDraft) -> Result<Interval, Error> {
    let wrong = |problem: Problem| Error::input("planned", problem.message_ja(), format!("{problem}."));
    let planned = Interval::new(draft.planned.start, draft.planned.end).map_err(wrong)?;
    if planned.minutes() > LONGEST * 60 {
        return Err(wrong(Problem::TooLong { hours: LONGEST }));
    }
    let midnight = instant(draft.date.0.and_time(NaiveTime::MIN));
    if (midnight..midnight + TimeDelta::hours(LATEST)).contains(&planned.start()) {
        return Ok(planned);
    }
    Err(Error::input(
        "planned",
        "予定は対象日の0時から翌日の12時前（日本時間）までに始まらなければなりません。",
        "It starts neither on the date nor before 12:00 of the next day in Tokyo.",
    ))
}

/// A decision has a time and a name, and follows the request; what is pending has neither.
fn check_decision(draft: &OvertimeRequestDraft) -> Result<(), Error> {
    check_date("requestedAt", civil_date(draft.requested_at))?;
    let decided = draft.decision != Decision::Pending;
    let matches = |field: &str, given: bool| {
        if given == decided {
            return Ok(());
        }
        let (ja, en) = ("承認または却下の場合にだけ指定してください。", "It is set exactly where the request was approved or refused.");
        Err(Error::input(field, ja, en))
    };
    matches("decidedAt", draft.decided_at.is_some())?;
    matches("approver", draft.approver.is_some())?;
    if let Some(approver) = &draft.approver {
        check_line("approver", approver, 200)?;
    }
    if let Some(at) = draft.decided_at {
        check_date("decidedAt", civil_date(at))?;
        if at < draft.requested_at {
            return Err(Error::input("decidedAt", "決定は申請より前にできません。", "It was decided before it was asked for."));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::store::conflicts::fixture::{by_pairs, day, head, meta, refused, shuffled};
    use entity::record::Shaped;
    use proptest::prelude::*;

    fn model(person: u128, start: i64, minutes: i64, decision: Decision) -> Model {
        let planned_start = DateTime::UNIX_EPOCH + TimeDelta::minutes(start);
        let own = Own {
            planned_start,
            planned_end: planned_start + TimeDelta::minutes(minutes),
            planned_minutes: 1,
            reason: "答弁作成".into(),
            requested_at: DateTime::UNIX_EPOCH,
            decision,
            decided_at: None,
            approver: None,
        };
        Model::of(head(person, 0), own, meta())
    }

    fn draft() -> OvertimeRequestDraft {
        OvertimeRequestDraft {
            external_id: "1".into(),
            staff_number: "1".into(),
            date: Date(day(0)),
            planned: IntervalDraft { start: at("2019-04-01T18:15:00+09:00"), end: at("2019-04-01T20:00:00+09:00") },
            reason: "答弁作成".into(),
            requested_at: at("2019-04-01T15:00:00+09:00"),
            decision: Decision::Approved,
            decided_at: Some(at("2019-04-01T15:00:00+09:00")),
            approver: Some("2".into()),
            version: Version::default(),
        }
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_plan_starts_on_its_date_or_in_the_night_after() {
        let plan = |start: &str, end: &str| {
            planned(&OvertimeRequestDraft { planned: IntervalDraft { start: at(start), end: at(end) }, ..draft() }).is_ok()
        };
        assert!(plan("2019-04-01T00:00:00+09:00", "2019-04-02T00:00:00+09:00"));
        assert!(plan("2019-04-02T11:59:00+09:00", "2019-04-02T12:30:00+09:00"));
        assert!(!plan("2019-04-01T00:00:00+09:00", "2019-04-02T00:01:00+09:00"), "longer than a day");
        assert!(!plan("2019-03-31T23:59:00+09:00", "2019-04-01T01:00:00+09:00"), "the day before");
        assert!(!plan("2019-04-02T12:00:00+09:00", "2019-04-02T13:00:00+09:00"), "the day after");
        assert!(!plan("2019-04-01T20:00:00+09:00", "2019-04-01T20:00:00+09:00"), "empty");
        assert!(!plan("2019-04-01T20:00:01+09:00", "2019-04-01T21:00:00+09:00"), "seconds");
    }

    #[test]
    fn a_decision_has_a_time_and_a_name() {
        let field = |change: fn(&mut OvertimeRequestDraft)| {
            let mut draft = draft();
            change(&mut draft);
            check_decision(&draft).err().and_then(|error| error.field)
        };
        assert_eq!(field(|_| {}), None);
        assert_eq!(field(|draft| draft.decision = Decision::Pending).unwrap(), "decidedAt");
        assert_eq!(field(|draft| (draft.decision, draft.decided_at) = (Decision::Pending, None)).unwrap(), "approver");
        assert_eq!(field(|draft| (draft.decision, draft.decided_at, draft.approver) = (Decision::Pending, None, None)), None);
        assert_eq!(field(|draft| draft.approver = None).unwrap(), "approver");
        assert_eq!(field(|draft| draft.approver = Some(String::new())).unwrap(), "approver");
        assert_eq!(field(|draft| draft.decided_at = Some(draft.requested_at - TimeDelta::seconds(1))).unwrap(), "decidedAt");
    }

    proptest! {
        #[test]
        fn what_stands_never_overlaps(
            (rows, others) in shuffled(prop::collection::vec((1..3u128, 0..300i64, 1..90i64, any::<bool>()), 0..12).prop_map(|rows| {
                use overtime_request::Decision::{Approved, Refused};
                let decision = |refused: bool| if refused { Refused } else { Approved };
                rows.into_iter().map(|(person, start, minutes, refused)| model(person, start, minutes, decision(refused))).collect()
            })),
        ) {
            let found = refused(&rows, &People::default());
            prop_assert_eq!(&found, &refused(&others, &People::default()));
            let stands = |row: &Model| row.decision != overtime_request::Decision::Refused;
            let meet = |a: &Model, b: &Model| {
                a.staff_id == b.staff_id && stands(a) && stands(b) && a.planned_start < b.planned_end && b.planned_start < a.planned_end
            };
            prop_assert_eq!(found, by_pairs(&rows, "planned", meet));
        }
    }
}
