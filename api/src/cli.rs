//! The command line. Each subcommand is a file, or a few lines here.

mod backup;
mod demo;
mod edition;
mod holidays;
mod jobs;
mod keys;
mod plan;
mod restore;
mod run;
mod token;
mod verify;

use ::jobs::{clock::Clock, database::Database, runner::Runner, schedule};
use anyhow::{Context, Result, bail};
use api::{
    app::{App, Config, migrate},
    authn::{AuthnConfig, JwksSource},
    http::{Limits, Network, NoNetwork, Origins, Proxies},
    security::SecurityLog,
};
use axum::http::HeaderValue;
use chrono::TimeDelta;
use clap::{Args, Parser, Subcommand};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Torikumi (取組): records, indicators and jobs for plans on women's advancement and work-life balance.
#[derive(Parser)]
#[command(name = "torikumi", version = env!("TORIKUMI_VERSION"))]
pub struct Cli {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Command,
}

/// Settings that all subcommands share; each can stand in the environment.
#[derive(Args, Clone)]
pub struct Settings {
    /// sqlite:PATH (made if missing) or postgres://… [default: sqlite:torikumi.sqlite]
    #[arg(long, env = "DATABASE_URL", global = true, hide_env_values = true)]
    database_url: Option<String>,
    /// Pooled database connections.
    #[arg(long, env = "TORIKUMI_CONNECTIONS", default_value_t = 16, global = true, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    connections: u32,
    /// Who issues tokens (claim iss).
    #[arg(long, env = "TORIKUMI_ISSUER", default_value = "torikumi", global = true)]
    issuer: String,
    /// Whom tokens are for (claim aud).
    #[arg(long, env = "TORIKUMI_AUDIENCE", default_value = "torikumi", global = true)]
    audience: String,
    /// The issuer's key set: a file or an https address. Without it, the local key signs and verifies.
    #[arg(long, env = "TORIKUMI_JWKS", global = true)]
    jwks: Option<String>,
    /// The local key, made on first use and readable by its owner alone.
    #[arg(long, env = "TORIKUMI_KEY", default_value = ".torikumi/key.pem", global = true)]
    key: PathBuf,
    /// The accepted values of a token's header `typ`, separated by commas; a header without one counts as JWT.
    #[arg(long, env = "TORIKUMI_TOKEN_TYPES", value_delimiter = ',', default_value = "JWT,at+jwt", global = true)]
    token_types: Vec<String>,
    /// Where the last key set of an issuer's address is kept, so that the service starts while the issuer is down.
    #[arg(long, env = "TORIKUMI_JWKS_KEPT", default_value = ".torikumi/jwks.json", global = true)]
    jwks_kept: PathBuf,
    /// Origins whose pages may call the API from a browser, separated by commas.
    #[arg(long, env = "TORIKUMI_ORIGINS", value_delimiter = ',', global = true)]
    origins: Vec<String>,
    /// Memory in MiB (64 or more) for what requests to the API hold, from their first byte to the last one of their answers.
    #[arg(long, env = "TORIKUMI_REQUEST_MEMORY", default_value_t = 256, value_parser = clap::value_parser!(u32).range(256..=65_536), global = true)]
    request_memory: u32,
    /// The key that signs the seals of the audit trail, made on first use and readable by its owner alone.
    #[arg(long, env = "TORIKUMI_SEAL_KEY", default_value = ".torikumi/seal.key", global = true)]
    seal_key: PathBuf,
    /// The file to which the signed heads of the audit trail are appended.
    #[arg(long, env = "TORIKUMI_SEAL_HEADS", default_value = ".torikumi/seal-heads.jsonl", global = true)]
    seal_heads: PathBuf,
    /// The key of the pseudonyms in snapshots, made on first use and readable by its owner alone; the same for all that run jobs.
    #[arg(long, env = "TORIKUMI_PSEUDONYM_KEY", default_value = ".torikumi/pseudonym.key", global = true)]
    pseudonym_key: PathBuf,
    /// The Ed25519 key that signs releases, made on first use and readable by its owner alone; the same for all that publish.
    #[arg(long, env = "TORIKUMI_RELEASE_KEY", default_value = ".torikumi/release.key", global = true)]
    release_key: PathBuf,
    /// The mail server for notices: `smtp://HOST[:PORT]`, `smtp://USER:PASSWORD@HOST?tls=required` or `smtps://USER:PASSWORD@HOST`.
    #[arg(long, env = "TORIKUMI_SMTP_URL", global = true, hide_env_values = true)]
    smtp_url: Option<String>,
    /// From whom notices come.
    #[arg(long, env = "TORIKUMI_MAIL_FROM", global = true)]
    mail_from: Option<String>,
    /// Where administrators are told of alarms, separated by commas.
    #[arg(long, env = "TORIKUMI_ALARM_ADDRESSES", value_delimiter = ',', global = true)]
    alarm_addresses: Vec<String>,
    /// The folder of the security log, a file a day that its owner alone may read, or `off` for none.
    #[arg(long, env = "TORIKUMI_SECURITY_LOG", default_value = ".torikumi/security", global = true)]
    security_log: PathBuf,
    /// Proxies whose word is taken for where a request came from: addresses or networks, separated by commas.
    #[arg(long, env = "TORIKUMI_TRUSTED_PROXIES", value_delimiter = ',', value_parser = trusted, global = true)]
    trusted_proxies: Vec<Option<Network>>,
    /// Where the promotion officer is told of changes that their proposer approved alone, separated by commas.
    #[arg(long, env = "TORIKUMI_PROMOTION_ADDRESSES", value_delimiter = ',', global = true)]
    promotion_addresses: Vec<String>,
    /// Public keys, separated by commas, of seal keys that were used before the present one, as they stand in the file of heads.
    #[arg(long, env = "TORIKUMI_SEAL_FORMER_KEYS", value_delimiter = ',', global = true)]
    seal_former_keys: Vec<String>,
}

