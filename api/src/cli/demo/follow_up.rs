//! The demo's follow-ups of fiscal years 2017 to 2019, and of those between it and the recent months: opened, submitted, frozen, compiled,
//! reported twice, published; the one of 2019 is corrected once, the one of 2018 was withdrawn first. Each step is done by its own role. Of the years of which the demo has no
//! records, the rows come in as snapshots.

use super::{
    Demo, deeds, earlier, load,
    office::Office,
    organisation::{BUREAUS, PERSONNEL_BUREAU},
    recent,
};
use crate::cli::run;
use anyhow::{Context, Result, bail};
use api::{
    app::App,
    authn::Principal,
    authz::{EXECUTIVE_COMMITTEE, Role},
    store::{
        Store,
        follow_up::{Answer, Correction, Opening, Reporting, Which},
        joined::Joined,
        page::{Ordering, PageArgs},
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    finding, follow_up,
    follow_up::{FollowUpStage, ReleaseKind},
    follow_up_report::ReportBody,
    initiative,
    period::FiscalYear,
    release,
    release_observation::{self, ObservationStatus},
    submission::{SubmissionContent, SubmittedFigure},
};
use sea_orm::{ColumnTrait, Condition};
use std::{fmt::Write, io::BufReader};

/// The first year that is followed up.
const FIRST: i32 = 2017;
/// The first year of the next plan.
const NEXT: i32 = 2021;
/// The year that is followed up by its records.
const RECORDED: i32 = 2019;
/// The year whose first version was withdrawn before the corrected one took its place.
const WITHDRAWN: i32 = 2018;
const WHY_WITHDRAWN: &str = "男性の育児休業取得者数に誤りがあることが判明したため、撤回し、訂正の上、改めて公表する。";
/// Stages of two versions, and some more for what is done again after an interruption.
const MOST_STEPS: usize = 20;

/// Brings the follow-up of each year to its end, from wherever an earlier start left it.
pub(super) async fn walk(app: &App, demo: &Demo, office: &Office) -> Result<()> {
    let secretariat = app.store(load::principal(&[Role::Secretariat], None)).await?;
    // The recent months are of a year that is not followed up yet.
    let end = office.recent.first().map_or(RECORDED + 1, |first| FiscalYear::of_month(*first).as_i32());
    for number in FIRST..end.max(RECORDED + 1) {
        let year = FiscalYear::try_from(number)?;
        let which = self::which(year);
        for step in 0.. {
            if step == MOST_STEPS {
                bail!("the follow-up of fiscal year {year} does not come to its end");
            }
            let cycle = secretariat.follow_up(&which).await?;
            let Some(cycle) = cycle else {
                open(&secretariat, year).await?;
                continue;
            };
            match cycle.stage {
                FollowUpStage::Collecting => collect(app, demo, &secretariat, &cycle).await?,
                FollowUpStage::Frozen => run::queued(app, &run::bar()).await?,
                FollowUpStage::Draft => compile(app, &secretariat, &cycle, &which).await?,
                FollowUpStage::Compiled => _ = secretariat.publish_follow_up(&which, "公表する").await?,
                FollowUpStage::Published if number == RECORDED && cycle.kind == ReleaseKind::Initial => {
                    correct(&secretariat, &which).await?;
                }
                FollowUpStage::Published if number == WITHDRAWN && cycle.kind == ReleaseKind::Initial => {
                    secretariat.withdraw_follow_up(&which, WHY_WITHDRAWN, false).await?;
                }
                FollowUpStage::Withdrawn => correct(&secretariat, &which).await?,
                FollowUpStage::Published => break,
            }
        }
    }
    Ok(())
}

/// The code of the plan that is followed up.
fn plan(year: FiscalYear) -> &'static str {
    if year.as_i32() < NEXT { super::PLAN } else { load::NEXT_PLAN }
}

fn which(fiscal_year: FiscalYear) -> Which {
    Which { plan: Some(plan(fiscal_year).to_owned()), fiscal_year }
}

async fn open(secretariat: &Store, fiscal_year: FiscalYear) -> Result<()> {
    let due_on = secretariat.today() + TimeDelta::days(30);
    let opening = Opening { plan: plan(fiscal_year).to_owned(), fiscal_year, due_on, reason: "年度のフォローアップ".to_owned() };
    secretariat.open_follow_up(&opening).await?;
    Ok(())
}

