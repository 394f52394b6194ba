//! What columns are called in Japanese, in a table that a person is handed; members of closed sets are called as everywhere (`crate::labels`).

use crate::labels::label;
use entity::{noun::Noun, text::Text};
use serde_json::Value;

/// The heading of a column; a column without one keeps its own name, and a test fails.
pub(super) fn heading(column: &'static str) -> &'static str {
    HEADINGS.iter().find(|(name, _)| *name == column).map_or(column, |(_, heading)| heading)
}

/// What a table is called; one that is gone keeps its name.
pub(super) fn table(table: &str) -> String {
    Noun::of_table(table).and_then(Noun::called).unwrap_or(table).to_owned()
}

/// An instant in Tokyo's time.
pub(super) fn instant(text: &str) -> String {
    super::in_tokyo(text).unwrap_or_else(|| text.to_owned())
}

/// A cell as a table shows it: a member by its word, an instant in Tokyo's time.
pub(super) fn said(column: &str, value: &Value) -> Value {
    match value {
        Value::Bool(yes) => (if *yes { "はい" } else { "いいえ" }).into(),
        Value::String(text) if is_instant(column) => instant(text).into(),
        Value::String(text) => member(column, text).map_or_else(|| text.clone(), |label| label.ja.to_owned()).into(),
        other => other.clone(),
    }
}

/// The words of a member of the set that a column is of.
fn member(column: &str, text: &str) -> Option<Text> {
    let (_, sets) = MEMBERS_OF.iter().find(|(of, _)| *of == column)?;
    sets.iter().find_map(|set| label(set, text))
}

fn is_instant(column: &str) -> bool {
    ["at", "_at", "_start", "_end"].iter().any(|end| column == *end || end.starts_with('_') && column.ends_with(end))
}

const HEADINGS: [(&str, &str); 122] = [
    ("client", "記録元"),
    ("external_id", "記録元での番号"),
    ("staff_number", "職員番号"),
    ("staff_number_folded", "職員番号（照合用）"),
    ("sex", "性別"),
    ("employment", "常勤・非常勤"),
    ("origin", "採用・出向の別"),
    ("seconded_from", "出向元"),
    ("hired_on", "採用日"),
    ("separated_on", "離職日"),
    ("separation_reason", "離職の事由"),
    ("recorded_for", "記録時の部局"),
    ("source_version", "記録元での版"),
    ("void_reason", "無効とした理由"),
    ("revision", "版"),
    ("receipt_id", "受付の識別番号"),
    ("created_at", "最初に記録した日時"),
    ("updated_at", "記録した日時"),
    ("posting_id", "配属の識別番号"),
    ("bureau", "部局"),
    ("unit", "担当"),
    ("kind", "種別"),
    ("resident", "常駐"),
    ("band", "役職段階"),
    ("job_area", "職域"),
    ("subject_to_overtime", "超過勤務の対象"),
    ("valid_from", "開始日"),
    ("valid_to", "終了日（その日を含まない）"),
    ("released_on", "引渡日"),
    ("released_to", "引渡先の部局"),
    ("named_by", "指定した者"),
    ("named_at", "指定した日時"),
    ("date", "日付"),
    ("correction_reason", "確定後の訂正の理由"),
    ("day_kind", "日の種別"),
    ("pattern", "勤務の形態"),
    ("scheduled_start", "所定の始業"),
    ("scheduled_end", "所定の終業"),
    ("presence_start", "在庁の開始"),
    ("presence_end", "在庁の終了"),
    ("breaks", "休憩"),
    ("ordered", "命令された超過勤務"),
    ("occupied_start", "占める時間の開始"),
    ("occupied_end", "占める時間の終了"),
    ("worked_minutes", "勤務時間（分）"),
    ("ordinary_minutes", "所定内の勤務（分）"),
    ("overtime_minutes", "超過勤務（分）"),
    ("basis", "超過勤務の算定の基礎"),
    ("presence_overtime_minutes", "在庁による超過勤務（分）"),
    ("ordered_overtime_minutes", "命令による超過勤務（分）"),
    ("late_night_minutes", "深夜の勤務（分）"),
    ("day_off_minutes", "休日の勤務（分）"),
    ("planned_start", "予定の開始"),
    ("planned_end", "予定の終了"),
    ("planned_minutes", "予定の時間（分）"),
    ("reason", "理由"),
    ("requested_at", "申請日時"),
    ("decision", "確認の結果"),
    ("decided_at", "確認日時"),
    ("approver", "確認者・承認者"),
    ("place", "場所"),
    ("minutes", "時間（分）"),
    ("from_band", "登用前の役職段階"),
    ("to_band", "登用後の役職段階"),
    ("fiscal_year", "年度"),
    ("route", "採用の経路"),
    ("exam", "採用試験"),
    ("exam_year", "試験の年"),
    ("last_month", "最後の月"),
    ("work", "業務"),
    ("analysed_on", "検証した日"),
    ("month", "月"),
    ("regime", "業務の区分"),
    ("days_in_post", "在職日数"),
    ("in_census", "月末の在職（1は在職）"),
    ("on_leave_all_month", "全月の休業（1は該当）"),
    ("overtime_confirmed_minutes", "事前確認された超過勤務（分）"),
    ("presence_compared_minutes", "在庁と命令を比べた超過勤務（分）"),
    ("presence_beyond_minutes", "命令を超える在庁（分）"),
    ("on_time_shifts", "定時退庁日の勤務回数"),
    ("on_time_departures", "定時退庁の回数"),
    ("exam_hires", "試験による採用"),
    ("mid_career_hires", "中途採用"),
    ("staggered_shifts", "早出遅出勤務の回数"),
    ("telework_days", "テレワークの日数"),
    ("annual_leave_minutes", "年次休暇（分）"),
    ("run_id", "算出した処理の識別番号"),
    ("category", "区分"),
    ("severity", "重要度"),
    ("total_minutes", "合計（分）"),
    ("months", "月数"),
    ("limit_minutes", "上限（分）"),
    ("limit_months", "上限（回）"),
    ("projected_month", "上限に達する見込みの月"),
    ("median_doubled", "中央値の2倍（分）"),
    ("scale_numerator", "散らばりの分子"),
    ("scale_denominator", "散らばりの分母"),
    ("peers", "比較した人数"),
    ("peer_level", "比較の範囲"),
    ("method", "算定の方法"),
    ("rule_version", "規則の版"),
    ("input_run_id", "元となる処理の識別番号"),
    ("raised_at", "注意した日時"),
    ("numbered_at", "確定した順の日時"),
    ("changed_at", "変わった日時"),
    ("acknowledge_by", "確認の期限"),
    ("review_by", "検討の期限"),
    ("review", "検討の状況"),
    ("reviewed_at", "検討を終えた日時"),
    ("interview_held_on", "面接指導の実施日"),
    ("withdrawn_at", "取り消した日時"),
    ("returned_from", "以前の注意記録の識別番号"),
    ("flag_id", "注意記録の識別番号"),
    ("sequence", "順序"),
    ("at", "日時"),
    ("actor", "行った者"),
    ("comment", "内容"),
    ("noun", "記録の種類"),
    ("record_id", "記録の識別番号"),
    ("content", "内容（項目別）"),
    ("written_at", "記録した日時"),
    ("replaced_at", "置き換えた日時"),
];

/// Columns whose texts are members of closed sets, and these; all others are shown as they were written.
const MEMBERS_OF: [(&str, &[&str]); 21] = [
    ("sex", &["Sex"]),
    ("employment", &["Employment"]),
    ("origin", &["Origin"]),
    ("separation_reason", &["SeparationReason"]),
    ("kind", &["PostingKind", "LeaveKind", "ExceptionalWorkKind", "OutlierKind", "OutlierEventKind"]),
    ("band", &["RankBand"]),
    ("from_band", &["RankBand"]),
    ("to_band", &["RankBand"]),
    ("day_kind", &["DayKind"]),
    ("pattern", &["Pattern"]),
    ("basis", &["Basis"]),
    ("decision", &["Decision"]),
    ("place", &["TeleworkPlace"]),
    ("route", &["HireRoute"]),
    ("exam", &["Exam"]),
    ("regime", &["Regime"]),
    ("category", &["OutlierCategory"]),
    ("severity", &["Severity"]),
    ("peer_level", &["PeerLevel"]),
    ("method", &["ScoreMethod"]),
    ("review", &["ReviewState"]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::person_file::parts;
    use entity::{
        exceptional_work::ExceptionalWorkKind,
        hire::{Exam, HireRoute},
        leave_entry::LeaveKind,
        outlier_event::OutlierEventKind,
        overtime_outlier::{OutlierCategory, OutlierKind, PeerLevel, ReviewState, ScoreMethod, Severity},
        overtime_request::Decision,
        posting::{PostingKind, RankBand},
        staff::{Employment, Origin, SeparationReason, Sex},
        telework_day::TeleworkPlace,
        work_regime::Regime,
        work_time::{Basis, DayKind, Pattern},
    };
    use sea_orm::Iterable;
    use std::collections::BTreeSet;

    #[test]
    fn every_heading_has_a_column() -> Result<(), crate::error::Error> {
        let shown: BTreeSet<&str> = parts(None)?.iter().flat_map(crate::store::person_file::Part::columns).collect();
        let named: BTreeSet<&str> = HEADINGS.iter().map(|(column, _)| *column).collect();
        // A column that came later is shown under its own name until it is given one here.
        assert_eq!(named.difference(&shown).collect::<Vec<_>>(), [] as [&&str; 0], "a heading without a column");
        assert_eq!(named.len(), HEADINGS.len(), "a column has one heading");
        Ok(())
    }

    #[test]
    fn every_member_has_a_word() {
        let mut members = BTreeSet::new();
        macro_rules! of {
            ($($set:ident)+) => { $(members.extend($set::iter().map(|member| (stringify!($set), member.as_text())));)+ };
        }
        of! {
            Sex Employment Origin SeparationReason PostingKind RankBand DayKind Pattern Basis Decision TeleworkPlace LeaveKind HireRoute Exam
            Regime OutlierKind OutlierCategory Severity PeerLevel ScoreMethod ReviewState OutlierEventKind ExceptionalWorkKind
        }
        let sets: BTreeSet<&str> = MEMBERS_OF.iter().flat_map(|(_, sets)| *sets).copied().collect();
        assert_eq!(members.iter().map(|(set, _)| *set).collect::<BTreeSet<_>>(), sets);
        for (set, text) in &members {
            let of = MEMBERS_OF.iter().find(|(_, sets)| sets.contains(set)).map(|(column, _)| *column);
            assert_eq!(
                of.and_then(|column| member(column, text)).map(|label| label.ja),
                label(set, text).map(|label| label.ja),
                "{set} {text}"
            );
        }
        assert_eq!(said("sex", &"FEMALE".into()), "女性");
        assert_eq!(said("job_area", &"OTHER".into()), "OTHER", "what somebody wrote is shown as it is");
        assert_eq!(said("created_at", &"2020-04-01T15:00:00+00:00".into()), "2020-04-02 00:00");
    }
}
