//! The withdrawal of a wrong vintage: values that one run computed are taken out of every list, and the values before them are the latest again.
//!
//! A withdrawn value becomes a row of another table. So no reader of figures can meet it, whichever statement it asks by, and at whichever
//! instant: lists, series, protection, jobs and drafts read `indicator_value` alone. Its place in the chain of vintages closes over it.
//! Deliberately absent: the way back, for what is to be there again is computed anew; and the values that rest on withdrawn ones, such as years
//! to date, which are withdrawn by themselves or computed anew.

use crate::{
    authz::{Action, Noun},
    error::Error,
    store::{Store, page::one_of, record::check_text, unscoped},
};
use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    horizon::has_begun,
    ids::{JobRunId, VintageWithdrawalId},
    indicator_value::{Column, Entity},
    job_run::{self, JobName, RunState, Trigger},
    measure_cell::Span,
    period::YearMonth,
    snapshot, vintage_withdrawal,
};
use jobs::{
    database::WriteTransaction,
    follow_up::snapshot::PartLine,
    indicators::{Definition, find},
    transaction::{self, NewRun},
};
use sea_orm::{ColumnTrait, ConnectionTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Statement, Value};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeSet;

/// Values that one run computed.
#[derive(Debug, Clone)]
pub struct Vintage {
    /// The run.
    pub run: JobRunId,
    /// Of spans that end with this month; of all that it computed without.
    pub month: Option<YearMonth>,
    /// Of these indicators; of all without.
    pub indicators: Option<Vec<&'static Definition>>,
}

/// When the values of an indicator and span were the latest.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
struct Held {
    indicator: String,
    span: Span,
    month: YearMonth,
    computed_at: DateTime<Utc>,
    superseded_at: Option<DateTime<Utc>>,
}

impl Vintage {
    /// The codes of the indicators in order, separated by spaces; none where all are meant.
    fn codes(&self) -> Option<String> {
        let codes: BTreeSet<_> = self.indicators.as_ref()?.iter().map(|definition| definition.code).collect();
        Some(codes.into_iter().collect::<Vec<_>>().join(" "))
    }

    /// SQL that tells the values, whose parameters follow those in `values`, to which they are added.
    fn condition(&self, values: &mut Vec<Value>) -> String {
        values.push(self.run.into());
        let mut all = vec![format!("run_id = ${}", values.len())];
        if let Some(month) = self.month {
            values.push(month.into());
            all.push(format!("month = ${}", values.len()));
        }
        if let Some(indicators) = &self.indicators {
            let places = indicators.iter().map(|definition| {
                values.push(definition.code.into());
                format!("${}", values.len())
            });
            let places: Vec<_> = places.collect();
            all.push(format!("indicator IN ({})", places.join(", ")));
        }
        all.join(" AND ")
    }
}

/// The columns that a value keeps.
const COLUMNS: &str = "id, indicator, version, span, month, bureau, sex, band, numerator, denominator, numerator_persons,
    denominator_persons, covered, expected, as_of, computed_at, run_id, superseded_at, superseded_by, is_public";

/// Readers who see no persons meet nothing in place of a withdrawn value that they met, until the month is computed and decided anew: the one before
/// may differ from it by one person.
///
/// The value before a withdrawn one is superseded by what had superseded that one, or by nothing: then it is the latest again. Where a run that
/// was resumed computed a place twice, the later of its values counts.
const CLOSE: &str = "UPDATE indicator_value SET superseded_at = w.superseded_at, superseded_by = w.superseded_by
    FROM withdrawn_value w
    WHERE w.withdrawal_id = $1 AND (w.superseded_by IS NULL OR w.superseded_by <> w.run_id)
      AND indicator_value.superseded_by = w.run_id
      AND indicator_value.indicator = w.indicator AND indicator_value.span = w.span AND indicator_value.month = w.month
      AND indicator_value.bureau = w.bureau AND indicator_value.sex = w.sex AND indicator_value.band = w.band";

