//! What is known of a source in a bureau's month: stated with the submission or by what its clients' silence means, or found in the records.
//!
//! A month without records is no month without overtime. The rule ([`extent`]) is pure; the jobs note what follows from it before they count.

use crate::{
    api_client::{self, Absence, OFFICE},
    ids::BureauId,
    month_source::RecordSource,
    period::YearMonth,
    text_enum::text_enum,
};
use sea_orm::entity::prelude::*;
use std::collections::BTreeSet;

text_enum! {
    /// How much of a source is known.
    SourceExtent {
        /// Nobody has reported it.
        Nothing,
        /// There are records; of who has none nothing is known.
        Recorded,
        /// Whoever has no record did none of it.
        Complete,
    }
}

/// One source of a bureau's month.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reported_source")]
pub struct Model {
    /// The month.
    #[sea_orm(primary_key, auto_increment = false)]
    pub month: YearMonth,
    /// The bureau.
    #[sea_orm(primary_key, auto_increment = false)]
    pub bureau_id: BureauId,
    /// The source.
    #[sea_orm(primary_key, auto_increment = false)]
    pub source: RecordSource,
    /// How much of it is known.
    pub extent: SourceExtent,
}

impl ActiveModelBehavior for ActiveModel {}

/// What was found of a bureau's month.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The sources that a submission, which still stands, named as complete.
    pub stated: BTreeSet<RecordSource>,
    /// The clients that recorded shifts, and whether any of these has presence.
    pub shifts: Vec<(String, bool)>,
    /// The other sources of which there are records.
    pub recorded: BTreeSet<RecordSource>,
}

/// How much is known of a source in the month of the bureau with this code.
///
/// Shifts are known person by person: who has one is known, and of the others it is said what they did, or not. Ordered overtime alone (命令簿)
/// names only those who worked any, so that its silence is a true zero unless its client said otherwise. What people record by hand says nothing
/// of others. Of the other sources a bureau reports all or nothing.
#[must_use]
pub fn extent(source: RecordSource, found: &Found, bureau: &str, clients: &[api_client::Model]) -> SourceExtent {
    let is_stated = |source| found.stated.contains(&source);
    let is_said = |source, absence| clients.iter().any(|client| client.said(source, bureau) == Some(absence));
    if is_stated(source) || is_said(source, Absence::Zero) {
        return SourceExtent::Complete;
    }
    match source {
        RecordSource::Presence => recorded(found),
        RecordSource::Overtime => {
            let is_silent = |(code, presence): &(String, bool)| {
                let client = clients.iter().find(|client| client.code == *code && client.code != OFFICE);
                let meaning = |client: &api_client::Model| client.absence.clone().unwrap_or_default().meaning(source);
                !presence && client.is_some_and(|client| meaning(client) == Absence::Zero)
            };
            // Who was not there did no overtime either.
            let presence = is_stated(RecordSource::Presence) || is_said(RecordSource::Presence, Absence::Zero);
            if presence || found.shifts.iter().any(is_silent) { SourceExtent::Complete } else { recorded(found) }
        }
        RecordSource::Telework | RecordSource::Leave | RecordSource::Hires | RecordSource::Appointments => {
            let unknown = is_said(source, Absence::Unknown) && !found.recorded.contains(&source);
            if unknown { SourceExtent::Nothing } else { SourceExtent::Complete }
        }
    }
}

