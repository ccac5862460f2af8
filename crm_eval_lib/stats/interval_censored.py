"""Durations between two coarse stamps: quantiles of hours that nobody clocked.

A form says on which day it was handed in and on which day it was decided. Its duration lies between
the shortest and the longest span these days allow. The share of cases per span of hours is found by
maximum likelihood without assuming a shape [Turnbull 1976], with one refinement: where both ends
are coarse, a duration in the middle of its range is likelier to leave these two stamps than one at
its edge, so a plain interval would smear the curve.
"""

from dataclasses import dataclass

import numpy as np

DRAWS = 1000
BINS = 60  # spans of hours, each a little longer than the one before
STEPS = 30  # of the search; more steps fit noise, measured in docs/calibration.md
FIRST_EDGE = 0.25  # hours; shorter durations are told as one
MOST_TIMES = 1000  # exact durations kept apart; more are told as the next one at or after them
_DIGITS = 6  # hours; stamps equal to here are one kind
# Redraws of one wave of coarse stamps vary too little: without it 95 % cover .92 to .93, measured.
COARSE_REACH = 1.1
_TINY = 1e-300


@dataclass(frozen=True)
class Stamps:
    """Both ends of each case on an axis of hours, each known to lie between two moments.

    ``ended_high`` is infinite where a case was still open at ``ended_low``. ``group`` numbers the
    strata, ``weight`` says what one case of a stratum counts.
    """

    begun_low: np.ndarray
    begun_high: np.ndarray
    ended_low: np.ndarray
    ended_high: np.ndarray
    group: np.ndarray | None = None
    weight: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.begun_low)

    @property
    def shortest(self) -> np.ndarray:
        """Least hours each case can have taken."""
        return np.maximum(self.ended_low - self.begun_high, 0.0)

    @property
    def longest(self) -> np.ndarray:
        """Most hours each case can have taken."""
        return self.ended_high - self.begun_low


@dataclass(frozen=True)
class Curve:
    """Shares of cases per span of hours: the estimate in row 0, redrawn samples below it."""

    edges: np.ndarray
    shares: np.ndarray
    exact: bool

    def quantile(self, share: float) -> np.ndarray:
        """Return by when a share of the cases was decided, NaN where that is not reached.

        Exact durations: the first one at which the share is reached. Coarse ones: on a straight
        line within the span.
        """
        return self._inverse(np.cumsum(self.shares, axis=1), share)

    def done_by(self, hours: float) -> np.ndarray:
        """Return the share of the cases decided within so many hours."""
        reached = np.cumsum(self.shares, axis=1)
        if self.exact:
            place = np.searchsorted(self.edges, hours, side="right") - 1
            return reached[:, place] if place >= 0 else np.zeros(len(reached))
        whole = np.column_stack([np.zeros(len(reached)), reached])
        return np.array([np.interp(hours, self.edges, row) for row in whole])

    def mean(self) -> np.ndarray:
        """Return the mean hours; cases still open at the last moment count as ended there."""
        reached = self.shares.sum(axis=1)
        places = self.edges if self.exact else (self.edges[1:] + self.edges[:-1]) / 2
        return self.shares @ places + (1 - reached) * self.edges[-1]

    def _inverse(self, reached: np.ndarray, share: float) -> np.ndarray:
        enough = reached >= share - 1e-9
        place = np.argmax(enough, axis=1)
        if self.exact:
            found = self.edges[place]
        else:
            rows = np.arange(len(reached))
            start = np.where(place > 0, reached[rows, place - 1], 0.0)
            part = (share - start) / np.maximum(reached[rows, place] - start, _TINY)
            width = self.edges[place + 1] - self.edges[place]
            found = self.edges[place] + np.clip(part, 0, 1) * width
        return np.where(enough.any(axis=1), found, np.nan)


def curve_of(stamps: Stamps, *, draws: int = DRAWS, seed: int = 0) -> Curve:
    """Estimate the shares of cases per span of hours, and of samples redrawn from these cases.

    Parameters
    ----------
    stamps : Stamps
        At least one case.
    draws : int
        Redrawn samples; within each stratum as many cases as there are.

    Returns
    -------
    Curve
        Exact stamps: the product-limit estimate [Kaplan & Meier 1958]. Coarse ones: maximum
        likelihood over spans by expectation–maximisation, stopped early.

    Examples
    --------
    >>> days = Stamps(*(np.array([x, x]) for x in (0.0, 8.0, 24.0, 32.0)))
    >>> float(curve_of(days, draws=1).quantile(0.5)[0].round(0))  # three days on, eight hours each
    24.0
    """
    kinds, counts = _kinds(stamps, draws, seed)
    widths = kinds[:, 0] + np.where(np.isinf(kinds[:, 2]), 0.0, kinds[:, 2] - kinds[:, 1])
    if not widths.any():
        return _exact(kinds, counts)
    finite = np.where(np.isinf(kinds[:, 2]), kinds[:, 1] + kinds[:, 0], kinds[:, 2])
    top = max(float(finite.max()), 2 * FIRST_EDGE)
    edges = np.concatenate([[0.0], np.geomspace(FIRST_EDGE, top * 1.001, BINS)])
    return Curve(edges, _likeliest(_chances(kinds, edges), counts), exact=False)


