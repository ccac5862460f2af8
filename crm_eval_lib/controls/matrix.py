"""The control matrix: what each point should do, can do, is set up to do and really does."""

from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.controls.advice import undecided
from crm_eval_lib.controls.catalogue import not_listed, unlisted_caveat
from crm_eval_lib.controls.gaps import by_process, let_through, weaker_points
from crm_eval_lib.controls.logs import REFUTABLE_MODES, contradictions, passed
from crm_eval_lib.controls.points import BY_LOG, control_points, modes_recorded, strength
from crm_eval_lib.controls.windows import live_from, recorded, unknown
from crm_eval_lib.results import (
    Caveat,
    Finding,
    Indicator,
    Message,
    Step,
    measured,
    missing_column,
    missing_table,
    not_assessed,
)

NOT_LIVE = Message("controls.reason.not_live")
NOTHING_REQUIRED = Message("controls.reason.nothing_required")
PRODUCT, SET_UP, OFF = "product_cannot", "not_set_up", "off_or_refuted"
GAPS = (PRODUCT, SET_UP, OFF)
UNITS = {
    "controls.coverage": "ratio",
    "controls.mode_gap": "count",
    "controls.decides_share": "ratio",
    "controls.listed_before_share": "ratio",
}


def mode_matrix(
    controls: pd.DataFrame | None,
    control_tests: pd.DataFrame | None = None,
    control_off: pd.DataFrame | None = None,
    *,
    lines: pd.DataFrame | None = None,
    complaints: pd.DataFrame | None = None,
    catalogue: pd.DataFrame | None = None,
    dates: Any,
) -> Step:
    """Hold the mode of each control point against the one that was required.

    Parameters
    ----------
    controls, control_tests, control_off : DataFrame or None
    lines : DataFrame or None
        From `price_lines`; with ``complaints`` the logs that can refute a mode.
    catalogue : DataFrame or None
        Common control points to compare the list with, from `sources.catalogue.read_points`.
    dates : object
        Has ``go_live``, ``status_date`` and ``blackout``.
    complaints : DataFrame or None
        Table of that name.

    Returns
    -------
    Step
        ``coverage`` = Σ risk of points at least as strong as required / Σ risk of points with a
        required mode, also ``[process=…]``; ``mode_gap`` by cause; ``decides_share`` of block or
        dual; ``listed_before_share`` decided by go-live. Table: one row per point, gaps first.
        ``tables``: ``decided``, when and by which role; ``refuting``, the records that refute a
        mode; ``not_listed``, the points of the catalogue that the list does not mention.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> dates = SimpleNamespace(go_live=None, blackout=None, status_date=pd.Timestamp("2025-01-31"))
    >>> points = pd.DataFrame({"control_id": ["A", "B"], "required_mode": ["block", "warn"],
    ...                        "configured_mode": ["block", "none"]})
    >>> mode_matrix(points, dates=dates)["controls.coverage"].value
    0.5
    """
    if controls is None or controls.empty:
        reasons = unknown(UNITS, missing_table("controls"), tables=("controls",))
        return Step("controls.mode_matrix", tuple(reasons))
    points = control_points(
        controls, control_tests, control_off, lines=lines, complaints=complaints, dates=dates
    )
    points = points.assign(gap=_gaps(points))
    indicators = (
        *_coverage(points, controls, _used(points)),
        _decides(points, controls),
        _listed_before(points, controls, dates),
    )
    decisions_known = recorded(controls, "decided_on")
    still_open = points[points["decided_on"].isna()]
    waiting = undecided(still_open) if decisions_known else ()
    unlisted = not_listed(controls, catalogue)
    return Step(
        "controls.mode_matrix",
        indicators,
        table=_table(points),
        findings=(*waiting, *_weaker(points, controls, decisions_known)),
        caveats=(
            *_unweighted(controls),
            *let_through(points, passed(lines, complaints, dates=dates)),
            *(() if unlisted is None else unlisted_caveat(unlisted, len(catalogue))),
        ),
        tables=_behind(points, lines, complaints, unlisted, dates),
        **_words(points, indicators),
    )


def _weaker(
    points: pd.DataFrame, controls: pd.DataFrame, decisions_known: bool
) -> tuple[Finding, ...]:
    """Name the gaps where modes are recorded; else nothing is known to be weaker."""
    if not modes_recorded(controls):
        return ()
    return weaker_points(points, decisions_known=decisions_known)


def _unweighted(controls: pd.DataFrame) -> tuple[Caveat, ...]:
    """Say where "by risk" is less than it sounds: without likelihood, impact, or both."""
    missing = [name for name in ("likelihood", "impact") if not recorded(controls, name)]
    if not missing:
        return ()
    key = "_".join(["unweighted", *missing])
    ids = ("controls.coverage", "controls.tested_share", "controls.effective_share")
    return (Caveat(Message(f"controls.caveat.{key}"), ids, tables=("controls",)),)


def _behind(
    points: pd.DataFrame,
    lines: pd.DataFrame | None,
    complaints: pd.DataFrame | None,
    unlisted: pd.DataFrame | None,
    dates: Any,
) -> dict[str, pd.DataFrame]:
    """Return who decided, the first rows of each log that refute a mode, and what is not listed."""
    refuting = None
    checks = set(points.loc[points["refuted_by"] == BY_LOG, "log_check"])
    if checks:
        against = contradictions(lines, complaints, dates=dates)
        rows = against[against["log_check"].isin(checks)]
        refuting = rows.sort_values(["log_check", "at"]).reset_index(drop=True)
    found = {"decided": _decided(points), "refuting": refuting, "not_listed": unlisted}
    return {name: table for name, table in found.items() if table is not None and len(table)}


