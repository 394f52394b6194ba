//! Whoever keeps a copy of what they may see by following `changes` has what the lists show: nothing is missing, whatever commits late, and nothing
//! stays that is no longer theirs.

pub mod copy;
mod late;
mod load;

use chrono::{TimeDelta, TimeZone, Utc};
use copy::{Copy, NOUNS, ask, fresh, told};
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::database::Backend;
use torikumi_tests::fixtures::{Office, input, nodes, posting, record, send, shift, staff, unit, with};
use torikumi_tests::socket::Socket;

use crate::authz::office::{self, DATED};
use crate::races::Referee;

/// S1's transfer to B, which comes late: its day has passed.
fn late() -> Value {
    posting("late", "S1", ("B", "B1"), "2020-04-01")
}

both!(each_kind_of_change_is_told_to_who_sees_it, async |backend| {
    let office = Office::open(backend).await?;
    record(
        &office.a,
        "Shifts",
        vec![shift("1", "S1", "2020-04-10", ("08:30", "18:00")), shift("2", "S2", "2020-04-10", ("08:30", "18:00"))],
    )
    .await?;
    let (mut a, mut b) = (fresh(&office.a).await?, fresh(&office.b).await?);
    assert_eq!(told(&office.a, &mut a).await?, Vec::<String>::new());

    record(
        &office.a,
        "Shifts",
        vec![shift("1", "S1", "2020-04-10", ("08:30", "19:00")), shift("3", "S2", "2020-04-13", ("08:30", "18:00"))],
    )
    .await?;
    record(&office.a, "Shifts", vec![with(shift("2", "S2", "2020-04-10", ("08:30", "18:00")), json!({ "void": true, "voidReason": "x" }))])
        .await?;
    assert_eq!(told(&office.a, &mut a).await?, ["REVISED SHIFT", "CREATED SHIFT", "VOIDED SHIFT"]);
    assert_eq!(told(&office.b, &mut b).await?, Vec::<String>::new(), "it is none of theirs");

    // What is decided and not written is no change.
    send(&office.a, "Shifts", with(input(vec![shift("9", "S2", "2020-04-14", ("08:30", "18:00"))]), json!({ "dryRun": true }))).await?;
    send(
        &office.a,
        "Shifts",
        input(vec![shift("9", "S2", "2020-04-14", ("08:30", "18:00")), shift("8", "S9", "2020-04-14", ("08:30", "18:00"))]),
    )
    .await?;
    record(&office.a, "Shifts", vec![shift("1", "S1", "2020-04-10", ("08:30", "19:00"))]).await?;
    assert_eq!(told(&office.a, &mut a).await?, Vec::<String>::new());

    // A transfer that arrives late takes the shift along; A is told that it left, and not where to.
    record(&office.secretariat, "Postings", vec![late()]).await?;
    assert_eq!(told(&office.a, &mut a).await?, ["REVISED POSTING", "DEPARTED SHIFT", "DEPARTED STAFF"]);
    assert_eq!(told(&office.b, &mut b).await?, ["CREATED POSTING", "MOVED_IN SHIFT", "MOVED_IN STAFF"]);
    // A post beside shows A the person, and no more than the number.
    record(&office.b, "Postings", vec![with(posting("beside", "S1", ("A", "A1"), "2020-04-02"), json!({ "kind": "CONCURRENT" }))]).await?;
    assert_eq!(told(&office.a, &mut a).await?, ["CREATED POSTING", "MOVED_IN STAFF"]);
    assert_eq!(told(&office.b, &mut b).await?, ["CREATED POSTING"]);
    Ok(())
});

