"""Walsh averages, the means of all pairs of values, without making all of them."""

from dataclasses import dataclass

import numpy as np

# Distinct values whose averages are written out (half a million of them); answers on a scale have
# a dozen. Beyond, single averages are found by halving: the same numbers, in memory of order n.
ENUMERATED_UP_TO = 1000


@dataclass(frozen=True)
class WalshAverages:
    """The n(n + 1)/2 averages (vᵢ + vⱼ)/2, i ≤ j, in order.

    Parameters
    ----------
    values : array of float
        Without missing ones.

    Examples
    --------
    >>> averages = WalshAverages(np.array([1.0, 2.0, 4.0]))
    >>> averages.count, averages.median(), [averages.ordered(k) for k in range(1, 7)]
    (6, 2.25, [1.0, 1.5, 2.0, 2.5, 3.0, 4.0])
    """

    values: np.ndarray

    @property
    def count(self) -> int:
        """How many averages there are."""
        return self.values.size * (self.values.size + 1) // 2

    def median(self) -> float:
        """Return the middle average: the Hodges–Lehmann estimate."""
        low, high = self.several((self.count + 1) // 2, self.count // 2 + 1)
        return (low + high) / 2

    def ordered(self, rank: int) -> float:
        """Return the average of a rank, 1 the smallest."""
        return self.several(rank)[0]

    def several(self, *ranks: int) -> list[float]:
        """Return the averages of some ranks."""
        distinct, weights = np.unique(self.values, return_counts=True)
        if distinct.size > ENUMERATED_UP_TO:
            ordered = np.sort(self.values)
            return [_halved(ordered, rank) for rank in ranks]
        first, second = np.triu_indices(distinct.size)
        averages = (distinct[first] + distinct[second]) / 2
        times = weights[first] * weights[second]
        same = first == second
        times[same] = weights * (weights + 1) // 2
        order = np.argsort(averages, kind="stable")
        up_to = np.cumsum(times[order])
        return [float(averages[order[np.searchsorted(up_to, rank)]]) for rank in ranks]


def _halved(ordered: np.ndarray, rank: int) -> float:
    """Find an average by halving the range until no number lies between its ends."""
    low, high = ordered[0] - 1.0, ordered[-1]
    while low < (middle := low + (high - low) / 2) < high:
        if _up_to(ordered, middle) >= rank:
            high = middle
        else:
            low = middle
    return _nearest(ordered, high)


def _up_to(ordered: np.ndarray, limit: float) -> int:
    """Count the averages that do not exceed a limit."""
    pairs = np.searchsorted(ordered, 2 * limit - ordered, side="right").sum()
    alone = np.searchsorted(ordered, limit, side="right")
    return int((pairs + alone) // 2)


def _nearest(ordered: np.ndarray, found: float) -> float:
    """Return the true average nearest to a number that is one but for rounding."""
    after = np.searchsorted(ordered, 2 * found - ordered)
    partners = [np.clip(after + step, 0, ordered.size - 1) for step in (-1, 0)]
    averages = np.concatenate([(ordered + ordered[partner]) / 2 for partner in partners])
    return float(averages[np.argmin(np.abs(averages - found))])
