"""Intervals of sums of cells over all that agrees with what is known, for attack.py: by linear programming, from the truth, which agrees.

What is nil or follows by itself is taken out first. What is left falls into components; in each, optima in many directions at once prove most sums
wide, and only those left over are solved one by one.
"""

import random
from collections import defaultdict

import numpy
from scipy.optimize import linprog
from scipy.sparse import csr_array, hstack, identity, vstack
from scipy.sparse.csgraph import connected_components

SLACK = 1e-6
# How many sums are moved at once.
AT_ONCE = 600


def matrix(rows, columns):
    places = [(index, column, factor) for index, row in enumerate(rows) for column, factor in row.items()]
    at, of, factors = zip(*places) if places else ((), (), ())
    return csr_array((numpy.array(factors, dtype=float), (at, of)), shape=(len(rows), columns))


class Known:
    """What a reader knows: sums between two ends, and links, which hold of whatever is."""

    def __init__(self, columns, links):
        self.columns = columns
        self.links = links
        self.between = {}

    def learn(self, form, least, most):
        """False where it contradicts what is known."""
        before = self.between.get(form, (-numpy.inf, numpy.inf))
        ends = max(before[0], least), min(before[1], most)
        if ends[0] > ends[1] + SLACK:
            return False
        self.between[form] = ends
        return True

    def reduce(self):
        """What is nil because a larger sum is, and what follows by itself: column by number."""
        self.nil, self.fixed = set(), {}
        touched = defaultdict(list)
        exact = [(form.cells, ends[0]) for form, ends in self.between.items() if ends[0] == ends[1]]
        upper = [(form.cells, ends[1]) for form, ends in self.between.items() if ends[1] == 0.0]
        queue = []

        def fix(column, number, nil):
            if nil and column not in self.nil:
                self.nil.add(column)
                self.fixed.setdefault(column, 0.0)
                queue.append(column)
            elif column not in self.fixed:
                self.fixed[column] = number
                queue.append(column)

        for row, _ in upper:
            if all(factor > 0 for factor in row.values()):
                for column in row:
                    fix(column, 0.0, True)
        for index, (row, _) in enumerate(exact):
            for column in row:
                touched[column].append((0, index))
        for index, row in enumerate(self.links):
            for column, factor in row.items():
                if factor < 0:
                    touched[column].append((1, index))
        left = [len(row) for row, _ in exact]
        more = [sum(factor < 0 for factor in row.values()) for row in self.links]
        seen = set()
        for index, count in enumerate(left):
            if count == 1:
                self.follow(exact[index], fix)
        while queue:
            column = queue.pop()
            if column not in seen:
                seen.add(column)
                for which, index in touched[column]:
                    if which == 0:
                        left[index] -= 1
                        if left[index] == 1:
                            self.follow(exact[index], fix)
            if column in self.nil and (column, "nil") not in seen:
                seen.add((column, "nil"))
                for which, index in touched[column]:
                    if which == 1:
                        more[index] -= 1
                        if more[index] == 0:
                            for other, factor in self.links[index].items():
                                if factor > 0:
                                    fix(other, 0.0, True)

    def follow(self, equation, fix):
        row, number = equation
        rest = [column for column in row if column not in self.fixed]
        if len(rest) == 1:
            known = sum(factor * self.fixed[column] for column, factor in row.items() if column in self.fixed)
            fix(rest[0], (number - known) / row[rest[0]], False)


class Attack:
    """The intervals of targets, (form, width that is wide enough), from what is known and a truth that agrees with it."""

    def __init__(self, known, truth, seed=1):
        known.reduce()
        self.known, self.truth = known, truth
        self.lot = random.Random(seed)
        self.programs = 0
        self.free = [column for column in range(known.columns) if column not in known.fixed]
        self.place = {column: index for index, column in enumerate(self.free)}
        self.start = numpy.array([truth[column] for column in self.free])
        equal, below, limits = {}, [], []
        for form, (least, most) in known.between.items():
            row = self.rest(form.cells)
            if not row:
                continue
            now = sum(factor * truth[column] for column, factor in form.cells.items())
            if least == most:
                equal[tuple(sorted(row.items()))] = row
            else:
                for sign, room in ((1.0, most - now), (-1.0, now - least)):
                    if numpy.isfinite(room):
                        below.append({column: sign * factor for column, factor in row.items()})
                        limits.append(max(0.0, room))
        for link in known.links:
            row = self.rest(link)
            if any(factor > 0 for factor in row.values()):
                below.append(row)
                limits.append(max(0.0, -sum(factor * truth[column] for column, factor in link.items())))
        self.equal, self.below, self.limits = list(equal.values()), below, limits

    def rest(self, row):
        """The part of a row that is not fixed, by the places of free columns."""
        return {self.place[column]: factor for column, factor in row.items() if column in self.place}

    def intervals(self, targets):
        """(least, most) of each, as far as it takes to say that it is wide; exact where it is not."""
        rows = [self.rest(form.cells) for form, _ in targets]
        found = [None] * len(targets)
        for index, row in enumerate(rows):
            if not row:
                number = sum(factor * self.truth[column] for column, factor in targets[index][0].cells.items())
                found[index] = (number, number)
        size = len(self.free)
        everything = [*self.equal, *self.below, *rows]
        if not size:
            return found
        pairs = [(min(row), column) for row in everything if row for column in row]
        graph = csr_array((numpy.ones(len(pairs)), tuple(zip(*pairs))), shape=(size, size)) if pairs else csr_array((size, size))
        _, label = connected_components(graph, directed=False)
        groups = defaultdict(list)
        for index, row in enumerate(rows):
            if row:
                groups[label[min(row)]].append(index)
        of = {name: defaultdict(list) for name in ("equal", "below")}
        for name in of:
            for index, row in enumerate(getattr(self, name)):
                if label[min(row)] in groups:
                    of[name][label[min(row)]].append(index)
        columns = defaultdict(list)
        for column, which in enumerate(label):
            if which in groups:
                columns[which].append(column)
        for which, own in groups.items():
            component = Component(self, columns[which], of["equal"][which], of["below"][which])
            component.solve([rows[index] for index in own], [targets[index][1] for index in own])
            for index, ends in zip(own, component.ends()):
                now = sum(factor * self.truth[column] for column, factor in targets[index][0].cells.items())
                found[index] = (now + ends[0], now + ends[1])
        return found


