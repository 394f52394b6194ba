//! The tables: who gets what. Each line ends with what the eleven roles get, in the order of the policy grid: public, viewer, staff, manager,
//! bureau system, bureau officer, promotion officer, committee, secretariat, admin, auditor. A number is how many rows, U is UNAUTHENTICATED,
//! F FORBIDDEN, N `NOT_FOUND`, W a record that was written; anything else is the code itself.

use std::sync::LazyLock;

use anyhow::Context;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::{noun::Noun, retention::RetentionNoun};
use sea_orm::Iterable;
use serde_json::{Value, json};
use torikumi_tests::fixtures::{input, mutation, posting, staff, unit, with};

use super::office::{DATED as OF_REGISTER, MONTH, Office, leave_target, of};
use crate::schema::Sdl;

/// Who may see a field of a row that may be seen.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Whoever sees the row, and the row is about nobody.
    Open,
    /// Whoever sees the row, and the row is about a person.
    Personal,
    /// Whoever sees the row, unless the figure is withheld.
    Figure,
    /// The caller's own token.
    Own,
}
use Class::{Figure, Open, Own, Personal};

/// One question to all roles.
pub struct Case {
    pub field: String,
    pub name: String,
    pub document: String,
    pub variables: Value,
    pub path: String,
    pub expected: String,
}

const MASTER_1: &str = "U 1 1 1 1 1 1 1 1 1 1";
const MASTER_2: &str = "U 2 2 2 2 2 2 2 2 2 2";
const MASTER_3: &str = "U 3 3 3 3 3 3 3 3 3 3";
/// Of what everybody reads, what a token alone shows.
const SIGNED_1: &str = "0 1 1 1 1 1 1 1 1 1 1";
const PUBLIC_1: &str = "1 1 1 1 1 1 1 1 1 1 1";
const PUBLIC_2: &str = "2 2 2 2 2 2 2 2 2 2 2";
const PUBLIC_3: &str = "3 3 3 3 3 3 3 3 3 3 3";
const PUBLIC_4: &str = "4 4 4 4 4 4 4 4 4 4 4";
const PUBLIC_5: &str = "5 5 5 5 5 5 5 5 5 5 5";
/// A release that is not published.
const DRAFT: &str = "0 0 0 0 0 0 1 1 1 0 0";
/// As many as the catalogue has; `{dated}` and `{kept}` stand likewise for what the register has.
const ALL_INDICATORS: &str = "{indicators} {indicators} {indicators} {indicators} {indicators} {indicators} {indicators} {indicators} {indicators} {indicators} {indicators}";
/// Records of S1, S2, S4 (then in A) and S3 (in B).
const DATED: &str = "U F 1 1 3 3 4 F 4 F 4";
/// The same, where S4's own row is now B's.
const DATED_CURRENT: &str = "U F 1 1 2 2 4 F 4 F 4";
/// Revised were S1's and S3's.
const REVISED: &str = "U F 1 1 1 1 2 F 2 F 2";
/// A row of S1, in A1.
const OF_A1: &str = "U F 1 1 1 1 1 F 1 F 1";
/// A row of somebody in B.
const OF_B: &str = "U F 0 0 0 0 1 F 1 F 1";

/// Flags of S1, S2, S4 (then in A) and S3 (in B), which machines do not see.
const FLAGS: &str = "U F 1 1 F 3 4 F 4 F 4";
/// The flag of S1.
const FLAG_OF_A1: &str = "U F 1 1 F 1 1 F 1 F 1";

/// The cycle that is published, and the one that collects.
const CYCLES: &str = "4 4 4 4 4 5 5 5 5 4 4";
/// What is published of it is one.
const CYCLE: &str = "1 1 1 1 1 1 1 1 1 1 1";
/// Submissions of A and B.
const SUBMISSIONS: &str = "U F F F F 1 2 2 2 F F";
/// Calls to three bureaus by two cycles.
const CALLS: &str = "U F F F F 2 6 6 6 F F";

/// Runs and schedules: for who watches the jobs.
const WATCHED: &str = "U F F F F F 1 F 1 1 F";

/// Root fields of queries: field, arguments and selection, path to what is counted, what each role gets. An empty document is the field's list.
pub static READS: LazyLock<Vec<(&str, &str, &str, &str)>> = LazyLock::new(|| {
    let dated = OF_REGISTER.iter().map(|names| (names.list.as_str(), "", "", DATED));
    OTHER_READS.iter().copied().chain(dated).collect()
});

