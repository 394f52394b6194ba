//! What a flag says in words, made of its evidence alone: a sentence in Japanese and in English. Pure.
//!
//! A sentence says what was found and against what, never who it is about, and a statistical one never calls anything a breach. Deliberately
//! absent: advice, and storage: the words of a flag are those of today.

use entity::quotient::half_up;
use entity::{
    overtime::Bound,
    overtime_outlier::{Model, OutlierCategory, OutlierKind, PeerLevel, ScoreMethod},
    work_regime::Regime,
};

/// 0.6745 and 1.253314 of the two scores, as quotients.
const MEDIAN_FACTOR: (i128, i128) = (6_745, 10_000);
const MEAN_FACTOR: (i128, i128) = (1_000_000, 1_253_314);

/// The flag in a sentence, in Japanese or in English.
#[must_use]
pub fn sentence(flag: &Model, japanese: bool) -> String {
    if japanese { ja(flag) } else { en(flag) }
}

/// Hundredths of the score, rounded half up; `None` for a flag that is no statistical one.
#[must_use]
pub fn score_hundredths(flag: &Model) -> Option<i128> {
    let (median, scale, over) = (flag.median_doubled?, flag.scale_numerator?, flag.scale_denominator?);
    let (factor, divisor) = match flag.method? {
        ScoreMethod::MedianDeviation => MEDIAN_FACTOR,
        ScoreMethod::MeanDeviation => MEAN_FACTOR,
    };
    let excess_doubled = i128::from(flag.minutes) * 2 - i128::from(median);
    let numerator = excess_doubled * i128::from(over) * factor * 100;
    let denominator = i128::from(scale) * divisor * 2;
    (denominator > 0).then(|| half_up(numerator, denominator))
}

/// The score with two digits after the point.
#[must_use]
pub fn score(flag: &Model) -> Option<String> {
    score_hundredths(flag).map(|hundredths| {
        let sign = if hundredths < 0 { "-" } else { "" };
        format!("{sign}{}.{:02}", hundredths.abs() / 100, hundredths.abs() % 100)
    })
}

fn ja(flag: &Model) -> String {
    let (month, minutes) = (month_ja(flag.month), hours_ja(flag.minutes.into()));
    let total = hours_ja(flag.total_minutes.unwrap_or(flag.minutes).into());
    let limit = hours_ja(flag.limit_minutes.unwrap_or_default().into());
    let months = flag.months.unwrap_or_default();
    let regime = regime_ja(flag.regime);
    let said = match flag.kind {
        OutlierKind::MonthCap => {
            let (bound, said) = match Bound::of_month(flag.regime) {
                // What is equal to a cap under which it is to stay has reached it, and not passed it.
                Bound::Under if flag.limit_minutes == Some(flag.minutes) => ("未満", "に達しています"),
                Bound::Under => ("未満", "を超えています"),
                Bound::AtMost => ("以下", "を超えています"),
            };
            format!("{month}の超過勤務は{minutes}で、{regime}の1か月の上限（{limit}{bound}）{said}。")
        }
        OutlierKind::YearCap => format!("{month}までの年度の超過勤務は{total}で、1年の上限（{limit}以下）を超えています。"),
        OutlierKind::MeanCap => {
            let mean = hours_ja(mean(flag));
            format!("{month}までの{months}か月の超過勤務は平均で月{mean}で、{regime}の上限（平均{limit}以下）を超えています。")
        }
        OutlierKind::LongMonths => {
            let most = flag.limit_months.unwrap_or_default();
            format!("{limit}を超える月は{month}で年度内の{months}回目となり、上限（{most}回）を超えています。")
        }
        OutlierKind::Interview if flag.months.is_some() => {
            let mean = hours_ja(mean(flag));
            format!("{month}までの{months}か月の超過勤務は平均で月{mean}（{limit}超）で、医師による面接指導の対象です。")
        }
        OutlierKind::Interview => format!("{month}の超過勤務は{minutes}（{limit}以上）で、医師による面接指導の対象です。"),
        OutlierKind::AbovePeers | OutlierKind::AboveOwnMonths => compared_ja(flag),
        OutlierKind::Unconfirmed => format!("{month}の超過勤務{minutes}のうち、事前に確認されたものがありません。"),
        OutlierKind::Pace => {
            let reached = flag.projected_month.map_or_else(|| format!("{months}か月後"), month_ja);
            format!("{month}までの年度の超過勤務は{total}で、このまま推移した場合、{reached}に1年の上限（{limit}）を超える見込みです。")
        }
    };
    if flag.category == OutlierCategory::AboveCapExceptional {
        return format!("{said}特例業務によるもので、6か月以内に要因の整理、分析及び検証が必要です。");
    }
    said
}

