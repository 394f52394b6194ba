//! Exceptional work: what is refused, when its analysis is overdue, which months it makes stale, and what a closed month forbids.

use chrono::{TimeZone, Utc};
use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::fixtures::{Office, input, nodes, posting, record, send, with};

use crate::authz::compute;
use crate::month_close::close;

const NOUN: &str = "ExceptionalWorks";

/// S1's, begun on 2020-02-10, until March.
fn work(key: &str) -> Value {
    json!({ "externalId": key, "staffNumber": "S1", "date": "2020-02-10", "lastMonth": "2020-03", "work": "感染症への対応",
        "approver": "人事課長" })
}

/// The keys of the caller's list.
async fn listed(client: &Client, filter: &str) -> anyhow::Result<Vec<String>> {
    let document = format!("{{ exceptionalWorks(first: 50, filter: {{ {filter} }}) {{ nodes {{ externalId }} }} }}");
    let nodes = nodes(client, &document, "exceptionalWorks", Value::Null).await?;
    Ok(nodes.iter().map(|node| node["externalId"].as_str().unwrap_or_default().to_owned()).collect())
}

both!(what_is_wrong_is_located, async |backend| {
    let office = Office::open(backend).await?;
    let cases = [
        (json!({ "lastMonth": "2020-01" }), "BAD_USER_INPUT", "lastMonth"),
        (json!({ "lastMonth": "2020-04" }), "BAD_USER_INPUT", "lastMonth"),
        (json!({ "lastMonth": "9999-12" }), "BAD_USER_INPUT", "lastMonth"),
        (json!({ "work": "  " }), "BAD_USER_INPUT", "work"),
        (json!({ "work": "あ".repeat(1_001) }), "BAD_USER_INPUT", "work"),
        (json!({ "approver": "" }), "BAD_USER_INPUT", "approver"),
        (json!({ "approver": "課".repeat(201) }), "BAD_USER_INPUT", "approver"),
        (json!({ "analysedOn": "2020-02-09" }), "BAD_USER_INPUT", "analysedOn"),
        // It is the morning of 2020-04-15 in Tokyo.
        (json!({ "analysedOn": "2020-04-16" }), "BAD_USER_INPUT", "analysedOn"),
        (json!({ "date": "1899-12-31" }), "BAD_USER_INPUT", "date"),
        (json!({ "date": "2017-12-31", "lastMonth": "2018-01" }), "CONFLICT", "date"),
        (json!({ "staffNumber": "S3" }), "NOT_FOUND", "staffNumber"),
    ];
    for (change, code, field) in cases {
        let receipt = send(&office.a, NOUN, input(vec![with(work("1"), change.clone())])).await?;
        assert_eq!(receipt.refused(), [(0, code, field)], "{change}");
    }
    let longest = json!({ "work": "あ".repeat(1_000), "approver": "課".repeat(200), "lastMonth": "2020-02", "analysedOn": "2020-04-15" });
    // Two pieces of work of a person may overlap.
    assert_eq!(record(&office.a, NOUN, vec![with(work("1"), longest), work("2"), work("3")]).await?.counts(), [3, 0, 0, 0, 0, 0]);
    Ok(())
});

both!(the_analysis_is_overdue_after_september, async |backend| {
    let office = Office::open(backend).await?;
    let officer = office.server.officer(&["A"])?;
    let of_2019 = |key: &str, more: Value| with(with(work(key), json!({ "date": "2020-03-31", "lastMonth": "2020-03" })), more);
    let analysed = of_2019("analysed", json!({ "analysedOn": "2020-04-02" }));
    let april = with(work("april"), json!({ "date": "2020-04-01", "lastMonth": "2020-04" }));
    record(&officer, NOUN, vec![of_2019("due", json!({})), analysed, of_2019("void", json!({})), april]).await?;
    let void = json!({ "void": true, "voidReason": "a mistake" });
    record(&officer, NOUN, vec![of_2019("void", void)]).await?;

    let shown = "{ exceptionalWorks(first: 50, orderBy: DATE, filter: { includeVoid: true })
        { nodes { externalId lastMonth work approver analysedOn analysisDue analysisOverdue } } }";
    let due = async |overdue: bool| -> anyhow::Result<Vec<(String, String)>> {
        let rows = nodes(&officer, shown, "exceptionalWorks", Value::Null).await?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut rows: Vec<_> = rows
            .iter()
            .filter(|row| row["analysisOverdue"] == overdue)
            .map(|row| (text(&row["externalId"]), text(&row["analysisDue"])))
            .collect();
        rows.sort();
        Ok(rows)
    };
    let row = |key: &str, due: &str| (key.to_owned(), due.to_owned());
    let at = |month, day, hour| Utc.with_ymd_and_hms(2020, month, day, hour, 0, 0).single().unwrap();

    // Until the end of 30 September in Tokyo.
    office.server.set_now(at(9, 30, 14));
    assert_eq!(due(true).await?, []);
    assert_eq!(listed(&officer, "analysisOverdue: true").await?, Vec::<String>::new());
    office.server.set_now(at(9, 30, 15));
    assert_eq!(due(true).await?, [row("due", "2020-09-30")]);
    let others = [row("analysed", "2020-09-30"), row("april", "2021-09-30"), row("void", "2020-09-30")];
    assert_eq!(due(false).await?, others);
    for more in ["", ", includeVoid: true"] {
        assert_eq!(listed(&officer, &format!("analysisOverdue: true{more}")).await?, ["due"], "{more}");
    }
    let mut rest = listed(&officer, "analysisOverdue: false, includeVoid: true").await?;
    rest.sort();
    assert_eq!(rest, ["analysed", "april", "void"]);
    assert_eq!(listed(&officer, "analysisOverdue: false").await?.len(), 2);
    assert_eq!(listed(&office.server.officer(&["B"])?, "analysisOverdue: true").await?, Vec::<String>::new(), "another bureau's");

    // The analysis ends it, and the former version stays in the history.
    office.server.set_now(at(10, 2, 0));
    let late = of_2019("due", json!({ "analysedOn": "2020-10-01" }));
    assert_eq!(record(&officer, NOUN, vec![late]).await?.counts(), [0, 1, 0, 0, 0, 0]);
    assert_eq!(listed(&officer, "analysisOverdue: true").await?, Vec::<String>::new());
    let history =
        "{ exceptionalWorks(first: 50, filter: { externalIds: [\"due\"] }) { nodes { analysedOn revision revisions { content } } } }";
    let found = nodes(&officer, history, "exceptionalWorks", Value::Null).await?;
    assert_eq!((found[0]["analysedOn"].as_str(), found[0]["revision"].as_i64()), (Some("2020-10-01"), Some(2)));
    assert_eq!(found[0]["revisions"][0]["content"]["analysed_on"], Value::Null);
    Ok(())
});

