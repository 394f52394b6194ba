//! Naming the bureau that holds a person, where posts beside a main one leave it open: the secretariat does, and a machine of the whole office
//! that may write people; the bureaus concerned are told.

use crate::store::{
    Store, dialect,
    posting::hold,
    record::{Writing, check_date, check_horizon, check_text},
    rules::{
        people::{People, covers, is_primary, unknown},
        sight::Sight,
    },
};
use crate::{
    authz::{Action, Noun},
    error::Error,
};
use chrono::NaiveDate;
use entity::{
    bureau,
    horizon::{ORDERED, When},
    ids::{BureauId, NamedHolderId},
    named_holder, posting, staff,
};
use jobs::transaction::{
    self, AuditAct, Stale,
    numbering::{Written, own_receipt},
};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Which bureau is to hold a person, from which day on, and why.
#[derive(Debug, Clone)]
pub struct Naming {
    /// The person's number.
    pub staff_number: String,
    /// The bureau's code.
    pub bureau: String,
    /// From which day on.
    pub from: NaiveDate,
    /// Why.
    pub reason: String,
}

/// Checks that the posts of a day leave the bureau open to be named.
fn check_open(posts: &[posting::Model], bureau: BureauId, day: NaiveDate) -> Result<(), Error> {
    let in_force = || posts.iter().filter(|post| post.void_reason.is_none() && covers(post, day));
    if in_force().any(is_primary) {
        let (ja, en) = ("この日は本務の部局に属しています。", "On this day the bureau of the main post holds the person.");
        return Err(Error::conflict("from", ja, en));
    }
    let of_bureau = || in_force().filter(|post| post.bureau_id == bureau);
    if of_bureau().next().is_none() {
        let (ja, en) = ("この部局にはこの日の配属がありません。", "The person has no post in this bureau on this day.");
        return Err(Error::conflict("bureau", ja, en));
    }
    if in_force().any(|post| post.resident) && !of_bureau().any(|post| post.resident) {
        let (ja, en) = ("常駐する部局が他にあります。", "The person works in another bureau (resident), which comes first.");
        return Err(Error::conflict("bureau", ja, en));
    }
    Ok(())
}

impl Store {
    /// Names the bureau that holds a person from a day on, until the next naming, as long as posts leave it open.
    ///
    /// # Errors
    /// FORBIDDEN; `BAD_USER_INPUT`; `NOT_FOUND` for an unknown person or bureau; CONFLICT where a main post or a resident one decides.
    pub async fn set_holder(&self, naming: Naming) -> Result<staff::Model, Error> {
        let scope = self.allow(Action::SetHolder)?;
        check_date("from", naming.from)?;
        check_text("reason", &naming.reason, 1_000)?;
        let (now, today) = (self.now(), self.today());
        self.day_of_sight().await?;
        check_horizon("from", ORDERED, When::Day(naming.from), now)?;
        let writing = Writing { scope: &scope, client: self.actor.client(), corrects: false, now };
        let tx = self.begin().await?;
        let people = People::lock(&tx, &[naming.staff_number.as_str()].into(), &writing).await?;
        let person = people.person(&naming.staff_number).filter(|person| person.void_reason.is_none());
        let person = person.ok_or_else(|| unknown(&naming.staff_number))?.clone();
        let named = dialect::by_text::<bureau::Entity, _>(&*tx, "code", &[naming.bureau.as_str()].into()).await?;
        let named = named.into_iter().find(|bureau| bureau.void_reason.is_none());
        let bureau_id = named.ok_or_else(|| Error::not_found("bureau", "部局", "bureau"))?.id;
        if people.employed(person.id, naming.from).is_none() {
            return Err(Error::conflict("from", "在職期間外の日です。", "The person is not employed on this day."));
        }
        check_open(people.postings(person.id), bureau_id, naming.from)?;
        let before = people.holding(person.id, today.max(naming.from)).map(|row| row.bureau_id);
        let row = named_holder::Model {
            id: NamedHolderId::new(),
            staff_id: person.id,
            valid_from: naming.from,
            bureau_id,
            reason: naming.reason.clone(),
            named_by: self.actor.principal.subject.clone(),
            named_at: now,
        };
        let sight = Sight::before(&*tx, [person.id.0].into(), today).await?;
        // Another naming of the same day is taken back.
        named_holder::Entity::delete_many()
            .filter(named_holder::Column::StaffId.eq(person.id))
            .filter(named_holder::Column::ValidFrom.eq(naming.from))
            .exec(&*tx)
            .await?;
        named_holder::Entity::insert(row.into_active_model()).exec_without_returning(&*tx).await?;
        let mut stale = Stale::new();
        for (bureau, month, person) in hold(&*tx, &[person.id].into(), today).await? {
            stale.entry((bureau, month)).or_default().insert(person);
        }
        transaction::mark_stale(&*tx, now, None, &stale).await?;
        let receipt = own_receipt(&*tx, self.actor.client(), "named_holder", now).await?;
        let records = sight.tell(&*tx, receipt, &BTreeSet::new()).await?;
        if records > 0 {
            tx.number(Written { receipt, at: now, records });
        }
        let concerned: BTreeMap<BureauId, i64> = before.into_iter().chain([bureau_id]).map(|bureau| (bureau, 1)).collect();
        let counts = json!({ "people": 1, "from": naming.from.to_string() });
        let act = AuditAct { counts, reason: Some(naming.reason), concerned, ..self.act("SET_HOLDER", Noun::Staff) };
        transaction::audit(&*tx, now, act).await?;
        tx.commit().await?;
        Ok(person)
    }
}
