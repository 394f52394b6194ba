"""Breaks a rule of what is shown, in a file of attack.py: that the attack finds it proves the attack."""

from collections import Counter, defaultdict

from attack_live_model import STRUCTURE, TOTAL
from attack_live_reader import key_of


def tamper(file, rule):
    """Shows in the answers what a broken rule would, and says what."""
    truth = {key_of(row): row for row in file["truth"]["rows"]}
    return {"rounding": rounding, "bureau": bureau, "indicator": indicator}[rule](file, truth)


def lists(file):
    """Each answer's rows, by who was answered."""
    return [(name, answer["rows"] + answer.get("series", [])) for name, answer in file["answers"].items()]


def show(row, truth):
    """Shows a row as it is, if it is there."""
    true = truth.get(key_of(row))
    if true and row[7] == "WITHHELD":
        row[7:12] = ["PROVISIONAL", *true[8:12]]
        row[14] = ""
    return bool(true)


def is_minutes(code, side):
    indicator = STRUCTURE["indicators"].get(code)
    return indicator is not None and STRUCTURE["tables"][indicator[side]["table"]]["kind"] == "minutes"


def withheld_bureaus(rows):
    """Of each place of an indicator and month, the rows of bureaus that are withheld."""
    found = defaultdict(dict)
    for row in rows:
        if row[7] == "WITHHELD" and row[4] != TOTAL:
            found[row[0], row[1], row[3], row[5], row[6]][row[4]] = row
    return found


def rounding(file, truth):
    """Minutes are exact, and of one sum of minutes all but one withheld bureau are shown."""
    count = 0
    for _, rows in lists(file):
        for row in rows:
            if row[7] != "WITHHELD" and (is_minutes(row[0], "numerator") or is_minutes(row[0], "denominator")) and key_of(row) in truth:
                row[8:11] = truth[key_of(row)][8:11]
                count += 1
    viewer = file["answers"]["viewer"]["rows"]
    shown = {key_of(row) for row in viewer if row[7] != "WITHHELD"}
    withheld = withheld_bureaus(viewer)
    places = [of for of in withheld if is_minutes(of[0], "numerator") and len(withheld[of]) > 1 and (*of[:3], TOTAL, *of[3:]) in shown]
    if not places:
        return f"{count} rows of minutes are exact; no withheld one could be left alone"
    of = min(places, key=lambda of: (len(withheld[of]), of))
    left = sorted(withheld[of])[0]
    for _, rows in lists(file):
        for name, row in withheld_bureaus(rows).get(of, {}).items():
            if name != left:
                show(row, truth)
    return f"{count} rows of minutes are exact, and {left} is withheld alone in {' '.join(of)}"


def bureau(file, truth):
    """Two bureaus are withheld where three or more are: in each month the same two, as far as they are."""
    viewer = withheld_bureaus(file["answers"]["viewer"]["rows"])
    often = defaultdict(Counter)
    for of, bureaus in viewer.items():
        often[of[2]].update(bureaus.keys())
    count = 0
    for name, rows in lists(file):
        own = name.partition(":")[2]
        for of, bureaus in withheld_bureaus(rows).items():
            order = sorted(bureaus, key=lambda one: (-often[of[2]][one], one))
            if len(viewer.get(of, {})) > 2:
                kept = sorted(viewer[of], key=lambda one: (-often[of[2]][one], one))[:2]
                for one in order:
                    if one not in kept and one != own:
                        count += show(bureaus[one], truth)
    return f"{count} rows are shown, so that two bureaus are withheld where more were"


def indicator(file, truth):
    """Of the indicator with the most withheld rows of people, all are shown."""
    often = Counter(row[0] for row in file["answers"]["viewer"]["rows"] if row[7] == "WITHHELD" and not is_minutes(row[0], "numerator"))
    if not often:
        raise ValueError("nothing is withheld")
    code = max(sorted(often), key=often.get)
    count = sum(show(row, truth) for _, rows in lists(file) for row in rows if row[0] == code and row[7] == "WITHHELD")
    return f"{count} rows of {code} are shown"
