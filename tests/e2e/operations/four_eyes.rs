//! Four eyes: what needs a second person waits for one, is made once and as it was proposed, and nobody gets around that alone.

use api::authn::TokenRequest;
use api::authz::Role;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use torikumi_tests::both;
use torikumi_tests::client::{Client, Failure};
use torikumi_tests::database::Backend;
use torikumi_tests::fixtures::{input, mutation, nodes, record, with};
use torikumi_tests::server::Server;

const CHANGE: &str = "pendingChange { id kind act target state before after reason proposedBy waitsUntil decidedBy decisionReason alone }";

/// A platform with two administrators, a promotion officer and the secretariat.
struct Desk {
    server: Server,
    admin: Client,
    deputy: Client,
    promotion: Client,
}

impl Desk {
    async fn open(backend: Backend) -> anyhow::Result<Self> {
        let server = Server::start(backend).await?;
        let deputy = server.client(&TokenRequest { subject: "deputy".to_owned(), ..server.request(Role::Admin) })?;
        let promotion = server.client(&server.request(Role::PromotionOfficer))?;
        Ok(Self { admin: server.admin()?, deputy, promotion, server })
    }

    /// The same, where the deputy was active and the kind needs a second person.
    async fn with(backend: Backend, kind: &str) -> anyhow::Result<Self> {
        let desk = Self::open(backend).await?;
        acts(&desk.deputy).await?;
        let set = set(&desk.admin, kind, true).await?;
        anyhow::ensure!(set["fourEyes"]["required"] == true && set["pendingChange"].is_null(), "{set}");
        Ok(desk)
    }

    fn at(&self, text: &str) -> anyhow::Result<()> {
        self.server.set_now(text.parse::<DateTime<Utc>>()?);
        Ok(())
    }

    async fn length_of(&self, noun: &str) -> anyhow::Result<Value> {
        let list = "{ retentions(first: 50) { nodes { noun length } } }";
        let periods = nodes(&self.admin, list, "retentions", json!({})).await?;
        Ok(periods.iter().find(|period| period["noun"] == noun).map_or(Value::Null, |period| period["length"].clone()))
    }
}

/// Leaves an entry in the trail, as a person who is there does.
async fn acts(client: &Client) -> anyhow::Result<()> {
    let tokens = "mutation($input: RevokeTokensInput!) { revokeTokens(input: $input) { tokenRevocation { id } } }";
    client.query(tokens, json!({ "input": { "subject": "gone", "reason": "a test" } })).await?;
    Ok(())
}

async fn act(client: &Client, mutation: &str, of: &str, selection: &str, input: Value) -> anyhow::Result<Value> {
    let document = format!("mutation($input: {of}!) {{ {mutation}(input: $input) {{ {selection} }} }}");
    Ok(client.query(&document, json!({ "input": input })).await?[mutation].take())
}

async fn refused(client: &Client, mutation: &str, of: &str, input: Value) -> anyhow::Result<Failure> {
    let document = format!("mutation($input: {of}!) {{ {mutation}(input: $input) {{ pendingChange {{ id }} }} }}");
    client.error(&document, json!({ "input": input })).await
}

async fn set(client: &Client, kind: &str, required: bool) -> anyhow::Result<Value> {
    let input = json!({ "kind": kind, "required": required, "reason": "規程の改正" });
    act(client, "setFourEyes", "SetFourEyesInput", &format!("fourEyes {{ kind required version setBy }} {CHANGE}"), input).await
}

fn period(noun: &str, length: i32) -> Value {
    json!({ "noun": noun, "length": length, "reason": "文書管理規則の改正" })
}

/// A change of a period, which waits.
async fn propose(client: &Client, noun: &str, length: i32) -> anyhow::Result<Value> {
    let selection = format!("retention {{ length }} {CHANGE}");
    let payload = act(client, "updateRetention", "UpdateRetentionInput", &selection, period(noun, length)).await?;
    anyhow::ensure!(payload["retention"].is_null() && payload["pendingChange"]["state"] == "WAITING", "{payload}");
    Ok(payload["pendingChange"].clone())
}

async fn approve(client: &Client, change: &Value, reason: Option<&str>) -> anyhow::Result<Value> {
    let input = json!({ "id": change["id"], "reason": reason });
    Ok(act(client, "approveChange", "ApproveChangeInput", CHANGE, input).await?["pendingChange"].take())
}

