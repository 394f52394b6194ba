//! The words of the API: scalars, and the enums of `entity` as GraphQL sees them.
//!
//! The enums mirror those of `entity` one for one; a member that is missing on either side does not compile.

use async_graphql::{Enum, InputType, InputValueError, InputValueResult, Scalar, ScalarType, Value, registry::Registry};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use entity::period::YearMonth;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A civil date in Tokyo, such as `"2018-04-01"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Date(pub NaiveDate);

/// A civil date in Tokyo, such as `"2018-04-01"`.
#[Scalar]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            // chrono would also take `2019-2-3`, `+2019-02-03`, `-9999-01-1` and the year 0, which no engine keeps.
            Value::String(text)
                if text.len() == 10 && text.starts_with(|first: char| first.is_ascii_digit()) && !text.starts_with("0000") =>
            {
                text.parse().map(Self).map_err(|_| InputValueError::custom(format!("There is no date {text:?}; write YYYY-MM-DD.")))
            }
            _ => Err(InputValueError::custom("Write a date as \"YYYY-MM-DD\".")),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A month, such as `"2018-04"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Month(pub YearMonth);

/// A month, such as `"2018-04"`.
#[Scalar(name = "YearMonth")]
impl ScalarType for Month {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => text.parse().map(Self).map_err(|_| InputValueError::custom("Write a month as \"YYYY-MM\".")),
            _ => Err(InputValueError::custom("Write a month as \"YYYY-MM\".")),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// An instant that a filter names, in the years 1 to 9999: what chrono reads beyond them PostgreSQL does not take, and SQLite sorts wrongly.
/// To GraphQL it is the `DateTime` of every answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instant(pub DateTime<Utc>);

impl InputType for Instant {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        <DateTime<Utc> as InputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <DateTime<Utc> as InputType>::create_type_info(registry)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let instant = <DateTime<Utc> as InputType>::parse(value).map_err(InputValueError::propagate)?;
        if !is_kept(instant.date_naive()) {
            return Err(InputValueError::custom("Write an instant of the years 0001 to 9999."));
        }
        Ok(Self(instant))
    }

    fn to_value(&self) -> Value {
        InputType::to_value(&self.0)
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

/// Whether both engines keep and sort a date: those of four digits.
pub(crate) fn is_kept(date: NaiveDate) -> bool {
    (1..=9999).contains(&date.year())
}

/// A whole number of up to 2⁵³ − 1, as a JSON number: minutes and counts outgrow GraphQL's `Int`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Long(pub i64);

/// The largest whole number that every JSON reader keeps exact.
const LARGEST: i64 = (1 << 53) - 1;

/// A whole number of up to 2⁵³ − 1, as a JSON number: minutes and counts outgrow GraphQL's `Int`.
#[Scalar]
impl ScalarType for Long {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::Number(number) => number
                .as_i64()
                .filter(|number| (-LARGEST..=LARGEST).contains(number))
                .map(Self)
                .ok_or_else(|| InputValueError::custom("Write a whole number between -(2^53 - 1) and 2^53 - 1.")),
            _ => Err(InputValueError::custom("Write a whole number.")),
        }
    }

    fn to_value(&self) -> Value {
        Value::Number(self.0.into())
    }
}

