"""The page docs/calibration_score.md and its figure: what the score's ranges and P(pass) keep."""

from pathlib import Path

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

from calibration import clients_page
from calibration.case import ALLOWED
from calibration.score import (
    DRAWS,
    ERROR,
    LINES,
    SEEN,
    TOTAL,
    WORLDS,
    World,
    coverage,
    misses,
    reliability,
    told,
)

DOCS = Path(__file__).parents[2] / "docs"
PAGE, PICTURE = DOCS / "calibration_score.md", DOCS / "images" / "reliability.svg"
CLIENTS, JUDGED_CLIENTS = 600, 1200  # per world; for the reliability of P(pass)
MOST_OFF = 0.10  # P(pass) may be off by this much
KEPT, LABELLED, BROKEN = "holds", "bounds, labelled", "TOO NARROW"
NAMES = (TOTAL, "problems", "efficiency", "controls")  # cost has no interval of chance

OPENING = """\
# What the score's ranges and P(pass) keep

Made by `python tests/calibrate.py score`; do not edit. The intervals of single indicators are in
[calibration.md](calibration.md).

**What is simulated.** {clients} clients per world, at the level of their indicators. Each of the
contract's scored indicators has a true place between its anchors (0 earns nothing, 1 everything).
Shares are seen in {seen} problems, points or cases ({lines:,} order lines) and carry Wilson's
interval; changes carry an error of {error} on the log scale, an interval as wide as zero to full;
cost is a ledger without one. The library scores what was seen with {draws} simulated verdicts. No
veto holds here: a veto that fired makes the total certain, and its probability nought or one.
Whole clients with vetoes follow below.

**Two truths.** *Data only*: the true values under the set weights, against the interval of the
data alone. *Data and weights*: the weights are drawn around the set ones too.

**Near an anchor.** What chance adds beyond an anchor earns nothing, what it takes away costs
points: the score leans to one side and so do its simulations. The ends are moved out by that lean;
where it is more than a quarter of half the interval, the report calls them bounds and not a 95 %
interval. *Bounds* is the share of ranges so labelled. A world in the middle of the scales must keep
{allowed:.0%}; a world at its ends must keep it or be labelled.

| world | score | data only | data and weights | width | bounds | verdict |
|---|---|--:|--:|--:|--:|---|
"""

RELIABLE = """
## Is "very likely" very likely?

{clients:,} clients whose quality lies anywhere from 0.40 to 0.80, their indicators scattered around
it by 0.2: a pass is open for many of them. Clients of like P(pass) are put together; of those with
0.7 seven in ten should pass. The largest distance is {most:.3f} (bins of 30 clients or more); {off}
are allowed.

![P(pass) against the share that passes](images/reliability.svg)

| P(pass), mean | clients | share that passes | its 95 % interval | off by |
|--:|--:|--:|--:|--:|
"""


def write() -> bool:
    """Simulate, write page and figure, and say whether everything is kept."""
    rows = [(world, coverage(world, CLIENTS)) for world in WORLDS]
    table = reliability(JUDGED_CLIENTS)
    PAGE.write_text(page(rows, table) + clients_page.section(), encoding="utf-8")
    draw(table)
    return BROKEN not in PAGE.read_text("utf-8") and misses(table) <= MOST_OFF


def page(rows: list[tuple[World, pd.DataFrame]], table: pd.DataFrame) -> str:
    """Return the page."""
    opening = OPENING.format(clients=CLIENTS, seen=SEEN, lines=LINES, error=ERROR, draws=DRAWS,
                             allowed=ALLOWED)  # fmt: skip
    reliable = RELIABLE.format(
        clients=int(table["clients"].sum()), most=misses(table), off=MOST_OFF
    )
    lines = [line for world, found in rows for line in _lines(world, found)]
    return opening + "\n".join(lines) + "\n" + reliable + "\n".join(told(table)) + "\n"


def _lines(world: World, found: pd.DataFrame) -> list[str]:
    lines = []
    for name in NAMES:
        mine = found[found["name"] == name]
        both, data = (mine[mine["source"] == source] for source in ("both", "sampling"))
        labelled = float((both["kind"] == "bounds").mean())
        lines.append(
            f"| {world.words} | {name} | {data['hit'].mean():.3f} | {both['hit'].mean():.3f} "
            f"| {both['width'].mean():.1f} | {labelled:.0%} | {verdict(world, both, data)} |"
        )
    return lines


def verdict(world: World, both: pd.DataFrame, data: pd.DataFrame) -> str:
    """Say whether a range keeps what it promises, or is labelled as bounds where it does not."""
    if min(both["hit"].mean(), data["hit"].mean()) >= ALLOWED:
        return KEPT
    return BROKEN if world.middle else LABELLED


def draw(table: pd.DataFrame) -> None:
    """Draw the reliability diagram."""
    with mpl.rc_context({"svg.hashsalt": "crm-eval", "svg.fonttype": "none"}):
        figure = Figure(figsize=(5.2, 4.4), layout="constrained")
        ax = figure.subplots()
        ax.fill_between([0, 1], [-MOST_OFF, 1 - MOST_OFF], [MOST_OFF, 1 + MOST_OFF],
                        color="#E6E6E6", linewidth=0)  # fmt: skip
        ax.plot([0, 1], [0, 1], color="#767676", linewidth=0.8)
        ax.plot(table["said"], table["came_true"], color="#0072B2", marker="o")
        for row in table.itertuples():
            ax.annotate(str(row.clients), (row.said, row.came_true), (6, -10),
                        textcoords="offset points", color="#262626", fontsize=8)  # fmt: skip
        ax.set(xlim=(0, 1), ylim=(0, 1), xlabel="P(pass) as reported",
               ylabel="share of clients that pass")  # fmt: skip
        ax.set_title(f"P(pass) comes true within {misses(table):.2f}", loc="left", fontsize=11)
        ax.spines[["top", "right"]].set_visible(False)
        figure.savefig(PICTURE, metadata={"Date": None})
