//! Notices against a mail server that takes, refuses, puts off and breaks, as the recipient's name says.

use super::office::{Office, offices};
use crate::{
    job::JobName,
    ledger::{Hearing, LEASE, Ledger, LedgerError},
    outbox::mailing::Statistics,
    runner::Runner,
    settings::Settings,
};
use entity::{
    ids::JobRunId,
    job_run::{self, RunOutcome, RunState, WarningCode},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, atomic::Ordering},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};
use tokio_util::sync::CancellationToken;

/// Mails by recipient, as the server took them.
pub(super) type Taken = Arc<Mutex<BTreeMap<String, Vec<String>>>>;

/// What a server does with a mail, by the recipient: `refused` is answered 550, `putoff` 451, `late` is refused after the data, `breaks`
/// is taken and not answered, `away` breaks before the data; all else is taken.
pub(super) async fn server() -> (String, Taken) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let taken = Taken::default();
    let shared = taken.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let taken = shared.clone();
            tokio::spawn(async move { talk(stream, taken).await });
        }
    });
    (url, taken)
}

async fn talk(stream: TcpStream, taken: Taken) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 test\r\n").await?;
    let mut to = String::new();
    while let Some(line) = lines.next_line().await? {
        let answer: &[u8] = match line.split([' ', ':']).next().unwrap_or_default() {
            "RCPT" => {
                to = line.split(['<', '@']).nth(1).unwrap_or_default().to_owned();
                match to.as_str() {
                    "refused" => b"550 no such mailbox\r\n",
                    "putoff" => b"451 later\r\n",
                    _ => b"250 ok\r\n",
                }
            }
            "DATA" if to == "away" => return Ok(()),
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                let mut text = String::new();
                while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                    text += &line;
                    text.push('\n');
                }
                if to == "late" {
                    b"552 too large\r\n"
                } else {
                    taken.lock().unwrap().entry(to.clone()).or_default().push(text);
                    if to == "breaks" {
                        return Ok(());
                    }
                    b"250 taken\r\n"
                }
            }
            "QUIT" => return write.write_all(b"221 bye\r\n").await,
            _ => b"250 ok\r\n",
        };
        write.write_all(answer).await?;
    }
    Ok(())
}

/// The office's clock shows 2018-06-01, 09:00 in Tokyo.
pub(super) const TODAY: &str = "2018-06-01";

/// A bureau of this code whose address is the code's.
pub(super) async fn bureau(office: &Office, code: &str) {
    let id = office.bureau(code).await;
    office.execute("UPDATE bureau SET notice_address = $1 WHERE id = $2", vec![format!("{code}@example.go.jp").into(), id.into()]).await;
}

pub(super) fn with_server(office: &Office, url: &str) -> Ledger {
    let from = Some("Torikumi <torikumi@example.go.jp>".to_owned());
    let settings = Settings { smtp_url: Some(url.to_owned()), mail_from: from, ..office.ledger.settings().clone() };
    office.ledger.clone().with_settings(settings)
}

/// The states of the outbox, by address.
pub(super) async fn states(office: &Office) -> String {
    let sql = "SELECT replace(address, '@example.go.jp', '') || ' ' || state || ' ' || CAST(attempts AS text) FROM mail ORDER BY address";
    let rows = office.rows(sql, vec![]).await;
    rows.iter().map(|row| row.try_get_by_index::<String>(0).unwrap()).collect::<Vec<_>>().join(", ")
}

/// What a run that succeeded left out; its outcome agrees.
pub(super) fn warned(run: &job_run::Model) -> Vec<(WarningCode, i64)> {
    let warnings = run.warnings();
    assert_eq!(run.outcome, Some(if warnings.is_empty() { RunOutcome::Clean } else { RunOutcome::WithWarnings }));
    warnings.iter().map(|warning| (warning.code, warning.count)).collect()
}

