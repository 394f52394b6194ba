#![allow(clippy::unwrap_used, clippy::expect_used)]
use super::*;
use chrono::{DateTime, NaiveDate};
use entity::{
    ids::{BureauId, JobRunId, OvertimeOutlierId, StaffId, UnitId},
    overtime_outlier::{ReviewState, Severity},
};

fn flag(kind: OutlierKind, minutes: i32) -> Model {
    Model {
        id: OvertimeOutlierId::new(),
        month: "2019-07".parse().unwrap(),
        staff_id: StaffId::new(),
        bureau_id: BureauId::new(),
        unit_id: UnitId::new(),
        regime: Regime::ExternallyDriven,
        kind,
        category: OutlierCategory::Breach,
        severity: Severity::Critical,
        minutes,
        total_minutes: None,
        months: None,
        limit_minutes: None,
        limit_months: None,
        projected_month: None,
        median_doubled: None,
        scale_numerator: None,
        scale_denominator: None,
        peers: None,
        peer_level: None,
        method: None,
        rule_version: 2,
        input_run_id: JobRunId::new(),
        run_id: JobRunId::new(),
        raised_at: DateTime::UNIX_EPOCH,
        numbered_at: None,
        changed_at: DateTime::UNIX_EPOCH,
        acknowledge_by: NaiveDate::MIN,
        review_by: NaiveDate::MIN,
        review: ReviewState::Open,
        reviewed_at: None,
        interview_held_on: None,
        withdrawn_at: None,
        returned_from: None,
    }
}

fn sum(kind: OutlierKind, total: i32, months: i32, limit: i32) -> Model {
    Model { total_minutes: Some(total), months: Some(months), limit_minutes: Some(limit), ..flag(kind, 60 * 60) }
}

/// 62 h against a median of 20 h 30 min, with a scale of 4 h.
fn compared(kind: OutlierKind, level: PeerLevel, method: ScoreMethod) -> Model {
    Model {
        category: OutlierCategory::Statistical,
        median_doubled: Some(2_460),
        scale_numerator: Some(960),
        scale_denominator: Some(4),
        peers: Some(12),
        peer_level: Some(level),
        method: Some(method),
        ..flag(kind, 62 * 60)
    }
}

#[test]
fn each_kind_says_what_was_found_and_against_what() {
    let month_cap = Model { limit_minutes: Some(6_000), ..flag(OutlierKind::MonthCap, 6_270) };
    let reached = Model { limit_minutes: Some(6_000), ..flag(OutlierKind::MonthCap, 6_000) };
    let own = Model { regime: Regime::SelfPaced, limit_minutes: Some(2_700), ..flag(OutlierKind::MonthCap, 2_701) };
    let long = Model { months: Some(7), limit_months: Some(6), limit_minutes: Some(2_700), ..flag(OutlierKind::LongMonths, 3_000) };
    let due = Model { limit_minutes: Some(6_000), ..flag(OutlierKind::Interview, 6_000) };
    let unconfirmed = Model { limit_minutes: Some(1_800), ..flag(OutlierKind::Unconfirmed, 1_830) };
    let pace = Model { projected_month: Some("2019-12".parse().unwrap()), ..sum(OutlierKind::Pace, 9_600, 5, 21_600) };
    for (flag, ja, en) in [
        (
            &month_cap,
            "2019年7月の超過勤務は104時間30分で、他律部署の1か月の上限（100時間未満）を超えています。",
            "Overtime in 2019-07 was 104 h 30 min, which has passed the month's cap for externally driven work (under 100 h).",
        ),
        (
            &own,
            "2019年7月の超過勤務は45時間1分で、自律部署の1か月の上限（45時間以下）を超えています。",
            "Overtime in 2019-07 was 45 h 1 min, which has passed the month's cap for self-paced work (at most 45 h).",
        ),
        (
            &reached,
            "2019年7月の超過勤務は100時間で、他律部署の1か月の上限（100時間未満）に達しています。",
            "Overtime in 2019-07 was 100 h, which has reached the month's cap for externally driven work (under 100 h).",
        ),
        (
            &sum(OutlierKind::YearCap, 43_260, 4, 43_200),
            "2019年7月までの年度の超過勤務は721時間で、1年の上限（720時間以下）を超えています。",
            "Overtime of the year up to 2019-07 was 721 h; the year's cap is at most 720 h.",
        ),
        (
            &sum(OutlierKind::MeanCap, 14_401, 3, 4_800),
            "2019年7月までの3か月の超過勤務は平均で月80時間1分で、他律部署の上限（平均80時間以下）を超えています。",
            "Overtime in the 3 months up to 2019-07 was 80 h 1 min a month on average; the cap for externally driven work is at most 80 h.",
        ),
        (
            &long,
            "45時間を超える月は2019年7月で年度内の7回目となり、上限（6回）を超えています。",
            "2019-07 was the year's month number 7 above 45 h; at most 6 are allowed.",
        ),
        (
            &due,
            "2019年7月の超過勤務は100時間（100時間以上）で、医師による面接指導の対象です。",
            "Overtime in 2019-07 was 100 h, from 100 h on a doctor's interview is due.",
        ),
        (
            &sum(OutlierKind::Interview, 9_602, 2, 4_800),
            "2019年7月までの2か月の超過勤務は平均で月80時間1分（80時間超）で、医師による面接指導の対象です。",
            "Overtime in the 2 months up to 2019-07 was 80 h 1 min a month on average, above 80 h: a doctor's interview is due.",
        ),
        (
            &unconfirmed,
            "2019年7月の超過勤務30時間30分のうち、事前に確認されたものがありません。",
            "Of the 30 h 30 min of overtime in 2019-07 nothing was confirmed beforehand.",
        ),
        (
            &pace,
            "2019年7月までの年度の超過勤務は160時間で、このまま推移した場合、2019年12月に1年の上限（360時間）を超える見込みです。",
            "Overtime of the year up to 2019-07 was 160 h; at this pace the year's cap of 360 h is passed in 2019-12.",
        ),
    ] {
        assert_eq!(sentence(flag, true), ja);
        assert_eq!(sentence(flag, false), en);
    }
}

