//! 登用: a person's move from one rank band to another.

use crate::{ids::AppointmentId, posting::RankBand, record::record};

record! {
    /// One appointment, effective on `date`.
    dated "appointment", AppointmentId, {
        /// The band left; null for a first appointment.
        pub from_band: Option<RankBand>,
        /// The band entered.
        pub to_band: RankBand,
    }
}
