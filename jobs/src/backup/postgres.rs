//! PostgreSQL's side: its own programs, looked for and spoken to through pipes.
//!
//! They get the address in their environment, so that no password stands on a command line. Of the identity the dump holds the table and not
//! its row: a database that was restored halfway has none, and is refused by all programs of ours until it is another one.

use super::BackupError;
use crate::{database::Database, dialect};
use percent_encoding::percent_decode_str;
use std::{
    env, fs,
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    thread::JoinHandle,
};
use url::Url;

/// Where packages put the programs of each version.
const FOLDERS: [&str; 2] = ["/usr/lib/postgresql", "/opt/homebrew/opt"];

/// The server's major version.
pub(super) async fn server(db: &Database) -> Result<u32, BackupError> {
    Ok(dialect::server(db.reader()).await?.unwrap_or_default())
}

/// One of PostgreSQL's programs.
pub(super) struct Program {
    name: &'static str,
    path: PathBuf,
    /// Its major version.
    pub(super) major: u32,
}

impl Program {
    /// Looks for a program of this version, or the next later one that there is. Blocks.
    pub(super) fn find(name: &'static str, major: u32) -> Result<Self, BackupError> {
        let mut folders: Vec<PathBuf> = Vec::new();
        // Those of one version each before what PATH finds: on Debian that is a switch to whichever is the newest.
        for versions in FOLDERS {
            folders.extend(fs::read_dir(versions).into_iter().flatten().flatten().map(|version| version.path().join("bin")));
        }
        folders.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
        let found = folders.into_iter().map(|folder| folder.join(name)).filter(|path| path.is_file());
        let found = found.filter_map(|path| Some(Self { name, major: version(&path)?, path }));
        let found = found.filter(|program| program.major >= major).min_by_key(|program| program.major);
        found.ok_or(BackupError::NoProgram { program: name, major })
    }

    /// Begins to dump a database.
    pub(super) fn dump(&self, url: &str) -> Result<Dump, BackupError> {
        let arguments = ["--format=custom", "--exclude-table-data=*.database_identity", "--lock-wait-timeout=60s"];
        let mut running = self.start(url, &arguments, Stdio::null(), Stdio::piped())?;
        let content = running.child.stdout.take().ok_or(BackupError::CutOff)?;
        Ok(Dump { running, content })
    }

    /// Begins to restore a database, in one transaction.
    pub(super) fn load(&self, url: &str) -> Result<Load, BackupError> {
        let database = format!("--dbname={}", Address::of(url)?.database);
        let arguments = ["--single-transaction", "--exit-on-error", &database];
        let mut running = self.start(url, &arguments, Stdio::piped(), Stdio::null())?;
        let content = running.child.stdin.take().ok_or(BackupError::CutOff)?;
        Ok(Load { running, content })
    }

    fn start(&self, url: &str, arguments: &[&str], input: Stdio, output: Stdio) -> Result<Running, BackupError> {
        let mut command = Command::new(&self.path);
        command.args(arguments).args(["--no-owner", "--no-privileges", "--no-password"]);
        command.envs(Address::of(url)?.environment).env("LC_ALL", "C");
        let mut child = command.stdin(input).stdout(output).stderr(Stdio::piped()).spawn().map_err(BackupError::io(&self.path))?;
        let said = child.stderr.take().ok_or(BackupError::CutOff)?;
        Ok(Running { name: self.name, child, said: Some(std::thread::spawn(move || first_error(BufReader::new(said)))) })
    }
}

