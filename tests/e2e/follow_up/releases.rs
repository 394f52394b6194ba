//! Releases as the public, the committees and the secretariat get them: by GraphQL and at their addresses.

use anyhow::Context;
use chrono::{DateTime, NaiveDate, TimeDelta, TimeZone, Utc};
use entity::follow_up::{self, FollowUpStage, ReleaseKind};
use entity::ids::{FollowUpId, PlanId, ReleaseId, ReleaseObservationId};
use entity::period::FiscalYear;
use entity::quotient::IndicatorUnit;
use entity::release::{self, ReleaseState};
use entity::target::{Decider, Qualifier, TargetPopulation};
use entity::{plan, release_file, release_observation};
use jobs::follow_up::release::{
    ActionLine, Bilingual, BureauLine, Change, Changes, ClauseLine, DefinitionLine, Direction, FindingLine, Observation, PlanLine, Point,
    Provenance, Publisher, Release, Source, Status, TargetLine,
};
use jobs::follow_up::snapshot::{FORMAT, sha256};
use reqwest::{Method, Response, StatusCode, header};
use sea_orm::{ActiveModelTrait, DatabaseConnection, IntoActiveModel};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::server::Server;

const CSV: &[u8] = "\u{feff}indicator,value\r\nWOMEN_HIRES_EXAM,57.1\r\n".as_bytes();
const FOR_EVER: &str = "public, max-age=31536000, immutable";

fn both_languages(text: &str) -> Bilingual {
    Bilingual { ja: format!("{text}（日本語）"), en: text.to_owned() }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn figure(
    year: i32,
    (indicator, definition_version): (&str, i32),
    [bureau, sex]: [&str; 2],
    counts: Option<(i64, i64)>,
    status: Status,
) -> Observation {
    Observation {
        fiscal_year: year,
        indicator: indicator.to_owned(),
        definition_version,
        date_from: day(&format!("{}-04-01", year + 1)),
        date_to: day(&format!("{}-04-01", year + 1)),
        bureau: bureau.to_owned(),
        sex: sex.to_owned(),
        band: "TOTAL".to_owned(),
        numerator: counts.map(|counts| counts.0),
        denominator: counts.map(|counts| counts.1),
        status,
    }
}

const HIRES: &str = "WOMEN_HIRES_EXAM";
const OVERTIME: &str = "MEAN_OVERTIME_HOURS";
const ALL: [&str; 2] = ["TOTAL", "TOTAL"];

/// What a release of a year says with these figures; the hires' target is 30 %, from 2015 on.
pub fn document(year: i32, version: &str, observations: Vec<Observation>) -> Release {
    let definition = |indicator: &str, unit| DefinitionLine {
        indicator: indicator.to_owned(),
        version: observations.iter().find(|figure| figure.indicator == indicator).map_or(1, |figure| figure.definition_version),
        name: both_languages(indicator),
        description: both_languages("what is divided by what"),
        unit,
        direction: Direction::HigherIsBetter,
        clause: "V-1".to_owned(),
        source: Source::Records,
        may_exceed_hundred: false,
        statutory: true,
        base: None,
        of_women: false,
    };
    let total = observations.iter().find(|figure| figure.indicator == HIRES && figure.is_office_total());
    let quotient = total.and_then(Observation::quotient).filter(|(_, denominator)| *denominator > 0);
    let point = |(numerator, denominator)| Point { numerator, denominator, date_from: day("2019-04-01"), date_to: day("2019-04-01") };
    let target = |population, attained| TargetLine {
        indicator: HIRES.to_owned(),
        clause: "V-1".to_owned(),
        population,
        decider: if population == TargetPopulation::Office { Decider::Plan } else { Decider::BasicPlan },
        qualifier: Qualifier::AtLeast,
        value: (30, 100),
        valid_from: day("2015-04-01"),
        last_day: None,
        baseline: Some(point((3, 5))),
        latest: quotient.map(point),
        attained,
        gap_in_people: attained.map(|_| 0),
        note: None,
    };
    let attained = quotient.map(|(numerator, denominator)| numerator * 100 >= 30 * denominator);
    let definitions = vec![definition(HIRES, IndicatorUnit::Percent), definition(OVERTIME, IndicatorUnit::Hours)];
    Release {
        format: FORMAT,
        plan: PlanLine {
            code: "R".to_owned(),
            name: both_languages("Plan"),
            decided_on: day("2015-01-30"),
            valid_from: day("2015-02-01"),
            last_day: day("2021-03-31"),
        },
        fiscal_year: year,
        version: version.parse().unwrap(),
        kind: ReleaseKind::Initial,
        reason: None,
        as_of: at(1),
        publisher: Publisher {
            name: both_languages("Office"),
            office: None,
            contact: "office@example.go.jp".to_owned(),
            phone: None,
            licence: "CC-BY-4.0".to_owned(),
            licence_title: both_languages("CC BY 4.0"),
            licence_url: "https://creativecommons.org/licenses/by/4.0/".to_owned(),
        },
        definitions,
        bureaus: vec![BureauLine { code: "A".to_owned(), name: both_languages("Bureau A"), members: Vec::new() }],
        observations,
        earlier: Vec::new(),
        months: Vec::new(),
        targets: vec![target(TargetPopulation::Office, attained), target(TargetPopulation::Government, None)],
        clauses: vec![ClauseLine {
            code: "V-1".to_owned(),
            parent: Some("V".to_owned()),
            title: both_languages("Hires"),
            indicators: vec![HIRES.to_owned()],
            actions: vec![ActionLine { bureau: "A".to_owned(), category: "HIRES".to_owned(), text: "説明会を開いた".to_owned() }],
            next_steps: Vec::new(),
        }],
        initiatives: Vec::new(),
        government: Vec::new(),
        site: None,
        findings: vec![FindingLine {
            check: "MISSING_BUREAU".to_owned(),
            subject: "A".to_owned(),
            text: both_languages("late"),
            answer: None,
        }],
        changes: None,
        provenance: Provenance {
            snapshot_sha256: "0".repeat(64),
            code_version: "1".to_owned(),
            disclosure_method: both_languages("by hand"),
            disclosure_threshold: 5,
        },
    }
}

fn at(days: i64) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2019, 12, 1, 0, 0, 0).unwrap() + TimeDelta::days(days)
}

