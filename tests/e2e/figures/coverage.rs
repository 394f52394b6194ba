//! What nobody has reported, as front ends see it: statuses, coverage, the bureaus that are left out, and what is not held against a target.

use api::authz::Role;
use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::fixtures::{Office, absence, nodes, posting, record, shift, staff, with};

use crate::jobs::done;

const APRIL: &str = "2020-04";

/// April's value of an indicator for one bureau, or the office as TOTAL.
async fn value(client: &Client, code: &str, bureau: &str) -> anyhow::Result<Value> {
    let document = "query ($filter: IndicatorValueFilter!) { indicatorValues(first: 5, filter: $filter) { nodes {
        status value attained notReported coverage { people of band isPartial } } } }";
    let filter = json!({ "codes": [code], "bureaus": [bureau], "sexes": ["TOTAL"], "bands": ["TOTAL"], "spans": ["MONTH"], "from": APRIL, "to": APRIL });
    Ok(nodes(client, document, "indicatorValues", json!({ "filter": filter })).await?.pop().unwrap_or_default())
}

/// A has five people, of whom four have a shift; B has one, of whom nobody has said anything. April is April 2020.
async fn office(backend: torikumi_tests::database::Backend) -> anyhow::Result<Office> {
    let office = Office::open(backend).await?;
    let more = ["S5", "S6", "S7"];
    record(&office.a, "Staff", more.map(staff).to_vec()).await?;
    record(&office.a, "Postings", more.map(|number| posting(number, number, ("A", "A1"), "2018-01-01")).to_vec()).await?;
    let shifts = ["S1", "S5", "S6", "S7"].map(|number| shift(number, number, "2020-04-08", ("18:00", "20:00")));
    record(&office.a, "Shifts", shifts.to_vec()).await?;
    let target = json!({ "externalId": "1", "indicator": "MEAN_OVERTIME_HOURS", "clause": "IV", "population": "OFFICE", "decider": "PLAN",
        "qualifier": "AT_MOST", "valueNumerator": 30, "valueDenominator": 1, "validFrom": "2015-04-01" });
    record(&office.server.admin()?, "Targets", vec![target]).await?;
    done(&office, json!(APRIL), "1").await?;
    Ok(office)
}

both!(a_month_that_nobody_reported_is_no_month_without_overtime, async |backend| {
    let office = office(backend).await?;
    let of = async |bureau: &str| value(&office.secretariat, "MEAN_OVERTIME_HOURS", bureau).await;
    assert_eq!(
        of("B").await?,
        json!({ "status": "NOT_REPORTED", "value": null, "attained": null, "notReported": [],
            "coverage": { "people": 0, "of": 1, "band": "FEWER", "isPartial": true } })
    );
    assert_eq!(of("A").await?["coverage"], json!({ "people": 4, "of": 5, "band": "MOST", "isPartial": false }), "80 % are not below 80 %");
    // Four of six: the value is shown, and held against nothing.
    assert_eq!(
        of("TOTAL").await?,
        json!({ "status": "PROVISIONAL", "value": "2.0", "attained": null, "notReported": ["B"],
            "coverage": { "people": 4, "of": 6, "band": "FEWER", "isPartial": true } })
    );
    // Who is in post is known without any report.
    let women = value(&office.secretariat, "WOMEN_STAFF", "TOTAL").await?;
    assert_eq!((&women["coverage"], &women["notReported"]), (&Value::Null, &json!([])));
    Ok(())
});

both!(who_sees_no_persons_is_told_a_band, async |backend| {
    let office = office(backend).await?;
    // Six people of each bureau in post, so that nobody is few; of A's all but one are known, of B's nobody.
    for (client, bureau, prefix) in [(&office.a, "A", "M"), (&office.b, "B", "N")] {
        let numbers: Vec<String> = (0..6).map(|number| format!("{prefix}{number}")).collect();
        record(client, "Staff", numbers.iter().map(|number| staff(number)).collect::<Vec<_>>()).await?;
        let unit = format!("{bureau}1");
        let posts = numbers.iter().map(|number| posting(number, number, (bureau, &unit), "2018-01-01"));
        record(client, "Postings", posts.collect::<Vec<_>>()).await?;
    }
    let shifts = (0..6).map(|number| shift(&format!("M{number}"), &format!("M{number}"), "2020-04-08", ("18:00", "20:00")));
    record(&office.a, "Shifts", shifts.collect::<Vec<_>>()).await?;
    done(&office, json!(APRIL), "3").await?;
    let viewer = office.server.client(&office.server.request(Role::Viewer))?;
    let seen = value(&viewer, "MEAN_OVERTIME_HOURS", "TOTAL").await?;
    assert_eq!(seen["status"], "PROVISIONAL", "{seen}");
    assert_eq!(seen["coverage"], json!({ "people": null, "of": null, "band": "FEWER", "isPartial": true }));
    assert_eq!(value(&office.secretariat, "MEAN_OVERTIME_HOURS", "TOTAL").await?["coverage"]["of"], 18);
    Ok(())
});

