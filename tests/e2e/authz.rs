//! The fourth lock: every way to a row has a case for every role, over HTTP, on both databases.
//!
//! `cases` holds the tables: what each role gets of each root field, each field that leads to another row, each node and each mutation.
//! Subscriptions are asked over WebSocket. This file holds the tables to the schema: a field without a case, and a case without a field, fail. `office` is what the cases are asked of,
//! `scope` holds the rules that are about one row or one token, `figures` those of protected figures. Deliberately absent: the policy itself,
//! which these tables say a second time, by hand.

mod attack;
mod cases;
pub mod figures;
pub mod office;
mod scope;
mod traces;

pub use office::{MONTH, compute, rows};

use std::collections::{BTreeMap, BTreeSet};

use cases::{Case, FIELDS, LEADS, NODES};
use office::Office;
use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::socket::Socket;

use super::schema::{Field, Sdl};

/// Types that only shape an answer: what is in them belongs to the row or call that shows them.
const SHAPES: [&str; 39] = [
    "Label",
    "Change",
    "Holding",
    "Coverage",
    "SourceAbsence",
    "SourceRecords",
    "VintageWithdrawal",
    "IndicatorGrowth",
    "UnitFigure",
    "PageInfo",
    "Interval",
    "Receipt",
    "Rejection",
    "RecordWarning",
    "RecordWarningCount",
    "JobRunCount",
    "JobRunEvent",
    "JobRunProgress",
    "JobRunWarning",
    "OutlierEvent",
    "SubmittedFigure",
    "SubmittedAction",
    "Baseline",
    "ReleaseText",
    "ReleasePlan",
    "ReleaseBureau",
    "ReleasePoint",
    "ReleaseClause",
    "ReleaseAction",
    "ReleaseFinding",
    "ReleaseProvenance",
    "ReleaseChange",
    "ReleaseObservation",
    "PlanReviewTarget",
    "PlanReviewYear",
    "PersonFileDocument",
    "PersonFileNoun",
    "PersonFileReaderConnection",
    "PersonFileRowConnection",
];

/// What one caller gets, in a word: how many rows, or the code of the first error, shortened.
async fn outcome(client: &Client, document: &str, variables: Value, path: &str) -> anyhow::Result<String> {
    let answer = if document.starts_with("subscription") {
        first_message(client, document, variables).await?
    } else {
        client.post().json(&json!({ "query": document, "variables": variables })).send().await?.json().await?
    };
    if let Some(error) = answer["errors"].get(0) {
        anyhow::ensure!(error["extensions"]["code"] != "INTERNAL", "{document}: {error}");
        let code = error["extensions"]["code"].as_str().unwrap_or("no code");
        return Ok(short(code).to_owned());
    }
    let data = &answer["data"];
    if path.contains("receipt") {
        return Ok(written(data));
    }
    let found = count(data, path);
    let list = path.split('/').next().unwrap_or_default();
    match data[list]["totalCount"].as_u64() {
        Some(total) if total != found => Ok(format!("{found} of {total}")),
        _ => Ok(found.to_string()),
    }
}

/// What a subscription tells first, or why it does not, in the form of an answer.
async fn first_message(client: &Client, document: &str, variables: Value) -> anyhow::Result<Value> {
    let mut socket = match Socket::start(client.url(), client.token()).await {
        // The public is not let in at all.
        Err(closed) if client.token().is_none() && closed.to_string().starts_with("closed: 4403") => {
            return Ok(json!({ "errors": [{ "extensions": { "code": "UNAUTHENTICATED" } }] }));
        }
        opened => opened?,
    };
    socket.subscribe("1", document, variables).await?;
    let mut message = socket.message().await?;
    let payload = message["payload"].take();
    Ok(if message["type"] == "error" { json!({ "errors": payload }) } else { payload })
}

