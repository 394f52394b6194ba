#!/usr/bin/env python3
"""Recomputes measure cells and indicator values of a year of overtime entries, and compares them with what the platform stored.

    recompute.py OVERTIME FLAGS CELLS VALUES SILENCE

OVERTIME is the source: person, rank, charged_desc (the unit), date, starttime and endtime. FLAGS holds month and person of each overtime flag
that stands (recompute_outliers.py finds them again; nobody has reviewed one). CELLS and VALUES are what the platform stored.
SILENCE says what it means that somebody has no entry in a month: ZERO, that they did none, or UNKNOWN.
Only the definitions are shared with the platform, no code: everything is counted person by person, in memory, from the source alone.

As tests/e2e/real_input.rs records it: one bureau OFFICE; each person has one post for each run of equal units in their entries by date, from
the run's first date to the next run's, the last one open, in the rank band of the run's first entry. Of ten posts, by the last digit of the
person's number and the post's place among theirs, one is concurrent of somebody who works here, two are concurrent of somebody who does not,
and the others are main posts. A month stands as the post at its end. Sex is not recorded; a shift has presence alone, so that all of it is
overtime. Nobody teleworks, takes leave, is hired, or has a schedule or an order.

An indicator that is not listed here has to rest on nothing of all this: each of its values is 0 over 0.

Prints the number of cells and values compared and of differences; the exit code is 1 where there are differences.
"""

import calendar
import collections
import csv
import datetime
import sys

BUREAU, SEX, TOTAL = "OFFICE", "NOT_RECORDED", "TOTAL"
YEAR = 2018
MONTHS = [f"{YEAR}-{month:02}" for month in range(1, 13)]
BANDS = {"Sergt": "CHIEF", "SgtDet": "CHIEF", "Lieut": "ASSISTANT_DIRECTOR", "LtDet": "ASSISTANT_DIRECTOR", "Capt": "DIRECTOR"}
SPANS = ["MONTH", "FISCAL_YEAR_TO_DATE", "CALENDAR_YEAR_TO_DATE"]

MAIN, RESIDENT, AWAY = "MAIN", "CONCURRENT_RESIDENT", "CONCURRENT_AWAY"
# Of whom a numerator and a denominator are made. No figure of careers counts anybody here, whose sex is not recorded.
WORK = ({MAIN, RESIDENT}, {MAIN, RESIDENT})
COUNTED = {
    "LEFT_OUT_OF_CAREERS": ({RESIDENT, AWAY}, {MAIN, RESIDENT, AWAY}),
    "LEFT_OUT_OF_WORK": ({AWAY}, {MAIN, RESIDENT, AWAY}),
}

Entry = collections.namedtuple("Entry", "date number person unit band minutes")


def minutes_of(clock):
    return int(clock[:2]) * 60 + int(clock[2:])


def read_entries(path):
    with open(path, encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=1):
            worked = minutes_of(row["endtime"]) - minutes_of(row["starttime"])
            assert worked > 0, f"row {number} ends before it starts"
            yield Entry(row["date"], number, row["person"], row["charged_desc"], BANDS.get(row["rank"], "STAFF"), worked)


def posts_of(entries):
    """The posts of one person as (first date, unit, band, standing), in order of time."""
    posts = []
    for entry in entries:
        if not posts or posts[-1][1] != entry.unit:
            standing = {7: RESIDENT, 8: AWAY, 9: AWAY}.get((int(entry.person[-1]) + len(posts)) % 10, MAIN)
            posts.append((entry.date, entry.unit, entry.band, standing))
    return posts


def post_on(posts, date):
    """The post held on a date, or on the last day of a month where the date is one such as 2018-02-31; None before the first."""
    held = [post for post in posts if post[0] <= date]
    return held[-1][1:] if held else None


class Person:
    def __init__(self, entries):
        self.posts = posts_of(entries)
        self.minutes = collections.Counter()
        self.flags = collections.Counter()
        self.placed = collections.Counter()
        for entry in entries:
            month = entry.date[:7]
            self.minutes[month] += entry.minutes
            # The place is that of the date, the standing that of the month.
            *place, _ = post_on(self.posts, entry.date)
            self.placed[month, (*place, self.place_at_end_of(month)[-1])] += entry.minutes

    def place_at_end_of(self, month):
        return post_on(self.posts, f"{month}-31")

    def days_in(self, month):
        """Days of the month on which the person is in post: from the first post on, to the end."""
        year, number = map(int, month.split("-"))
        length = calendar.monthrange(year, number)[1]
        first = datetime.date.fromisoformat(self.posts[0][0])
        gone = (first - datetime.date(year, number, 1)).days
        return max(0, length - max(0, gone))


def person_days(month):
    return calendar.monthrange(*map(int, month.split("-")))[1]


