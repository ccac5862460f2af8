"""Advice followed and warnings clicked away, and whether warnings wear off with time."""

from dataclasses import astuple
from typing import Any

import pandas as pd

from crm_eval_lib.controls.advice import named_point
from crm_eval_lib.controls.shares import share
from crm_eval_lib.controls.windows import column_of, recorded, unknown, until_status
from crm_eval_lib.results import (
    Finding,
    Indicator,
    Message,
    Step,
    keyed,
    missing_table,
    not_assessed,
)
from crm_eval_lib.stats.intervals import benjamini_hochberg, wilson
from crm_eval_lib.stats.trend import Trend, share_trend

NO_WARNINGS = Message("controls.reason.no_warnings")
FOLLOWED, DISMISSED = "controls.advice_followed", "controls.warnings_dismissed"
SIGNIFICANT = 0.05  # two-sided, adjusted for the number of controls
FATIGUE_SEVERITY = 3.0
_HALVES = ("first_half_share", "second_half_share")
_TREND = ("odds_per_month", "trend_low", "trend_high", "p")


def advice_taken(
    decisions: pd.DataFrame | None, controls: pd.DataFrame | None = None, *, dates: Any
) -> Step:
    """Say how often advice was followed and warnings were dismissed, and whether they wear off.

    Parameters
    ----------
    decisions : DataFrame or None
        One row per advice shown.
    controls : DataFrame or None
        Tells which points are set up to warn.
    dates : object
        Has ``status_date``.

    Returns
    -------
    Step
        ``advice_followed`` per control = followed/shown; ``warnings_dismissed`` per control set
        up to warn = overridden/shown. Table: one row per control, with the share not followed in
        the first and in the second half of the time, and the odds ratio a month of
        `stats.trend.share_trend` (p adjusted for the number of controls). ``tables``: ``months``.

    Examples
    --------
    Three of four pieces of advice were followed:

    >>> from types import SimpleNamespace
    >>> day = pd.Timestamp
    >>> shown = pd.DataFrame({"control_id": "C1", "decided_at": [day("2025-01-15")] * 4,
    ...                       "decision": ["followed", "followed", "followed", "overridden"]})
    >>> dates = SimpleNamespace(status_date=day("2025-08-31"))
    >>> advice_taken(shown, dates=dates)["controls.advice_followed[C1]"].value
    0.75
    """
    seen = until_status(decisions, "decided_at", dates)
    if seen is None or seen.empty:
        ids = {FOLLOWED: "ratio", DISMISSED: "ratio"}
        reasons = unknown(ids, missing_table("decisions"), tables=("decisions",))
        return Step("controls.advice_taken", tuple(reasons))
    rows = _rows(seen, controls)
    table = _by_control(rows, recorded(seen, "reason"))
    facts = table.to_dict("records")
    taken = [share(keyed(FOLLOWED, row["control_id"]), row["followed"], row["shown"],
                   tables=("decisions",)) for row in facts]  # fmt: skip
    slots = {"share": float(rows["followed"].mean()), "n": len(rows)}
    trend, halves = _pooled(rows)
    said = {"trend": _trend_words(rows, trend, halves), **slots}
    headline = Message("controls.headline.advice_taken", slots)
    if halves is not None:
        headline = Message("controls.headline.advice_fatigue", halves)
    return Step(
        "controls.advice_taken",
        (*taken, *_warned(facts)),
        table=table,
        sentence=Message("controls.sentence.advice_taken", said),
        headline=headline,
        subtitle=Message("controls.subtitle.advice_taken"),
        findings=_fatigue(table, controls),
        tables={"months": _by_month(rows)},
    )


def _rows(seen: pd.DataFrame, controls: pd.DataFrame | None) -> pd.DataFrame:
    """Return what each decision was, in which month, and in which half of its control's time."""
    moment = pd.to_datetime(seen["decided_at"])
    moment = moment.dt.tz_localize(None) if moment.dt.tz is not None else moment
    followed = seen["decision"].astype(object) == "followed"
    rows = pd.DataFrame({
        "control_id": seen["control_id"].astype(object),
        "followed": followed,
        "unexplained": ~followed & column_of(seen, "reason").isna(),
        "month": moment.dt.to_period("M"),
        "moment": moment,
    })  # fmt: skip
    spans = rows.groupby("control_id")["moment"].agg(["min", "max"])
    middle = spans["min"] + (spans["max"] - spans["min"]) / 2
    late = rows["moment"] > rows["control_id"].map(middle)
    return rows.assign(late=late, is_warning=rows["control_id"].isin(_warning(controls)))


def _warning(controls: pd.DataFrame | None) -> set[str]:
    """Return the points that are set up to warn."""
    if controls is None or controls.empty:
        return set()
    configured = column_of(controls, "configured_mode").astype(object)
    return set(controls.loc[configured == "warn", "control_id"])


