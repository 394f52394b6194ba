//! A plan's file, and what it must be in itself before anything is held against the database.

mod site;

use crate::{
    error::Error,
    store::{
        conflicts::repeated,
        record::{End, Version, check_date, check_horizon, check_line, check_span, check_text, clean},
        target::{BaselineDraft, TargetDraft},
    },
    words::{Date, Long},
};
use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    horizon::{PLAN_DAYS, When},
    key,
    quotient::{Direction, IndicatorUnit},
    submission_item::ItemSource,
    target::{Decider, Qualifier, TargetPopulation},
};
use jobs::{
    follow_up::settings::{Figure, FigureDate, FollowUpSettings, Table},
    indicators::find,
};
use serde::Deserialize;
use serde_json::error::Category;
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
};

/// The longest document, in bytes: the plan of 2015 has 50,000.
const LONGEST: usize = 1 << 20;
/// The most clauses, initiatives or targets: all of them are shown at once.
const MOST: usize = 500;

/// A plan, as its file says it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlanFile {
    /// Its code, such as `CAS-2015`.
    pub code: String,
    /// Name in Japanese.
    pub name_ja: String,
    /// Name in English.
    pub name_en: String,
    /// The day on which it was decided, today at the latest.
    pub decided_on: NaiveDate,
    /// Its first day.
    pub valid_from: NaiveDate,
    /// The first day after it; or its last day.
    #[serde(default)]
    pub valid_to: Option<NaiveDate>,
    /// Its last day, in place of `validTo`.
    #[serde(default)]
    pub last_day: Option<NaiveDate>,
    /// Clauses in the plan's order, each after the one above it.
    pub clauses: Vec<ClauseLine>,
    /// What it has bureaus do.
    pub initiatives: Vec<InitiativeLine>,
    /// Figures that bureaus submit.
    pub items: Vec<ItemLine>,
    /// Targets.
    pub targets: Vec<TargetLine>,
    /// What it says of its follow-up.
    pub settings: FollowUpSettings,
}

/// A clause.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClauseLine {
    /// The plan's own number.
    pub code: String,
    /// The clause above.
    #[serde(default)]
    pub parent: Option<String>,
    /// Title in Japanese.
    pub title_ja: String,
    /// Title in English.
    pub title_en: String,
    /// Whether neither an indicator nor evidence is due of it.
    #[serde(default)]
    pub states_only: bool,
}

/// An initiative; in force as long as the plan unless it says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InitiativeLine {
    /// Its code.
    pub code: String,
    /// Its clause.
    pub clause: String,
    /// Name in Japanese.
    pub name_ja: String,
    /// Name in English.
    pub name_en: String,
    /// First day in force.
    #[serde(default)]
    pub valid_from: Option<NaiveDate>,
    /// First day no longer in force.
    #[serde(default)]
    pub valid_to: Option<NaiveDate>,
    /// Last day in force, in place of `validTo`.
    #[serde(default)]
    pub last_day: Option<NaiveDate>,
}

/// An item that bureaus submit: the columns of `submission_item`, described there.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ItemLine {
    pub code: String,
    pub version: i32,
    pub clause: String,
    pub name_ja: String,
    pub name_en: String,
    pub description_ja: String,
    pub description_en: String,
    pub unit: IndicatorUnit,
    pub direction: Direction,
    pub source: ItemSource,
    pub counts_persons: bool,
    pub may_exceed_hundred: bool,
    pub statutory: bool,
    #[serde(default)]
    pub cohort: Option<String>,
    #[serde(default)]
    pub at_most: Vec<String>,
}

/// A numerator and a denominator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quotient {
    /// 30 for 30 %.
    pub numerator: i64,
    /// 100 for percentages.
    pub denominator: i64,
}

