//! Which bureaus appear in published tables, by themselves and in groups.
//!
//! A bureau that is OPEN appears by its name, the INTERNAL ones as one line, OTHER; one that is `OFFICE_TOTAL_ONLY` is in the office's total
//! alone. What does not appear by name follows from the office's figure by subtraction all the same, so it is a number of its own, printed or
//! not. Where one bureau alone has people behind it, that number is withheld like any small figure. OTHER is no line of a figure in which it
//! would leave those of the office's total alone by subtraction.

use super::said;
use crate::follow_up::{
    disclosure::{Members, group_bureaus},
    release::{Bilingual, BureauLine},
    snapshot::{FormerRelease, Manifest, Tally},
};
use entity::{bureau::Visibility, indicator_value::TOTAL};
use std::collections::{BTreeMap, BTreeSet};

/// The member that stands for all bureaus that do not appear by name.
pub(super) const OTHER: &str = "OTHER";

/// A member of the dimension bureau.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub code: String,
    pub bureaus: Members,
}

/// A member that holds bureaus which do not appear by name, as one figure has it.
#[derive(Debug, Clone)]
pub(super) struct Unnamed<'a> {
    pub member: &'a Member,
    /// Whether it must be withheld, whatever its size.
    pub hidden: bool,
    /// Whether it is a line at all, and not what subtraction alone tells.
    pub printed: bool,
}

/// The bureaus of a snapshot, as published tables have them.
#[derive(Debug, Clone)]
pub(super) struct Bureaus {
    all: Vec<(String, Visibility)>,
    /// The whole office.
    pub office: Member,
    /// Those that appear, by themselves.
    pub single: Vec<Member>,
    /// The same in groups.
    pub groups: Vec<Member>,
    /// Those that are INTERNAL, as one.
    other: Option<Member>,
    /// All that do not appear by name, where some of them are in the office's total alone.
    rest: Option<Member>,
    lines: Vec<BureauLine>,
    /// The bureaus that each member stands for, by their codes.
    stands_for: BTreeMap<String, BTreeSet<String>>,
    /// Codes of all bureaus that are in being or have people.
    there: BTreeSet<String>,
}

impl Bureaus {
    pub(super) fn of(manifest: &Manifest, tally: &Tally) -> Self {
        let sizes = tally.sizes(manifest);
        let there = |place: &usize| manifest.bureaus[*place].in_being || sizes[*place] > 0;
        let are = |visible: fn(Visibility) -> bool| -> Vec<usize> {
            (0..manifest.bureaus.len()).filter(there).filter(|place| visible(manifest.bureaus[*place].visibility)).collect()
        };
        let open = are(|visibility| visibility == Visibility::Open);
        let internal = are(|visibility| visibility == Visibility::Internal);
        let rest = are(|visibility| visibility != Visibility::Open);
        let set = |places: &[usize]| Members::of(places.iter().filter_map(|place| u16::try_from(*place).ok()));
        let code = |place: usize| manifest.bureaus[place].code.clone();
        let member = |code: String, places: &[usize]| Member { code, bureaus: set(places) };
        let mut lines: Vec<BureauLine> = open
            .iter()
            .map(|place| BureauLine { code: code(*place), name: manifest.bureaus[*place].name.clone(), members: vec![] })
            .collect();
        let mut groups = Vec::new();
        for (line, places) in grouped(manifest, &open, &sizes) {
            groups.push(member(line.code.clone(), &places));
            lines.push(line);
        }
        if !internal.is_empty() {
            let name = Bilingual { ja: "その他の部局".to_owned(), en: "Other bureaus".to_owned() };
            lines.push(BureauLine { code: OTHER.to_owned(), name, members: vec![] });
        }
        let codes = |places: &[usize]| places.iter().map(|place| code(*place)).collect::<BTreeSet<_>>();
        let mut stands_for: BTreeMap<_, _> = open.iter().map(|place| (code(*place), codes(&[*place]))).collect();
        stands_for.extend(
            lines.iter().filter(|line| !line.members.is_empty()).map(|line| (line.code.clone(), line.members.iter().cloned().collect())),
        );
        stands_for.insert(OTHER.to_owned(), codes(&internal));
        Self {
            stands_for,
            there: codes(&are(|_| true)),
            all: manifest.bureaus.iter().map(|bureau| (bureau.code.clone(), bureau.visibility)).collect(),
            office: Member { code: TOTAL.to_owned(), bureaus: Members::ALL },
            single: open.iter().map(|place| member(code(*place), &[*place])).collect(),
            groups,
            rest: (rest.len() > internal.len()).then(|| member(OTHER.to_owned(), &rest)),
            other: (!internal.is_empty()).then(|| member(OTHER.to_owned(), &internal)),
            lines,
        }
    }