class Component:
    """Moves away from the truth that leave all that is known as it is."""

    def __init__(self, attack, columns, equal, below):
        self.attack = attack
        self.at = {column: index for index, column in enumerate(columns)}
        self.size = len(columns)
        self.equal = matrix([self.own(attack.equal[index]) for index in equal], self.size)
        self.below = matrix([self.own(attack.below[index]) for index in below], self.size)
        self.limits = numpy.array([attack.limits[index] for index in below])
        self.low = -attack.start[columns]

    def own(self, row):
        return {self.at[column]: factor for column, factor in row.items()}

    def solve(self, rows, needs):
        self.rows = matrix([self.own(row) for row in rows], self.size)
        self.needs = numpy.array(needs, dtype=float)
        count = len(rows)
        self.least, self.most = numpy.zeros(count), numpy.zeros(count)
        idle = 0
        for turn in range(16):
            narrow = self.narrow()
            if len(narrow) < 3 or idle > 1:
                break
            if len(narrow) > AT_ONCE:
                narrow = sorted(self.attack.lot.sample(list(narrow), AT_ONCE))
            sign = numpy.array([1.0 if turn == 0 else -1.0 if turn == 1 else self.attack.lot.choice((1.0, -1.0)) for _ in narrow])
            before = len(self.narrow())
            self.move_many(numpy.array(narrow), sign)
            gone = before - len(self.narrow())
            idle = idle + 1 if turn > 1 and gone * 20 < before else 0
        for index in self.narrow():
            for sign in (1.0, -1.0):
                if self.most[index] - self.least[index] < self.needs[index] - SLACK:
                    self.move_one(index, sign)

    def narrow(self):
        return numpy.flatnonzero(self.most - self.least < self.needs - SLACK)

    def ends(self):
        return list(zip(self.least, self.most))

    def see(self, cells):
        values = self.rows @ cells
        numpy.minimum(self.least, values, out=self.least)
        numpy.maximum(self.most, values, out=self.most)

    def move_many(self, which, sign):
        """Moves as many sums as can be moved together, each at most as far as it takes."""
        some = len(which)
        own = csr_array(self.rows[which] * -sign[:, None])
        upper = hstack([own, identity(some, format="csr")])
        parts, limits = [upper], [numpy.zeros(some)]
        if self.below.shape[0]:
            parts.append(hstack([self.below, csr_array((self.below.shape[0], some))]))
            limits.append(self.limits)
        equal = hstack([self.equal, csr_array((self.equal.shape[0], some))]) if self.equal.shape[0] else None
        weights = numpy.array([1.0 / need for need in self.needs[which]])
        bounds = numpy.vstack([self.bounds(), numpy.column_stack([numpy.zeros(some), self.needs[which]])])
        cells = self.best(numpy.concatenate([numpy.zeros(self.size), -weights]), vstack(parts), numpy.concatenate(limits), equal, bounds)
        if cells is not None:
            self.see(cells[: self.size])

    def move_one(self, index, sign):
        objective = -sign * self.rows[[index]].toarray()[0]
        below = self.below if self.below.shape[0] else None
        equal = self.equal if self.equal.shape[0] else None
        cells = self.best(objective, below, self.limits if below is not None else None, equal, self.bounds())
        if cells is not None:
            self.see(cells)
        elif sign > 0:
            self.most[index] = numpy.inf
        else:
            self.least[index] = -numpy.inf

    def bounds(self):
        return numpy.column_stack([self.low, numpy.full(self.size, numpy.inf)])

    def best(self, objective, below, limits, equal, bounds):
        self.attack.programs += 1
        zeros = numpy.zeros(equal.shape[0]) if equal is not None else None
        solution = linprog(objective, A_ub=below, b_ub=limits, A_eq=equal, b_eq=zeros, bounds=bounds, method="highs")
        if solution.status == 0:
            return solution.x
        if solution.status in (3, 4) and (solution.status == 3 or "unbounded" in solution.message.lower()):
            return None
        raise ValueError(f"a program has no solution: {solution.message}")