#[test]
fn a_statistical_flag_says_with_whom_it_compares_and_that_it_is_no_breach() {
    // 0.6745 · 41.5 ÷ 4 = 6.9979…, and 41.5 ÷ (1.253314 · 4) = 8.2780…
    let peers = compared(OutlierKind::AbovePeers, PeerLevel::Bureau, ScoreMethod::MedianDeviation);
    assert_eq!(score(&peers).as_deref(), Some("7.00"));
    assert_eq!(
        sentence(&peers, false),
        "Overtime in 2019-07 was 62 h, far above the median of 20 h 30 min of 12 people of the same bureau and regime (score 7.00). This is \
         a statistical sign and no breach."
    );
    assert_eq!(
        sentence(&peers, true),
        "2019年7月の超過勤務は62時間で、同じ部局の他律部署の12人の中央値20時間30分を大きく上回っています（スコア7.00）。\
         統計上の目安で、違反を意味しません。"
    );
    let office = compared(OutlierKind::AbovePeers, PeerLevel::Office, ScoreMethod::MeanDeviation);
    assert_eq!(score(&office).as_deref(), Some("8.28"));
    assert!(sentence(&office, false).contains("12 people of the whole office, for the bureau has too few"));
    assert!(sentence(&office, true).contains("部局内の比較対象が少ないため"));
    let own = compared(OutlierKind::AboveOwnMonths, PeerLevel::Own, ScoreMethod::MedianDeviation);
    assert!(sentence(&own, false).contains("the person's own 12 earlier months"));
    assert!(sentence(&own, true).contains("本人の過去12か月"));
    assert_eq!(score(&flag(OutlierKind::MonthCap, 6_000)), None);
    assert_eq!(score(&Model { scale_numerator: Some(0), ..peers }), None, "nothing is divided by nothing");
}

#[test]
fn exceptional_work_says_that_it_must_be_analysed() {
    let cap = Model { limit_minutes: Some(6_000), category: OutlierCategory::AboveCapExceptional, ..flag(OutlierKind::MonthCap, 6_000) };
    assert!(sentence(&cap, true).ends_with("特例業務によるもので、6か月以内に要因の整理、分析及び検証が必要です。"));
    assert!(sentence(&cap, false).ends_with("It was exceptional work, whose causes are to be analysed within 6 months."));
}
