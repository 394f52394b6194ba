//! What can go wrong for a caller: a closed set of codes, a place, and a kind word in Japanese and English.
//!
//! Errors are rendered once, at the HTTP front, in the caller's language. What is nobody's business shows an id and nothing else; the
//! log holds the rest under that id.

use crate::authz::{Action, Reach, Role, reach};
use jobs::database::{Cause, DatabaseError};
use sea_orm::DbErr;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The closed set of codes in `extensions.code` and in rejections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Code {
    /// No token, or not a good one.
    Unauthenticated,
    /// A visible thing that the caller may not act on.
    Forbidden,
    /// Unknown, or out of the caller's scope: the two look the same.
    NotFound,
    /// The input is wrong; the field says where.
    BadUserInput,
    /// The input contradicts what is stored.
    Conflict,
    /// The person moved to another bureau, and the client's record of them with them: it may be voided, and nothing else.
    Departed,
    /// The month is closed.
    PeriodClosed,
    /// Too much at once.
    LimitExceeded,
    /// Our fault; the id leads to the log.
    Internal,
}

impl Code {
    /// The word in `extensions.code`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::NotFound => "NOT_FOUND",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::Conflict => "CONFLICT",
            Self::Departed => "DEPARTED",
            Self::PeriodClosed => "PERIOD_CLOSED",
            Self::LimitExceeded => "LIMIT_EXCEEDED",
            Self::Internal => "INTERNAL",
        }
    }
}

/// An error as its caller sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Error {
    /// Its kind.
    pub code: Code,
    /// The input field it is about, in the caller's spelling.
    pub field: Option<String>,
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
    /// Whether the same call may succeed later.
    #[serde(default)]
    pub retryable: bool,
    /// The place of the record that it meets, among those that are looked at together; told by its key where the caller knows that.
    #[serde(skip)]
    pub other: Option<usize>,
}

impl Error {
    /// An error with both wordings and no place.
    pub fn new(code: Code, ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self { code, field: None, ja: ja.into(), en: en.into(), retryable: false, other: None }
    }

    /// An input that is wrong in one field.
    pub fn input(field: &str, ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self { field: Some(field.to_owned()), ..Self::new(Code::BadUserInput, ja, en) }
    }

    /// An input that contradicts what is stored.
    pub fn conflict(field: &str, ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self { field: Some(field.to_owned()), ..Self::new(Code::Conflict, ja, en) }
    }

    /// Something unknown, or out of scope.
    #[must_use]
    pub fn not_found(field: &str, what_ja: &str, what_en: &str) -> Self {
        let (ja, en) = (format!("該当する{what_ja}が見つかりません。"), format!("There is no such {what_en}."));
        Self { field: Some(field.to_owned()), ..Self::new(Code::NotFound, ja, en) }
    }

    /// An act that the caller's roles do not allow, though others may.
    #[must_use]
    pub fn forbidden() -> Self {
        Self::new(Code::Forbidden, "この操作を行う権限がありません。", "Your roles do not allow this.")
    }

    /// The same of an act by itself, which names the roles that may.
    #[must_use]
    pub fn forbidden_but_to(act: Action) -> Self {
        let roles: Vec<_> = Role::ALL.iter().filter(|role| reach(**role, act) > Reach::Nothing).map(|role| role.as_str()).collect();
        let roles = roles.join(", ");
        let en = format!("Your roles do not allow this; it is for: {roles}.");
        Self::new(Code::Forbidden, format!("この操作を行う権限がありません。行えるロール：{roles}。"), en)
    }

    /// An act on records that the client's row says it does not write.
    #[must_use]
    pub fn not_written_by_client() -> Self {
        let ja = "このクライアントは、この種類の記録を書き込むものとして登録されていません（registerApiClient の writes）。";
        let en = "This client is not registered as one that writes such records (`writes` of registerApiClient).";
        Self::new(Code::Forbidden, ja, en)
    }

    /// Our own fault: logged under an id, of which the caller sees nothing else.
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        let id = Uuid::now_v7();
        tracing::error!(error_id = %id, cause = %cause, "internal error");
        Self::new(
            Code::Internal,
            format!("内部エラーが発生しました（識別番号 {id}）。"),
            format!("Something went wrong on our side (id {id})."),
        )
    }

    /// Too many callers of the kind want the database at once.
    fn crowded() -> Self {
        Self::new(
            Code::LimitExceeded,
            "ただいま混み合っています。しばらくしてからもう一度お試しください。",
            "Too many requests are waiting. Please try again shortly.",
        )
        .retry()
    }

    /// Marks the error as worth another try.
    #[must_use]
    pub fn retry(mut self) -> Self {
        self.retryable = true;
        self
    }

    /// The same of what another record stands in the way of, by its place.
    #[must_use]
    pub fn beside(mut self, other: usize) -> Self {
        self.other = Some(other);
        self
    }

    /// The wording in one language.
    #[must_use]
    pub fn message(&self, japanese: bool) -> &str {
        if japanese { &self.ja } else { &self.en }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.en)
    }
}

impl std::error::Error for Error {}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        if matches!(error.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_))) {
            // The rules see what is committed; a twin that commits meanwhile is met here.
            return Self::new(
                Code::Conflict,
                "同じ記録が同時に書き込まれました。もう一度お試しください。",
                "The same record is being written at the same time. Please try again.",
            )
            .retry();
        }
        let text = error.to_string();
        if ["deadlock detected", "could not serialize", "database is locked"].iter().any(|sign| text.contains(sign)) {
            return Self::new(
                Code::Conflict,
                "他の書き込みと競合しました。もう一度お試しください。",
                "Another write got in the way. Please try again.",
            )
            .retry();
        }
        match Cause::of(&error) {
            Cause::Crowded => Self::crowded(),
            Cause::TooLong => Self::new(
                Code::LimitExceeded,
                "データベースの処理に時間がかかりすぎたため中止しました。期間や件数を絞ってください。",
                "The database took too long and was stopped; ask for less, such as fewer months or rows.",
            ),
            // The engine's text may quote a row; the log gets its kind alone.
            Cause::Passing => Self::internal(&kind_of(&error)).retry(),
            // Neither a full disk nor a fault of ours passes while the caller tries again.
            Cause::Unwritable | Cause::Lasting => Self::internal(&kind_of(&error)),
        }
    }
}

impl From<DatabaseError> for Error {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Engine(error) => error.into(),
            DatabaseError::Busy => Self::crowded(),
            DatabaseError::Address => Self::internal(&error),
        }
    }
}

/// What failed, without the values that the engine's message may quote.
fn kind_of(error: &DbErr) -> String {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    // SQLite's reason follows its code in parentheses.
    let first = first.split_once("(code: ").and_then(|(_, rest)| rest.split_once(") ")).map_or(first, |(_, reason)| reason);
    // Engines quote values in parentheses and after DETAIL; constraint and column names stand in double quotes before them.
    first.split(['(', '=']).next().unwrap_or_default().trim().to_owned()
}