impl Store {
    /// Takes values that a run computed out of every list, for a reason; sent twice it is done once.
    ///
    /// # Errors
    /// FORBIDDEN; `BAD_USER_INPUT`; `NOT_FOUND` for an unknown run; CONFLICT where nothing of it is there, where a snapshot rests on it, and,
    /// for a while, where figures are being computed.
    pub async fn withdraw_vintage(&self, vintage: &Vintage, reason: &str) -> Result<(job_run::Model, vintage_withdrawal::Model), Error> {
        self.allow(Action::ManageRuns)?;
        check_text("reason", reason, 1_000)?;
        let tx = self.begin().await?;
        let run = unscoped::<job_run::Entity>().filter(job_run::Column::Id.eq(vintage.run)).one(&*tx).await?;
        let run = run.ok_or_else(|| Error::not_found("run", "実行", "run"))?;
        check_quiet(&tx).await?;
        let held = held(&tx, vintage).await?;
        if held.is_empty() {
            let again = withdrawals(&*tx, &[vintage.run])
                .await?
                .into_iter()
                .find(|row| (row.month, row.indicators.as_ref(), row.reason.as_str()) == (vintage.month, vintage.codes().as_ref(), reason));
            return again.map(|row| (run, row)).ok_or_else(|| {
                let en = "None of these values is there: the run computed none, or they were withdrawn already.";
                Error::conflict("run", "該当する値がありません。この実行では算出されていないか、既に取り下げられています。", en)
            });
        }
        check_rests(&tx, &held).await?;
        let row = self.move_out(&tx, vintage, reason).await?;
        self.forget_months_to_come(&tx, &held, reason).await?;
        let counts = json!({ "month": row.month.map(|month| month.to_string()), "indicators": row.indicators, "values": row.value_count });
        let entry = transaction::AuditAct {
            run_id: Some(run.id),
            counts,
            reason: Some(reason.to_owned()),
            ..self.act("WITHDRAW", Noun::IndicatorValue)
        };
        transaction::audit(&*tx, row.withdrawn_at, entry).await?;
        tx.commit().await?;
        self.ledger.wake();
        Ok((run, row))
    }

    /// Moves the values to the table of withdrawn ones, and closes the chain over them.
    async fn move_out(&self, tx: &WriteTransaction, vintage: &Vintage, reason: &str) -> Result<vintage_withdrawal::Model, Error> {
        let id = VintageWithdrawalId::new();
        let statement = |sql: String, values| Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
        let mut values = Vec::new();
        let condition = vintage.condition(&mut values);
        let count = tx.query_one_raw(statement(format!("SELECT COUNT(*) FROM indicator_value WHERE {condition}"), values.clone())).await?;
        let value_count = count.map_or(Ok(0), |row| row.try_get_by_index(0))?;
        let row = vintage_withdrawal::Model {
            id,
            run_id: vintage.run,
            month: vintage.month,
            indicators: vintage.codes(),
            value_count,
            withdrawn_at: self.now(),
            withdrawn_by: self.actor.principal.subject.clone(),
            reason: reason.to_owned(),
        };
        transaction::put_all(&**tx, vec![row.clone()], false).await?;
        let mut moved = vec![id.into()];
        let of = vintage.condition(&mut moved);
        let put = format!("INSERT INTO withdrawn_value (withdrawal_id, {COLUMNS}) SELECT $1, {COLUMNS} FROM indicator_value WHERE {of}");
        tx.execute_raw(statement(put, moved)).await?;
        tx.execute_raw(statement(format!("DELETE FROM indicator_value WHERE {condition}"), values)).await?;
        tx.execute_raw(statement(CLOSE.to_owned(), vec![id.into()])).await?;
        Ok(row)
    }

