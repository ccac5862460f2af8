"""What the project cost against what was planned, in all and by category."""

from typing import Any

import pandas as pd

from crm_eval_lib.cost.labour import (
    CATEGORY,
    OwnLabour,
    labour_caveats,
    labour_of,
    labour_sentence,
    labour_tables,
)
from crm_eval_lib.cost.labour import TABLE as LABOUR_TABLE
from crm_eval_lib.cost.measure import ratio, unanswered
from crm_eval_lib.cost.project import Project, read_project
from crm_eval_lib.cost.summary import ON_PLAN, deviation_of_summary, tables_absent
from crm_eval_lib.cost.summary import TABLE as SUMMARY_TABLE
from crm_eval_lib.cost.timeline import earned_by_line
from crm_eval_lib.results import Caveat, Indicator, Message, Step, keyed

ID = "cost.deviation"
LOOSE_SHARE = 0.02  # of the cost without a category, from which categories cannot be compared
UNASSIGNED = "unassigned"
ZERO_BUDGET = Message("cost.reason.zero_budget")


def deviation(
    budget: pd.DataFrame | None,
    actuals: pd.DataFrame | None,
    *,
    changes: pd.DataFrame | None = None,
    progress: pd.DataFrame | None = None,
    summary: pd.DataFrame | None = None,
    labour: pd.DataFrame | None = None,
    dates: Any,
    currency: str,
) -> Step:
    """Compare the final cost with the original budget, the current one, and by category.

    Parameters
    ----------
    budget, actuals, changes, progress : DataFrame or None
        Tables of the data dictionary.
    summary : DataFrame, optional
        Table ``cost_summary``; used as a whole where budget or actuals are missing.
    labour : DataFrame, optional
        Own labour as `own_labour` prices it. It joins the final cost of a finished project where
        the budget plans own labour and the ledger records none; else it is shown beside.
    dates : object
        ``project_start``, ``go_live``, ``status_date`` … of the client.
    currency : str
        The client's currency.

    Returns
    -------
    Step
        ``cost.deviation_original`` = final cost / Σ version 0 − 1, ``cost.deviation_current``
        against the newest version and the changes approved after it, ``cost.deviation[category]``
        on version 0. The final cost of an open project is its estimate at completion.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> day = pd.Timestamp
    >>> dates = SimpleNamespace(go_live=day("2024-06-30"), status_date=day("2024-12-31"))
    >>> plan = pd.DataFrame({"line_id": ["A"], "category": ["services"], "amount": [100.0]})
    >>> paid = pd.DataFrame({"txn_id": ["1"], "line_id": ["A"], "incurred_on": ["2024-05-01"],
    ...                      "amount": [112.0], "kind": ["invoice"]})
    >>> step = deviation(plan, paid, dates=dates, currency="CNY")
    >>> round(step["cost.deviation_original"].value, 3)
    0.12
    """
    absent = tables_absent(budget, actuals)
    if absent and summary is not None and not summary.empty:
        return deviation_of_summary(
            summary, labour=labour, absent=absent, dates=dates, currency=currency
        )
    project = read_project(
        budget, actuals, changes=changes, progress=progress, dates=dates, currency=currency
    )
    own = labour_of(project, labour)
    tables = (*project.tables("budget", "actuals", "progress"), *_labour_table(own))
    final, reason = project.final_cost()
    final = None if final is None else final + own.amount * own.included
    totals = (project.original_total, _current_total(project))
    current_tables = (*tables, *project.tables("changes"))
    original = _whole(
        "original", (final, totals[0], own), project.original_problem or reason, tables, project
    )
    current = _whole("current", (final, totals[1], own), reason, current_tables, project)
    categories, table = _by_category(project, own, tables)
    found = (original, current, *categories)
    more = {
        "caveats": (*_caveats(project, summary), *labour_caveats(own, labour, currency)),
        "tables": labour_tables(labour),
    }
    if original.value is None:
        return unanswered(ID, found, **more)
    return Step(
        ID, found, table, _sentence(project, final, own), _headline(project, original.value),
        _subtitle(project), **more,
    )  # fmt: skip


def _whole(
    name: str,
    terms: tuple[float | None, float, OwnLabour],
    reason: Message | None,
    tables: tuple[str, ...],
    project: Project,
) -> Indicator:
    """Return final cost / budget − 1, with bounds where part of the cost is estimated."""
    final, budget, own = terms
    bounds = {} if reason or budget <= 0 else _bounds(final, budget, own)
    return ratio(
        f"{ID}_{name}", (final or 0.0, budget), less=1.0, zero=ZERO_BUDGET, reason=reason,
        n=len(project.costs), tables=tables, **bounds,
    )  # fmt: skip


