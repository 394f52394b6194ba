//! How figures count: whole versions, said by administrators, with a reason, in the audit trail; the latest is in force for all months.
//!
//! Deliberately absent: what a version makes of a figure, which is `jobs::indicators`', and a version for some months alone: a definition holds
//! for all of them, and former values keep what they were computed by.

use super::Shared;
use crate::store::{
    Store, dialect,
    four_eyes::{Carried, Fate, Gated},
    record::{check_begun, check_date, check_text},
    unscoped,
};
use crate::{
    authz::{Action, Noun},
    error::Error,
    words::{Month, Standing},
};
use async_graphql::InputObject;
use entity::{
    counting_rule::{Codes, Column, Entity, Model, Standings},
    pending_change::{ChangeAct, FourEyesKind},
};
use jobs::{
    database::WriteTransaction,
    indicators::{self, Counted},
    transaction,
};
use sea_orm::{ConnectionTrait, QueryOrder};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

/// How figures are to count from now on, for all months.
#[derive(Debug, Clone, Serialize, Deserialize, InputObject)]
#[graphql(name = "SetCountingRuleInput")]
pub struct CountingRuleDraft {
    /// The first month of which figures speak, such as that of the installation; null for the first with records. What lies before it is in no year
    /// to date.
    pub first_month: Option<Month>,
    /// A value that covers a smaller share of its people than so many percent, 0 to 100, is partial.
    pub coverage_percent: i32,
    /// Whom figures of careers count: ranks, hires, separation, service, pay, childcare leave. At least one.
    pub careers: Vec<Standing>,
    /// Whom figures of work count: overtime, telework, leave, leaving on time, staggered hours. At least one.
    pub work: Vec<Standing>,
    /// Codes of figures of careers whose values of the whole office are published whatever their size, as the Act has it for ranks and hires; as
    /// they are without it. What readers have met stays met.
    pub published: Option<Vec<String>>,
    /// Why, for the audit trail.
    pub reason: String,
}

impl CountingRuleDraft {
    /// The row as `stored` would be with these words.
    fn apply(&self, stored: Model) -> Model {
        Model {
            first_month: self.first_month.map(|month| month.0),
            coverage_percent: self.coverage_percent,
            careers: Standings(self.careers.iter().copied().collect()),
            work: Standings(self.work.iter().copied().collect()),
            published: self.published.as_ref().map_or_else(|| stored.published.clone(), |codes| Codes(codes.iter().cloned().collect())),
            ..stored
        }
    }
}

/// What a version says, without when and by whom.
fn said(row: &Model) -> Value {
    json!({
        "firstMonth": row.first_month.map(|month| month.to_string()), "coveragePercent": row.coverage_percent, "careers": row.careers,
        "work": row.work, "published": row.published
    })
}

impl Gated for CountingRuleDraft {
    type Done = Model;
    const ACT: ChangeAct = ChangeAct::SetCountingRule;

    fn kind(&self) -> FourEyesKind {
        FourEyesKind::Rules
    }
    fn action(&self) -> Action {
        Action::ManageRules
    }
    fn target(&self) -> String {
        "counting_rule".to_owned()
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.reason)
    }

    fn check(&self) -> Result<(), Error> {
        check_text("reason", &self.reason, 1_000)?;
        self.first_month.map_or(Ok(()), |month| check_date("firstMonth", month.0.first_day()))?;
        if !(0..=100).contains(&self.coverage_percent) {
            let ja = "0から100までの数で指定してください。";
            return Err(Error::input("coveragePercent", ja, "coveragePercent is from 0 to 100."));
        }
        let of_careers = |code: &String| indicators::find(code).is_some_and(|definition| definition.counts == Counted::Careers);
        if self.published.iter().flatten().any(|code| !of_careers(code)) {
            let ja = "採用又は役職段階に関する指標のコードを指定してください。";
            return Err(Error::input("published", ja, "Name figures of ranks or hires by their codes."));
        }
        for (field, standings) in [("careers", &self.careers), ("work", &self.work)] {
            if standings.is_empty() {
                return Err(Error::input(field, "数える者を1つ以上指定してください。", "Say whom the figures count."));
            }
        }
        Ok(())
    }

    async fn before(&self, _: &Store, tx: &WriteTransaction) -> Result<Value, Error> {
        Ok(said(&latest(&**tx).await?))
    }

    async fn carry_out(&self, store: &Store, tx: &WriteTransaction) -> Result<Carried<Model>, Error> {
        let now = store.now();
        self.first_month.map_or(Ok(()), |month| check_begun("firstMonth", month.0, now))?;
        // Two who change the rules wait for each other, so that no version comes twice.
        dialect::lock_table::<Entity, _>(&**tx).await?;
        let stored = latest(&**tx).await?;
        let row = self.apply(stored.clone());
        if stored == row {
            return Ok(Carried::Nothing(stored));
        }
        let row = Model {
            id: entity::ids::CountingRuleId::new(),
            version: stored.version + 1,
            changed_at: now,
            changed_by: store.actor.principal.subject.clone(),
            reason: Some(self.reason.clone()),
            ..row
        };
        let reason = Some(self.reason.clone());
        let counts = json!({ "version": row.version });
        let entry = transaction::AuditAct { record_id: Some(row.id.0), counts, reason, ..store.act("SET", Noun::CountingRule) };
        transaction::put_all(&**tx, vec![row.clone()], false).await?;
        transaction::audit(&**tx, now, entry).await?;
        let months = transaction::months_with_figures(&**tx).await?;
        transaction::mark_office(&**tx, now, &months).await?;
        Ok(Carried::Changed(row))
    }

    fn after(&self, done: &Model) -> Value {
        said(done)
    }
}

/// The version in force.
async fn latest<C: ConnectionTrait>(db: &C) -> Result<Model, Error> {
    let row = unscoped::<Entity>().order_by_desc(Column::Version).one(db).await?;
    row.ok_or_else(|| Error::internal(&"there are no counting rules; they come with the schema"))
}

impl Store {
    /// Says how figures count from now on. Each change is a new version and has all months counted anew; one that changes nothing is none.
    ///
    /// # Errors
    /// FORBIDDEN; `BAD_USER_INPUT` in the field that is wrong; CONFLICT where another change of it waits.
    pub async fn set_counting_rule(&self, draft: &CountingRuleDraft) -> Result<Fate<Model>, Error> {
        self.submit(draft).await
    }

    /// How figures count, which is no secret: descriptions say it. A request asks once.
    ///
    /// # Errors
    /// INTERNAL when the database does not answer.
    pub async fn counting_rule(&self, shared: &Shared) -> Result<Arc<Model>, Error> {
        let rule = shared.1.get_or_try_init(async || Ok::<_, Error>(Arc::new(latest(self.reader()).await?))).await?;
        Ok(rule.clone())
    }

    /// Which people the figures count, by how they stand to the office.
    ///
    /// # Errors
    /// As [`Store::counting_rule`].
    pub async fn standings(&self, shared: &Shared) -> Result<indicators::Standings, Error> {
        Ok(indicators::Standings::from(&*self.counting_rule(shared).await?))
    }
}
