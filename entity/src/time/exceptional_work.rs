//! 特例業務: exceptional work of one person, for which the caps may be exceeded (rule 15-14, 第16条の2の2第2項). It must be analysed and verified
//! (整理、分析及び検証) within six months of the end of its year.

use crate::{
    ids::ExceptionalWorkId,
    period::{FiscalYear, YearMonth},
    record::record,
    text_enum::text_enum,
};
use chrono::NaiveDate;

text_enum! {
    /// Which kind of exceptional work (特例業務) it is, as rule 15-14's notice names them ‡.
    ExceptionalWorkKind {
        /// Dealing with a large disaster (大規模災害への対処).
        LargeDisaster,
        /// Drafting laws on important policies (重要な政策に関する法律の立案).
        Legislation,
        /// Negotiations with other countries or international organisations (他国又は国際機関との重要な交渉).
        Negotiation,
        /// Other work that is important and particularly urgent (その他の重要な業務で特に緊急に処理することを要するもの).
        Other,
    }
}

record! {
    /// One piece of exceptional work, by the day on which it began; the months from that of the day to the last one are exempt.
    dated "exceptional_work", ExceptionalWorkId, {
        /// The last month, of the same fiscal year.
        pub last_month: YearMonth,
        /// The kind of work.
        pub kind: ExceptionalWorkKind,
        /// Which work: a large disaster, a bill, an international negotiation …
        #[sea_orm(column_type = "Text")]
        pub work: String,
        /// The office or post that approved it, never a person's name.
        #[sea_orm(column_type = "Text")]
        pub approver: String,
        /// The day on which it was analysed and verified.
        pub analysed_on: Option<NaiveDate>,
    }
}

impl Model {
    /// The last day for the analysis: six months after the end of the fiscal year.
    #[must_use]
    pub fn analysis_due(&self) -> NaiveDate {
        FiscalYear::of(self.date).last_month().add_months(6).last_day()
    }

    /// Whether the analysis is late on a day: it was due before, and was not made. Void work owes none.
    #[must_use]
    pub fn analysis_overdue(&self, today: NaiveDate) -> bool {
        self.void_reason.is_none() && self.analysed_on.is_none() && self.date < overdue_before(today)
    }
}

/// Work that began before the day that this answers should have been analysed before `today`: the due date, turned into a comparison with
/// the date, which has an index.
#[must_use]
pub fn overdue_before(today: NaiveDate) -> NaiveDate {
    FiscalYear::of_month(YearMonth::of(today).add_months(-6)).first_day()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::{
        ids::{BureauId, PostingId, ReceiptId, StaffId, UnitId},
        record::{DatedHead, Meta, Shaped},
    };
    use chrono::{DateTime, Days};

    fn work(date: &str) -> Model {
        let date = date.parse().unwrap();
        let head = DatedHead {
            client: "office",
            external_id: "1",
            staff_id: StaffId::new(),
            posting_id: PostingId::new(),
            bureau_id: BureauId::new(),
            unit_id: UnitId::new(),
            date,
            correction_reason: None,
        };
        let kind = ExceptionalWorkKind::LargeDisaster;
        let own =
            Own { last_month: YearMonth::of(date), kind, work: "災害対応".into(), approver: "人事課長".into(), analysed_on: None };
        let meta = Meta {
            source_version: None,
            void_reason: None,
            revision: 1,
            receipt_id: ReceiptId::new(),
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        };
        Model::of(head, own, meta)
    }

    #[test]
    fn the_analysis_is_due_at_the_end_of_september() {
        for (date, due) in [("2019-04-01", "2020-09-30"), ("2020-03-31", "2020-09-30"), ("2020-04-01", "2021-09-30")] {
            assert_eq!(work(date).analysis_due().to_string(), due);
        }
    }

    /// The comparison with the date says on each day what the due date says.
    #[test]
    fn it_is_overdue_from_the_day_after() {
        let (first, last): (NaiveDate, NaiveDate) = ("2019-03-30".parse().unwrap(), "2021-10-02".parse().unwrap());
        for today in first.iter_days().take_while(|day| *day <= last) {
            for date in ["2017-04-01", "2018-03-31", "2018-04-01", "2019-03-31", "2019-04-01", "2020-03-31", "2020-04-01"] {
                let work = work(date);
                assert_eq!(work.analysis_overdue(today), work.analysis_due() < today, "{date} on {today}");
            }
        }
        let late = work("2018-04-01");
        let day = late.analysis_due() + Days::new(1);
        assert!(late.analysis_overdue(day));
        assert!(!Model { analysed_on: Some(day), ..late.clone() }.analysis_overdue(day));
        assert!(!Model { void_reason: Some("誤り".into()), ..late }.analysis_overdue(day));
    }
}
