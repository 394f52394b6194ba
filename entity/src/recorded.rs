//! The nouns whose records are followed: all that are recorded.

use crate::{noun::Noun, text_enum::text_enum};

/// The recorded nouns with their tables, in the order of the tables' names.
#[macro_export]
macro_rules! each_recorded {
    ($make:ident) => {
        $make! {
            /// An appointment.
            Appointment = appointment,
            /// A bureau.
            Bureau = bureau,
            /// A period of employment.
            Employment = employment,
            /// Exceptional work.
            ExceptionalWork = exceptional_work,
            /// A hire.
            Hire = hire,
            /// A holiday.
            Holiday = holiday,
            /// A leave entry.
            LeaveEntry = leave_entry,
            /// A target of annual leave.
            LeaveTarget = leave_target,
            /// An on-time day.
            OnTimeDay = on_time_day,
            /// Overtime before a secondment.
            OpeningBalance = opening_balance,
            /// An overtime request.
            OvertimeRequest = overtime_request,
            /// A posting.
            Posting = posting,
            /// A shift.
            Shift = shift,
            /// A staff member.
            Staff = staff,
            /// A start stage.
            StartStage = start_stage,
            /// A target.
            Target = target,
            /// A telework day.
            TeleworkDay = telework_day,
            /// A unit.
            Unit = unit,
            /// A work regime.
            WorkRegime = work_regime,
        }
    };
}

macro_rules! recorded {
    ($(#[$doc:meta] $name:ident = $table:ident,)+) => {
        text_enum! {
            /// What is recorded, and followed by `changes`.
            RecordedNoun { $(#[$doc] $name),+ }
        }

        impl RecordedNoun {
            /// All of them, in the order of their tables' names.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The noun.
            #[must_use]
            pub const fn noun(self) -> Noun {
                match self {
                    $(Self::$name => Noun::$name,)+
                }
            }
        }
    };
}
each_recorded!(recorded);

impl RecordedNoun {
    /// That of a table.
    #[must_use]
    pub fn of_table(table: &str) -> Option<Self> {
        Self::ALL.iter().find(|recorded| recorded.noun().table() == table).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::noun::Recording;

    #[test]
    fn what_the_register_says_is_recorded_is_followed() {
        let mut recorded: Vec<&str> =
            Noun::ALL.iter().filter(|noun| noun.recording() != Recording::Nobody).map(|noun| noun.table()).collect();
        recorded.sort_unstable();
        assert_eq!(RecordedNoun::ALL.iter().map(|noun| noun.noun().table()).collect::<Vec<_>>(), recorded);
        assert!(RecordedNoun::ALL.is_sorted());
    }
}
