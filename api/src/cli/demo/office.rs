//! The demo's whole office, made from the seed: units and people, and the records of their time in the order in which they are written.

use super::{
    calendar, organisation,
    organisation::{BUREAUS, Reported, Unit},
    people::{self, Person},
    time::{self, Records},
};
use api::store::{
    leave_entry::LeaveEntryDraft, overtime_request::OvertimeRequestDraft, record::MOST_RECORDS, shift::ShiftDraft,
    telework_day::TeleworkDayDraft,
};
use entity::period::YearMonth;
use tokio::sync::mpsc::Sender;

/// The office of one seed.
pub(super) struct Office {
    /// Everything follows from it.
    pub seed: u64,
    /// All units, bureau by bureau.
    pub units: Vec<Unit>,
    /// Everybody, bureau by bureau.
    pub people: Vec<Person>,
    /// The staff number of who confirms overtime in each unit.
    pub approvers: Vec<String>,
    /// The months to the last one of which there are records, besides those of the year.
    pub recent: Vec<YearMonth>,
}

/// Records for one call.
pub(super) enum Batch {
    /// Shifts.
    Shifts(Vec<ShiftDraft>),
    /// Overtime requests.
    Requests(Vec<OvertimeRequestDraft>),
    /// Telework days.
    Telework(Vec<TeleworkDayDraft>),
    /// Leave.
    Leave(Vec<LeaveEntryDraft>),
}

/// One call.
pub(super) struct Part {
    /// The month.
    pub month: YearMonth,
    /// Its number within the month: the same seed gives the same records the same number.
    pub number: usize,
    /// How many people's months it completes.
    pub people: u64,
    /// The records.
    pub batch: Batch,
}

impl Office {
    /// The office of a seed, with about this many people at a time, and with these months besides the year's.
    pub fn new(seed: u64, staff: usize, recent: Vec<YearMonth>) -> Self {
        let units = organisation::units();
        let people = people::people(seed, staff, &units);
        let manager = |place: &dyn Fn(&Person) -> bool| {
            people.iter().find(|person| person.stays() && person.is_manager() && place(person)).map(|person| person.number.clone())
        };
        let approver = |index: usize| {
            let bureau = units[index].bureau;
            manager(&|person| person.unit() == index)
                .or_else(|| manager(&|person| units[person.unit()].bureau == bureau))
                .or_else(|| manager(&|_| true))
                .unwrap_or_default()
        };
        let approvers = (0..units.len()).map(approver).collect();
        Self { seed, units, people, approvers, recent }
    }

    /// Somebody who is there all year in a bureau, for whom a token can be made: their number and their unit's code.
    pub fn somebody_in(&self, bureau: &str) -> Option<(&str, &str)> {
        let there = |person: &&Person| person.stays() && !person.is_manager() && BUREAUS[self.units[person.unit()].bureau].code == bureau;
        self.people.iter().find(there).map(|person| (person.number.as_str(), self.units[person.unit()].code.as_str()))
    }

    /// The months of which there are records.
    pub fn months(&self) -> impl Iterator<Item = YearMonth> + use<'_> {
        calendar::months().chain(self.recent.iter().copied())
    }

    /// How much a bureau has reported of a month.
    pub fn reported(&self, bureau: usize, month: YearMonth) -> Reported {
        let place = self.recent.iter().position(|recent| *recent == month);
        place.map_or(Reported::All, |place| Reported::of(bureau, self.recent.len() - 1 - place))
    }

    /// Whether a person's shifts of a month have been reported by the bureau in which they were at its end.
    fn tells_of(&self, person: &Person, month: YearMonth) -> bool {
        let Some(post) = person.post(month.last_day()) else { return true };
        match self.reported(self.units[post.unit].bureau, month) {
            Reported::All => true,
            Reported::Half => person.key.is_multiple_of(2),
            Reported::Nothing => false,
        }
    }

    /// Sends all records of time, month by month, in parts of at most [`MOST_RECORDS`]; ends early where nobody listens any more.
    pub fn send(&self, parts: &Sender<Part>) {
        for month in self.months() {
            let days = calendar::days(month);
            let (mut records, mut people, mut number) = (Records::default(), 0, 0);
            for (index, person) in self.people.iter().enumerate() {
                if self.tells_of(person, month) {
                    time::month(self, person, &days, &mut records);
                }
                people += 1;
                let last = index + 1 == self.people.len();
                for batch in full(&mut records, last) {
                    if parts.blocking_send(Part { month, number, people, batch }).is_err() {
                        return;
                    }
                    (number, people) = (number + 1, 0);
                }
            }
        }
    }
}