impl Settings {
    fn authn(&self) -> AuthnConfig {
        let source = match &self.jwks {
            None => JwksSource::Local(self.key.clone()),
            Some(url) if url.contains("://") => JwksSource::Url(url.clone()),
            Some(path) => JwksSource::File(path.into()),
        };
        let types = self.token_types.iter().filter(|typ| !typ.is_empty()).cloned().collect();
        AuthnConfig { types, last_keys: Some(self.jwks_kept.clone()), ..AuthnConfig::new(&self.issuer, &self.audience, source) }
    }

    fn config(&self) -> Result<Config> {
        let origins: Result<Vec<HeaderValue>> = self.origins.iter().filter(|text| !text.is_empty()).map(|text| origin(text)).collect();
        Ok(Config {
            database_url: self.database_url().to_owned(),
            connections: self.connections,
            authn: self.authn(),
            origins: Origins::new(origins.context("TORIKUMI_ORIGINS")?),
            graphiql: true,
            limits: Limits { memory: usize::try_from(self.request_memory)? << 20, ..Limits::default() },
            proxies: Proxies::new(self.trusted_proxies.iter().flatten().copied().collect()),
            security: self.security_log().map(Path::to_owned),
            jobs: self.jobs(),
        })
    }

    fn jobs(&self) -> ::jobs::settings::Settings {
        ::jobs::settings::Settings {
            seal_key: self.seal_key.clone(),
            seal_heads: self.seal_heads.clone(),
            pseudonym_key: self.pseudonym_key.clone(),
            release_key: self.release_key.clone(),
            smtp_url: self.smtp_url.clone(),
            mail_from: self.mail_from.clone(),
            alarm_addresses: self.alarm_addresses.iter().filter(|text| !text.is_empty()).cloned().collect(),
            promotion_addresses: self.promotion_addresses.iter().filter(|text| !text.is_empty()).cloned().collect(),
            seal_former_keys: self.seal_former_keys.iter().filter(|text| !text.is_empty()).cloned().collect(),
        }
    }

    fn security_log(&self) -> Option<&Path> {
        (self.security_log != Path::new("off")).then_some(&*self.security_log)
    }

    fn database_url(&self) -> &str {
        self.database_url.as_deref().unwrap_or("sqlite:torikumi.sqlite")
    }

