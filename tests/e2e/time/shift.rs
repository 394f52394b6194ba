//! Shifts: minutes, and what a shift may not be.

use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::fixtures::{Office, input, interval, nodes, record, send, shift, with};

const DAY: &str = "2020-04-01";

both!(minutes_are_derived, async |backend| {
    let office = Office::open(backend).await?;
    // DOMAIN: scheduled 09:30–18:15 and worked 11:00–20:00 is 105 minutes of overtime.
    let late = with(shift("1", "S1", DAY, ("11:00", "20:00")), json!({ "scheduled": interval(DAY, ("09:30", "18:15")) }));
    // 20:00–06:00 holds 7 hours of late night and belongs to its start date.
    let night = with(
        shift("2", "S2", DAY, ("20:00", "21:00")),
        json!({ "presence": { "start": "2020-04-01T20:00:00+09:00", "end": "2020-04-01T21:00:00Z" } }),
    );
    let off = with(shift("3", "S1", "2020-04-04", ("09:00", "12:00")), json!({ "dayKind": "WEEKLY_DAY_OFF" }));
    record(&office.a, "Shifts", vec![late, night, off]).await?;
    let document = "{ shifts(first: 10) { nodes {
        externalId date staffNumber unit { code } bureau { code } basis workedMinutes ordinaryMinutes overtimeMinutes lateNightMinutes
        dayOffMinutes orderedOvertimeMinutes } totalCount } }";
    let mut shown = nodes(&office.a, document, "shifts", json!({})).await?;
    shown.sort_by_key(|node| node["externalId"].to_string());
    let expected = |key: &str, date: &str, person: &str, minutes: [i64; 5]| {
        let [worked, ordinary, overtime, late, off] = minutes;
        json!({
            "externalId": key, "date": date, "staffNumber": person, "unit": { "code": "A1" }, "bureau": { "code": "A" },
            "basis": "PRESENCE", "workedMinutes": worked, "ordinaryMinutes": ordinary, "overtimeMinutes": overtime,
            "lateNightMinutes": late, "dayOffMinutes": off, "orderedOvertimeMinutes": null,
        })
    };
    let expected = [
        expected("1", DAY, "S1", [540, 435, 105, 0, 0]),
        expected("2", DAY, "S2", [600, 0, 600, 420, 0]),
        expected("3", "2020-04-04", "S1", [180, 0, 180, 0, 180]),
    ];
    assert_eq!(shown, expected);
    Ok(())
});

both!(what_a_shift_may_not_be, async |backend| {
    let office = Office::open(backend).await?;
    let good = || shift("1", "S1", DAY, ("18:00", "20:00"));
    let presence = |start: &str, end: &str| json!({ "presence": { "start": start, "end": end } });
    let cases: Vec<(&str, Value, (&str, &str))> = vec![
        ("ends before it starts", json!({ "presence": interval(DAY, ("20:00", "18:00")) }), ("BAD_USER_INPUT", "presence")),
        ("is empty", json!({ "presence": interval(DAY, ("18:00", "18:00")) }), ("BAD_USER_INPUT", "presence")),
        (
            "is present for 36 hours and a minute",
            presence("2020-04-01T00:00:00+09:00", "2020-04-02T12:01:00+09:00"),
            ("BAD_USER_INPUT", "presence"),
        ),
        ("has seconds", presence("2020-04-01T18:00:30+09:00", "2020-04-01T20:00:00+09:00"), ("BAD_USER_INPUT", "presence")),
        ("starts on another day in Tokyo", presence("2020-04-01T15:00:00Z", "2020-04-01T16:00:00Z"), ("BAD_USER_INPUT", "date")),
        ("has no interval", json!({ "presence": null }), ("BAD_USER_INPUT", "")),
        ("has a break outside", json!({ "breaks": [interval(DAY, ("12:00", "13:00"))] }), ("BAD_USER_INPUT", "breaks[0]")),
        (
            "has ordered intervals that overlap",
            json!({ "ordered": [interval(DAY, ("18:00", "19:00")), interval(DAY, ("18:30", "20:00"))] }),
            ("BAD_USER_INPUT", "ordered[1]"),
        ),
        ("is staggered without schedule", json!({ "pattern": "STAGGERED" }), ("BAD_USER_INPUT", "scheduled")),
        ("is of nobody", json!({ "staffNumber": "S0" }), ("NOT_FOUND", "staffNumber")),
        ("is of somebody of another bureau", json!({ "staffNumber": "S3" }), ("NOT_FOUND", "staffNumber")),
        (
            "lies before the posting",
            with(shift("", "S1", "2017-12-31", ("18:00", "20:00")), json!({ "externalId": "1" })),
            ("CONFLICT", "date"),
        ),
        (
            "lies before employment",
            with(shift("", "S1", "1999-12-31", ("18:00", "20:00")), json!({ "externalId": "1" })),
            ("CONFLICT", "date"),
        ),
        ("has a blank key", json!({ "externalId": "" }), ("BAD_USER_INPUT", "externalId")),
        ("has a control character in its key", json!({ "externalId": "a\u{7}" }), ("BAD_USER_INPUT", "externalId")),
    ];
    for (what, change, (code, field)) in cases {
        let receipt = send(&office.a, "Shifts", input(vec![with(good(), change)])).await?;
        let refused = receipt.refused();
        assert_eq!(refused.len(), 1, "a shift that {what} is accepted");
        assert_eq!(refused[0].1, code, "{what}: {:?}", receipt.rejections);
        assert!(field.is_empty() || refused[0].2 == field, "{what}: {:?}", receipt.rejections);
    }
    assert_eq!(
        record(&office.a, "Shifts", vec![with(good(), presence("2020-04-01T00:00:00+09:00", "2020-04-02T12:00:00+09:00"))]).await?.created,
        1
    );
    Ok(())
});

