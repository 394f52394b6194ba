//! A long queue: it is entered at once, and what a worker asks each time does not grow with it.

use super::office::offices;
use crate::{
    job::JobName,
    ledger::claim::look,
    transaction::{NewRun, enqueue_all},
};
use entity::job_run::Trigger;

#[tokio::test]
async fn a_thousand_runs_are_entered_at_once_and_a_look_takes_the_first() {
    for office in offices().await {
        let runs = (0..1_000).map(|key| NewRun::new(JobName::MonthlyIndicators, Trigger::Manual, key.to_string(), "test".into()));
        let tx = office.db.begin().await.unwrap();
        let stored = enqueue_all(&*tx, office.ledger.clock().now(), runs.collect()).await.unwrap();
        tx.commit().await.unwrap();
        assert!(stored.len() == 1_000 && stored.iter().all(|(_, new)| *new), "as many slots as are dealt with at once");
        if office.ledger.is_alone() {
            continue;
        }
        office.execute("ANALYZE", vec![]).await;
        let plan = office.rows(&format!("EXPLAIN {}", look()), vec![]).await;
        let plan: Vec<String> = plan.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
        let plan = plan.join("\n");
        assert!(plan.contains("Index Scan using job_run_due") && !plan.contains("Sort"), "{plan}");
    }
}
