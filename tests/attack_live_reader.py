"""Reads what a caller is shown of live figures over HTTP, for attack.py: values page by page, their series, counts of outliers; and files of it.

A row is [indicator, span, from, month, bureau, sex, band, status, value, numerator, denominator, people, covered, expected, told, id, held]; `told`
names what a withheld row tells all the same, and `held` is when a value was computed that is shown in place of a later one.
"""

import csv
import gzip
import json
import time
import urllib.error
import urllib.request
from pathlib import Path

FIELDS = (
    "id code span from month bureau sex band status value numerator denominator people attained gapInPeople notReported isHeldBack computedAt "
    "coverage { people of band }"
)
VALUES = f"""query($filter: IndicatorValueFilter!, $after: String) {{ indicatorValues(first: 500, after: $after, filter: $filter) {{
    pageInfo {{ hasNextPage endCursor }} nodes {{ {FIELDS} }} }} }}"""
SERIES = f"""query($codes: [IndicatorCode!]!, $by: [Dimension!]!, $from: YearMonth!, $to: YearMonth!, $span: Span!) {{
    indicatorSeries(codes: $codes, by: $by, from: $from, to: $to, span: $span) {{ values {{ {FIELDS} }} }} }}"""
OUTLIERS = "query($month: YearMonth!) { overtimeOutlierCounts(month: $month) { bureau category kind people withheld } }"
BUREAUS = """query($after: String) { bureaus(first: 500, after: $after) { pageInfo { hasNextPage endCursor } nodes { code visibility } } }"""
CATALOGUE = "{ indicators { code standings dimensions spans unit } }"
SPANS = ("MONTH", "FISCAL_YEAR_TO_DATE", "CALENDAR_YEAR_TO_DATE")
# Codes in one request for series, which takes 5,000 values at most.
CODES_AT_ONCE = 4


class Caller:
    """Somebody with a token, who waits when the minute's budget is spent."""

    def __init__(self, url, token):
        self.url = url.rstrip("/") + ("" if url.rstrip("/").endswith("/graphql") else "/graphql")
        self.token = token

    def ask(self, query, **variables):
        body = json.dumps({"query": query, "variables": variables}).encode()
        headers = {"authorization": f"Bearer {self.token}", "content-type": "application/json"}
        for _ in range(10):
            try:
                with urllib.request.urlopen(urllib.request.Request(self.url, body, headers), timeout=60) as answer:
                    told = json.load(answer)
                break
            except urllib.error.HTTPError as error:
                if error.code not in (429, 503):
                    raise ValueError(f"{error.code}: {error.read().decode()[:500]}") from error
                time.sleep(min(60.0, float(error.headers.get("retry-after") or 5)))
        else:
            raise ValueError("the budget is spent")
        if told.get("errors"):
            raise ValueError(f"refused: {told['errors'][0]}")
        return told["data"]


def months_between(first, last):
    year, month = (int(part) for part in first.split("-"))
    months = []
    while f"{year:04}-{month:02}" <= last:
        months.append(f"{year:04}-{month:02}")
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return months


def row_of(node):
    coverage = node["coverage"] or {}
    told = []
    if node["status"] == "WITHHELD":
        told = [name for name in ("value", "numerator", "denominator", "people", "attained", "gapInPeople") if node[name] is not None]
        told += ["coverage"] if coverage else []
        told += ["notReported"] if node["notReported"] else []
    sides = [node["value"], node["numerator"], node["denominator"], node["people"], coverage.get("people"), coverage.get("of")]
    place = [node[name] for name in ("code", "span", "from", "month", "bureau", "sex", "band", "status")]
    return [*place, *sides, " ".join(told), node["id"], node["computedAt"] if node["isHeldBack"] else None]


def key_of(row):
    """Span and months, bureau, sex and band of an indicator."""
    return (row[0], row[1], row[3], row[4], row[5], row[6])


def pages(caller, query, name, **variables):
    """The nodes of all pages of a list."""
    after = None
    while True:
        page = caller.ask(query, after=after, **variables)[name]
        yield from page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]


def visibilities(caller):
    return {bureau["code"]: bureau["visibility"] for bureau in pages(caller, BUREAUS, "bureaus")}


def vintage(caller, months, at):
    """All that was known at an instant, by place."""
    wanted = {"from": months[0], "to": months[-1], "vintage": at}
    return {key_of(row): row for row in map(row_of, pages(caller, VALUES, "indicatorValues", filter=wanted))}


def read(caller, months, series):
    """All that a caller is shown of the months."""
    rows = [row_of(node) for node in pages(caller, VALUES, "indicatorValues", filter={"from": months[0], "to": months[-1]})]
    outliers = []
    for month in months:
        for count in caller.ask(OUTLIERS, month=month)["overtimeOutlierCounts"]:
            outliers.append([month, count["bureau"], count["category"], count["kind"], count["people"]])
    answer = {"rows": rows, "outliers": outliers}
    if series:
        answer["series"] = read_series(caller, months, rows)
    return answer


def read_series(caller, months, rows):
    """What series show otherwise than the list of values does."""
    listed = {key_of(row): row[7:15] for row in rows}
    other = []
    catalogue = caller.ask(CATALOGUE)["indicators"]
    for span in SPANS:
        of_span = [one for one in catalogue if span in one["spans"]]
        for by in ("SEX", "BAND"):
            codes = [one["code"] for one in of_span if by in one["dimensions"] or by == "SEX"]
            for start in range(0, len(codes), CODES_AT_ONCE):
                some = {"codes": codes[start : start + CODES_AT_ONCE], "by": ["BUREAU", by], "from": months[0], "to": months[-1]}
                for one in caller.ask(SERIES, span=span, **some)["indicatorSeries"]:
                    shown = [row_of(node) for node in one["values"]]
                    other += [row for row in shown if listed.get(key_of(row)) != row[7:15]]
    return other


def read_release(directory):
    """Rows of a release, as those of live figures."""
    rows = []
    with open(Path(directory) / "observations.csv", encoding="utf-8-sig", newline="") as file:
        for line in csv.DictReader(file):
            first, last = line["date_from"][:7], line["date_to"][:7]
            if line["date_from"] == line["date_to"] or first == last:
                span = "MONTH"
            else:
                span = "CALENDAR_YEAR_TO_DATE" if first.endswith("-01") else "FISCAL_YEAR_TO_DATE"
            sides = [int(line[side]) if line[side] else None for side in ("numerator", "denominator")]
            place = [line["indicator"], span, first, last, line["bureau"], line["sex"], line["band"], line["status"]]
            rows.append([*place, line["value"] or None, *sides, None, None, None, "", f"release {directory}", None])
    return rows


def read_groups(directory):
    """The bureaus of each group that a release names."""
    with open(Path(directory) / "observations.json", encoding="utf-8") as file:
        return {line["code"]: line["members"] for line in json.load(file)["bureaus"] if line.get("members")}


def save(path, document):
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    with gzip.open(path, "wt", encoding="utf-8") if str(path).endswith(".gz") else open(path, "w", encoding="utf-8") as file:
        file.write(text)


def load(path):
    with gzip.open(path, "rt", encoding="utf-8") if str(path).endswith(".gz") else open(path, encoding="utf-8") as file:
        return json.load(file)
