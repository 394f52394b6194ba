//! What happens to a draft: its findings are answered, the Executive Committee (幹事会) compiles it or gives it back, and that it was reported
//! is recorded, to whom, when, with which paper, in any order.

use super::{Begun, Done, Step, Which, ask_to_answer, at, conflict, draft_of, public_text::PublicText, wrong_stage};
use crate::{
    authz::{Action, Noun},
    error::Error,
    store::{
        Store,
        record::{check_line, check_text, clean},
        submission::line,
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
use jobs::{database::WriteTransaction, jobs::follow_up_dataset, transaction};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect};
use serde_json::json;

/// A meeting is recorded no longer ahead than this.
const AHEAD: TimeDelta = TimeDelta::days(366);

/// Characters of an answer that is published.
const PUBLISHED_CHARACTERS: usize = 400;

/// An answer to a finding.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What is answered.
    pub text: String,
    /// Whether it is published with the finding, as the bureau agreed that gave it.
    pub publish: bool,
    /// That it was looked at and names nobody.
    pub names_checked: bool,
}

/// A report to be recorded.
#[derive(Debug, Clone)]
pub struct Reporting {
    /// To whom.
    pub body: ReportBody,
    /// The day of the meeting, or of the circulation.
    pub reported_on: NaiveDate,
    /// The paper: its number or title.
    pub paper: String,
    /// That the title, which is published, was looked at and names nobody.
    pub names_checked: bool,
}

impl Store {
    /// Answers a finding of the draft, or answers it otherwise. Once all are answered, the draft is made anew where answers are published in it.
    ///
    /// # Errors
    /// FORBIDDEN; `NOT_FOUND`; `BAD_USER_INPUT`, also for an answer that is to be published and may name a person, or whose finding is not
    /// published; CONFLICT where the finding's version is no draft.
    pub async fn answer_finding(&self, id: FindingId, answer: &Answer) -> Result<finding::Model, Error> {
        self.allow(Action::ManageFollowUp)?;
        let text = answer.checked()?;
        let tx = self.begin().await?;
        let none = || Error::not_found("id", "確認事項", "finding");
        let seen = self.select::<finding::Entity>()?.filter(finding::Column::Id.eq(id)).one(&*tx).await?.ok_or_else(none)?;
        let cycle = self.select::<follow_up::Entity>()?.filter(follow_up::Column::Id.eq(seen.follow_up_id));
        let cycle = cycle.lock_exclusive().one(&*tx).await?.ok_or_else(none)?;
        // The draft may have been discarded while this call waited for the cycle.
        let row = unscoped::<finding::Entity>().filter(finding::Column::Id.eq(id)).one(&*tx).await?.ok_or_else(none)?;
        if row.answer.as_deref() == Some(&text) && row.answer_published == answer.publish {
            return Ok(row);
        }
        if FollowUpAct::Answered.leads(cycle.stage).is_none() || row.version != cycle.version {
            return Err(Error { field: Some("id".to_owned()), ..wrong_stage(cycle.stage) });
        }
        if answer.publish {
            let takes_answers = match draft_of(&tx, &cycle).await? {
                Some(draft) => follow_up_dataset::takes_answers(&draft).map_err(|error| Error::internal(&error))?,
                None => true,
            };
            if !row.check_name.is_published() || !takes_answers {
                let ja = "この確認事項は公表されないため、回答も公表できません。";
                return Err(Error::input("publish", ja, "This finding is not published, and neither is its answer."));
            }
            let public = [PublicText { field: "answer", subject: "", text: &text }];
            self.check_names(&*tx, &public, answer.names_checked).await?;
        }
        let counts = json!({ "check": row.check_name.as_text(), "published": answer.publish, "namesChecked": answer.names_checked });
        let mut change = row.into_active_model();
        change.answer = Set(Some(text));
        change.answer_published = Set(answer.publish);
        change.answered_at = Set(Some(self.now()));
        change.answered_by = Set(Some(self.actor.principal.subject.clone()));
        let row = change.update(&*tx).await?;
        let record = (Noun::Finding, row.id.0);
        self.note(&tx, &cycle, Done { act: FollowUpAct::Answered, reason: None, bureau_id: None, record, counts }).await?;
        let stale = open_findings(&tx, &cycle).await? == 0 && !says_its_answers(&tx, &cycle).await?;
        if stale {
            ask_to_answer(&tx, &cycle, self.now(), &self.actor.principal.subject).await?;
        }
        tx.commit().await?;
        if stale {
            self.ledger.wake();
        }
        Ok(row)
    }

    /// Compiles the draft, all of whose findings are answered, as the Executive Committee.
    ///
    /// # Errors
    /// FORBIDDEN, also for another body; `NOT_FOUND`; `BAD_USER_INPUT`; CONFLICT where the cycle is no draft, or a finding is unanswered.
    pub async fn compile_follow_up(&self, which: &Which, reason: &str) -> Result<Model, Error> {
        self.allow(Action::CompileFollowUp)?;
        let Step { tx, cycle, to } = match self.step(which, FollowUpAct::Compiled, reason).await? {
            Begun::Again(cycle) => return Ok(cycle),
            Begun::Anew(step) => step,
        };
        let open = open_findings(&tx, &cycle).await?;
        if open > 0 {
            let ja = format!("回答のない確認事項が{open}件あります。");
            return Err(conflict(ja, format!("Findings without an answer: {open}.")));
        }
        if !says_its_answers(&tx, &cycle).await? {
            let ja = "公表する回答を加えた公表原案を作成しています。完了後に、改めて操作してください。";
            return Err(conflict(ja, "The draft is being made anew with the answers that are published: try again once it is.").retry());
        }
        let done = Done::on(&cycle, FollowUpAct::Compiled, reason);
        self.end(tx, at(cycle, to), done).await
    }

    /// Gives what was compiled back: it is a draft again.
    ///
    /// # Errors
    /// As [`Store::compile_follow_up`].
    pub async fn return_draft(&self, which: &Which, reason: &str) -> Result<Model, Error> {
        self.allow(Action::CompileFollowUp)?;
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
        self.check_names(&*tx, &[PublicText { field: "paper", subject: "", text: &report.paper }], report.names_checked).await?;
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
}

impl Answer {
    /// The text as it is kept: what is published is a line, of fewer characters.
    fn checked(&self) -> Result<String, Error> {
        if self.publish {
            return line("answer", &self.text, PUBLISHED_CHARACTERS);
        }
        check_text("answer", &self.text, 2_000)?;
        Ok(self.text.clone())
    }
}

/// How many findings of the version have no answer.
async fn open_findings(tx: &WriteTransaction, cycle: &Model) -> Result<u64, Error> {
    let open = unscoped::<finding::Entity>().filter(finding::Column::FollowUpId.eq(cycle.id));
    Ok(open.filter(finding::Column::Version.eq(&cycle.version)).filter(finding::Column::Answer.is_null()).count(&**tx).await?)
}

/// Whether the version's draft says the answers that are to be published, and no others.
async fn says_its_answers(tx: &WriteTransaction, cycle: &Model) -> Result<bool, Error> {
    let Some(draft) = draft_of(tx, cycle).await? else { return Ok(true) };
    follow_up_dataset::says_its_answers(&**tx, &draft).await.map_err(|error| Error::internal(&error))
}