both!(a_move_is_a_revision_as_any_other, async |backend| {
    let office = office::Office::open(backend).await?;
    let db = office.server.connect().await?;
    let secretariat = &office.secretariat;
    // Each dated noun as Rust writes it, before it moves.
    let mut before = std::collections::BTreeMap::new();
    macro_rules! of_register {
        ($(#[$doc:meta] $name:ident $(($id:ident))? = $table:ident: $shape:ident $(($minutes:ident))? { $($facts:tt)* })+) => {
            $(of_register!(@ $shape $table);)+
        };
        (@ dated $table:ident) => {
            for row in entity::$table::Entity::find().all(&db).await? {
                before.insert(row.id.0, (stringify!($table), serde_json::to_value(&row)?));
            }
        };
        (@ $shape:ident $table:ident) => {};
    }
    entity::each_noun!(of_register);
    let at = office.server.app.clock.now() + TimeDelta::microseconds(1_234);
    office.server.set_now(at);
    record(secretariat, "Postings", vec![posting("moved", "S2", ("B", "B1"), "2020-02-01")]).await?;
    let moved = entity::record_revision::Entity::find().all(&db).await?;
    let moved: Vec<_> = moved.into_iter().filter(|row| row.replaced_at == at && row.noun != "posting").collect();
    assert_eq!(
        moved.iter().map(|row| row.noun.as_str()).collect::<std::collections::BTreeSet<_>>().len(),
        DATED.len(),
        "each has an example"
    );
    for row in moved {
        let (table, content) = &before[&row.record_id];
        assert_eq!((&*row.noun, &row.content, i64::from(row.revision)), (*table, content, content["revision"].as_i64().unwrap()));
        assert_eq!(json!(row.receipt_id), content["receipt_id"]);
        assert_eq!(json!(row.written_at), content["updated_at"]);
    }
    let shown = nodes(
        secretariat,
        "{ shifts(first: 50, filter: { staffNumbers: [\"S2\"] }) { nodes { revision updatedAt bureau { code }
        revisions { revision content } } } }",
        "shifts",
        Value::Null,
    )
    .await?;
    assert!(shown.iter().all(|shift| shift["revision"].as_i64() > Some(1) && shift["bureau"]["code"] == "B"), "{shown:?}");
    assert_eq!(shown[0]["updatedAt"], json!(at.to_rfc3339()));
    // A call that moves nothing writes nothing of them.
    let revisions = || async { anyhow::Ok(entity::record_revision::Entity::find().all(&db).await?.len()) };
    let many = revisions().await?;
    record(secretariat, "Postings", vec![with(posting("moved", "S2", ("B", "B1"), "2020-02-01"), json!({ "band": "CHIEF" }))]).await?;
    assert_eq!(revisions().await?, many + 1);
    Ok(())
});

both!(pages_tell_what_one_page_tells, async |backend| {
    let office = Office::open(backend).await?;
    let from = fresh(&office.secretariat).await?;
    let shifts: Vec<_> = (1..=9).map(|day| shift(&day.to_string(), "S1", &format!("2020-04-0{day}"), ("08:30", "18:00"))).collect();
    record(&office.a, "Shifts", shifts.clone()).await?;
    record(&office.a, "Units", vec![unit("A9", "A")]).await?;
    record(&office.secretariat, "Postings", vec![late()]).await?;
    for client in [&office.secretariat, &office.a, &office.b] {
        let from = if client.token() == office.secretariat.token() { from.clone() } else { copy::sight_of(client, &from).await? };
        let all = ask(client, &from, 500).await?;
        let mut one_by_one = Vec::new();
        let mut cursor = from;
        loop {
            let page = ask(client, &cursor, 1).await?;
            one_by_one.extend(page.nodes);
            cursor = page.cursor;
            if !page.more {
                break;
            }
        }
        // The same but for a record's earlier changes, which one page leaves out.
        one_by_one.reverse();
        let mut seen = std::collections::BTreeSet::new();
        one_by_one.retain(|change| seen.insert(change["id"].as_str().unwrap_or_default().to_owned()));
        one_by_one.reverse();
        assert_eq!(one_by_one, all.nodes);
        assert!(!all.nodes.is_empty() && !all.more);
    }
    Ok(())
});