def _kinds(stamps: Stamps, draws: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Cases alike in width and distance of their stamps, and how many each sample has of them."""
    size = len(stamps)
    group = np.zeros(size, int) if stamps.group is None else np.asarray(stamps.group)
    weight = np.ones(size) if stamps.weight is None else np.asarray(stamps.weight, dtype=float)
    rows = np.column_stack([
        stamps.begun_high - stamps.begun_low, stamps.ended_low - stamps.begun_low,
        stamps.ended_high - stamps.begun_low, group, weight,
    ])  # fmt: skip
    kinds, count = np.unique(rows.round(_DIGITS), axis=0, return_counts=True)
    kinds, count = _thinned(kinds, count)
    rng = np.random.default_rng(seed)
    drawn = np.empty((draws, len(kinds)))
    for one in np.unique(kinds[:, 3]):
        mine = kinds[:, 3] == one
        total = int(count[mine].sum())
        drawn[:, mine] = rng.multinomial(total, count[mine] / total, draws)
    return kinds, np.vstack([count, drawn]) * kinds[:, 4]


def _thinned(kinds: np.ndarray, count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Tell exact durations on at most MOST_TIMES points where there are very many."""
    if len(kinds) <= MOST_TIMES or kinds[:, 0].any():
        return kinds, count
    grid = np.unique(np.quantile(kinds[:, 1], np.linspace(0, 1, MOST_TIMES), method="higher"))
    told = grid[np.searchsorted(grid, kinds[:, 1]).clip(max=len(grid) - 1)]
    end = np.where(np.isinf(kinds[:, 2]), np.inf, told)
    rows = np.column_stack([kinds[:, 0], told, end, kinds[:, 3:]])
    merged, place = np.unique(rows, axis=0, return_inverse=True)
    return merged, np.bincount(place.ravel(), weights=count, minlength=len(merged)).astype(int)


def _exact(kinds: np.ndarray, counts: np.ndarray) -> Curve:
    times, place = np.unique(kinds[:, 1], return_inverse=True)
    open_still = np.isinf(kinds[:, 2])
    to_time = np.zeros((len(kinds), len(times)))
    to_time[np.arange(len(kinds)), place] = 1.0
    ended, cut = (counts * flag @ to_time for flag in (~open_still, open_still))
    at_risk = np.cumsum((ended + cut)[:, ::-1], axis=1)[:, ::-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        stay = np.where(at_risk > 1e-9, 1 - ended / at_risk, 1.0)
    waiting = np.cumprod(stay, axis=1)
    shares = -np.diff(np.column_stack([np.ones(len(waiting)), waiting]), axis=1)
    return Curve(times, shares, exact=True)


def _chances(kinds: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """How likely the stamps of each kind are for a duration in the middle of each span.

    The start lies anywhere in its stamp alike, the end in its own: the share of the starts from
    which the duration leads into the stamp of the end.
    """
    middle = (edges[1:] + edges[:-1]) / 2
    width, low, high = (kinds[:, [place]] for place in range(3))
    inside = np.minimum(width + middle, high) - np.maximum(middle, low)
    at_once = (middle >= low - 1e-12) & (middle <= high + 1e-12)  # an exact start
    with np.errstate(divide="ignore", invalid="ignore"):
        chance = np.where(width > 0, np.maximum(inside, 0) / width, at_once)
    point = (width > 0) & (high <= low)  # an exact end: any start that leads to it
    lands = (middle >= low - width) & (middle <= low)
    chance = np.where(point, lands.astype(float), chance)
    lost = np.flatnonzero(~(chance > 0).any(axis=1))  # narrower than any span: the span around it
    finite = np.where(np.isinf(kinds[:, 2]), kinds[:, 1], kinds[:, 2])
    centre = np.clip((kinds[:, 1] - kinds[:, 0] + finite) / 2, 0, edges[-1])
    place = np.clip(np.searchsorted(edges, centre, side="left") - 1, 0, len(middle) - 1)
    chance[lost, place[lost]] = 1.0
    return chance


def _likeliest(chances: np.ndarray, counts: np.ndarray) -> np.ndarray:
    size = chances.shape[1]
    shares = np.full((len(counts), size), 1.0 / size)
    for _ in range(STEPS):
        seen = np.maximum(shares @ chances.T, _TINY)
        shares = shares * ((counts / seen) @ chances)
        shares /= shares.sum(axis=1, keepdims=True)
    return shares
