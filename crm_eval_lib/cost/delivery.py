"""Was the promised scope delivered, and what did the delivered scope cost."""

from typing import Any

import pandas as pd

from crm_eval_lib.cost.baseline import known_by
from crm_eval_lib.cost.measure import AGREED_DATE, PROJECT_OWNER, ratio, severity, unanswered
from crm_eval_lib.cost.project import Project, read_project
from crm_eval_lib.cost.records import typed
from crm_eval_lib.cost.schedule import EVEN_WEIGHT
from crm_eval_lib.cost.spending import committed_amount
from crm_eval_lib.results import Action, Caveat, Finding, Indicator, Message, Step, missing_table

ID = "cost.delivery"
WHOLE = 1.0
SHORTFALL_LIMITS = (0.05, 0.20, 0.40)  # undelivered shares from which a finding weighs more
ZERO_SCOPE = Message("cost.reason.zero_scope")
_SCOPE = {
    "text": ("item_id", "title", "original", "supplier"),
    "dates": ("decided_on",),
    "numbers": ("weight", "delivered"),
}


def delivery(
    scope: pd.DataFrame | None,
    budget: pd.DataFrame | None = None,
    actuals: pd.DataFrame | None = None,
    *,
    changes: pd.DataFrame | None = None,
    progress: pd.DataFrame | None = None,
    dates: Any,
    currency: str,
) -> Step:
    """Measure the delivered share of the original scope, and the overrun on what was delivered.

    Parameters
    ----------
    scope, budget, actuals, changes, progress : DataFrame or None
        Tables of the data dictionary; without the cost tables only what was delivered is told.
    dates : object
        Has ``go_live`` and ``status_date``.
    currency : str
        The client's.

    Returns
    -------
    Step
        ``cost.scope_delivered`` = Σ weight × delivered / Σ weight over original items;
        ``cost.scope_adjusted`` = (final cost / original budget) / scope delivered − 1.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> dates = SimpleNamespace(go_live=None, status_date=pd.Timestamp("2024-12-31"))
    >>> items = pd.DataFrame({"item_id": ["1", "2"], "title": ["Quotes", "Mail"],
    ...                       "weight": [3, 1], "delivered": [1.0, 0.2]})
    >>> delivery(items, dates=dates, currency="CNY")["cost.scope_delivered"].value
    0.8
    """
    project = read_project(
        budget, actuals, changes=changes, progress=progress, dates=dates, currency=currency
    )
    items = known_by(typed(scope, _SCOPE), "decided_on", dates.status_date)
    items = items.loc[items["original"] != "no"]  # not recorded: every item is an original one
    items = items.assign(weight=items["weight"].fillna(EVEN_WEIGHT))
    delivered = _delivered(items)
    found = (delivered, _adjusted(project, delivered))
    if delivered.value is None:
        return unanswered(ID, found)
    table = _table(items)
    short = table.loc[table["delivered_share"] < WHOLE]
    slots = {"share": delivered.value, "missing": 1 - delivered.value, "n": len(short),
             "items": len(table)}  # fmt: skip
    return Step(
        ID, found, table, Message("cost.sentence.delivery", slots),
        Message("cost.headline.delivery", slots), Message("cost.subtitle.delivery", slots),
        findings=_shortfall(project, short, delivered.value), caveats=_caveats(items),
    )  # fmt: skip


def _delivered(items: pd.DataFrame) -> Indicator:
    weight = items["weight"].sum()
    done = (items["weight"] * items["delivered"]).sum()
    return ratio(
        "cost.scope_delivered", (done, weight), zero=Message("cost.reason.zero_weight"),
        reason=missing_table("scope") if items.empty else None, n=len(items), tables=("scope",),
    )  # fmt: skip


def _adjusted(project: Project, delivered: Indicator) -> Indicator:
    final, reason = project.final_cost()
    reason = project.original_problem or reason or delivered.reason
    cost_share = 0.0 if reason else final / project.original_total
    tables = project.tables("budget", "actuals", "scope", "progress")
    return ratio(
        "cost.scope_adjusted", (cost_share, delivered.value or 0.0), less=1.0, zero=ZERO_SCOPE,
        reason=reason, n=delivered.n, tables=tables,
    )  # fmt: skip


def _caveats(items: pd.DataFrame) -> tuple[Caveat, ...]:
    """Say that every item was taken for an original one where the column is not recorded."""
    if items["original"].notna().any():
        return ()
    ids = ("cost.scope_delivered", "cost.scope_adjusted")
    return (Caveat(Message("cost.caveat.original_unknown"), ids, tables=("scope",)),)


def _table(items: pd.DataFrame) -> pd.DataFrame:
    """Return the items with what is missing of each, most missing weight first."""
    table = items.rename(columns={"delivered": "delivered_share"})
    table = table[["item_id", "title", "weight", "delivered_share", "supplier"]]
    table = table.assign(missing_weight=table["weight"] * (1 - table["delivered_share"]))
    return table.sort_values(
        ["missing_weight", "item_id"], ascending=[False, True], ignore_index=True
    )


def _shortfall(project: Project, short: pd.DataFrame, delivered: float) -> tuple[Finding, ...]:
    if short.empty:
        return ()
    committed = committed_amount(project)
    suppliers = short["supplier"].dropna().unique().tolist()
    slots = {
        "n": len(short), "share": 1 - delivered, "owner": PROJECT_OWNER, "date": AGREED_DATE,
        "supplier": ", ".join(suppliers) if suppliers else Message("cost.word.supplier"),
        "amount": committed.value, "currency": project.currency,
    }  # fmt: skip
    key = "scope_shortfall" if committed.value else "scope_shortfall_unknown"
    action = Action(
        "cost.scope_shortfall", Message(f"cost.action.{key}", slots), size=1 - delivered,
        size_unit="ratio",
    )  # fmt: skip
    said = Message("cost.finding.scope_shortfall", {"n": len(short), "share": 1 - delivered})
    return (
        Finding(
            "cost.scope_shortfall", "cost", "cost.scope_delivered",
            severity(1 - delivered, SHORTFALL_LIMITS), said,
            tuple(("scope", str(key)) for key in short["item_id"]), action,
        ),
    )  # fmt: skip
