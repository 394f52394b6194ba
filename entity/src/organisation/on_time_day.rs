//! 定時退庁日: a day on which staff leave at their scheduled end.

use crate::{
    ids::{BureauId, OnTimeDayId},
    record::record,
    text_enum::text_enum,
};
use chrono::{Days, NaiveDate};

text_enum! {
    /// The three kinds of on-time day (定時退庁日), on which staff leave at their scheduled end.
    OnTimeDayKind {
        /// The day of all ministries (全省庁一斉定時退庁日): every Wednesday.
        AllMinistries,
        /// The weekly day that a bureau sets for itself.
        OwnWeekly,
        /// The complete on-time day (完全定時退庁日): twice a month.
        Complete,
    }
}

text_enum! {
    /// What becomes of an on-time day that falls on no workday: the plan leaves it open, and the rules in force say it.
    OnTimeDayOff {
        /// There is none then.
        Lapses,
        /// It is held on the next workday.
        NextWorkday,
        /// It is held on the workday before.
        PreviousWorkday,
    }
}

/// How far an on-time day moves at most, in days: over the turn of the year and the longest run of holidays there was.
pub const REACH: Days = Days::new(14);

/// The day on which an on-time day is held: its own where that is a workday, else as the rules say; none where it lapses.
#[must_use]
pub fn held_on(date: NaiveDate, rule: OnTimeDayOff, is_workday: impl Fn(NaiveDate) -> bool) -> Option<NaiveDate> {
    if is_workday(date) {
        return Some(date);
    }
    let mut ahead = date.iter_days().skip(1).take_while(|day| *day <= date + REACH);
    let mut back = date.iter_days().rev().skip(1).take_while(|day| *day >= date - REACH);
    match rule {
        OnTimeDayOff::Lapses => None,
        OnTimeDayOff::NextWorkday => ahead.find(|day| is_workday(*day)),
        OnTimeDayOff::PreviousWorkday => back.find(|day| is_workday(*day)),
    }
}

record! {
    /// One on-time day of a bureau, or of the whole office where the bureau is null.
    "on_time_day", OnTimeDayId, {
        /// The writing client.
        #[sea_orm(column_type = "Text")]
        pub client: String,
        /// The record's key in the client's own numbering.
        #[sea_orm(column_type = "Text")]
        pub external_id: String,
        /// The bureau it holds for; null for the whole office.
        pub bureau_id: Option<BureauId>,
        /// The civil date.
        pub date: NaiveDate,
        /// Its kind.
        pub kind: OnTimeDayKind,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::period::weekdays;

    #[test]
    fn an_on_time_day_moves_as_the_rules_say() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        // Wednesday 29 April 2020 is a holiday, and so are the days from 4 to 6 May.
        let holidays = ["2020-04-29", "2020-05-04", "2020-05-05", "2020-05-06"].map(day);
        let is_workday = |date: NaiveDate| weekdays(date, date + Days::new(1)).next().is_some() && !holidays.contains(&date);
        let held = |date: &str, rule| held_on(day(date), rule, is_workday).map(|date| date.to_string());
        for rule in [OnTimeDayOff::Lapses, OnTimeDayOff::NextWorkday, OnTimeDayOff::PreviousWorkday] {
            assert_eq!(held("2020-04-22", rule).unwrap(), "2020-04-22", "a workday stays");
        }
        assert_eq!(held("2020-04-29", OnTimeDayOff::Lapses), None);
        assert_eq!(held("2020-04-29", OnTimeDayOff::NextWorkday).unwrap(), "2020-04-30");
        assert_eq!(held("2020-04-29", OnTimeDayOff::PreviousWorkday).unwrap(), "2020-04-28");
        assert_eq!(held("2020-05-06", OnTimeDayOff::PreviousWorkday).unwrap(), "2020-05-01", "over holidays and the weekend");
        assert_eq!(held("2020-12-30", OnTimeDayOff::NextWorkday).unwrap(), "2021-01-04", "over the new year");
    }
}
