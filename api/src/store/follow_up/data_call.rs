//! Where data calls stand, which follows from what bureaus submitted and is never stored: conditions for lists, and the answers behind calls.

use crate::error::Error;
use crate::store::{Store, dialect, page::one_of};
use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    data_call,
    ids::{BureauId, FollowUpId},
    submission::{self, SubmissionState},
};
use sea_orm::{
    ColumnTrait, Condition, DbBackend, QueryFilter, QueryOrder,
    sea_query::{Expr, SimpleExpr},
};
use std::collections::HashMap;

/// What a bureau answered to a call.
#[derive(Debug, Clone)]
pub struct Answer {
    /// When it first did.
    pub first_at: DateTime<Utc>,
    /// Its latest revision.
    pub latest: submission::Model,
}

/// Whether a call's first answer came after the due day, or is to come and the day is over.
#[must_use]
pub fn is_late(call: &data_call::Model, answer: Option<&Answer>, today: NaiveDate) -> bool {
    call.due_on < answer.map_or(today, |answer| entity::period::civil_date(answer.first_at))
}

/// That a bureau's latest answer stands so.
#[must_use]
pub fn answered(state: SubmissionState) -> SimpleExpr {
    // The word is one of three.
    Expr::cust(format!(
        "EXISTS (SELECT 1 FROM submission s WHERE s.follow_up_id = data_call.follow_up_id AND s.bureau_id = data_call.bureau_id
        AND s.state = '{}' AND NOT EXISTS (SELECT 1 FROM submission n WHERE n.follow_up_id = s.follow_up_id AND n.bureau_id = s.bureau_id
        AND n.revision > s.revision))",
        state.as_text()
    ))
}

/// That a bureau has not answered.
#[must_use]
pub fn missing() -> SimpleExpr {
    Expr::cust(
        "NOT EXISTS (SELECT 1 FROM submission s WHERE s.follow_up_id = data_call.follow_up_id AND s.bureau_id = data_call.bureau_id)",
    )
}

fn late(backend: DbBackend, today: NaiveDate) -> SimpleExpr {
    Expr::cust(format!(
        "data_call.due_on < COALESCE((SELECT {} FROM submission s WHERE s.follow_up_id = data_call.follow_up_id
        AND s.bureau_id = data_call.bureau_id AND s.revision = 1), CAST('{today}' AS {}))",
        dialect::civil_date(backend, "s.submitted_at"),
        if backend == DbBackend::Postgres { "DATE" } else { "TEXT" }
    ))
}

impl Store {
    /// That a call is late, as [`is_late`] has it.
    #[must_use]
    pub fn late_calls(&self) -> SimpleExpr {
        late(self.db.backend(), self.today())
    }

    /// What bureaus answered to the cycles' calls, as far as the actor may see it, in one statement.
    ///
    /// # Errors
    /// As [`Store::allow`].
    pub async fn answers(&self, calls: &[(FollowUpId, BureauId)]) -> Result<HashMap<(FollowUpId, BureauId), Answer>, Error> {
        use submission::Column as Of;
        let ends = Condition::any().add(Of::Revision.eq(1)).add(crate::store::submission::is_latest());
        let rows = self.select::<submission::Entity>()?.filter(ends);
        let rows = rows.filter(one_of(self.db.backend(), Of::FollowUpId, calls.iter().map(|call| call.0.0)));
        let rows = rows.filter(one_of(self.db.backend(), Of::BureauId, calls.iter().map(|call| call.1.0)));
        let mut answers: HashMap<_, Answer> = HashMap::new();
        for row in rows.order_by_asc(Of::Revision).all(self.reader()).await? {
            let key = (row.follow_up_id, row.bureau_id);
            let first_at = answers.get(&key).map_or(row.submitted_at, |answer| answer.first_at);
            answers.insert(key, Answer { first_at, latest: row });
        }
        Ok(answers)
    }
}