/// Takes out what fills a call, or all there is.
fn full(records: &mut Records, all: bool) -> Vec<Batch> {
    let mut batches = Vec::new();
    let Records { shifts, requests, telework, leave } = records;
    batches.extend(take(shifts, all).into_iter().map(Batch::Shifts));
    batches.extend(take(requests, all).into_iter().map(Batch::Requests));
    batches.extend(take(telework, all).into_iter().map(Batch::Telework));
    batches.extend(take(leave, all).into_iter().map(Batch::Leave));
    batches
}

fn take<D>(records: &mut Vec<D>, all: bool) -> Vec<Vec<D>> {
    let mut parts = Vec::new();
    while records.len() >= MOST_RECORDS || (all && !records.is_empty()) {
        let rest = records.split_off(records.len().min(MOST_RECORDS));
        parts.push(std::mem::replace(records, rest));
    }
    parts
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use api::{
        store::{record::Draft, shift::IntervalDraft},
        words::{Date, HireRoute, Sex},
    };
    use std::collections::{BTreeMap, BTreeSet, HashMap};

    /// The year in words, which says whether two are equal.
    fn year(seed: u64, staff: usize) -> Vec<String> {
        let office = Office::new(seed, staff, Vec::new());
        let (sender, mut parts) = tokio::sync::mpsc::channel(1_000);
        office.send(&sender);
        drop(sender);
        let mut said = vec![serde_json::to_string(&people::posting_records(&office.people, &office.units)).unwrap()];
        while let Ok(part) = parts.try_recv() {
            said.push(match part.batch {
                Batch::Shifts(records) => serde_json::to_string(&records).unwrap(),
                Batch::Requests(records) => serde_json::to_string(&records).unwrap(),
                Batch::Telework(records) => serde_json::to_string(&records).unwrap(),
                Batch::Leave(records) => serde_json::to_string(&records).unwrap(),
            });
        }
        said
    }

    #[test]
    fn a_seed_makes_one_office() {
        let one = year(2015, 150);
        assert!(one.len() > 12 * 3);
        assert_eq!(one, year(2015, 150));
        assert_ne!(one, year(2016, 150));
    }

    #[test]
    fn women_are_a_fifth_and_fewer_further_up() {
        let office = Office::new(2015, 1_200, Vec::new());
        let staff = people::staff_records(&office.people);
        let women: BTreeSet<&str> = staff.iter().filter(|person| person.sex == Sex::Female).map(Draft::key).collect();
        let percent = women.len() * 100 / staff.len();
        assert!((18..=22).contains(&percent), "{percent}");
        let mut bands: BTreeMap<u8, (usize, usize)> = BTreeMap::new();
        for posting in people::posting_records(&office.people, &office.units) {
            let (all, of_women) = bands.entry(posting.band as u8).or_default();
            *all += 1;
            *of_women += usize::from(women.contains(posting.staff_number.as_str()));
        }
        let shares: Vec<usize> = bands.values().map(|(all, women)| women * 1_000 / all).collect();
        assert!(shares.is_sorted_by(|a, b| a >= b), "{shares:?}");
        let hires = people::hire_records(&office.people);
        let exam: Vec<_> = hires.iter().filter(|hire| hire.route == HireRoute::Exam).collect();
        let by_exam_women = exam.iter().filter(|hire| women.contains(hire.staff_number.as_str())).count();
        assert_eq!((by_exam_women, exam.len()), (4, 7));
        assert!(hires.len() > exam.len());
    }

    #[test]
    fn nobody_works_twice_at_a_time() {
        let office = Office::new(7, 120, Vec::new());
        let mut last: HashMap<String, IntervalDraft> = HashMap::new();
        for month in calendar::months() {
            let mut records = Records::default();
            for person in &office.people {
                time::month(&office, person, &calendar::days(month), &mut records);
            }
            let away: BTreeSet<(&str, Date)> =
                records.leave.iter().filter(|leave| leave.minutes == 465).map(|leave| (leave.staff_number.as_str(), leave.date)).collect();
            for shift in &records.shifts {
                assert!(!away.contains(&(shift.staff_number.as_str(), shift.date)), "at work on a day of leave");
                let presence = shift.presence.unwrap();
                let before = last.insert(shift.staff_number.clone(), presence);
                assert!(before.is_none_or(|before| before.end <= presence.start));
            }
        }
    }
}
