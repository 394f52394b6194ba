//! A year of real overtime entries, written as a bureau's system would write them, turned into indicators whose totals are known.
//!
//! The file belongs to somebody else and is not in the repository: it lies in `../shared/data`, or where [`DATA`] says; without it the test
//! says so and passes. `tests/recompute.py` then counts everything again from the file, in another language and without our code.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::Deserialize;
use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::fixtures::{Receipt, absence, bureau, input, nodes, posting, record, send, shift, staff, unit, with};
use torikumi_tests::server::Server;

/// The variable with the folder of the data.
const DATA: &str = "TORIKUMI_DATA";
/// The bureau of everybody.
const BUREAU: &str = "OFFICE";
/// Records of one call.
const CALL: usize = 5_000;

/// A file of the shared data; `None`, said on standard error, where it is missing.
pub fn shared(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os(DATA).map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    let file = folder.join(name);
    if !file.exists() {
        eprintln!("skipped: {} is missing", file.display());
    }
    file.exists().then_some(file)
}

/// One entry of the file.
#[derive(Debug, Clone, Deserialize)]
pub struct Entry {
    pub person: String,
    rank: String,
    pub charged_desc: String,
    pub date: String,
    starttime: String,
    endtime: String,
}

impl Entry {
    fn band(&self) -> &'static str {
        match self.rank.as_str() {
            "Sergt" | "SgtDet" => "CHIEF",
            "Lieut" | "LtDet" => "ASSISTANT_DIRECTOR",
            "Capt" => "DIRECTOR",
            _ => "STAFF",
        }
    }
}

both!(
    #[ignore = "long: tests/run --whole"]
    a_year_of_overtime,
    async |backend| {
        let Some(file) = shared("overtime/overtime-2018.csv") else { return Ok(()) };
        let entries: Vec<Entry> = csv::Reader::from_path(&file)?.deserialize().collect::<Result<_, _>>()?;
        let server = Server::start(backend).await?;
        let secretariat = server.secretariat()?;
        record(&secretariat, "Bureaus", vec![bureau(BUREAU)]).await?;
        let system = server.system("attendance", &[BUREAU]).await?;
        organisation(&system, &entries).await?;

        let shifts: Vec<Value> = entries.iter().enumerate().map(|(index, entry)| shift_of(index + 1, entry)).collect();
        let written = in_calls(&system, &shifts).await?;
        assert_eq!(written.counts(), [28_360, 0, 0, 0, 0, 0]);
        assert_eq!(written.stale_months.len(), 12);
        let again = in_calls(&system, &shifts).await?;
        assert_eq!(again.counts(), [0, 0, 28_360, 0, 0, 0], "the same entries once more");
        assert_eq!(again.stale_months, [""; 0]);

        // Everybody counts, as the file's totals do.
        let (main, resident, away) = ("MAIN", "CONCURRENT_RESIDENT", "CONCURRENT_AWAY");
        count(&server, json!([main, resident, away])).await?;
        let totals = compute(&server, &secretariat).await?;
        assert_eq!(totals.person_months_with_overtime, 7_799);
        assert_eq!(totals.above45h, 245);
        assert_eq!(totals.at_least100h, 13);
        assert_eq!(totals.largest_overtime_minutes, 7_620);
        for code in ["MEAN_OVERTIME_HOURS", "SHARE_ABOVE_45H", "OVERTIME_CONFIRMED_BEFOREHAND"] {
            let values = office(&secretariat, code).await?;
            assert_eq!(values.len(), 12, "{code}");
            let sum = |part: &str| values.iter().map(|value| value[part].as_i64().unwrap_or_default()).sum::<i64>();
            match code {
                "MEAN_OVERTIME_HOURS" => assert_eq!(sum("numerator"), 4_119_025),
                "SHARE_ABOVE_45H" => assert_eq!(sum("numerator"), 245),
                _ => assert_eq!((sum("numerator"), sum("denominator")), (0, 4_119_025)),
            }
        }
        count(&server, json!([main, resident])).await?;
        night(&server, "standings").await?;
        let hours = office(&secretariat, "MEAN_OVERTIME_HOURS").await?;
        let sum: i64 = hours.iter().filter_map(|value| value["numerator"].as_i64()).sum();
        assert_eq!(sum, 3_348_603, "without those of people elsewhere");
        // Who has no entry in a month is unknown, until it is said that the file is a register of overtime: then they did none.
        recompute(&server, &file, "UNKNOWN").await?;
        let zero = json!([{ "source": "PRESENCE", "meaning": "ZERO" }]);
        absence(&server.admin()?, "attendance", &[BUREAU], zero).await?;
        night(&server, "silence").await?;
        recompute(&server, &file, "ZERO").await?;
        Ok(())
    }
);

