//! What goes wrong in the work of one job: its own error type, of which the ledger knows no more than this.

/// What a job may come upon in its own work. The ledger asks of it whether it may pass, and writes it down.
pub trait Fault: std::error::Error + Send + Sync {
    /// Whether another attempt is worth it.
    fn may_pass(&self) -> bool {
        false
    }
}
