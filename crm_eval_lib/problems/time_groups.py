"""Were some waiting longer than others? Times to solution by severity and department."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.problems.standing import SEVERE, codes, register
from crm_eval_lib.problems.timing import curve_table, numbers_watched
from crm_eval_lib.problems.waits import SOLVED, TABLES, WAITING, Waits, waits_of
from crm_eval_lib.results import CONFIDENCE, Caveat, Message, Step
from crm_eval_lib.stats.intervals import benjamini_hochberg
from crm_eval_lib.stats.log_rank import LogRank, log_rank
from crm_eval_lib.stats.survival import Curve

MINIMUM_PROBLEMS = 10  # per group; the χ² of the test is an approximation that needs about as many
DIMENSIONS = ("severity", "department")
SEVERE_BAND, LESS_SEVERE_BAND = f"{SEVERE}–5", f"1–{SEVERE - 1}"
MOST_NAMED = 5  # small groups named in the caveat; the table has all


def time_by_group(
    problems: pd.DataFrame | None,
    *,
    dates: Any,
    confidence: float = CONFIDENCE,
    minimum: int = MINIMUM_PROBLEMS,
) -> Step:
    """Compare how fast problems were solved between severities and between departments.

    Parameters
    ----------
    problems : DataFrame or None
    dates : object
        Has ``status_date``, where waiting problems are censored.
    confidence : float
        Of the medians; a p-value below one minus it counts as a difference.
    minimum : int
        Problems a group needs to be compared; smaller ones are shown only.

    Returns
    -------
    Step
        No indicators. Table: a row per group of the severities 1–3 and 4–5 and of the
        departments, first those with the smaller p: problems, solved, withdrawn or rejected,
        waiting, rejected or out of scope without the client's decision, how many solved were
        expected if all groups were equally fast, median with its interval (not reached: low =
        longest follow-up), and the log-rank p of all compared groups together,
        Benjamini–Hochberg adjusted over the tests. Where problems were withdrawn or
        rejected the test compares the cause-specific hazards of being solved.
        Tables: ``tests``; ``curves`` and ``at_risk`` by group.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> days = pd.Series(pd.Timestamp("2024-01-01") + pd.to_timedelta(range(1, 25), unit="D"))
    >>> rows = pd.DataFrame({"problem_id": range(24), "raised_on": "2024-01-01", "solved_on": days,
    ...                      "severity": [5] * 12 + [2] * 12, "status": "solved"})
    >>> dates = SimpleNamespace(status_date=pd.Timestamp("2024-06-30"))
    >>> time_by_group(rows, dates=dates).table[["key", "median_days"]].values.tolist()
    [['4–5', 6.0], ['1–3', 18.0]]
    """
    name = "problems.time_by_group"
    waits = waits_of(register(problems, dates=dates), dates=dates)
    if isinstance(waits, Message):
        return Step(name, sentence=waits, sources=TABLES)
    compared = [_compared(waits, dimension, minimum) for dimension in DIMENSIONS]
    compared = _adjusted([item for item in compared if item.names])
    curves = {(item.dimension, key): waits.curve(item.places[key])
              for item in compared for key in item.names}  # fmt: skip
    until = max((curve.follow_up for curve in curves.values()), default=0.0)
    table = _table(compared, curves, waits, confidence)
    return Step(
        name,
        table=table,
        caveats=(*waits.caveats(()), *_caveats(compared, table, waits, minimum)),
        tables={
            "tests": _test_table(compared),
            "curves": _stacked(curves, lambda curve: _whole_curve(curve, confidence)),
            "at_risk": _stacked(curves, lambda curve: numbers_watched(curve, until)),
        },
        sources=TABLES,
        **_describe(compared[0], waits, confidence, minimum),
    )


@dataclass(frozen=True)
class _Compared:
    """One dimension: the problems of each group, the groups' names, and their test."""

    dimension: str
    places: dict[str, np.ndarray]  # rows of the problems, by group; "" for those without one
    names: tuple[str, ...]
    large: tuple[str, ...]  # names of the groups that are compared
    test: LogRank | None
    p: float | None = None  # adjusted


def _compared(waits: Waits, dimension: str, minimum: int) -> _Compared:
    keys = _keys(waits.rows, dimension)
    places = pd.Series(keys).groupby(keys).indices
    counts = {key: len(rows) for key, rows in places.items() if key}
    if dimension == "severity":
        names = sorted(counts, reverse=True)
    else:
        names = sorted(counts, key=lambda key: (-counts[key], key))
    large = tuple(key for key in names if counts[key] >= minimum)
    test = None
    if len(large) > 1:
        some = np.sort(np.concatenate([places[key] for key in large]))
        test = log_rank(waits.days[some], waits.cause[some] == SOLVED, keys[some],
                        entry=waits.entry[some])  # fmt: skip
    return _Compared(dimension, places, tuple(names), large, test)


def _keys(rows: pd.DataFrame, dimension: str) -> np.ndarray:
    if dimension == "severity":
        return np.where(rows["severity"] >= SEVERE, SEVERE_BAND, LESS_SEVERE_BAND)
    return codes(rows[dimension]).to_numpy(dtype=str)