def _bounds(final: float, budget: float, own: OwnLabour) -> dict[str, Any]:
    """Return the deviation at the lowest and highest plausible own labour; no confidence level."""
    if not own.included or own.low is None:
        return {}
    without = final - own.amount
    ends = {name: (without + getattr(own, name)) / budget - 1 for name in ("low", "high")}
    return {**ends, "confidence": None}


def _labour_table(own: OwnLabour) -> tuple[str, ...]:
    return (LABOUR_TABLE,) if own.included else ()


def _current_total(project: Project) -> float:
    return 0.0 if project.baseline is None else project.baseline.total


def _by_category(
    project: Project, own: OwnLabour, tables: tuple[str, ...]
) -> tuple[list[Indicator], pd.DataFrame]:
    """Return one indicator per category of version 0 or of the ledger, and the table of them."""
    planned = project.original.groupby("category")["money"].sum()
    final, problems = _final_by_category(project)
    if own.included:
        final = final.add(pd.Series({CATEGORY: own.amount}), fill_value=0.0)
    mine = tuple(name for name in tables if name != LABOUR_TABLE)
    names = sorted(set(planned.index) | set(final.index))
    table = pd.DataFrame({"category": names})
    table["planned"] = planned.reindex(names).fillna(0.0).to_numpy()
    table["actual"] = final.reindex(names).to_numpy()
    table["variance"] = table["actual"] - table["planned"]
    known = table["planned"].gt(0) & ~table["category"].isin(list(problems))
    table["deviation_ratio"] = (table["variance"] / table["planned"]).where(known)
    reasons = _change_reasons(project)
    table["reason"] = [reasons.get(name) for name in names]
    counts = project.costs["category"].value_counts()
    found = [
        ratio(
            keyed(ID, row.category), (row.actual, row.planned), less=1.0, zero=ZERO_BUDGET,
            reason=project.original_problem or problems.get(row.category),
            n=int(counts.get(row.category, 0)),
            **_category_evidence(row, own, tables if row.category == CATEGORY else mine),
        )
        for row in table.itertuples()
    ]  # fmt: skip
    table = table.sort_values("planned", ascending=False, ignore_index=True)
    return found, pd.concat([table, _unassigned(project)], ignore_index=True)


def _category_evidence(row: Any, own: OwnLabour, tables: tuple[str, ...]) -> dict[str, Any]:
    """Return the tables behind a category, and its bounds where it is estimated."""
    estimated = LABOUR_TABLE in tables and row.planned > 0
    return {"tables": tables, **(_bounds(row.actual, row.planned, own) if estimated else {})}


def _unassigned(project: Project) -> pd.DataFrame:
    """Return a row for cost that has neither a budget line nor a category, if there is any."""
    amount = project.costs.loc[project.costs["category"].isna(), "money"].sum()
    row = {"category": UNASSIGNED, "planned": 0.0, "actual": amount, "variance": amount}
    return pd.DataFrame([row] if amount else [])


def _final_by_category(project: Project) -> tuple[pd.Series, dict[str, Message]]:
    """Return the final cost per category, and why a category has none.

    In an open project every category is forecast on its own: its budget × its actual / its earned.
    """
    actual = project.costs.groupby("category")["money"].sum()
    every = set(actual.index) | set(project.original["category"])
    loose = _loose_share(project)
    if loose > LOOSE_SHARE:
        reason = Message("cost.reason.unassigned_cost", {"share": loose})
        return actual.reindex(sorted(every)), dict.fromkeys(every, reason)
    if project.closed:
        # nothing spent on a planned category is a fact here, not a gap
        return actual.reindex(sorted(every)).fillna(0.0), {}
    open_reason = project.final_cost()[1]
    if open_reason is not None:
        return actual * float("nan"), dict.fromkeys(every, open_reason)
    forecast = _forecast_by_category(project, actual)
    missing = Message("cost.reason.no_forecast")
    return forecast, dict.fromkeys(every - set(forecast.dropna().index), missing)


