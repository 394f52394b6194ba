//! Hands one mail to the server, step by step, so that it is known at which step it broke.
//!
//! Until the server has answered DATA with a go, it cannot have taken the mail; from the first byte of the mail on, only its own answer tells.
//! Each mail has a connection of its own: they are few, and none rests on the state that another left. Deliberately absent: any retry
//! (the outbox decides), and addresses or answers in the log.

use chrono::{DateTime, Utc};
use entity::mail;
use lettre::{
    Address, Message,
    message::{
        Mailbox,
        header::{ContentType, Header, HeaderName, HeaderValue, MIME_VERSION_1_0},
    },
    transport::smtp::{
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::ClientId,
    },
};
use percent_encoding::percent_decode_str;
use std::time::{Duration, SystemTime};
use tokio::time::timeout;
use url::Url;

/// The setting that names the mail server.
pub(crate) const SMTP_URL: &str = "TORIKUMI_SMTP_URL";
/// The setting that says from whom mails come.
pub(crate) const MAIL_FROM: &str = "TORIKUMI_MAIL_FROM";
/// How long the server may take for one answer.
const ANSWER: Duration = Duration::from_secs(20);
/// How long it may take to answer for a whole mail.
const ACCEPTANCE: Duration = Duration::from_mins(1);

/// What became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// The server took it.
    Taken,
    /// The server refused it for good.
    Refused,
    /// The server has not taken it, and may later.
    PutOff,
    /// The server was not to be had.
    Away,
    /// Nobody knows.
    Unknown,
}

