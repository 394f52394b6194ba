//! What reaches the service from outside.

pub mod aborts;
pub mod bad_input;
pub mod failing;
pub mod hostile;
pub mod installation;
pub mod schema;
pub mod specification;
pub mod strain;
