//! Revoked tokens.

use crate::graphql::nullable::{Conditions, Nullable, attempt};
use crate::{
    error::Error,
    graphql::{
        connection::{Connection, list, store},
        node::global_id,
        record::noun,
    },
    store::{
        page::{Ordering, PageArgs},
        token_revocation::Revoked,
    },
};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::token_revocation::{Column, Model};
use sea_orm::{ColumnTrait, Condition};

/// Which revocations: all given conditions must hold; one that is absent or null asks nothing.
#[derive(Debug, Clone, Default, InputObject)]
pub struct TokenRevocationFilter {
    /// Those of a subject's tokens, by the `sub` that tokens carry.
    subject: Option<String>,
    /// That of one token, by its `jti`.
    token: Option<String>,
}

/// An act by which tokens are accepted no more.
pub struct TokenRevocation(Model);

noun!(TokenRevocation, token_revocation);

/// An act by which tokens are accepted no more, though their issuer's signature is good and their time is not over. It stands for good.
#[Object]
impl TokenRevocation {
    /// Global id, as `node` takes it.
    pub async fn id(&self) -> ID {
        global_id("token_revocation", self.0.id.0)
    }

    /// The `sub` whose tokens are revoked; null where it is one token.
    async fn subject(&self) -> Option<&str> {
        self.0.subject.as_deref()
    }

    /// The `jti` of the token; null where it is a subject's tokens.
    async fn token(&self) -> Option<&str> {
        self.0.token.as_deref()
    }

    /// When it was made. A subject's tokens that are issued later are accepted, once the leeway of the issuer's clock (30 seconds) has passed;
    /// those that do not say when they were issued (`iat`) never are.
    async fn revoked_at(&self) -> DateTime<Utc> {
        self.0.revoked_at
    }

    /// The administrator who made it.
    async fn revoked_by(&self) -> &str {
        &self.0.revoked_by
    }

    /// Why, as given.
    async fn reason(&self) -> &str {
        &self.0.reason
    }
}

/// Queries of revoked tokens.
#[derive(Default)]
pub struct TokenRevocationQuery;

#[Object]
impl TokenRevocationQuery {
    /// Revocations of tokens, the latest first; for administrators. Machine clients are revoked by their row: see `apiClients`.
    async fn token_revocations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which revocations: without a condition, all.", default)] filter: Conditions<TokenRevocationFilter>,
        #[graphql(desc = "How many rows from the start, 0 to 500; 50 without `first` and `last`.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor of the same list in the same order.")] after: Option<String>,
        #[graphql(desc = "How many rows from the end, 0 to 500; never together with `first`.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor of the same list; alone it gives the 50 rows before it.")] before: Option<String>,
    ) -> Nullable<Connection<TokenRevocation>> {
        attempt(async {
            let filter = filter.0;
            let subject = filter.subject.map(|subject| Column::Subject.eq(subject));
            let token = filter.token.map(|token| Column::Token.eq(token));
            let condition = Condition::all().add_option(subject).add_option(token);
            list(ctx, condition, Ordering { by: Column::RevokedAt, descending: true }, &PageArgs { first, after, last, before }).await
        })
        .await
    }
}

/// Which tokens are accepted no more: those of a subject, or one token.
#[derive(InputObject)]
pub struct RevokeTokensInput {
    /// The `sub` of all tokens that somebody holds now, as when a device is lost or a person leaves. Either this or `token`.
    subject: Option<String>,
    /// The `jti` of one token, as when it was found in a log. Either this or `subject`.
    token: Option<String>,
    /// Why, for the audit trail.
    reason: String,
}

/// The revocation that was made.
#[derive(SimpleObject)]
pub struct RevokeTokensPayload {
    /// The revocation, in force here at once and on every other process within five seconds.
    token_revocation: TokenRevocation,
}

/// Revocation of tokens.
#[derive(Default)]
pub struct TokenRevocationMutation;

#[Object]
impl TokenRevocationMutation {
    /// Revokes tokens of people and machines within five seconds on all processes; sockets that they opened are closed. It does not keep the
    /// issuer from giving out others: that is the identity provider's to stop.
    async fn revoke_tokens(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which tokens, and why.")] input: RevokeTokensInput,
    ) -> Nullable<RevokeTokensPayload> {
        attempt(async {
            let tokens = match (input.subject, input.token) {
                (Some(subject), None) => Revoked::Subject(subject),
                (None, Some(token)) => Revoked::Token(token),
                _ => {
                    let (ja, en) = ("subject と token のどちらか一方を指定してください。", "Give either `subject` or `token`.");
                    return Err(Error::input("subject", ja, en).into());
                }
            };
            Ok(RevokeTokensPayload { token_revocation: store(ctx).revoke_tokens(tokens, &input.reason).await?.into() })
        })
        .await
    }
}
