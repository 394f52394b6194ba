//! What releases print of a span: public by their own rule, so that it hides nobody in live figures that are decided after them.

use super::{bureaus::Bureaus, decision::Key, model::place};
use crate::{dialect::few_rows, measures::Range};
use entity::measure_cell::Span;
use sea_orm::{ConnectionTrait, DbErr};
use std::collections::{BTreeMap, BTreeSet};

/// The bureaus whose figures are printed, by figure and split.
pub(super) type Released = BTreeMap<Key, BTreeSet<usize>>;

/// Withdrawn releases were public too.
const PRINTED: &str =
    "SELECT DISTINCT o.indicator, o.bureau, o.sex, o.band FROM release r JOIN release_observation o ON o.release_id = r.id
    WHERE r.state <> 'DRAFT' AND o.date_from = $1 AND o.date_to = $2 AND o.numerator IS NOT NULL";

/// What was printed of a span; nothing of a month, and of a year until it is whole.
pub(super) async fn load<C: ConnectionTrait>(tx: &C, ranges: &[Range], bureaus: &Bureaus) -> Result<Released, DbErr> {
    let mut released = Released::new();
    let [Range { span, month, .. }] = ranges else { return Ok(released) };
    let first = Range::ending(*span, *month).first;
    if *span == Span::Month || first.add_months(11) != *month {
        return Ok(released);
    }
    for row in few_rows(tx, PRINTED, vec![first.first_day().into(), month.last_day().into()]).await? {
        let (figure, bureau): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let (sex, band): (String, String) = (row.try_get_by_index(2)?, row.try_get_by_index(3)?);
        if let (Some(bureau), Some((split, _))) = (bureaus.known(&bureau), place(&sex, &band)) {
            released.entry((figure, split)).or_default().insert(bureau);
        }
    }
    Ok(released)
}
