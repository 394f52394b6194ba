//! The close of a month: submitted by the bureau, closed by the secretariat, and from then on corrected with a reason or not at all.

use chrono::{TimeZone, Utc};
use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::client::{Client, Failure};
use torikumi_tests::database::Backend;
use torikumi_tests::fixtures::{Office, bureau, input, nodes, posting, record, refused, send, shift, with};
use torikumi_tests::server::Server;

/// What `recordTotals` says of a noun: its name, records, void ones, minutes.
type Line = (String, i64, i64, Option<i64>);

/// The last month that is over when a test begins.
const MARCH: &str = "2020-03";

/// The document of an act on a bureau's month.
fn act(name: &str) -> String {
    let input = match name {
        "submitMonth" => "SubmitMonthInput",
        "closeMonth" => "MonthInput",
        _ => "ReturnMonthInput",
    };
    format!(
        "mutation ($input: {input}!) {{ {name}(input: $input) {{ monthClose {{ bureau {{ code }} month state submittedAt submittedBy
            submissionReason returnedAt returnedBy returnReason closedAt closedBy }} }} }}"
    )
}

fn month(bureau: &str, month: &str) -> Value {
    json!({ "bureau": bureau, "month": month })
}

async fn moved(client: &Client, name: &str, variables: Value) -> anyhow::Result<Value> {
    Ok(client.query(&act(name), json!({ "input": variables })).await?[name]["monthClose"].take())
}

async fn not_moved(client: &Client, name: &str, variables: Value) -> anyhow::Result<(String, String)> {
    let Failure { code, field, .. } = client.error(&act(name), json!({ "input": variables })).await?;
    Ok((code, field.unwrap_or_default()))
}

/// A bureau's month with a reason, for a test's few records never look complete.
fn because(bureau: &str, of: &str) -> Value {
    with(month(bureau, of), json!({ "reason": "a test" }))
}

/// Submits a bureau's month as its officer.
pub async fn submit(server: &Server, bureau: &str, of: &str) -> anyhow::Result<()> {
    let month = moved(&server.officer(&[bureau])?, "submitMonth", because(bureau, of)).await?;
    anyhow::ensure!(month["state"] == "SUBMITTED", "{month}");
    Ok(())
}

/// Submits and closes a bureau's month.
pub async fn close(server: &Server, bureau: &str, of: &str) -> anyhow::Result<()> {
    submit(server, bureau, of).await?;
    let month = close_submitted(&server.secretariat()?, bureau, of).await?;
    anyhow::ensure!(month["state"] == "CLOSED", "{month}");
    Ok(())
}

/// Closes a bureau's month that was submitted, and shows it.
pub async fn close_submitted(secretariat: &Client, bureau: &str, of: &str) -> anyhow::Result<Value> {
    moved(secretariat, "closeMonth", month(bureau, of)).await
}

/// An hour of S1's evening.
fn hour(key: &str, date: &str) -> Value {
    shift(key, "S1", date, ("18:00", "19:00"))
}

/// Index, code and field of each rejection, for one record at index 0.
const CLOSED: [(usize, &str, &str); 1] = [(0, "PERIOD_CLOSED", "date")];
/// The same of a posting, which has no date but the one from which it holds.
const CLOSED_FROM: [(usize, &str, &str); 1] = [(0, "PERIOD_CLOSED", "validFrom")];

/// Bureau A, with the shift `1` of S1 on 10 March, and its March closed.
async fn closed(backend: Backend) -> anyhow::Result<Office> {
    let office = Office::open(backend).await?;
    record(&office.a, "Shifts", vec![hour("1", "2020-03-10")]).await?;
    close(&office.server, "A", MARCH).await?;
    Ok(office)
}

