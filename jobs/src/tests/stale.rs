//! What a stale run leaves is what a full one would: random changes, marked as the store marks them.

use super::office::{Office, day, month, offices};
use crate::transaction::Stale;
use chrono::{Days, NaiveDate};
use entity::{
    hire::HireRoute,
    ids::{BureauId, StaffId},
    period::YearMonth,
    posting::{self, PostingKind, RankBand},
    shift,
    staff::{self, SeparationReason, Sex},
    unit,
    work_time::Pattern,
};
use std::collections::BTreeMap;

const MONTHS: [&str; 5] = ["2018-02", "2018-03", "2018-04", "2018-05", "2018-06"];

/// A small generator of our own, so that a seed means the same on both engines.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }

    fn day(&mut self) -> NaiveDate {
        day("2018-02-01") + Days::new(self.below(150) as u64)
    }
}

struct World {
    office: Office,
    bureaus: Vec<BureauId>,
    units: Vec<unit::Model>,
    staff: Vec<staff::Model>,
    /// Each person's main postings in order of time, and those held beside.
    postings: BTreeMap<StaffId, Vec<posting::Model>>,
    shifts: Vec<shift::Model>,
    dice: Dice,
    stale: Stale,
}

impl World {
    async fn new(office: Office, seed: u64) -> Self {
        let mut world = Self {
            office,
            bureaus: vec![],
            units: vec![],
            staff: vec![],
            postings: BTreeMap::new(),
            shifts: vec![],
            dice: Dice(seed),
            stale: Stale::new(),
        };
        for bureau in 0..4 {
            let id = world.office.bureau(&format!("B{bureau}")).await;
            world.bureaus.push(id);
            for number in 0..2 {
                let unit = world.office.unit(id, &format!("U{bureau}{number}")).await;
                world.units.push(unit);
            }
        }
        for number in 0..16 {
            let sex = [Sex::Female, Sex::Male, Sex::NotRecorded][world.dice.below(3)];
            let mut person = world.office.staff_row(&format!("{number:03}"), sex);
            if number == 0 {
                person.employment = staff::Employment::NonRegular;
            }
            world.office.put(vec![person.clone()]).await;
            world.staff.push(person.clone());
            world.post(&person, "2018-01-01", None).await;
        }
        world
    }

    fn band(&mut self) -> RankBand {
        [RankBand::Staff, RankBand::Chief, RankBand::AssistantDirector, RankBand::Director, RankBand::Designated][self.dice.below(5)]
    }

    async fn post(&mut self, person: &staff::Model, from: &str, to: Option<&str>) -> posting::Model {
        let unit = self.units[self.dice.below(self.units.len())].clone();
        let band = self.band();
        let mut posting = self.office.posting_row(person, &unit, band, from, to);
        posting.subject_to_overtime = self.dice.below(5) > 0;
        self.office.put(vec![posting.clone()]).await;
        self.postings.entry(person.id).or_default().push(posting.clone());
        posting
    }

    fn mark(&mut self, bureau: BureauId, from: YearMonth, staff: Option<StaffId>) {
        for month in YearMonth::range(from, month("2018-06")) {
            self.stale.entry((bureau, month)).or_default().insert(staff);
        }
    }

    fn mark_day(&mut self, bureau: BureauId, date: NaiveDate, staff: StaffId) {
        self.stale.entry((bureau, YearMonth::of(date))).or_default().insert(Some(staff));
    }

    /// A posting that covers the date, whichever comes first.
    fn posting_on(&self, person: &staff::Model, date: NaiveDate) -> Option<posting::Model> {
        if person.separated_on.is_some_and(|separated| separated <= date) {
            return None;
        }
        let covers = |posting: &&posting::Model| posting.valid_from <= date && posting.valid_to.is_none_or(|to| to > date);
        self.postings[&person.id].iter().find(covers).cloned()
    }

    /// One change, as a caller of the mutations would make it.
    async fn change(&mut self) {
        let person = self.staff[self.dice.below(self.staff.len())].clone();
        let date = self.dice.day();
        match self.dice.below(14) {
            0..=5 => self.record(&person, date).await,
            6 | 7 if !self.shifts.is_empty() => self.revise_shift().await,
            8 | 9 => self.transfer(&person, date).await,
            10 => self.hold_beside(&person, date).await,
            11 => self.leave(person, date).await,
            12 => self.regroup(person).await,
            _ => self.regulate(date).await,
        }
    }

