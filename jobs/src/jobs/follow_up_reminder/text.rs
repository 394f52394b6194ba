//! What the reminder says, in Japanese with English below.

use super::Call;
use chrono::NaiveDate;
use std::fmt::Write;

/// The subject; the outbox shows it.
pub(super) const SUBJECT: &str = "取組状況のフォローアップの提出について / Follow-up: submission awaited";

/// The text to a bureau about its calls that wait, on a day.
pub(super) fn body((name_ja, name_en): (&str, &str), calls: &[Call], today: NaiveDate) -> String {
    let mut ja = format!("{name_ja} 女性活躍・WLB担当 御中\n\n取組計画に基づくフォローアップについて、次の提出をお待ちしています。\n");
    let mut en = format!("\n----\n\nTo the officer of {name_en}\n\nThe follow-up of the plan awaits from you:\n");
    for call in calls {
        let year = call.fiscal_year;
        let (what_ja, what_en) = if call.returned { ("差戻しの修正", "a correction") } else { ("未提出", "the submission") };
        let (when_ja, when_en) = match call.due_on {
            due if due < today => ("期限を過ぎています", "overdue"),
            due if due == today => ("本日が期限です", "due today"),
            _ => ("期限まで1週間です", "due in a week"),
        };
        let _ = writeln!(ja, "・{year}年度分（{what_ja}） 期限 {}: {when_ja}。", call.due_on);
        let _ = writeln!(en, "- fiscal year {year}: {what_en}, due on {}: {when_en}.", call.due_on);
    }
    ja + &en + "\nこのメールは自動的に送信されています。 / This mail was sent automatically.\n"
}
