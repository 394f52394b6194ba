//! Reading releases (公表): their heads, what they say, their figures and their files.
//!
//! A draft is its makers'; a withdrawn release is a tombstone, of which nobody gets a figure or a file and only those who may read drafts get
//! what else it said. Deliberately absent: publication, which is the cycle's, and any figure that a release does not hold.

use crate::store::{
    Store,
    joined::{Asked, Joined},
    page::{Ordering, Page, PageArgs},
    unscoped,
};
use crate::{
    authz::{Action, Noun},
    error::Error,
};
use chrono::{DateTime, Utc};
use entity::{
    follow_up::ReleaseKind,
    ids::ReleaseId,
    period::FiscalYear,
    release::{self, Column, ReleaseState},
    release_file, release_observation,
};
use futures_util::{Stream, TryStreamExt};
use jobs::follow_up::release::Release;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, FromQueryResult, IdenStatic, QueryFilter, QueryOrder, QueryResult, QuerySelect,
    QueryTrait, Select,
    sea_query::{CaseStatement, Expr, ExprTrait, JoinType, NullOrdering, Order, SimpleExpr},
};
use std::{collections::HashMap, sync::Arc};

/// The most releases that the public page lists, the newest first.
const MOST_LISTED: u64 = 500;

/// A release without what it says.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Head {
    /// The row's key.
    pub id: ReleaseId,
    /// Code of the plan.
    pub plan: String,
    /// The fiscal year.
    pub fiscal_year: FiscalYear,
    /// Its version.
    pub version: String,
    /// Why there is one.
    pub kind: ReleaseKind,
    /// Where it stands.
    pub state: ReleaseState,
    /// The instant whose state it shows.
    pub as_of: DateTime<Utc>,
    /// When it was published.
    pub published_at: Option<DateTime<Utc>>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// Why.
    pub withdrawn_reason: Option<String>,
}

impl From<release::Model> for Head {
    fn from(row: release::Model) -> Self {
        Self {
            id: row.id,
            plan: row.plan,
            fiscal_year: row.fiscal_year,
            version: row.version,
            kind: row.kind,
            state: row.state,
            as_of: row.as_of,
            published_at: row.published_at,
            withdrawn_at: row.withdrawn_at,
            withdrawn_reason: row.withdrawn_reason,
        }
    }
}

impl Head {
    const COLUMNS: [Column; 10] = [
        Column::Id,
        Column::Plan,
        Column::FiscalYear,
        Column::Version,
        Column::Kind,
        Column::State,
        Column::AsOf,
        Column::PublishedAt,
        Column::WithdrawnAt,
        Column::WithdrawnReason,
    ];
}

/// A file of a release without its bytes.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct FileHead {
    /// The release.
    pub release_id: ReleaseId,
    /// Its path in the release.
    pub path: String,
    /// Its media type.
    pub media_type: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// How many they are.
    pub bytes: i64,
}

/// What a caller has of a file already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// Versions with one of these sums, or nothing.
    Sums(Vec<String>),
    /// Any version, or the caller asks for the head alone.
    Any,
}

/// A file at an address, with its bytes unless the caller has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The release.
    pub head: Head,
    /// The file; none where the release has no such file, or was withdrawn.
    pub file: Option<FileHead>,
    /// Its bytes.
    pub content: Option<Vec<u8>>,
}

/// One fiscal year's latest published release.
#[derive(Debug, Clone)]
pub struct Published {
    /// The release.
    pub head: Head,
    /// What it says; of its observations the whole office's.
    pub said: Release,
}

/// That no later version of the plan's year is published.
fn latest() -> Condition {
    let later = "NOT EXISTS (SELECT 1 FROM \"release\" AS later WHERE later.plan = \"release\".\"plan\" \
        AND later.fiscal_year = \"release\".\"fiscal_year\" AND later.state = 'PUBLISHED' \
        AND (later.published_at > \"release\".\"published_at\" \
            OR (later.published_at = \"release\".\"published_at\" AND later.id > \"release\".\"id\")))";
    Condition::all().add(Column::State.eq(ReleaseState::Published)).add(Expr::cust(later))
}

/// The release at an address: of two plans' that share it the one that was there first, so that an address never comes to mean another.
fn at_address(select: Select<release::Entity>, fiscal_year: FiscalYear, version: &str) -> Select<release::Entity> {
    let select = select.filter(Column::FiscalYear.eq(fiscal_year)).filter(Column::Version.eq(version));
    first_published(select).limit(1)
}

fn first_published(select: Select<release::Entity>) -> Select<release::Entity> {
    select.order_by_with_nulls(Column::PublishedAt, Order::Asc, NullOrdering::Last).order_by_asc(Column::Id)
}

