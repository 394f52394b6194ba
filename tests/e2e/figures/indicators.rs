//! From records to figures: a small office, counted by hand, through mutations, the job and the queries that front ends use.

use anyhow::Context;
use chrono::{DateTime, TimeZone, Utc};
use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::database::Backend;
use torikumi_tests::fixtures::{Office, input, interval, nodes, posting, record, send, shift, staff, with};

use crate::jobs::done;
use crate::month_close::close;

const APRIL: &str = "2020-04";

/// A standard workday from half past nine, present until a time in the evening.
fn workday(key: &str, number: &str, date: &str, until: &str) -> Value {
    let day = json!({ "scheduled": interval(date, ("09:30", "18:15")), "breaks": [interval(date, ("12:00", "13:00"))] });
    with(shift(key, number, date, ("09:30", until)), day)
}

fn person(number: &str, sex: &str, hired_on: &str) -> Value {
    with(staff(number), json!({ "sex": sex, "hiredOn": hired_on }))
}

/// April 2020. In A the woman S1, above 45 hours, the assistant director S2, and the director S4, who is not subject to overtime; in B the
/// woman S3 and the seven who joined by exam on 1 April, four of them women.
pub async fn office(backend: Backend) -> anyhow::Result<Office> {
    let office = Office::open(backend).await?;
    office.silence_means_zero().await?;
    let old = "2000-01-01";
    record(&office.a, "Staff", vec![person("S1", "FEMALE", old), person("S2", "MALE", old), person("S4", "FEMALE", old)]).await?;
    record(&office.b, "Staff", vec![person("S3", "FEMALE", old)]).await?;
    let since = "2018-01-01";
    let assistant = with(posting("p2", "S2", ("A", "A1"), since), json!({ "band": "ASSISTANT_DIRECTOR" }));
    let director = with(posting("p4", "S4", ("A", "A1"), since), json!({ "band": "DIRECTOR", "subjectToOvertime": false }));
    record(&office.a, "Postings", vec![assistant, director]).await?;
    hire(&office).await?;

    let day = json!({ "externalId": "1", "date": "2020-04-01", "kind": "ALL_MINISTRIES" });
    record(&office.server.admin()?, "OnTimeDays", vec![day]).await?;
    let long = |key: &str, date: &str| shift(key, "S1", date, ("08:00", "23:00"));
    let ordered = with(workday("5", "S2", "2020-04-02", "19:15"), json!({ "ordered": [interval("2020-04-02", ("18:15", "18:45"))] }));
    let shifts = vec![
        workday("1", "S1", "2020-04-01", "20:15"),
        long("2", "2020-04-06"),
        long("3", "2020-04-07"),
        long("4", "2020-04-08"),
        ordered,
        workday("6", "S2", "2020-04-01", "19:15"),
    ];
    record(&office.a, "Shifts", shifts).await?;
    let staggered = with(workday("2", "S3", "2020-04-02", "18:15"), json!({ "pattern": "STAGGERED" }));
    record(&office.b, "Shifts", vec![workday("1", "S3", "2020-04-01", "18:15"), staggered]).await?;
    let request = json!({ "externalId": "1", "staffNumber": "S1", "date": "2020-04-01", "planned": interval("2020-04-01", ("18:15", "19:15")),
        "reason": "the budget", "requestedAt": "2020-04-01T15:00:00+09:00", "decision": "APPROVED",
        "decidedAt": "2020-04-01T16:00:00+09:00", "approver": "S4" });
    record(&office.a, "OvertimeRequests", vec![request]).await?;
    let telework = |key: &str, date: &str| json!({ "externalId": key, "staffNumber": "S1", "date": date, "place": "HOME" });
    record(&office.a, "TeleworkDays", vec![telework("1", "2020-04-09"), telework("2", "2020-04-10")]).await?;
    let leave = json!({ "externalId": "1", "staffNumber": "S2", "date": "2020-04-13", "kind": "ANNUAL", "minutes": 465 });
    record(&office.a, "LeaveEntries", vec![leave]).await?;
    Ok(office)
}

