//! A worker that is killed while it freezes and drafts a follow-up: another one ends what it began, and nothing is there twice.
//!
//! A freeze that was cut off is begun anew, as of another instant, under other pseudonyms: what the release says is the same all the same.

use std::path::Path;
use std::sync::Arc;

use anyhow::ensure;
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use torikumi_tests::both;
use torikumi_tests::database::{Backend, TestDatabase};
use torikumi_tests::server::Server;
use torikumi_tests::worker::Worker;

use super::office::office;
use super::probe::Probe;
use super::{CLAIMED, LANES, LEASE, LOG};
use crate::follow_up::done;

const KEPT: &str = "part of a snapshot kept";
const OVER: &str = "attempt over";

/// What a release says, and what stands around it, by natural keys: neither instants nor what follows from them.
const LEFT: [&str; 6] = [
    "SELECT 'release ' || version || ' ' || state FROM release",
    "SELECT 'figure ' || indicator || '|' || bureau || '|' || sex || '|' || band || '|' || status || '|'
        || COALESCE(CAST(numerator AS text), '') || '/' || COALESCE(CAST(denominator AS text), '') FROM release_observation",
    "SELECT 'finding ' || check_name || '|' || subject || '|' || text_en FROM finding",
    "SELECT 'file ' || path || ' ' || CASE WHEN path LIKE '%.csv' THEN sha256 ELSE '' END FROM release_file",
    "SELECT 'part ' || p.kind || ' ' || CAST(LENGTH(p.content) AS text) || CASE WHEN s.manifest IS NULL THEN ' of none' ELSE '' END
        FROM snapshot s LEFT JOIN snapshot_part p ON p.snapshot_id = s.id",
    "SELECT 'event ' || act || ' ' || stage FROM follow_up_event",
];

/// The office of the other trials with a cycle of the shipped plan that was frozen; its run's reason is `crash`.
async fn frozen(url: &str) -> anyhow::Result<()> {
    office(url).await?;
    let server = Server::on(TestDatabase::given(url)).await?;
    let plan = Path::new(env!("CARGO_MANIFEST_DIR")).join("../api/plans/cabinet-secretariat-2015.json");
    ensure!(server.program()?.args(["plan", "load"]).arg(plan).output()?.status.success());
    let secretariat = server.secretariat()?;
    let opening = json!({ "plan": "CAS-2015", "fiscalYear": 2019, "dueOn": "2020-05-29", "reason": "年次" });
    done(&secretariat, "openFollowUp", opening).await?;
    // Which run is which: the figures' own is over before the follow-up's is asked for.
    ensure!(server.run_jobs().await? >= 1, "the office's run");
    let db = server.connect().await?;
    sea_orm::ConnectionTrait::execute_unprepared(&db, "UPDATE job_run SET reason = 'office' WHERE reason = 'crash'").await?;
    let freezing = json!({ "fiscalYear": 2019, "reason": "締切", "evenIncomplete": true });
    done(&secretariat, "freezeFollowUp", freezing).await?;
    let name = "UPDATE job_run SET reason = 'crash' WHERE job = 'FOLLOW_UP_DATASET'";
    sea_orm::ConnectionTrait::execute_unprepared(&db, name).await?;
    Ok(db.close().await?)
}

async fn left(probe: &Probe) -> anyhow::Result<Vec<String>> {
    let mut rows = Vec::new();
    for sql in LEFT {
        rows.extend(probe.texts(sql).await?);
    }
    rows.sort_unstable();
    Ok(rows)
}

fn milestone(worker: &mut Worker) -> anyhow::Result<String> {
    loop {
        let event = worker.event()?.unwrap_or_else(|| "ended".to_owned());
        if event == CLAIMED || event == KEPT || event == OVER || event == "ended" || event.starts_with("step done") {
            return Ok(event);
        }
    }
}

/// Kills a worker at the last of these milestones, and lets another one end the run.
async fn kill_at(database: TestDatabase, milestones: &[String], undisturbed: &[String]) -> anyhow::Result<()> {
    let mut worker = Worker::start(&database.url, LEASE, LOG)?;
    for expected in milestones {
        assert_eq!(milestone(&mut worker)?, *expected);
    }
    worker.kill()?;
    let probe = Probe::open(&database.url).await?;
    if database.backend == Backend::Postgres {
        probe.alone().await?;
    }
    let next = Worker::start(&database.url, LEASE, LOG)?.ready()?;
    probe.over().await?;
    next.stop()?;
    let case = format!("killed at {milestones:?}");
    assert_eq!(probe.state().await?, "SUCCEEDED", "{case}");
    let now = left(&probe).await?;
    let more: Vec<_> = now.iter().filter(|row| !undisturbed.contains(row)).collect();
    let less: Vec<_> = undisturbed.iter().filter(|row| !now.contains(row)).collect();
    assert!(now == undisturbed, "{case}: {more:#?} in place of {less:#?}");
    Ok(())
}

both!(
    #[ignore = "long: tests/run --whole"]
    a_draft_killed_at_any_step_ends_like_an_undisturbed_one,
    async |backend| {
        let database = Box::pin(TestDatabase::new(backend, frozen)).await?;
        let mut worker = Worker::start(&database.url, LEASE, LOG)?;
        let mut milestones = Vec::new();
        while milestones.last().is_none_or(|last| last != OVER) {
            milestones.push(milestone(&mut worker)?);
        }
        worker.stop()?;
        let probe = Probe::open(&database.url).await?;
        assert_eq!(probe.state().await?, "SUCCEEDED");
        let undisturbed = left(&probe).await?;
        let parts = milestones.iter().filter(|event| *event == KEPT).count();
        assert!(parts >= 4 && undisturbed.len() > 100, "{milestones:?}");

        let told = Arc::new((milestones, undisturbed));
        let lanes = Arc::new(Semaphore::new(LANES));
        let mut killed = JoinSet::new();
        for point in 0..told.0.len() {
            let (database, lanes, told) = (Box::pin(TestDatabase::new(backend, frozen)).await?, Arc::clone(&lanes), Arc::clone(&told));
            killed.spawn(async move {
                let _lane = lanes.acquire_owned().await?;
                kill_at(database, &told.0[..=point], &told.1).await
            });
        }
        while let Some(trial) = killed.join_next().await {
            trial??;
        }
        let milestones = &told.0;
        eprintln!("{backend:?}: killed at each of {} points around {parts} parts of a snapshot", milestones.len());
        Ok(())
    }
);
