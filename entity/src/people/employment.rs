//! 在職: a period in which a person is in the office's employment. Who comes back, such as a secondee of former years, has another one; those of
//! a person never overlap. `staff` shows what the latest one says.

use crate::{
    ids::{EmploymentId, StaffId},
    record::record,
    staff::{Employment, Origin, SeparationReason},
};
use chrono::NaiveDate;

record! {
    /// One period of employment, `[valid_from, valid_to)`.
    "employment", EmploymentId, {
        /// The writing client.
        #[sea_orm(column_type = "Text")]
        pub client: String,
        /// The record's key in the client's own numbering; that of a period which `recordStaff` wrote is its id.
        #[sea_orm(column_type = "Text")]
        pub external_id: String,
        /// The person.
        pub staff_id: StaffId,
        /// Regular or non-regular.
        pub kind: Employment,
        /// Direct hire or secondee.
        pub origin: Origin,
        /// The ministry of origin of a secondee.
        #[sea_orm(column_type = "Text")]
        pub seconded_from: Option<String>,
        /// First day in the office's employment.
        pub valid_from: NaiveDate,
        /// First day no longer employed; null while employed.
        pub valid_to: Option<NaiveDate>,
        /// Why they left; set with `valid_to`.
        pub separation_reason: Option<SeparationReason>,
    }
}
