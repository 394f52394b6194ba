//! Reviewing overtime outliers, and what hangs on them: their history, the person's months behind them, and counts without persons.
//!
//! Flags are raised, changed and withdrawn by a job, which never touches a review; people review and never touch the evidence. What was said
//! stands in the history alone: neither log nor audit trail nor error holds it.

use crate::store::{
    Store,
    page::one_of,
    record::{check_begun, check_text},
    unscoped,
};
use crate::{
    authz::{Action, Noun},
    error::Error,
};
use chrono::NaiveDate;
use entity::{
    bureau::{self, Visibility},
    ids::{BureauId, OvertimeOutlierId, StaffId},
    indicator_value::TOTAL,
    measure_cell::Span,
    outlier_event::{self, OutlierEventKind},
    overtime_outlier::{Column, Entity, Model, OutlierCategory, OutlierKind, ReviewState},
    period::YearMonth,
    person_month,
    protection::{self, OUTLIER_COUNTS},
};
use jobs::{
    database::WriteTransaction,
    transaction::{self, Stale},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Months behind a flag: its own and those before.
const MONTHS_BEFORE: i32 = 12;

/// A step of a review.
#[derive(Debug, Clone)]
pub struct Review {
    /// Where it leads.
    pub to: ReviewState,
    /// What is said of it; none where somebody only has looked.
    pub comment: Option<String>,
    /// The day of the doctor's interview.
    pub interview_held_on: Option<NaiveDate>,
}

/// How many people of a bureau, or of the office, were flagged for something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// The bureau's code; `None` for the office.
    pub bureau: Option<String>,
    /// How the flags are to be taken.
    pub category: OutlierCategory,
    /// What they are about.
    pub kind: OutlierKind,
    /// How many; `None` where that is withheld.
    pub people: Option<i64>,
}

impl Review {
    fn check(&self, today: NaiveDate) -> Result<(), Error> {
        self.comment.as_ref().map_or(Ok(()), |comment| check_text("comment", comment, 2_000))?;
        if self.interview_held_on.is_some_and(|held| held > today) {
            return Err(Error::input("interviewHeldOn", "これからの日付は指定できません。", "This day is still to come."));
        }
        Ok(())
    }

    fn event(&self) -> Result<(&'static str, OutlierEventKind), Error> {
        match self.to {
            ReviewState::Acknowledged => Ok(("ACKNOWLEDGE", OutlierEventKind::Acknowledged)),
            ReviewState::Explained => Ok(("EXPLAIN", OutlierEventKind::Explained)),
            ReviewState::ActionTaken => Ok(("RECORD_ACTION", OutlierEventKind::ActionTaken)),
            ReviewState::Dismissed => Ok(("DISMISS", OutlierEventKind::Dismissed)),
            ReviewState::Open => Err(Error::internal(&"a review never becomes open again")),
        }
    }

    /// Whether the flag may take this step.
    fn check_on(&self, flag: &Model) -> Result<(), Error> {
        if flag.withdrawn_at.is_some() {
            return Err(Error::conflict("id", "この注意情報は取り下げられています。", "This outlier was withdrawn."));
        }
        if !flag.review.may_become(self.to) {
            return Err(Error::conflict("id", "この注意情報は既に確認されています。", "This outlier was looked at already."));
        }
        let Some(held) = self.interview_held_on else { return Ok(()) };
        if flag.kind != OutlierKind::Interview {
            let ja = "面接指導の対象となった注意情報についてのみ指定できます。";
            return Err(Error::input("interviewHeldOn", ja, "Only an outlier of the kind INTERVIEW has a doctor's interview."));
        }
        if held < flag.month.first_day() {
            let ja = "対象月より前の日付は指定できません。";
            return Err(Error::input("interviewHeldOn", ja, "This day lies before the outlier's month."));
        }
        Ok(())
    }
}

impl Store {
    /// Takes a step in the review of a flag. Sent twice it is done once.
    ///
    /// # Errors
    /// FORBIDDEN, also for a visible flag outside one's own bureaus; `NOT_FOUND`; `BAD_USER_INPUT`; CONFLICT for a withdrawn flag, and for
    /// one whose review is further already.
    pub async fn review_outlier(&self, id: OvertimeOutlierId, review: &Review) -> Result<Model, Error> {
        let scope = self.allow(Action::ReviewOutlier)?;
        review.check(self.today())?;
        let tx = self.begin().await?;
        let flag = self.select::<Entity>()?.filter(Column::Id.eq(id)).lock_exclusive().one(&*tx).await?;
        let flag = flag.ok_or_else(|| Error::not_found("id", "超過勤務の注意情報", "outlier"))?;
        if !scope.bureaus.holds(&flag.bureau_id) {
            return Err(Error::forbidden());
        }
        let (events, latest) = history_end(&tx, id).await?;
        let again = latest.is_some_and(|event| event.comment == review.comment)
            && (review.interview_held_on.is_none() || review.interview_held_on == flag.interview_held_on);
        if flag.review == review.to && again && flag.withdrawn_at.is_none() {
            return Ok(flag);
        }
        review.check_on(&flag)?;
        let row = self.take_step(&tx, flag, review, events + 1).await?;
        tx.commit().await?;
        Ok(row)
    }