/// The number before the first dot in `pg_dump (PostgreSQL) 15.18 (Debian …)`.
fn version(program: &Path) -> Option<u32> {
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let version = text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// Reads what a program says to its end, and keeps its first error, without what that quotes of rows.
fn first_error(said: impl BufRead) -> String {
    let mut first = None;
    let mut last = String::new();
    for line in said.lines().map_while(Result::ok) {
        if first.is_none() {
            first = line.split_once("error: ").map(|(_, error)| without_rows(error));
        }
        last = line;
    }
    first.unwrap_or_else(|| without_rows(&last))
}

/// A row's values come after the engine's own word, where rows were copied.
fn without_rows(error: &str) -> String {
    let copying = error.contains("COPY").then(|| error.split("ERROR:").next()).flatten();
    copying.unwrap_or(error).chars().take(300).collect::<String>().trim().trim_end_matches(':').to_owned()
}

/// A program at work, which is ended with this value.
struct Running {
    name: &'static str,
    child: Child,
    said: Option<JoinHandle<String>>,
}

impl Running {
    fn finish(mut self) -> Result<(), BackupError> {
        let status = self.child.wait().map_err(BackupError::io(Path::new(self.name)))?;
        let said = self.said.take().and_then(|said| said.join().ok()).unwrap_or_default();
        if status.success() { Ok(()) } else { Err(BackupError::Program { program: self.name, said }) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already. What it did not commit, the server takes back.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A dump, to be read to its end and finished.
pub(super) struct Dump {
    running: Running,
    content: ChildStdout,
}

impl Dump {
    /// Makes sure that it was whole.
    pub(super) fn finish(self) -> Result<(), BackupError> {
        drop(self.content);
        self.running.finish()
    }
}

impl Read for Dump {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.content.read(into)
    }
}

/// A restore, to be written to and finished; dropped before, it comes to nothing.
pub(super) struct Load {
    running: Running,
    content: ChildStdin,
}

impl Load {
    /// Lets `write` write the dump, and waits for the commit. Where that fails, nothing is committed.
    pub(super) fn fill(self, write: impl FnOnce(&mut ChildStdin) -> io::Result<()>) -> Result<(), BackupError> {
        let Self { mut running, mut content } = self;
        match write(&mut content) {
            Ok(()) => {}
            // It has ended, and says why.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            Err(error) => {
                // Before its input ends, which it might take for the end of the dump.
                let _ = running.child.kill();
                return Err(BackupError::copying(Path::new("the backup"))(error));
            }
        }
        drop(content);
        running.finish()
    }
}

/// An address in the words of the programs' environment.
#[derive(Debug, PartialEq, Eq)]
struct Address {
    environment: Vec<(&'static str, String)>,
    database: String,
}

impl Address {
    fn of(url: &str) -> Result<Self, BackupError> {
        let bad = || BackupError::Secret("DATABASE_URL cannot be read");
        let url = Url::parse(url).map_err(|_| bad())?;
        let decode = |text: &str| percent_decode_str(text).decode_utf8().map(std::borrow::Cow::into_owned).map_err(|_| bad());
        let mut environment = Vec::new();
        if let Some(host) = url.host_str().filter(|host| !host.is_empty()) {
            environment.push(("PGHOST", decode(host.trim_matches(['[', ']']))?));
        }
        environment.extend(url.port().map(|port| ("PGPORT", port.to_string())));
        if !url.username().is_empty() {
            environment.push(("PGUSER", decode(url.username())?));
        }
        if let Some(password) = url.password() {
            environment.push(("PGPASSWORD", decode(password)?));
        }
        let mut database = decode(url.path().trim_start_matches('/'))?;
        for (name, value) in url.query_pairs() {
            let name = match &*name {
                "sslmode" | "ssl-mode" => "PGSSLMODE",
                "sslrootcert" | "ssl-root-cert" | "ssl-ca" => "PGSSLROOTCERT",
                "sslcert" | "ssl-cert" => "PGSSLCERT",
                "sslkey" | "ssl-key" => "PGSSLKEY",
                "host" => "PGHOST",
                "hostaddr" => "PGHOSTADDR",
                "port" => "PGPORT",
                "user" => "PGUSER",
                "password" => "PGPASSWORD",
                "dbname" => {
                    database = value.into_owned();
                    continue;
                }
                // The rest is how our own connections behave.
                _ => continue,
            };
            environment.retain(|(other, _)| *other != name);
            environment.push((name, value.into_owned()));
        }
        if database.is_empty() {
            // As the driver has it: the user's own.
            let user = environment.iter().find(|(name, _)| *name == "PGUSER").map(|(_, user)| user.clone());
            database = user.or_else(|| env::var("PGDATABASE").ok()).or_else(|| env::var("USER").ok()).ok_or_else(bad)?;
        }
        environment.push(("PGDATABASE", database.clone()));
        Ok(Self { environment, database })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn environment(url: &str) -> String {
        let address = Address::of(url).unwrap();
        let words = address.environment.iter().map(|(name, value)| format!("{name}={value}"));
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn an_address_is_told_by_the_environment_alone() {
        assert_eq!(
            environment("postgres://office:p%40ss%3Aword@db.example:5433/torikumi?sslmode=verify-full&statement-cache-capacity=9"),
            "PGHOST=db.example PGPORT=5433 PGUSER=office PGPASSWORD=p@ss:word PGSSLMODE=verify-full PGDATABASE=torikumi"
        );
        assert_eq!(
            environment("postgres:///records?host=/run/postgresql&user=office"),
            "PGHOST=/run/postgresql PGUSER=office PGDATABASE=records"
        );
        assert_eq!(environment("postgres://office@[::1]"), "PGHOST=::1 PGUSER=office PGDATABASE=office");
        assert_eq!(environment("postgres://%2Frun%2Fpg/a%20b"), "PGHOST=/run/pg PGDATABASE=a b");
    }

    #[test]
    fn what_a_program_says_is_told_without_the_values_of_rows() {
        let said = "pg_restore: warning: some\npg_restore: error: COPY failed for table \"staff\": ERROR:  duplicate key\nDETAIL: (id)=(7)";
        assert_eq!(first_error(said.as_bytes()), "COPY failed for table \"staff\"");
        let said = "pg_dump: error: connection to server at \"127.0.0.1\", port 1 failed: Connection refused\n\tIs it running?";
        assert_eq!(first_error(said.as_bytes()), "connection to server at \"127.0.0.1\", port 1 failed: Connection refused");
    }
}
