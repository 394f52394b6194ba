-- An office of 30,000 people and their April 2018, written past the API: 600,000 shifts, 60,000 telework days, 30,000 leave entries,
-- 40,000 overtime requests. Keys count up, as version 7 UUIDs do. No real person.
CREATE FUNCTION pg_temp.key(kind integer, i bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
    $$ SELECT (lpad(to_hex(kind), 8, '0') || '-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid $$;
CREATE FUNCTION pg_temp.receipt() RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT pg_temp.key(1, 1) $$;

BEGIN;
INSERT INTO receipt (id, writer, mutation, idempotency_key, body_hash, outcome, created_at)
VALUES (pg_temp.receipt(), 'office', 'shift', 'bench', '', '{}', '2018-05-01 00:00:00+00');

INSERT INTO bureau (id, code, code_folded, name_ja, name_en, valid_from, visibility, revision, receipt_id, created_at, updated_at)
SELECT pg_temp.key(2, i), 'B' || lpad(i::text, 2, '0'), 'b' || lpad(i::text, 2, '0'), '第' || i || '部局', 'Bureau ' || i, '2000-01-01', 'INTERNAL',
    1, pg_temp.receipt(), '2018-05-01 00:00:00+00', '2018-05-01 00:00:00+00'
FROM generate_series(0, 29) i;

INSERT INTO unit (id, code, code_folded, bureau_id, name_ja, name_en, valid_from, revision, receipt_id, created_at, updated_at)
SELECT pg_temp.key(3, i), 'U' || lpad(i::text, 3, '0'), 'u' || lpad(i::text, 3, '0'), pg_temp.key(2, i % 30), '第' || i || '担当', 'Unit ' || i, '2000-01-01',
    1, pg_temp.receipt(), '2018-05-01 00:00:00+00', '2018-05-01 00:00:00+00'
FROM generate_series(0, 599) i;

INSERT INTO staff (id, staff_number, staff_number_folded, sex, employment, origin, hired_on, revision, receipt_id, created_at, updated_at)
SELECT pg_temp.key(4, i), 'N' || lpad(i::text, 6, '0'), 'n' || lpad(i::text, 6, '0'), CASE WHEN i % 3 = 0 THEN 'FEMALE' ELSE 'MALE' END,
    CASE WHEN i % 20 = 19 THEN 'NON_REGULAR' ELSE 'REGULAR' END, 'DIRECT', '2000-04-01',
    1, pg_temp.receipt(), '2018-05-01 00:00:00+00', '2018-05-01 00:00:00+00'
FROM generate_series(0, 29999) i;

INSERT INTO posting (id, client, external_id, staff_id, bureau_id, unit_id, kind, resident, band, subject_to_overtime, valid_from,
    revision, receipt_id, created_at, updated_at)
SELECT pg_temp.key(5, i), 'OFFICE', 'p' || i, pg_temp.key(4, i), pg_temp.key(2, i % 600 % 30), pg_temp.key(3, i % 600), 'PRIMARY', true,
    CASE WHEN i % 100 = 0 THEN 'DESIGNATED' WHEN i % 20 = 0 THEN 'DIRECTOR' WHEN i % 5 = 0 THEN 'ASSISTANT_DIRECTOR'
        WHEN i % 2 = 0 THEN 'CHIEF' ELSE 'STAFF' END,
    i % 20 <> 0, '2016-04-01', 1, pg_temp.receipt(), '2018-05-01 00:00:00+00', '2018-05-01 00:00:00+00'
FROM generate_series(0, 29999) i;

INSERT INTO employment (id, client, external_id, staff_id, kind, origin, valid_from, revision, receipt_id, created_at, updated_at)
SELECT pg_temp.key(12, row_number() OVER (ORDER BY staff_number)), 'OFFICE', id::text, id, employment, origin, hired_on, 1, receipt_id,
    created_at, updated_at
FROM staff;

INSERT INTO holding (id, staff_id, valid_from, bureau_id, unit_id, posting_id)
SELECT pg_temp.key(13, row_number() OVER (ORDER BY external_id)), staff_id, valid_from, bureau_id, unit_id, id FROM posting;

INSERT INTO work_regime (id, client, external_id, unit_id, regime, valid_from, revision, receipt_id, created_at, updated_at)
SELECT pg_temp.key(6, i), 'OFFICE', 'w' || i, pg_temp.key(3, i), CASE WHEN i % 4 = 0 THEN 'EXTERNALLY_DRIVEN' ELSE 'SELF_PACED' END,
    '2016-04-01', 1, pg_temp.receipt(), '2018-05-01 00:00:00+00', '2018-05-01 00:00:00+00'
FROM generate_series(0, 599) i;

INSERT INTO on_time_day (id, client, external_id, date, kind, revision, receipt_id, created_at, updated_at)
SELECT pg_temp.key(7, i), 'OFFICE', 'o' || i, date '2018-04-04' + 7 * i, 'ALL_MINISTRIES',
    1, pg_temp.receipt(), '2018-05-01 00:00:00+00', '2018-05-01 00:00:00+00'
FROM generate_series(0, 3) i;

-- 20 days a person, in the order in which they happen: 08:30 to 17:15 JST with an hour's break, and 0 to 3 hours and a half beyond.
INSERT INTO shift (id, client, external_id, staff_id, posting_id, bureau_id, unit_id, date, day_kind, pattern, scheduled_start, scheduled_end,
    presence_start, presence_end, breaks, ordered, occupied_start, occupied_end, worked_minutes, ordinary_minutes, overtime_minutes, basis,
    presence_overtime_minutes, ordered_overtime_minutes, late_night_minutes, day_off_minutes, revision, receipt_id, created_at, updated_at)
SELECT pg_temp.key(8, n), 'OFFICE', 's' || n, pg_temp.key(4, i), pg_temp.key(5, i), pg_temp.key(2, i % 600 % 30), pg_temp.key(3, i % 600), day,
    'WORKDAY', CASE WHEN i % 7 = 0 THEN 'STAGGERED' ELSE 'STANDARD' END, start, start + interval '525 minutes',
    start, start + interval '525 minutes' + over * interval '1 minute',
    format('[{"start":"%sT03:00:00Z","end":"%sT04:00:00Z"}]', day, day)::json,
    CASE WHEN over = 0 THEN '[]' ELSE format('[{"start":"%sT08:15:00Z","end":"%s"}]', day,
        to_char((start + interval '525 minutes' + over * interval '1 minute') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) END::json,
    start, start + interval '525 minutes' + over * interval '1 minute', 465 + over, 465, over, 'ORDERED', over, over, 0, 0,
    1, pg_temp.receipt(), '2018-05-01 00:00:00+00', '2018-05-01 00:00:00+00'
FROM (
    SELECT d * 30000::bigint + i AS n, i, date '2018-04-02' + d + d / 5 * 2 AS day, (i * 7 + d * 13) % 8 * 30 AS over,
        (date '2018-04-02' + d + d / 5 * 2)::timestamp AT TIME ZONE 'UTC' - interval '30 minutes' AS start
    FROM generate_series(0, 19) d, generate_series(0, 29999) i
) x;

INSERT INTO overtime_request (id, client, external_id, staff_id, posting_id, bureau_id, unit_id, date, planned_start, planned_end,
    planned_minutes, reason, requested_at, decision, decided_at, approver, revision, receipt_id, created_at, updated_at)
SELECT pg_temp.key(9, d * 30000::bigint + i), 'OFFICE', 'r' || d || '-' || i, pg_temp.key(4, i), pg_temp.key(5, i),
    pg_temp.key(2, i % 600 % 30), pg_temp.key(3, i % 600), date '2018-04-02' + d, at, at + interval '90 minutes', 90, '国会対応',
    at - interval '3 hours', 'APPROVED', at - interval '1 hour', 'N000000', 1, pg_temp.receipt(), '2018-05-01 00:00:00+00', '2018-05-01 00:00:00+00'
FROM generate_series(0, 3) d, generate_series(0, 29999, 3) i,
    LATERAL (SELECT (date '2018-04-02' + d)::timestamp AT TIME ZONE 'UTC' + interval '495 minutes' AS at) t;

INSERT INTO telework_day (id, client, external_id, staff_id, posting_id, bureau_id, unit_id, date, place, minutes,
    revision, receipt_id, created_at, updated_at)
SELECT pg_temp.key(10, d * 30000::bigint + i), 'OFFICE', 't' || d || '-' || i, pg_temp.key(4, i), pg_temp.key(5, i),
    pg_temp.key(2, i % 600 % 30), pg_temp.key(3, i % 600), date '2018-04-09' + d, 'HOME', 465,
    1, pg_temp.receipt(), '2018-05-01 00:00:00+00', '2018-05-01 00:00:00+00'
FROM generate_series(0, 1) d, generate_series(0, 29999) i;

INSERT INTO leave_entry (id, client, external_id, staff_id, posting_id, bureau_id, unit_id, date, kind, minutes,
    revision, receipt_id, created_at, updated_at)
SELECT pg_temp.key(11, i), 'OFFICE', 'l' || i, pg_temp.key(4, i), pg_temp.key(5, i), pg_temp.key(2, i % 600 % 30), pg_temp.key(3, i % 600),
    '2018-04-16', 'ANNUAL', 120, 1, pg_temp.receipt(), '2018-05-01 00:00:00+00', '2018-05-01 00:00:00+00'
FROM generate_series(0, 29999) i;
COMMIT;

VACUUM ANALYZE;
