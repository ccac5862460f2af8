"""Who let the lines below the floor pass: nobody, somebody too late, or the one who wrote them."""

from typing import Any

import pandas as pd

from crm_eval_lib.controls.advice import floor_leak
from crm_eval_lib.controls.price_approvals import (
    APPROVED,
    CATEGORIES,
    NOT_APPROVED,
    OVER,
    SELF,
    UNAPPROVED,
)
from crm_eval_lib.controls.price_rows import (
    PRICE,
    approvals_known,
    flags,
    priced_lines,
    tables_of,
    tables_of_approvals,
    why_empty,
)
from crm_eval_lib.controls.shares import share
from crm_eval_lib.controls.windows import NO_ROWS
from crm_eval_lib.results import (
    CONFIDENCE,
    Indicator,
    Message,
    Step,
    measured,
    missing_column,
    not_assessed,
)

NO_LIMITS = Message("controls.reason.no_limits")


def approvals(
    lines: pd.DataFrame,
    controls: pd.DataFrame | None = None,
    *,
    dates: Any,
    currency: str,
    confidence: float = CONFIDENCE,
) -> Step:
    """Say who let the lines below the floor pass.

    Parameters
    ----------
    lines : DataFrame
        From `price_lines`.
    controls : DataFrame or None
        Names the roles that own and may override the price floor.
    dates, currency : object, str
    confidence : float
        Two-sided level of the intervals, 0.95 by default.

    Returns
    -------
    Step
        Exclusive in this order: ``unapproved``, ``late_approved``, ``self_approved``,
        ``over_limit``; the rest is approved. ``unapproved_rate`` = the four over lines with a
        floor. Without approval limits over_limit is not assessed, the others stand.
        Table: one row per kind of approval, with lines and leakage in the client's currency; table
        ``lines``: one row per line that was not approved as it should, the dearest first.

    Examples
    --------
    Two lines with a floor, one of them below it and never approved: 1/2.

    >>> from types import SimpleNamespace
    >>> from crm_eval_lib.controls import price_lines
    >>> day = pd.Timestamp
    >>> dates = SimpleNamespace(go_live=day("2024-09-02"), blackout=None,
    ...                         status_date=day("2025-08-31"))
    >>> orders = pd.DataFrame({"order_id": ["1", "2"], "ordered_at": [day("2025-01-15")] * 2,
    ...     "product": "P", "quantity": 10.0, "unit_price": [80.0, 95.0], "floor_price": 90.0,
    ...     "approved_at": [None, day("2025-01-14")], "shipped_at": [day("2025-01-16")] * 2})
    >>> lines = price_lines(orders, dates=dates, currency="CNY")
    >>> approvals(lines, dates=dates, currency="CNY")["controls.price.unapproved_rate"].value
    0.5
    """
    priced, tables = priced_lines(lines), tables_of(lines)
    current, missing = priced[flags(priced, "in_force")], why_empty(lines, priced, dates)
    names = [f"{PRICE}.{name}" for name in NOT_APPROVED]
    if missing or current.empty:
        reason = missing or NO_ROWS
        counts = [not_assessed(name, "count", reason, tables=tables) for name in names]
        rate = not_assessed(f"{PRICE}.unapproved_rate", "ratio", reason, tables=tables)
        return Step("controls.approvals", (*counts, rate))
    below = current[flags(current, "below")]
    counts = [_count(name, current, below, tables) for name in NOT_APPROVED]
    rate = _unapproved_rate(current, below, tables, confidence)
    offending = below[below["approval"].isin(NOT_APPROVED)].sort_values(
        ["leakage", "order_id"], ascending=[False, True]
    )
    known = rate.value is not None
    slots = {"n": len(offending), "m": len(below), "lines": len(current), "rate": rate.value}
    key = "approvals" if len(offending) else "approvals_all" if len(below) else "approvals_no_line"
    return Step(
        "controls.approvals",
        (*counts, rate),
        table=_by_category(below) if known else None,
        sentence=Message(f"controls.sentence.{key}", slots) if known else None,
        headline=Message(f"controls.headline.{key}", slots) if known else None,
        subtitle=Message("controls.subtitle.approvals", {"currency": currency}),
        findings=floor_leak(offending, controls, currency=currency),
        tables={"lines": _shown_lines(offending)},
    )


def _count(
    category: str, current: pd.DataFrame, below: pd.DataFrame, tables: tuple[str, ...]
) -> Indicator:
    id, more = f"{PRICE}.{category}", {"n": len(current), "tables": tables}
    bounds = {"low": 0, "high": len(below)}
    if not approvals_known(current):
        return not_assessed(id, "count", missing_column("orders", "approved_at"), **bounds, **more)
    open_to_it = below[~below["approval"].isin(NOT_APPROVED[: NOT_APPROVED.index(category)])]
    if category == SELF and len(open_to_it) and open_to_it["self_approved"].isna().any():
        reason = missing_column("orders", "created_by", "approved_by")
        return not_assessed(id, "count", reason, low=0, high=len(open_to_it), **more)
    if category == OVER:
        more["tables"] = (*tables, "approval_limits")
        if len(open_to_it) and open_to_it["over_limit"].isna().any():
            return not_assessed(id, "count", NO_LIMITS, low=0, high=len(open_to_it), **more)
    return measured(id, int((below["approval"] == category).sum()), "count", **more)


def _unapproved_rate(
    current: pd.DataFrame, below: pd.DataFrame, tables: tuple[str, ...], confidence: float
) -> Indicator:
    id, n = f"{PRICE}.unapproved_rate", len(current)
    if not approvals_known(current):
        reason = missing_column("orders", "approved_at")
        return not_assessed(id, "ratio", reason, low=0.0, high=len(below) / n, n=n, tables=tables)
    counts = {name: int((below["approval"] == name).sum()) for name in CATEGORIES}
    parts = {name: counts[name] for name in (*NOT_APPROVED, APPROVED)}
    approved_in_time = below[~below["approval"].isin(NOT_APPROVED[:3])]
    if len(approved_in_time) and approved_in_time["over_limit"].isna().any():
        parts[OVER] = None
    k, tables = sum(counts[name] for name in NOT_APPROVED), tables_of_approvals(below, tables)
    return share(id, k, n, tables=tables, parts=parts, confidence=confidence)


def _by_category(below: pd.DataFrame) -> pd.DataFrame:
    rows = below.groupby("approval")["leakage"].agg(["size", "sum"]).reindex(CATEGORIES)
    rows = rows.fillna(0.0).reset_index(names="approval")
    rows.columns = ["approval", "lines", "leakage"]
    return _worded(rows.assign(lines=rows["lines"].astype(int)))


def _shown_lines(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows for the reader: what was sold and how, never who did it."""
    names = ["order_id", "line_no", "ordered_at", "product", "product_group", "net_price", "floor",
             "leakage", "approval"]  # fmt: skip
    return _worded(rows[names].reset_index(drop=True))


def _worded(rows: pd.DataFrame) -> pd.DataFrame:
    """Give the category its own word in tables; changes of a budget can be unapproved too."""
    return rows.assign(approval=rows["approval"].replace(UNAPPROVED, "no_approval"))