/// Each bureau's officer submits, the secretariat takes it, and the state is frozen.
async fn collect(app: &App, demo: &Demo, secretariat: &Store, cycle: &follow_up::Model) -> Result<()> {
    let which = self::which(cycle.fiscal_year);
    let ordering = Ordering { by: initiative::Column::Position, descending: false };
    let all = PageArgs { first: Some(500), ..PageArgs::default() };
    let plan = initiative::Column::PlanId.eq(cycle.plan_id);
    let (initiatives, _) = secretariat.page::<initiative::Entity>(plan.into(), ordering, &all, Joined::default()).await?;
    let initiatives: Vec<String> = initiatives.rows.into_iter().map(|(_, initiative)| initiative.code).collect();
    let called: Vec<_> = BUREAUS.iter().enumerate().filter(|(_, bureau)| bureau.since < cycle.fiscal_year.next_first_day()).collect();
    for (place, bureau) in called {
        let content = content(cycle, place, &initiatives);
        let officer = recent::officer(bureau.code);
        let submitted = match app.store(officer).await?.submit_follow_up(&which, bureau.code, content).await {
            Ok(submitted) => submitted,
            // Taken at an earlier start, or in the version before: what was taken stays.
            Err(error) if error.code == api::error::Code::Conflict => continue,
            Err(error) => return Err(error).with_context(|| format!("the submission of {}", bureau.code)),
        };
        if submitted.row.state == entity::submission::SubmissionState::Submitted {
            secretariat.accept_submission(submitted.row.id, None, false).await?;
        }
    }
    if cycle.fiscal_year.as_i32() != RECORDED {
        import(app, demo, cycle).await?;
    }
    secretariat.freeze_follow_up(&which, true, "提出を締め切る").await?;
    Ok(())
}

/// The year's rows come from elsewhere, as a snapshot of 30 November of the year after it.
async fn import(app: &App, demo: &Demo, cycle: &follow_up::Model) -> Result<()> {
    let day = cycle.fiscal_year.next_first_day() + TimeDelta::days(243);
    let as_of: DateTime<Utc> = day.and_time(chrono::NaiveTime::MIN).and_utc();
    let manifest = app.ledger.outline_snapshot(cycle.id, as_of).await?;
    let file = earlier::snapshot(manifest, demo.seed, demo.staff)?;
    app.ledger.import_snapshot(&mut BufReader::new(file.as_slice())).await?;
    Ok(())
}

/// What a bureau submits: men with a birth in the year and their leaves, and what was done. One bureau corrects its figures in the next version.
fn content(cycle: &follow_up::Model, place: usize, initiatives: &[String]) -> SubmissionContent {
    let late = i64::from(cycle.kind != ReleaseKind::Initial && BUREAUS[place].code == PERSONNEL_BUREAU);
    let since = i64::from(cycle.fiscal_year.as_i32() - FIRST);
    // It rises more slowly later on.
    let (year, later) = (since.min(2), (since - 2).max(0));
    let men = i64::try_from(BUREAUS[place].weight / 12).unwrap_or(0) + 1;
    let share = |percent: i64| (men * percent + 50) / 100;
    let figure = |item: &str, numerator: i64| SubmittedFigure { item: item.to_owned(), numerator, denominator: men, note: None };
    let mut figures = vec![
        figure("MALE_CHILDCARE_LEAVE", (share(14 + 7 * year + 6 * later) + late).min(men)),
        figure("SPOUSE_BIRTH_LEAVE", share(80 + 6 * year + later)),
        figure("CHILDCARE_PARTICIPATION_LEAVE", share(74 + 7 * year + later)),
        figure("BOTH_LEAVES_5_DAYS", share(60 + 10 * year + later)),
    ];
    if BUREAUS[place].code == PERSONNEL_BUREAU {
        figures.extend(of_office(since));
    }
    let (actions, next_steps) = deeds::of(place, initiatives);
    SubmissionContent { figures, actions, next_steps }
}