both!(unknown_and_out_of_scope_look_the_same, async |backend| {
    let office = Office::open(backend).await?;
    let of = |number: &str| input(vec![shift("1", number, DAY, ("18:00", "20:00"))]);
    let (unknown, foreign) = (send(&office.a, "Shifts", of("S0")).await?, send(&office.a, "Shifts", of("S3")).await?);
    assert_eq!(unknown.rejections, foreign.rejections);

    record(&office.b, "Shifts", vec![shift("b", "S3", DAY, ("18:00", "20:00"))]).await?;
    let list = "{ shifts(first: 10) { nodes { externalId } } }";
    assert_eq!(nodes(&office.a, list, "shifts", json!({})).await?, [] as [Value; 0]);
    assert_eq!(nodes(&office.b, list, "shifts", json!({})).await?, [json!({ "externalId": "b" })]);
    assert_eq!(nodes(&office.secretariat, list, "shifts", json!({})).await?.len(), 1);
    assert_eq!(nodes(&office.server.officer(&["A"])?, list, "shifts", json!({})).await?, [] as [Value; 0]);
    Ok(())
});

both!(overlap_is_half_open_and_refuses_both, async |backend| {
    let office = Office::open(backend).await?;
    let touching = vec![shift("1", "S1", DAY, ("18:00", "20:00")), shift("2", "S1", DAY, ("20:00", "21:00"))];
    assert_eq!(record(&office.a, "Shifts", touching).await?.created, 2);
    let both = vec![shift("3", "S2", DAY, ("18:00", "20:00")), shift("4", "S2", DAY, ("19:59", "21:00"))];
    let receipt = send(&office.a, "Shifts", with(input(both), json!({ "mode": "ACCEPT_VALID" }))).await?;
    assert_eq!(receipt.counts(), [0, 0, 0, 0, 0, 2]);
    assert_eq!(receipt.refused(), [(0, "CONFLICT", "presence"), (1, "CONFLICT", "presence")]);
    // Two shifts of a person may trade places in one call.
    let traded = vec![shift("1", "S1", DAY, ("20:00", "21:00")), shift("2", "S1", DAY, ("18:00", "20:00"))];
    assert_eq!(record(&office.a, "Shifts", traded).await?.counts(), [0, 2, 0, 0, 0, 0]);
    // Overnight into the next date.
    let night = json!({ "presence": { "start": "2020-04-02T22:00:00+09:00", "end": "2020-04-03T06:00:00+09:00" } });
    record(&office.a, "Shifts", vec![with(shift("5", "S1", "2020-04-02", ("22:00", "23:00")), night)]).await?;
    let early = send(&office.a, "Shifts", input(vec![shift("6", "S1", "2020-04-03", ("05:00", "09:00"))])).await?;
    assert_eq!(early.refused(), [(0, "CONFLICT", "presence")]);
    Ok(())
});
