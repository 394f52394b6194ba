//! The official list of public holidays, as the administrator imports it from the command line.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::fixtures::{bureau, nodes, record, unit};
use torikumi_tests::server::Server;

use crate::authz::office::compute;
use crate::real_input::shared;

both!(the_official_list, async |backend| {
    let Some(file) = shared("syukujitsu.csv") else { return Ok(()) };
    let server = Server::start(backend).await?;
    let secretariat = server.secretariat()?;

    assert_eq!(import(&server, &file, &["--dry-run"]).await?, "1067 holidays: 1067 created, 0 updated, 0 unchanged");
    assert_eq!(of_year(&secretariat, 2019).await?.len(), 0, "a dry run wrote something");
    assert_eq!(import(&server, &file, &[]).await?, "1067 holidays: 1067 created, 0 updated, 0 unchanged");
    for (year, count) in [(2015, 17), (2016, 17), (2017, 17), (2018, 20), (2019, 22), (2020, 18), (2021, 17)] {
        assert_eq!(of_year(&secretariat, year).await?.len(), count, "{year}");
    }
    let special = [
        (2019, "2019-04-30", "休日"),
        (2019, "2019-05-01", "休日（祝日扱い）"),
        (2019, "2019-05-02", "休日"),
        (2019, "2019-10-22", "休日（祝日扱い）"),
        (2020, "2020-07-23", "海の日"),
        (2020, "2020-07-24", "スポーツの日"),
    ];
    for (year, date, name) in special {
        let days = of_year(&secretariat, year).await?;
        assert!(days.contains(&(date.to_owned(), name.to_owned())), "{date} {name} is not in {days:?}");
    }

    assert_eq!(import(&server, &file, &[]).await?, "1067 holidays: 0 created, 0 updated, 1067 unchanged");
    Ok(())
});

both!(a_file_that_is_no_list_writes_nothing, async |backend| {
    let server = Server::start(backend).await?;
    let file = server.folder().join("holidays.csv");
    std::fs::write(&file, "date,name\n2019/2/11,建国記念の日\n2019/2/30,ない日\n")?;
    let error = import(&server, &file, &[]).await.err().context("there is no 30th of February")?;
    assert!(error.to_string().contains("line 3"), "{error}");
    assert_eq!(of_year(&server.secretariat()?, 2019).await?, []);
    Ok(())
});

both!(a_list_is_complete_for_its_years_and_makes_their_computed_months_stale, async |backend| {
    let server = Server::start(backend).await?;
    let secretariat = server.secretariat()?;
    record(&secretariat, "Bureaus", vec![bureau("A")]).await?;
    // Another's calendar, in its own numbering, and a year that the list says nothing of.
    let own = |key: &str, date: &str| json!({ "externalId": key, "date": date, "nameJa": "臨時の休日" });
    record(&server.admin()?, "Holidays", vec![own("x", "2019-10-22"), own("y", "2019-10-23"), own("z", "2018-10-23")]).await?;
    let file = server.folder().join("holidays.csv");
    std::fs::write(&file, "月日,名称\n2019/10/14,体育の日\n2019/10/22,即位礼正殿の儀\n")?;
    compute(&server, "2019-10").await?;
    compute(&server, "2018-10").await?;

    let told = |void: &str| {
        format!(
            "2 holidays: 1 created, 1 updated, 0 unchanged\n1 that the list no longer has {void}:\n  2019-10-23 臨時の休日\n\
             months to be computed anew: 2019-10"
        )
    };
    assert_eq!(import(&server, &file, &["--dry-run"]).await?, told("would become void"));
    let day = |date: &str, name: &str| (date.to_owned(), name.to_owned());
    assert_eq!(of_year(&secretariat, 2019).await?, [day("2019-10-22", "臨時の休日"), day("2019-10-23", "臨時の休日")], "a dry run wrote");
    assert_eq!(import(&server, &file, &[]).await?, told("became void"));
    assert_eq!(of_year(&secretariat, 2019).await?, [day("2019-10-14", "体育の日"), day("2019-10-22", "即位礼正殿の儀")]);
    assert_eq!(of_year(&secretariat, 2018).await?, [day("2018-10-23", "臨時の休日")], "the list does not cover 2018");
    let db = server.connect().await?;
    let months = "SELECT DISTINCT month FROM stale_mark ORDER BY month";
    let months = db.query_all_raw(Statement::from_string(db.get_database_backend(), months)).await?;
    let months: Result<Vec<i32>, _> = months.iter().map(|row| row.try_get_by_index(0)).collect();
    assert_eq!(months?, [201_910]);

    // What comes back is one again; the same list once more changes nothing.
    std::fs::write(&file, "月日,名称\n2019/10/14,体育の日\n2019/10/22,即位礼正殿の儀\n2019/10/23,臨時の休日\n")?;
    let again = "3 holidays: 1 created, 0 updated, 2 unchanged\nmonths to be computed anew: 2019-10";
    assert_eq!(import(&server, &file, &[]).await?, again);
    assert_eq!(import(&server, &file, &[]).await?, "3 holidays: 0 created, 0 updated, 3 unchanged");
    Ok(())
});

both!(a_regime_without_an_end_marks_computed_months_alone, async |backend| {
    let server = Server::start(backend).await?;
    let secretariat = server.secretariat()?;
    record(&secretariat, "Bureaus", vec![bureau("A")]).await?;
    record(&secretariat, "Units", vec![unit("A1", "A")]).await?;
    let regime = |kind: &str| json!({ "externalId": "1", "unit": "A1", "regime": kind, "validFrom": "2018-04-01" });
    assert_eq!(record(&secretariat, "WorkRegimes", vec![regime("SELF_PACED")]).await?.stale_months, [""; 0], "nothing was computed");
    for month in ["2018-05", "2019-10"] {
        compute(&server, month).await?;
    }
    let receipt = record(&secretariat, "WorkRegimes", vec![regime("EXTERNALLY_DRIVEN")]).await?;
    assert_eq!(receipt.stale_months, ["2018-05", "2019-10"], "neither those between nor those to come");
    Ok(())
});

/// `torikumi import holidays FILE` on the server's database; what it prints.
async fn import(server: &Server, file: &Path, options: &[&str]) -> anyhow::Result<String> {
    // target/PROFILE/deps/e2e-… stands beside target/PROFILE/torikumi, which tests/run builds.
    let executable = std::env::current_exe()?;
    let program = executable.parent().and_then(Path::parent).context("no target folder")?.join("torikumi");
    ensure!(program.is_file(), "{} is missing: run tests/run, or cargo build --workspace", program.display());
    let mut command = Command::new(program);
    command.args(["import", "holidays"]).arg(file).args(options);
    command.env("DATABASE_URL", &server.database.url).env("TORIKUMI_KEY", server.key_file()).env("TORIKUMI_CONNECTIONS", "2");
    command.env("TORIKUMI_SECURITY_LOG", "off");
    let output = tokio::task::spawn_blocking(move || command.output()).await??;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// Date and name of each holiday of a year.
async fn of_year(client: &Client, year: i32) -> anyhow::Result<Vec<(String, String)>> {
    let document = "query ($from: Date!, $to: Date!) { holidays(first: 100, filter: { from: $from, to: $to }) { nodes { date nameJa } } }";
    let variables = json!({ "from": format!("{year}-01-01"), "to": format!("{}-01-01", year + 1) });
    let days = nodes(client, document, "holidays", variables).await?;
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    Ok(days.iter().map(|day| (text(&day["date"]), text(&day["nameJa"]))).collect())
}
