//! Who acts: a verified principal, with its codes turned into ids once a request.

use super::{
    dialect,
    scope::{Extent, RowScope},
    unscoped,
};
use crate::{
    authn::{BureauClaim, Principal},
    authz::{Action, EXECUTIVE_COMMITTEE, Noun, Reach, Role, reach},
    error::{Code, Error},
};
use entity::{
    api_client::{self, ClientWrites, OFFICE},
    ids::{BureauId, StaffId, UnitId},
    staff, unit,
};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QuerySelect};
use std::collections::BTreeSet;

/// Who acts, and over what.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The verified token's claims.
    pub principal: Principal,
    /// The bureaus it names, with those they succeeded; intersected with the client's row for machines.
    pub bureaus: Extent<BureauId>,
    /// The units it names.
    pub units: BTreeSet<UnitId>,
    /// The bureaus in which it sits: those it names, and those of its units.
    pub seats: BTreeSet<BureauId>,
    /// The person it is.
    pub staff_id: Option<StaffId>,
    /// What its client's row says that it writes; all for people, who have none.
    pub writes: ClientWrites,
}

impl Actor {
    pub(super) async fn resolve<C: ConnectionTrait>(db: &C, principal: Principal) -> Result<Self, Error> {
        let mut codes = match &principal.bureaus {
            BureauClaim::All => None,
            BureauClaim::Codes(codes) => Some(codes.clone()),
        };
        let mut writes = ClientWrites::Both;
        if let Some(code) = &principal.client {
            let client = unscoped::<api_client::Entity>().filter(api_client::Column::Code.eq(code)).one(db).await?;
            let Some(client) = client.filter(|client| client.revoked_at.is_none()) else {
                return Err(Error::new(
                    Code::Unauthenticated,
                    "このクライアントは登録されていないか、無効にされています。",
                    "This client is not registered, or was revoked.",
                ));
            };
            writes = client.writes.unwrap_or(writes);
            if let Some(served) = client.bureaus.0 {
                let served: BTreeSet<String> = served.into_iter().collect();
                codes = Some(codes.map_or_else(|| served.clone(), |codes| codes.intersection(&served).cloned().collect()));
            }
        }
        let bureaus = match codes {
            None => Extent::All,
            Some(codes) if codes.is_empty() => Extent::Some(BTreeSet::new()),
            Some(codes) => Extent::Some(dialect::bureaus_with_predecessors(db, &codes).await?),
        };
        let units: Vec<(UnitId, BureauId)> = if principal.units.is_empty() {
            Vec::new()
        } else {
            let codes = principal.units.iter().cloned();
            let query = unscoped::<unit::Entity>().filter(unit::Column::Code.is_in(codes)).select_only();
            query.column(unit::Column::Id).column(unit::Column::BureauId).into_tuple().all(db).await?
        };
        let mut seats: BTreeSet<BureauId> = units.iter().map(|(_, bureau)| *bureau).collect();
        if let Extent::Some(bureaus) = &bureaus {
            seats.extend(bureaus);
        }
        let units = units.into_iter().map(|(unit, _)| unit).collect();
        let staff_id = match &principal.staff_number {
            None => None,
            Some(number) => {
                let query = unscoped::<staff::Entity>().filter(staff::Column::StaffNumber.eq(number));
                query.select_only().column(staff::Column::Id).into_tuple::<StaffId>().one(db).await?
            }
        };
        Ok(Self { principal, bureaus, units, seats, staff_id, writes })
    }

    pub(super) fn allow(&self, act: Action) -> Result<RowScope, Error> {
        let written = match act {
            Action::Record(noun) => Some(noun),
            Action::SetHolder => Some(Noun::Posting),
            _ => None,
        };
        if written.is_some_and(|noun| !noun.is_written_by(self.writes)) {
            return Err(Error::not_written_by_client());
        }
        let mut scope = RowScope::default();
        let mut widest = Reach::Nothing;
        for role in &self.principal.roles {
            scope.inquiries |= reach(*role, Action::SeeInquiries) > Reach::Nothing;
            let reach = reach(*role, act);
            widest = widest.max(reach);
            match reach {
                Reach::Nothing => {}
                Reach::Published => scope.published = true,
                Reach::Own => scope.staff_id = self.staff_id,
                Reach::Units => scope.units.extend(&self.units),
                Reach::Bureaus => match (&self.bureaus, &mut scope.bureaus) {
                    (Extent::Some(ids), Extent::Some(bureaus)) => bureaus.extend(ids),
                    (Extent::All, bureaus) => *bureaus = Extent::All,
                    (Extent::Some(_), Extent::All) => {}
                },
                Reach::Everything => scope.bureaus = Extent::All,
            }
        }
        if widest > Reach::Nothing {
            let is_kept_out = match act {
                // A bureau that could name itself would take people.
                Action::SetHolder => !scope.is_everything(),
                Action::CompileFollowUp => self.principal.body.as_deref() != Some(EXECUTIVE_COMMITTEE),
                _ => false,
            };
            return if is_kept_out { Err(Error::forbidden()) } else { Ok(scope) };
        }
        if self.principal.roles.iter().all(|role| *role == Role::Public) {
            return Err(Error::new(Code::Unauthenticated, "認証が必要です。", "This needs a token."));
        }
        Err(Error::forbidden_but_to(act))
    }

    /// The client in whose numbering the actor writes: its own for a machine, the office's for people.
    #[must_use]
    pub fn client(&self) -> &str {
        self.principal.client.as_deref().unwrap_or(OFFICE)
    }

    /// To whom receipts belong: the client, or the person.
    #[must_use]
    pub fn writer(&self) -> String {
        self.principal.client.clone().unwrap_or_else(|| format!("{OFFICE}/{}", self.principal.subject))
    }

    /// The roles in the grid's order, as the audit trail keeps them.
    #[must_use]
    pub fn roles(&self) -> String {
        self.principal.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(" ")
    }
}
