//! Writing public holidays (国民の祝日・休日): a date is a holiday once, whoever wrote it. They carry no figure of their own: what kind of
//! day a shift starts on stands in the shift.

use crate::store::{
    conflicts::repeated,
    dialect,
    record::{Call, Draft, Recordable, Version, Writing, check_date, check_line, external},
    unscoped,
};
use crate::{authz::Noun, error::Error, words::Date};
use async_graphql::InputObject;
use entity::{
    holiday::{Column, Entity, Model},
    ids::HolidayId,
    record::Meta,
};
use jobs::database::WriteTransaction;
use sea_orm::{ColumnTrait, DbErr, QueryFilter};
use serde::{Deserialize, Serialize};

/// One public holiday.
#[derive(Debug, Clone, Serialize, Deserialize, InputObject)]
#[graphql(name = "HolidayInput")]
pub struct HolidayDraft {
    /// Your own key of the holiday.
    pub external_id: String,
    /// The civil date.
    pub date: Date,
    /// Name in Japanese, such as 元日; 1 to 100 characters.
    pub name_ja: String,
    /// Version and voidness.
    #[graphql(flatten)]
    #[serde(flatten)]
    pub version: Version,
}

impl Draft for HolidayDraft {
    const MANY: &'static str = "Holidays";

    fn key(&self) -> &str {
        &self.external_id
    }
    fn version(&self) -> &Version {
        &self.version
    }
}

impl Recordable for Model {
    type Draft = HolidayDraft;
    type World = ();
    const NOUN: Noun = Noun::Holiday;
    const HANDED_ON: bool = true;
    external!();

    fn writable(&self, (): &(), writing: &Writing<'_>) -> bool {
        writing.scope.is_everything()
    }

    async fn load(tx: &WriteTransaction, _: &Call<HolidayDraft>, _: &Writing<'_>) -> Result<(), Error> {
        Ok(dialect::lock_table::<Entity, _>(&**tx).await?)
    }

    async fn neighbours(tx: &WriteTransaction, call: &Call<HolidayDraft>, (): &()) -> Result<Vec<Self>, DbErr> {
        let dates = || call.records.iter().map(|draft| draft.date.0);
        let (Some(first), Some(last)) = (dates().min(), dates().max()) else { return Ok(Vec::new()) };
        unscoped::<Entity>().filter(Column::Date.between(first, last)).filter(Column::VoidReason.is_null()).all(&**tx).await
    }

    fn build(draft: &HolidayDraft, meta: Meta, (): &(), writing: &Writing<'_>) -> Result<Self, Error> {
        check_date("date", draft.date.0)?;
        check_line("nameJa", &draft.name_ja, 100)?;
        Ok(Self {
            id: HolidayId::new(),
            client: writing.client.to_owned(),
            external_id: draft.external_id.clone(),
            date: draft.date.0,
            name_ja: draft.name_ja.clone(),
            source_version: meta.source_version,
            void_reason: meta.void_reason,
            revision: meta.revision,
            receipt_id: meta.receipt_id,
            created_at: meta.created_at,
            updated_at: meta.updated_at,
        })
    }

    fn conflicts(rows: &[&Self], (): &()) -> Vec<(usize, Error)> {
        let twice = || Error::conflict("date", "この日は既に休日として登録されています。", "The date is a holiday already.");
        repeated(rows.iter().map(|row| row.date)).into_iter().map(|index| (index, twice())).collect()
    }
}
