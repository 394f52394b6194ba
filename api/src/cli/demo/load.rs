//! Writes the demo's office through the store, as those who may: the secretariat, the administrator, and two machine clients.
//!
//! Each call has a key of its own that follows from the seed, so that a start that was interrupted is completed by the next one.

use super::{
    Demo, calendar,
    office::{Batch, Office, Part},
    organisation, people,
};
use anyhow::{Context, Result, bail};
use api::{
    app::App,
    authn::{BureauClaim, Principal},
    authz::Role,
    store::{
        Store,
        client::Registration,
        plan::SHIPPED,
        record::{Call, MOST_RECORDS, Mode, Recordable},
    },
};
use entity::{
    api_client::ClientWrites, appointment, bureau, hire, holiday, leave_entry, on_time_day, overtime_request, posting, shift, staff,
    start_stage, telework_day, unit, work_regime,
};
use indicatif::ProgressBar;
use std::{collections::BTreeSet, sync::Arc};
use tokio::{sync::mpsc, task::JoinSet};

/// The office's personnel system: units, people, postings and careers of all bureaus.
pub(super) const PERSONNEL: &str = "PERSONNEL";
/// The office's attendance system: shifts, overtime requests, telework and leave of all bureaus.
pub(super) const ATTENDANCE: &str = "ATTENDANCE";
/// Calls made ready while others are written.
const READY: usize = 4;
/// Calls under way: while one is written, the next is checked.
const UNDER_WAY: usize = 2;

/// Somebody who acts in the demo.
pub(super) fn principal(roles: &[Role], client: Option<&str>) -> Principal {
    let roles: BTreeSet<Role> = roles.iter().copied().collect();
    let bureaus = if client.is_some() { BureauClaim::All } else { BureauClaim::default() };
    Principal { subject: "demo".to_owned(), roles, bureaus, client: client.map(str::to_owned), ..Principal::public() }
}

/// Writes everything, and tells how many records that is; what is there already stays as it is.
pub(super) async fn load(app: &App, demo: &Demo, office: &Arc<Office>, bar: &ProgressBar) -> Result<usize> {
    bar.set_message("組織・職員 / organisation and people");
    let admin = app.store(principal(&[Role::Admin], None)).await?;
    for (code, writes) in [(PERSONNEL, ClientWrites::Personnel), (ATTENDANCE, ClientWrites::Time)] {
        admin.register_client(&Registration { name: demo.label(), ..Registration::of(code, None, writes) }).await?;
    }
    let secretariat = app.store(principal(&[Role::Secretariat], None)).await?;
    let personnel = app.store(principal(&[Role::BureauSystem], Some(PERSONNEL))).await?;
    let attendance = app.store(principal(&[Role::BureauSystem], Some(ATTENDANCE))).await?;
    let (key, units, people) = (demo.key(), &office.units, &office.people);
    let mut records = put_all::<bureau::Model>(&secretariat, &key, organisation::bureau_records()).await?;
    records += put_all::<unit::Model>(&personnel, &key, organisation::unit_records(units)).await?;
    records += put_all::<work_regime::Model>(&secretariat, &key, organisation::regime_records(units)).await?;
    records += put_all::<holiday::Model>(&admin, &key, calendar::holiday_records(&office.recent)).await?;
    records += put_all::<on_time_day::Model>(&admin, &key, calendar::on_time_records(&office.recent)).await?;
    records += put_all::<start_stage::Model>(&admin, &key, organisation::stage_records()).await?;
    records += plan(&admin, SHIPPED).await?;
    if !office.recent.is_empty() {
        records += plan(&admin, &next_plan()?).await?;
    }
    records += put_all::<staff::Model>(&personnel, &key, people::staff_records(people)).await?;
    records += put_all::<posting::Model>(&personnel, &key, people::posting_records(people, units)).await?;
    records += put_all::<hire::Model>(&personnel, &key, people::hire_records(people)).await?;
    records += put_all::<appointment::Model>(&personnel, &key, people::appointment_records(people)).await?;
    Ok(records + time(&attendance, &key, office, bar).await?)
}

