//! One person's month, built set-based from the records: the base of every figure that counts persons.

use crate::{
    ids::{BureauId, JobRunId, StaffId, UnitId},
    period::YearMonth,
    posting::RankBand,
    staff::{Employment, Sex},
    text_enum::text_enum,
    work_regime::Regime,
};
use sea_orm::entity::prelude::*;

text_enum! {
    /// How a person stands to the office in a month: by the kind of the posting that places them.
    Standing {
        /// By a main post (本務).
        Main,
        /// By a concurrent post alone (併任), and works in the office (常駐).
        ConcurrentResident,
        /// By a concurrent post alone, and works elsewhere, mostly in a ministry.
        ConcurrentAway,
    }
}

/// One row for each person in post on any day of the month, placed by the last posting held in it.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "person_month")]
pub struct Model {
    /// The month.
    #[sea_orm(primary_key, auto_increment = false)]
    pub month: YearMonth,
    /// The person.
    #[sea_orm(primary_key, auto_increment = false)]
    pub staff_id: StaffId,
    /// Bureau of the last posting held in the month.
    pub bureau_id: BureauId,
    /// Its unit.
    pub unit_id: UnitId,
    /// Its rank band.
    pub band: RankBand,
    /// Its kind: whom a figure counts is told by it.
    pub standing: Standing,
    /// The unit's regime on the last day of that posting in the month; null where none is designated.
    pub regime: Option<Regime>,
    /// The person's sex.
    pub sex: Sex,
    /// Regular or non-regular.
    pub employment: Employment,
    /// Days of the month on which any posting was held.
    pub days_in_post: i32,
    /// 1 where in post on the last day of the month: the census.
    pub in_census: i32,
    /// 1 where subject to overtime on any day of the month.
    pub subject_to_overtime: i32,
    /// 1 where on leave on every workday in post, and without work: left out of comparisons.
    pub on_leave_all_month: i32,
    /// Worked minutes.
    pub worked_minutes: i32,
    /// Overtime minutes, by each shift's basis.
    pub overtime_minutes: i32,
    /// Worked minutes between 22:00 and 05:00.
    pub late_night_minutes: i32,
    /// Worked minutes on days off and holidays.
    pub day_off_minutes: i32,
    /// Overtime minutes that were confirmed beforehand.
    pub overtime_confirmed_minutes: i32,
    /// Overtime minutes by presence, on shifts whose source has both presence and ordered overtime.
    pub presence_compared_minutes: i32,
    /// Of those, the minutes beyond what was ordered.
    pub presence_beyond_minutes: i32,
    /// Shifts worked on on-time days.
    pub on_time_shifts: i32,
    /// Of those, the shifts that ended on time.
    pub on_time_departures: i32,
    /// Hires by exam.
    pub exam_hires: i32,
    /// Mid-career hires.
    pub mid_career_hires: i32,
    /// Shifts with pattern STAGGERED.
    pub staggered_shifts: i32,
    /// Telework days.
    pub telework_days: i32,
    /// Minutes of annual leave.
    pub annual_leave_minutes: i32,
    /// Shifts.
    pub shifts: i32,
    /// 1 where it is known how much overtime there was: a shift is recorded, or its absence is said to mean none.
    pub overtime_known: i32,
    /// 1 where it is known when the person was there.
    pub presence_known: i32,
    /// 1 where the bureau has reported telework.
    pub telework_known: i32,
    /// 1 where the bureau has reported leave.
    pub leave_known: i32,
    /// 1 where the bureau has reported hires.
    pub hires_known: i32,
    /// The run that computed the row.
    pub run_id: JobRunId,
}

impl ActiveModelBehavior for ActiveModel {}