both!(officers_submit_and_the_secretariat_closes, async |backend| {
    let office = Office::open(backend).await?;
    let (officer, foreign) = (office.server.officer(&["A"])?, office.server.officer(&["B"])?);
    let march = || month("A", MARCH);
    let pair = |code: &str, field: &str| (code.to_owned(), field.to_owned());
    for (client, wanted) in [
        (&office.secretariat, pair("FORBIDDEN", "")),
        (&office.a, pair("FORBIDDEN", "")),
        (&office.server.admin()?, pair("FORBIDDEN", "")),
        (&foreign, pair("NOT_FOUND", "bureau")),
        (&office.server.anonymous(), pair("UNAUTHENTICATED", "")),
    ] {
        assert_eq!(not_moved(client, "submitMonth", march()).await?, wanted);
    }
    assert_eq!(not_moved(&office.secretariat, "closeMonth", march()).await?, pair("CONFLICT", "month"), "not submitted yet");
    assert_eq!(not_moved(&officer, "submitMonth", month("X", MARCH)).await?, pair("NOT_FOUND", "bureau"));

    let submitted = moved(&officer, "submitMonth", because("A", MARCH)).await?;
    assert_eq!((&submitted["bureau"]["code"], &submitted["month"], &submitted["state"]), (&json!("A"), &json!(MARCH), &json!("SUBMITTED")));
    assert_eq!((&submitted["submittedBy"], &submitted["closedAt"]), (&json!("bureau_officer"), &Value::Null));
    assert_eq!(not_moved(&officer, "submitMonth", march()).await?, pair("CONFLICT", "month"));
    // A submitted month still takes what its system sends.
    record(&office.a, "Shifts", vec![hour("1", "2020-03-10")]).await?;

    for client in [&officer, &office.a, &office.server.admin()?] {
        assert_eq!(not_moved(client, "closeMonth", march()).await?, pair("FORBIDDEN", ""));
    }
    let closed = moved(&office.secretariat, "closeMonth", march()).await?;
    assert_eq!((&closed["state"], &closed["closedBy"]), (&json!("CLOSED"), &json!("secretariat")));
    assert_eq!(closed["submittedAt"], submitted["submittedAt"]);
    assert_eq!(not_moved(&office.secretariat, "closeMonth", march()).await?, pair("CONFLICT", "month"));
    assert_eq!(not_moved(&officer, "submitMonth", march()).await?, pair("CONFLICT", "month"));

    let list = "{ monthCloses(first: 10, filter: { to: \"2020-03\" }) { nodes { bureau { code } month state } } }";
    let shown = nodes(&officer, list, "monthCloses", json!({})).await?;
    assert_eq!(shown, [json!({ "bureau": { "code": "A" }, "month": MARCH, "state": "CLOSED" })]);
    assert!(!nodes(&foreign, list, "monthCloses", json!({})).await?.iter().any(|month| month["bureau"]["code"] == "A"));

    let trail = "{ auditEntries(first: 10, filter: { noun: \"month_close\" }, orderBy: AT) { nodes { actor roles verb counts } } }";
    let mut trail = nodes(&officer, trail, "auditEntries", json!({})).await?;
    // Both happened at the same instant of the test's clock.
    trail.sort_by_key(|entry| entry["verb"].to_string());
    assert_eq!(trail.len(), 2, "{trail:?}");
    // No shift was recorded when it was submitted; how many people have no record is for who may see them.
    let counted = json!({ "month": MARCH, "sources": ["TELEWORK", "LEAVE", "HIRES", "APPOINTMENTS"] });
    for (entry, (verb, who, counts)) in
        trail.iter().zip([("CLOSE", "secretariat", json!({ "month": MARCH })), ("SUBMIT", "bureau_officer", counted)])
    {
        assert_eq!(*entry, json!({ "actor": who, "roles": who, "verb": verb, "counts": counts }));
    }
    Ok(())
});

