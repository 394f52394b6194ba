//! The close of a month, per bureau: open → submitted by the bureau's officer → closed by the secretariat. A submission can be sent back, or
//! taken back by the bureau, until the month is closed. Writers hold the month's row shared while they write; who submits or closes holds it
//! alone, so that no write slips past a close.

use super::completeness::{self, Completeness, Doubt};
use crate::store::{Store, dialect, record::check_text};
use crate::{
    authz::{Action, Noun},
    error::{Code, Error},
};
use entity::{
    bureau,
    ids::BureauId,
    month_close::{self, CloseState},
    month_source::{self, RecordSource},
    period::YearMonth,
};
use jobs::{
    database::WriteTransaction,
    transaction::{self, AuditAct},
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, Statement};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// A bureau's month, as a caller names it.
#[derive(Debug, Clone)]
pub struct MonthOf {
    /// The bureau's code.
    pub bureau: String,
    /// The month.
    pub month: YearMonth,
}

/// What an officer says with a submission.
#[derive(Debug, Clone, Default)]
pub struct Submission {
    /// The sources that are complete, those without a record too (該当なし); `None` for all but presence that nobody recorded.
    pub complete: Option<Vec<RecordSource>>,
    /// Why it is submitted, where it looks incomplete.
    pub reason: Option<String>,
}

/// What a source wrote in a month, for it to reconcile with its own books.
#[derive(Debug, Clone)]
pub struct Totals {
    /// The table.
    pub noun: String,
    /// Records that count.
    pub records: i64,
    /// Records that are void.
    pub void: i64,
    /// Minutes of the records that count: overtime, planned, telework or leave; null where a record has none.
    pub minutes: Option<i64>,
}

impl Totals {
    fn of(noun: Noun) -> Self {
        Self { noun: noun.table().to_owned(), records: 0, void: 0, minutes: None }
    }
}

/// Of one bureau.
#[derive(FromQueryResult)]
struct TotalsOfBureau {
    noun: String,
    bureau_id: BureauId,
    records: i64,
    void: i64,
    minutes: Option<i64>,
}

fn wrong<T>(ja: &str, en: &str) -> Result<T, Error> {
    Err(Error { field: Some("month".into()), ..Error::new(Code::Conflict, ja, en) })
}

fn one<T>(mut rows: Vec<T>) -> Result<T, Error> {
    rows.pop().ok_or_else(|| Error::internal(&"a month's row vanished between two statements"))
}

impl Store {
    /// Says that a bureau's month is complete, of which sources, and why where it does not look so.
    ///
    /// # Errors
    /// `NOT_FOUND` for a bureau out of scope, CONFLICT where the month is not open, `BAD_USER_INPUT` where it is not over, or where it looks
    /// incomplete and no reason is given.
    pub async fn submit_month(&self, of: &MonthOf, submission: Submission) -> Result<(month_close::Model, Completeness), Error> {
        if let Some(reason) = &submission.reason {
            check_text("reason", reason, 1_000)?;
        }
        let (tx, bureau, row) = self.lock_month(Action::SubmitMonth, of).await?;
        match row.state {
            CloseState::Open => {}
            CloseState::Submitted => return wrong("この月は既に提出されています。", "This month was submitted already."),
            CloseState::Closed => return wrong("この月は既に確定しています。", "This month is closed already."),
        }
        let now_counted = one(completeness::count(&*tx, &[bureau], of.month).await?)?;
        let before = completeness::count(&*tx, &[bureau], of.month.previous()).await?.pop();
        let complete = submission.complete.unwrap_or_else(|| now_counted.sources());
        if submission.reason.is_none()
            && let Some(doubt) = Doubt::of(&now_counted, before.as_ref(), &complete)
        {
            return Err(doubt.error());
        }
        let sources: BTreeMap<RecordSource, i64> = complete.iter().map(|source| (*source, now_counted.count(*source))).collect();
        let change = month_close::ActiveModel {
            id: Set(row.id),
            state: Set(CloseState::Submitted),
            submitted_at: Set(Some(self.now())),
            submitted_by: Set(Some(self.actor.principal.subject.clone())),
            submission_reason: Set(submission.reason.clone()),
            returned_at: Set(None),
            returned_by: Set(None),
            return_reason: Set(None),
            ..Default::default()
        };
        let rows =
            sources.iter().map(|(source, records)| month_source::Model { month_close_id: row.id, source: *source, records: *records });
        transaction::put_all(&*tx, rows.collect(), false).await?;
        // Who reads the trail may see no persons: how many of them have no record is not theirs to know.
        let counts = json!({ "month": of.month.to_string(), "sources": sources.keys().collect::<Vec<_>>() });
        let row = self.moved(tx, bureau, change, ("SUBMIT", counts, submission.reason)).await?;
        Ok((row, now_counted))
    }

