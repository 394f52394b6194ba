//! The demo's live figures attacked as their readers meet them over HTTP: by a viewer, a committee, and a viewer together with an officer; before
//! and after a late correction and the closing of a bureau; beside the releases of the same days, together with the officer of each bureau in turn;
//! and with the rule broken, which must be found.

use super::python;
use anyhow::{Context, ensure};
use api::authn::TokenRequest;
use api::authz::Role;
use chrono::Utc;
use jobs::runner::Runner;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};
use torikumi_tests::{
    database::{Backend, TestDatabase},
    fixtures::{nodes, record, with},
    server::{Server, codes},
};

const MONTH: &str = "2019-06";
/// The last month of the year of which there are releases, and these.
const RELEASED: (&str, &str, [&str; 2]) = ("2020-03", "2019", ["1.0.0", "1.0.1"]);
/// Bureaus of each size whose officers attack.
const OFFICERS: [&str; 4] = ["JINJI", "HOSA", "JITAI", "JOHO"];
/// Whose people are corrected, and how many of them.
const CORRECTED: (&str, usize) = ("HOSA", 3);
/// Who appears in the office's total alone from then on.
const CLOSED: &str = "SOMU";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "long: tests/run --whole"]
async fn its_live_figures_are_attacked() -> anyhow::Result<()> {
    let made = Server::start(Backend::Sqlite).await?;
    let folder = made.folder();
    let began = Instant::now();
    let url = format!("sqlite:{}", folder.join("demo.sqlite").display());
    super::said(made.program()?.env("DATABASE_URL", &url).current_dir(folder).args(["demo", "--no-serve"]))?;
    println!("made in {:.0} s", began.elapsed().as_secs_f64());
    let server = Server::on(TestDatabase::given(&url)).await?;
    server.set_now(Utc::now());
    let [before, corrected, closed] = ["before", "corrected", "closed"].map(|name| folder.join(format!("{name}.json.gz")));
    beside_releases(&server, &url).await?;
    read(&server, MONTH, (&before, &OFFICERS))?;
    println!("{}", attack(&[&before], &[])?);
    // A rule that is broken is found: by few readers, for one finding is enough.
    for (rule, reader) in [("rounding", "viewer"), ("bureau", "JINJI"), ("indicator", "viewer")] {
        let began = Instant::now();
        let output = python("attack.py").args(["live", "--first", "--reader", reader, "--tamper", rule, "--load"]).arg(&before).output()?;
        let told = String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.code() == Some(1), "{rule}: {told}{}", String::from_utf8_lossy(&output.stderr));
        let found = told.lines().find(|line| line.starts_with("FOUND")).context("a finding")?;
        println!("{rule} in {:.0} s: {found}", began.elapsed().as_secs_f64());
    }

    // Two times of the month: the records of a few of a bureau are corrected late, and then a bureau is closed to sight.
    correct(&server).await?;
    read(&server, MONTH, (&corrected, &["JOHO"]))?;
    let changed = folder.join("changed.json");
    fs::write(&changed, json!({ format!("{MONTH}|{}", CORRECTED.0): CORRECTED.1, format!("{MONTH}|TOTAL"): CORRECTED.1 }).to_string())?;
    let readers = ["--reader", "viewer", "--reader", "JOHO", "--changed"].map(PathBuf::from);
    println!("{}", attack(&[&before, &corrected], &[&readers[..], &[changed]].concat())?);
    close(&server).await?;
    read(&server, MONTH, (&closed, &["JOHO"]))?;
    println!("{}", attack(&[&corrected, &closed], &readers[..4])?);
    Ok(())
}

/// Attacks the year's figures beside its releases. What these print is public, but for small groups and for bureaus that they do not name.
async fn beside_releases(server: &Server, url: &str) -> anyhow::Result<()> {
    let (month, year, versions) = RELEASED;
    let document = "{ bureaus(first: 100) { nodes { code } } }";
    let all = nodes(&server.secretariat()?, document, "bureaus", Value::Null).await?;
    let officers: Vec<&str> = all.iter().filter_map(|bureau| bureau["code"].as_str()).collect();
    ensure!(officers.len() == 22, "{officers:?}");
    let seen = server.folder().join("released.json.gz");
    read(server, month, (&seen, &officers))?;
    let mut releases: Vec<PathBuf> = Vec::new();
    for version in versions {
        let folder = server.folder().join(format!("released-{version}"));
        let mut export = server.program()?;
        export.env("DATABASE_URL", url).args(["export", "follow-up", "--fiscal-year", year, "--release", version, "--out"]);
        super::said(export.arg(&folder))?;
        releases.extend([PathBuf::from("--release"), folder]);
    }
    println!("{}", attack(&[&seen], &releases)?);
    Ok(())
}

