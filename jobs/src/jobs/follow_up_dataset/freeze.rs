//! Freezing: everything that a release is computed from, read under one snapshot of the database and kept where nothing changes it.
//!
//! Its as-of is the instant at which that snapshot was opened. A freeze that is cut off leaves a row without a manifest, which the next one
//! takes away with its parts.

use super::{
    DatasetError,
    cycles::Cycle,
    live,
    parts::{self, Wanted},
    state,
};
use crate::{
    dialect::execute,
    follow_up::{
        draft,
        release::{Bilingual, ClauseLine, DefinitionLine, Observation, PlanLine, Point, Release, Source, TargetLine, Version},
        settings::{Figure, FollowUpSettings},
        snapshot::{
            FORMAT, FormerRelease, FrozenBureau, FrozenDefinition, FrozenInitiative, FrozenItem, FrozenPart, FrozenSubmission, Manifest,
            RecordsState, sha256,
        },
    },
    indicators::{self, Covered, Definition, Part, Standings},
    ledger::{Fence, LedgerError},
};
use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    bureau, clause,
    ids::{ReleaseId, SnapshotId},
    initiative,
    period::{FiscalYear, civil_date},
    person_month::Standing,
    plan,
    posting::RankBand,
    release::{self, ReleaseState},
    snapshot,
    staff::Sex,
    submission, submission_item, target,
};
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, Iterable, QueryFilter, QueryOrder,
    QuerySelect,
};
use std::collections::BTreeMap;

const UNFINISHED_PARTS: &str = "DELETE FROM snapshot_part WHERE snapshot_id IN (SELECT id FROM snapshot
    WHERE plan = $1 AND fiscal_year = $2 AND version = $3 AND manifest IS NULL)";
const UNFINISHED: &str = "DELETE FROM snapshot WHERE plan = $1 AND fiscal_year = $2 AND version = $3 AND manifest IS NULL";
const FINISH: &str = "UPDATE snapshot SET manifest = $2, sha256 = $3 WHERE id = $1";
const FROZEN_AT: &str = "UPDATE follow_up SET frozen_at = $2 WHERE id = $1 AND stage = 'FROZEN' AND version = $3 AND frozen_at = $4";

/// Freezes the cycle's snapshot and returns its manifest's text.
pub(super) async fn freeze(fence: &Fence, cycle: &Cycle) -> Result<String, LedgerError> {
    let as_of = entity_instant(fence.clock().now());
    let tx = fence.snapshot().await?;
    let (mut manifest, wanted) = read(&tx, cycle, as_of).await?;
    parts::places(&tx).await?;
    let mut rows = Vec::new();
    for (index, part) in wanted.iter().enumerate() {
        rows.push(parts::lay_out(&tx, index, part).await?);
    }
    tx.commit().await?;

    let id = SnapshotId::new();
    let tx = fence.write().await?;
    for sql in [UNFINISHED_PARTS, UNFINISHED] {
        execute(&*tx, sql, parts::key(cycle)).await?;
    }
    let (plan, version) = (cycle.plan.clone(), cycle.version.clone());
    let row = snapshot::Model {
        id,
        plan,
        fiscal_year: cycle.fiscal_year,
        version,
        sha256: None,
        manifest: None,
        answers: None,
        as_of,
        created_at: as_of,
    };
    snapshot::Entity::insert(row.into_active_model()).exec_without_returning(&*tx).await?;
    tx.commit().await?;

    let secret = parts::pseudonym_key(fence).await?;
    for (index, part) in wanted.iter().enumerate() {
        parts::keep(fence, id, &secret, (index, part, rows[index]), &mut manifest.parts).await?;
    }
    let text = manifest.to_text().map_err(DatasetError::from)?;
    let tx = fence.write().await?;
    let finished = execute(&*tx, FINISH, vec![id.into(), text.clone().into(), sha256(text.as_bytes()).into()]).await?;
    let frozen =
        execute(&*tx, FROZEN_AT, vec![cycle.id.into(), as_of.into(), cycle.version.clone().into(), cycle.frozen_at.into()]).await?;
    if finished == 0 || frozen == 0 {
        tx.rollback().await?;
        return Err(DatasetError::GoneOn.into());
    }
    tx.commit().await?;
    Ok(text)
}

/// Whole seconds: nobody needs more, and every engine and format keeps them.
fn entity_instant(now: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(now.timestamp(), 0).unwrap_or(now)
}