def known_in(person, month, silence):
    """Whether it is known what the person did: an entry says so, or that there is none."""
    return silence == "ZERO" or month in person.minutes


def months_of(span, month):
    year, number = month.split("-")
    if span == "MONTH":
        first = month
    elif span == "CALENDAR_YEAR_TO_DATE":
        first = f"{year}-01"
    else:
        first = f"{year}-04" if number >= "04" else f"{int(year) - 1}-04"
    return [known for known in MONTHS if first <= known <= month]


def cells_of(people, span, month, silence):
    """{(unit, band, standing, measure): (value, persons)} of one span, without zeros."""
    months = months_of(span, month)
    cells = collections.defaultdict(lambda: [0, 0])

    def add(place, measure, value):
        if value:
            cell = cells[(*place, measure)]
            cell[0] += value
            cell[1] += 1

    for person in people:
        place = person.place_at_end_of(month)
        if place:
            # Subject to overtime is who is in post.
            known = [each for each in months if person.place_at_end_of(each) and known_in(person, each, silence)]
            add(place, "OVERTIME_PERSONS", int(bool(known)))
            add(place, "CENSUS_PERSONS", 1)
            add(place, "PRESENCE_KNOWN_PERSONS", int(known_in(person, month, silence)))
            # Of telework and leave nobody has said that silence is not nothing.
            add(place, "TELEWORK_KNOWN_PERSONS", 1)
            add(place, "IN_POST_PERSONS", 1)
            throughout = all(person.days_in(each) == person_days(each) for each in months)
            add(place, "IN_POST_THROUGHOUT_PERSONS", int(throughout))
            add(place, "LEAVE_KNOWN_THROUGHOUT_PERSONS", int(throughout))
            subject = len(known) == len(months)
            add(place, "OVERTIME_WHOLE_YEAR_PERSONS", int(subject))
            add(place, "OVERTIME_WHOLE_YEAR_MINUTES", int(subject) * sum(person.minutes[each] for each in months))
            add(place, "OUTLIER_FLAGS", sum(person.flags[each] for each in months))
            add(place, "PERSONS_ABOVE_45H", int(any(person.minutes[each] > 45 * 60 for each in months)))
        # Measures of person-months: each month in its own place, and each person once in each place.
        held = collections.defaultdict(lambda: [0, 0, 0])
        for each in months:
            own = person.place_at_end_of(each)
            if own:
                held[own][0] += 1
                held[own][1] += person.minutes[each]
                held[own][2] += known_in(person, each, silence)
        for own, (number, minutes, known) in held.items():
            add(own, "OVERTIME_PERSON_MONTHS", known)
            add(own, "OVERTIME_POPULATION_MINUTES", minutes)
            for measure in "OVERTIME_COVERED", "PRESENCE_COVERED":
                add(own, measure, known)
            for measure in (
                "OVERTIME_EXPECTED", "PRESENCE_EXPECTED", "CENSUS_EXPECTED", "TELEWORK_COVERED", "LEAVE_COVERED", "HIRES_COVERED",
                "TELEWORK_KNOWN_PERSON_MONTHS",
            ):
                add(own, measure, number)
    # Event measures: the place of each record's date. Over several months the persons are the largest number of one of them.
    for each in months:
        monthly = collections.defaultdict(lambda: [0, 0])
        for person in people:
            for (placed_in, place), value in person.placed.items():
                if placed_in == each:
                    monthly[place][0] += value
                    monthly[place][1] += 1
        for place, (value, persons) in monthly.items():
            cell = cells[(*place, "OVERTIME_MINUTES")]
            cell[0] += value
            cell[1] = max(cell[1], persons)
    return {key: tuple(cell) for key, cell in cells.items()}


