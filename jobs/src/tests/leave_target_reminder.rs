//! Reminders of leave targets: which units lag, and whom it concerns.

use super::office::{Office, day, offices};
use crate::{job::JobName, outbox::mailing::Statistics};
use entity::{ids::LeaveTargetId, job_run::RunState, posting::RankBand, staff::Sex, unit};

async fn target(office: &Office, unit: &unit::Model, calendar_year: i32, days: i32) {
    let put = "INSERT INTO leave_target (id, client, external_id, bureau_id, unit_id, calendar_year, days, revision, receipt_id, created_at, updated_at)
        SELECT $1, 'test', $2, bureau_id, id, $3, $4, 1, receipt_id, created_at, updated_at FROM unit WHERE id = $5";
    let (id, key) = (LeaveTargetId::new(), format!("{calendar_year}/{}", unit.code));
    office.execute(put, vec![id.into(), key.into(), calendar_year.into(), days.into(), unit.id.into()]).await;
}

#[tokio::test]
async fn a_bureau_is_told_how_many_of_its_units_lag() {
    for office in offices().await {
        let (a, b, c) = (office.bureau("A").await, office.bureau("B").await, office.bureau("C").await);
        // Five months of 2018 have gone by: five days of twelve are on time, four are not.
        for (bureau, code, taken, days) in [(a, "A1", 4, 12), (a, "A2", 5, 12), (b, "B1", 5, 12), (c, "C1", 0, 0)] {
            let unit = office.unit(bureau, code).await;
            let person = office.staff(&format!("S{code}"), Sex::Female).await;
            let post = office.posting(&person, &unit, RankBand::Staff, "2017-04-01", None).await;
            for n in 0..taken {
                office.put(vec![office.leave_row(&post, day(&format!("2018-0{}-10", n % 5 + 1)), 465)]).await;
            }
            if days > 0 {
                target(&office, &unit, 2018, days).await;
            }
            target(&office, &unit, 2017, 40).await;
        }
        for month in 1..=5 {
            office.run(Some(&format!("2018-{month:02}"))).await;
        }
        let run = office.attempt(JobName::LeaveTargetReminder, true).await;
        assert_eq!(run.state, RunState::Succeeded, "{:?}", run.error);
        let said: Statistics = serde_json::from_value(run.statistics.unwrap()).unwrap();
        assert_eq!((said.bureaus, said.nothing_to_tell, said.without_address, said.to_send), (2, 1, 1, 0));
        office.execute("UPDATE bureau SET officer_address = 'a@example.go.jp' WHERE code = 'A'", vec![]).await;
        let run = office.attempt(JobName::LeaveTargetReminder, true).await;
        let said: Statistics = serde_json::from_value(run.statistics.unwrap()).unwrap();
        assert_eq!((said.bureaus, said.without_address, said.to_send), (2, 0, 1));
    }
}
