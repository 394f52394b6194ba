#!/usr/bin/env python3
"""Recomputes medians, deviations and flags of overtime from person-months, and compares them with the flags that the platform stored.

    recompute_outliers.py PERSON_MONTHS FLAGS

PERSON_MONTHS holds month, person, bureau, standing, regime, subject, away, minutes and confirmed; FLAGS holds month, person, kind, category, total,
months, limit_minutes, limit_months, projected, median, scale_numerator, scale_denominator, peers, level and method, empty where there is
none. Only the definitions are shared with the platform, no code: medians and deviations are numpy's, caps are counted person by person.

Who is in a concurrent post alone and does not work here is nobody's peer and has none; caps and own months are everybody's.

The rules are those of the Cabinet Secretariat, taken as if they had been in force since 2018-01. Nobody has an opening balance or does
exceptional work.

Prints how many person-months, comparisons and flags were looked at, the share of person-months with a statistical flag, and the number
of differences; the exit code is 1 where there are differences.
"""

import collections
import csv
import fractions
import sys

import numpy

SINCE = (2018, 1)
FIRST_MONTH_OF_YEAR = 4
SELF_PACED = {"month": 45 * 60, "year": 360 * 60}
DRIVEN = {"month": 100 * 60, "year": 720 * 60, "mean": 80 * 60, "long": 6}
LONG_MONTH = 45 * 60
INTERVIEW_MONTH, INTERVIEW_MEAN = 100 * 60, 80 * 60
SCORE, LEAST_PEERS, LEAST_OWN, FLOOR, ABOVE_MEDIAN = 3.5, 10, 6, 30 * 60, 10 * 60
UNCONFIRMED, PACE_MONTHS = 30 * 60, 3
STATISTICAL = {"ABOVE_PEERS", "ABOVE_OWN_MONTHS"}

Row = collections.namedtuple("Row", "month person bureau standing regime subject away minutes confirmed")
Flag = collections.namedtuple("Flag", "category total months limit_minutes limit_months projected median scale peers level method")
EMPTY = Flag("", None, None, None, None, None, None, None, None, None, None)


def number_of(month):
    """Months since January of year 0."""
    year, month = month if isinstance(month, tuple) else map(int, month.split("-"))
    return year * 12 + month - 1


def name_of(number):
    return f"{number // 12:04}-{number % 12 + 1:02}"


def read_person_months(path):
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield Row(
                number_of(row["month"]), row["person"], row["bureau"], row["standing"], row["regime"] or "SELF_PACED", row["subject"] == "1",
                row["away"] == "1", int(row["minutes"]), int(row["confirmed"]),
            )


def read_flags(path):
    def whole(text):
        return int(text) if text else None

    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            scale = None
            if row["scale_denominator"]:
                scale = fractions.Fraction(int(row["scale_numerator"]), int(row["scale_denominator"]))
            flag = Flag(
                row["category"], whole(row["total"]), whole(row["months"]), whole(row["limit_minutes"]), whole(row["limit_months"]),
                row["projected"] or None, fractions.Fraction(int(row["median"]), 2) if row["median"] else None, scale,
                whole(row["peers"]), row["level"] or None, row["method"] or None,
            )
            yield (number_of(row["month"]), row["person"], row["kind"]), flag


def spread(values):
    """Median, median absolute deviation and mean absolute deviation, exactly."""
    values = numpy.array(values, dtype=numpy.int64)
    median = fractions.Fraction(float(numpy.median(values)))
    deviations = numpy.abs(values * 2 - int(median * 2))
    middle = fractions.Fraction(float(numpy.median(deviations))) / 2
    return median, middle, fractions.Fraction(int(deviations.sum()), 2 * len(values)), len(values)


def statistical(minutes, lies, level):
    median, middle, mean, count = lies
    if minutes < FLOOR or minutes - median < ABOVE_MEDIAN:
        return None
    if middle > 0:
        score, scale, method = fractions.Fraction(6745, 10000) * (minutes - median) / middle, middle, "MEDIAN_DEVIATION"
    elif mean > 0:
        score, scale, method = (minutes - median) / (fractions.Fraction(1253314, 1000000) * mean), mean, "MEAN_DEVIATION"
    else:
        return None
    if score <= fractions.Fraction(SCORE):
        return None
    return EMPTY._replace(category="STATISTICAL", median=median, scale=scale, peers=count, level=level, method=method)


def year_start(month):
    start = month - (month % 12 - (FIRST_MONTH_OF_YEAR - 1)) % 12
    return max(start, number_of(SINCE)), month - (month - start) + 11


def worst_window(hours, month, limit):
    longest = min(6, month - number_of(SINCE) + 1)
    best = None
    for length in range(2, longest + 1):
        total = sum(hours.get(month - back, 0) for back in range(length))
        mean = fractions.Fraction(total, length)
        if mean > limit and (best is None or mean > best[0]):
            best = (mean, length, total)
    return best


