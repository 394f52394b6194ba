//! The rules of overtime: whole sets in force from a month on, said by administrators, with a reason, in the audit trail.
//!
//! Deliberately absent: deleting a set, which would leave flags without the rules they name, and judging anything by one.

use crate::store::{
    Store, dialect,
    four_eyes::{Carried, Fate, Gated},
    record::{check_date, check_horizon, check_text},
    unscoped,
};
use crate::{
    authz::{Action, Noun},
    error::Error,
    words::{Month, OnTimeDayOff, Regime},
};
use async_graphql::InputObject;
use entity::{
    horizon::{RULES, When},
    job_run::{JobName, Trigger},
    overtime_rule::{Column, Entity, GRACE_MINUTES, Model},
    pending_change::{ChangeAct, FourEyesKind},
};
use jobs::{
    database::WriteTransaction,
    transaction::{self, NewRun},
};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::ops::RangeInclusive;

/// Minutes of a month of 31 days.
const MONTH: RangeInclusive<i32> = 0..=44_640;
/// Minutes of a year of 366 days.
const YEAR: RangeInclusive<i32> = 0..=527_040;

/// A set of rules to be in force from a month until the next set's. Minutes are overtime of a person; a cap that is null binds nobody.
#[derive(Debug, Clone, Serialize, Deserialize, InputObject)]
#[graphql(name = "SetOvertimeRuleInput")]
pub struct OvertimeRuleDraft {
    /// The first month in force, at most 5 years ahead. The set that has this month, if there is one, is replaced.
    pub valid_from: Month,
    /// The first month whose hours count in yearly sums and means, at most 5 years ahead.
    pub counted_from: Month,
    /// The regime of units that have no designation.
    pub default_regime: Regime,
    /// The month (1 to 12) in which the year of the caps begins.
    pub first_month: i32,
    /// 自律的業務: at most this in a month.
    pub self_paced_month_minutes: Option<i32>,
    /// 自律的業務: at most this in a year.
    pub self_paced_year_minutes: Option<i32>,
    /// 他律的業務: below this in a month.
    pub driven_month_minutes: Option<i32>,
    /// 他律的業務, and who moved from it within the year: at most this in a year.
    pub driven_year_minutes: Option<i32>,
    /// 他律的業務: at most this as the mean of every 2 to `meanMonths` consecutive months.
    pub driven_mean_minutes: Option<i32>,
    /// The longest such window, 2 to 6.
    pub mean_months: i32,
    /// 他律的業務: a month above this counts as one of the year's long months.
    pub long_month_minutes: i32,
    /// 他律的業務: at most so many long months in a year.
    pub driven_long_months: Option<i32>,
    /// From this in a month on, a doctor's interview (医師による面接指導) is due.
    pub interview_month_minutes: Option<i32>,
    /// Above this as the mean of 2 to `meanMonths` months, one is due.
    pub interview_mean_minutes: Option<i32>,
    /// A score above this many thousandths is a statistical flag: 3,500.
    pub score_thousandths: i32,
    /// Under so many peers in bureau and regime, 5 to 100,000, the whole office is compared with.
    pub least_peers: i32,
    /// Under so many earlier months of one's own, 2 to 12, they are not compared with.
    pub least_own_months: i32,
    /// A statistical flag needs at least this in the month.
    pub floor_minutes: i32,
    /// And at least this above the median.
    pub floor_above_median_minutes: i32,
    /// From this in a month on, overtime of which nothing was confirmed beforehand is flagged; null for never.
    pub unconfirmed_minutes: Option<i32>,
    /// A warning of the year's pace needs so many months of it; null for none.
    pub pace_months: Option<i32>,
    /// Days in which a flag is to be acknowledged, 1 to 365.
    pub acknowledge_days: i32,
    /// Days in which its review is to end, no fewer, at most 730.
    pub review_days: i32,
    /// Minutes after the scheduled end within which who leaves on an on-time day is on time, 0 to 240.
    #[graphql(default = 15)]
    #[serde(default = "grace")]
    pub on_time_grace_minutes: i32,
    /// What becomes of an on-time day that falls on no workday.
    #[graphql(default_with = "OnTimeDayOff::Lapses")]
    #[serde(default = "lapses")]
    pub on_time_day_off: OnTimeDayOff,
    /// Why, for the audit trail.
    pub reason: String,
}

