"""One row of the table of benefits."""

from typing import Any

from crm_eval_lib.results import Message
from crm_eval_lib.value.flows import FIXED

COUNTED, POTENTIAL, NOT_ASSESSED, UNQUANTIFIED = STANDINGS = (
    "counted", "potential", "not_assessed", "unquantified",
)  # fmt: skip
HOURS, LOSS, LEAKAGE, STATED = KINDS = (
    "hours_saved", "loss_avoided", "leakage_avoided", "stated_benefit",
)  # fmt: skip
COLUMNS = (
    "id", "kind", "name", "standing", "amount_year", "low", "high", "spread", "confidence",
    "realisation", "reason", "sources",
)  # fmt: skip


def benefit(
    kind: str, id: str, standing: str, *, tables: tuple[str, ...] = (), **cells: Any
) -> dict[str, Any]:
    """Return a row; what is not given is empty, and without an interval the amount is fixed.

    >>> benefit(STATED, "B1", COUNTED, amount_year=100.0)["spread"]
    'fixed'
    """
    row = dict.fromkeys(COLUMNS) | {"id": id, "kind": kind, "name": "", "standing": standing}
    sources = Message("value.word.tables", {"tables": list(tables)})
    spread = None if cells.get("amount_year") is None else FIXED
    return row | {"spread": spread, "sources": sources} | cells
