"""A baseline laid out over time: what was planned by which day."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from crm_eval_lib.cost.baseline import Baseline
from crm_eval_lib.cost.held import Held
from crm_eval_lib.results import Message


@dataclass(frozen=True)
class Layout:
    """The baseline of a day with the plan of its lines; the same until either is decided anew.

    Without a baseline there is nothing to ask it.
    """

    baseline: Baseline | None
    plans: Held

    @cached_property
    def problem(self) -> Message | None:
        """Name the lines with money but neither plan rows nor both planned dates, or None."""
        lines = self.baseline.lines
        dated = lines["planned_start"].notna() & lines["planned_finish"].notna()
        lacking = ~dated & (self.plans.columns(lines.index) < 0) & (lines["bac"] != 0)
        if not lacking.any():
            return None
        names = [str(line) for line in lines.index[lacking]]
        return Message("cost.reason.no_plan", {"lines": names, "n": len(names)})

    @cached_property
    def end(self) -> pd.Timestamp | None:
        """The last planned day of all lines, or None."""
        lines = self.baseline.lines
        days = self.plans.days_of(lines.index)
        last = [days.max(), lines["planned_finish"].max(), lines["planned_start"].max()]
        known = [day for day in last if pd.notna(day)]
        return max(known) if known else None

    def planned(self, days: pd.DatetimeIndex) -> np.ndarray:
        """Return planned value on each day: from ``plan``, else each line linearly over its dates.

        A plan row holds until the next one; the linear spread counts first and last day whole.
        """
        index = self.baseline.lines.index
        given = self.plans.columns(index) >= 0
        planned = self.plans.on(days, index) * self._factor
        planned = np.where(given, planned, self._spread(days)).sum(axis=1)
        return planned * self.baseline.loose_factor

    @cached_property
    def _numbers(self) -> dict[str, np.ndarray]:
        names = ["bac", "typed", "amount", "planned_start", "planned_finish"]
        return {name: self.baseline.lines[name].to_numpy() for name in names}

    @cached_property
    def _factor(self) -> np.ndarray:
        """Bring each line's plan to the line's budget of today.

        A plan is in the terms in which the line was written down (its currency, its tax, before
        later changes) where it ends at that amount, and in today's where it ends at today's
        budget. One that ends above all of these is scaled to today's budget: no more can be
        planned than there is.
        """
        bac, written, amount = (self._numbers[name] for name in ("bac", "typed", "amount"))
        last = self.plans.last(self.baseline.lines.index)
        reference = np.where(np.isclose(written, last), written, amount)
        reference = np.where(np.isclose(bac, last), bac, reference)
        above = last > np.maximum.reduce([bac, written, amount])
        reference = np.where(above & ~np.isclose(last, reference), last, reference)
        return np.divide(bac, reference, out=np.ones(len(bac)), where=reference != 0)

    def _spread(self, days: pd.DatetimeIndex) -> np.ndarray:
        finish = self._numbers["planned_finish"]
        start = np.fmin(self._numbers["planned_start"], finish)
        length = (finish - start) / np.timedelta64(1, "D") + 1
        passed = (days.to_numpy()[:, None] - start[None, :]) / np.timedelta64(1, "D") + 1
        return np.nan_to_num(np.clip(passed / length, 0.0, 1.0)) * self._numbers["bac"]
