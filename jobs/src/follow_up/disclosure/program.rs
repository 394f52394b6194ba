//! The linear programs: how far tables may move from a known world while what is shown stays as it is.
//!
//! A *mover* is a set of tables whose cells change by the same amounts, such as a denominator and its heavy numerators; all other tables
//! stay, and bound the movers by their cells. Programs are in deviations, each split into a rise and a fall, so that standing still is a
//! feasible start. A program of one table has some hundreds of columns.

use super::{
    DisclosureError, LEAST_WIDTH,
    model::{Model, small},
};
use microlp::{ComparisonOp, Error, LinearExpr, OptimizationDirection, Problem, Solution, Variable};
use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

/// What is less is nothing; vertices of these programs are fractions with small denominators.
pub(super) const NOTHING: f64 = 1e-5;
/// The least width, less what the solver may miss.
#[expect(clippy::cast_precision_loss, reason = "a small constant")]
pub(super) const WIDE: f64 = LEAST_WIDTH as f64 - NOTHING;
/// The least width.
#[expect(clippy::cast_precision_loss, reason = "a small constant")]
const WIDTH: f64 = LEAST_WIDTH as f64;

/// Values of all cells of all tables, the true ones or others that fit what is shown as well.
#[derive(Clone)]
pub(super) struct World(Vec<Rc<Vec<f64>>>);

impl World {
    pub fn actual(model: &Model) -> Self {
        Self(model.tables.iter().map(|table| Rc::new(table.cells.iter().map(|cell| small(*cell)).collect())).collect())
    }

    pub fn value(&self, model: &Model, class: usize) -> f64 {
        let class = &model.classes[class];
        class.cells.iter().map(|cell| self.0[class.table][*cell]).sum()
    }

    /// Whether a table's cells are the very same as in another world.
    pub fn shares(&self, other: &Self, table: usize) -> bool {
        Rc::ptr_eq(&self.0[table], &other.0[table])
    }

    /// Whether each cell lies between 0 and its denominator's.
    fn holds(&self, model: &Model, tables: &[usize]) -> bool {
        let below = |low: &[f64], high: &[f64]| low.iter().zip(high).all(|(low, high)| *low <= high + NOTHING);
        tables.iter().all(|table| {
            let cells = &self.0[*table];
            let around = &model.tables[*table];
            cells.iter().all(|cell| *cell >= -NOTHING)
                && around.parent.is_none_or(|parent| below(cells, &self.0[parent]))
                && around.children.iter().all(|child| below(&self.0[*child], cells))
        })
    }
}

/// What of a model is withheld, from which world to start, and which tables move.
#[derive(Clone, Copy)]
pub(super) struct Setting<'a> {
    pub model: &'a Model,
    pub withheld: &'a [bool],
    /// What cannot be withheld.
    pub fixed: &'a [bool],
    pub base: &'a World,
    pub movers: &'a [Vec<usize>],
}

/// An optimum: another world, and the classes that deviate though they are shown.
pub(super) struct Found {
    pub world: World,
    pub deviating: BTreeSet<usize>,
}

/// A class, and whether it should rise.
#[derive(Clone, Copy)]
pub(super) struct Goal {
    pub class: usize,
    pub rise: bool,
}

/// A program under construction.
struct Program<'a> {
    setting: Setting<'a>,
    problem: Problem,
    /// The rise and fall of each cell of each mover.
    columns: Vec<Vec<Option<(Variable, Variable)>>>,
    mover_of: BTreeMap<usize, usize>,
    /// Deviations of what is shown, with the classes that are concerned.
    slack: Vec<(Variable, Vec<usize>)>,
}

impl<'a> Program<'a> {
    /// The program; with `at_cost` what is shown may deviate.
    fn new(setting: Setting<'a>, at_cost: bool) -> Self {
        let direction = if at_cost { OptimizationDirection::Minimize } else { OptimizationDirection::Maximize };
        let mover_of = setting.movers.iter().zip(0..).flat_map(|(tables, mover)| tables.iter().map(move |table| (*table, mover))).collect();
        let mut program = Self { setting, problem: Problem::new(direction), columns: Vec::new(), mover_of, slack: Vec::new() };
        for mover in 0..setting.movers.len() {
            program.add_columns(mover, at_cost);
        }
        for mover in 0..setting.movers.len() {
            program.add_shown(mover, at_cost);
            program.add_links(mover);
        }
        program
    }

