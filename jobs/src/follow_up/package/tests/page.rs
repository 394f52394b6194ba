//! The report as a browser, a printer and a screen reader take it.

use super::*;
use crate::follow_up::package::fixture;
use roxmltree::{Document, Node, ParsingOptions};
use std::collections::BTreeSet;

fn page(release: &Release) -> String {
    text(&build(release).unwrap(), "report.html")
}

fn parsed(page: &str) -> Document<'_> {
    Document::parse_with_options(page, ParsingOptions { allow_dtd: true, ..ParsingOptions::default() }).unwrap()
}

fn all<'a, 'i>(document: &'a Document<'i>, name: &'a str) -> impl Iterator<Item = Node<'a, 'i>> {
    document.descendants().filter(move |node| node.has_tag_name(name))
}

#[test]
fn it_is_well_formed_and_needs_nothing_else() {
    for release in [fixture::release(), fixture::correction()] {
        let page = page(&release);
        let document = parsed(&page);
        for forbidden in ["script", "link", "iframe", "img", "object", "embed", "form", "base"] {
            assert_eq!(all(&document, forbidden).count(), 0, "{forbidden}");
        }
        let mut ids = BTreeSet::new();
        for attribute in document.descendants().flat_map(|node| node.attributes()) {
            let (name, value) = (attribute.name(), attribute.value());
            assert!(!name.starts_with("on") && name != "src" && name != "style", "{name}");
            assert!(name != "href" || value.starts_with('#') || value == release.publisher.licence_url, "{value}");
            assert!(!value.contains("url(") || value.starts_with("url(#"), "{value}");
            assert!(name != "id" || ids.insert(value.to_owned()), "twice: {value}");
        }
        let style = all(&document, "style").next().unwrap().text().unwrap();
        assert!(!style.contains("url(") && !style.contains("@import") && style.contains("@page { size: A4"));
    }
}

#[test]
fn it_is_accessible_in_both_languages() {
    let page = page(&fixture::release());
    let document = parsed(&page);
    assert_eq!(document.root_element().attribute("lang"), Some("ja"));
    assert_eq!(all(&document, "article").map(|node| node.attribute("lang").unwrap()).collect::<Vec<_>>(), ["ja", "en"]);
    for table in all(&document, "table") {
        assert!(table.children().any(|node| node.has_tag_name("caption")));
        assert!(table.descendants().filter(|node| node.has_tag_name("th")).all(|node| node.attribute("scope").is_some()));
    }
    let ids: BTreeSet<&str> = document.descendants().filter_map(|node| node.attribute("id")).collect();
    for node in document.descendants() {
        for id in node.attribute("aria-labelledby").into_iter().flat_map(str::split_whitespace) {
            assert!(ids.contains(id), "{id}");
        }
    }
    let charts: Vec<_> = all(&document, "svg").filter(|node| node.attribute("aria-hidden").is_none()).collect();
    assert!(charts.len() >= 20);
    assert!(charts.iter().all(|svg| ["title", "desc"].iter().all(|name| svg.children().any(|node| node.has_tag_name(*name)))));
}

#[test]
fn it_says_what_its_readers_look_for() {
    let page = page(&fixture::correction());
    for words in [
        "2019年度(平成31年度・令和元年度)",
        "2020年12月11日",
        "57.1% r",
        "105.2%",
        "採用者なし",
        "該当者なし",
        "政府目標(参考)",
        "訂正",
        "テレワークの実績に4人分の入力漏れがあった。",
        "27.6%",
        "28.0% r",
        "no hires",
        "57.1 % r",
        "<td class=\"n\">57.1% r</td>",
        "&lt;全課室&gt;",
    ] {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains("<全課室>"));
}

#[test]
fn texts_of_others_stay_texts() {
    let mut release = fixture::release();
    release.publisher.licence_url = "javascript:alert(1)".to_owned();
    release.plan.name.ja = "</title><script>alert(1)</script>".to_owned();
    release.bureaus[0].name.ja = "\"><b onclick='x'>".to_owned();
    let page = page(&release);
    let document = parsed(&page);
    assert_eq!(all(&document, "script").count() + all(&document, "b").count(), 0);
    assert!(all(&document, "a").all(|node| node.attribute("href").unwrap().starts_with('#')));
}

#[test]
fn drawings_know_the_printed_value_alone() {
    let release = fixture::release();
    let mut finer = release.clone();
    for it in finer.observations.iter_mut().filter(|it| it.indicator == "MEN_BOTH_LEAVES_5_DAYS") {
        (it.numerator, it.denominator) = (it.numerator.map(|number| number * 1_000 + 1), it.denominator.map(|number| number * 1_000));
    }
    for target in finer.targets.iter_mut().filter(|it| it.indicator == "MEN_BOTH_LEAVES_5_DAYS") {
        target.latest = None;
    }
    let drawings = |release: &Release| {
        let page = page(release);
        let document = parsed(&page);
        let coordinates =
            |node: Node<'_, '_>| node.attributes().filter(|it| it.name() != "id").map(|it| it.value().to_owned()).collect::<Vec<_>>();
        all(&document, "figure").flat_map(|figure| figure.descendants().map(coordinates).collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    assert_eq!(drawings(&release), drawings(&finer));
}
