//! The register of nouns: each table that the policy knows is a line, and what is a set of nouns anywhere is made of the lines.
//!
//! A line says what a reviewer must see of a new table: whom its rows belong to, who reads and who records it, how long it is kept, and of
//! what is about persons what for: the register of personal data ([`personal_data`]) is printed from it. What is
//! a *value* of a noun is asked of [`Noun`]; what is a *type* (keys, row scopes) is made by a macro that is handed the lines.
//! Deliberately absent: anything about one column of a table, and any rule.

use crate::{
    api_client::ClientWrites,
    horizon::{Horizon, ORDERED, PLAN, PLANNED, TERM},
    retention::{RetentionNoun, RetentionUnit},
};

/// The nouns, a line each: name and key, table, shape, who reads and who records it, how long it is kept, what rests on it, and of what is
/// about persons what it is called in Japanese and what it is for.
///
/// The shape says whom a row belongs to: `open`, the same for all who may read it; `bureau`, to a bureau; `placed`, to a person in a unit
/// of a bureau; `dated`, so, and rests on the posting of its date (in parentheses the column of its minutes, or `none`); `own`, as
/// `api::store::scope` says of it.
#[macro_export]
macro_rules! each_noun {
    ($make:ident) => {
        $make! {
            // organisation
            /// A bureau (部局).
            Bureau(BureauId) = bureau: open { Master, Secretariat }
            /// A unit of a bureau.
            Unit(UnitId) = unit: open { Master, Bureaus }
            /// The designation of a unit that decides which overtime cap applies.
            WorkRegime(WorkRegimeId) = work_regime: open { Master, Secretariat }
            /// A holiday.
            Holiday(HolidayId) = holiday: open { Master, Admin }
            /// An on-time day (定時退庁日).
            OnTimeDay(OnTimeDayId) = on_time_day: open { Master, Calendar }
            /// A stage of the start of work.
            StartStage(StartStageId) = start_stage: open { Master, Office }
            // people
            /// What is said of a person and in the person's postings, from the separation on.
            Staff(StaffId) = staff: own { Personal, Personnel, kept 10 FiscalYears Figures,
                for "職員" "計画Ⅴ 女性の採用・登用、全ての指標の母数" "plan V: shares of women and men, and whom every figure counts" }
            /// A period of a person's employment (在職).
            Employment(EmploymentId) = employment: own { Personal, Personnel, with Staff,
                for "在職" "計画Ⅴ-1 採用・離職、在職者の把握" "plan V-1: who joins and leaves, and who is in service" }
            /// A posting (配属) of a person.
            Posting(PostingId) = posting: own { Personal, Personnel, with Staff,
                for "配属" "計画Ⅴ-2 役職段階別の登用、部局別の集計" "plan V-2: rank bands, and the bureau that a figure belongs to" }
            /// Which bureau holds a person, from when to when (所属).
            Holding(HoldingId) = holding: own { Personal, Nobody, with Staff,
                for "所属" "計画Ⅴ-2 部局別の集計、閲覧の範囲" "plan V-2: the bureau in whose figures a person stands, and that sees the person" }
            /// The bureau named as a person's holder, where posts beside a main one leave it open.
            NamedHolder(NamedHolderId) = named_holder: own { Personal, Nobody, with Staff,
                for "所属の指定" "計画Ⅴ-2 併任のみの職員の所属" "plan V-2: the bureau of who has concurrent posts alone" }
            // time
            /// Shifts, by date.
            Shift(ShiftId) = shift: dated(overtime_minutes) { Personal, Time, kept 5 FiscalYears Figures,
                for "勤務" "計画Ⅳ-1-(2)-② 超過勤務の縮減、Ⅳ-1-(3)-② 早出遅出勤務" "plan IV-1-(2)-② and IV-1-(3)-②: less overtime, staggered hours" }
            /// Overtime requests, by date.
            OvertimeRequest(OvertimeRequestId) = overtime_request: dated(planned_minutes) { Personal, Confirmed, kept 5 FiscalYears Figures,
                for "超過勤務の事前確認" "計画Ⅳ-1-(2)-②-イ 超過勤務の事前確認" "plan IV-1-(2)-②-イ: overtime confirmed beforehand" }
            /// Telework days, by date.
            TeleworkDay(TeleworkDayId) = telework_day: dated(minutes) { Personal, Time, kept 5 FiscalYears Figures,
                for "テレワーク" "計画Ⅳ-1-(3)-① テレワークの推進" "plan IV-1-(3)-①: telework" }
            /// Leave entries, by date.
            LeaveEntry(LeaveEntryId) = leave_entry: dated(minutes) { Personal, Time, kept 5 FiscalYears Figures,
                for "休暇" "計画Ⅳ-1-(2)-②-ウ 休暇の取得促進、Ⅳ-2 男性の育児への参加" "plan IV-1-(2)-②-ウ and IV-2: leave taken, fathers' leave" }
            /// A unit's target of annual leave for a calendar year.
            LeaveTarget(LeaveTargetId) = leave_target: bureau { Master, Bureaus }
            // careers
            /// Hires, by date.
            Hire(HireId) = hire: dated(none) { Personal, Personnel, kept 10 FiscalYears Figures,
                for "採用" "計画Ⅴ-1 女性の採用" "plan V-1: women among those hired" }
            /// Appointments, by date.
            Appointment(AppointmentId) = appointment: dated(none) { Personal, Personnel, kept 10 FiscalYears Alone,
                for "登用" "計画Ⅴ-2 女性の登用" "plan V-2: women among those appointed" }
            // time, of single persons
            /// Exceptional work, by its first day.
            ExceptionalWork(ExceptionalWorkId) = exceptional_work: dated(none) { Personal, Time, kept 5 FiscalYears Flags,
                for "特例業務" "人事院規則15-14第16条の2の2 特例業務の上限とその検証" "rule 15-14 art. 16-2-2: caps exceeded, and the analysis that is owed" }
            /// Overtime before a secondment, by the day of arrival.
            OpeningBalance(OpeningBalanceId) = opening_balance: dated(minutes) { Personal, Time, kept 5 FiscalYears Flags,
                for "着任前の超過勤務" "人事院規則15-14第16条の2の2 着任前からの通算" "rule 15-14 art. 16-2-2: hours that follow a person who comes from elsewhere" }
            // plan
            /// A target of a plan.
            Target(TargetId) = target: open { Plan, Office }
            // figures
            /// Person-months, by month.
            PersonMonth = person_month: own { Personal, Nobody, kept 5 FiscalYears Figures,
                for "月別集計" "計画Ⅳ・Ⅴの月次指標の算出" "plan IV and V: the ground of the monthly indicators" }
            /// An indicator's value.
            IndicatorValue(IndicatorValueId) = indicator_value: open { Figures, Nobody }
            // platform
            /// A bureau's month.
            MonthClose(MonthCloseId) = month_close: bureau { Months, Nobody }
            /// Statistics, checkpoints and reasons of runs that are over.
            JobRun(JobRunId) = job_run: open { Operations, Nobody, kept 1_100 Days Alone }
            /// The schedule of a job.
            JobSchedule(JobScheduleId) = job_schedule: open { Operations, Nobody }
            /// A backfill.
            JobBackfill(JobBackfillId) = job_backfill: open { Operations, Nobody }
            /// An entry of the audit trail.
            AuditEntry(AuditEntryId) = audit_entry: own { Trail, Nobody }
            /// A machine client.
            ApiClient(ApiClientId) = api_client: open { Administration, Nobody }
            /// A revocation of tokens.
            TokenRevocation(TokenRevocationId) = token_revocation: open { Administration, Nobody }
            /// A change that waits for a second person, or waited.
            PendingChange(PendingChangeId) = pending_change: open { Operations, Nobody }
            /// Which kinds of changes need a second person.
            FourEyes(FourEyesId) = four_eyes: open { Operations, Nobody }
            /// How long a noun is kept.
            Retention(RetentionId) = retention: open { Operations, Nobody }
            /// Mails.
            Mail(MailId) = mail: open { Administration, Nobody, kept 365 Days Alone }
            /// A set of rules of overtime.
            OvertimeRule(OvertimeRuleId) = overtime_rule: open { Master, Nobody }
            /// How figures count.
            CountingRule(CountingRuleId) = counting_rule: open { Master, Nobody }
            /// Overtime outliers with their history, by month.
            OvertimeOutlier(OvertimeOutlierId) = overtime_outlier: placed { Flags, Nobody, kept 5 FiscalYears Flags,
                for "超過勤務の注意記録" "計画Ⅳ-1-(2)-② 長時間の超過勤務の把握と是正" "plan IV-1-(2)-②: long overtime found and remedied" }
            // plan
            /// A plan.
            Plan(PlanId) = plan: open { Plan, Nobody }
            /// A clause of a plan.
            Clause(ClauseId) = clause: open { Plan, Nobody }
            /// An initiative (取組) of a plan.
            Initiative(InitiativeId) = initiative: open { Plan, Nobody }
            /// An item that bureaus submit to the follow-up.
            SubmissionItem(SubmissionItemId) = submission_item: open { Plan, Nobody }
            // follow-up
            /// A cycle of the follow-up.
            FollowUp(FollowUpId) = follow_up: own { Cycles, Nobody }
            /// What was done to a cycle.
            FollowUpEvent(FollowUpEventId) = follow_up_event: open { Drafts, Nobody }
            /// A bureau's data call.
            DataCall(DataCallId) = data_call: bureau { Submissions, Nobody }
            /// What a bureau submitted.
            Submission(SubmissionId) = submission: bureau { Submissions, Nobody }
            /// A report of a cycle to a committee.
            FollowUpReport(FollowUpReportId) = follow_up_report: own { Releases, Nobody }
            /// What a check found in a draft.
            Finding(FindingId) = finding: open { Drafts, Nobody }
            /// A release of a year's figures.
            Release(ReleaseId) = release: own { Releases, Nobody }
            /// A figure of a release.
            ReleaseObservation(ReleaseObservationId) = release_observation: own { Releases, Nobody }
        }
    };
}

