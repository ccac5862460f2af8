"""Is the system used at all: cases run in it against all orders there were."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from crm_eval_lib.efficiency.cases import AFTER, Cases, title_of
from crm_eval_lib.efficiency.findings import bypass
from crm_eval_lib.efficiency.periods import MONTH, period_of, start_of
from crm_eval_lib.results import (
    CONFIDENCE,
    Caveat,
    Finding,
    Indicator,
    Message,
    Step,
    keyed,
    measured,
    missing_column,
    not_assessed,
)
from crm_eval_lib.scoring import threshold
from crm_eval_lib.stats.intervals import wilson

ID = "efficiency.in_system_share"
SYSTEM = "crm"
FULL_USE = 0.98  # what counts as fully used; below, the orders outside are named
DAYS_A_MONTH = 365.25 / 12
ORDERS, ROWS = "orders", "rows"


@dataclass(frozen=True)
class _Total:
    value: float | None
    tables: tuple[str, ...]
    reason: Message | None = None


def in_system_share(
    cases: Cases,
    processes: tuple[str, ...] | None = None,
    *,
    control_totals: pd.DataFrame | None = None,
    confidence: float = CONFIDENCE,
) -> Step:
    """Compare the cases that ended in the CRM with all orders of the same window.

    Parameters
    ----------
    processes : tuple of str, optional
        Default: all of the roster.
    control_totals : DataFrame or None
        Stands in for ``orders_total_after``: rows of table orders that cover the window exactly.
    cases : Cases
        From `build_cases`.
    confidence : float
        Two-sided level of the intervals, 0.95 by default.

    Returns
    -------
    Step
        ``in_system_share[process]``: cases started after the blackout whose last event is in the
        CRM / all orders. Its table tells the months, among the cases in the log, of the process
        used least, which the headline names, and of the others asked for.

    Examples
    --------
    104 cases ended in the CRM, the ledger has 130 orders:

    >>> from crm_eval_lib.efficiency import example_cases
    >>> in_system_share(example_cases())["efficiency.in_system_share[quote]"].value
    0.8
    """
    names = cases.names(processes)
    indicators: list[Indicator] = []
    findings: list[Finding] = []
    caveats: list[Caveat] = []
    for process in cases.roster.index:
        found = _process(cases, process, control_totals, confidence)
        indicators.append(found)
        if process in names and found.value is not None:
            findings += _bypassed(cases, found)
        if found.parts and found.parts.get("capped"):
            slots = {"process": title_of(cases, process)}
            caveats.append(Caveat(Message("efficiency.caveat.capped_use", slots), (found.id,)))
    if not indicators:
        reason = cases.absent or Message("efficiency.reason.no_process")
        indicators = [not_assessed(ID, "ratio", reason, tables=("events", "processes"))]
    months = _monthly(cases, _drawn(indicators, names))
    return Step(
        "efficiency.in_system_share",
        tuple(indicators),
        months if len(months) else None,
        _said("sentence", indicators, cases),
        _said("headline", indicators, cases),
        Message("efficiency.subtitle.in_system_share") if len(months) else None,
        findings=tuple(findings),
        caveats=tuple(caveats),
    )


def _process(
    cases: Cases, process: str, control_totals: pd.DataFrame | None, confidence: float
) -> Indicator:
    id = keyed(ID, process)
    total = _total(cases, process, control_totals)
    tables = ("events", *total.tables)
    reason = _no_system(cases, process) or total.reason
    if reason is not None:
        return not_assessed(id, "ratio", reason, tables=tables)
    inside = int(cases.of(process, AFTER)["last_system"].eq(SYSTEM).sum())
    orders = total.value
    if inside > orders * (1 + threshold("tie")):
        slots = {"n": inside, "total": orders}
        reason = Message("efficiency.reason.more_than_all", slots)
        return not_assessed(id, "ratio", reason, tables=tables)
    capped = inside > orders
    counted = min(inside, orders)
    low, high = wilson(counted, orders, confidence=confidence)
    parts = {"in_system": inside, "orders": orders, "capped": capped}
    return measured(
        id, counted / orders, "ratio", low=low, high=high, confidence=confidence, n=int(orders),
        tables=tables, parts=parts,
    )  # fmt: skip


def _no_system(cases: Cases, process: str) -> Message | None:
    if cases.absent is None and "system" not in cases.recorded:
        return missing_column("events", "system")
    return cases.why_not(process, AFTER)  # a log that ends before says nothing about use


def _total(cases: Cases, process: str, control_totals: pd.DataFrame | None) -> _Total:
    stated = cases.roster.at[process, "orders_total_after"]
    if pd.notna(stated) and stated > 0:
        return _Total(float(stated), ("processes",))
    if cases.window.live is not None and control_totals is not None and len(control_totals):
        counted = _from_totals(cases, process, control_totals)
        if counted:
            return _Total(counted, ("control_totals",))
    return _Total(None, ("processes",), missing_column("processes", "orders_total_after"))


def _from_totals(cases: Cases, process: str, totals: pd.DataFrame) -> float | None:
    """Orders of the window, where the totals' periods fill it without gap or overlap."""
    first = cases.window.settled.tz_localize(None)
    last = cases.window.now.tz_localize(None) - pd.Timedelta(days=1)
    named = totals["process"].fillna(process if len(cases.roster) == 1 else "").eq(process)
    mine = totals[
        totals["table"].eq(ORDERS) & totals["measure"].eq(ROWS) & named
        & totals["period_start"].ge(first) & totals["period_end"].le(last)
    ]  # fmt: skip
    if "obtained_on" in mine:
        mine = mine[~(mine["obtained_on"] > last)]
    days = ((mine["period_end"] - mine["period_start"]).dt.days + 1).sum()
    return float(mine["total"].sum()) if days == (last - first).days + 1 else None


