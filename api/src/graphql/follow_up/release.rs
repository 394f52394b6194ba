//! Releases (公表): a year's figures, protected already, with what they were made from. Everybody reads what was published.
//!
//! What a release says comes from its document, as it was written ([`said`]); its figures from rows of their own. Deliberately absent: bytes of
//! files, which are served at stable addresses (`crate::releases`), and publication, which is an act on the cycle.

pub mod said;

use crate::graphql::nullable::{Conditions, Nullable, attempt, maybe};
use crate::graphql::{
    connection::{Connection, loaders, store},
    node::global_id,
    record::limited,
};
use crate::words::FiscalYear;
use crate::{
    error::Error,
    releases::address,
    store::{
        page::{Ordering, PageArgs},
        release::{FileHead, Head},
    },
    words::{Long, ReleaseKind, ReleaseState},
};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{
    ids::ReleaseId,
    release::{Column, Model, ReleaseState as State},
    release_observation,
};
use jobs::follow_up::release as document;
use said::{
    ReleaseBureau, ReleaseChanges, ReleaseClause, ReleaseDefinition, ReleaseFinding, ReleaseObservation, ReleasePlan, ReleaseProvenance,
    ReleaseTarget, Words,
};
use sea_orm::{ColumnTrait, Condition};
use std::sync::Arc;

/// Where a published figure stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::release_observation::ObservationStatus")]
pub enum ObservationStatus {
    /// It stands as it is; no symbol is printed beside it.
    Final,
    /// `p`: records may still come.
    Provisional,
    /// `r`: it differs from what an earlier release showed.
    Revised,
    /// `x`: it is not shown, for it rests on few people or would tell such a figure.
    Withheld,
    /// `-`: there was nobody to count (該当者なし); never 0 %.
    NoSubjects,
    /// `…`: it is not known, for there is no value of the date that belongs to it.
    Unknown,
}

/// A version of a year's figures.
pub struct Release(Head);

impl From<Model> for Release {
    fn from(row: Model) -> Self {
        Self(row.into())
    }
}

/// One version (版) of a fiscal year's figures. A published one never changes; a correction is another one. A withdrawn one is a tombstone:
/// its figures, targets, changes and files are null for everybody, and what else it said for all but those who may read drafts.
#[Object]
impl Release {
    /// Global id, as `node` takes it; it stays the same through all changes of the row.
    pub async fn id(&self) -> ID {
        global_id("release", self.0.id.0)
    }

    /// Code of the plan that is followed up, such as `CAS-2015`.
    async fn plan_code(&self) -> &str {
        &self.0.plan
    }

    /// The fiscal year that is followed up, by the year in which it begins; its figures print their own dates.
    async fn fiscal_year(&self) -> FiscalYear {
        FiscalYear(self.0.fiscal_year)
    }

    /// Its version, such as `1.0.0`: definition, data and correction are counted in this order.
    async fn version(&self) -> &str {
        &self.0.version
    }

    /// Why there is one beside the former, or that it is the first.
    async fn kind(&self) -> ReleaseKind {
        self.0.kind
    }

    /// Where it stands.
    async fn state(&self) -> ReleaseState {
        self.0.state
    }

    /// The instant whose state it shows.
    async fn as_of(&self) -> DateTime<Utc> {
        self.0.as_of
    }

    /// When it was published, from which on it never changes; null for a draft.
    async fn published_at(&self) -> Option<DateTime<Utc>> {
        self.0.published_at
    }

    /// When it was withdrawn; null while it stands.
    async fn withdrawn_at(&self) -> Option<DateTime<Utc>> {
        self.0.withdrawn_at
    }

    /// Why it was withdrawn, as everybody reads it; null while it stands.
    async fn withdrawn_reason(&self) -> Option<&str> {
        self.0.withdrawn_reason.as_deref()
    }

