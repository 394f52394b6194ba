//! The databases that every other test relies on: private, migrated once, gone afterwards.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use sea_orm::{ConnectionTrait, Database, Statement};
use torikumi_tests::both;
use torikumi_tests::database::{POSTGRES_URL, RUN_FOLDER, TestDatabase};

/// Stands for the migrations.
async fn one_table(url: &str) -> anyhow::Result<()> {
    let connection = Database::connect(url).await?;
    connection.execute_unprepared("CREATE TABLE probe (n BIGINT NOT NULL)").await?;
    Ok(connection.close().await?)
}

/// The single number that `sql` selects.
async fn number(url: &str, sql: &str) -> anyhow::Result<i64> {
    let connection = Database::connect(url).await?;
    let row = connection.query_one_raw(Statement::from_string(connection.get_database_backend(), sql)).await?.context("no row")?;
    connection.close().await?;
    Ok(row.try_get_by_index(0)?)
}

both!(opens, async |backend| {
    let database = TestDatabase::empty(backend).await?;
    assert_eq!(number(&database.url, "SELECT CAST(1 AS BIGINT)").await?, 1);
    Ok(())
});

both!(is_private, async |backend| {
    let (one, other) = tokio::try_join!(TestDatabase::new(backend, one_table), TestDatabase::new(backend, one_table))?;
    let connection = Database::connect(&one.url).await?;
    connection.execute_unprepared("INSERT INTO probe VALUES (7)").await?;
    assert_eq!(number(&one.url, "SELECT COUNT(*) FROM probe").await?, 1);
    assert_eq!(number(&other.url, "SELECT COUNT(*) FROM probe").await?, 0);
    Ok(())
});

both!(is_migrated_once, async |backend| {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    let migrate = async |url: &str| {
        RUNS.fetch_add(1, Ordering::Relaxed);
        one_table(url).await
    };
    let new = || TestDatabase::new(backend, migrate);
    let databases = tokio::try_join!(new(), new(), new(), new())?;
    assert_eq!(number(&databases.3.url, "SELECT COUNT(*) FROM probe").await?, 0);
    // None where a server that was given has the template from an earlier run of this build.
    assert!(RUNS.load(Ordering::Relaxed) <= 1);
    Ok(())
});

both!(goes_when_dropped, async |backend| {
    let database = TestDatabase::new(backend, one_table).await?;
    let url = database.url.clone();
    let _still_open = Database::connect(&url).await?;
    drop(database);
    assert!(Database::connect(&url).await.is_err());
    Ok(())
});

/// `with_postgres` around a command that prints its folder and URL, and waits.
fn waiting_run() -> anyhow::Result<(Child, String, String)> {
    let script = format!("echo ${RUN_FOLDER}; echo ${POSTGRES_URL}; exec cat >/dev/null");
    let mut child = Command::new(env!("CARGO_BIN_EXE_with_postgres"))
        .args(["sh", "-c", &script])
        .env_remove(POSTGRES_URL)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut lines = BufReader::new(child.stdout.take().context("no standard output")?).lines();
    let mut line = || lines.next().context("it ended before its command ran")?.map_err(anyhow::Error::from);
    let (folder, url) = (line()?, line()?);
    Ok((child, folder, url))
}

#[test]
fn a_run_cleans_up_when_it_ends() -> anyhow::Result<()> {
    let (mut child, folder, url) = waiting_run()?;
    assert!(Path::new(&folder).exists());
    assert!(listens(&url)?);
    drop(child.stdin.take());
    assert!(child.wait()?.success());
    assert!(!Path::new(&folder).exists());
    assert!(!listens(&url)?);
    Ok(())
}

#[test]
fn a_run_cleans_up_when_it_is_killed() -> anyhow::Result<()> {
    let (mut child, folder, url) = waiting_run()?;
    child.kill()?;
    child.wait()?;
    // The clean-up is no child of ours, so there is nothing to wait on but its effect.
    let start = Instant::now();
    while Path::new(&folder).exists() || listens(&url)? {
        ensure!(start.elapsed() < Duration::from_secs(30), "{folder} or the server at {url} is still there");
        std::thread::yield_now();
    }
    Ok(())
}

#[test]
fn the_exit_code_is_the_commands() -> anyhow::Result<()> {
    let status = Command::new(env!("CARGO_BIN_EXE_with_postgres")).args(["sh", "-c", "exit 7"]).env(POSTGRES_URL, "given").status()?;
    assert_eq!(status.code(), Some(7));
    Ok(())
}

fn listens(url: &str) -> anyhow::Result<bool> {
    let address = url.rsplit_once('@').and_then(|(_, rest)| rest.split_once('/')).context("not a server's URL")?.0;
    Ok(std::net::TcpStream::connect(address).is_ok())
}
