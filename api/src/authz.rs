//! Who may do what: the roles, the acts, and the policy, which is one match without a wildcard arm and one snapshot of its whole grid.
//!
//! [`reach`] says how far a role reaches; `RowScope` is what that means for one actor and is put into every select by `store`.
//! Roles add up. Deliberately absent: a policy language, guards on GraphQL fields (interfaces go around them), and any rule about one row.

pub use entity::noun::Noun;
use entity::noun::{Reading, Recording};
use serde::{Deserialize, Serialize};

/// A role that a token may carry. An actor may hold several; rights add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// No token: published releases, the plan, the catalogue.
    Public,
    /// A front end: protected indicator tables, no person.
    Viewer,
    /// A staff member: their own records.
    Staff,
    /// A manager: their own units.
    Manager,
    /// A bureau's system: writes and reads the records of its own bureaus.
    BureauSystem,
    /// A bureau's officer (女性活躍・WLB担当).
    BureauOfficer,
    /// The promotion officer (推進担当官).
    PromotionOfficer,
    /// A member of a committee; the token names its body.
    Committee,
    /// The secretariat (内閣総務官室).
    Secretariat,
    /// The platform's administrator: clients, schedules, calendars, rules; no personal record.
    Admin,
    /// An auditor of an inquiry (監査担当): persons and the trail of the whole office, and nothing else beside it in the token.
    Auditor,
}

impl Role {
    /// Every role, in the order of the policy grid.
    pub const ALL: [Self; 11] = [
        Self::Public,
        Self::Viewer,
        Self::Staff,
        Self::Manager,
        Self::BureauSystem,
        Self::BureauOfficer,
        Self::PromotionOfficer,
        Self::Committee,
        Self::Secretariat,
        Self::Admin,
        Self::Auditor,
    ];

    /// The word that tokens and the audit trail carry.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Viewer => "viewer",
            Self::Staff => "staff",
            Self::Manager => "manager",
            Self::BureauSystem => "bureau_system",
            Self::BureauOfficer => "bureau_officer",
            Self::PromotionOfficer => "promotion_officer",
            Self::Committee => "committee",
            Self::Secretariat => "secretariat",
            Self::Admin => "admin",
            Self::Auditor => "auditor",
        }
    }

    /// The kind of a caller with this role alone; it follows from the policy.
    #[must_use]
    pub fn kind(self) -> Kind {
        let mut bulk = Noun::ALL.iter().copied().map(Action::Record).chain([Action::LoadPlan]);
        if self == Self::Public {
            Kind::Public
        } else if bulk.any(|act| reach(self, act) > Reach::Nothing) {
            Kind::Writer
        } else {
            Kind::Reader
        }
    }
}

/// The body that compiles a follow-up (幹事会), as tokens of its members name it.
pub const EXECUTIVE_COMMITTEE: &str = "executive_committee";
/// The bodies of the plan's clause VI (推進委員会, 幹事会, 協議会) whose members may hold the role `committee`.
pub const BODIES: [&str; 3] = ["promotion_committee", EXECUTIVE_COMMITTEE, "council"];

/// The kinds of callers among whom scarce things are shared out, so that one kind never takes what another needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// No token.
    Public,
    /// A token that changes no records.
    Reader,
    /// A token that may record in bulk or load a plan.
    Writer,
}

impl Kind {
    /// The kind of a caller with these roles.
    pub fn of<'a>(roles: impl IntoIterator<Item = &'a Role>) -> Self {
        roles.into_iter().map(|role| role.kind()).max().unwrap_or(Self::Public)
    }
}

/// Something an actor may want to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Read rows of a table.
    Read(Noun),
    /// Write records in bulk.
    Record(Noun),
    /// Write into a closed month, with a reason.
    CorrectClosedMonth,
    /// Say that a bureau's month is complete.
    SubmitMonth,
    /// Close a bureau's month.
    CloseMonth,
    /// Send a bureau's submitted month back.
    ReturnMonth,
    /// Read all that is held about one person, as the office must disclose it (開示).
    ReadPersonFile,
    /// See in the trail, and among the readers of a person, what auditors of an inquiry read: it may be about any other who reads the trail.
    SeeInquiries,
    /// Name the bureau that holds a person, where posts beside a main one leave it open: what reaches the whole office does.
    SetHolder,
    /// Start a job.
    TriggerJob,
    /// Retry and cancel runs, plan, start and cancel backfills.
    ManageRuns,
    /// Change, pause and resume schedules.
    ManageSchedules,
    /// Register or revoke a machine client, revoke tokens.
    ManageClients,
    /// Ask which client's records were warned of.
    CountWarnings,
    /// Say how long a noun is kept.
    ManageRetention,
    /// Change the rules of overtime.
    ManageRules,
    /// Say which changes need a second person.
    ManageFourEyes,
    /// Approve or decline another person's change.
    DecideChange,
    /// Acknowledge, explain, act on or dismiss an overtime outlier.
    ReviewOutlier,
    /// Load a plan.
    LoadPlan,
    /// Answer a bureau's data call.
    SubmitFollowUp,
    /// Open a cycle, take or return submissions, freeze it, answer its findings, record its reports, publish, correct and withdraw it.
    ManageFollowUp,
    /// Compile a cycle, as the Executive Committee (幹事会).
    CompileFollowUp,
}

