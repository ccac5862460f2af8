"""Other people's arithmetic for the expected values: statsmodels, scipy, plain counting."""

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight

DUST = 1e-12  # of a product of fractions that is one half


def quantile(hours: pd.Series, done: pd.Series, share: float = 0.5) -> float:
    """Return the first moment at which at least `share` is done, by statsmodels' Kaplan–Meier."""
    curve = SurvfuncRight(np.asarray(hours, float), np.asarray(done, int))
    return float(curve.surv_times[curve.surv_prob <= 1 - share + DUST][0])


def done_by(hours: pd.Series, done: pd.Series, limit: float) -> float:
    """Return the share done up to a moment, by statsmodels' Kaplan–Meier."""
    curve = SurvfuncRight(np.asarray(hours, float), np.asarray(done, int))
    return 1 - float(curve.surv_prob[curve.surv_times <= limit][-1])


def upper_limit(deviations: int, items: int, confidence: float) -> float:
    """Return the one-sided Clopper–Pearson limit, by scipy's beta distribution."""
    return float(stats.beta.ppf(confidence, deviations + 1, items - deviations))


def rate_ratio(after: tuple[int, int], before: tuple[int, int]) -> tuple[float, float, float]:
    """Return the ratio of two rates and its exact interval, given the sum of the events."""
    (x1, n1), (x0, n0) = after, before
    low, high = stats.binomtest(x1, x1 + x0).proportion_ci(0.95, method="exact")
    return (x1 / n1) / (x0 / n0), low / (1 - low) * n0 / n1, high / (1 - high) * n0 / n1


def office_hours(start: pd.Series, end: pd.Series) -> np.ndarray:
    """Count hours from 9 to 12 and 13 to 18 on weekdays, minute by minute, on a local clock."""
    grid = pd.date_range(start.min().normalize(), end.max().normalize() + pd.Timedelta("1D"),
                         freq="min")  # fmt: skip
    is_open = (grid.day_of_week < 5) & grid.hour.isin([9, 10, 11, 13, 14, 15, 16, 17])
    passed = np.concatenate([[0], np.cumsum(is_open)])[:-1] / 60
    position = [(moments - grid[0]) / pd.Timedelta("1min") for moments in (start, end)]
    first, last = (np.interp(minutes, np.arange(len(grid)), passed) for minutes in position)
    return last - first
