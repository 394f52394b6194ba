"""Every number that a release tells, file by file, for attack.py: figures of observations.json, targets with gap and attainment, findings,
changes, and what the page prints and draws. A coordinate tells a printed value within half a unit of drawing.

A number that stands nowhere in observations.json, and that the attack cannot place, is refused: it might tell more.
"""

import csv
import json
import re
from pathlib import Path
from xml.etree import ElementTree

NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)*")
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
DAY = re.compile(r"\d{4}-\d{2}(?:-\d{2})?")
MONTH_HEAD = re.compile(rf"(\d{{4}})年(\d{{1,2}})月|({MONTHS}) (\d{{4}})")
SAID_DAY = re.compile(rf"{DAY.pattern}|(?:\d{{1,2}} )?(?:{MONTHS}) \d{{4}}")
JUMP = re.compile(r"moved from (-?[\d.]+) in the year before to (-?[\d.]+)\.")
PRINTED = re.compile(r"-?\d+\.\d+")
# Columns of the page's tables, in both languages: what a row is of, where figures stand, and what is read from elsewhere or is no figure of
# this year.
MONTH = {"月", "Month"}
INDICATOR = {"指標", "項目", "Indicator", "Item"}
PLACES = {
    "部局": "bureau", "Bureau": "bureau", "部局グループ": "bureau", "Group": "bureau", "性別": "sex", "Sex": "sex", "役職段階": "band", "Rank band": "band",
}
FIGURE = {"値", "Value", "最新値(時点)", "最新値（時点）", "Latest value (date)", "変更後", "After", "全体", "Whole office"}
YEAR_BEFORE = {"前年度の値（時点）", "Value of the year before (date)"}
ELSEWHERE = {
    "変更前", "Before", "目標設定時の値(時点)", "目標設定時の値（時点）", "Value when it was set (date)", "数値目標(期限又は期間)",
    "数値目標（期限又は期間）", "Target (date or span)", "政府目標（参考）", "Government's target (reference)",
    "政府全体の目標及び値（参考）", "Government's target and figure (reference)", "目標", "Target",
}
# From this format on each language has its own page, whose drawings name their members and years.
PAGE_A_LANGUAGE = 5
# Files that hold nothing but sums and keys, or whose content others hold (tables.xlsx and observations.parquet are compared row by row by
# `verify --public`).
CLOSED = {"SHA256SUMS", "SHA256SUMS.sig", "public-key.pem", "tables.xlsx", "observations.parquet", "datapackage.json"}


