//! Which numbers of a release are withheld, so that nothing published discloses a group of 1 to 4 persons. Pure.
//!
//! First the *primary* numbers: a count of 1 to n−1 persons, or one that leaves so few of its denominator's. Then the *secondary* ones, so
//! that subtraction over totals, sibling tables, denominators and earlier releases finds none of them. The attacker is taken to know every
//! shown number exactly, that each cell (bureau × sex × band) is at least 0, and that a numerator's cell is at most its denominator's; what
//! is unknown to them are the cells. A withheld number is safe when the largest and the smallest value that it takes over all tables that
//! fit what is shown lie at least [`LEAST_WIDTH`] apart (the attacker problem of Fischetti and Salazar-González, "Models and algorithms for
//! optimizing cell suppression in tabular data with linear constraints", JASA 95, 2000).
//!
//! Method: sequential secondary suppression by linear programming (Kelly, Golden and Assad, "Cell suppression: disclosure protection for
//! sensitive tabular data", Networks 22, 1992). For a number that is not safe yet, a linear program looks for the cheapest alternative table
//! in which it lies far enough away, where each shown number may deviate at a cost; those that do are withheld too. Every optimum is a
//! *witness*, a whole set of tables that fits what is shown; the witnesses are checked by addition, and the spread of a number over them
//! proves it safe, whatever the solver did. A table moves while its denominator stays, so each program is small; its heavy numerators move
//! along. At the end, numbers are shown again that turn out to be superfluous. Decisions are taken in the order of names and members,
//! with a tolerance far from any vertex of these programs, so the order of the input and the machine have no say.
//!
//! Deliberately absent: rounding and noise, which would change the figures that the law has published; the three-way table, never
//! published; and protection against a contributor who knows their own share, for each person counts once.

mod groups;
mod insiders;
mod model;
mod program;
mod search;
#[cfg(test)]
mod tests;

pub use groups::group_bureaus;
pub use insiders::protect_from_insiders;

use model::Model;
use search::Search;
use thiserror::Error;

/// How far apart the smallest and the largest value of a withheld number must lie.
pub const LEAST_WIDTH: i64 = 5;

/// One 3-way cell of a table of counts; never published itself. Cells that are not listed hold nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// The bureau, below [`Members::LIMIT`].
    pub bureau: u16,
    /// The sex as recorded, below [`Members::LIMIT`].
    pub sex: u8,
    /// The rank band, below [`Members::LIMIT`].
    pub band: u8,
    /// How many persons are in it.
    pub persons: i64,
}

/// A count of persons by bureau, sex and band at one date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Unique among the tables, such as `2026-07-01 CENSUS_PERSONS`.
    pub name: String,
    /// The table of which each cell is a part: that of the denominator.
    pub within: Option<usize>,
    /// Its cells, in any order; those of the same place add up.
    pub cells: Vec<Cell>,
}

/// A set of members of one dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Members(u128);

impl Members {
    /// Members are numbered below this.
    pub const LIMIT: u16 = 128;
    /// Every member that there is, as in a total.
    pub const ALL: Self = Self(u128::MAX);

    /// One member.
    #[must_use]
    pub fn one(member: impl Into<u16>) -> Self {
        Self::of([member.into()])
    }

    /// A group of members; those at the limit or above are none.
    #[must_use]
    pub fn of(members: impl IntoIterator<Item = u16>) -> Self {
        Self(members.into_iter().filter(|member| *member < Self::LIMIT).fold(0, |set, member| set | 1 << member))
    }

    /// Whether all of them are among others.
    #[must_use]
    pub fn are_within(self, others: Self) -> bool {
        self.0 & !others.0 == 0
    }

    /// Whether it is one of them.
    #[must_use]
    pub fn contains(self, member: u16) -> bool {
        member < Self::LIMIT && self.0 >> member & 1 == 1
    }
}

/// What earlier releases did with the very same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Earlier {
    /// It stays withheld.
    Withheld,
    /// It is public and cannot be taken back.
    Shown,
}

/// A number that the release would print: the sum of a table's cells over three sets of members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    /// The table that it is a sum of.
    pub table: usize,
    /// Over these bureaus,
    pub bureaus: Members,
    /// these sexes,
    pub sexes: Members,
    /// and these bands.
    pub bands: Members,
    /// A count of 1 to one less than this is withheld; 0: none by itself, as for the hires that the law itself publishes.
    pub threshold: i64,
    /// What earlier releases did with it.
    pub earlier: Option<Earlier>,
    /// It is withheld whenever that other number is (the denominator of the same observation), so that primary and secondary look alike. Only
    /// a nil that follows from a larger shown nil stays: nothing can hide it, and nothing is behind it.
    pub follows: Option<usize>,
}