const OTHER_READS: &[(&str, &str, &str, &str)] = &[
    ("viewer", "{ viewer { roles } }", "viewer/roles", PUBLIC_1),
    // Words of the program.
    ("labels", "{ labels(enum: \"Sex\") { member } }", "labels", "3 3 3 3 3 3 3 3 3 3 3"),
    // Each kind of node is a case of `NODES`.
    ("node", "{ node(id: \"YnVyZWF1OjAxOTNkMGY0LTAwMDAtNzAwMC04MDAwLTAwMDAwMDAwMDAwMA\") { id } }", "node", "U 0 0 0 0 0 0 0 0 0 0"),
    // A fresh cursor, of what each may read: the plan's targets are everybody's.
    ("changes", "{ changes { pageInfo { endCursor } } }", "changes/pageInfo/endCursor", PUBLIC_1),
    // All of the catalogue, which is everybody's.
    ("indicators", "{ indicators { code } }", "indicators", ALL_INDICATORS),
    ("indicator", "{ indicator(code: \"WOMEN_STAFF\") { code } }", "indicator", PUBLIC_1),
    (
        "indicatorValues",
        "{ indicatorValues(filter: { codes: [\"MEAN_OVERTIME_HOURS\"], spans: [MONTH], sexes: [\"TOTAL\"], bands: [\"TOTAL\"] })
        { nodes { id } totalCount } }",
        "indicatorValues/nodes",
        "U 3 3 3 3 3 3 3 3 F 3",
    ),
    (
        "indicatorSeries",
        "{ indicatorSeries(codes: [\"MEAN_OVERTIME_HOURS\"], by: [BUREAU], from: \"2020-02\", to: \"2020-02\") { values { id } } }",
        "indicatorSeries/values",
        "U 3 3 3 3 3 3 3 3 F 3",
    ),
    (
        "personMonths",
        "{ personMonths(month: \"2020-02\", filter: { employment: REGULAR }) { nodes { staffNumber bureau { code } } totalCount } }",
        "personMonths/nodes",
        "U F 1 1 3 3 5 F 5 F 5",
    ),
    // For the holder's officer and the person alone, who are nobody else's.
    ("personFile", "{ personFile(staffNumber: \"S1\", reason: \"開示\") { staffNumber } }", "personFile", "U F 1 F F 1 F F F F F"),
    ("personFile", "{ personFile(staffNumber: \"S3\", reason: \"開示\") { staffNumber } }", "personFile", "U F N F F N F F F F F"),
    (
        "recordTotals",
        "{ recordTotals(month: \"2020-02\", client: \"a\") { records } }",
        "recordTotals",
        "U F {dated} {dated} {dated} {dated} {dated} F {dated} F {dated}",
    ),
    ("monthCompleteness", "{ monthCompleteness(month: \"2020-02\") { people } }", "monthCompleteness", "U F F F 1 1 3 F 3 F 3"),
    (
        "monthCloses",
        "{ monthCloses(filter: { from: \"2020-02\", to: \"2020-02\" }) { nodes { id } totalCount } }",
        "monthCloses/nodes",
        "U F F F 1 1 3 F 3 3 3",
    ),
    ("jobRun", "query($id: ID!) { jobRun(id: $id) { id } }", "jobRun", WATCHED),
    // The month's run, the outliers that follow from it, and the draft of a cycle that was frozen.
    ("jobRuns", "", "", "U F F F F F 3 F 3 3 F"),
    ("jobSchedule", "{ jobSchedule(job: MONTHLY_INDICATORS) { id } }", "jobSchedule", WATCHED),
    ("jobSchedules", "{ jobSchedules(filter: { jobs: [MONTHLY_INDICATORS] }) { nodes { id } totalCount } }", "jobSchedules/nodes", WATCHED),
    ("previewSchedule", "{ previewSchedule(cron: \"0 0 3 * * *\", count: 1) }", "previewSchedule", WATCHED),
    ("jobBackfill", "query($id: ID!) { jobBackfill(id: $id) { id } }", "jobBackfill", WATCHED),
    ("jobBackfills", "", "", WATCHED),
    (
        "auditEntries",
        "{ auditEntries(filter: { verb: \"SUBMIT\" }) { nodes { id } totalCount } }",
        "auditEntries/nodes",
        // Months and submissions of A and B.
        "U F F F F 2 4 F 4 4 4",
    ),
    ("auditPosition", "{ auditPosition }", "auditPosition", "U F F F F 1 1 F 1 1 1"),
    ("apiClients", "", "", "U F F F F F F F F 4 F"),
    // Hires after the first day of employment, by each system.
    (
        "recordWarningCounts",
        "{ recordWarningCounts(from: \"2020-04-01\", to: \"2020-05-01\") { client } }",
        "recordWarningCounts",
        "U F F F F F F F 2 2 F",
    ),
    ("tokenRevocations", "", "", "U F F F F F F F F 1 F"),
    ("pendingChanges", "", "", WATCHED),
    ("pendingChangeInput", "query($id: ID!) { pendingChangeInput(id: $id) }", "pendingChangeInput", WATCHED),
    ("fourEyes", "{ fourEyes { kind } }", "fourEyes", "U F F F F F 5 F 5 5 F"),
    ("retentions", "", "", "U F F F F F {kept} F {kept} {kept} F"),
    ("mails", "", "", "U F F F F F F F F 1 F"),
    ("overtimeRules", "", "", MASTER_2),
    ("countingRules", "", "", MASTER_1),
    ("overtimeOutliers", "", "", FLAGS),
    ("overtimeOutlier", "query($id: ID!) { overtimeOutlier(id: $id) { id } }", "overtimeOutlier", FLAG_OF_A1),
    // Of A, of B and of the office; most of them withheld.
    ("overtimeOutlierCounts", "{ overtimeOutlierCounts(month: \"2020-02\") { bureau } }", "overtimeOutlierCounts", "U 3 3 3 3 3 3 3 3 F 3"),
    ("followUps", "", "", CYCLES),
    ("followUp", "{ followUp(fiscalYear: 2019) { id } }", "followUp", "0 0 0 0 0 1 1 1 1 0 0"),
    ("submissions", "", "", SUBMISSIONS),
    ("bureaus", "", "", MASTER_3),
    ("units", "", "", MASTER_3),
    ("workRegimes", "", "", MASTER_2),
    ("holidays", "", "", MASTER_1),
    ("leaveTargets", "", "", MASTER_2),
    ("onTimeDays", "", "", MASTER_2),
    ("startStages", "", "", MASTER_2),
    // One that was recorded, and one of the plan.
    ("targets", "", "", PUBLIC_3),
    ("plan", "{ plan(code: \"P\") { code } }", "plan", PUBLIC_1),
    ("plans", "", "", PUBLIC_3),
    ("clause", "{ clause(plan: \"P\", code: \"V-1\") { code } }", "clause", PUBLIC_1),
    ("clauses", "", "", PUBLIC_3),
    // A person is of the bureaus of today, a posting of its own.
    ("staff", "", "", "U F 1 1 2 2 5 F 5 F 5"),
    ("employments", "", "", "U F 1 1 2 2 5 F 5 F 5"),
    ("postings", "", "", "U F 1 1 3 3 6 F 6 F 6"),
    ("releases", "", "", "5 5 5 5 5 5 6 6 6 5 5"),
    ("release", "{ release(fiscalYear: 2018) { id } }", "release", PUBLIC_1),
    ("release", "{ release(fiscalYear: 2018, version: \"1.1.0\") { id } }", "release", DRAFT),
    (
        "releaseObservations",
        "{ releaseObservations(fiscalYear: 2018) { nodes { bureau } totalCount } }",
        "releaseObservations/nodes",
        PUBLIC_5,
    ),
    (
        "releaseObservations",
        "{ releaseObservations(fiscalYear: 2018, version: \"1.1.0\") { nodes { bureau } totalCount } }",
        "releaseObservations/nodes",
        "N N N N N N 5 5 5 N N",
    ),
    ("planReview", "{ planReview(from: 2016, to: 2019) { targets { indicator } } }", "planReview/targets", PUBLIC_2),
];

/// Root fields of subscriptions: field, document, path to what is counted in the first message, what each role gets.
pub const FOLLOWS: &[(&str, &str, &str, &str)] = &[
    ("jobRun", "subscription($id: ID!) { jobRun(id: $id) { run { id } } }", "jobRun/run", "U F F F F F 1 F 1 1 F"),
    ("jobRuns", "subscription { jobRuns { cursor updates { run { id } } } }", "jobRuns/cursor", "U F F F F F 1 F 1 1 F"),
    ("changed", "subscription { changed { cursor } }", "changed/cursor", "U 1 1 1 1 1 1 1 1 1 1"),
    ("overtimeOutliers", "subscription { overtimeOutliers { cursor outliers { id } } }", "overtimeOutliers/cursor", FLAG_OF_A1),
];

type Lines = &'static [(&'static str, &'static str)];

const OF_DATED: Lines = &[("staff", DATED_CURRENT), ("posting", DATED), ("bureau", DATED), ("unit", DATED), ("revisions", REVISED)];
/// Of calls that wrote shifts of people of A, of B, and of both.
const TOLD: &str = "U F F F F 2 5 F 5 5 5";
/// Of the figure of A, B and the office.
const FIGURES_3: &str = "U 3 3 3 3 3 3 3 3 F 3";

/// Fields that lead to other rows: type, how a list of it is asked, and for each field how many rows it leads to in all.
pub static LEADS: LazyLock<Vec<(&str, &str, Lines)>> = LazyLock::new(|| {
    let dated = OF_REGISTER.iter().map(|names| (names.object.as_str(), names.list.as_str(), OF_DATED));
    OTHER_LEADS.iter().copied().chain(dated).collect()
});

