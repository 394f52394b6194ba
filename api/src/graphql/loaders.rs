//! Per-request loaders: what hangs on the rows of a list comes in one statement for all of them, under the request's own scope.

use crate::{
    error::Error,
    store::{
        Store,
        data_call::Answer,
        figures,
        figures::of_unit::{OfUnit, UnitSum},
        follow_up::ReleaseLine,
        joined::JoinedRows,
        release::FileHead,
        told::Concerned,
    },
};
use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::runtime::{TokioSpawner, TokioTimer};
use chrono::NaiveDate;
use entity::ids::{
    AuditEntryId, BureauId, FollowUpId, JobBackfillId, JobRunId, OvertimeOutlierId, PlanId, PostingId, ReleaseId, StaffId, UnitId,
};
use entity::job_run::RunState;
use entity::period::YearMonth;
use entity::{
    bureau, clause, employment, follow_up, follow_up_report, holding, initiative, job_run, outlier_event, overtime_outlier, person_month,
    plan, posting, staff, submission_item, target, unit, vintage_withdrawal,
};
use jobs::follow_up::release::Release;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Loads rows by key through the request's store.
pub struct ByKey(Store);

macro_rules! by_key {
    ($($table:ident, $id:ident);+ $(;)?) => {$(
        impl Loader<$id> for ByKey {
            type Value = $table::Model;
            type Error = Error;
            async fn load(&self, keys: &[$id]) -> Result<HashMap<$id, $table::Model>, Error> {
                let keys: Vec<_> = keys.iter().map(|key| key.0).collect();
                let rows = self.0.many::<$table::Entity>($table::Column::Id, &keys).await?;
                Ok(rows.into_iter().map(|row| (row.id, row)).collect())
            }
        }
    )+};
}

by_key! {
    bureau, BureauId;
    unit, UnitId;
    staff, StaffId;
    posting, PostingId;
    overtime_outlier, OvertimeOutlierId;
    plan, PlanId;
    follow_up, FollowUpId;
    job_run, JobRunId;
}

/// A staff number, which is a part of every record about the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NumberOf(pub StaffId);

impl Loader<NumberOf> for ByKey {
    type Value = String;
    type Error = Error;
    async fn load(&self, keys: &[NumberOf]) -> Result<HashMap<NumberOf, String>, Error> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let numbers = self.0.staff_numbers(&ids).await?;
        Ok(numbers.into_iter().map(|(id, number)| (NumberOf(id), number)).collect())
    }
}

/// That the actor holds a person, and sees their master data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Held(pub StaffId);

impl Loader<Held> for ByKey {
    type Value = ();
    type Error = Error;
    async fn load(&self, keys: &[Held]) -> Result<HashMap<Held, ()>, Error> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        Ok(self.0.held_of(&ids).await?.into_iter().map(|id| (Held(id), ())).collect())
    }
}

