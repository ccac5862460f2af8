"""Step curves of reaching an event: quantiles, bounds, areas; `survival` estimates them."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from scipy.special import expit, logit

CONFIDENCE = 0.95  # two-sided level when nothing else is said
TIE = 1e-12  # a probability this close to the level has reached it (rounding of products)


@dataclass(frozen=True, slots=True)
class RestrictedMean:
    """Mean time without the event up to a horizon, with its interval inside [0, horizon].

    The bounds are None where fewer than two events were seen: one shows no spread.
    """

    value: float
    low: float | None
    high: float | None
    horizon: float


@dataclass(frozen=True)
class Curve:
    """A step curve of reaching the event; what Kaplan–Meier and Aalen–Johansen share.

    Parameters
    ----------
    times : array
        Distinct times at which the event was seen (Aalen–Johansen: any event), rising.
    at_risk, events : array
        Cases under observation just before each time; events of interest at it.
    reached : array
        Estimated probability that the event has come by each time.
    standard_error : array
        Of ``reached``.
    follow_up : float
        Longest time anyone was watched (0 without cases).
    n : int
        Cases that were at risk at some time.
    """

    times: np.ndarray
    at_risk: np.ndarray
    events: np.ndarray
    reached: np.ndarray
    standard_error: np.ndarray
    follow_up: float
    n: int
    entries: np.ndarray = field(repr=False)
    durations: np.ndarray = field(repr=False)

    @property
    def survival(self) -> np.ndarray:
        """Probability of still waiting after each time: 1 − reached."""
        return 1 - self.reached

    def quantile(self, q: float) -> float | None:
        """Return the first time by which a share q has reached the event; None if never."""
        return _first(self.times, self.reached >= q - TIE)

    def median(self) -> float | None:
        """Return the first t with S(t) ≤ 0.5; None when it is not reached."""
        return self.quantile(0.5)

    def bounds(self, confidence: float = CONFIDENCE) -> tuple[np.ndarray, np.ndarray]:
        """Return pointwise bounds of `survival`, on the log(−log) scale."""
        z = stats.norm.ppf((1 + confidence) / 2)
        waiting = np.clip(self.survival, 0, 1)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            spread = z * self.standard_error / (waiting * np.log(waiting))
            low, high = waiting ** np.exp(-spread), waiting ** np.exp(spread)
        none_yet = self.reached <= TIE
        low, high = np.where(none_yet, 1.0, low), np.where(none_yet, 1.0, high)
        return self._close(low, high, waiting <= TIE, confidence)

    def interval(
        self, q: float = 0.5, confidence: float = CONFIDENCE
    ) -> tuple[float | None, float | None]:
        """Return the interval of a quantile: where the bounds of the curve cross its level.

        [Brookmeyer & Crowley 1982], on the log(−log) scale; None where a bound never crosses.
        """
        low, high = self.bounds(confidence)
        earliest = _first(self.times, low <= 1 - q + TIE)
        return earliest, _first(self.times, high <= 1 - q + TIE)

    def survival_at(self, time: ArrayLike) -> np.ndarray:
        """Return the share still waiting at any times."""
        position = np.searchsorted(self.times, np.asarray(time, dtype=float), side="right")
        return np.concatenate([[1.0], self.survival])[position]

    def at_risk_at(self, time: ArrayLike) -> np.ndarray:
        """Return how many cases are under observation just before any times."""
        return count_at_risk(np.asarray(time, dtype=float), self.entries, self.durations)

    def area(self, horizon: ArrayLike) -> np.ndarray:
        """Return the area under `survival` from 0 to any horizons."""
        horizon = np.asarray(horizon, dtype=float)
        edges = np.concatenate([[0.0], self.times])
        waiting = np.concatenate([[1.0], self.survival])
        filled = np.concatenate([[0.0], np.cumsum(np.diff(edges) * waiting[:-1])])
        last = np.searchsorted(self.times, horizon, side="right")
        return filled[last] + waiting[last] * (horizon - edges[last])

    def rmst(self, horizon: float, confidence: float = CONFIDENCE) -> RestrictedMean | None:
        """Return the restricted mean; None if nobody was watched long enough to know it.

        With m events: variance · m/(m − 1) [Kaplan & Meier 1958], t with m − 1 degrees of freedom,
        on the scale of log(mean/(horizon − mean)); the normal interval covers as little as .90
        of 40 cases (docs/calibration.md).
        """
        if self.n == 0 or (horizon > self.follow_up and not self._settled()):
            return None
        value = float(self.area(horizon))
        events = int(self.events[self.times <= horizon].sum())
        if events < 2:
            return RestrictedMean(value, None, None, horizon)
        error = np.sqrt(self._area_variance(horizon) * events / (events - 1))
        step = stats.t.ppf((1 + confidence) / 2, events - 1) * error
        return RestrictedMean(value, *_inside(value, step, horizon), horizon)

    def _settled(self) -> bool:
        """Say whether nobody is left, so that the curve stays where it is."""
        return bool(self.survival.size) and bool(self.survival[-1] <= TIE)

    def _close(
        self, low: np.ndarray, high: np.ndarray, done: np.ndarray, confidence: float
    ) -> tuple[np.ndarray, np.ndarray]:
        # Where nobody waits any more the standard error says nothing: no survivor among the last n
        # is compatible with 1 − (α/2)^(1/n) of those who came so far [Clopper & Pearson 1934].
        if done.any():
            last = int(np.argmax(done))
            before = high[last - 1] if last else 1.0
            tail = (1 - confidence) / 2
            low = np.where(done, 0.0, low)
            high = np.where(done, before * (1 - tail ** (1 / self.at_risk[last])), high)
        return low, high

    def _area_variance(self, horizon: float) -> float:
        raise NotImplementedError


@dataclass(frozen=True)
class KaplanMeier(Curve):
    """Kaplan–Meier curve with Greenwood's standard error."""

    def _area_variance(self, horizon: float) -> float:
        ahead = np.maximum(self.area(horizon) - self.area(self.times), 0)
        return float(np.sum(ahead**2 * hazard_variance(self.events, self.at_risk)))