/// What became of the one record of a bulk call: written, or the code of its rejection.
fn written(data: &Value) -> String {
    let receipt = data.as_object().and_then(|data| data.values().next()).map_or(&Value::Null, |payload| &payload["receipt"]);
    match receipt["rejections"][0]["code"].as_str() {
        Some(code) => short(code).to_owned(),
        None if receipt["created"] == 1 || receipt["updated"] == 1 => "W".to_owned(),
        None => receipt.to_string(),
    }
}

fn short(code: &str) -> &str {
    match code {
        "UNAUTHENTICATED" => "U",
        "FORBIDDEN" => "F",
        "NOT_FOUND" => "N",
        other => other,
    }
}

/// How many values that are not null stand at the end of a path, which passes through lists.
fn count(value: &Value, path: &str) -> u64 {
    match (value, path.split_once('/').unwrap_or((path, ""))) {
        (Value::Null, _) => 0,
        (Value::Array(items), _) => items.iter().map(|item| count(item, path)).sum(),
        (_, ("", _)) => 1,
        (value, (first, rest)) => count(&value[first], rest),
    }
}

/// Asks every case of every role, one after another, and tells all that differ at once.
async fn ask(office: &Office, cases: &[Case]) -> anyhow::Result<()> {
    let mut wrong = String::new();
    for case in cases {
        let mut got = Vec::new();
        for client in &office.callers {
            got.push(outcome(client, &case.document, case.variables.clone(), &case.path).await?);
        }
        let got = got.join(" ");
        if got != case.expected {
            wrong += &format!("{}\n  expected {}\n  got      {got}\n  {} {}\n", case.name, case.expected, case.document, case.variables);
        }
    }
    anyhow::ensure!(wrong.is_empty(), "public viewer staff manager system officer promotion committee secretariat admin\n{wrong}");
    Ok(())
}

both!(every_role_gets_of_every_root_field_what_it_may, async |backend| {
    let office = Office::open(backend).await?;
    ask(&office, &cases::reads(&office).await?).await
});

both!(every_role_follows_what_it_may, async |backend| {
    let office = Office::open(backend).await?;
    ask(&office, &cases::follows(&office).await?).await
});

both!(every_role_is_led_to_the_rows_it_may_see, async |backend| {
    let office = Office::open(backend).await?;
    ask(&office, &cases::leads()).await?;
    ask(&office, &cases::nodes(&office).await?).await
});

both!(every_role_writes_what_it_may, async |backend| {
    let office = Office::open(backend).await?;
    // Who meets a number that is in use out of sight leaves a trace, in a dry run as in a write.
    let rows = async || -> anyhow::Result<BTreeMap<String, i64>> {
        let mut rows = office.rows().await?;
        rows.remove("audit_entry");
        Ok(rows)
    };
    let before = rows().await?;
    ask(&office, &cases::dry_writes()).await?;
    assert_eq!(rows().await?, before, "a dry run leaves no row");
    ask(&office, &cases::acts()).await
});

