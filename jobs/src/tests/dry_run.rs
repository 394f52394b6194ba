//! A dry run of `monthly-indicators` counts what differs, and leaves every table as it is.

use super::office::{Office, day, month, offices};
use crate::{
    jobs::monthly_indicators::Forecast,
    runner::Runner,
    transaction::{NewRun, Stale},
};
use entity::{
    job_run::{JobName, RunState, Trigger},
    posting::RankBand,
    staff::Sex,
};
use std::collections::BTreeSet;

/// What a dry run of a month, or of what is stale, says.
async fn dry(office: &Office, period: Option<&str>) -> (Forecast, String) {
    let key = uuid::Uuid::now_v7().to_string();
    let new =
        NewRun { period: period.map(month), dry_run: true, ..NewRun::new(JobName::MonthlyIndicators, Trigger::Manual, key, "test".into()) };
    let id = office.ledger.enqueue(new).await.unwrap().0.id;
    let run = Runner::new(office.ledger.clone()).run(id).await.unwrap();
    assert_eq!(run.state, RunState::Succeeded, "{:?}", run.error);
    (serde_json::from_value(run.statistics.unwrap()).unwrap(), run.output_digest.unwrap())
}

/// What stands in the tables that the job writes: their rows, and the sums of what they say.
async fn stored(office: &Office) -> Vec<i64> {
    let sums = [
        "SELECT COUNT(*) FROM person_month",
        "SELECT CAST(COALESCE(SUM(overtime_minutes), 0) AS bigint) FROM person_month",
        "SELECT COUNT(*) FROM measure_cell",
        "SELECT CAST(COALESCE(SUM(value), 0) AS bigint) FROM measure_cell",
        "SELECT COUNT(*) FROM indicator_value",
        "SELECT COUNT(*) FROM indicator_value WHERE superseded_by IS NULL",
        "SELECT COUNT(*) FROM stale_mark",
        "SELECT COUNT(*) FROM job_run WHERE checkpoint IS NOT NULL",
    ];
    let mut numbers = Vec::new();
    for sql in sums {
        numbers.push(office.count(sql).await);
    }
    numbers
}

#[tokio::test]
async fn it_counts_what_differs_and_writes_nothing() {
    let mut digests = Vec::new();
    for office in offices().await {
        let bureau = office.bureau("A").await;
        let unit = office.unit(bureau, "A1").await;
        let mut posts = Vec::new();
        for number in ["S1", "S2"] {
            let staff = office.staff(number, Sex::Female).await;
            posts.push(office.posting(&staff, &unit, RankBand::Staff, "2018-01-01", None).await);
        }
        office.shift(&posts[0], "2018-04-10", 60).await;
        office.mark(&Stale::from([((bureau, month("2018-04")), BTreeSet::from([None]))])).await;
        let before = stored(&office).await;
        // April is marked; May and June were never computed.
        let (forecast, digest) = dry(&office, None).await;
        assert_eq!(forecast, Forecast { months: 3, person_months_to_write: 6, marks_to_clear: 1, months_disposed: 0 });
        assert_eq!(stored(&office).await, before);
        assert_eq!(dry(&office, None).await.1, digest, "nothing has changed since");
        digests.push(digest);

        let (_, done) = office.run(None).await;
        assert_eq!((done.months, done.marks_cleared), (3, 1));
        assert_eq!(office.count("SELECT COUNT(*) FROM person_month").await, 6, "what was foretold");
        assert_eq!(dry(&office, None).await.0, Forecast::default());

        let shift = office.shift_row(&posts[1], day("2018-05-10"), 30);
        office.put(vec![shift]).await;
        let before = stored(&office).await;
        assert_eq!(dry(&office, Some("2018-05")).await.0, Forecast { months: 1, person_months_to_write: 1, ..Forecast::default() });
        assert_eq!(dry(&office, Some("2018-04")).await.0.person_months_to_write, 0);
        assert_eq!(stored(&office).await, before);
    }
    assert!(digests.windows(2).all(|pair| pair[0] == pair[1]), "both engines foretell the same");
}
