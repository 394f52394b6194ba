//! The demo's people, all invented: numbers, no names. A post is held by one person and, where they leave in the year, by a successor.
//!
//! Everything follows from the seed. Bands and women are apportioned, not drawn, so that small offices look like large ones.

use super::{
    calendar::{FIRST, day},
    organisation::{BUREAUS, STAGES, Unit},
};
use api::{
    store::{appointment::AppointmentDraft, hire::HireDraft, posting::PostingDraft, record::Version, staff::StaffDraft},
    words::{Date, Employment, Exam, HireRoute, Origin, PostingKind, RankBand, SeparationReason, Sex},
};
use chrono::NaiveDate;
use rand::{
    Rng, SeedableRng,
    rngs::StdRng,
    seq::{IndexedRandom, SliceRandom},
};

/// The bands from below: how many of a hundred posts they are, and how many of a hundred of their holders are women.
const PYRAMID: [(RankBand, usize, usize); 5] = [
    (RankBand::Staff, 18, 37),
    (RankBand::Chief, 27, 28),
    (RankBand::AssistantDirector, 34, 13),
    (RankBand::Director, 17, 6),
    (RankBand::Designated, 4, 3),
];
/// Those who join by exam on 1 April, 4 of 7 of them women, as the plan tells of 2015.
const EXAM_HIRES: [Sex; 7] = [Sex::Female, Sex::Male, Sex::Female, Sex::Female, Sex::Male, Sex::Female, Sex::Male];
/// Those who join in mid-career; larger offices repeat the pattern.
const MID_CAREER_HIRES: [Sex; 5] = [Sex::Female, Sex::Male, Sex::Male, Sex::Female, Sex::Male];
/// Staff for each mid-career hire.
const STAFF_A_MID_CAREER_HIRE: usize = 240;
/// When people come and go within the year: mostly on 1 July, as ministries move theirs.
const MOVES: [NaiveDate; 6] = [day(2019, 7, 1), day(2019, 7, 1), day(2019, 7, 1), day(2019, 8, 1), day(2019, 10, 1), day(2020, 1, 1)];
/// When those came who were there before.
const ARRIVALS: [NaiveDate; 6] = [day(2016, 4, 1), day(2017, 7, 1), day(2018, 4, 1), day(2018, 7, 1), day(2018, 10, 1), day(2019, 4, 1)];
/// Where secondees come from.
const MINISTRIES: [&str; 10] =
    ["総務省", "財務省", "外務省", "経済産業省", "国土交通省", "厚生労働省", "警察庁", "防衛省", "文部科学省", "農林水産省"];
/// Of those in concurrent posts alone, one in so many is not resident.
const AWAY: u64 = 7;
/// How hard people's work presses on them, in percent of the usual; some have next to no overtime.
const LOADS: [u32; 14] = [0, 5, 15, 30, 50, 70, 85, 95, 100, 110, 125, 145, 170, 210];

/// One post that a person holds for a time.
#[derive(Debug, Clone)]
pub(super) struct Post {
    /// Its place in the list of units.
    pub unit: usize,
    kind: PostingKind,
    resident: bool,
    /// The rank band.
    pub band: RankBand,
    from: NaiveDate,
    to: Option<NaiveDate>,
}

impl Post {
    /// Managers and the designated stand outside overtime pay.
    pub fn subject_to_overtime(&self) -> bool {
        !matches!(self.band, RankBand::Director | RankBand::Designated)
    }

    fn covers(&self, date: NaiveDate) -> bool {
        self.from <= date && self.to.is_none_or(|end| date < end)
    }
}

