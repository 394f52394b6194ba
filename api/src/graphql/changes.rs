//! What changed of records, for those who keep a copy; and that something did.

use super::{
    connection::{PageInfo, store},
    node::global_id,
    nodes::Node,
};
use crate::graphql::nullable::{Nullable, attempt};
use crate::{
    error::Error,
    store::{
        Store,
        changes::{self, ChangeKind, Cursor},
    },
    words::RecordedNoun,
};
use async_graphql::{Context, ID, Object, Result, SimpleObject, Subscription};
use futures_util::{Stream, TryStreamExt};
use std::collections::HashMap;
use uuid::Uuid;

/// One change of a record.
#[derive(SimpleObject)]
pub struct Change {
    /// Global id of the record, which `node` takes. It outlives the record, and what you see of it.
    id: ID,
    /// Of which noun it is.
    noun: RecordedNoun,
    /// What happened, by how the record stands now.
    kind: ChangeKind,
    /// The record as it stands now; null where you do not see it.
    record: Option<Node>,
}

/// What changed, in the order of the commits: 50 by default, at most 500.
pub struct ChangePage {
    nodes: Vec<Change>,
    page_info: PageInfo,
}

/// What changed, in the order of the commits: 50 by default, at most 500.
#[Object]
impl ChangePage {
    /// The changes. Each record comes with its latest alone; one that changes again comes again.
    async fn nodes(&self) -> &[Change] {
        &self.nodes
    }

    /// `endCursor` is from where to ask the next time, also of an empty page; `hasNextPage`, whether to ask again at once. A page may be empty and
    /// have a next one.
    async fn page_info(&self) -> &PageInfo {
        &self.page_info
    }
}

/// That something changed.
#[derive(SimpleObject)]
pub struct ChangedUpdate {
    /// From where `changes` tells it. Give it as `after` to go on behind this message.
    cursor: String,
}

impl From<Cursor> for ChangedUpdate {
    fn from(cursor: Cursor) -> Self {
        Self { cursor: cursor.to_text() }
    }
}

/// The query of changes.
#[derive(Default)]
pub struct ChangeQuery;

#[Object]
impl ChangeQuery {
    /// What changed of recorded nouns that you may see, since a position: created, revised, voided, moved in, departed, erased. Without `after` it
    /// holds nothing, and a fresh cursor: take that first, then read the lists, then follow. Nothing is missing, whatever commits late. A cursor holds
    /// 90 days, in one database and for one sight; else the answer is `BAD_USER_INPUT` in `after`, and you start anew.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Behind this cursor, of this query or of the subscription `changed`.")] after: Option<String>,
        #[graphql(desc = "Of these nouns, the same as those of the cursor; without any, of all that you may read.")] nouns: Option<
            Vec<RecordedNoun>,
        >,
        #[graphql(desc = "How many changes, 1 to 500; 50 without.")] first: Option<i32>,
    ) -> Nullable<ChangePage> {
        attempt(async {
            let whole = ctx.look_ahead().field("nodes").field("record").exists();
            let page = store(ctx).changes(after.as_deref(), nouns.as_deref(), first, whole).await?;
            let mut records = HashMap::new();
            if whole {
                records = read(store(ctx), &page.changes).await?;
            }
            let shown = |change: changes::Change| Change {
                id: global_id(change.noun.noun().table(), change.id),
                noun: change.noun,
                kind: change.kind,
                record: records.remove(&(change.noun, change.id)),
            };
            let end_cursor = Some(page.cursor.to_text());
            let page_info = PageInfo { has_next_page: page.more, end_cursor, ..PageInfo::default() };
            Ok(ChangePage { nodes: page.changes.into_iter().map(shown).collect(), page_info })
        })
        .await
    }
}

/// The records of a page, in one statement for each noun.
async fn read(store: &Store, changes: &[changes::Change]) -> Result<HashMap<(RecordedNoun, Uuid), Node>, Error> {
    let mut wanted: HashMap<RecordedNoun, Vec<Uuid>> = HashMap::new();
    for change in changes.iter().filter(|change| change.is_shown()) {
        wanted.entry(change.noun).or_default().push(change.id);
    }
    let mut records = HashMap::new();
    for (noun, ids) in wanted {
        macro_rules! of_recorded {
            ($(#[$doc:meta] $name:ident = $table:ident,)+) => {
                match noun {
                    $(RecordedNoun::$name => {
                        let rows = store.many::<entity::$table::Entity>(entity::$table::Column::Id, &ids).await?;
                        records.extend(rows.into_iter().map(|row| ((noun, row.id.0), of_recorded!(@ $name row))));
                    })+
                }
            };
            (@ Employment $row:ident) => { Node::EmploymentPeriod($row.into()) };
            (@ $name:ident $row:ident) => { Node::$name($row.into()) };
        }
        entity::each_recorded!(of_recorded);
    }
    Ok(records)
}

/// The subscription to changes.
#[derive(Default)]
pub struct ChangeSubscription;

#[Subscription]
impl ChangeSubscription {
    /// A message whenever something changed that you may see: `changes` tells what. The first one says from where it is followed.
    async fn changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of these nouns; without any, of all that you may read.")] nouns: Option<Vec<RecordedNoun>>,
        #[graphql(desc = "Go on behind this cursor.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<ChangedUpdate, Error>>> {
        Ok(store(ctx).follow_changes(nouns, after.as_deref()).await?.map_ok(ChangedUpdate::from))
    }
}
