//! Sets of bureaus: that those who write one first find one another, which set an entry names, and that entries of before are sealed as they were.

use super::office::{Office, offices};
use crate::{
    job::JobName,
    seal::{START, hex, key::SealKey},
    transaction::{AuditAct, BureauSets, audit_all},
};
use entity::{audit_entry, audit_seal_item, bureau_set, ids::BureauId, job_run::RunState};
use sea_orm::{EntityTrait, PaginatorTrait, QueryOrder};
use sea_orm_migration::MigratorTrait;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

fn act(concerned: &[(BureauId, i64)]) -> AuditAct {
    AuditAct {
        verb: "READ".into(),
        noun: "shift".into(),
        counts: json!({}),
        concerned: concerned.iter().copied().collect(),
        ..AuditAct::default()
    }
}

async fn write(office: &Office, act: AuditAct) -> BureauSets {
    let tx = office.db.begin().await.unwrap();
    let sets = audit_all(&*tx, vec![(office.ledger.clock().now(), act)]).await.unwrap();
    tx.commit().await.unwrap();
    sets
}

async fn entries(office: &Office) -> Vec<audit_entry::Model> {
    audit_entry::Entity::find().order_by_asc(audit_entry::Column::Id).all(office.db.reader()).await.unwrap()
}

async fn members(office: &Office) -> Vec<Vec<BureauId>> {
    use bureau_set::{Column, Entity};
    let rows = Entity::find().order_by_asc(Column::Id).order_by_asc(Column::Place).all(office.db.reader()).await.unwrap();
    let mut sets: Vec<_> = rows.chunk_by(|one, next| one.id == next.id).map(|set| set.iter().map(|row| row.bureau_id).collect()).collect();
    sets.sort_by_key(|set: &Vec<_>| (set.len(), set[0]));
    sets
}

#[tokio::test]
async fn who_writes_a_set_at_the_same_time_finds_it_written_or_writes_it() {
    for is_kept in [true, false] {
        for office in offices().await {
            let office = std::sync::Arc::new(office);
            let (a, b) = (office.bureau("A").await, office.bureau("B").await);
            let first = office.db.begin().await.unwrap();
            audit_all(&*first, vec![(office.ledger.clock().now(), act(&[(a, 1), (b, 2)])), (office.ledger.clock().now(), act(&[(b, 1)]))])
                .await
                .unwrap();
            let others: Vec<_> = [act(&[(a, 3), (b, 4)]), act(&[(b, 5)])]
                .into_iter()
                .map(|act| {
                    let office = std::sync::Arc::clone(&office);
                    tokio::spawn(async move { write(&office, act).await })
                })
                .collect();
            // They wait for the first, which may yet take its set back.
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            assert!(others.iter().all(|other| !other.is_finished()));
            if is_kept {
                first.commit().await.unwrap();
            } else {
                first.rollback().await.unwrap();
            }
            for other in others {
                other.await.unwrap();
            }
            assert_eq!(members(&office).await, [vec![b], vec![a, b]]);
            assert_eq!(entries(&office).await.len(), if is_kept { 4 } else { 2 });
        }
    }
}

#[tokio::test]
async fn an_entry_names_the_set_of_one_bureau_or_that_of_the_office() {
    for office in offices().await {
        let [a, b, c] = [office.bureau("A").await, office.bureau("B").await, office.bureau("C").await];
        let alone = write(&office, AuditAct { bureau_id: Some(b), ..act(&[]) }).await;
        let several = write(&office, act(&[(c, 2), (a, 1)])).await;
        write(&office, act(&[])).await;
        let d = office.bureau("D").await;
        let grown = write(&office, act(&[(a, 1), (d, 1)])).await;
        let numbers: Vec<_> = entries(&office).await.into_iter().map(|entry| entry.concerned).collect();
        assert_eq!(numbers, [Some(json!([0])), Some(json!([1, null, 2])), None, Some(json!([1, null, null, 1]))]);
        assert_eq!(members(&office).await, [vec![b], vec![a, b, c], vec![a, b, c, d]]);
        // What is known serves whom it holds, and nobody else.
        let now = office.ledger.clock().now();
        let names = |sets: &BureauSets, concerned: &[(BureauId, i64)]| {
            sets.entries(vec![(now, act(concerned))]).map(|entries| entries[0].concerned.clone())
        };
        assert_eq!(names(&alone, &[(b, 7)]), Some(Some(json!([7]))));
        assert_eq!(names(&alone, &[]), Some(None));
        assert_eq!(names(&alone, &[(a, 7)]), None);
        assert_eq!(names(&alone, &[(a, 7), (b, 1)]), None);
        assert_eq!(names(&several, &[(a, 7), (b, 1)]), Some(Some(json!([7, 1, null]))));
        assert_eq!(names(&several, &[(a, 7), (d, 1)]), None);
        let mut known = several;
        known.learn(grown);
        known.learn(alone);
        assert_eq!(names(&known, &[(a, 7), (d, 1)]), Some(Some(json!([7, null, null, 1]))));
        assert_eq!(names(&known, &[(b, 7)]), Some(Some(json!([7]))));
    }
}

