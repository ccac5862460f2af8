"""From the original budget to actual cost: which part of the difference has which cause."""

from typing import Any

import pandas as pd

from crm_eval_lib.cost.bridge_lines import FACTORS, PARTS, UNASSIGNED, line_parts, told_parts
from crm_eval_lib.cost.measure import indicator, unanswered
from crm_eval_lib.cost.project import Project, read_project
from crm_eval_lib.results import RECORDED, Message, Step, keyed, missing_column

ID = "cost.bridge"
LINES_A_CATEGORY = 5  # the largest lines shown of each category
ENTRIES_A_LINE = 5  # the largest ledger entries named of each line
CENTS = 100


def bridge(
    budget: pd.DataFrame | None,
    actuals: pd.DataFrame | None,
    *,
    changes: pd.DataFrame | None = None,
    progress: pd.DataFrame | None = None,
    dates: Any,
    currency: str,
) -> Step:
    """Part the difference between actual cost and the original budget; the parts sum exactly.

    Parameters
    ----------
    budget, actuals, changes, progress : DataFrame or None
        Tables of the data dictionary.
    dates : object
        Has ``go_live`` and ``status_date``; nothing dated later is seen.
    currency : str
        The client's; rows in another are converted at their own rate.

    Returns
    -------
    Step
        ``cost.bridge[part]`` for unbudgeted, scope, unapproved, rate, quantity, fx and other.
        Per line the difference goes into quantity, rate and fx by the symmetric (Shapley) split
        where both sides carry quantity and price in one currency, else into other; the changes
        of a line are then taken out of its quantity (reason price: its rate), so that they count
        once [Das Gupta 1993]. A part of which the tables tell nothing is zero, so that the sum
        holds, marked ``recorded: False`` among its ``parts`` and empty in the tables. Tables:
        ``categories`` (planned, actual, variance, all parts and the largest as its main cause)
        and ``largest_lines`` behind each, with ledger entries.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> dates = SimpleNamespace(go_live=None, status_date=pd.Timestamp("2024-12-31"))
    >>> plan = pd.DataFrame({"line_id": ["A"], "category": ["services"], "amount": [100.0]})
    >>> paid = pd.DataFrame({"txn_id": ["1", "2"], "line_id": ["A", None], "kind": "invoice",
    ...                      "incurred_on": "2024-05-01", "amount": [90.0, 30.0]})
    >>> step = bridge(plan, paid, dates=dates, currency="CNY")
    >>> step["cost.bridge[unbudgeted]"].value, step["cost.bridge[other]"].value
    (30.0, -10.0)
    """
    project = read_project(
        budget, actuals, changes=changes, progress=progress, dates=dates, currency=currency
    )
    reason = project.original_problem
    if reason is None and not project.lines_recorded:
        reason = missing_column("actuals", "line_id")
    lines = None if reason is not None else line_parts(project)
    amounts = dict.fromkeys(PARTS) if lines is None else bridge_parts(project, lines)
    more = {"n": project.cost_rows, "tables": project.tables("budget", "actuals", "changes"),
            "currency": currency, "reason": reason}  # fmt: skip
    told = PARTS if lines is None else told_parts(project, lines)
    found = tuple(
        indicator(keyed(ID, part), amounts[part], "money", **more,
                  parts=None if part in told else {RECORDED: False})
        for part in PARTS
    )  # fmt: skip
    if lines is None:
        return unanswered(ID, found)
    return _step(project, found, amounts, lines)


def bridge_parts(project: Project, lines: pd.DataFrame) -> dict[str, float]:
    """Return the amount of each part in whole cents; other takes what rounding leaves.

    Together they are actual cost less original budget, rounded to the cent.
    """
    exact = {part: float(lines[part].sum()) * CENTS for part in PARTS}
    cents = {part: round(amount) for part, amount in exact.items()}
    # quantity, rate and fx belong together: what rounding loses among them stays with them
    lost = round(sum(exact[name] for name in FACTORS)) - sum(cents[name] for name in FACTORS)
    cents[max(FACTORS, key=lambda name: (exact[name] - cents[name]) * lost)] += lost
    total = round((project.actual - project.original_total) * CENTS)
    cents["other"] += total - sum(cents.values())
    return {part: amount / CENTS for part, amount in cents.items()}