    /// A month that has not begun and of whose figures none is left has no ground for any: what was summed for it goes too. It is computed
    /// when it begins, as every month is.
    async fn forget_months_to_come(&self, tx: &WriteTransaction, held: &[Held], reason: &str) -> Result<(), Error> {
        let mut months: BTreeSet<YearMonth> = held.iter().map(|held| held.month).filter(|month| !has_begun(*month, self.now())).collect();
        if months.is_empty() {
            return Ok(());
        }
        let left = unscoped::<Entity>().select_only().column(Column::Month).distinct().filter(Column::Month.is_in(months.iter().copied()));
        for month in left.into_tuple::<YearMonth>().all(&**tx).await? {
            months.remove(&month);
        }
        let Some(first) = months.first() else { return Ok(()) };
        let key = format!("{}/withdrawn/{first}/{}", JobName::OvertimeOutliers.as_kebab(), VintageWithdrawalId::new());
        let places: Vec<_> = (1..=months.len()).map(|place| format!("${place}")).collect();
        for table in ["person_month", "measure_cell", "stale_mark"] {
            let sql = format!("DELETE FROM {table} WHERE month IN ({})", places.join(", "));
            let values: Vec<Value> = months.iter().map(|month| (*month).into()).collect();
            tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await?;
        }
        // Flags of months that nobody has any more are withdrawn by their own job.
        let judge = NewRun::new(JobName::OvertimeOutliers, Trigger::Manual, key, self.actor.principal.subject.clone());
        transaction::enqueue(&**tx, self.now(), NewRun { reason: Some(reason.to_owned()), ..judge }).await?;
        Ok(())
    }

    /// What was withdrawn of these runs' values, the first withdrawal of each first.
    ///
    /// # Errors
    /// As [`Store::allow`]; INTERNAL when the database does not answer.
    pub async fn vintage_withdrawals(&self, runs: &[JobRunId]) -> Result<Vec<vintage_withdrawal::Model>, Error> {
        self.allow(Action::Read(Noun::JobRun))?;
        withdrawals(self.reader(), runs).await
    }
}

async fn withdrawals<C: ConnectionTrait>(db: &C, runs: &[JobRunId]) -> Result<Vec<vintage_withdrawal::Model>, Error> {
    use vintage_withdrawal::Column as Of;
    let of = one_of(db.get_database_backend(), Of::RunId, runs.iter().map(|id| id.0));
    let rows = unscoped::<vintage_withdrawal::Entity>().filter(of).order_by_asc(Of::WithdrawnAt).order_by_asc(Of::Id);
    Ok(rows.all(db).await?)
}

/// Checks that no figures are being computed: a run knows the latest values, and writes what takes their place.
async fn check_quiet(tx: &WriteTransaction) -> Result<(), Error> {
    use job_run::Column as Of;
    let going = unscoped::<job_run::Entity>().filter(Of::Job.eq(JobName::MonthlyIndicators));
    let going = going.filter(Of::State.is_in([RunState::Running, RunState::Cancelling]));
    if going.one(&**tx).await?.is_none() {
        return Ok(());
    }
    let en = "Figures are being computed. Wait for the run of MONTHLY_INDICATORS to end.";
    Err(Error::conflict("run", "指標を集計中です。集計の終了後にもう一度実行してください。", en).retry())
}

/// When the values were the latest, each indicator and span once.
async fn held(tx: &WriteTransaction, vintage: &Vintage) -> Result<Vec<Held>, Error> {
    let rows = unscoped::<Entity>().select_only().distinct();
    let rows = rows.columns([Column::Indicator, Column::Span, Column::Month, Column::ComputedAt, Column::SupersededAt]);
    let mut rows = rows.filter(Column::RunId.eq(vintage.run));
    if let Some(month) = vintage.month {
        rows = rows.filter(Column::Month.eq(month));
    }
    if let Some(indicators) = &vintage.indicators {
        rows = rows.filter(Column::Indicator.is_in(indicators.iter().map(|definition| definition.code)));
    }
    Ok(rows.into_model::<Held>().all(&**tx).await?)
}

/// What of a manifest tells on which figures a snapshot rests.
#[derive(Deserialize)]
struct Parts {
    parts: Vec<PartLine>,
}

/// Checks that no snapshot rests on the values, and so no release: what is public is explained by what there was.
async fn check_rests(tx: &WriteTransaction, held: &[Held]) -> Result<(), Error> {
    use snapshot::Column as Of;
    let Some(first) = held.iter().map(|held| held.computed_at).min() else { return Ok(()) };
    let taken = unscoped::<snapshot::Entity>().filter(Of::Manifest.is_not_null()).filter(Of::AsOf.gte(first));
    for row in taken.order_by_asc(Of::AsOf).all(&**tx).await? {
        let parts: Parts = serde_json::from_str(row.manifest.as_deref().unwrap_or_default()).map_err(|error| Error::internal(&error))?;
        if held.iter().any(|held| rests(&parts.parts, row.as_of, held)) {
            let name = format!("{} FY{} {}", row.plan, row.fiscal_year.as_i32(), row.version);
            let ja = format!("フォローアップのスナップショット（{name}）がこの値に基づいているため、取り下げられません。");
            return Err(Error::conflict("run", ja, format!("The snapshot of {name} rests on these values; they stay.")));
        }
    }
    Ok(())
}

