//! Targets (目標).

use crate::graphql::nullable::{Conditions, Nullable, attempt, maybe};
use crate::graphql::{
    bureau::{Bureau, in_force},
    connection::{Connection, list, loaders, store},
    four_eyes::PendingChange,
    indicator::Decimal,
    loaders::ItemsOf,
    node::global_id,
    plan::Plan,
    record::{Bookkeeping, Receipt, RecordFilter, RecordInput, limited, noun, record_condition},
    unit::Unit,
};
use crate::{
    authz::{Action, Noun},
    http::Language,
    store::{
        codes,
        figures::of_unit::{OfUnit, UnitSum},
        page::{Ordering, PageArgs},
        target::TargetDraft,
    },
    words::{Date, Decider, Long, Month, Qualifier, Span, TargetPopulation},
};
use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use entity::{
    quotient::{Aim, Direction, IndicatorUnit, quotient},
    submission_item,
    target::{Column, Model},
};
use jobs::indicators::{self, find};
use sea_orm::ColumnTrait;

/// One target of one indicator.
pub struct Target(Model);

noun!(Target, target);

/// The value of a target's figure when the target was set.
#[derive(SimpleObject)]
pub struct Baseline {
    /// Numerator, exact, such as 4 of 4 ÷ 7.
    numerator: Long,
    /// Denominator, exact, such as 7 of 4 ÷ 7; never 0.
    denominator: Long,
    /// Their quotient in the figure's unit, to one digit after the point.
    value: Option<Decimal>,
    /// The first day of which it speaks.
    from: Date,
    /// The last one; the same day for a census.
    to: Date,
}

/// A unit's figure beside its target.
#[derive(SimpleObject)]
pub struct UnitFigure {
    /// What is divided, over the unit's people.
    numerator: Long,
    /// By what it is divided, in the numerator's unit; never 0.
    denominator: Long,
    /// The quotient in the indicator's unit, to one digit after the point.
    value: Option<Decimal>,
    /// Whether the target is met; null where it contradicts its indicator's direction.
    attained: Option<bool>,
    /// How many more of the unit's people would have met it, or how many fewer where less is better: arithmetic about the past, and no
    /// instruction whom to hire. Null where people are not what is counted.
    gap_in_people: Option<Long>,
}

impl Target {
    fn definition(&self) -> Option<&'static indicators::Definition> {
        find(&self.0.indicator)
    }

    /// The item that it speaks of, where it is none of the catalogue's indicators.
    async fn item(&self, ctx: &Context<'_>) -> Result<Option<submission_item::Model>> {
        let Some(plan) = self.0.plan_id.filter(|_| self.definition().is_none()) else { return Ok(None) };
        let items = loaders(ctx).row(ItemsOf(plan)).await?.unwrap_or_default();
        Ok(items.iter().find(|item| item.code == self.0.indicator).cloned())
    }
}

/// One target (目標) of one indicator, with population, decider and qualifier.
#[Object]
impl Target {
    /// Global id, as `node` takes it; it stays the same through all changes of the row.
    pub async fn id(&self) -> ID {
        global_id("target", self.0.id.0)
    }

    /// The key in the client's own numbering.
    async fn external_id(&self) -> &str {
        &self.0.external_id
    }

    /// Code of the machine client in whose numbering the record is; `OFFICE` for what people keep by hand.
    async fn client(&self) -> &str {
        &self.0.client
    }

    /// The plan whose target it is, and with whose file it changes; null for one that was recorded by itself.
    async fn plan(&self, ctx: &Context<'_>) -> Nullable<Plan> {
        maybe(async {
            match self.0.plan_id {
                None => Ok(None),
                Some(id) => Ok(loaders(ctx).row(id).await?.map(Plan::from)),
            }
        })
        .await
    }

    /// Code of the indicator it speaks of, or of an item of its plan.
    async fn indicator(&self) -> &str {
        &self.0.indicator
    }

    /// The plan's clause, such as `V-1`.
    async fn clause(&self) -> &str {
        &self.0.clause
    }

    /// Whose figure it binds: the government's is a reference, and nobody's figure here is told to meet it or not.
    async fn population(&self) -> TargetPopulation {
        self.0.population
    }

