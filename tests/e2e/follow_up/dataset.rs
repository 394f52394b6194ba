//! The whole way of a year, over HTTP and with the job that writes the draft: the shipped plan is loaded, a cycle is opened, submitted, frozen,
//! compiled, reported twice and published, and corrected once. Each step is done by its own role.

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use std::path::Path;
use torikumi_tests::both;
use torikumi_tests::client::Client;
use torikumi_tests::fixtures::Office;

use super::{committee, done, pair, refused};

/// The fiscal year that is followed up, and today.
const YEAR: i32 = 2018;
const TODAY: &str = "2020-04-15";

/// An answer that is published, and one that is not.
const ANSWER: &str = "確定した後に、変更があれば訂正として公表する。";
const KEPT: &str = "注を付す";
/// What is to be done next.
const NEXT: &str = "定例の会議の回数を見直し、報告だけのものは書面に替える。";

fn because(reason: &str) -> Value {
    json!({ "fiscalYear": YEAR, "reason": reason })
}

/// Men with a birth in the year, and those of them on childcare leave.
fn submission(bureau: &str, numerator: i32) -> Value {
    let figures = json!([{ "item": "MALE_CHILDCARE_LEAVE", "numerator": numerator, "denominator": 20 }]);
    let actions = json!([{ "initiative": "TOP_MESSAGES", "text": "=毎月、部局長が全職員へメールで呼び掛けた。" }]);
    let next_steps = json!([{ "initiative": "MEETINGS", "text": NEXT }]);
    json!({ "fiscalYear": YEAR, "bureau": bureau, "figures": figures, "actions": actions, "nextSteps": next_steps })
}

struct Walk {
    office: Office,
    committee: Client,
}

impl Walk {
    async fn submit(&self, bureau: &str, numerator: i32) -> anyhow::Result<()> {
        let officer = self.office.server.officer(&[bureau])?;
        let sent = done(&officer, "submitFollowUp", submission(bureau, numerator)).await?;
        done(&self.office.secretariat, "acceptSubmission", json!({ "id": sent["submission"]["id"] })).await?;
        Ok(())
    }

    /// From collecting to the publication.
    async fn publish(&self) -> anyhow::Result<()> {
        let secretariat = &self.office.secretariat;
        let frozen = done(secretariat, "freezeFollowUp", because("提出を締め切る")).await?;
        ensure!(frozen["frozen"] == true, "{frozen}");
        ensure!(self.office.server.run_jobs().await? == 1, "freezing asks for the draft");
        let asked = "{ followUp(fiscalYear: 2018) { stage findings(first: 500) { nodes { id check answer } } } }";
        let cycle = secretariat.query(asked, Value::Null).await?["followUp"].take();
        ensure!(cycle["stage"] == "DRAFT", "{cycle}");
        let findings = cycle["findings"]["nodes"].as_array().context("findings")?;
        // The other items were left out, and both bureaus are asked for them, in each version.
        ensure!(findings.iter().filter(|finding| finding["check"] == "MISSING_FIGURE").count() >= 2, "{cycle}");
        ensure!(findings.iter().any(|finding| finding["check"] == "OPEN_MONTH" || finding["check"] == "STALE_FIGURES"), "{cycle}");
        let missing = findings
            .iter()
            .find(|finding| finding["check"] == "MISSING_FIGURE" && finding["answer"].is_null())
            .context("a finding that is not published")?;
        let published = json!({ "id": missing["id"], "answer": ANSWER, "publish": true });
        let error = refused(secretariat, "answerFinding", published).await?;
        ensure!(error == pair("BAD_USER_INPUT", "publish"), "{error:?}");
        for finding in findings.iter().filter(|finding| finding["answer"].is_null()) {
            let publish = finding["check"] == "OPEN_MONTH";
            let answer = if publish { ANSWER } else { KEPT };
            done(secretariat, "answerFinding", json!({ "id": finding["id"], "answer": answer, "publish": publish })).await?;
        }
        for body in ["COUNCIL", "PROMOTION_COMMITTEE"] {
            let report = json!({ "fiscalYear": YEAR, "body": body, "reportedOn": TODAY, "paper": "資料1" });
            done(secretariat, "recordFollowUpReport", report).await?;
        }
        // The draft is made anew with the answers that are published, once all are given, and compiled with them alone.
        ensure!(refused(&self.committee, "compileFollowUp", because("取りまとめ")).await? == pair("CONFLICT", "fiscalYear"));
        ensure!(self.office.server.run_jobs().await? == 1, "the last answer asks for the draft, once");
        done(&self.committee, "compileFollowUp", because("取りまとめ")).await?;
        done(secretariat, "publishFollowUp", because("公表")).await?;
        Ok(())
    }

    /// What anybody gets at an address.
    async fn get(&self, path: &str) -> anyhow::Result<(u16, String)> {
        let url = format!("{}{path}", self.office.server.anonymous().url());
        let answer = reqwest::get(url).await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    }

