//! The rule: which places of a table of people are withheld. Pure, and linear in the number of cells but for a bounded search for partners.
//!
//! A table counts people by bureau, and perhaps by sex and by band beside that; the office's own figures are its sums. A cell of 1 to 4 people
//! is withheld, as is one that leaves so few of a table that it is a part of. With it goes the whole split of its bureau, so that primary and
//! secondary look alike. What is withheld then must not follow from the rest:
//!
//! - **Totals.** The withheld bureaus' sum follows from the office's figure. Without the two largest of them (one that a reader may know, and one
//!   that is looked for) at least [`FEWEST`] people must be left of the table, and of each rest, or more bureaus go, the smallest first. So at
//!   least three go wherever one does, and each count may be any in an interval at least [`FEWEST`] wide whichever other bureau is known: with
//!   N people of D in a bureau and the sums of the others at least 5 and 5 below their own wholes, the interval is at least
//!   min(D, 5) wide.
//! - **Splits.** A bureau's cells by sex or band add up to its total, which may be shown, and to the office's by sex or band. Each small cell can
//!   exchange people with other withheld bureaus, so that every sum stays as it is and the cell moves by [`FEWEST`], and still can without
//!   any one of them, which a reader may know. These exchanges are the proof (the witnesses of the attacker's problem
//!   in Fischetti and Salazar-González, JASA 95, 2000), found by looking and not by a linear program.
//! - **Where nothing is left to withhold**, the office's figure goes, unless the law has it published.
//!
//! Nobody is behind a nil: that withheld bureaus have none of what few in the office have is accepted where more bureaus cannot hide it.
//! Deliberately absent: what a figure is called, time (`super::time` says what stays as it was), and minutes, whose people are counted here and
//! which are rounded where they are shown.

use std::collections::BTreeSet;

/// A count of fewer people than this, but of one, is withheld.
pub const FEWEST: i64 = 5;
/// Where one bureau is withheld, at least so many are.
pub const BUREAUS: usize = 3;
/// Partners are looked for among so many of the largest.
const LOOKED_AT: usize = 64;
/// Rounds in which a split asks for its bureaus' totals.
const ROUNDS: usize = 4;

/// The splits: none, by sex, by band.
pub const SPLITS: usize = 3;
/// The split of a total.
pub const TOTAL: usize = 0;

/// What the rule asks for; tests ask for less and see the attack succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// The least number of people that is shown.
    pub fewest: i64,
    /// The least number of bureaus that are withheld.
    pub bureaus: usize,
}

impl Default for Rule {
    fn default() -> Self {
        Self { fewest: FEWEST, bureaus: BUREAUS }
    }
}

/// People by bureau and member of one split, one row for each bureau; and the office's, where who was in several bureaus counts once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grid {
    /// How many members the split has.
    pub members: usize,
    /// Bureau by bureau.
    pub people: Vec<i64>,
    /// Of the whole office.
    pub office: Vec<i64>,
}

impl Grid {
    /// An empty grid.
    #[must_use]
    pub fn new(bureaus: usize, members: usize) -> Self {
        Self { members, people: vec![0; bureaus * members], office: vec![0; members] }
    }

    /// The people of a bureau in one member.
    #[must_use]
    pub fn at(&self, bureau: usize, member: usize) -> i64 {
        self.people.get(bureau * self.members + member).copied().unwrap_or(0)
    }
}

/// What of a table stays as it was decided, and what the law has published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fixed {
    /// Bureaus whose places are withheld whatever the rule says.
    pub withheld: BTreeSet<usize>,
    /// The office's place likewise.
    pub office: bool,
    /// The office's figure is published whatever its size, by law or before.
    pub published: bool,
    /// Bureaus whose figures are known as they stand: they hide nobody.
    pub known: BTreeSet<usize>,
    /// Bureaus whose figures a release prints: neither do they, though they are withheld here.
    pub printed: BTreeSet<usize>,
}

impl Fixed {
    /// The bureaus of which no more is to be told.
    fn told(&self) -> BTreeSet<usize> {
        self.known.union(&self.printed).copied().collect()
    }
}

