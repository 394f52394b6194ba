//! The bureaus that acts of the audit trail concerned, who are told of them.

use crate::{
    authz::{Action, Noun, Role},
    error::Error,
    store::{Store, page::one_of, scope::Extent, unscoped},
};
use entity::{audit_entry, bureau_set, ids::AuditEntryId};
use row::{Column, Entity, Model};
use sea_orm::{
    ColumnTrait, Condition, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, ExprTrait, JoinType, SelectStatement},
};
use std::collections::HashMap;

/// Whom an act concerned.
#[derive(Debug, Clone)]
pub struct Concerned {
    /// The bureaus in which the actor sees what was done, in the order of their ids.
    pub seen: Vec<Model>,
    /// Whether it concerned no other bureau.
    pub is_all: bool,
}

/// The bureaus that acts concerned, a row each, out of the entries and the sets of bureaus that they name.
pub mod row {
    use entity::ids::{AuditEntryId, BureauId};
    use sea_orm::entity::prelude::*;

    /// One bureau that one act concerned.
    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "told")]
    pub struct Model {
        /// The act.
        #[sea_orm(primary_key, auto_increment = false)]
        pub entry_id: AuditEntryId,
        /// The bureau that holds the people, or to which the rows belong.
        #[sea_orm(primary_key, auto_increment = false)]
        pub bureau_id: BureauId,
        /// How many: rows that were read or counted, people whose records were written; 0 where the act was done in the bureau and counts neither.
        pub concerned: i64,
    }

    /// It has no relations.
    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// That the entry's set is this row's, and the entry concerned this row's bureau.
const CONCERNS: &str = "bureau_set.id = audit_entry.bureau_set_id AND (audit_entry.concerned ->> bureau_set.place) IS NOT NULL";

/// Whom acts concerned, of those that match a filter of entry and set.
pub(in crate::store) fn told(filter: Condition) -> Select<Entity> {
    let rows = unscoped::<audit_entry::Entity>()
        .select_only()
        .column_as(audit_entry::Column::Id, Column::EntryId)
        .column(bureau_set::Column::BureauId)
        .expr_as(Expr::cust("CAST((audit_entry.concerned ->> bureau_set.place) AS bigint)"), Column::Concerned)
        .filter(filter);
    let mut rows: SelectStatement = rows.into_query();
    rows.join(JoinType::InnerJoin, bureau_set::Entity, Expr::cust(CONCERNS));
    let mut told = unscoped::<Entity>();
    QueryTrait::query(&mut told).from_clear().from_subquery(rows, Entity);
    told
}

/// The entries that are shown: an auditor's, who has no other role, where inquiries are seen alone.
pub(in crate::store) fn shown(inquiries: bool) -> Condition {
    let of_inquiry = audit_entry::Column::Roles.eq(Role::Auditor.as_str());
    Condition::all().add_option((!inquiries).then(|| of_inquiry.not()))
}

/// That an entry concerned a bureau of which something is asked.
pub(in crate::store) fn concerns(bureau: impl FnOnce(bureau_set::Column) -> Expr) -> Condition {
    let sets = unscoped::<bureau_set::Entity>().select_only().column(bureau_set::Column::Id);
    let sets = sets.filter(bureau(bureau_set::Column::BureauId)).filter(Expr::cust(CONCERNS));
    Condition::all().add(Expr::exists(sets.into_query()))
}

impl Store {
    /// Whom acts concerned; an act that concerned no bureau is not among them.
    ///
    /// # Errors
    /// As [`Store::allow`].
    pub async fn concerned(&self, entries: &[AuditEntryId]) -> Result<HashMap<AuditEntryId, Concerned>, Error> {
        let scope = self.allow(Action::Read(Noun::AuditEntry))?;
        let of_entries = one_of(self.db.backend(), audit_entry::Column::Id, entries.iter().map(|id| id.0));
        let rows = told(shown(scope.inquiries).add(of_entries)).order_by_asc(Column::BureauId);
        let mut concerned: HashMap<_, Concerned> = HashMap::new();
        for row in rows.all(self.reader()).await? {
            let act = concerned.entry(row.entry_id).or_insert(Concerned { seen: Vec::new(), is_all: true });
            match &scope.bureaus {
                Extent::Some(bureaus) if !bureaus.contains(&row.bureau_id) => act.is_all = false,
                _ => act.seen.push(row),
            }
        }
        Ok(concerned)
    }
}