fn year(number: i32) -> FiscalYear {
    number.try_into().unwrap()
}

struct Writing {
    db: DatabaseConnection,
    plan: PlanId,
}

impl Writing {
    async fn start(server: &Server) -> anyhow::Result<Self> {
        let writing = Self { db: server.connect().await?, plan: PlanId::new() };
        let plan = plan::Model {
            id: writing.plan,
            code: "R".to_owned(),
            name_ja: "計画".to_owned(),
            name_en: "Plan".to_owned(),
            decided_on: day("2015-01-30"),
            valid_from: day("2010-04-01"),
            valid_to: day("2021-04-01"),
            settings: json!({}),
            revision: 1,
            sha256: String::new(),
            loaded_at: at(0),
            loaded_by: "test".to_owned(),
        };
        plan.into_active_model().insert(&writing.db).await?;
        Ok(writing)
    }

    async fn cycle(&self, number: i32) -> anyhow::Result<FollowUpId> {
        let cycle = follow_up::Model {
            id: FollowUpId::new(),
            plan_id: self.plan,
            fiscal_year: year(number),
            stage: FollowUpStage::Published,
            version: "1.0.0".to_owned(),
            kind: ReleaseKind::Initial,
            reason_ja: None,
            reason_en: None,
            due_on: day("2019-06-30"),
            opened_at: at(0),
            frozen_at: Some(at(0)),
            changed_at: at(0),
        };
        Ok(cycle.into_active_model().insert(&self.db).await?.id)
    }

    /// Writes a release with two files, published or withdrawn after so many days.
    async fn release(&self, cycle: FollowUpId, said: &Release, state: ReleaseState, days: i64) -> anyhow::Result<()> {
        let id = ReleaseId::new();
        let withdrawn = state == ReleaseState::Withdrawn;
        let row = release::Model {
            id,
            follow_up_id: cycle,
            plan: "R".to_owned(),
            fiscal_year: year(said.fiscal_year),
            version: said.version.to_string(),
            kind: said.kind,
            state,
            snapshot_sha256: "0".repeat(64),
            as_of: said.as_of,
            document: serde_json::to_string(said)?,
            published_at: (state != ReleaseState::Draft).then(|| at(days)),
            published_by: None,
            withdrawn_at: withdrawn.then(|| at(days + 1)),
            withdrawn_reason: withdrawn.then(|| "<b>A figure</b> showed too much.".to_owned()),
        };
        row.into_active_model().insert(&self.db).await?;
        for (place, observation) in said.observations.iter().enumerate() {
            let row = release_observation::Model {
                id: ReleaseObservationId::new(),
                release_id: id,
                position: i32::try_from(place + 1)?,
                fiscal_year: year(observation.fiscal_year),
                indicator: observation.indicator.clone(),
                definition_version: observation.definition_version,
                date_from: observation.date_from,
                date_to: observation.date_to,
                bureau: observation.bureau.clone(),
                sex: observation.sex.clone(),
                band: observation.band.clone(),
                numerator: observation.numerator,
                denominator: observation.denominator,
                status: observation.status,
            };
            row.into_active_model().insert(&self.db).await?;
        }
        for (path, media_type, content) in [
            ("observations.csv", "text/csv", CSV.to_vec()),
            ("data/表 1.html", "text/html; charset=utf-8", b"<p>".to_vec()),
            ("datapackage.json", "application/json", format!("{{\"version\":\"{}\"}}", said.version).into_bytes()),
        ] {
            let sum = sha256(&content);
            let (path, media_type) = (path.to_owned(), media_type.to_owned());
            let row = release_file::Model { release_id: id, path, media_type, sha256: sum, content };
            row.into_active_model().insert(&self.db).await?;
        }
        Ok(())
    }
}

