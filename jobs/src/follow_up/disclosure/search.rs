//! The search for what to withhold: witnesses first, then programs, then more withheld numbers.

mod release;
mod rules;

use super::{
    DisclosureError, Earlier, Interval, LEAST_WIDTH,
    model::{Model, small},
    program::{Found, Goal, NOTHING, Setting, WIDE, World, cheapest, farthest, many},
};
use std::collections::{BTreeMap, BTreeSet};

/// A decision in the making.
pub(super) struct Search<'a> {
    model: &'a Model,
    /// What is withheld to begin with.
    first: Vec<bool>,
    /// What is withheld, by class.
    pub withheld: Vec<bool>,
    /// What cannot be withheld: public already, or known too closely whatever else is withheld.
    fixed: Vec<bool>,
    /// Of what no proof is sought.
    pub excused: Vec<bool>,
    /// What was withheld before a class was looked at that nothing protects.
    before: Vec<bool>,
    actual: World,
    witnesses: Vec<Witness>,
    spans: Vec<Span>,
}

/// A world that fits all that is shown, and the classes that have other values in it.
struct Witness {
    world: World,
    values: BTreeMap<usize, f64>,
}

/// What a class's values are over the witnesses.
#[derive(Clone, Copy)]
struct Span {
    min: f64,
    max: f64,
    /// The witness in which it is largest.
    largest: Option<usize>,
}

/// From which world which tables move.
struct Way {
    base: World,
    movers: Vec<Vec<usize>>,
}

/// What became of a class.
enum Outcome {
    Secured,
    /// No choice protects it.
    Hopeless,
}

impl<'a> Search<'a> {
    pub fn new(model: &'a Model, withheld: Vec<bool>) -> Self {
        let fixed = model.classes.iter().map(|class| class.earlier == Some(Earlier::Shown)).collect();
        let (spans, excused) = (spans(model, &[]), vec![false; withheld.len()]);
        let before = Vec::new();
        Self {
            model,
            first: withheld.clone(),
            withheld,
            fixed,
            excused,
            before,
            actual: World::actual(model),
            witnesses: Vec::new(),
            spans,
        }
    }

    /// Withholds more, and shows nothing again, until each withheld class is safe that is not excused. What no choice protects is known from what
    /// is public, and is excused.
    pub fn extend(&mut self) -> Result<(), DisclosureError> {
        while let Some(class) = self.attempt()? {
            self.concede(class);
        }
        Ok(())
    }

    /// Leaves a class alone that nothing protects, with what was withheld for it in vain.
    fn concede(&mut self, class: usize) {
        self.excused[class] = true;
        self.withheld = std::mem::take(&mut self.before);
        let withheld = &self.withheld;
        self.witnesses.retain(|witness| witness.values.keys().all(|class| withheld[*class]));
        self.spans = spans(self.model, &self.witnesses);
    }

    /// Looks for witnesses of all tables, many classes at once, and no further.
    pub fn look_around(&mut self) -> Result<(), DisclosureError> {
        self.model.top_down().into_iter().try_for_each(|table| self.cover(table))
    }

    /// Withholds what must be, and then more until each withheld number is safe. Where it concedes, what is public may tell a number that must be
    /// withheld; it is withheld all the same.
    pub fn protect(&mut self, concedes: bool) -> Result<(), DisclosureError> {
        while let Some(class) = self.attempt()? {
            let Some(culprit) = self.culprit(class) else {
                if concedes {
                    self.concede(class);
                    continue;
                }
                return Err(self.model.too_much_shown(class));
            };
            let mut fixed = std::mem::take(&mut self.fixed);
            fixed[culprit] = true;
            let mut first = std::mem::take(&mut self.first);
            first[culprit] = false;
            *self = Self { fixed, ..Self::new(self.model, first) };
        }
        if let Some(class) = (0..self.withheld.len()).find(|class| !concedes && self.must(*class) && !self.withheld[*class]) {
            return Err(self.model.too_much_shown(class));
        }
        self.release()
    }

    /// One go; the class that nothing protects, if any.
    fn attempt(&mut self) -> Result<Option<usize>, DisclosureError> {
        loop {
            self.close();
            let mut quiet = true;
            for table in self.model.top_down() {
                loop {
                    self.cover(table)?;
                    let Some(class) = self.narrow_of(&[table]).first().copied() else { break };
                    quiet = false;
                    let before = self.withheld.clone();
                    if matches!(self.secure(class)?, Outcome::Hopeless) {
                        self.before = before;
                        return Ok(Some(class));
                    }
                    self.close();
                }
            }
            if quiet {
                return Ok(None);
            }
        }
    }

    /// The exact interval of each withheld class.
    pub fn intervals(&mut self) -> Result<Vec<Option<Interval>>, DisclosureError> {
        let mut intervals = vec![None; self.withheld.len()];
        for class in (0..self.withheld.len()).filter(|class| self.withheld[*class]).collect::<Vec<_>>() {
            let way = self.all_free(class);
            self.stretch(class, &way, f64::INFINITY)?;
            let Span { min, max, .. } = self.spans[class];
            intervals[class] = Some(Interval { min, max });
        }
        Ok(intervals)
    }