/// Who reads a noun; `api::authz` says how far each role reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reading {
    /// The plan is public.
    Plan,
    /// What every signed-in caller needs to understand records.
    Master,
    /// What is recorded or computed about persons.
    Personal,
    /// Outliers of persons, which are made for people: the machines that deliver records need none.
    Flags,
    /// Figures; whoever may not read a bureau's persons gets its figures protected.
    Figures,
    /// Cycles of the follow-up: public once published; an officer sees the one that is to be answered, too.
    Cycles,
    /// What is everybody's once it is published; before, of those who make, compile and promote it.
    Releases,
    /// What a bureau submits.
    Submissions,
    /// The making of a draft.
    Drafts,
    /// The closing of months.
    Months,
    /// The work of the platform.
    Operations,
    /// The audit trail.
    Trail,
    /// What administrators alone see.
    Administration,
}

/// Who records a noun in bulk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Recording {
    /// Bureaus, of their own, whatever their client's row says.
    Bureaus,
    /// Bureaus, of people whom they hold: machines whose row says PERSONNEL.
    Personnel,
    /// Bureaus, of the hours of people who are posted there: machines whose row says TIME.
    Time,
    /// As time, and managers of their units, who confirm.
    Confirmed,
    /// The secretariat.
    Secretariat,
    /// The secretariat and the administrators: what the office sets for itself.
    Office,
    /// As the office, and bureaus' officers for their own bureau.
    Calendar,
    /// The administrators.
    Admin,
    /// Nobody: it is computed, kept by the platform, or changed by acts of its own.
    Nobody,
}

