//! What a plan says of the lists of the government's site, and of figures that are parts of one whole.

use super::{ItemLine, PlanFile, Problems, is_number, is_word};
use crate::error::Error;
use entity::{staff::Sex, submission_item::ItemSource};
use jobs::{
    follow_up::settings::{Figure, Shows, Site, SiteCell},
    indicators::{Definition, find},
};
use std::collections::{BTreeMap, BTreeSet};

/// The longest heading or remark.
const LINE: usize = 200;

/// Headings, each with its place.
pub(super) fn names(site: &mut Site) -> Vec<(String, &mut String)> {
    let mut names = Vec::new();
    for (index, section) in site.sections.iter_mut().enumerate() {
        names.push((format!("settings.site.sections[{index}].name"), &mut section.name));
    }
    for (index, item) in site.items.iter_mut().enumerate() {
        names.push((format!("settings.site.items[{index}].name"), &mut item.name));
        for (cell, column) in item.cells.iter_mut().enumerate() {
            names.push((format!("settings.site.items[{index}].cells[{cell}].name"), &mut column.name));
        }
    }
    names
}

/// Whether an indicator is a share of women, of which persons are counted.
fn is_of_women(definition: &Definition) -> bool {
    definition.numerator.measure == definition.denominator.measure
        && definition.numerator.sexes == [Sex::Female]
        && definition.denominator.sexes.len() > 1
}

impl PlanFile {
    /// Parts are what the office submits, of persons, in no tables; one alone is no part.
    pub(super) fn check_parts(&self, figure: &Figure, items: &BTreeMap<&str, &ItemLine>, place: &str, problems: &mut Problems) {
        let Some(whole) = &figure.part_of else { return };
        let cohort = |figure: &Figure| items.get(figure.indicator.as_str()).and_then(|item| item.cohort.as_ref());
        let item = items.get(figure.indicator.as_str());
        let is_part = item.is_some_and(|item| item.source == ItemSource::Office && item.counts_persons && !item.may_exceed_hundred);
        let others =
            self.settings.figures.iter().filter(|other| other.indicator != figure.indicator && other.part_of.as_ref() == Some(whole));
        let others: Vec<_> = others.collect();
        let share = cohort(figure).is_some() && others.iter().all(|other| cohort(other) == cohort(figure) && other.date == figure.date);
        let (ja, en) = (
            "同じ母集団で時点の同じ、組織全体の人数の報告事項を二つ以上指定してください。",
            "Parts are two or more items of one cohort and date that the office submits and that count persons, in no tables.",
        );
        let sound = is_word(whole) && is_part && share && !others.is_empty() && figure.tables.is_empty();
        problems.add_if(!sound, &format!("{place}partOf"), ja, en);
    }

    /// A figure of the whole government stands beside a published one, and is a number of days that there are.
    pub(super) fn check_government(&self, problems: &mut Problems) {
        for (index, figure) in self.settings.government.iter().enumerate() {
            let place = format!("settings.government[{index}].");
            problems.lines(&place, &[("source.ja", &figure.source.ja, LINE), ("source.en", &figure.source.en, LINE)]);
            if !self.settings.figures.iter().any(|own| own.indicator == figure.indicator) {
                problems.0.push(Error::not_found(&format!("{place}indicator"), "公表する指標", "published figure"));
            }
            problems.number(&format!("{place}numerator"), figure.numerator, &(0..=1_000_000_000));
            problems.number(&format!("{place}denominator"), figure.denominator, &(1..=1_000_000_000));
            let (ja, en) = ("期間の末日が初日より前です。", "The last day is before the first.");
            problems.add_if(figure.date_from > figure.date_to, &format!("{place}dateTo"), ja, en);
        }
    }

