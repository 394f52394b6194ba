//! What bureaus submit to a cycle: figures they alone know and what was done, held to the plan's items and initiatives, revision by revision; and
//! the secretariat's word on it.

use crate::store::{
    Store, dialect,
    follow_up::{
        Which,
        public_text::{NameDoubt, PublicText, Sight},
        wrong_stage,
    },
    record::check_text,
    unscoped,
};
use crate::{authz::Action, error::Error};
use entity::{
    bureau, data_call, follow_up,
    follow_up_event::FollowUpAct,
    ids::{BureauId, FollowUpId, SubmissionId},
    initiative, plan,
    quotient::IndicatorUnit,
    submission::{Column, Entity, Model, SubmissionContent, SubmissionState, SubmittedAction, SubmittedFigure},
    submission_item::{self, ItemSource},
};
use jobs::{database::WriteTransaction, transaction};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, IntoActiveModel, QueryFilter, QuerySelect,
    sea_query::{Expr, SimpleExpr},
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// As gender.go.jp prints what was done: so many characters an action, and so many actions a category.
const ACTION_CHARACTERS: usize = 100;
const ACTIONS: usize = 2;
/// Characters of what is to be done next, one text a category.
const NEXT_STEP_CHARACTERS: usize = 200;
/// Characters of a figure's note.
const NOTE_CHARACTERS: usize = 200;
/// More than any plan has of items, or of actions.
const MOST: usize = 500;

/// What became of a call.
#[derive(Debug, Clone)]
pub struct Submitted {
    /// The bureau's latest revision.
    pub row: Model,
    /// Whether it said the same before, so that nothing was written.
    pub unchanged: bool,
    /// Codes of the items that each bureau is asked for and that it does not hold.
    pub missing: Vec<String>,
    /// Texts of it that may name a person.
    pub doubts: Vec<NameDoubt>,
}

/// The plan's items and initiatives that a submission answers.
struct Form {
    items: BTreeMap<String, submission_item::Model>,
    initiatives: BTreeMap<String, initiative::Model>,
}

impl Form {
    /// As the plan is until the transaction ends: who loads it anew waits, or is waited for.
    async fn load(tx: &WriteTransaction, cycle: &follow_up::Model) -> Result<Self, Error> {
        use initiative::Column as Of;
        unscoped::<plan::Entity>().filter(plan::Column::Id.eq(cycle.plan_id)).lock_shared().one(&**tx).await?;
        let items = unscoped::<submission_item::Entity>().filter(submission_item::Column::PlanId.eq(cycle.plan_id)).all(&**tx).await?;
        let year = cycle.fiscal_year;
        let initiatives = unscoped::<initiative::Entity>().filter(Of::PlanId.eq(cycle.plan_id));
        let initiatives =
            initiatives.filter(Of::ValidFrom.lt(year.next_first_day())).filter(Of::ValidTo.gt(year.first_day())).all(&**tx).await?;
        Ok(Self {
            items: items.into_iter().map(|item| (item.code.clone(), item)).collect(),
            initiatives: initiatives.into_iter().map(|initiative| (initiative.code.clone(), initiative)).collect(),
        })
    }

    /// The content, checked, tidied and in the plan's order.
    fn check(&self, content: SubmissionContent) -> Result<SubmissionContent, Error> {
        let lengths = [content.figures.len(), content.actions.len(), content.next_steps.len()];
        for (field, length) in ["figures", "actions", "nextSteps"].into_iter().zip(lengths) {
            if length > MOST {
                let ja = format!("{MOST}件までです。");
                return Err(Error::input(field, ja, format!("At most {MOST}.")));
            }
        }
        if lengths == [0; 3] {
            let ja = "数値、取組または今後の取組を1件以上提出してください。";
            return Err(Error::input("figures", ja, "A submission holds at least one figure, action or next step."));
        }
        let mut figures = content.figures.into_iter().map(|figure| self.figure(figure)).collect::<Result<Vec<_>, _>>()?;
        figures.sort_by_key(|figure| self.items.get(&figure.item).map(|item| item.position));
        if let Some(pair) = figures.windows(2).find(|pair| pair[0].item == pair[1].item) {
            let ja = format!("報告事項 {} が2回あります。", pair[0].item);
            return Err(Error::input("figures.item", ja, format!("The item {} is there twice.", pair[0].item)));
        }
        self.check_cohorts(&figures)?;
        let actions = self.texts("actions", content.actions, ACTION_CHARACTERS)?;
        if let Some(several) = actions.windows(ACTIONS + 1).find(|several| several[0].initiative == several[ACTIONS].initiative) {
            let code = &several[0].initiative;
            let ja = format!("取組 {code} の実績は{ACTIONS}件までです。");
            return Err(Error::input("actions.initiative", ja, format!("At most {ACTIONS} actions of the initiative {code}.")));
        }
        let next_steps = self.texts("nextSteps", content.next_steps, NEXT_STEP_CHARACTERS)?;
        if let Some(pair) = next_steps.windows(2).find(|pair| pair[0].initiative == pair[1].initiative) {
            let code = &pair[0].initiative;
            let ja = format!("取組 {code} の今後の取組は1件までです。");
            return Err(Error::input("nextSteps.initiative", ja, format!("At most one next step of the initiative {code}.")));
        }
        Ok(SubmissionContent { figures, actions, next_steps })
    }