both!(what_silence_means_is_said_by_an_administrator, async |backend| {
    let office = office(backend).await?;
    let zero = json!([{ "source": "PRESENCE", "meaning": "ZERO" }]);
    let said = absence(&office.server.admin()?, "b", &["B"], zero).await?;
    let presence = json!({ "source": "PRESENCE", "meaning": "ZERO", "stated": true });
    assert!(said["apiClient"]["absence"].as_array().is_some_and(|all| all.contains(&presence) && all.len() == 6), "{said}");
    let of = async |bureau: &str| value(&office.secretariat, "MEAN_OVERTIME_HOURS", bureau).await;
    assert_eq!(of("B").await?["status"], "NOT_REPORTED", "not before the job has run");
    done(&office, Value::Null, "2").await?;
    let b = of("B").await?;
    assert_eq!((&b["status"], &b["value"], &b["coverage"]["band"]), (&json!("PROVISIONAL"), &json!("0.0"), &json!("NEARLY_ALL")));
    // Five of six: 80 % and more, and the target of at most 30 hours is met.
    let total = of("TOTAL").await?;
    assert_eq!((&total["attained"], &total["notReported"], &total["coverage"]["people"]), (&json!(true), &json!([]), &json!(5)));
    Ok(())
});

both!(a_change_makes_a_value_stale_until_it_is_computed, async |backend| {
    let office = office(backend).await?;
    let status = async |bureau: &str| -> anyhow::Result<Value> {
        Ok(value(&office.secretariat, "MEAN_OVERTIME_HOURS", bureau).await?["status"].take())
    };
    record(&office.a, "Shifts", vec![shift("S1", "S1", "2020-04-08", ("18:00", "21:00"))]).await?;
    assert_eq!([status("A").await?, status("B").await?, status("TOTAL").await?], ["STALE", "NOT_REPORTED", "STALE"]);
    done(&office, Value::Null, "2").await?;
    assert_eq!(status("A").await?, "PROVISIONAL");
    Ok(())
});

both!(how_figures_count_is_data, async |backend| {
    let office = office(backend).await?;
    let admin = office.server.admin()?;
    let set = "mutation ($input: SetCountingRuleInput!) { setCountingRule(input: $input) { rule { version coveragePercent firstMonth } } }";
    let rule = json!({ "coveragePercent": 60, "careers": ["MAIN"], "work": ["MAIN", "CONCURRENT_RESIDENT"], "reason": "a trial" });
    for (field, wrong) in [
        ("coveragePercent", json!({ "coveragePercent": 101 })),
        ("careers", json!({ "careers": [] })),
        ("work", json!({ "work": [] })),
        ("firstMonth", json!({ "firstMonth": "2062-01" })),
        ("reason", json!({ "reason": " " })),
    ] {
        let failure = admin.error(set, json!({ "input": with(rule.clone(), wrong) })).await?;
        assert_eq!((failure.code.as_str(), failure.field.as_deref()), ("BAD_USER_INPUT", Some(field)));
    }
    let done_so = admin.query(set, json!({ "input": rule })).await?["setCountingRule"]["rule"].take();
    assert_eq!(done_so, json!({ "version": 2, "coveragePercent": 60, "firstMonth": null }));
    assert_eq!(admin.query(set, json!({ "input": rule })).await?["setCountingRule"]["rule"]["version"], 2, "sent twice it is done once");
    // Four of six are enough now.
    let total = value(&office.secretariat, "MEAN_OVERTIME_HOURS", "TOTAL").await?;
    assert_eq!((&total["attained"], &total["coverage"]["isPartial"]), (&json!(true), &json!(false)));
    let list = "{ countingRules(first: 5) { nodes { version changedBy careers } } }";
    let versions = nodes(&office.secretariat, list, "countingRules", json!({})).await?;
    assert_eq!(versions.iter().map(|row| row["version"].clone()).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(versions[1]["changedBy"], "system");
    Ok(())
});