    async fn record(&mut self, person: &staff::Model, date: NaiveDate) {
        let Some(posting) = self.posting_on(person, date) else { return };
        match self.dice.below(6) {
            0 => self.office.put(vec![self.office.leave_row(&posting, date, 155)]).await,
            1 => self.office.put(vec![self.office.request_row(&posting, date, 60, 10)]).await,
            2 if self.office.count(&format!("SELECT COUNT(*) FROM hire WHERE date = '{date}'")).await == 0 => {
                let route = [HireRoute::Exam, HireRoute::MidCareer, HireRoute::Other][self.dice.below(3)];
                self.office.put(vec![self.office.hire_row(&posting, date, route)]).await;
            }
            _ => {
                let overtime = i32::try_from(self.dice.below(2_000)).unwrap();
                let mut shift = self.office.shift_row(&posting, date, overtime);
                if self.dice.below(3) == 0 {
                    (shift.ordered_overtime_minutes, shift.overtime_minutes) = (Some(overtime / 2), overtime / 2);
                    shift.pattern = Pattern::Staggered;
                }
                self.office.put(vec![shift.clone()]).await;
                self.shifts.push(shift);
            }
        }
        self.mark_day(posting.bureau_id, date, person.id);
    }

    async fn revise_shift(&mut self) {
        let index = self.dice.below(self.shifts.len());
        let mut shift = self.shifts[index].clone();
        if self.dice.below(2) == 0 {
            shift.void_reason = shift.void_reason.is_none().then(|| "wrong".to_owned());
        } else {
            shift.overtime_minutes = i32::try_from(self.dice.below(3_000)).unwrap();
        }
        self.office.put(vec![shift.clone()]).await;
        self.mark_day(shift.bureau_id, shift.date, shift.staff_id);
        self.shifts[index] = shift;
    }

    /// Ends the open main posting and begins another; the person's later records follow.
    async fn transfer(&mut self, person: &staff::Model, date: NaiveDate) {
        let last = self.postings[&person.id].iter().rposition(|posting| posting.kind == PostingKind::Primary);
        let index = last.unwrap();
        let mut former = self.postings[&person.id][index].clone();
        if former.valid_from >= date {
            return;
        }
        former.valid_to = Some(date);
        self.office.put(vec![former.clone()]).await;
        self.postings.get_mut(&person.id).unwrap()[index] = former.clone();
        let next = self.post(person, &date.to_string(), None).await;
        for shift in self.shifts.iter_mut().filter(|shift| shift.posting_id == former.id && shift.date >= date) {
            (shift.posting_id, shift.bureau_id, shift.unit_id) = (next.id, next.bureau_id, next.unit_id);
        }
        for table in ["shift", "leave_entry", "overtime_request", "hire"] {
            let sql = format!("UPDATE {table} SET posting_id = $1, bureau_id = $2, unit_id = $3 WHERE posting_id = $4 AND date >= $5");
            let values = vec![next.id.into(), next.bureau_id.into(), next.unit_id.into(), former.id.into(), date.into()];
            self.office.execute(&sql, values).await;
        }
        for bureau in [former.bureau_id, next.bureau_id] {
            self.mark(bureau, YearMonth::of(date), Some(person.id));
        }
    }

    async fn hold_beside(&mut self, person: &staff::Model, date: NaiveDate) {
        let unit = self.units[self.dice.below(self.units.len())].clone();
        let band = self.band();
        let mut posting = self.office.posting_row(person, &unit, band, &date.to_string(), Some(&(date + Days::new(20)).to_string()));
        posting.kind = PostingKind::Concurrent;
        posting.subject_to_overtime = self.dice.below(2) == 0;
        self.office.put(vec![posting.clone()]).await;
        self.mark(posting.bureau_id, YearMonth::of(date), Some(person.id));
        self.postings.get_mut(&person.id).unwrap().push(posting);
    }

    /// A person without later shifts leaves, or comes back.
    async fn leave(&mut self, mut person: staff::Model, date: NaiveDate) {
        if person.separated_on.is_some() {
            (person.separated_on, person.separation_reason) = (None, None);
        } else {
            (person.separated_on, person.separation_reason) = (Some(date), Some(SeparationReason::Resignation));
        }
        self.everywhere(person).await;
    }

