//! The close of a month, per bureau: open → submitted by the bureau's officer → closed by the secretariat. Writers hold the month's row
//! shared while they write; who submits or closes holds it alone, so that no write slips past a close.

use crate::store::{Store, dialect};
use crate::{
    authz::{Action, Noun},
    error::{Code, Error},
};
use entity::{
    bureau,
    ids::BureauId,
    month_close::{self, CloseState},
    period::YearMonth,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, FromQueryResult, Statement};
use std::collections::BTreeSet;

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

impl Store {
    /// Says that a bureau's month is complete.
    ///
    /// # Errors
    /// `NOT_FOUND` for a bureau out of scope, CONFLICT where the month is not open.
    pub async fn submit_month(&self, bureau: &str, month: YearMonth) -> Result<month_close::Model, Error> {
        self.move_month(Action::SubmitMonth, bureau, month).await
    }

    /// Closes a bureau's month: a bureau system can write it no longer.
    ///
    /// # Errors
    /// `NOT_FOUND` for an unknown bureau, CONFLICT where the month was not submitted or is closed, or is not over yet.
    pub async fn close_month(&self, bureau: &str, month: YearMonth) -> Result<month_close::Model, Error> {
        self.move_month(Action::CloseMonth, bureau, month).await
    }

    async fn move_month(&self, act: Action, bureau: &str, month: YearMonth) -> Result<month_close::Model, Error> {
        let scope = self.allow(act)?;
        if month.last_day() >= self.today() {
            return Err(Error::input("month", "この月はまだ終わっていません。", "This month is not over yet."));
        }
        let tx = self.begin().await?;
        let bureau = dialect::by_text::<bureau::Entity, _>(&*tx, "code", &BTreeSet::from([bureau])).await?.pop();
        let bureau = bureau.filter(|bureau| scope.bureaus.holds(&bureau.id) && bureau.void_reason.is_none());
        let bureau = bureau.ok_or_else(|| Error::not_found("bureau", "部局", "bureau"))?;
        let key = BTreeSet::from([(bureau.id, month)]);
        self.open_months(&*tx, &key).await?;
        let row = dialect::lock_months(&*tx, &key, true).await?.pop();
        let row = row.ok_or_else(|| Error::internal(&"a month's row vanished between two statements"))?;
        let wrong = |ja: &str, en: &str| Err(Error { field: Some("month".into()), ..Error::new(Code::Conflict, ja, en) });
        let (id, now, who) = (row.id, self.now(), self.actor.principal.subject.clone());
        let mut change = month_close::ActiveModel { id: Set(id), ..Default::default() };
        let verb = match (act, row.state) {
            (Action::SubmitMonth, CloseState::Open) => {
                change.state = Set(CloseState::Submitted);
                change.submitted_at = Set(Some(now));
                change.submitted_by = Set(Some(who));
                "SUBMIT"
            }
            (Action::CloseMonth, CloseState::Submitted) => {
                change.state = Set(CloseState::Closed);
                change.closed_at = Set(Some(now));
                change.closed_by = Set(Some(who));
                "CLOSE"
            }
            (Action::CloseMonth, CloseState::Open) => {
                return wrong("部局の担当者がまだ提出していません。", "The bureau's officer has not submitted this month yet.");
            }
            (_, CloseState::Closed) => return wrong("この月は既に締め切られています。", "This month is closed already."),
            _ => return wrong("この月は既に提出されています。", "This month was submitted already."),
        };
        let row = change.update(&*tx).await?;
        let entry = jobs::transaction::AuditAct {
            bureau_id: Some(bureau.id),
            record_id: Some(id.0),
            counts: serde_json::json!({ "month": month.to_string() }),
            ..self.act(verb, Noun::MonthClose)
        };
        jobs::transaction::audit(&*tx, now, entry).await?;
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