/// H1 to H7 join bureau B by exam; the first four are women.
async fn hire(office: &Office) -> anyhow::Result<()> {
    let numbers: Vec<String> = (1..=7).map(|number| format!("H{number}")).collect();
    let day = "2020-04-01";
    let sex = |index: usize| if index < 4 { "FEMALE" } else { "MALE" };
    let people = numbers.iter().enumerate().map(|(index, number)| person(number, sex(index), day));
    record(&office.b, "Staff", people.collect::<Vec<_>>()).await?;
    let postings = numbers.iter().map(|number| posting(number, number, ("B", "B1"), day));
    record(&office.b, "Postings", postings.collect::<Vec<_>>()).await?;
    let hires = numbers.iter().map(
        |number| json!({ "externalId": number, "staffNumber": number, "date": day, "route": "EXAM", "exam": "GENERAL", "examYear": 2019 }),
    );
    record(&office.b, "Hires", hires.collect::<Vec<_>>()).await?;
    Ok(())
}

/// A target of the given indicator: population, qualifier and percent.
fn target(key: &str, indicator: &str, (population, qualifier, percent): (&str, &str, i64)) -> Value {
    let decider = if population == "OFFICE" { "PLAN" } else { "BASIC_PLAN" };
    json!({ "externalId": key, "indicator": indicator, "clause": "V-1", "population": population, "decider": decider,
        "qualifier": qualifier, "valueNumerator": percent, "validFrom": "2015-04-01" })
}

const VALUES: &str = "query ($filter: IndicatorValueFilter!) { indicatorValues(first: 500, filter: $filter) { nodes {
    code bureau sex band span from month status value numerator denominator people asOf version computedAt supersededAt
    attained gapInPeople target { population qualifier valueNumerator } } } }";

/// The values that match, of April unless the filter says otherwise.
async fn values(client: &Client, filter: Value) -> anyhow::Result<Vec<Value>> {
    let filter = with(json!({ "from": APRIL, "to": APRIL, "spans": ["MONTH"] }), filter);
    nodes(client, VALUES, "indicatorValues", json!({ "filter": filter })).await
}

/// April's value of one indicator for one bureau, or the office as TOTAL, over all sexes and bands.
async fn value(client: &Client, code: &str, bureau: &str) -> anyhow::Result<Value> {
    let filter = json!({ "codes": [code], "bureaus": [bureau], "sexes": ["TOTAL"], "bands": ["TOTAL"] });
    values(client, filter).await?.pop().with_context(|| format!("{code} of {bureau} has no value"))
}

/// Numerator, denominator, text and status.
fn shown(value: &Value) -> (Option<i64>, Option<i64>, Option<&str>, &str) {
    (value["numerator"].as_i64(), value["denominator"].as_i64(), value["value"].as_str(), value["status"].as_str().unwrap_or_default())
}

fn provisional(numerator: i64, denominator: i64, text: &str) -> (Option<i64>, Option<i64>, Option<&str>, &str) {
    (Some(numerator), Some(denominator), Some(text), "PROVISIONAL")
}

fn at(day: u32) -> anyhow::Result<DateTime<Utc>> {
    Utc.with_ymd_and_hms(2020, 5, day, 0, 0, 0).single().context("a date")
}

