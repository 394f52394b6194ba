//! Mails to be sent: one row for each kind, bureau and date, or for each alarm, address and date, so that none is sent twice.

use crate::{
    ids::{BureauId, JobRunId, MailId},
    job_run::JobName,
    text_enum::text_enum,
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::entity::prelude::*;

text_enum! {
    /// Where a mail to a bureau stands; it goes out at most once.
    MailState {
        /// It waits to be handed to the mail server.
        Pending,
        /// It is being handed over.
        Sending,
        /// The mail server took it; whether it arrived is not known here.
        Sent,
        /// Nobody knows whether the server took it; it is not sent again.
        Uncertain,
        /// The server refused it for good, or it was too late before it could be sent.
        Failed,
    }
}

text_enum! {
    /// What may be amiss with the platform itself, or with what the plan asks for on a day of the year. Each look counts it, for the metrics; of each kind that there is, one mail a day goes to each
    /// administrator's address.
    AlarmKind {
        /// Places in which the seals of the audit trail do not hold: it was changed, or cut off, or its keys are not there. Each look compares
        /// the end; once a day all is verified.
        SealBroken,
        /// Runs that failed since the last look, for good or until somebody retries them.
        RunFailed,
        /// Schedules whose last slot was not done within the minutes that they are expected to take.
        RunLate,
        /// 1 where the clock cannot be trusted: it leapt, the database has another one, or it left schedules or runs ahead.
        ClockLeapt,
        /// Disks that the process writes to with less than a tenth, or less than 1 GiB, left.
        DiskNearlyFull,
        /// Bureaus that runs since the last look had something to tell and that have no address for it.
        MailWithoutAddress,
        /// Mails that failed since the last look, or of which nobody knows since then.
        MailNotSent,
        /// Changes that need a second person and that their proposer approved alone, as urgent. This one is told to the promotion officer, and
        /// until that is done.
        ApprovedAlone,
        /// In April, the office's targets of hires by exam that those of 1 April do not meet. Told to the promotion officer, once a week.
        HiresBelowTarget,
        /// In July, the indicators that had a target of the office and have none in force on the 1st. Told to the promotion officer, once a week.
        NoTargetInForce,
    }
}

impl AlarmKind {
    /// Whether it is told to the promotion officer, and not to the administrators.
    #[must_use]
    pub const fn is_of_promotion(self) -> bool {
        matches!(self, Self::ApprovedAlone | Self::HiresBelowTarget | Self::NoTargetInForce)
    }

    /// Whether it is told once a week while it lasts, and not each day.
    #[must_use]
    pub const fn is_weekly(self) -> bool {
        matches!(self, Self::HiresBelowTarget | Self::NoTargetInForce)
    }
}

/// One mail.
#[sea_orm::model]
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mail")]
pub struct Model {
    /// The row's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MailId,
    /// What it says.
    pub kind: JobName,
    /// To which bureau; none for the administrators'.
    pub bureau_id: Option<BureauId>,
    /// About which day; the first of a month that it is about.
    pub date: NaiveDate,
    /// The address of the bureau, of its officer, or of an administrator.
    #[sea_orm(column_type = "Text")]
    pub address: String,
    /// Its subject.
    #[sea_orm(column_type = "Text")]
    pub subject: String,
    /// Its text.
    #[sea_orm(column_type = "Text")]
    pub body: String,
    /// Where it stands.
    pub state: MailState,
    /// How many times it was tried.
    pub attempts: i32,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When the last try began.
    pub tried_at: Option<DateTime<Utc>>,
    /// When its fate was known, or known to be unknown.
    pub settled_at: Option<DateTime<Utc>>,
    /// The run that wrote it.
    pub run_id: JobRunId,
    /// Of which alarm it tells; none for mails to bureaus.
    pub alarm: Option<AlarmKind>,
}

impl ActiveModelBehavior for ActiveModel {}
