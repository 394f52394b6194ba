"""What schemathesis must be told: our scalars, and what a server's error is here."""

import pathlib
import re

import schemathesis
from hypothesis import strategies as st
from hypothesis_graphql import nodes

# The codes that the document names; INTERNAL is the server's error.
DOCUMENT = (pathlib.Path(__file__).resolve().parents[2] / "api/README.md").read_text()
CODES = set(re.findall(r"(?m)^\| `([A-Z_]+)` \|", DOCUMENT.split("\n### Errors\n")[1].split("\n### ")[0])) - {"INTERNAL"}
assert "BAD_USER_INPUT" in CODES, CODES


def texts(right, more=()):
    """Mostly what is right, with any text between."""
    return st.one_of(right, right, right, st.sampled_from(["", "x", "２０１９", *more]), st.text(max_size=8)).map(nodes.String)


months = st.builds("{:04}-{:02}".format, st.integers(2016, 2027), st.integers(1, 12))
days = st.builds("{:04}-{:02}-{:02}".format, st.integers(2016, 2027), st.integers(1, 12), st.integers(1, 28))
for name, strategy in {
    "Date": texts(days, ["2019-02-30"]),
    "DateTime": texts(days.map("{}T00:00:00Z".format), ["2019-04-01T25:00:00Z"]),
    "YearMonth": texts(months, ["2019-13"]),
    "Decimal": texts(st.decimals(allow_nan=False, allow_infinity=False, places=2).map(str)),
    "IndicatorCode": texts(st.sampled_from(["MEAN_OVERTIME_HOURS", "WOMEN_STAFF", "TELEWORK_PERSONS"])),
    "FiscalYear": st.one_of(st.integers(2015, 2027), st.integers()).map(nodes.Int),
    "Long": st.integers(-(2**53), 2**64).map(nodes.Int),
    "JSON": st.just(nodes.Null),
}.items():
    schemathesis.graphql.scalar(name, strategy)


@schemathesis.check
def answered(_context, response, _case):
    """Every answer is one of the protocol, and none is a failure of the server."""
    assert response.status_code in (200, 400, 429), f"status {response.status_code}"
    codes = {error.get("extensions", {}).get("code") for error in response.json().get("errors") or []}
    assert codes <= CODES, f"codes {codes - CODES}"
