//! Notices of on-time days against a real SMTP server, with the worker killed and started again between.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};
use api::authn::TokenRequest;
use api::authz::Role;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use entity::ids::JobRunId;
use entity::job_run::{JobName, RunState, Trigger};
use jobs::transaction::NewRun;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::ChildStdout;
use tokio::time::timeout;
use torikumi_tests::both;
use torikumi_tests::fixtures::{bureau, input, nodes, record, send, with};
use torikumi_tests::server::Server;
use torikumi_tests::socket::over;

/// How many bureaus, and how many of them refuse.
const BUREAUS: usize = 40;
const REFUSING: usize = 2;
/// How often the worker is killed: once less than a run that loses its worker is given up.
const KILLS: usize = 4;
/// More than anything here takes; a test that waits for what never comes must end.
const PATIENCE: Duration = Duration::from_mins(1);
/// The steps of a mail at which it is killed: before a recipient is answered for, before the mail is taken, and before it hears of that.
const STEPS: [&str; 3] = ["RCPT", "DATA", "TAKEN"];
/// 08:30 in Tokyo on the server's day.
const SLOT: &str = "2020-04-14T23:30:00Z";

const OUTBOX: &str = "query($states: [MailState!]) { mails(first: 500, filter: { states: $states })
    { nodes { address state attempts settledAt bureau { code noticeAddress } } totalCount } }";

/// A child, killed with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The SMTP server: its process, its address, and the file with a line for each mail that it took.
struct Sink {
    _process: Process,
    /// What it prints at each step of a mail.
    steps: BufReader<ChildStdout>,
    url: String,
    log: PathBuf,
}

impl Sink {
    async fn start(folder: &Path) -> anyhow::Result<Self> {
        let log = folder.join("mails");
        std::fs::write(&log, "")?;
        // tests/run makes an environment with aiosmtpd in it.
        let python = std::env::var("TORIKUMI_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("e2e/smtp_sink.py");
        let mut command = Command::new(python);
        command.arg(script).arg(&log).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = Process(command.spawn().context("python3")?);
        let mut port = String::new();
        let mut steps = BufReader::new(ChildStdout::from_std(process.0.stdout.take().context("stdout")?)?);
        timeout(PATIENCE, steps.read_line(&mut port)).await??;
        ensure!(!port.is_empty(), "the SMTP server did not start: run tests/run, or install tests/requirements.txt");
        Ok(Self { _process: process, steps, url: format!("smtp://127.0.0.1:{}", port.trim()), log })
    }

    /// Waits for the next `count` times that it comes to a step of a mail, and stops there.
    async fn comes_to(&mut self, step: &str, mut count: usize) -> anyhow::Result<()> {
        while count > 0 {
            let mut line = String::new();
            let read = timeout(PATIENCE, self.steps.read_line(&mut line)).await.context("no mail came")?;
            ensure!(read? > 0, "the SMTP server ended");
            count -= usize::from(line.starts_with(step));
        }
        Ok(())
    }

    /// How many mails each address got.
    fn taken(&self) -> anyhow::Result<BTreeMap<String, usize>> {
        let mut counts = BTreeMap::new();
        std::fs::read_to_string(&self.log)?.lines().for_each(|address| *counts.entry(address.to_owned()).or_default() += 1);
        Ok(counts)
    }
}

fn worker(server: &Server, sink: &Sink) -> anyhow::Result<Process> {
    let mut command = server.program()?;
    command.arg("worker").env("TORIKUMI_SMTP_URL", &sink.url).env("TORIKUMI_MAIL_FROM", "Torikumi <torikumi@example.go.jp>");
    Ok(Process(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?))
}

fn address(number: usize) -> String {
    let name = if number < REFUSING { "refused" } else { "bureau" };
    format!("{name}{number:02}@example.go.jp")
}

/// The day's run, asked for and not done.
async fn asked_for(server: &Server) -> anyhow::Result<JobRunId> {
    let new = NewRun::new(JobName::OnTimeDayNotice, Trigger::Command, "notice".to_owned(), "test".to_owned());
    let slot: DateTime<Utc> = SLOT.parse()?;
    Ok(server.app.ledger.enqueue(NewRun { slot: Some(slot), ..new }).await?.0.id)
}

/// Lets the lease of a killed worker end, which takes a minute otherwise.
async fn end_leases(server: &Server) -> anyhow::Result<()> {
    let db = server.connect().await?;
    let past: DateTime<Utc> = SLOT.parse()?;
    let end = "UPDATE job_run SET lease_until = $1 WHERE lease_until IS NOT NULL";
    db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), end, vec![past.into()])).await?;
    Ok(db.close().await?)
}