/// Fiscal year 2016 withdrawn, none of 2017, two versions and a draft of 2018, and 2019 by another definition and without hires.
pub async fn fill(server: &Server) -> anyhow::Result<()> {
    let writing = Writing::start(server).await?;
    let withdrawn = document(2016, "1.0.0", vec![figure(2016, (HIRES, 1), ALL, Some((1, 4)), Status::Final)]);
    writing.release(writing.cycle(2016).await?, &withdrawn, ReleaseState::Withdrawn, 1).await?;

    let cycle = writing.cycle(2018).await?;
    let figures = |hires, status| {
        vec![
            figure(2018, (HIRES, 1), ALL, Some(hires), status),
            figure(2018, (HIRES, 1), ["A", "TOTAL"], None, Status::Withheld),
            figure(2018, (OVERTIME, 1), ALL, Some((149, 10)), Status::Final),
            figure(2018, (OVERTIME, 1), ["TOTAL", "FEMALE"], Some((0, 0)), Status::NoSubjects),
            figure(2018, (OVERTIME, 1), ["A", "TOTAL"], None, Status::Unknown),
        ]
    };
    let first = document(2018, "1.0.0", figures((2, 7), Status::Final));
    writing.release(cycle, &first, ReleaseState::Published, 2).await?;
    let mut second = document(2018, "1.0.1", figures((4, 7), Status::Revised));
    second.kind = ReleaseKind::Correction;
    second.reason = Some(both_languages("two hires <were> missing"));
    let change = Change { before: Some(first.observations[0].clone()), after: Some(second.observations[0].clone()) };
    second.changes = Some(Changes { against: first.version, observations: vec![change], notes: vec![both_languages("a word")] });
    writing.release(cycle, &second, ReleaseState::Published, 3).await?;
    let draft = document(2018, "1.1.0", figures((5, 7), Status::Final));
    writing.release(cycle, &draft, ReleaseState::Draft, 0).await?;

    let figures = vec![figure(2019, (HIRES, 2), ALL, Some((0, 0)), Status::NoSubjects)];
    writing.release(writing.cycle(2019).await?, &document(2019, "1.0.0", figures), ReleaseState::Published, 4).await?;
    Ok(writing.db.close().await?)
}

async fn filled(backend: torikumi_tests::database::Backend) -> anyhow::Result<Server> {
    let server = Server::start(backend).await?;
    fill(&server).await?;
    Ok(server)
}

/// One request to an address, without following where it leads.
async fn ask(client: &Client, method: Method, path: &str, headers: &[(header::HeaderName, &str)]) -> anyhow::Result<Response> {
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    let mut request = http.request(method, format!("{}{path}", client.url()));
    if let Some(token) = client.token() {
        request = request.bearer_auth(token);
    }
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    Ok(request.send().await?)
}

async fn get(client: &Client, path: &str) -> anyhow::Result<Response> {
    ask(client, Method::GET, path, &[]).await
}

fn head<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

/// Status, caching, and to which origins the answer is open.
fn manner(response: &Response) -> (u16, &str, &str) {
    (response.status().as_u16(), head(response, "cache-control"), head(response, "access-control-allow-origin"))
}

both!(published_bytes_are_served_as_they_are_kept_and_for_ever, async |backend| {
    let server = filled(backend).await?;
    let public = server.anonymous();
    let path = "/releases/FY2018/1.0.1/observations.csv";
    let answer = get(&public, path).await?;
    assert_eq!(manner(&answer), (200, FOR_EVER, "*"));
    let etag = format!("\"{}\"", sha256(CSV));
    assert_eq!(head(&answer, "etag"), etag);
    assert_eq!((head(&answer, "content-type"), head(&answer, "x-content-type-options")), ("text/csv; charset=utf-8", "nosniff"));
    assert_eq!(head(&answer, "content-length"), CSV.len().to_string());
    assert_eq!((head(&answer, "vary"), head(&answer, "x-request-id").len()), ("", 36));
    assert_eq!(answer.bytes().await?, CSV);

    let answer = ask(&public, Method::HEAD, path, &[]).await?;
    assert_eq!((manner(&answer), head(&answer, "content-length")), ((200, FOR_EVER, "*"), CSV.len().to_string().as_str()));
    assert_eq!(answer.bytes().await?.len(), 0);

    let weak = format!("\"x\", W/{etag}");
    for known in [etag.as_str(), "*", weak.as_str()] {
        for method in [Method::GET, Method::HEAD] {
            let answer = ask(&public, method, path, &[(header::IF_NONE_MATCH, known)]).await?;
            assert_eq!((manner(&answer), head(&answer, "etag")), ((304, FOR_EVER, "*"), etag.as_str()), "{known}");
            assert_eq!(answer.bytes().await?.len(), 0);
        }
    }
    for other in ["\"x\"", "", sha256(CSV).as_str(), &format!("\"{}\"", "0".repeat(64)), "\u{1f}"] {
        let headers: &[_] = if other == "\u{1f}" { &[] } else { &[(header::IF_NONE_MATCH, other)] };
        let answer = ask(&public, Method::GET, path, headers).await?;
        assert_eq!((answer.status(), answer.bytes().await?.len()), (StatusCode::OK, CSV.len()), "{other}");
    }

    let answer = get(&public, "/releases/FY2018/1.0.0/datapackage.json").await?;
    assert_eq!((head(&answer, "content-type"), answer.status()), ("application/json", StatusCode::OK));
    assert_eq!(answer.text().await?, "{\"version\":\"1.0.0\"}", "the old one stays");
    let answer = get(&public, "/releases/FY2018/1.0.1/data/%E8%A1%A8%201.html").await?;
    assert!(head(&answer, "content-security-policy").starts_with("default-src 'none'; style-src 'unsafe-inline'; img-src data:;"));
    assert_eq!((answer.status(), head(&answer, "content-type")), (StatusCode::OK, "text/html; charset=utf-8"));
    Ok(())
});