both!(a_months_figures_are_those_counted_by_hand, async |backend| {
    let office = office(backend).await?;
    let run = done(&office, json!(APRIL), "1").await?;
    // That both engines give the same one is shown where one process has both of them, in `jobs`.
    assert_eq!(run["outputDigest"].as_str().map(str::len), Some(64));
    let counted = |name: &str| run["statistics"][name].as_i64();
    assert_eq!((counted("personMonths"), counted("personMonthsWithOvertime"), counted("above45h")), (Some(11), Some(2), Some(1)));
    assert_eq!((counted("atLeast100h"), counted("largestOvertimeMinutes")), (Some(0), Some(2_820)));

    // Overtime: S1 120 + 3 × 900; S2 60 by presence and 30 ordered. Ten are subject to it, two of them in A.
    let wanted = [
        ("MEAN_OVERTIME_HOURS", "TOTAL", provisional(2_910, 600, "4.9")),
        ("MEAN_OVERTIME_HOURS", "A", provisional(2_910, 120, "24.3")),
        ("MEAN_OVERTIME_HOURS", "B", provisional(0, 480, "0.0")),
        ("SHARE_ABOVE_45H", "TOTAL", provisional(1, 10, "10.0")),
        ("SHARE_ABOVE_45H", "A", provisional(1, 2, "50.0")),
        ("OVERTIME_CONFIRMED_BEFOREHAND", "TOTAL", provisional(60, 2_910, "2.1")),
        ("PRESENCE_BEYOND_ORDERED", "TOTAL", provisional(30, 60, "50.0")),
        ("TELEWORK_PERSONS", "TOTAL", provisional(1, 11, "9.1")),
        ("TELEWORK_DAYS_A_HEAD", "TOTAL", provisional(2, 11, "0.2")),
        ("ANNUAL_LEAVE_DAYS", "TOTAL", provisional(465, 5_115, "0.1")),
        ("ANNUAL_LEAVE_DAYS", "A", provisional(465, 1_395, "0.3")),
        ("ON_TIME_DEPARTURE", "TOTAL", provisional(1, 3, "33.3")),
        ("ON_TIME_DEPARTURE", "B", provisional(1, 1, "100.0")),
        ("STAGGERED_SHARE", "TOTAL", provisional(1, 11, "9.1")),
        ("WOMEN_STAFF", "TOTAL", provisional(7, 11, "63.6")),
        ("WOMEN_DIRECTOR_AND_ABOVE", "TOTAL", provisional(1, 1, "100.0")),
        ("WOMEN_ASSISTANT_DIRECTOR_AND_ABOVE", "TOTAL", provisional(1, 2, "50.0")),
        // Each band by itself: the one director is a woman, the one assistant director is not.
        ("WOMEN_DIRECTOR", "TOTAL", provisional(1, 1, "100.0")),
        ("WOMEN_ASSISTANT_DIRECTOR", "TOTAL", provisional(0, 1, "0.0")),
        ("WOMEN_DESIGNATED", "TOTAL", (Some(0), Some(0), None, "NO_SUBJECTS")),
        ("WOMEN_HIRES_EXAM", "TOTAL", provisional(4, 7, "57.1")),
        ("WOMEN_HIRES_EXAM", "B", provisional(4, 7, "57.1")),
        // Nobody came in mid-career: there is no rate, and it is not 0 %.
        ("WOMEN_HIRES_MID_CAREER", "TOTAL", (Some(0), Some(0), None, "NO_SUBJECTS")),
    ];
    for (code, bureau, wanted) in wanted {
        let value = value(&office.secretariat, code, bureau).await?;
        assert_eq!(shown(&value), wanted, "{code} of {bureau}");
        assert_eq!((&value["asOf"], &value["from"], &value["month"]), (&json!("2020-04-30"), &json!(APRIL), &json!(APRIL)), "{code}");
        assert_eq!((&value["sex"], &value["band"], &value["supersededAt"]), (&json!("TOTAL"), &json!("TOTAL"), &Value::Null));
    }
    // By sex and band, where the definition splits them.
    let split =
        values(&office.secretariat, json!({ "codes": ["MEAN_OVERTIME_HOURS"], "bureaus": ["A"], "bands": ["STAFF", "DIRECTOR"] })).await?;
    let cells: Vec<_> = split.iter().map(|value| (value["sex"].as_str(), value["band"].as_str(), shown(value))).collect();
    assert_eq!(cells.len(), 2, "{cells:?}");
    for sex in ["FEMALE", "TOTAL"] {
        assert!(cells.contains(&(Some(sex), Some("STAFF"), provisional(2_820, 60, "47.0"))), "{cells:?}");
    }
    // Annual leave has a calendar year to date, overtime a fiscal one.
    let spans = values(
        &office.secretariat,
        json!({ "spans": ["FISCAL_YEAR_TO_DATE", "CALENDAR_YEAR_TO_DATE"], "bureaus": ["TOTAL"],
        "codes": ["ANNUAL_LEAVE_DAYS", "MEAN_OVERTIME_HOURS"], "sexes": ["TOTAL"], "bands": ["TOTAL"] }),
    )
    .await?;
    let mut spans: Vec<_> = spans.iter().map(|value| (value["code"].as_str(), value["span"].as_str(), value["from"].as_str())).collect();
    spans.sort_unstable();
    assert_eq!(
        spans,
        [
            // The office's first records are April's.
            (Some("ANNUAL_LEAVE_DAYS"), Some("CALENDAR_YEAR_TO_DATE"), Some(APRIL)),
            (Some("MEAN_OVERTIME_HOURS"), Some("FISCAL_YEAR_TO_DATE"), Some(APRIL)),
        ]
    );
    Ok(())
});

