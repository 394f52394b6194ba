//! Writing public holidays (国民の祝日・休日): a date is a holiday once, whoever wrote it. What kind of day a shift starts on stands in the
//! shift; who was on leave on all workdays of a month follows from the holidays, and from that who is compared with whom, so that a change
//! makes its month stale.

use crate::store::{
    Store,
    bureaus::Bureaus,
    conflicts::repeated,
    dialect,
    record::{Call, Draft, Mode, Name, Outcome, Recordable, Rejection, Touch, Version, Writing, check_date, check_line, external},
    stale_months::Computed,
    unscoped,
};
use crate::{authz::Noun, error::Error, words::Date};
use async_graphql::InputObject;
use chrono::{Datelike, NaiveDate};
use entity::{
    holiday::{Column, Entity, Model},
    ids::HolidayId,
    period::civil_date,
    record::Meta,
};
use jobs::database::WriteTransaction;
use sea_orm::{ColumnTrait, DbErr, QueryFilter};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Why a holiday is void that a list of its year does not have.
const NOT_LISTED: &str = "公表された国民の祝日・休日の一覧に記載がないため";

/// One public holiday.
#[derive(Debug, Clone, Serialize, Deserialize, InputObject)]
#[graphql(name = "HolidayInput")]
pub struct HolidayDraft {
    /// Your own key of the holiday.
    pub external_id: String,
    /// The civil date, at most 5 years ahead.
    pub date: Date,
    /// Name in Japanese, such as 元日; 1 to 100 characters.
    pub name_ja: String,
    /// Version and voidness.
    #[graphql(flatten)]
    #[serde(flatten)]
    pub version: Version,
}

impl Draft for HolidayDraft {
    const MANY: &'static str = "Holidays";

    fn key(&self) -> &str {
        &self.external_id
    }
    fn version(&self) -> &Version {
        &self.version
    }
    fn names(&mut self) -> Vec<Name<'_>> {
        vec![("nameJa", Some(&mut self.name_ja))]
    }
}

/// The bureaus there are, and the months that a holiday makes stale.
pub struct World {
    offices: Bureaus,
    computed: Computed,
}

impl Recordable for Model {
    type Draft = HolidayDraft;
    type World = World;
    const NOUN: Noun = Noun::Holiday;
    const HANDED_ON: bool = true;
    external!();

    fn writable(&self, _: &World, writing: &Writing<'_>) -> bool {
        writing.scope.is_everything()
    }

    async fn load(tx: &WriteTransaction, _: &Call<HolidayDraft>, writing: &Writing<'_>) -> Result<World, Error> {
        dialect::lock_table::<Entity, _>(&**tx).await?;
        Ok(World { offices: Bureaus::load(tx).await?, computed: Computed::load(tx, civil_date(writing.now)).await? })
    }

    async fn neighbours(tx: &WriteTransaction, call: &Call<HolidayDraft>, _: &World) -> Result<Vec<Self>, DbErr> {
        let dates = || call.records.iter().map(|draft| draft.date.0);
        let (Some(first), Some(last)) = (dates().min(), dates().max()) else { return Ok(Vec::new()) };
        unscoped::<Entity>().filter(Column::Date.between(first, last)).filter(Column::VoidReason.is_null()).all(&**tx).await
    }

    fn build(draft: &HolidayDraft, meta: Meta, _: &World, writing: &Writing<'_>) -> Result<Self, Error> {
        check_date("date", draft.date.0)?;
        check_line("nameJa", &draft.name_ja, 100)?;
        Ok(Self {
            id: HolidayId::new(),
            client: writing.client.to_owned(),
            external_id: draft.external_id.clone(),
            date: draft.date.0,
            name_ja: draft.name_ja.clone(),
            source_version: meta.source_version,
            void_reason: meta.void_reason,
            revision: meta.revision,
            receipt_id: meta.receipt_id,
            created_at: meta.created_at,
            updated_at: meta.updated_at,
        })
    }