/// Reads all but the parts, and says which these are.
pub(super) async fn read<C: ConnectionTrait>(tx: &C, cycle: &Cycle, as_of: DateTime<Utc>) -> Result<(Manifest, Vec<Wanted>), LedgerError> {
    let plan = plan::Entity::find_by_id(cycle.plan_id).one(tx).await?.ok_or_else(|| DbErr::RecordNotFound("the plan".into()))?;
    let settings: FollowUpSettings = serde_json::from_value(plan.settings.clone()).map_err(DatasetError::Settings)?;
    let year = cycle.fiscal_year;
    let mut figures: Vec<(&Figure, &Definition, (NaiveDate, NaiveDate))> = Vec::new();
    for figure in &settings.figures {
        if let Some((definition, days)) = indicators::find(&figure.indicator).zip(figure.date.days(year)) {
            figures.push((figure, definition, days));
        }
    }
    let rule = indicators::rule(tx).await?;
    let standings = Standings::from(&rule);
    let days: Vec<_> = figures.iter().map(|(.., days)| *days).collect();
    let today = civil_date(as_of);
    let months = figures.iter().flat_map(|(figure, definition, days)| figure.months(*days).map(|month| (*definition, month)));
    let all: Vec<_> = figures.iter().map(|(_, definition, days)| (*definition, *days)).chain(months).collect();
    let wanted = parts::wanted(all.iter().copied().filter(|(_, (_, to))| *to <= today), &standings);
    let of_months = figures.iter().map(|(_, definition, days)| (*definition, *days)).filter(|(_, (_, to))| *to <= today);
    let coverage = state::coverage(tx, of_months, &rule).await?;
    let state = RecordsState { coverage, ..state::of(tx, cycle, &days, today).await? };
    let bureaus = bureaus(tx, cycle).await?;
    let live = live::figures(tx, all.into_iter(), &bureaus).await?;
    let manifest = Manifest {
        format: FORMAT,
        plan: plan_line(&plan),
        fiscal_year: year.as_i32(),
        version: cycle.version.parse().unwrap_or(Version::FIRST),
        kind: cycle.kind,
        reason: cycle.reason.clone().map(|(ja, en)| Bilingual { ja, en }),
        as_of,
        code_version: env!("CARGO_PKG_VERSION").to_owned(),
        definitions: figures
            .iter()
            .map(|(figure, definition, (from, to))| FrozenDefinition {
                published: rule.published.0.contains(definition.code),
                ..frozen(definition, &standings, figure.clause.clone().unwrap_or_default(), from < to)
            })
            .collect(),
        settings: settings.clone(),
        items: items(tx, cycle).await?,
        bureaus,
        sexes: Sex::iter().map(|sex| sex.to_value()).collect(),
        bands: RankBand::iter().map(|band| band.to_value()).collect(),
        standings: Standing::iter().map(Standing::as_text).collect(),
        clauses: clauses(tx, cycle).await?,
        initiatives: initiatives(tx, cycle).await?,
        targets: targets(tx, cycle).await?,
        submissions: submissions(tx, cycle).await?,
        earlier: earlier(tx, &cycle.plan, cycle.fiscal_year).await?,
        former: former(tx, cycle).await?,
        live,
        state,
        parts: Vec::new(),
    };
    Ok((manifest, wanted))
}

fn plan_line(plan: &plan::Model) -> PlanLine {
    PlanLine {
        code: plan.code.clone(),
        name: Bilingual { ja: plan.name_ja.clone(), en: plan.name_en.clone() },
        decided_on: plan.decided_on,
        valid_from: plan.valid_from,
        last_day: plan.valid_to.pred_opt().unwrap_or(plan.valid_to),
    }
}

/// A definition of the catalogue as it is now, under the plan's clause.
/// `is_year` tells that it is of a year, else it is of a day.
fn frozen(definition: &Definition, standings: &Standings, clause: String, is_year: bool) -> FrozenDefinition {
    let covered = if is_year { Covered::Year } else { Covered::Day };
    let description = definition.description_of(covered, standings);
    let place = |of: usize| u8::try_from(of).unwrap_or(u8::MAX);
    let part = |part: &Part, of: &[Standing]| FrozenPart {
        measure: part.measure.to_string(),
        sexes: Sex::iter().enumerate().filter(|(_, sex)| part.sexes.contains(sex)).map(|(of, _)| place(of)).collect(),
        bands: RankBand::iter().enumerate().filter(|(_, band)| part.bands.contains(band)).map(|(of, _)| place(of)).collect(),
        standings: Standing::iter().enumerate().filter(|(_, standing)| of.contains(standing)).map(|(of, _)| place(of)).collect(),
        scale: part.scale,
    };
    FrozenDefinition {
        line: DefinitionLine {
            indicator: definition.code.to_string(),
            version: definition.version,
            name: Bilingual { ja: definition.name.ja.to_owned(), en: definition.name.en.to_owned() },
            description: Bilingual { ja: description.ja, en: description.en },
            unit: definition.unit,
            direction: definition.direction,
            clause,
            source: Source::Records,
            may_exceed_hundred: definition.may_exceed_hundred,
            statutory: false,
            base: None,
            of_women: false,
        },
        by_sex: definition.dimensions.sex,
        by_band: definition.dimensions.band,
        of_whole_years: definition.of_whole_years,
        published: false,
        numerator: part(&definition.numerator, &standings.numerator(definition.counts)),
        denominator: part(&definition.denominator, &standings.denominator(definition.counts)),
    }
}