    /// Sends a submitted month back to its bureau.
    ///
    /// # Errors
    /// `NOT_FOUND` for an unknown bureau, CONFLICT where the month was not submitted or is closed, `BAD_USER_INPUT` for no reason.
    pub async fn return_month(&self, of: &MonthOf, reason: String) -> Result<month_close::Model, Error> {
        self.take_back(Action::ReturnMonth, of, reason).await
    }

    /// Takes the own bureau's submission back, until the month is closed.
    ///
    /// # Errors
    /// As [`Store::return_month`]; `NOT_FOUND` for a bureau out of scope.
    pub async fn withdraw_month(&self, of: &MonthOf, reason: String) -> Result<month_close::Model, Error> {
        self.take_back(Action::SubmitMonth, of, reason).await
    }

    /// What was said of the sources goes with the submission; the trail has it.
    async fn take_back(&self, act: Action, of: &MonthOf, reason: String) -> Result<month_close::Model, Error> {
        check_text("reason", &reason, 1_000)?;
        let (tx, bureau, row) = self.lock_month(act, of).await?;
        match row.state {
            CloseState::Submitted => {}
            CloseState::Open => return wrong("この月はまだ提出されていません。", "This month was not submitted."),
            CloseState::Closed => return wrong("この月は既に確定しています。", "This month is closed already."),
        }
        month_source::Entity::delete_many().filter(month_source::Column::MonthCloseId.eq(row.id)).exec(&*tx).await?;
        let change = month_close::ActiveModel {
            id: Set(row.id),
            state: Set(CloseState::Open),
            submitted_at: Set(None),
            submitted_by: Set(None),
            submission_reason: Set(None),
            returned_at: Set(Some(self.now())),
            returned_by: Set(Some(self.actor.principal.subject.clone())),
            return_reason: Set(Some(reason.clone())),
            ..Default::default()
        };
        let verb = if act == Action::ReturnMonth { "RETURN" } else { "WITHDRAW" };
        self.moved(tx, bureau, change, (verb, json!({ "month": of.month.to_string() }), Some(reason))).await
    }

    /// Closes a bureau's month: a bureau system can write it no longer.
    ///
    /// # Errors
    /// `NOT_FOUND` for an unknown bureau, CONFLICT where the month was not submitted or is closed, or is not over yet.
    pub async fn close_month(&self, of: &MonthOf) -> Result<month_close::Model, Error> {
        let (tx, bureau, row) = self.lock_month(Action::CloseMonth, of).await?;
        match row.state {
            CloseState::Submitted => {}
            CloseState::Open => {
                return wrong("部局の担当者がまだ提出していません。", "The bureau's officer has not submitted this month yet.");
            }
            CloseState::Closed => return wrong("この月は既に確定しています。", "This month is closed already."),
        }
        let change = month_close::ActiveModel {
            id: Set(row.id),
            state: Set(CloseState::Closed),
            closed_at: Set(Some(self.now())),
            closed_by: Set(Some(self.actor.principal.subject.clone())),
            ..Default::default()
        };
        self.moved(tx, bureau, change, ("CLOSE", json!({ "month": of.month.to_string() }), None)).await
    }

    /// Locks the month of a bureau in the act's scope, alone.
    async fn lock_month(&self, act: Action, of: &MonthOf) -> Result<(WriteTransaction, BureauId, month_close::Model), Error> {
        let scope = self.allow(act)?;
        if of.month.last_day() >= self.today() {
            return Err(Error::input("month", "この月はまだ終わっていません。", "This month is not over yet."));
        }
        let tx = self.begin().await?;
        let bureau = dialect::by_text::<bureau::Entity, _>(&*tx, "code", &BTreeSet::from([of.bureau.as_str()])).await?.pop();
        let bureau = bureau.filter(|bureau| scope.bureaus.holds(&bureau.id) && bureau.void_reason.is_none());
        let bureau = bureau.ok_or_else(|| Error::not_found("bureau", "部局", "bureau"))?;
        let key = BTreeSet::from([(bureau.id, of.month)]);
        self.open_months(&*tx, &key).await?;
        let row = one(dialect::lock_months(&*tx, &key, true).await?)?;
        Ok((tx, bureau.id, row))
    }

