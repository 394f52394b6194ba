#![doc = include_str!("../README.md")]

pub mod bomb;
pub mod client;
pub mod database;
pub mod fixtures;
pub mod process;
pub mod server;
pub mod socket;
pub mod worker;
