//! `torikumi token`: a token signed with the local key, for trying things out and for installations without an identity provider.

use super::Settings;
use anyhow::{Context, Result};
use api::{
    authn::{BureauClaim, LONGEST_LIFE, LocalKey, TokenRequest},
    authz::{BODIES, Role},
};
use chrono::TimeDelta;
use clap::Args;
use jobs::clock::Clock;

/// Whom the token is for.
#[derive(Args)]
pub struct Token {
    /// A role; may be given several times.
    #[arg(long, required = true, value_parser = parse_role)]
    role: Vec<Role>,
    /// A bureau's code, or `all`; may be given several times.
    #[arg(long)]
    bureau: Vec<String>,
    /// A unit's code; may be given several times.
    #[arg(long)]
    unit: Vec<String>,
    /// The staff number of a staff member.
    #[arg(long)]
    staff: Option<String>,
    /// The code of a registered machine client.
    #[arg(long)]
    client: Option<String>,
    /// The body of a committee member.
    #[arg(long, value_parser = BODIES)]
    body: Option<String>,
    /// Whom the audit trail shall name.
    #[arg(long, default_value = "local")]
    subject: String,
    /// How long it is good for, at most 7 days: 30m, 12h, 7d.
    #[arg(long, default_value = "1h", value_parser = parse_ttl)]
    ttl: TimeDelta,
}

impl Token {
    /// Prints the token.
    pub fn execute(self, settings: &Settings) -> Result<()> {
        let all = self.bureau.iter().any(|code| code == "all");
        let request = TokenRequest {
            subject: self.subject,
            roles: self.role.into_iter().collect(),
            bureaus: if all { BureauClaim::All } else { BureauClaim::Codes(self.bureau.into_iter().collect()) },
            units: self.unit.into_iter().collect(),
            staff_number: self.staff,
            client: self.client,
            body: self.body,
            ttl: self.ttl,
        };
        println!("{}", sign(settings, &request)?);
        Ok(())
    }
}

/// The token that a request asks for, good from now on.
pub fn sign(settings: &Settings, request: &TokenRequest) -> Result<String> {
    let key = LocalKey::open_or_create(&settings.key).context("the local key")?;
    Ok(key.sign(&request.claims(&settings.authn(), Clock::system().now())?)?)
}

fn parse_role(text: &str) -> Result<Role, String> {
    let role = Role::ALL.into_iter().find(|role| role.as_str() == text && *role != Role::Public);
    role.ok_or_else(|| {
        let known: Vec<_> = Role::ALL.iter().filter(|role| **role != Role::Public).map(|role| role.as_str()).collect();
        format!("no such role; there are {}", known.join(", "))
    })
}

fn parse_ttl(text: &str) -> Result<TimeDelta, String> {
    let wrong = || "write 30m, 12h or 7d, which is the longest".to_owned();
    let unit = text.chars().last().ok_or_else(wrong)?;
    let number: i64 = text[..text.len() - unit.len_utf8()].parse().map_err(|_| wrong())?;
    let length = match unit {
        's' => TimeDelta::try_seconds(number),
        'm' => TimeDelta::try_minutes(number),
        'h' => TimeDelta::try_hours(number),
        'd' => TimeDelta::try_days(number),
        _ => None,
    };
    length.filter(|length| *length > TimeDelta::zero() && *length <= LONGEST_LIFE).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_of_our_own_lives_a_week_at_most() {
        for (text, seconds) in [("1s", 1), ("30m", 1_800), ("12h", 43_200), ("7d", 604_800), ("168h", 604_800)] {
            assert_eq!(parse_ttl(text), Ok(TimeDelta::seconds(seconds)), "{text}");
        }
        for text in ["8d", "169h", "604801s", "0s", "-1h", "7", "d", "", "366d", "9223372036854775807d", "１d"] {
            assert!(parse_ttl(text).is_err(), "{text}");
        }
    }
}