    /// Writes the step, its event, its trace, and what it makes stale.
    async fn take_step(&self, tx: &WriteTransaction, flag: Model, review: &Review, sequence: i32) -> Result<Model, Error> {
        let (now, (verb, kind)) = (self.now(), review.event()?);
        let counts = serde_json::json!({
            "month": flag.month.to_string(), "kind": flag.kind.as_text(), "from": flag.review.as_text(), "to": review.to.as_text(),
        });
        // Whether it ended in time was settled when it first ended: another end later does not make it late.
        let reviewed_at = flag.reviewed_at.or_else(|| review.to.is_over().then_some(now));
        let held = review.interview_held_on.or(flag.interview_held_on);
        let mut change = flag.into_active_model();
        change.review = Set(review.to);
        change.reviewed_at = Set(reviewed_at);
        change.interview_held_on = Set(held);
        let row = change.update(&**tx).await?;
        let (actor, comment) = (self.actor.principal.subject.clone(), review.comment.clone());
        let event = outlier_event::Model { flag_id: row.id, sequence, at: now, kind, actor, comment, run_id: None };
        transaction::put_all(&**tx, vec![event], false).await?;
        let entry = transaction::AuditAct {
            bureau_id: Some(row.bureau_id),
            record_id: Some(row.id.0),
            counts,
            ..self.act(verb, Noun::OvertimeOutlier)
        };
        transaction::audit(&**tx, now, entry).await?;
        let stale = Stale::from([((row.bureau_id, row.month), BTreeSet::from([Some(row.staff_id)]))]);
        transaction::mark_stale(&**tx, now, None, &stale).await?;
        Ok(row)
    }

    /// The latest 100 events of each of the flags that the actor was shown, flag by flag in order.
    ///
    /// # Errors
    /// As [`Store::allow`].
    pub async fn outlier_events(&self, flags: &[OvertimeOutlierId]) -> Result<Vec<outlier_event::Model>, Error> {
        self.allow(Action::Read(Noun::OvertimeOutlier))?;
        let of = one_of(self.db.backend(), outlier_event::Column::FlagId, flags.iter().map(|id| id.0));
        let last = "sequence > (SELECT MAX(l.sequence) - 100 FROM outlier_event l WHERE l.flag_id = outlier_event.flag_id)";
        let events = unscoped::<outlier_event::Entity>().filter(of).filter(Expr::cust(last)).order_by_asc(outlier_event::Column::FlagId);
        Ok(events.order_by_asc(outlier_event::Column::Sequence).all(self.reader()).await?)
    }

    /// The months behind flags, by the flag's person and month: that month and the twelve before, as far as the actor may see them.
    ///
    /// # Errors
    /// As [`Store::allow`].
    pub async fn months_behind(
        &self,
        keys: &[(StaffId, YearMonth)],
    ) -> Result<HashMap<(StaffId, YearMonth), Vec<person_month::Model>>, Error> {
        use person_month::Column as Of;
        let first = |month: YearMonth| month.add_months(-MONTHS_BEFORE);
        let Some((from, to)) = keys.iter().map(|key| first(key.1)).min().zip(keys.iter().map(|key| key.1).max()) else {
            return Ok(HashMap::new());
        };
        let people: BTreeSet<_> = keys.iter().map(|key| key.0.0).collect();
        let rows = self.select::<person_month::Entity>()?.filter(Of::Month.between(from, to));
        let rows = rows.filter(one_of(self.db.backend(), Of::StaffId, people.into_iter())).order_by_asc(Of::Month);
        let rows = rows.all(self.reader()).await?;
        self.note_rows::<person_month::Entity>(rows.iter().map(|row| row.bureau_id.0));
        let mut by_person: HashMap<StaffId, Vec<person_month::Model>> = HashMap::new();
        for row in rows {
            by_person.entry(row.staff_id).or_default().push(row);
        }
        let behind = |&(person, month): &(StaffId, YearMonth)| {
            let rows = by_person.get(&person).into_iter().flatten();
            let rows = rows.filter(|row| (first(month)..=month).contains(&row.month)).cloned().collect();
            ((person, month), rows)
        };
        Ok(keys.iter().map(behind).collect())
    }

