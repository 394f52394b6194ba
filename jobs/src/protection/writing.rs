//! Writes decisions, and lets readers meet later values in place of former ones.

use crate::{
    dialect::execute,
    ledger::{Fence, LedgerError},
    measures::Range,
    transaction::put_all,
};
use entity::{
    ids::ProtectionId,
    period::YearMonth,
    protected_month,
    protection::{self, Places, Split},
};
use sea_orm::{ConnectionTrait, DbErr, Value};
use std::collections::BTreeSet;
use uuid::Uuid;

/// How many values change hands in one transaction.
const CHUNK: usize = 1_500;

/// The last months of spans, as the words `{in_months_1}` and `{in_months_2}` take them.
pub(super) fn list(ranges: &[Range]) -> Value {
    list_of(ranges.iter().map(|range| range.month))
}

fn list_of(months: impl Iterator<Item = YearMonth>) -> Value {
    serde_json::to_string(&months.map(YearMonth::as_i32).collect::<Vec<_>>()).unwrap_or_default().into()
}

/// What is written of a span's decision.
pub(super) struct Decision {
    pub range: Range,
    /// Figure, split, and the places that are withheld.
    pub figures: Vec<(String, Split, Places)>,
    /// Bureaus that are withheld whole.
    pub withheld: Places,
    /// Those that appear in the office's total alone.
    pub total_only: Places,
}

/// Writes the decisions of spans of one kind.
pub(super) async fn write_decisions(fence: &Fence, decisions: &[Decision]) -> Result<(), LedgerError> {
    if decisions.is_empty() {
        return Ok(());
    }
    let (run_id, decided_at) = (fence.run().id, fence.computed_at());
    let rows = decisions.iter().flat_map(|decision| {
        let Range { span, month, .. } = decision.range;
        decision.figures.iter().cloned().map(move |(figure, split, withheld)| protection::Model {
            id: ProtectionId::new(),
            span,
            month,
            figure,
            split,
            withheld,
            run_id,
            decided_at,
            superseded_by: None,
        })
    });
    let rows: Vec<_> = rows.collect();
    let headers = decisions.iter().map(|decision| protected_month::Model {
        month: decision.range.month,
        span: decision.range.span,
        withheld: decision.withheld.clone(),
        total_only: decision.total_only.clone(),
        run_id,
        decided_at,
    });
    let tx = fence.write().await?;
    supersede(&*tx, &rows).await?;
    put_all(&*tx, rows, false).await?;
    put_all(&*tx, headers.collect(), true).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends the decisions whose place these take. One text for all: the decisions of a span are a few hundred.
async fn supersede<C: ConnectionTrait>(tx: &C, rows: &[protection::Model]) -> Result<(), DbErr> {
    let Some(first) = rows.first() else { return Ok(()) };
    let names: Vec<_> = rows.iter().map(|row| format!("{}/{}/{}", row.month.as_i32(), row.figure, row.split.as_text())).collect();
    let sql = "UPDATE protection SET superseded_by = $1
        WHERE month {in_months_2} AND span = $3 AND superseded_by IS NULL AND CAST(month AS text) || '/' || figure || '/' || split IN {texts_4}";
    let months: BTreeSet<YearMonth> = rows.iter().map(|row| row.month).collect();
    let values =
        vec![first.run_id.into(), list_of(months.into_iter()), first.span.into(), serde_json::to_string(&names).unwrap_or_default().into()];
    execute(tx, sql, values).await.map(|_| ())
}

/// Former values that readers meet no more, and the later ones that they meet in their place.
pub(super) struct Renewal {
    pub kept: Vec<Uuid>,
    pub held: Vec<Uuid>,
}

/// Lets readers meet later values in place of former ones.
pub(super) async fn renew(fence: &Fence, values: &[Renewal]) -> Result<(), LedgerError> {
    for chunk in values.chunks(CHUNK) {
        let tx = fence.write().await?;
        let ids = |of: fn(&Renewal) -> &[Uuid]| -> Value {
            let ids: Vec<Uuid> = chunk.iter().flat_map(of).copied().collect();
            serde_json::to_string(&ids).unwrap_or_default().into()
        };
        let set = |is_public: &str| format!("UPDATE indicator_value SET is_public = {is_public} WHERE id IN {{ids_1}}");
        execute(&*tx, &set("FALSE"), vec![ids(|value| &value.kept)]).await?;
        execute(&*tx, &set("TRUE"), vec![ids(|value| &value.held)]).await?;
        tx.commit().await?;
    }
    Ok(())
}
