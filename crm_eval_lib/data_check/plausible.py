"""Step 3: dates that cannot be right, and whether the project is over."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from crm_eval_lib.data_check.rows import after, before, placed, shown, stacked, usable
from crm_eval_lib.data_check.rules import (
    DATE_ORDERS,
    LATER_DATES,
    PROJECT_LATER_DATES,
    PROJECT_TABLES,
    RECORD_DATES,
    DateOrder,
)
from crm_eval_lib.results import Caveat, Message, Step, measured

COLUMNS = ["check", "table_name", "column_name", "compared_name", "rows", "odd", "odd_share"]


@dataclass(frozen=True)
class _Oddity:
    """Rows of one table that fail one check."""

    check: str
    table: str
    column: str
    compared_with: str
    frame: pd.DataFrame
    mask: pd.Series
    slots: Mapping[str, Any]
    indicators: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        return int(self.mask.sum())

    def caveat(self) -> Caveat:
        """Say what goes on, with count, keys and consequence."""
        slots = {
            "table": self.table,
            "column": self.column,
            "n": self.count,
            "rows": len(self.frame),
            "examples": shown(self.frame, self.table, self.mask, self.column),
            **self.slots,
        }
        message = Message(f"data_check.caveat.{self.check}", slots)
        return Caveat(message, indicators=self.indicators, tables=(self.table,))


def plausibility(tables: Mapping[str, pd.DataFrame | None], *, dates: Any, timezone: str) -> Step:
    """Look for dates after the status date, before the project, or in the wrong order.

    Parameters
    ----------
    tables : mapping of str to DataFrame
    dates : Dates
        project_start, go_live and status_date of the client.
    timezone : str
        Zone in which days begin and end.

    Returns
    -------
    Step
        ``odd_dates``: rows concerned. Table: one row per check that some rows fail: table, column,
        what it was compared with, rows, how many and which share.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> dates = SimpleNamespace(project_start=None, go_live=None,
    ...                         status_date=pd.Timestamp("2024-12-31"))
    >>> paid = pd.DataFrame({"txn_id": ["1", "2"],
    ...                      "incurred_on": pd.to_datetime(["2024-05-01", "2025-05-01"])})
    >>> step = plausibility({"actuals": paid}, dates=dates, timezone="UTC")
    >>> step["data_check.odd_dates"].value
    1
    """
    checks = [*_days(tables, dates, timezone), *_orders(tables)]
    odd = [item for item in checks if item.count]
    open_project = _open_project(dates)
    slots = {"n": sum(item.count for item in odd), "checks": len(checks)}
    name = "odd_dates" if odd else "no_odd_dates"
    return Step(
        "data_check.plausibility",
        (measured("data_check.odd_dates", slots["n"], "count"),),
        table=pd.DataFrame([_row(item) for item in odd], columns=COLUMNS),
        sentence=Message(f"data_check.sentence.{name}", slots),
        headline=Message(f"data_check.headline.{name}", slots),
        subtitle=Message("data_check.subtitle.plausibility"),
        caveats=(*open_project, *(item.caveat() for item in odd)),
        tables=stacked([placed(i.frame, i.table, i.mask, i.column, i.check) for i in odd]),
    )


def _days(
    tables: Mapping[str, pd.DataFrame | None], dates: Any, timezone: str
) -> Iterator[_Oddity]:
    """Check record dates and later dates against the status date and the project's start."""
    later = [(table, name) for table, names in LATER_DATES.items() for name in names]
    if dates.status_date is not None:
        day = dates.status_date
        for check, places in (("after_status", RECORD_DATES.items()), ("not_yet", later)):
            yield from _against(tables, check, places, day, timezone)
    if dates.project_start is not None:
        project = [(table, RECORD_DATES[table]) for table in PROJECT_TABLES]
        places = [*project, *PROJECT_LATER_DATES]
        yield from _against(tables, "before_project", places, dates.project_start, timezone)


def _against(
    tables: Mapping[str, pd.DataFrame | None],
    check: str,
    places: Iterable[tuple[str, str]],
    day: pd.Timestamp,
    timezone: str,
) -> Iterator[_Oddity]:
    outside = before if check == "before_project" else after
    for table, column in places:
        frame = usable(tables, table, column)
        if frame is not None:
            mask = outside(frame[column], day, timezone).fillna(False)
            shown = f"{day:%Y-%m-%d}"
            yield _Oddity(check, table, column, shown, frame, mask, {"day": shown})


def _orders(tables: Mapping[str, pd.DataFrame | None]) -> Iterator[_Oddity]:
    for rule in DATE_ORDERS:
        frame = usable(tables, rule.table, rule.earlier, rule.later)
        if frame is not None:
            mask = frame[rule.later] < frame[rule.earlier]
            yield _order(rule, frame, mask)


def _order(rule: DateOrder, frame: pd.DataFrame, mask: pd.Series) -> _Oddity:
    consequence = Message(f"data_check.consequence.{rule.consequence}")
    slots = {"later": rule.later, "earlier": rule.earlier, "consequence": consequence}
    return _Oddity(
        "wrong_order", rule.table, rule.later, rule.earlier, frame, mask, slots, rule.indicators
    )


def _open_project(dates: Any) -> list[Caveat]:
    """A project without go-live on the status date is judged while it runs."""
    if dates.status_date is None:
        return []
    if dates.go_live is not None and dates.go_live <= dates.status_date:
        return []
    slots = {"day": f"{dates.status_date:%Y-%m-%d}"}
    return [Caveat(Message("data_check.caveat.open_project", slots))]


def _row(item: _Oddity) -> dict[str, object]:
    return {
        "check": item.check,
        "table_name": item.table,
        "column_name": item.column,
        "compared_name": item.compared_with,
        "rows": len(item.frame),
        "odd": item.count,
        "odd_share": item.count / len(item.frame),
    }
