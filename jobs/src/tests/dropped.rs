//! Futures that are dropped anywhere leave no transaction behind that the next one would find.

use super::office::offices;
use crate::dialect::execute;
use sea_orm::ConnectionTrait;
use std::time::Duration;

/// Ours that have been idle inside a transaction for longer than half a second.
const IDLE: &str = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database()
    AND state LIKE 'idle in transaction%' AND state_change < clock_timestamp() - INTERVAL '0.5 seconds'";
const WRITE: &str = "UPDATE job_schedule SET catch_up_seconds = catch_up_seconds + 1 WHERE job = 'DISPOSE'";

#[tokio::test]
async fn a_transaction_that_is_dropped_anywhere_is_not_found_by_the_next() {
    for office in offices().await {
        let session = office.db.session(Duration::from_secs(20)).await.unwrap();
        for number in 0..300_u64 {
            let transaction = async {
                let tx = office.db.begin().await.unwrap();
                execute(&*tx, WRITE, vec![]).await.unwrap();
                let savepoint = sea_orm::TransactionTrait::begin(&*tx).await.unwrap();
                execute(&savepoint, WRITE, vec![]).await.unwrap();
                savepoint.commit().await.unwrap();
                if number.is_multiple_of(2) {
                    tx.commit().await.unwrap();
                } else {
                    tx.rollback().await.unwrap();
                }
                session.snapshot().await.unwrap().commit().await.unwrap();
            };
            // As a rule it takes a millisecond or some.
            let _ = tokio::time::timeout(Duration::from_micros(number * 37 % 3_000), transaction).await;
        }
        tokio::time::sleep(Duration::from_millis(700)).await;
        if !office.ledger.is_alone() {
            assert_eq!(office.count(IDLE).await, 0);
        }
        // What fails in one that was left behind would break all that come after it on its connection.
        for _ in 0..8 {
            assert!(office.db.writer().execute_unprepared("SELECT no_column FROM no_table").await.is_err());
        }
        for _ in 0..8 {
            office.execute(WRITE, vec![]).await;
        }
        session.snapshot().await.unwrap().commit().await.unwrap();
    }
}
