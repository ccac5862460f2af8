"""One side of a comparison without a full log: drawn forms, or the log's own cases."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm_eval_lib.efficiency.cases import AFTER, BEFORE, Cases
from crm_eval_lib.efficiency.designs import LEAST_CASES
from crm_eval_lib.efficiency.forms import Forms, clock_of, forms_of
from crm_eval_lib.efficiency.medians import LEAST_WEEKS, redrawn_quantile
from crm_eval_lib.efficiency.periods import week_of
from crm_eval_lib.stats.interval_censored import Curve, curve_of

LOG, SAMPLES = "events", "case_samples"
LEAST_TAIL = 30  # forms a side; the slowest tenth of fewer is three forms or less
TOO_COARSE = 0.25  # share of forms handed in and decided in one stamp: the median hides in it
MOST_CLASSES = 3  # of amounts; thirds, else halves
_UPPER = (0.5, 0.8413)  # from the middle to one standard deviation above, of a normal value
_SEEDS = {BEFORE: 0, AFTER: 1}


@dataclass(frozen=True)
class Side:
    """What is known of one side.

    ``lost`` counts forms that were drawn and not found; ``same_stamp`` is the share of forms with
    one and the same coarse stamp at both ends, ``width`` the usual width of a stamp in hours.
    """

    source: str
    size: int
    wave: str = BEFORE
    lost: int = 0
    population: int | None = None
    same_stamp: float = 0.0
    width: float = 0.0
    curve: Curve | None = None
    data: pd.DataFrame | None = None
    seed: int = 0

    @property
    def enough(self) -> bool:
        """Whether there are cases enough to compare."""
        return self.size >= LEAST_CASES

    @property
    def drawn(self) -> int:
        """Cases found and lost together."""
        return self.size + self.lost

    @property
    def units(self) -> int:
        """Number of what was redrawn: forms, or weeks of a log where there are enough of them."""
        if self.data is None:
            return self.size
        weeks = self.data["week"].nunique()
        return weeks if weeks >= LEAST_WEEKS else self.size

    @property
    def share_drawn(self) -> float:
        """Share of the population whose hours are known; 0 where the population is not."""
        return self.size / self.population if self.population else 0.0

    @property
    def too_coarse(self) -> bool:
        """Whether the median is shorter than the stamps can tell."""
        return self.same_stamp >= TOO_COARSE

    def quantile(self, share: float) -> np.ndarray:
        """Return a quantile of the hours, and its redraws behind it."""
        if self.curve is not None:
            return self.curve.quantile(share)
        value, drawn = redrawn_quantile(self.data, share=share, seed=self.seed)
        return np.concatenate([[value], drawn])

    @property
    def log_spread(self) -> float | None:
        """Standard deviation of the log of the hours, told from its upper half.

        Coarse stamps say little about the shortest cases.
        """
        ends = [float(self.quantile(share)[0]) for share in _UPPER]
        told = np.isfinite(ends).all() and ends[0] > 0
        return float(np.log(ends[1] / ends[0])) if told else None

    def with_lost(self, share: float) -> tuple[float, float]:
        """Return the quantile if all lost forms were fastest, and if all were slowest.

        n found and m lost: the quantile q of all n + m is the quantile (q·(n + m) − m)/n of those
        found when the lost ones come first, q·(n + m)/n when they come last; 0 and infinite where
        it falls among the lost.
        """
        if not self.lost or self.curve is None:
            value = float(self.quantile(share)[0])
            return value, value
        whole = share * (self.size + self.lost)
        first, last = (whole - self.lost) / self.size, whole / self.size
        fast = 0.0 if first <= 0 else float(self.curve.quantile(first)[0])
        slow = np.inf if last > 1 else float(self.curve.quantile(last)[0])
        return fast, np.inf if np.isnan(slow) else slow


def sides_for(
    cases: Cases, frame: pd.DataFrame, process: str, *, seed: int
) -> tuple[dict[str, Side], tuple[int, ...]]:
    """Return both sides: the log's cases where there are enough, else the drawn forms.

    Where both are drawn and bear amounts, the forms are weighted to one mix of amount classes:
    each class counts the mean of its shares on both sides. The sizes of the classes are returned.
    """
    clock = clock_of(cases, frame, process)
    drawn = {wave: forms_of(frame, process, wave) for wave in (BEFORE, AFTER)}
    logged = {wave: _logged(cases, process, wave, seed) for wave in drawn}
    from_log = [wave for wave, side in logged.items() if side.enough]
    strata = {} if from_log else strata_of_amounts(drawn)
    sides = {
        wave: logged[wave] if wave in from_log
        else side_of(forms, wave, clock, strata=strata.get(wave), seed=seed)
        for wave, forms in drawn.items()
    }  # fmt: skip
    sizes = np.bincount(strata[BEFORE]["group"]) if strata else ()
    return sides, tuple(int(size) for size in sizes)


def side_of(
    forms: Forms, wave: str, clock: str, *, strata: dict | None = None, seed: int = 0
) -> Side:
    """Return the side that drawn forms make."""
    if forms.found.empty:
        return Side(SAMPLES, 0, wave, lost=forms.lost, population=forms.population)
    stamps = forms.stamps(clock, **(strata or {}))
    widths = stamps.begun_high - stamps.begun_low
    one = (stamps.ended_low <= stamps.begun_low) & (widths > 0)
    curve = curve_of(stamps, seed=seed + _SEEDS[wave])
    return Side(SAMPLES, len(stamps), wave, forms.lost, forms.population, float(one.mean()),
                float(np.median(widths)), curve)  # fmt: skip


def _logged(cases: Cases, process: str, wave: str, seed: int) -> Side:
    if cases.absent is not None:
        return Side(LOG, 0, wave)
    mine = cases.of(process, wave)
    data = mine[["hours", "observed"]].astype({"hours": float, "observed": bool})
    data = data.assign(week=week_of(mine["begun"]) if len(mine) else pd.Series(dtype=int))
    return Side(LOG, len(mine), wave, data=data, seed=seed + _SEEDS[wave])


def strata_of_amounts(drawn: dict[str, Forms]) -> dict[str, dict[str, np.ndarray]]:
    """Classes of amounts and what a form of each counts; empty where they cannot be parted."""
    amounts = [
        pd.to_numeric(forms.found["amount"], errors="coerce").to_numpy(float)
        for forms in drawn.values()
    ]
    pooled = np.concatenate(amounts)
    if not len(pooled) or np.isnan(pooled).any():
        return {}
    for classes in range(MOST_CLASSES, 1, -1):
        borders = np.unique(np.quantile(pooled, np.arange(1, classes) / classes))
        borders = borders[borders < pooled.max()]
        groups = [np.searchsorted(borders, side, side="left") for side in amounts]
        counts = [np.bincount(group, minlength=len(borders) + 1) for group in groups]
        if len(borders) and min(count.min() for count in counts) >= LEAST_CASES:
            return dict(zip(drawn, _weighted(groups, counts), strict=True))
    return {}


def _weighted(groups: list[np.ndarray], counts: list[np.ndarray]) -> list[dict[str, np.ndarray]]:
    shares = [count / count.sum() for count in counts]
    target = sum(shares) / len(shares)
    return [
        {"group": group, "weight": (target / share)[group]}
        for group, share in zip(groups, shares, strict=True)
    ]