/// Reads all that each reader is shown of a month into a file, without an attack; former values must be those that they claim to be.
fn read(server: &Server, month: &str, (file, officers): (&Path, &[&str])) -> anyhow::Result<()> {
    let began = Instant::now();
    let token = |request: TokenRequest| server.token(&request);
    let mut command = python("attack.py");
    command.args(["live", "--url", &server.url, "--from", month, "--to", month, "--former", "--read-only", "--save"]).arg(file);
    command.args(["--truth", &token(server.request(Role::Secretariat))?]);
    command.arg("--token").arg(format!("viewer={}", token(server.request(Role::Viewer))?));
    let committee = TokenRequest { body: Some("council".to_owned()), ..server.request(Role::Committee) };
    command.arg("--token").arg(format!("committee={}", token(committee)?));
    for code in officers {
        let officer = TokenRequest { bureaus: codes(&[code]), ..server.request(Role::BureauOfficer) };
        command.arg("--token").arg(format!("officer:{code}={}", token(officer)?));
    }
    super::said(&mut command)?;
    println!("{} read in {:.0} s", file.display(), began.elapsed().as_secs_f64());
    Ok(())
}

/// What an attack that finds nothing says.
fn attack(files: &[&PathBuf], more: &[PathBuf]) -> anyhow::Result<String> {
    let began = Instant::now();
    let mut command = python("attack.py");
    command.args(["live", "--seconds", "120"]);
    for file in files {
        command.arg("--load").arg(file);
    }
    let told = super::said(command.args(more))?;
    ensure!(told.contains("withheld") && !told.contains("FOUND"), "{told}");
    Ok(format!("{}\n{:.0} s", told.trim_end(), began.elapsed().as_secs_f64()))
}

/// Records what some people of a bureau teleworked a year later, and computes what follows.
async fn correct(server: &Server) -> anyhow::Result<()> {
    let db = server.connect().await?;
    let people = format!(
        "SELECT s.staff_number FROM person_month m JOIN staff s ON s.id = m.staff_id JOIN bureau b ON b.id = m.bureau_id
         WHERE m.month = {} AND b.code = '{}' AND m.telework_days = 0 AND m.in_census = 1 AND m.employment = 'REGULAR'
         ORDER BY s.staff_number LIMIT {}",
        MONTH.replace('-', ""),
        CORRECTED.0,
        CORRECTED.1
    );
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), people)).await?;
    db.close().await?;
    let days = rows.iter().map(|row| {
        let number: String = row.try_get_by_index(0)?;
        Ok(json!({ "externalId": format!("late-{number}"), "staffNumber": number, "date": "2019-06-12", "place": "HOME" }))
    });
    let days: Vec<Value> = days.collect::<anyhow::Result<_>>()?;
    ensure!(days.len() == CORRECTED.1, "{days:?}");
    let input = json!({ "idempotencyKey": "late", "mode": "ALL_OR_NOTHING", "correctionReason": "a late slip", "records": days });
    let receipt = torikumi_tests::fixtures::send(&server.secretariat()?, "TeleworkDays", input).await?;
    ensure!(receipt.rejected == 0, "{receipt:?}");
    compute(server).await
}

/// Lets a bureau appear in the office's total alone.
async fn close(server: &Server) -> anyhow::Result<()> {
    let secretariat = server.secretariat()?;
    let document = "{ bureaus(first: 100) { nodes { code nameJa nameEn validFrom } } }";
    let all = nodes(&secretariat, document, "bureaus", Value::Null).await?;
    let bureau = all.into_iter().find(|bureau| bureau["code"] == CLOSED).context("the bureau")?;
    record(&secretariat, "Bureaus", vec![with(bureau, json!({ "visibility": "OFFICE_TOTAL_ONLY" }))]).await?;
    compute(server).await
}

/// Computes all that is stale; what follows from it is left.
async fn compute(server: &Server) -> anyhow::Result<()> {
    let began = Instant::now();
    let trigger = "mutation($input: TriggerJobInput!) { triggerJob(input: $input) { run { id } } }";
    let input = json!({ "job": "MONTHLY_INDICATORS", "reason": "a late slip", "idempotencyKey": uuid::Uuid::now_v7().to_string() });
    let asked = server.secretariat()?.query(trigger, json!({ "input": input })).await?;
    let id = asked["triggerJob"]["run"]["id"].as_str().context("a run")?.to_owned();
    let ran = Runner::new(server.app.ledger.clone()).run_queued().await?;
    let state = server.secretariat()?.query("query($id: ID!) { jobRun(id: $id) { state } }", json!({ "id": id })).await?;
    ensure!(state["jobRun"]["state"] == "SUCCEEDED", "{state}");
    println!("{ran} runs in {:.0} s", began.elapsed().as_secs_f64());
    Ok(())
}
