//! Bureaus put together until each group is large enough to be split further.

/// Groups bureaus in their order until each group has at least `least` persons; what is left over at the end joins the last group.
///
/// The order is the office's own (that of its organisation chart), so that neighbours are kin and a year's groups change little.
#[must_use]
pub fn group_bureaus(sizes: &[(u16, i64)], least: i64) -> Vec<Vec<u16>> {
    let mut groups: Vec<Vec<u16>> = Vec::new();
    let mut open: Vec<u16> = Vec::new();
    let mut in_open = 0;
    for (bureau, persons) in sizes {
        open.push(*bureau);
        in_open += persons;
        if in_open >= least {
            groups.push(std::mem::take(&mut open));
            in_open = 0;
        }
    }
    match groups.last_mut() {
        Some(group) => group.append(&mut open),
        None if open.is_empty() => {}
        None => groups.push(open),
    }
    groups
}
