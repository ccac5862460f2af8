"""Work per case and its change, from what was observed or said of people's minutes."""

from collections.abc import Iterable

import pandas as pd

from crm_eval_lib.efficiency.cases import AFTER, BEFORE, Cases, title_of
from crm_eval_lib.efficiency.stand_in import RUNG, SOURCE
from crm_eval_lib.results import Caveat, Indicator, Message, keyed, measured, not_assessed
from crm_eval_lib.stats.jackknife import LEAST_CLUSTERS, clustered_ratio, clustered_sum

MINUTES_PER_HOUR = 60
WAVES = (BEFORE, AFTER)
CHANGE, LEVEL = "efficiency.touch_change", "efficiency.touch_hours"


def work_of(
    process: str, mine: pd.DataFrame, table: str, *, confidence: float
) -> list[Indicator]:  # fmt: skip
    """Return hours of work per case of each wave, and their change over common activities.

    Parameters
    ----------
    mine : DataFrame
        ``wave``, ``activity``, ``cluster`` (a person), ``value`` (hours).
    table : str
        Where it comes from.
    """
    found = [_level(process, mine, wave, table, confidence) for wave in WAVES]
    return [*found, _change(process, mine, table, confidence)]


def common(mine: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the activities seen in both waves."""
    seen = mine.groupby("activity")["wave"].nunique()
    return mine[mine["activity"].isin(seen.index[seen.eq(len(WAVES))])]


def rows_of(
    cases: Cases, process: str, mine: pd.DataFrame, found: list[Indicator]
) -> list[dict[str, object]]:
    """Return one row per wave, for the table of the step."""
    rows = []
    for wave, item in zip(WAVES, found, strict=False):
        part = mine[mine["wave"].eq(wave)]
        rows.append({
            "process": process, "title": title_of(cases, process), "sample": wave,
            "n": len(part), "people": int(part["cluster"].nunique()),
            "touch_hours": item.value, "low": item.low, "high": item.high,
        })  # fmt: skip
    return rows


def people_notes(process: str, mine: pd.DataFrame, table: str) -> Iterable[Caveat]:
    """Name a side with too few people for an interval."""
    people = mine.groupby("wave")["cluster"].nunique().reindex(list(WAVES)).dropna()
    few = [wave for wave, count in people.items() if count < LEAST_CLUSTERS]
    if few:
        slots = {"process": process, "n": int(people.min()), "least": LEAST_CLUSTERS}
        ids = (keyed(CHANGE, process),)
        yield Caveat(Message("efficiency.caveat.few_people", slots), ids, tables=(table,))


def _level(
    process: str, mine: pd.DataFrame, wave: str, table: str, confidence: float
) -> Indicator:  # fmt: skip
    id = keyed(f"{LEVEL}_{wave}", process)
    part = mine[mine["wave"].eq(wave)]
    if part.empty or not part["value"].sum() > 0:
        reason = Message("efficiency.reason.no_minutes", {"sample": wave})
        return not_assessed(id, "hours", reason, tables=(table,))
    found = clustered_sum(part, confidence=confidence)
    bounds = {} if found.low is None else {
        "low": found.low, "high": found.high, "confidence": confidence,
    }  # fmt: skip
    parts = {SOURCE: table, "people": found.clusters, "log_error": found.error}
    return measured(id, found.value, "hours", n=len(part), tables=(table,), parts=parts, **bounds)


def _change(process: str, mine: pd.DataFrame, table: str, confidence: float) -> Indicator:
    id, tables = keyed(CHANGE, process), (table,)
    both = common(mine)
    for wave in WAVES:
        if mine.loc[mine["wave"].eq(wave), "value"].sum() <= 0:
            reason = Message("efficiency.reason.no_minutes", {"sample": wave})
            return not_assessed(id, "ratio", reason, tables=tables, rung=RUNG)
    if any(both.loc[both["wave"].eq(wave), "value"].sum() <= 0 for wave in WAVES):
        reason = Message("efficiency.reason.no_common_activity")
        return not_assessed(id, "ratio", reason, tables=tables, rung=RUNG)
    found = clustered_ratio(both.assign(after=both["wave"].eq(AFTER)), confidence=confidence)
    bounds = {} if found.low is None else {
        "low": found.low - 1, "high": found.high - 1, "confidence": confidence,
    }  # fmt: skip
    parts = {SOURCE: table, "people": found.clusters}
    return measured(id, found.value - 1, "ratio", n=len(both), tables=tables, rung=RUNG,
                    parts=parts, **bounds)  # fmt: skip
