//! Hours, leave and telework.

pub(super) mod caps;
pub(super) mod leave;
pub(super) mod overtime;
pub(super) mod telework;
pub(super) mod work_style;
