//! What stands before all else: whose release it is, of which year and version, where its standing is told; and how it is cited.

use crate::follow_up::{
    package::{
        content::Content,
        descriptor,
        words::{self, Language, text},
    },
    release::Release,
};
use entity::period::civil_date;
use maud::{Markup, html};

/// The page of the version, which is kept up to date, as seen from the report.
const PAGE: &str = "./";
/// The pointer to the version that was published last, as seen from the report.
const LATEST: &str = "../latest.json";

pub(super) fn front(content: &Content<'_>, lang: Language) -> Markup {
    let release = content.release;
    html! {
        header class="front" {
            p class="kicker" { (lang.of(&release.publisher.name)) }
            h1 {
                (lang.of(&release.plan.name))
                span class="sub" { (lang.say(text("フォローアップ ", "Follow-up: "))) (words::fiscal_year(content.year, lang)) }
            }
            (facts(content, lang))
            (standing(release, lang))
        }
    }
}

fn facts(content: &Content<'_>, lang: Language) -> Markup {
    let release = content.release;
    let publisher = &release.publisher;
    let say = |ja, en| lang.say(text(ja, en));
    // A link for what is one; any other text stays a text.
    let linked = ["https://", "http://"].iter().any(|scheme| publisher.licence_url.starts_with(scheme));
    html! {
        dl class="facts" {
            div { dt { (say("対象年度", "Year")) } dd { (words::fiscal_year(content.year, lang)) } }
            div { dt { (say("計画期間", "Span of the plan")) } dd { (words::span(release.plan.valid_from, Some(release.plan.last_day), lang)) } }
            div { dt { (say("計画の決定日", "Plan decided on")) } dd { (words::day(release.plan.decided_on, lang)) } }
            div { dt { (say("データ作成日", "Data of")) } dd { (words::day(civil_date(release.as_of), lang)) } }
            div { dt { (say("公表日", "Published on")) } dd { a href=(PAGE) { (say("公表ページに記載", "see the page of the release")) } } }
            div { dt { (say("版", "Version")) } dd { (version(release, lang)) } }
            div { dt { (say("公表者", "Publisher")) } dd { (lang.of(&publisher.name)) } }
            @if let Some(office) = &publisher.office { div { dt { (say("担当部署", "Office")) } dd { (lang.of(office)) } } }
            @if let Some(phone) = &publisher.phone { div { dt { (say("電話", "Telephone")) } dd { (phone) } } }
            div { dt { (say("問合せ先", "Contact")) } dd { (publisher.contact) } }
            div { dt { (say("利用条件", "Licence")) } dd {
                (lang.of(&publisher.licence_title)) (say("（", " (")) (publisher.licence) (say("）", ") "))
                @if linked { a rel="license" href=(publisher.licence_url) { (publisher.licence_url) } } @else { (publisher.licence_url) }
            } }
        }
    }
}

fn version(release: &Release, lang: Language) -> String {
    let kind = lang.say(words::kind(release.kind).name);
    match lang {
        Language::Ja => format!("第{}版（{kind}）", release.version),
        Language::En => format!("{} ({kind})", release.version),
    }
}

/// A corrected release says so, and each says where it is told whether it still stands: its own bytes never change.
fn standing(release: &Release, lang: Language) -> Markup {
    let say = |ja, en| lang.say(text(ja, en));
    html! {
        @if let Some(reason) = &release.reason {
            p class="correction" {
                strong { (lang.say(words::kind(release.kind).name)) (say("：", ": ")) }
                (lang.of(reason))
            }
        }
        p class="standing" {
            (say(
                "この文書の内容は公表後に変わらない。訂正等により新しい版が公表されているか否かは、",
                "This document never changes once it is published. Whether a newer version has taken its place is told on ",
            ))
            a href=(PAGE) { (say("この版の公表ページ", "the page of this version")) }
            (say("又は", " and by "))
            a href=(LATEST) { (say("最新版の案内（latest.json）", "the pointer to the latest one (latest.json)")) }
            (say("で確認できる。", "."))
        }
    }
}

/// How the release is cited, with the name that its descriptor has.
pub(super) fn citation(content: &Content<'_>, lang: Language) -> Markup {
    let release = content.release;
    let (publisher, title) = (lang.of(&release.publisher.name), descriptor::title(content, lang));
    let name = format!("{}-{}", descriptor::name(content), release.version);
    let cited = match lang {
        Language::Ja => format!("出典：{publisher}「{title}」第{}版（{name}）", release.version),
        Language::En => format!("Source: {publisher}, “{title}”, version {} ({name})", release.version),
    };
    html! {
        p { (cited) }
        p class="quiet" { (lang.say(text(
            "加工して利用するときは、その旨を併せて記載する。",
            "Whoever changes the figures says so beside it.",
        ))) }
    }
}
