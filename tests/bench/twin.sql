-- A twin of person_month with its indexes and checks, for month.sql.
DROP TABLE IF EXISTS person_month_twin;
CREATE TABLE person_month_twin (LIKE person_month INCLUDING ALL);
