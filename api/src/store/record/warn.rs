//! What is worth a second look in records that were written. Nothing is refused for it, for sources are sometimes right; it stands in the
//! receipt, and is counted by client, so that a source that often errs is found.
//!
//! The rules are pure ([`crate::store::rules::doubts`]); [`Look`] asks for what they need to know, once a call and not once a record. It tells
//! of other people's records only what the caller may read.

use super::{
    Call, Draft, Recordable, Taken, check_key,
    decide::{Decision, final_state},
};
use crate::{
    authz::{Action, Noun},
    error::Error,
    store::{
        Store, dialect,
        dialect::Window,
        rules::doubts::{self, DaysOff, LeaveOfDay, LeaveOfYear, WorkOfDay},
        scope::RowScope,
        unscoped,
    },
};
use chrono::NaiveDate;
use entity::{
    holiday,
    ids::ReceiptId,
    receipt_warning::{self, RecordWarningCode},
    start_stage,
};
use jobs::{database::WriteTransaction, transaction};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect, sea_query::Expr};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The most warnings that a receipt lists; it tells how many there are.
pub const MOST_WARNINGS: usize = 1_000;

/// How many warnings of each code.
pub(super) type Counts = BTreeMap<RecordWarningCode, i64>;

/// What is worth a second look in one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// Of which kind.
    pub code: RecordWarningCode,
    /// The input field.
    pub field: &'static str,
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
}

/// A doubt about one record of a call, as its receipt keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// The record's place in the call, counted from 0.
    pub index: i32,
    /// Its key.
    pub key: String,
    /// The input field.
    pub field: String,
    /// Of which kind.
    pub code: RecordWarningCode,
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
}

/// A record that the call has written and that counts.
#[derive(Debug)]
pub struct Written<'a, M, D> {
    /// Its place in the call.
    pub index: usize,
    /// As it was sent.
    pub draft: &'a D,
    /// As it was written.
    pub row: &'a M,
}

/// How many warnings of one code a client's calls had.
#[derive(Debug, Clone, PartialEq, Eq, sea_orm::FromQueryResult)]
pub struct Counted {
    /// The client that called.
    pub client: String,
    /// The code.
    pub code: RecordWarningCode,
    /// How many warnings.
    pub warnings: i64,
    /// In how many calls.
    pub calls: i64,
}

/// The days off around these dates, in one statement.
///
/// # Errors
/// INTERNAL when the database does not answer.
pub async fn days_off(tx: &WriteTransaction, dates: impl Iterator<Item = NaiveDate> + Send) -> Result<DaysOff, Error> {
    let dates: BTreeSet<NaiveDate> = dates.collect();
    let (Some(first), Some(last)) = (dates.first(), dates.last()) else { return Ok(DaysOff::default()) };
    let span = doubts::years(*first, *last);
    let query = unscoped::<holiday::Entity>().filter(holiday::Column::VoidReason.is_null());
    let query = query.filter(holiday::Column::Date.between(span.0, span.1)).select_only().column(holiday::Column::Date);
    Ok(DaysOff::of(query.into_tuple::<NaiveDate>().all(&**tx).await?))
}

/// What may be asked beyond the call's own records.
pub struct Look<'a> {
    store: &'a Store,
    tx: &'a WriteTransaction,
}

impl Look<'_> {
    /// Which rows of a noun the caller may read.
    #[must_use]
    pub fn seen(&self, noun: Noun) -> RowScope {
        self.store.allow(Action::Read(noun)).unwrap_or_default()
    }

    /// The days off around these dates.
    ///
    /// # Errors
    /// INTERNAL when the database does not answer.
    pub async fn days_off(&self, dates: impl Iterator<Item = NaiveDate> + Send) -> Result<DaysOff, Error> {
        days_off(self.tx, dates).await
    }

    /// All stages of the start of work that count.
    ///
    /// # Errors
    /// INTERNAL when the database does not answer.
    pub async fn start_stages(&self) -> Result<Vec<start_stage::Model>, Error> {
        Ok(unscoped::<start_stage::Entity>().filter(start_stage::Column::VoidReason.is_null()).all(&**self.tx).await?)
    }

    /// Leave within these windows that the caller may read.
    ///
    /// # Errors
    /// INTERNAL when the database does not answer.
    pub async fn leave_of_days(&self, windows: &[Window]) -> Result<Vec<LeaveOfDay>, Error> {
        let (columns, scope) = ("r.staff_id, r.bureau_id, r.unit_id, r.date, r.minutes", self.seen(Noun::LeaveEntry));
        let mut rows: Vec<LeaveOfDay> = dialect::select_in_windows(&**self.tx, "leave_entry", columns, windows, "").await?;
        rows.retain(|row| scope.covers(row.bureau_id, row.unit_id, row.staff_id));
        Ok(rows)
    }

    /// Work within the schedule on these windows' days that the caller may read.
    ///
    /// # Errors
    /// INTERNAL when the database does not answer.
    pub async fn work_of_days(&self, windows: &[Window]) -> Result<Vec<WorkOfDay>, Error> {
        let columns = "r.staff_id, r.bureau_id, r.unit_id, r.date, r.ordinary_minutes, r.scheduled_start, r.scheduled_end";
        let scope = self.seen(Noun::Shift);
        let mut rows: Vec<WorkOfDay> =
            dialect::select_in_windows(&**self.tx, "shift", columns, windows, "AND r.ordinary_minutes > 0").await?;
        rows.retain(|row| scope.covers(row.bureau_id, row.unit_id, row.staff_id));
        Ok(rows)
    }

    /// Leave of each kind in these years, a window each, that the caller may read.
    ///
    /// # Errors
    /// INTERNAL when the database does not answer.
    pub async fn leave_of_years(&self, years: &[Window]) -> Result<Vec<LeaveOfYear>, Error> {
        let columns = "r.staff_id, r.bureau_id, r.unit_id, r.kind, w.first AS first, CAST(SUM(r.minutes) AS BIGINT) AS minutes";
        let groups = "GROUP BY r.staff_id, r.bureau_id, r.unit_id, r.kind, w.first";
        let scope = self.seen(Noun::LeaveEntry);
        let mut rows: Vec<LeaveOfYear> = dialect::select_in_windows(&**self.tx, "leave_entry", columns, years, groups).await?;
        rows.retain(|row| scope.covers(row.bureau_id, row.unit_id, row.staff_id));
        Ok(rows)
    }
}

