#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;
use proptest::prelude::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn all(texts: &[&str]) -> Vec<DateTime<Utc>> {
    texts.iter().map(|text| at(text)).collect()
}

fn tokyo(cron: &str) -> Plan {
    Plan::parse(cron, "Asia/Tokyo").unwrap()
}

const NIGHTLY: &str = "0 30 2 * * *";
const DAY: TimeDelta = TimeDelta::days(1);

#[test]
fn a_cron_says_what_is_wrong_with_it() {
    let error = |cron: &str, zone: &str| Plan::parse(cron, zone).unwrap_err();
    assert_eq!(error("0 0 3 1 * MON", "Asia/Tokyo"), PlanError::BothDays);
    assert_eq!(error("0 3 * * *", "Asia/Tokyo"), PlanError::Fields);
    assert_eq!(error("0 0 3 * * * 2030", "Asia/Tokyo"), PlanError::Fields);
    assert_eq!(error(NIGHTLY, "Tokyo"), PlanError::Zone("Tokyo".to_owned()));
    assert!(matches!(error("0 61 3 * * *", "Asia/Tokyo"), PlanError::Cron(_)));
    assert_eq!(error("0 0 3 30 2 *", "Asia/Tokyo"), PlanError::Never);
    assert!(Plan::parse("0 0 3 29 2 *", "Asia/Tokyo").is_ok());
    assert!(Plan::parse("0 0 3 ? * MON", "Asia/Tokyo").is_ok());
}

#[test]
fn a_slot_falls_on_a_whole_second_wherever_one_looks_from() {
    let (from, now) = ("2018-03-30T17:29:59.250Z", "2018-03-30T17:31:00.750Z");
    let quarter = tokyo("15 */15 * * * *");
    assert_eq!(tokyo(NIGHTLY).preview(1, at(from)), all(&["2018-03-30T17:30:00Z"]));
    assert_eq!(quarter.preview(2, at(from)), all(&["2018-03-30T17:30:15Z", "2018-03-30T17:45:15Z"]));
    assert_eq!(quarter.preview(1, at("2018-03-30T17:30:15.001Z")), all(&["2018-03-30T17:45:15Z"]), "the slot is over");
    for misfire in [Misfire::Skip, Misfire::Latest, Misfire::All] {
        let due = quarter.due(Some(at(from)), at(now), misfire, DAY);
        assert_eq!((due.slots, due.cursor), (all(&["2018-03-30T17:30:15Z"]), Some(at("2018-03-30T17:30:15Z"))), "{misfire:?}");
        let late = quarter.due(None, at("2018-03-30T17:43:00.750Z"), misfire, TimeDelta::minutes(14)).slots;
        let made_up = if misfire == Misfire::Skip { vec![] } else { all(&["2018-03-30T17:30:15Z"]) };
        assert_eq!(late, made_up, "{misfire:?}");
    }
}

#[test]
fn the_fiscal_year_turns_at_midnight_in_tokyo() {
    let first_of_april = tokyo("0 0 0 1 4 *");
    assert_eq!(first_of_april.preview(2, at("2018-03-31T14:59:59Z")), all(&["2018-03-31T15:00:00Z", "2019-03-31T15:00:00Z"]));
    let nightly = tokyo(NIGHTLY);
    assert_eq!(nightly.preview(2, at("2018-03-30T17:30:00Z")), all(&["2018-03-31T17:30:00Z", "2018-04-01T17:30:00Z"]));
    let due = nightly.due(Some(at("2018-03-30T17:30:00Z")), at("2018-03-31T17:30:00Z"), Misfire::Latest, DAY);
    assert_eq!((due.slots, due.cursor), (all(&["2018-03-31T17:30:00Z"]), Some(at("2018-03-31T17:30:00Z"))));
    assert_eq!(nightly.due(Some(at("2018-03-30T17:30:00Z")), at("2018-03-31T17:29:59Z"), Misfire::Latest, DAY), Due::default());
}

#[test]
fn a_skipped_hour_is_made_up_for_at_its_end() {
    // New York, 8 March 2026: 02:00 EST is 03:00 EDT, 07:00 UTC.
    let nightly = Plan::parse(NIGHTLY, "America/New_York").unwrap();
    let slots = nightly.preview(3, at("2026-03-07T00:00:00Z"));
    assert_eq!(slots, all(&["2026-03-07T07:30:00Z", "2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z"]));
    let halves = Plan::parse("0 */30 * * * *", "America/New_York").unwrap();
    let slots = halves.preview(4, at("2026-03-08T06:00:00Z"));
    assert_eq!(slots, all(&["2026-03-08T06:30:00Z", "2026-03-08T07:00:00Z", "2026-03-08T07:30:00Z", "2026-03-08T08:00:00Z"]));
}

