"""The tables of the contract: what a client may hand in, column by column.

>>> table("budget").required
('line_id', 'category', 'amount')
"""

from typing import Any

from crm_eval_lib.errors import DataError, ended, nearest
from crm_eval_lib.tables import common, controls, cost, efficiency, problems, sales
from crm_eval_lib.tables.spec import KINDS, Column, Problem, Table, known_columns
from crm_eval_lib.tables.words import currency_codes, header_map, plain, value_map

TABLES: dict[str, Table] = {
    item.name: item
    for module in (cost, problems, efficiency, controls, sales, common)
    for item in module.TABLES
}
CORE_TABLES = tuple(name for name, item in TABLES.items() if item.core)
FALLBACK_TABLES = tuple(name for name, item in TABLES.items() if not item.core)

__all__ = [
    "CORE_TABLES", "FALLBACK_TABLES", "KINDS", "TABLES", "Column", "Problem", "Table",
    "currency_codes", "find_problems", "header_map", "known_columns", "pandera_schema", "plain",
    "table", "value_map",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Load the schemas when they are asked for: pandera takes a twentieth of the start of a run."""
    if name not in ("find_problems", "pandera_schema"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from crm_eval_lib.tables import validation

    return getattr(validation, name)


def table(name: str) -> Table:
    """Return a table by its name.

    Raises
    ------
    DataError
        No such table; the nearest is named.
    """
    if name not in TABLES:
        raise DataError(ended(f"There is no table {name!r}: {nearest(name, TABLES)}"))
    return TABLES[name]
