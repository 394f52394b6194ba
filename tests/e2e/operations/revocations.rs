//! Revoked tokens: refused at once where they were revoked, within five seconds by every other process, and sockets are closed.

use std::time::{Duration, Instant};

use anyhow::ensure;
use api::authn::TokenRequest;
use api::authz::Role;
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::fixtures::{Office, nodes};
use torikumi_tests::process::Process;
use torikumi_tests::socket::Socket;

const REVOKE: &str = "mutation ($input: RevokeTokensInput!) { revokeTokens(input: $input) {
    tokenRevocation { id subject token revokedBy reason } } }";
const ASK: &str = "{ viewer { roles } }";
/// Within which a revocation is in force everywhere.
const IN_FORCE: Duration = Duration::from_secs(5);

async fn revoke(admin: &Client, input: Value) -> anyhow::Result<Value> {
    let mut input = input;
    input["reason"] = "a laptop was lost".into();
    Ok(admin.query(REVOKE, json!({ "input": input })).await?["revokeTokens"]["tokenRevocation"].take())
}

async fn is_refused(client: &Client) -> anyhow::Result<bool> {
    let answer = client.post().json(&json!({ "query": ASK })).send().await?;
    ensure!([200, 401].contains(&answer.status().as_u16()), "{}", answer.status());
    Ok(answer.status() == 401)
}

/// Waits until a caller is refused, for no longer than a revocation may take.
async fn refused_in_time(client: &Client, since: Instant) -> anyhow::Result<()> {
    while !is_refused(client).await? {
        ensure!(since.elapsed() < IN_FORCE, "it is still let in");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// The `jti` of a token.
fn id_of(token: &str) -> anyhow::Result<Value> {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap_or_default())?;
    Ok(serde_json::from_slice::<Value>(&claims)?["jti"].take())
}

both!(a_subjects_tokens_end_on_all_processes, async |backend| {
    let office = Office::open(backend).await?;
    let server = &office.server;
    let another = Process::serve(server.program()?)?;
    let there = |client: &Client| client.at(&format!("http://{}", another.address));
    // The other process has the clock of the machine.
    server.set_now(Utc::now());
    let another_subject = TokenRequest { subject: "another".to_owned(), ..server.request(Role::Viewer) };
    let (admin, lost, other) = (server.admin()?, server.client(&server.request(Role::Viewer))?, server.client(&another_subject)?);
    for client in [&lost, &other] {
        assert!(!is_refused(client).await? && !is_refused(&there(client)).await?);
    }
    let since = Instant::now();
    let row = revoke(&admin, json!({ "subject": "viewer" })).await?;
    assert_eq!((row["subject"].as_str(), row["token"].as_str(), row["revokedBy"].as_str()), (Some("viewer"), None, Some("admin")));
    assert!(is_refused(&lost).await?, "in the same process at once");
    refused_in_time(&there(&lost), since).await?;
    for client in [&other, &admin, &there(&other)] {
        assert!(!is_refused(client).await?, "nobody else's");
    }
    // Not the releases' files either, which are open to all but to who shows a bad token.
    let files = reqwest::Client::new().get(format!("{}/releases", server.url)).bearer_auth(lost.token().unwrap_or_default()).send().await?;
    assert_eq!(files.status(), 401);
    // A token that is issued later is good, once the leeway of clocks is over.
    server.set_now(server.app.clock.now() + TimeDelta::seconds(31));
    assert!(!is_refused(&server.client(&server.request(Role::Viewer))?).await?);
    assert!(is_refused(&lost).await?);
    Ok(())
});

both!(one_token_ends_and_the_subjects_others_do_not, async |backend| {
    let office = Office::open(backend).await?;
    let server = &office.server;
    let (lost, kept) = (server.officer(&["A"])?, server.officer(&["A"])?);
    let token = id_of(lost.token().unwrap_or_default())?;
    let row = revoke(&server.admin()?, json!({ "token": token })).await?;
    assert_eq!((row["token"].clone(), row["subject"].as_str()), (token, None));
    assert!(is_refused(&lost).await? && !is_refused(&kept).await?);
    Ok(())
});

both!(sockets_of_revoked_tokens_are_closed, async |backend| {
    let office = Office::open(backend).await?;
    let server = &office.server;
    let another = Process::serve(server.program()?)?;
    server.set_now(Utc::now());
    let promotion = server.client(&server.request(Role::PromotionOfficer))?;
    let mut sockets = Vec::new();
    for url in [server.url.clone(), format!("http://{}", another.address)] {
        let mut socket = Socket::start(&url, promotion.token()).await?;
        socket.subscribe("1", "subscription { jobRuns { cursor } }", json!({})).await?;
        socket.next("1").await?;
        sockets.push(socket);
    }
    let since = Instant::now();
    revoke(&server.admin()?, json!({ "subject": "promotion_officer" })).await?;
    for mut socket in sockets {
        assert_eq!(socket.closed().await?, 4403);
        assert!(since.elapsed() < IN_FORCE, "{:?}", since.elapsed());
    }
    Ok(())
});

both!(who_revokes_says_which_and_why, async |backend| {
    let office = Office::open(backend).await?;
    let admin = office.server.admin()?;
    for (input, field) in [
        (json!({ "reason": "lost" }), "subject"),
        (json!({ "subject": "a", "token": "b", "reason": "lost" }), "subject"),
        (json!({ "subject": "", "reason": "lost" }), "subject"),
        (json!({ "subject": "a\nb", "reason": "lost" }), "subject"),
        (json!({ "token": "x".repeat(256), "reason": "lost" }), "token"),
        (json!({ "subject": "a", "reason": " " }), "reason"),
    ] {
        let failure = admin.error(REVOKE, json!({ "input": input })).await?;
        assert_eq!((failure.code.as_str(), failure.field.as_deref()), ("BAD_USER_INPUT", Some(field)), "{input}");
    }
    assert_eq!(office.secretariat.error(REVOKE, json!({ "input": { "subject": "a", "reason": "lost" } })).await?.code, "FORBIDDEN");
    revoke(&admin, json!({ "subject": "somebody" })).await?;
    revoke(&admin, json!({ "subject": "somebody" })).await?;
    revoke(&admin, json!({ "token": "one" })).await?;
    let list = "query($filter: TokenRevocationFilter!) { tokenRevocations(filter: $filter) { nodes { subject token reason } } }";
    for (filter, rows) in
        [(json!({}), 3), (json!({ "subject": "somebody" }), 2), (json!({ "token": "one" }), 1), (json!({ "token": "two" }), 0)]
    {
        assert_eq!(nodes(&admin, list, "tokenRevocations", json!({ "filter": filter })).await?.len(), rows, "{filter}");
    }
    // The trail says that it was done and why, and not whose tokens they were.
    let trail = "{ auditEntries(filter: { noun: \"token_revocation\" }) { nodes { actor verb reason record counts } } }";
    let trail = nodes(&admin, trail, "auditEntries", json!({})).await?;
    assert_eq!(trail.len(), 3);
    assert!(trail.iter().all(|entry| entry["verb"] == "REVOKE" && entry["reason"] == "a laptop was lost" && entry["record"].is_string()));
    assert!(!Value::from(trail).to_string().contains("somebody"));
    Ok(())
});
