//! Person-months as front ends list them, and what comes along with lists in their own statement.

use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::fixtures::{Office, nodes, posting, record, staff, with};

use crate::indicators::office;
use crate::jobs::done;

const APRIL: &str = "2020-04";

/// April's person-months that match, with these fields.
async fn april(client: &Client, filter: Value, fields: &str) -> anyhow::Result<Vec<Value>> {
    let document = format!(
        "query ($filter: PersonMonthFilter!) {{ personMonths(month: \"{APRIL}\", filter: $filter, first: 100) {{ nodes {{ {fields} }} }} }}"
    );
    nodes(client, &document, "personMonths", json!({ "filter": filter })).await
}

both!(person_months_are_filtered, async |backend| {
    let office = office(backend).await?;
    done(&office, json!(APRIL), "1").await?;
    let numbers = async |filter: Value| -> anyhow::Result<String> {
        let rows = april(&office.secretariat, filter, "staffNumber").await?;
        let mut numbers: Vec<_> = rows.iter().filter_map(|row| row["staffNumber"].as_str()).collect();
        numbers.sort_unstable();
        Ok(numbers.join(" "))
    };
    let everybody = "H1 H2 H3 H4 H5 H6 H7 S1 S2 S3 S4";
    for (filter, wanted) in [
        (json!({}), everybody),
        (json!({ "staffNumbers": ["S1", "H1", "nobody"] }), "H1 S1"),
        (json!({ "bureaus": ["A"] }), "S1 S2 S4"),
        (json!({ "units": ["B1"], "sex": "FEMALE" }), "H1 H2 H3 H4 S3"),
        (json!({ "bands": ["DIRECTOR", "ASSISTANT_DIRECTOR"] }), "S2 S4"),
        (json!({ "employment": "NON_REGULAR" }), ""),
        (json!({ "standings": ["MAIN", "CONCURRENT_RESIDENT"] }), everybody),
        (json!({ "standings": ["CONCURRENT_AWAY"] }), ""),
        (json!({ "subjectToOvertime": false }), "S4"),
        (json!({ "regime": "SELF_PACED" }), ""),
        (json!({ "inCensus": true }), everybody),
        (json!({ "overtimeMinutesAbove": 89 }), "S1 S2"),
        (json!({ "overtimeMinutesAbove": 90 }), "S1"),
    ] {
        assert_eq!(numbers(filter.clone()).await?, wanted, "{filter}");
    }
    // Pages go on where they ended, in either order.
    let page = "query ($after: String, $by: PersonMonthOrder!) { personMonths(month: \"2020-04\", orderBy: $by, first: 4, after: $after) {
        edges { cursor node { staffNumber } } pageInfo { hasNextPage endCursor } totalCount } }";
    let mut both_ways = Vec::new();
    for by in ["STAFF", "STAFF_DESCENDING"] {
        let (mut after, mut seen) = (Value::Null, Vec::new());
        loop {
            let list = office.secretariat.query(page, json!({ "after": after, "by": by })).await?["personMonths"].take();
            assert_eq!(list["totalCount"], 11);
            seen.extend(list["edges"].as_array().into_iter().flatten().map(|edge| edge["node"]["staffNumber"].clone()));
            after = list["pageInfo"]["endCursor"].clone();
            if list["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        assert_eq!(seen.len(), 11, "{by}");
        both_ways.push(seen);
    }
    both_ways[1].reverse();
    assert_eq!(both_ways[0], both_ways[1]);
    let error = office.secretariat.error("{ personMonths(month: \"2020-04\", first: 501) { totalCount } }", json!({})).await?;
    assert_eq!((error.code.as_str(), error.field.as_deref()), ("BAD_USER_INPUT", Some("first")));
    Ok(())
});

