//! What the reminder says, in Japanese with English below.

use super::Call;
use chrono::NaiveDate;
use entity::period::{date_ja, fiscal_year_ja};
use std::fmt::Write;

/// The subject; the outbox shows it.
pub(super) const SUBJECT: &str = "取組状況のフォローアップの提出について / Follow-up: submission awaited";

/// The text to a bureau about its calls that wait, on a day.
pub(super) fn body((name_ja, name_en): (&str, &str), calls: &[Call], today: NaiveDate) -> String {
    let mut ja = format!(
        "{name_ja} 女性活躍・ワークライフバランス推進担当 御中\n\n取組計画に基づくフォローアップについて、次のとおり御提出をお願いします。\n"
    );
    let mut en = format!("\n----\n\nTo the officer of {name_en}\n\nThe follow-up of the plan awaits from you:\n");
    for call in calls {
        let (what_ja, what_en) =
            if call.returned { ("差戻しに伴う再提出", "a correction") } else { ("取組状況の提出", "the submission") };
        let days = (call.due_on - today).num_days();
        let (when_ja, when_en) = match days {
            ..0 => ("期限を経過".to_owned(), "overdue".to_owned()),
            0 => ("本日".to_owned(), "due today".to_owned()),
            1 => ("前日".to_owned(), "due tomorrow".to_owned()),
            days => (format!("{days}日前"), format!("due in {days} days")),
        };
        let _ = writeln!(ja, "・{}分　{what_ja}　提出期限　{}（{when_ja}）", fiscal_year_ja(call.fiscal_year), date_ja(call.due_on));
        let _ = writeln!(en, "- fiscal year {}: {what_en}, due on {}: {when_en}.", call.fiscal_year, call.due_on);
    }
    ja + &en + "\nこのメールは自動的に送信されています。 / This mail was sent automatically.\n"
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use entity::period::FiscalYear;

    #[test]
    fn a_reminder_asks_politely_and_tells_how_many_days_are_left() {
        let day = |day| NaiveDate::from_ymd_opt(2019, 6, day).unwrap();
        let call = |returned| Call { fiscal_year: FiscalYear::try_from(2018).unwrap(), due_on: day(8), returned };
        let ja = |returned, today| body(("内政局", "Home Affairs"), &[call(returned)], today);
        let first = ja(false, day(1));
        assert!(first.starts_with("内政局 女性活躍・ワークライフバランス推進担当 御中\n\n取組計画に基づくフォローアップについて、次のとおり御提出をお願いします。\n"), "{first}");
        assert!(first.contains("・平成30年度（2018年度）分　取組状況の提出　提出期限　令和元年6月8日（土）（7日前）\n"), "{first}");
        assert!(first.contains("- fiscal year 2018: the submission, due on 2019-06-08: due in 7 days.\n"), "{first}");
        assert!(ja(true, day(8)).contains("差戻しに伴う再提出　提出期限　令和元年6月8日（土）（本日）"));
        assert!(ja(true, day(15)).contains("（期限を経過）"));
    }
}
