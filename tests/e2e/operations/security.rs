//! The security log: each refusal with who and from where, what administrators did, and numbers that nobody has; and what the service's own log
//! says of a caller.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use api::authn::TokenRequest;
use api::authz::Role;
use chrono::Utc;
use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::fixtures::{Office, mutation};
use torikumi_tests::server::Server;
use torikumi_tests::socket::{Socket, opening};

const REVOKE: &str = "mutation ($input: RevokeTokensInput!) { revokeTokens(input: $input) { tokenRevocation { id } } }";

/// Sends a document and does not care what is answered.
async fn send(client: &Client, document: &str, variables: Value) -> anyhow::Result<Value> {
    Ok(client.post().json(&json!({ "query": document, "variables": variables })).send().await?.json().await?)
}

/// What the log says of a subject beyond what it said before: kind, reason, act and records of each line.
async fn said(server: &Server, subject: &str, known: &mut usize) -> anyhow::Result<Vec<(String, String, String, u64)>> {
    let lines: Vec<Value> = server.said_of_security().await?.into_iter().filter(|line| line["subject"] == subject).collect();
    let text = |line: &Value, name: &str| line[name].as_str().unwrap_or_default().to_owned();
    let new = lines.iter().skip(*known).map(|line| {
        assert!(line["address"] == "127.0.0.1" && line["at"].is_string(), "{line}");
        assert!(line["times"] != 1 || line["requestId"].is_string() || line["kind"] == "UNKNOWN_NUMBERS", "{line}");
        assert!(text(line, "caller").len() == 16 && !text(line, "roles").is_empty(), "{line}");
        (text(line, "kind"), text(line, "reason"), text(line, "act"), line["records"].as_u64().unwrap_or_default())
    });
    let new = new.collect();
    *known = lines.len();
    Ok(new)
}

fn line(kind: &str, reason: &str, act: &str, records: u64) -> (String, String, String, u64) {
    (kind.to_owned(), reason.to_owned(), act.to_owned(), records)
}

both!(each_refusal_says_who_from_where_and_why, async |backend| {
    let office = Office::open(backend).await?;
    let server = &office.server;
    let named = |role| TokenRequest { subject: format!("asker of {role:?}"), ..server.request(role) };
    let viewer = server.client(&named(Role::Viewer))?;
    let mut known = 0;
    let mut told = async || said(server, "asker of Viewer", &mut known).await;
    send(&viewer, "{ viewer { roles } bureaus { totalCount } }", Value::Null).await?;
    assert_eq!(told().await?, [], "nothing was refused");
    send(&viewer, REVOKE, json!({ "input": { "subject": "a", "reason": "lost" } })).await?;
    assert_eq!(told().await?, [line("REFUSED", "FORBIDDEN", "revokeTokens", 0)]);
    // By the schema's names, whatever a caller calls the field, and wherever it stands.
    let hidden = "query { ...all } fragment all on Query { bureaus: auditEntries { nodes { id } } ... { a: staff { nodes { id } } } }";
    send(&viewer, hidden, Value::Null).await?;
    assert_eq!(told().await?, [line("REFUSED", "FORBIDDEN", "auditEntries staff", 0)]);
    let many: String = (0..60).map(|number| format!("a{number}: bureaus {{ totalCount }} ")).collect();
    send(&viewer, &format!("{{ {many} }}"), Value::Null).await?;
    assert_eq!(told().await?, [line("REFUSED", "LIMIT_EXCEEDED", "", 0)], "before it is executed");
    let batch = json!([{ "query": "{ viewer { roles } }" }, { "query": format!("{{ {many} }}") }]);
    viewer.post().json(&batch).send().await?;
    assert_eq!(told().await?, [line("REFUSED", "LIMIT_EXCEEDED", "", 0)], "in a batch");
    let mut socket = Socket::start(&server.url, viewer.token()).await?;
    socket.subscribe("1", "subscription { jobRuns { cursor } }", json!({})).await?;
    socket.message().await?;
    assert_eq!(told().await?, [line("REFUSED", "FORBIDDEN", "jobRuns", 0)], "over a socket");
    let mut many = vec![socket];
    while many.len() < 50 {
        many.push(Socket::start(&server.url, viewer.token()).await?);
    }
    assert_eq!(told().await?, []);
    ensure!(Socket::start(&server.url, viewer.token()).await.is_err(), "a fifty-first");
    assert_eq!(told().await?, [line("REFUSED", "LIMIT_EXCEEDED", "", 0)], "one more socket than a caller may have");
    // A slip of the caller is no refusal.
    send(&viewer, "{ nothing }", Value::Null).await?;
    assert_eq!(told().await?, []);
    Ok(())
});