both!(one_query_gives_a_page_of_series, async |backend| {
    let office = office(backend).await?;
    for (period, key) in [("2020-03", "1"), (APRIL, "2")] {
        done(&office, json!(period), key).await?;
    }
    let document = "query ($by: [Dimension!]!, $to: YearMonth!, $bureaus: [String!]) {
        indicatorSeries(codes: [MEAN_OVERTIME_HOURS, \"WOMEN_HIRES_EXAM\"], by: $by, from: \"2020-03\", to: $to, bureaus: $bureaus) {
            indicator { code nameJa unit } bureau sex band values { month value status } } }";
    let data = office.secretariat.query(document, json!({ "by": ["BUREAU"], "to": APRIL })).await?;
    let line = |series: &Value| {
        let values: Vec<_> =
            series["values"].as_array().into_iter().flatten().map(|value| value["value"].as_str().unwrap_or("-")).collect();
        format!(
            "{} {} {}",
            series["indicator"]["code"].as_str().unwrap_or_default(),
            series["bureau"].as_str().unwrap_or_default(),
            values.join(" ")
        )
    };
    let lines: Vec<_> = data["indicatorSeries"].as_array().into_iter().flatten().map(line).collect();
    assert_eq!(
        lines,
        [
            "MEAN_OVERTIME_HOURS A 0.0 24.3",
            "MEAN_OVERTIME_HOURS B 0.0 0.0",
            "MEAN_OVERTIME_HOURS TOTAL 0.0 4.9",
            "WOMEN_HIRES_EXAM B 57.1",
            "WOMEN_HIRES_EXAM TOTAL - 57.1",
        ]
    );
    assert_eq!(data["indicatorSeries"][0]["indicator"]["nameJa"].as_str().map(str::is_empty), Some(false));
    let one = office.secretariat.query(document, json!({ "by": ["BAND"], "to": APRIL, "bureaus": ["A"] })).await?;
    let bands: Vec<_> = one["indicatorSeries"].as_array().into_iter().flatten().map(|series| series["band"].as_str()).collect();
    assert_eq!(bands, [Some("ASSISTANT_DIRECTOR"), Some("STAFF"), Some("TOTAL")], "of bureau A alone, and the director has no overtime");
    let error = office.secretariat.error(document, json!({ "by": [], "to": "2020-02" })).await?;
    assert_eq!((error.code.as_str(), error.field.as_deref()), ("BAD_USER_INPUT", Some("to")));
    Ok(())
});

both!(a_series_tells_its_growth_within_a_year, async |backend| {
    let office = office(backend).await?;
    for (period, key) in [("2019-04", "1"), (APRIL, "2")] {
        done(&office, json!(period), key).await?;
    }
    let document = "query ($from: YearMonth!) { indicatorSeries(codes: [\"WOMEN_STAFF\"], from: $from, to: \"2020-04\") {
        values { month value } growth { month against points rate } } }";
    let told =
        async |from: &str| anyhow::Ok(office.secretariat.query(document, json!({ "from": from })).await?["indicatorSeries"][0].take());
    // Three of four, and seven of eleven: 11.4 points less, which is 15.2 % of what it was.
    let series = told("2019-04").await?;
    assert_eq!(series["values"], json!([{ "month": "2019-04", "value": "75.0" }, { "month": APRIL, "value": "63.6" }]));
    assert_eq!(series["growth"], json!([{ "month": APRIL, "against": "2019-04", "points": "-11.4", "rate": "-15.2" }]));
    assert_eq!(told("2019-05").await?["growth"], json!([]), "what is not in the series is not held against");
    Ok(())
});

both!(the_catalogue_needs_no_token, async |backend| {
    let office = Office::open(backend).await?;
    let anyone = office.server.anonymous();
    let document = "{ indicators { code nameJa nameEn description yearToDate population unit direction spans dimensions version } }";
    let data = anyone.query(document, json!({})).await?;
    let all = data["indicators"].as_array().context("a list")?;
    assert_eq!(all.len(), jobs::indicators::catalogue().len());
    assert!(all.iter().all(|indicator| indicator["nameJa"].as_str().is_some_and(|name| !name.is_ascii())), "{all:?}");
    let document = "{ indicator(code: \"WOMEN_HIRES_EXAM\") { code nameEn population unit spans dimensions description } }";
    let english = anyone.query(document, json!({})).await?["indicator"].take();
    assert_eq!(english["nameEn"], "Women among hires by exam (the exam for experienced people excepted)");
    assert_eq!((&english["population"], &english["spans"]), (&json!("EVENTS"), &json!(["MONTH", "FISCAL_YEAR_TO_DATE"])));
    assert_eq!(english["dimensions"], json!(["BUREAU"]));
    let japanese = anyone.in_japanese().query(document, json!({})).await?["indicator"].take();
    assert_ne!(japanese["description"], english["description"]);
    let error = office.secretariat.error("{ indicator(code: \"NONE\") { code } }", json!({})).await?;
    assert_eq!(error.code, "BAD_USER_INPUT");
    assert_eq!(office.server.anonymous().error(VALUES, json!({ "filter": {} })).await?.code, "UNAUTHENTICATED");
    Ok(())
});

