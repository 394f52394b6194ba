//! The rows behind a page of changes, by noun.

use super::{Change, ChangeKind, Key, Sees, Span};
use crate::error::Error;
use crate::store::{
    Store,
    page::{Listed, one_of},
    scope::{Extent, RowScope},
    unscoped,
};
use entity::{
    change,
    ids::{BureauId, StaffId, UnitId},
    receipt,
    recorded::RecordedNoun,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{Alias, Expr, ExprTrait, JoinType, SimpleExpr},
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Rows of `change` that one page reads beyond what it tells.
const MORE_MOVES: usize = 100;

/// A record as it stands.
#[derive(Debug, Clone, FromQueryResult)]
pub(super) struct Row {
    pub(super) sequence: i64,
    pub(super) id: Uuid,
    revision: i32,
    void: bool,
    /// The bureau that it is of, where it is of a person's; else its own key.
    pub(super) whose: Option<Uuid>,
}

/// What is written down of one record in one receipt, as far as it concerns the reader.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Moved {
    from: bool,
    to: bool,
    disposed: bool,
    whose: Option<Uuid>,
}

/// What a change is called.
pub(super) struct Kinds;

impl Kinds {
    /// Of a record that was written.
    pub(super) fn of(row: &Row, moved: Option<&Moved>) -> ChangeKind {
        if row.void {
            ChangeKind::Voided
        } else if row.revision == 1 {
            ChangeKind::Created
        } else if moved.is_some_and(|moved| moved.to && !moved.from) {
            ChangeKind::MovedIn
        } else {
            ChangeKind::Revised
        }
    }

    /// Of a record that was not written then, or is not seen: by how it stands now. What was written since is told there.
    pub(super) fn beside((sequence, noun, id): Key, moved: &Moved, row: Option<&Row>) -> Option<(ChangeKind, Option<Uuid>)> {
        match row {
            None if moved.disposed => Some((ChangeKind::Disposed, moved.whose)),
            None if moved.from => Some((ChangeKind::Departed, moved.whose.or_else(|| (noun == RecordedNoun::Staff).then_some(id)))),
            Some(row) if row.sequence < sequence && moved.to && !moved.from => Some((ChangeKind::MovedIn, row.whose)),
            // Of a person, more is shown to who holds them than to who has a post of theirs.
            Some(row) if row.sequence < sequence && noun == RecordedNoun::Staff => Some((ChangeKind::Revised, row.whose)),
            None | Some(_) => None,
        }
    }
}

#[derive(FromQueryResult)]
struct MovedRow {
    sequence: i64,
    noun: String,
    record_id: Uuid,
    disposed: bool,
    held: bool,
    from_bureau_id: Option<BureauId>,
    from_unit_id: Option<UnitId>,
    from_staff_id: Option<StaffId>,
    to_bureau_id: Option<BureauId>,
    to_unit_id: Option<UnitId>,
    to_staff_id: Option<StaffId>,
}

impl MovedRow {
    /// Whether the reader saw the record from where it came, and sees it where it went.
    fn seen(&self, noun: RecordedNoun, scope: &RowScope) -> (bool, bool) {
        // A unit's managers see the posts elsewhere of whom it holds where they have a bureau as well.
        let units = !self.held || noun != RecordedNoun::Posting || scope.bureaus != Extent::Some([].into());
        let sees = |bureau: Option<BureauId>, unit: Option<UnitId>, staff: Option<StaffId>| {
            bureau.is_some_and(|bureau| scope.bureaus.holds(&bureau))
                || units && unit.is_some_and(|unit| scope.units.contains(&unit))
                || staff.is_some() && staff == scope.staff_id
        };
        (sees(self.from_bureau_id, self.from_unit_id, self.from_staff_id), sees(self.to_bureau_id, self.to_unit_id, self.to_staff_id))
    }
}