/// Whether a snapshot was taken while the values were the latest, and holds what they are made of.
fn rests(parts: &[PartLine], as_of: DateTime<Utc>, held: &Held) -> bool {
    if as_of < held.computed_at || held.superseded_at.is_some_and(|at| at <= as_of) {
        return false;
    }
    let Some(definition) = find(&held.indicator) else { return true };
    let measures = [definition.numerator.measure, definition.denominator.measure].map(|measure| measure.to_string());
    let days = (super::first_month(held.span, held.month).first_day(), held.month.last_day());
    let meet = |(from, to): (NaiveDate, NaiveDate)| from <= days.1 && days.0 <= to;
    parts.iter().any(|part| meet((part.date_from, part.date_to)) && part.columns.iter().any(|column| measures.contains(column)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use jobs::follow_up::snapshot::PartKind;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn part(from: &str, to: &str, measure: &str) -> PartLine {
        PartLine {
            kind: PartKind::PersonMonths,
            date_from: from.parse().unwrap(),
            date_to: to.parse().unwrap(),
            columns: vec![measure.to_owned()],
            rows: 0,
            sha256: String::new(),
        }
    }

    #[test]
    fn a_snapshot_rests_on_what_was_the_latest_when_it_was_taken() {
        let definition = find("MEAN_OVERTIME_HOURS").unwrap();
        let measure = definition.numerator.measure.to_string();
        let year = [part("2019-04-01", "2020-03-31", &measure)];
        let held = |month: &str, superseded: Option<&str>| Held {
            indicator: definition.code.to_owned(),
            span: Span::Month,
            month: month.parse().unwrap(),
            computed_at: at("2020-04-10T00:00:00Z"),
            superseded_at: superseded.map(at),
        };
        let taken = at("2020-05-01T00:00:00Z");
        assert!(rests(&year, taken, &held("2019-04", None)) && rests(&year, taken, &held("2020-03", None)));
        assert!(!rests(&year, taken, &held("2020-04", None)) && !rests(&year, taken, &held("2019-03", None)), "another year");
        assert!(!rests(&year, at("2020-04-09T00:00:00Z"), &held("2020-03", None)), "it was computed later");
        assert!(!rests(&year, taken, &held("2020-03", Some("2020-05-01T00:00:00Z"))), "another took its place before");
        assert!(rests(&year, taken, &held("2020-03", Some("2020-05-01T00:00:01Z"))));
        assert!(!rests(&[part("2019-04-01", "2020-03-31", "OTHER")], taken, &held("2020-03", None)), "it holds none of it");
        let to_date = Held { span: Span::FiscalYearToDate, ..held("2020-04", None) };
        assert!(!rests(&year, taken, &to_date), "of a year to date the first month is April");
        assert!(rests(&year, taken, &Held { span: Span::CalendarYearToDate, ..held("2020-04", None) }));
    }

    #[test]
    fn a_vintage_is_told_by_numbered_places() {
        let run = JobRunId::new();
        let told = |vintage: &Vintage, mut values: Vec<Value>| (vintage.condition(&mut values), values.len());
        let all = Vintage { run, month: None, indicators: None };
        assert_eq!((told(&all, Vec::new()), all.codes()), (("run_id = $1".to_owned(), 1), None));
        let indicators = Some(["WOMEN_STAFF", "MEAN_OVERTIME_HOURS"].map(|code| find(code).unwrap()).to_vec());
        let some = Vintage { run, month: Some("2020-03".parse().unwrap()), indicators };
        let sql = "run_id = $2 AND month = $3 AND indicator IN ($4, $5)".to_owned();
        assert_eq!(told(&some, vec![run.into()]), (sql, 5));
        assert_eq!(some.codes().as_deref(), Some("MEAN_OVERTIME_HOURS WOMEN_STAFF"));
    }
}
