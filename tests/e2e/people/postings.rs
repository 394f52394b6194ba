//! Postings: transfers and releases, and the dated records that follow them.

use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::fixtures::{Office, bureau, input, nodes, posting, record, send, shift, unit, with};

/// Key, unit, first day and first day after of S1's postings that the caller sees, by first day.
async fn of_s1(client: &Client) -> anyhow::Result<Vec<(String, String, String, Option<String>)>> {
    let document = "{ postings(first: 20, filter: { staffNumbers: [\"S1\"] }) { nodes { externalId unit { code } validFrom validTo } } }";
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let mut found: Vec<_> = nodes(client, document, "postings", json!({}))
        .await?
        .iter()
        .map(|node| {
            let part = |value: &Value| text(value).unwrap_or_default();
            (part(&node["externalId"]), part(&node["unit"]["code"]), part(&node["validFrom"]), text(&node["validTo"]))
        })
        .collect();
    found.sort_by(|a, b| a.2.cmp(&b.2));
    Ok(found)
}

fn held(key: &str, unit: &str, from: &str, to: Option<&str>) -> (String, String, String, Option<String>) {
    (key.to_owned(), unit.to_owned(), from.to_owned(), to.map(str::to_owned))
}

/// Date and unit of S1's shifts that the caller sees.
async fn shifts(client: &Client) -> anyhow::Result<Vec<(String, String)>> {
    let document = "{ shifts(first: 20, filter: { staffNumbers: [\"S1\"] }) { nodes { date unit { code } } } }";
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut found: Vec<_> =
        nodes(client, document, "shifts", json!({})).await?.iter().map(|node| (text(&node["date"]), text(&node["unit"]["code"]))).collect();
    found.sort();
    Ok(found)
}

fn worked(date: &str, unit: &str) -> (String, String) {
    (date.to_owned(), unit.to_owned())
}

both!(a_transfer_within_the_writers_bureaus_ends_the_open_post, async |backend| {
    let office = Office::open(backend).await?;
    for (key, date) in [("1", "2020-03-31"), ("2", "2020-04-01")] {
        record(&office.a, "Shifts", vec![shift(key, "S1", date, ("18:00", "20:00"))]).await?;
    }
    let transfer = posting("p4", "S1", ("A", "A2"), "2020-04-01");
    let receipt = record(&office.a, "Postings", vec![transfer.clone()]).await?;
    assert_eq!(receipt.counts(), [1, 0, 0, 0, 0, 0]);
    assert!(receipt.stale_months.contains(&"2020-04".to_owned()), "{:?}", receipt.stale_months);
    let posts = [held("p1", "A1", "2018-01-01", Some("2020-04-01")), held("p4", "A2", "2020-04-01", None)];
    assert_eq!(of_s1(&office.a).await?, posts);
    // Dated records follow the posting of their date.
    assert_eq!(shifts(&office.a).await?, [worked("2020-03-31", "A1"), worked("2020-04-01", "A2")]);

    // A source that still sends the first posting open does not take the transfer back.
    let first = posting("p1", "S1", ("A", "A1"), "2018-01-01");
    assert_eq!(record(&office.a, "Postings", vec![first, transfer]).await?.counts(), [0, 0, 2, 0, 0, 0]);
    assert_eq!(of_s1(&office.a).await?, posts);
    Ok(())
});

both!(another_bureau_waits_for_the_release, async |backend| {
    let office = Office::open(backend).await?;
    record(&office.a, "Shifts", vec![shift("1", "S1", "2020-03-31", ("18:00", "20:00"))]).await?;
    let arrival = posting("q1", "S1", ("B", "B1"), "2020-04-01");
    let call = input(vec![arrival.clone()]);
    let none = vec![(0, "NOT_FOUND", "staffNumber")];
    let receipt = send(&office.b, "Postings", call.clone()).await?;
    assert_eq!((receipt.refused(), receipt.rejections[0].retryable), (none.clone(), false));
    let replayed = send(&office.b, "Postings", call).await?;
    assert_eq!((replayed.replayed, &replayed.rejections), (true, &receipt.rejections));
    let nowhere = with(arrival.clone(), json!({ "unit": "B9" }));
    assert_eq!(send(&office.b, "Postings", input(vec![nowhere.clone()])).await?.refused(), none);
    // A release to come, one later than the arrival, and one to another bureau are none.
    record(&office.secretariat, "Bureaus", vec![bureau("C")]).await?;
    let release =
        |day: &str, to: &str| with(posting("p1", "S1", ("A", "A1"), "2018-01-01"), json!({ "releasedOn": day, "releasedTo": to }));
    let may = with(arrival.clone(), json!({ "validFrom": "2020-05-01" }));
    for (release, arrival) in
        [(release("2020-05-01", "B"), &may), (release("2020-04-02", "B"), &arrival), (release("2020-04-01", "C"), &arrival)]
    {
        record(&office.a, "Postings", vec![release]).await?;
        assert_eq!(send(&office.b, "Postings", input(vec![arrival.clone()])).await?.refused(), none);
    }
    record(&office.a, "Postings", vec![release("2020-04-01", "B")]).await?;
    assert_eq!(send(&office.b, "Postings", input(vec![nowhere])).await?.refused(), [(0, "NOT_FOUND", "unit")]);
    assert_eq!(record(&office.b, "Postings", vec![arrival]).await?.created, 1);

    assert_eq!(of_s1(&office.a).await?, [held("p1", "A1", "2018-01-01", Some("2020-04-01"))]);
    assert_eq!(of_s1(&office.b).await?, [held("q1", "B1", "2020-04-01", None)]);
    // Each bureau writes and sees what is dated in its own postings.
    let april = |key: &str| input(vec![shift(key, "S1", "2020-04-02", ("18:00", "20:00"))]);
    assert_eq!(send(&office.a, "Shifts", april("2")).await?.refused(), [(0, "CONFLICT", "date")]);
    assert_eq!(send(&office.b, "Shifts", april("2")).await?.created, 1);
    assert_eq!(shifts(&office.a).await?, [worked("2020-03-31", "A1")]);
    assert_eq!(shifts(&office.b).await?, [worked("2020-04-02", "B1")]);
    Ok(())
});