def _bypassed(cases: Cases, found: Indicator) -> list[Finding]:
    if found.value >= FULL_USE:
        return []
    months = (cases.window.now - cases.window.settled).days / DAYS_A_MONTH
    outside = (found.parts["orders"] - found.parts["in_system"]) / months
    return [bypass(found.key, title_of(cases, found.key), outside, 1 - found.value)]


def _drawn(indicators: list[Indicator], names: tuple[str, ...]) -> tuple[str, ...]:
    """Put the process of which is spoken first, whether or not it was asked for."""
    worst = _worst(indicators)
    return names if worst is None else tuple(dict.fromkeys((worst.key, *names)))


def _monthly(cases: Cases, names: tuple[str, ...]) -> pd.DataFrame:
    columns = ["process", "month", "cases", "in_system", "share"]
    frame = cases.frame
    after = frame[frame["sample"].eq(AFTER) & frame["process"].isin(names)]
    if after.empty or "system" not in cases.recorded:
        return pd.DataFrame(columns=columns)
    month = period_of(after["begun"], MONTH)
    inside: Any = after["last_system"].eq(SYSTEM).fillna(False).astype(float)
    grouped = inside.groupby([after["process"], month.rename("month")])
    table = grouped.agg(["size", "sum", "mean"]).reset_index()
    table = table.set_axis(columns, axis=1)
    place = table["process"].map({name: place for place, name in enumerate(names)})
    table = table.loc[place.sort_values(kind="stable").index].reset_index(drop=True)
    return table.assign(
        month=[start_of(month, MONTH).strftime("%Y-%m") for month in table["month"]],
        title=table["process"].map(lambda name: title_of(cases, name)),
    )


def _said(section: str, indicators: list[Indicator], cases: Cases) -> Message | None:
    worst = _worst(indicators)
    if worst is None:
        return None
    slots = {"process": title_of(cases, worst.key), "value": worst.value, "n": worst.n}
    return Message(f"efficiency.{section}.in_system_share", slots)


def _worst(indicators: list[Indicator]) -> Indicator | None:
    told = [i for i in indicators if i.value is not None]
    return min(told, key=lambda i: i.value) if told else None
