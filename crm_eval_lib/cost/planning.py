"""Was the project planned before it began: scope, dates and the money for its parts."""

from typing import Any

import pandas as pd

from crm_eval_lib.cost.baseline import known_by, original_lines
from crm_eval_lib.cost.measure import unanswered
from crm_eval_lib.cost.records import typed
from crm_eval_lib.results import (
    Indicator,
    Message,
    Step,
    measured,
    missing_column,
    missing_table,
    not_assessed,
)

ID = "cost.planning"
INDICATOR = "cost.baseline_complete"
PART_CATEGORIES = {
    "hardware": ("hardware", "infrastructure"),
    "software": ("software", "licence", "subscription"),
    "services": ("services", "internal_labour"),
}
PARTS = ("scope", "dates", *PART_CATEGORIES)
FIXED, OPEN, UNKNOWN, NOT_NEEDED = "fixed", "open", "unknown", "not_needed"
_BUDGET = {
    "text": ("line_id", "category"),
    "dates": ("approved_on", "planned_start", "planned_finish"),
    "numbers": ("version",),
}
_SCOPE = {"text": ("item_id", "original"), "dates": ("decided_on",), "numbers": ()}


def planning(
    budget: pd.DataFrame | None,
    scope: pd.DataFrame | None,
    *,
    dates: Any,
    not_needed: tuple[str, ...] = (),
) -> Step:
    """Count which of five parts of the plan were fixed and approved when the project began.

    Parameters
    ----------
    budget, scope : DataFrame or None
        Tables of the data dictionary.
    dates : object
        ``project_start`` and ``status_date``.
    not_needed : tuple of str
        Parts this project does without: scope, dates, hardware, software, services.

    Returns
    -------
    Step
        ``cost.baseline_complete``: scope (every original item decided), dates (both planned dates
        on every version-0 line, the line approved), hardware with infrastructure, software or
        licence or subscription, services or own labour (every such line approved), each on or
        before the start. Where a part cannot be seen: not assessed, with bounds.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> day = pd.Timestamp("2024-01-08")
    >>> dates = SimpleNamespace(project_start=day, status_date=day)
    >>> items = pd.DataFrame({"item_id": ["1"], "decided_on": ["2024-01-02"]})
    >>> plan = pd.DataFrame({"line_id": ["A"], "category": ["hardware"],
    ...                      "approved_on": ["2024-01-05"], "planned_start": ["2024-02-01"],
    ...                      "planned_finish": ["2024-02-20"]})
    >>> planning(plan, items, dates=dates, not_needed=("software",))["cost.baseline_complete"].value
    0.75
    """
    day = dates.status_date
    lines = known_by(typed(budget, _BUDGET), "approved_on", day)
    lines = original_lines(lines.assign(version=lines["version"].fillna(0)))
    items = known_by(typed(scope, _SCOPE), "decided_on", day)
    items = items.loc[items["original"] != "no"]
    start = dates.project_start
    parts = [_scope_part(items, start), _dates_part(lines, start)]
    parts += [_money_part(name, lines, start) for name in PART_CATEGORIES]
    table = pd.DataFrame(parts, columns=["part", "state", "items", "late"])
    table.loc[table["part"].isin(not_needed), "state"] = NOT_NEEDED
    found = (_share(table, _gap(lines, items, start)),)
    if table["state"].eq(UNKNOWN).all() or found[0].n == 0:
        return unanswered(ID, found)
    return Step(ID, found, table, *_words(table, found[0], start))


def _scope_part(items: pd.DataFrame, start: Any) -> tuple[str, str, int, int]:
    late = int((~(items["decided_on"] <= start)).sum()) if start is not None else 0
    unknown = start is None or items["decided_on"].isna().all()
    return ("scope", _state(unknown, len(items) > 0 and late == 0), len(items), late)


def _dates_part(lines: pd.DataFrame, start: Any) -> tuple[str, str, int, int]:
    planned = lines[["planned_start", "planned_finish"]]
    approved = lines["approved_on"] <= start if start is not None else False
    late = int((~(planned.notna().all(axis=1) & approved)).sum())
    unknown = start is None or planned.isna().all().any() or lines["approved_on"].isna().all()
    return ("dates", _state(unknown, late == 0), len(lines), late)


def _money_part(name: str, lines: pd.DataFrame, start: Any) -> tuple[str, str, int, int]:
    mine = lines.loc[lines["category"].isin(PART_CATEGORIES[name])]
    late = int((~(mine["approved_on"] <= start)).sum()) if start is not None else 0
    # without any line the part was not planned; without any approval nobody wrote them down
    unknown = start is None or lines["approved_on"].isna().all()
    return (name, _state(unknown, len(mine) > 0 and late == 0), len(mine), late)


def _state(unknown: bool, fixed: bool) -> str:
    if unknown:
        return UNKNOWN
    return FIXED if fixed else OPEN


def _gap(lines: pd.DataFrame, items: pd.DataFrame, start: Any) -> Message:
    """Say what keeps a part from being seen."""
    if start is None:
        return Message("cost.reason.no_date", {"date": "project_start"})
    absent = [name for name, rows in (("budget", lines), ("scope", items)) if rows.empty]
    if absent:
        return missing_table(*absent)
    columns = ("approved_on", "planned_start", "planned_finish")
    missing = [column for column in columns if lines[column].isna().all()]
    return missing_column("budget", *missing) if missing else missing_column("scope", "decided_on")


def _share(table: pd.DataFrame, gap: Message) -> Indicator:
    counts = table["state"].value_counts()
    needed = len(table) - int(counts.get(NOT_NEEDED, 0))
    fixed, unknown = int(counts.get(FIXED, 0)), int(counts.get(UNKNOWN, 0))
    more = {"n": needed, "tables": ("budget", "scope")}
    if needed == 0:
        return not_assessed(INDICATOR, "ratio", Message("cost.reason.no_part_needed"), **more)
    if unknown:
        bounds = {"low": fixed / needed, "high": (fixed + unknown) / needed}
        bounds = {} if unknown == needed else bounds
        return not_assessed(INDICATOR, "ratio", gap, **bounds, **more)
    return measured(INDICATOR, fixed / needed, "ratio", **more)


def _words(table: pd.DataFrame, share: Indicator, start: Any) -> tuple[Message, Message, Message]:
    fixed = int((table["state"] == FIXED).sum())
    missing = table.loc[table["state"] == OPEN, "part"]
    names = [Message(f"cost.part.{part}") for part in missing]
    slots = {"fixed": fixed, "needed": share.n, "parts": names, "n": len(names),
             "start": start.date().isoformat() if start is not None else None}  # fmt: skip
    if share.value is None:
        said = Message("cost.sentence.not_assessed", {"reason": share.reason})
    else:
        said = Message(f"cost.sentence.planning{'_open' if names else ''}", slots)
    headline = Message("cost.headline.planning", slots)
    return said, headline, Message("cost.subtitle.planning", slots)
