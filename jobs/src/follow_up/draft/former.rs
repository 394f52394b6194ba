//! What findings and groups of releases of the formats up to 4 are called. Whoever verifies such a release makes its files once more, so that
//! nothing here is ever edited; what is said under a newer format stands in [`said`](super::said).

use super::said::{METHOD_EN, Said};
use crate::follow_up::release::Bilingual;

/// The words of a finding.
pub(super) fn words(said: &Said<'_>) -> Bilingual {
    let (ja, en) = match *said {
        Said::MissingSubmission(code) => {
            (format!("部局 {code} の提出が受理されていません。"), format!("No submission of bureau {code} has been accepted."))
        }
        Said::MissingFigures(code, items) => {
            let items = items.join(", ");
            (format!("部局 {code} の提出に次の数値がありません: {items}"), format!("What bureau {code} submitted leaves out: {items}."))
        }
        Said::OpenMonth(month) => (
            format!("{month} を締めていない部局があります。数値は暫定です。"),
            format!("Some bureau has not closed {month}; its figures are provisional."),
        ),
        Said::Outdated(month) => (
            format!("{month} の記録が、月次指標の計算後に変わっています。"),
            format!("Records of {month} have changed since its figures were computed."),
        ),
        Said::Uncomputed(month) => {
            (format!("{month} の月次指標が計算されていません。"), format!("The figures of {month} have not been computed."))
        }
        Said::NotReported(indicator, bureaus, has_others) => {
            let named = |between: &str, rest: &'static str| {
                bureaus.iter().copied().chain(has_others.then_some(rest)).collect::<Vec<_>>().join(between)
            };
            (
                format!("{indicator} は、記録を報告していない月のある部局({})のその月を含みません。", named("、", "個別に公表しない部局")),
                format!(
                    "{indicator} leaves out months of which these bureaus have reported nothing: {}.",
                    named(", ", "bureaus that do not appear by name")
                ),
            )
        }
        Said::Partial(indicator) => (
            format!("{indicator} は、記録のある職員の割合が基準を下回るため、目標の達成状況を示しません。"),
            format!("{indicator} covers too few of its people for a target to be held against it."),
        ),
        Said::OutOfRange(indicator) => {
            (format!("{indicator} に0～100％の外の値があります。"), format!("{indicator} has a value outside 0 to 100 %."))
        }
        Said::Bands(indicator) => (
            format!("{indicator} の役職段階別の合計が、全体と一致しません。"),
            format!("The bands of {indicator} do not add up to its total."),
        ),
        Said::NoFigure(indicator, day) => {
            (format!("{indicator} の {day} 現在の値がありません。"), format!("There is no value of {indicator} for {day}."))
        }
        Said::NoFigureForTarget(indicator) => {
            (format!("目標のある {indicator} の値が不明です。"), format!("{indicator} has a target, and its value is not known."))
        }
        Said::Jump(indicator, was, is) => (
            format!("{indicator} が前年度の {was} から {is} へ大きく動いています。"),
            format!("{indicator} moved from {was} in the year before to {is}."),
        ),
        Said::NoTarget(indicator) => {
            (format!("{indicator} には、この時点で有効な目標がありません。"), format!("No target of {indicator} is in force for its date."))
        }
    };
    Bilingual { ja, en }
}

/// How the release says that it withholds.
pub(super) fn method() -> Bilingual {
    let ja = "少人数に係る数値(一次秘匿)と、合計や関連する表からの差引きにより判明する数値(二次秘匿)を、線形計画法により選んで秘匿した(Kelly, Golden & \
              Assad 1992、Fischetti & Salazar-González 2000)。";
    Bilingual { ja: ja.to_owned(), en: METHOD_EN.to_owned() }
}

/// The name of a group, by the codes of its bureaus in order.
pub(super) fn group(number: usize, codes: &[&str]) -> Bilingual {
    let range = match (codes.first(), codes.last()) {
        (Some(first), Some(last)) if first != last => format!("{first}–{last}"),
        _ => codes.concat(),
    };
    Bilingual { ja: format!("部局群{number}（{range}）"), en: format!("Group {number} ({range})") }
}
