//! Whom a figure counts, by how they stand to the office: the one place that says it of all figures, and the words that say so beside them.
//!
//! People on concurrent posts (併任) stay on their ministry's books: to count their ranks or hires again would count them twice, while the hours
//! of those who work here are worked here. Which standings a group counts is the office's data ‡, never a constant of a definition. Deliberately
//! absent: any count, which is `values`'.

use super::Words;
use entity::{counting_rule, person_month::Standing};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, Iterable, QueryOrder};

/// The group by which a definition says whom it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Counted {
    /// Those of the figures of careers: ranks, hires, separation, service, pay, childcare uptake.
    Careers,
    /// Those of the figures of work: overtime, telework, leave, leaving on time, staggered start.
    Work,
    /// Whom the figures of careers leave out, of everybody.
    LeftOutOfCareers,
    /// Whom the figures of work leave out, of everybody.
    LeftOutOfWork,
}

/// Which standings each group counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standings {
    /// In figures of careers.
    pub careers: Vec<Standing>,
    /// In figures of work.
    pub work: Vec<Standing>,
}

impl Default for Standings {
    fn default() -> Self {
        Self { careers: vec![Standing::Main], work: vec![Standing::Main, Standing::ConcurrentResident] }
    }
}

/// How figures count now.
///
/// # Errors
/// The engine's.
pub(crate) async fn rule<C: ConnectionTrait>(tx: &C) -> Result<counting_rule::Model, DbErr> {
    let row = counting_rule::Entity::find().order_by_desc(counting_rule::Column::Version).one(tx).await?;
    row.ok_or_else(|| DbErr::RecordNotFound("how figures count".to_owned()))
}

impl From<&counting_rule::Model> for Standings {
    fn from(rule: &counting_rule::Model) -> Self {
        Self { careers: rule.careers.0.iter().copied().collect(), work: rule.work.0.iter().copied().collect() }
    }
}

impl Standings {
    /// Of whom a numerator of the group is made.
    #[must_use]
    pub fn numerator(&self, counted: Counted) -> Vec<Standing> {
        let left_out = |counted: &[Standing]| Standing::iter().filter(|standing| !counted.contains(standing)).collect();
        match counted {
            Counted::Careers => self.careers.clone(),
            Counted::Work => self.work.clone(),
            Counted::LeftOutOfCareers => left_out(&self.careers),
            Counted::LeftOutOfWork => left_out(&self.work),
        }
    }

    /// Of whom a denominator of the group is made.
    #[must_use]
    pub fn denominator(&self, counted: Counted) -> Vec<Standing> {
        match counted {
            Counted::Careers | Counted::Work => self.numerator(counted),
            Counted::LeftOutOfCareers | Counted::LeftOutOfWork => Standing::iter().collect(),
        }
    }

    /// A sentence that says whom a figure of the group counts and whom it leaves out.
    #[must_use]
    pub fn words(&self, counted: Counted) -> Words {
        let own = self.numerator(counted);
        let others: Vec<_> = Standing::iter().filter(|standing| !own.contains(standing)).collect();
        let [own, others] = [own, others].map(|of| (!of.is_empty()).then(|| listed(&of)));
        let (ja, en) = match (counted, own, others) {
            (Counted::Careers | Counted::Work, Some(own), Some(others)) => {
                (format!("{}を数え、{}は含まない。", own.ja, others.ja), format!("Counts {}; leaves out {}.", own.en, others.en))
            }
            (Counted::Careers | Counted::Work, Some(own), None) => (format!("{}を数える。", own.ja), format!("Counts {}.", own.en)),
            (Counted::LeftOutOfCareers | Counted::LeftOutOfWork, Some(own), _) => {
                (format!("対象としない者は、{}である。", own.ja), format!("Left out are {}.", own.en))
            }
            (Counted::Careers | Counted::Work, None, _) => ("数える者はいない。".to_owned(), "Counts nobody.".to_owned()),
            (Counted::LeftOutOfCareers | Counted::LeftOutOfWork, None, _) => {
                ("対象としない者はいない。".to_owned(), "Nobody is left out.".to_owned())
            }
        };
        Words { ja, en }
    }
}

fn listed(standings: &[Standing]) -> Words {
    let ja = standings.iter().map(|standing| match standing {
        Standing::Main => "本務の職にある者",
        Standing::ConcurrentResident => "併任のみで常駐する者",
        Standing::ConcurrentAway => "併任のみで常駐しない者",
    });
    let en = standings.iter().map(|standing| match standing {
        Standing::Main => "people in main posts",
        Standing::ConcurrentResident => "residents in concurrent posts alone",
        Standing::ConcurrentAway => "non-residents in concurrent posts alone",
    });
    Words { ja: ja.collect::<Vec<_>>().join("及び"), en: en.collect::<Vec<_>>().join(" and ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Standing::{ConcurrentAway, ConcurrentResident, Main};

    #[test]
    fn whom_a_group_counts_and_whom_it_leaves_out_are_everybody() {
        let standings = Standings::default();
        for (counted, left_out) in [(Counted::Careers, Counted::LeftOutOfCareers), (Counted::Work, Counted::LeftOutOfWork)] {
            let mut all = standings.numerator(counted);
            all.extend(standings.numerator(left_out));
            assert_eq!(all, standings.denominator(left_out));
            assert_eq!(standings.numerator(counted), standings.denominator(counted), "they share one population");
        }
        assert_eq!(standings.numerator(Counted::Careers), [Main]);
        assert_eq!(standings.numerator(Counted::LeftOutOfWork), [ConcurrentAway]);
    }

    #[test]
    fn words_follow_what_is_counted() {
        let standings = Standings::default();
        let told = |standings: &Standings, counted| {
            let Words { ja, en } = standings.words(counted);
            [ja, en]
        };
        assert_eq!(
            told(&standings, Counted::Careers),
            [
                "本務の職にある者を数え、併任のみで常駐する者及び併任のみで常駐しない者は含まない。",
                "Counts people in main posts; leaves out residents in concurrent posts alone and non-residents in concurrent posts alone.",
            ]
        );
        assert_eq!(
            told(&standings, Counted::Work),
            [
                "本務の職にある者及び併任のみで常駐する者を数え、併任のみで常駐しない者は含まない。",
                "Counts people in main posts and residents in concurrent posts alone; leaves out non-residents in concurrent posts alone.",
            ]
        );
        assert_eq!(told(&standings, Counted::LeftOutOfWork)[0], "対象としない者は、併任のみで常駐しない者である。");
        let all = Standings { careers: vec![Main], work: vec![Main, ConcurrentResident, ConcurrentAway] };
        assert_eq!(told(&all, Counted::LeftOutOfWork)[1], "Nobody is left out.");
        assert!(told(&all, Counted::Work)[0].ends_with("常駐しない者を数える。"));
    }
}