macro_rules! mirror {
    ($($(#[$doc:meta])* $name:ident = $remote:literal { $($(#[$vdoc:meta])* $variant:ident),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Serialize, Deserialize)]
        #[graphql(remote = $remote)]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }
    )+};
}

mirror! {
    /// Where a bureau's figures may appear.
    Visibility = "entity::bureau::Visibility" {
        /// In published tables.
        Open,
        /// Inside the office only.
        Internal,
        /// In the office's total alone.
        OfficeTotalOnly,
    }
    /// Which overtime cap applies to a unit's staff.
    Regime = "entity::work_regime::Regime" {
        /// 自律的業務.
        SelfPaced,
        /// 他律的業務.
        ExternallyDriven,
    }
    /// The three kinds of on-time day (定時退庁日).
    OnTimeDayKind = "entity::on_time_day::OnTimeDayKind" {
        /// 全省庁一斉定時退庁日: every Wednesday.
        AllMinistries,
        /// The bureau's own weekly day.
        OwnWeekly,
        /// 完全定時退庁日: twice a month.
        Complete,
    }
    /// Sex as the source records it.
    Sex = "entity::staff::Sex" {
        /// 女性.
        Female,
        /// 男性.
        Male,
        /// The source does not say.
        NotRecorded,
    }
    /// 常勤 or 非常勤.
    Employment = "entity::staff::Employment" {
        /// 常勤.
        Regular,
        /// 非常勤.
        NonRegular,
    }
    /// Where a staff member comes from.
    Origin = "entity::staff::Origin" {
        /// 内閣官房採用.
        Direct,
        /// 出向.
        Secondee,
    }
    /// Why a staff member left.
    SeparationReason = "entity::staff::SeparationReason" {
        /// Retirement.
        Retirement,
        /// Resignation.
        Resignation,
        /// Return to the ministry of origin.
        EndOfSecondment,
        /// End of a fixed term.
        EndOfTerm,
        /// Another reason, which is not recorded.
        Other,
    }
    /// 本務 or 併任.
    PostingKind = "entity::posting::PostingKind" {
        /// 本務.
        Primary,
        /// 併任.
        Concurrent,
    }
    /// 役職段階, lowest first.
    RankBand = "entity::posting::RankBand" {
        /// 係員.
        Staff,
        /// 係長相当.
        Chief,
        /// 課長補佐相当.
        AssistantDirector,
        /// 課室長相当 (参事官).
        Director,
        /// 指定職相当.
        Designated,
    }
    /// What kind of day a shift starts on.
    DayKind = "entity::work_time::DayKind" {
        /// 勤務日.
        Workday,
        /// 週休日: all worked time is overtime.
        WeeklyDayOff,
        /// 休日: regular hours are holiday duty, the rest is overtime.
        Holiday,
        /// 振替, 代休日: counts like a weekly day off.
        Swapped,
    }
    /// The working pattern of a shift; it proves a staggered start.
    Pattern = "entity::work_time::Pattern" {
        /// Regular hours.
        Standard,
        /// 早出遅出.
        Staggered,
        /// フレックスタイム.
        Flextime,
        /// Shortened hours.
        ShortTime,
    }
    /// What overtime was counted from.
    Basis = "entity::work_time::Basis" {
        /// 超過勤務命令.
        Ordered,
        /// Presence.
        Presence,
    }
    /// What became of an overtime request.
    Decision = "entity::overtime_request::Decision" {
        /// Not decided yet.
        Pending,
        /// Confirmed.
        Approved,
        /// Refused.
        Refused,
    }
    /// Where a person teleworked.
    TeleworkPlace = "entity::telework_day::TeleworkPlace" {
        /// At home.
        Home,
        /// In a satellite office.
        Satellite,
        /// On the way.
        Mobile,
    }
    /// Kind of leave; kinds outside the plan are OTHER.
    LeaveKind = "entity::leave_entry::LeaveKind" {
        /// 年次休暇.
        Annual,
        /// 配偶者出産休暇.
        SpouseBirth,
        /// 育児参加のための休暇.
        ChildcareParticipation,
        /// Another kind.
        Other,
    }
    /// How a person was hired.
    HireRoute = "entity::hire::HireRoute" {
        /// 採用試験.
        Exam,
        /// 中途採用.
        MidCareer,
        /// Another route.
        Other,
    }
    /// Recruitment exam.
    Exam = "entity::hire::Exam" {
        /// 総合職試験.
        Comprehensive,
        /// 一般職試験.
        General,
        /// 専門職試験.
        Specialist,
        /// 経験者採用試験.
        Experienced,
    }
    /// Who submits an item of a plan.
    ItemSource = "entity::submission_item::ItemSource" {
        /// Each bureau its own part; the office's is their sum.
        Bureau,
        /// One bureau alone, for the whole office.
        Office,
    }
    /// Whom a target speaks of.
    TargetPopulation = "entity::target::TargetPopulation" {
        /// The whole office.
        Office,
        /// The whole government: a reference.
        Government,
    }
    /// How a target's value is meant.
    Qualifier = "entity::target::Qualifier" {
        /// 以上.
        AtLeast,
        /// 程度.
        About,
        /// 全員.
        All,
    }
    /// Who set a target.
    Decider = "entity::target::Decider" {
        /// The office's own plan.
        Plan,
        /// The government's basic plan for gender equality.
        BasicPlan,
    }
    /// The span of a figure, named by its last month.
    Span = "entity::measure_cell::Span" {
        /// The month alone.
        Month,
        /// From April to the month.
        FiscalYearToDate,
        /// From January to the month.
        CalendarYearToDate,
    }
    /// Where a bureau's month stands.
    CloseState = "entity::month_close::CloseState" {
        /// Records are still written.
        Open,
        /// The bureau's officer says it is complete.
        Submitted,
        /// Closed: corrections need a reason.
        Closed,
    }
    /// What is kept for a time.
    RetentionNoun = "entity::retention::RetentionNoun" {
        /// Shifts, by date.
        Shift,
        /// Overtime requests, by date.
        OvertimeRequest,
        /// Telework days, by date.
        TeleworkDay,
        /// Leave entries, by date.
        LeaveEntry,
        /// Hires, by date.
        Hire,
        /// Appointments, by date.
        Appointment,
        /// Person-months, by month.
        PersonMonth,
        /// What is said of a person, from the separation on.
        Staff,
        /// Exceptional work, by its first day.
        ExceptionalWork,
        /// Overtime before a secondment, by the day of arrival.
        OpeningBalance,
        /// Overtime outliers with their history, by month.
        OutlierFlag,
        /// Former versions of records, from the day they were replaced.
        RecordRevision,
        /// Keys and outcomes of bulk calls.
        Receipt,
        /// Statistics, checkpoints and reasons of runs that are over.
        JobRun,
        /// What happened to runs that are over.
        JobRunEvent,
        /// Mails.
        MailOutbox,
    }
    /// What a period of retention is counted in.
    RetentionUnit = "entity::retention::RetentionUnit" {
        /// Whole fiscal years after the one in which the time falls, counted from 1 April.
        FiscalYears,
        /// Days.
        Days,
    }
    /// What a mail says.
    MailKind = "entity::mail_outbox::MailKind" {
        /// 定時退庁日のお知らせ.
        OnTimeDayNotice,
        /// 超過勤務の状況のお知らせ, for the bureau's officer.
        OutlierDigest,
        /// フォローアップの提出のお願い, for the bureau's officer.
        FollowUpReminder,
    }
    /// Where a mail stands.
    MailState = "entity::mail_outbox::MailState" {
        /// It waits.
        Pending,
        /// It is being handed over.
        Sending,
        /// The server took it.
        Sent,
        /// Nobody knows whether the server took it; it is not sent again.
        Uncertain,
        /// The server refused it for good, or it was too late before it could be sent.
        Failed,
    }
    /// What started a run.
    Trigger = "entity::job_run::Trigger" {
        /// The schedule.
        Schedule,
        /// An administrator.
        Manual,
        /// The command line.
        Command,
        /// An administrator, who asked for a former run again.
        Retry,
        /// A backfill.
        Backfill,
        /// Another run, which changed what this one works on.
        Run,
    }
    /// Where a run stands.
    RunState = "entity::job_run::RunState" {
        /// Waits for a worker.
        Queued,
        /// Is being done.
        Running,
        /// Waits for its next attempt.
        RetryWait,
        /// Is being done, and was asked to stop.
        Cancelling,
        /// Stopped, as somebody asked.
        Cancelled,
        /// Is done.
        Succeeded,
        /// Ended with an error.
        Failed,
        /// Was not done, for a reason.
        Skipped,
    }
    /// What happened to a run.
    RunEvent = "entity::job_run_event::RunEvent" {
        /// It was asked for.
        Enqueued,
        /// A worker has it.
        Claimed,
        /// It came further.
        Progress,
        /// It wrote down where it stands.
        Checkpoint,
        /// An attempt failed, and another one follows.
        RetryScheduled,
        /// Its worker vanished.
        Lost,
        /// Its worker stopped in good order and gave it back.
        HandedBack,
        /// Somebody asked it to stop.
        CancelRequested,
        /// It stopped, as asked.
        Cancelled,
        /// It is done.
        Succeeded,
        /// It ended with an error.
        Failed,
        /// It is not done, for a reason.
        Skipped,
    }
    /// What becomes of slots that passed while nobody looked.
    Misfire = "entity::job_schedule::Misfire" {
        /// They are let go.
        Skip,
        /// The latest is made up for.
        Latest,
        /// Each is made up for.
        All,
    }
    /// What becomes of a slot while an earlier run of the schedule is not over.
    Overlap = "entity::job_schedule::Overlap" {
        /// It is skipped, and its row says so.
        Skip,
        /// It waits.
        Queue,
        /// It takes the place of the earlier ones, which are cancelled.
        Replace,
    }
    /// What an overtime outlier is about: at most one of a kind stands for a person's month.
    OutlierKind = "entity::outlier_flag::OutlierKind" {
        /// The month's cap of the person's regime: 45 h, or 100 h.
        MonthCap,
        /// The year's cap: 360 h, or 720 h.
        YearCap,
        /// The mean of 2 to 6 consecutive months: 80 h.
        MeanCap,
        /// Too many long months in the year: the seventh above 45 h.
        LongMonths,
        /// A doctor's interview (医師による面接指導) is due.
        Interview,
        /// Far above the peers of the month.
        AbovePeers,
        /// Far above the person's own earlier months.
        AboveOwnMonths,
        /// Nothing of the month's overtime was confirmed beforehand.
        Unconfirmed,
        /// At this pace the year's cap will be reached.
        Pace,
    }
    /// How an overtime outlier is to be taken; breaches and statistics are kept apart.
    OutlierCategory = "entity::outlier_flag::OutlierCategory" {
        /// A cap was exceeded.
        Breach,
        /// A cap was exceeded for exceptional work (特例業務), which is no breach but must be analysed.
        AboveCapExceptional,
        /// Something must be done: a doctor's interview.
        Duty,
        /// A statistical flag: an unusual workload, and no more than that.
        Statistical,
        /// A warning of what comes, or of how overtime is ordered.
        Warning,
    }
    /// How much an overtime outlier weighs, lightest first.
    Severity = "entity::outlier_flag::Severity" {
        /// To be looked at.
        Notice,
        /// To be explained.
        Serious,
        /// To be acted on at once.
        Critical,
    }
    /// With whom, or with what, a statistical flag compares.
    PeerLevel = "entity::outlier_flag::PeerLevel" {
        /// Everyone in post and subject to overtime in the same bureau and regime.
        Bureau,
        /// The whole office, for the bureau has too few.
        Office,
        /// The person's own earlier months.
        Own,
    }
    /// How the score of a statistical flag was made.
    ScoreMethod = "entity::outlier_flag::ScoreMethod" {
        /// 0.6745 · (x − median) ÷ median absolute deviation.
        MedianDeviation,
        /// (x − median) ÷ (1.253314 · mean absolute deviation), where the former is 0.
        MeanDeviation,
    }
    /// How far the review of an overtime outlier has come.
    ReviewState = "entity::outlier_flag::ReviewState" {
        /// Nobody has looked.
        Open,
        /// Somebody has.
        Acknowledged,
        /// The reason is known, and nothing else is to be done.
        Explained,
        /// Something was done.
        ActionTaken,
        /// It was no outlier.
        Dismissed,
    }
    /// What happened to an overtime outlier.
    OutlierEventKind = "entity::outlier_event::OutlierEventKind" {
        /// It was raised.
        Raised,
        /// A rerun found other numbers.
        EvidenceChanged,
        /// A correction removed it.
        Withdrawn,
        /// Somebody has looked.
        Acknowledged,
        /// Somebody gave the reason.
        Explained,
        /// Somebody did something.
        ActionTaken,
        /// Somebody found that it was none.
        Dismissed,
    }
    /// Where a cycle of the follow-up stands.
    FollowUpStage = "entity::follow_up::FollowUpStage" {
        /// Bureaus submit.
        Collecting,
        /// Nothing is taken any more; the draft is being made.
        Frozen,
        /// The draft is there, its findings are answered.
        Draft,
        /// Compiled in the Executive Committee (幹事会).
        Compiled,
        /// Published.
        Published,
        /// Its releases were withdrawn; a tombstone stands in their place.
        Withdrawn,
    }
    /// What was done to a cycle of the follow-up.
    FollowUpAct = "entity::follow_up_event::FollowUpAct" {
        /// The data call was made.
        Opened,
        /// Its days were changed.
        Rescheduled,
        /// A bureau submitted.
        Submitted,
        /// A submission was returned, to be corrected.
        SubmissionReturned,
        /// A submission was taken.
        SubmissionAccepted,
        /// Nothing is taken any more.
        Frozen,
        /// Collecting goes on; what was drafted of the version is gone.
        Reopened,
        /// The draft was written.
        Drafted,
        /// A finding was answered.
        Answered,
        /// It was compiled.
        Compiled,
        /// The Executive Committee gave what it had compiled back.
        Returned,
        /// A report was recorded.
        Reported,
        /// It was published.
        Published,
        /// A further version was begun.
        Corrected,
        /// Its releases were withdrawn.
        Withdrawn,
    }
    /// Why there is a release.
    ReleaseKind = "entity::follow_up::ReleaseKind" {
        /// The first of its year.
        Initial,
        /// An error was corrected.
        Correction,
        /// Data were added.
        NewData,
        /// A definition changed.
        Definition,
    }
    /// Where a release stands.
    ReleaseState = "entity::release::ReleaseState" {
        /// Seen by those who make it.
        Draft,
        /// Everybody's.
        Published,
        /// A tombstone: that it was, and why it is no longer shown.
        Withdrawn,
    }
    /// Where a submission stands.
    SubmissionState = "entity::submission::SubmissionState" {
        /// It waits for the secretariat.
        Submitted,
        /// The secretariat wants it corrected.
        Returned,
        /// The secretariat took it.
        Accepted,
    }
    /// To whom a cycle of the follow-up is reported.
    ReportBody = "entity::follow_up_report::ReportBody" {
        /// 推進委員会.
        PromotionCommittee,
        /// 女性職員活躍・ワークライフバランス推進協議会.
        Council,
    }
    /// What a draft is checked for.
    FindingCheck = "entity::finding::FindingCheck" {
        /// A bureau has submitted nothing that was taken.
        MissingSubmission,
        /// What a bureau submitted leaves out a figure that each bureau is asked for.
        MissingFigure,
        /// A share lies outside 0 to 100 %.
        ShareOutOfRange,
        /// The bands do not add up to their total.
        BandsDoNotAddUp,
        /// The office's figure moved by more than usual against the year before.
        Jump,
        /// Records have changed since the figures were computed.
        StaleFigures,
        /// A month of the year is not closed.
        OpenMonth,
        /// A figure is not there yet for the date that belongs to it.
        NoFigure,
        /// A target was in force and its figure is not known.
        TargetWithoutFigure,
        /// No target is in force for what the plan has one.
        NoTargetInForce,
    }
    /// Which months a backfill takes.
    BackfillScope = "entity::job_backfill::BackfillScope" {
        /// Those of which no run has succeeded.
        Missing,
        /// Those whose latest run failed.
        Failed,
        /// All.
        All,
    }
    /// Where a backfill stands.
    BackfillState = "entity::job_backfill::BackfillState" {
        /// It says what it would run.
        Planned,
        /// Its runs go on.
        Running,
        /// All of them are over.
        Finished,
        /// Somebody stopped it.
        Cancelled,
    }
}

macro_rules! mirror_jobs {
    ($($(#[$doc:meta])* $name:ident = $file:ident;)+) => {
        mirror! {
            /// The jobs that there are.
            JobName = "entity::job_run::JobName" { $($(#[$doc])* $name),+ }
        }
    };
}
entity::each_job!(mirror_jobs);
