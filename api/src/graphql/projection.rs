//! Lists of plain fields: where all that a query selects of a list's rows are columns, the list is a sheet of just these columns.
//!
//! The general way reads whole rows and has the library make a future for each field of each row, which on a page of 50 rows is most of a
//! request's time. A table that says which of its columns its fields show ([`Plain`]) is spared both: the selection is looked ahead, the one
//! statement selects what is asked for, and the answer is written row by row. Whatever is not plain (arguments, directives, other rows,
//! a key asked for twice) goes the general way, and a test holds both ways to one answer. Deliberately absent: any rule; protected
//! figures and persons' own rows are never plain beyond the scoped select that both ways share.

use super::{connection::store, node::global_id};
use crate::{
    authz::{Action, Noun},
    error::Error,
    store::joined::{Asked, ProjectedRow},
};
use async_graphql::{
    Context, Name, Positioned, Value,
    indexmap::IndexMap,
    parser::types::{Field, FragmentDefinition, Selection, SelectionSet},
};
use entity::{bureau, period::YearMonth, unit};
use sea_orm::{DbErr, EntityTrait};
use std::collections::HashMap;
use uuid::Uuid;

/// How a column is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// A whole number.
    Number,
    /// 0 or 1, as a Boolean.
    Flag,
    /// A text.
    Text,
    /// A member of an enum, by the word that GraphQL and the database share; or null.
    Member,
    /// A month.
    Month,
    /// The row's global id.
    Id(&'static str),
}

/// Fields that are columns: name, column, how it is shown.
pub type Fields<C> = &'static [(&'static str, C, Shown)];

/// A table whose GraphQL type has fields that are columns.
pub trait Plain: EntityTrait {
    /// The GraphQL type.
    const TYPE: &'static str;
    /// Its plain fields.
    const FIELDS: Fields<Self::Column>;
}

impl Plain for bureau::Entity {
    const TYPE: &'static str = "Bureau";
    const FIELDS: Fields<bureau::Column> = &[
        ("id", bureau::Column::Id, Shown::Id("bureau")),
        ("code", bureau::Column::Code, Shown::Text),
        ("nameJa", bureau::Column::NameJa, Shown::Text),
        ("nameEn", bureau::Column::NameEn, Shown::Text),
        ("visibility", bureau::Column::Visibility, Shown::Member),
    ];
}

impl Plain for unit::Entity {
    const TYPE: &'static str = "Unit";
    const FIELDS: Fields<unit::Column> = &[
        ("id", unit::Column::Id, Shown::Id("unit")),
        ("code", unit::Column::Code, Shown::Text),
        ("nameJa", unit::Column::NameJa, Shown::Text),
        ("nameEn", unit::Column::NameEn, Shown::Text),
    ];
}

/// What stands at one key of a row.
#[derive(Debug)]
enum Cell {
    Column(usize, Shown),
    Object(Vec<(Name, Cell)>),
    TypeName(&'static str),
}

/// A selection on the rows of a list, as columns.
#[derive(Debug)]
pub struct Projection<C> {
    /// What the statement selects.
    pub columns: Vec<Asked<C>>,
    /// How a row is shown.
    pub cells: Cells,
}

/// How a row of a sheet is shown: the keys of the answer, each with its column.
#[derive(Debug)]
pub struct Cells(Vec<(Name, Cell)>);

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// The columns of a sheet while its selection is read.
struct Reading<'a, C> {
    columns: Vec<Asked<C>>,
    fragments: &'a Fragments,
}

/// What the list at hand is asked for of each row, where all of it is plain.
pub(super) fn asked<E: Plain>(ctx: &Context<'_>) -> Option<Projection<E::Column>> {
    let store = store(ctx);
    // Whoever may not read what a row leads to gets the general way's answer.
    let leads = store.may(Action::Read(Noun::Bureau)) && store.may(Action::Read(Noun::Unit));
    sheet_of::<E>(rows_of(&ctx.item.node.selection_set.node)?, &ctx.query_env.fragments).filter(|_| leads)
}

