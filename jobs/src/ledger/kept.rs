//! The periods of retention that an installation starts with.

use super::Ledger;
use crate::database::DatabaseError;
use entity::{
    ids::RetentionId,
    retention::{self, RetentionNoun},
};
use sea_orm::{ActiveModelTrait, DbErr, EntityTrait, IntoActiveModel, Iterable, sea_query::OnConflict};

impl Ledger {
    /// Makes the usual period of each noun that has none; what an administrator changed stays.
    ///
    /// # Errors
    /// The engine's.
    pub async fn ensure_retentions(&self) -> Result<(), DatabaseError> {
        let now = self.clock.now();
        let usual = |noun: RetentionNoun| {
            let (length, unit) = noun.usual();
            let (id, changed_by) = (RetentionId::new(), "system".into());
            let row = retention::Model { id, noun, length, unit, changed_at: now, changed_by, reason: None, disposed_before: None };
            row.into_active_model().reset_all()
        };
        let insert = retention::Entity::insert_many(RetentionNoun::iter().map(usual))
            .on_conflict(OnConflict::column(retention::Column::Noun).do_nothing().to_owned());
        let tx = self.db.begin().await?;
        match insert.exec_without_returning(&*tx).await {
            Ok(_) | Err(DbErr::RecordNotInserted) => tx.commit().await,
            Err(error) => Err(error.into()),
        }
    }
}
