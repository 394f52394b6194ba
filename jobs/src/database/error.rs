//! Why the engine refused, and what follows from it: whether another attempt is worth it, and whose the fault is.

use sea_orm::{DbErr, RuntimeErr, sqlx};

/// What PostgreSQL says where the cause may pass, by the start of its code: a broken connection, a session that idled in a transaction, a
/// conflict of transactions, too little of something, and an operator's doing, such as a restart.
const PASSING: [&str; 5] = ["08", "25P03", "40", "53", "57"];
/// A statement that took longer than it may, as PostgreSQL tells it.
const POSTGRES_CANCELLED: &str = "57014";
/// What PostgreSQL says where nothing can be written: no room, no transaction that may write, an error of the disk.
const POSTGRES_UNWRITABLE: [&str; 3] = ["53100", "25006", "58030"];
/// SQLite's code of a lock that was not to be had, in the low byte of its codes.
const SQLITE_BUSY: u32 = 5;
/// SQLite's code of a file that may not be written.
const SQLITE_READONLY: u32 = 8;
/// SQLite's code of a statement that was stopped.
const SQLITE_INTERRUPT: u32 = 9;
/// SQLite's code of an error of the disk.
const SQLITE_IOERR: u32 = 10;
/// SQLite's code of a disk or file without room.
const SQLITE_FULL: u32 = 13;

/// Why a connection or transaction was not to be had.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The address is neither SQLite's nor PostgreSQL's.
    #[error("DATABASE_URL must start with sqlite: or postgres://")]
    Address,
    /// Too many writers are waiting; the caller may try again.
    #[error("too many writes are waiting")]
    Busy,
    /// The engine refused.
    #[error(transparent)]
    Engine(#[from] DbErr),
}

/// What an error of the engine is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// All connections of the caller's share are in use.
    Crowded,
    /// The statement took longer than it may.
    TooLong,
    /// Nothing can be written until somebody makes room or the database takes writes again.
    Unwritable,
    /// It may pass by itself: the connection broke, the server was restarted or has too much to do, another transaction had the precedence.
    Passing,
    /// It would end alike again.
    Lasting,
}

impl Cause {
    /// What an error is about.
    #[must_use]
    pub fn of(error: &DbErr) -> Self {
        match error {
            DbErr::ConnectionAcquire(_) => Self::Crowded,
            DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => Self::of_sqlx(error),
            DbErr::Conn(_) => Self::Passing,
            _ => Self::Lasting,
        }
    }

    pub(super) fn of_sqlx(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::PoolTimedOut => Self::Crowded,
            sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed => Self::Passing,
            sqlx::Error::Database(error) => error.code().map_or(Self::Lasting, |code| Self::of_code(&code)),
            _ => Self::Lasting,
        }
    }

    /// SQLite's codes have up to four digits; those of SQL have five characters.
    fn of_code(code: &str) -> Self {
        match code.parse::<u32>() {
            Ok(number) if code.len() < 5 => match number & 0xff {
                SQLITE_BUSY => Self::Passing,
                SQLITE_INTERRUPT => Self::TooLong,
                SQLITE_FULL | SQLITE_IOERR | SQLITE_READONLY => Self::Unwritable,
                _ => Self::Lasting,
            },
            _ if code == POSTGRES_CANCELLED => Self::TooLong,
            _ if POSTGRES_UNWRITABLE.contains(&code) => Self::Unwritable,
            _ if PASSING.iter().any(|passing| code.starts_with(passing)) => Self::Passing,
            _ => Self::Lasting,
        }
    }
}

impl DatabaseError {
    /// Whether the cause may pass by itself, so that another attempt of a job is worth it: it comes much later, when the server has less to
    /// do, or somebody may have made room.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Busy => true,
            Self::Address => false,
            Self::Engine(error) => match Cause::of(error) {
                // A job's statements are cut off by PostgreSQL alone, when it has too much to do.
                Cause::Crowded | Cause::Passing | Cause::Unwritable | Cause::TooLong => true,
                Cause::Lasting => false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_told_by_the_engines_codes() {
        for (code, cause) in [
            ("5", Cause::Passing),
            ("517", Cause::Passing),
            ("9", Cause::TooLong),
            ("13", Cause::Unwritable),
            ("778", Cause::Unwritable),
            ("8", Cause::Unwritable),
            ("11", Cause::Lasting),
            ("1", Cause::Lasting),
            ("2067", Cause::Lasting),
            ("57014", Cause::TooLong),
            ("57P01", Cause::Passing),
            ("53300", Cause::Passing),
            ("53100", Cause::Unwritable),
            ("25006", Cause::Unwritable),
            ("25P03", Cause::Passing),
            ("40001", Cause::Passing),
            ("23505", Cause::Lasting),
            ("42P01", Cause::Lasting),
            ("08006", Cause::Passing),
        ] {
            assert_eq!(Cause::of_code(code), cause, "{code}");
        }
    }
}
