"""Own labour by estimate, where neither timesheets nor a summary record it."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from crm_eval_lib.calendar import BusinessCalendar
from crm_eval_lib.cost.project import Project
from crm_eval_lib.cost.records import typed
from crm_eval_lib.results import Caveat, Message

TABLE = "labour_estimate"
CATEGORY = "internal_labour"
TIMESHEET = "timesheet"
DEVIATION = "cost.deviation_original"
MINUTES_AN_HOUR = 60
_COLUMNS = {
    "text": ("role", "method"),
    "numbers": ("persons", "weeks", "share_of_time", "hourly_cost", "hours_low", "hours_high"),
}
INCLUDED, RECORDED, UNPLANNED, OPEN = "included", "recorded", "unplanned", "open"


@dataclass(frozen=True)
class OwnLabour:
    """What the estimate adds to the final cost: amount and bounds, and how it is used."""

    amount: float = 0.0
    low: float | None = None
    high: float | None = None
    use: str | None = None

    @property
    def included(self) -> bool:
        """Whether the estimate is part of the final cost."""
        return self.use == INCLUDED


NO_LABOUR = OwnLabour()


def week_hours(calendar: Any) -> float:
    """Return the working hours of an ordinary week of the client's calendar.

    Parameters
    ----------
    calendar : Calendar or mapping
        ``calendar`` of client.yml; holidays and overrides do not change an ordinary week.

    >>> week_hours({"days": ["mon", "tue", "wed", "thu", "fri"], "hours": ["09:00-12:00",
    ...                                                                    "13:00-18:00"]})
    40.0
    """
    clock = BusinessCalendar.from_config(calendar, "UTC")
    minutes = sum(closes - opens for opens, closes in clock.windows)
    return len(clock.weekdays) * minutes / MINUTES_AN_HOUR


def own_labour(labour_estimate: pd.DataFrame | None, *, week_hours: float) -> pd.DataFrame | None:
    """Price own labour role by role.

    Parameters
    ----------
    labour_estimate : DataFrame or None
        Table of the data dictionary. ``hours_low`` and ``hours_high`` are the lowest and highest
        plausible hours of the row in all: all its persons over all its weeks.
    week_hours : float
        Working hours of a week, see `week_hours`.

    Returns
    -------
    DataFrame or None
        Per role its hours = persons × weeks × share of time × hours a week, the amount = hours ×
        hourly cost, and ``amount_low`` and ``amount_high`` from the plausible hours, widened where
        they do not enclose the hours; empty where the row gives none.

    Examples
    --------
    >>> rows = pd.DataFrame({"role": ["clerk"], "persons": [2], "weeks": [10],
    ...                      "share_of_time": [0.25], "hourly_cost": [100.0], "hours_low": [150]})
    >>> own_labour(rows, week_hours=40.0)[["hours", "amount", "amount_low"]].iloc[0].tolist()
    [200.0, 20000.0, 15000.0]
    """
    if labour_estimate is None or labour_estimate.empty:
        return None
    rows = typed(labour_estimate, _COLUMNS)
    hours = rows["persons"] * rows["weeks"] * rows["share_of_time"] * week_hours
    given = rows[["hours_low", "hours_high"]]
    outside = (given.min(axis=1) > hours) | (given.max(axis=1) < hours)
    low = given.assign(hours=hours).min(axis=1).where(given["hours_low"].notna())
    high = given.assign(hours=hours).max(axis=1).where(given["hours_high"].notna())
    rate = rows["hourly_cost"]
    priced = rows.assign(
        hours=hours, amount=hours * rate, amount_low=low * rate, amount_high=high * rate,
        outside=outside | (given["hours_low"] > given["hours_high"]),
    )  # fmt: skip
    return priced.dropna(subset="amount").sort_values("amount", ascending=False, ignore_index=True)


def labour_of(project: Project, labour: pd.DataFrame | None) -> OwnLabour:
    """Decide how the estimate is used beside budget and ledger.

    It joins the final cost only where the budget plans own labour and the ledger records none:
    then the two sides would not speak of the same work without it. It does not join the forecast
    of an open project, which rests on the cost booked so far.
    """
    planned = project.original.loc[project.original["category"] == CATEGORY, "money"].sum() > 0
    costs = project.costs
    recorded = ((costs["kind"] == TIMESHEET) | (costs["category"] == CATEGORY)).any()
    if recorded:
        return labour_used(labour, RECORDED)
    if not planned:
        return labour_used(labour, UNPLANNED)
    return labour_used(labour, INCLUDED if project.closed else OPEN)


def labour_used(labour: pd.DataFrame | None, use: str) -> OwnLabour:
    """Add up the roles; without bounds of every role the sum has none."""
    if labour is None or labour.empty:
        return NO_LABOUR
    bounds = [
        float(labour[name].sum()) if labour[name].notna().all() else None
        for name in ("amount_low", "amount_high")
    ]
    if None in bounds:
        bounds = [None, None]
    return OwnLabour(float(labour["amount"].sum()), *bounds, use)


def labour_tables(labour: pd.DataFrame | None) -> dict[str, pd.DataFrame]:
    """Return the priced roles as a table to show, if there are any."""
    if labour is None or labour.empty:
        return {}
    return {"own_labour": labour.drop(columns="outside")}


def labour_sentence(own: OwnLabour, currency: str) -> Message | None:
    """Say how much of the final cost is estimated, or return None."""
    if not own.included:
        return None
    name = "labour_included" if own.low is None else "labour_included_range"
    slots = {"amount": own.amount, "low": own.low, "high": own.high, "currency": currency}
    return Message(f"cost.sentence.{name}", slots)


def labour_caveats(
    own: OwnLabour, labour: pd.DataFrame | None, currency: str
) -> tuple[Caveat, ...]:
    """Say what was done with the estimate, and which roles make its interval doubtful."""
    if own.use is None:
        return ()
    slots = {"amount": own.amount, "currency": currency}
    found = [Caveat(Message(f"cost.caveat.labour_{own.use}", slots), (DEVIATION,),
                    bias=own.use == OPEN, tables=(TABLE,))]  # fmt: skip
    without = labour[["amount_low", "amount_high"]].isna().any(axis=1)
    for name, mask in (("no_range", without), ("outside", labour["outside"])):
        if mask.any():
            roles = labour.loc[mask, "role"].fillna("").astype(str).tolist()
            about = {"n": len(roles), "roles": roles}
            found.append(Caveat(Message(f"cost.caveat.labour_{name}", about), (DEVIATION,),
                                tables=(TABLE,)))  # fmt: skip
    return tuple(found)
