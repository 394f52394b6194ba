-- What the figures of a follow-up cost at the least, by hand: each person of the fiscal year once, in the place of the last month, then the
-- tables with their totals. It freezes nothing, protects nothing, and writes no release. The settings are those of a job's session.
SET work_mem = '64MB';
SET jit = off;
DROP TABLE IF EXISTS follow_up_twin;
CREATE UNLOGGED TABLE follow_up_twin AS
WITH person AS (
    SELECT t.*, l.bureau_id, l.sex, l.band, CASE WHEN l.month = 201903 THEN l.in_census ELSE 0 END AS census
    FROM (
        SELECT staff_id, MAX(month) AS last_month, MAX(subject_to_overtime) AS subject,
            SUM(subject_to_overtime * overtime_minutes) AS minutes,
            MAX(CASE WHEN subject_to_overtime = 1 AND overtime_minutes > 2700 THEN 1 ELSE 0 END) AS above,
            SUM(telework_days) AS telework, SUM(annual_leave_minutes) AS leave, SUM(staggered_shifts) AS staggered
        FROM person_month WHERE month BETWEEN 201804 AND 201903 GROUP BY staff_id
    ) t
    JOIN person_month l ON l.staff_id = t.staff_id AND l.month = t.last_month
    WHERE l.employment = 'REGULAR'
), cell AS (
    SELECT COALESCE(b.code, 'TOTAL') AS bureau, COALESCE(p.sex, 'TOTAL') AS sex, COALESCE(p.band, 'TOTAL') AS band,
        SUM(subject) AS subject, SUM(minutes) AS minutes, SUM(above) AS above, SUM(census) AS census,
        SUM(CASE WHEN telework > 0 THEN census ELSE 0 END) AS teleworkers, SUM(census * telework) AS telework,
        SUM(CASE WHEN staggered > 0 THEN census ELSE 0 END) AS staggered, SUM(census * leave) AS leave
    FROM person p JOIN bureau b ON b.id = p.bureau_id
    GROUP BY GROUPING SETS ((), (b.code), (p.sex), (p.band), (b.code, p.sex), (p.sex, p.band), (b.code, p.band))
)
SELECT indicator, bureau, sex, band, numerator::bigint, denominator::bigint
FROM cell CROSS JOIN LATERAL (VALUES
    ('MEAN_OVERTIME_HOURS', minutes, subject * 60), ('SHARE_ABOVE_45H', above, subject), ('TELEWORK_PERSONS', teleworkers, census),
    ('TELEWORK_DAYS_A_HEAD', telework, census), ('STAGGERED_SHARE', staggered, census), ('ANNUAL_LEAVE_DAYS', leave, census * 465)
) v (indicator, numerator, denominator);
