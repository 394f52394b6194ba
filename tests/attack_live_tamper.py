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


def is_few(row):
    """Whether a row is of 1 to 4 people on some side, as far as it tells: so that it is withheld for itself."""
    times = [STRUCTURE["indicators"].get(row[0], {}).get(side, {}).get("times", 1) for side in ("numerator", "denominator")]
    sides = [row[9] / times[0], row[10] / times[1], row[11]]
    return any(0 < number < 5 for number in (*sides, sides[1] - sides[0]) if number is not None)


def bureau(file, truth):
    """Two bureaus are withheld where three or more are: those of few people by themselves, and with them others up to two, in each month the same."""
    viewer = withheld_bureaus(file["answers"]["viewer"]["rows"])
    often = defaultdict(Counter)
    for of, bureaus in viewer.items():
        often[of[2]].update(bureaus.keys())
    kept = {}
    for of, bureaus in viewer.items():
        order = sorted(bureaus, key=lambda one: (-often[of[2]][one], one))
        few = [one for one in order if is_few(truth[key_of(bureaus[one])])]
        kept[of] = set(few + [one for one in order if one not in few][: max(0, 2 - len(few))])
    count = 0
    for name, rows in lists(file):
        own = name.partition(":")[2]
        for of, bureaus in withheld_bureaus(rows).items():
            for one, row in bureaus.items():
                if len(viewer.get(of, {})) > 2 and one not in kept[of] and one != own:
                    count += show(row, truth)
    return f"{count} rows of bureaus are shown, so that two are withheld where more were, or those that are of few people"


def indicator(file, truth):
    """Of the indicator with the most withheld rows of people, all are shown."""
    often = Counter(row[0] for row in file["answers"]["viewer"]["rows"] if row[7] == "WITHHELD" and not is_minutes(row[0], "numerator"))
    if not often:
        raise ValueError("nothing is withheld")
    code = max(sorted(often), key=often.get)
    count = sum(show(row, truth) for _, rows in lists(file) for row in rows if row[0] == code and row[7] == "WITHHELD")
    return f"{count} rows of {code} are shown"
