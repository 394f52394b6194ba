//! Opening balances: what is refused, one a person and month, and which month they make stale.

use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::fixtures::{Office, input, nodes, record, send, with};

const NOUN: &str = "OpeningBalances";

/// S1's of a month, who arrived on 2020-02-10.
fn balance(key: &str, month: &str, minutes: i32) -> Value {
    json!({ "externalId": key, "staffNumber": "S1", "date": "2020-02-10", "month": month, "minutes": minutes })
}

both!(what_is_wrong_is_located, async |backend| {
    let office = Office::open(backend).await?;
    let cases = [
        (json!({ "month": "2020-03" }), "BAD_USER_INPUT", "month"),
        (json!({ "month": "2018-01" }), "BAD_USER_INPUT", "month"),
        (json!({ "month": "9999-12" }), "BAD_USER_INPUT", "month"),
        (json!({ "month": "0001-01" }), "BAD_USER_INPUT", "month"),
        (json!({ "minutes": -1 }), "BAD_USER_INPUT", "minutes"),
        (json!({ "minutes": 44_641 }), "BAD_USER_INPUT", "minutes"),
        (json!({ "date": "2017-12-31", "month": "2017-12" }), "CONFLICT", "date"),
        (json!({ "staffNumber": "S3" }), "NOT_FOUND", "staffNumber"),
    ];
    for (change, code, field) in cases {
        let receipt = send(&office.a, NOUN, input(vec![with(balance("1", "2020-01", 60), change.clone())])).await?;
        assert_eq!(receipt.refused(), [(0, code, field)], "{change}");
    }
    let good = vec![
        balance("1", "2020-02", 0),
        balance("2", "2018-02", 44_640),
        with(balance("3", "2019-01", 600), json!({ "regime": "SELF_PACED" })),
    ];
    let receipt = record(&office.a, NOUN, good).await?;
    assert_eq!(receipt.counts(), [3, 0, 0, 0, 0, 0]);
    // The job reaches from the month of arrival.
    assert_eq!(receipt.stale_months, ["2020-02"]);
    let shown = "{ openingBalances(first: 5, filter: { fromMonth: \"2018-03\", toMonth: \"2020-01\" }) { nodes { externalId date month regime minutes } } }";
    let found = nodes(&office.a, shown, "openingBalances", Value::Null).await?;
    assert_eq!(found, [json!({ "externalId": "3", "date": "2020-02-10", "month": "2019-01", "regime": "SELF_PACED", "minutes": 600 })]);
    let totals = office.a.query("{ recordTotals(month: \"2020-02\") { noun records void minutes } }", Value::Null).await?;
    let line = totals["recordTotals"].as_array().and_then(|lines| lines.iter().find(|line| line["noun"] == "opening_balance"));
    assert_eq!(line, Some(&json!({ "noun": "opening_balance", "records": 3, "void": 0, "minutes": 45_240 })));
    Ok(())
});

both!(a_person_has_one_a_month, async |backend| {
    let office = Office::open(backend).await?;
    let twice = vec![balance("1", "2020-01", 60), balance("2", "2020-01", 60)];
    let conflict = |index| (index, "CONFLICT", "month");
    assert_eq!(send(&office.a, NOUN, input(twice)).await?.refused(), [conflict(0), conflict(1)]);
    record(&office.a, NOUN, vec![balance("1", "2020-01", 60), balance("2", "2019-12", 60)]).await?;
    // Of another arrival too, and in another client's numbering.
    let again = with(balance("3", "2020-01", 60), json!({ "date": "2020-03-01" }));
    assert_eq!(send(&office.a, NOUN, input(vec![again.clone()])).await?.refused(), [conflict(0)]);
    assert_eq!(send(&office.server.officer(&["A"])?, NOUN, input(vec![again.clone()])).await?.refused(), [conflict(0)]);
    // What counts is the final state of the call: two trade their months, and what is void makes room.
    let traded = vec![balance("1", "2019-12", 60), balance("2", "2020-01", 60)];
    assert_eq!(record(&office.a, NOUN, traded).await?.counts(), [0, 2, 0, 0, 0, 0]);
    let void = with(balance("2", "2020-01", 60), json!({ "void": true, "voidReason": "a mistake" }));
    let receipt = record(&office.a, NOUN, vec![again, void]).await?;
    assert_eq!((receipt.counts(), receipt.stale_months), ([1, 0, 0, 0, 1, 0], vec!["2020-02".to_owned(), "2020-03".to_owned()]));
    // What was void may not come back beside it.
    assert_eq!(send(&office.a, NOUN, input(vec![balance("2", "2020-01", 60)])).await?.refused(), [conflict(0)]);
    Ok(())
});
