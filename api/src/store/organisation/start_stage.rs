//! Writing start stages (早出遅出の段階): a start time is offered once at a time. No figure rests on them; a staggered start is proven by
//! the shift's pattern.

use crate::store::{
    bureaus::Bureaus,
    conflicts::overlapping,
    dialect,
    record::{Call, Draft, End, Recordable, Version, Writing, check_span, external},
    unscoped,
};
use crate::{authz::Noun, error::Error, words::Date};
use async_graphql::InputObject;
use entity::{
    ids::StartStageId,
    record::Meta,
    start_stage::{Column, Entity, Model},
};
use jobs::database::WriteTransaction;
use sea_orm::{ColumnTrait, DbErr, QueryFilter};
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// When a staggered day may start, in minutes after midnight: from 07:00, and nothing ends after 22:00.
const STARTS: RangeInclusive<i32> = 7 * 60..=22 * 60;

/// One offered start time.
#[derive(Debug, Clone, Serialize, Deserialize, InputObject)]
#[graphql(name = "StartStageInput")]
pub struct StartStageDraft {
    /// Your own key of the stage.
    pub external_id: String,
    /// Code of the bureau that offers it; null for the whole office.
    pub bureau: Option<String>,
    /// Start of the day as `"HH:MM"`, 07:00 to 22:00.
    pub starts_at: String,
    /// First day offered, at most 18 months ahead.
    pub valid_from: Date,
    /// First day no longer offered, at most 5 years ahead; or say `lastDay`. Neither while it lasts.
    pub valid_to: Option<Date>,
    /// Last day offered, in place of `validTo`, which is the day after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_day: Option<Date>,
    /// Version and voidness.
    #[graphql(flatten)]
    #[serde(flatten)]
    pub version: Version,
}

impl Draft for StartStageDraft {
    const MANY: &'static str = "StartStages";

    fn key(&self) -> &str {
        &self.external_id
    }
    fn version(&self) -> &Version {
        &self.version
    }
    fn ends(&self) -> Vec<End> {
        vec![End::of_span(self.valid_to, self.last_day)]
    }
}

impl Recordable for Model {
    type Draft = StartStageDraft;
    type World = Bureaus;
    const NOUN: Noun = Noun::StartStage;
    external!();

    fn writable(&self, _: &Self::World, writing: &Writing<'_>) -> bool {
        writing.scope.is_everything()
    }

    async fn load(tx: &WriteTransaction, _: &Call<StartStageDraft>, _: &Writing<'_>) -> Result<Bureaus, Error> {
        dialect::lock_table::<Entity, _>(&**tx).await?;
        Bureaus::load(tx).await
    }

    async fn neighbours(tx: &WriteTransaction, _: &Call<StartStageDraft>, _: &Bureaus) -> Result<Vec<Self>, DbErr> {
        unscoped::<Entity>().filter(Column::VoidReason.is_null()).all(&**tx).await
    }

    fn build(draft: &StartStageDraft, meta: Meta, offices: &Bureaus, writing: &Writing<'_>) -> Result<Self, Error> {
        let (valid_from, valid_to) = (draft.valid_from.0, End::of_span(draft.valid_to, draft.last_day).day());
        check_span(valid_from, valid_to)?;
        let start_minute = minute(&draft.starts_at).filter(|minute| STARTS.contains(minute)).ok_or_else(|| {
            Error::input("startsAt", "07:00から22:00までの時刻をHH:MMで指定してください。", "Write a time from 07:00 to 22:00 as HH:MM.")
        })?;
        Ok(Self {
            id: StartStageId::new(),
            client: writing.client.to_owned(),
            external_id: draft.external_id.clone(),
            bureau_id: offices.named(draft.bureau.as_deref())?,
            start_minute,
            valid_from,
            valid_to,
            source_version: meta.source_version,
            void_reason: meta.void_reason,
            revision: meta.revision,
            receipt_id: meta.receipt_id,
            created_at: meta.created_at,
            updated_at: meta.updated_at,
        })
    }

    fn conflicts(rows: &[&Self], _: &Bureaus) -> Vec<(usize, Error)> {
        let spans: Vec<_> = rows.iter().map(|row| ((row.bureau_id, row.start_minute), row.valid_from, row.valid_to)).collect();
        let overlap = || {
            Error::conflict(
                "validFrom",
                "同じ開始時刻の段階と期間が重なっています。",
                "It overlaps another stage with the same start time.",
            )
        };
        overlapping(&spans).into_iter().map(|(index, other)| (index, overlap().beside(other))).collect()
    }
}

/// Minutes after midnight of `HH:MM`, read strictly.
fn minute(text: &str) -> Option<i32> {
    let &[h1, h2, b':', m1, m2] = text.as_bytes() else { return None };
    let number =
        |tens: u8, ones: u8| (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| i32::from(tens - b'0') * 10 + i32::from(ones - b'0'));
    let (hour, minute) = (number(h1, h2)?, number(m1, m2)?);
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::store::conflicts::fixture::{by_pairs, day, refused, row, shuffled};
    use proptest::prelude::*;

    fn draft(bureau: Option<&str>, starts_at: &str, from: i64, length: i64) -> StartStageDraft {
        StartStageDraft {
            external_id: "1".into(),
            bureau: bureau.map(Into::into),
            starts_at: starts_at.into(),
            valid_from: Date(day(from)),
            valid_to: Some(Date(day(from + length))),
            last_day: None,
            version: Version::default(),
        }
    }

    #[test]
    fn a_time_is_read_strictly() {
        assert_eq!(minute("07:00"), Some(420));
        assert_eq!(minute("22:59"), Some(1379));
        for text in ["", "7:00", "07:60", "24:00", "07-00", "+7:00", " 7:00", "07:0", "07:00:00", "０7:00", "07：00"] {
            assert_eq!(minute(text), None, "{text}");
        }
    }

    #[test]
    fn a_stage_lies_within_the_offered_hours() {
        let offices = Bureaus::with(&["a"]);
        let build = |bureau, at| row::<Model>(&draft(bureau, at, 0, 1), &offices).map(|row| row.start_minute);
        assert_eq!(build(Some("a"), "07:00").unwrap(), 420);
        assert_eq!(build(None, "22:00").unwrap(), 1320);
        for at in ["06:59", "22:01", "7:30"] {
            assert_eq!(build(None, at).unwrap_err().field.unwrap(), "startsAt", "{at}");
        }
        assert_eq!(build(Some("b"), "07:00").unwrap_err().field.unwrap(), "bureau");
    }

    proptest! {
        #[test]
        fn a_start_is_offered_once_at_a_time(
            (rows, others) in shuffled(
                prop::collection::vec((prop::option::of(Just("a")), prop::sample::select(vec!["08:00", "08:30"]), 0..60i64, 1..20i64), 0..12)
                    .prop_map(|rows| {
                        let offices = Bureaus::with(&["a"]);
                        rows.into_iter().map(|(bureau, at, from, length)| row::<Model>(&draft(bureau, at, from, length), &offices).unwrap()).collect()
                    })),
        ) {
            let found = refused(&rows, &Bureaus::with(&[]));
            prop_assert_eq!(&found, &refused(&others, &Bureaus::with(&[])));
            let meet = |a: &Model, b: &Model| {
                (a.bureau_id, a.start_minute) == (b.bureau_id, b.start_minute) && Some(a.valid_from) < b.valid_to && Some(b.valid_from) < a.valid_to
            };
            prop_assert_eq!(found, by_pairs(&rows, "validFrom", meet));
        }
    }
}
