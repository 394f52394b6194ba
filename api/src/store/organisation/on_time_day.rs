//! Writing on-time days (定時退庁日), of a bureau or of the whole office: one of a kind a day. The office's are the secretariat's to write, a bureau's
//! own its officer's too.

use crate::store::{
    Store,
    bureaus::Bureaus,
    conflicts::repeated,
    dialect,
    record::{Call, Doubt, Draft, Look, Recordable, Touch, Version, Writing, Written, check_date, external},
    rules::doubts,
    stale_months::Computed,
    unscoped,
};
use crate::{
    authz::Noun,
    error::{Code, Error},
    words::{Date, OnTimeDayKind},
};
use async_graphql::InputObject;
use chrono::{Days, NaiveDate};
use entity::{
    holiday,
    ids::OnTimeDayId,
    on_time_day::{Column, Entity, Model, OnTimeDayOff, REACH, held_on},
    overtime_rule,
    period::{YearMonth, civil_date, weekdays},
    record::Meta,
};
use jobs::database::WriteTransaction;
use sea_orm::{ColumnTrait, DbErr, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};

/// One on-time day.
#[derive(Debug, Clone, Serialize, Deserialize, InputObject)]
#[graphql(name = "OnTimeDayInput")]
pub struct OnTimeDayDraft {
    /// Your own key of the on-time day.
    pub external_id: String,
    /// Code of the bureau it holds for; null for the whole office.
    pub bureau: Option<String>,
    /// The civil date, at most 18 months ahead.
    pub date: Date,
    /// Its kind.
    pub kind: OnTimeDayKind,
    /// Version and voidness.
    #[graphql(flatten)]
    #[serde(flatten)]
    pub version: Version,
}

impl Draft for OnTimeDayDraft {
    const MANY: &'static str = "OnTimeDays";

    fn key(&self) -> &str {
        &self.external_id
    }
    fn version(&self) -> &Version {
        &self.version
    }
}

/// The bureaus there are, the months that a day makes stale, and the holidays.
pub struct World {
    offices: Bureaus,
    computed: Computed,
    holidays: BTreeSet<NaiveDate>,
}

impl World {
    fn is_off(&self, date: NaiveDate) -> bool {
        self.holidays.contains(&date) || weekdays(date, date + Days::new(1)).next().is_none()
    }
}

impl Recordable for Model {
    type Draft = OnTimeDayDraft;
    type World = World;
    const NOUN: Noun = Noun::OnTimeDay;
    const HANDED_ON: bool = true;
    external!();

    fn writable(&self, _: &Self::World, writing: &Writing<'_>) -> bool {
        writing.scope.holds(self.bureau_id)
    }

    async fn load(tx: &WriteTransaction, _: &Call<OnTimeDayDraft>, writing: &Writing<'_>) -> Result<World, Error> {
        dialect::lock_table::<Entity, _>(&**tx).await?;
        let holidays =
            unscoped::<holiday::Entity>().filter(holiday::Column::VoidReason.is_null()).select_only().column(holiday::Column::Date);
        let holidays = holidays.into_tuple::<NaiveDate>().all(&**tx).await?.into_iter().collect();
        let (offices, computed) = (Bureaus::load(tx).await?, Computed::load(tx, civil_date(writing.now)).await?);
        Ok(World { offices, computed, holidays })
    }

    async fn neighbours(tx: &WriteTransaction, call: &Call<OnTimeDayDraft>, _: &World) -> Result<Vec<Self>, DbErr> {
        let dates = || call.records.iter().map(|draft| draft.date.0);
        let (Some(first), Some(last)) = (dates().min(), dates().max()) else { return Ok(Vec::new()) };
        unscoped::<Entity>().filter(Column::Date.between(first, last)).filter(Column::VoidReason.is_null()).all(&**tx).await
    }

    fn build(draft: &OnTimeDayDraft, meta: Meta, world: &World, writing: &Writing<'_>) -> Result<Self, Error> {
        check_date("date", draft.date.0)?;
        let bureau_id = world.offices.named(draft.bureau.as_deref())?;
        if !writing.scope.holds(bureau_id) {
            let (ja, en) = ("自分の部局の定時退庁日だけを登録できます。", "An officer writes the on-time days of their own bureau.");
            return Err(Error { field: Some("bureau".into()), ..Error::new(Code::Forbidden, ja, en) });
        }
        Ok(Self {
            id: OnTimeDayId::new(),
            client: writing.client.to_owned(),
            external_id: draft.external_id.clone(),
            bureau_id,
            date: draft.date.0,
            kind: draft.kind,
            source_version: meta.source_version,
            void_reason: meta.void_reason,
            revision: meta.revision,
            receipt_id: meta.receipt_id,
            created_at: meta.created_at,
            updated_at: meta.updated_at,
        })
    }

