//! Clean-up that happens however this process ends, by SIGKILL too.
//!
//! A destructor does not run in a killed process, and statics have none. So a small shell holds the other end of a pipe: the kernel closes
//! our end whenever we end, the shell reads end-of-file and cleans up. It lives in a process group of its own, so that Ctrl-C or a test
//! runner's timeout, which hit the whole group, leave it to its work.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, bail};
use uuid::Uuid;

/// The numeric user and group a process runs as.
#[derive(Clone, Copy)]
pub(super) struct User {
    pub uid: u32,
    pub gid: u32,
}

/// A running shell script whose clean-up begins when this is dropped or when our process ends.
pub(super) struct Watchdog(Child);

impl Watchdog {
    /// Starts `script` and waits for the line `ready`.
    ///
    /// The script must then wait for the end of its standard input and clean up. It gets `arguments` as `$1`, `$2` …
    ///
    /// # Errors
    /// When it ends without having been ready, with what it printed.
    pub(super) fn start(script: &str, arguments: &[&OsStr], user: Option<User>) -> anyhow::Result<Self> {
        let mut command = Command::new("sh");
        command.arg("-c").arg(script).arg("watchdog").args(arguments);
        // Root's working folder may be closed to `user`. Standard error must not be ours: whoever reads it would wait for the clean-up.
        command.current_dir("/").process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        if let Some(User { uid, gid }) = user {
            command.uid(uid).gid(gid);
        }
        let mut watchdog = Self(command.spawn().context("cannot start sh")?);
        let mut output = BufReader::new(watchdog.0.stdout.take().context("the watchdog has no standard output")?);
        let mut said = String::new();
        output.read_line(&mut said)?;
        if said.trim_end() == "ready" {
            return Ok(watchdog);
        }
        output.read_to_string(&mut said)?;
        bail!("{}", said.trim_end())
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        // Waiting makes sure that the clean-up is over; its status says nothing we could act on.
        let _ = self.0.wait();
    }
}

/// A folder for temporary files, removed with its content when this is dropped or when our process ends.
pub struct Scratch {
    path: PathBuf,
    _watchdog: Watchdog,
}

impl Scratch {
    /// Makes an empty folder in the system's folder for temporary files.
    ///
    /// # Errors
    /// When that folder cannot be written to, or there is no `sh`.
    pub fn new() -> anyhow::Result<Self> {
        let path = new_folder()?;
        let script = "trap 'exit 1' HUP INT TERM; trap 'rm -rf \"$1\"' EXIT; echo ready; read -r _";
        match Watchdog::start(script, &[path.as_os_str()], None) {
            Ok(watchdog) => Ok(Self { path, _watchdog: watchdog }),
            Err(error) => {
                std::fs::remove_dir(&path)?;
                Err(error)
            }
        }
    }

    /// Where the folder is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Makes a folder of a new name in the system's folder for temporary files.
pub(super) fn new_folder() -> anyhow::Result<PathBuf> {
    let path = std::env::temp_dir().join(format!("torikumi-test-{}", Uuid::now_v7().simple()));
    std::fs::create_dir(&path).with_context(|| format!("cannot make {}", path.display()))?;
    Ok(path)
}
