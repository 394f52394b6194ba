//! What is still to come: months that have not begun, and hires that were recorded ahead.

use super::office::{day, month, offices};
use crate::{runner::Runner, transaction::Stale};
use entity::{hire::HireRoute, job_run::RunState, posting::RankBand, staff::Sex};
use std::sync::atomic::Ordering;

#[tokio::test]
async fn a_month_is_computed_from_its_first_day_on() {
    for office in offices().await {
        let a = office.bureau("A").await;
        let id = office.enqueue(Some(month("2018-07"))).await;
        let run = Runner::new(office.ledger.clone()).run(id).await.unwrap();
        assert_eq!(run.state, RunState::Failed);
        assert_eq!(office.count("SELECT COUNT(*) FROM indicator_value").await, 0);
        office.mark(&Stale::from([((a, month("2018-07")), [None].into())])).await;
        let (_, done) = office.run(None).await;
        assert_eq!((done.months, done.marks_cleared), (2, 0), "May and June");
        office.now.store(1_530_403_200, Ordering::SeqCst); // 2018-07-01T00:00Z
        let (_, done) = office.run(None).await;
        assert_eq!((done.months, done.marks_cleared), (1, 1), "the mark has waited");
    }
}

#[tokio::test]
async fn a_hire_counts_from_its_day_on() {
    for office in offices().await {
        let a = office.bureau("A").await;
        let unit = office.unit(a, "A1").await;
        let person = office.staff("001", Sex::Female).await;
        let posting = office.posting(&person, &unit, RankBand::Staff, "2018-01-01", None).await;
        office.put(vec![office.hire_row(&posting, day("2018-06-20"), HireRoute::MidCareer)]).await;
        let hires = || office.value("WOMEN_HIRES_MID_CAREER MONTH 2018-06 TOTAL TOTAL TOTAL");
        office.run(None).await;
        assert_eq!(hires().await, Some((0, 0, 0, 0)));
        // Of the month as a whole not either.
        office.run(Some("2018-06")).await;
        assert_eq!(hires().await, Some((0, 0, 0, 0)));
        office.now.store(1_529_427_600, Ordering::SeqCst); // 2018-06-20T02:00 in Tokyo
        assert_eq!(office.run(None).await.1.months, 1);
        assert_eq!(hires().await, Some((1, 1, 1, 1)));
        assert_eq!(office.run(None).await.1.months, 0, "once");
    }
}