both!(a_posting_that_is_no_posting, async |backend| {
    let office = Office::open(backend).await?;
    let arrival = || posting("q1", "S2", ("A", "A2"), "2020-04-01");
    let cases = [
        (json!({ "unit": "B1" }), ("NOT_FOUND", "unit")),
        (json!({ "unit": "A9" }), ("NOT_FOUND", "unit")),
        (json!({ "bureau": "B", "unit": "B1" }), ("NOT_FOUND", "bureau")),
        (json!({ "bureau": "Z" }), ("NOT_FOUND", "bureau")),
        (json!({ "staffNumber": "S0" }), ("NOT_FOUND", "staffNumber")),
        (json!({ "validTo": "2020-04-01" }), ("BAD_USER_INPUT", "validTo")),
        (json!({ "validFrom": "1999-12-31" }), ("CONFLICT", "validFrom")),
        // It begins before the open one, which it therefore does not end, and reaches into it.
        (json!({ "validFrom": "2017-12-31", "validTo": "2018-01-02" }), ("CONFLICT", "validFrom")),
    ];
    for (change, (code, field)) in cases {
        let receipt = send(&office.a, "Postings", input(vec![with(arrival(), change.clone())])).await?;
        assert_eq!(receipt.refused(), [(0, code, field)], "{change}: {:?}", receipt.rejections);
    }
    // Beside a main post there is room.
    assert_eq!(record(&office.a, "Postings", vec![with(arrival(), json!({ "kind": "CONCURRENT" }))]).await?.created, 1);
    Ok(())
});

both!(no_record_is_left_without_a_posting, async |backend| {
    let office = Office::open(backend).await?;
    record(&office.a, "Shifts", vec![shift("1", "S1", "2020-04-10", ("18:00", "20:00"))]).await?;
    let post = || posting("p1", "S1", ("A", "A1"), "2018-01-01");
    let changes = [
        with(post(), json!({ "validTo": "2020-04-10" })),
        with(post(), json!({ "validFrom": "2020-04-11" })),
        with(post(), json!({ "void": true, "voidReason": "a mistake" })),
    ];
    for change in changes {
        // S2's change in the same call goes through where the valid are wanted.
        let other = with(posting("p2", "S2", ("A", "A1"), "2018-01-01"), json!({ "jobArea": change.to_string()[..20] }));
        let call = with(input(vec![change.clone(), other]), json!({ "mode": "ACCEPT_VALID" }));
        let receipt = send(&office.a, "Postings", call).await?;
        assert_eq!(receipt.refused(), [(0, "CONFLICT", "validFrom")], "{change}");
        assert_eq!(receipt.unchanged + receipt.updated, 1, "{change}");
    }
    let leaver = json!({ "staffNumber": "S1", "sex": "NOT_RECORDED", "hiredOn": "2000-01-01", "separatedOn": "2020-04-10",
        "separationReason": "RESIGNATION" });
    let receipt = send(&office.a, "Staff", input(vec![leaver.clone()])).await?;
    assert_eq!(receipt.rejected, 1, "{receipt:?}");
    assert_eq!(receipt.rejections[0].code, "CONFLICT");
    assert_eq!(of_s1(&office.a).await?, [held("p1", "A1", "2018-01-01", None)]);
    assert_eq!(shifts(&office.a).await?, [worked("2020-04-10", "A1")]);

    // The day after the last record they may leave.
    let leaver = with(leaver, json!({ "separatedOn": "2020-04-11" }));
    assert_eq!(record(&office.a, "Staff", vec![leaver]).await?.updated, 1);
    assert_eq!(record(&office.a, "Postings", vec![with(post(), json!({ "validTo": "2020-04-11" }))]).await?.updated, 1);
    Ok(())
});

both!(a_unit_keeps_its_bureau_and_belongs_to_its_writer, async |backend| {
    let office = Office::open(backend).await?;
    assert_eq!(send(&office.a, "Units", input(vec![unit("B2", "B")])).await?.refused(), [(0, "NOT_FOUND", "bureau")]);
    assert_eq!(send(&office.secretariat, "Units", input(vec![unit("A1", "B")])).await?.refused(), [(0, "CONFLICT", "bureau")]);
    Ok(())
});
