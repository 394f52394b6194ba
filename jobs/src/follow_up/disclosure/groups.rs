//! Bureaus put together until each group is large enough to be split further.

/// Groups bureaus in their order until each group has at least `least` persons; what is left over at the end joins the last group.
///
/// The order is the office's own (that of its organisation chart), so that neighbours are kin and a year's groups change little.
#[must_use]
pub fn group_bureaus(sizes: &[(u16, i64)], least: i64) -> Vec<Vec<u16>> {
    let mut groups: Vec<Vec<u16>> = Vec::new();
    let mut open: Vec<u16> = Vec::new();
    let mut persons = 0;
    for (bureau, size) in sizes {
        open.push(*bureau);
        persons += size;
        if persons >= least {
            groups.push(std::mem::take(&mut open));
            persons = 0;
        }
    }
    match groups.last_mut() {
        Some(last) => last.append(&mut open),
        None if open.is_empty() => {}
        None => groups.push(open),
    }
    groups
}
