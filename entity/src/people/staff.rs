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
        /// 女性.
        Female,
        /// 男性.
        Male,
        /// The source does not say.
        NotRecorded,
    }
}
text_enum! {
    /// 常勤 or 非常勤.
    Employment {
        /// 常勤.
        Regular,
        /// 非常勤.
        NonRegular,
    }
}
text_enum! {
    /// Where a staff member comes from.
    Origin {
        /// 内閣官房採用.
        Direct,
        /// 出向.
        Secondee,
    }
}
text_enum! {
    /// Why a staff member left.
    SeparationReason {
        /// Retirement at the age limit or by recommendation.
        Retirement,
        /// Resignation.
        Resignation,
        /// Return to the ministry of origin.
        EndOfSecondment,
        /// End of a fixed term.
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
