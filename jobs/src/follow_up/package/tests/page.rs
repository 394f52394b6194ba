//! The report as a browser, a printer and a screen reader take it.

use super::*;
use crate::follow_up::package::fixture;
use crate::follow_up::release::Status;
use entity::target::TargetPopulation;
use roxmltree::{Document, Node, ParsingOptions};
use std::collections::BTreeSet;

const PAGES: [&str; 2] = ["report.html", "report.en.html"];

fn page(release: &Release) -> String {
    text(&build(release).unwrap(), "report.html")
}

fn pages(release: &Release) -> [String; 2] {
    let files = build(release).unwrap();
    PAGES.map(|path| text(&files, path))
}

fn parsed(page: &str) -> Document<'_> {
    Document::parse_with_options(page, ParsingOptions { allow_dtd: true, ..ParsingOptions::default() }).unwrap()
}

fn all<'a, 'i>(document: &'a Document<'i>, name: &'a str) -> impl Iterator<Item = Node<'a, 'i>> {
    document.descendants().filter(move |node| node.has_tag_name(name))
}

/// The words of a node, in order.
fn words(node: Node<'_, '_>) -> String {
    node.descendants().filter(Node::is_text).filter_map(|node| node.text()).collect()
}

/// The section under a heading's id.
fn section<'a, 'i>(document: &'a Document<'i>, id: &str) -> Node<'a, 'i> {
    all(document, "section").find(|node| node.attribute("aria-labelledby") == Some(id)).unwrap()
}

#[test]
fn it_is_well_formed_and_needs_nothing_else() {
    for release in [fixture::release(), fixture::correction()] {
        for page in pages(&release) {
            let document = parsed(&page);
            for forbidden in ["script", "link", "iframe", "img", "object", "embed", "form", "base"] {
                assert_eq!(all(&document, forbidden).count(), 0, "{forbidden}");
            }
            let mut ids = BTreeSet::new();
            for attribute in document.descendants().flat_map(|node| node.attributes()) {
                let (name, value) = (attribute.name(), attribute.value());
                assert!(!name.starts_with("on") && name != "src" && name != "style", "{name}");
                let beside = ["./", "../latest.json", PAGES[0], PAGES[1]].contains(&value);
                assert!(name != "href" || value.starts_with('#') || beside || value == release.publisher.licence_url, "{value}");
                assert!(!value.contains("url(") || value.starts_with("url(#"), "{value}");
                assert!(name != "id" || ids.insert(value.to_owned()), "twice: {value}");
            }
            for to in all(&document, "a").filter_map(|node| node.attribute("href")?.strip_prefix('#')) {
                assert!(ids.contains(to), "a link to nowhere: {to}");
            }
            let style = all(&document, "style").next().unwrap().text().unwrap();
            assert!(!style.contains("url(") && !style.contains("@import") && style.contains("@page { size: A4"));
            assert!(style.contains("counter(page)"), "prints page numbers");
        }
    }
}

