//! What is handed in elsewhere, and the cross tables of the workbook, against the figures that they are made of.

use super::*;
use crate::follow_up::{
    package::fixture,
    release::{FindingLine, Observation, Release, Status},
};
use calamine::Data;
use entity::{indicator_value::TOTAL, quotient::quotient};

type Row = BTreeMap<String, String>;

fn rows(release: &Release, path: &str) -> Vec<Row> {
    let files = build(release).unwrap();
    csv::Reader::from_reader(text(&files, path).as_bytes()).deserialize().map(Result::unwrap).collect()
}

fn target<'a>(rows: &'a [Row], item: &str) -> &'a Row {
    rows.iter().find(|row| row["目標項目"].contains(item)).unwrap()
}

fn item<'a>(rows: &'a [Row], code: &str, column: &str) -> &'a Row {
    rows.iter().find(|row| row["番号"] == code && row["区分"] == column).unwrap()
}

/// Withholds the office's figure of an indicator.
fn withhold(release: &mut Release, indicator: &str) {
    let office = release.observations.iter_mut().find(|it| it.indicator == indicator && it.is_office_total()).unwrap();
    (office.numerator, office.denominator, office.status) = (None, None, Status::Withheld);
    for target in release.targets.iter_mut().filter(|target| target.indicator == indicator) {
        (target.latest, target.attained, target.gap_in_people) = (None, None, None);
    }
}

#[test]
fn the_lists_stand_from_format_6_on() {
    let paths =
        |release: &Release| build(release).unwrap().into_iter().map(|file| file.path).filter(|path| path.starts_with("mieruka")).count();
    let release = fixture::release();
    assert_eq!(paths(&release), 2);
    assert_eq!(paths(&Release { site: None, ..release.clone() }), 0, "an office that hands in nothing");
    assert_eq!(paths(&Release { site: None, months: vec![], format: 5, ..release }), 0);
}

#[test]
fn targets_are_told_in_the_form_of_the_site() {
    let release = fixture::release();
    let files = build(&release).unwrap();
    let header = "区分,番号,目標項目,数値目標,数値目標（時期）,最新値,最新値（時期）,目標設定時最新値,目標設定時最新値（時期）,取組1,取組2,備考,実施状況の公表年月";
    assert!(text(&files, "mieruka-targets.csv").starts_with(header));
    let rows = rows(&release, "mieruka-targets.csv");
    let hires: Vec<&str> = header.split(',').map(|name| target(&rows, "採用試験")[name].as_str()).collect();
    assert_eq!(
        hires,
        [
            "ア 採用関係",
            "1",
            "採用試験による採用者に占める女性の割合",
            "30%以上",
            "2015〜2020年度",
            "57.1%",
            "2020年4月1日",
            "60.0%",
            "2018年4月1日",
            "幹部職員から職員に対し、ワークライフバランスの推進に関するメッセージを発出した。",
            "業務の見直しを行い、会議資料の電子化及び事前の確認を徹底したことにより、退庁時刻を早めた。",
            "改定値。2020年4月1日付けの採用者7人のうち女性4人。",
            "",
        ]
    );
    assert_eq!(target(&rows, "育児休業取得率")["区分"], "イ 継続就業及び仕事と家庭の両立関係");
    assert_eq!(target(&rows, "5日以上")["備考"], "速報値。");
    assert_eq!(target(&rows, "課室長")["数値目標"], "10%程度");
    assert!(!rows.iter().any(|row| row["目標項目"].contains("課長補佐")), "the government's target is none of the office's");
    let other = rows.iter().find(|row| row["区分"] == "オ その他").unwrap();
    assert!(other["目標項目"].is_empty() && !other["取組1"].is_empty(), "a section without a target tells what was done");
}

#[test]
fn what_was_done_is_that_of_the_targets_clause_first() {
    let mut release = fixture::release();
    let action =
        |text: &str| crate::follow_up::release::ActionLine { bureau: TOTAL.to_owned(), category: "c".to_owned(), text: text.to_owned() };
    for clause in &mut release.clauses {
        clause.actions.clear();
    }
    let long = "取".repeat(101);
    let mut put = |code: &str, texts: &[&str]| {
        release.clauses.iter_mut().find(|clause| clause.code == code).unwrap().actions = texts.iter().map(|text| action(text)).collect();
    };
    put("IV-1(2)②", &["上の項目", "他"]);
    put("IV-1(2)②ア", &["隣の項目"]);
    put("IV-1(2)②ウ", &[&long, &long]);
    let rows = rows(&release, "mieruka-targets.csv");
    let leave = target(&rows, "年次休暇");
    assert_eq!(leave["取組1"], format!("{}…", "取".repeat(99)), "at most 100 characters");
    assert_eq!(leave["取組2"], "上の項目", "the same is told once, then the section's others in the plan's order");
    assert!(target(&rows, "採用試験")["取組1"].is_empty(), "nothing of another section");
}

