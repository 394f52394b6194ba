//! The periods of retention and the rules of overtime that an installation starts with.

use super::Ledger;
use crate::database::DatabaseError;
use entity::{
    counting_rule,
    ids::RetentionId,
    overtime_rule,
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

    /// Says how figures count, as an installation begins; what an administrator said since stays.
    ///
    /// # Errors
    /// The engine's.
    pub async fn ensure_counting_rules(&self) -> Result<(), DatabaseError> {
        let row = counting_rule::Model::shipped(self.clock.now()).into_active_model().reset_all();
        let insert =
            counting_rule::Entity::insert(row).on_conflict(OnConflict::column(counting_rule::Column::Version).do_nothing().to_owned());
        let tx = self.db.begin().await?;
        match insert.exec_without_returning(&*tx).await {
            Ok(_) | Err(DbErr::RecordNotInserted) => tx.commit().await,
            Err(error) => Err(error.into()),
        }
    }

    /// Makes the shipped rules of overtime where there are none; what an administrator changed stays.
    ///
    /// # Errors
    /// The engine's.
    pub async fn ensure_overtime_rules(&self) -> Result<(), DatabaseError> {
        let tx = self.db.begin().await?;
        if overtime_rule::Entity::find().one(&*tx).await?.is_some() {
            return tx.rollback().await;
        }
        let rows = overtime_rule::Model::shipped(self.clock.now()).map(|rule| rule.into_active_model().reset_all());
        // Another process may be first.
        let insert = overtime_rule::Entity::insert_many(rows)
            .on_conflict(OnConflict::column(overtime_rule::Column::ValidFrom).do_nothing().to_owned());
        match insert.exec_without_returning(&*tx).await {
            Ok(_) | Err(DbErr::RecordNotInserted) => tx.commit().await,
            Err(error) => Err(error.into()),
        }
    }
}
