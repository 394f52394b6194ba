//! The program put together: database, ledger, authentication, schema, and the router over them.

#![expect(clippy::disallowed_methods, reason = "schema changes run on the database itself")]

use crate::{
    authn::{Authenticator, AuthnConfig, AuthnConfigError, Principal},
    error::{Code, Error},
    graphql::{self, loaders::Loaders, traced::Traced},
    http::{
        self, Admission, Admit, Caller, Collect, Front, Gate, Limits, NotASchema, Origins, Probes, Proxies, Ready, Refusal, Refused, Rules,
        Shape,
    },
    releases::{self, Open},
    security::{SecurityLog, Voice},
    store::{Memory, Store, client, reading_days::ReadingDays, revocations::Revocations, trail::Trail},
    words,
};
use axum::Router;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{job_run::RunState, mail::AlarmKind};
use jobs::{
    clock::Clock,
    database::{Database, DatabaseError, Share},
    jobs::alarms,
    ledger::{Ledger, Queue},
    settings::SettingError,
};
use metrics_exporter_prometheus::PrometheusHandle;
use migration::{Migrator, MigratorTrait, State};
use sea_orm::{ConnectionTrait, Iterable};
use std::{
    io,
    path::PathBuf,
    sync::{Arc, OnceLock},
    time::Duration,
};

/// How the program is set up.
#[derive(Debug, Clone)]
pub struct Config {
    /// `sqlite:PATH` or `postgres://…`.
    pub database_url: String,
    /// Pooled connections.
    pub connections: u32,
    /// How tokens are verified.
    pub authn: AuthnConfig,
    /// Origins whose pages may call the API from a browser.
    pub origins: Origins,
    /// Whether GraphiQL is served.
    pub graphiql: bool,
    /// What one request, and all of them together, may take.
    pub limits: Limits,
    /// The proxies that say where a request came from.
    pub proxies: Proxies,
    /// The folder of the security log; `None` for none.
    pub security: Option<PathBuf>,
    /// What jobs need to know beside the database.
    pub jobs: jobs::settings::Settings,
}

