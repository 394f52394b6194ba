//! Runs followed over WebSocket: how they stand, then every event once and in order, whoever is cut off when.

use std::path::Path;
use std::process::Stdio;
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use api::authn::TokenRequest;
use api::authz::Role;
use chrono::{TimeDelta, TimeZone, Utc};
use entity::job_run_event;
use jobs::database::Database;
use jobs::ledger::Ledger;
use jobs::runner::{Phase, Runner};
use sea_orm::{ActiveEnum, EntityTrait, QueryOrder};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::net::TcpListener;
use tokio::process::{Child, ChildStdout, Command};
use tokio_util::sync::CancellationToken;
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::fixtures::Office;
use torikumi_tests::server::Server;
use torikumi_tests::socket::{Socket, opening};

const TRIGGER: &str = "mutation ($input: TriggerJobInput!) { triggerJob(input: $input) { run { id } } }";
const ONE: &str = "subscription ($id: ID!, $after: Long) { jobRun(id: $id, afterSequence: $after) {
    sequence run { id state } event { sequence kind } } }";
const ALL: &str = "subscription ($filter: JobRunsFilter! = {}, $after: String) { jobRuns(filter: $filter, after: $after) {
    cursor updates { sequence run { id state } event { sequence kind } } } }";
/// Far below PostgreSQL's poll of 30 s: who is told so fast was told by the transaction.
const TOLD: Duration = Duration::from_secs(20);

/// Number and kind of an event.
type Seen = (i64, String);

async fn trigger(client: &Client, month: &str) -> anyhow::Result<Value> {
    let input = json!({ "input": { "job": "MONTHLY_INDICATORS", "period": month, "reason": "a test", "idempotencyKey": month } });
    Ok(client.query(TRIGGER, input).await?["triggerJob"]["run"]["id"].take())
}

/// What the table holds, run by run in the order in which they were asked for.
async fn table(server: &Server) -> anyhow::Result<Vec<Vec<Seen>>> {
    let events = job_run_event::Entity::find().order_by_asc(job_run_event::Column::RunId).order_by_asc(job_run_event::Column::Sequence);
    let mut runs: Vec<(_, Vec<Seen>)> = Vec::new();
    for event in events.all(&server.connect().await?).await? {
        if runs.last().is_none_or(|(run, _)| *run != event.run_id) {
            runs.push((event.run_id, Vec::new()));
        }
        if let Some((_, seen)) = runs.last_mut() {
            seen.push((event.sequence, event.kind.to_value()));
        }
    }
    Ok(runs.into_iter().map(|(_, seen)| seen).collect())
}

/// The event of an update.
fn seen(update: &Value) -> anyhow::Result<Seen> {
    let event = &update["event"];
    ensure!(event["sequence"] == update["sequence"], "{update}");
    Ok((event["sequence"].as_i64().context("a sequence")?, event["kind"].as_str().context("a kind")?.to_owned()))
}

/// The updates of one run up to `complete`; or as many as `most`.
async fn updates(socket: &mut Socket, most: usize) -> anyhow::Result<Vec<Value>> {
    let mut updates = Vec::new();
    while updates.len() < most {
        let mut message = socket.message().await?;
        if message["type"] == "complete" {
            break;
        }
        ensure!(message["type"] == "next" && message["payload"]["errors"].is_null(), "{message}");
        updates.push(message["payload"]["data"]["jobRun"].take());
    }
    Ok(updates)
}

/// How things stand, and the events after that.
fn told(updates: &[Value]) -> anyhow::Result<(i64, String, Vec<Seen>)> {
    let (first, rest) = updates.split_first().context("no update")?;
    ensure!(first["event"].is_null(), "{first}");
    let sequence = first["sequence"].as_i64().context("a sequence")?;
    let state = first["run"]["state"].as_str().context("a state")?.to_owned();
    Ok((sequence, state, rest.iter().map(seen).collect::<Result<_, _>>()?))
}

async fn follow(server: &Server, client: &Client, document: &str, variables: Value) -> anyhow::Result<Socket> {
    let mut socket = Socket::start(&server.url, client.token()).await?;
    socket.subscribe("1", document, variables).await?;
    Ok(socket)
}

