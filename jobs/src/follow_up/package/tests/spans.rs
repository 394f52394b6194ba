//! Every file, in every language, says of each indicator of the catalogue what its figure's span is, and nothing of another span.

use super::*;
use crate::{
    follow_up::release::{Bilingual, DefinitionLine, Observation, Source, Status},
    indicators::{Covered, Standings, catalogue},
};

/// The first and the last day of a release's figure.
fn days(covered: Covered) -> (&'static str, &'static str) {
    match covered {
        Covered::Month => ("2019-06-01", "2019-06-30"),
        Covered::ToDate => ("2019-04-01", "2019-06-30"),
        Covered::Year => ("2019-04-01", "2020-03-31"),
        Covered::Day => ("2020-07-01", "2020-07-01"),
    }
}

/// A release of all indicators over one span.
fn release(covered: Covered) -> Release {
    let mut release = fixture::release();
    let (from, to) = days(covered);
    let line = |definition: &crate::indicators::Definition| {
        let description = definition.description_of(covered, &Standings::default());
        DefinitionLine {
            indicator: definition.code.to_owned(),
            version: definition.version,
            name: Bilingual { ja: definition.name.ja.to_owned(), en: definition.name.en.to_owned() },
            description: Bilingual { ja: description.ja, en: description.en },
            unit: definition.unit,
            direction: definition.direction,
            clause: release.clauses[0].code.clone(),
            source: Source::Records,
            may_exceed_hundred: definition.may_exceed_hundred,
            statutory: true,
            base: None,
            of_women: false,
        }
    };
    release.definitions = catalogue().iter().map(line).collect();
    let figure = |definition: &DefinitionLine| Observation {
        fiscal_year: release.fiscal_year,
        indicator: definition.indicator.clone(),
        definition_version: definition.version,
        date_from: from.parse().unwrap(),
        date_to: to.parse().unwrap(),
        bureau: "TOTAL".to_owned(),
        sex: "TOTAL".to_owned(),
        band: "TOTAL".to_owned(),
        numerator: Some(30),
        denominator: Some(100),
        status: Status::Final,
    };
    release.observations = release.definitions.iter().map(figure).collect();
    release.earlier.clear();
    release.targets.clear();
    release.findings.clear();
    for clause in &mut release.clauses {
        clause.indicators.clear();
    }
    release.clauses[0].indicators = release.definitions.iter().map(|definition| definition.indicator.clone()).collect();
    release
}

/// What each file tells in a language, as one text without markup's escapes.
fn told(release: &Release) -> Vec<(String, Language, String)> {
    let mut told = Vec::new();
    for file in build(release).unwrap() {
        let languages = match file.path.as_str() {
            "definitions.csv" | "observations.json" => vec![Language::Ja, Language::En],
            "dictionary.ja.md" | "report.html" | "tables.xlsx" => vec![Language::Ja],
            "dictionary.en.md" | "report.en.html" => vec![Language::En],
            _ => continue,
        };
        let text = if file.path == "tables.xlsx" {
            let sheets = compare::cells(&file.bytes).unwrap();
            sheets.iter().flat_map(|(_, rows)| rows.iter().flatten()).map(ToString::to_string).collect::<Vec<_>>().join("\n")
        } else {
            String::from_utf8(file.bytes).unwrap()
        };
        let text = text.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
        told.extend(languages.into_iter().map(|lang| (file.path.clone(), lang, text.clone())));
    }
    told
}

#[test]
fn each_file_says_the_span_of_each_figure() {
    let all = [Covered::Month, Covered::ToDate, Covered::Year, Covered::Day];
    for covered in all {
        let release = release(covered);
        let told = told(&release);
        assert_eq!(told.len(), 9, "each file that describes indicators, in each of its languages");
        for (path, lang, text) in told {
            for definition in catalogue() {
                let of = |covered| {
                    let words = definition.description_of(covered, &Standings::default());
                    if lang == Language::Ja { words.ja } else { words.en }
                };
                let own = of(covered);
                assert!(text.contains(&own), "{path} {lang:?} {} {covered:?}: {own}", definition.code);
                for other in all.map(of).into_iter().filter(|other| !own.contains(other) && !release_says(&release, other)) {
                    assert!(!text.contains(&other), "{path} {lang:?} {} {covered:?} speaks of another span: {other}", definition.code);
                }
            }
        }
    }
}

/// Whether some other indicator is described like this.
fn release_says(release: &Release, text: &str) -> bool {
    release.definitions.iter().any(|definition| definition.description.ja.contains(text) || definition.description.en.contains(text))
}