/// Joins the files of the releases that a select finds, without those of withdrawn ones, and selects their heads.
fn with_files(mut select: Select<release::Entity>, join: JoinType, path: Option<&str>) -> Select<release::Entity> {
    use release_file::Column as File;
    let mut on = Condition::all()
        .add(Expr::col(File::ReleaseId.as_column_ref()).equals(Column::Id.as_column_ref()))
        .add(Column::State.ne(ReleaseState::Withdrawn));
    if let Some(path) = path {
        on = on.add(File::Path.eq(path));
    }
    let query = QueryTrait::query(&mut select);
    query.join(join, release_file::Entity, on);
    for column in [File::ReleaseId, File::Path, File::MediaType, File::Sha256] {
        query.expr_as(Expr::col(column.as_column_ref()), format!("{FILE}{}", column.as_str()));
    }
    query.expr_as(Expr::cust("CAST(length(\"release_file\".\"content\") AS BIGINT)"), format!("{FILE}bytes"));
    select
}

/// What the columns of a file begin with where they stand beside a release's.
const FILE: &str = "file_";

/// The bytes, unless they are known.
fn content(known: &Known) -> SimpleExpr {
    let content = Expr::col(release_file::Column::Content.as_column_ref());
    match known {
        Known::Any => CaseStatement::new().case(Expr::cust("1 = 1"), Expr::cust("NULL")).finally(content).into(),
        Known::Sums(sums) => {
            CaseStatement::new().case(release_file::Column::Sha256.is_in(sums), Expr::cust("NULL")).finally(content).into()
        }
    }
}

impl Store {
    fn heads(&self) -> Result<Select<release::Entity>, Error> {
        Ok(self.select::<release::Entity>()?.select_only().columns(Head::COLUMNS))
    }

    /// One page of releases, without what they say.
    ///
    /// # Errors
    /// As [`Store::page`].
    pub async fn releases(&self, filter: Condition, order: Ordering<Column>, args: &PageArgs) -> Result<Page<Head>, Error> {
        let page = self.sheet::<release::Entity>(filter, order, args, &Head::COLUMNS.map(Asked::Own)).await?;
        let rows = page.rows.into_iter().map(|(cursor, row)| Ok((cursor, Head::from_query_result(&row.row, "")?)));
        Ok(Page { rows: rows.collect::<Result<_, DbErr>>()?, has_next: page.has_next, has_previous: page.has_previous })
    }

    /// Releases that are or were published, of one year or of all, the newest first.
    ///
    /// # Errors
    /// As [`Store::allow`].
    pub async fn shelf(&self, fiscal_year: Option<FiscalYear>) -> Result<Vec<Head>, Error> {
        let mut select = self.heads()?.filter(Column::State.ne(ReleaseState::Draft)).order_by_desc(Column::FiscalYear);
        if let Some(year) = fiscal_year {
            select = select.filter(Column::FiscalYear.eq(year));
        }
        let select = select.order_by_desc(Column::PublishedAt).order_by_desc(Column::Id).limit(MOST_LISTED);
        Ok(select.into_model().all(self.reader()).await?)
    }

    /// The release of a fiscal year with a version, or the one that was published last.
    ///
    /// # Errors
    /// As [`Store::allow`].
    pub async fn release(&self, fiscal_year: FiscalYear, version: Option<&str>, plan: Option<&str>) -> Result<Option<Head>, Error> {
        let mut select = self.heads()?;
        if let Some(plan) = plan {
            select = select.filter(Column::Plan.eq(plan));
        }
        let select = match version {
            Some(version) => at_address(select, fiscal_year, version),
            None => first_published(select.filter(Column::FiscalYear.eq(fiscal_year)).filter(latest())).limit(1),
        };
        Ok(select.into_model().one(self.reader()).await?)
    }

    /// What releases say, each where the actor may read it; of their observations the whole office's. The rest are rows of their own.
    ///
    /// # Errors
    /// As [`Store::allow`]; INTERNAL for a document that cannot be read.
    pub async fn release_documents(&self, ids: &[ReleaseId]) -> Result<HashMap<ReleaseId, Arc<Release>>, Error> {
        let mut select = self.heads()?.column(Column::Document).filter(Column::Id.is_in(ids.iter().copied()));
        if !self.allow(Action::Read(Noun::Release))?.is_everything() {
            select = select.filter(Column::State.ne(ReleaseState::Withdrawn));
        }
        let found = self.read(select).await?.map_ok(|one| (one.head.id, Arc::new(one.said)));
        found.try_collect().await
    }

