//! Sets of bureaus, by which entries of the audit trail name whom they concerned.
//!
//! What concerned one bureau names the set of that one; what concerned several names that of the whole office, with a number for each bureau
//! and null for those that it did not concern. Pages of people fall on ever other bureaus: this way there are no more sets than bureaus, and
//! one for each change of the office, and the usual entry is one row. A set's id is the hash of its bureaus, so that whoever comes first may
//! write it, and who changes it afterwards is found out.

use super::AuditAct;
use crate::dialect::{JsonKind, execute, json_rows};
use chrono::{DateTime, Utc};
use entity::{
    audit_entry, bureau,
    ids::{AuditEntryId, BureauId, BureauSetId},
};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, QueryOrder, QuerySelect};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// The id of the set of these bureaus, which are in the order of their ids: the first half of the SHA-256 of these, as a UUID of version 8.
pub(crate) fn id_of(bureaus: &[BureauId]) -> BureauSetId {
    let mut hash = Sha256::new();
    for bureau in bureaus {
        hash.update(bureau.0.as_bytes());
    }
    let mut half = [0; 16];
    half.copy_from_slice(&hash.finalize()[..16]);
    BureauSetId(uuid::Builder::from_custom_bytes(half).into_uuid())
}

/// Sets of bureaus, of one alone and of the whole office.
#[derive(Debug, Clone, Default)]
pub struct BureauSets {
    alone: BTreeSet<BureauId>,
    /// In the order of their ids.
    office: Vec<BureauId>,
}

impl BureauSets {
    /// The entries of acts; `None` where a set that one of them needs is not among these.
    #[must_use]
    pub fn entries(&self, acts: Vec<(DateTime<Utc>, AuditAct)>) -> Option<Vec<audit_entry::Model>> {
        acts.into_iter().map(|(at, act)| self.entry(at, act)).collect()
    }

    /// Adds other sets.
    pub fn learn(&mut self, others: Self) {
        self.alone.extend(others.alone);
        if !others.office.is_empty() {
            self.office = others.office;
        }
    }

    /// The sets that acts need, the office as the database has it now.
    pub(super) async fn of<C: ConnectionTrait>(tx: &C, acts: &[(DateTime<Utc>, AuditAct)]) -> Result<Self, DbErr> {
        let mut sets = Self::default();
        let mut several = BTreeSet::new();
        for told in acts.iter().map(|(_, act)| told(act)) {
            if told.len() > 1 {
                several.extend(told.into_keys());
            } else {
                sets.alone.extend(told.into_keys());
            }
        }
        if !several.is_empty() {
            let all = bureau::Entity::find().select_only().column(bureau::Column::Id).order_by_asc(bureau::Column::Id);
            several.extend(all.into_tuple::<BureauId>().all(tx).await?);
            sets.office = several.into_iter().collect();
        }
        Ok(sets)
    }

    /// Writes those that are not there. Two who write the same wait for one another, and the second finds it written.
    pub(super) async fn put<C: ConnectionTrait>(&self, tx: &C) -> Result<(), DbErr> {
        let sets = self.alone.iter().map(std::slice::from_ref).chain((!self.office.is_empty()).then_some(self.office.as_slice()));
        let sets: BTreeMap<BureauSetId, &[BureauId]> = sets.map(|bureaus| (id_of(bureaus), bureaus)).collect();
        if sets.is_empty() {
            return Ok(());
        }
        let rows: Vec<_> =
            sets.iter().flat_map(|(id, bureaus)| bureaus.iter().enumerate().map(move |(place, bureau)| (id, place, bureau))).collect();
        let rows = serde_json::to_string(&rows).map_err(|error| DbErr::Json(error.to_string()))?;
        let rows_of = json_rows(tx.get_database_backend(), &[JsonKind::Uuid, JsonKind::Integer, JsonKind::Uuid]);
        let insert = format!("INSERT INTO bureau_set (id, place, bureau_id) {rows_of} WHERE true ON CONFLICT DO NOTHING");
        execute(tx, &insert, vec![rows.into()]).await?;
        Ok(())
    }

    fn entry(&self, at: DateTime<Utc>, act: AuditAct) -> Option<audit_entry::Model> {
        let told = told(&act);
        let (bureau_set_id, concerned) = if told.is_empty() { (None, None) } else { Some(self.name(&told)?).unzip() };
        Some(audit_entry::Model {
            id: AuditEntryId::new(),
            at,
            actor: act.actor,
            roles: act.roles,
            verb: act.verb,
            noun: act.noun,
            bureau_id: act.bureau_id,
            record_id: act.record_id,
            counts: act.counts,
            receipt_id: act.receipt_id,
            run_id: act.run_id,
            reason: act.reason,
            bureau_set_id,
            concerned,
        })
    }

    /// The set that holds these bureaus, and the number of each; `None` where no set of these holds them.
    fn name(&self, told: &BTreeMap<BureauId, i64>) -> Option<(BureauSetId, serde_json::Value)> {
        if let Some((bureau, concerned)) = told.first_key_value().filter(|_| told.len() == 1) {
            return self.alone.contains(bureau).then(|| (id_of(&[*bureau]), vec![*concerned].into()));
        }
        let numbers: Vec<_> = self.office.iter().map(|bureau| told.get(bureau).copied()).collect();
        let found = numbers.iter().flatten().count();
        (found == told.len()).then(|| (id_of(&self.office), numbers.into()))
    }
}

/// Whom an act concerns, and how many of each; the bureau in which it was done is one of them.
fn told(act: &AuditAct) -> BTreeMap<BureauId, i64> {
    let mut told = act.concerned.clone();
    if let Some(own) = act.bureau_id {
        told.entry(own).or_default();
    }
    told
}