/// Whom a noun's rows belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// To nobody: they are the same for all who may read them.
    Open,
    /// To a bureau.
    Bureau,
    /// To a person in a unit of a bureau.
    Placed,
    /// As placed ones, and they rest on the posting that the person held on their date.
    Dated {
        /// The column of their minutes.
        minutes: Option<&'static str>,
    },
    /// As the store says of the noun.
    Own,
}

/// A shape, as the register writes it.
macro_rules! shape {
    (open) => {
        Shape::Open
    };
    (bureau) => {
        Shape::Bureau
    };
    (placed) => {
        Shape::Placed
    };
    (own) => {
        Shape::Own
    };
    (dated none) => {
        Shape::Dated { minutes: None }
    };
    (dated $minutes:ident) => {
        Shape::Dated { minutes: Some(stringify!($minutes)) }
    };
}

/// How long a noun is kept, as the register writes it.
macro_rules! kept {
    ($name:ident) => {
        None
    };
    ($name:ident kept $length:literal) => {
        Some(RetentionNoun::$name)
    };
    ($name:ident with $with:ident) => {
        Some(RetentionNoun::$with)
    };
}

/// What a noun is held for, as the register writes it.
macro_rules! purpose {
    () => {
        None
    };
    ($ja:literal, $en:literal) => {
        Some(($ja, $en))
    };
}

