"""Human errors and manual price reviews, before and after, per volume of work."""

import math
from typing import Any

import pandas as pd

from crm_eval_lib.controls.shares import rate_ratio
from crm_eval_lib.controls.windows import (
    AFTER,
    BEFORE,
    NO_ROWS,
    NOT_LIVE,
    column_of,
    live_from,
    period_of,
    recorded,
    unknown,
    until_status,
)
from crm_eval_lib.results import (
    Caveat,
    Indicator,
    Message,
    Step,
    measured,
    missing_column,
    missing_table,
    not_assessed,
)
from crm_eval_lib.stats.intervals import benjamini_hochberg, poisson_interval, poisson_ratio

UNKNOWN_KIND = "?"  # neither kind nor process was written down
NAMED = 5  # processes quoted in a sentence
KIND_COLUMNS = ("error_kind", "errors_before", "errors_after", "after_over_before", "low", "high",
                "p")  # fmt: skip
PER_ORDERS = 100  # manual reviews are counted per 100 orders
ERROR_RATIO = "controls.error_ratio"
REVIEWS = {period: f"controls.manual_review_rate[{period}]" for period in (BEFORE, AFTER)}


def workload(
    errors: pd.DataFrame | None, exposure: pd.DataFrame | None = None, *, dates: Any
) -> Step:
    """Compare human errors and manual price reviews per volume before and after.

    Parameters
    ----------
    errors, exposure : DataFrame or None
        ``exposure`` gives the volume of each process up to each ``period_end``; an error belongs
        to the period it happened in.
    dates : object
        Has ``go_live``, ``status_date`` and ``blackout``.

    Returns
    -------
    Step
        ``error_ratio`` = human errors per volume after/before, exact Poisson;
        ``manual_review_rate`` = reviews per 100 orders, exact Poisson interval of their number.
        Periods that end in the blackout are left
        out. Table: before and after. Table ``kinds``, where the kind is recorded: a row per kind
        with its own exact ratio; p is adjusted for their number (Benjamini and Hochberg).

    Examples
    --------
    Of 1000 orders in August 40 went wrong, of 500 a year later 10: (10/500)/(40/1000).

    >>> from types import SimpleNamespace
    >>> day = pd.Timestamp
    >>> dates = SimpleNamespace(go_live=day("2024-09-02"), blackout=None,
    ...                         status_date=day("2025-08-31"))
    >>> exposure = pd.DataFrame({"process": "order", "volume": [1000.0, 500.0],
    ...                          "period_end": [day("2024-08-31"), day("2025-08-31")]})
    >>> errors = pd.DataFrame({"process": "order", "human": "yes",
    ...     "occurred_at": [day("2024-08-05")] * 40 + [day("2025-08-05")] * 10})
    >>> workload(errors, exposure, dates=dates)["controls.error_ratio"].value
    0.5
    """
    periods = until_status(exposure, "period_end", dates)
    if periods is None or periods.empty:
        missing = missing_table("exposure")
        ids = dict.fromkeys((ERROR_RATIO, *REVIEWS.values()), "index")
        return Step("controls.workload", tuple(unknown(ids, missing, tables=("exposure",))))
    periods = _periods(periods, dates)
    seen = until_status(errors, "occurred_at", dates)
    human = None if seen is None or seen.empty else _human(seen, periods)
    counts = [_counts(periods, human, period) for period in (BEFORE, AFTER)]
    ratio = _error_ratio(counts, human is None, dates)
    reviews = [_review_rate(row, periods, dates) for row in counts]
    key, slots = _words(ratio, *reviews)
    return Step(
        "controls.workload",
        (ratio, *reviews),
        table=pd.DataFrame(counts),
        sentence=Message(f"controls.sentence.{key}", slots) if key else None,
        headline=Message(f"controls.headline.{key}", slots) if key else None,
        subtitle=Message("controls.subtitle.workload"),
        tables=_by_kind(human, counts) if ratio.value is not None else {},
        caveats=_unplaced(seen, human),
    )


def _words(ratio: Indicator, before: Indicator, after: Indicator) -> tuple[str, dict[str, Any]]:
    """Choose the sentence by what is known: errors, manual reviews, both or nothing."""
    errors = {} if ratio.value is None else {"ratio": ratio.value, "n": ratio.n}
    known = before.value is not None and after.value is not None
    reviews = {"before": before.value, "after": after.value} if known else {}
    names = {(True, True): "workload_both", (True, False): "workload", (False, True): "reviews"}
    return names.get((bool(errors), bool(reviews)), ""), {**errors, **reviews}


def _periods(exposure: pd.DataFrame, dates: Any) -> pd.DataFrame:
    """Add when each period began: after the one before it, the first with its calendar month."""
    rows = exposure.sort_values(["process", "period_end"]).reset_index(drop=True)
    ends = pd.to_datetime(rows["period_end"])
    previous = ends.groupby(rows["process"]).shift()
    began = (previous + pd.Timedelta(days=1)).fillna(ends.dt.to_period("M").dt.start_time)
    return rows.assign(period_end=ends, began=began, period=period_of(ends, dates))


