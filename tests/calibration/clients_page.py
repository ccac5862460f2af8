"""The part of docs/calibration_score.md on whole clients, their vetoes included."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
import pandas as pd

from calibration.case import ALLOWED
from calibration.clients import KINDS, SCENES, WORKERS, Assessed, Scene, coverage, pool
from calibration.score import TOTAL, alike, misses, told

CLIENTS = 120  # per scene, put together from the parts
FEW = 30  # clients of a bin that counts
OFF = 0.10  # P(pass) may be off by this much
CHANGE = "efficiency.change"
KEPT, LABELLED = "holds", "bounds, labelled"
UNCLEAR, BROKEN = "too few draws to tell", "TOO NARROW"
NAMES = (TOTAL, "problems", "efficiency", "controls")  # a ledger has no interval of chance

OPENING = """
## Whole clients, vetoes included

Tables are drawn, read, assessed and scored as a client's are: registers, event logs, orders,
complaints and control tests, each problem, case, complaint and sampled item by its own chance. The
factors of a client do not hang together, so the tables of each factor are drawn and assessed once
and {clients} clients per scene are put together from these parts: {parts}.

The truth is scored by hand from the planted rates and effects, under the set weights; what has no
chance (ledgers, configured modes) is as it is found. Vetoes truly hold or do not: a critical point
fails where its true rate of deviations is above 5 %, whatever its sample of 60 shows. That it is
*not assured* (V2) is a fact about the tests made and caps truth and report alike.

*Not scored* are clients whose log cannot tell a change: they have no total. Coverage stands with
one standard error of as many independent draws as there are parts, so small runs decide little:
where 93 % is within two errors the verdict says so. *Lean* is by how many points the published
score lies above the true one on average. P(pass) and the share that truly passes are means over the
scene.

| scene | score | coverage | width | lean | bounds | P(pass) | passes | not scored | verdict |
|---|---|--:|--:|--:|--:|--:|--:|--:|---|
"""

RELIABLE = """
Over all scenes clients of like P(pass) are put together again; {off} may be missed in bins of
{few} clients or more, and the largest distance is {most:.2f}. Clients of several scenes share
parts, so they are worth fewer than they count and the intervals are too narrow.

| P(pass), mean | clients | share that passes | its 95 % interval | off by |
|--:|--:|--:|--:|--:|
"""

LEANING = """
**Published changes lean to the favourable side.** A change is published only where its placebo
dates pass, and an effect that chance makes look large passes more easily. Of {parts} logs
with a true change between −25 % and −10 %, {published} had a change published; it
lay {lean:+.3f} ± {error:.3f} from the truth on average (below zero: better than it is), and
{coverage:.0%} of the intervals held the truth. The lean of the factor *efficiency* above is this
one in points: its range is wide enough to hold it, the interval of the change alone is a little
narrow where it was so chosen. A log whose placebo dates fail publishes nothing, so no range of its
own can say this: a sentence beside the score does.
"""

FOUND = """
**What this changed.** Where a sample neither clears nor condemns a critical point, the score took
the cap of V2 (74) for the whole truth, and its interval and P(pass) left out that the point may
have failed (V1, 59). Now the chance that its rate is above the tolerable one, by Jeffreys' prior
from the deviations found, caps that share of the simulated verdicts.
"""


def section(found: Mapping[str, list[Assessed]] | None = None) -> str:
    """Assess the parts, score the clients and return the section."""
    found = found or pool()
    with ProcessPoolExecutor(WORKERS) as workers:
        scored = workers.map(partial(coverage, found=found, count=CLIENTS), SCENES)
        frames = list(zip(SCENES, scored, strict=True))
    parts = ", ".join(f"{len(found[kind])} of {kind}" for kind in KINDS
                      if KINDS[kind].tests is None)  # fmt: skip
    lines = [line for scene, frame in frames for line in _lines(scene, frame, found)]
    table = reliability(pd.concat([frame for _, frame in frames]))
    opening = OPENING.format(clients=CLIENTS, parts=parts)
    reliable = RELIABLE.format(off=OFF, few=FEW, most=misses(table, FEW))
    return (opening + "\n".join(lines) + "\n" + reliable + "\n".join(told(table)) + "\n"
            + LEANING.format(**leaning(found["efficiency"])) + FOUND)  # fmt: skip


def reliability(rows: pd.DataFrame) -> pd.DataFrame:
    """Put clients of like P(pass) together: the mean said, and the share that passes."""
    totals = rows[(rows["name"] == TOTAL) & rows["scored"]]
    return alike(totals["said"], totals["passes"])


def leaning(parts: Sequence[Assessed]) -> dict[str, float]:
    """Say how far published changes lie from the planted ones: those that passed their placebos."""
    found = [(item, one.part.truth[item.id]) for one in parts for item in one.result.indicators
             if item.base_id == CHANGE and item.value is not None]  # fmt: skip
    off = np.array([item.value - true for item, true in found])
    held = [item.low <= true <= item.high for item, true in found]
    return {"parts": len(parts), "published": len(found), "lean": float(off.mean()),
            "error": float(off.std(ddof=1) / np.sqrt(len(off))),
            "coverage": float(np.mean(held))}  # fmt: skip


def verdict(scene: Scene, mine: pd.DataFrame, error: float) -> str:
    """Say whether a range keeps 93 %, is labelled, or rests on too few draws to tell."""
    kept = float(mine["hit"].mean())
    if kept >= ALLOWED:
        return KEPT
    if not scene.middle:
        return LABELLED
    return UNCLEAR if kept + 2 * error >= ALLOWED else BROKEN


def _lines(scene: Scene, frame: pd.DataFrame, found: Mapping[str, list[Assessed]]) -> list[str]:
    scored = frame[frame["scored"].astype(bool)]
    unscored = 1 - len(scored[scored["name"] == TOTAL]) / CLIENTS
    lines = []
    for name in NAMES:
        mine = scored[scored["name"] == name]
        kinds = [scene.parts[name]] if name in scene.parts else list(scene.parts.values())[1:]
        few = min(len(found[kind]) for kind in kinds) * (1 - unscored)
        kept = float(mine["hit"].mean())
        error = float(np.sqrt(max(kept * (1 - kept), ALLOWED * (1 - ALLOWED)) / max(few, 1)))
        said, passes = (float(mine[part].astype(float).mean()) for part in ("said", "passes"))
        labelled = (mine["kind"] == "bounds").mean()
        chances = f"{said:.2f} | {passes:.2f} | {unscored:.0%}" if name == TOTAL else "| |"
        lean = float((mine["score"].astype(float) - mine["true"]).mean())
        lines.append(f"| {scene.words} | {name} | {kept:.3f} ± {error:.3f} "
                     f"| {mine['width'].mean():.1f} | {lean:+.1f} | {labelled:.0%} "
                     f"| {chances} | {verdict(scene, mine, error)} |")  # fmt: skip
    return lines
