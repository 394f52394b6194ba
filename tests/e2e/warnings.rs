//! What is worth a second look in records that are written: told in the receipt, refused by nobody, counted by client; and ends that are said by
//! their last day.

use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::fixtures::{Office, bureau, input, interval, nodes, posting, record, send, shift, staff, unit, with};

/// Workday in the open month, on which nothing is the matter.
const DAY: &str = "2020-04-01";

fn holiday(key: &str, date: &str) -> Value {
    json!({ "externalId": key, "date": date, "nameJa": "祝日" })
}

fn leave(key: &str, number: &str, date: &str, kind: &str, minutes: i32) -> Value {
    json!({ "externalId": key, "staffNumber": number, "date": date, "kind": kind, "minutes": minutes })
}

/// A shift of regular hours, present all of them.
fn regular(key: &str, number: &str, date: &str) -> Value {
    with(shift(key, number, date, ("09:30", "18:15")), json!({ "scheduled": interval(date, ("09:30", "18:15")) }))
}

/// What `recordWarningCounts` says: client, code, warnings, calls.
async fn counts(client: &Client, from: &str, to: &str) -> anyhow::Result<Vec<(String, String, i64, i64)>> {
    let document = "query ($from: Date!, $to: Date!) { recordWarningCounts(from: $from, to: $to) { client code warnings calls } }";
    let data = client.query(document, json!({ "from": from, "to": to })).await?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let line = |line: &Value| {
        let number = |value: &Value| value.as_i64().or_else(|| value.as_str()?.parse().ok()).unwrap_or(-1);
        (text(&line["client"]), text(&line["code"]), number(&line["warnings"]), number(&line["calls"]))
    };
    Ok(data["recordWarningCounts"].as_array().into_iter().flatten().map(line).collect())
}

/// An end on a month's last day is told where it is said as the first day no longer; said as the last day it is the day before.
async fn says_its_last_day(client: &Client, (noun, list): (&str, &str), sent: Value, (field, twin): (&str, &str)) -> anyhow::Result<()> {
    let of = |members: Value| input(vec![with(sent.clone(), members)]);
    let receipt = send(client, noun, of(json!({ field: "2020-03-31" }))).await?;
    assert_eq!(receipt.warned(), [(0, "ENDS_ON_LAST_DAY_OF_MONTH", field)], "{noun}: {receipt:?}");
    assert!(receipt.warnings[0].message.contains(twin), "{receipt:?}");
    assert_eq!(record(client, noun, vec![with(sent.clone(), json!({ field: "2020-03-31" }))]).await?.warned, 0, "unchanged: {noun}");
    let receipt = send(client, noun, of(json!({ twin: "2020-03-31" }))).await?;
    assert_eq!((receipt.updated, receipt.warned, &receipt.rejections), (1, 0, &vec![]), "{noun}");
    let document = format!("{{ {list}(first: 500) {{ nodes {{ {field} }} }} }}");
    let ends: Vec<Value> = nodes(client, &document, list, json!({})).await?.iter().map(|node| node[field].clone()).collect();
    assert!(ends.contains(&json!("2020-04-01")) && !ends.contains(&json!("2020-03-31")), "{noun}: {ends:?}");
    assert_eq!(send(client, noun, of(json!({ field: "2020-04-01" }))).await?.unchanged, 1, "it is the same record: {noun}");
    for (members, why) in [
        (json!({ field: "2020-04-01", twin: "2020-03-31" }), "both"),
        (json!({ twin: "2060-01-01" }), "beyond its horizon"),
        (json!({ twin: "1890-01-01" }), "no sound date"),
    ] {
        assert_eq!(send(client, noun, of(members)).await?.refused(), [(0, "BAD_USER_INPUT", twin)], "{why}: {noun}");
    }
    Ok(())
}

