//! A run whose worker vanishes, at every step, is taken over, goes on, and leaves what an undisturbed one leaves.

use super::office::{Office, day, month, offices};
use crate::{
    job::{JobError, Output},
    jobs::monthly_indicators::{self, Statistics},
    ledger::{Fence, Hearing, LEASE, LedgerError},
    runner::{Phase, Progress, Runner},
    transaction::Stale,
};
use entity::{
    ids::{BureauId, JobRunId},
    job_run::{self, RunState},
    posting::{self, RankBand},
    staff::Sex,
};
use std::sync::{Arc, Mutex, atomic::Ordering};
use tokio_util::sync::CancellationToken;

const MONTHS: [&str; 3] = ["2018-04", "2018-05", "2018-06"];

/// Two bureaus, four people, and evenings in three months.
async fn fill(office: &Office) -> (BureauId, Vec<posting::Model>) {
    let mut first = None;
    let mut postings = Vec::new();
    for code in ["A", "B"] {
        let bureau = office.bureau(code).await;
        first.get_or_insert(bureau);
        let unit = office.unit(bureau, &format!("{code}1")).await;
        for (number, sex) in [("1", Sex::Female), ("2", Sex::Male)] {
            let person = office.staff(&format!("{code}{number}"), sex).await;
            let posting = office.posting(&person, &unit, RankBand::Staff, "2018-01-01", None).await;
            for (index, month) in MONTHS.iter().enumerate() {
                office.shift(&posting, &format!("{month}-10"), 60 + i32::try_from(index).unwrap()).await;
            }
            postings.push(posting);
        }
    }
    (first.unwrap(), postings)
}

/// Forgets what was computed, and marks every month of everybody.
async fn forget(office: &Office, postings: &[posting::Model]) {
    for table in ["indicator_value", "measure_cell", "person_month", "stale_mark"] {
        office.execute(&format!("DELETE FROM {table}"), vec![]).await;
    }
    let mut stale = Stale::new();
    for posting in postings {
        for name in MONTHS {
            stale.entry((posting.bureau_id, month(name))).or_default().insert(Some(posting.staff_id));
        }
    }
    office.mark(&stale).await;
}

/// What was computed, by natural keys, every version of it.
async fn computed(office: &Office) -> Vec<String> {
    let values = "SELECT indicator || ' ' || span || ' ' || CAST(month AS text) || ' ' || bureau || ' ' || sex || ' ' || band || ' '
            || CAST(numerator AS text) || ' ' || CAST(denominator AS text) || ' ' || CASE WHEN superseded_by IS NULL THEN '' ELSE 'old' END
        FROM indicator_value";
    let cells = "SELECT c.span || ' ' || CAST(c.month AS text) || ' ' || u.code || ' ' || c.sex || ' ' || c.band || ' ' || c.measure || ' '
            || CAST(c.value AS text) || ' ' || CAST(c.persons AS text)
        FROM measure_cell c JOIN unit u ON u.id = c.unit_id";
    let people = "SELECT s.staff_number || ' ' || CAST(m.month AS text) || ' ' || CAST(m.overtime_minutes AS text)
        FROM person_month m JOIN staff s ON s.id = m.staff_id";
    let mut lines = Vec::new();
    for sql in [values, cells, people] {
        lines.extend(office.rows(sql, vec![]).await.iter().map(|row| row.try_get_by_index::<String>(0).unwrap()));
    }
    lines.sort_unstable();
    lines
}

/// Claims the run and does the job until `last` steps are done, when the process freezes: the claim is returned as it is then.
pub(super) async fn freeze(office: &Office, id: JobRunId, last: usize, job: impl AsyncFnOnce(&Fence) -> Result<Output, JobError>) -> Fence {
    let frozen = CancellationToken::new();
    let (on_step, steps) = (frozen.clone(), Mutex::new(0));
    let report = Arc::new(move |_: Progress| {
        let mut steps = steps.lock().unwrap();
        *steps += 1;
        if *steps == last {
            on_step.cancel();
        }
    });
    let mut fence = office.ledger.claim(Some(id), &Hearing { report, stop: CancellationToken::new() }).await.unwrap().unwrap();
    tokio::select! {
        biased;
        () = frozen.cancelled() => {}
        outcome = job(&fence) => assert!(outcome.is_ok(), "{outcome:?}"),
    }
    fence.give_up_turn();
    fence
}

