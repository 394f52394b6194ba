//! An office to compute: a database of its own, and records written as the store would, marks included or not as a test needs.

use crate::{
    clock::Clock,
    database::Database,
    ledger::Ledger,
    runner::Runner,
    settings::Settings,
    transaction::{self, NewRun, Stale, enqueue, mark_stale, put_all},
};
use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    api_client::Absence,
    bureau, employment,
    ids::{ApiClientId, BureauId, EmploymentId, HolidayId, JobRunId, OnTimeDayId, PostingId, ReceiptId, StaffId, UnitId, WorkRegimeId},
    job_run::{self, JobName, Trigger},
    month_source::RecordSource,
    period::{FiscalYear, YearMonth, civil_date},
    posting::{self, PostingKind, RankBand},
    record::{Dated, DatedHead, Meta, Shaped},
    shift,
    staff::{self, Employment, Sex},
    unit,
    work_time::{Basis, DayKind, Pattern},
};
use sea_orm::{ConnectionTrait, EntityName, EntityTrait, IntoActiveModel, QueryOrder, QueryResult, Statement, Value};
use sea_orm_migration::MigratorTrait;
use std::collections::BTreeMap;
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use uuid::Uuid;

/// The server on which tests make databases.
const POSTGRES: &str = "TORIKUMI_TEST_POSTGRES_URL";

