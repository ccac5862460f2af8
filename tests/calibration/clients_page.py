"""The part of docs/calibration_score.md on whole clients, their vetoes included."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
import pandas as pd

from calibration.case import ALLOWED
from calibration.clients import (
    ALL_KINDS,
    DOUBTFUL,
    KINDS,
    SCENES,
    WORKERS,
    Assessed,
    Scene,
    coverage,
    pool,
)
from calibration.score import TOTAL, alike, misses, told

CLIENTS = 120  # per scene, put together from the parts
MIXED = 1200  # of all kinds, for P(pass)
REACH = 2 * 1.959964  # standard deviations between the ends of an interval at 95 %
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
chance (ledgers, configured modes) is as it is found. Vetoes hold or do not: a critical point fails
where its true rate of deviations is above 5 %, whatever its sample of 60 shows, and also where the
sample shows more than 5 %: so the rule is worded, and it caps truth and report alike, as *not
assured* (V2) does, another fact about the tests made.

*Not scored* are clients whose log cannot tell a change: they have no total. Coverage stands with
one standard error of as many independent draws as there are parts, so small runs decide little:
where 93 % is within two errors the verdict says so. *Lean* is by how many points the published
score lies above the true one on average. P(pass) and the share that truly passes are means over the
scene.

| scene | score | coverage | width | lean | bounds | P(pass) | passes | not scored | verdict |
|---|---|--:|--:|--:|--:|--:|--:|--:|---|
"""

ERRED = """
**Where the rule itself errs.** In the scene in which a critical point may fail, {erred} of {scored}
clients were capped by V1 though the true rate is below 5 %: the sample showed more by chance. The
rule calls the point failed then, so no range speaks of it. Taken for misses, these would leave the
total of that scene a coverage of {kept:.3f}.
"""

RELIABLE = """
**Does P(pass) come true?** Within a scene clients are much alike: in the first one the true totals
spread by {alike:.1f} points, while P(pass) allows for {allowed:.1f}, the weights of the factors
included. Of clients so alike, those that look worse by chance pass as often as the others, and no
probability that is stated without knowing the scene can say so. So {mixed} clients are put together
from parts of all kinds, among whom the true totals spread by {spread:.1f} points, and those of like
P(pass) are held against the share that passes. {off} may be missed in bins of {few} clients or
more; the largest distance is {most:.2f} (over the scenes it would be {scenes:.2f}). Where the
interval holds the mean said, that may be chance. Clients share parts, so they are worth fewer than
they count and the intervals are too narrow. Clients without a total are not among them.

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

WEAK = """
**Weak evidence leans to the unfavourable side.** Evidence of grade D takes its points from the
worse end of its interval; the contract wants it so. Here the survey of most registers falls to D
by the width of its interval, which moves the factor *problems* by {weak:+.1f} points in the first
scene. It lies {lean:+.1f} from the truth there, so that {rest:+.1f} is left for everything else.
The range takes the whole interval of such an indicator, and so does P(pass).
"""

FOUND = """
**What this changed.** Where a sample neither clears nor condemns a critical point, the score took
the cap of V2 (74) for the whole truth, and its interval and P(pass) left out that the point may
have failed (V1, 59). Now the chance that its rate is above the tolerable one, by Jeffreys' prior
from the deviations found, caps that share of the simulated verdicts.

Weak evidence (grade D) stood at its worse end in every simulated verdict too, so that ranges lay as
low as the scores and missed the truth above them; its draws come from the whole interval now. And
the scenes themselves denied what their tables said: the sample of one critical point held one
deviation of 60, so that V2 capped the first scene as well and one client in ten was said to fail,
while the truth took the point for sound. It never deviates there now, and its sample is clean. That
P(pass) had been put too low by this had hidden that the scenes V4 and V5 put it too high: see the
lean of the totals there, and that of published changes it comes from.
"""


def section(found: Mapping[str, list[Assessed]] | None = None) -> str:
    """Assess the parts, score the clients and return the section."""
    found = found or pool()
    frames = list(zip(SCENES, _covered(SCENES, found), strict=True))
    parts = ", ".join(f"{len(found[kind])} of {kind}" for kind in KINDS
                      if KINDS[kind].tests is None)  # fmt: skip
    lines = [line for scene, frame in frames for line in _lines(scene, frame, found)]
    mixed = pd.concat(_covered([ALL_KINDS], found, MIXED))
    table, whole = reliability(mixed), pd.concat([frame for _, frame in frames])
    opening = OPENING.format(clients=CLIENTS, parts=parts)
    reliable = RELIABLE.format(off=OFF, few=FEW, most=misses(table, FEW), mixed=MIXED,
                               scenes=misses(reliability(whole), FEW),
                               **spreads(frames[0][1], mixed))  # fmt: skip
    erred = ERRED.format(**errors_of(next(frame for scene, frame in frames if scene is DOUBTFUL)))
    leans = LEANING.format(**leaning(found["efficiency"])), WEAK.format(**weakened(frames[0][1]))
    return "".join([opening, "\n".join(lines), "\n", erred, reliable, "\n".join(told(table)), "\n",
                    *leans, FOUND])  # fmt: skip


def _covered(
    scenes: Sequence[Scene], found: Mapping[str, list[Assessed]], count: int = CLIENTS
) -> list[pd.DataFrame]:
    with ProcessPoolExecutor(WORKERS) as workers:
        return list(workers.map(partial(coverage, found=found, count=count), scenes))


def spreads(first: pd.DataFrame, mixed: pd.DataFrame) -> dict[str, float]:
    """Say how far true totals spread in a scene and over all, and what P(pass) allows for."""
    mine, all_kinds = (rows[(rows["name"] == TOTAL) & rows["scored"].astype(bool)]
                       for rows in (first, mixed))  # fmt: skip
    return {"alike": float(mine["true"].astype(float).std()),
            "spread": float(all_kinds["true"].astype(float).std()),
            "allowed": float(mine["width"].astype(float).mean()) / REACH}  # fmt: skip


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


def errors_of(rows: pd.DataFrame) -> dict[str, float]:
    """Say how often V1 fired on a point that is sound, and the coverage if these were misses."""
    totals = rows[(rows["name"] == TOTAL) & rows["scored"].astype(bool)]
    erred = totals["erred"].astype(bool)
    kept = (totals["hit"].astype(bool) & ~erred).mean()
    return {"erred": int(erred.sum()), "scored": len(totals), "kept": float(kept)}


def weakened(rows: pd.DataFrame) -> dict[str, float]:
    """Say how much of the lean of the factor problems is weak evidence at its worse end."""
    mine = rows[(rows["name"] == "problems") & rows["scored"].astype(bool)]
    lean = float((mine["score"].astype(float) - mine["true"]).mean())
    weak = float(mine["weak"].mean())
    return {"lean": lean, "weak": weak, "rest": lean - weak}


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
