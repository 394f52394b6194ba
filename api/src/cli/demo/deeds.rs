//! What the demo's bureaus say that they did and are to do next, each under the initiative that it is about, and what is answered to findings.
//!
//! All of it is made up. Deliberately absent: names, and numbers that would have to agree with the records.

use entity::{finding::FindingCheck, submission::SubmittedAction};

/// An initiative, what was done of it, and what is to be done next.
type Deed = (&'static str, &'static str, &'static str);

const DEEDS: [Deed; 18] = [
    (
        "TOP_MESSAGES",
        "幹部が毎月の会議で働き方の見直しを呼び掛け、その要旨を全職員にメールで伝えた。",
        "幹部からの呼び掛けを続け、職員からの提案に幹部が答える場を設ける。",
    ),
    (
        "PROMOTION_MONTHS",
        "7月及び8月の強化月間に、夏の早朝勤務と休暇の取得を部局全体で進めた。",
        "強化月間の結果を課ごとに確かめ、効果のあった取組を通年で行う。",
    ),
    (
        "EFFICIENCY_GOALS",
        "管理職員の評価目標に、業務の廃止又は簡素化を1件以上掲げた。",
        "評価目標に掲げた業務の見直しの状況を、半年ごとに部局内で共有する。",
    ),
    (
        "IMPROVEMENT_CYCLES",
        "担当ごとに業務を棚卸しし、重複する照会をまとめた。",
        "棚卸しの結果を踏まえ、定例の資料のうち利用の少ないものを廃止する。",
    ),
    (
        "OVERTIME_CONFIRMATION",
        "夕方までに、翌日以降の業務を含めて超過勤務の予定を上司が確認した。",
        "確認の際に、翌日に回す業務と応援を求める業務を分けることを徹底する。",
    ),
    (
        "ON_TIME_DAY_NOTICES",
        "定時退庁日の前日と当日に、退庁を促すお知らせを配信した。",
        "お知らせに、会議の終了予定など当日の調整に役立つ事項を加える。",
    ),
    (
        "ON_TIME_DAYS",
        "定時退庁日には管理職員が率先して退庁し、残る場合は理由を確認した。",
        "退庁できなかった理由をまとめ、定時退庁日の業務の配分を見直す。",
    ),
    (
        "LEAVE_TARGETS",
        "四半期ごとに年次休暇の取得状況を確認し、計画表を課内で共有した。",
        "取得の少ない職員には、上司が面談の上、連続した休暇の計画を立てる。",
    ),
    ("MUTUAL_COVER", "担当ごとに副担当を置き、休暇中の応対を分担した。", "業務の手順書を整え、副担当が一人で応対できる業務を増やす。"),
    (
        "MEETINGS",
        "会議は原則として60分以内、16時までとし、資料を前日までに共有した。",
        "定例の会議の回数を見直し、報告だけのものは書面に替える。",
    ),
    (
        "CONSULTATION_DEADLINES",
        "協議の期限を原則として翌々日の夕方以降とし、開始時刻を揃えた。",
        "期限の短い協議の件数を毎月確かめ、相手方に見直しを求める。",
    ),
    (
        "DIET_WORK",
        "答弁資料の作成と確認を当番制とし、待機の範囲を必要な担当に限った。",
        "待機の解除を早めるため、想定問答の共有と遠隔での確認を広げる。",
    ),
    ("PAPERLESS", "打合せの資料を電子化し、端末を用いた説明を標準とした。", "決裁を含めて紙の資料を減らし、庁舎の外からの確認に対応する。"),
    (
        "TELEWORK_USE",
        "全ての課でテレワークの試行日を設け、管理職員も実施した。",
        "週1回以上の実施を目安とし、窓口の業務にも分担して取り入れる。",
    ),
    (
        "STAGGERED_START",
        "早出遅出勤務の時間帯を増やし、申出の手続を簡素にした。",
        "育児や介護のない職員にも利用を勧め、会議の時間帯をこれに合わせる。",
    ),
    (
        "FATHERS_LEAVE",
        "配偶者の出産を控えた職員と上司が面談し、休暇と育児休業の計画を作成した。",
        "1か月以上の育児休業を前提に計画を立て、業務の分担を早期に決める。",
    ),
    (
        "LEAVE_CONTACT",
        "育児休業中の職員に、制度の改正や職場の状況を定期に知らせた。",
        "復帰の前に面談を行い、勤務時間と担当業務の希望を確かめる。",
    ),
    (
        "CAREER_ADVICE",
        "若手の職員が先輩の職員に相談する機会を年2回設けた。",
        "相談の内容を踏まえ、育児期の職員が経験を積める業務を洗い出す。",
    ),
];

/// What a bureau did, and what it is to do next, of two initiatives of those that the plan knows.
pub(super) fn of(place: usize, initiatives: &[String]) -> (Vec<SubmittedAction>, Vec<SubmittedAction>) {
    let known: Vec<Deed> = DEEDS.into_iter().filter(|(code, ..)| initiatives.iter().any(|known| known == code)).collect();
    let text = |initiative: &str, text: &str| SubmittedAction { initiative: initiative.to_owned(), text: text.to_owned() };
    two(place, &known).map(|(initiative, done, next)| (text(initiative, done), text(initiative, next))).unzip()
}

/// Each bureau has its own pair; neighbours share neither.
fn two(place: usize, known: &[Deed]) -> impl Iterator<Item = Deed> {
    let of = move |index: usize| known.get(index % known.len().max(1)).copied();
    [of(place * 2), of(place * 2 + 1)].into_iter().flatten()
}

/// What is answered to a finding, and whether it is published.
pub(super) fn answer(check: FindingCheck, subject: &str) -> (&'static str, bool) {
    match check {
        FindingCheck::Jump => (why_moved(subject), true),
        FindingCheck::NoTargetInForce => ("次の計画で目標を定めるまで、値の推移を公表する。", true),
        FindingCheck::NotReported | FindingCheck::PartlyReported => ("当該部局の記録は、提出され次第、次の版で反映する。", true),
        FindingCheck::OpenMonth => ("確定した後に、変更があれば訂正として公表する。", true),
        _ => ("確認済み。注を付して公表する。", false),
    }
}

/// Why a figure moved, by what it is about.
fn why_moved(indicator: &str) -> &'static str {
    const REASONS: [(&str, &str); 4] = [
        ("CHILDCARE", "制度の説明会を全部局で開き、出産予定を把握した段階で取得計画を作成したことによる。"),
        ("LEAVES", "出産予定を把握した段階で、上司が休暇の計画を職員と作成したことによる。"),
        ("TELEWORK", "端末の配備が進み、対象となる職員と業務の範囲を広げたことによる。"),
        ("WOMEN", "対象となる職員が少なく、一部の異動により割合が変動したことによる。"),
    ];
    let of = REASONS.iter().find(|(word, _)| indicator.contains(word));
    of.map_or("業務の配分の見直しを進めたことによる。", |(_, why)| *why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::store::plan::SHIPPED;

    #[test]
    fn each_text_has_an_initiative_of_the_plan_and_keeps_to_its_measure() -> anyhow::Result<()> {
        let plan: serde_json::Value = serde_json::from_str(SHIPPED)?;
        let codes: Vec<&str> = plan["initiatives"].as_array().into_iter().flatten().filter_map(|it| it["code"].as_str()).collect();
        for (code, done, next) in DEEDS {
            assert!(codes.contains(&code), "{code}");
            assert!(done.chars().count() <= 100 && next.chars().count() <= 200, "{code}");
            for text in [done, next] {
                assert!(entity::named::signs(text).is_empty(), "{text}");
            }
        }
        Ok(())
    }
}