/// What the personnel bureau submits of the whole office, so many years after the first.
fn of_office(since: i64) -> Vec<SubmittedFigure> {
    let figure =
        |(item, numerator, denominator): (&str, i64, i64)| SubmittedFigure { item: item.to_owned(), numerator, denominator, note: None };
    let lengths = ["TO_1_MONTH", "TO_3_MONTHS", "TO_6_MONTHS", "TO_9_MONTHS", "TO_12_MONTHS", "TO_24_MONTHS", "ABOVE_24_MONTHS"];
    let parts = |sex: &str, counts: [i64; 7]| {
        let all = counts.iter().sum();
        lengths.iter().zip(counts).map(|(length, count)| figure((&format!("{sex}_LEAVE_{length}"), count, all))).collect::<Vec<_>>()
    };
    let whole = [
        ("PAY_GAP", 7_810 + 35 * since, 10_000),
        ("YEARS_OF_SERVICE", 7_640 + 60 * since, 10_000),
        ("WOMEN_APPLICANTS", 118 + 4 * since, 300),
        ("SEPARATION_WOMEN", 14, 330 + 8 * since),
        ("SEPARATION_MEN", 31 - since, 880),
        ("PAY_GAP_ALL", 7_240 + 40 * since, 10_000),
        ("PAY_GAP_NON_REGULAR", 8_460 + 25 * since, 10_000),
        ("PAY_GAP_DESIGNATED", 9_730, 10_000),
        ("PAY_GAP_DIRECTOR", 9_510 + 10 * since, 10_000),
        ("PAY_GAP_ASSISTANT_DIRECTOR", 9_280 + 15 * since, 10_000),
        ("PAY_GAP_CHIEF", 9_040 + 20 * since, 10_000),
        ("PAY_GAP_SERVICE_FROM_36_YEARS", 8_070 + 30 * since, 10_000),
        ("PAY_GAP_SERVICE_31_TO_35_YEARS", 8_310 + 30 * since, 10_000),
        ("PAY_GAP_SERVICE_26_TO_30_YEARS", 8_520 + 30 * since, 10_000),
        ("PAY_GAP_SERVICE_21_TO_25_YEARS", 8_690 + 25 * since, 10_000),
        ("PAY_GAP_SERVICE_16_TO_20_YEARS", 8_440 + 25 * since, 10_000),
        ("PAY_GAP_SERVICE_11_TO_15_YEARS", 8_600 + 20 * since, 10_000),
        ("PAY_GAP_SERVICE_6_TO_10_YEARS", 8_980 + 15 * since, 10_000),
        ("PAY_GAP_SERVICE_1_TO_5_YEARS", 9_350 + 10 * since, 10_000),
        ("RETENTION_WOMEN", 21 + since, 32),
        ("RETENTION_MEN", 33, 41),
    ];
    let men = parts("MALE", [16 + since, 6 + since, 2, 1, 0, 0, 0]);
    whole.map(figure).into_iter().chain(men).chain(parts("FEMALE", [0, 2, 5, 8 + since, 12, 9, 3])).collect()
}

/// The secretariat answers what was found and reports twice; the Executive Committee compiles.
async fn compile(app: &App, secretariat: &Store, cycle: &follow_up::Model, which: &Which) -> Result<()> {
    let open = Condition::all().add(finding::Column::FollowUpId.eq(cycle.id)).add(finding::Column::AnsweredAt.is_null());
    let ordering = Ordering { by: finding::Column::Id, descending: false };
    let all = PageArgs { first: Some(500), ..PageArgs::default() };
    let (findings, _) = secretariat.page::<finding::Entity>(open, ordering, &all, Joined::default()).await?;
    for (_, finding) in findings.rows {
        let (text, publish) = deeds::answer(finding.check_name, &finding.subject);
        let answer = Answer { text: text.to_owned(), publish, names_checked: false };
        secretariat.answer_finding(finding.id, &answer).await?;
    }
    // The draft is made anew with what is published of the answers.
    run::queued(app, &run::bar()).await?;
    for (body, paper) in [(ReportBody::Council, "協議会 資料2"), (ReportBody::PromotionCommittee, "推進委員会 資料1")] {
        let report = Reporting { body, reported_on: secretariat.today(), paper: paper.to_owned(), names_checked: false };
        secretariat.record_follow_up_report(which, &report).await?;
    }
    let member = Principal { body: Some(EXECUTIVE_COMMITTEE.to_owned()), ..load::principal(&[Role::Committee], None) };
    app.store(member).await?.compile_follow_up(which, "幹事会で取りまとめた").await?;
    Ok(())
}

/// One bureau had forgotten a man's leave.
async fn correct(secretariat: &Store, which: &Which) -> Result<()> {
    let correction = Correction {
        kind: ReleaseKind::Correction,
        reason_ja: "内閣人事局の男性の育児休業取得者数の誤りを訂正した。".to_owned(),
        reason_en: "The number of men on childcare leave of one bureau was corrected.".to_owned(),
        bureaus: vec![PERSONNEL_BUREAU.to_owned()],
        names_checked: false,
    };
    secretariat.correct_follow_up(which, &correction).await?;
    Ok(())
}

/// The releases with the number of their figures, and how many of these are withheld.
pub(super) async fn releases(store: &Store) -> Result<String> {
    let ordering = Ordering { by: release::Column::FiscalYear, descending: false };
    let all = PageArgs { first: Some(500), ..PageArgs::default() };
    let (found, _) = store.page::<release::Entity>(Condition::all(), ordering, &all, Joined::default()).await?;
    let mut text = String::from("公表 / releases:\n");
    for (_, row) in found.rows {
        use release_observation::Column;
        let of = || Condition::all().add(Column::ReleaseId.eq(row.id));
        let figures = store.count::<release_observation::Entity>(of()).await?;
        let withheld = store.count::<release_observation::Entity>(of().add(Column::Status.eq(ObservationStatus::Withheld))).await?;
        let share = entity::quotient::quotient(withheld.try_into()?, figures.try_into()?, true).unwrap_or_default();
        let (year, version) = (row.fiscal_year, &row.version);
        // Writing to a String does not fail.
        let _ = writeln!(text, "  FY{year} {version}  {figures} 件 figures, 秘匿 withheld {withheld} ({share}%)");
    }
    Ok(text)
}