both!(a_submission_is_sent_back_or_taken_back_until_it_is_closed, async |backend| {
    let office = Office::open(backend).await?;
    let officer = office.server.officer(&["A"])?;
    let pair = |code: &str, field: &str| (code.to_owned(), field.to_owned());
    record(&office.a, "Shifts", vec![hour("1", "2020-03-10")]).await?;
    let back = |reason: &str| with(month("A", MARCH), json!({ "reason": reason }));
    for (client, name) in [(&office.secretariat, "returnMonth"), (&officer, "withdrawMonth")] {
        assert_eq!(not_moved(client, name, back("why")).await?, pair("CONFLICT", "month"), "not submitted yet");
        moved(&officer, "submitMonth", because("A", MARCH)).await?;
        assert_eq!(not_moved(client, name, back("  ")).await?, pair("BAD_USER_INPUT", "reason"));
        let open = moved(client, name, back("the gate's log is missing")).await?;
        assert_eq!((&open["state"], &open["submittedBy"], &open["submissionReason"]), (&json!("OPEN"), &Value::Null, &Value::Null));
        assert_eq!(open["returnReason"], "the gate's log is missing");
        assert_eq!(open["returnedBy"], if name == "returnMonth" { "secretariat" } else { "bureau_officer" });
        // What was sent back cannot be closed.
        assert_eq!(not_moved(&office.secretariat, "closeMonth", month("A", MARCH)).await?, pair("CONFLICT", "month"));
    }
    let again = moved(&officer, "submitMonth", because("A", MARCH)).await?;
    assert_eq!((&again["returnedAt"], &again["submissionReason"]), (&Value::Null, &json!("a test")));
    close_submitted(&office.secretariat, "A", MARCH).await?;
    for (client, name) in [(&office.secretariat, "returnMonth"), (&officer, "withdrawMonth")] {
        assert_eq!(not_moved(client, name, back("too late")).await?, pair("CONFLICT", "month"));
    }
    let trail = "{ auditEntries(first: 20, filter: { noun: \"month_close\" }) { nodes { verb reason } } }";
    let trail = nodes(&officer, trail, "auditEntries", json!({})).await?;
    let said = |verb: &str| trail.iter().filter(|entry| entry["verb"] == verb && entry["reason"] == "the gate's log is missing").count();
    assert_eq!((said("RETURN"), said("WITHDRAW")), (1, 1), "{trail:?}");
    Ok(())
});

/// The document of `monthCompleteness`.
const COMPLETENESS: &str = "query ($month: YearMonth!, $bureaus: [String!]) { monthCompleteness(month: $month, bureaus: $bureaus) {
    bureau { code } month people expected withRecord withoutRecord percent shifts workdays records { source records } sources } }";

/// People, expected, with and without a record, percent, shifts and workdays.
fn counts(row: &Value) -> Vec<Value> {
    ["people", "expected", "withRecord", "withoutRecord", "percent", "shifts", "workdays"].map(|name| row[name].clone()).to_vec()
}

