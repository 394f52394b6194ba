//! `follow-up-dataset` on both engines: what it freezes and drafts, and that it does so once.

mod live;
mod order;

use super::office::{Office, day, month, offices};
use crate::{
    follow_up::{
        release::{Observation, Release, Status},
        settings::FollowUpSettings,
        snapshot::Manifest,
    },
    jobs::follow_up_dataset::cites_what_stands,
    protection::rounded,
    seal::key::SealKey,
    transaction::Stale,
};
use entity::{
    finding,
    follow_up::{self, FollowUpStage, ReleaseKind},
    hire::HireRoute,
    ids::{FindingId, FollowUpId, PlanId, SnapshotId, VintageWithdrawalId},
    job_run::{JobName, RunState, WarningCode},
    measure_cell::Span,
    period::{FiscalYear, YearMonth},
    plan,
    posting::RankBand,
    release, snapshot, snapshot_part,
    staff::Sex,
    vintage_withdrawal, withdrawn_value,
};
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, QueryFilter};
use std::collections::BTreeSet;

const BANDS: [RankBand; 5] = [RankBand::Staff, RankBand::Chief, RankBand::AssistantDirector, RankBand::Director, RankBand::Designated];

fn settings() -> FollowUpSettings {
    let text = |text: &str| serde_json::json!({ "ja": text, "en": text });
    serde_json::from_value(serde_json::json!({
        "publisher": {
            "name": text("office"), "contact": "office@example.go.jp", "licence": "CC-BY-4.0", "licence_title": text("CC BY 4.0"),
            "licence_url": "https://creativecommons.org/licenses/by/4.0/"
        },
        "threshold": 5,
        "groupLeast": 60,
        "figures": [
            { "indicator": "MEAN_OVERTIME_HOURS", "date": { "kind": "FISCAL_YEAR", "offset": 0 }, "tables": ["BUREAU_SEX", "SEX_BAND", "BUREAU_BAND"], "byMonth": true },
            { "indicator": "TELEWORK_PERSONS", "date": { "kind": "FISCAL_YEAR", "offset": 0 }, "tables": ["BUREAU_SEX"] },
            { "indicator": "ANNUAL_LEAVE_DAYS", "date": { "kind": "CALENDAR_YEAR", "offset": 0 } },
            { "indicator": "WOMEN_STAFF", "date": { "kind": "DAY", "offset": 1, "month": 7, "day": 1 }, "tables": ["BUREAU_SEX", "SEX_BAND"] },
            { "indicator": "WOMEN_HIRES_EXAM", "date": { "kind": "DAY", "offset": 1, "month": 4, "day": 1 }, "threshold": 0 },
            { "indicator": "WOMEN_HIRES_MID_CAREER", "date": { "kind": "FISCAL_YEAR", "offset": 3 } }
        ]
    }))
    .unwrap()
}

/// Three bureaus of 40 people that appear, and one of 12 that does not; fiscal year 2018 computed, and a cycle of it.
async fn filled(office: &Office) -> FollowUpId {
    let mut stale = Stale::new();
    for (index, code) in ["A", "B", "C", "X"].into_iter().enumerate() {
        let bureau = office.bureau(code).await;
        let unit = office.unit(bureau, &format!("{code}1")).await;
        let (mut staff, mut postings, mut shifts, mut teleworks, mut leaves, mut hires) = (vec![], vec![], vec![], vec![], vec![], vec![]);
        for number in 0..if code == "X" { 12 } else { 40_usize } {
            let sex = if number % 3 == 0 { Sex::Female } else { Sex::Male };
            let person = office.staff_row(&format!("{code}{number}"), sex);
            let posting = office.posting_row(&person, &unit, BANDS[number % 11 % 5], "2018-01-01", None);
            shifts.push(office.shift_row(&posting, day("2018-05-10"), i32::try_from(60 * (index + number % 7)).unwrap()));
            leaves.push(office.leave_row(&posting, day("2018-02-13"), 465));
            if number % 4 == 0 {
                teleworks.push(office.telework_row(&posting, day("2018-06-12")));
            }
            if number < 7 && code == "A" {
                hires.push(office.hire_row(&posting, day("2019-04-01"), HireRoute::Exam));
            }
            staff.push(person);
            postings.push(posting);
        }
        office.put(staff).await;
        office.put(postings).await;
        office.put(shifts).await;
        office.put(teleworks).await;
        office.put(leaves).await;
        office.put(hires).await;
        for name in ["2018-02", "2018-05", "2018-06"] {
            stale.insert((bureau, month(name)), BTreeSet::from([None]));
        }
    }
    office.execute("UPDATE bureau SET visibility = 'OPEN' WHERE code <> 'X'", vec![]).await;
    office.now.store(1_563_000_000, std::sync::atomic::Ordering::SeqCst); // 2019-07-13
    office.mark(&stale).await;
    for name in ["2018-12", "2019-03"] {
        office.run(Some(name)).await;
    }
    office.run(None).await;
    cycle(office).await
}

