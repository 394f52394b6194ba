//! What each member of an enum is called on a screen, in Japanese and in English.
//!
//! What releases print is called as they print it (`jobs::follow_up::package::label`); the rest stands here. A test holds both to the schema: each member of
//! each enum has its words, but for orders, which name a field and a direction. Deliberately absent: descriptions, which the schema has, and words of
//! errors and findings, which are sentences made of what they are about.

use entity::text::{Text, text};
use jobs::follow_up::package;

/// An enum of the schema and its members.
type Labels = (&'static str, &'static [(&'static str, Text)]);

/// The words of a member of an enum; none where there is no such member.
#[must_use]
pub fn label(of: &str, member: &str) -> Option<Text> {
    let of_nouns = NOUNS.contains(&of).then(|| listed("Noun", member)).flatten();
    package::label(of, member).or(of_nouns).or_else(|| listed(of, member))
}

fn listed(of: &str, member: &str) -> Option<Text> {
    let (_, members) = LABELS.iter().find(|(name, _)| *name == of)?;
    members.iter().find(|(code, _)| *code == member).map(|(_, words)| *words)
}

/// Sets of some of the nouns.
const NOUNS: [&str; 2] = ["RecordedNoun", "RetentionNoun"];

/// In the order of the schema.
const LABELS: &[Labels] = &[
    ("Absence", &[("ZERO", text("なかったものとみなす", "Taken as none")), ("UNKNOWN", text("不明とする", "Taken as not known"))]),
    (
        "Act",
        &[
            ("READ", text("閲覧", "Read")),
            ("RECORD", text("記録", "Record")),
            ("CORRECT_CLOSED_MONTH", text("締切済みの月の訂正", "Correct a closed month")),
            ("SUBMIT_MONTH", text("月の提出", "Submit a month")),
            ("CLOSE_MONTH", text("月の締切り", "Close a month")),
            ("RETURN_MONTH", text("月の差戻し", "Return a month")),
            ("READ_PERSON_FILE", text("本人開示の記録の閲覧", "Read a person's file")),
            ("SEE_INQUIRIES", text("調査の閲覧記録の閲覧", "See inquiries")),
            ("SET_HOLDER", text("所属の指定", "Name a holder")),
            ("TRIGGER_JOB", text("ジョブの開始", "Start a job")),
            ("MANAGE_RUNS", text("実行の再試行・中止", "Retry and cancel runs")),
            ("MANAGE_SCHEDULES", text("予定の変更", "Change schedules")),
            ("MANAGE_CLIENTS", text("クライアントの管理", "Manage clients")),
            ("COUNT_WARNINGS", text("警告の集計", "Count warnings")),
            ("MANAGE_RETENTION", text("保存期間の管理", "Manage retention")),
            ("MANAGE_RULES", text("基準の管理", "Manage rules")),
            ("MANAGE_FOUR_EYES", text("二人承認の設定", "Manage what needs two people")),
            ("DECIDE_CHANGE", text("変更の承認・否認", "Decide a change")),
            ("REVIEW_OUTLIER", text("超過勤務の注意記録の確認", "Review an outlier")),
            ("LOAD_PLAN", text("取組計画の読込み", "Load a plan")),
            ("SUBMIT_FOLLOW_UP", text("フォローアップの報告", "Submit to the follow-up")),
            ("MANAGE_FOLLOW_UP", text("フォローアップの運営", "Run the follow-up")),
            ("COMPILE_FOLLOW_UP", text("フォローアップの取りまとめ", "Compile the follow-up")),
        ],
    ),
    (
        "AlarmKind",
        &[
            ("SEAL_BROKEN", text("監査記録の封印の不一致", "Seal of the audit trail broken")),
            ("RUN_FAILED", text("ジョブの失敗", "Run failed")),
            ("RUN_LATE", text("ジョブの遅延", "Run late")),
            ("CLOCK_LEAPT", text("時計の飛び", "Clock leapt")),
            ("DISK_NEARLY_FULL", text("ディスクの空き不足", "Disk nearly full")),
            ("MAIL_WITHOUT_ADDRESS", text("宛先のないメール", "Mail without an address")),
            ("MAIL_NOT_SENT", text("メールの不達", "Mail not sent")),
            ("APPROVED_ALONE", text("一人による承認", "Approved by one alone")),
            ("HIRES_BELOW_TARGET", text("目標を下回る採用", "Hires below the target")),
            ("NO_TARGET_IN_FORCE", text("有効な目標なし", "No target in force")),
        ],
    ),
    (
        "BackfillScope",
        &[
            ("MISSING", text("未実行の期間", "Periods never run")),
            ("FAILED", text("失敗した期間", "Periods that failed")),
            ("ALL", text("すべての期間", "All periods")),
        ],
    ),
    (
        "BackfillState",
        &[
            ("PLANNED", text("予定", "Planned")),
            ("RUNNING", text("実行中", "Running")),
            ("FINISHED", text("終了", "Finished")),
            ("CANCELLED", text("中止", "Cancelled")),
        ],
    ),
    ("Basis", &[("ORDERED", text("命令", "Ordered overtime")), ("PRESENCE", text("在庁", "Presence"))]),
    (
        "ChangeAct",
        &[
            ("UPDATE_RETENTION", text("保存期間の変更", "Change of a retention period")),
            ("SET_OVERTIME_RULE", text("超過勤務の基準の変更", "Change of the overtime rule")),
            ("SET_COUNTING_RULE", text("集計の基準の変更", "Change of the counting rule")),
            ("LOAD_PLAN", text("取組計画の読込み", "Loading of a plan")),
            ("RECORD_TARGETS", text("目標の登録", "Recording of targets")),
            ("REGISTER_API_CLIENT", text("クライアントの登録", "Registering of a client")),
            ("PUBLISH_FOLLOW_UP", text("フォローアップの公表", "Publishing of a follow-up")),
            ("SET_FOUR_EYES", text("二人承認の設定の変更", "Change of what needs two people")),
        ],
    ),
    (
        "ChangeKind",
        &[
            ("CREATED", text("登録", "Created")),
            ("REVISED", text("訂正", "Revised")),
            ("VOIDED", text("取消し", "Voided")),
            ("MOVED_IN", text("転入", "Moved in")),
            ("DEPARTED", text("転出", "Departed")),
            ("DISPOSED", text("廃棄", "Disposed of")),
        ],
    ),
    ("ClientWrites", &[("PERSONNEL", text("人事の記録", "Personnel records")), ("TIME", text("勤務時間の記録", "Records of time"))]),
    (
        "CloseState",
        &[("OPEN", text("未提出", "Open")), ("SUBMITTED", text("提出済み", "Submitted")), ("CLOSED", text("締切済み", "Closed"))],
    ),
    (
        "CoverageBand",
        &[
            ("NEARLY_ALL", text("95%以上", "95 % and more")),
            ("MOST", text("80%以上95%未満", "80 % to below 95 %")),
            ("FEWER", text("80%未満", "Below 80 %")),
        ],
    ),
    (
        "DataCallState",
        &[
            ("MISSING", text("未提出", "Missing")),
            ("SUBMITTED", text("提出済み", "Submitted")),
            ("RETURNED", text("差戻し", "Returned")),
            ("ACCEPTED", text("受理", "Accepted")),
        ],
    ),
    (
        "DayKind",
        &[
            ("WORKDAY", text("勤務日", "Workday")),
            ("WEEKLY_DAY_OFF", text("週休日", "Weekly day off")),
            ("HOLIDAY", text("休日", "Holiday")),
            ("SWAPPED", text("振替日", "Swapped day")),
        ],
    ),
    ("Decision", &[("PENDING", text("未決定", "Pending")), ("APPROVED", text("確認", "Approved")), ("REFUSED", text("不可", "Refused"))]),
    ("Dimension", &[("BUREAU", text("部局", "Bureau")), ("SEX", text("性別", "Sex")), ("BAND", text("役職段階", "Rank band"))]),
    ("Employment", &[("REGULAR", text("常勤", "Regular")), ("NON_REGULAR", text("非常勤", "Non-regular"))]),
    (
        "ErrorCode",
        &[
            ("UNAUTHENTICATED", text("認証が必要", "Not authenticated")),
            ("FORBIDDEN", text("権限なし", "Forbidden")),
            ("NOT_FOUND", text("該当なし", "Not found")),
            ("BAD_USER_INPUT", text("入力の誤り", "Bad input")),
            ("CONFLICT", text("競合", "Conflict")),
            ("PERIOD_CLOSED", text("締切済みの期間", "Period closed")),
            ("DEPARTED", text("転出済み", "Departed")),
            ("LIMIT_EXCEEDED", text("上限超過", "Limit exceeded")),
            ("INTERNAL", text("内部の障害", "Internal error")),
        ],
    ),
    (
        "Exam",
        &[
            ("COMPREHENSIVE", text("総合職試験", "Comprehensive service")),
            ("GENERAL", text("一般職試験", "General service")),
            ("SPECIALIST", text("専門職試験", "Specialists")),
            ("EXPERIENCED", text("経験者採用試験", "Experienced persons")),
        ],
    ),
    (
        "ExceptionalWorkKind",
        &[
            ("LARGE_DISASTER", text("大規模災害への対処", "Large disaster")),
            ("LEGISLATION", text("重要な政策に関する法律の立案", "Legislation")),
            ("NEGOTIATION", text("他国又は国際機関との重要な交渉", "Important negotiation")),
            ("OTHER", text("その他", "Other important work")),
        ],
    ),
    (
        "FindingCheck",
        &[
            ("MISSING_SUBMISSION", text("報告の未提出", "Missing submission")),
            ("MISSING_FIGURE", text("数値の欠落", "Missing figure")),
            ("SHARE_OUT_OF_RANGE", text("割合の範囲外", "Share out of range")),
            ("BANDS_DO_NOT_ADD_UP", text("役職段階の合計の不一致", "Bands do not add up")),
            ("JUMP", text("大きな変動", "Jump")),
            ("STALE_FIGURES", text("再計算待ちの数値", "Stale figures")),
            ("OPEN_MONTH", text("締切前の月", "Open month")),
            ("NOT_REPORTED", text("未報告", "Not reported")),
            ("PARTLY_REPORTED", text("一部未報告", "Partly reported")),
            ("NO_FIGURE", text("数値なし", "No figure")),
            ("TARGET_WITHOUT_FIGURE", text("数値のない目標", "Target without a figure")),
            ("NO_TARGET_IN_FORCE", text("有効な目標なし", "No target in force")),
        ],
    ),
    (
        "FollowUpAct",
        &[
            ("OPENED", text("開始", "Opened")),
            ("RESCHEDULED", text("期限の変更", "Rescheduled")),
            ("SUBMITTED", text("報告", "Submitted")),
            ("SUBMISSION_RETURNED", text("報告の差戻し", "Submission returned")),
            ("SUBMISSION_ACCEPTED", text("報告の受理", "Submission accepted")),
            ("FROZEN", text("記録の固定", "Frozen")),
            ("REOPENED", text("再開", "Reopened")),
            ("DRAFTED", text("案の作成", "Drafted")),
            ("ANSWERED", text("確認事項への回答", "Answered")),
            ("COMPILED", text("取りまとめ", "Compiled")),
            ("RETURNED", text("差戻し", "Returned")),
            ("REPORTED", text("会議への報告", "Reported")),
            ("PUBLISHED", text("公表", "Published")),
            ("CORRECTED", text("訂正", "Corrected")),
            ("WITHDRAWN", text("公表の取下げ", "Withdrawn")),
        ],
    ),
    (
        "FollowUpStage",
        &[
            ("COLLECTING", text("報告の収集", "Collecting")),
            ("FROZEN", text("記録の固定", "Frozen")),
            ("DRAFT", text("案", "Draft")),
            ("COMPILED", text("取りまとめ済み", "Compiled")),
            ("PUBLISHED", text("公表済み", "Published")),
            ("WITHDRAWN", text("取下げ", "Withdrawn")),
        ],
    ),
    (
        "FourEyesKind",
        &[
            ("RETENTION", text("保存期間", "Retention")),
            ("RULES", text("基準", "Rules")),
            ("PLAN", text("取組計画", "Plan")),
            ("CLIENTS", text("クライアント", "Clients")),
            ("PUBLISH_FOLLOW_UP", text("フォローアップの公表", "Publishing of a follow-up")),
        ],
    ),
    (
        "HireRoute",
        &[("EXAM", text("採用試験", "Examination")), ("MID_CAREER", text("中途採用", "Mid-career")), ("OTHER", text("その他", "Other"))],
    ),
    ("ItemSource", &[("BUREAU", text("各部局の報告", "Each bureau")), ("OFFICE", text("全体の報告", "The office as a whole"))]),
    (
        "JobName",
        &[
            ("MONTHLY_INDICATORS", text("月次指標の集計", "Monthly indicators")),
            ("OVERTIME_OUTLIERS", text("超過勤務の注意記録の作成", "Overtime outliers")),
            ("DISPOSE", text("保存期間を過ぎた記録の廃棄", "Disposal")),
            ("SEAL_AUDIT", text("監査記録の封印", "Sealing of the audit trail")),
            ("ON_TIME_DAY_NOTICE", text("定時退庁日のお知らせ", "Notice of on-time days")),
            ("OUTLIER_DIGEST", text("超過勤務の注意記録のお知らせ", "Digest of outliers")),
            ("FOLLOW_UP_DATASET", text("フォローアップのデータ作成", "Follow-up dataset")),
            ("FOLLOW_UP_REMINDER", text("報告期限のお知らせ", "Reminder of submissions")),
            ("LEAVE_TARGET_REMINDER", text("年次休暇の取得目標のお知らせ", "Reminder of leave targets")),
            ("ALARMS", text("警報", "Alarms")),
        ],
    ),
    ("Language", &[("JA", text("日本語", "Japanese")), ("EN", text("英語", "English"))]),
    (
        "LeaveKind",
        &[
            ("ANNUAL", text("年次休暇", "Annual leave")),
            ("SPOUSE_BIRTH", text("配偶者出産休暇", "Spouse-birth leave")),
            ("CHILDCARE_PARTICIPATION", text("育児参加のための休暇", "Childcare-participation leave")),
            ("OTHER", text("その他", "Other leave")),
        ],
    ),
    (
        "MailState",
        &[
            ("PENDING", text("送信待ち", "Pending")),
            ("SENDING", text("送信中", "Sending")),
            ("SENT", text("送信済み", "Sent")),
            ("UNCERTAIN", text("送信結果不明", "Uncertain")),
            ("FAILED", text("送信失敗", "Failed")),
        ],
    ),
    (
        "Misfire",
        &[
            ("SKIP", text("実行しない", "Skip")),
            ("LATEST", text("最新の1回を実行", "Run the latest")),
            ("ALL", text("すべて実行", "Run all")),
        ],
    ),
    (
        "NameSign",
        &[
            ("ADDRESS", text("敬称", "Form of address")),
            ("STAFF_NUMBER", text("職員番号", "Staff number")),
            ("MAIL", text("メールアドレス", "Mail address")),
        ],
    ),
    (
        "Noun",
        &[
            ("BUREAU", text("部局", "Bureau")),
            ("UNIT", text("課・担当", "Unit")),
            ("WORK_REGIME", text("勤務区分", "Work regime")),
            ("HOLIDAY", text("休日", "Holiday")),
            ("ON_TIME_DAY", text("定時退庁日", "On-time day")),
            ("START_STAGE", text("始業時刻の段階", "Start stage")),
            ("STAFF", text("職員", "Staff")),
            ("EMPLOYMENT", text("在職", "Employment")),
            ("POSTING", text("配属", "Posting")),
            ("HOLDING", text("所属", "Holding")),
            ("NAMED_HOLDER", text("所属の指定", "Named holder")),
            ("SHIFT", text("勤務", "Shift")),
            ("OVERTIME_REQUEST", text("超過勤務の事前確認", "Overtime request")),
            ("TELEWORK_DAY", text("テレワーク", "Telework day")),
            ("LEAVE_ENTRY", text("休暇", "Leave")),
            ("LEAVE_TARGET", text("年次休暇の取得目標", "Leave target")),
            ("HIRE", text("採用", "Hire")),
            ("APPOINTMENT", text("登用", "Appointment")),
            ("EXCEPTIONAL_WORK", text("特例業務", "Exceptional work")),
            ("OPENING_BALANCE", text("着任前の超過勤務", "Opening balance")),
            ("TARGET", text("目標", "Target")),
            ("PERSON_MONTH", text("月別集計", "Person-month")),
            ("INDICATOR_VALUE", text("指標の値", "Value of an indicator")),
            ("MONTH_CLOSE", text("月の締切り", "Close of a month")),
            ("JOB_RUN", text("ジョブの実行", "Job run")),
            ("JOB_SCHEDULE", text("ジョブの予定", "Schedule of a job")),
            ("JOB_BACKFILL", text("さかのぼり実行", "Backfill")),
            ("AUDIT_ENTRY", text("監査記録", "Audit entry")),
            ("API_CLIENT", text("クライアント", "Client")),
            ("TOKEN_REVOCATION", text("トークンの失効", "Revocation of tokens")),
            ("PENDING_CHANGE", text("承認待ちの変更", "Pending change")),
            ("FOUR_EYES", text("二人承認の設定", "What needs two people")),
            ("RETENTION", text("保存期間", "Retention")),
            ("MAIL", text("メール", "Mail")),
            ("OVERTIME_RULE", text("超過勤務の基準", "Overtime rule")),
            ("COUNTING_RULE", text("集計の基準", "Counting rule")),
            ("OVERTIME_OUTLIER", text("超過勤務の注意記録", "Overtime outlier")),
            ("PLAN", text("取組計画", "Plan")),
            ("CLAUSE", text("計画の項目", "Clause")),
            ("INITIATIVE", text("取組", "Initiative")),
            ("SUBMISSION_ITEM", text("報告項目", "Item of submission")),
            ("FOLLOW_UP", text("フォローアップ", "Follow-up")),
            ("FOLLOW_UP_EVENT", text("フォローアップの経過", "Event of a follow-up")),
            ("DATA_CALL", text("報告の依頼", "Data call")),
            ("SUBMISSION", text("報告", "Submission")),
            ("FOLLOW_UP_REPORT", text("会議への報告", "Report to a committee")),
            ("FINDING", text("確認事項", "Finding")),
            ("RELEASE", text("公表", "Release")),
            ("RELEASE_OBSERVATION", text("公表の数値", "Figure of a release")),
        ],
    ),
    (
        "OnTimeDayKind",
        &[
            ("ALL_MINISTRIES", text("全省庁一斉定時退庁日", "On-time day of all ministries")),
            ("OWN_WEEKLY", text("部局の定時退庁日", "The bureau's own weekly day")),
            ("COMPLETE", text("完全定時退庁日", "Complete on-time day")),
        ],
    ),
    (
        "OnTimeDayOff",
        &[
            ("LAPSES", text("実施しない", "Lapses")),
            ("NEXT_WORKDAY", text("次の勤務日に実施", "The next workday")),
            ("PREVIOUS_WORKDAY", text("前の勤務日に実施", "The workday before")),
        ],
    ),
    ("Origin", &[("DIRECT", text("直接採用", "Direct")), ("SECONDEE", text("出向", "Secondee"))]),
    (
        "OutlierCategory",
        &[
            ("BREACH", text("上限の超過", "Breach")),
            ("ABOVE_CAP_EXCEPTIONAL", text("特例業務による上限の超過", "Above the cap by exceptional work")),
            ("DUTY", text("要対応", "Duty")),
            ("STATISTICAL", text("統計的な注意", "Statistical")),
            ("WARNING", text("予告", "Warning")),
        ],
    ),
    (
        "OutlierEventKind",
        &[
            ("RAISED", text("注意", "Raised")),
            ("EVIDENCE_CHANGED", text("根拠の変更", "Evidence changed")),
            ("WITHDRAWN", text("取消し", "Withdrawn")),
            ("ACKNOWLEDGED", text("確認済み", "Acknowledged")),
            ("EXPLAINED", text("理由を記録", "Explained")),
            ("ACTION_TAKEN", text("対応済み", "Action taken")),
            ("DISMISSED", text("該当せず", "Dismissed")),
        ],
    ),
    (
        "OutlierKind",
        &[
            ("MONTH_CAP", text("1か月の上限", "Cap of a month")),
            ("YEAR_CAP", text("1年の上限", "Cap of a year")),
            ("MEAN_CAP", text("平均の上限", "Cap of a mean")),
            ("LONG_MONTHS", text("長時間の月の回数", "Number of long months")),
            ("INTERVIEW", text("面接指導", "Interview with a physician")),
            ("ABOVE_PEERS", text("同僚との比較", "Above peers")),
            ("ABOVE_OWN_MONTHS", text("本人の過去との比較", "Above one's own months")),
            ("UNCONFIRMED", text("事前確認なし", "Unconfirmed")),
            ("PACE", text("年の上限の見込み", "Pace towards the yearly cap")),
        ],
    ),
    ("Overlap", &[("SKIP", text("実行しない", "Skip")), ("QUEUE", text("待機する", "Queue")), ("REPLACE", text("置き換える", "Replace"))]),
    (
        "Pattern",
        &[
            ("STANDARD", text("通常", "Standard")),
            ("STAGGERED", text("早出遅出", "Staggered")),
            ("FLEXTIME", text("フレックスタイム", "Flextime")),
            ("SHORT_TIME", text("短時間勤務", "Short time")),
        ],
    ),
    (
        "PeerLevel",
        &[
            ("BUREAU", text("部局", "Within the bureau")),
            ("OFFICE", text("全体", "Within the office")),
            ("OWN", text("本人", "One's own months")),
        ],
    ),
    (
        "PendingChangeState",
        &[
            ("WAITING", text("承認待ち", "Waiting")),
            ("APPROVED", text("承認", "Approved")),
            ("DECLINED", text("否認", "Declined")),
            ("EXPIRED", text("期限切れ", "Expired")),
        ],
    ),
    ("PersonFileFormat", &[("JSON", text("JSON", "JSON")), ("XLSX", text("Excelブック", "Excel workbook"))]),
    (
        "PlanChange",
        &[
            ("CREATED", text("登録", "Created")),
            ("UPDATED", text("更新", "Updated")),
            ("UNCHANGED", text("変更なし", "Unchanged")),
            ("REFUSED", text("却下", "Refused")),
        ],
    ),
    (
        "PlanReviewGap",
        &[
            ("NO_RELEASE", text("公表なし", "No release")),
            ("NO_FIGURE", text("数値なし", "No figure")),
            ("UNKNOWN", text("不明", "Not known")),
            ("WITHHELD", text("秘匿", "Withheld")),
        ],
    ),
    (
        "Population",
        &[
            ("OVERTIME", text("超過勤務の対象者", "People subject to overtime")),
            ("CENSUS", text("期末の在職者", "People in post on the day")),
            ("WHOLE_YEAR", text("1年を通じた在職者", "People in post all year")),
            ("EVENTS", text("期間中の事項", "Events of the span")),
        ],
    ),
    ("PostingKind", &[("PRIMARY", text("本務", "Primary")), ("CONCURRENT", text("併任", "Concurrent"))]),
    (
        "RecordMode",
        &[
            ("ALL_OR_NOTHING", text("すべて又はなし", "All or nothing")),
            ("ACCEPT_VALID", text("正しいもののみ受理", "Accept what is valid")),
        ],
    ),
    (
        "RecordSource",
        &[
            ("PRESENCE", text("在庁時間", "Presence")),
            ("OVERTIME", text("超過勤務", "Overtime")),
            ("TELEWORK", text("テレワーク", "Telework")),
            ("LEAVE", text("休暇", "Leave")),
            ("HIRES", text("採用", "Hires")),
            ("APPOINTMENTS", text("登用", "Appointments")),
        ],
    ),
    (
        "RecordWarningCode",
        &[
            ("ENDS_ON_LAST_DAY_OF_MONTH", text("月末日で終わる期間", "Ends on a month's last day")),
            ("POSTING_GAP_OF_ONE_DAY", text("配置の1日の空白", "Gap of one day between postings")),
            ("DESIGNATED_SUBJECT_TO_OVERTIME", text("超過勤務の対象とされた指定職", "Designated rank subject to overtime")),
            ("HIRE_NOT_ON_FIRST_DAY", text("月の初日でない採用", "Hire not on the first day")),
            ("APPOINTMENT_TO_LOWER_BAND", text("下位の役職段階への任用", "Appointment to a lower band")),
            ("WORKDAY_ON_DAY_OFF", text("休日に勤務日の区分", "Workday on a day off")),
            ("HOLIDAY_ON_NO_HOLIDAY", text("休日でない日に休日の区分", "Holiday on no holiday")),
            ("START_OUTSIDE_STAGES", text("段階外の始業時刻", "Start outside the stages")),
            ("LEAVE_BESIDE_WORK", text("勤務と重なる全日休暇", "Full leave beside work")),
            ("LEAVE_ON_DAY_OFF", text("勤務を要しない日の休暇", "Leave on a day off")),
            ("LEAVE_BEYOND_YEARLY_DAYS", text("年間日数を超える休暇", "Leave beyond the year's days")),
            ("SPOUSE_LEAVE_OF_WOMAN", text("女性の配偶者出産休暇", "Spouse leave of a woman")),
            ("TELEWORK_ON_DAY_OFF", text("勤務を要しない日のテレワーク", "Telework on a day off")),
            ("OVERTIME_DECIDED_BY_ONESELF", text("本人による超過勤務の確認", "Overtime decided by oneself")),
            ("ON_TIME_DAY_ON_DAY_OFF", text("休日の定時退庁日", "On-time day on a day off")),
            ("INVISIBLE_IN_NAME", text("名称中の不可視文字", "Invisible character in a name")),
        ],
    ),
    ("Regime", &[("SELF_PACED", text("自律部署", "Self-paced")), ("EXTERNALLY_DRIVEN", text("他律部署", "Externally driven"))]),
    (
        "ReleaseState",
        &[("DRAFT", text("案", "Draft")), ("PUBLISHED", text("公表済み", "Published")), ("WITHDRAWN", text("取下げ", "Withdrawn"))],
    ),
    ("ReportBody", &[("PROMOTION_COMMITTEE", text("推進委員会", "Promotion committee")), ("COUNCIL", text("協議会", "Council"))]),
    (
        "RetentionNoun",
        &[
            ("RECORD_REVISION", text("記録の改訂履歴", "Record revision")),
            ("RECEIPT", text("受領証", "Receipt")),
            ("JOB_RUN_EVENT", text("ジョブの実行の経過", "Event of a run")),
        ],
    ),
    ("RetentionUnit", &[("FISCAL_YEARS", text("年度", "Fiscal years")), ("DAYS", text("日", "Days"))]),
    ("RetryStart", &[("CHECKPOINT", text("中断した所から", "From the checkpoint")), ("FRESH", text("最初から", "From the beginning"))]),
    (
        "ReviewState",
        &[
            ("OPEN", text("未確認", "Open")),
            ("ACKNOWLEDGED", text("確認済み", "Acknowledged")),
            ("EXPLAINED", text("理由を記録", "Explained")),
            ("ACTION_TAKEN", text("対応済み", "Action taken")),
            ("DISMISSED", text("該当せず", "Dismissed")),
        ],
    ),
    (
        "Role",
        &[
            ("PUBLIC", text("一般", "Public")),
            ("VIEWER", text("閲覧者", "Viewer")),
            ("STAFF", text("職員", "Staff")),
            ("MANAGER", text("管理職員", "Manager")),
            ("BUREAU_SYSTEM", text("部局のシステム", "Bureau's system")),
            ("BUREAU_OFFICER", text("部局の担当者", "Bureau's officer")),
            ("PROMOTION_OFFICER", text("推進担当", "Promotion officer")),
            ("COMMITTEE", text("会議の構成員", "Committee")),
            ("SECRETARIAT", text("事務局", "Secretariat")),
            ("ADMIN", text("システム管理者", "Administrator")),
            ("AUDITOR", text("監査担当", "Auditor")),
        ],
    ),
    (
        "RunEvent",
        &[
            ("ENQUEUED", text("受付", "Enqueued")),
            ("CLAIMED", text("開始", "Claimed")),
            ("PROGRESS", text("進捗", "Progress")),
            ("CHECKPOINT", text("途中経過の保存", "Checkpoint")),
            ("RETRY_SCHEDULED", text("再試行の予定", "Retry scheduled")),
            ("LOST", text("中断", "Lost")),
            ("HANDED_BACK", text("引渡し", "Handed back")),
            ("CANCEL_REQUESTED", text("中止の要求", "Cancel requested")),
            ("CANCELLED", text("中止", "Cancelled")),
            ("SUCCEEDED", text("成功", "Succeeded")),
            ("FAILED", text("失敗", "Failed")),
            ("SKIPPED", text("実行せず", "Skipped")),
        ],
    ),
    ("RunOutcome", &[("CLEAN", text("問題なし", "Clean")), ("WITH_WARNINGS", text("警告あり", "With warnings"))]),
    (
        "RunState",
        &[
            ("QUEUED", text("待機中", "Queued")),
            ("RUNNING", text("実行中", "Running")),
            ("RETRY_WAIT", text("再試行待ち", "Waiting for a retry")),
            ("CANCELLING", text("中止処理中", "Cancelling")),
            ("CANCELLED", text("中止", "Cancelled")),
            ("SUCCEEDED", text("成功", "Succeeded")),
            ("FAILED", text("失敗", "Failed")),
            ("SKIPPED", text("実行せず", "Skipped")),
        ],
    ),
    (
        "ScoreMethod",
        &[
            ("MEDIAN_DEVIATION", text("中央値からの偏差", "Deviation from the median")),
            ("MEAN_DEVIATION", text("平均偏差", "Mean deviation")),
        ],
    ),
    (
        "SeparationReason",
        &[
            ("RETIREMENT", text("定年等", "Retirement")),
            ("RESIGNATION", text("辞職", "Resignation")),
            ("END_OF_SECONDMENT", text("出向の終了", "End of secondment")),
            ("END_OF_TERM", text("任期満了", "End of term")),
            ("OTHER", text("その他", "Other")),
        ],
    ),
    ("Severity", &[("NOTICE", text("注意", "Notice")), ("SERIOUS", text("重要", "Serious")), ("CRITICAL", text("至急", "Critical"))]),
    (
        "Span",
        &[
            ("MONTH", text("月", "Month")),
            ("FISCAL_YEAR_TO_DATE", text("年度の初めから", "Fiscal year to date")),
            ("CALENDAR_YEAR_TO_DATE", text("暦年の初めから", "Calendar year to date")),
        ],
    ),
    (
        "Standing",
        &[
            ("MAIN", text("本務の職員", "Main post")),
            ("CONCURRENT_RESIDENT", text("併任（常駐）", "Concurrent, resident")),
            ("CONCURRENT_AWAY", text("併任（非常駐）", "Concurrent, away")),
        ],
    ),
    (
        "SubmissionState",
        &[("SUBMITTED", text("提出済み", "Submitted")), ("RETURNED", text("差戻し", "Returned")), ("ACCEPTED", text("受理", "Accepted"))],
    ),
    (
        "TeleworkPlace",
        &[
            ("HOME", text("自宅", "Home")),
            ("SATELLITE", text("サテライトオフィス", "Satellite office")),
            ("MOBILE", text("モバイル", "On the move")),
        ],
    ),
    (
        "Trigger",
        &[
            ("SCHEDULE", text("定時実行", "Schedule")),
            ("MANUAL", text("手動", "Manual")),
            ("COMMAND", text("コマンド", "Command")),
            ("RETRY", text("再試行", "Retry")),
            ("BACKFILL", text("さかのぼり実行", "Backfill")),
            ("RUN", text("他の実行に続く実行", "Another run")),
        ],
    ),
    (
        "ValueStatus",
        &[
            ("FINAL", text("確定", "Final")),
            ("PROVISIONAL", text("速報", "Provisional")),
            ("REVISED", text("改定", "Revised")),
            ("WITHHELD", text("秘匿", "Withheld")),
            ("NOT_REPORTED", text("未報告", "Not reported")),
            ("NO_SUBJECTS", text("該当者なし", "Nobody to count")),
            ("STALE", text("再計算待ち", "Stale")),
        ],
    ),
    (
        "Visibility",
        &[
            ("OPEN", text("公開", "Open")),
            ("INTERNAL", text("内部限り", "Internal")),
            ("OFFICE_TOTAL_ONLY", text("全体の合計のみ", "In the office's total alone")),
        ],
    ),
    (
        "WarningCode",
        &[
            ("WITHOUT_ADDRESS", text("宛先なし", "Without an address")),
            ("MAILS_FAILED", text("送信に失敗したメール", "Mails failed")),
            ("MAILS_UNCERTAIN", text("送信結果が不明なメール", "Mails uncertain")),
            ("NOTHING_SENT", text("送信なし", "Nothing sent")),
            ("MAILS_WAITING", text("送信待ちのメール", "Mails waiting")),
            ("ALARMS_UNTOLD", text("通知していない警報", "Alarms untold")),
            ("ON_TIME_DAYS_OFF", text("休日に当たる定時退庁日", "On-time days on days off")),
            ("MONTHS_DISPOSED", text("廃棄済みの月", "Months disposed of")),
            ("CYCLES_GONE_ON", text("先に進んだフォローアップ", "Cycles gone on")),
            ("KEPT_BEYOND_PERIOD", text("保存期間を超えて保存した記録", "Kept beyond the period")),
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use entity::{noun::Noun, text::Language};

    #[test]
    fn nouns_are_called_as_persons_are_told() {
        for noun in Noun::ALL {
            let member = noun.table().to_uppercase();
            assert_eq!(label("Noun", &member).map(|words| words.ja).filter(|_| noun.called().is_some()), noun.called(), "{member}");
        }
    }

    #[test]
    fn words_are_short_and_no_two_members_of_a_set_share_theirs() {
        for (of, members) in LABELS {
            for lang in [Language::Ja, Language::En] {
                let words: std::collections::BTreeSet<&str> = members.iter().map(|(_, words)| lang.say(*words)).collect();
                assert_eq!(words.len(), members.len(), "{of}");
                assert!(words.iter().all(|word| !word.is_empty() && word.chars().count() <= 40), "{of}");
            }
        }
    }
}