both!(a_month_tells_how_complete_it_is, async |backend| {
    let office = Office::open(backend).await?;
    let officer = office.server.officer(&["A"])?;
    let of = async |client: &Client, variables: Value| -> anyhow::Result<Vec<Value>> {
        let mut rows = client.query(COMPLETENESS, variables).await?["monthCompleteness"].take();
        Ok(rows.as_array_mut().map(std::mem::take).unwrap_or_default())
    };
    let march = json!({ "month": MARCH });
    // March 2020 has 22 weekdays, of which the 20th is a holiday where the list has it; here none is.
    let rows = of(&officer, march.clone()).await?;
    assert_eq!(rows.len(), 1);
    assert_eq!(counts(&rows[0]), [json!(2), json!(2), json!(0), json!(2), json!(0), json!(0), json!(44)]);
    assert!(!rows[0]["sources"].as_array().is_some_and(|sources| sources.contains(&json!("PRESENCE"))));

    // Two shifts of one day are one person; leave that fills the month's every workday takes a person out, an hour a day does not.
    record(&office.a, "Shifts", vec![hour("1", "2020-03-10"), hour("2", "2020-03-11")]).await?;
    let leave = |minutes: i32| {
        let day = |date: u32| json!({ "externalId": date.to_string(), "staffNumber": "S2", "date": format!("2020-03-{date:02}"), "kind": "OTHER", "minutes": minutes });
        (2..=31).filter(|date| !matches!(date % 7, 0 | 1)).map(day).collect::<Vec<_>>()
    };
    record(&office.a, "LeaveEntries", leave(60)).await?;
    let rows = of(&officer, march.clone()).await?;
    assert_eq!(counts(&rows[0]), [json!(2), json!(2), json!(1), json!(1), json!(50), json!(2), json!(44)]);
    record(&office.a, "LeaveEntries", leave(465)).await?;
    let rows = of(&officer, march.clone()).await?;
    assert_eq!(counts(&rows[0]), [json!(2), json!(1), json!(1), json!(0), json!(100), json!(2), json!(22)]);
    let holiday = json!({ "externalId": "1", "date": "2020-03-20", "nameJa": "春分の日" });
    record(&office.server.admin()?, "Holidays", vec![holiday]).await?;
    let rows = of(&officer, march.clone()).await?;
    assert_eq!(rows[0]["workdays"], 21);

    // Others' bureaus are the secretariat's to see; an unknown or foreign code finds nothing.
    let all = of(&office.secretariat, march.clone()).await?;
    assert_eq!(all.iter().map(|row| &row["bureau"]["code"]).collect::<Vec<_>>(), ["A", "B"]);
    for bureaus in [json!(["B"]), json!(["X"]), json!([])] {
        assert_eq!(of(&officer, json!({ "month": MARCH, "bureaus": bureaus })).await?, [] as [Value; 0]);
    }
    let to_come = officer.error(COMPLETENESS, json!({ "month": "2020-05" })).await?;
    assert_eq!((to_come.code.as_str(), to_come.field.as_deref()), ("BAD_USER_INPUT", Some("month")));
    // Before anybody was in post.
    let rows = of(&officer, json!({ "month": "2001-01" })).await?;
    assert!(rows.iter().all(|row| row["people"] == 0 && row["percent"].is_null()), "{rows:?}");
    Ok(())
});

both!(what_looks_incomplete_is_submitted_with_a_reason, async |backend| {
    let office = Office::open(backend).await?;
    let officer = office.server.officer(&["A"])?;
    let asked = ("BAD_USER_INPUT".to_owned(), "reason".to_owned());
    // Nothing was recorded; then one of two people.
    assert_eq!(not_moved(&officer, "submitMonth", month("A", MARCH)).await?, asked);
    record(&office.a, "Shifts", vec![hour("1", "2020-03-10"), hour("1b", "2020-02-10")]).await?;
    assert_eq!(not_moved(&officer, "submitMonth", month("A", MARCH)).await?, asked);
    // Who does not say that presence is complete is not asked for it.
    let overtime = with(month("A", "2020-02"), json!({ "complete": ["OVERTIME", "LEAVE"] }));
    assert_eq!(moved(&officer, "submitMonth", overtime).await?["state"], "SUBMITTED");
    record(&office.a, "Shifts", vec![shift("3", "S2", "2020-03-12", ("18:00", "19:00"))]).await?;
    let document = "mutation ($input: SubmitMonthInput!) { submitMonth(input: $input) { monthClose { state submissionReason }
        completeness { percent sources withoutRecord } } }";
    let said = officer.query(document, json!({ "input": month("A", MARCH) })).await?["submitMonth"].take();
    assert_eq!(said["monthClose"], json!({ "state": "SUBMITTED", "submissionReason": null }));
    assert_eq!((&said["completeness"]["percent"], &said["completeness"]["withoutRecord"]), (&json!(100), &json!(0)));
    assert_eq!(said["completeness"]["sources"].as_array().map(Vec::len), Some(6));
    Ok(())
});

