//! A file of a release, its bytes as they are served.

use crate::ids::ReleaseId;
use sea_orm::entity::prelude::*;

/// One file.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "release_file")]
pub struct Model {
    /// The release.
    #[sea_orm(primary_key, auto_increment = false)]
    pub release_id: ReleaseId,
    /// Its path in the release, such as `observations.csv`.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub path: String,
    /// Its media type.
    #[sea_orm(column_type = "Text")]
    pub media_type: String,
    /// SHA-256 of its bytes, in hexadecimal.
    #[sea_orm(column_type = "Text")]
    pub sha256: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}