/// Rows of a person that the actor may see, the latest first; at most 100.
macro_rules! of_person {
    ($($(#[$doc:meta])* $key:ident, $table:ident, $counts:expr);+ $(;)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $key(pub StaffId);

        impl Loader<$key> for ByKey {
            type Value = Vec<$table::Model>;
            type Error = Error;
            async fn load(&self, keys: &[$key]) -> Result<HashMap<$key, Vec<$table::Model>>, Error> {
                let ids: Vec<_> = keys.iter().map(|key| key.0.0).collect();
                let counts: fn(&$table::Model) -> bool = $counts;
                let mut of: HashMap<$key, Vec<$table::Model>> = HashMap::new();
                for row in self.0.many::<$table::Entity>($table::Column::StaffId, &ids).await?.into_iter().filter(counts) {
                    of.entry($key(row.staff_id)).or_default().push(row);
                }
                for rows in of.values_mut() {
                    rows.sort_by_key(|row| std::cmp::Reverse((row.valid_from, row.id)));
                    rows.truncate(100);
                }
                Ok(of)
            }
        }
    )+};
}
of_person! {
    /// The postings of a person.
    PostingsOf, posting, |row| row.void_reason.is_none();
    /// The periods of employment of a person.
    EmploymentsOf, employment, |row| row.void_reason.is_none();
    /// Who holds a person.
    HoldingsOf, holding, |_| true;
}

/// What belongs to a plan, in its order; a plan holds at most 500 of each.
macro_rules! of_plan {
    ($($(#[$doc:meta])* $key:ident, $table:ident, $plan:expr, $order:expr);+ $(;)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $key(pub PlanId);

        impl Loader<$key> for ByKey {
            type Value = Arc<Vec<$table::Model>>;
            type Error = Error;
            async fn load(&self, keys: &[$key]) -> Result<HashMap<$key, Self::Value>, Error> {
                let ids: Vec<_> = keys.iter().map(|key| key.0.0).collect();
                let plan: fn(&$table::Model) -> Option<PlanId> = $plan;
                let mut parts: HashMap<$key, Vec<$table::Model>> = HashMap::new();
                for row in self.0.many::<$table::Entity>($table::Column::PlanId, &ids).await? {
                    if let Some(plan) = plan(&row) {
                        parts.entry($key(plan)).or_default().push(row);
                    }
                }
                let ordered = |mut rows: Vec<$table::Model>| {
                    rows.sort_by_key($order);
                    Arc::new(rows)
                };
                Ok(parts.into_iter().map(|(key, rows)| (key, ordered(rows))).collect())
            }
        }

        impl Key for $key {}
    )+};
}

of_plan! {
    /// The clauses of a plan.
    ClausesOf, clause, |row| Some(row.plan_id), |row| row.position;
    /// The initiatives of a plan.
    InitiativesOf, initiative, |row| Some(row.plan_id), |row| row.position;
    /// The items of a plan.
    ItemsOf, submission_item, |row| Some(row.plan_id), |row| row.position;
    /// The targets of a plan that count.
    TargetsOf, target, |row| row.plan_id.filter(|_| row.void_reason.is_none()), |row| (row.valid_from, row.external_id.clone());
}

/// How many runs of a backfill stand where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CountsOf(pub JobBackfillId);

impl Loader<CountsOf> for ByKey {
    type Value = Vec<(RunState, i64)>;
    type Error = Error;
    async fn load(&self, keys: &[CountsOf]) -> Result<HashMap<CountsOf, Vec<(RunState, i64)>>, Error> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let mut counts: HashMap<CountsOf, Vec<(RunState, i64)>> = HashMap::new();
        for (id, state, runs) in self.0.backfill_counts(&ids).await? {
            counts.entry(CountsOf(id)).or_default().push((state, runs));
        }
        Ok(counts)
    }
}

/// The runs that a run made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CausedBy(pub JobRunId);

impl Loader<CausedBy> for ByKey {
    type Value = Vec<job_run::Model>;
    type Error = Error;
    async fn load(&self, keys: &[CausedBy]) -> Result<HashMap<CausedBy, Vec<job_run::Model>>, Error> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let mut caused: HashMap<CausedBy, Vec<job_run::Model>> = HashMap::new();
        for run in self.0.caused_runs(&ids).await? {
            if let Some(cause) = run.cause_id {
                caused.entry(CausedBy(cause)).or_default().push(run);
            }
        }
        Ok(caused)
    }
}

/// What was withdrawn of a run's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct WithdrawalsOf(pub JobRunId);

impl Loader<WithdrawalsOf> for ByKey {
    type Value = Vec<vintage_withdrawal::Model>;
    type Error = Error;
    async fn load(&self, keys: &[WithdrawalsOf]) -> Result<HashMap<WithdrawalsOf, Vec<vintage_withdrawal::Model>>, Error> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let mut withdrawals: HashMap<WithdrawalsOf, Vec<vintage_withdrawal::Model>> = HashMap::new();
        for row in self.0.vintage_withdrawals(&ids).await? {
            withdrawals.entry(WithdrawalsOf(row.run_id)).or_default().push(row);
        }
        Ok(withdrawals)
    }
}

