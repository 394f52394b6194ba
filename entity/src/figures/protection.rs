//! What of a figure is withheld from readers who see no persons: one decision for all of a month's figures, spans and vintages. Append-only.

use crate::{
    ids::{JobRunId, ProtectionId},
    measure_cell::Span,
    period::YearMonth,
    text_enum::text_enum,
};
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;
use std::collections::BTreeSet;

text_enum! {
    /// How the figures of a bureau, or of the office, are split.
    Split {
        /// Not at all.
        Total,
        /// By sex.
        BySex,
        /// By rank band.
        ByBand,
    }
}

/// The figure whose counts of people are those with overtime outliers; it is no indicator.
pub const OUTLIER_COUNTS: &str = "OVERTIME_OUTLIERS";

/// Codes of bureaus; TOTAL is the whole office.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub struct Places(pub BTreeSet<String>);

/// The places of a figure's split that are withheld; all others are shown.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "protection")]
pub struct Model {
    /// The row's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ProtectionId,
    /// The span.
    pub span: Span,
    /// Its last month.
    pub month: YearMonth,
    /// The indicator's code, or that of the counts of outliers.
    #[sea_orm(column_type = "Text")]
    pub figure: String,
    /// The split.
    pub split: Split,
    /// Whose cells are withheld.
    pub withheld: Places,
    /// The run that decided it.
    pub run_id: JobRunId,
    /// When.
    pub decided_at: DateTime<Utc>,
    /// The run whose decision took its place; null while it is in force.
    pub superseded_by: Option<JobRunId>,
}

impl ActiveModelBehavior for ActiveModel {}