both!(targets_speak_of_the_whole_office, async |backend| {
    let office = office(backend).await?;
    let targets = vec![
        target("1", "WOMEN_HIRES_EXAM", ("OFFICE", "AT_LEAST", 30)),
        target("2", "WOMEN_DIRECTOR_AND_ABOVE", ("OFFICE", "ABOUT", 5)),
        target("3", "WOMEN_ASSISTANT_DIRECTOR_AND_ABOVE", ("GOVERNMENT", "AT_LEAST", 12)),
        // 7 of 11 is 63.6 %: about 64 %, and one person short of it.
        target("4", "WOMEN_STAFF", ("OFFICE", "ABOUT", 64)),
        // 1 of 11 is 9.1 %: two would have been needed.
        target("5", "TELEWORK_PERSONS", ("OFFICE", "AT_LEAST", 15)),
        target("6", "STAGGERED_SHARE", ("OFFICE", "ALL", 100)),
        target("7", "WOMEN_HIRES_MID_CAREER", ("OFFICE", "AT_LEAST", 30)),
        // Not in force any more.
        with(target("8", "SHARE_ABOVE_45H", ("OFFICE", "AT_MOST", 1)), json!({ "validTo": "2020-04-01" })),
    ];
    record(&office.server.admin()?, "Targets", targets).await?;
    done(&office, json!(APRIL), "1").await?;
    let goal = |value: &Value| {
        (value["target"]["population"].as_str().map(str::to_owned), value["attained"].as_bool(), value["gapInPeople"].as_i64())
    };
    let own = Some("OFFICE".to_owned());
    for (code, wanted) in [
        ("WOMEN_HIRES_EXAM", (own.clone(), Some(true), Some(0))),
        ("WOMEN_DIRECTOR_AND_ABOVE", (own.clone(), Some(true), Some(0))),
        ("WOMEN_ASSISTANT_DIRECTOR_AND_ABOVE", (Some("GOVERNMENT".to_owned()), None, None)),
        ("WOMEN_STAFF", (own.clone(), Some(true), Some(1))),
        ("TELEWORK_PERSONS", (own.clone(), Some(false), Some(1))),
        ("STAGGERED_SHARE", (own.clone(), Some(false), Some(10))),
        ("WOMEN_HIRES_MID_CAREER", (own, None, None)),
        ("SHARE_ABOVE_45H", (None, None, None)),
        ("MEAN_OVERTIME_HOURS", (None, None, None)),
    ] {
        assert_eq!(goal(&value(&office.secretariat, code, "TOTAL").await?), wanted, "{code}");
    }
    let hires = value(&office.secretariat, "WOMEN_HIRES_EXAM", "TOTAL").await?;
    assert_eq!(hires["target"], json!({ "population": "OFFICE", "qualifier": "AT_LEAST", "valueNumerator": 30 }));
    // A bureau, which hired the same seven, has no target of its own.
    assert_eq!(goal(&value(&office.secretariat, "WOMEN_HIRES_EXAM", "B").await?), (None, None, None));
    Ok(())
});