both!(a_run_is_told_from_how_it_stands_to_its_end, async |backend| {
    let office = Office::open(backend).await?;
    let admin = office.server.admin()?;
    let run = trigger(&office.secretariat, "2020-03").await?;
    let mut socket = follow(&office.server, &admin, ONE, json!({ "id": run })).await?;
    let standing = updates(&mut socket, 1).await?;
    assert_eq!(standing[0], json!({ "sequence": 1, "run": { "id": run, "state": "QUEUED" }, "event": null }));
    assert_eq!(office.server.run_jobs().await?, 1);
    let rest = updates(&mut socket, usize::MAX).await?;
    let table = table(&office.server).await?;
    assert_eq!(rest.iter().map(seen).collect::<anyhow::Result<Vec<_>>>()?, table[0][1..]);
    let kinds: Vec<_> = table[0].iter().map(|(_, kind)| kind.as_str()).collect();
    assert_eq!((kinds[0], kinds[1], kinds[kinds.len() - 1]), ("ENQUEUED", "CLAIMED", "SUCCEEDED"), "{kinds:?}");
    assert_eq!(rest.last().context("no event")?["run"]["state"], "SUCCEEDED");

    // Of a run that is over there is nothing more to tell; from the start, everything.
    socket.subscribe("1", ONE, json!({ "id": run })).await?;
    assert_eq!(told(&updates(&mut socket, usize::MAX).await?)?, (i64::try_from(kinds.len())?, "SUCCEEDED".to_owned(), vec![]));
    socket.subscribe("1", ONE, json!({ "id": run, "after": 0 })).await?;
    assert_eq!(told(&updates(&mut socket, usize::MAX).await?)?, (0, "SUCCEEDED".to_owned(), table[0].clone()));
    Ok(())
});

both!(who_comes_back_goes_on_where_the_line_broke, async |backend| {
    let office = Office::open(backend).await?;
    let admin = office.server.admin()?;
    let run = trigger(&office.secretariat, "2020-03").await?;
    let mut heard = Vec::new();
    let mut socket = follow(&office.server, &admin, ONE, json!({ "id": run, "after": 0 })).await?;
    heard.extend(told(&updates(&mut socket, 2).await?)?.2);
    // Gone without a word; what happens meanwhile is told afterwards, an event at a time.
    drop(socket);
    office.server.run_jobs().await?;
    let table = table(&office.server).await?;
    while heard.len() < table[0].len() {
        let after = heard.last().map(|(sequence, _)| *sequence);
        let mut socket = follow(&office.server, &admin, ONE, json!({ "id": run, "after": after })).await?;
        heard.extend(told(&updates(&mut socket, 2).await?)?.2);
    }
    assert_eq!(heard, table[0]);
    Ok(())
});

both!(a_run_that_another_process_does_is_told_at_once, async |backend| {
    let office = Office::open(backend).await?;
    let admin = office.server.admin()?;
    let run = trigger(&office.secretariat, "2020-03").await?;
    let mut socket = follow(&office.server, &admin, ONE, json!({ "id": run })).await?;
    updates(&mut socket, 1).await?;
    // A ledger of its own: nothing of this one's process is told.
    let db = Database::connect(&office.server.database.url, 4).await?;
    let begun = Instant::now();
    assert_eq!(
        Runner::new(Ledger::new(db, office.server.app.clock.clone())).run_queued().await?,
        2,
        "the run, and the outliers that follow"
    );
    let rest = updates(&mut socket, usize::MAX).await?;
    assert!(begun.elapsed() < TOLD, "{:?}", begun.elapsed());
    assert_eq!(rest.iter().map(seen).collect::<anyhow::Result<Vec<_>>>()?, table(&office.server).await?[0][1..]);
    Ok(())
});

both!(a_run_that_is_cancelled_is_told_to_its_end, async |backend| {
    let office = Office::open(backend).await?;
    let run = trigger(&office.secretariat, "2020-03").await?;
    let mut socket = follow(&office.server, &office.secretariat, ONE, json!({ "id": run })).await?;
    updates(&mut socket, 1).await?;
    let stored = entity::job_run::Entity::find().one(&office.server.connect().await?).await?.context("no run")?;
    assert!(office.server.app.ledger.cancel(stored.id, "a test").await?);
    let rest = updates(&mut socket, usize::MAX).await?;
    let rest: Vec<_> = rest.iter().map(seen).collect::<anyhow::Result<_>>()?;
    assert_eq!(rest, [(2, "CANCEL_REQUESTED".to_owned()), (3, "CANCELLED".to_owned())]);
    Ok(())
});

/// One watcher of all runs: what was told of each, and where it stands.
#[derive(Default)]
struct Watched {
    runs: std::collections::BTreeMap<String, Vec<Seen>>,
    ended: usize,
    cursor: Value,
}

impl Watched {
    /// Takes one message.
    async fn hear(&mut self, socket: &mut Socket) -> anyhow::Result<usize> {
        let mut payload = socket.next("1").await?;
        let message = payload["data"]["jobRuns"].take();
        let updates = message["updates"].as_array().with_context(|| payload.to_string())?;
        for update in updates {
            let run = update["run"]["id"].as_str().context("an id")?.to_owned();
            let event = seen(update)?;
            self.ended += usize::from(["SUCCEEDED", "FAILED", "CANCELLED"].contains(&event.1.as_str()));
            self.runs.entry(run).or_default().push(event);
        }
        self.cursor = message["cursor"].clone();
        Ok(updates.len())
    }
}

