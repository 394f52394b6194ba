//! Dates that can be true: each date of each noun on both sides of its bound, in bulk and dry, and every place that takes a period.
//!
//! It is nine in the morning of 15 April 2020 in Tokyo.

use chrono::{TimeZone, Utc};
use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::fixtures::{Office, bureau, input, interval, nodes, posting, record, send, shift, staff, unit, with};

use crate::jobs::done;

const TODAY: &str = "2020-04-15";

/// A noun, what is said of it, the key's field, what is within the bound and what is beyond, and the field that is refused.
struct Bound<'a> {
    client: &'a Client,
    noun: &'static str,
    record: Value,
    within: Value,
    beyond: Value,
    field: &'static str,
}

/// The input's field of a noun's key.
fn key(noun: &str) -> &'static str {
    match noun {
        "Bureaus" | "Units" => "code",
        "Staff" => "staffNumber",
        _ => "externalId",
    }
}

fn day(noun: &str, number: &str, more: Value) -> Value {
    let own = match noun {
        "TeleworkDays" => json!({ "place": "HOME" }),
        "LeaveEntries" => json!({ "kind": "ANNUAL", "minutes": 465 }),
        "Hires" => json!({ "route": "MID_CAREER" }),
        "Appointments" => json!({ "toBand": "CHIEF" }),
        "ExceptionalWorks" => json!({ "lastMonth": "2020-06", "work": "国際交渉", "approver": "人事課長" }),
        "OpeningBalances" => json!({ "month": "2020-03", "minutes": 60 }),
        _ => json!({}),
    };
    with(with(json!({ "externalId": noun, "staffNumber": number }), own), more)
}

fn request(date: &str, more: Value) -> Value {
    let own = json!({ "externalId": "r", "staffNumber": "S1", "date": date, "planned": interval(date, ("18:15", "20:00")), "reason": "国会",
        "requestedAt": "2020-04-10T12:00:00+09:00", "decision": "PENDING" });
    with(own, more)
}

