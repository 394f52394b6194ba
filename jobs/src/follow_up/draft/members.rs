//! Which bureaus appear in published tables, by themselves and in groups.
//!
//! A bureau that is OPEN appears by its name. All others appear in the office's total, and as one line beside it, OTHER, where there are at
//! least two of them; a single one would be that line, which is then withheld like any small figure.

use crate::follow_up::{
    disclosure::{Members, group_bureaus},
    release::{Bilingual, BureauLine},
    snapshot::{Manifest, Place, Sum, Tally},
};
use entity::{bureau::Visibility, indicator_value::TOTAL};
use std::collections::BTreeMap;

/// The member that stands for all bureaus that do not appear by name.
pub(super) const OTHER: &str = "OTHER";

/// A member of the dimension bureau.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub code: String,
    pub bureaus: Members,
    /// Whether it must be withheld, whatever its size.
    pub hidden: bool,
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
    /// All others, as one.
    pub other: Option<Member>,
    lines: Vec<BureauLine>,
}

impl Bureaus {
    pub(super) fn of(manifest: &Manifest, tally: &Tally) -> Self {
        let sizes: Vec<i64> = (0..manifest.bureaus.len()).map(|place| tally.largest(place)).collect();
        let there = |place: usize| manifest.bureaus[place].in_being || sizes[place] > 0;
        let (open, rest): (Vec<usize>, Vec<usize>) = (0..manifest.bureaus.len())
            .filter(|place| there(*place))
            .partition(|place| manifest.bureaus[*place].visibility == Visibility::Open);
        let set = |places: &[usize]| Members::of(places.iter().filter_map(|place| u16::try_from(*place).ok()));
        let code = |place: usize| manifest.bureaus[place].code.clone();
        let single = |place: &usize| Member { code: code(*place), bureaus: set(&[*place]), hidden: false };
        let other = (!rest.is_empty()).then(|| Member { code: OTHER.to_owned(), bureaus: set(&rest), hidden: rest.len() == 1 });
        let mut lines: Vec<BureauLine> = open
            .iter()
            .map(|place| BureauLine { code: code(*place), name: manifest.bureaus[*place].name.clone(), members: vec![] })
            .collect();
        let mut groups = Vec::new();
        for (line, places) in grouped(manifest, &open, &sizes) {
            groups.push(Member { code: line.code.clone(), bureaus: set(&places), hidden: false });
            lines.push(line);
        }
        if other.is_some() {
            let name = Bilingual { ja: "その他の部局".to_owned(), en: "Other bureaus".to_owned() };
            lines.push(BureauLine { code: OTHER.to_owned(), name, members: vec![] });
        }
        Self {
            all: manifest.bureaus.iter().map(|bureau| (bureau.code.clone(), bureau.visibility)).collect(),
            office: Member { code: TOTAL.to_owned(), bureaus: Members::ALL, hidden: false },
            single: open.iter().map(single).collect(),
            groups,
            other,
            lines,
        }
    }

    pub(super) fn lines(&self) -> Vec<BureauLine> {
        self.lines.clone()
    }

    pub(super) fn visibility(&self, code: &str) -> Option<Visibility> {
        self.all.iter().find(|(known, _)| known == code).map(|(_, visibility)| *visibility)
    }
}

impl Tally {
    /// The most persons that any part has of a bureau.
    fn largest(&self, bureau: usize) -> i64 {
        let of = |sums: &BTreeMap<Place, Sum>| {
            sums.iter().filter(|((place, ..), _)| usize::from(*place) == bureau).map(|(_, sum)| sum.persons).sum()
        };
        self.sums().map(of).max().unwrap_or_default()
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
        let range = match (codes.first(), codes.last()) {
            (Some(first), Some(last)) if first != last => format!("{first}–{last}"),
            _ => codes.concat(),
        };
        let name = Bilingual { ja: format!("部局群{}（{range}）", number + 1), en: format!("Group {} ({range})", number + 1) };
        found.push((BureauLine { code: format!("GROUP-{}", number + 1), name, members: codes }, members));
    }
    found
}