    /// What does not appear by name, in a figure to which these bureaus contribute.
    pub(super) fn unnamed(&self, contributes: impl Fn(u16) -> bool) -> Vec<Unnamed<'_>> {
        let count = |member: &Option<Member>| {
            let places = (0..Members::LIMIT).filter(|place| member.as_ref().is_some_and(|member| member.bureaus.contains(*place)));
            places.filter(|place| contributes(*place)).count()
        };
        let internal = count(&self.other);
        let all = self.rest.as_ref().map_or(internal, |_| count(&self.rest));
        let sealed = all > internal;
        let other = self.other.iter().map(|member| Unnamed { member, hidden: internal == 1 || sealed, printed: !sealed });
        let rest = self.rest.iter().map(|member| Unnamed { member, hidden: all == 1, printed: false });
        other.chain(rest).collect()
    }

    /// Whether a member stands for the same bureaus as in a former release. Those that are gone, and have nobody, make no difference.
    pub(super) fn are_still(&self, former: &FormerRelease, member: &str) -> bool {
        let before = former.bureaus.iter().find(|before| before.code == member);
        let before = before.map(|before| before.bureaus.iter().filter(|code| self.there.contains(*code)).collect::<BTreeSet<_>>());
        member == TOTAL || before == self.stands_for.get(member).map(|now| now.iter().collect())
    }

    pub(super) fn lines(&self) -> Vec<BureauLine> {
        self.lines.clone()
    }

    pub(super) fn visibility(&self, code: &str) -> Option<Visibility> {
        self.all.iter().find(|(known, _)| known == code).map(|(_, visibility)| *visibility)
    }
}

impl Tally {
    /// The most persons of each bureau that any figure counts.
    fn sizes(&self, manifest: &Manifest) -> Vec<i64> {
        let mut sizes = vec![0; manifest.bureaus.len()];
        for sums in self.sums(manifest) {
            let mut of: BTreeMap<u16, i64> = BTreeMap::new();
            for ((place, ..), sum) in &sums {
                *of.entry(*place).or_default() += sum.persons;
            }
            for (place, persons) in of {
                if let Some(size) = sizes.get_mut(usize::from(place)) {
                    *size = persons.max(*size);
                }
            }
        }
        sizes
    }
}

/// The plan's groups, then the other bureaus put together in the order of their codes.
fn grouped(manifest: &Manifest, open: &[usize], sizes: &[i64]) -> Vec<(BureauLine, Vec<usize>)> {
    let mut left = open.to_vec();
    let mut found = Vec::new();
    for group in &manifest.settings.groups {
        let (members, others): (Vec<usize>, Vec<usize>) =
            left.into_iter().partition(|place| group.members.contains(&manifest.bureaus[*place].code));
        left = others;
        if !members.is_empty() {
            let codes = members.iter().map(|place| manifest.bureaus[*place].code.clone()).collect();
            found.push((BureauLine { code: group.code.clone(), name: group.name.clone(), members: codes }, members));
        }
    }
    let of_left: Vec<(u16, i64)> = left.iter().filter_map(|place| Some((u16::try_from(*place).ok()?, sizes[*place]))).collect();
    for (number, group) in group_bureaus(&of_left, manifest.settings.group_least).into_iter().enumerate() {
        let members: Vec<usize> = group.into_iter().map(usize::from).collect();
        let codes: Vec<String> = members.iter().map(|place| manifest.bureaus[*place].code.clone()).collect();
        let name = said::group(manifest, number + 1, &members);
        found.push((BureauLine { code: format!("GROUP-{}", number + 1), name, members: codes }, members));
    }
    found
}
