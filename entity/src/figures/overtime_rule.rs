//! The rules of overtime, effective-dated data: caps, the doctor's interview, and the parameters of statistical flags.
//!
//! A row is a whole set of rules, in force from its month until the next row's. The sets that an installation starts with are the Cabinet
//! Secretariat's; an administrator changes them, and every change is audited. Source of the caps: 人事院規則15-14 第16条の2の2 (since
//! 2019-04-01); of the score: Iglewicz and Hoaglin, How to Detect and Handle Outliers (1993). Deliberately absent: what a set makes of a
//! person's month, which is `overtime`.

use crate::{ids::OvertimeRuleId, on_time_day::OnTimeDayOff, period::YearMonth, work_regime::Regime};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::entity::prelude::*;

/// One set of rules. Minutes are overtime of a person; a null cap binds nobody.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, DeriveEntityModel)]
#[serde(rename_all = "camelCase")]
#[sea_orm(table_name = "overtime_rule")]
pub struct Model {
    /// The row's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OvertimeRuleId,
    /// The first month in force.
    #[sea_orm(unique)]
    pub valid_from: YearMonth,
    /// Counts the changes of all sets, from 1: the version that a flag names.
    pub version: i32,
    /// The first month whose hours count in yearly sums and means: hours before the caps were in force count in none.
    pub counted_from: YearMonth,
    /// The regime of units that have no designation.
    pub default_regime: Regime,
    /// The month (1 to 12) in which the year of the caps begins.
    pub first_month: i32,
    /// 自律的業務: at most this in a month.
    pub self_paced_month_minutes: Option<i32>,
    /// 自律的業務: at most this in a year.
    pub self_paced_year_minutes: Option<i32>,
    /// 他律的業務: below this in a month.
    pub driven_month_minutes: Option<i32>,
    /// 他律的業務, and who moved from it within the year: at most this in a year.
    pub driven_year_minutes: Option<i32>,
    /// 他律的業務: at most this as the mean of every 2 to `mean_months` consecutive months.
    pub driven_mean_minutes: Option<i32>,
    /// The longest such window, 2 to 6.
    pub mean_months: i32,
    /// 他律的業務: a month above this counts as one of the year's long months.
    pub long_month_minutes: i32,
    /// 他律的業務: at most so many long months in a year.
    pub driven_long_months: Option<i32>,
    /// From this in a month on, a doctor's interview (医師による面接指導) is due.
    pub interview_month_minutes: Option<i32>,
    /// Above this as the mean of 2 to `mean_months` months, one is due.
    pub interview_mean_minutes: Option<i32>,
    /// A score above this many thousandths is a statistical flag: 3,500.
    pub score_thousandths: i32,
    /// Under so many peers in bureau and regime, the whole office is compared with.
    pub least_peers: i32,
    /// Under so many earlier months of one's own, they are not compared with.
    pub least_own_months: i32,
    /// A statistical flag needs at least this in the month.
    pub floor_minutes: i32,
    /// And at least this above the median.
    pub floor_above_median_minutes: i32,
    /// From this in a month on, overtime of which nothing was confirmed beforehand is flagged; null for never.
    pub unconfirmed_minutes: Option<i32>,
    /// A warning of the year's pace needs so many months of it; null for none.
    pub pace_months: Option<i32>,
    /// Days in which a flag is to be acknowledged.
    pub acknowledge_days: i32,
    /// Days in which its review is to end.
    pub review_days: i32,
    /// Minutes after the scheduled end within which who leaves on an on-time day is on time.
    pub on_time_grace_minutes: i32,
    /// What becomes of an on-time day that falls on no workday.
    pub on_time_day_off: OnTimeDayOff,
    /// When it was last changed.
    pub changed_at: DateTime<Utc>,
    /// Who changed it, `system` for the shipped sets.
    #[sea_orm(column_type = "Text")]
    pub changed_by: String,
    /// Why, as given.
    #[sea_orm(column_type = "Text")]
    pub reason: Option<String>,
}

/// Minutes of grace that an installation starts with on on-time days.
pub const GRACE_MINUTES: i32 = 15;

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The sets that an installation starts with: no caps before 2019-04, when there were guidelines only; the Cabinet Secretariat's since.
    #[must_use]
    pub fn shipped(at: DateTime<Utc>) -> [Self; 2] {
        // The plan begins in 2015-02.
        let [plan, caps] = [NaiveDate::from_ymd_opt(2015, 2, 1), NaiveDate::from_ymd_opt(2019, 4, 1)];
        let [plan, caps] = [plan, caps].map(|date| YearMonth::of(date.unwrap_or_default()));
        let before = Self {
            id: OvertimeRuleId::new(),
            valid_from: plan,
            version: 1,
            counted_from: caps,
            default_regime: Regime::SelfPaced,
            first_month: 4,
            self_paced_month_minutes: None,
            self_paced_year_minutes: None,
            driven_month_minutes: None,
            driven_year_minutes: None,
            driven_mean_minutes: None,
            mean_months: 6,
            long_month_minutes: 45 * 60,
            driven_long_months: None,
            interview_month_minutes: None,
            interview_mean_minutes: None,
            score_thousandths: 3_500,
            least_peers: 10,
            least_own_months: 6,
            floor_minutes: 30 * 60,
            floor_above_median_minutes: 10 * 60,
            unconfirmed_minutes: Some(30 * 60),
            pace_months: None,
            acknowledge_days: 14,
            review_days: 60,
            on_time_grace_minutes: GRACE_MINUTES,
            on_time_day_off: OnTimeDayOff::Lapses,
            changed_at: at,
            changed_by: "system".into(),
            reason: None,
        };
        let since = Self {
            id: OvertimeRuleId::new(),
            valid_from: caps,
            version: 2,
            self_paced_month_minutes: Some(45 * 60),
            self_paced_year_minutes: Some(360 * 60),
            driven_month_minutes: Some(100 * 60),
            driven_year_minutes: Some(720 * 60),
            driven_mean_minutes: Some(80 * 60),
            driven_long_months: Some(6),
            interview_month_minutes: Some(100 * 60),
            interview_mean_minutes: Some(80 * 60),
            pace_months: Some(3),
            ..before.clone()
        };
        [before, since]
    }
}
