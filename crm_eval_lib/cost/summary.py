"""Cost from one page: planned and actual amount per item, where budget or ledger are missing."""

from typing import Any

import pandas as pd

from crm_eval_lib.cost.labour import (
    CATEGORY,
    RECORDED,
    UNPLANNED,
    labour_caveats,
    labour_tables,
    labour_used,
)
from crm_eval_lib.cost.measure import ratio, unanswered
from crm_eval_lib.cost.money import rate_missing, tax_basis
from crm_eval_lib.cost.records import typed
from crm_eval_lib.results import Caveat, Indicator, Message, Step, keyed, not_assessed

ID = "cost.deviation"
ORIGINAL = f"{ID}_original"
TABLE = "cost_summary"
TABLES = (TABLE,)
ZERO_PLAN = Message("cost.reason.zero_budget")
ON_PLAN = 0.005  # a deviation this small is said to be on plan; it prints as 0.x %
_COLUMNS = {
    "text": ("item_id", "category", "currency", "tax", "basis", "source_document"),
    "dates": ("planned_on", "finished_on"),
    "numbers": ("planned_amount", "actual_amount", "fx_rate", "tax_rate"),
}


def tables_absent(budget: pd.DataFrame | None, actuals: pd.DataFrame | None) -> tuple[str, ...]:
    """Name budget and ledger where they hold no rows: the summary then takes the place of both.

    >>> tables_absent(pd.DataFrame({"line_id": ["A"]}), None)
    ('actuals',)
    """
    pairs = (("budget", budget), ("actuals", actuals))
    return tuple(name for name, frame in pairs if frame is None or frame.empty)


def deviation_of_summary(
    summary: pd.DataFrame,
    *,
    labour: pd.DataFrame | None = None,
    absent: tuple[str, ...] = ("budget", "actuals"),
    dates: Any,
    currency: str,
) -> Step:
    """Compare actual with planned amounts of a summary, in all and by category.

    Parameters
    ----------
    summary : DataFrame
        Table ``cost_summary``.
    labour : DataFrame, optional
        Own labour as `own_labour` prices it; shown beside.
    absent : tuple of str
        The tables it stands in for.

    Returns
    -------
    Step
        ``cost.deviation_original`` = Σ actual / Σ planned − 1 and ``cost.deviation[category]``.
        An item that was not finished by the status date is never under budget: as long as there is
        one, its category and the whole are not assessed. Without a date an item counts as finished
        once the system is live.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> day = pd.Timestamp("2024-06-30")
    >>> dates = SimpleNamespace(go_live=day, status_date=day)
    >>> page = pd.DataFrame({"item_id": ["1"], "category": ["services"], "basis": ["contract"],
    ...                      "planned_amount": [100.0], "actual_amount": [112.0]})
    >>> step = deviation_of_summary(page, dates=dates, currency="CNY")
    >>> round(step["cost.deviation_original"].value, 3)
    0.12
    """
    items = _items(typed(summary, _COLUMNS), dates)
    problem = _problem(items, currency)
    status = dates.status_date.date().isoformat()
    whole = _deviation(ORIGINAL, items, problem, status)
    versions = Message("cost.reason.summary_no_versions")
    found = (
        whole,
        not_assessed(f"{ID}_current", "ratio", versions, n=len(items), tables=TABLES),
        *(_deviation(keyed(ID, name), rows, problem, status)
          for name, rows in items.groupby("category")),
    )  # fmt: skip
    recorded = (items["category"] == CATEGORY).any()
    own = labour_used(labour, RECORDED if recorded else UNPLANNED)
    more = {"caveats": (*_caveats(items, absent), *labour_caveats(own, labour, currency)),
            "tables": {"items": _shown(items), **labour_tables(labour)}}  # fmt: skip
    if whole.value is None:
        return unanswered(ID, found, **more)
    return Step(ID, found, _by_category(items), *_words(items, whole, currency, status), **more)


def _items(rows: pd.DataFrame, dates: Any) -> pd.DataFrame:
    """Add whether an item was finished by the status date; a later actual amount is not seen."""
    live = dates.go_live is not None and dates.go_live <= dates.status_date
    dated = rows["finished_on"].notna()
    finished = (rows["finished_on"] <= dates.status_date).where(dated, live).astype(bool)
    finished &= rows["actual_amount"].notna()
    return rows.assign(finished=finished, actual_amount=rows["actual_amount"].where(finished))


def _problem(items: pd.DataFrame, currency: str) -> Message | None:
    # the table has no rates: rows must be in the client's currency and declared alike for tax
    bare = items.assign(fx_rate=float("nan"), tax_rate=float("nan"))
    if tax_basis(bare) is None:
        return Message("cost.reason.tax_mixed", {"table": TABLE})
    return rate_missing(bare, TABLE, currency)


def _deviation(name: str, items: pd.DataFrame, problem: Message | None, status: str) -> Indicator:
    late = items.loc[~items["finished"], "item_id"].astype(str).tolist()
    if problem is None and late:
        slots = {"n": len(late), "items": late, "status": status}
        problem = Message("cost.reason.summary_unfinished", slots)
    terms = (items["actual_amount"].sum(), items["planned_amount"].sum())
    return ratio(name, terms, less=1.0, zero=ZERO_PLAN, reason=problem, n=len(items),
                 tables=TABLES)  # fmt: skip


def _by_category(items: pd.DataFrame) -> pd.DataFrame:
    sums = items.groupby("category")[["planned_amount", "actual_amount"]].sum()
    sums.columns = ["planned", "actual"]
    table = sums.assign(variance=sums["actual"] - sums["planned"])
    share = (table["variance"] / table["planned"]).where(table["planned"] > 0)
    table = table.assign(deviation_ratio=share).reset_index()
    return table.sort_values("planned", ascending=False, ignore_index=True)


def _shown(items: pd.DataFrame) -> pd.DataFrame:
    """Return the items, the largest differences first."""
    table = items.rename(columns={"planned_amount": "planned", "actual_amount": "actual"})
    table = table.assign(variance=table["actual"] - table["planned"])
    names = ["item_id", "category", "planned", "actual", "variance", "basis", "planned_on",
             "finished_on", "source_document"]  # fmt: skip
    order = table["variance"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order, names].reset_index(drop=True)


def _words(
    items: pd.DataFrame, whole: Indicator, currency: str, status: str
) -> tuple[Message, Message, Message]:
    over = "over" if whole.value > 0 else "under"
    direction = "on_plan" if abs(whole.value) < ON_PLAN else over
    slots = {"final": float(items["actual_amount"].sum()), "deviation": abs(whole.value),
             "planned": float(items["planned_amount"].sum()), "n": len(items), "status": status,
             "currency": currency, "direction": Message(f"cost.word.{direction}")}  # fmt: skip
    return (
        Message("cost.sentence.deviation_summary", slots),
        Message(f"cost.headline.deviation_{direction}", slots),
        Message("cost.subtitle.deviation_summary", slots),
    )


def _caveats(items: pd.DataFrame, absent: tuple[str, ...]) -> tuple[Caveat, ...]:
    """Say what a summary cannot tell, and what was assumed about tax."""
    slots = {"tables": list(absent), "n": len(items)}
    found = [Caveat(Message("cost.caveat.summary_used", slots), (ORIGINAL,), tables=TABLES)]
    if items["tax"].isna().all():
        message = Message("cost.caveat.summary_tax_unknown")
        found.append(Caveat(message, (ORIGINAL,), tables=TABLES))
    return tuple(found)
