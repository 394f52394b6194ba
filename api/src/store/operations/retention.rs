//! How long nouns are kept: said by administrators, with a reason, in the audit trail.

use crate::store::{
    Store,
    four_eyes::{Carried, Fate, Gated},
    record::check_text,
    unscoped,
};
use crate::{
    authz::{Action, Noun},
    error::Error,
};
use entity::{
    pending_change::{ChangeAct, FourEyesKind},
    retention::{self, RetentionNoun, RetentionUnit},
};
use jobs::{database::WriteTransaction, transaction};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, IntoActiveModel, QueryFilter};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The shortest and the longest period: a slip of the keyboard erases nothing, and a century is for ever.
const YEARS: std::ops::RangeInclusive<i32> = 1..=100;
/// The same in days.
const DAYS: std::ops::RangeInclusive<i32> = 30..=36_500;

/// A period that is asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Period {
    /// Of what.
    pub noun: RetentionNoun,
    /// How long, in the unit in which it is kept.
    pub length: i32,
    /// Why.
    pub reason: String,
}

impl Period {
    async fn stored(&self, tx: &WriteTransaction) -> Result<retention::Model, Error> {
        let stored = unscoped::<retention::Entity>().filter(retention::Column::Noun.eq(self.noun)).one(&**tx).await?;
        stored.ok_or_else(|| Error::not_found("noun", "保存期間", "period"))
    }
}

impl Gated for Period {
    type Done = retention::Model;
    const ACT: ChangeAct = ChangeAct::UpdateRetention;

    fn kind(&self) -> FourEyesKind {
        FourEyesKind::Retention
    }
    fn action(&self) -> Action {
        Action::ManageRetention
    }
    fn target(&self) -> String {
        format!("retention/{}", self.noun.as_text())
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.reason)
    }
    fn check(&self) -> Result<(), Error> {
        check_text("reason", &self.reason, 1_000)
    }

    async fn before(&self, _: &Store, tx: &WriteTransaction) -> Result<Value, Error> {
        let stored = self.stored(tx).await?;
        Ok(json!({ "noun": stored.noun.as_text(), "length": stored.length, "unit": stored.unit.as_text() }))
    }

    async fn carry_out(&self, store: &Store, tx: &WriteTransaction) -> Result<Carried<retention::Model>, Error> {
        let (now, length, stored) = (store.now(), self.length, self.stored(tx).await?);
        let bounds = match stored.unit {
            RetentionUnit::FiscalYears => YEARS,
            // Callers are promised 90 days for their keys.
            RetentionUnit::Days if self.noun == RetentionNoun::Receipt => 90..=*DAYS.end(),
            RetentionUnit::Days => DAYS,
        };
        if !bounds.contains(&length) {
            let (first, last) = (bounds.start(), bounds.end());
            let ja = format!("保存期間は{first}から{last}までで指定してください。");
            return Err(Error::input("length", ja, format!("The length is from {first} to {last}.")));
        }
        let counts = json!({ "noun": self.noun.as_text(), "from": stored.length, "to": length });
        let mut change = stored.into_active_model();
        change.length = Set(length);
        change.changed_at = Set(now);
        change.changed_by = Set(store.actor.principal.subject.clone());
        change.reason = Set(Some(self.reason.clone()));
        let row = change.update(&**tx).await?;
        let reason = Some(self.reason.clone());
        let entry = transaction::AuditAct { record_id: Some(row.id.0), counts, reason, ..store.act("UPDATE", Noun::Retention) };
        transaction::audit(&**tx, now, entry).await?;
        Ok(Carried::Changed(row))
    }

    fn after(&self, done: &retention::Model) -> Value {
        json!({ "noun": done.noun.as_text(), "length": done.length, "unit": done.unit.as_text() })
    }
    fn shortens(&self, before: &Value) -> bool {
        before["length"].as_i64().is_none_or(|length| i64::from(self.length) < length)
    }
}

impl Store {
    /// Changes how long a noun is kept; the next night's `dispose` goes by it. What is erased does not come back with a longer period.
    ///
    /// # Errors
    /// FORBIDDEN; `BAD_USER_INPUT` without a reason or for a length outside 1 to 100 fiscal years, or 30 to 36,500 days (receipts: 90);
    /// CONFLICT where another change of it waits.
    pub async fn update_retention(&self, period: &Period) -> Result<Fate<retention::Model>, Error> {
        self.submit(period).await
    }
}
