"""Prices below the floor: how often, at what loss, and who let them pass."""

from typing import Any

import pandas as pd

from crm_eval_lib.controls.advice import floor_leak
from crm_eval_lib.controls.price_lines import (
    APPROVED,
    CATEGORIES,
    NOT_APPROVED,
    OVER,
    SELF,
)
from crm_eval_lib.controls.shares import rate_ratio, share
from crm_eval_lib.controls.windows import (
    AFTER,
    BEFORE,
    NO_ROWS,
    NOT_LIVE,
    column_of,
    keyed_by,
    recorded,
    settled_from,
)
from crm_eval_lib.results import (
    CONFIDENCE,
    Indicator,
    Message,
    Step,
    measured,
    missing_column,
    missing_table,
    not_assessed,
)

NO_FLOOR = Message("controls.reason.no_floor")
NO_LIMITS = Message("controls.reason.no_limits")
PRICE = "controls.price"


def below_floor(lines: pd.DataFrame, *, dates: Any, confidence: float = CONFIDENCE) -> Step:
    """Count order lines below their floor, before and after go-live.

    Parameters
    ----------
    lines : DataFrame
        From `price_lines`.
    dates : object
        Has ``go_live``, ``status_date`` and ``blackout``.

    Returns
    -------
    Step
        ``below_floor_rate`` (in force), ``…_before``, ``…_after``, ``by_channel``: lines below
        the floor over lines with a floor; ``rate_ratio`` after/before, exact conditional Poisson.
        Table: one row per month.
    """
    priced, tables = _priced(lines), _tables_of(lines)
    current, missing = priced[_flags(priced, "in_force")], _why_empty(lines, priced, dates)
    rates = [
        share(f"{PRICE}.below_floor_rate{suffix}", rows["below"].sum(), len(rows),
              tables=tables, empty=reason, confidence=confidence)
        for suffix, rows, reason in (
            ("", current, missing or NO_ROWS),
            ("_before", priced[priced["period"] == BEFORE], _without_floor(lines, priced)),
            ("_after", priced[priced["period"] == AFTER], missing or NO_ROWS),
        )
    ]  # fmt: skip
    _, before, after = rates
    ratio = _rate_ratio(priced, before, after, tables, confidence)
    channels = _by_channel(current, tables, missing, confidence)
    told = after.value is not None and before.value is not None
    slots = {"before": before.value, "after": after.value, "n": after.n,
             "day": str(getattr(dates, "go_live", None))}  # fmt: skip
    return Step(
        "controls.below_floor",
        (*rates, ratio, *channels),
        table=_by_month(priced) if len(priced) else None,
        sentence=Message("controls.sentence.below_floor", slots) if told else None,
        headline=Message("controls.headline.below_floor", slots) if told else None,
        subtitle=Message("controls.subtitle.below_floor"),
    )


