//! The outbox: which mails were sent, refused, or are of unknown fate.

use crate::graphql::nullable::{Conditions, Nullable, attempt, maybe};
use crate::graphql::{
    bureau::Bureau,
    connection::{Connection, list, loaders},
    node::global_id,
    record::{limited, noun},
};
use crate::{
    store::page::{Ordering, PageArgs},
    words::{AlarmKind, Date, JobName, MailState},
};
use async_graphql::{Context, Enum, ID, InputObject, Object};
use chrono::{DateTime, Utc};
use entity::mail::{Column, Model};
use sea_orm::{ColumnTrait, Condition};

/// One mail.
pub struct Mail(Model);

noun!(Mail, mail);

/// One mail; there is one of a kind for each bureau and date, and one of an alarm for each administrator's address and day.
#[Object]
impl Mail {
    /// Global id, as `node` takes it; it stays the same through all changes of the row.
    pub async fn id(&self) -> ID {
        global_id("mail", self.0.id.0)
    }

    /// The job that wrote it, which says what it is about.
    async fn kind(&self) -> JobName {
        self.0.kind
    }

    /// The bureau to which it goes, or whose officer; null where it goes to administrators.
    async fn bureau(&self, ctx: &Context<'_>) -> Nullable<Bureau> {
        maybe(async {
            let Some(bureau) = self.0.bureau_id else { return Ok(None) };
            Ok(loaders(ctx).row(bureau).await?.map(Bureau::from))
        })
        .await
    }

    /// Of which alarm it tells administrators; null where it goes to a bureau.
    async fn alarm(&self) -> Option<AlarmKind> {
        self.0.alarm
    }

    /// About which day; the first of the month that it is about.
    async fn date(&self) -> Date {
        Date(self.0.date)
    }

    /// The address of the bureau, of its officer or of an administrator, as it was then.
    async fn address(&self) -> &str {
        &self.0.address
    }

    /// Its subject line; its text is not shown here.
    async fn subject(&self) -> &str {
        &self.0.subject
    }

    /// Where it stands.
    async fn state(&self) -> MailState {
        self.0.state
    }

    /// How many times it was tried.
    async fn attempts(&self) -> i32 {
        self.0.attempts
    }

    /// When a run wrote it into the outbox.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When the last try began.
    async fn tried_at(&self) -> Option<DateTime<Utc>> {
        self.0.tried_at
    }

    /// When its fate was known, or known to be unknown.
    async fn settled_at(&self) -> Option<DateTime<Utc>> {
        self.0.settled_at
    }

    /// Id of the run that wrote it.
    async fn run(&self) -> ID {
        global_id("job_run", self.0.run_id.0)
    }
}

/// Which mails: all given conditions must hold; one that is absent or null asks nothing, and an empty list finds nothing.
#[derive(Debug, Clone, Default, InputObject)]
pub struct MailFilter {
    /// That stand in any of these states; an empty list finds nothing.
    states: Option<Vec<MailState>>,
    /// About exactly this civil day; mails about a month have its first.
    date: Option<Date>,
}

/// In which order mails are listed; ties are broken by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum MailOrder {
    /// By when they were written, the latest first; the default.
    CreatedAtDescending,
    /// By when they were written, the oldest first.
    CreatedAt,
}

/// Queries of mails.
#[derive(Default)]
pub struct MailQuery;

#[Object]
impl MailQuery {
    /// The outbox: mails to bureaus, their officers and administrators, those that were sent too; for administrators.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn mails(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which mails: all given conditions must hold; without any, all that there are.", default)] filter: Conditions<
            MailFilter,
        >,
        #[graphql(desc = "In which order; ties by id.", default_with = "MailOrder::CreatedAtDescending")] order_by: MailOrder,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Nullable<Connection<Mail>> {
        attempt(async {
            let filter = filter.0;
            let mut condition = Condition::all();
            if let Some(states) = &filter.states {
                let states = limited(states, "states")?;
                condition = condition.add(Column::State.is_in(states.iter().copied()));
            }
            if let Some(date) = filter.date {
                condition = condition.add(Column::Date.eq(date.0));
            }
            let order = Ordering { by: Column::CreatedAt, descending: order_by == MailOrder::CreatedAtDescending };
            list(ctx, condition, order, &PageArgs { first, after, last, before }).await
        })
        .await
    }
}