/// What a noun is called, as the register writes it.
macro_rules! called {
    () => {
        None
    };
    ($called:literal) => {
        Some($called)
    };
}

macro_rules! nouns {
    ($(
        #[doc = $doc:literal]
        $name:ident $(($id:ident))? = $table:ident: $shape:ident $(($minutes:ident))?
        {
            $reading:ident, $recording:ident $(, kept $length:literal $unit:ident $figures:ident)? $(, with $with:ident)?
            $(, for $called:literal $purpose_ja:literal $purpose_en:literal)?
        }
    )+) => {
        /// A table, as the policy knows it; the same word in SQL, Rust and GraphQL.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
        pub enum Noun {
            $(#[doc = $doc] $name),+
        }

        impl Noun {
            /// Every noun, in the order of the policy grid.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The table's name.
            #[must_use]
            pub const fn table(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($table),)+
                }
            }

            /// Who reads it.
            #[must_use]
            pub const fn reading(self) -> Reading {
                match self {
                    $(Self::$name => Reading::$reading,)+
                }
            }

            /// Who records it.
            #[must_use]
            pub const fn recording(self) -> Recording {
                match self {
                    $(Self::$name => Recording::$recording,)+
                }
            }

            /// Whom its rows belong to.
            #[must_use]
            pub const fn shape(self) -> Shape {
                match self {
                    $(Self::$name => shape!($shape $($minutes)?),)+
                }
            }

            /// In one line, what a row is.
            #[must_use]
            pub const fn about(self) -> &'static str {
                match self {
                    $(Self::$name => $doc,)+
                }
            }

            /// What it is held for (利用目的), in Japanese and in English: the plan's item, or the law. Whatever is about persons has one.
            #[must_use]
            pub const fn purpose(self) -> Option<(&'static str, &'static str)> {
                match self {
                    $(Self::$name => purpose!($($purpose_ja, $purpose_en)?),)+
                }
            }

            /// What it is called in Japanese, in what is handed to a person. Whatever is about persons has a name.
            #[must_use]
            pub const fn called(self) -> Option<&'static str> {
                match self {
                    $(Self::$name => called!($($called)?),)+
                }
            }

            /// By which period it is kept; null where it stays for good.
            #[must_use]
            pub const fn kept(self) -> Option<RetentionNoun> {
                match self {
                    $(Self::$name => kept!($name $(kept $length)? $(with $with)?),)+
                }
            }
        }

        // What is said of persons is not kept for ever, nor without saying what for.
        $(const _: () = assert!(
            !Noun::$name.is_about_persons() || Noun::$name.kept().is_some(),
            concat!("`", stringify!($table), "` is about persons: say how long it is kept")
        );)+
        $(const _: () = assert!(
            !Noun::$name.is_about_persons() || Noun::$name.purpose().is_some(),
            concat!("`", stringify!($table), "` is about persons: say what for")
        );)+
    };
}
each_noun!(nouns);