/// A selection on a table's rows, where all of it is plain.
fn sheet_of<E: Plain>(set: &SelectionSet, fragments: &Fragments) -> Option<Projection<E::Column>> {
    let mut reading = Reading { columns: Vec::new(), fragments };
    let mut cells = Vec::new();
    reading.fill::<E>(set, Asked::Own, true, &mut cells)?;
    Some(Projection { columns: reading.columns, cells: Cells(cells) })
}

impl<C> Reading<'_, C> {
    /// Adds the cells of a selection on the list's own table, or on one that its rows lead to.
    fn fill<E: Plain>(
        &mut self,
        set: &SelectionSet,
        asked: fn(E::Column) -> Asked<C>,
        own: bool,
        cells: &mut Vec<(Name, Cell)>,
    ) -> Option<()> {
        for selection in &set.items {
            let (condition, inner) = match &selection.node {
                Selection::Field(field) => {
                    let key = plain_key(&field.node)?;
                    if cells.iter().any(|(other, _)| other == key) {
                        return None;
                    }
                    let cell = self.cell::<E>(&field.node, asked, own)?;
                    cells.push((key.clone(), cell));
                    continue;
                }
                Selection::FragmentSpread(spread) if spread.node.directives.is_empty() => {
                    let fragment = &self.fragments.get(&spread.node.fragment_name.node)?.node;
                    (Some(&fragment.type_condition), &fragment.selection_set)
                }
                Selection::InlineFragment(inline) if inline.node.directives.is_empty() => {
                    (inline.node.type_condition.as_ref(), &inline.node.selection_set)
                }
                Selection::FragmentSpread(_) | Selection::InlineFragment(_) => return None,
            };
            if condition.is_some_and(|condition| condition.node.on.node != E::TYPE) {
                return None;
            }
            self.fill::<E>(&inner.node, asked, own, cells)?;
        }
        Some(())
    }

    fn cell<E: Plain>(&mut self, field: &Field, asked: fn(E::Column) -> Asked<C>, own: bool) -> Option<Cell> {
        let name = field.name.node.as_str();
        if name == "__typename" {
            return Some(Cell::TypeName(E::TYPE));
        }
        if let Some((_, column, shown)) = E::FIELDS.iter().find(|(own, ..)| *own == name) {
            return Some(self.column(asked(*column), *shown));
        }
        let mut cells = Vec::new();
        let set = &field.selection_set.node;
        match name {
            "staffNumber" if own => return Some(self.column(Asked::StaffNumber, Shown::Text)),
            "bureau" if own => self.fill::<bureau::Entity>(set, Asked::Bureau, false, &mut cells)?,
            "unit" if own => self.fill::<unit::Entity>(set, Asked::Unit, false, &mut cells)?,
            _ => return None,
        }
        Some(Cell::Object(cells))
    }

    fn column(&mut self, asked: Asked<C>, shown: Shown) -> Cell {
        self.columns.push(asked);
        Cell::Column(self.columns.len() - 1, shown)
    }
}

impl Cells {
    /// A row as the query asked for it.
    pub(super) fn show(&self, row: &ProjectedRow) -> Result<Value, Error> {
        Ok(object(&self.0, row)?)
    }

    /// A row with its cursor, as `edges` asked for it.
    pub(super) fn edge(&self, cursor: &str, row: &ProjectedRow, set: &SelectionSet) -> Result<Value, Error> {
        let mut shown = IndexMap::with_capacity(set.items.len());
        for selection in &set.items {
            if let Selection::Field(field) = &selection.node {
                let value = if field.node.name.node == "cursor" { Value::from(cursor) } else { self.show(row)? };
                shown.insert(field.node.response_key().node.clone(), value);
            }
        }
        Ok(Value::Object(shown))
    }
}

/// The one selection on the rows of a list: `nodes { … }`, or `edges { cursor node { … } }`.
fn rows_of(list: &SelectionSet) -> Option<&SelectionSet> {
    let mut found = None;
    for selection in &list.items {
        let Selection::Field(field) = &selection.node else { return None };
        let set = match field.node.name.node.as_str() {
            "nodes" => &field.node.selection_set.node,
            "edges" => node_of(&field.node.selection_set.node)?,
            _ => continue,
        };
        plain_key(&field.node)?;
        if found.replace(set).is_some() {
            return None;
        }
    }
    found
}

