//! Random histories of employment, posts and namings: who holds people, who sees them and where their months stand follow `tests/holder.py`.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use chrono::{NaiveDate, TimeDelta};
use entity::ids::StaffId;
use sea_orm::{DatabaseConnection, EntityTrait, QueryOrder};
use serde_json::{Map, Value, json};
use torikumi_tests::both;
use torikumi_tests::fixtures::{Office, input, nodes, posting, send, staff, with};

use crate::jobs::done;

/// People of a history.
const PEOPLE: i64 = 60;

/// A small generator, so that a failure repeats.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 33).unwrap_or_default() % sides
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        let sides = i64::try_from(of.len()).unwrap_or(1);
        of[usize::try_from(self.roll(sides)).unwrap_or_default()].clone()
    }

    /// A day from so many before today to as many after, never before the histories begin.
    fn near(&mut self, today: NaiveDate, days: i64) -> NaiveDate {
        (today + TimeDelta::days(self.roll(2 * days) - days)).max(first())
    }

    fn number(&mut self) -> String {
        format!("R{:03}", self.roll(PEOPLE))
    }

    fn post(&mut self, key: &str, number: &str, today: NaiveDate) -> Value {
        let place = self.one(&[("A", "A1"), ("A", "A2"), ("B", "B1")]);
        let from = self.near(today, 50);
        let kind = if self.roll(3) == 0 { "PRIMARY" } else { "CONCURRENT" };
        let post = with(posting(key, number, place, &from.to_string()), json!({ "kind": kind, "resident": self.roll(2) == 0 }));
        if self.roll(3) == 0 { post } else { with(post, json!({ "validTo": from + TimeDelta::days(1 + self.roll(60)) })) }
    }

    fn person(&mut self, number: &str, hired: NaiveDate) -> Value {
        let recorded = self.one(&[Value::Null, json!("A"), json!("B")]);
        let person = with(staff(number), json!({ "sex": "FEMALE", "hiredOn": hired, "recordedFor": recorded }));
        let left = hired + TimeDelta::days(1 + self.roll(90));
        if self.roll(3) == 0 { with(person, json!({ "separatedOn": left, "separationReason": "END_OF_SECONDMENT" })) } else { person }
    }
}

fn first() -> NaiveDate {
    NaiveDate::from_ymd_opt(2020, 1, 1).unwrap_or_default()
}

/// What the office knows, and who holds whom, as the script reads it.
async fn known(db: &DatabaseConnection) -> anyhow::Result<Map<String, Value>> {
    let bureaus: BTreeMap<_, _> = entity::bureau::Entity::find().all(db).await?.into_iter().map(|row| (row.id, row.code)).collect();
    let mut people: BTreeMap<StaffId, (String, Value)> = BTreeMap::new();
    for row in entity::staff::Entity::find().all(db).await?.into_iter().filter(|row| row.staff_number.starts_with('R')) {
        let created = entity::period::civil_date(row.created_at);
        let recorded = row.recorded_bureau_id.map(|id| bureaus[&id].clone());
        let person = json!({ "created": created, "recorded": recorded, "employment": [], "posts": [], "named": [], "held": [] });
        people.insert(row.id, (row.staff_number, person));
    }
    let mut add = |id: StaffId, list: &str, row: Value| {
        if let Some(rows) = people.get_mut(&id).and_then(|(_, person)| person[list].as_array_mut()) {
            rows.push(row);
        }
    };
    for row in entity::employment::Entity::find().all(db).await?.into_iter().filter(|row| row.void_reason.is_none()) {
        add(row.staff_id, "employment", json!({ "from": row.valid_from, "to": row.valid_to }));
    }
    for row in entity::posting::Entity::find().all(db).await?.into_iter().filter(|row| row.void_reason.is_none()) {
        let main = row.kind == entity::posting::PostingKind::Primary;
        let post = json!({ "id": row.id, "bureau": bureaus[&row.bureau_id], "from": row.valid_from, "to": row.valid_to, "main": main, "resident": row.resident });
        add(row.staff_id, "posts", post);
    }
    for row in entity::named_holder::Entity::find().all(db).await? {
        add(row.staff_id, "named", json!({ "from": row.valid_from, "bureau": bureaus[&row.bureau_id] }));
    }
    for row in entity::holding::Entity::find().order_by_asc(entity::holding::Column::ValidFrom).all(db).await? {
        let held = json!({ "from": row.valid_from, "to": row.valid_to, "bureau": bureaus[&row.bureau_id], "post": row.posting_id });
        add(row.staff_id, "held", held);
    }
    Ok(people.into_values().collect())
}

/// Whom each bureau holds and sees on a day.
async fn looks(office: &Office, today: NaiveDate) -> anyhow::Result<Vec<Value>> {
    office.server.set_now(today.and_hms_opt(3, 0, 0).unwrap_or_default().and_utc());
    let mut looks = Vec::new();
    for (client, bureau) in [(&office.a, "A"), (&office.b, "B")] {
        let told = nodes(client, "{ staff(first: 500) { nodes { staffNumber sex } } }", "staff", json!({})).await?;
        let of = |held: bool| -> Vec<Value> {
            let mine = told.iter().filter(|person| person["staffNumber"].as_str().is_some_and(|number| number.starts_with('R')));
            mine.filter(|person| !held || !person["sex"].is_null()).map(|person| person["staffNumber"].clone()).collect()
        };
        looks.push(json!({ "today": today, "bureau": bureau, "holds": of(true), "sees": of(false) }));
    }
    Ok(looks)
}