/// How far a role reaches, narrowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// Not at all.
    Nothing,
    /// Rows that have been published.
    Published,
    /// Rows about the actor.
    Own,
    /// Rows of the actor's units.
    Units,
    /// Rows of the actor's bureaus and of those they succeeded.
    Bureaus,
    /// All rows; for figures, those of bureaus whose persons may not be read are protected.
    Everything,
}

/// The policy: how far `role` reaches in `act`.
#[must_use]
pub fn reach(role: Role, act: Action) -> Reach {
    row(act)[role as usize]
}

// A role's place in a row is its number.
const _: () = {
    let mut at = 0;
    while at < Role::ALL.len() {
        assert!(Role::ALL[at] as usize == at, "the roles stand in the order in which they are declared");
        at += 1;
    }
};

/// How far each role reaches, in the order of [`Role::ALL`].
type Row = [Reach; Role::ALL.len()];

const NOT: Reach = Reach::Nothing;
const PUB: Reach = Reach::Published;
const OWN: Reach = Reach::Own;
const UNI: Reach = Reach::Units;
const BUR: Reach = Reach::Bureaus;
const ALL: Reach = Reach::Everything;

#[rustfmt::skip]
fn of_reading(class: Reading) -> Row {
    match class {
        //                         public viewer staff manager system officer promotion committee secretariat admin auditor
        Reading::Plan =>           [ALL,  ALL,   ALL,  ALL,    ALL,   ALL,    ALL,      ALL,      ALL,        ALL,     ALL],
        Reading::Master =>         [NOT,  ALL,   ALL,  ALL,    ALL,   ALL,    ALL,      ALL,      ALL,        ALL,     ALL],
        Reading::Personal =>       [NOT,  NOT,   OWN,  UNI,    BUR,   BUR,    ALL,      NOT,      ALL,        NOT,     ALL],
        Reading::Flags =>          [NOT,  NOT,   OWN,  UNI,    NOT,   BUR,    ALL,      NOT,      ALL,        NOT,     ALL],
        Reading::Figures =>        [NOT,  ALL,   ALL,  ALL,    ALL,   ALL,    ALL,      ALL,      ALL,        NOT,     ALL],
        Reading::Cycles =>         [PUB,  PUB,   PUB,  PUB,    PUB,   ALL,    ALL,      ALL,      ALL,        PUB,     PUB],
        Reading::Releases =>       [PUB,  PUB,   PUB,  PUB,    PUB,   PUB,    ALL,      ALL,      ALL,        PUB,     PUB],
        Reading::Submissions =>    [NOT,  NOT,   NOT,  NOT,    NOT,   BUR,    ALL,      ALL,      ALL,        NOT,     NOT],
        Reading::Drafts =>         [NOT,  NOT,   NOT,  NOT,    NOT,   NOT,    ALL,      ALL,      ALL,        NOT,     NOT],
        Reading::Months =>         [NOT,  NOT,   NOT,  NOT,    BUR,   BUR,    ALL,      NOT,      ALL,        ALL,     ALL],
        Reading::Operations =>     [NOT,  NOT,   NOT,  NOT,    NOT,   NOT,    ALL,      NOT,      ALL,        ALL,     NOT],
        Reading::Trail =>          [NOT,  NOT,   NOT,  NOT,    NOT,   BUR,    ALL,      NOT,      ALL,        ALL,     ALL],
        Reading::Administration => [NOT,  NOT,   NOT,  NOT,    NOT,   NOT,    NOT,      NOT,      NOT,        ALL,     NOT],
    }
}

#[rustfmt::skip]
fn of_recording(class: Recording) -> Row {
    match class {
        //                         public viewer staff manager system officer promotion committee secretariat admin auditor
        Recording::Bureaus | Recording::Personnel | Recording::Time =>
                                   [NOT,  NOT,   NOT,  NOT,    BUR,   BUR,    NOT,      NOT,      ALL,        NOT,     NOT],
        Recording::Confirmed =>    [NOT,  NOT,   NOT,  UNI,    BUR,   BUR,    NOT,      NOT,      ALL,        NOT,     NOT],
        Recording::Secretariat =>  [NOT,  NOT,   NOT,  NOT,    NOT,   NOT,    NOT,      NOT,      ALL,        NOT,     NOT],
        Recording::Office =>       [NOT,  NOT,   NOT,  NOT,    NOT,   NOT,    NOT,      NOT,      ALL,        ALL,     NOT],
        Recording::Calendar =>     [NOT,  NOT,   NOT,  NOT,    NOT,   BUR,    NOT,      NOT,      ALL,        ALL,     NOT],
        Recording::Admin =>        [NOT,  NOT,   NOT,  NOT,    NOT,   NOT,    NOT,      NOT,      NOT,        ALL,     NOT],
        Recording::Nobody =>       [NOT,  NOT,   NOT,  NOT,    NOT,   NOT,    NOT,      NOT,      NOT,        NOT,     NOT],
    }
}

