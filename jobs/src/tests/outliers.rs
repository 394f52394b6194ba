//! Overtime outliers: the vectors of the domain end to end, peers and their lack, reviews and corrections, the chain of runs.

use super::{
    office::{Office, day, month, offices},
    takeover::freeze,
};
use crate::{
    job::JobName,
    jobs::overtime_outliers::{self, Statistics},
    ledger::LEASE,
    runner::Runner,
    transaction::NewRun,
};
use entity::{
    ids::JobRunId,
    job_run::{self, RunState, Trigger},
    overtime_outlier, person_month, posting,
    posting::RankBand,
    staff::{Employment, Sex},
    unit,
    work_regime::Regime,
};
use std::sync::atomic::Ordering;
use uuid::Uuid;

const JOB: JobName = JobName::OvertimeOutliers;

/// An office with a bureau of one unit.
pub(super) struct Desk {
    pub office: Office,
    pub unit: unit::Model,
    run: JobRunId,
}

impl Desk {
    async fn new(office: Office) -> Self {
        let bureau = office.bureau("desk").await;
        let unit = office.unit(bureau, "A1").await;
        Self { office, unit, run: JobRunId::new() }
    }

    async fn person(&self, number: &str) -> posting::Model {
        let staff = self.office.staff(number, Sex::Female).await;
        self.office.posting(&staff, &self.unit, RankBand::Staff, "2018-01-01", None).await
    }

    pub(super) fn row(&self, posting: &posting::Model, name: &str, minutes: i32) -> person_month::Model {
        person_month::Model {
            month: month(name),
            staff_id: posting.staff_id,
            bureau_id: posting.bureau_id,
            unit_id: posting.unit_id,
            band: RankBand::Staff,
            standing: person_month::Standing::Main,
            regime: None,
            sex: Sex::Female,
            employment: Employment::Regular,
            days_in_post: 30,
            in_census: 1,
            subject_to_overtime: 1,
            on_leave_all_month: 0,
            worked_minutes: 9_000 + minutes,
            overtime_minutes: minutes,
            late_night_minutes: 0,
            day_off_minutes: 0,
            overtime_confirmed_minutes: 0,
            presence_compared_minutes: 0,
            presence_beyond_minutes: 0,
            on_time_shifts: 0,
            on_time_departures: 0,
            exam_hires: 0,
            mid_career_hires: 0,
            staggered_shifts: 0,
            telework_days: 0,
            annual_leave_minutes: 0,
            shifts: 1,
            overtime_known: 1,
            presence_known: 1,
            telework_known: 1,
            leave_known: 1,
            hires_known: 1,
            run_id: self.run,
        }
    }

    /// A person's months from one on, of a regime or of none.
    pub async fn months(&self, number: &str, regime: Option<Regime>, from: &str, minutes: &[i32]) -> posting::Model {
        let posting = self.person(number).await;
        let rows = minutes.iter().zip(0..).map(|(&minutes, later)| person_month::Model {
            month: month(from).add_months(later),
            regime,
            ..self.row(&posting, from, minutes)
        });
        self.office.put(rows.collect::<Vec<_>>()).await;
        posting
    }

    pub async fn attempt(&self, period: Option<&str>, dry_run: bool) -> (Statistics, String) {
        let key = Uuid::now_v7().to_string();
        let new = NewRun { period: period.map(month), dry_run, ..NewRun::new(JOB, Trigger::Command, key, "test".into()) };
        let id = self.office.ledger.enqueue(new).await.unwrap().0.id;
        let run = Runner::new(self.office.ledger.clone()).run(id).await.unwrap();
        (statistics(&run), run.output_digest.unwrap())
    }

    pub async fn flag(&self) -> Statistics {
        self.attempt(None, false).await.0
    }

    /// Kind and category of the flags that stand of a person's month.
    async fn found(&self, number: &str, name: &str) -> Vec<String> {
        let sql = "SELECT f.kind || ' ' || f.category FROM overtime_outlier f JOIN staff s ON s.id = f.staff_id
            WHERE s.staff_number = $1 AND f.month = $2 AND f.withdrawn_at IS NULL AND f.category <> 'STATISTICAL' ORDER BY 1";
        let rows = self.office.rows(sql, vec![number.into(), month(name).into()]).await;
        rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
    }

