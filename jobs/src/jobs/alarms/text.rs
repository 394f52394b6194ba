//! What a mail about an alarm says, in Japanese with English below. It counts and says what to do, and names nobody.

use entity::mail::AlarmKind;

/// What is amiss and what to do about it, in one language; `{n}` is the count.
struct Words {
    title: &'static str,
    what: &'static str,
    to_do: &'static str,
}

/// Subject and text of the mail about so many of a kind.
pub(super) fn told(kind: AlarmKind, count: i64) -> (String, String) {
    let (ja, en) = (japanese(kind), english(kind));
    let n = count.to_string();
    let (what_ja, what_en) = (ja.what.replace("{n}", &n), en.what.replace("{n}", &n));
    let (to_ja, to_en) = if kind.is_of_promotion() {
        ("推進担当官 殿", "To the promotion officer")
    } else {
        ("管理者 各位", "To the administrators")
    };
    let (often_ja, often_en) = if kind.is_weekly() { ("1週間", "week") } else { ("1日", "day") };
    let body = format!(
        "{to_ja}\n\n{what_ja}\n{}\n\n----\n\n{to_en}\n\n{what_en}\n{}\n\n\
         同じ種類の警告は{often_ja}に1回だけお知らせします。このメールは自動的に送信されています。\n\
         An alarm of a kind is mailed once a {often_en}. This mail was sent automatically.\n",
        ja.to_do, en.to_do
    );
    (format!("警告：{} / Alarm: {}", ja.title, en.title), body)
}

const fn japanese(kind: AlarmKind) -> Words {
    match kind {
        AlarmKind::SealBroken => Words {
            title: "監査証跡の封印の異常",
            what: "監査証跡の封印の検証で、{n}か所の異常が見つかりました。証跡が書き換えられ、又は消された可能性があります。",
            to_do: "torikumi verify audit で箇所を確認し、署名済みの見出しのファイルの写しとデータベースの写しを保全してください。",
        },
        AlarmKind::RunFailed => Words {
            title: "ジョブの失敗",
            what: "前回の点検以降、ジョブの実行が{n}件失敗しました。",
            to_do: "jobRuns(filter: { states: [FAILED] }) で原因を確認し、retryJobRun で再実行してください。",
        },
        AlarmKind::RunLate => Words {
            title: "ジョブの遅延",
            what: "直近の予定が所定の時間内に終わっていないスケジュールが{n}件あります。",
            to_do: "ワーカーが動いていることを確かめ、jobSchedules と jobRuns で状況を確認してください。",
        },
        AlarmKind::ClockLeapt => Words {
            title: "時計の異常",
            what: "サーバー又はデータベースの時計が信頼できません。",
            to_do: "時刻の同期を確認してください。時計が信頼できるまで、保存期間を過ぎた記録の消去は行われません。",
        },
        AlarmKind::DiskNearlyFull => Words {
            title: "ディスクの空き容量の不足",
            what: "空き容量が10％又は1GiBを下回っているディスクが{n}台あります。",
            to_do: "空き容量を増やしてください。一杯になると、記録も封印もできなくなります。",
        },
        AlarmKind::MailWithoutAddress => Words {
            title: "アドレスのない部局",
            what: "前回の点検以降、アドレスが登録されていないために通知を送れなかった部局が、延べ{n}あります。",
            to_do: "jobRuns(filter: { outcome: WITH_WARNINGS }) で対象の通知を確認し、部局のアドレスを登録してください。",
        },
        AlarmKind::MailNotSent => Words {
            title: "送れなかったメール",
            what: "前回の点検以降、送れなかったメール、又は送れたかどうか分からないメールが{n}通あります。",
            to_do: "mails(filter: { states: [FAILED, UNCERTAIN] }) で確認し、アドレスとメールサーバーを点検してください。",
        },
        AlarmKind::ApprovedAlone => Words {
            title: "単独で承認された変更",
            what: "二人による確認を要する変更のうち、急を要するものとして提案者が単独で承認したものが{n}件あります。",
            to_do: "pendingChanges(filter: { states: [APPROVED] }) で内容と理由を確認してください。",
        },
        AlarmKind::HiresBelowTarget => Words {
            title: "4月1日付け採用者の目標未達",
            what: "4月1日付けの国家公務員採用試験からの採用者（経験者採用試験を除く）に占める女性の割合が、{n}件の数値目標に達していません。",
            to_do: "indicatorValues(filter: { codes: [\"WOMEN_HIRES_EXAM\"] }) で状況を確認してください。記録の漏れがないことも確かめてください。",
        },
        AlarmKind::NoTargetInForce => Words {
            title: "有効な数値目標のない指標",
            what: "7月1日現在で有効な数値目標がない指標が{n}件あります（以前は目標が定められていたもの）。",
            to_do: "targets で目標の期間を確認し、次の目標を定めてください。政府全体の目標は参考であり、これに代わるものではありません。",
        },
    }
}