async fn items<C: ConnectionTrait>(tx: &C, cycle: &Cycle) -> Result<Vec<FrozenItem>, DbErr> {
    use submission_item::{Column, Entity, ItemSource};
    let rows = Entity::find().filter(Column::PlanId.eq(cycle.plan_id)).order_by_asc(Column::Position).all(tx).await?;
    let item = |row: submission_item::Model| FrozenItem {
        counts_persons: row.counts_persons,
        by_bureau: row.source == ItemSource::Bureau,
        line: DefinitionLine {
            indicator: row.code,
            version: row.version,
            name: Bilingual { ja: row.name_ja, en: row.name_en },
            description: Bilingual { ja: row.description_ja, en: row.description_en },
            unit: row.unit,
            direction: row.direction,
            clause: row.clause,
            source: Source::Submission,
            may_exceed_hundred: row.may_exceed_hundred,
            statutory: row.statutory,
            base: None,
            of_women: false,
        },
    };
    Ok(rows.into_iter().map(item).collect())
}

/// All bureaus in the order of establishment, then by code, as `t_fu_bureau` numbers them.
async fn bureaus<C: ConnectionTrait>(tx: &C, cycle: &Cycle) -> Result<Vec<FrozenBureau>, DbErr> {
    use bureau::{Column, Entity};
    let (first, next) = (cycle.fiscal_year.first_day(), cycle.fiscal_year.next_first_day());
    let rows = Entity::find()
        .filter(Column::VoidReason.is_null())
        .order_by_asc(Column::Position.is_null())
        .order_by_asc(Column::Position)
        .order_by_asc(Column::Code)
        .all(tx)
        .await?;
    let frozen = |row: bureau::Model| FrozenBureau {
        in_being: row.valid_from < next && row.valid_to.is_none_or(|to| to > first),
        code: row.code,
        name: Bilingual { ja: row.name_ja, en: row.name_en },
        visibility: row.visibility,
        position: row.position,
    };
    Ok(rows.into_iter().map(frozen).collect())
}

async fn clauses<C: ConnectionTrait>(tx: &C, cycle: &Cycle) -> Result<Vec<ClauseLine>, DbErr> {
    use clause::{Column, Entity};
    let rows = Entity::find().filter(Column::PlanId.eq(cycle.plan_id)).order_by_asc(Column::Position).all(tx).await?;
    let line = |row: clause::Model| ClauseLine {
        code: row.code,
        parent: row.parent,
        title: Bilingual { ja: row.title_ja, en: row.title_en },
        indicators: Vec::new(),
        actions: Vec::new(),
        next_steps: Vec::new(),
    };
    Ok(rows.into_iter().map(line).collect())
}

/// The plan's initiatives: the categories of what was done.
async fn initiatives<C: ConnectionTrait>(tx: &C, cycle: &Cycle) -> Result<Vec<FrozenInitiative>, DbErr> {
    use initiative::{Column, Entity};
    let rows = Entity::find().filter(Column::PlanId.eq(cycle.plan_id)).order_by_asc(Column::Position).all(tx).await?;
    let line = |row: initiative::Model| FrozenInitiative {
        code: row.code,
        clause: row.clause,
        name: Bilingual { ja: row.name_ja, en: row.name_en },
    };
    Ok(rows.into_iter().map(line).collect())
}

/// Targets of the plan, and those of none; a bureau's or unit's own are no matter of the office's release.
async fn targets<C: ConnectionTrait>(tx: &C, cycle: &Cycle) -> Result<Vec<TargetLine>, DbErr> {
    use target::{Column, Entity};
    let rows = Entity::find()
        .filter(Column::VoidReason.is_null())
        .filter(Column::BureauId.is_null())
        .filter(Condition::any().add(Column::PlanId.is_null()).add(Column::PlanId.eq(cycle.plan_id)))
        .order_by_asc(Column::Indicator)
        .order_by_asc(Column::ValidFrom)
        .order_by_asc(Column::ExternalId)
        .all(tx)
        .await?;
    let baseline = |row: &target::Model| {
        Some(Point {
            numerator: row.baseline_numerator?,
            denominator: row.baseline_denominator?,
            date_from: row.baseline_from?,
            date_to: row.baseline_to?,
        })
    };
    let line = |row: target::Model| TargetLine {
        baseline: baseline(&row),
        note: row.note_ja.clone().zip(row.note_en.clone()).map(|(ja, en)| Bilingual { ja, en }),
        indicator: row.indicator,
        clause: row.clause,
        population: row.population,
        decider: row.decider,
        qualifier: row.qualifier,
        value: (row.value_numerator, row.value_denominator),
        valid_from: row.valid_from,
        last_day: row.valid_to.and_then(|to| to.pred_opt()),
        latest: None,
        attained: None,
        gap_in_people: None,
    };
    Ok(rows.into_iter().map(line).collect())
}

