"""What an interrupted series is regressed on: trend, season, festival, and the event."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from crm_eval_lib.errors import CrmEvalError

EVENT = ("level", "slope")
REGRESSED = ("time", "value", "after", "season", "festival")  # columns of a series that are read


def regressors(
    series: pd.DataFrame | Mapping[str, np.ndarray], *, harmonics: int = 2
) -> dict[str, np.ndarray]:
    """Return the regressors: start, trend, season, festival, level and slope of the event.

    Parameters
    ----------
    series : DataFrame or mapping of str to array
        As for `interrupted_series`.
    harmonics : int
        Pairs of sine and cosine for the season.

    Examples
    --------
    >>> series = {"time": np.arange(4), "after": np.arange(4) >= 2, "season": np.zeros(4)}
    >>> regressors(series, harmonics=0)["slope"].tolist()
    [0.0, 0.0, 0.0, 1.0]
    """
    time, after = np.asarray(series["time"], float), np.asarray(series["after"], bool)
    if not after.any() or after.all():
        raise CrmEvalError("An interrupted series needs periods before and after the event.")
    columns = {"start": np.ones(len(time)), "trend": time - time.mean()}
    for wave in range(1, harmonics + 1):
        angle = 2 * np.pi * wave * np.asarray(series["season"], float)
        columns[f"sine_{wave}"], columns[f"cosine_{wave}"] = np.sin(angle), np.cos(angle)
    festival = np.asarray(series["festival"], float) if "festival" in series else np.zeros(1)
    if (festival != festival[0]).any():
        columns["festival"] = festival
    columns["level"] = after.astype(float)
    columns["slope"] = np.where(after, time - time[after].min(), 0.0)
    return columns


def design_matrix(series: pd.DataFrame, *, harmonics: int = 2) -> pd.DataFrame:
    """Return the `regressors` as a table."""
    return pd.DataFrame(regressors(series, harmonics=harmonics))


def averaged_event(
    design: pd.DataFrame | Mapping[str, np.ndarray], after: ArrayLike
) -> np.ndarray:  # fmt: skip
    """Return the weights of the coefficients in the mean effect over the after-periods."""
    after = np.asarray(after, bool)
    return np.array([np.asarray(design[name])[after].mean() if name in EVENT else 0.0
                     for name in design])  # fmt: skip
