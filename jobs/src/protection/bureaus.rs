//! Bureaus by their numbers, as the rule takes them.

use super::time::Place;
use crate::dialect::few_rows;
use entity::{bureau::Visibility, indicator_value::TOTAL, protection::Places};
use sea_orm::{ConnectionTrait, DbErr};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// Bureaus by number and code, and which of them appear in the office's total alone.
#[derive(Debug, Clone, Default)]
pub(super) struct Bureaus {
    pub codes: Vec<String>,
    pub keys: Vec<Uuid>,
    pub total_only: BTreeSet<usize>,
    numbers: HashMap<String, usize>,
    of_keys: HashMap<Uuid, usize>,
}

impl Bureaus {
    pub async fn load<C: ConnectionTrait>(tx: &C) -> Result<Self, DbErr> {
        let sql = "SELECT id, code, visibility FROM bureau WHERE void_reason IS NULL ORDER BY code";
        let mut bureaus = Self::default();
        for row in few_rows(tx, sql, vec![]).await? {
            let (id, code, visibility): (Uuid, String, Visibility) =
                (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?);
            let number = bureaus.codes.len();
            if visibility == Visibility::OfficeTotalOnly {
                bureaus.total_only.insert(number);
            }
            bureaus.numbers.insert(code.clone(), number);
            bureaus.of_keys.insert(id, number);
            bureaus.codes.push(code);
            bureaus.keys.push(id);
        }
        Ok(bureaus)
    }

    /// A bureau of former days that is not there any more appears in the total alone.
    fn number(&mut self, code: &str) -> usize {
        if let Some(number) = self.numbers.get(code) {
            return *number;
        }
        let number = self.codes.len();
        self.numbers.insert(code.to_owned(), number);
        self.codes.push(code.to_owned());
        self.keys.push(Uuid::nil());
        self.total_only.insert(number);
        number
    }

    pub fn place(&mut self, code: &str) -> Place {
        (code != TOTAL).then(|| self.number(code))
    }

    /// The bureau of a code, if there is one.
    pub fn known(&self, code: &str) -> Option<usize> {
        self.numbers.get(code).copied()
    }

    /// The bureau of a key.
    pub fn of_key(&self, key: Uuid) -> Option<usize> {
        self.of_keys.get(&key).copied()
    }

    pub fn places(&mut self, places: &Places) -> BTreeSet<Place> {
        places.0.iter().map(|code| self.place(code)).collect()
    }

    fn code(&self, place: Place) -> String {
        place.map_or_else(|| TOTAL.to_owned(), |bureau| self.codes[bureau].clone())
    }

    pub fn names(&self, places: impl IntoIterator<Item = Place>) -> Places {
        Places(places.into_iter().map(|place| self.code(place)).collect())
    }
}
