"""For attack.py live --former: whether each shown value that is not the latest is the one of the vintage that it claims, and says so.

A reader without sight of persons keeps a former value while the records of 1 to 4 people changed. Whatever is shown must be the latest value, or, where it
says that a later one is held back, the value that was the latest when it was computed.
"""

from collections import Counter, defaultdict

from attack_live_model import STRUCTURE
from attack_live_reader import key_of, vintage

STEP = 600


def shown(row):
    """A row's sides as they are shown to who sees no persons."""
    indicator = STRUCTURE["indicators"].get(row[0], {})
    sides = []
    for side, number in (("numerator", row[9]), ("denominator", row[10])):
        part = indicator.get(side)
        if part and number is not None and STRUCTURE["tables"][part["table"]]["kind"] == "minutes":
            times = part.get("times", 1)
            number = (number // times + STEP // 2) // STEP * STEP * times
        sides.append(number)
    return sides


def check(caller, file):
    """How many values are the latest, and how many former ones, and what is neither."""
    truth = {key_of(row): row for row in file["truth"]["rows"]}
    counts, former, faults = Counter(), defaultdict(list), []
    for name, answer in file["answers"].items():
        own = name.partition(":")[2]
        for row in answer["rows"] + answer.get("series", []):
            if row[9] is None or row[4] == own:
                continue
            latest = truth.get(key_of(row))
            is_latest = latest is not None and shown(latest) == row[9:11]
            if row[16]:
                former[row[16]].append((name, row, is_latest))
            elif is_latest:
                counts["the latest"] += 1
            else:
                faults.append(f"{name}: {' '.join(map(str, row[:7]))} shows {row[9:11]} and claims to be the latest, {latest and shown(latest)}")
    for at, rows in sorted(former.items()):
        then = vintage(caller, file["months"], at)
        for name, row, is_latest in rows:
            counts["former and no other number" if is_latest else "former"] += 1
            if key_of(row) not in then or shown(then[key_of(row)]) != row[9:11]:
                was = shown(then[key_of(row)]) if key_of(row) in then else None
                faults.append(f"{name}: {' '.join(map(str, row[:7]))} shows {row[9:11]} and claims to be of {at}, when it was {was}")
    return counts, faults
