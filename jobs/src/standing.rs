//! How a person stands to the office, by the posting that holds them. Which one that is, `entity::holding` says.

/// The place of a row of `posting` among those of a person: 0 for a main post, 1 for a concurrent one whose holder works in the office
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
