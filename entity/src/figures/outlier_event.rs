//! The history of a flag: what happened to it, in order.

use crate::{
    ids::{JobRunId, OvertimeOutlierId},
    text_enum::text_enum,
};
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

text_enum! {
    /// What happened to an overtime outlier: the first three by a run, the others by the bureau's officer.
    OutlierEventKind {
        /// A run found it and raised it.
        Raised,
        /// A rerun found other numbers.
        EvidenceChanged,
        /// A run removed it, for corrected records do not bear it any more; its review stays as it was.
        Withdrawn,
        /// Somebody has looked at it.
        Acknowledged,
        /// Somebody gave the reason.
        Explained,
        /// Somebody did something upon it, such as a doctor's interview.
        ActionTaken,
        /// Somebody found that it was none, and said why.
        Dismissed,
    }
}

/// One event.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outlier_event")]
pub struct Model {
    /// The flag.
    #[sea_orm(primary_key, auto_increment = false)]
    pub flag_id: OvertimeOutlierId,
    /// Counts its events from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sequence: i32,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub kind: OutlierEventKind,
    /// The token's subject; `system` for a run.
    #[sea_orm(column_type = "Text")]
    pub actor: String,
    /// What was said. It may name persons and is read with the flag alone.
    #[sea_orm(column_type = "Text")]
    pub comment: Option<String>,
    /// The run, where it was one.
    pub run_id: Option<JobRunId>,
}

impl ActiveModelBehavior for ActiveModel {}
