-- 50 people with their bureau and their month's figures: what `reads` asks of the API, of the bare endpoint and, by pgbench, of the server.
SELECT s.staff_number, b.code, b.name_ja, m.worked_minutes, m.overtime_minutes, m.late_night_minutes, m.telework_days, m.annual_leave_minutes
FROM person_month m
JOIN staff s ON s.id = m.staff_id
JOIN bureau b ON b.id = m.bureau_id
WHERE m.month = 201804 AND m.employment = 'REGULAR' AND m.subject_to_overtime = 1
ORDER BY m.staff_id
LIMIT 50