both!(a_target_goes_the_way_of_its_indicator_and_may_be_a_bureaus, async |backend| {
    let office = office(backend).await?;
    let hours = |key: &str, qualifier: &str, hours: i64| {
        with(target(key, "MEAN_OVERTIME_HOURS", ("OFFICE", qualifier, hours)), json!({ "valueDenominator": 1 }))
    };
    for qualifier in ["AT_LEAST", "ALL"] {
        let receipt = send(&office.secretariat, "Targets", input(vec![hours("1", qualifier, 30)])).await?;
        assert_eq!(receipt.refused(), [(0, "BAD_USER_INPUT", "qualifier")], "{qualifier}");
    }
    let of_bureau = |key: &str, code: &str, value: i64| with(target(key, code, ("BUREAU", "AT_LEAST", value)), json!({ "bureau": "B" }));
    let no_bureau = send(&office.secretariat, "Targets", input(vec![target("3", "WOMEN_STAFF", ("BUREAU", "AT_LEAST", 30))])).await?;
    assert_eq!(no_bureau.rejections[0].field.as_deref(), Some("bureau"));
    let targets = vec![
        hours("1", "AT_MOST", 30),
        with(target("2", "SHARE_ABOVE_45H", ("OFFICE", "AT_MOST", 0)), json!({})),
        of_bureau("3", "WOMEN_HIRES_EXAM", 60),
        target("4", "WOMEN_HIRES_EXAM", ("OFFICE", "AT_LEAST", 30)),
        with(target("5", "WOMEN_STAFF", ("UNIT", "AT_LEAST", 90)), json!({ "bureau": "B", "unit": "B1" })),
    ];
    record(&office.secretariat, "Targets", targets).await?;
    done(&office, json!(APRIL), "1").await?;
    let told = async |code: &str, bureau: &str| -> anyhow::Result<(Value, Value, Value)> {
        let value = value(&office.secretariat, code, bureau).await?;
        Ok((value["target"]["population"].clone(), value["attained"].clone(), value["gapInPeople"].clone()))
    };
    let mean = value(&office.secretariat, "MEAN_OVERTIME_HOURS", "TOTAL").await?;
    let below = mean["value"].as_str().and_then(|hours| hours.parse::<f64>().ok()).is_some_and(|hours| hours <= 30.0);
    assert_eq!(told("MEAN_OVERTIME_HOURS", "TOTAL").await?, (json!("OFFICE"), json!(below), Value::Null), "hours are no people");
    assert!(below, "{mean}");
    let long = value(&office.secretariat, "SHARE_ABOVE_45H", "TOTAL").await?;
    assert_eq!(told("SHARE_ABOVE_45H", "TOTAL").await?, (json!("OFFICE"), json!(long["numerator"] == 0), long["numerator"].clone()));
    // 4 of 7: the office's 30 % are met, and of the bureau's 60 % one is missing.
    assert_eq!(told("WOMEN_HIRES_EXAM", "TOTAL").await?, (json!("OFFICE"), json!(true), json!(0)));
    assert_eq!(told("WOMEN_HIRES_EXAM", "B").await?, (json!("BUREAU"), json!(false), json!(1)));
    assert_eq!(told("WOMEN_STAFF", "B").await?, (Value::Null, Value::Null, Value::Null), "a unit's is no bureau's");
    // A unit's stands beside the figure of its people, for who may see them.
    let of_unit = format!(
        "{{ targets(filter: {{ externalIds: [\"5\"] }}) {{ nodes {{ unitFigure(month: \"{APRIL}\") {{
        numerator denominator value attained gapInPeople }} }} }} }}"
    );
    let told = async |client: &Client| anyhow::Ok(json!(nodes(client, &of_unit, "targets", Value::Null).await?));
    let seen = told(&office.secretariat).await?;
    let figure = &seen[0]["unitFigure"];
    let women = value(&office.secretariat, "WOMEN_STAFF", "B").await?;
    assert_eq!(
        (&figure["numerator"], &figure["denominator"], &figure["value"]),
        (&women["numerator"], &women["denominator"], &women["value"])
    );
    assert_eq!(figure["attained"], json!(false));
    // That was read of people who may be one, and leaves a trace that the bureau sees.
    let trail = "{ auditEntries(first: 9, filter: { verb: \"READ\", noun: \"person_month\" }) { nodes { actor counts } } }";
    let read = json!({ "actor": "secretariat", "counts": { "rows": 0, "counted": 1 } });
    assert!(nodes(&office.server.officer(&["B"])?, trail, "auditEntries", Value::Null).await?.contains(&read));
    assert_eq!(told(&office.server.officer(&["B"])?).await?, seen);
    for other in [office.server.officer(&["A"])?, office.server.anonymous()] {
        assert_eq!(told(&other).await?, json!([{ "unitFigure": null }]));
    }
    let listed = "{ targets(filter: { bureaus: [\"B\"] }) { nodes { externalId population bureau { code } unit { code } } } }";
    let of_b = nodes(&office.secretariat, listed, "targets", Value::Null).await?;
    assert_eq!(of_b.len(), 2);
    assert!(of_b.contains(&json!({ "externalId": "5", "population": "UNIT", "bureau": { "code": "B" }, "unit": { "code": "B1" } })));
    Ok(())
});

