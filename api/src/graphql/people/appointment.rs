//! Appointments (登用).

use crate::graphql::record::{limited, record_object, record_roots};
use crate::{store::appointment::AppointmentDraft, words::RankBand};
use entity::appointment::Column;
use sea_orm::ColumnTrait;

record_object! { dated
    /// One appointment (登用): a person's move from one rank band to another, effective on its date.
    Appointment = appointment {
        /// The rank band left; null for a first appointment, and never the band entered.
        from_band: Option<RankBand> = |row| row.from_band;
        /// The rank band entered, on the date.
        to_band: RankBand = |row| row.to_band;
    }
}

record_roots! { dated
    Appointment = appointment, AppointmentDraft;
    "Which appointments: all given conditions must hold, an empty list finds nothing, and void ones need `includeVoid`." {
        /// Into any of these rank bands; an empty list finds nothing.
        to_bands: Vec<RankBand> = |bands| {
            limited(&bands, "toBands").map(|bands| Column::ToBand.is_in(bands.iter().copied()))
        };
    }
    /// Appointments that you may see.
    appointments
    /// Writes appointments in bulk, of people whom the caller's bureaus hold; a machine client needs `PERSONNEL`.
    record_appointments
}
