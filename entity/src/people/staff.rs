//! 職員: a staff member, known by number alone; no name is held.

use crate::{
    ids::{BureauId, StaffId},
    record::record,
    text_enum::text_enum,
};
use chrono::NaiveDate;

text_enum! {
    /// Sex as the source records it.
    Sex {
        /// Female (女性).
        Female,
        /// Male (男性).
        Male,
        /// The source does not say.
        NotRecorded,
    }
}
text_enum! {
    /// Whether a staff member is regular (常勤) or non-regular (非常勤); the two never share a rate.
    Employment {
        /// Regular (常勤): whom the indicators of the catalogue count.
        Regular,
        /// Non-regular (非常勤): whom no indicator of the catalogue counts.
        NonRegular,
    }
}
text_enum! {
    /// Where a staff member comes from.
    Origin {
        /// Hired by the office itself (内閣官房採用).
        Direct,
        /// On secondment from a ministry (出向); the arrival is no hire.
        Secondee,
    }
}
text_enum! {
    /// Why a staff member left.
    SeparationReason {
        /// Retirement at the age limit or by recommendation.
        Retirement,
        /// Resignation at the person's own wish; the reasons for it are never held.
        Resignation,
        /// Return to the ministry of origin.
        EndOfSecondment,
        /// End of a fixed term (任期の終わり).
        EndOfTerm,
        /// Any other reason, which is not recorded.
        Other,
    }
}

record! {
    /// One staff member, keyed office-wide by staff number.
    "staff", StaffId, {
        /// Office-wide number.
        #[sea_orm(unique, column_type = "Text")]
        pub staff_number: String,
        /// The folded twin of `staff_number`: no two numbers differ in case or width alone.
        #[sea_orm(unique, column_type = "Text")]
        #[serde(skip)]
        pub staff_number_folded: String,
        /// Sex as recorded.
        pub sex: Sex,
        /// Regular or non-regular.
        pub employment: Employment,
        /// Direct hire or secondee.
        pub origin: Origin,
        /// The ministry of origin of a secondee.
        #[sea_orm(column_type = "Text")]
        pub seconded_from: Option<String>,
        /// First day in the office's employment.
        pub hired_on: NaiveDate,
        /// First day no longer employed; null while employed.
        pub separated_on: Option<NaiveDate>,
        /// Why they left; set with `separated_on`.
        pub separation_reason: Option<SeparationReason>,
        /// The bureau for which the person was recorded, which holds them until they have a post; null where none was named.
        pub recorded_bureau_id: Option<BureauId>,
    }
}
