"""`attack.py live`: what a reader without sight of persons computes from live figures, their series, counts of outliers and releases together.

    attack.py live --url URL --token viewer=T [--token committee=T] [--token officer:CODE=T ...] --truth T --from YYYY-MM --to YYYY-MM
                   [--save FILE [--read-only]] [--former] [--no-series] [--release DIRECTORY ...]
    attack.py live --load FILE [--load LATER ...] [--release DIRECTORY ...]
                   [--links subsets|all] [--presence] [--strict] [--seconds 300] [--first] [--tamper rounding|bureau|indicator] [--changed FILE] [--shares] [--step 600] [--reader NAME ...] [--summary]

tests/README.md says more. Exits with 0 where nothing is found, with 1 where something is, with 2 where the input makes no sense or the model is false.
"""

import json
import sys
import time
import traceback
from collections import defaultdict
from fractions import Fraction

import numpy

from attack_live_former import check
from attack_live_model import MEMBERS, STRUCTURE, TOTAL, Model
from attack_live_reader import CATALOGUE, Caller, key_of, load, months_between, read, read_groups, read_release, save, visibilities
from attack_live_solver import Attack, Known
from attack_live_tamper import tamper
from attack_live_truth import NotTrue, Truth

LEAST = 5
DAY = 465
# What is told apart, and not held against the platform.
APART = {"elsewhere", "printed"}


def arguments(modes):
    parser = modes.add_parser("live")
    parser.add_argument("--url")
    parser.add_argument("--token", action="append", default=[])
    parser.add_argument("--truth")
    parser.add_argument("--from", dest="first")
    parser.add_argument("--to", dest="last")
    parser.add_argument("--no-series", action="store_true")
    parser.add_argument("--save")
    parser.add_argument("--load", action="append", default=[])
    parser.add_argument("--release", action="append", default=[])
    parser.add_argument("--tamper", choices=["rounding", "bureau", "indicator"])
    parser.add_argument("--changed")
    parser.add_argument("--step", type=int, default=600)
    parser.add_argument("--shares", action="store_true")
    parser.add_argument("--reader", action="append", default=[])
    parser.add_argument("--summary", action="store_true")
    parser.add_argument("--strict", action="store_true")
    parser.add_argument("--links", choices=["subsets", "all"], default="subsets")
    parser.add_argument("--presence", action="store_true")
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--first", action="store_true")
    parser.add_argument("--read-only", action="store_true")
    parser.add_argument("--former", action="store_true")
    parser.set_defaults(run=run)


def run(options):
    try:
        files = [load(path) for path in options.load] if options.load else [fetch(options)]
        if options.save and not options.load:
            save(options.save, files[0])
        if options.read_only:
            return 1 if files[0].get("faults") else 0
        for file in files:
            if options.tamper:
                print(f"tampered: {tamper(file, options.tamper)}")
        return attack(files, options)
    except (ValueError, OSError, NotTrue) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
    except Exception:
        # A fault of this program must not look as if something were found.
        traceback.print_exc()
    return 2


def fetch(options):
    """What everybody named is shown, and the truth."""
    if not (options.url and options.token and options.truth and options.first and options.last):
        raise ValueError("either --load, or --url, --token, --truth, --from and --to")
    months, start = months_between(options.first, options.last), time.time()
    secretariat = Caller(options.url, options.truth)
    file = {"months": months, "indicators": secretariat.ask(CATALOGUE)["indicators"], "visibility": visibilities(secretariat), "truth": read(secretariat, months, False), "answers": {}}
    for given in options.token:
        name, _, token = given.partition("=")
        if name not in ("viewer", "committee") and not name.startswith("officer:"):
            raise ValueError(f"{name} is neither viewer, committee nor officer:CODE")
        # Officers' series are those of everybody: one of them is enough.
        officers = [other for other in file["answers"] if other.startswith("officer:")]
        series = not options.no_series and not (name.startswith("officer:") and officers)
        file["answers"][name] = read(Caller(options.url, token), months, series)
    print(f"read in {time.time() - start:.0f} s")
    if options.former:
        counts, faults = check(secretariat, file)
        print(f"shown: {', '.join(f'{count} {name}' for name, count in sorted(counts.items()))}; {len(faults)} neither")
        print("\n".join(f"FOUND {fault}" for fault in faults), end="\n" if faults else "")
        file["faults"] = len(faults)
    return file