both!(every_end_is_taken_by_its_last_day, async |backend| {
    let office = Office::open(backend).await?;
    let (secretariat, a) = (&office.secretariat, &office.a);
    let span = ("validTo", "lastDay");
    says_its_last_day(a, ("Postings", "postings"), posting("p1", "S1", ("A", "A1"), "2018-01-01"), span).await?;
    let released = with(posting("p2", "S2", ("A", "A1"), "2018-01-01"), json!({ "releasedTo": "B" }));
    says_its_last_day(a, ("Postings", "postings"), released, ("releasedOn", "lastDayBeforeRelease")).await?;
    let leaver = with(staff("S2"), json!({ "separationReason": "RETIREMENT" }));
    says_its_last_day(a, ("Staff", "staff"), leaver, ("separatedOn", "lastDayInService")).await?;
    says_its_last_day(secretariat, ("Bureaus", "bureaus"), bureau("C"), span).await?;
    says_its_last_day(a, ("Units", "units"), unit("A3", "A"), span).await?;
    let regime = json!({ "externalId": "1", "unit": "A1", "regime": "SELF_PACED", "validFrom": "2018-04-01" });
    says_its_last_day(secretariat, ("WorkRegimes", "workRegimes"), regime, span).await?;
    let stage = json!({ "externalId": "1", "startsAt": "08:30", "validFrom": "2018-04-01" });
    says_its_last_day(secretariat, ("StartStages", "startStages"), stage, span).await?;
    let target = json!({ "externalId": "1", "indicator": "WOMEN_STAFF", "clause": "V-2", "population": "OFFICE", "decider": "PLAN",
        "qualifier": "AT_LEAST", "valueNumerator": 30, "validFrom": "2015-02-01" });
    says_its_last_day(secretariat, ("Targets", "targets"), target, span).await?;
    // An end before the beginning is wrong where it was said.
    let early = with(posting("p1", "S1", ("A", "A1"), "2018-01-01"), json!({ "lastDay": "2017-12-31" }));
    assert_eq!(send(a, "Postings", input(vec![early])).await?.refused(), [(0, "BAD_USER_INPUT", "lastDay")]);
    Ok(())
});

both!(one_day_between_two_posts_of_a_person_is_told, async |backend| {
    let office = Office::open(backend).await?;
    let ended = |key: &str, number: &str, members: Value| with(posting(key, number, ("A", "A1"), "2018-01-01"), members);
    let next = |key: &str, number: &str, from: &str| posting(key, number, ("A", "A2"), from);
    let both = vec![ended("p1", "S1", json!({ "validTo": "2020-03-31" })), next("p8", "S1", DAY)];
    let receipt = record(&office.a, "Postings", both).await?;
    assert_eq!(receipt.warned(), [(0, "ENDS_ON_LAST_DAY_OF_MONTH", "validTo"), (1, "POSTING_GAP_OF_ONE_DAY", "validFrom")]);
    let sound = record(&office.a, "Postings", vec![ended("p1", "S1", json!({ "lastDay": "2020-03-31" }))]).await?;
    assert_eq!((sound.updated, sound.warned()), (1, vec![]));
    // The earlier post alone is written, by either end.
    let receipt = record(&office.a, "Postings", vec![ended("p1", "S1", json!({ "validTo": "2020-03-31" }))]).await?;
    assert_eq!(receipt.warned(), [(0, "ENDS_ON_LAST_DAY_OF_MONTH", "validTo"), (0, "POSTING_GAP_OF_ONE_DAY", "validTo")]);
    record(&office.a, "Postings", vec![ended("p1", "S1", json!({ "lastDay": "2020-03-31" }))]).await?;
    let receipt = record(&office.a, "Postings", vec![ended("p1", "S1", json!({ "lastDay": "2020-03-30" }))]).await?;
    assert_eq!(receipt.warned(), [(0, "POSTING_GAP_OF_ONE_DAY", "lastDay")]);

    // A post that the writer does not see makes no gap for it; to the secretariat it does.
    let left = with(
        posting("p3", "S3", ("B", "B1"), "2018-01-01"),
        json!({ "lastDay": "2020-03-30", "releasedOn": "2020-03-30", "releasedTo": "A" }),
    );
    record(&office.b, "Postings", vec![left]).await?;
    assert_eq!(record(&office.a, "Postings", vec![next("p9", "S3", DAY)]).await?.warned(), []);
    let again =
        with(input(vec![with(next("p9", "S3", DAY), json!({ "jobArea": "法令" }))]), json!({ "client": "a", "correctionReason": "訂正" }));
    assert_eq!(send(&office.secretariat, "Postings", again).await?.warned(), [(0, "POSTING_GAP_OF_ONE_DAY", "validFrom")]);
    Ok(())
});

