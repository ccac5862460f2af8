"""The four analyses of a client, and why one of them cannot be made."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from crm_eval_lib.controls import lines_of
from crm_eval_lib.controls.price_rows import flags, priced_lines, why_empty
from crm_eval_lib.controls.windows import NO_ROWS, column_of, recorded, until_status
from crm_eval_lib.persons.bunching import bunching
from crm_eval_lib.persons.concentration import concentration
from crm_eval_lib.persons.floor_edits import floor_edits
from crm_eval_lib.persons.splits import split_orders
from crm_eval_lib.results import Message, missing_column, missing_table

_NAMES = ("created_by", "approver_role", "customer_class", "quantity")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One analysis: its rows, or why there are none."""

    name: str
    rows: pd.DataFrame
    reason: Message | None = None


def annex(client: Any) -> tuple[Sheet, ...]:
    """Make the analyses of single persons, of lines in force by the status date.

    Parameters
    ----------
    client : Client
        From `crm_eval_lib.open_client`.
    """
    t, dates, currency = client.tables, client.dates, client.currency
    priced = lines_of(client)
    named = with_persons(priced, t.orders, dates=dates, currency=currency)
    lines = named[flags(named, "in_force")] if len(named) else named
    empty = why_empty(priced, priced_lines(priced), dates) or (NO_ROWS if lines.empty else None)
    why = {
        "concentration": empty or _without(t.orders, "created_by", "approved_at"),
        "bunching": empty or _without(t.orders, "created_by"),
        "split_orders": _no_table(t, "approval_limits") or _without(
            t.orders, "created_by", "customer") or _no_role(t.orders) or empty,
        "floor_edits": _no_table(t, "price_rules") or empty,
    }  # fmt: skip
    made = {
        "concentration": lambda: concentration(lines),
        "bunching": lambda: bunching(lines),
        "split_orders": lambda: split_orders(lines, t.approval_limits, currency=currency),
        "floor_edits": lambda: floor_edits(lines, t.price_rules, dates=dates, currency=currency),
    }
    return tuple(
        Sheet(name, pd.DataFrame(), reason) if reason else Sheet(name, made[name]())
        for name, reason in why.items()
    )


def with_persons(
    lines: pd.DataFrame, orders: pd.DataFrame | None, *, dates: Any, currency: str
) -> pd.DataFrame:
    """Put beside priced lines who entered them, and what limits and rules are asked by.

    ``money`` is the row's currency and ``rate`` its rate to the client's.
    """
    rows = until_status(orders, "ordered_at", dates)
    if rows is None or rows.empty:
        return lines.assign(**dict.fromkeys((*_NAMES, "money", "rate"), None))
    rows = rows.reset_index(drop=True)
    rate = pd.to_numeric(column_of(rows, "fx_rate")).astype("float64").fillna(1.0)
    money = column_of(rows, "currency").astype(object).fillna(currency)
    return lines.assign(**{name: column_of(rows, name) for name in _NAMES}, money=money, rate=rate)


def _without(orders: pd.DataFrame | None, *columns: str) -> Message | None:
    lacking = [name for name in columns if not recorded(orders, name)]
    return missing_column("orders", *lacking) if lacking and orders is not None else None


def _no_role(orders: pd.DataFrame | None) -> Message | None:
    roles = ("creator_role", "approver_role")
    if orders is None or any(recorded(orders, name) for name in roles):
        return None
    return missing_column("orders", *roles)


def _no_table(tables: Any, name: str) -> Message | None:
    return missing_table(name) if tables[name] is None or tables[name].empty else None