    /// Runs the program and gives what it printed.
    fn torikumi(&self, arguments: &[&str]) -> anyhow::Result<(bool, String)> {
        let output = self.office.server.program()?.args(arguments).output()?;
        Ok((output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)))
    }
}

both!(the_whole_year_with_its_draft_and_a_correction, async |backend| {
    let office = Office::open(backend).await?;
    let committee = committee(&office.server, "executive_committee")?;
    let walk = Walk { office, committee };
    let plan = Path::new(env!("CARGO_MANIFEST_DIR")).join("../api/plans/cabinet-secretariat-2015.json");
    let (loaded, said) = walk.torikumi(&["plan", "load", &plan.display().to_string()])?;
    ensure!(loaded, "{said}");
    let opening = json!({ "plan": "CAS-2015", "fiscalYear": YEAR, "dueOn": "2020-05-29", "reason": "年次" });
    done(&walk.office.secretariat, "openFollowUp", opening).await?;
    // One cohort has one denominator, and who took five days of both leaves took some to take part in childcare.
    let leaves = |[spouse, participation, both]: [(i32, i32); 3]| {
        let items = [("SPOUSE_BIRTH_LEAVE", spouse), ("CHILDCARE_PARTICIPATION_LEAVE", participation), ("BOTH_LEAVES_5_DAYS", both)];
        let figure = |(item, (numerator, denominator))| json!({ "item": item, "numerator": numerator, "denominator": denominator });
        json!({ "fiscalYear": YEAR, "bureau": "A", "figures": items.map(figure), "actions": [] })
    };
    let officer = walk.office.server.officer(&["A"])?;
    for (figures, field) in [([(1, 6), (1, 7), (5, 5)], "figures.denominator"), ([(5, 6), (1, 6), (5, 6)], "figures.numerator")] {
        assert_eq!(refused(&officer, "submitFollowUp", leaves(figures)).await?, pair("BAD_USER_INPUT", field));
    }
    walk.submit("A", 3).await?;
    walk.submit("B", 4).await?;
    walk.publish().await?;

    // Everybody reads what was published, and it says what was submitted; text that a spreadsheet would run is neutralised.
    let (status, csv) = walk.get("/releases/FY2018/1.0.0/observations.csv").await?;
    assert_eq!(status, 200);
    let line = csv.lines().find(|line| line.contains(",MALE_CHILDCARE_LEAVE,")).context("no such line")?;
    assert!(line.contains(",7,40,17.5,"), "{line}");
    let (_, actions) = walk.get("/releases/FY2018/1.0.0/actions.csv").await?;
    assert!(actions.contains("'=毎月") && !actions.contains(",=毎月"), "{actions}");
    assert_eq!(walk.get("/releases/FY2018/1.0.1/observations.csv").await?.0, 404);
    let (_, next) = walk.get("/releases/FY2018/1.0.0/next-steps.csv").await?;
    assert_eq!(next.lines().filter(|line| line.contains(NEXT)).count(), 2, "{next}");
    let (_, folder) = walk.get("/releases/FY2018/1.0.0/").await?;
    let unnamed: Vec<_> = folder.split("<li>").filter(|line| line.contains(".csv\">") && line.contains(".csv</a>")).collect();
    assert!(folder.contains("今後の取組") && unnamed.is_empty(), "each file is called by what it holds: {unnamed:?}");
    for page in ["report.html", "report.en.html", "observations.json"] {
        let (_, page) = walk.get(&format!("/releases/FY2018/1.0.0/{page}")).await?;
        assert!(page.contains(ANSWER) && page.contains(NEXT) && !page.contains(KEPT), "{page}");
    }
    // So do those who hand it in elsewhere, in the words of the site that takes it.
    let (status, targets) = walk.get("/releases/FY2018/1.0.0/mieruka-targets.csv").await?;
    assert_eq!(status, 200);
    let line = targets.lines().find(|line| line.contains("男性職員の育児休業取得率")).context("no such target")?;
    assert!(
        line.starts_with("イ 継続就業及び仕事と家庭の両立関係,") && line.contains(",13%以上,") && line.contains(",17.5%,2018年度,"),
        "{line}"
    );
    let (status, items) = walk.get("/releases/FY2018/1.0.0/mieruka-items.csv").await?;
    assert!(status == 200 && items.contains("カ,男女別の育児休業取得率,男性,17.5,%,常勤職員に限る。2018年度。"), "{items}");

    // A correction is a further version; the old one stays at its address.
    let correction =
        json!({ "fiscalYear": YEAR, "kind": "CORRECTION", "reasonJa": "Aの誤りを訂正", "reasonEn": "An error of A", "bureaus": ["A"] });
    done(&walk.office.secretariat, "correctFollowUp", correction).await?;
    walk.submit("A", 5).await?;
    walk.publish().await?;
    assert_eq!(walk.get("/releases/FY2018/1.0.0/observations.csv").await?, (200, csv));
    let (_, changes) = walk.get("/releases/FY2018/1.0.1/changes.json").await?;
    let changes: Value = serde_json::from_str(&changes)?;
    assert_eq!(changes["observations"].as_array().map(Vec::len), Some(1), "{changes}");
    assert_eq!((&changes["against"], &changes["observations"][0]["after"]["numerator"]), (&json!("1.0.0"), &json!(9)));
    let asked = "{ release(fiscalYear: 2018) { version state targets { indicator attained gapInPeople } }
        releaseObservations(fiscalYear: 2018, filter: { indicators: [\"MALE_CHILDCARE_LEAVE\"] }) { nodes { value status } }
        planReview(from: 2018, to: 2018) { missingYears targets { indicator course { version value attained } } } }";
    let seen = walk.office.server.anonymous().query(asked, Value::Null).await?;
    assert_eq!(seen["release"]["version"], "1.0.1");
    assert_eq!(seen["releaseObservations"]["nodes"], json!([{ "value": "22.5", "status": "REVISED" }]));
    let targets = seen["planReview"]["targets"].as_array().context("targets")?;
    let course = targets.iter().find(|target| target["indicator"] == "MALE_CHILDCARE_LEAVE").context("no such target")?;
    assert_eq!(course["course"], json!([{ "version": "1.0.1", "value": "22.5", "attained": true }]));

    // What follows from the snapshot is what was published, on the very bytes.
    let folder_of = |name: &str| walk.office.server.folder().join(name).display().to_string();
    for version in ["1.0.0", "1.0.1"] {
        let folder = folder_of(version);
        let (exported, said) = walk.torikumi(&["export", "follow-up", "--fiscal-year", "2018", "--release", version, "--out", &folder])?;
        ensure!(exported, "{said}");
        let (same, said) = walk.torikumi(&["verify", &folder])?;
        ensure!(same, "{version}: {said}");
    }
    // The snapshot's file says the answers that were published with it, so that nobody needs the database.
    let file = folder_of("1.0.0.jsonl");
    let (exported, said) = walk.torikumi(&["snapshot", "export", "--fiscal-year", "2018", "--release", "1.0.0", "--out", &file])?;
    ensure!(exported, "{said}");
    let (same, said) = walk.torikumi(&["verify", &folder_of("1.0.0"), "--snapshot", &file])?;
    ensure!(same, "{said}");
    let told = std::fs::read_to_string(&file)?.replace(ANSWER, "別の回答");
    std::fs::write(&file, told)?;
    let (same, said) = walk.torikumi(&["verify", &folder_of("1.0.0"), "--snapshot", &file])?;
    assert!(!same && said.contains("report.html"), "{said}");
    // By the key that signed it, after that was replaced too; not by one that the installation never had.
    let (rotated, said) = walk.torikumi(&["keys", "rotate", "release"])?;
    ensure!(rotated, "{said}");
    let (same, said) = walk.torikumi(&["verify", &folder_of("1.0.0")])?;
    ensure!(same, "{said}");
    let former = jobs::seal::former::file(&walk.office.server.app.ledger.settings().release_key);
    let away = former.with_extension("away");
    std::fs::rename(&former, &away)?;
    let (same, said) = walk.torikumi(&["verify", &folder_of("1.0.0")])?;
    assert!(!same && said.contains("the key is none that is trusted"), "{said}");
    let (same, said) = walk.torikumi(&["verify", "--public", &folder_of("1.0.0")])?;
    ensure!(same, "{said}");
    std::fs::rename(&away, &former)?;
    let folder = folder_of("1.0.1");
    let (exported, said) = walk.torikumi(&["export", "follow-up", "--fiscal-year", "2018", "--out", &folder])?;
    assert!(!exported && said.contains("is not empty"), "what is there might be taken for a file of the release: {said}");
    std::fs::write(Path::new(&folder).join("codes.csv"), "dimension\n")?;
    let (same, said) = walk.torikumi(&["verify", &folder])?;
    assert!(!same && said.contains("codes.csv"), "{said}");

    // What was withdrawn is nobody's any more, and its evidence stays.
    done(&walk.office.secretariat, "withdrawFollowUp", because("誤り")).await?;
    assert_eq!(walk.get("/releases/FY2018/1.0.1/observations.csv").await?.0, 410);
    let folder = folder_of("withdrawn");
    let (exported, said) = walk.torikumi(&["export", "follow-up", "--fiscal-year", "2018", "--out", &folder])?;
    assert!(!exported && said.contains("no such"), "a release is named by its version unless it is published: {said}");
    let (exported, said) = walk.torikumi(&["export", "follow-up", "--fiscal-year", "2018", "--release", "1.0.1", "--out", &folder])?;
    ensure!(exported && said.contains("FY2018 1.0.1 WITHDRAWN"), "{said}");
    let (same, said) = walk.torikumi(&["verify", &folder])?;
    ensure!(same, "{said}");
    Ok(())
});