both!(pages_list_what_was_published_in_both_languages, async |backend| {
    let server = Server::start(backend).await?;
    let public = server.anonymous();
    let none = get(&public, "/releases").await?;
    assert_eq!(none.status(), StatusCode::OK);
    assert!(none.text().await?.contains("公表されたものはまだありません"));
    fill(&server).await?;

    let list = get(&public, "/releases").await?;
    assert_eq!(manner(&list), (200, "no-cache", ""));
    assert_eq!(head(&list, "content-type"), "text/html; charset=utf-8");
    assert!(head(&list, "content-security-policy").starts_with("default-src 'none'; style-src 'unsafe-inline'; img-src data:;"));
    let etag = head(&list, "etag").to_owned();
    let html = list.text().await?;
    let places =
        ["令和元年度（2019年度）", "/releases/FY2018/1.0.1/", "/releases/FY2018/1.0.0/", "&lt;b&gt;A figure"].map(|text| html.find(text));
    assert!(places.is_sorted() && places.iter().all(Option::is_some), "newest first: {places:?}");
    assert!(!html.contains("1.1.0") && !html.contains("/releases/FY2016") && !html.contains("<script") && !html.contains("<b>A"), "{html}");
    assert_eq!(manner(&ask(&public, Method::GET, "/releases", &[(header::IF_NONE_MATCH, &etag)]).await?), (304, "no-cache", ""));
    assert_eq!(get(&public, "/releases/").await?.text().await?, html);
    assert_eq!(get(&server.secretariat()?, "/releases").await?.text().await?, html, "drafts are not listed for anybody");

    let year = get(&public, "/releases/FY2018").await?;
    assert_eq!((manner(&year), head(&year, "location")), ((302, "no-store", ""), "/releases/FY2018/1.0.1/"));
    let version = get(&public, "/releases/FY2018/1.0.0").await?;
    assert_eq!((manner(&version), head(&version, "location")), ((302, "no-store", ""), "/releases/FY2018/1.0.0/"));
    let folder = get(&public, "/releases/FY2018/1.0.1/").await?;
    assert_eq!(manner(&folder), (200, "no-cache", ""));
    let html = folder.text().await?;
    let size = format!("CSV, {} B", CSV.len());
    for text in [&sha256(CSV), "data/%E8%A1%A8%201.html", "text/csv", "two hires &lt;were&gt; missing", &size, "引用の仕方", "全ての値の表"]
    {
        assert!(html.contains(text), "{text}: {html}");
    }
    assert!(!html.contains("旧版。"), "{html}");
    let root = get(&public, "/").await?;
    assert_eq!((root.status().as_u16(), head(&root, "location")), (303, "/releases"));
    Ok(())
});