class Reader:
    """A reader with the answers it has, and what follows from them."""

    def __init__(self, name, attacker):
        self.name, self.attacker = name, attacker
        self.own = name.partition("officer:")[2] or None
        self.model, self.truth = attacker.model, attacker.truth
        self.known = Known(len(self.model.columns), self.truth.links)
        self.withheld = {}  # form: how the first row that withholds it is called
        self.met = set()  # (span, month, bureau) of which any figure is shown
        self.printed = set()  # forms that a release prints, or that an earlier file shows
        self.released = set()  # forms that a release prints
        self.tellers = defaultdict(set)  # form: whether it is the law that has it shown, of each row that shows it
        self.faults = []
        self.former = 0
        self.steps = set()
        for vintage, file in enumerate(self.model.files):
            self.read_file(vintage, file)
        for row in attacker.released:
            self.read_released(row)

    def answers(self, file):
        names = ["viewer" if self.name.startswith("viewer + ") else self.name]
        if self.own:
            names.append(f"officer:{self.own}")
        if any(name not in file["answers"] for name in names):
            raise ValueError(f"a file has no answer of {' + '.join(names)}")
        return [(name, file["answers"][name]) for name in names]

    def read_file(self, vintage, file):
        for name, answer in self.answers(file):
            own = name.partition(":")[2]
            rows = answer["rows"] + answer.get("series", [])
            step = self.step([row for row in rows if row[4] != own])
            self.steps.add(step)
            for row in rows:
                self.read_row(vintage, row, 1 if row[4] == own else step)
            self.absent(vintage, answer["rows"])
            self.read_outliers(vintage, answer["outliers"])

    def step(self, rows):
        """To what shown minutes are rounded: the largest of the steps that divides all of them."""
        divisor = 0
        for row in rows:
            for _, form, times, shown in self.shown(0, row):
                if form.kind == "minutes":
                    divisor = int(numpy.gcd(divisor, int(shown / times)))
        return next((step for step in (self.attacker.options.step, 600, 60, 10) if divisor % step == 0 and step <= self.attacker.options.step), 1)

    def shown(self, vintage, row):
        """(side, form, factor, number) of each side of a row that is a number."""
        numbers = {"numerator": row[9], "denominator": row[10], "people": row[11]}
        for name, form, times in self.model.forms(vintage, row):
            if name != "rest" and numbers[name] is not None:
                yield name, form, times, numbers[name]

    def read_row(self, vintage, row, step):
        if row[14]:
            self.faults.append(f"a withheld row tells its {row[14]}: {' '.join(map(str, row[:7]))}")
        if row[8] is not None and None not in row[9:11] and row[8] != self.attacker.quotient(row):
            self.faults.append(f"a value is not that of its sides, {row[8]}: {' '.join(map(str, row[:7]))}")
        for _, form, times, number in self.shown(vintage, row):
            self.learn(form, number / times, step if form.kind == "minutes" else 1)
            self.tellers[form].add(self.attacker.is_law(row, form))
            if vintage + 1 < len(self.model.files):
                self.printed.add(form)
        if self.attacker.options.first and None not in row[9:11]:
            # It follows from both sides, and is asked for before any program.
            sides = {name: (number / times) for name, _, times, number in self.shown(vintage, row)}
            for form in (form for name, form, _ in self.model.forms(vintage, row) if name == "rest"):
                self.learn(form, sides["denominator"] - sides["numerator"], 1)
        if row[9] is not None:
            self.met.add((row[1], *row[3:5]))
        if row[7] == "WITHHELD" and row[4] != self.own:
            for name, form, _ in self.model.forms(vintage, row):
                if name in ("numerator", "denominator"):
                    self.withheld.setdefault(form, (name, *row[:2], *row[3:7]))
                if name == "denominator" and self.attacker.options.presence and self.truth.value(form) >= 1:
                    self.known.learn(form, 1.0, numpy.inf)

    def read_released(self, row):
        for _, form, times, number in self.shown(len(self.model.files) - 1, row):
            self.learn(form, number / times, self.attacker.release_step if form.kind == "minutes" else 1)
            self.tellers[form].add(self.attacker.is_law(row, form))
            self.printed.add(form)
            self.released.add(form)

    def learn(self, form, number, step):
        """A shown number; one of another time than the truth's says nothing of this one."""
        half = step / 2 if step > 1 else 0.0
        true = self.truth.value(form)
        if abs(true - number) > half + 1e-6 or not self.known.learn(form, max(0.0, number - half), number + half):
            self.former += 1

    def absent(self, vintage, rows):
        """Who has nothing has no row: what is not there is nil, of a bureau that is there."""
        there, bureaus = defaultdict(set), defaultdict(set)
        for row in rows:
            there[row[0], row[1], row[2], row[3]].add(tuple(row[4:7]))
            bureaus[row[3]].add(row[4])
        for of, places in there.items():
            for place in self.attacker.places(of[0], sorted(bureaus[of[3]])):
                if place not in places:
                    for name, form, _ in self.model.forms(vintage, (*of, *place)):
                        if name in ("numerator", "denominator") and self.truth.value(form) == 0:
                            self.known.learn(form, 0.0, 0.0)

    def read_outliers(self, vintage, outliers):
        lines = {(month, bureau, category, kind): people for month, bureau, category, kind, people in outliers}
        for (month, bureau, category, kind), people in lines.items():
            form = self.model.flag(vintage, month, bureau, category, kind)
            if people is not None:
                self.learn(form, people, 1)
            elif bureau != self.own:
                self.withheld.setdefault(form, ("flagged", category, kind, month, bureau))
        named = {bureau for _, bureau, _, _ in lines}
        for month, category, kind in {(month, category, kind) for month, _, category, kind in lines}:
            for bureau in set(self.model.bureaus) & named:
                form = self.model.flag(vintage, month, bureau, category, kind)
                if (month, bureau, category, kind) not in lines and self.truth.value(form) == 0:
                    self.known.learn(form, 0.0, 0.0)

    def targets(self):
        """Everything that must not follow, with how wide it must be left."""
        small = {form: name for form, (name, bureau) in self.attacker.small.items() if bureau != self.own}
        found = {}
        for form, name in [*self.withheld.items(), *small.items()]:
            if form.cells:
                need = LEAST if form in small else DAY if form.kind == "minutes" else 1
                found[form] = (name, need)
        self.small = {form for form in small if form.cells}
        return found

    def attack(self):
        """(form, name, least, most, whether it is decided) of each target; with --first up to the first that is found."""
        targets = self.targets()
        options = self.attacker.options
        attack = Attack(self.known, self.truth.cells, self.model.names(), options.seconds)
        given = self.attacker.given if self.name.startswith("viewer + ") else {}
        order = list(targets.items())
        if options.first:
            attack.lot.shuffle(order)
        asked = [(form, need) for form, (_, need) in order]
        ends = attack.intervals(asked, given, lambda index, end: self.is_found(*order[index], end)) if options.first else attack.intervals(asked, given)
        if self.name == "viewer" and not options.first:
            # What follows for the viewer follows for all who see more.
            for (form, (_, need)), end in zip(order, ends):
                if end[1] - end[0] < (1 if form in self.withheld and form.kind != "minutes" else need) - 1e-6 and end[2]:
                    self.attacker.given[form] = end
        self.programs = attack.programs
        return [(form, name, *end) for (form, (name, _)), end in zip(order, ends) if end is not None and not self.is_nil(form)]

    def is_nil(self, form):
        """Whether nobody is behind it, and what is shown says so: rounded, minutes of nobody are nil and less than half a step."""
        return self.known.nil.issuperset(form.cells) or form.kind == "minutes" and self.nobodys().issuperset(form.cells)

    def nobodys(self):
        """The cells of sums of minutes that are shown and truly nil."""
        if not hasattr(self, "none"):
            shown = [form for form in self.known.between if form.kind == "minutes" and self.truth.value(form) == 0]
            self.none = {column for form in shown if all(factor > 0 for factor in form.cells.values()) for column in form.cells}
        return self.none

    def is_found(self, form, named, end):
        of = self.judged(form, named[0], *end[:2])
        return end[2] and not of <= APART and not self.is_nil(form) and not self.lawful([(form, of)])[0]

    def judged(self, form, name, least, most):
        """What it is that the ends of a target tell."""
        width, of = most - least, set()
        if form in self.withheld and form.kind == "minutes" and width < DAY - 1e-6:
            of.add("min pinned")
        if form in self.withheld and form.kind != "minutes" and width < 1 - 1e-6:
            # A population is no secret, if it is not of few, of a place of which other figures show theirs: this one is theirs, or their sum or rest.
            shown = self.known.between.get(form, (0, 1)) == (least, most) or tuple(name[2:5]) in self.met
            elsewhere = name[0] == "denominator" and form not in self.small and shown
            of.add("elsewhere" if elsewhere and not self.attacker.options.strict else "recovered")
        closed = form in self.released and self.attacker.is_closed(name[4])
        if form in self.printed and form not in self.small and not closed and not self.attacker.options.strict:
            # A release has the number itself, by a decision of its own, or it was shown before.
            of = {"printed"} if of - {"elsewhere"} else of
        if form in self.small and width < LEAST - 1e-6:
            of.add("pinned")
        return of

    def lawful(self, found):
        """Of each (form, what it is): whether it follows from what the law publishes alone, or does not follow without it."""
        needs = [(form, LEAST if "pinned" in of else 1) for form, of in found]
        counted = [index for index, (form, _) in enumerate(found) if form.kind == "persons"]
        told = [False] * len(found)
        for attack, is_narrow in ((lambda: self.attacker.by_law(self.own), True), (self.without_law, False)):
            left = [index for index in counted if not told[index]]
            for index, end in zip(left, attack().intervals([needs[index] for index in left]) if left else ()):
                told[index] = end[2] and is_narrow == (end[1] - end[0] < needs[index][1] - 1e-6)
        return told

    def without_law(self):
        """What is known without the office's totals that are shown because the law publishes them."""
        if not hasattr(self, "lawless"):
            known = Known(len(self.model.columns), self.truth.links)
            known.between = {form: ends for form, ends in self.known.between.items() if self.tellers[form] != {True}}
            self.lawless = Attack(known, self.truth.cells, self.model.names(), self.attacker.options.seconds)
        return self.lawless


