//! Bureaus stand in the order of establishment: those that have a place first, ties by code, then the others by code.

use super::{filled, release};
use crate::{follow_up::snapshot::Manifest, tests::office::offices};
use entity::job_run::JobName;

#[tokio::test]
async fn a_release_lists_bureaus_in_the_order_of_establishment() {
    for office in offices().await {
        filled(&office).await;
        office.execute("UPDATE bureau SET position = 20 WHERE code IN ('B', 'C')", vec![]).await;
        office.execute("UPDATE bureau SET position = 10 WHERE code = 'X'", vec![]).await;
        office.attempt(JobName::FollowUpDataset, false).await;
        let manifest = office.rows("SELECT manifest FROM snapshot", vec![]).await[0].try_get_by_index::<String>(0).unwrap();
        let frozen: Vec<_> = Manifest::parse(&manifest).unwrap().bureaus.into_iter().map(|bureau| (bureau.code, bureau.position)).collect();
        assert_eq!(frozen, [("X", Some(10)), ("B", Some(20)), ("C", Some(20)), ("A", None)].map(|(code, at)| (code.to_owned(), at)));
        // The parts number bureaus as the manifest does: each has the figures of its own people.
        let release = release(&office).await;
        let lines: Vec<&str> = release.bureaus.iter().map(|line| line.code.as_str()).collect();
        assert_eq!(lines[..3], ["B", "C", "A"], "{lines:?}");
        assert_eq!(super::of(&release, "WOMEN_STAFF", "A").quotient(), Some((14, 40)));
        let told: Vec<&str> = release
            .observations
            .iter()
            .filter(|it| it.indicator == "WOMEN_STAFF" && it.sex == "TOTAL" && it.band == "TOTAL")
            .map(|it| it.bureau.as_str())
            .collect();
        assert_eq!(told[..4], ["TOTAL", "B", "C", "A"]);
    }
}
