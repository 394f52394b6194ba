-- Values of :bureaus bureaus for the twelve months from April 2018, as a former version computed them, without decisions: each indicator that the
-- office has, by bureau, by sex and by band, for the month and its fiscal year to date. Bureaus have 3 to 200 people; nobody is behind them.
CREATE FUNCTION pg_temp.key(kind integer, i bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
    $$ SELECT (lpad(to_hex(kind), 8, '0') || '-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid $$;

BEGIN;
INSERT INTO receipt (id, writer, mutation, idempotency_key, body_hash, outcome, created_at)
VALUES (pg_temp.key(1, 1), 'office', 'bureau', 'bench', '', '{}', '2018-05-01 00:00:00+00');

INSERT INTO bureau (id, code, code_folded, name_ja, name_en, valid_from, visibility, revision, receipt_id, created_at, updated_at)
SELECT pg_temp.key(2, i), 'B' || lpad(i::text, 4, '0'), 'b' || lpad(i::text, 4, '0'), '第' || i || '部局', 'Bureau ' || i, '2000-01-01',
    CASE WHEN i % 50 = 0 THEN 'OFFICE_TOTAL_ONLY' ELSE 'INTERNAL' END, 1, pg_temp.key(1, 1), '2018-05-01 00:00:00+00', '2018-05-01 00:00:00+00'
FROM generate_series(0, :bureaus - 1) i;

CREATE TEMP TABLE figure AS SELECT DISTINCT indicator, version, span FROM indicator_value WHERE span <> 'CALENDAR_YEAR_TO_DATE';
CREATE TEMP TABLE run AS SELECT run_id FROM indicator_value LIMIT 1;
TRUNCATE indicator_value, protection, protected_month, changed_person, measure_cell, person_month;

CREATE TEMP TABLE value AS
SELECT f.indicator, f.version, f.span, m.month, 'B' || lpad(b::text, 4, '0') AS bureau, p.sex, p.band,
    n.people * (abs(hashtext(f.indicator || p.sex || p.band || b || m.month)) % 60) / 100 AS numerator, n.people
FROM figure f
CROSS JOIN (VALUES (201804), (201805), (201806), (201807), (201808), (201809), (201810), (201811), (201812), (201901), (201902), (201903)) m (month)
CROSS JOIN generate_series(0, :bureaus - 1) b
CROSS JOIN (VALUES ('TOTAL', 'TOTAL', 100), ('FEMALE', 'TOTAL', 35), ('MALE', 'TOTAL', 65), ('TOTAL', 'STAFF', 40), ('TOTAL', 'CHIEF', 25),
    ('TOTAL', 'ASSISTANT_DIRECTOR', 20), ('TOTAL', 'DIRECTOR', 10), ('TOTAL', 'DESIGNATED', 5)) p (sex, band, share)
CROSS JOIN LATERAL (SELECT (3 + b * 37 % 198) * p.share / 100 AS people) n;

INSERT INTO indicator_value (id, indicator, version, span, month, bureau, sex, band, numerator, denominator, numerator_persons, denominator_persons,
    as_of, computed_at, run_id, is_public)
SELECT gen_random_uuid(), indicator, version, span, month, bureau, sex, band, numerator, people, numerator, people, '2019-03-31',
    '2019-04-10 00:00:00+00', run_id, TRUE
FROM (
    SELECT * FROM value
    UNION ALL
    SELECT indicator, version, span, month, 'TOTAL', sex, band, sum(numerator), sum(people) FROM value GROUP BY indicator, version, span, month, sex, band
) v CROSS JOIN run;
COMMIT;
ANALYZE indicator_value;
