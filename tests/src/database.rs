//! One database for each test, on `SQLite` and on `PostgreSQL`, so that tests run side by side and none sees another's rows.
//!
//! A database is a copy of a template that is migrated once. `tests/run` keeps both templates for the whole run by two variables, which
//! [`RUN_FOLDER`] and [`POSTGRES_URL`] name; without them each test process makes its own, so plain `cargo test` works as well.
//!
//! Deliberately absent: serial tests, and cleaning tables between tests.

mod cluster;
mod watchdog;

use std::any::TypeId;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::UNIX_EPOCH;

use anyhow::{Context, anyhow};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use tokio::sync::Mutex;
use uuid::Uuid;

pub use cluster::Cluster;
pub use watchdog::Scratch;

/// The variable with the URL of a `PostgreSQL` server's maintenance database, whose user may create databases.
pub const POSTGRES_URL: &str = "TORIKUMI_TEST_POSTGRES_URL";

/// The variable with the folder for the `SQLite` files of one run.
pub const RUN_FOLDER: &str = "TORIKUMI_TEST_FOLDER";

/// The advisory lock under which a template is made.
const TEMPLATE_LOCK: i64 = 0x746f_7269_6b75_6d69;

/// An engine that the platform supports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// A file.
    Sqlite,
    /// A database on a server, version 15 or later.
    Postgres,
}

/// A migrated database of one test, dropped with this value.
pub struct TestDatabase {
    /// What the platform takes as `DATABASE_URL`.
    pub url: String,
    /// Its engine.
    pub backend: Backend,
    place: Place,
}

/// What has to go at the end.
enum Place {
    Elsewhere,
    File(PathBuf),
    Database { maintenance: String, name: String },
}

impl TestDatabase {
    /// Makes a database that `migrate` has brought up, by copying the template of that function.
    ///
    /// `migrate` gets the URL of an empty database, and runs once for each build and function, not once for each test. It captures
    /// nothing (the compiler checks that), for its type names the template.
    ///
    /// # Errors
    /// When `PostgreSQL` is missing (it is never skipped), or when a statement or `migrate` fails.
    pub async fn new<M>(backend: Backend, migrate: M) -> anyhow::Result<Self>
    where
        M: AsyncFnOnce(&str) -> anyhow::Result<()> + 'static,
    {
        match backend {
            Backend::Sqlite => Self::sqlite(migrate).await,
            Backend::Postgres => Self::postgres(&maintenance_url()?, migrate).await,
        }
    }

    /// As [`TestDatabase::new`], on a server of the test's own.
    ///
    /// # Errors
    /// When a statement or `migrate` fails.
    pub async fn on<M>(cluster: &Cluster, migrate: M) -> anyhow::Result<Self>
    where
        M: AsyncFnOnce(&str) -> anyhow::Result<()> + 'static,
    {
        Self::postgres(cluster.url(), migrate).await
    }

    /// A database that somebody else drops, such as the one that becomes a template.
    #[must_use]
    pub fn given(url: &str) -> Self {
        let backend = if url.starts_with("sqlite:") { Backend::Sqlite } else { Backend::Postgres };
        Self { url: url.to_owned(), backend, place: Place::Elsewhere }
    }

    /// Makes a database without any table.
    ///
    /// # Errors
    /// As [`TestDatabase::new`].
    pub async fn empty(backend: Backend) -> anyhow::Result<Self> {
        Self::new(backend, async |_: &str| Ok(())).await
    }

    async fn sqlite<M>(migrate: M) -> anyhow::Result<Self>
    where
        M: AsyncFnOnce(&str) -> anyhow::Result<()> + 'static,
    {
        let folder = run_folder()?;
        let template = sqlite_template(&folder, migrate).await.context("the SQLite template")?;
        let file = folder.join(format!("{}.sqlite", new_name()));
        std::fs::copy(template, &file)?;
        Ok(Self { url: sqlite_url(&file), backend: Backend::Sqlite, place: Place::File(file) })
    }