/// One table of people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// By split; none where it is not split so.
    pub grids: [Option<Grid>; SPLITS],
    /// The tables, before it in the list, of which it is a part: what it leaves of them is looked at as it is.
    pub wholes: Vec<usize>,
    /// Tables before it in the list that are parts of it and are shown for themselves: where they leave few of it, it goes and not they.
    pub parts: Vec<usize>,
    /// Whether its cells are counts of people: else it is minutes or days of theirs, which leave nobody.
    pub counts: bool,
    /// By split.
    pub fixed: [Fixed; SPLITS],
}

/// What of a table is withheld, by split.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hidden {
    /// Bureaus.
    pub bureaus: [BTreeSet<usize>; SPLITS],
    /// The office's own.
    pub office: [bool; SPLITS],
}

/// All tables of a month, which are decided together.
#[derive(Debug, Default)]
pub struct Month {
    /// The bureaus' people, by which the smallest goes first.
    pub sizes: Vec<i64>,
    /// Bureaus of which nothing is shown, whatever the table.
    pub closed: BTreeSet<usize>,
    /// Bureaus of which some figure is known as it stands.
    pub known: BTreeSet<usize>,
    /// Wholes before their parts.
    pub tables: Vec<Table>,
}

/// Decides what of each table is withheld, and which bureaus are withheld whole.
#[must_use]
pub fn decide(rule: Rule, month: &Month) -> (BTreeSet<usize>, Vec<Hidden>) {
    let mut search = Search { rule, month, order: Vec::new(), hidden: Vec::new(), whole: BTreeSet::new() };
    let mut order: Vec<usize> = (0..month.sizes.len()).filter(|bureau| month.sizes[*bureau] > 0).collect();
    order.sort_by_key(|bureau| (month.sizes[*bureau], *bureau));
    search.order = order;
    search.whole = search.whole();
    for table in &month.tables {
        let hidden = search.table(table);
        search.hidden.push(hidden);
    }
    (search.whole, search.hidden)
}

struct Search<'a> {
    rule: Rule,
    month: &'a Month,
    /// Bureaus with people, the smallest first.
    order: Vec<usize>,
    hidden: Vec<Hidden>,
    whole: BTreeSet<usize>,
}