const OTHER_LEADS: &[(&str, &str, Lines)] = &[
    ("Bureau", "bureaus(first: 500)", &[("successor", MASTER_1), ("revisions", MASTER_1)]),
    ("Unit", "units(first: 500)", &[("bureau", MASTER_3), ("revisions", MASTER_1)]),
    ("WorkRegime", "workRegimes(first: 500)", &[("unit", MASTER_2), ("revisions", MASTER_1)]),
    ("Holiday", "holidays(first: 500)", &[("revisions", MASTER_1)]),
    ("LeaveTarget", "leaveTargets(first: 500)", &[("bureau", MASTER_2), ("unit", MASTER_2), ("revisions", MASTER_1)]),
    ("OnTimeDay", "onTimeDays(first: 500)", &[("bureau", MASTER_1), ("revisions", MASTER_1)]),
    ("StartStage", "startStages(first: 500)", &[("bureau", MASTER_1), ("revisions", MASTER_1)]),
    ("Target", "targets(first: 500)", &[("plan", PUBLIC_1), ("bureau", SIGNED_1), ("unit", SIGNED_1), ("revisions", PUBLIC_1)]),
    (
        "Plan",
        "plans(first: 500)",
        &[("clauses", PUBLIC_3), ("initiatives", PUBLIC_3), ("items", PUBLIC_4), ("targets", PUBLIC_1), ("uncoveredClauses", PUBLIC_1)],
    ),
    (
        "Clause",
        "clauses(first: 500)",
        &[
            ("plan", PUBLIC_3),
            ("parent", PUBLIC_2),
            ("children", PUBLIC_2),
            ("initiatives", PUBLIC_1),
            ("indicators", PUBLIC_1),
            ("items", PUBLIC_1),
            ("targets", PUBLIC_1),
        ],
    ),
    // S4's posting in A is not led to from B's person, nor the one in B from A.
    (
        "Staff",
        "staff(first: 500)",
        &[
            ("postings", "U F 1 1 2 2 6 F 6 F 6"),
            ("recordedFor", "U F 1 1 2 2 5 F 5 F 5"),
            ("employments", "U F 1 1 2 2 5 F 5 F 5"),
            ("revisions", REVISED),
        ],
    ),
    // Recorded for a bureau, then posted in it; S4 in A and then in B.
    ("Holding", "staff(first: 500)", &[("bureau", "U F 2 2 4 4 11 F 11 F 11"), ("posting", "U F 1 1 2 2 6 F 6 F 6")]),
    ("EmploymentPeriod", "employments(first: 500)", &[("staff", "U F 1 1 2 2 5 F 5 F 5"), ("revisions", REVISED)]),
    (
        "Posting",
        "postings(first: 500)",
        &[
            ("staff", "U F 1 1 2 2 6 F 6 F 6"),
            ("bureau", "U F 1 1 3 3 6 F 6 F 6"),
            ("unit", "U F 1 1 3 3 6 F 6 F 6"),
            ("releasedTo", "U F 0 0 1 1 1 F 1 F 1"),
            ("revisions", REVISED),
        ],
    ),
    (
        "OvertimeOutlier",
        "overtimeOutliers(first: 500)",
        &[("bureau", FLAGS), ("unit", FLAGS), ("returnedFrom", FLAG_OF_A1), ("personMonths", FLAGS)],
    ),
    (
        "FollowUp",
        "followUps(first: 500)",
        &[
            ("plan", CYCLES),
            ("events/nodes", "U F F F F F 11 11 11 F F"),
            ("dataCalls/nodes", CALLS),
            ("submissions/nodes", SUBMISSIONS),
            ("findings/nodes", "U F F F F F 1 1 1 F F"),
            ("reports", "2 2 2 2 2 2 2 2 2 2 2"),
            ("releases", "5 5 5 5 5 5 6 6 6 5 5"),
        ],
    ),
    ("FollowUpEvent", "followUps(first: 500)", &[("bureau", "U F F F F F 3 3 3 F F")]),
    ("DataCall", "followUps(first: 500)", &[("bureau", CALLS), ("submission", SUBMISSIONS)]),
    ("Submission", "submissions(first: 500)", &[("followUp", SUBMISSIONS), ("bureau", SUBMISSIONS)]),
    ("AuditEntry", "auditEntries(filter: { verb: \"RECORD\", noun: \"shift\" })", &[("concerned", TOLD)]),
    ("AuditEntryBureau", "auditEntries(filter: { verb: \"RECORD\", noun: \"shift\" })", &[("bureau", TOLD)]),
    ("Mail", "mails(first: 500)", &[("bureau", "U F F F F F F F F 1 F")]),
    ("MonthCompleteness", "monthCompleteness(month: \"2020-02\")", &[("bureau", "U F F F 1 1 3 F 3 F 3")]),
    ("MonthClose", "monthCloses(filter: { from: \"2020-02\", to: \"2020-02\" })", &[("bureau", "U F F F 1 1 3 F 3 3 3")]),
    (
        "IndicatorValue",
        "indicatorValues(filter: { codes: [\"MEAN_OVERTIME_HOURS\"], spans: [MONTH], sexes: [\"TOTAL\"], bands: [\"TOTAL\"] })",
        &[
            ("indicator", FIGURES_3),
            ("target", "U 0 0 0 0 0 0 0 0 F 0"),
            // Each person of a bureau stands behind its figure and the office's; a front end sees none.
            ("personMonths/nodes", "U 0 2 2 6 6 10 0 10 F 10"),
        ],
    ),
    (
        "PersonMonth",
        "indicatorValues(filter: { codes: [\"MEAN_OVERTIME_HOURS\"], spans: [MONTH], bureaus: [\"TOTAL\"], sexes: [\"TOTAL\"],
        bands: [\"TOTAL\"] })",
        &[("bureau", "U 0 1 1 3 3 5 0 5 F 5"), ("unit", "U 0 1 1 3 3 5 0 5 F 5")],
    ),
    (
        "Release",
        "releases(first: 500)",
        &[
            // Of four published, a withdrawn one and a draft.
            ("definitions", "8 8 8 8 8 8 12 12 12 8 8"),
            ("targets", "8 8 8 8 8 8 10 10 10 8 8"),
            ("changes", PUBLIC_1),
            ("files", "12 12 12 12 12 12 15 15 15 12 12"),
            ("observations/nodes", "12 12 12 12 12 12 17 17 17 12 12"),
        ],
    ),
    ("JobSchedule", "jobSchedules(filter: { jobs: [MONTHLY_INDICATORS] })", &[("history", WATCHED)]),
    // One of its three runs was made by another.
    ("JobRun", "jobRuns(first: 500)", &[("causedBy", WATCHED), ("caused", WATCHED)]),
    // It is only planned.
    ("JobBackfill", "jobBackfills(first: 500)", &[("runs/nodes", "U F F F F F 0 F 0 0 F")]),
    (
        "IndicatorSeries",
        "indicatorSeries(codes: [\"MEAN_OVERTIME_HOURS\"], by: [BUREAU], from: \"2020-02\", to: \"2020-02\")",
        &[("indicator", FIGURES_3), ("values", FIGURES_3)],
    ),
];

/// Nodes: the list where the secretariat (for clients, the administrator) finds it, a field of it, that field's value, and who gets it by id.
pub static NODES: LazyLock<Vec<(&str, &str, &str, &str)>> = LazyLock::new(|| {
    let of = |number: &'static str, expected: &'static str| {
        OF_REGISTER.iter().map(move |names| (names.list.as_str(), "externalId", number, expected))
    };
    OTHER_NODES.iter().copied().chain(of("S1", OF_A1)).chain(of("S3", OF_B)).collect()
});

const OTHER_NODES: &[(&str, &str, &str, &str)] = &[
    ("bureaus", "code", "B", MASTER_1),
    ("units", "code", "B1", MASTER_1),
    ("workRegimes", "externalId", "2", MASTER_1),
    ("holidays", "externalId", "1", MASTER_1),
    ("leaveTargets", "externalId", "1", MASTER_1),
    ("onTimeDays", "externalId", "1", MASTER_1),
    ("startStages", "externalId", "1", MASTER_1),
    ("targets", "externalId", "1", PUBLIC_1),
    ("plans", "code", "P", PUBLIC_1),
    ("clauses", "code", "V-1", PUBLIC_1),
    ("staff", "staffNumber", "S1", OF_A1),
    ("staff", "staffNumber", "S2", "U F 0 0 1 1 1 F 1 F 1"),
    ("staff", "staffNumber", "S3", OF_B),
    ("staff", "staffNumber", "S4", OF_B),
    ("employments", "staffNumber", "S1", OF_A1),
    ("employments", "staffNumber", "S3", OF_B),
    ("postings", "externalId", "S1", OF_A1),
    ("postings", "externalId", "S3", OF_B),
    ("shifts", "externalId", "S4", "U F 0 0 1 1 1 F 1 F 1"),
    ("indicatorValues", "month", MONTH, "U 1 1 1 1 1 1 1 1 F 1"),
    ("monthCloses", "submittedBy", "bureau_officer", "U F F F 1 1 1 F 1 1 1"),
    ("jobRuns", "job", "MONTHLY_INDICATORS", WATCHED),
    ("jobSchedules", "job", "MONTHLY_INDICATORS", WATCHED),
    ("jobBackfills", "scope", "ALL", WATCHED),
    ("auditEntries", "verb", "TRIGGER", "U F F F F 0 1 F 1 1 1"),
    ("apiClients", "code", "b", "U F F F F F F F F 1 F"),
    ("tokenRevocations", "subject", "nobody", "U F F F F F F F F 1 F"),
    ("pendingChanges", "target", "retention/MAIL", WATCHED),
    ("retentions", "noun", "SHIFT", "U F F F F F 1 F 1 1 F"),
    ("mails", "state", "UNCERTAIN", "U F F F F F F F F 1 F"),
    ("overtimeRules", "validFrom", "2019-04", MASTER_1),
    ("countingRules", "changedBy", "system", MASTER_1),
    ("followUps", "stage", "PUBLISHED", CYCLE),
    ("followUps", "stage", "COLLECTING", "0 0 0 0 0 1 1 1 1 0 0"),
    ("submissions", "state", "SUBMITTED", "U F F F F 1 1 1 1 F F"),
    ("submissions", "state", "ACCEPTED", "U F F F F 0 1 1 1 F F"),
    ("overtimeOutliers", "staffNumber", "S1", FLAG_OF_A1),
    ("overtimeOutliers", "staffNumber", "S2", "U F 0 0 F 1 1 F 1 F 1"),
    ("overtimeOutliers", "staffNumber", "S3", "U F 0 0 F 0 1 F 1 F 1"),
    ("releases", "version", "1.0.1", PUBLIC_1),
    ("releases", "version", "1.1.0", DRAFT),
    ("releases", "state", "WITHDRAWN", PUBLIC_1),
];

const KEPT: &str = "sourceVersion void voidReason revision receipt createdAt updatedAt revisions";

/// Every field of every object: type, class, fields. Connections, edges and roots have lists of their own.
pub static FIELDS: LazyLock<Vec<(&str, Class, &str)>> = LazyLock::new(|| {
    // Whatever a record about a person on a date shows is about the person.
    let sdl = Sdl::of_the_code();
    let of = |object: &str| sdl.fields(object).map(|field| field.name.clone()).collect::<Vec<_>>().join(" ");
    let dated = OF_REGISTER.iter().map(|names| (names.object.as_str(), Personal, &*of(&names.object).leak()));
    OTHER_FIELDS.iter().copied().chain(dated).collect()
});

const OTHER_FIELDS: &[(&str, Class, &str)] = &[
    ("ApiClient", Open, "id code name bureaus writes writesStated absence revokedAt createdAt"),
    ("ApiClientPayload", Open, "apiClient pendingChange"),
    ("PendingChange", Open, "id kind act target state before after reason proposedBy proposedAt waitsUntil"),
    ("PendingChange", Open, "decidedBy decidedAt decisionReason alone"),
    ("FourEyes", Open, "kind required version setBy setAt reason"),
    ("SetFourEyesPayload", Open, "fourEyes pendingChange"),
    ("DecideChangePayload", Open, "pendingChange"),
    ("TokenRevocation", Open, "id subject token revokedAt revokedBy reason"),
    ("RevokeTokensPayload", Open, "tokenRevocation"),
    ("AuditEntry", Open, "id at actor roles verb noun record counts concerned receipt run reason"),
    ("AuditEntryBureau", Open, "bureau concerned"),
    // Its address is shown to who writes bureaus or reads the outbox; a test of its own says so.
    ("Bureau", Open, "id code nameJa nameEn validFrom validTo successor visibility noticeAddress officerAddress position"),
    ("Bureau", Open, KEPT),
    ("Baseline", Open, "numerator denominator value from to"),
    ("Clause", Open, "id plan code position titleJa titleEn statesOnly parent children initiatives indicators items targets"),
    ("CancelJobRunPayload", Open, "run"),
    // What is led to is each caller's own sight.
    ("Change", Open, "id noun kind record"),
    ("ChangePage", Open, "nodes pageInfo"),
    ("ChangedUpdate", Open, "cursor"),
    ("DataCall", Open, "bureau dueOn calledAt state late submission"),
    ("Finding", Open, "id version check subject textJa textEn answer answerPublished answeredAt answeredBy"),
    ("FindingPayload", Open, "finding"),
    ("FollowUp", Open, "id plan fiscalYear stage version kind reasonJa reasonEn dueOn openedAt frozenAt"),
    ("FollowUp", Open, "events dataCalls submissions findings reports releases"),
    ("FollowUpEvent", Open, "at actor act bureau stage version reason"),
    ("FollowUpPayload", Open, "followUp"),
    ("PublishFollowUpPayload", Open, "followUp pendingChange"),
    ("FollowUpPlan", Open, "code nameJa nameEn"),
    ("FollowUpRelease", Open, "version state kind asOf publishedAt withdrawnAt withdrawnReason"),
    ("FollowUpReport", Open, "version body reportedOn paper recordedAt"),
    ("FollowUpReportPayload", Open, "followUp report"),
    ("FreezeFollowUpPayload", Open, "followUp frozen incomplete"),
    ("Holiday", Open, "id externalId client date nameJa"),
    ("Label", Open, "enum member words"),
    ("LeaveTarget", Open, "id externalId client bureau unit correctionReason calendarYear days"),
    ("LeaveTarget", Open, KEPT),
    ("Holiday", Open, KEPT),
    (
        "Indicator",
        Open,
        "code version nameJa nameEn description yearToDate population standings unit direction spans dimensions mayExceedHundred",
    ),
    ("IndicatorGrowth", Open, "month against points rate"),
    ("IndicatorSeries", Open, "indicator bureau sex band values growth"),
    (
        "IndicatorValue",
        Open,
        "id code indicator name description version population span from month bureau sex band status asOf computedAt run supersededAt target",
    ),
    ("Coverage", Figure, "people of band isPartial"),
    ("IndicatorValue", Figure, "value numerator denominator people attained gapInPeople"),
    // Null and empty where the value is withheld; without persons a band alone.
    ("IndicatorValue", Open, "coverage notReported isInternal isHeldBack"),
    ("IndicatorValue", Personal, "personMonths"),
    ("Interval", Open, "start end"),
    ("JobBackfill", Open, "id job from to scope atOnce periods state requestedBy reason createdAt startedAt finishedAt counts runs"),
    ("JobBackfillPayload", Open, "backfill"),
    (
        "JobRun",
        Open,
        "id job period trigger requestedBy reason slot state asOf queuedAt startedAt finishedAt statistics outputDigest error",
    ),
    ("JobRun", Open, "attempt maxAttempts losses priority concurrencyKey availableAt epoch leaseOwner leaseUntil deadline"),
    ("JobRun", Open, "cancelRequestedAt cancelRequestedBy progress hasCheckpoint codeVersion definitionVersion dryRun retryOf backfill"),
    ("JobRun", Open, "events causedBy caused outcome warnings withdrawals"),
    ("JobRunWarning", Open, "code count"),
    ("JobRunCount", Open, "state runs"),
    ("JobRunEvent", Open, "sequence at kind data"),
    ("JobRunProgress", Open, "done total phase"),
    ("JobSchedule", Open, "id job cron zone enabled misfire catchUpSeconds overlap version cursor changedAt changedBy nextSlots history"),
    ("JobSchedule", Open, "expectedWithinMinutes"),
    ("JobSchedulePayload", Open, "schedule"),
    (
        "JobScheduleVersion",
        Open,
        "version cron zone enabled misfire catchUpSeconds overlap expectedWithinMinutes changedAt changedBy reason",
    ),
    ("JobRunUpdate", Open, "sequence run event"),
    ("JobRunsUpdate", Open, "cursor updates"),
    ("Mail", Open, "id kind bureau alarm date address subject state attempts createdAt triedAt settledAt run"),
    (
        "MonthClose",
        Open,
        "id bureau month state submittedAt submittedBy closedAt closedBy submissionReason returnedAt returnedBy returnReason",
    ),
    ("MonthCompleteness", Personal, "bureau month people expected withRecord withoutRecord percent shifts workdays records sources"),
    ("MonthPayload", Open, "monthClose"),
    ("SourceRecords", Personal, "source records"),
    ("SubmitMonthPayload", Personal, "monthClose completeness"),
    ("OnTimeDay", Open, "id externalId client bureau date heldOn kind"),
    ("OnTimeDay", Open, KEPT),
    ("OutlierEvent", Personal, "sequence at kind actor comment run"),
    ("OutlierPayload", Personal, "outlier"),
    ("OvertimeOutlier", Personal, "id month staffNumber bureau unit regime kind category severity sentence minutes totalMinutes months"),
    ("OvertimeOutlier", Personal, "limitMinutes limitMonths projectedMonth medianMinutes scaleMinutes scaleNumerator scaleDenominator"),
    ("OvertimeOutlier", Personal, "score peers peerLevel method ruleVersion inputRun run raisedAt changedAt acknowledgeBy reviewBy"),
    ("OvertimeOutlier", Personal, "review reviewedAt interviewHeldOn withdrawnAt returnedFrom history personMonths"),
    ("OvertimeOutlierCount", Open, "bureau category kind withheld"),
    ("OvertimeOutlierCount", Figure, "people"),
    ("OvertimeOutliersUpdate", Personal, "cursor outliers"),
    ("OvertimeRule", Open, "id validFrom version countedFrom defaultRegime firstMonth selfPacedMonthMinutes selfPacedYearMinutes"),
    ("OvertimeRule", Open, "drivenMonthMinutes drivenYearMinutes drivenMeanMinutes meanMonths longMonthMinutes drivenLongMonths"),
    ("OvertimeRule", Open, "interviewMonthMinutes interviewMeanMinutes scoreThousandths leastPeers leastOwnMonths floorMinutes"),
    ("OvertimeRule", Open, "floorAboveMedianMinutes unconfirmedMinutes paceMonths acknowledgeDays reviewDays changedAt changedBy reason"),
    ("OvertimeRule", Open, "onTimeGraceMinutes onTimeDayOff"),
    ("CountingRule", Open, "id version firstMonth coveragePercent careers work published changedAt changedBy reason"),
    ("CountingRulePayload", Open, "rule pendingChange"),
    ("SourceAbsence", Open, "source meaning stated"),
    ("OvertimeRulePayload", Open, "rule pendingChange"),
    ("PageInfo", Open, "hasNextPage hasPreviousPage startCursor endCursor"),
    (
        "PersonMonth",
        Personal,
        "month staffNumber bureau unit band standing regime sex employment daysInPost inCensus subjectToOvertime onLeaveAllMonth",
    ),
    (
        "PersonMonth",
        Personal,
        "workedMinutes overtimeMinutes lateNightMinutes dayOffMinutes staggeredShifts teleworkDays annualLeaveMinutes",
    ),
    ("PersonFile", Personal, "id staffNumber bureau asOf nouns readers export"),
    ("PersonFileDocument", Personal, "fileName mediaType sha256 content"),
    ("PersonFileNoun", Personal, "noun nameJa nameEn purposeJa purposeEn keptLength keptUnit rowCount rows"),
    ("PersonFileReader", Personal, "at actor roles verb noun bureau rowCount certain"),
    ("PersonFileRow", Personal, "id revision values"),
    ("Plan", Open, "id code nameJa nameEn decidedOn validFrom validTo settings revision sha256 loadedAt"),
    ("Plan", Open, "clauses initiatives items targets uncoveredClauses"),
    ("PlanCounts", Open, "created updated unchanged removed"),
    ("Initiative", Open, "code clause position nameJa nameEn validFrom validTo"),
    ("PlanProblem", Open, "place code message"),
    ("LoadPlanPayload", Open, "plan change clauses initiatives items targets problems pendingChange"),
    ("SubmissionItem", Open, "code version clause position nameJa nameEn description unit direction source countsPersons"),
    ("SubmissionItem", Open, "mayExceedHundred statutory cohort atMost"),
    ("EmploymentPeriod", Personal, "id externalId client staffNumber staff kind origin secondedFrom validFrom validTo separationReason"),
    ("EmploymentPeriod", Personal, KEPT),
    ("Holding", Personal, "bureau posting validFrom validTo"),
    ("SetHolderPayload", Open, "staff"),
    ("Posting", Personal, "id externalId client staffNumber staff bureau unit kind resident band jobArea subjectToOvertime"),
    ("Posting", Personal, "validFrom validTo releasedOn releasedTo"),
    ("Posting", Personal, KEPT),
    ("Receipt", Open, "id replayed created updated unchanged superseded voided rejected staleMonths rejections warned warnings"),
    ("RecordPayload", Open, "receipt"),
    ("RecordTargetsPayload", Open, "receipt pendingChange"),
    ("RecordTotals", Open, "noun records void minutes"),
    ("RecordWarning", Open, "index externalId field code message"),
    ("RecordWarningCount", Open, "client code warnings calls"),
    ("Rejection", Open, "index externalId field code message retryable"),
    ("PlanReview", Open, "missingYears targets"),
    ("PlanReviewTarget", Open, "indicator nameJa nameEn clause population decider qualifier value valueNumerator valueDenominator"),
    ("PlanReviewTarget", Open, "validFrom lastDay course"),
    ("PlanReviewYear", Open, "fiscalYear version numerator denominator value status definitionVersion definitionChanged dateFrom dateTo"),
    ("PlanReviewYear", Open, "inForce attained missing"),
    ("Release", Open, "id planCode fiscalYear version kind state asOf publishedAt withdrawnAt withdrawnReason url"),
    ("Release", Open, "reason plan definitions bureaus targets clauses changes findings provenance files observations"),
    ("ReleaseAction", Open, "bureau category text"),
    ("ReleaseBureau", Open, "code nameJa nameEn members"),
    ("ReleaseChange", Open, "before after"),
    ("ReleaseChanges", Open, "against observations notes"),
    ("ReleaseClause", Open, "code parent titleJa titleEn indicators actions nextSteps"),
    ("ReleaseDefinition", Open, "indicator version nameJa nameEn description unit direction clause source mayExceedHundred statutory"),
    ("ReleaseFile", Open, "path mediaType sha256 bytes url"),
    ("ReleaseFinding", Open, "check subject text answer"),
    (
        "ReleaseObservation",
        Open,
        "fiscalYear indicator definitionVersion dateFrom dateTo bureau sex band numerator denominator value status symbol",
    ),
    ("ReleasePlan", Open, "code nameJa nameEn decidedOn validFrom lastDay"),
    ("ReleasePoint", Open, "numerator denominator value dateFrom dateTo"),
    ("ReleaseProvenance", Open, "snapshotSha256 codeVersion disclosureMethod disclosureThreshold"),
    ("ReleaseTarget", Open, "indicator clause population decider qualifier value valueNumerator valueDenominator validFrom lastDay"),
    ("ReleaseTarget", Open, "baseline latest attained gapInPeople note"),
    ("ReleaseText", Open, "ja en"),
    ("RetryJobRunPayload", Open, "run"),
    ("Retention", Open, "id noun length unit changedAt changedBy reason disposedBefore"),
    ("RetentionPayload", Open, "retention pendingChange"),
    ("Revision", Open, "revision content receipt writtenAt replacedAt"),
    ("Staff", Personal, "id staffNumber sex employment origin secondedFrom hiredOn separatedOn separationReason recordedFor postings"),
    ("Staff", Personal, "employments holdings"),
    ("Staff", Personal, KEPT),
    ("StartStage", Open, "id externalId client bureau startsAt validFrom validTo"),
    ("StartStage", Open, KEPT),
    (
        "Target",
        Open,
        "id externalId client indicator clause population decider qualifier valueNumerator valueDenominator validFrom validTo",
    ),
    ("Target", Open, "plan bureau unit unitFigure direction baseline successor noteJa noteEn"),
    // For who may see the unit's persons; a test of its own says so.
    ("UnitFigure", Open, "numerator denominator value attained gapInPeople"),
    ("Target", Open, KEPT),
    (
        "Submission",
        Open,
        "id followUp bureau revision state figures actions nextSteps submittedAt submittedBy reviewedAt reviewedBy comment",
    ),
    ("SubmissionPayload", Open, "submission"),
    ("SubmitFollowUpPayload", Open, "submission unchanged missingItems nameDoubts"),
    ("NameDoubt", Open, "field subject sign"),
    ("SubmittedAction", Open, "initiative text"),
    ("SubmittedFigure", Open, "item numerator denominator note"),
    ("TriggerJobPayload", Open, "run"),
    ("Unit", Open, "id code bureau nameJa nameEn validFrom validTo"),
    ("Unit", Open, KEPT),
    ("VintageWithdrawal", Open, "month indicators valueCount withdrawnAt withdrawnBy reason"),
    ("Viewer", Own, "subject roles allBureaus bureaus units staffNumber client body expiresAt may"),
    ("WithdrawVintagePayload", Open, "run withdrawal"),
    ("WorkRegime", Open, "id externalId client unit regime validFrom validTo"),
    ("WorkRegime", Open, KEPT),
];

/// The figures that a withheld value hides.
pub fn figures() -> impl Iterator<Item = &'static str> {
    FIELDS.iter().filter(|(of, class, _)| *of == "IndicatorValue" && *class == Figure).flat_map(|(.., fields)| fields.split_whitespace())
}

