"""How many forms to draw: what a sample of each size could show, before anybody draws one."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from crm_eval_lib.efficiency.cases import AFTER, BEFORE, Cases, title_of
from crm_eval_lib.efficiency.designs import LEAST_CASES
from crm_eval_lib.efficiency.findings import MEDIAN_PENALTY
from crm_eval_lib.results import CONFIDENCE, Message, Step
from crm_eval_lib.stats.redraws import detectable_ratio

# Standard deviation of the log of the hours of one process, without its tail: from one kind of
# case (two in three within a factor of 1.5) to a mixed bag (within a factor of 1.9).
SPREADS = {"narrow": 0.40, "usual": 0.50, "wide": 0.65}
SIZES = ((30, 30), (60, 60), (100, 100), (200, 200))
MODEL = (60, 60)  # the sizes that the sentence quotes


def sampling_plan(
    cases: Cases | None = None,
    processes: tuple[str, ...] | None = None,
    *,
    sizes: Sequence[tuple[int, int]] = SIZES,
    confidence: float = CONFIDENCE,
) -> Step:
    """Say which change of the median planned samples would show with 80 % power.

    Parameters
    ----------
    cases : Cases, optional
        Names the processes that have too few cases in the log and need forms.
    sizes : sequence of (before, after)
        Forms on each side.
    processes : tuple of str, optional
        Default: all of the roster.
    confidence : float
        Two-sided level of the test, 0.95 by default.

    Returns
    -------
    Step
        1 − exp(−(z + z₈₀)·σ·√(π/2·(1/n₁ + 1/n₂))): a median needs π/2 as many cases as a mean of
        normal values. Its table has a row per pair of sizes, a column per spread σ of log hours.

    Examples
    --------
    >>> sampling_plan().table.iloc[1, 2:].astype(float).round(2).tolist()
    [0.23, 0.27, 0.34]
    """
    rows = [
        {"forms_before": before, "forms_after": after}
        | {f"detectable_{name}_ratio": _detectable(spread, before, after, confidence)
           for name, spread in SPREADS.items()}
        for before, after in sizes
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    needed = _needed(cases, processes)
    return Step(
        "efficiency.sampling_plan",
        table=table,
        sentence=None if cases is not None and needed.empty else _sentence(confidence, needed),
        headline=Message("efficiency.headline.sampling_plan", _range(confidence)),
        subtitle=Message("efficiency.subtitle.sampling_plan"),
        tables={"needed": needed} if len(needed) else {},
        sources=("case_samples",),
    )


def _detectable(spread: float, before: int, after: int, confidence: float) -> float:
    error = spread * np.sqrt(MEDIAN_PENALTY * (1 / before + 1 / after))
    return detectable_ratio(float(error), confidence=confidence)


def _range(confidence: float) -> dict[str, float]:
    ends = [_detectable(SPREADS[name], *MODEL, confidence) for name in ("narrow", "wide")]
    return {"before": MODEL[0], "after": MODEL[1], "least": -ends[0], "most": -ends[1]}


def _needed(cases: Cases | None, processes: tuple[str, ...] | None) -> pd.DataFrame:
    """List the processes to evaluate of which the log holds too few cases on a side."""
    rows = []
    for process in () if cases is None else processes or tuple(cases.roster.index):
        have = {
            side: 0 if cases.absent is not None else len(cases.of(process, side))
            for side in (BEFORE, AFTER)
        }
        if min(have.values()) < LEAST_CASES:
            rows.append({"process": process, "title": title_of(cases, process),
                         "cases_before": have[BEFORE], "cases_after": have[AFTER]})  # fmt: skip
    return pd.DataFrame(rows)


def _sentence(confidence: float, needed: pd.DataFrame) -> Message:
    slots = _range(confidence)
    if needed.empty:
        return Message("efficiency.sentence.sampling_plan", slots)
    slots |= {"processes": needed["title"].tolist(), "n": len(needed)}
    return Message("efficiency.sentence.sampling_needed", slots)