fn en(flag: &Model) -> String {
    let (month, minutes) = (flag.month, hours_en(flag.minutes.into()));
    let total = hours_en(flag.total_minutes.unwrap_or(flag.minutes).into());
    let limit = hours_en(flag.limit_minutes.unwrap_or_default().into());
    let months = flag.months.unwrap_or_default();
    let regime = match flag.regime {
        Regime::SelfPaced => "self-paced",
        Regime::ExternallyDriven => "externally driven",
    };
    let said = match flag.kind {
        OutlierKind::MonthCap => {
            let (bound, said) = match Bound::of_month(flag.regime) {
                Bound::Under if flag.limit_minutes == Some(flag.minutes) => ("under", "has reached"),
                Bound::Under => ("under", "has passed"),
                Bound::AtMost => ("at most", "has passed"),
            };
            format!("Overtime in {month} was {minutes}, which {said} the month's cap for {regime} work ({bound} {limit}).")
        }
        OutlierKind::YearCap => format!("Overtime of the year up to {month} was {total}; the year's cap is at most {limit}."),
        OutlierKind::MeanCap => {
            let mean = hours_en(mean(flag));
            format!(
                "Overtime in the {months} months up to {month} was {mean} a month on average; the cap for {regime} work is at most {limit}."
            )
        }
        OutlierKind::LongMonths => {
            let most = flag.limit_months.unwrap_or_default();
            format!("{month} was the year's month number {months} above {limit}; at most {most} are allowed.")
        }
        OutlierKind::Interview if flag.months.is_some() => {
            let mean = hours_en(mean(flag));
            format!(
                "Overtime in the {months} months up to {month} was {mean} a month on average, above {limit}: a doctor's interview is due."
            )
        }
        OutlierKind::Interview => format!("Overtime in {month} was {minutes}, from {limit} on a doctor's interview is due."),
        OutlierKind::AbovePeers | OutlierKind::AboveOwnMonths => compared_en(flag),
        OutlierKind::Unconfirmed => format!("Of the {minutes} of overtime in {month} nothing was confirmed beforehand."),
        OutlierKind::Pace => {
            let reached = flag.projected_month.map_or_else(|| format!("{months} months later"), |month| format!("in {month}"));
            format!("Overtime of the year up to {month} was {total}; at this pace the year's cap of {limit} is passed {reached}.")
        }
    };
    if flag.category == OutlierCategory::AboveCapExceptional {
        return format!("{said} It was exceptional work, whose causes are to be analysed within 6 months.");
    }
    said
}

/// What the white papers of the National Personnel Authority call a unit of the regime.
const fn regime_ja(regime: Regime) -> &'static str {
    match regime {
        Regime::SelfPaced => "自律部署",
        Regime::ExternallyDriven => "他律部署",
    }
}

fn compared_ja(flag: &Model) -> String {
    let (month, minutes) = (month_ja(flag.month), hours_ja(flag.minutes.into()));
    let (median, peers) = (median(flag, hours_ja), flag.peers.unwrap_or_default());
    let with = match flag.peer_level {
        Some(PeerLevel::Office) => format!("部局内の比較対象が少ないため組織全体の{peers}人"),
        Some(PeerLevel::Own) => format!("本人の過去{peers}か月"),
        Some(PeerLevel::Bureau) | None => format!("同じ部局の{}の{peers}人", regime_ja(flag.regime)),
    };
    let score = score(flag).unwrap_or_default();
    format!(
        "{month}の超過勤務は{minutes}で、{with}の中央値{median}を大きく上回っています（スコア{score}）。統計上の目安で、違反を意味しません。"
    )
}

fn compared_en(flag: &Model) -> String {
    let (month, minutes) = (flag.month, hours_en(flag.minutes.into()));
    let (median, peers) = (median(flag, hours_en), flag.peers.unwrap_or_default());
    let with = match flag.peer_level {
        Some(PeerLevel::Office) => format!("{peers} people of the whole office, for the bureau has too few"),
        Some(PeerLevel::Own) => format!("the person's own {peers} earlier months"),
        Some(PeerLevel::Bureau) | None => format!("{peers} people of the same bureau and regime"),
    };
    let score = score(flag).unwrap_or_default();
    format!(
        "Overtime in {month} was {minutes}, far above the median of {median} of {with} (score {score}). This is a statistical sign and no breach."
    )
}

/// The mean a month of the sum that was compared, in minutes, rounded up, so that what is above a cap never reads like the cap.
fn mean(flag: &Model) -> i64 {
    let (total, months) = (i64::from(flag.total_minutes.unwrap_or(flag.minutes)), i64::from(flag.months.unwrap_or(1).max(1)));
    (total + months - 1).div_euclid(months)
}

/// The median, a half minute rounded up.
fn median(flag: &Model, hours: fn(i64) -> String) -> String {
    hours((i64::from(flag.median_doubled.unwrap_or_default()) + 1).div_euclid(2))
}

fn month_ja(month: entity::period::YearMonth) -> String {
    format!("{}年{}月", month.year(), month.month())
}

fn hours_ja(minutes: i64) -> String {
    match (minutes / 60, minutes % 60) {
        (hours, 0) => format!("{hours}時間"),
        (0, rest) => format!("{rest}分"),
        (hours, rest) => format!("{hours}時間{rest}分"),
    }
}

fn hours_en(minutes: i64) -> String {
    match (minutes / 60, minutes % 60) {
        (hours, 0) => format!("{hours} h"),
        (0, rest) => format!("{rest} min"),
        (hours, rest) => format!("{hours} h {rest} min"),
    }
}

#[cfg(test)]
mod tests;
