//! Texts that become public: what in them may name a person, and the word of who looked that nobody is named.
//!
//! A sign refuses nothing by itself, for たくさん is no person and 2019 no staff number; it asks somebody to look. Neither the text nor the name is
//! said in an error: the field, what it belongs to and the kind of the sign are enough to find it.

use crate::{
    error::Error,
    store::{Store, dialect},
};
use entity::{
    named::{NameSign, numbers, signs},
    staff,
};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QuerySelect};
use std::collections::BTreeSet;

/// More signs than that are not told one by one.
const TOLD: usize = 5;
/// Of more people than that, any is enough.
const MOST: usize = 500;

/// A text that may be printed.
#[derive(Debug, Clone, Copy)]
pub(super) struct PublicText<'a> {
    /// The input's field.
    pub(super) field: &'static str,
    /// Code of what it belongs to; empty where the field says it.
    pub(super) subject: &'a str,
    /// What it says.
    pub(super) text: &'a str,
}

/// A text that may name a person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NameDoubt {
    /// The input's field.
    pub field: &'static str,
    /// Code of what the text belongs to.
    pub subject: String,
    /// By what.
    pub sign: NameSign,
}

/// Whose staff numbers are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    /// Those of the people whom the caller sees: to ask for others would tell who there is.
    Own,
    /// Everybody's, for who publishes.
    Whole,
}

impl Store {
    /// What in the texts may name a person, in their order.
    ///
    /// # Errors
    /// The database's.
    pub(super) async fn doubt_names<C: ConnectionTrait>(
        &self,
        db: &C,
        texts: &[PublicText<'_>],
        sight: Sight,
    ) -> Result<Vec<NameDoubt>, Error> {
        let tokens: Vec<BTreeSet<String>> = texts.iter().map(|text| numbers(text.text)).collect();
        let staff = self.known_staff(db, &tokens.iter().flatten().map(String::as_str).collect(), sight).await?;
        let doubts = texts.iter().zip(&tokens).flat_map(|(text, tokens)| {
            let mut found = signs(text.text);
            if !tokens.is_disjoint(&staff) {
                found.insert(NameSign::StaffNumber);
            }
            found.into_iter().map(|sign| NameDoubt { field: text.field, subject: text.subject.to_owned(), sign })
        });
        Ok(doubts.collect())
    }

    /// Refuses texts that may name a person, unless somebody says that they were looked at.
    ///
    /// # Errors
    /// `BAD_USER_INPUT`, which tells where and by what.
    pub(super) async fn check_names<C: ConnectionTrait>(&self, db: &C, texts: &[PublicText<'_>], names_checked: bool) -> Result<(), Error> {
        if names_checked {
            return Ok(());
        }
        let doubts = self.doubt_names(db, texts, Sight::Whole).await?;
        if doubts.is_empty() {
            return Ok(());
        }
        let (ja, en): (Vec<_>, Vec<_>) = doubts.iter().take(TOLD).map(told).unzip();
        let (more_ja, more_en) = match doubts.len().saturating_sub(TOLD) {
            0 => (String::new(), String::new()),
            more => (format!("ほか{more}件"), format!(" and {more} more")),
        };
        let ja = format!(
            "公表される文章に、個人の氏名等とみられる記述があります（{}{more_ja}）。個人が特定されないことを確認した上で、確認済みと指定してください。",
            ja.join("、")
        );
        let en = format!(
            "Texts to be published may name a person ({}{more_en}): look at them, and set namesChecked once they name nobody.",
            en.join(", ")
        );
        Err(Error::input("namesChecked", ja, en))
    }

    /// Which of the tokens are staff numbers, folded.
    async fn known_staff<C: ConnectionTrait>(&self, db: &C, tokens: &BTreeSet<&str>, sight: Sight) -> Result<BTreeSet<String>, Error> {
        if tokens.is_empty() {
            return Ok(BTreeSet::new());
        }
        let mut people = dialect::by_text::<staff::Entity, _>(db, "staff_number_folded", tokens).await?;
        if sight == Sight::Own && !people.is_empty() {
            let ids = people.iter().take(MOST).map(|person| person.id);
            people = self.select::<staff::Entity>()?.filter(staff::Column::Id.is_in(ids)).limit(MOST as u64).all(db).await?;
        }
        Ok(people.into_iter().map(|person| person.staff_number_folded).collect())
    }
}

fn told(doubt: &NameDoubt) -> (String, String) {
    let (ja, en) = match doubt.sign {
        NameSign::Address => ("敬称", "a form of address"),
        NameSign::StaffNumber => ("職員番号", "a staff number"),
        NameSign::Mail => ("メールアドレス", "a mail address"),
    };
    let of = if doubt.subject.is_empty() { doubt.field } else { &doubt.subject };
    (format!("{of}：{ja}"), format!("{of}: {en}"))
}
