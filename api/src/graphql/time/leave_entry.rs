//! Leave (休暇).

use crate::graphql::record::{record_object, record_roots};
use crate::{store::leave_entry::LeaveEntryDraft, words::LeaveKind};
use entity::leave_entry::Column;
use sea_orm::ColumnTrait;

record_object! { dated
    /// Leave (休暇) of one kind on one day.
    LeaveEntry = leave_entry {
        /// Kind of leave.
        kind: LeaveKind = |row| row.kind;
        /// Minutes of leave; 465 is a whole standard day.
        minutes: i32 = |row| row.minutes;
    }
}

record_roots! { dated
    LeaveEntry = leave_entry, LeaveEntryDraft;
    "Which leave entries." {
        /// Of this kind.
        kind: LeaveKind = |kind| Column::Kind.eq(kind);
    }
    /// Leave entries that you may see.
    leave_entries
    /// Writes leave entries in bulk.
    record_leave_entries
}