    fn add_columns(&mut self, mover: usize, at_cost: bool) {
        let Setting { model, base, movers, .. } = self.setting;
        let tables = &movers[mover];
        let fixed = if at_cost { BTreeSet::new() } else { self.nil(tables) };
        let size = model.tables[tables[0]].cells.len();
        let total: i64 = tables.iter().flat_map(|table| &model.tables[*table].cells).sum();
        let mut columns = Vec::with_capacity(size);
        for cell in 0..size {
            // Without a bound a total that is withheld would rise for ever.
            let (mut rise, mut fall) = (small(total) + 2.0 * WIDTH, f64::INFINITY);
            for table in tables {
                let here = base.0[*table][cell];
                fall = fall.min(here);
                if let Some(parent) = model.tables[*table].parent.filter(|parent| !self.mover_of.contains_key(parent)) {
                    rise = rise.min(base.0[parent][cell] - here);
                }
                for child in model.tables[*table].children.iter().filter(|child| !self.mover_of.contains_key(child)) {
                    fall = fall.min(here - base.0[*child][cell]);
                }
            }
            let bound = |limit: f64| if limit < NOTHING { 0.0 } else { limit };
            let (rise, fall) = (bound(rise), bound(fall));
            let free = !fixed.contains(&cell) && rise + fall > 0.0;
            columns.push(free.then(|| (self.problem.add_var(0.0, (0.0, rise)), self.problem.add_var(0.0, (0.0, fall)))));
        }
        self.columns.push(columns);
    }

    /// The cells of these tables that are nil because a shown sum is.
    fn nil(&self, tables: &[usize]) -> BTreeSet<usize> {
        let Setting { model, withheld, .. } = self.setting;
        let shown = tables.iter().flat_map(|table| &model.of_table[*table]).filter(|class| !withheld[**class]);
        shown.map(|class| &model.classes[*class]).filter(|class| class.value == 0).flat_map(|class| class.cells.iter().copied()).collect()
    }

    /// What is shown stays, or deviates at a cost where it is not public yet.
    fn add_shown(&mut self, mover: usize, at_cost: bool) {
        let Setting { model, withheld, fixed, movers, .. } = self.setting;
        let mut rows: BTreeMap<&[usize], Vec<usize>> = BTreeMap::new();
        for class in movers[mover].iter().flat_map(|table| &model.of_table[*table]).filter(|class| !withheld[**class]) {
            rows.entry(&model.classes[*class].cells).or_default().push(*class);
        }
        for classes in rows.into_values() {
            let mut row = self.sum(mover, &model.classes[classes[0]].cells, 1.0);
            if at_cost && !classes.iter().any(|class| fixed[*class]) {
                let weight = classes.iter().map(|class| model.classes[*class].weight).sum();
                for sign in [1.0, -1.0] {
                    let slack = self.problem.add_var(weight, (0.0, f64::INFINITY));
                    row.add(slack, sign);
                    self.slack.push((slack, classes.clone()));
                }
            }
            self.problem.add_constraint(row, ComparisonOp::Eq, 0.0);
        }
    }

    /// Numerators stay below denominators that move otherwise.
    fn add_links(&mut self, mover: usize) {
        let Setting { model, base, movers, .. } = self.setting;
        for table in &movers[mover] {
            let Some(parent) = model.tables[*table].parent else { continue };
            let Some(above) = self.mover_of.get(&parent).copied().filter(|above| *above != mover) else { continue };
            for cell in 0..self.columns[mover].len() {
                let room = base.0[parent][cell] - base.0[*table][cell];
                let mut row = self.sum(mover, &[cell], 1.0);
                for (variable, sign) in self.terms(above, &[cell], -1.0) {
                    row.add(variable, sign);
                }
                self.problem.add_constraint(row, ComparisonOp::Le, if room < NOTHING { 0.0 } else { room });
            }
        }
    }

