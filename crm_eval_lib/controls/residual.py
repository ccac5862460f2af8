"""What still goes wrong in a year and what it costs: events a year times a range of losses."""

from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.controls.loss_draws import DRAWS, SEED, Draws, simulate
from crm_eval_lib.controls.windows import (
    AFTER,
    BEFORE,
    NOT_LIVE,
    column_of,
    numbers_of,
    settled_from,
)
from crm_eval_lib.results import (
    CONFIDENCE,
    Caveat,
    Indicator,
    Message,
    Step,
    keyed,
    measured,
    missing_table,
    not_assessed,
)

RESIDUAL = "controls.residual_loss"
PERIODS = (BEFORE, AFTER)
TABLES = ("controls",)
TOLD_YEARS = 1.0  # events "a year" are taken as counted in one year; nobody says in how many
DAYS_A_YEAR = 365.25
BAD_YEAR = 0.95  # one year in twenty costs more
YEAR_COLUMNS = (
    "period",
    "points",
    "expected_amount",
    "low_amount",
    "high_amount",
    "bad_year_amount",
)
LISTED_POINTS = 6  # the dearest ones get an interval of their own; the table has them all
_WORKING = ["counted", "loss_from", "loss_to"]
_PRINTED = {"loss_low": "loss_low_amount", "loss_high": "loss_high_amount"}
NO_LOSS = Message("controls.reason.no_loss")


def residual_loss(
    points: pd.DataFrame | None, *, dates: Any, currency: str, confidence: float = CONFIDENCE
) -> Step:
    """Estimate what the events that control points let through cost a year, before and after.

    Parameters
    ----------
    points : DataFrame or None
        Table ``controls``: events_per_year_before, events_per_year_after, loss_low, loss_high.
    dates : object
        Has ``go_live``, ``status_date`` and ``blackout``.
    currency : str
        The client's; losses are in it.
    confidence : float
        Two-sided level of the intervals, 0.95 by default.

    Returns
    -------
    Step
        ``residual_loss[before|after]`` = Σ events a year × middle of the loss range, the mean of a
        compound Poisson sum. A loss is triangular between its ends with its peak in the middle;
        the interval is that of the expected yearly loss by Monte Carlo. Once live, a point counts
        when its events are stated for both periods. Table: a row per point; ``years``: per period;
        ``by_point``: the largest points per period, each with its own interval.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> day = pd.Timestamp
    >>> dates = SimpleNamespace(go_live=day("2024-01-01"), status_date=day("2025-01-31"))
    >>> points = pd.DataFrame({"control_id": ["C1"], "events_per_year_before": [10.0],
    ...                        "events_per_year_after": [2.0], "loss_low": [50.0],
    ...                        "loss_high": [150.0]})
    >>> step = residual_loss(points, dates=dates, currency="CNY")
    >>> [step[f"controls.residual_loss[{when}]"].value for when in ("before", "after")]
    [1000.0, 200.0]
    """
    if points is None or points.empty:
        reason = missing_table("controls")
        return Step("controls.residual_loss", tuple(_open(when, reason) for when in PERIODS))
    live = settled_from(dates)
    table = _stated(points)
    rows = table[table["counted"] if live is not None else table["loss_mean"].notna()]
    rates = {when: rows[f"events_{when}"].dropna() for when in PERIODS}
    years = {BEFORE: TOLD_YEARS, AFTER: _observed(dates, live)}
    drawn = {
        when: simulate(rows.loc[rate.index, "loss_from"], rows.loc[rate.index, "loss_to"], rate,
                       years=years[when])
        for when, rate in rates.items()
        if len(rate) and (when == BEFORE or live is not None)
    }  # fmt: skip
    found = [_indicator(when, rows, rates[when], drawn.get(when), live, confidence)
             for when in PERIODS]  # fmt: skip
    summary = pd.DataFrame(
        [_year(item, drawn[when]) for when, item in zip(PERIODS, found, strict=True)
         if when in drawn],
        columns=list(YEAR_COLUMNS),
    )  # fmt: skip
    return Step(
        "controls.residual_loss",
        tuple(found),
        table=table.drop(columns=[*_WORKING, "loss_mean"]).rename(columns=_PRINTED),
        tables={"years": summary, "by_point": _by_point(rows, years, [*drawn], confidence)}
        if len(summary)
        else {},
        caveats=_left_out(table, live is not None),
        **_words(found, summary, len(table), currency),
    )


def _stated(points: pd.DataFrame) -> pd.DataFrame:
    """Return events and losses of each point; ends given the wrong way round are swapped."""
    low, high = numbers_of(points, "loss_low"), numbers_of(points, "loss_high")
    first, last = np.minimum(low, high), np.maximum(low, high)
    table = pd.DataFrame({
        "control_id": points["control_id"].astype(object), "risk": column_of(points, "risk"),
        "events_before": numbers_of(points, "events_per_year_before"),
        "events_after": numbers_of(points, "events_per_year_after"),
        "loss_low": low, "loss_high": high, "loss_mean": (low + high) / 2,
    }).assign(loss_from=first, loss_to=last)  # fmt: skip
    for when in PERIODS:
        table[f"expected_{when}_amount"] = table[f"events_{when}"] * table["loss_mean"]
    wanted = ["loss_mean", *(f"events_{w}" for w in PERIODS if table[f"events_{w}"].notna().any())]
    table["counted"] = table[wanted].notna().all(axis=1)
    order = table[["expected_after_amount", "expected_before_amount"]].sum(axis=1)
    return table.loc[order.sort_values(ascending=False, kind="stable").index].reset_index(drop=True)