    /// All that was ever raised of a kind, the oldest first.
    async fn flags(&self, kind: &str) -> Vec<overtime_outlier::Model> {
        use sea_orm::{EntityTrait, QueryOrder};
        let all =
            overtime_outlier::Entity::find().order_by_asc(overtime_outlier::Column::RaisedAt).all(self.office.db.reader()).await.unwrap();
        all.into_iter().filter(|flag| flag.kind.as_text() == kind).collect()
    }

    async fn events(&self, flag: &overtime_outlier::Model) -> Vec<String> {
        let sql = "SELECT CAST(sequence AS text) || ' ' || kind FROM outlier_event WHERE flag_id = $1 ORDER BY sequence";
        let rows = self.office.rows(sql, vec![flag.id.into()]).await;
        rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
    }
}

pub(super) async fn desks() -> Vec<Desk> {
    let mut desks = Vec::new();
    for office in offices().await {
        desks.push(Desk::new(office).await);
    }
    desks
}

fn statistics(run: &job_run::Model) -> Statistics {
    assert_eq!(run.state, RunState::Succeeded, "{:?}", run.error);
    serde_json::from_value(run.statistics.clone().unwrap()).unwrap()
}

const DRIVEN: Option<Regime> = Some(Regime::ExternallyDriven);
const SELF: Option<Regime> = Some(Regime::SelfPaced);

#[tokio::test]
async fn the_caps_of_the_domain() {
    let mut digests = Vec::new();
    for desk in desks().await {
        desk.months("below", DRIVEN, "2019-05", &[5_999]).await;
        desk.months("hundred", DRIVEN, "2019-05", &[6_000]).await;
        desk.months("mean", DRIVEN, "2019-04", &[4_800, 4_800, 4_860]).await;
        desk.months("seven", DRIVEN, "2019-04", &[2_701, 2_701, 2_701, 2_700, 2_701, 2_701, 2_701, 2_701]).await;
        desk.months("forty-five", None, "2019-05", &[2_700, 2_701]).await;
        let mover = desk.months("mover", SELF, "2019-04", &[600, 2_700, 2_700, 2_700, 2_700, 2_700, 2_700, 2_700, 2_700, 2_700]).await;
        desk.office.put(vec![person_month::Model { regime: DRIVEN, ..desk.row(&mover, "2019-04", 600) }]).await;
        desk.months("stayer", SELF, "2019-04", &[600, 2_700, 2_700, 2_700, 2_700, 2_700, 2_700, 2_700, 2_700, 2_700]).await;
        desk.months("before", DRIVEN, "2019-03", &[9_000, 1_000]).await;
        let done = desk.flag().await;

        assert_eq!(desk.found("below", "2019-05").await, [""; 0]);
        assert_eq!(desk.found("hundred", "2019-05").await, ["INTERVIEW DUTY", "MONTH_CAP BREACH"]);
        assert_eq!(desk.found("mean", "2019-05").await, [""; 0], "80 is not above 80");
        assert_eq!(desk.found("mean", "2019-06").await, ["INTERVIEW DUTY", "MEAN_CAP BREACH", "PACE WARNING"]);
        assert_eq!(desk.found("seven", "2019-10").await, [""; 0], "six above 45 hours: July's 45:00 is none");
        assert_eq!(desk.found("seven", "2019-11").await, ["LONG_MONTHS BREACH"]);
        assert_eq!(desk.found("forty-five", "2019-05").await, [""; 0], "nobody designated the unit: self-paced");
        assert_eq!(desk.found("forty-five", "2019-06").await, ["MONTH_CAP BREACH"]);
        assert_eq!(desk.found("mover", "2020-01").await, [""; 0], "who moved from externally driven work has 720 hours");
        assert_eq!(desk.found("stayer", "2019-11").await, ["PACE WARNING"], "19,500 minutes of 21,600");
        assert_eq!(desk.found("stayer", "2019-12").await, ["YEAR_CAP BREACH"]);
        assert_eq!(desk.found("stayer", "2020-01").await, ["YEAR_CAP BREACH"]);
        assert_eq!(desk.found("before", "2019-03").await, [""; 0], "before the rule nothing is a breach");
        assert_eq!(desk.found("before", "2019-04").await, [""; 0], "and its hours count in no mean");

        let mean = desk.flags("MEAN_CAP").await.remove(0);
        assert_eq!((mean.total_minutes, mean.months, mean.limit_minutes, mean.rule_version), (Some(9_660), Some(2), Some(4_800), 2));
        assert_eq!((mean.input_run_id, mean.acknowledge_by, mean.review_by), (desk.run, day("2018-06-15"), day("2018-07-31")));
        let pace = desk.flags("PACE").await.into_iter().find(|flag| flag.month == month("2019-11")).unwrap();
        assert_eq!((pace.total_minutes, pace.projected_month), (Some(19_500), Some(month("2019-12"))));
        assert_eq!((done.breaches, done.duties), (6, 2));
        let (again, digest) = desk.attempt(None, false).await;
        assert_eq!(again, Statistics { raised: 0, ..done }, "a second run writes nothing");
        digests.push(digest);
    }
    assert!(digests.windows(2).all(|pair| pair[0] == pair[1]), "both engines find the same");
}