/// What bureaus record.
fn of_bureaus(office: &Office) -> Vec<Bound<'_>> {
    let at = |text: &str| format!("{TODAY}T{text}:00+09:00");
    let of = |noun, record, field, within: Value, beyond: Value| Bound { client: &office.a, noun, record, within, beyond, field };
    let dated = |noun, number: &str, within: &str, beyond: &str| {
        of(noun, day(noun, number, json!({})), "date", json!({ "date": within }), json!({ "date": beyond }))
    };
    let worked = |until: &str| json!({ "presence": interval(TODAY, ("07:00", until)) });
    let ordered = |until: &str| json!({ "ordered": [interval(TODAY, ("08:00", until))] });
    let planned = |date: &str| json!({ "date": date, "planned": interval(date, ("18:15", "20:00")) });
    let approved = |decided: &str| json!({ "decision": "APPROVED", "approver": "S2", "decidedAt": decided });
    let concurrent = || with(posting("c", "S1", ("A", "A2"), "2020-04-01"), json!({ "kind": "CONCURRENT" }));
    let main = || posting("p1", "S1", ("A", "A1"), "2018-01-01");
    let released = |on: &str| json!({ "releasedOn": on, "releasedTo": "B" });
    let left = |on: &str| json!({ "separatedOn": on, "separationReason": "RESIGNATION" });
    let target = json!({ "externalId": "t", "bureau": "A", "unit": "A1", "days": 15 });
    vec![
        // Presence and worked overtime have ended, with five minutes for the source's clock.
        of("Shifts", shift("1", "S1", TODAY, ("07:00", "08:00")), "presence", worked("09:05"), worked("09:06")),
        of(
            "Shifts",
            with(shift("2", "S2", TODAY, ("07:00", "08:00")), json!({ "presence": null })),
            "ordered[0]",
            ordered("09:05"),
            ordered("09:06"),
        ),
        of(
            "Shifts",
            shift("3", "S1", "2020-04-14", ("18:00", "20:00")),
            "date",
            json!({}),
            json!({ "date": "2062-01-10", "presence": interval("2062-01-10", ("18:00", "20:00")) }),
        ),
        // What is planned.
        dated("TeleworkDays", "S1", "2021-10-15", "2021-10-16"),
        dated("LeaveEntries", "S2", "2021-10-15", "2021-10-16"),
        // What is ordered for a day to come.
        dated("Hires", "S1", "2020-06-14", "2020-06-15"),
        dated("Appointments", "S1", "2020-06-14", "2020-06-15"),
        dated("ExceptionalWorks", "S1", "2020-06-14", "2020-06-15"),
        dated("OpeningBalances", "S1", "2020-06-14", "2020-06-15"),
        of(
            "Hires",
            day("Hires", "S2", json!({ "date": TODAY, "route": "EXAM", "exam": "GENERAL" })),
            "examYear",
            json!({ "examYear": 2020 }),
            json!({ "examYear": 2021 }),
        ),
        // What was worked elsewhere was worked in a month that has begun.
        of(
            "OpeningBalances",
            day("OpeningBalances", "S2", json!({ "date": "2020-06-01" })),
            "month",
            json!({ "month": "2020-04" }),
            json!({ "month": "2020-05" }),
        ),
        of("OvertimeRequests", request("2020-06-14", json!({})), "date", planned("2020-06-14"), planned("2020-06-15")),
        // Decisions, and what they are decided of.
        of(
            "OvertimeRequests",
            request("2020-04-16", json!({})),
            "requestedAt",
            json!({ "requestedAt": at("09:05") }),
            json!({ "requestedAt": at("09:06") }),
        ),
        of("OvertimeRequests", request("2020-04-17", json!({})), "decidedAt", approved(&at("09:05")), approved(&at("09:06"))),
        // People and their posts.
        of("Staff", staff("N1"), "hiredOn", json!({ "hiredOn": "2020-06-14" }), json!({ "hiredOn": "2020-06-15" })),
        of("Staff", staff("N2"), "separatedOn", left("2025-04-15"), left("2025-04-16")),
        of("Postings", concurrent(), "validFrom", json!({ "validFrom": "2020-06-14" }), json!({ "validFrom": "2020-06-15" })),
        of("Postings", concurrent(), "validTo", json!({ "validTo": "2025-04-15" }), json!({ "validTo": "2025-04-16" })),
        of("Postings", main(), "releasedOn", released("2020-06-14"), released("2020-06-15")),
        of("Units", unit("A8", "A"), "validFrom", json!({ "validFrom": "2021-10-15" }), json!({ "validFrom": "2021-10-16" })),
        of("Units", unit("A9", "A"), "validTo", json!({ "validTo": "2025-04-15" }), json!({ "validTo": "2025-04-16" })),
        of("LeaveTargets", target, "calendarYear", json!({ "calendarYear": 2025 }), json!({ "calendarYear": 2026 })),
    ]
}