    /// Which withheld classes are known too closely.
    pub fn narrow(&mut self) -> Result<Vec<bool>, DisclosureError> {
        for table in self.model.top_down() {
            self.cover(table)?;
        }
        for class in (0..self.withheld.len()).collect::<Vec<_>>() {
            for way in [self.near(class), self.all_free(class)] {
                if self.withheld[class] && !self.is_wide(class) {
                    self.stretch(class, &way, WIDE)?;
                }
            }
        }
        Ok((0..self.withheld.len()).map(|class| self.withheld[class] && !self.is_wide(class)).collect())
    }

    pub fn is_wide(&self, class: usize) -> bool {
        self.spans[class].max - self.spans[class].min >= WIDE
    }

    /// The withheld classes of these tables that no witnesses prove safe.
    fn narrow_of(&self, tables: &[usize]) -> Vec<usize> {
        let classes = tables.iter().flat_map(|table| &self.model.of_table[*table]).copied();
        classes.filter(|class| self.withheld[*class] && !self.excused[*class] && !self.is_wide(*class)).collect()
    }

    /// Keeps a world if it widens what is not wide yet.
    fn keep(&mut self, world: World) {
        let values = self.values(&world);
        let widens = |(class, value): (&usize, &f64)| {
            let span = &self.spans[*class];
            !self.is_wide(*class) && (*value < span.min - NOTHING || *value > span.max + NOTHING)
        };
        if values.iter().any(widens) {
            let index = self.witnesses.len();
            for (class, value) in &values {
                self.spans[*class].add(*value, index);
            }
            self.witnesses.push(Witness { world, values });
        }
    }

    /// The classes that have other values than the true ones.
    fn values(&self, world: &World) -> BTreeMap<usize, f64> {
        let moved = (0..self.model.tables.len()).filter(|table| !world.shares(&self.actual, *table));
        let classes = moved.flat_map(|table| &self.model.of_table[table]).map(|class| (*class, world.value(self.model, *class)));
        classes.filter(|(class, value)| (value - small(self.model.classes[*class].value)).abs() > NOTHING).collect()
    }

    fn setting<'b>(&'b self, way: &'b Way) -> Setting<'b> {
        Setting { model: self.model, withheld: &self.withheld, fixed: &self.fixed, base: &way.base, movers: &way.movers }
    }

    /// Lets many narrow classes of a table, and of those that move along, go apart at once, neighbours in opposite directions.
    fn cover(&mut self, table: usize) -> Result<(), DisclosureError> {
        let sides: [fn(usize) -> bool; 4] = [|rank| rank % 2 == 0, |rank| rank % 2 == 1, |_| true, |_| false];
        let mut ways = self.ways(table);
        ways.extend(self.raised(table));
        for way in ways {
            let mut left = self.narrow_of(&way.movers[0]).len();
            for side in sides {
                let narrow = self.narrow_of(&way.movers[0]);
                if narrow.is_empty() {
                    break;
                }
                let rise = |class: usize| side(self.model.classes[class].rank);
                let goals: Vec<Goal> = narrow.iter().map(|class| Goal { class: *class, rise: rise(*class) }).collect();
                let found = many(self.setting(&way), &goals)?;
                if let Some(found) = found {
                    self.keep(found.world);
                }
                let now = self.narrow_of(&way.movers[0]).len();
                // One direction alone seldom is enough.
                if now == left && !side(0) {
                    break;
                }
                left = now;
            }
        }
        Ok(())
    }

    /// How a table may move from the true world: with its heavy numerators, alone, and with all of them.
    fn ways(&self, table: usize) -> Vec<Way> {
        let mut sets = vec![self.heavy(table), vec![table], self.model.family(table)];
        sets.dedup();
        sets.into_iter().map(|set| Way { base: self.actual.clone(), movers: vec![set] }).collect()
    }

    /// The table and the numerators within it that have more than half of its persons.
    fn heavy(&self, table: usize) -> Vec<usize> {
        let persons = |table: usize| self.model.tables[table].cells.iter().sum::<i64>();
        let mut heavy = vec![table];
        let mut next = 0;
        while let Some(table) = heavy.get(next).copied() {
            heavy.extend(self.model.tables[table].children.iter().filter(|child| 2 * persons(**child) > persons(table)));
            next += 1;
        }
        heavy
    }

    /// The worlds in which the denominators of a table's narrow classes are largest, for small denominators bound their numerators.
    fn raised(&self, table: usize) -> Vec<Way> {
        let largest = |class: &usize| self.model.classes[*class].whole.and_then(|whole| self.spans[whole].largest);
        let worlds: BTreeSet<usize> = self.narrow_of(&[table]).iter().filter_map(largest).collect();
        let way = |witness: usize| Way { base: self.witnesses[witness].world.clone(), movers: vec![vec![table]] };
        worlds.into_iter().take(4).map(way).collect()
    }

    /// All tables that hang together move, each by itself.
    fn all_free(&self, class: usize) -> Way {
        let tables = self.model.component(self.model.classes[class].table);
        Way { base: self.actual.clone(), movers: tables.into_iter().map(|table| vec![table]).collect() }
    }

