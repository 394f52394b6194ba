//! What is over of each noun, and how it goes: one rule each, in the order in which they are applied.
//!
//! `r` is the row, `$1` the cut where it is looked for; `t_over` holds the keys that were found. Where a chunk is erased, `$1` and `$2`
//! bound the keys' numbers and `$3` is the cut, for a row may have changed since it was found; `$4` is the receipt of the disposal, by which
//! readers who keep a copy are told, and `$5` its instant.

use entity::retention::RetentionNoun;

/// What a statement's count tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// The noun's rows.
    Rows,
    /// Their former versions.
    Revisions,
    /// What belongs to them.
    Beside,
    /// What readers who keep a copy are told.
    Told,
}

/// The cut as the noun's column holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// A day.
    Day,
    /// A month.
    Month,
    /// An instant.
    Instant,
}

/// How one noun goes.
pub(super) struct Rule {
    pub noun: RetentionNoun,
    pub table: &'static str,
    /// The row's key, as `id` and `month`.
    pub key: &'static str,
    /// What `$1` and `$3` are.
    pub cut: Cut,
    /// Whether the row is over.
    pub over: &'static str,
    /// What a dry run counts as rows.
    pub rows: &'static str,
    /// What a dry run counts as their former versions.
    pub versions: Option<&'static str>,
    /// An index's order.
    pub order: &'static str,
    /// The statements of one chunk.
    pub erase: &'static [(What, &'static str)],
}

/// Keys of the chunk.
macro_rules! chunk {
    () => {
        "(SELECT id FROM t_over WHERE seq > $1 AND seq <= $2)"
    };
}

/// A record about a person on a date: nobody refers to it, so it goes, and its former versions with it.
macro_rules! dated {
    ($noun:ident, $table:ident) => {
        Rule {
            noun: RetentionNoun::$noun,
            table: stringify!($table),
            key: "r.id AS id, 0 AS month",
            cut: Cut::Day,
            over: "r.date < $1",
            rows: concat!(stringify!($table), " r"),
            versions: Some(concat!(stringify!($table), " r JOIN record_revision v ON v.record_id = r.id")),
            order: "r.date, r.id",
            erase: &[
                (
                    What::Told,
                    concat!(
                        "INSERT INTO change (id, receipt_id, noun, record_id, disposed, held, from_bureau_id, from_unit_id, from_staff_id)
                        SELECT {uuid_any}, $4, '",
                        stringify!($table),
                        "', id, TRUE, FALSE, bureau_id, unit_id, staff_id FROM ",
                        stringify!($table),
                        " WHERE id IN ",
                        chunk!(),
                        " AND date < $3"
                    ),
                ),
                (What::Rows, concat!("DELETE FROM ", stringify!($table), " WHERE id IN ", chunk!(), " AND date < $3")),
                (
                    What::Revisions,
                    concat!(
                        "DELETE FROM record_revision WHERE record_id IN ",
                        chunk!(),
                        " AND NOT EXISTS (SELECT 1 FROM ",
                        stringify!($table),
                        " r WHERE r.id = record_revision.record_id)"
                    ),
                ),
            ],
        }
    };
}

/// People of the chunk who were emptied.
const ERASED_STAFF: &str = "DELETE FROM record_revision WHERE record_id IN (
    SELECT s.id FROM t_over t JOIN staff s ON s.id = t.id WHERE t.seq > $1 AND t.seq <= $2 AND s.void_reason = 'RETENTION'
    UNION ALL
    SELECT p.id FROM t_over t JOIN staff s ON s.id = t.id JOIN posting p ON p.staff_id = s.id
    WHERE t.seq > $1 AND t.seq <= $2 AND s.void_reason = 'RETENTION'
    UNION ALL
    SELECT e.id FROM t_over t JOIN staff s ON s.id = t.id JOIN employment e ON e.staff_id = s.id
    WHERE t.seq > $1 AND t.seq <= $2 AND s.void_reason = 'RETENTION')";
const ERASED_EMPLOYMENTS: &str = "UPDATE employment SET external_id = 'erased-' || {hex_id}, origin = 'DIRECT', seconded_from = NULL,
    separation_reason = CASE WHEN valid_to IS NULL THEN NULL ELSE 'OTHER' END,
    revision = revision + 1, receipt_id = $4, updated_at = $5 WHERE staff_id IN (
    SELECT s.id FROM t_over t JOIN staff s ON s.id = t.id
    WHERE t.seq > $1 AND t.seq <= $2 AND s.void_reason = 'RETENTION' AND s.separated_on < $3)";
