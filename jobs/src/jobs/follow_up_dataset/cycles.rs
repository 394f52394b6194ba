//! Which cycles wait for the job.

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
}

/// The cycles that are frozen, or drafts, by plan and year.
pub(super) async fn waiting<C: ConnectionTrait>(tx: &C) -> Result<Vec<Cycle>, DbErr> {
    let stages = [FollowUpStage::Frozen, FollowUpStage::Draft];
    let rows: Vec<Model> = Entity::find().filter(Column::Stage.is_in(stages)).order_by_asc(Column::FiscalYear).all(tx).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let plans = plan::Entity::find().order_by_asc(plan::Column::Code).all(tx).await?;
    let mut cycles = Vec::new();
    for plan in plans {
        for row in rows.iter().filter(|row| row.plan_id == plan.id) {
            cycles.push(Cycle {
                id: row.id,
                plan_id: plan.id,
                plan: plan.code.clone(),
                fiscal_year: row.fiscal_year,
                version: row.version.clone(),
                kind: row.kind,
                reason: row.reason_ja.clone().zip(row.reason_en.clone()),
                stage: row.stage,
            });
        }
    }
    Ok(cycles)
}
