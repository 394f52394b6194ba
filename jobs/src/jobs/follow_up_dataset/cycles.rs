//! Which cycles wait for the job.

use chrono::{DateTime, Utc};
use entity::{
    follow_up::{Column, Entity, FollowUpStage, Model, ReleaseKind},
    ids::{FollowUpId, PlanId},
    period::FiscalYear,
    plan,
};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};

/// A cycle, as the run found it.
#[derive(Debug, Clone)]
pub(super) struct Cycle {
    pub id: FollowUpId,
    pub plan_id: PlanId,
    pub plan: String,
    pub fiscal_year: FiscalYear,
    pub version: String,
    pub kind: ReleaseKind,
    pub reason: Option<(String, String)>,
    pub stage: FollowUpStage,
    /// When it was frozen: another freeze is another state.
    pub frozen_at: Option<DateTime<Utc>>,
}

/// The cycles that are frozen, or drafts, by plan and year.
pub(super) async fn waiting<C: ConnectionTrait>(tx: &C) -> Result<Vec<Cycle>, DbErr> {
    let stages = [FollowUpStage::Frozen, FollowUpStage::Draft];
    of(tx, Entity::find().filter(Column::Stage.is_in(stages)).order_by_asc(Column::FiscalYear).all(tx).await?).await
}

/// A cycle, wherever it stands.
pub(super) async fn one<C: ConnectionTrait>(tx: &C, id: FollowUpId) -> Result<Option<Cycle>, DbErr> {
    let row = Entity::find_by_id(id).one(tx).await?;
    Ok(of(tx, row.into_iter().collect()).await?.pop())
}

async fn of<C: ConnectionTrait>(tx: &C, rows: Vec<Model>) -> Result<Vec<Cycle>, DbErr> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let plans = plan::Entity::find().order_by_asc(plan::Column::Code).all(tx).await?;
    let of_plan = |plan: plan::Model| {
        let own = rows.iter().filter(|row| row.plan_id == plan.id).cloned().collect::<Vec<_>>();
        own.into_iter().map(move |row| Cycle {
            id: row.id,
            plan_id: plan.id,
            plan: plan.code.clone(),
            fiscal_year: row.fiscal_year,
            version: row.version,
            kind: row.kind,
            reason: row.reason_ja.zip(row.reason_en),
            stage: row.stage,
            frozen_at: row.frozen_at,
        })
    };
    Ok(plans.into_iter().flat_map(of_plan).collect())
}
