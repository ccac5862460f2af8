"""Leads and lags of an event: how a difference moved before and after, bin by bin."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from crm_eval_lib.errors import CrmEvalError
from crm_eval_lib.stats.interrupted import CONFIDENCE, Autoregression, autoregression

LEAST_FREEDOM = 4  # periods beyond the bins; fewer leave no error to judge by


@dataclass(frozen=True)
class EventStudy:
    """What `event_study` found.

    Attributes
    ----------
    table : DataFrame
        ``bin`` (−1: the last before the event), ``first`` and ``periods`` (time and number of its
        periods), ``value``, ``low``, ``high`` against the mean of the bins before the event.
    leads_p : float
        Joint test that the bins before the event are all alike.
    phi : float
    """

    table: pd.DataFrame = field(repr=False)
    leads_p: float
    phi: float


def event_study(
    series: pd.DataFrame, *, live: int, width: int, confidence: float = CONFIDENCE
) -> EventStudy:
    """Compare every bin of periods with the mean of those before an event.

    Parameters
    ----------
    series : DataFrame
        ``time`` period number, ``value``; usually the difference of two log series.
    live : int
        Period number of the event.
    width : int
        Periods in a bin, counted from the event in both directions.

    Returns
    -------
    EventStudy
        y = one coefficient per bin + AR(1) error, by restricted likelihood. Neighbouring periods
        resemble each other, so neither the intervals nor the joint F test of the leads take them
        for independent. A single quarter as reference would lend its own noise to all others.

    Examples
    --------
    >>> t = np.arange(36)
    >>> y = 0.5 - 0.3 * (t >= 24) + 0.01 * np.where(t % 2, 1, -1)
    >>> found = event_study(pd.DataFrame({"time": t, "value": y}), live=24, width=3)
    >>> round(float(found.table.set_index("bin").at[1, "value"]), 1), bool(found.leads_p > 0.05)
    (-0.3, True)
    """
    fit, bins, names = _fitted(series, live, width)
    unit, lead = np.eye(len(names)), np.array(names) < 0
    found = [fit.contrast(row, confidence=confidence) for row in unit - lead / lead.sum()]
    sizes = series["time"].groupby(bins).agg(["min", "size"]).loc[names]
    columns = {"bin": names, "first": sizes["min"].to_numpy(), "periods": sizes["size"].to_numpy()}
    for name in ("value", "low", "high"):
        columns[name] = [getattr(one, name) for one in found]
    return EventStudy(pd.DataFrame(columns), _leads_p(fit, names), fit.phi)


def leads_alike(series: pd.DataFrame, *, live: int, width: int) -> float:
    """Return the joint test that the bins before the event are all alike, and nothing else.

    >>> t = np.arange(24)
    >>> flat = pd.DataFrame({"time": t, "value": 0.01 * np.where(t % 2, 1, -1)})
    >>> leads_alike(flat, live=18, width=3) > 0.05
    True
    """
    fit, _, names = _fitted(series, live, width)
    return _leads_p(fit, names)


def _fitted(
    series: pd.DataFrame, live: int, width: int
) -> tuple[Autoregression, pd.Series, list[int]]:
    """One coefficient per bin; the bins of the rows in order of time, and the bins there are."""
    series = series.sort_values("time", kind="stable")
    bins = (series["time"] - live) // width
    before = bins[bins < 0]
    if before.nunique() < 2 or len(series) < bins.nunique() + LEAST_FREEDOM:
        raise CrmEvalError(f"{len(series)} periods cannot carry {bins.nunique()} bins.")
    names = sorted(int(name) for name in bins.unique())
    design = pd.DataFrame({str(n): bins.eq(n).astype(float) for n in names})
    return autoregression(series["value"], design, times=series["time"]), bins, names


def _leads_p(fit: Autoregression, names: list[int]) -> float:
    leads = np.eye(len(names))[np.array(names) < 0]
    return fit.joint_p(leads[1:] - leads[:-1])