#[tokio::test(flavor = "multi_thread")]
async fn what_commits_late_is_told_late_and_not_lost() -> anyhow::Result<()> {
    let office = Office::open(Backend::Postgres).await?;
    let mut cursor = fresh(&office.a).await?;
    let list = "query($at: DateTime) { shifts(first: 50, filter: { changedAfter: $at }) { nodes { externalId updatedAt } } }";
    // The first call has its time and waits for the person; the second one overtakes it, and is seen.
    let referee = Referee::hold(&office, "SELECT 1 FROM staff WHERE staff_number = 'S1' FOR UPDATE").await?;
    let a = office.a.clone();
    let slow = tokio::spawn(async move { record(&a, "Shifts", vec![shift("slow", "S1", "2020-04-10", ("08:30", "18:00"))]).await });
    referee.until_waiting(1).await?;
    office.server.set_now(office.server.app.clock.now() + TimeDelta::seconds(1));
    record(&office.a, "Shifts", vec![shift("quick", "S2", "2020-04-10", ("08:30", "18:00"))]).await?;
    assert_eq!(told(&office.a, &mut cursor).await?, ["CREATED SHIFT"]);
    let seen = nodes(&office.a, list, "shifts", json!({ "at": "2020-01-01T00:00:00Z" })).await?;
    let greatest = seen[0]["updatedAt"].clone();
    assert_eq!(seen.len(), 1);
    referee.let_go().await?;
    slow.await??;
    assert_eq!(told(&office.a, &mut cursor).await?, ["CREATED SHIFT"]);
    let later = nodes(&office.a, list, "shifts", json!({ "at": greatest })).await?;
    assert!(later.iter().any(|shift| shift["externalId"] == "slow" && shift["updatedAt"].as_str() < greatest.as_str()), "{later:?}");
    Ok(())
}

both!(a_position_that_may_miss_something_is_refused, async |backend| {
    let office = Office::open(backend).await?;
    let refused = async |cursor: &str, nouns: &[&str]| {
        let failure = office.a.error(copy::CHANGES, json!({ "after": cursor, "nouns": nouns, "first": 50 })).await?;
        assert_eq!((failure.code.as_str(), failure.field.as_deref()), ("BAD_USER_INPUT", Some("after")), "{failure:?}");
        anyhow::Ok(failure.message)
    };
    let cursor = fresh(&office.a).await?;
    for forged in ["", "x", "e30", "bnVsbA", "W10", &cursor[..cursor.len() - 4], &format!("{cursor}AAAA"), &"9".repeat(5_000)] {
        assert!(!refused(forged, &NOUNS).await?.contains("anew"), "{forged}");
    }
    let anew = async |cursor: &str, nouns: &[&str]| {
        let message = refused(cursor, nouns).await?;
        assert!(message.contains("Start anew") && message.contains("without `after`"), "{message}");
        anyhow::Ok(())
    };
    anew(&fresh(&office.b).await?, &NOUNS).await?;
    anew(&cursor, &["SHIFT"]).await?;
    let officer = office.server.officer(&["A", "B"])?;
    anew(&fresh(&officer).await?, &NOUNS).await?;
    // Another database, and 91 days.
    let db = office.server.connect().await?;
    let other = uuid::Uuid::now_v7();
    let id = if backend == Backend::Postgres { format!("'{other}'") } else { format!("x'{}'", other.simple()) };
    db.execute_unprepared(&format!("UPDATE database_identity SET id = {id}")).await?;
    anew(&cursor, &NOUNS).await?;
    let cursor = fresh(&office.a).await?;
    office.server.set_now(Utc.with_ymd_and_hms(2020, 7, 13, 0, 0, 0).unwrap());
    assert_eq!(ask(&office.a, &cursor, 50).await?.nodes.len(), 0);
    office.server.set_now(Utc.with_ymd_and_hms(2020, 7, 16, 0, 0, 0).unwrap());
    anew(&cursor, &NOUNS).await?;
    Ok(())
});