    pub(super) fn check_site(&self, clauses: &BTreeSet<&str>, problems: &mut Problems) {
        let Some(site) = &self.settings.site else { return };
        problems.codes("settings.site.sections", site.sections.iter().map(|section| section.code.as_str()), is_number);
        problems.codes("settings.site.items", site.items.iter().map(|item| item.code.as_str()), is_number);
        let mut named = BTreeSet::new();
        for (index, section) in site.sections.iter().enumerate() {
            let place = format!("settings.site.sections[{index}].");
            problems.lines(&place, &[("name", &section.name, LINE)]);
            let (ja, en) = ("計画の項目ではないか、複数の区分にあります。", "It is no clause of the plan, or stands in several sections.");
            for (clause, code) in section.clauses.iter().enumerate() {
                let wrong = !clauses.contains(code.as_str()) || !named.insert(code.as_str());
                problems.add_if(wrong, &format!("{place}clauses[{clause}]"), ja, en);
            }
        }
        let parent = |code: &str| self.clauses.iter().find(|clause| clause.code == code).and_then(|clause| clause.parent.as_deref());
        let (ja, en) = ("区分のない数値目標があります。", "A target's clause is in no section.");
        let apart = self.targets.iter().any(|target| site.section_of(&target.clause, parent).is_none());
        problems.add_if(apart, "settings.site.sections", ja, en);
        for (index, item) in site.items.iter().enumerate() {
            let place = format!("settings.site.items[{index}].");
            problems.lines(&place, &[("name", &item.name, LINE)]);
            check_note(item.note.as_ref(), &place, problems);
            let (ja, en) = ("欄も理由もありません。", "It has neither columns nor a note that says why.");
            problems.add_if(item.cells.is_empty() && item.note.is_none(), &format!("{place}note"), ja, en);
            let mut columns = BTreeSet::new();
            for (cell, column) in item.cells.iter().enumerate() {
                let place = format!("{place}cells[{cell}].");
                let (ja, en) = ("同じ欄が複数あります。", "The item has this column more than once.");
                problems.add_if(!columns.insert(column.name.as_str()), &format!("{place}name"), ja, en);
                self.check_cell(column, &place, problems);
            }
        }
    }

    fn check_cell(&self, column: &SiteCell, place: &str, problems: &mut Problems) {
        problems.lines(place, &[("name", &column.name, LINE)]);
        check_note(column.note.as_ref(), place, problems);
        let Some(figure) = self.settings.figures.iter().find(|figure| figure.indicator == column.indicator) else {
            return problems.0.push(Error::not_found(&format!("{place}indicator"), "公表する指標", "published figure"));
        };
        let suits = match column.shows {
            Shows::Value => true,
            Shows::Months => figure.by_month,
            Shows::Women | Shows::Men => find(&column.indicator).is_some_and(is_of_women),
        };
        let (ja, en) = ("この指標からは示せません。", "The figure does not tell this.");
        problems.add_if(!suits, &format!("{place}shows"), ja, en);
    }
}

