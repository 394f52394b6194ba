//! How long each noun is kept: data that administrators change, with usual periods to start from.

use crate::{ids::RetentionId, text_enum::text_enum};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::entity::prelude::*;

text_enum! {
    /// What is kept for a time: a table, or what some of its columns say.
    RetentionNoun {
        /// Shifts, by date.
        Shift,
        /// Overtime requests, by date.
        OvertimeRequest,
        /// Telework days, by date.
        TeleworkDay,
        /// Leave entries, by date.
        LeaveEntry,
        /// Hires, by date.
        Hire,
        /// Appointments, by date.
        Appointment,
        /// Person-months, by month.
        PersonMonth,
        /// Exceptional work, by the day it began.
        ExceptionalWork,
        /// Overtime before a secondment, by the day of arrival.
        OpeningBalance,
        /// Overtime outliers with their history, by month.
        OutlierFlag,
        /// What is said of a person and in the person's postings, from the separation on.
        Staff,
        /// Former versions of records that are still kept, from the day they were replaced.
        RecordRevision,
        /// Keys, hashes and outcomes of bulk calls.
        Receipt,
        /// Statistics, checkpoints and reasons of runs that are over.
        JobRun,
        /// What happened to runs that are over.
        JobRunEvent,
        /// Mails.
        MailOutbox,
    }
}
text_enum! {
    /// What a period is counted in.
    RetentionUnit {
        /// Whole fiscal years after the one in which the time falls: counted from 1 April, as 保存期間の起算日 of official documents is.
        FiscalYears,
        /// Days.
        Days,
    }
}

impl RetentionNoun {
    /// Whether figures of a month are computed from its rows, so that without them the month cannot be computed anew.
    #[must_use]
    pub const fn is_under_figures(self) -> bool {
        match self {
            Self::Shift | Self::OvertimeRequest | Self::TeleworkDay | Self::LeaveEntry | Self::Hire | Self::PersonMonth | Self::Staff => {
                true
            }
            Self::Appointment
            | Self::ExceptionalWork
            | Self::OpeningBalance
            | Self::OutlierFlag
            | Self::RecordRevision
            | Self::Receipt
            | Self::JobRun
            | Self::JobRunEvent
            | Self::MailOutbox => false,
        }
    }

    /// The period that an installation starts with.
    ///
    /// Records rest on the plan: its follow-up is yearly, compares with the year before it began, and an office must be able to show what a
    /// published figure rests on for as long as official documents of that kind (attendance books, leave books, orders for overtime) are
    /// usually kept: five years after the fiscal year's end. Careers (hires, appointments) are followed over a plan's whole life, five
    /// years, and reported once more after it: ten. What is said of persons goes with the last of their records, ten years after they left.
    /// Receipts are kept 90 days, as the API promises of its keys; the rest is the platform's own and serves its operation. Which schedule
    /// of retention (標準文書保存期間基準) binds an office is the office's to say; these are data for that reason.
    #[must_use]
    pub const fn usual(self) -> (i32, RetentionUnit) {
        match self {
            Self::Shift
            | Self::OvertimeRequest
            | Self::TeleworkDay
            | Self::LeaveEntry
            | Self::PersonMonth
            | Self::ExceptionalWork
            | Self::OpeningBalance
            | Self::OutlierFlag
            | Self::RecordRevision => (5, RetentionUnit::FiscalYears),
            Self::Hire | Self::Appointment | Self::Staff => (10, RetentionUnit::FiscalYears),
            Self::Receipt => (90, RetentionUnit::Days),
            Self::JobRunEvent => (400, RetentionUnit::Days),
            Self::JobRun => (1_100, RetentionUnit::Days),
            Self::MailOutbox => (365, RetentionUnit::Days),
        }
    }
}

/// The period of one noun.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "retention")]
pub struct Model {
    /// The row's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RetentionId,
    /// What is kept.
    #[sea_orm(unique)]
    pub noun: RetentionNoun,
    /// How long, in its unit.
    pub length: i32,
    /// What the length counts.
    pub unit: RetentionUnit,
    /// When it was last changed.
    pub changed_at: DateTime<Utc>,
    /// Who changed it, `system` for the usual period.
    #[sea_orm(column_type = "Text")]
    pub changed_by: String,
    /// Why, as given.
    #[sea_orm(column_type = "Text")]
    pub reason: Option<String>,
    /// Rows from before this day have been erased; null while none has been. It only grows, whatever becomes of the period.
    pub disposed_before: Option<NaiveDate>,
}

impl ActiveModelBehavior for ActiveModel {}
