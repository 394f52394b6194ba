//! Person-months: what one person's month came to, the base of every figure that counts persons.

use crate::graphql::{
    connection::{Connection, list, loaders},
    loaders::NumberOf,
    node,
    projection::{self, Fields, Plain, Projection, Shown},
    record::limited,
};
use crate::{
    store::{
        codes,
        page::{Ordering, PageArgs},
    },
    words::{Employment, Month, RankBand, Regime, Sex},
};
use async_graphql::{Context, Enum, InputObject, Object, Result};
use entity::{
    person_month::{Column, Entity, Model},
    posting, staff, work_regime,
};
use sea_orm::{
    ColumnTrait, Condition, Value as SeaValue,
    sea_query::{Expr, ExprTrait},
};

/// One person's month, the base of every figure that counts persons.
pub struct PersonMonth(Model);

impl From<Model> for PersonMonth {
    fn from(row: Model) -> Self {
        Self(row)
    }
}

impl node::Noun for PersonMonth {
    type Entity = Entity;

    fn sheet(ctx: &Context<'_>) -> Option<Projection<Column>> {
        projection::asked::<Entity>(ctx)
    }
}

/// One person's month.
#[Object]
impl PersonMonth {
    /// The month.
    async fn month(&self) -> Month {
        Month(self.0.month)
    }

    /// The person's number.
    async fn staff_number(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(loaders(ctx).row(NumberOf(self.0.staff_id)).await?)
    }

    /// Bureau of the last posting held in the month.
    async fn bureau(&self, ctx: &Context<'_>) -> Result<Option<crate::graphql::bureau::Bureau>> {
        Ok(loaders(ctx).row(self.0.bureau_id).await?.map(Into::into))
    }

    /// Its unit.
    async fn unit(&self, ctx: &Context<'_>) -> Result<Option<crate::graphql::unit::Unit>> {
        Ok(loaders(ctx).row(self.0.unit_id).await?.map(Into::into))
    }

    /// Its rank band.
    async fn band(&self) -> RankBand {
        self.0.band.into()
    }

    /// The unit's regime; null where none is designated.
    async fn regime(&self) -> Option<Regime> {
        self.0.regime.map(Into::into)
    }

    /// Sex as recorded.
    async fn sex(&self) -> Sex {
        self.0.sex.into()
    }

    /// 常勤 or 非常勤.
    async fn employment(&self) -> Employment {
        self.0.employment.into()
    }

    /// Days of the month on which a posting was held.
    async fn days_in_post(&self) -> i32 {
        self.0.days_in_post
    }

    /// Whether in post on the last day.
    async fn in_census(&self) -> bool {
        self.0.in_census == 1
    }

    /// Whether subject to overtime on any day.
    async fn subject_to_overtime(&self) -> bool {
        self.0.subject_to_overtime == 1
    }

    /// Whether on leave on every workday in post, and without work: left out of comparisons.
    async fn on_leave_all_month(&self) -> bool {
        self.0.on_leave_all_month == 1
    }

    /// Worked minutes.
    async fn worked_minutes(&self) -> i32 {
        self.0.worked_minutes
    }

    /// Overtime minutes.
    async fn overtime_minutes(&self) -> i32 {
        self.0.overtime_minutes
    }

    /// Worked minutes between 22:00 and 05:00.
    async fn late_night_minutes(&self) -> i32 {
        self.0.late_night_minutes
    }

    /// Worked minutes on days off and holidays.
    async fn day_off_minutes(&self) -> i32 {
        self.0.day_off_minutes
    }

    /// Shifts with a staggered start.
    async fn staggered_shifts(&self) -> i32 {
        self.0.staggered_shifts
    }

    /// Telework days.
    async fn telework_days(&self) -> i32 {
        self.0.telework_days
    }

    /// Minutes of annual leave.
    async fn annual_leave_minutes(&self) -> i32 {
        self.0.annual_leave_minutes
    }
}

impl Plain for Entity {
    const TYPE: &'static str = "PersonMonth";
    const FIELDS: Fields<Column> = &[
        ("month", Column::Month, Shown::Month),
        ("band", Column::Band, Shown::Member),
        ("regime", Column::Regime, Shown::Member),
        ("sex", Column::Sex, Shown::Member),
        ("employment", Column::Employment, Shown::Member),
        ("daysInPost", Column::DaysInPost, Shown::Number),
        ("inCensus", Column::InCensus, Shown::Flag),
        ("subjectToOvertime", Column::SubjectToOvertime, Shown::Flag),
        ("onLeaveAllMonth", Column::OnLeaveAllMonth, Shown::Flag),
        ("workedMinutes", Column::WorkedMinutes, Shown::Number),
        ("overtimeMinutes", Column::OvertimeMinutes, Shown::Number),
        ("lateNightMinutes", Column::LateNightMinutes, Shown::Number),
        ("dayOffMinutes", Column::DayOffMinutes, Shown::Number),
        ("staggeredShifts", Column::StaggeredShifts, Shown::Number),
        ("teleworkDays", Column::TeleworkDays, Shown::Number),
        ("annualLeaveMinutes", Column::AnnualLeaveMinutes, Shown::Number),
    ];
}