async fn cycle(office: &Office) -> FollowUpId {
    cycle_of(office, "P", 2018, &settings()).await
}

/// A frozen cycle of a plan of its own.
async fn cycle_of(office: &Office, code: &str, fiscal_year: i32, settings: &FollowUpSettings) -> FollowUpId {
    let at = office.ledger.clock().now();
    let plan_id = PlanId::new();
    let plan = plan::Model {
        id: plan_id,
        code: code.into(),
        name_ja: "計画".into(),
        name_en: "Plan".into(),
        decided_on: day("2015-01-30"),
        valid_from: day("2015-02-01"),
        valid_to: day("2021-04-01"),
        settings: serde_json::to_value(settings).unwrap(),
        revision: 1,
        sha256: String::new(),
        loaded_at: at,
        loaded_by: "test".into(),
    };
    office.put(vec![plan]).await;
    let id = FollowUpId::new();
    let cycle = follow_up::Model {
        id,
        plan_id,
        fiscal_year: FiscalYear::try_from(fiscal_year).unwrap(),
        stage: FollowUpStage::Frozen,
        version: "1.0.0".into(),
        kind: ReleaseKind::Initial,
        reason_ja: None,
        reason_en: None,
        due_on: day("2019-06-30"),
        opened_at: at,
        frozen_at: Some(at),
        changed_at: at,
    };
    office.put(vec![cycle]).await;
    id
}

/// The months that the frozen state tells as stale.
async fn stale_months(office: &Office) -> Vec<String> {
    let run = office.attempt(JobName::FollowUpDataset, false).await;
    assert_eq!(run.state, RunState::Succeeded, "{:?}", run.error);
    let manifest = office.rows("SELECT manifest FROM snapshot", vec![]).await[0].try_get_by_index::<String>(0).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    serde_json::from_value(manifest["state"]["staleMonths"].clone()).unwrap()
}

#[tokio::test]
async fn a_month_whose_figures_were_withdrawn_is_stale_until_it_is_computed_anew() {
    for office in offices().await {
        filled(&office).await;
        let before = stale_months(&office).await;
        assert!(!before.contains(&"2019-03".to_owned()), "{before:?}");
        let latest = "SELECT run_id, id FROM indicator_value WHERE span = 'MONTH' AND month = 201903 AND superseded_by IS NULL LIMIT 1";
        let (run_id, value_id) = {
            let row = &office.rows(latest, vec![]).await[0];
            (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap())
        };
        let at = office.ledger.clock().now();
        let withdrawal = vintage_withdrawal::Model {
            id: VintageWithdrawalId::new(),
            run_id,
            month: None,
            indicators: None,
            value_count: 1,
            withdrawn_at: at,
            withdrawn_by: "admin".into(),
            reason: "a test".into(),
        };
        let value = withdrawn_value::Model {
            id: value_id,
            withdrawal_id: withdrawal.id,
            indicator: "MEAN_OVERTIME_HOURS".into(),
            version: 1,
            span: Span::Month,
            month: month("2019-03"),
            bureau: "A".into(),
            sex: "TOTAL".into(),
            band: "TOTAL".into(),
            numerator: 1,
            denominator: 1,
            numerator_persons: 1,
            denominator_persons: 1,
            covered: None,
            expected: None,
            as_of: day("2019-03-31"),
            computed_at: at,
            run_id,
            superseded_at: None,
            superseded_by: None,
            is_public: true,
        };
        office.put(vec![withdrawal]).await;
        office.put(vec![value]).await;
        thaw(&office).await;
        assert!(stale_months(&office).await.contains(&"2019-03".to_owned()));
        office.run(Some("2019-03")).await;
        thaw(&office).await;
        assert_eq!(stale_months(&office).await, before);
    }
}

