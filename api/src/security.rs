//! The security log: who was refused, what administrators did, and who tried numbers that nobody has.
//!
//! Lines of JSON in a folder of its own, a file a day, readable by their owner alone and kept for a year (`writer`). It alone names subjects and
//! addresses: the service's own log carries the request's id and the caller's pseudonym, which each line here repeats. What happens again and
//! again within a minute is one line with how often, so that no flood of refusals fills a disk. A request never waits for it: where the writer
//! falls behind, lines are lost and counted. Deliberately absent: what was read of persons, which the audit trail holds in the database.

mod writer;

use crate::{
    authn::Principal,
    error::{Code, Error},
    http::RequestId,
};
use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac};
use jobs::{clock::Clock, private, seal::hex};
use serde::Serialize;
use sha2::Sha256;
use std::{io, net::IpAddr, path::Path, sync::Arc};
use writer::Writer;

/// The key of the callers' pseudonyms, in the folder.
const KEY: &str = "caller.key";

/// What a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Kind {
    /// A token was not accepted.
    TokenRefused,
    /// A caller was refused: not allowed, not found, which may be the same, or more than there is for one.
    Refused,
    /// A record was refused because it names somebody unknown; how many, in a dry run or not.
    UnknownNumbers,
    /// An administrator changed something, or tried to.
    AdministratorActed,
    /// Somebody at the machine gave the program a command that changes or shows something.
    Command,
    /// Lines that were not written because too many came at once.
    Lost,
}

/// A line without its time: what is counted within a minute where it happens again.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    kind: Kind,
    /// A code, a reason why a token is none, or OK.
    reason: String,
    /// The token's subject; absent for who has none, or none that is believed.
    #[serde(skip_serializing_if = "String::is_empty")]
    subject: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    roles: String,
    /// The pseudonym under which the service's log has the caller.
    #[serde(skip_serializing_if = "String::is_empty")]
    caller: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<IpAddr>,
    /// The root fields of the request, or the command.
    #[serde(skip_serializing_if = "String::is_empty")]
    act: String,
}

/// Something that happened.
struct Happened {
    at: DateTime<Utc>,
    request: Option<RequestId>,
    line: Line,
    /// How many records it is about, where it is about records.
    records: u64,
}

/// The log of a process.
#[derive(Clone)]
pub struct SecurityLog(Arc<Inner>);

struct Inner {
    writer: Option<Writer>,
    key: [u8; 32],
    clock: Clock,
}

impl SecurityLog {
    /// Opens the folder, made for its owner alone where it is not there; without one, nothing is kept.
    ///
    /// # Errors
    /// The system's, so that no process serves whose log cannot be written.
    pub fn open(folder: Option<&Path>, clock: Clock) -> io::Result<Self> {
        let Some(folder) = folder else { return Ok(Self(Arc::new(Inner { writer: None, key: rand::random(), clock }))) };
        let path = folder.join(KEY);
        private::create(&path, hex(&rand::random::<[u8; 32]>()).as_bytes())?;
        private::close(&path)?;
        let mut key = [0; 32];
        // Whatever the file holds makes the same pseudonyms each time.
        key.copy_from_slice(&<Sha256 as sha2::Digest>::digest(std::fs::read(&path)?));
        let writer = Some(Writer::open(folder, clock.now())?);
        Ok(Self(Arc::new(Inner { writer, key, clock })))
    }

    /// Waits until all that was told is written; for the end of a process.
    pub async fn flush(&self) {
        if let Some(writer) = &self.0.writer {
            writer.flush().await;
        }
    }

    /// What happened at the machine: a command of the program, by its name.
    pub fn command(&self, name: &str) {
        #[cfg(unix)]
        let subject = format!("uid {}", rustix::process::getuid().as_raw());
        #[cfg(not(unix))]
        let subject = String::new();
        self.tell(None, Line { subject, act: name.to_owned(), ..Line::new(Kind::Command, "BEGUN") }, 0);
    }

    /// The pseudonym of a caller: the same in all processes that share the folder, and nobody's name without its key.
    fn pseudonym(&self, principal: &Principal) -> String {
        let who = principal.who();
        if who.key.is_empty() {
            return String::new();
        }
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0.key) else { return String::new() };
        mac.update(who.key.as_bytes());
        hex(&mac.finalize().into_bytes()[..8])
    }

    fn tell(&self, request: Option<RequestId>, line: Line, records: u64) {
        if let Some(writer) = &self.0.writer {
            writer.tell(Happened { at: self.0.clock.now(), request, line, records });
        }
    }
}

