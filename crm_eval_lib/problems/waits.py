"""How long each problem was watched, and how it ended: what all steps about time start from."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.problems.standing import absent
from crm_eval_lib.results import Caveat, Message
from crm_eval_lib.stats.survival import Curve, aalen_johansen, kaplan_meier

TABLES = ("problems",)
NO_STATUS_DATE = Message("problems.reason.no_status_date")
NO_GO_LIVE = Message("problems.reason.no_go_live")
NOTHING_WATCHED = Message("problems.reason.nothing_watched")
WAITING, SOLVED, ENDED_OTHERWISE = 0, 1, 2


@dataclass(frozen=True)
class Waits:
    """Days from raising to the end of watching, by problem.

    ``rows`` are the watched rows of the register; ``cause`` says how each ended, ``entry`` after
    how many days it was entered. Left out: ``undated`` ones (their end has no date, or one before
    the start), and those ``too_early`` (over before they were entered).
    """

    rows: pd.DataFrame
    days: np.ndarray
    cause: np.ndarray
    entry: np.ndarray
    undated: int
    too_early: int

    @property
    def competing(self) -> bool:
        """Whether some ended otherwise than by being solved."""
        return bool((self.cause == ENDED_OTHERWISE).any())

    def curve(self, among: np.ndarray | None = None) -> Curve:
        """Return the curve of being solved, of all or of some; by the method for all."""
        some = np.ones(self.days.shape, dtype=bool) if among is None else among
        days, cause, entry = self.days[some], self.cause[some], self.entry[some]
        if self.competing:
            return aalen_johansen(days, cause, entry=entry)
        return kaplan_meier(days, cause == SOLVED, entry=entry)

    def caveats(self, indicators: tuple[str, ...]) -> tuple[Caveat, ...]:
        """Say how many problems were left out, and why."""
        counts = {"undated": self.undated, "too_early": self.too_early}
        return tuple(
            Caveat(Message(f"problems.caveat.{name}", {"n": n}), indicators, tables=TABLES)
            for name, n in counts.items()
            if n
        )


def waits_of(seen: pd.DataFrame | None, *, dates: Any) -> Waits | Message:
    """Return how long each problem was watched, or the reason why that cannot be said.

    Parameters
    ----------
    seen : DataFrame or None
        What `register` returned.
    dates : object
        Has ``status_date``, where waiting problems are censored.
    """
    reason = _unusable(seen, dates)
    if reason:
        return reason
    waits = _waits(seen, dates.status_date)
    return waits if waits.days.size else NOTHING_WATCHED


def _unusable(seen: pd.DataFrame | None, dates: Any) -> Message | None:
    if seen is not None and dates.status_date is None:
        return NO_STATUS_DATE
    claimed = seen is not None and bool(seen["claimed"].any())
    # Nothing solved yet leaves solved_on empty for a good reason.
    return absent(seen, *(["raised_on", "solved_on"] if claimed else ["raised_on"]))


def _waits(seen: pd.DataFrame, status_date: pd.Timestamp) -> Waits:
    ended = seen["status"].isin(["withdrawn", "rejected"]) & seen["closed_on"].notna()
    undated_end = seen["status"].isin(["withdrawn", "rejected"]) & seen["closed_on"].isna()
    watched = ~seen["is_duplicate"] & ~seen["is_recalled"]
    watched &= seen["in_denominator"] | ended
    end = seen["solved_on"].where(seen["claimed"], seen["closed_on"].where(ended))
    end = end.where(seen["claimed"] | ended, status_date)
    cause = np.select([seen["claimed"], ended], [SOLVED, ENDED_OTHERWISE], WAITING)
    days = (end - seen["raised_on"]).dt.days
    usable = watched & (days >= 0)
    lost = ~seen["is_duplicate"] & ~seen["is_recalled"] & undated_end & ~seen["in_denominator"]
    entry = (seen["entered_on"] - seen["raised_on"]).dt.days
    too_early = usable & (entry > 0) & (entry >= days)
    keep = usable & ~too_early
    return Waits(
        seen[keep],
        days[keep].to_numpy(dtype=float),
        cause[keep.to_numpy()],
        entry[keep].to_numpy(dtype=float),
        int((watched & ~usable).sum() + lost.sum()),
        int(too_early.sum()),
    )
