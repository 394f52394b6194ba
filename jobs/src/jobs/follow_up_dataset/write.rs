//! A draft as the database keeps it: what it says, its figures and its findings, written whole or not at all.

use super::{DatasetError, Statistics, cycles::Cycle};
use crate::{
    dialect::{execute, few_rows},
    follow_up::{
        draft::Found,
        package::File,
        release::{Observation, Release, Status},
        snapshot::sha256,
    },
    ledger::{Fence, LedgerError},
    transaction,
};
use entity::{
    finding,
    follow_up::FollowUpStage,
    follow_up_event::{self, FollowUpAct},
    ids::{FindingId, FollowUpEventId, ReleaseId, ReleaseObservationId},
    period::FiscalYear,
    release::{self, ReleaseState},
    release_file, release_observation,
};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use std::collections::BTreeMap;

/// What the stored draft says, and the sums of its files.
const STORED: &str = "SELECT r.document, f.content FROM release r JOIN release_file f ON f.release_id = r.id AND f.path = 'SHA256SUMS'
    WHERE r.plan = $1 AND r.fiscal_year = $2 AND r.version = $3 AND r.state = 'DRAFT'";
const FORMER: [&str; 3] = [
    "DELETE FROM release_observation WHERE release_id IN
        (SELECT id FROM release WHERE plan = $1 AND fiscal_year = $2 AND version = $3 AND state = 'DRAFT')",
    "DELETE FROM release_file WHERE release_id IN
        (SELECT id FROM release WHERE plan = $1 AND fiscal_year = $2 AND version = $3 AND state = 'DRAFT')",
    "DELETE FROM release WHERE plan = $1 AND fiscal_year = $2 AND version = $3 AND state = 'DRAFT'",
];
/// The cycle may have gone on since it was read, or been frozen anew, which takes the snapshot away: then nothing is written.
const STAGE: &str = "UPDATE follow_up SET stage = 'DRAFT', changed_at = $2
    WHERE id = $1 AND stage IN ('FROZEN', 'DRAFT') AND version = $3 AND EXISTS (SELECT 1 FROM snapshot s WHERE s.sha256 = $4)";

/// A draft, complete.
pub(super) struct Drafted {
    pub release: Release,
    pub found: Vec<Found>,
    pub files: Vec<File>,
}

/// Writes the draft where it differs from the stored one, in what it says or in the sums of its files.
///
/// # Errors
/// [`DatasetError::GoneOn`] where the cycle is no longer the one that was read; the database's.
pub(super) async fn draft(fence: &Fence, cycle: &Cycle, drafted: &Drafted, statistics: &mut Statistics) -> Result<(), LedgerError> {
    let Drafted { release, found, files } = drafted;
    let document = serde_json::to_string(release).map_err(|error| DatasetError::Snapshot(error.into()))?;
    let sums = files.last().map(|file| file.bytes.clone()).unwrap_or_default();
    let key = super::parts::key(cycle);
    let tx = fence.snapshot().await?;
    let stored = few_rows(&tx, STORED, key.clone()).await?;
    let stored =
        stored.first().map(|row| Ok::<(String, Vec<u8>), DbErr>((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).transpose()?;
    tx.commit().await?;
    if cycle.stage == FollowUpStage::Draft && stored.is_some_and(|stored| stored == (document.clone(), sums)) {
        statistics.unchanged += 1;
        count(statistics, drafted);
        return Ok(());
    }
    if fence.run().dry_run {
        statistics.drafts += 1;
        count(statistics, drafted);
        return Ok(());
    }
    let now = fence.computed_at();
    let tx = fence.write().await?;
    let snapshot = release.provenance.snapshot_sha256.clone();
    let moved = execute(&*tx, STAGE, vec![cycle.id.into(), now.into(), cycle.version.clone().into(), snapshot.into()]).await?;
    if moved == 0 {
        tx.rollback().await?;
        return Err(DatasetError::GoneOn.into());
    }
    for sql in FORMER {
        execute(&*tx, sql, key.clone()).await?;
    }
    let id = ReleaseId::new();
    transaction::put_all(&*tx, vec![row(id, cycle, release, document)], false).await?;
    transaction::put_all(&*tx, observations(id, release), false).await?;
    for file in files {
        // One statement each: together they would pass what a statement may hold.
        transaction::put_all(&*tx, vec![kept(id, file)], false).await?;
    }
    findings(&*tx, cycle, found).await?;
    let event = follow_up_event::Model {
        id: FollowUpEventId::new(),
        follow_up_id: cycle.id,
        at: now,
        actor: "system".to_owned(),
        act: FollowUpAct::Drafted,
        stage: FollowUpStage::Draft,
        version: cycle.version.clone(),
        bureau_id: None,
        reason: None,
    };
    transaction::put_all(&*tx, vec![event], false).await?;
    tx.commit().await?;
    statistics.drafts += 1;
    count(statistics, drafted);
    Ok(())
}

fn count(statistics: &mut Statistics, drafted: &Drafted) {
    let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let observations = || drafted.release.observations.iter().chain(&drafted.release.months);
    statistics.observations += number(observations().count());
    statistics.withheld += number(observations().filter(|observation| observation.status == Status::Withheld).count());
    statistics.findings += number(drafted.found.len());
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

fn kept(release_id: ReleaseId, file: &File) -> release_file::Model {
    release_file::Model {
        release_id,
        path: file.path.clone(),
        media_type: file.media_type.to_owned(),
        sha256: sha256(&file.bytes),
        content: file.bytes.clone(),
    }
}

fn observations(release_id: ReleaseId, release: &Release) -> Vec<release_observation::Model> {
    let year = |observation: &Observation| FiscalYear::try_from(observation.fiscal_year).ok();
    let all = release.observations.iter().chain(&release.months).enumerate();
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
            answer_published: same.is_some_and(|same| same.answer_published),
            answered_at: same.and_then(|same| same.answered_at),
            answered_by: same.and_then(|same| same.answered_by.clone()),
        }
    });
    Ok(transaction::put_all(tx, rows.collect(), false).await?)
}