#[test]
fn items_are_told_with_their_remarks() {
    let release = fixture::release();
    let all = rows(&release, "mieruka-items.csv");
    let hires = item(&all, "ア", "常勤");
    assert_eq!((hires["数値"].as_str(), hires["単位"].as_str(), hires["情報公表年月"].as_str()), ("57.1", "%", ""));
    assert_eq!(
        hires["備考（数値の時点等）"],
        "非常勤職員は集計していない。2020年4月1日現在。改定値。前年度33.3%（＋23.8ポイント、伸び率＋71.4%）。"
    );
    assert_eq!([&item(&all, "ス", "男性")["数値"], &item(&all, "ス", "女性")["数値"]], ["7", "10"]);
    assert_eq!(item(&all, "ス", "女性")["単位"], "人");
    assert_eq!(item(&all, "カ", "女性")["数値"], "105.2");
    let months: Vec<_> = all.iter().filter(|row| row["番号"] == "ク" && row["区分"].ends_with('月')).collect();
    assert_eq!((months.len(), months[0]["区分"].as_str(), months[11]["区分"].as_str()), (12, "2019年4月", "2020年3月"));
    assert_eq!((months[0]["数値"].as_str(), months[3]["数値"].as_str()), ("28.3", "非公表"));
    assert_eq!(months[3]["備考（数値の時点等）"], "少人数に関わるため秘匿。");
    let none = all.iter().find(|row| row["番号"] == "ケ").unwrap();
    assert_eq!((none["数値"].as_str(), none["備考（数値の時点等）"].as_str()), ("", "職員の区分別には集計していない。"));
}

/// What cannot be told is said in words, and why in the remarks.
#[test]
fn what_is_not_told_says_why() {
    let mut release = fixture::release();
    withhold(&mut release, "WOMEN_HIRES_EXAM");
    withhold(&mut release, "WOMEN_HIRES_MID_CAREER");
    release.findings.push(FindingLine {
        check: entity::finding::FindingCheck::PartlyReported.as_text(),
        subject: "ANNUAL_LEAVE_DAYS".to_owned(),
        text: fixture::both("足りない。", "Too few."),
        answer: None,
    });
    let targets = rows(&release, "mieruka-targets.csv");
    let hires = target(&targets, "採用試験");
    assert_eq!((hires["最新値"].as_str(), hires["最新値（時期）"].as_str()), ("非公表", "2020年4月1日"));
    assert!(hires["備考"].starts_with("少人数に関わるため秘匿。"));
    assert_eq!(target(&targets, "年次休暇")["備考"], "記録のある職員の割合が基準を下回る。");
    let items = rows(&release, "mieruka-items.csv");
    assert_eq!([&item(&items, "ス", "男性")["数値"], &item(&items, "ス", "女性")["数値"]], ["非公表", "非公表"]);
    assert!(!item(&items, "ア", "常勤")["備考（数値の時点等）"].contains("前年度"), "nothing grows from what is withheld");
    assert!(item(&items, "コ", "年次休暇の平均取得日数")["備考（数値の時点等）"].ends_with("記録のある職員の割合が基準を下回る。"));
}