impl Search<'_> {
    fn is_few(&self, people: i64) -> bool {
        (1..self.rule.fewest).contains(&people)
    }

    /// The bureaus of which nothing is shown: those that are closed or small, and as many others as hide them.
    fn whole(&self) -> BTreeSet<usize> {
        let sizes = &self.month.sizes;
        let mut whole = self.month.closed.clone();
        whole.extend(self.order.iter().copied().filter(|bureau| self.is_few(sizes[*bureau])));
        self.extend(&mut whole, (&self.month.known, &BTreeSet::new()), &[&|bureau| sizes[bureau]]);
        whole
    }

    /// Lets more bureaus go, the smallest first, until enough are left of each side; whether that came to be.
    fn extend(
        &self,
        hidden: &mut BTreeSet<usize>,
        (known, printed): (&BTreeSet<usize>, &BTreeSet<usize>),
        sides: &[&dyn Fn(usize) -> i64],
    ) -> bool {
        let hiding: Vec<usize> = hidden.difference(printed).copied().collect();
        if hiding.is_empty() {
            return true;
        }
        let everyone: Vec<i64> = sides.iter().map(|side| self.order.iter().map(|bureau| side(*bureau)).sum()).collect();
        let mut rests: Vec<Rest> = sides.iter().map(|side| Rest::of(hiding.iter().map(|bureau| side(*bureau)))).collect();
        let mut there = hiding.iter().filter(|bureau| self.month.sizes[**bureau] > 0).count();
        let mut candidates: Vec<usize> = self
            .order
            .iter()
            .copied()
            .filter(|bureau| !hidden.contains(bureau) && !known.contains(bureau) && !printed.contains(bureau))
            .collect();
        loop {
            let lacks = |side: usize| everyone[side] > 0 && rests[side].without(self.rule.bureaus - 1) < self.rule.fewest;
            let lacking: Vec<usize> = (0..sides.len()).filter(|side| lacks(*side)).collect();
            if lacking.is_empty() && (there == 0 || there >= self.rule.bureaus) {
                return true;
            }
            // Of a table and of what it leaves the same bureaus go, whichever is asked for first.
            let helps = |bureau: &usize| lacking.is_empty() || lacking.iter().any(|side| sides[*side](*bureau) > 0);
            let Some(place) = candidates.iter().position(helps) else { return false };
            let next = candidates.remove(place);
            hidden.insert(next);
            there += 1;
            for (rest, side) in rests.iter_mut().zip(sides) {
                rest.add(side(next));
            }
        }
    }

    fn table(&self, table: &Table) -> Hidden {
        let mut hidden = Hidden::default();
        let mut asked = BTreeSet::new();
        for _ in 0..ROUNDS {
            hidden = Hidden::default();
            self.total(table, &asked, &mut hidden);
            let before = asked.len();
            for split in TOTAL + 1..SPLITS {
                asked.extend(self.split(table, split, &mut hidden));
            }
            if asked.len() == before {
                return hidden;
            }
        }
        // Splits that cannot be hidden otherwise are withheld with all totals of the table.
        hidden.office = [true; SPLITS];
        for (split, fixed) in table.fixed.iter().enumerate() {
            hidden.office[split] &= !fixed.published;
            hidden.bureaus[split].extend(&self.order);
        }
        hidden
    }

    /// What a cell says of people: how many, and how many it leaves of each table that it is a part of.
    fn sides(&self, table: &Table, split: usize, bureau: usize, member: usize) -> impl Iterator<Item = i64> {
        let own = table.grids[split].as_ref().map_or(0, |grid| grid.at(bureau, member));
        let wholes = if table.counts { table.wholes.as_slice() } else { &[] };
        let rests = wholes.iter().filter_map(|whole| self.grid(*whole, split)).map(|whole| (whole.at(bureau, member) - own).max(0));
        let left = table.parts.iter().filter_map(|part| self.grid(*part, split)).map(|part| (own - part.at(bureau, member)).max(0));
        let all: Vec<i64> = std::iter::once(own).chain(rests).chain(left).collect();
        all.into_iter()
    }

    fn grid(&self, table: usize, split: usize) -> Option<&Grid> {
        self.month.tables.get(table).and_then(|table| table.grids[split].as_ref())
    }

    fn is_small(&self, table: &Table, split: usize, bureau: usize) -> bool {
        let members = table.grids[split].as_ref().map_or(0, |grid| grid.members);
        (0..members).any(|member| self.sides(table, split, bureau, member).any(|people| self.is_few(people)))
    }

    fn is_small_office(&self, table: &Table, split: usize) -> bool {
        let Some(grid) = &table.grids[split] else { return false };
        let few = |member: usize| {
            let own = grid.office[member];
            let wholes = table.wholes.iter().filter(|_| table.counts).filter_map(|whole| self.grid(*whole, split));
            self.is_few(own) || wholes.map(|whole| (whole.office[member] - own).max(0)).any(|rest| self.is_few(rest))
        };
        (0..grid.members).any(few)
    }

    /// What is withheld before others go with it.
    fn first(&self, table: &Table, split: usize) -> BTreeSet<usize> {
        let mut first = self.whole.clone();
        first.extend(&table.fixed[split].withheld);
        for whole in &table.wholes {
            if let Some(whole) = self.hidden.get(*whole).filter(|_| self.grid(*whole, split).is_some()) {
                first.extend(&whole.bureaus[split]);
            }
        }
        first.extend(self.order.iter().copied().filter(|bureau| self.is_small(table, split, *bureau)));
        first
    }

    fn is_office_hidden(&self, table: &Table, split: usize) -> bool {
        let of_whole =
            |whole: &usize| self.hidden.get(*whole).is_some_and(|hidden| self.grid(*whole, split).is_some() && hidden.office[split]);
        let fixed = &table.fixed[split];
        !fixed.published && (fixed.office || table.wholes.iter().any(of_whole) || self.is_small_office(table, split))
    }

    fn total(&self, table: &Table, asked: &BTreeSet<usize>, hidden: &mut Hidden) {
        if table.grids[TOTAL].is_none() {
            return;
        }
        let mut first = self.first(table, TOTAL);
        first.extend(asked);
        hidden.office[TOTAL] = self.is_office_hidden(table, TOTAL);
        if !hidden.office[TOTAL] {
            let count = self.sides(table, TOTAL, 0, 0).count();
            let side = |side: usize| move |bureau: usize| self.sides(table, TOTAL, bureau, 0).nth(side).unwrap_or(0);
            let sides: Vec<_> = (0..count).map(side).collect();
            let all: Vec<&dyn Fn(usize) -> i64> = sides.iter().map(|side| side as &dyn Fn(usize) -> i64).collect();
            let mut more = first.clone();
            let told = (&table.fixed[TOTAL].known, &table.fixed[TOTAL].printed);
            if self.extend(&mut more, told, &all) {
                first = more;
            } else {
                // Of nothing that the withheld ones have none of there is anything to hide.
                let theirs: Vec<&dyn Fn(usize) -> i64> =
                    all.iter().copied().filter(|side| first.iter().any(|bureau| side(*bureau) > 0)).collect();
                let mut fewer = first.clone();
                if self.extend(&mut fewer, told, &theirs) {
                    first = fewer;
                } else if table.fixed[TOTAL].published {
                    first = more;
                } else {
                    hidden.office[TOTAL] = true;
                }
            }
        }
        if hidden.office[TOTAL] {
            self.keep_company(&mut first, &table.fixed[TOTAL]);
        }
        hidden.bureaus[TOTAL] = first;
    }

    /// Where the office's figure is withheld, who knows all of one bureau must not get it from the others': lets as many go as hide one another.
    fn keep_company(&self, hidden: &mut BTreeSet<usize>, fixed: &Fixed) {
        let (told, there) = (fixed.told(), |bureau: &&usize| self.month.sizes[**bureau] > 0 && !fixed.printed.contains(bureau));
        let there = hidden.iter().filter(there).count();
        let others = self.order.iter().copied().filter(|bureau| !hidden.contains(bureau) && !told.contains(bureau));
        let more: Vec<usize> = others.take(self.rule.bureaus.saturating_sub(there)).collect();
        hidden.extend(more);
    }

    /// Decides a split; tells the bureaus whose totals must go for it.
    fn split(&self, table: &Table, split: usize, hidden: &mut Hidden) -> Vec<usize> {
        if table.grids[split].is_none() {
            return Vec::new();
        }
        let mut gone = self.first(table, split);
        gone.extend(&hidden.bureaus[TOTAL]);
        let published = table.fixed[split].published;
        let mut office = !published && (hidden.office[TOTAL] || self.is_office_hidden(table, split));
        if !office {
            let mut cells = Cells { search: self, table, split, totals: &hidden.bureaus[TOTAL], gone: gone.clone() };
            if cells.find_partners() || published {
                gone = cells.gone;
            } else {
                office = true;
            }
        }
        let alone = |bureau: &&usize| {
            let cells = Cells { search: self, table, split, totals: &hidden.bureaus[TOTAL], gone: BTreeSet::new() };
            !hidden.bureaus[TOTAL].contains(*bureau) && !cells.moves_alone(**bureau)
        };
        if office {
            self.keep_company(&mut gone, &table.fixed[split]);
        }
        let asks = if office { gone.iter().filter(alone).copied().collect() } else { Vec::new() };
        hidden.bureaus[split] = gone;
        hidden.office[split] = office;
        asks
    }
}

