//! Who holds a person, in SQL: of the postings that have begun, the one that reaches furthest towards the day; of several the main post, then
//! one whose holder works in the office, then the one that began last. It is the rule by which a person-month is placed, so that sight, authority and figures never differ.
//!
//! The same rule over rows in memory is `api::store::holder`; a property test holds the two together.

use chrono::NaiveDate;

/// In which order postings are looked at: `until` is the first day after, cut to the day at hand and to employment, and `side` is what [`side`]
/// tells. The first one holds the person.
pub const ORDER: &str = "until DESC, side, valid_from DESC, posting_id";

/// The place of a row of `posting` among posts that reach equally far: 0 for a main post, 1 for a concurrent one whose holder works in the office
/// (常駐), 2 for one whose holder does not.
#[must_use]
pub fn side(posting: &str) -> String {
    format!("CASE WHEN {posting}.kind = 'PRIMARY' THEN 0 WHEN {posting}.resident THEN 1 ELSE 2 END")
}

/// How a person stands to the office whom a posting with this [`side`] places.
#[must_use]
pub fn standing(side: &str) -> String {
    use entity::person_month::Standing;
    let [main, resident, away] = [Standing::Main, Standing::ConcurrentResident, Standing::ConcurrentAway].map(Standing::as_text);
    format!("CASE {side} WHEN 0 THEN '{main}' WHEN 1 THEN '{resident}' ELSE '{away}' END")
}

/// A scalar subquery beside the table `staff`: the posting that holds the person on a day, or held them last. Null where none had begun.
#[must_use]
pub fn holding(day: NaiveDate) -> String {
    let next = day.succ_opt().unwrap_or(day);
    let end = format!("CASE WHEN staff.separated_on <= '{day}' THEN staff.separated_on ELSE '{next}' END");
    format!(
        "(SELECT posting_id FROM (
            SELECT p.id AS posting_id, p.valid_from, {side} AS side,
                CASE WHEN p.valid_to < {end} THEN p.valid_to ELSE {end} END AS until
            FROM posting p
            WHERE p.staff_id = staff.id AND p.void_reason IS NULL AND staff.hired_on < {end} AND p.valid_from < {end}
              AND (p.valid_to IS NULL OR p.valid_to > staff.hired_on)
        ) h ORDER BY {ORDER} LIMIT 1)",
        side = side("p"),
    )
}
