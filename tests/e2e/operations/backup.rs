//! The drill: write under load, back up meanwhile, restore elsewhere, compare; and what is torn, changed or locked by another key.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Instant;

use age::secrecy::ExposeSecret;
use age::x25519::Identity;
use anyhow::{Context, ensure};
use api::authn::TokenRequest;
use api::authz::Role;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::database::TestDatabase;
use torikumi_tests::fixtures::{Office, input, record, send, shift, with};
use torikumi_tests::server::{Server, codes};
use torikumi_tests::socket::Socket;

use crate::changes::copy::{CHANGES, Copy, NOUNS};

/// Records of one call; a restored database has all of a call or nothing.
const CALL: i64 = 20;
const RUNS: &str = "subscription ($after: String) { jobRuns(after: $after) { cursor } }";
const OUTLIERS: &str = "subscription ($after: String) { overtimeOutliers(after: $after) { cursor } }";

/// Who can open the backups of a test.
struct Keeper {
    recipient: String,
    identity: PathBuf,
}

impl Keeper {
    fn new(folder: &Path, name: &str) -> anyhow::Result<Self> {
        let secret = Identity::generate();
        let identity = folder.join(name);
        std::fs::write(&identity, format!("# a test's\n{}\n", secret.to_string().expose_secret()))?;
        Ok(Self { recipient: secret.to_public().to_string(), identity })
    }
}

