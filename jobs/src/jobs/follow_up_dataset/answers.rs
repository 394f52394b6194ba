//! Answers to a draft's findings that are published with them: what a release says beyond its snapshot, for they are given when it is a draft.

use crate::{dialect::few_rows, follow_up::release::AnswerLine, ledger::LedgerError};
use entity::ids::FollowUpId;
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

const OF_VERSION: &str = "SELECT f.check_name, f.subject, f.answer FROM finding f
    WHERE f.follow_up_id = $1 AND f.version = $2 AND f.answer_published AND f.answer IS NOT NULL ORDER BY f.check_name, f.subject";
const OF_SNAPSHOT: &str = "SELECT f.check_name, f.subject, f.answer FROM release r
    JOIN finding f ON f.follow_up_id = r.follow_up_id AND f.version = r.version AND f.answer_published AND f.answer IS NOT NULL
    WHERE r.snapshot_sha256 = $1 ORDER BY f.check_name, f.subject";

/// Those of a cycle's version.
///
/// # Errors
/// The database's.
pub(super) async fn of_version<C: ConnectionTrait>(db: &C, cycle: FollowUpId, version: &str) -> Result<Vec<AnswerLine>, LedgerError> {
    read(&few_rows(db, OF_VERSION, vec![cycle.into(), version.into()]).await?)
}

/// Those of the release that was made from a snapshot; none where there is no such release.
///
/// # Errors
/// The database's.
pub(crate) async fn of_snapshot<C: ConnectionTrait>(db: &C, sha256: &str) -> Result<Vec<AnswerLine>, LedgerError> {
    read(&few_rows(db, OF_SNAPSHOT, vec![sha256.into()]).await?)
}

fn read(rows: &[QueryResult]) -> Result<Vec<AnswerLine>, LedgerError> {
    let line = |row: &QueryResult| {
        Ok::<_, DbErr>(AnswerLine { check: row.try_get_by_index(0)?, subject: row.try_get_by_index(1)?, answer: row.try_get_by_index(2)? })
    };
    Ok(rows.iter().map(line).collect::<Result<_, _>>()?)
}
