"""Critical control points: which have failed, which nobody can vouch for."""

from math import prod
from typing import Any

import pandas as pd

from crm_eval_lib.controls.advice import named_point
from crm_eval_lib.controls.points import LONGEST_OFF_DAYS, control_points, modes_recorded, strength
from crm_eval_lib.controls.windows import live_from, recorded, unknown, until_status
from crm_eval_lib.results import (
    Finding,
    Message,
    Step,
    measured,
    missing_column,
    missing_table,
    not_assessed,
)
from crm_eval_lib.stats.sampling import exceedance

FAILED, UNASSURED, ASSURED = "failed", "unassured", "assured"
UNITS = {"controls.critical_failed": "count", "controls.critical_unassured": "count"}
TABLES = ("controls", "control_tests", "control_off")
FAILED_SEVERITY = 5.0
REASONS = ("is_none", "is_off", "failed_negative", "over_tolerable")


def critical_points(
    controls: pd.DataFrame | None,
    control_tests: pd.DataFrame | None = None,
    control_off: pd.DataFrame | None = None,
    *,
    lines: pd.DataFrame | None = None,
    complaints: pd.DataFrame | None = None,
    dates: Any,
) -> Step:
    """Count the critical points that failed, and those not failed but not assured either.

    Parameters
    ----------
    controls, control_tests, control_off : DataFrame or None
    lines : DataFrame or None
        From `price_lines`; with ``complaints`` the logs that can refute a mode.
    dates : object
        Has ``go_live``, ``status_date`` and ``blackout``.
    complaints : DataFrame or None
        Table of that name.

    Returns
    -------
    Step
        ``critical_failed``: the mode is none, it is off on the status date or was off for more
        than 5 days in total since go-live, a negative test failed, or the observed rate exceeds
        the tolerable one. ``critical_unassured``: none of these, but untested or upper limit
        above the tolerable rate; without any test that is every one of them; its part
        ``failed_probability`` is the chance that one of those sampled truly deviates too often.
        Table: the points.

    Examples
    --------
    One critical point is not set up at all, the other is, but nobody tested it:

    >>> from types import SimpleNamespace
    >>> dates = SimpleNamespace(go_live=pd.Timestamp("2024-09-02"), blackout=None,
    ...                         status_date=pd.Timestamp("2025-08-31"))
    >>> points = pd.DataFrame({"control_id": ["A", "B"], "critical": "yes",
    ...                        "required_mode": "block", "configured_mode": ["none", "block"]})
    >>> step = critical_points(points, dates=dates)
    >>> [step[f"controls.critical_{state}"].value for state in ("failed", "unassured")]
    [1, 1]
    """
    ids = tuple(UNITS)
    if controls is None or controls.empty:
        reason = missing_table("controls")
        return Step("controls.critical_points", tuple(unknown(UNITS, reason, tables=TABLES)))
    if not recorded(controls, "critical"):
        reason, high = missing_column("controls", "critical"), len(controls)
        found = [not_assessed(id, "count", reason, low=0, high=high, tables=TABLES) for id in ids]
        return Step("controls.critical_points", tuple(found))
    seen = until_status(control_tests, "tested_on", dates)
    points = control_points(
        controls, control_tests, control_off, lines=lines, complaints=complaints, dates=dates
    )
    points = _judged(points[points["critical"]], controls, seen, dates)
    counts = points["state"].value_counts()
    reasons = {name: int(points[name].sum()) for name in REASONS}
    gaps = {"control_tests": seen, "control_off": control_off}
    unchecked = [name for name, table in gaps.items() if table is None or table.empty]
    used = tuple(name for name in TABLES if name not in unchecked)
    failed, unassured = (int(counts.get(state, 0)) for state in (FAILED, UNASSURED))
    more = {"n": len(points), "tables": used}
    slots = {"failed": failed, "unassured": unassured, "n": len(points)}
    key = "critical_points" if failed or unassured or points.empty else "critical_points_hold"
    return Step(
        "controls.critical_points",
        (
            measured(ids[0], failed, "count", parts={**reasons, "not_checked": unchecked}, **more),
            measured(ids[1], unassured, "count", parts=_doubt(points), **more),
        ),
        table=_table(points) if len(points) else None,
        sentence=Message(f"controls.sentence.{key}", slots),
        headline=Message(f"controls.headline.{key}", slots),
        subtitle=Message("controls.subtitle.critical_points"),
        findings=_findings(points),
    )


def _judged(
    points: pd.DataFrame, controls: pd.DataFrame, seen: pd.DataFrame | None, dates: Any
) -> pd.DataFrame:
    # An undated test, or one of a system not live yet, is better than none.
    dated = live_from(dates) is not None and recorded(seen, "tested_on")
    tested = points["tested"] if dated else points["ever_tested"]
    absent = (points["mode"] == "none") & (strength(points["required_mode"]) != 0)
    if not modes_recorded(controls):
        absent &= points["refuted_by"] != ""
    points = points.assign(
        is_none=absent,
        is_off=points["off_now"] | (points["off_days"] > LONGEST_OFF_DAYS),
        was_tested=tested,
    )
    failed = points[list(REASONS)].any(axis=1)
    state = pd.Series(UNASSURED, index=points.index, dtype=object)
    state = state.mask(tested & points["within_tolerable"], ASSURED).mask(failed, FAILED)
    return points.assign(state=state)


def _doubt(points: pd.DataFrame) -> dict[str, float]:
    """Return the chance that a sampled, unassured point has failed: at least one of them."""
    open_points = points[(points["state"] == UNASSURED) & (points["items"] > 0)]
    fine = [1 - exceedance(p.deviations, p.items, p.tolerable_rate)
            for p in open_points.itertuples()]  # fmt: skip
    return {"failed_probability": 1 - prod(fine)}


def _table(points: pd.DataFrame) -> pd.DataFrame:
    why = [
        Message("controls.word.reasons", {"names": [
            Message(f"controls.word.{name}") for name in REASONS if row[name]]})
        if row["state"] == FAILED else None
        for row in points.to_dict("records")
    ]  # fmt: skip
    order = {FAILED: 0, UNASSURED: 1, ASSURED: 2}
    names = ["control_id", "risk", "state", "why", "off_days", "upper_limit_rate", "tolerable_rate"]
    rows = points.assign(why=pd.Series(why, index=points.index, dtype=object))
    rows = rows.assign(_order=rows["state"].map(order))
    return rows.sort_values(["_order", "control_id"])[names].reset_index(drop=True)


def _findings(points: pd.DataFrame) -> tuple[Finding, ...]:
    """Name the failed points; what was switched off has its own finding with its own action."""
    other = points[(points["state"] == FAILED) & ~points["is_off"]]
    if other.empty:
        return ()
    other = other.sort_values("control_id", key=lambda ids: ids.astype(str))
    named = [named_point(point) for point in other.to_dict("records")]
    return (
        Finding(
            "controls.critical_failed",
            "controls",
            "controls.critical_failed",
            FAILED_SEVERITY,
            Message("controls.finding.critical_failed", {"n": len(named), "points": named}),
            tuple(("controls", str(id)) for id in other["control_id"]),
        ),
    )
