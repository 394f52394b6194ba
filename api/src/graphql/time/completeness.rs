//! How complete a bureau's month is.

use crate::graphql::nullable::{Nullable, maybe};
use crate::graphql::{bureau::Bureau, connection::loaders};
use crate::{
    store::completeness::Completeness,
    words::{Long, Month, RecordSource},
};
use async_graphql::{Context, Object, SimpleObject};

/// How complete a bureau's month is.
pub struct MonthCompleteness(Completeness);

impl From<Completeness> for MonthCompleteness {
    fn from(counted: Completeness) -> Self {
        Self(counted)
    }
}

/// The records of one source.
#[derive(SimpleObject)]
pub struct SourceRecords {
    /// The source.
    source: RecordSource,
    /// How many of its records lie in the month and are not void.
    records: Long,
}

/// How complete a bureau's month is: who has a record of those who should, and shifts against the calendar. Sources differ; what looks incomplete may
/// be right.
#[Object]
impl MonthCompleteness {
    /// The bureau.
    async fn bureau(&self, ctx: &Context<'_>) -> Nullable<Bureau> {
        maybe(async { Ok(loaders(ctx).row(self.0.bureau_id).await?.map(Bureau::from)) }).await
    }

    /// The month.
    async fn month(&self) -> Month {
        Month(self.0.month)
    }

    /// Persons in post in the bureau on a day of the month.
    async fn people(&self) -> Long {
        Long(self.0.people)
    }

    /// Of these, the persons who should have a shift: subject to overtime, or recorded all the same, and not on leave on every workday.
    async fn expected(&self) -> Long {
        Long(self.0.expected)
    }

    /// Of the expected, the persons with a shift.
    async fn with_record(&self) -> Long {
        Long(self.0.with_record)
    }

    /// Of the expected, the persons without a shift.
    async fn without_record(&self) -> Long {
        Long(self.0.without_record())
    }

    /// The share of the expected with a shift, in whole percent, rounded down; null where nobody is expected to have one.
    async fn percent(&self) -> Option<i32> {
        self.0.percent().and_then(|percent| i32::try_from(percent).ok())
    }

    /// Shifts in the month, to be held against `workdays`.
    async fn shifts(&self) -> Long {
        Long(self.0.count(RecordSource::Overtime))
    }

    /// Workdays of the expected persons in post, without the days that leave fills.
    async fn workdays(&self) -> Long {
        Long(self.0.workdays)
    }

    /// Records by source. A shift with presence counts under both `PRESENCE` and `OVERTIME`.
    async fn records(&self) -> Vec<SourceRecords> {
        self.0.records.iter().map(|(source, records)| SourceRecords { source: *source, records: Long(*records) }).collect()
    }

    /// The sources that a submission without a list names as complete.
    async fn sources(&self) -> Vec<RecordSource> {
        self.0.sources()
    }
}