def _human(errors: pd.DataFrame, periods: pd.DataFrame) -> pd.DataFrame:
    """Human errors with the period they fall in; those outside every period are left out."""
    mistakes = errors[errors["human"].astype(object) == "yes"]
    day = mistakes["occurred_at"]
    day = day.dt.tz_localize(None) if getattr(day.dtype, "tz", None) else day
    asked = pd.DataFrame({"day": day.dt.normalize().astype(periods["period_end"].dtype),
                          "process": column_of(mistakes, "process").astype(object),
                          "kind": column_of(mistakes, "kind")})  # fmt: skip
    spans = periods[["process", "period_end", "began", "period"]]
    if recorded(mistakes, "process"):
        asked = asked.dropna(subset=["process"])
        pairs = asked.reset_index().merge(spans, on="process")
    else:
        pairs = asked.drop(columns="process").reset_index().merge(spans, how="cross")
    inside = (pairs["began"] <= pairs["day"]) & (pairs["day"] <= pairs["period_end"])
    return pairs[inside].drop_duplicates("index")


def _by_kind(human: pd.DataFrame, counts: list[dict[str, Any]]) -> dict[str, pd.DataFrame]:
    """Compare each kind of error by itself, the most frequent first."""
    if not recorded(human, "kind"):
        return {}
    volumes = {row["period"]: row["volume"] for row in counts}
    placed = human[human["period"].isin(volumes)]
    seen = pd.crosstab(placed["kind"].astype(object).fillna(UNKNOWN_KIND), placed["period"])
    seen = seen.reindex(columns=[BEFORE, AFTER], fill_value=0)
    rows = []
    for kind, row in seen.iterrows():
        found = poisson_ratio(row[AFTER], volumes[AFTER], row[BEFORE], volumes[BEFORE])
        ratio, high = (v if math.isfinite(v) else None for v in (found.ratio, found.high))
        rows.append((kind, row[BEFORE], row[AFTER], ratio, found.low, high, found.p))
    table = pd.DataFrame(rows, columns=list(KIND_COLUMNS))
    table["p"] = benjamini_hochberg(table["p"])
    most = table[["errors_before", "errors_after"]].sum(axis=1).sort_values(
        ascending=False, kind="stable")  # fmt: skip
    return {"kinds": table.loc[most.index].reset_index(drop=True)}


def _unplaced(errors: pd.DataFrame | None, human: pd.DataFrame | None) -> tuple[Caveat, ...]:
    """Name the human errors that fall in no process and period with a volume."""
    if errors is None or human is None:
        return ()
    mistakes = errors[errors["human"].astype(object) == "yes"]
    lost = mistakes[~mistakes.index.isin(human["index"])]
    if lost.empty:
        return ()
    processes = column_of(lost, "process").astype(object).fillna(UNKNOWN_KIND).value_counts()
    slots = {"n": len(lost), "m": len(mistakes),
             "processes": [str(name) for name in processes.index[:NAMED]]}  # fmt: skip
    message = Message("controls.caveat.errors_unplaced", slots)
    return (Caveat(message, (ERROR_RATIO,), tables=("errors", "exposure")),)


def _counts(periods: pd.DataFrame, human: pd.DataFrame | None, period: str) -> dict[str, Any]:
    rows = periods[periods["period"] == period]
    reviewed = rows[column_of(rows, "manual_reviews").notna()]
    reviews = float(pd.to_numeric(reviewed.get("manual_reviews", pd.Series(dtype=float))).sum())
    reviewed_volume = float(reviewed["volume"].sum())
    errors = None if human is None else int((human["period"] == period).sum())
    return {
        "period": period,
        "volume": float(rows["volume"].sum()),
        "errors": errors,
        "reviewed_volume": reviewed_volume if reviewed_volume else None,
        "manual_reviews": reviews if reviewed_volume else None,
        "reviews_per_100": PER_ORDERS * reviews / reviewed_volume if reviewed_volume else None,
    }


def _error_ratio(counts: list[dict[str, Any]], no_errors: bool, dates: Any) -> Indicator:
    tables = ("errors", "exposure")
    if no_errors:
        return not_assessed(ERROR_RATIO, "index", missing_table("errors"), tables=tables)
    if live_from(dates) is None:
        return not_assessed(ERROR_RATIO, "index", NOT_LIVE, tables=tables)
    before, after = ((row["errors"], row["volume"]) for row in counts)
    return rate_ratio(ERROR_RATIO, after, before, tables=tables)


def _review_rate(row: dict[str, Any], periods: pd.DataFrame, dates: Any) -> Indicator:
    id, tables = REVIEWS[row["period"]], ("exposure",)
    if not recorded(periods, "manual_reviews"):
        reason = missing_column("exposure", "manual_reviews")
        return not_assessed(id, "index", reason, tables=tables)
    if row["reviews_per_100"] is None:
        late = row["period"] == AFTER and live_from(dates) is None
        return not_assessed(id, "index", NOT_LIVE if late else NO_ROWS, tables=tables)
    low, high = (PER_ORDERS * end / row["reviewed_volume"]
                 for end in poisson_interval(row["manual_reviews"]))  # fmt: skip
    return measured(id, row["reviews_per_100"], "index", low=low, high=high,
                    n=int(row["reviewed_volume"]), tables=tables)  # fmt: skip