    async fn regroup(&mut self, mut person: staff::Model) {
        person.sex = [Sex::Female, Sex::Male, Sex::NotRecorded][self.dice.below(3)];
        self.everywhere(person).await;
    }

    /// Writes a person's row and marks all months in all bureaus of theirs.
    async fn everywhere(&mut self, person: staff::Model) {
        self.office.put(vec![person.clone()]).await;
        for posting in self.postings[&person.id].clone() {
            self.mark(posting.bureau_id, month("2018-02"), Some(person.id));
        }
        let place = self.staff.iter().position(|other| other.id == person.id).unwrap();
        self.staff[place] = person;
    }

    /// A regime of a unit, or an on-time day of the office: everybody of the bureaus is concerned.
    async fn regulate(&mut self, date: NaiveDate) {
        if self.dice.below(2) == 0 {
            let unit = self.units[self.dice.below(self.units.len())].clone();
            self.office.regime(&unit, entity::work_regime::Regime::ExternallyDriven, &date.to_string(), None).await;
            self.mark(unit.bureau_id, YearMonth::of(date), None);
        } else if self.office.count(&format!("SELECT COUNT(*) FROM on_time_day WHERE date = '{date}'")).await == 0 {
            self.office.on_time_day(None, &date.to_string()).await;
            for bureau in self.bureaus.clone() {
                self.stale.entry((bureau, YearMonth::of(date))).or_default().insert(None);
            }
        }
    }

    /// All computed rows as text, in order of their natural keys; 0 ÷ 0 left out, the office's apart.
    async fn computed(&self) -> Vec<String> {
        let columns = "days_in_post in_census subject_to_overtime worked_minutes overtime_minutes overtime_confirmed_minutes
            presence_compared_minutes presence_beyond_minutes on_time_shifts on_time_departures exam_hires mid_career_hires
            staggered_shifts telework_days annual_leave_minutes on_leave_all_month shifts overtime_known presence_known telework_known
            leave_known hires_known";
        let numbers = |alias: &str, columns: &str| {
            let text = columns.split_whitespace().map(|column| format!("' {column} ' || CAST({alias}.{column} AS text)"));
            format!(" || {}", text.collect::<Vec<_>>().join(" || "))
        };
        let statements = [
            format!(
                "SELECT s.staff_number || ' ' || b.code || ' ' || u.code || ' ' || m.band || ' ' || COALESCE(m.regime, '-') || ' ' ||
                 m.sex || ' ' || m.employment {} AS line FROM person_month m JOIN staff s ON s.id = m.staff_id
                 JOIN bureau b ON b.id = m.bureau_id JOIN unit u ON u.id = m.unit_id",
                numbers("m", &format!("month {columns}"))
            ),
            format!(
                "SELECT c.span || ' ' || u.code || ' ' || c.sex || ' ' || c.band || ' ' || c.measure {} AS line
                 FROM measure_cell c JOIN unit u ON u.id = c.unit_id",
                numbers("c", "month value persons")
            ),
            format!(
                "SELECT v.indicator || ' ' || v.span || ' ' || v.bureau || ' ' || v.sex || ' ' || v.band {} AS line FROM indicator_value v
                 WHERE v.superseded_by IS NULL AND (v.numerator <> 0 OR v.denominator <> 0 OR v.expected > 0)",
                numbers("v", "month version numerator denominator numerator_persons denominator_persons")
            ),
        ];
        let mut lines = Vec::new();
        for sql in statements {
            lines.extend(self.office.rows(&sql, vec![]).await.iter().map(|row| row.try_get_by_index::<String>(0).unwrap()));
        }
        lines.sort_unstable();
        lines
    }

    /// Runs what is stale, and gives the digest.
    async fn run_stale(&mut self) -> String {
        let stale = std::mem::take(&mut self.stale);
        self.office.mark(&stale).await;
        let marks = self.office.count("SELECT COUNT(*) FROM stale_mark").await;
        let (run, statistics) = self.office.run(None).await;
        // A bureau of which another thing is known now is marked by the run itself.
        assert!(statistics.marks_cleared >= marks);
        assert_eq!(self.office.count("SELECT COUNT(*) FROM stale_mark").await, 0);
        run.output_digest.unwrap()
    }