both!(what_contradicts_a_post_or_career_is_told, async |backend| {
    let office = Office::open(backend).await?;
    let designated = with(posting("p1", "S1", ("A", "A1"), "2018-01-01"), json!({ "band": "DESIGNATED" }));
    let receipt = record(&office.a, "Postings", vec![designated.clone()]).await?;
    assert_eq!(receipt.warned(), [(0, "DESIGNATED_SUBJECT_TO_OVERTIME", "subjectToOvertime")]);
    let sound = record(&office.a, "Postings", vec![with(designated, json!({ "subjectToOvertime": false }))]).await?;
    assert_eq!((sound.updated, sound.warned), (1, 0));

    record(&office.a, "Staff", vec![with(staff("S1"), json!({ "hiredOn": "2018-01-01" }))]).await?;
    let hire = |key: &str, number: &str, date: &str| json!({ "externalId": key, "staffNumber": number, "date": date, "route": "OTHER" });
    let hires = record(&office.a, "Hires", vec![hire("1", "S1", "2018-01-01"), hire("2", "S2", "2018-04-01")]).await?;
    assert_eq!(hires.warned(), [(1, "HIRE_NOT_ON_FIRST_DAY", "date")]);
    let appointment = |key: &str, from: &str, to: &str| json!({ "externalId": key, "staffNumber": "S1", "date": format!("2020-04-0{key}"), "fromBand": from, "toBand": to });
    let records = vec![appointment("1", "STAFF", "CHIEF"), appointment("2", "DIRECTOR", "CHIEF")];
    assert_eq!(record(&office.a, "Appointments", records).await?.warned(), [(1, "APPOINTMENT_TO_LOWER_BAND", "toBand")]);
    let request = |key: &str, approver: &str| {
        json!({ "externalId": key, "staffNumber": "S1", "date": format!("2020-04-0{key}"), "planned": interval(&format!("2020-04-0{key}"), ("18:15", "20:00")),
            "reason": "国会", "requestedAt": "2020-04-01T09:00:00+09:00", "decision": "APPROVED", "decidedAt": "2020-04-01T10:00:00+09:00",
            "approver": approver })
    };
    let receipt = record(&office.a, "OvertimeRequests", vec![request("1", "S2"), request("2", "S1")]).await?;
    assert_eq!(receipt.warned(), [(1, "OVERTIME_DECIDED_BY_ONESELF", "approver")]);
    Ok(())
});

both!(shifts_are_held_to_the_calendar_and_to_the_stages, async |backend| {
    let office = Office::open(backend).await?;
    let admin = office.server.admin()?;
    record(&admin, "Holidays", vec![holiday("1", "2020-03-20"), holiday("2", "2020-04-29")]).await?;
    let kind = |key: &str, date: &str, kind: &str| with(shift(key, "S1", date, ("10:00", "12:00")), json!({ "dayKind": kind }));
    let sound = vec![
        kind("1", DAY, "WORKDAY"),
        kind("2", "2020-03-20", "HOLIDAY"),
        kind("3", "2020-04-04", "WEEKLY_DAY_OFF"),
        kind("4", "2020-04-02", "SWAPPED"),
        // No holiday of 2019 was recorded.
        kind("5", "2019-11-04", "HOLIDAY"),
    ];
    assert_eq!(record(&office.a, "Shifts", sound).await?.warned(), []);
    let doubtful = vec![kind("1", DAY, "HOLIDAY"), kind("2", "2020-03-20", "WORKDAY"), kind("3", "2020-04-04", "WORKDAY")];
    let wanted = [(0, "HOLIDAY_ON_NO_HOLIDAY", "dayKind"), (1, "WORKDAY_ON_DAY_OFF", "dayKind"), (2, "WORKDAY_ON_DAY_OFF", "dayKind")];
    assert_eq!(record(&office.a, "Shifts", doubtful).await?.warned(), wanted);
    let on_time = |key: &str, date: &str| json!({ "externalId": key, "date": date, "kind": "COMPLETE" });
    let receipt = record(&admin, "OnTimeDays", vec![on_time("1", "2020-04-28"), on_time("2", "2020-04-29")]).await?;
    assert_eq!(receipt.warned(), [(1, "ON_TIME_DAY_ON_DAY_OFF", "date")]);
    let telework = |key: &str, date: &str| json!({ "externalId": key, "staffNumber": "S1", "date": date, "place": "HOME" });
    let receipt = record(&office.a, "TeleworkDays", vec![telework("1", "2020-04-29"), telework("2", "2020-04-30")]).await?;
    assert_eq!(receipt.warned(), [(0, "TELEWORK_ON_DAY_OFF", "date")]);

    let staggered = |key: &str, date: &str, (start, end): (&str, &str)| {
        let members = json!({ "pattern": "STAGGERED", "scheduled": interval(date, (start, end)) });
        with(shift(key, "S2", date, (start, end)), members)
    };
    let early = ("08:00", "16:45");
    assert_eq!(record(&office.a, "Shifts", vec![staggered("11", "2020-04-06", early)]).await?.warned(), [], "nothing is offered");
    let stage = |key: &str, bureau: Option<&str>, at: &str, last: Option<&str>| json!({ "externalId": key, "bureau": bureau, "startsAt": at, "validFrom": "2020-01-01", "lastDay": last });
    let stages =
        vec![stage("1", None, "08:30", None), stage("2", Some("B"), "08:00", None), stage("3", Some("A"), "07:30", Some("2020-04-07"))];
    record(&admin, "StartStages", stages).await?;
    let shifts = vec![
        staggered("12", "2020-04-07", early),
        staggered("13", "2020-04-08", ("08:30", "17:15")),
        staggered("14", "2020-04-09", ("07:30", "16:15")),
        with(staggered("15", "2020-04-10", early), json!({ "pattern": "FLEXTIME" })),
    ];
    let wanted = [(0, "START_OUTSIDE_STAGES", "scheduled"), (2, "START_OUTSIDE_STAGES", "scheduled")];
    assert_eq!(record(&office.a, "Shifts", shifts).await?.warned(), wanted);
    Ok(())
});

