//! Who read about a person outside the bureau that holds them, from the audit trail.
//!
//! An entry of a reading names bureaus and never persons, so that the trail is no second register of people. What is certain is a file that
//! was opened; of all else it can only be said that the reading concerned rows of a bureau in which rows about the person lie.

use super::PersonFile;
use crate::{
    authz::{Action, Noun},
    error::Error,
    store::{
        Store,
        page::{Keyset, Page, PageArgs, cursor_of, one_of},
        told::{
            row::{Column, Entity, Model},
            shown, told,
        },
        unscoped,
    },
};
use entity::{audit_entry, bureau_set};
use sea_orm::{ColumnTrait, Condition, FromQueryResult, PaginatorTrait, QueryFilter, Select};
use std::collections::HashMap;

/// The verb of an officer's opening of a file.
pub(super) const FILE: &str = "READ_FILE";
/// The verb of a person's opening of their own.
pub(super) const OWN: &str = "READ_OWN_FILE";
/// The verb of what whoever is not at daily work read of persons.
const READ: &str = "READ";
/// The verb of a day's work in a bureau.
const READ_DAY: &str = "READ_DAY";

/// What one act read in one bureau in which rows about the person lie.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The act.
    pub entry: audit_entry::Model,
    /// The bureau whose rows were read.
    pub bureau: Option<String>,
    /// How many of its rows.
    pub rows: i64,
    /// Whether the actor sees who it was.
    pub is_named: bool,
    /// Whether it was this person about whom was read.
    pub is_certain: bool,
}

impl Store {
    /// Who read about the person outside the bureau that holds them, the latest first.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` for a size outside 1 to 500 or a cursor that is not one of this list.
    pub async fn file_readers(&self, file: &PersonFile, args: &PageArgs) -> Result<Page<Reading>, Error> {
        let keyset = Keyset::<Entity>::cut(self.readings(file), vec![Column::EntryId, Column::BureauId], true, args)?;
        let found = self.run(&keyset).await?;
        let told: Result<Vec<_>, _> = found.iter().map(|row| Model::from_query_result(row, "")).collect();
        let page = Self::frame(told?, &keyset, cursor_of::<Entity>)?;
        let of_page = one_of(self.db.backend(), audit_entry::Column::Id, page.rows.iter().map(|(_, told)| told.entry_id.0));
        let entries = unscoped::<audit_entry::Entity>().filter(of_page).all(self.reader()).await?;
        let entries: HashMap<_, _> = entries.into_iter().map(|entry| (entry.id, entry)).collect();
        let trail = self.may(Action::Read(Noun::AuditEntry)).then(|| self.allow(Action::Read(Noun::AuditEntry))).transpose()?;
        let reading = |(cursor, told): (String, Model)| {
            let entry = entries.get(&told.entry_id)?.clone();
            let is_named = trail.as_ref().is_some_and(|scope| scope.bureaus.holds(&told.bureau_id));
            let bureau = file.code(told.bureau_id.0).map(str::to_owned);
            Some((cursor, Reading { bureau, rows: told.concerned, is_named, is_certain: entry.verb == FILE, entry }))
        };
        Ok(Page { rows: page.rows.into_iter().filter_map(reading).collect(), has_next: page.has_next, has_previous: page.has_previous })
    }

    /// How many there are.
    ///
    /// # Errors
    /// INTERNAL when the database does not answer.
    pub async fn count_file_readers(&self, file: &PersonFile) -> Result<u64, Error> {
        Ok(self.readings(file).count(self.reader()).await?)
    }

    /// Readings by whoever is not at daily work, of any bureau in which rows about the person lie; daily work and files of other bureaus than the
    /// one that holds the person today. What auditors of an inquiry read is left out for whoever does not see inquiries.
    fn readings(&self, file: &PersonFile) -> Select<Entity> {
        use audit_entry::Column as Act;
        let lies_in = bureau_set::Column::BureauId;
        let by = |verb: &str| Condition::all().add(Act::Verb.eq(verb));
        let of_file = by(FILE).add(Act::RecordId.eq(file.person.id.0));
        let elsewhere =
            Condition::all().add_option(file.holder.map(|holder| lies_in.ne(holder))).add(Condition::any().add(by(READ_DAY)).add(of_file));
        let outside = shown(self.may(Action::SeeInquiries))
            .add(Act::At.gte(file.person.created_at))
            .add(lies_in.is_in(file.bureaus.iter().copied()))
            .add(Condition::any().add(by(READ)).add(elsewhere));
        told(outside).filter(Column::Concerned.gt(0))
    }
}