def _gaps(points: pd.DataFrame) -> pd.Series:
    """Name the cause of each gap: the product, the set-up, or a switch or log that speaks against.

    A point with nothing required has no gap; what is off today is one whatever its set-up.
    """
    required, configured = strength(points["required_mode"]), strength(points["configured_mode"])
    supported = strength(points["supported_mode"])
    short = strength(points["mode"]) < required
    wanted = required > 0
    causes = [
        wanted & short & (supported < required),
        wanted & short & ~(configured >= required),
        wanted & (short | points["off_now"]),
    ]
    return pd.Series(np.select(causes, GAPS, ""), index=points.index, dtype=object)


def _used(points: pd.DataFrame) -> tuple[str, ...]:
    """Name the tables that had a say: the list, and whatever refuted one of its modes."""
    by_log = points[points["refuted_by"] == "log"]["log_check"]
    logs = {"complaints" if check == "complaint_owner" else "orders" for check in by_log}
    tests = ["control_tests"] if points["refuted_by_test"].any() else []
    return ("controls", *tests, *sorted(logs))


def _coverage(
    points: pd.DataFrame, controls: pd.DataFrame, tables: tuple[str, ...]
) -> list[Indicator]:
    wanted = points[strength(points["required_mode"]) > 0]
    whole = wanted["risk_weight"].sum()
    names = ("controls.coverage", "controls.mode_gap")
    if wanted.empty or whole == 0:
        return unknown({n: UNITS[n] for n in names}, NOTHING_REQUIRED, tables=tables)
    gaps = {name: int((wanted["gap"] == name).sum()) for name in GAPS}
    if not modes_recorded(controls):
        high = float(wanted.loc[wanted["refuted_by"] == "", "risk_weight"].sum() / whole)
        reason, more = missing_column("controls", "configured_mode"), {"tables": tables}
        return [
            not_assessed(names[0], "ratio", reason, low=0.0, high=high, n=len(wanted), **more),
            not_assessed(names[1], "count", reason, n=len(wanted), **more),
        ]
    covered = wanted[strength(wanted["mode"]) >= strength(wanted["required_mode"])]
    share = float(covered["risk_weight"].sum() / whole)
    ids = {name: wanted.loc[wanted["gap"] == name, "control_id"].astype(str) for name in GAPS}
    listed = {f"{name}_points": sorted(found) for name, found in ids.items()}
    more = {"n": len(wanted), "tables": tables}
    return [
        measured(names[0], share, "ratio", parts={"points_covered": len(covered)}, **more),
        measured(names[1], sum(gaps.values()), "count", parts={**gaps, **listed}, **more),
        *by_process(wanted, tables),
    ]


def _decides(points: pd.DataFrame, controls: pd.DataFrame) -> Indicator:
    id = "controls.decides_share"
    if not modes_recorded(controls):
        reason = missing_column("controls", "configured_mode")
        return not_assessed(id, "ratio", reason, tables=("controls",))
    decides = points["mode"].isin(REFUTABLE_MODES)
    return measured(id, float(decides.mean()), "ratio", n=len(points), tables=("controls",))


def _listed_before(points: pd.DataFrame, controls: pd.DataFrame, dates: Any) -> Indicator:
    id, live = "controls.listed_before_share", live_from(dates)
    if not recorded(controls, "decided_on"):
        reason = missing_column("controls", "decided_on")
        return not_assessed(id, "ratio", reason, tables=("controls",))
    if live is None:
        return not_assessed(id, "ratio", NOT_LIVE, tables=("controls",))
    before = points["decided_on"] <= live
    return measured(id, float(before.mean()), "ratio", n=len(points), tables=("controls",))


def _table(points: pd.DataFrame) -> pd.DataFrame:
    names = ["control_id", "risk", "critical", "required_mode", "supported_mode",
             "configured_mode", "mode", "gap", "refuted_by", "risk_weight"]  # fmt: skip
    rows = points.assign(_closed=points["gap"] == "")
    rows = rows.sort_values(
        ["_closed", "critical", "risk_weight", "control_id"], ascending=[True, False, False, True]
    )
    return rows[names].rename(columns={"mode": "observed_mode"}).reset_index(drop=True)


def _decided(points: pd.DataFrame) -> pd.DataFrame:
    """Return who decided each point, when, and who may override it; the undecided first."""
    names = ["control_id", "risk", "process", "required_mode", "decided_on", "decided_by_role",
             "override_role", "owner_role"]  # fmt: skip
    return points.sort_values(["decided_on", "control_id"], na_position="first")[names].reset_index(
        drop=True
    )


def _words(points: pd.DataFrame, indicators: tuple[Indicator, ...]) -> dict[str, Any]:
    coverage, gap = indicators[:2]
    words: dict[str, Any] = {"subtitle": Message("controls.subtitle.mode_matrix")}
    if coverage.value is None:
        return words
    causes = tuple(Message(f"controls.word.weaker_{name}", {"n": gap.parts[name]})
                   for name in GAPS if gap.parts[name])  # fmt: skip
    slots = {"share": coverage.value, "n": gap.value, "points": coverage.n, "causes": causes}
    key = "mode_matrix" if gap.value else "mode_matrix_closed"
    words["sentence"] = Message(f"controls.sentence.{key}", slots)
    words["headline"] = Message(f"controls.headline.{key}", slots)
    return words
