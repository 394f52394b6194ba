"""Attacks published figures: what follows of the withheld ones from all that is shown. It shares nothing with the platform's own code.

    attack.py release DIRECTORY... [--model FILE] [--exact]
    attack.py rounded FILE_OR_DIRECTORY [--total COLUMN]
    attack.py live ...                                      live figures, as a reader over HTTP sees them; see attack_live.py

`release` reads observations.csv of one or more releases together, with all other numbers of each that is a whole package (told.py), and
model.json (of the last of them, or named), which says what the counts are sums of. For each withheld count it finds the smallest and the largest value over all tables of persons by bureau, sex and band
that agree with everything shown, and lists those that lie less than 5 apart or are below 5 for certain; `--exact` prints every interval.

`rounded` reads a table whose cells are each rounded to 10 by themselves, with a total for each row, withheld cells empty, and lists the
rows in which a withheld cell falls to subtraction, with what it may be within the rounding.

Exits with 0 where nothing is found, with 1 where something is, with 2 where the input makes no sense.

model.json:
    {"sexes": ["FEMALE", ...], "bands": ["DIRECTOR", ...],      the members that a person has exactly one of
     "bureaus": ["A", ...],                                     optional: else those in the rows that are no group
     "unlisted_bureaus": false,                                 whether the totals hold bureaus that no row names
     "groups": {"bureau": {"A AND B": ["A", "B"]}, "sex": {}, "band": {}},
     "tables": {"CENSUS": {}, "TELEWORK": {"within": "CENSUS"}},  counts of persons; each cell is a part of the other table's, and where it says
                                                                "months": true, the sum of those of the months within its dates
     "sums": [["SHORT", "LONG"]],                                optional: indicators whose numerators add up to the denominator that they share
     "indicators": {"TELEWORK_SHARE": {
        "numerator": {"table": "TELEWORK", "sexes": [...], "bands": [...]},   sexes and bands optional: those of the row that are
        "denominator": {"table": "CENSUS"},                                   among these; null or left out: not a count of persons
        "scale": 100}}}                                                       the value is scale × numerator / denominator
A side may have "times": the number in the row is so many times the count (60 for persons under hours). An indicator may have "threshold": a shown
count of 1 to one less, and a shown rest of so few, is found too, but of an indicator that is "published" (by law) that of the whole office; and of several releases, a numerator that one withholds and another shows.
"""

import argparse
import csv
import json
import math
import random
import sys
from collections import defaultdict
from pathlib import Path

import numpy
from scipy.optimize import linprog
from scipy.sparse import csr_array

import attack_live
from told import Told

LEAST = 5
SLACK = 1e-4


def refuse(what):
    print(what, file=sys.stderr)
    sys.exit(2)


