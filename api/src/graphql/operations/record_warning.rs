//! How often the records of each client were worth a second look.

use crate::graphql::nullable::{Nullable, attempt};
use crate::{
    error::Error,
    graphql::connection::store,
    store::record::Counted,
    words::{Date, Long, RecordWarningCode},
};
use async_graphql::{Context, Object, SimpleObject};

/// How many warnings of one code the calls of one client had.
#[derive(SimpleObject)]
pub struct RecordWarningCount {
    /// Code of the machine client that called; `OFFICE` for people.
    client: String,
    /// The kind of warning.
    code: RecordWarningCode,
    /// How many warnings.
    warnings: Long,
    /// In how many calls.
    calls: Long,
}

impl From<Counted> for RecordWarningCount {
    fn from(counted: Counted) -> Self {
        let Counted { client, code, warnings, calls } = counted;
        Self { client, code, warnings: Long(warnings), calls: Long(calls) }
    }
}

/// Counts of warnings.
#[derive(Default)]
pub struct RecordWarningQuery;

#[Object]
impl RecordWarningQuery {
    /// How many warnings of which code each client's calls had, dry runs left out, by client and code; for the secretariat and administrators.
    /// Counts are kept as long as receipts, and tell of no record and no person.
    async fn record_warning_counts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of calls on this civil date (Asia/Tokyo) or a later one.")] from: Date,
        #[graphql(desc = "Of calls before this civil date, which is itself left out.")] to: Date,
        #[graphql(desc = "Of this client alone, by code; `OFFICE` for people.")] client: Option<String>,
    ) -> Nullable<Vec<RecordWarningCount>> {
        attempt(async {
            if to <= from {
                return Err(Error::input("to", "終了日は開始日より後でなければなりません。", "It is not after the first day.").into());
            }
            let counts = store(ctx).warning_counts(from.0, to.0, client.as_deref()).await?;
            Ok(counts.into_iter().map(RecordWarningCount::from).collect())
        })
        .await
    }
}