async fn not_approved(client: &Client, change: &Value, reason: Option<&str>) -> anyhow::Result<(String, String)> {
    let failure = refused(client, "approveChange", "ApproveChangeInput", json!({ "id": change["id"], "reason": reason })).await?;
    Ok((failure.code, failure.field.unwrap_or_default()))
}

fn pair(code: &str, field: &str) -> (String, String) {
    (code.to_owned(), field.to_owned())
}

both!(a_period_waits_for_another_person_as_an_installation_begins, async |backend| {
    let desk = Desk::open(backend).await?;
    let change = propose(&desk.admin, "SHIFT", 7).await?;
    let expected = json!({ "id": change["id"], "kind": "RETENTION", "act": "UPDATE_RETENTION", "target": "retention/SHIFT", "state": "WAITING",
        "before": { "noun": "SHIFT", "length": 5, "unit": "FISCAL_YEARS" }, "after": { "noun": "SHIFT", "length": 7, "unit": "FISCAL_YEARS" },
        "reason": "文書管理規則の改正", "proposedBy": "admin", "waitsUntil": "2020-04-29T00:00:00+00:00", "decidedBy": null,
        "decisionReason": null, "alone": false });
    assert_eq!(change, expected);
    assert_eq!(desk.length_of("SHIFT").await?, 5, "nothing was changed");
    // Sent again it is the one that waits; nobody has another one of the same period beside it.
    assert_eq!(propose(&desk.admin, "SHIFT", 7).await?["id"], change["id"]);
    for (client, length) in [(&desk.admin, 8), (&desk.deputy, 7)] {
        assert_eq!(refused(client, "updateRetention", "UpdateRetentionInput", period("SHIFT", length)).await?.code, "CONFLICT");
    }
    // What is wrong is told at once.
    let wrong = refused(&desk.admin, "updateRetention", "UpdateRetentionInput", period("SHIFT", 101)).await?;
    assert_eq!((wrong.code.as_str(), wrong.field.as_deref()), ("BAD_USER_INPUT", Some("length")));

    // Not by oneself, by a machine, or by somebody else's role.
    assert_eq!(not_approved(&desk.admin, &change, None).await?, pair("BAD_USER_INPUT", "reason"));
    assert_eq!(not_approved(&desk.admin, &change, Some("急ぐ")).await?, pair("CONFLICT", "id"), "not before three working days");
    desk.server.client_row("machine", &[]).await?;
    let machine = TokenRequest { client: Some("machine".to_owned()), subject: "machine".to_owned(), ..desk.server.request(Role::Admin) };
    let machine = desk.server.client(&machine)?;
    assert_eq!(not_approved(&machine, &change, None).await?, pair("FORBIDDEN", ""));
    assert_eq!(not_approved(&desk.server.secretariat()?, &change, None).await?, pair("FORBIDDEN", ""));
    // Nor what one proposed by a machine of one's own.
    let tool = TokenRequest { client: Some("machine".to_owned()), subject: "deputy".to_owned(), ..desk.server.request(Role::Admin) };
    let proposed = propose(&desk.server.client(&tool)?, "TELEWORK_DAY", 7).await?;
    assert_eq!(not_approved(&desk.deputy, &proposed, None).await?, pair("BAD_USER_INPUT", "reason"));
    act(&desk.deputy, "declineChange", "DeclineChangeInput", CHANGE, json!({ "id": proposed["id"], "reason": "a test" })).await?;
    assert_eq!(desk.length_of("SHIFT").await?, 5);

    let approved = approve(&desk.promotion, &change, None).await?;
    assert_eq!(
        (&approved["state"], &approved["decidedBy"], &approved["alone"]),
        (&json!("APPROVED"), &json!("promotion_officer"), &json!(false))
    );
    assert_eq!(desk.length_of("SHIFT").await?, 7);
    assert_eq!(approve(&desk.promotion, &change, None).await?, approved, "sent twice, done once");
    assert_eq!(not_approved(&desk.deputy, &change, None).await?, pair("CONFLICT", "id"));

    // The trail has the change once, and both names.
    let trail = "{ auditEntries(first: 50, orderBy: AT) { nodes { actor verb noun counts reason } } }";
    let trail = nodes(&desk.admin, trail, "auditEntries", json!({})).await?;
    let of = |noun: &str| trail.iter().filter(|entry| entry["noun"] == noun && entry["actor"] != "deputy").cloned().collect::<Vec<_>>();
    let waits = json!({ "kind": "RETENTION", "act": "UPDATE_RETENTION", "target": "retention/SHIFT" });
    let reason = "文書管理規則の改正";
    assert_eq!(
        of("pending_change"),
        [
            json!({ "actor": "admin", "verb": "PROPOSE", "noun": "pending_change", "counts": waits, "reason": reason }),
            json!({ "actor": "promotion_officer", "verb": "APPROVE", "noun": "pending_change", "reason": null,
                "counts": with(waits, json!({ "proposedBy": "admin", "alone": false })) }),
        ]
    );
    let counts = json!({ "noun": "SHIFT", "from": 5, "to": 7 });
    assert_eq!(of("retention"), [json!({ "actor": "admin", "verb": "UPDATE", "noun": "retention", "counts": counts, "reason": reason })]);
    Ok(())
});