impl Line {
    fn new(kind: Kind, reason: &str) -> Self {
        let (subject, client, roles, caller) = (String::new(), None, String::new(), String::new());
        Self { kind, reason: reason.to_owned(), subject, client, roles, caller, address: None, act: String::new() }
    }
}

/// One request's voice in the log: it knows whose request it is and where it came from.
#[derive(Clone)]
pub struct Voice {
    log: SecurityLog,
    request: RequestId,
    who: Line,
}

impl Voice {
    /// Of a request whose caller is not known yet.
    #[must_use]
    pub fn new(log: SecurityLog, request: RequestId, address: IpAddr) -> Self {
        let who = Line { address: Some(address), ..Line::new(Kind::Refused, "") };
        Self { log, request, who }
    }

    /// The same, now that the caller is known; the service's log has the pseudonym from here on.
    #[must_use]
    pub fn of(mut self, principal: &Principal) -> Self {
        self.who.caller = self.log.pseudonym(principal);
        self.who.subject.clone_from(&principal.subject);
        self.who.client.clone_from(&principal.client);
        self.who.roles = principal.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(" ");
        tracing::Span::current().record("caller", self.who.caller.as_str());
        self
    }

    /// A token was not accepted.
    pub fn token_refused(&self, reason: &str) {
        self.tell(Kind::TokenRefused, reason, "", 0);
    }

    /// The front refused a request.
    pub fn refused(&self, code: Code) {
        if is_telling(code) {
            self.tell(Kind::Refused, code.as_str(), "", 0);
        }
    }

    /// What a request asked for by its root fields, and which errors it met: refusals are told, and whatever an administrator changes.
    pub fn answered(&self, act: &Act, errors: &[async_graphql::ServerError]) {
        let mut codes: Vec<Code> = Vec::new();
        for error in errors.iter().filter_map(|error| error.source::<Error>()) {
            if !codes.contains(&error.code) {
                codes.push(error.code);
            }
        }
        if act.changes && self.who.roles.split(' ').any(|role| role == crate::authz::Role::Admin.as_str()) {
            let reason = codes.first().map_or(if errors.is_empty() { "OK" } else { Code::BadUserInput.as_str() }, |code| code.as_str());
            return self.tell(Kind::AdministratorActed, reason, &act.fields, 0);
        }
        for code in codes.into_iter().filter(|code| is_telling(*code)) {
            self.tell(Kind::Refused, code.as_str(), &act.fields, 0);
        }
    }

    /// Records of a call were refused: those that name somebody unknown, and those that the caller may not touch.
    pub fn rejected(&self, act: &str, dry_run: bool, codes: impl Iterator<Item = Code>) {
        let (mut unknown, mut forbidden) = (0, 0);
        for code in codes {
            match code {
                Code::NotFound => unknown += 1,
                Code::Forbidden => forbidden += 1,
                _ => {}
            }
        }
        if unknown > 0 {
            self.tell(Kind::UnknownNumbers, if dry_run { "DRY_RUN" } else { "WRITE" }, act, unknown);
        }
        if forbidden > 0 {
            self.tell(Kind::Refused, Code::Forbidden.as_str(), act, forbidden);
        }
    }

    fn tell(&self, kind: Kind, reason: &str, act: &str, records: u64) {
        let line = Line { kind, reason: reason.to_owned(), act: act.to_owned(), ..self.who.clone() };
        self.log.tell(Some(self.request.clone()), line, records);
    }
}

/// What a request asks for.
#[derive(Debug, Default)]
pub struct Act {
    /// Its root fields, by the schema's names.
    pub fields: String,
    /// Whether it is a mutation.
    pub changes: bool,
}

/// Whether an error is a refusal, and not a slip of the caller or a fault of ours.
fn is_telling(code: Code) -> bool {
    match code {
        Code::Unauthenticated | Code::Forbidden | Code::NotFound | Code::LimitExceeded => true,
        Code::BadUserInput | Code::Conflict | Code::Departed | Code::PeriodClosed | Code::Internal => false,
    }
}
