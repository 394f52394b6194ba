//! How many records of one bulk call were written and warned of: a row for each code. No key, person or place, so that it tells of the source alone.

use crate::{ids::ReceiptId, text_enum::text_enum};
use chrono::NaiveDate;
use sea_orm::entity::prelude::*;

text_enum! {
    /// What is worth a second look in a record that was written: sources are sometimes right, and so nothing is refused for it.
    RecordWarningCode {
        /// A first day no longer (`validTo`, `separatedOn`, `releasedOn`) on a month's last day: sources give the last day, which `lastDay`,
        /// `lastDayInService` and `lastDayBeforeRelease` take as it is.
        EndsOnLastDayOfMonth,
        /// One day alone lies between two posts of a person: the last day was given as the first day no longer.
        PostingGapOfOneDay,
        /// A post of the designated service that is subject to the rules of overtime: nobody in it draws overtime pay.
        DesignatedSubjectToOvertime,
        /// A hire on another day than the person's first day of employment.
        HireNotOnFirstDay,
        /// An appointment to a band below the one that is left.
        AppointmentToLowerBand,
        /// A shift of the kind `WORKDAY` on a weekend or holiday.
        WorkdayOnDayOff,
        /// A shift of the kind `HOLIDAY` on a day that is no holiday.
        HolidayOnNoHoliday,
        /// A staggered shift whose schedule starts at none of the stages that the bureau or the office offers on the day.
        StartOutsideStages,
        /// Leave and work within the schedule of one day that do not fit into it, above all a whole day of each.
        LeaveBesideWork,
        /// Leave on a weekend or holiday.
        LeaveOnDayOff,
        /// More days of a kind of leave in a calendar year than the law gives.
        LeaveBeyondYearlyDays,
        /// Leave for the birth of a spouse's child, or to take part in childcare, of a woman: both are given to men (妻の出産).
        SpouseLeaveOfWoman,
        /// Telework on a weekend or holiday.
        TeleworkOnDayOff,
        /// An overtime request that was decided by the person themselves.
        OvertimeDecidedByOneself,
        /// An on-time day on a weekend or holiday: it is held on another day, or lapses, as the rules in force say.
        OnTimeDayOnDayOff,
        /// A name with characters that nobody sees (zero width, soft hyphen, private use): it is kept without them.
        InvisibleInName,
    }
}

/// The warnings of one code in one call.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "receipt_warning")]
pub struct Model {
    /// The call.
    #[sea_orm(primary_key, auto_increment = false)]
    pub receipt_id: ReceiptId,
    /// What was warned of.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: RecordWarningCode,
    /// The client that called; `OFFICE` for people.
    #[sea_orm(column_type = "Text")]
    pub client: String,
    /// The civil date (Asia/Tokyo) of the call.
    pub day: NaiveDate,
    /// How many warnings.
    pub warnings: i64,
}

impl ActiveModelBehavior for ActiveModel {}
