//! Plans (取組計画) with their initiatives and items; clauses have a file of their own.

pub mod clause;
pub mod target;

use super::{
    clause::Clause,
    connection::{Connection, list, loaders, store},
    four_eyes::PendingChange,
    loaders::{ClausesOf, InitiativesOf, ItemsOf, TargetsOf},
    node::global_id,
    record::{ErrorCode, noun},
    target::Target,
};
use crate::graphql::nullable::{Nullable, attempt, maybe};
use crate::{
    error::Error,
    http::Language,
    store::{
        page::{Ordering, PageArgs},
        plan::{
            self, Loaded,
            coverage::{self, Covers},
        },
    },
    words::{Date, ItemSource},
};
use async_graphql::{Context, Enum, ID, InputObject, Json, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{
    initiative,
    plan::{Column, Model},
    quotient::{Direction, IndicatorUnit},
    submission_item,
};
use sea_orm::{ColumnTrait, Condition};

/// One plan.
pub struct Plan(Model);

noun!(Plan, plan);

/// One plan (取組計画) as data, as its file was last loaded.
#[Object]
impl Plan {
    /// Global id, as `node` takes it; it stays the same through all changes of the row.
    pub async fn id(&self) -> ID {
        global_id("plan", self.0.id.0)
    }

    /// Its code, such as `CAS-2015`, with which the keys of its targets begin.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Name in Japanese.
    async fn name_ja(&self) -> &str {
        &self.0.name_ja
    }

    /// Name in English.
    async fn name_en(&self) -> &str {
        &self.0.name_en
    }

    /// The day on which it was decided, as its file says.
    async fn decided_on(&self) -> Date {
        Date(self.0.decided_on)
    }

    /// Its first day in force.
    async fn valid_from(&self) -> Date {
        Date(self.0.valid_from)
    }

    /// The first day after it.
    async fn valid_to(&self) -> Date {
        Date(self.0.valid_to)
    }

    /// What it says of its follow-up: which date or year each figure takes, how its tables are protected, who publishes on what terms.
    async fn settings(&self) -> Json<serde_json::Value> {
        Json(self.0.settings.clone())
    }

    /// Counts the loads that changed something, from 1.
    async fn revision(&self) -> i32 {
        self.0.revision
    }

    /// SHA-256 of the file as it was loaded, in hexadecimal.
    async fn sha256(&self) -> &str {
        &self.0.sha256
    }

    /// When a load of its file last changed it.
    async fn loaded_at(&self) -> DateTime<Utc> {
        self.0.loaded_at
    }

    /// Its clauses, in the order of its own text; at most 500.
    async fn clauses(&self, ctx: &Context<'_>) -> Result<Vec<Clause>> {
        let clauses = loaders(ctx).row(ClausesOf(self.0.id)).await?.unwrap_or_default();
        Ok(clauses.iter().cloned().map(Clause::from).collect())
    }

    /// What it has bureaus do (取組), in its order; at most 500.
    async fn initiatives(&self, ctx: &Context<'_>) -> Result<Vec<Initiative>> {
        let initiatives = loaders(ctx).row(InitiativesOf(self.0.id)).await?.unwrap_or_default();
        Ok(initiatives.iter().cloned().map(Initiative).collect())
    }

    /// Figures that bureaus submit, in its order; at most 500.
    async fn items(&self, ctx: &Context<'_>) -> Result<Vec<SubmissionItem>> {
        let items = loaders(ctx).row(ItemsOf(self.0.id)).await?.unwrap_or_default();
        Ok(items.iter().cloned().map(SubmissionItem).collect())
    }

    /// Its targets that count, by first day in force; at most 500.
    async fn targets(&self, ctx: &Context<'_>) -> Result<Vec<Target>> {
        let targets = loaders(ctx).row(TargetsOf(self.0.id)).await?.unwrap_or_default();
        Ok(targets.iter().cloned().map(Target::from).collect())
    }

    /// Clauses that have neither an indicator (of the catalogue, an item, or a target) nor evidence (an initiative), and none below them, and do
    /// not only state something; in the plan's order.
    async fn uncovered_clauses(&self, ctx: &Context<'_>) -> Result<Vec<Clause>> {
        let (id, loaders) = (self.0.id, loaders(ctx));
        let clauses = loaders.row(ClausesOf(id)).await?.unwrap_or_default();
        let covers = Covers {
            indicators: &coverage::indicators(&self.0.settings),
            initiatives: &loaders.row(InitiativesOf(id)).await?.unwrap_or_default(),
            items: &loaders.row(ItemsOf(id)).await?.unwrap_or_default(),
            targets: &loaders.row(TargetsOf(id)).await?.unwrap_or_default(),
        };
        Ok(coverage::uncovered(&clauses, &covers).into_iter().cloned().map(Clause::from).collect())
    }
}

/// One initiative of a plan.
pub struct Initiative(pub(super) initiative::Model);

/// One initiative (取組) of a plan: what bureaus do, and the category under which they report it.
#[Object]
impl Initiative {
    /// Its code, such as `ON_TIME_DAYS`; unique in the plan.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Number of the clause that it belongs to, such as `IV-1-(2)-②-ア`.
    async fn clause(&self) -> &str {
        &self.0.clause
    }

    /// Its place among the plan's initiatives, from 1.
    async fn position(&self) -> i32 {
        self.0.position
    }

    /// Name in Japanese.
    async fn name_ja(&self) -> &str {
        &self.0.name_ja
    }

    /// Name in English.
    async fn name_en(&self) -> &str {
        &self.0.name_en
    }

    /// First day in force.
    async fn valid_from(&self) -> Date {
        Date(self.0.valid_from)
    }

    /// First day no longer in force.
    async fn valid_to(&self) -> Date {
        Date(self.0.valid_to)
    }
}

/// One item of a plan.
pub struct SubmissionItem(pub(super) submission_item::Model);

/// One figure that bureaus submit, for the platform holds no records of it; the plan defines it as the catalogue does an indicator.
#[Object]
impl SubmissionItem {
    /// Its code, such as `MALE_CHILDCARE_LEAVE`; unique in the plan, and none of the catalogue's.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Raised with every change of what is counted.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// Number of the clause that it belongs to, such as `V-1`.
    async fn clause(&self) -> &str {
        &self.0.clause
    }

    /// Its place among the plan's items, from 1.
    async fn position(&self) -> i32 {
        self.0.position
    }

    /// Name in Japanese.
    async fn name_ja(&self) -> &str {
        &self.0.name_ja
    }

    /// Name in English.
    async fn name_en(&self) -> &str {
        &self.0.name_en
    }

    /// What is divided by what, over whom, in your language.
    async fn description(&self, ctx: &Context<'_>) -> &str {
        if *ctx.data_unchecked::<Language>() == Language::Ja { &self.0.description_ja } else { &self.0.description_en }
    }

    /// What the quotient of its figures is expressed in.
    async fn unit(&self) -> IndicatorUnit {
        self.0.unit
    }

    /// Which way the plan wants it to go.
    async fn direction(&self) -> Direction {
        self.0.direction
    }

    /// Who submits it: each bureau its part, or one for the whole office.
    async fn source(&self) -> ItemSource {
        self.0.source
    }

    /// Whether numerator and denominator count persons, so that few of them are withheld.
    async fn counts_persons(&self) -> bool {
        self.0.counts_persons
    }

    /// Whether a right percentage can pass 100.
    async fn may_exceed_hundred(&self) -> bool {
        self.0.may_exceed_hundred
    }

    /// Whether the Act on women's participation has it published (女性活躍推進法).
    async fn statutory(&self) -> bool {
        self.0.statutory
    }

    /// The cohort (母集団) that its denominator counts: items of one cohort have one denominator in a submission. Null where it shares its own
    /// with no other.
    async fn cohort(&self) -> Option<&str> {
        self.0.cohort.as_deref()
    }

    /// Codes of items of its cohort of which it counts a part: its numerator is at most theirs.
    async fn at_most(&self) -> Vec<&str> {
        self.0.bounds().collect()
    }
}

/// Queries of plans.
#[derive(Default)]
pub struct PlanQuery;

#[Object]
impl PlanQuery {
    /// The plan with this code, readable without a token.
    async fn plan(&self, ctx: &Context<'_>, #[graphql(desc = "Code of the plan, such as `CAS-2015`.")] code: String) -> Nullable<Plan> {
        maybe(async { Ok(store(ctx).first::<entity::plan::Entity>(Column::Code.eq(code).into()).await?.map(Plan::from)) }).await
    }

    /// Plans, readable without a token, by code.
    async fn plans(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Nullable<Connection<Plan>> {
        attempt(async {
            list(ctx, Condition::all(), Ordering { by: Column::Code, descending: false }, &PageArgs { first, after, last, before }).await
        })
        .await
    }
}

/// A plan's file, to be loaded or only checked.
#[derive(InputObject)]
pub struct LoadPlanInput {
    /// The file, as JSON text of at most 1 MiB.
    document: String,
    /// Decide everything, write nothing.
    #[graphql(default)]
    dry_run: bool,
}

/// What loading a file did to the plan as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "plan::Change")]
pub enum PlanChange {
    /// It is new: no plan had its code.
    Created,
    /// The plan or a part of it is not as it was.
    Updated,
    /// It is as the file says already; nothing was written.
    Unchanged,
    /// The file is refused; nothing was written.
    Refused,
}

/// What loading did to one kind of a plan's parts.
#[derive(SimpleObject)]
pub struct PlanCounts {
    /// How many were not there before.
    created: i32,
    /// How many say something else than before.
    updated: i32,
    /// How many say the same as before.
    unchanged: i32,
    /// Not in the file any more; a target is void then.
    removed: i32,
}

impl From<plan::Counts> for PlanCounts {
    fn from(plan::Counts { created, updated, unchanged, removed }: plan::Counts) -> Self {
        Self { created, updated, unchanged, removed }
    }
}

/// What is wrong with a plan's file.
#[derive(SimpleObject)]
pub struct PlanProblem {
    /// Where, such as `clauses[3].parent`; lists are counted from 0.
    place: String,
    /// The kind of error, from the same closed set as `extensions.code`.
    code: ErrorCode,
    /// What is wrong, in Japanese or English by Accept-Language.
    message: String,
}

/// What loading a file did, or in a dry run would have done.
#[derive(SimpleObject)]
pub struct LoadPlanPayload {
    /// The plan as it stands now, or would; null where there is none.
    plan: Option<Plan>,
    /// What became of the plan as a whole.
    change: PlanChange,
    /// What was done to its clauses (項目).
    clauses: PlanCounts,
    /// What was done to its initiatives (取組).
    initiatives: PlanCounts,
    /// What was done to its items, which bureaus submit (報告事項).
    items: PlanCounts,
    /// What was done to its targets (目標).
    targets: PlanCounts,
    /// Why the file was refused.
    problems: Vec<PlanProblem>,
    /// The change, where it waits for a second person; then nothing was written, and the rest says what would be.
    pending_change: Option<PendingChange>,
}

/// Mutations of plans.
#[derive(Default)]
pub struct PlanMutation;

#[Object]
impl PlanMutation {
    /// Loads a plan from its file: a new one, or what changed of one that is there. Sent twice it is done once.
    async fn load_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The file, and whether it is only to be checked.")] input: LoadPlanInput,
    ) -> Nullable<LoadPlanPayload> {
        attempt(async {
            let japanese = *ctx.data_unchecked::<Language>() == Language::Ja;
            let (loaded, waits) = store(ctx).load_plan(&input.document, input.dry_run).await?.would();
            let only_would = input.dry_run || waits.is_some();
            let Loaded { change, plan, clauses, initiatives, items, targets, problems } = loaded;
            let problem = |error: Error| PlanProblem {
                message: error.message(japanese).to_owned(),
                code: error.code.into(),
                place: error.field.unwrap_or_default(),
            };
            Ok(LoadPlanPayload {
                // A new one that was not written has no id yet.
                plan: plan.filter(|_| !(only_would && change == plan::Change::Created)).map(Plan::from),
                change: change.into(),
                clauses: clauses.into(),
                initiatives: initiatives.into(),
                items: items.into(),
                targets: targets.into(),
                problems: problems.into_iter().map(problem).collect(),
                pending_change: waits.map(PendingChange::from),
            })
        })
        .await
    }
}

/// Its queries.
#[derive(Default, async_graphql::MergedObject)]
pub struct PlanQueries(PlanQuery, clause::ClauseQuery, target::TargetQuery);

/// Its mutations.
#[derive(Default, async_graphql::MergedObject)]
pub struct PlanMutations(PlanMutation, target::TargetMutation);