both!(tokens_that_are_none_and_the_same_again, async |backend| {
    let office = Office::open(backend).await?;
    let server = &office.server;
    let reasons = async || -> anyhow::Result<Vec<(String, u64)>> {
        let lines = server.said_of_security().await?;
        let of = |line: &Value| (line["reason"].as_str().unwrap_or_default().to_owned(), line["times"].as_u64().unwrap_or_default());
        Ok(lines.iter().filter(|line| line["kind"] == "TOKEN_REFUSED" && line.get("subject").is_none()).map(of).collect())
    };
    let forged = server.anonymous().with_token("a.b.c");
    for _ in 0..20 {
        send(&forged, "{ viewer { roles } }", Value::Null).await?;
    }
    let once = reasons().await?;
    assert_eq!(once, [("The token is not valid.".to_owned(), 1), ("The token is not valid.".to_owned(), 19)]);
    reqwest::Client::new().get(format!("{}/releases", server.url)).bearer_auth("x").send().await?;
    // What comes after a look is a line of its own.
    reasons().await?;
    let mut request = opening(&server.url)?;
    request.headers_mut().insert("x-request-id", "of-the-socket".parse()?);
    let mut socket = Socket::open(request).await?;
    socket.send(json!({ "type": "connection_init", "payload": { "authorization": "Bearer x.y.z" } })).await?;
    assert_eq!(socket.closed().await?, 4403);
    // Of whoever is nobody yet, or stays it.
    let mut foreign = opening(&server.url)?;
    foreign.headers_mut().insert("origin", "https://elsewhere.example".parse()?);
    ensure!(Socket::open(foreign).await.is_err());
    ensure!(Socket::start(&server.url, None).await.is_err());
    let lines = server.said_of_security().await?;
    for reason in ["FORBIDDEN", "UNAUTHENTICATED"] {
        let told = lines.iter().filter(|line| line["kind"] == "REFUSED" && line["reason"] == reason && line["address"] == "127.0.0.1");
        assert_eq!(told.count(), 1, "{reason}: {lines:?}");
    }
    let twice = reqwest::Client::new().post(format!("{}/graphql", server.url)).header("authorization", "Bearer a");
    twice.header("authorization", "Bearer b").json(&json!({ "query": "{ viewer { roles } }" })).send().await?;
    let lines = server.said_of_security().await?;
    assert!(lines.iter().any(|line| line["kind"] == "TOKEN_REFUSED" && line["requestId"] == "of-the-socket"), "{lines:?}");
    assert_eq!(reasons().await?.iter().map(|(_, times)| times).sum::<u64>(), 23);
    assert!(reasons().await?.iter().any(|(reason, _)| reason.starts_with("The Authorization header must read")));
    // A token that was good is refused under its subject.
    let lost = server.client(&TokenRequest { subject: "lost".to_owned(), ..server.request(Role::Viewer) })?;
    send(&server.admin()?, REVOKE, json!({ "input": { "subject": "lost", "reason": "lost" } })).await?;
    send(&lost, "{ viewer { roles } }", Value::Null).await?;
    let lines = server.said_of_security().await?;
    ensure!(lines.iter().any(|line| line["kind"] == "TOKEN_REFUSED" && line["subject"] == "lost"), "{lines:?}");
    Ok(())
});