    fn conflicts(rows: &[&Self], _: &World) -> Vec<(usize, Error)> {
        let twice = || Error::conflict("date", "この日は既に休日として登録されています。", "The date is a holiday already.");
        repeated(rows.iter().map(|row| row.date)).into_iter().map(|(index, other)| (index, twice().beside(other))).collect()
    }

    /// The calendar is the law's and no bureau's: a closed month keeps its records, and its figures become revised ones.
    fn guarded(&self, _: Option<&Self>, _: &World) -> Vec<Touch> {
        Vec::new()
    }

    fn touches(&self, world: &World) -> Vec<Touch> {
        let bureaus = world.offices.of(None);
        let months = world.computed.months(self.date, self.date.succ_opt());
        months.flat_map(|month| bureaus.iter().map(move |bureau| (*bureau, month, None))).collect()
    }
}

/// What a list of holidays did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listed {
    /// What became of its holidays, and of those that it no longer has; a rejection's index is the place in the list, or beyond its end.
    pub outcome: Outcome,
    /// The holidays that it no longer has, by date, with their names.
    pub gone: Vec<(NaiveDate, String)>,
}

impl Listed {
    /// Adds what one call did: its records are those of the list at `places`.
    fn add(&mut self, done: Outcome, places: &[usize]) {
        let sum = &mut self.outcome;
        sum.created += done.created;
        sum.updated += done.updated;
        sum.unchanged += done.unchanged;
        sum.superseded += done.superseded;
        sum.voided += done.voided;
        sum.rejected += done.rejected;
        let months: BTreeSet<_> = sum.stale_months.drain(..).chain(done.stale_months).collect();
        sum.stale_months = months.into_iter().collect();
        let located = |refused: Rejection| {
            let place = usize::try_from(refused.index).ok().and_then(|index| places.get(index).copied()).unwrap_or_default();
            Rejection { index: i32::try_from(place).unwrap_or(i32::MAX), ..refused }
        };
        sum.rejections.extend(done.rejections.into_iter().map(located));
    }
}

/// The records of a list by the client in whose numbering they are, each with its place in the list.
type Numbered = BTreeMap<String, Vec<(usize, HolidayDraft)>>;

/// What a list changes of what is stored: its holidays under the keys that their dates have already, else under the dates themselves in
/// `own` numbering; then, as void ones, those of its years that it no longer has, which are also told.
fn compared(list: &[(NaiveDate, String)], stored: &[Model], own: &str) -> (Numbered, Vec<(NaiveDate, String)>) {
    let years: BTreeSet<i32> = list.iter().map(|(date, _)| date.year()).collect();
    let dates: BTreeSet<NaiveDate> = list.iter().map(|(date, _)| *date).collect();
    let counts: Vec<&Model> = stored.iter().filter(|row| row.void_reason.is_none()).collect();
    let by_date: BTreeMap<NaiveDate, &Model> = counts.iter().map(|row| (row.date, *row)).collect();
    let mut records = Numbered::new();
    for (place, (date, name)) in list.iter().enumerate() {
        let known = by_date.get(date);
        let external_id = known.map_or_else(|| date.to_string(), |row| row.external_id.clone());
        let client = known.map_or(own, |row| &row.client).to_owned();
        let draft = HolidayDraft { external_id, date: Date(*date), name_ja: name.clone(), version: Version::default() };
        records.entry(client).or_default().push((place, draft));
    }
    let mut gone: Vec<&Model> = counts.into_iter().filter(|row| years.contains(&row.date.year()) && !dates.contains(&row.date)).collect();
    gone.sort_by_key(|row| row.date);
    for (place, row) in (list.len()..).zip(&gone) {
        let version = Version { void: true, void_reason: Some(NOT_LISTED.to_owned()), ..Version::default() };
        let draft = HolidayDraft { external_id: row.external_id.clone(), date: Date(row.date), name_ja: row.name_ja.clone(), version };
        records.entry(row.client.clone()).or_default().push((place, draft));
    }
    (records, gone.into_iter().map(|row| (row.date, row.name_ja.clone())).collect())
}