/// Numbers of the statistical flag of a month's person, if there is one: median doubled, scale, peers, level and method.
async fn score(desk: &Desk, kind: &str) -> Option<String> {
    let flags = desk.flags(kind).await;
    let flag = flags.iter().find(|flag| flag.withdrawn_at.is_none())?;
    let (median, peers) = (flag.median_doubled.unwrap(), flag.peers.unwrap());
    let (numerator, denominator) = (flag.scale_numerator.unwrap(), flag.scale_denominator.unwrap());
    let (level, method) = (flag.peer_level.unwrap().as_text(), flag.method.unwrap().as_text());
    Some(format!("{median} {numerator}/{denominator} {peers} {level} {method}"))
}

#[tokio::test]
async fn peers_their_zeros_and_their_lack() {
    for desk in desks().await {
        let name = "2018-05";
        desk.months("high", None, name, &[3_000]).await;
        // Twenty elsewhere, whom the bureau is not compared with while it has ten.
        let bureau = desk.office.bureau("B").await;
        let elsewhere = desk.office.unit(bureau, "B1").await;
        for number in 0..20 {
            let staff = desk.office.staff(&format!("b{number}"), Sex::Male).await;
            let posting = desk.office.posting(&staff, &elsewhere, RankBand::Staff, "2018-01-01", None).await;
            desk.office.put(vec![desk.row(&posting, name, 100)]).await;
        }
        let mut last = None;
        for number in 0..9 {
            last = Some(desk.months(&format!("p{number}"), SELF, name, &[if number < 5 { 0 } else { 600 }]).await);
        }
        let last = last.unwrap();
        desk.flag().await;
        // 0 0 0 0 0 | 600 600 600 600 3000: the median is 300, five deviate by 300, four by 300, one by 2,700.
        assert_eq!(score(&desk, "ABOVE_PEERS").await.unwrap(), "600 1200/4 10 BUREAU MEDIAN_DEVIATION");

        // One of them on leave all month: nine are too few, and 100 is the office's median, with no deviation of the middle.
        desk.office.put(vec![person_month::Model { on_leave_all_month: 1, overtime_minutes: 0, ..desk.row(&last, name, 0) }]).await;
        desk.flag().await;
        // 20 × 0, 5 × 100, 3 × 500, 1 × 2,900, doubled.
        assert_eq!(score(&desk, "ABOVE_PEERS").await.unwrap(), "200 9800/58 29 OFFICE MEAN_DEVIATION");
        // Not subject to overtime: no peer either, and ten again with another.
        desk.months("p9", None, name, &[0]).await;
        desk.office.put(vec![person_month::Model { subject_to_overtime: 0, ..desk.row(&last, name, 9_999) }]).await;
        desk.flag().await;
        // Six 0, three 600, one 3,000: the middle one does not deviate, and all of them do by 4,800, doubled.
        assert_eq!(score(&desk, "ABOVE_PEERS").await.unwrap(), "0 9600/20 10 BUREAU MEAN_DEVIATION");

        // All alike: no scale, no flag.
        desk.office.execute("UPDATE person_month SET overtime_minutes = 3000, subject_to_overtime = 1", vec![]).await;
        desk.flag().await;
        assert_eq!(score(&desk, "ABOVE_PEERS").await, None);
    }
}