/// An invented plan that follows the one that is shipped.
pub(super) const NEXT_PLAN: &str = "DEMO-2021";

/// The next plan's file: of the one that is shipped, without targets, which would be nobody's.
fn next_plan() -> Result<String> {
    let mut file: serde_json::Value = serde_json::from_str(SHIPPED)?;
    for (field, value) in [
        ("code", NEXT_PLAN),
        ("nameJa", "次期取組計画（架空）"),
        ("nameEn", "The next plan (invented)"),
        ("decidedOn", "2021-03-31"),
        ("validFrom", "2021-04-01"),
        ("validTo", "2026-04-01"),
    ] {
        file[field] = value.into();
    }
    file["targets"] = serde_json::Value::Array(Vec::new());
    Ok(file.to_string())
}

/// Loads a plan, and tells how many records it has.
async fn plan(admin: &Store, file: &str) -> Result<usize> {
    let (loaded, _) = admin.load_plan(file, false).await?.parts();
    let loaded = loaded.context("plans need a second person here: load this one by hand")?;
    if let Some(first) = loaded.problems.first() {
        bail!("the plan was refused: {}: {first}", first.field.as_deref().unwrap_or_default());
    }
    let parts = [loaded.clauses, loaded.initiatives, loaded.items, loaded.targets];
    Ok(parts.iter().map(|counts| usize::try_from(counts.created + counts.updated + counts.unchanged).unwrap_or_default()).sum())
}

/// Writes the records of time; the office makes the next ones meanwhile, on a thread of its own.
async fn time(store: &Store, key: &str, office: &Arc<Office>, bar: &ProgressBar) -> Result<usize> {
    bar.set_length(office.people.len() as u64 * office.months().count() as u64);
    let (sender, mut parts) = mpsc::channel(READY);
    let making = office.clone();
    let maker = tokio::task::spawn_blocking(move || making.send(&sender));
    let (mut calls, mut records) = (JoinSet::new(), 0);
    while let Some(part) = parts.recv().await {
        if calls.len() >= UNDER_WAY
            && let Some(call) = calls.join_next().await
        {
            records += call.context("a call")??;
        }
        bar.set_message(format!("{} 勤務・休暇 / time and leave", part.month));
        bar.inc(part.people);
        let (store, key) = (store.clone(), format!("{key}/{}/{}", part.month, part.number));
        calls.spawn(async move { put_part(&store, key, part).await });
    }
    while let Some(call) = calls.join_next().await {
        records += call.context("a call")??;
    }
    maker.await.context("the records")?;
    Ok(records)
}

async fn put_part(store: &Store, key: String, part: Part) -> Result<usize> {
    match part.batch {
        Batch::Shifts(records) => put::<shift::Model>(store, key, records).await,
        Batch::Requests(records) => put::<overtime_request::Model>(store, key, records).await,
        Batch::Telework(records) => put::<telework_day::Model>(store, key, records).await,
        Batch::Leave(records) => put::<leave_entry::Model>(store, key, records).await,
    }
}

/// As many calls as it takes.
async fn put_all<M: Recordable>(store: &Store, key: &str, mut records: Vec<M::Draft>) -> Result<usize> {
    let (mut number, mut all) = (0, 0);
    while !records.is_empty() {
        let rest = records.split_off(records.len().min(MOST_RECORDS));
        all += put::<M>(store, format!("{key}/{number}"), records).await?;
        (records, number) = (rest, number + 1);
    }
    Ok(all)
}

async fn put<M: Recordable>(store: &Store, idempotency_key: String, records: Vec<M::Draft>) -> Result<usize> {
    let (mode, count) = (Mode::AllOrNothing, records.len());
    let call = Call { idempotency_key, mode, dry_run: false, correction_reason: None, client: None, records, unread: Vec::new() };
    let receipt = store.record::<M>(call).await?;
    match receipt.outcome.rejections.first() {
        None => Ok(count),
        Some(first) => bail!("{} {} was refused: {}", M::NOUN.table(), first.key, first.error),
    }
}
