"""What the price steps share: lines that have a floor, and why there may be none."""

from typing import Any

import pandas as pd

from crm_eval_lib.controls.windows import NO_ROWS, NOT_LIVE, settled_from
from crm_eval_lib.results import Message, missing_table

NO_FLOOR = Message("controls.reason.no_floor")
PRICE = "controls.price"


def priced_lines(lines: pd.DataFrame) -> pd.DataFrame:
    """Return the lines that have a floor."""
    has_floor = lines["floor"].notna()
    return lines if has_floor.all() else lines[has_floor]


def flags(rows: pd.DataFrame, name: str) -> pd.Series:
    """Return a column of yes and no as plain booleans."""
    return rows[name].astype(bool)


def tables_of(lines: pd.DataFrame) -> tuple[str, ...]:
    """Name the tables the floors came from."""
    ruled = (lines["floor_source"] == "rule").any()
    return ("orders", "price_rules") if ruled else ("orders",)


def tables_of_approvals(below: pd.DataFrame, tables: tuple[str, ...]) -> tuple[str, ...]:
    """Name the tables that had a say in who approved: the limits too, where they were compared."""
    compared = below["over_limit"].notna().any()
    return (*tables, "approval_limits") if compared else tables


def without_floor(lines: pd.DataFrame, priced: pd.DataFrame) -> Message:
    """Say why no line has a floor, else that none is in the period."""
    if lines.empty:
        return missing_table("orders")
    return NO_FLOOR if priced.empty else NO_ROWS


def why_empty(lines: pd.DataFrame, priced: pd.DataFrame, dates: Any) -> Message | None:
    """Say why nothing is known after go-live; None where something is."""
    if priced.empty:
        return without_floor(lines, priced)
    return NOT_LIVE if settled_from(dates) is None else None


def approvals_known(current: pd.DataFrame) -> bool:
    """Without a line below the floor nothing had to be approved."""
    below = current[flags(current, "below")]
    return below.empty or bool(below["approval"].notna().all())