    fn figure(&self, figure: SubmittedFigure) -> Result<SubmittedFigure, Error> {
        let wrong =
            |field: &str, ja: &str, en: &str| Err(Error::input(field, format!("{}: {ja}", figure.item), format!("{}: {en}", figure.item)));
        let Some(item) = self.items.get(&figure.item) else {
            return Err(Error::input("figures.item", "計画にない報告事項です。", "The plan has no such item."));
        };
        if figure.numerator < 0 {
            return wrong("figures.numerator", "0以上の数を指定してください。", "the numerator is 0 or more.");
        }
        if figure.denominator < 0 {
            return wrong("figures.denominator", "0以上の数を指定してください。", "the denominator is 0 or more.");
        }
        let bounded = item.unit == IndicatorUnit::Percent && !item.may_exceed_hundred;
        if figure.numerator > figure.denominator && (bounded || figure.denominator == 0) {
            return wrong("figures.numerator", "分子が分母を超えています。", "the numerator is above the denominator.");
        }
        let note = figure.note.map(|note| line("figures.note", &note, NOTE_CHARACTERS)).transpose()?;
        Ok(SubmittedFigure { note, ..figure })
    }

    /// Figures of one cohort have one denominator, and what counts a part of another is not above it.
    fn check_cohorts(&self, figures: &[SubmittedFigure]) -> Result<(), Error> {
        let held: BTreeMap<&str, &SubmittedFigure> = figures.iter().map(|figure| (figure.item.as_str(), figure)).collect();
        let mut cohorts: BTreeMap<&str, &SubmittedFigure> = BTreeMap::new();
        for figure in figures {
            let Some(item) = self.items.get(&figure.item) else { continue };
            if let Some(cohort) = item.cohort.as_deref() {
                let first = *cohorts.entry(cohort).or_insert(figure);
                if first.denominator != figure.denominator {
                    let ja = format!("{}と{}の分母は同じ母集団の人数です。同じ数を指定してください。", first.item, figure.item);
                    let en = format!("{} and {} are of one cohort, and have one denominator.", first.item, figure.item);
                    return Err(Error::input("figures.denominator", ja, en));
                }
            }
            if let Some(whole) = item.bounds().filter_map(|code| held.get(code)).find(|whole| figure.numerator > whole.numerator) {
                let ja = format!("{}の分子が、これを含む{}の分子を超えています。", figure.item, whole.item);
                let en = format!("{} counts a part of {}, and is above it.", figure.item, whole.item);
                return Err(Error::input("figures.numerator", ja, en));
            }
        }
        Ok(())
    }

    /// A text under an initiative of the plan, of at most so many characters.
    fn text(&self, field: &str, action: SubmittedAction, most: usize) -> Result<SubmittedAction, Error> {
        if !self.initiatives.contains_key(&action.initiative) {
            let ja = "この年度の計画にない取組です。";
            return Err(Error::input(&format!("{field}.initiative"), ja, "The plan has no such initiative in this fiscal year."));
        }
        Ok(SubmittedAction { text: line(&format!("{field}.text"), &action.text, most)?, ..action })
    }

    /// Such texts in the plan's order.
    fn texts(&self, field: &str, texts: Vec<SubmittedAction>, most: usize) -> Result<Vec<SubmittedAction>, Error> {
        let mut texts = texts.into_iter().map(|text| self.text(field, text, most)).collect::<Result<Vec<_>, _>>()?;
        texts.sort_by_key(|text| self.initiatives.get(&text.initiative).map(|initiative| initiative.position));
        Ok(texts)
    }

