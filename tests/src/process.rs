//! `torikumi serve` as a process of its own, whose memory can be looked at.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::Context;

/// A serving process, ended with this value.
pub struct Process {
    /// Where it listens: `127.0.0.1:PORT`.
    pub address: String,
    child: Child,
}

impl Process {
    /// Starts it from the program's command (`Server::program`), without jobs.
    ///
    /// # Errors
    /// It did not start.
    pub fn serve(mut command: Command) -> anyhow::Result<Self> {
        command.args(["serve", "--no-jobs", "--listen", "127.0.0.1:0"]).env("TORIKUMI_LOG", "error");
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let mut said = String::new();
        BufReader::new(child.stdout.take().context("stdout")?).read_line(&mut said)?;
        let address = said.split("http://").nth(1).and_then(|rest| rest.split_whitespace().next()).context("it did not start")?;
        Ok(Self { address: address.to_owned(), child })
    }

    /// Its resident memory in MB, now.
    ///
    /// # Errors
    /// It has ended.
    pub fn memory(&self) -> anyhow::Result<u64> {
        self.status("VmRSS:")
    }

    /// The largest that its resident memory was, in MB.
    ///
    /// # Errors
    /// It has ended.
    pub fn peak(&self) -> anyhow::Result<u64> {
        self.status("VmHWM:")
    }

    fn status(&self, name: &str) -> anyhow::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)).with_context(|| format!("no {name}"))?;
        Ok(line.trim().trim_end_matches(" kB").parse::<u64>()?.div_ceil(1024))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already, and there is nobody to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