/// What the office records.
fn of_office<'a>(office: &'a Office, admin: &'a Client) -> Vec<Bound<'a>> {
    let of = |client: &'a Client, noun: &'static str, record: Value, field: &'static str, within: &str, beyond: &str| {
        let (within, beyond) = (json!({ field: within }), json!({ field: beyond }));
        Bound { client, noun, record, within, beyond, field }
    };
    let span = |more: Value| with(json!({ "externalId": "s", "validFrom": "2018-04-01" }), more);
    let regime = |unit: &str| span(json!({ "unit": unit, "regime": "SELF_PACED" }));
    let stage = |at: &str| span(json!({ "startsAt": at }));
    let target = |code: &str| {
        span(
            json!({ "indicator": code, "clause": "V-1", "population": "OFFICE", "decider": "PLAN", "qualifier": "AT_LEAST", "valueNumerator": 30 }),
        )
    };
    let (ahead, beyond, end, past) = ("2021-10-15", "2021-10-16", "2025-04-15", "2025-04-16");
    vec![
        of(&office.secretariat, "Bureaus", bureau("Y"), "validFrom", ahead, beyond),
        of(&office.secretariat, "Bureaus", bureau("Z"), "validTo", end, past),
        of(&office.secretariat, "WorkRegimes", regime("A1"), "validFrom", ahead, beyond),
        of(&office.secretariat, "WorkRegimes", regime("A2"), "validTo", end, past),
        of(admin, "StartStages", stage("08:00"), "validFrom", ahead, beyond),
        of(admin, "StartStages", stage("08:30"), "validTo", end, past),
        of(admin, "OnTimeDays", json!({ "externalId": "d", "kind": "COMPLETE" }), "date", ahead, beyond),
        of(admin, "Holidays", json!({ "externalId": "h", "nameJa": "休日" }), "date", end, past),
        of(admin, "Targets", target("WOMEN_STAFF"), "validFrom", "2040-04-15", "2040-04-16"),
        of(admin, "Targets", target("WOMEN_DIRECTOR"), "validTo", "2040-04-15", "2040-04-16"),
    ]
}

both!(each_date_is_refused_beyond_its_bound_and_taken_within, async |backend| {
    let office = Office::open(backend).await?;
    let admin = office.server.admin()?;
    for (index, bound) in of_bureaus(&office).into_iter().chain(of_office(&office, &admin)).enumerate() {
        let (noun, field, key) = (bound.noun, bound.field, key(bound.noun));
        let own = bound.record[key].as_str().unwrap_or_default();
        // A main post of S1's is changed; else each case has keys of its own.
        let own = if own == "p1" || key != "externalId" { own.to_owned() } else { format!("{own}/{index}") };
        let within = with(with(bound.record.clone(), bound.within), json!({ key: own }));
        let beyond = with(with(bound.record, bound.beyond), json!({ key: format!("{own}-beyond") }));
        let both = || vec![within.clone(), beyond.clone()];
        let refused = [(1, "BAD_USER_INPUT", field)];
        for dry in [true, false] {
            let call = with(input(both()), json!({ "mode": "ACCEPT_VALID", "dryRun": dry }));
            let receipt = send(bound.client, noun, call).await?;
            assert_eq!(receipt.refused(), refused, "{noun} {field} dry {dry}: {receipt:?}");
            assert_eq!((receipt.created + receipt.updated, receipt.rejected), (1, 1), "{noun} {field} dry {dry}: {receipt:?}");
        }
        let all = send(bound.client, noun, input(both())).await?;
        assert_eq!((all.refused(), all.updated), (refused.to_vec(), 0), "{noun} {field}, all or nothing");
        let japanese = send(&bound.client.clone().in_japanese(), noun, input(vec![beyond])).await?;
        let told = &japanese.rejections[0].message;
        assert!(told.ends_with("。") && !told.is_ascii(), "{noun} {field}: {told}");
    }
    let far = input(vec![day("TeleworkDays", "S1", json!({ "externalId": "far", "date": "2021-10-16" }))]);
    let told = send(&office.a, "TeleworkDays", far.clone()).await?.rejections[0].message.clone();
    assert_eq!(told, "It lies at most 18 months ahead, until 2021-10-15.");
    let told = send(&office.a.clone().in_japanese(), "TeleworkDays", with(far, json!({ "idempotencyKey": "ja" }))).await?;
    assert_eq!(told.rejections[0].message, "18か月先（2021-10-15まで）の日付を指定してください。");
    Ok(())
});

