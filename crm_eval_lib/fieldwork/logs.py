"""What change the logs of the processes could show, before anybody has asked for them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from crm_eval_lib.efficiency.findings import MEDIAN_PENALTY
from crm_eval_lib.efficiency.periods import (
    DAYS_PER_YEAR,
    MONTH,
    PERIODS_A_MONTH,
    TWO_WAVES_MONTHS,
    WEEK,
    WEEKLY_CASES,
    enough,
)
from crm_eval_lib.efficiency.planning import SPREADS
from crm_eval_lib.results import CONFIDENCE, Message, Step
from crm_eval_lib.stats.interrupted import POWER
from crm_eval_lib.stats.redraws import detectable_ratio
from crm_eval_lib.stats.regressors import averaged_event, design_matrix

MONTHS_BEFORE = 12  # a season must be seen once before go-live
MONTHS_AFTER = 12  # where the status date leaves none
MONTHS_A_YEAR = 12
DAYS_A_MONTH = DAYS_PER_YEAR / MONTHS_A_YEAR
COLUMNS = ("title", "annual_volume", "cases_before", "cases_after", "detectable_plain_ratio",
           "detectable_series_ratio")  # fmt: skip
VOLUMES = (250, 1000, 5000, 20000)  # cases a year, where no process is listed
# Assumptions about a series nobody has seen yet; the demo clients and the real logs lie near them.
CORRELATION = 0.4  # of neighbouring periods; about 0.3 is usual, and not knowing it costs as well
NOISE = 0.05  # standard deviation of the log median between periods, beside the chance of cases


@dataclass(frozen=True, slots=True)
class Months:
    """How long a log is planned on either side, the transition between them left out."""

    before: float
    between: float
    after: float


def log_plan(
    processes: pd.DataFrame | None,
    dates: Any,
    *,
    months_before: float = MONTHS_BEFORE,
    months_after: float | None = None,
    confidence: float = CONFIDENCE,
) -> Step:
    """Say which fall of the median turnaround the logs of each process would show.

    Parameters
    ----------
    processes : DataFrame or None
        Table of that name; without it common volumes stand for processes.
    dates : object
        Has ``go_live`` or ``planned_go_live``, ``status_date`` and ``blackout``.
    months_before, months_after : float
        Of the log; after go-live by default up to the status date.

    Returns
    -------
    Step
        Two columns: a plain comparison of cases before and after, and a series held against its
        own trend and season, which asks for more but answers more. Both with 80 % power, hours
        spreading as usual.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> dates = SimpleNamespace(go_live=pd.Timestamp("2024-09-01"), blackout=None,
    ...                         status_date=pd.Timestamp("2025-08-31"))
    >>> log_plan(None, dates).table["cases_after"].tolist()
    [249.0, 997.0, 4983.0, 19932.0]
    """
    months = planned_months(dates, months_before, months_after)
    volumes = _volumes(processes)
    rows = [_row(title, volume, months, confidence) for title, volume in volumes]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table[list(COLUMNS[1:])] = table[list(COLUMNS[1:])].astype(float)
    known = table.dropna(subset=["detectable_series_ratio"])
    slots = {"before": months.before, "after": months.after, "n": len(table)}
    key = "logs_none" if known.empty else ("logs" if len(known) > 1 else "logs_one")
    if len(known):
        place = known["detectable_series_ratio"]
        slots |= {
            "best": known.loc[place.idxmin(), "title"],
            "least": float(place.min()),
            "worst": known.loc[place.idxmax(), "title"],
            "most": float(place.max()),
        }
        key = "logs_volumes" if processes is None or processes.empty else key
    return Step("plan.logs", table=table, sentence=Message(f"plan.sentence.{key}", slots),
                headline=Message("plan.headline.logs", {}), sources=("events",))  # fmt: skip


def planned_months(
    dates: Any, months_before: float = MONTHS_BEFORE, months_after: float | None = None
) -> Months:
    """Return the months of log on either side of go-live and its transition."""
    live = dates.go_live if dates.go_live is not None else dates.planned_go_live
    first, last = dates.blackout or (live, live)
    between = (max(last, live) - min(first, live)).days / DAYS_A_MONTH
    left = (dates.status_date - max(last, live)).days / DAYS_A_MONTH
    after = months_after if months_after is not None else (left if left >= 1 else MONTHS_AFTER)
    return Months(float(months_before), between, float(after))


def series_detectable(
    volume: float, months: Months, *, spread: float, confidence: float = CONFIDENCE
) -> float | None:
    """Return the smallest fall that an interrupted series of log medians shows with 80 % power.

    None where the months are too few for season and trend. The variance of the mean effect is
    c'(X'V⁻¹X)⁻¹c for the regressors of the very model, V = s²·φ^|t−u| and s² = π/2·σ²/cases of a
    period + noise².
    """
    frequency = WEEK if volume / DAYS_PER_YEAR * 7 >= WEEKLY_CASES else MONTH
    per_month = PERIODS_A_MONTH[frequency]
    before, between, after = (
        round(part * per_month) for part in (months.before, months.between, months.after)
    )
    cases = volume / MONTHS_A_YEAR / per_month
    if not enough(before, after, frequency) or cases < 1:
        return None
    time = np.r_[np.arange(before), before + between + np.arange(after)]
    series = pd.DataFrame({"time": time, "after": time >= before + between,
                           "season": time / per_month / MONTHS_A_YEAR % 1})  # fmt: skip
    waves = 2 if len(time) / per_month >= TWO_WAVES_MONTHS else 1
    design = design_matrix(series, harmonics=waves)
    weights, matrix = averaged_event(design, series["after"]), design.to_numpy()
    errors = CORRELATION ** np.abs(time[:, None] - time[None, :])
    variance = MEDIAN_PENALTY * spread**2 / cases + NOISE**2
    covariance = np.linalg.inv(matrix.T @ np.linalg.solve(errors, matrix)) * variance
    freedom = len(time) - matrix.shape[1]
    reach = stats.t.isf((1 - confidence) / 2, freedom) + stats.t.ppf(POWER, freedom)
    return float(-np.expm1(-reach * np.sqrt(weights @ covariance @ weights)))


def _volumes(processes: pd.DataFrame | None) -> list[tuple[str, float]]:
    """Return cases a year by the reader's name of a process; comparison processes are left out."""
    if processes is None or processes.empty:
        return [(f"{volume:,}", float(volume)) for volume in VOLUMES]
    found = []
    for row in processes.to_dict("records"):
        if row.get("in_crm") != "no":
            title = row.get("title")
            name = row["process"] if title is None or pd.isna(title) else title
            found.append((str(name), float(row.get("annual_volume") or np.nan)))
    return found


def _row(title: str, volume: float, months: Months, confidence: float) -> dict[str, Any]:
    if np.isnan(volume):
        return {"title": title}
    counts = [round(volume / MONTHS_A_YEAR * part) for part in (months.before, months.after)]
    spread = SPREADS["usual"]
    plain = None
    if min(counts):
        error = spread * np.sqrt(MEDIAN_PENALTY * sum(1 / count for count in counts))
        plain = detectable_ratio(float(error), confidence=confidence)
    series = series_detectable(volume, months, spread=spread, confidence=confidence)
    return {
        "title": title,
        "annual_volume": volume,
        "cases_before": counts[0],
        "cases_after": counts[1],
        "detectable_plain_ratio": plain,
        "detectable_series_ratio": series,
    }
