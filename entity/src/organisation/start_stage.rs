//! 早出遅出の段階: a start time that is offered to staff (the plan widens 5 stages to 10).

use crate::{
    ids::{BureauId, StartStageId},
    record::record,
};
use chrono::NaiveDate;

record! {
    /// One offered start time, for a bureau or, where the bureau is null, for the whole office.
    "start_stage", StartStageId, {
        /// The writing client.
        #[sea_orm(column_type = "Text")]
        pub client: String,
        /// The record's key in the client's own numbering.
        #[sea_orm(column_type = "Text")]
        pub external_id: String,
        /// The bureau that offers it; null for the whole office.
        pub bureau_id: Option<BureauId>,
        /// Start of the day, in minutes after midnight, not before 07:00.
        pub start_minute: i32,
        /// First day offered.
        pub valid_from: NaiveDate,
        /// First day no longer offered; null while it lasts.
        pub valid_to: Option<NaiveDate>,
    }
}