/// Why the program cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database.
    #[error("the database: {0}")]
    Database(#[from] DatabaseError),
    /// The database's schema is older than the program.
    #[error("the database's schema is older than this program; run `torikumi migrate` first")]
    Behind,
    /// The program is older than the database's schema.
    #[error("this program is older than the database's schema, which has had {0}; run the release that made it, or a later one")]
    Ahead(String),
    /// The database came back from a backup, and not to the end.
    #[error("the database was restored halfway; `torikumi restore --renew` finishes it")]
    Unfinished,
    /// What every database has from the start could not be made.
    #[error("the database's first rows: {0}")]
    Rows(#[from] Error),
    /// A setting of the jobs.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The keys that tokens are verified by.
    #[error("the token keys: {0}")]
    Authn(#[from] AuthnConfigError),
    /// The GraphQL schema could not be read back, which is a fault of the program.
    #[error("the GraphQL schema: {0}")]
    Shape(#[from] async_graphql::parser::Error),
    /// The GraphQL schema breaks the specification, which is a fault of the program.
    #[error(transparent)]
    Rules(#[from] NotASchema),
    /// The folder of the security log.
    #[error("TORIKUMI_SECURITY_LOG: {0}")]
    Security(#[from] io::Error),
    /// The metrics recorder.
    #[error("metrics: {0}")]
    Metrics(String),
}

/// Everything that requests and jobs share.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub db: Database,
    /// The clock.
    pub clock: Clock,
    /// The run ledger.
    pub ledger: Ledger,
    /// The security log.
    pub security: SecurityLog,
    authenticator: Arc<Authenticator>,
    schema: graphql::Api,
    rules: Rules,
    memory: Memory,
    metrics: PrometheusHandle,
    origins: Origins,
    graphiql: bool,
    limits: Limits,
    proxies: Proxies,
    gate: Gate,
}

impl App {
    /// Connects to a migrated database and loads the keys.
    ///
    /// # Errors
    /// What is missing, in words for who runs the program.
    pub async fn open(config: Config, clock: Clock) -> Result<Self, StartError> {
        let db = Database::connect(&config.database_url, config.connections).await?;
        config.jobs.check()?;
        check_schema(&db).await?;
        let ledger = Ledger::new(db.clone(), clock.clone()).with_settings(config.jobs);
        if ledger.identity().await?.is_none() {
            return Err(StartError::Unfinished);
        }
        let revocations = Revocations::new(config.authn.leeway);
        let memory = Memory { days: ReadingDays::default(), trail: Trail::default(), revocations };
        let security = SecurityLog::open(config.security.as_deref(), clock.clone())?;
        let authenticator = Arc::new(Authenticator::load(config.authn).await?);
        let (origins, graphiql, limits) = (config.origins, config.graphiql, config.limits);
        let schema = graphql::schema();
        Ok(Self {
            db,
            clock,
            ledger,
            security,
            authenticator,
            rules: Rules::from_sdl(&graphql::sdl_of(&schema), words::wanted)?,
            schema,
            memory,
            metrics: recorder()?,
            origins,
            graphiql,
            limits,
            proxies: config.proxies,
            gate: Gate::new(&limits),
        })
    }

    /// The actor's door for a verified principal.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn store(&self, principal: Principal) -> Result<Store, Error> {
        Store::open(self.db.clone(), self.ledger.clone(), self.memory.clone(), principal).await
    }

    /// Writes down what waits to be counted; the last thing that a process does.
    ///
    /// # Errors
    /// The engine's.
    pub async fn close(&self) -> Result<(), Error> {
        self.security.flush().await;
        self.memory.days.write(&self.db).await
    }

    /// All HTTP routes.
    ///
    /// # Errors
    /// [`StartError::Shape`].
    pub fn router(&self) -> Result<Router, StartError> {
        self.router_of(true)
    }

    /// The HTTP routes without those for operators and developers: `/metrics`, `/graphiql`, `/schema.graphql` and introspection, which stand elsewhere or nowhere.
    ///
    /// # Errors
    /// [`StartError::Shape`].
    pub fn outer_router(&self) -> Result<Router, StartError> {
        self.router_of(false)
    }

    fn router_of(&self, inner: bool) -> Result<Router, StartError> {
        let sdl = graphql::sdl_of(&self.schema);
        Ok(http::router(Front {
            executor: Traced(self.schema.clone()),
            shape: Shape::from_sdl(&sdl)?,
            rules: self.rules.clone(),
            sdl,
            limits: self.limits,
            proxies: self.proxies.clone(),
            gate: Some(self.gate.clone()),
            admit: self.admit(),
            refused: self.refused(),
            probes: self.probes(),
            origins: self.origins.clone(),
            graphiql: inner && self.graphiql,
            inner,
            beside: releases::routes(self.opener()),
        }))
    }

    /// What operators ask of this process.
    #[must_use]
    pub fn probes(&self) -> Probes {
        Probes { ready: self.ready(), collect: self.collect(), metrics: self.metrics.clone() }
    }

    fn admit(&self) -> Admit {
        let app = self.clone();
        Arc::new(move |caller| {
            let app = app.clone();
            Box::pin(async move {
                let store = app.enter(&caller).await?;
                let (principal, voice) = (store.actor().principal.clone(), store.voice().cloned());
                let admission = Admission::new(principal.who(), move |data| {
                    let store = store.anew();
                    data.insert(Loaders::new(store.clone()));
                    data.insert(store);
                });
                let telling = move |code| voice.iter().for_each(|voice: &Voice| voice.refused(code));
                Ok(admission.ending(move || app.left(&principal)).telling(telling))
            })
        })
    }

    fn refused(&self) -> Refused {
        let log = self.security.clone();
        Arc::new(move |id, address, code| Voice::new(log.clone(), id, address).refused(code))
    }

    /// How long a caller who was let in may stay.
    fn left(&self, principal: &Principal) -> Duration {
        if self.memory.revocations.glance(&self.db.of(Share::Probes), principal) {
            return Duration::ZERO;
        }
        self.authenticator.left(principal.expires_at, self.clock.now())
    }

    fn opener(&self) -> Open {
        let app = self.clone();
        Arc::new(move |caller| {
            let app = app.clone();
            Box::pin(async move { app.enter(&caller).await })
        })
    }

    /// The actor's door for whoever sent a request.
    async fn enter(&self, caller: &Caller) -> Result<Store, Refusal> {
        let voice = Voice::new(self.security.clone(), caller.request_id.clone(), caller.address);
        let none = |reason: &str| {
            voice.token_refused(reason);
            Refusal::Unauthenticated
        };
        let header = caller.authorization.as_ref().map(|value| value.to_str().map_err(|_| none("not text"))).transpose()?;
        let principal = self.authenticator.authenticate(header, self.clock.now()).await.map_err(|error| none(&error.message(false)))?;
        let voice = voice.of(&principal);
        let refused = |error: Error| match error.code {
            Code::Unauthenticated => {
                voice.token_refused(&error.en);
                Refusal::Unauthenticated
            }
            _ if error.retryable => Refusal::Unavailable,
            _ => Refusal::Broken,
        };
        self.memory.revocations.check(&self.db.of(Share::Probes), &principal).await.map_err(refused)?;
        // The token is its issuer's; what it names is not ours.
        let unregistered = |error: Error| match refused(error) {
            Refusal::Unauthenticated => Refusal::Unregistered,
            other => other,
        };
        let store = self.store(principal).await.map_err(unregistered)?;
        Ok(store.with_voice(voice))
    }

    fn ready(&self) -> Ready {
        let (db, ledger) = (self.db.of(Share::Probes), self.ledger.clone());
        Arc::new(move || {
            let (db, ledger) = (db.clone(), ledger.clone());
            Box::pin(async move {
                match check_schema(&db).await {
                    Ok(()) => {}
                    Err(StartError::Ahead(_) | StartError::Behind) => return Err("schema"),
                    Err(_) => return Err("database"),
                }
                if !db.is_writable().await {
                    return Err("writes");
                }
                ledger.stopped().map_or(Ok(()), Err)
            })
        })
    }

    fn collect(&self) -> Collect {
        let ledger = self.ledger.of(Share::Probes);
        Arc::new(move || {
            let ledger = ledger.clone();
            Box::pin(async move {
                match ledger.queue().await {
                    Ok(queue) => show(&queue, ledger.clock().now()),
                    Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "the queue could not be counted"),
                }
                match alarms::standing(&ledger).await {
                    Ok(Some((found, at))) => show_alarms(&found, ledger.clock().now() - at),
                    Ok(None) => {}
                    Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "the alarms could not be read"),
                }
            })
        })
    }
}

/// Brings the schema up to this program's, and makes the row under which people write, the jobs' first schedules and the usual
/// periods of retention. Safe to run from several processes at once.
///
/// # Errors
/// The engine's; [`StartError::Ahead`] for a database of a later release, which is left alone.
pub async fn migrate(db: &Database, clock: &Clock) -> Result<(), StartError> {
    // One transaction: on SQLite it is IMMEDIATE and so alone; on PostgreSQL the lock makes a second process wait and find nothing to do.
    let tx = db.begin().await?;
    if db.backend() == sea_orm::DbBackend::Postgres {
        tx.execute_unprepared("SELECT pg_advisory_xact_lock(7310579628423)").await.map_err(DatabaseError::from)?;
    }
    match migration::state(&*tx).await.map_err(DatabaseError::from)? {
        State::Current => {}
        State::Behind => Migrator::up(&*tx, None).await.map_err(DatabaseError::from)?,
        State::Ahead(version) => return Err(StartError::Ahead(version)),
    }
    tx.commit().await?;
    client::ensure_office(db, clock.now()).await?;
    let ledger = Ledger::new(db.clone(), clock.clone());
    ledger.ensure_retentions().await.map_err(Error::from)?;
    ledger.ensure_overtime_rules().await.map_err(Error::from)?;
    ledger.ensure_counting_rules().await.map_err(Error::from)?;
    let redefined = ledger.mark_redefined().await.map_err(Error::from)?;
    if redefined > 0 {
        tracing::info!(months = redefined, "months of figures by other definitions will be computed anew");
    }
    Ok(ledger.ensure_schedules().await.map_err(Error::from)?)
}

/// The queue as gauges: the same from every process, for it is the database's.
fn show(queue: &Queue, now: DateTime<Utc>) {
    let number = |count: i64| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let age = queue.oldest_ready.map_or(0.0, |since| (now - since).to_std().unwrap_or_default().as_secs_f64());
    metrics::gauge!("job_queue_depth").set(number(queue.ready));
    metrics::gauge!("job_queue_oldest_age_seconds").set(age);
    let states = [
        (RunState::Queued, queue.queued),
        (RunState::RetryWait, queue.retry_wait),
        (RunState::Running, queue.running),
        (RunState::Cancelling, queue.cancelling),
    ];
    for (state, count) in states {
        metrics::gauge!("job_runs", "state" => state.as_text().to_ascii_lowercase()).set(number(count));
    }
}

/// What the latest look found, and how long ago: the same from every process, for it is the database's.
fn show_alarms(found: &alarms::Statistics, age: TimeDelta) {
    metrics::gauge!("alarms_age_seconds").set(age.to_std().unwrap_or_default().as_secs_f64());
    for kind in AlarmKind::iter() {
        let count = found.found.get(&kind).copied().unwrap_or_default();
        let count = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        metrics::gauge!("alarms", "kind" => kind.as_text().to_ascii_lowercase()).set(count);
    }
}

/// Whether the schema is this program's.
async fn check_schema(db: &Database) -> Result<(), StartError> {
    match migration::state(db.reader()).await.map_err(DatabaseError::from)? {
        State::Current => Ok(()),
        State::Behind => Err(StartError::Behind),
        State::Ahead(version) => Err(StartError::Ahead(version)),
    }
}

fn recorder() -> Result<PrometheusHandle, StartError> {
    static HANDLE: OnceLock<Result<PrometheusHandle, String>> = OnceLock::new();
    HANDLE.get_or_init(|| http::install_metrics().map_err(|error| error.to_string())).clone().map_err(StartError::Metrics)
}