both!(a_month_ends_at_midnight_in_tokyo, async |backend| {
    let office = Office::open(backend).await?;
    let officer = office.server.officer(&["A"])?;
    let at = |hour, minute, second| Utc.with_ymd_and_hms(2020, 4, 30, hour, minute, second).single();
    office.server.set_now(at(14, 59, 59).unwrap_or_default());
    let april = || month("A", "2020-04");
    assert_eq!(not_moved(&officer, "submitMonth", because("A", "2020-04")).await?, ("BAD_USER_INPUT".to_owned(), "month".to_owned()));
    office.server.set_now(at(15, 0, 0).unwrap_or_default());
    moved(&officer, "submitMonth", because("A", "2020-04")).await?;
    moved(&office.secretariat, "closeMonth", april()).await?;
    assert_eq!(not_moved(&officer, "submitMonth", month("A", "2020-05")).await?, ("BAD_USER_INPUT".to_owned(), "month".to_owned()));
    Ok(())
});

both!(a_closed_month_refuses_the_bureaus_system_record_by_record, async |backend| {
    let office = closed(backend).await?;
    let call = || vec![hour("2", "2020-03-11"), hour("3", "2020-04-01"), hour("1", "2020-03-10")];
    let all = send(&office.a, "Shifts", input(call())).await?;
    assert_eq!((all.counts(), all.refused()), ([0, 0, 0, 0, 0, 1], CLOSED.to_vec()));
    assert!(all.rejections[0].message.starts_with("2020-03 is closed."), "it names the month: {:?}", all.rejections);
    let valid = send(&office.a, "Shifts", with(input(call()), json!({ "mode": "ACCEPT_VALID" }))).await?;
    // What says the same as before changes nothing that is closed.
    assert_eq!((valid.counts(), valid.refused()), ([1, 0, 1, 0, 0, 1], CLOSED.to_vec()));
    assert_eq!(valid.stale_months, ["2020-04"]);

    // A change, a void, and a move into or out of the month; a reason does not make a system an officer.
    let changes = [
        shift("1", "S1", "2020-03-10", ("18:00", "20:00")),
        with(hour("1", "2020-03-10"), json!({ "void": true, "voidReason": "sent by mistake" })),
        hour("1", "2020-04-10"),
        hour("3", "2020-03-12"),
    ];
    for change in changes {
        for more in [json!({}), json!({ "correctionReason": "found later" }), json!({ "dryRun": true })] {
            let receipt = send(&office.a, "Shifts", with(input(vec![change.clone()]), more)).await?;
            assert_eq!(receipt.refused(), CLOSED, "{change}");
        }
    }
    for (noun, draft) in [
        ("TeleworkDays", json!({ "externalId": "1", "staffNumber": "S1", "date": "2020-03-12", "place": "HOME" })),
        ("LeaveEntries", json!({ "externalId": "1", "staffNumber": "S1", "date": "2020-03-12", "kind": "ANNUAL", "minutes": 60 })),
        ("Appointments", json!({ "externalId": "1", "staffNumber": "S1", "date": "2020-03-12", "toBand": "CHIEF" })),
        ("Hires", json!({ "externalId": "1", "staffNumber": "S1", "date": "2020-03-12", "route": "MID_CAREER" })),
    ] {
        assert_eq!(send(&office.a, noun, input(vec![draft])).await?.refused(), CLOSED, "{noun}");
    }
    // The other bureau's March is its own.
    record(&office.b, "Shifts", vec![shift("1", "S3", "2020-03-10", ("18:00", "19:00"))]).await?;

    let shown = "{ shifts(first: 10, orderBy: DATE) { nodes { externalId date overtimeMinutes revision void } } }";
    let stored = nodes(&office.a, shown, "shifts", json!({})).await?;
    let row = |key: &str, date: &str| json!({ "externalId": key, "date": date, "overtimeMinutes": 60, "revision": 1, "void": false });
    assert_eq!(stored, [row("1", "2020-03-10"), row("3", "2020-04-01")]);
    Ok(())
});