#[tokio::test]
async fn ones_own_months_and_confirmations() {
    for desk in desks().await {
        let posting = desk.months("own", None, "2018-01", &[600, 600, 600, 700, 500, 600, 2_000]).await;
        desk.flag().await;
        assert_eq!(score(&desk, "ABOVE_OWN_MONTHS").await.unwrap(), "1200 400/12 6 OWN MEAN_DEVIATION", "deviations of 100 and 100 of six");
        // A month of leave is none to compare with: five are too few.
        desk.office.put(vec![person_month::Model { on_leave_all_month: 1, ..desk.row(&posting, "2018-03", 0) }]).await;
        desk.flag().await;
        assert_eq!(score(&desk, "ABOVE_OWN_MONTHS").await, None);

        assert_eq!(desk.found("own", "2018-07").await, [""; 0], "the bureau confirms nothing");
        let other = desk.person("other").await;
        desk.office.put(vec![person_month::Model { overtime_confirmed_minutes: 10, ..desk.row(&other, "2018-07", 10) }]).await;
        desk.flag().await;
        assert_eq!(desk.found("own", "2018-07").await, ["UNCONFIRMED WARNING"]);
    }
}

#[tokio::test]
async fn exceptional_work_and_hours_from_before() {
    for desk in desks().await {
        let person = desk.months("disaster", None, "2019-09", &[3_000, 3_000, 3_000]).await;
        desk.office.put(vec![desk.office.exceptional_row(&person, day("2019-09-20"), month("2019-10"))]).await;
        let void = desk.months("void", None, "2019-09", &[3_000]).await;
        let mut row = desk.office.exceptional_row(&void, day("2019-09-20"), month("2019-10"));
        row.void_reason = Some("entered twice".into());
        desk.office.put(vec![row]).await;
        // 21,000 minutes elsewhere, and 700 here.
        let came = desk.months("came", None, "2019-06", &[700]).await;
        let from = |name, minutes| desk.office.opening_row(&came, day("2019-06-01"), month(name), minutes);
        desk.office.put(vec![from("2019-04", 12_000), from("2019-05", 9_000), from("2019-06", 44_000)]).await;
        let done = desk.flag().await;
        for (name, expected) in [("2019-09", "ABOVE_CAP_EXCEPTIONAL"), ("2019-10", "ABOVE_CAP_EXCEPTIONAL"), ("2019-11", "BREACH")] {
            assert_eq!(desk.found("disaster", name).await[0], format!("MONTH_CAP {expected}"), "{name}");
        }
        assert_eq!(desk.found("void", "2019-09").await, ["MONTH_CAP BREACH"]);
        assert_eq!(desk.found("came", "2019-06").await, ["INTERVIEW DUTY", "YEAR_CAP BREACH"], "June's own minutes are those worked here");
        assert_eq!(desk.flags("YEAR_CAP").await[0].total_minutes, Some(21_700));
        assert_eq!((done.above_cap_exceptional, done.breaches), (2, 3));
    }
}