class Attacker:
    """The readers of some files, and what is common to them."""

    def __init__(self, files, options):
        self.options = options
        self.model = Model(files)
        self.truth = Truth(self.model, self, options.links == "all")
        self.units = {one["code"]: one["unit"] for file in files for one in file["indicators"]}
        self.small = self.small_cells()
        self.released = self.read_releases(files[-1])
        self.release_step = Reader.step(_Plain(self), self.released)
        self.laws = {}
        self.given = {}
        self.law_forms = {form for vintage, file in enumerate(files) for row in file["truth"]["rows"] if self.is_law(row) for _, form, _ in self.model.forms(vintage, row)}

    def is_closed(self, bureau):
        """Whether a bureau has no line of its own in a release."""
        return self.model.files[-1].get("visibility", {}).get(bureau, "OPEN") != "OPEN"

    def places(self, code, bureaus, crossed=False):
        """The places that an indicator may have rows of."""
        dims = STRUCTURE["indicators"].get(code, {"dims": []})["dims"]
        for bureau in bureaus:
            for sex in (TOTAL, *(MEMBERS["sex"] if "sex" in dims else ())):
                for band in (TOTAL, *(MEMBERS["band"] if "band" in dims else ())):
                    if crossed or TOTAL in (sex, band):
                        yield bureau, sex, band

    def quotient(self, row):
        """The value that a row's sides have, as the platform prints it."""
        if not row[10]:
            return row[8]
        tenths = Fraction(row[9] * (100 if self.units.get(row[0]) == "PERCENT" else 1) * 10, row[10])
        tenths = (2 * tenths.numerator + tenths.denominator) // (2 * tenths.denominator)
        return f"{tenths // 10}.{tenths % 10}"

    def read_releases(self, file):
        """Rows of releases that are of the figures, spans and months that were read."""
        # A year begins with the office, whatever the release's days.
        there = {(row[0], row[1], row[3]): row[2] for row in file["truth"]["rows"]}
        rows = [row for directory in self.options.release for row in read_release(directory)]
        for directory in self.options.release:
            self.model.groups |= read_groups(directory)
        own = [row for row in rows if (row[0], row[1], row[3]) in there and row[4] in (TOTAL, *self.model.bureaus, *self.model.groups)]
        for row in own:
            row[2] = there[row[0], row[1], row[3]]
        if rows:
            print(f"releases: {len(own)} of {len(rows)} rows are of what was read")
        return own

    def small_cells(self):
        """Groups of 1 to 4 people, by form: how it is called, and whose it is."""
        found = {}
        for vintage, file in enumerate(self.model.files):
            for row in file["truth"]["rows"]:
                if TOTAL not in row[5:7]:
                    continue
                for name, form, _ in self.model.forms(vintage, row):
                    if form.kind == "persons" and 0 < self.truth.value(form) < LEAST:
                        found.setdefault(form, ((name, *row[:2], *row[3:7]), row[4]))
            for month, bureau, category, kind, people in file["truth"]["outliers"]:
                if people and people < LEAST:
                    form = self.model.flag(vintage, month, bureau, category, kind)
                    found.setdefault(form, (("flagged", category, kind, month, bureau), bureau))
        return found

    def is_law(self, row, form=None):
        """Whether a row, or one that shows a form, is an office's total that the law has published; a split by band shows totals of bands."""
        law = STRUCTURE["indicators"].get(row[0], {}).get("law", False)
        return law and (row[4:7] == [TOTAL] * 3 if form is None else row[4] == TOTAL and form in self.law_forms)

    def by_law(self, own):
        """What is known from the office's totals of ranks and hires alone, for who knows one bureau's."""
        if own not in self.laws:
            self.laws[own] = self.public_by_law(own)
        return self.laws[own]

    def public_by_law(self, own):
        known = Known(len(self.model.columns), self.truth.links)
        for vintage, file in enumerate(self.model.files):
            for row in file["truth"]["rows"]:
                if self.is_law(row) or row[4] == own and STRUCTURE["indicators"].get(row[0], {}).get("law"):
                    for name, form, _ in self.model.forms(vintage, row):
                        known.learn(form, self.truth.value(form), self.truth.value(form))
        return Attack(known, self.truth.cells, self.model.names())

    def readers(self):
        answers = self.model.files[-1]["answers"]
        names = [name for name in ("viewer", "committee") if name in answers]
        names += [f"viewer + {name}" for name in answers if name.startswith("officer:") and "viewer" in answers]
        return [name for name in names if not self.options.reader or name in self.options.reader or name.split(":")[-1] in self.options.reader]


