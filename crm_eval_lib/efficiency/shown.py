"""The tables beside the verdict: rungs, series, horizons, months left out, placebo dates, mix."""

from collections.abc import Mapping

import pandas as pd

from crm_eval_lib.efficiency.cases import Cases, title_of
from crm_eval_lib.efficiency.estimates import R0, Estimate

BOUNDS = ("change_ratio", "low_ratio", "high_ratio", "detectable_ratio")
# In the order in which they are shown.
OF_ESTIMATE = ("horizons", "leave_out", "event_study", "split", "mix", "series")


def tables_of(
    cases: Cases, found: Mapping[str, Estimate], table: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Return the tables of all processes whose change was estimated.

    Parameters
    ----------
    cases : Cases
    found : mapping of str to Estimate
        The change of each process.
    table : DataFrame
        The rows of the step, which hold the crude change of each process.
    """
    told = {process: one for process, one in found.items() if one.tables}
    if not told:
        return {}
    crude = table[table["measure"].eq("naive_change")].set_index("process")
    rungs = [_rungs(told[p], crude.loc[p]) for p in told]
    tables = {"rungs": _all([_named(cases, *pair) for pair in zip(told, rungs, strict=True)])}
    days = {p: one.placebos[["day", "change_ratio"]] for p, one in told.items()}
    tables["placebo"] = _all([_named(cases, p, rows) for p, rows in days.items() if len(rows)])
    for name in OF_ESTIMATE:
        parts = [_named(cases, p, one.tables[name]) for p, one in told.items()
                 if len(one.tables.get(name, ()))]  # fmt: skip
        tables[name] = _all(parts)
    tables = {name: table for name, table in tables.items() if not table.empty}
    return tables | {"window": _window(cases)}


def _rungs(main: Estimate, crude: pd.Series) -> pd.DataFrame:
    """What every rung says that can be reached, from before/after as it stands upwards."""
    rows = [{"rung": R0, **crude[[*BOUNDS]], "reached": False}]
    rows += [_rung(one.rung, one) for one in main.lower]
    if main.rung == R0:
        rows = []
    rows.append({**_rung(main.rung, main), "reached": True})
    known = pd.DataFrame(rows).astype(dict.fromkeys(BOUNDS, float))
    return known[known["change_ratio"].notna()]


def _rung(name: str, one: Estimate) -> dict[str, object]:
    ratio = one.ratio
    values = (ratio.value, ratio.low, ratio.high, ratio.detectable)
    return {"rung": name, **dict(zip(BOUNDS, values, strict=True)), "reached": False}


def _window(cases: Cases) -> pd.DataFrame:
    window = cases.window
    moments = {"go_live": window.live, "settled": window.settled}
    if window.paused is not None:
        moments["paused"] = window.paused
    days = [moment.tz_localize(None).normalize() for moment in moments.values()]
    return pd.DataFrame({"event": list(moments), "day": days})


def _named(cases: Cases, process: str, rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.reset_index(drop=True).copy()
    rows.insert(0, "process", process)
    rows.insert(1, "title", title_of(cases, process))
    return rows


def _all(parts: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