    /// How many people of each bureau, and of the office, stand flagged in a month, by category and kind, for whoever may read figures:
    /// protected for those who may not see the persons.
    ///
    /// # Errors
    /// As [`Store::allow`]; `BAD_USER_INPUT` for a month that has not begun.
    pub async fn outlier_counts(&self, month: YearMonth) -> Result<Vec<Count>, Error> {
        self.allow(Action::Read(Noun::IndicatorValue))?;
        check_begun("month", month, self.now())?;
        let persons = self.allow(Action::Read(Noun::OvertimeOutlier)).unwrap_or_default();
        let bureaus = unscoped::<bureau::Entity>().all(self.reader()).await?;
        let by_code: BTreeMap<&str, &bureau::Model> = bureaus.iter().map(|bureau| (bureau.code.as_str(), bureau)).collect();
        let code_of: HashMap<BureauId, &str> = bureaus.iter().map(|bureau| (bureau.id, bureau.code.as_str())).collect();
        let reads = |code: Option<&str>| match code {
            None => persons.is_everything(),
            Some(code) => by_code.get(code).is_some_and(|bureau| persons.bureaus.holds(&bureau.id)),
        };
        let hidden = |code: &str| by_code.get(code).is_none_or(|bureau| bureau.visibility == Visibility::OfficeTotalOnly);
        let of_counts = Condition::all()
            .add(protection::Column::Month.eq(month))
            .add(protection::Column::Span.eq(Span::Month))
            .add(protection::Column::Figure.starts_with(OUTLIER_COUNTS));
        let decided: HashMap<String, BTreeSet<String>> =
            self.withheld(of_counts).await?.into_iter().map(|row| (row.figure, row.withheld.0)).collect();
        let mut counts = Vec::new();
        for ((category, kind), found) in self.flagged(month).await? {
            let mut people: BTreeMap<&str, i64> = found.iter().filter_map(|(id, people)| Some((*code_of.get(id)?, *people))).collect();
            let office = people.values().sum();
            let figure = format!("{OUTLIER_COUNTS}/{}/{}", category.as_text(), kind.as_text());
            let decision = decided.get(&figure);
            // Of a bureau of which nothing is shown, nobody learns that it has none.
            let unseen = decision.into_iter().flatten().filter(|code| *code != TOTAL && by_code.contains_key(code.as_str()));
            unseen.for_each(|code| _ = people.entry(code.as_str()).or_default());
            let withholds = |code: Option<&str>| {
                let is_withheld = decision.is_none_or(|places| places.contains(code.unwrap_or(TOTAL)));
                !reads(code) && (is_withheld || code.is_some_and(hidden))
            };
            let shown = people.iter().filter(|(code, people)| reads(Some(code)) && **people > 0 || !hidden(code));
            let lines = shown.map(|(code, people)| (Some(*code), *people)).chain([(None, office)]);
            counts.extend(lines.map(|(code, people)| Count {
                bureau: code.map(str::to_owned),
                category,
                kind,
                people: (!withholds(code)).then_some(people),
            }));
        }
        Ok(counts)
    }

    /// How many people of which bureau stand flagged, by category and kind; one of a kind stands for a person's month.
    async fn flagged(&self, month: YearMonth) -> Result<BTreeMap<(OutlierCategory, OutlierKind), Vec<(BureauId, i64)>>, Error> {
        let rows = unscoped::<Entity>().select_only().columns([Column::Category, Column::Kind, Column::BureauId]);
        let rows = rows.column_as(Column::Id.count(), "people").filter(Column::Month.eq(month)).filter(Column::WithdrawnAt.is_null());
        let rows = rows.group_by(Column::Category).group_by(Column::Kind).group_by(Column::BureauId);
        let mut found: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (category, kind, bureau, people) in
            rows.into_tuple::<(OutlierCategory, OutlierKind, BureauId, i64)>().all(self.reader()).await?
        {
            found.entry((category, kind)).or_default().push((bureau, people));
        }
        Ok(found)
    }
}

/// The number of a flag's last event, and the last one of its review.
async fn history_end(tx: &WriteTransaction, flag: OvertimeOutlierId) -> Result<(i32, Option<outlier_event::Model>), Error> {
    use outlier_event::Column as Of;
    let events = || unscoped::<outlier_event::Entity>().filter(Of::FlagId.eq(flag)).order_by_desc(Of::Sequence);
    let last = events().one(&**tx).await?.map_or(0, |event| event.sequence);
    let review = [OutlierEventKind::Acknowledged, OutlierEventKind::Explained, OutlierEventKind::ActionTaken, OutlierEventKind::Dismissed];
    Ok((last, events().filter(Of::Kind.is_in(review)).one(&**tx).await?))
}
