#![doc = include_str!("../README.md")]

pub mod horizon;
pub mod ids;
pub mod key;
pub mod named;
pub mod noun;
pub mod overtime;
pub mod period;
pub mod quotient;
pub mod record;
pub mod recorded;
pub mod text;
mod text_enum;
pub mod work_time;

// The nouns, by family; each is named without it.
pub mod figures;
pub mod follow_up;
pub mod operations;
pub mod organisation;
pub mod people;
pub mod plan;
pub mod time;

pub use figures::*;
pub use follow_up::{
    data_call, finding, follow_up_event, follow_up_report, release, release_file, release_observation, snapshot, snapshot_part, submission,
};
pub use operations::*;
pub use organisation::*;
pub use people::*;
pub use plan::{clause, initiative, submission_item, target};
pub use time::*;