both!(an_old_version_says_what_took_its_place, async |backend| {
    let server = filled(backend).await?;
    let public = server.anonymous();
    let old = get(&public, "/releases/FY2018/1.0.0/").await?.text().await?;
    assert!(old.contains("旧版。第1.0.1版に置き換えられた") && old.contains("replaced by version 1.0.1"), "{old}");
    assert!(get(&public, "/releases").await?.text().await?.contains("旧版。第1.0.1版に置き換えられた"));
    // The bytes never change, so what is told with them leads to what does.
    let file = get(&public, "/releases/FY2018/1.0.0/observations.csv").await?;
    assert_eq!(head(&file, "link"), "</releases/FY2018/latest.json>; rel=\"latest-version\"");
    let latest = get(&public, "/releases/FY2018/latest.json").await?;
    assert_eq!((manner(&latest), head(&latest, "content-type")), ((200, "no-cache", "*"), "application/json"));
    let etag = head(&latest, "etag").to_owned();
    let latest: Value = latest.json().await?;
    assert_eq!((&latest["version"], &latest["url"]), (&json!("1.0.1"), &json!("/releases/FY2018/1.0.1/")));
    let versions = latest["versions"].as_array().context("no versions")?;
    let told = |version: &str| versions.iter().find(|one| one["version"] == version).map(|one| one["replacedBy"].clone());
    assert_eq!((told("1.0.0"), told("1.0.1"), told("1.1.0")), (Some(json!("1.0.1")), Some(Value::Null), None), "{latest}");
    assert_eq!(
        manner(&ask(&public, Method::GET, "/releases/FY2018/latest.json", &[(header::IF_NONE_MATCH, &etag)]).await?),
        (304, "no-cache", "*")
    );
    Ok(())
});

both!(what_is_unknown_is_not_found_and_nothing_is_resolved, async |backend| {
    let server = filled(backend).await?;
    let public = server.anonymous();
    for path in [
        "/releases/FY2017",
        "/releases/FY2018/9.9.9/",
        "/releases/FY2018/1.0.1/none.csv",
        "/releases/FY2018/1.0.1/observations.csv/",
        "/releases/FY2018/1.0.1/%6Fbservations.csv",
        "/releases/FY2018/1.0.1/%ff",
        "/releases/FY2018/1.0.1/a%00b",
        "/releases/FY2018/1.0.1/%27%20OR%201=1",
        "/releases/FY9999/1.0.1/observations.csv",
        "/releases/FY0000",
        "/releases/FY2018/4294967296.0.0/",
    ] {
        let answer = get(&public, path).await?;
        assert_eq!((manner(&answer), head(&answer, "vary")), ((404, "no-store", ""), "authorization"), "{path}");
    }
    // Clients resolve dots by themselves, so these go over the bare line.
    for path in ["/releases/FY2018/1.0.1/../1.1.0/observations.csv", "/releases/FY2018/1.0.1/%2e%2e/%2e%2e/x", "/releases/../graphql"] {
        let mut line = tokio::net::TcpStream::connect(server.url.trim_start_matches("http://")).await?;
        line.write_all(format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes()).await?;
        let mut answer = String::new();
        line.read_to_string(&mut answer).await?;
        assert!(answer.starts_with("HTTP/1.1 404 "), "{path}: {answer}");
    }
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
        for path in ["/releases", "/releases/FY2018/1.0.1/observations.csv"] {
            let answer = ask(&public, method.clone(), path, &[]).await?;
            assert_eq!((answer.status().as_u16(), head(&answer, "allow")), (405, "GET,HEAD"), "{method} {path}");
        }
    }
    Ok(())
});

both!(drafts_go_to_those_who_may_read_them_and_into_no_cache, async |backend| {
    use api::authz::Role;
    let server = filled(backend).await?;
    let (file, folder) = ("/releases/FY2018/1.1.0/observations.csv", "/releases/FY2018/1.1.0/");
    let body = |role| api::authn::TokenRequest { body: Some("council".to_owned()), ..server.request(role) };
    for role in [Role::PromotionOfficer, Role::Committee, Role::Secretariat] {
        let client = server.client(&body(role))?;
        for path in [file, folder] {
            let answer = get(&client, path).await?;
            assert_eq!((manner(&answer), head(&answer, "vary")), ((200, "private, no-store", ""), "authorization"), "{role:?} {path}");
        }
        assert_eq!(get(&client, file).await?.bytes().await?, CSV);
        assert_eq!(get(&client, "/releases/FY2018/1.1.0").await?.status(), 302);
        assert_eq!(head(&get(&client, "/releases/FY2018").await?, "location"), "/releases/FY2018/1.0.1/", "a draft is not the latest");
    }
    for client in [server.anonymous(), server.client(&server.request(Role::Viewer))?, server.admin()?, server.officer(&["A"])?] {
        for path in [file, folder, "/releases/FY2018/1.1.0", "/releases/FY2018/1.2.0/"] {
            let answer = ask(&client, Method::GET, path, &[(header::IF_NONE_MATCH, "*")]).await?;
            assert_eq!((manner(&answer), head(&answer, "vary")), ((404, "no-store", ""), "authorization"), "{path}");
        }
        assert_eq!(get(&client, "/releases/FY2018/1.0.0/observations.csv").await?.status(), 200, "what is published is everybody's");
    }
    let forged = ask(&server.anonymous(), Method::GET, file, &[(header::AUTHORIZATION, "Bearer x")]).await?;
    assert_eq!((forged.status().as_u16(), head(&forged, "www-authenticate")), (401, "Bearer error=\"invalid_token\""));
    Ok(())
});

