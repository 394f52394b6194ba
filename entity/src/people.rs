//! People, their posts and careers.

pub mod appointment;
pub mod employment;
pub mod hire;
pub mod holding;
pub mod named_holder;
pub mod posting;
pub mod staff;