/// The questions of [`READS`].
pub async fn reads(office: &Office) -> anyhow::Result<Vec<Case>> {
    let run = id_of(office, "jobRuns", "job", "MONTHLY_INDICATORS").await?;
    let backfill = id_of(office, "jobBackfills", "scope", "ALL").await?;
    let outlier = id_of(office, "overtimeOutliers", "staffNumber", "S1").await?;
    let change = id_of(office, "pendingChanges", "target", "retention/MAIL").await?;
    let case = |&(field, document, path, expected): &(&str, &str, &str, &str)| {
        let (document, path) = match document {
            "" => (format!("{{ {field}(first: 500) {{ nodes {{ id }} totalCount }} }}"), format!("{field}/nodes")),
            document => (document.to_owned(), path.to_owned()),
        };
        let variables = match field {
            "jobRun" => json!({ "id": run }),
            "jobBackfill" => json!({ "id": backfill }),
            "overtimeOutlier" => json!({ "id": outlier }),
            "pendingChangeInput" => json!({ "id": change }),
            _ => Value::Null,
        };
        let numbers = [
            ("{indicators}", jobs::indicators::catalogue().len()),
            ("{dated}", Noun::dated().count()),
            ("{kept}", RetentionNoun::iter().count()),
        ];
        let expected = numbers.iter().fold(expected.to_owned(), |expected, (word, number)| expected.replace(word, &number.to_string()));
        Case { field: field.to_owned(), name: field.to_owned(), document, variables, path, expected }
    };
    Ok(READS.iter().map(case).collect())
}

