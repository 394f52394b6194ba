//! Person-months: what one person's month came to, the base of every figure that counts persons.

use crate::graphql::nullable::{Conditions, Nullable, attempt, maybe};
use crate::graphql::{
    connection::{Connection, list, loaders, store},
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
    words::{Employment, Month, RankBand, Regime, Sex, Standing},
};
use async_graphql::{Context, Enum, InputObject, Object, Result};
use entity::person_month::{Column, Entity, Model};
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

/// One person's month, as last computed: there is one for who is in post on any of its days, placed by the last posting held.
#[Object]
impl PersonMonth {
    /// The calendar month, whose civil dates are counted.
    async fn month(&self) -> Month {
        Month(self.0.month)
    }

    /// Staff number of the person, whose name is held nowhere.
    async fn staff_number(&self, ctx: &Context<'_>) -> Nullable<String> {
        maybe(async { Ok(loaders(ctx).row(NumberOf(self.0.staff_id)).await?) }).await
    }

    /// Bureau of the last posting held in the month.
    async fn bureau(&self, ctx: &Context<'_>) -> Nullable<crate::graphql::bureau::Bureau> {
        maybe(async { Ok(loaders(ctx).row(self.0.bureau_id).await?.map(Into::into)) }).await
    }

    /// Unit of the same posting.
    async fn unit(&self, ctx: &Context<'_>) -> Nullable<crate::graphql::unit::Unit> {
        maybe(async { Ok(loaders(ctx).row(self.0.unit_id).await?.map(Into::into)) }).await
    }

    /// Rank band of the same posting.
    async fn band(&self) -> RankBand {
        self.0.band
    }

    /// How the person stands to the office by that posting: figures count some standings alone, as their descriptions say.
    async fn standing(&self) -> Standing {
        self.0.standing
    }

    /// The designation of that unit; null where it has none, and the default of the rules holds.
    async fn regime(&self) -> Option<Regime> {
        self.0.regime
    }

    /// Sex as recorded when the month was computed.
    async fn sex(&self) -> Sex {
        self.0.sex
    }

    /// Regular (常勤) or non-regular (非常勤), as recorded when the month was computed.
    async fn employment(&self) -> Employment {
        self.0.employment
    }

    /// Civil days of the month on which the person held any posting.
    async fn days_in_post(&self) -> i32 {
        self.0.days_in_post
    }

    /// Whether in post on the last civil day of the month.
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

    /// Minutes worked in the month: presence less breaks, or ordered time where there is no presence.
    async fn worked_minutes(&self) -> i32 {
        self.0.worked_minutes
    }

    /// Overtime minutes of the month: ordered ones where the source sends orders, else those by presence.
    async fn overtime_minutes(&self) -> i32 {
        self.0.overtime_minutes
    }

    /// Worked minutes between 22:00 and 05:00 in Tokyo, a part of `workedMinutes`.
    async fn late_night_minutes(&self) -> i32 {
        self.0.late_night_minutes
    }

    /// Worked minutes on days off and holidays, a part of `workedMinutes`.
    async fn day_off_minutes(&self) -> i32 {
        self.0.day_off_minutes
    }

    /// How many shifts of the month have the pattern STAGGERED (早出遅出).
    async fn staggered_shifts(&self) -> i32 {
        self.0.staggered_shifts
    }

    /// How many days of the month were teleworked, in part or whole; each counts as one.
    async fn telework_days(&self) -> i32 {
        self.0.telework_days
    }

    /// Minutes of annual leave (年次休暇) taken in the month; 465 are a whole day.
    async fn annual_leave_minutes(&self) -> i32 {
        self.0.annual_leave_minutes
    }
}

impl Plain for Entity {
    const TYPE: &'static str = "PersonMonth";
    const FIELDS: Fields<Column> = &[
        ("month", Column::Month, Shown::Month),
        ("band", Column::Band, Shown::Member),
        ("standing", Column::Standing, Shown::Member),
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

/// Which person-months of the month: all given conditions must hold; one that is absent or null asks nothing.
#[derive(Debug, Clone, Default, InputObject)]
pub struct PersonMonthFilter {
    /// Of any of these people, by staff number, at most 500; an unknown one finds nothing.
    staff_numbers: Option<Vec<String>>,
    /// Whose last posting of the month was in one of these bureaus, by code.
    bureaus: Option<Vec<String>>,
    /// Whose last posting of the month was in one of these units, by code.
    units: Option<Vec<String>>,
    /// Of people of this sex, as recorded.
    sex: Option<Sex>,
    /// Whose last posting of the month was in any of these rank bands.
    bands: Option<Vec<RankBand>>,
    /// Of people who stood to the office in any of these ways.
    standings: Option<Vec<Standing>>,
    /// Whose unit has this designation; those without one are not found.
    regime: Option<Regime>,
    /// Of regular (常勤) or of non-regular (非常勤) people alone.
    employment: Option<Employment>,
    /// Subject to overtime on any day, or on none.
    subject_to_overtime: Option<bool>,
    /// In post on the last day, or not.
    in_census: Option<bool>,
    /// With more overtime minutes than this number, which is itself left out.
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
            condition = condition.add(is(Column::Sex, sex));
        }
        if let Some(bands) = &self.bands {
            let bands = limited(bands, "bands")?.iter().copied();
            condition = condition.add(Column::Band.is_in(bands));
        }
        if let Some(standings) = &self.standings {
            let standings = limited(standings, "standings")?.iter().copied();
            condition = condition.add(Column::Standing.is_in(standings));
        }
        if let Some(regime) = self.regime {
            condition = condition.add(is(Column::Regime, regime));
        }
        if let Some(employment) = self.employment {
            condition = condition.add(is(Column::Employment, employment));
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

/// In which order the person-months of a month are listed.
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
        #[graphql(desc = "The one month that is listed, which has begun.")] month: Month,
        #[graphql(desc = "Which of its person-months: all given conditions must hold; without any, all that the caller may see.", default)]
        filter: Conditions<PersonMonthFilter>,
        #[graphql(desc = "In which order; ties by id.", default_with = "PersonMonthOrder::Staff")] order_by: PersonMonthOrder,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Nullable<Connection<PersonMonth>> {
        attempt(async {
            let filter = filter.0;
            store(ctx).check_begun("month", month.0)?;
            let order = Ordering { by: Column::StaffId, descending: order_by == PersonMonthOrder::StaffDescending };
            list(ctx, filter.condition(month)?, order, &PageArgs { first, after, last, before }).await
        })
        .await
    }
}
