"""How long problems took, and which ones still wait."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.problems.advice import open_severe
from crm_eval_lib.problems.shares import share, share_of
from crm_eval_lib.problems.standing import SEVERE, absent, register
from crm_eval_lib.results import (
    CONFIDENCE,
    Caveat,
    Indicator,
    Message,
    Step,
    measured,
    not_assessed,
)
from crm_eval_lib.stats.survival import Curve, aalen_johansen, kaplan_meier

TABLES = ("problems",)
HORIZON_DAYS = 365
QUANTILES = {"problems.median_days": 0.5, "problems.p80_days": 0.8}
RESTRICTED_MEAN = f"problems.rmst_days[{HORIZON_DAYS}]"
OVERDUE_DAYS = 90  # a problem of severity 5 may not stay open longer after go-live
WORST = 5
OUTLOOKS = 6  # dates at which the figure prints the numbers still watched
NO_STATUS_DATE = Message("problems.reason.no_status_date")
NO_GO_LIVE = Message("problems.reason.no_go_live")

WAITING, SOLVED, ENDED_OTHERWISE = 0, 1, 2


@dataclass(frozen=True)
class _Waits:
    days: np.ndarray
    cause: np.ndarray
    entry: np.ndarray
    undated: int  # their end has no date, or one before the start
    too_early: int  # over before they were entered


def solution_time(
    problems: pd.DataFrame | None, *, dates: Any, confidence: float = CONFIDENCE
) -> Step:
    """Estimate the days from raising to solving, the still open ones counted as waiting.

    Parameters
    ----------
    problems : DataFrame or None
    dates : object
        Has ``status_date``, where waiting problems are censored.

    Returns
    -------
    Step
        ``median_days``, ``p80_days``, ``rmst_days[365]``: Kaplan–Meier, or Aalen–Johansen where
        problems were withdrawn or rejected at ``closed_on``. A problem entered after it was raised
        is watched from its entry only. Not reached: not assessed, low = longest follow-up; for
        the restricted mean the area seen and that plus the rest of the horizon.
        Table: the curve.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> rows = pd.DataFrame({"problem_id": ["1", "2", "3"], "raised_on": ["2024-01-01"] * 3,
    ...                      "status": ["solved", "solved", "open"],
    ...                      "solved_on": ["2024-01-11", "2024-01-21", None]})
    >>> dates = SimpleNamespace(status_date=pd.Timestamp("2024-06-30"))
    >>> solution_time(rows, dates=dates)["problems.median_days"].value
    20.0
    """
    seen = register(problems, dates=dates)
    reason = _unusable(seen, dates)
    waits = None if reason else _waits(seen, dates.status_date)
    if waits is not None and not waits.days.size:
        reason = Message("problems.reason.nothing_watched")
    if reason:
        ids = (*QUANTILES, RESTRICTED_MEAN)
        found = tuple(not_assessed(id, "days", reason, tables=TABLES) for id in ids)
        return Step("problems.solution_time", found)
    competing = bool((waits.cause == ENDED_OTHERWISE).any())
    curve = (
        aalen_johansen(waits.days, waits.cause, entry=waits.entry)
        if competing
        else kaplan_meier(waits.days, waits.cause == SOLVED, entry=waits.entry)
    )
    found = [_quantile(id, q, curve, confidence) for id, q in QUANTILES.items()]
    found.append(_restricted_mean(curve, confidence))
    return Step(
        "problems.solution_time",
        tuple(found),
        table=_curve_table(curve, confidence),
        caveats=_wait_caveats(waits),
        tables={"at_risk": _at_risk(curve)},
        **_describe(curve, found[0], competing),
    )


def open_problems(problems: pd.DataFrame | None, *, dates: Any) -> Step:
    """List what is still open, worst first, and count the severe ones.

    Parameters
    ----------
    problems : DataFrame or None
    dates : object
        Has ``status_date`` and ``go_live``.

    Returns
    -------
    Step
        ``open_high`` in D, not reported solved, severity ≥ 4; ``open_five_90`` severity 5, open
        more than 90 days after the later of go-live and raising. Table: the open problems.
    """
    ids = ("problems.open_high", "problems.open_five_90")
    seen = register(problems, dates=dates)
    reason = absent(seen)
    if reason:
        found = tuple(not_assessed(id, "count", reason, tables=TABLES) for id in ids)
        return Step("problems.open_problems", found)
    waiting = _open_table(seen, dates.status_date)
    n = int(seen["in_denominator"].sum())
    high = int((waiting["severity"] >= SEVERE).sum())
    found = (measured(ids[0], high, "count", n=n, tables=TABLES), _overdue(ids[1], waiting, dates))
    slots = {"n": len(waiting), "high": high}
    return Step(
        "problems.open_problems",
        found,
        table=waiting,
        sentence=Message("problems.sentence.open", slots),
        findings=open_severe(waiting),
    )


def reopened(problems: pd.DataFrame | None, *, dates: Any, confidence: float = CONFIDENCE) -> Step:
    """Count how many solutions did not hold.

    Returns
    -------
    Step
        ``reopen_rate``: in D and reopened at least once, over in D and solved or reopened.
        Table: the reopened ones.
    """
    id, seen = "problems.reopen_rate", register(problems, dates=dates)
    reason = absent(seen, "reopened")
    if reason:
        return Step("problems.reopened", (not_assessed(id, "ratio", reason, tables=TABLES),))
    again = seen["reopened"] >= 1
    among = seen["in_denominator"] & (seen["claimed"] | again)
    found = share(id, *share_of(again, among), tables=TABLES, confidence=confidence)
    rows = seen[again & among].sort_values(["reopened", "problem_id"], ascending=[False, True])
    names = ["problem_id", "title", "severity", "status", "reopened"]
    sentence = Message("problems.sentence.reopened", {"k": len(rows), "n": found.n})
    return Step("problems.reopened", (found,), table=rows[names].reset_index(drop=True),
                sentence=sentence if found.value is not None else None)  # fmt: skip


def _unusable(seen: pd.DataFrame | None, dates: Any) -> Message | None:
    if seen is not None and dates.status_date is None:
        return NO_STATUS_DATE
    claimed = seen is not None and bool(seen["claimed"].any())
    # Nothing solved yet leaves solved_on empty for a good reason.
    return absent(seen, *(["raised_on", "solved_on"] if claimed else ["raised_on"]))


def _waits(seen: pd.DataFrame, status_date: pd.Timestamp) -> _Waits:
    ended = seen["status"].isin(["withdrawn", "rejected"]) & seen["closed_on"].notna()
    undated_end = seen["status"].isin(["withdrawn", "rejected"]) & seen["closed_on"].isna()
    watched = ~seen["is_duplicate"] & ~seen["is_recalled"]
    watched &= seen["in_denominator"] | ended
    end = seen["solved_on"].where(seen["claimed"], seen["closed_on"].where(ended))
    end = end.where(seen["claimed"] | ended, status_date)
    cause = np.select([seen["claimed"], ended], [SOLVED, ENDED_OTHERWISE], WAITING)
    days = (end - seen["raised_on"]).dt.days
    usable = watched & (days >= 0)
    lost = ~seen["is_duplicate"] & ~seen["is_recalled"] & undated_end & ~seen["in_denominator"]
    entry = (seen["entered_on"] - seen["raised_on"]).dt.days
    too_early = usable & (entry > 0) & (entry >= days)
    keep = usable & ~too_early
    return _Waits(
        days[keep].to_numpy(dtype=float),
        cause[keep.to_numpy()],
        entry[keep].to_numpy(dtype=float),
        int((watched & ~usable).sum() + lost.sum()),
        int(too_early.sum()),
    )


def _quantile(id: str, q: float, curve: Curve, confidence: float) -> Indicator:
    value = curve.quantile(q)
    if value is None:
        slots = {"share": q, "days": curve.follow_up}
        return not_assessed(id, "days", Message("problems.reason.not_reached", slots),
                            low=curve.follow_up, n=curve.n, tables=TABLES)  # fmt: skip
    low, high = curve.interval(q, confidence)
    return measured(id, value, "days", low=low, high=high, confidence=confidence, n=curve.n,
                    tables=TABLES)  # fmt: skip


def _restricted_mean(curve: Curve, confidence: float) -> Indicator:
    mean = curve.rmst(HORIZON_DAYS, confidence)
    if mean is None:
        seen = float(curve.area(curve.follow_up))
        rest = float(curve.survival_at(curve.follow_up)) * (HORIZON_DAYS - curve.follow_up)
        slots = {"horizon": HORIZON_DAYS, "days": curve.follow_up}
        return not_assessed(
            RESTRICTED_MEAN, "days", Message("problems.reason.horizon_not_reached", slots),
            low=seen, high=seen + rest, n=curve.n, tables=TABLES,
        )  # fmt: skip
    return measured(
        RESTRICTED_MEAN, mean.value, "days", low=mean.low, high=mean.high, confidence=confidence,
        n=curve.n, tables=TABLES,
    )  # fmt: skip


def _curve_table(curve: Curve, confidence: float) -> pd.DataFrame:
    low, high = curve.bounds(confidence)
    table = pd.DataFrame(
        {
            "day": curve.times,
            "watched": curve.at_risk,
            "solved": curve.events,
            "solved_share": curve.reached,
            "low_share": 1 - high,
            "high_share": 1 - low,
        }
    )
    if curve.times.size and curve.times[0] == 0:
        return table
    start = pd.DataFrame([[0.0, int(curve.at_risk_at(0)), 0, 0.0, 0.0, 0.0]], columns=table.columns)
    return pd.concat([start, table], ignore_index=True) if len(table) else start


def _at_risk(curve: Curve) -> pd.DataFrame:
    days = np.unique(np.floor(np.linspace(0, curve.follow_up, OUTLOOKS)))
    # Just after each day, so that day 0 counts everyone watched from the start.
    return pd.DataFrame({"day": days, "watched": curve.at_risk_at(np.maximum(days, 0.5))})


def _wait_caveats(waits: _Waits) -> tuple[Caveat, ...]:
    ids = (*QUANTILES, RESTRICTED_MEAN)
    counts = {"undated": waits.undated, "too_early": waits.too_early}
    return tuple(
        Caveat(Message(f"problems.caveat.{name}", {"n": n}), ids, tables=TABLES)
        for name, n in counts.items()
        if n
    )


def _describe(curve: Curve, median: Indicator, competing: bool) -> dict[str, Message]:
    slots = {"days": median.value, "low": median.low, "high": median.high, "n": curve.n,
             "solved": int(curve.events.sum()), "follow_up": curve.follow_up}  # fmt: skip
    name = "median" if median.value is not None else "median_open"
    method = "competing" if competing else "plain"
    return {"sentence": Message(f"problems.sentence.{name}", slots),
            "headline": Message(f"problems.headline.{name}", slots),
            "subtitle": Message(f"problems.subtitle.time_{method}", slots)}  # fmt: skip


def _open_table(seen: pd.DataFrame, status_date: pd.Timestamp | None) -> pd.DataFrame:
    rows = seen[seen["is_open"]]
    until = pd.NaT if status_date is None else status_date
    rows = rows.assign(open_days=(until - rows["raised_on"]).dt.days.astype(float))
    rows = rows.sort_values(
        ["severity", "importance", "open_days", "problem_id"],
        ascending=[False, False, False, True],
    )
    names = ["problem_id", "title", "severity", "importance", "status", "department",
             "raised_by_role", "owner_role", "raised_on", "open_days"]  # fmt: skip
    return rows[names].reset_index(drop=True)


def _overdue(id: str, waiting: pd.DataFrame, dates: Any) -> Indicator:
    status_date, go_live = dates.status_date, dates.go_live
    if status_date is None:
        return not_assessed(id, "count", NO_STATUS_DATE, tables=TABLES)
    if go_live is None or go_live > status_date:
        return not_assessed(id, "count", NO_GO_LIVE, tables=TABLES)
    since = waiting["raised_on"].clip(lower=go_live)
    overdue = (waiting["severity"] >= WORST) & ((status_date - since).dt.days > OVERDUE_DAYS)
    return measured(id, int(overdue.sum()), "count", n=len(waiting), tables=TABLES)