    async fn run_full(&self) {
        for table in ["person_month", "measure_cell", "indicator_value"] {
            self.office.execute(&format!("DELETE FROM {table}"), vec![]).await;
        }
        for month in MONTHS {
            self.office.run(Some(month)).await;
        }
    }
}

#[tokio::test]
async fn a_stale_run_leaves_what_a_full_one_would() {
    let seeds: u64 = std::env::var("TORIKUMI_TEST_SEEDS").map_or(1, |seeds| seeds.parse().unwrap());
    let mut results: BTreeMap<u64, Vec<Vec<String>>> = BTreeMap::new();
    for (seed, silence) in (1..=seeds).flat_map(|seed| [(2 * seed, true), (2 * seed + 1, false)]) {
        for office in offices().await {
            if !silence {
                // Whoever has no shift is unknown.
                office.execute("UPDATE api_client SET absence = NULL", vec![]).await;
            }
            let mut world = World::new(office, seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)).await;
            for _ in 0..120 {
                world.change().await;
            }
            // Whatever was marked so far is computed whole, for no month was computed yet.
            for month in MONTHS {
                world.office.run(Some(month)).await;
            }
            let mut digests = vec![world.run_stale().await];
            for round in 0..3 {
                for _ in 0..=world.dice.below(8) {
                    world.change().await;
                }
                digests.push(world.run_stale().await);
                let stale = world.computed().await;
                world.run_full().await;
                let full = world.computed().await;
                let only = |a: &[String], b: &[String]| a.iter().filter(|line| b.binary_search(line).is_err()).cloned().collect::<Vec<_>>();
                assert_eq!(only(&stale, &full), only(&full, &stale), "seed {seed}, round {round}");
                assert_eq!(stale.len(), full.len());
            }
            results.entry(seed).or_default().push([digests, world.computed().await].concat());
        }
    }
    for (seed, engines) in results {
        assert!(engines.windows(2).all(|pair| pair[0] == pair[1]), "seed {seed}: both engines compute the same");
    }
}

#[tokio::test]
async fn a_mark_on_one_side_of_a_transfer_reaches_the_other() {
    for office in offices().await {
        let (a, b) = (office.bureau("A").await, office.bureau("B").await);
        let (a1, b1) = (office.unit(a, "A1").await, office.unit(b, "B1").await);
        let person = office.staff("001", Sex::Female).await;
        let mut posting = office.posting(&person, &a1, RankBand::Staff, "2018-01-01", None).await;
        let mut shift = office.shift(&posting, "2018-04-20", 60).await;
        office.run(Some("2018-04")).await;
        assert_eq!(office.value("OVERTIME_CONFIRMED_BEFOREHAND MONTH 2018-04 A TOTAL TOTAL").await, Some((0, 60, 0, 1)));

        posting.valid_to = Some(day("2018-04-16"));
        office.put(vec![posting]).await;
        let next = office.posting(&person, &b1, RankBand::Staff, "2018-04-16", None).await;
        (shift.posting_id, shift.bureau_id, shift.unit_id) = (next.id, next.bureau_id, next.unit_id);
        office.put(vec![shift]).await;
        office.mark(&Stale::from([((a, month("2018-04")), [Some(person.id)].into())])).await;
        office.run(None).await;
        assert_eq!(office.value("OVERTIME_CONFIRMED_BEFOREHAND MONTH 2018-04 B TOTAL TOTAL").await, Some((0, 60, 0, 1)));
        let left = office.value("OVERTIME_CONFIRMED_BEFOREHAND MONTH 2018-04 A TOTAL TOTAL").await;
        assert_eq!(left, Some((0, 0, 0, 0)), "the value that lost its records is superseded");
        assert_eq!(office.cell("MONTH 2018-04 A1 FEMALE STAFF OVERTIME_MINUTES").await, None);
        assert_eq!(office.cell("MONTH 2018-04 B1 FEMALE STAFF OVERTIME_MINUTES").await, Some((60, 1)));
    }
}