def leakage(lines: pd.DataFrame, *, dates: Any, currency: str) -> Step:
    """Add up what was sold below the floor: Σ max(0, floor − net)·(quantity + free_quantity).

    Parameters
    ----------
    lines : DataFrame
        From `price_lines`.
    currency : str
        The client's; rows in another are converted at their own rate.

    Returns
    -------
    Step
        ``leakage`` and ``leakage[not_approved]``, since the later of go-live and blackout end.
        Table: one row per product group, largest first.
    """
    priced, tables = _priced(lines), _tables_of(lines)
    current, missing = priced[_flags(priced, "in_force")], _why_empty(lines, priced, dates)
    total_id, part_id = f"{PRICE}.leakage", f"{PRICE}.leakage[not_approved]"
    if missing or current.empty:
        reasons = [not_assessed(name, "money", missing or NO_ROWS, tables=tables,
                                currency=currency) for name in (total_id, part_id)]  # fmt: skip
        return Step("controls.leakage", tuple(reasons))
    more = {"n": len(current), "tables": tables, "currency": currency}
    total = measured(total_id, float(current["leakage"].sum()), "money", **more)
    below = current[_flags(current, "below")]
    lost = float(below.loc[below["approval"].isin(NOT_APPROVED), "leakage"].sum())
    if _approvals_known(current):
        part = measured(part_id, lost, "money", **more)
    else:
        reason = missing_column("orders", "approved_at")
        high = float(below["leakage"].sum())
        part = not_assessed(part_id, "money", reason, low=0.0, high=high, **more)
    slots = {"amount": total.value, "part": part.value, "currency": currency,
             "n": len(below), "m": len(current)}  # fmt: skip
    key = "leakage" if part.value is not None else "leakage_total"
    return Step(
        "controls.leakage",
        (total, part),
        table=_by_group(current),
        sentence=Message(f"controls.sentence.{key}", slots),
        headline=Message(f"controls.headline.{key}", slots),
        subtitle=Message("controls.subtitle.leakage", {"currency": currency}),
    )


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

    Returns
    -------
    Step
        Exclusive in this order: ``unapproved``, ``late_approved``, ``self_approved``,
        ``over_limit``; the rest is approved. ``unapproved_rate`` = the four over lines with a
        floor. Without approval limits over_limit is not assessed, the others stand.
    """
    priced, tables = _priced(lines), _tables_of(lines)
    current, missing = priced[_flags(priced, "in_force")], _why_empty(lines, priced, dates)
    names = [f"{PRICE}.{name}" for name in NOT_APPROVED]
    if missing or current.empty:
        reason = missing or NO_ROWS
        counts = [not_assessed(name, "count", reason, tables=tables) for name in names]
        rate = not_assessed(f"{PRICE}.unapproved_rate", "ratio", reason, tables=tables)
        return Step("controls.approvals", (*counts, rate))
    below = current[_flags(current, "below")]
    counts = [_count(name, current, below, tables) for name in NOT_APPROVED]
    rate = _unapproved_rate(current, below, tables, confidence)
    offending = below[below["approval"].isin(NOT_APPROVED)].sort_values(
        ["leakage", "order_id"], ascending=[False, True]
    )
    known = rate.value is not None
    slots = {"n": len(offending), "m": len(below), "lines": len(current), "rate": rate.value}
    return Step(
        "controls.approvals",
        (*counts, rate),
        table=_by_category(below) if known else None,
        sentence=Message("controls.sentence.approvals", slots) if known else None,
        headline=Message("controls.headline.approvals", slots) if known else None,
        subtitle=Message("controls.subtitle.approvals"),
        findings=floor_leak(offending, controls, currency=currency),
        tables={"lines": _shown_lines(offending)},
    )


def _priced(lines: pd.DataFrame) -> pd.DataFrame:
    return lines[lines["floor"].notna()]


def _flags(rows: pd.DataFrame, name: str) -> pd.Series:
    return rows[name].astype(bool)


def _tables_of(lines: pd.DataFrame) -> tuple[str, ...]:
    ruled = (lines["floor_source"] == "rule").any()
    return ("orders", "price_rules") if ruled else ("orders",)


def _without_floor(lines: pd.DataFrame, priced: pd.DataFrame) -> Message:
    if lines.empty:
        return missing_table("orders")
    return NO_FLOOR if priced.empty else NO_ROWS


def _why_empty(lines: pd.DataFrame, priced: pd.DataFrame, dates: Any) -> Message | None:
    if priced.empty:
        return _without_floor(lines, priced)
    return NOT_LIVE if settled_from(dates) is None else None


def _rate_ratio(
    priced: pd.DataFrame,
    before: Indicator,
    after: Indicator,
    tables: tuple[str, ...],
    confidence: float,
) -> Indicator:
    id = f"{PRICE}.rate_ratio"
    if before.value is None or after.value is None:
        reason = before.reason or after.reason
        return not_assessed(id, "index", reason, tables=tables)
    found = {p: _flags(priced[priced["period"] == p], "below") for p in (BEFORE, AFTER)}
    pairs = {p: (int(flags.sum()), len(flags)) for p, flags in found.items()}
    return rate_ratio(id, pairs[AFTER], pairs[BEFORE], tables=tables, confidence=confidence)


def _by_channel(
    current: pd.DataFrame, tables: tuple[str, ...], missing: Message | None, confidence: float
) -> list[Indicator]:
    id = f"{PRICE}.by_channel"
    if missing or current.empty or not recorded(current, "channel"):
        reason = missing or (NO_ROWS if current.empty else missing_column("orders", "channel"))
        return [not_assessed(id, "ratio", reason, tables=tables)]
    return [
        share(keyed_by(id, channel), rows["below"].sum(), len(rows), tables=tables,
              confidence=confidence)
        for channel, rows in current.groupby("channel")
    ]  # fmt: skip


def _by_month(priced: pd.DataFrame) -> pd.DataFrame:
    month = priced["ordered_at"].dt.strftime("%Y-%m")
    keys = [month.rename("month"), priced["period"]]
    table = priced["below"].astype(bool).groupby(keys).agg(["size", "sum"]).reset_index()
    order = {BEFORE: 0, AFTER: 2}
    table = table.assign(_order=table["period"].map(order).fillna(1))
    table = table.sort_values(["month", "_order"]).drop(columns="_order")
    table = table.rename(columns={"size": "lines", "sum": "below_floor"}).reset_index(drop=True)
    return table.assign(below_floor_rate=table["below_floor"] / table["lines"])


def _by_group(current: pd.DataFrame) -> pd.DataFrame:
    group = _group(current)
    below = _flags(current, "below")
    not_approved = current["approval"].isin(NOT_APPROVED)
    rows = pd.DataFrame({
        "product_group": group, "lines": 1, "below_floor": below, "not_approved": not_approved,
        "leakage": current["leakage"],
        "not_approved_leakage": current["leakage"].where(not_approved, 0.0),
    })  # fmt: skip
    table = rows.groupby("product_group", as_index=False).sum()
    if not _approvals_known(current):
        table = table.assign(not_approved=None, not_approved_leakage=None)
    return table.sort_values(
        ["leakage", "product_group"], ascending=[False, True], ignore_index=True
    )


def _group(rows: pd.DataFrame) -> pd.Series:
    name = "product_group" if recorded(rows, "product_group") else "product"
    return column_of(rows, name).astype(object).fillna("–").astype(str)


def _approvals_known(current: pd.DataFrame) -> bool:
    """Without a line below the floor nothing had to be approved."""
    below = current[_flags(current, "below")]
    return below.empty or bool(below["approval"].notna().all())


def _count(
    category: str, current: pd.DataFrame, below: pd.DataFrame, tables: tuple[str, ...]
) -> Indicator:
    id, more = f"{PRICE}.{category}", {"n": len(current), "tables": tables}
    bounds = {"low": 0, "high": len(below)}
    if not _approvals_known(current):
        return not_assessed(
            id, "count", missing_column("orders", "approved_at"), **bounds, **more
        )
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
    if not _approvals_known(current):
        reason = missing_column("orders", "approved_at")
        return not_assessed(id, "ratio", reason, low=0.0, high=len(below) / n, n=n, tables=tables)
    counts = {name: int((below["approval"] == name).sum()) for name in CATEGORIES}
    parts = {name: counts[name] for name in (*NOT_APPROVED, APPROVED)}
    approved_in_time = below[~below["approval"].isin(NOT_APPROVED[:3])]
    if len(approved_in_time) and approved_in_time["over_limit"].isna().any():
        parts[OVER] = None
    k = sum(counts[name] for name in NOT_APPROVED)
    return share(id, k, n, tables=tables, parts=parts, confidence=confidence)


def _by_category(below: pd.DataFrame) -> pd.DataFrame:
    rows = below.groupby("approval")["leakage"].agg(["size", "sum"]).reindex(CATEGORIES)
    rows = rows.fillna(0.0).reset_index(names="approval")
    rows.columns = ["approval", "lines", "leakage"]
    return rows.assign(lines=rows["lines"].astype(int))


def _shown_lines(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows for the reader: what was sold and how, never who did it."""
    names = ["order_id", "line_no", "ordered_at", "product", "product_group", "net_price", "floor",
             "leakage", "approval"]  # fmt: skip
    return rows[names].reset_index(drop=True)