async fn office(server: &Server) -> anyhow::Result<()> {
    let addressed = |number: usize| with(bureau(&format!("B{number:02}")), json!({ "noticeAddress": address(number) }));
    record(&server.secretariat()?, "Bureaus", (0..BUREAUS).map(addressed).collect::<Vec<_>>()).await?;
    record(&server.admin()?, "OnTimeDays", vec![json!({ "externalId": "1", "date": "2020-04-15", "kind": "ALL_MINISTRIES" })]).await?;
    Ok(())
}

both!(each_bureau_gets_at_most_one_notice_however_often_the_worker_dies, async |backend| {
    let server = Server::start(backend).await?;
    office(&server).await?;
    let mut sink = Sink::start(server.folder()).await?;
    let run = asked_for(&server).await?;
    for kill in 0..KILLS {
        let mut worker = worker(&server, &sink)?;
        // At another step of a mail each time, with some behind it that the same worker sent.
        sink.comes_to("TAKEN", 3).await?;
        sink.comes_to(STEPS[kill % STEPS.len()], 1).await?;
        worker.0.kill()?;
        worker.0.wait()?;
        end_leases(&server).await?;
    }
    let last = worker(&server, &sink)?;
    over(&server.admin()?, &json!(URL_SAFE_NO_PAD.encode(format!("job_run:{run}")))).await?;
    drop(last);

    let run = server.app.ledger.find(run).await?;
    assert_eq!((run.state, run.losses), (RunState::Succeeded, i32::try_from(KILLS)?), "{:?}", run.error);
    let taken = sink.taken()?;
    let mails = nodes(&server.admin()?, OUTBOX, "mails", json!({})).await?;
    assert_eq!(mails.len(), BUREAUS);
    let mut states: BTreeMap<&str, usize> = BTreeMap::new();
    for mail in &mails {
        let (to, state) = (mail["address"].as_str().unwrap_or_default(), mail["state"].as_str().unwrap_or_default());
        *states.entry(state).or_default() += 1;
        let got = taken.get(to).copied().unwrap_or_default();
        match state {
            "SENT" => assert_eq!(got, 1, "{mail}"),
            "FAILED" => assert!(got == 0 && to.starts_with("refused"), "{mail}"),
            "UNCERTAIN" => assert!(got <= 1, "{mail}"),
            _ => panic!("{mail}"),
        }
    }
    let uncertain = nodes(&server.admin()?, OUTBOX, "mails", json!({ "states": ["UNCERTAIN"] })).await?;
    assert_eq!(uncertain.len(), states.get("UNCERTAIN").copied().unwrap_or_default());
    assert!(uncertain.len() <= KILLS, "a worker has one mail in its hands");
    let count = |state: &str| states.get(state).copied().unwrap_or_default();
    let reached = uncertain.iter().filter(|mail| taken.contains_key(mail["address"].as_str().unwrap_or_default())).count();
    println!(
        "{backend:?}: {BUREAUS} bureaus, {KILLS} kills: {} sent, {} refused, {} uncertain ({reached} of them arrived), none twice",
        count("SENT"),
        count("FAILED"),
        count("UNCERTAIN"),
    );
    assert_eq!(count("FAILED"), REFUSING);
    Ok(())
});

both!(an_address_is_checked_and_shown_to_few, async |backend| {
    let server = Server::start(backend).await?;
    let (secretariat, admin, officer) = (server.secretariat()?, server.admin()?, server.officer(&["A"])?);
    let addressed = |address: &str| with(bureau("A"), json!({ "noticeAddress": address, "officerAddress": format!("o-{address}") }));
    for wrong in ["somu", "総務@example.go.jp", "a@example.go.jp\r\nRCPT TO:<b@example.go.jp>"] {
        let receipt = send(&secretariat, "Bureaus", with(input(vec![addressed(wrong)]), json!({ "mode": "ACCEPT_VALID" }))).await?;
        assert_eq!(receipt.refused(), [(0, "BAD_USER_INPUT", "noticeAddress")], "{wrong}");
        let officers = with(bureau("A"), json!({ "officerAddress": wrong }));
        let receipt = send(&secretariat, "Bureaus", with(input(vec![officers]), json!({ "mode": "ACCEPT_VALID" }))).await?;
        assert_eq!(receipt.refused(), [(0, "BAD_USER_INPUT", "officerAddress")], "{wrong}");
    }
    record(&secretariat, "Bureaus", vec![addressed("first@example.go.jp")]).await?;
    record(&secretariat, "Bureaus", vec![addressed("somu@example.go.jp")]).await?;
    let asked = "{ bureaus(first: 5) { nodes { noticeAddress officerAddress revisions { content } } } }";
    for client in [&secretariat, &admin] {
        let seen = nodes(client, asked, "bureaus", Value::Null).await?;
        assert_eq!(seen[0]["noticeAddress"], "somu@example.go.jp");
        assert_eq!(seen[0]["officerAddress"], "o-somu@example.go.jp");
        let former = &seen[0]["revisions"][0]["content"];
        assert_eq!(
            (&former["notice_address"], &former["officer_address"]),
            (&json!("first@example.go.jp"), &json!("o-first@example.go.jp"))
        );
    }
    let seen = nodes(&officer, asked, "bureaus", Value::Null).await?;
    assert_eq!((&seen[0]["noticeAddress"], &seen[0]["officerAddress"]), (&Value::Null, &Value::Null));
    assert!(!json!(seen).to_string().contains("example.go.jp"), "{seen:?}");
    Ok(())
});

