//! A year of real overtime entries judged for outliers, the rules taken as if they had been in force, with the file's units as bureaus.
//!
//! `tests/recompute_outliers.py` then finds medians, deviations and flags again from the person-months, in another language and without our
//! code. Where the file is missing the test says so and passes, as `real_input` does.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use chrono::TimeDelta;
use entity::{bureau as bureaus, overtime_outlier, person_month, staff as people};
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::fixtures::{absence, bureau, posting, record, staff, unit, with};
use torikumi_tests::server::Server;

use crate::real_input::{Entry, held, in_calls, shared, shift_of};

both!(
    #[ignore = "long: tests/run --whole"]
    a_year_of_outliers,
    async |backend| {
        let Some(entries) = entries()? else { return Ok(()) };
        let server = Server::start(backend).await?;
        compute(&server, &entries).await?;
        let said = recompute(&server).await?;
        assert!(said.contains("15828 person-months, 245 above 45 h, 13 at 100 h or more"), "{said}");
        let share: f64 = said.split(" person-months, ").last().and_then(|rest| rest.split(' ').next()).context("no share")?.parse()?;
        assert!(share <= 3.0, "{said}");
        Ok(())
    }
);

/// The file; none where it is missing.
fn entries() -> anyhow::Result<Option<Vec<Entry>>> {
    let Some(file) = shared("overtime/overtime-2018.csv") else { return Ok(None) };
    Ok(Some(csv::Reader::from_path(&file)?.deserialize().collect::<Result<_, _>>()?))
}

/// Records the year, with the units as bureaus, and computes its months.
async fn compute(server: &Server, entries: &[Entry]) -> anyhow::Result<()> {
    let secretariat = server.secretariat()?;
    let codes: BTreeSet<_> = entries.iter().map(|entry| entry.charged_desc.as_str()).collect();
    record(&secretariat, "Bureaus", codes.iter().map(|code| bureau(code)).collect::<Vec<_>>()).await?;
    let system = server.system("attendance", &codes.iter().copied().collect::<Vec<_>>()).await?;
    record(&system, "Units", codes.iter().map(|code| unit(code, code)).collect::<Vec<_>>()).await?;
    let mut by_person: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        by_person.entry(&entry.person).or_default().push(entry);
    }
    record(&system, "Staff", by_person.keys().map(|number| staff(number)).collect::<Vec<_>>()).await?;
    record(&system, "Postings", by_person.into_values().flat_map(postings).collect::<Vec<_>>()).await?;
    let shifts: Vec<Value> = entries.iter().enumerate().map(|(index, entry)| shift_of(index + 1, entry)).collect();
    ensure!(in_calls(&system, &shifts).await?.counts() == [28_360, 0, 0, 0, 0, 0], "each entry is new");
    // The file is a register of overtime: whoever is not in it did none.
    let zero = json!([{ "source": "OVERTIME", "meaning": "ZERO" }]);
    absence(&server.admin()?, "attendance", &codes.iter().copied().collect::<Vec<_>>(), zero).await?;
    in_force_since_january(&server.admin()?).await?;
    for month in 1..=12 {
        run(server, &secretariat, &format!("job: MONTHLY_INDICATORS, period: \"2018-{month:02}\", idempotencyKey: \"{month}\"")).await?;
    }
    Ok(())
}

/// Asks for a run, and does all that wait. Each has a moment of its own, by which its values are told from those of others.
async fn run(server: &Server, secretariat: &Client, what: &str) -> anyhow::Result<()> {
    server.pass(TimeDelta::minutes(1));
    let trigger = format!("mutation {{ triggerJob(input: {{ {what}, reason: \"real outliers\" }}) {{ run {{ id }} }} }}");
    let run = secretariat.query(&trigger, json!({})).await?["triggerJob"]["run"].take();
    server.run_jobs().await?;
    let state = secretariat.query("query ($id: ID!) { jobRun(id: $id) { state error } }", json!({ "id": run["id"] })).await?;
    ensure!(state["jobRun"]["state"] == "SUCCEEDED", "{what}: {state}");
    Ok(())
}

/// Takes the rules of the Cabinet Secretariat as if they had been in force since January.
async fn in_force_since_january(admin: &Client) -> anyhow::Result<()> {
    let rule = json!({
        "validFrom": "2018-01", "countedFrom": "2018-01", "defaultRegime": "SELF_PACED", "firstMonth": 4, "selfPacedMonthMinutes": 2_700,
        "selfPacedYearMinutes": 21_600, "drivenMonthMinutes": 6_000, "drivenYearMinutes": 43_200, "drivenMeanMinutes": 4_800,
        "meanMonths": 6, "longMonthMinutes": 2_700, "drivenLongMonths": 6, "interviewMonthMinutes": 6_000, "interviewMeanMinutes": 4_800,
        "scoreThousandths": 3_500, "leastPeers": 10, "leastOwnMonths": 6, "floorMinutes": 1_800, "floorAboveMedianMinutes": 600,
        "unconfirmedMinutes": 1_800, "paceMonths": 3, "acknowledgeDays": 14, "reviewDays": 60, "reason": "as if in force",
    });
    let set = "mutation ($input: SetOvertimeRuleInput!) { setOvertimeRule(input: $input) { rule { version } } }";
    admin.query(set, json!({ "input": rule })).await?;
    Ok(())
}