both!(what_a_closed_month_keeps_is_not_contradicted, async |backend| {
    let office = Office::open(backend).await?;
    let night = |until: &str| {
        let presence = json!({ "start": "2020-03-31T22:00:00+09:00", "end": until });
        with(hour("1", "2020-03-31"), json!({ "presence": presence }))
    };
    record(&office.a, "Shifts", vec![night("2020-04-01T02:00:00+09:00")]).await?;
    close(&office.server, "A", MARCH).await?;
    // The night would make room for the morning, but it is closed and stays as it is.
    let call = vec![night("2020-03-31T23:00:00+09:00"), shift("2", "S1", "2020-04-01", ("00:30", "01:30"))];
    let receipt = send(&office.a, "Shifts", with(input(call), json!({ "mode": "ACCEPT_VALID" }))).await?;
    assert_eq!(receipt.refused(), [(0, "PERIOD_CLOSED", "date"), (1, "CONFLICT", "presence")]);
    assert_eq!(receipt.counts(), [0, 0, 0, 0, 0, 2]);
    Ok(())
});

both!(a_correction_of_a_closed_month_has_a_reason_and_leaves_its_trace, async |backend| {
    let office = closed(backend).await?;
    let (officer, foreign) = (office.server.officer(&["A"])?, office.server.officer(&["B"])?);
    office.server.set_now(Utc.with_ymd_and_hms(2020, 4, 16, 0, 0, 0).single().unwrap_or_default());
    let two_hours = || input(vec![shift("1", "S1", "2020-03-10", ("18:00", "20:00"))]);
    let of_a = |call: Value| with(call, json!({ "client": "a" }));
    let why = |call: Value| with(call, json!({ "correctionReason": "the gate's log was read" }));

    assert_eq!(send(&officer, "Shifts", of_a(two_hours())).await?.refused(), CLOSED, "without a reason");
    let silent = refused(&officer, "Shifts", of_a(with(two_hours(), json!({ "correctionReason": " " })))).await?;
    assert_eq!((silent.code.as_str(), silent.field.as_deref()), ("BAD_USER_INPUT", Some("correctionReason")));
    let hidden = send(&foreign, "Shifts", why(of_a(two_hours()))).await?;
    assert_eq!(hidden.rejections[0].code, "NOT_FOUND", "another bureau's officer sees nothing to correct");

    let corrected = send(&officer, "Shifts", why(of_a(two_hours()))).await?;
    assert_eq!((corrected.counts(), corrected.stale_months.clone()), ([0, 1, 0, 0, 0, 0], vec![MARCH.to_owned()]));
    let document = "{ shifts(first: 10, filter: { from: \"2020-03-01\", to: \"2020-04-01\" }) {
        nodes { overtimeMinutes correctionReason revision receipt revisions { revision content } } } }";
    let record_1 = nodes(&office.a, document, "shifts", json!({})).await?.remove(0);
    assert_eq!(record_1["correctionReason"], "the gate's log was read");
    assert_eq!((&record_1["overtimeMinutes"], &record_1["revision"]), (&json!(120), &json!(2)));
    let former = &record_1["revisions"][0];
    assert_eq!((&former["revision"], &former["content"]["overtime_minutes"]), (&json!(1), &json!(60)));
    assert_eq!(former["content"]["correction_reason"], Value::Null);

    let trail =
        "{ auditEntries(first: 10, filter: { noun: \"shift\", actor: \"bureau_officer\" }) { nodes { verb reason counts receipt } } }";
    let trail = nodes(&office.secretariat, trail, "auditEntries", json!({})).await?;
    let entry = trail.iter().find(|entry| entry["receipt"] == record_1["receipt"]);
    let entry = entry.ok_or_else(|| anyhow::anyhow!("no entry of the correction in {trail:?}"))?;
    assert_eq!((&entry["verb"], &entry["reason"]), (&json!("RECORD"), &json!("the gate's log was read")));
    assert_eq!(entry["counts"]["updated"], 1);

    // The source, which does not know of the correction, does not take it back.
    assert_eq!(send(&office.a, "Shifts", input(vec![hour("1", "2020-03-10")])).await?.refused(), CLOSED);
    // The secretariat corrects in every bureau, and a correction may be corrected.
    let again =
        with(input(vec![shift("1", "S1", "2020-03-10", ("18:00", "21:00"))]), json!({ "client": "a", "correctionReason": "and again" }));
    assert_eq!(send(&office.secretariat, "Shifts", again).await?.updated, 1);
    let record_1 = nodes(&office.a, document, "shifts", json!({})).await?.remove(0);
    assert_eq!((&record_1["correctionReason"], &record_1["revision"]), (&json!("and again"), &json!(3)));
    // In an open month a reason marks nothing as late.
    let open = with(input(vec![shift("9", "S1", "2020-04-10", ("18:00", "21:00"))]), json!({ "correctionReason": "in time" }));
    assert_eq!(send(&officer, "Shifts", open).await?.created, 1);
    let april = "{ shifts(first: 10, filter: { from: \"2020-04-01\", to: \"2020-05-01\" }) { nodes { correctionReason } } }";
    assert_eq!(nodes(&office.a, april, "shifts", json!({})).await?, [json!({ "correctionReason": null })]);
    Ok(())
});