both!(a_withdrawn_release_is_a_tombstone, async |backend| {
    let server = filled(backend).await?;
    for client in [server.anonymous(), server.secretariat()?] {
        for path in ["", "/", "/1.0.0", "/1.0.0/", "/1.0.0/observations.csv", "/1.0.0/none"] {
            let answer = get(&client, &format!("/releases/FY2016{path}")).await?;
            assert_eq!(manner(&answer), (410, "no-cache", ""), "{path}");
            let html = answer.text().await?;
            assert!(html.contains("取り下げられました") && html.contains("&lt;b&gt;A figure&lt;/b&gt; showed too much."), "{html}");
        }
    }
    let document = "{ release(fiscalYear: 2016, version: \"1.0.0\") { state version withdrawnReason withdrawnAt plan { code } definitions { indicator }
        findings { check } provenance { codeVersion } targets { indicator } changes { against } files { path } observations { totalCount } } }";
    let shown = server.anonymous().query(document, Value::Null).await?["release"].take();
    assert_eq!((&shown["state"], &shown["withdrawnReason"]), (&json!("WITHDRAWN"), &json!("<b>A figure</b> showed too much.")));
    for field in ["plan", "definitions", "findings", "provenance", "targets", "changes", "files", "observations"] {
        assert_eq!(shown[field], Value::Null, "{field}");
    }
    let shown = server.secretariat()?.query(document, Value::Null).await?["release"].take();
    assert_eq!((&shown["plan"]["code"], &shown["definitions"][0]["indicator"]), (&json!("R"), &json!(HIRES)));
    for field in ["targets", "changes", "files", "observations"] {
        assert_eq!(shown[field], Value::Null, "its figures are nobody's: {field}");
    }
    let figures = "{ releaseObservations(fiscalYear: 2016, version: \"1.0.0\") { totalCount } }";
    assert_eq!(server.secretariat()?.error(figures, Value::Null).await?.code, "NOT_FOUND");
    assert_eq!(
        server.anonymous().query("{ release(fiscalYear: 2016) { id } }", Value::Null).await?["release"],
        Value::Null,
        "not the latest"
    );
    Ok(())
});

both!(a_release_says_what_its_document_says, async |backend| {
    let server = filled(backend).await?;
    let public = server.anonymous();
    let document = "{ release(fiscalYear: 2018) { version kind state url planCode reason { ja en }
        plan { nameJa nameEn lastDay } definitions { indicator version nameJa unit direction source statutory } bureaus { code nameEn }
        targets { population value attained gapInPeople baseline { value } latest { value numerator } }
        clauses { code parent titleEn indicators actions { bureau text } } findings { check subject text { en } }
        changes { against notes { en } observations { before { value status } after { value status symbol } } }
        provenance { disclosureThreshold } files { path mediaType bytes sha256 url } observations(first: 1) { nodes { value } totalCount } } }";
    let said = public.query(document, Value::Null).await?["release"].take();
    assert_eq!((&said["version"], &said["kind"], &said["url"]), (&json!("1.0.1"), &json!("CORRECTION"), &json!("/releases/FY2018/1.0.1/")));
    assert_eq!(said["reason"]["en"], "two hires <were> missing");
    assert_eq!(said["definitions"][1]["unit"], "HOURS");
    assert_eq!(said["plan"], json!({ "nameJa": "Plan（日本語）", "nameEn": "Plan", "lastDay": "2021-03-31" }));
    assert_eq!(
        said["targets"],
        json!([
            { "population": "OFFICE", "value": "30.0", "attained": true, "gapInPeople": 0, "baseline": { "value": "60.0" },
                "latest": { "value": "57.1", "numerator": 4 } },
            { "population": "GOVERNMENT", "value": "30.0", "attained": null, "gapInPeople": null, "baseline": { "value": "60.0" },
                "latest": { "value": "57.1", "numerator": 4 } },
        ])
    );
    assert_eq!(
        said["changes"],
        json!({ "against": "1.0.0", "notes": [{ "en": "a word" }], "observations": [
            { "before": { "value": "28.6", "status": "FINAL" }, "after": { "value": "57.1", "status": "REVISED", "symbol": "r" } }] })
    );
    assert_eq!(said["clauses"][0]["actions"][0]["text"], "説明会を開いた");
    assert_eq!((&said["findings"][0]["check"], &said["provenance"]["disclosureThreshold"]), (&json!("MISSING_BUREAU"), &json!(5)));
    assert_eq!(said["observations"], json!({ "nodes": [{ "value": "57.1" }], "totalCount": 5 }));
    let files = said["files"].as_array().unwrap();
    assert_eq!(files.len(), 3);
    for file in files {
        let bytes = get(&public, file["url"].as_str().unwrap()).await?.bytes().await?;
        assert_eq!((json!(bytes.len()), json!(sha256(&bytes))), (file["bytes"].clone(), file["sha256"].clone()), "{file}");
    }
    let one =
        public.query("{ release(fiscalYear: 2018, version: \"1.0.0\", plan: \"R\") { reason { en } changes { against } } }", Value::Null);
    assert_eq!(one.await?["release"], json!({ "reason": null, "changes": null }));
    let other = "{ release(fiscalYear: 2018, plan: \"Q\") { id } }";
    assert_eq!(public.query(other, Value::Null).await?["release"], Value::Null);

    let list = "query($filter: ReleaseFilter!, $order: ReleaseOrder!) { releases(filter: $filter, orderBy: $order) { nodes { fiscalYear } totalCount } }";
    let years = async |filter: Value, order: &str| -> anyhow::Result<Vec<i64>> {
        let data = public.query(list, json!({ "filter": filter, "order": order })).await?;
        let nodes = data["releases"]["nodes"].as_array().unwrap();
        assert_eq!(data["releases"]["totalCount"], json!(nodes.len()));
        Ok(nodes.iter().map(|node| node["fiscalYear"].as_i64().unwrap()).collect())
    };
    assert_eq!(years(json!({}), "FISCAL_YEAR_DESCENDING").await?, [2019, 2018, 2018, 2016]);
    assert_eq!(years(json!({ "fiscalYears": [2018, 2019] }), "FISCAL_YEAR").await?, [2018, 2018, 2019]);
    assert_eq!(years(json!({ "states": ["WITHDRAWN"] }), "FISCAL_YEAR").await?, [2016]);
    assert_eq!(years(json!({ "states": ["DRAFT"] }), "FISCAL_YEAR").await?, [0_i64; 0]);
    assert_eq!(years(json!({ "plans": ["Q"] }), "FISCAL_YEAR").await?, [0_i64; 0]);
    Ok(())
});