both!(leave_beside_work_is_told_of_either, async |backend| {
    let office = Office::open(backend).await?;
    record(&office.a, "Shifts", vec![regular("1", "S1", DAY), shift("2", "S1", "2020-04-02", ("18:15", "20:00"))]).await?;
    let entries =
        vec![leave("1", "S1", DAY, "OTHER", 465), leave("2", "S1", "2020-04-02", "OTHER", 465), leave("3", "S2", DAY, "OTHER", 465)];
    assert_eq!(record(&office.a, "LeaveEntries", entries).await?.warned(), [(0, "LEAVE_BESIDE_WORK", "minutes")]);
    let shifts = vec![regular("3", "S2", DAY), regular("4", "S2", "2020-04-02")];
    assert_eq!(record(&office.a, "Shifts", shifts).await?.warned(), [(0, "LEAVE_BESIDE_WORK", "presence")]);
    // An hour of leave before the rest of the day is as it should be.
    record(&office.a, "LeaveEntries", vec![leave("4", "S2", "2020-04-03", "OTHER", 60)]).await?;
    let late = with(regular("5", "S2", "2020-04-03"), json!({ "presence": interval("2020-04-03", ("10:30", "18:15")) }));
    assert_eq!(record(&office.a, "Shifts", vec![late]).await?.warned(), []);
    // In one call only what counts in the end is looked at: the leave is made void, and the work may stay.
    let void = with(leave("3", "S2", DAY, "OTHER", 465), json!({ "void": true, "voidReason": "誤り" }));
    assert_eq!(record(&office.a, "LeaveEntries", vec![void]).await?.warned(), []);
    let again = with(regular("3", "S2", DAY), json!({ "presence": interval(DAY, ("09:30", "19:00")) }));
    assert_eq!(record(&office.a, "Shifts", vec![again]).await?.warned(), []);
    Ok(())
});