# Indicator: (numerator, denominator, factor of the denominator, kind of year, split by sex and band)
INDICATORS = {
    "MEAN_OVERTIME_HOURS": ("OVERTIME_POPULATION_MINUTES", "OVERTIME_PERSON_MONTHS", 60, "FISCAL", True),
    "ANNUAL_OVERTIME_HOURS": ("OVERTIME_WHOLE_YEAR_MINUTES", "OVERTIME_WHOLE_YEAR_PERSONS", 60, "CALENDAR", True),
    "SUBJECT_THROUGHOUT": ("OVERTIME_WHOLE_YEAR_PERSONS", "OVERTIME_PERSONS", 1, "CALENDAR", True),
    "SHARE_ABOVE_45H": ("PERSONS_ABOVE_45H", "OVERTIME_PERSONS", 1, "FISCAL", True),
    "OVERTIME_CONFIRMED_BEFOREHAND": (None, "OVERTIME_MINUTES", 1, "FISCAL", False),
    "PRESENCE_BEYOND_ORDERED": (None, None, 1, "FISCAL", False),
    # In 2018 no cap is in force.
    "ABOVE_SELF_PACED_MONTH_CAP": (None, None, 1, "FISCAL", True),
    "ABOVE_SELF_PACED_YEAR_CAP": (None, None, 1, "FISCAL", True),
    "ABOVE_DRIVEN_MONTH_CAP": (None, None, 1, "FISCAL", True),
    "ABOVE_DRIVEN_YEAR_CAP": (None, None, 1, "FISCAL", True),
    "ABOVE_DRIVEN_MEAN_CAP": (None, None, 1, "FISCAL", True),
    "ABOVE_DRIVEN_LONG_MONTHS": (None, None, 1, "FISCAL", True),
    "ABOVE_ANY_DRIVEN_CAP": (None, None, 1, "FISCAL", True),
    "ABOVE_ANY_SELF_PACED_CAP": (None, None, 1, "FISCAL", True),
    "ABOVE_CAP_EXCEPTIONAL": (None, None, 1, "FISCAL", False),
    "ABOVE_CAP_FOR_DISASTER": (None, None, 1, "FISCAL", False),
    "ABOVE_CAP_FOR_LEGISLATION": (None, None, 1, "FISCAL", False),
    "ABOVE_CAP_FOR_NEGOTIATION": (None, None, 1, "FISCAL", False),
    "ABOVE_CAP_FOR_OTHER_WORK": (None, None, 1, "FISCAL", False),
    "OUTLIERS_REVIEWED_IN_TIME": (None, "OUTLIER_FLAGS", 1, "FISCAL", False),
    "TELEWORK_PERSONS": (None, "TELEWORK_KNOWN_PERSONS", 1, "FISCAL", True),
    "TELEWORK_DAYS_A_HEAD": (None, "TELEWORK_KNOWN_PERSON_MONTHS", 1, "FISCAL", True),
    "ANNUAL_LEAVE_DAYS": (None, "LEAVE_KNOWN_THROUGHOUT_PERSONS", 465, "CALENDAR", True),
    "IN_POST_THROUGHOUT": ("IN_POST_THROUGHOUT_PERSONS", "IN_POST_PERSONS", 1, "CALENDAR", True),
    "ON_TIME_DEPARTURE": (None, None, 1, "FISCAL", False),
    "STAGGERED_SHARE": (None, "PRESENCE_KNOWN_PERSONS", 1, "FISCAL", True),
    "LEFT_OUT_OF_CAREERS": ("CENSUS_PERSONS", "CENSUS_PERSONS", 1, "FISCAL", False),
    "LEFT_OUT_OF_WORK": ("CENSUS_PERSONS", "CENSUS_PERSONS", 1, "FISCAL", False),
    # Nobody's sex is recorded, so nobody belongs to a share of women.
    "WOMEN_STAFF": (None, None, 1, "FISCAL", False),
    "WOMEN_DIRECTOR_AND_ABOVE": (None, None, 1, "FISCAL", False),
    "WOMEN_ASSISTANT_DIRECTOR_AND_ABOVE": (None, None, 1, "FISCAL", False),
    "WOMEN_CHIEF": (None, None, 1, "FISCAL", False),
    "WOMEN_ASSISTANT_DIRECTOR": (None, None, 1, "FISCAL", False),
    "WOMEN_DIRECTOR": (None, None, 1, "FISCAL", False),
    "WOMEN_DESIGNATED": (None, None, 1, "FISCAL", False),
    "WOMEN_HIRES_EXAM": (None, None, 1, "FISCAL", False),
    "WOMEN_HIRES_MID_CAREER": (None, None, 1, "FISCAL", False),
}


# Of which records an indicator's coverage is; the others rest on who is in post.
SOURCES = {
    **dict.fromkeys([code for code in INDICATORS if code.startswith("ABOVE_")], "OVERTIME"),
    **dict.fromkeys(["MEAN_OVERTIME_HOURS", "ANNUAL_OVERTIME_HOURS", "SUBJECT_THROUGHOUT", "SHARE_ABOVE_45H"], "OVERTIME"),
    **dict.fromkeys(["OVERTIME_CONFIRMED_BEFOREHAND"], "OVERTIME"),
    **dict.fromkeys(["PRESENCE_BEYOND_ORDERED", "ON_TIME_DEPARTURE", "STAGGERED_SHARE"], "PRESENCE"),
    **dict.fromkeys(["TELEWORK_PERSONS", "TELEWORK_DAYS_A_HEAD"], "TELEWORK"),
    "ANNUAL_LEAVE_DAYS": "LEAVE",
    **dict.fromkeys(["WOMEN_HIRES_EXAM", "WOMEN_HIRES_MID_CAREER"], "HIRES"),
}
# Of these nobody is counted, whose sex is not recorded: nobody is covered, and nobody expected. And whom figures of careers count is known.
NOBODY = {"WOMEN_HIRES_EXAM", "WOMEN_HIRES_MID_CAREER"}

