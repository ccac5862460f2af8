"""Each control point with all that is known of it: mode, risk, tests, time without it."""

from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from crm_eval_lib.controls.logs import contradictions, refuted
from crm_eval_lib.controls.off_time import off_days, off_now
from crm_eval_lib.controls.windows import (
    column_of,
    live_from,
    numbers_of,
    recorded,
    until_status,
)
from crm_eval_lib.remembered import Remembered
from crm_eval_lib.scoring import numbers
from crm_eval_lib.stats.sampling import upper_limit

MODES = ("none", "detect", "suggest", "warn", "dual", "block")  # weakest first
STRENGTH = {mode: rank for rank, mode in enumerate(MODES)}
LIMIT_ROUNDING = 1e-12  # quantiles are computed, not exact
LONGEST_OFF_DAYS = 5.0  # in total since go-live
BY_LOG, BY_TEST = "log", "negative_test"
_COUNTS = ("items", "deviations", "negative_tests", "negative_failed", "walkthroughs",
           "walkthroughs_failed")  # fmt: skip
_POINTS = Remembered()  # the matrix and the critical points ask the same, uptime asks twice
_TESTED = Remembered()  # whoever asks for the tests, with logs or without them, has the same ones
_FLAGS = ("tested", "ever_tested", "failed_negative", "refuted_by_test")


def control_points(
    controls: pd.DataFrame,
    control_tests: pd.DataFrame | None = None,
    control_off: pd.DataFrame | None = None,
    *,
    lines: pd.DataFrame | None = None,
    complaints: pd.DataFrame | None = None,
    dates: Any,
) -> pd.DataFrame:
    """Put together what is known of each control point on the status date.

    Parameters
    ----------
    controls, control_tests, control_off : DataFrame or None
        As in the data dictionary.
    lines : DataFrame or None
        From `price_lines`; with ``complaints`` the logs that can refute a mode.
    dates : object
        Has ``go_live``, ``status_date`` and ``blackout``.

    Returns
    -------
    DataFrame
        One row per point. ``mode`` = none where the log named in log_check or the latest negative
        test refutes it (``refuted_by``), else as configured, empty = none. ``risk_weight`` =
        likelihood × impact, empty = 3 each. Design: ``negative_tests``, ``walkthroughs`` and how
        many of them failed. Operation: ``deviations`` of ``items`` from samples and populations;
        ``upper_limit_rate`` one-sided, .95 critical, .90 other.
    """
    tables = (controls, control_tests, control_off, lines, complaints)
    days = (dates.status_date, live_from(dates), *(getattr(dates, "blackout", None) or ()))
    found = _POINTS.once(tables, lambda: _put_together(*tables, dates), knobs=days)
    return found.copy(deep=False)


def _put_together(
    controls: pd.DataFrame,
    control_tests: pd.DataFrame | None,
    control_off: pd.DataFrame | None,
    lines: pd.DataFrame | None,
    complaints: pd.DataFrame | None,
    dates: Any,
) -> pd.DataFrame:
    tables, days = (controls, control_tests), (dates.status_date, live_from(dates))
    rows = _TESTED.once(tables, lambda: _tested(*tables, dates), knobs=days)
    by_log = refuted(controls, contradictions(lines, complaints, dates=dates)).to_numpy()
    rows = rows.assign(refuted_by=_refuted_by(by_log, rows["refuted_by_test"]))
    mode = rows["configured_mode"].where(rows["configured_mode"].notna(), "none")
    return rows.assign(
        mode=mode.mask(rows["refuted_by"] != "", "none"),
        off_now=off_now(rows["control_id"], control_off, dates),
        off_days=off_days(rows["control_id"], control_off, dates, since=live_from(dates)),
    )


def _tested(controls: pd.DataFrame, tests: pd.DataFrame | None, dates: Any) -> pd.DataFrame:
    """Return what the list says of each point, and its tests."""
    controls = controls.reset_index(drop=True)
    rows = pd.DataFrame({
        name: column_of(controls, name).astype(object)
        for name in ("control_id", "risk", "process", "required_mode", "supported_mode",
                     "configured_mode", "decided_by_role", "owner_role", "override_role",
                     "log_check")
    })  # fmt: skip
    critical = column_of(controls, "critical").astype(object) == "yes"
    rows = rows.assign(
        critical=critical,
        risk_weight=_rating(controls, "likelihood") * _rating(controls, "impact"),
        tolerable_rate=numbers_of(controls, "tolerable_rate").fillna(
            _by_criticality(critical, "tolerable_rate")
        ),
        expected_rate=numbers_of(controls, "expected_rate", 0.0),
        population_size=numbers_of(controls, "population_size"),
        confidence=_by_criticality(critical, "confidence"),
        decided_on=_decided(controls, dates),
    )
    return _with_tests(rows, tests, dates)