/// What a set that was proposed before this was asked says.
const fn grace() -> i32 {
    GRACE_MINUTES
}

/// The same.
const fn lapses() -> OnTimeDayOff {
    OnTimeDayOff::Lapses
}

impl OvertimeRuleDraft {
    /// Holds every number to what it can be.
    fn check(&self) -> Result<(), Error> {
        check_text("reason", &self.reason, 1_000)?;
        check_date("validFrom", self.valid_from.0.first_day())?;
        check_date("countedFrom", self.counted_from.0.first_day())?;
        let numbers = [
            ("firstMonth", Some(self.first_month), 1..=12),
            ("selfPacedMonthMinutes", self.self_paced_month_minutes, MONTH),
            ("selfPacedYearMinutes", self.self_paced_year_minutes, YEAR),
            ("drivenMonthMinutes", self.driven_month_minutes, MONTH),
            ("drivenYearMinutes", self.driven_year_minutes, YEAR),
            ("drivenMeanMinutes", self.driven_mean_minutes, MONTH),
            ("meanMonths", Some(self.mean_months), 2..=6),
            ("longMonthMinutes", Some(self.long_month_minutes), MONTH),
            ("drivenLongMonths", self.driven_long_months, 0..=12),
            ("interviewMonthMinutes", self.interview_month_minutes, MONTH),
            ("interviewMeanMinutes", self.interview_mean_minutes, MONTH),
            ("scoreThousandths", Some(self.score_thousandths), 1..=1_000_000),
            ("leastPeers", Some(self.least_peers), 5..=100_000),
            ("leastOwnMonths", Some(self.least_own_months), 2..=12),
            ("floorMinutes", Some(self.floor_minutes), MONTH),
            ("floorAboveMedianMinutes", Some(self.floor_above_median_minutes), MONTH),
            ("unconfirmedMinutes", self.unconfirmed_minutes, MONTH),
            ("paceMonths", self.pace_months, 1..=12),
            ("acknowledgeDays", Some(self.acknowledge_days), 1..=365),
            ("reviewDays", Some(self.review_days), self.acknowledge_days..=730),
            ("onTimeGraceMinutes", Some(self.on_time_grace_minutes), 0..=240),
        ];
        for (field, number, range) in numbers {
            if number.is_some_and(|number| !range.contains(&number)) {
                let (first, last) = (range.start(), range.end());
                let ja = format!("{first}から{last}までの数で指定してください。");
                return Err(Error::input(field, ja, format!("{field} is from {first} to {last}.")));
            }
        }
        Ok(())
    }

    /// The set as `stored` would be with these numbers.
    fn apply(&self, stored: Model) -> Model {
        Model {
            valid_from: self.valid_from.0,
            counted_from: self.counted_from.0,
            default_regime: self.default_regime,
            first_month: self.first_month,
            self_paced_month_minutes: self.self_paced_month_minutes,
            self_paced_year_minutes: self.self_paced_year_minutes,
            driven_month_minutes: self.driven_month_minutes,
            driven_year_minutes: self.driven_year_minutes,
            driven_mean_minutes: self.driven_mean_minutes,
            mean_months: self.mean_months,
            long_month_minutes: self.long_month_minutes,
            driven_long_months: self.driven_long_months,
            interview_month_minutes: self.interview_month_minutes,
            interview_mean_minutes: self.interview_mean_minutes,
            score_thousandths: self.score_thousandths,
            least_peers: self.least_peers,
            least_own_months: self.least_own_months,
            floor_minutes: self.floor_minutes,
            floor_above_median_minutes: self.floor_above_median_minutes,
            unconfirmed_minutes: self.unconfirmed_minutes,
            pace_months: self.pace_months,
            acknowledge_days: self.acknowledge_days,
            review_days: self.review_days,
            on_time_grace_minutes: self.on_time_grace_minutes,
            on_time_day_off: self.on_time_day_off,
            ..stored
        }
    }
}