both!(a_day_begins_at_midnight_in_tokyo, async |backend| {
    let office = Office::open(backend).await?;
    let hire = || input(vec![day("Hires", "S1", json!({ "date": "2020-06-15" }))]);
    let at = |day, hour, minute, second| Utc.with_ymd_and_hms(2020, 4, day, hour, minute, second).single().unwrap();
    office.server.set_now(at(15, 14, 59, 59));
    assert_eq!(send(&office.a, "Hires", hire()).await?.refused(), [(0, "BAD_USER_INPUT", "date")]);
    office.server.set_now(at(15, 15, 0, 0));
    assert_eq!(send(&office.a, "Hires", hire()).await?.created, 1);
    Ok(())
});

const TRIGGER: &str = "mutation ($input: TriggerJobInput!) { triggerJob(input: $input) { run { id } } }";
const PLAN: &str = "mutation ($input: PlanBackfillInput!) { planBackfill(input: $input) { backfill { id } } }";
const RULE: &str = "mutation ($input: SetOvertimeRuleInput!) { setOvertimeRule(input: $input) { rule { validFrom } } }";
const MONTH: &str = "mutation ($input: SubmitMonthInput!) { submitMonth(input: $input) { monthClose { id } } }";
const CYCLE: &str = "mutation ($input: OpenFollowUpInput!) { openFollowUp(input: $input) { followUp { id } } }";

both!(no_place_takes_a_period_to_come, async |backend| {
    let office = Office::open(backend).await?;
    crate::follow_up::opened(&office.server, 2019).await?;
    let (admin, officer) = (office.server.admin()?, office.server.officer(&["A"])?);
    let refused = async |client: &Client, document: &str, variables: Value, field: &str| {
        let failure = client.error(document, variables.clone()).await?;
        assert_eq!(
            (failure.code.as_str(), failure.field.as_deref()),
            ("BAD_USER_INPUT", Some(field)),
            "{document} {variables}: {failure:?}"
        );
        assert!(client.clone().in_japanese().error(document, variables).await?.message.ends_with("。"), "{document}");
        anyhow::Ok(())
    };
    let job =
        |month: &str, key: &str| json!({ "input": { "job": "MONTHLY_INDICATORS", "period": month, "reason": "x", "idempotencyKey": key } });
    for month in ["2020-05", "2062-01", "9999-12"] {
        for dry in [true, false] {
            let input = json!({ "input": with(job(month, "k")["input"].take(), json!({ "dryRun": dry })) });
            refused(&office.secretariat, TRIGGER, input, "period").await?;
        }
        let range = json!({ "input": { "job": "MONTHLY_INDICATORS", "from": "2020-03", "to": month, "scope": "ALL", "reason": "x" } });
        if month != "9999-12" {
            refused(&admin, PLAN, range, "to").await?;
        }
        refused(&officer, MONTH, json!({ "input": { "bureau": "A", "month": month } }), "month").await?;
        let of_month = |field: &str, selection: &str| format!("{{ {field}(month: \"{month}\") {{ {selection} }} }}");
        refused(&office.secretariat, &of_month("overtimeOutlierCounts", "bureau"), Value::Null, "month").await?;
        refused(&office.secretariat, &of_month("personMonths", "totalCount"), Value::Null, "month").await?;
        let series = format!("{{ indicatorSeries(codes: [\"WOMEN_STAFF\"], from: \"{month}\", to: \"{month}\") {{ bureau }} }}");
        refused(&office.secretariat, &series, Value::Null, "from").await?;
    }
    refused(&office.secretariat, "{ planReview(from: 2021, to: 2021) { targets { indicator } } }", Value::Null, "from").await?;
    let cycle = json!({ "input": { "plan": "F", "fiscalYear": 2021, "dueOn": "2020-05-29", "reason": "x" } });
    let failure = office.secretariat.error(CYCLE, cycle).await?;
    assert_eq!((failure.code.as_str(), failure.field.as_deref()), ("BAD_USER_INPUT", Some("fiscalYear")));
    let late = json!({ "input": { "plan": "F", "fiscalYear": 2018, "dueOn": "2021-10-16", "reason": "x" } });
    refused(&office.secretariat, CYCLE, late, "dueOn").await?;
    for (members, field) in [(json!({ "validFrom": "2025-05" }), "validFrom"), (json!({ "countedFrom": "9999-12" }), "countedFrom")] {
        refused(&admin, RULE, json!({ "input": crate::outliers::rule("2020-04", members) }), field).await?;
    }
    admin.query(RULE, json!({ "input": crate::outliers::rule("2025-04", json!({})) })).await?;
    // The month that goes on, and a year that does.
    office.secretariat.query(TRIGGER, job("2020-04", "now")).await?;
    let year = "{ indicatorSeries(codes: [\"WOMEN_STAFF\"], from: \"2020-04\", to: \"2021-03\") { bureau } }";
    office.secretariat.query(year, Value::Null).await?;
    let output = office.server.program()?.args(["run", "monthly-indicators", "--period", "9999-12"]).output()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("9999-12 has not begun yet"), "{said}");
    Ok(())
});