def strength(modes: pd.Series) -> pd.Series:
    """Rank modes from 0 (none) to 5 (block); empty stays empty."""
    return modes.map(STRENGTH.get).astype("float64")


def exceeds(k: int, n: int, tolerable: float) -> bool:
    """Say whether k/n exceeds a rate, in exact arithmetic.

    >>> exceeds(1, 20, 0.05), exceeds(2, 20, 0.05)
    (False, True)
    """
    return n > 0 and Fraction(int(k), int(n)) > Fraction(str(float(tolerable)))


def _rating(controls: pd.DataFrame, column: str) -> pd.Series:
    return numbers_of(controls, column, float(numbers()["scales"]["empty"]))


def _by_criticality(critical: pd.Series, name: str) -> pd.Series:
    tests = numbers()["tests"]
    return critical.map({True: tests[f"{name}_critical"], False: tests[f"{name}_other"]})


def _decided(controls: pd.DataFrame, dates: Any) -> pd.Series:
    decided = pd.to_datetime(column_of(controls, "decided_on"))
    return decided.where(decided <= dates.status_date)


def _refuted_by(by_log: np.ndarray, by_test: pd.Series) -> pd.Series:
    words = pd.Series("", index=by_test.index, dtype=object)
    return words.mask(by_test, BY_TEST).mask(by_log, BY_LOG)


def _with_tests(rows: pd.DataFrame, tests: pd.DataFrame | None, dates: Any) -> pd.DataFrame:
    seen = until_status(tests, "tested_on", dates)
    if seen is None or seen.empty:
        none = dict.fromkeys(_COUNTS, 0) | dict.fromkeys(_FLAGS, False)
        return _with_limit(rows.assign(**none, last_tested=pd.NaT))
    used = seen[seen["result"].astype(object).isin(["pass", "deviation"])]
    method, failed = used["method"].astype(object), used["result"].astype(object) == "deviation"
    counted, negative = method.isin(["sample", "population"]), method == "negative"
    walked, live = method == "walkthrough", live_from(dates)
    tested_on = pd.to_datetime(column_of(used, "tested_on"))
    facts = pd.DataFrame({
        "items": counted, "deviations": counted & failed,
        "negative_tests": negative, "negative_failed": negative & failed,
        "walkthroughs": walked, "walkthroughs_failed": walked & failed,
        "tested": False if live is None else tested_on >= live, "ever_tested": True,
        "failed_negative": negative & failed,
        "refuted_by_test": _latest(negative, tested_on, used["control_id"]) & failed,
    }, index=used.index).groupby(used["control_id"]).sum()  # fmt: skip
    facts = facts.reindex(pd.Index(rows["control_id"])).fillna(0)
    kinds = dict.fromkeys(_COUNTS, int) | dict.fromkeys(_FLAGS, bool)
    last = tested_on.groupby(used["control_id"]).max().rename("last_tested")
    return _with_limit(rows.join(facts.astype(kinds), on="control_id").join(last, on="control_id"))


def _latest(negative: pd.Series, tested_on: pd.Series, ids: pd.Series) -> pd.Series:
    """Mark the negative tests of the latest day with one; undated ones come first."""
    day = tested_on.fillna(pd.Timestamp(0)).where(negative)
    return day == day.groupby(ids).transform("max")


def _with_limit(rows: pd.DataFrame) -> pd.DataFrame:
    limits = [
        upper_limit(
            row.deviations,
            row.items,
            population=None if pd.isna(row.population_size) else int(row.population_size),
            confidence=row.confidence,
        )
        if row.items
        else None
        for row in rows.itertuples()
    ]
    over = [exceeds(r.deviations, r.items, r.tolerable_rate) for r in rows.itertuples()]
    limit = pd.Series(limits, index=rows.index, dtype="float64")
    within = (limit <= rows["tolerable_rate"] + LIMIT_ROUNDING).fillna(False)
    return rows.assign(upper_limit_rate=limit, over_tolerable=over, within_tolerable=within)


def modes_recorded(controls: pd.DataFrame) -> bool:
    """Say whether the configured modes were recorded at all."""
    return recorded(controls, "configured_mode")