/// Takes snapshot and draft away, so that the next run freezes the cycle anew.
async fn thaw(office: &Office) {
    for table in ["release_observation", "release_file", "release", "snapshot_part", "snapshot"] {
        office.execute(&format!("DELETE FROM {table}"), vec![]).await;
    }
    office.execute("UPDATE follow_up SET stage = 'FROZEN'", vec![]).await;
}

/// The pseudonyms of the snapshot's people.
async fn pseudonyms(office: &Office) -> BTreeSet<String> {
    let parts = office.rows("SELECT content FROM snapshot_part WHERE kind = 'PERSONS'", vec![]).await;
    let parts = parts.iter().map(|part| part.try_get_by_index::<String>(0).unwrap());
    parts.flat_map(|part| part.lines().map(|line| line.split(',').next().unwrap().to_owned()).collect::<Vec<_>>()).collect()
}

async fn release(office: &Office) -> Release {
    let rows = office.rows("SELECT document FROM release ORDER BY version DESC", vec![]).await;
    serde_json::from_str(&rows[0].try_get_by_index::<String>(0).unwrap()).unwrap()
}

fn of<'a>(release: &'a Release, indicator: &str, bureau: &str) -> &'a Observation {
    let total = |o: &&Observation| o.indicator == indicator && o.bureau == bureau && o.sex == "TOTAL" && o.band == "TOTAL";
    release.observations.iter().find(total).unwrap()
}

