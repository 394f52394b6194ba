//! How long each noun is kept: data that administrators change, with usual periods to start from.

use crate::{ids::RetentionId, noun::Noun, text_enum::text_enum};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::entity::prelude::*;

text_enum! {
    /// What a period of retention is counted in.
    RetentionUnit {
        /// Whole fiscal years after the one in which the time falls: counted from 1 April, as 保存期間の起算日 of official documents is.
        FiscalYears,
        /// Days: of what serves the platform's own operation, such as runs, mails and receipts.
        Days,
    }
}

/// What is computed from a noun's rows, so that without them it cannot be computed anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rests {
    /// Figures, and the flags that rest on them.
    Figures,
    /// Flags of overtime.
    Flags,
    /// Nothing.
    Alone,
}

macro_rules! retention_nouns {
    ($(#[doc = $doc:literal] $name:ident $length:literal $unit:ident $rests:ident)+) => {
        text_enum! {
            /// What is kept for a time: a table, or what some of its columns say.
            RetentionNoun { $(#[doc = $doc] $name),+ }
        }

        impl RetentionNoun {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The period that an installation starts with.
            ///
            /// Records rest on the plan: its follow-up is yearly, compares with the year before it began, and an office must be able to
            /// show what a published figure rests on for as long as official documents of that kind (attendance books, leave books, orders
            /// for overtime) are usually kept: five years after the fiscal year's end. Careers (hires, appointments) are followed over a
            /// plan's whole life, five years, and reported once more after it: ten. What is said of persons goes with the last of their
            /// records, ten years after they left. Receipts are kept 90 days, as the API promises of its keys; the rest is the platform's
            /// own and serves its operation. Which schedule of retention (標準文書保存期間基準) binds an office is the office's to say; these
            /// are data for that reason.
            #[must_use]
            pub const fn usual(self) -> (i32, RetentionUnit) {
                match self {
                    $(Self::$name => ($length, RetentionUnit::$unit),)+
                }
            }

            const fn rests(self) -> Rests {
                match self {
                    $(Self::$name => Rests::$rests,)+
                }
            }
        }
    };
}

/// The nouns that are kept for a time, and what else is.
macro_rules! of_register {
    ($(
        #[doc = $doc:literal]
        $name:ident $(($id:ident))? = $table:ident: $shape:ident $(($minutes:ident))?
        {
            $reading:ident, $recording:ident $(, kept $length:literal $unit:ident $rests:ident)? $(, with $with:ident)?
            $(, for $called:literal $purpose_ja:literal $purpose_en:literal)?
        }
    )+) => {
        retention_nouns! {
            $($(#[doc = $doc] $name $length $unit $rests)?)+
            /// Former versions of records, from the day they were replaced.
            RecordRevision 5 FiscalYears Alone
            /// Keys and outcomes of bulk calls.
            Receipt 90 Days Alone
            /// What happened to runs that are over.
            JobRunEvent 400 Days Alone
        }
    };
}
crate::each_noun!(of_register);

impl RetentionNoun {
    /// Whether figures of a month are computed from its rows, so that without them the month cannot be computed anew.
    #[must_use]
    pub const fn is_under_figures(self) -> bool {
        matches!(self.rests(), Rests::Figures)
    }

    /// Whether what is kept by this period is about persons: their nouns, and the former versions of records.
    #[must_use]
    pub fn is_about_persons(self) -> bool {
        self == Self::RecordRevision || Noun::ALL.iter().any(|noun| noun.is_about_persons() && noun.kept() == Some(self))
    }

    /// Whether flags of a month are computed from its rows, or from figures that are.
    #[must_use]
    pub const fn is_under_flags(self) -> bool {
        match self.rests() {
            Rests::Figures | Rests::Flags => true,
            Rests::Alone => false,
        }
    }
}

/// The period of one noun.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "retention")]
pub struct Model {
    /// The row's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RetentionId,
    /// What is kept.
    #[sea_orm(unique)]
    pub noun: RetentionNoun,
    /// How long, in its unit.
    pub length: i32,
    /// What the length counts.
    pub unit: RetentionUnit,
    /// When it was last changed.
    pub changed_at: DateTime<Utc>,
    /// Who changed it, `system` for the usual period.
    #[sea_orm(column_type = "Text")]
    pub changed_by: String,
    /// Why, as given.
    #[sea_orm(column_type = "Text")]
    pub reason: Option<String>,
    /// Rows from before this day have been erased; null while none has been. It only grows, whatever becomes of the period.
    pub disposed_before: Option<NaiveDate>,
}

impl ActiveModelBehavior for ActiveModel {}