/// The questions of [`FOLLOWS`].
pub async fn follows(office: &Office) -> anyhow::Result<Vec<Case>> {
    let run = id_of(office, "jobRuns", "job", "MONTHLY_INDICATORS").await?;
    let case = |&(field, document, path, expected): &(&str, &str, &str, &str)| {
        let variables = if document.contains("$id") { json!({ "id": run }) } else { Value::Null };
        let (name, document, path) = (format!("subscription {field}"), document.to_owned(), path.to_owned());
        Case { field: field.to_owned(), name, document, variables, path, expected: expected.to_owned() }
    };
    Ok(FOLLOWS.iter().map(case).collect())
}

/// The questions of [`LEADS`].
pub fn leads() -> Vec<Case> {
    let case = |of: &str, list: &str, (field, expected): (&str, &str)| {
        let list = if list.contains(['(', '{']) { list.to_owned() } else { format!("{list}(first: 500)") };
        let root = list.split('(').next().unwrap_or_default();
        let (first, rest) = field.split_once('/').unwrap_or((field, ""));
        let selection =
            if rest.is_empty() { format!("{first} {{ __typename }}") } else { format!("{first} {{ {rest} {{ __typename }} }}") };
        let (document, path) = match of {
            "IndicatorSeries" | "MonthCompleteness" => (format!("{{ {list} {{ {selection} }} }}"), format!("{root}/{field}")),
            "PersonMonth" => (
                format!("{{ {list} {{ nodes {{ personMonths {{ nodes {{ {selection} }} }} }} }} }}"),
                format!("{root}/nodes/personMonths/nodes/{field}"),
            ),
            "Holding" => (format!("{{ {list} {{ nodes {{ holdings {{ {selection} }} }} }} }}"), format!("{root}/nodes/holdings/{field}")),
            "AuditEntryBureau" => {
                (format!("{{ {list} {{ nodes {{ concerned {{ {selection} }} }} }} }}"), format!("{root}/nodes/concerned/{field}"))
            }
            "FollowUpEvent" | "DataCall" => {
                let inner = if of == "DataCall" { "dataCalls" } else { "events" };
                (
                    format!("{{ {list} {{ nodes {{ {inner} {{ nodes {{ {selection} }} }} }} }} }}"),
                    format!("{root}/nodes/{inner}/nodes/{field}"),
                )
            }
            _ => (format!("{{ {list} {{ nodes {{ {selection} }} }} }}"), format!("{root}/nodes/{field}")),
        };
        let name = format!("{of}.{field}");
        Case { field: field.to_owned(), name, document, variables: Value::Null, path, expected: expected.to_owned() }
    };
    LEADS.iter().flat_map(|(of, list, lines)| lines.iter().map(move |line| case(of, list, *line))).collect()
}

