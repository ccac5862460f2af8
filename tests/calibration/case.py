"""One setting of one interval, and how often the interval holds the truth."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

NOMINAL = 0.95
ALLOWED = 0.93  # what covers less at its 95 % is replaced, or labelled where it is shown
SEED = 20250601
STEP_DRAWS = 300  # where a step is asked each time; the function behind it is asked more often


@dataclass(frozen=True)
class Intervals:
    """Many intervals of one truth: bounds are infinite where open, NaN where none is published."""

    truth: float | np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class Case:
    """One setting.

    Parameters
    ----------
    table : str
        Heading under which it is listed.
    setting : str
        What is simulated.
    ids : tuple of str
        Indicators whose interval this is, without keys.
    draw : callable
        (generator, draws) → Intervals.
    draws : int
        Of the whole calibration.
    label : str
        Key of the sentence that stands beside the interval when it covers too little.
    fast : bool
        Part of the tests.
    judged : bool
        False for what the library no longer publishes.
    """

    table: str
    setting: str
    ids: tuple[str, ...]
    draw: Callable[[np.random.Generator, int], Intervals]
    draws: int = 2000
    label: str = ""
    fast: bool = False
    judged: bool = True

    @property
    def name(self) -> str:
        """What tells it from all others."""
        return f"{self.table}: {self.setting}"


@dataclass(frozen=True)
class Found:
    """How one case came out."""

    draws: int
    published: int
    hits: int
    width: float

    @property
    def coverage(self) -> float:
        """Share of the published intervals that hold the truth."""
        return self.hits / self.published

    @property
    def error(self) -> float:
        """Monte Carlo standard error of `coverage`."""
        return float(np.sqrt(self.coverage * (1 - self.coverage) / self.published))

    @property
    def under(self) -> bool:
        """Whether it covers less than allowed, as simulated: the error is not held in favour."""
        return self.coverage < ALLOWED


def simulate(case: Case, draws: int | None = None) -> Found:
    """Draw a case; its random numbers depend on its name and nothing else."""
    rng = np.random.default_rng([SEED, zlib.crc32(case.name.encode())])
    size = draws or case.draws
    drawn = case.draw(rng, size)
    published = ~np.isnan(drawn.low)
    truth = np.broadcast_to(drawn.truth, drawn.low.shape)
    # Sums of floats: a bound that is the truth but for the last digits holds it.
    slack = 1e-9 * np.maximum(np.abs(truth), 1)
    hits = published & (drawn.low <= truth + slack) & (truth - slack <= drawn.high)
    widths = (drawn.high - drawn.low)[published]
    closed = widths[np.isfinite(widths)]
    width = float(closed.mean()) if closed.size else np.inf
    return Found(size, int(published.sum()), int(hits.sum()), width)


def repeat(
    one: Callable[[np.random.Generator], tuple[float | None, float | None] | None],
    truth: float | np.ndarray,
) -> Callable[[np.random.Generator, int], Intervals]:
    """Make a draw of many from a draw of one; a bound of None is open, None at all: no interval."""

    def many(rng: np.random.Generator, size: int) -> Intervals:
        found = [one(rng) for _ in range(size)]
        ends = [(np.nan, np.nan) if pair is None else _open(pair) for pair in found]
        low, high = np.array(ends, dtype=float).T
        return Intervals(truth, low, high)

    return many


def bounds(indicator) -> tuple[float | None, float | None] | None:
    """Return an indicator's bounds; None when it publishes no interval."""
    return None if indicator.confidence is None else (indicator.low, indicator.high)


def _open(pair: tuple[float | None, float | None]) -> tuple[float, float]:
    low, high = pair
    return -np.inf if low is None else low, np.inf if high is None else high
