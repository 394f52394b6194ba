"""Who holds whom, derived once more: day by day and without our code.

    python3 holder.py HISTORY

HISTORY has a JSON object a line: what an office knew after a change (`today`, and of each person employment, posts, namings and the bureau of
the first record), and what the platform said then: who holds them on which days, whom each bureau sees, and where the months stand.
On a day in service the main post decides; else the named bureau, if it is resident or nobody is; else, on days gone by, whoever held the
person already; else the holder of the day before, unless they are not resident and a resident post begins; else the resident, earliest, first
recorded post. Without a post the last holder stays, and before the first one the bureau that recorded the person.
"""

import json
import sys
from datetime import date

FIRST, LAST = date(2020, 1, 1).toordinal(), date(2021, 12, 31).toordinal()


def day(text):
    return date.fromisoformat(text).toordinal() if text else LAST + 1


def within(at, span):
    return day(span["from"]) <= at < day(span["to"])


def post_on(at, person, last, stored):
    if not any(within(at, period) for period in person["employment"]):
        return None
    posts = [post for post in person["posts"] if within(at, post)]
    main = [post for post in posts if post["main"]]
    if main:
        return main[0]
    posts.sort(key=lambda post: (not post["resident"], post["from"], post["id"]))
    names = sorted((day(name["from"]), name["bureau"]) for name in person["named"] if day(name["from"]) <= at)
    named = [post for post in posts if names and post["bureau"] == names[-1][1]]
    if named and (named[0]["resident"] or not posts[0]["resident"]):
        return named[0]
    by_id = {post["id"]: post for post in posts}
    if stored and stored[1] in by_id:
        return by_id[stored[1]]
    stays = by_id.get(last[1]) if last else None
    begins = any(post["resident"] and day(post["from"]) == at for post in posts)
    if stays and (stays["resident"] or not begins):
        return stays
    return posts[0] if posts else None


def derive(person, former, today):
    held, last = {}, None
    since = min([day(person["created"])] + [day(period["from"]) for period in person["employment"]])
    for at in range(FIRST, LAST + 1):
        post = post_on(at, person, last, former.get(at) if at <= today else None)
        if post:
            last = (post["bureau"], post["id"])
        elif last or (person["recorded"] and since <= at):
            last = (last[0] if last else person["recorded"], None)
        if last:
            held[at] = last
    return held


def compare(step, known, wrong):
    today, count = day(step["today"]), 0
    for number, person in step["people"].items():
        facts = {name: person[name] for name in ("created", "recorded", "employment", "posts", "named")}
        former, held = known.get(number, (None, {}))
        if facts != former:
            held = derive(person, held, today)
        known[number] = (facts, held)
        told = {at: (row["bureau"], row["post"]) for row in person["held"] for at in range(day(row["from"]), day(row["to"])) if at <= LAST}
        told = {at: who for at, who in told.items() if at >= FIRST}
        count += len(held)
        wrong += [(step["today"], number, date.fromordinal(at).isoformat(), held.get(at), told.get(at))
                  for at in range(FIRST, LAST + 1) if held.get(at) != told.get(at)]
    for look in step["looks"]:
        at = day(look["today"])
        holds = [number for number in step["people"] if known[number][1].get(at, (None,))[0] == look["bureau"]]
        sees = [number for number, person in step["people"].items()
                if any(post["bureau"] == look["bureau"] and at < day(post["to"]) for post in person["posts"])]
        count += len(holds) + len(sees)
        for what, mine in (("holds", set(holds)), ("sees", set(holds) | set(sees))):
            wrong += [(look["today"], look["bureau"], what, number) for number in mine ^ set(look[what])]
    for month in step["months"]:
        first, last = day(month["first"]), day(month["last"])
        for number, person in step["people"].items():
            days = [at for at in range(first, last + 1) if any(within(at, period) for period in person["employment"])
                    and any(within(at, post) for post in person["posts"])]
            place = known[number][1][days[-1]][1] if days else None
            count += 1
            if place != month["placed"].get(number):
                wrong.append((month["first"], number, place, month["placed"].get(number)))
    return count


def main():
    known, wrong, count = {}, [], 0
    for line in open(sys.argv[1], encoding="utf-8"):
        count += compare(json.loads(line), known, wrong)
    for each in wrong[:20]:
        print(*each)
    print(f"{count} compared, {len(wrong)} differences")
    sys.exit(bool(wrong))


main()