#[tokio::test]
async fn a_review_stays_and_corrections_withdraw_and_bring_back() {
    for desk in desks().await {
        let person = desk.months("S1", None, "2019-05", &[3_000]).await;
        assert_eq!(desk.attempt(None, true).await.0.raised, 1, "a dry run counts");
        assert!(desk.flags("MONTH_CAP").await.is_empty(), "and writes nothing");
        assert_eq!(desk.flag().await.raised, 1);
        let explain = "UPDATE overtime_outlier SET review = 'EXPLAINED', reviewed_at = raised_at";
        desk.office.execute(explain, vec![]).await;
        desk.office.execute("DELETE FROM stale_mark", vec![]).await;
        let raised = desk.flags("MONTH_CAP").await.remove(0);

        let again = desk.flag().await;
        assert_eq!((again.raised, again.changed, again.withdrawn), (0, 0, 0));
        assert_eq!(desk.flags("MONTH_CAP").await, std::slice::from_ref(&raised));
        assert_eq!(desk.office.count("SELECT COUNT(*) FROM stale_mark").await, 0, "nothing changed");

        let correct = async |minutes| desk.office.put(vec![desk.row(&person, "2019-05", minutes)]).await;
        correct(3_100).await;
        assert_eq!(desk.flag().await.changed, 1);
        let changed = desk.flags("MONTH_CAP").await.remove(0);
        assert_eq!((changed.minutes, changed.review, changed.raised_at), (3_100, raised.review, raised.raised_at));
        assert_eq!(desk.office.count("SELECT COUNT(*) FROM stale_mark WHERE month = 201905 AND staff_id IS NOT NULL").await, 1);

        correct(2_000).await;
        assert_eq!(desk.flag().await.withdrawn, 1);
        let withdrawn = desk.flags("MONTH_CAP").await.remove(0);
        assert_eq!((withdrawn.withdrawn_at.is_some(), withdrawn.review, withdrawn.minutes), (true, raised.review, 3_100));
        assert_eq!(desk.events(&withdrawn).await, ["1 RAISED", "2 EVIDENCE_CHANGED", "3 WITHDRAWN"]);

        correct(3_000).await;
        let back = desk.flag().await;
        assert_eq!((back.raised, back.returned), (1, 1));
        let flags = desk.flags("MONTH_CAP").await;
        assert_eq!((flags.len(), flags[1].returned_from, flags[1].review.as_text()), (2, Some(withdrawn.id), "OPEN".to_owned()));
        // Nobody is left of the month.
        desk.office.execute("DELETE FROM person_month", vec![]).await;
        assert_eq!(desk.flag().await.withdrawn, 1);
    }
}

#[tokio::test]
async fn a_run_of_a_month_reaches_twelve_months_further() {
    for desk in desks().await {
        desk.months("S1", None, "2019-05", &[3_000; 14]).await;
        let done = desk.attempt(Some("2019-05"), false).await.0;
        assert_eq!((done.months, done.persons), (13, 13));
        assert_eq!(desk.attempt(Some("2020-06"), false).await.0.months, 1);
        assert_eq!(desk.flags("MONTH_CAP").await.len(), 14);
    }
}

#[tokio::test]
async fn records_make_flags_and_the_chain_comes_to_rest() {
    for desk in desks().await {
        let office = &desk.office;
        office.now.store(1_559_347_200, Ordering::SeqCst); // 2019-06-01T00:00Z
        let person = desk.person("S1").await;
        for (date, minutes) in [("2019-05-07", 1_400), ("2019-05-08", 1_301)] {
            office.shift(&person, date, minutes).await;
        }
        let queued = || office.count("SELECT COUNT(*) FROM job_run WHERE state = 'QUEUED' AND trigger = 'RUN'");
        office.run(Some("2019-05")).await;
        assert_eq!(queued().await, 1);
        office.run(Some("2019-05")).await;
        assert_eq!(queued().await, 1, "one that waits sees what was written meanwhile");
        let above = || office.value("ABOVE_SELF_PACED_MONTH_CAP MONTH 2019-05 TOTAL TOTAL TOTAL");
        assert_eq!(above().await, Some((0, 1, 0, 1)), "not judged yet");
        let runner = Runner::new(office.ledger.clone());
        let marks = || office.count("SELECT COUNT(*) FROM stale_mark");
        assert_eq!(runner.run_queued().await.unwrap(), 2, "flags, and the figures made of them");
        assert_eq!(desk.found("S1", "2019-05").await, ["MONTH_CAP BREACH"]);
        assert_eq!(above().await, Some((1, 1, 1, 1)));
        assert_eq!((marks().await, queued().await), (0, 0), "at rest");
        let made = "SELECT r.job || ' by ' || c.job FROM job_run r JOIN job_run c ON c.id = r.cause_id ORDER BY r.queued_at, r.id";
        let made: Vec<String> = office.rows(made, vec![]).await.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
        assert_eq!(made, ["OVERTIME_OUTLIERS by MONTHLY_INDICATORS", "MONTHLY_INDICATORS by OVERTIME_OUTLIERS"]);
        // Another night computes June, which nobody has, and then nothing is stale.
        office.run(None).await;
        runner.run_queued().await.unwrap();
        let (_, night) = office.run(None).await;
        assert_eq!((night.months, queued().await), (0, 0), "nothing is stale: nothing is asked for");
    }
}