class Release:
    """Rows of releases as a linear system over the cells of their tables."""

    def __init__(self, rows, model):
        self.model = model
        self.groups = {dimension: model.get("groups", {}).get(dimension, {}) for dimension in ("bureau", "sex", "band")}
        named = {row["bureau"] for row in rows} - {"TOTAL"} - set(self.groups["bureau"])
        bureaus = model.get("bureaus") or sorted(named | {one for group in self.groups["bureau"].values() for one in group})
        self.members = {
            "bureau": list(bureaus) + ([None] if model.get("unlisted_bureaus") else []),
            "sex": model["sexes"],
            "band": model["bands"],
        }
        self.known = {}  # form: (least, most)
        self.names = {}  # form: what it is called, for withheld ones
        self.linear = []  # ([(form, factor), ...], most): the sum is at most that
        self.tables = set()
        self.withheld_rows = 0
        self.small = []  # rows that show too few
        self.numerators = defaultdict(lambda: (set(), set()))  # form: in which releases it is withheld, and in which shown
        for row in rows:
            self.read(row)
            self.judge(row)
        for parts in model.get("sums", []):
            self.add_up(parts, [row for row in rows if row["indicator"] == parts[0]])

    def add_up(self, parts, rows):
        """The office's numerators of some indicators come to their denominator."""
        for dates in {(row["date_from"], row["date_to"]) for row in rows}:
            place = {"date_from": dates[0], "date_to": dates[1], "bureau": "TOTAL", "sex": "TOTAL", "band": "TOTAL"}
            terms = [(self.form(place, self.model["indicators"][part]["numerator"]), 1.0) for part in parts]
            terms.append((self.form(place, self.model["indicators"][parts[0]]["denominator"]), -1.0))
            self.linear.append((terms, 0.0))
            self.linear.append(([(form, -factor) for form, factor in terms], 0.0))

    def read(self, row):
        indicator = self.model["indicators"].get(row["indicator"])
        withheld = row["status"] == "WITHHELD"
        self.withheld_rows += withheld
        if indicator is None:
            return
        forms = {}
        for side in ("numerator", "denominator"):
            if indicator.get(side) is None:
                continue
            form = forms[side] = self.form(row, indicator[side])
            if row[side] != "":
                self.learn(form, float(row[side]) / indicator[side].get("times", 1), row)
            elif withheld:
                words = (side, row["indicator"], row["date_from"], row["date_to"], row["bureau"], row["sex"], row["band"])
                self.names.setdefault(form, " ".join(words))
        if row["value"] != "" and len(forms) == 2 and "" in (row["numerator"], row["denominator"]):
            half = 0.5 * 10.0 ** -len(row["value"].partition(".")[2])
            self.learn_value(row, float(row["value"]) - half, float(row["value"]) + half)
        elif row["value"] != "" and row["numerator"] == "" and len(forms) == 1:
            half = 0.5 * 10.0 ** -len(row["value"].partition(".")[2])
            self.learn(next(iter(forms.values())), float(row["value"]), row, half)

    def judge(self, row):
        """Shown counts of few people, and what becomes of a numerator from release to release."""
        indicator = self.model["indicators"].get(row["indicator"])
        if indicator is None or not indicator.get("numerator"):
            return
        part, whole = indicator["numerator"], indicator.get("denominator")
        withheld = row["status"] == "WITHHELD"
        if withheld or row["numerator"] != "":
            self.numerators[self.form(row, part)][0 if withheld else 1].add(row.get("release"))
        if "" in (row["numerator"], row["denominator"]) or "threshold" not in indicator or not whole:
            return
        of, every = float(row["numerator"]) / part.get("times", 1), float(row["denominator"]) / whole.get("times", 1)
        counts = [of, every]
        if self.model["tables"][part["table"]].get("within") == whole["table"] and self.form(row, part)[1] == self.form(row, whole)[1]:
            counts.append(every - of)
        published = indicator.get("published") and row["bureau"] == "TOTAL" and row["sex"] == "TOTAL"
        if any(0 < count < indicator["threshold"] for count in counts) and not published:
            self.small.append(row)

    def sides(self, row):
        """The forms of both sides with what the row's numbers are times them; None where one is no count."""
        indicator = self.model["indicators"].get(row["indicator"], {})
        if not (indicator.get("numerator") and indicator.get("denominator")):
            return None
        return [(self.form(row, indicator[side]), indicator[side].get("times", 1)) for side in ("numerator", "denominator")]

    def learn_value(self, row, least, most):
        """The row's value lies between the two."""
        sides = self.sides(row)
        if sides:
            (numerator, above), (denominator, below) = sides
            scale = self.model["indicators"][row["indicator"]].get("scale", 1)
            self.linear.append(([(numerator, scale * above), (denominator, -most * below)], 0.0))
            self.linear.append(([(numerator, -scale * above), (denominator, least * below)], 0.0))

    def learn_gap(self, row, target, gap, attained, less):
        """How many more people would have met the target, or how many fewer where less is better: max(0, the least whole number of them)."""
        sides = self.sides(row)
        if sides:
            (numerator, above), (denominator, below) = sides
            # What is missing, target × denominator − numerator.
            missing = [(denominator, below * target[0] / target[1]), (numerator, -above)]
            opposite = [(form, -factor) for form, factor in missing]
            if less:
                missing, opposite = opposite, missing
            if gap is not None:
                self.linear.append((missing, gap))
            if gap:
                self.linear.append((opposite, 1 - gap))
            if attained is not None:
                self.linear.append((missing if attained else opposite, 0.0))

    def learn_all(self, told):
        """Everything that a package tells besides."""
        for row in told.rows:
            text = {side: "" if row[side] is None else str(row[side]) for side in ("numerator", "denominator")}
            self.read({**row, **text, "value": ""})
        for row in told.former_rows:
            # Another count of the same: not what is known now, unless it is the same number.
            for side in ("numerator", "denominator"):
                indicator = self.model["indicators"].get(row["indicator"], {}).get(side)
                if indicator and row[side] is not None:
                    form = self.form(row, indicator)
                    if form in self.names and form not in self.known:
                        self.learn(form, row[side] / indicator.get("times", 1), row)
        for row, least, most in told.values:
            self.learn_value(row, least, most)
        for row, numerator, denominator, gap, attained, less in told.gaps:
            self.learn_gap(row, (numerator, denominator), gap, attained, less)

    def learn(self, form, value, row, half=0.0):
        least, most = self.known.get(form, (0.0, numpy.inf))
        least, most = max(least, value - half), min(most, value + half)
        if least > most:
            refuse(f"one count has two values: {row}")
        self.known[form] = (least, most)

    def form(self, row, side):
        """A count as a table of a date and its cells."""
        chosen = []
        for dimension, word in (("bureau", "bureaus"), ("sex", "sexes"), ("band", "bands")):
            name, members = row[dimension], self.members[dimension]
            if name == "TOTAL":
                of_row = set(range(len(members)))
            else:
                of_row = {members.index(one) for one in self.groups[dimension].get(name, [name]) if one in members}
                if not of_row:
                    refuse(f"{dimension} {name} is neither a member nor a group")
            if word in side:
                of_row &= {members.index(one) for one in side[word]}
            chosen.append(of_row)
        table = (side["table"], row["date_from"], row["date_to"])
        self.tables.add(table)
        bureaus, sexes, bands = (len(self.members[dimension]) for dimension in ("bureau", "sex", "band"))
        cells = ((b * sexes + s) * bands + k for b in chosen[0] for s in chosen[1] for k in chosen[2])
        return table, tuple(sorted(cells))

    def components(self):
        """Tables that hang together, by denominators or by rounded values."""
        leader = {table: table for table in self.tables}

        def find(table):
            while leader[table] != table:
                table = leader[table]
            return table

        for table in self.tables:
            whole = self.whole(table)
            if whole in leader:
                leader[find(table)] = find(whole)
            for month in self.months(table):
                leader[find(month)] = find(table)
        for terms, _ in self.linear:
            for form, _ in terms:
                leader[find(form[0])] = find(terms[-1][0][0])
        found = defaultdict(list)
        for table in sorted(self.tables):
            found[find(table)].append(table)
        return found.values()

    def months(self, table):
        """The tables of all months of a table's dates, where it is their sum and there are all of them."""
        name, first, last = table
        if not self.model["tables"][name].get("months") or first[:7] == last[:7]:
            return []
        (year, month), (last_year, last_month) = (map(int, day.split("-")[:2]) for day in (first, last))
        wanted = {f"{at // 12:04}-{at % 12 + 1:02}" for at in range(12 * year + month - 1, 12 * last_year + last_month)}
        found = [other for other in sorted(self.tables) if other[0] == name and other[1][:7] == other[2][:7] and other[1][:7] in wanted]
        return found if len(found) == len(wanted) else []

    def whole(self, table):
        within = self.model["tables"][table[0]].get("within")
        return (within, *table[1:]) if within else None