/// Whether this is an address that a mail may go to: plain ASCII, at most 254 characters.
#[must_use]
pub fn is_address(text: &str) -> bool {
    text.len() <= 254 && text.is_ascii() && text.parse::<Address>().is_ok()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tls {
    Never,
    Upgrade,
    FromTheStart,
}

/// Says that no person wrote the mail, so that no absence notice answers it (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    /// Mails are only written here, and this header says one thing.
    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// Why there is no mail server: the setting by its name, never its value, which may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoPost {
    /// It is not set.
    Lacks(&'static str),
    /// It cannot be read.
    Bad(&'static str),
}

/// The mail server, and from whom mails come.
pub(crate) struct Post {
    host: String,
    port: u16,
    tls: Tls,
    credentials: Option<Credentials>,
    from: Mailbox,
}

impl Post {
    /// The server at a URL, and the address from which mails come.
    ///
    /// # Errors
    /// The setting that is missing or cannot be read.
    pub fn open(url: Option<&str>, from: Option<&str>) -> Result<Self, NoPost> {
        let url = url.ok_or(NoPost::Lacks(SMTP_URL))?;
        let from = from.ok_or(NoPost::Lacks(MAIL_FROM))?;
        let from = from.parse().map_err(|_| NoPost::Bad(MAIL_FROM))?;
        Self::parse(url, from).ok_or(NoPost::Bad(SMTP_URL))
    }

    fn parse(url: &str, from: Mailbox) -> Option<Self> {
        let url = Url::parse(url).ok()?;
        let (tls, usual) = match (url.scheme(), url.query()) {
            ("smtp", None) => (Tls::Never, 25),
            ("smtp", Some("tls=required")) => (Tls::Upgrade, 587),
            ("smtps", None) => (Tls::FromTheStart, 465),
            _ => return None,
        };
        let plain = |text: &str| percent_decode_str(text).decode_utf8().ok().map(String::from);
        let credentials = match (url.username(), url.password()) {
            ("", None) => None,
            // A password never crosses a network in the clear.
            (_, None) => return None,
            (_, Some(_)) if tls == Tls::Never => return None,
            (user, Some(password)) => Some(Credentials::new(plain(user)?, plain(password)?)),
        };
        Some(Self { host: url.host_str()?.to_owned(), port: url.port().unwrap_or(usual), tls, credentials, from })
    }

    /// Hands a mail to the server.
    pub(super) async fn send(&self, mail: &mail::Model, now: DateTime<Utc>) -> Fate {
        let Some((to, message)) = self.written(mail, now) else { return Fate::Refused };
        let Ok(Some(mut connection)) = timeout(ANSWER, self.connect()).await else { return Fate::Away };
        let from = self.from.email.clone();
        let commands = [Mail::new(Some(from), vec![]).to_string(), Rcpt::new(to, vec![]).to_string(), Data.to_string()];
        for command in commands {
            match timeout(ANSWER, connection.command(command)).await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) if error.is_permanent() => return Fate::Refused,
                Ok(Err(error)) if error.is_transient() => return Fate::PutOff,
                _ => return Fate::Away,
            }
        }
        let fate = match timeout(ACCEPTANCE, connection.message(&message)).await {
            Ok(Ok(_)) => Fate::Taken,
            Ok(Err(error)) if error.is_permanent() => Fate::Refused,
            Ok(Err(error)) if error.is_transient() => Fate::PutOff,
            _ => Fate::Unknown,
        };
        // Nobody waits for the good-bye.
        tokio::spawn(async move { timeout(ANSWER, connection.quit()).await.map(|_| ()) });
        fate
    }

    async fn connect(&self) -> Option<AsyncSmtpConnection> {
        let hello = ClientId::default();
        let tls = || TlsParameters::new(self.host.clone()).ok();
        let from_the_start = if self.tls == Tls::FromTheStart { Some(tls()?) } else { None };
        let server = (self.host.as_str(), self.port);
        let mut connection = AsyncSmtpConnection::connect_tokio1(server, Some(ANSWER), &hello, from_the_start, None).await.ok()?;
        if self.tls == Tls::Upgrade {
            connection.starttls(tls()?, &hello).await.ok()?;
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(&[Mechanism::Plain, Mechanism::Login], credentials).await.ok()?;
        }
        Some(connection)
    }

    /// The recipient and the mail as it goes over the wire; its Message-ID is the outbox row's.
    fn written(&self, mail: &mail::Model, now: DateTime<Utc>) -> Option<(Address, Vec<u8>)> {
        let to: Address = mail.address.parse().ok()?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to.clone()))
            .subject(mail.subject.clone())
            .date(SystemTime::from(now))
            .message_id(Some(format!("<{}@{}>", mail.id, self.from.email.domain())))
            .header(MIME_VERSION_1_0)
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN)
            .body(mail.body.clone())
            .ok()?;
        Some((to, message.formatted()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn parse(url: &str) -> Option<(String, u16, bool)> {
        let post = Post::parse(url, "Torikumi <torikumi@example.go.jp>".parse().unwrap())?;
        Some((post.host, post.port, post.credentials.is_some()))
    }

    #[test]
    fn a_servers_address_is_read_and_a_password_is_not_sent_in_the_clear() {
        assert_eq!(parse("smtp://127.0.0.1:2525"), Some(("127.0.0.1".into(), 2525, false)));
        assert_eq!(parse("smtp://mail.example.jp"), Some(("mail.example.jp".into(), 25, false)));
        assert_eq!(parse("smtp://user:p%40ss@mail.example.jp?tls=required"), Some(("mail.example.jp".into(), 587, true)));
        assert_eq!(parse("smtps://user:pass@mail.example.jp"), Some(("mail.example.jp".into(), 465, true)));
        for wrong in ["http://mail", "smtp://user:pass@mail", "smtps://user@mail", "smtp://mail?tls=maybe", "mail", ""] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_address_is_plain() {
        for right in ["soumu@example.go.jp", "a+b@mail.example"] {
            assert!(is_address(right), "{right}");
        }
        let long = format!("{}@example.jp", "a".repeat(250));
        for wrong in ["", "soumu", "総務@example.go.jp", "a@b\r\nRCPT TO:<c@d>", "A <a@b.jp>", "a b@c.jp", &long] {
            assert!(!is_address(wrong), "{wrong}");
        }
    }
}
