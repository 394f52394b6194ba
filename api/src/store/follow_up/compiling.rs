//! What happens to a draft: its findings are answered, the Executive Committee (幹事会) compiles it or gives it back, and that it was reported
//! is recorded, to whom, when, with which paper, in any order.

use super::{Begun, Done, Step, Which, at, conflict, wrong_stage};
use crate::{
    authz::{Action, EXECUTIVE_COMMITTEE, Noun},
    error::Error,
    store::{
        Store,
        record::{check_line, check_text, clean},
        unscoped,
    },
};
use chrono::{NaiveDate, TimeDelta};
use entity::{
    finding,
    follow_up::{self, Model},
    follow_up_event::FollowUpAct,
    follow_up_report::{self, ReportBody},
    ids::{FindingId, FollowUpReportId},
    period::civil_date,
};
use jobs::transaction;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect};
use serde_json::json;

/// A meeting is recorded no longer ahead than this.
const AHEAD: TimeDelta = TimeDelta::days(366);

/// A report to be recorded.
#[derive(Debug, Clone)]
pub struct Reporting {
    /// To whom.
    pub body: ReportBody,
    /// The day of the meeting, or of the circulation.
    pub reported_on: NaiveDate,
    /// The paper: its number or title.
    pub paper: String,
}

impl Store {
    /// Answers a finding of the draft, or answers it otherwise.
    ///
    /// # Errors
    /// FORBIDDEN; `NOT_FOUND`; `BAD_USER_INPUT`; CONFLICT where the finding's version is no draft.
    pub async fn answer_finding(&self, id: FindingId, answer: &str) -> Result<finding::Model, Error> {
        self.allow(Action::ManageFollowUp)?;
        check_text("answer", answer, 2_000)?;
        let tx = self.begin().await?;
        let none = || Error::not_found("id", "確認事項", "finding");
        let seen = self.select::<finding::Entity>()?.filter(finding::Column::Id.eq(id)).one(&*tx).await?.ok_or_else(none)?;
        let cycle = self.select::<follow_up::Entity>()?.filter(follow_up::Column::Id.eq(seen.follow_up_id));
        let cycle = cycle.lock_exclusive().one(&*tx).await?.ok_or_else(none)?;
        // The draft may have been discarded while this call waited for the cycle.
        let row = unscoped::<finding::Entity>().filter(finding::Column::Id.eq(id)).one(&*tx).await?.ok_or_else(none)?;
        if row.answer.as_deref() == Some(answer) {
            return Ok(row);
        }
        if FollowUpAct::Answered.leads(cycle.stage).is_none() || row.version != cycle.version {
            return Err(Error { field: Some("id".to_owned()), ..wrong_stage(cycle.stage) });
        }
        let counts = json!({ "check": row.check_name.as_text() });
        let mut change = row.into_active_model();
        change.answer = Set(Some(answer.to_owned()));
        change.answered_at = Set(Some(self.now()));
        change.answered_by = Set(Some(self.actor.principal.subject.clone()));
        let row = change.update(&*tx).await?;
        let record = (Noun::Finding, row.id.0);
        self.note(&tx, &cycle, Done { act: FollowUpAct::Answered, reason: None, bureau_id: None, record, counts }).await?;
        tx.commit().await?;
        Ok(row)
    }

    /// Compiles the draft, all of whose findings are answered, as the Executive Committee.
    ///
    /// # Errors
    /// FORBIDDEN, also for another body; `NOT_FOUND`; `BAD_USER_INPUT`; CONFLICT where the cycle is no draft, or a finding is unanswered.
    pub async fn compile_follow_up(&self, which: &Which, reason: &str) -> Result<Model, Error> {
        self.allow_executive_committee()?;
        let Step { tx, cycle, to } = match self.step(which, FollowUpAct::Compiled, reason).await? {
            Begun::Again(cycle) => return Ok(cycle),
            Begun::Anew(step) => step,
        };
        let open = unscoped::<finding::Entity>().filter(finding::Column::FollowUpId.eq(cycle.id));
        let open = open.filter(finding::Column::Version.eq(&cycle.version)).filter(finding::Column::Answer.is_null()).count(&*tx).await?;
        if open > 0 {
            let ja = format!("回答のない確認事項が{open}件あります。");
            return Err(conflict(ja, format!("Findings without an answer: {open}.")));
        }
        let done = Done::on(&cycle, FollowUpAct::Compiled, reason);
        self.end(tx, at(cycle, to), done).await
    }

