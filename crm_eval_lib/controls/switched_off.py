"""How much of the time each control point was on."""

from typing import Any

import pandas as pd

from crm_eval_lib.controls.advice import MOST_ROWS, critical_off, order_keys
from crm_eval_lib.controls.logs import APPROVAL, COMPLAINT_OWNER, PRICE_FLOOR
from crm_eval_lib.controls.off_time import off_days, off_times
from crm_eval_lib.controls.points import LONGEST_OFF_DAYS, control_points, modes_recorded
from crm_eval_lib.controls.windows import NOT_LIVE, live_from, settled_from, until_status
from crm_eval_lib.results import (
    Finding,
    Indicator,
    Message,
    Step,
    keyed,
    measured,
    missing_table,
    not_assessed,
)

NOT_SET_UP = Message("controls.reason.not_set_up")
TABLES = ("controls", "control_off")


def uptime(
    controls: pd.DataFrame | None,
    control_off: pd.DataFrame | None = None,
    *,
    lines: pd.DataFrame | None = None,
    complaints: pd.DataFrame | None = None,
    dates: Any,
) -> Step:
    """Say what share of the time each control point was switched on.

    Parameters
    ----------
    controls, control_off : DataFrame or None
        A point without a row in ``control_off`` was never off.
    lines, complaints : DataFrame or None
        What was recorded while a critical point was off.
    dates : object
        Has ``go_live``, ``status_date`` and ``blackout``.

    Returns
    -------
    Step
        ``uptime`` per control = 1 − days off/days, from the later of go-live and blackout end to
        the status date; not assessed where nothing is set up. Its parts hold risk and criticality.
        Table: one row per point, the shortest first.

    Examples
    --------
    From 2 September 2024 to 31 August 2025 there are 364 days; off on 91 of them: 1 − 91/364.

    >>> from types import SimpleNamespace
    >>> day = pd.Timestamp
    >>> dates = SimpleNamespace(go_live=day("2024-09-02"), blackout=None,
    ...                         status_date=day("2025-08-31"))
    >>> points = pd.DataFrame({"control_id": ["C1"], "configured_mode": ["block"]})
    >>> off = pd.DataFrame({"control_id": ["C1"], "off_from": [day("2025-01-01")],
    ...                     "off_to": [day("2025-04-02")]})
    >>> uptime(points, off, dates=dates)["controls.uptime[C1]"].value
    0.75
    """
    missing = [name for name, table in zip(TABLES, (controls, control_off), strict=True)
               if table is None or table.empty]  # fmt: skip
    first = settled_from(dates)
    if missing or first is None:
        reason = missing_table(*missing) if missing else NOT_LIVE
        base = not_assessed("controls.uptime", "ratio", reason, tables=TABLES)
        found = _critical_findings(controls, control_off, lines, complaints, dates)
        return Step("controls.uptime", (base,), findings=found)
    points = control_points(controls, None, control_off, dates=dates)
    whole = (dates.status_date - first).days + 1
    off = off_days(points["control_id"], control_off, dates, since=first)
    points = points.assign(off_days=off, uptime_share=1 - off / whole)
    known = modes_recorded(controls)
    indicators = tuple(_uptime(row, known, whole) for row in points.to_dict("records"))
    away = points[points["off_days"] > 0]
    slots = {"n": len(away), "points": len(points), "days": float(points["off_days"].max())}
    key = "uptime" if len(away) else "uptime_whole"
    return Step(
        "controls.uptime",
        indicators,
        table=_table(points),
        sentence=Message(f"controls.sentence.{key}", slots),
        headline=Message(f"controls.headline.{key}", slots),
        subtitle=Message("controls.subtitle.uptime"),
        findings=_critical_findings(controls, control_off, lines, complaints, dates),
    )


def _uptime(row: dict[str, Any], modes_known: bool, whole: int) -> Indicator:
    id = keyed("controls.uptime", row["control_id"])
    parts = {"critical": bool(row["critical"]), "risk": float(row["risk_weight"])}
    if modes_known and (pd.isna(row["configured_mode"]) or row["configured_mode"] == "none"):
        return not_assessed(id, "ratio", NOT_SET_UP, tables=TABLES, parts=parts)
    parts["off_days"] = float(row["off_days"])
    return measured(id, float(row["uptime_share"]), "ratio", n=whole, tables=TABLES, parts=parts)


def _table(points: pd.DataFrame) -> pd.DataFrame:
    rows = points.sort_values(["uptime_share", "control_id"])
    names = ["control_id", "risk", "critical", "off_days", "uptime_share", "off_now"]
    return rows[names].reset_index(drop=True)


def _critical_findings(
    controls: pd.DataFrame | None,
    control_off: pd.DataFrame | None,
    lines: pd.DataFrame | None,
    complaints: pd.DataFrame | None,
    dates: Any,
) -> tuple[Finding, ...]:
    if controls is None or controls.empty or control_off is None or control_off.empty:
        return ()
    points = control_points(controls, None, control_off, dates=dates)
    too_long = points["off_now"] | (points["off_days"] > LONGEST_OFF_DAYS)
    times = off_times(control_off, dates, since=live_from(dates) or pd.Timestamp(0))
    seen = until_status(complaints, "opened_at", dates)
    return tuple(
        critical_off(
            row,
            still_off=bool(row["off_now"]),
            days=float(row["off_days"]),
            deals=_deals(row, times[times["control_id"] == row["control_id"]], lines, seen),
        )
        for row in points[points["critical"] & too_long].to_dict("records")
    )


def _deals(
    point: dict[str, Any],
    times: pd.DataFrame,
    lines: pd.DataFrame | None,
    complaints: pd.DataFrame | None,
) -> tuple[int, list[tuple[str, str]]] | None:
    """Count what went through while the control was off and name the first; None without a log."""
    if point["log_check"] in (PRICE_FLOOR, APPROVAL) and lines is not None and not lines.empty:
        rows = lines.index[_within(lines["ordered_at"], times)]
        keys = order_keys(lines.loc[rows[:MOST_ROWS]])
        return len(rows), [("orders", key) for key in keys]
    if point["log_check"] == COMPLAINT_OWNER and complaints is not None and not complaints.empty:
        rows = complaints[_within(complaints["opened_at"], times)]
        return len(rows), [("complaints", str(id)) for id in rows["complaint_id"][:MOST_ROWS]]
    return None


def _within(moments: pd.Series, times: pd.DataFrame) -> pd.Series:
    inside = pd.Series(False, index=moments.index)
    for start, end in zip(times["start"], times["end"], strict=True):
        inside |= (moments >= start) & (moments < end)
    return inside
