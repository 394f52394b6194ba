//! Names are kept as people read them: what nobody sees in them is taken out where they come in, before anything else looks at them.

use super::{Call, Doubt, Draft};
use entity::{key, receipt_warning::RecordWarningCode};
use std::collections::BTreeSet;

/// A name of a draft with the input's field that holds it; none where the draft leaves it out.
pub type Name<'a> = (&'static str, Option<&'a mut String>);

/// What was taken out of one name of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The record's place in the call, counted from 0.
    pub index: usize,
    /// The input field of the name.
    pub field: &'static str,
    /// The characters, each once.
    pub characters: BTreeSet<char>,
}

impl Taken {
    /// What is worth a second look in the source of the name.
    pub(super) fn doubt(&self) -> Doubt {
        let characters = self.characters.iter().map(|c| key::code_point(*c)).collect::<Vec<_>>().join(", ");
        Doubt {
            code: RecordWarningCode::InvisibleInName,
            field: self.field,
            ja: format!("名称に表示されない文字（{characters}）があったため、除いて記録しました。"),
            en: format!("The name held characters that nobody sees ({characters}); it is kept without them."),
        }
    }
}

/// Cleans one name; returns what was taken out.
pub fn clean(name: &mut String) -> BTreeSet<char> {
    let (clean, taken) = key::clean(name);
    if !taken.is_empty() {
        *name = clean.into_owned();
    }
    taken
}

/// Cleans the names of a call's records; tells what was taken out of which.
pub(super) fn clean_all<D: Draft>(call: &mut Call<D>) -> Vec<Taken> {
    let mut all = Vec::new();
    for (index, draft) in call.records.iter_mut().enumerate() {
        for (field, name) in draft.names() {
            let characters = name.map(clean).unwrap_or_default();
            if !characters.is_empty() {
                all.push(Taken { index, field, characters });
            }
        }
    }
    all
}