    /// Gives what was compiled back: it is a draft again.
    ///
    /// # Errors
    /// As [`Store::compile_follow_up`].
    pub async fn return_draft(&self, which: &Which, reason: &str) -> Result<Model, Error> {
        self.allow_executive_committee()?;
        let Step { tx, cycle, to } = match self.step(which, FollowUpAct::Returned, reason).await? {
            Begun::Again(cycle) => return Ok(cycle),
            Begun::Anew(step) => step,
        };
        let done = Done::on(&cycle, FollowUpAct::Returned, reason);
        self.end(tx, at(cycle, to), done).await
    }

    /// Records that the cycle's version was, or is to be, reported; until it is published the record can be corrected.
    ///
    /// # Errors
    /// FORBIDDEN; `NOT_FOUND`; `BAD_USER_INPUT`; CONFLICT before there is a draft, and once it is published.
    pub async fn record_follow_up_report(&self, which: &Which, report: &Reporting) -> Result<(Model, follow_up_report::Model), Error> {
        use follow_up_report::Column as Of;
        self.allow(Action::ManageFollowUp)?;
        let mut report = report.clone();
        clean(&mut report.paper);
        check_line("paper", &report.paper, 200)?;
        let (now, tx) = (self.now(), self.begin().await?);
        let cycle = self.locked(&tx, which).await?;
        let stored = unscoped::<follow_up_report::Entity>().filter(Of::FollowUpId.eq(cycle.id)).filter(Of::Body.eq(report.body));
        let stored = stored.filter(Of::Version.eq(&cycle.version)).one(&*tx).await?;
        if let Some(same) = stored.as_ref().filter(|row| row.reported_on == report.reported_on && row.paper == report.paper) {
            return Ok((cycle, same.clone()));
        }
        if FollowUpAct::Reported.leads(cycle.stage).is_none() {
            return Err(wrong_stage(cycle.stage));
        }
        let (first, last) = (civil_date(cycle.opened_at), self.today() + AHEAD);
        if !(first..=last).contains(&report.reported_on) {
            let ja = format!("{first}から{last}までの日付を指定してください。");
            return Err(Error::input("reportedOn", ja, format!("The day lies between {first} and {last}.")));
        }
        let corrected = stored.is_some();
        let row = follow_up_report::Model {
            id: stored.map_or_else(FollowUpReportId::new, |row| row.id),
            follow_up_id: cycle.id,
            version: cycle.version.clone(),
            body: report.body,
            reported_on: report.reported_on,
            paper: report.paper.clone(),
            recorded_at: now,
            recorded_by: self.actor.principal.subject.clone(),
        };
        transaction::put_all(&*tx, vec![row.clone()], true).await?;
        let counts = json!({ "body": row.body.as_text(), "reportedOn": row.reported_on, "corrected": corrected });
        let record = (Noun::FollowUpReport, row.id.0);
        self.note(&tx, &cycle, Done { act: FollowUpAct::Reported, reason: None, bureau_id: None, record, counts }).await?;
        tx.commit().await?;
        Ok((cycle, row))
    }

    /// Holds an act to members of the Executive Committee.
    fn allow_executive_committee(&self) -> Result<(), Error> {
        self.allow(Action::CompileFollowUp)?;
        let of = self.actor.principal.body.as_deref();
        if of == Some(EXECUTIVE_COMMITTEE) { Ok(()) } else { Err(Error::forbidden()) }
    }
}