class System:
    """The constraints of one component; cells are columns."""

    def __init__(self, release, tables):
        self.size = math.prod(len(members) for members in release.members.values())
        self.start = {table: index * self.size for index, table in enumerate(tables)}
        self.columns = self.size * len(tables)
        equal, below = [], []
        for form, (least, most) in release.known.items():
            if form[0] in self.start:
                if least == most:
                    equal.append((self.row(form), least))
                else:
                    below.append((self.row(form), most))
                    below.append((self.row(form, -1.0), -least))
        for terms, most in release.linear:
            if terms[0][0][0] in self.start:
                row = defaultdict(float)
                for form, factor in terms:
                    for column, of_form in self.row(form, factor).items():
                        row[column] += of_form
                below.append((row, most))
        for table in tables:
            months = [self.start[month] for month in release.months(table)]
            if months:
                start = self.start[table]
                cells = range(self.size)
                equal.extend(({start + cell: 1.0, **{month + cell: -1.0 for month in months}}, 0.0) for cell in cells)
            whole = release.whole(table)
            if whole in self.start:
                part, whole = self.start[table], self.start[whole]
                below.extend(({part + cell: 1.0, whole + cell: -1.0}, 0.0) for cell in range(self.size))
        self.equal, self.below = self.stack(equal), self.stack(below)

    def row(self, form, factor=1.0):
        return {self.start[form[0]] + cell: factor for cell in form[1]}

    def stack(self, rows):
        places = [(index, column, factor) for index, (row, _) in enumerate(rows) for column, factor in row.items()]
        at, columns, factors = zip(*places) if places else ((), (), ())
        matrix = csr_array((numpy.array(factors, dtype=float), (at, columns)), shape=(len(rows), self.columns))
        return matrix, numpy.array([limit for _, limit in rows], dtype=float)

    def best(self, objective):
        """The cells that make the objective least, or None where it has no bound."""
        options = {"A_ub": self.below[0], "b_ub": self.below[1], "A_eq": self.equal[0], "b_eq": self.equal[1]}
        if self.below[0].shape[0] == 0:
            options["A_ub"] = options["b_ub"] = None
        if self.equal[0].shape[0] == 0:
            options["A_eq"] = options["b_eq"] = None
        solution = linprog(objective, bounds=(0, None), method="highs", **options)
        if solution.status == 2:
            refuse("no tables agree with what is shown")
        if solution.status not in (0, 3, 4):
            refuse(solution.message)
        return solution.x if solution.status == 0 else None

    def intervals(self, forms, exact):
        """The interval of each form; unless exact, only until it is wide enough."""
        rows, _ = self.stack([(self.row(form), 0.0) for form in forms])
        least, most = numpy.full(len(forms), numpy.inf), numpy.full(len(forms), -numpy.inf)

        def see(cells):
            values = rows @ cells
            numpy.minimum(least, values, out=least)
            numpy.maximum(most, values, out=most)

        # Many forms at once, in directions drawn by lot: each optimum is a table that agrees with what is shown.
        lot, one = random.Random(1), numpy.eye(len(forms))
        for _ in range(0 if exact else 12):
            signs = numpy.array([lot.choice((-1.0, 1.0)) / max(1, len(form[1])) for form in forms])
            cells = self.best(rows.T @ signs)
            if cells is not None:
                see(cells)
        for index in range(len(forms)):
            for sign in (1.0, -1.0):
                if exact or not wide(least[index], most[index]):
                    cells = self.best(rows.T @ (sign * one[index]))
                    if cells is not None:
                        see(cells)
                    elif sign < 0:
                        most[index] = numpy.inf
        return list(zip(least, most))