/// Each bureau's latest answer, where the secretariat took it, by code.
async fn submissions<C: ConnectionTrait>(tx: &C, cycle: &Cycle) -> Result<Vec<FrozenSubmission>, LedgerError> {
    use submission::{Column, Entity, SubmissionState};
    let rows = Entity::find().filter(Column::FollowUpId.eq(cycle.id)).order_by_asc(Column::Revision).all(tx).await?;
    let codes: BTreeMap<_, _> = bureau::Entity::find().all(tx).await?.into_iter().map(|row| (row.id, row.code)).collect();
    let latest: BTreeMap<_, _> = rows.into_iter().map(|row| (row.bureau_id, row)).collect();
    let mut all = Vec::new();
    for row in latest.into_values().filter(|row| row.state == SubmissionState::Accepted) {
        let content = serde_json::from_value(row.content).map_err(|error| DatasetError::Snapshot(error.into()))?;
        all.push(FrozenSubmission { bureau: codes.get(&row.bureau_id).cloned().unwrap_or_default(), content });
    }
    all.sort_by(|a, b| a.bureau.cmp(&b.bureau));
    Ok(all)
}

/// The office's figures of the years before this one, as they were last published.
pub(super) async fn earlier<C: ConnectionTrait>(tx: &C, plan: &str, year: FiscalYear) -> Result<Vec<Observation>, LedgerError> {
    use release::{Column, Entity};
    let rows = Entity::find()
        .filter(Column::Plan.eq(plan))
        .filter(Column::FiscalYear.lt(year))
        .filter(Column::State.eq(ReleaseState::Published))
        .select_only()
        .columns([Column::FiscalYear, Column::Version, Column::Id])
        .into_tuple::<(FiscalYear, String, ReleaseId)>()
        .all(tx)
        .await?;
    let mut latest: BTreeMap<FiscalYear, (Option<Version>, ReleaseId)> = BTreeMap::new();
    for (year, version, id) in rows {
        let this = (version.parse().ok(), id);
        latest.entry(year).and_modify(|known| *known = this.max(*known)).or_insert(this);
    }
    let ids = latest.into_values().map(|(_, id)| id);
    let mut earlier = Vec::new();
    for row in Entity::find().filter(Column::Id.is_in(ids)).all(tx).await? {
        earlier.extend(document(&row)?.observations.into_iter().filter(Observation::is_office_total));
    }
    earlier.sort_by(|a, b| (&a.indicator, a.fiscal_year).cmp(&(&b.indicator, b.fiscal_year)));
    Ok(earlier)
}

pub(super) fn document(row: &release::Model) -> Result<Release, LedgerError> {
    Ok(serde_json::from_str(&row.document).map_err(|error| DatasetError::Snapshot(error.into()))?)
}

/// The releases of the year that have been published, by version, with what their members stood for.
async fn former<C: ConnectionTrait>(tx: &C, cycle: &Cycle) -> Result<Vec<FormerRelease>, LedgerError> {
    use release::{Column, Entity};
    let rows = Entity::find()
        .filter(Column::Plan.eq(&cycle.plan))
        .filter(Column::FiscalYear.eq(cycle.fiscal_year))
        .filter(Column::State.ne(ReleaseState::Draft))
        .all(tx)
        .await?;
    let sums = rows.iter().map(|row| row.snapshot_sha256.clone());
    let snapshots = snapshot::Entity::find().filter(snapshot::Column::Sha256.is_in(sums)).all(tx).await?;
    let mut all = Vec::new();
    for row in &rows {
        let release = document(row)?;
        let manifest = snapshots.iter().find(|snapshot| snapshot.sha256.as_ref() == Some(&row.snapshot_sha256));
        let manifest = manifest.and_then(|snapshot| snapshot.manifest.as_deref()).map(Manifest::parse).transpose();
        all.push(FormerRelease {
            version: release.version,
            withdrawn: row.state == ReleaseState::Withdrawn,
            bureaus: draft::members(&release, manifest.map_err(DatasetError::from)?.as_ref()),
            observations: [release.observations, release.months].concat(),
        });
    }
    all.sort_by_key(|former| former.version);
    Ok(all)
}
