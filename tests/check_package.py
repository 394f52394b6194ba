"""Checks a data package as its readers would, with none of our code: tests/check_package.py DIRECTORY

The frictionless validator reads the descriptor and every table against its schema; DuckDB reads the Parquet file and the CSV and compares
them; values are computed anew from numerator and denominator; the workbook is looked into for formulas and merged cells. It prints what
is wrong, and ends with 1 where something is.
"""

import csv
import hashlib
import json
import pathlib
import re
import sys
import zipfile

import duckdb
import frictionless

TYPES = {
    "fiscal_year": "INTEGER", "definition_version": "INTEGER", "date_from": "DATE", "date_to": "DATE", "numerator": "BIGINT",
    "denominator": "BIGINT", "value": "DECIMAL(18,1)",
}


def sums(folder):
    """Every file is the one whose sum stands in SHA256SUMS, and each stands there."""
    listed = dict(reversed(line.split("  ", 1)) for line in (folder / "SHA256SUMS").read_text().splitlines())
    there = {path.name for path in folder.iterdir()} - {"SHA256SUMS", "SHA256SUMS.sig", "public-key.pem"}
    for name in sorted(there ^ set(listed)):
        yield f"{name}: is not both there and in SHA256SUMS"
    for name in sorted(there & set(listed)):
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != listed[name]:
            yield f"{name}: has another sum"


def descriptor(folder):
    """The frictionless validator has nothing to say, and took the tables for tables."""
    report = frictionless.validate(str(folder / "datapackage.json"))
    for error in report.flatten(["name", "rowNumber", "fieldName", "note"]):
        yield f"frictionless: {error}"
    if not report.valid:
        yield "frictionless: the package is not valid"
    rows = {task.name: task.stats.get("rows", 0) for task in report.tasks if task.type == "table"}
    described = json.loads((folder / "datapackage.json").read_text())["resources"]
    for resource in described:
        if "schema" in resource and not rows.get(resource["name"]):
            yield f"{resource['path']}: frictionless read no row"


def parquet(folder):
    """The Parquet file holds the rows of the CSV, with types."""
    database = duckdb.connect()
    database.execute("SET TimeZone = 'UTC'")
    described = json.loads((folder / "datapackage.json").read_text())["resources"]
    fields = next(resource for resource in described if resource["path"] == "observations.csv")["schema"]["fields"]
    types = {field["name"]: TYPES.get(field["name"], "VARCHAR") for field in fields}
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
    database.execute(f"CREATE VIEW text AS FROM read_csv($${folder}/observations.csv$$, header = true, columns = {{{columns}}})")
    database.execute(f"CREATE VIEW typed AS FROM read_parquet($${folder}/observations.parquet$$)")
    told = {name: kind for name, kind, *_ in database.execute("DESCRIBE typed").fetchall()}
    if told != types:
        yield f"observations.parquet: has the columns {told}"
        return
    for one, other in [("text", "typed"), ("typed", "text")]:
        for row in database.execute(f"FROM {one} EXCEPT ALL FROM {other} LIMIT 3").fetchall():
            yield f"a row stands in {one} alone: {row}"
    if not database.execute("SELECT count(*) FROM typed").fetchone()[0]:
        yield "observations.parquet: holds no row"


def half_up(numerator, denominator):
    """The quotient with one digit, of whole numbers alone."""
    tenths = (2 * numerator + denominator) // (2 * denominator)
    return f"{'-' if tenths < 0 else ''}{abs(tenths) // 10}.{abs(tenths) % 10}"


def values(folder):
    """A value is numerator ÷ denominator, and stands where the status says so."""
    with (folder / "observations.csv").open(encoding="utf-8", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), 2):
            shown = row["status"] in ("FINAL", "PROVISIONAL", "REVISED")
            if shown != bool(row["value"]) or (row["status"] in ("WITHHELD", "UNKNOWN") and row["numerator"] + row["denominator"]):
                yield f"observations.csv:{line}: the numbers are not what {row['status']} says"
            elif shown:
                value = half_up(int(row["numerator"]) * (1000 if row["unit"] == "PERCENT" else 10), int(row["denominator"]))
                if value != row["value"]:
                    yield f"observations.csv:{line}: {row['value']} should be {value}"


def excel(folder):
    """The CSV for Excel has its mark and line ends and no formula; the workbook has neither formulas nor merged cells."""
    raw = (folder / "observations-excel.csv").read_bytes()
    if not raw.startswith(b"\xef\xbb\xbf") or raw.count(b"\n") != raw.count(b"\r\n"):
        yield "observations-excel.csv: lacks its byte order mark or CRLF"
    for row in csv.reader(raw.decode("utf-8-sig").splitlines()):
        yield from (f"observations-excel.csv: a formula: {cell}" for cell in row if re.match(r"[=+@\t\r]|-\D", cell))
    created = json.loads((folder / "datapackage.json").read_text())["created"]
    with zipfile.ZipFile(folder / "tables.xlsx") as book:
        if f">{created}</dcterms:created>".encode() not in book.read("docProps/core.xml"):
            yield f"tables.xlsx: was not made at {created}"
        for name in book.namelist():
            if re.search(rb"<f[ >]|<mergeCell|<hyperlink", book.read(name)):
                yield f"tables.xlsx: {name} has a formula, a link or merged cells"


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    problems = [problem for check in (sums, descriptor, parquet, values, excel) for problem in check(folder)]
    print("\n".join(problems) or f"{folder.name}: in order")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
