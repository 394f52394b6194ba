//! What happens to releases: published with both reports, corrected by a further version, withdrawn as a tombstone.

use super::{Begun, Done, Step, Which, ask_for_dataset, at, conflict, discard_draft, draft_of, public_text::PublicText};
use crate::{
    authz::Action,
    error::Error,
    store::{
        Store,
        four_eyes::{Carried, Fate, Gated},
        record::check_text,
        submission, unscoped,
    },
};
use entity::{
    follow_up::{FollowUpStage, Model, ReleaseKind},
    follow_up_event::FollowUpAct,
    follow_up_report::{self, ReportBody},
    ids::ReleaseId,
    pending_change::{ChangeAct, FourEyesKind},
    period::FiscalYear,
    release::{self, ReleaseState},
    release_file,
    submission::SubmissionState,
};
use jobs::{
    database::WriteTransaction,
    follow_up::{package, release::Version, snapshot::sha256},
    jobs::follow_up_dataset::cites_what_stands,
    seal::key::SealKey,
    transaction,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, sea_query::Expr};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A further version to be begun.
#[derive(Debug, Clone)]
pub struct Correction {
    /// Why it is made.
    pub kind: ReleaseKind,
    /// What is corrected, added or changed, in Japanese.
    pub reason_ja: String,
    /// The same in English.
    pub reason_en: String,
    /// Codes of bureaus that are to submit anew; nobody is, and nothing is collected, without.
    pub bureaus: Vec<String>,
    /// That the reasons, which are published, were looked at and name nobody.
    pub names_checked: bool,
}

/// A publication that is asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::store) struct Publication {
    /// Code of the plan.
    plan: Option<String>,
    fiscal_year: FiscalYear,
    reason: String,
}

impl Publication {
    fn which(&self) -> Which {
        Which { plan: self.plan.clone(), fiscal_year: self.fiscal_year }
    }
}

impl Gated for Publication {
    type Done = Model;
    const ACT: ChangeAct = ChangeAct::PublishFollowUp;

    fn kind(&self) -> FourEyesKind {
        FourEyesKind::PublishFollowUp
    }
    fn action(&self) -> Action {
        Action::ManageFollowUp
    }
    fn target(&self) -> String {
        format!("follow_up/{}/{}", self.plan.as_deref().unwrap_or_default(), self.fiscal_year.as_i32())
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.reason)
    }
    fn check(&self) -> Result<(), Error> {
        check_text("reason", &self.reason, 1_000)
    }

    async fn before(&self, store: &Store, tx: &WriteTransaction) -> Result<Value, Error> {
        let cycle = store.locked(tx, &self.which()).await?;
        let draft = draft_of(tx, &cycle).await?.map(|draft| draft.id);
        Ok(json!({ "stage": cycle.stage.as_text(), "version": cycle.version, "draft": draft }))
    }

    async fn carry_out(&self, store: &Store, tx: &WriteTransaction) -> Result<Carried<Model>, Error> {
        let (cycle, to) = store.step_in(tx, &self.which(), FollowUpAct::Published, &self.reason).await?;
        let Some(to) = to else { return Ok(Carried::Nothing(cycle)) };
        store.check_reports(tx, &cycle).await?;
        let Some(draft) = draft_of(tx, &cycle).await? else {
            return Err(conflict("この版の公表原案がありません。", "There is no draft of this version to be published."));
        };
        if !cites_what_stands(&**tx, &draft).await.map_err(|error| Error::internal(&error))? {
            let ja = "前年度以前の公表値が、凍結の後に訂正または撤回されています。改めて凍結してください。";
            return Err(conflict(ja, "Figures of earlier years were corrected or withdrawn since this was frozen: freeze it anew."));
        }
        store.sign(tx, draft.id).await?;
        let mut change = draft.into_active_model();
        change.state = Set(ReleaseState::Published);
        change.published_at = Set(Some(store.now()));
        change.published_by = Set(Some(store.actor.principal.subject.clone()));
        change.update(&**tx).await?;
        let done = Done::on(&cycle, FollowUpAct::Published, &self.reason);
        let cycle = store.change(tx, at(cycle, to)).await?;
        store.note(tx, &cycle, done).await?;
        Ok(Carried::Changed(cycle))
    }

    fn after(&self, done: &Model) -> Value {
        json!({ "stage": done.stage.as_text(), "version": done.version })
    }
}