/// The questions of [`NODES`].
pub async fn nodes(office: &Office) -> anyhow::Result<Vec<Case>> {
    let mut cases = Vec::new();
    for &(list, field, value, expected) in NODES.iter() {
        let id = id_of(office, list, field, value).await?;
        cases.push(Case {
            field: "node".to_owned(),
            name: format!("node of {list} {value}"),
            document: "query($id: ID!) { node(id: $id) { id } }".to_owned(),
            variables: json!({ "id": id }),
            path: "node".to_owned(),
            expected: expected.to_owned(),
        });
    }
    Ok(cases)
}

/// The global id of a row that the secretariat sees, or for clients and mails the administrator.
pub async fn id_of(office: &Office, list: &str, field: &str, value: &str) -> anyhow::Result<Value> {
    let client = if ["apiClients", "mails", "tokenRevocations"].contains(&list) { &office.admin } else { &office.secretariat };
    // Which of its values come first is the catalogue's order; those of the whole office are seen alike.
    let whole = if list == "indicatorValues" { ", filter: { bureaus: [\"TOTAL\"], sexes: [\"TOTAL\"], bands: [\"TOTAL\"] }" } else { "" };
    let data = client.query(&format!("{{ {list}(first: 500{whole}) {{ nodes {{ id {field} }} }} }}"), Value::Null).await?;
    let nodes = data[list]["nodes"].as_array().context("no list")?;
    let found = nodes.iter().find(|node| node[field] == value);
    Ok(found.with_context(|| format!("{list} has no {field} {value}"))?["id"].clone())
}