/// Which person-months of a month.
#[derive(Debug, Clone, Default, InputObject)]
pub struct PersonMonthFilter {
    /// Of these people, by number.
    staff_numbers: Option<Vec<String>>,
    /// Whose last posting of the month was in one of these bureaus, by code.
    bureaus: Option<Vec<String>>,
    /// Whose last posting of the month was in one of these units, by code.
    units: Option<Vec<String>>,
    /// Of this sex.
    sex: Option<Sex>,
    /// In one of these rank bands.
    bands: Option<Vec<RankBand>>,
    /// Under this regime.
    regime: Option<Regime>,
    /// Of this kind of employment.
    employment: Option<Employment>,
    /// Subject to overtime on any day, or on none.
    subject_to_overtime: Option<bool>,
    /// In post on the last day, or not.
    in_census: Option<bool>,
    /// With more overtime than this, in minutes.
    overtime_minutes_above: Option<i32>,
}

impl PersonMonthFilter {
    fn condition(&self, month: Month) -> Result<Condition> {
        let mut condition = Condition::all().add(Column::Month.eq(month.0));
        if let Some(numbers) = &self.staff_numbers {
            condition = condition.add(Column::StaffId.in_subquery(codes::staff(limited(numbers, "staffNumbers")?)));
        }
        if let Some(codes) = &self.bureaus {
            condition = condition.add(Column::BureauId.in_subquery(codes::bureaus(limited(codes, "bureaus")?)));
        }
        if let Some(codes) = &self.units {
            condition = condition.add(Column::UnitId.in_subquery(codes::units(limited(codes, "units")?)));
        }
        if let Some(sex) = self.sex {
            condition = condition.add(is(Column::Sex, staff::Sex::from(sex)));
        }
        if let Some(bands) = &self.bands {
            let bands = limited(bands, "bands")?.iter().map(|band| posting::RankBand::from(*band));
            condition = condition.add(Column::Band.is_in(bands));
        }
        if let Some(regime) = self.regime {
            condition = condition.add(is(Column::Regime, work_regime::Regime::from(regime)));
        }
        if let Some(employment) = self.employment {
            condition = condition.add(is(Column::Employment, staff::Employment::from(employment)));
        }
        if let Some(subject) = self.subject_to_overtime {
            condition = condition.add(is(Column::SubjectToOvertime, i32::from(subject)));
        }
        if let Some(in_census) = self.in_census {
            condition = condition.add(is(Column::InCensus, i32::from(in_census)));
        }
        if let Some(minutes) = self.overtime_minutes_above {
            condition = condition.add(Column::OvertimeMinutes.gt(minutes));
        }
        Ok(condition)
    }
}

/// That a column holds a member of a closed set, which stands in the statement's text as a constant: so `PostgreSQL` knows how many rows that
/// is, and keeps one plan.
pub(in crate::graphql) fn is(column: Column, member: impl Into<SeaValue>) -> Expr {
    Expr::col(column.as_column_ref()).eq(Expr::Constant(member.into()))
}

/// In which order person-months are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum PersonMonthOrder {
    /// By person, those recorded first first.
    Staff,
    /// By person, those recorded last first.
    StaffDescending,
}

/// Queries of person-months.
#[derive(Default)]
pub struct PersonMonthQuery;

#[Object]
impl PersonMonthQuery {
    /// What each person's month came to, as last computed.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn person_months(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The month.")] month: Month,
        #[graphql(desc = "Which of its person-months.", default)] filter: PersonMonthFilter,
        #[graphql(desc = "In which order.", default_with = "PersonMonthOrder::Staff")] order_by: PersonMonthOrder,
        #[graphql(desc = "How many from the start, at most 500.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 500.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<Connection<PersonMonth>> {
        let order = Ordering { by: Column::StaffId, descending: order_by == PersonMonthOrder::StaffDescending };
        list(ctx, filter.condition(month)?, order, &PageArgs { first, after, last, before }).await
    }
}