def caps(row, rows):
    """The flags of one person's month that rest on caps; `rows` are the person's by month."""
    hours = {month: other.minutes for month, other in rows.items()}
    start, _ = year_start(row.month)
    true_start = row.month - (row.month % 12 - (FIRST_MONTH_OF_YEAR - 1)) % 12
    year = [rows[month] for month in range(start, row.month + 1) if month in rows]
    total = sum(other.minutes for other in year)
    driven = row.regime == "EXTERNALLY_DRIVEN"
    was_driven = any(other.regime == "EXTERNALLY_DRIVEN" for other in year[:-1])
    found = {}
    limit = DRIVEN["month"] if driven else SELF_PACED["month"]
    if (row.minutes >= limit) if driven else (row.minutes > limit):
        found["MONTH_CAP"] = EMPTY._replace(category="BREACH", limit_minutes=limit)
    limit = DRIVEN["year"] if driven or was_driven else SELF_PACED["year"]
    if total > limit:
        found["YEAR_CAP"] = EMPTY._replace(category="BREACH", total=total, months=len(year), limit_minutes=limit)
    elif len(year) >= PACE_MONTHS and total > 0:
        until = limit * len(year) // total - len(year) + 1
        if until <= true_start + 11 - row.month:
            found["PACE"] = EMPTY._replace(
                category="WARNING", total=total, months=until, limit_minutes=limit, projected=name_of(row.month + until)
            )
    window = worst_window(hours, row.month, DRIVEN["mean"])
    if driven and window:
        found["MEAN_CAP"] = EMPTY._replace(category="BREACH", total=window[2], months=window[1], limit_minutes=DRIVEN["mean"])
    long_months = sum(other.minutes > LONG_MONTH for other in year)
    if driven and row.minutes > LONG_MONTH and long_months > DRIVEN["long"]:
        found["LONG_MONTHS"] = EMPTY._replace(
            category="BREACH", months=long_months, limit_months=DRIVEN["long"], limit_minutes=LONG_MONTH
        )
    if row.minutes >= INTERVIEW_MONTH:
        found["INTERVIEW"] = EMPTY._replace(category="DUTY", limit_minutes=INTERVIEW_MONTH)
    elif window:
        found["INTERVIEW"] = EMPTY._replace(category="DUTY", total=window[2], months=window[1], limit_minutes=INTERVIEW_MEAN)
    return found


def is_compared(row):
    return not row.away and row.standing != "CONCURRENT_AWAY"


def main(person_months, flags):
    rows = list(read_person_months(person_months))
    people, groups, offices, confirms = collections.defaultdict(dict), collections.defaultdict(list), collections.defaultdict(list), set()
    for row in rows:
        people[row.person][row.month] = row
        if row.subject and is_compared(row):
            groups[row.month, row.bureau, row.regime].append(row.minutes)
            offices[row.month].append(row.minutes)
        if row.confirmed > 0:
            confirms.add((row.month, row.bureau))
    lies = {key: spread(values) for key, values in groups.items() if len(values) >= LEAST_PEERS}
    office_lies = {month: spread(values) for month, values in offices.items()}
    expected, compared = {}, 0
    for row in rows:
        if not row.subject or row.minutes == 0:
            continue
        found = caps(row, people[row.person])
        if is_compared(row):
            level, peers = "BUREAU", lies.get((row.month, row.bureau, row.regime))
            if peers is None:
                level, peers = "OFFICE", office_lies[row.month]
            compared += 1
            found["ABOVE_PEERS"] = statistical(row.minutes, peers, level)
        own = [people[row.person].get(month) for month in range(row.month - 12, row.month)]
        own = [other.minutes for other in own if other and other.subject and not other.away]
        if len(own) >= LEAST_OWN:
            compared += 1
            found["ABOVE_OWN_MONTHS"] = statistical(row.minutes, spread(own), "OWN")
        if row.minutes >= UNCONFIRMED and row.confirmed == 0 and (row.month, row.bureau) in confirms:
            found["UNCONFIRMED"] = EMPTY._replace(category="WARNING", limit_minutes=UNCONFIRMED)
        expected.update({(row.month, row.person, kind): flag for kind, flag in found.items() if flag})
    stored = dict(read_flags(flags))
    differences = [key for key in expected.keys() | stored.keys() if expected.get(key) != stored.get(key)]
    for key in sorted(differences)[:20]:
        print(f"{name_of(key[0])} {key[1]} {key[2]}: expected {expected.get(key)}, stored {stored.get(key)}")
    flagged = {key[:2] for key in expected if key[2] in STATISTICAL}
    share = 100 * len(flagged) / max(1, sum(row.subject for row in rows))
    above = sum(row.minutes > LONG_MONTH for row in rows)
    hundred = sum(row.minutes >= DRIVEN["month"] for row in rows)
    print(f"{len(rows)} person-months, {above} above 45 h, {hundred} at 100 h or more; {compared} comparisons, {len(expected)} flags")
    print(f"statistical flags on {len(flagged)} person-months, {share:.2f} %; {len(differences)} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