#[tokio::test]
async fn a_late_correction_leaves_what_it_does_not_reach_as_it_is() {
    for office in offices().await {
        let (a, b) = (office.bureau("A").await, office.bureau("B").await);
        let (a1, b1) = (office.unit(a, "A1").await, office.unit(b, "B1").await);
        let mut posts = Vec::new();
        for (number, unit) in [("001", &a1), ("002", &b1)] {
            let person = office.staff(number, Sex::Female).await;
            posts.push(office.posting(&person, unit, RankBand::Staff, "2018-01-01", None).await);
        }
        let mut shift = office.shift(&posts[0], "2018-04-20", 60).await;
        office.shift(&posts[1], "2018-04-20", 30).await;
        office.run(Some("2018-04")).await;
        let minutes = |place: &str| format!("{place} FEMALE STAFF OVERTIME_POPULATION_MINUTES");
        assert_eq!(office.cell(&minutes("MONTH 2018-04 B1")).await, Some((30, 1)));

        // B's cells are altered by hand: whoever reads them anew puts them right.
        office.execute("UPDATE measure_cell SET value = value + 1000 WHERE bureau_id = $1", vec![b.into()]).await;
        shift.overtime_minutes = 90;
        office.put(vec![shift]).await;
        office.mark(&Stale::from([((a, month("2018-04")), [Some(posts[0].staff_id)].into())])).await;
        let (run, statistics) = office.run(None).await;
        for span in ["MONTH", "FISCAL_YEAR_TO_DATE", "CALENDAR_YEAR_TO_DATE"] {
            assert_eq!(office.cell(&minutes(&format!("{span} 2018-04 A1"))).await, Some((90, 1)), "{span}");
            assert_eq!(office.cell(&minutes(&format!("{span} 2018-04 B1"))).await, Some((1_030, 1)), "{span}: B is not read");
            let office_value = office.value(&format!("MEAN_OVERTIME_HOURS {span} 2018-04 TOTAL TOTAL TOTAL")).await;
            assert!(span == "CALENDAR_YEAR_TO_DATE" || office_value.is_some_and(|value| value.0 == 1_120), "{span}: {office_value:?}");
        }
        assert!(statistics.values_written > 0);
        let (whole, _) = office.run(Some("2018-04")).await;
        assert_eq!(office.cell(&minutes("MONTH 2018-04 B1")).await, Some((30, 1)), "a run of the month reads all");
        assert_ne!(whole.output_digest, run.output_digest);
    }
}

#[tokio::test]
async fn a_correction_reaches_the_year_in_the_place_of_the_latest_month() {
    for office in offices().await {
        let (a, b) = (office.bureau("A").await, office.bureau("B").await);
        let (a1, b1) = (office.unit(a, "A1").await, office.unit(b, "B1").await);
        let person = office.staff("001", Sex::Female).await;
        let before = office.posting(&person, &a1, RankBand::Staff, "2018-01-01", Some("2018-05-01")).await;
        office.posting(&person, &b1, RankBand::Staff, "2018-05-01", None).await;
        for (number, unit) in [("002", &a1), ("003", &b1)] {
            let other = office.staff(number, Sex::Female).await;
            office.posting(&other, unit, RankBand::Staff, "2018-01-01", None).await;
        }
        let mut shift = office.shift(&before, "2018-04-20", 2_700).await;
        office.run(Some("2018-04")).await;
        office.run(Some("2018-05")).await;
        let above = "FISCAL_YEAR_TO_DATE 2018-05 B1 FEMALE STAFF PERSONS_ABOVE_45H";
        assert_eq!(office.cell(above).await, None, "45 hours are not above themselves");
        shift.overtime_minutes = 2_701;
        office.put(vec![shift]).await;
        office.mark(&Stale::from([((a, month("2018-04")), [Some(person.id)].into())])).await;
        office.run(None).await;
        assert_eq!(office.cell(above).await, Some((1, 1)));
        assert_eq!(office.value("SHARE_ABOVE_45H FISCAL_YEAR_TO_DATE 2018-05 B TOTAL TOTAL").await, Some((1, 2, 1, 2)));
        assert_eq!(office.value("SHARE_ABOVE_45H FISCAL_YEAR_TO_DATE 2018-05 TOTAL TOTAL TOTAL").await, Some((1, 3, 1, 3)));
        assert_eq!(office.value("SHARE_ABOVE_45H FISCAL_YEAR_TO_DATE 2018-05 A TOTAL TOTAL").await, Some((0, 1, 0, 1)));
    }
}