both!(nobody_approves_their_own_change_under_another_name, async |backend| {
    let desk = Desk::open(backend).await?;
    let named = |subject: &str| {
        let request = TokenRequest { subject: subject.to_owned(), staff_number: Some("S1".to_owned()), ..desk.server.request(Role::Admin) };
        desk.server.client(&request)
    };
    let change = propose(&named("first")?, "SHIFT", 7).await?;
    assert_eq!(not_approved(&named("second")?, &change, None).await?, pair("FORBIDDEN", ""));
    assert_eq!(approve(&desk.deputy, &change, None).await?["state"], "APPROVED");
    Ok(())
});

both!(rules_and_clients_wait_where_that_is_set, async |backend| {
    let desk = Desk::with(backend, "RULES").await?;
    set(&desk.admin, "CLIENTS", true).await?;
    let rule = crate::outliers::rule("2020-04", json!({ "selfPacedMonthMinutes": 2_400 }));
    let selection = format!("rule {{ version }} {CHANGE}");
    let payload = act(&desk.admin, "setOvertimeRule", "SetOvertimeRuleInput", &selection, rule).await?;
    let rules = async || nodes(&desk.admin, "{ overtimeRules { nodes { version changedBy } } }", "overtimeRules", json!({})).await;
    assert_eq!((payload["rule"].clone(), rules().await?.len()), (Value::Null, 2));
    let change = &payload["pendingChange"];
    assert_eq!((&change["before"], &change["after"]["selfPacedMonthMinutes"]), (&Value::Null, &json!(2_400)));
    approve(&desk.deputy, change, None).await?;
    assert_eq!(rules().await?[2], json!({ "version": 3, "changedBy": "admin" }));
    let runs =
        nodes(&desk.admin, "{ jobRuns(filter: { job: OVERTIME_OUTLIERS }) { nodes { requestedBy } } }", "jobRuns", json!({})).await?;
    assert_eq!(runs, [json!({ "requestedBy": "admin" })], "all months are judged anew, once");

    let client = |name: &str| json!({ "code": "c", "name": name, "bureaus": ["A"], "writes": ["TIME"] });
    let register = async |name: &str| {
        act(&desk.admin, "registerApiClient", "RegisterApiClientInput", &format!("apiClient {{ code }} {CHANGE}"), client(name)).await
    };
    let payload = register("Clock").await?;
    let clients = async || nodes(&desk.admin, "{ apiClients { nodes { code name } } }", "apiClients", json!({})).await;
    assert_eq!((payload["apiClient"].clone(), clients().await?.len()), (Value::Null, 1), "the office's own");
    approve(&desk.deputy, &payload["pendingChange"], None).await?;
    assert!(clients().await?.contains(&json!({ "code": "c", "name": "Clock" })));
    // What was changed in the meantime is not approved; a revocation never waits.
    let payload = register("Time clock").await?;
    let revoke = json!({ "code": "c", "reason": "its key leaked" });
    act(&desk.admin, "revokeApiClient", "RevokeApiClientInput", "apiClient { revokedAt }", revoke).await?;
    assert_eq!(not_approved(&desk.deputy, &payload["pendingChange"], None).await?, pair("CONFLICT", "id"));
    assert!(clients().await?.contains(&json!({ "code": "c", "name": "Clock" })));
    Ok(())
});

