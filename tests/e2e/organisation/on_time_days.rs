//! On-time days: whose they are to write, and when they are held.

use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::fixtures::{bureau, input, nodes, record, send};
use torikumi_tests::server::Server;

both!(an_officer_keeps_the_bureaus_own_days_and_all_see_when_they_are_held, async |backend| {
    let server = Server::start(backend).await?;
    let (secretariat, admin, officer) = (server.secretariat()?, server.admin()?, server.officer(&["A"])?);
    record(&secretariat, "Bureaus", vec![bureau("A"), bureau("B")]).await?;
    record(&admin, "Holidays", vec![json!({ "externalId": "1", "date": "2020-04-29", "nameJa": "昭和の日" })]).await?;
    let day =
        |key: &str, bureau: Option<&str>, date: &str| json!({ "externalId": key, "bureau": bureau, "date": date, "kind": "OWN_WEEKLY" });
    record(&officer, "OnTimeDays", vec![day("1", Some("A"), "2020-04-29"), day("2", Some("A"), "2020-04-22")]).await?;
    for other in [None, Some("B")] {
        let receipt = send(&officer, "OnTimeDays", input(vec![day("3", other, "2020-04-22")])).await?;
        assert_eq!(receipt.refused(), [(0, "FORBIDDEN", "bureau")], "{other:?}");
    }
    record(&secretariat, "OnTimeDays", vec![day("4", None, "2020-04-15")]).await?;
    let receipt = send(&officer, "OnTimeDays", input(vec![day("4", Some("A"), "2020-04-15")])).await?;
    assert_eq!(receipt.rejections[0].code, "NOT_FOUND", "the office's is not the officer's to change");

    let held = async || -> anyhow::Result<Vec<Value>> {
        let days = nodes(&officer, "{ onTimeDays(first: 50) { nodes { date heldOn } } }", "onTimeDays", Value::Null).await?;
        Ok(days.iter().map(|day| day["heldOn"].clone()).collect())
    };
    assert_eq!(held().await?, [json!("2020-04-15"), json!("2020-04-22"), Value::Null], "one on a holiday lapses");
    let set = "mutation ($input: SetOvertimeRuleInput!) { setOvertimeRule(input: $input) { rule { onTimeGraceMinutes onTimeDayOff } } }";
    for (how, grace, on) in [("NEXT_WORKDAY", 10, "2020-04-30"), ("PREVIOUS_WORKDAY", 0, "2020-04-28")] {
        let members = json!({ "onTimeDayOff": how, "onTimeGraceMinutes": grace });
        let answer = admin.query(set, json!({ "input": crate::outliers::rule("2019-04", members) })).await?;
        assert_eq!(answer["setOvertimeRule"]["rule"], json!({ "onTimeGraceMinutes": grace, "onTimeDayOff": how }));
        assert_eq!(held().await?[2], json!(on));
    }
    let wrong = crate::outliers::rule("2019-04", json!({ "onTimeGraceMinutes": 241 }));
    assert_eq!(admin.error(set, json!({ "input": wrong })).await?.field.as_deref(), Some("onTimeGraceMinutes"));
    Ok(())
});
