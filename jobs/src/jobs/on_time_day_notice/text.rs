//! What the notice says, in Japanese with English below.

use chrono::{Datelike, NaiveDate};

/// Between a bureau's Japanese name and the text.
pub(super) const TO_JA: &str = " 御中\n\n";

/// Subject and text of one day's notice. The bureau's Japanese name and [`TO_JA`] come before `ja`, its English name between `ja` and `en`.
pub(super) struct Notice {
    pub subject: String,
    pub ja: String,
    pub en: String,
}

impl Notice {
    /// The notice of a day; of a complete one (完全定時退庁日) it says so.
    pub fn new(date: NaiveDate, complete: bool) -> Self {
        let weekday = ["月", "火", "水", "木", "金", "土", "日"][date.weekday().num_days_from_monday() as usize];
        let day_ja = format!("{}年{}月{}日（{weekday}）", date.year(), date.month(), date.day());
        let day_en = date.format("%A, %-d %B %Y");
        let (kind_ja, kind_en) =
            if complete { ("完全定時退庁日", "a complete on-time day") } else { ("定時退庁日", "an on-time day") };
        let subject = format!("{kind_ja}のお知らせ {}月{}日（{weekday}） / On-time day", date.month(), date.day());
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
    fn a_notice_names_the_day_in_both_languages() {
        let date = NaiveDate::from_ymd_opt(2020, 4, 15).unwrap_or_default();
        let (usual, complete) = (Notice::new(date, false), Notice::new(date, true));
        assert_eq!(usual.subject, "定時退庁日のお知らせ 4月15日（水） / On-time day");
        assert!(usual.ja.starts_with("本日2020年4月15日（水）は定時退庁日です。"), "{}", usual.ja);
        assert!(usual.en.contains("Wednesday, 15 April 2020, is an on-time day."), "{}", usual.en);
        assert_eq!(complete.subject, "完全定時退庁日のお知らせ 4月15日（水） / On-time day");
        assert!(complete.en.contains("a complete on-time day"), "{}", complete.en);
    }
}
