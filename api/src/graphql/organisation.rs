//! The organisation: bureaus, their units, and the days and rules that hold for them.

pub mod bureau;
pub mod holiday;
pub mod on_time_day;
pub mod start_stage;
pub mod unit;
pub mod work_regime;

/// Its queries.
#[derive(Default, async_graphql::MergedObject)]
pub struct OrganisationQueries(
    bureau::BureauQuery,
    unit::UnitQuery,
    work_regime::WorkRegimeQuery,
    holiday::HolidayQuery,
    on_time_day::OnTimeDayQuery,
    start_stage::StartStageQuery,
);

/// Its mutations.
#[derive(Default, async_graphql::MergedObject)]
pub struct OrganisationMutations(
    bureau::BureauMutation,
    unit::UnitMutation,
    work_regime::WorkRegimeMutation,
    holiday::HolidayMutation,
    on_time_day::OnTimeDayMutation,
    start_stage::StartStageMutation,
);
