//! Leave (休暇).

use crate::graphql::record::{record_object, record_roots};
use crate::{store::leave_entry::LeaveEntryDraft, words::LeaveKind};
use entity::leave_entry::Column;
use sea_orm::ColumnTrait;

record_object! { dated
    /// Leave (休暇) of one kind on one civil day; that of several kinds or parts of a day is several entries.
    LeaveEntry = leave_entry {
        /// Kind of leave; all kinds outside the plan are OTHER, without a reason.
        kind: LeaveKind = |row| row.kind;
        /// Minutes of leave; 465 is a whole standard day.
        minutes: i32 = |row| row.minutes;
    }
}

record_roots! { dated
    LeaveEntry = leave_entry, LeaveEntryDraft;
    "Which leave entries: all given conditions must hold, an empty list finds nothing, and void ones need `includeVoid`." {
        /// Of this kind of leave alone.
        kind: LeaveKind = |kind| Column::Kind.eq(kind);
    }
    /// Leave entries that you may see.
    leave_entries
    /// Writes leave entries in bulk, of people posted in the caller's bureaus; a machine client needs `TIME`.
    record_leave_entries
}