both!(each_month_of_the_old_and_the_new_version_is_stale, async |backend| {
    let office = Office::open(backend).await?;
    compute(&office.server, "2019-12").await?;
    let stale = async |draft: Value| Ok::<_, anyhow::Error>(record(&office.a, NOUN, vec![draft]).await?.stale_months);
    let from = |date: &str, last: &str| with(work("1"), json!({ "date": date, "lastMonth": last }));
    assert_eq!(stale(from("2019-12-31", "2020-02")).await?, ["2019-12", "2020-01", "2020-02"]);
    assert_eq!(stale(from("2020-02-01", "2020-03")).await?, ["2019-12", "2020-01", "2020-02", "2020-03"]);
    assert_eq!(stale(from("2020-02-01", "2020-03")).await?, [""; 0]);
    let void = json!({ "void": true, "voidReason": "a mistake" });
    assert_eq!(stale(with(from("2020-02-01", "2020-03"), void)).await?, ["2020-02", "2020-03"]);
    // Of the months to come each will be computed from what is stored by then.
    assert_eq!(stale(with(work("2"), json!({ "date": "2020-04-01", "lastMonth": "2021-03" }))).await?, ["2020-04"]);
    Ok(())
});

both!(a_closed_month_forbids_what_it_decides_and_not_the_analysis, async |backend| {
    let office = Office::open(backend).await?;
    record(&office.a, NOUN, vec![work("1")]).await?;
    close(&office.server, "A", "2020-03").await?;
    let closed = [(0, "PERIOD_CLOSED", "date")];
    for change in [json!({ "lastMonth": "2020-02" }), json!({ "void": true, "voidReason": "a mistake" }), json!({ "externalId": "2" })] {
        let receipt = send(&office.a, NOUN, input(vec![with(work("1"), change.clone())])).await?;
        assert_eq!(receipt.refused(), closed, "{change}");
    }
    // February alone is open.
    assert_eq!(record(&office.a, NOUN, vec![with(work("2"), json!({ "lastMonth": "2020-02" }))]).await?.created, 1);
    // It is analysed when its months are closed.
    let analysed = with(work("1"), json!({ "analysedOn": "2020-04-10" }));
    assert_eq!(record(&office.a, NOUN, vec![analysed]).await?.counts(), [0, 1, 0, 0, 0, 0]);
    let correction =
        with(input(vec![with(work("1"), json!({ "lastMonth": "2020-02" }))]), json!({ "client": "a", "correctionReason": "the order" }));
    assert_eq!(send(&office.server.officer(&["A"])?, NOUN, correction).await?.updated, 1);
    let shown = "{ exceptionalWorks(first: 50, filter: { externalIds: [\"1\"] }) { nodes { lastMonth correctionReason } } }";
    let found = nodes(&office.a, shown, "exceptionalWorks", Value::Null).await?;
    assert_eq!(found, [json!({ "lastMonth": "2020-02", "correctionReason": "the order" })]);
    Ok(())
});

both!(both_nouns_follow_the_posting_of_their_date, async |backend| {
    let office = Office::open(backend).await?;
    record(&office.a, NOUN, vec![work("1")]).await?;
    let balance = json!({ "externalId": "1", "staffNumber": "S1", "date": "2020-02-10", "month": "2020-01", "minutes": 60 });
    record(&office.a, "OpeningBalances", vec![balance]).await?;
    record(&office.a, "Postings", vec![posting("p9", "S1", ("A", "A2"), "2020-02-01")]).await?;
    for list in ["exceptionalWorks", "openingBalances"] {
        let found = nodes(&office.a, &format!("{{ {list}(first: 5) {{ nodes {{ unit {{ code }} }} }} }}"), list, Value::Null).await?;
        assert_eq!(found, [json!({ "unit": { "code": "A2" } })], "{list}");
    }
    // A day without a posting would leave them behind.
    let ended = with(posting("p1", "S1", ("A", "A1"), "2018-01-01"), json!({ "validTo": "2020-01-01" }));
    let late = posting("p9", "S1", ("A", "A2"), "2020-03-01");
    let receipt = send(&office.a, "Postings", input(vec![ended, late])).await?;
    assert!(receipt.refused().iter().all(|(_, code, _)| *code == "CONFLICT") && receipt.rejected > 0, "{receipt:?}");
    Ok(())
});
