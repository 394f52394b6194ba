//! Runs a command that finds a throwaway `PostgreSQL` server and a folder for `SQLite` files in its environment: `with_postgres COMMAND …`.
//!
//! One server serves a whole test run this way. It ends with its command's exit code; server and folder go with it, even when it is
//! killed. A server that is named in the environment already is left as it is.

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitCode};

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};
use torikumi_tests::database::{Cluster, POSTGRES_URL, RUN_FOLDER, Scratch};

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    let program = arguments.next().context("usage: with_postgres COMMAND [ARGUMENT]…")?;
    // Ctrl-C reaches the command too, and it is the command that decides when to end: until then it needs its server.
    let _interrupts = signal(SignalKind::interrupt())?;

    let folder = Scratch::new()?;
    let given = std::env::var(POSTGRES_URL).is_ok_and(|url| !url.is_empty());
    let cluster = if given { None } else { Some(Cluster::start()?) };

    let mut command = Command::new(&program);
    command.args(arguments).env(RUN_FOLDER, folder.path());
    if let Some(cluster) = &cluster {
        command.env(POSTGRES_URL, cluster.url());
    }
    let status = command.status().with_context(|| format!("cannot run {}", program.display()))?;
    // The shell's convention for a command that a signal ended.
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}