    /// The bureau whose figure it binds, or whose unit's; null for the office's and the government's, and without a token.
    async fn bureau(&self, ctx: &Context<'_>) -> Nullable<Bureau> {
        maybe(async {
            match self.0.bureau_id.filter(|_| store(ctx).may(Action::Read(Noun::Bureau))) {
                None => Ok(None),
                Some(id) => Ok(loaders(ctx).row(id).await?.map(Bureau::from)),
            }
        })
        .await
    }

    /// The unit whose people's figure it binds; null where it is no unit's, and without a token.
    async fn unit(&self, ctx: &Context<'_>) -> Nullable<Unit> {
        maybe(async {
            match self.0.unit_id.filter(|_| store(ctx).may(Action::Read(Noun::Unit))) {
                None => Ok(None),
                Some(id) => Ok(loaders(ctx).row(id).await?.map(Unit::from)),
            }
        })
        .await
    }

    /// Who set it: the office's own plan or the government's.
    async fn decider(&self) -> Decider {
        self.0.decider
    }

    /// How the value is meant.
    async fn qualifier(&self) -> Qualifier {
        self.0.qualifier
    }

    /// Numerator of the value, exact: 30 for 30 %.
    async fn value_numerator(&self) -> Long {
        Long(self.0.value_numerator)
    }

    /// Denominator of the value, exact: 100 for percentages.
    async fn value_denominator(&self) -> Long {
        Long(self.0.value_denominator)
    }

    /// The unit's figure of a month or span and how it stands to this target, for who may see the unit's persons; null for others, where nobody
    /// is counted, where the target was not in force on the last day, and of a target that is no unit's.
    async fn unit_figure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The last month of the span, on whose last day the target is in force.")] month: Month,
        #[graphql(desc = "Which months the figure covers; the month alone by default.", default_with = "Span::Month")] span: Span,
    ) -> Nullable<UnitFigure> {
        maybe(async {
            let (row, last) = (&self.0, month.0.last_day());
            let (Some(bureau), Some(unit), Some(definition)) = (row.bureau_id, row.unit_id, self.definition()) else { return Ok(None) };
            if row.valid_from > last || row.valid_to.is_some_and(|end| end <= last) {
                return Ok(None);
            }
            let key = OfUnit { bureau, unit, code: definition.code, span, month: month.0 };
            let Some(UnitSum { figure, is_partial }) = loaders(ctx).row(key).await? else { return Ok(None) };
            // What is not reported may be what would have missed it.
            let held = (!is_partial).then_some(figure);
            let value = (row.value_numerator, row.value_denominator);
            let aim = Aim { value, qualifier: row.qualifier, direction: definition.direction, unit: definition.unit };
            Ok(Some(UnitFigure {
                numerator: Long(figure.0),
                denominator: Long(figure.1),
                value: quotient(figure.0, figure.1, definition.unit == IndicatorUnit::Percent).map(Decimal),
                attained: held.and_then(|figure| aim.attained(figure)),
                gap_in_people: held.and_then(|figure| aim.gap_in_people(figure)).map(Long),
            }))
        })
        .await
    }

    /// First day in force.
    async fn valid_from(&self) -> Date {
        Date(self.0.valid_from)
    }

    /// First day no longer in force; null while it lasts.
    async fn valid_to(&self) -> Option<Date> {
        self.0.valid_to.map(Date)
    }

    /// Which way is better, as the indicator or item is defined; null where the plan has its item no more.
    async fn direction(&self, ctx: &Context<'_>) -> Nullable<Direction> {
        maybe(async {
            match self.definition() {
                Some(definition) => Ok(Some(definition.direction)),
                None => Ok(self.item(ctx).await?.as_ref().map(|item| item.direction)),
            }
        })
        .await
    }

    /// The value when it was set; null where it is not known.
    async fn baseline(&self, ctx: &Context<'_>) -> Nullable<Baseline> {
        maybe(async {
            let row = &self.0;
            let (Some(numerator), Some(denominator)) = (row.baseline_numerator, row.baseline_denominator) else { return Ok(None) };
            let (Some(from), Some(to)) = (row.baseline_from, row.baseline_to) else { return Ok(None) };
            let is_percent = match self.definition() {
                Some(definition) => definition.unit == IndicatorUnit::Percent,
                None => self.item(ctx).await?.is_some_and(|item| item.unit == IndicatorUnit::Percent),
            };
            let value = quotient(numerator, denominator, is_percent).map(Decimal);
            Ok(Some(Baseline { numerator: Long(numerator), denominator: Long(denominator), value, from: Date(from), to: Date(to) }))
        })
        .await
    }

    /// The key of the target that takes its place, in the same client's numbering; null where none is named.
    async fn successor(&self) -> Option<&str> {
        self.0.successor.as_deref()
    }

    /// A word about it in Japanese.
    async fn note_ja(&self) -> Option<&str> {
        self.0.note_ja.as_deref()
    }

    /// The same word in English.
    async fn note_en(&self) -> Option<&str> {
        self.0.note_en.as_deref()
    }

    #[graphql(flatten)]
    fn bookkeeping(&self) -> Bookkeeping {
        Bookkeeping::of(&self.0)
    }
}

