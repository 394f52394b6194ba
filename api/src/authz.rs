//! Who may do what: roles, and the one policy match.

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
}

impl Role {
    /// Every role, in the order of the policy grid.
    pub const ALL: [Self; 10] = [
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
    ];
}