both!(what_administrators_do_and_numbers_of_nobody, async |backend| {
    let office = Office::open(backend).await?;
    let server = &office.server;
    let request = TokenRequest { subject: "the administrator".to_owned(), ..server.request(Role::Admin) };
    let admin = server.client(&request)?;
    let mut known = 0;
    send(&admin, "{ jobSchedules { id } }", Value::Null).await?;
    for reason in ["lost", "lost", " "] {
        send(&admin, REVOKE, json!({ "input": { "subject": "a", "reason": reason } })).await?;
    }
    let acted = |reason| line("ADMINISTRATOR_ACTED", reason, "revokeTokens", 0);
    assert_eq!(said(server, "the administrator", &mut known).await?, [acted("OK"), acted("OK"), acted("BAD_USER_INPUT")]);

    // Who tries numbers is seen, in one call or in many.
    let officer = TokenRequest { subject: "an officer".to_owned(), ..server.request(Role::BureauOfficer) };
    let officer = server.client(&TokenRequest { bureaus: torikumi_tests::server::codes(&["A"]), ..officer })?;
    let day = |number: usize| json!({ "externalId": format!("x{number}"), "staffNumber": format!("N{number}"), "date": "2020-04-01", "place": "HOME" });
    let call = |from: usize, to: usize, dry: bool| {
        let records: Vec<Value> = (from..to).map(day).collect();
        json!({ "input": { "idempotencyKey": format!("{from}-{to}"), "dryRun": dry, "records": records } })
    };
    let mut known = 0;
    let answer = send(&officer, &mutation("TeleworkDays"), call(0, 30, true)).await?;
    ensure!(answer["data"]["recordTeleworkDays"]["receipt"]["rejected"] == 30, "{answer}");
    assert_eq!(said(server, "an officer", &mut known).await?, [line("UNKNOWN_NUMBERS", "DRY_RUN", "telework_day", 30)]);
    for number in 30..40 {
        send(&officer, &mutation("TeleworkDays"), call(number, number + 1, true)).await?;
    }
    send(&officer, &mutation("TeleworkDays"), call(40, 42, false)).await?;
    let lines = said(server, "an officer", &mut known).await?;
    assert_eq!(lines.iter().map(|(.., records)| records).sum::<u64>(), 12, "{lines:?}");
    assert!(lines.contains(&line("UNKNOWN_NUMBERS", "WRITE", "telework_day", 2)), "{lines:?}");
    Ok(())
});

/// Behind a proxy, and with a log that is read by more people than the security log is.
#[tokio::test(flavor = "multi_thread")]
async fn the_services_log_has_pseudonyms_and_the_security_log_has_addresses() -> anyhow::Result<()> {
    let office = Office::open(torikumi_tests::database::Backend::Sqlite).await?;
    let server = &office.server;
    server.set_now(Utc::now());
    let log = server.folder().join("service.log");
    let mut command = server.program()?;
    command.args(["serve", "--no-jobs", "--listen", "127.0.0.1:0"]).env("TORIKUMI_LOG", "trace,h2=off");
    command.env("TORIKUMI_TRUSTED_PROXIES", "127.0.0.0/8,192.0.2.1");
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(fs::File::create(&log)?).spawn()?;
    let mut first = String::new();
    BufReader::new(child.stdout.take().context("stdout")?).read_line(&mut first)?;
    let url = first.split_whitespace().find(|word| word.starts_with("http://")).context("no address")?.to_owned();
    let subject = "tanaka-of-the-secretariat";
    let viewer = server.client(&TokenRequest { subject: subject.to_owned(), ..server.request(Role::Viewer) })?.at(&url);
    let ask = json!({ "query": REVOKE, "variables": { "input": { "subject": "a", "reason": "lost" } } });
    let forwarded = "198.51.100.9, 203.0.113.77, 192.0.2.1";
    viewer.post().header("x-forwarded-for", forwarded).header("x-request-id", "the-request").json(&ask).send().await?;
    // The answer does not wait for the log, and a killed process writes nothing more.
    let begun = Instant::now();
    let line = loop {
        if let Some(line) = server.said_of_security().await?.into_iter().find(|line| line["requestId"] == "the-request") {
            break line;
        }
        ensure!(begun.elapsed() < Duration::from_secs(10), "no line");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    child.kill()?;
    child.wait()?;
    assert_eq!((line["subject"].as_str(), line["address"].as_str()), (Some(subject), Some("203.0.113.77")));
    let caller = line["caller"].as_str().context("no pseudonym")?;
    let log = fs::read_to_string(log)?;
    for name in [subject, "203.0.113.77", "198.51.100.9"] {
        assert!(!log.contains(name), "the service's log names {name}");
    }
    let request = log.lines().find(|line| line.contains("the-request") && line.contains("\"status\"")).context("no line of the request")?;
    assert!(request.contains(caller), "{request}");
    // The same caller has the same pseudonym in another process.
    let elsewhere = viewer.at(&server.url);
    elsewhere.post().json(&ask).send().await?;
    let lines = server.said_of_security().await?;
    assert_eq!(lines.iter().filter(|line| line["caller"] == caller).count(), 2);

    // A command at the machine is told too.
    ensure!(server.program()?.args(["token", "--role", "viewer"]).output()?.status.success());
    ensure!(server.program()?.args(["jobs"]).output()?.status.success());
    let lines = server.said_of_security().await?;
    let commands: Vec<&Value> = lines.iter().filter(|line| line["kind"] == "COMMAND").collect();
    ensure!(commands.len() == 1 && commands[0]["act"] == "token", "{commands:?}");
    Ok(())
}
