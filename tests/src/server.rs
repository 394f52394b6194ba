//! The whole platform for one test: a migrated database of its own, a local key, a clock that the test turns, and HTTP on a free port.
//!
//! Deliberately absent: a worker. Runs are done when the test says so ([`Server::run_jobs`]), so that no test waits for one.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use api::app::{App, Config, migrate};
use api::authn::{AuthnConfig, BureauClaim, JwksSource, LocalKey, Principal, TokenRequest};
use api::authz::Role;
use api::http::Limits;
use api::store::client::Registration;
use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use entity::job_run::{self, Trigger};
use jobs::clock::Clock;
use jobs::database::Database;
use jobs::runner::Runner;
use jobs::settings::Settings;
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, PaginatorTrait, QueryFilter};
use tokio_util::sync::CancellationToken;

use crate::client::Client;
use crate::database::{Backend, Scratch, TestDatabase};

/// Who issues the tokens, and whom they are for.
const NAME: &str = "torikumi";
/// Pooled connections of the server.
const CONNECTIONS: u32 = 8;

/// A running platform, gone when dropped.
pub struct Server {
    /// Where it listens: `http://127.0.0.1:PORT`.
    pub url: String,
    /// The program behind it.
    pub app: App,
    /// Its database, for looking at rows that no query shows.
    pub database: TestDatabase,
    authn: AuthnConfig,
    key: LocalKey,
    folder: Scratch,
    now: Arc<Mutex<DateTime<Utc>>>,
    stop: CancellationToken,
}

impl Server {
    /// Starts the platform at 2020-04-15T00:00:00Z, nine in the morning in Tokyo.
    ///
    /// # Errors
    /// What keeps the program from starting.
    pub async fn start(backend: Backend) -> anyhow::Result<Self> {
        Self::on(TestDatabase::new(backend, migrated).await?).await
    }

