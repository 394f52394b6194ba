//! The matrix of roles and traced acts: what each question and each act leaves behind, whoever asks, over HTTP and over sockets.
//!
//! It asks the cases of `cases` again, and looks after each at what is new of the caller: entries of the audit trail, counts of daily reading,
//! lines of the security log. A letter for each of the eleven roles, in the order of the policy grid, says what is expected: `e` an entry, `d` a
//! count of the day, `.` nothing. Who is refused leaves a line of the security log and no trace of reading, for there was none.
//! Deliberately absent: what an entry says, which `operations::audit` holds, and how soon it is there.

use std::collections::BTreeSet;

use api::authz::Role;
use entity::{audit_entry, reading_day};
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, PaginatorTrait, QueryFilter};
use torikumi_tests::both;

use super::{
    cases::{self, Case},
    office::{DATED, Office},
    outcome,
};

/// Who reads about persons: own officers and managers are counted; machines, and those who see every bureau, leave an entry; the person reads
/// about themselves; and the rest is shown nobody.
const PERSONS: &str = ". . . d e d e . e . e";
/// An opened file is an entry, whoever opens it; the number of nobody or of another too.
const FILE: &str = ". . e . . e . . . . .";
const NOTHING: &str = ". . . . . . . . . . .";

/// Root fields that show persons, or how many of them there are; the register's dated nouns are more of them.
const OF_PERSONS: [&str; 10] = [
    "changes",
    "staff",
    "employments",
    "postings",
    "personMonths",
    "personFile",
    "overtimeOutliers",
    "overtimeOutlier",
    "recordTotals",
    "monthCompleteness",
];

/// What a caller has left behind so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Left {
    read: u64,
    acted: u64,
    counted: i64,
    lines: u64,
}

impl Left {
    async fn of(office: &Office, db: &DatabaseConnection, subject: &str) -> anyhow::Result<Self> {
        office.server.app.close().await?;
        let entries = || audit_entry::Entity::find().filter(audit_entry::Column::Actor.eq(subject));
        let read = entries().filter(audit_entry::Column::Verb.eq("READ")).count(db).await?;
        let days = reading_day::Entity::find().filter(reading_day::Column::Subject.eq(subject)).all(db).await?;
        let lines = office.server.said_of_security().await?;
        let lines = lines.iter().filter(|line| line["subject"].as_str().unwrap_or("public") == subject);
        Ok(Self {
            read,
            acted: entries().count(db).await? - read,
            counted: days.iter().map(|day| day.reads).sum(),
            lines: lines.filter_map(|line| line["times"].as_u64()).sum(),
        })
    }

    /// What is new since then, as the tables write it.
    fn since(self, before: Self) -> String {
        let marks = [(self.read > before.read || self.acted > before.acted, 'e'), (self.counted > before.counted, 'd')];
        let marks: String = marks.into_iter().filter_map(|(is, mark)| is.then_some(mark)).collect();
        if marks.is_empty() { ".".to_owned() } else { marks }
    }
}

/// The subjects of the office's callers, in the order of the grid.
fn subjects() -> impl Iterator<Item = &'static str> {
    Role::ALL.into_iter().map(Role::as_str)
}

/// What a question leaves behind by each role that is answered.
fn trace_of(case: &Case) -> &'static str {
    let list = case.document.split(['{', '(', ' ', '$']).find(|word| !["query", "subscription", ""].contains(word)).unwrap_or_default();
    let of_persons = |name: &str| OF_PERSONS.contains(&name) || DATED.iter().any(|names| names.list == name);
    match case.field.as_str() {
        "personFile" => FILE,
        // The first message says where the subscription begins, and shows nobody.
        _ if case.document.starts_with("subscription") => NOTHING,
        // What a version of a release changed names figures.
        _ if case.name.starts_with("Release.") => NOTHING,
        // The person-months behind figures.
        _ if case.document.contains("personMonths") || of_persons(&case.field) || of_persons(list) => PERSONS,
        // A node is of the list in which it was found.
        "node" if case.name.split(' ').nth(2).is_some_and(of_persons) => PERSONS,
        _ => NOTHING,
    }
}

/// Asks every case of every role and tells all whose traces differ: of those who are answered, and of those who are refused.
async fn look(office: &Office, cases: &[Case], expected: impl Fn(&Case, usize, &str) -> String) -> anyhow::Result<()> {
    let db = office.server.connect().await?;
    let mut wrong = String::new();
    let mut left = Vec::new();
    for subject in subjects() {
        left.push(Left::of(office, &db, subject).await?);
    }
    for case in cases {
        for (role, (client, subject)) in office.callers.iter().zip(subjects()).enumerate() {
            let said = outcome(client, &case.document, case.variables.clone(), &case.path).await?;
            let after = Left::of(office, &db, subject).await?;
            let before = std::mem::replace(&mut left[role], after);
            let (got, expected) = (after.since(before), expected(case, role, &said));
            // A record that was refused for what another's has is told by the entry.
            let refused = said.starts_with(char::is_alphabetic) && !["W", "CONFLICT"].contains(&said.as_str());
            if got != expected || refused && after.lines == before.lines {
                let lines = after.lines - before.lines;
                wrong += &format!("{} by {subject}: {said}, expected {expected}, got {got} and {lines} lines\n", case.name);
            }
        }
    }
    anyhow::ensure!(wrong.is_empty(), "{wrong}");
    Ok(())
}

both!(
    #[ignore = "long: tests/run --whole"]
    whoever_reads_leaves_what_the_matrix_says,
    async |backend| {
        let office = Office::open(backend).await?;
        let mut all = cases::reads(&office).await?;
        all.extend(cases::follows(&office).await?);
        all.extend(cases::leads());
        all.extend(cases::nodes(&office).await?);
        look(&office, &all, |case, role, said| {
            let trace = trace_of(case).split(' ').nth(role).unwrap_or_default();
            // Who is refused has read nothing; that a file was asked for is told whoever has it.
            let asked = !said.starts_with(['U', 'F']) && (case.field == "personFile" || said != "N");
            if asked { trace.to_owned() } else { ".".to_owned() }
        })
        .await
    }
);

both!(
    #[ignore = "long: tests/run --whole"]
    whoever_acts_leaves_an_entry_or_a_line,
    async |backend| {
        let office = Office::open(backend).await?;
        // A dry run changes nothing; that a number is in use out of sight is told, and so this is traced.
        look(&office, &cases::dry_writes(), |_, _, said| if said == "CONFLICT" { "e" } else { "." }.to_owned()).await?;
        // The plan is there already: nothing is changed.
        let changes = |case: &Case, said: &str| said == "1" && case.field != "loadPlan";
        look(&office, &cases::acts(), |case, _, said| if changes(case, said) { "e" } else { "." }.to_owned()).await
    }
);

/// A list of the schema that shows persons and is no line of the matrix fails here.
#[test]
fn every_list_of_persons_is_in_the_matrix() {
    let personal = super::personal_lists();
    let known: BTreeSet<String> =
        OF_PERSONS.iter().map(|&name| name.to_owned()).chain(DATED.iter().map(|names| names.list.clone())).collect();
    assert_eq!(personal.difference(&known).collect::<Vec<_>>(), Vec::<&String>::new());
}
