//! Seals: what they cover, that a killed run catches up, and that each kind of harm is found.

use super::office::{Office, offices};
use crate::{
    job::JobName,
    jobs::seal_audit::Statistics,
    ledger::{Harm, Verdict},
    seal::{self, Concerned, heads, key::SealKey},
    transaction::{AuditAct, audit, put_all},
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{audit_entry, ids::AuditEntryId, job_run, job_run::RunState, period::civil_date, reading_day};
use sea_orm::{FromQueryResult, Value};
use serde_json::json;
use std::{fs, sync::atomic::Ordering};

pub(super) async fn act(office: &Office, at: DateTime<Utc>, count: usize) {
    let tx = office.db.begin().await.unwrap();
    for number in 0..count {
        let counts = json!({ "z": number, "a": { "y": 1, "b": [2, 1] } });
        let entry = AuditAct {
            actor: "総務".into(),
            roles: "admin".into(),
            verb: "TEST".into(),
            noun: "bureau".into(),
            counts,
            ..AuditAct::default()
        };
        audit(&*tx, at + TimeDelta::seconds(i64::try_from(number).unwrap()), entry).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn seal(office: &Office) -> Statistics {
    let run = office.attempt(JobName::SealAudit, false).await;
    assert_eq!(run.state, RunState::Succeeded, "{:?}", run.error);
    statistics(&run)
}

fn statistics(run: &job_run::Model) -> Statistics {
    serde_json::from_value(run.statistics.clone().unwrap()).unwrap()
}

async fn verify(office: &Office) -> Verdict {
    let settings = office.ledger.settings();
    let key = SealKey::open(&settings.seal_key).unwrap().public();
    office.ledger.verify_seals(&settings.seal_heads, &[key]).await.unwrap()
}

async fn harms(office: &Office) -> Vec<Harm> {
    verify(office).await.damages.iter().map(|damage| damage.harm).collect()
}

/// Two seals: entries 1 to 8, and two hours later 9 to 13.
async fn sealed() -> Vec<Office> {
    let offices = offices().await;
    for office in &offices {
        act(office, office.ledger.clock().now(), 8).await;
        assert_eq!(seal(office).await, Statistics { seals: 1, entries: 8, last_item: 8 });
        office.now.fetch_add(7_200, Ordering::SeqCst);
        act(office, office.ledger.clock().now(), 5).await;
        assert_eq!(seal(office).await, Statistics { seals: 1, entries: 5, last_item: 13 });
        let verdict = verify(office).await;
        assert_eq!((verdict.damages.len(), verdict.seals, verdict.entries, verdict.tail.entries), (0, 2, 13, 0), "{verdict:?}");
    }
    offices
}

/// The entry with a number.
async fn entry(office: &Office, number: i64) -> audit_entry::Model {
    let sql = "SELECT a.* FROM audit_entry a JOIN audit_seal_item i ON i.entry_id = a.id WHERE i.number = $1";
    audit_entry::Model::from_query_result(&office.rows(sql, vec![number.into()]).await[0], "").unwrap()
}

async fn text(office: &Office, sql: &str, values: Vec<Value>) -> String {
    office.rows(sql, values).await[0].try_get_by_index(0).unwrap()
}

async fn insert(office: &Office, at: DateTime<Utc>) {
    let like = entry(office, 3).await;
    let tx = office.db.begin().await.unwrap();
    put_all(&*tx, vec![audit_entry::Model { id: AuditEntryId::new(), at, ..like }], false).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn what_is_not_sealed_is_named_and_comes_with_the_next_seal() {
    for office in sealed().await {
        let before = entry(&office, 10).await.at;
        // Committed after entries with later times, as a slow transaction's is.
        insert(&office, before - TimeDelta::minutes(10)).await;
        act(&office, office.ledger.clock().now(), 2).await;
        let verdict = verify(&office).await;
        assert_eq!((verdict.damages.len(), verdict.tail.entries, verdict.tail.from), (0, 3, Some(before - TimeDelta::minutes(10))));
        let dry = office.attempt(JobName::SealAudit, true).await;
        assert_eq!(statistics(&dry), Statistics { seals: 1, entries: 3, last_item: 16 });
        assert_eq!(verify(&office).await.tail.entries, 3, "a dry run seals nothing");
        assert_eq!(seal(&office).await, Statistics { seals: 1, entries: 3, last_item: 16 });
        assert_eq!(seal(&office).await, Statistics::default(), "there is nothing new");
        assert_eq!(statistics(&office.attempt(JobName::SealAudit, true).await), Statistics::default());
        let verdict = verify(&office).await;
        assert_eq!((verdict.damages.len(), verdict.seals, verdict.entries, verdict.tail.entries), (0, 3, 16, 0));
    }
}

#[tokio::test]
async fn a_large_backlog_is_sealed_in_several_seals_of_one_run() {
    for office in offices().await {
        act(&office, office.ledger.clock().now() - TimeDelta::days(400), 1_600).await;
        act(&office, office.ledger.clock().now(), 10).await;
        assert_eq!(seal(&office).await, Statistics { seals: 2, entries: 1_610, last_item: 1_610 });
        assert_eq!(verify(&office).await.damages, []);
    }
}

#[tokio::test]
async fn a_run_that_dies_before_its_head_is_in_the_file_catches_up() {
    for office in sealed().await {
        let path = office.ledger.settings().seal_heads.clone();
        let whole = fs::read_to_string(&path).unwrap();
        let first = whole.find('\n').unwrap() + 1;
        // Killed after the commit; and while the line was being written.
        for end in [0, first, first + 40, whole.len() - 1] {
            fs::write(&path, &whole[..end]).unwrap();
            let verdict = verify(&office).await;
            assert_eq!((verdict.damages.len(), verdict.torn), (0, end > first), "{verdict:?}");
            assert_eq!(verdict.seals + verdict.not_in_file, 2);
            assert_eq!(seal(&office).await, Statistics::default());
            assert_eq!(fs::read_to_string(&path).unwrap(), whole, "{end}");
        }
    }
}

/// Each change is found, and no longer once it is taken back.
async fn each_is_found(office: &Office, changes: &[(&str, &str)]) {
    for (change, back) in changes {
        office.execute(change, vec![]).await;
        assert_eq!(harms(office).await, [Harm::Changed], "{change}");
        office.execute(back, vec![]).await;
        assert_eq!(harms(office).await, [], "{back}");
    }
}

#[tokio::test]
async fn who_was_concerned_is_sealed_with_the_act() {
    for office in offices().await {
        let (a, b, _) = (office.bureau("A").await, office.bureau("B").await, office.bureau("C").await);
        let tx = office.db.begin().await.unwrap();
        let act = AuditAct { verb: "READ".into(), noun: "shift".into(), concerned: [(a, 3), (b, 1)].into(), ..AuditAct::default() };
        audit(&*tx, office.ledger.clock().now(), act).await.unwrap();
        tx.commit().await.unwrap();
        seal(&office).await;
        assert_eq!(harms(&office).await, []);
        let numbers = ["[2,1,null]", "[3,null,null]", "[3,1,0]", "[3,1]", "[\"3\",1,null]", "{}"];
        for numbers in numbers.map(|numbers| format!("UPDATE audit_entry SET concerned = '{numbers}'")) {
            each_is_found(&office, &[(&numbers, "UPDATE audit_entry SET concerned = '[3,1,null]'")]).await;
        }
        // The set's members, of whom the entry concerned the first two.
        let becomes = |place: u32, code: &str| {
            format!("UPDATE bureau_set SET bureau_id = (SELECT id FROM bureau WHERE code = '{code}') WHERE place = {place}")
        };
        each_is_found(
            &office,
            &[
                (&becomes(0, "C"), &becomes(0, "A")),
                (&becomes(2, "A"), &becomes(2, "C")),
                ("UPDATE bureau_set SET place = 7 WHERE place = 2", "UPDATE bureau_set SET place = 2 WHERE place = 7"),
            ],
        )
        .await;
        office.execute("DELETE FROM bureau_set WHERE place = 2", vec![]).await;
        assert_eq!(harms(&office).await, [Harm::Changed]);
        office.execute("DELETE FROM bureau_set", vec![]).await;
        assert_eq!(harms(&office).await, [Harm::Changed]);
        office.execute("UPDATE audit_entry SET bureau_set_id = NULL, concerned = NULL", vec![]).await;
        assert_eq!(harms(&office).await, [Harm::Changed]);
    }
}

#[tokio::test]
async fn the_bureau_of_an_act_sees_it_or_the_trail_was_changed() {
    for office in offices().await {
        let (a, b) = (office.bureau("A").await, office.bureau("B").await);
        for bureau in [a, b] {
            let tx = office.db.begin().await.unwrap();
            let act = AuditAct { verb: "SUBMIT".into(), noun: "month_close".into(), bureau_id: Some(bureau), ..AuditAct::default() };
            audit(&*tx, office.ledger.clock().now(), act).await.unwrap();
            tx.commit().await.unwrap();
        }
        seal(&office).await;
        assert_eq!(harms(&office).await, []);
        // Another bureau sees what is not its own, or the own one no longer does.
        let names = |of: &str| {
            format!(
                "UPDATE audit_entry SET concerned = '[0]', bureau_set_id = (SELECT s.id FROM bureau_set s JOIN bureau b ON b.id = s.bureau_id
                    WHERE b.code = '{of}') WHERE bureau_id = (SELECT id FROM bureau WHERE code = 'A')"
            )
        };
        let own = "WHERE bureau_id = (SELECT id FROM bureau WHERE code = 'A')";
        each_is_found(
            &office,
            &[
                (&names("B"), &names("A")),
                (&format!("UPDATE audit_entry SET concerned = '[null]' {own}"), &names("A")),
                (&format!("UPDATE audit_entry SET bureau_set_id = NULL, concerned = NULL {own}"), &names("A")),
            ],
        )
        .await;
    }
}

#[tokio::test]
async fn a_day_that_is_over_becomes_entries() {
    for office in offices().await {
        let bureau_id = office.bureau("A").await;
        let today = civil_date(office.ledger.clock().now());
        let row = |day, noun: &str| reading_day::Model {
            day,
            subject: "officer".into(),
            bureau_id,
            noun: noun.into(),
            roles: "bureau_officer".into(),
            reads: 4,
            concerned: 90,
        };
        let yesterday = today.pred_opt().unwrap();
        let tx = office.db.begin().await.unwrap();
        put_all(&*tx, vec![row(yesterday, "shift"), row(yesterday, "staff"), row(today, "shift")], false).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(seal(&office).await.entries, 2);
        assert_eq!(office.count("SELECT COUNT(*) FROM reading_day").await, 1, "today goes on");
        assert_eq!(office.count("SELECT COUNT(*) FROM audit_entry WHERE verb = 'READ_DAY' AND bureau_id IS NOT NULL").await, 2);
        assert_eq!(harms(&office).await, []);
        assert_eq!(seal(&office).await.entries, 0);
    }
}

#[tokio::test]
async fn a_change_is_found() {
    for office in sealed().await {
        let fifth = entry(&office, 5).await;
        office.execute("UPDATE audit_entry SET actor = 'nobody' WHERE id = $1", vec![fifth.id.into()]).await;
        assert_eq!(harms(&office).await, [Harm::Changed]);
        // Who can compute hashes changes the rest of the chain too, and cannot sign.
        let mut hash = text(&office, "SELECT hash FROM audit_seal_item WHERE number = 4", vec![]).await;
        for number in 5..=13 {
            hash = seal::chain(&hash, number, &entry(&office, number).await, &Concerned::default());
            office.execute("UPDATE audit_seal_item SET hash = $1 WHERE number = $2", vec![hash.clone().into(), number.into()]).await;
        }
        assert_eq!(harms(&office).await, [Harm::Changed, Harm::Changed], "both heads");
        office.execute("UPDATE audit_seal SET head = $1 WHERE number = 2", vec![hash.into()]).await;
        assert_eq!(harms(&office).await, [Harm::Changed, Harm::Changed, Harm::Changed], "the seal is not the file's either");
    }
}

#[tokio::test]
async fn a_removal_is_found() {
    for office in sealed().await {
        let (third, ninth) = (entry(&office, 3).await, entry(&office, 9).await);
        office.execute("DELETE FROM audit_entry WHERE id = $1", vec![third.id.into()]).await;
        assert_eq!(harms(&office).await, [Harm::Removed]);
        office.execute("DELETE FROM audit_entry WHERE id = $1", vec![ninth.id.into()]).await;
        office.execute("DELETE FROM audit_seal_item WHERE number = 9", vec![]).await;
        assert_eq!(harms(&office).await, [Harm::Removed, Harm::Removed]);
    }
}

#[tokio::test]
async fn an_insertion_into_the_sealed_range_is_found() {
    for office in sealed().await {
        let first = entry(&office, 1).await.at;
        insert(&office, first + TimeDelta::seconds(1)).await;
        assert_eq!(harms(&office).await, [Harm::Inserted]);
        assert_eq!(verify(&office).await.tail.entries, 0);
        seal(&office).await;
        assert_eq!(harms(&office).await, [Harm::Inserted], "a seal does not make it good");
        // Numbered in between, the others moved up.
        insert(&office, first + TimeDelta::seconds(2)).await;
        office.execute("UPDATE audit_seal_item SET number = number + 1000 WHERE number >= 4", vec![]).await;
        office.execute("UPDATE audit_seal_item SET number = number - 999 WHERE number > 1000", vec![]).await;
        let new = "INSERT INTO audit_seal_item (number, seal, entry_id, hash)
            SELECT 4, 1, a.id, 'x' FROM audit_entry a WHERE NOT EXISTS (SELECT 1 FROM audit_seal_item i WHERE i.entry_id = a.id)";
        office.execute(new, vec![]).await;
        assert!(harms(&office).await.contains(&Harm::Changed));
    }
}

#[tokio::test]
async fn a_truncation_is_found_and_nothing_is_sealed_on_top_of_it() {
    for office in sealed().await {
        office.execute("DELETE FROM audit_entry WHERE id IN (SELECT entry_id FROM audit_seal_item WHERE number > 8)", vec![]).await;
        office.execute("DELETE FROM audit_seal_item WHERE number > 8", vec![]).await;
        assert_eq!(harms(&office).await, [Harm::Truncated]);
        office.execute("DELETE FROM audit_seal WHERE number = 2", vec![]).await;
        assert_eq!(harms(&office).await, [Harm::Truncated, Harm::Truncated]);
        act(&office, office.ledger.clock().now(), 3).await;
        let run = office.attempt(JobName::SealAudit, false).await;
        assert_eq!(run.state, RunState::Failed);
        assert_eq!(office.count("SELECT COUNT(*) FROM audit_seal").await, 1);
    }
}

#[tokio::test]
async fn a_head_of_another_key_is_not_believed() {
    for office in sealed().await {
        let settings = office.ledger.settings().clone();
        let (mut lines, _) = heads::read(&settings.seal_heads).unwrap();
        let other = SealKey::open_or_create(&settings.seal_key.with_extension("other")).unwrap();
        lines[1] = other.sign(2, (9, 13), lines[1].head.clone());
        let rest: String = lines.iter().map(|line| serde_json::to_string(line).unwrap() + "\n").collect();
        fs::write(&settings.seal_heads, rest).unwrap();
        assert_eq!(harms(&office).await, [Harm::Changed, Harm::Heads]);
        let keys = [SealKey::open(&settings.seal_key).unwrap().public(), other.public()];
        let verdict = office.ledger.verify_seals(&settings.seal_heads, &keys).await.unwrap();
        assert_eq!(verdict.damages.len(), 1, "it is signed, and not the database's");
    }
}

#[tokio::test]
async fn the_key_is_its_owners_alone() {
    let office = offices().await.remove(0);
    act(&office, office.ledger.clock().now(), 1).await;
    seal(&office).await;
    let path = &office.ledger.settings().seal_key;
    let mode = |path| std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions()) & 0o777;
    assert_eq!(mode(path), 0o600);
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
    assert!(matches!(SealKey::open(path), Err(seal::SealError::TooOpen { mode: 0o640, .. })));
    act(&office, office.ledger.clock().now(), 1).await;
    assert_eq!(office.attempt(JobName::SealAudit, false).await.state, RunState::Failed);
}
