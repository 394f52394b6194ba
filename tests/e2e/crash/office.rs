//! An office in which a run waits: four months computed, each corrected since, all through the mutations that a bureau's system uses.

use serde_json::{Value, json};
use torikumi_tests::client::Client;
use torikumi_tests::database::TestDatabase;
use torikumi_tests::fixtures::{Office, posting, record, shift, staff, with};
use torikumi_tests::server::{Server, migrated};

/// The months with records; they lie in one fiscal year and in two calendar years.
const MONTHS: [&str; 4] = ["2019-12", "2020-01", "2020-02", "2020-03"];
const TRIGGER: &str = "mutation ($input: TriggerJobInput!) { triggerJob(input: $input) { run { state } } }";

/// Makes an empty database the office's; the run's reason is `crash`.
pub async fn office(url: &str) -> anyhow::Result<()> {
    migrated(url).await?;
    let office = Office::on(Server::on(TestDatabase::given(url)).await?).await?;
    people(&office).await?;
    record(&office.a, "Shifts", shifts(&["S1", "S2", "S4", "S5"], "21:30")).await?;
    record(&office.b, "Shifts", shifts(&["S3", "S6", "S7"], "20:00")).await?;
    let telework = |month: &&str| json!({ "externalId": month, "staffNumber": "S4", "date": format!("{month}-20"), "place": "HOME" });
    record(&office.a, "TeleworkDays", MONTHS.iter().map(telework).collect::<Vec<_>>()).await?;
    trigger(&office.secretariat, "first").await?;
    anyhow::ensure!(office.server.run_jobs().await? == 1, "the first run");
    // What the run under test has to do: each month differs, for one person of each bureau.
    record(&office.a, "Shifts", shifts(&["S4"], "23:00")).await?;
    record(&office.b, "Shifts", shifts(&["S7"], "19:00")).await?;
    trigger(&office.secretariat, "crash").await?;
    // Nothing else is to run while workers of this century look at the schedules.
    let db = office.server.connect().await?;
    sea_orm::ConnectionTrait::execute_unprepared(&db, "UPDATE job_schedule SET enabled = FALSE").await?;
    Ok(db.close().await?)
}

/// Beside those that every office has: people of both sexes, of other bands, in each bureau.
async fn people(office: &Office) -> anyhow::Result<()> {
    let person = |number: &str, sex: &str| with(staff(number), json!({ "sex": sex }));
    let post = |number: &str, place: (&str, &str), band: &str| {
        with(posting(&format!("p{number}"), number, place, "2018-01-01"), json!({ "band": band }))
    };
    record(&office.a, "Staff", vec![person("S4", "FEMALE"), person("S5", "MALE")]).await?;
    record(&office.b, "Staff", vec![person("S6", "FEMALE"), person("S7", "MALE")]).await?;
    record(&office.a, "Postings", vec![post("S4", ("A", "A2"), "CHIEF"), post("S5", ("A", "A2"), "ASSISTANT_DIRECTOR")]).await?;
    record(&office.b, "Postings", vec![post("S6", ("B", "B1"), "DIRECTOR"), post("S7", ("B", "B1"), "STAFF")]).await?;
    Ok(())
}

/// Two days of each month for each person, from half past nine; the same keys whatever the end.
fn shifts(people: &[&str], until: &str) -> Vec<Value> {
    let days = MONTHS.iter().flat_map(|month| [format!("{month}-10"), format!("{month}-17")]);
    let of_day = |day: String| people.iter().map(move |number| (number, day.clone()));
    days.flat_map(of_day).map(|(number, day)| shift(&format!("{number}/{day}"), number, &day, ("09:30", until))).collect()
}

async fn trigger(client: &Client, reason: &str) -> anyhow::Result<()> {
    let input = json!({ "job": "MONTHLY_INDICATORS", "period": null, "reason": reason, "idempotencyKey": reason });
    client.query(TRIGGER, json!({ "input": input })).await?;
    Ok(())
}
