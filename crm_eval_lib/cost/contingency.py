"""Was the contingency drawn faster than the work was done?"""

from crm_eval_lib.cost.measure import without_indicators
from crm_eval_lib.results import Message, Step, missing_table

ID = "cost.contingency"
ALL = 1.0  # of the contingency


def contingency(months: Step) -> Step:
    """Put the contingency drawn by each month end beside the work done by then.

    Parameters
    ----------
    months : Step
        What `month_by_month` returns.

    Returns
    -------
    Step
        A table and no indicators: month end, progress (earned value over budget) and the share of
        the original contingency drawn by approved changes and unbudgeted cost.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"period_end": pd.to_datetime(["2024-01-31", "2024-02-29"]),
    ...                       "progress_share": [0.2, 0.5], "contingency_used": [0.4, 1.2]})
    >>> contingency(Step("cost.month_by_month", (), table)).headline.key
    'cost.headline.contingency_used_up'
    """
    if months.table is None:
        return without_indicators(ID, months.sentence.slots["reason"])
    table = months.table[["period_end", "progress_share", "contingency_used"]]
    known = table.dropna().drop_duplicates(["progress_share", "contingency_used"])
    if table["contingency_used"].isna().all():
        return without_indicators(ID, Message("cost.reason.contingency_unknown"))
    if known.empty:
        return without_indicators(ID, missing_table("progress"))
    used_up = known.loc[known["contingency_used"] >= ALL]
    row = known.iloc[-1] if used_up.empty else used_up.iloc[0]
    slots = {"month": row["period_end"].date().isoformat(), "used": row["contingency_used"],
             "progress": row["progress_share"]}  # fmt: skip
    name = "contingency" if used_up.empty else "contingency_used_up"
    return Step(
        ID, (), known.reset_index(drop=True), Message(f"cost.sentence.{name}", slots),
        Message(f"cost.headline.{name}", slots), Message("cost.subtitle.contingency"),
        sources=months.sources,
    )  # fmt: skip