/// What happened to an outlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EventsOf(pub OvertimeOutlierId);

impl Loader<EventsOf> for ByKey {
    type Value = Vec<outlier_event::Model>;
    type Error = Error;
    async fn load(&self, keys: &[EventsOf]) -> Result<HashMap<EventsOf, Vec<outlier_event::Model>>, Error> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let mut events: HashMap<EventsOf, Vec<outlier_event::Model>> = HashMap::new();
        for event in self.0.outlier_events(&ids).await? {
            events.entry(EventsOf(event.flag_id)).or_default().push(event);
        }
        Ok(events)
    }
}

/// The bureaus that an act concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ConcernedBy(pub AuditEntryId);

impl Loader<ConcernedBy> for ByKey {
    type Value = Concerned;
    type Error = Error;
    async fn load(&self, keys: &[ConcernedBy]) -> Result<HashMap<ConcernedBy, Concerned>, Error> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        Ok(self.0.concerned(&ids).await?.into_iter().map(|(id, concerned)| (ConcernedBy(id), concerned)).collect())
    }
}

/// The months behind an outlier of a person in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MonthsBehind(pub StaffId, pub YearMonth);

impl Loader<MonthsBehind> for ByKey {
    type Value = Vec<person_month::Model>;
    type Error = Error;
    async fn load(&self, keys: &[MonthsBehind]) -> Result<HashMap<MonthsBehind, Vec<person_month::Model>>, Error> {
        let pairs: Vec<_> = keys.iter().map(|key| (key.0, key.1)).collect();
        let behind = self.0.months_behind(&pairs).await?;
        Ok(behind.into_iter().map(|((person, month), rows)| (MonthsBehind(person, month), rows)).collect())
    }
}

/// Where on-time days of a date are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct HeldOn(pub NaiveDate);

impl Loader<HeldOn> for ByKey {
    type Value = Option<NaiveDate>;
    type Error = Error;
    async fn load(&self, keys: &[HeldOn]) -> Result<HashMap<HeldOn, Option<NaiveDate>>, Error> {
        let dates: Vec<_> = keys.iter().map(|key| key.0).collect();
        Ok(self.0.held_on(&dates).await?.into_iter().map(|(date, held)| (HeldOn(date), held)).collect())
    }
}

impl Loader<OfUnit> for ByKey {
    type Value = UnitSum;
    type Error = Error;
    async fn load(&self, keys: &[OfUnit]) -> Result<HashMap<OfUnit, UnitSum>, Error> {
        self.0.figures_of_units(keys).await
    }
}

/// To whom a cycle of the follow-up was reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReportsOf(pub FollowUpId);

impl Loader<ReportsOf> for ByKey {
    type Value = Vec<follow_up_report::Model>;
    type Error = Error;
    async fn load(&self, keys: &[ReportsOf]) -> Result<HashMap<ReportsOf, Vec<follow_up_report::Model>>, Error> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let mut reports: HashMap<ReportsOf, Vec<follow_up_report::Model>> = HashMap::new();
        for report in self.0.follow_up_reports(&ids).await? {
            reports.entry(ReportsOf(report.follow_up_id)).or_default().push(report);
        }
        Ok(reports)
    }
}

/// The releases of a cycle of the follow-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReleasesOf(pub FollowUpId);

impl Loader<ReleasesOf> for ByKey {
    type Value = Vec<ReleaseLine>;
    type Error = Error;
    async fn load(&self, keys: &[ReleasesOf]) -> Result<HashMap<ReleasesOf, Vec<ReleaseLine>>, Error> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let mut releases: HashMap<ReleasesOf, Vec<ReleaseLine>> = HashMap::new();
        for release in self.0.follow_up_releases(&ids).await? {
            releases.entry(ReleasesOf(release.follow_up_id)).or_default().push(release);
        }
        Ok(releases)
    }
}

/// What a bureau answered to a cycle's call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AnswerTo(pub FollowUpId, pub BureauId);

