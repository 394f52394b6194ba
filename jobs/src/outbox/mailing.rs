//! What every job that mails does with the bureaus that it concerns: settles what was left behind, writes each mail once, sends, counts, and
//! warns where somebody who was to be told was not.
//!
//! A job says whom it concerns, what each is told and why some are not ([`Concerned`]); [`send`] is the rest of it, a dry run included.
//! Deliberately absent: any query about who is concerned, and any text.

use super::{Mails, TooLate};
use crate::{
    dialect::few_rows,
    fault::Fault,
    job::Output,
    ledger::{Fence, LedgerError},
    transaction::put_all,
};
use chrono::{DateTime, Utc};
use entity::{
    ids::{BureauId, MailId},
    job_run::WarningCode,
    mail::{self, MailState},
};
use sea_orm::{ActiveEnum, ConnectionTrait, DbErr};
use sha2::{Digest, Sha256};
use std::collections::HashSet;

/// A bureau that a job concerns.
pub(crate) struct Concerned {
    pub id: BureauId,
    pub code: String,
    /// Where it takes mails of the kind, if anywhere.
    pub address: Option<String>,
    pub fate: Fate,
    /// What the output's digest rests on: what is told, in its shortest form, and not what the mail server makes of it.
    pub said: String,
}

/// What becomes of a bureau that a job concerns.
pub(crate) enum Fate {
    /// It is told this, where it has an address.
    Told { subject: String, body: String },
    /// There is nothing to tell.
    NothingToTell,
    /// It must not be told.
    Withheld,
}

/// What became of the mails, all attempts and runs together. Serialised in camelCase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Statistics {
    /// Bureaus concerned, each of which is one of the next three or is told.
    pub bureaus: i64,
    /// Those of them that must not be told.
    pub withheld: i64,
    /// Those for which there is nothing.
    pub nothing_to_tell: i64,
    /// Those that have something to be told, and no address.
    pub without_address: i64,
    /// Mails that the server took.
    pub sent: i64,
    /// Mails that it refused for good, or that waited too long.
    pub failed: i64,
    /// Mails of which nobody knows.
    pub uncertain: i64,
    /// In a dry run, mails that would be sent; otherwise none is left.
    pub to_send: i64,
}

/// The mail server is away, or put mails off.
#[derive(Debug, thiserror::Error)]
#[error("some mails could not be handed over yet")]
pub(crate) struct MailsWait;

impl Fault for MailsWait {
    fn may_pass(&self) -> bool {
        true
    }
}

/// Tells the bureaus that a run concerns. Mails that the server put off are the next attempt's.
pub(crate) async fn send(fence: &Fence, mails: Mails, too_late: TooLate, concerned: &[Concerned]) -> Result<Output, LedgerError> {
    let dry = fence.run().dry_run;
    if !dry {
        let now = fence.clock().now();
        let tx = fence.write().await?;
        mails.settle_left(&*tx, now, too_late).await?;
        let new = unwritten(&*tx, mails, concerned).await?;
        put_all(&*tx, new.into_iter().map(|letter| row(fence, now, mails, letter)).collect(), false).await?;
        tx.commit().await?;
        mails.deliver(fence).await?;
    }
    let tx = fence.snapshot().await?;
    let standing = mails.standing(&tx, dry).await?;
    let new = unwritten(&tx, mails, concerned).await?.len();
    tx.commit().await?;
    if standing.left > 0 && !dry {
        return Err(MailsWait.into());
    }
    let (sent, failed, uncertain) = (standing.sent, standing.failed, standing.uncertain);
    let to_send = if dry { standing.left + i64::try_from(new).unwrap_or(i64::MAX) } else { 0 };
    let mut statistics = Statistics { sent, failed, uncertain, to_send, ..Statistics::default() };
    let mut to_be_told = 0;
    let mut digest = Sha256::new_with_prefix(mails.date.to_string());
    for bureau in concerned {
        statistics.bureaus += 1;
        match &bureau.fate {
            Fate::Withheld => statistics.withheld += 1,
            Fate::NothingToTell => statistics.nothing_to_tell += 1,
            Fate::Told { .. } => {
                to_be_told += 1;
                statistics.without_address += i64::from(bureau.address.is_none());
            }
        }
        if !matches!(bureau.fate, Fate::Withheld) {
            digest.update(format!("\n{}{}", bureau.code, bureau.said));
        }
    }
    let nothing_sent = if sent == 0 && !dry { to_be_told } else { 0 };
    let output = Output::new(&statistics, format!("{:x}", digest.finalize()));
    let output = output.warning(WarningCode::WithoutAddress, statistics.without_address).warning(WarningCode::MailsFailed, failed);
    Ok(output.warning(WarningCode::MailsUncertain, uncertain).warning(WarningCode::NothingSent, nothing_sent))
}

/// A mail to be written: to whom, at which address, and its two texts.
type Letter<'a> = (&'a Concerned, &'a str, &'a str, &'a str);

/// The mails that are not in the outbox yet.
async fn unwritten<'a, C: ConnectionTrait>(tx: &C, mails: Mails, concerned: &'a [Concerned]) -> Result<Vec<Letter<'a>>, DbErr> {
    let written = "SELECT bureau_id FROM mail WHERE kind = $1 AND date = $2";
    let written = few_rows(tx, written, vec![mails.kind.to_value().into(), mails.date.into()]).await?;
    let written = written.iter().map(|row| row.try_get_by_index::<BureauId>(0)).collect::<Result<HashSet<_>, _>>()?;
    let new = concerned.iter().filter(|bureau| !written.contains(&bureau.id));
    Ok(new
        .filter_map(|bureau| match &bureau.fate {
            Fate::Told { subject, body } => Some((bureau, bureau.address.as_deref()?, subject.as_str(), body.as_str())),
            Fate::NothingToTell | Fate::Withheld => None,
        })
        .collect())
}

fn row(fence: &Fence, now: DateTime<Utc>, mails: Mails, (bureau, address, subject, body): Letter<'_>) -> mail::Model {
    mail::Model {
        id: MailId::new(),
        kind: mails.kind,
        bureau_id: Some(bureau.id),
        date: mails.date,
        address: address.to_owned(),
        subject: subject.to_owned(),
        body: body.to_owned(),
        state: MailState::Pending,
        attempts: 0,
        created_at: now,
        tried_at: None,
        settled_at: None,
        run_id: fence.run().id,
        alarm: None,
    }
}
