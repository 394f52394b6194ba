//! The actor's door to the database. A [`Store`] needs an actor; every select it hands out already carries the actor's row scope, and
//! every write authorises in its first line, next to the statement.
//!
//! The store knows nothing of HTTP or resolvers. One file is one noun; `record` is the one way in which records are written, `page` the one
//! way in which they are listed, and `dialect` holds the statements that the two engines spell differently, each with its twin.
#![expect(clippy::disallowed_methods, reason = "this is the door: the scoped select and the write transaction are made here")]

pub mod actor;
pub mod along;
mod away;
mod dialect;
pub mod holder;
pub mod keys;
mod months;
mod offices;
pub mod page;
mod people;
mod places;
mod reading;
pub mod record;
pub mod scope;
mod together;

pub mod appointment;
pub mod bureau;
pub mod client;
pub mod data_call;
pub mod exceptional_work;
pub mod figures;
pub mod follow;
pub mod follow_outliers;
pub mod follow_up;
pub mod hire;
pub mod holiday;
pub mod job;
pub mod job_backfill;
pub mod job_schedule;
pub mod leave_entry;
pub mod month;
pub mod on_time_day;
pub mod opening_balance;
pub mod outlier_flag;
pub mod overtime_request;
pub mod overtime_rule;
pub mod plan;
pub mod posting;
pub mod release;
pub mod retention;
pub mod shift;
pub mod staff;
pub mod start_stage;
pub mod submission;
pub mod target;
pub mod telework_day;
pub mod unit;
pub mod work_regime;

use crate::{
    authn::Principal,
    authz::{Act, Kind, Reach, reach},
    error::Error,
};
use actor::Actor;
use chrono::{DateTime, NaiveDate, Utc};
use jobs::{
    clock::Clock,
    database::{Database, Share, WriteTransaction},
    ledger::Ledger,
};
use scope::{RowScope, Scoped};
use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter, Select};
use std::sync::Arc;

/// Scoped access for one actor during one request.
#[derive(Clone)]
pub struct Store {
    db: Database,
    clock: Clock,
    actor: Arc<Actor>,
    /// Where runs are enqueued, and the runner woken.
    ledger: Ledger,
}

impl Store {
    /// Opens the door for a verified principal: machine clients are checked against their row, codes become ids.
    ///
    /// # Errors
    /// UNAUTHENTICATED for an unknown or revoked client, INTERNAL when the database does not answer.
    pub async fn open(db: Database, clock: Clock, ledger: Ledger, principal: Principal) -> Result<Self, Error> {
        let db = db.of(share(&principal));
        let actor = Actor::resolve(db.reader(), principal).await?;
        Ok(Self { db, clock, actor: Arc::new(actor), ledger })
    }

    /// Who acts.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The instant, from the injected clock.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The civil date in Tokyo.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        entity::period::civil_date(self.now())
    }

    /// Which rows an act may touch.
    ///
    /// # Errors
    /// FORBIDDEN, or UNAUTHENTICATED without a token, where none of the actor's roles may do it at all.
    pub fn allow(&self, act: Act) -> Result<RowScope, Error> {
        self.actor.allow(act)
    }

    /// Whether the actor may do this anywhere at all.
    #[must_use]
    pub fn may(&self, act: Act) -> bool {
        self.actor.principal.roles.iter().any(|role| reach(*role, act) > Reach::Nothing)
    }

    /// The one select of the API: it carries the actor's row scope.
    ///
    /// # Errors
    /// As [`Store::allow`].
    pub fn select<E: Scoped>(&self) -> Result<Select<E>, Error> {
        let scope = self.allow(Act::Read(E::NOUN))?;
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