def _observed(dates: Any, live: pd.Timestamp | None) -> float:
    """Return the years in which events after go-live can have been counted, one at most."""
    if live is None:
        return TOLD_YEARS
    return min(TOLD_YEARS, ((dates.status_date - live).days + 1) / DAYS_A_YEAR)


def _open(when: str, reason: Message) -> Indicator:
    return not_assessed(keyed(RESIDUAL, when), "money", reason, tables=TABLES)


def _indicator(
    when: str, rows: pd.DataFrame, rate: pd.Series, drawn: Draws | None, live: Any,
    confidence: float,
) -> Indicator:  # fmt: skip
    if when == AFTER and live is None:
        return _open(when, NOT_LIVE)
    if drawn is None:
        return _open(when, NO_LOSS)
    value = float((rate * rows.loc[rate.index, "loss_mean"]).sum())
    low, high = _ends(drawn, value, confidence)
    parts = {"draws": DRAWS, "seed": SEED, "bad_year": float(np.quantile(drawn.yearly, BAD_YEAR))}
    return measured(keyed(RESIDUAL, when), value, "money", low=low, high=high, n=len(rate),
                    confidence=confidence, tables=TABLES, parts=parts)  # fmt: skip


def _ends(drawn: Draws, value: float, confidence: float) -> tuple[float, float]:
    """Return the ends of the interval of the expected yearly loss, never apart from its value."""
    tail = (1 - confidence) / 2
    low, high = np.quantile(drawn.expected, tail), np.quantile(drawn.upper, 1 - tail)
    return min(value, float(low)), max(value, float(high))


def _by_point(
    rows: pd.DataFrame, years: dict[str, float], periods: list[str], confidence: float
) -> pd.DataFrame:
    """Return what the dearest points cost a year, each with its own interval."""
    found = []
    for place in rows.index[:LISTED_POINTS]:
        point = rows.loc[[place]]
        for when in periods:
            value = float(point[f"expected_{when}_amount"].iloc[0])
            often = point[f"events_{when}"].fillna(0.0)
            drawn = simulate(point["loss_from"], point["loss_to"], often, years=years[when],
                             single_years=False)  # fmt: skip
            low, high = _ends(drawn, value, confidence)
            known = {"control_id": point["control_id"].iloc[0], "risk": point["risk"].iloc[0]}
            found.append({**known, "period": when, "expected_amount": value, "low_amount": low,
                          "high_amount": high})  # fmt: skip
    table = pd.DataFrame(found)
    return table[table["expected_amount"].notna()].reset_index(drop=True)


def _year(item: Indicator, drawn: Draws) -> dict[str, Any]:
    bad = float(np.quantile(drawn.yearly, BAD_YEAR))
    values = (item.key, item.n, item.value, item.low, item.high, bad)
    return dict(zip(YEAR_COLUMNS, values, strict=True))


def _words(
    found: list[Indicator], years: pd.DataFrame, points: int, currency: str
) -> dict[str, Any]:
    words = {"subtitle": Message("controls.subtitle.residual_loss", {"currency": currency})}
    if years.empty:
        return words
    last = years.iloc[-1]
    slots = {"n": int(last["points"]), "m": points, "amount": float(last["expected_amount"]),
             "low": float(last["low_amount"]), "high": float(last["high_amount"]),
             "bad": float(last["bad_year_amount"]), "before": found[0].value,
             "currency": currency}  # fmt: skip
    key = "residual_loss" if len(years) > 1 else f"residual_loss_{last['period']}"
    return {**words, "sentence": Message(f"controls.sentence.{key}", slots),
            "headline": Message(f"controls.headline.{key}", slots)}  # fmt: skip


def _left_out(table: pd.DataFrame, live: bool) -> tuple[Caveat, ...]:
    """Name the points that state part of what is needed, and so are not in the sum."""
    stated = table[["events_before", "events_after", "loss_low", "loss_high"]].notna()
    rates = [f"events_{when}" for when in PERIODS if table[f"events_{when}"].notna().any()]
    whole = table["counted"] if live else table[[*rates[:1], "loss_mean"]].notna().all(axis=1)
    part = table[stated.any(axis=1) & ~whole]
    if part.empty:
        return ()
    slots = {"n": len(part), "m": len(table), "points": [str(c) for c in part["control_id"]]}
    ids = tuple(keyed(RESIDUAL, when) for when in PERIODS)
    return (Caveat(Message("controls.caveat.loss_left_out", slots), ids, tables=TABLES),)
