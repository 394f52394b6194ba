//! What is done about the demo's recent months: officers submit them, the secretariat closes them, and flags are reviewed with reasons.
//!
//! A bureau that is late with a month does not submit it. The last month is left open by all, for it is still to be closed.

use super::{
    load,
    office::Office,
    organisation::{BUREAUS, Reported},
};
use anyhow::{Context, Result};
use api::{
    app::App,
    authn::{BureauClaim, Principal},
    authz::Role,
    store::{
        Store,
        joined::Joined,
        month_close::{MonthOf, Submission},
        overtime_outlier::Review,
        page::{Ordering, PageArgs},
    },
};
use entity::{
    bureau,
    month_source::RecordSource,
    overtime_outlier::{self, ReviewState},
    period::YearMonth,
};
use sea_orm::{ColumnTrait, Condition, Iterable};

/// How reviews ended, and why: in turn.
const REVIEWS: [(ReviewState, &str); 6] = [
    (ReviewState::Explained, "国会の会期末に法案審議が重なったため。"),
    (ReviewState::Explained, "災害対応の応援のため。翌月は業務を平準化する。"),
    (ReviewState::ActionTaken, "管理者が面談し、担当業務の一部を他の担当に移した。"),
    (ReviewState::Explained, "予算要求の取りまとめのため。"),
    (ReviewState::Acknowledged, "担当から事情を聴いている。"),
    (ReviewState::Dismissed, "勤怠システムの入力の誤りであり、元の記録を訂正する。"),
];
/// Of so many flags the last one is left open.
const FLAGS_A_TURN: usize = REVIEWS.len() + 1;
/// Flags of so many months before the last are reviewed.
const REVIEWED: usize = 3;

/// The officer of a bureau.
pub(super) fn officer(code: &str) -> Principal {
    Principal {
        subject: format!("officer of {code}"),
        bureaus: BureauClaim::Codes([code.to_owned()].into()),
        ..load::principal(&[Role::BureauOfficer], None)
    }
}

/// Submits the recent months of each bureau that has reported them, and closes all but the last; one that was submitted already stays.
pub(super) async fn submit(app: &App, office: &Office) -> Result<()> {
    let secretariat = app.store(load::principal(&[Role::Secretariat], None)).await?;
    for (place, row) in BUREAUS.iter().enumerate() {
        let officer = app.store(officer(row.code)).await?;
        for month in office.recent.iter().filter(|month| office.reported(place, **month) == Reported::All) {
            let of = MonthOf { bureau: row.code.to_owned(), month: *month };
            let complete = Some(RecordSource::iter().collect());
            let submission = Submission { complete, reason: Some("出勤簿と突き合わせた。".to_owned()) };
            done_once(officer.submit_month(&of, submission).await).with_context(|| format!("{} of {month}", row.code))?;
            if office.recent.last() != Some(month) {
                done_once(secretariat.close_month(&of).await).with_context(|| format!("{} of {month}", row.code))?;
            }
        }
    }
    Ok(())
}

/// What an earlier start did is a conflict.
fn done_once<T>(done: Result<T, api::error::Error>) -> Result<()> {
    match done {
        Err(error) if error.code != api::error::Code::Conflict => Err(error.into()),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// The officers of every second bureau review the flags of the months before the last. Tells how many were reviewed.
pub(super) async fn review(app: &App, reader: &Store, recent: &[YearMonth]) -> Result<usize> {
    let months: Vec<YearMonth> = recent.iter().rev().skip(1).take(REVIEWED).copied().collect();
    let bureaus = all::<bureau::Entity>(reader, bureau::Column::Code.is_not_null().into(), bureau::Column::Code).await?;
    let mut reviewed = 0;
    for row in bureaus.iter().step_by(2) {
        use overtime_outlier::Column;
        let of = Condition::all()
            .add(Column::BureauId.eq(row.id))
            .add(Column::Month.is_in(months.iter().copied()))
            .add(Column::WithdrawnAt.is_null());
        let flags = all::<overtime_outlier::Entity>(reader, of, Column::Id).await?;
        let officer = app.store(officer(&row.code)).await?;
        for (number, flag) in flags.into_iter().enumerate() {
            let Some((to, comment)) = REVIEWS.get(number % FLAGS_A_TURN).copied().filter(|_| flag.review == ReviewState::Open) else {
                continue;
            };
            let review = Review { to, comment: Some(comment.to_owned()), interview_held_on: None };
            officer.review_outlier(flag.id, &review).await?;
            reviewed += 1;
        }
    }
    Ok(reviewed)
}

/// Up to 500 rows.
async fn all<E: api::store::page::Listed>(store: &Store, filter: Condition, by: E::Column) -> Result<Vec<E::Model>> {
    let args = PageArgs { first: Some(500), ..PageArgs::default() };
    let (page, _) = store.page::<E>(filter, Ordering { by, descending: false }, &args, Joined::default()).await?;
    Ok(page.rows.into_iter().map(|(_, row)| row).collect())
}
