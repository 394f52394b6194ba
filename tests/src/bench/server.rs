//! The `PostgreSQL` server of a run, with its own programs.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use torikumi_tests::database::Cluster;

/// A durable server of our own.
pub struct Server(Cluster);

impl Server {
    pub fn start() -> anyhow::Result<Self> {
        Ok(Self(Cluster::start_durable()?))
    }

    /// The file that it logs to.
    pub fn log_file(&self) -> PathBuf {
        self.0.log_file()
    }

    /// Makes an empty database and gives its URL.
    pub fn database(&self, name: &str) -> anyhow::Result<String> {
        self.psql(self.0.url(), &["-c", &format!("CREATE DATABASE {name} TEMPLATE template0")])?;
        let (server, _) = self.0.url().rsplit_once('/').context("a URL without a database")?;
        Ok(format!("{server}/{name}"))
    }

    /// Runs psql, which stops at the first error, and tells how long it took.
    pub fn psql(&self, url: &str, arguments: &[&str]) -> anyhow::Result<Duration> {
        let started = Instant::now();
        self.output("psql", &[&["-X", "-q", "-v", "ON_ERROR_STOP=1", url], arguments].concat())?;
        Ok(started.elapsed())
    }

    /// The one value of a statement.
    pub fn value(&self, url: &str, sql: &str) -> anyhow::Result<f64> {
        let text = self.output("psql", &["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", url, "-c", sql])?;
        text.trim().parse().with_context(|| format!("{sql}: {text}"))
    }

    /// What a program of the server prints.
    pub fn output(&self, program: &str, arguments: &[&str]) -> anyhow::Result<String> {
        let output = Command::new(self.0.program(program)).args(arguments).output().with_context(|| format!("cannot run {program}"))?;
        ensure!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?)
    }
}