    /// The same with another number of pooled connections.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub async fn with_connections(backend: Backend, connections: u32) -> anyhow::Result<Self> {
        Self::open(TestDatabase::new(backend, migrated).await?, connections).await
    }

    /// The same on a database that is migrated already.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub async fn on(database: TestDatabase) -> anyhow::Result<Self> {
        Self::open(database, CONNECTIONS).await
    }

    async fn open(database: TestDatabase, connections: u32) -> anyhow::Result<Self> {
        // An INTERNAL error shows an id; a failed test's output shows the rest. The first test of a process sets it up for all.
        let _ = tracing_subscriber::fmt().with_test_writer().with_max_level(tracing_subscriber::filter::LevelFilter::WARN).try_init();
        let folder = Scratch::new()?;
        let key_file = folder.path().join("key.pem");
        let now = Arc::new(Mutex::new(Utc.with_ymd_and_hms(2020, 4, 15, 0, 0, 0).single().context("a date")?));
        let shown = Arc::clone(&now);
        let clock = Clock::from_fn(move || *shown.lock().unwrap_or_else(PoisonError::into_inner));
        let authn = AuthnConfig::new(NAME, NAME, JwksSource::Local(key_file.clone()));
        let config = Config {
            database_url: database.url.clone(),
            connections,
            authn: authn.clone(),
            origins: api::http::Origins::default(),
            graphiql: false,
            limits: Limits::default(),
            proxies: api::http::Proxies::default(),
            security: Some(folder.path().join("security")),
            jobs: Settings {
                seal_key: folder.path().join("seal.key"),
                seal_heads: folder.path().join("heads"),
                pseudonym_key: folder.path().join("pseudonym.key"),
                release_key: folder.path().join("release.key"),
                ..Settings::default()
            },
        };
        let app = App::open(config, clock).await?;
        let key = LocalKey::open_or_create(&key_file)?;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let stop = CancellationToken::new();
        tokio::spawn(api::http::serve(listener, app.router()?, stop.clone()));
        Ok(Self { url, app, database, authn, key, folder, now, stop })
    }

    /// Leaves one job's schedule enabled, for tests that count slots.
    ///
    /// # Errors
    /// The engine's.
    pub async fn schedule_alone(&self, job: &str) -> anyhow::Result<()> {
        use sea_orm::ConnectionTrait;
        let others = format!("UPDATE job_schedule SET enabled = FALSE WHERE job <> '{job}'");
        self.app.db.writer().execute_unprepared(&others).await?;
        Ok(())
    }

    /// Turns the clock. Tokens that were made before are valid for a year from then.
    pub fn set_now(&self, now: DateTime<Utc>) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// Lets this much time pass.
    pub fn pass(&self, time: TimeDelta) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) += time;
    }

    /// A folder of the test's own, for files.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The file of the key that signs the tokens.
    #[must_use]
    pub fn key_file(&self) -> PathBuf {
        self.folder.path().join("key.pem")
    }

    /// The folder of the security log.
    #[must_use]
    pub fn security_log(&self) -> PathBuf {
        self.folder.path().join("security")
    }

    /// What the security log says, all files of it; each line once it is written.
    ///
    /// # Errors
    /// A file that cannot be read, or a line that is no JSON.
    pub async fn said_of_security(&self) -> anyhow::Result<Vec<serde_json::Value>> {
        self.app.security.flush().await;
        let mut lines = Vec::new();
        for entry in std::fs::read_dir(self.security_log())? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "jsonl") {
                for line in std::fs::read_to_string(path)?.lines() {
                    lines.push(serde_json::from_str(line)?);
                }
            }
        }
        Ok(lines)
    }

    /// Does every queued run and those that follow from them, and tells how many were asked for by somebody or due by a schedule.
    ///
    /// # Errors
    /// The ledger's; what goes wrong inside a job stands in its run.
    pub async fn run_jobs(&self) -> anyhow::Result<usize> {
        let before = self.followers_done().await?;
        let done = Runner::new(self.app.ledger.clone()).run_queued().await?;
        Ok(done - (self.followers_done().await? - before))
    }

    /// Runs that followed from other runs and are over.
    async fn followers_done(&self) -> anyhow::Result<usize> {
        let over = job_run::Entity::find().filter(job_run::Column::Trigger.eq(Trigger::Run));
        let over = over.filter(job_run::Column::FinishedAt.is_not_null());
        Ok(usize::try_from(over.count(&self.connect().await?).await?)?)
    }

    /// The program itself, on the same database, key and files, to be given its subcommand.
    ///
    /// # Errors
    /// When it was not built.
    pub fn program(&self) -> anyhow::Result<Command> {
        // target/PROFILE/deps/e2e-… stands beside target/PROFILE/torikumi, which tests/run builds.
        let executable = std::env::current_exe()?;
        let program = executable.parent().and_then(Path::parent).context("no target folder")?.join("torikumi");
        anyhow::ensure!(program.is_file(), "{} is missing: run tests/run, or cargo build --workspace", program.display());
        let settings = self.app.ledger.settings();
        let mut command = Command::new(program);
        command.env("DATABASE_URL", &self.database.url).env("TORIKUMI_KEY", self.key_file()).env("TORIKUMI_CONNECTIONS", "4");
        command.env("TORIKUMI_SEAL_KEY", &settings.seal_key).env("TORIKUMI_SEAL_HEADS", &settings.seal_heads);
        command.env("TORIKUMI_SECURITY_LOG", self.security_log());
        command.env("TORIKUMI_PSEUDONYM_KEY", &settings.pseudonym_key).env("TORIKUMI_RELEASE_KEY", &settings.release_key);
        Ok(command)
    }

    /// A connection of the test's own to the same database, beside the doors.
    ///
    /// # Errors
    /// The engine's.
    pub async fn connect(&self) -> anyhow::Result<DatabaseConnection> {
        Ok(sea_orm::Database::connect(&self.database.url).await?)
    }

    // --- who asks ---

    /// A caller without a token.
    #[must_use]
    pub fn anonymous(&self) -> Client {
        Client::new(&self.url, None)
    }

    /// A caller of one role; what the role's token must name besides is added by struct update.
    #[must_use]
    pub fn request(&self, role: Role) -> TokenRequest {
        TokenRequest {
            subject: role.as_str().to_owned(),
            roles: [role].into(),
            bureaus: BureauClaim::Codes([].into()),
            units: [].into(),
            staff_number: None,
            client: None,
            body: None,
            ttl: TimeDelta::days(366),
        }
    }

    /// A signed token.
    ///
    /// # Errors
    /// A claim that the role needs is missing.
    pub fn token(&self, request: &TokenRequest) -> anyhow::Result<String> {
        Ok(self.key.sign(&request.claims(&self.authn, self.app.clock.now())?)?)
    }

    /// A caller with a token.
    ///
    /// # Errors
    /// As [`Server::token`].
    pub fn client(&self, request: &TokenRequest) -> anyhow::Result<Client> {
        Ok(Client::new(&self.url, Some(self.token(request)?)))
    }

    /// The secretariat, which reads and writes master data of all bureaus.
    ///
    /// # Errors
    /// As [`Server::token`].
    pub fn secretariat(&self) -> anyhow::Result<Client> {
        self.client(&self.request(Role::Secretariat))
    }

    /// The administrator.
    ///
    /// # Errors
    /// As [`Server::token`].
    pub fn admin(&self) -> anyhow::Result<Client> {
        self.client(&self.request(Role::Admin))
    }

    /// The officer of some bureaus.
    ///
    /// # Errors
    /// As [`Server::token`].
    pub fn officer(&self, bureaus: &[&str]) -> anyhow::Result<Client> {
        self.client(&TokenRequest { bureaus: codes(bureaus), ..self.request(Role::BureauOfficer) })
    }

    /// The system of some bureaus, registered under its code.
    ///
    /// # Errors
    /// As [`Server::client_row`] and [`Server::token`].
    pub async fn system(&self, code: &str, bureaus: &[&str]) -> anyhow::Result<Client> {
        self.client_row(code, bureaus).await?;
        let request = TokenRequest { bureaus: codes(bureaus), client: Some(code.to_owned()), ..self.request(Role::BureauSystem) };
        self.client(&request)
    }

    /// Registers a machine client as the administrator.
    ///
    /// # Errors
    /// The store's.
    pub async fn client_row(&self, code: &str, bureaus: &[&str]) -> anyhow::Result<()> {
        let principal = Principal { subject: "test".to_owned(), roles: [Role::Admin].into(), ..Principal::public() };
        let bureaus = bureaus.iter().map(|&bureau| bureau.to_owned()).collect();
        let client = Registration::of(code, Some(bureaus), entity::api_client::ClientWrites::Both);
        self.app.store(principal).await?.register_client(&client).await?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Bureau codes as a token names them.
#[must_use]
pub fn codes(bureaus: &[&str]) -> BureauClaim {
    BureauClaim::Codes(bureaus.iter().map(|&bureau| bureau.to_owned()).collect())
}

/// Brings an empty database up as `torikumi migrate` does.
///
/// # Errors
/// The engine's.
pub async fn migrated(url: &str) -> anyhow::Result<()> {
    let db = Database::connect(url, 1).await?;
    migrate(&db, &Clock::system()).await?;
    Ok(db.close().await?)
}