/// Says whom the figures of work count.
async fn count(server: &Server, work: Value) -> anyhow::Result<()> {
    let set = "mutation ($input: SetCountingRuleInput!) { setCountingRule(input: $input) { rule { version } } }";
    let rule = json!({ "coveragePercent": 80, "careers": ["MAIN"], "work": work, "reason": "real input" });
    server.admin()?.query(set, json!({ "input": rule })).await?;
    Ok(())
}

/// Computes all that is stale.
async fn night(server: &Server, key: &str) -> anyhow::Result<()> {
    let run = "mutation ($key: String!) {
        triggerJob(input: { job: MONTHLY_INDICATORS, reason: \"real input\", idempotencyKey: $key }) { run { id } } }";
    server.admin()?.query(run, json!({ "key": key })).await?;
    server.run_jobs().await?;
    Ok(())
}

/// Records units, staff and postings.
async fn organisation(system: &Client, entries: &[Entry]) -> anyhow::Result<()> {
    let units: BTreeSet<_> = entries.iter().map(|entry| entry.charged_desc.as_str()).collect();
    let mut people: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        people.entry(&entry.person).or_default().push(entry);
    }
    let units: Vec<_> = units.into_iter().map(|code| unit(code, BUREAU)).collect();
    assert_eq!(record(system, "Units", units).await?.created, 78);
    let staff: Vec<_> = people.keys().map(|number| staff(number)).collect();
    assert_eq!(record(system, "Staff", staff).await?.created, 1_319);
    let postings: Vec<_> = people.into_values().flat_map(postings).collect();
    assert_eq!(record(system, "Postings", postings).await?.created, 1_663);
    Ok(())
}

/// One posting for each run of equal units in a person's entries by date; some of them concurrent.
fn postings(mut entries: Vec<&Entry>) -> Vec<Value> {
    // Stable: entries of one date stay in the order of the file.
    entries.sort_by(|a, b| a.date.cmp(&b.date));
    let runs: Vec<&[&Entry]> = entries.chunk_by(|a, b| a.charged_desc == b.charged_desc).collect();
    let next = runs.iter().skip(1).map(|run| Some(&run[0].date)).chain([None]);
    runs.iter()
        .zip(next)
        .enumerate()
        .map(|(index, (run, until))| {
            let first = run[0];
            let key = format!("{}/{index}", first.person);
            let post = posting(&key, &first.person, (BUREAU, &first.charged_desc), &first.date);
            with(with(post, held(&first.person, index)), json!({ "band": first.band(), "validTo": until }))
        })
        .collect()
}

/// How a person's post is held: of ten, one is concurrent of somebody who works here, two of somebody who does not.
pub fn held(person: &str, index: usize) -> Value {
    let digit = person.bytes().last().map_or(0, |last| usize::from(last.wrapping_sub(b'0')));
    let (kind, resident) = match (digit + index) % 10 {
        7 => ("CONCURRENT", true),
        8 | 9 => ("CONCURRENT", false),
        _ => ("PRIMARY", true),
    };
    json!({ "kind": kind, "resident": resident })
}

pub fn shift_of(row: usize, entry: &Entry) -> Value {
    let clock = |time: &str| format!("{}:{}", &time[..2], &time[2..]);
    shift(&row.to_string(), &entry.person, &entry.date, (&clock(&entry.starttime), &clock(&entry.endtime)))
}

/// Writes shifts in calls of 5,000, each with a key of its own, and adds the receipts up.
pub async fn in_calls(system: &Client, shifts: &[Value]) -> anyhow::Result<Receipt> {
    let mut sum = Receipt::default();
    for part in shifts.chunks(CALL) {
        let receipt = send(system, "Shifts", input(part.to_vec())).await?;
        ensure!(receipt.rejections.is_empty(), "{:#?}", receipt.rejections);
        sum.created += receipt.created;
        sum.updated += receipt.updated;
        sum.unchanged += receipt.unchanged;
        sum.superseded += receipt.superseded;
        sum.voided += receipt.voided;
        sum.stale_months.extend(receipt.stale_months);
    }
    sum.stale_months.sort();
    sum.stale_months.dedup();
    Ok(sum)
}

/// What the twelve runs say together.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Totals {
    person_months_with_overtime: i64,
    above45h: i64,
    at_least100h: i64,
    largest_overtime_minutes: i64,
}

