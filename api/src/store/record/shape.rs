//! What records of one shape have in common in being written: how their head is made of a draft, who may change them, whose figures they touch.
//!
//! A noun of a shape writes [`RecordNoun`]; whatever else [`Recordable`] asks for follows. A noun of none writes [`Recordable`] itself.

use super::{Call, Doubt, Draft, Look, Recordable, Row, Touch, Whose, Writing, Written, check_date, write::touched};
use crate::{
    authz::Noun,
    error::Error,
    store::{dialect, places::Places, rules::people::People},
};
use chrono::NaiveDate;
use entity::{
    api_client::OFFICE,
    ids::StaffId,
    period::YearMonth,
    record::{BureauHead, Dated, DatedHead, Meta, OfBureau, OfOffice, OfficeHead, Shape, Shaped},
};
use jobs::database::WriteTransaction;
use sea_orm::DbErr;
use std::{collections::BTreeSet, future::Future};

/// What a noun of a shape writes itself.
pub trait RecordNoun: Row + Shaped {
    /// The draft.
    type Draft: Draft;
    /// What the rules need to know.
    type World: Send + Sync;
    /// The noun.
    const NOUN: Noun;
    /// Whether the table has a unique key of rows that count, which records of one call may hand on to each other.
    const HANDED_ON: bool = false;
    /// Whether it is said of a person as a whole and not of hours in one bureau: the bureau that held them on the date says it.
    const OF_THE_WHOLE_PERSON: bool = false;