    /// The items of a source that a content holds.
    fn held<'a>(&self, content: &'a SubmissionContent, source: ItemSource) -> BTreeSet<&'a str> {
        let of = |figure: &&SubmittedFigure| self.items.get(&figure.item).is_some_and(|item| item.source == source);
        content.figures.iter().filter(of).map(|figure| figure.item.as_str()).collect()
    }

    fn missing(&self, content: &SubmissionContent) -> Vec<String> {
        let held = self.held(content, ItemSource::Bureau);
        let mut items: Vec<_> = self.items.values().filter(|item| item.source == ItemSource::Bureau).collect();
        items.sort_by_key(|item| item.position);
        items.into_iter().filter(|item| !held.contains(item.code.as_str())).map(|item| item.code.clone()).collect()
    }
}

/// A line of 1 to `most` characters without control characters, its blanks at the ends cut off.
pub(in crate::store) fn line(field: &str, text: &str, most: usize) -> Result<String, Error> {
    let line = text.trim();
    if !line.is_empty() && line.chars().count() <= most && !line.chars().any(char::is_control) {
        return Ok(line.to_owned());
    }
    let ja = format!("1文字以上{most}文字以内で書いてください。改行と制御文字は使えません。");
    Err(Error::input(field, ja, format!("Write 1 to {most} characters, without line breaks and control characters.")))
}

impl Store {
    /// Takes what a bureau submits, as its next revision; what it said before is unchanged and writes nothing.
    ///
    /// # Errors
    /// FORBIDDEN; `NOT_FOUND` for a bureau out of scope or one that is not asked; `BAD_USER_INPUT` in the part that is wrong; CONFLICT where
    /// the cycle does not collect, the bureau's submission was taken, or another bureau submitted an item that one alone does.
    pub async fn submit_follow_up(&self, which: &Which, bureau: &str, content: SubmissionContent) -> Result<Submitted, Error> {
        let scope = self.allow(Action::SubmitFollowUp)?;
        let tx = self.begin().await?;
        let cycle = self.locked(&tx, which).await?;
        let none = || Error::not_found("bureau", "部局", "bureau");
        let bureau = dialect::by_text::<bureau::Entity, _>(&*tx, "code", &BTreeSet::from([bureau])).await?.pop();
        let bureau = bureau.filter(|bureau| scope.bureaus.holds(&bureau.id)).ok_or_else(none)?;
        let called = unscoped::<data_call::Entity>().filter(data_call::Column::FollowUpId.eq(cycle.id));
        let called = called.filter(data_call::Column::BureauId.eq(bureau.id)).one(&*tx).await?;
        called.ok_or_else(|| Error::not_found("bureau", "部局への照会", "bureau in this follow-up"))?;
        if FollowUpAct::Submitted.leads(cycle.stage).is_none() {
            return Err(wrong_stage(cycle.stage));
        }
        let form = Form::load(&tx, &cycle).await?;
        let content = form.check(content)?;
        let missing = form.missing(&content);
        let doubts = self.doubt_names(&*tx, &texts(&content), Sight::Own).await?;
        let mut latest = latest(&tx, cycle.id).await?;
        let own = latest.remove(&bureau.id);
        if let Some(own) = &own {
            if own.state != SubmissionState::Returned && read(own)? == content {
                return Ok(Submitted { row: own.clone(), unchanged: true, missing, doubts });
            }
            if own.state == SubmissionState::Accepted {
                let ja = "提出内容は受理されています。修正するには、事務局による差戻しが必要です。";
                return Err(Error::conflict("bureau", ja, "The submission was taken; the secretariat returns it before it is corrected."));
            }
        }
        let alone = form.held(&content, ItemSource::Office);
        for other in latest.values() {
            let other = read(other)?;
            if let Some(item) = form.held(&other, ItemSource::Office).intersection(&alone).next() {
                let ja = format!("報告事項 {item} は1部局だけが報告します。既に他の部局が提出しています。");
                let en = format!("One bureau alone submits the item {item}, and another one has.");
                return Err(Error::conflict("figures.item", ja, en));
            }
        }
        let row = Model {
            id: SubmissionId::new(),
            follow_up_id: cycle.id,
            bureau_id: bureau.id,
            revision: own.map_or(1, |own| own.revision + 1),
            state: SubmissionState::Submitted,
            content: serde_json::to_value(&content).map_err(|error| Error::internal(&error))?,
            submitted_at: self.now(),
            submitted_by: self.actor.principal.subject.clone(),
            reviewed_at: None,
            reviewed_by: None,
            comment: None,
        };
        transaction::put_all(&*tx, vec![row.clone()], false).await?;
        let (figures, actions, next_steps) = (content.figures.len(), content.actions.len(), content.next_steps.len());
        let counts = json!({ "revision": row.revision, "figures": figures, "actions": actions, "nextSteps": next_steps });
        self.note_submission(&tx, &cycle, FollowUpAct::Submitted, &row, counts).await?;
        tx.commit().await?;
        Ok(Submitted { row, unchanged: false, missing, doubts })
    }