/// A target: the columns of `target`, described there.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TargetLine {
    /// The plan's code, a slash, and what tells it from the plan's others.
    pub external_id: String,
    pub indicator: String,
    pub clause: String,
    pub population: TargetPopulation,
    pub decider: Decider,
    pub qualifier: Qualifier,
    pub value: Quotient,
    pub valid_from: NaiveDate,
    #[serde(default)]
    pub valid_to: Option<NaiveDate>,
    /// Last day in force, in place of `validTo`.
    #[serde(default)]
    pub last_day: Option<NaiveDate>,
    #[serde(default)]
    pub baseline: Option<BaselineDraft>,
    #[serde(default)]
    pub successor: Option<String>,
    #[serde(default)]
    pub note_ja: Option<String>,
    #[serde(default)]
    pub note_en: Option<String>,
}

fn end(valid_to: Option<NaiveDate>, last_day: Option<NaiveDate>) -> End {
    End::of_span(valid_to.map(Date), last_day.map(Date))
}

impl TargetLine {
    /// The record that it becomes.
    pub fn draft(&self, plan: &str) -> TargetDraft {
        TargetDraft {
            external_id: self.external_id.clone(),
            plan: Some(plan.to_owned()),
            indicator: self.indicator.clone(),
            clause: self.clause.clone(),
            population: self.population,
            bureau: None,
            unit: None,
            decider: self.decider,
            qualifier: self.qualifier,
            value_numerator: Long(self.value.numerator),
            value_denominator: Long(self.value.denominator),
            valid_from: Date(self.valid_from),
            valid_to: self.valid_to.map(Date),
            last_day: self.last_day.map(Date),
            baseline: self.baseline,
            successor: self.successor.clone(),
            note_ja: self.note_ja.clone(),
            note_en: self.note_en.clone(),
            version: Version::default(),
        }
    }
}

/// What is wrong with a file, each with its place, such as `clauses[3].parent`.
#[derive(Default)]
struct Problems(Vec<Error>);

impl Problems {
    fn take(&mut self, found: Result<(), Error>) {
        self.0.extend(found.err());
    }

    fn add_if(&mut self, wrong: bool, place: &str, ja: &str, en: &str) {
        if wrong {
            self.0.push(Error::input(place, ja, en));
        }
    }

    fn texts(&mut self, place: &str, texts: &[(&str, &str, usize)]) {
        for (field, text, most) in texts {
            self.take(check_text(&format!("{place}{field}"), text, *most));
        }
    }

    fn lines(&mut self, place: &str, lines: &[(&str, &str, usize)]) {
        for (field, line, most) in lines {
            self.take(check_line(&format!("{place}{field}"), line, *most));
        }
    }

    fn unknown_clause(&mut self, known: &BTreeSet<&str>, clause: &str, place: &str) {
        if !known.contains(clause) {
            self.0.push(Error::not_found(&format!("{place}clause"), "項目", "clause of the plan"));
        }
    }

    /// Codes: each sound and there once.
    fn codes<'a>(&mut self, list: &str, codes: impl Iterator<Item = &'a str> + Clone, sound: fn(&str) -> bool) {
        for (index, code) in codes.clone().enumerate() {
            let (ja, en) = (
                "コードの形式が正しくありません。",
                "This is no code: it has no blanks and at most 40 (initiatives, items: 60) characters.",
            );
            self.add_if(!sound(code), &format!("{list}[{index}].code"), ja, en);
        }
        for index in repeated(codes).into_keys() {
            self.add_if(true, &format!("{list}[{index}].code"), "同じコードが複数あります。", "The file holds this code more than once.");
        }
    }

    fn number(&mut self, place: &str, number: i64, range: &RangeInclusive<i64>) {
        if !range.contains(&number) {
            let (first, last) = (range.start(), range.end());
            let ja = format!("{first}から{last}までの数で指定してください。");
            self.0.push(Error::input(place, ja, format!("It is from {first} to {last}.")));
        }
    }
}

