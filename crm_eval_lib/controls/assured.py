"""How control points were tested, and how often they may still fail."""

from typing import Any

import pandas as pd

from crm_eval_lib.controls.assured_told import design_table, judged, operation_table, wanting, words
from crm_eval_lib.controls.points import control_points
from crm_eval_lib.controls.shares import share
from crm_eval_lib.controls.windows import NOT_LIVE, live_from, recorded, unknown, until_status
from crm_eval_lib.results import (
    Indicator,
    Message,
    Step,
    keyed,
    measured,
    missing_column,
    missing_table,
    not_assessed,
)
from crm_eval_lib.stats.sampling import sample_size

NO_ITEMS = Message("controls.reason.no_items")
NO_SIZE = Message("controls.reason.no_sample_size")
NONE_TESTED = Message("controls.reason.none_tested")
TABLES = ("controls", "control_tests")


def assurance(
    controls: pd.DataFrame | None, control_tests: pd.DataFrame | None = None, *, dates: Any
) -> Step:
    """Draw from the tests what may be said about each control point.

    Parameters
    ----------
    controls, control_tests : DataFrame or None
    dates : object
        Has ``go_live`` and ``status_date``.

    Returns
    -------
    Step
        Per control ``deviation_rate`` = deviations/items of samples and populations,
        ``upper_limit`` one-sided Clopper–Pearson (hypergeometric with a known population), at .95
        for critical points, else .90, and ``sample_size``; ``tested_share`` and
        ``effective_share`` by risk. Table: how each point works in practice, with the items the
        next sample needs. ``tables``: ``design``, whether it resisted attempts to pass it.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> day = pd.Timestamp("2025-01-31")
    >>> dates = SimpleNamespace(go_live=day, blackout=None, status_date=day)
    >>> points = pd.DataFrame({"control_id": ["A"], "critical": ["yes"]})
    >>> items = pd.DataFrame({"control_id": ["A"] * 25, "tested_on": [day] * 25,
    ...                       "method": ["sample"] * 25, "result": ["pass"] * 25})
    >>> step = assurance(points, items, dates=dates)
    >>> round(step["controls.upper_limit[A]"].value, 3), step["controls.sample_size[A]"].value
    (0.113, 59)
    """
    seen = until_status(control_tests, "tested_on", dates)
    untested = seen is None or seen.empty
    if controls is None or controls.empty:
        return Step("controls.assurance", tuple(_without_list(seen, untested)))
    points = control_points(controls, control_tests, dates=dates)
    rates = [_rate(row) for row in points.to_dict("records")]
    limits = [_limit(row) for row in points.to_dict("records")]
    if untested:
        names = {"controls.deviation_rate": "ratio", "controls.upper_limit": "ratio"}
        rates, limits = unknown(names, missing_table("control_tests"), tables=TABLES), []
    sizes = [_size(row) for row in points.to_dict("records")]
    shares = _shares(points, seen, untested, dates)
    points = judged(points.assign(sample_size=[size.value for size in sizes]))
    return Step(
        "controls.assurance",
        (*rates, *_strays(points, seen), *limits, *sizes, *shares),
        table=None if untested else operation_table(points),
        caveats=() if untested else wanting(points),
        tables={} if untested else {"design": design_table(points)},
        **words(points, shares),
    )


def _without_list(seen: pd.DataFrame | None, untested: bool) -> list[Indicator]:
    """Without the list of points the tests still have a rate; nothing tells what it should be."""
    ids = {"controls.upper_limit": "ratio", "controls.sample_size": "count",
           "controls.tested_share": "ratio", "controls.effective_share": "ratio"}  # fmt: skip
    reasons = unknown(ids, missing_table("controls"), tables=TABLES)
    if untested:
        missing = missing_table("control_tests")
        return [*unknown({"controls.deviation_rate": "ratio"}, missing, tables=TABLES), *reasons]
    return [*_strays(pd.DataFrame({"control_id": []}), seen), *reasons]