#[tokio::test]
async fn a_run_taken_over_counts_each_flag_once() {
    for last in 1..=3 {
        for desk in desks().await {
            desk.months("S1", None, "2019-05", &[3_000; 3]).await;
            let id = desk.office.enqueue_job(JOB, false).await;
            let _frozen = freeze(&desk.office, id, last, overtime_outliers::run).await;
            desk.office.now.fetch_add(LEASE.num_seconds() + 1, Ordering::SeqCst);
            assert_eq!(
                Runner::new(desk.office.ledger.clone()).run_queued().await.unwrap(),
                2,
                "the run, and the figures made of its flags"
            );
            let done = statistics(&desk.office.ledger.find(id).await.unwrap());
            assert_eq!((done.months, done.persons, done.breaches), (3, 3, 3), "after {last}");
            let flags = desk.office.count("SELECT COUNT(*) FROM overtime_outlier").await;
            assert_eq!((done.raised, desk.office.count("SELECT COUNT(*) FROM outlier_event").await), (flags, flags));
        }
    }
}

#[tokio::test]
async fn flags_go_with_their_retention_and_are_not_raised_anew() {
    use entity::retention::RetentionNoun as Noun;

    for desk in desks().await {
        // 2024-05-01: five fiscal years after 2018 are over, after 2019 not.
        let person = desk.months("S1", None, "2018-05", &[0; 10]).await;
        desk.months("S2", DRIVEN, "2019-04", &[6_000; 14]).await;
        desk.office.put(vec![desk.office.exceptional_row(&person, day("2018-09-20"), month("2018-10"))]).await;
        desk.office.put(vec![desk.office.opening_row(&person, day("2019-04-01"), month("2019-03"), 60)]).await;
        desk.flag().await;
        desk.office.execute("UPDATE overtime_outlier SET withdrawn_at = raised_at WHERE month = 201904", vec![]).await;
        assert!(desk.flag().await.returned > 0);
        let april = desk.office.count("SELECT COUNT(*) FROM overtime_outlier WHERE month = 201904").await;
        // 2025-04-23: fiscal 2019 is over; the day before somebody was at work.
        desk.office.now.store(1_745_366_400 - 86_400, Ordering::SeqCst);
        desk.office.enqueue_job(JobName::SealAudit, true).await;
        desk.office.now.store(1_745_366_400, Ordering::SeqCst);
        let dry = desk.office.attempt(JobName::Dispose, true).await;
        let done = desk.office.attempt(JobName::Dispose, false).await;
        assert_eq!(dry.statistics, done.statistics);
        let done: crate::jobs::dispose::Statistics = serde_json::from_value(done.statistics.unwrap()).unwrap();
        assert!(done.erased[&Noun::OvertimeOutlier].rows > april);
        assert_eq!((done.erased[&Noun::ExceptionalWork].rows, done.erased[&Noun::OpeningBalance].rows), (1, 1));
        assert_eq!(desk.office.count("SELECT COUNT(*) FROM overtime_outlier WHERE month < 202004").await, 0);
        let left = desk.office.count("SELECT COUNT(*) FROM overtime_outlier").await;
        assert_eq!(desk.office.count("SELECT COUNT(*) FROM outlier_event").await, left);
        assert!(left > 0);
        // April and May of 2020 rest on months that are gone: their flags stand.
        let again = desk.flag().await;
        assert_eq!((again.months, again.months_disposed, again.raised, again.withdrawn), (0, 2, 0, 0));
    }
}