def _loose_share(project: Project) -> float:
    """Return which share of the amounts spent has neither a budget line nor a category."""
    amounts = project.costs["money"].abs()
    loose = amounts[project.costs["category"].isna()].sum()
    return float(loose / amounts.sum()) if amounts.sum() else 0.0


def _forecast_by_category(project: Project, actual: pd.Series) -> pd.Series:
    lines, day = project.baseline.lines, pd.DatetimeIndex([project.status_date])
    of_line = lines.index.map(project.line_categories)
    earned = earned_by_line(project.baseline, project.shares, day).iloc[0].groupby(of_line).sum()
    budget = lines["bac"].groupby(of_line).sum()
    forecast = budget * actual / earned.where(earned > 0)
    return forecast.where(forecast > 0)


def _change_reasons(project: Project) -> dict[str, str]:
    """Return per category the reason of the changes that moved most money, where one is given."""
    changes = project.changes
    of_line = changes["line_id"].astype("str").map(project.line_categories)
    moved = changes["amount"].abs().groupby([of_line, changes["reason"]], observed=True).sum()
    largest = moved.groupby(level=0).idxmax()
    return {category: str(reason) for category, reason in largest}


def _sentence(project: Project, final: float, own: OwnLabour) -> Message:
    planned = project.original_total
    name = "closed" if project.closed else "open"
    slots = {"final": final, "planned": planned, "deviation": abs(final / planned - 1),
             "currency": project.currency, "status": project.status_date.date().isoformat(),
             "direction": Message(f"cost.word.{_direction(final / planned - 1)}")}  # fmt: skip
    said = Message(f"cost.sentence.deviation_{name}", slots)
    labour = labour_sentence(own, project.currency)
    both = Message("cost.sentence.deviation_with_labour", {"said": said, "labour": labour})
    return said if labour is None else both


def _headline(project: Project, value: float) -> Message:
    name = _direction(value) if project.closed else f"{_direction(value)}_open"
    return Message(f"cost.headline.deviation_{name}", {"deviation": abs(value)})


def _direction(value: float) -> str:
    if abs(value) < ON_PLAN:
        return "on_plan"
    return "over" if value > 0 else "under"


def _subtitle(project: Project) -> Message:
    return Message(
        "cost.subtitle.deviation" if project.closed else "cost.subtitle.deviation_open",
        {"status": project.status_date.date().isoformat(), "currency": project.currency},
    )


def _counted_twice(project: Project) -> list[Caveat]:
    """Say that changes may be part of a newest version that has no day of approval."""
    if project.baseline is None or not project.baseline.version:
        return []
    newest = project.budget.loc[project.budget["version"] == project.baseline.version]
    changes = project.changes.loc[project.changes["approved_on"].notna()]
    if newest["approved_on"].notna().any() or changes.empty:
        return []
    slots = {"version": int(project.baseline.version), "n": len(changes),
             "amount": float(changes["amount"].sum()), "currency": project.currency}  # fmt: skip
    message = Message("cost.caveat.version_undated", slots)
    return [Caveat(message, (f"{ID}_current",), bias=True, tables=("budget", "changes"))]


def _caveats(project: Project, summary: pd.DataFrame | None) -> tuple[Caveat, ...]:
    """Say what was assumed about tax, what was taken for running cost, and what was not used."""
    found = []
    if summary is not None and not summary.empty:
        found.append(Caveat(Message("cost.caveat.summary_ignored"), (), tables=(SUMMARY_TABLE,)))
    every = pd.concat([project.budget["tax"], project.all_costs["tax"]])
    if len(every) and every.isna().all():
        found.append(
            Caveat(Message("cost.caveat.tax_unknown"), (f"{ID}_original",),
                   tables=("budget", "actuals"))
        )  # fmt: skip
    run = project.run_costs
    if len(run):
        slots = {"n": len(run), "amount": float(run["money"].sum()), "currency": project.currency,
                 "finish": project.finish.date().isoformat()}  # fmt: skip
        found.append(Caveat(Message("cost.caveat.run_cost", slots), (), tables=("actuals",)))
    found += _counted_twice(project)
    wrong = project.costs.loc[(project.costs["kind"] == "credit") & (project.costs["money"] > 0)]
    if len(wrong):
        slots = {"n": len(wrong), "ids": wrong["txn_id"].astype(str).tolist()}
        found.append(Caveat(Message("cost.caveat.positive_credit", slots), (f"{ID}_original",),
                            bias=True, tables=("actuals",)))  # fmt: skip
    return tuple(found)