    async fn postgres<M>(maintenance: &str, migrate: M) -> anyhow::Result<Self>
    where
        M: AsyncFnOnce(&str) -> anyhow::Result<()> + 'static,
    {
        let connection = connect(maintenance).await?;
        let template = postgres_template(&connection, maintenance, migrate).await.context("the PostgreSQL template")?;
        let name = new_name();
        connection.execute_unprepared(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await?;
        connection.close().await?;
        let url = with_database(maintenance, &name);
        Ok(Self { url, backend: Backend::Postgres, place: Place::Database { maintenance: maintenance.to_owned(), name } })
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        match &self.place {
            Place::Elsewhere => {}
            Place::File(file) => remove_sqlite(file),
            Place::Database { maintenance, name } => {
                let (maintenance, name) = (maintenance.clone(), name.clone());
                // A thread, because the one of a runtime must not block on another future.
                let dropped = std::thread::spawn(move || drop_database(&maintenance, &name)).join();
                if !matches!(dropped, Ok(Ok(()))) {
                    eprintln!("cannot drop {}: {dropped:?}", self.url);
                }
            }
        }
    }
}

/// Runs one asynchronous test body over both engines, as the tests `name::sqlite` and `name::postgres`.
///
/// A test that takes long has `#[ignore = "long: tests/run --whole"]` before its name. The body gets the [`Backend`](crate::database::Backend) and returns `anyhow::Result<()>`:
///
/// ```text
/// both!(answers, async |backend| {
///     let database = TestDatabase::new(backend, migrate).await?;
///     Ok(())
/// });
/// ```
#[macro_export]
macro_rules! both {
    ($(#[$attribute:meta])* $name:ident, $body:expr $(,)?) => {
        mod $name {
            #[allow(unused_imports, clippy::wildcard_imports)]
            use super::*;

            $(#[$attribute])*
            #[tokio::test(flavor = "multi_thread")]
            async fn sqlite() -> anyhow::Result<()> {
                $crate::database::run($crate::database::Backend::Sqlite, $body).await
            }

            $(#[$attribute])*
            #[tokio::test(flavor = "multi_thread")]
            async fn postgres() -> anyhow::Result<()> {
                $crate::database::run($crate::database::Backend::Postgres, $body).await
            }
        }
    };
}

/// Runs a body of [`both!`]; the closure's argument takes its type from here.
///
/// # Errors
/// Those of the body.
#[doc(hidden)]
pub async fn run(backend: Backend, body: impl AsyncFnOnce(Backend) -> anyhow::Result<()>) -> anyhow::Result<()> {
    body(backend).await
}

// --- SQLite ---

/// The folder of this run, or else of this process.
fn run_folder() -> anyhow::Result<PathBuf> {
    static OWN: OnceLock<Result<Scratch, String>> = OnceLock::new();
    if let Some(folder) = std::env::var_os(RUN_FOLDER) {
        return Ok(folder.into());
    }
    let own = OWN.get_or_init(|| Scratch::new().map_err(|error| format!("{error:#}")));
    own.as_ref().map(|scratch| scratch.path().to_owned()).map_err(|error| anyhow!("{error}"))
}

/// Makes the template unless it is there. Processes may make it at the same time; the rename is atomic and the last one stays.
async fn sqlite_template<M>(folder: &Path, migrate: M) -> anyhow::Result<PathBuf>
where
    M: AsyncFnOnce(&str) -> anyhow::Result<()> + 'static,
{
    static MAKING: Mutex<()> = Mutex::const_new(());
    let template = folder.join(format!("template-{}.sqlite", TemplateKey::of(&migrate)?));
    let _making = MAKING.lock().await;
    if template.exists() {
        return Ok(template);
    }
    let migrated = folder.join(format!("{}.sqlite", new_name()));
    std::fs::File::create_new(&migrated)?;
    migrate(&sqlite_url(&migrated)).await?;
    // What is still in the write-ahead log is in no copy of the file; VACUUM INTO reads both and writes one file.
    let whole = folder.join(format!("{}.sqlite", new_name()));
    let connection = connect(&sqlite_url(&migrated)).await?;
    connection.execute_unprepared(&format!("VACUUM INTO '{}'", whole.display().to_string().replace('\'', "''"))).await?;
    connection.close().await?;
    remove_sqlite(&migrated);
    std::fs::rename(&whole, &template)?;
    Ok(template)
}

fn sqlite_url(file: &Path) -> String {
    format!("sqlite://{}", file.display())
}

fn remove_sqlite(file: &Path) {
    for suffix in ["", "-wal", "-shm", "-journal", "-jobs"] {
        let mut path = file.as_os_str().to_owned();
        path.push(suffix);
        // Most of these do not exist, and the run's folder goes in the end anyway.
        let _ = std::fs::remove_file(path);
    }
}

// --- PostgreSQL ---

/// The maintenance URL of the server that was given, or else of one that this process starts on first use.
fn maintenance_url() -> anyhow::Result<String> {
    static OWN: OnceLock<Result<Cluster, String>> = OnceLock::new();
    if let Some(url) = std::env::var(POSTGRES_URL).ok().filter(|url| !url.is_empty()) {
        return Ok(url);
    }
    let own = OWN.get_or_init(|| Cluster::start().map_err(|error| format!("{error:#}")));
    own.as_ref().map(|cluster| cluster.url().to_owned()).map_err(|error| anyhow!("{error}"))
}

/// Makes the template unless it is there. It gets its name only when it is complete, so that one cut short is never taken for one.
async fn postgres_template<M>(connection: &DatabaseConnection, maintenance: &str, migrate: M) -> anyhow::Result<String>
where
    M: AsyncFnOnce(&str) -> anyhow::Result<()> + 'static,
{
    let key = TemplateKey::of(&migrate)?;
    let template = format!("torikumi_template_{key}");
    if exists(connection, &template).await? {
        return Ok(template);
    }
    let lock = |function| format!("SELECT {function}({TEMPLATE_LOCK})");
    connection.execute_unprepared(&lock("pg_advisory_lock")).await?;
    if !exists(connection, &template).await? {
        let half = format!("{template}_half");
        drop_outdated(connection, &format!("torikumi_template_{:016x}_", key.place)).await?;
        connection.execute_unprepared(&format!("CREATE DATABASE {half} TEMPLATE template0")).await?;
        migrate(&with_database(maintenance, &half)).await?;
        // A database in use can be neither renamed nor copied, and connections of `migrate` may still be closing.
        connection.execute_unprepared(&format!("ALTER DATABASE {half} ALLOW_CONNECTIONS false")).await?;
        let leftover = format!("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{half}'");
        connection.execute_unprepared(&leftover).await?;
        connection.execute_unprepared(&format!("ALTER DATABASE {half} RENAME TO {template}")).await?;
    }
    connection.execute_unprepared(&lock("pg_advisory_unlock")).await?;
    Ok(template)
}

async fn exists(connection: &DatabaseConnection, name: &str) -> anyhow::Result<bool> {
    let sql = format!("SELECT 1 FROM pg_database WHERE datname = '{name}'");
    Ok(connection.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?.is_some())
}

/// Drops the templates of earlier builds of the same executable, and one that was cut short: a server that was given lives on.
async fn drop_outdated(connection: &DatabaseConnection, prefix: &str) -> anyhow::Result<()> {
    let sql = format!("SELECT datname::text FROM pg_database WHERE starts_with(datname, '{prefix}')");
    for row in connection.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await? {
        let name: String = row.try_get_by_index(0)?;
        connection.execute_unprepared(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
    }
    Ok(())
}

fn drop_database(maintenance: &str, name: &str) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let connection = connect(maintenance).await?;
        connection.execute_unprepared(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
        connection.close().await?;
        Ok(())
    })
}

/// The same server and parameters with another database: `postgres://u@h:1/postgres?x=y` → `postgres://u@h:1/name?x=y`.
fn with_database(url: &str, name: &str) -> String {
    let (address, query) = url.split_once('?').map_or((url, None), |(address, query)| (address, Some(query)));
    let host = address.find("://").map_or(0, |at| at + 3);
    let end = address[host..].find('/').map_or(address.len(), |at| host + at);
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    format!("{}/{name}{query}", &address[..end])
}

// --- both ---

/// What a template is for: where the executable is and which function migrates (`place`), and which build of it (`build`).
struct TemplateKey {
    place: u64,
    build: u64,
}

impl TemplateKey {
    fn of<M: 'static>(_migrate: &M) -> anyhow::Result<Self> {
        const { assert!(size_of::<M>() == 0, "a template's function must not capture values") };
        let executable = std::env::current_exe()?;
        let metadata = std::fs::metadata(&executable)?;
        let modified = metadata.modified()?.duration_since(UNIX_EPOCH)?;
        Ok(Self { place: hash((&executable, TypeId::of::<M>())), build: hash((modified, metadata.len())) })
    }
}

impl std::fmt::Display for TemplateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}_{:016x}", self.place, self.build)
    }
}

fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// A name of which there is no other, valid without quotes in SQL and in file names.
fn new_name() -> String {
    format!("t_{}", Uuid::now_v7().simple())
}

async fn connect(url: &str) -> anyhow::Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Ok(Database::connect(options).await?)
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn another_database_on_the_same_server() {
        for (url, expected) in [
            ("postgres://postgres@127.0.0.1:5433/postgres", "postgres://postgres@127.0.0.1:5433/x"),
            ("postgres://u:p@host/db?sslmode=require&a=/b", "postgres://u:p@host/x?sslmode=require&a=/b"),
            ("postgres://host", "postgres://host/x"),
            ("postgres://host?sslmode=disable", "postgres://host/x?sslmode=disable"),
        ] {
            assert_eq!(with_database(url, "x"), expected);
        }
    }
}