    /// Where its files lie, from the root of this server: `/releases/FY2018/1.0.0/`.
    async fn url(&self) -> String {
        address(self.0.fiscal_year, &self.0.version, "")
    }

    /// What was corrected, added or changed; null for the first of a year.
    async fn reason(&self, ctx: &Context<'_>) -> Nullable<Words> {
        maybe(async { Ok(self.said(ctx).await?.and_then(|said| said.reason.clone()).map(Words)) }).await
    }

    /// The plan, as it was when the release was made.
    async fn plan(&self, ctx: &Context<'_>) -> Nullable<ReleasePlan> {
        maybe(async { Ok(self.said(ctx).await?.map(|said| ReleasePlan(said.plan.clone()))) }).await
    }

    /// What is measured, in the catalogue's order; then what bureaus submitted.
    async fn definitions(&self, ctx: &Context<'_>) -> Nullable<Vec<ReleaseDefinition>> {
        maybe(async { Ok(self.said(ctx).await?.map(|said| said.definitions.iter().cloned().map(ReleaseDefinition).collect())) }).await
    }

    /// Bureaus, then groups of bureaus, that its figures name.
    async fn bureaus(&self, ctx: &Context<'_>) -> Nullable<Vec<ReleaseBureau>> {
        maybe(async { Ok(self.said(ctx).await?.map(|said| said.bureaus.iter().cloned().map(ReleaseBureau).collect())) }).await
    }

    /// Targets that were in force in the year, or for the figure's date, each with the office's figure.
    async fn targets(&self, ctx: &Context<'_>) -> Nullable<Vec<ReleaseTarget>> {
        maybe(async { Ok(self.figures(ctx).await?.map(|said| said.targets.iter().map(|line| ReleaseTarget::of(line, &said)).collect())) })
            .await
    }

    /// The plan's clauses in its own order, each with what bureaus did.
    async fn clauses(&self, ctx: &Context<'_>) -> Nullable<Vec<ReleaseClause>> {
        maybe(async { Ok(self.said(ctx).await?.map(|said| said.clauses.iter().cloned().map(ReleaseClause).collect())) }).await
    }

    /// What changed against the former release of the year; null for the first.
    async fn changes(&self, ctx: &Context<'_>) -> Nullable<ReleaseChanges> {
        maybe(async {
            let Some(said) = self.figures(ctx).await? else { return Ok(None) };
            Ok(said.changes.clone().map(|changes| ReleaseChanges::of(changes, &said)))
        })
        .await
    }

    /// What was looked into before it was compiled.
    async fn findings(&self, ctx: &Context<'_>) -> Nullable<Vec<ReleaseFinding>> {
        maybe(async { Ok(self.said(ctx).await?.map(|said| said.findings.iter().cloned().map(ReleaseFinding).collect())) }).await
    }

    /// What it was made from: the snapshot, the program, and the method of protection.
    async fn provenance(&self, ctx: &Context<'_>) -> Nullable<ReleaseProvenance> {
        maybe(async { Ok(self.said(ctx).await?.map(|said| ReleaseProvenance(said.provenance.clone()))) }).await
    }

    /// Its files, by path; their bytes are served at each one's address.
    async fn files(&self, ctx: &Context<'_>) -> Nullable<Vec<ReleaseFile>> {
        maybe(async {
            if self.0.state == State::Withdrawn {
                return Ok(None);
            }
            let files = loaders(ctx).files(self.0.id).await?;
            Ok(Some(files.into_iter().map(|file| ReleaseFile::of(&self.0, file)).collect()))
        })
        .await
    }

    /// Its figures, by indicator, then bureau, sex and band, TOTAL first.
    async fn observations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which figures: all given conditions must hold; without any, all of the release.", default)] filter: Conditions<
            ReleaseObservationFilter,
        >,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Nullable<Connection<ReleaseObservation>> {
        maybe(async {
            let filter = filter.0;
            if self.0.state == State::Withdrawn {
                return Ok(None);
            }
            observations(ctx, self.0.id, filter.condition()?, &PageArgs { first, after, last, before }).await.map(Some)
        })
        .await
    }
}