/// A clause's number, or a plan's code. Numbers may be full-width, as laws write them.
fn is_number(code: &str) -> bool {
    let unfit = |c: char| c.is_whitespace() || c.is_control() || c == '/';
    (1..=40).contains(&code.chars().count()) && !code.chars().any(unfit) && key::clean(code).1.is_empty()
}

/// A code of words, such as `ON_TIME_DAYS`.
fn is_word(code: &str) -> bool {
    (1..=60).contains(&code.len())
        && code.starts_with(|c: char| c.is_ascii_uppercase())
        && code.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// What cannot be read as a plan, by its place and the member that is wrong, in words of ours.
fn unreadable(error: &serde_json::Error) -> Error {
    let (line, column, said) = (error.line(), error.column(), error.to_string());
    let named = said.split('`').nth(1).unwrap_or_default();
    let (ja, en) = if error.classify() != Category::Data {
        ("JSON として正しくありません。".to_owned(), "this is no valid JSON.".to_owned())
    } else if said.starts_with("unknown field") {
        (format!("項目 {named} はありません。"), format!("there is no member {named}."))
    } else if said.starts_with("missing field") {
        (format!("項目 {named} がありません。"), format!("the member {named} is missing."))
    } else if said.starts_with("unknown variant") {
        (format!("{named} という値はありません。"), format!("there is no value {named}."))
    } else {
        ("値の種類が違います。".to_owned(), "the value is of another kind.".to_owned())
    };
    let ja = format!("取組計画のファイルとして読めません（{line}行{column}列）。{ja}");
    Error::input("document", ja, format!("The document cannot be read as a plan (line {line}, column {column}): {en}"))
}

impl PlanFile {
    /// Reads a document.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` with line and column.
    pub fn parse(document: &str) -> Result<Self, Error> {
        if document.len() > LONGEST {
            return Err(Error::input("document", "ファイルが大きすぎます（1 MiBまで）。", "The document is longer than 1 MiB."));
        }
        let mut file: Self = serde_json::from_str(document).map_err(|error| unreadable(&error))?;
        for (_, name) in file.names() {
            clean(name);
        }
        Ok(file)
    }

    /// The names that people read in one line, each with its place.
    fn names(&mut self) -> Vec<(String, &mut String)> {
        let mut names = vec![("nameJa".to_owned(), &mut self.name_ja), ("nameEn".to_owned(), &mut self.name_en)];
        let publisher = &mut self.settings.publisher;
        let office = publisher.office.as_mut().map(|office| ("office", office));
        for (place, text) in [("name", &mut publisher.name), ("licence_title", &mut publisher.licence_title)].into_iter().chain(office) {
            names.push((format!("settings.publisher.{place}.ja"), &mut text.ja));
            names.push((format!("settings.publisher.{place}.en"), &mut text.en));
        }
        for (index, group) in self.settings.groups.iter_mut().enumerate() {
            names.push((format!("settings.groups[{index}].name.ja"), &mut group.name.ja));
            names.push((format!("settings.groups[{index}].name.en"), &mut group.name.en));
        }
        names.extend(self.settings.site.iter_mut().flat_map(site::names));
        for (index, clause) in self.clauses.iter_mut().enumerate() {
            names.push((format!("clauses[{index}].titleJa"), &mut clause.title_ja));
            names.push((format!("clauses[{index}].titleEn"), &mut clause.title_en));
        }
        for (index, initiative) in self.initiatives.iter_mut().enumerate() {
            names.push((format!("initiatives[{index}].nameJa"), &mut initiative.name_ja));
            names.push((format!("initiatives[{index}].nameEn"), &mut initiative.name_en));
        }
        for (index, item) in self.items.iter_mut().enumerate() {
            names.push((format!("items[{index}].nameJa"), &mut item.name_ja));
            names.push((format!("items[{index}].nameEn"), &mut item.name_en));
        }
        names
    }

    /// All that is wrong with it in itself; targets are held to their rules where they are recorded.
    pub(super) fn check(&self, now: DateTime<Utc>) -> Vec<Error> {
        let mut problems = Problems::default();
        let wrong_code = ("コードの形式が正しくありません。", "This is no code: 1 to 40 characters without blanks and slashes.");
        problems.add_if(!is_number(&self.code), "code", wrong_code.0, wrong_code.1);
        problems.lines("", &[("nameJa", &self.name_ja, 200), ("nameEn", &self.name_en, 200)]);
        problems.take(check_date("decidedOn", self.decided_on));
        problems.take(end(self.valid_to, self.last_day).check());
        problems.take(check_span(self.valid_from, Some(self.valid_to())));
        for ((field, horizon), day) in PLAN_DAYS.into_iter().zip([self.decided_on, self.valid_from, self.valid_to()]) {
            problems.take(check_horizon(field, horizon, When::Day(day), now));
        }
        for (list, length) in [
            ("clauses", self.clauses.len()),
            ("initiatives", self.initiatives.len()),
            ("items", self.items.len()),
            ("targets", self.targets.len()),
        ] {
            problems.add_if(length > MOST, list, "500件までです。", "There are at most 500.");
        }
        let known = self.check_clauses(&mut problems);
        self.check_initiatives(&known, &mut problems);
        self.check_items(&known, &mut problems);
        self.check_targets(&mut problems);
        self.check_settings(&mut problems);
        problems.0
    }

    fn check_clauses(&self, problems: &mut Problems) -> BTreeSet<&str> {
        problems.codes("clauses", self.clauses.iter().map(|clause| clause.code.as_str()), is_number);
        problems.add_if(self.clauses.is_empty(), "clauses", "項目がありません。", "The plan has no clause.");
        let parents: BTreeSet<&str> = self.clauses.iter().filter_map(|clause| clause.parent.as_deref()).collect();
        let mut above = BTreeSet::new();
        for (index, clause) in self.clauses.iter().enumerate() {
            let place = format!("clauses[{index}].");
            problems.lines(&place, &[("titleJa", &clause.title_ja, 200), ("titleEn", &clause.title_en, 200)]);
            if clause.parent.as_deref().is_some_and(|parent| !above.contains(parent)) {
                problems.0.push(Error::not_found(
                    &format!("{place}parent"),
                    "上位の項目（この項目より前に置く）",
                    "clause before this one",
                ));
            }
            let (ja, en) = ("下位の項目がある項目には指定できません。", "A clause with clauses below it is judged by them.");
            problems.add_if(clause.states_only && parents.contains(clause.code.as_str()), &format!("{place}statesOnly"), ja, en);
            above.insert(clause.code.as_str());
        }
        above
    }

    fn check_initiatives(&self, known: &BTreeSet<&str>, problems: &mut Problems) {
        problems.codes("initiatives", self.initiatives.iter().map(|initiative| initiative.code.as_str()), is_word);
        for (index, initiative) in self.initiatives.iter().enumerate() {
            let place = format!("initiatives[{index}].");
            problems.unknown_clause(known, &initiative.clause, &place);
            problems.lines(&place, &[("nameJa", &initiative.name_ja, 200), ("nameEn", &initiative.name_en, 200)]);
            problems.take(
                end(initiative.valid_to, initiative.last_day)
                    .check()
                    .map_err(|error| Error { field: Some(format!("{place}lastDay")), ..error }),
            );
            let (from, to) = self.span_of(initiative);
            let (ja, en) = ("計画期間の中の期間でなければなりません。", "The period is not within the plan's, or is empty.");
            problems.add_if(from >= to || from < self.valid_from || to > self.valid_to(), &format!("{place}validFrom"), ja, en);
        }
    }

    /// The first day on which an initiative is in force, and the first on which it is not.
    pub(super) fn span_of(&self, initiative: &InitiativeLine) -> (NaiveDate, NaiveDate) {
        let to = end(initiative.valid_to, initiative.last_day).day();
        (initiative.valid_from.unwrap_or(self.valid_from), to.unwrap_or(self.valid_to()))
    }

    /// The first day after it; a file that names none ends where it begins, and is refused.
    pub(super) fn valid_to(&self) -> NaiveDate {
        end(self.valid_to, self.last_day).day().unwrap_or(self.valid_from)
    }

    fn check_items(&self, known: &BTreeSet<&str>, problems: &mut Problems) {
        problems.codes("items", self.items.iter().map(|item| item.code.as_str()), is_word);
        for (index, item) in self.items.iter().enumerate() {
            let place = format!("items[{index}].");
            problems.unknown_clause(known, &item.clause, &place);
            problems.lines(&place, &[("nameJa", &item.name_ja, 200), ("nameEn", &item.name_en, 200)]);
            problems.texts(&place, &[("descriptionJa", &item.description_ja, 1_000), ("descriptionEn", &item.description_en, 1_000)]);
            problems.number(&format!("{place}version"), item.version.into(), &(1..=1_000));
            let is_indicator = find(&item.code).is_some();
            let (ja, en) = ("この指標は集計されています。", "The platform computes this indicator.");
            problems.add_if(is_indicator, &format!("{place}code"), ja, en);
            let (ja, en) = ("割合にのみ指定できます。", "Only a percentage can pass 100.");
            problems.add_if(item.may_exceed_hundred && item.unit != IndicatorUnit::Percent, &format!("{place}mayExceedHundred"), ja, en);
            self.check_cohort(item, &place, problems);
        }
    }

    /// A cohort is a word, and what an item counts a part of is another item of its cohort that the same bureaus submit.
    fn check_cohort(&self, item: &ItemLine, place: &str, problems: &mut Problems) {
        let (ja, en) = ("コードの形式が正しくありません。", "This is no code.");
        problems.add_if(item.cohort.as_deref().is_some_and(|cohort| !is_word(cohort)), &format!("{place}cohort"), ja, en);
        let is_whole = |code: &String| {
            let mut others = self.items.iter().filter(|other| other.code == *code && other.code != item.code);
            others.any(|other| item.cohort.is_some() && other.cohort == item.cohort && other.source == item.source)
        };
        let (ja, en) = ("同じ母集団の他の報告事項を指定してください。", "It names other items of its cohort and source.");
        problems.add_if(!item.at_most.iter().all(is_whole), &format!("{place}atMost"), ja, en);
    }

    fn check_targets(&self, problems: &mut Problems) {
        let prefix = format!("{}/", self.code);
        for (index, target) in self.targets.iter().enumerate() {
            let place = format!("targets[{index}].");
            let (ja, en) = ("計画のコードと「/」で始まるキーを指定してください。", "The key begins with the plan's code and a slash.");
            problems.add_if(!target.external_id.starts_with(&prefix), &format!("{place}externalId"), ja, en);
            let outside = target.valid_from >= self.valid_to()
                || end(target.valid_to, target.last_day).day().is_some_and(|end| end <= self.valid_from);
            let (ja, en) = ("計画期間と重なっていません。", "The target is in force on no day of the plan.");
            problems.add_if(outside, &format!("{place}validFrom"), ja, en);
        }
    }

    fn check_settings(&self, problems: &mut Problems) {
        let settings = &self.settings;
        let publisher = &settings.publisher;
        problems.lines(
            "settings.publisher.",
            &[
                ("name.ja", &publisher.name.ja, 200),
                ("name.en", &publisher.name.en, 200),
                ("contact", &publisher.contact, 200),
                ("licence", &publisher.licence, 200),
                ("licence_title.ja", &publisher.licence_title.ja, 200),
                ("licence_title.en", &publisher.licence_title.en, 200),
                ("licence_url", &publisher.licence_url, 200),
            ],
        );
        if let Some(office) = &publisher.office {
            problems.lines("settings.publisher.office.", &[("ja", &office.ja, 200), ("en", &office.en, 200)]);
        }
        if let Some(phone) = &publisher.phone {
            problems.lines("settings.publisher.", &[("phone", phone, 40)]);
        }
        problems.number("settings.threshold", settings.threshold, &(0..=1_000));
        problems.number("settings.groupLeast", settings.group_least, &(1..=100_000));
        problems.codes("settings.groups", settings.groups.iter().map(|group| group.code.as_str()), is_number);
        let mut members = BTreeSet::new();
        for (index, group) in settings.groups.iter().enumerate() {
            let place = format!("settings.groups[{index}].");
            problems.lines(&place, &[("name.ja", &group.name.ja, 200), ("name.en", &group.name.en, 200)]);
            let twice = group.members.is_empty() || !group.members.iter().all(|member| members.insert(member.as_str()));
            let (ja, en) = ("部局がないか、部局が複数回現れます。", "A group has bureaus, and a bureau is in one group.");
            problems.add_if(twice, &format!("{place}members"), ja, en);
        }
        let items: BTreeMap<&str, &ItemLine> = self.items.iter().map(|item| (item.code.as_str(), item)).collect();
        let clauses: BTreeSet<&str> = self.clauses.iter().map(|clause| clause.code.as_str()).collect();
        for index in repeated(settings.figures.iter().map(|figure| figure.indicator.as_str())).into_keys() {
            let (ja, en) = ("同じ指標が複数あります。", "The file holds this figure more than once.");
            problems.add_if(true, &format!("settings.figures[{index}].indicator"), ja, en);
        }
        for (index, figure) in settings.figures.iter().enumerate() {
            let place = format!("settings.figures[{index}].");
            check_figure(figure, (&items, &clauses), &place, problems);
            self.check_parts(figure, &items, &place, problems);
        }
        self.check_government(problems);
        self.check_site(&clauses, problems);
    }
}

fn check_figure(figure: &Figure, (items, clauses): (&BTreeMap<&str, &ItemLine>, &BTreeSet<&str>), place: &str, problems: &mut Problems) {
    let suits = |table: &Table| match (find(&figure.indicator), items.get(figure.indicator.as_str())) {
        (Some(definition), _) => table.suits(definition),
        (None, Some(item)) => *table == Table::Bureau && item.source == ItemSource::Bureau,
        (None, None) => true,
    };
    let item = items.get(figure.indicator.as_str());
    if find(&figure.indicator).is_none() && item.is_none() {
        problems.0.push(Error::not_found(&format!("{place}indicator"), "指標・報告事項", "indicator or item"));
    }
    for (index, table) in figure.tables.iter().enumerate() {
        let (ja, en) = ("この指標にこの表は作れません。", "The figure is not split in this way.");
        problems.add_if(!suits(table) || figure.tables[..index].contains(table), &format!("{place}tables[{index}]"), ja, en);
    }
    // An item has its clause already.
    let (ja, en) = ("計画の項目ではないか、報告事項の項目が別にあります。", "It is no clause of the plan, or the item has its own.");
    let misplaced = |clause: &String| item.is_some() || !clauses.contains(clause.as_str());
    problems.add_if(figure.clause.as_ref().is_some_and(misplaced), &format!("{place}clause"), ja, en);
    let (ja, en) = ("報告事項の記載と異なります。", "The item says otherwise.");
    problems.add_if(item.is_some_and(|item| item.statutory != figure.statutory), &format!("{place}statutory"), ja, en);
    if let Some(threshold) = figure.threshold {
        problems.number(&format!("{place}threshold"), threshold, &(0..=1_000));
    }
    let (ja, en) = ("月別には集計できない指標です。", "The figure does not stand by month, or is of one day.");
    let has_months = find(&figure.indicator).is_some_and(Figure::has_months) && !matches!(figure.date, FigureDate::Day { .. });
    problems.add_if(figure.by_month && !has_months, &format!("{place}byMonth"), ja, en);
    let (FigureDate::FiscalYear { offset } | FigureDate::CalendarYear { offset } | FigureDate::Day { offset, .. }) = figure.date;
    problems.number(&format!("{place}date.offset"), offset.into(), &(-1..=2));
    if let FigureDate::Day { month, day, .. } = figure.date {
        // Of a year that is no leap year, so that it is there each year.
        let (ja, en) = ("毎年ある日付ではありません。", "There is no such day each year.");
        problems.add_if(NaiveDate::from_ymd_opt(2_015, month, day).is_none(), &format!("{place}date.day"), ja, en);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::store::plan::SHIPPED;
    use serde_json::{Value, json};

    /// Noon of 15 April 2020 in Tokyo.
    fn now() -> DateTime<Utc> {
        "2020-04-15T03:00:00Z".parse().unwrap()
    }

    /// What is wrong with the shipped file once it was changed.
    fn places(change: impl FnOnce(&mut Value)) -> Vec<String> {
        let mut document: Value = serde_json::from_str(SHIPPED).unwrap();
        change(&mut document);
        let file = PlanFile::parse(&document.to_string()).unwrap();
        file.check(now()).into_iter().map(|error| error.field.unwrap()).collect()
    }

    fn place_of(path: &str, value: Value) -> Vec<String> {
        places(|document| *document.pointer_mut(path).unwrap() = value)
    }

    #[test]
    fn the_shipped_plan_is_sound() {
        assert_eq!(places(|_| {}), [""; 0]);
        let file = PlanFile::parse(SHIPPED).unwrap();
        let of_catalogue = file.settings.figures.iter().filter(|figure| find(&figure.indicator).is_some());
        assert!(of_catalogue.clone().all(|figure| figure.clause.is_some()), "each indicator belongs to a clause");
        for (clause, parent) in file.clauses.iter().filter_map(|clause| Some((&clause.code, clause.parent.as_ref()?))) {
            let rest = clause.strip_prefix(parent.as_str()).and_then(|rest| rest.strip_prefix('-')).unwrap();
            assert!(!rest.contains('-'), "{clause} is not right below {parent}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        assert_eq!(place_of("/code", json!("CAS 2015"))[0], "code");
        assert_eq!(place_of("/nameJa", json!(" ")), ["nameJa"]);
        assert_eq!(place_of("/validTo", json!("2015-02-01"))[0], "validTo");
        assert_eq!(place_of("/decidedOn", json!("2020-04-15")), [""; 0]);
        assert_eq!(place_of("/decidedOn", json!("2020-04-16")), ["decidedOn"]);
        assert_eq!(place_of("/validTo", json!("2040-04-15")), [""; 0]);
        assert_eq!(place_of("/validTo", json!("2040-04-16")), ["validTo"]);
        assert_eq!(place_of("/clauses/2/parent", json!("IX")), ["clauses[2].parent"]);
        // A clause that comes after is not above.
        assert_eq!(place_of("/clauses/2/parent", json!("II-2")), ["clauses[2].parent"]);
        assert_eq!(place_of("/initiatives/1/code", json!("BUREAU_OFFICERS")), ["initiatives[0].code", "initiatives[1].code"]);
        assert_eq!(place_of("/clauses/0/titleEn", json!("x".repeat(201))), ["clauses[0].titleEn"]);
        assert_eq!(places(|document| document["clauses"][1]["statesOnly"] = json!(true)), ["clauses[1].statesOnly"]);
        assert_eq!(place_of("/initiatives/0/clause", json!("V-9")), ["initiatives[0].clause"]);
        assert_eq!(place_of("/initiatives/0/code", json!("on-time")), ["initiatives[0].code"]);
        assert_eq!(places(|document| document["initiatives"][0]["validTo"] = json!("2021-04-02")), ["initiatives[0].validFrom"]);
        assert_eq!(place_of("/items/0/clause", json!("V-9")), ["items[0].clause"]);
        let code = place_of("/items/1/code", json!("WOMEN_STAFF"));
        assert!(code.starts_with(&["items[1].code".to_owned()]) && code[1].starts_with("settings.figures["), "{code:?}");
        assert_eq!(place_of("/items/0/unit", json!("DAYS")), ["items[0].mayExceedHundred"]);
        assert_eq!(place_of("/items/3/cohort", json!("born")), ["items[3].cohort", "items[3].atMost"]);
        assert_eq!(place_of("/items/3/atMost", json!(["BOTH_LEAVES_5_DAYS"])), ["items[3].atMost"], "it is no part of itself");
        assert_eq!(place_of("/items/3/atMost", json!(["MALE_CHILDCARE_LEAVE"])), ["items[3].atMost"], "another cohort");
        assert_eq!(place_of("/targets/0/externalId", json!("X")), ["targets[0].externalId"]);
        assert_eq!(place_of("/targets/0/validFrom", json!("2021-04-01")), ["targets[0].validFrom"]);
        assert_eq!(place_of("/settings/groupLeast", json!(0)), ["settings.groupLeast"]);
        assert_eq!(place_of("/settings/figures/1/indicator", json!("NONE")), ["settings.figures[1].indicator"]);
        assert_eq!(
            place_of("/settings/figures/1/date", json!({ "kind": "DAY", "offset": 0, "month": 2, "day": 29 })),
            ["settings.figures[1].date.day"]
        );
        let group = json!([{ "code": "G", "name": { "ja": "群", "en": "Group" }, "members": ["A", "A"] }]);
        assert_eq!(places(|document| document["settings"]["groups"] = group), ["settings.groups[0].members"]);
    }

    #[test]
    fn a_figure_stands_only_in_tables_by_which_it_is_split() {
        let tables = |indicator: &str, tables: Value| {
            places(|document| {
                let figures = document["settings"]["figures"].as_array_mut().unwrap();
                figures.iter_mut().find(|figure| figure["indicator"] == indicator).unwrap()["tables"] = tables;
            })
            .len()
        };
        assert_eq!(tables("MEAN_OVERTIME_HOURS", json!(["BUREAU_SEX", "SEX_BAND", "BUREAU_BAND"])), 0);
        assert_eq!(tables("MEAN_OVERTIME_HOURS", json!(["SEX_BAND", "SEX_BAND"])), 1);
        // Women's share has used up the sexes: by bureau and band it would be the three-way table.
        assert_eq!(tables("WOMEN_STAFF", json!(["BUREAU_SEX", "SEX_BAND"])), 0);
        assert_eq!(tables("WOMEN_STAFF", json!(["BUREAU_BAND"])), 1);
        assert_eq!(tables("WOMEN_DIRECTOR", json!(["BUREAU_SEX", "SEX_BAND", "BUREAU_BAND"])), 3);
        assert_eq!(tables("ON_TIME_DEPARTURE", json!(["BUREAU", "SEX_BAND"])), 1);
        assert_eq!(tables("MALE_CHILDCARE_LEAVE", json!(["BUREAU", "SEX_BAND"])), 1);
        assert_eq!(tables("PAY_GAP", json!(["BUREAU"])), 1);
    }

    #[test]
    fn a_document_that_is_no_plan_says_where() {
        let told = |document: &str| PlanFile::parse(document).unwrap_err().en;
        assert!(told("{").contains("line 1, column 1"), "{}", told("{"));
        let unknown = SHIPPED.replacen("\"nameJa\"", "\"naem\"", 1);
        assert!(told(&unknown).contains("there is no member naem") && told(&unknown).contains("line 3"), "{}", told(&unknown));
        let word = SHIPPED.replacen("AT_LEAST", "MORE", 1);
        assert!(told(&word).contains("there is no value MORE"), "{}", told(&word));
        assert!(told(&" ".repeat(LONGEST + 1)).contains("1 MiB"));
    }
}
