//! A database that does not do its work: what callers and operators are told, and that it heals by itself.

use std::time::{Duration, Instant};

use jobs::database::Share;
use sea_orm::ConnectionTrait;
use serde_json::json;
use torikumi_tests::both;
use torikumi_tests::database::Backend;
use torikumi_tests::fixtures::{Office, input, refused, shift};

/// What `/readyz` says.
async fn readiness(office: &Office) -> anyhow::Result<(u16, String)> {
    let answer = reqwest::get(format!("{}/readyz", office.server.url)).await?;
    Ok((answer.status().as_u16(), answer.text().await?.trim_end().to_owned()))
}

both!(what_does_not_heal_is_not_to_be_tried_again, async |backend| {
    let office = Office::open(backend).await?;
    let other = office.server.connect().await?;
    let write = || input(vec![shift("s", "S1", "2020-02-03", ("09:00", "18:00"))]);
    other.execute_unprepared("ALTER TABLE shift RENAME TO shift_away").await?;
    let failure = refused(&office.a, "Shifts", write()).await?;
    assert_eq!((failure.code.as_str(), failure.retryable), ("INTERNAL", false), "{failure:?}");
    let failure = office.a.error("{ shifts(first: 1) { nodes { id } } }", json!({})).await?;
    assert_eq!((failure.code.as_str(), failure.retryable), ("INTERNAL", false), "{failure:?}");
    // Not even the token can be checked.
    other.execute_unprepared("ALTER TABLE api_client RENAME TO api_client_away").await?;
    let failure = refused(&office.a, "Shifts", write()).await?;
    assert_eq!((failure.code.as_str(), failure.retryable), ("INTERNAL", false), "{failure:?}");
    other.execute_unprepared("ALTER TABLE api_client_away RENAME TO api_client").await?;
    other.execute_unprepared("ALTER TABLE shift_away RENAME TO shift").await?;
    office.a.query("{ shifts(first: 1) { nodes { id } } }", json!({})).await?;
    Ok(())
});

both!(where_writes_fail_the_process_is_not_ready_until_they_succeed, async |backend| {
    let office = Office::open(backend).await?;
    let (refuse, take) = match backend {
        Backend::Postgres => ("SET default_transaction_read_only = on", "SET default_transaction_read_only = off"),
        // No room beyond the pages that there are.
        Backend::Sqlite => ("PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1000000"),
    };
    let probes = office.server.app.db.of(Share::Probes);
    probes.writer().execute_unprepared(refuse).await?;
    assert_eq!(readiness(&office).await?, (503, "writes".to_owned()));
    office.a.query("{ shifts(first: 1) { nodes { id } } }", json!({})).await?;
    probes.writer().execute_unprepared(take).await?;
    let began = Instant::now();
    while readiness(&office).await? != (200, "ready".to_owned()) {
        assert!(began.elapsed() < Duration::from_secs(10));
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Ok(())
});