both!(plans_and_targets_wait_where_that_is_set, async |backend| {
    let desk = Desk::with(backend, "PLAN").await?;
    let selection = format!("plan {{ code }} change clauses {{ created }} {CHANGE}");
    let load = async |dry_run: bool| {
        let file = json!({ "document": crate::plan::document().to_string(), "dryRun": dry_run });
        act(&desk.admin, "loadPlan", "LoadPlanInput", &selection, file).await
    };
    assert_eq!(load(true).await?["pendingChange"], Value::Null, "a dry run asks nobody");
    let payload = load(false).await?;
    assert_eq!((&payload["plan"], &payload["change"], &payload["clauses"]["created"]), (&Value::Null, &json!("CREATED"), &json!(3)));
    let plans = async || nodes(&desk.admin, "{ plans { nodes { code revision } } }", "plans", json!({})).await;
    assert_eq!(plans().await?, [] as [Value; 0]);
    let change = &payload["pendingChange"];
    let input = "query($id: ID!) { pendingChangeInput(id: $id) }";
    let input = desk.promotion.query(input, json!({ "id": change["id"] })).await?["pendingChangeInput"].take();
    assert_eq!(input["document"], crate::plan::document().to_string());
    approve(&desk.promotion, change, None).await?;
    assert_eq!(plans().await?, [json!({ "code": "P", "revision": 1 })]);
    assert_eq!(load(false).await?["change"], "UNCHANGED");

    let target = json!({ "externalId": "9", "indicator": "WOMEN_HIRES_EXAM", "clause": "V-1", "population": "OFFICE", "decider": "PLAN",
        "qualifier": "AT_LEAST", "valueNumerator": 30, "validFrom": "2015-04-01" });
    let call = input_with_key("k", vec![target.clone()]);
    let selection = format!("receipt {{ id replayed created }} {CHANGE}");
    let send = async |call: &Value| act(&desk.admin, "recordTargets", "RecordTargetsInput", &selection, call.clone()).await;
    let waiting = send(&call).await?;
    assert_eq!(waiting["receipt"], json!({ "id": null, "replayed": false, "created": 1 }), "what it would do");
    assert_eq!(send(&call).await?, waiting, "the key replays it");
    let other = with(call.clone(), json!({ "records": [with(target.clone(), json!({ "valueNumerator": 31 }))] }));
    assert_eq!(desk.admin.error(&mutation("Targets"), json!({ "input": other })).await?.field.as_deref(), Some("idempotencyKey"));
    let targets =
        async || Ok::<_, anyhow::Error>(nodes(&desk.admin, "{ targets { nodes { externalId } } }", "targets", json!({})).await?.len());
    assert_eq!(targets().await?, 1, "the plan's own");
    approve(&desk.deputy, &waiting["pendingChange"], None).await?;
    assert_eq!(targets().await?, 2);
    let replayed = send(&call).await?;
    assert_eq!((&replayed["receipt"]["replayed"], &replayed["pendingChange"]), (&json!(true), &Value::Null), "its receipt, by then");
    // Of a declined call the key says so, and does not ask again.
    let call = input_with_key("l", vec![with(target, json!({ "valueNumerator": 35 }))]);
    let declined = send(&call).await?["pendingChange"].take();
    let decline = json!({ "id": declined["id"], "reason": "数値の根拠がない" });
    act(&desk.deputy, "declineChange", "DeclineChangeInput", CHANGE, decline).await?;
    assert_eq!(send(&call).await?["pendingChange"]["state"], "DECLINED");
    Ok(())
});

fn input_with_key(key: &str, records: Vec<Value>) -> Value {
    with(input(records), json!({ "idempotencyKey": key }))
}