class Told:
    """Statements: rows as observations.csv has them, and values of a row between two ends."""

    def __init__(self, directory):
        self.directory = Path(directory)
        self.document = json.loads((self.directory / "observations.json").read_text(encoding="utf-8"))
        self.rows = []  # counts
        self.former_rows = []  # counts of the version before
        self.values = []  # (row, least, most)
        self.gaps = []  # (row, target numerator, target denominator, gap, attained, whether less is better)
        self.faults = []
        self.months = self.document.get("months", [])
        self.figures = self.document["observations"] + self.document["earlier"] + self.months
        self.withheld = {self.key(row) for row in self.figures if row["status"] == "WITHHELD"}
        self.read_document()
        self.read_changes()
        self.read_findings()
        self.read_page()
        self.read_site()
        self.read_vocabulary()

    def read_document(self):
        self.directions = {line["indicator"]: line["direction"] for line in self.document["definitions"]}
        for row in self.figures:
            self.rows.append(row)
            if row["value"] is not None:
                self.tell(row, f"{row['value']:.1f}")
        for target in self.document["targets"]:
            latest = target["latest"]
            if latest is None:
                if target["gap_in_people"] is not None or target["attained"] is not None:
                    self.faults.append(f"a gap without a figure: {target}")
                continue
            row = self.office(target["indicator"], latest["date_from"], latest["date_to"])
            self.rows.append({**row, "numerator": latest["numerator"], "denominator": latest["denominator"], "status": "FINAL"})
            self.tell(row, f"{target['latest_value']:.1f}")
            exact = target["qualifier"] != "ABOUT"
            less = target["qualifier"] == "AT_MOST" or self.directions.get(target["indicator"]) == "LOWER_IS_BETTER"
            self.gaps.append((row, *target["value"], target["gap_in_people"], target["attained"] if exact else None, less))

    def read_changes(self):
        changes = json.loads((self.directory / "changes.json").read_text(encoding="utf-8"))["observations"]
        for change in changes + (self.document["changes"] or {"observations": []})["observations"]:
            before, after = change["before"], change["after"]
            if after is not None:
                self.rows.append(after)
            if before is not None:
                self.former_rows.append(before)
                if after is not None and after["status"] == "WITHHELD" and (before["numerator"], before["denominator"]) != (None, None):
                    self.faults.append(f"told again as it was before: {before}")

    def read_findings(self):
        year = self.document["fiscal_year"]
        # A name may hold a number, as that of the share above 45 hours does.
        named = [one["name"]["en"] for one in self.document["definitions"] + self.document["bureaus"]]
        for finding in self.document["findings"]:
            text = finding["text"]["en"].replace(finding["subject"], " ")
            for name in sorted(named, key=len, reverse=True):
                text = text.replace(name, " ")
            jump = JUMP.search(text)
            if jump:
                for printed, of in zip(jump.groups(), (year - 1, year)):
                    for row in self.of_year(finding["subject"], of):
                        self.tell(row, printed)
                text = JUMP.sub(" ", text)
            left = NUMBER.findall(SAID_DAY.sub(" ", text).replace("0 to 100", " "))
            if left:
                self.faults.append(f"a finding tells {left}: {finding['text']['en']}")

    def office(self, indicator, date_from, date_to):
        everybody = {dimension: "TOTAL" for dimension in ("bureau", "sex", "band")}
        return {"indicator": indicator, "date_from": date_from, "date_to": date_to, **everybody}

    def of_year(self, indicator, year, **place):
        """The rows of an indicator in a fiscal year at a place; TOTAL where it says none."""
        wanted = {"bureau": "TOTAL", "sex": "TOTAL", "band": "TOTAL", **place, "indicator": indicator, "fiscal_year": year}
        rows = self.document["observations"] + self.document["earlier"]
        return [row for row in rows if all(row[name] == value for name, value in wanted.items())][:1]

    def of_month(self, indicator, said):
        """The office's figure of a month, as a row or a cell names it."""
        year = int(said[1] or said[4])
        month = int(said[2]) if said[2] else MONTHS.split("|").index(said[3]) + 1
        return [row for row in self.months if row["indicator"] == indicator and row["date_from"].startswith(f"{year:04}-{month:02}")]

    def read_site(self):
        """The lists of the government's site: each value is that of the office's figure that its row is about."""
        site = self.document.get("site")
        if site is None:
            return
        year = self.document["fiscal_year"]
        for row in self.csv("mieruka-targets.csv"):
            printed = PRINTED.match(row["最新値"])
            own = [one for one in self.document["targets"] if one["population"] == "OFFICE" and one["indicator"] == self.indicators.get(row["目標項目"])]
            latest = [one["latest"] for one in own if one["latest"] is not None]
            if printed and not latest:
                self.faults.append(f"{printed[0]} is told of no figure: {row}")
            for one in latest if printed else []:
                self.tell(self.office(own[0]["indicator"], one["date_from"], one["date_to"]), printed[0])
        cells = {(item["code"], cell["name"]): cell for item in site["items"] for cell in item["cells"]}
        by_month = {item["code"]: cell for item in site["items"] for cell in item["cells"] if cell.get("shows") == "MONTHS"}
        for row in self.csv("mieruka-items.csv"):
            month = MONTH_HEAD.fullmatch(row["区分"])
            cell = by_month.get(row["番号"]) if month else cells.get((row["番号"], row["区分"]))
            if cell is None:
                figures = []
            else:
                figures = self.of_month(cell["indicator"], month) if month else self.of_year(cell["indicator"], year)
            self.show(row["数値"], figures, (cell or {}).get("shows", "VALUE"))

    def show(self, text, figures, shows):
        """A value of a figure, or the women or men of one, where the text is a number."""
        if not NUMBER.fullmatch(text):
            return
        counted = {"WOMEN": lambda row: row["numerator"], "MEN": lambda row: row["denominator"] - row["numerator"]}.get(shows)
        for row in figures:
            if counted is None:
                self.tell(row, text)
            elif row["numerator"] is None or counted(row) != int(text):
                self.faults.append(f"{text} are told of {self.key(row)}")
        if not figures:
            self.faults.append(f"{text} is told of no figure")

    def csv(self, name):
        with open(self.directory / name, encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def tell(self, row, printed):
        half = 0.5 * 10.0 ** -len(printed.partition(".")[2])
        self.value(row, float(printed) - half, float(printed) + half)

    def value(self, row, least, most):
        """A value of minutes gives no count away, and is withheld all the same."""
        if self.key(row) in self.withheld:
            self.faults.append(f"a value of what is withheld, {least:.2f} to {most:.2f}: {self.key(row)}")
        self.values.append((row, least, most))

    def key(self, row):
        return tuple(row[name] for name in ("indicator", "date_from", "date_to", "bureau", "sex", "band"))

    def read_page(self):
        self.names = {"bureau": {}, "sex": {}, "band": {}}
        with open(self.directory / "codes.csv", encoding="utf-8", newline="") as file:
            for code in csv.DictReader(file):
                if code["dimension"] in self.names:
                    for name in (code["name_ja"], code["name_en"]):
                        self.names[code["dimension"]][name] = code["code"]
        self.indicators = {name: line["indicator"] for line in self.document["definitions"] for name in line["name"].values()}
        self.charts, self.pages = 0, {}
        named = self.document.get("format", 0) >= PAGE_A_LANGUAGE
        readers = {"trend": self.named_trend, "bands": self.named_bars, "bureaus": self.named_bars}
        if not named:
            readers = {"trend": self.trend, "bands": self.bars, "bureaus": self.bars}
        for name in ("report.html", "report.en.html") if named else ("report.html",):
            page = self.pages[name] = ElementTree.parse(self.directory / name).getroot()
            for svg in page.iter("svg"):
                kind = re.fullmatch(r"(?:ja|en)-(trend|bands|bureaus)-\d+-title", svg.get("aria-labelledby", "").split(" ")[0])
                if kind:
                    self.charts += 1
                    readers[kind[1]](svg, "band" if kind[1] == "bands" else "bureau")
                elif svg.get("aria-hidden") != "true":
                    self.faults.append(f"a drawing that cannot be read: {ElementTree.tostring(svg, encoding='unicode')[:200]}")
            for table in page.iter("table"):
                self.table(table)

    def table(self, table):
        """A row names its indicator, bureau, sex and band, or a column does; figures are told where the head says so."""
        head = ["".join(cell.itertext()) for cell in table.find("thead/tr")]
        year_of_release = self.document["fiscal_year"]
        for line in table.iterfind("tbody/tr"):
            cells = list(zip(head, ["".join(cell.itertext()) for cell in line]))
            place, indicator, month = {}, None, None
            for name, text in cells:
                if name in INDICATOR:
                    indicator = next((code for known, code in self.indicators.items() if text.startswith(known)), None)
                elif name in MONTH:
                    month = MONTH_HEAD.fullmatch(text)
                elif name in PLACES:
                    place[PLACES[name]] = self.names[PLACES[name]].get(text)
            for name, text in cells:
                year = re.fullmatch(r"(\d{4})(?:年度)?", name)
                if name in FIGURE or year:
                    self.print(text, self.of_year(indicator, int(year[1]) if year else self.document["fiscal_year"], **place))
                elif name in YEAR_BEFORE:
                    self.print(text, self.of_year(indicator, year_of_release - 1, **place))
                elif name in self.names["sex"] or name in self.names["band"]:
                    dimension = "sex" if name in self.names["sex"] else "band"
                    self.print(text, self.of_year(indicator, year_of_release, **{dimension: self.names[dimension][name]}))
                elif name in self.indicators and month:
                    self.print(text, self.of_month(self.indicators[name], month))
                elif name in self.indicators:
                    self.print(text, self.of_year(self.indicators[name], self.document["fiscal_year"], **place))
                elif PRINTED.match(text) and name not in ELSEWHERE:
                    self.faults.append(f"a table tells {text} under {name}")

    def print(self, text, rows):
        """A printed figure, such as `57.1% (4/7)`, or one that there is none of."""
        printed = PRINTED.match(text)
        if printed and not rows:
            self.faults.append(f"{text} is printed of no figure")
        for row in rows:
            if printed:
                self.tell(row, printed[0])

    def measured(self, row, value, step):
        self.value(row, value - step / 2 - 0.05, value + step / 2 + 0.05)

    def bars(self, svg, dimension):
        """Bars beside their names; the axis tells what a unit of drawing is worth."""
        indicator, year = self.indicators[svg.findtext("title")], self.document["fiscal_year"]
        marks = [(int(text.get("x")), float(NUMBER.search(text.text)[0].replace(",", ""))) for text in svg.findall("text") if "middle" in text.get("class", "")]
        left, step = marks[0][0], (marks[-1][1] - marks[0][1]) / (marks[-1][0] - marks[0][0])
        places = {}
        for text in svg.findall("text"):
            if text.get("class", "").startswith("end"):
                name = text.findtext("title") or text.text
                places[int(text.get("y"))] = self.of_year(indicator, year, **{dimension: self.names[dimension][name]})
        whole = {rect.get("width") for rect in svg.findall("rect") if not rect.get("class", "").startswith("bar")}
        if len(whole) > 1:
            self.faults.append(f"what is withheld has widths of its own: {whole}")
        for rect in svg.findall("rect"):
            y = int(rect.get("y"))
            rows = places[min((place for place in places if place > y), default=None)]
            if rect.get("class", "").startswith("bar"):
                assert int(rect.get("x")) == left
                for row in rows:
                    self.measured(row, int(rect.get("width")) * step, step)
        for text in svg.findall("text"):
            if text.get("class") is None:
                self.print(text.text, places[int(text.get("y"))])

    def trend(self, svg, _):
        """Points over fiscal years."""
        indicator = self.indicators[svg.findtext("title")]
        marks, years = [], {}
        for text in svg.findall("text"):
            if text.get("class") == "quiet end":
                marks.append((int(text.get("y")) - 4, float(text.text)))
            elif text.get("class") == "middle":
                years[int(text.get("x"))] = int(text.text)
        zero, step = marks[0][0], (marks[-1][1] - marks[0][1]) / (marks[0][0] - marks[-1][0])
        dots = set()
        for dot in svg.findall("circle"):
            x, y = int(dot.get("cx")), int(dot.get("cy"))
            dots.add(f"{x},{y}")
            for row in self.of_year(indicator, years[x]):
                self.measured(row, (zero - y) * step, step)
        for line in svg.findall("polyline"):
            if set(line.get("points").split(" ")) - dots:
                self.faults.append(f"a line of {indicator} goes where no point is")
        for text in svg.findall("text"):
            if text.get("class") == "middle halo":
                self.print(text.text, self.of_year(indicator, years[int(text.get("x"))]))

    def drawing(self, svg, marks, known):
        """The indicator, and what a unit of drawing is worth; all that stands in the drawing must be known."""
        for node in svg.iter():
            kind = (node.tag, node.get("class", "").split(" ")[0])
            if kind not in known and node.tag in ("rect", "circle", "text", "polyline", "path", "polygon", "ellipse", "image", "use"):
                self.faults.append(f"a drawing holds what cannot be placed: {ElementTree.tostring(node, encoding='unicode')[:200]}")
        told = [(int(text.get("data-at")), float(NUMBER.search(text.text)[0].replace(",", ""))) for text in svg.findall("text") if "mark" in text.get("class")]
        step = (told[-1][1] - told[0][1]) / abs(told[-1][0] - told[0][0])
        return svg.get("data-indicator"), told[0][0], step

    def named_bars(self, svg, dimension):
        """A row names its member; its bar is as long as its value, and the mark of what is withheld always the same."""
        known = {("text", name) for name in ("quiet", "name", "value")} | {("rect", name) for name in ("bar", "rest", "withheld")}
        indicator, left, step = self.drawing(svg, "x", known)
        year, sizes = self.document["fiscal_year"], set()
        if any(node.tag == "rect" for node in svg):
            self.faults.append(f"a bar of {indicator} in no row")
        for row in svg.findall("g"):
            rows = self.of_year(indicator, year, **{dimension: row.get(f"data-{dimension}")})
            for rect in row.findall("rect"):
                kind = rect.get("class").split(" ")[0]
                if kind == "bar":
                    if int(rect.get("x")) != left:
                        self.faults.append(f"a bar of {indicator} begins elsewhere")
                    for figure in rows:
                        self.measured(figure, int(rect.get("width")) * step, step)
                elif kind == "withheld":
                    sizes.add((rect.get("x"), rect.get("width"), rect.get("height")))
                elif rect.get("width") != "300":
                    self.faults.append(f"the rest of {indicator} has a length of its own")
            for text in row.findall("text"):
                if text.get("class") == "value":
                    self.print(text.text, rows)
        if sizes - {(str(left), "14", "12")}:
            self.faults.append(f"what is withheld of {indicator} has sizes of its own: {sizes}")

    def named_trend(self, svg, _):
        """A point names its year; its place in time is a date, and its height its value."""
        known = {("text", "quiet"), ("text", "value"), ("circle", "dot"), ("polyline", "series")}
        indicator, zero, step = self.drawing(svg, "y", known)
        dots = set()
        for dot in svg.findall("circle"):
            dots.add(f"{dot.get('cx')},{dot.get('cy')}")
            for row in self.of_year(indicator, int(dot.get("data-year"))):
                self.measured(row, (zero - int(dot.get("cy"))) * step, step)
        for line in svg.findall("polyline"):
            if set(line.get("points").split(" ")) - dots:
                self.faults.append(f"a line of {indicator} goes where no point is")
        for text in svg.findall("text"):
            if text.get("class").startswith("value"):
                self.print(text.text, self.of_year(indicator, int(text.get("data-year"))))

    @staticmethod
    def printed(numerator, denominator):
        """A quotient with one digit, half up, as releases print it."""
        tenths = (20 * numerator + denominator) // (2 * denominator)
        return f"{tenths // 10}.{tenths % 10}"

    def counted(self):
        """Numbers of those whom a denominator counts, where it is brought to another unit: they stand beside values."""
        bases = {line["indicator"]: (line["base"]["each"], line["unit"]) for line in self.document["definitions"] if line.get("base")}
        for row in self.figures + self.former_rows:
            each, unit = bases.get(row["indicator"], (1, None))
            for number in (row["denominator"], row["numerator"] if unit == "PERCENT" else None):
                if number is not None and number % each == 0:
                    yield str(number // each)

    def derived(self):
        """What the lists of the site derive: the men among women and men, and how a share grew since the year before."""
        if "site" not in self.document:
            return
        units = {line["indicator"]: line["unit"] for line in self.document["definitions"]}
        before = {row["indicator"]: row for row in self.document["earlier"] if row["fiscal_year"] == self.document["fiscal_year"] - 1}
        for row in self.document["observations"]:
            if row["numerator"] is None or not row["denominator"] or self.key(row)[3:] != ("TOTAL",) * 3:
                continue
            yield str(row["denominator"] - row["numerator"])
            was = before.get(row["indicator"])
            if was is None or was["numerator"] is None or not was["denominator"]:
                continue
            moved = row["numerator"] * was["denominator"] - was["numerator"] * row["denominator"]
            factor = 100 if units[row["indicator"]] == "PERCENT" else 1
            sides = [(factor * moved, row["denominator"] * was["denominator"])]
            if was["numerator"] > 0:
                sides.append((100 * moved, was["numerator"] * row["denominator"]))
            for above, below in sides:
                tenths = (20 * above + below) // (2 * below)
                yield f"{abs(tenths) // 10}.{abs(tenths) % 10}".removesuffix(".0")

    def read_vocabulary(self):
        """Numbers of the other files that observations.json does not know."""

        def tokens(text):
            return {token.replace(",", "").removesuffix(".0") for token in NUMBER.findall(text)}

        known = tokens(json.dumps(self.document, ensure_ascii=False)) | {str(number) for number in range(100)} | set(self.counted()) | set(self.derived())
        for row in self.former_rows:
            if row["numerator"] is not None and row["denominator"]:
                known |= {self.printed(factor * row["numerator"], row["denominator"]).removesuffix(".0") for factor in (1, 100)}
        known.add(str(len((self.document["changes"] or {"observations": []})["observations"])))
        for day in DAY.findall(json.dumps(self.document)):
            known |= {str(int(part)) for part in day.split("-")}
        for file in sorted(self.directory.iterdir()):
            if file.name in CLOSED or file.name == "observations.json":
                continue
            text = file.read_text(encoding="utf-8-sig").replace("Ed25519", " ")
            if file.suffix == ".csv":
                text = " ".join(field for line in csv.reader(text.splitlines()) for field in line)
            page = self.pages.get(file.name)
            if page is not None:
                # Marks of axes and the style are no figures; coordinates are read above.
                quiet = [node for svg in page.iter("svg") for node in svg.iter("text") if "quiet" in node.get("class", "")]
                for node in [*(node for node in quiet if "count" not in node.get("class")), page.find("head/style")]:
                    node.text = ""
                text = " ".join(page.itertext())
            left = tokens(text) - known
            if left:
                self.faults.append(f"{file.name} tells numbers that observations.json does not: {sorted(left)[:20]}")