both!(leave_beyond_the_law_is_told_of_what_the_writer_sees, async |backend| {
    let office = Office::open(backend).await?;
    record(&office.server.admin()?, "Holidays", vec![holiday("1", "2020-03-20")]).await?;
    let spouse = |key: &str, date: &str| leave(key, "S1", date, "SPOUSE_BIRTH", 465);
    let off =
        record(&office.a, "LeaveEntries", vec![leave("o", "S1", "2020-03-20", "OTHER", 60), leave("p", "S1", "2020-03-21", "OTHER", 60)])
            .await?;
    assert_eq!(off.warned(), [(0, "LEAVE_ON_DAY_OFF", "date"), (1, "LEAVE_ON_DAY_OFF", "date")]);
    // Two days are the law's; of four, the later ones do not fit, in whatever order they come.
    assert_eq!(record(&office.a, "LeaveEntries", vec![spouse("1", "2020-04-02"), spouse("2", "2020-04-01")]).await?.warned(), []);
    let more = vec![spouse("4", "2020-04-07"), spouse("3", "2020-04-03")];
    let beyond = |index: usize| (index, "LEAVE_BEYOND_YEARLY_DAYS", "minutes");
    assert_eq!(record(&office.a, "LeaveEntries", more).await?.warned(), [beyond(0), beyond(1)]);
    // A year has its own days; one entry less makes room.
    assert_eq!(record(&office.a, "LeaveEntries", vec![spouse("5", "2019-04-03")]).await?.warned(), []);
    let out = |key: &str, date: &str| with(spouse(key, date), json!({ "void": true, "voidReason": "誤り" }));
    let moved = vec![out("1", "2020-04-02"), out("2", "2020-04-01"), out("3", "2020-04-03"), spouse("4", "2020-04-08")];
    assert_eq!(record(&office.a, "LeaveEntries", moved).await?.warned(), []);

    // What B records of the same person beside her main post is B's: A is told of none of it, the secretariat of the sum.
    let beside = with(posting("c", "S1", ("B", "B1"), "2018-01-01"), json!({ "kind": "CONCURRENT" }));
    record(&office.a, "Postings", vec![beside]).await?;
    record(&office.b, "LeaveEntries", vec![spouse("1", "2020-04-13"), spouse("2", "2020-04-14")]).await?;
    assert_eq!(record(&office.a, "LeaveEntries", vec![spouse("6", "2020-04-09")]).await?.warned(), []);
    let again = with(input(vec![spouse("6", "2020-04-10")]), json!({ "client": "a", "correctionReason": "訂正" }));
    assert_eq!(send(&office.secretariat, "LeaveEntries", again).await?.warned(), [beyond(0)]);
    Ok(())
});

both!(leave_for_men_is_told_of_a_woman_to_who_may_know, async |backend| {
    let office = Office::open(backend).await?;
    let of_sex = |number: &str, sex: &str| with(staff(number), json!({ "sex": sex }));
    record(&office.a, "Staff", vec![of_sex("S1", "FEMALE"), of_sex("S2", "MALE")]).await?;
    let entries = vec![
        leave("1", "S1", DAY, "SPOUSE_BIRTH", 465),
        leave("2", "S2", DAY, "SPOUSE_BIRTH", 465),
        leave("3", "S1", "2020-04-02", "CHILDCARE_PARTICIPATION", 465),
        leave("4", "S1", "2020-04-03", "ANNUAL", 465),
    ];
    let wanted = [(0, "SPOUSE_LEAVE_OF_WOMAN", "kind"), (2, "SPOUSE_LEAVE_OF_WOMAN", "kind")];
    assert_eq!(record(&office.a, "LeaveEntries", entries).await?.warned(), wanted);
    // A bureau that does not hold her is not shown her sex, and not told of it.
    let beside = with(posting("c", "S1", ("B", "B1"), "2018-01-01"), json!({ "kind": "CONCURRENT" }));
    record(&office.a, "Postings", vec![beside]).await?;
    assert_eq!(record(&office.b, "LeaveEntries", vec![leave("1", "S1", "2020-04-06", "SPOUSE_BIRTH", 465)]).await?.warned(), []);
    Ok(())
});