both!(all_runs_are_told_and_none_of_their_events_is_lost_or_doubled, async |backend| {
    let office = Office::open(backend).await?;
    let (server, admin) = (&office.server, office.server.admin()?);
    let mut socket = follow(server, &admin, ALL, json!({})).await?;
    let mut watched = Watched::default();
    assert_eq!(watched.hear(&mut socket).await?, 0, "nothing goes on");
    trigger(&office.secretariat, "2020-03").await?;
    watched.hear(&mut socket).await?;
    // Cut off at each message from now on.
    trigger(&office.secretariat, "2020-02").await?;
    server.run_jobs().await?;
    // Each is followed by a run of outliers.
    while watched.ended < 4 {
        socket = follow(server, &admin, ALL, json!({ "after": watched.cursor })).await?;
        watched.hear(&mut socket).await?;
    }
    // DayCapacity for a day in which a run begins and ends, and another one begins.
    drop(socket);
    trigger(&office.secretariat, "2020-01").await?;
    server.run_jobs().await?;
    server.set_now(Utc.with_ymd_and_hms(2020, 4, 16, 0, 0, 0).single().context("a date")?);
    let waiting = trigger(&office.secretariat, "2020-04").await?;
    socket = follow(server, &admin, ALL, json!({ "after": watched.cursor })).await?;
    while watched.ended < 6 || watched.runs.len() < 7 {
        watched.hear(&mut socket).await?;
    }
    assert_eq!(watched.runs.into_values().collect::<std::collections::BTreeSet<_>>(), table(server).await?.into_iter().collect());

    // Who comes anew is told how things stand; a filter holds back the rest.
    let standing = json!([{ "sequence": 1, "run": { "id": waiting, "state": "QUEUED" }, "event": null }]);
    for (filter, expected) in [(json!({ "period": "2020-04" }), &standing), (json!({ "period": "2020-03" }), &json!([]))] {
        let mut socket = follow(server, &admin, ALL, json!({ "filter": filter })).await?;
        assert_eq!(&socket.next("1").await?["data"]["jobRuns"]["updates"], expected);
    }
    Ok(())
});

both!(what_cannot_be_followed_is_an_error_and_no_more, async |backend| {
    let office = Office::open(backend).await?;
    let run = trigger(&office.secretariat, "2020-03").await?;
    let mut socket = Socket::start(&office.server.url, office.secretariat.token()).await?;
    let deep = format!("{{ jobRuns(after: {}{}) {{ totalCount }} }}", "[".repeat(2000), "]".repeat(2000));
    let unknown = "am9iX3J1bjowMTkzZDBmNC0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDA";
    for (document, variables, code) in [
        (ONE, json!({ "id": unknown }), "NOT_FOUND"),
        (ONE, json!({ "id": "nonsense" }), "BAD_USER_INPUT"),
        (ONE, json!({ "id": run, "after": 2 }), "BAD_USER_INPUT"),
        (ONE, json!({ "id": run, "after": -1 }), "BAD_USER_INPUT"),
        (ALL, json!({ "after": "nonsense" }), "BAD_USER_INPUT"),
        (&deep, json!({}), "LIMIT_EXCEEDED"),
    ] {
        socket.subscribe("1", document, variables.clone()).await?;
        let message = socket.message().await?;
        let got = (&message["type"], &message["payload"][0]["extensions"]["code"]);
        assert_eq!(got, (&json!("error"), &json!(code)), "{document} {variables}: {message}");
    }
    // The socket and the server go on; a mutation keeps its rules here too.
    socket.subscribe("1", "{ viewer { roles } }", json!({})).await?;
    assert_eq!(socket.next("1").await?["data"]["viewer"]["roles"], json!(["SECRETARIAT"]));
    let mut officer = Socket::start(&office.server.url, office.server.officer(&["A"])?.token()).await?;
    let input = json!({ "job": "MONTHLY_INDICATORS", "reason": "a test", "idempotencyKey": "1" });
    officer.subscribe("1", TRIGGER, json!({ "input": input })).await?;
    assert_eq!(officer.next("1").await?["errors"][0]["extensions"]["code"], "FORBIDDEN");
    Ok(())
});

