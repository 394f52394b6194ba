//! Tokens revoked by administrators, before their time is over.

use crate::store::{
    Store,
    record::{check_line, check_text},
};
use crate::{
    authz::{Action, Noun},
    error::Error,
};
use entity::{ids::TokenRevocationId, token_revocation};
use jobs::transaction::{AuditAct, audit};
use sea_orm::{ActiveModelTrait, IntoActiveModel};

/// Which tokens.
#[derive(Debug, Clone)]
pub enum Revoked {
    /// All that the subject holds now.
    Subject(String),
    /// The one with this `jti`.
    Token(String),
}

impl Store {
    /// Revokes tokens: in this process at once, in every other one within five seconds, open sockets too.
    ///
    /// # Errors
    /// FORBIDDEN; `BAD_USER_INPUT` for a name that no token carries, or without a reason.
    pub async fn revoke_tokens(&self, tokens: Revoked, reason: &str) -> Result<token_revocation::Model, Error> {
        self.allow(Action::ManageClients)?;
        check_text("reason", reason, 1_000)?;
        let (subject, token) = match tokens {
            Revoked::Subject(subject) => (Some(subject), None),
            Revoked::Token(token) => (None, Some(token)),
        };
        subject.iter().try_for_each(|subject| check_line("subject", subject, 255))?;
        token.iter().try_for_each(|token| check_line("token", token, 255))?;
        let row = token_revocation::Model {
            id: TokenRevocationId::new(),
            subject,
            token,
            revoked_at: self.now(),
            revoked_by: self.actor.principal.subject.clone(),
            reason: reason.to_owned(),
        };
        let tx = self.begin().await?;
        let row = row.into_active_model().insert(&*tx).await?;
        let entry = AuditAct { record_id: Some(row.id.0), reason: Some(reason.to_owned()), ..self.act("REVOKE", Noun::TokenRevocation) };
        audit(&*tx, row.revoked_at, entry).await?;
        tx.commit().await?;
        self.memory.revocations.learn(row.subject.clone(), row.token.clone(), row.revoked_at);
        Ok(row)
    }
}
