//! Overtime outliers: what a person's month was flagged for, on which evidence, and how far its review has come.
//!
//! Cap breaches and statistical flags are kinds of their own. A rerun changes the evidence and never the review; a flag that a correction
//! removes is withdrawn and kept, and one that returns names the former one. A flag is personal data. Deliberately absent: sentences, which
//! are made of the evidence when somebody reads it.

use crate::{
    ids::{BureauId, JobRunId, OvertimeOutlierId, StaffId, UnitId},
    period::YearMonth,
    text_enum::text_enum,
    work_regime::Regime,
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::entity::prelude::*;

text_enum! {
    /// What an overtime outlier is about: at most one of a kind stands for a person's month.
    OutlierKind {
        /// The month's cap of the person's regime: 45 h, or 100 h.
        MonthCap,
        /// The year's cap: 360 h of self-paced work, or 720 h of externally driven work and of who moved from it within the year.
        YearCap,
        /// The mean of 2 to 6 consecutive months: 80 h.
        MeanCap,
        /// Too many long months in the year: the seventh above 45 h.
        LongMonths,
        /// A doctor's interview (医師による面接指導) is due: from 100 h in the month, or above 80 h as the mean of 2 to 6 months.
        Interview,
        /// Far above the peers of the month by the modified z-score, and above the floors that the rules set.
        AbovePeers,
        /// Far above the person's own earlier months, by the same score and floors.
        AboveOwnMonths,
        /// Nothing of the month's overtime was confirmed beforehand.
        Unconfirmed,
        /// At this pace the year's cap will be reached.
        Pace,
    }
}
text_enum! {
    /// How an overtime outlier is to be taken; breaches and statistics are kept apart.
    OutlierCategory {
        /// A cap on overtime was passed, or one reached that overtime is to stay under (rule 15-14), and not for exceptional work.
        Breach,
        /// A cap was passed or reached so for exceptional work (特例業務), which is no breach but must be analysed.
        AboveCapExceptional,
        /// Something must be done: a doctor's interview.
        Duty,
        /// A statistical flag: an unusual workload, and no more than that.
        Statistical,
        /// A warning of what comes, or of how overtime is ordered.
        Warning,
    }
}
text_enum! {
    /// How much an overtime outlier weighs, lightest first.
    Severity {
        /// To be looked at: statistical flags and warnings.
        Notice,
        /// To be explained: the self-paced month's cap, too many long months, and any cap exceeded for exceptional work.
        Serious,
        /// To be acted on at once: caps of the year and of the mean, a month from the externally driven cap on, a doctor's interview.
        Critical,
    }
}
text_enum! {
    /// With whom, or with what, a statistical flag compares.
    PeerLevel {
        /// Everyone in post and subject to overtime in the same bureau and regime.
        Bureau,
        /// The whole office, for the bureau has too few.
        Office,
        /// The person's own earlier months.
        Own,
    }
}
text_enum! {
    /// How the score of a statistical flag was made.
    ScoreMethod {
        /// The modified z-score of Iglewicz and Hoaglin: 0.6745 · (x − median) ÷ median absolute deviation.
        MedianDeviation,
        /// (x − median) ÷ (1.253314 · mean absolute deviation), where the former is 0.
        MeanDeviation,
    }
}
text_enum! {
    /// How far the review of an overtime outlier has come; it never becomes open again.
    ReviewState {
        /// Nobody has looked; the bureau's officer is to acknowledge it by `acknowledgeBy`.
        Open,
        /// The bureau's officer has looked; the reason is still to be given.
        Acknowledged,
        /// The reason is known, and nothing else is to be done.
        Explained,
        /// Something was done upon it, which its history tells; the review has ended.
        ActionTaken,
        /// It was found to be no outlier, for a reason that its history tells; the review has ended.
        Dismissed,
    }
}

impl ReviewState {
    /// Whether the review has ended.
    #[must_use]
    pub const fn is_over(self) -> bool {
        match self {
            Self::Open | Self::Acknowledged => false,
            Self::Explained | Self::ActionTaken | Self::Dismissed => true,
        }
    }

    /// Whether a review that stands at `self` may go on to `next`. One that has ended may be taken up again with another end; it never
    /// becomes open again.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        match next {
            Self::Open => false,
            Self::Acknowledged => matches!(self, Self::Open),
            Self::Explained | Self::ActionTaken | Self::Dismissed => true,
        }
    }
}

/// One flag. Which of the numbers are there depends on its kind; minutes are overtime.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "overtime_outlier")]
pub struct Model {
    /// The row's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OvertimeOutlierId,
    /// The month.
    pub month: YearMonth,
    /// The person.
    pub staff_id: StaffId,
    /// The bureau of the person's last posting in the month: the row scope.
    pub bureau_id: BureauId,
    /// Its unit.
    pub unit_id: UnitId,
    /// The regime that the person was judged by.
    pub regime: Regime,
    /// What it is about.
    pub kind: OutlierKind,
    /// How it is to be taken.
    pub category: OutlierCategory,
    /// How much it weighs.
    pub severity: Severity,
    /// The month's minutes.
    pub minutes: i32,
    /// What was compared with the cap: the sum of the year or of the window.
    pub total_minutes: Option<i32>,
    /// Over so many months, or so many long months.
    pub months: Option<i32>,
    /// The cap in minutes: for a mean, of one month.
    pub limit_minutes: Option<i32>,
    /// The cap in long months.
    pub limit_months: Option<i32>,
    /// The month in which the cap will be reached.
    pub projected_month: Option<YearMonth>,
    /// Twice the median in minutes, which may be a half.
    pub median_doubled: Option<i32>,
    /// The scale in minutes, a quotient: the median or mean absolute deviation.
    pub scale_numerator: Option<i64>,
    /// Its divisor.
    pub scale_denominator: Option<i64>,
    /// How many values median and scale rest on.
    pub peers: Option<i32>,
    /// Whose they are.
    pub peer_level: Option<PeerLevel>,
    /// How the score was made of them.
    pub method: Option<ScoreMethod>,
    /// The set of rules.
    pub rule_version: i32,
    /// The latest run that wrote a person-month of the month: the revision of what was judged.
    pub input_run_id: JobRunId,
    /// The run that raised the flag.
    pub run_id: JobRunId,
    /// When it was raised.
    pub raised_at: DateTime<Utc>,
    /// When it was numbered: in the order of the commits, and no earlier than it was raised.
    pub numbered_at: Option<DateTime<Utc>>,
    /// When its evidence last changed.
    pub changed_at: DateTime<Utc>,
    /// To be acknowledged by this day.
    pub acknowledge_by: NaiveDate,
    /// To be explained, acted on or dismissed by this day.
    pub review_by: NaiveDate,
    /// How far the review has come.
    pub review: ReviewState,
    /// When it ended.
    pub reviewed_at: Option<DateTime<Utc>>,
    /// The day of the doctor's interview, once it was held; its result is nobody's business.
    pub interview_held_on: Option<NaiveDate>,
    /// When a correction removed it.
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// The former flag of the same kind, person and month, which was withdrawn.
    pub returned_from: Option<OvertimeOutlierId>,
}

impl ActiveModelBehavior for ActiveModel {}
