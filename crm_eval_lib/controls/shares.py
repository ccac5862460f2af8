"""Indicators made from counts: a share with its interval, a ratio of rates, or the reason why not.

Wilson intervals for shares; exact ones where an auditor decides, and for ratios of rates.
"""

import math
from collections.abc import Sequence
from typing import Any

from crm_eval_lib.controls.windows import NO_ROWS
from crm_eval_lib.results import CONFIDENCE, Indicator, Message, measured, not_assessed
from crm_eval_lib.stats.intervals import clopper_pearson, poisson_ratio, wilson

NO_EVENT_BEFORE = Message("controls.reason.no_event_before")


def share(
    id: str,
    k: float,
    n: float,
    *,
    tables: Sequence[str],
    exact: bool = False,
    empty: Message = NO_ROWS,
    confidence: float = CONFIDENCE,
    **more: Any,
) -> Indicator:
    """Return k/n with its interval; not assessed when there is nothing to count.

    >>> share("controls.price.below_floor_rate", 1, 4, tables=("orders",)).value
    0.25
    """
    k, n = int(k), int(n)
    if n == 0:
        return not_assessed(id, "ratio", empty, n=0, tables=tables)
    interval = clopper_pearson if exact else wilson
    low, high = interval(k, n, confidence=confidence)
    return measured(
        id, k / n, "ratio", low=low, high=high, confidence=confidence, n=n, tables=tables, **more
    )


def rate_ratio(
    id: str,
    after: tuple[float, float],
    before: tuple[float, float],
    *,
    tables: Sequence[str],
    confidence: float = CONFIDENCE,
    parts: dict[str, Any] | None = None,
) -> Indicator:
    """Compare two (events, exposure) pairs, after over before, by the exact Poisson method.

    >>> found = rate_ratio("controls.error_ratio", (11, 800), (21, 3011), tables=("errors",))
    >>> round(found.value, 4), round(found.p, 4)
    (1.9715, 0.0797)
    """
    counts = {"before": int(before[0]), "after": int(after[0])}
    exposure = {"before_exposure": float(before[1]), "after_exposure": float(after[1])}
    parts = {**counts, **exposure, **(parts or {})}
    if min(after[1], before[1]) <= 0:
        return not_assessed(id, "index", NO_ROWS, tables=tables, parts=parts)
    found = poisson_ratio(after[0], after[1], before[0], before[1], confidence=confidence)
    if not math.isfinite(found.ratio):
        low = found.low if counts["after"] else None
        return not_assessed(id, "index", NO_EVENT_BEFORE, low=low, tables=tables, parts=parts)
    high = found.high if math.isfinite(found.high) else None
    n = sum(counts.values())
    return measured(id, found.ratio, "index", low=found.low, high=high, confidence=confidence,
                    p=found.p, n=n, tables=tables, parts=parts)  # fmt: skip