    /// A table and its denominator move, each by itself; without one, all tables.
    fn near(&self, class: usize) -> Way {
        let table = self.model.classes[class].table;
        match self.model.tables[table].parent {
            Some(parent) => Way { base: self.actual.clone(), movers: vec![vec![table], vec![parent]] },
            None => self.all_free(class),
        }
    }

    /// Pulls a class apart until it is wide enough.
    fn stretch(&mut self, class: usize, way: &Way, enough: f64) -> Result<(), DisclosureError> {
        for rise in [true, false] {
            if self.spans[class].max - self.spans[class].min < enough {
                let found = farthest(self.setting(way), Goal { class, rise })?;
                if let Some(found) = found {
                    if enough.is_infinite() {
                        self.spans[class].add(found.world.value(self.model, class), 0);
                    } else {
                        self.keep(found.world);
                    }
                }
            }
        }
        Ok(())
    }

    /// Makes a class safe: by other witnesses, or by withholding more.
    fn secure(&mut self, class: usize) -> Result<Outcome, DisclosureError> {
        let mut ways = self.ways(self.model.classes[class].table);
        let raised = self.model.classes[class].whole.and_then(|whole| self.spans[whole].largest);
        ways.extend(
            raised.map(|witness| Way { base: self.witnesses[witness].world.clone(), movers: vec![vec![self.model.classes[class].table]] }),
        );
        for way in &ways {
            self.stretch(class, way, WIDE)?;
        }
        let near = self.near(class);
        if !self.is_wide(class) {
            self.stretch(class, &near, WIDE)?;
        }
        if self.is_wide(class) || self.withhold_more(class, &ways)? {
            return Ok(Outcome::Secured);
        }
        let free = [self.all_free(class)];
        self.stretch(class, &free[0], WIDE)?;
        if self.is_wide(class) || self.withhold_more(class, &free)? { Ok(Outcome::Secured) } else { Ok(Outcome::Hopeless) }
    }

    /// Withholds what makes a class safe most cheaply; whether anything does.
    fn withhold_more(&mut self, class: usize, ways: &[Way]) -> Result<bool, DisclosureError> {
        let (Span { min, max, .. }, width) = (self.spans[class], small(LEAST_WIDTH));
        if self.take_cheapest(class, ways, &[(true, min + width), (false, max - width)])? {
            return Ok(self.is_wide(class));
        }
        // Neither end alone can be far enough, as for 4 of 7 persons: the lowest of all first, then the upper one.
        let lowest = self.lowest(class, ways)?;
        if lowest < min - NOTHING && !self.take_cheapest(class, ways, &[(false, lowest + NOTHING / 10.0)])? {
            return Ok(false);
        }
        Ok(self.is_wide(class) || (self.take_cheapest(class, ways, &[(true, lowest + width)])? && self.is_wide(class)))
    }

    /// How low a class could be if all were withheld that can be.
    fn lowest(&self, class: usize, ways: &[Way]) -> Result<f64, DisclosureError> {
        let withheld: Vec<bool> = self.fixed.iter().map(|fixed| !fixed).collect();
        let mut lowest = self.spans[class].min;
        for way in ways {
            let setting = Setting { withheld: &withheld, ..self.setting(way) };
            if let Some(found) = farthest(setting, Goal { class, rise: false })? {
                lowest = lowest.min(found.world.value(self.model, class));
            }
        }
        Ok(lowest.max(0.0))
    }

    /// Takes the cheapest world in which the class reaches one of these values, in the direction told; whether there is one.
    fn take_cheapest(&mut self, class: usize, ways: &[Way], values: &[(bool, f64)]) -> Result<bool, DisclosureError> {
        let mut best: Option<(f64, Found)> = None;
        for way in ways {
            let base = way.base.value(self.model, class);
            for (rise, value) in values.iter().filter(|(_, value)| *value >= 0.0) {
                let by = if *rise { value - base } else { base - value };
                let Some(found) = cheapest(self.setting(way), Goal { class, rise: *rise }, by)? else { continue };
                let cost = found.deviating.iter().map(|class| self.model.classes[*class].weight).sum();
                if best.as_ref().is_none_or(|(least, _)| cost < least - NOTHING) {
                    best = Some((cost, found));
                }
            }
        }
        let Some((_, found)) = best else { return Ok(false) };
        for class in found.deviating {
            self.withheld[class] = true;
        }
        self.keep(found.world);
        Ok(true)
    }
}

impl Span {
    fn add(&mut self, value: f64, witness: usize) {
        self.min = self.min.min(value);
        if value > self.max {
            (self.max, self.largest) = (value, Some(witness));
        }
    }
}

/// What the classes' values are over the true world and these.
fn spans(model: &Model, witnesses: &[Witness]) -> Vec<Span> {
    let known = |value: f64| Span { min: value, max: value, largest: None };
    let mut spans: Vec<Span> = model.classes.iter().map(|class| known(small(class.value))).collect();
    for (index, witness) in witnesses.iter().enumerate() {
        for (class, value) in &witness.values {
            spans[*class].add(*value, index);
        }
    }
    spans
}