/// One person.
#[derive(Debug, Clone)]
pub(super) struct Person {
    /// Where their own chances start.
    pub key: u64,
    /// Staff number.
    pub number: String,
    sex: Sex,
    /// The ministry that sent them; none for direct hires.
    from: Option<&'static str>,
    hired: NaiveDate,
    left: Option<NaiveDate>,
    route: Option<HireRoute>,
    /// The posts they work in, one after another.
    posts: Vec<Post>,
    /// A post held beside, which they seldom see.
    beside: Option<Post>,
    promoted: bool,
    /// How hard work presses, in percent.
    pub load: u32,
    /// Their own start of the day, where it is staggered; in minutes after midnight.
    pub stage: Option<u32>,
    /// Whether they telework at all.
    pub teleworks: bool,
    /// A child born to them in the year; for men.
    pub birth: Option<NaiveDate>,
}

impl Person {
    /// Whether they belong to another ministry, and come for meetings alone: their time is kept there.
    pub fn is_away(&self) -> bool {
        self.posts.iter().all(|post| !post.resident)
    }

    /// The post in which they work on a date.
    pub fn post(&self, date: NaiveDate) -> Option<&Post> {
        self.posts.iter().find(|post| post.covers(date))
    }

    /// The unit of their last post.
    pub fn unit(&self) -> usize {
        self.posts.last().map_or(0, |post| post.unit)
    }

    /// Whether they are there to the end of the year.
    pub fn stays(&self) -> bool {
        self.left.is_none()
    }

    /// Whether they are held to the overtime rules.
    pub fn is_manager(&self) -> bool {
        self.posts.iter().all(|post| !post.subject_to_overtime())
    }
}

/// What becomes of a post's holder in the year.
enum Fate {
    Stays,
    Leaves(NaiveDate),
}

/// Everybody who is in the office on some day of the year.
pub(super) fn people(seed: u64, staff: usize, units: &[Unit]) -> Vec<Person> {
    let mut crowd = Crowd { rng: StdRng::seed_from_u64(seed), seed, units, women: [0; 5], people: Vec::new(), exam: 0, mid_career: 0 };
    let mut bands: Vec<usize> = (0..staff).map(|seat| band_of(seat, staff)).collect();
    bands.shuffle(&mut crowd.rng);
    let mid_career = (staff / STAFF_A_MID_CAREER_HIRE).max(1);
    for (seat, unit) in seats(staff, units).into_iter().enumerate() {
        crowd.fill(unit, bands[seat], seat * EXAM_HIRES.len() / staff, mid_career);
    }
    crowd.people
}

/// The unit of each seat, bureau by bureau: bureaus by weight, their units in turn.
fn seats(staff: usize, units: &[Unit]) -> Vec<usize> {
    let total: usize = BUREAUS.iter().map(|bureau| bureau.weight).sum();
    let (mut seats, mut weight) = (Vec::with_capacity(staff), 0);
    for (index, bureau) in BUREAUS.iter().enumerate() {
        weight += bureau.weight;
        let own: Vec<usize> = (0..units.len()).filter(|unit| units[*unit].bureau == index).collect();
        let count = weight * staff / total - seats.len();
        seats.extend(own.into_iter().cycle().take(count));
    }
    seats
}

/// The band of the seat with this number, before they are shuffled.
fn band_of(seat: usize, staff: usize) -> usize {
    let mut up_to = 0;
    let percent = seat * 100 / staff;
    PYRAMID
        .iter()
        .position(|(_, share, _)| {
            up_to += share;
            percent < up_to
        })
        .unwrap_or(0)
}

struct Crowd<'a> {
    rng: StdRng,
    seed: u64,
    units: &'a [Unit],
    /// Holders so far, by band.
    women: [usize; 5],
    people: Vec<Person>,
    exam: usize,
    mid_career: usize,
}

