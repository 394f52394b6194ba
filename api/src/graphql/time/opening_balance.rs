//! Opening balances: overtime elsewhere, before a secondment.

use crate::graphql::record::{record_object, record_roots};
use crate::{
    store::opening_balance::OpeningBalanceDraft,
    words::{Month, Regime},
};
use entity::opening_balance::Column;
use sea_orm::ColumnTrait;

record_object! { dated
    /// One month's overtime of a person elsewhere, before a secondment; its date is the day of arrival. Hours follow the person: it counts in
    /// yearly sums and means where the person has no person-month here.
    OpeningBalance = opening_balance {
        /// The month of the overtime.
        month: Month = |row| Month(row.month);
        /// The regime there; null where it is not known.
        regime: Option<Regime> = |row| row.regime;
        /// Overtime minutes of the month.
        minutes: i32 = |row| row.minutes;
    }
}

record_roots! { dated
    OpeningBalance = opening_balance, OpeningBalanceDraft;
    "Which opening balances." {
        /// Of this month or later ones.
        from_month: Month = |month| Column::Month.gte(month.0);
        /// Of this month or earlier ones.
        to_month: Month = |month| Column::Month.lte(month.0);
    }
    /// Opening balances that you may see.
    opening_balances
    /// Writes opening balances in bulk.
    record_opening_balances
}
