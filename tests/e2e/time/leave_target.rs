//! Units' targets of annual leave: what is refused, one a unit and year, what they make stale, and the figure that rests on them.

use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::fixtures::{Office, input, nodes, posting, record, send, with};

use crate::jobs::done;

const NOUN: &str = "LeaveTargets";

fn target(key: &str, unit: &str, days: i32) -> Value {
    json!({ "externalId": key, "bureau": "A", "unit": unit, "calendarYear": 2020, "days": days })
}

both!(what_is_wrong_is_located, async |backend| {
    let office = Office::open(backend).await?;
    let cases = [
        (json!({ "bureau": "Z" }), "NOT_FOUND", "bureau"),
        (json!({ "bureau": "B", "unit": "B1" }), "NOT_FOUND", "bureau"),
        (json!({ "unit": "B1" }), "NOT_FOUND", "unit"),
        (json!({ "unit": null }), "BAD_USER_INPUT", "unit"),
        (json!({ "calendarYear": 1989 }), "BAD_USER_INPUT", "calendarYear"),
        (json!({ "days": 0 }), "BAD_USER_INPUT", "days"),
        (json!({ "days": 41 }), "BAD_USER_INPUT", "days"),
    ];
    for (change, code, field) in cases {
        let receipt = send(&office.a, NOUN, input(vec![with(target("1", "A1", 15), change.clone())])).await?;
        assert_eq!(receipt.refused(), [(0, code, field)], "{change}");
    }
    let twice = vec![target("1", "A1", 15), target("2", "A1", 16)];
    let conflict = |index| (index, "CONFLICT", "calendarYear");
    assert_eq!(send(&office.a, NOUN, input(twice)).await?.refused(), [conflict(0), conflict(1)]);
    record(&office.a, NOUN, vec![target("1", "A1", 15), with(target("2", "A1", 15), json!({ "calendarYear": 2019 }))]).await?;
    assert_eq!(send(&office.server.officer(&["A"])?, NOUN, input(vec![target("3", "A1", 9)])).await?.refused(), [conflict(0)]);
    let found = nodes(
        &office.b,
        "{ leaveTargets(filter: { calendarYear: 2020, units: [\"A1\"] }) { nodes { externalId bureau { code } unit { code } days } } }",
        "leaveTargets",
        Value::Null,
    )
    .await?;
    assert_eq!(found, [json!({ "externalId": "1", "bureau": { "code": "A" }, "unit": { "code": "A1" }, "days": 15 })]);
    Ok(())
});

both!(leave_is_held_against_the_units_targets, async |backend| {
    let office = Office::open(backend).await?;
    record(&office.a, "Postings", vec![posting("moved", "S2", ("A", "A2"), "2020-01-01")]).await?;
    let leave = |key: &str, number: &str, date: &str| json!({ "externalId": key, "staffNumber": number, "date": date, "kind": "ANNUAL", "minutes": 465 });
    record(&office.a, "LeaveEntries", vec![leave("1", "S1", "2020-02-03"), leave("2", "S1", "2020-03-03"), leave("3", "S2", "2020-03-03")])
        .await?;
    // S2 is in A2, which has no target yet: of S1's two days each is a tenth of what A1 means its people to take.
    let stale = record(&office.a, NOUN, vec![target("1", "A1", 10)]).await?.stale_months;
    assert!(stale.contains(&"2020-03".to_owned()), "{stale:?}");
    let figure = async |key: &str| {
        done(&office, Value::Null, key).await?;
        let document = "{ indicatorValues(filter: { codes: [\"LEAVE_TARGET_ATTAINMENT\"], from: \"2020-03\", to: \"2020-03\",
            bureaus: [\"A\"], sexes: [\"TOTAL\"], bands: [\"TOTAL\"] }) { nodes { span value numerator denominator } } }";
        let mut found = nodes(&office.secretariat, document, "indicatorValues", Value::Null).await?;
        found.sort_by_key(|value| value["span"].to_string());
        anyhow::Ok(found)
    };
    let value = |span: &str, value: &str, days: [i32; 2]| json!({ "span": span, "value": value, "numerator": days[0] * 465, "denominator": days[1] * 465 });
    assert_eq!(figure("1").await?, [value("CALENDAR_YEAR_TO_DATE", "20.0", [2, 10]), value("MONTH", "10.0", [1, 10])]);
    record(&office.a, NOUN, vec![target("1", "A1", 20), target("2", "A2", 5)]).await?;
    assert_eq!(figure("2").await?, [value("CALENDAR_YEAR_TO_DATE", "12.0", [3, 25]), value("MONTH", "8.0", [2, 25])]);
    Ok(())
});