def _by_control(rows: pd.DataFrame, explained: bool) -> pd.DataFrame:
    sums = rows.assign(shown=1).groupby("control_id", as_index=False).agg(
        shown=("shown", "sum"), followed=("followed", "sum"), unexplained=("unexplained", "sum"),
        is_warning=("is_warning", "first"),
    )  # fmt: skip
    table = sums.assign(followed_share=sums["followed"] / sums["shown"])
    if not explained:
        table = table.assign(unexplained=None)
    groups = dict(list(rows.groupby("control_id")))
    found = [_trend(groups[id]) for id in table["control_id"]]
    unknown_trend = (None,) * len(_TREND)
    values = [(*halves, *(astuple(trend) if trend else unknown_trend)) for trend, halves in found]
    told = pd.DataFrame(values, columns=[*_HALVES, *_TREND], dtype="float64", index=table.index)
    told = told.assign(p=benjamini_hochberg(told["p"]))
    names = ["control_id", "is_warning", "shown", "followed", "followed_share", "unexplained"]
    table = pd.concat([table[names], told], axis=1)
    return table.sort_values(["followed_share", "control_id"], ignore_index=True)


def _trend(rows: pd.DataFrame) -> tuple[Trend | None, tuple[float, float]]:
    dismissed = ~rows["followed"]
    strata = rows["control_id"].to_numpy(dtype="str")
    found = share_trend(dismissed, rows["month"].astype("int64"), strata=strata)
    early, late = dismissed[~rows["late"]], dismissed[rows["late"]]
    return found, (early.mean(), late.mean())


def _pooled(rows: pd.DataFrame) -> tuple[Trend | None, dict[str, float] | None]:
    """Judge all warnings together, each control against its own level."""
    warnings = rows[rows["is_warning"]]
    if warnings["late"].all() or not warnings["late"].any():
        return None, None
    trend, (first, second) = _trend(warnings)
    return trend, {"first": float(first), "second": float(second)}


def _trend_words(
    rows: pd.DataFrame, trend: Trend | None, halves: dict[str, float] | None
) -> Message:
    if not rows["is_warning"].any():
        return Message("controls.word.no_warnings")
    if trend is None or halves is None:
        return Message("controls.word.fatigue_unknown")
    slots = {**halves, "ratio": trend.odds_ratio, "low": trend.low, "high": trend.high}
    way = "level" if trend.p >= SIGNIFICANT else "rising" if trend.odds_ratio > 1 else "falling"
    return Message(f"controls.word.fatigue_{way}", slots)


def _by_month(rows: pd.DataFrame) -> pd.DataFrame:
    table = rows.assign(dismissed=~rows["followed"]).groupby(
        ["control_id", "is_warning", "month"], as_index=False
    ).agg(shown=("followed", "size"), dismissed=("dismissed", "sum"))  # fmt: skip
    limits = [wilson(k, n) for k, n in zip(table["dismissed"], table["shown"], strict=True)]
    return table.assign(
        month=table["month"].astype("str"),
        dismissed_share=table["dismissed"] / table["shown"],
        low=[low for low, _ in limits],
        high=[high for _, high in limits],
    )


def _warned(facts: list[dict[str, Any]]) -> list[Indicator]:
    tables = ("decisions", "controls")
    shown = [row for row in facts if row["is_warning"]]
    if not shown:
        return [not_assessed(DISMISSED, "ratio", NO_WARNINGS, tables=tables)]
    return [
        share(keyed(DISMISSED, row["control_id"]), row["shown"] - row["followed"], row["shown"],
              tables=tables, parts={name: row[name] for name in (*_HALVES, *_TREND)
                                    if not pd.isna(row[name])})
        for row in shown
    ]  # fmt: skip


def _fatigue(table: pd.DataFrame, controls: pd.DataFrame | None) -> tuple[Finding, ...]:
    """Name the warnings that are clicked away more and more."""
    if controls is None:
        return ()  # nothing says which of them warn
    risks = dict(zip(controls["control_id"], column_of(controls, "risk"), strict=True))
    rising = table["is_warning"] & (table["p"] < SIGNIFICANT) & (table["odds_per_month"] > 1)
    return tuple(
        Finding(
            keyed("controls.alert_fatigue", row["control_id"]),
            "controls",
            keyed(DISMISSED, row["control_id"]),
            FATIGUE_SEVERITY,
            Message("controls.finding.alert_fatigue", {
                "control_id": named_point({**row, "risk": risks.get(row["control_id"])}),
                "first": row["first_half_share"], "second": row["second_half_share"]}),
            (("controls", str(row["control_id"])),),
        )
        for row in table[rising].to_dict("records")
    )  # fmt: skip