const OBSERVATIONS: &str = "query($filter: ReleaseObservationFilter! = {}, $first: Int, $after: String, $last: Int, $version: String) {
    releaseObservations(fiscalYear: 2018, version: $version, filter: $filter, first: $first, after: $after, last: $last) {
        nodes { indicator definitionVersion dateFrom dateTo bureau sex band numerator denominator value status symbol }
        pageInfo { hasNextPage endCursor } totalCount } }";

both!(figures_are_paged_in_their_own_order_and_filtered, async |backend| {
    let server = filled(backend).await?;
    let public = server.anonymous();
    let all = public.query(OBSERVATIONS, json!({})).await?["releaseObservations"].take();
    assert_eq!(all["totalCount"], 5);
    assert_eq!(
        all["nodes"][0],
        json!({ "indicator": HIRES, "definitionVersion": 1, "dateFrom": "2019-04-01", "dateTo": "2019-04-01", "bureau": "TOTAL",
            "sex": "TOTAL", "band": "TOTAL", "numerator": 4, "denominator": 7, "value": "57.1", "status": "REVISED", "symbol": "r" })
    );
    let shown = |index: usize| {
        let node = &all["nodes"][index];
        (node["numerator"].clone(), node["value"].clone(), node["status"].as_str().unwrap(), node["symbol"].as_str().unwrap())
    };
    assert_eq!(shown(1), (Value::Null, Value::Null, "WITHHELD", "x"));
    assert_eq!(shown(2), (json!(149), json!("14.9"), "FINAL", ""));
    assert_eq!(shown(3), (json!(0), Value::Null, "NO_SUBJECTS", "-"));
    assert_eq!(shown(4), (Value::Null, Value::Null, "UNKNOWN", "…"));

    let (mut after, mut paged) = (Value::Null, Vec::new());
    loop {
        let page = public.query(OBSERVATIONS, json!({ "first": 2, "after": after })).await?["releaseObservations"].take();
        paged.extend(page["nodes"].as_array().unwrap().clone());
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(json!(paged), all["nodes"]);
    let last = public.query(OBSERVATIONS, json!({ "last": 2 })).await?;
    assert_eq!(last["releaseObservations"]["nodes"], json!(paged[3..]));

    for (filter, count) in [
        (json!({ "indicators": [HIRES] }), 2),
        (json!({ "bureaus": ["A"] }), 2),
        (json!({ "sexes": ["FEMALE"], "bands": ["TOTAL"] }), 1),
        (json!({ "statuses": ["WITHHELD", "UNKNOWN"] }), 2),
        (json!({ "indicators": [] }), 0),
        (json!({ "bands": ["DIRECTOR"] }), 0),
    ] {
        let found = public.query(OBSERVATIONS, json!({ "filter": filter })).await?;
        assert_eq!(found["releaseObservations"]["totalCount"], count, "{filter}");
    }
    let old = public.query(OBSERVATIONS, json!({ "version": "1.0.0" })).await?;
    assert_eq!(old["releaseObservations"]["nodes"][0]["value"], "28.6", "the old one stays");
    for version in ["1.1.0", "9.9.9", ""] {
        let hidden = public.error(OBSERVATIONS, json!({ "version": version })).await?;
        assert_eq!((hidden.code.as_str(), hidden.field.as_deref()), ("NOT_FOUND", Some("version")));
    }
    let draft = server.secretariat()?.query(OBSERVATIONS, json!({ "version": "1.1.0" })).await?;
    assert_eq!(draft["releaseObservations"]["nodes"][0]["value"], "71.4");
    let many: Vec<_> = (0..501).map(|_| "A").collect();
    let refused = public.error(OBSERVATIONS, json!({ "filter": { "bureaus": many } })).await?;
    assert_eq!((refused.code.as_str(), refused.field.as_deref()), ("BAD_USER_INPUT", Some("bureaus")));
    Ok(())
});

const REVIEW: &str =
    "query($from: FiscalYear!, $to: FiscalYear!, $plan: String) { planReview(from: $from, to: $to, plan: $plan) { missingYears
    targets { indicator nameEn population value lastDay course { fiscalYear version numerator denominator value status definitionVersion
        definitionChanged dateTo inForce attained missing } } } }";