/// One posting for each run of equal units in a person's entries by date, the first since before the year.
fn postings(mut entries: Vec<&Entry>) -> Vec<Value> {
    entries.sort_by(|a, b| a.date.cmp(&b.date));
    let runs: Vec<&[&Entry]> = entries.chunk_by(|a, b| a.charged_desc == b.charged_desc).collect();
    let next = runs.iter().skip(1).map(|run| Some(&run[0].date)).chain([None]);
    let posts = runs.iter().zip(next).enumerate().map(|(index, (run, until))| {
        let (place, from) = (run[0].charged_desc.as_str(), if index == 0 { "2018-01-01" } else { &run[0].date });
        let post = posting(&format!("{}/{index}", run[0].person), &run[0].person, (place, place), from);
        with(with(post, held(&run[0].person, index)), json!({ "validTo": until }))
    });
    // Who moved on the year's first day was nowhere before.
    posts.filter(|post| post["validTo"] != post["validFrom"]).collect()
}

/// Lets the script find everything again, and tells what it said.
async fn recompute(server: &Server) -> anyhow::Result<String> {
    let (months, flags) = (server.folder().join("person_months.csv"), server.folder().join("flags.csv"));
    export(server, &months, &flags).await?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("recompute_outliers.py");
    let python = std::env::var("TORIKUMI_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let output = Command::new(python).arg(script).args([&months, &flags]).output().context("python3")?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    println!("{}", said.trim());
    ensure!(said.trim().ends_with(" 0 differences"), "{said}");
    Ok(said)
}

/// Writes person-months and standing flags to files, keyed as people name them.
async fn export(server: &Server, months: &Path, flags: &Path) -> anyhow::Result<()> {
    let db = server.connect().await?;
    let numbers: HashMap<_, _> = people::Entity::find().all(&db).await?.into_iter().map(|row| (row.id, row.staff_number)).collect();
    let codes: HashMap<_, _> = bureaus::Entity::find().all(&db).await?.into_iter().map(|row| (row.id, row.code)).collect();
    let mut file = csv::Writer::from_path(months)?;
    file.write_record(["month", "person", "bureau", "standing", "regime", "subject", "away", "minutes", "confirmed"])?;
    for row in person_month::Entity::find().all(&db).await? {
        let regime = row.regime.map(entity::work_regime::Regime::as_text).unwrap_or_default();
        let numbers_of = [row.subject_to_overtime, row.on_leave_all_month, row.overtime_minutes, row.overtime_confirmed_minutes];
        let place = [codes[&row.bureau_id].clone(), row.standing.as_text(), regime];
        let key = [row.month.to_string(), numbers[&row.staff_id].clone()].into_iter().chain(place);
        file.write_record(key.chain(numbers_of.map(|number| number.to_string())))?;
    }
    file.flush()?;
    export_flags(&db, flags).await?;
    db.close().await?;
    Ok(())
}

/// Writes the standing flags to a file.
pub async fn export_flags(db: &DatabaseConnection, flags: &Path) -> anyhow::Result<()> {
    let numbers: HashMap<_, _> = people::Entity::find().all(db).await?.into_iter().map(|row| (row.id, row.staff_number)).collect();
    let mut file = csv::Writer::from_path(flags)?;
    file.write_record([
        "month",
        "person",
        "kind",
        "category",
        "total",
        "months",
        "limit_minutes",
        "limit_months",
        "projected",
        "median",
        "scale_numerator",
        "scale_denominator",
        "peers",
        "level",
        "method",
    ])?;
    let standing = overtime_outlier::Entity::find().filter(overtime_outlier::Column::WithdrawnAt.is_null());
    for row in standing.all(db).await? {
        let number = |number: Option<i32>| number.map(|number| number.to_string()).unwrap_or_default();
        let long = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
        let key = [row.month.to_string(), numbers[&row.staff_id].clone(), row.kind.as_text(), row.category.as_text()];
        let caps = [row.total_minutes, row.months, row.limit_minutes, row.limit_months].map(number);
        let projected = row.projected_month.map(|month| month.to_string()).unwrap_or_default();
        let lies = [number(row.median_doubled), long(row.scale_numerator), long(row.scale_denominator), number(row.peers)];
        let level = row.peer_level.map(overtime_outlier::PeerLevel::as_text).unwrap_or_default();
        let method = row.method.map(overtime_outlier::ScoreMethod::as_text).unwrap_or_default();
        file.write_record(key.into_iter().chain(caps).chain([projected]).chain(lies).chain([level, method]))?;
    }
    file.flush()?;
    Ok(())
}