fn statistics(run: &job_run::Model) -> Statistics {
    assert_eq!(run.state, RunState::Succeeded, "{:?}", run.error);
    serde_json::from_value(run.statistics.clone().unwrap()).unwrap()
}

pub(super) async fn attempt(ledger: &Ledger, id: JobRunId) -> job_run::Model {
    Runner::new(ledger.clone()).run(id).await.unwrap()
}

#[tokio::test]
async fn each_fate_of_a_mail_has_its_state_and_none_is_sent_twice() {
    for office in offices().await {
        for code in ["breaks", "fine", "late", "other", "refused", "ended"] {
            bureau(&office, code).await;
        }
        office.bureau("silent").await;
        office.execute("UPDATE bureau SET void_reason = 'entered twice' WHERE code = 'ended'", vec![]).await;
        office.on_time_day(None, TODAY).await;
        let (url, taken) = server().await;
        let ledger = with_server(&office, &url);
        let id = office.enqueue_job(JobName::OnTimeDayNotice, false).await;
        let run = attempt(&ledger, id).await;
        let expected = Statistics { bureaus: 6, without_address: 1, sent: 2, failed: 2, uncertain: 1, ..Statistics::default() };
        assert_eq!(statistics(&run), expected);
        assert_eq!(warned(&run), [(WarningCode::WithoutAddress, 1), (WarningCode::MailsFailed, 2), (WarningCode::MailsUncertain, 1)]);
        assert_eq!(states(&office).await, "breaks UNCERTAIN 1, fine SENT 1, late FAILED 1, other SENT 1, refused FAILED 1");
        // Another run of the day changes nothing.
        let again = attempt(&ledger, office.enqueue_job(JobName::OnTimeDayNotice, false).await).await;
        assert_eq!((statistics(&again), &again.output_digest), (expected, &run.output_digest));
        let mails = taken.lock().unwrap().clone();
        assert_eq!(
            mails.iter().map(|(to, mails)| (to.as_str(), mails.len())).collect::<Vec<_>>(),
            [("breaks", 1), ("fine", 1), ("other", 1)]
        );
        let mail = &mails["fine"][0];
        assert!(mail.contains("To: fine@example.go.jp") && mail.contains("From: Torikumi <torikumi@example.go.jp>"), "{mail}");
        assert!(mail.contains("Subject: =?utf-8?"), "{mail}");
        let id: uuid::Uuid = office.rows("SELECT id FROM mail WHERE address LIKE 'fine@%'", vec![]).await[0].try_get_by_index(0).unwrap();
        // The headers that receivers judge a mail by; the outbox row's id lets an operator find it in a server's log.
        let headers = ["MIME-Version: 1.0", &format!("Message-ID: <{id}@example.go.jp>"), "Date: Fri, 01 Jun 2018 00:00:00 +0000"];
        for header in headers.into_iter().chain(["Auto-Submitted: auto-generated"]) {
            assert_eq!(mail.lines().filter(|line| *line == header).count(), 1, "{header} in {mail}");
        }
    }
}