/// Acts of the policy, nouns that they are of, and root fields that do them. Left out are acts without a field of their own, and `DECIDE_CHANGE`, whose
/// case is of an unknown change: who reads changes is told that there is none.
const BUTTONS: [(&str, &str, &str); 35] = [
    ("READ", "SHIFT", "shifts"),
    ("READ", "STAFF", "staff"),
    ("READ", "OVERTIME_OUTLIER", "overtimeOutliers"),
    ("READ", "JOB_RUN", "jobRuns"),
    ("READ", "AUDIT_ENTRY", "auditEntries"),
    ("READ", "API_CLIENT", "apiClients"),
    ("READ", "MAIL", "mails"),
    ("READ", "JOB_SCHEDULE", "jobSchedules"),
    ("READ", "PENDING_CHANGE", "pendingChanges"),
    ("READ", "BUREAU", "bureaus"),
    ("RECORD", "BUREAU", "recordBureaus"),
    ("RECORD", "HOLIDAY", "recordHolidays"),
    ("RECORD", "ON_TIME_DAY", "recordOnTimeDays"),
    ("RECORD", "START_STAGE", "recordStartStages"),
    ("RECORD", "TARGET", "recordTargets"),
    ("RECORD", "STAFF", "recordStaff"),
    ("RECORD", "SHIFT", "recordShifts"),
    ("SUBMIT_MONTH", "", "submitMonth"),
    ("RETURN_MONTH", "", "returnMonth"),
    ("CLOSE_MONTH", "", "closeMonth"),
    ("READ_PERSON_FILE", "", "personFile"),
    ("SET_HOLDER", "", "setHolder"),
    ("TRIGGER_JOB", "", "triggerJob"),
    ("MANAGE_RUNS", "", "retryJobRun"),
    ("MANAGE_SCHEDULES", "", "pauseSchedule"),
    ("MANAGE_CLIENTS", "", "registerApiClient"),
    ("COUNT_WARNINGS", "", "recordWarningCounts"),
    ("MANAGE_RETENTION", "", "updateRetention"),
    ("MANAGE_RULES", "", "setCountingRule"),
    ("MANAGE_FOUR_EYES", "", "setFourEyes"),
    ("COMPILE_FOLLOW_UP", "", "compileFollowUp"),
    ("REVIEW_OUTLIER", "", "acknowledgeOutlier"),
    ("LOAD_PLAN", "", "loadPlan"),
    ("SUBMIT_FOLLOW_UP", "", "submitFollowUp"),
    ("MANAGE_FOLLOW_UP", "", "openFollowUp"),
];

both!(a_button_is_shown_to_whom_its_act_is_open, async |backend| {
    let office = Office::open(backend).await?;
    let cases: Vec<Case> = cases::reads(&office).await?.into_iter().chain(cases::dry_writes()).chain(cases::acts()).collect();
    let may = |(at, (act, noun, _)): (usize, &(&str, &str, &str))| {
        let noun = if noun.is_empty() { String::new() } else { format!(", noun: {noun}") };
        format!("b{at}: may(act: {act}{noun})")
    };
    let asked: Vec<String> = BUTTONS.iter().enumerate().map(may).collect();
    let document = format!("{{ viewer {{ {} }} }}", asked.join(" "));
    let mut wrong = Vec::new();
    for (place, client) in office.callers.iter().enumerate() {
        let buttons = client.query(&document, Value::Null).await?["viewer"].take();
        for (at, (act, noun, field)) in BUTTONS.iter().enumerate() {
            let mut got = cases.iter().filter(|case| case.field == *field).map(|case| case.expected.split(' ').nth(place)).peekable();
            anyhow::ensure!(got.peek().is_some(), "{field} has no case");
            let is_open = got.any(|got| !matches!(got, Some("U" | "F")));
            if buttons[format!("b{at}")] != is_open {
                wrong.push(format!("{act} {noun} of caller {place}: {field} is open: {is_open}"));
            }
        }
    }
    assert_eq!(wrong, [] as [String; 0]);
    // Reading and recording are of a noun, and nothing else is.
    for wrong in ["READ", "RECORD", "CLOSE_MONTH, noun: SHIFT"] {
        let document = format!("{{ viewer {{ may(act: {wrong}) }} }}");
        let answer: Value = office.secretariat.post().json(&json!({ "query": document })).send().await?.json().await?;
        assert_eq!(
            (&answer["errors"][0]["extensions"]["code"], &answer["data"]["viewer"]["may"]),
            (&json!("BAD_USER_INPUT"), &Value::Null)
        );
    }
    Ok(())
});

#[test]
fn every_root_field_has_a_case() {
    let sdl = Sdl::of_the_code();
    let reads: BTreeSet<_> = cases::READS.iter().map(|(field, ..)| *field).collect();
    assert_eq!(reads, sdl.fields("Query").map(|field| field.name.as_str()).collect(), "case without field, or field without case");
    let follows: BTreeSet<_> = cases::FOLLOWS.iter().map(|(field, ..)| *field).collect();
    assert_eq!(follows, sdl.fields("Subscription").map(|field| field.name.as_str()).collect(), "case without field, or field without case");
    let writes: BTreeSet<String> = cases::dry_writes().into_iter().chain(cases::acts()).map(|case| case.field).collect();
    assert_eq!(writes, sdl.fields("Mutation").map(|field| field.name.clone()).collect(), "case without field, or field without case");
}

