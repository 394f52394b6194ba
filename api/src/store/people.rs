//! People, their posts and careers.

pub mod appointment;
pub mod employment;
pub mod hire;
pub mod holding;
pub mod person_file;
pub mod posting;
pub mod staff;