both!(a_socket_lives_no_longer_than_its_token, async |backend| {
    let office = Office::open(backend).await?;
    let server = &office.server;
    let request = TokenRequest { ttl: TimeDelta::hours(1), ..server.request(Role::Admin) };
    let token = server.token(&request)?;
    let run = trigger(&office.secretariat, "2020-03").await?;
    let mut socket = Socket::start(&server.url, Some(&token)).await?;
    socket.subscribe("1", ONE, json!({ "id": run })).await?;
    updates(&mut socket, 1).await?;
    // Past the hour, and the half minute by which clocks may differ.
    server.set_now(Utc.with_ymd_and_hms(2020, 4, 15, 1, 0, 31).single().context("a date")?);
    // What would be told next is not: the socket looks at its clock first.
    server.run_jobs().await?;
    assert_eq!(socket.closed().await?, 4403);
    // Nor may it come back, and nor may one that was tampered with.
    let (body, signature) = token.rsplit_once('.').context("a token")?;
    let forged = format!("{body}.{}", signature.chars().rev().collect::<String>());
    for token in [&token, &forged, &"nonsense".to_owned()] {
        let mut socket = Socket::open(opening(&server.url)?).await?;
        socket.send(json!({ "type": "connection_init", "payload": { "authorization": format!("Bearer {token}") } })).await?;
        assert_eq!(socket.closed().await?, 4403);
    }
    Ok(())
});

/// The npm client graphql-ws, following a run.
struct Subscriber {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Subscriber {
    fn spawn(url: &str, token: &str, run: &str) -> anyhow::Result<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("subscriber");
        ensure!(folder.join("node_modules/graphql-ws").is_dir(), "run tests/run, or npm ci in {}", folder.display());
        let mut node = Command::new("node");
        node.arg(folder.join("follow.mjs")).args([url, token, run]).stdout(Stdio::piped()).kill_on_drop(true);
        let mut process = node.spawn().context("node 20 or later must be on PATH")?;
        let lines = BufReader::new(process.stdout.take().context("stdout")?).lines();
        Ok(Self { process, lines })
    }

    /// The next thing that it saw; `None` at its end.
    async fn saw(&mut self) -> anyhow::Result<Option<Value>> {
        let line = tokio::time::timeout(Duration::from_mins(1), self.lines.next_line()).await.context("the client saw nothing")??;
        Ok(line.map(|line| serde_json::from_str(&line)).transpose()?)
    }
}

both!(the_npm_client_comes_back_and_misses_nothing, async |backend| {
    let office = Office::open(backend).await?;
    let server = &office.server;
    let run = trigger(&office.secretariat, "2020-03").await?;
    let run = run.as_str().context("an id")?;
    let token = server.token(&server.request(Role::Admin))?;
    // A front of the test's own, which it stops and starts.
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let stop = CancellationToken::new();
    let served = tokio::spawn(api::http::serve(listener, server.app.router()?, stop.clone()));
    let mut client = Subscriber::spawn(&format!("ws://{address}/graphql"), &token, run)?;
    assert_eq!(client.saw().await?, Some(json!({ "connected": true })));
    assert_eq!(client.saw().await?, Some(json!({ "sequence": 1, "event": null, "state": "QUEUED" })));

    // The run is held in its middle until it has told its progress and the client is cut off.
    let (go_on, waiting) = mpsc::channel::<()>();
    let waiting = Mutex::new(waiting);
    let runner = Runner::new(server.app.ledger.clone()).with_progress(move |progress| {
        if matches!(progress.phase, Phase::PersonMonths(_)) {
            // An error says that the hold is over.
            let _ = tokio::task::block_in_place(|| waiting.lock().unwrap_or_else(PoisonError::into_inner).recv());
        }
    });
    let work = tokio::spawn(async move { runner.run_queued().await });
    let mut heard = Vec::new();
    while heard.last().is_none_or(|(_, kind)| kind != "PROGRESS") {
        let update = client.saw().await?.context("the client ended")?;
        heard.push((update["sequence"].as_i64().context("a sequence")?, update["event"].as_str().context("an event")?.to_owned()));
    }
    stop.cancel();
    served.await?;
    drop(go_on);
    assert_eq!(work.await??, 2, "the run, and the outliers that follow");

    let stop = CancellationToken::new();
    let served = tokio::spawn(api::http::serve(TcpListener::bind(address).await?, server.app.router()?, stop.clone()));
    let (mut closed, mut connected) = (Vec::new(), 0);
    while let Some(seen) = client.saw().await? {
        if let Some(code) = seen["closed"].as_i64() {
            closed.push(code);
        } else if seen["connected"] == true {
            connected += 1;
        } else if let Some(kind) = seen["event"].as_str() {
            heard.push((seen["sequence"].as_i64().context("a sequence")?, kind.to_owned()));
        }
    }
    assert!(client.process.wait().await?.success());
    // Told that the server goes away, then refused while it was gone, then let in, and gone by itself.
    assert_eq!((closed.first(), closed.last(), connected), (Some(&1001), Some(&1000), 1), "{closed:?}");
    let table = table(server).await?;
    assert_eq!(heard, table[0][1..]);
    println!("the npm client saw {} events over two connections, each once", heard.len());
    stop.cancel();
    served.await?;
    Ok(())
});
