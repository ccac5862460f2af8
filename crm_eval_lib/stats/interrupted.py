"""Interrupted series: level and slope after an event, season removed, neighbours correlated.

The errors follow a first-order autoregression whose φ is estimated by restricted likelihood. An
interval that pretends φ to be known covers too little in short series; here the t distributions of
all φ are averaged, each weighted by its restricted likelihood.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special, stats

from crm_eval_lib.errors import CrmEvalError
from crm_eval_lib.stats.regressors import EVENT, averaged_event, regressors

CONFIDENCE = 0.95
POWER = 0.80
PHI_GRID = np.linspace(-0.9, 0.98, 95)  # stationary values of φ, evenly spaced
TINY = 1e-12  # a residual sum of squares below this share of the total is a perfect fit
BISECTIONS = 60


@dataclass(frozen=True)
class Autoregression:
    """Regression with AR(1) errors at every φ of the grid; see `autoregression`.

    Attributes
    ----------
    phi : float
        Value with the highest restricted likelihood.
    weights : array
        Restricted likelihood of each φ, adding to one.
    coefficients, covariances : array
        Generalised least squares at each φ.
    degrees_of_freedom : int
    """

    names: tuple[str, ...]
    weights: np.ndarray = field(repr=False)
    coefficients: np.ndarray = field(repr=False)
    covariances: np.ndarray = field(repr=False)
    degrees_of_freedom: int = 0

    @property
    def best(self) -> int:
        """Position of the most likely φ."""
        return int(np.argmax(self.weights))

    @property
    def phi(self) -> float:
        """Restricted maximum-likelihood estimate of φ."""
        return float(PHI_GRID[self.best])

    @property
    def estimate(self) -> dict[str, float]:
        """Coefficients at the most likely φ."""
        return dict(zip(self.names, self.coefficients[self.best].tolist(), strict=True))

    def contrast(self, weights: ArrayLike, *, confidence: float = CONFIDENCE) -> "Contrast":
        """Estimate a weighted sum of the coefficients with its averaged interval."""
        mixture = self._mixture(weights)
        tail = (1 - confidence) / 2
        low, high = mixture.quantile(tail), mixture.quantile(1 - tail)
        critical = special.stdtrit(self.degrees_of_freedom, 1 - tail)
        error = (high - low) / 2 / critical
        detectable = (critical + special.stdtrit(self.degrees_of_freedom, POWER)) * error
        value = float(mixture.centres[self.best])
        return Contrast(value, low, high, mixture.p, error, detectable)

    def value_and_p(self, weights: ArrayLike) -> tuple[float, float]:
        """Return estimate and p-value only: an interval at 1 − p just touches zero."""
        mixture = self._mixture(weights)
        return float(mixture.centres[self.best]), mixture.p

    def joint_p(self, rows: np.ndarray) -> float:
        """Test that several weighted sums are all zero: the F tests of all φ, averaged."""
        values = self.coefficients @ rows.T
        spread = np.einsum("ri,gij,sj->grs", rows, self.covariances, rows, optimize=True)
        inner = np.linalg.solve(spread, values[..., None])[..., 0]
        ratios = np.einsum("gr,gr->g", values, inner) / len(rows)
        return float(self.weights @ stats.f.sf(ratios, len(rows), self.degrees_of_freedom))

    def band(self, rows: np.ndarray, *, confidence: float = CONFIDENCE) -> np.ndarray:
        """Return half widths of the interval for many weighted sums at once.

        The variance of the averaged distribution with t quantiles: for drawing, where `contrast`
        for each row would be slow.
        """
        centres = rows @ self.coefficients.T
        inner = np.einsum("ri,gij,rj->rg", rows, self.covariances, rows, optimize=True)
        away = (centres - (centres @ self.weights)[:, None]) ** 2
        half = (1 + confidence) / 2
        return special.stdtrit(self.degrees_of_freedom, half) * np.sqrt(
            (inner + away) @ self.weights
        )

    def _mixture(self, weights: ArrayLike) -> "_Mixture":
        row = np.asarray(weights, dtype=float)
        centres = self.coefficients @ row
        spreads = np.sqrt(np.maximum(np.einsum("i,gij,j->g", row, self.covariances, row), 0))
        return _Mixture(self.weights, centres, spreads, self.degrees_of_freedom)


@dataclass(frozen=True)
class Contrast:
    """An estimate, its interval, and the smallest size it would detect with 80 % power."""

    value: float
    low: float
    high: float
    p: float
    standard_error: float
    detectable: float


@dataclass(frozen=True)
class InterruptedSeries:
    """What `interrupted_series` found, on the scale of the values given.

    Attributes
    ----------
    effect : Contrast
        Mean over the after-periods of level + slope·t.
    level, slope : float
        Jump at the event; change of slope per period.
    fitted, without_event : array
        Model with the event, and the counterfactual without it, per row in order of time.
    without_half : array
        Half width of the counterfactual's interval.
    """

    effect: Contrast
    level: float
    slope: float
    phi: float
    n: int
    harmonics: int
    fitted: np.ndarray = field(repr=False)
    without_event: np.ndarray = field(repr=False)
    without_half: np.ndarray = field(repr=False)
    model: Autoregression = field(repr=False)

    def after(self, steps: float, *, confidence: float = CONFIDENCE) -> Contrast:
        """Return the effect so many periods after the first after-period: level + slope·steps."""
        weight = {"level": 1.0, "slope": float(steps)}
        row = [weight.get(name, 0.0) for name in self.model.names]
        return self.model.contrast(row, confidence=confidence)


def interrupted_series(
    series: pd.DataFrame, *, harmonics: int = 2, confidence: float = CONFIDENCE
) -> InterruptedSeries:
    """Estimate what an event changed in a series, against its own trend and season.

    Parameters
    ----------
    series : DataFrame
        ``time`` period number (gaps allowed: removed or empty periods), ``value`` (usually a
        logarithm), ``after`` True from the event on, ``season`` place in the year 0–1; optional
        ``festival`` share of the period that is holiday.
    harmonics : int
        Pairs of sine and cosine for the season.

    Returns
    -------
    InterruptedSeries
        y = a + b·t + season + festival + D·(level + slope·(t − t₀)) + AR(1) error, by REML.

    Examples
    --------
    >>> t = np.arange(36)
    >>> y = 2 + 0.01 * t - 0.3 * (t >= 24) + 0.01 * np.where(t % 2, 1, -1)
    >>> data = pd.DataFrame({"time": t, "value": y, "after": t >= 24, "season": t % 12 / 12})
    >>> round(interrupted_series(data).effect.value, 2)
    -0.3
    """
    series = series.sort_values("time", kind="stable").reset_index(drop=True)
    design = regressors(series, harmonics=harmonics)
    fit = autoregression(series["value"], design, times=series["time"])
    event = np.array([name in EVENT for name in design])
    averaged = averaged_event(design, series["after"])
    best = fit.coefficients[fit.best]
    matrix = np.array(list(design.values())).T
    without = np.where(event, 0.0, matrix)
    return InterruptedSeries(
        fit.contrast(averaged, confidence=confidence),
        fit.estimate["level"],
        fit.estimate["slope"],
        fit.phi,
        len(series),
        harmonics,
        matrix @ best,
        without @ best,
        fit.band(without, confidence=confidence),
        fit,
    )


def autoregression(
    values: ArrayLike,
    design: pd.DataFrame | Mapping[str, np.ndarray],
    *,
    times: ArrayLike | Sequence[float],
) -> Autoregression:
    """Fit a regression with AR(1) errors by restricted likelihood over a grid of φ.

    Parameters
    ----------
    values : array
    design : DataFrame or mapping of str to array
        Regressors, one row per value, full rank.
    times : array
        Period numbers, rising; the correlation of neighbours d periods apart is φ^d.

    Notes
    -----
    Restricted log-likelihood with the variance profiled out [Harville 1977]:
    −½ (log|V| + log|X'V⁻¹X| + (n − p) log RSS). V⁻¹ is applied by whitening each value with its
    predecessor, which is exact for a Markov process and costs one pass.
    """
    matrix = np.array([design[name] for name in design], dtype=float).T
    n, width = matrix.shape
    if n <= width + 1 or np.linalg.matrix_rank(matrix) < width:
        raise CrmEvalError(f"{n} periods cannot carry {width} coefficients.")
    whitened, log_determinant = _whiten(np.column_stack([matrix, values]), np.asarray(times, float))
    products = np.einsum("gni,gnj->gij", whitened, whitened)
    normal, right = products[:, :-1, :-1], products[:, :-1, -1]
    coefficients = np.linalg.solve(normal, right[..., None])[..., 0]
    squares = products[:, -1, -1] - np.einsum("gi,gi->g", right, coefficients)
    squares = np.maximum(squares, TINY * np.maximum(products[:, -1, -1], TINY))
    freedom = n - width
    likelihood = -0.5 * (log_determinant + np.linalg.slogdet(normal)[1] + freedom * np.log(squares))
    weights = np.exp(likelihood - likelihood.max())
    covariances = np.linalg.inv(normal) * (squares / freedom)[:, None, None]
    names = tuple(str(name) for name in design)
    return Autoregression(names, weights / weights.sum(), coefficients, covariances, freedom)


def _whiten(columns: np.ndarray, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Turn AR(1) columns into independent ones for each φ; also log|V|."""
    carried = PHI_GRID[:, None] ** np.diff(times)[None, :]
    shrink = np.sqrt(1 - carried**2)
    first = np.broadcast_to(columns[:1], (len(PHI_GRID), 1, columns.shape[1]))
    rest = (columns[1:] - carried[..., None] * columns[:-1]) / shrink[..., None]
    return np.concatenate([first, rest], axis=1), 2 * np.log(shrink).sum(axis=1)


@dataclass(frozen=True)
class _Mixture:
    """Average of t distributions, one per φ."""

    weights: np.ndarray
    centres: np.ndarray
    spreads: np.ndarray
    freedom: int

    def cumulative(self, value: float) -> float:
        spreads = np.maximum(self.spreads, np.finfo(float).tiny)
        return float(self.weights @ special.stdtr(self.freedom, (value - self.centres) / spreads))

    @property
    def p(self) -> float:
        below = self.cumulative(0.0)
        return float(min(1.0, 2 * min(below, 1 - below)))

    def quantile(self, share: float) -> float:
        reach = special.stdtrit(self.freedom, share) * self.spreads
        low, high = (self.centres + reach).min(), (self.centres + reach).max()
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            if middle in (low, high):  # no number lies between
                break
            low, high = (middle, high) if self.cumulative(middle) < share else (low, middle)
        return float((low + high) / 2)
