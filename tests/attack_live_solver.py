"""Intervals of sums of cells over all that agrees with what is known, for attack.py: by linear programming, from the truth, which agrees.

What is nil or follows by itself is taken out first. What is left falls into components; in each, optima in many directions at once prove most sums
wide, and only those left over are solved one by one.
"""

import random
import time
from collections import defaultdict

import numpy
from scipy.optimize import linprog
from scipy.sparse import csr_array, hstack, identity, vstack
from scipy.sparse.csgraph import connected_components

SLACK = 1e-6
# How many sums are moved at once.
AT_ONCE = 400
# From how many columns on a component is attacked in parts first, and how many bureaus a bureau changes people with.
SMALL = 400
PARTNERS = 3


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

    def __init__(self, known, truth, names, seconds=numpy.inf, seed=1):
        known.reduce()
        self.names, self.parts = names, {}
        self.known, self.truth = known, truth
        self.lot = random.Random(seed)
        self.programs = 0
        self.until = time.monotonic() + seconds
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

    def is_over(self):
        return time.monotonic() > self.until

    def rest(self, row):
        """The part of a row that is not fixed, by the places of free columns."""
        return {self.place[column]: factor for column, factor in row.items() if column in self.place}

    def intervals(self, targets, given=None, is_found=None):
        """(least, most, whether it is decided) of each, as far as it takes to say that it is wide; exact where it is not. `given` is what follows
        from less, and is not looked at again. With `is_found`, which is asked with an index and its ends, only what is narrow by few sums is looked
        for, up to the first of which it says so; of all others it is None."""
        given = given or {}
        rows = [{} if form in given else self.rest(form.cells) for form, _ in targets]
        found = [given.get(form) for form, _ in targets]
        for index, row in enumerate(rows):
            if not row and found[index] is None:
                number = sum(factor * self.truth[column] for column, factor in targets[index][0].cells.items())
                found[index] = (number, number, True)
        if is_found:
            for index, ends in enumerate(found):
                told = self.known.between.get(targets[index][0], (-numpy.inf, numpy.inf))
                ends = ends or (*told, True)
                if is_found(index, ends):
                    return [ends if other == index else None for other in range(len(found))]
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
        for which, own in sorted(groups.items(), key=lambda group: len(columns[group[0]])):
            component = Component(self, columns[which], of["equal"][which], of["below"][which])
            if is_found:
                nows = [sum(factor * self.truth[column] for column, factor in targets[index][0].cells.items()) for index in own]
                ask = lambda place, ends: is_found(own[place], (nows[place] + ends[0], nows[place] + ends[1], True))
                first = component.first([rows[index] for index in own], [targets[index][1] for index in own], ask)
                if first is not None:
                    place, ends = first
                    alone = [None] * len(found)
                    alone[own[place]] = (nows[place] + ends[0], nows[place] + ends[1], True)
                    return alone
                continue
            component.solve([rows[index] for index in own], [targets[index][1] for index in own])
            for index, ends in zip(own, component.ends()):
                now = sum(factor * self.truth[column] for column, factor in targets[index][0].cells.items())
                found[index] = (now + ends[0], now + ends[1], ends[2])
        return [None] * len(found) if is_found else found


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
        names = [attack.names[attack.free[column]] for column in columns]
        self.bureau = numpy.array([name[4] for name in names], dtype=object)
        self.table = numpy.array([hash(name[:4]) for name in names])

    def own(self, row):
        return {self.at[column]: factor for column, factor in row.items()}

    def begin(self, rows, needs):
        self.rows = matrix([self.own(row) for row in rows], self.size)
        self.needs = numpy.array(needs, dtype=float)
        count = len(rows)
        self.least, self.most = numpy.zeros(count), numpy.zeros(count)
        self.outer, self.undecided = {}, set()

    def first(self, rows, needs, is_found):
        """The first of the sums that is narrow by the sums of its own tables, and is what is looked for, with its ends; small tables come first."""
        self.begin(rows, needs)
        size = {table: count for table, count in zip(*numpy.unique(self.table, return_counts=True))}
        own = [set(self.table[[self.at[column] for column in row]]) for row in rows]
        for index in sorted(range(len(rows)), key=lambda index: sum(size[table] for table in own[index])):
            if self.attack.is_over():
                return None
            ends = self.of_tables(index)
            if ends[1] - ends[0] < self.needs[index] - SLACK and is_found(index, ends):
                return index, ends
        return None

    def solve(self, rows, needs):
        self.begin(rows, needs)
        if self.size > SMALL:
            self.among_bureaus(PARTNERS)
            self.within_tables()
            self.among_bureaus(3 * PARTNERS)
        for index in self.narrow():
            if self.attack.is_over():
                self.undecided.add(index)
            for sign in (1.0, -1.0):
                if index not in self.undecided and self.most[index] - self.least[index] < self.needs[index] - SLACK:
                    self.move_one(index, sign)

    def narrow(self):
        """The sums of which it is neither proven that they are wide nor that they are narrow."""
        found = numpy.flatnonzero(self.most - self.least < self.needs - SLACK)
        return [index for index in found if index not in self.outer]

    def ends(self):
        sure = [self.outer.get(index, ends) for index, ends in enumerate(zip(self.least, self.most))]
        return [(*ends, index not in self.undecided) for index, ends in enumerate(sure)]

    def among_bureaus(self, partners):
        """People change places between a bureau and some others, all else staying as it is."""
        bureaus = sorted(set(self.bureau))
        if len(bureaus) < partners + 2:
            return
        of_rows = [set(self.bureau[self.rows.indices[self.rows.indptr[i] : self.rows.indptr[i + 1]]]) for i in range(self.rows.shape[0])]
        weight = {bureau: int((self.bureau == bureau).sum() - self.low[self.bureau == bureau].sum()) for bureau in bureaus}
        order = sorted(bureaus, key=lambda bureau: -weight[bureau])
        for turn in range(3):
            left = set(self.narrow())
            for bureau in bureaus:
                own = [index for index in left if of_rows[index] == {bureau}]
                others = [one for one in order if one != bureau]
                some = others[:partners] if turn == 0 else self.attack.lot.sample(others, partners)
                if own and not self.attack.is_over():
                    self.rounds(numpy.flatnonzero(numpy.isin(self.bureau, [bureau, *some])), own, 4)

    def rounds(self, columns, which, turns):
        part = Part(self, columns)
        for turn in range(turns):
            left = sorted(set(self.narrow()) & set(which))
            if not left:
                return
            left = left if len(left) <= AT_ONCE else sorted(self.attack.lot.sample(left, AT_ONCE))
            sign = numpy.array([1.0 if turn == 0 else -1.0 if turn == 1 else self.attack.lot.choice((1.0, -1.0)) for _ in left])
            cells = part.move(self.rows[left][:, columns], sign, self.needs[left])
            before = len(self.narrow())
            self.see(columns, cells)
            if turn > 1 and (before - len(self.narrow())) * 20 < len(left):
                return

    def within_tables(self):
        """What is narrow by the sums of its own tables alone is narrow by all."""
        for index in self.narrow():
            if self.attack.is_over():
                return
            ends = self.of_tables(index)
            if ends[1] - ends[0] < self.needs[index] - SLACK:
                self.outer[index] = ends

    def of_tables(self, index):
        own = self.rows.indices[self.rows.indptr[index] : self.rows.indptr[index + 1]]
        tables = set(self.table[own])
        columns = numpy.flatnonzero(numpy.isin(self.table, list(tables)))
        part = self.attack.parts.setdefault((id(self), frozenset(tables)), None) or Part(self, columns, relaxed=True)
        self.attack.parts[id(self), frozenset(tables)] = part
        return part.extremes(self.rows[[index]][:, columns].toarray()[0])

    def see(self, columns, cells):
        if cells is None:
            return
        values = self.rows[:, columns] @ cells
        numpy.minimum(self.least, values, out=self.least)
        numpy.maximum(self.most, values, out=self.most)

    def move_one(self, index, sign):
        if not hasattr(self, "whole"):
            self.whole = Part(self, numpy.arange(self.size))
        cells = self.whole.best(-sign * self.rows[[index]].toarray()[0])
        if cells is not None:
            self.see(numpy.arange(self.size), cells)
        elif sign > 0:
            self.most[index] = numpy.inf
        else:
            self.least[index] = -numpy.inf


