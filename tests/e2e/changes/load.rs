//! Writers with random delays, moves, voids, aborts and a process that is killed, beside pollers who keep copies.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{NaiveDate, TimeDelta, Utc};
use serde_json::json;
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::database::Backend;
use torikumi_tests::fixtures::{Office, input, posting, record, send, shift, staff, with};
use torikumi_tests::process::Process;

use super::copy::Copy;

/// People of each bureau.
const PEOPLE: u64 = 30;

/// Numbers that look random and come again with their seed.
struct Random(u64);

impl Random {
    fn below(&mut self, most: u64) -> u64 {
        // Knuth's constants of MMIX.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

async fn people(office: &Office) -> anyhow::Result<()> {
    for (client, bureau, unit) in [(&office.a, "A", "A1"), (&office.b, "B", "B1")] {
        let numbers: Vec<_> = (0..PEOPLE).map(|number| format!("{bureau}{number}")).collect();
        record(client, "Staff", numbers.iter().map(|number| staff(number)).collect::<Vec<_>>()).await?;
        let posts: Vec<_> = numbers.iter().map(|number| posting(number, number, (bureau, unit), "2019-01-01")).collect();
        record(client, "Postings", posts).await?;
    }
    Ok(())
}

/// Writes calls of shifts, each of some records, some of them void or refused, with pauses.
async fn write(client: Client, bureau: &'static str, seed: u64, calls: u64, records: u64) -> anyhow::Result<()> {
    let mut random = Random(seed);
    let first = NaiveDate::from_ymd_opt(2019, 1, 1).unwrap();
    for call in 0..calls {
        let rows: Vec<_> = (0..records)
            .map(|at| {
                let (person, day) = (random.below(PEOPLE), (call * records + at) / PEOPLE % 460);
                let date = first + TimeDelta::days(i64::try_from(day).unwrap_or_default());
                let number = format!("{bureau}{person}");
                let end = format!("{}:{:02}", 17 + random.below(4), random.below(60));
                let row = shift(&format!("{seed}-{number}-{date}"), &number, &date.to_string(), ("08:30", &end));
                if random.below(8) == 0 { with(row, json!({ "void": true, "voidReason": "x" })) } else { row }
            })
            .collect();
        let mode = if random.below(6) == 0 { "ALL_OR_NOTHING" } else { "ACCEPT_VALID" };
        // Twice in a call, of another bureau, or of a process that is gone: what is refused or lost is not told.
        let _ = send(&client, "Shifts", with(input(rows), json!({ "mode": mode }))).await;
        tokio::time::sleep(Duration::from_millis(random.below(30))).await;
    }
    Ok(())
}

/// Transfers between the bureaus, late ones among them.
async fn transfer(client: Client, stop: Arc<AtomicBool>) -> anyhow::Result<()> {
    let mut random = Random(7);
    let mut at = 0;
    while !stop.load(Ordering::SeqCst) {
        let from = if random.below(2) == 0 { "A" } else { "B" };
        let number = format!("{from}{}", random.below(PEOPLE));
        let (bureau, unit) = if random.below(2) == 0 { ("A", "A1") } else { ("B", "B1") };
        let day = NaiveDate::from_ymd_opt(2019, 2, 1).unwrap() + TimeDelta::days(i64::try_from(random.below(430))?);
        let row = posting(&format!("t{at}"), &number, (bureau, unit), &day.to_string());
        let _ = send(&client, "Postings", input(vec![row])).await;
        at += 1;
        tokio::time::sleep(Duration::from_millis(random.below(60))).await;
    }
    Ok(())
}

/// Writers, transfers and pollers; on the way one process is killed and another one goes on.
async fn run(backend: Backend, calls: u64, records: u64) -> anyhow::Result<()> {
    let office = Office::open(backend).await?;
    people(&office).await?;
    // The process goes by the machine's clock, and this one stands still: numbers follow the commits all the same.
    office.server.set_now(Utc::now());
    let (a, b) = (office.server.system("a", &["A"]).await?, office.server.system("b", &["B"]).await?);
    let secretariat = office.server.secretariat()?;
    let stop = Arc::new(AtomicBool::new(false));
    let mut readers = [a.clone(), b.clone(), secretariat.clone(), office.server.officer(&["A"])?];
    let mut copies = Vec::new();
    for reader in &readers {
        copies.push(Copy::open(reader).await?);
    }
    let process = Process::serve(office.server.program()?)?;
    let url = format!("http://{}", process.address);
    let transfers = tokio::spawn(transfer(secretariat, stop.clone()));
    let writers = [
        tokio::spawn(write(a.clone(), "A", 1, calls, records)),
        tokio::spawn(write(b.clone(), "B", 2, calls, records)),
        tokio::spawn(write(a.at(&url), "A", 3, calls, records)),
        tokio::spawn(write(b.at(&url), "B", 4, calls, records)),
    ];
    let mut process = Some(process);
    let mut rounds = 0;
    while !writers.iter().all(tokio::task::JoinHandle::is_finished) {
        for (copy, reader) in copies.iter_mut().zip(&readers) {
            copy.follow_page(reader).await?;
        }
        rounds += 1;
        if rounds == 3 {
            // Killed, in the middle of whatever it does.
            process = None;
        }
        if rounds == 4 {
            let again = Process::serve(office.server.program()?)?;
            for reader in &mut readers[..2] {
                *reader = reader.at(&format!("http://{}", again.address));
            }
            process = Some(again);
        }
    }
    anyhow::ensure!(rounds > 4, "the writers were done before the process was killed");
    for writer in writers {
        writer.await??;
    }
    stop.store(true, Ordering::SeqCst);
    transfers.await??;
    for (copy, reader) in copies.iter_mut().zip(&readers) {
        copy.follow(reader).await?;
        copy.check(reader).await?;
        let told = copy.told;
        copy.follow(reader).await?;
        assert_eq!(copy.told, told, "nothing twice");
        assert!(copy.told > 100 && copy.len() > 100, "{} {}", copy.told, copy.len());
    }
    drop(process);
    Ok(())
}

both!(copies_equal_what_their_readers_see, async |backend| run(backend, 25, 20).await);

both!(
    #[ignore = "long: tests/run --whole"]
    copies_of_many_records_equal_what_their_readers_see,
    async |backend| run(backend, 100, 250).await
);
