//! Writing units (担当 / 課): keyed office-wide by code. A unit keeps its bureau; a reorganised one is a new unit.

use crate::store::{
    dialect,
    record::{Call, Draft, End, Name, Recordable, Version, Writing, check_line, check_span},
};
use crate::{authz::Noun, error::Error, words::Date};
use async_graphql::InputObject;
use entity::{
    bureau,
    ids::{BureauId, UnitId},
    key::fold,
    record::Meta,
    unit::{Entity, Model},
};
use jobs::database::WriteTransaction;
use sea_orm::DbErr;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};

/// One unit of a bureau.
#[derive(Debug, Clone, Serialize, Deserialize, InputObject)]
#[graphql(name = "UnitInput")]
pub struct UnitDraft {
    /// Office-wide code; codes that differ in case alone are one.
    pub code: String,
    /// Code of its bureau.
    pub bureau: String,
    /// Name in Japanese.
    pub name_ja: String,
    /// Name in English.
    pub name_en: String,
    /// First day in being, at most 18 months ahead.
    pub valid_from: Date,
    /// First day no longer in being, at most 5 years ahead; or say `lastDay`.
    pub valid_to: Option<Date>,
    /// Last day in being, in place of `validTo`, which is the day after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_day: Option<Date>,
    /// Version and voidness.
    #[graphql(flatten)]
    #[serde(flatten)]
    pub version: Version,
}

impl Draft for UnitDraft {
    const MANY: &'static str = "Units";

    fn key(&self) -> &str {
        &self.code
    }
    fn version(&self) -> &Version {
        &self.version
    }
    fn ends(&self) -> Vec<End> {
        vec![End::of_span(self.valid_to, self.last_day)]
    }
    fn names(&mut self) -> Vec<Name<'_>> {
        vec![("nameJa", Some(&mut self.name_ja)), ("nameEn", Some(&mut self.name_en))]
    }
}

/// What the rules of units know: bureaus by code, and the bureau of each stored unit.
pub struct Bureaus {
    bureaus: HashMap<String, BureauId>,
    units: HashMap<String, BureauId>,
}

impl Recordable for Model {
    type Draft = UnitDraft;
    type World = Bureaus;
    const NOUN: Noun = Noun::Unit;
    const KEY: &'static str = "code";
    const IN_CLIENTS_NUMBERING: bool = false;
    const FOLDED: bool = true;

    fn stored_key(&self) -> &str {
        &self.code
    }

    async fn load(tx: &WriteTransaction, call: &Call<UnitDraft>, _: &Writing<'_>) -> Result<Bureaus, Error> {
        let codes = call.records.iter().map(|draft| draft.bureau.as_str()).collect();
        let bureaus = dialect::by_text::<bureau::Entity, _>(&**tx, "code", &codes).await?;
        let units = dialect::by_text::<Entity, _>(&**tx, "code", &call.records.iter().map(Draft::key).collect()).await?;
        Ok(Bureaus {
            bureaus: bureaus.into_iter().filter(|row| row.void_reason.is_none()).map(|row| (row.code, row.id)).collect(),
            units: units.into_iter().map(|row| (row.code, row.bureau_id)).collect(),
        })
    }

    async fn stored(tx: &WriteTransaction, _: &str, keys: &BTreeSet<&str>) -> Result<Vec<Self>, DbErr> {
        dialect::by_text::<Entity, _>(&**tx, "code_folded", keys).await
    }

    fn writable(&self, _: &Bureaus, writing: &Writing<'_>) -> bool {
        writing.scope.bureaus.holds(&self.bureau_id)
    }

    fn build(draft: &UnitDraft, meta: Meta, world: &Bureaus, writing: &Writing<'_>) -> Result<Self, Error> {
        let bureau_id = world.bureaus.get(&draft.bureau).copied().filter(|id| writing.scope.bureaus.holds(id));
        let bureau_id = bureau_id.ok_or_else(|| Error::not_found("bureau", "部局", "bureau"))?;
        if world.units.get(&draft.code).is_some_and(|stored| *stored != bureau_id) {
            let (ja, en) = (
                "課・担当の所属部局は変更できません。新しい課・担当として登録してください。",
                "A unit keeps its bureau; record a new unit.",
            );
            return Err(Error::conflict("bureau", ja, en));
        }
        check_line("nameJa", &draft.name_ja, 200)?;
        check_line("nameEn", &draft.name_en, 200)?;
        check_span(draft.valid_from.0, End::of_span(draft.valid_to, draft.last_day).day())?;
        Ok(Self {
            id: UnitId::new(),
            code: draft.code.clone(),
            code_folded: fold(&draft.code),
            bureau_id,
            name_ja: draft.name_ja.clone(),
            name_en: draft.name_en.clone(),
            valid_from: draft.valid_from.0,
            valid_to: End::of_span(draft.valid_to, draft.last_day).day(),
            source_version: meta.source_version,
            void_reason: meta.void_reason,
            revision: meta.revision,
            receipt_id: meta.receipt_id,
            created_at: meta.created_at,
            updated_at: meta.updated_at,
        })
    }
}