const fn english(kind: AlarmKind) -> Words {
    match kind {
        AlarmKind::SealBroken => Words {
            title: "seals of the audit trail",
            what: "The seals of the audit trail do not hold in {n} places: it may have been changed or cut off.",
            to_do: "Find the places by torikumi verify audit, and keep copies of the file of heads and of the database.",
        },
        AlarmKind::RunFailed => Words {
            title: "failed runs",
            what: "Runs of jobs that failed since the last look: {n}.",
            to_do: "See jobRuns(filter: { states: [FAILED] }) for the cause, and repeat them by retryJobRun.",
        },
        AlarmKind::RunLate => Words {
            title: "late runs",
            what: "Schedules whose last slot was not done in the time that it may take: {n}.",
            to_do: "Make sure that a worker runs, and see jobSchedules and jobRuns.",
        },
        AlarmKind::ClockLeapt => Words {
            title: "the clock",
            what: "The clock of the server or of the database cannot be trusted.",
            to_do: "Check how it is synchronised. Until it can be trusted, no records are disposed of.",
        },
        AlarmKind::DiskNearlyFull => Words {
            title: "disk space",
            what: "Disks with less than 10 % or 1 GiB left: {n}.",
            to_do: "Make room. On a full disk nothing is recorded or sealed.",
        },
        AlarmKind::MailWithoutAddress => Words {
            title: "bureaus without an address",
            what: "Bureaus that were to be told something since the last look and have no address: {n}.",
            to_do: "See jobRuns(filter: { outcome: WITH_WARNINGS }), and enter the bureaus' addresses.",
        },
        AlarmKind::MailNotSent => Words {
            title: "mails that were not sent",
            what: "Mails since the last look that were not sent, or of which nobody knows: {n}.",
            to_do: "See mails(filter: { states: [FAILED, UNCERTAIN] }), and check the addresses and the mail server.",
        },
        AlarmKind::ApprovedAlone => Words {
            title: "changes approved alone",
            what: "Changes that need a second person and that their proposer approved alone, as urgent: {n}.",
            to_do: "See pendingChanges(filter: { states: [APPROVED] }) for what they are and why.",
        },
        AlarmKind::HiresBelowTarget => Words {
            title: "hires of 1 April below target",
            what: "Targets that the share of women among hires by exam of 1 April does not meet: {n}.",
            to_do: "See indicatorValues(filter: { codes: [\"WOMEN_HIRES_EXAM\"] }), and make sure that all hires are recorded.",
        },
        AlarmKind::NoTargetInForce => Words {
            title: "no target in force",
            what: "Indicators that had a target of the office and have none in force on 1 July: {n}.",
            to_do: "See targets for when they were in force, and set the next ones. The government's are a reference and stand for none.",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::Iterable;

    #[test]
    fn each_alarm_is_told_in_both_languages() {
        for kind in AlarmKind::iter() {
            let (subject, body) = told(kind, 7);
            assert!(subject.starts_with("警告：") && subject.contains(" / Alarm: "), "{subject}");
            let (ja, en) = body.split_once("\n----\n").unwrap_or_default();
            let (to_ja, to_en) = if kind.is_of_promotion() {
                ("推進担当官 殿", "To the promotion officer")
            } else {
                ("管理者 各位", "To the administrators")
            };
            assert!(ja.starts_with(to_ja) && en.contains(to_en), "{body}");
            let counts = kind != AlarmKind::ClockLeapt;
            assert_eq!((ja.contains('7'), en.contains('7'), body.contains("{n}")), (counts, counts, false), "{body}");
        }
    }
}