/// That whoever has no shift was not there.
pub fn zero() -> entity::api_client::ClientAbsence {
    entity::api_client::ClientAbsence([(RecordSource::Presence, Absence::Zero)].into())
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn month(text: &str) -> YearMonth {
    text.parse().unwrap()
}

/// 18:00 in Tokyo on a date, and minutes later.
pub fn evening(date: NaiveDate, minutes: i64) -> DateTime<Utc> {
    date.and_hms_opt(9, 0, 0).unwrap().and_utc() + chrono::TimeDelta::minutes(minutes)
}

/// An office on one engine.
pub struct Office {
    pub db: Database,
    pub ledger: Ledger,
    pub now: Arc<AtomicI64>,
    receipt: ReceiptId,
    url: String,
}

/// An empty office on each engine at hand.
pub async fn offices() -> Vec<Office> {
    let file = std::env::temp_dir().join(format!("torikumi-jobs-{}.sqlite", Uuid::now_v7()));
    let mut offices = vec![Office::open(&format!("sqlite:{}", file.display())).await];
    if let Ok(maintenance) = std::env::var(POSTGRES) {
        let name = format!("jobs_{}", Uuid::now_v7().simple());
        let server = sea_orm::Database::connect(&maintenance).await.unwrap();
        server.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
        server.close().await.unwrap();
        let (host, _) = maintenance.rsplit_once('/').unwrap();
        offices.push(Office::open(&format!("{host}/{name}")).await);
    }
    offices
}

macro_rules! meta {
    ($($model:ident)::+ { $($field:ident: $value:expr),* $(,)? }, $office:expr) => {
        $($model)::+ {
            $($field: $value,)*
            source_version: None,
            void_reason: None,
            revision: 1,
            receipt_id: $office.receipt,
            created_at: $office.ledger.clock().now(),
            updated_at: $office.ledger.clock().now(),
        }
    };
}

impl Office {
    /// Leaves the schedule of `monthly-indicators` alone enabled, for tests that count slots.
    pub async fn schedule_alone(&self) {
        self.execute("UPDATE job_schedule SET enabled = FALSE WHERE job <> 'MONTHLY_INDICATORS'", vec![]).await;
    }

    async fn open(url: &str) -> Self {
        let db = Database::connect(url, 4).await.unwrap();
        migration::Migrator::up(db.writer(), None).await.unwrap();
        let now = Arc::new(AtomicI64::new(1_527_811_200)); // 2018-06-01T00:00Z
        let (seconds, ticks) = (now.clone(), AtomicI64::new(0));
        // Each look is a millisecond later than the one before.
        let clock = Clock::from_fn(move || {
            let start = DateTime::from_timestamp(seconds.load(Ordering::SeqCst), 0).unwrap();
            start + chrono::TimeDelta::milliseconds(ticks.fetch_add(1, Ordering::SeqCst))
        });
        let folder = std::env::temp_dir().join(format!("torikumi-seal-{}", Uuid::now_v7()));
        let settings = Settings {
            seal_key: folder.join("key"),
            seal_heads: folder.join("heads"),
            pseudonym_key: folder.join("pseudonyms"),
            release_key: folder.join("release"),
            ..Settings::default()
        };
        let office = Self {
            ledger: Ledger::new(db.clone(), clock).with_settings(settings),
            db,
            now,
            receipt: ReceiptId::new(),
            url: url.to_owned(),
        };
        office.ledger.ensure_schedules().await.unwrap();
        office.ledger.ensure_retentions().await.unwrap();
        office.ledger.ensure_overtime_rules().await.unwrap();
        office.ledger.ensure_counting_rules().await.unwrap();
        let at = office.ledger.clock().now();
        office
            .put(vec![entity::api_client::Model {
                id: ApiClientId::new(),
                code: "test".into(),
                code_folded: "test".into(),
                name: "test".into(),
                bureaus: entity::api_client::ClientBureaus(None),
                // Whoever has no shift did not work: what is not known has tests of its own.
                absence: Some(zero()),
                writes: None,
                revoked_at: None,
                created_at: at,
            }])
            .await;
        office
            .put(vec![entity::receipt::Model {
                id: office.receipt,
                writer: "test".into(),
                mutation: "test".into(),
                idempotency_key: "test".into(),
                body_hash: String::new(),
                outcome: serde_json::json!({}),
                created_at: at,
                sequence: None,
                numbered_at: None,
                records: None,
            }])
            .await;
        office
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Writes rows, replacing those that are there.
    pub async fn put<M>(&self, rows: Vec<M>)
    where
        M: IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel> + sea_orm::ModelTrait,
        <M::Entity as EntityTrait>::ActiveModel: sea_orm::ActiveModelTrait<Entity = M::Entity> + Send,
    {
        let tx = self.db.begin().await.unwrap();
        put_all(&*tx, rows, true).await.unwrap();
        if ["staff", "posting", "employment"].contains(&M::Entity::default().table_name()) {
            self.settle(&*tx).await;
        }
        tx.commit().await.unwrap();
    }

    /// What the store derives when people, their employment or their posts change: a period for who has none, the latest as `staff` says, and who
    /// holds everybody.
    async fn settle<C: ConnectionTrait>(&self, tx: &C) {
        let periods = employment::Entity::find().order_by_asc(employment::Column::ValidFrom).all(tx).await.unwrap();
        let mut latest: BTreeMap<StaffId, employment::Model> = BTreeMap::new();
        for period in periods {
            latest.insert(period.staff_id, period);
        }
        let people = staff::Entity::find().all(tx).await.unwrap();
        let periods = people.iter().map(|person| {
            let id = latest.get(&person.id).map_or_else(EmploymentId::new, |period| period.id);
            let external_id = latest.get(&person.id).map_or_else(|| id.to_string(), |period| period.external_id.clone());
            meta!(
                employment::Model {
                    id: id,
                    client: "test".into(),
                    external_id: external_id,
                    staff_id: person.id,
                    kind: person.employment,
                    origin: person.origin,
                    seconded_from: person.seconded_from.clone(),
                    valid_from: person.hired_on,
                    valid_to: person.separated_on,
                    separation_reason: person.separation_reason,
                },
                self
            )
        });
        put_all(tx, periods.collect(), true).await.unwrap();
        let today = civil_date(self.ledger.clock().now());
        transaction::hold_anew(tx, &people.iter().map(|person| person.id).collect(), today).await.unwrap();
    }

    pub async fn execute(&self, sql: &str, values: Vec<Value>) {
        let tx = self.db.begin().await.unwrap();
        tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await.unwrap();
        if ["staff ", "posting "].iter().any(|table| sql.contains(&format!("UPDATE {table}")) || sql.contains(&format!("INTO {table}"))) {
            self.settle(&*tx).await;
        }
        tx.commit().await.unwrap();
    }

    pub async fn mark(&self, stale: &Stale) {
        let tx = self.db.begin().await.unwrap();
        mark_stale(&*tx, self.ledger.clock().now(), None, stale).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn bureau(&self, code: &str) -> BureauId {
        let id = BureauId::new();
        let row = meta!(
            bureau::Model {
                id: id,
                code: code.into(),
                code_folded: entity::key::fold(code),
                name_ja: code.into(),
                name_en: code.into(),
                valid_from: day("2000-01-01"),
                valid_to: None,
                successor_id: None,
                visibility: bureau::Visibility::Internal,
                notice_address: None,
                officer_address: None,
                position: None,
            },
            self
        );
        self.put(vec![row]).await;
        id
    }

    pub async fn unit(&self, bureau_id: BureauId, code: &str) -> unit::Model {
        let row = meta!(
            unit::Model {
                id: UnitId::new(),
                code: code.into(),
                code_folded: entity::key::fold(code),
                bureau_id: bureau_id,
                name_ja: code.into(),
                name_en: code.into(),
                valid_from: day("2000-01-01"),
                valid_to: None,
            },
            self
        );
        self.put(vec![row.clone()]).await;
        row
    }

    pub async fn regime(&self, unit: &unit::Model, regime: entity::work_regime::Regime, from: &str, to: Option<&str>) {
        let id = WorkRegimeId::new();
        let row = meta!(
            entity::work_regime::Model {
                id: id,
                client: "test".into(),
                external_id: id.to_string(),
                unit_id: unit.id,
                regime: regime,
                valid_from: day(from),
                valid_to: to.map(day),
            },
            self
        );
        self.put(vec![row]).await;
    }

    pub fn staff_row(&self, number: &str, sex: Sex) -> staff::Model {
        meta!(
            staff::Model {
                id: StaffId::new(),
                staff_number: number.into(),
                staff_number_folded: entity::key::fold(number),
                sex: sex,
                employment: Employment::Regular,
                origin: staff::Origin::Direct,
                seconded_from: None,
                hired_on: day("2010-04-01"),
                separated_on: None,
                separation_reason: None,
                recorded_bureau_id: None,
            },
            self
        )
    }

    pub fn posting_row(&self, staff: &staff::Model, unit: &unit::Model, band: RankBand, from: &str, to: Option<&str>) -> posting::Model {
        let id = PostingId::new();
        meta!(
            posting::Model {
                id: id,
                client: "test".into(),
                external_id: id.to_string(),
                staff_id: staff.id,
                bureau_id: unit.bureau_id,
                unit_id: unit.id,
                kind: PostingKind::Primary,
                resident: true,
                band: band,
                job_area: None,
                subject_to_overtime: true,
                valid_from: day(from),
                valid_to: to.map(day),
                released_on: None,
                released_to: None,
            },
            self
        )
    }

    pub async fn staff(&self, number: &str, sex: Sex) -> staff::Model {
        let row = self.staff_row(number, sex);
        self.put(vec![row.clone()]).await;
        row
    }

    pub async fn posting(&self, staff: &staff::Model, unit: &unit::Model, band: RankBand, from: &str, to: Option<&str>) -> posting::Model {
        let row = self.posting_row(staff, unit, band, from, to);
        self.put(vec![row.clone()]).await;
        row
    }

    /// What every record carries.
    pub fn meta(&self) -> Meta {
        let at = self.ledger.clock().now();
        Meta { source_version: None, void_reason: None, revision: 1, receipt_id: self.receipt, created_at: at, updated_at: at }
    }

    /// A record about a person on a date, in a numbering of the tests' own.
    pub fn dated<M: Shaped<Shape = Dated>>(&self, posting: &posting::Model, date: NaiveDate, own: M::Own) -> M {
        let external_id = uuid::Uuid::now_v7().to_string();
        let head = DatedHead {
            client: "test",
            external_id: &external_id,
            staff_id: posting.staff_id,
            posting_id: posting.id,
            bureau_id: posting.bureau_id,
            unit_id: posting.unit_id,
            date,
            correction_reason: None,
        };
        M::of(head, own, self.meta())
    }

    /// A standard workday with presence until `overtime` minutes after its end.
    pub fn shift_row(&self, posting: &posting::Model, date: NaiveDate, overtime: i32) -> shift::Model {
        let own = shift::Own {
            day_kind: DayKind::Workday,
            pattern: Pattern::Standard,
            scheduled_start: Some(evening(date, -525)),
            scheduled_end: Some(evening(date, 0)),
            presence_start: Some(evening(date, -525)),
            presence_end: Some(evening(date, i64::from(overtime))),
            breaks: shift::Intervals::default(),
            ordered: None,
            occupied_start: evening(date, -525),
            occupied_end: evening(date, i64::from(overtime)),
            worked_minutes: 465 + overtime,
            ordinary_minutes: 465,
            overtime_minutes: overtime,
            basis: Basis::Presence,
            presence_overtime_minutes: overtime,
            ordered_overtime_minutes: None,
            late_night_minutes: 0,
            day_off_minutes: 0,
        };
        self.dated(posting, date, own)
    }

    pub async fn shift(&self, posting: &posting::Model, date: &str, overtime: i32) -> shift::Model {
        let row = self.shift_row(posting, day(date), overtime);
        self.put(vec![row.clone()]).await;
        row
    }

    pub fn telework_row(&self, posting: &posting::Model, date: NaiveDate) -> entity::telework_day::Model {
        let own = entity::telework_day::Own { place: entity::telework_day::TeleworkPlace::Home, minutes: 465 };
        self.dated(posting, date, own)
    }

    pub fn leave_row(&self, posting: &posting::Model, date: NaiveDate, minutes: i32) -> entity::leave_entry::Model {
        let own = entity::leave_entry::Own { kind: entity::leave_entry::LeaveKind::Annual, minutes };
        self.dated(posting, date, own)
    }

    /// Exceptional work from a date to a month.
    pub fn exceptional_row(&self, posting: &posting::Model, date: NaiveDate, last: YearMonth) -> entity::exceptional_work::Model {
        let own = entity::exceptional_work::Own {
            last_month: last,
            kind: entity::exceptional_work::ExceptionalWorkKind::LargeDisaster,
            work: "a large disaster".into(),
            approver: "Director-General".into(),
            analysed_on: None,
        };
        self.dated(posting, date, own)
    }

    /// Overtime of a month before the day of arrival.
    pub fn opening_row(&self, posting: &posting::Model, date: NaiveDate, month: YearMonth, minutes: i32) -> entity::opening_balance::Model {
        let own = entity::opening_balance::Own { month, regime: None, minutes };
        self.dated(posting, date, own)
    }

    /// A request for `minutes` from 18:00, decided `before` minutes before.
    pub fn request_row(&self, posting: &posting::Model, date: NaiveDate, minutes: i32, before: i64) -> entity::overtime_request::Model {
        let own = entity::overtime_request::Own {
            planned_start: evening(date, 0),
            planned_end: evening(date, i64::from(minutes)),
            planned_minutes: minutes,
            reason: "work".into(),
            requested_at: evening(date, -300),
            decision: entity::overtime_request::Decision::Approved,
            decided_at: Some(evening(date, -before)),
            approver: Some("900".into()),
        };
        self.dated(posting, date, own)
    }

    pub fn hire_row(&self, posting: &posting::Model, date: NaiveDate, route: entity::hire::HireRoute) -> entity::hire::Model {
        let own = entity::hire::Own { fiscal_year: FiscalYear::of(date), route, exam: None, exam_year: None };
        self.dated(posting, date, own)
    }

    pub async fn on_time_day(&self, bureau_id: Option<BureauId>, date: &str) {
        let id = OnTimeDayId::new();
        let row = meta!(
            entity::on_time_day::Model {
                id: id,
                client: "test".into(),
                external_id: id.to_string(),
                bureau_id: bureau_id,
                date: day(date),
                kind: entity::on_time_day::OnTimeDayKind::AllMinistries,
            },
            self
        );
        self.put(vec![row]).await;
    }

    pub async fn holiday(&self, date: NaiveDate) {
        let id = HolidayId::new();
        let row = meta!(
            entity::holiday::Model { id: id, client: "test".into(), external_id: id.to_string(), date: date, name_ja: "祝日".into() },
            self
        );
        self.put(vec![row]).await;
    }

    pub async fn enqueue(&self, period: Option<YearMonth>) -> JobRunId {
        let tx = self.db.begin().await.unwrap();
        let key = Uuid::now_v7().to_string();
        let run = NewRun { period, ..NewRun::new(JobName::MonthlyIndicators, Trigger::Command, key, "test".into()) };
        let (run, _) = enqueue(&*tx, self.ledger.clock().now(), run).await.unwrap();
        tx.commit().await.unwrap();
        run.id
    }

    pub async fn enqueue_job(&self, job: JobName, dry_run: bool) -> JobRunId {
        let key = Uuid::now_v7().to_string();
        let run = NewRun { dry_run, ..NewRun::new(job, Trigger::Command, key, "test".into()) };
        self.ledger.enqueue(run).await.unwrap().0.id
    }

    /// Makes one attempt at a run of a job, and returns it as it stands then.
    pub async fn attempt(&self, job: JobName, dry_run: bool) -> job_run::Model {
        let id = self.enqueue_job(job, dry_run).await;
        Runner::new(self.ledger.clone()).run(id).await.unwrap()
    }

    /// Runs the job for a month, or for what is stale, and returns the finished run with its statistics.
    pub async fn run(&self, period: Option<&str>) -> (job_run::Model, crate::jobs::monthly_indicators::Statistics) {
        let id = self.enqueue(period.map(month)).await;
        let run = Runner::new(self.ledger.clone()).run(id).await.unwrap();
        assert_eq!(run.state, job_run::RunState::Succeeded, "{:?}", run.error);
        let statistics = serde_json::from_value(run.statistics.clone().unwrap()).unwrap();
        (run, statistics)
    }

    pub async fn rows(&self, sql: &str, values: Vec<Value>) -> Vec<QueryResult> {
        let reader = self.db.reader();
        reader.query_all_raw(Statement::from_sql_and_values(reader.get_database_backend(), sql, values)).await.unwrap()
    }

    pub async fn count(&self, sql: &str) -> i64 {
        self.rows(sql, vec![]).await[0].try_get_by_index(0).unwrap()
    }

    /// Value and persons of a cell; `key` is span, month, unit, sex, band and measure.
    pub async fn cell(&self, key: &str) -> Option<(i64, i64)> {
        let key: Vec<&str> = key.split_whitespace().collect();
        let sql = "SELECT c.value, c.persons FROM measure_cell c JOIN unit u ON u.id = c.unit_id
            WHERE c.span = $1 AND c.month = $2 AND u.code = $3 AND c.sex = $4 AND c.band = $5 AND c.measure = $6";
        let values = vec![key[0].into(), month(key[1]).into(), key[2].into(), key[3].into(), key[4].into(), key[5].into()];
        let rows = self.rows(sql, values).await;
        rows.first().map(|row| (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap()))
    }

    /// Numerator, denominator and their persons of the latest value; `key` is indicator, span, month, bureau, sex and band.
    pub async fn value(&self, key: &str) -> Option<(i64, i64, i64, i64)> {
        let key: Vec<&str> = key.split_whitespace().collect();
        let sql = "SELECT numerator, denominator, numerator_persons, denominator_persons FROM indicator_value
            WHERE indicator = $1 AND span = $2 AND month = $3 AND bureau = $4 AND sex = $5 AND band = $6 AND superseded_by IS NULL";
        let values = vec![key[0].into(), key[1].into(), month(key[2]).into(), key[3].into(), key[4].into(), key[5].into()];
        let rows = self.rows(sql, values).await;
        let number = |row: &QueryResult, index| row.try_get_by_index(index).unwrap();
        rows.first().map(|row| (number(row, 0), number(row, 1), number(row, 2), number(row, 3)))
    }
}

impl Drop for Office {
    /// PostgreSQL's databases lie on a server that is thrown away.
    fn drop(&mut self) {
        for file in
            self.url.strip_prefix("sqlite:").into_iter().flat_map(|file| ["", "-wal", "-shm", "-jobs"].map(|end| format!("{file}{end}")))
        {
            let _ = std::fs::remove_file(file);
        }
        let _ = self.ledger.settings().seal_key.parent().map(std::fs::remove_dir_all);
    }
}