both!(a_value_shows_the_people_behind_it_to_who_may_see_them, async |backend| {
    let office = office(backend).await?;
    done(&office, json!(APRIL), "1").await?;
    let document = "query ($filter: IndicatorValueFilter!) { indicatorValues(first: 5, filter: $filter) { nodes { status value numerator
        personMonths(first: 50) { nodes { staffNumber band overtimeMinutes unit { code } } } } } }";
    let filter = |bureau: &str| {
        json!({ "filter": { "codes": ["MEAN_OVERTIME_HOURS"], "spans": ["MONTH"], "from": APRIL, "to": APRIL, "bureaus": [bureau],
            "sexes": ["TOTAL"], "bands": ["TOTAL"] } })
    };
    let behind = async |client: &Client, bureau: &str| -> anyhow::Result<Value> {
        Ok(nodes(client, document, "indicatorValues", filter(bureau)).await?.remove(0))
    };
    let seen = behind(&office.server.officer(&["A"])?, "A").await?;
    let mut people: Vec<_> = seen["personMonths"]["nodes"].as_array().into_iter().flatten().cloned().collect();
    people.sort_by_key(|row| row["staffNumber"].to_string());
    let row = |number: &str, band: &str, minutes: i64| json!({ "staffNumber": number, "band": band, "overtimeMinutes": minutes, "unit": { "code": "A1" } });
    // The director is not subject to overtime, and in no denominator of it.
    assert_eq!(people, [row("S1", "STAFF", 2_820), row("S2", "ASSISTANT_DIRECTOR", 90)]);
    // Of the office's figure an officer sees the own bureau's people.
    let office_value = behind(&office.server.officer(&["A"])?, "TOTAL").await?;
    assert_eq!(office_value["personMonths"]["nodes"].as_array().map(Vec::len), Some(2));

    // Two people with overtime are too few for who may not see them, in their bureau and in the office; B is the second one of the month, of
    // which nothing is shown, or A would follow from other figures.
    let viewer = office.server.client(&office.server.request(api::authz::Role::Viewer))?;
    for bureau in ["A", "B", "TOTAL"] {
        let hidden = behind(&viewer, bureau).await?;
        assert_eq!(hidden, json!({ "status": "WITHHELD", "value": null, "numerator": null, "personMonths": null }), "{bureau}");
    }
    Ok(())
});

/// The latest figures of April that matter below: the office's and each bureau's mean overtime.
async fn overtime(office: &Office, more: Value) -> anyhow::Result<Vec<String>> {
    let filter = with(json!({ "codes": ["MEAN_OVERTIME_HOURS"], "sexes": ["TOTAL"], "bands": ["TOTAL"] }), more);
    let values = values(&office.secretariat, filter).await?;
    let text = |value: &Value, name: &str| value[name].as_str().unwrap_or("-").to_owned();
    let mut lines: Vec<_> =
        values.iter().map(|value| format!("{} {} {}", text(value, "bureau"), text(value, "value"), text(value, "status"))).collect();
    lines.sort();
    Ok(lines)
}