/// What shifts say where nobody says more.
const fn recorded(found: &Found) -> SourceExtent {
    if found.shifts.is_empty() { SourceExtent::Nothing } else { SourceExtent::Recorded }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::{
        api_client::{ClientAbsence, ClientBureaus, ClientWrites},
        ids::ApiClientId,
    };
    use RecordSource::{Hires, Leave, Overtime, Presence, Telework};
    use SourceExtent::{Complete, Nothing, Recorded};

    fn client(code: &str, bureaus: Option<&[&str]>, said: &[(RecordSource, Absence)]) -> api_client::Model {
        let absence = (!said.is_empty()).then(|| ClientAbsence(said.iter().copied().collect()));
        api_client::Model {
            id: ApiClientId::new(),
            code: code.into(),
            code_folded: code.to_lowercase(),
            name: code.into(),
            bureaus: ClientBureaus(bureaus.map(|codes| codes.iter().map(|&code| code.to_owned()).collect())),
            writes: Some(ClientWrites::Both),
            absence,
            revoked_at: None,
            created_at: "2015-02-01T00:00:00Z".parse().unwrap(),
        }
    }

    fn shifts(of: &[(&str, bool)]) -> Found {
        Found { shifts: of.iter().map(|&(code, presence)| (code.to_owned(), presence)).collect(), ..Found::default() }
    }

    #[test]
    fn a_month_without_records_is_not_reported() {
        let clients = [client("a", None, &[])];
        let nothing = Found::default();
        let known = [Presence, Overtime, Telework, Leave, Hires].map(|source| extent(source, &nothing, "A", &clients));
        assert_eq!(known, [Nothing, Nothing, Complete, Complete, Complete], "only presence is unknown where nobody has said");
    }

    #[test]
    fn who_is_not_in_presence_is_unknown_and_who_is_not_in_ordered_overtime_did_none() {
        let clients = [client("a", None, &[]), client(OFFICE, None, &[])];
        let of = |source, found: &Found| extent(source, found, "A", &clients);
        assert_eq!([Presence, Overtime].map(|source| of(source, &shifts(&[("a", true)]))), [Recorded, Recorded]);
        assert_eq!([Presence, Overtime].map(|source| of(source, &shifts(&[("a", false)]))), [Recorded, Complete]);
        assert_eq!(of(Overtime, &shifts(&[(OFFICE, false)])), Recorded, "one that is written by hand says nothing of others");
        let unknown = [client("a", None, &[(Overtime, Absence::Unknown)])];
        assert_eq!(extent(Overtime, &shifts(&[("a", false)]), "A", &unknown), Recorded);
    }

    #[test]
    fn what_a_clients_silence_means_holds_for_the_bureaus_and_sources_that_it_serves() {
        let zero = [client("a", Some(&["A"]), &[(Presence, Absence::Zero)])];
        assert_eq!([Presence, Overtime].map(|source| extent(source, &Found::default(), "A", &zero)), [Complete, Complete]);
        assert_eq!([Presence, Overtime].map(|source| extent(source, &Found::default(), "B", &zero)), [Nothing, Nothing]);
        let overtime = [client("a", None, &[(Overtime, Absence::Zero)])];
        assert_eq!([Presence, Overtime].map(|source| extent(source, &shifts(&[("a", true)]), "A", &overtime)), [Recorded, Complete]);
        let personnel = api_client::Model {
            writes: Some(ClientWrites::Personnel),
            ..client("p", None, &[(Presence, Absence::Zero), (Telework, Absence::Unknown), (Hires, Absence::Unknown)])
        };
        let of = |source| extent(source, &Found::default(), "A", std::slice::from_ref(&personnel));
        assert_eq!([Presence, Telework, Hires].map(of), [Nothing, Complete, Nothing], "it writes hires alone");
    }

    #[test]
    fn what_is_unknown_without_records_is_known_with_them() {
        let clients = [client("a", None, &[(Telework, Absence::Unknown), (Leave, Absence::Unknown)])];
        let found = Found { recorded: [Leave].into(), ..Found::default() };
        assert_eq!([Telework, Leave].map(|source| extent(source, &found, "A", &clients)), [Nothing, Complete]);
    }

    #[test]
    fn what_is_stated_with_the_submission_stands() {
        let clients = [client("a", None, &[(Telework, Absence::Unknown)])];
        let stated = |sources: &[RecordSource]| Found { stated: sources.iter().copied().collect(), ..Found::default() };
        let of = |source, found: &Found| extent(source, found, "A", &clients);
        assert_eq!([Presence, Overtime, Telework].map(|source| of(source, &stated(&[Overtime]))), [Nothing, Complete, Nothing]);
        assert_eq!([Presence, Overtime, Telework].map(|source| of(source, &stated(&[Presence, Telework]))), [Complete; 3]);
    }
}
