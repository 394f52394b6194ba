//! What the notice says, in Japanese with English below.

use chrono::NaiveDate;
use entity::{on_time_day::OnTimeDayKind, period::date_ja};

/// Between a bureau's Japanese name and the text.
pub(super) const TO_JA: &str = " 御中\n\n";

/// Subject and text of one day's notice. The bureau's Japanese name and [`TO_JA`] come before `ja`, its English name between `ja` and `en`.
pub(super) struct Notice {
    pub subject: String,
    pub ja: String,
    pub en: String,
}

impl Notice {
    /// The notice of a day of the kind.
    pub fn new(date: NaiveDate, kind: OnTimeDayKind) -> Self {
        let day_ja = date_ja(date);
        let short_ja = day_ja.split_once('年').map_or(day_ja.as_str(), |(_, day)| day);
        let day_en = date.format("%A, %-d %B %Y");
        let (kind_ja, kind_en) = match kind {
            OnTimeDayKind::AllMinistries => ("全省庁一斉定時退庁日", "an on-time day of all ministries"),
            OnTimeDayKind::OwnWeekly => ("独自の一斉定時退庁日", "an on-time day of our own"),
            OnTimeDayKind::Complete => ("完全定時退庁日", "a complete on-time day"),
        };
        let subject = format!("{kind_ja}のお知らせ {short_ja} / On-time day");
        let ja = format!(
            "本日{day_ja}は{kind_ja}です。\n\
             業務の見通しを立て、定時に退庁してください。管理職員は率先して退庁し、部下が定時に退庁できるよう業務を調整してください。\n\
             やむを得ず超過勤務を命ずる場合は、事前に理由と見込み時間を確認してください。\n\n----\n\nTo "
        );
        let en = format!(
            "\n\nToday, {day_en}, is {kind_en}.\n\
             Please plan the day's work so that everybody can leave at the end of regular hours; managers go first.\n\
             Where overtime cannot be avoided, confirm its reason and length beforehand.\n\n\
             このメールは自動的に送信されています。 / This mail was sent automatically.\n"
        );
        Self { subject, ja, en }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_names_the_day_and_its_kind_in_both_languages() {
        let date = NaiveDate::from_ymd_opt(2020, 4, 15).unwrap_or_default();
        let [own, all, complete] =
            [OnTimeDayKind::OwnWeekly, OnTimeDayKind::AllMinistries, OnTimeDayKind::Complete].map(|kind| Notice::new(date, kind));
        assert_eq!(all.subject, "全省庁一斉定時退庁日のお知らせ 4月15日（水） / On-time day");
        assert!(all.ja.starts_with("本日令和2年4月15日（水）は全省庁一斉定時退庁日です。"), "{}", all.ja);
        assert!(all.en.contains("Wednesday, 15 April 2020, is an on-time day of all ministries."), "{}", all.en);
        assert_eq!(own.subject, "独自の一斉定時退庁日のお知らせ 4月15日（水） / On-time day");
        assert_eq!(complete.subject, "完全定時退庁日のお知らせ 4月15日（水） / On-time day");
        assert!(complete.en.contains("a complete on-time day"), "{}", complete.en);
    }
}
