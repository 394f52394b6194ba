//! Telework days (テレワーク).

use crate::graphql::record::{record_object, record_roots};
use crate::{store::telework_day::TeleworkDayDraft, words::TeleworkPlace};
use entity::telework_day::Column;
use sea_orm::ColumnTrait;

record_object! { dated
    /// One day, or part of one, that a person worked away from the office (テレワーク); at most one a day.
    TeleworkDay = telework_day {
        /// Where the person worked.
        place: TeleworkPlace = |row| row.place;
        /// Minutes away from the office; 465 is a whole standard day.
        minutes: i32 = |row| row.minutes;
    }
}

record_roots! { dated
    TeleworkDay = telework_day, TeleworkDayDraft;
    "Which telework days: all given conditions must hold, an empty list finds nothing, and void ones need `includeVoid`." {
        /// Worked in this kind of place alone.
        place: TeleworkPlace = |place| Column::Place.eq(place);
    }
    /// Telework days that you may see.
    telework_days
    /// Writes telework days in bulk, of people posted in the caller's bureaus; a machine client needs `TIME`.
    record_telework_days
}
