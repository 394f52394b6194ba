//! The pools, shared out by who uses them: no kind of caller can take the connections of another, however much it asks for.

use super::{
    DatabaseError,
    options::{PROBE_TIMEOUT, READ_TIMEOUT, WRITE_TIMEOUT, postgres, sqlite_readers, sqlite_writer},
    watch::watch,
};
use sea_orm::{ConnectOptions, DatabaseConnection, DbErr};
use std::time::Duration;

/// Who uses the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// Callers without a token.
    Public,
    /// Callers who may read.
    Readers,
    /// Callers who may write.
    Writers,
    /// Jobs, their bookkeeping, and the command line.
    Jobs,
    /// What operators ask of a process.
    Probes,
}

/// How many connections each kind gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Counts {
    public: u32,
    readers: u32,
    writers: u32,
    writes: u32,
    jobs: u32,
}

impl Counts {
    /// `connections` in sixteenths: 2 for the public, 3 for readers, 5 for what writers read, 4 for what requests write, 2 for jobs; one each
    /// at least, and two for jobs, which look at rows beside a transaction.
    fn of(connections: u32) -> Self {
        let sixteenths = |parts: u32| (connections * parts / 16).max(1);
        let (public, readers, writing, jobs) = (sixteenths(2), sixteenths(3), sixteenths(4), sixteenths(2).max(2));
        let writers = connections.saturating_sub(public + readers + writing + jobs).max(1);
        Self { public, readers, writers, writes: writing, jobs }
    }
}

/// The pools of one process.
pub(super) struct Pools {
    public: DatabaseConnection,
    readers: DatabaseConnection,
    writers: DatabaseConnection,
    /// What requests write; on SQLite all that write but jobs' sessions.
    writes: DatabaseConnection,
    jobs: DatabaseConnection,
    probes: DatabaseConnection,
}

impl Pools {
    pub(super) async fn open(url: &str, connections: u32) -> Result<Self, DatabaseError> {
        let Counts { public, readers, writers, writes: writing, jobs } = Counts::of(connections);
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            // The first connection tells whether the server is there; the others come as they are needed.
            let jobs = watch(sea_orm::Database::connect(postgres(url, jobs, WRITE_TIMEOUT)).await?);
            let pool = |connections, timeout| later(postgres(url, connections, timeout));
            return Ok(Self {
                public: pool(public, READ_TIMEOUT).await?,
                readers: pool(readers, READ_TIMEOUT).await?,
                writers: pool(writers, READ_TIMEOUT).await?,
                writes: pool(writing, WRITE_TIMEOUT).await?,
                jobs,
                probes: probing(postgres(url, 1, PROBE_TIMEOUT)).await?,
            });
        }
        if !url.starts_with("sqlite:") {
            return Err(DatabaseError::Address);
        }
        // The writer first: it makes the file and switches it to WAL.
        let writes = watch(sea_orm::Database::connect(sqlite_writer(url)).await?);
        let pool = |connections, timeout| later(sqlite_readers(url, connections, timeout));
        Ok(Self {
            public: pool(public, Some(READ_TIMEOUT)).await?,
            readers: pool(readers, Some(READ_TIMEOUT)).await?,
            writers: pool(writers, Some(READ_TIMEOUT)).await?,
            jobs: pool(jobs, None).await?,
            writes,
            probes: probing(sqlite_readers(url, 1, Some(PROBE_TIMEOUT))).await?,
        })
    }

    pub(super) fn reader(&self, share: Share) -> &DatabaseConnection {
        match share {
            Share::Public => &self.public,
            Share::Readers => &self.readers,
            Share::Writers => &self.writers,
            Share::Jobs => &self.jobs,
            Share::Probes => &self.probes,
        }
    }

    pub(super) fn writer(&self, share: Share) -> &DatabaseConnection {
        match (share, self.writes.get_database_backend()) {
            (Share::Jobs, sea_orm::DbBackend::Postgres) => &self.jobs,
            (Share::Probes, sea_orm::DbBackend::Postgres) => &self.probes,
            _ => &self.writes,
        }
    }

    /// Closes all pools after the statements in flight.
    pub(super) async fn close(&self) -> Result<(), DbErr> {
        for pool in [&self.public, &self.readers, &self.writers, &self.jobs, &self.probes, &self.writes] {
            pool.close_by_ref().await?;
        }
        Ok(())
    }
}

/// A pool that connects when it is first used.
async fn later(mut options: ConnectOptions) -> Result<DatabaseConnection, DbErr> {
    Ok(watch(sea_orm::Database::connect(options.connect_lazy(true).min_connections(0).to_owned()).await?))
}

async fn probing(mut options: ConnectOptions) -> Result<DatabaseConnection, DbErr> {
    later(options.acquire_timeout(Duration::from_secs(2)).to_owned()).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_a_share_and_together_they_have_what_there_is() {
        let counts = |connections| {
            let Counts { public, readers, writers, writes: writing, jobs } = Counts::of(connections);
            [public, readers, writers, writing, jobs]
        };
        assert_eq!(counts(16), [2, 3, 5, 4, 2]);
        for few in 0..=5 {
            assert_eq!(counts(few), [1, 1, 1, 1, 2], "{few}");
        }
        for connections in 8..200 {
            assert_eq!(counts(connections).iter().sum::<u32>(), connections);
        }
    }
}