/// The migration that made sets of the bureaus of an entry.
const SETS: &str = "m20261130_000033_bureau_sets";

async fn seal(office: &Office) {
    let run = office.attempt(JobName::SealAudit, false).await;
    assert_eq!(run.state, RunState::Succeeded, "{:?}", run.error);
}

async fn is_whole(office: &Office) -> bool {
    let settings = office.ledger.settings();
    let key = SealKey::open(&settings.seal_key).unwrap().public();
    let verdict = office.ledger.verify_seals(&settings.seal_heads, &[key]).await.unwrap();
    verdict.damages.is_empty() && verdict.entries == 5
}

#[tokio::test]
async fn entries_with_a_row_for_each_bureau_keep_their_hashes() {
    for office in offices().await {
        let [a, b, _] = [office.bureau("A").await, office.bureau("B").await, office.bureau("C").await];
        for act in [act(&[(a, 3), (b, 1)]), act(&[]), AuditAct { bureau_id: Some(b), ..act(&[]) }, act(&[(a, 2)])] {
            write(&office, act).await;
        }
        seal(&office).await;
        let before = entries(&office).await;
        let writer = office.db.writer();
        let migrations = migration::Migrator::migrations();
        let place = migrations.iter().position(|migration| migration.name() == SETS).unwrap();
        migration::Migrator::down(writer, Some(u32::try_from(migrations.len() - place).unwrap())).await.unwrap();
        // What a program of before has written, and how it has sealed it.
        let told = office.rows("SELECT bureau_id, concerned FROM audit_entry_bureau ORDER BY entry_id, bureau_id", vec![]).await;
        let told: Vec<(BureauId, i64)> =
            told.iter().map(|row| (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap())).collect();
        assert_eq!(told, [(a, 3), (b, 1), (b, 0), (a, 2)]);
        let mut hash = START.to_owned();
        for (number, ((entry, own), concerned)) in (1..).zip(before.iter().zip(["null", "null", &format!("\"{b}\""), "null"]).zip([
            format!(",[[\"{a}\",3],[\"{b}\",1]]"),
            String::new(),
            String::new(),
            format!(",[[\"{a}\",2]]"),
        ])) {
            let at = entry.at.timestamp_micros();
            let text = format!("[{number},\"{}\",{at},\"\",\"\",\"READ\",\"shift\",{own},null,{{}},null,null,null{concerned}]", entry.id);
            hash = hex(&Sha256::digest(hash + &text));
            let sealed = audit_seal_item::Entity::find_by_id(number).one(office.db.reader()).await.unwrap().unwrap();
            assert_eq!(sealed.hash, hash, "{text}");
        }
        migration::Migrator::up(writer, None).await.unwrap();
        assert_eq!(entries(&office).await, before);
        assert_eq!(bureau_set::Entity::find().count(office.db.reader()).await.unwrap(), 6, "each bureau alone, and all");
        write(&office, act(&[(b, 4), (a, 1)])).await;
        seal(&office).await;
        assert!(is_whole(&office).await);
        office.execute("UPDATE audit_entry SET concerned = '[4,1,null]' WHERE id = $1", vec![before[0].id.into()]).await;
        assert!(!is_whole(&office).await);
        let counted: Vec<Value> = entries(&office).await.into_iter().filter_map(|entry| entry.concerned).collect();
        assert_eq!(counted, [json!([4, 1, null]), json!([0]), json!([2]), json!([1, 4, null])]);
    }
}
