//! The bodies of the jobs, one file each, as the list in `entity::job_run` names them.
//!
//! Each file has `pub const POLICY: Policy` and `pub(crate) async fn run(&Fence) -> Result<Output, JobError>`. The formatter does not see
//! modules that a macro names: `rustfmt --edition 2024 jobs/src/jobs/*.rs`.

macro_rules! files {
    ($($(#[$doc:meta])* $name:ident = $file:ident;)+) => { $(pub mod $file;)+ };
}
entity::each_job!(files);
