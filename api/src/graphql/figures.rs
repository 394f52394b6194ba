//! Figures and what is judged by them.

pub mod counting_rule;
pub mod indicator;
pub mod outlier_subscription;
pub mod overtime_outlier;
pub mod overtime_rule;
pub mod person_month;

/// Its queries.
#[derive(Default, async_graphql::MergedObject)]
pub struct FigureQueries(
    indicator::IndicatorQuery,
    person_month::PersonMonthQuery,
    counting_rule::CountingRuleQuery,
    overtime_rule::OvertimeRuleQuery,
    overtime_outlier::OutlierFlagQuery,
);

/// Its mutations.
#[derive(Default, async_graphql::MergedObject)]
pub struct FigureMutations(counting_rule::CountingRuleMutation, overtime_rule::OvertimeRuleMutation, overtime_outlier::OutlierFlagMutation);