class Part:
    """Some columns of a component. The others stay as they are, or, relaxed, are forgotten with all that speaks of them."""

    def __init__(self, component, columns, relaxed=False):
        self.attack = component.attack
        self.low = component.low[columns]
        self.equal, _ = self.cut(component.equal, columns, relaxed)
        self.below, kept = self.cut(component.below, columns, relaxed)
        self.limits = component.limits[kept]

    def cut(self, whole, columns, relaxed):
        part = csr_array(whole[:, columns]) if whole.shape[0] else csr_array((0, len(columns)))
        count = numpy.diff(part.indptr)
        kept = count > 0
        if relaxed and whole.shape[0]:
            kept &= count == numpy.diff(whole.indptr)
        kept = numpy.flatnonzero(kept)
        return part[kept], kept

    def move(self, rows, sign, needs):
        """Moves as many sums as can be moved together, each at most as far as it takes."""
        some, size = len(needs), len(self.low)
        parts, limits = [hstack([csr_array(rows * -sign[:, None]), identity(some, format="csr")])], [numpy.zeros(some)]
        if self.below.shape[0]:
            parts.append(hstack([self.below, csr_array((self.below.shape[0], some))]))
            limits.append(self.limits)
        equal = hstack([self.equal, csr_array((self.equal.shape[0], some))]) if self.equal.shape[0] else None
        bounds = numpy.vstack([self.bounds(), numpy.column_stack([numpy.zeros(some), needs])])
        objective = numpy.concatenate([numpy.zeros(size), -1.0 / needs])
        cells = self.program(objective, vstack(parts), numpy.concatenate(limits), equal, bounds)
        return None if cells is None else cells[:size]

    def best(self, objective):
        """The move that makes the objective least; None where it has no bound."""
        below = self.below if self.below.shape[0] else None
        return self.program(objective, below, self.limits if below is not None else None, self.equal if self.equal.shape[0] else None, self.bounds())

    def extremes(self, row):
        ends = []
        for sign in (1.0, -1.0):
            cells = self.best(sign * row)
            ends.append(-sign * numpy.inf if cells is None else float(row @ cells))
        return tuple(ends)

    def bounds(self):
        return numpy.column_stack([self.low, numpy.full(len(self.low), numpy.inf)])

    def program(self, objective, below, limits, equal, bounds):
        self.attack.programs += 1
        zeros = numpy.zeros(equal.shape[0]) if equal is not None else None
        solution = linprog(objective, A_ub=below, b_ub=limits, A_eq=equal, b_eq=zeros, bounds=bounds, method="highs")
        if solution.status == 0:
            return solution.x
        if solution.status == 3 or (solution.status == 4 and "unbounded" in solution.message.lower()):
            return None
        raise ValueError(f"a program has no solution: {solution.message}")