both!(a_change_is_declined_withdrawn_or_waits_fourteen_days, async |backend| {
    let desk = Desk::open(backend).await?;
    let decline = async |client: &Client, change: &Value, reason: &str| {
        let input = json!({ "id": change["id"], "reason": reason });
        anyhow::Ok(act(client, "declineChange", "DeclineChangeInput", CHANGE, input).await?["pendingChange"].take())
    };
    let first = propose(&desk.admin, "SHIFT", 7).await?;
    let input = json!({ "id": first["id"], "reason": " " });
    assert_eq!(refused(&desk.deputy, "declineChange", "DeclineChangeInput", input).await?.field.as_deref(), Some("reason"));
    let declined = decline(&desk.deputy, &first, "理由が足りない").await?;
    assert_eq!((&declined["state"], &declined["decisionReason"]), (&json!("DECLINED"), &json!("理由が足りない")));
    assert_eq!(decline(&desk.deputy, &first, "理由が足りない").await?, declined, "sent twice");
    assert_eq!(not_approved(&desk.promotion, &first, None).await?, pair("CONFLICT", "id"));
    let second = propose(&desk.admin, "SHIFT", 7).await?;
    assert_ne!(second["id"], first["id"]);
    assert_eq!(decline(&desk.admin, &second, "取下げ").await?["decidedBy"], "admin");

    let third = propose(&desk.admin, "SHIFT", 8).await?;
    desk.at("2020-04-29T00:00:00Z")?;
    assert_eq!(not_approved(&desk.deputy, &third, None).await?, pair("CONFLICT", "id"));
    assert_eq!(not_approved(&desk.admin, &third, Some("急ぐ")).await?, pair("CONFLICT", "id"));
    let list = "query($filter: PendingChangeFilter!) { pendingChanges(filter: $filter) { nodes { id state } totalCount } }";
    let listed = async |filter: Value| nodes(&desk.promotion, list, "pendingChanges", json!({ "filter": filter })).await;
    assert_eq!(listed(json!({ "states": ["EXPIRED"] })).await?, [json!({ "id": third["id"], "state": "EXPIRED" })]);
    let fourth = propose(&desk.admin, "SHIFT", 8).await?;
    assert_eq!(listed(json!({ "states": ["WAITING"] })).await?, [json!({ "id": fourth["id"], "state": "WAITING" })]);
    desk.server.set_now(desk.server.app.clock.now() + TimeDelta::days(14) - TimeDelta::seconds(1));
    assert_eq!(approve(&desk.deputy, &fourth, None).await?["state"], "APPROVED", "in the last second");
    for (filter, rows) in [
        (json!({}), 4),
        (json!({ "states": [] }), 0),
        (json!({ "states": ["DECLINED"] }), 2),
        (json!({ "states": ["DECLINED", "APPROVED"], "kinds": ["RETENTION"] }), 3),
        (json!({ "kinds": ["RULES"] }), 0),
    ] {
        assert_eq!(listed(filter.clone()).await?.len(), rows, "{filter}");
    }
    Ok(())
});

both!(of_two_who_approve_one_does, async |backend| {
    let desk = Desk::open(backend).await?;
    for length in 6..10 {
        let change = propose(&desk.admin, "SHIFT", length).await?;
        let (one, other) = tokio::join!(approve(&desk.deputy, &change, None), approve(&desk.promotion, &change, None));
        assert_eq!(usize::from(one.is_ok()) + usize::from(other.is_ok()), 1, "{one:?} {other:?}");
    }
    let trail = "{ auditEntries(first: 50, filter: { noun: \"retention\" }) { nodes { verb } } }";
    assert_eq!(nodes(&desk.admin, trail, "auditEntries", json!({})).await?.len(), 4, "each was made once");
    Ok(())
});

both!(the_setting_needs_somebody_who_is_there, async |backend| {
    let desk = Desk::open(backend).await?;
    let on = json!({ "kind": "RULES", "required": true, "reason": "x" });
    let alone = async || anyhow::Ok(refused(&desk.admin, "setFourEyes", "SetFourEyesInput", on.clone()).await?.code);
    acts(&desk.admin).await?;
    desk.server.secretariat()?.query("{ staff(first: 1) { nodes { id } } }", json!({})).await?;
    assert_eq!(alone().await?, "CONFLICT", "neither oneself nor the secretariat");
    desk.promotion.query("{ staff(first: 1) { nodes { id } } }", json!({})).await?;
    desk.at("2020-07-15T00:00:00Z")?;
    assert_eq!(alone().await?, "CONFLICT", "91 days ago");
    desk.at("2020-07-13T00:00:00Z")?;
    assert_eq!(
        set(&desk.admin, "RULES", true).await?["fourEyes"],
        json!({ "kind": "RULES", "required": true, "version": 1, "setBy": "admin" })
    );
    assert_eq!(set(&desk.admin, "RULES", true).await?["fourEyes"]["version"], 1, "no change");
    // Off again only with a second person.
    let off = set(&desk.admin, "RULES", false).await?;
    assert_eq!((&off["fourEyes"]["required"], &off["pendingChange"]["act"]), (&json!(true), &json!("SET_FOUR_EYES")));
    approve(&desk.promotion, &off["pendingChange"], None).await?;
    let settings = desk.admin.query("{ fourEyes { kind required version } }", json!({})).await?["fourEyes"].take();
    let line = |kind: &str, required: bool, version: i32| json!({ "kind": kind, "required": required, "version": version });
    let usual = ["PLAN", "CLIENTS", "PUBLISH_FOLLOW_UP"].map(|kind| line(kind, false, 0));
    assert_eq!(settings, json!([line("RETENTION", true, 0), line("RULES", false, 2), usual[0], usual[1], usual[2]]));
    Ok(())
});

