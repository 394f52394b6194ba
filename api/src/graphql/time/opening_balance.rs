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
        /// The month of the overtime: that of arrival, or one of the 24 before.
        month: Month = |row| Month(row.month);
        /// The regime there; null where it is not known.
        regime: Option<Regime> = |row| row.regime;
        /// Overtime minutes of that month, 0 to 44,640.
        minutes: i32 = |row| row.minutes;
    }
}

record_roots! { dated
    OpeningBalance = opening_balance, OpeningBalanceDraft;
    "Which opening balances: all given conditions must hold, an empty list finds nothing, and void ones need `includeVoid`." {
        /// Whose overtime is of this month or a later one.
        from_month: Month = |month| Column::Month.gte(month.0);
        /// Whose overtime is of this month or an earlier one.
        to_month: Month = |month| Column::Month.lte(month.0);
    }
    /// Opening balances that you may see.
    opening_balances
    /// Writes opening balances in bulk, of people in the caller's bureaus; a machine client needs `TIME`.
    record_opening_balances
}
