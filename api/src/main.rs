//! The `torikumi` binary.

mod cli;

use clap::Parser;
use mimalloc::MiMalloc;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// A page of rows is some thousand small allocations, of which each thread frees those of others; the system's allocator took a seventh of
/// the processor's time.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let filter = match std::env::var("TORIKUMI_LOG") {
        Err(_) => EnvFilter::new(cli.log_filter()),
        Ok(filter) => match EnvFilter::try_new(filter) {
            Ok(filter) => filter,
            Err(error) => {
                eprintln!("torikumi: TORIKUMI_LOG: {error}");
                return ExitCode::FAILURE;
            }
        },
    };
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
    // A panic's message may quote what it was about; the place is enough to find it.
    std::panic::set_hook(Box::new(|panic| tracing::error!(place = ?panic.location().map(ToString::to_string), "panic")));
    match cli.execute().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("torikumi: {error:#}");
            ExitCode::FAILURE
        }
    }
}
