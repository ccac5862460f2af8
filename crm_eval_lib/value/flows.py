"""Arithmetic of money over time: present value, payback, and draws from intervals."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

MONTHS_A_YEAR = 12
PERT, NORMAL, FIXED = "pert", "two_piece_normal", "fixed"  # how a benefit's interval is drawn
_PERT_WEIGHT = 4.0  # weight of the likely value: mean = (low + 4·likely + high)/6 [Malcolm 1959]


def net_present_value(rate: float, flows: Sequence[float]) -> float:
    """Return Σ flow_t / (1 + rate)^t; the first flow is today's and not discounted.

    >>> round(net_present_value(0.08, [-40000, 5000, 8000, 12000, 30000]), 5)
    3065.22267
    """
    values = np.asarray(flows, dtype=float)
    return float((values / (1 + rate) ** np.arange(len(values))).sum())


def annuity(rate: float, years: int) -> float:
    """Return what one unit at the end of each of some years is worth today.

    >>> annuity(0.0, 3)
    3.0
    """
    return net_present_value(rate, [0.0, *[1.0] * years])


def payback_months(invested: float, yearly: np.ndarray) -> np.ndarray:
    """Return the months until what comes in has paid for what went in; infinite when never.

    What a year brings is taken to come in evenly over its months. Nothing is discounted.

    >>> payback_months(1500.0, np.array([1000.0, 0.0])).tolist()
    [18.0, inf]
    """
    yearly = np.asarray(yearly, dtype=float)
    pays = yearly > 0
    needed = MONTHS_A_YEAR * invested / np.where(pays, yearly, 1.0)
    return np.where(pays, needed, np.inf)


def draw(row: pd.Series, rng: np.random.Generator, size: int) -> np.ndarray:
    """Draw amounts a year of one benefit, by its row in the table of benefits.

    ``pert``: low and high are the ends of what is plausible. ``two_piece_normal``: they are the
    ends of an interval at ``confidence``, met exactly on both sides. Else the amount itself.
    """
    likely, low, high = (float(row[name]) for name in ("amount_year", "low", "high"))
    if row["spread"] == PERT and high > low:
        first = 1 + _PERT_WEIGHT * (likely - low) / (high - low)
        last = 1 + _PERT_WEIGHT * (high - likely) / (high - low)
        return low + (high - low) * rng.beta(first, last, size)
    if row["spread"] == NORMAL:
        z = rng.standard_normal(size)
        reach = stats.norm.ppf((1 + row["confidence"]) / 2)
        return likely + z / reach * np.where(z < 0, likely - low, high - likely)
    return np.full(size, likely)


def draw_total(rows: pd.DataFrame, *, seed: int, size: int) -> np.ndarray:
    """Draw the sum of benefits, each on its own: independent errors partly cancel."""
    rng = np.random.default_rng(seed)
    total = np.zeros(size)
    for _, row in rows.iterrows():
        total += draw(row, rng, size)
    return total