impl Store {
    /// Publishes what was compiled: the draft of the version becomes everybody's.
    ///
    /// # Errors
    /// FORBIDDEN; `NOT_FOUND`; `BAD_USER_INPUT`; CONFLICT where the cycle is not compiled, a report is not recorded or its day is to come, the
    /// version has no draft, an earlier year does not stand any more as it is cited, or another publication of it waits.
    pub async fn publish_follow_up(&self, which: &Which, reason: &str) -> Result<Fate<Model>, Error> {
        self.allow(Action::ManageFollowUp)?;
        // The plan by its code, so that one cycle is one target.
        let plan = self.plan_of(self.reader(), which).await?.map(|plan| plan.code).or_else(|| which.plan.clone());
        self.submit(&Publication { plan, fiscal_year: which.fiscal_year, reason: reason.to_owned() }).await
    }

    /// Adds the signature of the draft's sums and the key that anyone checks it by: the only files that publication makes.
    async fn sign(&self, tx: &WriteTransaction, draft: ReleaseId) -> Result<(), Error> {
        use release_file::Column as Of;
        let kept = unscoped::<release_file::Entity>().filter(Of::ReleaseId.eq(draft)).filter(Of::Path.eq(package::SUMS));
        let kept = kept.one(&**tx).await?.ok_or_else(|| Error::internal(&"a draft has no sums"))?;
        let path = self.ledger.settings().release_key.clone();
        let key = tokio::task::spawn_blocking(move || SealKey::open_or_create(&path)).await;
        let key = key.map_err(|error| Error::internal(&error))?.map_err(|error| Error::internal(&error))?;
        let sums = [package::File { path: kept.path, media_type: "text/plain", bytes: kept.content }];
        let files = package::sign(&sums, key.signer()).map_err(|error| Error::internal(&error))?;
        let rows = files.into_iter().map(|file| release_file::Model {
            release_id: draft,
            media_type: file.media_type.to_owned(),
            sha256: sha256(&file.bytes),
            path: file.path,
            content: file.bytes,
        });
        Ok(transaction::put_all(&**tx, rows.collect(), true).await?)
    }