class _Plain:
    """As much of a reader as it takes to find the step of a release."""

    def __init__(self, attacker):
        self.attacker, self.model = attacker, attacker.model

    shown = Reader.shown


def attack(files, options):
    start = time.time()
    attacker = Attacker(files, options)
    truth = attacker.truth
    print(f"model: {truth.equations} equations hold of {len(attacker.model.columns)} cells, {truth.certain} links for certain and {truth.likely} as it is")
    for name in truth.dropped:
        print(f"model: left out, for it does not hold: {name}")
    print(f"model: {len(attacker.small)} small cells, made in {time.time() - start:.0f} s")
    table, total, seen = [], sum(file.get("faults", 0) for file in files), {}
    for name in attacker.readers():
        begun = time.time()
        reader = Reader(name, attacker)
        twin = seen.setdefault((reader.own, frozenset(reader.known.between.items()), frozenset(reader.withheld), tuple(reader.faults)), name)
        if twin != name:
            print(f"{name}: knows what {twin} knows")
            continue
        counts = judge(reader, options)
        total += counts["found"]
        table.append((name, counts, time.time() - begun))
    summary(table)
    if options.changed:
        total += changes(attacker, options)
    if options.shares:
        shares(attacker)
    return 1 if total else 0


def judge(reader, options):
    """Prints what is found of a reader, and counts it."""
    counts = defaultdict(int, withheld=len(reader.withheld), found=len(reader.faults), faults=len(reader.faults))
    lines = [f"FOUND {reader.name}: {fault}" for fault in reader.faults]
    results = reader.attack()
    counts["small"] = len(reader.small)
    counts["minutes"] = sum(form.kind == "minutes" for form in reader.withheld)
    found = []
    for form, name, least, most, decided in results:
        of = reader.judged(form, name, least, most)
        if of <= APART:
            for one in of:
                counts[one] += 1
        elif not decided:
            counts["undecided"] += 1
            counts["found"] += 1
        else:
            found.append((form, name, least, most, of - APART))
    lawful = reader.lawful([(form, of) for form, *_, of in found])
    for (form, name, least, most, of), is_lawful in zip(found, lawful):
        for one in of:
            counts["by law" if is_lawful else one] += 1
        counts["found"] += not is_lawful
        true = reader.truth.value(form)
        word = "public by law" if is_lawful else "FOUND"
        lines.append(f"{word} {reader.name}: {' '.join(map(str, name))}, {true:.0f}: {least:.2f} to {most:.2f} ({', '.join(sorted(of))})")
    counts["former"], counts["programs"] = reader.former, reader.programs
    counts["step"] = max(reader.steps)
    if not options.summary:
        print("\n".join(lines) if lines else f"{reader.name}: nothing found")
    return counts


