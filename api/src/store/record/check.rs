//! What every call, key, date, span and text must be, whatever the noun.

use super::{Call, Draft, MOST_RECORDS, Version};
use crate::error::{Code, Error};
use chrono::{Datelike, NaiveDate};

pub(super) fn check<D: Draft>(call: &Call<D>) -> Result<(), Error> {
    if check_key(&call.idempotency_key, "idempotencyKey").is_err() {
        return Err(Error::input(
            "idempotencyKey",
            "冪等キーは1文字以上200文字以内で指定してください。",
            "An idempotency key has 1 to 200 characters.",
        ));
    }
    if call.records.len() > MOST_RECORDS {
        let en = format!("A call holds at most {MOST_RECORDS} records; this one has {}.", call.records.len());
        let ja = format!("1回の呼び出しの記録は{MOST_RECORDS}件までです({}件ありました)。", call.records.len());
        return Err(Error { field: Some("records".into()), ..Error::new(Code::LimitExceeded, ja, en) });
    }
    if let Some(client) = &call.client {
        check_key(client, "client")?;
    }
    call.correction_reason.as_ref().map_or(Ok(()), |reason| check_text("correctionReason", reason, 1_000))
}

/// Whether a character breaks a line or turns its direction, so that what follows it shows as something else than what is kept: the controls,
/// the separators U+2028 and U+2029, and the directional embeddings, overrides and isolates.
fn misleads(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Checks a key that callers choose: 1 to 200 characters, none of them a control character.
///
/// # Errors
/// `BAD_USER_INPUT` in `field`.
pub(in crate::store) fn check_key(key: &str, field: &str) -> Result<(), Error> {
    let length = key.chars().count();
    if (1..=200).contains(&length) && !key.chars().any(misleads) {
        return Ok(());
    }
    Err(Error::input(
        field,
        "キーは1文字以上200文字以内で、制御文字は使えません。",
        "A key has 1 to 200 characters and no control characters.",
    ))
}

/// Checks that a new record's key has no blanks around it, which people do not see: they would make another person of `S1` with one behind.
/// A record that has such a key already can still be changed and voided.
///
/// # Errors
/// `BAD_USER_INPUT` in `field`.
pub(super) fn check_new_key(key: &str, field: &str) -> Result<(), Error> {
    if key.trim() == key {
        return Ok(());
    }
    Err(Error::input(field, "前後に空白のないキーを指定してください。", "A key has no blanks around it."))
}

/// Checks that a date lies between 1900 and 2199, so that a slip of the keyboard does not make an age of months stale.
///
/// # Errors
/// `BAD_USER_INPUT` in `field`.
pub fn check_date(field: &str, date: NaiveDate) -> Result<(), Error> {
    if (1900..=2199).contains(&date.year()) {
        return Ok(());
    }
    Err(Error::input(
        field,
        "日付は1900年1月1日から2199年12月31日までで指定してください。",
        "A date lies between 1900-01-01 and 2199-12-31.",
    ))
}

/// Checks `[validFrom, validTo)`: both are sound dates and the span is not empty.
///
/// # Errors
/// `BAD_USER_INPUT` in `validFrom` or `validTo`.
pub fn check_span(from: NaiveDate, to: Option<NaiveDate>) -> Result<(), Error> {
    check_date("validFrom", from)?;
    let Some(to) = to else { return Ok(()) };
    check_date("validTo", to)?;
    if from < to {
        return Ok(());
    }
    Err(Error::input("validTo", "終了日は開始日より後でなければなりません。", "validTo is not after validFrom."))
}

/// Checks a text that people read: 1 to `most` characters, not blank, and no control characters but line breaks.
///
/// # Errors
/// `BAD_USER_INPUT` in `field`.
pub fn check_text(field: &str, text: &str, most: usize) -> Result<(), Error> {
    if is_text(text, most, |c| misleads(c) && !"\r\n".contains(c)) {
        return Ok(());
    }
    let ja = format!("1文字以上{most}文字以内で書いてください。制御文字は使えません。");
    Err(Error::input(field, ja, format!("Write 1 to {most} characters, without control characters.")))
}

/// Checks a name, a title or another text that stands in one line of a list, a mail or a table: as [`check_text`], without line breaks.
///
/// # Errors
/// `BAD_USER_INPUT` in `field`.
pub fn check_line(field: &str, text: &str, most: usize) -> Result<(), Error> {
    if is_text(text, most, misleads) {
        return Ok(());
    }
    let ja = format!("1文字以上{most}文字以内の1行で書いてください。改行や制御文字は使えません。");
    Err(Error::input(field, ja, format!("Write 1 to {most} characters in one line, without control characters.")))
}

fn is_text(text: &str, most: usize, unfit: impl Fn(char) -> bool) -> bool {
    !text.trim().is_empty() && text.chars().count() <= most && !text.chars().any(unfit)
}

pub(super) fn void_reason(version: &Version) -> Result<Option<String>, Error> {
    match (version.void, version.void_reason.as_deref().map(str::trim)) {
        (false, None) => Ok(None),
        (true, Some(reason)) if check_text("voidReason", reason, 1_000).is_ok() => Ok(Some(reason.to_owned())),
        (true, _) => Err(Error::input(
            "voidReason",
            "無効にする理由を1000文字以内で書いてください。",
            "Say in up to 1,000 characters why the record is void.",
        )),
        (false, Some(_)) => Err(Error::input("voidReason", "void が true ではありません。", "A reason needs void: true.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_one_line_and_shows_what_is_kept() {
        for right in ["総務課", "Bureau (2nd)", "é\u{301}", "ハラスメント防止・WLB"] {
            assert!(check_line("name", right, 20).is_ok() && check_key(right, "key").is_ok(), "{right}");
        }
        for wrong in ["a\nb", "a\rb", "a\u{85}b", "a\u{2028}b", "a\u{2029}b", "a\u{202e}b", "a\u{2066}b", "a\0b", "a\tb", "\u{b}"] {
            assert!(check_line("name", wrong, 20).is_err() && check_key(wrong, "key").is_err(), "{wrong:?}");
            assert_eq!(check_text("reason", wrong, 20).is_ok(), "a\nb a\rb".contains(wrong), "{wrong:?}");
        }
        assert!(check_line("name", " \u{3000}", 20).is_err() && check_line("name", &"長".repeat(21), 20).is_err());
    }
}
