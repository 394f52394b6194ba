//! 配属: who serves where, when, in which band. Primary postings of a person never overlap; concurrent ones (併任) may.

use crate::{
    ids::{BureauId, PostingId, StaffId, UnitId},
    record::record,
    text_enum::text_enum,
};
use chrono::NaiveDate;

text_enum! {
    /// Whether a posting is the person's main post (本務) or one held beside it (併任).
    PostingKind {
        /// The main post (本務); those of a person never overlap.
        Primary,
        /// A concurrent post (併任), held beside a main post, often in a ministry; several may overlap.
        Concurrent,
    }
}
text_enum! {
    /// The rank band (役職段階) of a post, lowest first.
    RankBand {
        /// Staff (係員), the lowest band.
        Staff,
        /// Chiefs and their equals (係長相当).
        Chief,
        /// Assistant directors and their equals (課長補佐相当).
        AssistantDirector,
        /// Directors and their equals (課室長相当), such as 参事官.
        Director,
        /// The designated service and its equals (指定職相当), the highest band.
        Designated,
    }
}

record! {
    /// One posting, in force on `[valid_from, valid_to)`.
    "posting", PostingId, {
        /// The writing client.
        #[sea_orm(column_type = "Text")]
        pub client: String,
        /// The record's key in the client's own numbering.
        #[sea_orm(column_type = "Text")]
        pub external_id: String,
        /// The person.
        pub staff_id: StaffId,
        /// The bureau.
        pub bureau_id: BureauId,
        /// The unit, one of the bureau's.
        pub unit_id: UnitId,
        /// Main post or held beside it.
        pub kind: PostingKind,
        /// 常駐: works in the office, not in a ministry.
        pub resident: bool,
        /// Rank band.
        pub band: RankBand,
        /// Job area, the office's own word.
        #[sea_orm(column_type = "Text")]
        pub job_area: Option<String>,
        /// Whether overtime rules bind: not for 指定職 and managers on 俸給の特別調整額.
        pub subject_to_overtime: bool,
        /// First day in force.
        pub valid_from: NaiveDate,
        /// First day no longer in force; null while open.
        pub valid_to: Option<NaiveDate>,
        /// From this day on the bureau it is released to may write the person's main post.
        pub released_on: Option<NaiveDate>,
        /// To which bureau; a release from before releases named one is to whoever comes first.
        pub released_to: Option<BureauId>,
    }
}