impl Crowd<'_> {
    /// Fills a seat with a person and, where they leave, with a successor. `turn` says how many exam hires there may be by now.
    fn fill(&mut self, unit: usize, band: usize, turn: usize, mid_career: usize) {
        let since = BUREAUS[self.units[unit].bureau].since;
        let joins = band == 0 && self.exam <= turn && self.exam < EXAM_HIRES.len() && since <= FIRST;
        let fate = if !joins && since <= FIRST && self.rng.random_ratio(15, 100) {
            Fate::Leaves(MOVES[self.rng.random_range(0..MOVES.len())])
        } else {
            Fate::Stays
        };
        if joins {
            self.join(unit, band, FIRST, &fate);
            self.hire(HireRoute::Exam, EXAM_HIRES[self.exam]);
            self.exam += 1;
        } else {
            let arrival = ARRIVALS[self.rng.random_range(0..ARRIVALS.len())].max(since);
            self.join(unit, band, arrival, &fate);
        }
        if let Fate::Leaves(date) = fate {
            self.join(unit, band, date, &Fate::Stays);
            if self.mid_career < mid_career && matches!(band, 1 | 2) {
                self.hire(HireRoute::MidCareer, MID_CAREER_HIRES[self.mid_career % MID_CAREER_HIRES.len()]);
                self.mid_career += 1;
            }
        }
    }

    /// Makes the last person a direct hire of the year.
    fn hire(&mut self, route: HireRoute, sex: Sex) {
        if let Some(person) = self.people.last_mut() {
            let kind = PostingKind::Primary;
            (person.route, person.sex, person.from) = (Some(route), sex, None);
            person.posts.iter_mut().for_each(|post| (post.kind, post.resident) = (kind, true));
            person.birth = person.birth.filter(|_| sex == Sex::Male);
        }
    }

    fn join(&mut self, unit: usize, band: usize, hired: NaiveDate, fate: &Fate) {
        let (rank, _, percent) = PYRAMID[band];
        let before = self.women[band] * percent / 100;
        self.women[band] += 1;
        let sex = if self.women[band] * percent / 100 > before { Sex::Female } else { Sex::Male };
        let number = self.people.len() + 1;
        let key = number as u64;
        let rng = &mut chances(self.seed, key, 0);
        let left = if let Fate::Leaves(date) = fate { Some(*date) } else { None };
        let from = if rng.random_ratio(80, 100) { MINISTRIES.choose(rng).copied() } else { None };
        let kind = if from.is_some() && rng.random_ratio(40, 100) { PostingKind::Concurrent } else { PostingKind::Primary };
        // One in seven of those in concurrent posts alone.
        let resident = kind == PostingKind::Primary || !key.is_multiple_of(AWAY);
        let first = Post { unit, kind, resident, band: rank, from: hired, to: left };
        let (posts, promoted) = self.career(rng, first, band);
        let beside = (kind == PostingKind::Primary && rng.random_ratio(25, 100)).then(|| Post {
            unit: self.open_unit(rng, hired),
            kind: PostingKind::Concurrent,
            resident: false,
            band: rank,
            from: hired,
            to: left,
        });
        let birth = (sex == Sex::Male && rng.random_ratio(3, 100)).then(|| FIRST + chrono::TimeDelta::days(rng.random_range(10..330)));
        self.people.push(Person {
            key,
            number: format!("D{number:05}"),
            sex,
            from,
            hired,
            left,
            route: None,
            posts,
            beside,
            promoted,
            load: LOADS.choose(rng).copied().unwrap_or_default(),
            stage: if rng.random_ratio(12, 100) { STAGES.choose(rng).copied() } else { None },
            teleworks: rng.random_ratio(11, 100),
            birth,
        });
    }

    /// The first post, and what a promotion or a transfer within the year makes of it.
    fn career(&self, rng: &mut StdRng, mut first: Post, band: usize) -> (Vec<Post>, bool) {
        let date = MOVES[rng.random_range(0..MOVES.len())];
        let chance = rng.random_range(0..100);
        if chance >= 9 || first.from >= date || first.to.is_some_and(|end| end <= date) {
            return (vec![first], false);
        }
        let promoted = chance < 4 && band + 1 < PYRAMID.len();
        let unit = if promoted { first.unit } else { self.open_unit(rng, date) };
        let second = Post { unit, band: PYRAMID[band + usize::from(promoted)].0, from: date, ..first.clone() };
        first.to = Some(date);
        (vec![first, second], promoted)
    }

    fn open_unit(&self, rng: &mut StdRng, on: NaiveDate) -> usize {
        let open = self.units.iter().take_while(|unit| BUREAUS[unit.bureau].since <= on).count();
        rng.random_range(0..open.max(1))
    }
}