#[test]
fn a_doubled_hour_is_one_slot_for_a_time_of_day_and_two_for_every_half_hour() {
    // New York, 1 November 2026: 02:00 EDT is 01:00 EST, 06:00 UTC.
    let nightly = Plan::parse("0 30 1 * * *", "America/New_York").unwrap();
    let slots = nightly.preview(3, at("2026-10-31T00:00:00Z"));
    assert_eq!(slots, all(&["2026-10-31T05:30:00Z", "2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"]));
    let halves = Plan::parse("0 */30 * * * *", "America/New_York").unwrap();
    let slots = halves.preview(6, at("2026-11-01T04:30:00Z"));
    let expected = ["05:00", "05:30", "06:00", "06:30", "07:00", "07:30"].map(|time| at(&format!("2026-11-01T{time}:00Z")));
    assert_eq!(slots, expected);
    // From each of them the next is the next, in the doubled hour too.
    for pair in expected.windows(2) {
        assert_eq!(halves.preview(1, pair[0]), [pair[1]]);
    }
}

#[test]
fn what_was_missed_goes_by_the_policy() {
    let nightly = tokyo(NIGHTLY);
    let cursor = Some(at("2018-04-01T17:30:00Z"));
    let now = at("2018-04-05T00:00:00Z");
    let week = DAY * 7;
    let missed = all(&["2018-04-02T17:30:00Z", "2018-04-03T17:30:00Z", "2018-04-04T17:30:00Z"]);
    assert!(nightly.due(cursor, now, Misfire::Skip, week).slots.is_empty());
    assert_eq!(nightly.due(cursor, now, Misfire::Latest, week).slots, missed[2..]);
    assert_eq!(nightly.due(cursor, now, Misfire::All, week).slots, missed);
    // No further back than the window.
    assert_eq!(nightly.due(cursor, now, Misfire::All, TimeDelta::hours(36)).slots, missed[1..]);
    assert!(nightly.due(cursor, now, Misfire::Latest, TimeDelta::hours(1)).slots.is_empty());
    // A slot of this very minute is on time whatever the policy, and the missed ones before it are not the latest.
    for misfire in [Misfire::Skip, Misfire::Latest] {
        assert_eq!(nightly.due(cursor, at("2018-04-04T17:30:59Z"), misfire, week).slots, missed[2..]);
    }
    // More than can be dealt with at once goes on where it stopped.
    let minutes = tokyo("0 * * * * *");
    let first = minutes.due(cursor, now, Misfire::All, week);
    assert_eq!((first.slots.len(), first.slots[0]), (MOST_SLOTS, at("2018-04-01T17:31:00Z")));
    let second = minutes.due(first.cursor, now, Misfire::All, week);
    assert_eq!(second.slots[0], first.slots[MOST_SLOTS - 1] + TimeDelta::minutes(1));
    assert_eq!(minutes.due(cursor, now, Misfire::Latest, week).slots.last(), Some(&now));
}

#[test]
fn a_clock_that_jumps_repeats_nothing() {
    for (misfire, after_the_jump) in [(Misfire::Skip, 0), (Misfire::Latest, 1), (Misfire::All, 5)] {
        let hourly = tokyo("0 0 * * * *");
        let (mut cursor, mut seen) = (None, Vec::new());
        let mut look = |now: DateTime<Utc>| {
            let due = hourly.due(cursor, now, misfire, DAY);
            cursor = due.cursor.or(cursor);
            seen.extend(due.slots.iter().copied());
            due.slots
        };
        let start = at("2018-04-01T00:00:00Z");
        look(start);
        // Half past seven hours ahead of the next look: five slots were missed, or the clock was wrong.
        assert_eq!(look(start + TimeDelta::minutes(330)).len(), after_the_jump, "{misfire:?}");
        // Two hours back: what was dealt with is not due again.
        for minute in 0..120 {
            let now = start + TimeDelta::minutes(210 + minute);
            assert!(look(now).iter().all(|&slot| slot > start + TimeDelta::minutes(210) && slot <= now), "{misfire:?}");
        }
        assert_eq!(look(start + TimeDelta::minutes(360)).len(), 1);
        let mut once = seen.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once, seen, "{misfire:?}: in order, and none twice");
    }
}

const ZONES: [&str; 5] = ["Asia/Tokyo", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia"];
const CRONS: [&str; 6] = [NIGHTLY, "0 */15 * * * *", "0 0 1 * * MON", "30 59 23 31 * *", "0 30 1,2,3 * * *", "0 0 */2 * * *"];

proptest! {
    /// Whoever looks when, all slots come, each once and in order, as one look over the whole time would give them.
    #[test]
    fn looks_at_any_times_add_up(
        zone in 0..ZONES.len(),
        cron in 0..CRONS.len(),
        start in 1_500_000_000_i64..1_800_000_000,
        steps in prop::collection::vec(1_i64..40_000, 1..30),
    ) {
        let plan = Plan::parse(CRONS[cron], ZONES[zone]).unwrap();
        let start = DateTime::from_timestamp(start, 0).unwrap();
        let (mut cursor, mut now, mut seen) = (Some(start), start, Vec::new());
        for step in steps {
            now += TimeDelta::seconds(step);
            let due = plan.due(cursor, now, Misfire::All, DAY * 60);
            cursor = due.cursor.or(cursor);
            seen.extend(due.slots);
        }
        let whole = plan.between(start, now, usize::MAX);
        prop_assert_eq!(&seen, &whole);
        prop_assert!(whole.windows(2).all(|pair| pair[0] < pair[1]));
        let preview = plan.preview(whole.len(), start);
        prop_assert_eq!(preview, whole.into_iter().take(MOST_SLOTS).collect::<Vec<_>>());
    }
}
