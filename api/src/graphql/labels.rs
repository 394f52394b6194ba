//! What members of enums are called on a screen.

use super::nullable::{Nullable, attempt};
use crate::error::Error;
use crate::labels::label;
use async_graphql::{Context, Object, SimpleObject, registry::MetaType};
use entity::text::Language;

/// What a member of an enum is called.
#[derive(SimpleObject)]
pub struct Label {
    /// The enum's name in the schema.
    #[graphql(name = "enum")]
    of: String,
    /// The member.
    member: String,
    /// Its words, as releases print them where they do.
    words: String,
}

/// What enums' members are called.
#[derive(Default)]
pub struct LabelQuery;

#[Object]
impl LabelQuery {
    /// What the members of an enum are called on a screen, in the order of the schema; of all enums without one. Orders of lists have no words.
    async fn labels(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "enum", desc = "An enum's name, such as RankBand.")] of: Option<String>,
        #[graphql(desc = "The language of the words; by default that of the request.")] lang: Option<Language>,
    ) -> Nullable<Vec<Label>> {
        attempt(async {
            let lang = lang.unwrap_or(*ctx.data_unchecked::<Language>());
            let all = ctx.schema_env.registry.types.values().filter_map(|of| match of {
                MetaType::Enum { name, enum_values, .. } => Some((name, enum_values)),
                _ => None,
            });
            let asked = all.filter(|(name, _)| of.as_ref().is_none_or(|of| of == *name));
            let labels: Vec<_> = asked
                .flat_map(|(name, members)| {
                    members.keys().filter_map(move |member| {
                        Some(Label { of: name.clone(), member: member.clone(), words: lang.say(label(name, member)?).to_owned() })
                    })
                })
                .collect();
            match of {
                Some(_) if labels.is_empty() => {
                    let ja = "この名前の列挙型はないか、画面に表示する語がありません。";
                    Err(Error::input("enum", ja, "There is no enum of this name, or its members have no words.").into())
                }
                _ => Ok(labels),
            }
        })
        .await
    }
}