    async fn open(&self) -> Result<App> {
        Ok(App::open(self.config()?, Clock::system()).await?)
    }
}

/// A proxy or a network of them; an empty text is none.
fn trusted(text: &str) -> Result<Option<Network>, NoNetwork> {
    (!text.is_empty()).then(|| text.parse()).transpose()
}

/// An origin as browsers send it: one with a path, or `*`, would let nobody in.
fn origin(text: &str) -> Result<HeaderValue> {
    let url = reqwest::Url::parse(text).ok().filter(|url| ["https", "http"].contains(&url.scheme()));
    if url.is_none_or(|url| url.origin().ascii_serialization() != text) {
        bail!("{text} is no origin; write it as https://console.example.go.jp");
    }
    Ok(HeaderValue::from_str(text)?)
}

#[derive(Subcommand)]
enum Command {
    /// Show what it does: a generated year, its figures against targets, and the server.
    Demo(demo::Demo),
    /// Serve the API, and run jobs beside it.
    Serve {
        /// Where to listen.
        #[arg(long, env = "TORIKUMI_LISTEN", default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
        /// Where /metrics, /graphiql, /schema.graphql and introspection are served beside the API, or `off` for nowhere; without it, where the API is.
        #[arg(long, env = "TORIKUMI_ADMIN_LISTEN", value_parser = Inner::parse)]
        admin_listen: Option<Inner>,
        /// Serve the API alone.
        #[arg(long)]
        no_jobs: bool,
        #[command(flatten)]
        work: Work,
    },
    /// Run jobs alone; several workers share one PostgreSQL.
    Worker {
        /// Where to answer /healthz, /readyz and /metrics; nowhere without it.
        #[arg(long, env = "TORIKUMI_WORKER_LISTEN")]
        listen: Option<SocketAddr>,
        #[command(flatten)]
        work: Work,
    },
    /// Bring the database's schema up to this program's.
    Migrate,
    /// Import records from a file.
    Import {
        #[command(subcommand)]
        kind: Import,
    },
    /// Load a plan, or check what its clauses have.
    Plan {
        #[command(subcommand)]
        what: plan::Plan,
    },
    /// Run a job now and wait for it.
    Run(run::Run),
    /// Show the schedules with their next slots, and the latest runs.
    Jobs(jobs::Jobs),
    /// Move snapshots of the yearly follow-up between installations.
    Snapshot {
        #[command(subcommand)]
        what: edition::Snapshot,
    },
    /// Write one state of the database to an encrypted file, with heads and keys on request.
    Backup(backup::Backup),
    /// Bring a backup back into an empty database, which is another one then.
    Restore(restore::Restore),
    /// Write what is kept to files.
    Export {
        #[command(subcommand)]
        what: edition::Export,
    },
    /// Verify what must not have been changed: a release in a folder, or the audit trail.
    #[command(args_conflicts_with_subcommands = true)]
    Verify {
        #[command(flatten)]
        release: edition::VerifyRelease,
        #[command(subcommand)]
        what: Option<verify::Verify>,
    },
    /// Print a token signed with the local key.
    Token(token::Token),
    /// Show the installation's keys with their age, or replace one.
    Keys {
        #[command(subcommand)]
        what: Option<keys::Keys>,
    },
    /// Print the GraphQL schema.
    Schema,
}

impl Command {
    /// What a command changes or hands out, for the security log; none for one that serves or only looks.
    fn act(&self) -> Option<&'static str> {
        match self {
            Self::Migrate => Some("migrate"),
            Self::Import { kind: Import::Holidays { .. } } => Some("import holidays"),
            Self::Plan { what: plan::Plan::Load { .. } } => Some("plan load"),
            Self::Run(_) => Some("run"),
            Self::Snapshot { .. } => Some("snapshot"),
            Self::Export { .. } => Some("export"),
            Self::Backup(_) => Some("backup"),
            Self::Restore(_) => Some("restore"),
            Self::Token(_) => Some("token"),
            Self::Keys { what: Some(keys::Keys::Rotate { .. }) } => Some("keys rotate"),
            Self::Keys { what: None }
            | Self::Plan { what: plan::Plan::Check { .. } }
            | Self::Demo(_)
            | Self::Serve { .. }
            | Self::Worker { .. }
            | Self::Jobs(_)
            | Self::Verify { .. }
            | Self::Schema => None,
        }
    }
}

