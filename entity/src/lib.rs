//! Tables, domain enums and newtypes, and the rules about one row.
//!
//! One file is one table, named as in SQL and GraphQL. Everything here is pure: there is no IO, no GraphQL and no axum, and a rule
//! that needs more than one row lives where the rows are loaded (`api::store`) or summed (`jobs`).

pub mod period;
pub mod work_time;