/// Lets the lease end and another worker do the rest; tells which steps it did.
async fn take_over(office: &Office, id: JobRunId) -> (job_run::Model, Vec<Phase>) {
    office.now.fetch_add(LEASE.num_seconds() + 1, Ordering::SeqCst);
    let phases = Arc::new(Mutex::new(Vec::new()));
    let heard = phases.clone();
    let runner = Runner::new(office.ledger.clone()).with_progress(move |progress| heard.lock().unwrap().push(progress.phase));
    assert!(runner.run_queued().await.unwrap() > 0, "the run, and the outliers that it asks for");
    let run = office.ledger.find(id).await.unwrap();
    let phases = phases.lock().unwrap().clone();
    (run, phases)
}

fn statistics(run: &job_run::Model) -> Statistics {
    serde_json::from_value(run.statistics.clone().unwrap()).unwrap()
}

#[tokio::test]
async fn a_run_taken_over_at_any_step_ends_like_an_undisturbed_one() {
    for office in offices().await {
        let (_, postings) = fill(&office).await;
        forget(&office, &postings).await;
        let (undisturbed, whole) = office.run(None).await;
        let expected = computed(&office).await;
        assert_eq!((whole.months, whole.marks_cleared), (3, 12));
        // Three months of two steps, and the digest.
        for last in 1..=7 {
            forget(&office, &postings).await;
            let id = office.enqueue(None).await;
            let stale = freeze(&office, id, last, monthly_indicators::run).await;
            let (run, phases) = take_over(&office, id).await;
            assert_eq!((run.state, run.epoch, run.losses), (RunState::Succeeded, 3, 1), "step {last}");
            assert_eq!(run.output_digest, undisturbed.output_digest, "step {last}");
            assert_eq!(computed(&office).await, expected, "step {last}");
            let counts = statistics(&run);
            assert_eq!((counts.months, counts.person_months, counts.marks_cleared), (3, whole.person_months, 12), "step {last}");
            assert_eq!(office.count("SELECT COUNT(*) FROM stale_mark").await, 0);
            // What was done is not done again: only the month in which the worker vanished.
            let months = phases.iter().filter(|phase| matches!(phase, Phase::Indicators(_))).count();
            assert_eq!(months, 3 - (last / 2).min(3), "step {last}: {phases:?}");
            // The frozen process wakes up: whatever it tries, nothing changes.
            assert!(matches!(stale.write().await, Err(LedgerError::Fenced)));
            let touch = "DELETE FROM indicator_value WHERE $1 < $2";
            assert!(matches!(stale.copy(1, &[(touch, vec![])]).await, Err(LedgerError::Fenced)));
            let settled = stale.settle(Err(JobError::Panicked)).await.unwrap();
            assert_eq!((settled.state, settled.finished_at), (RunState::Succeeded, run.finished_at));
            assert_eq!(computed(&office).await, expected);
        }
    }
}

#[tokio::test]
async fn what_changes_between_two_attempts_is_left_to_the_next_run() {
    for office in offices().await {
        let (bureau, postings) = fill(&office).await;
        forget(&office, &postings).await;
        let id = office.enqueue(None).await;
        let _stale = freeze(&office, id, 2, monthly_indicators::run).await;
        // April is done; now somebody corrects it, and it is marked once more.
        let shift = office.shift_row(&postings[0], day("2018-04-11"), 600);
        office.put(vec![shift]).await;
        office.mark(&Stale::from([((bureau, month("2018-04")), [Some(postings[0].staff_id)].into())])).await;
        let (run, _) = take_over(&office, id).await;
        assert_eq!((run.state, statistics(&run).marks_cleared), (RunState::Succeeded, 8), "May's and June's");
        assert_eq!(office.count("SELECT COUNT(*) FROM stale_mark").await, 5, "April's, old and new");
        let overtime = "OVERTIME_CONFIRMED_BEFOREHAND MONTH 2018-04 A TOTAL TOTAL";
        assert_eq!(office.value(overtime).await.unwrap().1, 120);
        office.run(None).await;
        assert_eq!(office.value(overtime).await.unwrap().1, 720);
        assert_eq!(office.count("SELECT COUNT(*) FROM stale_mark").await, 0);
    }
}
