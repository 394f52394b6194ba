//! A reader that keeps a copy by following changes, and looks whether it is what the lists show.

use std::collections::BTreeMap;

use anyhow::{Context, ensure};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use torikumi_tests::client::Client;

/// What is followed.
pub const NOUNS: [&str; 5] = ["SHIFT", "STAFF", "POSTING", "LEAVE_ENTRY", "UNIT"];

/// What is kept of each, as `changes` and the lists show it.
const KEPT: [(&str, &str, &str); 5] = [
    ("shifts", "Shift", "id void revision updatedAt bureau { code } unit { code }"),
    ("staff", "Staff", "id void revision staffNumber sex"),
    ("postings", "Posting", "id void revision validTo bureau { code }"),
    ("leaveEntries", "LeaveEntry", "id void revision bureau { code }"),
    ("units", "Unit", "id void revision"),
];

pub const CHANGES: &str =
    "query($after: String, $nouns: [RecordedNoun!], $first: Int) { changes(after: $after, nouns: $nouns, first: $first) {
    nodes { id noun kind record { id
        ... on Shift { void revision updatedAt bureau { code } unit { code } }
        ... on Staff { staffVoid: void staffRevision: revision staffNumber sex }
        ... on Posting { void revision validTo bureau { code } }
        ... on LeaveEntry { void revision bureau { code } }
        ... on Unit { void revision } } }
    pageInfo { endCursor hasNextPage } } }";

/// One page.
pub struct Page {
    pub nodes: Vec<Value>,
    pub cursor: String,
    pub more: bool,
}

pub async fn ask(client: &Client, after: &str, first: usize) -> anyhow::Result<Page> {
    page(client, json!({ "after": after, "nouns": NOUNS, "first": first })).await
}

async fn page(client: &Client, variables: Value) -> anyhow::Result<Page> {
    let mut data = client.query(CHANGES, variables).await?;
    let mut changes = data["changes"].take();
    let cursor = changes["pageInfo"]["endCursor"].as_str().context("a cursor")?.to_owned();
    let more = changes["pageInfo"]["hasNextPage"].as_bool().context("whether more follow")?;
    let Value::Array(nodes) = changes["nodes"].take() else { anyhow::bail!("no nodes") };
    Ok(Page { nodes, cursor, more })
}

/// A fresh cursor, with which nothing comes.
pub async fn fresh(client: &Client) -> anyhow::Result<String> {
    let page = page(client, json!({ "nouns": NOUNS })).await?;
    ensure!(page.nodes.is_empty() && !page.more);
    Ok(page.cursor)
}

/// The position of another's cursor with one's own sight.
pub async fn sight_of(client: &Client, cursor: &str) -> anyhow::Result<String> {
    let read = |text: &str| anyhow::Ok(serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(text)?)?);
    let (mut position, own) = (read(cursor)?, read(&fresh(client).await?)?);
    position["sight"] = own["sight"].clone();
    Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(&position)?))
}

/// What is new since the cursor, which moves on: kinds and nouns.
pub async fn told(client: &Client, cursor: &mut String) -> anyhow::Result<Vec<String>> {
    let mut told = Vec::new();
    loop {
        let page = ask(client, cursor, 500).await?;
        let word = |change: &Value, name: &str| change[name].as_str().unwrap_or_default().to_owned();
        for change in &page.nodes {
            let gone = ["DEPARTED", "DISPOSED"].contains(&&*word(change, "kind"));
            ensure!(gone == change["record"].is_null(), "{change}");
            told.push(format!("{} {}", word(change, "kind"), word(change, "noun")));
        }
        *cursor = page.cursor;
        if !page.more {
            return Ok(told);
        }
    }
}

/// A copy of what a caller may see.
pub struct Copy {
    rows: BTreeMap<String, Value>,
    cursor: String,
    /// How many changes were told.
    pub told: usize,
}

fn kept(mut record: Value) -> Option<(String, Value)> {
    let object = record.as_object_mut()?;
    for (alias, name) in [("staffVoid", "void"), ("staffRevision", "revision")] {
        if let Some(value) = object.remove(alias) {
            object.insert(name.to_owned(), value);
        }
    }
    let id = object.get("id")?.as_str()?.to_owned();
    (object.get("void") != Some(&Value::Bool(true))).then_some((id, record))
}

/// All that the lists show.
async fn listed(client: &Client) -> anyhow::Result<BTreeMap<String, Value>> {
    let mut rows = BTreeMap::new();
    for (list, _, columns) in KEPT {
        let mut after = Value::Null;
        loop {
            let document = format!(
                "query($after: String) {{ {list}(first: 500, after: $after) {{ nodes {{ {columns} }} pageInfo {{ endCursor hasNextPage }} }} }}"
            );
            let data = client.query(&document, json!({ "after": after })).await?;
            rows.extend(data[list]["nodes"].as_array().into_iter().flatten().cloned().filter_map(kept));
            if data[list]["pageInfo"]["hasNextPage"] != true {
                break;
            }
            after = data[list]["pageInfo"]["endCursor"].clone();
        }
    }
    Ok(rows)
}

impl Copy {
    /// As the documents say: a cursor first, and then the lists.
    pub async fn open(client: &Client) -> anyhow::Result<Self> {
        let cursor = fresh(client).await?;
        Ok(Self { rows: listed(client).await?, cursor, told: 0 })
    }

    /// Takes over what is new.
    pub async fn follow(&mut self, client: &Client) -> anyhow::Result<()> {
        while self.follow_page(client).await? {}
        Ok(())
    }

    /// Takes over a page of it, and tells whether more is known to follow.
    pub async fn follow_page(&mut self, client: &Client) -> anyhow::Result<bool> {
        let page = ask(client, &self.cursor, 97).await?;
        self.told += page.nodes.len();
        for mut change in page.nodes {
            let id = change["id"].as_str().context("an id")?.to_owned();
            match kept(change["record"].take()) {
                Some((id, record)) => self.rows.insert(id, record),
                None => self.rows.remove(&id),
            };
        }
        self.cursor = page.cursor;
        Ok(page.more)
    }

    /// Whether it is what the lists show.
    pub async fn check(&self, client: &Client) -> anyhow::Result<()> {
        let listed = listed(client).await?;
        let missing: Vec<_> = listed.iter().filter(|(id, row)| self.rows.get(*id) != Some(row)).take(5).collect();
        let left: Vec<_> = self.rows.iter().filter(|(id, _)| !listed.contains_key(*id)).take(5).collect();
        ensure!(missing.is_empty() && left.is_empty(), "missing or old: {missing:?}\nleft: {left:?}");
        Ok(())
    }

    /// Where it stands.
    pub fn cursor(&self) -> &str {
        &self.cursor
    }

    /// How many records it holds.
    pub fn len(&self) -> usize {
        self.rows.len()
    }
}
