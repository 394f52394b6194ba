//! People, their posts and careers.

pub mod appointment;
pub mod hire;
pub mod person_file;
pub mod posting;
pub mod staff;