    /// Locks and loads what the rules need.
    fn load(
        tx: &WriteTransaction,
        call: &Call<Self::Draft>,
        writing: &Writing<'_>,
    ) -> impl Future<Output = Result<Self::World, Error>> + Send;
    /// Rows that count and that the call's records might contradict.
    #[must_use]
    fn neighbours(_: &WriteTransaction, _: &Call<Self::Draft>, _: &Self::World) -> impl Future<Output = Result<Vec<Self>, DbErr>> + Send {
        async { Ok(Vec::new()) }
    }
    /// What the record says beside its head.
    ///
    /// # Errors
    /// What is wrong with the draft, located.
    fn own(draft: &Self::Draft, world: &Self::World, writing: &Writing<'_>) -> Result<Self::Own, Error>;
    /// Which rows of the final state contradict each other, by index.
    #[must_use]
    fn conflicts(_: &[&Self], _: &Self::World) -> Vec<(usize, Error)> {
        Vec::new()
    }
    /// As [`Recordable::doubts`].
    #[must_use]
    fn doubts(
        _: &Look<'_>,
        _: &[Written<'_, Self, Self::Draft>],
        _: &[&Self],
        _: &Self::World,
    ) -> impl Future<Output = Result<Vec<(usize, Doubt)>, Error>> + Send {
        async { Ok(Vec::new()) }
    }
    /// As [`Recordable::touches`], where it is more than the shape says.
    #[must_use]
    fn more_touches(&self, _: &Self::World) -> Vec<Touch> {
        Vec::new()
    }
    /// Whether a change of the row, from what it was, decides figures that a closed month keeps.
    fn decides_figures(&self, _: Option<&Self>) -> bool {
        true
    }
}

/// What a shape says of the rows of its nouns.
pub trait ShapeOf<M: RecordNoun>: Shape {
    /// The head of the row that a draft becomes.
    ///
    /// # Errors
    /// What is wrong with the draft, located.
    fn head<'a>(draft: &'a M::Draft, world: &M::World, writing: &Writing<'a>) -> Result<Self::Head<'a>, Error>;
    /// The key in the client's own numbering.
    fn external_id(row: &M) -> &str;
    /// Why the row corrects a closed month.
    fn correction(row: &M) -> Option<&str>;
    /// Whether the writer may change the row.
    fn is_writable(row: &M, writing: &Writing<'_>) -> bool;
    /// Whether the row is the writing machine's own.
    fn is_own(_: &M, _: &Writing<'_>) -> bool {
        false
    }
    /// The person the row is about.
    fn person(_: &M) -> Option<StaffId> {
        None
    }
    /// Whose the row is.
    fn whose(_: &M) -> Option<Whose> {
        None
    }
    /// In whose numbering a row about a person is.
    fn client(_: &M) -> Option<&str> {
        None
    }
    /// Whose figures the row touches, of whatever noun.
    fn touches(_: &M) -> Vec<Touch> {
        Vec::new()
    }
}

/// A draft of a record about a person on a date.
pub trait DatedDraft: Draft {
    /// The person's number.
    fn staff_number(&self) -> &str;
    /// The date.
    fn date(&self) -> NaiveDate;
}

/// What rules about people know: the people, and what else they need.
pub trait KnowsPeople {
    /// The people of the call.
    fn people(&self) -> &People;
}

impl<M: RecordNoun<Draft: DatedDraft, World: KnowsPeople> + Shaped<Shape = Dated>> ShapeOf<M> for Dated {
    fn head<'a>(draft: &'a M::Draft, world: &M::World, writing: &Writing<'a>) -> Result<DatedHead<'a>, Error> {
        let (number, date) = (draft.staff_number(), draft.date());
        check_date("date", date)?;
        let place = if M::OF_THE_WHOLE_PERSON {
            world.people().held_place(number, date, writing.scope)?
        } else {
            world.people().place(number, date, writing.scope)?
        };
        Ok(DatedHead {
            client: writing.client,
            external_id: draft.key(),
            staff_id: place.staff_id,
            posting_id: place.posting_id,
            bureau_id: place.bureau_id,
            unit_id: place.unit_id,
            date,
            correction_reason: None,
        })
    }
    fn external_id(row: &M) -> &str {
        row.head().external_id
    }
    fn correction(row: &M) -> Option<&str> {
        row.head().correction_reason
    }
    fn is_writable(row: &M, writing: &Writing<'_>) -> bool {
        let head = row.head();
        writing.scope.covers(head.bureau_id, head.unit_id, head.staff_id)
    }
    /// What people keep by hand is in one numbering for all bureaus, and tells not who wrote it.
    fn is_own(row: &M, writing: &Writing<'_>) -> bool {
        writing.client != OFFICE && !writing.corrects && row.head().client == writing.client
    }
    fn person(row: &M) -> Option<StaffId> {
        Some(row.head().staff_id)
    }
    fn whose(row: &M) -> Option<Whose> {
        let head = row.head();
        Some(Whose { bureau_id: head.bureau_id, unit_id: Some(head.unit_id), staff_id: Some(head.staff_id) })
    }
    fn client(row: &M) -> Option<&str> {
        Some(row.head().client)
    }
    /// The month of the date.
    fn touches(row: &M) -> Vec<Touch> {
        let head = row.head();
        vec![(head.bureau_id, YearMonth::of(head.date), Some(head.staff_id))]
    }
}

/// A draft of a record of a bureau.
pub trait BureauDraft: Draft {
    /// The bureau's code.
    fn bureau(&self) -> &str;
    /// The unit's code, where a unit is meant.
    fn unit(&self) -> Option<&str>;
}

/// What rules about bureaus know: the bureaus and units, and what else they need.
pub trait KnowsPlaces {
    /// Those that the call names.
    fn places(&self) -> &Places;
}

impl<M: RecordNoun<Draft: BureauDraft, World: KnowsPlaces> + Shaped<Shape = OfBureau>> ShapeOf<M> for OfBureau {
    fn head<'a>(draft: &'a M::Draft, world: &M::World, writing: &Writing<'a>) -> Result<BureauHead<'a>, Error> {
        let (bureau_id, unit_id) = world.places().place(draft.bureau(), draft.unit(), writing.scope)?;
        Ok(BureauHead { client: writing.client, external_id: draft.key(), bureau_id, unit_id, correction_reason: None })
    }
    fn external_id(row: &M) -> &str {
        row.head().external_id
    }
    fn correction(row: &M) -> Option<&str> {
        row.head().correction_reason
    }
    fn is_writable(row: &M, writing: &Writing<'_>) -> bool {
        let head = row.head();
        writing.scope.bureaus.holds(&head.bureau_id) || head.unit_id.is_some_and(|unit| writing.scope.units.contains(&unit))
    }
    /// The bureau's as a whole: its units' managers do not see it.
    fn whose(row: &M) -> Option<Whose> {
        Some(Whose { bureau_id: row.head().bureau_id, unit_id: None, staff_id: None })
    }
}

impl<M: RecordNoun + Shaped<Shape = OfOffice>> ShapeOf<M> for OfOffice {
    fn head<'a>(draft: &'a M::Draft, _: &M::World, writing: &Writing<'a>) -> Result<OfficeHead<'a>, Error> {
        Ok(OfficeHead { client: writing.client, external_id: draft.key(), correction_reason: None })
    }
    fn external_id(row: &M) -> &str {
        row.head().external_id
    }
    fn correction(row: &M) -> Option<&str> {
        row.head().correction_reason
    }
    fn is_writable(_: &M, writing: &Writing<'_>) -> bool {
        writing.scope.is_everything()
    }
}

impl<M: RecordNoun> Recordable for M
where
    M::Shape: ShapeOf<M>,
{
    type Draft = <M as RecordNoun>::Draft;
    type World = <M as RecordNoun>::World;
    const NOUN: Noun = <M as RecordNoun>::NOUN;
    const HANDED_ON: bool = <M as RecordNoun>::HANDED_ON;

    fn stored_key(&self) -> &str {
        M::Shape::external_id(self)
    }

    async fn load(tx: &WriteTransaction, call: &Call<Self::Draft>, writing: &Writing<'_>) -> Result<Self::World, Error> {
        <M as RecordNoun>::load(tx, call, writing).await
    }

    async fn stored(tx: &WriteTransaction, client: &str, keys: &BTreeSet<&str>) -> Result<Vec<Self>, DbErr> {
        dialect::by_external_id::<M::Entity, _>(&**tx, client, keys).await
    }

    async fn neighbours(tx: &WriteTransaction, call: &Call<Self::Draft>, world: &Self::World) -> Result<Vec<Self>, DbErr> {
        <M as RecordNoun>::neighbours(tx, call, world).await
    }

    fn writable(&self, _: &Self::World, writing: &Writing<'_>) -> bool {
        M::Shape::is_writable(self, writing)
    }

    fn is_own(&self, writing: &Writing<'_>) -> bool {
        M::Shape::is_own(self, writing)
    }

    fn build(draft: &Self::Draft, meta: Meta, world: &Self::World, writing: &Writing<'_>) -> Result<Self, Error> {
        let head = M::Shape::head(draft, world, writing)?;
        Ok(Self::of(head, Self::own(draft, world, writing)?, meta))
    }

    fn conflicts(rows: &[&Self], world: &Self::World) -> Vec<(usize, Error)> {
        <M as RecordNoun>::conflicts(rows, world)
    }

    async fn doubts(
        look: &Look<'_>,
        written: &[Written<'_, Self, Self::Draft>],
        state: &[&Self],
        world: &Self::World,
    ) -> Result<Vec<(usize, Doubt)>, Error> {
        <M as RecordNoun>::doubts(look, written, state, world).await
    }

    fn person(&self) -> Option<StaffId> {
        M::Shape::person(self)
    }

    fn whose(&self) -> Option<Whose> {
        M::Shape::whose(self)
    }

    fn client(&self) -> Option<&str> {
        M::Shape::client(self)
    }

    fn guarded(&self, before: Option<&Self>, world: &Self::World) -> Vec<Touch> {
        if self.decides_figures(before) { touched(self, before, world) } else { Vec::new() }
    }

    fn touches(&self, world: &Self::World) -> Vec<Touch> {
        let mut touches = M::Shape::touches(self);
        touches.extend(self.more_touches(world));
        touches
    }

    fn correction(&self) -> Option<String> {
        M::Shape::correction(self).map(str::to_owned)
    }

    fn correct(&mut self, reason: Option<String>) {
        self.set_correction_reason(reason);
    }
}

/// What a draft tells of its record's head, from the fields that all drafts of its shape have; and of its names, where it has some.
macro_rules! record_draft {
    (dated $draft:ident, $many:literal $(, $names:expr)?) => {
        $crate::store::record::record_draft! { @ $draft, $many $(, $names)? }

        impl $crate::store::record::DatedDraft for $draft {
            fn staff_number(&self) -> &str {
                &self.staff_number
            }
            fn date(&self) -> chrono::NaiveDate {
                self.date.0
            }
        }
    };
    (of_bureau $draft:ident, $many:literal) => {
        $crate::store::record::record_draft! { @ $draft, $many }

        impl $crate::store::record::BureauDraft for $draft {
            fn bureau(&self) -> &str {
                &self.bureau
            }
            fn unit(&self) -> Option<&str> {
                self.unit.as_deref()
            }
        }
    };
    (of_office $draft:ident, $many:literal) => {
        $crate::store::record::record_draft! { @ $draft, $many }
    };
    (@ $draft:ident, $many:literal $(, $names:expr)?) => {
        impl $crate::store::record::Draft for $draft {
            const MANY: &'static str = $many;

            fn key(&self) -> &str {
                &self.external_id
            }
            fn version(&self) -> &$crate::store::record::Version {
                &self.version
            }
            $(fn names(&mut self) -> Vec<$crate::store::record::Name<'_>> {
                let names: fn(&mut Self) -> Vec<$crate::store::record::Name<'_>> = $names;
                names(self)
            })?
        }
    };
}
pub(crate) use record_draft;
