//! 所属: which bureau holds a person from when to when. The bureau that holds a person sees and writes their master data, posts, releases and
//! separates them, and the person-months stand in the post by which it holds them.
//!
//! Rows follow from postings, employment and [`crate::named_holder`] and are written in the transaction that changes one of these, by
//! [`derive()`]; nothing else decides who holds a person. They leave no day out from the first on: who is between two posts, or has left, is
//! held by the bureau that held them last, and who has had no post yet by the one for which they were recorded.

use crate::ids::{BureauId, HoldingId, PostingId, StaffId, UnitId};
use chrono::NaiveDate;
use sea_orm::entity::prelude::*;
use std::collections::BTreeSet;

/// A person is held by a bureau on `[valid_from, valid_to)`.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "holding")]
pub struct Model {
    /// The row's key; a row that is derived anew has another one.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: HoldingId,
    /// The person.
    pub staff_id: StaffId,
    /// First day.
    pub valid_from: NaiveDate,
    /// First day no longer; null for the last one.
    pub valid_to: Option<NaiveDate>,
    /// The bureau.
    pub bureau_id: BureauId,
    /// The unit of the posting; null without one.
    pub unit_id: Option<UnitId>,
    /// By which posting in force; null where there is none: before the first, between two, and after the last.
    pub posting_id: Option<PostingId>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Days on which a person is in the office's service: periods of employment without a day between them are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service {
    /// First day.
    pub from: NaiveDate,
    /// First day no longer; none while it lasts.
    pub to: Option<NaiveDate>,
}

impl Service {
    /// Whether a day lies in it.
    #[must_use]
    pub fn holds(&self, day: NaiveDate) -> bool {
        lies_in(day, self.from, self.to)
    }
}

/// A posting that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Post {
    /// Its key.
    pub id: PostingId,
    /// Its bureau.
    pub bureau: BureauId,
    /// Its unit.
    pub unit: UnitId,
    /// First day in force.
    pub from: NaiveDate,
    /// First day no longer in force.
    pub to: Option<NaiveDate>,
    /// 本務, not one beside it.
    pub main: bool,
    /// 常駐.
    pub resident: bool,
}

/// A bureau holds a person on `[from, to)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// First day.
    pub from: NaiveDate,
    /// First day no longer.
    pub to: Option<NaiveDate>,
    /// The bureau.
    pub bureau: BureauId,
    /// The post by which it does, and its unit.
    pub post: Option<(PostingId, UnitId)>,
}

/// What decides who holds a person.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Their services, in order.
    pub services: Vec<Service>,
    /// Their postings that count.
    pub posts: Vec<Post>,
    /// The bureaus named by an office-wide writer, each from a day on, in order.
    pub named: Vec<(NaiveDate, BureauId)>,
    /// The bureau for which they were recorded, from the day on.
    pub recorded: Option<(NaiveDate, BureauId)>,
    /// Who held them as it was derived last.
    pub former: Vec<Segment>,
}

/// Who holds a person, day by day.
///
/// On a day of service the main post in force decides. Without one it is a post beside it:
/// that of the bureau that was named, if nobody is resident or its own holder is; else the one by which the person is held already, for who
/// became holder first stays it, whatever is back-dated or changed beside, save that a resident post that begins takes over from one that is not; else a resident
/// one before another, then the one that began first, then the one that was recorded first. Of days gone by (`today` and before) what was
/// derived before stands as long as its post is in force. Without any post in force the last holder stays.
#[must_use]
pub fn derive(facts: &Facts, today: NaiveDate) -> Vec<Segment> {
    let tomorrow = today.succ_opt().unwrap_or(today);
    let spans = facts.services.iter().map(|it| (it.from, it.to)).chain(facts.posts.iter().map(|it| (it.from, it.to)));
    let spans = spans.chain(facts.former.iter().map(|it| (it.from, it.to)));
    let mut days: BTreeSet<NaiveDate> = spans.flat_map(|(from, to)| [Some(from), to]).flatten().chain([tomorrow]).collect();
    days.extend(facts.named.iter().chain(&facts.recorded).map(|(from, _)| *from));
    let mut held: Vec<Segment> = Vec::new();
    for day in days {
        let last = held.last().copied();
        let holder = match post_on(facts, day, last, day <= today) {
            Some(post) => Some((post.bureau, Some((post.id, post.unit)))),
            None => last.map(|last| last.bureau).or(facts.recorded.filter(|(from, _)| *from <= day).map(|it| it.1)).map(|it| (it, None)),
        };
        let Some((bureau, post)) = holder else { continue };
        match held.last_mut() {
            Some(last) if (last.bureau, last.post) == (bureau, post) => {}
            last => {
                if let Some(last) = last {
                    last.to = Some(day);
                }
                held.push(Segment { from: day, to: None, bureau, post });
            }
        }
    }
    held
}

/// The post by which a person is held on a day; `last` is how they were held on the day before it.
fn post_on(facts: &Facts, day: NaiveDate, last: Option<Segment>, gone: bool) -> Option<&Post> {
    if !facts.services.iter().any(|service| service.holds(day)) {
        return None;
    }
    let in_force = || facts.posts.iter().filter(|post| lies_in(day, post.from, post.to));
    if let Some(main) = in_force().filter(|post| post.main).max_by_key(|post| (post.from, post.id)) {
        return Some(main);
    }
    let resident = in_force().any(|post| post.resident);
    let first = |of: Option<BureauId>| {
        let of = in_force().filter(|post| of.is_none_or(|bureau| post.bureau == bureau));
        of.min_by_key(|post| (!post.resident, post.from, post.id))
    };
    let named = facts.named.iter().rev().find(|(from, _)| *from <= day).and_then(|(_, bureau)| first(Some(*bureau)));
    if let Some(named) = named.filter(|post| post.resident || !resident) {
        return Some(named);
    }
    let by = |of: Option<(PostingId, UnitId)>| of.and_then(|(id, _)| in_force().find(|post| post.id == id));
    let former = facts.former.iter().find(|segment| gone && lies_in(day, segment.from, segment.to));
    if let Some(former) = former.and_then(|segment| by(segment.post)) {
        return Some(former);
    }
    let stays = |post: &&Post| post.resident || !in_force().any(|other| other.resident && other.from == day);
    by(last.and_then(|last| last.post)).filter(stays).or_else(|| first(None))
}

fn lies_in(day: NaiveDate, from: NaiveDate, to: Option<NaiveDate>) -> bool {
    from <= day && to.is_none_or(|to| day < to)
}

/// The services that periods of employment make, whatever their order.
#[must_use]
pub fn services(periods: impl IntoIterator<Item = Service>) -> Vec<Service> {
    let mut periods: Vec<_> = periods.into_iter().collect();
    periods.sort_by_key(|period| period.from);
    let mut services: Vec<Service> = Vec::new();
    for period in periods {
        match services.last_mut() {
            Some(last) if last.to.is_none_or(|to| period.from <= to) => last.to = last.to.zip(period.to).map(|(a, b)| a.max(b)),
            _ => services.push(period),
        }
    }
    services
}