/// The values that a number may have for all that is shown. Ends above the table's own size are cut off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
}

impl Interval {
    /// Whether it is as wide as a withheld number's must be.
    #[must_use]
    pub fn is_wide(self) -> bool {
        self.max - self.min >= program::WIDE
    }
}

/// Why no choice of numbers protects the tables.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum DisclosureError {
    /// A table, number or member that there is not, a name twice, persons below 0, or a numerator above its denominator.
    #[error("the tables do not fit together: {0}")]
    Input(String),
    /// Even with everything withheld that still can be, the number is known too closely: earlier releases, or the law's threshold of 0 where
    /// it forbids nothing, left too little room.
    #[error("number {number} of {table} cannot be protected: what is public already fixes it to less than {LEAST_WIDTH} persons")]
    TooMuchShown {
        /// Its index.
        number: usize,
        /// Its table's name.
        table: String,
    },
    /// The solver gave up.
    #[error("the linear program failed: {0}")]
    Solver(String),
}

/// Decides which numbers are withheld.
///
/// # Errors
/// Where the input does not fit together, where what is public already fixes a number that must be withheld, and where the solver fails.
pub fn protect(tables: &[Table], numbers: &[Number]) -> Result<Vec<bool>, DisclosureError> {
    decide(tables, numbers, false)
}

/// The same where what is public may fix numbers: these are withheld as well, though they are known.
///
/// # Errors
/// Where the input does not fit together, and where the solver fails.
pub fn protect_beside(tables: &[Table], numbers: &[Number]) -> Result<Vec<bool>, DisclosureError> {
    decide(tables, numbers, true)
}

fn decide(tables: &[Table], numbers: &[Number], concedes: bool) -> Result<Vec<bool>, DisclosureError> {
    let model = Model::new(tables, numbers)?;
    let first = model.pattern(&protect_denominators(tables, numbers, concedes)?)?;
    let mut search = Search::new(&model, first);
    search.protect(concedes)?;
    Ok(model.class_of.iter().map(|class| search.withheld[*class]).collect())
}

/// What would be withheld if there were denominators only: a good start, for numerators are withheld with them.
fn protect_denominators(tables: &[Table], numbers: &[Number], concedes: bool) -> Result<Vec<bool>, DisclosureError> {
    let is_whole = |number: &Number| tables.get(number.table).is_some_and(|table| table.within.is_none());
    if numbers.iter().all(is_whole) {
        return Ok(vec![false; numbers.len()]);
    }
    let kept: Vec<usize> = (0..numbers.len()).filter(|number| is_whole(&numbers[*number])).collect();
    let alone = |number: &usize| Number { follows: None, ..numbers[*number].clone() };
    let tables: Vec<Table> = tables.iter().map(|table| Table { within: None, ..table.clone() }).collect();
    let withheld = match decide(&tables, &kept.iter().map(alone).collect::<Vec<_>>(), concedes) {
        Ok(withheld) => withheld,
        // With numerators it may be possible all the same, or the error will come again.
        Err(DisclosureError::TooMuchShown { .. }) => vec![false; kept.len()],
        Err(error) => return Err(error),
    };
    let mut first = vec![false; numbers.len()];
    kept.iter().zip(withheld).for_each(|(number, withheld)| first[*number] = withheld);
    Ok(first)
}

/// The exact interval of each withheld number, with all tables free that hang together; slow, two linear programs for each number.
///
/// # Errors
/// Where the input does not fit together, and where the solver fails.
pub fn audit(tables: &[Table], numbers: &[Number], withheld: &[bool]) -> Result<Vec<Option<Interval>>, DisclosureError> {
    let model = Model::new(tables, numbers)?;
    let mut search = Search::new(&model, model.pattern(withheld)?);
    let intervals = search.intervals()?;
    Ok(model.class_of.iter().map(|class| intervals[*class]).collect())
}

/// The withheld numbers that are known too closely, none of them if all is well; as exact as [`audit`] and much faster.
///
/// # Errors
/// Where the input does not fit together, and where the solver fails.
pub fn narrow(tables: &[Table], numbers: &[Number], withheld: &[bool]) -> Result<Vec<usize>, DisclosureError> {
    let model = Model::new(tables, numbers)?;
    let mut search = Search::new(&model, model.pattern(withheld)?);
    let narrow = search.narrow()?;
    Ok((0..numbers.len()).filter(|number| narrow[model.class_of[*number]]).collect())
}
