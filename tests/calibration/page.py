"""The page docs/calibration.md: what was simulated, what came out, how to read it."""

from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from platform import python_version

import numpy as np

from calibration.case import ALLOWED, NOMINAL, SEED, Case
from calibration.claims import MANY, MOST_ANY, MOST_FASTER
from calibration.registry import KEPT_APART
from calibration.rows import HOLDS, LABELLED, UNDER, Row, per_cent
from calibration.shares import exact_coverage

PAGE = Path(__file__).parents[2] / "docs" / "calibration.md"
LIBRARIES = ("numpy", "scipy", "pandas", "statsmodels")
SIZES = (5, 8, 12, 20, 30, 40, 42, 60, 100, 150, 300)
RATES = np.linspace(0.05, 0.95, 901)
CLAIMED_TITLE = "What is claimed where nothing happened"
POWERED_TITLE = "What is found where something happened"

INTRODUCTION = """\
# What the intervals cover

Made by `make calibrate` (tests/calibrate.py); do not edit. A part of it runs with every test.
What the ranges of the score and P(pass) keep: [calibration_score.md](calibration_score.md).

An interval at 95 % promises to hold the truth in 95 of 100 cases like this one. Formulas keep that
promise for large samples; registers are small. So data of a known truth are drawn, the library is
asked for its interval, and the hits are counted. For the factors cost, problems, efficiency and
value every indicator that publishes an interval is here, of the controls the residual loss, human
errors and price reviews; a test says so.

**How to read the tables.** *Coverage* is the share of published intervals that hold the truth, ±
its own simulation error (one standard error: twice that is what chance alone moves). *Published*
is the share of draws in which the indicator had an interval at all: a time that too few have
reached has none, and coverage speaks of the others. *Width* is the mean width, open intervals
apart.

**The rule.** What covers less than {allowed} at its 95 % is replaced, or a sentence beside
the number says so: *labelled*. The simulation error is not held in an interval's favour, so a
method right at the limit can be labelled by bad luck. More than 95 % is not a virtue either: it
is a wider interval than needed; with whole numbers it cannot be avoided.

**What the intervals do not know.** They speak of chance: of these problems as a sample of problems
like these. They say nothing of wrong entries, of problems never written down, or of a vendor who
chose what to show. Where all departments were asked, none of them is missing from the sample: the
share *of these departments* is known without error, and the interval says what a like company
might have shown.
"""

SHARES = """\
## Shares one by one

A share of n is one of n + 1 numbers, so its coverage jumps with the true share. Added up exactly,
no simulation, over true shares from .05 to .95. On average Wilson's interval keeps its 95 %; at
some true shares it does not, and with a handful of cases by much. Nobody knows the true share, so
the average is the honest summary; still the lowest decides here: below {few} cases the report
says that the ends of such an interval are rough. From {few} on fewer than one true share in two
hundred is covered less than {allowed}, and none less than 92.6 %.

| n | mean coverage | lowest | true shares covered less than {allowed} |
|--:|--:|--:|--:|
"""

METHODS = """\
## What was replaced, and what was not

- The share of weights (`problems.weighted_solved_rate`): percentiles of the bootstrap cover too
  little near 0 and 1 in 40 and 60 problems. Now the bootstrap only says how many equal problems
  would know as much, and Wilson's interval does the rest.
- The restricted mean: the normal interval covers too little of 40 problems. Now it is symmetric on
  the logit scale, with Student's t for the number of events. Where nobody was under observation
  for the whole year the mean itself leans towards the short side; no interval mends that, so the
  report says it; where somebody was, the interval holds.
- Kappa: the normal interval covers far too little where one verdict prevails, and there is none
  where raters agree throughout. Now it is the middle of the posterior under a weak prior.
- The share of better answers: the contract asks for the exact interval, which takes answers for
  independent. Those of one person are not. The report prints the interval that counts persons
  beside it.
- Medians and the 80 % point: nothing replaced; the log(−log) bounds hold also with late entry and
  competing events.
- The shift of a question covers more than it says: on five points many differences are equal, and
  an interval between two points of the scale can only be too wide.
- The factor cost adds up a ledger and has one interval of chance only: the place among finished
  projects, which holds though only quantiles of them are known. Low and high hours of own labour
  are bounds of what is plausible and promise no 95 %.
- Change before and after (R0, R1): percentiles of few redrawn weeks are too narrow, because these
  vary about their own mean and by the normal law; the last table shows by how much. Now both ends
  are moved out by √(n/(n − 1)) and by Student's t with Welch's degrees of freedom, and p goes with
  the interval.
- The smallest detectable change of redrawn weeks and drawn forms rested on the standard deviation
  of the redraws. Coarse stamps bring a few wild ones, for which it stands far too high: "nothing
  below 50 %" stood beside an interval from −47 to −5 %. Now it is the way from the estimate to the
  upper end of its interval, and on by what the estimate itself keeps in four of five samples.
- Drawn forms: redraws of one wave with coarse dates vary too little (95 % covered .92 to .93), so
  that the ends of its median and of its slowest tenth are moved out by a tenth, and the error of
  its share within the limit with them; ratios of two waves needed no more than the correction for
  few cases. A median below two stamps is called rough.
- Work per case: observations of one person hang together, so each person is left out once, with
  Student's t for the number of people on the smaller side.
- Value: the intervals rest on those of its benefits; if these hold, so do the sums.
- Residual loss: nothing replaced. For one kind of event of known loss the interval is the exact one
  of a Poisson count, which covers more than it says; of several kinds it does so too. It takes a
  stated range of losses at its word, with the true mean loss as likely near its middle as in a
  triangle, and events a year as counted in one year, or since go-live where that is shorter.
- Human errors and price reviews: exact, so that few events are covered more than need be. They take
  events for independent; ten wrong orders of one wrong price list are ten errors here, and what
  such series do to the interval is not in it.

The last table shows what the replaced ones cover.
"""


