//! 報告事項: a figure that bureaus submit, for the platform holds no records of it; it is defined by the plan as an indicator is by the catalogue.

use crate::{
    ids::{PlanId, SubmissionItemId},
    quotient::{Direction, IndicatorUnit},
    text_enum::text_enum,
};
use sea_orm::entity::prelude::*;

text_enum! {
    /// Who submits an item of a plan, and whether the office's figure is a sum.
    ItemSource {
        /// Each bureau its own part; the office's is their sum.
        Bureau,
        /// One bureau alone, for the whole office.
        Office,
    }
}

/// One item. Its figures are a numerator and a denominator, whole numbers.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "submission_item")]
pub struct Model {
    /// The row's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SubmissionItemId,
    /// The plan.
    pub plan_id: PlanId,
    /// Its code, such as `MALE_CHILDCARE_LEAVE`; unique in the plan, and none of the catalogue's.
    #[sea_orm(column_type = "Text")]
    pub code: String,
    /// Raised with every change of what is counted.
    pub version: i32,
    /// The clause that it belongs to.
    #[sea_orm(column_type = "Text")]
    pub clause: String,
    /// Its place in the plan, from 1.
    pub position: i32,
    /// Name in Japanese.
    #[sea_orm(column_type = "Text")]
    pub name_ja: String,
    /// Name in English.
    #[sea_orm(column_type = "Text")]
    pub name_en: String,
    /// What is divided by what, over whom, in Japanese.
    #[sea_orm(column_type = "Text")]
    pub description_ja: String,
    /// The same in English.
    #[sea_orm(column_type = "Text")]
    pub description_en: String,
    /// What it is expressed in.
    pub unit: IndicatorUnit,
    /// Which way it should go.
    pub direction: Direction,
    /// Who submits it.
    pub source: ItemSource,
    /// Whether numerator and denominator count persons, so that few of them are withheld.
    pub counts_persons: bool,
    /// Whether a right percentage can pass 100.
    pub may_exceed_hundred: bool,
    /// Whether the Act on women's participation has it published (女性活躍推進法).
    pub statutory: bool,
    /// The cohort (母集団) that its denominator counts, such as `MEN_WITH_A_BIRTH`: items of one cohort have one denominator in a submission.
    /// Null where it shares its denominator with no other.
    #[sea_orm(column_type = "Text")]
    pub cohort: Option<String>,
    /// Codes, with blanks between them, of items of its cohort of which it counts a part: its numerator is at most theirs. Null for none.
    #[sea_orm(column_type = "Text")]
    pub at_most: Option<String>,
}

impl Model {
    /// The codes of the items whose numerators its own never passes.
    pub fn bounds(&self) -> impl Iterator<Item = &str> {
        self.at_most.iter().flat_map(|codes| codes.split_ascii_whitespace())
    }
}

impl ActiveModelBehavior for ActiveModel {}