impl Loader<AnswerTo> for ByKey {
    type Value = Answer;
    type Error = Error;
    async fn load(&self, keys: &[AnswerTo]) -> Result<HashMap<AnswerTo, Answer>, Error> {
        let pairs: Vec<_> = keys.iter().map(|key| (key.0, key.1)).collect();
        let answers = self.0.answers(&pairs).await?;
        Ok(answers.into_iter().map(|((cycle, bureau), answer)| (AnswerTo(cycle, bureau), answer)).collect())
    }
}

/// What a release says, where the actor may read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SaidBy(pub ReleaseId);

impl Loader<SaidBy> for ByKey {
    type Value = Arc<Release>;
    type Error = Error;
    async fn load(&self, keys: &[SaidBy]) -> Result<HashMap<SaidBy, Arc<Release>>, Error> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        Ok(self.0.release_documents(&ids).await?.into_iter().map(|(id, said)| (SaidBy(id), said)).collect())
    }
}

/// The files of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FilesOf(pub ReleaseId);

impl Loader<FilesOf> for ByKey {
    type Value = Vec<FileHead>;
    type Error = Error;
    async fn load(&self, keys: &[FilesOf]) -> Result<HashMap<FilesOf, Vec<FileHead>>, Error> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let mut files: HashMap<FilesOf, Vec<FileHead>> = HashMap::new();
        for file in self.0.release_files(&ids).await? {
            files.entry(FilesOf(file.release_id)).or_default().push(file);
        }
        Ok(files)
    }
}

/// A key whose row may have come along with the list that it hangs on.
pub trait Key: Copy + Send + Sync + std::hash::Hash + Eq + 'static
where
    ByKey: Loader<Self>,
{
    /// The row, where it came.
    fn at_hand(self, _: &JoinedRows) -> Option<<ByKey as Loader<Self>>::Value> {
        None
    }
}

impl Key for StaffId {}
impl Key for OfUnit {}
impl Key for HeldOn {}
impl Key for Held {}
impl Key for PostingId {}
impl Key for CountsOf {}
impl Key for OvertimeOutlierId {}
impl Key for PlanId {}
impl Key for FollowUpId {}
impl Key for JobRunId {}

impl Key for BureauId {
    fn at_hand(self, came: &JoinedRows) -> Option<bureau::Model> {
        came.bureaus.get(&self).cloned()
    }
}

impl Key for UnitId {
    fn at_hand(self, came: &JoinedRows) -> Option<unit::Model> {
        came.units.get(&self).cloned()
    }
}

impl Key for NumberOf {
    fn at_hand(self, came: &JoinedRows) -> Option<String> {
        came.staff_numbers.get(&self.0).cloned()
    }
}

/// The request's loaders, and what came along with its lists.
pub struct Loaders {
    by_key: DataLoader<ByKey>,
    came: RwLock<JoinedRows>,
    figures: Arc<figures::Shared>,
}

impl Loaders {
    /// Loaders for one request.
    #[must_use]
    pub fn new(store: Store) -> Self {
        // A batch holds at most a page, so one statement serves it.
        let by_key = DataLoader::new(ByKey(store), TokioSpawner::current(), TokioTimer::default()).max_batch_size(500);
        Self { by_key, came: RwLock::default(), figures: Arc::default() }
    }

    /// What the figures of the request share.
    pub(super) fn figures(&self) -> &Arc<figures::Shared> {
        &self.figures
    }

    /// Keeps what came along with a list.
    pub(super) fn keep(&self, along: JoinedRows) {
        let mut came = self.came.write().unwrap_or_else(PoisonError::into_inner);
        came.staff_numbers.extend(along.staff_numbers);
        came.bureaus.extend(along.bureaus);
        came.units.extend(along.units);
    }