#[test]
fn it_is_accessible_in_both_languages() {
    for (page, lang) in pages(&fixture::release()).iter().zip(["ja", "en"]) {
        let document = parsed(page);
        assert_eq!(document.root_element().attribute("lang"), Some(lang));
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
}

/// Each language has its own file, which leads to the other and holds none of its words but what was submitted in it.
#[test]
fn each_language_is_its_own_file() {
    let [japanese, english] = pages(&fixture::release());
    assert!(japanese.contains(r#"href="report.en.html""#) && english.contains(r#"href="report.html""#));
    assert!(!japanese.contains("Figures against targets") && !english.contains("数値目標の達成状況"));
    let document = parsed(&english);
    let foreign =
        document.descendants().filter(|node| node.is_text() && !node.ancestors().any(|node| node.attribute("lang") == Some("ja")));
    // Names that are codes, such as the fixture's clauses and eras, are not words.
    let kana = |text: &str| text.chars().any(|c| ('ぁ'..='ん').contains(&c));
    for node in foreign.filter_map(|node| node.text()) {
        assert!(!kana(node), "{node}");
    }
}

#[test]
fn it_says_what_its_readers_look_for() {
    let [japanese, english] = pages(&fixture::correction());
    for words in [
        "2020年12月11日",
        "57.1% r",
        "105.2%",
        "採用者なし",
        "該当者なし",
        "政府目標（参考）",
        "訂正",
        "テレワークの実績に4人分の入力漏れがあった。",
        "27.6%",
        "28.0% r",
        "内閣人事局 女性活躍促進・ダイバーシティ担当",
        "03-5253-2111",
        "データ作成日",
        "公表日",
        "4人／7人",
        "延べ2,107人／10,040人",
        "&lt;全課室&gt;",
    ] {
        assert!(japanese.contains(words), "{words}");
    }
    for words in ["no hires", "57.1 % r", "4 of 7", "n = 1,000"] {
        assert!(english.contains(words), "{words}");
    }
    assert!(!japanese.contains("<全課室>"));
}

/// 概要: the counts of targets that were met and missed are those of the table, and every value in it is printed there.
#[test]
fn the_summary_follows_from_the_figures() {
    let release = fixture::release();
    let own = || release.targets.iter().filter(|target| target.population == TargetPopulation::Office);
    let count = |met| own().filter(|target| target.attained == met).count();
    let page = page(&release);
    let document = parsed(&page);
    let said = words(section(&document, "summary"));
    let (met, missed) = (count(Some(true)), count(Some(false)));
    assert!(met > 0 && missed > 0, "the fixture has both");
    assert!(said.contains(&format!("数値目標{}件のうち、{met}件を達成し、{missed}件は未達成である", own().count())), "{said}");
    assert!(said.contains("前年度から値の動いた") && said.contains("達成した数値目標"), "{said}");
    // One more is missed: the sentence follows.
    let mut other = release.clone();
    other.targets.iter_mut().find(|target| target.attained == Some(true)).unwrap().attained = Some(false);
    let page = self::page(&other);
    assert!(words(section(&parsed(&page), "summary")).contains(&format!("{}件を達成し、{}件は未達成", met - 1, missed + 1)));
}

/// A card shows a status in words, never in the place and size of a number.
#[test]
fn a_card_without_a_value_says_why() {
    let mut release = fixture::release();
    for it in release.observations.iter_mut().filter(|it| it.indicator == "MEN_CHILDCARE_LEAVE" && it.is_office_total()) {
        (it.numerator, it.denominator, it.status) = (None, None, Status::Withheld);
    }
    for target in release.targets.iter_mut().filter(|target| target.indicator == "MEN_CHILDCARE_LEAVE") {
        (target.latest, target.attained, target.gap_in_people) = (None, None, None);
    }
    let page = page(&release);
    let document = parsed(&page);
    let of_class = |name: &'static str| document.descendants().filter(move |node| node.attribute("class") == Some(name)).map(words);
    assert!(of_class("number").all(|number| number.starts_with(|c: char| c.is_ascii_digit())));
    assert!(of_class("status").any(|status| status == "秘匿"));
    assert!(words(section(&document, "summary")).contains("1件は値を示せないため"));
}

/// The year before and the government's target stand beside the office's own.
#[test]
fn targets_stand_beside_last_year_and_the_government() {
    let page = page(&fixture::release());
    let document = parsed(&page);
    let section = section(&document, "targets");
    let row = section.descendants().find(|node| node.has_tag_name("tr") && words(*node).contains("採用試験による")).unwrap();
    let cells: Vec<String> = row.children().filter(Node::is_element).map(words).collect();
    assert!(
        cells[1].starts_with("30%以上") && cells[2].starts_with("57.1% r4人／7人") && cells[3].starts_with("33.3%2人／6人"),
        "{cells:?}"
    );
    assert!(cells[4].starts_with("60.0%") && cells.last().unwrap().starts_with("35%以上"), "{cells:?}");
}

/// A published answer stands beside its finding, and once more where the figure is that moved; what is to be done next under its item.
#[test]
fn answers_and_next_steps_stand_where_they_are_looked_for() {
    let release = fixture::release();
    let answer = release.findings.iter().find_map(|finding| finding.answer.clone()).unwrap();
    let next = release.clauses.iter().flat_map(|clause| &clause.next_steps).next().unwrap().text.clone();
    for page in pages(&release) {
        let document = parsed(&page);
        let told = |id: &str, text: &str| words(section(&document, id)).matches(text).count();
        assert_eq!((told("findings", &answer), told("clauses", &answer)), (1, 1));
        let steps = release.clauses.iter().map(|clause| clause.next_steps.len()).sum::<usize>();
        assert_eq!(told("clauses", &next), steps);
    }
    let mut without = release;
    for clause in &mut without.clauses {
        clause.next_steps.clear();
    }
    without.findings.iter_mut().for_each(|finding| finding.answer = None);
    assert!(pages(&without).iter().all(|page| !page.contains("今後の取組") && !page.contains("回答：") && !page.contains("変動の理由")));
}

/// No heading without something under it, and each part in the contents.
#[test]
fn no_heading_is_empty() {
    let mut release = fixture::release();
    release.findings.clear();
    for page in pages(&release) {
        let document = parsed(&page);
        let headings: Vec<_> = document.descendants().filter(|node| ["h2", "h3"].iter().any(|name| node.has_tag_name(*name))).collect();
        assert!(headings.len() > 15);
        for heading in headings {
            let next = heading.next_siblings().skip(1).find(Node::is_element);
            assert!(next.is_some_and(|next| !["h2", "h3"].iter().any(|name| next.has_tag_name(*name))), "{}", words(heading));
        }
        let contents = all(&document, "nav").find(|node| node.attribute("aria-labelledby") == Some("contents")).unwrap();
        let listed: Vec<_> =
            contents.descendants().filter_map(|node| node.attribute("href")).map(|to| to.trim_start_matches('#')).collect();
        let there: Vec<_> =
            all(&document, "section").filter_map(|node| node.attribute("aria-labelledby")).filter(|id| *id != "summary").collect();
        assert_eq!(listed, there);
        assert!(!listed.contains(&"findings") && !listed.contains(&"changes"), "there is nothing to say in these");
    }
}

/// Bureaus in the release's order, groups apart after them, bands from the highest down; the statutory items a row each.
#[test]
fn lists_have_their_order() {
    let release = fixture::release();
    let page = page(&release);
    let document = parsed(&page);
    let order: Vec<&str> = release.bureaus.iter().map(|bureau| bureau.code.as_str()).collect();
    let named = |svg: Node<'_, '_>, name: &'static str| -> Vec<String> {
        svg.children().filter_map(|node| node.attribute(name).map(str::to_owned)).collect()
    };
    let charts: Vec<_> = all(&document, "svg").filter(|node| node.attribute("data-indicator").is_some()).collect();
    for bureaus in charts.iter().map(|svg| named(*svg, "data-bureau")).filter(|bureaus| !bureaus.is_empty()) {
        let places: Vec<_> = bureaus.iter().filter_map(|code| order.iter().position(|known| known == code)).collect();
        assert!(bureaus[0] == "TOTAL" && places.is_sorted(), "{bureaus:?}");
    }
    let bands = charts.iter().map(|svg| named(*svg, "data-band")).find(|bands| !bands.is_empty()).unwrap();
    assert_eq!(bands, ["DESIGNATED", "DIRECTOR", "ASSISTANT_DIRECTOR", "CHIEF", "STAFF", "TOTAL"]);
    let statutory = section(&document, "statutory");
    let tables: Vec<_> = statutory.descendants().filter(|node| node.has_tag_name("tbody")).collect();
    let items = release.definitions.iter().filter(|definition| definition.statutory).count();
    assert_eq!(tables[0].children().filter(Node::is_element).count(), items);
    assert!(
        words(tables[1].parent().unwrap()).contains("指定職相当本省課室長相当職国の地方機関課長・本省課長補佐相当職係長相当職（本省）係員")
    );
}

/// What is withheld has a mark of one size, and no bar.
#[test]
fn what_is_withheld_has_no_length() {
    let page = page(&fixture::release());
    let document = parsed(&page);
    let withheld: Vec<_> = all(&document, "rect").filter(|node| node.attribute("class") == Some("withheld")).collect();
    assert!(withheld.len() > 10 && withheld.iter().all(|rect| rect.attribute("width") == Some("14")));
    for rect in withheld.iter().filter_map(Node::parent).filter(|node| node.has_tag_name("g")) {
        assert!(rect.children().all(|node| !node.attribute("class").is_some_and(|class| class.starts_with("bar"))));
        assert!(words(rect).ends_with('x'));
    }
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
    assert!(all(&document, "a").all(|node| !node.attribute("href").unwrap().contains("javascript")));
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