    /// The latest published release of each fiscal year of a span, in order and in one statement; of two plans' the one that was published
    /// first.
    ///
    /// # Errors
    /// As [`Store::release_documents`]; `BAD_USER_INPUT` for years that have not begun alone.
    pub async fn latest_releases(&self, from: FiscalYear, to: FiscalYear, plan: Option<&str>) -> Result<Vec<Published>, Error> {
        if from.first_day() > self.today() {
            return Err(Error::input("from", "この年度はまだ始まっていません。", "This fiscal year has not begun yet."));
        }
        let mut select = self.heads()?.column(Column::Document).filter(Column::FiscalYear.between(from, to)).filter(latest());
        if let Some(plan) = plan {
            select = select.filter(Column::Plan.eq(plan));
        }
        let select = first_published(select.order_by_asc(Column::FiscalYear));
        let mut all: Vec<Published> = self.read(select).await?.try_collect().await?;
        all.dedup_by_key(|one| one.head.fiscal_year);
        Ok(all)
    }

    /// Reads documents as they come, so that one of them is whole in memory at a time.
    async fn read(&self, select: Select<release::Entity>) -> Result<impl Stream<Item = Result<Published, Error>> + '_, Error> {
        #[derive(FromQueryResult)]
        struct Row {
            #[sea_orm(nested)]
            head: Head,
            document: String,
        }
        let rows = select.into_model::<Row>().stream(self.db.reader()).await?;
        Ok(rows.map_err(Error::from).and_then(|row| async move {
            let mut said: Release = serde_json::from_str(&row.document).map_err(|error| Error::internal(&error))?;
            said.observations.retain(jobs::follow_up::release::Observation::is_office_total);
            if row.head.state == ReleaseState::Withdrawn {
                (said.observations, said.earlier, said.months) = (Vec::new(), Vec::new(), Vec::new());
                (said.targets, said.changes) = (Vec::new(), None);
            }
            Ok(Published { head: row.head, said })
        }))
    }

    /// One page of a release's figures, in its own order. None of a withdrawn one.
    ///
    /// # Errors
    /// As [`Store::page`].
    pub async fn release_observations(
        &self,
        of: ReleaseId,
        filter: Condition,
        args: &PageArgs,
    ) -> Result<Page<release_observation::Model>, Error> {
        let order = Ordering { by: release_observation::Column::Position, descending: false };
        let filter = in_release(of, filter);
        Ok(self.page::<release_observation::Entity>(filter, order, args, Joined::default()).await?.0)
    }

    /// How many figures of a release match.
    ///
    /// # Errors
    /// As [`Store::count`].
    pub async fn count_release_observations(&self, of: ReleaseId, filter: Condition) -> Result<u64, Error> {
        self.count::<release_observation::Entity>(in_release(of, filter)).await
    }

    /// The files of releases that the actor may see, by path; none of a withdrawn one.
    ///
    /// # Errors
    /// As [`Store::allow`].
    pub async fn release_files(&self, ids: &[ReleaseId]) -> Result<Vec<FileHead>, Error> {
        #[derive(FromQueryResult)]
        struct Row {
            #[sea_orm(nested(prefix = "file_"))]
            file: FileHead,
        }
        let select = self.select::<release::Entity>()?.select_only().filter(Column::Id.is_in(ids.iter().copied()));
        let select = with_files(select, JoinType::InnerJoin, None).order_by_asc(release_file::Column::Path);
        let rows = select.into_model::<Row>().all(self.reader()).await?;
        Ok(rows.into_iter().map(|row| row.file).collect())
    }

    /// The file at an address, in one statement; its bytes are not read where they are known.
    ///
    /// # Errors
    /// As [`Store::allow`].
    pub async fn release_file(&self, fiscal_year: FiscalYear, version: &str, path: &str, known: &Known) -> Result<Option<Kept>, Error> {
        let select = with_files(at_address(self.heads()?, fiscal_year, version), JoinType::LeftJoin, Some(path));
        let select = select.expr_as(content(known), "content");
        let row = self.reader().query_one_raw(select.build(self.db.backend())).await?;
        let kept = |row: &QueryResult| -> Result<Kept, DbErr> {
            let found = row.try_get::<Option<String>>(FILE, "path")?.is_some();
            let file = found.then(|| FileHead::from_query_result(row, FILE)).transpose()?;
            Ok(Kept { head: Head::from_query_result(row, "")?, file, content: row.try_get("", "content")? })
        };
        Ok(row.as_ref().map(kept).transpose()?)
    }
}

/// Figures of one release, unless it was withdrawn.
fn in_release(of: ReleaseId, filter: Condition) -> Condition {
    use release_observation::Column as Figure;
    let shown = unscoped::<release::Entity>().select_only().column(Column::Id).filter(Column::State.ne(ReleaseState::Withdrawn));
    let shown = shown.filter(Column::Id.eq(of)).into_query();
    Condition::all().add(Figure::ReleaseId.eq(of)).add(Figure::ReleaseId.in_subquery(shown)).add(filter)
}