@dataclass(frozen=True)
class CompetingRisks(Curve):
    """Aalen–Johansen incidence of one cause: a case that ended otherwise never reaches it.

    ``all_events`` counts events of any cause, ``event_free`` is the share without any.
    """

    all_events: np.ndarray = field(default_factory=lambda: np.empty(0))
    event_free: np.ndarray = field(default_factory=lambda: np.empty(0))

    def _settled(self) -> bool:
        return bool(self.event_free.size) and bool(self.event_free[-1] <= TIE)

    def _area_variance(self, horizon: float) -> float:
        left = np.maximum(horizon - self.times, 0)
        later = left * self.survival - (self.area(horizon) - self.area(self.times))
        later = np.where(left > 0, later, 0)
        return float(np.sum(_increments(self, left * just_before(self.event_free), later)))


def count_at_risk(times: np.ndarray, entries: np.ndarray, durations: np.ndarray) -> np.ndarray:
    """Return how many cases have entered and not ended just before each time."""
    ended = np.searchsorted(np.sort(durations), times, side="left")
    entered = np.searchsorted(np.sort(entries), times, side="left")
    return entered - ended


def hazard_variance(events: np.ndarray, at_risk: np.ndarray) -> np.ndarray:
    """Return what each event time adds to Greenwood's sum; the last survivors add nothing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(at_risk > events, events / (at_risk * (at_risk - events)), 0.0)


def just_before(values: np.ndarray) -> np.ndarray:
    """Return a curve just before each of its steps; it starts at one."""
    return np.concatenate([[1.0], values[:-1]]) if values.size else values


def _increments(curve: CompetingRisks, own: np.ndarray, later: np.ndarray) -> np.ndarray:
    """Variance each event time adds, when its own events weigh `own` and all events `later`."""
    n, d, mine = curve.at_risk.astype(float), curve.all_events, curve.events
    return (
        later**2 * hazard_variance(d, n)
        + own**2 * mine * (n - mine) / n**3
        - 2 * own * later * mine / n**2
    )


def _inside(value: float, step: float, top: float) -> tuple[float, float]:
    """Step away from a value on the logit scale of [0, top]."""
    if not 0 < value < top:
        return value, value
    share = value / top
    step = step / (top * share * (1 - share))
    return tuple(float(top * expit(logit(share) + sign * step)) for sign in (-1, 1))


def _first(times: np.ndarray, condition: np.ndarray) -> float | None:
    return float(times[int(np.argmax(condition))]) if condition.any() else None