impl Store {
    /// Writes a list of holidays, which is complete for each year of which it has one: what it no longer has becomes void, of these years
    /// alone and whoever wrote it. All of it or, where a holiday is refused, nothing; in a dry run nothing.
    ///
    /// # Errors
    /// FORBIDDEN; INTERNAL when the database does not answer. What is wrong with single holidays stands in the outcome.
    pub async fn import_holidays(&self, list: &[(NaiveDate, String)], dry_run: bool) -> Result<Listed, Error> {
        let tx = self.begin().await?;
        dialect::lock_table::<Entity, _>(&*tx).await?;
        let stored = unscoped::<Entity>().filter(Column::VoidReason.is_null()).all(&*tx).await?;
        let own = self.actor.client();
        let (records, gone) = compared(list, &stored, own);
        let mut listed = Listed { gone, ..Listed::default() };
        let key = uuid::Uuid::now_v7();
        for (client, records) in records {
            let (places, records): (Vec<usize>, Vec<HolidayDraft>) = records.into_iter().unzip();
            let mut call = Call {
                idempotency_key: format!("import/{key}/{client}"),
                mode: Mode::AllOrNothing,
                dry_run,
                correction_reason: None,
                client: (client != own).then_some(client),
                records,
                unread: Vec::new(),
            };
            let ready = self.ready::<Model>(&mut call)?;
            listed.add(self.record_in::<Model>(&tx, &call, ready).await?.outcome, &places);
        }
        if dry_run || listed.outcome.rejected > 0 {
            tx.rollback().await?;
        } else {
            tx.commit().await?;
        }
        Ok(listed)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::store::conflicts::fixture::row;

    fn world() -> World {
        World { offices: Bureaus::with(&["a", "b"]), computed: Computed::between("2019-04", "2019-05") }
    }

    fn stored(client: &str, key: &str, date: &str) -> Model {
        let draft = HolidayDraft {
            external_id: key.into(),
            date: Date(date.parse().unwrap()),
            name_ja: "休日".into(),
            version: Version::default(),
        };
        Model { client: client.into(), ..row(&draft, &world()).unwrap() }
    }

    #[test]
    fn a_holiday_touches_everybody_in_its_month_if_that_was_computed_and_guards_none() {
        let holiday = stored("office", "1", "2019-05-01");
        let touches = holiday.touches(&world());
        assert_eq!(touches.len(), 2);
        assert!(touches.iter().all(|(_, month, person)| month.to_string() == "2019-05" && person.is_none()));
        assert!(stored("office", "1", "2019-06-01").touches(&world()).is_empty());
        assert!(holiday.guarded(None, &world()).is_empty());
    }

    #[test]
    fn a_list_is_complete_for_its_years_alone() {
        let list: Vec<(NaiveDate, String)> =
            ["2019-01-01", "2019-05-01", "2021-01-01"].map(|date| (date.parse().unwrap(), "元日".to_owned())).into();
        let known = [
            stored("office", "2018-12-24", "2018-12-24"),
            stored("office", "new year", "2019-01-01"),
            stored("office", "2019-12-23", "2019-12-23"),
            stored("calendar", "7", "2019-11-22"),
            stored("office", "2020-01-01", "2020-01-01"),
        ];
        let (records, gone) = compared(&list, &known, "office");
        let gone: Vec<_> = gone.iter().map(|(date, _)| date.to_string()).collect();
        assert_eq!(gone, ["2019-11-22", "2019-12-23"], "neither 2018 nor 2020, of which it has nothing");
        let shown = |client: &str| -> Vec<(usize, String, bool)> {
            records[client].iter().map(|(place, draft)| (*place, draft.external_id.clone(), draft.version.void)).collect()
        };
        assert_eq!(shown("calendar"), [(3, "7".to_owned(), true)], "in its own numbering");
        assert_eq!(
            shown("office"),
            [
                (0, "new year".to_owned(), false),
                (1, "2019-05-01".to_owned(), false),
                (2, "2021-01-01".to_owned(), false),
                (4, "2019-12-23".to_owned(), true)
            ],
            "a date keeps the key that it has"
        );
    }
}