/// Each cell of a cross table is that of the observation of its bureau and member, and all bureaus that are split stand in it.
#[test]
fn cross_tables_hold_the_figures_cell_for_cell() {
    let release = fixture::release();
    let files = build(&release).unwrap();
    let sheets = compare::cells(&files.iter().find(|file| file.path == "tables.xlsx").unwrap().bytes).unwrap();
    let at = |indicator: &str, bureau: &str, sex: &str, band: &str| -> Option<&Observation> {
        release.observations.iter().find(|it| it.indicator == indicator && [&it.bureau, &it.sex, &it.band] == [bureau, sex, band])
    };
    let printed = |it: Option<&Observation>| match it.map(|it| (it.quotient(), it.status)) {
        None => Data::Empty,
        Some((Some((_, 0)) | None, status)) => Data::String(status.symbol().to_owned()),
        Some((Some((numerator, denominator)), _)) => Data::Float(quotient(numerator, denominator, false).unwrap().parse().unwrap()),
    };
    let below_head = |tab: &str| -> (Vec<Vec<Data>>, usize) {
        let (_, rows) = sheets.iter().find(|(name, _)| name.starts_with(tab)).unwrap();
        let head = rows.iter().position(|row| row.first() == Some(&Data::String("部局コード".to_owned()))).unwrap();
        (rows.clone(), head)
    };
    let mut compared = 0;
    for (tab, members) in [
        ("部局×男女 平均超過勤務", vec![("TOTAL", "合計"), ("FEMALE", "女性"), ("MALE", "男性")]),
        (
            "部局×役職段階 平均超過勤務",
            vec![("TOTAL", "合計"), ("DIRECTOR", "本省課室長相当職"), ("CHIEF", "係長相当職（本省）"), ("STAFF", "係員")],
        ),
    ] {
        let (rows, head) = below_head(tab);
        let columns: Vec<String> = rows[head].iter().skip(2).map(ToString::to_string).collect();
        assert_eq!(columns, members.iter().map(|(_, name)| *name).collect::<Vec<_>>());
        for row in rows.iter().skip(head + 1) {
            for ((code, _), cell) in members.iter().zip(row.iter().skip(2)) {
                let (sex, band) = if tab.contains("男女") { (*code, TOTAL) } else { (TOTAL, *code) };
                assert_eq!(*cell, printed(at("MEAN_OVERTIME_HOURS", &row[0].to_string(), sex, band)), "{tab} {row:?} {code}");
                compared += 1;
            }
        }
        let notes: String = rows[..head].iter().flatten().map(ToString::to_string).collect();
        assert!(notes.contains("単位：時間") && notes.contains("x：秘匿"), "{notes}");
    }
    assert_eq!(compared, 24 * 3 + 2 * 4);
    // Of a share of women: how many they are, and the others.
    let (rows, head) = below_head("部局×男女 職員に占める");
    for row in rows.iter().skip(head + 1) {
        let it = at("WOMEN_STAFF", &row[0].to_string(), TOTAL, TOTAL).unwrap();
        match it.quotient() {
            #[allow(clippy::cast_precision_loss)]
            Some((women, all)) => assert_eq!(row[2..5], [all, women, all - women].map(|number| Data::Float(number as f64))),
            None => assert!(row[2..].iter().all(|cell| *cell == Data::String("x".to_owned())), "{row:?}"),
        }
    }
}

/// The whole government's figure stands beside the targets with its date and source, and is told as a number.
#[test]
fn the_governments_figure_stands_beside_the_targets() {
    let files = build(&fixture::release()).unwrap();
    let page = text(&files, "report.html");
    assert!(page.contains("政府全体の目標及び値（参考）") && page.contains("政府全体の値：5.9%") && page.contains("内閣人事局公表"));
    assert!(text(&files, "observations.json").contains(r#""denominator":1000,"date_from":"2020-07-01""#));
    let without = build(&Release { government: vec![], ..fixture::release() }).unwrap();
    assert!(text(&without, "report.html").contains("政府目標（参考）") && !text(&without, "report.html").contains("政府全体の値"));
}

/// The statutory items by month, as the page has them.
#[test]
fn months_stand_on_the_page() {
    let files = build(&fixture::release()).unwrap();
    let page = text(&files, "report.html");
    assert!(page.contains("月別の値（組織全体）") && page.contains("2019年4月") && page.contains("28.3時間"));
    assert!(text(&files, "report.en.html").contains("By month (whole office)"));
    let csv = text(&files, "observations.csv");
    assert!(csv.contains("2019,MEAN_OVERTIME_HOURS,1,2019-04-01,2019-04-30,TOTAL,TOTAL,TOTAL,28000,990,28.3,HOURS,FINAL,"));
    assert!(csv.contains("2019,MEAN_OVERTIME_HOURS,1,2019-07-01,2019-07-31,TOTAL,TOTAL,TOTAL,,,,HOURS,WITHHELD,x"));
}