/// A person's own chances for one purpose, such as a month: they do not depend on what was drawn for others.
pub(super) fn chances(seed: u64, key: u64, purpose: u64) -> StdRng {
    StdRng::seed_from_u64(seed ^ key.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ purpose.wrapping_mul(0xD1B5_4A32_D192_ED03))
}

/// The people as records.
pub(super) fn staff_records(people: &[Person]) -> Vec<StaffDraft> {
    let record = |person: &Person| StaffDraft {
        staff_number: person.number.clone(),
        sex: person.sex,
        employment: Employment::Regular,
        origin: if person.from.is_some() { Origin::Secondee } else { Origin::Direct },
        seconded_from: person.from.map(str::to_owned),
        hired_on: Date(person.hired),
        separated_on: person.left.map(Date),
        last_day_in_service: None,
        separation_reason: person.left.map(|_| match person.from {
            Some(_) => SeparationReason::EndOfSecondment,
            None => SeparationReason::Retirement,
        }),
        recorded_for: None,
        version: Version::default(),
    };
    people.iter().map(record).collect()
}

/// Their postings as records.
pub(super) fn posting_records(people: &[Person], units: &[Unit]) -> Vec<PostingDraft> {
    let record = |person: &Person, number: usize, post: &Post| PostingDraft {
        external_id: format!("{}/{}", person.number, number + 1),
        staff_number: person.number.clone(),
        bureau: BUREAUS[units[post.unit].bureau].code.to_owned(),
        unit: units[post.unit].code.clone(),
        kind: post.kind,
        resident: post.resident,
        band: post.band,
        job_area: None,
        subject_to_overtime: post.subject_to_overtime(),
        valid_from: Date(post.from),
        valid_to: post.to.map(Date),
        last_day: None,
        released_on: None,
        last_day_before_release: None,
        released_to: None,
        version: Version::default(),
    };
    let of_person = |person: &Person| -> Vec<PostingDraft> {
        person.posts.iter().chain(&person.beside).enumerate().map(|(number, post)| record(person, number, post)).collect()
    };
    people.iter().flat_map(of_person).collect()
}

/// The year's hires as records.
pub(super) fn hire_records(people: &[Person]) -> Vec<HireDraft> {
    let record = |(person, route): (&Person, HireRoute)| HireDraft {
        external_id: person.number.clone(),
        staff_number: person.number.clone(),
        date: Date(person.hired),
        route,
        exam: (route == HireRoute::Exam).then_some(Exam::General),
        exam_year: (route == HireRoute::Exam).then_some(2018),
        version: Version::default(),
    };
    people.iter().filter_map(|person| person.route.map(|route| (person, route))).map(record).collect()
}

/// The year's appointments as records: promotions, and the first posts of those who joined by exam.
pub(super) fn appointment_records(people: &[Person]) -> Vec<AppointmentDraft> {
    let record = |person: &Person| {
        let (first, last) = (person.posts.first()?, person.posts.last()?);
        let (date, from_band) = match (person.promoted, person.route) {
            (true, _) => (last.from, Some(first.band)),
            (false, Some(HireRoute::Exam)) => (first.from, None),
            (false, _) => return None,
        };
        Some(AppointmentDraft {
            external_id: format!("{}/{date}", person.number),
            staff_number: person.number.clone(),
            date: Date(date),
            from_band,
            to_band: if person.promoted { last.band } else { first.band },
            version: Version::default(),
        })
    };
    people.iter().filter_map(record).collect()
}
