"""What redrawn samples say of a positive number: its interval, its p, the fall it would show."""

from dataclasses import dataclass, field

import numpy as np
from scipy import stats

from crm_eval_lib.stats.interrupted import CONFIDENCE, POWER


@dataclass(frozen=True)
class Redraws:
    """An estimate and the same from samples redrawn with replacement.

    Percentiles of few cases are too narrow: a redrawn sample varies about its own mean and by the
    normal law. Their distances from the estimate are moved out by t/z and by the square root of
    ``inflation``, on the scale of logarithms [Hesterberg 2015].

    Attributes
    ----------
    value : float
    drawn : array
        Not finite where a redraw has none.
    freedom : float
        Degrees of freedom of the spread.
    inflation : float
        Factor on the variance of the redraws.

    Examples
    --------
    >>> found = Redraws(2.0, np.array([1.0, 2.0, 4.0] * 40), freedom=29)
    >>> round(found.bounds()[0], 3)  # 2 · 0.5^(t/z), t/z = 2.045/1.960
    0.97
    """

    value: float
    drawn: np.ndarray = field(repr=False)
    freedom: float
    inflation: float = 1.0

    @property
    def finite(self) -> np.ndarray:
        """Redraws that have a value."""
        return self.drawn[np.isfinite(self.drawn) & (self.drawn > 0)]

    def told(self, confidence: float = CONFIDENCE) -> bool:
        """Say whether redraws enough have a value, and cases enough stand behind them."""
        if not (np.isfinite(self.value) and self.value > 0 and self.freedom >= 1):
            return False
        return len(self.finite) >= (1 + confidence) / 2 * len(self.drawn)

    def bounds(self, confidence: float = CONFIDENCE) -> tuple[float, float] | None:
        """Return the interval; None where too few redraws have a value."""
        if not self.told(confidence):
            return None
        tail = (1 - confidence) / 2
        low, high = self.value * np.exp(np.quantile(self._away(confidence), [tail, 1 - tail]))
        return float(low), float(high)

    def p(self, confidence: float = CONFIDENCE) -> float | None:
        """Return how often redraws lie on the other side of one, both sides counted.

        Moved out as far as the ends of the interval, so that both say the same.
        """
        if not self.told(confidence):
            return None
        moved = np.log(self.value) + self._away(confidence)
        fewer = min((moved <= 0).sum(), (moved >= 0).sum()) + 1
        return float(min(1.0, 2 * fewer / (len(moved) + 1)))

    def detectable(self, confidence: float = CONFIDENCE) -> float | None:
        """Return the smallest fall whose interval lies below none in four of five samples.

        As far as the upper end lies above the estimate, and on by the distance that the estimate
        itself keeps in 80 %: a few wild redraws, which coarse stamps bring, do not count for more
        than they are. Even redraws of spread s: 1 − exp(−(z + z₈₀)·s).
        """
        if not self.told(confidence):
            return None
        ends = np.quantile(self._away(confidence), [(1 + confidence) / 2, POWER])
        return float(-np.expm1(-np.maximum(ends, 0).sum()))

    def _away(self, confidence: float) -> np.ndarray:
        """Logarithms of the redraws over the estimate, moved out."""
        tail = (1 - confidence) / 2
        few = stats.t.isf(tail, self.freedom) / stats.norm.isf(tail) * np.sqrt(self.inflation)
        return np.log(self.finite / self.value) * few


def of_cases(
    value: float,
    drawn: np.ndarray,
    size: int,
    *,
    share_drawn: float = 0.0,
    reach: float = 1.0,
) -> Redraws:
    """Return the redraws of so many cases.

    Parameters
    ----------
    size : int
        Cases behind it.
    share_drawn : float
        Share of a finite population that was drawn: what was seen cannot vary.
    reach : float
        Factor on the distance of both ends, where redraws are known to vary too little.

    Examples
    --------
    >>> of_cases(2.0, np.full(100, 2.0), 30).bounds()
    (2.0, 2.0)
    """
    inflation = size / max(size - 1, 1) * reach**2 * max(1 - share_drawn, 0.0)
    return Redraws(value, drawn, size - 1, inflation)


def of_sides(value: float, sides: tuple[np.ndarray, np.ndarray], sizes: tuple[int, int]) -> Redraws:
    """Return the redraws of a ratio, second side over first, that were redrawn apart.

    Parameters
    ----------
    sides : pair of arrays
        Redraws of each side.
    sizes : pair of int
        Clusters redrawn on each side: variances are mended by n/(n − 1), and their sum has Welch's
        degrees of freedom.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> same = [np.exp(rng.normal(0, 0.1, 500)) for _ in range(2)]
    >>> round(of_sides(1.0, same, (4, 4)).freedom)
    6
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = [np.log(side) for side in sides]
        drawn = sides[1] / sides[0]
    seen = np.isfinite(logs[0]) & np.isfinite(logs[1])
    raw = np.array([log[seen].var() if seen.any() else 0.0 for log in logs])
    size = np.asarray(sizes, dtype=float)
    mended = raw * size / (size - 1)
    if not mended.sum():
        return Redraws(value, drawn, float(size.min() - 1))
    freedom = mended.sum() ** 2 / (mended**2 / (size - 1)).sum()
    return Redraws(value, drawn, float(freedom), float(mended.sum() / raw.sum()))


def detectable_ratio(error: float, *, confidence: float = CONFIDENCE) -> float:
    """Return the smallest change shown with 80 % power, by the error of the log of the ratio.

    >>> round(detectable_ratio(0.1), 3)  # 1 − exp(−2.80 · 0.1)
    0.244
    """
    reach = stats.norm.isf((1 - confidence) / 2) + stats.norm.ppf(POWER)
    return float(-np.expm1(-reach * error))
