//! A draft as the database keeps it: what it says, its figures and its findings, written whole or not at all.

use super::{DatasetError, Statistics, cycles::Cycle};
use crate::{
    dialect::{execute, few_rows},
    follow_up::{
        draft::Found,
        release::{Observation, Release, Status},
    },
    inside,
    ledger::{Fence, LedgerError},
};
use entity::{
    finding,
    follow_up::FollowUpStage,
    follow_up_event::{self, FollowUpAct},
    ids::{FindingId, FollowUpEventId, ReleaseId, ReleaseObservationId},
    period::FiscalYear,
    release::{self, ReleaseState},
    release_observation,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

const STORED: &str = "SELECT document FROM release WHERE plan = $1 AND fiscal_year = $2 AND version = $3 AND state = 'DRAFT'";
const FORMER: [&str; 3] = [
    "DELETE FROM release_observation WHERE release_id IN
        (SELECT id FROM release WHERE plan = $1 AND fiscal_year = $2 AND version = $3 AND state = 'DRAFT')",
    "DELETE FROM release_file WHERE release_id IN
        (SELECT id FROM release WHERE plan = $1 AND fiscal_year = $2 AND version = $3 AND state = 'DRAFT')",
    "DELETE FROM release WHERE plan = $1 AND fiscal_year = $2 AND version = $3 AND state = 'DRAFT'",
];
/// The cycle may have gone on since it was read: then nothing is written.
const STAGE: &str = "UPDATE follow_up SET stage = 'DRAFT', changed_at = $2
    WHERE id = $1 AND stage IN ('FROZEN', 'DRAFT') AND version = $3";

/// Writes the draft where it differs from the stored one; returns the digest of what it says.
pub(super) async fn draft(
    fence: &Fence,
    cycle: &Cycle,
    release: &Release,
    found: &[Found],
    statistics: &mut Statistics,
) -> Result<Vec<u8>, LedgerError> {
    let document = serde_json::to_string(release).map_err(|error| DatasetError::Snapshot(error.into()))?;
    statistics.observations += count(release.observations.len());
    statistics.withheld += count(release.observations.iter().filter(|observation| observation.status == Status::Withheld).count());
    statistics.findings += count(found.len());
    let digest = Sha256::digest(document.as_bytes()).to_vec();
    let key = super::parts::key(cycle);
    let tx = fence.snapshot().await?;
    let stored = few_rows(&tx, STORED, key.clone()).await?;
    let stored: Option<String> = stored.first().map(|row| row.try_get_by_index(0)).transpose()?;
    tx.commit().await?;
    if stored.as_ref() == Some(&document) && cycle.stage == FollowUpStage::Draft {
        statistics.unchanged += 1;
        return Ok(digest);
    }
    statistics.drafts += 1;
    if fence.run().dry_run {
        return Ok(digest);
    }
    let now = fence.computed_at();
    let tx = fence.write().await?;
    let moved = execute(&*tx, STAGE, vec![cycle.id.into(), now.into(), cycle.version.clone().into()]).await?;
    if moved == 0 {
        tx.rollback().await?;
        return Ok(digest);
    }
    for sql in FORMER {
        execute(&*tx, sql, key.clone()).await?;
    }
    let id = ReleaseId::new();
    inside::put_all(&*tx, vec![row(id, cycle, release, document)], false).await?;
    inside::put_all(&*tx, observations(id, release), false).await?;
    findings(&*tx, cycle, found).await?;
    let event = follow_up_event::Model {
        id: FollowUpEventId::new(),
        follow_up_id: cycle.id,
        at: now,
        actor: "system".to_owned(),
        act: FollowUpAct::Drafted,
        stage: FollowUpStage::Draft,
        version: cycle.version.clone(),
        reason: None,
    };
    inside::put_all(&*tx, vec![event], false).await?;
    tx.commit().await?;
    Ok(digest)
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn row(id: ReleaseId, cycle: &Cycle, release: &Release, document: String) -> release::Model {
    release::Model {
        id,
        follow_up_id: cycle.id,
        plan: cycle.plan.clone(),
        fiscal_year: cycle.fiscal_year,
        version: cycle.version.clone(),
        kind: cycle.kind,
        state: ReleaseState::Draft,
        snapshot_sha256: release.provenance.snapshot_sha256.clone(),
        as_of: release.as_of,
        document,
        published_at: None,
        published_by: None,
        withdrawn_at: None,
        withdrawn_reason: None,
    }
}

fn observations(release_id: ReleaseId, release: &Release) -> Vec<release_observation::Model> {
    let year = |observation: &Observation| FiscalYear::try_from(observation.fiscal_year).ok();
    let all = release.observations.iter().enumerate();
    all.filter_map(|(place, observation)| {
        Some(release_observation::Model {
            id: ReleaseObservationId::new(),
            release_id,
            position: i32::try_from(place + 1).ok()?,
            fiscal_year: year(observation)?,
            indicator: observation.indicator.clone(),
            definition_version: observation.definition_version,
            date_from: observation.date_from,
            date_to: observation.date_to,
            bureau: observation.bureau.clone(),
            sex: observation.sex.clone(),
            band: observation.band.clone(),
            numerator: observation.numerator,
            denominator: observation.denominator,
            status: observation.status,
        })
    })
    .collect()
}

/// Puts the findings in the place of the former ones of the version; one that says the same keeps its answer.
async fn findings<C: ConnectionTrait>(tx: &C, cycle: &Cycle, found: &[Found]) -> Result<(), LedgerError> {
    use finding::{Column, Entity};
    let of_version = || Entity::find().filter(Column::FollowUpId.eq(cycle.id)).filter(Column::Version.eq(&cycle.version));
    let former: BTreeMap<_, _> = of_version().all(tx).await?.into_iter().map(|row| ((row.check_name, row.subject.clone()), row)).collect();
    let delete = "DELETE FROM finding WHERE follow_up_id = $1 AND version = $2";
    execute(tx, delete, vec![cycle.id.into(), cycle.version.clone().into()]).await?;
    let rows = found.iter().map(|found| {
        let stored = former.get(&(found.check, found.subject.clone()));
        let same = stored.filter(|stored| stored.text_ja == found.ja && stored.text_en == found.en);
        finding::Model {
            id: stored.map_or_else(FindingId::new, |stored| stored.id),
            follow_up_id: cycle.id,
            version: cycle.version.clone(),
            check_name: found.check,
            subject: found.subject.clone(),
            text_ja: found.ja.clone(),
            text_en: found.en.clone(),
            answer: same.and_then(|same| same.answer.clone()),
            answered_at: same.and_then(|same| same.answered_at),
            answered_by: same.and_then(|same| same.answered_by.clone()),
        }
    });
    Ok(inside::put_all(tx, rows.collect(), false).await?)
}
