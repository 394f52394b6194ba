//! 確認事項: what a check of a draft found, to be answered before the cycle is compiled.

use crate::graphql::nullable::{Nullable, attempt};
use crate::graphql::{
    connection::store,
    node::{global_id, key_of},
    record::noun,
};
use crate::{store::follow_up::Answer, words::FindingCheck};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{finding::Model, ids::FindingId};

/// What a check of a draft found.
pub struct Finding(Model);

noun!(Finding, finding);

/// 確認事項: what a check of a draft found, and what was answered.
#[Object]
impl Finding {
    /// What names it in `answerFinding`.
    async fn id(&self) -> ID {
        global_id("finding", self.0.id.0)
    }

    /// The version whose draft was checked, such as `1.0.0`.
    async fn version(&self) -> &str {
        &self.0.version
    }

    /// Which check of the draft found it.
    async fn check(&self) -> FindingCheck {
        self.0.check_name
    }

    /// Code of the indicator or bureau that it is about, or TOTAL.
    async fn subject(&self) -> &str {
        &self.0.subject
    }

    /// What was found, in Japanese.
    async fn text_ja(&self) -> &str {
        &self.0.text_ja
    }

    /// The same finding in English.
    async fn text_en(&self) -> &str {
        &self.0.text_en
    }

    /// What the secretariat answered; null until it has.
    async fn answer(&self) -> Option<&str> {
        self.0.answer.as_deref()
    }

    /// Whether the answer is published with the finding, as the bureau agreed that gave it.
    async fn answer_published(&self) -> bool {
        self.0.answer_published
    }

    /// When it was last answered; null until it is.
    async fn answered_at(&self) -> Option<DateTime<Utc>> {
        self.0.answered_at
    }

    /// The token's subject of who last answered it; null until it is.
    async fn answered_by(&self) -> Option<&str> {
        self.0.answered_by.as_deref()
    }
}

/// A finding of a draft, and the answer that it gets.
#[derive(InputObject)]
pub struct AnswerFindingInput {
    /// Id of the finding, which is one of the version in the making.
    id: ID,
    /// What is answered, of up to 2,000 characters; of up to 400, without line breaks, where it is published.
    answer: String,
    /// Publishes the answer with its finding: the bureau that gave it has agreed. Not for what a bureau failed to submit and for months that
    /// were not computed, which are no part of a release.
    #[graphql(default)]
    publish: bool,
    /// That an answer which is published was looked at and names nobody; asked for where it may name a person.
    #[graphql(default)]
    names_checked: bool,
}

/// The finding as it stands after the call.
#[derive(SimpleObject)]
pub struct FindingPayload {
    /// The finding, with its latest answer.
    finding: Finding,
}

/// Mutations of findings.
#[derive(Default)]
pub struct FindingMutation;

#[Object]
impl FindingMutation {
    /// Answers a finding while its cycle is a draft, or answers it otherwise; for the secretariat. Once all are answered, the draft is made anew
    /// with the answers that are published.
    async fn answer_finding(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The finding and its answer.")] input: AnswerFindingInput,
    ) -> Nullable<FindingPayload> {
        attempt(async {
            let id = FindingId(key_of(&input.id, "finding", "id")?);
            let answer = Answer { text: input.answer, publish: input.publish, names_checked: input.names_checked };
            Ok(FindingPayload { finding: store(ctx).answer_finding(id, &answer).await?.into() })
        })
        .await
    }
}
