//! 部局: a bureau has a life; it is created, abolished, and succeeded by another that inherits its records.

use crate::{ids::BureauId, record::record, text_enum::text_enum};
use chrono::NaiveDate;

text_enum! {
    /// Where a bureau's figures may appear, in published tables above all.
    Visibility {
        /// In published tables, under the bureau's own name.
        Open,
        /// Inside the office only, and in published tables within the line OTHER; the default.
        Internal,
        /// In the office's total alone: monthly figures of security bureaus show crisis activity.
        OfficeTotalOnly,
    }
}

record! {
    /// One bureau, keyed office-wide by its code.
    "bureau", BureauId, {
        /// Office-wide code.
        #[sea_orm(unique, column_type = "Text")]
        pub code: String,
        /// The folded twin of `code`: no two codes differ in case or width alone.
        #[sea_orm(unique, column_type = "Text")]
        #[serde(skip)]
        pub code_folded: String,
        /// Name in Japanese.
        #[sea_orm(column_type = "Text")]
        pub name_ja: String,
        /// Name in English.
        #[sea_orm(column_type = "Text")]
        pub name_en: String,
        /// First day in being.
        pub valid_from: NaiveDate,
        /// First day no longer in being; null while it lasts.
        pub valid_to: Option<NaiveDate>,
        /// The bureau that took over its work and inherits its scope.
        pub successor_id: Option<BureauId>,
        /// Where its figures may appear.
        pub visibility: Visibility,
        /// Where the bureau takes notices by mail: an office's address, nobody's own.
        #[sea_orm(column_type = "Text")]
        pub notice_address: Option<String>,
        /// Where the bureau's officer (女性活躍・WLB担当) takes mails: an office's address, nobody's own, that few read.
        #[sea_orm(column_type = "Text")]
        pub officer_address: Option<String>,
        /// Its place in the order of establishment (建制順); ties, and bureaus that have none and come last, are ordered by code.
        pub position: Option<i32>,
    }
}