both!(an_urgent_change_is_approved_alone_after_three_working_days, async |backend| {
    let desk = Desk::open(backend).await?;
    record(&desk.admin, "Holidays", vec![json!({ "externalId": "1", "date": "2020-04-21", "nameJa": "休日" })]).await?;
    // Friday noon. The weekend and Tuesday are no working days: Monday, Wednesday and Thursday are.
    desk.at("2020-04-17T03:00:00Z")?;
    let longer = propose(&desk.admin, "SHIFT", 7).await?;
    let shorter = propose(&desk.admin, "MAIL", 300).await?;
    let off = set(&desk.admin, "RETENTION", false).await?["pendingChange"].take();
    for too_early in ["2020-04-20T03:00:00Z", "2020-04-23T14:59:59Z"] {
        desk.at(too_early)?;
        assert_eq!(not_approved(&desk.admin, &longer, Some("監査の指摘")).await?, pair("CONFLICT", "id"), "{too_early}");
    }
    desk.at("2020-04-23T15:00:00Z")?;
    assert_eq!(not_approved(&desk.admin, &longer, None).await?, pair("BAD_USER_INPUT", "reason"));
    for never in [&shorter, &off] {
        assert_eq!(not_approved(&desk.admin, never, Some("監査の指摘")).await?, pair("CONFLICT", "id"), "{never}");
    }
    let approved = approve(&desk.admin, &longer, Some("監査の指摘")).await?;
    assert_eq!((&approved["alone"], &approved["decisionReason"]), (&json!(true), &json!("監査の指摘")));
    assert_eq!((desk.length_of("SHIFT").await?, desk.length_of("MAIL").await?), (json!(7), json!(365)));
    let trail = "{ auditEntries(first: 1, filter: { verb: \"APPROVE\" }) { nodes { actor reason counts } } }";
    let entry = nodes(&desk.admin, trail, "auditEntries", json!({})).await?.remove(0);
    assert_eq!((&entry["actor"], &entry["reason"], &entry["counts"]["alone"]), (&json!("admin"), &json!("監査の指摘"), &json!(true)));
    // With a second person it is made.
    approve(&desk.promotion, &shorter, None).await?;
    assert_eq!(desk.length_of("MAIL").await?, 300);
    Ok(())
});

both!(a_proposer_whose_tokens_were_revoked_changes_nothing, async |backend| {
    let desk = Desk::open(backend).await?;
    let change = propose(&desk.deputy, "SHIFT", 7).await?;
    let tokens = json!({ "subject": "deputy", "reason": "lost" });
    act(&desk.admin, "revokeTokens", "RevokeTokensInput", "tokenRevocation { id }", tokens).await?;
    assert_eq!(not_approved(&desk.admin, &change, None).await?, pair("CONFLICT", "id"));
    assert_eq!(desk.length_of("SHIFT").await?, 5);
    Ok(())
});

/// The mutations that never wait for a second person, beside records of what is: the work of jobs and of the follow-up, and what only takes
/// away.
const NEVER_WAIT: &str = "acceptSubmission acknowledgeOutlier answerFinding approveChange cancelBackfill cancelJobRun closeMonth \
    compileFollowUp correctFollowUp declineChange dismissOutlier explainOutlier freezeFollowUp openFollowUp pauseSchedule planBackfill \
    reopenFollowUp rescheduleFollowUp resumeSchedule retryJobRun returnDraft returnMonth returnSubmission revokeApiClient revokeTokens setHolder startBackfill \
    submitFollowUp submitMonth triggerJob updateSchedule withdrawFollowUp withdrawMonth withdrawVintage";

/// A new mutation says whether it may need a second person.
#[test]
fn every_mutation_waits_or_is_known_not_to() {
    use sea_orm::{ActiveEnum, Iterable};
    let sdl = crate::schema::Sdl::of_the_code();
    let words =
        |name: &str| name.chars().flat_map(|c| c.is_ascii_uppercase().then_some('_').into_iter().chain([c.to_ascii_uppercase()])).collect();
    let waits: Vec<String> = entity::pending_change::ChangeAct::iter().map(|act| act.to_value()).collect();
    for field in sdl.fields("Mutation") {
        let word: String = words(&field.name);
        let is_record = field.name.starts_with("record") && field.name != "recordTargets";
        let never = is_record || NEVER_WAIT.split_whitespace().any(|name| name == field.name);
        assert!(never != waits.contains(&word), "{}: does it need a second person?", field.name);
    }
}
