//! Runs that are broken off while they decide what is withheld: nothing is met by then that any decision withholds, no value changes by the records
//! of a few people, and the next run leaves what an undisturbed one leaves.

use super::office::{Office, day, month, offices};
use crate::{runner::Runner, transaction::Stale};
use entity::{
    job_run::RunState,
    posting::{self, RankBand},
    protection::Places,
    staff::Sex,
};
use std::collections::{BTreeMap, BTreeSet};

const MONTH: &str = "2018-04";
/// Bureau, women and men; S has few, and others are withheld with it.
const BUREAUS: [(&str, usize, usize); 6] = [("A", 8, 7), ("B", 6, 6), ("C", 6, 6), ("D", 7, 7), ("E", 9, 8), ("S", 1, 2)];

/// By natural key the numerator and denominator that readers meet who see no persons, or that they are withheld.
type Met = BTreeMap<String, Option<(i64, i64)>>;

/// The posts of an office whose April is computed: each person has an hour of overtime.
async fn fill(office: &Office) -> BTreeMap<&'static str, Vec<posting::Model>> {
    let mut all = BTreeMap::new();
    for (code, women, men) in BUREAUS {
        let unit = office.unit(office.bureau(code).await, &format!("{code}1")).await;
        let sex = |index: usize| if index < women { Sex::Female } else { Sex::Male };
        let people: Vec<_> = (0..women + men).map(|index| office.staff_row(&format!("{code}{index}"), sex(index))).collect();
        office.put(people.clone()).await;
        let posts: Vec<_> = people.iter().map(|of| office.posting_row(of, &unit, RankBand::Staff, "2018-01-01", None)).collect();
        office.put(posts.clone()).await;
        office.put(posts.iter().map(|post| office.shift_row(post, day("2018-04-02"), 60)).collect()).await;
        all.insert(code, posts);
    }
    office.run(Some(MONTH)).await;
    all
}

/// Two more hours on a day of April of some of a bureau's people.
async fn correct(office: &Office, posts: &[posting::Model], date: &str) {
    office.put(posts.iter().map(|post| office.shift_row(post, day(date), 120)).collect()).await;
    let marks = posts.iter().map(|post| ((post.bureau_id, month(MONTH)), [Some(post.staff_id)].into()));
    let mut stale = Stale::new();
    for (key, people) in marks {
        let people: BTreeSet<_> = people;
        stale.entry(key).or_default().extend(people);
    }
    office.mark(&stale).await;
}

/// What is withheld, by figure, span, month and split, of decisions in force or of all that there ever were.
async fn withheld(office: &Office, in_force: bool) -> BTreeMap<String, BTreeSet<String>> {
    let mut withheld: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let sql = format!(
        "SELECT figure || ' ' || span || ' ' || CAST(month AS text) || ' ' || split, withheld FROM protection {}",
        if in_force { "WHERE superseded_by IS NULL" } else { "" }
    );
    for row in office.rows(&sql, vec![]).await {
        let places: Places = row.try_get_by_index(1).unwrap();
        withheld.entry(row.try_get_by_index(0).unwrap()).or_default().extend(places.0);
    }
    withheld
}

async fn met(office: &Office) -> Met {
    let withheld = withheld(office, true).await;
    let sql = "SELECT indicator, span, CAST(month AS text), bureau, sex, band, numerator, denominator FROM indicator_value
        WHERE is_public AND (sex = 'TOTAL' OR band = 'TOTAL')";
    let rows = office.rows(sql, vec![]).await;
    let value = rows.iter().map(|row| {
        let word = |index: usize| row.try_get_by_index::<String>(index).unwrap();
        let number = |index: usize| row.try_get_by_index::<i64>(index).unwrap();
        let places = withheld.get(&format!("{} {} {} {}", word(0), word(1), word(2), split(&word(4), &word(5))));
        let shown = places.is_some_and(|places| !places.contains(&word(3)));
        ((0..6).map(word).collect::<Vec<_>>().join(" "), shown.then(|| (number(6), number(7))))
    });
    value.collect()
}

const OF_A: &str = "MEAN_OVERTIME_HOURS MONTH 201804 A TOTAL TOTAL";
const OF_ALL: &str = "MEAN_OVERTIME_HOURS MONTH 201804 TOTAL TOTAL TOTAL";

