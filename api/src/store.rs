//! The actor's door to the database. A [`Store`] needs an actor; every select it hands out already carries the actor's row scope, and
//! every write authorises in its first line, next to the statement.
//!
//! The store knows nothing of HTTP or resolvers. One file is one noun; `record` is the one way in which records are written, `page` the one
//! way in which they are listed, and `dialect` holds the statements that the two engines spell differently, each with its twin.
#![expect(clippy::disallowed_methods, reason = "this is the door: the scoped select and the write transaction are made here")]

pub mod actor;
mod anew;
mod dialect;
pub mod four_eyes;
pub mod operations;
pub mod organisation;
pub mod people;
pub mod read;
pub mod record;
pub mod revocations;
pub mod rules;
pub mod scope;
pub mod time;

pub mod figures;
pub mod follow_up;
pub mod plan;

// A noun is named without its family.
use self::rules::{bureaus, conflicts, day_capacity, places, stale_months};
pub use self::{
    figures::{counting_rule, outlier_feed, overtime_outlier, overtime_rule},
    follow_up::{data_call, release, submission},
    operations::*,
    organisation::*,
    people::*,
    plan::target,
    read::{changes, codes, joined, page, reading_days, told, trail},
    rules::holder,
    time::*,
};

use crate::{
    authn::Principal,
    authz::{Action, Kind, Reach, reach},
    error::Error,
    security::Voice,
};
use actor::Actor;
use chrono::{DateTime, NaiveDate, Utc};
use jobs::{
    database::{Database, Share, WriteTransaction},
    ledger::Ledger,
};
use read::trace::{self, Readings};
use reading_days::ReadingDays;
use revocations::Revocations;
use scope::{RowScope, Scoped};
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, QueryFilter, Select};
use std::sync::Arc;
use trail::Trail;

/// Scoped access for one actor during one request.
#[derive(Clone)]
pub struct Store {
    db: Database,
    actor: Arc<Actor>,
    /// Where runs are enqueued, and the runner woken.
    ledger: Ledger,
    /// What this request has read of persons and not written down.
    readings: Arc<Readings>,
    memory: Memory,
    /// Its request's voice in the security log; none for a command of the program.
    voice: Option<Voice>,
}

/// What a process keeps in mind from one request to the next.
#[derive(Clone)]
pub struct Memory {
    /// Daily reading, until it is written down.
    pub days: ReadingDays,
    /// Entries of other reading.
    pub trail: Trail,
    /// Tokens that are accepted no more.
    pub revocations: Revocations,
}

impl Store {
    /// Opens the door for a verified principal: machine clients are checked against their row, codes become ids.
    ///
    /// # Errors
    /// UNAUTHENTICATED for an unknown or revoked client, INTERNAL when the database does not answer.
    pub async fn open(db: Database, ledger: Ledger, memory: Memory, principal: Principal) -> Result<Self, Error> {
        let db = db.of(share(&principal));
        let actor = Actor::resolve(db.reader(), principal).await?;
        Ok(Self { db, actor: Arc::new(actor), ledger, readings: Arc::default(), memory, voice: None })
    }

    /// The same door for a request that speaks in the security log.
    #[must_use]
    pub fn with_voice(self, voice: Voice) -> Self {
        Self { voice: Some(voice), ..self }
    }

    /// The request's voice in the security log.
    #[must_use]
    pub fn voice(&self) -> Option<&Voice> {
        self.voice.as_ref()
    }

    /// The same door for another request of the actor, whose readings are its own.
    #[must_use]
    pub fn anew(&self) -> Self {
        Self { readings: Arc::default(), ..self.clone() }
    }

    /// Who acts.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The instant, from the injected clock.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.ledger.clock().now()
    }

    /// The civil date in Tokyo.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        entity::period::civil_date(self.now())
    }

    /// Checks that a month that is asked for has begun: of one to come there is nothing to show.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` in `field`.
    pub fn check_begun(&self, field: &str, month: entity::period::YearMonth) -> Result<(), Error> {
        record::check_begun(field, month, self.now())
    }

    /// Which rows an act may touch.
    ///
    /// # Errors
    /// FORBIDDEN, or UNAUTHENTICATED without a token, where none of the actor's roles may do it at all.
    pub fn allow(&self, act: Action) -> Result<RowScope, Error> {
        self.actor.allow(act)
    }

    /// Whether some role of the actor reaches anything in this; what it names may keep it out all the same ([`Store::allow`]).
    #[must_use]
    pub fn may(&self, act: Action) -> bool {
        self.actor.principal.roles.iter().any(|role| reach(*role, act) > Reach::Nothing)
    }

    /// The one select of the API: it carries the actor's row scope.
    ///
    /// # Errors
    /// As [`Store::allow`].
    pub fn select<E: Scoped>(&self) -> Result<Select<E>, Error> {
        let scope = RowScope { arrays: self.db.backend() == DbBackend::Postgres, ..self.allow(Action::Read(E::NOUN))? };
        Ok(E::find().filter(E::rows(&scope, self.today())))
    }

    fn reader(&self) -> &impl ConnectionTrait {
        self.db.reader()
    }

    async fn begin(&self) -> Result<WriteTransaction, Error> {
        Ok(self.db.begin().await?)
    }
}

/// Whose connections a principal takes.
fn share(principal: &Principal) -> Share {
    match Kind::of(&principal.roles) {
        Kind::Public => Share::Public,
        Kind::Reader => Share::Readers,
        Kind::Writer => Share::Writers,
    }
}

/// One select that is free of scope, for what the rules of a write need to know about records of others.
fn unscoped<E: EntityTrait>() -> Select<E> {
    E::find()
}