both!(fields_at_hand_and_fields_resolved_are_the_same, async |backend| {
    let office = office(backend).await?;
    done(&office, json!(APRIL), "1").await?;
    let figures = "month band standing regime sex employment daysInPost inCensus subjectToOvertime onLeaveAllMonth workedMinutes overtimeMinutes lateNightMinutes
        dayOffMinutes staggeredShifts teleworkDays annualLeaveMinutes staffNumber __typename";
    let bureau = "bureau { id code nameJa nameEn visibility __typename } unit { id code nameJa nameEn }";
    // The library resolves a list of which a field is asked for twice.
    let resolved = april(&office.secretariat, json!({}), &format!("{figures} {bureau} month")).await?;
    assert_eq!(resolved.len(), 11);
    for fields in [
        format!("{figures} {bureau}"),
        format!("... on PersonMonth {{ {figures} }} {bureau}"),
        format!("{figures} {bureau} unit @skip(if: true) {{ code }}"),
    ] {
        assert_eq!(april(&office.secretariat, json!({}), &fields).await?, resolved, "{fields}");
    }
    let spread = format!(
        "fragment F on PersonMonth {{ {figures} ...G }} fragment G on PersonMonth {{ {bureau} }}
        query {{ personMonths(month: \"{APRIL}\", first: 100) {{ edges {{ node {{ ...F }} cursor }} }} }}"
    );
    let answer = office.secretariat.query(&spread, json!({})).await?;
    let edges = answer["personMonths"]["edges"].as_array().cloned().unwrap_or_default();
    assert_eq!(edges.iter().map(|edge| edge["node"].clone()).collect::<Vec<_>>(), resolved);
    assert!(edges.iter().all(|edge| edge["cursor"].is_string()));
    Ok(())
});

both!(number_bureau_and_unit_come_along_with_every_list_of_records, async |backend| {
    let office = Office::open(backend).await?;
    // One person of both bureaus, so that the same key leads to rows of several lists.
    record(&office.a, "Staff", vec![staff("S9")]).await?;
    let concurrent = with(posting("p9b", "S9", ("B", "B1"), "2018-01-01"), json!({ "kind": "CONCURRENT" }));
    record(&office.a, "Postings", vec![posting("p9", "S9", ("A", "A2"), "2018-01-01")]).await?;
    record(&office.a, "Postings", vec![concurrent]).await?;
    let shift = |key: &str, number: &str| torikumi_tests::fixtures::shift(key, number, "2020-04-01", ("09:30", "18:15"));
    record(&office.a, "Shifts", vec![shift("1", "S1"), shift("9", "S9")]).await?;
    record(&office.b, "Shifts", vec![shift("3", "S3")]).await?;
    let document = "{ shifts(first: 10) { nodes { ...P } edges { node { staffNumber } } } postings(first: 10) { nodes { unit { code } bureau { code } } } }
        fragment P on Shift { staffNumber unit { code bureau { code } } bureau { code nameJa } }";
    let answer = office.secretariat.query(document, json!({})).await?;
    let mut shifts = answer["shifts"]["nodes"].as_array().cloned().unwrap_or_default();
    shifts.sort_by_key(|shift| shift["staffNumber"].to_string());
    let row = |number: &str, bureau: &str, unit: &str| {
        json!({ "staffNumber": number, "unit": { "code": unit, "bureau": { "code": bureau } },
            "bureau": { "code": bureau, "nameJa": format!("{bureau}部局") } })
    };
    assert_eq!(shifts, [row("S1", "A", "A1"), row("S3", "B", "B1"), row("S9", "A", "A2")]);
    let mut places: Vec<_> = answer["postings"]["nodes"].as_array().into_iter().flatten().map(Value::to_string).collect();
    places.sort_unstable();
    let place = |bureau: &str, unit: &str| json!({ "unit": { "code": unit }, "bureau": { "code": bureau } }).to_string();
    assert_eq!(places, [place("A", "A1"), place("A", "A1"), place("A", "A2"), place("B", "B1"), place("B", "B1")]);
    Ok(())
});

both!(values_count_and_list_whom_they_name, async |backend| {
    let office = office(backend).await?;
    record(&office.b, "Staff", vec![staff("C1"), staff("C2")]).await?;
    let concurrent = |number: &str, resident: bool| {
        with(posting(number, number, ("B", "B1"), "2019-01-01"), json!({ "kind": "CONCURRENT", "resident": resident }))
    };
    record(&office.b, "Postings", vec![concurrent("C1", true), concurrent("C2", false)]).await?;
    done(&office, json!(APRIL), "1").await?;
    let rows =
        april(&office.secretariat, json!({ "standings": ["CONCURRENT_RESIDENT", "CONCURRENT_AWAY"] }), "staffNumber standing").await?;
    let mut stand: Vec<_> = rows.iter().map(|row| (row["staffNumber"].as_str(), row["standing"].as_str())).collect();
    stand.sort_unstable();
    assert_eq!(stand, [(Some("C1"), Some("CONCURRENT_RESIDENT")), (Some("C2"), Some("CONCURRENT_AWAY"))]);
    let document = "query ($code: IndicatorCode!) { indicatorValues(first: 10, filter: { codes: [$code], spans: [MONTH], from: \"2020-04\",
        to: \"2020-04\", bureaus: [\"B\"], sexes: [\"TOTAL\"], bands: [\"TOTAL\"] }) { nodes {
            numerator denominator description indicator { standings description yearToDate }
            personMonths(first: 50) { totalCount nodes { staffNumber } } } } }";
    let value = async |code: &str| -> anyhow::Result<Value> {
        Ok(nodes(&office.secretariat, document, "indicatorValues", json!({ "code": code })).await?.remove(0))
    };
    let lists = |value: &Value, number: &str| value["personMonths"].to_string().contains(number);
    for (code, sides, own, [resident, away]) in [
        ("WOMEN_STAFF", (5, 8), json!(["MAIN"]), [false, false]),
        ("TELEWORK_PERSONS", (0, 9), json!(["MAIN", "CONCURRENT_RESIDENT"]), [true, false]),
        ("LEFT_OUT_OF_CAREERS", (2, 10), json!(["CONCURRENT_RESIDENT", "CONCURRENT_AWAY"]), [true, true]),
        ("LEFT_OUT_OF_WORK", (1, 10), json!(["CONCURRENT_AWAY"]), [true, true]),
    ] {
        let value = value(code).await?;
        assert_eq!((value["numerator"].as_i64(), value["denominator"].as_i64()), (Some(sides.0), Some(sides.1)), "{code}: {value}");
        assert_eq!(value["indicator"]["standings"], own);
        assert_eq!([lists(&value, "C1"), lists(&value, "C2")], [resident, away], "{code}: {value}");
        assert_eq!(value["personMonths"]["totalCount"].as_i64(), Some(sides.1), "those of the denominator, and nobody else");
        for words in [&value["description"], &value["indicator"]["description"], &value["indicator"]["yearToDate"]] {
            let words = words.as_str().unwrap_or_default();
            assert!(words.contains("non-residents in concurrent posts alone"), "{code}: {words}");
        }
    }
    Ok(())
});