#[tokio::test]
async fn what_the_server_has_not_taken_waits_for_another_attempt() {
    for office in offices().await {
        for code in ["away", "fine", "putoff"] {
            bureau(&office, code).await;
        }
        office.on_time_day(None, TODAY).await;
        let id = office.enqueue_job(JobName::OnTimeDayNotice, false).await;
        // Nobody listens there.
        let run = attempt(&with_server(&office, "smtp://127.0.0.1:1"), id).await;
        assert_eq!((run.state, states(&office).await.as_str()), (RunState::RetryWait, "away PENDING 1, fine PENDING 0, putoff PENDING 0"));
        let (url, taken) = server().await;
        let ledger = with_server(&office, &url);
        for _ in 0..2 {
            office.now.fetch_add(4_000, Ordering::SeqCst);
            office.execute("UPDATE bureau SET notice_address = 'changed@example.go.jp'", vec![]).await;
            assert_eq!(Runner::new(ledger.clone()).run_queued().await.unwrap(), 1);
            if ledger.find(id).await.unwrap().state != RunState::RetryWait {
                break;
            }
        }
        assert!(taken.lock().unwrap().len() <= 1, "fine alone");
        assert!(states(&office).await.contains("putoff PENDING"), "{}", states(&office).await);
        // The day is over: what was never sent is not sent late.
        office.now.fetch_add(3 * 86_400, Ordering::SeqCst);
        office.on_time_day(None, "2018-06-04").await;
        office.execute("UPDATE bureau SET notice_address = NULL", vec![]).await;
        office.execute("UPDATE job_run SET state = 'FAILED' WHERE state = 'RETRY_WAIT'", vec![]).await;
        let next = attempt(&ledger, office.enqueue_job(JobName::OnTimeDayNotice, false).await).await;
        assert_eq!(statistics(&next), Statistics { bureaus: 3, without_address: 3, ..Statistics::default() });
        assert_eq!(
            warned(&next),
            [(WarningCode::WithoutAddress, 3), (WarningCode::NothingSent, 3)],
            "yesterday's mails are yesterday's run's"
        );
        assert!(!states(&office).await.contains("PENDING"), "{}", states(&office).await);
    }
}

#[tokio::test]
async fn an_on_time_day_on_a_day_off_is_warned_of_and_held_as_the_rules_say() {
    for office in offices().await {
        bureau(&office, "fine").await;
        // Saturday; and the Monday after it is a holiday.
        office.on_time_day(None, "2018-06-02").await;
        office.on_time_day(None, "2018-06-04").await;
        office.holiday(super::office::day("2018-06-04")).await;
        let dry = async || office.attempt(JobName::OnTimeDayNotice, true).await;
        let nothing = Statistics::default();
        let today = dry().await;
        assert_eq!((statistics(&today), warned(&today)), (nothing, vec![(WarningCode::OnTimeDaysOff, 2)]), "they lapse");
        let one = Statistics { bureaus: 1, to_send: 1, ..nothing };
        let moves = async |how: &str| office.execute("UPDATE overtime_rule SET on_time_day_off = $1", vec![how.into()]).await;
        moves("PREVIOUS_WORKDAY").await;
        let today = dry().await;
        assert_eq!((statistics(&today), warned(&today)), (one, vec![(WarningCode::OnTimeDaysOff, 2)]), "both are held on the Friday");
        moves("NEXT_WORKDAY").await;
        assert_eq!(statistics(&dry().await), nothing);
        for (days, wanted) in [(1, nothing), (2, nothing), (1, one)] {
            office.now.fetch_add(days * 86_400, Ordering::SeqCst);
            assert_eq!(statistics(&dry().await), wanted, "no notice goes out on a weekend or a holiday, and one on the Tuesday");
        }
        assert_eq!(warned(&dry().await), [], "they are over");
    }
}

#[tokio::test]
async fn a_mail_that_was_in_somebodys_hands_is_uncertain_and_not_sent_again() {
    for office in offices().await {
        for code in ["a", "b", "c"] {
            bureau(&office, code).await;
        }
        office.on_time_day(None, TODAY).await;
        let (url, taken) = server().await;
        let ledger = with_server(&office, &url);
        let id = office.enqueue_job(JobName::OnTimeDayNotice, false).await;
        let hearing = Hearing { report: Arc::new(|_| ()), stop: CancellationToken::new() };
        // The first worker writes the outbox, and vanishes with one mail in its hands.
        let fence = office.ledger.claim(Some(id), &hearing).await.unwrap().unwrap();
        crate::jobs::on_time_day_notice::run(&fence).await.unwrap_err();
        office.execute("UPDATE mail SET state = 'SENDING', attempts = 1 WHERE address LIKE 'b@%'", vec![]).await;
        let mut fence = fence;
        fence.give_up_turn();
        office.now.fetch_add(LEASE.num_seconds() + 1, Ordering::SeqCst);
        assert_eq!(Runner::new(ledger.clone()).run_queued().await.unwrap(), 1);
        let run = ledger.find(id).await.unwrap();
        assert_eq!(statistics(&run), Statistics { bureaus: 3, sent: 2, uncertain: 1, ..Statistics::default() });
        assert_eq!(taken.lock().unwrap().keys().cloned().collect::<Vec<_>>(), ["a", "c"]);
        assert!(matches!(fence.write_down().await, Err(LedgerError::Fenced)), "who was away cannot say that it was sent");
    }
}

