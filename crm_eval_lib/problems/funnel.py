"""The denominator as a funnel: what was entered, what leaves and why, what is shown."""

import numpy as np
import pandas as pd

from crm_eval_lib.problems.shares import share_of
from crm_eval_lib.problems.standing import codes, recorded

# Rows that leave the count, in the order in which they are taken off.
LEAVING = {
    "duplicate": ("duplicate",), "recalled": ("recalled",), "withdrawn": ("withdrawn",),
    "left_by_client": ("out_of_scope", "rejected"),
}  # fmt: skip
ASIDE = "set_aside"


def funnel(seen: pd.DataFrame) -> pd.DataFrame:
    """Count the problems at each stage, from the first row of the register to the proof.

    Parameters
    ----------
    seen : DataFrame
        What `register` returned.

    Returns
    -------
    DataFrame
        ``stage``, ``count``, ``share`` of those that count. ``entered`` less the four stages that
        leave is ``in_denominator``; ``set_aside`` is the part of it that somebody other than the
        client rejected or moved out of scope, ``claimed`` ⊇ ``accepted`` ⊇ ``proven`` what is
        reported, accepted, and evidenced as well. A stage nobody recorded is missing.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from crm_eval_lib.problems import register
    >>> rows = pd.DataFrame({"problem_id": ["1", "2"], "status": ["solved", "withdrawn"]})
    >>> seen = register(rows, dates=SimpleNamespace(status_date=None))
    >>> funnel(seen).set_index("stage")["count"].loc[["entered", "withdrawn", "claimed"]].tolist()
    [2.0, 1.0, 1.0]
    """
    inside, left_out = seen["in_denominator"], seen["left_out"]
    n = int(inside.sum())
    accepted = seen["claimed"] & codes(seen["accepted"]).eq("yes") & ~seen["is_set_aside"]
    asked, evidenced = recorded(seen, "accepted"), recorded(seen, "evidence")
    counts = {
        "entered": len(seen),
        **{stage: int(left_out.isin(reasons).sum()) for stage, reasons in LEAVING.items()},
        "in_denominator": n,
        ASIDE: int(seen["is_set_aside"].sum()),
        "claimed": share_of(seen["claimed"], inside)[0],
        "accepted": share_of(accepted, inside)[0] if asked else np.nan,
        "proven": share_of(seen["proven"], inside)[0] if asked and evidenced else np.nan,
    }
    table = pd.DataFrame({"stage": list(counts), "count": np.array([*counts.values()], float)})
    before = table["stage"].isin(["entered", *LEAVING])
    return table.assign(share=(table["count"] / n if n else np.nan * table["count"]).mask(before))
