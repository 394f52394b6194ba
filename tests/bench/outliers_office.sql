-- Thirteen months of person-months up to 2020-01, written straight into the table: `people` of them (psql -v people=300000), a bureau for
-- each thousand and ten units to a bureau, a quarter of them externally driven. Overtime is log-normal: a median of 12 hours, 24 in
-- externally driven work, people differ by 0.6 and their months by 0.35 of a logarithm; 15 % of the months have none. That comes to
-- some 180 hours a year. One in 20 is not subject to overtime, one in 50 on leave for a month. Triggers are off, so that nothing checks
-- the keys of four million rows one by one. No real person.
CREATE FUNCTION pg_temp.key(kind integer, i bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
    $$ SELECT (lpad(to_hex(kind), 8, '0') || '-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid $$;
CREATE FUNCTION pg_temp.receipt() RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT pg_temp.key(1, 1) $$;
-- Above 0 and up to 1, always the same for a number and a purpose.
CREATE FUNCTION pg_temp.even(i bigint, purpose bigint) RETURNS double precision LANGUAGE sql IMMUTABLE AS
    $$ SELECT ((hashint8extended(i, purpose) & 1073741823) + 1) / 1073741824.0::double precision $$;
CREATE FUNCTION pg_temp.normal(i bigint, purpose bigint) RETURNS double precision LANGUAGE sql IMMUTABLE AS
    $$ SELECT sqrt(-2 * ln(pg_temp.even(i, purpose))) * cos(2 * pi() * pg_temp.even(i, purpose + 1)) $$;

BEGIN;
SET LOCAL session_replication_role = replica;
SET LOCAL jit = off;

INSERT INTO receipt (id, writer, mutation, idempotency_key, body_hash, outcome, created_at)
VALUES (pg_temp.receipt(), 'office', 'shift', 'bench', '', '{}', '2020-02-01 00:00:00+00');

INSERT INTO bureau (id, code, code_folded, name_ja, name_en, valid_from, visibility, revision, receipt_id, created_at, updated_at)
SELECT pg_temp.key(2, i), 'B' || lpad(i::text, 3, '0'), 'b' || lpad(i::text, 3, '0'), '第' || i || '部局', 'Bureau ' || i, '2000-01-01', 'INTERNAL',
    1, pg_temp.receipt(), '2020-02-01 00:00:00+00', '2020-02-01 00:00:00+00'
FROM generate_series(0, :people / 1000 - 1) i;

INSERT INTO unit (id, code, code_folded, bureau_id, name_ja, name_en, valid_from, revision, receipt_id, created_at, updated_at)
SELECT pg_temp.key(3, i), 'U' || lpad(i::text, 4, '0'), 'u' || lpad(i::text, 4, '0'), pg_temp.key(2, i / 10), '第' || i || '担当', 'Unit ' || i, '2000-01-01',
    1, pg_temp.receipt(), '2020-02-01 00:00:00+00', '2020-02-01 00:00:00+00'
FROM generate_series(0, :people / 100 - 1) i;

INSERT INTO staff (id, staff_number, staff_number_folded, sex, employment, origin, hired_on, revision, receipt_id, created_at, updated_at)
SELECT pg_temp.key(4, i), 'N' || lpad(i::text, 6, '0'), 'n' || lpad(i::text, 6, '0'), CASE WHEN i % 3 = 0 THEN 'FEMALE' ELSE 'MALE' END, 'REGULAR', 'DIRECT', '2000-04-01',
    1, pg_temp.receipt(), '2020-02-01 00:00:00+00', '2020-02-01 00:00:00+00'
FROM generate_series(0, :people - 1) i;

INSERT INTO person_month (month, staff_id, bureau_id, unit_id, band, regime, sex, employment, days_in_post, in_census, subject_to_overtime,
    on_leave_all_month, worked_minutes, overtime_minutes, late_night_minutes, day_off_minutes, overtime_confirmed_minutes,
    presence_compared_minutes, presence_beyond_minutes, on_time_shifts, on_time_departures, exam_hires, mid_career_hires, staggered_shifts,
    telework_days, annual_leave_minutes, run_id)
SELECT month, pg_temp.key(4, i), pg_temp.key(2, unit / 10), pg_temp.key(3, unit), 'CHIEF', regime, CASE WHEN i % 3 = 0 THEN 'FEMALE' ELSE 'MALE' END,
    'REGULAR', 30, 1, subject, away, 9000 + minutes, minutes, 0, 0, CASE WHEN pg_temp.even(n, 5) < 0.1 THEN 0 ELSE minutes * 7 / 10 END,
    0, 0, 0, 0, 0, 0, 0, 0, 0, (SELECT id FROM job_run ORDER BY queued_at DESC LIMIT 1)
FROM (
    SELECT *, CASE WHEN subject * (1 - away) = 0 OR pg_temp.even(n, 6) < 0.15 THEN 0 ELSE least(12000, floor(exp(0.6 * pg_temp.normal(i, 1)
        + 0.35 * pg_temp.normal(n, 3)) * CASE regime WHEN 'EXTERNALLY_DRIVEN' THEN 1440 ELSE 720 END))::integer END AS minutes
    FROM (
        SELECT i, i / 100 AS unit, m * 1000000::bigint + i AS n, to_char(date '2019-01-01' + m * interval '1 month', 'YYYYMM')::integer AS month,
            CASE i / 100 % 4 WHEN 0 THEN 'EXTERNALLY_DRIVEN' WHEN 1 THEN NULL ELSE 'SELF_PACED' END AS regime,
            CASE WHEN i % 20 = 0 THEN 0 ELSE 1 END AS subject, CASE WHEN i % 50 = m THEN 1 ELSE 0 END AS away
        FROM generate_series(0, 12) m, generate_series(0, :people - 1) i
    ) x
) y;
COMMIT;

VACUUM ANALYZE;