#[rustfmt::skip]
fn row(act: Action) -> Row {
    match act {
        //                         public viewer staff manager system officer promotion committee secretariat admin auditor
        Action::CorrectClosedMonth => [NOT,  NOT,   NOT,  NOT,    NOT,   BUR,    NOT,      NOT,      ALL,        NOT,     NOT],
        Action::SubmitMonth | Action::ReviewOutlier | Action::SubmitFollowUp =>
                                   [NOT,  NOT,   NOT,  NOT,    NOT,   BUR,    NOT,      NOT,      NOT,        NOT,     NOT],
        Action::SetHolder =>          [NOT,  NOT,   NOT,  NOT,    BUR,   NOT,    NOT,      NOT,      ALL,        NOT,     NOT],
        Action::ReadPersonFile =>     [NOT,  NOT,   OWN,  NOT,    NOT,   BUR,    NOT,      NOT,      NOT,        NOT,     NOT],
        Action::SeeInquiries =>       [NOT,  NOT,   NOT,  NOT,    NOT,   NOT,    ALL,      NOT,      NOT,        NOT,     NOT],
        Action::CloseMonth | Action::ReturnMonth | Action::ManageFollowUp =>
                                   [NOT,  NOT,   NOT,  NOT,    NOT,   NOT,    NOT,      NOT,      ALL,        NOT,     NOT],
        Action::CompileFollowUp =>    [NOT,  NOT,   NOT,  NOT,    NOT,   NOT,    NOT,      ALL,      NOT,        NOT,     NOT],
        Action::TriggerJob | Action::CountWarnings =>
                                      [NOT,  NOT,   NOT,  NOT,    NOT,   NOT,    NOT,      NOT,      ALL,        ALL,     NOT],
        Action::DecideChange =>       [NOT,  NOT,   NOT,  NOT,    NOT,   NOT,    ALL,      NOT,      NOT,        ALL,     NOT],
        Action::ManageRuns | Action::ManageSchedules | Action::ManageClients | Action::ManageRetention | Action::ManageRules
        | Action::ManageFourEyes | Action::LoadPlan =>
                                   [NOT,  NOT,   NOT,  NOT,    NOT,   NOT,    NOT,      NOT,      NOT,        ALL,     NOT],
        Action::Read(noun) => of_reading(noun.reading()),
        Action::Record(noun) => of_recording(noun.recording()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    #[test]
    fn who_records_in_bulk_is_a_writer() {
        for role in Role::ALL {
            let kind = match role {
                Role::Public => Kind::Public,
                Role::Viewer | Role::Staff | Role::PromotionOfficer | Role::Committee | Role::Auditor => Kind::Reader,
                Role::Manager | Role::BureauSystem | Role::BureauOfficer | Role::Secretariat | Role::Admin => Kind::Writer,
            };
            assert_eq!(role.kind(), kind, "{role:?}");
        }
        assert_eq!(Kind::of(&[Role::Viewer, Role::Secretariat]), Kind::Writer);
    }

    /// The whole grid: a changed right shows as a changed line.
    #[test]
    fn the_whole_grid() {
        let mut grid = String::new();
        let acts = Noun::ALL.iter().copied().map(Action::Read).chain(Noun::ALL.iter().copied().map(Action::Record)).chain([
            Action::CorrectClosedMonth,
            Action::SubmitMonth,
            Action::CloseMonth,
            Action::ReturnMonth,
            Action::ReadPersonFile,
            Action::SeeInquiries,
            Action::SetHolder,
            Action::TriggerJob,
            Action::ManageRuns,
            Action::ManageSchedules,
            Action::ManageClients,
            Action::CountWarnings,
            Action::ManageRetention,
            Action::ManageRules,
            Action::ManageFourEyes,
            Action::DecideChange,
            Action::ReviewOutlier,
            Action::LoadPlan,
            Action::SubmitFollowUp,
            Action::ManageFollowUp,
            Action::CompileFollowUp,
        ]);
        for act in acts {
            let name = match act {
                Action::Read(noun) => format!("read {}", noun.table()),
                Action::Record(noun) => format!("record {}", noun.table()),
                other => format!("{other:?}"),
            };
            let _ = write!(grid, "{name:26}");
            for role in Role::ALL {
                let _ = write!(grid, " {}={:?}", role.as_str(), reach(role, act));
            }
            grid.push('\n');
        }
        insta::assert_snapshot!(grid);
    }
}