/// Which targets: all given conditions must hold; one that is absent or null asks nothing, and an empty list finds nothing.
#[derive(Debug, Clone, Default, InputObject)]
pub struct TargetFilter {
    /// With any of these keys of the writing client, at most 500; an unknown one finds nothing.
    external_ids: Option<Vec<String>>,
    /// Of the plan with this code; those recorded by themselves are not found.
    plan: Option<String>,
    /// Of these indicators or items, by code.
    indicators: Option<Vec<String>>,
    /// That speak of this figure: the office's own, the government's, a bureau's or a unit's.
    population: Option<TargetPopulation>,
    /// That bind these bureaus or units of theirs, by code.
    bureaus: Option<Vec<String>>,
    /// In force on this civil date: from `validFrom` on, and before `validTo`.
    on: Option<Date>,
    #[graphql(flatten)]
    record: RecordFilter,
}

/// In which order targets are listed; ties are broken by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum TargetOrder {
    /// By the first day in force, the earliest first.
    ValidFrom,
    /// By the first day in force, the latest first.
    ValidFromDescending,
}

/// Queries of targets.
#[derive(Default)]
pub struct TargetQuery;

#[Object]
impl TargetQuery {
    /// Targets, readable without a token.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn targets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which targets: all given conditions must hold; without any, all that are not void.", default)] filter: Conditions<
            TargetFilter,
        >,
        #[graphql(desc = "In which order; ties by id.", default_with = "TargetOrder::ValidFrom")] order_by: TargetOrder,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Nullable<Connection<Target>> {
        attempt(async {
            let filter = filter.0;
            let mut condition = record_condition!(filter.record, target)?;
            if let Some(external_ids) = &filter.external_ids {
                condition = condition.add(Column::ExternalId.is_in(limited(external_ids, "externalIds")?));
            }
            if let Some(plan) = &filter.plan {
                condition = condition.add(Column::PlanId.in_subquery(codes::plans(std::slice::from_ref(plan))));
            }
            if let Some(codes) = &filter.indicators {
                condition = condition.add(Column::Indicator.is_in(limited(codes, "indicators")?));
            }
            if let Some(population) = filter.population {
                condition = condition.add(Column::Population.eq(population));
            }
            if let Some(bureaus) = &filter.bureaus {
                condition = condition.add(Column::BureauId.in_subquery(codes::bureaus(limited(bureaus, "bureaus")?)));
            }
            if let Some(on) = filter.on {
                condition = condition.add(in_force(Column::ValidFrom, Column::ValidTo, on));
            }
            let order = Ordering { by: Column::ValidFrom, descending: order_by == TargetOrder::ValidFromDescending };
            list(ctx, condition, order, &PageArgs { first, after, last, before }).await
        })
        .await
    }
}

/// What a bulk call of targets answers.
#[derive(SimpleObject)]
pub struct RecordTargetsPayload {
    /// What the call did; where it waits, what it would do, without an id.
    receipt: Receipt,
    /// The call, where it waits for a second person; then nothing was written.
    pending_change: Option<PendingChange>,
}

/// Mutations of targets.
#[derive(Default)]
pub struct TargetMutation;

#[Object]
impl TargetMutation {
    /// Writes targets in bulk, new ones and new versions; for the secretariat and administrators. Those of one indicator and population never overlap.
    async fn record_targets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The call: its key, its mode, and the records.")] input: RecordInput<TargetDraft>,
    ) -> Nullable<RecordTargetsPayload> {
        attempt(async {
            let japanese = *ctx.data_unchecked::<Language>() == Language::Ja;
            let (receipt, change) = store(ctx).record_targets(input.into()).await?;
            Ok(RecordTargetsPayload { receipt: Receipt::shown(receipt, japanese), pending_change: change.map(PendingChange::from) })
        })
        .await
    }
}