both!(warnings_are_replayed_told_by_a_dry_run_and_counted_by_client, async |backend| {
    let office = Office::open(backend).await?;
    let records = vec![shift("1", "S1", "2020-04-04", ("10:00", "12:00")), shift("2", "S2", DAY, ("10:00", "12:00"))];
    let call = input(records.clone());
    let dry = send(&office.a, "Shifts", with(call.clone(), json!({ "dryRun": true }))).await?;
    assert_eq!((dry.id.clone(), dry.warned()), (None, vec![(0, "WORKDAY_ON_DAY_OFF", "dayKind")]));
    assert_eq!(counts(&office.secretariat, "2020-04-15", "2020-04-16").await?, [], "a dry run counts nothing");
    let first = send(&office.a, "Shifts", call.clone()).await?;
    assert_eq!((first.warned, &first.warnings), (dry.warned, &dry.warnings));
    assert_eq!(first.warnings[0].external_id, "1");
    let again = send(&office.a, "Shifts", call.clone()).await?;
    assert_eq!(again, torikumi_tests::fixtures::Receipt { replayed: true, ..first.clone() });
    let japanese = send(&office.a.clone().in_japanese(), "Shifts", call).await?;
    assert!(japanese.warnings[0].message.contains("勤務日"), "{japanese:?}");
    assert!(first.warnings[0].message.contains("weekend"), "{first:?}");
    assert_eq!(record(&office.a, "Shifts", records).await?.warned, 0, "unchanged");

    // Nothing is told of a record that is refused, nor of a call that is refused as a whole.
    let refused = vec![shift("3", "S1", "2020-04-05", ("10:00", "12:00")), shift("4", "S9", "2020-04-05", ("10:00", "12:00"))];
    let whole = send(&office.a, "Shifts", input(refused.clone())).await?;
    assert_eq!((whole.rejected, whole.warned()), (1, vec![]));
    let valid = send(&office.a, "Shifts", with(input(refused), json!({ "mode": "ACCEPT_VALID" }))).await?;
    assert_eq!(valid.warned(), [(0, "WORKDAY_ON_DAY_OFF", "dayKind")]);
    record(&office.b, "Shifts", vec![shift("1", "S3", "2020-04-04", ("10:00", "12:00"))]).await?;
    record(
        &office.secretariat,
        "StartStages",
        vec![json!({ "externalId": "1", "startsAt": "08:30", "validFrom": "2018-04-01", "validTo": "2019-03-31" })],
    )
    .await?;

    let line = |client: &str, code: &str, warnings, calls| (client.to_owned(), code.to_owned(), warnings, calls);
    let wanted =
        [line("OFFICE", "ENDS_ON_LAST_DAY_OF_MONTH", 1, 1), line("a", "WORKDAY_ON_DAY_OFF", 2, 2), line("b", "WORKDAY_ON_DAY_OFF", 1, 1)];
    for client in [&office.secretariat, &office.server.admin()?] {
        assert_eq!(counts(client, "2020-04-15", "2020-04-16").await?, wanted);
    }
    assert_eq!(counts(&office.secretariat, "2020-04-16", "2020-05-01").await?, []);
    let of_a = "{ recordWarningCounts(from: \"2020-04-01\", to: \"2020-05-01\", client: \"a\") { client } }";
    assert_eq!(office.secretariat.query(of_a, Value::Null).await?["recordWarningCounts"], json!([{ "client": "a" }]));
    assert_eq!(office.a.error(of_a, Value::Null).await?.code, "FORBIDDEN");
    let empty = "{ recordWarningCounts(from: \"2020-04-01\", to: \"2020-04-01\") { client } }";
    assert_eq!(office.secretariat.error(empty, Value::Null).await?.field.as_deref(), Some("to"));
    Ok(())
});

both!(a_receipt_lists_the_first_thousand_and_counts_all, async |backend| {
    let office = Office::open(backend).await?;
    // Half an hour each on one Saturday after the other, 1,050 of them.
    let shifts: Vec<Value> = (0..1_050)
        .map(|n| {
            let saturday = chrono::NaiveDate::from_ymd_opt(2018, 1, 6).unwrap() + chrono::TimeDelta::days(i64::from(n / 10) * 7);
            let hour = 8 + n % 10;
            shift(&n.to_string(), "S1", &saturday.to_string(), (&format!("{hour:02}:00"), &format!("{hour:02}:30")))
        })
        .collect();
    let receipt = record(&office.a, "Shifts", shifts).await?;
    assert_eq!((receipt.created, receipt.warned, receipt.warnings.len()), (1_050, 1_050, 1_000));
    assert_eq!((receipt.warnings[0].index, receipt.warnings[999].index), (0, 999));
    let told = counts(&office.secretariat, "2020-04-15", "2020-04-16").await?;
    assert_eq!(told, [("a".to_owned(), "WORKDAY_ON_DAY_OFF".to_owned(), 1_050, 1)]);
    Ok(())
});
