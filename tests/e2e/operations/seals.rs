//! `torikumi verify audit` as a process of its own.

use std::process::Output;

use anyhow::Context;
use entity::job_run::{JobName, Trigger};
use jobs::seal::heads;
use jobs::seal::key::SealKey;
use jobs::transaction::NewRun;
use sea_orm::ConnectionTrait;
use torikumi_tests::both;
use torikumi_tests::fixtures::{Office, record, unit};
use torikumi_tests::server::Server;

/// Runs the job that seals.
pub async fn seal(server: &Server) -> anyhow::Result<()> {
    let key = uuid::Uuid::now_v7().to_string();
    server.app.ledger.enqueue(NewRun::new(JobName::SealAudit, Trigger::Command, key, "test".to_owned())).await?;
    server.run_jobs().await?;
    Ok(())
}

fn verify(server: &Server, more: &[&str]) -> anyhow::Result<Output> {
    let settings = server.app.ledger.settings();
    let mut command = server.program()?;
    command.args(["verify", "audit", "--heads"]).arg(&settings.seal_heads).args(more);
    Ok(command.output()?)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

both!(the_trail_is_verified_from_the_command_line, async |backend| {
    let office = Office::open(backend).await?;
    let server = &office.server;
    seal(server).await?;
    let good = verify(server, &[])?;
    assert!(good.status.success() && said(&good).contains("under 1 signed heads\nunsealed tail: none"), "{}", said(&good));
    record(&office.a, "Units", vec![unit("A3", "A")]).await?;
    let tail = verify(server, &[])?;
    assert!(tail.status.success() && said(&tail).contains("unsealed tail: 1 entries from 2020-04-15"), "{}", said(&tail));

    // Who has the file of heads and the public key needs no more.
    let heads = heads::read(&server.app.ledger.settings().seal_heads)?.0;
    let key = heads.first().context("no head")?.key.clone();
    assert!(verify(server, &["--public-key", &key])?.status.success());
    let other = SealKey::open_or_create(&server.folder().join("other.key"))?.sign(1, (1, 1), String::new()).key;
    let foreign = verify(server, &["--public-key", &other])?;
    assert!(!foreign.status.success() && said(&foreign).contains("HEADS the file's seal 1 is not signed"), "{}", said(&foreign));

    let db = server.connect().await?;
    db.execute_unprepared("UPDATE audit_entry SET actor = 'nobody' WHERE verb = 'REGISTER'").await?;
    db.close().await?;
    let bad = verify(server, &[])?;
    assert_eq!(bad.status.code(), Some(1));
    assert!(said(&bad).contains("CHANGED entry ") && said(&bad).contains("damaged in 2 places"), "{}", said(&bad));
    Ok(())
});
