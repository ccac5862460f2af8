"""What an interrupted series says at dates without an event, and with parts of it left out.

For many pretended dates trend, season and data are whitened once; a date adds only its level and
slope, whose two-by-two equations are solved after the rest has been taken out [Frisch & Waugh 1933;
Lovell 1963].
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.stats.interrupted import PHI_GRID, TINY, autoregression
from crm_eval_lib.stats.regressors import EVENT, REGRESSED, averaged_event, regressors


def pretended_effects(
    series: pd.DataFrame, places: Sequence[int], *, harmonics: int = 2
) -> np.ndarray:
    """Return the effect that an event before each of some rows would seem to have had.

    Parameters
    ----------
    series : DataFrame
        As for `interrupted_series`, in order of time; ``after`` is not read.
    places : sequence of int
        Number of the first row after the pretended event.

    Returns
    -------
    array
        Mean over the rows after of level + slope·t at the most likely φ.

    Examples
    --------
    >>> t = np.arange(30)
    >>> y = 2 + 0.3 * (t >= 15) + 0.01 * np.where(t % 2, 1, -1)
    >>> data = pd.DataFrame({"time": t, "value": y, "season": t % 12 / 12})
    >>> pretended_effects(data, [10, 15], harmonics=1).round(1).tolist()
    [0.1, 0.3]
    """
    if not len(places):
        return np.zeros(0)
    time = series["time"].to_numpy(float)
    first = np.arange(len(series)) >= places[0]
    whole = regressors(series.assign(after=first), harmonics=harmonics)
    base = np.array([whole[name] for name in whole if name not in EVENT]).T
    after = np.arange(len(time)) >= np.asarray(places)[:, None]
    slope = np.where(after, time - time[np.asarray(places)][:, None], 0.0)
    events = np.stack([after.astype(float), slope])  # (2, place, row)
    given = np.column_stack([base, series["value"].to_numpy(float)])
    found = [_at(phi, given, events, np.diff(time)) for phi in PHI_GRID]
    best = np.argmax([likelihood for likelihood, _ in found], axis=0)
    means = (slope.sum(axis=1) / after.sum(axis=1))[:, None]
    weights = np.column_stack([np.ones(len(places)), means])
    effects = np.stack([(coefficients * weights).sum(axis=1) for _, coefficients in found])
    return effects[best, np.arange(len(places))]


def left_out(series: pd.DataFrame, groups: Sequence[Any], *, harmonics: int = 2) -> pd.DataFrame:
    """Return the effect with each group of rows left out.

    Parameters
    ----------
    series : DataFrame
        As for `interrupted_series`, in order of time.
    groups : sequence
        One label per row, such as its month.

    Returns
    -------
    DataFrame
        ``group``, ``value``, ``p`` of the mean effect over the after-periods that remain.

    Examples
    --------
    >>> t = np.arange(36)
    >>> y = 2 - 0.3 * (t >= 24) + 0.01 * np.where(t % 2, 1, -1)
    >>> data = pd.DataFrame({"time": t, "value": y, "after": t >= 24, "season": t % 12 / 12})
    >>> left_out(data, t // 12)["value"].round(1).tolist()
    [-0.3, -0.3]
    """
    columns = {name: series[name].to_numpy() for name in REGRESSED if name in series}
    codes, labels = pd.factorize(pd.Series(list(groups)))
    rows = []
    for code, group in enumerate(labels):
        rest = {name: values[codes != code] for name, values in columns.items()}
        if len(np.unique(rest["after"])) < 2:
            continue
        design = regressors(rest, harmonics=harmonics)
        fit = autoregression(rest["value"], design, times=rest["time"])
        rows.append((group, *fit.value_and_p(averaged_event(design, rest["after"]))))
    return pd.DataFrame(rows, columns=["group", "value", "p"])


def _at(
    phi: float, given: np.ndarray, events: np.ndarray, gaps: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Restricted log-likelihood and event coefficients of every place at one φ."""
    carried = phi**gaps
    shrink = np.sqrt(1 - carried**2)
    white = np.vstack([given[:1], (given[1:] - carried[:, None] * given[:-1]) / shrink[:, None]])
    jumps = np.concatenate(
        [events[..., :1], (events[..., 1:] - carried * events[..., :-1]) / shrink], axis=-1
    )
    base, values = white[:, :-1], white[:, -1]
    normal = base.T @ base
    taken = np.linalg.solve(normal, base.T)
    least = TINY * max(float(values @ values), TINY)
    values = values - base @ (taken @ values)
    jumps = jumps - (jumps @ base) @ taken
    cross = np.einsum("ipn,jpn->pij", jumps, jumps)
    right = jumps @ values
    coefficients = np.linalg.solve(cross, right.T[..., None])[..., 0]
    squares = np.maximum(values @ values - np.einsum("pi,ip->p", coefficients, right), least)
    freedom = len(white) - base.shape[1] - 2
    determinants = 2 * np.log(shrink).sum() + np.linalg.slogdet(normal)[1]
    determinants = determinants + np.linalg.slogdet(cross)[1]
    return -0.5 * (determinants + freedom * np.log(squares)), coefficients