/// One change of somebody's employment, posts or holder. Many are refused.
async fn change(office: &Office, dice: &mut Dice, key: &str, today: NaiveDate) -> anyhow::Result<()> {
    let number = dice.number();
    let accept = |records: Vec<Value>| with(input(records), json!({ "mode": "ACCEPT_VALID" }));
    match dice.roll(8) {
        0 => {
            let hired = dice.near(today, 60);
            send(&office.secretariat, "Staff", accept(vec![dice.person(&number, hired)])).await?;
        }
        1 => {
            let from = dice.near(today, 80);
            let to = from + TimeDelta::days(1 + dice.roll(40));
            let period = json!({ "externalId": format!("{key}/{number}"), "staffNumber": number, "origin": "SECONDEE", "validFrom": from,
                "validTo": to, "separationReason": "END_OF_SECONDMENT" });
            let period = if dice.roll(3) == 0 { with(period, json!({ "validTo": null, "separationReason": null })) } else { period };
            send(&office.secretariat, "Employments", accept(vec![period])).await?;
        }
        2 => {
            let bureau = dice.one(&["A", "B"]);
            let naming = json!({ "input": { "staffNumber": number, "bureau": bureau, "from": dice.near(today, 30), "reason": "a test" } });
            // The posts may leave nothing open.
            let document = "mutation($input: SetHolderInput!) { setHolder(input: $input) { staff { id } } }";
            office.secretariat.post().json(&json!({ "query": document, "variables": naming })).send().await?.error_for_status()?;
        }
        _ => {
            // A key that comes again changes the post, or takes it out.
            let post = dice.post(&format!("{number}/{}", dice.0 % 4), &number, today);
            let post = if dice.roll(6) == 0 { with(post, json!({ "void": true, "voidReason": "a test" })) } else { post };
            send(&office.secretariat, "Postings", accept(vec![post])).await?;
        }
    }
    Ok(())
}

/// Where everybody's months stand.
async fn months(office: &Office, db: &DatabaseConnection) -> anyhow::Result<Vec<Value>> {
    let people: BTreeMap<_, _> = entity::staff::Entity::find().all(db).await?.into_iter().map(|row| (row.id, row.staff_number)).collect();
    let mut months = Vec::new();
    for (month, first, last) in [("2020-05", "2020-05-01", "2020-05-31"), ("2020-06", "2020-06-01", "2020-06-30")] {
        done(office, json!(month), month).await?;
        let held: Vec<_> = entity::holding::Entity::find().all(db).await?;
        let document =
            format!("{{ personMonths(month: \"{month}\", first: 500) {{ nodes {{ staffNumber bureau {{ id }} unit {{ id }} }} }} }}");
        let rows = nodes(&office.secretariat, &document, "personMonths", json!({})).await?;
        let stored: entity::period::YearMonth = month.parse().map_err(|_| anyhow::anyhow!("{month}"))?;
        let mut placed = Map::new();
        for row in entity::person_month::Entity::find().all(db).await?.into_iter().filter(|row| row.month == stored) {
            let Some(number) = people.get(&row.staff_id).filter(|number| number.starts_with('R')) else { continue };
            // The post by which the person is held last in the month, which is in the bureau and unit of the row.
            let of = held
                .iter()
                .filter(|each| each.staff_id == row.staff_id && each.posting_id.is_some() && each.valid_from <= stored.last_day());
            let post = of.max_by_key(|each| each.valid_from).context("nobody holds who has a month")?;
            ensure!((post.bureau_id, post.unit_id) == (row.bureau_id, Some(row.unit_id)), "{number} in {month}");
            placed.insert(number.clone(), json!(post.posting_id));
        }
        ensure!(rows.len() >= placed.len(), "{month}");
        months.push(json!({ "first": first, "last": last, "placed": placed }));
    }
    Ok(months)
}

both!(histories_follow_the_rule, async |backend| {
    let office = Office::open(backend).await?;
    let db = office.server.connect().await?;
    let dice = &mut Dice(16);
    let mut today = NaiveDate::from_ymd_opt(2020, 4, 16).context("a day")?;
    office.server.set_now(today.and_hms_opt(3, 0, 0).context("an hour")?.and_utc());
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        let hired = dice.near(today, 100);
        people.push(dice.person(&format!("R{number:03}"), hired.min(today)));
    }
    ensure!(send(&office.secretariat, "Staff", input(people)).await?.created == 60);
    let mut history = Vec::new();
    for step in 0..12 {
        for turn in 0..25 {
            change(&office, dice, &format!("{step}/{turn}"), today).await?;
            // After each change the script derives anew: what is held on days gone by is remembered from one to the next.
            history.push(json!({ "today": today, "people": known(&db).await?, "looks": [], "months": [] }));
        }
        if let Some(last) = history.last_mut() {
            last["looks"] = looks(&office, today).await?.into();
        }
        // Nobody writes while days go by, and who holds and sees whom changes all the same.
        today += TimeDelta::days(5 + dice.roll(6));
        let passed = looks(&office, today).await?;
        history.push(json!({ "today": today, "people": known(&db).await?, "looks": passed, "months": [] }));
    }
    let months = months(&office, &db).await?;
    history.push(json!({ "today": today, "people": known(&db).await?, "looks": [], "months": months }));
    let file = office.server.folder().join("history.jsonl");
    std::fs::write(&file, history.iter().map(|step| format!("{step}\n")).collect::<String>())?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("holder.py");
    let output = Command::new("python3").arg(script).arg(&file).output().context("python3")?;
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    ensure!(said.trim().ends_with(" 0 differences"), "{said}");
    println!("{}", said.trim());
    Ok(())
});