CLAIMED = """\
## {title}

Turnaround with a trend of half a per cent a month, a season, neighbouring months correlated .3 and
a dip while people learn – and no effect of go-live. A report that says "faster" here is wrong. An
improvement may be claimed in at most {faster} of the runs, any change in at most {any}.
*Before/after as it stands* redraws weeks of single cases around the same months; it is what most
reports print. *Cannot tell* is the verdict where placebo dates show changes as large.

{both}

*A market that moves*: what customers and suppliers do moves the process and the comparison units
alike (correlation .9 from month to month, spread a fifth); it falls out of their difference.
*From single events*: cases arrive on working days, Mondays and some months bring more, and each
waits in working hours as long as its month says; the library makes cases, months and verdict of
the events. The other rows begin at the months.

| setting | draws | faster | slower | open | cannot tell | verdict |
|---|--:|--:|--:|--:|--:|---|
"""

BOTH_SIDES = """\
**Both sides.** Of these runs the reported verdict claims an improvement in {honest}; before/after
as it stands claims one in {naive}. The longer the series, the more of the trend lies between the
two medians, and the more cases, the surer they are of it: two years before, one after and a well
filled log ({many} cases a month) bring it to about three in four.
"""


POWERED = f"""\
## {POWERED_TITLE}

The report names the smallest change it can detect with a power of 80 %. Here the fall it names in
the middle of many draws is planted: the interval of the interrupted series should lie wholly below
zero in four of five, give or take five in a hundred: the fall is itself estimated. Placebo dates
and the dip of learning are left out here; both make the reported verdict more careful than the
interval. Weeks and forms are compared as they stand, without trend or season. Of four weeks or
thirty forms a side the fall is named somewhat too small: their spread is itself badly known. They
are shown beside.

| setting | draws | faster | slower | open | cannot tell | verdict |
|---|--:|--:|--:|--:|--:|---|
"""


def page(
    found: Iterable[tuple[Case, Row]], claimed: Iterable[Row], detected: Iterable[Row]
) -> str:  # fmt: skip
    """Return the page."""
    rows = list(found)
    order = list(dict.fromkeys(case.table for case, _ in rows))
    rows.sort(key=lambda row: order.index(row[0].table))
    tables = [_table(name, list(group)) for name, group in groupby(rows, lambda row: row[0].table)]
    said = list(claimed)
    claims = CLAIMED.format(title=CLAIMED_TITLE, faster=per_cent(MOST_FASTER),
                            any=per_cent(MOST_ANY), both=_both_sides(said))  # fmt: skip
    parts = [
        INTRODUCTION.format(allowed=per_cent(ALLOWED)),
        _summary(rows),
        METHODS,
        _exact(),
        claims + _lines(said),
        POWERED + _lines(detected),
        *tables,
        _apart(),
        _made(),
    ]
    return "\n".join(part for part in parts if part)


def _table(name: str, rows: list[tuple[Case, Row]]) -> str:
    ids = sorted({id for case, _ in rows for id in case.ids})
    lines = [f"## {name}", "", "Speaks for " + ", ".join(f"`{id}`" for id in ids) + ".", "",
             "| setting | draws | published | coverage | width | verdict |",
             "|---|--:|--:|--:|--:|---|", ""]  # fmt: skip
    return "\n".join(lines) + _lines(row for _, row in rows)


def _both_sides(claimed: list[Row]) -> str:
    told = {}
    for name, words in (("honest", "reported verdict"), ("naive", "as it stands")):
        shares = [float(row.cells[2].rstrip(" %")) for row in claimed if words in row.cells[0]]
        told[name] = f"{min(shares, default=0):.1f} % to {max(shares, default=0):.1f} %"
    return BOTH_SIDES.format(**told, many=MANY).rstrip()


def _lines(rows: Iterable[Row]) -> str:
    return "".join(f"{row.line}\n" for row in rows)


def _summary(rows: list[tuple[Case, Row]]) -> str:
    judged = [row for row in rows if row[0].judged]
    counts = {word: sum(row.verdict == word for _, row in judged)
              for word in (HOLDS, LABELLED, UNDER)}  # fmt: skip
    lowest = min((row.coverage, case.name) for case, row in judged if not case.label)
    return (
        f"**In short.** Of {len(judged)} settings {counts[HOLDS]} hold, {counts[LABELLED]} are "
        f"labelled where they are shown, {counts[UNDER]} are too narrow and not labelled. Of the "
        f"intervals without a label the lowest covers {lowest[0]:.3f} ({lowest[1]}).\n"
    )


@cache
def _exact() -> str:
    from crm_eval_lib.problems.shares import FEW_CASES

    lines = []
    for n in SIZES:
        covered = exact_coverage(n, RATES)
        lines.append(f"| {n} | {covered.mean():.3f} | {covered.min():.3f} "
                     f"| {per_cent((covered < ALLOWED).mean(), 1)} |")  # fmt: skip
    return SHARES.format(few=FEW_CASES, allowed=per_cent(ALLOWED)) + "\n".join(lines) + "\n"


def _apart() -> str:
    if not KEPT_APART:
        return ""
    rows = [f"- `{id}`: {why}" for id, why in KEPT_APART.items()]
    return "\n".join(["## Bounds that promise no coverage", "", *rows, ""])


def _made() -> str:
    names = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"## How it was made\n\nSeed {SEED} with the name of each setting, so that settings can "
        f"come and go without moving others. Nominal level {per_cent(NOMINAL)}. Python "
        f"{python_version()}, {names}. The same versions give the same page.\n"
    )