both!(what_the_calendar_changes_is_told, async |backend| {
    let office = Office::open(backend).await?;
    let to_come = posting("to come", "S1", ("B", "B1"), "2020-05-01");
    record(&office.secretariat, "Postings", vec![to_come]).await?;
    let (mut a, mut b) = (fresh(&office.a).await?, fresh(&office.b).await?);
    let (mut copy, mut other) = (Copy::open(&office.a).await?, Copy::open(&office.b).await?);
    office.server.set_now(Utc.with_ymd_and_hms(2020, 4, 30, 14, 59, 0).unwrap());
    assert_eq!(told(&office.a, &mut a).await?, Vec::<String>::new());
    office.server.set_now(Utc.with_ymd_and_hms(2020, 4, 30, 15, 0, 0).unwrap());
    assert_eq!(told(&office.a, &mut a).await?, ["DEPARTED POSTING", "DEPARTED STAFF"], "the post to come was of whom it held");
    assert_eq!(told(&office.b, &mut b).await?, ["MOVED_IN STAFF"], "it holds the person");
    copy.follow(&office.a).await?;
    other.follow(&office.b).await?;
    copy.check(&office.a).await?;
    other.check(&office.b).await?;
    Ok(())
});

both!(what_is_erased_is_told, async |backend| {
    let office = Office::open(backend).await?;
    record(&office.a, "Shifts", vec![shift("1", "S1", "2020-02-10", ("08:30", "18:00"))]).await?;
    office.server.set_now(Utc.with_ymd_and_hms(2026, 6, 1, 0, 0, 0).unwrap());
    let db = office.server.connect().await?;
    db.execute_unprepared("DELETE FROM stale_mark").await?;
    db.execute_unprepared("DELETE FROM month_close").await?;
    let (office_a, secretariat) = (office.server.system("a", &["A"]).await?, office.server.secretariat()?);
    let (mut a, mut all) = (fresh(&office_a).await?, fresh(&secretariat).await?);
    // The reading is a sign that the clock has not leapt.
    office.server.set_now(Utc.with_ymd_and_hms(2026, 6, 2, 0, 0, 0).unwrap());
    let key = uuid::Uuid::now_v7().to_string();
    let run = jobs::transaction::NewRun::new(entity::job_run::JobName::Dispose, entity::job_run::Trigger::Command, key, "test".to_owned());
    office.server.app.ledger.enqueue(run).await?;
    office.server.run_jobs().await?;
    assert_eq!(told(&office_a, &mut a).await?, ["DISPOSED SHIFT"]);
    assert_eq!(told(&secretariat, &mut all).await?, ["DISPOSED SHIFT"]);
    Ok(())
});

both!(a_subscriber_hears_of_what_it_sees_alone, async |backend| {
    let office = Office::open(backend).await?;
    let document = "subscription($nouns: [RecordedNoun!]) { changed(nouns: $nouns) { cursor } }";
    let mut socket = Socket::start(&office.server.url, office.a.token()).await?;
    socket.subscribe("1", document, json!({ "nouns": NOUNS })).await?;
    let first = socket.next("1").await?;
    let mut cursor = first["data"]["changed"]["cursor"].as_str().unwrap_or_default().to_owned();
    assert_eq!(told(&office.a, &mut cursor).await?, Vec::<String>::new());
    // B's shift is none of A's: the message that comes is of A's own.
    record(&office.b, "Shifts", vec![shift("b", "S3", "2020-04-10", ("08:30", "18:00"))]).await?;
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    record(&office.a, "Shifts", vec![shift("a", "S1", "2020-04-10", ("08:30", "18:00"))]).await?;
    let message = socket.next("1").await?;
    let mut cursor = message["data"]["changed"]["cursor"].as_str().unwrap_or_default().to_owned();
    assert_eq!(told(&office.a, &mut cursor).await?, ["CREATED SHIFT"]);
    record(&office.b, "Staff", vec![staff("S9")]).await?;
    assert!(tokio::time::timeout(std::time::Duration::from_secs(3), socket.next("1")).await.is_err(), "nothing of A's");
    Ok(())
});