/// What a set says, without when and by whom: as it is shown while a change of it waits.
fn said(row: &Model) -> Result<Value, Error> {
    let mut said = serde_json::to_value(row).map_err(|error| Error::internal(&error))?;
    if let Some(members) = said.as_object_mut() {
        members.retain(|name, _| !["id", "version", "changedAt", "changedBy", "reason"].contains(&name.as_str()));
    }
    Ok(said)
}

impl Gated for OvertimeRuleDraft {
    type Done = Model;
    const ACT: ChangeAct = ChangeAct::SetOvertimeRule;

    fn kind(&self) -> FourEyesKind {
        FourEyesKind::Rules
    }
    fn action(&self) -> Action {
        Action::ManageRules
    }
    fn target(&self) -> String {
        format!("overtime_rule/{}", self.valid_from.0)
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.reason)
    }
    fn check(&self) -> Result<(), Error> {
        self.check()
    }

    async fn before(&self, _: &Store, tx: &WriteTransaction) -> Result<Value, Error> {
        let stored = unscoped::<Entity>().filter(Column::ValidFrom.eq(self.valid_from.0)).one(&**tx).await?;
        stored.as_ref().map_or(Ok(Value::Null), said)
    }

    async fn carry_out(&self, store: &Store, tx: &WriteTransaction) -> Result<Carried<Model>, Error> {
        let now = store.now();
        for (field, month) in [("validFrom", self.valid_from), ("countedFrom", self.counted_from)] {
            check_horizon(field, RULES, When::Month(month.0), now)?;
        }
        // Two who change sets wait for each other, so that no version comes twice.
        dialect::lock_table::<Entity, _>(&**tx).await?;
        let latest = unscoped::<Entity>().order_by_desc(Column::Version).one(&**tx).await?;
        let stored = unscoped::<Entity>().filter(Column::ValidFrom.eq(self.valid_from.0)).one(&**tx).await?;
        let blank = || {
            let [shipped, _] = Model::shipped(now);
            shipped
        };
        let row = self.apply(stored.clone().unwrap_or_else(blank));
        if let Some(stored) = stored.filter(|stored| *stored == row) {
            return Ok(Carried::Nothing(stored));
        }
        let row = Model {
            version: latest.map_or(1, |latest| latest.version + 1),
            changed_at: now,
            changed_by: store.actor.principal.subject.clone(),
            reason: Some(self.reason.clone()),
            ..row
        };
        let counts = json!({ "validFrom": row.valid_from.to_string(), "version": row.version });
        let reason = Some(self.reason.clone());
        let entry = transaction::AuditAct { record_id: Some(row.id.0), counts, reason, ..store.act("SET", Noun::OvertimeRule) };
        transaction::put_all(&**tx, vec![row.clone()], true).await?;
        transaction::audit(&**tx, now, entry).await?;
        // Whom a cap binds is counted from the rules themselves, also where no flag changes; an on-time day may move by a month.
        let months = transaction::months_with_figures(&**tx).await?;
        let first = row.valid_from.previous();
        transaction::mark_office(&**tx, now, &months.into_iter().filter(|month| *month >= first).collect()).await?;
        let key = format!("{}/rules/{}", JobName::OvertimeOutliers.as_kebab(), row.version);
        let judge = NewRun::new(JobName::OvertimeOutliers, Trigger::Manual, key, row.changed_by.clone());
        transaction::enqueue(&**tx, now, NewRun { reason: row.reason.clone(), ..judge }).await?;
        Ok(Carried::Changed(row))
    }

    fn after(&self, done: &Model) -> Value {
        said(done).unwrap_or_default()
    }
}

impl Store {
    /// Sets the rules of overtime that are in force from a month on: in the place of the set of that month, or beside the others. Each
    /// change is a new version and has all months judged anew; one that changes no number is none.
    ///
    /// # Errors
    /// FORBIDDEN; `BAD_USER_INPUT` in the field that is wrong; CONFLICT where another change of it waits.
    pub async fn set_overtime_rule(&self, draft: &OvertimeRuleDraft) -> Result<Fate<Model>, Error> {
        self.submit(draft).await
    }
}
