//! `torikumi worker` as a process of its own, whose log is read line by line, so that a test can meet it where it stands.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};

use anyhow::{Context, ensure};
use serde_json::Value;
use tokio::task::block_in_place;

use crate::database::Scratch;

/// A worker, ended with this value. What waits for it belongs to a runtime of several threads.
pub struct Worker {
    child: Child,
    output: BufReader<ChildStdout>,
    log: BufReader<ChildStderr>,
    /// The first run that it claimed.
    run: Option<String>,
    _folder: Scratch,
}

impl Worker {
    /// Starts one on a migrated database, with a lease of so many seconds, logging what the filter `log` lets through.
    ///
    /// # Errors
    /// When the program is not there.
    pub fn start(url: &str, lease: u16, log: &str) -> anyhow::Result<Self> {
        // target/PROFILE/deps/e2e-… stands beside target/PROFILE/torikumi, which tests/run builds.
        let executable = std::env::current_exe()?;
        let program = executable.parent().and_then(Path::parent).context("no target folder")?.join("torikumi");
        ensure!(program.is_file(), "{} is missing: run tests/run, or cargo build --workspace", program.display());
        let folder = Scratch::new()?;
        let mut command = Command::new(program);
        command.arg("worker").env("DATABASE_URL", url).env("TORIKUMI_KEY", folder.path().join("key.pem"));
        command.env("TORIKUMI_SEAL_KEY", folder.path().join("seal.key")).env("TORIKUMI_SEAL_HEADS", folder.path().join("heads"));
        command
            .env("TORIKUMI_PSEUDONYM_KEY", folder.path().join("pseudonym.key"))
            .env("TORIKUMI_RELEASE_KEY", folder.path().join("release.key"));
        command.env("TORIKUMI_SECURITY_LOG", "off");
        command.env("TORIKUMI_LEASE", lease.to_string()).env("TORIKUMI_CONNECTIONS", "4").env("TORIKUMI_LOG", log);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let output = BufReader::new(child.stdout.take().context("stdout")?);
        let log = BufReader::new(child.stderr.take().context("stderr")?);
        Ok(Self { child, output, log, run: None, _folder: folder })
    }

    /// Its first line, which it prints when it may run jobs; empty where it ends without one.
    ///
    /// # Errors
    /// The pipe's.
    pub fn first_line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        block_in_place(|| self.output.read_line(&mut line))?;
        Ok(line)
    }

    /// Waits until it may run jobs; from then on it hears what it is told.
    ///
    /// # Errors
    /// It ended before.
    pub fn ready(mut self) -> anyhow::Result<Self> {
        let line = self.first_line()?;
        ensure!(line == "Torikumi runs jobs\n", "it said {line:?}");
        Ok(self)
    }

    /// The next thing that it logs of itself and of the first run that it claims, for what follows from that one goes on beside: the message,
    /// and the phase where it names one; `None` where it has ended.
    ///
    /// # Errors
    /// The pipe's.
    pub fn event(&mut self) -> anyhow::Result<Option<String>> {
        loop {
            let mut line = String::new();
            if block_in_place(|| self.log.read_line(&mut line))? == 0 {
                return Ok(None);
            }
            let event: Value = serde_json::from_str(&line).unwrap_or_default();
            let fields = &event["fields"];
            let Some(message) = fields["message"].as_str() else { return Ok(Some(line)) };
            if let Some(run) = fields["run"].as_str()
                && self.run.get_or_insert_with(|| run.to_owned()) != run
            {
                continue;
            }
            return Ok(Some(fields["phase"].as_str().map_or_else(|| message.to_owned(), |phase| format!("{message}: {phase}"))));
        }
    }

    /// Reads on until it logs this.
    ///
    /// # Errors
    /// It ended before.
    pub fn until(&mut self, event: &str) -> anyhow::Result<()> {
        while self.event()?.with_context(|| format!("it ended before {event:?}"))? != event {}
        Ok(())
    }

    /// Sends it a signal, such as `STOP`.
    ///
    /// # Errors
    /// There is no such process.
    pub fn signal(&self, name: &str) -> anyhow::Result<()> {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status()?;
        ensure!(sent.success(), "kill -{name}");
        Ok(())
    }

    /// Kills it at once, with all that it was about to do.
    ///
    /// # Errors
    /// It cannot be waited for.
    pub fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        block_in_place(|| self.child.wait())?;
        Ok(())
    }

    /// Waits until it has ended; with how, and the rest of its log.
    ///
    /// # Errors
    /// The pipe's.
    pub fn ended(mut self) -> anyhow::Result<(ExitStatus, String)> {
        let mut rest = String::new();
        block_in_place(|| {
            self.log.read_to_string(&mut rest)?;
            Ok((self.child.wait()?, rest))
        })
    }

    /// Tells it to stop in good order, and waits until it has.
    ///
    /// # Errors
    /// It did not end well.
    pub fn stop(self) -> anyhow::Result<()> {
        self.signal("TERM")?;
        let (status, rest) = self.ended()?;
        ensure!(status.success(), "it ended with {status}: {rest}");
        Ok(())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It may have ended already, and there is nobody to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
