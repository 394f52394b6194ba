//! All that is held about one person, by noun, with purpose, period and readers.

use crate::graphql::nullable::{Nullable, attempt};
use crate::{
    graphql::{
        connection::{Connection, store},
        node::global_id,
    },
    person_file::{self, Format},
    store::{
        page::PageArgs,
        person_file::{HeldRow, Part, PersonFile as File, Reading, parts},
    },
    words::{Long, RetentionUnit},
};
use async_graphql::{Context, ID, Json, Object, Result, SimpleObject};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// All that is held about one person.
pub struct PersonFile(Arc<File>);

/// All that is held about one person, for 開示・訂正・利用停止: noun by noun, with what it is held for, how long, and who read it outside the
/// bureau that holds the person.
#[Object]
impl PersonFile {
    /// Global id of the person, as `node` takes it.
    async fn id(&self) -> ID {
        global_id("staff", self.0.person.id.0)
    }

    /// Staff number of the person, whose name is held nowhere.
    async fn staff_number(&self) -> &str {
        &self.0.person.staff_number
    }

    /// Code of the bureau that holds the person today, and answers their requests; null where none does.
    async fn bureau(&self) -> Option<&str> {
        self.0.holder.and_then(|bureau| self.0.code(bureau.0))
    }

    /// When the file was opened: what was recorded later may be in its rows and not in its numbers.
    async fn as_of(&self) -> DateTime<Utc> {
        self.0.as_of
    }

    /// Each table that may hold rows about a person, those without any too.
    #[expect(clippy::unused_async, reason = "the form of a resolver")]
    async fn nouns(
        &self,
        #[graphql(desc = "Of these tables alone, such as `shift`; without any, of all.")] only: Option<Vec<String>>,
    ) -> Result<Vec<PersonFileNoun>> {
        let noun = |part| PersonFileNoun { file: Arc::clone(&self.0), part };
        Ok(parts(only.as_deref())?.into_iter().map(noun).collect())
    }

    /// Who read about the person outside the bureau that holds them, the latest first: one row for each act and bureau. An entry of the trail
    /// names bureaus and no persons; `certain` tells a file of this person from what only may have shown them.
    async fn readers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Result<Connection<PersonFileReader>> {
        let page = store(ctx).file_readers(&self.0, &PageArgs { first, after, last, before }).await?;
        let file = Arc::clone(&self.0);
        let count = move |store: crate::store::Store| {
            let file = Arc::clone(&file);
            async move { store.count_file_readers(&file).await }
        };
        Ok(Connection::of(page, PersonFileReader::from, count))
    }

    /// The same as one document to be handed over; at most 10,000 rows.
    async fn export(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "As which kind of file.")] format: Format,
        #[graphql(desc = "Of these tables alone, such as `shift`; without any, of all.")] only: Option<Vec<String>>,
    ) -> Result<PersonFileDocument> {
        let document = person_file::export(store(ctx), &self.0, format, &parts(only.as_deref())?).await?;
        Ok(PersonFileDocument {
            file_name: document.name,
            media_type: document.media_type,
            sha256: document.sha256,
            content: STANDARD.encode(document.bytes),
        })
    }
}

/// A file as a document.
#[derive(SimpleObject)]
pub struct PersonFileDocument {
    /// Its name.
    file_name: String,
    /// What kind of file it is.
    media_type: &'static str,
    /// SHA-256 of its bytes, in hexadecimal.
    sha256: String,
    /// Its bytes, in Base64.
    content: String,
}

/// The part of one table in a person's file.
pub struct PersonFileNoun {
    file: Arc<File>,
    part: Part,
}

/// What one table holds about the person.
#[Object]
impl PersonFileNoun {
    /// The table, such as `shift`.
    async fn noun(&self) -> &str {
        self.part.table
    }

    /// What it is called, in Japanese.
    async fn name_ja(&self) -> &str {
        self.part.name.0
    }

    /// What it holds, in English.
    async fn name_en(&self) -> &str {
        self.part.name.1.trim()
    }

    /// What it is held for (利用目的), in Japanese.
    async fn purpose_ja(&self) -> &str {
        self.part.purpose.0
    }

    /// What it is held for, in English.
    async fn purpose_en(&self) -> &str {
        self.part.purpose.1
    }

    /// How long a row is kept, in its unit, before the job `DISPOSE` erases it.
    async fn kept_length(&self) -> i32 {
        self.file.kept(&self.part).0
    }

    /// What the length counts.
    async fn kept_unit(&self) -> RetentionUnit {
        self.file.kept(&self.part).1
    }

    /// How many rows it has about the person.
    async fn row_count(&self) -> Long {
        Long(i64::try_from(self.file.count(&self.part)).unwrap_or(i64::MAX))
    }

    /// The rows, void ones too, by date where they have one, or in the order in which they were written.
    async fn rows(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Result<Connection<PersonFileRow>> {
        let args = PageArgs { first, after, last, before };
        let page = store(ctx).held_rows(&self.file, &self.part, Some(&args)).await?;
        let total = self.file.count(&self.part);
        Ok(Connection::of(page, |row| PersonFileRow::of(&self.part, row), move |_| async move { Ok(total) }))
    }
}

/// One row about the person.
#[derive(SimpleObject)]
pub struct PersonFileRow {
    /// Global id, as `node` takes it; null where a row is shown within another.
    id: Option<ID>,
    /// The version of a record: what a correction that was made meanwhile has raised. Null for what is computed.
    revision: Option<i32>,
    /// What it says, by column, as JSON: bureaus and units by their codes.
    values: Json<serde_json::Value>,
}

impl PersonFileRow {
    fn of(part: &Part, row: HeldRow) -> Self {
        let id = row.key.filter(|_| part.is_node).map(|key| global_id(part.table, key));
        Self { id, revision: row.revision, values: Json(person_file::values(row.cells)) }
    }
}

/// A reading that concerned the person, or may have.
#[derive(SimpleObject)]
pub struct PersonFileReader {
    /// When; of a day's work in another bureau, when the day was over.
    at: DateTime<Utc>,
    /// The token's subject; null where you do not see the entry in the audit trail.
    actor: Option<String>,
    /// The roles it acted in, separated by spaces.
    roles: String,
    /// What was done: `READ`, `READ_DAY` or `READ_FILE`.
    verb: String,
    /// Of which table.
    noun: String,
    /// Code of the bureau whose rows were read.
    bureau: Option<String>,
    /// How many rows of the bureau were read; the person's may be among them.
    row_count: Long,
    /// Whether the person was read about: the file was opened. Of any other reading it is not known.
    certain: bool,
}

impl From<Reading> for PersonFileReader {
    fn from(reading: Reading) -> Self {
        let entry = reading.entry;
        Self {
            at: entry.at,
            actor: reading.is_named.then_some(entry.actor),
            roles: entry.roles,
            verb: entry.verb,
            noun: entry.noun,
            bureau: reading.bureau,
            row_count: Long(reading.rows),
            certain: reading.is_certain,
        }
    }
}

/// The file of one person.
#[derive(Default)]
pub struct PersonFileQuery;

#[Object]
impl PersonFileQuery {
    /// All that is held about one person (開示): for an officer of the bureau that holds the person today, and for the person. Each call is an
    /// entry of the audit trail, one that finds nobody too.
    async fn person_file(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Staff number of the person.")] staff_number: String,
        #[graphql(desc = "Why it is read, for the audit trail: 1 to 1,000 characters.")] reason: String,
    ) -> Nullable<PersonFile> {
        attempt(async { Ok(PersonFile(Arc::new(store(ctx).open_person_file(&staff_number, &reason).await?))) }).await
    }
}