/// Where a run ends for good: the statement before which it is broken off, and of which rows.
const BREAKS: [(&str, &str, &str); 5] = [
    ("before the decision", "UPDATE OF of_total ON changed_person", "1 = 1"),
    ("before renewal", "UPDATE OF is_public ON indicator_value", "NEW.is_public <> OLD.is_public"),
    ("before the decision is written", "INSERT ON protected_month", "1 = 1"),
    ("before the withheld are renewed", "UPDATE OF is_public ON indicator_value", "NEW.is_public <> OLD.is_public AND NEW.bureau = 'B'"),
    ("before a year's decision", "INSERT ON protected_month", "NEW.span <> 'MONTH'"),
];

/// A run in which a statement fails.
async fn broken_run(office: &Office, (name, event, rows): (&str, &str, &str)) {
    let table = event.rsplit(' ').next().unwrap();
    let (make, drop) = if office.ledger.is_alone() {
        let fails = "SELECT RAISE(ABORT, 'broken off')";
        (format!("CREATE TRIGGER broken BEFORE {event} WHEN {rows} BEGIN {fails}; END"), "DROP TRIGGER broken".to_owned())
    } else {
        let function =
            "CREATE OR REPLACE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''broken off''; END'";
        office.execute(function, vec![]).await;
        let make = format!("CREATE TRIGGER broken BEFORE {event} FOR EACH ROW WHEN ({rows}) EXECUTE FUNCTION broken()");
        (make, format!("DROP TRIGGER broken ON {table}"))
    };
    office.execute(&make, vec![]).await;
    let id = office.enqueue(None).await;
    let run = Runner::new(office.ledger.clone()).run(id).await.unwrap();
    assert_eq!(run.state, RunState::Failed, "{name}");
    office.execute(&drop, vec![]).await;
}

/// How a value is split.
fn split(sex: &str, band: &str) -> &'static str {
    match (sex, band) {
        ("TOTAL", "TOTAL") => "TOTAL",
        (_, "TOTAL") => "BY_SEX",
        _ => "BY_BAND",
    }
}

/// What two more hours of five women of A, and of two men of B, come to in an undisturbed run.
async fn undisturbed() -> (Met, Met) {
    let office = offices().await.remove(0);
    let posts = fill(&office).await;
    let before = met(&office).await;
    correct(&office, &posts["A"][..5], "2018-04-03").await;
    correct(&office, &posts["B"][6..8], "2018-04-03").await;
    office.run(None).await;
    (before, met(&office).await)
}

#[tokio::test]
async fn nothing_is_met_of_a_run_that_is_broken_off_and_the_next_repairs_all() {
    let (before, after) = undisturbed().await;
    assert_eq!(before[OF_A], Some((15 * 60, 900)));
    assert_eq!(after[OF_A], Some((15 * 60 + 5 * 120, 900)));
    assert_eq!(after[OF_ALL], before[OF_ALL], "with B's two, who are too few");
    for broken in BREAKS {
        let name = broken.0;
        for office in offices().await {
            let posts = fill(&office).await;
            correct(&office, &posts["A"][..5], "2018-04-03").await;
            correct(&office, &posts["B"][6..8], "2018-04-03").await;
            broken_run(&office, broken).await;
            let ever = withheld(&office, false).await;
            for (key, value) in met(&office).await {
                let known = [&before, &after].map(|met| met.get(&key).copied().flatten());
                assert!(known.contains(&value), "{name}: {key} is {value:?}, not of {known:?}");
                let words: Vec<_> = key.split(' ').collect();
                let places = &ever[&format!("{} {} {} {}", words[0], words[1], words[2], split(words[4], words[5]))];
                assert!(value.is_none() || !places.contains(words[3]), "{name}: {key} was withheld");
            }
            office.run(None).await;
            assert_eq!(met(&office).await, after, "{name}");
            assert_eq!(office.count("SELECT COUNT(*) FROM changed_person").await, 2, "{name}: B's");
        }
    }
}

