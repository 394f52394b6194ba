//! Writing overtime requests (超過勤務の事前確認): what is planned of one person, and not refused, never overlaps.

use super::{
    dialect,
    people::People,
    record::{Call, Draft, Recordable, Version, Writing, check_date, check_text, dated},
    shift::IntervalDraft,
    together::overlapping,
};
use crate::{
    authz::Noun,
    error::Error,
    words::{Date, Decision},
};
use async_graphql::InputObject;
use chrono::{DateTime, NaiveTime, SubsecRound, TimeDelta, Utc};
use entity::{
    ids::OvertimeRequestId,
    overtime_request::{self, Entity, Model},
    period::{civil_date, instant},
    record::Meta,
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
    /// The civil date of the shift that it prolongs.
    pub date: Date,
    /// What is planned: at most 24 hours, starting on the date or before 12:00 of the next day in Tokyo.
    pub planned: IntervalDraft,
    /// Why the overtime is needed; 1 to 500 characters.
    pub reason: String,
    /// When it was asked for.
    pub requested_at: DateTime<Utc>,
    /// What was decided.
    pub decision: Decision,
    /// When it was decided, not before it was asked for; set unless pending.
    pub decided_at: Option<DateTime<Utc>>,
    /// Staff number of who decided; set unless pending.
    pub approver: Option<String>,
    /// Version and voidness.
    #[graphql(flatten)]
    #[serde(flatten)]
    pub version: Version,
}

impl Draft for OvertimeRequestDraft {
    fn key(&self) -> &str {
        &self.external_id
    }
    fn version(&self) -> &Version {
        &self.version
    }
}

impl Recordable for Model {
    type Draft = OvertimeRequestDraft;
    type World = People;
    const NOUN: Noun = Noun::OvertimeRequest;
    dated!();

    async fn load(tx: &WriteTransaction, call: &Call<OvertimeRequestDraft>, _: &Writing<'_>) -> Result<People, Error> {
        People::lock(tx, &call.records.iter().map(|draft| draft.staff_number.as_str()).collect()).await
    }

    async fn neighbours(tx: &WriteTransaction, call: &Call<OvertimeRequestDraft>, people: &People) -> Result<Vec<Self>, DbErr> {
        // A plan may reach 60 hours beyond the start of its date.
        let days = call.records.iter().map(|draft| (draft.staff_number.as_str(), draft.date.0));
        dialect::in_windows::<Entity, _>(&**tx, &people.windows(days, 2)).await
    }

    fn build(draft: &OvertimeRequestDraft, meta: Meta, people: &People, writing: &Writing<'_>) -> Result<Self, Error> {
        check_date("date", draft.date.0)?;
        let place = people.place(&draft.staff_number, draft.date.0, writing.scope)?;
        let planned = planned(draft)?;
        check_text("reason", &draft.reason, 500)?;
        check_decision(draft)?;
        Ok(Self {
            id: OvertimeRequestId::new(),
            client: writing.client.to_owned(),
            external_id: draft.external_id.clone(),
            staff_id: place.staff_id,
            posting_id: place.posting_id,
            bureau_id: place.bureau_id,
            unit_id: place.unit_id,
            date: draft.date.0,
            correction_reason: None,
            planned_start: planned.start(),
            planned_end: planned.end(),
            planned_minutes: i32::try_from(planned.minutes()).unwrap_or(i32::MAX),
            reason: draft.reason.clone(),
            requested_at: draft.requested_at.trunc_subsecs(6),
            decision: draft.decision.into(),
            decided_at: draft.decided_at.map(|at| at.trunc_subsecs(6)),
            approver: draft.approver.clone(),
            source_version: meta.source_version,
            void_reason: meta.void_reason,
            revision: meta.revision,
            receipt_id: meta.receipt_id,
            created_at: meta.created_at,
            updated_at: meta.updated_at,
        })
    }

    fn conflicts(rows: &[&Self], _: &People) -> Vec<(usize, Error)> {
        let standing: Vec<usize> = (0..rows.len()).filter(|&index| rows[index].decision != overtime_request::Decision::Refused).collect();
        let span = |row: &Self| (row.staff_id, row.planned_start, Some(row.planned_end));
        let spans: Vec<_> = standing.iter().map(|&index| span(rows[index])).collect();
        let overlap = || {
            Error::conflict(
                "planned",
                "同じ職員の他の超過勤務の予定と時間が重なっています。",
                "It overlaps another overtime request of the same staff member.",
            )
        };
        overlapping(&spans).into_iter().map(|index| (standing[index], overlap())).collect()
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
        "予定は対象日の0時から翌日の12時前(日本時間)までに始まらなければなりません。",
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
        check_text("approver", approver, 200)?;
    }
    if let Some(at) = draft.decided_at {
        check_date("decidedAt", civil_date(at))?;
        if at < draft.requested_at {
            return Err(Error::input("decidedAt", "決定は申請より前にできません。", "It was decided before it was asked for."));
        }
    }
    Ok(())
}