def wide(least, most):
    return most - least >= LEAST - SLACK and most >= LEAST - SLACK


def attack_release(arguments):
    directories = [Path(directory) for directory in arguments.directories]
    model = json.loads(Path(arguments.model or directories[-1] / "model.json").read_text(encoding="utf-8"))
    rows = []
    for directory in directories:
        with open(directory / "observations.csv", encoding="utf-8-sig", newline="") as file:
            rows.extend({**row, "release": str(directory)} for row in csv.DictReader(file))
    release = Release(rows, model)
    found = 0
    for row in release.small:
        print(f"FOUND: few people are shown: {row}")
        found += 1
    for form, (hiding, showing) in release.numerators.items():
        if hiding - showing and showing - hiding:
            print(f"FOUND: one release withholds what another shows: {release.names.get(form)}")
            found += 1
    withheld = release.withheld_rows
    packages = [Told(directory) for directory in directories if (directory / "observations.json").exists()]
    for told in packages:
        release.learn_all(told)
        for fault in told.faults:
            print(f"FOUND: {fault}")
    unknown = [form for form in release.names if form not in release.known]
    found += sum(len(told.faults) for told in packages)
    for tables in release.components():
        forms = [form for form in unknown if form[0] in tables]
        if not forms:
            continue
        for form, (least, most) in zip(forms, System(release, tables).intervals(forms, arguments.exact)):
            narrow = not wide(least, most)
            found += narrow
            if narrow or arguments.exact:
                print(f"{'FOUND' if narrow else 'safe'}: {release.names[form]}: {least:.2f} to {most:.2f}")
    share = 100.0 * withheld / max(1, len(rows))
    if packages:
        values, charts = sum(len(told.values) for told in packages), sum(told.charts for told in packages)
        print(f"read besides: {values} values of which {charts} charts and the tables tell some, {sum(len(told.gaps) for told in packages)} gaps")
    print(f"{withheld} of {len(rows)} observations withheld ({share:.1f} %), {len(unknown)} counts, {found} found")
    return 1 if found else 0


