//! Which tokens are accepted no more: what the table says, as this process last looked.
//!
//! A look is due when somebody asks and the last one is older than 1.5 seconds. A request waits for it; an open socket, which asks every two
//! seconds, only lets it be made. So what any process revoked is in force on all of them within five seconds, and a process of which nobody
//! asks anything asks nothing either. Deliberately absent: machine clients, whose row each request reads.

use crate::{
    authn::Principal,
    error::{Code, Error},
    store::unscoped,
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::token_revocation::{Column, Entity};
use jobs::database::Database;
use sea_orm::{PaginatorTrait, QuerySelect};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};
use tokio::sync::Mutex;

/// For how long what a look found is good enough.
const STALE: Duration = Duration::from_millis(1_500);

/// What is revoked, for all requests of a process.
#[derive(Clone)]
pub struct Revocations {
    known: Arc<RwLock<Known>>,
    /// Held by who looks.
    looking: Arc<Mutex<()>>,
    /// How far the issuer's clock may be ahead of ours.
    leeway: TimeDelta,
}

/// Subject, token, instant.
type Row = (Option<String>, Option<String>, DateTime<Utc>);

#[derive(Default)]
struct Known {
    rows: u64,
    looked: Option<Instant>,
    subjects: HashMap<String, DateTime<Utc>>,
    tokens: HashSet<String>,
}

impl Known {
    fn add(&mut self, (subject, token, at): Row) {
        if let Some(subject) = subject {
            let latest = self.subjects.entry(subject).or_insert(at);
            *latest = at.max(*latest);
        }
        self.tokens.extend(token);
    }
}

impl Revocations {
    /// Nothing is known yet. A subject's tokens count as issued before the revocation up to the leeway of the issuer's clock after it.
    #[must_use]
    pub fn new(leeway: TimeDelta) -> Self {
        Self { known: Arc::default(), looking: Arc::default(), leeway }
    }

    /// Lets a token pass that is not revoked.
    ///
    /// # Errors
    /// UNAUTHENTICATED for a revoked one; the engine's, for what cannot be looked up is not let in.
    pub async fn check(&self, db: &Database, principal: &Principal) -> Result<(), Error> {
        if principal.subject.is_empty() {
            return Ok(());
        }
        if self.is_stale() {
            let _turn = self.looking.lock().await;
            if self.is_stale() {
                self.look(db).await?;
            }
        }
        if self.knows(principal) {
            return Err(Error::new(Code::Unauthenticated, "このトークンは失効させられています。", "This token was revoked."));
        }
        Ok(())
    }

    /// Whether a token is known to be revoked. Where the last look is long past, another one begins, whose result the next call sees.
    #[must_use]
    pub fn glance(&self, db: &Database, principal: &Principal) -> bool {
        if self.is_stale()
            && let Ok(turn) = self.looking.clone().try_lock_owned()
        {
            let (own, db) = (self.clone(), db.clone());
            tokio::spawn(async move {
                if let Err(error) = own.look(&db).await {
                    tracing::warn!(error = &error as &dyn std::error::Error, "revoked tokens could not be looked up");
                }
                drop(turn);
            });
        }
        self.knows(principal)
    }

    /// Reads the table where it has changed. Its rows stay for good, so that their number tells.
    async fn look(&self, db: &Database) -> Result<(), Error> {
        let began = Instant::now();
        let rows = unscoped::<Entity>().count(db.reader()).await?;
        let changed = self.known(|known| known.looked.is_none() || known.rows != rows);
        let query = unscoped::<Entity>().select_only().column(Column::Subject).column(Column::Token).column(Column::RevokedAt);
        let found = if changed { Some(query.into_tuple::<Row>().all(db.reader()).await?) } else { None };
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.looked = Some(began);
        if let Some(found) = found {
            known.rows = found.len() as u64;
            for row in found {
                known.add(row);
            }
        }
        Ok(())
    }

    /// Knows what was just revoked here, before anybody looks.
    pub(super) fn learn(&self, subject: Option<String>, token: Option<String>, at: DateTime<Utc>) {
        self.known.write().unwrap_or_else(PoisonError::into_inner).add((subject, token, at));
    }

    fn is_stale(&self) -> bool {
        self.known(|known| known.looked.is_none_or(|looked| looked.elapsed() >= STALE))
    }

    fn knows(&self, principal: &Principal) -> bool {
        self.known(|known| {
            let token = principal.token.as_ref().is_some_and(|token| known.tokens.contains(token));
            // A token that does not say when it was issued may be any age.
            let is_before = |at: &DateTime<Utc>| principal.issued_at.is_none_or(|issued| issued <= *at + self.leeway);
            token || known.subjects.get(&principal.subject).is_some_and(is_before)
        })
    }

    fn known<T>(&self, ask: impl FnOnce(&Known) -> T) -> T {
        ask(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use chrono::TimeZone;

    #[test]
    fn a_subjects_tokens_are_revoked_up_to_the_instant_and_those_of_unknown_age_for_good() {
        let at = Utc.with_ymd_and_hms(2020, 4, 1, 12, 0, 0).unwrap();
        let revocations = Revocations::new(TimeDelta::seconds(30));
        {
            let mut known = revocations.known.write().unwrap();
            known.subjects.insert("lost".to_owned(), at);
            known.tokens.insert("one".to_owned());
        }
        let principal = |subject: &str, token: Option<&str>, issued_at| Principal {
            subject: subject.to_owned(),
            token: token.map(str::to_owned),
            issued_at,
            ..Principal::public()
        };
        let seconds = |seconds| Some(at + TimeDelta::seconds(seconds));
        assert!(revocations.knows(&principal("lost", None, seconds(-1))));
        // An issuer whose clock is ahead signed it before the revocation.
        assert!(revocations.knows(&principal("lost", None, seconds(30))));
        assert!(!revocations.knows(&principal("lost", Some("two"), seconds(31))));
        assert!(revocations.knows(&principal("lost", None, None)));
        assert!(!revocations.knows(&principal("other", None, None)));
        assert!(revocations.knows(&principal("other", Some("one"), seconds(99))));
    }
}