def _adjusted(compared: list[_Compared]) -> list[_Compared]:
    """Adjust the p-values as one family; the dimension with the smallest comes first."""
    raw = [np.nan if item.test is None or item.test.p is None else item.test.p for item in compared]
    found = [None if np.isnan(p) else float(p) for p in benjamini_hochberg(raw)]
    known = [replace(item, p=p) for item, p in zip(compared, found, strict=True)]
    return sorted(known, key=lambda item: np.inf if item.p is None else item.p)


def _table(
    compared: list[_Compared],
    curves: dict[tuple[str, str], Curve],
    waits: Waits,
    confidence: float,
) -> pd.DataFrame:
    rows = []
    for item in compared:
        expected = {} if item.p is None else dict(
            zip(item.test.groups, item.test.expected, strict=True)
        )  # fmt: skip
        for key in item.names:
            ends = waits.cause[item.places[key]]
            solved, waits_on = int((ends == SOLVED).sum()), ends == WAITING
            # Not solved and watched like the waiting ones, but nobody works on them.
            aside = waits_on & waits.rows["is_set_aside"].to_numpy()[item.places[key]]
            waiting, left = int((waits_on & ~aside).sum()), int(aside.sum())
            shown = (*_median(curves[item.dimension, key], confidence),
                     item.p if key in expected else None)  # fmt: skip
            rows.append((item.dimension, key, len(ends), solved, expected.get(key), waiting, left,
                         len(ends) - solved - waiting - left, *shown))  # fmt: skip
    names = ["dimension", "key", "problems", "solved", "expected", "waiting",
             "unsettled", "ended",
             "median_days", "low_days", "high_days", "p"]  # fmt: skip
    numbers = dict.fromkeys(["expected", "median_days", "low_days", "high_days", "p"], float)
    return pd.DataFrame(rows, columns=names).astype(numbers)


def _median(curve: Curve, confidence: float) -> tuple[float | None, float | None, float | None]:
    value = curve.median()
    return (
        (None, curve.follow_up, None)
        if value is None
        else (value, *curve.interval(0.5, confidence))
    )


def _test_table(compared: list[_Compared]) -> pd.DataFrame:
    rows = [
        (item.dimension, len(item.large), sum(len(item.places[key]) for key in item.large),
         item.test.statistic, item.test.degrees, item.test.p, item.p)
        for item in compared if item.p is not None
    ]  # fmt: skip
    names = ["dimension", "groups", "problems", "chi_square", "degrees", "p_unadjusted", "p"]
    return pd.DataFrame(rows, columns=names)


def _stacked(
    curves: dict[tuple[str, str], Curve], table_of: Callable[[Curve], pd.DataFrame]
) -> pd.DataFrame:
    tables = [table_of(curve) for curve in curves.values()]
    stacked = pd.concat(tables, ignore_index=True)
    rows = [len(table) for table in tables]
    for place, name in enumerate(("dimension", "key")):
        groups = np.repeat([str(group[place]) for group in curves], rows)
        stacked.insert(place, name, pd.array(groups, dtype="str"))
    return stacked


def _whole_curve(curve: Curve, confidence: float) -> pd.DataFrame:
    """Return the curve's rows, carried on to the last day anyone of the group was watched."""
    table = curve_table(curve, confidence)
    end = curve.follow_up
    if end <= table["day"].max():
        return table
    last = {**table.iloc[-1], "day": end, "watched": int(curve.at_risk_at(end)), "solved": 0}
    return pd.concat([table, pd.DataFrame([last])], ignore_index=True)


def _caveats(
    compared: list[_Compared], table: pd.DataFrame, waits: Waits, minimum: int
) -> tuple[Caveat, ...]:
    found = []
    small = [_called(item.dimension, key) for item in compared for key in item.names
             if key not in item.large]  # fmt: skip
    if small:
        slots = {"n": len(small), "minimum": minimum, "groups": small[:MOST_NAMED]}
        found.append(Message("problems.caveat.small_groups", slots))
    unnamed = sum(len(item.places.get("", ())) for item in compared)
    if unnamed:
        found.append(Message("problems.caveat.no_group", {"n": unnamed}))
    if waits.competing and table["p"].notna().any():
        found.append(Message("problems.caveat.cause_specific"))
    return tuple(Caveat(message, (), tables=TABLES) for message in found)


def _describe(
    first: _Compared, waits: Waits, confidence: float, minimum: int
) -> dict[str, Message]:
    slots = {"dimension": first.dimension, "minimum": minimum, "groups": len(first.large)}
    name = "speed_unknown"
    if first.p is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            speed = np.nan_to_num(first.test.observed / first.test.expected)
        groups = first.test.groups
        slots |= {"p": first.p, "fast": _called(first.dimension, groups[np.argmax(speed)]),
                  "slow": _called(first.dimension, groups[np.argmin(speed)])}  # fmt: skip
        name = "speed_differs" if first.p < 1 - confidence else "speed_same"
    method = "competing" if waits.competing else "plain"
    return {"sentence": Message(f"problems.sentence.{name}", slots),
            "headline": Message(f"problems.headline.{name}", slots),
            "subtitle": Message(f"problems.subtitle.speed_{method}", slots)}  # fmt: skip


def _called(dimension: str, key: str) -> Message | str:
    if dimension == "severity":
        return Message("problems.word.severity_band", {"key": str(key)})
    return str(key)