    fn terms(&self, mover: usize, cells: &[usize], sign: f64) -> Vec<(Variable, f64)> {
        let columns = cells.iter().filter_map(|cell| self.columns[mover][*cell]);
        columns.flat_map(|(rise, fall)| [(rise, sign), (fall, -sign)]).collect()
    }

    fn sum(&self, mover: usize, cells: &[usize], sign: f64) -> LinearExpr {
        self.terms(mover, cells, sign).into_iter().collect()
    }

    /// The deviation of a class in the direction of the goal; `None` where its table stays.
    fn toward(&self, goal: Goal) -> Option<LinearExpr> {
        let class = &self.setting.model.classes[goal.class];
        let mover = self.mover_of.get(&class.table)?;
        Some(self.sum(*mover, &class.cells, if goal.rise { 1.0 } else { -1.0 }))
    }

    /// Solves it; `None` where there is no such world, or the solver's does not hold.
    fn solve(self) -> Result<Option<Found>, DisclosureError> {
        let solution = match self.problem.solve() {
            Ok(outcome) => outcome.into_solution().map_err(|error| DisclosureError::Solver(format!("{error:?}")))?,
            Err(Error::Infeasible) => return Ok(None),
            Err(error) => return Err(DisclosureError::Solver(error.to_string())),
        };
        let found = self.found(&solution);
        let Setting { model, withheld, base, movers, .. } = self.setting;
        let moved = movers.concat();
        let mut classes = moved.iter().flat_map(|table| &model.of_table[*table]);
        let stays = classes.all(|class| {
            let known = !withheld[*class] && !found.deviating.contains(class);
            !known || (found.world.value(model, *class) - base.value(model, *class)).abs() < NOTHING
        });
        Ok((stays && found.world.holds(model, &moved)).then_some(found))
    }

    fn found(&self, solution: &Solution) -> Found {
        let mut world = self.setting.base.clone();
        for (tables, columns) in self.setting.movers.iter().zip(&self.columns) {
            let moves = columns.iter().map(|pair| pair.map_or(0.0, |(rise, fall)| solution.var_value(rise) - solution.var_value(fall)));
            let moves: Vec<f64> = moves.collect();
            for table in tables {
                let cells = world.0[*table].iter().zip(&moves).map(|(cell, by)| cell + by).collect();
                world.0[*table] = Rc::new(cells);
            }
        }
        let deviating = self.slack.iter().filter(|(slack, _)| solution.var_value(*slack) > NOTHING / 10.0);
        Found { world, deviating: deviating.flat_map(|(_, classes)| classes.iter().copied()).collect() }
    }
}

/// The world in which the class is farthest in one direction.
pub(super) fn farthest(setting: Setting, goal: Goal) -> Result<Option<Found>, DisclosureError> {
    spread(setting, &[goal], f64::INFINITY)
}

/// A world in which many classes are far enough, the sum over all of at most the least width.
pub(super) fn many(setting: Setting, goals: &[Goal]) -> Result<Option<Found>, DisclosureError> {
    spread(setting, goals, WIDTH)
}

fn spread(setting: Setting, goals: &[Goal], enough: f64) -> Result<Option<Found>, DisclosureError> {
    let mut program = Program::new(setting, false);
    let mut any = false;
    for goal in goals {
        let Some(mut row) = program.toward(*goal) else { continue };
        let (floor, ceiling) = (-1e6, enough.min(1e6));
        let gain = program.problem.add_var(1.0, (floor, ceiling));
        row.add(gain, -1.0);
        program.problem.add_constraint(row, ComparisonOp::Ge, 0.0);
        any = true;
    }
    if any { program.solve() } else { Ok(None) }
}

/// The cheapest world in which the class has changed by at least so much toward the goal, where what is shown deviates too.
pub(super) fn cheapest(setting: Setting, goal: Goal, by: f64) -> Result<Option<Found>, DisclosureError> {
    let mut program = Program::new(setting, true);
    let Some(row) = program.toward(goal) else { return Ok(None) };
    program.problem.add_constraint(row, ComparisonOp::Ge, by);
    program.solve()
}
