//! What every call, key, date, span and text must be, whatever the noun.

use super::{Call, Draft, MOST_RECORDS, Recordable, Version};
use crate::{
    error::{Code, Error},
    words::Date,
};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use entity::{
    horizon::{Horizon, When, has_begun},
    key::{self, code_point, fold},
    period::YearMonth,
};
use sea_orm::{EntityTrait, ModelTrait, Value, sea_query::ValueType};
use std::str::FromStr;

pub(super) fn check<D: Draft>(call: &Call<D>) -> Result<(), Error> {
    if check_key(&call.idempotency_key, "idempotencyKey").is_err() {
        return Err(Error::input(
            "idempotencyKey",
            "冪等キーは1文字以上200文字以内で指定してください。",
            "An idempotency key has 1 to 200 characters.",
        ));
    }
    let sent = call.records.len() + call.unread.len();
    if sent > MOST_RECORDS {
        let en = format!("A call holds at most {MOST_RECORDS} records; this one has {sent}.");
        let ja = format!("1回の呼び出しの記録は{MOST_RECORDS}件までです（{sent}件ありました）。");
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

/// Checks that a new record's key has no blanks around it, and nothing in it that people do not see or tell from something else: it would make
/// another person of `S1` with a blank behind. A record that has such a key already can still be changed and voided.
///
/// # Errors
/// `BAD_USER_INPUT` in `field`.
pub(super) fn check_new_key(key: &str, field: &str) -> Result<(), Error> {
    if key.trim() != key {
        return Err(Error::input(field, "前後に空白のないキーを指定してください。", "A key has no blanks around it."));
    }
    check_fit(key, field)?;
    // Some characters fold to many, and indexes hold so much and no more.
    check_key(&fold(key), field)
}

/// Checks that a key holds no character that no new key may hold.
///
/// # Errors
/// `BAD_USER_INPUT` in `field`, which says which character.
pub(in crate::store) fn check_fit(key: &str, field: &str) -> Result<(), Error> {
    let Some(c) = key::unfit(key) else { return Ok(()) };
    let c = code_point(c);
    let ja = format!("キーに使えない文字 {c} が含まれています。見えない文字、全角の英数字・記号・空白及び外字は使えません。");
    Err(Error::input(field, ja, format!("A key holds no invisible, full-width or private use characters; this one holds {c}.")))
}

/// A new key differs in case or width alone from one that the caller may write.
pub(in crate::store) fn other_spelling(field: &str, stored: &str) -> Error {
    let ja =
        format!("大文字・小文字や全角・半角だけが異なるキー {stored} が登録されています。同じものは登録済みの表記で指定してください。");
    let en = format!("It differs in case or width alone from {stored}, which is stored. Write what is the same as it is stored.");
    Error::conflict(field, ja, en)
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

/// An end that a draft says in one of two ways: the first day no longer, as it is stored, or the last day, as every Japanese source has it.
#[derive(Debug, Clone, Copy)]
pub struct End {
    /// The field of the first day no longer.
    pub field: &'static str,
    /// The field of the last day.
    pub twin: &'static str,
    /// The first day no longer.
    pub first_not: Option<Date>,
    /// The last day.
    pub last: Option<Date>,
}

impl End {
    /// That of a span.
    #[must_use]
    pub const fn of_span(valid_to: Option<Date>, last_day: Option<Date>) -> Self {
        Self { field: "validTo", twin: "lastDay", first_not: valid_to, last: last_day }
    }

    /// The first day no longer, however it was said.
    #[must_use]
    pub fn day(self) -> Option<NaiveDate> {
        self.first_not.map(|date| date.0).or_else(|| self.last.and_then(|date| date.0.succ_opt()))
    }

    /// Whether one is said and not two.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` in the field of the last day.
    pub(in crate::store) fn check(self) -> Result<(), Error> {
        if self.first_not.is_none() || self.last.is_none() {
            return Ok(());
        }
        let (ja, en) =
            (format!("{}と併せて指定することはできません。", self.field), format!("Say {} or {}, not both.", self.field, self.twin));
        Err(Error::input(self.twin, ja, en))
    }
}

/// An error of a draft, in the field that its caller has written.
pub(super) fn as_said<D: Draft>(draft: &D, error: Error) -> Error {
    let said = draft.ends().into_iter().find(|end| end.last.is_some() && error.field.as_deref() == Some(end.field));
    Error { field: said.map(|end| end.twin.to_owned()).or(error.field), ..error }
}

/// Holds each date that a row says to its noun's horizon: how far ahead of now it may lie. An end is held to it as it was said.
///
/// # Errors
/// `BAD_USER_INPUT` in the field of the date.
pub(super) fn check_horizons<M: Recordable>(row: &M, draft: &M::Draft, now: DateTime<Utc>) -> Result<(), Error> {
    let ends = draft.ends();
    for (name, horizon) in M::NOUN.horizons() {
        let column = <<M as ModelTrait>::Entity as EntityTrait>::Column::from_str(name);
        let column = column.map_err(|_| Error::internal(&format!("{} has no column {name}", M::NOUN.table())))?;
        let field = field(name);
        let last = ends.iter().find(|end| end.field == field).and_then(|end| end.last);
        if let Some(when) = last.map(|date| When::Day(date.0)).or_else(|| when(&row.get(column))) {
            check_horizon(&field, *horizon, when, now)?;
        }
    }
    Ok(())
}

/// What a column says of when; null where it says nothing.
fn when(value: &Value) -> Option<When> {
    let day = <NaiveDate as ValueType>::try_from(value.clone()).ok().map(When::Day);
    let instant = || <DateTime<Utc> as ValueType>::try_from(value.clone()).ok().map(When::Instant);
    // A month is stored as yyyymm, a year as itself.
    let month = || <YearMonth as ValueType>::try_from(value.clone()).ok().filter(|month| month.year() >= 1_000).map(When::Month);
    let year = || <i32 as ValueType>::try_from(value.clone()).ok().map(When::Year);
    day.or_else(instant).or_else(month).or_else(year)
}

/// The input's field of a column: the two ends of an interval are in one.
fn field(column: &str) -> String {
    if let Some(end) = column.strip_prefix("baseline_") {
        return format!("baseline.{end}");
    }
    let column = ["_start", "_end"].iter().find_map(|end| column.strip_suffix(end)).unwrap_or(column);
    let mut words = column.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut all, word| {
        let mut letters = word.chars();
        all.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        all.push_str(letters.as_str());
        all
    })
}

/// Checks that something is dated no further ahead than its horizon.
///
/// # Errors
/// `BAD_USER_INPUT` in `field`, which names the last day.
pub(in crate::store) fn check_horizon(field: &str, horizon: Horizon, when: When, now: DateTime<Utc>) -> Result<(), Error> {
    let Some(last) = horizon.last_day(now).filter(|_| !horizon.admits(when, now)) else { return Ok(()) };
    let until = |ja: String, en: String| (format!("{ja}（{last}まで）の日付を指定してください。"), format!("{en}, until {last}."));
    let (ja, en) = match horizon {
        Horizon::EndsBeforeNow => (
            "まだ終わっていない時間帯です。終わってから記録してください。".to_owned(),
            "It is not over yet. Record it once it has ended.".to_owned(),
        ),
        Horizon::NotInFuture | Horizon::ByItsDate => match when {
            When::Day(_) | When::Instant(_) => ("これからの日時は指定できません。".to_owned(), "It is still to come.".to_owned()),
            When::Month(_) | When::Year(_) => ("まだ始まっていない期間です。".to_owned(), "It has not begun yet.".to_owned()),
        },
        Horizon::DaysAhead(days) => until(format!("{days}日先"), format!("It lies at most {days} days ahead")),
        Horizon::MonthsAhead(months) => until(format!("{months}か月先"), format!("It lies at most {months} months ahead")),
        Horizon::YearsAhead(years) => until(format!("{years}年先"), format!("It lies at most {years} years ahead")),
    };
    Err(Error::input(field, ja, en))
}

/// Checks that a month has begun: a period to come has nothing to compute, to close or to show.
///
/// # Errors
/// `BAD_USER_INPUT` in `field`.
pub(in crate::store) fn check_begun(field: &str, month: YearMonth, now: DateTime<Utc>) -> Result<(), Error> {
    if has_begun(month, now) {
        return Ok(());
    }
    Err(Error::input(field, format!("{month}はまだ始まっていません。"), format!("{month} has not begun yet.")))
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
    fn columns_are_told_by_the_fields_of_inputs() {
        let fields = ["date", "valid_from", "separated_on", "presence_end", "planned_start", "baseline_to", "last_month"].map(field);
        assert_eq!(fields, ["date", "validFrom", "separatedOn", "presence", "planned", "baseline.to", "lastMonth"]);
    }

    #[test]
    fn a_date_is_refused_with_its_last_day_in_both_languages() {
        let now = DateTime::UNIX_EPOCH;
        let refused = |horizon, when| check_horizon("date", horizon, when, now).err().map(|error| (error.ja, error.en));
        let day = |day: u32| When::Day(NaiveDate::from_ymd_opt(1970, 3, day).unwrap_or_default());
        assert_eq!(refused(Horizon::DaysAhead(60), day(2)), None);
        let (ja, en) = refused(Horizon::DaysAhead(60), day(3)).unwrap_or_default();
        assert_eq!(ja, "60日先（1970-03-02まで）の日付を指定してください。");
        assert_eq!(en, "It lies at most 60 days ahead, until 1970-03-02.");
        assert!(refused(Horizon::NotInFuture, When::Month(YearMonth::of(NaiveDate::MAX))).is_some());
        let (month, year) = (Value::from(197_001), Value::from(2_020));
        assert_eq!(when(&month), Some(When::Month(YearMonth::of(now.date_naive()))));
        assert_eq!(when(&year), Some(When::Year(2_020)));
        assert_eq!(when(&Value::Int(None)), None);
    }

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
