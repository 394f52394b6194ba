//! Tokens that are accepted no more, though their issuer's signature is good and their time is not over.

use crate::ids::TokenRevocationId;
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// One act of revocation: of the tokens that a subject held when it was made, or of one token. It stands for good, for nobody but the issuer
/// knows how long its tokens live.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "token_revocation")]
pub struct Model {
    /// The row's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TokenRevocationId,
    /// The `sub` of the tokens; null where one token is revoked.
    #[sea_orm(column_type = "Text")]
    pub subject: Option<String>,
    /// The `jti` of the token; null where a subject's are revoked.
    #[sea_orm(column_type = "Text")]
    pub token: Option<String>,
    /// When it was made; a subject's tokens that are issued later are good.
    pub revoked_at: DateTime<Utc>,
    /// Who made it.
    #[sea_orm(column_type = "Text")]
    pub revoked_by: String,
    /// Why, as given.
    #[sea_orm(column_type = "Text")]
    pub reason: String,
}

impl ActiveModelBehavior for ActiveModel {}
