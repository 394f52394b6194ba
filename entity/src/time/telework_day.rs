//! テレワーク: one day, or part of one, worked away from the office.

use crate::{ids::TeleworkDayId, record::record, text_enum::text_enum};

text_enum! {
    /// Where a person teleworked.
    TeleworkPlace {
        /// At home.
        Home,
        /// In a satellite office.
        Satellite,
        /// On the way.
        Mobile,
    }
}

record! {
    /// One telework day of a person; a person has at most one a day.
    dated "telework_day", TeleworkDayId, {
        /// Where.
        pub place: TeleworkPlace,
        /// Minutes away from the office, 465 for a whole standard day.
        pub minutes: i32,
    }
}