/// How jobs are run.
#[derive(Args, Clone, Copy)]
struct Work {
    /// Runs that go on at once on PostgreSQL; SQLite takes one.
    #[arg(long, env = "TORIKUMI_RUNS", default_value_t = Self::USUAL.runs, value_parser = clap::value_parser!(u8).range(1..=64))]
    runs: u8,
    /// Seconds after which a worker that says nothing has lost its run; all workers of a database should have the same.
    #[arg(long, env = "TORIKUMI_LEASE", default_value_t = Self::USUAL.lease, value_parser = clap::value_parser!(u16).range(3..=3_600))]
    lease: u16,
}

impl Work {
    const USUAL: Self = Self { runs: 4, lease: 60 };
}

#[derive(Subcommand)]
enum Import {
    /// The official list of public holidays (syukujitsu.csv, CP932 or UTF-8).
    Holidays {
        /// The file.
        file: PathBuf,
        /// Decide everything, write nothing.
        #[arg(long)]
        dry_run: bool,
    },
}

impl Cli {
    /// What is logged unless `TORIKUMI_LOG` says otherwise; the demo speaks for itself.
    pub fn log_filter(&self) -> &'static str {
        if matches!(self.command, Command::Demo(_)) { "warn" } else { "warn,api=info,jobs=info" }
    }

    /// Does what was asked for.
    pub async fn execute(self) -> Result<()> {
        let mut settings = self.settings;
        if let Some(name) = self.command.act() {
            let log = SecurityLog::open(settings.security_log(), Clock::system()).context("TORIKUMI_SECURITY_LOG")?;
            log.command(name);
            log.flush().await;
        }
        match self.command {
            Command::Demo(demo) => {
                settings.database_url.get_or_insert_with(|| demo::Demo::DATABASE_URL.to_owned());
                demo.execute(&settings).await
            }
            Command::Serve { listen, admin_listen, no_jobs, work } => {
                let place = Place { listen, inner: admin_listen.unwrap_or(Inner::Here) };
                serve(&settings.open().await?, place, (!no_jobs).then_some(work)).await
            }
            Command::Worker { listen, work } => worker(&settings.open().await?, listen, work).await,
            Command::Migrate => {
                let db = Database::connect(settings.database_url(), 1).await?;
                migrate(&db, &Clock::system()).await?;
                println!("The database's schema is up to date.");
                Ok(())
            }
            Command::Import { kind: Import::Holidays { file, dry_run } } => holidays::import(&settings.open().await?, &file, dry_run).await,
            Command::Plan { what } => what.execute(&settings.open().await?).await,
            Command::Run(run) => run.execute(&settings.open().await?).await,
            Command::Jobs(jobs) => jobs.execute(&settings.open().await?).await,
            Command::Snapshot { what } => what.execute(&settings).await,
            Command::Backup(backup) => backup.execute(&settings, stop_token()).await,
            Command::Restore(restore) => restore.execute(&settings, stop_token()).await,
            Command::Export { what } => what.execute(&settings).await,
            Command::Verify { release, what } => match what {
                Some(what) => what.execute(&settings).await,
                None => release.execute(&settings).await,
            },
            Command::Token(token) => token.execute(&settings),
            Command::Keys { what } => keys::execute(what.as_ref(), &settings),
            Command::Schema => {
                print!("{}", api::graphql::sdl());
                Ok(())
            }
        }
    }
}

/// Where what is for operators and developers is served.
#[derive(Clone, Copy)]
enum Inner {
    /// With the API.
    Here,
    /// At an address of its own, the API beside it.
    At(SocketAddr),
    /// Nowhere.
    Off,
}

impl Inner {
    fn parse(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self::Off);
        }
        text.parse().map(Self::At).map_err(|_| "write an address such as 127.0.0.1:9090, or off".to_owned())
    }
}

