//! The close of months, and the totals by which a source reconciles.

use super::completeness::MonthCompleteness;
use crate::graphql::nullable::{Conditions, Nullable, attempt, maybe};
use crate::graphql::{
    bureau::Bureau,
    connection::{Connection, list, loaders, store},
    node::global_id,
    record::{limited, noun},
};
use crate::{
    store::{
        codes,
        month_close::{MonthOf, Submission},
        page::{Ordering, PageArgs},
    },
    words::{CloseState, Long, Month, RecordSource},
};
use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::month_close::{Column, Model};
use sea_orm::{ColumnTrait, Condition};

/// A bureau's month.
pub struct MonthClose(Model);

noun!(MonthClose, month_close);

/// A bureau's month: open, submitted by its officer, closed by the secretariat.
#[Object]
impl MonthClose {
    /// Global id, as `node` takes it; it stays the same through all changes of the row.
    pub async fn id(&self) -> ID {
        global_id("month_close", self.0.id.0)
    }

    /// The bureau whose month it is.
    async fn bureau(&self, ctx: &Context<'_>) -> Nullable<Bureau> {
        maybe(async { Ok(loaders(ctx).row(self.0.bureau_id).await?.map(Bureau::from)) }).await
    }

    /// The calendar month, of whose dates the records are.
    async fn month(&self) -> Month {
        Month(self.0.month)
    }

    /// Where it stands.
    async fn state(&self) -> CloseState {
        self.0.state
    }

    /// When the bureau's officer submitted it; null while it is open.
    async fn submitted_at(&self) -> Option<DateTime<Utc>> {
        self.0.submitted_at
    }

    /// The token's subject of the officer who submitted it; null while it is open.
    async fn submitted_by(&self) -> Option<&str> {
        self.0.submitted_by.as_deref()
    }

    /// Why it was submitted though it looked incomplete; null where no reason was given, or while it is open.
    async fn submission_reason(&self) -> Option<&str> {
        self.0.submission_reason.as_deref()
    }

    /// When it was last sent back by the secretariat or taken back by its officer; null once it is submitted again.
    async fn returned_at(&self) -> Option<DateTime<Utc>> {
        self.0.returned_at
    }

    /// The token's subject of who sent it back or took it back.
    async fn returned_by(&self) -> Option<&str> {
        self.0.returned_by.as_deref()
    }

    /// Why it was sent back or taken back.
    async fn return_reason(&self) -> Option<&str> {
        self.0.return_reason.as_deref()
    }

    /// When the secretariat closed it; null until then.
    async fn closed_at(&self) -> Option<DateTime<Utc>> {
        self.0.closed_at
    }

    /// The token's subject of who closed it; null until then.
    async fn closed_by(&self) -> Option<&str> {
        self.0.closed_by.as_deref()
    }
}

/// Which months: all given conditions must hold; one that is absent or null asks nothing, and an empty list finds nothing.
#[derive(Debug, Clone, Default, InputObject)]
pub struct MonthCloseFilter {
    /// Of any of these bureaus, by code, at most 500; an unknown code finds nothing.
    bureaus: Option<Vec<String>>,
    /// Of this month or a later one.
    from: Option<Month>,
    /// Of this month or an earlier one.
    to: Option<Month>,
    /// That stand in this state.
    state: Option<CloseState>,
}

/// In which order months are listed; ties, the bureaus of a month, are broken by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum MonthCloseOrder {
    /// By month, the earliest first.
    Month,
    /// By month, the latest first; those of one month by id.
    MonthDescending,
}

/// What your client wrote in a month, of one kind of record.
#[derive(SimpleObject)]
pub struct RecordTotals {
    /// The kind of record, by its table, such as `leave_entry`; every kind of dated record has a line.
    noun: String,
    /// Records dated in the month that are not void.
    records: Long,
    /// Records dated in the month that are void; their minutes are not summed.
    void: Long,
    /// Their minutes: overtime, planned, telework or leave; null where a record has none.
    minutes: Option<Long>,
}

/// Queries of months.
#[derive(Default)]
pub struct MonthQuery;