both!(a_source_reconciles_by_its_totals, async |backend| {
    let office = Office::open(backend).await?;
    let void = json!({ "void": true, "voidReason": "twice" });
    let shifts = vec![hour("1", "2020-03-10"), hour("2", "2020-03-31"), hour("3", "2020-03-11"), hour("4", "2020-04-01")];
    record(&office.a, "Shifts", shifts).await?;
    record(&office.a, "Shifts", vec![with(hour("3", "2020-03-11"), void)]).await?;
    let leave = json!({ "externalId": "1", "staffNumber": "S2", "date": "2020-03-12", "kind": "ANNUAL", "minutes": 150 });
    record(&office.a, "LeaveEntries", vec![leave]).await?;
    record(&office.b, "Shifts", vec![shift("1", "S3", "2020-03-10", ("18:00", "23:00"))]).await?;
    // What the officer records in the office's own numbering is not the system's.
    record(&office.server.officer(&["A"])?, "Shifts", vec![shift("1", "S2", "2020-03-10", ("18:00", "20:00"))]).await?;

    let document = "query ($client: String) { recordTotals(month: \"2020-03\", client: $client) { noun records void minutes } }";
    let totals = async |client: &Client, name: Value| -> anyhow::Result<Vec<Line>> {
        let data = client.query(document, json!({ "client": name })).await?;
        let lines = data["recordTotals"].as_array().into_iter().flatten().map(|line| {
            let number = |name: &str| line[name].as_i64();
            (
                line["noun"].as_str().unwrap_or_default().to_owned(),
                number("records").unwrap_or(-1),
                number("void").unwrap_or(-1),
                number("minutes"),
            )
        });
        let mut lines: Vec<_> = lines.filter(|(_, records, void, _)| records + void > 0).collect();
        lines.sort();
        Ok(lines)
    };
    let line = |noun: &str, records, void, minutes| (noun.to_owned(), records, void, Some(minutes));
    assert_eq!(totals(&office.a, Value::Null).await?, [line("leave_entry", 1, 0, 150), line("shift", 2, 1, 120)]);
    assert_eq!(totals(&office.b, Value::Null).await?, [line("shift", 1, 0, 300)]);
    let officer = office.server.officer(&["A"])?;
    assert_eq!(totals(&officer, Value::Null).await?, [line("shift", 1, 0, 120)]);
    assert_eq!(totals(&officer, json!("a")).await?, [line("leave_entry", 1, 0, 150), line("shift", 2, 1, 120)]);
    assert_eq!(totals(&officer, json!("b")).await?, [], "another bureau's records");
    assert_eq!(totals(&office.secretariat, json!("b")).await?, [line("shift", 1, 0, 300)]);
    let error = office.a.error(document, json!({ "client": "b" })).await?;
    assert_eq!((error.code.as_str(), error.field.as_deref()), ("BAD_USER_INPUT", Some("client")));
    Ok(())
});

