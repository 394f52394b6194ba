//! Hires (採用).

use super::{
    connection::{Connection, list},
    node::global_id,
    record::{
        Bookkeeping, Placed, PlacedFilter, RecordFilter, RecordInput, RecordPayload, limited, noun, placed, placed_condition,
        record_condition, write,
    },
};
use crate::{
    store::{
        hire::HireDraft,
        page::{Ordering, PageArgs},
    },
    words::{Exam, HireRoute},
};
use async_graphql::{Context, Enum, ID, InputObject, InputValueError, InputValueResult, Object, Result, Scalar, ScalarType, Value};
use entity::{
    hire::{self, Column, Model},
    period,
};
use sea_orm::ColumnTrait;

/// One hire.
pub struct Hire(Model);

noun!(Hire, hire);

/// One hire (採用); its date is the day of joining. An arriving secondee is no hire.
#[Object]
impl Hire {
    /// Global id.
    pub async fn id(&self) -> ID {
        global_id("hire", self.0.id.0)
    }

    /// The key in the client's own numbering.
    async fn external_id(&self) -> &str {
        &self.0.external_id
    }

    /// The client in whose numbering it was written.
    async fn client(&self) -> &str {
        &self.0.client
    }

    #[graphql(flatten)]
    fn placed(&self) -> Placed<'_> {
        placed!(self.0)
    }

    /// Fiscal year of the day of joining.
    async fn fiscal_year(&self) -> FiscalYear {
        FiscalYear(self.0.fiscal_year)
    }

    /// How the person came in.
    async fn route(&self) -> HireRoute {
        self.0.route.into()
    }

    /// The exam; null where the route is not EXAM.
    async fn exam(&self) -> Option<Exam> {
        self.0.exam.map(Exam::from)
    }

    /// The year of the exam, apart from that of joining.
    async fn exam_year(&self) -> Option<i32> {
        self.0.exam_year
    }

    #[graphql(flatten)]
    fn bookkeeping(&self) -> Bookkeeping {
        Bookkeeping::of(&self.0)
    }
}

/// A fiscal year (会計年度), such as `2018`: April of the year that names it to March of the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FiscalYear(pub period::FiscalYear);

/// A fiscal year by the calendar year in which it begins: 2018 is April 2018 to March 2019.
#[Scalar]
impl ScalarType for FiscalYear {
    fn parse(value: Value) -> InputValueResult<Self> {
        let year = match &value {
            Value::Number(number) => number.as_i64().and_then(|number| i32::try_from(number).ok()),
            _ => None,
        };
        let year = year.and_then(|year| year.try_into().ok()).map(Self);
        year.ok_or_else(|| InputValueError::custom("Write a fiscal year as a number such as 2018."))
    }

    fn to_value(&self) -> Value {
        Value::Number(self.0.as_i32().into())
    }
}

/// Which hires.
#[derive(Debug, Clone, Default, InputObject)]
pub struct HireFilter {
    #[graphql(flatten)]
    placed: PlacedFilter,
    #[graphql(flatten)]
    record: RecordFilter,
    /// By this route.
    route: Option<HireRoute>,
    /// By this exam.
    exam: Option<Exam>,
    /// Joined in one of these fiscal years.
    fiscal_years: Option<Vec<FiscalYear>>,
}

/// In which order hires are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum HireOrder {
    /// By date.
    Date,
    /// By date, the latest first.
    DateDescending,
}

/// Queries of hires.
#[derive(Default)]
pub struct HireQuery;

#[Object]
impl HireQuery {
    /// Hires that you may see.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn hires(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which hires.", default)] filter: HireFilter,
        #[graphql(desc = "In which order.", default_with = "HireOrder::Date")] order_by: HireOrder,
        #[graphql(desc = "How many from the start, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 500.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Hire>> {
        let mut condition = placed_condition!(filter.placed, hire).add(record_condition!(filter.record, hire)?);
        if let Some(route) = filter.route {
            condition = condition.add(Column::Route.eq(hire::HireRoute::from(route)));
        }
        if let Some(exam) = filter.exam {
            condition = condition.add(Column::Exam.eq(hire::Exam::from(exam)));
        }
        if let Some(years) = &filter.fiscal_years {
            condition = condition.add(Column::FiscalYear.is_in(limited(years, "fiscalYears")?.iter().map(|year| year.0)));
        }
        let order = Ordering { by: Column::Date, descending: order_by == HireOrder::DateDescending };
        list(ctx, condition, order, &PageArgs { first, after, last, before }).await
    }
}

/// Mutations of hires.
#[derive(Default)]
pub struct HireMutation;

#[Object]
impl HireMutation {
    /// Writes hires in bulk.
    async fn record_hires(&self, ctx: &Context<'_>, #[graphql(desc = "The call.")] input: RecordInput<HireDraft>) -> Result<RecordPayload> {
        write::<Model>(ctx, input).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fiscal_year_is_a_number_of_four_digits() {
        let read = |value: Value| FiscalYear::parse(value).ok().map(|year| year.to_value());
        assert_eq!(read(Value::from(2018)), Some(Value::from(2018)));
        for wrong in [Value::from(10_000), Value::from(-1), Value::from(2018.5), Value::from(i64::MAX), Value::from("2018"), Value::Null] {
            assert_eq!(read(wrong), None);
        }
    }
}