#[tokio::test]
async fn a_frozen_cycle_gets_its_draft_and_keeps_it() {
    let (mut documents, mut digests) = (Vec::new(), BTreeSet::new());
    for office in offices().await {
        let id = filled(&office).await;
        let run = office.attempt(JobName::FollowUpDataset, false).await;
        assert_eq!(run.state, RunState::Succeeded, "{:?}", run.error);
        let said = run.statistics.clone().unwrap();
        assert_eq!((&said["snapshots"], &said["drafts"], &said["unchanged"]), (&1.into(), &1.into(), &0.into()));
        let cycle = follow_up::Entity::find_by_id(id).one(office.db.reader()).await.unwrap().unwrap();
        assert_eq!(cycle.stage, FollowUpStage::Draft);

        let release = release(&office).await;
        // The same figure as the platform's own year to date, from other rows.
        let platform = office.value("MEAN_OVERTIME_HOURS FISCAL_YEAR_TO_DATE 2019-03 TOTAL TOTAL TOTAL").await.unwrap();
        assert_eq!(of(&release, "MEAN_OVERTIME_HOURS", "TOTAL").quotient(), Some((rounded(platform.0), platform.1)));
        let platform = office.value("ANNUAL_LEAVE_DAYS CALENDAR_YEAR_TO_DATE 2018-12 TOTAL TOTAL TOTAL").await.unwrap();
        assert_eq!(of(&release, "ANNUAL_LEAVE_DAYS", "TOTAL").quotient(), Some((rounded(platform.0), platform.1)));
        // So are those of its months, of which some were not computed.
        assert_eq!(release.months.len(), 12);
        for figure in &release.months {
            let value = office.value(&format!("MEAN_OVERTIME_HOURS MONTH {} TOTAL TOTAL TOTAL", YearMonth::of(figure.date_from))).await;
            assert_eq!(figure.quotient(), value.map(|value| (rounded(value.0), value.1)), "{figure:?}");
        }
        assert!(release.months.iter().filter(|month| month.status == Status::Unknown).count() < 12);
        let hires = of(&release, "WOMEN_HIRES_EXAM", "TOTAL");
        assert_eq!((hires.quotient(), hires.date_from), (Some((3, 7)), day("2019-04-01")), "the law publishes tiny counts of hires");
        assert_eq!(of(&release, "WOMEN_STAFF", "TOTAL").quotient(), Some((46, 132)));
        assert_eq!(of(&release, "WOMEN_STAFF", "A").quotient(), Some((14, 40)));
        // X would be the only line beside those that appear.
        assert_eq!(of(&release, "WOMEN_STAFF", "OTHER").status, Status::Withheld);
        assert!(release.observations.iter().all(|observation| observation.bureau != "X"));
        let unknown = of(&release, "WOMEN_HIRES_MID_CAREER", "TOTAL");
        assert_eq!((unknown.status, unknown.quotient()), (Status::Unknown, None));
        assert!(
            !release.observations.iter().any(|o| o.bureau != "TOTAL" && o.sex != "TOTAL" && o.band != "TOTAL"),
            "never the three-way table"
        );
        let few = release.observations.iter().filter(|o| o.indicator == "TELEWORK_PERSONS").filter_map(|o| o.numerator);
        assert!(few.into_iter().all(|persons| !(1..5).contains(&persons)));
        assert!(release.findings.iter().any(|finding| finding.check == "NO_FIGURE"));

        // No name and no number of a person is in what was frozen.
        let manifest = office.rows("SELECT manifest FROM snapshot", vec![]).await[0].try_get_by_index::<String>(0).unwrap();
        let parts = office.rows("SELECT content FROM snapshot_part", vec![]).await;
        let numbers = |text: &str| text.contains("A39") || text.contains("B1,");
        assert!(!numbers(&manifest));
        for part in parts {
            assert!(!numbers(&part.try_get_by_index::<String>(0).unwrap()));
        }
        let frozen = Manifest::parse(&manifest).unwrap();
        assert_eq!(frozen.to_text().unwrap(), manifest);

        // A second run writes nothing.
        let again = office.attempt(JobName::FollowUpDataset, false).await;
        assert_eq!(again.statistics.unwrap()["unchanged"], 1);
        assert_eq!(again.output_digest, run.output_digest);
        // Nor does the digest know when a cycle was frozen: equal records, reopened and frozen anew the day after, have the same one.
        // Nor the key of the pseudonyms, which was replaced in between.
        let pseudonyms = pseudonyms(&office).await;
        thaw(&office).await;
        office.now.fetch_add(86_400, std::sync::atomic::Ordering::SeqCst);
        SealKey::rotate_secret(&office.ledger.settings().pseudonym_key, office.ledger.clock().now()).unwrap();
        let anew = office.attempt(JobName::FollowUpDataset, false).await;
        assert_eq!(anew.statistics.unwrap()["drafts"], 1);
        let frozen_anew = self::release(&office).await;
        let named_anew = self::pseudonyms(&office).await;
        assert!(named_anew.len() == pseudonyms.len() && !pseudonyms.is_empty() && named_anew.is_disjoint(&pseudonyms));
        assert_eq!(frozen_anew.as_of - release.as_of, chrono::TimeDelta::days(1));
        assert_eq!(anew.output_digest, run.output_digest);
        digests.insert(run.output_digest);
        documents.push(release);
    }
    assert_eq!(digests.len(), 1, "both engines: {digests:?}");
    // Pseudonyms and instants differ; what is said does not.
    for pair in documents.windows(2) {
        assert_eq!(pair[0].observations, pair[1].observations);
        assert_eq!(pair[0].months, pair[1].months);
        assert_eq!(pair[0].findings, pair[1].findings);
    }
}

#[tokio::test]
async fn a_finding_keeps_its_answer_while_it_says_the_same() {
    for office in offices().await {
        filled(&office).await;
        office.attempt(JobName::FollowUpDataset, false).await;
        let at = office.ledger.clock().now();
        let mut rows = finding::Entity::find().all(office.db.reader()).await.unwrap();
        for row in &mut rows {
            (row.answer, row.answered_at, row.answered_by) = (Some("seen".into()), Some(at), Some("secretariat".into()));
        }
        let known: BTreeSet<FindingId> = rows.iter().map(|row| row.id).collect();
        rows[0].text_en.push_str(" before");
        let changed = rows[0].id;
        office.put(rows).await;
        office.execute("UPDATE release SET document = '{}'", vec![]).await;
        let run = office.attempt(JobName::FollowUpDataset, false).await;
        assert_eq!(run.statistics.unwrap()["drafts"], 1, "the stored draft was not what follows from the snapshot");
        let rows = finding::Entity::find().all(office.db.reader()).await.unwrap();
        assert_eq!(rows.iter().map(|row| row.id).collect::<BTreeSet<_>>(), known);
        for row in rows {
            assert_eq!(row.answer.is_some(), row.id != changed, "{}", row.check_name.to_value());
        }
        // What is compiled is left alone.
        office.execute("UPDATE follow_up SET stage = 'COMPILED'", vec![]).await;
        let run = office.attempt(JobName::FollowUpDataset, false).await;
        assert_eq!(run.statistics.unwrap()["cycles"], 0);
    }
}

