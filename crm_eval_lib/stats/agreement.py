"""Do two raters agree? Cohen's kappa and its prevalence- and bias-adjusted sister."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from crm_eval_lib.errors import CrmEvalError

CONFIDENCE = 0.95  # two-sided level when nothing else is said


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of two raters.

    ``kappa`` is None when chance alone would agree always (both used one and the same category);
    its interval is None when they agree throughout.
    """

    kappa: float | None
    low: float | None
    high: float | None
    pabak: float
    observed: float
    n: int


def agreement_table(first: Sequence, second: Sequence, categories: Sequence) -> np.ndarray:
    """Count two raters' verdicts against each other; rows are the first rater's.

    >>> agreement_table(["yes", "no"], ["yes", "yes"], ["yes", "no"]).tolist()
    [[1, 0], [1, 0]]
    """
    known = pd.Index(list(categories))
    rows, columns = known.get_indexer(list(first)), known.get_indexer(list(second))
    if (rows < 0).any() or (columns < 0).any():
        raise CrmEvalError(f"A verdict is none of {', '.join(map(str, categories))}.")
    table = np.zeros((len(categories), len(categories)), dtype=int)
    np.add.at(table, (rows, columns), 1)
    return table


def kappa(
    table: ArrayLike, *, weights: str | None = None, confidence: float = CONFIDENCE
) -> Agreement:
    """Return Cohen's kappa of a square table of verdicts.

    Parameters
    ----------
    table : array of int
        Row = first rater, column = second rater, all categories in one order.
    weights : {None, "linear", "quadratic"}
        None counts every disagreement alike.
    confidence : float
        Two-sided level of the normal interval [Fleiss, Cohen & Everitt 1969].

    Returns
    -------
    Agreement
        κ = (p₀ − pₑ)/(1 − pₑ) [Cohen 1960]; PABAK = (k·p₀ − 1)/(k − 1) over k categories
        [Byrt, Bishop & Carlin 1993].

    Examples
    --------
    >>> result = kappa([[20, 5], [10, 15]])
    >>> round(result.kappa, 3), round(result.pabak, 3)
    (0.4, 0.4)
    """
    table = np.asarray(table, dtype=float)
    if table.ndim != 2 or table.shape[0] != table.shape[1] or len(table) < 2 or not table.sum():
        raise CrmEvalError("Agreement needs a square table of two or more categories with counts.")
    n, k = table.sum(), len(table)
    observed = float(np.trace(table) / n)
    pabak = (k * observed - 1) / (k - 1)
    if (table.sum(axis=0) * table.sum(axis=1)).max() == n**2:
        return Agreement(None, None, None, pabak, observed, int(n))
    value, low, high = _cohen(table, weights, confidence)
    return Agreement(value, low, high, pabak, observed, int(n))


def _cohen(
    table: np.ndarray, weights: str | None, confidence: float
) -> tuple[float, float | None, float | None]:
    from statsmodels.stats.inter_rater import cohens_kappa

    found = cohens_kappa(table, wt=weights)
    value = float(found.kappa)
    half = stats.norm.ppf((1 + confidence) / 2) * float(found.std_kappa)
    if not half > 0:
        # Perfect agreement has no large-sample error; that is ignorance, not certainty.
        return value, None, None
    return value, float(max(value - half, -1.0)), float(min(value + half, 1.0))
