//! Writing targets (目標): data with population, decider and qualifier; those of one indicator and population never overlap.

use super::{
    dialect,
    record::{Call, Draft, Recordable, Version, Writing, check_span, check_text, external},
    together::overlapping,
    unscoped,
};
use crate::{
    authz::Noun,
    error::Error,
    words::{Date, Decider, Long, Qualifier, TargetPopulation},
};
use async_graphql::InputObject;
use entity::{
    ids::TargetId,
    record::Meta,
    target::{Column, Entity, Model},
};
use jobs::{database::WriteTransaction, indicators::IndicatorCode};
use sea_orm::{ColumnTrait, DbErr, QueryFilter};
use serde::{Deserialize, Serialize};

/// One target of one indicator.
#[derive(Debug, Clone, Serialize, Deserialize, InputObject)]
#[graphql(name = "TargetInput")]
pub struct TargetDraft {
    /// Your own key of the target.
    pub external_id: String,
    /// Code of the indicator it speaks of.
    pub indicator: String,
    /// The plan's clause, such as `V-1`; 1 to 40 characters.
    pub clause: String,
    /// Whose figure it binds.
    pub population: TargetPopulation,
    /// Who set it.
    pub decider: Decider,
    /// How the value is meant.
    pub qualifier: Qualifier,
    /// Numerator of the value: 30 for 30 %.
    pub value_numerator: Long,
    /// Denominator of the value: 100 for percentages.
    #[graphql(default_with = "Long(100)")]
    pub value_denominator: Long,
    /// First day in force.
    pub valid_from: Date,
    /// First day no longer in force; null while it lasts.
    pub valid_to: Option<Date>,
    /// Version and voidness.
    #[graphql(flatten)]
    #[serde(flatten)]
    pub version: Version,
}

impl Draft for TargetDraft {
    fn key(&self) -> &str {
        &self.external_id
    }
    fn version(&self) -> &Version {
        &self.version
    }
}

impl Recordable for Model {
    type Draft = TargetDraft;
    type World = ();
    const NOUN: Noun = Noun::Target;
    external!();

    fn writable(&self, (): &(), writing: &Writing<'_>) -> bool {
        writing.scope.is_everything()
    }

    async fn load(tx: &WriteTransaction, _: &Call<TargetDraft>, _: &Writing<'_>) -> Result<(), Error> {
        Ok(dialect::lock_table::<Entity, _>(&**tx).await?)
    }

    async fn neighbours(tx: &WriteTransaction, _: &Call<TargetDraft>, (): &()) -> Result<Vec<Self>, DbErr> {
        unscoped::<Entity>().filter(Column::VoidReason.is_null()).all(&**tx).await
    }

    fn build(draft: &TargetDraft, meta: Meta, (): &(), writing: &Writing<'_>) -> Result<Self, Error> {
        let (valid_from, valid_to) = (draft.valid_from.0, draft.valid_to.map(|date| date.0));
        check(draft)?;
        check_span(valid_from, valid_to)?;
        Ok(Self {
            id: TargetId::new(),
            client: writing.client.to_owned(),
            external_id: draft.external_id.clone(),
            indicator: draft.indicator.clone(),
            clause: draft.clause.clone(),
            population: draft.population.into(),
            decider: draft.decider.into(),
            qualifier: draft.qualifier.into(),
            value_numerator: draft.value_numerator.0,
            value_denominator: draft.value_denominator.0,
            valid_from,
            valid_to,
            baseline_numerator: None,
            baseline_denominator: None,
            baseline_from: None,
            baseline_to: None,
            successor: None,
            note_ja: None,
            note_en: None,
            source_version: meta.source_version,
            void_reason: meta.void_reason,
            revision: meta.revision,
            receipt_id: meta.receipt_id,
            created_at: meta.created_at,
            updated_at: meta.updated_at,
        })
    }

    fn conflicts(rows: &[&Self], (): &()) -> Vec<(usize, Error)> {
        let spans: Vec<_> = rows.iter().map(|row| ((&row.indicator, row.population), row.valid_from, row.valid_to)).collect();
        let overlap = || {
            Error::conflict(
                "validFrom",
                "同じ指標・対象の目標と期間が重なっています。",
                "It overlaps another target of the same indicator and population.",
            )
        };
        overlapping(&spans).into_iter().map(|index| (index, overlap())).collect()
    }
}

fn check(draft: &TargetDraft) -> Result<(), Error> {
    if draft.indicator.parse::<IndicatorCode>().is_err() {
        return Err(Error::not_found("indicator", "指標", "indicator"));
    }
    check_text("clause", &draft.clause, 40)?;
    if draft.value_numerator.0 < 0 {
        return Err(Error::input("valueNumerator", "分子は0以上でなければなりません。", "The numerator is below 0."));
    }
    if draft.value_denominator.0 <= 0 {
        return Err(Error::input("valueDenominator", "分母は1以上でなければなりません。", "The denominator is below 1."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::store::together::fixture::{by_pairs, day, refused, row, shuffled};
    use proptest::prelude::*;

    fn draft(indicator: &str, government: bool, from: i64, length: i64) -> TargetDraft {
        TargetDraft {
            external_id: "1".into(),
            indicator: indicator.into(),
            clause: "V-1".into(),
            population: if government { TargetPopulation::Government } else { TargetPopulation::Office },
            decider: Decider::Plan,
            qualifier: Qualifier::AtLeast,
            value_numerator: Long(30),
            value_denominator: Long(100),
            valid_from: Date(day(from)),
            valid_to: Some(Date(day(from + length))),
            version: Version::default(),
        }
    }

    #[test]
    fn a_target_says_something_sound() {
        let field = |change: fn(&mut TargetDraft)| {
            let mut draft = draft("WOMEN_STAFF", false, 0, 1);
            change(&mut draft);
            row::<Model>(&draft, &()).err().and_then(|error| error.field)
        };
        assert_eq!(field(|_| {}), None);
        assert_eq!(field(|draft| draft.value_numerator = Long(0)), None);
        assert_eq!(field(|draft| draft.indicator = "WOMEN".into()).unwrap(), "indicator");
        assert_eq!(field(|draft| draft.clause = " ".into()).unwrap(), "clause");
        assert_eq!(field(|draft| draft.clause = "V".repeat(41)).unwrap(), "clause");
        assert_eq!(field(|draft| draft.clause = "V\0".into()).unwrap(), "clause");
        assert_eq!(field(|draft| draft.value_numerator = Long(-1)).unwrap(), "valueNumerator");
        assert_eq!(field(|draft| draft.value_denominator = Long(0)).unwrap(), "valueDenominator");
        assert_eq!(field(|draft| draft.valid_to = Some(draft.valid_from)).unwrap(), "validTo");
    }

    proptest! {
        #[test]
        fn targets_of_an_indicator_and_population_never_overlap(
            (rows, others) in shuffled(
                prop::collection::vec((prop::sample::select(vec!["WOMEN_STAFF", "STAGGERED_SHARE"]), any::<bool>(), 0..60i64, 1..20i64), 0..12)
                    .prop_map(|rows| rows.into_iter().map(|(code, all, from, length)| row::<Model>(&draft(code, all, from, length), &()).unwrap()).collect())),
        ) {
            let found = refused(&rows, &());
            prop_assert_eq!(&found, &refused(&others, &()));
            let meet = |a: &Model, b: &Model| {
                a.indicator == b.indicator && a.population == b.population && Some(a.valid_from) < b.valid_to && Some(b.valid_from) < a.valid_to
            };
            prop_assert_eq!(found, by_pairs(&rows, "validFrom", meet));
        }
    }
}