#[Object]
impl MonthQuery {
    /// Months that have been written to, by bureau.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn month_closes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which months: all given conditions must hold; without any, all of bureaus that the caller may see.", default)]
        filter: Conditions<MonthCloseFilter>,
        #[graphql(desc = "In which order; ties by id.", default_with = "MonthCloseOrder::Month")] order_by: MonthCloseOrder,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Nullable<Connection<MonthClose>> {
        attempt(async {
            let filter = filter.0;
            let mut condition = Condition::all();
            if let Some(codes) = &filter.bureaus {
                condition = condition.add(Column::BureauId.in_subquery(codes::bureaus(limited(codes, "bureaus")?)));
            }
            if let Some(from) = filter.from {
                condition = condition.add(Column::Month.gte(from.0));
            }
            if let Some(to) = filter.to {
                condition = condition.add(Column::Month.lte(to.0));
            }
            if let Some(state) = filter.state {
                condition = condition.add(Column::State.eq(state));
            }
            let order = Ordering { by: Column::Month, descending: order_by == MonthCloseOrder::MonthDescending };
            list(ctx, condition, order, &PageArgs { first, after, last, before }).await
        })
        .await
    }

    /// How complete a month's records are, by bureau in the order of their codes: counted as they stand, before and after the submission.
    async fn month_completeness(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The month; one that goes on is counted as far as it has come.")] month: Month,
        #[graphql(desc = "Of these bureaus, by code, at most 500; without a list, of all that the caller may see.")] bureaus: Option<
            Vec<String>,
        >,
    ) -> Nullable<Vec<MonthCompleteness>> {
        attempt(async {
            let codes = bureaus.map(|codes| limited(&codes, "bureaus").map(<[String]>::to_vec)).transpose()?;
            Ok(store(ctx).month_completeness(month.0, codes).await?.into_iter().map(MonthCompleteness::from).collect())
        })
        .await
    }

    /// What a client wrote in a month, for its source to reconcile; your own unless you are a person who names one.
    async fn record_totals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The month, whose civil dates are summed.")] month: Month,
        #[graphql(desc = "Code of the client; a machine names none but itself.")] client: Option<String>,
    ) -> Nullable<Vec<RecordTotals>> {
        attempt(async {
            let totals = store(ctx).record_totals(month.0, client).await?;
            let shown = totals.into_iter().map(|line| RecordTotals {
                noun: line.noun,
                records: Long(line.records),
                void: Long(line.void),
                minutes: line.minutes.map(Long),
            });
            Ok(shown.collect())
        })
        .await
    }
}

/// Which month of which bureau is closed.
#[derive(InputObject)]
pub struct MonthInput {
    /// Code of the bureau.
    bureau: String,
    /// The month; over and submitted.
    month: Month,
}

/// Which month of which bureau is submitted, and what is said with it.
#[derive(InputObject)]
pub struct SubmitMonthInput {
    /// Code of the bureau, one of the caller's own.
    bureau: String,
    /// The month; over.
    month: Month,
    /// The sources that are complete, those without any record too: nothing then means none (該当なし). Without a list: all, but presence only
    /// where some was recorded.
    complete: Option<Vec<RecordSource>>,
    /// Why it is submitted, in 1 to 1,000 characters; asked for where nobody is in post, nothing was recorded, fewer than 80 % of the people have a
    /// record, or 5 points less than in the month before.
    reason: Option<String>,
}

/// Which submitted month of which bureau is sent back or taken back, and why.
#[derive(InputObject)]
pub struct ReturnMonthInput {
    /// Code of the bureau.
    bureau: String,
    /// The month; submitted and not closed.
    month: Month,
    /// Why, in 1 to 1,000 characters; shown to the bureau.
    reason: String,
}

/// The month as it stands after the call.
#[derive(SimpleObject)]
pub struct MonthPayload {
    /// The bureau's month, in its new state.
    month_close: MonthClose,
}

/// The month as it stands after the submission, and how complete it was.
#[derive(SimpleObject)]
pub struct SubmitMonthPayload {
    /// The bureau's month, in its new state.
    month_close: MonthClose,
    /// How complete its records were when it was submitted.
    completeness: MonthCompleteness,
}

/// Mutations of months.
#[derive(Default)]
pub struct MonthMutation;

#[Object]
impl MonthMutation {
    /// Says that a bureau's month is complete, and of which sources.
    async fn submit_month(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which month of which bureau; it is over.")] input: SubmitMonthInput,
    ) -> Nullable<SubmitMonthPayload> {
        attempt(async {
            let of = MonthOf { bureau: input.bureau, month: input.month.0 };
            let (row, counted) = store(ctx).submit_month(&of, Submission { complete: input.complete, reason: input.reason }).await?;
            Ok(SubmitMonthPayload { month_close: row.into(), completeness: counted.into() })
        })
        .await
    }

    /// Sends a submitted month back to its bureau, which submits it again.
    async fn return_month(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which month of which bureau, and why.")] input: ReturnMonthInput,
    ) -> Nullable<MonthPayload> {
        attempt(async {
            let of = MonthOf { bureau: input.bureau, month: input.month.0 };
            Ok(MonthPayload { month_close: store(ctx).return_month(&of, input.reason).await?.into() })
        })
        .await
    }

    /// Takes the submission of the own bureau's month back, until it is closed.
    async fn withdraw_month(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which month of which of the caller's own bureaus, and why.")] input: ReturnMonthInput,
    ) -> Nullable<MonthPayload> {
        attempt(async {
            let of = MonthOf { bureau: input.bureau, month: input.month.0 };
            Ok(MonthPayload { month_close: store(ctx).withdraw_month(&of, input.reason).await?.into() })
        })
        .await
    }

    /// Closes a bureau's month: bureau systems can write it no longer, people correct it with a reason.
    async fn close_month(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which month of which bureau; it is over.")] input: MonthInput,
    ) -> Nullable<MonthPayload> {
        attempt(async {
            let of = MonthOf { bureau: input.bureau, month: input.month.0 };
            Ok(MonthPayload { month_close: store(ctx).close_month(&of).await?.into() })
        })
        .await
    }
}