impl Store {
    /// Rows of a noun that the reader sees and that were written in a span, the first ones.
    pub(super) async fn written(&self, noun: RecordedNoun, sees: &Sees, span: Span, limit: usize) -> Result<Vec<Row>, Error> {
        let Some(scope) = sees.scopes.get(&noun) else { return Ok(Vec::new()) };
        let number = || Expr::col((receipt::Entity, receipt::Column::Sequence));
        macro_rules! of_recorded {
            ($(#[$doc:meta] $name:ident = $table:ident,)+) => {
                match noun {
                    $(RecordedNoun::$name => {
                        let rows = rows::<entity::$table::Entity>(scope, sees).filter(behind(noun, span, key::<entity::$table::Entity>("id")));
                        rows.order_by_asc(number()).order_by_asc(key::<entity::$table::Entity>("id")).limit(limit as u64).into_model().all(self.reader()).await
                    })+
                }
            };
        }
        Ok(entity::each_recorded!(of_recorded)?)
    }

    /// How these records stand that the reader sees.
    pub(super) async fn standing(
        &self,
        sees: &Sees,
        keys: impl Iterator<Item = &Key>,
    ) -> Result<BTreeMap<(RecordedNoun, Uuid), Row>, Error> {
        let mut wanted: BTreeMap<RecordedNoun, BTreeSet<Uuid>> = BTreeMap::new();
        for (_, noun, id) in keys {
            wanted.entry(*noun).or_default().insert(*id);
        }
        let mut standing = BTreeMap::new();
        for (noun, ids) in wanted {
            let Some(scope) = sees.scopes.get(&noun) else { continue };
            let backend = self.db.backend();
            macro_rules! of_recorded {
                ($(#[$doc:meta] $name:ident = $table:ident,)+) => {
                    match noun {
                        $(RecordedNoun::$name => {
                            let those = one_of(backend, entity::$table::Column::Id, ids.into_iter());
                            rows::<entity::$table::Entity>(scope, sees).filter(those).into_model::<Row>().all(self.reader()).await
                        })+
                    }
                };
            }
            let rows = entity::each_recorded!(of_recorded)?;
            standing.extend(rows.into_iter().map(|row| ((noun, row.id), row)));
        }
        Ok(standing)
    }

    /// What is written down beside the rows in a span, by key, as far as it concerns the reader: the first records; and up to which key all was
    /// looked at, where there is more.
    pub(super) async fn moved_rows(&self, sees: &Sees, span: Span, first: usize) -> Result<(BTreeMap<Key, Moved>, Option<Key>), Error> {
        use change::Column;
        let mut concerned = Condition::any();
        for (noun, scope) in &sees.scopes {
            let places = if scope.is_everything() {
                Condition::all().add(Column::Disposed.eq(true))
            } else {
                let from = scope.condition(Column::FromBureauId, Column::FromUnitId, Column::FromStaffId);
                Condition::any().add(from).add(scope.condition(Column::ToBureauId, Column::ToUnitId, Column::ToStaffId))
            };
            concerned = concerned.add(Condition::all().add(Column::Noun.eq(noun.noun().table())).add(places));
        }
        let limit = 3 * first + MORE_MOVES;
        let number = || Expr::col((receipt::Entity, receipt::Column::Sequence));
        let mut select = unscoped::<change::Entity>().expr_as(number(), "sequence").filter(concerned);
        QueryTrait::query(&mut select).join(
            JoinType::InnerJoin,
            receipt::Entity,
            Expr::col((receipt::Entity, receipt::Column::Id)).equals((change::Entity, Column::ReceiptId)),
        );
        let mut beyond = Condition::all().add(number().gte(span.sequence)).add(number().lte(span.upto));
        beyond = match span.past {
            None => beyond.add(number().gt(span.sequence)),
            Some((noun, id)) => {
                let table = noun.noun().table();
                let later = Condition::any()
                    .add(number().gt(span.sequence))
                    .add(Column::Noun.gt(table))
                    .add(Condition::all().add(Column::Noun.eq(table)).add(Column::RecordId.gt(id)));
                beyond.add(later)
            }
        };
        let select = select.filter(beyond).order_by_asc(number()).order_by_asc(Column::Noun).order_by_asc(Column::RecordId);
        let rows: Vec<MovedRow> = select.limit(limit as u64).into_model().all(self.reader()).await?;
        Ok(gathered(sees, &rows, limit))
    }

    /// Leaves the trace of what was told, as lists do; of nothing too, once.
    pub(super) fn note_changes(&self, sees: &Sees, changes: &[&Change]) {
        let mut by_noun: BTreeMap<RecordedNoun, Vec<Uuid>> = BTreeMap::new();
        for change in changes {
            by_noun.entry(change.noun).or_default().extend(change.whose);
        }
        if changes.is_empty() {
            let of_persons = sees.scopes.keys().find(|noun| noun.noun().is_about_persons());
            by_noun.extend(of_persons.map(|noun| (*noun, Vec::new())));
        }
        for (noun, ids) in by_noun {
            macro_rules! of_recorded {
                ($(#[$doc:meta] $name:ident = $table:ident,)+) => {
                    match noun { $(RecordedNoun::$name => self.note_rows::<entity::$table::Entity>(ids),)+ }
                };
            }
            entity::each_recorded!(of_recorded);
        }
    }
}

/// A column that every record has.
fn key<E: EntityTrait>(name: &str) -> SimpleExpr {
    Expr::col((E::default(), Alias::new(name)))
}

/// The rows of a table that the reader sees, as [`Row`], beside their receipts.
fn rows<E: Listed>(scope: &RowScope, sees: &Sees) -> Select<E> {
    let whose = E::PLACE.map_or_else(|| E::PERSON.unwrap_or(E::KEY).into_expr(), |place| place.bureau.into_expr());
    let mut select = unscoped::<E>()
        .filter(E::rows(scope, sees.day))
        .select_only()
        .expr_as(Expr::col((receipt::Entity, receipt::Column::Sequence)), "sequence")
        .expr_as(key::<E>("id"), "id")
        .expr_as(key::<E>("revision"), "revision")
        .expr_as(key::<E>("void_reason").is_not_null(), "void")
        .expr_as(whose, "whose");
    QueryTrait::query(&mut select).join(
        JoinType::InnerJoin,
        receipt::Entity,
        Expr::col((receipt::Entity, receipt::Column::Id)).equals((E::default(), Alias::new("receipt_id"))),
    );
    select
}

/// That a row of a noun lies behind a span's beginning and before its end.
fn behind(noun: RecordedNoun, span: Span, id: SimpleExpr) -> Condition {
    let number = || Expr::col((receipt::Entity, receipt::Column::Sequence));
    let within = Condition::all().add(number().lte(span.upto));
    match span.past {
        Some((past, _)) if noun > past => within.add(number().gte(span.sequence)),
        Some((past, last)) if noun == past => {
            within.add(number().gte(span.sequence)).add(Condition::any().add(number().gt(span.sequence)).add(id.gt(last)))
        }
        _ => within.add(number().gt(span.sequence)),
    }
}

/// The rows of each record together. Of more than were read, the last record may lack some: it is left to the next page.
fn gathered(sees: &Sees, rows: &[MovedRow], limit: usize) -> (BTreeMap<Key, Moved>, Option<Key>) {
    let mut moved: BTreeMap<Key, Moved> = BTreeMap::new();
    for row in rows {
        let Some(noun) = RecordedNoun::of_table(&row.noun) else { continue };
        let Some(scope) = sees.scopes.get(&noun) else { continue };
        let (from, to) = row.seen(noun, scope);
        let all = moved.entry((row.sequence, noun, row.record_id)).or_default();
        let bureau = if noun == RecordedNoun::Staff { None } else { row.from_bureau_id };
        *all = Moved {
            from: all.from || from,
            to: all.to || to,
            disposed: all.disposed || row.disposed && from,
            whose: all.whose.or_else(|| bureau.filter(|_| from).map(|id| id.0)),
        };
    }
    if rows.len() < limit || moved.len() < 2 {
        return (moved, None);
    }
    moved.pop_last();
    let last = moved.last_key_value().map(|(key, _)| *key);
    (moved, last)
}
