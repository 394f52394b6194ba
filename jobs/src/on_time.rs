//! On-time days (定時退庁日) as they are held: one on a weekend, a holiday or over the new year lapses or moves, as the rules of its month say.
//!
//! Deliberately absent: whose day it is, which each statement joins for itself.

use crate::dialect::few_rows;
use chrono::{Days, NaiveDate};
use entity::{
    on_time_day::{OnTimeDayOff, REACH, held_on},
    overtime_rule::GRACE_MINUTES,
    period::{YearMonth, weekdays},
};
use sea_orm::{ConnectionTrait, DbErr};
use std::collections::BTreeSet;

/// The on-time days about some days, with what decides where they are held.
pub(crate) struct Calendar {
    dates: BTreeSet<NaiveDate>,
    holidays: BTreeSet<NaiveDate>,
    /// First month, what becomes of days off, minutes of grace; the earliest first.
    rules: Vec<(YearMonth, OnTimeDayOff, i32)>,
}

impl Calendar {
    /// All that may be held from `from` on and before `to`.
    pub(crate) async fn load<C: ConnectionTrait>(tx: &C, from: NaiveDate, to: NaiveDate) -> Result<Self, DbErr> {
        let dates = async |table: &str, reach: Days| -> Result<BTreeSet<NaiveDate>, DbErr> {
            let sql = format!("SELECT DISTINCT date FROM {table} WHERE void_reason IS NULL AND date >= $1 AND date < $2");
            let rows = few_rows(tx, &sql, vec![(from - reach).into(), (to + reach).into()]).await?;
            rows.iter().map(|row| row.try_get_by_index(0)).collect()
        };
        let rules = "SELECT valid_from, on_time_day_off, on_time_grace_minutes FROM overtime_rule ORDER BY valid_from";
        let rules = few_rows(tx, rules, vec![]).await?;
        let rules = rules.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?)));
        Ok(Self {
            dates: dates("on_time_day", REACH).await?,
            // Where a day is held depends on the days about it.
            holidays: dates("holiday", Days::new(2 * 14)).await?,
            rules: rules.collect::<Result<_, DbErr>>()?,
        })
    }

    /// What the rules of a month say of days off, and how many minutes of grace there are.
    fn rule(&self, month: YearMonth) -> (OnTimeDayOff, i32) {
        let in_force = self.rules.iter().rev().find(|(from, ..)| *from <= month);
        in_force.map_or((OnTimeDayOff::Lapses, GRACE_MINUTES), |(_, off, grace)| (*off, *grace))
    }

    /// Minutes after the scheduled end within which who leaves in the month is on time.
    pub(crate) fn grace(&self, month: YearMonth) -> i32 {
        self.rule(month).1
    }

    /// Whether a day is a workday of the government: no weekend, no holiday, and not from 29 December to 3 January.
    pub(crate) fn is_workday(&self, date: NaiveDate) -> bool {
        !self.holidays.contains(&date) && weekdays(date, date + Days::new(1)).next().is_some()
    }

    /// The days and where they are held; those that lapse are left out.
    pub(crate) fn held(&self) -> impl Iterator<Item = (NaiveDate, NaiveDate)> {
        let held = |date: &NaiveDate| {
            let (off, _) = self.rule(YearMonth::of(*date));
            Some((*date, held_on(*date, off, |day| self.is_workday(day))?))
        };
        self.dates.iter().filter_map(held)
    }

    /// How many of the days from `from` on and before `to` fall on no workday.
    pub(crate) fn off(&self, from: NaiveDate, to: NaiveDate) -> i64 {
        let off = self.dates.range(from..to).filter(|date| !self.is_workday(**date)).count();
        i64::try_from(off).unwrap_or(i64::MAX)
    }
}