both!(a_review_sets_the_years_side_by_side_as_last_published, async |backend| {
    let server = filled(backend).await?;
    let public = server.anonymous();
    let review = public.query(REVIEW, json!({ "from": 2016, "to": 2019 })).await?["planReview"].take();
    assert_eq!(review["missingYears"], json!([2016, 2017]), "one was withdrawn");
    let targets = review["targets"].as_array().unwrap();
    assert_eq!(targets.iter().map(|target| target["population"].as_str().unwrap()).collect::<Vec<_>>(), ["OFFICE", "GOVERNMENT"]);
    assert_eq!((&targets[0]["nameEn"], &targets[0]["value"]), (&json!(HIRES), &json!("30.0")));
    let nothing = |year: i32| {
        json!({ "fiscalYear": year, "version": null, "numerator": null, "denominator": null, "value": null, "status": null,
            "definitionVersion": null, "definitionChanged": false, "dateTo": null, "inForce": false, "attained": null, "missing": "NO_RELEASE" })
    };
    assert_eq!(
        targets[0]["course"],
        json!([
            nothing(2016),
            nothing(2017),
            { "fiscalYear": 2018, "version": "1.0.1", "numerator": 4, "denominator": 7, "value": "57.1", "status": "REVISED",
                "definitionVersion": 1, "definitionChanged": false, "dateTo": "2019-04-01", "inForce": true, "attained": true, "missing": null },
            { "fiscalYear": 2019, "version": "1.0.0", "numerator": 0, "denominator": 0, "value": null, "status": "NO_SUBJECTS",
                "definitionVersion": 2, "definitionChanged": true, "dateTo": "2020-04-01", "inForce": true, "attained": null, "missing": null },
        ])
    );
    assert!(targets[1]["course"].as_array().unwrap().iter().all(|year| year["attained"] == Value::Null), "a reference");

    // What is withheld is missing, and so is a year whose release lacks the figure.
    let writing = Writing { db: server.connect().await?, plan: PlanId::new() };
    let other = plan::Model { id: writing.plan, code: "Q".to_owned(), ..first_plan(&writing.db).await? };
    other.into_active_model().insert(&writing.db).await?;
    let cycle = writing.cycle(2020).await?;
    let withheld = document(2020, "1.0.0", vec![figure(2020, (HIRES, 2), ALL, None, Status::Withheld)]);
    writing.release(cycle, &withheld, ReleaseState::Published, 5).await?;
    writing.release(writing.cycle(2021).await?, &document(2021, "1.0.0", Vec::new()), ReleaseState::Published, 6).await?;
    let review = public.query(REVIEW, json!({ "from": 2020, "to": 2021, "plan": "R" })).await?["planReview"].take();
    let missing: Vec<_> = review["targets"][0]["course"].as_array().unwrap().iter().map(|year| year["missing"].clone()).collect();
    assert_eq!(missing, [json!("WITHHELD"), json!("NO_FIGURE")]);
    let none = public.query(REVIEW, json!({ "from": 2018, "to": 2018, "plan": "Q" })).await?;
    assert_eq!(none["planReview"], json!({ "missingYears": [2018], "targets": [] }));

    public.query(REVIEW, json!({ "from": 1990, "to": 2019 })).await?;
    for (from, to) in [(1990, 2020), (2019, 2018), (0, 9999)] {
        let refused = public.error(REVIEW, json!({ "from": from, "to": to })).await?;
        assert_eq!((refused.code.as_str(), refused.field.as_deref()), ("BAD_USER_INPUT", Some("to")));
    }
    Ok(())
});

async fn first_plan(db: &DatabaseConnection) -> anyhow::Result<plan::Model> {
    use sea_orm::EntityTrait;
    plan::Entity::find().one(db).await?.ok_or_else(|| anyhow::anyhow!("no plan"))
}