/// Where a process serves.
struct Place {
    listen: SocketAddr,
    inner: Inner,
}

/// Serves until the process is told to stop; requests are finished first, and a run that goes on is handed back.
async fn serve(app: &App, place: Place, work: Option<Work>) -> Result<()> {
    if work.is_some() {
        app.ledger.hold_jobs().await.context("jobs (serve --no-jobs serves without them)")?;
    }
    let (listener, stop) = (listen(place.listen).await?, stop_token());
    let (router, inner) = match place.inner {
        Inner::Here => {
            println!("Torikumi listens on http://{} (GraphiQL: /graphiql)", listener.local_addr()?);
            (app.router()?, None)
        }
        Inner::Off => {
            println!("Torikumi listens on http://{}", listener.local_addr()?);
            (app.outer_router()?, None)
        }
        Inner::At(address) => {
            let inner = listen(address).await?;
            println!("Torikumi listens on http://{}", listener.local_addr()?);
            println!("Torikumi listens on http://{} for operators (GraphiQL: /graphiql)", inner.local_addr()?);
            (app.outer_router()?, Some((inner, app.router()?)))
        }
    };
    let serving = async {
        let inner = async {
            if let Some((listener, router)) = inner {
                api::http::serve(listener, router, stop.clone()).await;
            }
        };
        tokio::join!(api::http::serve(listener, router, stop.clone()), inner);
        Ok(())
    };
    let served = match work {
        None => serving.await,
        Some(work) => tokio::try_join!(serving, run_jobs(app, work, stop.clone())).map(|_| ()),
    };
    // Also where the jobs end the process: what was read is counted.
    let closed = app.close().await;
    served?;
    Ok(closed?)
}

async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))
}

/// Runs jobs until the process is told to stop, and where it is told to, answers how it is.
async fn worker(app: &App, listen: Option<SocketAddr>, work: Work) -> Result<()> {
    let stop = stop_token();
    app.ledger.hold_jobs().await.context("jobs")?;
    println!("Torikumi runs jobs");
    let Some(address) = listen else { return run_jobs(app, work, stop).await };
    let listener = self::listen(address).await?;
    println!("Torikumi listens on http://{}", listener.local_addr()?);
    let answering = async {
        api::http::serve(listener, api::http::probes(app.probes()), stop.clone()).await;
        Ok(())
    };
    tokio::try_join!(answering, run_jobs(app, work, stop.clone()))?;
    Ok(())
}

/// Keeps the schedule and works off the queue until `stop`.
async fn run_jobs(app: &App, work: Work, stop: CancellationToken) -> Result<()> {
    let schedule = schedule::start(app.ledger.clone()).await.context("the schedule")?;
    let ledger = app.ledger.clone().with_lease(TimeDelta::seconds(work.lease.into()));
    Runner::new(ledger).work(work.runs.into(), stop).await.context("jobs")?;
    schedule.stop().await.context("the schedule")
}

/// Cancelled when the process is told to stop.
fn stop_token() -> CancellationToken {
    let stop = CancellationToken::new();
    let (on_signal, told) = (stop.clone(), stop_signal());
    tokio::spawn(async move {
        told.await;
        on_signal.cancel();
    });
    stop
}

/// Over when the process is told to stop; SIGTERM is heard from the call on, not only while somebody waits.
fn stop_signal() -> impl Future<Output = ()> + Send {
    use tokio::signal::unix::{SignalKind, signal};
    let terminate = signal(SignalKind::terminate());
    async move {
        match terminate {
            Ok(mut terminate) => {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = tokio::signal::ctrl_c() => {}
                }
            }
            Err(error) => {
                tracing::warn!(%error, "SIGTERM cannot be heard");
                let _ = tokio::signal::ctrl_c().await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_browsers_send_it() {
        for right in ["https://console.example.go.jp", "http://localhost:3000"] {
            assert!(origin(right).is_ok(), "{right}");
        }
        for wrong in ["*", "console.example.go.jp", "https://a.example/", "https://a.example/app", "https://A.example", "null", "file:///x"]
        {
            assert!(origin(wrong).is_err(), "{wrong}");
        }
    }
}
