//! Who meets whom: two callers at once, driven so that they really meet.
//!
//! On `PostgreSQL` a connection of the test's own holds a row that both will need, and is let go when the server says that both wait: the
//! outcome is decided by locks, never by luck or sleep. `SQLite` has one writer, so there the twins are simply sent together.

use std::time::Duration;

use anyhow::Context;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, Statement, TransactionTrait};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::database::Backend;
use torikumi_tests::fixtures::{Office, Receipt, input, mutation, nodes, posting, record, send, shift, with};

use crate::month_close::{close_submitted, submit};

/// How long two callers may take to meet.
const PATIENCE: Duration = Duration::from_secs(20);
const S1: &str = "SELECT 1 FROM staff WHERE staff_number = 'S1' FOR UPDATE";

/// The test's own connections: one that holds, one that watches.
pub struct Referee {
    watching: DatabaseConnection,
    holding: DatabaseTransaction,
}

impl Referee {
    /// Takes the locks of a statement.
    pub async fn hold(office: &Office, sql: &str) -> anyhow::Result<Self> {
        let url = &office.server.database.url;
        let holding = Database::connect(url).await?.begin().await?;
        holding.execute_unprepared(sql).await?;
        Ok(Self { watching: Database::connect(url).await?, holding })
    }

    /// Returns when this many sessions wait for locks.
    pub async fn until_waiting(&self, sessions: i64) -> anyhow::Result<()> {
        let sql = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let look = async {
            loop {
                let row = self.watching.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?.context("a count")?;
                if row.try_get_by_index::<i64>(0)? == sessions {
                    return anyhow::Ok(());
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, look).await.with_context(|| format!("{sessions} never waited"))?
    }

    pub async fn let_go(self) -> anyhow::Result<()> {
        Ok(self.holding.commit().await?)
    }
}

/// Sends a bulk call beside the test.
fn sending(client: &Client, noun: &'static str, call: Value) -> JoinHandle<anyhow::Result<Receipt>> {
    let client = client.clone();
    tokio::spawn(async move { send(&client, noun, call).await })
}

fn closing(office: &Office) -> JoinHandle<anyhow::Result<Value>> {
    let secretariat = office.secretariat.clone();
    tokio::spawn(async move { close_submitted(&secretariat, "A", "2020-03").await })
}

/// An hour of S1's on 10 March.
fn hour() -> Value {
    input(vec![shift("1", "S1", "2020-03-10", ("18:00", "19:00"))])
}

/// Keys of the shifts that bureau A holds.
async fn shifts(office: &Office) -> anyhow::Result<Vec<Value>> {
    let shifts = nodes(&office.a, "{ shifts(first: 50) { nodes { externalId } } }", "shifts", json!({})).await?;
    Ok(shifts.iter().map(|shift| shift["externalId"].clone()).collect())
}

/// Two receipts of which exactly one wrote one record, and the other refused one with this code.
fn one_won(one: &Receipt, other: &Receipt, code: &str) {
    let mut counts = [one.counts(), other.counts()];
    counts.sort_unstable();
    assert_eq!(counts, [[0, 0, 0, 0, 0, 1], [1, 0, 0, 0, 0, 0]], "{one:?} {other:?}");
    let refused = one.rejections.iter().chain(&other.rejections).map(|rejection| rejection.code.as_str());
    assert_eq!(refused.collect::<Vec<_>>(), [code]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_waits_for_the_write_under_way() -> anyhow::Result<()> {
    let office = Office::open(Backend::Postgres).await?;
    submit(&office.server, "A", "2020-03").await?;
    // The writer has passed the month's lock when the new row asks for its posting.
    let referee = Referee::hold(&office, "SELECT 1 FROM posting WHERE external_id = 'p1' FOR UPDATE").await?;
    let write = sending(&office.a, "Shifts", hour());
    referee.until_waiting(1).await?;
    let close = closing(&office);
    referee.until_waiting(2).await?;
    referee.let_go().await?;
    assert_eq!(write.await??.counts(), [1, 0, 0, 0, 0, 0]);
    assert_eq!(close.await??["state"], "CLOSED");
    assert_eq!(shifts(&office).await?, ["1"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_meets_a_close_under_way_is_refused() -> anyhow::Result<()> {
    let office = Office::open(Backend::Postgres).await?;
    submit(&office.server, "A", "2020-03").await?;
    // The close holds the month when its audit entry asks for the bureau.
    let referee = Referee::hold(&office, "SELECT 1 FROM bureau WHERE code = 'A' FOR UPDATE").await?;
    let close = closing(&office);
    referee.until_waiting(1).await?;
    let write = sending(&office.a, "Shifts", hour());
    referee.until_waiting(2).await?;
    referee.let_go().await?;
    assert_eq!(close.await??["state"], "CLOSED");
    assert_eq!(write.await??.refused(), [(0, "PERIOD_CLOSED", "date")]);
    assert_eq!(shifts(&office).await?, [] as [Value; 0]);
    Ok(())
}

/// Writer and closer both find the month's row taken: who came first goes first.
#[tokio::test(flavor = "multi_thread")]
async fn who_waits_first_for_the_month_goes_first() -> anyhow::Result<()> {
    for writer_first in [true, false] {
        let office = Office::open(Backend::Postgres).await?;
        submit(&office.server, "A", "2020-03").await?;
        let referee = Referee::hold(&office, "SELECT 1 FROM month_close FOR UPDATE").await?;
        let (write, close);
        if writer_first {
            write = sending(&office.a, "Shifts", hour());
            referee.until_waiting(1).await?;
            close = closing(&office);
        } else {
            close = closing(&office);
            referee.until_waiting(1).await?;
            write = sending(&office.a, "Shifts", hour());
        }
        referee.until_waiting(2).await?;
        referee.let_go().await?;
        assert_eq!(close.await??["state"], "CLOSED");
        let receipt = write.await??;
        let (wanted, stored) = if writer_first { (vec![], 1) } else { (vec![(0, "PERIOD_CLOSED", "date")], 0) };
        assert_eq!((receipt.refused(), shifts(&office).await?.len()), (wanted, stored), "writer first: {writer_first}");
    }
    Ok(())
}

both!(a_write_is_in_before_the_close_or_refused, async |backend| {
    let office = Office::open(backend).await?;
    submit(&office.server, "A", "2020-03").await?;
    let calls: Vec<_> = (1..=20)
        .map(|day| {
            let day = format!("2020-03-{day:02}");
            sending(&office.a, "Shifts", input(vec![shift(&day, "S1", &day, ("18:00", "19:00"))]))
        })
        .collect();
    let close = closing(&office);
    let mut written = 0;
    for call in calls {
        let receipt = call.await??;
        written += receipt.created;
        assert!(receipt.created == 1 || receipt.refused() == [(0, "PERIOD_CLOSED", "date")], "{receipt:?}");
    }
    assert_eq!(close.await??["state"], "CLOSED");
    assert_eq!(shifts(&office).await?.len(), usize::try_from(written)?);
    Ok(())
});

both!(of_two_overlapping_shifts_one_is_written, async |backend| {
    let office = Office::open(backend).await?;
    let early = input(vec![shift("1", "S1", "2020-03-10", ("18:00", "20:00"))]);
    let late = input(vec![shift("2", "S1", "2020-03-10", ("19:00", "21:00"))]);
    let (one, other) = together(&office, backend, ("Shifts", early), ("Shifts", late)).await?;
    one_won(&one, &other, "CONFLICT");
    assert_eq!(shifts(&office).await?.len(), 1);
    Ok(())
});

both!(a_day_is_not_filled_twice_by_telework_and_leave, async |backend| {
    let office = Office::open(backend).await?;
    let telework = json!({ "externalId": "1", "staffNumber": "S1", "date": "2020-03-10", "place": "HOME", "minutes": 300 });
    let leave = json!({ "externalId": "1", "staffNumber": "S1", "date": "2020-03-10", "kind": "ANNUAL", "minutes": 300 });
    let (telework, leave) = (input(vec![telework]), input(vec![leave]));
    let (one, other) = together(&office, backend, ("TeleworkDays", telework), ("LeaveEntries", leave)).await?;
    one_won(&one, &other, "CONFLICT");
    Ok(())
});

both!(of_two_twins_one_writes_and_the_other_waits_for_its_receipt, async |backend| {
    let office = Office::open(backend).await?;
    // One record under two keys is there for the second.
    let (one, other) = together(&office, backend, ("Shifts", hour()), ("Shifts", hour())).await?;
    assert_eq!([one.created + other.created, one.unchanged + other.unchanged], [1, 1], "{one:?} {other:?}");
    // Under one key the second gets the first one's receipt.
    let call = input(vec![shift("2", "S1", "2020-03-11", ("18:00", "19:00"))]);
    let (one, other) = together(&office, backend, ("Shifts", call.clone()), ("Shifts", call)).await?;
    assert_ne!(one.replayed, other.replayed);
    assert_eq!((&one.id, one.counts()), (&other.id, [1, 0, 0, 0, 0, 0]));
    assert_eq!(other.counts(), one.counts());
    assert_eq!(shifts(&office).await?.len(), 2);
    Ok(())
});

/// Sends two calls of bureau A about S1 so that both are under way at once.
async fn together(
    office: &Office,
    backend: Backend,
    one: (&'static str, Value),
    other: (&'static str, Value),
) -> anyhow::Result<(Receipt, Receipt)> {
    meet(office, backend, (&office.a, one), (&office.a, other)).await
}

async fn meet(
    office: &Office,
    backend: Backend,
    (client, (noun, call)): (&Client, (&'static str, Value)),
    (other_client, (other_noun, other_call)): (&Client, (&'static str, Value)),
) -> anyhow::Result<(Receipt, Receipt)> {
    let referee = match backend {
        Backend::Postgres => Some(Referee::hold(office, S1).await?),
        Backend::Sqlite => None,
    };
    let one = sending(client, noun, call);
    let other = sending(other_client, other_noun, other_call);
    if let Some(referee) = referee {
        referee.until_waiting(2).await?;
        referee.let_go().await?;
    }
    Ok((one.await??, other.await??))
}

/// A writer that is cut off leaves nothing, so that its twin, which waited for its receipt, writes the records itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_twin_of_a_call_that_is_cut_off_writes_itself() -> anyhow::Result<()> {
    let office = Office::open(Backend::Postgres).await?;
    let referee = Referee::hold(&office, S1).await?;
    let (client, call) = (office.a.clone(), hour());
    let cut = tokio::spawn({
        let call = call.clone();
        async move { client.error(&mutation("Shifts"), json!({ "input": call })).await }
    });
    referee.until_waiting(1).await?;
    let first = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let first = referee.watching.query_one_raw(Statement::from_string(DbBackend::Postgres, first)).await?.context("who waits")?;
    let first: i32 = first.try_get_by_index(0)?;
    let twin = sending(&office.a, "Shifts", call);
    referee.until_waiting(2).await?;
    referee.watching.execute_unprepared(&format!("SELECT pg_terminate_backend({first})")).await?;
    assert_eq!(cut.await??.code, "INTERNAL");
    referee.let_go().await?;
    let receipt = twin.await??;
    assert_eq!((receipt.replayed, receipt.counts()), (false, [1, 0, 0, 0, 0, 0]));
    Ok(())
}

both!(of_two_transfers_of_one_person_one_is_written, async |backend| {
    let office = Office::open(backend).await?;
    let released = with(posting("p1", "S1", ("A", "A1"), "2018-01-01"), json!({ "releasedOn": "2020-04-01", "releasedTo": "B" }));
    record(&office.a, "Postings", vec![released]).await?;
    let within = input(vec![posting("p8", "S1", ("A", "A2"), "2020-04-10")]);
    let away = input(vec![posting("p9", "S1", ("B", "B1"), "2020-04-10")]);
    let (one, other) = meet(&office, backend, (&office.a, ("Postings", within)), (&office.b, ("Postings", away))).await?;
    // Who came second has no longer to do with the person.
    one_won(&one, &other, "NOT_FOUND");
    let document = "{ postings(first: 20, filter: { staffNumbers: [\"S1\"] }) { nodes { externalId validFrom validTo } } }";
    let mut posts = nodes(&office.secretariat, document, "postings", json!({})).await?;
    posts.sort_by_key(|post| post["validFrom"].to_string());
    let winner = if one.created == 1 { "p8" } else { "p9" };
    assert_eq!(posts[0], json!({ "externalId": "p1", "validFrom": "2018-01-01", "validTo": "2020-04-10" }));
    assert_eq!(posts[1..], [json!({ "externalId": winner, "validFrom": "2020-04-10", "validTo": null })]);
    Ok(())
});
