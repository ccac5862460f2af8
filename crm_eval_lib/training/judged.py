"""Questions of judgement: of the sentences offered, the one that the planted truth allows."""

from collections.abc import Callable
from typing import Any

from crm_eval_lib.training.case import Case


def the_true_one(**sentences: Callable[[Case], bool]) -> Callable[[Case], Any]:
    """Return how the letter of the one true sentence is found for a case.

    Parameters
    ----------
    **sentences : callable
        Letter to whether that sentence may be written of a case.

    Examples
    --------
    >>> the_true_one(a=lambda case: False, b=lambda case: True)(None)
    'b'
    """

    def letter(case: Case) -> str:
        (one,) = (name for name, holds in sentences.items() if holds(case))
        return one

    return letter


def never(case: Case) -> bool:
    """Say that no table can bear a sentence out: it tells of guilt, of intention or of proof."""
    return False


def lacking(*tables: str) -> Callable[[Case], bool]:
    """Say that nothing can be said: a table of these did not come, or came empty."""
    return lambda case: any(name not in case.tables or case.tables[name].empty for name in tables)
