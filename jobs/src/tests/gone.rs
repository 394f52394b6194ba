//! People who have no post in a month any more: their person-months go, and are found without a look at all that changed.

use super::office::{Office, day, month, offices};
use crate::person_month::{self, Extent, GONE, Month};
use entity::{posting::RankBand, staff::Sex};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement};
use std::time::Duration;

/// How the engine would find those who are gone.
async fn plan(tx: &DatabaseTransaction) -> String {
    let postgres = tx.get_database_backend() == DbBackend::Postgres;
    let (explain, column) = if postgres { ("EXPLAIN", 0) } else { ("EXPLAIN QUERY PLAN", 3) };
    let sql = GONE.replace("$1", "0").replace("$2", "1000000").replace("$3", "201804");
    let rows = tx.query_all_raw(Statement::from_string(tx.get_database_backend(), format!("{explain} {sql}"))).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index::<String>(column).unwrap()).collect::<Vec<_>>().join("\n")
}

async fn fill(office: &Office) {
    let unit = office.unit(office.bureau("A").await, "A1").await;
    for number in 0..20 {
        let person = office.staff(&format!("{number}"), Sex::Female).await;
        office.posting(&person, &unit, RankBand::Staff, "2018-01-01", None).await;
    }
}

#[tokio::test]
async fn who_is_gone_is_found_by_an_index_of_their_own() {
    for office in offices().await {
        fill(&office).await;
        office.run(Some("2018-04")).await;
        // A month in which much changed, and nobody went.
        let session = office.db.session(Duration::from_secs(20)).await.unwrap();
        let tx = session.snapshot().await.unwrap();
        let april = Month::new(month("2018-04"), day("2018-06-01"));
        person_month::see_marks(&tx, Some(month("2018-04")), month("2018-06"), false).await.unwrap();
        person_month::gather(&tx, april, Extent::Whole).await.unwrap();
        assert_eq!(person_month::changes(&tx, april).await.unwrap(), 0);
        let many = "INSERT INTO t_person_change (seq, gone, staff_id)
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
            SELECT n.i, 0, s.id FROM n JOIN staff s ON s.staff_number = CAST(n.i % 20 AS text)";
        tx.execute_unprepared(many).await.unwrap();
        crate::dialect::analyze(&tx, "t_person_change").await.unwrap();
        let found = plan(&tx).await;
        // SQLite takes the few of the chunk by their numbers.
        assert!(office.ledger.is_alone() || found.contains("t_person_gone"), "{found}");
        tx.rollback().await.unwrap();

        // And they go.
        office
            .execute("UPDATE posting SET void_reason = 'wrong' WHERE staff_id = (SELECT id FROM staff WHERE staff_number = '7')", vec![])
            .await;
        office.run(Some("2018-04")).await;
        assert_eq!(office.count("SELECT COUNT(*) FROM person_month WHERE month = 201804").await, 19);
    }
}