/// Runs the job for each month of the year.
async fn compute(server: &Server, secretariat: &Client) -> anyhow::Result<Totals> {
    const TRIGGER: &str = "mutation ($period: YearMonth!, $key: String!) {
        triggerJob(input: { job: MONTHLY_INDICATORS, period: $period, reason: \"real input\", idempotencyKey: $key }) { run { id state } } }";
    let mut totals = Totals::default();
    for month in 1..=12 {
        let period = format!("2018-{month:02}");
        let run = secretariat.query(TRIGGER, json!({ "period": period, "key": period })).await?["triggerJob"]["run"].take();
        assert_eq!(run["state"], "QUEUED");
        assert_eq!(server.run_jobs().await?, 1);
        let document = "query ($id: ID!) { jobRun(id: $id) { state statistics outputDigest } }";
        let mut run = secretariat.query(document, json!({ "id": run["id"] })).await?["jobRun"].take();
        assert_eq!(run["state"], "SUCCEEDED", "{period}: {run}");
        let month: Totals = serde_json::from_value(run["statistics"].take())?;
        totals.person_months_with_overtime += month.person_months_with_overtime;
        totals.above45h += month.above45h;
        totals.at_least100h += month.at_least100h;
        totals.largest_overtime_minutes = totals.largest_overtime_minutes.max(month.largest_overtime_minutes);
        assert_eq!(run["outputDigest"].as_str().map(str::len), Some(64));
    }
    Ok(totals)
}

/// The office's monthly values of an indicator.
async fn office(secretariat: &Client, code: &str) -> anyhow::Result<Vec<Value>> {
    let document = format!(
        "{{ indicatorValues(first: 100, filter: {{ codes: [{code}], spans: [MONTH], from: \"2018-01\", to: \"2018-12\",
            bureaus: [\"TOTAL\"], sexes: [\"TOTAL\"], bands: [\"TOTAL\"] }}) {{ nodes {{ month numerator denominator status }} }} }}"
    );
    nodes(secretariat, &document, "indicatorValues", json!({})).await
}

/// Lets the script count everything again.
async fn recompute(server: &Server, overtime: &Path, silence: &str) -> anyhow::Result<()> {
    let [flags, cells, values] = ["flags.csv", "cells.csv", "values.csv"].map(|name| server.folder().join(name));
    super::real_outliers::export_flags(&server.connect().await?, &flags).await?;
    export(server, &cells, &values).await?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("recompute.py");
    let output = Command::new("python3").arg(script).args([overtime, &flags, &cells, &values]).arg(silence).output().context("python3")?;
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    println!("{}", said.trim());
    ensure!(said.trim().ends_with(" 0 differences"), "{said}");
    Ok(())
}

/// Writes the stored cells and the latest values to files, keyed as people name them.
async fn export(server: &Server, cells: &Path, values: &Path) -> anyhow::Result<()> {
    use chrono::NaiveDate;
    use entity::{bureau, indicator_value, measure_cell, period::YearMonth, unit};
    let db = server.connect().await?;
    let bureaus: HashMap<_, _> = bureau::Entity::find().all(&db).await?.into_iter().map(|row| (row.id, row.code)).collect();
    let units: HashMap<_, _> = unit::Entity::find().all(&db).await?.into_iter().map(|row| (row.id, row.code)).collect();
    let mut file = csv::Writer::from_path(cells)?;
    file.write_record(["span", "month", "bureau", "unit", "sex", "band", "standing", "measure", "value", "persons"])?;
    // A night computes the current months too, of which the file says nothing.
    let last = YearMonth::of(NaiveDate::from_ymd_opt(2018, 12, 31).context("a date")?);
    for row in measure_cell::Entity::find().filter(measure_cell::Column::Month.lte(last)).all(&db).await? {
        let place = [row.span.as_text(), row.month.to_string(), bureaus[&row.bureau_id].clone(), units[&row.unit_id].clone()];
        let rest = [row.sex.as_text(), row.band.as_text(), row.standing.as_text(), row.measure];
        file.write_record(place.iter().chain(&rest).chain(&[row.value.to_string(), row.persons.to_string()]))?;
    }
    file.flush()?;
    let mut file = csv::Writer::from_path(values)?;
    file.write_record(["indicator", "span", "month", "bureau", "sex", "band", "numerator", "denominator", "covered", "expected"])?;
    let latest = indicator_value::Entity::find().filter(indicator_value::Column::SupersededBy.is_null());
    for row in latest.filter(indicator_value::Column::Month.lte(last)).all(&db).await? {
        let key = [row.indicator, row.span.as_text(), row.month.to_string(), row.bureau, row.sex, row.band];
        let coverage = [row.covered, row.expected].map(|count| count.map(|count| count.to_string()).unwrap_or_default());
        file.write_record(key.iter().chain(&[row.numerator.to_string(), row.denominator.to_string()]).chain(&coverage))?;
    }
    file.flush()?;
    db.close().await?;
    Ok(())
}
