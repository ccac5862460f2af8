"""One way to make an indicator from a share: value, Wilson interval, or the reason why not."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from crm_eval_lib.results import CONFIDENCE, Caveat, Indicator, Message, measured, not_assessed
from crm_eval_lib.stats.intervals import wilson

NOTHING_TO_COUNT = Message("problems.reason.nothing_to_count")
FEW_CASES = 42  # of fewer, at some true shares Wilson's 95 % cover under 93 % (docs/calibration.md)


def share(
    id: str,
    k: int,
    n: int,
    *,
    confidence: float = CONFIDENCE,
    empty: Message = NOTHING_TO_COUNT,
    **more: Any,
) -> Indicator:
    """Return k/n with its Wilson interval; not assessed when there is nothing to count.

    >>> share("problems.claimed_rate", 3, 4, tables=("problems",)).value
    0.75
    """
    if n == 0:
        return not_assessed(id, "ratio", empty, n=0, **more)
    low, high = wilson(int(k), int(n), confidence=confidence)
    return measured(
        id, int(k) / int(n), "ratio", low=low, high=high, confidence=confidence, n=int(n), **more
    )


def share_of(mask: pd.Series, among: pd.Series) -> tuple[int, int]:
    """Return how many of the rows meant by `among` also fulfil the mask, and how many there are."""
    return int((mask & among).sum()), int(among.sum())


def few_cases(found: Iterable[Indicator]) -> tuple[Caveat, ...]:
    """Say that the intervals of shares of few cases are rough; nothing where there are none.

    >>> [caveat.indicators for caveat in few_cases([share("problems.claimed_rate", 3, 4)])]
    [('problems.claimed_rate',)]
    """
    few = [item for item in found if item.confidence is not None and item.n < FEW_CASES]
    if not few:
        return ()
    tables = tuple(dict.fromkeys(name for item in few for name in item.tables))
    message = Message("problems.caveat.few_cases", {"limit": FEW_CASES})
    return (Caveat(message, tuple(item.id for item in few), tables=tables),)