#[test]
fn every_field_of_every_object_is_listed() {
    let sdl = Sdl::of_the_code();
    let mut listed: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (of, _, fields) in FIELDS.iter() {
        for field in fields.split_whitespace() {
            assert!(listed.entry(of).or_default().insert(field), "{of}.{field} is listed twice");
        }
    }
    for (of, fields) in sdl.objects().filter(|(of, _)| !["Query", "Mutation", "Subscription"].contains(of)) {
        let fields: BTreeSet<_> = fields.iter().map(|field| field.name.as_str()).collect();
        let expected = match of {
            _ if of.ends_with("Connection") => ["edges", "nodes", "pageInfo", "totalCount"].into(),
            _ if of.ends_with("Edge") => ["cursor", "node"].into(),
            _ => listed.remove(of).unwrap_or_default(),
        };
        assert_eq!(fields, expected, "{of}: say in FIELDS who sees each field");
    }
    assert!(listed.is_empty(), "there is no {listed:?} any more");
}

#[test]
fn every_field_that_leads_to_another_row_has_a_case() {
    let sdl = Sdl::of_the_code();
    let objects: BTreeSet<_> = sdl.objects().map(|(of, _)| of).collect();
    let mut leads = BTreeSet::new();
    for (of, fields) in sdl.objects() {
        // A page, a payload and an update show rows that their own field has a case for.
        if ["Query", "Mutation", "Subscription"].contains(&of)
            || ["Connection", "Edge", "Payload", "Update"].iter().any(|end| of.ends_with(end))
        {
            continue;
        }
        for field in fields.iter().filter(|field| objects.contains(field.base.as_str()) && !SHAPES.contains(&field.base.as_str())) {
            leads.insert(format!("{of}.{}", field.name));
        }
    }
    let cases: BTreeSet<_> = LEADS
        .iter()
        .flat_map(|(of, _, lines)| lines.iter().map(move |(field, _)| format!("{of}.{}", field.split('/').next().unwrap_or_default())))
        .collect();
    assert_eq!(cases, leads, "case without field, or field without case");
}

#[test]
fn every_kind_of_node_has_a_case() {
    let sdl = Sdl::of_the_code();
    let kinds: BTreeSet<&str> = sdl.implementors("Node").collect();
    let lists: BTreeMap<&str, String> =
        sdl.fields("Query").filter_map(|field| Some((field.name.as_str(), field.base.strip_suffix("Connection")?.to_owned()))).collect();
    let cases: BTreeSet<&str> = NODES.iter().filter_map(|(list, ..)| lists.get(list).map(String::as_str)).collect();
    assert_eq!(cases, kinds);
}

/// Roles that may read no person at all read no row of a type that holds personal data.
#[test]
fn personal_rows_are_closed_to_those_who_read_no_person() {
    let personal = personal_lists();
    for (list, _, _, expected) in cases::READS.iter() {
        if personal.contains(*list) {
            let roles: Vec<_> = expected.split(' ').collect();
            assert_eq!([roles[0], roles[1], roles[7], roles[9]], ["U", "F", "F", "F"], "{list}");
        }
    }
}

/// Root fields whose rows hold personal data.
fn personal_lists() -> BTreeSet<String> {
    let sdl = Sdl::of_the_code();
    let mut personal: BTreeSet<_> = FIELDS.iter().map(|(of, ..)| *of).collect();
    // What a figure shows of persons has a case of its own.
    FIELDS.iter().filter(|(_, class, _)| *class != cases::Class::Personal).for_each(|(of, ..)| _ = personal.remove(of));
    let shown = |field: &Field| personal.contains(field.base.trim_end_matches("Connection"));
    sdl.fields("Query").filter(|field| shown(field)).map(|field| field.name.clone()).collect()
}