#[tokio::test]
async fn a_dry_run_freezes_and_writes_nothing() {
    for office in offices().await {
        filled(&office).await;
        let run = office.attempt(JobName::FollowUpDataset, true).await;
        assert_eq!(run.statistics.unwrap()["snapshots"], 1);
        assert_eq!(office.count("SELECT COUNT(*) FROM snapshot").await, 0);
        assert_eq!(office.count("SELECT COUNT(*) FROM release").await, 0);
    }
}

#[tokio::test]
async fn what_a_freeze_that_was_cut_off_left_behind_is_taken_away() {
    for office in offices().await {
        filled(&office).await;
        let (id, at) = (SnapshotId::new(), office.ledger.clock().now());
        let (plan, version) = ("P".to_owned(), "1.0.0".to_owned());
        let fiscal_year = FiscalYear::try_from(2018).unwrap();
        office
            .put(vec![snapshot::Model {
                id,
                plan,
                fiscal_year,
                version,
                sha256: None,
                manifest: None,
                answers: None,
                as_of: at,
                created_at: at,
            }])
            .await;
        let (kind, content) = ("PERSONS".to_owned(), "cut off".to_owned());
        office.put(vec![snapshot_part::Model { snapshot_id: id, position: 0, kind, sha256: String::new(), content }]).await;
        let run = office.attempt(JobName::FollowUpDataset, false).await;
        assert_eq!(run.state, RunState::Succeeded, "{:?}", run.error);
        assert_eq!(office.count("SELECT COUNT(*) FROM snapshot").await, 1);
        assert_eq!(office.count("SELECT COUNT(*) FROM snapshot_part WHERE content = 'cut off'").await, 0);
        // A cycle that was frozen anew meanwhile has no snapshot any more: a draft of the old one is not written.
        office.execute("UPDATE snapshot SET sha256 = 'other'", vec![]).await;
        office.execute("UPDATE release SET document = '{}'", vec![]).await;
        let run = office.attempt(JobName::FollowUpDataset, false).await;
        assert_eq!(office.count("SELECT COUNT(*) FROM release WHERE document = '{}'").await, 1);
        assert_eq!(super::notice::warned(&run), [(WarningCode::CyclesGoneOn, 1)]);
    }
}

/// What a release shows of bureaus by indicator and sex: member and numerator. Hires are published whatever their count.
fn shown(release: &Release) -> BTreeSet<(String, String, String)> {
    let by_bureau = |o: &&Observation| o.band == "TOTAL" && o.status != Status::Withheld && o.status != Status::Unknown;
    release.observations.iter().filter(by_bureau).map(|o| (o.indicator.clone(), o.sex.clone(), o.bureau.clone())).collect()
}

/// Whether what is shown of these members tells the rest by subtraction, for some indicator and sex.
fn subtract(shown: &BTreeSet<(String, String, String)>, members: &[&str]) -> Option<(String, String)> {
    let all = |indicator: &String, sex: &String| members.iter().all(|m| shown.contains(&(indicator.clone(), sex.clone(), (*m).to_owned())));
    let mut found =
        shown.iter().filter(|(indicator, sex, _)| *indicator != "ANNUAL_LEAVE_DAYS" && sex != "NOT_RECORDED" && all(indicator, sex));
    found.next().map(|(indicator, sex, _)| (indicator.clone(), sex.clone()))
}

