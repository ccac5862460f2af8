"""Important customers who waited while less important complaints were served."""

import pandas as pd

from crm_eval_lib.controls.queue_order import Inversions
from crm_eval_lib.controls.windows import numbers_of

IMPORTANT = 4.0  # on the scale of 1 to 5: the upper two
_HOUR = pd.Timedelta(hours=1)
_SHOWN = ("complaint_id", "customer", "opened_at", "first_response_at", "importance", "severity",
          "priority", "category")  # fmt: skip


def urgency_places(urgency: pd.Series) -> pd.Series:
    """Number the ranks, 1 = the most urgent.

    >>> urgency_places(pd.Series([303.0, 501.0, 303.0])).tolist()
    [2, 1, 2]
    """
    return urgency.rank(ascending=False, method="dense").astype(int)


def by_rank(urgency: pd.Series, found: Inversions) -> pd.DataFrame:
    """Count per rank the complaints, those that competed, and those overtaken by a lower rank."""
    rows = pd.DataFrame(
        {
            "urgency_rank": urgency_places(urgency),
            "complaints": 1,
            "competing": found.pairs_of > 0,
            "overtaken": found.overtaken > 0,
            "times_overtaken": found.overtaken,
        }
    )
    table = rows.groupby("urgency_rank", as_index=False).sum()
    return table.assign(overtaken_share=table["overtaken"] / table["complaints"])


def who_waited(rows: pd.DataFrame, urgency: pd.Series, found: Inversions) -> pd.DataFrame:
    """List the important complaints that waited while less important ones were answered.

    Important is the top rank, and whoever's customer has an importance of 4 or 5. An empty answer
    means: still waiting on the status date. The most urgent and most overtaken come first.
    """
    important = (urgency == urgency.max()) | (numbers_of(rows, "importance") >= IMPORTANT)
    waited = important & (found.overtaken > 0)
    until = rows["first_response_at"].fillna(rows["now"])
    shown = rows.reindex(columns=list(_SHOWN)).assign(
        urgency_rank=urgency_places(urgency),
        waited_hours=(until - rows["opened_at"]) / _HOUR,
        times_overtaken=found.overtaken,
    )[waited]
    order = ["urgency_rank", "times_overtaken", "complaint_id"]
    return shown.sort_values(order, ascending=[True, False, True], ignore_index=True)
