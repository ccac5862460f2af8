"""What to do about the controls: findings with their rows and actions; roles, never persons."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from crm_eval_lib.controls.windows import column_of, recorded
from crm_eval_lib.results import Action, Finding, Message, keyed

UNDECIDED_SEVERITY, LEAK_SEVERITY, OFF_SEVERITY, ORDER_SEVERITY = 3.0, 4.0, 5.0, 4.0
MOST_ROWS = 200  # row references of one finding; the table has them all
NOTABLE_INVERSION = 0.10  # share up to which the score gives full marks
_RELEASER = Message("controls.word.releaser")
_EVERYTHING = Message("controls.word.all_products")
_HOURS_OF_CLIENT = Message("controls.word.hours_of_client")


def role_of(controls: pd.DataFrame | None, column: str) -> str | None:
    """Return the role that all these control points name, or None."""
    if not recorded(controls, column):
        return None
    named = {str(role).strip() for role in controls[column].dropna()} - {""}
    return named.pop() if len(named) == 1 else None


def named_point(point: Mapping[str, Any]) -> Message | str:
    """Return a control point's id and the risk it stands against; the id alone without one.

    >>> from crm_eval_lib.text import say
    >>> say(named_point({"control_id": "C01", "risk": "Selling below the floor price"}), "en")
    'C01 “Selling below the floor price”'
    """
    control, risk = str(point["control_id"]), _text(point.get("risk"))
    slots = {"control_id": control, "risk": risk}
    return Message("controls.word.named_point", slots) if risk else control


def watching(controls: pd.DataFrame | None, log_check: str) -> pd.DataFrame | None:
    """Return the control points that this log can refute."""
    if controls is None:
        return None
    return controls[column_of(controls, "log_check").astype(object) == log_check]


def undecided(points: pd.DataFrame) -> tuple[Finding, ...]:
    """Name the control points nobody has decided on yet."""
    if points.empty:
        return ()
    owner, n = role_of(points, "owner_role"), len(points)
    slots = {"n": n, "owner": owner, "date": None}
    action = Action(
        "controls.undecided", Message("controls.action.undecided", slots), owner, n, "count"
    )
    return (
        Finding(
            "controls.undecided",
            "controls",
            "controls.listed_before_share",
            UNDECIDED_SEVERITY,
            Message("controls.finding.undecided", {"n": n}),
            tuple(("controls", str(id)) for id in points["control_id"]),
            action,
        ),
    )


def floor_leak(
    offending: pd.DataFrame, controls: pd.DataFrame | None, *, currency: str
) -> tuple[Finding, ...]:
    """Name the product group that lost most below its floor without prior approval."""
    if offending.empty:
        return ()
    by_group = recorded(offending, "product_group")
    rows, group = offending, _EVERYTHING
    if by_group:
        lost = offending.groupby("product_group")["leakage"].sum().sort_index()
        group = str(lost.idxmax())
        rows = offending[offending["product_group"] == group]
    points = watching(controls, "price_floor")
    owner, amount = role_of(points, "owner_role"), float(rows["leakage"].sum())
    slots = {"n": len(rows), "amount": amount, "currency": currency, "product_group": group,
             "owner": owner, "releaser": role_of(points, "override_role") or _RELEASER,
             "date": None}  # fmt: skip
    action = Action(
        "controls.floor_leak", Message("controls.action.floor_leak", slots), owner, amount, "money"
    )
    said = {name: slots[name] for name in ("n", "amount", "currency", "product_group")}
    return (
        Finding(
            "controls.floor_leak",
            "controls",
            "controls.price.unapproved_rate",
            LEAK_SEVERITY,
            Message("controls.finding.floor_leak", said),
            _order_rows(rows),
            action,
        ),
    )


def critical_off(
    point: dict, *, still_off: bool, days: float, deals: tuple[int, list] | None
) -> Finding:
    """Name a critical control that is off, or was off for too long.

    ``deals``: how many rows were recorded while it was off, and the (table, key) of the first;
    None where no log shows them.
    """
    control, owner = str(point["control_id"]), _text(point.get("owner_role"))
    n, first = deals or (None, [])
    slots = {
        "control_id": named_point(point),
        "days": math.ceil(days),
        "n": n,
        "owner": owner,
        "date": None,
    }
    tense = "now" if still_off else "past"
    name = "critical_off" + ("" if still_off else "_past") + ("" if n is not None else "_unlogged")
    return Finding(
        keyed("controls.critical_off", control),
        "controls",
        "controls.critical_failed",
        OFF_SEVERITY,
        Message(f"controls.finding.critical_off_{tense}", slots),
        (("controls", control), *first),
        Action(
            "controls.critical_off", Message(f"controls.action.{name}", slots), owner,
            math.ceil(days), "days",
        ),
    )  # fmt: skip


def complaint_order(
    waited: pd.DataFrame, top: int, share: float, *, owner: str | None, hours: float | None
) -> tuple[Finding, ...]:
    """Name the top-rank complaints that waited while lower ones were answered."""
    if waited.empty or share <= NOTABLE_INVERSION:
        return ()
    slots = {"n": len(waited), "m": top, "share": share, "owner": owner, "date": None,
             "hours": _HOURS_OF_CLIENT if hours is None else f"{hours:g}"}  # fmt: skip
    action = Action(
        "controls.complaint_order", Message("controls.action.complaint_order", slots), owner,
        len(waited), "count",
    )  # fmt: skip
    said = {name: slots[name] for name in ("n", "m", "share")}
    return (
        Finding(
            "controls.complaint_order",
            "controls",
            "controls.complaints.inversion_share[response]",
            ORDER_SEVERITY,
            Message("controls.finding.complaint_order", said),
            tuple(("complaints", str(id)) for id in waited["complaint_id"][:MOST_ROWS]),
            action,
        ),
    )


def _order_rows(rows: pd.DataFrame) -> tuple[tuple[str, str], ...]:
    return tuple(("orders", key) for key in order_keys(rows)[:MOST_ROWS])


def order_keys(rows: pd.DataFrame) -> list[str]:
    """Return the keys of order lines as a person writes them: order/line."""
    lines = column_of(rows, "line_no")
    return [
        str(order) if pd.isna(line) else f"{order}/{line}"
        for order, line in zip(rows["order_id"], lines, strict=True)
    ]


def _text(value: object) -> str | None:
    return None if value is None or pd.isna(value) or not str(value).strip() else str(value)