/// This version of the only cycle, after the former ones were published and, perhaps, withdrawn.
async fn next_version(office: &Office, version: &str, withdrawn: bool) -> Release {
    office.execute("UPDATE release SET state = 'PUBLISHED', published_at = as_of, published_by = 'S' WHERE state = 'DRAFT'", vec![]).await;
    if withdrawn {
        office
            .execute(
                "UPDATE release SET state = 'WITHDRAWN', withdrawn_at = as_of, withdrawn_reason = 'wrong' WHERE state = 'PUBLISHED'",
                vec![],
            )
            .await;
    }
    let next = "UPDATE follow_up SET stage = 'FROZEN', kind = 'CORRECTION', reason_ja = '訂正', reason_en = 'corrected', version = $1";
    office.execute(next, vec![version.into()]).await;
    let run = office.attempt(JobName::FollowUpDataset, false).await;
    assert_eq!(run.state, RunState::Succeeded, "{:?}", run.error);
    release(office).await
}

#[tokio::test]
async fn a_bureau_whose_visibility_changed_between_versions_tells_nothing_of_another() {
    for office in offices().await {
        filled(&office).await;
        office.attempt(JobName::FollowUpDataset, false).await;
        let first = release(&office).await;
        assert_eq!(subtract(&shown(&first), &["TOTAL", "A", "B", "C"]), None, "X would follow");
        office.execute("UPDATE bureau SET visibility = 'INTERNAL' WHERE code = 'B'", vec![]).await;
        let second = next_version(&office, "1.0.1", false).await;
        let both: BTreeSet<_> = shown(&first).union(&shown(&second)).cloned().collect();
        assert_eq!(subtract(&both, &["TOTAL", "A", "B", "C"]), None, "X would follow from both versions");
        assert_eq!(subtract(&both, &["B", "OTHER"]), None, "OTHER is B and X by now, and B was shown before");
        let changes = second.changes.unwrap();
        assert!(changes.observations.iter().filter_map(|change| change.before.as_ref()).all(|before| before.bureau != "B"));
    }
}

#[tokio::test]
async fn what_a_withdrawn_version_withheld_stays_withheld() {
    for office in offices().await {
        filled(&office).await;
        office.attempt(JobName::FollowUpDataset, false).await;
        let first = shown(&release(&office).await);
        let second = next_version(&office, "1.0.1", true).await;
        assert_eq!(second.changes, None, "there is nothing that it takes the place of");
        assert_eq!(shown(&second), first);
        // A group of its own for one of them, and none for the others: what was withheld then is withheld by another name too.
        let settings = FollowUpSettings { group_least: 30, ..settings() };
        let put = "UPDATE plan SET settings = $1";
        office.execute(put, vec![serde_json::to_value(settings).unwrap().into()]).await;
        let third = next_version(&office, "1.0.2", true).await;
        assert_eq!(subtract(&first.union(&shown(&third)).cloned().collect(), &["TOTAL", "A", "B", "C"]), None);
    }
}

#[tokio::test]
async fn a_bureau_of_the_offices_total_alone_is_in_no_other_line() {
    for office in offices().await {
        filled(&office).await;
        office.execute("UPDATE bureau SET visibility = 'OFFICE_TOTAL_ONLY' WHERE code = 'X'", vec![]).await;
        office.attempt(JobName::FollowUpDataset, false).await;
        let alone = release(&office).await;
        assert!(alone.observations.iter().all(|o| !["X", "OTHER"].contains(&o.bureau.as_str())));
        assert!(alone.bureaus.iter().all(|line| !["X", "OTHER"].contains(&line.code.as_str())));
        assert_eq!(subtract(&shown(&alone), &["TOTAL", "A", "B", "C"]), None);

        // Beside an INTERNAL one: what is left of the office is both, and OTHER would leave X.
        thaw(&office).await;
        office.execute("UPDATE bureau SET visibility = 'INTERNAL' WHERE code = 'C'", vec![]).await;
        office.attempt(JobName::FollowUpDataset, false).await;
        let beside = release(&office).await;
        assert!(shown(&beside).iter().any(|(_, _, bureau)| bureau == "A"));
        assert!(beside.observations.iter().all(|o| !["C", "X", "OTHER"].contains(&o.bureau.as_str())));
        assert_eq!(of(&beside, "WOMEN_STAFF", "TOTAL").quotient(), Some((46, 132)));
        assert_eq!(of(&beside, "WOMEN_STAFF", "A").status, Status::Withheld, "X would follow for whoever knows C");
    }
}

