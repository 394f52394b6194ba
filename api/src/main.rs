//! The `torikumi` binary.

mod cli;

use clap::Parser;
use mimalloc::MiMalloc;
use std::{process::ExitCode, time::Duration};
use tracing_subscriber::EnvFilter;

/// A page of rows is some thousand small allocations, of which each thread frees those of others; the system's allocator took a seventh of
/// the processor's time.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The allocator looks for what to give back to the system when it is asked for more, so that an idle process would keep what it once needed: it
/// is asked now and then, on several threads, for a little.
async fn ask_allocator() {
    const OFTEN: Duration = Duration::from_secs(1);
    const LITTLE: usize = 1 << 20;
    let mut now_and_then = tokio::time::interval(OFTEN);
    loop {
        now_and_then.tick().await;
        for _ in 0..4 {
            tokio::spawn(async { drop(std::hint::black_box(vec![0_u8; LITTLE])) });
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    tokio::spawn(ask_allocator());
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
    match Box::pin(cli.execute()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("torikumi: {error:#}");
            ExitCode::FAILURE
        }
    }
}
