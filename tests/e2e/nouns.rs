//! What is a set of nouns somewhere holds every noun that belongs there: the tables themselves say which, by their columns, so that a new one
//! that is forgotten is found.

use std::collections::BTreeSet;

use entity::noun::Noun;
use jobs::transaction::INPUTS;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::fixtures::{absence, input, posting, record, send, staff, with};

use crate::authz::office::{DATED, MONTH, Office, leave_target, of, revised};
use crate::outliers::{ACKNOWLEDGE, id_of, rule};

/// The tables that have all of these columns.
pub async fn tables(db: &DatabaseConnection, columns: &[&str]) -> anyhow::Result<BTreeSet<String>> {
    let all = match db.get_database_backend() {
        DbBackend::Postgres => "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'",
        _ => "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'",
    };
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), all)).await?;
    let pairs: Result<BTreeSet<(String, String)>, _> =
        rows.iter().map(|row| Ok::<_, sea_orm::DbErr>((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect();
    let pairs = pairs?;
    let has = |table: &String| columns.iter().all(|column| pairs.contains(&(table.clone(), (*column).to_owned())));
    Ok(pairs.iter().map(|(table, _)| table.clone()).filter(has).collect())
}

async fn count(db: &DatabaseConnection, sql: &str) -> anyhow::Result<i64> {
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default())
}

/// What rests on the posting of its date.
const RESTING: [&str; 4] = ["staff_id", "posting_id", "date", "void_reason"];

both!(what_rests_on_a_posting_moves_with_it_and_keeps_it, async |backend| {
    let office = Office::open(backend).await?;
    let db = office.server.connect().await?;
    let resting = tables(&db, &RESTING).await?;
    assert_eq!(resting.len(), DATED.len(), "each has an example: {resting:?}");
    let elsewhere = |table: &str, rest: &str| {
        format!(
            "SELECT CAST(COUNT(*) AS BIGINT) FROM {table} r JOIN staff s ON s.id = r.staff_id JOIN bureau b ON b.id = r.bureau_id
            WHERE s.staff_number = 'S2' {rest}"
        )
    };
    for table in &resting {
        assert!(count(&db, &elsewhere(table, "AND b.code = 'A'")).await? > 0, "{table} has no example");
    }
    record(&office.secretariat, "Postings", vec![posting("moved", "S2", ("B", "B1"), "2020-02-01")]).await?;
    for table in &resting {
        assert_eq!(count(&db, &elsewhere(table, "AND b.code <> 'B'")).await?, 0, "{table} stays behind, and shows the person to A");
    }
    // And none is left without a posting: each alone keeps its own.
    for noun in DATED.iter().map(|names| names.many.as_str()) {
        record(&office.a, "Staff", vec![staff(noun)]).await?;
        let post = posting(noun, noun, ("A", "A1"), "2018-01-01");
        record(&office.a, "Postings", vec![post.clone()]).await?;
        record(&office.a, noun, vec![of(noun, noun)]).await?;
        let ended = input(vec![with(post, json!({ "validTo": "2020-02-01" }))]);
        assert_eq!(send(&office.a, "Postings", ended).await?.refused(), [(0, "CONFLICT", "validFrom")], "{noun}");
    }
    Ok(())
});

both!(every_dated_noun_is_told_in_totals_and_kept_for_a_time, async |backend| {
    let office = Office::open(backend).await?;
    let db = office.server.connect().await?;
    let totals = office.secretariat.query("{ recordTotals(month: \"2020-02\", client: \"a\") { noun records } }", Value::Null).await?;
    let lines = totals["recordTotals"].as_array().map_or(&[][..], Vec::as_slice);
    let told: BTreeSet<String> = lines.iter().filter_map(|line| line["noun"].as_str().map(str::to_owned)).collect();
    assert_eq!(told, tables(&db, &RESTING).await?);
    assert!(lines.iter().all(|line| line["records"].as_i64() > Some(0)), "{lines:?}");

    // Whatever names a person has a period, its own or the person's.
    let kept = db.query_all_raw(Statement::from_string(db.get_database_backend(), "SELECT noun FROM retention")).await?;
    let kept: Result<BTreeSet<String>, _> =
        kept.iter().map(|row| row.try_get_by_index::<String>(0).map(|noun| noun.to_lowercase())).collect();
    let kept = kept?;
    let of_persons = tables(&db, &["staff_id"]).await?;
    assert!(of_persons.len() > DATED.len());
    // Postings, employment and who holds go with their person, the job takes its marks away, and whose month changed goes with the month.
    let with_person = ["posting", "employment", "holding", "named_holder", "stale_mark", "changed_person"];
    for table in of_persons.iter().filter(|table| !with_person.contains(&table.as_str())) {
        assert!(kept.contains(table), "{table} would be kept for ever");
    }
    Ok(())
});

/// A change of one record of each noun that is recorded in bulk and that figures are computed from, by table: the plural, who writes, what.
fn changes(office: &Office) -> Vec<(&'static str, String, &Client, Value)> {
    let dated = Noun::dated().zip(DATED.iter()).map(|((noun, _), names)| {
        let many = names.many.clone();
        let record = with(of(&many, "S2"), revised(&many));
        (noun.table(), many, &office.a, record)
    });
    let regime = json!({ "externalId": "2", "unit": "B1", "regime": "EXTERNALLY_DRIVEN", "validFrom": "2018-04-01" });
    let on_time = json!({ "externalId": "2", "date": "2020-02-19", "kind": "COMPLETE" });
    let target = with(leave_target("3", "A", "A1"), json!({ "calendarYear": 2020 }));
    let more = [
        ("staff", "Staff", &office.a, with(staff("S2"), json!({ "sex": "FEMALE" }))),
        ("employment", "Employments", &office.a, json!({ "externalId": "S2", "staffNumber": "S2", "validFrom": "2001-01-01" })),
        ("posting", "Postings", &office.a, with(posting("S2", "S2", ("A", "A2"), "2018-01-01"), json!({ "band": "CHIEF" }))),
        ("holiday", "Holidays", &office.admin, json!({ "externalId": "2", "date": "2020-02-24", "nameJa": "振替休日" })),
        ("on_time_day", "OnTimeDays", &office.admin, on_time),
        ("work_regime", "WorkRegimes", &office.secretariat, regime),
        ("leave_target", "LeaveTargets", &office.a, target),
    ];
    dated.chain(more.map(|(table, many, client, record)| (table, many.to_owned(), client, record))).collect()
}

both!(whatever_figures_are_computed_from_marks_its_months, async |backend| {
    let office = Office::open(backend).await?;
    let db = office.server.connect().await?;
    let marks = || count(&db, "SELECT CAST(COUNT(*) AS BIGINT) FROM stale_mark WHERE month = 202002");
    let mut marking = BTreeSet::new();
    for (table, many, client, record_of) in changes(&office) {
        let before = marks().await?;
        let receipt = record(client, &many, vec![record_of]).await?;
        assert_eq!(receipt.created + receipt.updated, 1, "{table} has a change");
        assert!(receipt.stale_months.contains(&MONTH.to_owned()), "a change of {table} marks {:?}", receipt.stale_months);
        assert!(marks().await? > before, "{table}");
        marking.insert(table);
    }
    let set = "mutation ($input: SetOvertimeRuleInput!) { setOvertimeRule(input: $input) { rule { version } } }";
    let before = marks().await?;
    office.admin.query(set, json!({ "input": rule("2020-01", json!({ "firstMonth": 1 })) })).await?;
    assert!(marks().await? > before, "rules say whom a cap binds");
    marking.insert("overtime_rule");
    let before = marks().await?;
    let officer = office.server.officer(&["A"])?;
    officer.query(ACKNOWLEDGE, json!({ "input": { "id": id_of(&officer, "S2").await? } })).await?;
    assert!(marks().await? > before, "reviews are counted");
    marking.insert("overtime_outlier");
    // Whether a month without a shift is one without overtime is said by the clients and by the submission; who counts, by an administrator.
    let set = "mutation ($input: SetCountingRuleInput!) { setCountingRule(input: $input) { rule { version } } }";
    let before = marks().await?;
    let rule = json!({ "coveragePercent": 90, "careers": ["MAIN"], "work": ["MAIN"], "reason": "x" });
    office.admin.query(set, json!({ "input": rule })).await?;
    assert!(marks().await? > before, "it says who counts");
    marking.insert("counting_rule");
    let before = marks().await?;
    absence(&office.admin, "a", &["A"], json!([{ "source": "PRESENCE", "meaning": "ZERO" }])).await?;
    assert!(marks().await? > before, "silence is nothing");
    marking.insert("api_client");
    absence(&office.admin, "a", &["A"], json!([])).await?;
    let night = "mutation { triggerJob(input: { job: MONTHLY_INDICATORS, reason: \"x\", idempotencyKey: \"before\" }) { run { id } } }";
    let of = json!({ "input": { "bureau": "A", "month": MONTH, "reason": "x" } });
    officer.query("mutation ($input: ReturnMonthInput!) { withdrawMonth(input: $input) { monthClose { state } } }", of).await?;
    record(&office.a, "Staff", vec![staff("silent")]).await?;
    record(&office.a, "Postings", vec![posting("silent", "silent", ("A", "A1"), "2020-02-01")]).await?;
    office.admin.query(night, json!({})).await?;
    office.server.run_jobs().await?;
    let before = marks().await?;
    let all = json!(["PRESENCE", "OVERTIME", "TELEWORK", "LEAVE", "HIRES", "APPOINTMENTS"]);
    let month = json!({ "input": { "bureau": "A", "month": MONTH, "complete": all, "reason": "x" } });
    officer.query("mutation ($input: SubmitMonthInput!) { submitMonth(input: $input) { monthClose { state } } }", month).await?;
    assert!(marks().await? > before, "what the bureau says is complete");
    marking.extend(["month_close", "month_source"]);
    let before = marks().await?;
    record(&office.secretariat, "Staff", vec![with(staff("two"), json!({ "recordedFor": "A" }))]).await?;
    let beside = |key: &str, place| with(posting(key, "two", place, "2020-02-01"), json!({ "kind": "CONCURRENT", "resident": false }));
    record(&office.secretariat, "Postings", vec![beside("two-a", ("A", "A1")), beside("two-b", ("B", "B1"))]).await?;
    assert!(marks().await? > before, "posts in two bureaus");
    let before = marks().await?;
    let name = "mutation ($input: SetHolderInput!) { setHolder(input: $input) { staff { holdings { bureau { code } } } } }";
    let mut held = BTreeSet::new();
    for bureau in ["A", "B"] {
        let input = json!({ "input": { "staffNumber": "two", "bureau": bureau, "from": "2020-02-01", "reason": "x" } });
        let told = office.secretariat.query(name, input).await?;
        held.insert(told["setHolder"]["staff"]["holdings"][0]["bureau"]["code"].to_string());
    }
    assert_eq!(held.len(), 2);
    assert!(marks().await? > before, "figures stand in the holder's bureau");
    marking.insert("holding");
    let inputs = BTreeSet::from(INPUTS);
    let unproved: Vec<_> = inputs.difference(&marking).collect();
    assert!(unproved.is_empty(), "{unproved:?} have no example that marks");
    Ok(())
});
