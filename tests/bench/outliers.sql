-- What medians and deviations of the rows that `overtime-outliers` reads cost at the least, by hand and for this month alone: each person's
-- peers by bureau and regime, the office, and the person's own twelve months before, with the server's ordered-set aggregates. It knows no
-- rules and no sums of the year, and leaves out judgement, flags, events, digest and ledger. The settings are those of a job's session.
SET work_mem = '64MB';
SET jit = off;
DROP TABLE IF EXISTS outlier_twin;
CREATE UNLOGGED TABLE outlier_twin AS
WITH peer AS (
    SELECT staff_id, bureau_id, COALESCE(regime, 'SELF_PACED') AS regime, overtime_minutes AS minutes
    FROM person_month WHERE month = 202001 AND subject_to_overtime = 1 AND on_leave_all_month = 0
), middle AS (
    SELECT bureau_id, regime, COUNT(*) AS n, percentile_cont(0.5) WITHIN GROUP (ORDER BY minutes) AS median FROM peer GROUP BY bureau_id, regime
), bureau AS (
    SELECT bureau_id, regime, n, median, percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(minutes - median)) AS mad,
        SUM(abs(minutes - median)) AS deviations
    FROM peer JOIN middle USING (bureau_id, regime) GROUP BY bureau_id, regime, n, median
), office AS (
    SELECT COUNT(*) AS n, median, percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(minutes - median)) AS mad, SUM(abs(minutes - median)) AS deviations
    FROM peer, (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY minutes) AS median FROM peer) m GROUP BY median
), before AS (
    SELECT staff_id, overtime_minutes AS minutes
    FROM person_month WHERE month BETWEEN 201901 AND 201912 AND subject_to_overtime = 1 AND on_leave_all_month = 0
), own_middle AS (
    SELECT staff_id, COUNT(*) AS n, percentile_cont(0.5) WITHIN GROUP (ORDER BY minutes) AS median FROM before GROUP BY staff_id
), own AS (
    SELECT staff_id, n, median, percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(minutes - median)) AS mad, SUM(abs(minutes - median)) AS deviations
    FROM before JOIN own_middle USING (staff_id) GROUP BY staff_id, n, median
)
SELECT p.staff_id, p.minutes, b.n, b.median, b.mad, b.deviations, f.n AS office_n, f.median AS office_median, f.mad AS office_mad,
    f.deviations AS office_deviations, o.n AS own_n, o.median AS own_median, o.mad AS own_mad, o.deviations AS own_deviations
FROM peer p
JOIN bureau b USING (bureau_id, regime)
CROSS JOIN office f
LEFT JOIN own o USING (staff_id)
WHERE p.minutes > 0;