def summary(table):
    heads = ("withheld", "elsewhere", "printed", "recovered", "small", "pinned", "minutes", "min pinned", "by law", "undecided", "faults", "former", "step", "programs")
    print(f"{'reader':26}" + "".join(f"{head:>11}" for head in heads) + f"{'seconds':>10}")
    for name, counts, seconds in table:
        print(f"{name:26}" + "".join(f"{counts[head]:>11}" for head in heads) + f"{seconds:>10.1f}")


def changes(attacker, options):
    """Shown values that changed between two files, where records of 1 to 4 people changed."""
    with open(options.changed, encoding="utf-8") as file:
        changed = json.load(file)
    found = 0
    for before, after in zip(attacker.model.files, attacker.model.files[1:]):
        for name in sorted(set(before["answers"]) & set(after["answers"])):
            former = {key_of(row): row for row in before["answers"][name]["rows"]}
            for row in after["answers"][name]["rows"]:
                old, own = former.get(key_of(row)), name.partition(":")[2]
                people = changed.get(f"{row[3]}|{row[4]}", 0)
                if old and row[4] != own and None not in (old[9], row[9]) and old[9:12] != row[9:12] and 0 < people < LEAST:
                    found += 1
                    print(f"FOUND {name}: changed by {people} people: {' '.join(map(str, row[:7]))}, {old[9:11]} to {row[9:11]}")
    return found


def shares(attacker):
    """Of each indicator's rows by total, by sex and by band, the share that is withheld, bureaus and the office together."""
    for name, answer in attacker.model.files[-1]["answers"].items():
        if name.startswith("officer:"):
            continue
        count = defaultdict(lambda: [0, 0])
        for row in answer["rows"]:
            split = "by sex" if row[5] != TOTAL else "by band" if row[6] != TOTAL else "total"
            for of in ((row[0], split), ("all", split), (row[0], "all"), ("all", "all")):
                count[of][0] += row[7] == "WITHHELD"
                count[of][1] += 1
        print(f"withheld of {name}, %: {'':22}" + "".join(f"{split:>10}" for split in ("total", "by sex", "by band", "all")))
        for code in sorted({of[0] for of in count}, key=lambda code: (code == "all", code)):
            cells = [count.get((code, split)) for split in ("total", "by sex", "by band", "all")]
            print(f"{code:45}" + "".join(f"{100 * cell[0] / cell[1]:>10.1f}" if cell else f"{'-':>10}" for cell in cells))