#[tokio::test]
async fn what_has_happened_is_written_down_while_the_run_is_cancelled() {
    for office in offices().await {
        let id = office.enqueue_job(JobName::OnTimeDayNotice, false).await;
        let hearing = Hearing { report: Arc::new(|_| ()), stop: CancellationToken::new() };
        let fence = office.ledger.claim(Some(id), &hearing).await.unwrap().unwrap();
        assert!(office.ledger.cancel(id, "test").await.unwrap());
        assert!(matches!(fence.write().await, Err(LedgerError::Cancelled)));
        fence.write_down().await.unwrap().commit().await.unwrap();
        hearing.stop.cancel();
        fence.write_down().await.unwrap().commit().await.unwrap();
    }
}

#[tokio::test]
async fn without_a_server_the_run_says_so_where_there_is_something_to_send() {
    for office in offices().await {
        bureau(&office, "fine").await;
        let run = office.attempt(JobName::OnTimeDayNotice, false).await;
        assert_eq!(statistics(&run), Statistics::default(), "it is no on-time day");
        assert_eq!(warned(&run), []);
        let other = office.bureau("other").await;
        office.on_time_day(Some(other), TODAY).await;
        let run = office.attempt(JobName::OnTimeDayNotice, false).await;
        assert_eq!(statistics(&run), Statistics { bureaus: 1, without_address: 1, ..Statistics::default() }, "the other's day alone");
        assert_eq!(warned(&run), [(WarningCode::WithoutAddress, 1), (WarningCode::NothingSent, 1)]);
        office.on_time_day(None, TODAY).await;
        let dry = office.attempt(JobName::OnTimeDayNotice, true).await;
        let would = Statistics { bureaus: 2, without_address: 1, to_send: 1, ..Statistics::default() };
        assert_eq!(statistics(&dry), would);
        assert_eq!(warned(&dry), [(WarningCode::WithoutAddress, 1)], "a dry run sends nothing by itself");
        assert_eq!(office.count("SELECT COUNT(*) FROM mail").await, 0);
        let run = office.attempt(JobName::OnTimeDayNotice, false).await;
        assert_eq!((run.state, run.outcome, run.warnings()), (RunState::Failed, None, vec![]), "its state says it");
        assert!(run.error.as_deref().unwrap().starts_with("NOT_CONFIGURED "), "{:?}", run.error);
        assert_eq!(states(&office).await, "fine PENDING 0");
        assert_eq!(statistics(&office.attempt(JobName::OnTimeDayNotice, true).await), would, "what waits is counted once");
        office.execute("UPDATE mail SET state = 'SENDING'", vec![]).await;
        let dry = statistics(&office.attempt(JobName::OnTimeDayNotice, true).await);
        assert_eq!((dry.to_send, dry.uncertain), (0, 1), "what was left behind is not sent again");
        assert_eq!(states(&office).await, "fine SENDING 0");
        office.execute("UPDATE mail SET state = 'PENDING'", vec![]).await;
        // Once it is said where the server is, the day's next run sends it.
        let (url, taken) = server().await;
        let run = attempt(&with_server(&office, &url), office.enqueue_job(JobName::OnTimeDayNotice, false).await).await;
        assert_eq!(statistics(&run).sent, 1);
        assert_eq!(taken.lock().unwrap()["fine"].len(), 1);
    }
}
