//! 担当 / 課: a unit of a bureau; work regimes and managers' scopes hang on it.

use crate::{
    ids::{BureauId, UnitId},
    record::record,
};
use chrono::NaiveDate;

record! {
    /// One unit, keyed office-wide by its code.
    "unit", UnitId, {
        /// Office-wide code.
        #[sea_orm(unique, column_type = "Text")]
        pub code: String,
        /// The folded twin of `code`: no two codes differ in case or width alone.
        #[sea_orm(unique, column_type = "Text")]
        #[serde(skip)]
        pub code_folded: String,
        /// The bureau it belongs to.
        pub bureau_id: BureauId,
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
    }
}