impl Release {
    /// What it says, where the caller may read it.
    async fn said(&self, ctx: &Context<'_>) -> Result<Option<Arc<document::Release>>, Error> {
        loaders(ctx).said(self.0.id).await
    }

    /// The same, where it has figures to show.
    async fn figures(&self, ctx: &Context<'_>) -> Result<Option<Arc<document::Release>>, Error> {
        if self.0.state == State::Withdrawn { Ok(None) } else { self.said(ctx).await }
    }
}

async fn observations(ctx: &Context<'_>, of: ReleaseId, condition: Condition, args: &PageArgs) -> Result<Connection<ReleaseObservation>> {
    let page = store(ctx).release_observations(of, condition.clone(), args).await?;
    let count = move |store: crate::store::Store| {
        let condition = condition.clone();
        async move { store.count_release_observations(of, condition).await }
    };
    Ok(Connection::of(page, ReleaseObservation::of_row, count))
}

/// A file of a release. What is published is served byte for byte at its address, to everybody and for ever.
#[derive(SimpleObject)]
pub struct ReleaseFile {
    /// Its path in the release, such as `observations.csv`.
    path: String,
    /// Its media type, under which it is served.
    media_type: String,
    /// SHA-256 of its bytes, in hexadecimal.
    sha256: String,
    /// How many bytes it has.
    bytes: Long,
    /// Where it lies, from the root of this server.
    url: String,
}

impl ReleaseFile {
    fn of(head: &Head, file: FileHead) -> Self {
        let url = address(head.fiscal_year, &head.version, &file.path);
        Self { path: file.path, media_type: file.media_type, sha256: file.sha256, bytes: Long(file.bytes), url }
    }
}

/// Which releases: all given conditions must hold; one that is absent or null asks nothing, and an empty list finds nothing.
#[derive(Debug, Clone, Default, InputObject)]
pub struct ReleaseFilter {
    /// Of any of these fiscal years, at most 500.
    fiscal_years: Option<Vec<FiscalYear>>,
    /// That stand at any of these; drafts are found by who may read them alone.
    states: Option<Vec<ReleaseState>>,
    /// Of any of these plans, by code, at most 500.
    plans: Option<Vec<String>>,
}

impl ReleaseFilter {
    fn condition(&self) -> Result<Condition, Error> {
        let mut condition = Condition::all();
        if let Some(years) = &self.fiscal_years {
            condition = condition.add(Column::FiscalYear.is_in(limited(years, "fiscalYears")?.iter().map(|year| year.0)));
        }
        if let Some(states) = &self.states {
            condition = condition.add(Column::State.is_in(limited(states, "states")?.iter().copied()));
        }
        if let Some(plans) = &self.plans {
            condition = condition.add(Column::Plan.is_in(limited(plans, "plans")?));
        }
        Ok(condition)
    }
}

/// In which order releases are listed; ties are broken by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum ReleaseOrder {
    /// By fiscal year, the earliest first.
    FiscalYear,
    /// By fiscal year, the latest first.
    FiscalYearDescending,
}

/// Which figures of a release: all given conditions must hold; one that is absent or null asks nothing, and an empty list finds nothing.
#[derive(Debug, Clone, Default, InputObject)]
pub struct ReleaseObservationFilter {
    /// Of any of these indicators or items, by code, at most 500.
    indicators: Option<Vec<String>>,
    /// Of any of these bureaus or groups, by code; TOTAL is the office.
    bureaus: Option<Vec<String>>,
    /// Of any of these members of sex; TOTAL is all.
    sexes: Option<Vec<String>>,
    /// Of any of these rank bands; TOTAL is all.
    bands: Option<Vec<String>>,
    /// That stand at any of these, such as `WITHHELD`.
    statuses: Option<Vec<ObservationStatus>>,
}

