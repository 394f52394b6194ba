//! テレワーク: one day, or part of one, worked away from the office.

use crate::{ids::TeleworkDayId, record::record, text_enum::text_enum};

text_enum! {
    /// Where a person teleworked (テレワーク).
    TeleworkPlace {
        /// At the person's home (在宅).
        Home,
        /// In a satellite office (サテライトオフィス), away from the person's own.
        Satellite,
        /// Elsewhere, on the way (モバイル).
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