/// A sum and its largest parts.
#[derive(Debug, Default)]
struct Rest {
    sum: i64,
    largest: [i64; BUREAUS],
}

impl Rest {
    fn of(parts: impl Iterator<Item = i64>) -> Self {
        let mut rest = Self::default();
        parts.for_each(|part| rest.add(part));
        rest
    }

    fn add(&mut self, part: i64) {
        self.sum += part;
        let mut part = part;
        for largest in &mut self.largest {
            if part > *largest {
                std::mem::swap(&mut part, largest);
            }
        }
    }

    /// The sum without so many of the largest.
    fn without(&self, count: usize) -> i64 {
        self.sum - self.largest.iter().take(count).sum::<i64>()
    }
}

/// The cells of a table's split while partners are looked for.
struct Cells<'a> {
    search: &'a Search<'a>,
    table: &'a Table,
    split: usize,
    /// Bureaus whose totals are withheld.
    totals: &'a BTreeSet<usize>,
    /// Bureaus whose splits are withheld.
    gone: BTreeSet<usize>,
}

/// A bureau's member, and how far it must be able to move.
type Cell = (usize, usize, i64);

/// More than any count.
const NO_END: i64 = 1 << 40;

impl Cells<'_> {
    fn members(&self) -> usize {
        self.table.grids[self.split].as_ref().map_or(0, |grid| grid.members)
    }

    fn at(&self, bureau: usize, member: usize) -> i64 {
        self.table.grids[self.split].as_ref().map_or(0, |grid| grid.at(bureau, member))
    }

    /// By how much a cell may grow while what it is a part of stays; without end where that goes along, as `rides` says of each whole.
    fn room(&self, bureau: usize, member: usize, rides: &dyn Fn(&Hidden) -> bool) -> i64 {
        if !self.table.counts {
            return NO_END;
        }
        let stays = |whole: &&usize| self.search.hidden.get(**whole).is_some_and(|hidden| !rides(hidden));
        let rooms = self.table.wholes.iter().filter(stays).filter_map(|whole| self.search.grid(*whole, self.split));
        rooms.map(|whole| (whole.at(bureau, member) - self.at(bureau, member)).max(0)).min().unwrap_or(NO_END)
    }

    /// The cells of a bureau that must be able to move: those of a few by as much as hides them, others that somebody is in by one.
    fn cells(&self, bureau: usize) -> Vec<Cell> {
        let few = |member: usize| self.search.sides(self.table, self.split, bureau, member).any(|people| self.search.is_few(people));
        let there = (0..self.members()).filter(|member| self.at(bureau, *member) > 0 || few(*member));
        there.map(|member| (bureau, member, if few(member) { self.search.rule.fewest } else { 1 })).collect()
    }

    /// How far a cell moves, up to what is enough, by exchanges with other bureaus that leave all sums as they are, and with whom.
    fn exchange(&self, (bureau, member, enough): Cell, near: &[usize], without: Option<usize>) -> (i64, Vec<usize>) {
        let others: Vec<usize> = (0..self.members()).filter(|of| *of != member).collect();
        let stays = |_: &Hidden| false;
        // What the bureau's own cells have left: to give and to take, where what they are parts of stays.
        let mut gives: Vec<i64> = others.iter().map(|of| self.at(bureau, *of)).collect();
        let mut takes: Vec<i64> = others.iter().map(|of| self.room(bureau, *of, &stays)).collect();
        let (mut grows, mut shrinks) = (self.room(bureau, member, &stays) + self.lift(bureau, member), self.at(bureau, member));
        let (mut width, mut used) = (0, Vec::new());
        for other in near.iter().copied().filter(|other| *other != bureau && Some(*other) != without) {
            let both = self.totals.contains(&bureau) && self.totals.contains(&other);
            // A whole that is withheld of both makes the same exchange: of its total, or within it.
            let along = if both { TOTAL } else { self.split };
            let rides = |whole: &Hidden| whole.bureaus[along].contains(&bureau) && whole.bureaus[along].contains(&other);
            let is_free = |of: usize| self.room(bureau, of, &rides) >= NO_END;
            // Where its total is known and its split is withheld of both, it exchanges within: as far as it leaves people there.
            let within = |whole: &Hidden| whole.bureaus[self.split].contains(&bureau) && whole.bureaus[self.split].contains(&other);
            let is_within = both && self.room(bureau, member, &within) >= NO_END;
            let left = |of: usize| if is_within { others.iter().map(|member| self.room(of, *member, &stays)).sum() } else { 0 };
            let before = width;
            let mut up =
                self.at(other, member).min(enough - width).min(if is_free(member) { NO_END } else { (grows + left(bureau)).max(0) });
            if !both {
                let mut moved = 0;
                for (give, of) in gives.iter_mut().zip(&others) {
                    let part = (*give).min(self.room(other, *of, &rides)).min(up - moved);
                    *give -= part;
                    moved += part;
                }
                up = moved;
            }
            grows -= if is_free(member) { 0 } else { up };
            width += up;
            let mut down = shrinks.min(self.room(other, member, &rides).saturating_add(left(other))).min(enough - width);
            if !both {
                let mut moved = 0;
                for (take, of) in takes.iter_mut().zip(&others) {
                    let own = if is_free(*of) { NO_END } else { *take };
                    let part = own.min(self.at(other, *of)).min(down - moved);
                    *take -= if is_free(*of) { 0 } else { part };
                    moved += part;
                }
                down = moved;
            }
            shrinks -= down;
            width += down;
            if width > before {
                used.push(other);
            }
            if width >= enough {
                break;
            }
        }
        (width, used)
    }

    /// How much higher a cell's withheld wholes may be than they are, by exchanges of their own that leave this table as it is, whichever other
    /// bureau is known.
    fn lift(&self, bureau: usize, member: usize) -> i64 {
        let of = |whole: &usize| {
            let hidden = self.search.hidden.get(*whole).filter(|hidden| hidden.bureaus[self.split].contains(&bureau));
            let (Some(hidden), Some(grid)) = (hidden, self.search.grid(*whole, self.split)) else { return 0 };
            let left = |of: usize, member: usize| (grid.at(of, member) - self.at(of, member)).max(0);
            let others = hidden.bureaus[self.split].iter().filter(|other| **other != bureau);
            let rest = Rest::of(others.map(|other| left(*other, member))).without(1);
            let own = (0..self.members()).filter(|of| *of != member).map(|of| left(bureau, of)).sum();
            if hidden.bureaus[TOTAL].contains(&bureau) { rest } else { rest.min(own) }
        };
        self.table.wholes.iter().map(of).min().unwrap_or(0)
    }

    /// Whether each of a bureau's cells moves far enough, whichever other bureau is known.
    fn is_hidden_well(&self, bureau: usize, near: &[usize]) -> bool {
        self.cells(bureau).into_iter().all(|cell| {
            let (width, used) = self.exchange(cell, near, None);
            let is_known = self.search.rule.bureaus > 2;
            width >= cell.2 && used.iter().filter(|_| is_known).all(|other| self.exchange(cell, near, Some(*other)).0 >= cell.2)
        })
    }

    /// Lets more bureaus go, the smallest first, until each is hidden well among them; whether that came to be.
    fn find_partners(&mut self) -> bool {
        let size = |bureau: &usize| std::cmp::Reverse(self.search.month.sizes[*bureau]);
        let fixed = &self.table.fixed[self.split];
        let hides = |bureau: &usize| self.search.month.sizes[*bureau] > 0 && !fixed.printed.contains(bureau);
        let mut near: Vec<usize> = self.gone.iter().copied().filter(hides).collect();
        near.sort_by_key(size);
        let mut waiting = near.clone();
        near.truncate(LOOKED_AT);
        let told = fixed.told();
        let all = self.search.order.iter().copied().filter(|other| !self.gone.contains(other) && !told.contains(other));
        let mut candidates: std::collections::VecDeque<usize> = all.collect();
        while let Some(bureau) = waiting.pop() {
            let mut added = 0;
            while !self.is_hidden_well(bureau, &near) {
                added += 1;
                let Some(more) = candidates.pop_front().filter(|_| added <= LOOKED_AT) else { return false };
                self.gone.insert(more);
                near.truncate(2 * LOOKED_AT);
                near.insert(0, more);
                waiting.push(more);
            }
        }
        true
    }

    /// Whether a bureau's cells move within its own total, where the office's split is withheld.
    fn moves_alone(&self, bureau: usize) -> bool {
        let rides = |whole: &Hidden| whole.office[self.split] && whole.bureaus[self.split].contains(&bureau);
        let room = |member: usize| self.room(bureau, member, &rides);
        self.cells(bureau).into_iter().all(|(_, member, enough)| {
            let others = || (0..self.members()).filter(move |of| *of != member);
            let up: i64 = others().map(|of| self.at(bureau, of)).sum();
            let down: i64 = others().map(room).sum();
            up.min(room(member)) + down.min(self.at(bureau, member)) >= enough
        })
    }
}