/// Bulk calls, each of one record and run dry: noun, record, what each role gets.
pub fn dry_writes() -> Vec<Case> {
    const OWN: &str = "U F F F W W F F W F F";
    const FOREIGN: &str = "U F F F N N F F W F F";
    // A number is unique office-wide: that it is in use is told, and nothing else.
    const FOREIGN_NUMBER: &str = "U F F F CONFLICT CONFLICT F F W F F";
    const SECRETARIAT: &str = "U F F F F F F F W F F";
    const ADMIN: &str = "U F F F F F F F F W F";
    const OFFICE: &str = "U F F F F F F F W W F";
    // An officer writes the on-time days of their own bureau.
    const OF_OFFICER: &str = "U F F F F W F F W W F";
    let new = |noun: &str, number: &str| with(of(noun, number), json!({ "externalId": "new", "date": "2020-02-20" }));
    let moved = |noun: &str, number: &str, member: &str, value: Value| with(new(noun, number), json!({ member: value }));
    let later = torikumi_tests::fixtures::interval("2020-02-20", ("18:00", "20:00"));
    let mut lines = vec![
        ("Bureaus", json!({ "code": "D", "nameJa": "新", "nameEn": "New", "validFrom": "2020-04-01" }), SECRETARIAT),
        ("WorkRegimes", json!({ "externalId": "9", "unit": "A2", "regime": "SELF_PACED", "validFrom": "2019-04-01" }), SECRETARIAT),
        ("Holidays", json!({ "externalId": "9", "date": "2020-07-23", "nameJa": "海の日" }), ADMIN),
        ("OnTimeDays", json!({ "externalId": "9", "date": "2020-02-26", "kind": "COMPLETE" }), OFFICE),
        ("OnTimeDays", json!({ "externalId": "9", "bureau": "A", "date": "2020-02-26", "kind": "COMPLETE" }), OF_OFFICER),
        ("OnTimeDays", json!({ "externalId": "9", "bureau": "B", "date": "2020-02-26", "kind": "COMPLETE" }), OFFICE),
        ("StartStages", json!({ "externalId": "9", "startsAt": "07:30", "validFrom": "2019-04-01" }), OFFICE),
        (
            "Targets",
            json!({ "externalId": "9", "indicator": "WOMEN_HIRES_EXAM", "clause": "V-1", "population": "OFFICE", "decider": "PLAN",
            "qualifier": "AT_LEAST", "valueNumerator": 30, "validFrom": "2015-04-01" }),
            OFFICE,
        ),
        ("LeaveTargets", leave_target("9", "A", "A2"), OWN),
        ("LeaveTargets", with(leave_target("9", "B", "B1"), json!({ "calendarYear": 2020 })), FOREIGN),
        ("Units", unit("A9", "A"), OWN),
        ("Units", unit("B9", "B"), FOREIGN),
        ("Units", with(unit("B1", "B"), json!({ "nameEn": "Mine" })), FOREIGN),
        ("Staff", staff("S9"), OWN),
        ("Staff", with(staff("S3"), json!({ "sex": "FEMALE" })), FOREIGN_NUMBER),
        ("Staff", with(staff("S4"), json!({ "sex": "FEMALE" })), FOREIGN_NUMBER),
        ("Employments", json!({ "externalId": "new", "staffNumber": "S2", "validFrom": "2000-01-01" }), OWN),
        ("Employments", json!({ "externalId": "new", "staffNumber": "S3", "validFrom": "2000-01-01" }), FOREIGN),
        ("Employments", json!({ "externalId": "new", "staffNumber": "S4", "validFrom": "2000-01-01" }), FOREIGN),
        ("Postings", with(posting("new", "S2", ("A", "A1"), "2020-03-01"), json!({ "kind": "CONCURRENT" })), OWN),
        ("Postings", with(posting("new", "S3", ("B", "B1"), "2020-03-01"), json!({ "kind": "CONCURRENT" })), FOREIGN),
        ("OvertimeRequests", moved("OvertimeRequests", "S2", "planned", later.clone()), "U F F N W W F F W F F"),
    ];
    for noun in OF_REGISTER.iter().map(|names| names.many.as_str()) {
        let (member, value) = match noun {
            "Shifts" => ("presence", later.clone()),
            "OvertimeRequests" => ("planned", later.clone()),
            "OpeningBalances" => ("month", json!("2019-11")),
            _ => ("date", json!("2020-02-20")),
        };
        // Managers confirm what is planned in their units.
        let (own, foreign) = if noun == "OvertimeRequests" { ("U F F W W W F F W F F", "U F F N N N F F W F F") } else { (OWN, FOREIGN) };
        lines.push((noun, moved(noun, "S1", member, value.clone()), own));
        lines.push((noun, moved(noun, "S3", member, value), foreign));
    }
    let case = |(noun, record, expected): (&str, Value, &str)| Case {
        field: format!("record{noun}"),
        name: format!("record{noun} {record}"),
        document: mutation(noun),
        variables: json!({ "input": with(input(vec![record]), json!({ "dryRun": true })) }),
        path: format!("record{noun}/receipt"),
        expected: expected.to_owned(),
    };
    lines.into_iter().map(case).collect()
}