    /// Returns a bureau's latest revision, with a comment.
    ///
    /// # Errors
    /// FORBIDDEN; `NOT_FOUND`; `BAD_USER_INPUT`; CONFLICT where the cycle does not collect, a later revision is there, or it was returned.
    pub async fn return_submission(&self, id: SubmissionId, comment: String) -> Result<Model, Error> {
        self.review_submission(id, Review { to: SubmissionState::Returned, comment: Some(comment), names_checked: false }).await
    }

    /// Takes a bureau's latest revision; `names_checked` says that its texts, which may be printed, were looked at and name nobody.
    ///
    /// # Errors
    /// As [`Store::return_submission`]; `BAD_USER_INPUT` also where a text may name a person and nobody says that it was looked at.
    pub async fn accept_submission(&self, id: SubmissionId, comment: Option<String>, names_checked: bool) -> Result<Model, Error> {
        self.review_submission(id, Review { to: SubmissionState::Accepted, comment, names_checked }).await
    }

    /// Says where a revision stands. It names the very one that was looked at: a later one is not judged unseen.
    async fn review_submission(&self, id: SubmissionId, review: Review) -> Result<Model, Error> {
        self.allow(Action::ManageFollowUp)?;
        let Review { to, comment, names_checked } = review;
        comment.as_ref().map_or(Ok(()), |comment| check_text("comment", comment, 2_000))?;
        let (now, tx) = (self.now(), self.begin().await?);
        let none = || Error::not_found("id", "提出", "submission");
        let seen = self.select::<Entity>()?.filter(Column::Id.eq(id)).one(&*tx).await?.ok_or_else(none)?;
        let cycle = self.select::<follow_up::Entity>()?.filter(follow_up::Column::Id.eq(seen.follow_up_id));
        let cycle = cycle.lock_exclusive().one(&*tx).await?.ok_or_else(none)?;
        let row = latest(&tx, cycle.id).await?.remove(&seen.bureau_id).ok_or_else(none)?;
        if row.id != id {
            let ja = "この部局はその後に再提出しています。最新の提出を確認してください。";
            return Err(Error::conflict("id", ja, "The bureau has submitted a later revision; look at that one.").retry());
        }
        if row.state == to && row.comment == comment {
            return Ok(row);
        }
        let act = if to == SubmissionState::Accepted { FollowUpAct::SubmissionAccepted } else { FollowUpAct::SubmissionReturned };
        if act.leads(cycle.stage).is_none() {
            return Err(Error { field: Some("id".to_owned()), ..wrong_stage(cycle.stage) });
        }
        match (row.state, to) {
            (SubmissionState::Returned, _) => {
                let ja = "この提出は差し戻されています。再提出を待ってください。";
                return Err(Error::conflict("id", ja, "This submission was returned; the bureau submits anew."));
            }
            (SubmissionState::Accepted, SubmissionState::Accepted) => {
                return Err(Error::conflict("id", "この提出は既に受理されています。", "This submission was taken already."));
            }
            _ => {}
        }
        if to == SubmissionState::Accepted {
            self.check_names(&*tx, &texts(&read(&row)?), names_checked).await?;
        }
        let counts = json!({ "revision": row.revision, "from": row.state.as_text(), "to": to.as_text(), "namesChecked": names_checked });
        let mut change = row.into_active_model();
        change.state = Set(to);
        change.reviewed_at = Set(Some(now));
        change.reviewed_by = Set(Some(self.actor.principal.subject.clone()));
        change.comment = Set(comment);
        let row = change.update(&*tx).await?;
        self.note_submission(&tx, &cycle, act, &row, counts).await?;
        tx.commit().await?;
        Ok(row)
    }
}

/// The secretariat's word on a revision.
struct Review {
    to: SubmissionState,
    comment: Option<String>,
    names_checked: bool,
}

/// Its texts, each with the field and the code that it belongs to.
fn texts(content: &SubmissionContent) -> Vec<PublicText<'_>> {
    let of = |field, subject, text| PublicText { field, subject, text };
    let notes = content.figures.iter().filter_map(|figure| Some(of("figures.note", figure.item.as_str(), figure.note.as_deref()?)));
    let actions = content.actions.iter().map(|action| of("actions.text", &action.initiative, &action.text));
    let next_steps = content.next_steps.iter().map(|step| of("nextSteps.text", &step.initiative, &step.text));
    notes.chain(actions).chain(next_steps).collect()
}