    /// Looks at what came along.
    pub(super) fn came<T>(&self, look: impl FnOnce(&JoinedRows) -> T) -> T {
        look(&self.came.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The person's postings that the actor may see, the latest first; at most 100.
    pub(super) async fn postings(&self, person: StaffId) -> Result<Vec<posting::Model>, Error> {
        Ok(self.by_key.load_one(PostingsOf(person)).await?.unwrap_or_default())
    }

    /// The person's periods of employment, where the actor holds the person, the latest first; at most 100.
    pub(super) async fn employments(&self, person: StaffId) -> Result<Vec<employment::Model>, Error> {
        Ok(self.by_key.load_one(EmploymentsOf(person)).await?.unwrap_or_default())
    }

    /// Who holds the person, where the actor does, the latest first; at most 100.
    pub(super) async fn holdings(&self, person: StaffId) -> Result<Vec<holding::Model>, Error> {
        Ok(self.by_key.load_one(HoldingsOf(person)).await?.unwrap_or_default())
    }

    /// What happened to an outlier, in order; of more than 100 events the latest.
    pub(super) async fn events(&self, flag: OvertimeOutlierId) -> Result<Vec<outlier_event::Model>, Error> {
        Ok(self.by_key.load_one(EventsOf(flag)).await?.unwrap_or_default())
    }

    /// Whom an act concerned; none where it concerned no bureau.
    pub(super) async fn concerned(&self, entry: AuditEntryId) -> Result<Option<Concerned>, Error> {
        self.by_key.load_one(ConcernedBy(entry)).await
    }

    /// The months behind an outlier that the actor may see, the earliest first.
    pub(super) async fn months_behind(&self, person: StaffId, month: YearMonth) -> Result<Vec<person_month::Model>, Error> {
        Ok(self.by_key.load_one(MonthsBehind(person, month)).await?.unwrap_or_default())
    }

    /// The runs that a run made, in order.
    pub(super) async fn caused(&self, run: JobRunId) -> Result<Vec<job_run::Model>, Error> {
        Ok(self.by_key.load_one(CausedBy(run)).await?.unwrap_or_default())
    }

    /// What was withdrawn of a run's values, the first withdrawal first.
    pub(super) async fn withdrawals(&self, run: JobRunId) -> Result<Vec<vintage_withdrawal::Model>, Error> {
        Ok(self.by_key.load_one(WithdrawalsOf(run)).await?.unwrap_or_default())
    }

    /// To whom a cycle of the follow-up was reported, as far as the actor may see it.
    pub(super) async fn reports(&self, cycle: FollowUpId) -> Result<Vec<follow_up_report::Model>, Error> {
        Ok(self.by_key.load_one(ReportsOf(cycle)).await?.unwrap_or_default())
    }

    /// The releases of a cycle that the actor may see.
    pub(super) async fn releases(&self, cycle: FollowUpId) -> Result<Vec<ReleaseLine>, Error> {
        Ok(self.by_key.load_one(ReleasesOf(cycle)).await?.unwrap_or_default())
    }

    /// What a bureau answered to a cycle's call, where it did and the actor may see it.
    pub(super) async fn answer(&self, cycle: FollowUpId, bureau: BureauId) -> Result<Option<Answer>, Error> {
        self.by_key.load_one(AnswerTo(cycle, bureau)).await
    }

    /// What a release says, where the actor may read it.
    pub(super) async fn said(&self, release: ReleaseId) -> Result<Option<Arc<Release>>, Error> {
        self.by_key.load_one(SaidBy(release)).await
    }

    /// The files of a release, by path.
    pub(super) async fn files(&self, release: ReleaseId) -> Result<Vec<FileHead>, Error> {
        Ok(self.by_key.load_one(FilesOf(release)).await?.unwrap_or_default())
    }

    /// The row with this key, where the actor may see it.
    pub(super) async fn row<K: Key>(&self, key: K) -> Result<Option<<ByKey as Loader<K>>::Value>, Error>
    where
        ByKey: Loader<K, Error = Error>,
    {
        match self.came(|came| key.at_hand(came)) {
            Some(row) => Ok(Some(row)),
            None => self.by_key.load_one(key).await,
        }
    }
}
