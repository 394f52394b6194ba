//! The benchmark: `bench bulk|reads|month|corrections|outliers|follow-up|protection|jobs|attack|traces|all FOLDER-OF-SQL`. Prints ratios between the platform and what the same machine does without it,
//! measured one beside the other in one run; `tests/bench/run` builds and starts it.
//!
//! Deliberately absent: any failure for being slow, and any figure without the one it is compared with.

mod attack;
mod bare;
mod bulk;
mod copy;
mod corrections;
mod follow_up;
mod jobs;
mod month;
mod outliers;
mod platform;
mod protection;
mod reads;
mod server;
mod traces;
mod wire;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use server::Server;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let what = arguments
        .next()
        .context("usage: bench bulk|reads|month|corrections|outliers|follow-up|protection|jobs|attack|traces|all FOLDER-OF-SQL")?;
    let second = arguments.next().context("the folder of the SQL files is missing")?;
    if what == "bare" {
        return bare::serve(&second, &arguments.next().context("the statement is missing")?).await;
    }
    if what == "worker" {
        return jobs::work(&second).await;
    }
    let sql = PathBuf::from(second);
    let server = Server::start()?;
    println!("{}", machine());
    match what.as_str() {
        "bulk" => bulk::run(&server).await,
        "month" => month::run(&server, &sql, &office(&server, &sql)?),
        "reads" => {
            let url = office(&server, &sql)?;
            month::compute(&url, "monthly-indicators", "2018-04")?;
            reads::run(&server, &sql, &url).await
        }
        "corrections" => corrections::run(&server, &sql, &office(&server, &sql)?).await,
        "outliers" => outliers::run(&server, &sql),
        "follow-up" => follow_up::run(&server, &sql),
        "protection" => protection::run(&server, &sql),
        "jobs" => jobs::run(&server).await,
        "attack" => attack::run(&server).await,
        "traces" => traces::run().await,
        "all" => {
            bulk::run(&server).await?;
            let url = office(&server, &sql)?;
            month::run(&server, &sql, &url)?;
            reads::run(&server, &sql, &url).await?;
            corrections::run(&server, &sql, &url).await?;
            outliers::run(&server, &sql)?;
            follow_up::run(&server, &sql)?;
            jobs::run(&server).await?;
            attack::run(&server).await?;
            traces::run().await
        }
        other => bail!("there is no benchmark {other}"),
    }
}

/// A database with an office of 30,000 people and one month of their records.
fn office(server: &Server, sql: &Path) -> anyhow::Result<String> {
    let url = server.database("office")?;
    platform::migrate(&url)?;
    server.psql(&url, &["-f", &sql.join("office.sql").display().to_string()])?;
    Ok(url)
}

/// What the figures were measured on.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("?").to_owned();
    let profile = if cfg!(debug_assertions) { "debug build: the figures say nothing" } else { "release build" };
    format!("{cores} cores, load {load} before the run, {profile}")
}