/// That no later revision of the bureau's answer is there.
#[must_use]
pub fn is_latest() -> SimpleExpr {
    Expr::cust(
        "NOT EXISTS (SELECT 1 FROM submission n WHERE n.follow_up_id = submission.follow_up_id AND n.bureau_id = submission.bureau_id
        AND n.revision > submission.revision)",
    )
}

/// The latest revision of each bureau that has answered.
pub(in crate::store) async fn latest(tx: &WriteTransaction, cycle: FollowUpId) -> Result<HashMap<BureauId, Model>, Error> {
    let rows = unscoped::<Entity>().filter(Column::FollowUpId.eq(cycle)).filter(is_latest()).all(&**tx).await?;
    Ok(rows.into_iter().map(|row| (row.bureau_id, row)).collect())
}

/// What a stored submission says.
///
/// # Errors
/// INTERNAL for a row that says nothing of the kind.
pub fn read(row: &Model) -> Result<SubmissionContent, Error> {
    serde_json::from_value(row.content.clone()).map_err(|error| Error::internal(&error))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn one_cohort_has_one_denominator_and_its_order() {
        let item = |position: i32, code: &str, at_most: Option<&str>| submission_item::Model {
            id: entity::ids::SubmissionItemId::new(),
            plan_id: entity::ids::PlanId::new(),
            code: code.into(),
            version: 1,
            clause: "IV-2".into(),
            position,
            name_ja: code.into(),
            name_en: code.into(),
            description_ja: code.into(),
            description_en: code.into(),
            unit: IndicatorUnit::Percent,
            direction: entity::quotient::Direction::HigherIsBetter,
            source: ItemSource::Bureau,
            counts_persons: true,
            may_exceed_hundred: false,
            statutory: true,
            cohort: (code != "OTHER").then(|| "MEN_WITH_A_BIRTH".into()),
            at_most: at_most.map(Into::into),
        };
        let items = [
            item(1, "SPOUSE", None),
            item(2, "PARTICIPATION", None),
            item(3, "BOTH", Some("SPOUSE PARTICIPATION")),
            item(4, "OTHER", None),
        ];
        let form = Form { items: items.into_iter().map(|item| (item.code.clone(), item)).collect(), initiatives: BTreeMap::new() };
        let refused = |figures: &[(&str, i64, i64)]| {
            let figure = |(item, numerator, denominator): &(&str, i64, i64)| SubmittedFigure {
                item: (*item).to_owned(),
                numerator: *numerator,
                denominator: *denominator,
                note: None,
            };
            let content = SubmissionContent { figures: figures.iter().map(figure).collect(), ..SubmissionContent::default() };
            form.check(content).err().and_then(|error| error.field)
        };
        assert_eq!(refused(&[("SPOUSE", 1, 6), ("PARTICIPATION", 1, 7), ("BOTH", 5, 5)]).unwrap(), "figures.denominator");
        assert_eq!(refused(&[("SPOUSE", 1, 6), ("PARTICIPATION", 1, 6), ("BOTH", 5, 6)]).unwrap(), "figures.numerator");
        assert_eq!(refused(&[("BOTH", 2, 6), ("SPOUSE", 4, 6), ("PARTICIPATION", 1, 6)]).unwrap(), "figures.numerator", "of either");
        assert_eq!(refused(&[("SPOUSE", 5, 6), ("PARTICIPATION", 4, 6), ("BOTH", 4, 6), ("OTHER", 9, 10)]), None);
        assert_eq!(refused(&[("BOTH", 5, 6)]), None, "what is not there yet is compared when it comes");
        // The published figures of fiscal year 2019: only one denominator gives all of them.
        assert_eq!(refused(&[("SPOUSE", 5_534, 5_992), ("PARTICIPATION", 5_421, 5_992), ("BOTH", 4_922, 5_992)]), None);
    }

    #[test]
    fn a_line_is_counted_in_characters() {
        assert_eq!(line("text", &format!("\u{3000}{} ", "働".repeat(100)), 100).unwrap().chars().count(), 100);
        for text in ["働".repeat(101), " \u{3000}".to_owned(), "a\nb".to_owned(), "a\u{7f}".to_owned()] {
            let error = line("text", &text, 100).unwrap_err();
            assert_eq!((error.code.as_str(), error.field.as_deref()), ("BAD_USER_INPUT", Some("text")), "{text:?}");
        }
    }
}