impl Noun {
    /// The noun with this table.
    #[must_use]
    pub fn of_table(table: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|noun| noun.table() == table)
    }

    /// Whether its rows are about persons, so that reading them outside one's own bureau leaves an entry in the audit trail.
    #[must_use]
    pub const fn is_about_persons(self) -> bool {
        matches!(self.reading(), Reading::Personal | Reading::Flags)
    }

    /// Whether a client whose row says that it writes these records records the noun; of what is neither, the row says nothing.
    #[must_use]
    pub const fn is_written_by(self, writes: ClientWrites) -> bool {
        match self.recording() {
            Recording::Personnel => !matches!(writes, ClientWrites::Time),
            Recording::Time | Recording::Confirmed => !matches!(writes, ClientWrites::Personnel),
            Recording::Bureaus
            | Recording::Secretariat
            | Recording::Office
            | Recording::Calendar
            | Recording::Admin
            | Recording::Nobody => true,
        }
    }

    /// The horizon of each dated column of a noun that is recorded; of a noun that is not, none.
    #[must_use]
    pub const fn horizons(self) -> &'static [(&'static str, Horizon)] {
        const SPAN: &[(&str, Horizon)] = &[("valid_from", PLANNED), ("valid_to", TERM)];
        match self {
            Self::Bureau | Self::Unit | Self::WorkRegime | Self::StartStage => SPAN,
            Self::Holiday => &[("date", TERM)],
            Self::OnTimeDay | Self::TeleworkDay | Self::LeaveEntry => &[("date", PLANNED)],
            Self::Staff => &[("hired_on", ORDERED), ("separated_on", TERM)],
            Self::Employment => &[("valid_from", ORDERED), ("valid_to", TERM)],
            Self::Posting => &[("valid_from", ORDERED), ("valid_to", TERM), ("released_on", ORDERED)],
            Self::Shift => &[
                ("date", Horizon::NotInFuture),
                ("presence_start", Horizon::EndsBeforeNow),
                ("presence_end", Horizon::EndsBeforeNow),
                ("scheduled_start", Horizon::ByItsDate),
                ("scheduled_end", Horizon::ByItsDate),
                ("occupied_start", Horizon::ByItsDate),
                ("occupied_end", Horizon::ByItsDate),
            ],
            Self::OvertimeRequest => &[
                ("date", ORDERED),
                ("planned_start", Horizon::ByItsDate),
                ("planned_end", Horizon::ByItsDate),
                ("requested_at", Horizon::NotInFuture),
                ("decided_at", Horizon::NotInFuture),
            ],
            Self::LeaveTarget => &[("calendar_year", TERM)],
            Self::Hire => &[("date", ORDERED), ("exam_year", Horizon::NotInFuture)],
            Self::Appointment => &[("date", ORDERED)],
            Self::ExceptionalWork => &[("date", ORDERED), ("last_month", Horizon::ByItsDate), ("analysed_on", Horizon::NotInFuture)],
            Self::OpeningBalance => &[("date", ORDERED), ("month", Horizon::NotInFuture)],
            Self::Target => &[("valid_from", PLAN), ("valid_to", PLAN), ("baseline_from", PLANNED), ("baseline_to", PLANNED)],
            Self::Holding
            | Self::NamedHolder
            | Self::PersonMonth
            | Self::IndicatorValue
            | Self::MonthClose
            | Self::JobRun
            | Self::JobSchedule
            | Self::JobBackfill
            | Self::AuditEntry
            | Self::ApiClient
            | Self::TokenRevocation
            | Self::PendingChange
            | Self::FourEyes
            | Self::Retention
            | Self::Mail
            | Self::OvertimeRule
            | Self::CountingRule
            | Self::OvertimeOutlier
            | Self::Plan
            | Self::Clause
            | Self::Initiative
            | Self::SubmissionItem
            | Self::FollowUp
            | Self::FollowUpEvent
            | Self::DataCall
            | Self::Submission
            | Self::FollowUpReport
            | Self::Finding
            | Self::Release
            | Self::ReleaseObservation => &[],
        }
    }

    /// The nouns whose rows rest on the posting of their date, each with the column of its minutes.
    pub fn dated() -> impl Iterator<Item = (Self, Option<&'static str>)> {
        Self::ALL.iter().filter_map(|noun| match noun.shape() {
            Shape::Dated { minutes } => Some((*noun, minutes)),
            Shape::Open | Shape::Bureau | Shape::Placed | Shape::Own => None,
        })
    }
}

/// The register of personal data: each noun about persons with its purpose, its readers and its period, as a table in Markdown.
#[must_use]
pub fn personal_data() -> String {
    use std::fmt::Write;
    let mut text = "| table | what | what for (利用目的) | read by | kept |\n|---|---|---|---|---|\n".to_owned();
    for noun in Noun::ALL.iter().filter(|noun| noun.is_about_persons()) {
        let (ja, en) = noun.purpose().unwrap_or_default();
        let kept = match noun.kept().map(RetentionNoun::usual) {
            Some((length, RetentionUnit::FiscalYears)) => format!("{length} fiscal years"),
            Some((length, RetentionUnit::Days)) => format!("{length} days"),
            None => String::new(),
        };
        let machines = if noun.reading() == Reading::Flags { "" } else { " and system" };
        let _ = writeln!(
            text,
            "| `{}` | {} | {ja}; {en} | the person, the unit's manager, the bureau's officer{machines}, promotion officer, secretariat, an inquiry's auditor | {kept} |",
            noun.table(),
            noun.about().trim()
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Printed here where it differs, to be put between the marks.
    #[test]
    fn the_register_of_personal_data_is_the_documents() {
        let document = include_str!("../README.md");
        let printed = document.split("<!-- register: begin -->\n").nth(1).and_then(|rest| rest.split("<!-- register: end -->").next());
        assert_eq!(printed, Some(personal_data().as_str()), "entity/README.md\n{}", personal_data());
    }
}