def categories(lines: pd.DataFrame) -> pd.DataFrame:
    """Return planned, actual, variance and parts per category, the largest variance first."""
    table = lines.groupby("category")[["planned", "actual", *PARTS]].sum()
    table = _judged(table.reset_index())
    amounts = {part: f"{part}_amount" for part in PARTS}
    table = table[["category", "planned", "actual", "variance", *PARTS, "main_cause"]]
    return table.rename(columns=amounts)


def largest_lines(project: Project, lines: pd.DataFrame) -> pd.DataFrame:
    """Return the lines that moved most money in each category, with their largest entries."""
    moved = _judged(lines)
    moved = moved.loc[moved["variance"] != 0].groupby("category").head(LINES_A_CATEGORY)
    key = ["category", "line_id"]
    costs = project.costs[[*key, "txn_id", "money"]]
    costs = costs.loc[costs["line_id"].isin(moved["line_id"].dropna()) | costs["line_id"].isna()]
    costs = costs.astype({"category": "str", "line_id": "str"}).fillna({"category": UNASSIGNED})
    costs = costs.loc[_joined(costs).isin(_joined(moved))]
    costs = costs.sort_values("money", key=abs, ascending=False, kind="stable")
    of_line = costs.groupby(key, dropna=False)["txn_id"]
    named = costs.loc[of_line.cumcount() < ENTRIES_A_LINE].groupby(key, dropna=False)["txn_id"]
    entries = pd.DataFrame({"entries": of_line.size(), "largest_entries": named.agg(_listed)})
    table = moved.merge(entries.reset_index(), on=key, how="left")
    table["entries"] = table["entries"].fillna(0).astype(int)
    return table.sort_values("category", kind="stable", ignore_index=True)[
        [*key, "planned", "actual", "variance", "main_cause", "entries", "largest_entries"]
    ]


def _judged(table: pd.DataFrame) -> pd.DataFrame:
    """Add the variance and the part that moved most; the largest variance first."""
    parts = table[list(PARTS)].abs()
    table = table.assign(variance=table["actual"] - table["planned"])
    table["main_cause"] = parts.idxmax(axis=1).where(parts.max(axis=1) > 0)
    order = table["variance"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)


def _joined(rows: pd.DataFrame) -> pd.Series:
    return rows["category"].astype("str") + "\n" + rows["line_id"].astype("str").fillna("")


def _listed(keys: pd.Series) -> str:
    return ", ".join(keys.astype(str))


def _step(project: Project, found: tuple, amounts: dict[str, float], lines: pd.DataFrame) -> Step:
    planned, actual = project.original_total, project.actual
    unknown = [item.key for item in found if item.parts]
    table = pd.DataFrame({
        "part": ["original_budget", *PARTS, "actual_cost"],
        "amount": [planned, *amounts.values(), actual],
    })  # fmt: skip
    table["amount"] = table["amount"].mask(table["part"].isin(unknown))
    by_category = categories(lines)
    by_category[[f"{part}_amount" for part in unknown]] = float("nan")
    largest = max(PARTS, key=lambda part: abs(amounts[part]))
    slots = {"planned": planned, "actual": actual, "difference": actual - planned,
             "part": largest, "amount": amounts[largest], "currency": project.currency,
             "status": project.status_date.date().isoformat()}  # fmt: skip
    name = "bridge_other" if largest == "other" else "bridge"
    return Step(
        ID, found, table, Message(f"cost.sentence.{name}", slots),
        Message(f"cost.headline.{name}", slots), Message("cost.subtitle.bridge", slots),
        tables={"categories": by_category, "largest_lines": largest_lines(project, lines)},
    )  # fmt: skip
