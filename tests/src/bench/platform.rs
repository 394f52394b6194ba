//! The `torikumi` program that stands beside this one, as a process of its own, started as its users start it.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, ensure};
use torikumi_tests::database::Scratch;

/// A server process, ended with this value.
pub struct Process {
    /// Where it listens: `127.0.0.1:PORT`.
    pub address: String,
    child: Child,
}

/// `torikumi serve`, with a key of its own.
pub struct Platform {
    /// The process.
    pub process: Process,
    folder: Scratch,
}

impl Platform {
    /// Starts it on a migrated database, its log going to a file as in production.
    pub fn serve(url: &str) -> anyhow::Result<Self> {
        Self::serve_with(url, &[])
    }

    /// The same with further flags of `torikumi serve`.
    pub fn serve_with(url: &str, more: &[&str]) -> anyhow::Result<Self> {
        let folder = Scratch::new()?;
        let key = folder.path().join("key.pem");
        let mut command = torikumi(url);
        command.args(["serve", "--no-jobs", "--listen", "127.0.0.1:0", "--key"]).arg(key).args(more);
        Ok(Self { process: Process::start(command, folder.path())?, folder })
    }

    /// A token of a role; `more` are the flags of `torikumi token`.
    pub fn token(&self, role: &str, more: &[&str]) -> anyhow::Result<String> {
        let mut command = torikumi("sqlite:unused");
        command.args(["token", "--role", role, "--ttl", "12h", "--key"]).arg(self.folder.path().join("key.pem")).args(more);
        let output = command.output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    /// A file of this run.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Process {
    /// Starts a server that prints `… http://ADDRESS …` once it listens.
    pub fn start(mut command: Command, folder: &Path) -> anyhow::Result<Self> {
        let log = File::create(folder.join("server.log"))?;
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().context("cannot start a server")?;
        let output = child.stdout.take().context("no standard output")?;
        let mut said = String::new();
        BufReader::new(output).read_line(&mut said)?;
        let address = said.split("http://").nth(1).and_then(|rest| rest.split_whitespace().next());
        let address = address.with_context(|| std::fs::read_to_string(folder.join("server.log")).unwrap_or_default())?.to_owned();
        Ok(Self { address, child })
    }

    /// Seconds of processor time so far.
    pub fn cpu(&self) -> f64 {
        cpu(self.child.id())
    }

    /// The resident memory now, in MB.
    pub fn memory(&self) -> u64 {
        memory(self.child.id(), "VmRSS:").unwrap_or_default()
    }

    /// The largest resident memory so far, in MB.
    pub fn peak_memory(&self) -> u64 {
        peak_memory(self.child.id()).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already, and there is nobody to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program's command on a database.
pub fn torikumi(url: &str) -> Command {
    let own = std::env::current_exe().unwrap_or_default();
    let mut command = Command::new(own.with_file_name("torikumi"));
    command.env("DATABASE_URL", url);
    command
}

/// `torikumi migrate`.
pub fn migrate(url: &str) -> anyhow::Result<()> {
    let output = torikumi(url).arg("migrate").output().context("cannot run torikumi: build it beside this program")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// The largest resident memory of a process so far, in MB; none once it has ended.
pub fn peak_memory(pid: u32) -> Option<u64> {
    memory(pid, "VmHWM:")
}

fn memory(pid: u32, name: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()?.div_ceil(1024))
}

/// Processor time of a process in seconds; Linux counts it in hundredths.
fn cpu(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name, in parentheses, may hold spaces.
    let ticks = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}
