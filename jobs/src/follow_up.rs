#![doc = include_str!("follow_up/README.md")]
//!
//! The yearly follow-up (clause VI): a frozen snapshot, what follows from it, what of it may be shown, and the files of a release.
//!
//! All of it is pure and rests on the snapshot alone, so that a release can be rebuilt byte for byte anywhere: [`release`] is what a release
//! says. Deliberately absent: any connection (the job `follow-up-dataset` and the API's store have theirs), and "now".

pub mod disclosure;
pub mod draft;
pub mod package;
pub mod release;
pub mod settings;
pub mod snapshot;
