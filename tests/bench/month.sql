-- What a month of person_month costs at the least: one INSERT … SELECT with the joins of the job, by hand and for this month alone. It knows
-- that nobody changed posts in it and that all is known of everybody, writes a first time, and leaves out measures, indicators, digest and ledger.
INSERT INTO person_month_twin
SELECT 201804, p.staff_id, p.bureau_id, p.unit_id, p.band, r.regime, s.sex, p.employment, p.days, p.in_census, p.subject,
    COALESCE(w.worked, 0), COALESCE(w.overtime, 0), COALESCE(w.late_night, 0), COALESCE(w.day_off, 0), COALESCE(c.confirmed, 0),
    COALESCE(w.compared, 0), COALESCE(w.beyond, 0), COALESCE(w.on_time, 0), COALESCE(w.departures, 0),
    COALESCE(h.exam, 0), COALESCE(h.mid_career, 0), COALESCE(w.staggered, 0), COALESCE(t.days, 0), COALESCE(l.minutes, 0),
    (SELECT id FROM job_run WHERE job = 'MONTHLY_INDICATORS'), 0, p.standing,
    COALESCE(w.shifts, 0), 1, 1, 1, 1, 1
FROM (
    SELECT DISTINCT ON (p.staff_id) p.staff_id, p.bureau_id, p.unit_id, p.band, e.kind AS employment,
        CASE WHEN p.kind = 'PRIMARY' THEN 'MAIN' WHEN p.resident THEN 'CONCURRENT_RESIDENT' ELSE 'CONCURRENT_AWAY' END AS standing,
        LEAST(COALESCE(p.valid_to, '2018-05-01'), '2018-05-01') - GREATEST(p.valid_from, e.valid_from, date '2018-04-01') AS days,
        CASE WHEN COALESCE(p.valid_to, '2018-05-01') >= '2018-05-01' AND COALESCE(e.valid_to, '2018-05-01') >= '2018-05-01' THEN 1 ELSE 0 END
            AS in_census,
        CASE WHEN p.subject_to_overtime THEN 1 ELSE 0 END AS subject
    FROM posting p JOIN staff s ON s.id = p.staff_id JOIN employment e ON e.staff_id = p.staff_id AND e.void_reason IS NULL
        JOIN holding h ON h.posting_id = p.id AND h.valid_from < '2018-05-01' AND (h.valid_to IS NULL OR h.valid_to > '2018-04-01')
    WHERE p.void_reason IS NULL AND s.void_reason IS NULL AND p.valid_from < '2018-05-01' AND (p.valid_to IS NULL OR p.valid_to > '2018-04-01')
        AND e.valid_from < '2018-05-01' AND (e.valid_to IS NULL OR e.valid_to > '2018-04-01')
    ORDER BY p.staff_id, h.valid_from DESC, e.valid_from DESC
) p
JOIN staff s ON s.id = p.staff_id
LEFT JOIN work_regime r ON r.unit_id = p.unit_id AND r.void_reason IS NULL AND r.valid_from < '2018-05-01'
    AND (r.valid_to IS NULL OR r.valid_to >= '2018-05-01')
LEFT JOIN (
    SELECT s.staff_id, COUNT(*) AS shifts, SUM(s.worked_minutes) AS worked, SUM(s.overtime_minutes) AS overtime, SUM(s.late_night_minutes) AS late_night,
        SUM(s.day_off_minutes) AS day_off, COUNT(*) FILTER (WHERE s.pattern = 'STAGGERED') AS staggered,
        SUM(s.presence_overtime_minutes) FILTER (WHERE s.presence_start IS NOT NULL AND s.ordered_overtime_minutes IS NOT NULL) AS compared,
        SUM(s.presence_overtime_minutes - s.ordered_overtime_minutes)
            FILTER (WHERE s.presence_start IS NOT NULL AND s.presence_overtime_minutes > s.ordered_overtime_minutes) AS beyond,
        COUNT(*) FILTER (WHERE o.date IS NOT NULL AND s.day_kind = 'WORKDAY' AND s.presence_end IS NOT NULL AND s.scheduled_end IS NOT NULL
            AND (l.minutes IS NULL OR s.presence_end >= s.scheduled_end
                OR s.scheduled_end - s.presence_end > (l.minutes + 15) * INTERVAL '1 minute')) AS on_time,
        COUNT(*) FILTER (WHERE o.date IS NOT NULL AND s.day_kind = 'WORKDAY' AND s.presence_end <= s.scheduled_end + INTERVAL '15 minutes'
            AND (l.minutes IS NULL OR s.presence_end >= s.scheduled_end
                OR s.scheduled_end - s.presence_end > (l.minutes + 15) * INTERVAL '1 minute')) AS departures
    FROM shift s
    LEFT JOIN on_time_day o ON (o.bureau_id IS NULL OR o.bureau_id = s.bureau_id) AND o.date = s.date AND o.void_reason IS NULL
    LEFT JOIN (
        SELECT staff_id, date, SUM(minutes) AS minutes FROM leave_entry
        WHERE date >= '2018-04-01' AND date < '2018-05-01' AND void_reason IS NULL
        GROUP BY staff_id, date
    ) l ON l.staff_id = s.staff_id AND l.date = o.date
    WHERE s.date >= '2018-04-01' AND s.date < '2018-05-01' AND s.void_reason IS NULL
    GROUP BY s.staff_id
) w ON w.staff_id = p.staff_id
LEFT JOIN (
    SELECT s.staff_id, SUM(LEAST(s.overtime_minutes, q.planned)) AS confirmed
    FROM (
        SELECT staff_id, date, SUM(planned_minutes) AS planned FROM overtime_request
        WHERE date >= '2018-04-01' AND date < '2018-05-01' AND void_reason IS NULL AND decision = 'APPROVED' AND decided_at <= planned_start
        GROUP BY staff_id, date
    ) q
    JOIN shift s ON s.staff_id = q.staff_id AND s.date = q.date
    WHERE s.void_reason IS NULL
    GROUP BY s.staff_id
) c ON c.staff_id = p.staff_id
LEFT JOIN (
    SELECT staff_id, COUNT(*) FILTER (WHERE route = 'EXAM' AND exam <> 'EXPERIENCED') AS exam,
        COUNT(*) FILTER (WHERE route = 'MID_CAREER' OR exam = 'EXPERIENCED') AS mid_career
    FROM hire
    WHERE date >= '2018-04-01' AND date < '2018-05-01' AND void_reason IS NULL
    GROUP BY staff_id
) h ON h.staff_id = p.staff_id
LEFT JOIN (
    SELECT staff_id, COUNT(*) AS days FROM telework_day WHERE date >= '2018-04-01' AND date < '2018-05-01' AND void_reason IS NULL GROUP BY staff_id
) t ON t.staff_id = p.staff_id
LEFT JOIN (
    SELECT staff_id, SUM(minutes) AS minutes FROM leave_entry
    WHERE date >= '2018-04-01' AND date < '2018-05-01' AND void_reason IS NULL AND kind = 'ANNUAL'
    GROUP BY staff_id
) l ON l.staff_id = p.staff_id
