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
    "Which telework days." {
        /// Worked in this place.
        place: TeleworkPlace = |place| Column::Place.eq(place);
    }
    /// Telework days that you may see.
    telework_days
    /// Writes telework days in bulk.
    record_telework_days
}
