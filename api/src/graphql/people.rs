//! People, their posts and careers.

pub mod appointment;
pub mod hire;
pub mod posting;
pub mod staff;