#[tokio::test]
async fn a_cycle_that_cannot_be_drafted_does_not_hold_the_others_up() {
    for office in offices().await {
        // The plan's figure is nothing that is defined, and its code comes before the other's.
        let mut broken = settings();
        broken.figures[0].indicator = "NOTHING".into();
        cycle_of(&office, "BROKEN", 2018, &broken).await;
        filled(&office).await;
        let run = office.attempt(JobName::FollowUpDataset, false).await;
        assert_eq!(run.state, RunState::Failed, "it says so");
        assert_eq!(office.count("SELECT COUNT(*) FROM release WHERE plan = 'P'").await, 1);
        assert_eq!(office.count("SELECT COUNT(*) FROM release WHERE plan = 'BROKEN'").await, 0);
    }
}

#[tokio::test]
async fn a_release_knows_whether_what_it_cites_still_stands() {
    for office in offices().await {
        let first = filled(&office).await;
        office.attempt(JobName::FollowUpDataset, false).await;
        office.execute("UPDATE release SET state = 'PUBLISHED', published_at = as_of, published_by = 'S'", vec![]).await;
        let published = follow_up::Entity::find_by_id(first).one(office.db.reader()).await.unwrap().unwrap();
        let (id, next) = (FollowUpId::new(), FiscalYear::try_from(2019).unwrap());
        office.execute("UPDATE follow_up SET stage = 'PUBLISHED'", vec![]).await;
        office.put(vec![follow_up::Model { id, fiscal_year: next, stage: FollowUpStage::Frozen, ..published }]).await;
        office.attempt(JobName::FollowUpDataset, false).await;
        let of_year = release::Column::FiscalYear.eq(next);
        let draft = release::Entity::find().filter(of_year).one(office.db.reader()).await.unwrap().unwrap();
        assert!(!serde_json::from_str::<Release>(&draft.document).unwrap().earlier.is_empty());
        assert!(cites_what_stands(office.db.reader(), &draft).await.unwrap());
        let withdraw = "UPDATE release SET state = 'WITHDRAWN', withdrawn_at = as_of, withdrawn_reason = 'wrong' WHERE state = 'PUBLISHED'";
        office.execute(withdraw, vec![]).await;
        assert!(!cites_what_stands(office.db.reader(), &draft).await.unwrap());
    }
}

/// The third basic plan set its targets over bands and all above, the fourth one over single bands: 46 of 1,053 (4.4 %) was the former's.
#[tokio::test]
async fn cumulative_bands_are_the_sums_of_the_single_ones() {
    for office in offices().await {
        filled(&office).await;
        let date = serde_json::json!({ "kind": "DAY", "offset": 1, "month": 7, "day": 1 });
        let single = ["WOMEN_ASSISTANT_DIRECTOR", "WOMEN_DIRECTOR", "WOMEN_DESIGNATED"];
        let all = single.into_iter().chain(["WOMEN_ASSISTANT_DIRECTOR_AND_ABOVE", "WOMEN_DIRECTOR_AND_ABOVE"]);
        let figure = |indicator| serde_json::json!({ "indicator": indicator, "date": date, "threshold": 0 });
        let figures = serde_json::from_value(all.map(figure).collect()).unwrap();
        cycle_of(&office, "BANDS", 2018, &FollowUpSettings { figures, ..settings() }).await;
        office.attempt(JobName::FollowUpDataset, false).await;
        let rows = office.rows("SELECT document FROM release WHERE plan = 'BANDS'", vec![]).await;
        let release: Release = serde_json::from_str(&rows[0].try_get_by_index::<String>(0).unwrap()).unwrap();
        let count = |indicator: &str| of(&release, indicator, "TOTAL").quotient().unwrap();
        let sum = |indicators: &[&str]| {
            indicators.iter().map(|indicator| count(indicator)).fold((0, 0), |(n, d), (women, people)| (n + women, d + people))
        };
        assert_eq!(count("WOMEN_DIRECTOR_AND_ABOVE"), sum(&single[1..]));
        assert_eq!(count("WOMEN_ASSISTANT_DIRECTOR_AND_ABOVE"), sum(&single));
        assert!(count("WOMEN_ASSISTANT_DIRECTOR").1 > 0 && count("WOMEN_DIRECTOR").1 > 0 && count("WOMEN_DESIGNATED").1 > 0);
    }
}