impl Store {
    /// The warnings of what a call has written, the first of them in the records' order, and how many there are of each code.
    pub(super) async fn warnings<M: Recordable>(
        &self,
        tx: &WriteTransaction,
        call: &Call<M::Draft>,
        decisions: &[Decision<M>],
        stored: &BTreeMap<Uuid, M>,
        (world, taken): (&M::World, &[Taken]),
    ) -> Result<(Counts, Vec<Warning>), Error> {
        let rows = decisions.iter().enumerate().filter_map(|(index, decision)| Some((index, decision.row()?)));
        let rows = rows.filter(|(_, row)| row.meta().void_reason.is_none());
        let written: Vec<Written<'_, M, M::Draft>> = rows.map(|(index, row)| Written { index, draft: &call.records[index], row }).collect();
        if written.is_empty() {
            return Ok((Counts::new(), Vec::new()));
        }
        dialect::plan_anew(&**tx, true).await?;
        let mut found = M::doubts(&Look { store: self, tx }, &written, &final_state(decisions, stored), world).await?;
        dialect::plan_anew(&**tx, false).await?;
        found.extend(written.iter().enumerate().flat_map(|(at, record)| doubts::ends(record.draft.ends()).map(move |doubt| (at, doubt))));
        let of_names = written
            .iter()
            .enumerate()
            .flat_map(|(at, record)| taken.iter().filter(|taken| taken.index == record.index).map(move |taken| (at, taken.doubt())));
        found.extend(of_names);
        found.sort_by_key(|(at, doubt)| (*at, doubt.code, doubt.field));
        let mut counts = Counts::new();
        for (_, doubt) in &found {
            *counts.entry(doubt.code).or_default() += 1;
        }
        let told = found.into_iter().take(MOST_WARNINGS).map(|(at, Doubt { code, field, ja, en })| Warning {
            index: i32::try_from(written[at].index).unwrap_or(i32::MAX),
            key: written[at].draft.key().to_owned(),
            field: field.to_owned(),
            code,
            ja,
            en,
        });
        Ok((counts, told.collect()))
    }

    /// Keeps how many warnings a call had. Each call has rows of its own, so that calls of one client never wait for each other.
    pub(super) async fn count_warnings(&self, tx: &WriteTransaction, receipt_id: ReceiptId, counts: Counts) -> Result<(), Error> {
        let (client, day) = (self.actor.client(), self.today());
        let row = |(code, warnings)| receipt_warning::Model { receipt_id, code, client: client.to_owned(), day, warnings };
        Ok(transaction::put_all(&**tx, counts.into_iter().map(row).collect(), false).await?)
    }

    /// How many warnings of which code each client's calls had on the days `[from, to)`, by client and code.
    ///
    /// # Errors
    /// FORBIDDEN but to the secretariat and administrators; `BAD_USER_INPUT` for a client whose code is none.
    pub async fn warning_counts(&self, from: NaiveDate, to: NaiveDate, client: Option<&str>) -> Result<Vec<Counted>, Error> {
        use receipt_warning::Column;
        self.allow(Action::CountWarnings)?;
        client.map_or(Ok(()), |client| check_key(client, "client"))?;
        let query = unscoped::<receipt_warning::Entity>().filter(Column::Day.gte(from)).filter(Column::Day.lt(to));
        let query = query.filter(sea_orm::Condition::all().add_option(client.map(|client| Column::Client.eq(client))));
        let query = query.select_only().column(Column::Client).column(Column::Code);
        let sum = Expr::cust("CAST(SUM(receipt_warning.warnings) AS BIGINT)");
        let query = query.column_as(sum, "warnings").column_as(Column::ReceiptId.count(), "calls");
        let query = query.group_by(Column::Client).group_by(Column::Code);
        let mut rows: Vec<Counted> = query.into_model().all(self.reader()).await?;
        rows.sort_by(|a, b| (&a.client, a.code).cmp(&(&b.client, b.code)));
        Ok(rows)
    }
}