    /// Writes the change and its entry of the trail: verb, counts and reason.
    async fn moved(
        &self,
        tx: WriteTransaction,
        bureau: BureauId,
        change: month_close::ActiveModel,
        (verb, counts, reason): (&str, serde_json::Value, Option<String>),
    ) -> Result<month_close::Model, Error> {
        let row = change.update(&*tx).await?;
        // What the bureau says of its sources, or says no longer, makes zeros of what was unknown, or the other way round.
        if transaction::changes_figures(&*tx, bureau, row.month).await? {
            transaction::mark_stale(&*tx, self.now(), None, &[((bureau, row.month), [None].into())].into()).await?;
        }
        let act = AuditAct { bureau_id: Some(bureau), record_id: Some(row.id.0), counts, reason, ..self.act(verb, Noun::MonthClose) };
        transaction::audit(&*tx, self.now(), act).await?;
        tx.commit().await?;
        Ok(row)
    }

    /// What the actor's client wrote in a month, a line for each kind of dated record, within the actor's scope.
    ///
    /// # Errors
    /// As [`Store::allow`].
    pub async fn record_totals(&self, month: YearMonth, client: Option<String>) -> Result<Vec<Totals>, Error> {
        self.allow(Action::Read(Noun::Shift))?;
        if self.actor.principal.client.is_some() && client.as_deref().is_some_and(|client| client != self.actor.client()) {
            return Err(Error::input("client", "他のクライアントの集計は見られません。", "A machine client sees its own totals only."));
        }
        let client = client.unwrap_or_else(|| self.actor.client().to_owned());
        let mut totals: Vec<_> = Noun::dated().map(|(noun, _)| (noun, Totals::of(noun))).collect();
        for row in self.totals_of(month, client).await? {
            let Some((noun, total)) = totals.iter_mut().find(|(noun, _)| noun.table() == row.noun) else { continue };
            // A number of records tells as much as the records.
            let rows = row.records + row.void;
            self.note_counted(*noun, u64::try_from(rows).unwrap_or_default(), [(row.bureau_id, rows)]);
            total.records += row.records;
            total.void += row.void;
            total.minutes = row.minutes.map(|minutes| total.minutes.unwrap_or_default() + minutes).or(total.minutes);
        }
        for (noun, _) in &totals {
            self.note_counted(*noun, 0, []);
        }
        Ok(totals.into_iter().map(|(_, total)| total).collect())
    }

    /// The same by bureau, of the rows that the actor may see.
    async fn totals_of(&self, month: YearMonth, client: String) -> Result<Vec<TotalsOfBureau>, Error> {
        let scope = self.allow(Action::Read(Noun::Shift))?;
        let mut values: Vec<sea_orm::Value> = vec![client.into(), month.first_day().into(), month.next_first_day().into()];
        let mut any: Vec<String> = Vec::new();
        let mut of = |column: &str, ids: Vec<uuid::Uuid>| {
            let first = values.len();
            values.extend(ids.into_iter().map(sea_orm::Value::from));
            let places: Vec<_> = (first + 1..=values.len()).map(|n| format!("${n}")).collect();
            if !places.is_empty() {
                any.push(format!("{column} IN ({})", places.join(", ")));
            }
        };
        if let crate::store::scope::Extent::Some(bureaus) = &scope.bureaus {
            of("bureau_id", bureaus.iter().map(|id| id.0).collect());
            of("unit_id", scope.units.iter().map(|id| id.0).collect());
            of("staff_id", scope.staff_id.iter().map(|id| id.0).collect());
        }
        let scope = match any.as_slice() {
            _ if scope.is_everything() => String::new(),
            [] => "AND 1 = 0".to_owned(),
            any => format!("AND ({})", any.join(" OR ")),
        };
        let lines = Noun::dated().map(|(noun, minutes)| {
            let (table, minutes) = (noun.table(), minutes.unwrap_or("CAST(NULL AS BIGINT)"));
            format!(
                "SELECT '{table}' AS noun, bureau_id, COUNT(CASE WHEN void_reason IS NULL THEN 1 END) AS records,
                    COUNT(void_reason) AS void, CAST(SUM(CASE WHEN void_reason IS NULL THEN {minutes} END) AS BIGINT) AS minutes
                FROM {table} WHERE client = $1 AND date >= $2 AND date < $3 {scope} GROUP BY bureau_id"
            )
        });
        let statement = Statement::from_sql_and_values(self.db.backend(), lines.collect::<Vec<_>>().join(" UNION ALL "), values);
        Ok(TotalsOfBureau::find_by_statement(statement).all(self.reader()).await?)
    }
}