# Split by band, and not by sex.
BY_BAND = {"ON_TIME_DEPARTURE"}

# Of whole years alone: none but December has a value. The fiscal year 2018 is not whole in the source.
OF_WHOLE_YEARS = {"ANNUAL_OVERTIME_HOURS", "SUBJECT_THROUGHOUT"}


def coverage_of(sums, code, band, standings):
    """Of whom the records are known, and whom the value is about; None where it rests on none."""
    if code not in SOURCES:
        return None, None
    if code in NOBODY:
        return 0, 0
    source = SOURCES[code]
    all_of = source if source in ("OVERTIME", "PRESENCE") else "CENSUS"
    measures = f"{source}_COVERED", f"{all_of}_EXPECTED"
    return tuple(sum(sums[measure, band, standing] for standing in standings) for measure in measures)


def is_stored(value):
    """Whether somebody counts, or is there and nobody has reported of them."""
    numerator, denominator, covered, expected = value
    return numerator or denominator or (expected and not covered)


def values_of(cells, span, month):
    """{(indicator, bureau, sex, band): (numerator, denominator, covered, expected)}; the office's total is there even where it is 0 over 0."""
    sums = collections.Counter()
    for (_, band, standing, measure), (value, _) in cells.items():
        sums[measure, TOTAL, standing] += value
        sums[measure, band, standing] += value
    bands = sorted({band for (_, band, _, _) in cells})
    values = {}
    for code, (numerator, denominator, factor, year, is_split) in INDICATORS.items():
        if span not in ("MONTH", f"{year}_YEAR_TO_DATE"):
            continue
        if code in OF_WHOLE_YEARS and (span == "MONTH" or not month.endswith("-12")):
            continue
        above, below = COUNTED.get(code, WORK)
        for band in [TOTAL, *bands] if is_split or code in BY_BAND else [TOTAL]:
            pair = (
                sum(sums[numerator, band, standing] for standing in above),
                sum(sums[denominator, band, standing] for standing in below) * factor,
                *coverage_of(sums, code, band, below),
            )
            for bureau in (TOTAL, BUREAU):
                for sex in (TOTAL, SEX) if is_split else (TOTAL,):
                    if is_stored(pair) or (bureau, sex, band) == (TOTAL, TOTAL, TOTAL):
                        values[code, bureau, sex, band] = pair
    return values


def expected(entries, flags, silence):
    by_person = collections.defaultdict(list)
    for entry in sorted(entries):
        by_person[entry.person].append(entry)
    people = [Person(own) for own in by_person.values()]
    of_number = dict(zip(by_person, people))
    for month, number in flags:
        of_number[number].flags[month] += 1
    cells, values = {}, {}
    for month in MONTHS:
        for span in SPANS:
            of_span = cells_of(people, span, month, silence)
            for (unit, band, standing, measure), cell in of_span.items():
                cells[span, month, BUREAU, unit, SEX, band, standing, measure] = cell
            for (code, *place), pair in values_of(of_span, span, month).items():
                values[code, span, month, *place] = pair
    return cells, values


def read_stored(path, keys):
    """{key: (numbers)} of a file whose columns are the key's and then the numbers, None for what is empty."""
    stored = {}
    with open(path, encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for row in rows:
            key = tuple(row[:keys])
            assert key not in stored, f"{key} is there twice"
            stored[key] = tuple(int(number) if number else None for number in row[keys:])
    return stored


def differences(kind, ours, theirs):
    found = [key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key)]
    for key in sorted(found)[:20]:
        print(f"{kind} {key}: recomputed {ours.get(key)}, stored {theirs.get(key)}", file=sys.stderr)
    return len(found)


def without_unlisted(values):
    """The values but those of indicators that are not listed here and count nothing, as what they rest on is not in the source; and but those
    that only say that there was one before."""
    own = {key: pair for key, pair in values.items() if key[0] in INDICATORS or is_stored(pair)}
    return {key: pair for key, pair in own.items() if is_stored(pair) or key[3:] == (TOTAL, TOTAL, TOTAL)}


def read_flags(path):
    with open(path, encoding="utf-8", newline="") as file:
        return [(row["month"], row["person"]) for row in csv.DictReader(file)]


def main(overtime, flags_file, cells_file, values_file, silence):
    cells, values = expected(list(read_entries(overtime)), read_flags(flags_file), silence)
    stored_values = without_unlisted(read_stored(values_file, 6))
    found = differences("cell", cells, read_stored(cells_file, 8)) + differences("value", values, stored_values)
    print(f"{len(cells)} cells, {len(values)} values compared, {found} differences")
    return 1 if found else 0


if __name__ == "__main__":
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