async fn run(mut command: Command) -> anyhow::Result<Output> {
    Ok(spawn_blocking(move || command.output()).await??)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// The program with a subcommand on the server's database.
fn backup(server: &Server, out: &Path, recipient: &str, more: &[&str]) -> anyhow::Result<Command> {
    let mut command = server.program()?;
    command.args(["backup", "--recipient", recipient, "--out"]).arg(out).args(more);
    Ok(command)
}

/// The program that restores into another database, with places of its own for heads and keys.
fn restore(server: &Server, file: &Path, url: &str, places: &Path) -> anyhow::Result<Command> {
    let mut command = elsewhere(server, url, places)?;
    command.arg("restore").arg(file);
    Ok(command)
}

fn elsewhere(server: &Server, url: &str, places: &Path) -> anyhow::Result<Command> {
    let mut command = server.program()?;
    command.env("DATABASE_URL", url).env("TORIKUMI_KEY", places.join("key.pem"));
    command.env("TORIKUMI_SEAL_KEY", places.join("seal.key")).env("TORIKUMI_SEAL_HEADS", places.join("heads"));
    command.env("TORIKUMI_PSEUDONYM_KEY", places.join("pseudonym.key")).env("TORIKUMI_RELEASE_KEY", places.join("release.key"));
    Ok(command)
}

async fn texts(db: &DatabaseConnection, sql: String) -> anyhow::Result<Vec<String>> {
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
}

async fn tables(db: &DatabaseConnection) -> anyhow::Result<Vec<String>> {
    let sql = match db.get_database_backend() {
        DbBackend::Postgres => "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
        _ => "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1",
    };
    texts(db, sql.to_owned()).await
}

/// A digest of each table, cell for cell, without what a restore itself writes.
async fn digests(url: &str) -> anyhow::Result<BTreeMap<String, (usize, String)>> {
    let db = Database::connect(url).await?;
    let mut digests = BTreeMap::new();
    for table in tables(&db).await?.into_iter().filter(|table| table != "database_identity") {
        let only = if table == "audit_entry" { "WHERE verb <> 'RESTORE'" } else { "" };
        let rows = if db.get_database_backend() == DbBackend::Postgres {
            texts(&db, format!("SELECT CAST(t AS text) FROM {table} t {only} ORDER BY 1")).await?
        } else {
            let columns = texts(&db, format!("SELECT 'quote(\"' || name || '\")' FROM pragma_table_info('{table}')")).await?;
            texts(&db, format!("SELECT {} FROM {table} {only} ORDER BY 1", columns.join(" || ',' || "))).await?
        };
        digests.insert(table, (rows.len(), format!("{:x}", Sha256::digest(rows.join("\n")))));
    }
    db.close().await?;
    Ok(digests)
}

/// Writes the same records again and again, each call with the next version, until it is told to stop.
async fn write(client: Client, staff: &'static str, stop: Arc<AtomicBool>, committed: Arc<AtomicI64>) -> anyhow::Result<()> {
    while !stop.load(Ordering::SeqCst) {
        let version = committed.load(Ordering::SeqCst) + 1;
        let records: Vec<_> = (1..=CALL)
            .map(|day| {
                let date = format!("2020-03-{day:02}");
                let end = format!("{}:{:02}", 17 + version / 60 % 4, version % 60);
                with(shift(&format!("{staff}-{day}"), staff, &date, ("08:30", end.as_str())), json!({ "sourceVersion": version }))
            })
            .collect();
        let receipt = send(&client, "Shifts", input(records)).await?;
        ensure!(receipt.rejected == 0, "{receipt:?}");
        committed.store(version, Ordering::SeqCst);
    }
    Ok(())
}

both!(a_backup_under_load_restores_one_state, async |backend| {
    let office = Office::open(backend).await?;
    let server = &office.server;
    let folder = server.folder();
    let (keeper, other) = (Keeper::new(folder, "keeper")?, Keeper::new(folder, "other")?);
    // Keys and heads come up with the first seal.
    let key = uuid::Uuid::now_v7().to_string();
    let seal =
        jobs::transaction::NewRun::new(entity::job_run::JobName::SealAudit, entity::job_run::Trigger::Command, key, "test".to_owned());
    server.app.ledger.enqueue(seal).await?;
    server.run_jobs().await?;
    // The key that signed it is a former one by now, and comes along.
    ensure!(server.program()?.args(["keys", "rotate", "seal"]).output()?.status.success());

    let stop = Arc::new(AtomicBool::new(false));
    let versions = <[Arc<AtomicI64>; 3]>::default();
    let writers = [(&office.a, "S1", 0), (&office.a, "S2", 1), (&office.b, "S3", 2)]
        .map(|(client, staff, at)| tokio::spawn(write(client.clone(), staff, stop.clone(), versions[at].clone())));
    while versions.iter().any(|version| version.load(Ordering::SeqCst) < 3) {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        ensure!(writers.iter().all(|writer| !writer.is_finished()), "a writer ended");
    }
    let before = versions.each_ref().map(|version| version.load(Ordering::SeqCst));
    let file = folder.join("loaded.age");
    let made = run(backup(server, &file, &keeper.recipient, &["--with-heads", "--with-keys"])?).await?;
    ensure!(made.status.success(), "{}", said(&made));
    let after = versions.each_ref().map(|version| version.load(Ordering::SeqCst) + 1);
    stop.store(true, Ordering::SeqCst);
    for writer in writers {
        writer.await??;
    }

    let places = folder.join("elsewhere");
    std::fs::create_dir(&places)?;
    let target = TestDatabase::empty(backend).await?;
    let mut command = restore(server, &file, &target.url, &places)?;
    command.args(["--with-heads", "--with-keys", "--identity"]).arg(&keeper.identity);
    let restored = run(command).await?;
    ensure!(restored.status.success() && said(&restored).contains("another database"), "{}", said(&restored));

    // All of each call or nothing: rows, their former versions, and the receipt.
    let db = Database::connect(&target.url).await?;
    for (at, staff) in ["S1", "S2", "S3"].into_iter().enumerate() {
        let sql = format!(
            "SELECT MIN(h.source_version) || ' ' || MAX(h.source_version) || ' ' || MIN(h.revision) || ' ' || MAX(h.revision) || ' ' || COUNT(*)
            FROM shift h WHERE h.external_id LIKE '{staff}-%'"
        );
        let row = texts(&db, sql).await?.pop().context("a row")?;
        let version: i64 = row.split(' ').next().context("a version")?.parse()?;
        assert_eq!(row, format!("{version} {version} {version} {version} {CALL}"));
        assert!((before[at]..=after[at]).contains(&version), "{staff}: {} <= {version} <= {}", before[at], after[at]);
        let former =
            format!("SELECT COUNT(*) || '' FROM record_revision r JOIN shift h ON h.id = r.record_id WHERE h.external_id LIKE '{staff}-%'");
        assert_eq!(texts(&db, former).await?, [((version - 1) * CALL).to_string()]);
    }
    let receipts = "SELECT COUNT(*) || '' FROM shift h WHERE NOT EXISTS (SELECT 1 FROM receipt r WHERE r.id = h.receipt_id)".to_owned();
    assert_eq!(texts(&db, receipts).await?, ["0"]);
    db.close().await?;
    let mut verify = elsewhere(server, &target.url, &places)?;
    verify.args(["verify", "audit"]);
    let verified = run(verify).await?;
    ensure!(verified.status.success() && said(&verified).contains("under 1 signed heads"), "{}", said(&verified));

    // Not over what is there, neither database nor file.
    let mut again = restore(server, &file, &target.url, &folder.join("again"))?;
    again.arg("--identity").arg(&keeper.identity);
    let again = run(again).await?;
    ensure!(!again.status.success() && said(&again).contains("the database is not empty"), "{}", said(&again));
    let spare = TestDatabase::empty(backend).await?;
    let mut keys = restore(server, &file, &spare.url, &places)?;
    keys.args(["--with-keys", "--identity"]).arg(&keeper.identity);
    let keys = run(keys).await?;
    ensure!(!keys.status.success() && said(&keys).contains("is there already"), "{}", said(&keys));
    let taken = run(backup(server, &file, &keeper.recipient, &[])?).await?;
    ensure!(!taken.status.success() && said(&taken).contains("is there already"), "{}", said(&taken));
    let mut foreign = restore(server, &file, &spare.url, &folder.join("foreign"))?;
    foreign.arg("--identity").arg(&other.identity);
    let foreign = run(foreign).await?;
    ensure!(!foreign.status.success() && said(&foreign).contains("does not open this file"), "{}", said(&foreign));
    Ok(())
});

both!(a_quiet_backup_is_the_database_cell_for_cell_and_its_readers_start_anew, async |backend| {
    let office = Office::open(backend).await?;
    let server = &office.server;
    let folder = server.folder();
    let shifts: Vec<_> = (1..=28).map(|day| shift(&format!("k{day}"), "S1", &format!("2020-02-{day:02}"), ("08:30", "19:00"))).collect();
    record(&office.a, "Shifts", shifts).await?;
    let trigger = "mutation ($input: TriggerJobInput!) { triggerJob(input: $input) { run { id } } }";
    let asked = json!({ "input": { "job": "MONTHLY_INDICATORS", "period": "2020-02", "reason": "a test", "idempotencyKey": "1" } });
    office.secretariat.query(trigger, asked).await?;
    server.run_jobs().await?;
    let cursors = [cursor(server, RUNS, None).await?, cursor(server, OUTLIERS, None).await?];
    let mut copy_of_a = Copy::open(&office.a).await?;
    let position = office.secretariat.query("{ auditPosition }", json!({})).await?["auditPosition"].take();

    let (file, secret) = (folder.join("quiet.age"), folder.join("passphrase"));
    std::fs::write(&secret, "correct horse battery\n")?;
    let mut command = server.program()?;
    command.args(["backup", "--out"]).arg(&file).env("TORIKUMI_BACKUP_PASSPHRASE_FILE", &secret);
    let began = Instant::now();
    let made = run(command).await?;
    ensure!(made.status.success() && said(&made).contains("neither heads nor keys"), "{}", said(&made));
    let written = began.elapsed();

    let target = TestDatabase::empty(backend).await?;
    let mut wrong = restore(server, &file, &target.url, folder)?;
    wrong.arg("--passphrase-file").arg(server.key_file());
    let wrong = run(wrong).await?;
    ensure!(!wrong.status.success() && said(&wrong).contains("does not open this file"), "{}", said(&wrong));
    let mut command = restore(server, &file, &target.url, folder)?;
    command.arg("--passphrase-file").arg(&secret);
    let began = Instant::now();
    let restored = run(command).await?;
    ensure!(restored.status.success(), "{}", said(&restored));
    println!("{backend:?}: {} bytes, written in {written:?}, restored in {:?}", std::fs::metadata(&file)?.len(), began.elapsed());
    let (source, copy) = (digests(&server.database.url).await?, digests(&target.url).await?);
    ensure!(source.len() > 30 && source["shift"].0 == 28 && source["indicator_value"].0 > 0, "{source:?}");
    assert_eq!(source, copy);

    // It is another database: what its readers hold is of the former one.
    let elsewhere = Server::on(target).await?;
    for (document, cursor) in [RUNS, OUTLIERS].into_iter().zip(&cursors) {
        assert!(self::cursor(server, document, Some(cursor)).await.is_ok(), "where it comes from, it is good");
        let refused = self::cursor(&elsewhere, document, Some(cursor)).await.unwrap_err().to_string();
        assert!(refused.contains("CONFLICT") && refused.contains("after"), "{refused}");
        let anew = self::cursor(&elsewhere, document, None).await?;
        assert!(self::cursor(&elsewhere, document, Some(&anew)).await.is_ok());
    }
    // Who follows changes or the trail is told to start anew, and then follows as before.
    record(&office.a, "Shifts", vec![shift("lost", "S1", "2020-03-02", ("08:30", "19:00"))]).await?;
    let request = elsewhere.request(Role::BureauSystem);
    let a = elsewhere.client(&TokenRequest { bureaus: codes(&["A"]), client: Some("a".to_owned()), ..request })?;
    let refused = a.error(CHANGES, json!({ "after": copy_of_a.cursor(), "nouns": NOUNS, "first": 50 })).await?;
    assert_eq!((refused.code.as_str(), refused.field.as_deref()), ("BAD_USER_INPUT", Some("after")), "{refused:?}");
    assert!(refused.message.contains("Start anew"), "{refused:?}");
    copy_of_a.follow(&office.a).await?;
    copy_of_a.check(&office.a).await?;
    let mut anew = Copy::open(&a).await?;
    record(&a, "Shifts", vec![shift("since", "S1", "2020-03-03", ("08:30", "19:00"))]).await?;
    anew.follow(&a).await?;
    anew.check(&a).await?;
    let of_trail = "query($at: String) { auditEntries(filter: { sealedAfter: $at }) { nodes { id } } }";
    office.secretariat.query(of_trail, json!({ "at": position })).await?;
    let refused = elsewhere.secretariat()?.error(of_trail, json!({ "at": position })).await?;
    assert_eq!((refused.code.as_str(), refused.field.as_deref()), ("BAD_USER_INPUT", Some("sealedAfter")), "{refused:?}");
    let trail = "{ auditEntries(filter: { noun: \"database\" }) { nodes { actor verb } } }";
    let entries = torikumi_tests::fixtures::nodes(&elsewhere.admin()?, trail, "auditEntries", json!({})).await?;
    let verbs: Vec<_> = entries.iter().filter_map(|entry| entry["verb"].as_str()).collect();
    assert!(verbs.contains(&"BACKUP") && verbs.contains(&"RESTORE"), "{entries:?}");
    Ok(())
});

/// The first cursor of a subscription.
async fn cursor(server: &Server, document: &str, after: Option<&str>) -> anyhow::Result<String> {
    let reader = server.secretariat()?;
    let mut socket = Socket::start(&server.url, reader.token()).await?;
    socket.subscribe("1", document, json!({ "after": after })).await?;
    let message = socket.message().await?;
    let data = message["payload"]["data"].as_object().and_then(|data| data.values().next());
    data.and_then(|data| data["cursor"].as_str()).map(str::to_owned).with_context(|| message.to_string())
}

both!(what_is_torn_or_changed_is_refused_and_nothing_changes, async |backend| {
    let server = Server::start(backend).await?;
    let folder = server.folder();
    let keeper = Keeper::new(folder, "keeper")?;
    let file = folder.join("whole.age");
    let made = run(backup(&server, &file, &keeper.recipient, &[])?).await?;
    ensure!(made.status.success(), "{}", said(&made));
    let whole = std::fs::read(&file)?;
    let target = TestDatabase::empty(backend).await?;
    let length = whole.len();
    let mut hurt: Vec<Vec<u8>> =
        [0, 60, 400, length / 3, length / 2, length - 40, length - 1].iter().map(|end| whole[..*end].to_vec()).collect();
    for place in [70, 300, length / 2, length - 1] {
        let mut changed = whole.clone();
        changed[place] ^= 4;
        hurt.push(changed);
    }
    hurt.push([&whole[..], b"\0"].concat());
    let bad = folder.join("bad.age");
    for (number, content) in hurt.iter().enumerate() {
        std::fs::write(&bad, content)?;
        let mut command = restore(&server, &bad, &target.url, folder)?;
        command.arg("--identity").arg(&keeper.identity);
        let output = run(command).await?;
        let told = said(&output);
        assert!(!output.status.success(), "{number}");
        assert!(told.contains("is no whole backup") || told.contains("does not open this file"), "{number}: {told}");
        let db = Database::connect(&target.url).await?;
        assert_eq!(tables(&db).await?, [""; 0]);
        db.close().await?;
    }
    // No plaintext lies about, beside neither the databases nor the file.
    let beside = server.database.url.trim_start_matches("sqlite://");
    let folders = [Path::new(beside).parent(), Some(folder)];
    for folder in folders.into_iter().flatten().filter(|folder| folder.is_dir()) {
        let left = std::fs::read_dir(folder)?.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(".torikumi-draft"));
        // Those of other tests are in use.
        let left = left.filter(|entry| std::fs::File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok()));
        assert_eq!(left.count(), 0, "{}", folder.display());
    }
    let mut command = restore(&server, &file, &target.url, folder)?;
    command.arg("--identity").arg(&keeper.identity);
    let good = run(command).await?;
    ensure!(good.status.success(), "{}", said(&good));
    Ok(())
});
