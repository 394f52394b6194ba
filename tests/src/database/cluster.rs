//! A throwaway `PostgreSQL` server: its own data, its own port, nothing left behind.
//!
//! Nothing survives a power cut in a test's cluster (`fsync` is off), so it tests behaviour and never durability or speed. A benchmark asks for
//! [`Cluster::start_durable`], which keeps every promise of a server in production.

use std::ffi::OsStr;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail, ensure};

use super::watchdog::{User, Watchdog, new_folder};

/// The oldest server the platform supports.
const OLDEST: u32 = 15;

/// How often another port is tried: between finding a free one and using it, another process may take it.
const ATTEMPTS: usize = 3;

/// Settings of a test's cluster: as fast as can be, and gone with a power cut.
const FAST: &str = "fsync = off\nfull_page_writes = off\nsynchronous_commit = off\nwal_level = minimal\nmax_wal_senders = 0";

/// Settings of a benchmark's cluster: the server's own, safe defaults, with memory for its tables and no checkpoint in the midst of a run.
const DURABLE: &str = "shared_buffers = 1GB\nmax_wal_size = 8GB\ncheckpoint_timeout = 30min";

/// `$1` the folder of the server's programs, `$2` the folder of this cluster, `$3` the port, `$4` further settings.
const SCRIPT: &str = r#"
bin=$1 folder=$2 port=$3 settings=$4
finish() {
    "$bin/pg_ctl" stop -D "$folder/data" -m immediate >/dev/null
    rm -rf "$folder"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

make() {
    "$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale="$1" --no-sync
}

start() {
    make C.UTF-8 || make C || return
    cat >>"$folder/data/postgresql.conf" <<END || return
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = ''
max_connections = 300
$settings
END
    "$bin/pg_ctl" start -w -D "$folder/data" -l "$folder/server.log"
}

if start >"$folder/start.log" 2>&1; then
    echo ready
    read -r _
else
    tail -n 20 "$folder"/*.log
fi
"#;

/// A `PostgreSQL` server of our own, stopped and removed when this is dropped or when our process ends.
pub struct Cluster {
    url: String,
    programs: PathBuf,
    folder: PathBuf,
    user: Option<User>,
    _watchdog: Watchdog,
}

impl Cluster {
    /// Makes a cluster (encoding UTF8, locale `C.UTF-8` or else `C`) and starts it on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// When `PostgreSQL` 15 or later is missing (the message says what to install) or does not start (with the end of its log).
    pub fn start() -> anyhow::Result<Self> {
        Self::start_with(FAST)
    }

    /// The same, but it loses nothing: for measuring speed.
    ///
    /// # Errors
    /// As [`Cluster::start`].
    pub fn start_durable() -> anyhow::Result<Self> {
        Self::start_with(DURABLE)
    }

    fn start_with(settings: &str) -> anyhow::Result<Self> {
        let programs = find_programs()?;
        let mut attempt = 1;
        loop {
            match Self::start_once(&programs, settings) {
                Err(_) if attempt < ATTEMPTS => attempt += 1,
                result => return result.context("PostgreSQL did not start"),
            }
        }
    }

    /// The superuser's URL of the database `postgres`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A program of the server's version, such as `psql`, which stands beside the server itself where that is only linked to.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        let server = std::fs::canonicalize(self.programs.join("postgres"));
        server.ok().map(|server| server.with_file_name(name)).filter(|path| path.is_file()).unwrap_or_else(|| self.programs.join(name))
    }

    /// The file that the server logs to.
    #[must_use]
    pub fn log_file(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    /// Ends the server as a crash of the machine would, and starts it again; it has recovered when this returns.
    ///
    /// # Errors
    /// When it does not start.
    pub fn restart_immediately(&self) -> anyhow::Result<()> {
        let mut command = Command::new(self.program("pg_ctl"));
        command.args(["restart", "-w", "-m", "immediate", "-D"]).arg(self.folder.join("data")).arg("-l").arg(self.log_file());
        // The server keeps what it is given, and root's working folder may be closed to its user.
        command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if let Some(User { uid, gid }) = self.user {
            command.uid(uid).gid(gid);
        }
        ensure!(command.status()?.success(), "PostgreSQL did not start again: see {}", self.log_file().display());
        Ok(())
    }

    fn start_once(programs: &Path, settings: &str) -> anyhow::Result<Self> {
        let folder = new_folder()?;
        let started = Self::start_in(&folder, programs, settings);
        if started.is_err() {
            // The script has done it already, unless it could not even start.
            let _ = std::fs::remove_dir_all(&folder);
        }
        started
    }

    fn start_in(folder: &Path, programs: &Path, settings: &str) -> anyhow::Result<Self> {
        let user = unprivileged_owner(folder)?;
        let port = free_port()?.to_string();
        let arguments = [programs.as_os_str(), folder.as_os_str(), OsStr::new(&port), OsStr::new(settings)];
        let watchdog = Watchdog::start(SCRIPT, &arguments, user)?;
        let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
        Ok(Self { url, programs: programs.to_owned(), folder: folder.to_owned(), user, _watchdog: watchdog })
    }
}

/// Finds a folder that holds the server's programs, on `PATH` or where packages put them.
fn find_programs() -> anyhow::Result<PathBuf> {
    let mut folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect();
    folders.push("/usr/local/bin".into());
    if let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql") {
        folders.extend(versions.flatten().map(|version| version.path().join("bin")));
    }
    let found = folders.into_iter().find(|folder| {
        ["initdb", "pg_ctl"].iter().all(|program| folder.join(program).is_file())
            && major_version(&folder.join("postgres")).is_some_and(|version| version >= OLDEST)
    });
    found.with_context(|| {
        format!("no PostgreSQL {OLDEST} or later found (initdb, pg_ctl, postgres): install it, on Debian by `apt-get install postgresql`")
    })
}

/// The number before the first dot in `postgres (PostgreSQL) 15.18 (Debian …)`.
fn major_version(postgres: &Path) -> Option<u32> {
    let output = Command::new(postgres).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let version = text.split_whitespace().nth(2)?;
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// `PostgreSQL` refuses to run as root: where we are root, gives `folder` to the user `postgres` and says who that is.
fn unprivileged_owner(folder: &Path) -> anyhow::Result<Option<User>> {
    if std::fs::metadata(folder)?.uid() != 0 {
        return Ok(None);
    }
    let user = User { uid: id("-u")?, gid: id("-g")? };
    ensure!(user.uid != 0, "the user postgres must not be root");
    chown(folder, Some(user.uid), Some(user.gid))?;
    Ok(Some(user))
}

fn id(which: &str) -> anyhow::Result<u32> {
    let output = Command::new("id").args([which, "postgres"]).output().context("cannot run id")?;
    if !output.status.success() {
        bail!("PostgreSQL does not run as root, and there is no user `postgres` to run it as");
    }
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}
