"""The truth of live figures as numbers of cells, for attack.py: whether the model holds on it, and one table of cells that agrees with it."""

from collections import defaultdict

import numpy
from scipy.optimize import linprog

from attack_live_model import TOTAL
from attack_live_solver import Known, matrix

CLOSE = 1e-6


class NotTrue(Exception):
    """The model is false, so that nothing follows from it."""


class Truth:
    """Cells that agree with all whole figures of all files."""

    def __init__(self, model, attacker, every_link):
        self.model = model
        equations = self.gather(attacker)
        links = list(model.links(every_link))
        columns = len(model.columns)
        known = Known(columns, [])
        for form, (number, words) in equations.items():
            known.learn(form, number, number)
        known.reduce()
        self.cells = numpy.zeros(columns)
        for column, number in known.fixed.items():
            self.cells[column] = number
        free = [column for column in range(columns) if column not in known.fixed]
        self.fill(free, equations, links)
        self.check(equations)
        self.equations = len(equations)
        self.keep(links)

    def gather(self, attacker):
        """What each form is: (number, words). Twice told, it must be one number."""
        equations = {}

        def learn(form, number, words):
            if not form.cells:
                if number:
                    raise NotTrue(f"nobody is {number}: {words}")
            elif equations.setdefault(form, (number, words))[0] != number:
                raise NotTrue(f"one number is {number} of {words} and {equations[form][0]} of {equations[form][1]}")

        for vintage, file in enumerate(self.model.files):
            rows = file["truth"]["rows"]
            there, bureaus = defaultdict(set), defaultdict(set)
            for row in rows:
                there[tuple(row[:4])].add(tuple(row[4:7]))
                bureaus[row[3]].add(row[4])
                for name, form, times in self.model.forms(vintage, row):
                    number = {"numerator": row[9], "denominator": row[10], "people": row[11]}.get(name)
                    if number is not None:
                        learn(form, number / times, (name, *row[:7]))
            for of, places in there.items():
                for place in attacker.places(of[0], sorted(bureaus[of[3]] - {TOTAL}), crossed=True):
                    if place not in places:
                        for name, form, _ in self.model.forms(vintage, (*of, *place)):
                            if name != "rest":
                                learn(form, 0.0, (name, *of, *place))
            self.flags(vintage, file, learn)
        return equations

    def flags(self, vintage, file, learn):
        lines = {(month, bureau, category, kind): people or 0 for month, bureau, category, kind, people in file["truth"]["outliers"]}
        for month, category, kind in {(month, category, kind) for month, _, category, kind in lines}:
            for bureau in (*self.model.bureaus, TOTAL):
                form = self.model.flag(vintage, month, bureau, category, kind)
                learn(form, lines.get((month, bureau, category, kind), 0), ("flagged", month, bureau, category, kind))

    def fill(self, free, equations, links):
        """Cells that no figure tells by itself: any that agree, with as few faults of uncertain links as can be."""
        if not free:
            return
        place = {column: index for index, column in enumerate(free)}
        equal, numbers, below, limits, loose = [], [], [], [], []
        for form, (number, _) in equations.items():
            row = {place[column]: factor for column, factor in form.cells.items() if column in place}
            if row:
                equal.append(row)
                numbers.append(number - self.of(form.cells, place))
        for name, link, certain in links:
            row = {place[column]: factor for column, factor in link.items() if column in place}
            if row:
                if not certain:
                    row[len(free) + len(loose)] = -1.0
                    loose.append(name)
                below.append(row)
                limits.append(-self.of(link, place))
        columns = len(free) + len(loose)
        objective = numpy.concatenate([numpy.zeros(len(free)), numpy.ones(len(loose))])
        options = {"A_eq": matrix(equal, columns) if equal else None, "b_eq": numbers or None}
        options |= {"A_ub": matrix(below, columns) if below else None, "b_ub": limits or None}
        solution = linprog(objective, bounds=(0, None), method="highs", **options)
        if solution.status != 0:
            raise NotTrue(f"no cells agree with the truth: {solution.message}")
        self.cells[free] = numpy.where(numpy.abs(solution.x - numpy.round(solution.x)) < CLOSE, numpy.round(solution.x), solution.x)[: len(free)]

    def of(self, cells, without=()):
        return sum(factor * self.cells[column] for column, factor in cells.items() if column not in without)

    def check(self, equations):
        false = [(words, number, self.of(form.cells)) for form, (number, words) in equations.items() if abs(self.of(form.cells) - number) > CLOSE]
        below = [self.model.names()[column] for column in numpy.flatnonzero(self.cells < -CLOSE)]
        if below:
            raise NotTrue(f"{len(below)} cells are below nil: {below[:5]}")
        if false:
            told = "; ".join(f"{' '.join(map(str, words))} is {number}, its cells {cells}" for words, number, cells in false[:5])
            raise NotTrue(f"{len(false)} of {len(equations)} equations do not hold: {told}")

    def keep(self, links):
        """The links that hold; one that does not is left out wherever it is of the same span."""
        broken = {name: certain for name, link, certain in links if self.of(link) > CLOSE}
        false = [name for name, certain in broken.items() if certain]
        if false:
            raise NotTrue(f"a part is more than the whole: {false[:5]}")
        self.dropped = sorted(broken)
        rows = {}
        for name, link, certain in links:
            if name not in broken:
                rows.setdefault(tuple(sorted(link.items())), (link, certain))
        self.links = [link for link, _ in rows.values()]
        self.certain = sum(certain for _, certain in rows.values())
        self.likely = len(rows) - self.certain

    def value(self, form):
        """What a form truly is."""
        if not hasattr(form, "true") or form.true[0] is not self:
            form.true = (self, float(self.of(form.cells)))
        return form.true[1]