const ERASED_NAMINGS: &str = "UPDATE named_holder SET reason = '', named_by = '' WHERE staff_id IN (
    SELECT s.id FROM t_over t JOIN staff s ON s.id = t.id WHERE t.seq > $1 AND t.seq <= $2 AND s.void_reason = 'RETENTION')";
const ERASED_POSTINGS: &str = "UPDATE posting SET external_id = 'erased-' || {hex_id}, job_area = NULL,
    revision = revision + 1, receipt_id = $4, updated_at = $5 WHERE staff_id IN (
    SELECT s.id FROM t_over t JOIN staff s ON s.id = t.id
    WHERE t.seq > $1 AND t.seq <= $2 AND s.void_reason = 'RETENTION' AND s.separated_on < $3)";

/// The dated nouns of the register.
macro_rules! of_register {
    ($(#[$doc:meta] $name:ident $(($id:ident))? = $table:ident: $shape:ident $(($minutes:ident))? { $($facts:tt)* })+) => {
        const DATED: &[Rule] = &[$($(of_register!(@ $name $table $minutes),)?)+];
    };
    (@ $name:ident $table:ident $minutes:ident) => { dated!($name, $table) };
}
entity::each_noun!(of_register);

/// Every rule.
pub(super) fn rules() -> impl Iterator<Item = &'static Rule> {
    DATED.iter().chain(OTHERS)
}

// Whatever has a period has a rule, or nothing of it would ever go.
const _: () = assert!(DATED.len() + OTHERS.len() == RetentionNoun::ALL.len(), "a noun that is kept for a time has a rule");

