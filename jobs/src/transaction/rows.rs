//! Rows in bulk.

use crate::dialect;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, IdenStatic, IntoActiveModel, Iterable, PrimaryKeyToColumn,
    sea_query::OnConflict,
};

/// The largest number of rows in one statement; more gain nothing.
const ROWS: usize = 4_000;

/// How many rows of `columns` columns go into one statement, which binds no more than it can afford.
#[must_use]
pub fn chunk_rows(backend: DbBackend, columns: usize) -> usize {
    (dialect::most_binds(backend) / columns.max(1)).clamp(1, ROWS)
}

/// Inserts rows in as few statements as the engine's limits allow; rows whose key exists are replaced where `replace` is set.
///
/// # Errors
/// The engine's, such as a unique key that is taken.
pub async fn put_all<M, C>(tx: &C, rows: Vec<M>, replace: bool) -> Result<(), DbErr>
where
    C: ConnectionTrait,
    M: IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel> + sea_orm::ModelTrait,
    <M::Entity as EntityTrait>::ActiveModel: ActiveModelTrait<Entity = M::Entity> + Send,
{
    let columns = || <M::Entity as EntityTrait>::Column::iter();
    let chunk = chunk_rows(tx.get_database_backend(), columns().count());
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let part = rows.by_ref().take(chunk).map(|row| row.into_active_model().reset_all());
        let mut insert = M::Entity::insert_many(part);
        if replace {
            let keys: Vec<_> = <M::Entity as EntityTrait>::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column).collect();
            let rest = columns().filter(|column| !keys.iter().any(|key| key.as_str() == column.as_str()));
            insert = insert.on_conflict(OnConflict::columns(keys.iter().copied()).update_columns(rest).to_owned());
        }
        insert.exec_without_returning(tx).await?;
    }
    Ok(())
}
