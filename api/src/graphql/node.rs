//! Relay ids: a table and a key, opaque to callers.

use super::projection::Projection;
use crate::{error::Error, store::page::Listed};
use async_graphql::{Context, ID, OutputType};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sea_orm::EntityTrait;
use uuid::Uuid;

/// A GraphQL object that shows one row of a table.
pub trait Noun: OutputType + From<<Self::Entity as EntityTrait>::Model> + 'static {
    /// The table.
    type Entity: Listed;

    /// What the list at hand is asked for, where all of it is columns; see [`super::projection`].
    #[must_use]
    fn sheet(_: &Context<'_>) -> Option<Projection<<Self::Entity as EntityTrait>::Column>> {
        None
    }
}

/// The global id of a row.
pub(super) fn global_id(table: &str, key: Uuid) -> ID {
    ID(URL_SAFE_NO_PAD.encode(format!("{table}:{key}")))
}

/// The table and key of a global id.
pub(super) fn parse(id: &ID) -> Option<(String, Uuid)> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(id.as_bytes()).ok()?).ok()?;
    let (table, key) = text.split_once(':')?;
    Some((table.to_owned(), Uuid::parse_str(key).ok()?))
}

/// A table by the name of its type.
fn name_of(table: &str) -> String {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    table.split('_').filter(|word| !word.is_empty()).map(capital).collect()
}

/// The key of a global id that must be of one table.
pub(super) fn key_of(id: &ID, table: &str, field: &str) -> Result<Uuid, Error> {
    match parse(id) {
        Some((found, key)) if found == table => Ok(key),
        _ => Err(Error::input(field, "IDの形式が正しくありません。", format!("This is no id of a {}.", name_of(table)))),
    }
}