    /// Both reports of the version are recorded, and of today or earlier.
    async fn check_reports(&self, tx: &WriteTransaction, cycle: &Model) -> Result<(), Error> {
        let reports = unscoped::<follow_up_report::Entity>().filter(follow_up_report::Column::FollowUpId.eq(cycle.id));
        let reports = reports.filter(follow_up_report::Column::Version.eq(&cycle.version)).all(&**tx).await?;
        for (body, ja, en) in [
            (ReportBody::PromotionCommittee, "推進委員会", "the Promotion Committee"),
            (ReportBody::Council, "女性職員活躍・ワークライフバランス推進協議会", "the Council"),
        ] {
            match reports.iter().find(|report| report.body == body).map(|report| report.reported_on) {
                None => {
                    let ja = format!("{ja}への報告が記録されていません。");
                    return Err(conflict(ja, format!("The report to {en} is not recorded.")));
                }
                Some(day) if day > self.today() => {
                    let ja = format!("{ja}への報告は{day}の予定です。公表は両方の報告の日以降にできます。");
                    let en = format!("The report to {en} is dated {day}: it can be published on that day at the earliest.");
                    return Err(conflict(ja, en));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// Begins the next version of what was published or withdrawn: frozen at once, or collecting where bureaus are to submit anew.
    ///
    /// # Errors
    /// FORBIDDEN; `NOT_FOUND`, also for a bureau that the cycle does not ask; `BAD_USER_INPUT`; CONFLICT where nothing was published.
    pub async fn correct_follow_up(&self, which: &Which, correction: &Correction) -> Result<Model, Error> {
        self.allow(Action::ManageFollowUp)?;
        check_text("reasonJa", &correction.reason_ja, 450)?;
        check_text("reasonEn", &correction.reason_en, 450)?;
        if correction.kind == ReleaseKind::Initial {
            let ja = "「初回公表」は、最初の公表にだけ指定できます。";
            return Err(Error::input("kind", ja, "INITIAL is the kind of a year's first release alone."));
        }
        if correction.bureaus.len() > 500 {
            return Err(Error::input("bureaus", "部局は500までです。", "At most 500 bureaus."));
        }
        let reason = format!("{}\n{}", correction.reason_ja, correction.reason_en);
        let Step { tx, cycle, to } = match self.step(which, FollowUpAct::Corrected, &reason).await? {
            Begun::Again(cycle) => return Ok(cycle),
            Begun::Anew(step) => step,
        };
        let texts = [("reasonJa", &correction.reason_ja), ("reasonEn", &correction.reason_en)];
        let texts = texts.map(|(field, text)| PublicText { field, subject: "", text });
        self.check_names(&*tx, &texts, correction.names_checked).await?;
        let version: Version = cycle.version.parse().map_err(|error| Error::internal(&error))?;
        let returned = self.ask_anew(&tx, &cycle, correction).await?;
        let collecting = !correction.bureaus.is_empty();
        let counts = json!({ "from": cycle.version, "kind": correction.kind.as_text(), "returned": returned });
        let done = Done { counts, ..Done::on(&cycle, FollowUpAct::Corrected, &reason) };
        let mut change = at(cycle, if collecting { FollowUpStage::Collecting } else { to });
        change.version = Set(version.next(correction.kind).to_string());
        change.kind = Set(correction.kind);
        change.reason_ja = Set(Some(correction.reason_ja.clone()));
        change.reason_en = Set(Some(correction.reason_en.clone()));
        change.frozen_at = Set((!collecting).then(|| self.now()));
        let cycle = self.change(&tx, change).await?;
        if !collecting {
            ask_for_dataset(&tx, &cycle, &self.actor.principal.subject).await?;
        }
        self.note(&tx, &cycle, done).await?;
        tx.commit().await?;
        self.ledger.wake();
        Ok(cycle)
    }

    /// Returns the latest submissions of the bureaus that are to submit anew, and tells how many.
    async fn ask_anew(&self, tx: &WriteTransaction, cycle: &Model, correction: &Correction) -> Result<usize, Error> {
        let mut latest = submission::latest(tx, cycle.id).await?;
        let mut returned = 0;
        for code in &correction.bureaus {
            let bureau = self.called(tx, cycle, "bureaus", code).await?;
            let Some(row) = latest.remove(&bureau).filter(|row| row.state != SubmissionState::Returned) else { continue };
            let mut change = row.into_active_model();
            change.state = Set(SubmissionState::Returned);
            change.reviewed_at = Set(Some(self.now()));
            change.reviewed_by = Set(Some(self.actor.principal.subject.clone()));
            change.comment = Set(Some(correction.reason_ja.clone()));
            change.update(&**tx).await?;
            returned += 1;
        }
        Ok(returned)
    }

    /// Withdraws what was published: its releases become tombstones, which say why, and what was being made of a further version is deleted.
    /// `names_checked` says that the reason was looked at and names nobody.
    ///
    /// # Errors
    /// FORBIDDEN; `NOT_FOUND`; `BAD_USER_INPUT`; CONFLICT where nothing is published.
    pub async fn withdraw_follow_up(&self, which: &Which, reason: &str, names_checked: bool) -> Result<Model, Error> {
        use release::Column as Of;
        self.allow(Action::ManageFollowUp)?;
        let Step { tx, cycle, to } = match self.step(which, FollowUpAct::Withdrawn, reason).await? {
            Begun::Again(cycle) => return Ok(cycle),
            Begun::Anew(step) => step,
        };
        self.check_names(&*tx, &[PublicText { field: "reason", subject: "", text: reason }], names_checked).await?;
        let published = unscoped::<release::Entity>().filter(Of::FollowUpId.eq(cycle.id)).filter(Of::State.eq(ReleaseState::Published));
        let Some(last) = published.order_by_desc(Of::PublishedAt).order_by_desc(Of::Id).one(&*tx).await? else {
            return Err(conflict("公表されたものがありません。", "Nothing of this follow-up is published."));
        };
        let unpublished = cycle.version != last.version;
        if unpublished {
            // What was being made; of what was published the snapshot stays, for it is the evidence.
            discard_draft(&tx, &cycle).await?;
        }
        let releases = release::Entity::update_many()
            .col_expr(Of::State, Expr::value(ReleaseState::Withdrawn.as_text()))
            .col_expr(Of::WithdrawnAt, Expr::value(self.now()))
            .col_expr(Of::WithdrawnReason, Expr::value(reason))
            .filter(Of::FollowUpId.eq(cycle.id))
            .filter(Of::State.eq(ReleaseState::Published))
            .exec(&*tx)
            .await?;
        let counts = json!({ "releases": releases.rows_affected });
        let done = Done { counts, ..Done::on(&cycle, FollowUpAct::Withdrawn, reason) };
        let mut change = at(cycle, to);
        if unpublished {
            // The version that was being made is given up; the cycle's is the last that was published.
            change.version = Set(last.version);
            change.kind = Set(last.kind);
            (change.reason_ja, change.reason_en) = (Set(None), Set(None));
        }
        change.frozen_at = Set(Some(last.as_of));
        self.end(tx, change, done).await
    }
}
