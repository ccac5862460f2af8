"""Rows of the complaint register that leave rank, priority or due time unsaid."""

from collections.abc import Callable

import pandas as pd

from crm_eval_lib.data_check.row_rules import Material, RowRule, filled, numbers

_AREA = "controls.complaints"
_FIRST = 1  # the smallest priority there is
_ORDER = (f"{_AREA}.inversion_share[response]", f"{_AREA}.inversion_share[resolution]",
          f"{_AREA}.order_agreement")  # fmt: skip
_PRIORITIES = (f"{_AREA}.response_hours", f"{_AREA}.resolution_hours",
               f"{_AREA}.priority_agreement")  # fmt: skip


def _empty(column: str) -> Callable[[Material], pd.Series]:
    """Return a rule's question: which cells of the column are empty, where others are filled."""

    def marks(m: Material) -> pd.Series:
        given = filled(m.rows[column])
        return ~given & given.any()

    return marks


def _before_first(m: Material) -> pd.Series:
    return numbers(m.rows["priority"]) < _FIRST


COMPLAINT_RULES = (
    RowRule("priority_unknown", "complaints", ("priority",), _before_first, _PRIORITIES),
    RowRule("priority_empty", "complaints", ("priority",), _empty("priority"), _PRIORITIES),
    RowRule("importance_empty", "complaints", ("importance",), _empty("importance"), _ORDER),
    RowRule("response_due_empty", "complaints", ("response_due",), _empty("response_due"),
            (f"{_AREA}.sla_response", f"{_AREA}.dropped_share")),
    RowRule("resolve_due_empty", "complaints", ("resolve_due",), _empty("resolve_due"),
            (f"{_AREA}.sla_resolve", f"{_AREA}.dropped_share")),
)  # fmt: skip