impl ReleaseObservationFilter {
    fn condition(&self) -> Result<Condition, Error> {
        use release_observation::{Column, ObservationStatus as Status};
        let mut condition = Condition::all();
        for (column, members, field) in [
            (Column::Indicator, &self.indicators, "indicators"),
            (Column::Bureau, &self.bureaus, "bureaus"),
            (Column::Sex, &self.sexes, "sexes"),
            (Column::Band, &self.bands, "bands"),
        ] {
            if let Some(members) = members {
                condition = condition.add(column.is_in(limited(members, field)?));
            }
        }
        if let Some(statuses) = &self.statuses {
            condition = condition.add(Column::Status.is_in(limited(statuses, "statuses")?.iter().map(|status| Status::from(*status))));
        }
        Ok(condition)
    }
}

/// Queries of releases.
#[derive(Default)]
pub struct ReleaseQuery;

#[Object]
impl ReleaseQuery {
    /// Releases: those that are or were published for everybody, drafts for those who make, compile and promote them.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn releases(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which releases: all given conditions must hold; without any, all that the caller may see.", default)]
        filter: Conditions<ReleaseFilter>,
        #[graphql(desc = "In which order; ties by id.", default_with = "ReleaseOrder::FiscalYearDescending")] order_by: ReleaseOrder,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Nullable<Connection<Release>> {
        attempt(async {
            let filter = filter.0;
            let condition = filter.condition()?;
            let order = Ordering { by: Column::FiscalYear, descending: order_by == ReleaseOrder::FiscalYearDescending };
            let page = store(ctx).releases(condition.clone(), order, &PageArgs { first, after, last, before }).await?;
            let count = move |store: crate::store::Store| {
                let condition = condition.clone();
                async move { store.count::<entity::release::Entity>(condition).await }
            };
            Ok(Connection::of(page, Release, count))
        })
        .await
    }

    /// The release of a fiscal year with a version, or the one that was published last; null where there is none that you may see.
    async fn release(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The fiscal year that is followed up, by the year in which it begins.")] fiscal_year: FiscalYear,
        #[graphql(desc = "The version; null for the one that was published last.")] version: Option<String>,
        #[graphql(desc = "Code of the plan; null for the only one, or the first that has such a release.")] plan: Option<String>,
    ) -> Nullable<Release> {
        maybe(async { Ok(store(ctx).release(fiscal_year.0, version.as_deref(), plan.as_deref()).await?.map(Release)) }).await
    }

    /// The figures of a release, by indicator, then bureau, sex and band, TOTAL first. `NOT_FOUND` where there is no such release that you may
    /// see, or where it was withdrawn.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn release_observations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The fiscal year that is followed up, by the year in which it begins.")] fiscal_year: FiscalYear,
        #[graphql(desc = "The version; null for the one that was published last.")] version: Option<String>,
        #[graphql(desc = "Code of the plan; null for the only one, or the first that has such a release.")] plan: Option<String>,
        #[graphql(desc = "Which figures: all given conditions must hold; without any, all of the release.", default)] filter: Conditions<
            ReleaseObservationFilter,
        >,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Nullable<Connection<ReleaseObservation>> {
        attempt(async {
            let filter = filter.0;
            let condition = filter.condition()?;
            let field = if version.is_some() { "version" } else { "fiscalYear" };
            let head = store(ctx).release(fiscal_year.0, version.as_deref(), plan.as_deref()).await?;
            let head = head.ok_or_else(|| Error::not_found(field, "公表", "release"))?;
            if head.state == State::Withdrawn {
                let (ja, en) = ("この公表は取り下げられました。", "This release was withdrawn.");
                return Err(Error { field: Some(field.to_owned()), ..Error::new(crate::error::Code::NotFound, ja, en) }.into());
            }
            observations(ctx, head.id, condition, &PageArgs { first, after, last, before }).await
        })
        .await
    }
}