both!(figures_become_final_and_are_revised, async |backend| {
    let office = office(backend).await?;
    done(&office, json!(APRIL), "1").await?;
    assert_eq!(overtime(&office, json!({})).await?, ["A 24.3 PROVISIONAL", "B 0.0 PROVISIONAL", "TOTAL 4.9 PROVISIONAL"]);
    office.server.set_now(at(2)?);
    close(&office.server, "A", APRIL).await?;
    assert_eq!(
        overtime(&office, json!({})).await?,
        ["A 24.3 FINAL", "B 0.0 PROVISIONAL", "TOTAL 4.9 PROVISIONAL"],
        "one bureau is not all"
    );
    close(&office.server, "B", APRIL).await?;
    assert_eq!(overtime(&office, json!({})).await?, ["A 24.3 FINAL", "B 0.0 FINAL", "TOTAL 4.9 FINAL"]);
    // A run that finds nothing new changes nothing.
    office.server.set_now(at(3)?);
    done(&office, json!(APRIL), "2").await?;
    assert_eq!(overtime(&office, json!({})).await?, ["A 24.3 FINAL", "B 0.0 FINAL", "TOTAL 4.9 FINAL"]);

    office.server.set_now(at(10)?);
    let late = input(vec![workday("1", "S1", "2020-04-01", "21:15")]);
    let late = with(late, json!({ "client": "a", "correctionReason": "the gate's log was read" }));
    assert_eq!(send(&office.server.officer(&["A"])?, "Shifts", late).await?.updated, 1);
    assert_eq!(overtime(&office, json!({})).await?, ["A 24.3 STALE", "B 0.0 FINAL", "TOTAL 4.9 STALE"], "not before the job has run");
    office.server.set_now(at(11)?);
    done(&office, Value::Null, "3").await?;
    assert_eq!(overtime(&office, json!({})).await?, ["A 24.8 REVISED", "B 0.0 FINAL", "TOTAL 5.0 REVISED"]);

    // What was known stays as it was known: before the months were closed, while they were, and now.
    let vintage = async |day| overtime(&office, json!({ "vintage": at(day)?.to_rfc3339() })).await;
    assert_eq!(vintage(1).await?, ["A 24.3 PROVISIONAL", "B 0.0 PROVISIONAL", "TOTAL 4.9 PROVISIONAL"]);
    assert_eq!(vintage(10).await?, ["A 24.3 FINAL", "B 0.0 FINAL", "TOTAL 4.9 FINAL"]);
    assert_eq!(vintage(11).await?, ["A 24.8 REVISED", "B 0.0 FINAL", "TOTAL 5.0 REVISED"]);
    assert_eq!(overtime(&office, json!({ "vintage": "2020-04-01T00:00:00Z" })).await?, [""; 0], "nothing was computed yet");
    let former =
        json!({ "codes": ["MEAN_OVERTIME_HOURS"], "bureaus": ["TOTAL"], "sexes": ["TOTAL"], "bands": ["TOTAL"], "vintage": at(5)? });
    let former = values(&office.secretariat, former).await?.remove(0);
    assert_eq!(former["supersededAt"], "2020-05-11T00:00:00+00:00");
    Ok(())
});

both!(a_value_first_computed_after_the_close_is_no_revision, async |backend| {
    let office = office(backend).await?;
    office.server.set_now(at(2)?);
    close(&office.server, "A", APRIL).await?;
    close(&office.server, "B", APRIL).await?;
    office.server.set_now(at(3)?);
    done(&office, json!(APRIL), "1").await?;
    let first = ["A 24.3 FINAL", "B 0.0 FINAL", "TOTAL 4.9 FINAL"];
    assert_eq!(overtime(&office, json!({})).await?, first);
    let late = input(vec![workday("1", "S1", "2020-04-01", "21:15")]);
    let late = with(late, json!({ "client": "a", "correctionReason": "the gate's log was read" }));
    assert_eq!(send(&office.secretariat, "Shifts", late).await?.updated, 1);
    office.server.set_now(at(4)?);
    done(&office, Value::Null, "2").await?;
    assert_eq!(overtime(&office, json!({})).await?, ["A 24.8 REVISED", "B 0.0 FINAL", "TOTAL 5.0 REVISED"]);
    assert_eq!(overtime(&office, json!({ "vintage": at(3)? })).await?, first, "a later revision does not make the first one");
    Ok(())
});

both!(a_stale_run_does_what_was_marked_and_leaves_what_a_whole_one_would, async |backend| {
    let office = office(backend).await?;
    // All months that wait, so that only what follows is stale.
    done(&office, Value::Null, "1").await?;
    record(&office.a, "Shifts", vec![workday("9", "S1", "2020-04-14", "19:15")]).await?;
    let stale = done(&office, Value::Null, "2").await?;
    let whole = done(&office, json!(APRIL), "3").await?;
    let counted = |run: &Value, name: &str| run["statistics"][name].as_i64().unwrap_or(-1);
    assert_eq!((counted(&stale, "months"), counted(&stale, "marksCleared")), (1, 1));
    assert_eq!((counted(&whole, "cellsWritten"), counted(&whole, "valuesWritten")), (0, 0), "the whole run found nothing left to do");
    let seen = |run: &Value| counted(run, "valuesWritten") + counted(run, "valuesUnchanged");
    assert!(counted(&stale, "valuesWritten") > 0 && seen(&stale) < seen(&whole), "B was not looked at: {stale} {whole}");
    assert_eq!(shown(&value(&office.secretariat, "MEAN_OVERTIME_HOURS", "A").await?), provisional(2_970, 120, "24.8"));
    // Nothing is stale: nothing is computed.
    let idle = done(&office, Value::Null, "4").await?;
    assert_eq!((counted(&idle, "months"), counted(&idle, "valuesWritten")), (0, 0));
    Ok(())
});