both!(people_do_not_move_across_a_closed_month, async |backend| {
    let office = closed(backend).await?;
    let (officer, why) = (office.server.officer(&["A"])?, json!({ "correctionReason": "the order was found" }));
    let open = || posting("p1", "S1", ("A", "A1"), "2018-01-01");
    // An end in March, another unit since 2018, a transfer within March, a void.
    let moves = [
        with(open(), json!({ "validTo": "2020-03-20" })),
        posting("p1", "S1", ("A", "A2"), "2018-01-01"),
        posting("p9", "S1", ("A", "A2"), "2020-03-20"),
        with(open(), json!({ "void": true, "voidReason": "a mistake" })),
    ];
    for change in moves {
        assert_eq!(send(&office.a, "Postings", input(vec![change.clone()])).await?.refused(), CLOSED_FROM, "{change}");
        // An officer corrects a record under the system's client, and adds one under the own.
        let of = if change["externalId"] == "p1" { json!({ "client": "a" }) } else { json!({}) };
        assert_eq!(send(&officer, "Postings", with(input(vec![change.clone()]), of)).await?.refused(), CLOSED_FROM, "{change}");
    }
    // On the first day after the closed month it is a transfer like any other.
    let april = with(input(vec![posting("p9", "S1", ("A", "A2"), "2020-04-01")]), json!({ "dryRun": true }));
    assert_eq!(send(&office.a, "Postings", april).await?.counts(), [1, 0, 0, 0, 0, 0]);
    // Who may correct moves them, and the shift of 10 March, with a reason.
    let receipt = send(&officer, "Postings", with(input(vec![posting("p9", "S1", ("A", "A2"), "2020-03-05")]), why)).await?;
    assert_eq!(receipt.counts(), [1, 0, 0, 0, 0, 0]);
    assert!(receipt.stale_months.contains(&MARCH.to_owned()), "{receipt:?}");
    let units = "{ shifts(first: 10) { nodes { unit { code } } } }";
    assert_eq!(nodes(&office.a, units, "shifts", json!({})).await?, [json!({ "unit": { "code": "A2" } })]);
    Ok(())
});

both!(a_bureau_takes_nobody_out_of_anothers_closed_month, async |backend| {
    let office = Office::open(backend).await?;
    let released = with(posting("p1", "S1", ("A", "A1"), "2018-01-01"), json!({ "releasedOn": "2020-03-10", "releasedTo": "B" }));
    record(&office.a, "Postings", vec![released]).await?;
    close(&office.server, "A", MARCH).await?;
    // B's own March is open, but the transfer would end the posting in A on 20 March.
    let taken = |from: &str| input(vec![posting("p9", "S1", ("B", "B1"), from)]);
    assert_eq!(send(&office.b, "Postings", taken("2020-03-20")).await?.refused(), CLOSED_FROM);
    let foreign = with(taken("2020-03-20"), json!({ "correctionReason": "the order was found" }));
    assert_eq!(send(&office.server.officer(&["B"])?, "Postings", foreign.clone()).await?.refused(), CLOSED_FROM);
    // From the first open day on they may come, and the secretariat may move them earlier.
    assert_eq!(send(&office.b, "Postings", with(taken("2020-04-01"), json!({ "dryRun": true }))).await?.created, 1);
    assert_eq!(send(&office.secretariat, "Postings", foreign).await?.created, 1);
    Ok(())
});

both!(the_personnel_system_of_all_bureaus_is_a_system_too, async |backend| {
    let office = Office::open(backend).await?;
    record(&office.secretariat, "Bureaus", vec![bureau("C")]).await?;
    close(&office.server, "A", MARCH).await?;
    let personnel = office.server.system("personnel", &["A", "B", "C"]).await?;
    let transfer = |from: &str| input(vec![posting("p9", "S1", ("B", "B1"), from)]);
    assert_eq!(send(&personnel, "Postings", transfer("2020-03-20")).await?.refused(), CLOSED_FROM);
    assert_eq!(send(&personnel, "Postings", transfer("2020-04-01")).await?.created, 1);
    Ok(())
});
