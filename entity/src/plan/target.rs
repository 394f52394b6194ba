//! 目標: effective-dated data, each with population, decider and qualifier; never a constant.

use crate::{
    ids::{BureauId, PlanId, TargetId, UnitId},
    record::record,
    text_enum::text_enum,
};
use chrono::NaiveDate;

text_enum! {
    /// Whose figure a target speaks of, which decides whether attainment is told.
    TargetPopulation {
        /// The whole office: attainment and gap appear on its figure.
        Office,
        /// The whole government: a reference until the office sets its own.
        Government,
        /// One bureau: attainment and gap appear on its figure.
        Bureau,
        /// One unit: attainment and gap appear beside its people's figure, for who may see its people.
        Unit,
    }
}
text_enum! {
    /// How a target's value is meant.
    Qualifier {
        /// At least the value (以上), compared exactly.
        AtLeast,
        /// At most the value (以下), compared exactly.
        AtMost,
        /// About the value (程度): met from what rounds to it, on the side that is the better one, compared to the whole percent, hour or day.
        About,
        /// Everyone (全員), compared exactly.
        All,
    }
}
text_enum! {
    /// Who set a target: the office for itself, or the government.
    Decider {
        /// The office's own plan (取組計画).
        Plan,
        /// The government's basic plan for gender equality.
        BasicPlan,
    }
}

record! {
    /// One target of one indicator.
    "target", TargetId, {
        /// The writing client.
        #[sea_orm(column_type = "Text")]
        pub client: String,
        /// The record's key in the client's own numbering.
        #[sea_orm(column_type = "Text")]
        pub external_id: String,
        /// The folded twin of `external_id`: no two keys of a client differ in case or width alone.
        #[sea_orm(column_type = "Text")]
        #[serde(skip)]
        pub external_id_folded: String,
        /// The plan whose target it is, and whose file it stands in; null for one that was recorded by itself.
        pub plan_id: Option<PlanId>,
        /// Code of the indicator it speaks of, or of an item of its plan.
        #[sea_orm(column_type = "Text")]
        pub indicator: String,
        /// The plan's clause, such as `V-1`.
        #[sea_orm(column_type = "Text")]
        pub clause: String,
        /// Whose figure it binds.
        pub population: TargetPopulation,
        /// The bureau, where it is one bureau's or one of its units'.
        pub bureau_id: Option<BureauId>,
        /// The unit, where it is one unit's.
        pub unit_id: Option<UnitId>,
        /// Who set it.
        pub decider: Decider,
        /// How the value is meant.
        pub qualifier: Qualifier,
        /// Numerator of the value: 30 for 30 %.
        pub value_numerator: i64,
        /// Denominator of the value: 100 for percentages.
        pub value_denominator: i64,
        /// First day in force.
        pub valid_from: NaiveDate,
        /// First day no longer in force; null while it lasts.
        pub valid_to: Option<NaiveDate>,
        /// Numerator of the value when the target was set; null where it is not known.
        pub baseline_numerator: Option<i64>,
        /// Its denominator.
        pub baseline_denominator: Option<i64>,
        /// The first day of which that value speaks.
        pub baseline_from: Option<NaiveDate>,
        /// The last one.
        pub baseline_to: Option<NaiveDate>,
        /// The target that takes its place, in the same client's numbering; null where none is named.
        #[sea_orm(column_type = "Text")]
        pub successor: Option<String>,
        /// A word about it in Japanese.
        #[sea_orm(column_type = "Text")]
        pub note_ja: Option<String>,
        /// The same in English.
        #[sea_orm(column_type = "Text")]
        pub note_en: Option<String>,
    }
}