fn node_of(edge: &SelectionSet) -> Option<&SelectionSet> {
    let mut found = None;
    for selection in &edge.items {
        let Selection::Field(field) = &selection.node else { return None };
        plain_key(&field.node)?;
        match field.node.name.node.as_str() {
            "cursor" => {}
            "node" if found.is_none() => found = Some(&field.node.selection_set.node),
            _ => return None,
        }
    }
    found
}

/// The key of a field without arguments and directives.
fn plain_key(field: &Field) -> Option<&Name> {
    (field.arguments.is_empty() && field.directives.is_empty()).then(|| &field.response_key().node)
}

fn object(cells: &[(Name, Cell)], row: &ProjectedRow) -> Result<Value, DbErr> {
    let mut shown = IndexMap::with_capacity(cells.len());
    for (key, cell) in cells {
        let value = match cell {
            Cell::Column(at, how) => value(row, *at, *how)?,
            Cell::Object(cells) => object(cells, row)?,
            Cell::TypeName(name) => Value::from(*name),
        };
        shown.insert(key.clone(), value);
    }
    Ok(Value::Object(shown))
}

fn value(row: &ProjectedRow, at: usize, how: Shown) -> Result<Value, DbErr> {
    Ok(match how {
        Shown::Number => row.get::<i32>(at)?.into(),
        Shown::Flag => (row.get::<i32>(at)? == 1).into(),
        Shown::Text => row.get::<String>(at)?.into(),
        Shown::Member => row.get::<Option<String>>(at)?.map_or(Value::Null, |member| Value::Enum(Name::new(member))),
        Shown::Month => row.get::<YearMonth>(at)?.to_string().into(),
        Shown::Id(table) => global_id(table, row.get::<Uuid>(at)?).0.into(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::graphql::schema;
    use async_graphql::parser::{parse_query, types::DocumentOperations};
    use entity::person_month;

    fn set_of(text: &str) -> SelectionSet {
        let DocumentOperations::Single(operation) = parse_query(text).unwrap().operations else { panic!("one operation") };
        operation.node.selection_set.node
    }

    fn columns(text: &str) -> Option<usize> {
        sheet_of::<person_month::Entity>(&set_of(text), &HashMap::new()).map(|sheet| sheet.columns.len())
    }

    /// A field that is added to the object and not to its plain fields shows here.
    #[test]
    fn all_of_a_persons_month_is_plain() {
        let sdl = schema().sdl();
        let fields = sdl.split("type PersonMonth {").nth(1).unwrap().split('}').next().unwrap();
        let fields = fields.lines().filter_map(|line| line.trim().split_once(": ")).map(|(name, _)| name);
        for field in fields.filter(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
            let text = if matches!(field, "bureau" | "unit") {
                format!("{{ {field} {{ id code nameJa nameEn }} }}")
            } else {
                format!("{{ {field} }}")
            };
            assert!(columns(&text).is_some(), "{field}");
        }
    }

    #[test]
    fn only_what_is_asked_for_is_selected() {
        assert_eq!(columns("{ workedMinutes m: overtimeMinutes ... on PersonMonth { band } ... { __typename } }"), Some(3));
        assert_eq!(columns("{ staffNumber bureau { code nameJa __typename } unit { code } }"), Some(4));
    }

    #[test]
    fn what_is_not_plain_goes_the_general_way() {
        for text in [
            "{ band band }",
            "{ band @x }",
            "{ band(x: 1) }",
            "{ ... on Node { band } }",
            "{ ... @x { band } }",
            "{ ...F }",
            "{ none }",
            "{ unit { bureau { code } } }",
            "{ bureau { successor { code } } }",
        ] {
            assert_eq!(columns(text), None, "{text}");
        }
        assert!(rows_of(&set_of("{ totalCount pageInfo { endCursor } edges { cursor node { band } } }")).is_some());
        for text in [
            "{ totalCount }",
            "{ nodes { band } n: nodes { sex } }",
            "{ nodes { band } edges { node { sex } } }",
            "{ ...F }",
            "{ edges { cursor } }",
            "{ edges { node { band } n: node { sex } } }",
            "{ edges { __typename node { band } } }",
        ] {
            assert!(rows_of(&set_of(text)).is_none(), "{text}");
        }
    }
}