def attack_rounded(arguments):
    path = Path(arguments.path)
    if path.is_dir():
        path = path / "organisation_by_responsibility_level.csv"
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = [column for column in rows[0] if column != arguments.total][1:]
    withheld = found = 0
    for row in rows:
        name, empty = next(iter(row.values())), [column for column in columns if row[column] == ""]
        withheld += len(empty)
        if len(empty) != 1 or row[arguments.total] == "":
            continue
        least, most = within_rounding(row, columns, arguments.total, empty[0])
        found += 1
        print(f"FOUND: {name}, {empty[0]}: {least:.0f} to {most:.0f}")
    cells = len(rows) * len(columns)
    print(f"{withheld} of {cells} cells withheld ({100.0 * withheld / cells:.1f} %), {found} rows fall to subtraction")
    return 1 if found else 0


def within_rounding(row, columns, total, target):
    """What a withheld cell may be: every shown number is within 5 of what is printed, and none is below 0."""
    names = [*columns, total]
    bounds = [(0, None) if row[name] == "" else (max(0, float(row[name]) - 5), float(row[name]) + 5) for name in names]
    sums = [[1.0] * len(columns) + [-1.0]]
    ends = []
    for sign in (1.0, -1.0):
        objective = [sign if name == target else 0.0 for name in names]
        solution = linprog(objective, A_eq=sums, b_eq=[0.0], bounds=bounds, method="highs")
        if solution.status != 0:
            refuse(f"{next(iter(row.values()))}: {solution.message}")
        ends.append(sign * solution.fun)
    return ends


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    modes = parser.add_subparsers(required=True)
    release = modes.add_parser("release")
    release.add_argument("directories", nargs="+")
    release.add_argument("--model")
    release.add_argument("--exact", action="store_true")
    release.set_defaults(run=attack_release)
    rounded = modes.add_parser("rounded")
    rounded.add_argument("path")
    rounded.add_argument("--total", default="All employees")
    rounded.set_defaults(run=attack_rounded)
    attack_live.arguments(modes)
    arguments = parser.parse_args()
    sys.exit(arguments.run(arguments))


if __name__ == "__main__":
    main()
