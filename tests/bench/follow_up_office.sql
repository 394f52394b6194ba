-- Fiscal year 2018 of `people` (psql -v people=300000), twelve person-months each, written straight into the table; 100 bureaus that appear
-- by name, women a quarter, five bands; overtime up to 60 hours, telework by every sixth, leave by all. Triggers are off, so that nothing
-- checks the keys of millions of rows one by one. And a plan with the figures that rest on them, with a cycle that is frozen. No real person.
CREATE FUNCTION pg_temp.key(kind integer, i bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
    $$ SELECT (lpad(to_hex(kind), 8, '0') || '-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid $$;
CREATE FUNCTION pg_temp.receipt() RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT pg_temp.key(1, 1) $$;
-- From 0 to 999, always the same for a number and a purpose.
CREATE FUNCTION pg_temp.even(i bigint, purpose bigint) RETURNS integer LANGUAGE sql IMMUTABLE AS
    $$ SELECT ((hashint8extended(i, purpose) & 1073741823) % 1000)::integer $$;

BEGIN;
SET LOCAL session_replication_role = replica;
SET LOCAL jit = off;

INSERT INTO receipt (id, writer, mutation, idempotency_key, body_hash, outcome, created_at)
VALUES (pg_temp.receipt(), 'office', 'shift', 'bench', '', '{}', '2019-04-01 00:00:00+00');

INSERT INTO bureau (id, code, code_folded, name_ja, name_en, valid_from, visibility, revision, receipt_id, created_at, updated_at)
SELECT pg_temp.key(2, i), 'B' || lpad(i::text, 3, '0'), 'b' || lpad(i::text, 3, '0'), '第' || i || '部局', 'Bureau ' || i, '2000-01-01', 'OPEN',
    1, pg_temp.receipt(), '2019-04-01 00:00:00+00', '2019-04-01 00:00:00+00'
FROM generate_series(0, 99) i;

INSERT INTO unit (id, code, code_folded, bureau_id, name_ja, name_en, valid_from, revision, receipt_id, created_at, updated_at)
SELECT pg_temp.key(3, i), 'U' || lpad(i::text, 4, '0'), 'u' || lpad(i::text, 4, '0'), pg_temp.key(2, i), '第' || i || '担当', 'Unit ' || i, '2000-01-01',
    1, pg_temp.receipt(), '2019-04-01 00:00:00+00', '2019-04-01 00:00:00+00'
FROM generate_series(0, 99) i;

INSERT INTO staff (id, staff_number, staff_number_folded, sex, employment, origin, hired_on, revision, receipt_id, created_at, updated_at)
SELECT pg_temp.key(4, i), 'N' || lpad(i::text, 6, '0'), 'n' || lpad(i::text, 6, '0'), CASE WHEN i % 4 = 0 THEN 'FEMALE' ELSE 'MALE' END, 'REGULAR', 'DIRECT', '2000-04-01',
    1, pg_temp.receipt(), '2019-04-01 00:00:00+00', '2019-04-01 00:00:00+00'
FROM generate_series(0, :people - 1) i;

INSERT INTO person_month (month, staff_id, bureau_id, unit_id, band, regime, sex, employment, days_in_post, in_census, subject_to_overtime,
    on_leave_all_month, worked_minutes, overtime_minutes, late_night_minutes, day_off_minutes, overtime_confirmed_minutes,
    presence_compared_minutes, presence_beyond_minutes, on_time_shifts, on_time_departures, exam_hires, mid_career_hires, staggered_shifts,
    telework_days, annual_leave_minutes, run_id)
SELECT month, pg_temp.key(4, i), pg_temp.key(2, place), pg_temp.key(3, place), band, NULL, CASE WHEN i % 4 = 0 THEN 'FEMALE' ELSE 'MALE' END,
    'REGULAR', 30, 1, CASE WHEN i % 20 = 0 THEN 0 ELSE 1 END, 0, 9000, minutes, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    CASE WHEN pg_temp.even(i, 4) < 200 THEN 10 ELSE 0 END, CASE WHEN pg_temp.even(i, 5) < 160 THEN 2 ELSE 0 END,
    CASE WHEN pg_temp.even(n, 6) < 300 THEN 465 ELSE 0 END, (SELECT id FROM job_run ORDER BY queued_at DESC LIMIT 1)
FROM (
    SELECT i, i % 100 AS place, m * 1000000::bigint + i AS n,
        to_char(date '2018-04-01' + m * interval '1 month', 'YYYYMM')::integer AS month,
        (pg_temp.even(m * 1000000::bigint + i, 7) * 36 / 10) AS minutes,
        CASE WHEN pg_temp.even(i, 8) < 200 THEN 'STAFF' WHEN pg_temp.even(i, 8) < 500 THEN 'CHIEF' WHEN pg_temp.even(i, 8) < 800 THEN 'ASSISTANT_DIRECTOR'
             WHEN pg_temp.even(i, 8) < 960 THEN 'DIRECTOR' ELSE 'DESIGNATED' END AS band
    FROM generate_series(0, 11) m, generate_series(0, :people - 1) i
) x;

INSERT INTO plan (id, code, name_ja, name_en, decided_on, valid_from, valid_to, settings, revision, sha256, loaded_at, loaded_by)
VALUES (pg_temp.key(5, 1), 'BENCH', '計画', 'Plan', '2015-01-30', '2015-02-01', '2021-04-01', '{
  "publisher": {"name": {"ja": "部局", "en": "Office"}, "contact": "office@example.go.jp", "licence": "CC-BY-4.0",
    "licence_title": {"ja": "CC BY 4.0", "en": "CC BY 4.0"}, "licence_url": "https://creativecommons.org/licenses/by/4.0/"},
  "threshold": 5, "groupLeast": 10000,
  "figures": [
    {"indicator": "MEAN_OVERTIME_HOURS", "date": {"kind": "FISCAL_YEAR", "offset": 0}, "tables": ["BUREAU_SEX", "SEX_BAND", "BUREAU_BAND"]},
    {"indicator": "SHARE_ABOVE_45H", "date": {"kind": "FISCAL_YEAR", "offset": 0}, "tables": ["BUREAU_SEX", "SEX_BAND"]},
    {"indicator": "TELEWORK_PERSONS", "date": {"kind": "FISCAL_YEAR", "offset": 0}, "tables": ["BUREAU_SEX", "SEX_BAND"]},
    {"indicator": "TELEWORK_DAYS_A_HEAD", "date": {"kind": "FISCAL_YEAR", "offset": 0}, "tables": ["BUREAU_SEX"]},
    {"indicator": "STAGGERED_SHARE", "date": {"kind": "FISCAL_YEAR", "offset": 0}, "tables": ["BUREAU_SEX"]}
  ]}', 1, '', '2019-04-01 00:00:00+00', 'bench');
INSERT INTO follow_up (id, plan_id, fiscal_year, stage, version, kind, due_on, opened_at, frozen_at, changed_at)
VALUES (pg_temp.key(6, 1), pg_temp.key(5, 1), 2018, 'FROZEN', '1.0.0', 'INITIAL', '2019-06-30', '2019-05-01 00:00:00+00', '2019-07-01 00:00:00+00', '2019-07-01 00:00:00+00');
COMMIT;

VACUUM ANALYZE;
