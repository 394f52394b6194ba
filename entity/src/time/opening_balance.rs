//! Overtime of a secondee in the months before the secondment: hours follow the person, and count in yearly sums and means.

use crate::{ids::OpeningBalanceId, period::YearMonth, record::record, work_regime::Regime};

record! {
    /// One month's overtime elsewhere; its date is the day of arrival. It counts where the person has no person-month here.
    dated "opening_balance", OpeningBalanceId, {
        /// The month of the overtime, before the day of arrival or the same.
        pub month: YearMonth,
        /// The regime there, where it is known.
        pub regime: Option<Regime>,
        /// Overtime minutes.
        pub minutes: i32,
    }
}
