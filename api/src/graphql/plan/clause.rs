//! Clauses (項目) of plans, with what belongs to each: one statement a kind for all clauses of an answer.

use crate::graphql::nullable::{Conditions, Nullable, attempt, maybe};
use crate::graphql::{
    connection::{Connection, list, loaders, store},
    indicator::Indicator,
    loaders::{ClausesOf, InitiativesOf, ItemsOf, TargetsOf},
    node::global_id,
    plan::{Initiative, Plan, SubmissionItem},
    record::{limited, noun},
    target::Target,
};
use crate::store::{
    codes,
    page::{Ordering, PageArgs},
    plan::coverage,
};
use async_graphql::{Context, ID, InputObject, Object, Result};
use entity::clause::{Column, Model};
use sea_orm::{ColumnTrait, Condition};

/// One clause.
pub struct Clause(Model);

noun!(Clause, clause);

/// One clause (項目) of a plan, in the plan's own numbering.
#[Object]
impl Clause {
    /// Global id, as `node` takes it; it stays the same through all changes of the row.
    pub async fn id(&self) -> ID {
        global_id("clause", self.0.id.0)
    }

    /// The plan whose clause it is.
    async fn plan(&self, ctx: &Context<'_>) -> Nullable<Plan> {
        maybe(async { Ok(loaders(ctx).row(self.0.plan_id).await?.map(Plan::from)) }).await
    }

    /// The plan's own number, such as `IV-1-(2)-②-ア`; unique in the plan.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Its place among all clauses of the plan, from 1.
    async fn position(&self) -> i32 {
        self.0.position
    }

    /// Title in Japanese.
    async fn title_ja(&self) -> &str {
        &self.0.title_ja
    }

    /// Title in English.
    async fn title_en(&self) -> &str {
        &self.0.title_en
    }

    /// Whether it only states a purpose, a period, who sits where or how the plan is followed up, so that neither an indicator nor evidence
    /// is due of it.
    async fn states_only(&self) -> bool {
        self.0.states_only
    }

    /// The clause above; null for I to VI.
    async fn parent(&self, ctx: &Context<'_>) -> Nullable<Clause> {
        maybe(async {
            let clauses = loaders(ctx).row(ClausesOf(self.0.plan_id)).await?.unwrap_or_default();
            Ok(clauses.iter().find(|clause| Some(&clause.code) == self.0.parent.as_ref()).cloned().map(Clause::from))
        })
        .await
    }

    /// The clauses right below it, in the plan's order.
    async fn children(&self, ctx: &Context<'_>) -> Result<Vec<Clause>> {
        let clauses = loaders(ctx).row(ClausesOf(self.0.plan_id)).await?.unwrap_or_default();
        Ok(clauses.iter().filter(|clause| clause.parent.as_ref() == Some(&self.0.code)).cloned().map(Clause::from).collect())
    }

    /// What it has bureaus do (取組), in the plan's order.
    async fn initiatives(&self, ctx: &Context<'_>) -> Result<Vec<Initiative>> {
        let initiatives = loaders(ctx).row(InitiativesOf(self.0.plan_id)).await?.unwrap_or_default();
        Ok(initiatives.iter().filter(|initiative| initiative.clause == self.0.code).cloned().map(Initiative).collect())
    }

    /// Its indicators of the catalogue, as far as the plan's follow-up shows them.
    async fn indicators(&self, ctx: &Context<'_>) -> Result<Vec<Indicator>> {
        let Some(plan) = loaders(ctx).row(self.0.plan_id).await? else { return Ok(Vec::new()) };
        let all = coverage::indicators(&plan.settings).into_iter();
        Ok(all.filter(|(clause, _)| *clause == self.0.code).map(|(_, definition)| Indicator(definition)).collect())
    }

    /// Its figures that bureaus submit, in the plan's order.
    async fn items(&self, ctx: &Context<'_>) -> Result<Vec<SubmissionItem>> {
        let items = loaders(ctx).row(ItemsOf(self.0.plan_id)).await?.unwrap_or_default();
        Ok(items.iter().filter(|item| item.clause == self.0.code).cloned().map(SubmissionItem).collect())
    }

    /// Its targets that count, by first day in force.
    async fn targets(&self, ctx: &Context<'_>) -> Result<Vec<Target>> {
        let targets = loaders(ctx).row(TargetsOf(self.0.plan_id)).await?.unwrap_or_default();
        Ok(targets.iter().filter(|target| target.clause == self.0.code).cloned().map(Target::from).collect())
    }
}

/// Which clauses: both conditions must hold; one that is absent or null asks nothing.
#[derive(Debug, Clone, Default, InputObject)]
pub struct ClauseFilter {
    /// Of the plan with this code; of all plans without it.
    plan: Option<String>,
    /// With any of these numbers, such as `V-1`; at most 500.
    codes: Option<Vec<String>>,
}

/// Queries of clauses.
#[derive(Default)]
pub struct ClauseQuery;

#[Object]
impl ClauseQuery {
    /// One clause of a plan, readable without a token.
    async fn clause(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The plan's code, such as `CAS-2015`.")] plan: String,
        #[graphql(desc = "The clause's number, such as `V-1`.")] code: String,
    ) -> Nullable<Clause> {
        maybe(async {
            let condition = Condition::all().add(Column::PlanId.in_subquery(codes::plans(&[plan]))).add(Column::Code.eq(code));
            Ok(store(ctx).first::<entity::clause::Entity>(condition).await?.map(Clause::from))
        })
        .await
    }

    /// Clauses, readable without a token, in the order of their plans.
    async fn clauses(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which clauses: both conditions must hold; without any, those of all plans.", default)] filter: Conditions<
            ClauseFilter,
        >,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Nullable<Connection<Clause>> {
        attempt(async {
            let filter = filter.0;
            let mut condition = Condition::all();
            if let Some(plan) = &filter.plan {
                condition = condition.add(Column::PlanId.in_subquery(codes::plans(std::slice::from_ref(plan))));
            }
            if let Some(codes) = &filter.codes {
                condition = condition.add(Column::Code.is_in(limited(codes, "codes")?));
            }
            let order = Ordering { by: Column::Position, descending: false };
            list(ctx, condition, order, &PageArgs { first, after, last, before }).await
        })
        .await
    }
}