/// The mutations that are no bulk calls; these are really done, in this order.
pub fn acts() -> Vec<Case> {
    const ADMIN: &str = "U F F F F F F F F 1 F";
    const ADMIN_FINDS_NONE: &str = "U F F F F F F F F N F";
    // The secretariat reads them, for it proposes publications.
    const DECIDERS_FIND_NONE: &str = "U F F F F F N F N N F";
    const OFFICER_FINDS_NONE: &str = "U F F F F N F F F F F";
    const SECRETARIAT: &str = "U F F F F F F F 1 F F";
    const SECRETARIAT_FINDS_NONE: &str = "U F F F F F F F N F F";
    // The committee here is the Council's, and it compiles nothing.
    const NOBODY: &str = "U F F F F F F F F F F";
    let case = |field: &str, of: &str, selection: &str, input: Value, expected: &str| Case {
        field: field.to_owned(),
        name: format!("{field} {input}"),
        document: format!("mutation($input: {of}!) {{ {field}(input: $input) {{ {selection} {{ id }} }} }}"),
        variables: json!({ "input": input }),
        path: format!("{field}/{selection}"),
        expected: expected.to_owned(),
    };
    let month = |bureau: &str| json!({ "bureau": bureau, "month": "2020-03" });
    let run = json!({ "job": "MONTHLY_INDICATORS", "period": MONTH, "reason": "a test", "idempotencyKey": "k" });
    let period = json!({ "noun": "SHIFT", "length": 6, "reason": "a test" });
    let cycle = |year: i32| json!({ "fiscalYear": year, "reason": "a test" });
    let due = |year: i32| with(cycle(year), json!({ "dueOn": "2020-06-30" }));
    let submit = |bureau: &str| crate::follow_up::submission(bureau, json!({ "figures": [] }));
    let report = json!({ "fiscalYear": 2000, "body": "COUNCIL", "reportedOn": "2020-04-15", "paper": "1" });
    let correct = json!({ "fiscalYear": 2000, "kind": "CORRECTION", "reasonJa": "x", "reasonEn": "x" });
    let client = json!({ "code": "new", "name": "New", "bureaus": ["A"] });
    // Of the acts on a run or backfill an unknown one tells who may do them: who may not learns nothing of it.
    let unknown = |table: &str| URL_SAFE_NO_PAD.encode(format!("{table}:0193d0f4-0000-7000-8000-000000000000"));
    let act = |table: &str| json!({ "id": unknown(table), "reason": "a test" });
    let of_outlier = || json!({ "id": unknown("overtime_outlier"), "comment": "a test" });
    let of_submission = || json!({ "id": unknown("submission"), "comment": "a test" });
    let retry = with(act("job_run"), json!({ "from": "FRESH", "idempotencyKey": "k" }));
    let schedule = |members: Value| with(json!({ "job": "MONTHLY_INDICATORS", "reason": "a test" }), members);
    let plan = json!({ "job": "MONTHLY_INDICATORS", "from": "2020-01", "to": "2020-03", "scope": "ALL", "reason": "a test" });
    let counting = json!({ "coveragePercent": 90, "careers": ["MAIN"], "work": ["MAIN", "CONCURRENT_RESIDENT"], "reason": "a test" });
    vec![
        case("submitMonth", "SubmitMonthInput", "monthClose", with(month("B"), json!({ "reason": "a test" })), "U F F F F N F F F F F"),
        case("submitMonth", "SubmitMonthInput", "monthClose", with(month("A"), json!({ "reason": "a test" })), "U F F F F 1 F F F F F"),
        case("withdrawMonth", "ReturnMonthInput", "monthClose", with(month("B"), json!({ "reason": "a test" })), "U F F F F N F F F F F"),
        case("withdrawMonth", "ReturnMonthInput", "monthClose", with(month("A"), json!({ "reason": "a test" })), "U F F F F 1 F F F F F"),
        case("submitMonth", "SubmitMonthInput", "monthClose", with(month("A"), json!({ "reason": "a test" })), "U F F F F 1 F F F F F"),
        case("returnMonth", "ReturnMonthInput", "monthClose", with(month("A"), json!({ "reason": "a test" })), "U F F F F F F F 1 F F"),
        case("submitMonth", "SubmitMonthInput", "monthClose", with(month("A"), json!({ "reason": "a test" })), "U F F F F 1 F F F F F"),
        case("closeMonth", "MonthInput", "monthClose", month("A"), "U F F F F F F F 1 F F"),
        case(
            "setHolder",
            "SetHolderInput",
            "staff",
            json!({ "staffNumber": "nobody", "bureau": "A", "from": "2020-03-01", "reason": "a test" }),
            SECRETARIAT_FINDS_NONE,
        ),
        case("triggerJob", "TriggerJobInput", "run", run, "U F F F F F F F 1 1 F"),
        case("retryJobRun", "RetryJobRunInput", "run", retry, ADMIN_FINDS_NONE),
        case("cancelJobRun", "CancelJobRunInput", "run", act("job_run"), ADMIN_FINDS_NONE),
        case("withdrawVintage", "WithdrawVintageInput", "run", json!({ "run": unknown("job_run"), "reason": "x" }), ADMIN_FINDS_NONE),
        case("planBackfill", "PlanBackfillInput", "backfill", plan, ADMIN),
        case("startBackfill", "BackfillInput", "backfill", act("job_backfill"), ADMIN_FINDS_NONE),
        case("cancelBackfill", "BackfillInput", "backfill", act("job_backfill"), ADMIN_FINDS_NONE),
        case("updateSchedule", "UpdateScheduleInput", "schedule", schedule(json!({ "misfire": "ALL", "expectedVersion": 1 })), ADMIN),
        case("pauseSchedule", "PauseScheduleInput", "schedule", schedule(json!({})), ADMIN),
        case("resumeSchedule", "ResumeScheduleInput", "schedule", schedule(json!({ "missed": "SKIP" })), ADMIN),
        // As an installation begins, it waits for a second person.
        case("updateRetention", "UpdateRetentionInput", "pendingChange", period, ADMIN),
        case("approveChange", "ApproveChangeInput", "pendingChange", json!({ "id": unknown("pending_change") }), DECIDERS_FIND_NONE),
        case("declineChange", "DeclineChangeInput", "pendingChange", act("pending_change"), DECIDERS_FIND_NONE),
        case("setFourEyes", "SetFourEyesInput", "pendingChange", json!({ "kind": "RETENTION", "required": false, "reason": "x" }), ADMIN),
        case("setCountingRule", "SetCountingRuleInput", "rule", counting, ADMIN),
        case("setOvertimeRule", "SetOvertimeRuleInput", "rule", crate::outliers::rule("2020-04", json!({})), ADMIN),
        case("loadPlan", "LoadPlanInput", "plan", json!({ "document": crate::plan::document().to_string() }), ADMIN),
        case("acknowledgeOutlier", "AcknowledgeOutlierInput", "outlier", json!({ "id": unknown("overtime_outlier") }), OFFICER_FINDS_NONE),
        case("explainOutlier", "ExplainOutlierInput", "outlier", of_outlier(), OFFICER_FINDS_NONE),
        case("recordOutlierAction", "RecordOutlierActionInput", "outlier", of_outlier(), OFFICER_FINDS_NONE),
        case("dismissOutlier", "DismissOutlierInput", "outlier", of_outlier(), OFFICER_FINDS_NONE),
        case("openFollowUp", "OpenFollowUpInput", "followUp", with(due(2017), json!({ "plan": "P" })), SECRETARIAT),
        case("rescheduleFollowUp", "RescheduleFollowUpInput", "followUp", due(2019), SECRETARIAT),
        case("submitFollowUp", "SubmitFollowUpInput", "submission", submit("B"), OFFICER_FINDS_NONE),
        case("submitFollowUp", "SubmitFollowUpInput", "submission", submit("A"), "U F F F F 1 F F F F F"),
        case("returnSubmission", "ReturnSubmissionInput", "submission", of_submission(), SECRETARIAT_FINDS_NONE),
        case("acceptSubmission", "AcceptSubmissionInput", "submission", of_submission(), SECRETARIAT_FINDS_NONE),
        case("freezeFollowUp", "FreezeFollowUpInput", "followUp", cycle(2000), SECRETARIAT_FINDS_NONE),
        case("reopenFollowUp", "FollowUpInput", "followUp", cycle(2000), SECRETARIAT_FINDS_NONE),
        case("answerFinding", "AnswerFindingInput", "finding", json!({ "id": unknown("finding"), "answer": "x" }), SECRETARIAT_FINDS_NONE),
        case("compileFollowUp", "FollowUpInput", "followUp", cycle(2000), NOBODY),
        case("returnDraft", "FollowUpInput", "followUp", cycle(2000), NOBODY),
        case("recordFollowUpReport", "RecordFollowUpReportInput", "followUp", report, SECRETARIAT_FINDS_NONE),
        case("publishFollowUp", "FollowUpInput", "followUp", cycle(2000), SECRETARIAT_FINDS_NONE),
        case("correctFollowUp", "CorrectFollowUpInput", "followUp", correct, SECRETARIAT_FINDS_NONE),
        case("withdrawFollowUp", "WithdrawFollowUpInput", "followUp", cycle(2000), SECRETARIAT_FINDS_NONE),
        case("registerApiClient", "RegisterApiClientInput", "apiClient", client, "U F F F F F F F F 1 F"),
        case("revokeApiClient", "RevokeApiClientInput", "apiClient", json!({ "code": "new", "reason": "a test" }), "U F F F F F F F F 1 F"),
        case(
            "revokeTokens",
            "RevokeTokensInput",
            "tokenRevocation",
            json!({ "subject": "gone", "reason": "a test" }),
            "U F F F F F F F F 1 F",
        ),
    ]
}