both!(what_is_planned_is_computed_when_its_month_begins, async |backend| {
    let office = Office::open(backend).await?;
    let leave = day("LeaveEntries", "S1", json!({ "date": "2020-05-11" }));
    assert_eq!(record(&office.a, "LeaveEntries", vec![leave]).await?.stale_months, ["2020-05"]);
    let run = done(&office, Value::Null, "april").await?;
    assert_eq!(run["statistics"]["months"], 2, "March and April alone: {run}");
    let months = "{ indicatorValues(first: 1, orderBy: MONTH_DESCENDING) { nodes { month } } }";
    assert_eq!(nodes(&office.secretariat, months, "indicatorValues", Value::Null).await?, [json!({ "month": "2020-04" })]);
    office.server.set_now(Utc.with_ymd_and_hms(2020, 5, 1, 17, 30, 0).single().unwrap());
    let run = done(&office, Value::Null, "may").await?;
    assert_eq!((&run["statistics"]["months"], &run["statistics"]["marksCleared"]), (&json!(1), &json!(1)), "{run}");
    assert_eq!(nodes(&office.secretariat, months, "indicatorValues", Value::Null).await?, [json!({ "month": "2020-05" })]);
    Ok(())
});

both!(a_hire_counts_from_its_day, async |backend| {
    let office = Office::open(backend).await?;
    record(&office.a, "Staff", vec![with(staff("S1"), json!({ "sex": "FEMALE" }))]).await?;
    let hires = async || -> anyhow::Result<Value> {
        let document = "{ indicatorValues(first: 5, filter: { codes: [\"WOMEN_HIRES_MID_CAREER\"], spans: [MONTH], from: \"2020-04\",
            bureaus: [\"TOTAL\"], sexes: [\"TOTAL\"], bands: [\"TOTAL\"] }) { nodes { numerator denominator } } }";
        Ok(json!(nodes(&office.secretariat, document, "indicatorValues", Value::Null).await?))
    };
    let value = |women: i32, all: i32| json!([{ "numerator": women, "denominator": all }]);
    record(&office.a, "Hires", vec![day("Hires", "S1", json!({ "date": "2020-04-20" }))]).await?;
    done(&office, Value::Null, "15").await?;
    assert_eq!(hires().await?, value(0, 0), "it is to come");
    let night = |day| Utc.with_ymd_and_hms(2020, 4, day, 17, 30, 0).single().unwrap();
    // Half past two of the 19th, and of the 20th, in Tokyo.
    office.server.set_now(night(18));
    assert_eq!(done(&office, Value::Null, "19").await?["statistics"]["months"], 0);
    assert_eq!(hires().await?, value(0, 0));
    office.server.set_now(night(19));
    assert_eq!(done(&office, Value::Null, "20").await?["statistics"]["months"], 1);
    assert_eq!(hires().await?, value(1, 1), "it has come");
    assert_eq!(done(&office, Value::Null, "again").await?["statistics"]["months"], 0, "once");
    Ok(())
});
