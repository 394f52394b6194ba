//! How long nouns are kept: said by administrators, with a reason, in the audit trail.

use crate::store::{Store, record::check_text, unscoped};
use crate::{
    authz::{Action, Noun},
    error::Error,
};
use entity::retention::{self, RetentionNoun, RetentionUnit};
use jobs::transaction;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, IntoActiveModel, QueryFilter};
use serde_json::json;

/// The shortest and the longest period: a slip of the keyboard erases nothing, and a century is for ever.
const YEARS: std::ops::RangeInclusive<i32> = 1..=100;
/// The same in days.
const DAYS: std::ops::RangeInclusive<i32> = 30..=36_500;

impl Store {
    /// Changes how long a noun is kept; the next night's `dispose` goes by it. What is erased does not come back with a longer period.
    ///
    /// # Errors
    /// FORBIDDEN; `BAD_USER_INPUT` without a reason or for a length outside 1 to 100 fiscal years, or 30 to 36,500 days (receipts: 90).
    pub async fn update_retention(&self, noun: RetentionNoun, length: i32, reason: &str) -> Result<retention::Model, Error> {
        self.allow(Action::ManageRetention)?;
        check_text("reason", reason, 1_000)?;
        let tx = self.begin().await?;
        let now = self.now();
        let stored = unscoped::<retention::Entity>().filter(retention::Column::Noun.eq(noun)).one(&*tx).await?;
        let stored = stored.ok_or_else(|| Error::not_found("noun", "保存期間", "period"))?;
        let bounds = match stored.unit {
            RetentionUnit::FiscalYears => YEARS,
            // Callers are promised 90 days for their keys.
            RetentionUnit::Days if noun == RetentionNoun::Receipt => 90..=*DAYS.end(),
            RetentionUnit::Days => DAYS,
        };
        if !bounds.contains(&length) {
            let (first, last) = (bounds.start(), bounds.end());
            let ja = format!("保存期間は{first}から{last}までで指定してください。");
            return Err(Error::input("length", ja, format!("The length is from {first} to {last}.")));
        }
        let counts = json!({ "noun": noun.as_text(), "from": stored.length, "to": length });
        let mut change = stored.into_active_model();
        change.length = Set(length);
        change.changed_at = Set(now);
        change.changed_by = Set(self.actor.principal.subject.clone());
        change.reason = Set(Some(reason.to_owned()));
        let row = change.update(&*tx).await?;
        let reason = Some(reason.to_owned());
        let entry = transaction::AuditAct { record_id: Some(row.id.0), counts, reason, ..self.act("UPDATE", Noun::Retention) };
        transaction::audit(&*tx, now, entry).await?;
        tx.commit().await?;
        Ok(row)
    }
}