fn check_note(note: Option<&String>, place: &str, problems: &mut Problems) {
    if let Some(note) = note {
        problems.lines(place, &[("note", note, LINE)]);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use crate::store::plan::{PlanFile, SHIPPED};
    use serde_json::{Value, json};

    /// What is wrong with the shipped file once it was changed there.
    fn place_of(path: &str, value: Value) -> Vec<String> {
        let mut document: Value = serde_json::from_str(SHIPPED).unwrap();
        *document.pointer_mut(path).unwrap() = value;
        let file = PlanFile::parse(&document.to_string()).unwrap();
        file.check("2020-04-15T03:00:00Z".parse().unwrap()).into_iter().map(|error| error.field.unwrap()).collect()
    }

    #[test]
    fn what_is_handed_in_is_checked() {
        let site = |path: &str, value| place_of(&format!("/settings/site/{path}"), value);
        assert_eq!(site("sections/0/clauses", json!(["V-1"])), [""; 0]);
        assert_eq!(site("sections/0/clauses", json!(["IX"])), ["settings.site.sections[0].clauses[0]"]);
        assert_eq!(site("sections/0/clauses", json!(["V-2"])), ["settings.site.sections[3].clauses[0]"], "in two sections");
        assert_eq!(site("sections/0/code", json!("イ")), ["settings.site.sections[0].code", "settings.site.sections[1].code"]);
        assert_eq!(site("items/0/name", json!(" ")), ["settings.site.items[0].name"]);
        assert_eq!(site("items/0/cells/0/indicator", json!("TELEWORK")), ["settings.site.items[0].cells[0].indicator"]);
        assert_eq!(site("items/0/cells/0", json!({ "name": "女性", "indicator": "WOMEN_HIRES_EXAM", "shows": "WOMEN" })), [""; 0]);
        let of = |indicator: &str, shows: &str| site("items/0/cells/0", json!({ "name": "欄", "indicator": indicator, "shows": shows }));
        assert_eq!(of("MEAN_OVERTIME_HOURS", "MONTHS"), [""; 0]);
        assert_eq!(of("ANNUAL_LEAVE_DAYS", "MONTHS"), ["settings.site.items[0].cells[0].shows"]);
        assert_eq!(of("MALE_CHILDCARE_LEAVE", "MEN"), ["settings.site.items[0].cells[0].shows"]);
        assert_eq!(site("items/0/cells", json!([])), [""; 0], "its note says why");
        assert_eq!(site("items/1/cells", json!([])), ["settings.site.items[1].note"]);
        assert_eq!(site("sections", json!([])), ["settings.site.sections"], "targets without a section");
    }

    #[test]
    fn figures_of_the_government_are_checked() {
        let of = |field: &str, value| place_of(&format!("/settings/government/0/{field}"), value);
        assert_eq!(of("indicator", json!("NONE")), ["settings.government[0].indicator"]);
        assert_eq!(of("denominator", json!(0)), ["settings.government[0].denominator"]);
        assert_eq!(of("dateTo", json!("2000-01-01")), ["settings.government[0].dateTo"]);
        assert_eq!(of("source", json!({ "ja": "", "en": "" })).len(), 2);
    }

    #[test]
    fn every_item_of_the_form_is_there() {
        let file = PlanFile::parse(SHIPPED).unwrap();
        let site = file.settings.site.unwrap();
        let codes = |of: Vec<&String>| of.into_iter().map(String::as_str).collect::<String>();
        assert_eq!(codes(site.sections.iter().map(|section| &section.code).collect()), "アイウエオ");
        assert_eq!(codes(site.items.iter().map(|item| &item.code).collect()), "アイウエオカキクケコサシス");
    }

    #[test]
    fn months_and_parts_are_of_figures_that_have_them() {
        let figures = |change: &dyn Fn(&mut Vec<Value>)| {
            let mut document: Value = serde_json::from_str(SHIPPED).unwrap();
            change(document["settings"]["figures"].as_array_mut().unwrap());
            let file = PlanFile::parse(&document.to_string()).unwrap();
            file.check("2020-04-15T03:00:00Z".parse().unwrap()).len()
        };
        let with = |indicator: &'static str, field: &'static str, value: Value| {
            figures(&|figures: &mut Vec<Value>| {
                figures.iter_mut().find(|figure| figure["indicator"] == indicator).unwrap()[field] = value.clone();
            })
        };
        assert_eq!(with("SHARE_ABOVE_45H", "byMonth", json!(true)), 1, "a year counts a person once");
        assert_eq!(with("ANNUALISED_OVERTIME_HOURS", "byMonth", json!(true)), 1, "no month has a value");
        assert_eq!(with("WOMEN_STAFF", "byMonth", json!(true)), 1);
        assert_eq!(with("WOMEN_APPLICANTS", "partOf", json!("ALONE")), 1);
        assert_eq!(with("MEAN_OVERTIME_HOURS", "partOf", json!("MALE_LEAVES")), 8, "nor are the others of another cohort");
        assert_eq!(with("MALE_LEAVE_TO_1_MONTH", "partOf", Value::Null), 0, "it is no longer a part");
    }
}