#[tokio::test]
async fn one_more_person_is_not_told_with_five_who_were_met_already() {
    let (before, after) = undisturbed().await;
    for broken in BREAKS.into_iter().filter(|(_, _, rows)| !rows.contains("'B'")) {
        let (name, event, _) = broken;
        for office in offices().await {
            let posts = fill(&office).await;
            correct(&office, &posts["A"][..5], "2018-04-03").await;
            broken_run(&office, broken).await;
            let then = met(&office).await;
            assert!([before[OF_A], after[OF_A]].contains(&then[OF_A]), "{name}");
            correct(&office, &posts["A"][5..6], "2018-04-03").await;
            office.run(None).await;
            let now = met(&office).await;
            // Where nobody has met the five, and nothing says so, they may be told with the sixth.
            let told = Some((15 * 60 + 6 * 120, 900));
            let expected = if event.contains("changed_person") { told } else { then[OF_A] };
            assert_eq!(now[OF_A], expected, "{name}");
            assert_eq!(now[OF_ALL].is_some(), before[OF_ALL].is_some());
            // Five more are enough, whoever they are told with.
            correct(&office, &posts["A"][..5], "2018-04-04").await;
            office.run(None).await;
            assert_eq!(met(&office).await[OF_A], Some((15 * 60 + 11 * 120, 900)), "{name}");
            assert_eq!(office.count("SELECT COUNT(*) FROM changed_person").await, 0, "{name}");
        }
    }
}

#[tokio::test]
async fn a_new_year_to_date_tells_nothing_of_a_month_whose_value_is_kept() {
    for office in offices().await {
        let posts = fill(&office).await;
        correct(&office, &posts["A"][..3], "2018-04-03").await;
        office.run(None).await;
        let april = met(&office).await;
        assert_eq!(april[OF_A], Some((15 * 60, 900)), "three are too few");
        // May is new: its year to date less itself would be April as it is now.
        office.put(posts.values().flatten().map(|post| office.shift_row(post, day("2018-05-02"), 60)).collect()).await;
        office.run(Some("2018-05")).await;
        let of = |met: &Met, span: &str, code: &str| met[&format!("MEAN_OVERTIME_HOURS {span} 201805 {code} TOTAL TOTAL")];
        let now = met(&office).await;
        assert_eq!(of(&now, "MONTH", "A"), Some((15 * 60, 900)));
        assert_eq!(of(&now, "FISCAL_YEAR_TO_DATE", "A"), None);
        assert_eq!(of(&now, "FISCAL_YEAR_TO_DATE", "TOTAL"), None, "from which A's would follow");
        assert_eq!(of(&now, "FISCAL_YEAR_TO_DATE", "E"), Some((2 * 17 * 60, 2 * 17 * 60)));
        // Two more, and all is met.
        correct(&office, &posts["A"][3..5], "2018-04-03").await;
        office.run(None).await;
        let now = met(&office).await;
        assert_eq!(now[OF_A], Some((15 * 60 + 5 * 120, 900)));
        assert_eq!(of(&now, "FISCAL_YEAR_TO_DATE", "A"), Some((2 * 15 * 60 + 5 * 120, 1_800)));
        assert!(of(&now, "FISCAL_YEAR_TO_DATE", "TOTAL").is_some());
    }
}

#[tokio::test]
async fn the_office_does_not_tell_of_one_person_with_those_it_has_told_of() {
    for office in offices().await {
        let posts = fill(&office).await;
        let before = met(&office).await[OF_ALL].unwrap();
        // Of three bureaus three each: none of them may be met, and the office may.
        for code in ["A", "D", "E"] {
            correct(&office, &posts[code][..3], "2018-04-03").await;
        }
        office.run(None).await;
        let nine = met(&office).await;
        assert_eq!(nine[OF_A], Some((15 * 60, 900)));
        assert_eq!(nine[OF_ALL], Some((before.0 + 9 * 120, before.1)));
        correct(&office, &posts["E"][3..4], "2018-04-03").await;
        office.run(None).await;
        assert_eq!(met(&office).await[OF_ALL], nine[OF_ALL], "the tenth alone");
        // E has its five, and the sum of all bureaus would tell of two.
        correct(&office, &posts["E"][4..5], "2018-04-03").await;
        office.run(None).await;
        let eleven = met(&office).await;
        assert_eq!(eleven[OF_ALL], nine[OF_ALL]);
        assert_eq!(eleven["MEAN_OVERTIME_HOURS MONTH 201804 E TOTAL TOTAL"], Some((17 * 60, 1_020)));
        correct(&office, &posts["E"][5..8], "2018-04-03").await;
        office.run(None).await;
        let all = met(&office).await;
        assert_eq!(all[OF_ALL], Some((before.0 + 14 * 120, before.1)));
        assert_eq!(all["MEAN_OVERTIME_HOURS MONTH 201804 E TOTAL TOTAL"], Some((17 * 60 + 8 * 120, 1_020)));
    }
}
