//! Which clauses of a plan have neither an indicator nor evidence. Pure.

use entity::{clause, initiative, submission_item, target};
use jobs::{
    follow_up::settings::FollowUpSettings,
    indicators::{Definition, find},
};
use std::collections::BTreeSet;

/// The indicators of the catalogue that a plan's follow-up shows under a clause, each after the clause, in its order.
#[must_use]
pub fn indicators(settings: &serde_json::Value) -> Vec<(String, &'static Definition)> {
    // Settings are checked when they are loaded; what cannot be read any more has no indicators.
    let settings: Option<FollowUpSettings> = serde_json::from_value(settings.clone()).ok();
    let figures = settings.into_iter().flat_map(|settings| settings.figures);
    figures.filter_map(|figure| Some((figure.clause?, find(&figure.indicator)?))).collect()
}

/// What a plan's clauses are covered by.
pub struct Covers<'a> {
    /// Indicators of the catalogue, each after its clause.
    pub indicators: &'a [(String, &'static Definition)],
    /// Initiatives, which bureaus give evidence of.
    pub initiatives: &'a [initiative::Model],
    /// Items that bureaus submit.
    pub items: &'a [submission_item::Model],
    /// Targets.
    pub targets: &'a [target::Model],
}

impl Covers<'_> {
    /// The clauses that have one of their own.
    fn clauses(&self) -> BTreeSet<&str> {
        let indicators = self.indicators.iter().map(|(clause, _)| clause.as_str());
        let initiatives = self.initiatives.iter().map(|initiative| initiative.clause.as_str());
        let items = self.items.iter().map(|item| item.clause.as_str());
        let targets = self.targets.iter().map(|target| target.clause.as_str());
        indicators.chain(initiatives).chain(items).chain(targets).collect()
    }
}

/// The clauses that should have one of these and have none, in the plan's order. A clause has what those below it have, but not what the one
/// above has; one that only states something needs none, nor does one that has only such below it.
#[must_use]
pub fn uncovered<'a>(clauses: &'a [clause::Model], covers: &Covers<'_>) -> Vec<&'a clause::Model> {
    let own = covers.clauses();
    let (mut above, mut covered_below, mut due_below) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut found = Vec::new();
    // Each comes after the one above it.
    for clause in clauses.iter().rev() {
        let code = clause.code.as_str();
        let is_covered = own.contains(code) || covered_below.contains(code);
        let is_due = if above.contains(code) { due_below.contains(code) } else { !clause.states_only };
        if let Some(parent) = clause.parent.as_deref() {
            above.insert(parent);
            if is_covered {
                covered_below.insert(parent);
            }
            if is_due {
                due_below.insert(parent);
            }
        }
        if is_due && !is_covered {
            found.push(clause);
        }
    }
    found.reverse();
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::store::plan::{PlanFile, Rows, SHIPPED};
    use entity::ids::PlanId;

    fn rows(document: &str) -> Rows {
        Rows::of(&PlanFile::parse(document).unwrap(), PlanId::new())
    }

    fn codes(rows: &Rows, settings: &serde_json::Value) -> Vec<String> {
        let indicators = indicators(settings);
        let covers = Covers { indicators: &indicators, initiatives: &rows.initiatives, items: &rows.items, targets: &[] };
        uncovered(&rows.clauses, &covers).into_iter().map(|clause| clause.code.clone()).collect()
    }

    /// The platform holds nothing of the plan's review and of the committee's meetings yet.
    #[test]
    fn of_the_shipped_plan_these_have_nothing() {
        let document: serde_json::Value = serde_json::from_str(SHIPPED).unwrap();
        let rows = rows(SHIPPED);
        assert_eq!(codes(&rows, &document["settings"]), ["II", "II-2", "III-(1)", "III-(1)-①"]);
        // Without bureaus' evidence and items, what is computed remains.
        let bare = Rows { initiatives: Vec::new(), items: Vec::new(), ..rows };
        let found = codes(&bare, &document["settings"]);
        assert!(
            ["III", "III-(4)", "IV-1-(1)", "IV-1-(2)-②-ウ-a", "IV-2", "V-2-(2)"].iter().all(|code| found.iter().any(|found| found == code))
        );
        assert!(
            ["IV", "IV-1", "IV-1-(2)-②", "IV-1-(2)-②-ア", "V", "V-1", "V-2", "VI", "I"]
                .iter()
                .all(|code| !found.iter().any(|found| found == code))
        );
    }

    #[test]
    fn a_clause_has_what_is_below_it_and_not_what_is_above() {
        let clause = |code: &str, parent: Option<&str>, states_only| clause::Model {
            id: entity::ids::ClauseId::new(),
            plan_id: PlanId::new(),
            code: code.into(),
            parent: parent.map(str::to_owned),
            position: 1,
            title_ja: "項".into(),
            title_en: "Clause".into(),
            states_only,
        };
        let clauses = [
            clause("1", None, false),
            clause("1-1", Some("1"), false),
            clause("1-1-1", Some("1-1"), false),
            clause("1-2", Some("1"), false),
            clause("2", None, false),
            clause("2-1", Some("2"), true),
            clause("3", None, true),
        ];
        let found = |covered: &[&str]| {
            let initiative = |code: &&str| initiative::Model {
                id: entity::ids::InitiativeId::new(),
                plan_id: PlanId::new(),
                code: "M".into(),
                clause: (*code).to_owned(),
                position: 1,
                name_ja: "取組".into(),
                name_en: "Initiative".into(),
                valid_from: chrono::NaiveDate::MIN,
                valid_to: chrono::NaiveDate::MAX,
            };
            let initiatives: Vec<_> = covered.iter().map(initiative).collect();
            let covers = Covers { indicators: &[], initiatives: &initiatives, items: &[], targets: &[] };
            uncovered(&clauses, &covers).into_iter().map(|clause| clause.code.clone()).collect::<Vec<_>>()
        };
        assert_eq!(found(&[]), ["1", "1-1", "1-1-1", "1-2"]);
        assert_eq!(found(&["1-1-1"]), ["1-2"]);
        assert_eq!(found(&["1"]), ["1-1", "1-1-1", "1-2"]);
        assert_eq!(found(&["1-1-1", "1-2"]), [""; 0]);
    }
}