def _strays(points: pd.DataFrame, seen: pd.DataFrame | None) -> list[Indicator]:
    """Rates of tests whose control is not on the list."""
    if seen is None or seen.empty:
        return []
    counted = seen[seen["method"].astype(object).isin(["sample", "population"])]
    counted = counted[counted["result"].astype(object).isin(["pass", "deviation"])]
    stray = counted[~counted["control_id"].isin(set(points["control_id"]))]
    failed = stray["result"].astype(object) == "deviation"
    table = failed.groupby(stray["control_id"].astype(object)).agg(["sum", "size"])
    return [
        _rate({"control_id": id, "deviations": k, "items": n, "tables": ("control_tests",)})
        for id, k, n in table.itertuples()
    ]


def _rate(row: dict[str, Any]) -> Indicator:
    id = keyed("controls.deviation_rate", row["control_id"])
    tables = row.get("tables", ("control_tests",))
    parts = {"deviations": int(row["deviations"])}
    return share(id, row["deviations"], row["items"], exact=True, empty=NO_ITEMS, tables=tables,
                 **({"parts": parts} if row["items"] else {}))  # fmt: skip


def _limit(row: dict[str, Any]) -> Indicator:
    id = keyed("controls.upper_limit", row["control_id"])
    if pd.isna(row["upper_limit_rate"]):
        return not_assessed(id, "ratio", NO_ITEMS, n=0, tables=TABLES)
    parts = {"tolerable_rate": row["tolerable_rate"], "deviations": int(row["deviations"])}
    return measured(id, float(row["upper_limit_rate"]), "ratio", n=int(row["items"]),
                    confidence=row["confidence"], tables=TABLES, parts=parts)  # fmt: skip


def _size(row: dict[str, Any]) -> Indicator:
    id = keyed("controls.sample_size", row["control_id"])
    tolerable, expected = row["tolerable_rate"], row["expected_rate"]
    risk = 1 - row["confidence"]
    parts = {"tolerable_rate": tolerable, "expected_rate": expected}
    # a rate of 0 cannot be shown by any sample; rounding takes the dust off 1 - 0.95
    size = sample_size(tolerable, expected, risk=round(risk, 12)) if tolerable > 0 else None
    more = {"confidence": row["confidence"], "tables": ("controls",), "parts": parts}
    if size is None:
        return not_assessed(id, "count", NO_SIZE, **more)
    return measured(id, size, "count", **more)


def _shares(
    points: pd.DataFrame, seen: pd.DataFrame | None, untested: bool, dates: Any
) -> list[Indicator]:
    ids = {"controls.tested_share": "ratio", "controls.effective_share": "ratio"}
    if untested:
        return unknown(ids, missing_table("control_tests"), tables=TABLES)
    if live_from(dates) is None:
        return unknown(ids, NOT_LIVE, tables=TABLES)
    whole = float(points["risk_weight"].sum())
    if not recorded(seen, "tested_on"):
        reason = missing_column("control_tests", "tested_on")
        high = float(points.loc[points["ever_tested"], "risk_weight"].sum()) / whole
        first = not_assessed("controls.tested_share", "ratio", reason, low=0.0, high=high,
                             n=len(points), tables=TABLES)  # fmt: skip
        return [first, not_assessed("controls.effective_share", "ratio", reason, tables=TABLES)]
    tested = points[points["tested"]]
    share_tested = float(tested["risk_weight"].sum()) / whole
    first = measured("controls.tested_share", share_tested, "ratio", n=len(points),
                     tables=TABLES, parts={"points_tested": len(tested)})  # fmt: skip
    if tested.empty:
        return [first, not_assessed("controls.effective_share", "ratio", NONE_TESTED, n=0,
                                    tables=TABLES)]  # fmt: skip
    good = tested[tested["within_tolerable"] & ~tested["failed_negative"]]
    effective = float(good["risk_weight"].sum() / tested["risk_weight"].sum())
    return [first, measured("controls.effective_share", effective, "ratio", n=len(tested),
                            tables=TABLES, parts={"points_effective": len(good)})]  # fmt: skip
