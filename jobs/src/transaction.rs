//! What both doors need inside an open transaction: bulk rows, audit entries, stale marks, the enqueueing and cancelling of runs, what makes
//! many of them (slots and backfills), and up to where records have been disposed of.
//!
//! Each function takes the caller's transaction and commits nothing, so that an act, its trace and the work it makes necessary stand or
//! fall together.

mod audit;
pub mod backfill;
mod beginning;
mod bureau_sets;
pub mod disposal;
mod enqueue;
mod holding;
pub mod numbering;
mod rows;
pub mod slots;
mod stale;

pub use crate::dialect::spell;
pub use crate::reported::changes_figures;
pub use audit::{AuditAct, audit, audit_all, insert_entries};
pub use beginning::{first_month, since};
pub use bureau_sets::BureauSets;
pub(crate) use bureau_sets::id_of;
pub use enqueue::{NewRun, cancel, enqueue, enqueue_all, schedule_version};
pub use holding::{hold_anew, post};
pub use rows::{chunk_rows, put_all};
pub use stale::{INPUTS, Stale, computed_months, mark_office, mark_stale, months_with_figures};
