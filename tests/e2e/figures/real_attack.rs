//! The live figures of a year of real overtime entries, with the file's 78 units as bureaus, attacked as their readers meet them over HTTP.
//!
//! The file says no sex: of five persons one is a woman. Where it is missing the test says so and passes, as `real_input` does.

use super::real_outliers::{compute, entries};
use anyhow::ensure;
use api::{authn::TokenRequest, authz::Role};
use serde_json::{Value, json};
use std::{path::Path, process::Command};
use torikumi_tests::{
    database::Backend,
    fixtures::{staff, with},
    server::{Server, codes},
};

/// Officers of a large bureau and of a middling one, who attack too.
const OFFICERS: [&str; 2] = ["DISTRICT 02", "HOMICIDE UNIT"];

#[tokio::test(flavor = "multi_thread")]
#[ignore = "long: tests/run --whole"]
async fn a_year_of_figures_is_attacked() -> anyhow::Result<()> {
    let Some(entries) = entries()? else { return Ok(()) };
    let server = Server::start(Backend::Sqlite).await?;
    compute(&server, &entries, person).await?;
    let python = std::env::var("TORIKUMI_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let mut command = Command::new(python);
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("attack.py"));
    command.args(["live", "--seconds", "60", "--former", "--url", &server.url, "--from", "2018-04", "--to", "2018-06"]);
    let token = |request: TokenRequest| server.token(&request);
    command.args(["--truth", &token(server.request(Role::Secretariat))?]);
    command.arg("--token").arg(format!("viewer={}", token(server.request(Role::Viewer))?));
    let committee = TokenRequest { body: Some("council".to_owned()), ..server.request(Role::Committee) };
    command.arg("--token").arg(format!("committee={}", token(committee)?));
    for code in OFFICERS {
        let officer = TokenRequest { bureaus: codes(&[code]), ..server.request(Role::BureauOfficer) };
        command.arg("--token").arg(format!("officer:{code}={}", token(officer)?));
    }
    if let Ok(file) = std::env::var("TORIKUMI_TEST_SEEN") {
        command.arg("--save").arg(file);
    }
    let output = command.output()?;
    let (told, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    println!("{}", told.trim_end());
    ensure!(output.status.success() && told.contains("withheld") && !told.contains("FOUND"), "{told}{error}");
    Ok(())
}

fn person(number: &str) -> Value {
    let digit = number.bytes().last().unwrap_or_default();
    with(staff(number), json!({ "sex": if digit % 5 == 0 { "FEMALE" } else { "MALE" } }))
}
