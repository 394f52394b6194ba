//! New overtime outliers, for subscriptions: whenever a run has ended, the flags raised since the last ones that were told.
//!
//! That a run has ended comes from the process's one look at the ledger, as in [`crate::store::run_feed`]; the flags are read here, in the actor's
//! scope. A place is the instant at which the last flag told was numbered, in the order of the commits, and its id, so that who comes back with one
//! misses nothing: of a run that goes on nothing is told, nor of anything numbered after its first flag; and what it writes later is numbered later.

use crate::store::{Store, anew::start_anew, unscoped};
use crate::{error::Error, words::is_kept};
use chrono::{DateTime, Utc};
use entity::{
    ids::{DatabaseIdentityId, JobRunId, OvertimeOutlierId},
    job_run::{self, RunState},
    overtime_outlier::{Column, Entity, Model},
};
use futures_util::{Stream, stream};
use jobs::ledger::run_feed::Follower;
use sea_orm::{
    ColumnTrait, Condition, Iterable, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, ExprTrait, SubQueryStatement},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Flags in one message.
const FLAGS: u64 = 200;

/// Where a follower stands: at the last flag that was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    at: DateTime<Utc>,
    id: OvertimeOutlierId,
    /// In which database; those of former times do not say.
    #[serde(default)]
    database: Option<DatabaseIdentityId>,
}

/// What a follower is told at once.
#[derive(Debug, Clone)]
pub struct News {
    /// Where it stands after it.
    pub place: Place,
    /// The flags, those raised first first.
    pub flags: Vec<Model>,
}

impl Store {
    /// The flags that are raised from now on, or since a place, as far as the actor may see them. The first message holds none.
    ///
    /// # Errors
    /// As [`Store::allow`]; `BAD_USER_INPUT` for a place that no message had, `CONFLICT` for one of before a restore.
    pub async fn follow_outliers(&self, after: Option<Place>) -> Result<impl Stream<Item = Result<News, Error>> + Send + use<>, Error> {
        // Followed first and read then: what comes between is in the next picture.
        let follower = self.ledger.follow();
        let here = self.identity().await?;
        let place = match after {
            Some(place) if !here.gave(place.database) => return Err(start_anew("after")),
            Some(place) if is_kept(place.at.date_naive()) => Place { database: Some(here.id), ..place },
            Some(_) => {
                return Err(Error::input("after", "続きの位置が正しくありません。", "This is no place of this subscription."));
            }
            None => {
                let last = self.settled()?.order_by_desc(Column::NumberedAt).order_by_desc(Column::Id).one(self.reader()).await?;
                let first = Place { at: DateTime::UNIX_EPOCH, id: OvertimeOutlierId(Uuid::nil()), database: Some(here.id) };
                last.map_or(first, |flag| first.at(&flag))
            }
        };
        let follower = OutlierFollower { store: self.clone(), follower, place, ended: None, more: after.is_some(), greets: true };
        Ok(stream::try_unfold(follower, |mut follower| async move { Ok(Some((follower.next().await?, follower))) }))
    }

    /// The flags that the actor may see and that come before any of a run that goes on: what is added later comes after all of them.
    fn settled(&self) -> Result<Select<Entity>, Error> {
        let going = unscoped::<job_run::Entity>().select_only().column(job_run::Column::Id);
        let going = going.filter(job_run::Column::State.is_in(RunState::iter().filter(|state| !state.is_over())));
        let open = unscoped::<Entity>().select_only().expr(Expr::col(Column::NumberedAt.as_column_ref()).min());
        let open = open.filter(Column::RunId.in_subquery(going.into_query())).into_query();
        let first_open = || Expr::from(SubQueryStatement::from(open.clone()));
        let settled = Condition::any().add(first_open().is_null()).add(Column::NumberedAt.into_expr().lt(first_open()));
        Ok(self.select::<Entity>()?.filter(Column::NumberedAt.is_not_null()).filter(settled))
    }

    /// The next flags after a place.
    async fn raised_after(&self, place: Place) -> Result<Vec<Model>, Error> {
        let key = Expr::tuple([Column::NumberedAt.into_expr(), Column::Id.into_expr()]);
        let beyond = key.gt(Expr::tuple([Expr::value(place.at), Expr::value(place.id.0)]));
        let flags = self.settled()?.filter(beyond).filter(Column::WithdrawnAt.is_null());
        let flags = flags.order_by_asc(Column::NumberedAt).order_by_asc(Column::Id).limit(FLAGS).all(self.reader()).await?;
        self.note_rows::<Entity>(flags.iter().map(|flag| flag.bureau_id.0));
        Ok(flags)
    }
}

impl Place {
    /// That of a flag in the same database.
    fn at(self, flag: &Model) -> Self {
        Self { at: flag.numbered_at.unwrap_or(flag.raised_at), id: flag.id, ..self }
    }
}

/// A follower of new flags.
struct OutlierFollower {
    store: Store,
    follower: Follower,
    place: Place,
    /// The runs of the last picture that were over; `None` before the first.
    ended: Option<BTreeSet<JobRunId>>,
    /// Whether there may be flags that were not read.
    more: bool,
    greets: bool,
}

impl OutlierFollower {
    async fn next(&mut self) -> Result<News, Error> {
        if std::mem::take(&mut self.greets) {
            return Ok(News { place: self.place, flags: Vec::new() });
        }
        loop {
            if self.more {
                let flags = self.store.raised_after(self.place).await?;
                self.more = flags.len() as u64 == FLAGS;
                if let Some(last) = flags.last() {
                    self.place = self.place.at(last);
                    return Ok(News { place: self.place, flags });
                }
            }
            self.wait().await?;
        }
    }

    /// Waits until another run has ended.
    async fn wait(&mut self) -> Result<(), Error> {
        if self.ended.is_some() || self.follower.borrow().is_none() {
            self.follower.changed().await.map_err(|_| Error::internal(&"nobody looks at the runs any more"))?;
        }
        let ended = match self.follower.borrow_and_update().as_ref() {
            Some(picture) => picture.runs.iter().filter(|(_, standing)| standing.run.state.is_over()).map(|(id, _)| *id).collect(),
            None => BTreeSet::new(),
        };
        // The first picture may hold a run that ended after we read.
        self.more = self.ended.as_ref().is_none_or(|known| !ended.is_subset(known));
        self.ended = Some(ended);
        Ok(())
    }
}