both!(a_bureau_has_its_place_among_the_others, async |backend| {
    let server = Server::start(backend).await?;
    let secretariat = server.secretariat()?;
    for wrong in [0, -1, 100_001] {
        let placed = with(bureau("A"), json!({ "position": wrong }));
        let receipt = send(&secretariat, "Bureaus", with(input(vec![placed]), json!({ "mode": "ACCEPT_VALID" }))).await?;
        assert_eq!(receipt.refused(), [(0, "BAD_USER_INPUT", "position")], "{wrong}");
    }
    record(&secretariat, "Bureaus", vec![with(bureau("A"), json!({ "position": 20 })), bureau("B")]).await?;
    let seen = nodes(&secretariat, "{ bureaus(first: 5) { nodes { code position } } }", "bureaus", Value::Null).await?;
    assert_eq!(json!(seen), json!([{ "code": "A", "position": 20 }, { "code": "B", "position": null }]));
    Ok(())
});

const UPDATE: &str = "mutation($input: UpdateRetentionInput!) { updateRetention(input: $input)
    { retention { noun length unit changedBy reason } pendingChange { id } } }";
const APPROVE: &str = "mutation($input: ApproveChangeInput!) { approveChange(input: $input) { pendingChange { state } } }";

both!(an_administrator_says_how_long_a_noun_is_kept, async |backend| {
    let server = Server::start(backend).await?;
    let admin = server.admin()?;
    let list = "{ retentions(first: 50) { nodes { noun length unit changedBy } totalCount } }";
    let usual = nodes(&admin, list, "retentions", Value::Null).await?;
    assert_eq!(usual.len(), 16);
    assert!(usual.contains(&json!({ "noun": "RECEIPT", "length": 90, "unit": "DAYS", "changedBy": "system" })), "{usual:?}");
    let change = |noun: &str, length: i32, reason: &str| json!({ "input": { "noun": noun, "length": length, "reason": reason } });
    let mut waits = admin.query(UPDATE, change("SHIFT", 7, "文書管理規則の改正")).await?["updateRetention"].take();
    assert_eq!(waits["retention"], Value::Null, "a second administrator approves it first");
    let deputy = server.client(&TokenRequest { subject: "deputy".to_owned(), ..server.request(Role::Admin) })?;
    deputy.query(APPROVE, json!({ "input": { "id": waits["pendingChange"]["id"].take() } })).await?;
    let list = "{ retentions(first: 50) { nodes { noun length unit changedBy reason } } }";
    let expected = json!({ "noun": "SHIFT", "length": 7, "unit": "FISCAL_YEARS", "changedBy": "admin", "reason": "文書管理規則の改正" });
    assert!(nodes(&admin, list, "retentions", Value::Null).await?.contains(&expected));
    for (noun, length, reason, field) in [
        ("SHIFT", 0, "x", "length"),
        ("SHIFT", 101, "x", "length"),
        ("RECEIPT", 89, "x", "length"),
        ("JOB_RUN", 29, "x", "length"),
        ("SHIFT", 5, "", "reason"),
    ] {
        let refused = admin.error(UPDATE, change(noun, length, reason)).await?;
        assert_eq!((refused.code.as_str(), refused.field.as_deref()), ("BAD_USER_INPUT", Some(field)), "{noun} {length}");
    }
    let entries = "{ auditEntries(first: 5, filter: { noun: \"retention\" }) { nodes { verb counts reason actor } } }";
    let entries = nodes(&admin, entries, "auditEntries", Value::Null).await?;
    let counts = json!({ "noun": "SHIFT", "from": 5, "to": 7 });
    assert_eq!(entries, [json!({ "verb": "UPDATE", "counts": counts, "reason": "文書管理規則の改正", "actor": "admin" })]);
    Ok(())
});
