"""What live figures are sums of, for attack.py: an independent model, whose structure stands in attack_live.json.

A number is one of a table (a measure) in a span, which is summed over bureaus, sexes, bands and standings. Tables that hold the same number for
another reason (everybody is bound by a cap of one of two regimes; a bureau reports all its telework or none) share their cells; whether
they do in a bureau and a month, its people know, so that it is taken from the truth.
"""

import json
from collections import defaultdict
from pathlib import Path

STRUCTURE = json.loads((Path(__file__).parent / "attack_live.json").read_text(encoding="utf-8"))
TOTAL, ANY = "TOTAL", "*"
MEMBERS = {"sex": STRUCTURE["sexes"], "band": STRUCTURE["bands"]}


class Form:
    """A sum of cells, column by factor, with what it was first called. Two sums of the same cells are one form."""

    def __init__(self, cells, kind, place):
        self.cells, self.kind, self.place = cells, kind, place

    def __str__(self):
        return " ".join(str(word) for word in self.place)


class Model:
    """The cells of one or more files (vintages) and the forms over them. Made of the truth of each."""

    def __init__(self, files):
        self.files = files
        self.columns = {}
        self.standings = {}
        self.bureaus = []
        self.groups = {}  # code: the bureaus of a group that a release names
        self.truth = []  # of each file: {(table, side of row): number}
        self.bureau_rows = []  # of each file: {(bureau, span, month): everything true of it}
        self.unused = defaultdict(int)
        for file in files:
            self.standings |= {one["code"]: one["standings"] for one in file["indicators"]}
            self.bureaus = sorted({*self.bureaus, *(row[4] for row in file["truth"]["rows"])} - {TOTAL})
        work = next(self.standings[code] for code in ("TELEWORK_PERSONS", "SHARE_ABOVE_45H") if code in self.standings)
        self.work = tuple(work)
        for file in files:
            self.learn_truth(file)
        self.same = {}
        self.one, self.found = {}, {}
        self.of_row = {}

    # What is true

    def learn_truth(self, file):
        numbers, whole = {}, defaultdict(list)
        for row in file["truth"]["rows"]:
            for side, number in self.sides(row):
                numbers[self.name(side, row[0], row[1], row[3], row[4:7])] = number
            whole[row[4], row[1], row[3]].append((row[0], *row[5:7], *row[9:12]))
        flags = defaultdict(int)
        for month, bureau, category, kind, people in file["truth"]["outliers"]:
            numbers["FLAG", month, bureau, category, kind] = people or 0
            flags[bureau, month, kind] += people or 0
        for (bureau, month, kind), people in flags.items():
            whole[bureau, "MONTH", month].append(("FLAG", kind, people))
        self.truth.append(numbers)
        self.bureau_rows.append({place: sorted(map(repr, rows)) for place, rows in whole.items()})

    def sides(self, row):
        """The sides of a row that are numbers of a table, unscaled."""
        indicator = STRUCTURE["indicators"].get(row[0])
        if indicator is None:
            return
        for side, at in (("numerator", 9), ("denominator", 10)):
            if row[at] is not None:
                yield indicator[side], row[at] / indicator[side].get("times", 1)
        if indicator.get("people") and row[11] is not None:
            yield {"table": indicator["people"]}, row[11]

    def name(self, side, code, span, month, place):
        """By what a number of a table is found again, whatever the indicator."""
        table = side["table"]
        standings = self.of_standings(side, code) if "standing" in STRUCTURE["tables"][table]["dims"] else ()
        return (table, span, month, *place, tuple(side.get("sexes", ())), tuple(side.get("bands", ())), standings)

    def of_standings(self, side, code):
        return tuple(STRUCTURE["standings"] if side.get("standings") == "ALL" else self.standings.get(code, self.work))

    # Cells

    def column(self, vintage, table, span, bureau, sex, band, standing):
        """The number of a cell. In a later vintage it is the same one where nothing of its bureau and span was changed."""
        while vintage and self.unchanged(vintage, bureau, span):
            vintage -= 1
        return self.columns.setdefault((vintage, table, *span, bureau, sex, band, standing), len(self.columns))

    def unchanged(self, vintage, bureau, span):
        """Whether all that is true of a bureau and a span is what it was in the file before."""
        place = (bureau, span[0], span[1])
        if span[0].startswith("BEFORE"):
            _, start, of = span[0].split()
            place = (bureau, of, start)
        now, before = self.bureau_rows[vintage].get(place), self.bureau_rows[vintage - 1].get(place)
        return now == before and (now is not None or self.files[vintage]["months"] == self.files[vintage - 1]["months"])

    def is_same(self, vintage, table, span, month, bureau):
        """The tables of whose cells these of a bureau are the sum, if they are."""
        others = STRUCTURE["same"].get(table, {}).get(span)
        key = (vintage, table, span, month, bureau)
        if others and key not in self.same:
            self.same[key] = self.agrees(vintage, table, others, span, month, bureau)
        return others if others and self.same[key] else None

    def agrees(self, vintage, table, others, span, month, bureau):
        truth = self.truth[vintage]
        places = [(bureau, TOTAL, TOTAL)]
        if STRUCTURE["tables"][table]["dims"]:
            places += [(bureau, sex, band) for sex in (TOTAL, *MEMBERS["sex"]) for band in (TOTAL, *MEMBERS["band"])]
        for place in places:
            own = self.of_table(truth, table, span, month, place)
            sums = [self.of_table(truth, *self.split(other, span), month, place) for other in others]
            if own is None or None in sums:
                continue
            if own != sum(sums):
                self.unused[f"{table} {span} is {' + '.join(others)}"] += 1
                return False
        return True

    def split(self, other, span):
        table, _, at = other.partition("@")
        return table, at or span

    def of_table(self, truth, table, span, month, place):
        """The true number of everybody of a table at a place (of the standings of work), nil where it has no row; None where none is told."""
        dims = STRUCTURE["tables"][table]["dims"]
        if any(member != TOTAL and dim not in dims for dim, member in zip(("sex", "band"), place[1:])):
            return None
        if "standing" in dims:
            if place[1:] != (TOTAL, TOTAL):
                return None
            everybody = truth.get((table, span, month, *place, (), (), tuple(STRUCTURE["standings"])), 0)
            out = [name for name in STRUCTURE["standings"] if name not in self.work]
            return everybody - (truth.get((table, span, month, *place, (), (), tuple(out)), 0) if out else 0)
        names = [(table, span, month, *place, (), (), ())]
        # A regime's people stand in the denominators of its caps.
        for alias, spans in STRUCTURE["same"].items():
            if spans.get(span) == [table] and table in ("DRIVEN", "SELF_PACED"):
                names.append((alias, span, month, *place, (), (), ()))
        return next((truth[name] for name in names if name in truth), 0)

    def names(self):
        """What each column is: vintage, table, span, month, bureau, sex, band and standing."""
        return list(self.columns)

    def cells(self, *of):
        """The columns of a bureau's number of a table, as a list: vintage, table, span, its first month and its last, bureau, members."""
        key = (*of[:6], *(tuple(members) for members in of[6]))
        if key not in self.found:
            self.found[key] = self.find(*of)
        return self.found[key]

    def find(self, vintage, table, span, first, month, bureau, chosen):
        spec = STRUCTURE["tables"][table]
        others = self.is_same(vintage, table, span, month, bureau)
        if others:
            parts = [self.cells(vintage, *self.split(other, span), first, month, bureau, chosen) for other in others]
            return [column for part in parts for column in part]
        if spec["adds"] and span != "MONTH":
            # Months of the span that were read, and all before them together.
            months = [one for one in self.files[vintage]["months"] if first <= one <= month]
            columns = [column for one in months for column in self.cells(vintage, table, "MONTH", one, one, bureau, chosen)]
            start = self.files[vintage]["months"][0]
            if first < start:
                columns += self.own(vintage, table, (f"BEFORE {start} {span}", first), bureau, chosen)
            return columns
        return self.own(vintage, table, (span, month), bureau, chosen)

    def own(self, vintage, table, span, bureau, chosen):
        dims = STRUCTURE["tables"][table]["dims"]
        sexes, bands, standings = (of if dim in dims else (ANY,) for dim, of in zip(("sex", "band", "standing"), chosen))
        return [self.column(vintage, table, span, bureau, s, k, t) for s in sexes for k in bands for t in standings]

    # Forms

    def form(self, cells, kind, place):
        return self.one.setdefault(tuple(sorted(cells.items())), Form(cells, kind, place))

    def forms(self, vintage, row):
        """(name of the side, form, factor by which the shown number is divided) of a row's sides; nothing of an indicator the model has not."""
        key = (vintage, *row[:7])
        if key not in self.of_row:
            self.of_row[key] = self.sums(vintage, row)
        return self.of_row[key]

    def sums(self, vintage, row):
        indicator = STRUCTURE["indicators"].get(row[0])
        if indicator is None:
            return []
        found = []
        sides = [(name, indicator[name]) for name in ("numerator", "denominator")]
        if indicator.get("people"):
            sides.append(("people", {"table": indicator["people"]}))
        for name, side in sides:
            cells = defaultdict(float)
            for bureau in self.bureaus if row[4] == TOTAL else self.groups.get(row[4], [row[4]]):
                for column in self.side_cells(vintage, row, side, bureau):
                    cells[column] += 1.0
            kind = STRUCTURE["tables"][side["table"]]["kind"]
            words = (name, row[0], row[1], row[3], *row[4:7]) + ((f"vintage {vintage}",) if len(self.files) > 1 else ())
            found.append((name, self.form(dict(cells), kind, words), side.get("times", 1)))
        if indicator["within"] and len(found) > 1 and all(form.kind == "persons" for _, form, _ in found):
            rest = defaultdict(float, found[1][1].cells)
            for column, factor in found[0][1].cells.items():
                rest[column] -= factor
            rest = {column: factor for column, factor in rest.items() if factor}
            found.append(("rest", self.form(rest, "persons", ("rest", row[0], row[1], row[3], *row[4:7])), 1))
        return found

    def side_cells(self, vintage, row, side, bureau):
        _, span, first, month, _, sex, band = row[:7]
        sexes = [s for s in (MEMBERS["sex"] if sex == TOTAL else [sex]) if s in side.get("sexes", MEMBERS["sex"])]
        bands = [k for k in (MEMBERS["band"] if band == TOTAL else [band]) if k in side.get("bands", MEMBERS["band"])]
        standings = self.of_standings(side, row[0])
        return self.cells(vintage, side["table"], span, first, month, bureau, (sexes, bands, standings))

    def flag(self, vintage, month, bureau, category, kind):
        """How many people of a bureau, or the office, stand flagged."""
        of = self.bureaus if bureau == TOTAL else [bureau]
        cells = {self.column(vintage, "FLAG", ("MONTH", month), one, category, kind, ANY): 1.0 for one in of}
        words = ("flagged", month, bureau, category, kind) + ((f"vintage {vintage}",) if len(self.files) > 1 else ())
        return self.form(cells, "persons", words)

    # Links

    def links(self, every):
        """(name, cells that are at most the others: column by factor, whether it stands for certain) over all files; every one, or subsets alone."""
        for vintage, file in enumerate(self.files):
            spans = {(row[1], row[2], row[3]) for row in file["truth"]["rows"]}
            yield from self.subsets(vintage, file)
            if not every:
                continue
            for span, first, month in sorted(spans):
                for link in STRUCTURE["links"]:
                    if span in link["spans"]:
                        yield from self.link(vintage, (span, first, month), link["less"], link["more"])
            yield from self.flag_links(vintage, file)

    def subsets(self, vintage, file):
        """A numerator's cell is at most its denominator's."""
        there = {(row[0], row[1], row[2], row[3]) for row in file["truth"]["rows"]}
        for code, span, first, month in sorted(there):
            indicator = STRUCTURE["indicators"].get(code)
            if indicator and indicator["within"]:
                part, whole = (indicator[side]["table"] for side in ("numerator", "denominator"))
                if part != whole:
                    yield from self.link(vintage, (span, first, month), [part], [whole], certain=True)

    def link(self, vintage, span, less, more, certain=False):
        tables = [self.split(one, span[0]) for one in (*less, *more)]
        dims = set.intersection(*(set(STRUCTURE["tables"][table]["dims"]) for table, _ in tables))
        sexes = [[s] for s in MEMBERS["sex"]] if "sex" in dims else [MEMBERS["sex"]]
        bands = [[k] for k in MEMBERS["band"]] if "band" in dims else [MEMBERS["band"]]
        name = f"{' + '.join(less)} at most {' + '.join(more)} in {span[0]} {span[2]}"
        for bureau in self.bureaus:
            for s in sexes:
                for k in bands:
                    row = defaultdict(float)
                    for sign, of in ((1.0, less), (-1.0, more)):
                        for one in of:
                            table, at = self.split(one, span[0])
                            for column in self.cells(vintage, table, at, span[1], span[2], bureau, (s, k, self.work)):
                                row[column] += sign
                    row = {column: factor for column, factor in row.items() if factor}
                    if any(factor > 0 for factor in row.values()):
                        yield name, row, certain

    def flag_links(self, vintage, file):
        """People flagged for a kind are those above its caps; all flags are the figure's."""
        flags = file["truth"]["outliers"]
        for month in file["months"]:
            of_month = {(category, kind) for at, _, category, kind, _ in flags if at == month}
            kinds = {kind: [one for one in of_month if one[1] == kind] for kind in STRUCTURE["flags"]}
            pairs = [(kinds[kind], tables) for kind, tables in STRUCTURE["flags"].items()] + [(sorted(of_month), ["OUTLIER_FLAGS"])]
            for own, tables in pairs:
                for bureau in self.bureaus:
                    row = defaultdict(float)
                    for category, kind in own:
                        row[self.column(vintage, "FLAG", ("MONTH", month), bureau, category, kind, ANY)] += 1.0
                    for table in tables:
                        everybody = (MEMBERS["sex"], MEMBERS["band"], self.work)
                        for column in self.cells(vintage, table, "MONTH", month, month, bureau, everybody):
                            row[column] -= 1.0
                    for sign in (1.0, -1.0):
                        name = f"flags are {' + '.join(tables)} in {month} of {bureau}"
                        yield name, {column: sign * factor for column, factor in row.items()}, False
