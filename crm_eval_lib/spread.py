"""How the scores of many clients spread, and what of it may be told without naming anybody."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from crm_eval_lib.scorecard.total import band_of
from crm_eval_lib.scoring import numbers

TOTAL, NO_SCORE = "total", "none"
SMALL_CELL = 5  # clients; fewer could be guessed by somebody who knows the trade


@dataclass(frozen=True, slots=True)
class Spread:
    """Quartiles of one column of scores; None where nobody has one."""

    column: str
    n: int
    low: float | None
    median: float | None
    high: float | None


def spreads(rows: Sequence[Mapping[str, Any]], factors: Iterable[str]) -> tuple[Spread, ...]:
    """Return the quartiles of the total and of each factor, over clients of the same rules.

    Examples
    --------
    >>> rows = [{"score": score, "factors": {}} for score in (40, 50, 60, 80, None)]
    >>> spreads(rows, ())
    (Spread(column='total', n=4, low=47.5, median=55.0, high=65.0),)
    """
    compared = comparable(rows)
    return tuple(_spread(column, compared) for column in (TOTAL, *factors))


def comparable(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the clients that were scored by the rules most have."""
    return [row for row in rows if row.get("comparable", True)]


def band_counts(rows: Iterable[Mapping[str, Any]], column: str) -> dict[str, int]:
    """Count clients by band, those without a score apart; every band is there."""
    bands = numbers()["bands"]
    found = Counter(
        NO_SCORE if score is None else band_of(score, bands)
        for score in (score_of(row, column) for row in rows)
    )
    return {name: found[name] for name in ("not_met", *bands, NO_SCORE)}


def without_small_cells(counts: Mapping[str, int]) -> dict[str, int | None]:
    """Hide small counts, and as many more that no hidden one follows from the rest.

    Examples
    --------
    >>> without_small_cells({"not_met": 3, "pass": 9, "good": 7, "none": 0})
    {'not_met': None, 'pass': 9, 'good': None, 'none': 0}
    """
    shown = sorted((n, name) for name, n in counts.items() if n)
    hidden = [name for n, name in shown if n < SMALL_CELL]
    for _, name in shown:
        alone = len(hidden) == 1 or sum(counts[item] for item in hidden) < SMALL_CELL
        if hidden and alone and name not in hidden:
            hidden.append(name)
    return {name: None if name in hidden else n for name, n in counts.items()}


def score_of(row: Mapping[str, Any], column: str) -> float | None:
    """Return a client's total or the score of one factor."""
    if column == TOTAL:
        return row["score"]
    return (row["factors"].get(column) or {}).get("score")


def _spread(column: str, rows: Sequence[Mapping[str, Any]]) -> Spread:
    known = [score for row in rows if (score := score_of(row, column)) is not None]
    if not known:
        return Spread(column, 0, None, None, None)
    low, median, high = (float(value) for value in np.quantile(known, (0.25, 0.5, 0.75)))
    return Spread(column, len(known), low, median, high)
