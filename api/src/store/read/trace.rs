//! The trace of reading: what a request read of persons is noted while it is read, and written down before anything is shown.
//!
//! An officer and a manager read in their own bureaus all day: that is counted by subject, bureau, noun and day (`reading_day`), the first time
//! of a day before it is shown, later ones within seconds. Whoever else reads persons, machines too, leaves an entry of the audit trail: which
//! table, how many rows, by which filters, and the bureaus they belong to, which are told of it. It never says which rows, nor what a filter
//! asked for: a digest of a small filter is the filter. That nothing was found tells as much as a row, and leaves the same trace.
//! Deliberately absent: people who read what is held about themselves; and a person's file, which leaves an entry of its own.

use crate::store::{Store, dialect, page::Listed, scope::Extent};
use crate::{
    authz::{Action, Noun, Reach, Role, reach},
    error::Error,
};
use entity::{
    ids::{BureauId, StaffId},
    reading_day,
};
use jobs::transaction::AuditAct;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Mutex, PoisonError},
};
use uuid::Uuid;

/// How a reading is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::store) enum Trace {
    /// Nothing is left: it is not about persons, or about the actor alone.
    Nothing,
    /// It is counted: it is daily work in one's own bureaus.
    Daily,
    /// It is an entry of the audit trail.
    Entry,
}

/// What a request read of one noun.
#[derive(Debug, Default)]
struct Noted {
    rows: u64,
    counted: u64,
    fields: BTreeSet<String>,
    bureaus: BTreeMap<BureauId, i64>,
    /// People whose holders are looked up when it is written down.
    people: BTreeSet<StaffId>,
}

/// What a request has read and not written down yet.
#[derive(Debug, Default)]
pub(in crate::store) struct Readings(Mutex<HashMap<Noun, Noted>>);

impl Readings {
    fn note(&self, noun: Noun, note: impl FnOnce(&mut Noted)) {
        note(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(noun).or_default());
    }

    fn take(&self) -> HashMap<Noun, Noted> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Store {
    /// How what the actor reads of a noun is kept.
    pub(in crate::store) fn trace(&self, noun: Noun) -> Trace {
        if !noun.is_about_persons() {
            return Trace::Nothing;
        }
        let by = |role: &Role| match reach(*role, Action::Read(noun)) {
            Reach::Nothing | Reach::Published | Reach::Own => Trace::Nothing,
            Reach::Everything => Trace::Entry,
            Reach::Bureaus if self.actor.bureaus == Extent::All => Trace::Entry,
            Reach::Units | Reach::Bureaus if self.actor.principal.client.is_some() => Trace::Entry,
            Reach::Units | Reach::Bureaus => Trace::Daily,
        };
        self.actor.principal.roles.iter().map(by).max().unwrap_or(Trace::Nothing)
    }

    /// Notes by which of its fields a list of a noun was filtered.
    pub fn note_filter(&self, noun: Noun, fields: impl FnOnce() -> Vec<String>) {
        if self.trace(noun) == Trace::Entry {
            self.readings.note(noun, |noted| noted.fields.extend(fields()));
        }
    }

    /// Notes rows that were read, none too: by the ids of the bureaus in which they lie, for people by their own.
    pub(in crate::store) fn note_rows<E: Listed>(&self, ids: impl IntoIterator<Item = Uuid>) {
        if self.trace(E::NOUN) == Trace::Nothing {
            return;
        }
        self.readings.note(E::NOUN, |noted| {
            for id in ids {
                noted.rows += 1;
                if E::PLACE.is_some() {
                    *noted.bureaus.entry(BureauId(id)).or_default() += 1;
                } else {
                    noted.people.insert(StaffId(id));
                }
            }
        });
    }

    /// Notes rows whose number alone was told, by bureau.
    pub(in crate::store) fn note_counted(&self, noun: Noun, rows: u64, bureaus: impl IntoIterator<Item = (BureauId, i64)>) {
        if self.trace(noun) == Trace::Nothing {
            return;
        }
        self.readings.note(noun, |noted| {
            noted.counted += rows;
            for (bureau, rows) in bureaus {
                *noted.bureaus.entry(bureau).or_default() += rows;
            }
        });
    }

    /// Writes down what was read since the last time. The front calls it before it shows an answer.
    ///
    /// # Errors
    /// The engine's: what cannot be traced is not shown.
    pub async fn write_readings_down(&self) -> Result<(), Error> {
        let noted = self.readings.take();
        if noted.is_empty() {
            return Ok(());
        }
        let (mut acts, mut days) = (Vec::new(), Vec::new());
        for (noun, mut noted) in noted {
            match self.trace(noun) {
                Trace::Nothing => {}
                Trace::Daily => days.extend(self.of_a_day(noun, &noted)),
                Trace::Entry => {
                    if !noted.people.is_empty() {
                        let people = std::mem::take(&mut noted.people);
                        for (bureau, people) in dialect::holders_of(self.reader(), &people, self.today()).await? {
                            *noted.bureaus.entry(bureau).or_default() += people;
                        }
                    }
                    acts.push((noun.table(), self.reading(noun, noted)));
                }
            }
        }
        self.memory.days.count(&self.db, days).await?;
        if acts.is_empty() {
            return Ok(());
        }
        acts.sort_by_key(|(table, _)| *table);
        let now = self.now();
        self.memory.trail.write(&self.db, acts.into_iter().map(|(_, act)| (now, act)).collect()).await
    }

    fn reading(&self, noun: Noun, noted: Noted) -> AuditAct {
        let mut counts = serde_json::json!({ "rows": noted.rows });
        if noted.counted > 0 {
            counts["counted"] = noted.counted.into();
        }
        if !noted.fields.is_empty() {
            counts["fields"] = noted.fields.into_iter().collect();
        }
        AuditAct { counts, concerned: noted.bureaus, ..self.act("READ", noun) }
    }

    /// By the bureaus of the rows; where none was found, or people came, in the first of the bureaus in which the actor sits.
    fn of_a_day(&self, noun: Noun, noted: &Noted) -> Vec<reading_day::Model> {
        let mut bureaus = noted.bureaus.clone();
        if bureaus.is_empty()
            && let Some(seat) = self.actor.seats.first()
        {
            bureaus.insert(*seat, i64::try_from(noted.rows.saturating_add(noted.counted)).unwrap_or(i64::MAX));
        }
        let row = |(bureau_id, concerned)| reading_day::Model {
            day: self.today(),
            subject: self.actor.principal.subject.clone(),
            bureau_id,
            noun: noun.table().to_owned(),
            roles: self.actor.roles(),
            reads: 1,
            concerned,
        };
        bureaus.into_iter().map(row).collect()
    }
}
