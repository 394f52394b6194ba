//! `protection`: deciding what live figures withhold, of twelve months of offices of 22 and of 1,000 bureaus, apart from computing them.

use std::path::Path;

use crate::month::{compute, run_job};
use crate::platform::migrate;
use crate::server::Server;

/// Measures both offices. A run without a month decides all that former versions of the program left undecided, and computes nothing else.
pub fn run(server: &Server, sql: &Path) -> anyhow::Result<()> {
    println!("\nprotection: what is withheld of twelve months and their years to date, PostgreSQL");
    for (bureaus, aim) in [(22, "at most 2 s a month"), (1_000, "at most 60 s and 200 MB")] {
        let url = server.database(&format!("protected_{bureaus}"))?;
        migrate(&url)?;
        compute(&url, "monthly-indicators", "2018-04")?;
        // The current months, of which nobody knows anything, are computed before.
        run_job(&url, &["monthly-indicators"])?;
        let count = format!("bureaus={bureaus}");
        server.psql(&url, &["-v", &count, "-f", &sql.join("protection.sql").display().to_string()])?;
        let run = run_job(&url, &["monthly-indicators"])?;
        let values = server.value(&url, "SELECT COUNT(*) FROM indicator_value")?;
        let places = server.value(&url, "SELECT SUM(json_array_length(withheld)) FROM protection WHERE superseded_by IS NULL")?;
        println!(
            "  {bureaus} bureaus: {values} values, {places} places withheld, {:.2} s, peak memory {} MB ({aim})",
            run.time.as_secs_f64(),
            run.memory
        );
    }
    Ok(())
}
