//! A frozen, self-contained state of all that a release is computed from: a manifest and its parts, immutable and named by their content.

use crate::{ids::SnapshotId, period::FiscalYear};
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// One snapshot; plan, year and version are unique.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "snapshot")]
pub struct Model {
    /// The row's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SnapshotId,
    /// Code of the plan.
    #[sea_orm(column_type = "Text")]
    pub plan: String,
    /// The fiscal year.
    pub fiscal_year: FiscalYear,
    /// The version that is made of it.
    #[sea_orm(column_type = "Text")]
    pub version: String,
    /// SHA-256 of the manifest's bytes, in hexadecimal; the manifest names those of the parts.
    /// Null, like the manifest, while it is being frozen.
    #[sea_orm(unique, column_type = "Text")]
    pub sha256: Option<String>,
    /// The manifest, JSON as it was hashed.
    #[sea_orm(column_type = "Text")]
    pub manifest: Option<String>,
    /// The answers that are published with its release, JSON, where it was brought from elsewhere; of a release that was made here they stand
    /// beside the findings.
    #[sea_orm(column_type = "Text")]
    pub answers: Option<String>,
    /// The instant whose state it holds.
    pub as_of: DateTime<Utc>,
    /// When it was kept here.
    pub created_at: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}
