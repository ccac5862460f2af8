"""What the rungs hand to each other: the measure compared, the options, the estimate found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.efficiency.medians import Ratio
from crm_eval_lib.results import CONFIDENCE, Message
from crm_eval_lib.scoring import threshold

R0, R1, R2, R3 = "R0", "R1", "R2", "R3"
LADDER = (R0, R1, R2, R3)
LEAST_PLACEBOS = 5  # fewer dates cannot tell one in ten


@dataclass(frozen=True)
class Measure:
    """What is compared: a column of the cases and a quantile of it."""

    column: str = "hours"
    share: float = 0.5


@dataclass(frozen=True)
class Options:
    """Knobs of the designs; ``detail`` adds what only the main measure shows."""

    confidence: float = CONFIDENCE
    seed: int = 0
    mix_wanted: bool = False
    detail: bool = False


def no_placebos() -> pd.DataFrame:
    """Return a table of placebo dates without rows."""
    return placebos_of([], [])


def placebos_of(days: Any, effects: Any) -> pd.DataFrame:
    """Return placebo dates with the logarithm and the ratio of the change seen there."""
    effects = np.asarray(effects, dtype=float)
    return pd.DataFrame(
        {
            "day": pd.DatetimeIndex(days, dtype="datetime64[s]"),
            "log_effect": effects,
            "change_ratio": np.expm1(effects),
        }
    )


@dataclass(frozen=True)
class Estimate:
    """One change on one rung.

    ``why_not_higher`` names what the next rungs lack; ``reason`` says why there is no value at
    all. ``placebo_share`` is the share of placebo dates with an effect as large. ``tables`` hold
    what can be shown of it: ``series``, ``mix``, ``split``, ``horizons``, ``leave_out``,
    ``event_study``. ``lower`` holds what the rungs below say, from R1 upwards.
    """

    rung: str | None = None
    ratio: Ratio = field(default_factory=lambda: Ratio(None))
    n: int = 0
    why_not_higher: tuple[Message, ...] = ()
    reason: Message | None = None
    placebo_share: float | None = None
    placebos: pd.DataFrame = field(default_factory=no_placebos, repr=False)
    parts: Mapping[str, Any] = field(default_factory=dict)
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict, repr=False)
    lower: tuple["Estimate", ...] = field(default=(), repr=False)

    @property
    def cannot_tell(self) -> bool:
        """True where dates without any event show changes as large."""
        return self.placebo_share is not None and self.placebo_share > threshold("placebo_share")


def share_as_large(placebos: pd.DataFrame, effect: float) -> float | None:
    """Return the share of placebo dates with an effect as large; None of too few dates."""
    if len(placebos) < LEAST_PLACEBOS:
        return None
    return float((placebos["log_effect"].abs() >= abs(effect)).mean())
