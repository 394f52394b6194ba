//! Writing bureaus (部局): keyed office-wide by code; a successor inherits its predecessors' scope, so the chain never runs in a circle.

use crate::store::{
    dialect,
    record::{Call, Draft, End, Name, Recordable, Version, Writing, check_line, check_span},
    unscoped,
};
use crate::{
    authz::Noun,
    error::Error,
    words::{Date, Visibility},
};
use async_graphql::InputObject;
use entity::{
    bureau::{Entity, Model},
    ids::BureauId,
    indicator_value::TOTAL,
    key::fold,
    record::Meta,
};
use jobs::{database::WriteTransaction, outbox::is_address};
use sea_orm::DbErr;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};

/// One bureau.
#[derive(Debug, Clone, Serialize, Deserialize, InputObject)]
#[graphql(name = "BureauInput")]
pub struct BureauDraft {
    /// Office-wide code; codes that differ in case alone are one. `TOTAL` is kept for the whole office, `OTHER` and `GROUP-…` for bureaus together in published tables.
    pub code: String,
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
    /// Code of the bureau that took over its work; stored before, or in the same call.
    pub successor: Option<String>,
    /// Where its figures may appear.
    #[graphql(default_with = "Visibility::Internal")]
    pub visibility: Visibility,
    /// Where the bureau takes notices by mail: an office's address, nobody's own. Shown to the secretariat and administrators.
    pub notice_address: Option<String>,
    /// Where the bureau's officer takes mails: an office's address, nobody's own, that few read. Shown to the secretariat and administrators.
    pub officer_address: Option<String>,
    /// Its place in the order of establishment (建制順), 1 to 100,000, in which releases list bureaus; ties by code, those without one last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<i32>,
    /// Version and voidness.
    #[graphql(flatten)]
    #[serde(flatten)]
    pub version: Version,
}

impl Draft for BureauDraft {
    const MANY: &'static str = "Bureaus";

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

/// The bureaus there are, with ids for those that the call may create.
pub struct Bureaus {
    ids: HashMap<String, BureauId>,
    stored: Vec<Model>,
}

impl Recordable for Model {
    type Draft = BureauDraft;
    type World = Bureaus;
    const NOUN: Noun = Noun::Bureau;
    const KEY: &'static str = "code";
    const IN_CLIENTS_NUMBERING: bool = false;
    const FOLDED: bool = true;

    fn stored_key(&self) -> &str {
        &self.code
    }

    async fn load(tx: &WriteTransaction, call: &Call<BureauDraft>, _: &Writing<'_>) -> Result<Bureaus, Error> {
        let stored = unscoped::<Entity>().all(&**tx).await?;
        let mut ids: HashMap<String, BureauId> = stored.iter().map(|bureau| (bureau.code.clone(), bureau.id)).collect();
        for draft in &call.records {
            ids.entry(draft.code.clone()).or_insert_with(BureauId::new);
        }
        Ok(Bureaus { ids, stored })
    }

    async fn stored(tx: &WriteTransaction, _: &str, keys: &BTreeSet<&str>) -> Result<Vec<Self>, DbErr> {
        dialect::by_text::<Entity, _>(&**tx, "code_folded", keys).await
    }

    async fn neighbours(_: &WriteTransaction, _: &Call<BureauDraft>, bureaus: &Bureaus) -> Result<Vec<Self>, DbErr> {
        Ok(bureaus.stored.iter().filter(|bureau| bureau.void_reason.is_none()).cloned().collect())
    }

    /// In whatever case: a reader takes `Total` for the whole office.
    fn check_reserved(code: &str) -> Result<(), Error> {
        let folded = fold(code);
        if folded == fold(TOTAL) {
            return Err(Error::input("code", "TOTAL は全体を表す予約語です。", "TOTAL stands for the whole office."));
        }
        if folded == "other" || folded.starts_with("group-") {
            let ja = "OTHER と GROUP- で始まるコードは、公表する表の部局グループを表す予約語です。";
            return Err(Error::input("code", ja, "OTHER, and what begins with GROUP-, stand for bureaus together in published tables."));
        }
        Ok(())
    }

    fn writable(&self, _: &Bureaus, writing: &Writing<'_>) -> bool {
        writing.scope.bureaus.holds(&self.id)
    }

    fn build(draft: &BureauDraft, meta: Meta, bureaus: &Bureaus, _: &Writing<'_>) -> Result<Self, Error> {
        check_line("nameJa", &draft.name_ja, 200)?;
        check_line("nameEn", &draft.name_en, 200)?;
        check_address("noticeAddress", draft.notice_address.as_deref())?;
        check_address("officerAddress", draft.officer_address.as_deref())?;
        check_position(draft.position)?;
        check_span(draft.valid_from.0, End::of_span(draft.valid_to, draft.last_day).day())?;
        let successor = draft
            .successor
            .as_ref()
            .map(|code| bureaus.ids.get(code).copied().ok_or_else(|| Error::not_found("successor", "部局", "bureau")));
        Ok(Self {
            id: bureaus.ids.get(&draft.code).copied().unwrap_or_else(BureauId::new),
            code: draft.code.clone(),
            code_folded: fold(&draft.code),
            name_ja: draft.name_ja.clone(),
            name_en: draft.name_en.clone(),
            valid_from: draft.valid_from.0,
            valid_to: End::of_span(draft.valid_to, draft.last_day).day(),
            successor_id: successor.transpose()?,
            visibility: draft.visibility,
            notice_address: draft.notice_address.clone(),
            officer_address: draft.officer_address.clone(),
            position: draft.position,
            source_version: meta.source_version,
            void_reason: meta.void_reason,
            revision: meta.revision,
            receipt_id: meta.receipt_id,
            created_at: meta.created_at,
            updated_at: meta.updated_at,
        })
    }

    fn conflicts(rows: &[&Self], _: &Bureaus) -> Vec<(usize, Error)> {
        let by_id: HashMap<BureauId, &Self> = rows.iter().map(|row| (row.id, *row)).collect();
        let broken = |start: &Self| {
            let mut seen = BTreeSet::from([start.id]);
            let mut next = start.successor_id;
            while let Some(id) = next {
                match by_id.get(&id) {
                    // Refused in this call, or void.
                    None => return Some(Error::not_found("successor", "部局", "bureau")),
                    Some(_) if !seen.insert(id) => {
                        let (ja, en) = ("後継部局の関係が循環しています。", "The chain of successors runs in a circle.");
                        return Some(Error::conflict("successor", ja, en));
                    }
                    Some(successor) => next = successor.successor_id,
                }
            }
            None
        };
        rows.iter().enumerate().filter_map(|(index, row)| broken(row).map(|error| (index, error))).collect()
    }
}

fn check_position(position: Option<i32>) -> Result<(), Error> {
    if position.is_none_or(|position| (1..=100_000).contains(&position)) {
        return Ok(());
    }
    Err(Error::input("position", "建制順の番号は1〜100000で指定してください。", "A position is 1 to 100,000."))
}

fn check_address(field: &str, address: Option<&str>) -> Result<(), Error> {
    if address.is_none_or(is_address) {
        return Ok(());
    }
    let ja = "メールアドレスの形式が正しくありません（半角英数字、254文字以内）。";
    Err(Error::input(field, ja, "This is no mail address of at most 254 ASCII characters."))
}