    fn conflicts(rows: &[&Self], _: &World) -> Vec<(usize, Error)> {
        let twice = || {
            Error::conflict(
                "date",
                "同じ種類の定時退庁日が既に登録されています。",
                "There is an on-time day of this kind on the date already.",
            )
        };
        repeated(rows.iter().map(|row| (row.bureau_id, row.date, row.kind)))
            .into_iter()
            .map(|(index, other)| (index, twice().beside(other)))
            .collect()
    }

    async fn doubts(
        _: &Look<'_>,
        written: &[Written<'_, Self, OnTimeDayDraft>],
        _: &[&Self],
        world: &World,
    ) -> Result<Vec<(usize, Doubt)>, Error> {
        let off = written.iter().enumerate().filter(|(_, record)| world.is_off(record.row.date));
        Ok(off.map(|(at, _)| (at, doubts::on_time_day())).collect())
    }

    fn touches(&self, world: &World) -> Vec<Touch> {
        // A calendar is entered ahead; a month still to come is not stale. One on no workday may be held in the month beside its own.
        let bureaus = world.offices.of(self.bureau_id);
        let days = if world.is_off(self.date) { (self.date - REACH, self.date + REACH) } else { (self.date, self.date) };
        let months = world.computed.months(days.0, days.1.succ_opt());
        months.flat_map(|month| bureaus.iter().map(move |bureau| (*bureau, month, None))).collect()
    }
}

impl Store {
    /// The days on which on-time days of these dates are held, none where one lapses: each on its own where that is a workday, and else as the
    /// rules of its month say.
    ///
    /// # Errors
    /// INTERNAL when the database does not answer.
    pub async fn held_on(&self, dates: &[NaiveDate]) -> Result<HashMap<NaiveDate, Option<NaiveDate>>, Error> {
        let (Some(first), Some(last)) = (dates.iter().min(), dates.iter().max()) else { return Ok(HashMap::new()) };
        let holidays = unscoped::<holiday::Entity>().filter(holiday::Column::VoidReason.is_null());
        let holidays = holidays.filter(holiday::Column::Date.between(*first - REACH, *last + REACH)).select_only();
        let holidays = holidays.column(holiday::Column::Date).into_tuple::<NaiveDate>().all(self.reader()).await?;
        let holidays: BTreeSet<NaiveDate> = holidays.into_iter().collect();
        let rules = unscoped::<overtime_rule::Entity>().order_by_desc(overtime_rule::Column::ValidFrom).all(self.reader()).await?;
        let is_workday = |day: NaiveDate| !holidays.contains(&day) && weekdays(day, day + Days::new(1)).next().is_some();
        let held = |date: &NaiveDate| {
            let rule = rules.iter().find(|rule| rule.valid_from <= YearMonth::of(*date));
            (*date, held_on(*date, rule.map_or(OnTimeDayOff::Lapses, |rule| rule.on_time_day_off), is_workday))
        };
        Ok(dates.iter().map(held).collect())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::store::conflicts::fixture::{by_pairs, day, refused, row, shuffled};
    use proptest::prelude::*;

    fn world() -> World {
        let computed = Computed::between("2019-03", "2019-05");
        World { offices: Bureaus::with(&["a", "b"]), computed, holidays: [day(3)].into() }
    }

    fn built(bureau: Option<&str>, date: i64, complete: bool) -> Model {
        let kind = if complete { OnTimeDayKind::Complete } else { OnTimeDayKind::AllMinistries };
        let draft = OnTimeDayDraft {
            external_id: "1".into(),
            bureau: bureau.map(Into::into),
            date: Date(day(date)),
            kind,
            version: Version::default(),
        };
        row(&draft, &world()).unwrap()
    }

    #[test]
    fn a_day_of_the_office_touches_every_bureau() {
        assert_eq!(built(Some("a"), 0, true).touches(&world()).len(), 1);
        assert_eq!(built(None, 0, true).touches(&world()).len(), 2);
        assert!(built(None, 90, true).touches(&world()).is_empty(), "a month to come is not stale");
        // Saturday 27 April may be held in May; the holiday on 4 April may have been held in March.
        assert_eq!([26, 3].map(|date| built(Some("a"), date, true).touches(&world()).len()), [2, 2]);
    }

    proptest! {
        #[test]
        fn there_is_one_of_a_kind_a_day(
            (rows, others) in shuffled(prop::collection::vec((prop::option::of(prop::sample::select(vec!["a", "b"])), 0..4i64, any::<bool>()), 0..12)
                .prop_map(|rows| rows.into_iter().map(|(bureau, date, complete)| built(bureau, date, complete)).collect())),
        ) {
            let found = refused(&rows, &world());
            prop_assert_eq!(&found, &refused(&others, &world()));
            prop_assert_eq!(found, by_pairs(&rows, "date", |a: &Model, b| (a.bureau_id, a.date, a.kind) == (b.bureau_id, b.date, b.kind)));
        }
    }
}
