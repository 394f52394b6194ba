use std::fmt;

use chrono::NaiveDate;
use thiserror::Error;

/// What is wrong with a shift's times, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{field}: {problem}")]
pub struct WorkTimeError {
    /// The part of the shift it was found in.
    pub field: Field,
    /// What is wrong there.
    pub problem: Problem,
}

/// A part of a shift; `Display` writes it as a path such as `breaks[1]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The shift as a whole.
    Shift,
    /// Its civil date.
    Date,
    /// The scheduled interval.
    Scheduled,
    /// The presence interval.
    Presence,
    /// The break with this index, counted from 0.
    Breaks(usize),
    /// The ordered interval with this index, counted from 0.
    Ordered(usize),
}

/// What can be wrong with an interval or a shift; `Display` says it in English.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Problem {
    /// An interval that is empty or runs backwards.
    #[error("it does not end after it starts")]
    EndNotAfterStart,
    /// An instant with seconds or fractions of one.
    #[error("it does not start and end on whole minutes")]
    NotWholeMinute,
    /// An instant whose year does not have four digits.
    #[error("its year does not have four digits")]
    OutOfRange,
    /// An interval, or the span of all of them, that is longer than a shift can be.
    #[error("it is longer than {hours} hours")]
    TooLong {
        /// The longest it may be.
        hours: i64,
    },
    /// A break that shares no minute with presence or ordered time.
    #[error("the break lies outside the presence interval")]
    BreakOutsidePresence,
    /// An ordered interval that shares a minute with another one.
    #[error("it overlaps another ordered interval")]
    OverlapsOrdered,
    /// Neither presence nor ordered time nor a schedule.
    #[error("it has no presence, ordered or scheduled interval")]
    Empty,
    /// A shift filed under another day than the one it starts on.
    #[error("the shift starts on {starts_on} in Tokyo")]
    WrongDate {
        /// The civil date on which it starts.
        starts_on: NaiveDate,
    },
    /// A staggered shift without a scheduled interval to be staggered.
    #[error("a staggered shift needs a scheduled interval")]
    ScheduleMissing,
    /// A staggered schedule that leaves the hours it is offered in.
    #[error("a staggered schedule starts at 07:00 or later and ends by 22:00 of the same day")]
    OutsideStaggeredHours,
}

impl Problem {
    /// This problem, found in `field`.
    #[must_use]
    pub fn at(self, field: Field) -> WorkTimeError {
        WorkTimeError { field, problem: self }
    }

    /// The code that goes with the message, stable across languages and releases.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::EndNotAfterStart => "END_NOT_AFTER_START",
            Self::NotWholeMinute => "NOT_WHOLE_MINUTE",
            Self::OutOfRange => "OUT_OF_RANGE",
            Self::TooLong { .. } => "TOO_LONG",
            Self::BreakOutsidePresence => "BREAK_OUTSIDE_PRESENCE",
            Self::OverlapsOrdered => "OVERLAPS_ORDERED",
            Self::Empty => "EMPTY",
            Self::WrongDate { .. } => "WRONG_DATE",
            Self::ScheduleMissing => "SCHEDULE_MISSING",
            Self::OutsideStaggeredHours => "OUTSIDE_STAGGERED_HOURS",
        }
    }

    /// The message in Japanese.
    #[must_use]
    pub fn message_ja(self) -> String {
        match self {
            Self::EndNotAfterStart => "終了時刻は開始時刻より後でなければなりません。".to_owned(),
            Self::NotWholeMinute => "時刻は分単位（秒は0）で指定してください。".to_owned(),
            Self::OutOfRange => "年は4桁でなければなりません。".to_owned(),
            Self::TooLong { hours } => format!("{hours}時間を超えています。"),
            Self::BreakOutsidePresence => "休憩が在庁時間の外にあります。".to_owned(),
            Self::OverlapsOrdered => "超過勤務命令の時間帯が重複しています。".to_owned(),
            Self::Empty => "在庁、超過勤務命令、勤務予定のいずれの時間帯もありません。".to_owned(),
            Self::WrongDate { starts_on } => format!("この勤務の開始日は {starts_on}（日本時間）です。"),
            Self::ScheduleMissing => "早出遅出勤務には勤務予定の時間帯が必要です。".to_owned(),
            Self::OutsideStaggeredHours => "早出遅出勤務は7時以後に始まり、同じ日の22時以前に終わらなければなりません。".to_owned(),
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shift => f.write_str("shift"),
            Self::Date => f.write_str("date"),
            Self::Scheduled => f.write_str("scheduled"),
            Self::Presence => f.write_str("presence"),
            Self::Breaks(index) => write!(f, "breaks[{index}]"),
            Self::Ordered(index) => write!(f, "ordered[{index}]"),
        }
    }
}