const OTHERS: &[Rule] = &[
    Rule {
        noun: RetentionNoun::PersonMonth,
        table: "person_month",
        key: "r.staff_id AS id, r.month AS month",
        cut: Cut::Month,
        over: "r.month < $1",
        rows: "person_month r",
        versions: None,
        order: "r.month, r.staff_id",
        erase: &[
            (
                What::Beside,
                "DELETE FROM changed_person WHERE (month, staff_id) IN (SELECT month, id FROM t_over WHERE seq > $1 AND seq <= $2)",
            ),
            (
                What::Rows,
                "DELETE FROM person_month
                 WHERE (month, staff_id) IN (SELECT month, id FROM t_over WHERE seq > $1 AND seq <= $2) AND month < $3",
            ),
        ],
    },
    // A flag and the one that it returned from are of one month, and may lie in two chunks.
    Rule {
        noun: RetentionNoun::OvertimeOutlier,
        table: "overtime_outlier",
        key: "r.id AS id, 0 AS month",
        cut: Cut::Month,
        over: "r.month < $1",
        rows: "overtime_outlier r",
        versions: None,
        order: "r.month, r.id",
        erase: &[
            (What::Beside, concat!("DELETE FROM outlier_event WHERE flag_id IN ", chunk!())),
            (What::Beside, concat!("UPDATE overtime_outlier SET returned_from = NULL WHERE returned_from IN ", chunk!())),
            (What::Rows, concat!("DELETE FROM overtime_outlier WHERE id IN ", chunk!(), " AND month < $3")),
        ],
    },
    // Postings, and through them records that are kept longer, refer to the person: the row stays, and is about nobody. A person is over by the
    // last end: `separated_on` is that of the latest period of employment.
    Rule {
        noun: RetentionNoun::Staff,
        table: "staff",
        key: "r.id AS id, 0 AS month",
        cut: Cut::Day,
        over: "r.separated_on < $1 AND (r.void_reason IS NULL OR r.void_reason <> 'RETENTION')",
        rows: "staff r",
        versions: Some(
            "staff r JOIN (SELECT id AS staff_id, id AS record_id FROM staff UNION ALL SELECT staff_id, id FROM posting
                UNION ALL SELECT staff_id, id FROM employment) k
             ON k.staff_id = r.id JOIN record_revision v ON v.record_id = k.record_id",
        ),
        order: "r.separated_on, r.id",
        erase: &[
            (
                What::Rows,
                concat!(
                    "UPDATE staff SET staff_number = 'erased-' || {hex_id}, staff_number_folded = 'erased-' || {hex_id},
                    sex = 'NOT_RECORDED', origin = 'DIRECT', seconded_from = NULL, separation_reason = 'OTHER', void_reason = 'RETENTION',
                    revision = revision + 1, receipt_id = $4, updated_at = $5 WHERE id IN ",
                    chunk!(),
                    " AND separated_on < $3 AND (void_reason IS NULL OR void_reason <> 'RETENTION')"
                ),
            ),
            (What::Revisions, ERASED_STAFF),
            (What::Told, ERASED_POSTINGS),
            (What::Told, ERASED_EMPLOYMENTS),
            (What::Beside, ERASED_NAMINGS),
        ],
    },
    Rule {
        noun: RetentionNoun::RecordRevision,
        table: "record_revision",
        key: "r.id AS id, 0 AS month",
        cut: Cut::Instant,
        over: "r.replaced_at < $1",
        rows: "record_revision r",
        versions: None,
        order: "r.replaced_at, r.id",
        erase: &[(What::Rows, concat!("DELETE FROM record_revision WHERE id IN ", chunk!(), " AND replaced_at < $3"))],
    },
    // Records and the audit trail refer to the call: the row stays, and its key may be used anew.
    Rule {
        noun: RetentionNoun::Receipt,
        table: "receipt",
        key: "r.id AS id, 0 AS month",
        cut: Cut::Instant,
        over: "r.created_at < $1 AND r.body_hash <> ''",
        rows: "receipt r",
        versions: None,
        order: "r.created_at, r.id",
        erase: &[
            (
                What::Rows,
                concat!(
                    "UPDATE receipt SET idempotency_key = 'erased-' || {hex_id}, body_hash = '', outcome = CAST('{}' AS {json}) WHERE id IN ",
                    chunk!(),
                    " AND created_at < $3 AND body_hash <> ''"
                ),
            ),
            (What::Beside, concat!("DELETE FROM receipt_warning WHERE receipt_id IN ", chunk!())),
            (What::Beside, concat!("DELETE FROM change WHERE receipt_id IN ", chunk!())),
        ],
    },
    // Figures and the audit trail refer to the run, and its slot must never become another one: the row stays.
    Rule {
        noun: RetentionNoun::JobRun,
        table: "job_run",
        key: "r.id AS id, 0 AS month",
        cut: Cut::Instant,
        over:
            "r.finished_at < $1 AND (r.statistics IS NOT NULL OR r.checkpoint IS NOT NULL OR r.progress IS NOT NULL OR r.reason IS NOT NULL
            OR r.warnings IS NOT NULL)",
        rows: "job_run r",
        versions: None,
        order: "r.finished_at, r.id",
        erase: &[(
            What::Rows,
            concat!(
                "UPDATE job_run SET statistics = NULL, checkpoint = NULL, progress = NULL, reason = NULL, warnings = NULL WHERE id IN ",
                chunk!(),
                " AND finished_at < $3"
            ),
        )],
    },
    Rule {
        noun: RetentionNoun::JobRunEvent,
        table: "job_run",
        key: "r.id AS id, 0 AS month",
        cut: Cut::Instant,
        over: "r.finished_at < $1 AND EXISTS (SELECT 1 FROM job_run_event e WHERE e.run_id = r.id)",
        rows: "job_run r JOIN job_run_event e ON e.run_id = r.id",
        versions: None,
        order: "r.finished_at, r.id",
        erase: &[(
            What::Rows,
            "DELETE FROM job_run_event WHERE run_id IN (
             SELECT r.id FROM t_over t JOIN job_run r ON r.id = t.id WHERE t.seq > $1 AND t.seq <= $2 AND r.finished_at < $3)",
        )],
    },
    Rule {
        noun: RetentionNoun::Mail,
        table: "mail",
        key: "r.id AS id, 0 AS month",
        cut: Cut::Instant,
        over: "r.created_at < $1",
        rows: "mail r",
        versions: None,
        order: "r.created_at, r.id",
        erase: &[(What::Rows, concat!("DELETE FROM mail WHERE id IN ", chunk!(), " AND created_at < $3"))],
    },
];
